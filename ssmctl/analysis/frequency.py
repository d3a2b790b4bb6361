r"""Witnesses at one frequency, $|G(z)v| \ge g|v|$ with $z$ exact: lower ends of gains, broken supply rates.

$$z = \frac{(1 - t^2) + 2ti}{1 + t^2} \ \text{ or } \ z = i\omega, \qquad (zI - A)\tilde x = Bv - r, \qquad
|C(zI - A)^{-1} r| \le \frac{|r|_P}{1 - a}, \quad P > C^\top C,\ a^2 P > A^\top P A.$$

Searched in float64 first, then with python-flint (`refine`); trusted only once the checker has formed $r$
by itself.
"""

from collections.abc import Iterator

import numpy as np

from ssmctl.analysis.equations import lyapunov, stein
from ssmctl.certificates.witness import Witness


def contraction(A: np.ndarray, C: np.ndarray, continuous: bool, poles: np.ndarray | None = None):
    r"""Find a norm $|x|_P$, $P > C^\top C$, in which free motion contracts at half of its decay rate.

    **Arguments:** `A` (n, n), `C` (p, n), real; `poles`: the eigenvalues of `A`, if they are known, or the
    n/2 poles of a modal system in real form, for which a multiple of $I$ serves.
    **Returns:** `(P, a)`, or None where float64 sees no stability. **Guarantee:** none. **Cost:** one
    Stein equation.
    """
    n = len(A)
    if n == 0:
        return np.zeros((0, 0)), 0.5
    poles = np.linalg.eigvals(A) if poles is None else poles
    gap = -np.real(poles).max() if continuous else 1 - abs(poles).max()
    if not gap > 0:
        return None
    if 2 * len(poles) == n:
        size = 1.01 * np.linalg.norm(C, 2) ** 2 if len(C) else 0.0
        return (size or 1.0) * np.eye(n), gap / 2 if continuous else 1 - gap / 2
    weight = C.T @ C
    weight = weight + (np.trace(weight) / n or 1.0) * np.eye(n)
    if continuous:
        a = gap / 2
        P = lyapunov(A + a * np.eye(n), weight)
        top = np.linalg.norm(C @ np.linalg.solve(P, C.T), 2) if np.isfinite(P).all() and len(C) else 0.0
        return P * (1.01 * top if top > 0 else 1.0), a
    a = 1 - gap / 2
    return stein(A / a, weight), a


def frequency_witnesses(
    system: tuple[np.ndarray, ...],
    omega: float,
    continuous: bool,
    v: np.ndarray | None = None,
    poles: np.ndarray | None = None,
) -> Iterator[tuple[Witness, float, str]]:
    r"""Give witnesses at a frequency, the cheap one first.

    **Arguments:** `system`: real `(A, B, C, D)`; `omega` [rad/sample, or rad/s; inf in continuous time];
    `v` (m,) complex: the input's direction, the top right singular vector if None.
    **Returns:** pairs of a witness for `L2GainAtLeast` and its kin, the gain $|Gv|/|v|$ there, and how it
    was found.
    **Guarantee:** none. **Cost:** a solve and a Stein equation; the second one in extended precision.
    """
    A, B, C, D = system
    if D.shape[1] == 0:
        return
    found = contraction(A, C, continuous, poles)
    if found is not None and all(np.isfinite(found[0]).ravel()):
        P, a = found
        parts, z = _point(omega, continuous)
        with np.errstate(all="ignore"):
            G, X = _response(A, B, C, D, z)
            u = _direction(G) if v is None else np.asarray(v, complex)
            x, y = X @ u, G @ u
        if np.isfinite(x).all() and np.isfinite(y).all():
            gain = float(np.linalg.norm(y) / np.linalg.norm(u))
            yield _witness(P, a, parts, (x,), u), gain, "frequency response"
    from ssmctl.analysis import refine, resonance

    precise = refine.contraction(A, C, continuous)
    if precise is None:
        return
    P, a = precise
    if v is None and np.isfinite(omega):
        peak = resonance.refine_peak(A, B, C, D, omega, continuous)
        point, u = peak.point, peak.v
    else:
        point = _point(omega, continuous)[0]
        u = _direction(D) if v is None else np.asarray(v, complex)
    x, gain = resonance.frequency_response(A, B, C, D, point, u, continuous)
    yield _witness(P, a, point, x, u), gain, "frequency response in extended precision"


def _point(omega: float, continuous: bool) -> tuple[tuple[float, ...] | None, complex | None]:
    """The exact point next to a frequency, as the file writes it, and its value in floats; None: infinity."""
    if continuous:
        return (None, None) if np.isinf(omega) else ((float(omega),), 1j * omega)
    if abs(abs(omega) - np.pi) < 1e-15:
        return None, -1.0 + 0j
    t = float(np.tan(omega / 2))
    return (t,), complex((1 - t) * (1 + t), 2 * t) / (1 + t * t)


def _response(A, B, C, D, z):
    n = len(A)
    if z is None or n == 0:
        return D.astype(complex), np.zeros((n, B.shape[1]), complex)
    X = np.linalg.solve(z * np.eye(n) - A, B.astype(complex))
    return C @ X + D, X


def _direction(G: np.ndarray) -> np.ndarray:
    """Top right singular vector, its largest entry positive."""
    v = np.linalg.svd(G)[2][0].conj() if G.size else np.ones(G.shape[1], complex)
    return v * np.exp(-1j * np.angle(v[np.argmax(abs(v))]))


def _witness(P, a, point, x, v) -> Witness:
    split = lambda part: tuple(part(value).copy() for value in x) if len(x) > 1 else part(x[0]).copy()
    if isinstance(P, tuple) and len(P) == 1:
        (P,) = P
    exact = None if point is None else point[0] if len(point) == 1 else tuple(map(float, point))
    vr, vi = np.real(v).copy(), np.imag(v).copy()
    return Witness(P=P, a=float(a), point=exact, xr=split(np.real), xi=split(np.imag), vr=vr, vi=vi)
