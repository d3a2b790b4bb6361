r"""Run a system: $x_{k+1} = A x_k + B u_k,\ y_k = C x_k + D u_k$, $k = 0, \dots, T-1$, under any schedule.

Inputs are checked before anything runs: shapes always, values where they are known, precision so that nothing
is rounded in passing. The run itself is one compiled call for each shape.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.subject import ModalSubject, OscillatorSubject
from ssmctl.errors import InputError
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import AbstractSystem, Modal, StateSpace
from ssmctl.scan import sharded
from ssmctl.scan.convolution import convolve
from ssmctl.scan.forms import Form, real_form
from ssmctl.scan.lifted import chunked_states, lift, matmul
from ssmctl.scan.recurrence import linear_recurrence
from ssmctl.scan.schedule import (
    AbstractSchedule,
    Associative,
    Convolution,
    Lifted,
    Sequential,
    Sharded,
    default_block,
    default_schedule,
)

__all__ = ["simulate"]

FEW = 16
"""Up to so many inputs a sequential run forms $B u_k$ sample by sample, whatever the length of the run."""


def simulate(
    system: Any,
    u: Any,
    x0: Any = None,
    *,
    schedule: AbstractSchedule | None = None,
    return_states: bool = False,
    dt: Any = None,
) -> tuple[Any, ...]:
    r"""Run a discrete system over an input sequence.

    $$x_{k+1} = A x_k + B u_k, \qquad y_k = C x_k + D u_k, \qquad k = 0, \dots, T-1,$$

    and the equations of `Modal` and `Oscillator` for these. Where a system reads the new state
    (`output="post"`), so does the run.

    **Arguments:**

    - `system`: a `StateSpace`, `Modal` or `Oscillator`, a python-control or SciPy system, or a tuple
      `(A, B, C, D, dt)`; discrete time.
    - `u` (T, m): the input, time first; complex only for a complex `StateSpace`. Batches by `jax.vmap`.
    - `x0` (n,): the first state, None for zero. Oscillators: all velocities, then all positions.
    - `schedule`: `Sequential Associative Lifted Convolution Sharded` of `ssmctl.scan`, or None for a choice
      by backend and shape. All agree up to rounding.
    - `return_states`: also return $x_0, \dots, x_{T-1}$; without it `Lifted` needs no memory for states.
    - `dt`: for an `Oscillator`, other steps than the stored: a number, (T,) or (T, r), where the step from
      sample k to k+1 is `dt[k]` [s].

    **Returns:** `(y, x_last)` or `(y, x_last, states)`: `y` (T, p), `x_last` (n,) is $x_T$, to be given as
    `x0` to go on; `states` (T, n). JAX arrays in the widest precision of system and signals.

    **Raises:** `InputError` for another shape, an input that looks transposed, NaN or infinity, a continuous
    system, a schedule that cannot run it, and for float64 numbers while JAX is set to round them to float32.

    **Guarantee:** none, floating point. Sequential runs joined through `x_last` equal one run, on CPUs in
    every bit of the state while m <= 16. `Lifted` forms powers from the stored poles in more than the working
    precision, and so stays at least as near to exact arithmetic on the stored numbers as `Sequential`.
    **Cost:** `Lifted`: $2 T L m p + 4 T n (m + p)$ operations in matrix products. Differentiable in every
    mode; compiled once for each shape.

    >>> y, x_last = simulate(StateSpace(0.5, 1.0, 1.0, dt=True), jnp.array([[1.0], [0.0], [0.0]]))
    >>> y[:, 0].tolist(), x_last.tolist()
    ([0.0, 1.0, 0.5], [0.25])
    """
    system = as_system(system)
    if system.dt == 0:
        raise InputError(
            "this system is in continuous time (dt = 0); discretize it first: `discretize(system, dt)`"
        )
    u, x0, dt = _signals(system, u, x0, dt)
    varying = dt is not None and dt.ndim == 2
    T, m = u.shape
    if schedule is None:
        structure = "dense" if isinstance(system, StateSpace) else "block"
        wanted = "states" if return_states else "output"
        sizes = (system.nstates, m, system.noutputs, T)
        schedule = default_schedule(wanted, structure, varying, jax.default_backend(), *sizes)
    _refuse(schedule, varying, return_states)
    return _run(system, u, x0, dt, schedule=schedule, return_states=return_states)


def as_system(system: Any) -> AbstractSystem:
    """Turn anything that is a system into one of ours, by `ssmctl.certificates.coerce.subject_of`."""
    if isinstance(system, StateSpace | Modal | Oscillator):
        return system
    found = subject_of(system)
    if isinstance(found, ModalSubject):
        return Modal(found.poles, found.B, found.C, found.D, dt=found.dt, output=found.output)
    if isinstance(found, OscillatorSubject):
        read = {"velocity": found.velocity, "position": found.position}
        forces = {"B": found.B, "C": read, "D": found.D, "bias": found.bias if np.any(found.bias) else None}
        step = found.steps if found.dt is True else found.dt
        return Oscillator(found.stiffness, found.damping, step, found.scheme, **forces, output=found.output)
    return StateSpace(found.A, found.B, found.C, found.D, dt=found.dt)


# -------------------------------------------------------------------------------------------- what is refused
def _signals(system: AbstractSystem, u: Any, x0: Any, dt: Any) -> tuple[Any, Any, Any]:
    """Check the signals and bring them, never rounded, to the dtype of the run."""
    m, n = system.ninputs, system.nstates
    u, x0, dt, given = *(_array(v) for v in (u, x0, dt)), [v for v in (u, x0, dt) if hasattr(v, "dtype")]
    _check_shape(u, m)
    if x0 is not None and x0.shape != (n,):
        raise InputError(f"`x0` must be ({n},), got {x0.shape}; one state, batches by jax.vmap")
    if dt is not None:
        dt = _steps(system, dt, u.shape[0])
    for name, value in (("u", u), ("x0", x0), ("dt", dt)):
        _check_finite(name, value)
    width = precision([*jax.tree.leaves(system), *given])
    complex_states = jnp.issubdtype(system.B.dtype, jnp.complexfloating)
    wide = np.result_type(width, np.complex64)
    complex_input = complex_states and isinstance(system, StateSpace)
    u = _cast("u", u, wide if complex_input else width)
    x0 = np.zeros(n) if x0 is None else x0
    return u, _cast("x0", x0, wide if complex_states else width), dt if dt is None else _cast("dt", dt, width)


def _array(value: Any) -> Any:
    return value if value is None or hasattr(value, "dtype") else np.asarray(value)


def _check_shape(u: Any, m: int) -> None:
    if u.ndim == 1 and m == 1:
        raise InputError(f"`u` must be (T, 1), got {u.shape}; one input is a column: `u[:, None]`")
    if u.ndim == 2 and u.shape[1] != m and u.shape[0] == m:
        raise InputError(f"`u` must be (T, m) with m = {m}, got {u.shape}; it looks transposed: give `u.T`")
    if u.ndim == 3:
        raise InputError(f"`u` must be (T, {m}), got {u.shape}; batches by `jax.vmap`")
    if u.ndim != 2 or u.shape[1] != m:
        raise InputError(f"`u` must be (T, m) with m = {m} inputs, time first, got {u.shape}")


def _steps(system: AbstractSystem, dt: Any, T: int) -> Any:
    if not isinstance(system, Oscillator):
        raise InputError(
            "`dt` changes the steps of an `Oscillator` only; for another system discretize it for each step"
        )
    r = system.noscillators
    if dt.shape not in ((), (T,), (T, r)):
        raise InputError(f"`dt` must be a number, (T,) = ({T},) or (T, r) = ({T}, {r}), got {dt.shape}")
    if not isinstance(dt, Tracer) and not (np.asarray(dt) > 0).all():
        raise InputError("`dt` must be > 0 in every step")
    return dt[:, None] if dt.ndim == 1 else dt


def _check_finite(name: str, value: Any) -> None:
    if value is None or isinstance(value, Tracer):
        return
    if not (np.issubdtype(value.dtype, np.number) or jnp.issubdtype(value.dtype, jnp.floating)):
        raise InputError(f"`{name}` must be numbers, got dtype {value.dtype}")
    if isinstance(value, jax.Array):
        if not value.is_fully_addressable or bool(jnp.isfinite(value).all()):
            return
    elif np.isfinite(value).all():
        return
    where = tuple(int(i) for i in np.argwhere(~np.isfinite(np.asarray(value)))[0])
    raise InputError(
        f"`{name}` must be finite, got {np.asarray(value)[where]} at index {where}; a run would carry it on"
    )


def precision(leaves: list[Any]) -> Any:
    """Return float32 or float64, the widest of the arrays, or refuse what JAX is set to round.

    Lists and numbers have no precision of their own; whoever calls leaves them out.
    """
    dtypes = {np.dtype(leaf.dtype) for leaf in leaves}
    wide = {d for d in dtypes if d.itemsize >= (16 if d.kind == "c" else 8) and d.kind in "fc"}
    if not wide:
        return np.dtype(np.float32)
    if any(d.itemsize > (16 if d.kind == "c" else 8) for d in wide):
        raise InputError("extended precision has no place in JAX; cast to float64 first")
    if jnp.zeros(0).dtype != np.float64:
        raise InputError(
            "system or signals are float64, which JAX would round to float32; switch it on, "
            '`jax.config.update("jax_enable_x64", True)`, or accept the rounding: cast the input with '
            "`np.float32(u)` and the system with `jax.tree.map(lambda M: M.astype(np.float32), system)` "
            "(complex64 for complex entries)"
        )
    return np.dtype(np.float64)


def _cast(name: str, value: Any, dtype: Any) -> Any:
    if jnp.issubdtype(value.dtype, jnp.complexfloating) and not jnp.issubdtype(dtype, jnp.complexfloating):
        raise InputError(f"`{name}` must be real for this system, got {value.dtype}; give `{name}.real`")
    return jnp.asarray(value.astype(dtype))


def _refuse(schedule: AbstractSchedule, varying: bool, return_states: bool) -> None:
    if not isinstance(schedule, Sequential | Associative | Lifted | Convolution | Sharded):
        raise InputError(
            "`schedule` must be Sequential(), Associative(), Lifted(), Convolution() or Sharded(mesh, axis), "
            f"all of ssmctl.scan, or None; got {schedule!r}"
        )
    name = type(schedule).__name__
    if varying and not isinstance(schedule, Sequential | Associative):
        raise InputError(
            f"{name} needs constant coefficients, and `dt` varies in time; use Sequential() or Associative()"
        )
    if return_states and isinstance(schedule, Convolution | Sharded):
        raise InputError(
            f"{name} gives outputs only; for states use Sequential(), Associative() or Lifted(), or for "
            "a trajectory over devices `ssmctl.scan.sharded.recurrence`"
        )


# -------------------------------------------------------------------------------------------------- what runs
@partial(jax.jit, static_argnames=("schedule", "return_states"))
def _run(system: Any, u: Any, x0: Any, dt: Any, *, schedule: Any, return_states: bool) -> tuple[Any, ...]:
    real = u.real.dtype
    wide = lambda M: M.astype(np.result_type(real, np.complex64) if jnp.iscomplexobj(M) else real)
    form = real_form(jax.tree.map(wide, system), dt)
    v, start = form.encode_input(u), form.encode_state(x0)
    T, n = len(u), system.nstates
    if T == 0 or n == 0:
        y, end, trajectory = matmul(v, form.D.T), start, jnp.zeros((T, form.size), real)
    else:
        schedule = schedule if form.D.size else Sequential()  # without inputs or outputs nothing is gained
        p, m = form.D.shape
        block = min(getattr(schedule, "block", None) or default_block(n, m, p, T), T)
        y, end, trajectory = _outputs(form, v, start, schedule, block, return_states)
    result = form.decode_output(y), form.decode_state(end)
    return (*result, form.decode_state(trajectory)) if return_states else result


def _outputs(form: Form, v: Any, start: Any, schedule: Any, block: int, return_states: bool) -> Any:
    if isinstance(schedule, Convolution):
        return *convolve(form, v, start, block), None
    if isinstance(schedule, Sharded):
        return *sharded.lift(form, v, start, schedule.mesh, schedule.axis, schedule.block), None
    if isinstance(schedule, Lifted):
        y, end, X = lift(form, v, start, block)
        return y, end, chunked_states(form, _drive(form, v), X, block) if return_states else None
    a = jnp.moveaxis(form.a, -1, -3) if form.structure == "block" else form.a
    drive = _drive(form, v)
    if len(v) == 1:  # XLA dissolves a loop of one step, and may round it otherwise
        drive = jnp.concatenate([drive, jnp.zeros_like(drive)])
        a = jnp.concatenate([a, a]) if form.gain is not None else a
    b, x = form.shaped(drive), form.shaped(start)
    after = form.flat(linear_recurrence(a, b, x, structure=form.structure, schedule=schedule)[: len(v)])
    before = jnp.concatenate([start[None], after[:-1]])
    y = matmul(after if form.post else before, form.C.T) + matmul(v, form.D.T)
    return y, after[-1], before


def _drive(form: Form, v: Any) -> Any:
    """What the input adds to the state in each step, (T, S)."""
    drive = _rowwise(v, form.B.T) if v.shape[1] <= FEW else matmul(v, form.B.T)
    return drive if form.gain is None else form.gain * drive


@jax.custom_jvp
def _rowwise(v: Any, B: Any) -> Any:
    """Multiply so that a row of the result has the same bits whatever the number of rows."""
    terms = [v[:, j, None] * B[None, j] for j in range(len(B))]
    return sum(terms[1:], terms[0]) if terms else matmul(v, B)


@_rowwise.defjvp
def _(primals: Any, tangents: Any) -> Any:
    (v, B), (dv, dB) = primals, tangents
    return _rowwise(v, B), matmul(dv, B) + matmul(v, dB)
