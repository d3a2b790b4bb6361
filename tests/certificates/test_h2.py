"""H2 norm, from above and below: one state in fractions, complex and modal responses in closed form."""

import math
from fractions import Fraction

import numpy as np
import pytest

from ssmctl.certificates.claim import H2Norm, H2NormAtLeast
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject
from tests.certificates.systems import scalar

GRID = [-0.75, -0.5, 0.0, 0.25, 0.5, 1.0, 2.0]


@pytest.mark.parametrize("dt", [True, 0.0])
def test_every_decision(checker, dt):
    """The rule by hand, and the norm itself: b^2 c^2/(1 - a^2) + d^2, continuous b^2 c^2/(-2a) and d = 0."""
    rng, proved = np.random.default_rng(4), np.zeros(2, int)
    for _ in range(300):
        a, b, c, d, P, S, h = rng.choice(GRID, 7).tolist()
        P, h, S = 2 * P, abs(h), abs(S) + 0.5 if rng.integers(4) else S
        a, d = (a, d) if dt else (-abs(a) if rng.integers(4) else a, float(rng.choice([0.0, 0.0, 0.5])))
        rate = 1 - Fraction(a) ** 2 if dt else -2 * Fraction(a)
        stable, trace = rate > 0, Fraction(b) ** 2 * Fraction(P) + Fraction(d) ** 2
        square = (Fraction(b * c) ** 2 / rate + Fraction(d) ** 2) if stable and (dt or not d) else math.inf
        above = (
            P > 0 and rate * Fraction(P) > Fraction(c) ** 2 and trace <= Fraction(h) ** 2 and (dt or not d)
        )
        below = (
            S > 0
            and stable
            and Fraction(c) ** 2 >= rate * Fraction(P)
            and trace >= Fraction(h) ** 2
            and (dt or not d)
        )
        assert not above or square <= Fraction(h) ** 2  # the theorem itself, against the series
        assert not below or square >= Fraction(h) ** 2
        assert checker.agrees(bool(above), H2Norm(h), scalar(a, b, c, d, dt), P=[[P]])
        assert checker.agrees(bool(below), H2NormAtLeast(h), scalar(a, b, c, d, dt), P=[[P]], S=[[S]])
        proved += above, below
    assert (proved > 5).all()


def test_norm(checker):
    """1/2 + 1/(z - 1/2) has norm sqrt(4/3 + 1/4), 1/(s + 1) has sqrt(1/2)."""
    for s, gramian, norm in (
        (scalar(0.5, 1, 1, 0.5, True), 4 / 3, math.sqrt(19 / 12)),
        (scalar(-1, 1, 1, 0, 0.0), 0.5, math.sqrt(0.5)),
    ):
        above, below = {"P": [[gramian * (1 + 1e-12)]]}, {"P": [[gramian * (1 - 1e-12)]], "S": [[1.0]]}
        assert checker.proves(H2Norm(norm * (1 + 1e-11)), s, **above)
        assert checker.proves(H2NormAtLeast(norm * (1 - 1e-11)), s, **below)
        for P in (gramian, *np.linspace(0.9, 1.1, 21) * gramian):
            assert not checker.proves(H2Norm(norm * (1 - 1e-12)), s, P=[[P]])
            assert not checker.proves(H2NormAtLeast(norm * (1 + 1e-12)), s, P=[[P]], S=[[1.0]])


def test_hypotheses(checker):
    for a, dt in ((2.0, True), (1.0, 0.0)):
        s = scalar(a, 0, 0, 0, dt)
        assert "P is not" in checker.outcome(H2Norm(1.0), s, P=[[-1.0]])  # the decrease alone is positive
        assert "stability" in checker.outcome(H2NormAtLeast(0.0), s, P=[[1.0]], S=[[-1.0]])
        assert "stability" in checker.outcome(
            H2NormAtLeast(1.0), scalar(a, 1, 0, 0, dt), P=[[1.0]], S=[[1.0]]
        )
    assert "Gramian" in checker.outcome(H2Norm(9.0), scalar(0.5, 1, 1, 0, True), P=[[1.3]])
    assert "below the Gramian" in checker.outcome(
        H2NormAtLeast(0.1), scalar(0.5, 1, 1, 0, True), P=[[1.4]], S=[[1.0]]
    )
    for d in (1.0, 2.0**-190):
        assert "D = 0" in checker.outcome(H2Norm(9.0), scalar(-1, 1, 1, d, 0.0), P=[[1.0]])
        assert "D = 0" in checker.outcome(H2NormAtLeast(0.1), scalar(-1, 1, 1, d, 0.0), P=[[0.25]], S=[[1.0]])


def test_all_channels_add(checker):
    """Three static channels 1, 2, 2: the norm is 3."""
    s = StateSpaceSubject(
        np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((2, 0)), [[1.0, 2.0], [0.0, 2.0]], True
    )
    none = np.zeros((0, 0))
    assert checker.agrees(True, H2Norm(3.0), s, P=none)
    assert checker.proves(H2Norm(3.001), s, P=none)
    assert checker.proves(H2NormAtLeast(2.999), s, P=none, S=none)
    assert not checker.proves(H2Norm(2.999), s, P=none)
    assert not checker.proves(H2NormAtLeast(3.001), s, P=none, S=none)


def test_complex_counts_once(checker):
    """A complex 1/(z - i/2) has the norm sqrt(4/3) of 1/(z - 1/2); the embedding doubles every trace."""
    s = StateSpaceSubject([[0.5j]], [[1]], [[1]], [[0]], True)
    above, below = (4 / 3 + 1e-6) * np.eye(2), (4 / 3 - 1e-6) * np.eye(2)
    assert checker.proves(H2Norm(1.1548), s, P=above)
    assert not checker.proves(H2Norm(1.1546), s, P=above)
    assert checker.proves(H2NormAtLeast(1.1546), s, P=below, S=np.eye(2))
    assert not checker.proves(H2NormAtLeast(1.1548), s, P=below, S=np.eye(2))


@pytest.mark.parametrize(("output", "square"), [("pre", 1 + 16 / 15), ("post", 4 + 1 / 15)])
def test_modal(checker, output, square):
    """Re (i/2)^k is 1, 0, -1/4, ...: with D = 1, before the update, 1 + 16/15; after it (1 + 1)^2 + 1/15."""
    s = ModalSubject([0.5j], [[1]], [[1]], [[1]], True, output)
    W = np.diag([16 / 15, 4 / 15] if output == "pre" else [1 / 15, 4 / 15])
    norm = math.sqrt(square)
    assert checker.proves(H2Norm(norm + 1e-4), s, P=W + 1e-5 * np.eye(2))
    assert not checker.proves(H2Norm(norm - 1e-4), s, P=W + 1e-5 * np.eye(2))
    assert checker.proves(H2NormAtLeast(norm - 1e-4), s, P=W - 1e-5 * np.eye(2), S=np.eye(2))
    assert not checker.proves(H2NormAtLeast(norm + 1e-4), s, P=W - 1e-5 * np.eye(2), S=np.eye(2))
