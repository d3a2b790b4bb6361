"""Unbounded: growth, or a Jordan chain on the boundary; an eigenvector alone is not enough."""

import numpy as np
import pytest

from ssmctl.certificates.claim import Unbounded
from ssmctl.certificates.subject import ModalSubject
from tests.certificates.systems import free

TURN = np.array([[0.0, -1.0], [1.0, 0.0]])
O, I = np.zeros((2, 2)), np.eye(2)


@pytest.mark.parametrize(("dt", "root"), [(True, 1.0), (True, -1.0), (True, 3.0), (0.0, 0.0), (0.0, 2.0)])
def test_chain(checker, dt, root):
    A = root * I + np.eye(2, k=1)
    assert checker.proves(Unbounded(), free(A, dt), q=[root], v=[0.0, 1.0])
    assert "no Jordan chain" in checker.outcome(Unbounded(), free(A, dt), q=[root], v=[1.0, 0.0])
    assert "no Jordan chain" in checker.outcome(Unbounded(), free(root * I, dt), q=[root], v=[0.0, 1.0])


@pytest.mark.parametrize("dt", [True, 0.0])
def test_resonance(checker, dt):
    """Two oscillators of one frequency: coupled they grow, side by side they do not."""
    v = [0.0, 0.0, 1.0, 0.0]
    assert checker.proves(Unbounded(), free(np.block([[TURN, I], [O, TURN]]), dt), q=[0.0, 1.0], v=v)
    assert "no Jordan chain" in checker.outcome(
        Unbounded(), free(np.block([[TURN, O], [O, TURN]]), dt), q=[0.0, 1.0], v=v
    )


@pytest.mark.parametrize(
    ("dt", "root"), [(True, 0.5), (True, -np.nextafter(1, 0)), (0.0, -1.0), (0.0, -1e-300)]
)
def test_inside(checker, dt, root):
    """A Jordan block inside the boundary decays in the end."""
    assert "inside" in checker.outcome(
        Unbounded(), free(root * I + np.eye(2, k=1), dt), q=[root], v=[0.0, 1.0]
    )


def test_longer_and_other_chains(checker):
    A = np.eye(3) + np.eye(3, k=1)
    assert checker.proves(Unbounded(), free(A, True), q=[1.0], v=[0.0, 1.0, 0.0])
    assert "not zero" in checker.outcome(Unbounded(), free(A, True), q=[1.0], v=[0.0, 0.0, 1.0])
    assert "not zero" in checker.outcome(Unbounded(), free([[1, 1], [0, 0.5]], True), q=[1.0], v=[0.0, 1.0])
    assert "complex pair" in checker.outcome(
        Unbounded(), free(np.diag([1.0, 2.0]), True), q=[3.0, 2.0], v=[1.0, 1.0]
    )


def test_growth(checker):
    for A, dt in ((2.0, True), (1.0, 0.0)):
        assert checker.proves(Unbounded(), free(A, dt), P=[[-1.0]], x=[1.0])
    for A, dt in ((1.0, True), (0.5, True), (0.0, 0.0), (-1.0, 0.0)):
        assert not checker.proves(Unbounded(), free(A, dt), P=[[-1.0]], x=[1.0])
    assert "x'Px" in checker.outcome(Unbounded(), free(0.5, True), P=[[1.0]], x=[1.0])


def test_complex_and_modal(checker):
    assert checker.proves(Unbounded(), free([[1j, 1], [0, 1j]], True), q=[0.0, 1.0], v=[0.0, 1.0, 0.0, 0.0])
    assert "no Jordan chain" in checker.outcome(
        Unbounded(), free([[1j, 0], [0, 1j]], True), q=[0.0, 1.0], v=[0.0, 1.0, 0.0, 0.0]
    )
    B, C, D = np.zeros((2, 0)), np.zeros((0, 2)), np.zeros((0, 0))
    assert checker.proves(Unbounded(), ModalSubject([1j, 1 + 1e-9j], B, C, D, True))
    assert not checker.proves(
        Unbounded(), ModalSubject([1j, 1j], B, C, D, True)
    )  # diagonal: twice the pole, no chain
    assert checker.proves(Unbounded(), ModalSubject([1j, 1e-300], B, C, D, 0.0))
    assert not checker.proves(Unbounded(), ModalSubject([1j, 1j], B, C, D, 0.0))
