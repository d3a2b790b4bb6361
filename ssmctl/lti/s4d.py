r"""Diagonal state-space layers (S4D) and damped oscillators are the same systems; conversions both ways.

A complex mode $\dot x = \lambda x + b u$ read as $\mathrm{Re}(c x)$ is the oscillator

$$\ddot y + G \dot y + A y = b u, \quad A = \lvert\lambda\rvert^2,\ G = -2\,\mathrm{Re}\lambda,
\qquad \text{read as } \mathrm{Re}(c\,\dot y - c \bar\lambda\, y),$$

because both have the transfer function $\mathrm{Re}[\,c b\,(s - \bar\lambda)]/(s^2 + G s + A)$, with Re taken
of the coefficients. The natural frequency is $\lvert\lambda\rvert$, not $\mathrm{Im}\lambda$; the damping is
$-2\,\mathrm{Re}\lambda$, not $\mathrm{Re}\lambda$.

**When it is exact.** In continuous time always. In discrete time under a held input, that is for the scheme
zoh: the S4D kernel is then the Green's function of the oscillator,

$$K_n = \mathrm{Re}\Bigl[c b\,\frac{e^{\lambda dt} - 1}{\lambda}\,e^{\lambda dt\,n}\Bigr]
= (c_{\dot y}, c_y)\, M^n F$$

($c$ doubled where one of each conjugate pair is stored, as S4D does). It is not $e^{\lambda dt\,n}$.

**What fails.** The *velocity* has to be read: position alone will do only if $\mathrm{Re}(c b) = 0$. From
samples, $\lambda$ and $\lambda + 2\pi i/dt$ cannot be told apart. A real pole is of first order and no
oscillator; an overdamped oscillator has two of them and no modal form of this kind.
"""

from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from ssmctl.errors import InputError
from ssmctl.lti.arrays import library, traced
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import Modal

__all__ = ["modal_from_oscillator", "oscillator_from_modal"]


def oscillator_from_modal(
    system: Modal, dt: Any, scheme: str = "zoh", *, output: Literal["pre", "post"] = "pre"
) -> Oscillator:
    r"""Write the complex modes of a continuous `Modal` as damped oscillators, one for each mode.

    $$A = \lvert\lambda\rvert^2, \quad G = -2\,\mathrm{Re}\lambda, \quad c_{\dot y} = c, \quad
    c_y = -c\bar\lambda.$$

    With one input, or a real `B`, the oscillators are real ($c b$ takes the place of $c$, and 1 that of $b$);
    else their `B` and `C` are complex. S4D layers store one pole of each pair and read the new state:

        oscillator_from_modal(Modal.from_conjugate_pairs(lam, B, C, D, dt=0), dt, output="post")

    **Arguments:** `system`: a `Modal` with `dt=0` and no real pole; `dt`: the step [s] of the oscillators, a
    number or (n,); `scheme`: zoh reproduces the held-input kernel, the others approximate it; `output`: what
    the oscillators read.

    **Returns:** an `Oscillator` with n oscillators, the names of the system, in its library and precision.
    **Raises:** `InputError` for a discrete system (`undiscretize` it first), for real poles.

    **Guarantee:** exact in real arithmetic; here products are rounded. **Cost:** $O(nm + pn)$.

    >>> swing = Modal([-1 + 2j], [[1]], [[1j]], dt=0)
    >>> layer = oscillator_from_modal(swing, 0.1)
    >>> layer.stiffness.tolist(), layer.damping.tolist(), layer.position.tolist()
    ([5.0], [2.0], [[-2.0]])
    """
    if not isinstance(system, Modal):
        raise InputError(
            f"expected a Modal, got a {type(system).__name__}; S4D: `Modal.from_conjugate_pairs`"
        )
    if system.dt is True or system.dt != 0:
        raise InputError("the poles of a discrete system are no rates; `undiscretize(system)` first")
    lam, B, C = system.lam, system.B, system.C
    if not traced(lam) and (np.imag(np.asarray(lam)) == 0).any():
        raise InputError(
            "a real pole is of first order and no oscillator; keep those modes in a Modal of their own"
        )
    xp = library(lam)
    if system.ninputs == 1:
        B, C = xp.ones_like(library(B).real(B)), C * B[:, 0][None, :]
    elif not traced(B) and not np.imag(np.asarray(B)).any():
        B = library(B).real(B)
    velocity, position = C, -C * xp.conj(lam)[None, :]
    if not np.issubdtype(B.dtype, np.complexfloating):
        velocity, position = xp.real(velocity), xp.real(position)
    return Oscillator(
        xp.real(lam) ** 2 + xp.imag(lam) ** 2,
        -2 * xp.real(lam),
        dt,
        scheme,
        B=B,
        C={"velocity": velocity, "position": position},
        D=system.D,
        output=output,
        name=system.name,
        input_names=system.input_names,
        output_names=system.output_names,
    )


def modal_from_oscillator(system: Oscillator) -> Modal:
    r"""Write underdamped oscillators, $G^2 < 4A$, as complex modes in continuous time.

    $$\lambda = -\tfrac{G}{2} + i\sqrt{A - \tfrac{G^2}{4}}, \qquad
    c = \frac{c_{\dot y}\lambda + c_y}{i\,\mathrm{Im}\lambda},$$

    so that $\mathrm{Re}(C x) + D u$ is the output. S4D layers, which double the real part, store $C/2$.
    Complex oscillators are made real first, twice as many, as the real part of an output mixes their modes.

    **Arguments:** `system`: an `Oscillator`. Its step, scheme and `output` are no part of the equation and
    are dropped: for the samples of a zoh system write `discretize(modal, dt)`.

    **Returns:** a `Modal` with `dt=0` and a real `B`, in the same library and precision.
    **Raises:** `InputError` for critical or overdamped oscillators, for a bias that is not 0.

    **Guarantee:** exact in real arithmetic; $c$ loses digits next to critical damping, where
    $\mathrm{Im}\lambda$ is small. **Cost:** $O(rm + pr)$.

    >>> modal_from_oscillator(Oscillator(5.0, 2.0, 0.1, B=[[1]], C=[[1]])).lam.tolist()
    [(-1+2j)]
    """
    if not isinstance(system, Oscillator):
        raise InputError(f"expected an Oscillator, got a {type(system).__name__}")
    if system.bias is not None and (traced(system.bias) or np.asarray(system.bias).any()):
        raise InputError("a constant force has no place in a Modal; feed the bias as an input")
    system = system.to_real()
    xp = library(system.stiffness)
    square = system.stiffness - (system.damping / 2) ** 2
    if not traced(square) and not (np.asarray(square) > 0).all():
        raise InputError(
            f"oscillators {np.flatnonzero(~(np.asarray(square) > 0)).tolist()} are not underdamped "
            "(damping² >= 4 stiffness): their poles are real, and no complex mode has them"
        )
    turn = xp.sqrt(square)
    lam = _complex(xp, -system.damping / 2, turn)
    r = system.noscillators
    velocity, position = system.C[:, :r], system.C[:, r:]
    # (c_v λ + c_y)/(i ω) = c_v + (c_v Re λ + c_y)/(i ω)
    rest = (velocity * xp.real(lam)[None, :] + position) / turn[None, :]
    C = _complex(library(velocity), velocity, -rest)
    names = {key: getattr(system, key) for key in ("name", "input_names", "output_names")}
    return Modal(lam, system.B, C, system.D, dt=0, **names)


def _complex(xp: Any, real: Any, imag: Any) -> Any:
    if xp is jnp:
        return jax.lax.complex(*jnp.broadcast_arrays(real, imag))
    dtype = np.result_type(real.dtype, np.complex64)
    return real.astype(dtype) + dtype.type(1j) * imag.astype(dtype)
