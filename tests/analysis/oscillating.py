"""Oracles: one step of each scheme from its own equations, in fractions; eigenvalues by discriminants."""

from fractions import Fraction as Q
from typing import Any

from ssmctl.certificates.subject import OscillatorSubject

RATIONAL = ("im", "imex", "imex2", "imex3", "euler", "tustin", "verlet")
ALL = (*RATIONAL, "zoh")


def oscillator(A, G, dt, scheme, *, C="position", output: Any = "pre", bias=0.0, D=0.0, B=1.0):
    """One oscillator with one input and one output, as the subject of a claim."""
    read = {"velocity": [[0.0]], "position": [[0.0]], C: [[1.0]]}
    return OscillatorSubject(
        [A], [G], dt, scheme, [[B]], read["velocity"], read["position"], [[D]], [bias], output
    )


def bank(A, G, dt, scheme):
    """Several oscillators, every one with its input and output."""
    r = len(A)
    eye = [[float(i == j) for i in range(r)] for j in range(r)]
    zero = [[0.0] * r for _ in range(r)]
    return OscillatorSubject(A, G, dt, scheme, eye, zero, eye, zero, [0.0] * r, "pre")


def advance(scheme: str, A: Any, G: Any, h: Any, z: Any, y: Any, f: Any = 0) -> Any:
    """(z, y) after one step, by solving the equations of the scheme; None if they have no solution."""
    A, G, h, z, y, f = map(Q, (A, G, h, z, y, f))
    half = h / 2
    if scheme == "euler":
        return z + h * (f - A * y - G * z), y + h * z
    if scheme == "imex2":
        w = z + h * (f - A * y - G * z)
        return w, y + h * w
    if scheme == "verlet":
        w = y + h * z + h * half * (f - A * y)
        return z + half * ((f - A * y) + (f - A * w)), w
    if scheme == "imex":  # w = z + h (f - A y - G w)
        if (q := 1 + h * G) == 0:
            return None
        w = (z + h * (f - A * y)) / q
        return w, y + h * w
    if scheme == "imex3":  # w = z + h (f - A (y + h w) - G z)
        if (q := 1 + h * h * A) == 0:
            return None
        w = (z + h * (f - A * y - G * z)) / q
        return w, y + h * w
    if scheme == "im":  # w = z + h (f - A (y + h w) - G w)
        if (q := 1 + h * h * A + h * G) == 0:
            return None
        w = (z + h * (f - A * y)) / q
        return w, y + h * w
    if scheme == "tustin":  # means: w - z = h (f - A (y + v)/2 - G (z + w)/2), v - y = h (z + w)/2
        if (q := 1 + half * G + half * half * A) == 0:
            return None
        w = (z + h * f - h * A * y - half * G * z - half * half * A * z) / q
        return w, y + half * (z + w)
    raise AssertionError(scheme)


def matrix(scheme: str, A: Any, G: Any, h: Any) -> Any:
    """((m11, m12), (m21, m22)) in fractions, or None."""
    one, two = advance(scheme, A, G, h, 1, 0), advance(scheme, A, G, h, 0, 1)
    return None if one is None or two is None else ((one[0], two[0]), (one[1], two[1]))


def product(first: Any, second: Any) -> Any:
    """The matrix of `first`, then `second`."""
    (a, b), (c, d) = second
    (p, q), (r, s) = first
    return (a * p + b * r, a * q + b * s), (c * p + d * r, c * q + d * s)


def radius_compared(M: Any, rate: Any = 1) -> int:
    """The sign of rho(M) - rate, by discriminant and squares."""
    (a, b), (c, d) = M
    trace, det, rate = a + d, a * d - b * c, Q(rate)
    spread = trace * trace - 4 * det
    if spread < 0:  # complex: |lambda|^2 = det
        return (det > rate * rate) - (det < rate * rate)
    room = 2 * rate - abs(trace)  # real: |t| + sqrt(spread) against 2 rate
    if room < 0:
        return 1
    return (spread > room * room) - (spread < room * room)


def word(M: Any) -> str:
    """What free motion does: "Schur", "bounded", "unbounded", "undefined"."""
    if M is None:
        return "undefined"
    side = radius_compared(M)
    if side:
        return "Schur" if side < 0 else "unbounded"
    (a, b), (c, d) = M
    one_eigenvalue = (a - d) ** 2 + 4 * b * c == 0
    return "unbounded" if one_eigenvalue and (b or c) else "bounded"


def truth(scheme: str, A: Any, G: Any, h: Any) -> str:
    """`word` of any scheme; zoh by the equation itself."""
    if scheme == "zoh":
        if A > 0 and G > 0:
            return "Schur"
        return "bounded" if (A > 0 and G == 0) or (A == 0 and G > 0) else "unbounded"
    if scheme == "verlet" and G:
        return "undefined"
    return word(matrix(scheme, A, G, h))
