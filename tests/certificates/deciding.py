"""What the tests about oscillators share: every case is decided as it should be, or the reason why not."""

import pytest

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.witness import Witness
from tests.certificates.arithmetic import answer

seeds = pytest.mark.parametrize("seed", [0, *(pytest.param(k, marks=pytest.mark.slow) for k in range(1, 5))])


def reason(claim, subject, **witness):
    """Give "proved", or why not."""
    try:
        exact.check(Certificate(claim, subject, Witness(**witness)).to_json())
    except exact.Refused as error:
        return str(error)
    return "proved"


def decided(cases):
    """Check all of (claim, subject, witness, answer); count them as {(claim, answer): how many}."""
    count = {}
    for claim, subject, witness, right in cases:
        data = Certificate(claim, subject, Witness(**witness)).to_json()
        found = answer(exact.check, data)
        assert found == right, (str(claim), exact.canonical(subject.to_json()), witness)
        count[claim.name, right] = count.get((claim.name, right), 0) + 1
    return count
