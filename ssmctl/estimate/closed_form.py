r"""The damped oscillator under a constant force, in closed form: $\ddot y + 2\beta\dot y + \omega^2 y = f$.

Exact in time: no scheme, no step. The formulas are those of the zoh step (`ssmctl.lti.kernel`), which have no
special case at critical damping, at $\omega = 0$ or where $\omega t$ is tiny. For the other names of the same
numbers (damped frequency, damping ratio, poles) see `ssmctl.lti.conversions`.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ssmctl.lti.kernel import oscillator_matrices

__all__ = ["damped_oscillator"]


def damped_oscillator(
    velocity: Any, position: Any, frequency: Any, damping: Any, t: Any, *, force: Any = 0.0
) -> tuple[Any, Any]:
    r"""Return velocity and position after a time `t` under a constant force.

    $$\ddot y + 2\beta\dot y + \omega^2 y = f, \qquad \dot y(0),\ y(0) \text{ given}.$$

    **Arguments:** `velocity` [1/s], `position` at time 0; `frequency` $\omega$, the *natural* one [rad/s];
    `damping` $\beta$ [1/s], any sign; `t` > 0 [s]; `force`, per unit mass. Numbers or arrays, NumPy or JAX,
    that broadcast against each other. States and force may be complex.

    **Returns:** velocity and position, in JAX if one argument was.
    **Raises:** `InputError` for t <= 0 and NaN, where values are known.

    **Guarantee:** none proved. Measured against 400-bit arithmetic, under-, over- and critically damped, the
    error relative to the state $(\dot y/\omega, y)$ is below 1e-14 up to $\omega t = 10$, and grows like
    $10^{-15}\omega t$, as the phase does, beyond.
    **Cost:** about 150 operations an entry.

    >>> [v.tolist() for v in damped_oscillator(0.0, 1.0, 0.0, 0.0, 2.0, force=3.0)]
    [6.0, 7.0]
    """
    given = (velocity, position, frequency, damping, t, force)
    xp = jnp if any(isinstance(v, jax.Array) for v in given) else np
    number = lambda v: np.asarray(v, np.complex128 if np.iscomplexobj(v) else np.float64)
    velocity, position, frequency, damping, t, force = (
        v if hasattr(v, "dtype") else number(v) for v in given
    )
    M, F = oscillator_matrices(frequency * frequency, 2 * damping, t, "zoh")
    entries = (M[..., 0, 0], M[..., 0, 1], M[..., 1, 0], M[..., 1, 1], F[..., 0], F[..., 1])
    if xp is jnp:
        wide = jnp.result_type(*(v.dtype for v in (M, velocity, position, force)))
        broad = jnp.broadcast_arrays(*(jnp.asarray(v, wide) for v in (*entries, velocity, position, force)))
        m11, m12, m21, m22, f1, f2, velocity, position, force = broad
    else:
        m11, m12, m21, m22, f1, f2 = entries
    return m11 * velocity + m12 * position + f1 * force, m21 * velocity + m22 * position + f2 * force
