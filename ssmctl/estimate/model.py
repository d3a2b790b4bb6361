r"""From a system, its noises, inputs and times to the arrays of `gaussian`, checked.

| system | its process noise `Q` |
|---|---|
| `StateSpace`, anything with A, B, C, D and a discrete time base | (n, n), covariance of $w_k$ in $x_{k+1} = A x_k + B u_k + w_k$ |
| `Modal` | the same for its real form, states (Re, Im) |
| `TimeVarying` | (n, n) or (T, n, n) |
| `Oscillator`, scheme zoh | a number or (r,): spectral density of white force noise on each, discretized exactly at any times |
| `Oscillator`, any scheme | (2r, 2r): covariance of $w_k$; no `times` then |
"""  # noqa: E501

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from ssmctl.analysis.equations import stein
from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.subject import StateSpaceSubject
from ssmctl.errors import InputError
from ssmctl.estimate.gaussian import Model
from ssmctl.estimate.noise import oscillator_noise, psd
from ssmctl.estimate.precision import known, traced
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import Modal, StateSpace

__all__ = ["TimeVarying", "covariance", "linear_system", "model_arrays", "observations", "stationary"]


class TimeVarying(eqx.Module):
    r"""A discrete system whose matrices may change from sample to sample.

    $$x_{k+1} = A_k x_k + B_k u_k, \qquad y_k = C_k x_k + D_k u_k.$$

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), each with or without a leading time axis
    (T, ...); `B=None` is no input, `D=None` zeros. `A[k]` and `B[k]` lead from sample k to k+1.

    **Raises:** `InputError` for disagreeing shapes. **Guarantee:** none. **Cost:** none.

    >>> TimeVarying(A=np.ones((5, 2, 2)), B=None, C=np.eye(2)).nstates
    2
    """

    A: Any
    B: Any
    C: Any
    D: Any

    def __init__(self, A: Any, B: Any, C: Any, D: Any = None):
        A, C = known(A), known(C)
        n, p = A.shape[-1], C.shape[-2] if C.ndim > 1 else 0
        B = np.zeros((n, 0)) if B is None else known(B)
        D = np.zeros((p, B.shape[-1])) if D is None else known(D)
        wanted = {"A": (n, n), "B": (n, B.shape[-1]), "C": (p, n), "D": (p, B.shape[-1])}
        lengths = set()
        for (name, shape), M in zip(wanted.items(), (A, B, C, D), strict=True):
            if M.ndim not in (2, 3) or M.shape[-2:] != shape:
                raise InputError(f"`{name}` must be {shape} or (T, {shape[0]}, {shape[1]}), got {M.shape}")
            lengths |= set(M.shape[:-2])
        if len(lengths) > 1:
            raise InputError(f"matrices that vary must have one length T, got {sorted(lengths)}")
        self.A, self.B, self.C, self.D = A, B, C, D

    @property
    def nstates(self) -> int:
        """Number of states."""
        return self.A.shape[-1]

    @property
    def ninputs(self) -> int:
        """Number of inputs."""
        return self.B.shape[-1]

    @property
    def noutputs(self) -> int:
        """Number of outputs."""
        return self.C.shape[-2]


def linear_system(system: Any) -> StateSpace | TimeVarying | Oscillator:
    """Turn a system into one that `model_arrays` knows; refuse what has no real discrete model.

    **Raises:** `InputError` for continuous time, complex signals, `output="post"`. **Cost:** one copy.
    """
    if isinstance(system, TimeVarying):
        return system
    if isinstance(system, Oscillator | Modal) and system.output == "post":
        raise InputError('a filter reads y_k = C x_k; this system has `output="post"`, build it with "pre"')
    if isinstance(system, Oscillator):
        if np.issubdtype(system.B.dtype, np.complexfloating):
            raise InputError("a filter needs real states; give `oscillator.to_statespace()` and its own `Q`")
        return system
    if isinstance(system, Modal):
        system = system.to_statespace()
    if not isinstance(system, StateSpace):
        subject = subject_of(system)
        dense = isinstance(subject, StateSpaceSubject)
        A, B, C, D = (subject.A, subject.B, subject.C, subject.D) if dense else subject.real_form()
        system = StateSpace(A, B, C, D, dt=subject.dt)
    if system.dt == 0:
        raise InputError(
            "a filter needs discrete time, got dt=0; discretize the system, with `discretize_noise` for `Q`"
        )
    if np.issubdtype(system.A.dtype, np.complexfloating):
        raise InputError("a filter needs real signals; write `system.real_embedding()`")
    return system


def covariance(name: str, value: Any, n: int, *, densities: int | None = None) -> Any:
    """Read a noise: a number, (n, n) or (T, n, n); for oscillators also densities, a number or (r,).

    **Raises:** `InputError` for other shapes and for what is no covariance. **Cost:** one eigenvalue problem.
    """
    array = known(value)
    if densities is not None and array.ndim < 2:
        if array.ndim == 1 and array.shape != (densities,):
            raise InputError(f"`{name}` must be ({densities},), a density per oscillator, got {array.shape}")
        if not isinstance(array, Tracer) and not (np.isfinite(array).all() and (array >= 0).all()):
            raise InputError(f"`{name}` must be densities >= 0, got {array}")
        return array * np.ones(densities) if array.ndim == 0 else array
    if array.ndim == 0:
        array = array * np.eye(n)
    if array.ndim not in (2, 3) or array.shape[-2:] != (n, n):
        advice = f"; for one variance per channel write `np.diag({name})`" if array.ndim == 1 else ""
        raise InputError(f"`{name}` must be a number, ({n}, {n}) or (T, {n}, {n}), got {array.shape}{advice}")
    psd(name, array)
    return array


def observations(y: Any, p: int) -> Any:
    """Read the samples (T, p), NaN where missing; (T,) for one output."""
    y = known(y)
    y = y[:, None] if y.ndim == 1 and p == 1 else y
    if y.ndim != 2 or y.shape[1] != p:
        hint = "it looks transposed, write y.T" if y.ndim == 2 and y.shape[0] == p else "time comes first"
        raise InputError(f"`y` must be (T, {p}), got {y.shape}; {hint}")
    if len(y) == 0:
        raise InputError("`y` must have at least one sample")
    if not isinstance(y, Tracer) and np.isinf(y).any():
        raise InputError("`y` must be finite, or NaN where a value is missing; got infinity")
    return y


def model_arrays(system: Any, Q: Any, R: Any, T: int, u: Any, times: Any) -> Model:
    """Stack the matrices of T samples; `mean` and `covariance` of the model are left None.

    **Raises:** `InputError` for inputs, times and matrices of another length. **Cost:** $O(T n^2)$.
    """
    xp = jnp if traced(system, Q, R, u, times) else np
    u = _inputs(u, T, system.ninputs)
    if isinstance(system, Oscillator):
        A, B, Qd, bias = _oscillator(xp, system, Q, T, times)
    else:
        if times is not None:
            raise InputError(
                "`times` need a model in continuous time, which an Oscillator has; for other systems "
                "give the matrices of each step as a `TimeVarying` system"
            )
        A, B, Qd, bias = system.A, system.B, Q, None
    A, B, C, D, Qd, R = (
        _over_time(name, M, T) for name, M in zip("ABCDQR", (A, B, system.C, system.D, Qd, R), strict=True)
    )
    c, d = (xp.einsum("kij,kj->ki", M, u) for M in (B, D))
    c = c if bias is None else c + xp.broadcast_to(bias, c.shape)
    return Model(A, c, Qd, C, d, R, None, None)


def stationary(system: Any, Q: Any) -> tuple[Any, Any]:
    """Return mean and covariance of the stationary state.

    **Raises:** `InputError` if there is none, or if it cannot be found while values are traced.
    """
    advice = "pass `mean` and `covariance` of the first state"
    if isinstance(system, Oscillator) and Q.ndim == 1:
        stiffness, damping = known(system.stiffness), known(system.damping)
        if not traced(system) and not ((stiffness > 0) & (damping > 0)).all():
            raise InputError(
                f"an oscillator without stiffness or damping has no stationary distribution; {advice}, "
                "e.g. `covariance=100 * np.eye(2)` in units of the state if nothing is known"
            )
        xp = jnp if traced(system, Q) else np
        velocity = Q / (2 * damping)
        bias = xp.zeros_like(stiffness) if system.bias is None else known(system.bias)
        mean = xp.concatenate([xp.zeros_like(stiffness), bias / stiffness])
        return mean, xp.diag(xp.concatenate([velocity, velocity / stiffness]))
    if traced(system, Q):
        raise InputError(f"the stationary state is not looked for inside `jit`; {advice}")
    if Q.ndim == 3 or (isinstance(system, TimeVarying) and system.A.ndim == 3):
        raise InputError(f"a time-varying model has no stationary distribution; {advice}")
    if isinstance(system, Oscillator):
        A, _, _, offset = _oscillator(np, system, Q, 1, None)
    else:
        A, offset = known(system.A), None
    radius = np.abs(np.linalg.eigvals(A)).max(initial=0)
    if not radius < 1:
        raise InputError(
            f"the system is not Schur stable (spectral radius {radius:.6g}), so its state has no stationary "
            f"distribution; {advice}, e.g. `covariance=1e4 * np.eye({len(A)})` in units of the state if "
            "nothing is known"
        )
    mean = np.zeros(len(A)) if offset is None else np.linalg.solve(np.eye(len(A)) - A, offset.reshape(-1))
    return mean, stein(A.T, Q)


def _oscillator(xp: Any, system: Oscillator, Q: Any, T: int, times: Any) -> tuple[Any, Any, Any, Any]:
    """Return A, B, Q and the constant push of each step, dense, in the order velocities, positions."""
    stiffness, damping = known(system.stiffness), known(system.damping)
    own = system.dt if system.steps is None else known(system.steps)
    dt = own if times is None else _steps(times, T, system)[:, None]
    M, F = system.matrices(dt)
    M, F = (V if isinstance(V, Tracer) else np.asarray(V, np.float64) for V in (M, F))
    B = known(system.B)
    if Q.ndim == 1:
        if system.scheme != "zoh":
            raise InputError(
                f"force noise is discretized exactly, with the scheme zoh; got {system.scheme!r}. Build the "
                f"oscillator with zoh, or give `Q` as the covariance ({system.nstates}, {system.nstates}) of "
                "a step"
            )
        noise = oscillator_noise(stiffness, damping, Q, dt)[1]
        Q = _dense(xp, xp.moveaxis(noise, -3, -1))
    elif times is not None:
        raise InputError(
            "with `times`, `Q` must be densities of force noise, (r,): a covariance fits one step only"
        )
    bias = None
    if system.bias is not None:
        push = F * xp.broadcast_to(known(system.bias), F.shape)
        bias = push.reshape(*push.shape[:-2], -1)
    forces = F[..., :, None] * xp.broadcast_to(B, (*F.shape, B.shape[1]))
    return _dense(xp, M), forces.reshape(*forces.shape[:-3], -1, B.shape[1]), Q, bias


def _dense(xp: Any, M: Any) -> Any:
    """Turn planar (..., 2, 2, r) into (..., 2r, 2r)."""
    r = M.shape[-1]
    diagonal = xp.eye(r, dtype=M.dtype).reshape((1,) * (M.ndim - 1) + (r, r))
    spread = M[..., :, :, :, None] * diagonal  # (..., i, j, a, b)
    return xp.swapaxes(spread, -3, -2).reshape(*M.shape[:-3], 2 * r, 2 * r)


def _steps(times: Any, T: int, system: Oscillator) -> Any:
    times = known(times)
    if times.shape != (T,):
        raise InputError(f"`times` must be ({T},), one for each sample, got {times.shape}")
    xp = jnp if isinstance(times, Tracer) else np
    steps = xp.diff(times)
    if xp is np and not (np.isfinite(times).all() and (steps > 0).all()):
        raise InputError(
            "`times` must be finite and increase from sample to sample; sort them, merge equal ones"
        )
    own = 1.0 if system.dt is True else float(system.dt)  # leads out of the record, where nobody looks
    return xp.concatenate([steps, xp.full(1, own)])


def _inputs(u: Any, T: int, m: int) -> Any:
    if u is None:
        return np.zeros((T, m))
    u = known(u)
    u = u[:, None] if u.ndim == 1 and m == 1 else u
    if u.shape != (T, m):
        hint = "it looks transposed, write u.T" if u.shape == (m, T) else "one row for each sample"
        raise InputError(f"`u` must be ({T}, {m}), got {u.shape}; {hint}")
    if not isinstance(u, Tracer) and not np.isfinite(u).all():
        raise InputError("`u` must be finite: a missing input is not known to be 0; only `y` may have NaN")
    return u


def _over_time(name: str, M: Any, T: int) -> Any:
    M = known(M)
    if M.ndim == 3 and len(M) != T:
        raise InputError(f"`{name}` has {len(M)} matrices for {T} samples; give one for each sample")
    xp = jnp if isinstance(M, jax.Array) else np
    return xp.broadcast_to(M, (T, *M.shape[-2:]))
