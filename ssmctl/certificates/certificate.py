"""The certificate: a claim, the system it is about, and what proves it, in one canonical JSON file.

The file holds no verdict: whoever reads it proves it again. Its sha256 covers the format, the claim and
the system, so that a witness may be replaced without changing what the certificate is about.
`docs/certificate-format.md` is the reference.
"""

import html
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssmctl.certificates import exact
from ssmctl.certificates.claim import (
    Claim,
    Hurwitz,
    InputToStateStable,
    Lipschitz,
    NotHurwitz,
    NotSchur,
    Schur,
    Unstable,
)
from ssmctl.certificates.subject import OscillatorSubject, Subject, subject_from_json
from ssmctl.certificates.witness import Witness
from ssmctl.certificates.writing import write_file
from ssmctl.errors import CertificateError, InputError

_FREE_MOTION = ("bounded", "unbounded", "oscillator_energy", "irregular_steps")


class Certificate:
    """A claim about a system with a witness that anyone can check again; see `verify`.

    **Arguments:** `claim`, `subject`, `witness`; `provenance`: how the witness was found, in words (kept,
    never believed).
    **Raises:** `InputError` if the claim does not apply to the subject, or leaves a parameter open.

    **Guarantee:** none by itself: `verify(certificate)` proves it. The text is a function of claim,
    subject, witness and provenance, so the same input gives the same bytes. **Cost:** about 22 bytes for
    each number.
    """

    def __init__(
        self, claim: Claim, subject: Subject, witness: Witness, provenance: Mapping[str, str] | None = None
    ):
        reason = claim.applies_to(subject)
        if reason:
            raise InputError(reason)
        if not isinstance(provenance or {}, Mapping):
            raise InputError(f"provenance must map names to words, got {provenance!r:.40}")
        self._claim, self._subject, self._witness = claim, subject, witness
        self._provenance = {str(key): str(value) for key, value in (provenance or {}).items()}
        self._hashed = {"format": exact.FORMAT, "claim": claim.to_json(), "subject": subject.to_json()}
        self._sha256 = exact.digest(self._hashed)

    claim = property(lambda self: self._claim, doc="What is claimed.")
    subject = property(lambda self: self._subject, doc="The system that the claim is about, as it is stored.")
    witness = property(lambda self: self._witness, doc="What proves it.")
    provenance = property(
        lambda self: dict(self._provenance), doc="How the witness was found, in words; never believed."
    )
    sha256 = property(
        lambda self: self._sha256, doc="Hash of format, claim and subject: what the certificate is about."
    )

    @property
    def assumptions(self) -> list[str]:
        """What the statement takes for granted, in words; derived, never read from a file."""
        words = [
            "exact real arithmetic on the stored parameters: rounding while the system runs is not covered"
        ]
        if isinstance(self.subject, OscillatorSubject):
            words.append("the step matrices are formed from stiffness, damping and step without rounding")
        free = isinstance(self.claim, Schur | NotSchur | Hurwitz | NotHurwitz | Unstable | InputToStateStable)
        if isinstance(self.claim, Lipschitz):
            words.append("equal initial states")
        elif not free and self.claim.theorem not in _FREE_MOTION:
            words.append("zero initial state")
        return words

    def to_json(self) -> dict[str, Any]:
        """Return the object that the file holds."""
        rest = {"assumptions": self.assumptions, "provenance": self.provenance, "sha256": self.sha256}
        return self._hashed | {"witness": self.witness.to_json()} | rest

    def to_text(self) -> str:
        """Return the file's text: canonical JSON (sorted keys, no spaces) and a newline."""
        return exact.canonical(self.to_json()) + "\n"

    @classmethod
    def from_text(cls, text: str) -> "Certificate":
        """Read a certificate; nothing is proved yet.

        **Raises:** `CertificateError` for bad JSON, wrong shapes, numbers that are not finite or not in
        `float.hex` form, a wrong hash, an unknown format version, claim or field.
        """
        try:
            data = exact.load(text)
            claim, subject, witness = exact.opened(data)
            exact.entry(claim)
            parts = {"claim": (Claim, claim.fields), "witness": (Witness, witness.fields)}
            read = {name: _read(name, kind, fields) for name, (kind, fields) in parts.items()}
            about = subject_from_json(subject.fields)
            return cls(read["claim"], about, read["witness"], data.get("provenance"))
        except (exact.Malformed, InputError) as error:
            raise CertificateError(str(error)) from None

    def save(self, path: str | os.PathLike) -> None:
        """Write the file; an existing one is replaced in one step, or left as it was if anything fails."""
        write_file(path, self.to_text().encode())

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Certificate":
        """Read the file; raises `CertificateError`, or `OSError` if it cannot be read."""
        try:
            return cls.from_text(Path(path).read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            raise CertificateError("not a text file in UTF-8") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        s = self.subject
        time = "continuous" if s.continuous else f"dt={s.dt}"
        return f"Certificate({self.claim}, n={s.n}, m={s.m}, p={s.p}, {time}, sha256={self.sha256[:12]}…)"

    def _repr_html_(self) -> str:
        rows = {
            "claim": rf"<code>{html.escape(str(self.claim))}</code>, \({html.escape(self.claim.latex())}\)",
            "in words": html.escape(self.claim.sentence()),
            "about": html.escape(repr(self).split(", ", 1)[1].rsplit(", ", 1)[0]),
            "witness": html.escape(repr(self.witness)),
            "assumes": html.escape("; ".join(self.assumptions)),
            "sha256": f"<code>{self.sha256}</code>",
        }
        left = "style='text-align:left'"
        body = "".join(
            f"<tr><th {left}>{key}</th><td {left}>{value}</td></tr>" for key, value in rows.items()
        )
        title = "<b>Certificate</b>: unproved until <code>verify</code> is called"
        return f"<div class='tex2jax_process'><p>{title}</p><table>{body}</table></div>"


def _read(name: str, kind: Any, fields: dict) -> Any:
    """Read a claim or a witness, and make sure that it is written the one way in which it would be saved."""
    try:
        value = kind.from_json(fields)
        again = value.to_json()
    except InputError:
        raise
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError, RecursionError):
        value, again = None, {}
    odd = [key for key in fields if again.get(key) != fields[key]]
    if odd or again != fields:
        raise CertificateError(
            f"{name} {odd} is malformed: finite numbers in float.hex form, rows of equal length, P symmetric"
        )
    return value
