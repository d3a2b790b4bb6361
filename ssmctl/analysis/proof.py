"""From search to proof: the one place where what a finder offers is handed down to be checked."""

from typing import Any

from ssmctl import __version__
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import LEVELS, check
from ssmctl.certificates.claim import Claim
from ssmctl.certificates.exact import Refused
from ssmctl.certificates.subject import Subject


def prove(
    subject: Subject, claim: Claim, candidates: Any, level: str
) -> tuple[tuple[Certificate, str] | None, str]:
    """Check candidate witnesses in turn, at `level` or, where that fails, above it.

    **Arguments:** `candidates`: pairs of a `Witness` and how it was found; `claim` may be replaced by a
    third member.
    **Returns:** the first proved `(certificate, level)`, or None; and why the last one failed.
    """
    reason = ""
    for found, how, *explicit in candidates:
        provenance = {"found by": how, "ssmctl": __version__}
        certificate = Certificate(explicit[0] if explicit else claim, subject, found, provenance)
        for step in LEVELS[LEVELS.index(level) :]:
            try:
                check(certificate, step)
            except Refused as error:
                reason = str(error)
            else:
                return (certificate, step), ""
    return None, reason
