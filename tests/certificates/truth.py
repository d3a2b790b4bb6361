"""What is true of a matrix or a gain, without the code under test; witnesses that nearly prove what is false.

The truth: exact characteristic polynomials, and the exact response of a system at one rational point.
"""

import math
from fractions import Fraction as F

import numpy as np
from flint import arb, arb_mat, ctx

from ssmctl.certificates.subject import StateSpaceSubject


def symmetric_functions(M):
    """Give the elementary symmetric functions of the eigenvalues of an exact matrix, up to factors > 0."""
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


# ---------------------------------------------------------------------------------------------------- gains
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
        pairs = list(zip(y[: s.p], y[s.p :], strict=True))
        y = [z[0] * a - z[1] * b for a, b in pairs] + [z[1] * a + z[0] * b for a, b in pairs]
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
    around = (near + k * width for k in (-2, -1, -0.3, 0, 0.3, 1, 2))
    grid = np.concatenate([np.linspace(-np.pi + 1e-3, np.pi, 129), *around])
    w = max(grid, key=sigma)
    step = max(np.diff(np.sort(grid)).max() / 2, width.max())
    while step > 1e-10 * width.min():
        w = max(w + step * np.linspace(-1, 1, 9), key=sigma)
        step /= 3
    return w, sigma(w)


def provable_gain(s):
    """Give the largest double below |G(z)v|/|v| at one rational z: it is no bound on the gain."""
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


# ------------------------------------------------------------------------------------------------ witnesses
def lift(X):
    rows, columns = X.shape
    return arb_mat(rows, columns, [float(x) for x in X.ravel()])


def riccati(s, gamma, eps=0.0, parts=2):
    """Solve the Riccati equation of a gain in 320 bits by doubling; give P as matrices to be summed."""
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
        P = [np.where(np.abs(X) < 2.0**-150 * np.abs(P[0]).max(initial=0), 0, X) for X in P]
        return tuple(np.tril(X) + np.tril(X, -1).T for X in P)
    finally:
        ctx.prec = before


def strict(s, g, delta):
    """Give (gamma, P): a gain just above g that P proves strictly, if anything does."""
    gamma = math.nextafter(g * (1 + delta), math.inf)
    A, B, _, _ = s.real_form()
    n = len(A)
    h = 1.1 * float(peak((A, B, np.eye(n), np.zeros((n, B.shape[1]))), s.continuous)[1])
    eps = float((F(gamma) ** 2 - F(g) ** 2) / 4 / F(h) ** 2)
    return gamma, riccati(s, (gamma + g) / 2, eps, parts=3)


def tempting(rng, s, g):
    """Yield storage matrices that nearly prove a gain just below the true one."""
    P = strict(s, g, 1e-10)[1]
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
    A = s.A if isinstance(s, StateSpaceSubject) else s.poles
    near = type(s)(A * (1 - 1e-9), s.B * (1 - 1e-9), s.C, s.D, s.dt)
    yield strict(near, g, 1e-9)[1]
