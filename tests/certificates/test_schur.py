"""Schur and Hurwitz: closed forms of order two, and an adversary one bit across the boundary."""

import math

import numpy as np
import pytest

from ssmctl.certificates.claim import Hurwitz, Schur
from tests.certificates.systems import free, modal

up, down = (lambda x: math.nextafter(x, math.inf)), (lambda x: math.nextafter(x, -math.inf))


@pytest.mark.parametrize(("t", "true"), [(1.75, False), (16 / 9, False), (2.0, True), (1e6, True)])
def test_defective(checker, t, true):
    """For A = [[1/2, 1], [0, 1/2]] and P = diag(1, t) the decrease has determinant 3/4 (3t/4 - 1) - 1/4."""
    assert checker.proves(Schur(), free([[0.5, 1], [0, 0.5]], True), P=np.diag([1.0, t])) == true


@pytest.mark.parametrize(
    ("rate", "t", "true"),
    [
        (0.0, 4.0, False),
        (0.0, 4.001, True),
        (0.5, 16.0, False),
        (0.5, 16.1, True),
        (-1.0, 1.0, False),
        (-1.0, 1.1, True),
    ],
)
def test_defective_continuous(checker, rate, t, true):
    """For A = [[-1, 4], [0, -1]] and P = diag(1, t) it has determinant 4 (1 - rate)^2 t - 16."""
    assert checker.proves(Hurwitz(rate), free([[-1, 4], [0, -1]], 0.0), P=np.diag([1.0, t])) == true


def test_one_bit(checker):
    step = 0.0 if checker.exact else 1e-13
    assert checker.proves(Schur(up(0.5) + step), free(0.5, True), P=[[1.0]])
    assert checker.proves(Hurwitz(down(0.5) - step), free(-0.5, 0.0), P=[[1.0]])
    for P in ([[1.0]], [[1e-30]], [[1e30]]):
        for rate in (0.5, down(0.5)):
            assert "decrease" in checker.outcome(Schur(rate), free(0.5, True), P=P)
            assert "decrease" in checker.outcome(Hurwitz(1 - rate), free(-0.5, 0.0), P=P)


def test_indefinite_storage(checker):
    """Without P > 0 the decrease alone proves nothing: both of these are unstable."""
    assert "P is not" in checker.outcome(Schur(), free(2.0, True), P=[[-1.0]])
    assert "P is not" in checker.outcome(Hurwitz(), free(1.0, 0.0), P=[[-1.0]])
    assert "P is not" in checker.outcome(Schur(), free(np.diag([2.0, 0.5]), True), P=np.diag([-1.0, 1.0]))


def test_off_diagonal_counts(checker):
    """A rotation by a right angle scaled by 2 has a zero diagonal, and is unstable all the same."""
    A = np.array([[0.0, -2.0], [2.0, 0.0]])
    assert not checker.proves(Schur(), free(A, True), P=np.eye(2))
    assert checker.proves(Schur(), free(A / 4, True), P=np.eye(2))
    assert not checker.proves(Hurwitz(), free(A, 0.0), P=np.eye(2))


def test_complex(checker):
    """|3/8 + i/2| = 5/8."""
    A = np.array([[0.375 + 0.5j]])
    assert checker.proves(Schur(0.626), free(A, True), P=np.eye(2))
    assert not checker.proves(Schur(0.625), free(A, True), P=np.eye(2))
    assert checker.proves(Hurwitz(0.374), free(-A, 0.0), P=np.eye(2))
    assert not checker.proves(Hurwitz(0.375), free(-A, 0.0), P=np.eye(2))


def test_modal_needs_no_witness(checker):
    poles = [0.375 + 0.5j, -0.25]
    assert checker.proves(Schur(up(0.625)), modal(poles, True))
    assert "pole" in checker.outcome(Schur(0.625), modal(poles, True))
    assert checker.proves(Hurwitz(down(0.25)), modal([-0.375 + 9j, -0.25], 0.0))
    assert "pole" in checker.outcome(Hurwitz(0.25), modal([-0.375 + 9j, -0.25], 0.0))
    assert "unknown fields" in checker.outcome(Schur(), modal(poles, True), P=np.eye(4))


def test_empty(checker):
    for claim, dt in ((Schur(1e-30), True), (Hurwitz(1e30), 0.0)):
        assert checker.proves(claim, free(np.zeros((0, 0)), dt), P=np.zeros((0, 0)))
        assert checker.proves(claim, modal([], dt))
