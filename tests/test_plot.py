"""Pictures, by their artists: what is drawn where, what is called proved, and what is refused."""

import math

import matplotlib
import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

import ssmctl
from ssmctl import plot
from ssmctl.analysis.enclosure import Enclosure, outward

turn = 0.9 * np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
empty = np.zeros((0, 0))
SYSTEMS = {
    "continuous": ssmctl.plant("flexible-structure"),
    "peak at 0": ssmctl.plant("aircraft"),
    "sampled": ssmctl.StateSpace(turn, np.eye(2), np.eye(2), dt=0.1),
    "no period": ssmctl.StateSpace([[-0.9]], [[1.0]], [[1.0]], dt=True),
    "delay": ssmctl.StateSpace([[0.0]], [[1.0]], [[1.0]], dt=True),
    "modal": ssmctl.Modal([0.9 + 0.3j, 0.5], [[1.0], [1.0]], [[1.0, 1.0j]], dt=True),
    "post": ssmctl.Modal.from_post_update([0.5 + 0.5j], [[1.0]], [[1.0]], dt=True),
    "complex": ssmctl.StateSpace([[-0.1 + 2j]], [[1.0]], [[1.0]], dt=0),
    "static": ssmctl.StateSpace(empty, np.zeros((0, 2)), np.zeros((1, 0)), [[3.0, 4.0]], dt=0),
    "unstable": ssmctl.StateSpace([[1.1]], [[1.0]], [[1.0]], dt=True),
    "integrator": ssmctl.StateSpace([[0.0]], [[1.0]], [[1.0]], dt=0),
    "zero": ssmctl.StateSpace([[0.5]], [[0.0]], [[1.0]], dt=True),
    "no input": ssmctl.StateSpace([[0.5]], np.zeros((1, 0)), [[1.0]], dt=True),
    "oscillator": ssmctl.Oscillator([4.0], [0.5], 0.1, "imex", B=[[1.0]], C=[[1.0]]),
    "tuple": ([[0.5]], [[1.0]], [[1.0]], [[0.0]], True),
}
systems = pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
SCALAR = SYSTEMS["tuple"]
SCHEMES = ("im", "imex", "imex2", "imex3", "euler", "tustin", "zoh", "verlet")
BANK = ssmctl.Oscillator([1.0, 3.0, 4.5], [0.0, 1.0, 0.0], 1.0, "imex", B=np.ones((3, 1)), C=np.ones((1, 3)))


@pytest.fixture(autouse=True)
def closed():
    """Close every figure; nothing may be left over or shown."""
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return plt.subplots()[1]


def data(line):
    """x and y of a line, as arrays."""
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def curves(ax):
    return [line for line in ax.lines if len(data(line)[0]) > 2]


def levels(ax):
    """Heights of the horizontal lines."""
    return [data(line)[1][0] for line in ax.lines if len(data(line)[0]) == 2]


def band(ax):
    """The rectangle with the label of the proved ends."""
    return next(p for p in ax.patches if str(p.get_label()).startswith("proved"))


def words(ax):
    return " ".join(text.get_text() for text in ax.texts)


@systems
def test_every_kind_of_system(system, ax):
    assert plot.singular_values(system, gamma=ssmctl.hinfnorm(system), ax=ax) is ax
    assert plot.poles(system, ax=plt.subplots()[1]) is not ax
    ax.figure.canvas.draw()  # warnings are errors: labels, scales and limits are sound


@pytest.mark.parametrize("draw", [plot.singular_values, plot.poles])
def test_axes(draw, ax):
    before, settings = plt.get_fignums(), dict(plt.rcParams)
    assert draw(SCALAR, ax=ax) is ax
    assert plt.get_fignums() == before
    assert ax.lines
    new = draw(SCALAR)
    assert isinstance(new, Axes)
    assert new is not ax
    assert dict(plt.rcParams) == settings


@pytest.mark.parametrize("draw", [plot.singular_values, plot.poles])
def test_keywords(draw, ax):
    draw(SCALAR, ax=ax, color="m", label="mine")
    assert any(line.get_color() == "m" and line.get_label() == "mine" for line in ax.lines)
    with pytest.raises(AttributeError, match="nosuch"):
        draw(SCALAR, ax=ax, nosuch=1)


def test_curve_is_the_response(ax):
    """A closed form: |1/(z - 0.5)| at each frequency, and the largest value first."""
    plot.singular_values(SCALAR, ax=ax)
    w, y = curves(ax)[0].get_data()
    np.testing.assert_allclose(y, abs(1 / (np.exp(1j * w) - 0.5)), rtol=1e-12)
    assert w.max() == pytest.approx(math.pi)
    given = np.array([0.1, 1.0, 2.0])
    plot.singular_values(SYSTEMS["sampled"], ax=ax, omega=given)
    large, small = (line.get_ydata() for line in curves(ax)[-2:])
    G = [np.linalg.inv(np.exp(0.1j * w) * np.eye(2) - turn) for w in given]
    np.testing.assert_allclose(np.transpose([large, small]), np.linalg.svd(G, compute_uv=False), rtol=1e-12)


def test_complex_has_two_sides(ax):
    plot.singular_values(SYSTEMS["complex"], ax=ax)
    above, below = curves(ax)
    w = above.get_xdata()
    np.testing.assert_allclose(above.get_ydata(), abs(1 / (1j * w + 0.1 - 2j)), rtol=1e-12)
    np.testing.assert_allclose(below.get_ydata(), abs(1 / (-1j * w + 0.1 - 2j)), rtol=1e-12)
    assert [above.get_label(), below.get_label()] == ["at ω", "at −ω"]
    assert above.get_linestyle() != below.get_linestyle()


def test_modal_equals_its_real_form(ax):
    for name in ("modal", "post"):
        modal = SYSTEMS[name]
        w = np.geomspace(0.01, 3, 50)
        plot.singular_values(modal, ax=ax, omega=w)
        plot.singular_values(modal.to_statespace(rounded=True), ax=ax, omega=w)
        one, two = (line.get_ydata() for line in curves(ax)[-2:])
        np.testing.assert_allclose(one, two, rtol=1e-12)


def test_resonance_is_on_the_grid(ax):
    """A peak 1e-7 wide reaches its height, 1/(2 zeta), to a percent."""
    zeta = 1e-7
    sharp = ([[0.0, 1.0], [-1.0, -2 * zeta]], [[0.0], [1.0]], [[1.0, 0.0]], [[0.0]], 0)
    plot.singular_values(sharp, ax=ax)
    assert max(curves(ax)[0].get_ydata()) == pytest.approx(1 / (2 * zeta), rel=1e-2)


@pytest.mark.parametrize(
    ("name", "unit"), [("continuous", "rad/s"), ("sampled", "rad/s"), ("no period", "rad/sample")]
)
def test_units(name, unit, ax):
    plot.singular_values(SYSTEMS[name], ax=ax)
    assert f"[{unit}]" in ax.get_xlabel()
    assert "[output/input]" in ax.get_ylabel()
    plot.poles(SYSTEMS[name], ax=ax)
    assert ("[1/s]" in ax.get_xlabel()) == (SYSTEMS[name].dt == 0)
    assert ("[1/s]" in ax.get_ylabel()) == (SYSTEMS[name].dt == 0)


@pytest.mark.parametrize("name", ["continuous", "peak at 0", "sampled", "no period", "complex"])
def test_band_and_zoom(name, ax):
    norm = ssmctl.hinfnorm(SYSTEMS[name])
    plot.singular_values(SYSTEMS[name], gamma=norm, ax=ax)
    rectangle = band(ax)
    assert (rectangle.get_y(), rectangle.get_y() + rectangle.get_height()) == pytest.approx(
        tuple(norm), rel=1e-15
    )
    low, high = outward(*norm)
    assert words(ax).strip() == f"proved: {low} ≤ norm ≤ {high}"
    assert norm.upper < ax.get_ylim()[1]
    (inset,) = ax.child_axes
    assert inset.get_yticks().tolist() == list(norm)
    bottom, top = inset.get_ylim()
    assert norm.upper - norm.lower > 0.1 * (top - bottom)  # the band can be seen
    peak = max(inset.lines[0].get_ydata())
    assert norm.lower <= peak <= norm.upper
    assert min(inset.lines[0].get_ydata()) < norm.lower  # and is left by the curve
    plot.singular_values(SYSTEMS[name], gamma=norm, ax=(plain := plt.subplots()[1]), zoom=False)
    assert not plain.child_axes


def test_shaded_above_upper_bounds_only(ax):
    def shaded(ax):
        return [p.get_y() for p in ax.patches if isinstance(p, Rectangle) and p.get_height() > 1e3]

    norm = ssmctl.hinfnorm(SCALAR)
    plot.singular_values(SCALAR, gamma=norm, ax=ax)
    assert shaded(ax) == [norm.upper]
    assert norm.certificate is not None
    assert norm.lower_certificate is not None
    for certificate, expected in ((norm.certificate, [norm.upper]), (norm.lower_certificate, [])):
        other = plot.singular_values(SCALAR, gamma=certificate)
        assert shaded(other) == expected
        assert words(other) == f"proved: {certificate.claim}"
        assert levels(other) == [certificate.claim.gamma]


def test_a_number_is_not_proved(ax):
    for number in (3, 3.0, np.float64(3), np.int64(3)):
        other = plot.singular_values(SCALAR, gamma=number)
        assert levels(other) == [3]
        assert other.lines[-1].get_linestyle() == "--"
        assert words(other) == "level 3, not proved"


def test_an_enclosure_by_hand_is_not_proved(ax):
    plot.singular_values(SCALAR, gamma=Enclosure("H-infinity norm", 1.0, 3.0), ax=ax)
    assert words(ax).startswith("not proved")
    norm = ssmctl.hinfnorm(SCALAR)
    tight = Enclosure("H-infinity norm", norm.lower, 2.0 - 1e-6, norm.certificate, norm.lower_certificate)
    assert words(plot.singular_values(SCALAR, gamma=tight)).startswith("not proved")
    half = Enclosure("H-infinity norm", 1.0, math.inf, None, norm.lower_certificate)
    assert words(plot.singular_values(SCALAR, gamma=half)) == "proved: norm ≥ 1"


def test_infinite(ax):
    unstable = SYSTEMS["unstable"]
    plot.singular_values(unstable, gamma=ssmctl.hinfnorm(unstable), ax=ax)
    assert words(ax) == "proved: norm = ∞, not stable"
    assert not [p for p in ax.patches if str(p.get_label()).startswith("proved")]
    nothing = plot.singular_values(SCALAR, gamma=Enclosure("H-infinity norm", 0.0, math.inf))
    assert words(nothing) == "no bound was proved"


@pytest.mark.parametrize(
    ("gamma", "match"),
    [
        ("1.5", "must be an Enclosure"),
        (True, "must be an Enclosure"),
        (math.nan, "must be an Enclosure"),
        (math.inf, "must be an Enclosure"),
        (-1.0, "must be an Enclosure"),
        (ssmctl.L2Gain(2.5), "must be an Enclosure"),
        (1j, "must be an Enclosure"),
        (Enclosure("H2 norm", 1.0, 2.0), "encloses the H2 norm"),
    ],
    ids=str,
)
def test_gamma_refused(gamma, match):
    with pytest.raises(ssmctl.InputError, match=match):
        plot.singular_values(SCALAR, gamma=gamma)
    assert not plt.get_fignums()


def test_gamma_of_another_system_refused():
    other = ([[0.25]], [[1.0]], [[1.0]], [[0.0]], True)
    norm = ssmctl.hinfnorm(other)
    for gamma in (norm, norm.certificate, norm.lower_certificate):
        with pytest.raises(ssmctl.InputError, match="another system"):
            plot.singular_values(SCALAR, gamma=gamma)
    with pytest.raises(ssmctl.InputError, match="must be an Enclosure"):
        plot.singular_values(SCALAR, gamma=ssmctl.certify(SCALAR, "schur"))
    good = ssmctl.certify(SCALAR, "l2gain <= 2.5")
    false = ssmctl.Certificate(ssmctl.L2Gain(1.5), good.subject, good.witness)
    with pytest.raises(ssmctl.InputError, match="proves nothing"):
        plot.singular_values(SCALAR, gamma=false)


@pytest.mark.parametrize("omega", [[], [0.0, 1.0], [-1.0], [math.inf], [math.nan], [[1.0]], 1.0], ids=str)
def test_omega_refused(omega):
    with pytest.raises(ssmctl.InputError, match="`omega` must be"):
        plot.singular_values(SCALAR, omega=omega)


def test_poles_are_drawn_with_their_boundary(ax):
    plot.poles(SYSTEMS["modal"], ax=ax)
    drawn = next(line for line in ax.lines if line.get_label() == "poles")
    points = set(zip(*(values.tolist() for values in data(drawn)), strict=True))
    assert points == {(0.9, 0.3), (0.9, -0.3), (0.5, 0.0)}
    circle = next(line for line in ax.lines if line.get_label() == "stability boundary")
    np.testing.assert_allclose(np.hypot(*circle.get_data()), 1.0)

    plot.poles(SYSTEMS["peak at 0"], ax=(half := plt.subplots()[1]))
    axis = next(line for line in half.lines if line.get_label() == "stability boundary")
    assert data(axis)[0].tolist() == [0, 0]
    left, right = half.get_xlim()
    assert left < -0.56 < 0 < right < 1  # all poles and the boundary, and not the whole half plane


def test_two_systems_on_one_axes(ax):
    """The second picture does not cut off the first."""
    plot.singular_values(SYSTEMS["continuous"], ax=ax)
    (left, right), (_, top) = ax.get_xlim(), ax.get_ylim()
    plot.singular_values(ssmctl.plant("dc-motor"), ax=ax)
    assert ax.get_xlim()[0] <= left
    assert ax.get_xlim()[1] >= right
    assert ax.get_ylim()[1] >= 0.99 * top


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install 'ssmctl\[plot\]'"):
        plot.poles(SCALAR)


# ----------------------------------------------------------------------------------------------- oscillators
def labelled(ax, start):
    """Artists whose label begins so, in the order of drawing."""
    return [x for x in (*ax.patches, *ax.lines) if str(x.get_label()).startswith(start)]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_region_is_shaded_where_it_is(scheme, ax):
    """Points of the plane against the shaded polygons, one by one."""
    limits = (-8.0, 8.0), (-4.0, 4.0)
    assert plot.stability_region(scheme, limits=limits, ax=ax) is ax
    assert (ax.get_xlim(), ax.get_ylim()) == limits
    rng = np.random.default_rng(0)
    points = np.stack([rng.uniform(*limits[0], 300), rng.uniform(*limits[1], 300)], 1)
    shaded = np.zeros(300, bool)
    for patch in ax.patches:
        shaded |= patch.get_path().contains_points(points)
    expected = ssmctl.stability_region(scheme)(*points.T) == "Schur"
    np.testing.assert_array_equal(shaded, expected)
    assert labelled(ax, "bounded, no decay")
    assert all("[1]" in text for text in (ax.get_xlabel(), ax.get_ylabel()))
    ax.figure.canvas.draw()


def test_region_tells_what_a_scheme_hides(ax):
    """A stable step of an oscillator that diverges has another colour."""
    plot.stability_region("im", ax=ax)
    (hidden,), (shown,) = labelled(ax, "Schur, yet"), labelled(ax, "Schur: every")
    assert hidden.get_facecolor() != shown.get_facecolor()
    assert shown.get_path().contains_point((1.0, 1.0))
    assert not labelled(plot.stability_region("tustin"), "Schur, yet")


def test_region_jordan_points(ax):
    plot.stability_region("imex", ax=ax)
    crosses = [line for line in ax.lines if line.get_marker() == "X"]
    assert {tuple(np.ravel(line.get_data())) for line in crosses} == {(0.0, 0.0), (4.0, 0.0)}
    (edge,) = [line for line in ax.lines if line.get_label() == "bounded, no decay"]
    assert len(edge.get_xdata()) > 10


def test_region_window(ax):
    """The outline is the parabola (g - a)^2 = 4a, for imex only."""
    plot.stability_region("imex", ax=ax)
    (outline,) = labelled(ax, "window of D-LinOSS")
    a, g = data(outline)
    np.testing.assert_allclose((g - a) ** 2, 4 * a, atol=1e-12)
    assert not labelled(plot.stability_region("imex", window=False), "window")
    assert not labelled(plot.stability_region("im"), "window")


def test_region_with_oscillators(ax):
    """Each oscillator is marked by what it is: bounded, Schur, unbounded."""
    plot.stability_region(BANK, ax=ax)
    marked = {line.get_label(): data(line) for line in labelled(ax, "oscillators: ")}
    assert set(marked) == {"oscillators: bounded", "oscillators: Schur", "oscillators: unbounded"}
    assert np.ravel(marked["oscillators: Schur"]).tolist() == [3.0, 1.0]
    assert np.ravel(marked["oscillators: unbounded"]).tolist() == [4.5, 0.0]
    same = plot.stability_region(ssmctl.stability_region("imex"))
    assert not labelled(same, "oscillators: ")


def test_energy_of_a_motion(ax):
    """Energies as given, or from states: z^2 + A y^2; time in seconds where a period is known."""
    values = np.array([1.0, 0.5, 0.75])
    plot.energy(values, ax=ax)
    assert [x.tolist() for x in data(ax.lines[0])] == [[0, 1, 2], values.tolist()]
    assert "[1]" in ax.get_xlabel()
    plot.energy(values, dt=0.25, ax=(timed := plt.subplots()[1]))
    assert data(timed.lines[0])[0].tolist() == [0, 0.25, 0.5]
    assert "[s]" in timed.get_xlabel()
    states = np.array([[1.0, 0.0, 2.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.5, 0.0, 2.0]])
    drawn = plot.energy(states, system=BANK)
    expected = [1.0 + 4.0 + 3.0 * 1.0, 1.0 + 1.0 * 0.25 + 4.5 * 4.0]
    assert data(drawn.lines[0])[1].tolist() == expected
    assert drawn.get_ylim()[0] == 0
    falling = plot.energy(np.geomspace(1.0, 1e-6, 50))
    assert falling.get_yscale() == "log"


def test_energy_below_its_bound(ax):
    """im with A dt^2 = 3: every step takes E to exactly a quarter, and the proved curve says so."""
    system = ssmctl.Oscillator([3.0], [0.0], 1.0, "im", B=[[1.0]], C=[[1.0]])
    certificate = ssmctl.certify(system, "energy_ratio <= 0.25", level="exact")
    states = [np.array([1.0, 0.5])]
    for _ in range(5):
        states.append(system.step(states[-1], np.zeros(1))[0])
    plot.energy(np.array(states), system=system, bound=certificate, ax=ax)
    energy, bound = (data(line)[1] for line in ax.lines)
    np.testing.assert_allclose(energy, bound, rtol=1e-12)
    np.testing.assert_allclose(bound, 1.75 * 0.25 ** np.arange(6))
    assert ax.lines[1].get_label() == "proved: at most 0.25 each step"
    ax.figure.canvas.draw()


def test_keywords_of_oscillator_plots(ax):
    plot.stability_region("im", ax=ax, facecolor="m")
    assert any(matplotlib.colors.same_color(p.get_facecolor()[:3], "m") for p in ax.patches)
    assert plot.energy([1.0, 2.0], ax=ax, color="m").lines[-1].get_color() == "m"
    with pytest.raises(AttributeError, match="nosuch"):
        plot.stability_region("im", ax=ax, nosuch=1)
    with pytest.raises(AttributeError, match="nosuch"):
        plot.energy([1.0, 2.0], ax=ax, nosuch=1)


@pytest.mark.parametrize(
    ("draw", "match"),
    [
        (lambda: plot.stability_region("leapfrog"), "unknown scheme"),
        (lambda: plot.stability_region(SCALAR), "an Oscillator"),
        (lambda: plot.stability_region("im", limits=((1, 0), (0, 1))), "`limits` must be"),
        (lambda: plot.stability_region("im", limits=((0, 1), (2,))), "`limits` must be"),  # type: ignore[arg-type]
        (lambda: plot.energy(np.ones((3, 6))), "give `system` too"),
        (lambda: plot.energy([]), "energies"),
        (lambda: plot.energy(np.ones((3, 2)), system=BANK), r"states \(T, 6\)"),
        (lambda: plot.energy([1.0], dt=-1.0), "`dt` must be positive"),
        (lambda: plot.energy(["a"]), "must hold numbers"),
        (lambda: plot.energy(np.ones((3, 6)), system=SCALAR), "`system` must be an Oscillator"),
        (lambda: plot.energy(np.ones((3, 6)), system=BANK, bound=1.0), "`bound` must be a Certificate"),
        (lambda: plot.energy([1.0], bound=certified_im()), "give `system` too"),
        (lambda: plot.energy(np.ones((3, 6)), system=BANK, bound=certified_im()), "proves nothing"),
    ],
)
def test_oscillator_plots_refuse(draw, match):
    with pytest.raises(ssmctl.InputError, match=match):
        draw()
    assert not plt.get_fignums()


def certified_im():
    system = ssmctl.Oscillator([3.0], [0.0], 1.0, "im", B=[[1.0]], C=[[1.0]])
    return ssmctl.certify(system, "energy_ratio <= 1")
