"""Bounded: energies that are conserved exactly, and floats that lie a rounding error off the circle."""

from fractions import Fraction

import numpy as np
import pytest

from ssmctl.certificates.claim import Bounded
from tests.certificates.systems import free, modal


def test_conserved(checker):
    """On the boundary: a permutation, a conserved left eigenvector (1, 2), an undamped oscillator."""
    for A, P, dt in (
        ([[0, 1], [1, 0]], np.eye(2), True),
        ([[1, 1], [0, 0.5]], [[1.0, 2.0], [2.0, 5.0]], True),
        ([[0, 1], [-4, 0]], np.diag([4.0, 1.0]), 0.0),
        ([[1j]], np.eye(2), True),
        ([[1j]], np.eye(2), 0.0),
    ):
        assert checker.agrees(True, Bounded(), free(A, dt), P=P)


def test_strict(checker):
    assert checker.proves(Bounded(), free(0.5, True), P=[[1.0]])
    assert checker.proves(Bounded(), free(-0.5, 0.0), P=[[1.0]])


def test_growth_is_refused(checker):
    for A, P, dt in (
        ([[1, 1], [0, 1]], np.eye(2), True),
        ([[1, 1], [0, 1]], np.diag([1.0, 1e9]), True),
        ([[0, 1], [-4, 0]], np.diag([np.nextafter(4.0, 5), 1.0]), 0.0),
        ([[0, 1], [0, 0]], np.eye(2), 0.0),
        ([[1 + 2.0**-52]], [[1.0]], True),
        ([[2.0**-1074]], [[1.0]], 0.0),
    ):
        assert not checker.proves(Bounded(), free(A, dt), P=P)


def test_semidefinite_storage_is_not_enough(checker):
    """P = 0 never grows, nor does the part of the motion that P sees when the other part explodes."""
    for dt in (True, 0.0):
        assert "P is not" in checker.outcome(Bounded(), free(np.diag([2.0, -0.5]), dt), P=np.diag([0.0, 1.0]))
        assert "P is not" in checker.outcome(Bounded(), free(2.0, dt), P=[[0.0]])
        assert "P is not" in checker.outcome(Bounded(), free(2.0, dt), P=[[-1.0]])


@pytest.mark.parametrize("angle", np.linspace(0, 3, 31))
def test_within_rounding(checker, angle):
    """A rotation in floats lies about 1e-16 inside or outside the circle, and which it is can be decided."""
    c, s = np.cos(angle), np.sin(angle)
    inside = Fraction(c) ** 2 + Fraction(s) ** 2 <= 1
    assert checker.agrees(inside, Bounded(), free([[c, -s], [s, c]], True), P=np.eye(2))
    assert checker.proves(Bounded(), modal([complex(c, s)], True)) == inside


def test_modal(checker):
    assert checker.proves(Bounded(), modal([1j, -1.0, 0.5], True))
    assert checker.proves(Bounded(), modal([1j, 5j, -0.5], 0.0))
    assert "pole" in checker.outcome(Bounded(), modal([1j, 1.0 + 1e-30j], True))
    assert "pole" in checker.outcome(Bounded(), modal([1e-300 + 5j], 0.0))
    assert checker.proves(Bounded(), free(np.zeros((0, 0)), True), P=np.zeros((0, 0)))
