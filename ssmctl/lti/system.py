r"""Linear systems as pytrees: $x^+ = A x + B u,\ y = C x + D u$, dense (`StateSpace`) or diagonal (`Modal`).

Here $x^+$ is $x_{k+1}$ in discrete time and $\dot x$ in continuous time; the output is read before the
update. Shapes are checked always, values (NaN, infinity, extended precision) whenever they are known, that
is outside `jit`, `grad` and `vmap`. Arrays stay in the library and the precision they came in.
"""

import abc
from collections.abc import Sequence
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, Inexact
from numpy.typing import NDArray

from ssmctl.certificates.coerce import matrices
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject, Subject, timebase
from ssmctl.errors import InputError
from ssmctl.lti import display
from ssmctl.lti.arrays import complexified, labels, library, signal, stored

__all__ = ["AbstractSystem", "Modal", "StateSpace"]


class AbstractSystem(eqx.Module):
    """What every linear system has: inputs, outputs, a time base, and names for whoever wants them."""

    B: eqx.AbstractVar[Any]
    C: eqx.AbstractVar[Any]
    D: eqx.AbstractVar[Any]
    name: eqx.AbstractVar[str | None]
    input_names: eqx.AbstractVar[tuple[str, ...] | None]
    output_names: eqx.AbstractVar[tuple[str, ...] | None]
    _period: eqx.AbstractVar[float | None]

    @property
    def nstates(self) -> int:
        """Number of states (complex ones count once)."""
        return self.B.shape[-2]

    @property
    def ninputs(self) -> int:
        """Number of inputs."""
        return self.B.shape[-1]

    @property
    def noutputs(self) -> int:
        """Number of outputs."""
        return self.C.shape[-2]

    @property
    def dt(self) -> float | Literal[True]:
        """Time base: 0.0 continuous, True discrete without a period, > 0 the period [s]."""
        return True if self._period is None else self._period

    @abc.abstractmethod
    def step(self, x: Any, u: Any) -> tuple[Any, Any]:
        """Return the next state (or the derivative) and the output."""

    @abc.abstractmethod
    def poles(self) -> NDArray[np.complex128]:
        """Return the poles in NumPy complex128."""

    @abc.abstractmethod
    def subject(self) -> Subject:
        """Return the stored numbers as the subject of a claim."""

    @abc.abstractmethod
    def _arrays(self) -> dict[str, Any]: ...

    @abc.abstractmethod
    def _latex(self) -> str: ...

    def __repr__(self) -> str:
        post = "post" if getattr(self, "output", "pre") == "post" else None
        return display.one_line(type(self).__name__, self._arrays(), dt=self.dt, output=post, name=self.name)

    def _repr_html_(self) -> str:
        counts = (self.nstates, self.ninputs, self.noutputs)
        return display.page(type(self).__name__, self.name, counts, self.dt, self._latex, repr(self))


class StateSpace(AbstractSystem):
    r"""A linear time-invariant system.

    $$x_{k+1} = A x_k + B u_k, \quad y_k = C x_k + D u_k \qquad\text{or}\qquad
    \dot x = A x + B u, \quad y = C x + D u \quad (\mathtt{dt} = 0).$$

    **Arguments:**

    - `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m): real, or complex with complex signals (one complex
      matrix makes all four so). NumPy stays NumPy and JAX stays JAX, in the given precision; lists and
      integers become float64. A number stands for a 1 by 1 matrix, `D=None` or `D=0` for zeros. A
      one-dimensional `B` or `C` is refused: write `B.reshape(n, 1)`, `C.reshape(1, n)`.
    - `dt`: time base; 0 continuous, True discrete without a period, > 0 the period [s]. Static.
    - `name`, `input_names`, `output_names`, `state_names`: labels, static, in no certificate.

    **Raises:** `InputError` for disagreeing shapes, NaN, infinity, extended precision, an open time base.

    **Guarantee:** `subject()` holds exactly these numbers. **Cost:** one copy.

    >>> StateSpace([[0.5, 1], [0, 0.25]], [[0], [1]], [[1, 0]], dt=0.1)
    StateSpace(A=f64[2,2], B=f64[2,1], C=f64[1,2], D=f64[1,1], dt=0.1)
    """

    A: Inexact[Array | np.ndarray, "n n"]
    B: Inexact[Array | np.ndarray, "n m"]
    C: Inexact[Array | np.ndarray, "p n"]
    D: Inexact[Array | np.ndarray, "p m"]
    _period: float | None = eqx.field(static=True)  # None for dt=True: as a static field True would equal 1.0
    name: str | None = eqx.field(static=True)
    input_names: tuple[str, ...] | None = eqx.field(static=True)
    output_names: tuple[str, ...] | None = eqx.field(static=True)
    state_names: tuple[str, ...] | None = eqx.field(static=True)

    def __init__(
        self,
        A: Any,
        B: Any,
        C: Any,
        D: Any = None,
        *,
        dt: Any,
        name: str | None = None,
        input_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
        state_names: Sequence[str] | None = None,
    ):
        like_jax = D is None and isinstance(C, jax.Array)
        given = dict(zip("ABCD", matrices(A, B, C, D), strict=True))
        kept = {key: stored(key, value) for key, value in given.items()}
        if any(np.issubdtype(value.dtype, np.complexfloating) for value in kept.values()):
            kept = {key: complexified(value) for key, value in kept.items()}
        self.A, self.B, self.C = kept["A"], kept["B"], kept["C"]
        self.D = jnp.asarray(kept["D"]) if like_jax else kept["D"]
        self._period = _period(dt)
        self.name = name
        self.input_names = labels("input_names", input_names, self.ninputs)
        self.output_names = labels("output_names", output_names, self.noutputs)
        self.state_names = labels("state_names", state_names, self.nstates)

    def step(self, x: Any, u: Any) -> tuple[Any, Any]:
        r"""Return $(A x + B u,\ C x + D u)$: the next state (or $\dot x$) and the output.

        **Arguments:** `x` (n,), `u` (m,); batches by `jax.vmap`. **Returns:** (n,) and (p,).
        **Raises:** `InputError` for other shapes. **Guarantee:** none, floating point.
        **Cost:** $O((n + p)(n + m))$.

        >>> x, y = StateSpace(0.5, 1.0, 2.0, dt=True).step([1.0], [3.0])
        >>> x.tolist(), y.tolist()
        ([3.5], [2.0])
        """
        x = signal("x", x, self.nstates, self.A)
        u = signal("u", u, self.ninputs, self.A)
        return self.A @ x + self.B @ u, self.C @ x + self.D @ u

    def poles(self) -> NDArray[np.complex128]:
        """Return the eigenvalues of `A`, complex, (n,), in NumPy float64.

        **Guarantee:** none; `ssmctl.eigenvalues` encloses them. **Cost:** $O(n^3)$.
        """
        return np.linalg.eigvals(self.subject().A).astype(np.complex128)

    def subject(self) -> StateSpaceSubject:
        """Return the stored numbers as the subject of a claim.

        **Raises:** `InputError` inside `jit`, where there are no numbers yet. **Guarantee:** exact.
        **Cost:** one copy.
        """
        return StateSpaceSubject(**self._arrays(), dt=self.dt)

    def real_embedding(self) -> "StateSpace":
        r"""Return the real system of a complex one, on the signals $(\mathrm{Re}, \mathrm{Im})$.

        Each matrix becomes $\begin{pmatrix} M_r & -M_i \\ M_i & M_r \end{pmatrix}$: twice the states, inputs
        and outputs, the same gain and stability. A real system is returned as it is; names are dropped.

        **Guarantee:** exact. **Cost:** one copy.

        >>> StateSpace(0.5j, 1, 1, dt=True).real_embedding().A.tolist()
        [[0.0, -0.5], [0.5, 0.0]]
        """
        if not np.issubdtype(self.A.dtype, np.complexfloating):
            return self
        xp = library(self.A)
        blocks = lambda M: xp.block([[xp.real(M), -xp.imag(M)], [xp.imag(M), xp.real(M)]])
        return StateSpace(blocks(self.A), blocks(self.B), blocks(self.C), blocks(self.D), dt=self.dt)

    def _arrays(self) -> dict[str, Any]:
        return {"A": self.A, "B": self.B, "C": self.C, "D": self.D}

    def _latex(self) -> str:
        return display.state_space_latex(*self._arrays().values())


class Modal(AbstractSystem):
    r"""Decoupled complex states with a real readout, for real inputs and outputs.

    $$x_{i,k+1} = \lambda_i x_{i,k} + (B u_k)_i, \qquad y_k = \mathrm{Re}(C x_k) + D u_k,$$

    and $\dot x_i$ in place of $x_{i,k+1}$ for `dt=0`. With `output="post"`, set by `Modal.from_post_update`,
    the new state is read: $y_k = \mathrm{Re}(C x_{k+1}) + D u_k$.

    **Arguments:**

    - `poles` (n,), `B` (n, m), `C` (p, n): complex; real ones are widened. `D` (p, m): real, None for zeros.
      Precision and library are kept as `StateSpace` keeps them. The field is `lam`, as `poles()` is a method.
    - `dt`, `name`, `input_names`, `output_names`: as in `StateSpace`.

    **Raises:** `InputError` as `StateSpace` does, for a complex `D`, for "post" in continuous time.

    **Guarantee:** `subject()` holds exactly these numbers. **Cost:** one copy.

    >>> Modal([0.5 + 0.5j], [[1]], [[2]], dt=True).step([1j], [1.0])[1].tolist()
    [0.0]
    """

    lam: Complex[Array | np.ndarray, " n"]
    B: Complex[Array | np.ndarray, "n m"]
    C: Complex[Array | np.ndarray, "p n"]
    D: Float[Array | np.ndarray, "p m"]
    _period: float | None = eqx.field(static=True)
    output: Literal["pre", "post"] = eqx.field(static=True)
    name: str | None = eqx.field(static=True)
    input_names: tuple[str, ...] | None = eqx.field(static=True)
    output_names: tuple[str, ...] | None = eqx.field(static=True)

    def __init__(
        self,
        poles: Any,
        B: Any,
        C: Any,
        D: Any = None,
        *,
        dt: Any,
        output: Literal["pre", "post"] = "pre",
        name: str | None = None,
        input_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
    ):
        lam = complexified(stored("poles", poles))
        lam = lam.reshape(1) if lam.ndim == 0 else lam
        if lam.ndim != 1:
            raise InputError(f"`poles` must be (n,), got {lam.shape}; give the diagonal, or use StateSpace")
        square = np.broadcast_to(np.float64(0), (lam.shape[0], lam.shape[0]))
        _, B, C, feedthrough = matrices(square, B, C, D)
        self.lam = lam
        self.B, self.C = complexified(stored("B", B)), complexified(stored("C", C))
        if D is None:
            feedthrough = library(self.C).zeros(feedthrough.shape, np.abs(np.zeros(0, self.C.dtype)).dtype)
        self.D = stored("D", feedthrough)
        if np.issubdtype(self.D.dtype, np.complexfloating):
            raise InputError("`D` must be real, as inputs and outputs of a Modal are; give `D.real`")
        self._period = _period(dt)
        if output not in ("pre", "post"):
            raise InputError(f'`output` must be "pre" or "post", got {output!r}')
        if output == "post" and self.dt == 0:
            raise InputError('`output="post"` reads x_{k+1}, which continuous time does not have; use "pre"')
        self.output = output
        self.name = name
        self.input_names = labels("input_names", input_names, self.ninputs)
        self.output_names = labels("output_names", output_names, self.noutputs)

    @staticmethod
    def from_conjugate_pairs(poles: Any, B: Any, C: Any, D: Any = None, *, dt: Any, **kwargs: Any) -> "Modal":
        r"""Read the $y = 2\,\mathrm{Re}(C x) + D u$ convention of S4 and S5: one pole of each pair is given.

        **Arguments:** as `Modal`. **Returns:** the `Modal` system with $2C$.
        **Raises:** `InputError` as `Modal` does. **Guarantee:** exact, $2C$ has no rounding.
        **Cost:** one copy.

        >>> Modal.from_conjugate_pairs([0.5j], [[1]], [[1 + 1j]], dt=True).C.tolist()
        [[(2+2j)]]
        """
        C = complexified(stored("C", C))
        return Modal(poles, B, C + C, D, dt=dt, **kwargs)

    @staticmethod
    def from_post_update(poles: Any, B: Any, C: Any, D: Any = None, *, dt: Any, **kwargs: Any) -> "Modal":
        r"""Read a model that outputs the new state, $y_k = \mathrm{Re}(C x_{k+1}) + D u_k$.

        **Arguments:** as `Modal`. **Returns:** a `Modal` system with `output="post"`, `C` and `D` as given.
        **Raises:** `InputError` as `Modal` does, and for `dt=0`. **Guarantee:** exact: the products
        $C\Lambda$ and $CB$ are formed by the checker, in integers. **Cost:** one copy.
        """
        return Modal(poles, B, C, D, dt=dt, output="post", **kwargs)

    def step(self, x: Any, u: Any) -> tuple[Any, Any]:
        r"""Return the next state $\lambda x + B u$ (or $\dot x$), complex, and the real output.

        **Arguments:** `x` (n,), `u` (m,); batches by `jax.vmap`. **Returns:** (n,) and (p,).
        **Raises:** `InputError` for other shapes. **Guarantee:** none, floating point.
        **Cost:** $O(nm + pn + pm)$.
        """
        x = signal("x", x, self.nstates, self.lam)
        u = signal("u", u, self.ninputs, self.D)
        x_next = self.lam * x + self.B @ signal("u", u, self.ninputs, self.lam)
        read = self.C @ (x_next if self.output == "post" else x)
        return x_next, library(read).real(read) + self.D @ u

    def poles(self) -> NDArray[np.complex128]:
        """Return the stored poles, complex, (n,); the real form has their conjugates too.

        **Guarantee:** exact. **Cost:** one copy.
        """
        return np.array(self.subject().poles)

    def subject(self) -> ModalSubject:
        """Return the stored numbers as the subject of a claim.

        **Raises:** `InputError` inside `jit`, where there are no numbers yet. **Guarantee:** exact.
        **Cost:** one copy.
        """
        return ModalSubject(**self._arrays(), dt=self.dt, output=self.output)

    def to_statespace(self, *, rounded: bool = False) -> StateSpace:
        r"""Return the real system of order $2n$ on the states $(\mathrm{Re}\,x, \mathrm{Im}\,x)$.

        $$A = \begin{pmatrix} \Lambda_r & -\Lambda_i \\ \Lambda_i & \Lambda_r \end{pmatrix}, \quad
        B = \begin{pmatrix} B_r \\ B_i \end{pmatrix}, \quad C = \begin{pmatrix} C_r & -C_i \end{pmatrix}.$$

        **Arguments:** `rounded`: with `output="post"` the readout becomes $C\Lambda$ and
        $D + \mathrm{Re}(CB)$, which floats round; True accepts that.

        **Returns:** a `StateSpace` in the same library and precision.
        **Raises:** `InputError` for `output="post"` unless `rounded`.
        **Guarantee:** exact for `output="pre"`. **Cost:** $O(n^2)$.

        >>> Modal([0.5 + 0.25j], [[1]], [[1j]], dt=True).to_statespace().A.tolist()
        [[0.5, -0.25], [0.25, 0.5]]
        """
        C, D = self.C, self.D
        if self.output == "post":
            if not rounded:
                raise InputError(
                    "the real form of a post-update system is not exact in floats; write "
                    "`to_statespace(rounded=True)` to accept that, or keep the Modal itself"
                )
            C, D = C * self.lam[None, :], D + library(C).real(C @ self.B)
        xp = jnp if any(isinstance(M, jax.Array) for M in self._arrays().values()) else np
        real, imag = xp.diag(xp.real(self.lam)), xp.diag(xp.imag(self.lam))
        A = xp.block([[real, -imag], [imag, real]])
        B = xp.concatenate([xp.real(self.B), xp.imag(self.B)], axis=0)
        C = xp.concatenate([xp.real(C), -xp.imag(C)], axis=1)
        names = {"input_names": self.input_names, "output_names": self.output_names}
        return StateSpace(A, B, C, D, dt=self.dt, name=self.name, **names)

    def _arrays(self) -> dict[str, Any]:
        return {"poles": self.lam, "B": self.B, "C": self.C, "D": self.D}

    def _latex(self) -> str:
        matrices = {"B": self.B, "C": self.C, "D": self.D}
        return display.vectors_latex({r"\mathrm{diag}\,\Lambda": self.lam[:, None], **matrices})


def _period(dt: Any) -> float | None:
    base = timebase(dt)
    return None if base is True else base
