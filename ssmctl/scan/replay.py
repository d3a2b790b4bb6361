r"""Oscillators replayed to the last bit: $x_{k+1} = M x_k + F (B u_k + b)$ and its energy, in NumPy float64.

`simulate` is fast and differentiable, and XLA may order and fuse its sums as it likes. `replay` is for
records that are compared bit by bit: the same numbers give the same bits in every run, in one run or in
pieces, and on every machine with IEEE arithmetic, because the loop uses nothing but $+$ and $\times$ on
float64 in a fixed order (no fused multiply-add, no pairwise sums), and the forces of many inputs are matrix
products that are exact in every order of summation. The step matrices come from
$+ - \times \div$ as well, except those of zoh: its exp, sin and cos may differ in the last bit between
two builds of NumPy, and then so does the record.

The energy is the one of the certificates, $E = \sum_i \dot y_i^2 + A_i y_i^2$: twice the mechanical one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssmctl.errors import InputError
from ssmctl.lti.kernel import planar_matrices

__all__ = ["Replay", "convergence_window", "replay", "replay_step"]

Forcing = Callable[[NDArray[Any]], NDArray[Any]]

_FEW = 12  # up to so many oscillators Python floats are faster than arrays, up to so many inputs plain sums
_BLOCK = 32  # samples that are worked on at a time, so that they stay in cache


@dataclass(frozen=True, eq=False, repr=False)
class Replay:
    r"""A motion, sample by sample: `velocities` and `positions` (T+1, r), `energies` (T+1,), the start first.

    `final` (2r,) is the state to carry on from, in the order of `Oscillator`: velocities, then positions.
    """

    velocities: NDArray[Any]
    positions: NDArray[Any]
    energies: NDArray[np.float64]

    @property
    def final(self) -> NDArray[Any]:
        """Last state, (2r,): what the next chunk starts from."""
        return np.concatenate([self.velocities[-1], self.positions[-1]])

    def __repr__(self) -> str:
        T, r = self.positions.shape
        first, last = self.energies[0], self.energies[-1]
        return f"Replay(T={T - 1}, r={r}, energy={first:.6g} -> {last:.6g})"


def replay(oscillator: Any, u: Any, x0: Any = None, *, dt: Any = None) -> Replay:
    r"""Run an oscillator bank on an input and keep every state and its energy, reproducibly.

    $$\begin{pmatrix} \dot y_{k+1} \\ y_{k+1} \end{pmatrix} = M \begin{pmatrix} \dot y_k \\ y_k \end{pmatrix}
    + F\,(B u_k + b), \qquad E_k = \sum_i |\dot y_{i,k}|^2 + A_i |y_{i,k}|^2.$$

    **Arguments:**

    - `oscillator`: an `ssmctl.Oscillator`; its numbers are widened to float64.
    - `u`: forces, (T, m), or (T,) for one input; an integer T stands for T steps without force.
    - `x0`: state to start from, (2r,), velocities then positions; None for rest.
    - `dt`: None for the oscillator's own steps, or the length of each step, (T,) [s].

    **Returns:** a `Replay`; complex if the oscillator is.
    **Raises:** `InputError` for other shapes, NaN or infinity in `u`, `x0` or `dt`.

    **Guarantee:** bit-identical across runs, across chunkings (start the next chunk from `.final`) and,
    except for zoh, across machines. Not correctly rounded: the accuracy is that of float64.
    **Cost:** $O(T r m)$, but $O(T r)$ if no oscillator has two inputs; Python floats up to 12 oscillators.

    >>> from ssmctl.lti.oscillator import Oscillator
    >>> free = Oscillator([4.0], [0.0], 0.5, B=[[1]], C=[[1]])
    >>> replay(free, 2, [0.0, 1.0]).positions.tolist()
    [[1.0], [0.5], [0.0]]
    """
    widened = lambda v: np.asarray(v, np.complex128 if np.iscomplexobj(v) else np.float64)
    A, G, B = (widened(v) for v in (oscillator.stiffness, oscillator.damping, oscillator.B))
    bias = np.zeros(len(A)) if oscillator.bias is None else widened(oscillator.bias)
    u, T = _forces(u, B.shape[1])
    r = len(A)
    complex_state = np.iscomplexobj(B) or (x0 is not None and np.iscomplexobj(x0))
    if dt is not None:
        steps = _step_lengths(dt, T)[:, None]
    else:
        steps = oscillator.dt if oscillator.steps is None else widened(oscillator.steps)
    M, F = planar_matrices(A, G, steps, oscillator.scheme)
    start = _state(x0, r, complex_state)

    parts = (np.real, np.imag) if complex_state else (np.real,)
    with np.errstate(all="ignore"):  # an unstable motion overflows, and the record says so
        runs = [_run(M, F, _forcing(part(B), part(bias)), u, part(start), A) for part in parts]
    if not complex_state:
        return Replay(*runs[0])
    (vr, yr, energy), (vi, yi, more) = runs
    velocities, positions = np.empty((2, T + 1, r), np.complex128)
    velocities.real, velocities.imag, positions.real, positions.imag = vr, vi, yr, yi
    return Replay(velocities, positions, energy + more)


def replay_step(oscillator: Any, x: Any, u: Any = None, *, dt: Any = None) -> Replay:
    """Advance one step with its energies before and after: `replay` of one sample.

    **Arguments:** `x` (2r,); `u` (m,), or None for no force; `dt`: length of this step [s], or None.
    **Returns:** a `Replay` of two samples; `.final` is the new state.
    **Raises:** `InputError` as `replay` does. **Guarantee:** as `replay`.
    **Cost:** as `replay`; most of it is set-up.
    """
    return replay(oscillator, 1 if u is None else np.asarray(u)[None], x, dt=None if dt is None else [dt])


def convergence_window(energies: Any, threshold: float, window: int) -> bool:
    r"""Say whether the last `window` energy changes are all below `threshold` in absolute value.

    $$\lvert E_{k+1} - E_k \rvert < \mathtt{threshold}, \qquad k = T - \mathtt{window}, \dots, T - 1.$$

    **Arguments:** `energies` (T+1,); `threshold` > 0, in their unit; `window` >= 1.
    **Returns:** False also when there are fewer changes than that, or NaN among them.
    **Raises:** `InputError` for other shapes and a window or threshold that is not positive.
    **Guarantee:** none about later samples. **Cost:** the window.

    >>> convergence_window([4.0, 1.0, 0.5, 0.25], 0.6, 2)
    True
    """
    energies = np.asarray(energies, np.float64)
    if energies.ndim != 1:
        raise InputError(f"`energies` must be (T,), got {energies.shape}; give `replay(...).energies`")
    if isinstance(window, bool) or int(window) != window or window < 1:
        raise InputError(f"`window` must be a positive integer, got {window!r}")
    if not threshold > 0:
        raise InputError(f"`threshold` must be positive, got {threshold!r}")
    changes = np.abs(np.diff(energies[-int(window) - 1 :]))
    return bool(len(changes) == window and (changes < threshold).all())


# ---------------------------------------------------------------------------------------- the loop


def _run(
    M: NDArray[Any], F: NDArray[Any], forcing: Forcing, u: NDArray[Any], start: NDArray[Any], A: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return velocities, positions and energies: the same operations in the same order in both loops."""
    r = start.shape[1]
    motion, energies = np.empty((2, len(u) + 1, r)), np.empty(len(u) + 1)
    motion[:, 0] = start
    if r > _FEW:
        energies[:1] = _energies(start.reshape(1, -1), A)
        _arrays(M, F, forcing, u, motion, energies, A)
    else:
        push = F * forcing(u)[:, None, :]
        for i in range(r):
            motion[:, :, i] = _floats(M[..., i], push[:, :, i], start[:, i])
        energies[:] = _energies(np.concatenate(motion, axis=1), A)
    return motion[0], motion[1], energies


def _floats(M: NDArray[Any], push: NDArray[Any], start: NDArray[Any]) -> tuple[list[float], list[float]]:
    z, y = start.tolist()
    velocities, positions = [z], [y]
    if M.ndim == 2:
        (m11, m12), (m21, m22) = M.tolist()
        for f, g in push.tolist():
            z, y = (m11 * z + m12 * y) + f, (m21 * z + m22 * y) + g
            velocities.append(z)
            positions.append(y)
    else:
        for ((m11, m12), (m21, m22)), (f, g) in zip(M.tolist(), push.tolist(), strict=True):
            z, y = (m11 * z + m12 * y) + f, (m21 * z + m22 * y) + g
            velocities.append(z)
            positions.append(y)
    return velocities, positions


def _arrays(
    M: NDArray[Any],
    F: NDArray[Any],
    forcing: Forcing,
    u: NDArray[Any],
    motion: NDArray[Any],
    energies: NDArray[Any],
    stiffness: NDArray[Any],
) -> None:
    """Fill `motion` and `energies`, a block of steps at a time in buffers that stay in cache.

    A state is kept as (z, y, z): its first two thirds times (m11, m22) and its last two times (m12, m21)
    make one step of two products and two sums of contiguous rows, which is what NumPy does fastest.
    """
    T, r = len(u), motion.shape[2]
    varying = M.ndim == 4
    own, other = M[..., (0, 1), (0, 1), :], M[..., (0, 1), (1, 0), :]
    states = np.empty((_BLOCK + 1, 3 * r))
    first, second = np.empty((2, _BLOCK, 2, r)) if varying else np.stack([own, other])[:, None]
    rows = lambda array: list(array.reshape(len(array), -1)) * (_BLOCK // len(array))
    zy, yz = states[:, : 2 * r], states[:, r:]
    sources = (rows(first), rows(second), list(zy[:-1]), list(yz[:-1]))
    targets = (list(zy[1:]), list(states[1:, :r]), list(states[1:, 2 * r :]))
    steps = list(zip(*sources, *targets, strict=True))
    push = zy[1:].reshape(_BLOCK, 2, r)  # a state's place holds its force until the step adds the rest

    products, crossed = np.empty((2, 2 * r))
    multiply, add = np.multiply, np.add
    states[0] = motion[(0, 1, 0), 0].reshape(-1)
    for low in range(0, T, _BLOCK):
        size = min(_BLOCK, T - low)
        here, after = slice(low, low + size), slice(low + 1, low + size + 1)
        if varying:
            first[:size], second[:size] = own[here], other[here]
        multiply(F[here] if F.ndim == 3 else F, forcing(u[here])[:, None, :], push[:size])
        for diagonal, antidiagonal, state, turned, new, z, copy in steps[:size]:
            multiply(diagonal, state, products)
            multiply(antidiagonal, turned, crossed)
            add(products, crossed, products)
            add(products, new, new)
            copy[:] = z
        motion[0, after], motion[1, after] = states[1 : size + 1, :r], states[1 : size + 1, r : 2 * r]
        energies[after] = _energies(zy[1 : size + 1], stiffness)
        states[0] = states[size]


def _energies(states: NDArray[Any], stiffness: NDArray[Any]) -> NDArray[Any]:
    """Return the energies of states (T, 2r): squares, weighted, summed by folding the states in half."""
    terms = np.array(states.T, order="C")
    if len(terms) == 0:
        return np.zeros(len(states))
    np.multiply(terms, terms, terms)
    width = len(terms)
    np.multiply(terms[width // 2 :], stiffness[:, None], terms[width // 2 :])
    while width > 1:
        half = width // 2  # the first fold adds z² and A y²; an odd one out waits for the next fold
        np.add(terms[:half], terms[width - half : width], terms[:half])
        width -= half
    return terms[0]


def _forcing(B: NDArray[Any], bias: NDArray[Any]) -> Forcing:
    """Return u -> B u + b, (T, m) -> (T, r): input by input, in their order."""
    if B.size and ((B != 0).sum(axis=1) <= 1).all():
        which = (B != 0).argmax(axis=1)
        weight = B[np.arange(len(B)), which]
        which = slice(None) if np.array_equal(which, np.arange(B.shape[1])) else which
        if not bias.any():
            return lambda u: u[:, which] if (weight == 1).all() else weight * u[:, which]
        return lambda u: weight * u[:, which] + bias

    if B.shape[1] > _FEW:
        return _exact_sums(B, bias)

    def every_input(u: NDArray[Any]) -> NDArray[Any]:
        total = np.zeros((len(u), len(B)))
        for low in range(0, len(u), _BLOCK):
            block, given = total[low : low + _BLOCK], u[low : low + _BLOCK]
            for j in range(B.shape[1]):
                block += B[:, j] * given[:, j : j + 1]
        return total + bias

    return every_input


def _exact_sums(B: NDArray[Any], bias: NDArray[Any]) -> Forcing:
    r"""Return u -> B u + b with a BLAS, whose order of summation is its own, and yet always the same bits.

    Rows of `B` and samples of `u` are cut into slices of so few bits that a sum of products of two slices
    is exact in any order. The products left out are below $2^{-53}$ of the largest one.
    """
    bits = (53 - (B.shape[1] - 1).bit_length()) // 2
    count = -(-54 // bits)
    size, right = _slices(B, bits, count)

    def forcing(u: NDArray[Any]) -> NDArray[Any]:
        scale, left = _slices(u, bits, count)
        total = np.zeros((len(u), len(B)))
        for weight in range(count - 1, -1, -1):  # the smallest products first
            for i in range(weight + 1):
                total += left[i] @ right[weight - i].T
        return np.ldexp(total, scale[:, None] + size) + bias

    return forcing


def _slices(X: NDArray[Any], bits: int, count: int) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """Write row i of X as 2^size[i] times a sum of `count` terms, each of `bits` bits."""
    size = np.frexp(np.abs(X).max(axis=1, initial=0))[1]
    rest, parts = np.ldexp(X, -size[:, None]), []
    for k in range(1, count + 1):
        carrier = 0.75 * 2.0 ** (53 - k * bits)  # its last digit is where the slice ends
        parts.append((rest + carrier) - carrier)
        rest = rest - parts[-1]
    return size, parts


# ---------------------------------------------------------------------------------------- what is given


def _forces(u: Any, m: int) -> tuple[NDArray[Any], int]:
    if isinstance(u, int | np.integer) and not isinstance(u, bool):
        if u < 0:
            raise InputError(f"`u` must be forces or a number of steps >= 0, got {u}")
        return np.zeros((int(u), m)), int(u)
    u = np.asarray(u)
    if np.iscomplexobj(u):
        raise InputError("`u` must be real; an oscillator with a complex B is driven by real inputs")
    u = u.astype(np.float64, copy=False)
    u = u[:, None] if u.ndim == 1 and m == 1 else u
    if u.ndim != 2 or u.shape[1] != m:
        hint = "it looks transposed, write u.T" if u.ndim == 2 and u.shape[0] == m else "time comes first"
        raise InputError(f"`u` must be (T, {m}), got {u.shape}; {hint}")
    with np.errstate(all="ignore"):
        suspect = not np.isfinite(u.sum())  # a cheap test first: a sum may overflow, too
    if suspect and not np.isfinite(u).all():
        raise InputError(f"`u` must be finite, got NaN or infinity at sample {_first_bad(u)}")
    return u, len(u)


def _state(x0: Any, r: int, complex_state: bool) -> NDArray[Any]:
    if x0 is None:
        return np.zeros((2, r), np.complex128 if complex_state else np.float64)
    x0 = np.asarray(x0)
    if x0.shape != (2 * r,):
        raise InputError(f"`x0` must be ({2 * r},), velocities then positions, got {x0.shape}")
    if not np.isfinite(x0).all():
        raise InputError("`x0` must be finite")
    return x0.astype(np.complex128 if complex_state else np.float64).reshape(2, r)


def _step_lengths(dt: Any, T: int) -> NDArray[np.float64]:
    steps = np.asarray(dt, np.float64)
    if steps.shape != (T,):
        raise InputError(
            f"`dt` must be ({T},), one length a step, got {steps.shape}; None for the system's own"
        )
    return steps


def _first_bad(u: NDArray[Any]) -> int:
    return int(np.flatnonzero(~np.isfinite(u).all(axis=1))[0])
