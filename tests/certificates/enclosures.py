"""What the enclosing arithmetic of a checker has to do: contain the truth, stay narrow, be exact when it can.

Every operation is tried on matrices drawn from inside, corners included, in fractions.
"""

import itertools
import math
from fractions import Fraction as F
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx, fmpq


def value(M):
    """A `Matrix` as lists of fractions."""
    return [[F(x) * F(2) ** M.exponent for x in row] for row in M.rows]


def flat(P):
    return list(itertools.chain.from_iterable(P))


def both(f, P, Q):
    return [list(map(f, p, q)) for p, q in zip(P, Q, strict=True)]


def each(f, P):
    return [list(map(f, p)) for p in P]


def dot(P, Q, width):
    return [[sum((row[k] * Q[k][j] for k in range(len(Q))), F(0)) for j in range(width)] for row in P]


def turned(P, width):
    return [[row[j] for row in P] for j in range(width)]


def inside(E, X):
    """Whether a matrix of fractions lies in an enclosure."""
    mid, rad = value(E.mid), value(E.radius())
    if len(mid) != len(X) or any(len(a) != len(b) for a, b in zip(mid, X, strict=True)):
        return False
    cells = zip(flat(X), flat(mid), flat(rad), strict=True)
    return all(abs(x - m) <= r for x, m, r in cells)


def members(rng, E):
    """Some matrices inside, most of their entries at an end; symmetric if the enclosure is."""
    mid, rad = value(E.mid), value(E.radius())
    r, c = E.shape
    for _ in range(4):
        s = [[F(int(rng.choice([-4, 4, 4, -4, 1]))) / 4 for _ in range(c)] for _ in range(r)]
        if E.symmetric():
            s = [[s[max(i, j)][min(i, j)] for j in range(c)] for i in range(r)]
        yield [[mid[i][j] + s[i][j] * rad[i][j] for j in range(c)] for i in range(r)]


def width(E):
    return max(flat(value(E.radius())), default=F(0))


def enclosures(module):
    """Yield what is wrong with `Enclosed`, `upward` and the reading of exact numbers into it."""
    Matrix, Enclosed, rng = module.Matrix, module.Enclosed, np.random.default_rng(4)

    share = 0.75  # of the matrices that are not exact

    def matrix(r, c, low=-9, symmetric=False):
        M = rng.integers(low, 10, (r, c))
        M = np.tril(M) + np.tril(M, -1).T if symmetric else M
        return Matrix(M.tolist(), (r, c), int(rng.integers(-3, 3)))

    def draw(r, c, symmetric=False):
        rad = matrix(r, c, 0, symmetric) if rng.random() < share else None
        if rad is not None:
            rad = Matrix(rad.rows, rad.shape, rad.exponent - 3)
        return Enclosed(matrix(r, c, symmetric=symmetric), rad)

    for r, m, c in [(2, 3, 2), (1, 1, 1), (3, 2, 1), (2, 2, 2)] * 6 + [(0, 2, 1), (2, 0, 2), (1, 2, 0)]:
        share = rng.choice([0, 0.75, 0.75, 1])
        given = draw(r, m), draw(r, m), draw(m, c), draw(1, 1), draw(m, m, True)
        exact = not any(E.rad for E in given)
        for name, found, truth in operations(Enclosed, *given):
            for one in zip(*(members(rng, E) for E in given), strict=True):
                if not inside(found, truth(*one)):
                    yield f"{name} loses what is inside"
            if exact and found.rad is not None and not name.startswith("divided"):
                yield f"{name} of exact matrices is not exact"
        A, _, X, *_ = given
        if (A @ X).shape != (r, c) or A.shape != (r, m):
            yield "shape"
        cut = A.rounded(2, 3)
        pairs = zip(flat(value(A.mid)), flat(value(cut.mid)), strict=True)
        if cut.rad is not None or any(abs(p - 3 * q) > F(3, 2) for p, q in pairs):
            yield "rounded"
        if r and m:
            low, high = A.size()
            cells = zip(*(flat(value(M)) for M in (A.mid, low, high, A.radius())), strict=True)
            if not all(abs(a) <= x and abs(a) + d <= y for a, x, y, d in cells):
                yield "size"
    yield from narrow(module)
    yield from definite(module, rng)
    yield from columns(module, rng)


def operations(Enclosed, A, B, X, s, S):
    """Give (name, result, what it is of members a, b, x, t, y) for all operations."""
    (r, m), c = A.shape, X.shape[1]
    over = lambda k: lambda a, *_: each(lambda p: p / k, a)
    found: list[tuple[str, Any, Any]] = [
        ("+", A + B, lambda a, b, *_: both(F.__add__, a, b)),
        ("-", A - B, lambda a, b, *_: both(F.__sub__, a, b)),
        ("neg", -A, lambda a, *_: each(F.__neg__, a)),
        ("@", A @ X, lambda a, b, x, *_: dot(a, x, c)),
        ("T", A.T, lambda a, *_: turned(a, m)),
        ("times", A.times(s), lambda a, b, x, t, y: each(lambda p: p * t[0][0], a)),
        ("abs", A.abs(), lambda a, *_: each(abs, a)),
        ("congruence", S.congruence(X), lambda a, b, x, t, y: dot(turned(x, c), dot(y, x, c), c)),
        *((f"divided {k}", A.divided(3, k), over(k)) for k in (1, 2, 7)),
        ("exactly", Enclosed.exactly(lambda p, q: p + q, A, B), lambda a, b, *_: both(F.__add__, a, b)),
        (
            "row",
            Enclosed.block([[A, B]]),
            lambda a, b, *_: both(list.__add__, [a], [b])[0],
        ),
        ("column of blocks", Enclosed.block([[A], [B]]), lambda a, b, *_: a + b),
        (
            "block",
            Enclosed.block([[A, B], [B, A]]),
            lambda a, b, *_: both(list.__add__, [a], [b])[0] + both(list.__add__, [b], [a])[0],
        ),
    ]
    if r and m:
        found += [
            ("entry", A.entry(r - 1, 0), lambda a, *_: [[a[r - 1][0]]]),
            ("column", A.column(m - 1), lambda a, *_: [[row[m - 1]] for row in a]),
            (
                "diagonal",
                Enclosed.diagonal(A.column(0)),
                lambda a, *_: [[a[i][0] * (i == j) for j in range(r)] for i in range(r)],
            ),
        ]
    return found


def narrow(module):
    """Bounds that grow for nothing would prove nothing: to first order they are sharp."""
    Matrix, Enclosed = module.Matrix, module.Enclosed
    for sign in 1, -1:
        fine = lambda x, e=0, sign=sign: Enclosed(
            Matrix([[sign * x]], (1, 1)), Matrix([[1]], (1, 1), -200 - e)
        )
        X, Y = fine(3), fine(5, 1)
        unit, few = F(2) ** -200, F(101, 100)
        sharp = [
            (X + Y, F(3, 2)),
            (X - Y, F(3, 2)),
            (X @ Y, 5 + F(3, 2)),
            (X.times(Y), 5 + F(3, 2)),
            (X.congruence(Y), 25 + F(30, 2)),
            (Enclosed.number(3).congruence(X), 18),
            (X.congruence(Enclosed.number(3)), 9),
            (X @ Enclosed.number(7), 7),
            (Enclosed.number(7) @ X, 7),
            (X.times(Enclosed.number(7)), 7),
            (Enclosed.number(7).times(X), 7),
            (X.abs(), 1),
        ]
        for k, (found, most) in enumerate(sharp):
            if not unit * most <= width(found) <= unit * most * few:
                yield f"width {k}"
        for k, (bits, divisor) in enumerate(itertools.product((150, 250), (1, 3))):
            more = 6 * F(2) ** -bits
            if not width(X) / divisor <= width(X.divided(bits, divisor)) <= width(X) / divisor + more:
                yield f"width of a quotient {k}"
    for rows in [[0]], [[1, 2**64 - 1]], [[2**64, 1, 0]], [[2**300 + 1, 2**236, 2**237 - 1, 5, 0]], [[]]:
        M = Matrix(rows, (1, len(rows[0])), -7)
        up = module.upward(M)
        top = max(flat(value(M)), default=F(0))
        for x, y in zip(flat(value(M)), flat(value(up)), strict=True):
            if not x <= y <= x + top / 2**60 or (x == 0 and y):
                yield "upward"
        if max((x.bit_length() for row in up.rows for x in row), default=0) > 65:
            yield "upward keeps all digits"
        if top < 2**57 and value(up) != value(M):
            yield "upward of few digits"
    skew = module.upward(Matrix([[0, 2**99 + 5], [2**99 + 5, 3]], (2, 2)))
    if not skew.symmetric():
        yield "upward is not symmetric"


def definite(module, rng):
    """Yield where an enclosure counts as definite although a matrix inside is not, or too seldom."""
    Matrix, Enclosed = module.Matrix, module.Enclosed
    one = Matrix([[1] * 2] * 2, (2, 2))
    for d, yes, zero in (
        (5, True, False),
        (4, False, True),
        (3, False, False),
    ):  # [[d, 0], [0, d]], all within 2
        E = Enclosed(Matrix([[d, 0], [0, d]], (2, 2)), Matrix([[2, 2], [2, 2]], (2, 2)))
        if E.positive() != yes or E.nonnegative() != (yes or zero):
            yield "definite"
        if value(E.least()) != [[d - 4, 0], [0, d - 4]]:
            yield "least"
    bare = Enclosed(Matrix([[1, 1], [1, 1]], (2, 2)))
    if bare.positive() or not bare.nonnegative() or bare.least() is not bare.mid:
        yield "least of an exact matrix"
    for E, good in (
        (Enclosed(one, one), True),
        (Enclosed(Matrix([[1, 2], [1, 1]], (2, 2)), one), False),
        (Enclosed(one, Matrix([[1, 2], [1, 1]], (2, 2))), False),
        (Enclosed(Matrix([[1, 2]], (1, 2))), False),
    ):
        if E.symmetric() != good:
            yield "symmetric"
        if not good:
            for decide in (E.positive, E.nonnegative, E.least):
                try:
                    decide()
                except module.Refused:
                    continue
                yield "a matrix that is not symmetric is decided"
    nothing = Enclosed.zeros(2, 1)
    if not nothing.zero() or nothing.shape != (2, 1) or Enclosed(one).zero():
        yield "zero"
    if Enclosed(Matrix.zeros(2, 2), one).zero() or Enclosed(Matrix.zeros(2, 2), Matrix.zeros(2, 2)).zero():
        yield "zero is not sure"
    if value(Enclosed.eye(2).mid) != [[1, 0], [0, 1]] or value(Enclosed.number(-3).mid) != [[-3]]:
        yield "eye or number"
    if Enclosed.eye(2).rad or Enclosed.zeros(1, 1).rad or Enclosed.number(2).rad:
        yield "constants are exact"


def columns(module, rng):
    """Yield where `between` loses a value, loses digits, or is not exact although it could be."""
    draws = [
        [(F(1, 3), F(0)), (F(-7, 5), F(0))],
        [(F(1, 3) / 2**900, F(0)), (F(10) ** 40, F(0))],
        [(F(1, 3), F(1, 10**30)), (F(0), F(1, 7))],
        [(F(3, 4), F(1, 2**20)), (F(5, 8), F(0))],
        [(F(0), F(0)), (F(-1, 3), F(0))],
        [(F(0), F(1, 3**200))],
        [(F(10) ** 40, F(0)), (F(1, 3) / 2**900, F(0))],
        [(F(1, 2), F(0)), (F(1, 3), F(0)), (F(-1), F(0))],
        [],
    ]
    for pairs, bits in itertools.product(draws, (0, 1, 40)):
        E = module.Enclosed.between(pairs, bits)
        for end in -1, 1:
            if not inside(E, [[x + end * e] for x, e in pairs]):
                yield "between loses a value"
        rads = value(E.radius())
        for (x, e), (rad,) in zip(pairs, rads, strict=True):
            if e == 0 and x and x.denominator & (x.denominator - 1) == 0 and rad and bits >= 3:
                yield "between: a dyadic entry is not exact"
            if x and rad > e + abs(x) * 4 / 2**bits:
                yield "between loses digits"
    for numbers in [F(3, 2**70), F(-(2**90)), F(0)], [F(1, 8)], [F(7)], [F(0)], []:
        E = module.Enclosed.between([(x, 0) for x in numbers], 5)
        if E.rad is not None or value(E.mid) != [[x] for x in numbers]:
            yield "between: dyadic numbers are exact"
        if E.shape != (len(numbers), 1):
            yield "between: shape"


def exponentials(module, draws=None):
    """Yield (A, G, h) for which `held` loses the truth, or encloses it too widely."""
    before, ctx.prec = ctx.prec, 8000
    ball = lambda x: arb(fmpq(x.numerator, x.denominator))
    try:
        for A, G, h in EXPONENTIALS if draws is None else draws:
            A, G, h = map(F, (A, G, h))
            E = arb_mat(3, 3, [ball(x) for x in (-G * h, -A * h, h, h, *[F(0)] * 5)]).exp()
            places = (0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (1, 2)
            found = module.held(A, G, h)
            size = max(abs(x) for x, _ in found)
            for (x, rad), at in zip(found, places, strict=True):
                if not abs(E[at] - ball(x)) <= ball(rad):
                    yield f"{float(A)}, {float(G)}, {float(h)}: outside at {at}"
                if not rad <= size / 2**300:
                    yield f"{float(A)}, {float(G)}, {float(h)}: wide"
    finally:
        ctx.prec = before


EXPONENTIALS = [
    *((a, g, 1.0) for a in (-1.0, 0.0, 1.0, 4.0) for g in (-1.0, 0.0, 2.0, 4.0)),
    (math.pi**2, 0.0, 1.0),
    (math.pi**2 / 4, 0.0, 2.0),
    (1e6, 1.0, 0.125),
    (1.0, 1e5, 0.01),
    (1e-9, 1e-7, 50.0),
    (100.0, 20.0, 3.0),
    (3.0, 0.1, 2.0**-300),
    (5e-324, 5e-324, 1.0),
    (1.0, 1.0, 5e-324),
    (0.0, 0.0, 2.0**40),
    (-3.0, 0.5, 7.0),
    (-0.25, -0.25, 9.0),
]
