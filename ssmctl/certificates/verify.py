"""Verify a certificate against what is asked: is it proved, is it about this system, does it say enough?"""

import html
import os
import re
from dataclasses import dataclass
from typing import Any, Literal

from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import check
from ssmctl.certificates.claim import Claim
from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.exact import Malformed, Refused
from ssmctl.errors import CertificateError, InputError


@dataclass(frozen=True)
class Verdict:
    """What is known of a claim: `holds`, `refuted` or `unknown`, and why. Three are not two: it is no bool.

    **Arguments:** `status`; `claim`: what was asked; `certificate`: of the claim, of something that
    refutes it, or None; `margin`: how far the claim could be tightened, relative, where a finder measured
    it (negative if refuted), else None; `level`: the trust level of the proof, or None; `reason`: in
    words.

    >>> Verdict("unknown", None, reason="no witness found").holds
    False
    """

    status: Literal["holds", "refuted", "unknown"]
    claim: Claim | None
    certificate: Certificate | None = None
    margin: float | None = None
    level: str | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim is proved."""
        return self.status == "holds"

    def __bool__(self) -> bool:
        raise TypeError('a Verdict has three values; write `verdict.holds` or `verdict.status == "refuted"`')

    def _repr_html_(self) -> str:
        claim = "" if self.claim is None else f": <code>{html.escape(str(self.claim))}</code>"
        level = "" if self.level is None else f" at level {self.level}"
        reason = re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(self.reason))
        return f"<b>{self.status}</b>{level}{claim}<br><small>{reason}</small>"


def verify(
    certificate: Certificate | str | os.PathLike,
    *,
    subject: Any = None,
    claim: Claim | str | None = None,
    level: str = "exact",
) -> Verdict:
    r"""Prove a certificate again, and bind it to the system and the claim that you mean.

    **Arguments:**

    - `certificate`: a `Certificate` or the path of a file.
    - `subject`: the system that it has to be about, number by number: ours, python-control's, SciPy's or
      `(A, B, C, D, dt)`.
    - `claim`: what it has to imply, a `Claim` or its text form. A certificate of the contrary gives
      `refuted`.
    - `level`: `"float64"` or `"exact"`.

    **Returns:** a `Verdict`. `unknown` if the witness proves nothing, if the certificate is about another
    system or time base, or if it proves a weaker claim; `reason` says which. Without `subject`, all that
    is said is about the system inside the file: *self-consistent only*.
    **Raises:** `CertificateError` for a malformed or edited file, `OSError` for one that cannot be read.

    **Guarantee:** `holds` is a theorem about the stored numbers, theorem `certificate.claim.theorem`.
    **Cost:** `O(n^3)`; at `"exact"` about 0.3 s for n = 100.
    """
    if not isinstance(certificate, Certificate):
        certificate = Certificate.load(certificate)
    about = None if subject is None else subject_of(subject)
    asked = Claim.parse(claim, continuous=certificate.subject.continuous) if isinstance(claim, str) else claim
    if not isinstance(asked, Claim | None):
        raise InputError(f"`claim` must be a Claim or its text form, got {asked!r:.40}")
    if about is not None and asked is not None and (reason := asked.applies_to(about)):
        raise InputError(reason)
    wanted = certificate.claim if asked is None else asked
    try:
        check(certificate, level)
    except Malformed as error:
        raise CertificateError(str(error)) from None
    except Refused as error:
        return Verdict("unknown", wanted, reason=f"the witness proves nothing at level {level}: {error}")
    if about is not None and (difference := about.same_bits(certificate.subject)):
        return Verdict("unknown", wanted, reason=f"the certificate is about another system: {difference}")
    inside = "self-consistent only: about the system inside the file"
    if reason := wanted.applies_to(certificate.subject):
        return Verdict("unknown", wanted, reason=reason)
    scope = "about the system given" if about is not None else inside
    continuous = certificate.subject.continuous
    if certificate.claim.implies(wanted, continuous=continuous):
        return Verdict("holds", wanted, certificate, level=level, reason=scope)
    if certificate.claim.refutes(wanted, continuous=continuous):
        reason = f"proved instead: {certificate.claim}; {scope}"
        return Verdict("refuted", wanted, certificate, level=level, reason=reason)
    reason = f"the certificate proves `{certificate.claim}`, which does not imply `{wanted}`"
    return Verdict("unknown", wanted, None, reason=reason)
