r"""The Kalman filter and what follows from it: smoothing, forecasts, draws, the likelihood.

$$x_{k+1} = A_k x_k + B_k u_k + w_k, \qquad y_k = C_k x_k + D_k u_k + v_k, \qquad
\mathrm{cov}\,w_k = Q_k,\ \mathrm{cov}\,v_k = R_k .$$

The sample $y_k$ sees $x_k$ *before* the step, so $y_0$ updates the initial distribution itself, and $u_k$
drives $x_{k+1}$. The recursions are in `gaussian`, the reading of systems in `model`. Floating point
throughout: nothing here is a claim that can be certified.
"""

from typing import Any

import equinox as eqx
import jax
import numpy as np

from ssmctl.errors import InputError
from ssmctl.estimate import gaussian
from ssmctl.estimate.gaussian import Model
from ssmctl.estimate.model import (
    TimeVarying,
    covariance,
    linear_system,
    model_arrays,
    observations,
    stationary,
)
from ssmctl.estimate.noise import psd
from ssmctl.estimate.precision import double_precision, known, traced
from ssmctl.estimate.results import Draws, Estimate, Filtered
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import StateSpace

__all__ = ["KalmanFilter"]

_filter = jax.jit(gaussian.filter_pass)
_likelihood = jax.jit(gaussian.log_likelihood)


@jax.jit
def _smooth(model, y):
    run = gaussian.filter_pass(model, y)
    return run, gaussian.smoother_pass(model, run)


@jax.jit
def _gains(model, y):
    run = gaussian.filter_pass(model, y)
    return run, gaussian.smoother_gains(model, run)


class KalmanFilter(eqx.Module):
    r"""State estimation for one linear Gaussian model.

    **Arguments:**

    - `system`: a discrete `StateSpace`, `Modal` (by its real form), `TimeVarying` or `Oscillator`, or
      anything with A, B, C, D and a discrete time base.
    - `Q`: process noise. For an `Oscillator` with scheme zoh the spectral density of a white force on each
      oscillator, a number or (r,) [force²·s], discretized exactly at whatever times the samples have;
      otherwise the covariance of $w_k$: a number (times the identity), (n, n), or (T, n, n).
    - `R`: covariance of $v_k$: a number, (p, p), or (T, p, p). It may be singular, or 0.
    - `mean` (n,), `covariance` (n, n): of $x_0$ before $y_0$ is seen. Default: the stationary distribution
      (of noise and bias; inputs count as zero), which needs a stable, time-invariant system. There is no
      diffuse default: without one, say how little is known by a large `covariance`, in units of the state.

    **Raises:** `InputError` for disagreeing shapes, what is no covariance, no stationary distribution.

    **Guarantee:** none, float64, whatever JAX's switch says. **Cost:** one eigenvalue problem per covariance.

    >>> walk = KalmanFilter(StateSpace(1, 0, 1, dt=True), 0.5, 1.0, mean=[0.0], covariance=[[1.0]])
    >>> walk.filter([2.0, float("nan")]).means.tolist()
    [[1.0], [1.0]]
    """

    system: StateSpace | TimeVarying | Oscillator
    Q: Any
    R: Any
    mean: Any
    covariance: Any

    def __init__(self, system: Any, Q: Any, R: Any, *, mean: Any = None, covariance: Any = None):
        self.system = linear_system(system)
        n, p = self.system.nstates, self.system.noutputs
        densities = self.system.noscillators if isinstance(self.system, Oscillator) else None
        self.Q = _covariance("Q", Q, n, densities=densities)
        self.R = _covariance("R", R, p)
        if mean is None or covariance is None:
            found = stationary(self.system, self.Q) if covariance is None else (np.zeros(n), None)
            mean = found[0] if mean is None else mean
            covariance = found[1] if covariance is None else covariance
        self.mean, self.covariance = known(mean), known(covariance)
        if self.mean.shape != (n,):
            raise InputError(f"`mean` must be ({n},), got {self.mean.shape}")
        if not traced(self.mean) and not np.isfinite(self.mean).all():
            raise InputError("`mean` must be finite")
        if self.covariance.ndim == 0:
            self.covariance = self.covariance * np.eye(n)
        if self.covariance.shape != (n, n):
            raise InputError(f"`covariance` must be ({n}, {n}), got {self.covariance.shape}")
        psd("covariance", self.covariance)

    def filter(self, y: Any, u: Any = None, times: Any = None) -> Filtered:
        r"""Estimate each state from the samples up to its own, $p(x_k \mid y_0, \dots, y_k)$.

        **Arguments:** `y` (T, p), NaN where missing ((T,) for one output); `u` (T, m), None for zero;
        `times` (T,) [s], increasing, for an `Oscillator` whose samples are irregular.

        **Returns:** `Filtered`. **Raises:** `InputError` for other shapes, NaN in `u`, unordered times, an
        innovation without variance. **Guarantee:** none. **Cost:** $O(T (n + p)^3)$.
        """
        model, y = self._concrete(y, u, times)
        with double_precision():
            run = _numpy(_filter(model, y))
        return self._filtered(model, y, run, times)

    def smooth(self, y: Any, u: Any = None, times: Any = None) -> Estimate:
        r"""Estimate each state from all samples, $p(x_k \mid y_0, \dots, y_{T-1})$.

        **Arguments, Raises:** as `filter`. **Returns:** `Estimate`.
        **Guarantee:** none; singular covariances are no exception. **Cost:** $O(T (n + p)^3)$.
        """
        model, y = self._concrete(y, u, times)
        with double_precision():
            run, (means, covariances) = _numpy(_smooth(model, y))
        return self._estimate("smoothed", model, means, covariances, _total(run, y), times)

    def forecast(self, y: Any, steps: int, u: Any = None, times: Any = None) -> Estimate:
        r"""Predict the `steps` samples after the record, measurement noise included.

        **Arguments:** `y` (T, p); `u` (T + steps, m): the inputs of the record and the future ones;
        `times` (T + steps,). A time-varying model has T + steps matrices.

        **Returns:** an `Estimate` of `steps` samples. **Raises:** `InputError` as `filter` does.
        **Guarantee:** none. **Cost:** as `filter`.
        """
        if isinstance(steps, bool) or int(steps) != steps or steps < 1:
            raise InputError(f"`steps` must be a positive integer, got {steps!r}")
        y = observations(y, self.system.noutputs)
        T = len(y)
        longer = np.concatenate([y, np.full((int(steps), y.shape[1]), np.nan)])
        model, longer = self._concrete(longer, u, times)
        with double_precision():
            run = _numpy(_filter(model, longer))
        future = model._replace(C=model.C[T:], d=model.d[T:])
        later = None if times is None else np.asarray(times, np.float64)[T:]
        total = _total(run, longer)
        return self._estimate("forecast", future, run.mean[T:], run.covariance[T:], total, later, model.R[T:])

    def sample(
        self, y: Any, *, rng: int | np.random.Generator, size: int = 1, u: Any = None, times: Any = None
    ) -> Draws:
        r"""Draw whole paths, from the model or, given samples, from the posterior.

        **Arguments:** `y`: an integer T draws T samples from the model; (T, p) draws
        $x_{0..T-1} \mid y$, and fills the missing entries of `y`. `rng`: a seed or a NumPy generator; the
        same seed gives the same paths. `size`: number of paths. `u`, `times` as in `filter`.

        **Returns:** `Draws`. **Raises:** `InputError` as `filter` does.
        **Guarantee:** none. **Cost:** as `smooth`, and $O(T n^2)$ a path.
        """
        if isinstance(y, int | np.integer) and not isinstance(y, bool):
            if y < 1:
                raise InputError(f"`y` must be samples or a number of them >= 1, got {y}")
            y = np.full((int(y), self.system.noutputs), np.nan)
        model, y = self._concrete(y, u, times)
        with double_precision():
            run, (J, given_next) = _numpy(_gains(model, y))
        _total(run, y)
        rng = np.random.default_rng(rng)
        T, n = run.mean.shape
        states = np.empty((size, T, n))
        normal = rng.standard_normal((T, size, n))
        roots = _root(np.concatenate([given_next, run.covariance[-1:]]))
        states[:, -1] = run.mean[-1] + normal[-1] @ roots[-1].T
        for k in range(T - 2, -1, -1):
            gone = states[:, k + 1] - run.predicted_mean[k + 1]
            states[:, k] = run.mean[k] + gone @ J[k].T + normal[k] @ roots[k].T
        clean = np.einsum("kij,skj->ski", model.C, states) + model.d
        return Draws(states, self._measured(model, y, clean, rng))

    def log_likelihood(self, y: Any, u: Any = None, times: Any = None) -> Any:
        r"""Return $\log p(y_0, \dots, y_{T-1})$, missing entries left out.

        **Arguments, Raises:** as `filter`. **Returns:** a float; inside `jit`, `grad` or `vmap` a traced
        number in the precision that runs, NaN where an innovation has no variance.

        **Guarantee:** none; derivatives of all orders in the system, `Q`, `R`, `mean` and `covariance`.
        **Cost:** $O(T (n + p)^3)$.
        """
        if traced(self, y, u, times):
            y = observations(y, self.system.noutputs)
            return gaussian.log_likelihood(self._model(len(y), u, times), y)
        model, y = self._concrete(y, u, times)
        with double_precision():
            value = float(_likelihood(model, y))
        if np.isnan(value):
            self.filter(y, u, times)  # says at which sample
        return value

    def _model(self, T: int, u: Any, times: Any) -> Model:
        arrays = model_arrays(self.system, self.Q, self.R, T, u, times)
        return arrays._replace(mean=self.mean, covariance=self.covariance)

    def _concrete(self, y: Any, u: Any, times: Any) -> tuple[Model, Any]:
        if traced(self, y, u, times):
            raise InputError("only `log_likelihood` runs inside `jit`, `grad` and `vmap`; call this outside")
        y = observations(y, self.system.noutputs)
        return self._model(len(y), u, times), y

    def _filtered(self, model: Model, y: Any, run: Any, times: Any) -> Filtered:
        base = self._estimate("filtered", model, run.mean, run.covariance, _total(run, y), times)
        innovations = np.where(np.isnan(y), np.nan, run.innovation)
        S = model.C @ run.predicted_covariance @ np.swapaxes(model.C, 1, 2) + model.R
        return Filtered(**vars(base), predicted_means=run.predicted_mean, innovations=innovations,
                        predicted_covariances=run.predicted_covariance, innovation_covariances=S)  # fmt: skip

    def _estimate(
        self,
        kind: Any,
        model: Model,
        means: Any,
        covariances: Any,
        total: float,
        times: Any,
        noise: Any = 0.0,
    ) -> Estimate:
        outputs = np.einsum("kij,kj->ki", model.C, means) + model.d
        spread = model.C @ covariances @ np.swapaxes(model.C, 1, 2) + noise
        when = None if times is None else np.array(times, np.float64)
        return Estimate(kind, means, covariances, outputs, spread, total, when)

    def _measured(self, model: Model, y: Any, clean: Any, rng: Any) -> Any:
        """Add measurement noise, given the entries that were measured; those stay as they are."""
        observed = np.broadcast_to(y, clean.shape).copy()
        for k in range(len(y)):
            gone = np.isnan(y[k])
            if gone.any():
                seen = ~gone
                R = model.R[k]
                gain = R[np.ix_(gone, seen)] @ np.linalg.pinv(R[np.ix_(seen, seen)], hermitian=True)
                rest = R[np.ix_(gone, gone)] - gain @ R[np.ix_(seen, gone)]
                noise = (y[k, seen] - clean[:, k, seen]) @ gain.T
                noise = noise + rng.standard_normal((len(clean), gone.sum())) @ _root(rest).T
                observed[:, k, gone] = clean[:, k, gone] + noise
        return observed

    def __repr__(self) -> str:
        kind = "densities" if self.Q.ndim == 1 else "covariance"
        return f"KalmanFilter({self.system!r}, Q={kind} {self.Q.shape}, R={self.R.shape})"


_covariance = covariance  # the name of a field, too


def _numpy(tree: Any) -> Any:
    return jax.tree.map(np.asarray, tree)


def _total(run: Any, y: Any) -> float:
    """Add the terms up; refuse a record that the model gives no density."""
    bad = np.flatnonzero(~np.isfinite(run.log_likelihood))
    if len(bad):
        raise InputError(
            f"sample {bad[0]} has an innovation without variance (or beyond the range of floats): the model "
            "predicts it exactly, so it has no density; give `R` or `Q` some noise"
        )
    return float(np.cumsum(run.log_likelihood)[-1])


def _root(P: Any) -> Any:
    """Return F with F F' = P for covariances (..., n, n), singular ones too."""
    values, vectors = np.linalg.eigh(P)
    return vectors * np.sqrt(np.maximum(values, 0))[..., None, :]
