r"""Oscillators as pytrees: $\ddot y + G \dot y + A y = B u + b$, stepped by a named scheme.

What is stored is the equation (stiffness, damping, step), not the matrices of the step: those are formed
when they are used, and claims are decided exactly from what is stored.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Inexact
from numpy.typing import NDArray

from ssmctl.certificates.subject import OscillatorSubject, timebase
from ssmctl.errors import InputError
from ssmctl.lti import display
from ssmctl.lti.arrays import complexified, labels, library, signal, stored, traced
from ssmctl.lti.kernel import planar_matrices, refuse_steps
from ssmctl.lti.realise import dense, real_parts
from ssmctl.lti.system import AbstractSystem, StateSpace

__all__ = ["Oscillator"]

READOUTS = ("velocity", "position")


class Oscillator(AbstractSystem):
    r"""Oscillators side by side, $r$ of them, in discrete time.

    $$\ddot y + G \dot y + A y = B u + b, \qquad
    x_{k+1} = M x_k + F\,(B u_k + b), \qquad y_k = C x_k + D u_k,$$

    where $M, F$ are those of the scheme (`oscillator_matrices` has the table). The state is
    $x = (\dot y_1, \dots, \dot y_r, y_1, \dots, y_r)$: all velocities, then all positions. $B u_k + b$ is the
    force of the step from $k$ to $k+1$: its sample (`im imex imex2 imex3 euler`), its mean (`tustin`) or its
    held value (`zoh verlet`). `output="post"` reads the new state, $y_k = C x_{k+1} + D u_k$, as published
    LinOSS layers do.

    **Arguments:**

    - `stiffness` $A$ [1/s²] and `damping` $G$ [1/s]: (r,), real, any signs. A number is one oscillator.
    - `dt`: the period [s], a Python or NumPy number > 0 (static); or an array (r,), a step of its own for
      each oscillator, which is a leaf that trains. A JAX scalar is spread to (r,).
    - `scheme`: `im imex imex2 imex3 euler tustin zoh verlet`; `verlet` needs damping 0.
    - `B` (r, m), `C` (p, r), real or complex. `readout` says what `C` reads, "position" or "velocity"; for
      both give `C={"velocity": Cv, "position": Cp}`. One complex matrix makes the states complex, and the
      output is $\mathrm{Re}(C x) + D u$.
    - `D` (p, m), real, None for zeros. `bias` $b$: (r,) a constant force, or None.
    - `output`: "pre" or "post". `name`, `input_names`, `output_names`: labels, static, in no certificate.

    NumPy stays NumPy and JAX stays JAX, in the given precision.

    **Raises:** `InputError` for disagreeing shapes, NaN, dt <= 0, another scheme, a divisor 0.

    **Guarantee:** `subject()` holds exactly these numbers. **Cost:** one copy.

    >>> system = Oscillator([4.0], [0.0], 0.5, B=[[1]], C=[[1]])
    >>> system.step([1.0, 0.0], [0.0])[0].tolist()
    [0.5, 0.25]
    """

    stiffness: Float[Array | np.ndarray, " r"]
    damping: Float[Array | np.ndarray, " r"]
    steps: Float[Array | np.ndarray, " r"] | None
    B: Inexact[Array | np.ndarray, "r m"]
    velocity: Inexact[Array | np.ndarray, "p r"] | None
    position: Inexact[Array | np.ndarray, "p r"] | None
    D: Float[Array | np.ndarray, "p m"]
    bias: Inexact[Array | np.ndarray, " r"] | None
    _period: float | None = eqx.field(static=True)
    scheme: str = eqx.field(static=True)
    output: Literal["pre", "post"] = eqx.field(static=True)
    name: str | None = eqx.field(static=True)
    input_names: tuple[str, ...] | None = eqx.field(static=True)
    output_names: tuple[str, ...] | None = eqx.field(static=True)

    def __init__(
        self,
        stiffness: Any,
        damping: Any,
        dt: Any,
        scheme: str = "im",
        *,
        B: Any,
        C: Any,
        D: Any = None,
        bias: Any = None,
        readout: Literal["position", "velocity"] = "position",
        output: Literal["pre", "post"] = "pre",
        name: str | None = None,
        input_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
    ):
        self.stiffness, r = _vector("stiffness", stiffness, None)
        self.damping, _ = _vector("damping", damping, r)
        if isinstance(dt, jax.Array) or np.ndim(dt):
            spread = jnp.broadcast_to(dt, (r,)) if np.ndim(dt) == 0 else dt
            self.steps, self._period = _vector("dt", spread, r)[0], None
        else:
            self.steps, self._period = None, _positive(dt)
        refuse_steps(self.stiffness, self.damping, self._step(), scheme)
        self.scheme = scheme

        self.B = _matrix("B", B, (r, None), "one input is a column: `B.reshape(r, 1)`")
        read = dict(C) if isinstance(C, Mapping) else {readout: C}
        if not read or not set(read) <= set(READOUTS):
            raise InputError(
                f'`readout` must be "position" or "velocity", got {", ".join(map(repr, read)) or "nothing"}; '
                'for both give `C={"velocity": Cv, "position": Cp}`'
            )
        advice = "one output is a row: `C.reshape(1, r)`"
        given = {key: _matrix(f"C of the {key}", value, (None, r), advice) for key, value in read.items()}
        p, m = next(iter(given.values())).shape[0], self.B.shape[1]
        if any(value.shape[0] != p for value in given.values()):
            raise InputError(
                f"both readouts must have the same outputs, got {[v.shape for v in given.values()]}"
            )
        self.bias = None if bias is None else stored("bias", bias)
        if self.bias is not None and self.bias.shape != (r,):
            raise InputError(f"`bias` must be (r,) = ({r},), got {self.bias.shape}; one force per oscillator")
        forces = [value for value in (self.B, self.bias, *given.values()) if value is not None]
        if any(np.issubdtype(value.dtype, np.complexfloating) for value in forces):
            self.B, given = complexified(self.B), {key: complexified(v) for key, v in given.items()}
            self.bias = None if self.bias is None else complexified(self.bias)
        self.velocity, self.position = given.get("velocity"), given.get("position")
        like = next(iter(given.values()))
        if D is None:
            self.D = library(like).zeros((p, m), np.zeros(0, like.dtype).real.dtype)
        else:
            self.D = _matrix(
                "D", np.zeros((p, m)) if np.ndim(D) == 0 and p * m != 1 and _zero(D) else D, (p, m), ""
            )
        if np.issubdtype(self.D.dtype, np.complexfloating):
            raise InputError("`D` must be real, as inputs and outputs are; give `D.real`")
        if output not in ("pre", "post"):
            raise InputError(f'`output` must be "pre" or "post", got {output!r}')
        self.output = output
        self.name = name
        self.input_names = labels("input_names", input_names, m)
        self.output_names = labels("output_names", output_names, p)

    @staticmethod
    def from_frequency(omega: Any, zeta: Any, dt: Any, scheme: str = "im", **kwargs: Any) -> "Oscillator":
        r"""Build oscillators from natural frequency and damping ratio: $A = \omega^2$, $G = 2\zeta\omega$.

        $\omega$ is the *natural* frequency; the poles turn at $\omega\sqrt{1 - \zeta^2}$, the damped one.

        **Arguments:** `omega` (r,) [rad/s], `zeta` (r,) [1]; the others as in `Oscillator`.
        **Returns:** an `Oscillator`. **Raises:** `InputError` as `Oscillator` does.
        **Guarantee:** none, two products are rounded; claims are about the stored stiffness and damping.
        **Cost:** one copy.

        >>> Oscillator.from_frequency([2.0], [0.25], 0.1, B=[[1]], C=[[1]]).damping.tolist()
        [1.0]
        """
        omega, zeta = (np.asarray(v, np.float64) if not hasattr(v, "dtype") else v for v in (omega, zeta))
        return Oscillator(omega * omega, 2 * zeta * omega, dt, scheme, **kwargs)

    @property
    def noscillators(self) -> int:
        """Number of oscillators."""
        return self.stiffness.shape[-1]

    @property
    def nstates(self) -> int:
        """Number of states, two an oscillator (complex ones count once)."""
        return 2 * self.noscillators

    @property
    def noutputs(self) -> int:
        """Number of outputs."""
        return self.D.shape[-2]

    @property
    def C(self) -> Any:
        """The readout of the whole state, (p, 2r): velocities first, zeros where nothing is read."""
        some = self.position if self.velocity is None else self.velocity
        xp = library(some)
        full = [xp.zeros_like(some) if M is None else M for M in (self.velocity, self.position)]
        return xp.concatenate(full, axis=-1)

    @property
    def natural_frequency(self) -> Any:
        r"""Natural frequencies $\sqrt A$ (r,) [rad/s]; NaN where the stiffness is negative."""
        with np.errstate(invalid="ignore"):
            return library(self.stiffness).sqrt(self.stiffness)

    @property
    def damping_ratio(self) -> Any:
        r"""Damping ratios $G/(2\sqrt A)$ (r,); below 1 the poles are complex."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.damping / (2 * self.natural_frequency)

    def matrices(self, dt: Any = None) -> tuple[Any, Any]:
        """Return the matrices of the step in planar form, `M` (2, 2, r) and `F` (2, r).

        **Arguments:** `dt`: None for the stored one; a number, or an array (..., r) or (..., 1) of other
        steps [s], one for each sample, say: then `M` is (..., 2, 2, r) and `F` (..., 2, r).

        **Returns:** arrays in the library and dtype of the stiffness.
        **Raises:** `InputError` as `oscillator_matrices` does.
        **Guarantee:** none, floating point. **Cost:** as `oscillator_matrices`.
        """
        return planar_matrices(self.stiffness, self.damping, self._step() if dt is None else dt, self.scheme)

    def step(self, x: Any, u: Any, *, dt: Any = None) -> tuple[Any, Any]:
        r"""Return the next state $M x + F(B u + b)$ and the real output $\mathrm{Re}(C x) + D u$.

        With `output="post"` the output reads the new state.

        **Arguments:** `x` (2r,), velocities first; `u` (m,), real; `dt`: another step [s], a number or (r,).
        Batches by `jax.vmap`.

        **Returns:** (2r,), complex where `B` and `C` are, and (p,).
        **Raises:** `InputError` for other shapes. **Guarantee:** none, floating point.
        **Cost:** $O(rm + pr + pm)$ and the matrices of the step.
        """
        x = signal("x", x, self.nstates, self.B)
        force = self.B @ signal("u", u, self.ninputs, self.B)
        force = force if self.bias is None else force + self.bias
        M, F = self.matrices(dt)
        if M.ndim != 3:
            raise InputError(
                f"`dt` must be a number or (r,) = ({self.noscillators},) in one step, got {np.shape(dt)}"
            )
        if np.issubdtype(x.dtype, np.complexfloating):
            M, F = M.astype(x.dtype), F.astype(x.dtype)
        z, y = x[: self.noscillators], x[self.noscillators :]
        z, y = M[0, 0] * z + M[0, 1] * y + F[0] * force, M[1, 0] * z + M[1, 1] * y + F[1] * force
        x_next = library(z).concatenate([z, y])
        read = self.C @ (x_next if self.output == "post" else x)
        return x_next, library(read).real(read) + self.D @ signal("u", u, self.ninputs, self.D)

    def energy(self, x: Any) -> Any:
        r"""Return $E = \sum_i \lvert\dot y_i\rvert^2 + A_i \lvert y_i\rvert^2$ of states (..., 2r).

        This is *twice* the mechanical energy of unit masses, which has a factor 1/2; ratios are the same.

        **Arguments:** `x`: states, real or complex. **Returns:** an array without the last axis.
        **Raises:** `InputError` for another last axis. **Guarantee:** none, floating point.
        **Cost:** one pass.

        >>> Oscillator(4.0, 0.0, 0.5, B=[[1]], C=[[1]]).energy(np.array([1.0, 1.0])).tolist()
        5.0
        """
        x = x if hasattr(x, "shape") else np.asarray(x, np.float64)
        if x.shape[-1:] != (self.nstates,):
            raise InputError(f"`x` must be (..., {self.nstates}), velocities then positions, got {x.shape}")
        xp = library(x)
        square = xp.real(x) ** 2 + xp.imag(x) ** 2 if np.issubdtype(x.dtype, np.complexfloating) else x**2
        z, y = square[..., : self.noscillators], square[..., self.noscillators :]
        return z.sum(-1) + y @ self.stiffness

    def poles(self) -> NDArray[np.complex128]:
        r"""Return the eigenvalues of $M$, complex, (2r,): one of each oscillator, then the other of each.

        Closed forms: $\tfrac12(M_{11} + M_{22}) \pm \sqrt{\tfrac14(M_{11} - M_{22})^2 + M_{12} M_{21}}$, and
        $\exp(dt\,(-G/2 \pm \sqrt{G^2/4 - A}))$ for zoh. Complex states have each of them twice.

        **Guarantee:** none, NumPy float64. **Cost:** $O(r)$.
        """
        A, G = (np.asarray(v, np.float64) for v in (self.stiffness, self.damping))
        dt = np.asarray(self._step(), np.float64)
        if self.scheme == "zoh":
            return np.exp(dt * _roots(-G / 2, (G / 2) ** 2 - A)).reshape(-1)
        M = planar_matrices(A, G, dt, self.scheme)[0]
        return _roots((M[0, 0] + M[1, 1]) / 2, ((M[0, 0] - M[1, 1]) / 2) ** 2 + M[0, 1] * M[1, 0]).reshape(-1)

    def subject(self) -> OscillatorSubject:
        """Return the stored numbers as the subject of a claim.

        **Raises:** `InputError` inside `jit`, where there are no numbers yet. **Guarantee:** exact.
        **Cost:** one copy.
        """
        readouts = dict.fromkeys(READOUTS, np.zeros((self.noutputs, self.noscillators))) | self.readouts
        forces = {"B": self.B, **readouts, "D": self.D}
        bias = np.zeros(self.noscillators) if self.bias is None else self.bias
        equation = (self.stiffness, self.damping, self._step(), self.scheme)
        return OscillatorSubject(*equation, **forces, bias=bias, output=self.output)

    def to_real(self) -> "Oscillator":
        r"""Return the same input and output with real states: 2r oscillators for r complex ones.

        $B \to (\mathrm{Re} B;\ \mathrm{Im} B)$, $C \to (\mathrm{Re} C,\ -\mathrm{Im} C)$, stiffness, damping
        and steps twice. So r oscillators with complex $B$ and $C$ are 4r real states, not 2r.

        **Returns:** an `Oscillator`; a real one as it is. **Guarantee:** exact. **Cost:** one copy.

        >>> Oscillator(4.0, 0.0, 0.5, B=[[1 + 2j]], C=[[3 + 4j]]).to_real().position.tolist()
        [[3.0, -4.0]]
        """
        return self.replace(**real_parts(self)) if np.issubdtype(self.B.dtype, np.complexfloating) else self

    def to_statespace(self) -> StateSpace:
        r"""Return the discrete system $(M, F B, C, D)$ in dense matrices, *rounded*.

        Complex states become real as in `to_real`. A post-update readout becomes $C M$ and $D + C F B$.

        **Returns:** a real `StateSpace` in the library and precision of the stiffness.
        **Raises:** `InputError` for a bias that is not 0, which no linear system has.
        **Guarantee:** none, the entries are rounded. **Cost:** $O(r^2)$.

        >>> Oscillator(4.0, 0.0, 0.5, B=[[1]], C=[[1]]).to_statespace().A.tolist()
        [[0.5, -1.0], [0.25, 0.5]]
        """
        real = self.to_real()
        return dense(real, *real.matrices(), dt=self.dt, post=self.output == "post")

    def to_continuous(self) -> StateSpace:
        r"""Return the equation itself, before any scheme: $\ddot y = -A y - G \dot y + B u$, with `dt=0`.

        The states are those of `to_statespace`; `output` has no meaning in continuous time and is dropped.

        **Returns:** a real `StateSpace` with `dt=0`. **Raises:** `InputError` for a bias that is not 0.
        **Guarantee:** exact. **Cost:** $O(r^2)$.

        >>> Oscillator(4.0, 1.0, 0.5, B=[[1]], C=[[1]]).to_continuous().A.tolist()
        [[-1.0, -4.0], [1.0, 0.0]]
        """
        real = self.to_real()
        xp = library(real.stiffness)
        zero, one = xp.zeros_like(real.stiffness), xp.ones_like(real.stiffness)
        M = xp.stack([xp.stack([-real.damping, -real.stiffness]), xp.stack([one, zero])])
        return dense(real, M, xp.stack([one, zero]), dt=0, post=False)

    def replace(self, **changes: Any) -> "Oscillator":
        """Return an oscillator with some arguments of `Oscillator` changed, checked as a new one is.

        **Arguments:** `changes`: any of them, by name. **Returns:** an `Oscillator`.
        **Raises:** `InputError` as `Oscillator` does. **Guarantee:** the rest is kept exactly.
        **Cost:** one copy.
        """
        keys = ("stiffness", "damping", "scheme", "B", "D", "bias", "output")
        labels = {key: getattr(self, key) for key in ("name", "input_names", "output_names")}
        kept = {key: getattr(self, key) for key in keys} | {"dt": self._step(), "C": self.readouts} | labels
        return Oscillator(**(kept | changes))

    @property
    def readouts(self) -> dict[str, Any]:
        """The readouts there are, by name: velocity (p, r), position (p, r)."""
        return {key: value for key in READOUTS if (value := getattr(self, key)) is not None}

    def _arrays(self) -> dict[str, Any]:
        keys = ("stiffness", "damping", "steps", "B", "velocity", "position", "D", "bias")
        return {key: value for key in keys if (value := getattr(self, key)) is not None}

    def __repr__(self) -> str:
        words = {"output": "post" if self.output == "post" else None, "name": self.name}
        arrays = self._arrays()
        arrays = {"dt" if key == "steps" else key: value for key, value in arrays.items()}
        period = {} if self._period is None else {"dt": self._period}
        return display.one_line("Oscillator", arrays, **period, scheme=self.scheme, **words)

    def _repr_html_(self) -> str:
        counts = (self.nstates, self.ninputs, self.noutputs)
        time = None if self.steps is None else "discrete time, a step of its own for each oscillator"
        return display.page("Oscillator", self.name, counts, self.dt, self._latex, repr(self), time)

    def _latex(self) -> str:
        arrays = {letter: value for letter, value in self._letters() if value is not None}
        return display.oscillator_latex(arrays, self.output)

    def _letters(self) -> list[tuple[str, Any]]:
        column = lambda v: None if v is None else np.asarray(v)[:, None]
        return [
            ("A", column(self.stiffness)),
            ("G", column(self.damping)),
            ("dt", column(self.steps)),
            ("B", self.B),
            ("b", column(self.bias)),
            (r"C_{\dot y}", self.velocity),
            ("C_y", self.position),
            ("D", self.D),
        ]

    def _step(self) -> Any:
        return self._period if self.steps is None else self.steps


def _roots(centre: Any, square: Any) -> np.ndarray:
    root = np.sqrt(square.astype(np.complex128))
    return np.stack([centre + root, centre - root])


def _positive(dt: Any) -> float:
    period = timebase(dt)
    if period is True or period == 0:
        raise InputError(
            f"`dt` must be a period > 0 in seconds, got {dt!r}; an oscillator's step has a length"
        )
    return period


def _zero(value: Any) -> bool:
    return not traced(value) and bool(value == 0)


def _vector(name: str, value: Any, r: int | None) -> tuple[Any, int]:
    array = stored(name, value)
    array = array.reshape(1) if array.ndim == 0 else array
    if np.issubdtype(array.dtype, np.complexfloating):
        raise InputError(f"`{name}` must be real, got {array.dtype}; from poles: `oscillator_from_modal`")
    if array.ndim != 1 or r not in (None, array.shape[0]):
        want = "(r,)" if r is None else f"(r,) = ({r},)"
        raise InputError(f"`{name}` must be {want}, one number per oscillator, got {array.shape}")
    return array, array.shape[0]


def _matrix(name: str, value: Any, shape: tuple[int | None, int | None], advice: str) -> Any:
    array = stored(name, value)
    if array.ndim == 0 and shape[0] in (1, None) and shape[1] in (1, None):
        array = array.reshape(1, 1)
    if array.ndim != 2 or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        words = ", ".join("?" if size is None else str(size) for size in shape)
        raise InputError(f"`{name}` must be ({words}), got {array.shape}" + (f"; {advice}" if advice else ""))
    return array
