"""What a checker has to do in floats: `positive_definite` by its theorem, and what `ArrayReader` may read."""

import itertools
from fractions import Fraction as F

import numpy as np

from tests.certificates.arithmetic import answer, u
from tests.certificates.truth import fractions


def definite(module, matrices):
    """Yield matrices that are accepted wrongly, or are not although they are far from the boundary."""
    pd = module.positive_definite
    for M, positive, _ in matrices:
        for mode in ("chol", "resid"):
            if pd(M, None, mode) and not positive:
                yield f"{mode}: false acceptance"
    for n in (1, 2, 5):
        Q = np.linalg.qr(np.random.default_rng(n).standard_normal((n, n)))[0]
        G = (Q * np.logspace(0, -9, n)) @ Q.T
        d = 2.0 ** np.arange(-40 * n, 40 * n, 80)
        for M in (G, G * d[:, None] * d, np.eye(n) * 2.0**300, np.eye(n) * 2.0**-300):
            M = np.tril(M) + np.tril(M, -1).T
            for mode in ("chol", "resid"):
                if not pd(M, None, mode) or pd(-M, None, mode) or not pd(M, np.abs(M) * 1e-16, mode):
                    yield f"{mode}: refused"
        for mode in ("chol", "resid"):
            ones = np.ones((n, n))
            for scale in (1.0, 2.0**-40):
                if pd(scale * np.eye(n), scale * ones * (1 + 1e-15) / n, mode) or not pd(
                    scale * np.eye(n), scale * ones * 0.3 / n, mode
                ):
                    yield f"{mode}: radius"
                if mode == "chol" and not pd(scale * np.eye(n), scale * ones * (1 - 1e-9) / n, mode):
                    yield f"{mode}: radius"
            for x in (np.nan, np.inf):
                if pd(np.diag([x] * n), None, mode) or pd(np.eye(n), np.full((n, n), x), mode):
                    yield "not finite"
            if pd(np.eye(n), -np.eye(n), mode):
                yield "negative radius"
            if n > 1 and pd(np.eye(n) + 1e-3, np.where(np.eye(n) > 0, 0, np.nan), mode):
                yield "not finite"
    large = np.array([[1.0, 100.0], [100.0, 1.0]])
    if any(pd(large * s, None, mode) for mode in ("chol", "resid") for s in (1, 1e10)):
        yield "entries"


def criterion(module):
    """Yield where the bounds of `positive_definite` fall below those of its theorem."""
    pd, factor = module.positive_definite, module.factor
    try:
        rng = np.random.default_rng(0)
        for n, rad in itertools.product((2, 7, 40), (0.0, 2.0**-40, 2.0**-950) * 10):
            M = np.full((n, n), 0.01) + np.diag(rng.uniform(0.3, 0.9, n))
            seen = []
            module.factor = lambda A, d, s=seen: s.append((A.copy(), np.array(d)))
            pd(M, None if rad == 0 else np.full((n, n), rad), "chol")
            (A, low), tau = seen[0], n * (n + 2) * u / (1 - (n + 2) * u)
            r = n * F(rad) + n * F(2.0**-900)
            for i in range(n):
                most = (1 - tau) * F(A[i, i]) - r - 6 * n * (n + 1) * F(2) ** -1074
                if not most - 40 * u - r / 2**40 < F(low[i]) <= most:
                    yield "shift of chol"
        for n, k in itertools.product(
            (3, 4), list(range(1, 40)) * 4
        ):  # A - R'R = delta I + E, without rounding
            R0 = np.triu(rng.integers(-3, 4, (n, n)) / 16.0)
            np.fill_diagonal(R0, rng.integers(9, 12, n) / 16.0)
            E = np.triu(rng.integers(-1, 2, (n, n)), 1) * 2.0**-53 * rng.integers(0, 2)
            module.factor = lambda A, d, R=R0: R
            delta, S = k * 2.0**-53, fractions(np.abs(R0).T @ np.abs(R0))
            A = R0.T @ R0 + delta * np.eye(n) + E + E.T
            found = pd(A, None, "resid")
            rows = zip(S, fractions(E + E.T), strict=True)
            cost = [
                sum((n + 2) * u * x + (1 + u) * abs(e) for x, e in zip(*row, strict=True)) for row in rows
            ]
            least = F(delta) * (1 - u) - max(cost)
            if (A < 1).all() and (A.diagonal() >= 0.25).all() and found != (least > u * u):
                yield "residual"
        for n, k in itertools.product((4, 16), range(1, 400)):
            R0 = np.full((n, n), 0.5 / np.sqrt(n))  # R'R is 1/4 everywhere
            module.factor = lambda A, d, R=R0: R
            delta = k * 2.0**-54
            found = pd(np.full((n, n), 0.25) + delta * np.eye(n), None, "resid")
            if found != (F(delta) * (1 - 2 * u) > n * (n + 2) * u / 4):
                yield "residual"
        for n in (3, 6):  # no factor at all: only diagonal dominance is left
            module.factor = lambda A, d: np.zeros_like(A)
            for k, rad in itertools.product(range(-60, 60), (None, 2.0**-30 * np.ones((n, n)))):
                b = 0.5 / (n - 1)
                r = F(0) if rad is None else n * F(2) ** -30
                M = -np.full((n, n), b)
                np.fill_diagonal(M, float((n - 1) * F(b) + r) + k * 2.0**-53)
                found, truth = pd(M, rad, "resid"), F(M[0, 0]) - r - (n - 1) * F(b)
                if (found and truth <= u * F(M[0, 0]) + (n - 1) * u * F(b)) or (not found and truth > 50 * u):
                    yield "dominance"
        for bad in (np.full((3, 3), np.nan), np.full((3, 3), np.inf), np.full((3, 3), 1e200)):
            module.factor = lambda A, d, R=bad: R
            if pd(np.eye(3), None, "resid"):
                yield "factor not finite"
        module.factor = lambda A, d: None
        if pd(np.eye(3), None, "resid") or pd(np.eye(3), None, "chol"):
            yield "no factor"
    finally:
        module.factor = factor
    cholesky = np.linalg.cholesky  # a kernel that reports no failure
    try:
        for bad in np.nan * np.eye(2), np.inf * np.eye(2), np.diag([1.0, 0.0]), np.diag([1.0, -1.0]):
            np.linalg.cholesky = lambda A, R=bad: R
            if factor(np.eye(2), np.ones(2)) is not None:
                yield "a bad factor"
        np.linalg.cholesky = lambda A: np.eye(2)
        for diagonal in [0.0, 1.0], [-1.0, 1.0], [np.nan, 1.0], [np.inf, 1.0]:
            if factor(np.eye(2), np.array(diagonal)) is not None:
                yield "a bad diagonal"
        if factor(np.array([[1.0, np.nan], [np.nan, 1.0]]), np.ones(2)) is not None:
            yield "a bad matrix"
    finally:
        np.linalg.cholesky = cholesky
    e = np.eye(2)
    good = factor(e * 4 + np.array([[0, 1], [1, 0]]), np.array([4.0, 4.0]))
    if good is None or abs(good.T @ good - np.array([[4, 1], [1, 4]])).max() > 1e-15 or good[1, 0]:
        yield "factor"
    for diagonal in ([0.0, 1], [1.0, -1], [np.nan, 1], [np.inf, 1], [0.5, 0.5]):
        if factor(np.array([[1.0, 1], [1, 1]]), np.array(diagonal)) is not None:
            yield "factor of nothing"
    if (e != np.eye(2)).any() or factor(np.array([[1.0, np.nan], [np.nan, 1]]), np.ones(2)) is not None:
        yield "factor changes its argument"


def reading(module):
    """Yield what `ArrayReader` takes although level float64 must not, or refuses although it should not."""
    reader = lambda value: module.ArrayReader({"x": value}, "witness")
    M, v = np.array([[1.0, 2.0]]), np.array([1.0, 2.0])
    good = [
        (lambda: reader(M).matrix("x", 1, 2), M),
        (lambda: reader((M, M)).matrix("x", 1, 2), 2 * M),
        (lambda: reader(v).vector("x", 2), M.T),
        (lambda: reader((v, v)).vector("x", 2), 2 * M.T),
        (lambda: reader(2.0).scalar("x"), [[2.0]]),
        (lambda: reader(2.0).scalar("x", low=0), [[2.0]]),
        (lambda: reader(0.0).scalar("x", low=0), [[0.0]]),
        (lambda: reader(3.0).scalar("x", low=2), [[3.0]]),
        (lambda: reader("0x1.0000000000000p+1").scalar("x"), [[2.0]]),
        (lambda: reader([["0x1.0000000000000p+1"]]).matrix("x", 1, 1), [[2.0]]),
        (lambda: reader([]).matrix("x", 0, 3), np.zeros((0, 3))),
        (lambda: reader(np.zeros((2, 0))).matrix("x", 2, 0), np.zeros((2, 0))),
        (lambda: reader(1 + 2j * M).matrix("x", 1, 2, "im"), 2 * M),
        (lambda: reader(M + 2j).matrix("x", 1, 2, "re"), M),
        (lambda: reader(2.0**200 * M[:, :1]).matrix("x", 1, 1), [[2.0**200]]),
        (lambda: reader(2.0**-200 * M[:, :1]).matrix("x", 1, 1), [[2.0**-200]]),
        (lambda: reader(0 * M).matrix("x", 1, 2), 0 * M),
    ]
    for k, (read, right) in enumerate(good):
        found = read()
        if (
            found.shape != np.shape(right)
            or (found.mid != right).any()
            or (found.rad is not None) != (k in (1, 3))
        ):
            yield f"reading {k}"
    bad = [
        lambda: reader(M).matrix("x", 2, 1),
        lambda: reader(M).matrix("x", 1, 1),
        lambda: reader(v).vector("x", 1),
        lambda: reader(M).vector("x", 2),
        lambda: reader(M.astype(np.float32)).matrix("x", 1, 2),
        lambda: reader(M.astype(int)).matrix("x", 1, 2),
        lambda: reader(M + 0j).matrix("x", 1, 2),
        lambda: reader(np.longdouble(M)).matrix("x", 1, 2),
        lambda: reader(M * np.nan).matrix("x", 1, 2),
        lambda: reader(M * np.inf).matrix("x", 1, 2),
        lambda: reader(M * 2.0**200).matrix("x", 1, 2),
        lambda: reader(-1.0).scalar("x", low=0),
        lambda: reader(M).scalar("x"),
        lambda: reader("0x2.0p+0").scalar("x"),
        lambda: reader([["0x2.0p+0"]]).matrix("x", 1, 1),
        lambda: reader(1.0).scalar("x", low=2),
        lambda: reader(np.zeros((0, 2))).matrix("x", 1, 2),
        lambda: reader(M).matrix("x", 0, 2),
        lambda: reader(-M * 2.0**200).matrix("x", 1, 2),
        lambda: reader(1.0).length("x"),
        lambda: reader(3).length("x"),
        lambda: reader(v).length("y"),
    ]
    for k, read in enumerate(bad):
        if answer(read) == "yes":
            yield f"reading bad {k}"
    minus = reader(M * -(2.0**-201)).matrix("x", 1, 2)
    tiny = reader(M * 2.0**-201).matrix("x", 1, 2)
    if (
        (tiny.mid != [[0, 2.0**-200]]).any()
        or (minus.mid != -tiny.mid).any()
        or (minus.radius() != tiny.radius()).any()
        or tiny.rad is None
        or not (tiny.rad >= [[2.0**-201, 0]]).all()
        or tiny.rad.max() > 2.0**-199
    ):
        yield "tiny"
    if (
        [reader(x).length("x") for x in (v, M.T)] != [2, 2]
        or reader(M).complex("x")
        or not reader(M + 0j).complex("x")
    ):
        yield "length or complex"
    if module.ArrayReader.arithmetic is not module.Ball:
        yield "arithmetic"
