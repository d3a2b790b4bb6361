"""Claims about oscillators that need a witness, with what a checker has to answer: true and false by 1e-8.

The step matrices are in floats here, good to some 1e-14, so every claim keeps its distance from what they
say; `false_gains` is nearer: there one exact response decides.
"""

import math
from fractions import Fraction as F
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx, fmpq
from scipy.linalg import solve_discrete_lyapunov

from ssmctl.certificates import claim as claims
from ssmctl.certificates.subject import OscillatorSubject, StateSpaceSubject
from tests.analysis.oscillating import ALL, advance, matrix
from tests.certificates.truth import float_response, peak, response_form, solve, strict, tempting, times


def bank(rng, scheme, r, m, p, cplx=False, output: Any = "pre", bias=False):
    """Some oscillators, stable if the scheme can be: A about 1, G about 1/2, h about 1/2."""
    draw = lambda *shape: rng.standard_normal(shape) + (1j * rng.standard_normal(shape) if cplx else 0)
    A, G, h = rng.uniform(0.5, 2, r), rng.uniform(0.6, 1, r), rng.uniform(0.25, 0.5, r)
    A, h = (A / 4, h) if scheme == "euler" else (A, h)
    force = draw(r) if bias else 0 * draw(r)
    D = rng.standard_normal((p, m))
    G = 0 * G if scheme == "verlet" else G
    return OscillatorSubject(A, G, h, scheme, draw(r, m), draw(p, r), draw(p, r), D, force, output)


def changed(s, **fields):
    """The same bank with some of its arrays replaced."""
    names = ("stiffness", "damping", "steps", "scheme", "B", "velocity", "position", "D", "bias", "output")
    return OscillatorSubject(*(fields.get(name, getattr(s, name)) for name in names))


def flow(A, G, h):
    """The entries of the exponential, as dyadic numbers within 2^-1500."""
    before, ctx.prec = ctx.prec, 2000
    try:
        ball = lambda x: arb(fmpq(x.numerator, x.denominator))
        E = arb_mat(3, 3, [ball(x) for x in (-G * h, -A * h, h, h, *[F(0)] * 5)]).exp()
        pairs = [E[at].mid().man_exp() for at in ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (1, 2))]
        return tuple(F(int(man)) * F(2) ** int(exp) for man, exp in pairs)
    finally:
        ctx.prec = before


def exact_form(s):
    """A, B, C, D of the real form in fractions; for zoh to 1500 bits."""
    entries = []
    for A, G, h in zip(s.stiffness.tolist(), s.damping.tolist(), s.steps.tolist(), strict=True):
        if s.scheme == "zoh":
            entries.append(flow(F(A), F(G), F(h)))
        else:
            (a, b), (c, d) = matrix(s.scheme, A, G, h)
            entries.append((a, b, c, d, *advance(s.scheme, A, G, h, 0, 0, 1)))
    split = np.iscomplexobj(s.B)
    entries = entries * 2 if split else entries
    R = len(entries)
    A = [
        [e[j] if i == k else F(0) for j in js for k in range(R)]
        for js in ((0, 1), (2, 3))
        for i, e in enumerate(entries)
    ]
    rows = np.vstack([s.B.real, s.B.imag]).tolist() if split else s.B.tolist()
    B = [[e[j] * F(x) for x in row] for j in (4, 5) for e, row in zip(entries, rows, strict=True)]
    read = [np.hstack([X.real, -X.imag]) if split else X for X in (s.velocity, s.position)]
    C, D = ([[F(x) for x in row] for row in X.tolist()] for X in (np.hstack(read), s.D))
    if s.output == "post":
        columns = lambda X, width: [[row[j] for row in X] for j in range(width)]
        by = lambda X, width: [[sum(map(F.__mul__, row, c), F(0)) for c in columns(X, width)] for row in C]
        D = [[x + y for x, y in zip(*rows, strict=True)] for rows in zip(D, by(B, s.m), strict=True)]
        C = by(A, 2 * R)
    return A, B, C, D


def proved_below(s):
    """A double below the gain of the exact system, by one exact response."""
    form = s.real_form()
    t = F(math.tan(peak(form, False)[0] / 2))
    re, im = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    v = np.linalg.svd(float_response(form, complex(re, im)))[2][0].conj()
    parts = [[F(x) for x in w.tolist()] for w in (v.real, v.imag)]
    A, B, C, D = exact_form(s)
    n = len(A)
    E = [[-A[i % n][j % n] if i // n == j // n else F(0) for j in range(2 * n)] for i in range(2 * n)]
    for i in range(2 * n):
        E[i][i] += re
        E[i][(i + n) % (2 * n)] += -im if i < n else im
    x = solve(E, times(B, parts[0]) + times(B, parts[1]))
    y = [
        a + b
        for k in (0, 1)
        for a, b in zip(times(C, x[k * n : (k + 1) * n]), times(D, parts[k]), strict=True)
    ]
    square = sum(a * a for a in y) / sum(a * a for w in parts for a in w)
    g = math.sqrt(square)
    while F(g) ** 2 >= square * (1 - F(1, 10**60)):
        g = math.nextafter(g, 0)
    return g


def false_gains(rng, count):
    """Gains that one exact response exceeds, within rounding, and witnesses that nearly prove them."""
    schemes = [scheme for scheme in ALL if scheme != "verlet"]
    for k in range(count):
        r, m, p = (int(x) for x in rng.integers(1, 3, 3))
        s = bank(rng, schemes[k % len(schemes)], r, m, p, k % 3 == 0, ("pre", "post")[k % 2])
        g, near = proved_below(s), StateSpaceSubject(*s.real_form(), True)
        for P in tempting(rng, near, g):
            for below in rng.choice([0, 1e-16, 1e-15, 1e-13, 1e-9], 2, replace=False):
                yield claims.L2Gain(g * (1 - below)), s, {"P": P}, "no"
        gamma, P = strict(near, g, 1e-11)
        yield claims.L2Gain(gamma), s, {"P": P}, "yes"


def both(claim, s, witness, value, side=1, by=1e-8):
    """A claim with its bound just above and just below a value: true on one side."""
    for sign in 1, -1:
        yield claim(value * (1 + sign * by)), s, witness, "yes" if sign == side else "no"


def stored(rng, schemes=ALL):
    """Every claim with a witness, for every scheme."""
    for k, scheme in enumerate(schemes):
        sizes = [(1, 1, 1), (2, 2, 1), (1, 2, 2), (2, 1, 2)][k % 4]
        s = bank(rng, scheme, *sizes, k % 3 == 1, ("pre", "post")[k // 2 % 2])
        yield from sequence(rng, s)
        if scheme == "verlet":
            continue
        yield from spectrum(s)
        yield from sums(s)
        yield from supplies(rng, s)
        yield from frequency(rng, s)
        biased = bank(rng, scheme, *sizes, k % 3 == 1, "post", bias=True)
        form = StateSpaceSubject(*biased.real_form(), True)
        g = float(peak(response_form(form), False)[1])
        yield claims.Lipschitz(g * 1.001), biased, {"P": strict(form, g, 1e-4)[1]}, "yes"
        yield claims.Lipschitz(g * 0.999), biased, {"P": strict(form, g, 1e-4)[1]}, "no"
    yield from eigenvectors()


def lyapunov(A, Q=None):
    P = solve_discrete_lyapunov(A.T, np.eye(len(A)) if Q is None else Q)
    return np.tril(P) + np.tril(P, -1).T


def spectrum(s):
    A = s.real_form()[0]
    rho, n = np.abs(np.linalg.eigvals(A)).max(), len(A)
    for rate, yes in (rho * (1 + 1e-6), True), (rho * (1 - 1e-6), False):
        yield claims.Schur(rate), s, {"P": lyapunov(A / (rho * (1 + 1e-7)))}, "yes" if yes else "no"
    yield claims.Bounded(), s, {"P": lyapunov(A)}, "yes"
    yield claims.Bounded(), s, {"P": -np.eye(n)}, "no"
    yield claims.Unstable(), s, {"P": -lyapunov(A), "x": np.ones(n)}, "no"
    fast = changed(s, stiffness=-s.stiffness)
    M = fast.real_form()[0]
    if np.abs(np.linalg.eigvals(M)).max() > 1.01:
        P = lyapunov(M)
        _, vectors = np.linalg.eigh(P)
        x = vectors[:, 0]
        for claim in claims.Unstable(), claims.NotSchur(), claims.Unbounded():
            yield claim, fast, {"P": P, "x": x}, "yes"
        yield claims.NotSchur(0.75), fast, {"P": P, "x": x, "rate": 1.0}, "yes"
        yield claims.NotSchur(1.0), fast, {"P": P, "x": x, "rate": 0.75}, "no"
        yield claims.Unstable(), fast, {"P": P, "x": vectors[:, -1]}, "no"
        yield claims.Bounded(), fast, {"P": np.eye(n)}, "no"
        yield claims.Schur(), fast, {"P": np.eye(n)}, "no"
        yield claims.H2Norm(99.0), fast, {"P": np.eye(n)}, "no"
        yield claims.L2Gain(99.0), fast, {"P": P}, "no"


def sums(s):
    """H2, peak and ISS."""
    A, B, C, D = s.real_form()
    n = len(A)
    W, S = lyapunov(A, C.T @ C), lyapunov(A)
    h2 = math.sqrt(np.trace(B.T @ W @ B + D.T @ D))
    yield from both(claims.H2Norm, s, {"P": W + 1e-10 * S}, h2)
    yield from both(claims.H2NormAtLeast, s, {"P": W - 1e-10 * S, "S": S}, h2, -1)
    yield claims.H2NormAtLeast(h2 / 2), s, {"P": W - 1e-10 * S, "S": -S}, "no"
    yield claims.H2Norm(h2 * 2), s, {"P": W - 1e-10 * S}, "no"
    rho = np.abs(np.linalg.eigvals(A)).max()
    a = (1 + rho) / 2
    P = lyapunov(A / (a * (1 - 1e-3)), C.T @ C + 1e-3 * np.eye(n))
    steps, X, total = 0, B, np.abs(D)
    while np.abs(X).max() > 1e-14:
        total, X, steps = total + np.abs(C @ X), A @ X, steps + 1
    bound = total.sum(1).max()
    weight = math.sqrt(P.diagonal().max()) * 1.001
    summed = {"P": P, "a": a, "steps": steps, "bits": 70, "weight": weight, "tail": 1e-12 * weight}
    yield from both(claims.PeakGain, s, summed, bound)
    yield from both(claims.PeakGainAtLeast, s, summed, bound, -1)
    yield claims.PeakGain(bound / 2), s, summed | {"bits": 4}, "no"
    yield claims.PeakGainAtLeast(bound * 1.5), s, summed | {"bits": 2}, "no"
    P = lyapunov(A / a)
    P = P / np.linalg.eigvalsh(P)[0] * (1 + 1e-9)
    c = math.sqrt(np.linalg.eigvalsh(P)[-1]) * (1 + 1e-9)
    fall = a * a * P - A.T @ P @ A
    room = B.T @ P @ B + B.T @ P @ A @ np.linalg.solve(fall, A.T @ P @ B)
    g = math.sqrt(np.linalg.eigvalsh(room)[-1] / (1 - a * a))
    yield from both(lambda gain: claims.InputToStateStable(gain, a, c), s, {"P": P}, g)
    yield claims.InputToStateStable(2 * g, a, c * (1 - 1e-6)), s, {"P": P}, "no"
    yield claims.InputToStateStable(2 * g, rho * (1 - 1e-6), c), s, {"P": P}, "no"


def supplies(rng, s):
    """Dissipativity and passivity."""
    A, B, C, D = s.real_form()
    n, m, p = *B.shape, len(C)
    g = peak((A, B, C, D), False)[1]
    P = strict(StateSpaceSubject(A, B, C, D, True), g, 1e-7)[1]
    for gamma, yes in (g * (1 + 1e-6), True), (g * (1 - 1e-6), False):
        claim = claims.Dissipative(-np.eye(p), np.zeros((p, m)), gamma**2 * np.eye(m))
        yield claim, s, {"P": P}, "yes" if yes else "no"
        yield claim, s, {"P": tuple(3 * X for X in P), "scale": 3.0}, "yes" if yes else "no"
    if m != p:
        return
    passive = changed(s, D=4 * g * np.eye(m))  # so large that the rest does not matter
    A, B, C, D = passive.real_form()
    W = lyapunov(A, C.T @ C + 1e-3 * np.eye(n)) / g
    M = np.block([[W - A.T @ W @ A, C.T - A.T @ W @ B], [C - B.T @ W @ A, D + D.T - B.T @ W @ B]])
    if np.linalg.eigvalsh(M)[0] > 1e-6:
        yield claims.Passive(), passive, {"P": W}, "yes"
    yield claims.Passive(), passive, {"P": -W}, "no"
    yield claims.NotPassive(), passive, {"u": rng.standard_normal((4, m))}, "no"


def sequence(rng, s):
    """Lower bounds by a sequence of inputs; the system need not be stable."""
    A, B, C, D = s.real_form()
    n, m, p = *B.shape, len(C)
    u = rng.integers(-3, 4, (6, m)).astype(float)
    u[0, 0] = 1.0
    x, y = np.zeros(n), []
    for v in u:
        y.append(C @ x + D @ v)
        x = A @ x + B @ v
    gain = float(np.linalg.norm(y) / np.linalg.norm(u))
    yield from both(claims.L2GainAtLeast, s, {"u": u}, gain, -1)
    for R, yes in (gain**2 * (1 - 1e-8), True), (gain**2 * (1 + 1e-8), False):
        claim = claims.NotDissipative(-np.eye(p), np.zeros((p, m)), R * np.eye(m))
        yield claim, s, {"u": u}, "yes" if yes else "no"
    if m == p:
        supplied = np.sum(np.array(y) * u)
        if abs(supplied) > 1e-6:
            yield claims.NotPassive(), s, {"u": u}, "yes" if supplied < 0 else "no"


def frequency(rng, s):
    """Lower bounds by one frequency."""
    A, B, C, D = s.real_form()
    n, m = B.shape
    a = (1 + np.abs(np.linalg.eigvals(A)).max()) / 2
    P = lyapunov(A / (a * (1 - 1e-3)), C.T @ C + 1e-3 * np.eye(n))
    point = float(rng.uniform(-2, 2))
    z = (1 + 1j * point) / (1 - 1j * point)
    v = rng.standard_normal(m) + 1j * rng.standard_normal(m)
    x = np.linalg.solve(z * np.eye(n) - A, B @ v)
    value = float(np.linalg.norm(C @ x + D @ v) / np.linalg.norm(v))
    at = {"P": P, "a": a, "point": point, "xr": x.real, "xi": x.imag, "vr": v.real, "vi": v.imag}
    yield from both(claims.L2GainAtLeast, s, at, value, -1)
    yield claims.L2GainAtLeast(value / 2), s, at | {"xr": x.real + 99}, "no"


def eigenvectors():
    """Exact eigenvectors: only where the step matrix is dyadic."""
    none = np.zeros((0, 1))
    one = lambda A, G, h, scheme: OscillatorSubject(
        [A], [G], h, scheme, none.T, none, none, np.zeros((0, 0)), [0.0]
    )
    cases = (
        ("imex2", 0.5, "yes"),
        ("verlet", 0.0, "yes"),
        ("im", 1.0, "yes"),
        ("im", 2.0, "no"),
        ("zoh", 1.0, "no"),
    )
    for scheme, G, right in cases:
        s = one(0.0, G, 1.0, scheme)
        yield claims.NotSchur(), s, {"q": [1.0], "v": [0.0, 1.0]}, right
        yield claims.NotSchur(), s, {"q": [1.0], "v": [1.0, 0.5]}, "no"
        yield claims.Unstable(), s, {"q": [1.0], "v": [0.0, 1.0]}, "no"
    for scheme, right in ("imex2", "yes"), ("im", "yes"), ("verlet", "yes"), ("zoh", "no"):
        s = one(0.0, 0.0, 1.0, scheme)  # a Jordan block
        yield claims.Unbounded(), s, {"q": [1.0], "v": [1.0, 0.0]}, right
        yield claims.Unbounded(), s, {"q": [1.0], "v": [0.0, 1.0]}, "no"
    s = one(1.0, 0.0, 1.0, "verlet")  # trace 1, determinant 1 - 1/4 + 1/4
    yield claims.NotSchur(), s, {"q": [1.0, 1.0], "v": [1.0, 0.0]}, "yes"
    yield claims.Unbounded(), s, {"q": [1.0, 1.0], "v": [1.0, 0.0]}, "no"
    s = one(1.0, 1.0, 2.0, "im")  # divisor 7: never exactly
    yield claims.Unbounded(), s, {"q": [1.0], "v": [1.0, 0.0]}, "no"
