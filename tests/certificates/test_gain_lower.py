"""Lower bounds: closed-form responses, and the ways in which a witness might show more than is there."""

import math

import numpy as np
import pytest

from ssmctl.certificates.claim import L2GainAtLeast, NotDissipative, NotPassive
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject
from tests.certificates.systems import scalar

up = lambda x: math.nextafter(x, math.inf)
EMPTY = {"P": np.zeros((0, 0)), "a": 0.5, "xr": np.zeros(0), "xi": np.zeros(0)}


def tone(x, v=1.0, P=2.0, a=0.75, **point):
    """A frequency witness of a system with one state, one input."""
    x, v = complex(x), complex(v)
    return {"P": [[P]], "a": a, "xr": [x.real], "xi": [x.imag], "vr": [v.real], "vi": [v.imag], **point}


def near(checker, s, gain, **witness):
    """Proved up to the gain (exactly there only in integers, and only if the response is), refused beyond."""
    assert checker.proves(L2GainAtLeast(gain * (1 - 1e-9)), s, **witness)
    for g in (up(gain * (1 + 2.0**-50)), gain * (1 + 1e-9)):
        assert not checker.proves(L2GainAtLeast(g), s, **witness)


LOW, HIGH = scalar(0.5, 1, 1, 0, True), scalar(-0.5, 1, 1, 0, True)
SLOW = scalar(-1, 1, 1, 0, 0.0)


def test_frequencies(checker):
    near(checker, LOW, 2.0, **tone(2, point=0.0))  # z = 1
    near(checker, HIGH, 2.0, **tone(-2))  # z = -1
    near(checker, LOW, 2 / 3, **tone(-1 / 1.5))
    near(checker, LOW, math.sqrt(0.8), **tone(1 / (1j - 0.5), point=1.0))  # z = i
    near(checker, LOW, math.sqrt(0.8), **tone(1 / (-1j - 0.5), point=-1.0))  # z = -i
    z = complex(0.6, 0.8)  # t = 1/2
    near(checker, LOW, abs(1 / (z - 0.5)), **tone(1 / (z - 0.5), point=0.5))
    near(checker, SLOW, 1.0, **tone(1, a=0.25, point=0.0))
    near(checker, SLOW, math.sqrt(0.5), **tone(1 / (1 + 1j), a=0.25, point=1.0))
    near(checker, SLOW, math.sqrt(0.2), **tone(1 / (1 - 2j), a=0.25, point=-2.0))
    near(checker, scalar(-1, 1, -1, 1, 0.0), 1.0, **tone(0, a=0.25))  # s/(s + 1) at infinity


def test_at_the_gain_itself(checker):
    assert checker.agrees(True, L2GainAtLeast(2.0), LOW, **tone(2, point=0.0))
    assert not checker.proves(L2GainAtLeast(up(2.0)), LOW, **tone(2, point=0.0))
    assert checker.agrees(True, L2GainAtLeast(1.0), SLOW, **tone(1, a=0.25, point=0.0))
    assert not checker.proves(L2GainAtLeast(up(1.0)), SLOW, **tone(1, a=0.25, point=0.0))


@pytest.mark.parametrize("P", [1.0 + 1e-9, 2.0, 100.0])
def test_no_stored_response_shows_more(checker, P):
    """The gain is 2 (1): whatever x, rate and P are stored, more is not proved."""
    for x in np.linspace(1.9, 3, 23).tolist():
        for a in (0.51, 0.75, 0.999):
            assert not checker.proves(L2GainAtLeast(2 * (1 + 1e-12)), LOW, **tone(x, P=P, a=a, point=0.0))
    for x in np.linspace(0.9, 2, 23).tolist():
        for a in (0.01, 0.5, 0.99):
            assert not checker.proves(L2GainAtLeast(1 + 1e-12), SLOW, **tone(x, P=P, a=a, point=0.0))


def test_contraction_is_needed(checker):
    claim, more = L2GainAtLeast(1.0), L2GainAtLeast(2.5)
    assert "C'C" in checker.outcome(claim, LOW, **tone(2, P=1.0, point=0.0))
    assert "C'C" in checker.outcome(more, LOW, **tone(3, P=1e-6, point=0.0))  # a tiny P hides the residual
    assert "contraction" in checker.outcome(claim, LOW, **tone(2, a=0.5, point=0.0))
    assert "`a`" in checker.outcome(claim, LOW, **tone(2, a=1.0, point=0.0))
    assert "`a`" in checker.outcome(
        more, LOW, **tone(3, a=9.0, point=0.0)
    )  # a rate beyond 1 always "contracts"
    assert "at least" in checker.outcome(claim, LOW, **tone(2, a=-0.75, point=0.0))
    assert "contraction" in checker.outcome(claim, SLOW, **tone(1, a=1.0, point=0.0))
    assert "`a`" in checker.outcome(claim, SLOW, **tone(1, a=0.0, point=0.0))
    for s, x in (
        (scalar(2, 1, 1, 0, True), -1),
        (scalar(1, 1, 1, 0, 0.0), -1),
    ):  # the residual is 0, yet nothing is stable
        assert not checker.proves(claim, s, **tone(x, point=0.0))
    assert "zero" in checker.outcome(L2GainAtLeast(0.0), LOW, **tone(0, v=0, point=0.0))


def test_input_sequence(checker):
    """1/(z - 2): the impulse gives 0, 1, 2; hidden modes do not matter, the time domain does."""
    unstable, impulse = scalar(2, 1, 1, 0, True), {"u": [[1.0], [0.0], [0.0]]}
    assert checker.proves(L2GainAtLeast(2.236), unstable, **impulse)
    assert not checker.proves(L2GainAtLeast(2.2361), unstable, **impulse)
    assert checker.agrees(True, L2GainAtLeast(1.0), unstable, u=[[1.0], [0.0]])
    assert not checker.proves(L2GainAtLeast(up(1.0)), unstable, u=[[1.0], [0.0]])
    assert not checker.proves(L2GainAtLeast(1e-9), unstable, u=[[1.0]])  # it has not come out yet
    assert checker.proves(L2GainAtLeast(2.9), scalar(0, 0, 0, -3, True), u=[[-1.0]])
    assert "zero" in checker.outcome(L2GainAtLeast(0.0), unstable, u=[[0.0], [0.0]])
    assert "zero" in checker.outcome(L2GainAtLeast(0.0), unstable, u=np.zeros((0, 1)))
    assert "discrete" in checker.outcome(L2GainAtLeast(0.5), SLOW, u=[[1.0]])
    hidden = StateSpaceSubject(np.diag([3.0, 0.0]), [[1.0], [1.0]], [[0.0, 1.0]], [[0.0]], True)
    assert checker.proves(L2GainAtLeast(0.999), hidden, u=[[1.0], [0.0], [0.0], [0.0]])
    assert not checker.proves(L2GainAtLeast(1.001), hidden, u=[[1.0], [0.0], [0.0], [0.0]])


def test_overflow_shows_nothing(checker):
    """A hidden mode grows beyond all doubles and cancels in the output: the gain is 0."""
    s = StateSpaceSubject(3.0 * np.eye(3), [[1], [1.25], [-1.5]], [[1, 1, 1.5]], [[0]], True)
    u = np.zeros((700, 1))
    u[0] = 1
    assert not checker.proves(L2GainAtLeast(1e-6), s, u=u)


def test_not_passive(checker):
    static = lambda d: StateSpaceSubject(EMPTY["P"], np.zeros((0, 1)), np.zeros((1, 0)), [[d]], True)
    assert checker.proves(NotPassive(), static(-1.0), u=[[1.0]])
    assert checker.proves(NotPassive(), static(-1.0), **EMPTY, vr=[1.0], vi=[0.0])
    for d in (0.0, 1.0):  # 0 is not less than 0
        assert not checker.proves(NotPassive(), static(d), u=[[1.0]])
        assert not checker.proves(NotPassive(), static(d), **EMPTY, vr=[1.0], vi=[0.0])
    delay = scalar(0, 1, 1, 0, True)  # 1/z is -1 at z = -1
    assert checker.proves(NotPassive(), delay, u=[[1.0], [-1.0]])
    assert not checker.proves(NotPassive(), delay, u=[[1.0], [1.0]])
    assert checker.proves(NotPassive(), delay, **tone(-1, a=0.5))
    assert not checker.proves(NotPassive(), delay, **tone(1, a=0.5, point=0.0))
    assert not checker.proves(NotPassive(), delay, **tone(0, a=0.5))  # a poor response shows nothing
    assert checker.proves(NotPassive(), scalar(-1, 1, 1, -0.25, 0.0), **tone(0, a=0.25))
    for w in (0.0, 1.0, 100.0):  # 1/(s + 1) is passive
        assert not checker.proves(NotPassive(), SLOW, **tone(1 / (1 + 1j * w), a=0.25, point=w))


def test_not_dissipative(checker):
    """The supply g^2 |u|^2 - |y|^2 goes below 0 exactly when the gain exceeds g; S and Q pull their way."""
    supply = lambda g2: NotDissipative([[-1.0]], [[0.0]], [[g2]])
    assert checker.proves(supply(4 - 1e-9), LOW, **tone(2, point=0.0))
    assert not checker.proves(supply(4.0), LOW, **tone(2, point=0.0))
    assert checker.proves(supply(0.8 - 1e-9), LOW, **tone(1 / (1j - 0.5), point=1.0))
    assert not checker.proves(supply(0.8 + 1e-9), LOW, **tone(1 / (1j - 0.5), point=1.0))
    for Q, S, R in (
        (1.0, 0.0, 0.0),
        (0.0, 1.0, 0.0),
        (0.0, 0.0, 1.0),
        (1.0, -1.0, 1.0),
    ):  # y = 2u: 4, 4, 1, 1
        assert not checker.proves(NotDissipative([[Q]], [[S]], [[R]]), LOW, **tone(2, point=0.0))
    for Q, S, R in ((-1.0, 0.0, 3.9), (0.0, -1.0, 3.9), (1.0, -1.25, 0.9)):  # -0.1 each
        assert checker.proves(NotDissipative([[Q]], [[S]], [[R]]), LOW, **tone(2, point=0.0))
    for x in np.linspace(1, 3, 21).tolist():  # y^2 - 4 y u + 4 u^2 = (y - 2u)^2 is 0 at the true response
        assert not checker.proves(
            NotDissipative([[1.0]], [[-2.0]], [[3.999]]), scalar(0.5, 1, 1, -0.1, True), **tone(x, point=0.0)
        )


def test_directions(checker):
    """Two inputs, three outputs: the direction of the witness decides what is shown."""
    D = np.array([[0.0, 3.0], [0.0, 4.0], [1.0, 0.0]])
    s = StateSpaceSubject(EMPTY["P"], np.zeros((0, 2)), np.zeros((3, 0)), D, True)
    assert checker.proves(L2GainAtLeast(4.999), s, **EMPTY, vr=[0.0, 1.0], vi=[0.0, -2.0])
    assert not checker.proves(L2GainAtLeast(5.001), s, **EMPTY, vr=[0.0, 1.0], vi=[0.0, -2.0])
    assert not checker.proves(L2GainAtLeast(1.001), s, **EMPTY, vr=[1.0, 0.0], vi=[0.0, 0.0])
    assert checker.proves(L2GainAtLeast(4.999), s, u=[[0.0, 1.0]])


def test_complex_and_modal(checker):
    """1/(z - i/2) has gain 2 at z = i, which a real direction of the embedding does not show."""
    s = StateSpaceSubject([[0.5j]], [[1]], [[1]], [[0]], True)
    tune = {"P": 2 * np.eye(2), "a": 0.75, "point": 1.0}
    witness = tune | {"xr": [0.0, -2.0], "xi": [-2.0, 0.0], "vr": [1.0, 0.0], "vi": [0.0, -1.0]}
    near(checker, s, 2.0, **witness)
    back = tune | {"point": -1.0, "xr": [0.0, -2.0], "xi": [2.0, 0.0], "vr": [1.0, 0.0], "vi": [0.0, 1.0]}
    near(checker, s, 2.0, **back)  # conjugate pair of the embedding
    assert not checker.proves(L2GainAtLeast(1.0), s, **(witness | {"point": -1.0}))
    modal = ModalSubject([0.5j], [[1]], [[1]], [[0]], True)  # z/(z^2 + 1/4), 4/3 at z = i
    near(checker, modal, 4 / 3, **tune, xr=[0.0, -2 / 3], xi=[-4 / 3, 0.0], vr=[1.0], vi=[0.0])
