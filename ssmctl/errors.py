"""The exceptions of ssmctl: each says what was given, what was expected and what to do instead.

They subclass their meaning *and* the builtin a caller would catch. A missing file stays a
`FileNotFoundError` and a failed write an `OSError`: those are not ours to rename.
"""

from typing import Any


class SsmctlError(Exception):
    """Base of every error that ssmctl raises on purpose."""


class InputError(SsmctlError, ValueError):
    """Refuse bad input: a wrong shape, dtype, time base, claim text or system file."""


class CertificateError(SsmctlError, ValueError):
    """Refuse a file or a text that cannot be read as a certificate."""


class ClaimRefuted(SsmctlError):
    """Report a claim that is false, with the proof.

    `certificate` proves the negation of the claim; `verdict` says at which level it was checked.
    """

    def __init__(self, message: str, *, certificate: Any = None, verdict: Any = None):
        super().__init__(message)
        self.certificate = certificate
        self.verdict = verdict


class ClaimUndecided(SsmctlError):
    """Report a claim that was neither proved nor disproved; `verdict.reason` says why."""

    def __init__(self, message: str, *, verdict: Any = None):
        super().__init__(message)
        self.verdict = verdict
