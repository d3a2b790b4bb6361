"""Numbers that no double equals: every operation keeps the truth inside and stays narrow."""

import numpy as np
import pytest

from ssmctl.certificates import exact
from tests.certificates.enclosures import EXPONENTIALS, enclosures, exponentials


def test_every_operation_keeps_the_truth_inside():
    assert list(enclosures(exact)) == []


@pytest.mark.parametrize("draw", EXPONENTIALS, ids=str)
def test_held_force(draw):
    assert list(exponentials(exact, [draw])) == []


@pytest.mark.parametrize("seed", [0, *(pytest.param(k, marks=pytest.mark.slow) for k in range(1, 6))])
def test_held_force_at_random(seed):
    rng = np.random.default_rng(seed)
    for _ in range(60):
        A, G = rng.choice([-1, 0, 1, 1], 2) * 10 ** rng.uniform(-6, 3, 2)
        h = 10 ** rng.uniform(-3, 1.5)
        h = h if min(A, G) >= 0 else min(h, 30 / np.sqrt(abs(A) + G * G))
        assert list(exponentials(exact, [(A, G, h)])) == []
