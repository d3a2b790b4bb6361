r"""How the $T$ steps of a linear recurrence are ordered: schedules, as data.

Every schedule gives the same numbers up to rounding; they differ in speed, memory and accuracy. A schedule is
frozen and hashable, so it can be a static argument of `jax.jit`. The defaults follow measurements:
`docs/performance.md` has the table.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

from jax.sharding import Mesh

from ssmctl.errors import InputError

__all__ = [
    "AbstractSchedule",
    "Associative",
    "Convolution",
    "Lifted",
    "Sequential",
    "Sharded",
    "default_block",
    "default_schedule",
]


class AbstractSchedule:
    """An order of evaluation; the subclasses of this module are all there are."""


@dataclass(frozen=True)
class Sequential(AbstractSchedule):
    """Step by step, one loop of `T` steps. Every structure, constant or time-varying.

    **Guarantee:** the most accurate of the schedules for the states of a stored multiplier.
    **Cost:** `T` steps one after the other, no memory beside the states. The choice on CPUs; slow on
    accelerators, which pay for every step.
    """


@dataclass(frozen=True)
class Associative(AbstractSchedule):
    r"""Parallel prefix over affine maps, by `jax.lax.associative_scan`. Every structure.

    **Guarantee:** none on accuracy: the products of multipliers are rounded, which costs digits as
    $|\lambda| \to 1$. **Cost:** $O(\log T)$ depth, $O(T)$ work, and the multipliers broadcast over time in
    memory. The choice on accelerators when states are wanted.
    """


@dataclass(frozen=True)
class Lifted(AbstractSchedule):
    """Chunks of `block` steps, joined by a recurrence over the chunks. Constant coefficients only.

    For outputs a chunk is two matrix products and no state is stored; for states the chunks run side by side.

    **Arguments:** `block`: steps in a chunk, an integer > 0, or None for `default_block`. A length that is
    not a multiple of it is welcome.

    **Guarantee:** outputs are more accurate than a sequential run near the unit circle, where the powers are
    formed from the stored poles in more than the working precision.
    **Cost:** matrix products of width `block`, and `T / block` sequential steps.

    >>> Lifted(32)
    Lifted(block=32)
    """

    block: int | None = None

    def __post_init__(self):
        _check_block(self.block)


@dataclass(frozen=True)
class Convolution(AbstractSchedule):
    r"""The impulse response times the input, by FFT of length at least `2 T - 1`. Outputs only, constant.

    **Guarantee:** the error is relative to the largest output, not to each one.
    **Cost:** $O(T \log T)$ for each pair of input and output. On CPUs it never won.
    """


@dataclass(frozen=True)
class Sharded(AbstractSchedule):
    r"""Time split over the devices of one mesh axis; only states of the size of one sample travel.

    **Arguments:**

    - `mesh`: a `jax.sharding.Mesh`, which the caller makes (and so owns the set-up of processes).
    - `axis`: name of the mesh axis that time is split over.
    - `block`: steps in a chunk on each device, as in `Lifted`.

    **Guarantee:** as the schedule that each device runs.
    **Cost:** $O(\log P)$ shifts of one state over $P$ devices, which divide the memory.
    """

    mesh: Mesh
    axis: str
    block: int | None = None

    def __post_init__(self):
        names = getattr(self.mesh, "axis_names", None)
        if names is None:
            raise InputError(
                f"`mesh` must be a jax.sharding.Mesh, got {type(self.mesh).__name__}; make one with "
                "`jax.make_mesh((devices,), ('time',))`"
            )
        if self.axis not in names:
            raise InputError(f"`axis` must be an axis of the mesh, one of {names}, got {self.axis!r}")
        _check_block(self.block)


def _check_block(block: Any) -> None:
    if block is not None and (isinstance(block, bool) or not isinstance(block, int) or block < 1):
        raise InputError(f"`block` must be an integer > 0, or None for the default, got {block!r}")


def default_block(n: int, m: int, p: int, T: int) -> int:
    r"""Choose the steps in a chunk of a lifted run: $16\sqrt{n/(mp)}$, as a power of two in [4, 64].

    **Arguments:** `n` states, `m` inputs, `p` outputs; `T` samples, which it is at most.
    **Returns:** an integer.

    **Guarantee:** none; fitted on one CPU core, where a factor two beside the best costs at most 1.7 times.
    **Cost:** none.

    >>> default_block(256, 1, 1, 16384), default_block(128, 8, 8, 16384), default_block(8, 1, 1, 3)
    (64, 16, 3)
    """
    ideal = 16 * math.sqrt(max(n, 1) / max(m * p, 1))
    return max(1, min(2 ** round(math.log2(min(max(ideal, 4), 64))), T))


def default_schedule(
    wanted: Literal["output", "states"],
    structure: Literal["diagonal", "block", "dense"],
    varying: bool,
    backend: str,
    n: int,
    m: int,
    p: int,
    T: int,
) -> AbstractSchedule:
    """Choose a schedule from what is wanted, the multiplier, the backend and the sizes.

    | wanted | multiplier | cpu | gpu, tpu |
    |---|---|---|---|
    | output | constant | `Lifted`, or `Sequential` as below | `Lifted` |
    | output | time-varying | `Sequential` | `Associative` |
    | states | any | `Sequential` | `Associative` |

    **Arguments:** `wanted`, `structure`, `varying`: as in the table; `backend`: as `jax.default_backend()`
    says; `n` states, `m` inputs, `p` outputs, `T` samples. **Returns:** a schedule.

    On a CPU a short run (`T` < 512 or `T n` < 16384) does not pay for the powers, and with many channels
    (`block m p` > 96 n) the products of a chunk cost more than the loop they replace.

    **Guarantee:** every choice gives the same numbers up to rounding. **Cost:** none.

    >>> default_schedule("output", "diagonal", False, "cpu", 256, 1, 1, 16384)
    Lifted(block=64)
    """
    block = default_block(n, m, p, T)
    loop = backend == "cpu" and (T < 512 or T * n < 16384 or block * m * p > 96 * n)
    if wanted == "output" and not varying and not loop:
        return Lifted(block)
    return Sequential() if backend == "cpu" else Associative()
