"""No false claim is accepted, however near the truth and however tempting its witness; most true ones that near are.

The truth is decided without the code under test: a matrix by its exact characteristic polynomial, a gain by its exact
response at one rational point, a system of one state in closed form. `-m slow` runs the same with other seeds.
"""

import itertools
import math
from fractions import Fraction as F

import numpy as np
import pytest
from flint import arb, arb_mat, ctx

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import LEVELS, check
from ssmctl.certificates.claim import (
    Bounded,
    Dissipative,
    H2Norm,
    H2NormAtLeast,
    InputToStateStable,
    L2Gain,
    L2GainAtLeast,
    NotPassive,
    Passive,
    PeakGain,
    PeakGainAtLeast,
    Schur,
    Unstable,
)
from ssmctl.certificates.rounded import Ball, positive_definite
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject
from ssmctl.certificates.witness import Witness
from ssmctl.errors import CertificateError

SEEDS = [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]
seeds = pytest.mark.parametrize("seed", SEEDS)


def accepted(claim, subject, witness, level):
    """Whether a claim is proved; any exception but a refusal is a failure of the test."""
    try:
        check(Certificate(claim, subject, witness), level)
    except exact.Refused:
        return False
    return True


# ------------------------------------------------------------------------------------------- definite matrices
def symmetric_functions(M):
    """Give the elementary symmetric functions of the eigenvalues of an exact matrix, each times a positive number."""
    q = max((x.denominator for row in M for x in row), default=1)  # all of them powers of 2
    M, n = [[int(x * q) for x in row] for row in M], len(M)
    N, e = [[int(i == j) for j in range(n)] for i in range(n)], []
    for k in range(1, n + 1):  # Faddeev-LeVerrier
        columns = list(zip(*N, strict=True))
        N = [[sum(map(int.__mul__, row, column)) for column in columns] for row in M]
        e.append(sum(N[i][i] for i in range(n)) // k)
        N = [[e[-1] * (i == j) - N[i][j] for j in range(n)] for i in range(n)]
    return e


def fractions(M):
    """Give a float matrix as lists of fractions."""
    return [[F(x) for x in row] for row in M.tolist()]


def singular(rng, n):
    """Give a semidefinite integer matrix of rank below n."""
    V = rng.integers(-9, 10, (n, max(n - 1 - rng.integers(0, 2), 0))).astype(float)
    return V @ V.T


def near_singular(rng, kind, n):
    """Give a symmetric matrix at the boundary of definiteness: most of them within 1e-12 relative."""
    if kind == "spectrum":
        values = 10 ** rng.uniform(-6, 0, n)
        values[0] = rng.choice([-1, 1]) * 10 ** rng.uniform(-18, -13)
        Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
        M = (Q * values) @ Q.T
    elif kind == "singular":
        M = singular(rng, n)
    elif kind == "integer":
        V = rng.integers(-3, 4, (n, n)).astype(float)
        M = V @ V.T
        M[-1, -1] += rng.integers(-1, 2)
    else:  # "nudged"
        M = singular(rng, n)
        i, step = rng.integers(n), rng.choice([-1, 1]) * 2.0 ** rng.integers(-52, -40)
        M[i, i] += step * max(M[i, i], 1)
    M = np.tril(M) + np.tril(M, -1).T
    if rng.random() < 0.4:  # congruence by powers of two: exact, and badly scaled
        d = 2.0 ** rng.integers(-60, 60, n)
        M = M * d[:, None] * d
    return M


@seeds
def test_near_singular_matrices(seed):
    rng = np.random.default_rng(seed)
    kinds = itertools.cycle(["spectrum", "spectrum", "singular", "integer", "nudged"])
    definite, proved, modes = 0, 0, dict.fromkeys(("chol", "resid", "ball"), 0)
    for kind, _ in zip(kinds, range(6000), strict=False):
        M = near_singular(rng, kind, int(rng.integers(1, 9)))
        e = symmetric_functions(fractions(M))
        positive, nonnegative = all(x > 0 for x in e), all(x >= 0 for x in e)
        E = exact.read_matrix([[x.hex() for x in row] for row in (M + 0.0).tolist()], *M.shape, "M")
        found = {mode: positive_definite(M, None, mode) for mode in ("chol", "resid")} | {"ball": Ball(M).positive()}
        for mode, yes in found.items():
            assert positive or not yes, (mode, M.tolist())
            modes[mode] += yes
        assert positive or not E.positive(), M.tolist()
        assert nonnegative or not Ball(M).nonnegative(), M.tolist()
        assert E.nonnegative() == nonnegative, M.tolist()
        definite, proved = definite + positive, proved + (positive and E.positive())
    print(f"\n6000 matrices, {definite} definite: exact proves {proved}, float64 {modes}")
    assert proved >= 0.95 * definite
    assert min(modes.values()) > 0.1 * definite


@seeds
def test_near_singular_balls(seed):
    """A ball is accepted only if its worst corners are definite."""
    rng, proved = np.random.default_rng(seed), 0
    for _ in range(600):
        n = int(rng.integers(1, 6))
        M = near_singular(rng, "spectrum", n) + 10 ** rng.uniform(-14, -4) * np.eye(n)
        R = 10 ** rng.uniform(-16, -4) * np.abs(rng.standard_normal((n, n)))
        M, R = (np.tril(X) + np.tril(X, -1).T for X in (M, R))
        for mode in ("chol", "resid"):
            if Ball(M, R).positive(mode):
                proved += 1
                for signs in itertools.product([-1, 1], repeat=n - 1):
                    corner = np.outer([1, *signs], [1, *signs]) * R
                    pairs = zip(fractions(M), fractions(corner), strict=True)
                    worst = [[x - y for x, y in zip(*rows, strict=True)] for rows in pairs]
                    assert all(x > 0 for x in symmetric_functions(worst))
    assert proved > 100


# ------------------------------------------------------------------------------------------------ gains: the truth
def solve(A, b):
    """Solve A x = b in fractions by elimination."""
    n, M = len(A), [[*row, y] for row, y in zip(A, b, strict=True)]
    for k in range(n):
        p = next(i for i in range(k, n) if M[i][k])
        M[k], M[p] = M[p], M[k]
        for i in range(n):
            if i != k and M[i][k]:
                f = M[i][k] / M[k][k]
                M[i] = [x - f * y for x, y in zip(M[i], M[k], strict=True)]
    return [M[i][n] / M[i][i] for i in range(n)]


def embedded(X):
    """Give [[Re, -Im], [Im, Re]] of a matrix in fractions."""
    re, im = fractions(np.real(X)), fractions(np.imag(X))
    minus = [[-x for x in row] for row in im]
    return [a + b for a, b in zip(re, minus, strict=True)] + [a + b for a, b in zip(im, re, strict=True)]


def times(A, x):
    return [sum(map(F.__mul__, row, x), F(0)) for row in A]


def complex_response(A, B, C, z, v):
    """Give C (z - A)^-1 B v exactly, in real parts, then imaginary parts; z and v likewise."""
    n = len(A)
    E = [[-x for x in row] for row in embedded(A)]
    for i in range(n):
        E[i][i], E[n + i][n + i] = E[i][i] + z[0], E[n + i][n + i] + z[0]
        E[i][n + i], E[n + i][i] = E[i][n + i] - z[1], E[n + i][i] + z[1]
    return times(embedded(C), solve(E, times(embedded(B), v)))


def exact_response(s, z, v):
    """Give G(z) v of a subject exactly, from the equations that define it."""
    D = times(embedded(s.D), v)
    if isinstance(s, StateSpaceSubject):
        return [x + y for x, y in zip(complex_response(s.A, s.B, s.C, z, v), D, strict=True)]
    A = np.diag(s.poles)  # y = Re(C x) = (C x + conj(C) conj(x))/2
    halves = [complex_response(X(A), X(s.B), X(s.C), z, v) for X in (np.asarray, np.conj)]
    y = [(a + b) / 2 for a, b in zip(*halves, strict=True)]
    if s.output == "post":
        re, im = y[: s.p], y[s.p :]
        y = [z[0] * a - z[1] * b for a, b in zip(re, im, strict=True)] + [z[1] * a + z[0] * b for a, b in zip(re, im, strict=True)]
    return [a + b for a, b in zip(y, D, strict=True)]


def float_response(form, z):
    A, B, C, D = form
    return C @ np.linalg.solve(z * np.eye(len(A)) - A, B) + D


def peak(form, continuous):
    """Search for the angle or frequency of the largest gain, in floats; give it and the gain."""
    A = form[0]
    poles = np.linalg.eigvals(A)
    sigma = lambda w: np.linalg.norm(float_response(form, 1j * w if continuous else np.exp(1j * w)), 2)
    near = poles.imag if continuous else np.angle(poles)
    width = np.abs(poles.real) if continuous else np.abs(1 - np.abs(poles))
    grid = np.concatenate([np.linspace(-np.pi + 1e-3, np.pi, 129), *(near + k * width for k in (-2, -1, -0.3, 0, 0.3, 1, 2))])
    w = max(grid, key=sigma)
    step = max(np.diff(np.sort(grid)).max() / 2, width.max())
    while step > 1e-10 * width.min():
        w = max(w + step * np.linspace(-1, 1, 9), key=sigma)
        step /= 3
    return w, sigma(w)


def provable_gain(s):
    """Give the largest double below |G(z)v|/|v| at one rational z, which no true bound on the gain can reach."""
    w, _ = peak(response_form(s), s.continuous)
    if s.continuous:
        at, z = 1j * w, (F(0), F(w))
    else:
        t = F(math.tan(w / 2))
        z = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
        at = complex(*map(float, z))
    v = np.linalg.svd(float_response(response_form(s), at))[2][0].conj()
    v = [F(float(x)) for x in (*v.real, *v.imag)]
    y = exact_response(s, z, v)
    square = sum(x * x for x in y) / sum(x * x for x in v)
    g = math.sqrt(square)
    while F(g) ** 2 >= square:
        g = math.nextafter(g, 0)
    while F(math.nextafter(g, 9e9)) ** 2 < square:
        g = math.nextafter(g, 9e9)
    return g


def response_form(s):
    """Give A, B, C, D in floats for searches; complex if the signals are."""
    return (s.A, s.B, s.C, s.D) if isinstance(s, StateSpaceSubject) else s.real_form()


# --------------------------------------------------------------------------------------------- gains: the witnesses
def lift(X):
    return arb_mat(*X.shape, [float(x) for x in X.ravel()])


def riccati(s, gamma, eps=0.0, parts=2):
    """Solve the Riccati equation of a gain in 320 bits by doubling; give P as a tuple of float matrices to be summed."""
    before, ctx.prec = ctx.prec, 320
    try:
        A, B, C, D = map(lift, s.real_form())
        n, m = B.nrows(), B.ncols()
        eye = lambda k: arb_mat(k, k, [int(i == j) for i in range(k) for j in range(k)])
        if s.continuous:  # the bilinear map keeps P and the gain
            h = arb(float(np.abs(np.linalg.eigvals(s.real_form()[0])).max()) or 1)
            X, r = (eye(n) * h - A).inv().mid(), (2 * h).sqrt()
            A, B, C, D = X * (eye(n) * h + A), X * B * r, C * X * r, D + C * X * B
        Ct, Dt = C.transpose(), D.transpose()
        X = (eye(m) * (arb(gamma) * arb(gamma)) - Dt * D).inv().mid()
        H = Ct * C + eye(n) * arb(eps) + Ct * D * X * Dt * C
        A, G = A + B * X * Dt * C, -(B * X * B.transpose())
        for _ in range(60):
            Y = (eye(n) + G * H).inv().mid()
            AY, step = (A * Y).mid(), (A.transpose() * H * Y * A).mid()
            G, A = (G + AY * G * A.transpose()).mid(), (AY * A).mid()
            H = (H + step).mid()
            if max((abs(float(x)) for x in step.entries()), default=0) < 1e-80:
                break
        H, P = ((H + H.transpose()) * arb(0.5)).mid(), []
        for _ in range(parts):
            P.append(np.array([float(x) for x in H.entries()]).reshape(n, n))
            H = H - lift(P[-1])
        return tuple((np.tril(X) + np.tril(X, -1).T) for X in P)
    finally:
        ctx.prec = before


def strict(s, g, delta):
    """Give (gamma, P): a gain just above g that P proves strictly, if anything does."""
    gamma = math.nextafter(g * (1 + delta), math.inf)
    A, B, _, _ = s.real_form()
    n = len(A)
    h = 1.1 * peak((A, B, np.eye(n), np.zeros((n, B.shape[1]))), s.continuous)[1]
    eps = float((F(gamma) ** 2 - F(g) ** 2) / 4 / F(h) ** 2)
    return gamma, riccati(s, (gamma + g) / 2, eps, parts=3)


def tempting(rng, s, g):
    """Yield storage matrices that nearly prove a gain just below the true one."""
    at, P = strict(s, g, 1e-10)
    yield P
    yield P[0]
    yield riccati(s, g * (1 + 4e-16))
    yield riccati(s, g * (1 + 1e-15))[0]
    for direction in (math.inf, -math.inf):
        yield np.nextafter(P[0], direction)
    values, V = np.linalg.eigh(P[0])
    yield (V[:, 1:] * values[1:]) @ V[:, 1:].T  # singular
    yield P[0] * (1 + rng.choice([-1, 1]) * 2.0 ** -rng.integers(30, 52))
    jitter = rng.standard_normal(P[0].shape) * 10 ** rng.uniform(-17, -12)
    yield P[0] + np.abs(P[0]).max() * (jitter + jitter.T)
    other = [X * (1 - 1e-9) for X in ((s.A, s.B) if isinstance(s, StateSpaceSubject) else (s.poles, s.B))]
    yield strict(type(s)(*other, s.C, s.D, s.dt), g, 1e-9)[1]  # of a neighbour


# ------------------------------------------------------------------------------------------------ gains: the tests
def system(rng, kind):
    """Give a random stable system of up to three states, some poles near the boundary."""
    n, m, p = (int(k) for k in rng.integers(1, (4, 3, 3)))
    room = 10.0 ** rng.uniform(-5, -0.3)
    normal = lambda *shape: rng.standard_normal(shape)
    either = lambda *shape: normal(*shape) + (1j * normal(*shape) if "real" not in kind else 0)
    B, C, D = either(n, m), either(p, n), either(p, m) * rng.choice([0, 0.3])
    continuous = "continuous" in kind
    if "modal" in kind:
        angle = rng.uniform(-np.pi, np.pi, n)
        size = 1 - room * rng.uniform(1, 3, n)
        poles = -room * rng.uniform(1, 3, n) + 1j * normal(n) if continuous else size * np.exp(1j * angle)
        return ModalSubject(poles, B, C, D.real, 0.0 if continuous else True, "post" if "post" in kind else "pre")
    A, values = either(n, n), None
    values = np.linalg.eigvals(A)
    A = A - (values.real.max() + room) * np.eye(n) if continuous else A * (1 - room) / np.abs(values).max()
    return StateSpaceSubject(A, B, C, D, 0.0 if continuous else True)


KINDS = ["real", "complex", "modal", "modal post", "continuous real", "continuous complex", "continuous modal"]
BELOW = [0, 1e-16, 3e-16, 1e-15, 1e-14, 1e-13, 5e-13, 1e-12, 1e-9, 1e-6]


@seeds
def test_false_gains(seed):
    """At least 2,000 claims of a gain that a frequency exceeds, each with a witness that nearly proves it."""
    rng, false, true, found = np.random.default_rng(seed), 0, 0, dict.fromkeys(LEVELS, 0)
    for k in range(84):
        s = system(rng, KINDS[k % len(KINDS)])
        g = provable_gain(s)
        for P in tempting(rng, s, g):
            for below in rng.choice(BELOW, 3, replace=False):
                claim, false = L2Gain(g * (1 - below)), false + 1
                for level in LEVELS:
                    assert not accepted(claim, s, Witness(P=P), level), (claim, s.to_json(), P)
        gamma, P = strict(s, g, 1e-12)
        true += 1
        for level in LEVELS:
            found[level] += accepted(L2Gain(gamma), s, Witness(P=P), level)
        refuse_edited(Certificate(L2Gain(g * (1 + 1e-9)), s, Witness(P=strict(s, g, 1e-10)[1])), g)
    print(f"\n{false} false claims refused; of {true} true ones within 1e-12: {found}")
    assert false >= 2000
    assert found["exact"] >= true / 2


def refuse_edited(certificate, g):
    """A file of a true claim, edited into a false one, is refused with the old hash and with the right one."""
    data = certificate.to_json()
    edited = data | {"claim": L2Gain(g).to_json()}
    with pytest.raises(exact.Malformed):
        exact.check(exact.load(exact.canonical(edited)))
    with pytest.raises(CertificateError):
        Certificate.from_text(exact.canonical(edited))
    text = exact.canonical(edited | {"sha256": exact.digest(edited)})
    with pytest.raises(exact.Refused, match="not proved"):
        exact.check(exact.load(text))
    for level in LEVELS:
        with pytest.raises(exact.Refused):
            check(Certificate.from_text(text), level)
