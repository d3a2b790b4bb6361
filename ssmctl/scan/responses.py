r"""Impulse, step and forced responses, with the scaling of python-control and time on the first axis."""

from typing import Any, NamedTuple

import jax
import numpy as np

from ssmctl.errors import InputError
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import AbstractSystem
from ssmctl.scan.schedule import AbstractSchedule
from ssmctl.scan.simulate import as_system, precision, simulate

__all__ = ["Response", "forced_response", "impulse_response", "step_response"]


class Response(NamedTuple):
    """A response: `time, outputs = step_response(system, 50)`.

    `time` (T,) [s], or in samples where the system has no period. `outputs` (T, p), or (T, p, m) with one
    column for each input that was excited.
    """

    time: np.ndarray
    outputs: jax.Array


def impulse_response(system: Any, T: Any, *, schedule: AbstractSchedule | None = None) -> Response:
    r"""Respond from rest to an impulse of area 1 in each input: $u_0 = 1/dt$, then nothing.

    As in python-control the height is $1/dt$, 1 without a period; `scipy.signal.dimpulse` always takes 1.

    **Arguments:** `system`: discrete, anything that `simulate` takes. `T`: the number of samples, an integer,
    or the times themselves, `0, dt, 2 dt, …`. `schedule`: as in `simulate`.

    **Returns:** a `Response`; `outputs` (T, p, m). python-control has (p, m, T).
    **Raises:** `InputError` as `simulate` does, for other times, and for an oscillator with a constant force.
    **Guarantee:** none, floating point. **Cost:** `m` runs.

    >>> impulse_response((0.5, 1, 1, 0, 0.1), 3).outputs[:, 0, 0].tolist()
    [0.0, 10.0, 5.0]
    """
    system = _linear(system)
    period = 1.0 if system.dt is True else system.dt
    unit = np.zeros((system.ninputs, _samples(system, T), system.ninputs))
    unit[:, :1] = np.eye(system.ninputs)[:, None] / period
    return _excited(system, unit, schedule)


def step_response(system: Any, T: Any, *, schedule: AbstractSchedule | None = None) -> Response:
    r"""Respond from rest to a unit step in each input.

    **Arguments:** as `impulse_response`. **Returns:** a `Response`; `outputs` (T, p, m).
    **Raises:** `InputError` as `impulse_response` does.
    **Guarantee:** none, floating point. **Cost:** `m` runs.

    >>> step_response((0.5, 1, 1, 0, True), 4).outputs[:, 0, 0].tolist()
    [0.0, 1.0, 1.5, 1.75]
    """
    system = _linear(system)
    unit = np.broadcast_to(
        np.eye(system.ninputs)[:, None], (system.ninputs, _samples(system, T), system.ninputs)
    )
    return _excited(system, unit, schedule)


def forced_response(
    system: Any, U: Any, X0: Any = None, *, schedule: AbstractSchedule | None = None
) -> Response:
    r"""Respond to an input sequence: `simulate` with a time axis.

    **Arguments:** `system`: discrete, anything that `simulate` takes. `U` (T, m): python-control has (m, T).
    `X0` (n,): the first state, None for zero. `schedule`: as in `simulate`.

    **Returns:** a `Response`; `outputs` (T, p). **Raises:** `InputError` as `simulate` does.
    **Guarantee:** none, floating point. **Cost:** one run.

    >>> forced_response((0.5, 1, 1, 0, 0.5), [[1.0], [0.0]], [2.0])[1][:, 0].tolist()
    [2.0, 2.0]
    """
    system = as_system(system)
    outputs = simulate(system, U, X0, schedule=schedule)[0]
    return Response(_times(system, outputs.shape[0]), outputs)


def _linear(system: Any) -> AbstractSystem:
    system = as_system(system)
    if isinstance(system, Oscillator) and system.bias is not None:
        raise InputError(
            "a system with a constant force (`bias`) does not rest; use `forced_response`, or leave it out"
        )
    return system


def _excited(system: AbstractSystem, unit: np.ndarray, schedule: AbstractSchedule | None) -> Response:
    unit = unit.astype(precision(jax.tree.leaves(system)))
    run = jax.vmap(lambda u: simulate(system, u, schedule=schedule)[0], out_axes=2)
    return Response(_times(system, unit.shape[1]), run(unit))


def _samples(system: AbstractSystem, T: Any) -> int:
    if isinstance(T, int | np.integer) and not isinstance(T, bool):
        if T < 0:
            raise InputError(f"`T` must be a number of samples >= 0, got {T}")
        return int(T)
    times = np.asarray(T)
    if times.ndim != 1 or not np.allclose(times, _times(system, len(times)), rtol=1e-9, atol=0):
        raise InputError(
            "`T` must be the number of samples, an integer, or the times 0, dt, 2 dt, … of the system; "
            f"got {T!r} with dt = {system.dt}"
        )
    return len(times)


def _times(system: AbstractSystem, T: int) -> np.ndarray:
    return np.arange(T) * (1.0 if system.dt is True else system.dt)
