r"""Eigenvalues in rigorous discs: isolated roots of the exact characteristic polynomial, or ball arithmetic.

The discs are proved, as far as FLINT is right; nothing else in this floor is.
"""

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpq, fmpz_mat, fmpz_poly

from ssmctl.analysis.balls import lift, precision
from ssmctl.analysis.equations import balance
from ssmctl.certificates.schemes import SCHEMES


class Disc(NamedTuple):
    """A closed disc of the complex plane; `isolated`: no other disc of its list meets it."""

    centre: complex
    radius: float
    isolated: bool


def _above(x: arb) -> float:
    """A float that is no less than any number of the ball `x` >= 0; 0 only for an exact 0."""
    bound = x.upper()
    return 0.0 if bound == 0 else float(np.nextafter(float(bound), np.inf))


def eigenvalues(A: np.ndarray, prec: int = 128) -> list[Disc]:
    r"""Enclose the spectrum of a real or complex `A` in discs.

    Real `A`: the roots of the exact characteristic polynomial, isolated by FLINT with their multiplicities,
    so that defective matrices are no harder than others. Complex or large `A`: ball eigenvalues, singly or in
    clusters; else the roots, of a complex `A` the 2n of its real embedding (all `isolated=False`).
    Failing all: one disc of radius $\min(\lVert A \rVert_1, \lVert A \rVert_\infty)$, n times.

    **Returns:** `(centre, radius, isolated)`, n by multiplicity; an isolated disc holds one eigenvalue.
    **Raises:** `ValueError` when an entry is not finite.
    **Guarantee:** the union of the discs contains the spectrum, if FLINT's root isolation and `acb_mat_eig`
    are correct. **Cost:** $O(n^3)$ and more: 0.02 s at $n = 50$, 0.3 s at $n = 100$, 9 s at $n = 200$.

    >>> eigenvalues(np.array([[0.5, 1.0], [0.0, 0.5]]))
    [Disc(centre=(0.5+0j), radius=0.0, isolated=False), Disc(centre=(0.5+0j), radius=0.0, isolated=False)]
    """
    A = np.asarray(A)
    real, imag = np.real(A).astype(float), np.imag(A).astype(float)
    n, is_complex = len(A), bool(imag.any())
    if not np.isfinite(A).all():
        raise ValueError("`A` must be finite; remove the infinite or NaN entries")
    with precision(prec):
        form = np.block([[real, -imag], [imag, real]]) if is_complex else real
        tries = [lambda: _roots(form), lambda: _balls(A.astype(complex), prec, False),
                 lambda: _balls(A.astype(complex), 2 * prec, True)]
        if is_complex:
            tries = tries[1:] + tries[:1]
        elif n > 120:  # a long polynomial: only where the balls cannot be separated
            tries = [tries[1], tries[0], tries[2]]
        values = next(filter(lambda v: v is not None, (search() for search in tries)), None)
        if values is None:
            bound = min(np.abs(A).sum(0).max(), np.abs(A).sum(1).max())
            return [Disc(0j, float(bound * (1 + 1e-10) + 1e-300), False)] * n
        z = [complex(value.mid()) for value in values]
        r = [_above(abs(value - acb(centre))) for value, centre in zip(values, z, strict=True)]
    return _listed(z, r, len(z) == n)


def of_oscillators(subject: Any, prec: int = 128) -> list[Disc]:
    r"""Enclose the eigenvalues of one step of oscillators, from stiffness, damping and step: two of each.

    The roots of $c_0w^2 - c_1w + c_2$ in integers; for zoh $\exp(dt\,(-G/2 \pm \sqrt{G^2/4 - A}))$ in balls.
    Complex states have each of them twice.

    **Arguments:** `subject`: an `OscillatorSubject`; `prec`: bits. **Returns, Guarantee:** as `eigenvalues`.
    **Cost:** some 20 microseconds each.
    """
    values = []
    with precision(prec):
        stored = (map(Fraction, x.tolist()) for x in (subject.stiffness, subject.damping, subject.steps))
        for A, G, h in zip(*stored, strict=True):
            if subject.scheme == "zoh":
                ball = lambda x: arb(fmpq(x.numerator, x.denominator))
                middle, spread = ball(-G * h / 2), (G * G / 4 - A) * h * h
                root = ball(abs(spread)).sqrt()
                roots = [acb(middle + s * root) if spread >= 0 else acb(middle, s * root) for s in (-1, 1)]
                values += [root.exp() for root in roots]
            else:
                q, m, _ = SCHEMES[subject.scheme](A, G, h, Fraction(1))
                coefficients = [m[0] * m[3] - m[1] * m[2], -q * (m[0] + m[3]), q * q]
                scale = math.lcm(*(x.denominator for x in coefficients))
                roots: Any = fmpz_poly([int(x * scale) for x in coefficients]).complex_roots()
                values += [root for root, multiplicity in roots for _ in range(multiplicity)]
        values = [value for value in values for _ in range(2 if np.iscomplexobj(subject.B) else 1)]
        z = [complex(value.mid()) for value in values]
        r = [_above(abs(value - acb(centre))) for value, centre in zip(values, z, strict=True)]
    return _listed(z, r, True)


def _listed(z: list[complex], r: list[float], complete: bool) -> list[Disc]:
    centre, radius = np.array(z), np.array(r)
    with np.errstate(over="ignore"):
        gap = np.abs(centre[:, None] - centre) * (1 - 1e-14) - (radius[:, None] + radius) * (1 + 1e-14)
    np.fill_diagonal(gap, 1.0)
    return [Disc(c, x, complete and bool((row > 0).all())) for c, x, row in zip(z, r, gap, strict=True)]


def _roots(A: np.ndarray) -> list[acb] | None:
    """Roots of the characteristic polynomial in balls, by multiplicity; None when its integers are long."""
    n = len(A)
    if n == 0:
        return []
    s = 1 / balance(A)
    balanced = A * s / s[:, None]
    if np.array_equal(balanced * s[:, None] / s, A):  # else a power of two under- or overflowed
        A = balanced
    mantissa, exponent = np.frexp(A)
    low = int(exponent[A != 0].min(initial=1024)) - 53
    if (int(exponent[A != 0].max(initial=low)) - low) * n > 60_000:
        return None
    shifts = np.where(A != 0, exponent - 53 - low, 0)
    rows = [[int(m) << k for m, k in zip(*line, strict=True)]
            for line in zip((mantissa * 2.0**53).tolist(), shifts.tolist(), strict=True)]
    roots: Any = fmpz_mat(rows).charpoly().complex_roots()
    return [root * arb(2) ** low for root, multiplicity in roots for _ in range(multiplicity)]


def _balls(A: np.ndarray, prec: int, multiple: bool) -> list[acb] | None:
    """Ball eigenvalues, equal ones as clusters if `multiple`; None when that does not separate them."""
    with ctx.workprec(prec):
        try:
            return lift(A, acb_mat).eig(multiple=multiple)
        except ValueError:
            return None
