"""What the estimators answer: small frozen records of NumPy arrays that show themselves."""

import html
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Draws", "Estimate", "Filtered", "table"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    r"""Means and covariances of the states $x_k$ and of the outputs $C x_k + D u_k$, sample by sample.

    `means` (T, n), `covariances` (T, n, n); `outputs` (T, p), `output_covariances` (T, p, p): without the
    measurement noise, except in a forecast, which is about the measurements to come. `times` (T,) or None.
    `log_likelihood` is that of the samples used. `kind` says what the samples knew.
    """

    kind: Literal["filtered", "smoothed", "forecast"]
    means: Numbers
    covariances: Numbers
    outputs: Numbers
    output_covariances: Numbers
    log_likelihood: float
    times: Numbers | None = None

    @property
    def deviations(self) -> Numbers:
        """Standard deviations of the states, (T, n)."""
        return _deviations(self.covariances)

    @property
    def output_deviations(self) -> Numbers:
        """Standard deviations of the outputs, (T, p)."""
        return _deviations(self.output_covariances)

    def interval(self, sigmas: float = 2.0) -> tuple[Numbers, Numbers]:
        """Return the outputs minus and plus so many standard deviations, (T, p) each."""
        width = sigmas * self.output_deviations
        return self.outputs - width, self.outputs + width

    def __repr__(self) -> str:
        (T, n), p = self.means.shape, self.outputs.shape[1]
        sizes = f"{self.kind}, T={T}, n={n}, p={p}, log_likelihood={self.log_likelihood:.6g}"
        return f"{type(self).__name__}({sizes})"

    def _repr_html_(self) -> str:
        rows = []
        for k in (
            *range(min(3, len(self.outputs))),
            *range(max(3, len(self.outputs) - 3), len(self.outputs)),
        ):
            when = f"{k}" if self.times is None else f"{self.times[k]:.6g}"
            pairs = zip(self.outputs[k], self.output_deviations[k], strict=True)
            rows.append([when, *(f"{mean:.5g} ± {deviation:.2g}" for mean, deviation in pairs)])
        head = ["sample" if self.times is None else "time", *(f"y{i}" for i in range(self.outputs.shape[1]))]
        return table(repr(self), head, rows)


@dataclass(frozen=True, eq=False, repr=False)
class Filtered(Estimate):
    """A filtered `Estimate`, with what was predicted before each sample was seen.

    `predicted_means` (T, n), `predicted_covariances` (T, n, n); `innovations` (T, p), NaN where nothing was
    measured, and their `innovation_covariances` (T, p, p).
    """

    predicted_means: Any = None
    predicted_covariances: Any = None
    innovations: Any = None
    innovation_covariances: Any = None

    def standardized_innovations(self) -> Numbers:
        r"""Return $\nu_{k,i}/\sqrt{S_{k,ii}}$, (T, p): white with unit variance if the model is right."""
        return self.innovations / _deviations(self.innovation_covariances)


@dataclass(frozen=True, eq=False, repr=False)
class Draws:
    """Random paths: `states` (size, T, n) and `observations` (size, T, p), measurement noise included."""

    states: Numbers
    observations: Numbers

    def __repr__(self) -> str:
        size, T, n = self.states.shape
        return f"Draws(size={size}, T={T}, n={n}, p={self.observations.shape[-1]})"


def table(title: str, head: list[str], rows: list[list[str]]) -> str:
    """Write a small HTML table, its text escaped."""
    cells = lambda kind, row: "".join(f"<{kind}>{html.escape(cell)}</{kind}>" for cell in row)
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<p><code>{html.escape(title)}</code></p><table><tr>{cells('th', head)}</tr>{body}</table>"


def _deviations(covariances: Numbers) -> Numbers:
    return np.sqrt(np.maximum(np.diagonal(covariances, axis1=-2, axis2=-1), 0))
