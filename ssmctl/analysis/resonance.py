r"""Frequency responses in extended precision: lightly damped peaks that float64 cannot tell apart.

$(zI - A)x = Bv$ at an exact point, and the peak of $\sigma_{\max}(G)$ next to one. Searched, not trusted.
"""

from typing import NamedTuple

import numpy as np
from flint import acb, acb_mat, arb, arb_mat

from ssmctl.analysis.balls import Parts, complexes, eye, lift, mul, precision, solve, split


class Peak(NamedTuple):
    """A resonance: `point` (t or omega, parts; None at z = -1), `omega`, direction `v` (m,), gain there."""

    point: tuple[float, ...] | None
    omega: float
    v: np.ndarray
    gain: float


def _circle(point, continuous: bool) -> acb:
    """The exact z of a dyadic t (None: -1), or s of a dyadic omega, up to the working precision."""
    if point is None:
        return acb(-1)
    t = sum((arb(float(part)) for part in np.atleast_1d(np.asarray(point, float))), arb(0))
    if continuous:
        return acb(0, t).mid()
    return (acb(1 - t * t, 2 * t) / (1 + t * t)).mid()


def frequency_response(
    A: np.ndarray, B: np.ndarray, C: np.ndarray, D: np.ndarray, point, v: np.ndarray,
    continuous: bool = False, prec: int = 256, parts: int = 2,
) -> tuple[Parts, float]:
    r"""Solve $(zI - A)x = Bv$ at an exact point, $z = ((1 - t^2) + 2ti)/(1 + t^2)$ or $z = i\omega$.

    **Arguments:** `point`: $t$ or $\omega$, a float or a tuple meaning an exact sum; None is $z = -1$, or
    $\omega = \infty$. `v`: (m,) complex.
    **Returns:** `(x, gain)`: `parts` complex128 arrays (n,) summing to $x$, and $|Cx + Dv|/|v|$ rounded.
    **Guarantee:** none; the relative error of $x$ is near $2^{-53 parts}$. **Cost:** one solve.

    >>> one = np.ones((1, 1))
    >>> x, gain = frequency_response(one / 2, one, one, 0 * one, 0.0, np.ones(1), parts=1)
    >>> x[0].tolist(), gain
    ([(2+0j)], 2.0)
    """
    v = np.asarray(v, complex)
    with precision(prec):
        I, direction = acb_mat(eye(len(A))), lift(v[:, None], acb_mat)
        if (continuous and point is None) or len(A) == 0:
            x = (np.zeros(len(A), complex),) * parts
        else:
            matrix = (I * _circle(point, continuous) - acb_mat(lift(A))).mid()
            X = solve(matrix, mul(acb_mat(lift(B)), direction))
            halves = zip(split(X.real, parts), split(X.imag, parts), strict=True)
            x = tuple(re[:, 0] + 1j * im[:, 0] for re, im in halves)
        y = mul(acb_mat(lift(D)), direction)
        if len(A):
            y = y + mul(acb_mat(lift(C)), lift(tuple(part[:, None] for part in x), acb_mat))
        return x, float(np.linalg.norm(complexes(y)) / np.linalg.norm(v))


def refine_peak(
    A: np.ndarray, B: np.ndarray, C: np.ndarray, D: np.ndarray, omega: float,
    continuous: bool = False, prec: int = 192,
) -> Peak:
    r"""Climb to the peak of $\sigma_{\max}(G)$ near `omega`, where float64 cannot tell its frequency apart.

    Near a lightly damped pole $1/\sigma^2$ is a parabola in the frequency: the secant method finds the zero
    of its slope $-2\sigma'/\sigma^3$, $\sigma' = \mathrm{Re}\, u^* G' v$, evaluated in `prec` bits. The
    frequency is then rounded to one float64, or to two when one loses more than $10^{-14}$ of the gain.

    **Arguments:** `omega`: start [rad/sample, or rad/s], from a float64 sweep, finite.
    **Returns:** `Peak`; `v` is the top right singular vector at the rounded point.
    **Guarantee:** none: a local maximum, and never below the start. **Cost:** some 5 solves of order $n$.
    """
    with precision(prec):
        a, b, c, d = (acb_mat(lift(X)) for X in (A, B, C, D))
        I = acb_mat(eye(len(A)))

        def evaluate(z: acb) -> tuple[float, float, np.ndarray]:
            """Gain, slope of 1/gain^2 in omega, direction."""
            matrix = (I * z - a).mid()
            X = solve(matrix, b) if len(A) else b
            U, gains, V = np.linalg.svd(complexes(mul(c, X) + d))
            u, v, gain = U[:, 0], V[0].conj(), float(gains[0])
            v = v * np.exp(-1j * np.angle(v[np.argmax(np.abs(v))]))
            if len(A) == 0 or gain == 0:
                return gain, 0.0, v
            v_, u_ = lift(v[:, None], acb_mat), lift(u[None].conj(), acb_mat)
            phase = complex((u_ * (mul(c, X) + d) * v_)[0, 0])
            turn = complex((u_ * c * solve(matrix, X * v_))[0, 0]) * -1j * (1 if continuous else complex(z))
            return gain, float(-2 * (turn * abs(phase) / phase).real / gain**3), v

        if D.size == 0:
            return Peak((0.0,), 0.0, np.eye(D.shape[1])[0].astype(complex), 0.0)
        if not continuous and abs(omega) == np.pi:
            gain, _, v = evaluate(acb(-1))
            return Peak(None, np.pi, v, gain)
        at = (lambda w: acb(0, w)) if continuous else (lambda w: acb(0, w).exp().mid())
        best = arb(float(omega))
        gain, slope, v = evaluate(at(best))
        z = 1j * omega if continuous else np.exp(1j * omega)
        width = max(float(np.abs(np.linalg.eigvals(A) - z).min(initial=1.0)), 1e-18)
        step = -np.copysign(0.01 * width, slope)
        for _ in range(24):
            if abs(slope * step) * gain**2 < 1e-19:
                break
            new = (best + arb(step)).mid()
            new_gain, new_slope, new_v = evaluate(at(new))
            curvature = (new_slope - slope) / step
            if new_gain >= gain:
                best, gain, slope, v = new, new_gain, new_slope, new_v
                toward = -slope / curvature if curvature > 0 else -np.copysign(4 * abs(step), slope)
                step = float(np.clip(toward, -8 * width, 8 * width))
            elif curvature > 0 and abs(slope / curvature) < abs(step) / 2:
                step = -slope / curvature
            else:
                step = step / 8
        exact = best.mid() if continuous else (best / 2).tan().mid()
        point = tuple(float(part[0, 0]) for part in split(arb_mat([[exact]]), 2))
        if abs(point[0]) < 1e-9 * width:
            point = (0.0, *point)  # exactly real, if the gain allows
        for rounded in (point[:1], point):
            at_rounded, _, v = evaluate(_circle(rounded, continuous))
            if at_rounded >= gain * (1 - 1e-14):
                break
        return Peak(rounded, float(best) if any(rounded) else 0.0, v, at_rounded)
