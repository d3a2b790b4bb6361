r"""Other coordinates for the same system: real states for complex ones, dense matrices for planar ones.

An oscillator is $(A, G, dt)$ and its step is planar, `M` (2, 2, r); here it becomes $2r$ dense states, all
velocities and then all positions.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ssmctl.errors import InputError
from ssmctl.lti.arrays import library, traced
from ssmctl.lti.system import StateSpace

__all__ = ["dense", "real_parts"]


def real_parts(system: Any) -> dict[str, Any]:
    """Return the arguments of `Oscillator` that turn r complex oscillators into 2r real ones.

    **Arguments:** `system`: an `Oscillator`. **Returns:** keyword arguments.

    **Guarantee:** exact. **Cost:** one copy.
    """
    twice = lambda v: v if v is None else library(v).concatenate([v, v])
    column = lambda v: v if v is None else library(v).concatenate([library(v).real(v), library(v).imag(v)])
    row = lambda M: library(M).concatenate([library(M).real(M), -library(M).imag(M)], axis=1)
    return {
        "stiffness": twice(system.stiffness),
        "damping": twice(system.damping),
        "dt": system._period if system.steps is None else twice(system.steps),
        "B": column(system.B),
        "C": {key: row(M) for key, M in system.readouts.items()},
        "bias": column(system.bias),
    }


def dense(system: Any, M: Any, F: Any, *, dt: Any, post: bool) -> StateSpace:
    """Return real oscillators under planar matrices, of a step or of the equation, as a `StateSpace`.

    **Arguments:** `system`: an `Oscillator`; `M` (2, 2, r), `F` (2, r); `dt`: the time base; `post`: whether
    the new state is read. **Returns:** a `StateSpace`.
    **Raises:** `InputError` for a bias that is not 0. **Guarantee:** exact for `post=False`.
    **Cost:** $O(r^2)$.
    """
    if system.bias is not None and (traced(system.bias) or np.any(np.asarray(system.bias))):
        raise InputError("a constant force makes an affine system, no linear one; feed the bias as an input")
    xp = jnp if any(isinstance(V, jax.Array) for V in jax.tree.leaves(system)) else np
    A = xp.block([[xp.diag(entry) for entry in row] for row in M])
    B, C, D = xp.concatenate([F[0][:, None] * system.B, F[1][:, None] * system.B]), system.C, system.D
    if post:
        C, D = C @ A, D + C @ B
    names = {key: getattr(system, key) for key in ("name", "input_names", "output_names")}
    return StateSpace(A, B, C, D, dt=dt, **names)
