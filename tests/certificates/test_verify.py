"""What `verify` binds: the numbers of the system, the time base, what was asked; a verdict is no boolean."""

import numpy as np
import pytest

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import LEVELS, check
from ssmctl.certificates.claim import (
    Bounded,
    Hurwitz,
    L2Gain,
    L2GainAtLeast,
    NotSchur,
    PeakGain,
    Schur,
    Unstable,
)
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject
from ssmctl.certificates.verify import Verdict, verify
from ssmctl.certificates.witness import Witness
from ssmctl.errors import InputError

HALF = StateSpaceSubject([[0.5]], [[1.0]], [[1.0]], [[0.0]], True)  # gain 2, eigenvalue 1/2
GAIN = Certificate(L2Gain(2.5), HALF, Witness(P=[[2.0]]))


def test_binds_the_subject():
    assert verify(GAIN, subject=HALF).holds
    assert verify(GAIN, subject=([[0.5]], [[1.0]], [[1.0]], [[0.0]], True)).reason == "about the system given"
    assert verify(GAIN).reason.startswith("self-consistent only")
    others = {
        "A": ([[np.nextafter(0.5, 1)]], [[1.0]], [[1.0]], [[0.0]], True),
        "B": ([[0.5]], [[np.nextafter(1.0, 0)]], [[1.0]], [[0.0]], True),
        "C": ([[0.5]], [[1.0]], [[-1.0]], [[0.0]], True),
        "D": ([[0.5]], [[1.0]], [[1.0]], [[5e-324]], True),
        "dt": ([[0.5]], [[1.0]], [[1.0]], [[0.0]], 1.0),
        "shape": (np.diag([0.5, 0.5]), [[1.0], [0.0]], [[1.0, 0.0]], [[0.0]], True),
        "type": ([[0.5 + 0j]], [[1.0]], [[1.0]], [[0.0]], True),
    }
    for word, system in others.items():
        for level in LEVELS:
            verdict = verify(GAIN, subject=system, level=level)
            assert verdict.status == "unknown"
            assert verdict.certificate is None
            assert "about another system" in verdict.reason
            assert word in verdict.reason
    modal = verify(GAIN, subject=ModalSubject([0.5], [[1.0]], [[1.0]], [[0.0]], True))
    assert modal.status == "unknown"
    continuous = verify(GAIN, subject=([[0.5]], [[1.0]], [[1.0]], [[0.0]], 0.0))
    assert continuous.status == "unknown"
    pre, post = (ModalSubject([0.5], [[1.0]], [[1.0]], [[0.0]], True, output) for output in ("pre", "post"))
    certificate = Certificate(Schur(), pre, Witness())
    assert verify(certificate, subject=pre).holds
    assert "before the update" in verify(certificate, subject=post).reason


def test_binds_the_claim():
    for claim in (
        "l2gain <= 2.5",
        "l2gain <= 3",
        "schur",
        "bounded",
        "spectral_radius < 2",
        "iss",
        L2Gain(2.5),
    ):
        assert verify(GAIN, claim=claim).holds, claim
    for claim in (
        "l2gain <= 2.25",
        L2Gain(np.nextafter(2.5, 0)),
        "spectral_radius < 0.9",
        "peakgain <= 9",
        "passive",
    ):
        verdict = verify(GAIN, claim=claim)
        assert verdict.status == "unknown", claim
        assert "does not imply" in verdict.reason
        assert verdict.certificate is None
    weak = Certificate(L2Gain(1e9), HALF, Witness(P=[[2.0]]))
    assert verify(weak).holds
    assert verify(weak, claim="l2gain <= 2.5").status == "unknown"


def test_contrary_claims_are_refuted():
    for claim in (
        "l2gain >= 2.6",
        "unstable",
        "spectral_radius >= 1",
        "unbounded",
        NotSchur(),
        L2GainAtLeast(2.75),
    ):
        verdict = verify(GAIN, claim=claim)
        assert verdict.status == "refuted", claim
        assert verdict.certificate is GAIN
        assert not verdict.holds
    integrator = StateSpaceSubject([[1.0]], [[1.0]], [[1.0]], [[0.0]], True)
    marginal = Certificate(NotSchur(), integrator, Witness(q=[1.0], v=[1.0]))
    for claim in ("schur", "l2gain <= 1e9", "h2norm <= 1e9", "peakgain <= 1e9", "iss"):
        assert verify(marginal, claim=claim, subject=integrator).status == "refuted"
    assert verify(marginal, claim=Bounded()).status == "unknown"
    assert verify(marginal, claim=Unstable()).status == "unknown"


def test_false_certificates_say_nothing():
    false = Certificate(L2Gain(1.5), HALF, Witness(P=[[2.0]]))
    for level in LEVELS:
        for claim in (None, "l2gain <= 1.5", "l2gain >= 2", "schur", "unstable"):
            verdict = verify(false, claim=claim, level=level)
            assert verdict.status == "unknown"
            assert verdict.level is None
            assert verdict.certificate is None
            assert "the witness proves nothing" in verdict.reason
        with pytest.raises(exact.Refused):
            check(false, level)


def test_verify_refuses_nonsense():
    with pytest.raises(InputError, match="unknown level 'coq'"):
        verify(GAIN, level="coq")
    with pytest.raises(InputError, match="cannot read the claim"):
        verify(GAIN, claim="stable")
    with pytest.raises(InputError, match="must be a Claim"):
        verify(GAIN, claim=2.5)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="use Schur"):
        verify(GAIN, claim=Hurwitz(), subject=HALF)
    with pytest.raises(InputError, match="real signals"):
        verify(GAIN, claim=PeakGain(1.0), subject=([[0.5j]], [[1.0]], [[1.0]], [[0.0]], True))


def test_a_verdict_is_no_truth_value():
    for status in ("holds", "refuted", "unknown"):
        verdict = Verdict(status, L2Gain(1.0))
        with pytest.raises(TypeError, match="three values"):
            bool(verdict)
        assert verdict.holds is (status == "holds")
        assert status in verdict._repr_html_()
