r"""Where a likelihood search begins: peaks of the periodogram, combined with a few widths and noise levels.

Everything is relative to the record: frequencies lie between one turn in twice its span and the Nyquist
frequency of its median step, variances are shares of its own. So a record in years and one in milliseconds
get the same starts.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

__all__ = ["candidates", "periodogram"]

Numbers = NDArray[np.float64]

_PEAKS = 5  # frequencies considered, if one oscillator is fitted
_GROUPS = 15  # combinations of them that are tried, if several are
_DAMPING_RATIOS = (0.02, 0.15, 0.7)
_NOISE_SHARES = (0.05, 0.5)
_MOST_FREQUENCIES = 6000  # of an irregular record


def periodogram(y: Numbers, times: Numbers, low: float, high: float) -> tuple[Numbers, Numbers]:
    r"""Return angular frequencies and the share of the variance that a sinusoid of each explains.

    **Arguments:** `y` (N,), mean 0, NaN where missing; `times` (N,), by FFT if their steps are all 1, else
    by least squares at each frequency; `low`, `high` [rad/time].

    **Returns:** frequencies and shares, (count,). **Guarantee:** none.
    **Cost:** $O(N \log N)$; $O(N\,\mathtt{count})$ for irregular times, at most 6000 frequencies.
    """
    seen = ~np.isnan(y)
    energy = float(y[seen] @ y[seen])
    if np.array_equal(np.diff(times), np.ones(len(times) - 1)):
        size = 4 << (len(y) - 1).bit_length()
        omega = 2 * np.pi * np.arange(size // 2 + 1) / size
        share = 2 * np.abs(np.fft.rfft(np.where(seen, y, 0), size)) ** 2 / (seen.sum() * energy)
        inside = (omega >= low) & (omega <= high)
        return omega[inside], share[inside]
    y, times = y[seen], times[seen]
    count = min(_MOST_FREQUENCIES, max(16, int(4 * (high - low) * (times[-1] - times[0]) / np.pi)))
    omega, share = np.linspace(low, high, count), np.empty(count)
    for first in range(0, count, 64):
        phase = np.outer(omega[first : first + 64], times)
        c, s = np.cos(phase), np.sin(phase)
        cc, ss, cs, cy, sy = (c * c).sum(1), (s * s).sum(1), (c * s).sum(1), c @ y, s @ y
        determinant = np.maximum(cc * ss - cs * cs, 1e-6 * len(y) ** 2)
        share[first : first + 64] = (ss * cy * cy - 2 * cs * cy * sy + cc * sy * sy) / determinant / energy
    return omega, share


def candidates(y: Numbers, times: Numbers, n: int, low: float, high: float) -> Numbers:
    r"""Return starts (count, 3n + 1): n frequencies, n damping ratios, n variances, the noise variance.

    **Arguments:** `y` (N,) of mean 0 and variance 1, NaN where missing; `times` (N,) in median steps; `n`
    oscillators; `low`, `high`: the frequencies that the record can tell apart [rad/time].

    **Returns:** one row a start, all entries positive, the likeliest frequencies first.
    **Guarantee:** none. **Cost:** one periodogram.
    """
    peaks = _peaks(*periodogram(y, times, low, high), max(_PEAKS, n + 2))
    rows = []
    for group in itertools.islice(itertools.combinations(peaks, n), _GROUPS):
        for zeta, noise in itertools.product(_DAMPING_RATIOS, _NOISE_SHARES):
            rows.append([*sorted(group), *[zeta] * n, *[(1 - noise) / n] * n, noise])
    return np.array(rows)


def _peaks(omega: Numbers, share: Numbers, count: int) -> list[float]:
    """Return frequencies, best first: in turn a peak of the periodogram and of two smoother ones."""
    ranked = []
    for width in (0, len(share) // 100, len(share) // 20):
        curve = np.convolve(share, np.hanning(2 * width + 3), mode="same")
        padded = np.concatenate([[-np.inf], curve, [-np.inf]])
        tops = np.flatnonzero((curve >= padded[:-2]) & (curve > padded[2:]))
        ranked.append(omega[tops[np.argsort(-curve[tops], kind="stable")]].tolist())
    ranked.append(np.geomspace(omega[0], omega[-1], 4 * count).tolist())  # should there be too few peaks
    found: list[float] = []
    for w in [w for turn in itertools.zip_longest(*ranked[:3]) for w in turn] + ranked[3]:
        if w is not None and all(abs(np.log(w / other)) > 0.1 for other in found):
            found.append(w)
    return found[:count]
