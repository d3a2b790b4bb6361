r"""Time split over devices: each runs its own part, and only states of one sample travel.

Device $d$ of $P$ runs its samples from rest and has $t_d$ at their end. With $A_d$ the product of its
multipliers the state at the end of its part is $t_d + A_d t_{d-1} + A_d A_{d-1} t_{d-2} + \dots$, which
doubling adds up in $\log_2 P$ shifts, the distance $k = 1, 2, 4, \dots$:

$$t_d \leftarrow t_d + A^{(k)}_d\, t_{d-k}, \qquad A^{(2k)}_d = A^{(k)}_d A^{(k)}_{d-k}.$$

One more shift brings each device its first state, from which it runs again. For constant coefficients
$A^{(k)} = A^{kT/P}$ is known everywhere and formed from the stored poles in more than the working precision.
The mesh, and the processes behind it, are the caller's.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec, reshard

from ssmctl.errors import InputError
from ssmctl.scan.forms import Form
from ssmctl.scan.lifted import advance, apply, cut, outputs
from ssmctl.scan.monoid import STRUCTURES, StructureName
from ssmctl.scan.powers import block_power, dense_power, mode_power
from ssmctl.scan.primitive import states
from ssmctl.scan.schedule import default_block

__all__ = ["lift", "recurrence"]


def lift(form: Form, v: Any, start: Any, mesh: Mesh, axis: str, block: int | None) -> tuple[Any, Any]:
    r"""Run a real form with time split over a mesh axis, each part lifted.

    **Arguments:** `v` (T, m), `start` (S,), `mesh`, `axis` and `block` as in `Sharded`.
    **Returns:** outputs (T, p), split like time, and the last state (S,) on every device.
    **Raises:** `InputError` if the devices do not divide T. **Guarantee:** none, floating point.
    **Cost:** $\lceil\log_2 P\rceil + 1$ shifts of S numbers and one sum of them; the P-th part of the work.
    """
    devices, steps = _share(len(v), mesh, axis)
    m, p = form.B.shape[1], form.C.shape[0]
    block = min(block or default_block(max(form.size // 2, 1), m, p, steps), steps)

    def part(form: Form, v: Any, start: Any) -> tuple[Any, Any]:
        chunks = cut(form, v, block)
        rank = lax.axis_index(axis)
        first = jnp.where(rank == 0, start, jnp.zeros_like(start))
        end = advance(form, chunks, first)[2]
        for k, powers in _doublings(form.structure, form.a, steps, devices):
            arrived = _shift(end, axis, devices, k)
            end = end + sum(apply(form, power, arrived) for power in powers)
        first = first + _shift(end, axis, devices, 1)
        X, middle, end = advance(form, chunks, first)
        last = jnp.where(rank == devices - 1, end, jnp.zeros_like(end))
        return outputs(form, chunks, X, middle), lax.psum(last, axis)

    return _mapped(part, mesh, axis, (False, True, False), (True, False))(form, v, start)


def recurrence(a: Any, b: Any, x0: Any, structure: StructureName, mesh: Mesh, axis: str) -> Any:
    r"""Run $z_k = a_k z_{k-1} + b_k$, $z_{-1} = x_0$, with time split over the devices of a mesh axis.

    **Arguments:**

    - `a`: "diagonal" (n,), "block" planar (2, 2, n), "dense" (n, n), or with a leading time axis T.
    - `b`: (T, n), or (T, 2, n) for "block"; `x0`: without the time axis. All of one dtype.
    - `mesh`, `axis`: a `jax.sharding.Mesh` and the name of its axis that time is split over.

    **Returns:** the states (T, ...) without `x0`, split like time.
    **Raises:** `InputError` if the devices do not divide T.
    **Guarantee:** none, floating point; differentiable in every mode.
    **Cost:** twice the steps of one part, one after the other, and $\lceil\log_2 P\rceil + 1$ shifts of one
    state; of one multiplier too where they vary in time.
    """
    kind = STRUCTURES[structure]
    varying = a.ndim > kind.ndim
    devices, steps = _share(len(b), mesh, axis)

    def part(a: Any, b: Any, x0: Any) -> Any:
        rank = lax.axis_index(axis)
        first = jnp.where(rank == 0, x0, jnp.zeros_like(x0))
        end = states(a, b, first, structure)[-1]
        if varying:
            total, k = _fold(structure, a), 1
            while k < devices:
                end = end + kind.apply(total, _shift(end, axis, devices, k))
                total = kind.product(total, _shift(total, axis, devices, k)) if 2 * k < devices else total
                k *= 2
        else:
            for k, powers in _doublings(structure, a, steps, devices):
                arrived = _shift(end, axis, devices, k)
                end = end + sum(kind.apply(power, arrived) for power in powers)
        return states(a, b, first + _shift(end, axis, devices, 1), structure)

    return _mapped(part, mesh, axis, (varying, True, False), True)(a, b, x0)


def _mapped(part: Any, mesh: Mesh, axis: str, split: tuple[bool, ...], result: Any) -> Any:
    """Run `part` on every device: the marked arguments and results are split along their first axis."""
    spec = lambda flag: PartitionSpec(axis) if flag else PartitionSpec()
    run = jax.shard_map(
        part,
        mesh=mesh,
        in_specs=tuple(map(spec, split)),
        out_specs=jax.tree.map(spec, result),
        check_vma=False,
    )
    if not any(kind == AxisType.Explicit for kind in mesh.axis_types):
        return run
    place = lambda flag, x: jax.tree.map(lambda leaf: reshard(leaf, NamedSharding(mesh, spec(flag))), x)
    return lambda *operands: run(*(place(flag, x) for flag, x in zip(split, operands, strict=True)))


def _share(T: int, mesh: Mesh, axis: str) -> tuple[int, int]:
    devices = mesh.shape[axis]
    if T % devices:
        raise InputError(
            f"the {devices} devices of axis {axis!r} must divide the number of samples, got T = {T}; "
            f"give {T - T % devices} or {T - T % devices + devices}, or run the rest from `x_last`"
        )
    return devices, T // devices


def _shift(x: Any, axis: str, devices: int, k: int) -> Any:
    """Send to the device k further on; the first k get zeros."""
    return lax.ppermute(x, axis, [(i, i + k) for i in range(devices - k)])


def _doublings(structure: str, a: Any, steps: int, devices: int) -> list[tuple[int, tuple[Any, ...]]]:
    """Pair the distances k = 1, 2, 4, … with $a^{k\\,steps}$ as a sum of arrays."""
    count = (devices - 1).bit_length()
    if not count:
        return []
    if structure == "dense":
        powers = [dense_power(a, steps)]
        for _ in range(count - 1):
            powers.append(jnp.matmul(powers[-1], powers[-1], precision="highest"))
        rows = [(power,) for power in powers]
    elif structure == "block":
        rows = list(zip(*block_power(a, steps, count - 1), strict=True))
    elif jnp.iscomplexobj(a):
        rows = list(zip(*mode_power(a, steps, count - 1), strict=True))
    else:
        hi, lo = mode_power(lax.complex(a, jnp.zeros_like(a)), steps, count - 1)
        rows = list(zip(hi.real, lo.real, strict=True))
    return [(2**i, row) for i, row in enumerate(rows)]


def _fold(structure: StructureName, a: Any) -> Any:
    """Multiply time-varying multipliers (T, ...), the latest on the left, in pairs."""
    while len(a) > 1:
        pairs = STRUCTURES[structure].product(a[1::2], a[: len(a) // 2 * 2 : 2])
        a = jnp.concatenate([pairs, a[-1:]]) if len(a) % 2 else pairs
    return a[0]
