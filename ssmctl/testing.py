"""What a user's own test suite asserts about a system: a proof, not a number within a tolerance."""

from typing import Any

from ssmctl.analysis.certify import decide
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import Claim

__all__ = ["assert_certified"]


def assert_certified(subject: Any, claim: Claim | str, *, level: str = "exact") -> Certificate:
    """Assert that a claim about a system is proved.

    **Arguments:** `subject`: ours, python-control's, SciPy's, a tuple `(A, B, C, D, dt)` or a model;
    `claim`: a `Claim` or its text form; `level`: the least trust level that will do.
    **Returns:** the certificate, for further assertions or to be saved.
    **Raises:** `AssertionError` with the reason, if the claim is refuted or neither is proved; `InputError`
    for bad input, such as a claim that does not speak of the subject's time domain.

    **Guarantee:** it returns only if the claim holds for the stored numbers, by the theorem
    `certificate.claim.theorem`.
    **Cost:** that of `decide`.

    >>> assert_certified(([[0.5]], [[1.0]], [[1.0]], [[0.0]], True), "schur").claim
    Schur(rate=1.0)
    """
    __tracebackhide__ = True  # pytest shows the line that called
    verdict = decide(subject, claim, level=level)
    if verdict.holds and verdict.certificate is not None:
        return verdict.certificate
    word = "refuted" if verdict.status == "refuted" else "not proved"
    raise AssertionError(f"`{verdict.claim}` is {word}: {verdict.reason}")
