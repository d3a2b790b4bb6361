"""No false claim is accepted, however near the truth and however tempting its witness; most true ones are.

The truth is decided without the code under test: in `truth`, for systems of one state in closed form below.
`-m slow` runs the same with other seeds.
"""

import itertools
import math
from fractions import Fraction as F

import numpy as np
import pytest

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
from tests.certificates.truth import fractions, provable_gain, strict, symmetric_functions, tempting

SEEDS = [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]
seeds = pytest.mark.parametrize("seed", SEEDS)


def accepted(claim, subject, witness, level):
    """Whether a claim is proved; any exception but a refusal is a failure of the test."""
    try:
        check(Certificate(claim, subject, witness), level)
    except exact.Refused:
        return False
    return True


# ---------------------------------------------------------------------------------------- definite matrices
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
    definite, proved = 0, 0
    modes: dict[str, int] = {"chol": 0, "resid": 0, "ball": 0}
    for kind, _ in zip(kinds, range(6000), strict=False):
        M = near_singular(rng, kind, int(rng.integers(1, 9)))
        e = symmetric_functions(fractions(M))
        positive, nonnegative = all(x > 0 for x in e), all(x >= 0 for x in e)
        E = exact.read_matrix([[x.hex() for x in row] for row in (M + 0.0).tolist()], len(M), len(M), "M")
        found = {mode: positive_definite(M, None, mode) for mode in ("chol", "resid")}
        found["ball"] = Ball(M).positive()
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


# ---------------------------------------------------------------------------------------------------- gains
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
        output = "post" if "post" in kind else "pre"
        return ModalSubject(poles, B, C, D.real, 0.0 if continuous else True, output)
    A = either(n, n)
    values = np.linalg.eigvals(A)
    A = A - (values.real.max() + room) * np.eye(n) if continuous else A * (1 - room) / np.abs(values).max()
    return StateSpaceSubject(A, B, C, D, 0.0 if continuous else True)


KINDS = "real", "complex", "modal", "modal post", "continuous real", "continuous complex", "continuous modal"
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
    """A file of a true claim, edited into a false one, is refused with the old hash and with the new."""
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


# ------------------------------------------------------------------------ one state: bounds in closed form
def doubles(x, up, k=3):
    """Give k floats whose exact sum is near a fraction, on the side asked for."""
    parts = []
    for _ in range(k):
        parts.append(float(x))
        x -= F(parts[-1])
    wrong = x > 0 if up else x < 0
    parts[-1] = math.nextafter(parts[-1], math.inf if up else -math.inf) if wrong else parts[-1]
    return tuple(parts)


def scalar_cases(rng, continuous):
    """Yield (name, whether true, claim, subject, witness), within 1e-12 of the boundary, for one state."""
    r, b, c = rng.choice([rng.uniform(0.1, 0.85), 0.5, 0.75, 0.8]), rng.uniform(0.5, 2), rng.uniform(0.5, 2)
    r, b, c = F(r), F(b), F(c)
    room = r if continuous else 1 - r
    a = -r if continuous else r * int(rng.choice([-1, 1]))
    gain, gramian = b * c / room, c * c / (2 * r if continuous else 1 - r * r)
    dt = 0.0 if continuous else True
    one = lambda x: np.array([[float(x)]])
    make = lambda a, b, c, d: StateSpaceSubject(one(a), one(b), one(c), one(d), dt)
    s = make(a, b, c, 0)
    matrix = lambda x, up=True: tuple(np.array([[y]]) for y in doubles(x, up))
    vector = lambda x: tuple(np.array([y]) for y in doubles(x, True))
    half = float(r / 2 if continuous else (1 + r) / 2)
    contraction = {"P": [[float(c * c) * 1.001]], "a": half}
    real = {"vr": [1.0], "vi": [0.0], "xi": [0.0]}
    point = {} if a < 0 and not continuous else {"point": 0.0}
    answer = b / room * (1 if a > 0 or continuous else -1)
    lower = contraction | real | point | {"xr": vector(answer)}
    storage = c * c / room

    def ladder(boundary, steps=(-2, -1, 0, 1, 2, -(2**12), 2**12, -(2**7), 2**7)):
        g = float(boundary) if isinstance(boundary, F) else boundary
        return [g + k * math.ulp(g) for k in steps]

    for g in ladder(gain):
        yield "L2Gain", F(g) >= gain, L2Gain(g), s, {"P": matrix(storage)}
        yield "L2GainAtLeast", F(g) <= gain, L2GainAtLeast(g), s, lower
    for g in ladder(gain**2):
        yield "Dissipative", F(g) >= gain**2, Dissipative([[-1.0]], [[0.0]], [[g]]), s, {"P": matrix(storage)}
    for g in ladder(math.sqrt(b * b * gramian)):
        true = F(g) ** 2 - b * b * gramian
        yield "H2Norm", true >= 0, H2Norm(g), s, {"P": matrix(gramian * (1 + F(1, 2**99)))}
        yield "H2NormAtLeast", true <= 0, H2NormAtLeast(g), s, {"P": matrix(gramian, up=False), "S": [[1.0]]}
    decay, weight = math.exp(-float(r) / 8) if continuous else float(r), math.sqrt(1.001) * float(c) * 1.001
    steps = math.ceil((-22 if continuous else -60) / math.log(decay))
    sums = contraction | {"steps": steps, "bits": 120 if continuous else 160, "weight": weight}
    sums["tail"] = weight * float(b) * decay**steps * 1.001
    if continuous:  # the trapezoid rule is off by some 1e-3
        sums |= {"h": 0.125, "order": 6}
    for g in ladder(gain, (-(2**45), -1, 1, 2**45)) if continuous else ladder(gain):
        yield "PeakGain", F(g) >= gain, PeakGain(g), s, sums
        yield "PeakGainAtLeast", F(g) <= gain, PeakGainAtLeast(g), s, sums
    for g in ladder(b / room):
        decay = half if continuous else math.sqrt(r)
        yield "ISS", F(g) >= b / room, InputToStateStable(g, decay, 1.0), s, {"P": [[1.0]]}
    worst = b * c / (r if continuous else 1 + a)
    away = contraction | real | ({"point": 0.0} if continuous else {})
    sign = -1 if continuous else 1
    for d in ladder(worst):
        t = make(a, b, sign * c, d)
        yield "Passive", F(d) >= worst, Passive(), t, {"P": matrix(c / b)}
        x = vector(b / r if continuous else -b / (1 + a))
        yield "NotPassive", F(d) < worst, NotPassive(), t, away | {"xr": x}


@seeds
@pytest.mark.parametrize("continuous", [False, True])
def test_one_state(seed, continuous):
    rng, count = np.random.default_rng(seed), {}
    for _ in range(14):
        for name, true, claim, s, witness in scalar_cases(rng, continuous):
            found = [accepted(claim, s, Witness(**witness), level) for level in LEVELS]
            assert true or not any(found), (claim, s.to_json(), witness)
            old = count.get(name, (0, 0, 0, 0))
            count[name] = tuple(map(sum, zip(old, (1, true, *(true and x for x in found)), strict=True)))
    print("\nclaim: made, true, proved at float64, at exact", count)
    for name, (_, true, _, proved) in count.items():
        assert proved >= true / 2, name


@seeds
def test_rotations(seed):
    """A rotation by an angle in floats lies about 1e-16 inside or outside the unit circle."""
    one, zero = [[1.0], [0.0]], [[0.0]]
    for angle in np.random.default_rng(seed).uniform(-4, 4, 60):
        c, s = float(np.cos(angle)), float(np.sin(angle))
        A = [[c, -s], [s, c]]
        square = F(c) ** 2 + F(s) ** 2
        dense = StateSpaceSubject(A, one, [[1.0, 0.0]], zero, True)
        for subject, modal in (dense, False), (ModalSubject([c + 1j * s], [[1]], [[1]], zero, True), True):
            P = Witness() if modal else Witness(P=np.eye(2))
            assert accepted(Schur(), subject, P, "exact") == (square < 1)
            assert accepted(Bounded(), subject, P, "exact") == (square <= 1)
            out = Witness() if modal else Witness(P=-np.eye(2), x=[1.0, 0.0])
            assert accepted(Unstable(), subject, out, "exact") == (square > 1)
            assert square < 1 or not accepted(Schur(), subject, P, "float64")
            assert square <= 1 or not accepted(Bounded(), subject, P, "float64")
            assert square > 1 or not accepted(Unstable(), subject, out, "float64")


# ------------------------------------------------------------------------------------ empty and overflowing
def test_empty_dimensions():
    """A product over nothing proves nothing: false claims about systems without states, inputs or outputs."""
    E = lambda r, c: np.zeros((r, c))
    no_output = StateSpaceSubject([[5.0]], [[1.0]], E(0, 1), E(0, 1), True)
    no_input = StateSpaceSubject([[5.0]], E(1, 0), [[1.0]], E(1, 0), True)
    static = StateSpaceSubject(E(0, 0), E(0, 1), E(1, 0), [[7.0]], True)
    nothing = StateSpaceSubject(E(0, 0), E(0, 0), E(0, 0), E(0, 0), True)
    peak = {"a": 0.5, "steps": 0, "bits": 0, "weight": 9.0, "tail": 0.0}
    point = {"a": 0.5, "xr": E(0, 1)[:, 0], "xi": E(0, 1)[:, 0], "vr": [1.0], "vi": [0.0]}
    false = [
        *(
            (claim, s, {"P": [[P]]})
            for s in (no_output, no_input)
            for P in (1.0, -1.0, 0.0)
            for claim in (Schur(), Bounded(), L2Gain(1.0), H2Norm(1.0), InputToStateStable(1.0, 0.5, 1.0))
        ),
        *((PeakGain(1.0), s, {"P": [[P]], **peak}) for s in (no_output, no_input) for P in (1.0, -1.0, 0.0)),
        *(
            (claim, static, {"P": E(0, 0)})
            for claim in (L2Gain(6.0), H2Norm(6.0), Dissipative([[-1.0]], [[0.0]], [[48.0]]))
        ),
        (PeakGain(6.0), static, {"P": E(0, 0), **peak}),
        (PeakGainAtLeast(8.0), static, {"P": E(0, 0), **peak}),
        (H2NormAtLeast(8.0), static, {"P": E(0, 0), "S": E(0, 0)}),
        (L2GainAtLeast(8.0), static, {"P": E(0, 0), **point}),
        (L2GainAtLeast(8.0), static, {"u": [[1.0]]}),
        (L2GainAtLeast(0.5), static, {"u": E(0, 1)}),
        (NotPassive(), static, {"u": [[1.0]]}),
        (NotPassive(), static, {"u": E(0, 1)}),
        (Unstable(), static, {"P": E(0, 0), "x": E(0, 1)[:, 0]}),
        (Unstable(), static, {"q": [2.0], "v": E(0, 1)[:, 0]}),
        (Unstable(), nothing, {"q": [2.0], "v": E(0, 1)[:, 0]}),
        (L2GainAtLeast(1.0), nothing, {"u": E(3, 0)}),
        (L2GainAtLeast(1.0), no_output, {"u": [[1.0]]}),
        (L2GainAtLeast(0.0), no_input, {"u": E(2, 0)}),
        (NotPassive(), nothing, {"u": E(2, 0)}),
    ]
    for claim, s, witness in false:
        for level in LEVELS:
            assert not accepted(claim, s, Witness(**witness), level), (claim, s.to_json(), witness)
    for claim in (L2Gain(7.5), H2Norm(7.5), PeakGain(7.5)):  # and the same witnesses prove what is true
        witness = {"P": E(0, 0)} | (peak if isinstance(claim, PeakGain) else {})
        assert accepted(claim, static, Witness(**witness), "exact")


def test_overflow_proves_nothing():
    """Three copies of an unstable mode cancel in y, the gain is 0; in floats they do not, and overflow."""
    s = StateSpaceSubject(3 * np.eye(3), [[1.0], [1.25], [-1.5]], [[1.0, 1.0, 1.5]], [[0.0]], True)
    for T in (*range(340, 380, 2), 690):
        u = np.zeros((T, 1))
        u[0] = 1
        for claim in (L2GainAtLeast(1e-6), L2GainAtLeast(1e6), NotPassive()):
            assert not accepted(claim, s, Witness(u=u), "float64")
    for mid, rad in itertools.product([np.inf, np.nan, 1e308], [0.0, 1.0, np.inf, np.nan, -1.0]):
        if not (mid == 1e308 and rad in (0.0, 1.0)):
            for n in (1, 2):
                ball = Ball(np.diag([mid] * n), np.full((n, n), rad))
                with np.errstate(all="ignore"):
                    assert not refused_as_false(ball.positive)
                    assert not refused_as_false(ball.nonnegative)


def refused_as_false(decide):
    try:
        return decide()
    except exact.Refused:
        return False
