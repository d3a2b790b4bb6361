r"""Pictures of oscillators: where a scheme is stable, and the energy along a motion.

The region is exact (`stability_region`), up to the width of a line; energies are float64.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ssmctl.analysis.regions import StabilityRegion, edges, polygons
from ssmctl.analysis.regions import stability_region as region_of
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import EnergyRatio
from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.subject import OscillatorSubject
from ssmctl.certificates.verify import verify
from ssmctl.errors import InputError
from ssmctl.plot.axes import CURVE, GIVEN, PROVED, STABLE, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["energy", "stability_region"]

_HIDDEN = "C1"
_MARKS = {"Schur": "o", "bounded": "s", "unbounded": "X", "undefined": "X"}


def stability_region(
    scheme: Any,
    *,
    limits: tuple[tuple[float, float], tuple[float, float]] | None = None,
    window: bool = True,
    ax: "Axes | None" = None,
    **fill_kwargs: Any,
) -> "Axes":
    r"""Draw where a scheme is stable, over $a = A\,dt^2$ and $g = G\,dt$; both are pure numbers.

    Shaded: Schur (in another colour where the oscillator itself diverges and the scheme hides it). A line:
    bounded without decay. Crosses: Jordan blocks, where motion grows linearly. For imex the window of
    D-LinOSS is outlined, which is sufficient only.

    **Arguments:**

    - `scheme`: a name, a `StabilityRegion`, or an `Oscillator`, whose oscillators are marked.
    - `limits`: `((a low, a high), (g low, g high))`; None: such that the region can be seen.
    - `window`: whether to outline the window of D-LinOSS (imex only).
    - `ax`: axes to draw on; None: new ones. `**fill_kwargs`: of the shading, passed to `Axes.fill`.

    **Returns:** the axes. **Raises:** `InputError` for another scheme or limits without extent.
    **Guarantee:** exact to the width of a line; the marks are decided for $A\,dt^2$, $G\,dt$ in rational
    numbers. **Cost:** some 50 ms.
    """
    name, points = _scheme(scheme)
    region = region_of(name)
    box = _box(name, limits, points)
    ax = axes(ax)
    drawn = set()

    def once(text):
        new = text not in drawn
        drawn.add(text)
        return text if new else None

    for piece, decays in polygons(name, box):
        label = once("Schur: every motion decays" if decays else "Schur, yet the oscillator diverges")
        style: dict[str, Any] = {
            "color": STABLE if decays else _HIDDEN,
            "alpha": 0.25,
            "lw": 0,
            "label": label,
        }
        ax.fill(*piece.T, **style | fill_kwargs)
    for curve in edges(name, box):
        ax.plot(*curve.T, color=STABLE, lw=2.0, label=once("bounded, no decay"), solid_capstyle="butt")
    for a, g in region.jordan:
        if box[0] <= a <= box[1] and box[2] <= g <= box[3]:
            style = {"marker": "X", "ms": 9, "color": PROVED, "ls": "none", "clip_on": False, "zorder": 4}
            ax.plot(float(a), float(g), **style, label=once("Jordan block: unbounded"))
    if window and name == "imex":
        _draw_window(ax, box, once)
    for word in dict.fromkeys(word for *_, word in points):
        a, g = np.array([(a, g) for a, g, status in points if status == word], float).T
        color = CURVE if word in ("Schur", "bounded") else PROVED
        style = {"marker": _MARKS[word], "color": color, "mec": "w", "ms": 8, "ls": "none", "zorder": 5}
        ax.plot(a, g, **style, label=once(f"oscillators: {word}"))
    ax.set_xlim(box[0], box[1])
    ax.set_ylim(box[2], box[3])
    for draw in (ax.axhline, ax.axvline):
        draw(0.0, color=GIVEN, lw=0.6, ls=":", zorder=0.5)
    ax.set_xlabel("stiffness · dt²,  A dt² [1]")
    ax.set_ylabel("damping · dt,  G dt [1]")
    ax.set_title(f"{name}: Schur for {region.text.split(';')[0].split(':')[0]}", fontsize="medium")
    ax.legend(loc="best", fontsize="small")
    return ax


def _scheme(given: Any) -> tuple[str, list[tuple[Any, Any, str]]]:
    """The name, and (a, g, status) of the oscillators of a system, decided without rounding."""
    if isinstance(given, str):
        return given, []
    if isinstance(given, StabilityRegion):
        return given.scheme, []
    subject = subject_of(given)
    if not isinstance(subject, OscillatorSubject):
        raise InputError(f"`scheme` must be a name, a StabilityRegion or an Oscillator, got {given!r:.60}")
    from fractions import Fraction

    exact = lambda values: np.array([Fraction(x) for x in np.asarray(values).tolist()] + [None])[:-1]
    A, G, h = exact(subject.stiffness), exact(subject.damping), exact(subject.steps)
    a, g = A * h * h, G * h
    words = region_of(subject.scheme)(a, g) if subject.r else []
    return subject.scheme, list(zip(a, g, words, strict=True))


def _box(name: str, limits: Any, points: list) -> tuple[float, float, float, float]:
    if limits is not None:
        try:
            (low, high), (bottom, top) = limits
            if low < high and bottom < top and np.isfinite([low, high, bottom, top]).all():
                return float(low), float(high), float(bottom), float(top)
        except (TypeError, ValueError):
            pass
        raise InputError(f"`limits` must be ((a low, a high), (g low, g high)), rising, got {limits!r:.60}")
    low, high, bottom, top = {
        "im": (-10.0, 6.0, -3.0, 3.0),
        "imex3": (-6.0, 6.0, -3.0, 4.0),
        "imex2": (-0.5, 5.0, -0.25, 2.5),
        "euler": (-0.5, 5.0, -0.25, 5.0),
        "verlet": (-0.5, 5.0, -1.0, 1.0),
    }.get(name, (-1.0, 9.0, -0.5, 3.0))
    for a, g, _ in points:  # room for the oscillators of a system
        low, high = min(low, 1.1 * float(a)), max(high, 1.1 * float(a))
        bottom, top = min(bottom, 1.1 * float(g)), max(top, 1.1 * float(g))
    return low, high, bottom, top


def _draw_window(ax: "Axes", box: tuple, once: Any) -> None:
    """The outline of (g - a)^2 <= 4a, g >= 0, a parabola on its side: a = (1 -+ sqrt(1 + g))^2."""
    g = max(box[3], 0.0) * np.linspace(0, 1, 200) ** 2
    root = np.sqrt(1 + g)
    a = np.concatenate([((root - 1) ** 2)[::-1], (root + 1) ** 2])
    style = {"color": GIVEN, "lw": 1.2, "ls": "--"}
    ax.plot(a, np.concatenate([g[::-1], g]), **style, label=once("window of D-LinOSS: sufficient only"))


def energy(
    motion: Any,
    *,
    system: Any = None,
    bound: Any = None,
    dt: float | None = None,
    ax: "Axes | None" = None,
    **line_kwargs: Any,
) -> "Axes":
    r"""Draw the energy $E_k = \sum_i z_i^2 + A_i y_i^2$ along a motion.

    **Arguments:**

    - `motion`: energies (T,); or, with `system`, states (T, 2r), as `simulate(…, return_states=True)` gives
      them.
    - `system`: the `Oscillator` that moves; its period is the unit of time.
    - `bound`: a `Certificate` of `energy_ratio <= c` (proved again before it is drawn): no free motion from
      the first state rises above $c^k E_0$, and the region above is shaded.
    - `dt`: time between samples [s], if there is no `system`; None: samples are counted.
    - `ax`: axes to draw on; None: new ones. `**line_kwargs`: passed to `Axes.plot`.

    **Returns:** the axes; logarithmic if the energy spans more than a factor of 1000.
    **Raises:** `InputError` for other shapes, and for a bound about another system or unproved.
    **Guarantee:** the energies are float64; only the bound is proved. **Cost:** one pass.
    """
    subject = None if system is None else subject_of(system)
    if subject is not None and not isinstance(subject, OscillatorSubject):
        raise InputError(f"`system` must be an Oscillator, got {type(system).__name__}")
    values = _energies(motion, subject)
    ratio = None if bound is None else _ratio(bound, subject)
    period = dt if subject is None else None if subject.dt is True else float(subject.dt)
    if period is not None and not 0 < period < np.inf:
        raise InputError(f"`dt` must be positive, in seconds, got {dt!r}")
    at = np.arange(len(values)) * (1.0 if period is None else period)
    ax = axes(ax)
    style: dict[str, Any] = {"color": CURVE, "lw": 1.3, "label": "energy"}
    ax.plot(at, values, **style | line_kwargs)
    positive = values[np.isfinite(values) & (values > 0)]
    tall = len(positive) > 0 and positive.max() > 1000 * positive.min()
    if ratio is not None:
        with np.errstate(over="ignore"):
            ceiling = values[0] * ratio ** np.arange(len(values), dtype=float)
        ceiling[~np.isfinite(ceiling)] = np.finfo(float).max
        ax.plot(at, ceiling, color=PROVED, lw=1.0, label=f"proved: at most {ratio:.6g} each step")
        limit = max(values[np.isfinite(values)].max(initial=0.0), values[0]) * (10 if tall else 1.15) or 1.0
        ax.fill_between(at, ceiling, max(limit, ceiling.max()), color=PROVED, alpha=0.09, lw=0)
        ax.set_ylim(top=limit)
    if tall:
        ax.set_yscale("log")
    if ax.get_yscale() != "log":
        ax.set_ylim(bottom=0.0)
    ax.margins(x=0)
    ax.set_xlabel("step k [1]" if period is None else "time [s]")
    ax.set_ylabel("energy Σ z² + A y² [velocity²]")
    ax.grid(True, alpha=0.3)
    ax.legend(loc="best", fontsize="small")
    return ax


def _energies(motion: Any, subject: OscillatorSubject | None) -> np.ndarray:
    x = np.asarray(motion)
    if x.dtype.kind not in "iufc":
        raise InputError(f"`motion` must hold numbers, got dtype {x.dtype}")
    if subject is None:
        if x.ndim != 1 or not len(x) or x.dtype.kind == "c":
            raise InputError(
                f"`motion` must be energies (T,), got shape {x.shape}; for states (T, 2r) give `system` too"
            )
        return x.astype(float)
    r = subject.r
    if x.ndim != 2 or not len(x) or x.shape[1] != 2 * r:
        raise InputError(f"`motion` must be states (T, {2 * r}), velocities then positions, got {x.shape}")
    square = np.real(x) ** 2 + np.imag(x) ** 2
    return (square[:, :r] + subject.stiffness * square[:, r:]).sum(1)


def _ratio(bound: Any, subject: OscillatorSubject | None) -> float:
    if not isinstance(bound, Certificate) or not isinstance(bound.claim, EnergyRatio):
        raise InputError(f"`bound` must be a Certificate of an EnergyRatio, got {bound!r:.60}")
    if subject is None:
        raise InputError("`bound` is about a system: give `system` too")
    verdict = verify(bound, subject=subject)
    if not verdict.holds:
        raise InputError(f"this certificate proves nothing about the system: {verdict.reason}")
    return bound.claim.bound
