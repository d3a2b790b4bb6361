"""The filter and its company against dense Gaussian conditioning, which shares no recursion with them."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from ssmctl.errors import InputError
from ssmctl.estimate.kalman import KalmanFilter
from ssmctl.estimate.model import TimeVarying
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import Modal, StateSpace
from tests.estimate.dense import condition, joint

T = 9
rng = np.random.default_rng(7)


def spd(n, rank=None):
    L = rng.standard_normal((n, rank or n))
    return L @ L.T


def stable(n, radius=0.9):
    A = rng.standard_normal((n, n))
    return A * radius / np.abs(np.linalg.eigvals(A)).max()


def lyapunov(A, Q):
    return np.linalg.solve(np.eye(len(A) ** 2) - np.kron(A, A), Q.reshape(-1)).reshape(Q.shape)


def constant(A, B, C, D, Q, R, u, mean, covariance):
    """Repeat the matrices of a system for the dense oracle."""
    over = lambda M: [M] * T
    return joint(over(A), u @ B.T, over(Q), over(C), u @ D.T, over(R), mean, covariance)


def dense_system():
    A, B, C, D = (
        stable(3),
        rng.standard_normal((3, 2)),
        rng.standard_normal((2, 3)),
        rng.standard_normal((2, 2)),
    )
    Q, R, u = spd(3), spd(2), rng.standard_normal((T, 2))
    y = 3 * rng.standard_normal((T, 2))
    y[2], y[4, 0], y[5, 1] = np.nan, np.nan, np.nan
    filter_ = KalmanFilter(StateSpace(A, B, C, D, dt=True), Q, R)
    return filter_, y, u, None, constant(A, B, C, D, Q, R, u, np.zeros(3), lyapunov(A, Q))


def modal_system():
    lam, B, C = np.array([0.8 + 0.4j, -0.3]), np.ones((2, 1)), np.array([[1, 1j]])
    real, imag = np.real, np.imag
    A = np.block([[np.diag(real(lam)), -np.diag(imag(lam))], [np.diag(imag(lam)), np.diag(real(lam))]])
    Q, R, u = spd(4), np.array([[0.3]]), rng.standard_normal((T, 1))
    y = rng.standard_normal((T, 1))
    parts = (np.r_[B, 0 * B], np.c_[real(C), -imag(C)], np.zeros((1, 1)))
    filter_ = KalmanFilter(Modal(lam, B, C, dt=0.1), Q, 0.3)
    return filter_, y, u, None, constant(A, *parts, Q, R, u, np.zeros(4), lyapunov(A, Q))


def oscillator_system():
    """Irregular times, a bias, two oscillators; their noise by Van Loan at mild damping."""
    stiffness, damping, density, bias = (
        np.array([1.0, 9.0]),
        np.array([0.3, 0.4]),
        np.array([1.0, 2.0]),
        [0.5, 0.0],
    )
    times = np.cumsum(rng.uniform(0.1, 1.5, T))
    B, C = np.array([[1.0], [-2.0]]), np.array([[1.0, 1.0]])
    u, y = rng.standard_normal((T, 1)), rng.standard_normal((T, 1))
    y[3] = np.nan
    Ac = np.block([[-np.diag(damping), -np.diag(stiffness)], [np.eye(2), np.zeros((2, 2))]])
    W = np.diag([*density, 0, 0])
    A, c, Q = [], [], []
    for h in np.append(np.diff(times), 1.0):
        loan = scipy.linalg.expm(h * np.block([[-Ac, W], [np.zeros((4, 4)), Ac.T]]))
        A.append(loan[4:, 4:].T)
        Q.append(A[-1] @ loan[:4, 4:])
        held = scipy.linalg.expm(h * np.block([[Ac, np.r_[np.eye(2), np.zeros((2, 2))]], [np.zeros((2, 6))]]))
        c.append(held[:4, 4:] @ (B @ u[len(c)] + bias))
    cov = np.diag([*(density / (2 * damping)), *(density / (2 * damping * stiffness))])
    mean = np.array([0, 0, *(bias / stiffness)])
    D = np.array([[0.7]])
    read = np.c_[np.zeros((1, 2)), C]
    system = Oscillator(stiffness, damping, 0.5, "zoh", B=B, C=C, D=D, bias=bias)
    parts = joint(A, c, Q, [read] * T, u @ D.T, [np.array([[0.2]])] * T, mean, cov)
    return KalmanFilter(system, density, 0.2), y, u, times, parts


def time_varying_system():
    A, B, C, D = (rng.standard_normal((T, *shape)) / 2 for shape in ((3, 3), (3, 1), (2, 3), (2, 1)))
    Q, R = np.array([spd(3, 1) for _ in range(T)]), np.array([spd(2) for _ in range(T)])
    mean, cov = rng.standard_normal(3), spd(3)
    u, y = rng.standard_normal((T, 1)), rng.standard_normal((T, 2))
    y[1, 1] = np.nan
    c, d = np.einsum("kij,kj->ki", B, u), np.einsum("kij,kj->ki", D, u)
    filter_ = KalmanFilter(TimeVarying(A, B, C, D), Q, R, mean=mean, covariance=cov)
    return filter_, y, u, None, joint(A, c, Q, C, d, R, mean, cov)


def singular_system():
    """A state without noise that is known from the start: predicted covariances of rank 1."""
    A, C = np.array([[1.0, 0.5], [0.0, 0.8]]), np.array([[1.0, 0.0]])
    Q, cov = np.diag([0.3, 0.0]), np.zeros((2, 2))
    y = rng.standard_normal((T, 1))
    parts = constant(
        A, np.zeros((2, 1)), C, np.zeros((1, 1)), Q, np.array([[0.1]]), np.zeros((T, 1)), [1.0, 2.0], cov
    )
    system = StateSpace(A, np.zeros((2, 0)), C, dt=True)
    return KalmanFilter(system, Q, 0.1, mean=[1.0, 2.0], covariance=cov), y, None, None, parts


SYSTEMS = {f.__name__: f() for f in (
    dense_system, modal_system, oscillator_system, time_varying_system, singular_system
)}  # fmt: skip
systems = pytest.mark.parametrize("name", SYSTEMS)


@systems
def test_everything_against_dense_conditioning(name):
    kalman, y, u, times, parts = SYSTEMS[name]
    log, means, covariances = condition(parts, y)
    smooth = kalman.smooth(y, u, times)
    np.testing.assert_allclose(kalman.log_likelihood(y, u, times), log, rtol=1e-11)
    np.testing.assert_allclose(smooth.log_likelihood, log, rtol=1e-11)
    np.testing.assert_allclose(smooth.means, means, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(smooth.covariances, covariances, rtol=1e-8, atol=1e-10)
    assert np.linalg.eigvalsh(smooth.covariances).min() >= -1e-14 * np.abs(smooth.covariances).max()
    run = kalman.filter(y, u, times)
    for k in (0, 3, T - 1):  # filtered: what comes later is missing; predicted: the sample itself is, too
        for last, mean, covariance in (
            (k + 1, run.means, run.covariances),
            (k, run.predicted_means, run.predicted_covariances),
        ):
            hidden = y.copy()
            hidden[last:] = np.nan
            _, m, P = condition(parts, hidden)
            np.testing.assert_allclose(mean[k], m[k], rtol=1e-9, atol=1e-10)
            np.testing.assert_allclose(covariance[k], P[k], rtol=1e-8, atol=1e-10)


@systems
def test_forecast_is_conditioning_on_less(name):
    kalman, y, u, times, parts = SYSTEMS[name]
    hidden = y.copy()
    hidden[6:] = np.nan
    log, means, _ = condition(parts, hidden)
    forecast = kalman.forecast(y[:6], 3, u, times)
    np.testing.assert_allclose(forecast.means, means[6:], rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(forecast.log_likelihood, log, rtol=1e-11)
    mean, covariance, H, offset, noise = parts
    seen, p = ~np.isnan(hidden.reshape(-1)), y.shape[1]
    S = H @ covariance @ H.T + noise
    gain = np.linalg.solve(S[np.ix_(seen, seen)], S[seen]).T
    outputs = offset + H @ mean + gain @ (hidden.reshape(-1) - offset - H @ mean)[seen]
    np.testing.assert_allclose(forecast.outputs, outputs.reshape(T, p)[6:], rtol=1e-9, atol=1e-10)
    spread = (S - gain @ S[seen])[-p:, -p:]
    np.testing.assert_allclose(forecast.output_covariances[-1], spread, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", ["dense_system", "singular_system"])
def test_draws_have_the_right_moments(name):
    kalman, y, u, times, parts = SYSTEMS[name]
    _, means, covariances = condition(parts, y)
    draws = kalman.sample(y, rng=0, size=20000, u=u, times=times)
    scale = np.sqrt(np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 0)) + 1e-7
    assert (np.abs(draws.states.mean(0) - means) < 5 * scale / 20000**0.5).all()
    lag = lambda X: np.einsum("si,sj->ij", X[:, 3] - X[:, 3].mean(0), X[:, 4] - X[:, 4].mean(0)) / len(X)
    n, H = means.shape[1], parts[2]
    seen = ~np.isnan(y.reshape(-1))
    H = H[seen]
    S = H @ parts[1] @ H.T + parts[4][np.ix_(seen, seen)]
    posterior = parts[1] - parts[1] @ H.T @ np.linalg.solve(S, H @ parts[1])
    between = posterior[3 * n : 4 * n, 4 * n : 5 * n]
    np.testing.assert_allclose(lag(draws.states), between, atol=0.05 * np.abs(posterior).max())
    filled = np.isnan(y)
    assert (draws.observations[:, ~filled] == y[~filled]).all()
    assert np.isfinite(draws.observations).all()
    again = kalman.sample(y, rng=0, size=20000, u=u, times=times)
    np.testing.assert_array_equal(again.states, draws.states)


def test_draws_from_the_model():
    kalman: Any = SYSTEMS["dense_system"][0]
    draws = kalman.sample(6, rng=1, size=20000)
    P = lyapunov(kalman.system.A, kalman.Q)
    np.testing.assert_allclose(np.cov(draws.states[:, 4].T), P, atol=0.05 * np.abs(P).max())
    S = kalman.system.C @ P @ kalman.system.C.T + kalman.R
    np.testing.assert_allclose(np.cov(draws.observations[:, 4].T), S, atol=0.05 * np.abs(S).max())


def test_filled_in_samples_follow_the_noise_that_was_seen():
    """With correlated measurement noise, the measured channel says something about the missing one."""
    R = np.array([[1.0, 0.99], [0.99, 1.0]])
    system = StateSpace(0.0, np.zeros((1, 0)), np.zeros((2, 1)), dt=True)
    draws = KalmanFilter(system, 1.0, R).sample([[2.0, np.nan]], rng=0, size=5000)
    assert abs(draws.observations[:, 0, 1].mean() - 1.98) < 0.02
    assert abs(draws.observations[:, 0, 1].std() - np.sqrt(1 - 0.99**2)) < 0.01


def agrees_with_differences(log, given):
    """Compare gradients with central differences; give the value."""
    both = jax.jit(jax.value_and_grad(log, argnums=tuple(range(len(given)))))
    value, slopes = both(*map(jnp.asarray, given))
    for i, slope in enumerate(slopes):
        ends = [
            float(both(*(jnp.asarray(v + s * 1e-5 * (i == j)) for j, v in enumerate(given)))[0])
            for s in (1, -1)
        ]
        np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2e-5, rtol=1e-6, atol=1e-8)
    return value


def test_likelihood_differentiates():
    """Through the system, the noises and the start, with a missing sample, under jit and vmap."""
    y = np.array([[0.3, 1.0], [np.nan, -0.5], [0.7, np.nan], [np.nan, np.nan], [1.1, 0.2]])

    def log(a, q, r):
        A = jnp.stack([jnp.stack([a, jnp.asarray(0.2)]), jnp.array([-0.3, 0.5])])
        system = StateSpace(A, jnp.zeros((2, 0)), jnp.eye(2), dt=True)
        Q, R = q * jnp.eye(2), r * jnp.array([[1.0, 0.3], [0.3, 2.0]])
        return KalmanFilter(system, Q, R, mean=jnp.zeros(2), covariance=jnp.eye(2)).log_likelihood(y)

    given = (0.6, 0.4, 0.3)
    value = agrees_with_differences(log, given)
    A = np.array([[0.6, 0.2], [-0.3, 0.5]])
    R = 0.3 * np.array([[1, 0.3], [0.3, 2]])
    system = StateSpace(A, np.zeros((2, 0)), np.eye(2), dt=True)
    plain = KalmanFilter(system, 0.4, R, mean=np.zeros(2), covariance=np.eye(2))
    np.testing.assert_allclose(value, plain.log_likelihood(y), rtol=1e-13)
    records = np.stack([y, 2 * y])
    both = jax.jit(jax.vmap(lambda y: plain.log_likelihood(y)))(jnp.asarray(records))
    np.testing.assert_allclose(both, [plain.log_likelihood(record) for record in records], rtol=1e-12)


@pytest.mark.slow
def test_derivative_by_density_and_stiffness_of_an_oscillator():
    y, times = np.array([0.3, np.nan, 1.0, -0.4]), np.array([0.0, 0.4, 1.7, 2.0])

    def log(a, g, q):
        system = Oscillator(a[None], g[None], 0.5, "zoh", B=jnp.ones((1, 1)), C=jnp.ones((1, 1)))
        return KalmanFilter(system, q[None], jnp.asarray([[0.1]])).log_likelihood(y, times=times)

    plain = KalmanFilter(Oscillator(4.0, 4.0, 0.5, "zoh", B=[[1]], C=[[1]]), 2.0, 0.1)
    value = agrees_with_differences(log, (4.0, 4.0, 2.0))  # critically damped
    np.testing.assert_allclose(value, plain.log_likelihood(y, times=times), rtol=1e-12)


def test_statsmodels_agrees():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        statespace = pytest.importorskip("statsmodels.tsa.statespace.api")
        A, C, Q, R = np.array([[0.7, 0.4], [-0.3, 0.6]]), np.array([[1.0, 0.5]]), np.diag([0.5, 0.2]), 0.3
        y = np.random.default_rng(0).standard_normal(60)
        y[[5, 6, 30]] = np.nan
        peer = statespace.MLEModel(y, k_states=2, k_posdef=2, initialization="stationary")
        peer["design"], peer["transition"], peer["selection"] = C, A, np.eye(2)
        peer["state_cov"], peer["obs_cov"] = Q, np.array([[R]])
        result = peer.ssm.smooth()
    kalman = KalmanFilter(StateSpace(A, np.zeros((2, 0)), C, dt=True), Q, R)
    np.testing.assert_allclose(kalman.log_likelihood(y), result.llf, rtol=1e-9)
    np.testing.assert_allclose(kalman.smooth(y).means, result.smoothed_state.T, rtol=1e-8, atol=1e-10)


@pytest.fixture
def cuthbert():
    """Give the peer's recursions, which need rank promotion."""
    with warnings.catch_warnings(), jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        warnings.simplefilter("ignore")
        yield pytest.importorskip("cuthbertlib.kalman")


def test_cuthbert_agrees(cuthbert):
    kalman, y, u, _, _ = SYSTEMS["dense_system"]
    assert u is not None
    system: Any = kalman.system
    run, m, L, log = kalman.filter(y, u), kalman.mean, np.linalg.cholesky(kalman.covariance), 0.0
    R, Q = np.linalg.cholesky(kalman.R), np.linalg.cholesky(kalman.Q)
    for k in range(5):
        (m, L), log = cuthbert.filtering.update(m, L, system.C, system.D @ u[k], R, y[k], log)
        np.testing.assert_allclose(run.means[k], m, rtol=1e-11)
        np.testing.assert_allclose(run.covariances[k], L @ L.T, rtol=1e-11, atol=1e-13)
        m, L = cuthbert.filtering.predict(m, L, system.A, system.B @ u[k], Q)
    assert kalman.log_likelihood(y[:5], u[:5]) == pytest.approx(float(log), rel=1e-12)


def test_why_it_is_not_cuthbert(cuthbert):
    """A known state: NaN from its smoother and its likelihood; when this fails, think again."""
    known, A, b = np.zeros((2, 2)), np.array([[1.0, 0.5], [0.0, 1.0]]), np.zeros(2)
    smoother = cuthbert.smoothing.update(b, known, b, known, A, b, known)
    assert np.isnan(smoother[0][0]).all()
    zero = jnp.zeros((2, 2))
    start = cuthbert.filtering.FilterScanElement(zero, jnp.ones(2), zero, jnp.zeros(2), zero, jnp.zeros(()))
    step = cuthbert.filtering.associative_params_single(
        jnp.asarray(A), jnp.zeros(2), zero, jnp.eye(2), jnp.zeros(2), jnp.eye(2), jnp.ones(2)
    )
    assert np.isnan(cuthbert.filtering.filtering_operator(start, step).ell)


def test_double_precision_whatever_the_switch_says():
    kalman, y, u, times, _ = SYSTEMS["dense_system"]
    expected = kalman.filter(y, u, times)
    with jax.enable_x64(False):
        found = kalman.filter(y, u, times)
        assert not jax.config.read("jax_enable_x64")
        value = kalman.log_likelihood(y, u, times)
    assert found.means.dtype == np.float64
    np.testing.assert_array_equal(found.means, expected.means)
    assert value == pytest.approx(expected.log_likelihood, rel=1e-14)


def test_ill_scaled_states_are_no_trouble():
    """The same model in units 1e8 apart: the same estimates, though covariances span 32 decades."""
    A, C = np.array([[0.9, 0.3], [-0.2, 0.8]]), np.array([[1.0, 0.4]])
    Q, S, y = np.diag([0.2, 0.1]), np.diag([1e8, 1e-8]), rng.standard_normal(T)
    make = lambda A, C, Q: KalmanFilter(StateSpace(A, np.zeros((2, 0)), C, dt=True), Q, 0.1)
    plain = make(A, C, Q).smooth(y)
    scaled = make(S @ A @ np.linalg.inv(S), C @ np.linalg.inv(S), S @ Q @ S).smooth(y)
    np.testing.assert_allclose(scaled.means, plain.means @ S, rtol=1e-9)
    np.testing.assert_allclose(scaled.covariances, S @ plain.covariances @ S, rtol=1e-8)


def test_results_show_themselves():
    kalman, y, u, times, _ = SYSTEMS["oscillator_system"]
    assert times is not None
    run = kalman.filter(y, u, times)
    assert repr(run).startswith("Filtered(filtered, T=9, n=4, p=1, log_likelihood=")
    assert "<th>time</th>" in run._repr_html_()
    assert f"{times[0]:.6g}" in run._repr_html_()
    low, high = run.interval(2)
    np.testing.assert_allclose(high - low, 4 * run.output_deviations)
    assert np.isnan(run.standardized_innovations()[3, 0])
    assert run.deviations.shape == (9, 4)
    assert repr(kalman).startswith("KalmanFilter(Oscillator(")
    assert repr(kalman.sample(3, rng=0, size=2)) == "Draws(size=2, T=3, n=4, p=1)"
    with pytest.raises(AttributeError):
        run.means = 0  # type: ignore[misc]


def test_messages():
    walk = StateSpace(1, 1, 1, dt=True)
    decay = StateSpace(0.5, 1, 1, dt=True)
    free = Oscillator(1.0, 0.0, 0.1, "zoh", B=[[1]], C=[[1]])
    damped = lambda scheme="zoh", **more: Oscillator(1.0, 1.0, 0.1, scheme, B=[[1]], C=[[1]], **more)
    kalman, two = (
        KalmanFilter(decay, 1, 1),
        KalmanFilter(StateSpace(0.5 * np.eye(2), np.eye(2), np.eye(2), dt=1), 1, 1),
    )
    for call, words in [
        (lambda: KalmanFilter(walk, 1, 1), "not Schur stable"),
        (lambda: KalmanFilter(free, 1, 1), "no stationary distribution"),
        (lambda: KalmanFilter(StateSpace(0.5, 1, 1, dt=0), 1, 1), "discrete time"),
        (lambda: KalmanFilter(StateSpace(0.5j, 1, 1, dt=1), 1, 1), "real_embedding"),
        (lambda: KalmanFilter(Modal([0.5], [[1]], [[1]], dt=1, output="post"), 1, 1), 'output="post"'),
        (lambda: KalmanFilter(damped(output="post"), 1, 1), 'output="post"'),
        (lambda: KalmanFilter(damped("im"), 1.0, 1).filter([1.0]), "with the scheme zoh"),
        (lambda: KalmanFilter(damped(), np.eye(2), 1).filter([1.0, 2.0], times=[0, 1]), "must be densities"),
        (lambda: KalmanFilter(damped(), [1.0, 2.0], 1), "a density per oscillator"),
        (lambda: KalmanFilter(damped(), -1.0, 1), "densities >= 0"),
        (lambda: KalmanFilter(decay, -1, 1), "`Q` must be positive semidefinite"),
        (lambda: KalmanFilter(decay, 1, np.eye(2)), r"`R` must be a number, \(1, 1\)"),
        (lambda: KalmanFilter(two.system, [1.0, 1.0], 1), "np.diag"),
        (lambda: KalmanFilter(two.system, 1e-20 * np.array([[1, 2], [2, 1]]), 1), "lowest eigenvalue is -1"),
        (lambda: KalmanFilter(two.system, 1, [[1, 0.2], [0.1, 1]]), "`R` must be symmetric"),
        (lambda: KalmanFilter(two.system, 1, [[1, np.nan], [0.1, 1]]), "`R` must be finite"),
        (lambda: KalmanFilter(decay, 1, 1, mean=[0.0, 0.0]), r"`mean` must be \(1,\)"),
        (lambda: KalmanFilter(decay, 1, 1, covariance=np.eye(2)), r"`covariance` must be \(1, 1\)"),
        (lambda: kalman.filter([1.0, np.inf]), "infinity"),
        (lambda: kalman.filter([]), "at least one sample"),
        (lambda: two.filter(np.ones((2, 3))), "transposed"),
        (lambda: two.filter(np.ones((3, 2)), np.ones((2, 3))), "transposed"),
        (lambda: kalman.filter([1.0, 2.0], [0.0, np.nan]), "missing input"),
        (lambda: kalman.filter([1.0, 2.0], times=[0.0, 1.0]), "TimeVarying"),
        (lambda: KalmanFilter(damped(), 1, 1).filter([1.0, 2.0], times=[1.0, 1.0]), "increase"),
        (lambda: KalmanFilter(damped(), 1, 1).filter([1.0, 2.0], times=[1.0]), r"`times` must be \(2,\)"),
        (lambda: kalman.forecast([1.0], 0), "`steps`"),
        (lambda: kalman.sample(0, rng=0), "number of them >= 1"),
        (lambda: KalmanFilter(decay, 0, 0, covariance=[[0.0]]).filter([1.0]), "without variance"),
        (lambda: KalmanFilter(decay, 0, 0, covariance=[[0.0]]).log_likelihood([1.0]), "sample 0"),
        (lambda: KalmanFilter(TimeVarying(np.ones((3, 1, 1)), None, [[1]]), 1, 1), "time-varying"),
        (lambda: TimeVarying(np.ones((3, 1, 1)), None, np.ones((2, 1, 1))), "one length T"),
        (lambda: TimeVarying(np.ones((3, 1, 2)), None, [[1]]), "`A` must be"),
        (
            lambda: KalmanFilter(decay, np.ones((3, 1, 1)), 1, covariance=1.0).filter([1.0]),
            "3 matrices for 1",
        ),
        (lambda: jax.jit(lambda y: kalman.filter(y).means)(jnp.ones(3)), "only `log_likelihood`"),
    ]:
        with pytest.raises(InputError, match=words):
            call()
