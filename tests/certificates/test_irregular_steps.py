"""Irregular steps: no product of steps in an accepted range grows, and sequences that grow are found out."""

import itertools

import numpy as np
import pytest

from ssmctl.certificates.claim import BoundedForSteps, StableForSteps, UnstableForSteps
from ssmctl.certificates.oscillator import OscillatorSubject
from ssmctl.certificates.schemes import SCHEMES
from ssmctl.errors import InputError
from tests.certificates import banks
from tests.certificates.deciding import decided, reason, seeds


def steps_of(scheme, A, G, h):
    """Step matrices in floats, shape (T, 2, 2), of one oscillator."""
    none = np.zeros((0, len(h)))
    if scheme == "zoh":
        A, G = np.full(len(h), A), np.full(len(h), G)
        s = OscillatorSubject(A, G, h, scheme, none.T, none, none, np.zeros((0, 0)), 0 * h)
        return s.step_matrices()[0]
    q, M, _ = SCHEMES[scheme](A, G, h, np.ones(len(h)))
    return np.stack([x / q for x in M], -1).reshape(-1, 2, 2)


def test_ranges():
    count = decided(banks.ranges())
    assert min(count.values()) > 15


@seeds
def test_no_product_grows(seed):
    """Random and greedy sequences of steps in ranges that are accepted: the energy never rises."""
    rng = np.random.default_rng(seed)
    for scheme, _ in itertools.product(("im", "imex3", "tustin", "zoh"), range(6)):
        A, low = 10 ** rng.uniform(-1, 2), 10 ** rng.uniform(-2, 0)
        high = low * 10 ** rng.uniform(0, 2)
        G = rng.uniform(0, 2 / high) if scheme == "imex3" else 10 ** rng.uniform(-2, 1)
        s = banks.several([A], [G], 1.0, scheme)
        assert reason(StableForSteps(low, high), s) == reason(BoundedForSteps(low, high), s) == "proved"
        E = np.diag([1.0, np.sqrt(A)])
        grid = steps_of(scheme, A, G, np.geomspace(low, high, 25))
        scaled = E @ grid @ np.linalg.inv(E)  # |x| is the root of the energy now
        for greedy in True, False:
            x = rng.standard_normal(2)
            start = np.linalg.norm(x)
            for _ in range(200):
                images = scaled @ x
                x = images[np.argmax(np.linalg.norm(images, axis=1)) if greedy else rng.integers(25)]
                assert np.linalg.norm(x) <= start * (1 + 1e-9)
        assert np.abs(np.linalg.eigvals(scaled)).max() < 1
        for _ in range(100):
            words = scaled[rng.integers(25, size=6)]
            assert np.abs(np.linalg.eigvals(np.linalg.multi_dot(words))).max() < 1 + 1e-12


@seeds
def test_sequences(seed):
    count = decided(banks.sequences(np.random.default_rng(seed), 120))
    assert min(count.values()) > 30


@pytest.mark.parametrize(
    ("scheme", "A", "G", "steps", "low", "high"),
    [
        ("imex", 1.0, 0.0, [1.9, 0.5], 0.5, 1.9),
        ("imex", 1.0, 0.02, [1.9, 0.5], 0.5, 1.9),
        ("imex2", 1.0, 0.1, [1.9] * 4 + [0.3] * 4, 0.3, 1.9),
        ("verlet", 1.0, 0.0, [1.99] * 6 + [0.43] * 3, 0.43, 1.99),
    ],
)
def test_known_resonances(scheme, A, G, steps, low, high):
    """Every step is stable (or on the circle), some product is not."""
    s = banks.several([A], [G], 1.0, scheme)
    for h in {*steps}:
        assert banks.motion(scheme, A, G, h) in ("Schur", "bounded")
        assert reason(UnstableForSteps(low, high), s, oscillator=0, steps=[h] * 8) != "proved"
    assert reason(UnstableForSteps(low, high), s, oscillator=0, steps=steps) == "proved"
    assert reason(UnstableForSteps(low, high), s, oscillator=0, steps=steps * 20) == "proved"
    assert reason(BoundedForSteps(low, high), s) != "proved"


def test_long_sequences_end():
    """1024 steps of a scheme whose divisors are no powers of two."""
    rng, s = np.random.default_rng(1), banks.several([1.1], [0.03], 0.5, "im")
    steps = rng.uniform(0.3, 1.9, 1024)
    assert "not unstable" in reason(UnstableForSteps(0.3, 1.9), s, oscillator=0, steps=steps)


def test_what_is_no_range():
    for kind in StableForSteps, BoundedForSteps, UnstableForSteps:
        for low, high in (0.0, 1.0), (1.0, 0.5), (-1.0, 1.0), (1.0, np.inf):
            with pytest.raises(InputError):
                kind(low, high)
