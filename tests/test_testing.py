"""`assert_certified` passes on a proof only, and says what failed."""

import pytest

from ssmctl import InputError, Schur, verify
from ssmctl.certificates.verify import Verdict
from ssmctl.testing import assert_certified

HALF = ([[0.5]], [[1.0]], [[1.0]], [[0.0]], True)


def test_holds():
    certificate = assert_certified(HALF, "schur")
    assert certificate.claim == Schur()
    assert verify(certificate, subject=HALF, claim="schur").holds
    assert assert_certified(HALF, Schur(0.75), level="float64").claim == Schur(0.75)


def test_refuted():
    with pytest.raises(AssertionError, match=r"`spectral_radius < 0.5` is refuted: .*spectral_radius >= 0.5"):
        assert_certified(HALF, Schur(0.5))


def test_unknown(monkeypatch):
    answer = Verdict("unknown", Schur(), reason="no luck")
    monkeypatch.setattr("ssmctl.testing.decide", lambda *_, **__: answer)
    with pytest.raises(AssertionError, match="`schur` is not proved: no luck"):
        assert_certified(HALF, "schur")


@pytest.mark.parametrize("claim", ["hurwitz", "nonsense"])
def test_bad_input(claim):
    with pytest.raises(InputError):
        assert_certified(HALF, claim)


def test_level_is_exact(monkeypatch):
    seen = {}

    def decide(subject, claim, **options):
        seen.update(options)
        return Verdict("unknown", Schur())

    monkeypatch.setattr("ssmctl.testing.decide", decide)
    with pytest.raises(AssertionError):
        assert_certified(HALF, "schur")
    assert seen == {"level": "exact"}
