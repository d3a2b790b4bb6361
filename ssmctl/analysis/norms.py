r"""Norms with two proved ends: H-infinity (l2 gain), H2, and the peak-to-peak gain.

$$\lVert G\rVert_\infty = \max_{|z|=1}\sigma_{\max}(G(z)), \qquad
\lVert G\rVert_2^2 = \sum_k \lVert h_k\rVert_F^2, \qquad
\lVert G\rVert_{\mathrm{peak}} = \max_i \sum_j \sum_k |h_k|_{ij},$$

$h$ the impulse response; in continuous time with $z = i\omega$ and integrals. The search runs in float64,
where that fails in extended precision; an end counts only when `certificates.check` has proved it. Time
domain and bits are the system's own: a Tustin image may find a witness, but it never replaces what is
checked.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ssmctl.analysis import finders, oscillators, response
from ssmctl.analysis.enclosure import Enclosure
from ssmctl.analysis.frequency import frequency_witnesses
from ssmctl.analysis.proof import least_double, prove
from ssmctl.analysis.response import Matrices
from ssmctl.certificates.check import LEVELS
from ssmctl.certificates.claim import (
    Claim,
    H2Norm,
    H2NormAtLeast,
    L2Gain,
    L2GainAtLeast,
    NotHurwitz,
    NotSchur,
    PeakGain,
    PeakGainAtLeast,
    Schur,
    Unstable,
)
from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.subject import ModalSubject, OscillatorSubject, Subject
from ssmctl.certificates.witness import Witness
from ssmctl.errors import InputError

_OF_DIFFERENCES = "upper end: of differences; with a bias there is no gain from zero to claim below it"


def hinfnorm(system: Any, *, rtol: float = 1e-8, level: str = "float64") -> Enclosure:
    r"""Enclose the H-infinity norm: the l2 gain of a stable system, infinite for any other.

    **Arguments:** `system`: ours, python-control's, SciPy's or `(A, B, C, D, dt)`, real or complex,
    discrete or continuous. `rtol`: relative width aimed at, 1e-10 at the least. `level`: least trust
    level, `"float64"` or `"exact"`.

    **Returns:** an `Enclosure` with `.frequency` in rad/s (rad/sample without a period), a certificate of
    `l2gain <= upper` and one of `l2gain >= lower`. For one real oscillator (not zoh) the ends are equal or
    neighbouring doubles; with a bias it is the gain of differences, `lipschitz <= upper`. Of a system that is
    not stable: [inf, inf] with the certificate that proves so, or, where neither stability nor its contrary
    could be proved, an upper end of inf and a note.
    **Raises:** `InputError` for bad input.

    **Guarantee:** lower <= norm <= upper for the stored numbers, theorems `bounded_real` and `gain_lower`.
    **Cost:** an eigendecomposition, some 15 products of order n for each of about 10 doublings, two checks.

    >>> norm = hinfnorm(([[0.5]], [[1.0]], [[1.0]], [[0.0]], True))
    >>> 2.0 in norm, norm.width <= 1e-8
    (True, True)
    """
    subject = _subject(system, rtol, level)
    name = "H-infinity norm"
    real, kind = subject.real_form(), oscillators.gain_claim(subject)
    if isinstance(subject, OscillatorSubject) and oscillators.single(subject):
        return _decided(subject, kind, name, level) or _not_stable(subject, name, level)
    try:
        with np.errstate(all="ignore"):
            search = _searched(subject, real, 0.8 * rtol)
    except (ArithmeticError, ValueError):  # LinAlgError is a ValueError
        search = response.Search(math.inf, 0.0, math.inf, None)
    unit, omega = _physical(subject, search.omega)
    if not math.isfinite(search.gamma):
        return _not_stable(subject, name, level)
    if search.lower == 0 and (nothing := _zero(subject, name, level)):
        return nothing
    upper, top, why = None, search.gamma, ""
    for found in finders.quietly(lambda: _storages(real, subject.continuous, search)):
        upper, why = prove(subject, kind(top), [found], level)
        if upper:
            break
    lower, poles = None, subject.poles if isinstance(subject, ModalSubject) else search.poles
    points = lambda: frequency_witnesses(real, search.omega, subject.continuous, poles=poles)
    for w, gain, how in finders.quietly(points) if kind is L2Gain else ():
        bottom = max(gain, 0.0) * (1 - 0.1 * rtol)
        if not math.isfinite(bottom):
            continue
        lower, _ = prove(subject, L2GainAtLeast(bottom), [(w, how)], level)
        if lower:
            break
    if not upper:
        contrary = _not_stable(subject, name, level)
        if contrary.certificate:
            return contrary
        for looser in (10.0, 1e2, 1e4, 1e6):
            claim = kind(search.lower * (1 + looser * rtol))
            upper, why = prove(subject, claim, finders.candidates(subject, claim), level)
            if upper:
                break
    note = "" if kind is L2Gain else _OF_DIFFERENCES
    return _enclosure(name, lower, upper, omega, unit, f"upper end: {why}" if not upper else note)


def h2norm(system: Any, *, rtol: float = 1e-8, level: str = "float64") -> Enclosure:
    r"""Enclose the H2 norm; infinite for a system that is not stable, and in continuous time for $D \ne 0$.

    **Arguments:** as `hinfnorm`. **Returns:** an `Enclosure`.
    **Guarantee:** both ends, theorem `h2`. **Cost:** two Stein or Lyapunov equations and three checks.

    >>> norm = h2norm(([[0.5]], [[1.0]], [[1.0]], [[0.0]], True))
    >>> (4 / 3) ** 0.5 in norm
    True
    """
    subject = _subject(system, rtol, level)
    if subject.continuous and subject.D.any():
        note = "D is not zero: the impulse response is not square integrable"
        return Enclosure("H2 norm", math.inf, math.inf, note=note)
    return _bounded_by(subject, "H2 norm", (H2NormAtLeast, H2Norm), finders.h2_bounds(subject, rtol), level)


def peak_gain(system: Any, *, rtol: float = 1e-6, level: str = "float64") -> Enclosure:
    r"""Enclose the peak-to-peak gain, $\sup|y_i| / \sup|u_j|$ (induced by the maximum norm).

    MATLAB's `getPeakGain` is `hinfnorm`.

    **Arguments:** as `hinfnorm`; real signals only. **Returns:** an `Enclosure`. In continuous time the
    impulse response is integrated by a proved trapezoid rule with a limited number of steps: a lightly damped
    system gets a wider one than `rtol`.

    **Guarantee:** both ends, theorem `peak`. **Cost:** a step of order n for each sample of the impulse
    response that counts.

    >>> gain = peak_gain(([[0.5]], [[1.0]], [[1.0]], [[0.0]], True))
    >>> 2.0 in gain
    True
    """
    subject = _subject(system, rtol, level)
    if reason := PeakGain(1.0).applies_to(subject):
        raise InputError(reason)
    found = finders.peak_bounds(subject, rtol)
    return _bounded_by(subject, "peak gain", (PeakGainAtLeast, PeakGain), found, level)


def _zero(subject: Subject, name: str, level: str) -> Enclosure | None:
    """The norm of a system from which nothing comes out, exactly."""
    none = oscillators.gain_claim(subject)(0.0)
    upper, _ = prove(subject, none, finders.candidates(subject, none), level)
    floor = L2GainAtLeast(0.0)
    lower, _ = prove(subject, floor, finders.candidates(subject, floor), level) if upper else (None, "")
    return _enclosure(name, lower, upper, None, "", "") if upper else None


def _decided(subject: OscillatorSubject, kind: Callable, name: str, level: str) -> Enclosure | None:
    """The norm of one oscillator between neighbouring doubles, or on one, by bisection of an exact test."""
    search = lambda claim: prove(subject, claim, finders.candidates(subject, claim), level)[0]
    if not search(Schur()):
        return None
    try:
        with np.errstate(all="ignore"):
            peak, omega = response.peak_gain_frequency(*subject.real_form(), False)
    except (ArithmeticError, ValueError):
        peak, omega = math.nan, math.nan
    found = least_double(lambda gamma: search(kind(gamma)), peak if 0 <= peak < math.inf else 1.0)
    if found is None:
        return None
    top, upper = found
    below = (top, math.nextafter(top, 0.0)) if kind is L2Gain else ()
    lower = next(filter(None, (search(L2GainAtLeast(gamma)) for gamma in below)), None)
    unit, at = _physical(subject, omega)
    note = "" if kind is L2Gain else _OF_DIFFERENCES
    return _enclosure(name, lower, upper, at if math.isfinite(at) else None, unit, note)


def _subject(system: Any, rtol: float, level: str) -> Subject:
    if not 1e-12 <= rtol < 1:
        raise InputError(f"`rtol` must be from 1e-12 to 1, got {rtol!r}")
    if level not in LEVELS:
        raise InputError(f"unknown level {level!r}; the levels are {', '.join(LEVELS)}")
    return subject_of(system)


def _searched(subject: Subject, real: Matrices, rtol: float) -> Any:
    if isinstance(subject, ModalSubject) and subject.output == "pre":
        modal = subject.poles, subject.B, subject.C, subject.D
        return response.hinf_search_modal(*modal, subject.continuous, rtol)
    return response.hinf_search(*real, subject.continuous, rtol)


def _storages(real: Matrices, continuous: bool, search: Any) -> Any:
    """Storage matrices at the level of a search, from cheap to expensive."""
    if search.P is not None:
        yield Witness(P=search.P), "eps-Riccati equation by structured doubling"
    from ssmctl.analysis import refine

    for parts in (1, 2):
        P = refine.strict_storage(*real, search.gamma, search.lower, continuous, parts=parts)
        if P is not None:
            yield Witness(P=P), "eps-Riccati equation in extended precision"


def _physical(subject: Subject, omega: float) -> tuple[str, float]:
    """Unit and value of a frequency: rad/s where seconds are known."""
    if subject.continuous:
        return "rad/s", omega
    return ("rad/sample", omega) if subject.dt is True else ("rad/s", omega / subject.dt)


def _not_stable(subject: Subject, name: str, level: str) -> Enclosure:
    for claim in (Unstable(), NotHurwitz() if subject.continuous else NotSchur()):
        proof, _ = prove(subject, claim, finders.candidates(subject, claim), level)
        if not proof:
            continue
        certificate, step = proof
        return Enclosure(name, math.inf, math.inf, certificate, level=step, note="not stable")
    note = "nothing was proved: poles too close to the boundary, or numbers out of range for the search"
    return Enclosure(name, 0.0, math.inf, note=note)


def _bounded_by(
    subject: Subject, name: str, kinds: tuple[Callable[[float], Claim], ...], found: Any, level: str
) -> Enclosure:
    """An enclosure from a finder's (lower, its witnesses, upper, its witnesses), or from instability."""
    if found is None:
        return _not_stable(subject, name, level)
    lower, below, upper, above = found
    low, _ = prove(subject, kinds[0](lower), below, level)
    high, why = prove(subject, kinds[1](upper), above, level)
    return _enclosure(name, low, high, None, "", "" if high else f"upper end: {why}")


def _enclosure(name: str, lower: Any, upper: Any, frequency: float | None, unit: str, note: str) -> Enclosure:
    value = lambda proof, default: next(iter(proof[0].claim.__dict__.values())) if proof else default
    steps = [proof[1] for proof in (lower, upper) if proof]
    return Enclosure(
        name,
        value(lower, 0.0),
        value(upper, math.inf),
        upper[0] if upper else None,
        lower[0] if lower else None,
        frequency,
        unit,
        min(steps, key=LEVELS.index) if steps else None,
        note,
    )
