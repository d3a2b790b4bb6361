"""Every claim in both time domains: one true claim that is proved, one just across the boundary that nothing
proves.

Truth is known in closed form, by construction, or from slycot; each false claim is also attacked with the
witness that proved its true neighbour.
"""

import math
from fractions import Fraction

import numpy as np
import pytest

from ssmctl.analysis import finders, rational
from ssmctl.analysis.finders import candidates, explicit_iss, h2_bounds, peak_bounds
from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import check
from ssmctl.certificates.claim import (
    Bounded,
    Dissipative,
    H2Norm,
    H2NormAtLeast,
    Hurwitz,
    InputToStateStable,
    L2Gain,
    L2GainAtLeast,
    NotDissipative,
    NotHurwitz,
    NotPassive,
    NotSchur,
    Passive,
    PeakGain,
    PeakGainAtLeast,
    Schur,
    Unbounded,
    Unstable,
)
from ssmctl.certificates.exact import Refused
from ssmctl.certificates.subject import ModalSubject, OscillatorSubject, StateSpaceSubject

UP, DOWN = 1 + 1e-9, 1 - 1e-9
AXIS = "AC1 AC2 CSE2 FS IH JE2 NN15 ROC5 ROC7 ROC9 TF2".split()


def proof(subject, claim, level="exact"):
    """Give the witness that proves a claim, or None."""
    for witness, how in candidates(subject, claim):
        assert how
        try:
            check(Certificate(claim, subject, witness), level)
            return witness
        except Refused:
            continue
    return None


def accepted(subject, claim, witness):
    try:
        check(Certificate(claim, subject, witness), "exact")
    except Refused:
        return False
    return True


def ss(A, B=None, C=None, D=None, dt: float = True):
    A = np.atleast_2d(A)
    B = np.eye(len(A))[:, :1] if B is None else np.array(B, dtype=A.dtype).reshape(len(A), -1)
    C = np.eye(len(A))[:1] if C is None else np.array(C, dtype=A.dtype).reshape(-1, len(A))
    return StateSpaceSubject(A, B, C, np.zeros((len(C), B.shape[1])) if D is None else np.atleast_2d(D), dt)


def static(D, dt: float = True):
    p, m = np.shape(D)
    return StateSpaceSubject(np.zeros((0, 0)), np.zeros((0, m)), np.zeros((p, 0)), D, dt)


def sharp_norm(subject):
    peak = RealForm(subject).sharp_peak
    assert peak is not None
    return peak.gain


def explicit(subject):
    """Give the first claim with all its numbers that is proposed, and they: gain, decay, overshoot."""
    witness, how, claim = next(explicit_iss(subject, InputToStateStable()))
    assert how
    assert accepted(subject, claim, witness)
    gain, decay, overshoot = (x for x in (claim.gain, claim.decay, claim.overshoot) if x is not None)
    return claim, gain, decay, overshoot


def gain_supply(gamma, p=1, m=1):
    return -np.eye(p), np.zeros((p, m)), gamma**2 * np.eye(m)


E = math.exp(-math.pi / 4)
RIPPLE = 0.2 + 0.4 * E + 0.4 * E * (1 + E**2) / (1 - E**2)  # the integral of e^-t |cos 2t|
NEW_STATE = ModalSubject([0.5j], [[1]], [[1]], [[0]], True, "post")
TWO_OF_EACH = ss(np.diag([0.5, -0.5]), np.eye(2), [[1, 1], [1, -1]])
SYSTEMS = {
    # name: (subject, pole modulus or abscissa, l2 gain, H2 norm, peak gain)
    "first order": (ss([[0.5]]), 0.5, 2.0, math.sqrt(4 / 3), 2.0),
    "complex": (ss([[0.5j]]), 0.5, 2.0, math.sqrt(4 / 3), None),
    "modal": (ModalSubject([0.5j], [[1]], [[1]], [[0]], True), 0.5, 4 / 3, math.sqrt(16 / 15), 4 / 3),
    "modal, new state": (NEW_STATE, 0.5, 4 / 3, math.sqrt(16 / 15), 4 / 3),
    "two of each": (TWO_OF_EACH, 0.5, None, math.sqrt(16 / 3), 4.0),
    "lag": (ss([[-1.0]], dt=0), -1.0, 1.0, math.sqrt(0.5), 1.0),
    "complex lag": (ss([[-1 + 3j]], dt=0), -1.0, 1.0, math.sqrt(0.5), None),
    "modal lag": (ModalSubject([-1 + 2j], [[1]], [[1]], [[0]], 0), -1.0, None, math.sqrt(0.3), RIPPLE),
}
systems = pytest.mark.parametrize("name", SYSTEMS)


def pair(subject, true, false, tempting=True):
    """Check the true claim and its false neighbour."""
    witness = proof(subject, true)
    assert witness is not None, true
    assert proof(subject, false) is None, false
    if tempting:
        assert not accepted(subject, false, witness)
    assert not true.refutes(true)
    assert true != false


@systems
def test_spectral(name):
    subject, size, *_ = SYSTEMS[name]
    if subject.continuous:
        pair(subject, Hurwitz(1.0 * DOWN), Hurwitz(1.0))
        pair(subject, NotHurwitz(1.0 * UP), NotHurwitz(1.0 * DOWN))
        pair(subject, NotHurwitz(1.0), NotHurwitz(1.0 * DOWN))  # an exact eigenvalue, even on the boundary
    else:
        pair(subject, Schur(size * UP), Schur(size))
        pair(subject, NotSchur(size * DOWN), NotSchur(size * UP))
        if name not in ("complex",):
            pair(subject, NotSchur(size), NotSchur(size * UP))
    assert proof(subject, Unstable()) is None
    assert proof(subject, Bounded()) is not None
    assert proof(subject, Unbounded()) is None


@systems
def test_l2_gain(name):
    subject, _, norm, *_ = SYSTEMS[name]
    norm = norm or sharp_norm(subject)
    pair(subject, L2Gain(norm * UP), L2Gain(norm * DOWN))
    pair(subject, L2GainAtLeast(norm * DOWN), L2GainAtLeast(norm * UP))


@systems
def test_h2(name):
    subject, _, _, norm, _ = SYSTEMS[name]
    pair(subject, H2Norm(norm * UP), H2Norm(norm * DOWN))
    pair(subject, H2NormAtLeast(norm * DOWN), H2NormAtLeast(norm * UP))
    ends = h2_bounds(subject, 1e-8)
    assert ends is not None
    low, below, high, above = ends
    assert low <= norm <= high <= low * (1 + 1.1e-8)
    assert any(accepted(subject, H2NormAtLeast(low), w) for w, _ in below)
    assert any(accepted(subject, H2Norm(high), w) for w, _ in above)


@systems
def test_peak_gain(name):
    subject, *_, norm = SYSTEMS[name]
    if subject.complex:
        assert list(candidates(subject, PeakGain(10.0))) == []
        return
    rtol = 1e-4 if subject.continuous else 1e-6
    ends = peak_bounds(subject, rtol)
    assert ends is not None
    low, below, high, above = ends
    assert low <= norm <= high <= low * (1 + 2 * rtol)
    assert any(accepted(subject, PeakGainAtLeast(low), w) for w, _ in below)
    assert any(accepted(subject, PeakGain(high), w) for w, _ in above)
    near = 1e-3 if subject.continuous else 1e-9
    pair(subject, PeakGain(norm * (1 + near)), PeakGain(norm * (1 - near)))
    pair(subject, PeakGainAtLeast(norm * (1 - near)), PeakGainAtLeast(norm * (1 + near)))


@systems
def test_input_to_state(name):
    subject, _size, *_ = SYSTEMS[name]
    claim, gain, decay, overshoot = explicit(subject)
    slower = decay < 1.0 if subject.continuous else decay > 0.5
    assert slower
    assert overshoot <= 2
    assert gain <= 10
    pair(subject, claim, InputToStateStable(gain, 1.001 if subject.continuous else 0.499, overshoot))
    assert proof(subject, InputToStateStable(0.5, decay, overshoot)) is None  # |x_1| = |u_0|, x = u at rest
    kept = next(explicit_iss(subject, InputToStateStable(overshoot=3.0)))[2]
    assert kept.overshoot == 3.0


@systems
def test_dissipative(name):
    subject, _, norm, *_ = SYSTEMS[name]
    norm = norm or sharp_norm(subject)
    p, m = subject.p, subject.m
    true, false = Dissipative(*gain_supply(norm * 1.001, p, m)), Dissipative(*gain_supply(norm * 0.999, p, m))
    pair(subject, true, false)
    pair(
        subject,
        NotDissipative(*gain_supply(norm * 0.999, p, m)),
        NotDissipative(*gain_supply(norm * 1.001, p, m)),
    )


def test_input_to_state_by_lmi():
    """Numbers that no Stein equation reaches: the sum over the impulse response of two coupled modes."""
    subject = ss(dense(4, 0.8), B=np.eye(4))
    _, gain, decay, overshoot = explicit(subject)
    tight = InputToStateStable(gain * 0.8, decay, overshoot * 0.9)
    hows = [how for _, how in candidates(subject, tight)]
    assert hows == ["linear matrix inequality"]
    pair(subject, tight, InputToStateStable(gain * 0.01, decay, overshoot))


def mechanics(stiffness, damping, dt: float = 0):
    """Unit mass from force to velocity."""
    return ss([[0.0, 1.0], [-stiffness, -damping]], [0, 1], [0, 1], dt=dt)


def ladder(n):
    """A chain of coils and capacitors with a resistor at its end, driven at the front: passive for any
    values."""
    J = np.diag(np.ones(n - 1), 1)
    J = J - J.T
    J[-1, -1] = -0.9
    size = np.linspace(0.5, 2.2, n)
    return ss(J / size[:, None], np.eye(n)[:, 0] / size[0], np.eye(n)[0], dt=0)


RNG = np.random.default_rng(3)
K, IN = RNG.normal(size=(5, 5)), RNG.normal(size=(5, 2))
PASSIVE = {  # name: (subject, whether it is passive)
    "1 + 1/(z - 1/2)": (ss([[0.5]], D=[[1.0]]), True),
    "just above 2/3": (ss([[0.5]], D=[[2 / 3 + 1e-9]]), True),
    "just below 2/3": (ss([[0.5]], D=[[2 / 3 - 1e-9]]), False),
    "delay and itself": (ss([[0.0]], D=[[1.0]]), True),  # on the boundary at z = -1
    "trapezoidal integrator": (ss([[1.0]], D=[[0.5]]), True),  # lossless
    "unstable": (ss([[1.5]], D=[[9.0]]), False),
    "modal": (ModalSubject([0.5j], [[1]], [[1]], [[0.84]], True), True),
    "modal, not": (ModalSubject([0.5j], [[1]], [[1]], [[0.83]], True), False),
    "complex": (ss([[0.5j]], D=[[1.34]]), True),  # 1/w, w on the circle around -i/2
    "complex, not": (ss([[0.5j]], D=[[1.33]]), False),
    "lag": (ss([[-0.37]], [0.7], [1.3], dt=0), True),
    "lag, wrong sign": (ss([[-1.0]], [1], [-1], dt=0), False),
    "lag with feedthrough": (ss([[-1.0]], D=[[0.25]], dt=0), True),
    "integrator": (ss([[0.0]], dt=0), True),
    "damper": (mechanics(0.1, 0.3), True),
    "lossless": (mechanics(0.7, 0.0), True),
    "position for velocity": (ss([[0, 1], [-0.1, -0.3]], [0, 1], [1, 0], dt=0), False),
    # false, and not stable: no rule
    "negative damping": (ss([[0, 1], [-1.0, 1.0]], [0, 1], [0, 1], D=[[-0.1]], dt=0), None),
    "ladder": (ladder(6), True),
    "two ports": (ss(K - K.T - np.diag([0, 0, 0.5, 0.25, 1]), IN, IN.T, dt=0), True),
    "static": (static([[1.0]]), True),
    "static, negative": (static([[-1.0]], dt=0), False),
}


@pytest.mark.parametrize("name", PASSIVE)
def test_passive(name):
    subject, passive = PASSIVE[name]
    witness, against = proof(subject, Passive()), proof(subject, NotPassive())
    assert (witness is not None) == (passive is True)
    assert (against is not None) == (passive is False)
    assert witness is None or not accepted(subject, NotPassive(), witness)


def test_supply_rates():
    subject = ss(np.diag([0.5, -0.25]), np.eye(2), np.eye(2))
    S = np.array([[0.1, 0.0], [0.2, 0.1]])
    for Q in (np.diag([-1.0, 0.5]), np.diag([-1.0, 0.0]), np.zeros((2, 2))):
        pair(subject, Dissipative(Q, S, 5 * np.eye(2)), Dissipative(Q, S, -5 * np.eye(2)))
        pair(subject, NotDissipative(Q, S, -5 * np.eye(2)), NotDissipative(Q, S, 5 * np.eye(2)))


# ---------------------------------------------------------------------------------- the boundary itself

TURN = np.array([[0.0, -1.0], [1.0, 0.0]])
EDGE = {  # name: (subject, bounded)
    "integrator": (ss([[1.0]]), True),
    "alternation": (ss([[-1.0]]), True),
    "quarter turn": (ss(TURN), True),
    "cycle of 5": (ss(np.roll(np.eye(5), 1, axis=0)), True),
    "double integrator": (ss([[1.0, 1.0], [0.0, 1.0]]), False),
    "integrator and decay": (ss([[1.0, 0.3], [0.0, 0.5]]), True),
    "two turns, coupled": (ss(np.block([[TURN, np.eye(2)], [np.zeros((2, 2)), TURN]])), False),
    "modal turn": (ModalSubject([1j, 0.5], [[1], [1]], [[1, 1]], [[0]], True), True),
    "integrator, continuous": (ss([[0.0]], dt=0), True),
    "oscillator": (mechanics(0.1, 0.0), True),
    "two oscillators": (ss(np.kron(np.eye(2), [[0, 1], [-0.3, 0]]) + np.eye(4, k=-3), dt=0), False),
    "driven oscillator": (ss([[0, 1, 1], [-2, 0, 1], [0, 0, -0.7]], dt=0), True),
    "chain": (ss(np.eye(3, k=1), dt=0), False),
    "modal oscillator": (ModalSubject([2j], [[1]], [[1]], [[0]], 0), True),
}


@pytest.mark.parametrize("name", EDGE)
def test_on_the_boundary(name):
    subject, bounded = EDGE[name]
    stable, marginal = (Hurwitz(), NotHurwitz()) if subject.continuous else (Schur(), NotSchur())
    assert proof(subject, marginal) is not None
    assert proof(subject, stable) is None
    assert proof(subject, Unstable()) is None
    assert (proof(subject, Bounded()) is not None) == bounded
    if not (isinstance(subject, ModalSubject) or bounded):
        assert proof(subject, Unbounded()) is not None
    else:
        assert proof(subject, Unbounded()) is None
    assert proof(subject, L2Gain(1e9)) is None


@pytest.mark.parametrize("angle", [0.1, 0.7, 1.3, 2.9])
def test_within_rounding(angle):
    """A rotation by rounded numbers lies 1e-17 inside or outside the circle: the truth is in exact
    integers."""
    c, s = math.cos(angle), math.sin(angle)
    square = Fraction(c) ** 2 + Fraction(s) ** 2
    subject = ss([[c, -s], [s, c]])
    assert (proof(subject, Schur()) is not None) == (square < 1)
    assert (proof(subject, Unstable()) is not None) == (square > 1)


def dense(n, rho, seed=0):
    """A matrix of known spectral radius (up to rounding), not normal."""
    rng = np.random.default_rng(seed)
    c, s = math.cos(0.9), math.sin(0.9)
    T = rng.normal(size=(n, n))
    blocks = np.kron(np.eye(n // 2), [[c, -s], [s, c]]) * rng.uniform(0.3, 0.9, n // 2).repeat(2)
    blocks[:2, :2] = rho * np.array([[c, -s], [s, c]])
    return np.linalg.solve(T, blocks @ T)


@pytest.mark.parametrize("digits", [2, 6, 9, 12])
def test_near_the_boundary(digits):
    gap = 10.0**-digits
    inside, outside = ss(dense(10, 1 - gap)), ss(dense(10, 1 + gap))
    assert proof(inside, Schur()) is not None
    assert proof(inside, Unstable()) is None
    assert proof(outside, Unstable()) is not None
    assert proof(outside, Schur()) is None


def test_reciprocal_eigenvalues():
    """2 and 1/2: the Stein equation is singular, the split one is not."""
    assert proof(ss([[2.0, 1.0], [0.0, 0.5]]), Unstable()) is not None
    assert proof(ss([[1.0, 3.0], [0.0, -1.0]], dt=0), Unstable()) is not None


# ---------------------------------------------------------------------------------------------- gains, harder


def test_gain_is_reached_exactly():
    """Systems whose norm is a short number: the claims at that very number."""
    delay, half, fixed = ss([[0.0]]), ss([[0.5]]), static([[0.0, 2.0], [2.0, 0.0]])
    for subject, norm in ((delay, 1.0), (half, 2.0), (fixed, 2.0), (ss([[-1.0]], dt=0), 1.0)):
        assert proof(subject, L2Gain(norm)) is not None
        assert proof(subject, L2GainAtLeast(norm)) is not None
        assert proof(subject, L2Gain(math.nextafter(norm, 0))) is None
        assert proof(subject, L2GainAtLeast(math.nextafter(norm, 9))) is None
    chain = ss(np.eye(4, k=-1), C=np.eye(4)[3])
    assert proof(chain, L2Gain(1.0)) is not None  # P = I, the only one, proves no stability: S does
    assert proof(chain, L2Gain(math.nextafter(1.0, 0))) is None
    assert proof(chain, L2GainAtLeast(1.0)) is not None
    assert proof(chain, L2Gain(1 + 1e-12)) is not None
    assert proof(chain, PeakGain(1.0)) is not None
    assert proof(chain, PeakGain(1 - 1e-15)) is None
    assert proof(chain, PeakGainAtLeast(1.0)) is not None


def test_gain_without_stability():
    """An input sequence shows that an unstable or marginal system has no small gain."""
    for subject in (ss([[1.1]]), ss([[1.0]])):
        assert proof(subject, L2GainAtLeast(50.0)) is not None
        assert proof(subject, L2Gain(50.0)) is None
    hidden = ss([[1.1]], C=[[0.0]], D=[[1.0]])  # unobservable: the gain from rest is 1
    assert proof(hidden, L2GainAtLeast(1.0)) is not None
    assert proof(hidden, L2GainAtLeast(UP)) is None


@pytest.mark.parametrize("continuous", [False, True])
def test_gain_against_slycot(continuous):
    slycot = pytest.importorskip("slycot")
    rng = np.random.default_rng(5)
    A = dense(12, 0.97, seed=7)
    A = A - 1.2 * np.eye(12) if continuous else A
    B, C, D = rng.normal(size=(12, 2)), rng.normal(size=(3, 12)), rng.normal(size=(3, 2))
    norm, _ = slycot.ab13dd(
        "C" if continuous else "D", "I", "N", "D", 12, 2, 3, A, np.eye(12), B, C, D, 1e-12
    )
    subject = StateSpaceSubject(A, B, C, D, 0 if continuous else True)
    pair(subject, L2Gain(norm * (1 + 1e-8)), L2Gain(norm * (1 - 1e-8)))
    pair(subject, L2GainAtLeast(norm * (1 - 1e-8)), L2GainAtLeast(norm * (1 + 1e-8)))
    if not continuous:
        energy = sum(np.sum((C @ np.linalg.matrix_power(A, k) @ B) ** 2) for k in range(2000)) + np.sum(D**2)
        pair(subject, H2Norm(math.sqrt(energy) * (1 + 1e-8)), H2Norm(math.sqrt(energy) * (1 - 1e-8)))


def test_lightly_damped_gain():
    """Poles at 1 - 1e-9: only extended precision finds the witnesses."""
    subject = ss(dense(6, 1 - 1e-9), B=np.ones((6, 1)), C=np.ones((1, 6)))
    norm = sharp_norm(subject)
    pair(subject, L2Gain(norm * (1 + 1e-8)), L2Gain(norm * (1 - 1e-8)))
    pair(subject, L2GainAtLeast(norm * (1 - 1e-8)), L2GainAtLeast(norm * (1 + 1e-8)))


# ------------------------------------------------------------------------------------------------ real plants


def plants(shared_data):
    Z = np.load(shared_data / "systems" / "compleib_open.npz")
    for name in sorted({key.split("/")[0] for key in Z.files}):
        yield name, StateSpaceSubject(*(Z[f"{name}/{key}"] for key in ("A", "B1", "C1", "D11")), dt=0)


def test_compleib(shared_data):
    """Stable ones are proved stable, the marginal ones exactly marginal, the others unstable."""
    for name, subject in plants(shared_data):
        top = np.linalg.eigvals(subject.A).real.max()
        if name in AXIS:
            assert proof(subject, NotHurwitz()) is not None, name
            assert proof(subject, Hurwitz()) is None, name
        elif top > 0:
            assert proof(subject, NotHurwitz()) is not None, name
            assert proof(subject, Unstable()) is not None, name  # also beside an exact eigenvalue 0
        else:
            assert proof(subject, Hurwitz()) is not None, name
            assert proof(subject, NotHurwitz()) is None, name


# --------------------------------------------------------------------------------------------- odd systems

ODD = {
    "no states": (np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), np.eye(2)),
    "no inputs": (np.eye(2) / 2, np.zeros((2, 0)), np.eye(2), np.zeros((2, 0))),
    "no outputs": (np.eye(2) / 2, np.eye(2), np.zeros((0, 2)), np.zeros((0, 2))),
    "nothing": (np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0))),
    "zeros": (np.zeros((2, 2)), np.zeros((2, 1)), np.zeros((1, 2)), np.zeros((1, 1))),
    "nilpotent": (np.eye(4, k=1), np.eye(4)[:, 3:], np.eye(4)[:1], np.zeros((1, 1))),
    "defective": (np.eye(3) + np.eye(3, k=1), np.eye(3)[:, 2:], np.eye(3)[:1], np.zeros((1, 1))),
    "badly scaled": (np.array([[0.5, 1e12], [0, -0.3]]), [[1e-8], [1e8]], [[1e5, 1e-5]], [[0.0]]),
    "huge": (np.eye(2) * 1e200, np.full((2, 1), 1e150), np.ones((1, 2)), [[0.0]]),
    "tiny": (np.eye(2) * 1e-200, np.full((2, 1), 1e-250), np.ones((1, 2)), [[0.0]]),
}


@pytest.mark.parametrize("dt", [True, 0])
@pytest.mark.parametrize("name", ODD)
def test_odd_systems_raise_nothing(name, dt):
    subject = StateSpaceSubject(*ODD[name], dt=dt)
    p, m = subject.p, subject.m
    supply = -np.eye(p), np.zeros((p, m)), np.eye(m)
    claims = [Schur(0.1), Hurwitz(0.1), NotSchur(), NotHurwitz(), Unstable(), Bounded(), Unbounded()]
    claims += [
        kind(x)
        for kind in (L2Gain, L2GainAtLeast, H2Norm, H2NormAtLeast, PeakGain, PeakGainAtLeast)
        for x in (0.0, 1.0)
    ]
    claims += [
        Passive(),
        NotPassive(),
        Dissipative(*supply),
        NotDissipative(*supply),
        InputToStateStable(9.0, 0.5, 9.0),
    ]
    true = {claim for claim in claims if claim.applies_to(subject) is None and proof(subject, claim)}
    assert not any(one.refutes(two, continuous=subject.continuous) for one in true for two in true)
    for bounds in (h2_bounds, peak_bounds):
        found = bounds(subject, 1e-6)
        assert found is None or found[0] <= found[2]
    list(explicit_iss(subject, InputToStateStable()))


def test_scaling_does_not_matter():
    """States in units 1e6 apart; powers of ten, so that nothing is exact."""
    A, B, C = dense(8, 0.95), np.ones((8, 1)), np.ones((1, 8))
    t = 10.0 ** np.linspace(-6, 6, 8)
    subject = ss(A * t[:, None] / t, B * t[:, None], C / t)
    norm = RealForm(subject).peak[0]
    for claim in (Schur(), L2Gain(norm * (1 + 1e-8)), L2GainAtLeast(norm * (1 - 1e-8)), Bounded()):
        assert proof(subject, claim) is not None, claim


# ------------------------------------------------------------------------------------------- exact arithmetic


def test_sums_of_doubles_are_exact():
    numbers = [[3**90, -1], [2**60 + 1, 0]]
    parts = rational.doubles(numbers, -50)
    assert parts is not None
    total = [[sum(Fraction(part[i, j]) for part in parts) for j in range(2)] for i in range(2)]
    assert total == [[Fraction(x, 2**50) for x in row] for row in numbers]
    assert rational.doubles([3**5000]) is None


def test_factors():
    A = np.zeros((5, 5))
    A[:2, :2], A[2:4, 2:4], A[4, 4], A[4, 0] = [[0, 1], [-0.1, 0]], [[0.5, 1], [0, 0.5]], 0.3, 7.0
    found = {tuple(map(float, factor.roots)): factor.support.tolist() for factor in rational.factors(A)}
    assert found == {
        (0.0, 0.1): [0, 1, 4],
        (0.5,): [2, 3] if (0.5,) in found and 3 in found[0.5,] else [2],
        (0.3,): [4],
    }
    assert not rational.reaches([Fraction(99, 100)], 1.0, False)
    assert rational.reaches([Fraction(1)], 1.0, False)


def test_dispatch_is_complete():
    """Every claim that the checker knows has a search."""
    from ssmctl.certificates.exact import CLAIMS

    subject = {True: ss([[-1.0]], dt=0), False: ss([[0.5]])}
    parameters = {"rate": 0.5, "gamma": 1.0, "bound": 1.0, "gain": 1.0, "decay": 0.5, "overshoot": 1.0}
    parameters |= {"Q": [[-1.0]], "S": [[0.0]], "R": [[1.0]]}
    import ssmctl.certificates.claim as claims

    parameters |= {"shortest": 0.5, "longest": 1.9}
    one, none = [[1.0]], [[0.0]]
    oscillator = OscillatorSubject([1.0], [0.0], 0.5, "imex", one, none, one, none, [0.0])
    for name, (_, _, times, keys, _) in CLAIMS.items():
        claim = getattr(claims, name)(**{key: parameters[key] for key in keys})
        for continuous in times:
            if claim.applies_to(subject[continuous]) is None:
                assert finders._searches(RealForm(subject[continuous]), claim), name
            else:
                assert next(finders.candidates(oscillator, claim), None), name
