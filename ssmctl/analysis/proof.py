"""From search to proof: the one place where what a finder offers is handed down to be checked."""

import struct
import sys
from collections.abc import Callable
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


def least_double(proves: Callable[[float], Any], start: float) -> tuple[float, Any] | None:
    """Find the least double >= 0 at which a test succeeds that succeeds at every larger one too.

    **Arguments:** `proves`: gives something true where it succeeds; `start`: where to begin.
    **Returns:** the double and what the test gave there; None if it succeeds nowhere.
    **Guarantee:** the test failed at the double below, if there is one. **Cost:** two tests for each binary
    digit by which `start` is off.
    """
    place = lambda x: struct.unpack("<q", struct.pack("<d", x))[0]  # doubles >= 0 in their order
    number = lambda k: struct.unpack("<d", struct.pack("<q", k))[0]
    low, high, best = -1, place(sys.float_info.max) + 1, None
    at, step = min(max(place(start + 0.0), 0), high - 1), 1
    while low + 1 < high:
        found = proves(number(at))
        if found:
            high, best = at, (number(at), found)
        else:
            low = at
        if best is None:
            at = min(at + step, high - 1)
        elif low < 0:
            at = max(at - step, 0)
        else:
            at = (low + high) // 2
        step *= 2
    return best
