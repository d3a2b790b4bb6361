"""Steps against their own equations and 400-bit arithmetic; sampling against SciPy and python-control."""

import math
from typing import Any

import control
import equinox as eqx
import flint
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.signal
from jax.test_util import check_grads

import ssmctl
from ssmctl.certificates.schemes import NAMES
from ssmctl.errors import InputError
from ssmctl.lti.discretize import discretize, oscillator_matrices, undiscretize
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import Modal, StateSpace

RNG = np.random.default_rng(0)
schemes = pytest.mark.parametrize("scheme", NAMES)


def rates(A, G, z, y, f):
    return f - A * y - G * z


# What each scheme promises, as equations between the old state (z, y), the new one (Z, Y) and the force f.
EQUATIONS = {
    "im": lambda A, G, h, f, z, y, Z, Y: (Z - z - h * rates(A, G, Z, Y, f), Y - y - h * Z),
    "imex": lambda A, G, h, f, z, y, Z, Y: (Z - z - h * rates(A, G, Z, y, f), Y - y - h * Z),
    "imex2": lambda A, G, h, f, z, y, Z, Y: (Z - z - h * rates(A, G, z, y, f), Y - y - h * Z),
    "imex3": lambda A, G, h, f, z, y, Z, Y: (Z - z - h * rates(A, G, z, Y, f), Y - y - h * Z),
    "euler": lambda A, G, h, f, z, y, Z, Y: (Z - z - h * rates(A, G, z, y, f), Y - y - h * z),
    "tustin": lambda A, G, h, f, z, y, Z, Y: (
        Z - z - h * rates(A, G, (z + Z) / 2, (y + Y) / 2, f),
        Y - y - h * (z + Z) / 2,
    ),
    "verlet": lambda A, G, h, f, z, y, Z, Y: (
        Z - z - h * (rates(A, 0, 0, y, f) + rates(A, 0, 0, Y, f)) / 2,
        Y - y - h * z - h * h / 2 * rates(A, 0, 0, y, f),
    ),
}


@pytest.fixture(autouse=True)
def bits():
    """Let the oracles count in 400 bits, and nobody after them."""
    with flint.ctx.workprec(400):
        yield


def exact(A, G, dt):
    """Oracle: the exponential of the equation with the force as a third state, in 400 bits."""
    A, G, dt = map(flint.arb, (A, G, dt))
    E = flint.arb_mat([[-G * dt, -A * dt, dt], [dt, 0, 0], [0, 0, 0]]).exp()
    return [[E[i, j] for j in range(3)] for i in range(2)]


def floats(rows):
    return np.array([[float(entry.mid()) for entry in row] for row in rows])


RATIOS = [0, 1e-3, 0.3, 1.5, 3.0] + [1 + sign * 10.0**-k for k in range(2, 15, 2) for sign in (1, -1)]
REGIMES = {  # signs of stiffness and damping, damping ratios, omega dt
    "stable": (1, 1, [*RATIOS, 30.0, 1e2, 1e3], [1e-8, 2e-8, 1e-5, 0.1, 1.0, 10.0]),
    "negative damping": (1, -1, RATIOS, [1e-8, 1e-5, 0.1, 1.0]),
    "negative stiffness": (-1, 1, [*RATIOS, 30.0, 1e2], [1e-8, 1e-5, 0.1, 1.0, 10.0]),
    "both negative": (-1, -1, RATIOS, [1e-8, 1e-5, 0.1, 1.0]),
}


@pytest.mark.parametrize("library", [np, jnp])
@pytest.mark.parametrize("regime", REGIMES)
def test_zoh_against_400_bits(regime, library):
    sign_a, sign_g, ratios, angles = REGIMES[regime]
    scales = (1e-3, 1.0, 1e3) if library is np else (1.0,)
    grid = [(w, ratio, angle) for w in scales for ratio in ratios for angle in angles]
    points = np.array([(sign_a * w * w, sign_g * 2 * w * ratio, angle / w) for w, ratio, angle in grid])
    A, G, h = (library.asarray(v) for v in points.T)
    M, F = map(np.asarray, oscillator_matrices(A, G, h, "zoh"))
    for (w, _, angle), point, m, f in zip(grid, points, M, F, strict=True):
        E = floats(exact(*point))
        units = np.array([[1, 1 / w], [w, 1]])  # velocity and w times position weigh the same
        assert np.max(np.abs(m - E[:, :2]) * units) <= 2e-14 * np.max(np.abs(E[:, :2]) * units), point
        assert abs(f[1] - E[1, 2]) <= 2e-14 * abs(E[1, 2]), point
        assert abs(f[0] - E[0, 2]) <= 2e-14 * max(abs(E[0, 2]), abs(E[1, 2]) * w * min(1, angle)), point


def test_zoh_without_stiffness_or_damping():
    M, F = oscillator_matrices(np.zeros(3), np.array([0.0, 2.0, -2.0]), 0.5, "zoh")
    for m, f, G in zip(M, F, (0, 2, -2), strict=True):
        E = floats(exact(0, G, 0.5))
        np.testing.assert_allclose(np.column_stack([m, f]), E, rtol=1e-15, atol=1e-16)
    M, F = oscillator_matrices(1e-4, 1e4, 1e4, "zoh")  # stiff: cosh(5e7) would overflow
    np.testing.assert_allclose(np.column_stack([M, F]), floats(exact(1e-4, 1e4, 1e4)), rtol=1e-12)


def test_zoh_at_whole_turns():
    """Undamped and sampled once a turn: the input has no effect."""
    M, F = oscillator_matrices((2 * np.pi) ** 2, 0.0, 1.0, "zoh")
    np.testing.assert_allclose(M, np.eye(2), atol=1e-13)
    np.testing.assert_allclose(F, 0, atol=1e-14)


zoh_entries = lambda A, G, h: jnp.concatenate([X.ravel() for X in oscillator_matrices(A, G, h, "zoh")])
zoh_jacobian = jax.jit(jax.jacrev(zoh_entries, argnums=(0, 1, 2)))
zoh_hessian = jax.jit(
    jax.jacfwd(jax.grad(lambda A, G: zoh_entries(A, G, 0.7).sum(), argnums=(0, 1)), argnums=(0, 1))
)
smooth_points = pytest.mark.parametrize(  # critical damping and A = 0 among them
    ("A", "G"), [(1.0, 2.0), (0.0, 0.0), (0.0, 1.0), (4.0, 0.0), (1.0, 30.0), (-1.0, 0.1)]
)


def exact_entries(A, G, dt):
    E = exact(A, G, dt)
    return [E[0][0], E[0][1], E[1][0], E[1][1], E[0][2], E[1][2]]


def difference(function, k, point):
    """The slope in argument k by central differences in 400 bits."""
    step = flint.arb(10) ** -40
    up, down = list(map(flint.arb, point)), list(map(flint.arb, point))
    up[k], down[k] = up[k] + step, down[k] - step
    return [(p - q) / (2 * step) for p, q in zip(function(*up), function(*down), strict=True)]


@smooth_points
def test_derivatives_of_zoh(A, G):
    for k, got in enumerate(zoh_jacobian(A, G, 0.7)):
        want = np.array([float(x.mid()) for x in difference(exact_entries, k, (A, G, 0.7))])
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13 * np.abs(want).max())


@pytest.mark.slow
@smooth_points
def test_second_derivatives_of_zoh(A, G):
    total = lambda A, G: [sum(exact_entries(A, G, flint.arb(0.7)), flint.arb(0))]
    for k, row in enumerate(zoh_hessian(A, G)):
        for j, got in enumerate(row):
            (want,) = difference(lambda A, G, k=k: difference(total, k, (A, G)), j, (A, G))
            assert float(got) == pytest.approx(float(want.mid()), rel=1e-9)


@schemes
def test_steps_solve_their_equations(scheme):
    A, h, f, z, y = (RNG.uniform(0.1, 3, 50) for _ in range(5))
    G = RNG.uniform(-1, 3, 50) * (scheme != "verlet")
    M, F = oscillator_matrices(A, G, h, scheme)
    new = np.einsum("kij,kj->ki", M, np.stack([z, y], -1)) + F * f[:, None]
    if scheme == "zoh":
        want = [
            floats(exact(*point)) @ [z[k], y[k], f[k]] for k, point in enumerate(zip(A, G, h, strict=True))
        ]
        np.testing.assert_allclose(new, want, rtol=1e-13, atol=1e-13)
    else:
        residual = np.array(EQUATIONS[scheme](A, G, h, f, z, y, *new.T))
        assert np.abs(residual).max() <= 1e-13 * (1 + np.abs(new).max())
    rest = np.linalg.solve(np.eye(2) - M, F[..., None])[..., 0]
    np.testing.assert_allclose(
        rest, np.stack([0 * A, 1 / A], -1), rtol=1e-9, atol=1e-9
    )  # a force holds at 1/A


@schemes
def test_order_of_accuracy(scheme):
    """Halving the step halves the error of a free motion, or quarters it."""
    A, G = 2.0, 0.0 if scheme == "verlet" else 0.3
    errors = []
    for n in (64, 128):
        M, _ = oscillator_matrices(A, G, 1 / n, scheme)
        errors.append(np.abs(np.linalg.matrix_power(M, n) - floats(exact(A, G, 1))[:, :2]).max())
    if scheme == "zoh":
        assert max(errors) < 1e-13
    else:
        assert np.log2(errors[0] / errors[1]) == pytest.approx(
            2 if scheme in ("tustin", "verlet") else 1, abs=0.1
        )


def test_im_forces_the_position_too():
    """F = (dt, 0) instead of (dt, dt²)/(1 + g + a): one sample late, and at the wrong velocity."""
    A, G, dt = 2.0, 0.3, 0.5
    M, F = oscillator_matrices(A, G, dt, "im")
    wrong, positions, late, f = np.array([dt, 0.0]), [], [], RNG.normal(size=30)
    x = w = np.zeros(2)
    for force in f:
        x, w = M @ x + F * force, M @ w + wrong * force
        positions.append(x[1])
        late.append(w[1])
    np.testing.assert_allclose(F, M @ wrong, rtol=1e-15)
    np.testing.assert_allclose(late[1:], positions[:-1], rtol=1e-12, atol=1e-14)
    assert late[0] == 0
    assert positions[0] != 0
    np.testing.assert_allclose(
        np.linalg.solve(np.eye(2) - M, wrong)[0], dt, rtol=1e-12
    )  # at rest: z should be 0


@schemes
def test_shapes_and_precision(scheme):
    A, G = np.ones((3, 1), np.float32), np.zeros(4, np.float32)
    M, F = oscillator_matrices(A, G, 0.1, scheme)
    assert (M.shape, F.shape, M.dtype, F.dtype) == ((3, 4, 2, 2), (3, 4, 2), np.float32, np.float32)
    assert isinstance(M, np.ndarray)
    J, K = oscillator_matrices(jnp.asarray(A), jnp.asarray(G), np.float64(0.1), scheme)
    assert isinstance(J, jax.Array)
    assert (J.dtype, K.dtype) == (jnp.float32, jnp.float32)
    np.testing.assert_allclose(J, M, rtol=3e-7)
    np.testing.assert_allclose(K, F, rtol=3e-7)
    wide, _ = oscillator_matrices(1, 0, 0.1, scheme)
    assert wide.dtype == np.float64
    np.testing.assert_allclose(M[0, 0], wide, rtol=1e-6)


@schemes
def test_under_transformations(scheme):
    A, h = jnp.array([0.5, 1.0, 2.0]), jnp.array([0.1, 0.5, 1.0])
    G = jnp.zeros(3) if scheme == "verlet" else jnp.array([0.1, 2.0, 8.0])
    function = lambda a, g, h: oscillator_matrices(a, g, h, scheme)
    plain = oscillator_matrices(np.asarray(A), np.asarray(G), np.asarray(h), scheme)
    for other in (jax.jit(function)(A, G, h), jax.jit(jax.vmap(function))(A, G, h)):
        for got, want in zip(other, plain, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-14, atol=1e-16)
    if scheme != "zoh":  # whose derivatives are tested above
        check_grads(jax.jit(function), (A, G, h), order=1, modes=["fwd", "rev"], rtol=1e-6, atol=1e-6)


def test_what_a_step_refuses():
    with pytest.raises(InputError, match="one of im, imex, imex2, imex3, euler, tustin, zoh, verlet"):
        oscillator_matrices(1.0, 0.0, 0.1, "rk4")
    for dt in (0.0, -1.0, np.nan, np.inf, np.array([0.1, 0.0])):
        with pytest.raises(InputError, match="`dt` must be"):
            oscillator_matrices(1.0, 0.0, dt, "im")
    with pytest.raises(InputError, match="`verlet` has no damping"):
        oscillator_matrices(1.0, 0.1, 0.1, "verlet")
    with pytest.raises(InputError, match="divisor of `im` is 0"):
        oscillator_matrices(-5.0, 4.0, 1.0, "im")
    with pytest.raises(InputError, match="divisor of `imex` is 0"):
        oscillator_matrices(1.0, jnp.array(-2.0), 0.5, "imex")
    with pytest.raises(InputError, match="`damping` must be finite"):
        oscillator_matrices(1.0, np.nan, 1.0, "zoh")
    with pytest.raises(InputError, match="`stiffness` must be real"):
        oscillator_matrices(1j, 0.0, 1.0, "zoh")


# ---------------------------------------------------------------------------------- systems of any kind

A, B, C, D = (RNG.normal(size=shape) for shape in ((4, 4), (4, 2), (3, 4), (3, 2)))
LAM = RNG.normal(size=3) - 1 + 2j * RNG.normal(size=3)
MODAL = (LAM, RNG.normal(size=(3, 2)) + 1j, RNG.normal(size=(1, 3)) - 1j, RNG.normal(size=(1, 2)))
METHODS = {"zoh": "zoh", "tustin": "bilinear", "euler": "euler"}
arrays = lambda system: {key: np.asarray(value) for key, value in system._arrays().items()}


def assert_same(system, other, tolerance=1e-13):
    for key, value in arrays(other).items():
        np.testing.assert_allclose(arrays(system)[key], value, rtol=tolerance, atol=tolerance, err_msg=key)
    assert system.dt == other.dt


@pytest.mark.parametrize("library", [np, jnp])
@pytest.mark.parametrize("method", METHODS)
def test_sampling_as_scipy_and_control_do(method, library):
    system = StateSpace(*map(library.asarray, (A, B, C, D)), dt=0, name="G", state_names=list("abcd"))
    sampled = discretize(system, 0.3, method)
    assert (sampled.name, sampled.state_names, sampled.dt) == ("G", tuple("abcd"), 0.3)
    assert isinstance(sampled.A, jax.Array if library is jnp else np.ndarray)
    theirs: Any = scipy.signal.cont2discrete((A, B, C, D), 0.3, METHODS[method])
    reference = StateSpace(*theirs[:4], dt=0.3)
    assert_same(sampled, reference)
    theirs = control.sample_system(control.ss(A, B, C, D), 0.3, METHODS[method])
    assert_same(discretize(control.ss(A, B, C, D), 0.3, method), ssmctl.from_control(theirs))
    assert_same(discretize(scipy.signal.StateSpace(A, B, C, D), 0.3, method), reference)
    assert_same(discretize((A, B, C, D, 0), 0.3, method), reference)
    assert_same(undiscretize(sampled, method), system, 1e-12)


@pytest.mark.parametrize("library", [np, jnp])
@pytest.mark.parametrize("method", [*METHODS, "bilinear_s4"])
def test_modal_stays_modal(method, library):
    system = Modal(*map(library.asarray, MODAL), dt=0, input_names=["a", "b"])
    sampled = discretize(system, 0.3, method)
    assert isinstance(sampled, Modal)
    assert sampled.input_names == ("a", "b")
    assert isinstance(sampled.lam, jax.Array if library is jnp else np.ndarray)
    assert_same(sampled.to_statespace(), discretize(system.to_statespace(), 0.3, method))
    assert_same(undiscretize(sampled, method), system, 1e-12)
    post = Modal(sampled.lam, sampled.B, sampled.C, sampled.D, dt=0.3, output="post")
    if method != "zoh" or library is np:
        return
    back = undiscretize(post, method)
    assert_same(discretize(back, 0.3, method).to_statespace(), post.to_statespace(rounded=True))


def test_modal_near_zero():
    """(e^x - 1)/x at slow poles: not 0/0, no cancellation, and its derivative neither."""
    lam = np.array([0, 1e-300, 1e-12j, 1e-9 - 1e-9j, -1e-5])
    sampled = discretize(Modal(lam, np.ones((5, 1)), np.ones((1, 5)), dt=0), 1.0)
    np.testing.assert_allclose(sampled.B[:, 0], 1 + lam / 2 + lam**2 / 6, rtol=1e-15)
    unit = jnp.ones((1, 1))
    gain = lambda x: discretize(Modal(jax.lax.complex(x, 0 * x)[None], unit, unit, dt=0), 1.0).B.real[0, 0]
    slope = jax.jit(jax.grad(gain))
    for x in (0.0, 1e-9, 1e-3, 0.4999, 0.5001):
        want = sum(k * x ** (k - 1) / math.factorial(k + 1) for k in range(1, 18))
        assert float(slope(x)) == pytest.approx(want, rel=1e-13)


def test_large_inputs_do_not_spoil_the_exponential():
    """The matrix exponential scales with its norm: B must not decide it."""
    system = (A, 1e12 * B, C, D, 0)
    for given in (system, StateSpace(*map(jnp.asarray, system[:4]), dt=0)):
        sampled = discretize(given, 0.3)
        np.testing.assert_allclose(
            np.asarray(sampled.B) / 1e12, discretize((A, B, C, D, 0), 0.3).B, rtol=1e-12
        )
    stiff = discretize(StateSpace(jnp.array([[-1e9]]), jnp.ones((1, 1)), jnp.ones((1, 1)), dt=0), 1.0)
    np.testing.assert_allclose([stiff.A[0, 0], stiff.B[0, 0]], [0, 1e-9], rtol=1e-7, atol=1e-30)


def test_tustin_keeps_the_h_infinity_norm():
    stable = A - 3 * np.eye(4)
    before = ssmctl.hinfnorm((stable, B, C, D, 0))
    after = ssmctl.hinfnorm(discretize((stable, B, C, D, 0), 0.7, "tustin"))
    assert after.lower == pytest.approx(before.lower, rel=1e-7)
    assert after.upper == pytest.approx(before.upper, rel=1e-7)
    resonant = Modal([-0.2 + 3j], [[1]], [[1]], dt=0).to_statespace()
    before = ssmctl.hinfnorm(resonant)
    after, other = (
        ssmctl.hinfnorm(discretize(resonant, 0.7, method)) for method in ("tustin", "bilinear_s4")
    )
    assert after.lower == pytest.approx(before.lower, rel=1e-7)
    assert abs(other.lower - before.upper) > 0.1 * before.upper  # the bilinear map of S4 and S5 does not


def test_sampling_under_transformations():
    system = StateSpace(*map(jnp.asarray, (A, B, C, D)), dt=0)
    for method in ("zoh", "tustin"):
        inside = eqx.filter_jit(lambda s, method=method: discretize(s, 0.3, method))(system)
        assert_same(inside, discretize(system, 0.3, method))
        entry = lambda a, method=method: discretize(
            StateSpace(a, system.B, system.C, dt=0), 0.3, method
        ).B.sum()
        slope, move = jax.jit(jax.grad(entry))(system.A), 1e-6 * RNG.normal(size=(4, 4))
        change = [discretize((A + sign * move, B, C, D, 0), 0.3, method).B.sum() for sign in (1, -1)]
        assert np.vdot(slope, move) == pytest.approx((change[0] - change[1]) / 2, rel=1e-6)
    single = discretize(StateSpace(*(jnp.asarray(M, jnp.float32) for M in (A, B, C, D)), dt=0), 0.3)
    assert single.B.dtype == jnp.float32
    assert (
        discretize(StateSpace(*(M.astype(np.float32) for M in (A, B, C, D)), dt=0), 0.3).A.dtype == np.float32
    )


def test_static_gains_and_no_inputs():
    for method in (*METHODS, "bilinear_s4"):
        gain = discretize(([], [], [], [[2.0]], 0), 0.1, method)
        assert (gain.nstates, gain.D.tolist()) == (0, [[2.0]])
        assert undiscretize(gain, method).D.tolist() == [[2.0]]
        free = discretize(StateSpace(A, np.zeros((4, 0)), C, np.zeros((3, 0)), dt=0), 0.1, method)
        assert free.B.shape == (4, 0)


def test_an_oscillator_gets_another_scheme():
    first = Oscillator(
        [1.0, 2.0], [0.1, 0.2], 0.5, "im", B=np.ones((2, 1)), C={"velocity": np.ones((1, 2))}, output="post"
    )
    second = discretize(first, 0.25, "zoh")
    assert (second.scheme, second.dt, second.output) == ("zoh", 0.25, "post")
    np.testing.assert_array_equal(second.stiffness, first.stiffness)
    whole = Oscillator([1.0, 2.0], [0.1, 0.2], 0.5, "zoh", B=np.ones((2, 1)), C=np.ones((1, 2)))
    assert_same(whole.to_statespace(), discretize(undiscretize(whole), 0.5))
    middle = discretize(whole, 0.5, "tustin")  # the mean of two samples: the same poles, another input
    np.testing.assert_allclose(
        middle.to_statespace().A, discretize(undiscretize(whole), 0.5, "tustin").A, rtol=1e-14, atol=1e-15
    )
    with pytest.raises(InputError, match="`scheme` must be one of"):
        discretize(first, 0.1, "bilinear_s4")


def test_what_sampling_refuses():
    continuous, discrete = StateSpace(A, B, C, D, dt=0), StateSpace(A, B, C, D, dt=0.1)
    for system, dt, method, words in [
        (continuous, 0.1, "im", "a scheme of oscillators"),
        (continuous, 0.1, "foh", "`method` must be one of zoh, tustin, euler, bilinear_s4"),
        (continuous, [0.1, 0.2], "zoh", r"simulate\(oscillator, u, dt=steps\)"),
        (continuous, 0, "zoh", "period > 0"),
        (continuous, True, "zoh", "period > 0"),
        (continuous, -1, "zoh", "not negative"),
        (discrete, 0.1, "zoh", "discrete already"),
        (StateSpace(4.0, 1, 1, dt=0), 0.5, "tustin", "pole at 2/dt = 4"),
        (StateSpace(jnp.array([[4.0]]), 1, 1, dt=0), 0.5, "tustin", "pole at 2/dt = 4"),
        (Modal([4.0], [[1]], [[1]], dt=0), 0.5, "bilinear_s4", "pole at 2/dt = 4"),
    ]:
        with pytest.raises(InputError, match=words):
            discretize(system, dt, method)
    for system, method, words in [
        (continuous, "zoh", "continuous already"),
        (StateSpace(A, B, C, D, dt=True), "zoh", "without a period"),
        (StateSpace([[0, 1], [0, 0]], [[0], [1]], [[1, 0]], dt=0.1), "zoh", "a pole at 0 has no logarithm"),
        (StateSpace(-0.5, 1, 1, dt=0.1), "zoh", "negative real axis"),
        (Modal([0.0], [[1]], [[1]], dt=0.1), "zoh", "a pole at 0 has no logarithm"),
        (StateSpace(-1.0, 1, 1, dt=0.1), "tustin", "a pole at -1"),
        (Modal([-1.0], [[1]], [[1]], dt=0.1), "tustin", "a pole at -1"),
        (discrete, "verlet", "a scheme of oscillators"),
    ]:
        with pytest.raises(InputError, match=words):
            undiscretize(system, method)
    with pytest.raises(InputError, match="outside `jit`"):
        eqx.filter_jit(undiscretize)(StateSpace(*map(jnp.asarray, (A, B, C, D)), dt=0.1))


def test_aliases_have_the_same_samples():
    slow, fast = (
        discretize(Modal([-0.5 + 1j + 2j * np.pi * k / 0.1], [[1]], [[1]], dt=0), 0.1) for k in (0, 3)
    )
    np.testing.assert_allclose(slow.lam, fast.lam, rtol=1e-13)
    np.testing.assert_allclose(undiscretize(fast).lam, [-0.5 + 1j], rtol=1e-12)
