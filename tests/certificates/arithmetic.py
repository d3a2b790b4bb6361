"""What the arithmetic of a checker has to be: exact in `Matrix`, within its proved bounds in `Ball`."""

import itertools
from fractions import Fraction as F

import numpy as np

from ssmctl.certificates import exact

u = F(1, 2**53)


def answer(prove, *args, of=exact):
    """Give "yes", "no" or "malformed"; anything else that is raised is for the caller."""
    try:
        prove(*args)
    except of.Malformed:
        return "malformed"
    except of.Refused:
        return "no"
    return "yes"


def holds(decide):
    """Give a decision; a refusal counts as no."""
    try:
        return decide()
    except exact.Refused:
        return False


# ---------------------------------------------------------------------------------------- integer matrices
def algebra(module):
    """Yield what is wrong with the operations of `Matrix`, and of its tests when they are made coarse."""
    Matrix, rng = module.Matrix, np.random.default_rng(3)
    value = lambda M: [[F(x) * F(2) ** M.exponent for x in row] for row in M.rows]
    draw = lambda r, c: Matrix(rng.integers(-9, 10, (r, c)).tolist(), (r, c), int(rng.integers(-5, 5)))
    A, B, X, s = draw(3, 2), draw(3, 2), draw(2, 4), draw(1, 1)
    a, b, x, t = map(value, (A, B, X, s))
    dot = lambda P, Q: [[sum(map(F.__mul__, row, c), F(0)) for c in zip(*Q, strict=True)] for row in P]
    both = lambda f: [[f(*p) for p in zip(*rows, strict=True)] for rows in zip(a, b, strict=True)]
    S = A @ A.T
    right = [
        (A + B, both(lambda p, q: p + q)),
        (A - B, both(lambda p, q: p - q)),
        (-A, [[-p for p in row] for row in a]),
        (A @ X, dot(a, x)),
        (A.T, [list(c) for c in zip(*a, strict=True)]),
        (A.times(s), [[p * t[0][0] for p in row] for row in a]),
        (A.abs(), [[abs(p) for p in row] for row in a]),
        (A.column(1), [[row[1]] for row in a]),
        (A.entry(2, 1), [[a[2][1]]]),
        (Matrix.diagonal(A.column(1)), [[a[i][1] * (i == j) for j in range(3)] for i in range(3)]),
        (
            Matrix.block([[A, B], [B, A]]),
            [p + q for p, q in zip(a, b, strict=True)] + [q + p for p, q in zip(a, b, strict=True)],
        ),
        (S.congruence(B), dot(list(map(list, zip(*b, strict=True))), dot(value(S), b))),
        (Matrix.eye(2), [[1, 0], [0, 1]]),
        (Matrix.zeros(1, 2), [[0, 0]]),
        (Matrix.number(3), [[3]]),
    ]
    for k, (found, truth) in enumerate(right):
        if value(found) != truth or found.shape != (len(truth), len(truth[0])):
            yield f"algebra {k}"
    for bits, divisor in itertools.product((0, 1, 8), (1, 3)):
        cut = A.rounded(bits, divisor)
        if any(
            abs(p - q * divisor) > divisor * F(1, 2**bits)
            for ps, qs in zip(a, value(cut), strict=True)
            for p, q in zip(ps, qs, strict=True)
        ):
            yield "rounded"
    e, skew = Matrix.eye(2), Matrix([[2, 1], [0, 2]], (2, 2))
    bad = [
        lambda: A + X,
        lambda: A @ B,
        lambda: A.times(e),
        lambda: e.congruence(A),
        lambda: skew.congruence(e),
        lambda: A.congruence(A),
        lambda: Matrix.block([[A, B], [B, e]]),
        lambda: Matrix.block([[A, X]]),
        lambda: Matrix.block([[e], [Matrix.eye(3)]]),
        lambda: Matrix([[1]], (1, 2)),
        lambda: Matrix([[1]], (2, 1)),
        lambda: Matrix([[1, 2], [3]], (2, 2)),
        lambda: Matrix([[1], [2, 3]], (2, 2)),
        lambda: skew.positive(),
        lambda: A.positive(),
        lambda: skew.nonnegative(),
    ]
    for k, attempt in enumerate(bad):
        try:
            attempt()
        except module.Refused:
            continue
        yield f"guard {k}"
    for M, answer in (
        (e, True),
        (skew, False),
        (A, False),
        (Matrix([[1, 2, 3]], (1, 3)), False),
        (Matrix([], (0, 0)), True),
        (Matrix([[1, 2, 0], [2, 1, 0], [1, 0, 1]], (3, 3)), False),
        (Matrix([[1, 2, 1], [2, 1, 0], [1, 1, 1]], (3, 3)), False),
    ):
        if M.symmetric() != answer:
            yield "symmetric"
    if (
        not Matrix.zeros(2, 2).zero()
        or Matrix([[0, 0], [0, 1]], (2, 2)).zero()
        or Matrix([[0, 1], [0, 0]], (2, 2)).zero()
        or e.zero()
    ):
        yield "zero"
    fine = Matrix([[2**300, 2**300], [2**300, 2**300 + 1]], (2, 2))
    if not fine.nonnegative() or Matrix([[2**300, 2**300], [2**300, 2**300 - 1]], (2, 2)).nonnegative():
        yield "finer than 110 bits"
    for _ in range(800):  # a coarse factor must not prove too much: it is the residual that decides
        n = int(rng.integers(2, 5))
        V = rng.integers(-9, 10, (n, n - 1))
        M = V @ V.T * 2 ** int(rng.choice([0, 3, 12])) - int(rng.integers(0, 2)) * np.eye(n, dtype=int)
        E = Matrix(M.tolist(), (n, n), 0)
        if any(E.positive(bits, shift) for bits, shift in ((1, 2), (3, 6), (4, 7), (6, 12))):
            yield "coarse"


# ---------------------------------------------------------------------------------------- balls
def balls(rng):
    """Yield operands (A, Ra, B, Rb, X, Rx): A and B of one shape, X to be multiplied from the right."""
    for k in range(60):
        r, c, d = (int(x) for x in rng.integers(0 if k % 5 == 0 else 1, 6, 3))
        shapes = (r, c), (r, c), (c, d)
        for spread in (0, 30):
            draw = lambda shape, s=spread: rng.standard_normal(shape) * 2.0 ** rng.integers(-s, s + 1, shape)
            yield [
                X
                for shape in shapes
                for X in (draw(shape), np.abs(draw(shape)) * 2.0**-48 * (rng.random() < 0.6))
            ]
    one = np.array([[1 + 2.0**-52]])
    yield one, 0 * one, one * (1 - 2.0**-53), 0 * one, one, 0 * one
    long = rng.standard_normal((1, 200)), rng.standard_normal((200, 24))
    yield long[0], 0 * long[0], long[0], 0 * long[0], long[1], np.abs(long[1]) * 1e-9
    yield long[0], np.abs(long[0]) * 1e-9, long[0], 0 * long[0], long[1], 0 * long[1]
    large, small = np.array([[2.0**200]]), np.array([[2.0**-1050]])
    yield large, 0 * large, large, 0 * large, small, 0 * small
    tiny = np.array([[2.0**-600, 2.0**-700]])
    yield tiny, 0 * tiny, tiny, 0 * tiny, tiny.T, 0 * tiny.T


def bounds(module, operands):
    """Yield what is wrong with the radius of a result: below the theorem's bound, or far above it."""
    table = lambda X: np.vectorize(F, otypes=[object])(X) if X.size else X.astype(object)
    ball = lambda X, R: module.Ball(X, R if R.any() else None)
    least, most = F(2) ** -1020, F(2) ** -900

    def wrong(result, low, k=1):
        rad = table(result.radius())
        low = table(np.zeros(result.shape)) + low
        return (
            bool(((rad < low + k * least) | (rad > low * F(10001, 10000) + k * most)).any())
            if rad.size
            else False
        )

    for A, Ra, B, Rb, X, Rx in operands:
        a, b, x = ball(A, Ra), ball(B, Rb), ball(X, Rx)
        fA, fRa, fRb, fX, fRx = map(table, (np.abs(A), Ra, Rb, np.abs(X), Rx))
        total, k = a + b, A.shape[1]
        if wrong(total, u * table(np.abs(total.mid)) + fRa + fRb) or (total.mid != A + B).any():
            yield "sum"
        if wrong(a - b, u * table(np.abs((a - b).mid)) + fRa + fRb) or ((a - b).mid != A - B).any():
            yield "difference"
        dot = lambda P, Q: P @ Q if P.shape[1] else np.full((P.shape[0], Q.shape[1]), F(0), object)
        product = a @ x
        gamma = k * u / (1 - k * u)
        extra = (k + sum(abs(t) for t in fA.ravel())) if A.size else k
        if wrong(product, dot(fA, gamma * fX + fRx) + dot(fRa, fX + fRx), max(k, 1) + extra):
            yield "product"
        if (
            A.size
            and X.size
            and np.abs(product.mid - A @ X).max() > 1e-14 * np.abs(A).max() * np.abs(X).max() * k
        ):
            yield "product"
        if A.size:
            s = a.entry(0, A.shape[1] - 1)
            fs, rs = fA[0, -1], fRa[0, -1]
            scaled = b.times(s)
            low = u * table(np.abs(scaled.mid)) + rs * table(np.abs(B)) + (fs + rs) * fRb
            if wrong(scaled, low) or (scaled.mid != A[0, -1] * B).any():
                yield "times"
        plain = [
            (a.T, A.T, Ra.T),
            (-a, -A, Ra),
            (a.abs(), np.abs(A), Ra),
            (module.Ball.block([[a, b], [b, a]]), np.block([[A, B], [B, A]]), np.block([[Ra, Rb], [Rb, Ra]])),
            (module.Ball.block([[x, x]]), np.block([X, X]), np.block([Rx, Rx])),
        ]
        for k0 in range(A.shape[1]):
            plain += [(a.column(k0), A[:, k0 : k0 + 1], Ra[:, k0 : k0 + 1])]
            plain += [(module.Ball.diagonal(a.column(k0)), np.diag(A[:, k0]), np.diag(Ra[:, k0]))]
            for i0 in range(A.shape[0]):
                here = slice(i0, i0 + 1), slice(k0, k0 + 1)
                plain += [(a.entry(i0, k0), A[here], Ra[here])]
        for grid in [[a, a], [a, a]], [[a], [a]], [[a, a]]:
            for place in itertools.product(range(len(grid)), range(len(grid[0]))):
                mixed = [
                    [
                        module.Ball(A, Ra + 1) if (i0, j0) == place else module.Ball(A)
                        for j0 in range(len(grid[0]))
                    ]
                    for i0 in range(len(grid))
                ]
                rads = [
                    [Ra + 1 if (i0, j0) == place else 0 * A for j0 in range(len(grid[0]))]
                    for i0 in range(len(grid))
                ]
                plain += [
                    (module.Ball.block(mixed), np.block([[A] * len(row) for row in grid]), np.block(rads))
                ]
        for found, mid, rad in plain:
            if found.shape != mid.shape or (found.mid != mid).any() or (found.radius() != rad).any():
                yield "structure"
        M, R = (T[: min(A.shape), : min(A.shape)] for T in (A, Ra))
        M, R = (np.tril(T) + np.tril(T, -1).T for T in (M, R))
        Z = X[: len(M)] if len(X) >= len(M) else np.eye(len(M))
        found = ball(M, R).congruence(module.Ball(Z))
        exactly = dot(table(Z.T), dot(table(M), table(Z)))
        slack = dot(table(np.abs(Z.T)), dot(table(R), table(np.abs(Z))))
        off = np.abs(table(found.mid) - exactly) + slack
        if not found.symmetric() or (
            off.size
            and (
                (off > table(found.radius())).any()
                or (
                    table(found.radius())
                    > 20 * u * k * dot(table(np.abs(Z.T)), dot(table(np.abs(M)), table(np.abs(Z))))
                    + 2 * slack
                    + most
                ).any()
            )
        ):
            yield "congruence"
        if A.size and not Ra.any() and not Rb.any():
            r = module.Ball.exactly(lambda P, Q: (P @ Q.T, P + Q), a, b)
            for result, truth in zip(r, (dot(table(A), table(B).T), table(A) + table(B)), strict=True):
                off = np.abs(table(result.mid) - truth)
                if (off > table(result.radius())).any() or (
                    table(result.radius()) > 9 * u * np.abs(truth) + most
                ).any():
                    yield "exactly"
        elif A.size:
            (r,) = module.Ball.exactly(lambda P, Q: (P + Q,), a, b)
            if (r.mid != A + B).any() or (r.radius() < np.maximum(Ra, Rb)).any():
                yield "exactly"
        for divisor in (1, 3):
            cut = a.rounded(20, divisor)
            if cut.rad is not None or cut.shape != A.shape:
                yield "rounded"
            if (
                A.size
                and (
                    np.abs(cut.mid * divisor - A) > 4e-16 * np.abs(A) + (np.abs(A) < divisor * 2.0**-200)
                ).any()
            ):
                yield "rounded"
        if module.Ball(A).symmetric() != (A.shape[0] == A.shape[1] and (A == A.T).all()):
            yield "symmetric"
        if (
            module.Ball(A).zero() == A.any()
            or module.Ball(0 * A, Ra + 1).zero()
            or module.Ball(0 * A, Ra).zero()
        ):
            yield "zero"
    yield from corners(module)


def corners(module):
    """Yield what is wrong at the edges: shapes that disagree, overflow, one by one matrices."""
    Ball, e = module.Ball, np.eye(2)
    bad = [
        lambda: Ball(e) + Ball(np.ones((2, 1))),
        lambda: Ball(e) @ Ball(np.ones((1, 2))),
        lambda: Ball(e).times(Ball(e)),
        lambda: Ball(e).congruence(Ball(np.ones((1, 2)))),
        lambda: Ball(np.array([[1.0, 2], [3, 1]])).congruence(Ball(e)),
        lambda: Ball(e[:, :1]).congruence(Ball(e)),
        lambda: Ball.block([[Ball(e), Ball(e[:1])]]),
        lambda: Ball.block([[Ball(e)], [Ball(e[:, :1])]]),
        lambda: Ball(np.array([[2.0, 1], [0, 2]])).positive(),
        lambda: Ball(2 * e, np.array([[0, 1.0], [0, 0]])).positive(),
        lambda: Ball(2 * e).positive("other"),
        lambda: Ball(np.ones((2, 1))).positive(),
        lambda: Ball(np.zeros((1, 2**20))) @ Ball(np.zeros((2**20, 1))),
    ]
    for k, attempt in enumerate(bad):
        if answer(attempt) == "yes":
            yield f"corner {k}"
    inf, one = np.inf, np.array([[1.0]])
    signs = [
        (1, 0, 1),
        (1, 1, 0),
        (1, 2, -1),
        (-1, 0, -1),
        (0, 0, 0),
        (inf, 0, -1),
        (inf, inf, -1),
        (np.nan, 0, -1),
        (1, np.nan, -1),
        (1, -1, -1),
        (1, -inf, -1),
        (-inf, 0, -1),
    ]
    for mid, rad, sign in signs:
        b = Ball(mid * one, rad * one)
        if holds(b.positive) != (sign > 0) or holds(b.nonnegative) != (sign >= 0):
            yield f"sign of {mid} +- {rad}"
    for b, positive, nonnegative in [
        (Ball(e), 1, 1),
        (Ball(0 * e), 0, 1),
        (Ball(-e), 0, 0),
        (Ball(0 * e, e), 0, 0),
        (Ball(e[:0, :0]), 1, 1),
    ]:
        if b.positive() != positive or b.nonnegative() != nonnegative:
            yield "two by two"
    if (
        (Ball.eye(3).mid != np.eye(3)).any()
        or Ball.zeros(2, 3).shape != (2, 3)
        or Ball.zeros(2, 3).mid.any()
        or Ball.number(3).mid != 3
    ):
        yield "constants"
    tie = (2**59 + 2**6) * 2**10 + 2**10 - 1
    near = Ball.nearest(exact.Matrix([[tie, -tie]], (1, 2)))
    if any(abs(F(x) - y) > F(r) for x, y, r in zip(near.mid[0], (tie, -tie), near.rad[0], strict=True)):
        yield "nearest"
    big = Ball.nearest(exact.Matrix([[2**3000, 1, -(3**200)]], (1, 3), -1030))
    truth = [F(1, 2**1030), F(-(3**200)) / 2**1030]
    if np.isfinite(big.mid[0, 0]) or any(
        abs(F(x) - y) > F(r) for x, y, r in zip(big.mid[0, 1:], truth, big.rad[0, 1:], strict=True)
    ):
        yield "nearest"
