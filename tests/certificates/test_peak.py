"""Peak gain: geometric series from both sides, and witnesses that hide a tail, a step or a rounding error."""

import math

import numpy as np
import pytest

from ssmctl.certificates.claim import PeakGain, PeakGainAtLeast
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject
from ssmctl.errors import InputError
from tests.certificates.systems import scalar


def sums(steps=40, bits=80, P=2.0, a=0.75, weight=1.5, tail=1e-9, n=1):
    return {"P": P * np.eye(n), "a": a, "steps": steps, "bits": bits, "weight": weight, "tail": tail}


@pytest.mark.parametrize("a", [0.5, -0.5])
def test_geometric_series(checker, a):
    """d + 1/(z - a) has |d| + sum |a|^k = |d| + 2, whatever the sign of a."""
    for d in (0.0, -3.0):
        s, norm = scalar(a, 1, 1, d, True), 2 + abs(d)
        assert checker.proves(PeakGain(norm + 1e-6), s, **sums())
        assert checker.proves(PeakGainAtLeast(norm - 1e-6), s, **sums())
        for witness in (
            sums(),
            sums(steps=60, tail=1e-17),
            sums(P=1.001),
            sums(bits=3),
            sums(a=0.501),
            sums(steps=3, tail=0.25),
        ):
            assert not checker.proves(PeakGain(norm - 1e-9), s, **witness)
            assert not checker.proves(PeakGainAtLeast(norm + 1e-9), s, **witness)


def test_rows_and_columns(checker):
    """Inputs add up within an output; the largest output counts."""
    s = StateSpaceSubject(0.5 * np.eye(2), np.eye(2), [[1.0, -1.0], [0.5, 0.25]], [[0, 0], [0, 9.0]], True)
    # rows: 2 + 2 = 4; 9 + 1 + 1/2 = 10.5
    for swap in ([0, 1], [1, 0]):
        t = StateSpaceSubject(s.A, s.B, s.C[swap], s.D[swap], True)
        witness = sums(P=4.0, weight=2.1, n=2)
        assert checker.proves(PeakGain(10.501), t, **witness)
        assert not checker.proves(PeakGain(10.499), t, **witness)
        assert checker.proves(PeakGainAtLeast(10.499), t, **witness)
        assert not checker.proves(PeakGainAtLeast(10.501), t, **witness)


def test_every_input_has_a_tail(checker):
    """Two inputs, three terms each: 1.75 twice, and a quarter twice in the tails."""
    s = StateSpaceSubject([[0.5]], [[1.0, -1.0]], [[1.0]], [[0.0, 0.0]], True)
    witness = sums(steps=2, P=1.001, a=0.501, weight=1.001, tail=0.2502)  # each tail counts 0.2502/0.499
    assert checker.proves(PeakGain(4.01), s, **witness)
    assert not checker.proves(PeakGain(3.99), s, **witness)


def test_nothing_is_hidden(checker):
    s = scalar(0.5, 1, 1, 0, True)
    assert "tail" in checker.outcome(PeakGain(3.0), s, **sums(steps=0, tail=0.0))
    assert "tail" in checker.outcome(
        PeakGain(3.0), s, **sums(steps=2, tail=0.35)
    )  # |X_2|_P = sqrt(2)/4 = 0.354
    assert checker.proves(PeakGain(3.0), s, **sums(steps=2, tail=0.36))  # 1.5 + 0.36 * 4 = 2.94
    assert "more than the bound" in checker.outcome(PeakGain(2.9), s, **sums(steps=2, tail=0.36))
    assert "weight" in checker.outcome(PeakGain(3.0), s, **sums(weight=1.4))  # 1.4^2 < 2
    assert "C'C" in checker.outcome(PeakGain(3.0), s, **sums(P=1.0))
    assert "contraction" in checker.outcome(PeakGain(3.0), s, **sums(a=0.5))
    assert "`a`" in checker.outcome(PeakGain(3.0), s, **sums(a=1.0))
    assert "`a`" in checker.outcome(
        PeakGain(0.5), s, **sums(a=2.0, steps=0, tail=2.0)
    )  # a negative gap would turn every sign
    unstable = scalar(2, 0, 0, 0, True)
    for a in (0.75, 2.5):
        assert not checker.proves(PeakGain(9.0), unstable, **sums(a=a))
    for low in (PeakGainAtLeast(0.1), PeakGainAtLeast(1.4)):
        assert "tail" in checker.outcome(low, s, **sums(steps=2, tail=0.0))


def test_coarse_rounding_is_paid_for(checker):
    """With 0 bits the impulse response of 1/(z - 1/2) is rounded to 1, 0, 0, ...: that must not prove 1.

    In floats nothing is rounded to bits, so this is about the integers; neither level may go below the truth.
    """
    s = scalar(0.5, 1, 1, 0, True)
    for bits in (0, 1, 2, 5):
        assert not checker.proves(PeakGain(1.99), s, **sums(bits=bits))
        if checker.exact:  # 1 + (0.5 * 1.5 + tail)/0.25 = 4
            assert checker.proves(PeakGain(4.1), s, **sums(bits=bits))
            assert bits > 0 or not checker.proves(PeakGain(3.9), s, **sums(bits=bits))
            assert bits > 0 or not checker.proves(PeakGainAtLeast(0.5), s, **sums(bits=bits))


def test_modal(checker):
    """Re (i/2)^k is 1, 0, -1/4, 0, ...: 4/3; read after the update (with D = 1): |1 + 1| + 1/3."""
    modal = lambda d, output: ModalSubject([0.5j], [[1]], [[1]], [[d]], True, output)
    for s, norm in ((modal(1, "pre"), 1 + 4 / 3), (modal(1, "post"), 2 + 1 / 3)):
        assert checker.proves(PeakGain(norm + 1e-6), s, **sums(n=2))
        assert not checker.proves(PeakGain(norm - 1e-6), s, **sums(n=2))
        assert checker.proves(PeakGainAtLeast(norm - 1e-6), s, **sums(n=2))
        assert not checker.proves(PeakGainAtLeast(norm + 1e-6), s, **sums(n=2))
    # CB and D cancel: 1/4 + 1/16 + ... = 1/3
    assert checker.proves(PeakGain(1 / 3 + 1e-6), modal(-1, "post"), **sums(n=2))


# ------------------------------------------------------------------------------------------- continuous time
def steps(h=2.0**-4, span=16.0, order=3, bits=90, P=2.0, a=0.75, weight=1.5, tail=1e-6, n=1):
    """A continuous witness; `span` is the time that the steps cover."""
    return sums(round(span / h), bits, P, a, weight, tail, n) | {"h": h, "order": order}


FAST = scalar(-1, 1, 1, 0, 0.0)  # integral of e^-t: 1


@pytest.mark.parametrize("c", [1.0, -1.0])
def test_exponential(checker, c):
    """d + c/(s + 1) has |d| + |c|; the trapezoid rule at step h and what pays for it are off by h^2/6."""
    for d in (0.0, -3.0):
        s, norm = scalar(-1, 1, c, d, 0.0), 1 + abs(d)
        assert checker.proves(PeakGain(norm + 1e-3), s, **steps())
        assert checker.proves(PeakGainAtLeast(norm - 1e-3), s, **steps())
        for witness in (
            steps(),
            steps(1.0),
            steps(order=1),
            steps(order=6),
            steps(P=1.001),
            steps(span=1, tail=0.6),
            steps(bits=4),
        ):
            assert not checker.proves(PeakGain(norm - 1e-9), s, **witness)
            assert not checker.proves(PeakGainAtLeast(norm + 1e-9), s, **witness)


def test_change_of_sign(checker):
    """e^-t - 2 e^-2t changes sign at log 2: its integral is 0, that of its modulus is 1/2."""
    s = StateSpaceSubject(np.diag([-1.0, -2.0]), [[1.0], [1.0]], [[1.0, -2.0]], [[0.0]], 0.0)
    witness = steps(2.0**-5, order=6, P=20.0, weight=4.5, n=2)
    assert checker.proves(PeakGain(0.505), s, **witness)
    assert not checker.proves(PeakGain(0.4999), s, **witness)
    assert checker.proves(PeakGainAtLeast(0.495), s, **witness)
    assert not checker.proves(PeakGainAtLeast(0.5001), s, **witness)


def test_large_steps_are_paid_for(checker):
    """Whatever step and order are stored, the bounds stay on their sides; a fine witness proves more."""
    s = scalar(-1, 1, 1, 0, 0.0)
    for order in (0, 1, 2, 5, 12):
        for h in (2.0**-4, 0.5, 1.0, 2.0):
            witness = steps(h, span=16, order=order, tail=1e-3)
            assert not checker.proves(PeakGain(1 - 1e-9), s, **witness)
            assert not checker.proves(PeakGainAtLeast(1 + 1e-9), s, **witness)
    assert not checker.proves(PeakGain(1.02), s, **steps(1.0, order=12, tail=1e-3))  # 1 + h^2/6
    assert checker.proves(PeakGain(1.02), s, **steps(0.25, order=12, tail=1e-3))
    assert checker.proves(PeakGainAtLeast(0.98), s, **steps(0.25, order=12, tail=1e-3))
    assert not checker.proves(
        PeakGainAtLeast(0.99), s, **steps(0.25, order=1, tail=1e-3)
    )  # the defect of Euler's rule


def test_oscillation(checker):
    """The integral of e^-st |sin wt| is w/(s^2 + w^2) coth(pi s/2w); trapezoids lie below its arcs."""
    sigma, w = 0.5, 4.0
    s = StateSpaceSubject([[-sigma, -w], [w, -sigma]], [[1.0], [0.0]], [[0.0, 1.0]], [[0.0]], 0.0)
    norm = w / (sigma**2 + w**2) / math.tanh(math.pi * sigma / (2 * w))
    witness = steps(2.0**-5, 24.0, order=10, P=1.001, a=0.499, weight=1.001, tail=7e-6, n=2)
    assert checker.proves(PeakGain(norm + 2e-3), s, **witness)
    assert not checker.proves(PeakGain(norm - 1e-4), s, **witness)
    assert checker.proves(PeakGainAtLeast(norm - 5e-3), s, **witness)
    assert not checker.proves(PeakGainAtLeast(norm + 1e-4), s, **witness)


def test_steps_across_zero(checker):
    """(1 - t) e^-t/20 changes sign in the middle of the first step, of length 2, nearly on a line."""
    a = 0.05
    s = StateSpaceSubject([[-a, 1.0], [0.0, -a]], [[1.0], [-1.0]], [[1.0, 0.0]], [[0.0]], 0.0)
    norm = 1 / a - (1 - 2 * math.exp(-a)) / a**2
    witness = steps(2.0, 1200.0, order=16, a=0.02, weight=18.0, n=2) | {"P": np.diag([1.1, 310.0])}
    assert checker.proves(PeakGainAtLeast(norm - 2), s, **witness)
    assert not checker.proves(PeakGainAtLeast(norm + 0.05), s, **witness)
    assert not checker.proves(PeakGain(norm - 0.05), s, **witness)
    assert checker.proves(PeakGain(norm + 2), s, **witness)


def test_continuous_hypotheses(checker):
    base = steps(0.125, span=1, tail=0.6)  # |e^-1|_P = sqrt(2) e^-1 = 0.52
    assert checker.proves(PeakGain(1.5), FAST, **base)
    assert "tail" in checker.outcome(PeakGain(1.5), FAST, **(base | {"tail": 0.5}))
    assert "more than" in checker.outcome(PeakGain(1.3), FAST, **base)  # 0.63 + 0.6/0.75 = 1.43
    assert "weight" in checker.outcome(PeakGain(9.0), FAST, **(base | {"weight": 1.4}))
    assert "C'C" in checker.outcome(PeakGain(9.0), FAST, **(base | {"P": [[1.0]]}))
    assert "contraction" in checker.outcome(PeakGain(9.0), FAST, **(base | {"a": 1.0}))
    assert "`a`" in checker.outcome(PeakGain(9.0), FAST, **(base | {"a": 0.0}))
    assert "`h`" in checker.outcome(PeakGain(9.0), FAST, **(base | {"h": 0.0}))
    assert "`h`" in checker.outcome(PeakGain(0.1), FAST, **(base | {"h": -0.125}))
    assert "contraction" in checker.outcome(PeakGain(9.0), scalar(1, 0, 0, 0, 0.0), **base)
    assert "order" in checker.outcome(PeakGain(9.0), FAST, **(base | {"order": 65}))


def test_complex_is_refused(checker):
    s = StateSpaceSubject([[0.5j]], [[1]], [[1]], [[0]], True)
    for claim in (PeakGain(9.0), PeakGainAtLeast(0.1)):
        with pytest.raises(InputError, match="real signals"):
            checker.outcome(claim, s, **sums(n=2))
