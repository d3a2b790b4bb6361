r"""Finders: candidate witnesses for a claim about a system, from cheap to expensive. Searched, never trusted.

`candidates` tries everything that is known for a claim; whoever calls checks each candidate and stops at the first that is
proved. The searches live in `spectral` (eigenvalues), `gains` and `supply` (dissipation inequalities), `trajectories`
(input-to-state bounds, H2 and peak norms) and `lmi`; this room chooses among them.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ssmctl.analysis import gains, spectral
from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.claim import Claim
from ssmctl.certificates.subject import Subject
from ssmctl.certificates.witness import Witness

Found = Iterator[tuple[Witness, str]]


def candidates(subject: Subject, claim: Claim) -> Found:
    """Give candidate witnesses for a claim, the cheapest first, each with the words that say how it was found.

    **Arguments:** `subject`; `claim`, all of whose parameters are given.
    **Returns:** an iterator, empty where no search applies: it never raises for a system or a claim that is odd.
    **Guarantee:** none: check each. **Cost:** from $O(n^3)$ for the first to seconds in extended precision, or an LMI.

    >>> from ssmctl.certificates.claim import Schur
    >>> from ssmctl.certificates.subject import StateSpaceSubject
    >>> subject = StateSpaceSubject([[0.5]], [[1.0]], [[1.0]], [[0.0]], True)
    >>> [how for _, how in candidates(subject, Schur())][0]
    'Stein equation by doubling'
    """
    if claim.applies_to(subject) is not None:
        return
    form = RealForm(subject)
    for search in _searches(form, claim):
        yield from _quietly(search)


def _quietly(search: Callable[[], Any]) -> Found:
    """Run a search to its end or to its first failure: no search may spoil the ones after it, nor print a warning."""
    steps = None
    while True:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                steps = iter(search()) if steps is None else steps
                step = next(steps, None)
            except Exception:  # untrusted code on arbitrary numbers
                return
        if step is None:
            return
        yield step


def _searches(form: RealForm, claim: Claim) -> list[Callable[[], Any]]:
    """What to try for a claim, in order."""
    unit = 0.0 if form.continuous else 1.0
    empty = lambda: [(Witness(), "the poles as they are stored")]
    spectral_claim = claim.name in ("Schur", "Hurwitz", "NotSchur", "NotHurwitz", "Unstable", "Bounded", "Unbounded")
    if form.modal and spectral_claim:
        return [empty]
    stable = lambda rate: lambda: spectral.stable(form, rate)
    outside = lambda rate: lambda: spectral.unstable(form, rate)
    precise = lambda rate: lambda: spectral.unstable_precise(form, rate)
    exact = lambda rate, **kind: lambda: spectral.exact_eigenvalue(form, rate, **kind)
    match claim.name:
        case "Schur" | "Hurwitz":
            return [stable(claim.rate)]
        case "NotSchur" | "NotHurwitz":
            return [outside(claim.rate), exact(claim.rate), precise(claim.rate)]
        case "Unstable":
            return [outside(unit), exact(unit, strict=True), precise(unit)]
        case "Bounded":
            return [stable(unit), lambda: spectral.bounded(form)]
        case "Unbounded":
            return [outside(unit), exact(unit, chain=True), precise(unit)]
        case "L2Gain":
            return [lambda: gains.upper(form, claim.gamma), lambda: gains.upper_exact(form, claim.gamma)]
        case "L2GainAtLeast":
            return [lambda: gains.lower(form, claim.gamma), lambda: gains.lower_sequence(form, claim.gamma)]
    return []


def explicit_iss(subject: Subject, claim: Claim) -> Iterator[tuple[Witness, str, Claim]]:
    return iter(())


def h2_bounds(subject, rtol):
    return None


def peak_bounds(subject, rtol):
    return None
