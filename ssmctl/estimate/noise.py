r"""White noise through one step, $Q_d = \int_0^{dt} e^{As} L Q_c L^\top e^{A^\top s} ds$, for any stiffness.

The usual formula (Van Loan) exponentiates $-A^\top$ beside $A$, so it holds $e^{+G\,dt}$ and loses every
digit once the damping is stiff. Here both $e^{Ah} - I$ and $Q(h)$ come from their power series at a short
step $h = dt/2^k$, $\lVert A\rVert h \le 1/2$, and are doubled $k$ times:

$$Q(2h) = Q(h) + e^{Ah} Q(h) e^{A^\top h}, \qquad N(2h) = 2N(h) + N(h)^2, \quad N(h) = e^{Ah} - I.$$

Only positive semidefinite matrices are added; keeping $N$ in place of $e^{Ah}$ keeps the digits of modes
that hardly move in a short step. The formulas are polynomials, so derivatives exist everywhere, critical
damping included. Nothing here is proved; tests compare with 400-bit arithmetic.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jax.core import Tracer

from ssmctl.errors import InputError
from ssmctl.lti.kernel import oscillator_matrices

__all__ = ["discretize_noise", "doubled", "oscillator_noise", "psd", "scaled_norm"]

_MOST = 16  # doublings where the number must be fixed before the values are known
_TERMS = 20  # of the series at norm 1/2 (1 for Q): the first left out is below 1e-19


def discretize_noise(A: Any, L: Any, Qc: Any, dt: Any, *, doublings: int | None = None) -> tuple[Any, Any]:
    r"""Discretize $\dot x = A x + L w$ with white noise $w$ of spectral density $Q_c$ over steps `dt`.

    $$x_{k+1} = A_d x_k + w_k, \qquad A_d = e^{A\,dt}, \qquad
    \mathrm{cov}\,w_k = Q_d = \int_0^{dt} e^{As} L Q_c L^\top e^{A^\top s}\,ds.$$

    **Arguments:**

    - `A` (n, n) [1/s], `L` (n, q) (a number for a multiple of the identity), `Qc` (q, q), or a number.
    - `dt` > 0 [s]: a number, or an array of steps (T,), which gives one pair of matrices each.
    - `doublings`: how often to double; None chooses by $\lVert A\rVert\,dt$. Needed inside `jit`, where the
      values are not known: $2^{k-1} \ge \lVert A\rVert\,dt$, and more do no harm.

    **Returns:** `Ad` (..., n, n) and `Qd` (..., n, n), symmetric; JAX if one of the arguments was.
    **Raises:** `InputError` for disagreeing shapes, `Qc` not positive semidefinite, dt <= 0.

    **Guarantee:** none proved. Measured for oscillators up to $G\,dt = 800$: within 1e-13 of the exact
    $Q_{ij}$, relative to $\sqrt{Q_{ii} Q_{jj}}$, and positive definite.
    **Cost:** 20 + k products of n by n matrices for each step.

    >>> Ad, Qd = discretize_noise([[0.0, 0.0], [1.0, 0.0]], [[1.0], [0.0]], 3.0, 1.0)
    >>> Ad.tolist(), Qd.tolist()
    ([[1.0, 0.0], [1.0, 1.0]], [[3.0, 1.5], [1.5, 1.0]])
    """
    xp = jnp if any(isinstance(v, jax.Array) for v in (A, L, Qc, dt)) else np
    A, L, Qc, dt = (_floating(xp, v) for v in (A, L, Qc, dt))
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise InputError(f"`A` must be (n, n), got {A.shape}")
    n = A.shape[0]
    L = L * xp.eye(n, dtype=A.dtype) if L.ndim == 0 else L
    if L.ndim != 2 or L.shape[0] != n:
        raise InputError(f"`L` must be ({n}, q), got {L.shape}; one noise is a column, `L.reshape({n}, 1)`")
    Qc = Qc * xp.eye(L.shape[1], dtype=A.dtype) if Qc.ndim == 0 else Qc
    if Qc.shape != (L.shape[1], L.shape[1]):
        raise InputError(f"`Qc` must be ({L.shape[1]}, {L.shape[1]}) or a number, got {Qc.shape}")
    psd("Qc", Qc)
    if dt.ndim > 1:
        raise InputError(f"`dt` must be a number or (T,), got {dt.shape}")
    if not isinstance(dt, Tracer) and not (np.isfinite(dt).all() and (np.asarray(dt) > 0).all()):
        raise InputError(f"`dt` must be positive and finite, got {dt}")
    if doublings is None:
        if any(isinstance(v, Tracer) for v in (A, dt)):
            raise InputError(
                "inside `jit` the number of doublings cannot be chosen; give `doublings=12`, say"
            )
        doublings = _doublings(
            float(scaled_norm(np.asarray(A, np.float64)) * np.max(np.asarray(dt), initial=0))
        )
    N, Q = doubled(A, L @ Qc @ L.T, dt, doublings, doublings)
    if xp is np:  # where the motion has died out, N is -I and has lost its digits
        return scipy.linalg.expm(A * dt[..., None, None]), Q
    return N + jnp.broadcast_to(jnp.eye(n, dtype=A.dtype), N.shape), Q


def oscillator_noise(stiffness: Any, damping: Any, density: Any, dt: Any) -> tuple[Any, Any]:
    r"""Discretize $\ddot y + G \dot y + A y = w$ with white $w$ of density $q$, state (velocity, position).

    **Arguments:** `stiffness` [1/s²], `damping` [1/s], `density` >= 0 [force²·s], `dt` > 0 [s]: numbers or
    arrays, NumPy or JAX, that broadcast against each other; any signs of the first two.

    **Returns:** `Ad` and `Qd`, (..., 2, 2); `Ad` is the zoh step of `ssmctl.lti.kernel`.
    **Raises:** `InputError` for a negative density, dt <= 0, NaN, where they are known.

    **Guarantee:** none proved; measured within 1e-13 of the exact $Q_{ij}$, relative to
    $\sqrt{Q_{ii} Q_{jj}}$, and positive definite, for $G\,dt$ up to 800. Derivatives are finite everywhere.
    Inside `jit` at most 16 doublings are made: $(\lvert G\rvert + \sqrt{\lvert A\rvert})\,dt \le 32768$.
    **Cost:** 20 + k products of 2 by 2 matrices for each entry.

    >>> oscillator_noise(0.0, 0.0, 3.0, 1.0)[1].tolist()
    [[3.0, 1.5], [1.5, 1.0]]
    """
    given = (stiffness, damping, density, dt)
    xp = jnp if any(isinstance(v, jax.Array) for v in given) else np
    dtype = np.result_type(*(v.dtype for v in given if hasattr(v, "dtype")), np.float32)
    dtype = dtype if any(hasattr(v, "dtype") for v in given) else np.float64
    stiffness, damping, density, dt = xp.broadcast_arrays(*(xp.asarray(v, dtype) for v in given))
    if not isinstance(density, Tracer) and not (
        np.isfinite(density).all() and (np.asarray(density) >= 0).all()
    ):
        raise InputError(f"`density` must be >= 0 and finite, got {given[2]}; it is a variance per second")
    Ad, _ = oscillator_matrices(stiffness, damping, dt, "zoh")
    zero, one = xp.zeros_like(stiffness), xp.ones_like(stiffness)
    A = _matrix(xp, -damping, -stiffness, one, zero)
    frozen = [jax.lax.stop_gradient(v) if xp is jnp else v for v in (stiffness, damping, dt)]
    size = (xp.abs(frozen[1]) + xp.sqrt(xp.abs(frozen[0]))) * frozen[2]
    count = xp.ceil(xp.log2(xp.maximum(2 * size, 1))).astype(int)
    most = _MOST if isinstance(count, Tracer) else int(np.max(count, initial=0))
    return Ad, doubled(A, _matrix(xp, density, zero, zero, zero), dt, xp.minimum(count, most), most)[1]


def doubled(A: Any, W: Any, dt: Any, count: Any, most: int) -> tuple[Any, Any]:
    r"""Return $e^{A\,dt} - I$ and $\int_0^{dt} e^{As} W e^{A^\top s} ds$ by series and doubling.

    **Arguments:** `A`, `W` (..., n, n); `dt` (...); `count`: doublings of each entry (integers that broadcast
    to `dt`, or one), at most `most`, which is a Python integer so that the loop can be differentiated.

    **Returns:** two arrays (..., n, n). **Guarantee:** none. **Cost:** `20 + most` products of matrices.
    """
    xp = jnp if any(isinstance(v, jax.Array) for v in (A, W, dt, count)) else np
    count = xp.broadcast_to(xp.asarray(count), dt.shape)
    h = (dt * xp.ldexp(xp.ones_like(dt), -count))[..., None, None]
    A, W, h = xp.broadcast_arrays(A, W, h)
    N, Q = A * h, W * h

    def series(j, state):
        N, Q, term, X = state
        term = (term @ A) * (h / j)
        half = A @ X
        X = (half + xp.swapaxes(half, -1, -2)) * (h / j)
        return N + term, Q + X, term, X

    def double(j, state):
        N, Q = state
        MQ = Q + N @ Q
        step = MQ + MQ @ xp.swapaxes(N, -1, -2)
        active = xp.broadcast_to((count > j)[..., None, None], N.shape)
        step = (step + xp.swapaxes(step, -1, -2)) / 2
        return xp.where(active, 2 * N + N @ N, N), xp.where(active, Q + step, Q)

    N, Q, _, _ = _repeat(xp, 2, _TERMS, series, (N, Q, N, Q))
    return _repeat(xp, 0, most, double, (N, Q))


def _repeat(xp: Any, low: int, high: int, body: Any, state: Any) -> Any:
    if xp is jnp:  # one compiled body, whatever the count
        floating = state[0].dtype
        at = lambda j: j.astype(floating) if body.__name__ == "series" else j
        return jax.lax.fori_loop(low, high, lambda j, state: body(at(j), state), state)
    for j in range(low, high):
        state = body(j, state)
    return state


def scaled_norm(A: Any) -> Any:
    r"""Return $\sqrt{\lVert A\rVert_1 \lVert A\rVert_\infty}$, a bound of the spectral norm."""
    size = np.abs(A)
    return np.sqrt(size.sum(0).max(initial=0) * size.sum(1).max(initial=0))


def psd(name: str, Q: Any) -> None:
    """Refuse a known covariance (..., n, n) that is not symmetric positive semidefinite.

    The test does not depend on units: after scaling to a unit diagonal, asymmetry up to 1e-10 and negative
    eigenvalues down to -1e-12 n are taken for rounding.
    """
    if isinstance(Q, Tracer):
        return
    Q = np.asarray(Q, np.float64)
    if not np.isfinite(Q).all():
        raise InputError(f"`{name}` must be finite, got NaN or infinity")
    variance = np.diagonal(Q, axis1=-2, axis2=-1)
    if (variance < 0).any():
        raise InputError(
            f"`{name}` must be positive semidefinite, but a variance on its diagonal is negative"
        )
    deviation = np.sqrt(variance)
    unit = np.where(deviation > 0, deviation, 1)
    scaled = Q / unit[..., :, None] / unit[..., None, :]
    if (np.abs(scaled - np.swapaxes(scaled, -1, -2)) > 1e-10).any():
        raise InputError(
            f"`{name}` must be symmetric, as a covariance is; give `(X + X.T) / 2` if you mean that"
        )
    n = Q.shape[-1]
    lowest = np.linalg.eigvalsh(scaled).min(initial=0.0) if n else 0.0
    if lowest < -1e-12 * n:
        raise InputError(
            f"`{name}` must be positive semidefinite, as a covariance is; scaled to unit variances its "
            f"lowest eigenvalue is {lowest:.3g}"
        )


def _doublings(size: float) -> int:
    return max(0, math.ceil(math.log2(2 * size))) if size > 0.5 else 0


def _matrix(xp: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    return xp.stack([xp.stack([a, b], axis=-1), xp.stack([c, d], axis=-1)], axis=-2)


def _floating(xp: Any, value: Any) -> Any:
    array = value if hasattr(value, "dtype") else np.asarray(value, np.float64)
    if not np.issubdtype(array.dtype, np.floating):
        if np.issubdtype(array.dtype, np.complexfloating):
            raise InputError("noise is discretized for real systems; use `real_embedding()` first")
        array = np.asarray(array, np.float64)
    return xp.asarray(array)
