r"""Between continuous and discrete time: $\dot x = A x + B u$ and $x_{k+1} = \bar A x_k + \bar B u_k$.

| method | $\bar A$ | $\bar B$ | $\bar C$ | $\bar D$ | keeps |
|---|---|---|---|---|---|
| `zoh` | $e^{A\,dt}$ | $\int_0^{dt} e^{As} ds\, B$ | $C$ | $D$ | the samples, when the input is held |
| `tustin` | $F(I + \tfrac{dt}{2}A)$ | $dt\,F B$ | $C F$ | $D + \tfrac{dt}{2} C F B$ | stability and the H-infinity norm |
| `euler` | $I + dt\,A$ | $dt\,B$ | $C$ | $D$ | the gain at rest; not stability |
| `bilinear_s4` | $F(I + \tfrac{dt}{2}A)$ | $dt\,F B$ | $C$ | $D$ | stability; not the norm. What S4 and S5 call bilinear |

with $F = (I - \tfrac{dt}{2} A)^{-1}$. `tustin` is scaled as SciPy and python-control scale it. Nothing here is
trusted: claims are about the numbers that come out.
"""  # noqa: E501

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.schemes import NAMES
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject, timebase
from ssmctl.errors import InputError
from ssmctl.lti.arrays import library, traced
from ssmctl.lti.kernel import oscillator_matrices as oscillator_matrices
from ssmctl.lti.kernel import phi1
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import Modal, StateSpace

__all__ = ["discretize", "oscillator_matrices", "undiscretize"]

METHODS = ("zoh", "tustin", "euler", "bilinear_s4")
_MOST_SQUARINGS = 48  # of JAX's matrix exponential: reaches a norm of A dt of about 1e15


def discretize(system: Any, dt: Any, method: str = "zoh") -> Any:
    r"""Sample a continuous system with a period.

    **Arguments:**

    - `system`: a `StateSpace` or `Modal` with `dt=0`, a python-control or SciPy system, a tuple
      `(A, B, C, D, 0)`; or an `Oscillator`, which keeps its equation and gets another step and scheme.
    - `dt`: the period > 0 [s], a number.
    - `method`: `zoh tustin euler bilinear_s4`, as in the table of the module; for an `Oscillator` one of its
      schemes.

    **Returns:** a system of the same kind (`StateSpace` for tuples and foreign systems), in the same library
    and precision, with its names. A `Modal` stays diagonal, by closed forms.

    **Raises:** `InputError` for a discrete system, another method, dt <= 0, an array `dt` (irregular
    sampling is `simulate(oscillator, u, dt=steps)`), a pole at 2/dt for `tustin` and `bilinear_s4`.

    **Guarantee:** none, floating point; certify what comes out. **Cost:** $O(n^3)$; $O(nm)$ for `Modal`.

    >>> discretize(StateSpace(-2.0, 1.0, 1.0, dt=0), 0.5, "tustin").A.tolist()
    [[0.3333333333333333]]
    """
    if np.ndim(dt):
        raise InputError(
            f"`dt` must be one number, got an array {np.shape(dt)}: irregular steps make no time-invariant "
            "system; run an Oscillator with `simulate(oscillator, u, dt=steps)`"
        )
    if isinstance(system, Oscillator):
        return system.replace(dt=dt, scheme=method)
    system = _ours(system)
    period = timebase(dt)
    if period is True or period == 0:
        raise InputError(f"`dt` must be a period > 0 in seconds, got {dt!r}")
    _known_method(method)
    if system.dt != 0 or system.dt is True:
        raise InputError(f"the system is discrete already, dt = {system.dt}; `undiscretize` it first")
    if isinstance(system, Modal):
        return _modal(system, period, method)
    return _dense(system, period, method)


def undiscretize(system: Any, method: str = "zoh") -> Any:
    r"""Return a continuous system of which `discretize` with this method makes the given one.

    zoh: $A = \log(\bar A)/dt$, the principal logarithm. It exists when no pole is 0 or on the negative real
    axis; a `Modal` needs only the first, as each pole has its own logarithm. **Aliasing:** poles that differ
    by $2\pi i/dt$ have the same samples, and the answer is the one with $\lvert\mathrm{Im}\rvert \le \pi/dt$.
    tustin and bilinear_s4 need that -1 is no pole; euler always has an answer.

    **Arguments:** `system`: as in `discretize`, with a period (dt > 0); `method`: as there. An `Oscillator`
    stores its continuous equation, and `method` is not looked at. A post-update `Modal` is turned into a
    pre-update one first, in floating point.

    **Returns:** a system with `dt=0`, of the same kind; a `StateSpace` for an `Oscillator`.
    **Raises:** `InputError` if the conditions fail, for a continuous system, for `dt=True`; for zoh of a
    `StateSpace` inside `jit`.

    **Guarantee:** none, floating point; zoh is checked by going back and refused if the samples differ by
    more than 1e-6. **Cost:** $O(n^3)$; $O(nm)$ for `Modal`.

    >>> undiscretize(StateSpace(0.5, 0.25, 1.0, dt=0.5), "euler").A.tolist()
    [[-1.0]]
    """
    if isinstance(system, Oscillator):
        return system.to_continuous()
    system = _ours(system)
    _known_method(method)
    if system.dt is True or system.dt == 0:
        kind = (
            "continuous already" if system.dt == 0 and system.dt is not True else "discrete without a period"
        )
        raise InputError(
            f"the system is {kind} (dt = {system.dt}); `undiscretize` needs a period > 0 in seconds"
        )
    if isinstance(system, Modal):
        return _modal_back(system, system.dt, method)
    return _dense_back(system, system.dt, method)


def _dense(system: StateSpace, dt: float, method: str) -> StateSpace:
    A, B, C, D = system.A, system.B, system.C, system.D
    xp, eye = _library_of(system), np.eye(system.nstates, dtype=A.dtype)
    if method == "zoh":
        A, B = _held(xp, A, B, dt)
    elif method == "euler":
        A, B = eye + dt * A, dt * B
    else:
        left = eye - dt / 2 * A
        words = f"`{method}` has no answer for a pole at 2/dt = {2 / dt:g}; choose another dt, or zoh"
        A, B = _solve(xp, left, eye + dt / 2 * A, words), _solve(xp, left, dt * B, words)
        if method == "tustin":
            C = _solve(xp, left.T, C.T, words).T
            D = D + C @ system.B * (dt / 2)
    return _rebuilt(system, A, B, C, D, dt)


def _dense_back(system: StateSpace, dt: float, method: str) -> StateSpace:
    A, B, C, D = system.A, system.B, system.C, system.D
    xp, eye = _library_of(system), np.eye(system.nstates, dtype=A.dtype)
    if method == "zoh":
        A, B = _logarithm(system, dt)
    elif method == "euler":
        A, B = (A - eye) / dt, B / dt
    else:
        words = f"`{method}` never has a pole at -1, and this system has; try zoh or euler"
        left = (eye + A) / 2
        A, B = _solve(xp, left, A - eye, words) / dt, _solve(xp, left, B, words) / dt
        if method == "tustin":
            D = D - _solve(xp, left.T, C.T, words).T @ system.B / 2
            C = _solve(xp, left.T, C.T, words).T
    return _rebuilt(system, A, B, C, D, 0)


def _modal(system: Modal, dt: float, method: str) -> Modal:
    lam, B, C, D = system.lam, system.B, system.C, system.D
    xp = library(lam)
    if method == "zoh":
        lam, B = xp.exp(dt * lam), (dt * phi1(xp, dt * lam))[:, None] * B
    elif method == "euler":
        lam, B = 1 + dt * lam, dt * B
    else:
        divisor = 1 - dt / 2 * lam
        if not traced(divisor) and (np.asarray(divisor) == 0).any():
            raise InputError(
                f"`{method}` has no answer for a pole at 2/dt = {2 / dt:g}; choose another dt, or zoh"
            )
        lam, B = (1 + dt / 2 * lam) / divisor, dt * B / divisor[:, None]
        if method == "tustin":
            D = D + library(C).real(C @ B) / 2
            C = C / divisor[None, :]
    return Modal(lam, B, C, D, dt=dt, **_labels_of(system))


def _modal_back(system: Modal, dt: float, method: str) -> Modal:
    lam, B, C, D = system.lam, system.B, system.C, system.D
    if system.output == "post":
        C, D = C * lam[None, :], D + library(C).real(C @ B)
    xp = library(lam)
    known = None if traced(lam) else np.asarray(lam)
    if method == "zoh":
        if known is not None and (known == 0).any():
            raise InputError("a pole at 0 has no logarithm: no continuous system is sampled to a pure delay")
        lam = xp.log(lam)
        B, lam = B / (dt * phi1(xp, lam))[:, None], lam / dt
    elif method == "euler":
        lam, B = (lam - 1) / dt, B / dt
    else:
        if known is not None and (known == -1).any():
            raise InputError(f"`{method}` never has a pole at -1, and this system has; try zoh or euler")
        factor = 2 / (1 + lam)  # 1 - dt/2 lam
        lam, B = factor * (lam - 1) / dt, factor[:, None] * B / dt
        if method == "tustin":
            D = D - dt / 2 * library(C).real(C @ B)
            C = C * factor[None, :]
    return Modal(lam, B, C, D, dt=0, **_labels_of(system))


def _held(xp: Any, A: Any, B: Any, dt: float) -> tuple[Any, Any]:
    """Exponentiate [[A, B], [0, 0]] dt, with B brought to the size of A by a power of two."""
    n, m = B.shape
    if n == 0:
        return A, B
    sizes = [xp.max(xp.abs(M), initial=0.0) for M in (A, B)]
    scale = xp.exp2(
        xp.ceil(xp.log2(xp.where(sizes[1] > 0, sizes[1], 1) / xp.where(sizes[0] > 0, sizes[0], 1 / dt)))
    )
    scale = scale.astype(A.dtype)
    if xp is jnp:
        scale = jax.lax.stop_gradient(scale)
        zero = jnp.zeros((m, n + m), A.dtype)
        whole = jnp.concatenate([jnp.concatenate([A, B / scale], axis=1), zero])
        E = jax.scipy.linalg.expm(dt * whole, max_squarings=_MOST_SQUARINGS)
        return E[:n, :n], E[:n, n:] * scale
    from scipy.linalg import expm

    wide = np.result_type(A.dtype, np.float64)
    E = expm(dt * np.block([[A, B / scale], [np.zeros((m, n + m))]]).astype(wide))
    return E[:n, :n].astype(A.dtype), (E[:n, n:] * scale).astype(B.dtype)


def _logarithm(system: StateSpace, dt: float) -> tuple[Any, Any]:
    if any(traced(M) for M in (system.A, system.B)):
        raise InputError("the logarithm of a matrix is computed by SciPy; call `undiscretize` outside `jit`")
    from scipy.linalg import expm, logm

    wide = np.result_type(system.A.dtype, np.float64)
    A, B = np.asarray(system.A, wide), np.asarray(system.B, wide)
    n, m = B.shape
    if n == 0:
        return system.A, system.B
    poles = np.linalg.eigvals(A)
    if (np.abs(poles) <= n * np.finfo(float).eps * np.abs(poles).max()).any():
        raise InputError("a pole at 0 has no logarithm: no continuous system is sampled to a pure delay")
    negative = (poles.real < 0) & (np.abs(poles.imag) <= 1e-8 * np.abs(poles))
    if negative.any():
        raise InputError(
            f"the pole {poles[negative][0].real:g} is on the negative real axis: no real system of this "
            "order is sampled to it; use tustin or euler, or a Modal, which has a complex state for it"
        )
    whole = np.block([[A, B], [np.zeros((m, n)), np.eye(m)]])
    L: Any = logm(whole)
    L = L if np.iscomplexobj(whole) else np.real(L)
    if not np.linalg.norm(expm(L) - whole) <= 1e-6 * np.linalg.norm(whole):
        raise InputError("the logarithm of this A is not reliable in floating point; use tustin or euler")
    xp = _library_of(system)
    return tuple(xp.asarray(M.astype(system.A.dtype)) for M in (L[:n, :n] / dt, L[:n, n:] / dt))


def _solve(xp: Any, left: Any, right: Any, words: str) -> Any:
    try:
        answer = xp.linalg.solve(left, right)
    except np.linalg.LinAlgError as error:
        raise InputError(words) from error
    if not traced(answer) and not np.isfinite(np.asarray(answer)).all():
        raise InputError(words)
    return answer


def _known_method(method: str) -> None:
    if method in METHODS:
        return
    if method in NAMES:
        raise InputError(
            f"`{method}` is a scheme of oscillators, and this is no `Oscillator`; methods for any system: "
            + ", ".join(METHODS)
        )
    raise InputError(f"`method` must be one of {', '.join(METHODS)}, got {method!r}")


def _ours(system: Any) -> StateSpace | Modal:
    if isinstance(system, StateSpace | Modal):
        return system
    subject = subject_of(system)
    if isinstance(subject, ModalSubject):
        arrays = (subject.poles, subject.B, subject.C, subject.D)
        return Modal(*arrays, dt=subject.dt, output=subject.output)
    if not isinstance(subject, StateSpaceSubject):
        raise InputError(f"expected a linear system or an `Oscillator`, got a {type(system).__name__}")
    return StateSpace(subject.A, subject.B, subject.C, subject.D, dt=subject.dt)


def _rebuilt(system: StateSpace, A: Any, B: Any, C: Any, D: Any, dt: Any) -> StateSpace:
    return StateSpace(A, B, C, D, dt=dt, state_names=system.state_names, **_labels_of(system))


def _labels_of(system: Any) -> dict[str, Any]:
    return {key: getattr(system, key) for key in ("name", "input_names", "output_names")}


def _library_of(system: StateSpace) -> Any:
    arrays = (system.A, system.B, system.C, system.D)
    return jnp if any(isinstance(M, jax.Array) for M in arrays) else np
