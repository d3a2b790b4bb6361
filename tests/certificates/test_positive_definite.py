"""Small integer matrices against all their principal minors; then scales and margins that no float has."""

import itertools
import math

import pytest

from ssmctl.certificates.exact import Matrix, Refused


def determinant(M):
    if not M:
        return 1
    return sum(
        (-1) ** j * M[0][j] * determinant([row[:j] + row[j + 1 :] for row in M[1:]]) for j in range(len(M))
    )


def minors(M):
    """Give (all leading minors, all principal minors)."""
    n, part = len(M), lambda I: determinant([[M[i][j] for j in I] for i in I])
    every = [I for k in range(1, n + 1) for I in itertools.combinations(range(n), k)]
    return [part(range(k)) for k in range(1, n + 1)], [part(I) for I in every]


def square(M, exponent=0):
    return Matrix([list(row) for row in M], (len(M), len(M)), exponent)


def symmetric(n, values):
    places = [(i, j) for i in range(n) for j in range(i + 1)]
    for entries in itertools.product(values, repeat=len(places)):
        at = dict(zip(places, entries, strict=True))
        yield [[at[max(i, j), min(i, j)] for j in range(n)] for i in range(n)]


@pytest.mark.parametrize(
    ("n", "values"), [(0, [0]), (1, range(-2, 3)), (2, range(-3, 4)), (3, [-1, 0, 1, 2])]
)
def test_every_small_matrix(n, values):
    for M in symmetric(n, values):
        leading, principal = minors(M)
        assert square(M).positive() == all(x > 0 for x in leading)
        assert square(M).nonnegative() == all(x >= 0 for x in principal)


def test_rank_deficient_of_order_four():
    """Gram matrices of integer vectors are semidefinite whatever their rank; one unit less may not be."""
    for seed in range(200):
        rows = [
            [(seed * 7 + 3 * i * i + 5 * i * j + j * seed) % 5 - 2 for j in range(1 + seed % 3)]
            for i in range(4)
        ]
        G = [[sum(x * y for x, y in zip(a, b, strict=True)) for b in rows] for a in rows]
        assert square(G).nonnegative()
        assert not square(G).positive()  # the rank is at most 3
        below = [[x - (i == j == seed % 4) for j, x in enumerate(row)] for i, row in enumerate(G)]
        assert square(below).nonnegative() == all(x >= 0 for x in minors(below)[1])


def test_scales():
    """Scaling rows and columns by powers of two, and everything by one more, changes no answer."""
    for M in symmetric(3, [-1, 1, 2]):
        for exponent, k in ((0, (0, 400, 7)), (-1000, (300, 0, 1)), (900, (1, 2, 3))):
            scaled = [[x << (k[i] + k[j]) for j, x in enumerate(row)] for i, row in enumerate(M)]
            assert square(scaled, exponent).positive() == square(M).positive()
            assert square(scaled, exponent).nonnegative() == square(M).nonnegative()


@pytest.mark.parametrize("k", [10, 53, 100, 105])
def test_margins(k):
    one = 1 << k
    assert square([[one, one - 1], [one - 1, one]]).positive()
    assert not square([[one, one], [one, one]]).positive()
    assert not square([[one, one + 1], [one + 1, one]]).positive()


def test_the_boundary_is_decided():
    huge = 1 << 3000
    assert square([[huge, huge], [huge, huge]]).nonnegative()
    assert not square([[huge, huge], [huge, huge - 1]]).nonnegative()
    assert not square([[0, 1], [1, huge]]).nonnegative()
    assert square([[0, 0], [0, 0]]).nonnegative()


def test_hilbert():
    n = 12
    scale = math.lcm(*range(1, 2 * n))
    H = [[scale // (i + j + 1) for j in range(n)] for i in range(n)]
    assert square(H).positive()  # condition number 1e16
    H[0][0] -= (
        scale // n**2
    )  # 1/(H^-1)_00 is 1/n^2: now singular to within the floor, and below with one more
    assert not square(H).positive() or scale % n**2
    H[0][0] -= 1
    assert not square(H).nonnegative()


def test_only_symmetric_matrices():
    for M in ([[1, 1], [0, 1]], [[1, 0], [1, 1]]):
        for question in (square(M).positive, square(M).nonnegative):
            with pytest.raises(Refused, match="symmetric"):
                question()
    with pytest.raises(Refused, match="shape"):
        Matrix([[1, 2]], (2, 1))
    with pytest.raises(Refused, match="shapes"):
        _ = square([[1]]) @ square([])
