"""Claims about oscillators with what a checker has to answer, decided by the equations of each scheme alone.

Eigenvalues by discriminants, gains by exact responses at rational points of the circle, energies of single
states, products of steps: all in fractions. zoh, a matrix exponential, is decided by the signs of A and G.
"""

import itertools
import math
from fractions import Fraction as F
from typing import Any

import numpy as np

from ssmctl.certificates import claim as claims
from ssmctl.certificates.subject import OscillatorSubject
from tests.analysis.oscillating import (
    ALL,
    RATIONAL,
    advance,
    matrix,
    oscillator,
    product,
    radius_compared,
    truth,
)

EYE = ((F(1), F(0)), (F(0), F(1)))


def several(A, G, dt, scheme):
    """Oscillators without input or output."""
    r = len(A)
    none = np.zeros((0, r))
    return OscillatorSubject(A, G, dt, scheme, np.zeros((r, 0)), none, none, np.zeros((0, 0)), np.zeros(r))


def next_to(x):
    """A double and its two neighbours."""
    return math.nextafter(x, -math.inf), x, math.nextafter(x, math.inf)


def exists(scheme, A, G, h):
    """Whether the scheme has such a step at all."""
    if scheme == "zoh":
        return True
    return not (scheme == "verlet" and G) and matrix(scheme, A, G, h) is not None


def answers(truths, claim_of, subject):
    """Yield (claim, subject, witness, answer) for {name: true}."""
    for name, true in truths.items():
        yield claim_of(name), subject, {}, "yes" if true else "no"


# ----------------------------------------------------------------------------------------- free motion
def words(word):
    """What the five claims are when free motion is `truth`."""
    stable, bounded, outside = word == "Schur", word in ("Schur", "bounded"), word == "outside"
    return {
        "Schur": stable,
        "NotSchur": not stable,
        "Bounded": bounded,
        "Unbounded": not bounded,
        "Unstable": outside,
    }


def motion(scheme, A, G, h):
    """`oscillating.truth`, with "outside" for what grows exponentially."""
    word = truth(scheme, A, G, h)
    if word != "unbounded":
        return word
    if scheme == "zoh":
        return "unbounded" if A == G == 0 else "outside"
    return "outside" if radius_compared(matrix(scheme, A, G, h)) > 0 else word


def regions(rng, full=True):
    """Where free motion decays, is bounded, or not: a grid, with a = A h^2 and g = G h at the boundaries."""
    name = lambda kind: getattr(claims, kind)()
    levels = [-6.0, -4.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0, 5.0]
    for scheme in ALL:
        grid = [*itertools.product(levels, levels), (8.0, 2.0), (0.0, 3.0), (-8.0, -6.0), (7.0, 1.5)]
        for a, g in grid if full else [grid[k] for k in rng.choice(len(grid), 24, replace=False)]:
            h = float(rng.choice([0.5, 1.0, 2.0]))
            A, G = a / h / h, g / h
            for stiff in next_to(A) if rng.random() < 0.3 else [A]:
                if exists(scheme, stiff, G, h):
                    yield from answers(
                        words(motion(scheme, stiff, G, h)), name, several([stiff], [G], h, scheme)
                    )


def families(rng):
    """Several oscillators: one of them decides, wherever it stands."""
    name = lambda kind: getattr(claims, kind)()
    kinds = {"Schur": (2.0, 1.0), "bounded": (0.0, 1.0), "unbounded": (0.0, 0.0), "outside": (-2.0, 0.5)}
    order = list(kinds)
    for scheme, (one, two) in itertools.product(("im", "tustin", "zoh"), itertools.product(kinds, repeat=2)):
        A, G = zip(kinds[one], kinds["Schur"], kinds[two], strict=True)
        worst = order[max(order.index(one), order.index(two))]
        assert [motion(scheme, a, g, 0.5) for a, g in zip(A, G, strict=True)] == [one, "Schur", two]
        truths = words(worst) | {"Bounded": worst in order[:2], "Unbounded": worst in order[2:]}
        yield from answers(truths, name, several(A, G, 0.5, scheme))
    for dt in [0.5, 3.0], [3.0, 0.5]:  # imex and a step each: stable, and beyond 4 + 2 g
        yield from answers(words("outside"), name, several([1.0, 1.0], [0.25, 0.25], dt, "imex"))
    yield from answers(words("Schur"), name, several([1.0, 1.0], [0.25, 0.25], [0.5, 1.0], "imex"))
    for scheme in ALL:
        yield from answers(words("Schur"), name, several([], [], 1.0, scheme))
    for h, scheme in itertools.product(
        (0.5, 1.0, 2.0), ("imex", "imex2", "verlet")
    ):  # Jordan blocks at -1 and 1
        for a in 4.0, 0.0:
            yield from answers(words("unbounded"), name, several([a / h / h], [0.0], h, scheme))


def rates(rng, count=40):
    """Schur and NotSchur with a rate near the spectral radius."""
    for k in range(count):
        scheme = RATIONAL[k % len(RATIONAL)]
        h = float(rng.choice([0.5, 1.0, rng.uniform(0.1, 2)]))
        A, G = rng.uniform(-1, 6), (0.0 if scheme == "verlet" else rng.uniform(-1, 3))
        if k % 3 == 0:
            A, G = round(A * 4) / 4, round(G * 4) / 4
        if not exists(scheme, A, G, h):
            continue
        M = matrix(scheme, A, G, h)
        rho = float(np.abs(np.linalg.eigvals(np.array(M, float))).max())
        s = several([A], [G], h, scheme)
        for rate in (*next_to(rho), rho * (1 + 1e-9), rho * (1 - 1e-9), rho / 2, 1.5 * rho):
            side = radius_compared(M, rate)
            if rate > 0:
                yield claims.Schur(rate), s, {}, "yes" if side < 0 else "no"
            yield claims.NotSchur(rate), s, {}, "yes" if side >= 0 else "no"
    exact = {  # spectral radius, exactly: im with a = 3, imex with g = 3, euler with a = 1/2, g = 1 + 1/16
        "im": (3.0, 0.0, 0.5),
        "imex": (1.0, 3.0, 0.5),
        "imex2": (1.0, 0.75, 0.5),
        "tustin": (0.0, 1.0, 1.0),
        "verlet": (1.0, 0.0, 1.0),
        "euler": (0.25, 1.0, 0.5),
        "imex3": (0.25, 0.6875, 0.5),
    }
    for scheme, (A, G, rho) in exact.items():
        M = matrix(scheme, A, G, 1)
        for rate in next_to(rho):
            side = radius_compared(M, rate)
            yield claims.Schur(rate), several([A], [G], 1.0, scheme), {}, "yes" if side < 0 else "no"
            yield claims.NotSchur(rate), several([A], [G], 1.0, scheme), {}, "yes" if side >= 0 else "no"
        yield claims.NotSchur(0.0), several([A], [G], 1.0, scheme), {}, "yes"
    for rate, (A, G) in itertools.product((0.5, 2.0), [(1.0, 1.0), (-1.0, 0.0)]):
        yield claims.Schur(rate), several([A], [G], 1.0, "zoh"), {}, "no"  # needs a storage matrix
        yield claims.NotSchur(rate), several([A], [G], 1.0, "zoh"), {}, "no"


# ----------------------------------------------------------------------------------------- gains
def response(s, z, v):
    """y for the input v at the point z of the circle, exactly: pairs (re, im); one real oscillator."""
    A, G, h = s.stiffness[0], s.damping[0], s.steps[0]
    M = matrix(s.scheme, A, G, h)
    (a, b), (c, d) = M
    f, g = advance(s.scheme, A, G, h, 0, 0, 1)
    p, q = (z[0] - a, z[1]), (z[0] - d, z[1])
    det = (p[0] * q[0] - p[1] * q[1] - b * c, p[0] * q[1] + p[1] * q[0])
    size = det[0] ** 2 + det[1] ** 2
    times = lambda x, y: (x[0] * y[0] - x[1] * y[1], x[0] * y[1] + x[1] * y[0])
    over = (det[0] / size, -det[1] / size)
    force = sum((F(x) * w for x, w in zip(s.B[0].tolist(), v, strict=True)), F(0))
    states = [times(over, (q[0] * f + b * g, q[1] * f)), times(over, (c * f + p[0] * g, p[1] * g))]
    if s.output == "post":
        states = [times(z, x) for x in states]
    found = []
    for V, W, D in zip(s.velocity[:, 0].tolist(), s.position[:, 0].tolist(), s.D.tolist(), strict=True):
        direct = sum((F(x) * w for x, w in zip(D, v, strict=True)), F(0))
        y = [(F(V) * states[0][k] + F(W) * states[1][k]) * force for k in (0, 1)]
        found.append((y[0] + direct, y[1]))
    return found


def circle(t):
    """The point of the circle with tan(angle/2) = t, as fractions; None: -1."""
    if t is None:
        return F(-1), F(0)
    t = F(t)
    return (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)


def peak(s):
    """The largest |y|/|u|, squared, over rational points, exactly: no more than the square of the gain."""
    v = [F(x) for x in s.B[0].tolist()] if s.m != 1 or not s.B.any() else [F(1)]
    v = v if any(v) else [F(1)] * s.m
    size = sum(x * x for x in v)
    square = lambda t: sum(a * a + b * b for a, b in response(s, circle(t), v)) / size
    M, B, C, D = s.real_form()
    w = np.linalg.eigvals(M)
    grid = np.concatenate(
        [np.linspace(0, np.pi, 200), *(abs(np.angle(w)) + k * (1 - abs(w)) for k in range(-3, 4))]
    )
    grid = np.clip(grid, 0, np.pi - 1e-9)
    rough = lambda x: np.linalg.norm(C @ np.linalg.solve(np.exp(1j * x) * np.eye(2) - M, B) + D, 2)
    best, step = max(grid, key=rough), 0.02
    while step > 1e-9:
        best = max(np.clip(best + step * np.linspace(-1, 1, 9), 0, np.pi - 1e-9), key=rough)
        step /= 3
    return max(square(t) for t in (0, None, math.tan(best / 2)))


def below(square):
    """The largest double whose square is at most this fraction."""
    g = math.sqrt(square)
    while F(g) ** 2 > square:
        g = math.nextafter(g, 0)
    while F(math.nextafter(g, math.inf)) ** 2 <= square:
        g = math.nextafter(g, math.inf)
    return g


def single(rng, scheme):
    """One stable oscillator that the rules decide without a witness."""
    while True:
        h, A, G = rng.uniform(0.2, 1.5), 10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-1.5, 0.5)
        if truth(scheme, A, G, h) == "Schur":
            break
    kind = rng.integers(4)
    m, p = (1, 1) if kind < 2 else rng.integers(1, 4, 2)
    draw = lambda *shape: rng.choice([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0], shape)
    D = rng.choice([-1.0, 0.0, 0.25, 2.0], (1, 1)) if kind < 2 else np.zeros((p, m))
    output = rng.choice(["pre", "post"])
    return OscillatorSubject([A], [G], h, scheme, draw(1, m), draw(p, 1), draw(p, 1), D, [0.0], output)


def gains(rng, count=48):
    """Claims of a gain at, just below and just above what one point of the circle shows."""
    schemes = [s for s in RATIONAL if s != "verlet"]
    for k in range(count):
        s = single(rng, schemes[k % len(schemes)])
        top = peak(s)
        if top == 0:
            for claim in claims.L2Gain, claims.Lipschitz, claims.L2GainAtLeast:
                yield claim(0.0), s, {}, "yes"
            yield claims.L2GainAtLeast(5e-324), s, {}, "no"
            continue
        g = below(top)  # the norm is at least g, and at most about g
        for gamma in g * (1 - 1e-9), math.nextafter(g, 0):
            for claim in claims.L2Gain, claims.Lipschitz:
                yield claim(gamma), s, {}, "no"
        yield claims.L2GainAtLeast(g), s, {}, "yes"
        for claim in claims.L2Gain, claims.Lipschitz:
            yield claim(g * (1 + 1e-9)), s, {}, "yes"
        yield claims.L2GainAtLeast(g * (1 + 1e-9)), s, {}, "no"
    yield from norms()


def norms():
    """Norms that are doubles: both claims at the norm, one of them beside it; and what is not decided."""
    known = [  # scheme, A, G, h, readout, output, norm: at 1 (1/A), at -1, or between (im: a = 3, g = 0)
        ("im", 4.0, 8.0, 1.0, "position", "pre", 0.25),
        ("tustin", 4.0, 8.0, 0.5, "position", "post", 0.25),
        ("imex", 1.0, 3.0, 1.0, "position", "pre", 1.0),
        ("imex2", 1.0, 0.875, 0.75, "position", "pre", None),
        ("euler", 0.5, 1.5, 1.0, "velocity", "pre", None),
        ("im", 3.0, 0.0, 1.0, "position", "pre", None),
        ("im", 0.75, 0.0, 2.0, "velocity", "post", None),
        ("imex3", 2.0, 0.5, 1.0, "velocity", "pre", None),
    ]
    for scheme, A, G, h, C, output, norm in known:
        s = oscillator(A, G, h, scheme, C=C, output=output)
        low, norm, high = next_to(below(peak(s)) if norm is None else norm)
        sure = peak(s) == F(norm) ** 2
        yield claims.L2GainAtLeast(norm), s, {}, "yes"
        yield claims.L2Gain(low), s, {}, "no"
        if sure:
            yield claims.L2Gain(norm), s, {}, "yes"
            yield claims.L2GainAtLeast(high), s, {}, "no"
            yield claims.L2GainAtLeast(low), s, {}, "yes"
    for G in 0.0, -1.0:  # not stable: no gain at all, and nothing is said of a lower one
        s = oscillator(1.0, G, 1.0, "tustin")
        for claim in claims.L2Gain(9.0), claims.Lipschitz(9.0), claims.L2GainAtLeast(0.5):
            yield claim, s, {}, "no"
    eye, zero = np.eye(2), np.zeros((2, 2))
    two = OscillatorSubject([1.0, 1.0], [1.0, 1.0], 1.0, "im", eye, zero, eye, zero, [0.0, 0.0])
    cplx = OscillatorSubject([1.0], [1.0], 1.0, "im", [[1j]], [[0]], [[1j]], [[0.0]], [0])
    wide = OscillatorSubject([1.0], [1.0], 1.0, "im", [[1.0, 1.0]], [[0.0]], [[1.0]], [[0.0, 1.0]], [0.0])
    tall = OscillatorSubject(
        [1.0], [1.0], 1.0, "im", [[1.0]], [[0.0]] * 2, [[1.0]] * 2, [[0.0], [1.0]], [0.0]
    )
    held = oscillator(1.0, 1.0, 1.0, "zoh")
    for s in two, cplx, wide, tall, held:  # true, but not without a witness
        for claim in claims.L2Gain(50.0), claims.Lipschitz(50.0), claims.L2GainAtLeast(0.0):
            yield claim, s, {}, "no"
    for m, p in (0, 1), (1, 0), (0, 0):  # nothing comes in or out
        none = np.zeros((1, m)), np.zeros((p, 1)), np.ones((p, 1)), np.zeros((p, m))
        s = OscillatorSubject([4.0], [8.0], 1.0, "im", *none, [0.0])
        yield claims.L2Gain(0.0), s, {}, "yes"
        yield claims.L2GainAtLeast(0.0), s, {}, "yes" if m else "no"
    for bias in 0.0, 2.0:
        s = oscillator(4.0, 8.0, 1.0, "im", bias=bias)
        yield claims.Lipschitz(0.25), s, {}, "yes"
        yield claims.Lipschitz(math.nextafter(0.25, 0)), s, {}, "no"


# ----------------------------------------------------------------------------------------- energy
def ratio(scheme, A, G, h):
    """(trace, det) of E^-1 M'EM for A > 0: the largest root of b^2 - trace b + det is the energy ratio."""
    (a, b), (c, d) = matrix(scheme, A, G, h)
    A = F(A)
    N = a * a + A * c * c, a * b + A * c * d, b * b + A * d * d
    return N[0] + N[2] / A, (N[0] * N[2] - N[1] ** 2) / A


def energies(rng, count=40):
    """The energy of one step against the bound, and bounds that are met exactly."""
    for k in range(count):
        scheme = RATIONAL[k % len(RATIONAL)]
        h, A = rng.uniform(0.1, 2), 10 ** rng.uniform(-2, 1.5)
        G = 0.0 if scheme == "verlet" else rng.uniform(-0.2, 3)
        if k % 4 == 0:
            h, A, G = 0.5, float(rng.integers(1, 9)), 0.0 if scheme == "verlet" else float(rng.integers(0, 4))
        if not exists(scheme, A, G, h):
            continue
        t, d = ratio(scheme, A, G, h)
        top = float((t + F(math.sqrt(max(t * t - 4 * d, 0)))) / 2)
        s = several([A], [G], h, scheme)
        for bound in {*next_to(top), 1.0, top * (1 + 1e-9), top * (1 - 1e-9), top / 2, 0.0}:
            b = F(bound)
            true = 2 * b >= t and b * b - t * b + d >= 0
            yield claims.EnergyRatio(bound), s, {}, "yes" if true else "no"
            yield claims.EnergyRatioAbove(bound), s, {}, "no" if true else "yes"
    for one, A in itertools.product((True, False), (1.0, 3.0)):  # the worst of two, wherever it stands
        s = several([A, 0.5][:: 1 if one else -1], [0.0, 2.0][:: 1 if one else -1], 1.0, "imex")
        for bound in 1.0, 100.0:
            yield claims.EnergyRatio(bound), s, {}, "yes" if bound == 100 else "no"
            yield claims.EnergyRatioAbove(bound), s, {}, "no" if bound == 100 else "yes"
    for A, G, bound in itertools.product((0.0, 2.0), (0.0, 0.5), (0.25, 1.0, 2.0)):  # zoh
        s = several([A], [G], 1.0, "zoh")
        loses = G == 0.5 and A == 0  # z shrinks by exp(-1/2): E to 0.3679
        if bound >= 1 or not loses:
            yield claims.EnergyRatio(bound), s, {}, "yes" if bound >= 1 else "no"
        if not (A == 0 and bound == 1 and G == 0):
            yield claims.EnergyRatioAbove(bound), s, {}, "no" if bound >= 1 else "yes"
    for A, h in itertools.product((0.5, 1.0, 3.0, 5.0, 7.0), (0.5, 1.0)):  # exactly 1: no rounding may show
        yield claims.EnergyRatioAbove(1.0), several([A], [0.0], h, "zoh"), {}, "no"
    worst = math.exp(-0.5) ** 2
    for bound, yes in (worst * (1 - 1e-9), False), (worst * (1 + 1e-9), True):
        s = several([0.0], [0.5], 1.0, "im")  # z / (1 + g): E to 4/9
        yield claims.EnergyRatioAbove(4 / 9 * (1 - 1e-9)), s, {}, "yes"
        yield claims.EnergyRatio(4 / 9 * (1 + 1e-9)), s, {}, "yes"
        s = several([0.0], [0.5], 1.0, "zoh")
        yield claims.EnergyRatioAbove(bound), s, {}, "no" if yes else "yes"
    for scheme in "im", "zoh", "tustin":
        for A in [-1.0], [1.0, -1.0], [-1.0, 1.0]:  # a negative stiffness bounds nothing
            s = several(A, [3.0] * len(A), 0.25, scheme)
            yield claims.EnergyRatio(1e9), s, {}, "no"
            yield claims.EnergyRatioAbove(0.0), s, {}, "no"
    for bound in 1.0, 5.0:
        s = several([1.0, 2.0], [0.5, -0.25], 1.0, "zoh")
        yield claims.EnergyRatio(bound), s, {}, "yes" if bound == 5 else "no"
        yield claims.EnergyRatioAbove(bound), s, {}, "no" if bound == 5 else "yes"
        yield claims.EnergyRatio(bound), several([], [], 1.0, "zoh"), {}, "yes"
        yield claims.EnergyRatioAbove(bound), several([], [], 1.0, "zoh"), {}, "no"


def forced(
    A, G, h, scheme="im", output: Any = "post", velocity=None, position=None, D=None, B=None, bias=None
):
    """Two oscillators, two forces, read where the forces act unless said otherwise."""
    B = np.array([[1.0, 2.0], [0.0, -1.0]]) if B is None else np.asarray(B)
    zero = np.zeros((B.shape[1], 2))
    velocity = B.T if velocity is None else velocity
    position, D = zero if position is None else position, np.zeros((B.shape[1],) * 2) if D is None else D
    return OscillatorSubject(A, G, h, scheme, B, velocity, position, D, [0.0, 0.0], output)


def collocated():
    """im from force to velocity, and every way not to be that."""
    A, G, dt = [1.0, 0.0], [0.5, 0.0], [0.5, 2.0]
    yield claims.Passive(), forced(A, G, dt), {}, "yes"
    yield claims.Passive(), forced([0.0, 0.0], [0.0, 0.0], 1.0), {}, "yes"
    E = np.array([[0.0, 1e-300], [0.0, 0.0]])
    B = np.array([[1.0, 2.0], [0.0, -1.0]])
    wrong = [
        *(forced(A, G, dt, scheme) for scheme in ("imex", "imex3", "tustin", "zoh")),
        forced(A, G, dt, output="pre"),
        forced([1.0, -0.5], [0.5, 2.0], 0.25),
        forced([-0.5, 1.0], [2.0, 0.5], 0.25),
        forced([1.0, 0.5], [0.5, -0.25], 0.25),
        forced([1.0, 0.5], [-0.25, 0.5], 0.25),
        forced(A, G, dt, velocity=B.T + E),
        forced(A, G, dt, velocity=-B.T),
        forced(A, G, dt, velocity=B),
        forced(A, G, dt, position=E),
        forced(A, G, dt, D=E),
        forced(A, G, dt, B=B + 0j, velocity=B.T + 0j),
    ]
    for s in wrong:
        yield claims.Passive(), s, {}, "no"


# ----------------------------------------------------------------------------------------- irregular steps
def ranges():
    """Ranges of steps for which a common quadratic form is known, and those beside them."""
    for A, G in itertools.product((-1.0, 0.0, 5e-324, 2.0), (-0.5, 0.0, 5e-324, 0.5, 2.0)):
        for scheme in ALL:
            if scheme == "verlet" and G:
                continue
            high = 4.0
            low = 0.25
            good = A > 0 and scheme in ("im", "imex3", "tustin", "zoh") and G >= 0
            good = good and (scheme != "imex3" or G * high <= 2)
            strict = good and (G > 0 or scheme in ("im", "imex3"))
            if exists(scheme, A, G, 1.0):
                s = several([A], [G], 1.0, scheme)
                yield claims.StableForSteps(low, high), s, {}, "yes" if strict else "no"
                yield claims.BoundedForSteps(low, high), s, {}, "yes" if good else "no"
    for scheme, (A, G), order in itertools.product(
        ("im", "imex3", "tustin", "zoh"), [(0.0, 1.0), (1.0, -1.0)], (1, -1)
    ):
        s = several([1.0, A][::order], [0.5, G][::order], 0.5, scheme)
        for claim in claims.StableForSteps, claims.BoundedForSteps:
            yield claim(0.5, 0.5), s, {}, "no"
    for high in next_to(2.0):
        s = several([3.0], [1.0], 7.0, "imex3")
        for claim in claims.StableForSteps, claims.BoundedForSteps:
            yield claim(0.5, high), s, {}, "yes" if high <= 2 else "no"


def sequences(rng, count=24):
    """Sequences of steps whose product leaves the disc, or does not; some step out of range."""
    for k in range(count):
        scheme = RATIONAL[k % len(RATIONAL)]
        T = int(rng.integers(1, 9))
        A, G = (
            float(rng.choice([1.0, 2.5, -0.5])),
            0.0 if scheme == "verlet" else float(rng.choice([0.0, 0.125, 0.5])),
        )
        steps = rng.choice([0.25, 0.5, 1.875, 1.0, rng.uniform(0.25, 1.9)], T)
        if not all(exists(scheme, A, G, h) for h in steps.tolist()):
            continue
        M = EYE
        for h in steps.tolist():
            M = product(M, matrix(scheme, A, G, h))
        grows = "yes" if radius_compared(M) > 0 else "no"
        s = several([A], [G], 1.0, scheme)
        w = {"oscillator": 0, "steps": steps}
        yield claims.UnstableForSteps(0.25, 1.9), s, w, grows
        yield claims.UnstableForSteps(float(steps.min()), float(steps.max())), s, w, grows
        if T > 1 and steps.min() < steps.max():
            yield claims.UnstableForSteps(float(steps.min()), math.nextafter(steps.max(), 0)), s, w, "no"
            yield claims.UnstableForSteps(math.nextafter(steps.min(), 9), float(steps.max())), s, w, "no"
    swing = [1.9, 0.5]
    for A, at, answer in (
        ([1.0, 3e-3], 0, "yes"),
        ([3e-3, 1.0], 1, "yes"),
        ([3e-3, 1.0], 0, "no"),
        ([1.0, 1.0], 2, "no"),
    ):
        s = several(A, [0.0, 0.0], 1.0, "imex")
        yield claims.UnstableForSteps(0.5, 1.9), s, {"oscillator": at, "steps": swing}, answer
    one = several([1.0], [0.0], 1.0, "imex")
    yield claims.UnstableForSteps(0.5, 1.9), one, {"oscillator": 0, "steps": np.zeros(0)}, "no"
    yield (
        claims.UnstableForSteps(0.5, 1.9),
        one,
        {"oscillator": 0, "steps": ([1.0, 0.25], [0.875, 0.25])},
        "yes",
    )
    yield claims.UnstableForSteps(0.5, 1.9), one, {"oscillator": 0, "steps": np.full(1025, 1.0)}, "no"
    for A, G in itertools.product(
        (-1.0, 0.0, 1.0), repeat=2
    ):  # zoh: whatever the steps, if they are in range
        for steps in [1.0], [1.0, 0.25], np.zeros(0):
            grows = len(steps) == 1 and min(A, G) < 0
            w = {"oscillator": 0, "steps": steps}
            yield (
                claims.UnstableForSteps(0.5, 1.9),
                several([A], [G], 1.0, "zoh"),
                w,
                "yes" if grows else "no",
            )
    for steps in [1.0], [0.5, 1.0]:  # im, and a step whose divisor vanishes
        w = {"oscillator": 0, "steps": steps}
        yield claims.UnstableForSteps(0.5, 1.0), several([-1.0], [0.0], 0.5, "im"), w, "no"
    for scheme, A, G, h in ("im", -5.0, 0.0, 1.0), ("imex", 1.0, -2.5, 1.0), ("tustin", -5.0, 0.0, 2.0):
        for T in 1, 2, 3:  # divisors below zero
            M = EYE
            for _ in range(T):
                M = product(M, matrix(scheme, A, G, h))
            w, yes = {"oscillator": 0, "steps": [h] * T}, radius_compared(M) > 0
            yield claims.UnstableForSteps(0.5, 2.0), several([A], [G], h, scheme), w, "yes" if yes else "no"
    for scheme, A, G, h in ("im", -2.0, 0.0, 1.0), ("euler", 0.0, -0.25, 2.0), ("euler", 0.0, -1.0, 1.0):
        w = {"oscillator": 0, "steps": [h]}  # a divisor of -1; entries of unequal size; a margin of 1
        yield claims.UnstableForSteps(h, h), several([A], [G], 1.0, scheme), w, "yes"
    edge = several([4.0], [0.0], 1.0, "imex")  # at a = 4 a Jordan block, above it growth
    for high in next_to(1.0):
        yield (
            claims.UnstableForSteps(0.5, high),
            edge,
            {"oscillator": 0, "steps": [high]},
            "yes" if high > 1 else "no",
        )


def everything(rng, full=True):
    """All of it: (claim, subject, witness, answer)."""
    yield from regions(rng, full)
    yield from families(rng)
    yield from rates(rng, 40 if full else 14)
    yield from gains(rng, 48 if full else 18)
    yield from energies(rng, 40 if full else 14)
    yield from collocated()
    yield from ranges()
    yield from sequences(rng, 24)
