"""Peaks against slycot, closed forms and grids; the storages of a search by the trusted checker in balls."""

import numpy as np
import pytest

from ssmctl.analysis.response import (
    Resolvent,
    hinf_search,
    hinf_search_modal,
    level_set,
    peak_gain_frequency,
)
from ssmctl.certificates import exact, rounded
from tests.analysis.systems import random_system

embed = lambda X: np.block([[X.real, -X.imag], [X.imag, X.real]])
one = np.ones((1, 1))
N3 = np.eye(3, k=1)


def modal(n, m, p, slow, seed=0):
    rng = np.random.default_rng(seed)
    r = rng.uniform(0.9, 1 - slow, n)
    r[0] = 1 - slow
    draw = lambda *shape: rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    B = draw(n, m) * np.sqrt(1 - r**2)[:, None]
    poles = r * np.exp(1j * rng.uniform(0, np.pi, n))
    return poles, B, draw(p, n) / n**0.5, 0.1 * rng.standard_normal((p, m))


def real_form(poles, B, C, D):
    return embed(np.diag(poles)), np.vstack([B.real, B.imag]), np.hstack([C.real, -C.imag]), D


def gain(A, B, C, D, omega, continuous=False):
    z = 1j * omega if continuous else np.exp(1j * omega)
    return np.linalg.norm(D + C @ np.linalg.solve(z * np.eye(len(A)) - A, B), 2)


def responses(A, B, C, D, z):
    pencil = z[:, None, None] * np.eye(len(A)) - A
    return C @ np.linalg.solve(pencil, np.broadcast_to(B, (len(z), *B.shape))) + D


def proved(system, P, gamma, continuous=False):
    """Whether float64 balls prove the bounded real inequality; raises `Refused` otherwise."""
    A, B, C, D = (embed(X) if np.iscomplexobj(system[0]) else np.asarray(X, float) for X in system)
    P = embed(P) if np.iscomplexobj(P) else P
    (n, m), p = B.shape, len(C)
    dt = (0.0).hex() if continuous else True
    subject = dict(type="StateSpace", dt=dt, n=n, m=m, p=p, A=A, B=B, C=C, D=D)
    claim = dict(type="L2Gain", gamma=float(gamma).hex())
    parts = {"subject": subject, "claim": claim, "witness": dict(P=P)}
    exact.prove(*(rounded.ArrayReader(fields, name) for name, fields in parts.items()))
    return True


DISCRETE = {  # name: (system, norm, peak or None where it is attained everywhere)
    "low pass": ((0.5 * one, one, one, 0 * one), 2.0, 0.0),
    "high pass": ((-0.999 * one, one, one, 0 * one), 1000.0, np.pi),
    "near the circle": (((1 - 1e-6) * one, 1e-6 * one, one, 0 * one), 1.0, 0.0),
    "delay": ((N3, np.eye(3)[:, 2:], np.eye(3)[:1], 0 * one), 1.0, None),
    "averager": ((np.eye(1, k=1), one, 0.5 * one, 0.5 * one), 1.0, 0.0),
    "all pass": ((0.5 * one, 0.75 * one, one, -0.5 * one), 1.0, None),
    "jordan": ((0.9 * np.eye(3) + N3, np.ones((3, 1)), np.eye(3)[:1], 0 * one), 1110.0, 0.0),
    "feedthrough": ((0.5 * one, 0.01 * one, one, -3 * one), 3 + 0.01 / 1.5, np.pi),
    "positive": ((np.full((4, 4), 0.24), np.ones((4, 1)), np.ones((1, 4)), 0 * one), 100.0, 0.0),
    "static": ((one[:0, :0], one[:0], one[:, :0], 3 * one), 3.0, None),
    "no input": ((0.5 * one, one[:, :0], one, one[:, :0]), 0.0, None),
    "no output": ((0.5 * one, one, one[:0], one[:0]), 0.0, None),
    "zero": ((0.5 * one, one, 0 * one, 0 * one), 0.0, None),
    "unreachable": ((np.diag([0.5, 0.99]), np.eye(2)[:, :1], np.ones((1, 2)), 0 * one), 2.0, 0.0),
}
OSCILLATOR = np.array([[0, 1], [-1e4, -1.0]]), np.eye(2)[:, 1:], np.eye(2)[:1], 0 * one
CONTINUOUS = {
    "lag": ((-one, one, one, 0 * one), 1.0, 0.0),
    "high pass": ((-one, one, -one, one), 1.0, np.inf),
    "all pass": ((-one, 2 * one, -one, one), 1.0, None),
    "oscillator": (OSCILLATOR, 1 / np.sqrt(1e4 - 0.25), 9999.5**0.5),
    "static": ((one[:0, :0], one[:0], one[:, :0], 3 * one), 3.0, None),
}
CASES = [(*case, False) for case in DISCRETE.values()] + [(*case, True) for case in CONTINUOUS.values()]
cases = pytest.mark.parametrize(
    ("system", "norm", "peak", "continuous"), CASES, ids=[*DISCRETE, *("continuous " + x for x in CONTINUOUS)]
)


@cases
def test_closed_forms(system, norm, peak, continuous):
    value, omega = peak_gain_frequency(*system, continuous=continuous)
    assert value == pytest.approx(norm, rel=1e-9)
    if peak is not None:
        assert omega == pytest.approx(peak, rel=1e-6, abs=1e-9)
    found = hinf_search(*system, continuous=continuous)
    assert found.lower == pytest.approx(norm, rel=1e-9)
    assert found.lower < found.gamma <= found.lower * (1 + 1e-8) or norm == 0
    assert found.P is not None
    assert found.P.shape == system[0].shape
    if norm != 1.0 or peak != 0.0 or continuous:  # at 1 - 1e-6 and rtol 1e-8 floats are too coarse
        assert proved(system, found.P, found.gamma, continuous)


@pytest.mark.parametrize(("n", "m", "p"), [(1, 1, 1), (5, 3, 2), (12, 2, 4), (40, 3, 3)])
@pytest.mark.parametrize("rho", [0.9, 0.99])
@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("continuous", [False, True])
def test_search(n, m, p, rho, dtype, continuous):
    system = random_system(n, m, p, rho, seed=1, dtype=dtype)
    if continuous:
        system = (system[0] - np.eye(n), *system[1:])
    found = hinf_search(*system, continuous, rtol=1e-7)
    assert found.lower == pytest.approx(gain(*system, found.omega, continuous), rel=1e-11)
    assert found.gamma <= found.lower * (1 + 1e-7)
    assert proved(system, found.P, found.gamma, continuous)  # no higher peak, by proof


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("continuous", [False, True])
def test_against_slycot(seed, continuous):
    control = pytest.importorskip("control")
    pytest.importorskip("slycot")
    A, B, C, D = random_system(15, 2, 3, 0.98, seed)
    A = A - np.eye(15) if continuous else A
    value, omega = peak_gain_frequency(A, B, C, D, continuous)
    reference, where = control.linfnorm(control.ss(A, B, C, D, 0 if continuous else True))
    assert value == pytest.approx(reference, rel=1e-9)
    assert omega == pytest.approx(where, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("slow", [1e-3, 1e-6])
@pytest.mark.parametrize("n", [1, 6, 40])
@pytest.mark.parametrize("continuous", [False, True])
def test_modal(n, slow, continuous):
    poles, B, C, D = modal(n, 2, 3, slow)
    poles = np.log(poles) if continuous else poles
    found = hinf_search_modal(poles, B, C, D, continuous, rtol=1e-6)
    again = hinf_search(*real_form(poles, B, C, D), continuous, rtol=1e-6)
    assert found.lower == pytest.approx(again.lower, rel=1e-9)
    assert proved(real_form(poles, B, C, D), found.P, found.gamma, continuous)


def test_modal_pole_within_1e9_of_the_circle():
    poles, B = np.array([(1 - 1e-9) * np.exp(1j), 0.5]), np.array([[1e-9], [1]])
    C, D = np.array([[2.0, 0.1]]), 0 * one
    found = hinf_search_modal(poles, B, C, D)
    damping = 1 - abs(poles[0])
    assert found.omega == pytest.approx(1.0, abs=1e-9)
    assert found.lower == pytest.approx(1e-9 / damping, rel=0.2)  # the resonance, and about 0.1 beside it
    assert found.lower == pytest.approx(peak_gain_frequency(*real_form(poles, B, C, D))[0], rel=1e-7)


def test_unstable_says_so():
    found = hinf_search(1.1 * one, one, one, 0 * one)
    assert found.P is None
    assert found.gamma == np.inf
    assert found.lower == pytest.approx(10.0)  # the L-infinity norm


def test_badly_scaled():
    A = np.array([[0.5, 0.2, 0.1], [0, 0.8, 0.3], [0.1, 0, 0.7]])
    s = np.array([1e-6, 1, 1e6])
    system = A * s[:, None] / s, s[:, None] * np.ones((3, 1)), np.ones((1, 3)) / s, 0 * one
    found = hinf_search(*system)
    assert found.lower == pytest.approx(30.0, rel=1e-12)
    assert proved(system, found.P, found.gamma)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("continuous", [False, True])
def test_level_set(dtype, continuous):
    A, B, C, D = system = random_system(8, 2, 2, 0.95, dtype=dtype)
    if continuous:
        A, B, C, D = system = (A - np.eye(8), B, C, D)
    top, _ = peak_gain_frequency(*system, continuous)
    level = 0.8 * top
    cross = level_set(*system, level, continuous)
    assert len(cross) >= 1
    z = 1j * cross if continuous else np.exp(1j * cross)
    G = responses(A, B, C, D, z)
    assert abs(np.linalg.svd(G, compute_uv=False) - level).min(1).max() <= 1e-9 * level
    assert len(level_set(*system, 1.001 * top, continuous)) == 0
    grid = np.linspace(-np.pi, np.pi, 4001)[1:-1]  # as many sign changes on a grid
    grid = np.tan(grid / 2) if continuous else grid
    grid = grid if dtype is complex else grid[grid >= 0]
    z = 1j * grid if continuous else np.exp(1j * grid)
    G = responses(A, B, C, D, z)
    above = np.linalg.svd(G, compute_uv=False) > level
    assert (above[1:] != above[:-1]).sum() == len(cross)


def test_a_missed_peak_is_found(monkeypatch):
    """A sweep blind to the true peak makes the Riccati equation fail, and the level set repairs it."""
    from ssmctl.analysis import response

    system = random_system(10, 2, 2, 0.95)
    honest = hinf_search(*system)
    blind = lambda resolvent, real: ((gain(*system, 3.0), 3.0), np.array([3.0]))
    monkeypatch.setattr(response, "_sweep", blind)
    found = hinf_search(*system)
    assert gain(*system, 3.0) < 0.99 * honest.lower
    assert found.lower == pytest.approx(honest.lower, rel=1e-10)
    assert proved(system, found.P, found.gamma)


def test_resolvent_of_defective_and_scaled_matrices():
    A, B = 0.5 * np.eye(3) + N3, np.eye(3)[:, 2:]
    for scale in (1.0, 1e6):
        s = np.array([1, scale, 1 / scale])
        response = Resolvent.of(A * s[:, None] / s, B * s[:, None], np.eye(3)[:1] / s, 0 * one, False)
        omega = np.array([0.3, 2.0])
        z = np.exp(1j * omega)
        X = response.states(omega)[:, :, 0] / s
        expected = np.array([1 / (z - 0.5) ** k for k in (3, 2, 1)]).T
        np.testing.assert_allclose(X, expected, rtol=1e-12)
        for k, G in enumerate(response.moments(omega, 2), 1):
            expected = [np.linalg.matrix_power(np.linalg.inv(x * np.eye(3) - A), k)[0, 2] for x in z]
            np.testing.assert_allclose(G[:, 0, 0], expected, rtol=1e-12)
