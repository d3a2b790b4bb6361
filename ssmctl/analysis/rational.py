r"""Exact linear algebra on matrices of doubles: eigenvalues, Jordan chains, spectral projections.

A matrix of doubles is $A = \hat A\,2^{-k}$ with an integer $\hat A$, whose characteristic polynomial is monic
and integer: every rational eigenvalue, and every rational quadratic factor $\lambda^2 - t\lambda + d$, is
therefore dyadic, and can be written down as an exact sum of doubles. python-flint factors the polynomial; a
check believes none of it.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from flint import fmpq, fmpq_mat, fmpz, fmpz_mat, nmod_mat
from scipy.sparse.csgraph import breadth_first_order, connected_components

PRIME = 2**61 - 1
LARGEST = 32  # order up to which characteristic polynomials are factored


def integers(A: np.ndarray) -> tuple[fmpz_mat, int]:
    r"""Write an array of doubles as $\hat A\,2^{-k}$ with the least $k$; `(A_hat, k)`."""
    rows, columns = A.shape
    ratios = [x.as_integer_ratio() for x in A.ravel().tolist()]
    low = max((d.bit_length() - 1 for a, d in ratios if a), default=0)
    if not low:  # whole numbers: the exponent may be negative
        twos = min(((a & -a).bit_length() - 1 for a, _ in ratios if a), default=0)
        return fmpz_mat(rows, columns, [a >> twos for a, _ in ratios]), -twos
    return fmpz_mat(rows, columns, [(a << low) // d for a, d in ratios]), low


def doubles(X: fmpz_mat | Sequence, exponent: int = 0) -> tuple[np.ndarray, ...] | None:
    r"""Write integers (lists, or an `fmpz_mat`) times $2^{\mathrm{exponent}}$ as a sum of float64 arrays.

    **Returns:** the parts, largest first; None where the range of a double, or 64 parts, do not suffice.
    """
    whole = np.array(X.tolist() if isinstance(X, fmpz_mat) else X, object)
    left = [int(x) for x in whole.ravel()]
    parts = []
    while any(left) or not parts:
        if len(parts) == 64:
            return None
        part = []
        for i, x in enumerate(left):
            shift = max(abs(x).bit_length() - 53, 0)
            top = (abs(x) >> shift) << shift
            top = top if x > 0 else -top
            if x and not -1074 <= shift + exponent <= 970 - 53:
                return None
            part.append(np.ldexp(float(top >> shift), shift + exponent))
            left[i] = x - top
        parts.append(np.array(part, float).reshape(whole.shape))
    return tuple(parts)


def plain(parts):
    """A sum of one array is that array."""
    return parts[0] if isinstance(parts, tuple) and len(parts) == 1 else parts


def _content(v: list) -> list:
    """Divide integers by their greatest common divisor."""
    g = fmpz(0)
    for x in v:
        g = g.gcd(x)
    return [x // g for x in v] if g else v


def nullspace(M: fmpz_mat) -> list[list]:
    """A basis of the kernel, as integer vectors without common divisors."""
    X, nullity = M.nullspace()
    columns = X.transpose().tolist()[:nullity]
    return [_content(v) for v in columns]


class Factor(NamedTuple):
    r"""A factor: `roots` [a] for $\lambda - a$, [t, d] for $\lambda^2 - t\lambda + d$ with complex roots.

    `support`: the states that the block with this factor drives; they span an invariant subspace.
    """

    roots: list[Fraction]
    support: np.ndarray

    def at(self, A: np.ndarray) -> fmpz_mat:
        """An integer multiple of q(A) on the support."""
        X, k = integers(A[np.ix_(self.support, self.support)])
        n = len(self.support)
        I = fmpz_mat(n, n, np.eye(n, dtype=int).ravel().tolist())
        whole = [int(r * Fraction(2) ** (k * i)) for i, r in enumerate(self.roots, 1)]  # a factor of A_hat
        a = [fmpz(x) for x in whole]
        return X - I * a[0] if len(a) == 1 else X * X - X * a[0] + I * a[1]

    def q(self) -> tuple[np.ndarray, ...] | None:
        """The roots as a sum of doubles."""
        k = max(r.denominator.bit_length() - 1 for r in self.roots)
        return doubles([int(r * 2**k) for r in self.roots], -k)


def reaches(roots: list[Fraction], rate: float, continuous: bool, strict: bool = False) -> bool:
    """Whether every root of the factor lies on or outside the boundary (strict: outside)."""
    if not np.isfinite(rate):
        return False
    r = Fraction(rate)
    if continuous:
        gap = roots[0] + r * len(roots)
    else:
        gap = roots[0] ** 2 - r**2 if len(roots) == 1 else roots[1] - r**2
    return gap > 0 if strict else gap >= 0


def factors(A: np.ndarray, near: Callable[[complex], bool] = lambda pole: True) -> Iterator[Factor]:
    """Give the rational factors of degree 1, and 2 with complex roots, of the characteristic polynomial.

    The graph of `A` is cut into strongly connected blocks. In a block of more than `LARGEST` states only
    short dyadic numbers near its eigenvalues are tried. `near` says of an eigenvalue in float64 whether it
    matters.
    """
    if not len(A):
        return
    count, label = connected_components(A.T != 0, directed=True, connection="strong")
    for b in range(count):
        block = np.flatnonzero(label == b)
        poles = list(filter(near, np.linalg.eigvals(A[np.ix_(block, block)])))
        if not poles:
            continue
        order = breadth_first_order(A.T != 0, block[0], return_predecessors=False)
        support = np.unique(np.append(order, block))
        X, k = integers(A[np.ix_(block, block)])
        found = _factored(X, k) if len(block) <= LARGEST else _recognised(X, k, poles)
        for roots in found:
            yield Factor(roots, support)


def _factored(X: fmpz_mat, k: int) -> Iterator[list[Fraction]]:
    scale = Fraction(2) ** -k
    for poly, _ in sorted(X.charpoly().factor()[1], key=lambda f: f[0].degree()):
        c = [int(x) for x in poly.coeffs()]
        if len(c) == 2:
            yield [-c[0] * scale]
        elif len(c) == 3 and c[1] ** 2 < 4 * c[0]:
            yield [-c[1] * scale, c[0] * scale**2]


def _recognised(X: fmpz_mat, k: int, poles: list[complex]) -> Iterator[list[Fraction]]:
    """Short dyadic eigenvalues and pairs, tested modulo a prime."""
    n, seen = X.nrows(), set()
    I = nmod_mat(n, n, np.eye(n, dtype=int).ravel().tolist(), PRIME)
    Y = nmod_mat(n, n, [int(x) % PRIME for x in X.entries()], PRIME)
    two = pow(2, k, PRIME)
    residue = lambda r, power: r.numerator * pow(r.denominator, -1, PRIME) * pow(two, power, PRIME) % PRIME
    for pole in poles:
        for bits in (0, 4, 12):
            short = lambda x, bits=bits: Fraction(round(float(x) * 2**bits), 2**bits)
            small = abs(pole.imag) <= 1e-6 * max(abs(pole), 1)
            roots = [short(pole.real)] if small else [short(2 * pole.real), short(abs(pole) ** 2)]
            if tuple(roots) in seen:
                continue
            seen.add(tuple(roots))
            t = residue(roots[0], 1)
            M = Y - I * t if len(roots) == 1 else Y * Y - Y * t + I * residue(roots[1], 2)
            if M.rank() < n and (len(roots) == 1 or roots[0] ** 2 < 4 * roots[1]):
                yield roots


def eigenvector(A: np.ndarray, factor: Factor, chain: bool = False) -> tuple[np.ndarray, ...] | None:
    r"""Find $v \ne 0$ with $q(A)v = 0$; for a `chain`, $q(A)^2 v = 0 \ne q(A)v$. An exact sum of doubles, or
    None."""
    M = factor.at(A)
    for v in nullspace(M * M if chain else M):
        column = fmpz_mat(len(v), 1, v)
        if chain and not any(x != 0 for x in (M * column).entries()):
            continue
        top = max(abs(int(x)).bit_length() for x in v)
        parts = doubles(v, -max(top - 900, 0))
        if parts is not None:
            full = [np.zeros(len(A)) for _ in parts]
            for x, part in zip(full, parts, strict=True):
                x[factor.support] = part
            return tuple(full)
    return None


def fractions(A: np.ndarray) -> fmpq_mat:
    """The exact rational matrix of an array of doubles."""
    X, k = integers(A)
    return fmpq_mat(X) * fmpq(2) ** -k


def whole(X: fmpq_mat) -> tuple[fmpz_mat, fmpz]:
    """Integers and the common denominator."""
    return X.numer_denom()


def projection(M: fmpz_mat) -> fmpq_mat | None:
    r"""The spectral projection onto $\ker M$ along $\mathrm{im}\,M$; None where they meet: 0 is not
    semisimple."""
    right, left = nullspace(M), nullspace(M.transpose())
    if not right or len(right) != len(left):
        return None
    N, L = fmpq_mat(fmpz_mat(right)).transpose(), fmpq_mat(fmpz_mat(left))
    try:
        return N * (L * N).inv() * L
    except ZeroDivisionError:
        return None


def to_float(X: fmpq_mat) -> np.ndarray:
    """The nearest doubles."""
    return np.array([int(x.p) / int(x.q) for x in X.entries()], float).reshape(X.nrows(), X.ncols())
