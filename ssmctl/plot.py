r"""Pictures: singular values with the proved band, poles with the stability boundary. Each takes `ax=` and returns it.

Matplotlib is imported when a plot is drawn; no global setting is touched and nothing is shown.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ssmctl.analysis.enclosure import Enclosure
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import L2Gain, L2GainAtLeast
from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.subject import ModalSubject, Subject
from ssmctl.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def singular_values(
    system: Any, *, gamma: Any = None, omega: Any = None, ax: "Axes | None" = None, **line_kwargs: Any
) -> "Axes":
    r"""Draw the singular values of the frequency response, and a bound above them.

    $$\sigma_i(G(e^{i\omega\,dt})) \quad \text{or} \quad \sigma_i(G(i\omega)).$$

    **Arguments:**

    - `system`: as `hinfnorm` takes it.
    - `gamma`: an `Enclosure` of the H-infinity norm (its two proved ends as a band), a `Certificate` of an l2 gain, a
      number (drawn as a line, and called a level, for nobody proved it), or None.
    - `omega`: frequencies, (k,) [rad/s; rad/sample without a period]; None: a grid that shows every resonance.
    - `ax`: axes to draw on; None: new ones. `**line_kwargs`: passed to `Axes.plot`.

    **Returns:** the axes. **Raises:** `InputError` for a `gamma` of another kind.
    **Guarantee:** the curves are float64 samples; only the band is proved. **Cost:** a solve for each frequency.
    """
    subject = subject_of(system)
    w = _grid(subject) if omega is None else np.asarray(omega, float)
    values = _singular_values(subject, w)
    ax = _axes(ax)
    for i in range(values.shape[1]):
        style = {"color": "C0", "lw": 1.2 if i == 0 else 0.8, "alpha": 1.0 if i == 0 else 0.6} | line_kwargs
        ax.plot(w, values[:, i], label="singular values" if i == 0 else None, **style)
    _draw_bound(ax, gamma)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(w[w > 0].min(), w.max())
    ax.set_xlabel(f"ω [{'rad/sample' if subject.dt is True else 'rad/s'}]")
    ax.set_ylabel("singular value [output/input]")
    ax.grid(True, which="major", alpha=0.3)
    ax.legend(loc="best", frameon=False)
    return ax


def poles(system: Any, *, ax: "Axes | None" = None, **marker_kwargs: Any) -> "Axes":
    r"""Draw the eigenvalues of $A$ and the boundary of stability: the unit circle, or the imaginary axis.

    **Arguments:** `system`: as `hinfnorm` takes it. `ax`: axes to draw on; None: new ones. `**marker_kwargs`: to `Axes.plot`.
    **Returns:** the axes.
    **Guarantee:** none: eigenvalues in float64; `eigenvalues` gives rigorous discs. **Cost:** an eigendecomposition.
    """
    subject = subject_of(system)
    values = subject.poles if isinstance(subject, ModalSubject) else np.linalg.eigvals(subject.A)
    if isinstance(subject, ModalSubject):
        values = np.concatenate([values, values.conj()])  # the real form has both
    ax = _axes(ax)
    if subject.continuous:
        ax.axvline(0.0, color="0.4", lw=1.0, label="stability boundary")
    else:
        angle = np.linspace(0, 2 * np.pi, 361)
        ax.plot(np.cos(angle), np.sin(angle), color="0.4", lw=1.0, label="stability boundary")
        ax.set_aspect("equal")
    style = {"marker": "x", "ls": "none", "color": "C0", "label": "poles"} | marker_kwargs
    ax.plot(values.real, values.imag, **style)
    unit = " [1/s]" if subject.continuous else ""
    ax.set_xlabel(f"Re λ{unit}")
    ax.set_ylabel(f"Im λ{unit}")
    ax.grid(True, alpha=0.3)
    ax.legend(loc="best", frameon=False)
    return ax


def _axes(ax: "Axes | None") -> "Axes":
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError("plots need matplotlib: pip install 'ssmctl[plot]'") from None
    return plt.subplots(layout="constrained")[1]


def _draw_bound(ax: "Axes", gamma: Any) -> None:
    if gamma is None:
        return
    if isinstance(gamma, Enclosure):
        ax.axhspan(gamma.lower, gamma.upper, color="C3", alpha=0.25, lw=0)
        if np.isfinite(gamma.upper):
            ax.axhline(gamma.upper, color="C3", lw=1.0, label=f"proved: {gamma.lower:.9g} ≤ norm ≤ {gamma.upper:.9g}")
        return
    if isinstance(gamma, Certificate) and isinstance(gamma.claim, L2Gain | L2GainAtLeast):
        ax.axhline(gamma.claim.gamma, color="C3", lw=1.0, label=f"certificate: {gamma.claim}")
        return
    if isinstance(gamma, int | float | np.number) and np.isfinite(gamma):
        ax.axhline(float(gamma), color="0.3", lw=1.0, ls="--", label=f"level {float(gamma):.6g}")
        return
    raise InputError(f"`gamma` must be an Enclosure, a Certificate of an l2 gain or a number, got {gamma!r:.60}")


def _grid(subject: Subject) -> np.ndarray:
    """Frequencies: a logarithmic grid with points around every resonance."""
    A = subject.real_form()[0]
    values = np.linalg.eigvals(A) if len(A) else np.zeros(0)
    period = 1.0 if subject.continuous or subject.dt is True else float(subject.dt)
    if not subject.continuous:
        values = np.log(values[abs(values) > 1e-9].astype(complex)) / period
    size = abs(values)[abs(values) > 0]
    top = size.max() * 10 if len(size) else 100.0
    low = size.min() / 10 if len(size) else 0.01
    if not subject.continuous:
        top = np.pi / period
        low = min(low, top / 100)
    base = np.geomspace(low, top, 600)
    spread = np.concatenate([-np.geomspace(1e-3, 30, 40)[::-1], [0.0], np.geomspace(1e-3, 30, 40)])
    near = (abs(values.imag)[:, None] + abs(values.real)[:, None] * spread).ravel()
    near = near[(near > low) & (near < top)]
    return np.unique(np.concatenate([base, near]))


def _singular_values(subject: Subject, omega: np.ndarray) -> np.ndarray:
    A, B, C, D = subject.real_form()
    period = 1.0 if subject.continuous or subject.dt is True else float(subject.dt)
    out = np.empty((len(omega), min(D.shape)))
    for k, w in enumerate(omega):
        z = 1j * w if subject.continuous else np.exp(1j * w * period)
        G = D + (C @ np.linalg.solve(z * np.eye(len(A)) - A, B.astype(complex)) if len(A) else 0.0)
        out[k] = np.linalg.svd(G, compute_uv=False)
    return out[:, ::2] if subject.complex else out  # the embedding repeats each
