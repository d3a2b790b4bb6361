"""Check a certificate at a trust level: the same rules, in float64 balls or in exact integers.

| level | arithmetic | trusted |
|---|---|---|
| `"float64"` | `rounded.Ball` | IEEE 754, the matrix product of NumPy, `rounded`, `exact` |
| `"exact"` | `exact.Matrix` | Python's integers, `exact` |

The rules, one for each claim, and the theorem that each rests on are in the table `exact.CLAIMS`.
"""

import numpy as np

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import Claim
from ssmctl.certificates.rounded import ArrayReader
from ssmctl.certificates.subject import ModalSubject, OscillatorSubject, Subject
from ssmctl.certificates.witness import Witness
from ssmctl.errors import InputError

LEVELS = ("float64", "exact")  # weakest first


def check(certificate: Certificate, level: str = "float64") -> str:
    """Prove a certificate again and return the statement that was proved.

    Poles that are stored, eigenvalues that are exact and oscillators are settled in integers at either level.

    **Arguments:** `certificate`; `level`: `"float64"` or `"exact"`.
    **Raises:** `exact.Refused`, saying which condition failed, if the witness proves nothing at this level.

    **Guarantee:** a statement that is returned is true of the stored numbers, in exact real arithmetic:
    theorem `certificate.claim.theorem`. **Cost:** at `"float64"` some 16 products of order n, at
    `"exact"` about 0.3 s for n = 100.
    """
    if level not in LEVELS:
        raise InputError(f"unknown level {level!r}; the levels are {', '.join(LEVELS)}")
    oscillator = isinstance(certificate.subject, OscillatorSubject)
    if level == "exact" or oscillator or not certificate.witness.parts or "q" in certificate.witness:
        return exact.check(certificate.to_json())
    return check_rounded(certificate.claim, certificate.subject, certificate.witness)


def check_rounded(claim: Claim, subject: Subject, witness: Witness) -> str:
    """Prove on arrays, in float64 balls; what overflows or is not finite is not proved."""
    modal = isinstance(subject, ModalSubject)
    arrays = ("poles", "B", "C", "D", "output") if modal else ("A", "B", "C", "D")
    fields = {key: getattr(subject, key) for key in ("n", "m", "p", *arrays)}
    fields |= {"type": "Modal" if modal else "StateSpace"}
    fields |= {"dt": True if subject.dt is True else subject.dt.hex()}
    named = {"subject": fields, "claim": claim.to_json(), "witness": witness.parts}
    readers = (ArrayReader(value, name) for name, value in named.items())
    try:
        with np.errstate(all="ignore"):
            return exact.prove(*readers)
    except exact.Malformed as error:  # a number whose sign floats cannot tell is no fault of the certificate
        raise exact.Refused(str(error)) from None
