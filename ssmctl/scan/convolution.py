r"""Simulation by FFT: $y = K * u + \text{free response}$, with $K_0 = D$, $K_j = C A^{j-1} B$.

The kernel is the response to unit impulses, made by lifted runs; so is the free response. The transform is
longer than $2T - 2$, or the end of the output would wrap around to its start.
"""

from typing import Any

import jax
import jax.numpy as jnp
from scipy.fft import next_fast_len

from ssmctl.scan.forms import Form
from ssmctl.scan.lifted import advance, cut, lift

__all__ = ["convolve", "impulse"]


def impulse(form: Form, T: int, block: int) -> Any:
    """Return the impulse response of a real form, (T, p, m), heights 1.

    **Arguments:** `form` with constant coefficients, `T` >= 1 samples, `block` steps in a chunk.
    **Guarantee:** none, floating point. **Cost:** `m` lifted runs.
    """
    m = form.B.shape[1]
    unit = jnp.zeros((m, T, m), form.D.dtype).at[:, 0].set(jnp.eye(m, dtype=form.D.dtype))
    start = jnp.zeros((form.size,), form.D.dtype)
    return jax.vmap(lambda v: lift(form, v, start, block)[0], out_axes=2)(unit)


def convolve(form: Form, v: Any, start: Any, block: int) -> tuple[Any, Any]:
    r"""Run a system as a convolution: outputs (T, p) and the last state (S,).

    **Arguments:** `v` (T, m) real inputs, `start` (S,), `block` the chunks of the kernel, at most T.
    **Guarantee:** none; rounding is relative to the largest output, not to each one.
    **Cost:** $O(m p\,T \log T)$ and `m + 1` lifted runs.
    """
    T = len(v)
    length = next_fast_len(2 * T - 1, real=True)
    kernel = jnp.fft.rfft(impulse(form, T, block), length, axis=0)
    spectrum = jnp.einsum("fpm,fm->fp", kernel, jnp.fft.rfft(v, length, axis=0), precision="highest")
    forced = jnp.fft.irfft(spectrum, length, axis=0)[:T]
    free = lift(form, jnp.zeros_like(v), start, block)[0]
    return forced + free, advance(form, cut(form, v, block), start)[2]
