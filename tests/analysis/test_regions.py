"""Regions of stability against the equations of each scheme, boundaries and one float beyond them."""

import itertools
import math
from fractions import Fraction as Q

import numpy as np
import pytest

from ssmctl.analysis.regions import WORDS, edges, oscillatory_window, polygons, stability_region, stable
from ssmctl.certificates.schemes import NAMES
from ssmctl.errors import InputError
from tests.analysis.oscillating import ALL, RATIONAL, matrix, radius_compared, truth

schemes = pytest.mark.parametrize("scheme", ALL)
rational = pytest.mark.parametrize("scheme", RATIONAL)


def next_to(x):
    """The number and its two neighbours in float64."""
    return math.nextafter(x, -math.inf), x, math.nextafter(x, math.inf)


@schemes
def test_region_on_a_lattice(scheme):
    """Every lattice point, the boundaries and corners among them, against the equations of the scheme."""
    region = stability_region(scheme)
    lattice = [Q(k, 2) for k in range(-10, 11)]
    points = list(itertools.product(lattice, [Q(0)] if scheme == "verlet" else lattice))
    points += [(Q(-4, 3), Q(4, 3)), (Q(4), Q(-4)), (Q(1, 3), Q(1, 7))] if scheme != "verlet" else []
    expected = [truth(scheme, a, g, 1) for a, g in points]
    a, g = (np.array([float(x) for x in column]) for column in zip(*points, strict=True))
    lattice_only = [i for i, point in enumerate(points) if Q(a[i]) == point[0] and Q(g[i]) == point[1]]
    given = region(a, g)
    assert [given[i] for i in lattice_only] == [expected[i] for i in lattice_only]
    exact = np.array([x for point in points for x in point] + [None], object)[:-1].reshape(-1, 2)
    assert region(exact[:, 0], exact[:, 1]).tolist() == expected
    assert {"unbounded"} < set(expected) <= set(WORDS)


@schemes
def test_region_at_random(scheme):
    rng = np.random.default_rng(0)
    a = rng.normal(size=300) * 10.0 ** rng.integers(-9, 4, 300)
    g = 0 * a if scheme == "verlet" else rng.normal(size=300) * 10.0 ** rng.integers(-9, 4, 300)
    assert stability_region(scheme)(a, g).tolist() == [
        truth(scheme, Q(x), Q(y), 1) for x, y in zip(a, g, strict=True)
    ]


@schemes
def test_one_ulp_across_each_boundary(scheme):
    """Float64 cannot tell these apart; the region can."""
    lines = {
        "im": [(0.0, 1.0), (2.5, -2.5), (-5.0, 0.5)],
        "imex": [(4.2, 0.1), (0.0, 0.5), (1.0, 0.0), (4.0, 0.0)],
        "imex2": [(3.8, 0.1), (0.0, 0.5), (1.0, 0.0), (0.0, 2.0)],
        "imex3": [(2.0, 3.0), (0.0, 0.5), (1.0, -1.0)],
        "euler": [(0.3, 0.3), (0.5, 2.25), (0.0, 1.0)],
        "tustin": [(0.0, 1.0), (1.0, 0.0)],
        "zoh": [(0.0, 1.0), (1.0, 0.0)],
        "verlet": [(0.0, 0.0), (4.0, 0.0), (2.0, 0.0)],
    }[scheme]
    seen = set()
    for a0, g0 in lines:
        for a, g in itertools.product(next_to(a0), [0.0] if scheme == "verlet" else next_to(g0)):
            found = stability_region(scheme)(a, g).item()
            assert found == truth(scheme, Q(a), Q(g), 1), (a, g)
            seen.add(found)
    assert seen >= ({"bounded", "unbounded"} if scheme == "verlet" else {"Schur", "unbounded"})


@schemes
def test_jordan_points_and_edges(scheme):
    region = stability_region(scheme)
    for a, g in region.jordan:
        assert region(np.array([a], object), np.array([g], object)).item() == "unbounded"
        if scheme != "zoh":
            assert radius_compared(matrix(scheme, a, g, 1)) == 0  # on the circle, and grows all the same
    box = (-8.0, 8.0, -4.0, 4.0)
    found = np.concatenate(edges(scheme, box))
    assert set(region(found[:, 0], found[:, 1])) == {"bounded"}
    for polygon, decays in polygons(scheme, box):
        middle = polygon.mean(0)
        assert region(*middle) == "Schur"
        assert decays == (middle > 0).all()
        around = region(*(middle + 1.02 * (polygon - middle)).T)  # its corners are corners of the region
        assert "Schur" not in set(around[(abs(polygon) < [7.9, 3.9]).all(1) & (polygon != 0).all(1)])


def test_polygons_cover_the_region():
    rng = np.random.default_rng(3)
    a, g = rng.uniform(-8, 8, 4000), rng.uniform(-4, 4, 4000)
    for scheme in set(ALL) - {"verlet"}:
        inside = np.zeros(4000, bool)
        for polygon, _ in polygons(scheme, (-8.0, 8.0, -4.0, 4.0)):
            step = np.roll(polygon, -1, 0) - polygon
            cross = step[:, 0, None] * (g - polygon[:, 1, None]) - step[:, 1, None] * (
                a - polygon[:, 0, None]
            )
            inside |= (cross >= 0).all(0) | (cross <= 0).all(0)
        assert (inside == (stability_region(scheme)(a, g) == "Schur")).all(), scheme


@rational
@pytest.mark.parametrize("rho", [0.25, 0.9, 1.0, 1.5])
def test_scaled_triangle(scheme, rho):
    rng = np.random.default_rng(1)
    a, g = rng.uniform(-6, 6, 300), rng.uniform(-4, 4, 300) * (scheme != "verlet")
    expected = [
        (M := matrix(scheme, Q(x), Q(y), 1)) is not None and radius_compared(M, rho) < 0
        for x, y in zip(a, g, strict=True)
    ]
    assert stable(scheme, a, g, rho).tolist() == expected
    assert any(expected) or rho < 0.5 or (scheme == "verlet" and rho <= 1)


def test_zoh_rates():
    rng = np.random.default_rng(2)
    a, g = rng.uniform(-3, 9, 500), rng.uniform(-3, 6, 500)
    radius = [abs(np.exp(np.roots([1.0, y, x]))).max() for x, y in zip(a, g, strict=True)]
    np.testing.assert_array_equal(stable("zoh", a, g, 0.5), np.array(radius) < 0.5)
    np.testing.assert_array_equal(stable("zoh", a, g), np.array(radius) < 1)


def test_the_names_agree():
    assert set(ALL) == set(NAMES)
    for scheme in NAMES:
        region = stability_region(scheme)
        assert region.text in str(region)
        assert region._repr_latex_() == f"${region.latex}$"
        assert len(str(region)) < 300


def test_the_window_is_inside():
    rng = np.random.default_rng(12)
    a, g = rng.uniform(0, 12, 2000), rng.uniform(0.01, 4, 2000)
    window = oscillatory_window(a, g)
    assert stable("imex", a[window], g[window]).all()
    complex_poles = (2 + g - a) ** 2 < 4 * (1 + g)
    np.testing.assert_array_equal(window, complex_poles)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: stability_region("leapfrog"), "unknown scheme 'leapfrog'"),
        (lambda: stable("im", 1.0, 1.0, 0.0), "`rho` must be"),
        (lambda: stability_region("im")(math.nan, 1.0), "`a` must be finite"),
        (lambda: stability_region("im")(1.0, "x"), "`g` must be finite"),
        (lambda: stability_region("im")(np.ones(2), np.ones(3)), "must broadcast"),
    ],
)
def test_refused(call, match):
    with pytest.raises(InputError, match=match):
        call()
