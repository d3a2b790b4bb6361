"""linoss-dynamics 0.2.2 beside ours: the same numbers where it is right, its defects where it is not.

What it gets wrong is asserted of it, too, so that a release that mends it is noticed.
"""

import math

import numpy as np
import pytest
import scipy.linalg

from ssmctl.errors import InputError
from ssmctl.estimate import (
    KalmanFilter,
    damped_oscillator,
    discretize_noise,
    fit_oscillators,
    oscillator_noise,
)
from ssmctl.lti.conversions import frequency_and_damping, rotation_block
from ssmctl.lti.discretize import discretize, oscillator_matrices
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import StateSpace
from ssmctl.scan.replay import convergence_window, replay, replay_step

linoss = pytest.importorskip("linoss_dynamics")

SWAP = np.array([1, 0])  # its states are (position, velocity), ours (velocity, position)
rng = np.random.default_rng(3)


@pytest.mark.parametrize(("theirs", "ours"), [("implicit", "im"), ("implicit_explicit", "imex")])
@pytest.mark.parametrize("damped", [True, False])
def test_steps_and_scans(theirs, ours, damped):
    A, G, B = rng.uniform(0.5, 4, 3), damped * rng.uniform(0.1, 1, 3), rng.standard_normal((3, 2))
    u, y0, z0 = rng.standard_normal((50, 2)), rng.standard_normal(3), rng.standard_normal(3)
    more = {"G": G} if damped else {}
    Y, Z, metrics = linoss.linoss_scan(u, A, 0.2, mode=theirs, B=B, y0=y0, z0=z0, **more)
    bank = Oscillator(A, G, 0.2, ours, B=B, C=np.eye(3))
    run = replay(bank, u, np.r_[z0, y0])
    np.testing.assert_allclose(run.positions, Y, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(run.velocities, Z, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        run.energies / 2, [metrics[0]["energy_before"]] + [m["energy_after"] for m in metrics]
    )
    np.testing.assert_allclose(run.energies[0] / 2, linoss.energy(y0, z0, A))
    y, z, _ = linoss.linoss_step(y0, z0, A, 0.2, theirs, B, u[0], **more)
    np.testing.assert_allclose(replay_step(bank, np.r_[z0, y0], u[0]).final, np.r_[z, y], rtol=1e-13)
    changes = [m["delta_energy"] for m in metrics]
    for threshold in (0.01, 1.0, 100.0):
        ours_says = convergence_window(run.energies, 2 * threshold, 4)
        assert ours_says == linoss.convergence_window(changes, threshold, 4)


def test_closed_form_and_matrices():
    for omega, gamma in ((2.0, 0.3), (2.0, 2.0), (2.0, 5.0)):
        y, z = linoss.damped_oscillator_closed_form([0.4], [1.0], omega, gamma, 0.7, forcing=2.0)
        np.testing.assert_allclose(
            damped_oscillator(1.0, 0.4, omega, gamma, 0.7, force=2.0), [z[0], y[0]], rtol=1e-12
        )
        Ad, Qd, Bd = linoss.oscillator_mats(gamma, omega, 0.5, 0.7)
        M, F = oscillator_matrices(omega**2, 2 * gamma, 0.7, "zoh")
        np.testing.assert_allclose(M, Ad[np.ix_(SWAP, SWAP)], rtol=1e-12)
        np.testing.assert_allclose(F, Bd[SWAP, 0], rtol=1e-12)
        np.testing.assert_allclose(
            oscillator_noise(omega**2, 2 * gamma, 0.25, 0.7)[1], Qd[np.ix_(SWAP, SWAP)], rtol=1e-10
        )
    A, B = rng.standard_normal((3, 3)), rng.standard_normal((3, 2))
    theirs = linoss.discretize_control(A, B, 0.3)
    held = discretize(StateSpace(A, B, np.eye(3), dt=0), 0.3)
    for mine, other in zip((held.A, held.B), theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-11, atol=1e-13)
    theirs = linoss.discretize_lti_with_noise(A, B, np.eye(2), 0.3)
    for mine, other in zip(discretize_noise(A, B, 1.0, 0.3), theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-12)


def test_filter_and_smoother():
    A, C, Q = np.array([[0.7, 0.4], [-0.3, 0.6]]), np.array([[1.0, 0.5]]), np.diag([0.5, 0.2])
    y, u, B = rng.standard_normal(40), rng.standard_normal(40), np.array([[1.0], [0.5]])
    theirs = linoss.kalman_filter(y, A, Q, C, [[0.3]], Bd=B, u=u)
    ours = KalmanFilter(StateSpace(A, B, C, dt=True), Q, 0.3, mean=np.zeros(2), covariance=np.eye(2))
    run, smooth = ours.filter(y, u), ours.smooth(y, u)
    assert run.log_likelihood == pytest.approx(theirs["loglik"], rel=1e-12)
    for mine, key in ((run.means, "m_f"), (run.covariances, "P_f"), (run.predicted_means, "m_p")):
        np.testing.assert_allclose(mine, theirs[key], rtol=1e-10, atol=1e-12)
    back = linoss.rts_smoother(A, theirs)
    np.testing.assert_allclose(smooth.means, back["m_s"], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(smooth.covariances, back["P_s"], rtol=1e-9, atol=1e-11)


def test_defect_stiff_process_noise():
    """Relative error 1.9 and a negative variance at beta = 20; an exception at 400."""
    assert np.linalg.eigvalsh(linoss.oscillator_mats(20.0, 1.0, 1.0)[1])[0] < 0
    with np.errstate(all="ignore"), pytest.raises(Exception, match=r"finite|NaN|inf"):
        linoss.oscillator_mats(400.0, 1.0, 1.0)
    for beta in (10, 20, 50, 400):
        np.linalg.cholesky(oscillator_noise(1.0, 2.0 * beta, 1.0, 1.0)[1])


def test_defect_slow_force():
    """A constant force at omega dt = 1.93e-8, gamma dt = 1: off by 110 percent; no force is lost here."""
    omega = 1.93e-8
    y, _ = linoss.damped_oscillator_closed_form([0.0], [0.0], omega, 1.0, 1.0, forcing=1.0)
    exact = (2 + math.expm1(-2.0)) / 4  # of y'' + 2 y' = 1: omega does not matter yet
    assert abs(y[0] / exact - 1) > 1e-2
    assert abs(damped_oscillator(0.0, 0.0, omega, 1.0, 1.0, force=1.0)[1] / exact - 1) < 1e-14


def test_defect_singular_prediction():
    """A known state without noise: theirs leaks LinAlgError from the smoother, ours answers."""
    A, C, P0 = np.array([[1.0, 0.5], [0.0, 1.0]]), np.array([[1.0, 0.0]]), np.zeros((2, 2))
    y = rng.standard_normal(5)
    run = linoss.kalman_filter(y, A, P0, C, [[1.0]], P0=P0)
    with pytest.raises(np.linalg.LinAlgError):
        linoss.rts_smoother(A, run)
    system = StateSpace(A, np.zeros((2, 0)), C, dt=True)
    ours = KalmanFilter(system, P0, 1.0, mean=np.zeros(2), covariance=P0).smooth(y)
    assert (ours.means == 0).all()
    assert (ours.covariances == 0).all()


def test_defect_missing_samples_and_two_outputs():
    y = np.array([1.0, np.nan, 2.0])
    with pytest.raises(ValueError, match="finite"):
        linoss.kalman_filter(y, [[0.5]], [[1.0]], [[1.0]], [[1.0]])
    with pytest.raises(ValueError, match="1-D"):
        linoss.kalman_filter(np.ones((3, 2)), [[0.5]], [[1.0]], [[1.0]], [[1.0]])
    ours = KalmanFilter(StateSpace(0.5, np.zeros((1, 0)), np.ones((2, 1)), dt=True), 1.0, np.eye(2))
    assert np.isfinite(ours.log_likelihood(np.c_[y, 2 * y]))


def test_defect_two_meanings_of_omega():
    """Its block takes the damped frequency, its closed form the natural one; here each has its name."""
    block = linoss.freq_damping_to_oscillator_block(2.0, 1.5, 1.0)
    np.testing.assert_allclose(rotation_block(2.0, 1.5, 1.0), block, rtol=1e-15)
    modes = frequency_and_damping(np.linalg.eigvals(block), 1.0)
    np.testing.assert_allclose(modes.damped_frequency, 2.0, rtol=1e-14)
    np.testing.assert_allclose(modes.natural_frequency, 2.5, rtol=1e-14)
    step = scipy.linalg.expm(np.array([[-3.0, -4.0], [1.0, 0.0]]))  # omega = 2, gamma = 1.5
    modes = frequency_and_damping(np.linalg.eigvals(step), 1.0)
    np.testing.assert_allclose(modes.natural_frequency, 2.0, rtol=1e-12)
    np.testing.assert_allclose(modes.damped_frequency, 7**0.5 / 2, rtol=1e-12)


def test_defect_conversions():
    """A pole at 0 is 708.4 there, infinitely damped here; a negative step grows there and is refused here."""
    assert linoss.eigvals_to_freq_damping([0.0])[1][0] == pytest.approx(708.4, abs=0.1)
    assert frequency_and_damping([0.0], 1.0).decay_rate[0] == np.inf
    assert np.abs(np.linalg.eigvals(linoss.freq_damping_to_oscillator_block(1.0, 1.0, -1.0))).max() > 2.7
    with pytest.raises(InputError, match="positive"):
        rotation_block(1.0, 1.0, -1.0)


def test_defect_damping_given_twice():
    """`damping` and `G` together: it drops one in silence; ours has one name for it, any other is refused."""
    both = linoss.linoss_step([1.0], [0.0], [1.0], 0.1, damping=[0.0], G=[5.0])
    assert both[1] == linoss.linoss_step([1.0], [0.0], [1.0], 0.1, damping=[0.0])[1]
    with pytest.raises(TypeError):
        Oscillator([1.0], [0.0], 0.1, G=[5.0], B=[[1]], C=[[1]])  # type: ignore[call-arg]


def test_defect_complex_states_lose_their_imaginary_part():
    with pytest.warns(np.exceptions.ComplexWarning):
        y, _, _ = linoss.linoss_step(np.array([1j]), [0.0], [1.0], 0.1)
    assert y[0] == 0
    turned = replay_step(Oscillator([1.0], [0.0], 0.1, B=[[1]], C=[[1]]), [0.0, 1j]).final
    assert turned[1].imag > 0.9


@pytest.mark.slow
def test_defect_default_start():
    """Sunspots end at period 2.75 and log-likelihood -1581 there; ours finds -1304.48 by itself."""
    datasets = pytest.importorskip("statsmodels.datasets")
    y = np.asarray(datasets.sunspots.load_pandas().data["SUNACTIVITY"], float)
    theirs = linoss.fit_oscillator_mle(y, 1.0)
    assert theirs["filt"]["loglik"] < -1580
    assert fit_oscillators(y, dt=1.0, mean="sample").log_likelihood >= -1304.4842
