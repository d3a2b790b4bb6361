r"""Where a scheme is stable: exact regions of stiffness $a = A\,dt^2$ and damping $g = G\,dt$.

With the characteristic polynomial $c_0w^2 - c_1w + c_2$, $c_0 > 0$, of one step, every root lies inside the
circle of radius $\rho$ iff

$$c_0\rho^2 - c_1\rho + c_2 > 0, \qquad c_0\rho^2 + c_1\rho + c_2 > 0, \qquad c_0\rho^2 - c_2 > 0,$$

the scaled Jury triangle. The numbers given are exact; signs are taken in float64 where its rounding cannot
change them, else in rational numbers. Nothing here is trusted: a certificate is checked by `certificates`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ssmctl.certificates.schemes import SCHEMES
from ssmctl.errors import InputError

SCHUR, BOUNDED, UNBOUNDED, UNDEFINED = WORDS = "Schur", "bounded", "unbounded", "undefined"
_ROUNDING = 1e-12  # of the polynomials below, relative to (1 + |a| + |g|)^4: some 20 operations
_WORDED = {  # scheme: (Schur, bounded but not Schur), in words, and the first as a formula
    "im": (
        "a > 0, a > -g; or, of an oscillator that diverges itself, a < 0, a < -g, a < -4 - 2g",
        "on the lines a = 0, a = -g, a = -4 - 2g around it, but for (a, g) = (0, 0) and (4, -4)",
        r"a > 0,\ a > -g \quad\text{or}\quad a < 0,\ a < -g,\ a < -4 - 2g",
    ),
    "imex": (
        "g > 0, 0 < a < 4 + 2g; or, of an oscillator that diverges itself, g < -2, 4 + 2g < a < 0",
        "g = 0, 0 < a < 4; a = 0 or a = 4 + 2g with g > 0 or g <= -2",
        r"g > 0,\ 0 < a < 4 + 2g \quad\text{or}\quad g < -2,\ 4 + 2g < a < 0",
    ),
    "imex2": (
        "0 < g < 2, 0 < a < 4 - 2g",
        "g = 0, 0 < a < 4; a = 0 or a = 4 - 2g with 0 < g <= 2",
        r"0 < g < 2,\ 0 < a < 4 - 2g",
    ),
    "imex3": (
        "a > 0, a > 2g - 4, a > -g; or, of an oscillator that diverges itself, a < -1, a < 2g - 4, a < -g",
        "on the lines a = 0, a = 2g - 4, a = -g around it, but for (a, g) = (0, 0) and (-4/3, 4/3)",
        r"a > \max(0,\ 2g - 4,\ -g) \quad\text{or}\quad a < \min(-1,\ 2g - 4,\ -g)",
    ),
    "euler": (
        "0 < a < g, a > 2g - 4",
        "on the three lines around it, but for (a, g) = (0, 0) and (4, 4)",
        r"0 < a < g,\ a > 2g - 4",
    ),
    "tustin": ("a > 0, g > 0: exactly where the oscillator decays", "g = 0 < a; a = 0 < g", r"a > 0,\ g > 0"),
    "zoh": ("a > 0, g > 0: exactly where the oscillator decays", "g = 0 < a; a = 0 < g", r"a > 0,\ g > 0"),
    "verlet": ("no a: it has no damping", "g = 0, 0 < a < 4", r"\emptyset"),
}
_FORMS = {  # scheme: c0 - c1 + c2, c0 + c1 + c2, c0 - c2 and c0, each as (x, y, z) for xa + yg + z
    "im": ((1, 0, 0), (1, 2, 4), (1, 1, 0), (1, 1, 1)),
    "imex": ((1, 0, 0), (-1, 2, 4), (0, 1, 0), (0, 1, 1)),
    "imex2": ((1, 0, 0), (-1, -2, 4), (0, 1, 0), (0, 0, 1)),
    "imex3": ((1, 0, 0), (1, -2, 4), (1, 1, 0), (1, 0, 1)),
    "euler": ((1, 0, 0), (1, -2, 4), (-1, 1, 0), (0, 0, 1)),
    "tustin": ((1, 0, 0), (0, 0, 4), (0, 1, 0), (0.25, 0.5, 1)),
    "zoh": ((1, 0, 0), (0, 0, 1), (0, 1, 0), (0, 0, 1)),  # by signs
    "verlet": ((1, 0, 0), (-1, 0, 4), (0, 1, 0), (0, 0, 1)),  # g = 0 only
}
_CORNERS = {  # Jordan blocks at 1 or -1: unbounded, although no root is outside
    "im": ((0, 0), (4, -4)),
    "imex": ((0, 0), (4, 0)),
    "imex2": ((0, 0), (4, 0)),
    "imex3": ((0, 0), (Fraction(-4, 3), Fraction(4, 3))),
    "euler": ((0, 0), (4, 4)),
    "tustin": ((0, 0),),
    "zoh": ((0, 0),),
    "verlet": ((0, 0), (4, 0)),
}


@dataclass(frozen=True)
class StabilityRegion:
    r"""The region of a scheme in the plane of $a = A\,dt^2$ and $g = G\,dt$; callable on numbers and grids.

    **Arguments:** `scheme`: its name; `text`, `boundary`, `latex`: where every free motion decays (Schur),
    where it is bounded without decaying, and the first as a formula.

    **Guarantee:** calling it decides exactly, boundaries and Jordan blocks included, for the numbers given
    as they are (floats are dyadic, `Fraction` is allowed): but $A\,dt^2$ that you multiplied in floats is
    another number than the stored $A$ and $dt$ have; `certify` decides about these.

    >>> region = stability_region("imex")
    >>> region([1.0, 4.0, 4.5], [0.0, 0.0, 0.5]).tolist()
    ['bounded', 'unbounded', 'Schur']
    """

    scheme: str
    text: str
    boundary: str
    latex: str

    def __call__(self, a: Any, g: Any = 0.0) -> np.ndarray:
        """Give "Schur", "bounded", "unbounded" or "undefined" (the step divides by 0) at each point.

        **Arguments:** `a`, `g`: real numbers or arrays that broadcast. **Returns:** an array of words.
        **Cost:** some 30 operations a point; 50 microseconds for one that float64 cannot tell.
        """
        a, g = _numbers(a, g)
        codes = _classified(self.scheme, a.ravel(), g.ravel())
        return np.array(WORDS)[codes].reshape(a.shape)

    @property
    def jordan(self) -> tuple[tuple[Any, Any], ...]:
        """The points (a, g) on the boundary with a Jordan block at 1 or -1: motion grows there, linearly."""
        return _CORNERS[self.scheme]

    def __str__(self) -> str:
        return f"{self.scheme}: Schur for {self.text}. Bounded, no decay: {self.boundary}."

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"


def stability_region(scheme: str) -> StabilityRegion:
    r"""Give the exact set of $a = A\,dt^2$, $g = G\,dt$ where a scheme is stable.

    **Arguments:** `scheme`: `im imex imex2 imex3 euler tustin verlet zoh`.
    **Returns:** a `StabilityRegion`: `.text`, `.latex`, and `region(a, g)` which decides points and grids.
    **Raises:** `InputError` for another name.

    **Guarantee:** exact for the rational schemes by the Jury triangle; zoh is stable where the oscillator
    is. It speaks of one constant step: products of different steps may diverge (`StableForSteps`).
    **Cost:** none until it is called.

    >>> print(stability_region("verlet"))
    verlet: Schur for no a: it has no damping. Bounded, no decay: g = 0, 0 < a < 4.
    """
    text, boundary, latex = _WORDED[known(scheme)]
    return StabilityRegion(scheme, text, boundary, latex)


def stable(scheme: str, a: Any, g: Any, rho: float = 1.0) -> np.ndarray:
    r"""Decide $\rho(M) < \rho$ for one step of a scheme, for every sign of $a = A\,dt^2$, $g = G\,dt$.

    **Arguments:** `scheme`; `a`, `g`: real numbers or arrays that broadcast; `rho`: positive.
    **Returns:** an array of booleans; False where the step divides by 0, and for verlet with damping.
    **Raises:** `InputError` for another scheme or `rho`.

    **Guarantee:** exact for the numbers given; of zoh only for `rho` = 1, else in float64.
    **Cost:** as `StabilityRegion`.

    >>> stable("imex", [3.9, 4.0, 4.1], 0.01).tolist(), bool(stable("im", -5.0, 0.0))
    ([True, True, False], True)
    """
    if not rho > 0:
        raise InputError(f"`rho` must be a positive number, got {rho!r}")
    a, g = _numbers(a, g)
    if known(scheme) == "zoh" and rho != 1:
        x, y = a.astype(float), g.astype(float) / 2
        with np.errstate(all="ignore"):
            slow = np.where(y * y > x, -x / (y + np.sqrt(np.maximum(y * y - x, 0))), -y)
            slow = np.where((y < 0) & (y * y > x), -y + np.sqrt(np.maximum(y * y - x, 0)), slow)
            return np.exp(slow) < rho
    codes = _classified(scheme, a.ravel(), g.ravel(), rho)
    return (codes == 0).reshape(a.shape)


def oscillatory_window(a: Any, g: Any) -> np.ndarray:
    r"""Tell whether $(g - a)^2 \le 4a$, $g \ge 0$: the window of D-LinOSS, where imex has complex poles.

    It is sufficient for $|\lambda| \le 1$, not necessary, and its points with $g = 0$ do not decay.

    **Arguments:** `a`, `g`: as `stable`. **Returns:** an array of booleans.
    **Guarantee:** none: float64. **Cost:** none.

    >>> oscillatory_window([1.0, 0.1], 2.0).tolist(), stable("imex", [1.0, 0.1], 2.0).tolist()
    ([True, False], [True, True])
    """
    a, g = _numbers(a, g)
    a, g = a.astype(float), g.astype(float)
    return (g >= 0) & ((g - a) ** 2 <= 4 * a)


def known(scheme: str) -> str:
    """Give the name of a scheme back. **Raises:** `InputError` for another."""
    if scheme not in _WORDED:
        raise InputError(f"unknown scheme {scheme!r}; the schemes are {', '.join(_WORDED)}")
    return scheme


def _numbers(a: Any, g: Any) -> tuple[np.ndarray, np.ndarray]:
    arrays = []
    for name, value in (("a", a), ("g", g)):
        x = np.asarray(value)
        if x.dtype.kind not in "iufO" or (x.dtype.kind == "f" and not np.isfinite(x).all()):
            raise InputError(f"`{name}` must be finite real numbers, got {value!r:.60}")
        arrays.append(x)
    try:
        return tuple(np.broadcast_arrays(*arrays))  # type: ignore[return-value]
    except ValueError:
        shapes = " and ".join(str(x.shape) for x in arrays)
        raise InputError(f"`a` and `g` must broadcast, got {shapes}; add axes, as in `g[:, None]`") from None


def _jury(scheme: str, a: Any, g: Any, rho: Any, one: Any) -> tuple:
    """The divisor q, the step m, and the three polynomials, in the arithmetic of `a`."""
    q, m, _ = SCHEMES[scheme](a, g, one, one)
    outer, trace, det = q * q * rho * rho, q * (m[0] + m[3]) * rho, m[0] * m[3] - m[1] * m[2]
    return q, m, (outer - trace + det, outer + trace + det, outer - det)


def _classified(scheme: str, a: np.ndarray, g: np.ndarray, rho: float = 1.0) -> np.ndarray:
    """Indices into WORDS; at a `rho` other than 1 the second and third only mean: not stable."""
    if scheme == "zoh":
        a, g = np.sign(a), np.sign(g)
        settled = (a >= 0) & (g >= 0) & ((a > 0) | (g > 0))
        return np.where((a > 0) & (g > 0), 0, np.where(settled, 1, 2)).astype(int)
    codes, open_points = np.full(a.shape, 2), np.ones(a.shape, bool)
    if "O" not in (a.dtype.kind, g.dtype.kind):
        x, y = a.astype(float), g.astype(float)
        undamped = np.zeros_like(y) if scheme == "verlet" else y
        with np.errstate(all="ignore"):
            q, _, values = _jury(scheme, x, undamped, rho, np.ones_like(x))
            error = _ROUNDING * (1 + abs(x) + abs(y)) ** 4 * max(1.0, rho) ** 2
            inside = np.all([v > error for v in values], axis=0)
            outside = np.any([v < -error for v in values], axis=0)
            open_points = ~(inside | outside) | ~(q * q > error)
        open_points |= (y != 0) if scheme == "verlet" else False
        codes[inside] = 0
    for k in np.flatnonzero(open_points):
        codes[k] = _exactly(scheme, Fraction(a[k]), Fraction(g[k]), Fraction(rho))
    return codes


def _exactly(scheme: str, a: Fraction, g: Fraction, rho: Fraction) -> int:
    if scheme == "verlet" and g != 0:
        return 3
    q, m, values = _jury(scheme, a, g, rho, Fraction(1))
    if q == 0:
        return 3
    if min(values) > 0 or min(values) < 0:
        return 0 if min(values) > 0 else 2
    double = values[2] == 0 and 0 in values[:2]  # twice the same eigenvalue on the circle
    return 2 if double and (m[1] != 0 or m[2] != 0) else 1


# ------------------------------------------------------------------------------------------------- to draw
def polygons(scheme: str, box: tuple[float, float, float, float]) -> list[tuple[np.ndarray, bool]]:
    """Cut the Schur region out of a box `(a low, a high, g low, g high)`: convex polygons (k, 2), and whether
    the oscillator itself decays there."""
    if scheme == "verlet":
        return []
    low, high, bottom, top = box
    frame = np.array([[low, bottom], [high, bottom], [high, top], [low, top]], float)
    pieces = []
    for sign in (1, -1):
        region = frame
        for form in _FORMS[scheme]:
            region = _cut(region, tuple(sign * x for x in form))
        right, left = _cut(region, (1, 0, 0)), _cut(region, (-1, 0, 0))
        pieces += [(_cut(right, (0, 1, 0)), True), (_cut(right, (0, -1, 0)), False), (left, False)]
    return [(piece, decays) for piece, decays in pieces if _area(piece) > 1e-12 * _area(frame)]


def edges(scheme: str, box: tuple[float, float, float, float], points: int = 256) -> list[np.ndarray]:
    """Give the parts of the boundary lines in a box that are bounded without decay: polylines (k, 2)."""
    low, high, bottom, top = (Fraction(x) for x in box)
    between = lambda start, end: np.array([start + (end - start) * k / points for k in range(points + 1)])
    found = []
    for x, y, z in _FORMS[scheme][:3]:
        if x:
            g = between(bottom, top)
            a = -(y * g + z) / Fraction(x)
        elif y:
            a = between(low, high)
            g = 0 * a - Fraction(z, y)
        else:
            continue
        inside = (_classified(scheme, a, g) == 1) & (low <= a) & (a <= high) & (bottom <= g) & (g <= top)
        runs = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(int), [0]])))
        for i, j in zip(runs[::2], runs[1::2], strict=True):
            if j - i > 1:
                found.append(np.stack([a[i:j], g[i:j]], 1).astype(float))
    return found


def _cut(polygon: np.ndarray, form: tuple) -> np.ndarray:
    """The part of a convex polygon with xa + yg + z >= 0."""
    x, y, z = form
    side = polygon @ np.array([x, y], float) + z if len(polygon) else np.zeros(0)
    out = []
    for k in range(len(polygon)):
        j = (k + 1) % len(polygon)
        if side[k] >= 0:
            out.append(polygon[k])
        if side[k] * side[j] < 0:
            out.append(polygon[k] + side[k] / (side[k] - side[j]) * (polygon[j] - polygon[k]))
    return np.array(out).reshape(-1, 2)


def _area(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2 if len(polygon) > 2 else 0.0
