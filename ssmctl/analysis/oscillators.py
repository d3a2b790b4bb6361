r"""Single oscillators in closed form: gains, spectral radius, energy ratio; and what refutes irregular steps.

$$\ddot y + G\dot y + Ay = f, \qquad x_{k+1} = M x_k + F f_k, \quad x = (z, y),\ z = \dot y, \qquad
H(w) = \frac{b_2 w^2 + b_1 w + b_0}{w^2 - t w + d}.$$

On the circle $|H|^2$ is a ratio of two quadratics in $x = \cos\theta$, so its maximum is at $x = \pm 1$ or at
a root of one quadratic: no iteration. All of it is float64, for searching and for designing: the proofs are
`certify`'s.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ssmctl.analysis.regions import known, stable
from ssmctl.certificates.claim import (
    Claim,
    L2Gain,
    L2GainAtLeast,
    Lipschitz,
    NotSchur,
    Passive,
    Schur,
    UnstableForSteps,
)
from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.exact import BANK, SCHEMES
from ssmctl.certificates.subject import OscillatorSubject
from ssmctl.certificates.witness import Witness
from ssmctl.errors import InputError

PATTERN = 12  # repetitions of one step in a periodic sequence of two
STEPS = 24  # different steps that are tried


class _Polynomial(NamedTuple):
    r"""$p(w) = c_0w^2 - c_1w + c_2$ and, as floats would cancel there, $p(1)$, $p(-1)$, $c_0 - c_2$ and
    $4c_0c_2 - c_1^2$, which is positive iff the poles are complex."""

    c0: Any
    c1: Any
    c2: Any
    at_one: Any
    at_minus_one: Any
    slack: Any
    complexity: Any


def _characteristic(scheme: str, a: Any, g: Any) -> _Polynomial:
    """The characteristic polynomial of one step, in closed form."""
    one = np.ones_like(a)
    match known(scheme):
        case "im":
            return _Polynomial(1 + g + a, 2 + g, one, a, 4 + 2 * g + a, g + a, 4 * a - g * g)
        case "imex":
            return _Polynomial(1 + g, 2 + g - a, one, a, 4 + 2 * g - a, g, 4 * a - (g - a) ** 2)
        case "imex2":
            return _Polynomial(one, 2 - g - a, 1 - g, a, 4 - 2 * g - a, g, 4 * a - (g + a) ** 2)
        case "imex3":
            return _Polynomial(1 + a, 2 - g, 1 - g, a, 4 + a - 2 * g, a + g, 4 * a * (1 - g) - g * g)
        case "euler":
            return _Polynomial(one, 2 - g, 1 - g + a, a, 4 - 2 * g + a, g - a, 4 * a - g * g)
        case "tustin":
            ends = 1 + g / 2 + a / 4, 2 - a / 2, 1 - g / 2 + a / 4
            return _Polynomial(*ends, a, 4 * one, g, 4 * a - g * g)
        case "verlet":
            return _Polynomial(one, 2 - a, one, a, 4 - a, 0 * a, a * (4 - a))
    return _held(a, g)


def _held(a: Any, g: Any) -> _Polynomial:
    """That of zoh where it is stable: real poles exp(slow), exp(fast), or exp(-h) turned by an angle q."""
    one, s = np.ones_like(a), g * g / 4 - a
    h, q = g / 2, np.sqrt(abs(s))
    fast = -(h + np.where(s > 0, q, 0))
    slow = np.where(s > 0, a / np.where(fast < 0, fast, -1), -h)
    even = np.where(s > 0, np.exp(slow) + np.exp(fast), 2 * np.exp(-h) * np.cos(q))
    chord = np.expm1(-h) ** 2 + 4 * np.exp(-h) * np.sin(q / 2) ** 2
    at_one = np.where(s > 0, np.expm1(slow) * np.expm1(fast), chord)
    opposite = np.expm1(-h) ** 2 + 4 * np.exp(-h) * np.cos(q / 2) ** 2
    at_minus_one = np.where(s > 0, (1 + np.exp(slow)) * (1 + np.exp(fast)), opposite)
    apart = np.where(s > 0, -((np.exp(slow) * np.expm1(-2 * q)) ** 2), 4 * np.exp(-g) * np.sin(q) ** 2)
    return _Polynomial(one, even, np.exp(-g), at_one, at_minus_one, -np.expm1(-g), apart)


def step_matrices(stiffness: Any, damping: Any, dt: Any, scheme: str) -> tuple[np.ndarray, np.ndarray]:
    r"""Give $M$ and $F$ of one step in float64, planar: shapes (2, 2, …) and (2, …).

    **Arguments:** `stiffness` [1/s²], `damping` [1/s], `dt` [s]: numbers or arrays that broadcast; `scheme`.
    **Returns:** `M`, `F`; infinite where the divisor is 0. **Guarantee:** none: float64. **Cost:** none.

    >>> M, F = step_matrices(4.0, 0.0, 0.5, "im")
    >>> M.tolist(), F.tolist()
    ([[0.5, -1.0], [0.25, 0.5]], [0.25, 0.125])
    """
    A, G, h = np.broadcast_arrays(*(np.asarray(x, float) for x in (stiffness, damping, dt)))
    with np.errstate(all="ignore"):
        if known(scheme) == "zoh":
            from ssmctl.lti.kernel import oscillator_matrices  # imports JAX, which nothing else here needs

            M, F = oscillator_matrices(A, G, h, scheme)
            return np.moveaxis(M, (-2, -1), (0, 1)), np.moveaxis(F, -1, 0)
        q, m, f = SCHEMES[scheme](A, G, h, np.ones_like(A))
        return np.array([[m[0], m[1]], [m[2], m[3]]]) / q, np.array([f[0], f[1]]) / q


def gains(
    stiffness: Any,
    damping: Any,
    dt: Any,
    scheme: str,
    *,
    velocity: Any = 0.0,
    position: Any = 1.0,
    feedthrough: Any = 0.0,
    output: str = "pre",
) -> np.ndarray:
    r"""Give the exact l2 gain from the force $f$ to $v z + p y + d f$, of many oscillators at once.

    The force is the one that the scheme takes: for tustin the mean over the step, for zoh the held value.
    (For tustin with $f_k = (s_{k-1} + s_k)/2$, the gain from the samples $s$ to $y$ is `continuous_gain`.)

    **Arguments:** `stiffness` [1/s²], `damping` [1/s], `dt` [s], `velocity`, `position`, `feedthrough`:
    numbers or arrays that broadcast; `scheme`; `output`: "pre" reads the state before the update, "post"
    after it, which matters for a `feedthrough` only.
    **Returns:** an array; `inf` where the step is not stable.

    **Guarantee:** none: float64, some 14 digits. **Cost:** 150 operations each.

    >>> gains(4.0, 1.0, 0.5, "im", position=1.0).item() < gains(4.0, 1.0, 0.5, "zoh").item()
    True
    """
    given = (stiffness, damping, dt, velocity, position, feedthrough)
    A, G, h, alpha, beta, D = np.broadcast_arrays(*(np.asarray(x, float) for x in given))
    with np.errstate(all="ignore"):
        a, g = A * h * h, G * h
        poly = _characteristic(scheme, a, g)
        M, F = step_matrices(A, G, h, scheme)
        slope = alpha * F[0] + beta * F[1]  # from the force to the readout: (slope w + rest) / (w^2 - tw + d)
        rest = alpha * (M[0, 1] * F[1] - M[1, 1] * F[0]) + beta * (M[1, 0] * F[0] - M[0, 0] * F[1])
        static = beta / A * poly.at_one / poly.c0  # every scheme has the static gain 1/A
        peak = _peak(poly, slope, rest, static, D, output == "post")
    good = np.isfinite(a) & np.isfinite(g)
    return np.where(good & stable(scheme, np.where(good, a, 0.0), np.where(good, g, 0.0)), peak, np.inf)


def _peak(poly: _Polynomial, slope: Any, rest: Any, static: Any, D: Any, post: bool) -> np.ndarray:
    r"""The largest $|D + \text{(w if post)}\,(\text{slope}\,w + \text{rest}) / (w^2 - tw + d)|$, $|w| = 1$.

    In powers of $w - 1$ (of $-w - 1$ for poles on the left), where nothing cancels next to 1; with
    $u = 1 - \cos\theta$, $|\alpha(w-1)^2 + \beta(w-1) + \gamma|^2 = \gamma^2 + 2(\beta^2 - 2\alpha\gamma -
    \beta\gamma)u + 4\alpha(\alpha - \beta + \gamma)u^2$.
    """
    c0 = poly.c0
    left = poly.c1 / c0 < 0
    ends = poly.at_one / c0, poly.at_minus_one / c0
    near, far = np.where(left, ends[1], ends[0]), np.where(left, *ends)
    sign, lean = np.where(left, -1.0, 1.0), near + poly.slack / c0  # the denominator: (1, lean, near)
    slope, rest = sign * slope, np.where(left, rest - slope, static)
    other = np.where(left, static, rest - 2 * slope)  # the numerator at the far end
    shape = (slope, slope + rest, rest) if post else (0 * slope, slope, rest)
    sign = sign if post else 1.0
    x, y, z = (D * k + sign * value for k, value in zip((1.0, lean, near), shape, strict=True))
    top = z * z, 2 * (y * y - 2 * x * z - y * z), 4 * x * (x - y + z)
    d, disc = poly.c2 / c0, poly.complexity / c0**2
    bottom = near * near, 2 * (abs(poly.c1 / c0) * near - disc), 4 * d
    q0 = top[1] * bottom[0] - top[0] * bottom[1]  # n' d - n d'
    q1 = 2 * (top[2] * bottom[0] - top[0] * bottom[2])
    q2 = top[2] * bottom[1] - top[1] * bottom[2]
    root = np.sqrt(np.maximum(q1 * q1 - 4 * q2 * q0, 0.0))
    larger = -(q1 + np.where(q1 < 0, -root, root)) / 2
    valley, floor = -bottom[1] / (8 * d), (poly.slack / c0) ** 2 * disc / (4 * d)
    deep = (disc > 0) & (d > 0)
    end = D * far + (-sign if post else 1.0) * other
    best = np.fmax((z / near) ** 2, (end / far) ** 2)
    for u in (larger / q2, q0 / larger, valley):
        u = np.where((u > 0) & (u < 2), u, np.nan)
        above = top[0] + (top[1] + top[2] * u) * u
        below = np.where(deep, 4 * d * (u - valley) ** 2 + floor, bottom[0] + (bottom[1] + bottom[2] * u) * u)
        best = np.fmax(best, above / below)
    return np.sqrt(best)


def continuous_gain(stiffness: Any, damping: Any, *, readout: str = "position") -> np.ndarray:
    r"""Give the l2 gain of the oscillator itself: of $1/(s^2 + Gs + A)$, or $s/(s^2 + Gs + A)$.

    $\gamma = 1/(G\sqrt{A - G^2/4})$ if $G^2 < 2A$, else $1/A$; for the velocity $1/G$. With irregular steps
    im and (at the middle of each step) tustin stay below it, in sums weighted by the steps.

    **Arguments:** `stiffness`, `damping`: numbers or arrays; `readout`: "position" or "velocity".
    **Returns:** an array, `inf` where the oscillator does not decay. **Guarantee:** none: float64.
    **Cost:** none.

    >>> continuous_gain([1.25, 0.5], 1.0).tolist()
    [1.0, 2.0]
    """
    A, G = np.broadcast_arrays(np.asarray(stiffness, float), np.asarray(damping, float))
    with np.errstate(all="ignore"):
        if readout == "velocity":
            gain = 1 / G
        elif readout == "position":
            gain = np.where(G * G < 2 * A, 1 / (G * np.sqrt(A - G * G / 4)), 1 / A)
        else:
            raise InputError(f'`readout` must be "position" or "velocity", got {readout!r}')
    return np.where((A > 0) & (G > 0), gain, np.inf)


def spectral_radii(stiffness: Any, damping: Any, dt: Any, scheme: str) -> np.ndarray:
    r"""Give $\rho(M)$ of one step of each oscillator, from trace and determinant.

    **Arguments:** as `gains`. **Returns:** an array. **Guarantee:** none: float64. **Cost:** none.

    >>> spectral_radii(3.0, 0.0, 1.0, "im").item()
    0.5
    """
    A, G, h = np.broadcast_arrays(*(np.asarray(x, float) for x in (stiffness, damping, dt)))
    if scheme == "zoh":
        s = (G * G / 4 - A) * h * h
        return np.exp(-G * h / 2 + np.sqrt(np.maximum(s, 0)))
    with np.errstate(all="ignore"):
        poly = _characteristic(scheme, A * h * h, G * h)
        turning = np.sqrt(abs(poly.c2 / poly.c0))
        real = (abs(poly.c1) + np.sqrt(np.maximum(-poly.complexity, 0))) / (2 * abs(poly.c0))
        return np.where(poly.complexity > 0, turning, real)


def bank_energy_ratio(subject: OscillatorSubject) -> float:
    """The largest of `energy_ratios`: that of the bank. **Guarantee:** none. **Cost:** none."""
    of = subject.stiffness, subject.damping, subject.steps, subject.scheme
    return float(energy_ratios(*of).max(initial=0.0))


def energy_ratios(stiffness: Any, damping: Any, dt: Any, scheme: str) -> np.ndarray:
    r"""Give the largest $E(Mx)/E(x)$ of one free step of each oscillator, $E = z^2 + Ay^2$.

    **Arguments:** as `gains`. **Returns:** an array; `nan` where $A < 0$ and E is no energy, and at $A = 0$
    the ratio of $z^2$. **Guarantee:** none: float64. **Cost:** none.

    >>> energy_ratios(3.0, 0.0, 1.0, "im").item(), energy_ratios(1.0, 0.0, 1.0, "imex").round(3).item()
    (0.25, 2.618)
    """
    A = np.asarray(stiffness, float)
    (m11, m12), (m21, m22) = step_matrices(A, damping, dt, scheme)[0]
    with np.errstate(all="ignore"):
        root = np.sqrt(A)
        b, c = np.where(A > 0, m12 / root, 0.0), m21 * root
        half_sum, half_difference = np.hypot(m11 + m22, c - b) / 2, np.hypot(m11 - m22, c + b) / 2
        ratio = (half_sum + half_difference) ** 2  # the largest singular value, squared
    return np.where(A > 0, ratio, np.where(A == 0, m11**2, np.nan))


# ------------------------------------------------------------------------------------------------------ banks
def oscillator_gains(system: Any, readout: str | None = None) -> np.ndarray:
    r"""Give the gain of each oscillator of a bank, from its force $f_i$ to its position or velocity: (r,).

    **Arguments:** `system`: an `Oscillator`; `readout`: "position" or "velocity"; None: the one that it
    reads (the position if it reads both).
    **Returns:** an array. **Raises:** `InputError` for a system that is no oscillator.
    **Guarantee:** none: float64, some 14 digits; `hinfnorm` encloses the bank's. **Cost:** that of `gains`.
    """
    subject = _oscillator(system)
    if readout is None:
        readout = "velocity" if subject.velocity.any() and not subject.position.any() else "position"
    if readout not in ("position", "velocity"):
        raise InputError(f'`readout` must be "position" or "velocity", got {readout!r}')
    of = subject.stiffness, subject.damping, subject.steps, subject.scheme
    return gains(*of, velocity=float(readout == "velocity"), position=float(readout == "position"))


def gain_bound(system: Any) -> float:
    r"""Bound the l2 gain of a bank: $(\lVert C_y\rVert \max_i \gamma^y_i + \lVert C_z\rVert \max_i
    \gamma^z_i) \lVert B\rVert + \lVert D\rVert$.

    Sufficient, not tight; `hinfnorm` encloses the gain itself.

    **Arguments:** `system`: an `Oscillator`. **Returns:** a float. **Raises:** as `oscillator_gains`.
    **Guarantee:** an upper bound up to float64 rounding, not proved. **Cost:** three singular values.
    """
    subject = _oscillator(system)
    norm = lambda X: float(np.linalg.norm(X, 2)) if X.size else 0.0
    total = 0.0
    for readout in ("velocity", "position"):
        C = getattr(subject, readout)
        if C.any() and subject.B.any():
            total += norm(C) * float(oscillator_gains(subject, readout).max(initial=0.0))
    return total * norm(subject.B) + norm(subject.D)


def _oscillator(system: Any) -> OscillatorSubject:
    subject = subject_of(system)
    if not isinstance(subject, OscillatorSubject):
        raise InputError(f"an `Oscillator` was expected, got {type(system).__name__}")
    return subject


# -------------------------------------------------------------------------------------------------- witnesses
def single(subject: OscillatorSubject) -> bool:
    """Whether the checker decides the l2 gain: one real oscillator, not zoh, D = 0 or m = p = 1."""
    plain = not np.iscomplexobj(subject.B) and subject.scheme != "zoh"
    return plain and subject.r == 1 and (not subject.D.any() or (subject.m, subject.p) == (1, 1))


def gain_claim(subject: Any) -> type[L2Gain] | type[Lipschitz]:
    """The kind of gain that may be claimed: of differences only, where a constant bias moves the output."""
    return Lipschitz if isinstance(subject, OscillatorSubject) and subject.biased else L2Gain


def decided(subject: OscillatorSubject, claim: Claim) -> bool:
    """Whether `witnesses` are all that there is to try: a claim that they do not prove is not provable."""
    match claim:
        case L2Gain() | Lipschitz():
            return single(subject)
        case L2GainAtLeast():
            of = subject.stiffness, subject.damping, subject.steps, subject.scheme
            return single(subject) and bool((spectral_radii(*of) < 1).all())
        case Schur(rate) | NotSchur(rate):
            return subject.scheme != "zoh" or rate == 1
        case Passive():
            return False
    return claim.name in BANK


def witnesses(subject: OscillatorSubject, claim: Claim) -> Iterator[tuple[Witness, str]]:
    """Give the empty witness where the stored numbers decide, and steps that diverge for `UnstableForSteps`.

    **Guarantee:** none: check each. **Cost:** none, or that of `diverging_steps`.
    """
    if isinstance(claim, UnstableForSteps):
        yield from diverging_steps(subject, claim)
    elif claim.name in BANK and (
        single(subject) or not isinstance(claim, L2Gain | L2GainAtLeast | Lipschitz)
    ):
        yield Witness(), "the numbers as they are stored"


def diverging_steps(subject: OscillatorSubject, claim: UnstableForSteps) -> Iterator[tuple[Witness, str]]:
    r"""Find a periodic sequence of steps whose product has spectral radius above 1.

    Tried: one step repeated, and two steps repeated up to `PATTERN` times each.
    **Guarantee:** none: check `UnstableForSteps`. **Cost:** `STEPS`² `PATTERN`² products of order 2 for each
    oscillator, some 20 ms.
    """
    low, high = claim.shortest, claim.longest
    h = np.concatenate([np.linspace(low, high, STEPS // 2), np.geomspace(low, high, STEPS - STEPS // 2)])
    h = np.unique(np.clip(h, low, high))
    for i in range(subject.r):
        M = step_matrices(subject.stiffness[i], subject.damping[i], h, subject.scheme)[0]
        good = np.isfinite(M).all((0, 1))
        for growth, steps in _periodic(np.moveaxis(M[..., good], -1, 0), h[good]):
            how = f"a period of {len(steps)} steps that grows {growth:.3g} times"
            yield Witness(oscillator=i, steps=np.array(steps)), how


def _periodic(M: np.ndarray, h: np.ndarray) -> Iterator[tuple[float, list[float]]]:
    """The fastest growth of one repeated step, and of two, as (growth of a period, its steps)."""
    if not len(h):
        return
    alone = _radius(M)
    k = int(np.argmax(alone))
    if alone[k] > 1:
        yield float(alone[k]), [h[k]]
    powers = [M]
    for _ in range(PATTERN - 1):
        powers.append(powers[-1] @ M)
    best = (1 + 1e-9, None)
    for p, one in enumerate(powers, 1):
        for q, two in enumerate(powers, 1):
            growth = _radius(one[:, None] @ two[None]) ** (1 / (p + q))
            k, j = np.unravel_index(np.argmax(np.where(np.isfinite(growth), growth, 0)), growth.shape)
            if growth[k, j] > best[0]:
                best = growth[k, j], [h[j]] * q + [h[k]] * p
    if best[1] is not None:
        yield float(best[0] ** len(best[1])), best[1]


def _radius(M: np.ndarray) -> np.ndarray:
    """Spectral radius of 2 by 2 matrices, (..., 2, 2)."""
    half = (M[..., 0, 0] + M[..., 1, 1]) / 2
    det = M[..., 0, 0] * M[..., 1, 1] - M[..., 0, 1] * M[..., 1, 0]
    spread = half * half - det
    real = abs(half) + np.sqrt(np.maximum(spread, 0))
    return np.where(spread < 0, np.sqrt(np.maximum(det, 0)), real)
