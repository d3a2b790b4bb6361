r"""The linear recurrence $z_k = a_k z_{k-1} + b_k$, $z_{-1} = x_0$, under every schedule that yields states.

Here a call is understood (structure, dtypes, shapes) and handed on: step by step to the loop of `primitive`,
as a parallel prefix to `jax.lax.associative_scan` over `monoid.combine`, in chunks, or to `sharded` devices.
"""

from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ssmctl.errors import InputError
from ssmctl.scan import sharded
from ssmctl.scan.monoid import STRUCTURES, StructureName, combine
from ssmctl.scan.powers import block_powers, mode_powers
from ssmctl.scan.primitive import states
from ssmctl.scan.schedule import (
    AbstractSchedule,
    Associative,
    Convolution,
    Lifted,
    Sequential,
    Sharded,
    default_block,
    default_schedule,
)

__all__ = ["linear_recurrence"]


def linear_recurrence(
    a: Any,
    b: Any,
    x0: Any = None,
    *,
    structure: StructureName | None = None,
    reverse: bool = False,
    schedule: AbstractSchedule | None = None,
) -> jax.Array:
    r"""Run a linear recurrence and return every state but the initial one.

    $$z_k = a_k z_{k-1} + b_k, z_{-1} = x_0, \qquad\text{or reversed}\ z_k = a_k z_{k+1} + b_k, z_T = x_0.$$

    **Arguments:**

    | `structure` | `a`, constant | `a`, time-varying | `b` | `x0` |
    |---|---|---|---|---|
    | `"diagonal"` | (n,) | (T, n) | (T, n) | (n,) |
    | `"block"`, 2×2 | (n, 2, 2) | (T, n, 2, 2) | (T, 2, n) | (2, n) |
    | `"dense"` | (n, n) | (T, n, n) | (T, n) | (n,) |

    - real or complex; one precision, float32 or float64. `x0=None` stands for zeros.
    - `reverse`: the second form, from the last sample to the first.
    - `structure`: inferred from the shapes; needed only where `a` is (n, n) and `T == n`.
    - `schedule`: `Sequential()`, `Associative()`, `Lifted(block)` for a constant `a`, `Sharded(mesh, axis)`;
      None: `default_schedule`. Static.

    One sequence; batch by `jax.vmap`, over any subset of the arguments. A run continues from `x0` = the last
    state of the run before.

    **Returns:** `z`, of the shape of `b`.
    **Raises:** `InputError` for shapes that disagree, mixed precisions, a schedule that has no states.

    **Guarantee:** none formally; all schedules agree up to rounding. Sequential, every derivative is a
    recurrence again: `grad`, `jvp`, `jacfwd`, `jacrev`, `hessian`, of any order.
    **Cost:** `T` steps of n, 4n or $n^2$ products; a gradient takes as many again and keeps `z` alone.

    >>> linear_recurrence(jnp.array([0.5]), jnp.ones((3, 1))).tolist()
    [[1.0], [1.5], [1.75]]
    """
    a, b, x0 = _one_dtype(a=a, b=b, x0=x0)
    structure = _structure(a, b, structure)
    kind, T = STRUCTURES[structure], len(b)
    x0 = jnp.zeros(b.shape[1:], b.dtype) if x0 is None else x0
    if x0.shape != b.shape[1:]:
        raise InputError(f"`x0` must have the shape {b.shape[1:]} of a sample of `b`, got {x0.shape}")
    varying = a.ndim > kind.ndim
    a = jnp.moveaxis(a, -3, -1) if structure == "block" else a  # planar, as the states
    if schedule is None:
        n = b.shape[-1]
        schedule = default_schedule("states", structure, varying, jax.default_backend(), n, n, n, T)
    if T == 0:
        return b
    match schedule:
        case Sequential():
            return states(a, b, x0, structure, reverse)
        case Convolution():
            raise InputError(
                "`Convolution` yields outputs, not states; take Sequential, Associative or Lifted"
            )
        case Lifted() if varying:
            raise InputError(
                f"`Lifted` needs a constant `a`, got {a.shape}, one for each step; take Sequential()"
            )
    if reverse:
        a, b = a[::-1] if varying else a, b[::-1]
    match schedule:
        case Associative():
            z = _prefix(a, b, x0, structure)
        case Lifted(block):
            z = _chunked(a, b, x0, structure, block or default_block(b.shape[-1], 1, 1, T))
        case Sharded(mesh, axis):
            z = sharded.recurrence(a, b, x0, structure, mesh, axis)
        case _:
            raise InputError(f"`schedule` must be a schedule of ssmctl.scan, or None, got {schedule!r}")
    return z[::-1] if reverse else z


def _prefix(a: Any, b: Any, x0: Any, structure: StructureName) -> jax.Array:
    """Compose all maps by a parallel prefix; the initial state enters through the first one."""
    kind = STRUCTURES[structure]
    a = a if a.ndim > kind.ndim else jnp.broadcast_to(a, (len(b), *a.shape))
    b = b.at[0].add(kind.apply(a[0], x0))
    return lax.associative_scan(lambda earlier, later: combine(structure, later, earlier), (a, b))[1]


def _chunked(a: Any, b: Any, x0: Any, structure: StructureName, block: int) -> jax.Array:
    """Find the states that start the chunks, by sums weighted with powers; then run all chunks at once."""
    kind, size = STRUCTURES[structure], b.shape[1:]
    chunks, rest = divmod(len(b), block)
    if chunks < 2:
        return states(a, b, x0, structure)
    rows = b[: chunks * block].reshape(chunks, block, *size)
    powers = _powers(a, block, structure)
    weigh = lambda chunk: jax.vmap(kind.apply)(powers[block - 1 :: -1], chunk).sum(0)
    ends = states(powers[block], jax.vmap(weigh)(rows), x0, structure)
    starts = jnp.concatenate([x0[None], ends[:-1]])
    z = jax.vmap(lambda chunk, x: states(a, chunk, x, structure))(rows, starts).reshape(-1, *size)
    return jnp.concatenate([z, states(a, b[chunks * block :], ends[-1], structure)]) if rest else z


def _powers(a: Any, last: int, structure: StructureName) -> jax.Array:
    """Stack the powers 0 .. last: more accurate than their dtype, but for dense and for complex blocks."""
    match structure, jnp.iscomplexobj(a):
        case "diagonal", True:
            return mode_powers(a, last)[0]
        case "diagonal", False:
            return mode_powers(lax.complex(a, jnp.zeros_like(a)), last)[0].real
        case "block", False:
            return block_powers(a, last)[0]
    product = STRUCTURES[structure].product
    one = jnp.eye(len(a), dtype=a.dtype).reshape(len(a), len(a), *[1] * (a.ndim - 2))
    rows, square = jnp.broadcast_to(one, (1, *a.shape)), a
    while len(rows) <= last:
        more = rows[: last + 1 - len(rows)]
        rows = jnp.concatenate([rows, product(more, jnp.broadcast_to(square, more.shape))])
        square = product(square, square)
    return rows


# ------------------------------------------------------------------------------------------ what was given


def _one_dtype(**given: Any) -> list[Any]:
    """Bring real and complex arrays of one precision to one dtype; lists and integers take the others'."""
    arrays = {name: x if hasattr(x, "dtype") else np.asarray(x) for name, x in given.items() if x is not None}
    bits = {
        name: int(jnp.finfo(x.dtype).bits)
        for name, x in arrays.items()
        if hasattr(given[name], "dtype") and jnp.issubdtype(x.dtype, jnp.inexact)
    }
    named = ", ".join(f"`{name}` {np.dtype(x.dtype).name}" for name, x in arrays.items())
    if not set(bits.values()) <= {32, 64}:
        raise InputError(f"expected float32 or float64, real or complex, got {named}; convert by `.astype`")
    if len(set(bits.values())) > 1:
        raise InputError(
            f"expected one precision, got {named}; by `.astype` make all of them float64 (complex128), "
            "which is exact, or float32 (complex64), which rounds"
        )
    wide = jnp.result_type(float).itemsize == 8
    if 64 in bits.values() and not wide:
        raise InputError(
            f"got {named}, but JAX is set to 32 bits; call "
            "`jax.config.update('jax_enable_x64', True)` first, or round to float32 yourself by `.astype`"
        )
    double = (64 in bits.values()) if bits else wide
    kinds = [x.dtype for x in arrays.values()]
    if not all(jnp.issubdtype(dtype, jnp.number) or jnp.issubdtype(dtype, jnp.bool_) for dtype in kinds):
        raise InputError(f"expected numbers, got {named}")
    real = not any(jnp.issubdtype(dtype, jnp.complexfloating) for dtype in kinds)
    dtype = [["complex64", "float32"], ["complex128", "float64"]][double][real]
    return [None if x is None else jnp.asarray(arrays[name], dtype) for name, x in given.items()]


def _structure(a: Any, b: Any, structure: str | None) -> StructureName:
    """Name the structure, or refuse the shapes."""
    if structure is None:
        structure = _inferred(a, b)
    if structure not in STRUCTURES:
        raise InputError(f"`structure` must be one of {', '.join(map(repr, STRUCTURES))}, got {structure!r}")
    n = b.shape[-1] if b.ndim else 0
    one = {"diagonal": (n,), "block": (n, 2, 2), "dense": (n, n)}[structure]
    if b.ndim != STRUCTURES[structure].state_ndim + 1 or (structure == "block" and b.shape[1] != 2):
        want = (
            "(T, 2, n), planar (`swapaxes` has it from (T, n, 2)) for"
            if structure == "block"
            else "(T, n) for"
        )
        raise InputError(f"`b` must be {want} structure {structure!r}, got {b.shape}; batch by `jax.vmap`")
    if a.shape not in (one, (len(b), *one)):
        raise InputError(
            f"`a` must be {one}, or {(len(b), *one)} when time-varying, for structure {structure!r} and `b` "
            f"of shape {b.shape}, got {a.shape}"
        )
    return cast(StructureName, structure)


def _inferred(a: Any, b: Any) -> str:
    """Read the structure off the shapes."""
    if a.ndim == 2 and b.ndim == 2 and a.shape[0] == a.shape[1] == len(b) > 1:
        raise InputError(
            f"`a` of shape {a.shape} with T = n = {len(b)} may be a matrix or a time-varying diagonal; "
            'say structure="dense" or structure="diagonal"'
        )
    if b.ndim == 3:
        return "block"
    square = a.ndim == 2 and b.ndim == 2 and a.shape == (b.shape[1], b.shape[1])
    return "dense" if a.ndim == 3 or square else "diagonal"
