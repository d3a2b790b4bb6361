r"""Noisy oscillators from one record, by maximum likelihood.

$$y_k = \mu + \sum_{i=1}^n q_i(t_k) + v_k, \qquad
\ddot q_i + 2\beta_i \dot q_i + \omega_i^2 q_i = \sigma_i \xi_i(t), \qquad v_k \sim N(0, \rho^2),$$

$\xi_i$ unit white noise, every $q_i$ stationary. The search runs over $\log\omega_i$, $\log\beta_i$,
$\log s_i$, $\log\rho$ and $\mu$, where $s_i = \sigma_i/(2\omega_i\sqrt{\beta_i})$ is the standard deviation
of $q_i$, in units of the record's own step and deviation: nothing depends on the units of the data. The
gradient is exact (JAX, in float64 whatever its switch says), the observed information comes from central
differences of it, the search is SciPy's L-BFGS-B from the best of many starts (`starts`). A local optimum is
all that is promised.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ssmctl.errors import InputError
from ssmctl.estimate.fitted import OscillatorFit, Search
from ssmctl.estimate.gaussian import Model, log_likelihood
from ssmctl.estimate.noise import doubled
from ssmctl.estimate.precision import double_precision
from ssmctl.estimate.starts import candidates

__all__ = ["fit_oscillators"]

Numbers = NDArray[np.float64]

_NAMES = ("frequency", "damping", "amplitude", "observation_noise", "mean")
_MOST_DAMPING = 10 * np.pi  # per median step: anything faster is white noise


def fit_oscillators(
    y: Any,
    times: Any = None,
    *,
    dt: float | None = None,
    n: int = 1,
    mean: float | str = "fit",
    frozen: Mapping[str, Any] | None = None,
    start: Mapping[str, Any] | None = None,
    starts: int = 4,
    iterations: int = 500,
) -> OscillatorFit:
    r"""Fit noisy oscillators, measurement noise and a mean to one record.

    **Arguments:**

    - `y` (T,): the record, NaN where missing. Either `times` (T,), increasing, or `dt` > 0 [s].
    - `n`: number of oscillators.
    - `mean`: "fit" estimates it with the rest; "sample" takes the mean of the record as known, as
      linoss-dynamics does; a number fixes it.
    - `frozen`: values that are not searched, by name: `frequency` $\omega$ [rad/s], `damping` $\beta$ [1/s],
      `amplitude` $s$, each a number or (n,) with NaN for those that stay free; `observation_noise` $\rho$,
      which may be 0.
    - `start`: a start of your own, by the same names, searched before the others; what it leaves out is
      taken from the best other one.
    - `starts`: how many searches are run, each from one of the likeliest candidates.
    - `iterations`: the most of each search.

    **Returns:** an `OscillatorFit`, its oscillators in the order of their frequencies.
    **Raises:** `InputError` for other shapes, fewer than 8 values, a constant record, unknown names.

    **Guarantee:** none: a local optimum, with `.converged`, and all searches in `.searches`. Standard errors
    come from the observed information; they are NaN for parameters on their bounds.
    **Cost:** about 50 evaluations of likelihood and gradient a start, $O(T n^3)$ each; compiled once for
    each T and n.

    >>> t = np.arange(40.0)
    >>> wave = np.cos(0.5 * t) + 0.1 * np.cos(17.0 * t * t)
    >>> 0.45 < float(fit_oscillators(wave, dt=1.0).frequency[0]) < 0.55
    True
    """
    if isinstance(n, bool) or int(n) != n or n < 1:
        raise InputError(f"`n` must be a positive integer, got {n!r}")
    if isinstance(starts, bool) or int(starts) != starts or starts < 1:
        raise InputError(f"`starts` must be a positive integer, got {starts!r}")
    n = int(n)
    y, times, regular = _record(y, times, dt)
    seen = ~np.isnan(y)
    unit, centre, scale = float(np.median(np.diff(times))), float(y[seen].mean()), float(y[seen].std())
    z, t = (y - centre) / scale, (times - times[0]) / unit
    t = np.arange(len(t), dtype=np.float64) if regular else t
    units = _Units(n, unit, centre, scale)

    fixed = _fixed(units, frozen, mean)
    free = np.isnan(fixed)
    steps, span = np.diff(t), float(t[-1])
    fastest = min(np.pi / float(steps.min()), 8 * np.pi)
    bounds = _bounds(n, 0.1 * np.pi / span, fastest, 1e-4 / span)
    most = _MOST_DAMPING * 2 + fastest
    doublings = int(np.ceil(np.log2(2 * most * float(steps.max()))))
    data = np.ones(1) if regular else np.append(steps, 1.0), z[:, None]
    size = {"n": n, "doublings": doublings}

    points = units.points(candidates(z, t, n, np.pi / span, fastest))
    points = np.where(free, np.clip(points, *bounds.T), fixed)
    with double_precision():
        evaluate = lambda p: tuple(np.asarray(v) for v in _value_and_gradient(p, *data, **size))
        values = np.array([float(evaluate(p)[0]) for p in points])
        order = np.argsort(np.where(np.isfinite(values), values, np.inf), kind="stable")
        chosen = points[order[:starts]]
        if start is not None:
            own = _named(units, start)
            own = np.where(np.isnan(own), chosen[0], own)
            chosen = np.vstack([np.where(free, np.clip(own, *bounds.T), fixed), chosen])
        found = [_search(evaluate, p, free, bounds, iterations) for p in chosen]
        best = min(found, key=lambda result: result[1])
        information = _information(evaluate, best[0])

    shift = seen.sum() * np.log(scale)  # of the log density, for the record was scaled
    searches = tuple(
        Search(units.natural(p), -value - shift, good, count, why) for p, value, good, count, why in found
    )
    inside = free & (best[0] > bounds[:, 0] + 1e-6) & (best[0] < bounds[:, 1] - 1e-6)
    return OscillatorFit(
        **units.natural(best[0]),
        log_likelihood=float(-best[1] - shift),
        covariance=units.covariance(_inverse(information, inside)),
        free=units.by_name(free),
        nobservations=int(seen.sum()),
        converged=bool(best[2]),
        searches=searches,
        y=y,
        times=times,
        regular=regular,
    ).ordered()


# ---------------------------------------------------------------------------------------- the likelihood


def _objective(point: Any, gaps: Any, z: Any, *, n: int, doublings: int) -> Any:
    """Return minus the log-likelihood of the scaled record `z` (T, 1); `gaps` (T,) or (1,)."""
    omega, beta, amplitude = jnp.exp(point[: 3 * n]).reshape(3, n)
    noise, mean = jnp.exp(point[3 * n]), point[3 * n + 1]
    density = 4 * beta * (omega * amplitude) ** 2
    zero = jnp.zeros_like(omega)
    pair = lambda a, b, c, d: jnp.stack([jnp.stack([a, b], -1), jnp.stack([c, d], -1)], -2)
    A = pair(-2 * beta, -omega * omega, zero + 1, zero)[None]
    h = jnp.broadcast_to(gaps[:, None], (len(gaps), n))
    size = jax.lax.stop_gradient((2 * beta + omega)[None, :] * h)
    count = jnp.clip(jnp.ceil(jnp.log2(2 * size)), 0, doublings).astype(int)
    N, Q = doubled(A, pair(density, zero, zero, zero)[None], h, count, doublings)

    T = len(z)
    spread = lambda M: jnp.broadcast_to(_block_diagonal(M), (T, 2 * n, 2 * n))
    C = jnp.tile(jnp.array([0.0, 1.0]), n)[None, None, :]
    variances = jnp.stack([(omega * amplitude) ** 2, amplitude**2], -1)
    model = Model(
        A=spread(N + jnp.eye(2)[None, None]),
        c=jnp.zeros((T, 2 * n)),
        Q=spread(Q),
        C=jnp.broadcast_to(C, (T, 1, 2 * n)),
        d=jnp.broadcast_to(mean, (T, 1)),
        R=jnp.broadcast_to(noise * noise, (T, 1, 1)),
        mean=jnp.zeros(2 * n),
        covariance=jnp.diag(variances.reshape(-1)),
    )
    return -log_likelihood(model, z)


def _block_diagonal(M: Any) -> Any:
    """Turn (T, n, 2, 2) into (T, 2n, 2n)."""
    n = M.shape[1]
    spread = M[:, :, :, None, :] * jnp.eye(n)[None, :, None, :, None]
    return spread.reshape(M.shape[0], 2 * n, 2 * n)


_value_and_gradient = partial(jax.jit, static_argnames=("n", "doublings"))(jax.value_and_grad(_objective))


def _search(evaluate: Any, point: Numbers, free: Any, bounds: Numbers, iterations: int) -> tuple[Any, ...]:
    """Run one search over the free entries; give point, value, success, evaluations, message."""

    def reduced(part):
        whole = point.copy()
        whole[free] = part
        value, gradient = evaluate(whole)
        return (float(value), gradient[free]) if np.isfinite(value) else (1e300, np.zeros(free.sum()))

    if not free.any():
        return point, float(evaluate(point)[0]), True, 1, "nothing is free"
    options = {"maxiter": iterations, "maxfun": 2 * iterations, "ftol": 1e-13, "gtol": 1e-6, "maxcor": 20}
    result = minimize(reduced, point[free], jac=True, method="L-BFGS-B", bounds=bounds[free], options=options)
    whole = point.copy()
    whole[free] = result.x
    return (
        whole,
        float(result.fun),
        bool(result.success) and result.fun < 1e299,
        int(result.nfev),
        result.message,
    )


def _information(evaluate: Any, point: Numbers) -> Numbers:
    """Return the second derivatives, by central differences of the gradient: good to about 1e-7."""
    step = 1e-4 * np.eye(len(point))
    columns = [(evaluate(point + e)[1] - evaluate(point - e)[1]) / 2e-4 for e in step]
    return (np.array(columns) + np.array(columns).T) / 2


def _inverse(information: Numbers, inside: Any) -> Numbers:
    """Invert the part of the information that is inside the bounds; NaN elsewhere, or if it is no minimum."""
    covariance = np.full(information.shape, np.nan)
    part = information[np.ix_(inside, inside)]
    unit = np.sqrt(np.abs(np.diagonal(part)))
    if len(part) and np.isfinite(part).all() and (unit > 0).all():
        scaled = part / np.outer(unit, unit)
        values, vectors = np.linalg.eigh(scaled)
        if values[0] > 1e-10:
            covariance[np.ix_(inside, inside)] = (vectors / values) @ vectors.T / np.outer(unit, unit)
    return covariance


# ---------------------------------------------------------------------------------------- what is given


class _Units:
    """Between what people read and what is searched: logarithms, in steps and deviations of the record."""

    def __init__(self, n: int, step: float, centre: float, scale: float):
        self.n, self.centre, self.scale = n, centre, scale
        self.logs = np.log(np.repeat([1 / step, 1 / step, scale, scale], [n, n, n, 1]))

    def points(self, starts: Numbers) -> Numbers:
        n = self.n
        omega, zeta, variances = (
            np.log(starts[:, :n]),
            np.log(starts[:, n : 2 * n]),
            np.log(starts[:, 2 * n :]),
        )
        return np.concatenate([omega, omega + zeta, variances / 2, np.zeros((len(starts), 1))], axis=1)

    def natural(self, point: Numbers) -> dict[str, Any]:
        n, values = self.n, np.exp(point[:-1] + self.logs)
        omega, beta, amplitude = values[: 3 * n].reshape(3, n)
        return {
            "frequency": omega,
            "damping": beta,
            "amplitude": amplitude,
            "observation_noise": float(values[3 * n]),
            "mean": float(self.centre + self.scale * point[-1]),
        }

    def covariance(self, scaled: Numbers) -> Numbers:
        scaled = scaled.copy()
        scaled[-1, :] *= self.scale
        scaled[:, -1] *= self.scale
        return scaled

    def by_name(self, values: Any) -> dict[str, Any]:
        n = self.n
        parts = np.split(values, [n, 2 * n, 3 * n, 3 * n + 1])
        return {
            name: part if name in _NAMES[:3] else part[0] for name, part in zip(_NAMES, parts, strict=True)
        }


def _named(units: _Units, given: Mapping[str, Any]) -> Numbers:
    """Read values by name as a point, NaN where nothing is said."""
    n = units.n
    point = np.full(3 * n + 2, np.nan)
    for name, value in given.items():
        if name not in _NAMES:
            raise InputError(f"unknown parameter {name!r}; the names are {', '.join(_NAMES)}")
        value = np.asarray(value, np.float64)
        if name == "mean":
            point[-1] = (float(value) - units.centre) / units.scale
            continue
        place = (
            slice(3 * n, 3 * n + 1) if name == "observation_noise" else slice(_NAMES.index(name) * n, None)
        )
        place = slice(place.start, place.stop or place.start + n)
        if value.shape not in ((), (place.stop - place.start,)):
            raise InputError(f"`{name}` must be a number or ({n},), got {value.shape}")
        low = value < 0 if name == "observation_noise" else value <= 0
        if low.any() or np.isinf(value).any():
            raise InputError(f"`{name}` must be positive, got {value}; NaN leaves an entry free")
        with np.errstate(divide="ignore"):
            point[place] = np.log(value) - units.logs[place]
    return point


def _fixed(units: _Units, frozen: Mapping[str, Any] | None, mean: float | str) -> Numbers:
    if frozen and "mean" in frozen:
        raise InputError("fix the mean with `mean=`, not in `frozen`")
    point = _named(units, frozen or {})
    if mean == "sample":
        point[-1] = 0.0
    elif not isinstance(mean, str):
        point[-1] = (float(mean) - units.centre) / units.scale
    elif mean != "fit":
        raise InputError(f'`mean` must be "fit", "sample" or a number, got {mean!r}')
    return point


def _record(y: Any, times: Any, dt: float | None) -> tuple[Numbers, Numbers, bool]:
    y = np.array(y, np.float64)
    if y.ndim != 1:
        raise InputError(f"`y` must be (T,), one record, got {y.shape}")
    if np.isinf(y).any() or (~np.isnan(y)).sum() < 8:
        raise InputError("`y` must have at least 8 values, finite or NaN where missing")
    if np.nanmax(y) == np.nanmin(y):
        raise InputError("`y` is constant: there is nothing to fit")
    if (times is None) == (dt is None):
        raise InputError("give either `times` (T,) or the step `dt`")
    if dt is not None:
        if not (np.isfinite(dt) and dt > 0):
            raise InputError(f"`dt` must be positive, got {dt!r}")
        return y, np.arange(len(y)) * np.float64(dt), True
    times = np.array(times, np.float64)
    if times.shape != y.shape:
        raise InputError(f"`times` must be {y.shape}, one for each value, got {times.shape}")
    steps = np.diff(times)
    if not (np.isfinite(times).all() and (steps > 0).all()):
        raise InputError("`times` must be finite and increase; sort them, merge equal ones")
    return y, times, bool(np.ptp(steps) <= 1e-9 * steps.max())


def _bounds(n: int, slowest: float, fastest: float, least_damping: float) -> Numbers:
    rows = (
        [(slowest, fastest)] * n + [(least_damping, _MOST_DAMPING)] * n + [(1e-4, 1e3)] * n + [(1e-5, 10.0)]
    )
    return np.vstack([np.log(rows), [-1e3, 1e3]])
