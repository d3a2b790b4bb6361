"""Maximum likelihood: sunspots, simulated series in any unit, gaps, frozen values, standard errors."""

import warnings

import jax
import numpy as np
import pytest

from ssmctl.errors import InputError
from ssmctl.estimate.fit import fit_oscillators
from ssmctl.estimate.kalman import KalmanFilter
from ssmctl.lti.oscillator import Oscillator

N = 309  # of the sunspots, and of every regular record here: one compilation


@pytest.fixture(scope="module")
def sunspots():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        datasets = pytest.importorskip("statsmodels.datasets")
        return np.asarray(datasets.sunspots.load_pandas().data["SUNACTIVITY"], float)


def kalman(omega, beta, amplitude, noise, dt):
    omega, beta, amplitude = (np.atleast_1d(v) for v in (omega, beta, amplitude))
    bank = Oscillator(omega**2, 2 * beta, dt, "zoh", B=np.eye(len(omega)), C=np.ones((1, len(omega))))
    return KalmanFilter(bank, 4 * beta * (omega * amplitude) ** 2, noise**2)


def simulated(omega, dt, seed=1, T=N):
    model = kalman(omega, 0.05 * omega, 0.5, 0.1, dt)
    return model, model.sample(T, rng=seed).observations[0, :, 0]


def test_sunspots_from_the_default_start(sunspots):
    """The best that four chosen starts of linoss-dynamics reach, -1304.484, without choosing any."""
    fit = fit_oscillators(sunspots, dt=1.0, mean="sample")
    assert fit.converged
    assert fit.log_likelihood >= -1304.4842
    assert fit.mean == pytest.approx(sunspots.mean())
    np.testing.assert_allclose(
        [fit.frequency[0], fit.damping[0], fit.period[0]], [0.6032, 0.1517, 10.416], rtol=1e-3
    )
    assert fit.nparameters == 4
    assert fit.aic == pytest.approx(8 - 2 * fit.log_likelihood)
    assert fit.bic == pytest.approx(4 * np.log(N) - 2 * fit.log_likelihood)
    assert fit.kalman.log_likelihood(sunspots - fit.mean) == pytest.approx(fit.log_likelihood, abs=1e-7)
    better = fit_oscillators(sunspots, dt=1.0)  # the mean estimated with the rest
    assert better.log_likelihood > fit.log_likelihood
    assert abs(better.mean - sunspots.mean()) < better.standard_errors["mean"]
    assert better.nparameters == 5


def test_the_figure_is_that_of_linoss_dynamics(sunspots):
    """Like with like: their matrices and their filter give our optimum our likelihood."""
    linoss = pytest.importorskip("linoss_dynamics")
    fit = fit_oscillators(sunspots, dt=1.0, mean="sample")
    omega, beta, sigma = fit.frequency[0], fit.damping[0], fit.process_noise[0]
    Ad, Qd, _ = linoss.oscillator_mats(beta, omega, sigma, 1.0)
    P0 = np.diag([sigma**2 / (4 * beta * omega**2), sigma**2 / (4 * beta)])
    H, R = np.array([[1.0, 0.0]]), np.array([[fit.observation_noise**2]])
    theirs = linoss.kalman_filter(sunspots - sunspots.mean(), Ad, Qd, H, R, P0=P0)
    assert theirs["loglik"] == pytest.approx(fit.log_likelihood, abs=1e-7)


@pytest.mark.parametrize(("omega", "dt"), [(2.0, 0.1), (200.0, 0.001), (0.02, 10.0)])
def test_simulated_in_any_unit(omega, dt):
    """The last two raise, or end in a wrong optimum, from a start that has units."""
    model, y = simulated(omega, dt)
    fit = fit_oscillators(y, dt=dt, mean=0.0)
    assert fit.converged
    assert fit.log_likelihood >= model.log_likelihood(y)
    for name, truth in (("frequency", omega), ("damping", 0.05 * omega), ("amplitude", 0.5)):
        assert abs(getattr(fit, name)[0] - truth) < 4 * fit.standard_errors[name][0]
    assert abs(fit.observation_noise - 0.1) < 4 * fit.standard_errors["observation_noise"]


def test_units_do_not_matter():
    _, y = simulated(0.5, 1.0)
    one = fit_oscillators(y, dt=1.0)
    with jax.enable_x64(False):  # nor does JAX's switch
        other = fit_oscillators(1e6 * y + 1e7, 1e-3 * np.arange(N) + 5)
        assert not jax.config.read("jax_enable_x64")
    np.testing.assert_allclose(other.frequency, 1e3 * one.frequency, rtol=1e-5)
    np.testing.assert_allclose(other.amplitude, 1e6 * one.amplitude, rtol=1e-5)
    assert other.mean == pytest.approx(1e6 * one.mean + 1e7, rel=1e-5)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - N * np.log(1e6), abs=1e-5)
    np.testing.assert_allclose(
        other.standard_errors["period"], 1e-3 * one.standard_errors["period"], rtol=1e-3
    )


def test_standard_errors_are_those_of_the_observed_information():
    """Second differences of the likelihood, from the filter, in the natural parameters."""
    _, y = simulated(0.5, 1.0)
    fit = fit_oscillators(y, dt=1.0, mean=0.0)
    best = np.array([fit.frequency[0], fit.damping[0], fit.amplitude[0], fit.observation_noise])
    value = lambda p: kalman(p[0], p[1], p[2], p[3], 1.0).log_likelihood(y)
    step = 1e-3 * np.diag(best)
    H = np.empty((4, 4))
    for i in range(4):
        for j in range(4):
            signs = [(s * t, best + s * step[i] + t * step[j]) for s in (1, -1) for t in (1, -1)]
            H[i, j] = sum(sign * value(p) for sign, p in signs) / (4 * step[i, i] * step[j, j])
    covariance = np.linalg.inv(-H)
    errors = fit.standard_errors
    found = [errors[name][0] for name in ("frequency", "damping", "amplitude")] + [
        errors["observation_noise"]
    ]
    np.testing.assert_allclose(found, np.sqrt(np.diag(covariance)), rtol=2e-3)
    omega, beta, s, _ = best
    for name, gradient in {
        "period": [-2 * np.pi / omega**2, 0, 0, 0],
        "damping_ratio": [-beta / omega**2, 1 / omega, 0, 0],
        "damped_frequency": np.array([omega, -beta, 0, 0]) / np.sqrt(omega**2 - beta**2),
        "process_noise": [2 * s * beta**0.5, omega * s / beta**0.5, 2 * omega * beta**0.5, 0],
    }.items():
        np.testing.assert_allclose(errors[name][0], np.sqrt(gradient @ covariance @ gradient), rtol=2e-3)
    assert np.isnan(errors["mean"])


def test_gaps_and_irregular_times():
    """A regular record with missing values is the irregular record of those that are there."""
    _, y = simulated(0.5, 1.0)
    gone = np.zeros(N, bool)
    gone[40:60], gone[::7] = True, True
    holes = np.where(gone, np.nan, y)
    regular = fit_oscillators(holes, dt=1.0, starts=2)
    times = np.flatnonzero(~gone).astype(float)
    irregular = fit_oscillators(y[~gone], times, starts=2)
    assert regular.nobservations == len(times)
    assert irregular.log_likelihood == pytest.approx(regular.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(irregular.frequency, regular.frequency, rtol=1e-4)
    run = irregular.filter()
    same = irregular.kalman.filter(holes - irregular.mean).outputs[~gone] + irregular.mean
    np.testing.assert_allclose(run.outputs, same, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(run.times, times)
    later = irregular.forecast(times=[N + 0.5, N + 3.0])
    assert later.outputs.shape == (2, 1)
    with pytest.raises(InputError, match="irregular"):
        irregular.forecast(3)


def test_frozen_values_stay():
    _, y = simulated(0.5, 1.0)
    free = fit_oscillators(y, dt=1.0, mean=0.0)
    fit = fit_oscillators(y, dt=1.0, mean=0.0, frozen={"frequency": 0.6, "observation_noise": 0.0}, starts=1)
    assert fit.frequency[0] == pytest.approx(0.6, rel=1e-14)
    assert fit.observation_noise == 0
    assert fit.nparameters == 2
    assert fit.log_likelihood < free.log_likelihood
    assert np.isnan(fit.standard_errors["frequency"][0])
    assert np.isfinite(fit.standard_errors["damping"][0])
    assert "frozen" in fit.summary()
    end = {"frequency": 0.6, "damping": fit.damping, "amplitude": fit.amplitude, "observation_noise": 0.0}
    nothing = fit_oscillators(y, dt=1.0, mean=0.0, frozen=end)
    assert nothing.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-9)
    assert nothing.nparameters == 0


def test_a_start_of_ones_own():
    _, y = simulated(0.5, 1.0)
    fit = fit_oscillators(y, dt=1.0, start={"frequency": 0.5, "observation_noise": 0.2}, starts=1)
    assert len(fit.searches) == 2
    assert fit.searches[0].converged
    assert fit.log_likelihood == max(search.log_likelihood for search in fit.searches)


def test_the_fit_at_work(sunspots):
    fit = fit_oscillators(sunspots, dt=1.0, mean="sample", starts=1)
    run, smooth, draws = fit.filter(), fit.smooth(), fit.sample(rng=0, size=3)
    assert run.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-7)
    np.testing.assert_allclose(fit.components().sum(1) + fit.mean, smooth.outputs[:, 0], rtol=1e-12)
    assert abs(run.standardized_innovations().var() - 1) < 0.05
    np.testing.assert_allclose(draws.observations, np.broadcast_to(sunspots[:, None], (3, N, 1)), rtol=1e-13)
    far = fit.forecast(400)
    assert far.times is not None
    assert far.times[0] == N
    assert far.outputs[-1, 0] == pytest.approx(fit.mean, abs=1e-6)
    assert far.output_deviations[-1, 0] == pytest.approx(
        np.hypot(fit.amplitude[0], fit.observation_noise), rel=1e-9
    )
    later = fit.forecast(times=far.times[:3])
    np.testing.assert_allclose(later.outputs, far.outputs[:3], rtol=1e-9)
    assert fit.system.scheme == "zoh"
    assert repr(fit).startswith("OscillatorFit(n=1, N=309, log_likelihood=-1304.484")
    assert "damped_frequency" in fit.summary()
    assert "<td>period</td><td>10.4157</td><td>0.41</td>" in fit._repr_html_()


@pytest.mark.slow
def test_two_oscillators():
    model = kalman([0.3, 1.1], [0.01, 0.03], [1.0, 0.5], 0.2, 1.0)
    y = model.sample(400, rng=3).observations[0, :, 0] + 5
    fit = fit_oscillators(y, dt=1.0, n=2)
    assert fit.log_likelihood >= model.log_likelihood(y - 5)
    np.testing.assert_allclose(fit.frequency, [0.3, 1.1], rtol=0.1)
    assert fit.aic < fit_oscillators(y, dt=1.0).aic
    half = fit_oscillators(y, dt=1.0, n=2, frozen={"frequency": [np.nan, 1.1]})
    assert 1.1 in np.round(half.frequency, 12)


def test_messages():
    y = np.sin(np.arange(20.0))
    for call, words in [
        (lambda: fit_oscillators(y), "either `times`"),
        (lambda: fit_oscillators(y, np.arange(20.0), dt=1.0), "either `times`"),
        (lambda: fit_oscillators(y[:, None], dt=1.0), r"`y` must be \(T,\)"),
        (lambda: fit_oscillators(y[:5], dt=1.0), "at least 8 values"),
        (lambda: fit_oscillators(np.full(20, 3.0), dt=1.0), "constant"),
        (lambda: fit_oscillators(y, dt=-1.0), "`dt` must be positive"),
        (lambda: fit_oscillators(y, np.arange(19.0)), r"`times` must be \(20,\)"),
        (lambda: fit_oscillators(y, np.zeros(20)), "increase"),
        (lambda: fit_oscillators(y, dt=1.0, n=0), "`n` must be"),
        (lambda: fit_oscillators(y, dt=1.0, starts=0), "`starts` must be"),
        (lambda: fit_oscillators(y, dt=1.0, mean="median"), "`mean` must be"),
        (lambda: fit_oscillators(y, dt=1.0, frozen={"omega": 1}), "unknown parameter 'omega'"),
        (lambda: fit_oscillators(y, dt=1.0, frozen={"mean": 1}), "`mean=`"),
        (lambda: fit_oscillators(y, dt=1.0, frozen={"damping": 0.0}), "`damping` must be positive"),
        (lambda: fit_oscillators(y, dt=1.0, frozen={"damping": [1.0, 2.0]}), r"a number or \(1,\)"),
    ]:
        with pytest.raises(InputError, match=words):
            call()
