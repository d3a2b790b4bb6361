"""The house rules of the tests: double precision, strict promotion, no windows, no silent leftovers."""

import os
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")

import jax
import jaxtyping
import pytest

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")


@pytest.fixture
def plain():
    """Switch the runtime shape checks off, so that the library's own error is the one raised."""
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", before)


@pytest.fixture(scope="session")
def shared_data():
    """Give the folder of real systems, which does not ship with the package."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real systems are not here: {folder}")
    return folder
