"""The gain of one oscillator, decided: against exact responses at rational points, and in closed form."""

import math
from fractions import Fraction as F

import numpy as np
import pytest

from ssmctl.certificates.claim import L2Gain, L2GainAtLeast, Lipschitz
from ssmctl.certificates.subject import OscillatorSubject
from tests.analysis.oscillating import oscillator
from tests.certificates import banks
from tests.certificates.deciding import decided, reason, seeds


@seeds
def test_gains(seed):
    """Just below what one point of the circle shows: false. Just above the largest: true."""
    count = decided(banks.gains(np.random.default_rng(seed), 54))
    assert min(count.values()) > 40


@seeds
def test_no_point_exceeds_a_proved_gain(seed):
    """The gain that is proved is no less than the response at any of many rational points."""
    rng = np.random.default_rng(seed)
    for scheme in ("im", "imex", "imex2", "imex3", "euler", "tustin") * 2:
        s = banks.single(rng, scheme)
        top = banks.peak(s)
        if top == 0:
            continue
        gamma = banks.below(top) * (1 + 1e-12)
        assert reason(L2Gain(gamma), s) == "proved"
        v = [F(x) for x in s.B[0].tolist()] if s.m > 1 else [F(1)]
        if not any(v):
            continue
        for t in (*rng.standard_normal(40).tolist(), *(10 ** rng.uniform(-4, 4, 40)).tolist(), None):
            y = banks.response(s, banks.circle(t), v)
            assert sum(a * a + b * b for a, b in y) <= F(gamma) ** 2 * sum(x * x for x in v)


@pytest.mark.parametrize(
    ("scheme", "A", "G", "h", "square"),
    [
        ("im", 3.0, 0.0, 1.0, F(4, 27)),  # (1 + a)/(A^3 h^2)
        ("im", 2.0, 0.0, 0.5, F(3, 4)),
        ("imex", 1.0, 1.0, 1.0, F(1, 1) / (1 * (1 - F(4, 8)))),  # h^4 / ((c0 - c2)^2 (1 - c1^2/(4 c0 c2)))
        ("imex2", 1.0, 0.5, 1.0, F(1) / (F(1, 4) * (1 - F(1, 8)))),
        ("euler", 0.25, 0.5, 1.0, F(1) / (F(1, 16) * (1 - F(9, 12)))),
        ("im", 0.25, 2.0, 1.0, F(16)),  # overdamped: 1/A^2
        ("imex3", 0.5, 1.75, 1.0, F(4)),
    ],
)
def test_closed_forms(scheme, A, G, h, square):
    """The squared norm in closed form: the doubles on both sides of its root are told apart."""
    g = banks.below(square)
    for readout in "pre", "post":
        for sign in 1.0, -1.0:
            s = oscillator(A, G, h, scheme, output=readout, B=sign)
            exact = F(g) ** 2 == square
            assert (reason(L2Gain(g), s) == "proved") == exact
            assert reason(L2Gain(math.nextafter(g, math.inf)), s) == "proved"
            assert reason(L2GainAtLeast(g), s) == "proved"
            assert reason(L2GainAtLeast(math.nextafter(g, math.inf)), s) != "proved"


def test_rank_one():
    """Several inputs and outputs of one oscillator: |h| |B|, here 1/4 times 5 times 13."""
    B, C = [[3.0, 4.0]], [[5.0], [12.0]]
    s = OscillatorSubject([4.0], [8.0], 1.0, "im", B, [[0.0]] * 2, C, np.zeros((2, 2)), [0.0])
    for claim in L2Gain, Lipschitz:
        assert reason(claim(65 / 4), s) == "proved"
        assert reason(claim(math.nextafter(65 / 4, 0)), s) != "proved"
    assert reason(L2GainAtLeast(65 / 4), s) == "proved"


def test_without_inputs_or_outputs():
    for m, p in (0, 1), (1, 0), (0, 0):
        s = OscillatorSubject(
            [4.0],
            [8.0],
            1.0,
            "im",
            np.zeros((1, m)),
            np.zeros((p, 1)),
            np.ones((p, 1)),
            np.zeros((p, m)),
            [0.0],
        )
        assert reason(L2Gain(0.0), s) == "proved"
        s = OscillatorSubject(
            [4.0],
            [-1.0],
            1.0,
            "im",
            np.zeros((1, m)),
            np.zeros((p, 1)),
            np.ones((p, 1)),
            np.zeros((p, m)),
            [0.0],
        )
        assert (reason(L2Gain(0.0), s) == "proved") is True  # a + g = 3: stable, though the equation is not
        s = OscillatorSubject(
            [-1.0],
            [1.0],
            1.0,
            "zoh",
            np.zeros((1, m)),
            np.zeros((p, 1)),
            np.ones((p, 1)),
            np.zeros((p, m)),
            [0.0],
        )
        assert reason(L2Gain(0.0), s) != "proved"
