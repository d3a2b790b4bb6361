"""Dissipative and Passive: every decision on systems of one state against fractions, then closed forms."""

from fractions import Fraction

import numpy as np
import pytest

from ssmctl.certificates.claim import Dissipative, Passive
from ssmctl.certificates.subject import StateSpaceSubject
from tests.certificates.systems import scalar

GRID = [-1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 2.0]


def truth(a, b, c, d, Q, S, R, P, scale, continuous):
    a, b, c, d, Q, S, R, P, k = map(Fraction, (a, b, c, d, Q, S, R, P, scale))
    fall, mix, rest = (-2 * a * P, -P * b, 0) if continuous else (P - a * a * P, -a * b * P, -b * b * P)
    M = fall + k * Q * c * c, mix + k * (Q * c * d + S * c), rest + k * (Q * d * d + 2 * S * d + R)
    return P >= 0 and k > 0 and min(M[0], M[2], M[0] * M[2] - M[1] ** 2) >= 0


@pytest.mark.parametrize("dt", [True, 0.0])
def test_every_decision(checker, dt):
    rng, proved = np.random.default_rng(2), 0
    for _ in range(300):
        a, b, c, d, Q, S, R, P, k = rng.choice(GRID, 9).tolist()
        s, true = scalar(a, b, c, d, dt), truth(a, b, c, d, Q, S, R, P, k, dt == 0)
        proved += true
        assert checker.agrees(true, Dissipative([[Q]], [[S]], [[R]]), s, P=[[P]], scale=k)
    assert 10 < proved < 150


def test_passive(checker):
    """1/(s + 1), 1/s and 1 + 1/(s + 1) are passive with P = 1, as PB = C'; the last one strictly."""
    assert checker.agrees(True, Passive(), scalar(-1, 1, 1, 0, 0.0), P=[[1.0]])
    assert checker.agrees(True, Passive(), scalar(0, 1, 1, 0, 0.0), P=[[1.0]])
    assert checker.proves(Passive(), scalar(-1, 1, 1, 1, 0.0), P=[[1.0]])
    assert not checker.proves(Passive(), scalar(-1, 1, 1, 0, 0.0), P=[[np.nextafter(1, 2)]])
    assert not checker.proves(Passive(), scalar(-1, 1, 1, -1e-9, 0.0), P=[[1.0]])
    # (z + 1)/(z - 1/2) = 1 + (3/2)/(z - 1/2) vanishes at z = -1
    assert checker.agrees(True, Passive(), scalar(0.5, 1, 1.5, 1, True), P=[[1.5]])
    assert not checker.proves(Passive(), scalar(0.5, 1, 1.5, 1, True), P=[[np.nextafter(1.5, 2)]])
    assert checker.proves(Passive(), scalar(0.5, 1, 1.5, 1.01, True), P=[[1.5]])
    for P in np.linspace(0.1, 3, 30):
        assert not checker.proves(Passive(), scalar(0.5, 1, 1.5, 0.999, True), P=[[P]])


def test_storage_must_not_be_negative(checker):
    """-1/(s - 1): M >= 0 with P = -1, but the input 1 from rest gives y < 0."""
    s = scalar(1, 1, -1, 0, 0.0)
    assert "P is not" in checker.outcome(Passive(), s, P=[[-1.0]])
    assert not checker.proves(Passive(), s, P=[[1.0]])
    strict = scalar(1, 1, -1, 0.5, 0.0)  # M > 0 with P = -1, and still not passive: y -> -infinity
    assert "P is not" in checker.outcome(Passive(), strict, P=[[-1.0]])


def test_scale_must_be_positive(checker):
    for scale in (0.0, -1.0):
        assert "scale" in checker.outcome(Passive(), scalar(0.5, 1, 1, -9, True), P=[[0.0]], scale=scale)
    s = scalar(-1, 1, 1, 1, 0.0)
    assert checker.proves(Passive(), s, P=[[0.125]], scale=0.125)
    assert not checker.proves(Passive(), s, P=[[1.0]], scale=0.125)


def test_cross_term_is_not_transposed(checker):
    """A static system D with two outputs and one input, and S that sees only the second output."""
    s = StateSpaceSubject(np.zeros((0, 0)), np.zeros((0, 1)), np.zeros((2, 0)), [[-1.0], [1.0]], True)
    claim = lambda first, second: Dissipative(np.zeros((2, 2)), [[first], [second]], [[0.0]])
    assert checker.proves(claim(0, 1), s, P=np.zeros((0, 0)))
    assert not checker.proves(claim(1, 0), s, P=np.zeros((0, 0)))
    skew = StateSpaceSubject(
        np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), [[1.0, 5.0], [-5.0, 1.0]], True
    )
    assert checker.proves(Passive(), skew, P=np.zeros((0, 0)))


def test_complex(checker):
    """D = 1 + 5i: Re(y* u) = |u|^2; D = i: 0, the boundary; D = -0.001 + i: negative."""
    none = StateSpaceSubject(np.zeros((0, 0)), np.zeros((0, 1)), np.zeros((1, 0)), [[1 + 5j]], True)
    D = lambda d: StateSpaceSubject(none.A, none.B, none.C, [[d]], True)
    assert checker.proves(Passive(), D(1 + 5j), P=np.zeros((0, 0)))
    assert checker.agrees(True, Passive(), D(1j), P=np.zeros((0, 0)))
    assert not checker.proves(Passive(), D(-0.001 + 1j), P=np.zeros((0, 0)))
    gain = Dissipative([[-1.0]], [[0.0]], [[26.001]])
    assert checker.proves(gain, D(1 + 5j), P=np.zeros((0, 0)))
    assert not checker.proves(Dissipative([[-1.0]], [[0.0]], [[25.999]]), D(1 + 5j), P=np.zeros((0, 0)))
