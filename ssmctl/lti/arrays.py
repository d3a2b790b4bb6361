"""Arrays as systems keep them: NumPy stays NumPy, JAX stays JAX, in the precision that they come in."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from ssmctl.certificates.subject import exact_array
from ssmctl.errors import InputError


def traced(value: Any) -> bool:
    """Whether a value is not known yet: inside `jit`, `grad` or `vmap`."""
    return isinstance(value, Tracer)


def stored(name: str, value: Any) -> Any:
    """Validate an array and keep it; convert only what is no floating-point array yet."""
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jnp.inexact):
        if not traced(value):
            exact_array(name, value, dtype=np.complex128)
        return value
    if traced(value):
        raise InputError(f"`{name}` must be floating point inside `jit`, got {value.dtype}; cast it before")
    exact = exact_array(name, value)
    if not isinstance(value, np.ndarray) or value.dtype.kind in "iu":
        return exact
    kept = np.array(value, order="C")
    kept.flags.writeable = False
    return kept


def complexified(array: Any) -> Any:
    """Widen a real array to complex of the same precision."""
    if np.issubdtype(array.dtype, np.complexfloating):
        return array
    return array.astype(np.complex128 if array.dtype.itemsize > 4 else np.complex64)


def library(array: Any) -> Any:
    """Return the module, `jax.numpy` or `numpy`, of an array."""
    return jnp if isinstance(array, jax.Array) else np


def labels(field: str, names: Sequence[str] | None, count: int) -> tuple[str, ...] | None:
    """Check the names of signals."""
    if names is None:
        return None
    if isinstance(names, str) or len(names) != count or not all(isinstance(name, str) for name in names):
        raise InputError(f"`{field}` must be {count} strings, got {names!r}")
    return tuple(names)


def signal(name: str, value: Any, size: int, like: Any) -> Any:
    """Check one sample of a signal; make it complex where the system is."""
    value = value if hasattr(value, "shape") else np.asarray(value, np.result_type(like.dtype, np.float32))
    if value.shape != (size,):
        raise InputError(
            f"`{name}` must be ({size},), got {value.shape}; use jax.vmap over samples or batches"
        )
    wider = np.issubdtype(like.dtype, np.complexfloating) and not np.issubdtype(
        value.dtype, np.complexfloating
    )
    return value.astype(like.dtype) if wider else value
