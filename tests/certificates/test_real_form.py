"""Complex and modal subjects: what their real form says is what a closed form of the complex system says."""

import numpy as np
import pytest

from ssmctl.certificates.claim import (
    L2Gain,
    L2GainAtLeast,
    NotPassive,
    Passive,
    PeakGain,
    PeakGainAtLeast,
    Schur,
)
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject
from ssmctl.errors import InputError

I = np.eye(2)


def test_complex_gain(checker):
    """1/(z - i/2) has gain 2 as 1/(z - 1/2) has: P = 2I proves it, nothing proves less."""
    s = StateSpaceSubject([[0.5j]], [[1]], [[1]], [[0]], True)
    assert checker.agrees(True, L2Gain(2.0), s, P=2 * I)
    assert checker.proves(L2Gain(2.0001), s, P=2 * I)
    for P in (2 * I, 1.5 * I, 3 * I, [[2.0, 0.1], [0.1, 2.0]]):
        assert not checker.proves(L2Gain(np.nextafter(2.0, 0)), s, P=P)
    continuous = StateSpaceSubject([[-0.5 + 3j]], [[1j]], [[-1j]], [[0]], 0.0)  # peak 2 at omega = 3
    assert checker.proves(L2Gain(2.0001), continuous, P=2 * I)
    assert not checker.proves(L2Gain(1.9999), continuous, P=2 * I)


@pytest.mark.parametrize(
    ("d", "passive"), [(1 + 5j, True), (1 - 5j, True), (-1 + 5j, False), (-1e-6 + 1j, False)]
)
def test_complex_products_have_the_right_signs(checker, d, passive):
    """D = d alone, then the same d made by B, C of a state that is held for one step: -|d| at z = -1."""
    none = np.zeros((0, 0))
    s = StateSpaceSubject(none, np.zeros((0, 1)), np.zeros((1, 0)), [[d]], True)
    assert checker.proves(Passive(), s, P=none) == passive
    assert checker.proves(NotPassive(), s, u=[[1.0, 0.0]]) == (not passive)
    for b, c in ((d, 1), (1j * d, -1j)):  # C B = d, with an order-two product in between
        delayed = StateSpaceSubject([[0]], [[b]], [[c]], [[0]], True)
        u = [[1.0, 0.0], [-1.0, 0.0]]  # y_1 = d, u_1 = -1: supply -Re d
        assert checker.proves(NotPassive(), delayed, u=u) == (d.real > 0)


def test_conjugates(checker):
    """A complex pole is not its conjugate: at z = i the system 1/(z - i/2) gives 2, at z = -i 2/3."""
    s = StateSpaceSubject([[0.5j]], [[1]], [[1]], [[0]], True)
    base = {"P": 2 * I, "a": 0.75, "point": 1.0, "vr": [1.0, 0.0]}
    assert checker.proves(L2GainAtLeast(1.999), s, **base, vi=[0.0, -1.0], xr=[0.0, -2.0], xi=[-2.0, 0.0])
    other = base | {"vi": [0.0, 1.0], "xr": [0.0, 2 / 3], "xi": [-2 / 3, 0.0]}  # conj: the response of z = -i
    assert checker.proves(L2GainAtLeast(0.666), s, **other)
    assert not checker.proves(L2GainAtLeast(0.667), s, **other)


@pytest.mark.parametrize(("c", "static"), [(1 + 1j, 0.4), (1 - 1j, 1.2), (1, 0.8), (1j, 0.4)])
def test_modal_readout(checker, c, static):
    """Re(c/(1 - i/2)) at z = 1: the imaginary parts of C and of the state meet with a minus."""
    s = ModalSubject([0.5j], [[1]], [[c]], [[0]], True)
    witness = {
        "P": 4 * I,
        "a": 0.75,
        "point": 0.0,
        "xr": [0.8, 0.4],
        "xi": [0.0, 0.0],
        "vr": [1.0],
        "vi": [0.0],
    }
    assert checker.proves(L2GainAtLeast(static - 1e-9), s, **witness)
    assert not checker.proves(L2GainAtLeast(static + 1e-9), s, **witness)


def test_modal_input_and_continuous_time(checker):
    """Re of 1j/(s + 1 - 2i) at s = 0 is Re(1j (1 + 2i)/5) = -2/5."""
    s = ModalSubject([-1 + 2j], [[1j]], [[1]], [[0]], 0.0)
    x = 1j / (1 - 2j)
    witness = {
        "P": 2 * I,
        "a": 0.5,
        "point": 0.0,
        "xr": [x.real, x.imag],
        "xi": [0.0, 0.0],
        "vr": [1.0],
        "vi": [0.0],
    }
    assert checker.proves(L2GainAtLeast(0.4 - 1e-9), s, **witness)
    assert not checker.proves(L2GainAtLeast(0.4 + 1e-9), s, **witness)


def test_after_the_update(checker):
    """The impulse response of 1/(z - 1/2), read after the update, comes at once: 1, 1/2, not 0, 1, 1/2."""
    modal = lambda d, output: ModalSubject([0.5], [[1]], [[1]], [[d]], True, output)
    impulse = [[1.0], [0.0]]
    for s, energy, P in ((modal(0, "pre"), 1.0, 2 * I), (modal(0, "post"), 1.25, I)):
        assert checker.proves(L2GainAtLeast(energy**0.5 - 1e-9), s, u=impulse)
        assert not checker.proves(L2GainAtLeast(energy**0.5 + 1e-9), s, u=impulse)
        assert checker.proves(L2Gain(2.0001), s, P=P)  # 1/(z - 1/2), z/(z - 1/2): 2
    post = modal(-1, "post")  # z/(z - 1/2) - 1 = (1/2)/(z - 1/2), gain 1
    assert checker.proves(L2Gain(1.0001), post, P=0.5 * I)
    assert not checker.proves(L2Gain(0.9999), post, P=0.5 * I)


def test_sizes_and_refusals(checker):
    s = StateSpaceSubject([[0.5j]], [[1]], [[1]], [[0]], True)
    assert checker.proves(Schur(), s, P=I)
    assert not checker.proves(Schur(), s, P=[[1.0]])  # order 2n is asked for
    for claim in (PeakGain(9.0), PeakGainAtLeast(0.1)):
        with pytest.raises(InputError, match="real signals"):
            checker.outcome(claim, s, P=I)
