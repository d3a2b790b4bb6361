"""Certify: choose a finder, hand its witness down to be checked, and say what came of it.

The finders (`finders`, `norms`) are not trusted; a verdict other than `unknown` has passed
`certificates.check`.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ssmctl.analysis import finders, oscillators
from ssmctl.analysis.norms import hinfnorm
from ssmctl.analysis.proof import prove
from ssmctl.analysis.response import peak_gain_frequency
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import LEVELS
from ssmctl.certificates.claim import (
    Bounded,
    BoundedForSteps,
    Claim,
    EnergyRatio,
    EnergyRatioAbove,
    Hurwitz,
    InputToStateStable,
    L2Gain,
    L2GainAtLeast,
    Lipschitz,
    NotHurwitz,
    NotSchur,
    Schur,
    Unstable,
    UnstableForSteps,
)
from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.subject import OscillatorSubject, Subject
from ssmctl.certificates.verify import Verdict
from ssmctl.certificates.witness import Witness
from ssmctl.errors import ClaimRefuted, ClaimUndecided, InputError


def certify(
    system: Any, claim: Claim | str | None = None, *, level: str = "float64", witness: Any = None
) -> Certificate:
    r"""Find a witness for a claim, or take the one given, and prove it.

    **Arguments:**

    - `system`: ours, python-control's, SciPy's, `(A, B, C, D, dt)`, or a model with
      `.subject() .claim() .witness()`.
    - `claim`: a `Claim` or its text form. None: what a model guarantees by construction, else the
      tightest l2 gain that is proved (relative width 1e-8); of oscillators with a bias, its `Lipschitz`.
    - `level`: the least trust level that will do, `"float64"` or `"exact"`.
    - `witness`: a storage matrix `P`, shape (n, n) of the real form, or a `Witness`; then nothing is
      searched.

    **Returns:** the `Certificate`, already proved at `level`.
    **Raises:** `ClaimRefuted` (its `.certificate` proves the contrary), `ClaimUndecided` (says why),
    `InputError`.

    **Guarantee:** the claim holds for the stored numbers, theorem `certificate.claim.theorem`.
    **Cost:** that of the finder; for an l2 gain about 15 times the float64 check.

    >>> certify(([[0.5]], [[1.0]], [[1.0]], [[0.0]], True), "l2gain <= 2.001").claim
    L2Gain(gamma=2.001)
    """
    verdict = decide(system, claim, level=level, witness=witness)
    if verdict.holds and verdict.certificate is not None:
        return verdict.certificate
    what, against = f"`{verdict.claim}`", verdict.certificate
    if verdict.status == "refuted":
        raise ClaimRefuted(f"{what} is false: {verdict.reason}", certificate=against, verdict=verdict)
    raise ClaimUndecided(f"{what} is neither proved nor refuted: {verdict.reason}", verdict=verdict)


def decide(
    system: Any, claim: Claim | str | None = None, *, level: str = "float64", witness: Any = None
) -> Verdict:
    """Decide a claim without raising: `holds`, `refuted` (the contrary is certified) or `unknown` (says why).

    **Arguments:** as `certify`. **Raises:** `InputError` only, for bad input.
    **Guarantee:** `holds` and `refuted` are proved at `level` or above; theorem
    `verdict.certificate.claim.theorem`.
    **Cost:** that of the finders, of the claim and then of its contrary.
    """
    if level not in LEVELS:
        raise InputError(f"unknown level {level!r}; the levels are {', '.join(LEVELS)}")
    subject = subject_of(system)
    if claim is None and callable(getattr(system, "claim", None)):
        claim = system.claim()
        witness = system.witness() if witness is None else witness
    if isinstance(claim, str):
        claim = Claim.parse(claim, continuous=subject.continuous)
    if claim is None and witness is not None:
        raise InputError("a witness proves a claim: give the claim too")
    if claim is None:
        return _tightest_gain(subject, level)
    if reason := claim.applies_to(subject):
        if getattr(subject, "biased", False):
            return Verdict("unknown", claim, reason=reason)
        raise InputError(reason)
    if witness is not None:
        given = witness if isinstance(witness, Witness) else Witness(P=witness)
        proof, reason = prove(subject, claim, [(given, "given by the user")], level)
        if proof:
            return _verdict("holds", claim, proof, claim)
        return Verdict("unknown", claim, reason=f"the witness given proves nothing: {reason}")
    proof, reason = prove(subject, claim, _found(subject, claim), level)
    if proof:
        return _verdict("holds", claim, proof, claim, margin(subject, claim))
    for contrary in contraries(subject, claim):
        against, _ = prove(subject, contrary, finders.candidates(subject, contrary), level)
        if against:
            return _verdict("refuted", claim, against, against[0].claim, margin(subject, claim))
    reason = reason or "no finder has a witness for this claim"
    return Verdict("unknown", claim, margin=margin(subject, claim), reason=reason)


def contraries(subject: Subject, claim: Claim) -> Iterator[Claim]:
    """Claims worth trying against a claim; each refutes it."""
    continuous = subject.continuous
    larger = []
    if isinstance(claim, L2Gain | Lipschitz):
        size = _peak(subject) * (1 - 1e-9)
        larger = [L2GainAtLeast(size)] if claim.gamma < size < math.inf else []
    marginal, stable = (NotHurwitz(), Hurwitz()) if continuous else (NotSchur(), Schur())
    others = [claim.negation] if claim.negation is not None else []
    if isinstance(claim, BoundedForSteps):
        others = [UnstableForSteps(claim.shortest, claim.longest)]
    others = [*others, Unstable()] if isinstance(claim, L2Gain | Lipschitz) else [Unstable(), *others]
    for other in (*larger, *others, marginal, stable, Bounded()):
        if other.refutes(claim, continuous=continuous) and other.applies_to(subject) is None:
            yield other


def margin(subject: Subject, claim: Claim) -> float | None:
    """How far a claim could be tightened, relative to its number; an estimate in floats, < 0 if false."""
    if isinstance(claim, Schur | NotSchur):
        size = max(np.abs(np.linalg.eigvals(subject.real_form()[0])), default=0.0)
        ratio = claim.rate / size - 1 if size else math.inf
        return float(ratio if isinstance(claim, Schur) else -ratio)
    if isinstance(claim, L2Gain | L2GainAtLeast | Lipschitz):
        size = _peak(subject)
        ratio = claim.gamma / size - 1 if size else math.inf
        return float(-ratio if isinstance(claim, L2GainAtLeast) else ratio)
    if isinstance(claim, EnergyRatio | EnergyRatioAbove) and isinstance(subject, OscillatorSubject):
        size = float(oscillators.bank_energy_ratio(subject))
        ratio = claim.bound / size - 1 if size else math.inf
        return float(ratio if isinstance(claim, EnergyRatio) else -ratio)
    return None


def _peak(subject: Subject) -> float:
    """The largest gain over frequencies in floats; NaN where the numbers are out of their range."""
    A, B, C, D = subject.real_form()
    try:
        with np.errstate(all="ignore"):
            return float(peak_gain_frequency(A, B, C, D, continuous=subject.continuous)[0])
    except (ArithmeticError, ValueError):
        return math.nan


def _found(subject: Subject, claim: Claim) -> Any:
    if isinstance(claim, InputToStateStable) and None in (claim.gain, claim.decay, claim.overshoot):
        return finders.explicit_iss(subject, claim)
    return finders.candidates(subject, claim)


def _tightest_gain(subject: Subject, level: str) -> Verdict:
    norm = hinfnorm(subject, level=level)
    if norm.certificate is None:
        return Verdict("unknown", None, reason=norm.note or "no l2 gain was proved")
    if math.isinf(norm.upper):
        reason = f"no l2 gain: proved instead: {norm.certificate.claim}"
        largest = L2Gain(np.finfo(float).max)
        return Verdict("refuted", largest, norm.certificate, level=norm.level, reason=reason)
    return Verdict("holds", norm.certificate.claim, norm.certificate, norm.width, norm.level, repr(norm))


def _verdict(
    status: Any, claim: Claim, proof: tuple[Certificate, str], proved: Claim, slack: float | None = None
) -> Verdict:
    certificate, level = proof
    reason = "proved" if proved == claim else f"proved instead: {proved}"
    return Verdict(status, claim, certificate, slack, level, reason)
