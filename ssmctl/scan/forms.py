r"""Every linear system in one of two real forms, so that each schedule is written once.

$$s_{k+1} = a\,s_k + B v_k, \qquad w_k = C s_k + D v_k \quad (\text{or } C s_{k+1} + D v_k),$$

with real $s$, and $a$ either planar 2×2 blocks (`"block"`, (2, 2, N), states stored as all first components,
then all second ones) or a matrix (`"dense"`). Products of complex numbers become real ones here: that is
faster, and on accelerators the only kind whose precision can be asked for.

| system | form | state $s$ |
|---|---|---|
| `StateSpace`, real | dense | $x$ |
| `StateSpace`, complex | dense of twice the size | Re x, Im x |
| `Modal` | block, one for each pole | Re x, Im x |
| `Oscillator` | block | velocities, positions |
| `Oscillator`, complex | block, two for each oscillator | Re, Im of velocities, Re, Im of positions |

A constant force enters as one more input that is always 1.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import lax

from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import AbstractSystem, Modal, StateSpace
from ssmctl.scan.powers import as_blocks

__all__ = ["Form", "real_form"]


_ARRAYS = ["a", "B", "C", "D", "lam", "gain"]
_STATIC = ["structure", "post", "coding", "complex_signals", "forced"]


@partial(jax.tree_util.register_dataclass, data_fields=_ARRAYS, meta_fields=_STATIC)
@dataclass(frozen=True)
class Form:
    """A linear system in real arithmetic, and how its signals are coded. Lives inside a trace only.

    `coding` names the state's: "real", "complex" (Re, Im) or "planar" (Re, Im of each half). `lam` are the
    poles of a modal system. With `gain` (T, S) the multiplier has a leading time axis too: step k adds
    `gain[k] * (B v_k)`. `forced` says that the last input is a constant 1.
    """

    structure: Literal["block", "dense"]
    a: Any
    B: Any
    C: Any
    D: Any
    post: bool
    coding: Literal["real", "complex", "planar"] = "real"
    complex_signals: bool = False
    forced: bool = False
    lam: Any = None
    gain: Any = None

    @property
    def size(self) -> int:
        """Number of real states."""
        return self.B.shape[0]

    def shaped(self, s: Any) -> Any:
        """Give flat states (..., S) the shape of the recurrence: (..., 2, N) for blocks."""
        return _halved(s) if self.structure == "block" else s

    def flat(self, s: Any) -> Any:
        """Undo `shaped`."""
        return s.reshape(*s.shape[:-2], 2 * s.shape[-1]) if self.structure == "block" else s

    def encode_state(self, x: Any) -> Any:
        """Write a state of the system, (..., n), as real numbers, (..., S)."""
        if self.coding == "real":
            return x
        if self.coding == "complex":
            return jnp.concatenate([x.real, x.imag], -1)
        halves = _halved(x)
        return jnp.concatenate([halves.real, halves.imag], -1).reshape(*x.shape[:-1], 2 * x.shape[-1])

    def decode_state(self, s: Any) -> Any:
        """Undo `encode_state`."""
        if self.coding == "real":
            return s
        if self.coding == "complex":
            return _joined(s)
        return _joined(_halved(s)).reshape(*s.shape[:-1], s.shape[-1] // 2)

    def encode_input(self, u: Any) -> Any:
        """Write the input (T, m) as real numbers, with the constant force where there is one."""
        if self.complex_signals:
            return jnp.concatenate([u.real, u.imag], -1)
        if self.forced:
            return jnp.concatenate([u, jnp.ones((*u.shape[:-1], 1), u.dtype)], -1)
        return u

    def decode_output(self, w: Any) -> Any:
        """Read the output (T, p) from real numbers."""
        return _joined(w) if self.complex_signals else w


def _halved(s: Any) -> Any:
    return s.reshape(*s.shape[:-1], 2, s.shape[-1] // 2)


def _joined(s: Any) -> Any:
    half = s.shape[-1] // 2
    return lax.complex(s[..., :half], s[..., half:])


def _stacked(M: Any) -> Any:
    return jnp.concatenate([M.real, M.imag], 0)


def _read(M: Any) -> Any:
    return jnp.concatenate([M.real, -M.imag], -1)


def real_form(system: AbstractSystem, dt: Any = None) -> Form:
    """Write a system in real arithmetic; every entry is a copy of a stored one, or of a step matrix's.

    **Arguments:** `system`: a `StateSpace`, `Modal` or `Oscillator` of JAX arrays. `dt`: for an oscillator,
    other steps: a scalar or (1, r), or (T, r) for steps that vary in time.

    **Guarantee:** exact but for the oscillator's step matrices, which are formed in the dtype of the system.
    **Cost:** one copy.
    """
    if isinstance(system, StateSpace):
        A, B, C, D = system.A, system.B, system.C, system.D
        if not jnp.issubdtype(A.dtype, jnp.complexfloating):
            return Form("dense", A, B, C, D, post=False)
        doubled = lambda M: jnp.block([[jnp.real(M), -jnp.imag(M)], [jnp.imag(M), jnp.real(M)]])
        A, B, C, D = map(doubled, (A, B, C, D))
        return Form("dense", A, B, C, D, post=False, coding="complex", complex_signals=True)
    if isinstance(system, Modal):
        B, C = _stacked(system.B), _read(system.C)
        post = system.output == "post"
        return Form("block", as_blocks(system.lam), B, C, system.D, post, coding="complex", lam=system.lam)
    assert isinstance(system, Oscillator)
    return _oscillator_form(system, dt)


def _oscillator_form(system: Oscillator, dt: Any) -> Form:
    M, F = system.matrices(dt)
    B, D = system.B, system.D
    bias, forced = system.bias, system.bias is not None
    if bias is not None:
        B = jnp.concatenate([B, bias[:, None]], 1)
        D = jnp.concatenate([D, jnp.zeros_like(D, shape=(D.shape[0], 1))], 1)
    zeros = jnp.zeros_like(system.B, shape=(system.noutputs, system.noscillators))
    readouts = [zeros if V is None else V for V in (system.velocity, system.position)]
    twice = jnp.issubdtype(B.dtype, jnp.complexfloating)
    if twice:
        B, readouts = _stacked(B), [_read(V) for V in readouts]
        M, F = jnp.concatenate([M, M], -1), jnp.concatenate([F, F], -1)
    gain = F.reshape(*F.shape[:-2], -1)
    B = jnp.concatenate([B, B])
    varying = M.ndim == 4
    B = B if varying else gain[:, None] * B
    coding = "planar" if twice else "real"
    C, post = jnp.concatenate(readouts, -1), system.output == "post"
    return Form("block", M, B, C, D, post, coding, forced=forced, gain=gain if varying else None)
