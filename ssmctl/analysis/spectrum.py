r"""Where the eigenvalues are: spectral radius or abscissa with certificates, and discs that hold them all."""

import math
from typing import Any

import numpy as np

from ssmctl.analysis import finders
from ssmctl.analysis.enclosure import Enclosure
from ssmctl.analysis.proof import least_double, prove
from ssmctl.certificates.check import LEVELS
from ssmctl.certificates.claim import Hurwitz, NotHurwitz, NotSchur, Schur
from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.subject import ModalSubject, OscillatorSubject
from ssmctl.errors import InputError


def spectral_radius(system: Any, *, rtol: float = 1e-8, level: str = "float64") -> Enclosure:
    r"""Enclose $\rho(A) = \max|\lambda|$, or in continuous time the abscissa $\max \mathrm{Re}\,\lambda$.

    **Arguments:** `system`: as `hinfnorm`. `rtol`: relative width aimed at (of the abscissa: relative to
    the largest $|\lambda|$); where a defective or ill-conditioned eigenvalue does not allow it, the
    enclosure is wider. For oscillators, zoh apart, the ends are neighbouring doubles.
    **Returns:** an `Enclosure` with a certificate `spectral_radius < upper` and one
    `spectral_radius >= lower`.

    **Guarantee:** both ends, theorems `schur` and `unstable`. **Cost:** a Stein equation and a check for
    each end.

    >>> radius = spectral_radius(([[0.5, 1.0], [0.0, 0.25]], [[1.0], [1.0]], [[1.0, 0.0]], [[0.0]], True))
    >>> 0.5 in radius
    True
    """
    if not 1e-15 <= rtol < 1:
        raise InputError(f"`rtol` must be from 1e-15 to 1, got {rtol!r}")
    subject = subject_of(system)
    name = "spectral abscissa" if subject.continuous else "spectral radius"
    poles = subject.poles if isinstance(subject, ModalSubject) else np.linalg.eigvals(subject.real_form()[0])
    if not len(poles):
        least = -math.inf if subject.continuous else 0.0
        return Enclosure(name, least, least, note="no states")
    size = float(abs(poles).max())
    if isinstance(subject, OscillatorSubject) and subject.scheme != "zoh":
        return _decided(subject, name, size, level)
    middle = float(np.real(poles).max()) if subject.continuous else size
    lower = upper = None
    for spread in rtol * 8.0 ** np.arange(0, 17):
        step = 0.49 * spread * (size or 1.0)
        if upper is None:
            claim = Hurwitz(-(middle + step)) if subject.continuous else Schur(middle + step)
            upper, _ = prove(subject, claim, finders.candidates(subject, claim), level)
        if lower is None and (subject.continuous or middle > step):
            claim = NotHurwitz(-(middle - step)) if subject.continuous else NotSchur(middle - step)
            lower, _ = prove(subject, claim, finders.candidates(subject, claim), level)
        if (upper and lower) or spread > 0.1:
            break
    sign = -1.0 if subject.continuous else 1.0
    steps = [proof[1] for proof in (lower, upper) if proof]
    return Enclosure(
        name,
        sign * lower[0].claim.rate if lower else (-math.inf if subject.continuous else 0.0),
        sign * upper[0].claim.rate if upper else math.inf,
        upper[0] if upper else None,
        lower[0] if lower else None,
        level=min(steps, key=LEVELS.index) if steps else None,
        unit="1/s" if subject.continuous else "",
    )


def _decided(subject: OscillatorSubject, name: str, size: float, level: str) -> Enclosure:
    """Between neighbouring doubles, by bisection of an exact test."""
    search = lambda claim: prove(subject, claim, finders.candidates(subject, claim), level)[0]
    inside = lambda rate: search(Schur(rate)) if rate > 0 else None
    found = least_double(inside, size if math.isfinite(size) else 1.0)
    if found is None:
        return Enclosure(name, 0.0, math.inf, note="numbers out of range")
    top, upper = found
    lower = search(NotSchur(math.nextafter(top, 0.0)))
    steps = [proof[1] for proof in (lower, upper) if proof]
    return Enclosure(
        name,
        lower[0].claim.rate if lower else 0.0,
        top,
        upper[0],
        lower[0] if lower else None,
        level=min(steps, key=LEVELS.index),
    )


def eigenvalues(system: Any, *, prec: int = 128) -> list:
    r"""Enclose the eigenvalues of $A$ in discs of the complex plane, by ball arithmetic.

    **Arguments:** `system`: as `hinfnorm`, or a square matrix. `prec`: working precision in bits.
    **Returns:** n discs `(centre, radius, isolated)`. An isolated disc holds exactly one eigenvalue;
    where the arithmetic could not separate a cluster (multiple or nearly defective eigenvalues), its
    discs say `isolated=False`, and their union holds as many eigenvalues as there are discs in it.

    **Guarantee:** the union contains the spectrum of the stored $A$; trusts python-flint's balls, no
    certificate is made.
    **Cost:** $O(n^3)$ in `prec` bits: about 60 times a float64 eigendecomposition at n = 30.
    """
    from ssmctl.analysis import discs

    if isinstance(system, np.ndarray) and system.ndim == 2:
        return discs.eigenvalues(system, prec)
    subject = subject_of(system)
    if isinstance(subject, ModalSubject):
        return discs.eigenvalues(np.diag(subject.poles), prec)
    if isinstance(subject, OscillatorSubject):
        return discs.of_oscillators(subject, prec)
    return discs.eigenvalues(subject.A, prec)
