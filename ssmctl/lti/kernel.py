r"""How an oscillator moves over one step: $x_{k+1} = M x_k + F f_k$ with $x = (\dot y, y)$, for each scheme.

The rational schemes are the checker's own formulas (`ssmctl.certificates.schemes`), run in floating point.
The exact step for a held force, zoh, is written here: with $h = G\,dt/2$, $a = A\,dt^2$, $s = h^2 - a$,

$$M = \begin{pmatrix} c - h\sigma & -A\,dt\,\sigma \\ dt\,\sigma & c + h\sigma \end{pmatrix}, \quad
F = \begin{pmatrix} dt\,\sigma \\ dt^2 \varphi \end{pmatrix}, \quad
c = e^{-h}\cosh\sqrt s,\ \sigma = e^{-h}\frac{\sinh\sqrt s}{\sqrt s},\ \varphi = \varphi_1[p_1, p_2],$$

where $\varphi_1(x) = (e^x - 1)/x$ and $\varphi_1[p_1, p_2]$ is its divided difference at the two poles
$-h \pm \sqrt s$. All four functions are entire in $(h, s)$, so nothing happens at critical damping, at
$A = 0$ or at a change of sign; only their evaluation has regions, each with its own formula and with
arguments that stay inside, so that no derivative of an unused formula is infinite.

| region | used for | formula |
|---|---|---|
| $\lvert s\rvert \le 1$ | $c, \sigma$ | power series in $s$ |
| $s < -1$ | $c, \sigma$ | cosine and sine |
| $s > 1$ | $c, \sigma$ | exponentials of the two real poles; never $\cosh$ (overflow), never $h - \sqrt s$ (cancellation) |
| $s \le 1/4$, $\lvert a\rvert \le 1$ | $\varphi$ | $\sum_j H_j/(j+2)!$, $H_{j+1} = -2h H_j - a H_{j-1}$ |
| $s \le 1/4$, else | $\varphi$ | $(1 - M_{22})/a$, with $1 - \cos$ as $2\sin^2$ |
| $s > 1/4$ | $\varphi$ | divided difference, by the formula that does not cancel |

Not trusted by any check: the checker has the exact power series in integers.
"""  # noqa: E501

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from ssmctl.certificates.schemes import NAMES, SCHEMES
from ssmctl.errors import InputError

__all__ = ["oscillator_matrices", "phi1", "planar_matrices", "refuse_steps"]

_TERMS = 11  # of the series of cosh and sinh: 1/(2 * 11)! is 1e-21
_TERMS_PHI_1 = 15  # of the series of (exp(x) - 1)/x on |x| < 1/2
_TERMS_PHI = 26  # H_j <= (j + 1) 1.63^j there, so the first term left out is below 1e-20


def oscillator_matrices(stiffness: Any, damping: Any, dt: Any, scheme: str) -> tuple[Any, Any]:
    r"""Return the matrices of $\ddot y + G \dot y + A y = f$ over one step, state (velocity, position).

    $$\begin{pmatrix} \dot y_{k+1} \\ y_{k+1} \end{pmatrix}
    = M \begin{pmatrix} \dot y_k \\ y_k \end{pmatrix} + F f_k.$$

    | scheme | $M$ | over | $F$ | $f_k$ is the force |
    |---|---|---|---|---|
    | `im` | $1,\ -dt\,A;\ dt,\ 1+g$ | $1+g+a$ | $dt,\ dt^2$ | at the step's sample |
    | `imex` | $1,\ -dt\,A;\ dt,\ 1+g-a$ | $1+g$ | $dt,\ dt^2$ | at the step's sample |
    | `imex2` | $1-g,\ -dt\,A;\ dt(1-g),\ 1-a$ | 1 | $dt,\ dt^2$ | at the step's sample |
    | `imex3` | $1-g,\ -dt\,A;\ dt(1-g),\ 1$ | $1+a$ | $dt,\ dt^2$ | at the step's sample |
    | `euler` | $1-g,\ -dt\,A;\ dt,\ 1$ | 1 | $dt,\ 0$ | at the step's sample |
    | `tustin` | $1-g/2-a/4,\ -dt\,A;\ dt,\ 1+g/2-a/4$ | $1+g/2+a/4$ | $dt,\ dt^2/2$ | mean over the step |
    | `zoh` | exact, closed form | | | held over the step |
    | `verlet` | $1-a/2,\ -dt\,A(1-a/4);\ dt,\ 1-a/2$ | 1 | $dt(1-a/4),\ dt^2/2$ | held over the step |

    with $a = A\,dt^2$, $g = G\,dt$. The constant response to a constant force is $1/A$ in all of them.

    **Arguments:** `stiffness` [1/s²], `damping` [1/s], `dt` > 0 [s]: numbers or arrays, NumPy or JAX, that
    broadcast against each other; any signs. The dtype is that of stiffness and damping; integers become
    float64. `scheme`: a name of the table.

    **Returns:** `M` (..., 2, 2) and `F` (..., 2), in JAX if one of the arrays was.
    **Raises:** `InputError` for another scheme, dt <= 0, NaN, a divisor 0, `verlet` with damping. What is
    traced by `jit`, `grad` or `vmap` has no values yet, so only its shape is checked.

    **Guarantee:** none, floating point; measured against 400-bit arithmetic zoh is within 2e-15 of the
    norm at any damping. Derivatives of all orders are finite, at critical damping and at A = 0 too.
    **Cost:** a few operations an entry; about 150 for zoh.

    >>> M, F = oscillator_matrices(4.0, 0.0, 0.5, "im")
    >>> M.tolist(), F.tolist()
    ([[0.5, -1.0], [0.25, 0.5]], [0.25, 0.125])
    """
    (m11, m12, m21, m22), (f1, f2) = _entries(stiffness, damping, dt, scheme)
    xp = _library(m11)
    M = xp.stack([xp.stack([m11, m12], axis=-1), xp.stack([m21, m22], axis=-1)], axis=-2)
    return M, xp.stack([f1, f2], axis=-1)


def planar_matrices(stiffness: Any, damping: Any, dt: Any, scheme: str) -> tuple[Any, Any]:
    """Return what `oscillator_matrices` does with the oscillators last: `M` (..., 2, 2, r), `F` (..., 2, r).

    **Arguments, Raises, Cost:** as `oscillator_matrices`, at least one of them an array (..., r).
    **Guarantee:** none, floating point.
    """
    (m11, m12, m21, m22), (f1, f2) = _entries(stiffness, damping, dt, scheme)
    xp = _library(m11)
    M = xp.stack([xp.stack([m11, m12], axis=-2), xp.stack([m21, m22], axis=-2)], axis=-3)
    return M, xp.stack([f1, f2], axis=-2)


def refuse_steps(stiffness: Any, damping: Any, dt: Any, scheme: str) -> None:
    """Raise `InputError` for an unknown scheme and for known values that are wrong. **Cost:** one pass."""
    if scheme not in NAMES:
        raise InputError(f"`scheme` must be one of {', '.join(NAMES)}, got {scheme!r}")
    for name, value in (("stiffness", stiffness), ("damping", damping), ("dt", dt)):
        if np.issubdtype(
            value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype, np.complexfloating
        ):
            raise InputError(
                f"`{name}` must be real, got a complex number; poles are `oscillator_from_modal`'s"
            )
        known = _known(value)
        if known is not None and not np.isfinite(known).all():
            raise InputError(f"`{name}` must be finite, got {known}")
    step = _known(dt)
    if step is not None and not (step > 0).all():
        raise InputError(f"`dt` must be positive, got {dt}; a step has a length in seconds")
    A, G = _known(stiffness), _known(damping)
    if scheme == "verlet" and G is not None and G.any():
        raise InputError(f"`verlet` has no damping, got {damping}; use imex, im, tustin or zoh")
    if scheme != "zoh" and A is not None and G is not None and step is not None:
        with np.errstate(over="ignore", under="ignore"):
            divisor = np.asarray(SCHEMES[scheme](A, G, step, np.float64(1))[0])
        if (divisor == 0).any():
            raise InputError(
                f"the divisor of `{scheme}` is 0 for this stiffness, damping and dt: the step has no "
                "solution; change dt, or use zoh"
            )


def _entries(stiffness: Any, damping: Any, dt: Any, scheme: str) -> tuple[tuple[Any, ...], tuple[Any, Any]]:
    refuse_steps(stiffness, damping, dt, scheme)
    given = (stiffness, damping, dt)
    xp = jnp if any(isinstance(value, jax.Array) for value in given) else np
    typed = [v.dtype for v in (stiffness, damping) if hasattr(v, "dtype")] or [
        getattr(dt, "dtype", np.float64)
    ]
    dtype = np.result_type(*typed)
    dtype = dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float64)
    A, G, h = xp.broadcast_arrays(*(xp.asarray(value, dtype) for value in given))
    if scheme == "zoh":
        return _held_force(A, G, h)
    divisor, motion, force = SCHEMES[scheme](A, G, h, xp.ones_like(A))
    return tuple(entry / divisor for entry in motion), (force[0] / divisor, force[1] / divisor)


def _known(value: Any) -> np.ndarray | None:
    """Return the values if there are any yet."""
    return None if isinstance(value, Tracer) else np.asarray(value, np.float64)


def _library(array: Any) -> Any:
    return jnp if isinstance(array, jax.Array) else np


def _held_force(stiffness: Any, damping: Any, dt: Any) -> tuple[tuple[Any, ...], tuple[Any, Any]]:
    r"""Return the entries $M_{11}, M_{12}, M_{21}, M_{22}$ and $F_1, F_2$ of the exact step.

    **Arguments:** `stiffness` [1/s²], `damping` [1/s], `dt` > 0 [s]: floating-point arrays of one shape,
    one dtype and one library; any signs of stiffness and damping.

    **Returns:** arrays of that shape, dtype and library.
    **Guarantee:** none proved; tests compare with 400-bit arithmetic. Values beyond the range of the
    dtype become infinite. **Cost:** about 150 operations an entry, one pass each.
    """
    xp = _library(stiffness)
    half = damping / 2
    high = _leading_half(half)  # its square is exact, so G²/4 - A loses nothing next to critical damping
    low = half - high
    h, a = half * dt, stiffness * dt * dt
    s = (((high * high - stiffness) + (2 * high + low) * low) * dt) * dt

    m11, m22, sigma = _free_motion(xp, h, a, s)
    phi = _phi(xp, h, a, s, m22, sigma)
    velocity = dt * sigma
    return (m11, -(stiffness * velocity), velocity, m22), (velocity, dt * dt * phi)


def _free_motion(xp: Any, h: Any, a: Any, s: Any) -> tuple[Any, Any, Any]:
    """Return c - hσ, c + hσ, σ."""
    over, under = s > 1, s < -1
    decay = xp.exp(-xp.where(over, 0, h))
    near = xp.where(over | under, 0, s)
    cosh = _polynomial(near, [1 / math.factorial(2 * k) for k in range(_TERMS)])
    sinhc = _polynomial(near, [1 / math.factorial(2 * k + 1) for k in range(_TERMS)])

    angle = xp.sqrt(-xp.where(under, s, -1))
    cosine, sine = xp.cos(angle), xp.sin(angle) / angle

    slow, fast, gap = _real_poles(xp, over, h, a, s)
    spread = -xp.exp(slow) * xp.expm1(-gap) / gap
    floor = xp.exp(fast)  # M11 = e^f + sσ and M22 = e^f - fσ keep their digits when both poles are far apart

    c = decay * xp.where(under, cosine, cosh)
    sigma = xp.where(over, spread, decay * xp.where(under, sine, sinhc))
    m11 = xp.where(over, floor + slow * spread, c - h * sigma)
    m22 = xp.where(over, floor - fast * spread, c + h * sigma)
    return m11, m22, sigma


def _phi(xp: Any, h: Any, a: Any, s: Any, m22: Any, sigma: Any) -> Any:
    apart = s > 0.25
    small = ~apart & (xp.abs(a) <= 1)
    middle = ~apart & ~small

    g, b = 2 * xp.where(small, h, 0), xp.where(small, a, 0)
    before, now = xp.zeros_like(g), xp.ones_like(g)
    series = now / 2
    for j in range(1, _TERMS_PHI):
        before, now = now, -g * now - b * before
        series = series + now * (1 / math.factorial(j + 2))

    # 1 - M22 = (1 - e^-h) + e^-h (1 - cosh √s) - hσ, where 1 - cos q = 2 sin²(q/2)
    hm, sm = xp.where(middle, h, 0), xp.where(middle, s, -1)
    wave = sm < -1
    q = xp.sqrt(-xp.where(wave, sm, -1))
    rise = xp.where(wave, 2 * xp.sin(q / 2) ** 2, 0)
    oscillating = (-xp.expm1(-hm) + xp.exp(-hm) * rise - hm * xp.where(middle, sigma, 0)) / xp.where(
        middle, a, 1
    )
    plain = (1 - xp.where(middle, m22, 0)) / xp.where(middle, a, 1)

    slow, fast, gap = _real_poles(xp, apart, h, a, s)
    slow, fast = xp.where(apart, slow, 0), xp.where(apart, fast, -1)
    at_fast = phi1(xp, fast)
    decayed = slow < -1
    difference = (phi1(xp, slow) - at_fast) / gap
    remainder = (at_fast - xp.where(decayed, sigma, 0)) / -xp.where(decayed, slow, -1)

    return xp.where(
        apart,
        xp.where(decayed, remainder, difference),
        xp.where(small, series, xp.where(wave, oscillating, plain)),
    )


def _real_poles(xp: Any, where: Any, h: Any, a: Any, s: Any) -> tuple[Any, Any, Any]:
    """Return the larger pole, the smaller one and their distance; the product of the two is a."""
    q = xp.sqrt(xp.where(where, s, 1))
    h, a = xp.where(where, h, 0), xp.where(where, a, -1)
    far = xp.where(h < 0, q - h, -h - q)
    near = a / far
    return xp.where(h < 0, far, near), xp.where(h < 0, near, far), 2 * q


def phi1(xp: Any, x: Any) -> Any:
    """Return (exp(x) - 1)/x, real or complex; its derivatives are accurate at 0 too. **Cost:** one pass."""
    near = xp.abs(x) < 0.5  # expm1(x)/x would be as good, but not its derivative
    safe = xp.where(near, 1, x)
    series = _polynomial(xp.where(near, x, 0), [1 / math.factorial(k + 1) for k in range(_TERMS_PHI_1)])
    return xp.where(near, series, xp.expm1(safe) / safe)


def _polynomial(x: Any, coefficients: list[float]) -> Any:
    value = 0 * x + coefficients[-1]
    for c in coefficients[-2::-1]:
        value = value * x + c
    return value


def _leading_half(x: Any) -> Any:
    """Round to half the digits of the dtype; a constant for derivatives, which go through the remainder."""
    bits = (jnp.finfo(x.dtype).nmant + 1) // 2
    if isinstance(x, jax.Array):
        rounded = jax.lax.reduce_precision(x, jnp.finfo(x.dtype).nexp, bits - 1)
        return jax.lax.stop_gradient(rounded)
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.rint(np.ldexp(mantissa, bits)), exponent - bits)
