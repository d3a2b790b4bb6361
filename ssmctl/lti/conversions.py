r"""Poles and frequencies: $\lambda = e^{s\,dt}$ with $s = -\zeta\omega \pm i\omega\sqrt{1 - \zeta^2}$.

Three numbers are called "frequency" in practice, and they differ as soon as there is damping: the *natural*
one $\omega = \lvert s\rvert$ (the square root of the stiffness), the *damped* one
$\lvert\mathrm{Im}\,s\rvert$ (at which a free motion turns), and the angle of $\lambda$ (the damped one per
sample, up to aliasing). Every function here says which.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ssmctl.certificates.subject import timebase
from ssmctl.errors import InputError
from ssmctl.lti.arrays import library
from ssmctl.lti.kernel import refuse_steps
from ssmctl.lti.oscillator import Oscillator

__all__ = ["Modes", "frequency_and_damping", "harmonic_stack", "rotation_block"]


class Modes(NamedTuple):
    """What poles say about motion; arrays of one shape, NumPy float64.

    **Arguments:** `natural_frequency` [rad/s], `damping_ratio` [1], `damped_frequency` [rad/s] and
    `decay_rate` [1/s], in that order.
    """

    natural_frequency: NDArray[np.float64]
    damping_ratio: NDArray[np.float64]
    damped_frequency: NDArray[np.float64]
    decay_rate: NDArray[np.float64]


def frequency_and_damping(poles: Any, dt: Any) -> Modes:
    r"""Read frequencies and damping off poles: $s = \log(\lambda)/dt$, $\omega = \lvert s\rvert$, $\zeta = -\mathrm{Re}\,s/\omega$.

    **Aliasing:** samples cannot tell $s$ from $s + 2\pi i/dt$. The answer is the slowest motion that fits,
    `damped_frequency` at most $\pi/dt$; a true frequency above that appears folded. So does the *scheme*: of
    an `Oscillator` these are the frequencies of its step, which im, imex, ... shift; the frequencies of the
    equation are `oscillator.natural_frequency`.

    **Arguments:** `poles`: any shape, real or complex; `dt`: the period [s], or 0 if they are rates already.
    **Returns:** `Modes`. A pole 0 is gone after one step: its decay rate and natural frequency are infinite
    and its damping ratio 1. At rest, $s = 0$, the ratio is NaN, as none is defined.
    **Raises:** `InputError` for `dt=True`, which has no unit of time, NaN, dt < 0.

    **Guarantee:** none, floating point. **Cost:** one pass.

    >>> frequency_and_damping([1j], 0.5).damped_frequency.tolist()
    [3.141592653589793]
    """  # noqa: E501
    period = timebase(dt)
    if period is True:
        raise InputError("`dt` is True: without a period there are no rad/s; give 1.0 to read rad/sample")
    poles = np.asarray(poles, np.complex128)
    if not np.isfinite(poles).all():
        raise InputError("`poles` must be finite")
    with np.errstate(divide="ignore", invalid="ignore"):
        if period == 0:
            decay, turn = 0.0 - poles.real, np.abs(poles.imag)
        else:
            decay, turn = 0.0 - np.log(np.abs(poles)) / period, np.abs(np.angle(poles)) / period
        natural = np.hypot(decay, turn)
        ratio = np.where(np.isinf(decay), np.sign(decay), decay / natural)
    return Modes(natural, ratio, turn, decay)


def harmonic_stack(
    omega: Any,
    count: int,
    zeta: Any,
    dt: Any,
    scheme: str = "zoh",
    *,
    B: Any = None,
    C: Any = None,
    **kwargs: Any,
) -> Oscillator:
    r"""Build oscillators at a fundamental frequency and its harmonics, $\omega, 2\omega, \dots$, `count` of them.

    **Arguments:** `omega`: the fundamental natural frequency [rad/s], a number > 0; `count` >= 1; `zeta`:
    damping ratios, a number or (count,); `dt`, `scheme`, `**kwargs`: as in `Oscillator`. `B` (count, m) drives
    each with the one input where it is left out, `C` (p, count) adds up their positions.

    **Returns:** an `Oscillator`; number k has frequency (k + 1) omega.
    **Raises:** `InputError` for a harmonic at or above $\pi/dt$, which would be seen folded; for `count` < 1.
    **Guarantee:** none, floating point. **Cost:** $O(r)$.

    >>> harmonic_stack(1.0, 3, 0.0, 0.5).natural_frequency.tolist()
    [1.0, 2.0, 3.0]
    """  # noqa: E501
    if not isinstance(count, int) or count < 1:
        raise InputError(f"`count` must be a positive integer, got {count!r}")
    omega = np.asarray(omega, np.float64) if not hasattr(omega, "dtype") else omega
    if omega.shape != ():
        raise InputError(
            f"`omega` must be one number, the fundamental, got {omega.shape}; give `count` harmonics"
        )
    xp = library(omega)
    frequencies = omega * np.arange(1, count + 1, dtype=omega.dtype)
    zeta = xp.broadcast_to(xp.asarray(zeta, omega.dtype), (count,))
    B = xp.ones((count, 1), omega.dtype) if B is None else B
    C = xp.ones((1, count), omega.dtype) if C is None else C
    stack = Oscillator.from_frequency(frequencies, zeta, dt, scheme, B=B, C=C, **kwargs)
    limit = np.pi / np.max(np.asarray(stack._step(), np.float64)) if stack._period is not None else np.inf
    if isinstance(frequencies, np.ndarray) and not (0 < frequencies[0] and frequencies[-1] < limit):
        raise InputError(
            f"harmonics {frequencies[0]:g} ... {frequencies[-1]:g} rad/s must lie between 0 and "
            f"pi/dt = {limit:g}: what turns faster is seen folded; take fewer, or a shorter dt"
        )
    return stack


def rotation_block(frequency: Any, decay: Any, dt: Any) -> Any:
    r"""Return $e^{-\sigma\,dt}\begin{pmatrix} \cos\theta & -\sin\theta \\ \sin\theta & \cos\theta \end{pmatrix}$, $\theta = \omega_d\,dt$.

    A free oscillation in coordinates that turn evenly: $\omega_d$ is the *damped* frequency and $\sigma$ the
    decay rate, so that the natural frequency is $\sqrt{\omega_d^2 + \sigma^2}$ and the damping
    $2\sigma$. Contractive in the Euclidean norm for $\sigma > 0$, which the step of an `Oscillator` is not.

    **Arguments:** `frequency` $\omega_d$ [rad/s], `decay` $\sigma$ [1/s], `dt` > 0 [s]: numbers or arrays that
    broadcast, NumPy or JAX. **Returns:** (..., 2, 2). **Raises:** `InputError` for dt <= 0, NaN.
    **Guarantee:** none, floating point. **Cost:** one pass.

    >>> rotation_block(0.0, 0.0, 1.0).tolist()
    [[1.0, -0.0], [0.0, 1.0]]
    """  # noqa: E501
    refuse_steps(frequency, decay, dt, "zoh")
    w, s, h = (v if hasattr(v, "dtype") else np.asarray(v, np.float64) for v in (frequency, decay, dt))
    xp = next((library(v) for v in (w, s, h) if library(v) is not np), np)
    w, s, h = xp.broadcast_arrays(w, s, h)
    radius, angle = xp.exp(-s * h), w * h
    c, d = radius * xp.cos(angle), radius * xp.sin(angle)
    return xp.stack([xp.stack([c, -d], axis=-1), xp.stack([d, c], axis=-1)], axis=-2)
