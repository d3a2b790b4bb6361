r"""Powers of stored poles, $\lambda^k$, of 2×2 blocks, and $1 - |\lambda|$, more accurate than their dtype.

Repeated products in the working precision lose $k\,\epsilon$ in $\lambda^k$: near the unit circle, all that
there is to know. Here a number is carried as an unevaluated sum `hi + lo` of two floats, about twice
the digits, in the same dtype: float32 needs no float64. Every product that must be exact is one of halves,
obtained by masking bits, hence exact in the hardware: a compiler that fuses it with the next addition changes
nothing. What remains are plain additions in a fixed order, which XLA keeps.

Derivatives are those of the mathematics, $d\lambda^k = k \lambda^{k-1} d\lambda$, in every mode.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Complex, Float

__all__ = [
    "as_blocks",
    "block_power",
    "block_powers",
    "dense_power",
    "mode_power",
    "mode_powers",
    "one_minus_modulus",
]

Pair = tuple[Any, Any]
"""An unevaluated sum `hi + lo` of two arrays of one shape and dtype."""

_MASKS = {4: np.uint32(0xFFFFF000), 8: np.uint64(0xFFFFFFFFF8000000)}  # the upper half of a significand


def two_sum(a: Any, b: Any) -> Pair:
    """Return `a + b` exactly, as its rounding and the error of that."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def halves(a: Any) -> Pair:
    """Split floats in two parts of half the digits, whose products are exact."""
    mask = _MASKS[a.dtype.itemsize]
    upper = lax.bitcast_convert_type(lax.bitcast_convert_type(a, mask.dtype) & mask, a.dtype)
    return upper, a - upper


def product(a: Pair, b: Pair) -> Pair:
    """Multiply two double-floats elementwise, broadcasting; relative error about $2^{-46}$ in float32."""
    (x, y), (u, v) = halves(a[0]), halves(b[0])
    middle, e = two_sum(x * v, y * u)
    s, f = two_sum(x * u, middle)
    return two_sum(s, f + (e + y * v + (a[0] * b[1] + a[1] * b[0])))


def total(a: Pair, b: Pair) -> Pair:
    """Add two double-floats; the error is about $2^{-47}$ of $|a| + |b|$ in float32."""
    s, e = two_sum(a[0], b[0])
    return two_sum(s, e + (a[1] + b[1]))


def _each(f: Any, a: Pair) -> Pair:
    return f(a[0]), f(a[1])


# -------------------------------------------------------------- complex modes, planar: (..., 2, n), Re and Im


def _planar(lam: Any) -> Pair:
    z = jnp.stack([lam.real, lam.imag], -2)
    return z, jnp.zeros_like(z)


def _complex(z: Any) -> Any:
    return lax.complex(z[..., 0, :], z[..., 1, :])


def _mode_product(a: Pair, b: Pair) -> Pair:
    straight, crossed = product(a, b), product(a, _each(lambda z: z[..., ::-1, :], b))
    re = total(_each(lambda z: z[..., 0, :], straight), _each(lambda z: -z[..., 1, :], straight))
    im = total(_each(lambda z: z[..., 0, :], crossed), _each(lambda z: z[..., 1, :], crossed))
    return jnp.stack([re[0], im[0]], -2), jnp.stack([re[1], im[1]], -2)


def _block_product(a: Pair, b: Pair) -> Pair:
    first = product(_each(lambda M: M[..., :, :1, :], a), _each(lambda M: M[..., :1, :, :], b))
    return total(first, product(_each(lambda M: M[..., :, 1:, :], a), _each(lambda M: M[..., 1:, :, :], b)))


def _one(like: Any) -> Pair:
    """The identity of the planar products: a mode (2, n) or a block (2, 2, n)."""
    row = jnp.asarray([1, 0] if like.ndim == 2 else [[1, 0], [0, 1]], like.dtype)
    return jnp.broadcast_to(row[..., None], like.shape), jnp.zeros_like(like)


@partial(jax.jit, static_argnums=(0, 2))
def _table(multiply: Any, base: Pair, last: int) -> tuple[Any, Any]:
    r"""Return the powers 0 .. last, rounded, and what the last row lost in rounding.

    $\lambda^{si+j}$ is the product of two short tables, of $\lambda$ and $\lambda^s$, both right to
    the last digit. They are one loop in another, which is small to compile.
    """
    s = 1 << ((last.bit_length() + 1) // 2)
    one = _one(base[0])

    def chain(base: Pair, _: None) -> tuple[Pair, Pair]:
        step = lambda power, _: (multiply(power, base),) * 2
        end, rest = lax.scan(step, one, None, length=s)
        return end, jax.tree.map(lambda first, more: jnp.concatenate([first[None], more]), one, rest)

    tables = lax.scan(chain, base, None, length=2)[1]
    row = lambda table, k: _each(lambda z: z[table, k], tables)
    i, j = divmod(last, s)
    hi, lo = multiply(row(1, i), row(0, j)) if j else row(1, i)
    left, right = tables[0][1, : i + 1, None], tables[0][0, None, :s]
    if base[0].ndim == 2:
        re = left[..., 0, :] * right[..., 0, :] - left[..., 1, :] * right[..., 1, :]
        im = left[..., 0, :] * right[..., 1, :] + left[..., 1, :] * right[..., 0, :]
        rows = jnp.stack([re, im], -2)
    else:
        rows = left[..., :, :1, :] * right[..., :1, :, :] + left[..., :, 1:, :] * right[..., 1:, :, :]
    rows = rows.reshape((i + 1) * s, *base[0].shape)[:last]
    return jnp.concatenate([rows, hi[None]]), lo


@partial(jax.jit, static_argnums=(1, 2))
def _power(base: Pair, exponent: int, doublings: int) -> Pair:
    """Stack the powers whose exponents are the leading bits of $e$, up to $e$, then $2e, 4e, \\dots$"""
    bits = np.array([bit == "1" for bit in f"{exponent:b}"] + [False] * doublings)

    def step(power: Pair, bit: Any) -> tuple[Pair, Pair]:
        square = _block_product(power, power)
        odd = _block_product(square, base)
        power = jax.tree.map(lambda a, b: jnp.where(bit, a, b), odd, square)
        return power, power

    return lax.scan(step, _one(base[0]), bits)[1]


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def mode_powers(lam: Complex[Array, " n"], last: int) -> tuple[Any, Any]:
    r"""Return $\lambda^0, \dots, \lambda^K$ with $K$ = `last`, and $\lambda^K$ minus its own rounding.

    **Arguments:** `lam` (n,): the stored poles, complex64 or complex128. `last`: $K \ge 0$, static.
    **Returns:** (K+1, n), and (n,), both of the dtype of `lam`. The last row is correctly rounded but for
    rare ties, the others carry the rounding of one product more.

    **Guarantee:** none formally; against exact arithmetic 2e-7 relative for $k \le 1024$ in complex64.
    **Cost:** $O(\sqrt K n)$ double-float products, $O(K n)$ ordinary ones; derivatives of every mode.

    >>> mode_powers(jnp.array([0.5j]), 2)[0].tolist()
    [[(1+0j)], [0.5j], [(-0.25+0j)]]
    """
    rows, lost = _table(_mode_product, _planar(lam), last)
    return _complex(rows), _complex(lost)


@mode_powers.defjvp
def _(last: int, primals: Any, tangents: Any) -> Any:
    (lam,), (dlam,) = primals, tangents
    powers, lost = mode_powers(lam, last)
    k = jnp.arange(1, last + 1).astype(powers.real.dtype)[:, None]
    tail = lax.complex(k * powers[:-1].real, k * powers[:-1].imag) * dlam[None]
    return (powers, lost), (jnp.concatenate([jnp.zeros_like(powers[:1]), tail]), jnp.zeros_like(lost))


def mode_power(lam: Complex[Array, " n"], exponent: int, doublings: int = 0) -> Pair:
    r"""Return $\lambda^e, \lambda^{2e}, \lambda^{4e}, \dots$ as `hi + lo`; $e$ may be in the millions.

    **Arguments:** `lam` (n,), complex. `exponent`: $e \ge 0$ and `doublings`, static.
    **Returns:** two (doublings+1, n) arrays of the dtype of `lam`; `lo` has no derivative.
    **Guarantee:** none formally; relative error about $e\,2^{-46}$ before rounding, in complex64.
    **Cost:** $2 \log_2 e$ products of double-float blocks.

    >>> mode_power(jnp.array([2.0 + 0j]), 5, doublings=1)[0].tolist()
    [[(32+0j)], [(1024+0j)]]
    """
    first = lambda M: lax.complex(M[:, 0, 0], M[:, 1, 0])
    hi, lo = block_power(as_blocks(lam), exponent, doublings)
    return first(hi), first(lo)


# ------------------------------------------------------------------------------------ 2x2 blocks and matrices


def as_blocks(lam: Any) -> Any:
    """Write complex numbers (..., n) as planar rotations with scaling, (..., 2, 2, n)."""
    return jnp.stack([jnp.stack([lam.real, -lam.imag], -2), jnp.stack([lam.imag, lam.real], -2)], -3)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def block_powers(M: Float[Array, "2 2 n"], last: int) -> tuple[Any, Any]:
    r"""Return $M^0, \dots, M^K$ of planar real 2×2 blocks, and $M^K$ minus its own rounding.

    **Arguments:** `M` (2, 2, n). `last`: $K \ge 0$, static. **Returns:** (K+1, 2, 2, n) and (2, 2, n).
    **Guarantee:** none formally; normwise as accurate as `mode_powers`. **Cost:** twice as much.

    >>> block_powers(jnp.array([[1.0, 1.0], [0.0, 1.0]])[..., None], 3)[0][3, :, :, 0].tolist()
    [[1.0, 3.0], [0.0, 1.0]]
    """
    return _table(_block_product, (M, jnp.zeros_like(M)), last)


def _times(a: Any, b: Any) -> Any:
    """Multiply planar blocks in the working precision."""
    return a[:, :1] * b[:1] + a[:, 1:] * b[1:]


@block_powers.defjvp
def _(last: int, primals: Any, tangents: Any) -> Any:
    (M,), (dM,) = primals, tangents
    powers, lost = block_powers(M, last)
    step = lambda d, power: (_times(dM, power) + _times(M, d),) * 2  # of M^{k+1} = M M^k
    rest = lax.scan(step, jnp.zeros_like(M), powers[:-1])[1]
    return (powers, lost), (jnp.concatenate([jnp.zeros_like(M)[None], rest]), jnp.zeros_like(lost))


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def block_power(M: Float[Array, "2 2 n"], exponent: int, doublings: int = 0) -> Pair:
    r"""Return $M^e, M^{2e}, M^{4e}, \dots$ of planar real 2×2 blocks as `hi + lo`, for a static $e \ge 0$.

    **Arguments:** `M` (2, 2, n). **Returns:** two (doublings+1, 2, 2, n) arrays; `lo` has no derivative.
    **Guarantee:** none formally, as `mode_power`. **Cost:** $2 \log_2 e$ double-float products.
    """
    hi, lo = _power((M, jnp.zeros_like(M)), exponent, doublings)
    return hi[-1 - doublings :], lo[-1 - doublings :]


@block_power.defjvp
def _(exponent: int, doublings: int, primals: Any, tangents: Any) -> Any:
    (M,), (dM,) = primals, tangents
    hi, lo = block_power(M, exponent, doublings)
    right = lax.stop_gradient(_power((M, jnp.zeros_like(M)), exponent, doublings)[0])
    power, d, rows = _one(M)[0], jnp.zeros_like(M), []
    for i, bit in enumerate(f"{exponent:b}" + "0" * doublings):
        power, d = _times(power, power), _times(power, d) + _times(d, power)
        if bit == "1":
            power, d = _times(M, power), _times(dM, power) + _times(M, d)
        power = power + lax.stop_gradient(right[i] - power)  # its value is right, its derivative its own
        rows.append(d)
    return (hi, lo), (jnp.stack(rows[-1 - doublings :]), jnp.zeros_like(lo))


def dense_power(A: Float[Array, "n n"], exponent: int) -> Any:
    r"""Return $A^e$ by its bits, every product at precision "highest", for one static $e \ge 0$.

    **Arguments:** `A` (n, n). **Returns:** (n, n). **Guarantee:** none, floating point.
    **Cost:** $2 \log_2 e$ matrix products.

    >>> dense_power(jnp.array([[1.0, 1.0], [0.0, 1.0]]), 5).tolist()
    [[1.0, 5.0], [0.0, 1.0]]
    """
    power, square = None, A
    while exponent:
        if exponent & 1:
            power = square if power is None else jnp.matmul(power, square, precision="highest")
        exponent >>= 1
        square = jnp.matmul(square, square, precision="highest") if exponent else square
    return jnp.eye(A.shape[0], dtype=A.dtype) if power is None else power


# ------------------------------------------------------------------------------------- distance to the circle


@jax.custom_jvp
def one_minus_modulus(lam: Complex[Array, " n"]) -> Any:
    r"""Return $1 - |\lambda|$ of stored poles, without cancellation.

    $$1 - |\lambda| = \frac{1 - (\mathrm{Re}\,\lambda)^2 - (\mathrm{Im}\,\lambda)^2}{1 + |\lambda|}$$

    **Arguments:** `lam` (n,), complex. **Returns:** (n,), real; negative outside the disc.
    **Guarantee:** none formally; a few units of the last place down to the spacing of the floats at 1.
    **Cost:** $O(n)$; derivatives of every mode, zero at $\lambda = 0$ where there is none.

    >>> one_minus_modulus(jnp.array([0.6 + 0.8j, 0.5j])).tolist()[1]
    0.5
    """
    z = (jnp.stack([lam.real, lam.imag]), jnp.zeros_like(jnp.stack([lam.real, lam.imag])))
    squares = product(z, z)
    h, e = total(_each(lambda s: s[0], squares), _each(lambda s: s[1], squares))
    d, f = two_sum(jnp.ones_like(h), -h)
    return (d + (f - e)) / (1 + jnp.sqrt(h))


@one_minus_modulus.defjvp
def _(primals: Any, tangents: Any) -> Any:
    (lam,), (dlam,) = primals, tangents
    modulus = jnp.abs(lam)
    toward = (lam.real * dlam.real + lam.imag * dlam.imag) / jnp.where(modulus == 0, 1, modulus)
    return one_minus_modulus(lam), -toward
