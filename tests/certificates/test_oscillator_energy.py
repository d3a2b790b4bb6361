"""The energy of oscillators: what one step does to any state, and passivity from force to velocity."""

import itertools
import math
from fractions import Fraction as F

import numpy as np
import pytest

from ssmctl.certificates import exact
from ssmctl.certificates.claim import EnergyRatio, EnergyRatioAbove, Passive
from tests.analysis.oscillating import RATIONAL, advance
from tests.certificates import banks
from tests.certificates.deciding import decided, reason, seeds


@seeds
def test_ratios(seed):
    count = decided(banks.energies(np.random.default_rng(seed), 56))
    assert min(count.values()) > 100


@pytest.mark.parametrize("scheme", RATIONAL)
def test_no_state_exceeds_a_proved_ratio(scheme):
    """Energies of many states after one step of the equations; the largest shows what is refuted."""
    rng = np.random.default_rng(3)
    for _ in range(12):
        A, h = F(int(rng.integers(0, 30)), 8), F(int(rng.integers(1, 17)), 8)
        G = F(0) if scheme == "verlet" else F(int(rng.integers(0, 20)), 8)
        s = banks.several([float(A)], [float(G)], float(h), scheme)
        worst = F(0)
        for z, y in [(1, 0), (0, 1), *rng.integers(-50, 51, (80, 2)).tolist()]:
            before = z * z + A * y * y
            w, v = advance(scheme, A, G, h, z, y)
            after = w * w + A * v * v
            if before:
                worst = max(worst, after / before)
            else:
                assert after == 0 or reason(EnergyRatio(1e300), s) != "proved"
        bound = math.nextafter(float(worst), 0)
        if bound > 0 and F(bound) < worst:
            assert reason(EnergyRatio(bound), s) != "proved"
            assert reason(EnergyRatioAbove(bound), s) == "proved"
        for bound in float(worst) * 1.05, 1.0, 2.0:
            one, two = reason(EnergyRatio(bound), s), reason(EnergyRatioAbove(bound), s)
            assert (one == "proved") != (two == "proved")
            assert one != "proved" or F(bound) >= worst


@pytest.mark.parametrize(
    ("scheme", "A", "G", "h", "square"),
    [
        ("im", 3.0, 0.0, 1.0, F(1, 4)),  # 1/(1 + a)
        ("im", 1.0, 0.0, 0.5, F(4, 5)),
        ("imex3", 1.0, 1.0, 1.0, F(1, 2)),
        ("imex3", 1.0, 2.0, 1.0, F(1, 2)),
        ("imex3", 1.0, 3.0, 1.0, F(2)),  # (1 - g)^2/(1 + a)
        ("tustin", 1.0, 0.0, 0.5, F(1)),
        ("tustin", 1.0, 1.0, 0.5, F(1)),
        ("tustin", 2.0, -1.0, 0.5, None),
    ],
)
def test_closed_forms(scheme, A, G, h, square):
    s = banks.several([A], [G], h, scheme)
    if square is None:  # negative damping: above 1
        assert reason(EnergyRatioAbove(1.0), s) == "proved"
        return
    for bound in (float(square), math.nextafter(float(square), 0), math.nextafter(float(square), 9)):
        assert (reason(EnergyRatio(bound), s) == "proved") == (F(bound) >= square)
        assert (reason(EnergyRatioAbove(bound), s) == "proved") == (F(bound) < square)


def test_held_force():
    """exp: strictly below 1 with damping, 1 without; near 1 neither is proved by the enclosure alone."""
    for A, h in itertools.product((0.5, 3.0), (0.25, 2.0)):
        calm, free = banks.several([A], [0.5], h, "zoh"), banks.several([A], [0.0], h, "zoh")
        for s in calm, free:
            assert reason(EnergyRatio(1.0), s) == "proved"
            assert reason(EnergyRatio(math.exp(-0.5 * h) / 2), s) != "proved"
            assert reason(EnergyRatioAbove(math.exp(-0.5 * h) / 2), s) == "proved"
        assert reason(EnergyRatio(math.nextafter(1, 0)), free) != "proved"
        assert reason(EnergyRatioAbove(math.nextafter(1, 0)), free) == "proved"
        assert reason(EnergyRatioAbove(1.0), free) != "proved"
        grows = banks.several([A], [-0.5], h, "zoh")
        assert reason(EnergyRatioAbove(1.0), grows) == "proved"
        assert reason(EnergyRatio(1.0), grows) != "proved"


def test_passive_without_a_witness():
    decided(banks.collocated())


def test_passive_motions():
    """No motion of the passive bank takes out more than it was given; without collocation one does."""
    rng, s = np.random.default_rng(5), banks.forced([1.0, 0.0], [0.5, 0.0], [0.5, 2.0])
    assert reason(Passive(), s) == "proved"
    A, B, C, D = s.real_form()
    for _ in range(200):
        x, given = np.zeros(4), 0.0
        for u in rng.standard_normal((int(rng.integers(1, 20)), 2)):
            given += u @ (C @ x + D @ u)
            x = A @ x + B @ u
            assert given >= -1e-9


def test_passive_needs_as_many_outputs():
    s = banks.forced([1.0, 1.0], [0.5, 0.5], 1.0)
    file = {"format": exact.FORMAT, "claim": Passive().to_json(), "witness": {}}
    none = {"velocity": [], "position": [], "D": [], "p": 0}
    file["subject"] = s.to_json() | none
    with pytest.raises(exact.Malformed, match="as many outputs"):
        exact.check(file | {"sha256": exact.digest(file)})
