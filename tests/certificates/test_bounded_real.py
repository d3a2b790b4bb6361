"""L2Gain: every decision on systems of one state against fractions, then what the rule must not believe."""

import math
from fractions import Fraction

import numpy as np
import pytest

from ssmctl.certificates.claim import L2Gain
from ssmctl.certificates.subject import StateSpaceSubject
from tests.certificates.systems import scalar

GRID = [-1.0, -0.75, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0]  # coarse, so that the boundary is hit often


def truth(a, b, c, d, P, g, continuous):
    """Whether P proves gain <= g: the 2 x 2 form by hand."""
    a, b, c, d, P, g = map(Fraction, (a, b, c, d, P, g))
    fall, mix, rest = (-2 * a * P, -P * b, 0) if continuous else (P - a * a * P, -a * b * P, -b * b * P)
    M = fall - c * c, mix - c * d, rest + g * g - d * d
    det = M[0] * M[2] - M[1] ** 2
    return P > 0 and ((M[0] > 0 and det > 0) or (fall > 0 and min(M[0], M[2], det) >= 0))


@pytest.mark.parametrize("dt", [True, 0.0, 0.5])
def test_every_decision(checker, dt):
    rng, proved = np.random.default_rng(1), 0
    for _ in range(300):
        a, b, c, d, P, g = rng.choice(GRID, 6).tolist()
        g = abs(g) * rng.choice([1.0, 4.0])
        true = truth(a, b, c, d, P, g, dt == 0)
        proved += true
        assert checker.agrees(true, L2Gain(g), scalar(a, b, c, d, dt), P=[[P]])
    assert 10 < proved < 100


def test_exact_norm(checker):
    """1/(z - 1/2) and 1/(s + 1/2) have norm 2: proved at 2 with P = 2 (1), at nothing less with any P."""
    for a, dt, best in ((0.5, True, 2.0), (-0.5, 0.0, 2.0)):
        s = scalar(a, 1.0, 1.0, 0.0, dt)
        assert checker.agrees(True, L2Gain(2.0), s, P=[[best]])
        assert checker.proves(L2Gain(2 * (1 + 1e-9)), s, P=[[best]])
        for P in (best, *np.linspace(0.5, 5, 91).tolist(), np.nextafter(best, 0), np.nextafter(best, 9)):
            assert not checker.proves(L2Gain(math.nextafter(2.0, 0)), s, P=[[P]])


def test_stability_is_part_of_it(checker):
    """M is positive semidefinite, or even definite, for these; the systems are not stable."""
    for a, dt in ((1.0, True), (0.0, 0.0)):
        for gamma in (0.0, 1.0):
            assert not checker.proves(L2Gain(gamma), scalar(a, 0.0, 0.0, 0.0, dt), P=[[1.0]])
    for a, dt in ((2.0, True), (1.0, 0.0)):
        for c in (0.0, 1.0):  # with c = 0 the unstable mode is hidden from output and input
            assert "P is not" in checker.outcome(L2Gain(9.0), scalar(a, 0.0, c, 0.0, dt), P=[[-1.0]])
        for S in ({}, {"S": [[1.0]]}, {"S": [[-1.0]]}, {"S": [[0.0]]}):
            assert "stability" in checker.outcome(L2Gain(9.0), scalar(a, 0.0, 0.0, 0.0, dt), P=[[0.0]], **S)


def test_boundary_with_its_own_proof_of_stability(checker):
    """A delay by two steps has gain 1, by P = I only, which does not fall strictly; S = diag(2, 1) does."""
    delay = StateSpaceSubject([[0, 0], [1, 0]], [[1], [0]], [[0, 1]], [[0]], True)
    S = np.diag([2.0, 1.0])
    assert checker.agrees(True, L2Gain(1.0), delay, P=np.eye(2), S=S)
    assert "stability" in checker.outcome(L2Gain(1.0), delay, P=np.eye(2))
    assert "stability" in checker.outcome(L2Gain(1.0), delay, P=np.eye(2), S=np.eye(2))
    for P in (np.eye(2), np.diag([1.0, np.nextafter(1, 0)]), np.diag([np.nextafter(1, 2), 1.0]), 0 * S, S):
        assert not checker.proves(L2Gain(math.nextafter(1, 0)), delay, P=P, S=S)
    assert checker.agrees(True, L2Gain(0.0), scalar(0.5, 1.0, 0.0, 0.0, True), P=[[0.0]], S=[[1.0]])
    assert checker.agrees(True, L2Gain(0.0), scalar(-1.0, 0.0, 1.0, 0.0, 0.0), P=[[0.5]], S=[[1.0]])
    assert not checker.proves(L2Gain(9.0), scalar(0.5, 1.0, 1.0, 0.0, True), P=[[-1.0]], S=[[1.0]])


def test_empty_dimensions(checker):
    def sized(n, m, p, a=0.0, d=0.0, dt: float = True):
        return StateSpaceSubject(a * np.eye(n), np.zeros((n, m)), np.zeros((p, n)), np.full((p, m), d), dt)

    for dt in (True, 0.0):
        none, one = np.zeros((0, 0)), np.eye(1)
        assert checker.agrees(True, L2Gain(3.0), sized(0, 1, 1, d=-3.0, dt=dt), P=none)
        assert checker.proves(L2Gain(3.001), sized(0, 1, 1, d=-3.0, dt=dt), P=none)
        assert not checker.proves(L2Gain(math.nextafter(3.0, 0)), sized(0, 1, 1, d=-3.0, dt=dt), P=none)
        for m, p in ((0, 1), (1, 0), (0, 0)):  # nothing comes in or out: stability is still asked for
            good, bad = (0.5, 5.0) if dt else (-1.0, 5.0)
            assert checker.proves(L2Gain(1.0), sized(1, m, p, good, dt=dt), P=one)
            assert not checker.proves(L2Gain(1.0), sized(1, m, p, bad, dt=dt), P=one)


def test_every_channel_counts(checker):
    """Two channels, each with its own gain 2 or 4: the largest decides, wherever it stands."""
    A, I = 0.5 * np.eye(2), np.eye(2)
    for B in (np.diag([1.0, 2.0]), np.diag([2.0, 1.0]), np.array([[0.0, 1.0], [2.0, 0.0]])):
        s = StateSpaceSubject(A, B, I, 0 * I, True)
        assert checker.proves(L2Gain(4.001), s, P=2 * I)
        for P in (2 * I, np.diag([2.0, 8.0]), np.diag([8.0, 2.0]), 4 * I):
            assert not checker.proves(L2Gain(3.999), s, P=P)


def test_sum_of_doubles(checker):
    """A sum of doubles is its exact value: P = 2 proves the norm itself, 2 + 2^-80 does not."""
    s = scalar(0.5, 1.0, 1.0, 0.0, True)
    assert checker.agrees(True, L2Gain(2.0), s, P=([[2.0]], [[0.0]]))
    assert not checker.proves(L2Gain(2.0), s, P=([[2.0]], [[2.0**-80]]))  # only P = 2 proves the norm itself
