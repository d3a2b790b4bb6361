r"""The real form of a subject, with what every search wants to know of it, computed when asked for."""

from functools import cached_property

import numpy as np
import scipy.linalg as sl
from numpy.typing import NDArray

from ssmctl.analysis import equations, frequency, refine, resonance, response
from ssmctl.certificates.subject import ModalSubject, Subject


class RealForm:
    r"""Real $(A, B, C, D)$ of a subject: complex signals at twice the size, modal states as (Re x, Im x).

    **Arguments:** `subject`. **Guarantee:** none: for searching; a check reads the subject itself.
    """

    def __init__(self, subject: Subject):
        self.A, self.B, self.C, self.D = subject.real_form()
        self.n, self.m, self.p = len(self.A), self.B.shape[1], self.C.shape[0]
        self.continuous, self.modal = subject.continuous, isinstance(subject, ModalSubject)
        self.complex = subject.complex

    @property
    def system(self):
        """The four matrices."""
        return self.A, self.B, self.C, self.D

    @cached_property
    def scales(self) -> np.ndarray:
        r"""Powers of two $s$ that balance $\mathrm{diag}(s) A\, \mathrm{diag}(s)^{-1}$."""
        return equations.balance(self.A) if self.n else np.ones(0)

    @cached_property
    def balanced(self) -> np.ndarray:
        r"""The balanced $A$: exact, for the scales are powers of two."""
        return self.A * self.scales[:, None] / self.scales

    def restore(self, P):
        """Carry a storage matrix of the balanced states back; a tuple of them part by part."""
        back = lambda X: X * self.scales * self.scales[:, None]
        P = tuple(map(back, P)) if isinstance(P, tuple) else back(P)
        return P[0] if len(P) == 1 and isinstance(P, tuple) else P

    @cached_property
    def poles(self) -> NDArray[np.complex128]:
        """Eigenvalues in float64."""
        return np.asarray(sl.eigvals(self.balanced), complex) if self.n else np.zeros(0, complex)

    @cached_property
    def margin(self) -> float:
        r"""$1 - \rho(A)$, or $-\max \mathrm{Re}\,\lambda$; refined where float64 is too coarse. Without
        states 1."""
        return refine.stability_margin(self.balanced, self.continuous) if self.n else 1.0

    @cached_property
    def peak(self) -> tuple[float, float]:
        r"""(largest $\sigma_{\max}(G)$ found on the stability boundary, its frequency); stable systems
        only."""
        return response.peak_gain_frequency(*self.system, self.continuous)

    @cached_property
    def sharp_peak(self):
        """`peak` in extended precision, as a `resonance.Peak`; None where the peak is at infinity."""
        omega = self.peak[1]
        return (
            resonance.refine_peak(*self.system, omega, self.continuous)
            if self.D.size and np.isfinite(omega)
            else None
        )

    @cached_property
    def norm(self):
        """A norm in which motion contracts, and which bounds the output: `((P, ...), a)`, or None if not
        stable."""
        if self.margin > 1e-7:
            found = frequency.contraction(self.A, self.C, self.continuous, self.poles)
            if found is not None and np.isfinite(found[0]).all():
                return (found[0],), found[1]
        return refine.contraction(self.A, self.C, self.continuous)
