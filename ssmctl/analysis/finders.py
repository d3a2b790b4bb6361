r"""Finders: candidate witnesses for a claim about a system, from cheap to expensive. Searched, never trusted.

`candidates` tries everything that is known for a claim; whoever calls checks each candidate and stops at the
first that is proved. The searches live in `spectral` (eigenvalues), `gains` and `supply` (dissipation
inequalities), `trajectories` (H2 norm, input-to-state bounds), `peaks` (peak gain), `lmi` and `oscillators`;
this room chooses among them.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np

from ssmctl.analysis import gains, oscillators, peaks, spectral, supply, trajectories
from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.claim import (
    Bounded,
    Claim,
    Dissipative,
    H2Norm,
    H2NormAtLeast,
    Hurwitz,
    InputToStateStable,
    L2Gain,
    L2GainAtLeast,
    Lipschitz,
    NotDissipative,
    NotHurwitz,
    NotPassive,
    NotSchur,
    Passive,
    PeakGain,
    PeakGainAtLeast,
    Schur,
    Unbounded,
    Unstable,
)
from ssmctl.certificates.subject import OscillatorSubject, Subject
from ssmctl.certificates.witness import Witness

T = TypeVar("T")
Found = Iterator[tuple[Witness, str]]
Search = Callable[[], Iterable[tuple[Witness, str]]]
Ends = tuple[float, Iterable[tuple[Witness, str]], float, Iterable[tuple[Witness, str]]]
SPECTRAL = Schur | Hurwitz | NotSchur | NotHurwitz | Unstable | Bounded | Unbounded


def candidates(subject: Subject, claim: Claim) -> Found:
    """Give candidate witnesses for a claim, the cheapest first, each with words on how it was found.

    **Arguments:** `subject`; `claim`, all of whose parameters are given.
    **Returns:** an iterator, empty where no search applies: it never raises for a system or a claim that is
    odd.
    **Guarantee:** none: check each. **Cost:** from $O(n^3)$ for the first to seconds in extended precision,
    or an LMI.

    >>> from ssmctl.certificates.claim import Schur
    >>> from ssmctl.certificates.subject import StateSpaceSubject
    >>> subject = StateSpaceSubject([[0.5]], [[1.0]], [[1.0]], [[0.0]], True)
    >>> [how for _, how in candidates(subject, Schur())][0]
    'Stein equation by doubling'
    """
    if claim.applies_to(subject) is not None:
        return
    if isinstance(subject, OscillatorSubject):
        yield from quietly(lambda: oscillators.witnesses(subject, claim))
        if oscillators.decided(subject, claim):
            return
    form = RealForm(subject)
    for search in _searches(form, claim):
        yield from quietly(search)


def quietly(search: Callable[[], Iterable[T]]) -> Iterator[T]:
    """Run a search to its end or first failure: none may spoil the ones after it, nor print a warning."""
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


def _searches(form: RealForm, claim: Claim) -> list[Search]:
    """What to try for a claim, in order."""
    unit = 0.0 if form.continuous else 1.0
    if form.modal and isinstance(claim, SPECTRAL):
        return [lambda: [(Witness(), "the poles as they are stored")]]
    stable = lambda rate: lambda: spectral.stable(form, rate)
    settled = lambda rate: lambda: spectral.stable_precise(form, rate)
    outside = lambda rate: lambda: spectral.unstable(form, rate)
    precise = lambda rate: lambda: spectral.unstable_precise(form, rate)
    exact = lambda rate, **kind: lambda: spectral.exact_eigenvalue(form, rate, **kind)
    match claim:
        case Schur(rate) | Hurwitz(rate):
            return [stable(rate), settled(rate)]
        case NotSchur(rate) | NotHurwitz(rate):
            return [outside(rate), exact(rate), precise(rate)]
        case Unstable():
            return [outside(unit), exact(unit, strict=True), precise(unit)]
        case Bounded():
            return [stable(unit), lambda: spectral.bounded(form), settled(unit)]
        case Unbounded():
            return [outside(unit), exact(unit, chain=True), precise(unit)]
        case L2Gain(gamma) | Lipschitz(gamma):
            return [lambda: gains.upper(form, gamma), lambda: gains.upper_exact(form, gamma)]
        case L2GainAtLeast(gamma):
            return [lambda: gains.lower(form, gamma), lambda: gains.lower_sequence(form, gamma)]
        case Dissipative() | Passive():
            rates = supply.rates(form, claim)
            finders = supply.dissipative, supply.dissipative_exact, supply.dissipative_lmi
            return [lambda find=find: find(form, rates) for find in finders]
        case NotDissipative() | NotPassive():
            rates = supply.rates(form, claim)
            return [lambda: supply.extracts(form, rates), lambda: supply.extracting_sequence(form, rates)]
        case InputToStateStable(float(gain), float(decay), float(overshoot)):
            return [
                lambda: trajectories.iss(form, gain, decay, overshoot),
                lambda: trajectories.iss_lmi(form, gain, decay, overshoot),
            ]
        case H2Norm(bound):
            return [lambda: trajectories.h2(form, bound)]
        case H2NormAtLeast(bound):
            return [lambda: trajectories.h2_at_least(form, bound)]
        case PeakGain(bound):
            return [lambda: peaks.upper(form, bound)]
        case PeakGainAtLeast(bound):
            return [lambda: peaks.lower(form, bound)]
    return []


def explicit_iss(
    subject: Subject, claim: InputToStateStable
) -> Iterator[tuple[Witness, str, InputToStateStable]]:
    r"""Choose numbers for an `InputToStateStable` that leaves some open, with witnesses.

    The decay is halfway between that of the slowest mode and none; overshoot and gain are what the storage
    gives.

    **Arguments:** `subject`; `claim`: its numbers are kept, each None is chosen.
    **Returns:** an iterator of `(Witness, how, claim)` with all numbers given, the smallest gain times
    overshoot first.
    **Guarantee:** none: check each. **Cost:** a few Stein equations.
    """
    form = RealForm(subject)
    choices = lambda: trajectories.iss_choices(form, claim.gain, claim.decay, claim.overshoot)
    for witness, gain, decay, overshoot in quietly(choices):
        given = InputToStateStable(float(gain), float(decay), float(overshoot))
        yield witness, "Stein equation with a decay rate", given


def h2_bounds(subject: Subject, rtol: float) -> tuple[float, Found, float, Found] | None:
    """Give two ends around the H2 norm: `(lower, witnesses, upper, witnesses)`; None if it is infinite.

    **Guarantee:** none: check `H2NormAtLeast(lower)` and `H2Norm(upper)`. **Cost:** three Stein equations.
    """
    return _ends(trajectories.h2_bounds, subject, rtol)


def peak_bounds(subject: Subject, rtol: float) -> tuple[float, Found, float, Found] | None:
    """Give two ends around the peak-to-peak gain, as `h2_bounds` does; None if not stable.

    The ends are `rtol` apart only as far as `peaks.LONGEST` steps allow.

    **Guarantee:** none: check `PeakGainAtLeast(lower)` and `PeakGain(upper)`. **Cost:** the impulse response
    until it has decayed to `rtol`, several times in floats.
    """
    return _ends(peaks.bounds, subject, rtol)


def _ends(
    search: Callable[[RealForm, float], Ends | None], subject: Subject, rtol: float
) -> tuple[float, Found, float, Found] | None:
    form = RealForm(subject)
    found = next(quietly(lambda: [search(form, rtol)]), None)
    if found is None or not np.isfinite([found[0], found[2]]).all():
        return None
    lower, below, upper, above = found
    return float(lower), quietly(lambda: below), float(upper), quietly(lambda: above)
