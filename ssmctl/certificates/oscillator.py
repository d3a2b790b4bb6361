r"""The subject of a claim about oscillators: stiffness, damping, steps and the scheme, exactly as stored.

$$\ddot y_i + G_i \dot y_i + A_i y_i = (B u + b)_i, \qquad
x_{k+1} = M x_k + F (B u_k + b), \quad x = (\dot y, y).$$

The step matrices $M, F$ of the scheme are never stored: the checker forms them from $A, G$ and the step in
exact arithmetic, so that a claim at the boundary is decided, not rounded. Trusted, except `real_form`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from ssmctl.certificates.schemes import NAMES, SCHEMES
from ssmctl.certificates.stored import (
    Signals,
    array_from_json,
    array_to_json,
    difference,
    dt_from_json,
    exact_array,
    is_complex,
    timebase,
)
from ssmctl.errors import CertificateError, InputError

__all__ = ["OscillatorSubject"]

_ARRAYS = ("stiffness", "damping", "steps", "B", "velocity", "position", "D", "bias")
_KEYS = {"type", "scheme", "output", "dt", "n", "m", "p", *_ARRAYS} - {"steps"}


@dataclass(frozen=True, eq=False, init=False)
class OscillatorSubject(Signals):
    r"""A bank of $r$ oscillators under a scheme, driven by $B u + b$, read at velocities and positions.

    $$y_k = V \dot y_k + W y_k + D u_k \quad\text{(pre)}, \qquad
    y_k = V \dot y_{k+1} + W y_{k+1} + D u_k \quad\text{(post)},$$

    and the real part of it where $B$, $V$, $W$, $b$ are complex.

    **Arguments:** `stiffness` (r,) [1/s^2], `damping` (r,) [1/s], `dt`: one step [s], or (r,) of them, one
    for each oscillator; `scheme`: one of `schemes.NAMES`; `B` (r, m), `velocity` (p, r), `position` (p, r),
    `bias` (r,): real, or all complex if one is; `D` (p, m), real; `output`: `"pre"` or `"post"`.
    **Raises:** `InputError` for anything that float64 cannot hold exactly, wrong shapes, a step that is not
    positive, damping with verlet, and a scheme whose divisor vanishes.

    **Guarantee:** the arrays equal what was given, entry by entry. **Cost:** one copy.
    """

    stiffness: np.ndarray
    damping: np.ndarray
    steps: np.ndarray
    scheme: str
    B: np.ndarray
    velocity: np.ndarray
    position: np.ndarray
    D: np.ndarray
    bias: np.ndarray
    dt: float | Literal[True]
    output: Literal["pre", "post"] = "pre"

    def __init__(
        self,
        stiffness: Any,
        damping: Any,
        dt: Any,
        scheme: str,
        B: Any,
        velocity: Any,
        position: Any,
        D: Any,
        bias: Any,
        output: Literal["pre", "post"] = "pre",
    ):
        if scheme not in NAMES:
            raise InputError(f"unknown scheme {scheme!r}; the schemes are {', '.join(NAMES)}")
        if output not in ("pre", "post"):
            raise InputError(f'`output` must be "pre" or "post", got {output!r}')
        signals = {"B": B, "velocity": velocity, "position": position, "bias": bias}
        dtype = np.complex128 if any(map(is_complex, signals.values())) else np.float64
        stored = {name: exact_array(name, value, dtype=dtype) for name, value in signals.items()}
        real = {"stiffness": stiffness, "damping": damping, "D": D}
        stored |= {name: exact_array(name, value, dtype=np.float64) for name, value in real.items()}
        each = np.ndim(dt) == 1
        r = stored["stiffness"].shape[0] if stored["stiffness"].ndim == 1 else None
        period = True if each else timebase(dt)
        if period is True and not each:
            raise InputError("`dt` of an oscillator must be its step in seconds, or one for each of them")
        stored["steps"] = exact_array("dt", dt if each else np.full(r or 0, float(period)), dtype=np.float64)
        if r is None:
            raise InputError(f"`stiffness` must be (r,), got {stored['stiffness'].shape}")
        m, p = stored["B"].shape[1:], stored["velocity"].shape[:1]
        if stored["B"].ndim != 2 or stored["velocity"].ndim != 2:
            raise InputError(
                f"`B` must be (r, m), `velocity` (p, r), got {stored['B'].shape}, {stored['velocity'].shape}"
            )
        shapes = {
            **dict.fromkeys(("damping", "steps", "bias"), (r,)),
            **{"B": (r, *m), "velocity": (*p, r), "position": (*p, r), "D": (*p, *m)},
        }
        for name, shape in shapes.items():
            if stored[name].shape != shape:
                shown = "dt" if name == "steps" else name
                raise InputError(f"`{shown}` must be {shape} for {r} oscillators, got {stored[name].shape}")
        if not (stored["steps"] > 0).all() or period == 0.0:
            raise InputError("`dt` must be positive: an oscillator here is a discrete-time system")
        if scheme == "verlet" and stored["damping"].any():
            raise InputError("verlet is for oscillators without damping; set `damping` to 0, or take imex")
        for name, value in stored.items():
            object.__setattr__(self, name, value)
        for i in np.flatnonzero((self.stiffness < 0) | (self.damping < 0)) if scheme != "zoh" else ():
            A, G, h = (Fraction(float(x[i])) for x in (self.stiffness, self.damping, self.steps))
            if SCHEMES[scheme](A, G, h, Fraction(1))[0] == 0:
                raise InputError(f"{scheme} has no step for oscillator {i}: its divisor is zero; change `dt`")
        object.__setattr__(self, "scheme", scheme)
        object.__setattr__(self, "output", output)
        object.__setattr__(self, "dt", period)

    @property
    def p(self) -> int:
        """Number of outputs."""
        return self.position.shape[0]

    @property
    def r(self) -> int:
        """Number of oscillators."""
        return self.stiffness.shape[0]

    @property
    def n(self) -> int:
        """Number of states (complex ones count once): a velocity and a position for each oscillator."""
        return 2 * self.r

    @property
    def complex(self) -> bool:
        """False: states may be complex, the signals are real."""
        return False

    @property
    def biased(self) -> bool:
        """Whether a constant force acts: then nothing holds from zero, and only differences have a gain."""
        return bool(self.bias.any())

    def to_json(self) -> dict[str, Any]:
        """Return the hashed part of a certificate file that describes the system."""
        return {
            "type": "Oscillator",
            "scheme": self.scheme,
            "output": self.output,
            "dt": array_to_json(self.steps) if self.dt is True else float(self.dt).hex(),
            **{"n": self.r, "m": self.m, "p": self.p},
            **{name: array_to_json(getattr(self, name)) for name in _ARRAYS if name != "steps"},
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> "OscillatorSubject":
        """Read what `to_json` wrote, and nothing else; `subject_from_json` says more.

        **Raises:** `CertificateError`.
        """
        if set(data) != _KEYS:
            odd = ", ".join(sorted(map(str, _KEYS ^ set(data))))
            raise CertificateError(f"an Oscillator system has keys missing or unknown: {odd}")
        r, m, p = (data[name] for name in "nmp")
        each, split = isinstance(data["dt"], list), isinstance(data["B"], dict)
        dt = array_from_json("dt", data["dt"], (r,), False) if each else dt_from_json(data["dt"])
        shapes = {"stiffness": (r,), "damping": (r,), "bias": (r,)}
        shapes |= {"B": (r, m), "velocity": (p, r), "position": (p, r), "D": (p, m)}
        real = ("stiffness", "damping", "D")
        read = {k: array_from_json(k, data[k], s, split and k not in real) for k, s in shapes.items()}
        try:
            return OscillatorSubject(dt=dt, scheme=data["scheme"], output=data["output"], **read)
        except (InputError, TypeError) as error:
            raise CertificateError(str(error)) from error

    def same_bits(self, other: Any) -> str | None:
        """Return None when `other` is the same system, number by number, else what differs."""
        if isinstance(other, OscillatorSubject) and self.scheme != other.scheme:
            return f"the schemes differ: {self.scheme} and {other.scheme}"
        return difference(self, other, _ARRAYS)

    def step_matrices(self) -> tuple[np.ndarray, np.ndarray]:
        """Return M (r, 2, 2) and F (r, 2) in floating point, the matrix exponential for zoh.

        **Guarantee:** none: rounded, and for zoh as good as a Taylor series. **Cost:** $O(r)$.
        """
        A, G, h = self.stiffness, self.damping, self.steps
        if self.scheme == "zoh":
            return _held(A, G, h)
        q, M, F = SCHEMES[self.scheme](A, G, h, np.ones(self.r))
        rows = np.stack([x / q for x in M], -1).reshape(self.r, 2, 2)
        return rows, np.stack([x / q for x in F], -1)

    def real_form(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        r"""Return the real system on the states (velocities, positions), of each the real parts first.

        **Guarantee:** none: rounded to float64, good for a search, no base for a check.
        **Cost:** $O(r^2 + r m + p r)$.
        """
        M, F = self.step_matrices()
        split = self.B.dtype == np.complex128
        M, F = (np.concatenate([X, X]) if split else X for X in (M, F))
        A = np.block([[np.diag(M[:, i, j]) for j in (0, 1)] for i in (0, 1)])
        B = np.vstack([np.real(self.B), np.imag(self.B)]) if split else self.B
        B = np.vstack([F[:, :1] * B, F[:, 1:] * B])
        read = (np.hstack([np.real(X), -np.imag(X)]) if split else X for X in (self.velocity, self.position))
        C, D = np.hstack(list(read)), self.D
        if self.output == "post":
            C, D = C @ A, D + C @ B
        return A + 0.0, B + 0.0, C + 0.0, D + 0.0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OscillatorSubject) and self.same_bits(other) is None

    def __hash__(self) -> int:
        return hash((self.r, self.m, self.p, self.scheme, self.stiffness.tobytes()))


def _held(A: np.ndarray, G: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The exponential of h [[-G, -A, 1], [1, 0, 0], [0, 0, 0]] by scaling and squaring."""
    X = np.zeros((len(A), 3, 3))
    X[:, 0, 0], X[:, 0, 1], X[:, 0, 2], X[:, 1, 0] = -G * h, -A * h, h, h
    k = max(0, int(np.ceil(np.log2(max(1.0, np.abs(X).sum(1).max(initial=0.0)))))) + 2
    X = np.ldexp(X, -k)
    E = term = np.broadcast_to(np.eye(3), X.shape)
    for j in range(1, 16):
        term = term @ X / j
        E = E + term
    for _ in range(k):
        E = E @ E
    return E[:, :2, :2], E[:, :2, 2]
