r"""Pictures of a linear system: singular values with the proved band, poles with the stability boundary.

The curves are samples in float64; what a picture calls proved has a certificate about the very system that
is drawn.
"""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ssmctl.analysis.enclosure import Enclosure, outward
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import Claim, L2Gain, L2GainAtLeast
from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject, Subject
from ssmctl.certificates.verify import verify
from ssmctl.errors import InputError
from ssmctl.plot.axes import CURVE, GIVEN, PROVED, STABLE, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["poles", "singular_values"]

_LABELS = {(False, 1): "singular values", (True, 1): "at ω", (True, -1): "at −ω"}


class _Bound(NamedTuple):
    """How a bound is drawn: `at` a height, or as a `band`; `above`: nothing goes there."""

    at: float
    text: str
    proved: bool
    above: bool = False
    band: tuple[float, float] | None = None


def singular_values(
    system: Any,
    *,
    gamma: Any = None,
    omega: Any = None,
    zoom: bool = True,
    ax: "Axes | None" = None,
    **line_kwargs: Any,
) -> "Axes":
    r"""Draw the singular values of the frequency response, and the bound that no response can cross.

    $$\sigma_i(G(e^{i\omega\,dt})) \quad \text{or} \quad \sigma_i(G(i\omega)).$$

    **Arguments:**

    - `system`: as `hinfnorm` takes it. For a complex one the response at $-\omega$ is drawn too, dashed.
    - `gamma`: an `Enclosure` of the H-infinity norm (its proved ends are drawn as a band, the region above it
      is shaded), a `Certificate` of an l2 gain (proved again before it is drawn), a number (a dashed level:
      nobody proved it), or None.
    - `omega`: frequencies above 0, (k,) [rad/s; rad/sample without a period]; None: a grid that shows every
      resonance.
    - `zoom`: magnify an `Enclosure` in an inset, around the frequency of its lower end; at a relative width
      of 1e-8 the band is otherwise a line.
    - `ax`: axes to draw on; None: new ones. `**line_kwargs`: passed to `Axes.plot`.

    **Returns:** the axes.
    **Raises:** `InputError` for a `gamma` of another kind, about another system or unproved.
    **Guarantee:** the curves are float64 samples; only the band is proved.
    **Cost:** an eigendecomposition, then $O(nmp)$ for each frequency.
    """
    subject = subject_of(system)
    bound = _bound(subject, gamma)
    w = _grid(subject, gamma) if omega is None else _frequencies(omega)
    ax = axes(ax)
    for sign in (1, -1) if subject.complex else (1,):
        for i, curve in enumerate(_responses(subject, sign * w).T):
            style: dict[str, Any] = {"color": CURVE, "lw": 0.9 if i else 1.4, "alpha": 0.55 if i else 1.0}
            style |= {"ls": "-" if sign > 0 else "--", "label": None if i else _LABELS[subject.complex, sign]}
            ax.plot(w, curve, **style | line_kwargs)
    drawn = np.concatenate([np.zeros(1), *(np.asarray(line.get_ydata(), float) for line in ax.lines)])
    ax.set_xscale("log")
    if (drawn > 0).any():
        ax.set_yscale("log")
    ax.margins(x=0)
    ax.set_xlabel(f"frequency ω [{_unit(subject)}]")
    ax.set_ylabel("singular value [output/input]")
    ax.grid(True, which="major", alpha=0.3)
    if subject.complex:
        ax.legend(loc="lower left", frameon=False)
    if bound:
        _draw_bound(ax, bound, drawn)
    if zoom and isinstance(gamma, Enclosure) and 0 < gamma.lower < gamma.upper < math.inf:
        _draw_zoom(ax, subject, gamma)
    return ax


def poles(system: Any, *, ax: "Axes | None" = None, **marker_kwargs: Any) -> "Axes":
    r"""Draw the eigenvalues of $A$ and the boundary of stability: the unit circle, or the imaginary axis.

    **Arguments:** `system`: as `hinfnorm` takes it. `ax`: axes to draw on; None: new ones.
    `**marker_kwargs`: passed to `Axes.plot`.
    **Returns:** the axes.
    **Guarantee:** none: eigenvalues in float64; `eigenvalues` gives rigorous discs.
    **Cost:** an eigendecomposition.
    """
    subject = subject_of(system)
    values = _eigenvalues(subject)
    if isinstance(subject, ModalSubject):
        values = np.concatenate([values, values.conj()[values.imag != 0]])  # the real form has both
    ax = axes(ax)
    style: dict[str, Any] = {"marker": "x", "ls": "none", "color": CURVE, "label": "poles"}
    ax.plot(values.real, values.imag, **style | marker_kwargs)
    if subject.continuous:
        from matplotlib.patches import Rectangle

        size = float(abs(values).max(initial=0.0)) or 1.0
        tall = float(abs(values.imag).max(initial=0.0)) or 0.5 * size
        wide = float(abs(values.real).max(initial=0.0)) or 0.1 * size
        ax.update_datalim([(-wide, -tall), (0.15 * wide, tall)])
        half = Rectangle(
            (-1e9 * size, 0.0), 1e9 * size, 1.0, transform=ax.get_xaxis_transform(), label="stable"
        )
        half.set(facecolor=STABLE, alpha=0.07, lw=0)
        ax.add_artist(half)
        ax.axvline(0.0, color="0.3", lw=1.0, label="stability boundary")
    else:
        angle = np.linspace(0, 2 * np.pi, 361)
        ax.fill(np.cos(angle), np.sin(angle), color=STABLE, alpha=0.07, lw=0, label="stable")
        ax.plot(np.cos(angle), np.sin(angle), color="0.3", lw=1.0, label="stability boundary")
        ax.set_aspect("equal")
    unit = " [1/s]" if subject.continuous else ""
    ax.set_xlabel(f"Re λ{unit}")
    ax.set_ylabel(f"Im λ{unit}")
    ax.grid(True, alpha=0.3)
    ax.legend(loc="best", fontsize="small")
    return ax


# ----------------------------------------------------------------------------------------------------- bounds


def _bound(subject: Subject, gamma: Any) -> _Bound | None:
    """Read what the user gave, and what of it is proved about the system that is drawn."""
    if gamma is None:
        return None
    if isinstance(gamma, Enclosure):
        return _enclosed(subject, gamma)
    if isinstance(gamma, Certificate) and isinstance(gamma.claim, L2Gain | L2GainAtLeast):
        verdict = verify(gamma, subject=subject, level="float64")
        verdict = verdict if verdict.holds else verify(gamma, subject=subject)
        if not verdict.holds:
            raise InputError(f"this certificate proves nothing about the system: {verdict.reason}")
        return _Bound(gamma.claim.gamma, f"proved: {gamma.claim}", True, isinstance(gamma.claim, L2Gain))
    level = gamma if isinstance(gamma, float | int | np.integer | np.floating) else math.nan
    if 0 <= level < math.inf and not isinstance(level, bool):
        return _Bound(float(level), f"level {float(level):.6g}, not proved", False)
    raise InputError(
        f"`gamma` must be an Enclosure, a Certificate of an l2 gain or a number, got {gamma!r:.60}"
    )


def _enclosed(subject: Subject, norm: Enclosure) -> _Bound:
    if norm.quantity != "H-infinity norm":
        raise InputError(f"the H-infinity norm bounds singular values; this encloses the {norm.quantity}")

    def shows(certificate: Certificate | None, relation: str, claim: Claim) -> bool:
        if certificate is None:
            return False
        if difference := subject.same_bits(certificate.subject):
            raise InputError(f"this enclosure is about another system: {difference}")
        return getattr(certificate.claim, relation)(claim, continuous=subject.continuous)

    lower, upper = norm
    low, high = outward(lower, upper)
    if math.isinf(lower):
        proved = shows(norm.certificate, "refutes", L2Gain(np.finfo(float).max))
        return _Bound(0.0, f"{_word(proved)}: norm = ∞, not stable", proved)
    proved = lower <= 0 or shows(norm.lower_certificate, "implies", L2GainAtLeast(lower))
    if math.isinf(upper):
        return _Bound(lower, f"{_word(proved)}: norm ≥ {low}" if lower > 0 else "no bound was proved", proved)
    proved = shows(norm.certificate, "implies", L2Gain(upper)) and proved
    ends = f"{low} ≤ norm ≤ {high}" if lower < upper else f"norm = {high}"
    return _Bound(upper, f"{_word(proved)}: {ends}", proved, True, (lower, upper))


def _word(proved: bool) -> str:
    return "proved" if proved else "not proved"


def _draw_bound(ax: "Axes", bound: _Bound, drawn: np.ndarray) -> None:
    from matplotlib.patches import Rectangle

    at, color = bound.at, PROVED if bound.proved else GIVEN
    across = ax.get_yaxis_transform()
    if at > 0:
        low = min(min(drawn[drawn > 0], default=at), at / 10)
        ax.update_datalim([(1.0, low), (1.0, at * (at / low) ** 0.12)], updatex=False)  # room for the text
        ax.autoscale_view()
    if bound.band is not None:
        ax.axhspan(*bound.band, facecolor=color, edgecolor=color, lw=1.0, alpha=0.6, label=bound.text)
    elif at > 0:
        ax.axhline(at, color=color, lw=1.0, ls="-" if bound.proved else "--", label=bound.text)
    if bound.above:
        place = {"transform": across, "color": color, "alpha": 0.09, "lw": 0}
        ax.add_artist(Rectangle((0.0, at), 1.0, 1e6 * max(at, 1.0), **place))
    xy, coords = ((0.985, at), across) if at > 0 else ((0.985, 0.9), "axes fraction")
    words: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": "small", "color": color}
    ax.annotate(bound.text, xy, xycoords=coords, xytext=(0, 3), textcoords="offset points", **words)


def _draw_zoom(ax: "Axes", subject: Subject, norm: Enclosure) -> None:
    """Draw an inset around the peak, tall enough for the band and as wide as the curve takes to leave it."""
    if norm.frequency is None or not math.isfinite(norm.frequency):
        return
    peak = float(norm.frequency)
    largest = lambda w: _responses(subject, w)[:, 0]
    if subject.complex and largest(np.array([-peak]))[0] > largest(np.array([peak]))[0]:
        peak = -peak
    height = norm.upper - norm.lower
    reach = (abs(peak) or ax.get_xlim()[0]) * np.geomspace(1e-13, 0.1, 131)
    side = -1.0 if not subject.continuous and abs(peak) > 0.999 * np.pi / _period(subject) else 1.0
    falls = largest(peak + side * reach) < norm.lower - 3 * height
    half = reach[np.argmax(falls)] if falls.any() else reach[-1]
    one_sided = peak == 0 or side < 0
    w = peak + np.linspace(side * 0.0 if one_sided else -half, side * half, 161)
    power = math.floor(math.log10(half))

    box = _emptiest(ax, (0.24, 0.24), (0.16, 0.12))
    inset = ax.inset_axes(box)
    inset.patch.set_alpha(0.9)
    inset.plot((w - peak) / 10.0**power, largest(w), color=CURVE, lw=1.4)
    inset.axhspan(norm.lower, norm.upper, facecolor=PROVED, edgecolor=PROVED, alpha=0.3, lw=1.0)
    inset.axhspan(norm.upper, norm.upper + 3 * height, facecolor=PROVED, alpha=0.09, lw=0)
    inset.set_ylim(norm.lower - 3 * height, norm.upper + 1.5 * height)
    inset.margins(x=0)
    inset.set_yticks([norm.lower, norm.upper], outward(norm.lower, norm.upper))
    inset.tick_params(labelsize="x-small")
    for label in inset.get_yticklabels():
        label.set_bbox({"facecolor": "w", "alpha": 0.8, "lw": 0, "pad": 0.5})
    exponent = rf"$10^{{{power}}}$ " if power else ""
    offset = "ω" if peak == 0 else f"ω {'−' if peak > 0 else '+'} {abs(peak):.6g}"
    inset.set_xlabel(f"{offset} [{exponent}{_unit(subject)}]", fontsize="x-small", labelpad=1.0)
    inset.set_title("proved band, magnified", fontsize="x-small", pad=3.0, color=PROVED)
    left, right = ax.get_xlim()
    point = (min(max(abs(peak), left), right), norm.upper)
    here = (ax.transData + ax.transAxes.inverted()).transform(point)
    x, y, wide, tall = box
    sides = [(x + wide / 2, y + tall + 0.06), (x + wide, y + tall / 2), (x, y + 0.9 * tall)]
    aim = min(sides, key=lambda side: math.dist(side, here))
    line = {"arrowstyle": "-", "color": "0.6", "lw": 0.8}
    ax.annotate("", point, xytext=aim, textcoords="axes fraction", arrowprops=line)


def _emptiest(
    ax: "Axes", size: tuple[float, float], labels: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Find the place (fractions of an axes) that hides least of its curves; `labels`: room left and below."""
    ax.autoscale_view()
    to_axes = ax.transData + ax.transAxes.inverted()
    cloud = []
    for line in ax.lines:
        curve = to_axes.transform(np.asarray(line.get_xydata()))
        curve = curve[np.isfinite(curve).all(1)]
        if len(curve) > 2:  # points at equal distances along the curve
            along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
            steps = np.linspace(0.0, along[-1], 1000)
            cloud.append(np.stack([np.interp(steps, along, curve[:, i]) for i in (0, 1)], 1))
    if not cloud:
        return (labels[0], labels[1], *size)
    cloud = np.concatenate(cloud)
    best, found = math.inf, (labels[0], labels[1], *size)
    for y in np.arange(labels[1], 0.84 - size[1], 0.04):
        for x in np.arange(labels[0], 0.98 - size[0], 0.02):
            right, top = x + size[0], y + size[1]
            itself, below = ((x, y), (right + 0.02, top + 0.07)), ((x, y - labels[1]), (right, y))
            left = ((x - labels[0], y + 0.35 * size[1]), (x, y + 0.85 * size[1]))
            hidden = sum(((cloud > low) & (cloud < high)).all(1).sum() for low, high in (itself, below, left))
            covered = hidden + 1e-3 * (x - y)
            if covered < best:
                best, found = covered, (float(x), float(y), *size)
    return found


# -------------------------------------------------------------------------------------------------- responses


def _eigenvalues(subject: Subject) -> NDArray[np.complex128]:
    values = subject.poles if isinstance(subject, ModalSubject) else np.linalg.eigvals(subject.real_form()[0])
    return np.asarray(values, np.complex128)


def _period(subject: Subject) -> float:
    return 1.0 if subject.continuous or subject.dt is True else float(subject.dt)


def _unit(subject: Subject) -> str:
    return "rad/sample" if subject.dt is True else "rad/s"


def _frequencies(omega: Any) -> np.ndarray:
    w = np.asarray(omega, float)
    if w.ndim != 1 or not len(w) or not (np.isfinite(w) & (w > 0)).all():
        raise InputError(f"`omega` must be (k,), finite and above 0 on a logarithmic axis, got {omega!r:.60}")
    return w


def _grid(subject: Subject, gamma: Any = None) -> np.ndarray:
    """Frequencies: a logarithmic grid, denser around every resonance."""
    values = _eigenvalues(subject)
    period = _period(subject)
    if not subject.continuous:
        values = np.log(values[abs(values) > 1e-9].astype(complex)) / period
    size = abs(values)[abs(values) > 1e-12 * max(abs(values), default=0.0)]
    top = size.max() * 10 if len(size) else 100.0
    low = size.min() / 10 if len(size) else 0.01
    if not subject.continuous:
        top = np.pi / period
        low = min(max(low, 1e-6 * top), top / 100)
    each = int(np.clip(4000 / max(len(values), 1), 4, 40))
    spread = np.concatenate([-np.geomspace(1e-3, 30, each)[::-1], [0.0], np.geomspace(1e-3, 30, each)])
    near = (abs(values.imag)[:, None] + abs(values.real)[:, None] * spread).ravel()
    found = [np.geomspace(low, top, 600), near]
    if isinstance(gamma, Enclosure) and gamma.frequency is not None:
        found.append(np.array([abs(gamma.frequency)]))
    w = np.concatenate(found)
    return np.unique(w[(w >= low) & (w <= top)])


def _responses(subject: Subject, omega: np.ndarray) -> np.ndarray:
    """Singular values at each frequency, (k, min(p, m)), largest first; noise and poles become NaN."""
    from ssmctl.analysis.response import Resolvent

    system = subject.real_form()
    if isinstance(subject, StateSpaceSubject):
        system = (subject.A, subject.B, subject.C, subject.D)  # complex matrices as they are
    with np.errstate(all="ignore"):
        resolvent = Resolvent.of(*system, subject.continuous)
        G = resolvent.moments(np.asarray(omega, float) * _period(subject))[0]
    out = np.full((len(omega), min(subject.p, subject.m)), np.nan)
    good = np.isfinite(G).all((1, 2))
    out[good] = np.linalg.svd(G[good], compute_uv=False)
    out[:, 1:][out[:, 1:] < 1e-14 * out[:, :1]] = np.nan
    return out
