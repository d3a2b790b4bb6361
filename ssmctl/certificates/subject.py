r"""What a claim is about: the numbers $A, B, C, D$ and the time base, exactly as they are stored.

Everything in this module is trusted, except `real_form`, which only serves finders of witnesses.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ssmctl.certificates.oscillator import OscillatorSubject
from ssmctl.certificates.stored import (
    Signals,
    array_from_json,
    array_to_json,
    difference,
    dt_from_json,
    dt_to_json,
    exact_array,
    is_complex,
    require_shapes,
    timebase,
)
from ssmctl.errors import CertificateError, InputError

__all__ = [
    "ModalSubject",
    "OscillatorSubject",
    "StateSpaceSubject",
    "Subject",
    "exact_array",
    "subject_from_json",
    "timebase",
]

_LARGEST_SIZE = 10**6


@dataclass(frozen=True, eq=False, init=False)
class StateSpaceSubject(Signals):
    r"""The system $x^+ = A x + B u,\ y = C x + D u$, where $x^+$ is $x_{k+1}$ or $\dot x$.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m): two-dimensional, real or complex; if one
    is complex all four become so, and so do the signals. `dt`: as `timebase` reads it.
    **Raises:** `InputError` for anything that float64 or complex128 cannot hold exactly, or wrong shapes.

    **Guarantee:** the arrays equal what was given, entry by entry. **Cost:** one copy.
    """

    A: np.ndarray
    B: np.ndarray
    C: np.ndarray
    D: np.ndarray
    dt: float | Literal[True]

    def __init__(self, A: Any, B: Any, C: Any, D: Any, dt: Any):
        given = {"A": A, "B": B, "C": C, "D": D}
        dtype = np.complex128 if any(map(is_complex, given.values())) else np.float64
        for name, value in given.items():
            object.__setattr__(self, name, exact_array(name, value, dtype=dtype))
        object.__setattr__(self, "dt", timebase(dt))
        if self.A.ndim != 2 or self.A.shape[0] != self.A.shape[1]:
            raise InputError(f"`A` must be (n, n), got {self.A.shape}")
        require_shapes(self.A.shape[0], self.B, self.C, self.D)

    @property
    def n(self) -> int:
        """Number of states (complex ones count once)."""
        return self.A.shape[0]

    @property
    def complex(self) -> bool:
        """Whether states, inputs and outputs are complex."""
        return self.A.dtype == np.complex128

    def to_json(self) -> dict[str, Any]:
        """Return the hashed part of a certificate file that describes the system."""
        return {
            "type": "StateSpace",
            "dt": dt_to_json(self.dt),
            **{"n": self.n, "m": self.m, "p": self.p},
            **{name: array_to_json(getattr(self, name)) for name in "ABCD"},
        }

    def same_bits(self, other: "Subject") -> str | None:
        """Return None when `other` is the same system, number by number, else what differs."""
        return difference(self, other, "ABCD")

    def real_form(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        r"""Return $(A, B, C, D)$ as real matrices, complex ones embedded at twice the size.

        $$M \mapsto \begin{pmatrix} M_r & -M_i \\ M_i & M_r \end{pmatrix}, \qquad M = M_r + i M_i.$$

        **Guarantee:** exact. **Cost:** one copy.
        """
        A, B, C, D = (
            np.block([[np.real(M), -np.imag(M)], [np.imag(M), np.real(M)]]) + 0.0 if self.complex else M
            for M in (self.A, self.B, self.C, self.D)
        )
        return A, B, C, D

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StateSpaceSubject) and self.same_bits(other) is None

    def __hash__(self) -> int:
        return hash((self.n, self.m, self.p, self.dt, self.A.tobytes()))


@dataclass(frozen=True, eq=False, init=False)
class ModalSubject(Signals):
    r"""Decoupled complex states with a real readout, for real inputs $u$ and outputs $y$.

    $$x^+_i = \lambda_i x_i + (B u)_i, \qquad y = \mathrm{Re}(C x) + D u.$$

    With `output="post"`, discrete time only, the new state is read: $y_k = \mathrm{Re}(C x_{k+1}) + D u_k$.

    **Arguments:** `poles` (n,), `B` (n, m), `C` (p, n), stored complex; `D` (p, m), real; `dt`, `output`.
    **Raises:** `InputError` as `StateSpaceSubject` does, and for `output="post"` in continuous time.

    **Guarantee:** the arrays equal what was given, entry by entry. **Cost:** one copy.
    """

    poles: np.ndarray
    B: np.ndarray
    C: np.ndarray
    D: np.ndarray
    dt: float | Literal[True]
    output: Literal["pre", "post"] = "pre"

    def __init__(self, poles: Any, B: Any, C: Any, D: Any, dt: Any, output: Literal["pre", "post"] = "pre"):
        for name, value in (("poles", poles), ("B", B), ("C", C)):
            object.__setattr__(self, name, exact_array(name, value, dtype=np.complex128))
        object.__setattr__(self, "D", exact_array("D", D, dtype=np.float64))
        object.__setattr__(self, "dt", timebase(dt))
        object.__setattr__(self, "output", output)
        if self.poles.ndim != 1:
            raise InputError(f"`poles` must be (n,), got {self.poles.shape}; give the diagonal itself")
        require_shapes(self.poles.shape[0], self.B, self.C, self.D)
        if output not in ("pre", "post"):
            raise InputError(f'`output` must be "pre" or "post", got {output!r}')
        if output == "post" and self.continuous:
            raise InputError('`output="post"` reads x_{k+1}, which continuous time does not have; use "pre"')

    @property
    def n(self) -> int:
        """Number of complex states; the real form has twice as many."""
        return self.poles.shape[0]

    @property
    def complex(self) -> bool:
        """False: the states are complex, the signals are real."""
        return False

    def to_json(self) -> dict[str, Any]:
        """Return the hashed part of a certificate file that describes the system."""
        return {
            "type": "Modal",
            "dt": dt_to_json(self.dt),
            **{"n": self.n, "m": self.m, "p": self.p},
            **{name: array_to_json(getattr(self, name)) for name in ("poles", "B", "C", "D")},
            "output": self.output,
        }

    def same_bits(self, other: "Subject") -> str | None:
        """Return None when `other` is the same system, number by number, else what differs."""
        return difference(self, other, ("poles", "B", "C", "D"))

    def real_form(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        r"""Return the real system of order $2n$ on the states $(\mathrm{Re}\,x, \mathrm{Im}\,x)$.

        $$A = \begin{pmatrix} \Lambda_r & -\Lambda_i \\ \Lambda_i & \Lambda_r \end{pmatrix}, \quad
        B = \begin{pmatrix} B_r \\ B_i \end{pmatrix}, \quad C = \begin{pmatrix} C_r & -C_i \end{pmatrix}.$$

        **Guarantee:** exact for `output="pre"`. For `"post"` the readout becomes $C \Lambda$ and
        $D + \mathrm{Re}(CB)$, rounded to float64: good for a search, no base for a check.
        **Cost:** $O(n^2 + pnm)$.
        """
        C, D = self.C, self.D
        if self.output == "post":
            C, D = self.C * self.poles, self.D + np.real(self.C @ self.B)
        real, imag = np.diag(np.real(self.poles)), np.diag(np.imag(self.poles))
        A = np.block([[real, -imag], [imag, real]]) + 0.0
        B = np.vstack([np.real(self.B), np.imag(self.B)])
        return A, B, np.hstack([np.real(C), -np.imag(C)]) + 0.0, D

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModalSubject) and self.same_bits(other) is None

    def __hash__(self) -> int:
        return hash((self.n, self.m, self.p, self.dt, self.poles.tobytes()))


Subject = StateSpaceSubject | ModalSubject | OscillatorSubject


def subject_from_json(data: Any) -> Subject:
    """Read what `to_json` wrote, and nothing else.

    **Arguments:** `data`: the decoded JSON object.
    **Returns:** a subject with `subject.to_json() == data`.
    **Raises:** `CertificateError` for missing or unknown keys, shapes that disagree with n, m, p, and any
    number that is not written exactly as `float.hex` writes it (NaN, infinity and -0.0 included).

    **Guarantee:** one text per system: equal subjects have equal JSON and the converse.
    **Cost:** one pass.
    """
    if not isinstance(data, dict):
        raise CertificateError(f"the system must be a JSON object, got {type(data).__name__}")
    kind = data.get("type")
    modal = kind == "Modal"
    if kind not in ("StateSpace", "Modal", "Oscillator"):
        raise CertificateError(f"the system's type must be StateSpace, Modal or Oscillator, got {kind!r}")
    for name in "nmp":
        if type(data.get(name)) is not int or not 0 <= data[name] <= _LARGEST_SIZE:
            raise CertificateError(f"{name} must be a whole number from 0 to 10^6, got {data.get(name)!r}")
    if kind == "Oscillator":
        return OscillatorSubject.from_json(data)
    expected = {"type", "dt", "n", "m", "p", "B", "C", "D", *(("poles", "output") if modal else ("A",))}
    if set(data) != expected:
        odd = ", ".join(sorted(map(str, expected ^ set(data))))
        raise CertificateError(f"a {kind} system has keys missing or unknown: {odd}")
    n, m, p, dt = data["n"], data["m"], data["p"], dt_from_json(data["dt"])
    shapes = {"B": (n, m), "C": (p, n), "D": (p, m)}
    if not modal:
        split = any(isinstance(data[name], dict) for name in "ABCD")
        arrays = [array_from_json(k, data[k], s, split) for k, s in {"A": (n, n), **shapes}.items()]
        return StateSpaceSubject(*arrays, dt=dt)
    poles = array_from_json("poles", data["poles"], (n,), True)
    B, C, D = (array_from_json(k, data[k], s, k != "D") for k, s in shapes.items())
    try:
        return ModalSubject(poles, B, C, D, dt=dt, output=data["output"])
    except InputError as error:
        raise CertificateError(str(error)) from error
