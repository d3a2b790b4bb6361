"""Double precision for one computation, whatever JAX's switch says, and never for anybody else's."""

from contextlib import AbstractContextManager
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

__all__ = ["double_precision", "known", "traced"]


def double_precision() -> AbstractContextManager[Any]:
    """Give a context in which JAX computes in float64; it ends with the `with` block.

    **Guarantee:** the global switch is not touched. **Cost:** functions compiled inside are compiled again
    outside.
    """
    switch: Any = getattr(jax, "enable_x64", None)
    if switch is None:
        from jax import experimental

        switch = getattr(experimental, "enable_x64")  # noqa: B009, before JAX 0.8
    return switch(True)


def traced(*trees: Any) -> bool:
    """Say whether anything in these trees is being traced by `jit`, `grad` or `vmap`. **Cost:** none."""
    return any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(trees))


def known(value: Any) -> Any:
    """Return the value in NumPy float64, or as it is while it is traced. **Cost:** one copy."""
    return value if isinstance(value, Tracer) else np.asarray(value, np.float64)
