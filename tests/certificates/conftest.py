"""What the tests of the rules share: a witness is tried at each level; the answer is a word or a reason."""

import pytest

from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import LEVELS, check
from ssmctl.certificates.exact import Refused
from ssmctl.certificates.witness import Witness


class Checker:
    """The checker at one level: `outcome` is "proved" or why not."""

    def __init__(self, level):
        self.level, self.exact = level, level == "exact"

    def outcome(self, claim, subject, **witness):
        try:
            check(Certificate(claim, subject, Witness(**witness)), self.level)
        except Refused as error:
            return str(error)
        return "proved"

    def proves(self, claim, subject, **witness):
        return self.outcome(claim, subject, **witness) == "proved"

    def agrees(self, truth, claim, subject, **witness):
        """Whether the witness is accepted exactly when it should be; floats may leave a true case open."""
        found = self.proves(claim, subject, **witness)
        return found == truth if self.exact else truth or not found


@pytest.fixture(params=LEVELS)
def checker(request):
    return Checker(request.param)
