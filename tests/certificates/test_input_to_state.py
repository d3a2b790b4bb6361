"""InputToStateStable: the form of one state by hand, and bounds that a simulated input contradicts."""

import math
from fractions import Fraction

import numpy as np
import pytest

from ssmctl.certificates.claim import InputToStateStable as Iss
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject
from ssmctl.errors import InputError


def driven(A, B, dt):
    A, B = np.atleast_2d(A), np.atleast_2d(B)
    return StateSpaceSubject(A, B, np.zeros((0, len(A))), np.zeros((0, B.shape[1])), dt)


def truth(a, b, P, g, d, c, continuous):
    a, b, P, g, d, c = map(Fraction, (a, b, P, g, d, c))
    if continuous:
        fall, mix, rest = -2 * a * P - 2 * d * P, -P * b, 2 * d * g * g
    else:
        fall, mix, rest = d * d * P - a * a * P, -a * b * P, g * g * (1 - d * d) - b * b * P
    return 1 <= P <= c * c and min(fall, rest, fall * rest - mix * mix) >= 0


@pytest.mark.parametrize("dt", [True, 0.0])
def test_every_decision(checker, dt):
    rng, proved = np.random.default_rng(3), 0
    for _ in range(300):
        a, b = rng.choice([-1.0, -0.5, 0.0, 0.25, 0.5], 2).tolist()
        P, g, c = rng.choice([0.75, 1.0, 1.25, 2.0, 4.0], 3).tolist()
        d = float(rng.choice([0.25, 0.5, 0.75]))
        true = truth(a, b, P, g, d, c, dt == 0)
        proved += true
        assert checker.agrees(true, Iss(g, d, c), driven(a, b, dt), P=[[P]])
    assert 10 < proved < 200


def test_sharp(checker):
    """xdot = -x + u from rest reaches sup|u|: gain 1 is proved with P = 1, decay 1/2, and no gain below."""
    s = driven(-1, 1, 0.0)
    assert checker.agrees(True, Iss(1.0, 0.5, 1.0), s, P=[[1.0]])
    assert checker.proves(Iss(1.001, 0.5, 1.01), s, P=[[1.0001]])
    for P in (1.0, 1.0001, 2.0):
        for d in (0.25, 0.5, 0.75):
            assert not checker.proves(Iss(math.nextafter(1, 0), d, 9.0), s, P=[[P]])


def test_simulation_contradicts(checker):
    """x -> x/2 + u with u = 1 tends to 2, so no gain below 2; from rest at decay below 1/2 nothing either."""
    s = driven(0.5, 1, True)
    assert checker.proves(Iss(2.1, 0.75, 1.01), s, P=[[1.01]])
    for P in (1.0, 1.01, 1.5, 4.0):
        for d in (0.51, 0.7, 0.75, 0.9):
            assert not checker.proves(Iss(1.999, d, 9.0), s, P=[[P]])
        assert not checker.proves(Iss(99.0, 0.499, 9.0), s, P=[[P]])
    slow = driven(-0.5, 0, 0.0)  # e^(-t/2)
    assert checker.proves(Iss(1.0, 0.499, 1.01), slow, P=[[1.01]])
    assert not checker.proves(Iss(1.0, 0.501, 1.01), slow, P=[[1.01]])


def test_overshoot(checker):
    """[[1/2, 4], [0, 1/2]] sends (0, 1) beyond length 4: no overshoot up to 4 with decay <= 1."""
    s, P = driven([[0.5, 4], [0, 0.5]], np.zeros((2, 1)), True), np.diag([1.01, 80.0])
    assert checker.proves(Iss(1.0, 0.875, 9.0), s, P=P)
    assert "overshoot" in checker.outcome(Iss(1.0, 0.875, 8.9), s, P=P)
    for t in (1.0, 10.0, 16.0):
        assert not checker.proves(Iss(1.0, 0.875, 4.0), s, P=np.diag([1.0, t]))


def test_hypotheses(checker):
    s = driven(0.5, 1, True)
    assert "P >= I" in checker.outcome(Iss(0.1, 0.75, 1.0), s, P=[[0.001]])  # else any gain would follow
    assert "overshoot" in checker.outcome(Iss(3.0, 0.75, 1.0), s, P=[[1.01]])
    assert "decrease" in checker.outcome(Iss(9.0, 0.75, 9.0), driven(2, 1, True), P=[[1.01]])
    assert "decrease" in checker.outcome(Iss(9.0, 0.75, 9.0), driven(1, 1, 0.0), P=[[1.01]])
    for system, decay in ((driven(1, 0, True), 1.0), (driven(2, 0, True), 3.0), (driven(0, 0, 0.0), 0.0)):
        try:  # such a decay is no stability; the claim may be refused before the checker sees it
            assert not checker.proves(Iss(1.0, decay, 2.0), system, P=[[1.01]])
        except InputError:
            pass


def test_complex_and_modal(checker):
    """|i/2| = 1/2: the same constants as for the real 1/2."""
    s = StateSpaceSubject([[0.5j]], [[1]], np.zeros((0, 1)), np.zeros((0, 1)), True)
    modal = ModalSubject([0.5j], [[1]], np.zeros((0, 1)), np.zeros((0, 1)), True)
    for subject in (s, modal):
        assert checker.proves(Iss(2.1, 0.75, 1.01), subject, P=1.01 * np.eye(2))
        assert not checker.proves(Iss(1.0, 0.75, 1.01), subject, P=1.01 * np.eye(2))
        assert not checker.proves(Iss(2.1, 0.499, 1.01), subject, P=1.01 * np.eye(2))
