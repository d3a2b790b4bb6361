"""What `fit_oscillators` answers: estimates with standard errors, and the model at work on its record."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssmctl.errors import InputError
from ssmctl.estimate.kalman import KalmanFilter
from ssmctl.estimate.results import Draws, Estimate, Filtered, table
from ssmctl.lti.oscillator import Oscillator

__all__ = ["OscillatorFit", "Search"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Search:
    """One search: where it ended, how likely that is, whether it settled, evaluations, the search's words."""

    end: dict[str, Any]
    log_likelihood: float
    converged: bool
    evaluations: int
    message: str


@dataclass(frozen=True, eq=False, repr=False)
class OscillatorFit:
    r"""Oscillators $\ddot q + 2\beta\dot q + \omega^2 q = \sigma\xi$ fitted to a record, slowest first.

    `frequency` (n,): natural $\omega$ [rad/s]; `damping` (n,): $\beta$ [1/s]; `amplitude` (n,): standard
    deviation of each $q_i$; `observation_noise`: $\rho$; `mean`: $\mu$; `log_likelihood`; `free`: what was
    searched, by name; `covariance`: of the estimates in the order $\log\omega$, $\log\beta$, $\log s$,
    $\log\rho$, $\mu$, NaN for what is frozen or on a bound; `converged`, `searches`: how they were found;
    `y`, `times`: the record, `nobservations` of it measured; `regular`: whether its steps are equal.
    """

    frequency: Numbers
    damping: Numbers
    amplitude: Numbers
    observation_noise: float
    mean: float
    log_likelihood: float
    covariance: Numbers
    free: dict[str, Any]
    nobservations: int
    converged: bool
    searches: tuple[Search, ...]
    y: Numbers
    times: Numbers
    regular: bool

    @property
    def n(self) -> int:
        """Number of oscillators."""
        return len(self.frequency)

    @property
    def nparameters(self) -> int:
        """Number of parameters that were searched."""
        return int(sum(np.sum(part) for part in self.free.values()))

    @property
    def aic(self) -> float:
        """Akaike's criterion, $2k - 2\\log L$: lower is better, for fits of the same record."""
        return 2 * self.nparameters - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, $k\\log N - 2\\log L$."""
        return self.nparameters * np.log(self.nobservations) - 2 * self.log_likelihood

    @property
    def period(self) -> Numbers:
        r"""Periods $2\pi/\omega$ of the *natural* frequencies (n,) [s]."""
        return 2 * np.pi / self.frequency

    @property
    def damped_frequency(self) -> Numbers:
        r"""Frequencies of the free motion, $\sqrt{\omega^2 - \beta^2}$ (n,); NaN if overdamped."""
        with np.errstate(invalid="ignore"):
            return np.sqrt((self.frequency - self.damping) * (self.frequency + self.damping))

    @property
    def damping_ratio(self) -> Numbers:
        r"""Damping ratios $\beta/\omega$ (n,)."""
        return self.damping / self.frequency

    @property
    def process_noise(self) -> Numbers:
        r"""Amplitudes of the white forces, $\sigma = 2\omega s\sqrt\beta$ (n,); $\sigma^2$ is a density."""
        return 2 * self.frequency * self.amplitude * np.sqrt(self.damping)

    @property
    def standard_errors(self) -> dict[str, Any]:
        r"""Standard errors of everything above, by name, from the observed information (delta method).

        NaN for what is frozen, what sits on a bound, and everywhere if the information is singular.
        """
        n, root = self.n, self.damped_frequency
        e, zero = np.eye(3 * n + 2), np.zeros((n, 3 * n + 2))
        omega, beta, s, rho, mu = e[:n], e[n : 2 * n], e[2 * n : 3 * n], e[3 * n], e[3 * n + 1]
        turn = (self.frequency**2 / root)[:, None] * omega - (self.damping**2 / root)[:, None] * beta
        directions = {  # gradients with respect to the logarithms (and the mean)
            "frequency": self.frequency[:, None] * omega,
            "damping": self.damping[:, None] * beta,
            "amplitude": self.amplitude[:, None] * s,
            "observation_noise": self.observation_noise * rho,
            "mean": mu,
            "period": self.period[:, None] * omega,
            "damped_frequency": turn + zero,
            "damping_ratio": self.damping_ratio[:, None] * (beta - omega),
            "process_noise": self.process_noise[:, None] * (omega + s + beta / 2),
        }
        return {name: self._error(gradient) for name, gradient in directions.items()}

    @property
    def system(self) -> Oscillator:
        """The oscillators as a system: scheme zoh, a force on each, the output is the sum of the positions.

        Its period is the median step of the record; the mean is not part of it.
        """
        stiffness, damping = self.frequency**2, 2 * self.damping
        step = float(np.median(np.diff(self.times)))
        return Oscillator(stiffness, damping, step, "zoh", B=np.eye(self.n), C=np.ones((1, self.n)))

    @property
    def kalman(self) -> KalmanFilter:
        """The filter of the fitted model, for records from which the mean has been subtracted."""
        return KalmanFilter(self.system, self.process_noise**2, self.observation_noise**2)

    def filter(self) -> Filtered:
        """Filter the record. **Returns:** as `KalmanFilter.filter`, the mean added to the outputs."""
        found = self.kalman.filter(self.y - self.mean, times=self._when)
        return replace(found, outputs=found.outputs + self.mean, times=self.times)

    def smooth(self) -> Estimate:
        """Smooth the record. **Returns:** as `KalmanFilter.smooth`, the mean added to the outputs."""
        found = self.kalman.smooth(self.y - self.mean, times=self._when)
        return replace(found, outputs=found.outputs + self.mean, times=self.times)

    def forecast(self, steps: int | None = None, *, times: Any = None) -> Estimate:
        """Predict values to come, measurement noise included, parameters taken as known.

        **Arguments:** `steps` after a regular record, or the `times` to come, after the last one.
        **Returns:** as `KalmanFilter.forecast`, the mean added to the outputs.
        **Raises:** `InputError` unless exactly one of them is given, and steps need a regular record.
        """
        if (steps is None) == (times is None):
            raise InputError("give either `steps` or `times`")
        if times is not None:
            later = np.atleast_1d(np.asarray(times, np.float64))
            whole, count = np.concatenate([self.times, later]), len(later)
        elif self.regular:
            step = float(np.median(np.diff(self.times)))
            later, whole, count = self.times[-1] + step * np.arange(1, int(steps or 0) + 1), None, steps
        else:
            raise InputError("the record is irregular: give the `times` to come")
        found = self.kalman.forecast(self.y - self.mean, count or 0, times=whole)
        return replace(found, outputs=found.outputs + self.mean, times=later)

    def sample(self, *, rng: int | np.random.Generator, size: int = 1) -> Draws:
        """Draw paths given the record. **Returns:** as `KalmanFilter.sample`, the mean added."""
        found = self.kalman.sample(self.y - self.mean, rng=rng, size=size, times=self._when)
        return replace(found, observations=found.observations + self.mean)

    def components(self) -> Numbers:
        """Return the smoothed positions (T, n); with the mean they add up to the smoothed outputs."""
        return self.smooth().means[:, self.n :]

    def summary(self) -> str:
        """Return the estimates as a table in plain text."""
        head, rows = self._table()
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = [
            "  ".join(f"{cell:>{w}}" for cell, w in zip(row, widths, strict=True)) for row in [head, *rows]
        ]
        return "\n".join([repr(self), *lines])

    def ordered(self) -> "OscillatorFit":
        """Return the same fit with its oscillators in the order of their frequencies."""
        n, order = self.n, np.argsort(self.frequency, kind="stable")
        index = np.concatenate([order, n + order, 2 * n + order, [3 * n, 3 * n + 1]])
        by_oscillator = ("frequency", "damping", "amplitude")
        free = {name: part[order] if name in by_oscillator else part for name, part in self.free.items()}
        values = {name: getattr(self, name)[order] for name in by_oscillator}
        return replace(self, **values, free=free, covariance=self.covariance[np.ix_(index, index)])

    def __repr__(self) -> str:
        state = "" if self.converged else ", NOT CONVERGED"
        return (
            f"OscillatorFit(n={self.n}, N={self.nobservations}, log_likelihood={self.log_likelihood:.3f}, "
            f"aic={self.aic:.2f}{state})"
        )

    def _repr_html_(self) -> str:
        return table(repr(self), *self._table())

    @property
    def _when(self) -> Numbers | None:
        return None if self.regular else self.times

    def _error(self, gradient: Numbers) -> Any:
        """Propagate the covariance along gradients; entries with weight 0 do not spoil the others."""
        rows = np.atleast_2d(gradient)
        out = np.full(len(rows), np.nan)
        for i, row in enumerate(rows):
            used = row != 0
            variance = row[used] @ self.covariance[np.ix_(used, used)] @ row[used] if used.any() else np.nan
            out[i] = np.sqrt(variance) if variance >= 0 else np.nan
        return out if gradient.ndim == 2 else float(out[0])

    def _table(self) -> tuple[list[str], list[list[str]]]:
        errors, rows = self.standard_errors, []
        for name, error in errors.items():
            values = np.atleast_1d(getattr(self, name))
            free = np.atleast_1d(self.free.get(name, np.ones(len(values), bool)))
            for i, (value, spread) in enumerate(zip(values, np.atleast_1d(error), strict=True)):
                label = name if len(values) == 1 else f"{name}[{i}]"
                shown = f"{spread:.2g}" if np.isfinite(spread) else "none"
                rows.append([label, f"{value:.6g}", shown if free[i] else "frozen"])
        return ["parameter", "estimate", "standard error"], rows
