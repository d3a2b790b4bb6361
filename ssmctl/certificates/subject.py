r"""What a claim is about: the numbers $A, B, C, D$ and the time base, exactly as they are stored.

A float is a dyadic rational, so the arrays here *are* the mathematical system, with no tolerance:
narrower types are widened exactly, and whatever float64 cannot hold exactly is refused. Everything
in this module is trusted, except `real_form`, which only serves finders of witnesses.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ssmctl.errors import CertificateError, InputError

__all__ = ["ModalSubject", "StateSpaceSubject", "Subject", "exact_array", "subject_from_json", "timebase"]

_LARGEST_INTEGER = 2**53
_LARGEST_SIZE = 10**6


def timebase(dt: Any) -> float | Literal[True]:
    """Read a time base: 0.0 is continuous, True discrete without a period, > 0 a period in seconds.

    **Arguments:** `dt`: a Python or NumPy real number, or True.
    **Returns:** `0.0`, `True` or the period as a float. Mind that `True == 1.0`: test with `is`.
    **Raises:** `InputError` for None, False, a negative or not finite number, anything else.

    **Guarantee:** the value returned equals the value given. **Cost:** $O(1)$.

    >>> timebase(0), timebase(True), timebase(0.25)
    (0.0, True, 0.25)
    """
    choose = "give 0 (continuous), True (discrete, no period) or a period in seconds"
    if dt is None:
        raise InputError(f"`dt` is None, a time base that was left open; {choose}")
    try:
        value = np.asarray(dt)
    except (TypeError, ValueError) as error:
        raise InputError(f"`dt` must be one number or True, got {type(dt).__name__}; {choose}") from error
    if value.shape == () and value.dtype.kind == "b":
        if value:
            return True
        raise InputError(f"`dt` is False, which is no time base; {choose}")
    if value.shape != () or value.dtype.kind not in "iuf" or not np.can_cast(value.dtype, np.float64):
        raise InputError(f"`dt` must be one real number or True, got {dt!r}; {choose}")
    period = float(value)
    if not math.isfinite(period) or period < 0 or (value.dtype.kind in "iu" and period > _LARGEST_INTEGER):
        raise InputError(f"`dt` must be finite, not negative and exact in float64, got {dt!r}; {choose}")
    return period + 0.0


def exact_array(name: str, value: Any, *, dtype: Any = None) -> np.ndarray:
    """Convert array-like numbers to float64 or complex128 without changing any of them.

    float16, bfloat16, float32, complex64 and integers up to $2^{53}$ are widened exactly; -0.0
    becomes 0.0, the same number.

    **Arguments:**

    - `name`: the letter that error messages use.
    - `value`: anything NumPy reads as an array of numbers.
    - `dtype`: float64 refuses complex arrays; complex128 widens real ones; None takes either as it is.

    **Returns:** a new, read-only, C-ordered array of that dtype and of the same shape.
    **Raises:** `InputError` for extended precision, objects, text, booleans, masked or sparse arrays,
    larger integers, NaN and infinity, or values that are not known yet (inside `jit`).

    **Guarantee:** exact. **Cost:** one copy.

    >>> exact_array("B", [[1], [2]]).tolist()
    [[1.0], [2.0]]
    """
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"`{name}` is a masked array; fill it first: `{name}.filled(0)`")
    if hasattr(value, "toarray"):
        raise InputError(f"`{name}` is a sparse matrix; write `{name}.toarray()`")
    try:
        given = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"`{name}` cannot be read as an array of numbers ({_first_line(error)}); "
            "give rows of equal length, and call this outside `jit`"
        ) from error
    kind = given.dtype.kind
    if given.dtype.name.startswith(("bfloat16", "float8_", "float6_", "float4_")):
        given, kind = given.astype(np.float32), "f"  # short ML formats: every value is a float32
    dtype = (np.complex128 if kind == "c" else np.float64) if dtype is None else dtype
    if kind not in "iufc":
        raise InputError(f"`{name}` must hold numbers, got dtype {given.dtype}; convert it to float64")
    if kind == "c" and not np.issubdtype(dtype, np.complexfloating):
        raise InputError(f"`{name}` must be real, got dtype {given.dtype}; nothing is truncated silently")
    if kind in "iu" and given.size:
        if int(given.min()) < -_LARGEST_INTEGER or int(given.max()) > _LARGEST_INTEGER:
            raise InputError(f"`{name}` holds integers beyond 2^53, which float64 rounds; give floats")
    elif not np.can_cast(given.dtype, dtype):
        raise InputError(
            f"`{name}` has dtype {given.dtype}, which float64 cannot hold exactly; "
            f"round it yourself: `{name}.astype(float)`"
        )
    if isinstance(value, list | tuple) and (np.abs(given) >= _LARGEST_INTEGER).any():
        if not (np.asarray(value, object) == given).all():  # whole numbers that NumPy rounded to floats
            raise InputError(f"`{name}` holds integers beyond 2^53, which float64 rounds; give floats")
    stored = np.asarray(np.array(given, dtype=dtype, order="C") + np.zeros((), dtype))  # 0 + -0.0 is 0.0
    if not np.isfinite(stored).all():
        where = [int(i) for i in np.argwhere(~np.isfinite(stored))[0]]
        raise InputError(f"`{name}` must be finite, got {stored[tuple(where)]} at {where}")
    stored.flags.writeable = False
    return stored


class _Signals:
    """What both kinds of subject have in common: m inputs, p outputs, a time base."""

    B: np.ndarray
    C: np.ndarray
    dt: float | Literal[True]

    @property
    def m(self) -> int:
        """Number of inputs."""
        return self.B.shape[1]

    @property
    def p(self) -> int:
        """Number of outputs."""
        return self.C.shape[0]

    @property
    def continuous(self) -> bool:
        """Whether time is continuous: `dt` is 0.0."""
        return self.dt == 0.0


@dataclass(frozen=True, eq=False, init=False)
class StateSpaceSubject(_Signals):
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
        dtype = np.complex128 if any(map(_is_complex, given.values())) else np.float64
        for name, value in given.items():
            object.__setattr__(self, name, exact_array(name, value, dtype=dtype))
        object.__setattr__(self, "dt", timebase(dt))
        if self.A.ndim != 2 or self.A.shape[0] != self.A.shape[1]:
            raise InputError(f"`A` must be (n, n), got {self.A.shape}")
        _require_shapes(self.A.shape[0], self.B, self.C, self.D)

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
            "dt": _dt_to_json(self.dt),
            **{"n": self.n, "m": self.m, "p": self.p},
            **{name: _array_to_json(getattr(self, name)) for name in "ABCD"},
        }

    def same_bits(self, other: "Subject") -> str | None:
        """Return None when `other` is the same system, number by number, else what differs."""
        return _difference(self, other, "ABCD")

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
class ModalSubject(_Signals):
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
        _require_shapes(self.poles.shape[0], self.B, self.C, self.D)
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
            "dt": _dt_to_json(self.dt),
            **{"n": self.n, "m": self.m, "p": self.p},
            **{name: _array_to_json(getattr(self, name)) for name in ("poles", "B", "C", "D")},
            "output": self.output,
        }

    def same_bits(self, other: "Subject") -> str | None:
        """Return None when `other` is the same system, number by number, else what differs."""
        return _difference(self, other, ("poles", "B", "C", "D"))

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


Subject = StateSpaceSubject | ModalSubject


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
    if not (modal or kind == "StateSpace"):
        raise CertificateError(f'the system\'s type must be "StateSpace" or "Modal", got {kind!r}')
    expected = {"type", "dt", "n", "m", "p", "B", "C", "D", *(("poles", "output") if modal else ("A",))}
    if set(data) != expected:
        odd = ", ".join(sorted(map(str, expected ^ set(data))))
        raise CertificateError(f"a {kind} system has keys missing or unknown: {odd}")
    for name in "nmp":
        if type(data[name]) is not int or not 0 <= data[name] <= _LARGEST_SIZE:
            raise CertificateError(f"{name} must be a whole number from 0 to 10^6, got {data[name]!r}")
    n, m, p, dt = data["n"], data["m"], data["p"], _dt_from_json(data["dt"])
    shapes = {"B": (n, m), "C": (p, n), "D": (p, m)}
    if not modal:
        split = any(isinstance(data[name], dict) for name in "ABCD")
        arrays = [_array_from_json(k, data[k], s, split) for k, s in {"A": (n, n), **shapes}.items()]
        return StateSpaceSubject(*arrays, dt=dt)
    poles = _array_from_json("poles", data["poles"], (n,), True)
    B, C, D = (_array_from_json(k, data[k], s, k != "D") for k, s in shapes.items())
    try:
        return ModalSubject(poles, B, C, D, dt=dt, output=data["output"])
    except InputError as error:
        raise CertificateError(str(error)) from error


def _is_complex(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    try:
        return np.iscomplexobj(value) if dtype is None else np.dtype(dtype).kind == "c"
    except (TypeError, ValueError):
        return False  # `exact_array` words the refusal


def _require_shapes(n: int, B: np.ndarray, C: np.ndarray, D: np.ndarray) -> None:
    if B.ndim != 2 or B.shape[0] != n:
        raise InputError(f"`B` must be (n, m) with n = {n}, got {B.shape}; one input is a column")
    if C.ndim != 2 or C.shape[1] != n:
        raise InputError(f"`C` must be (p, n) with n = {n}, got {C.shape}; one output is a row")
    if D.shape != (C.shape[0], B.shape[1]):
        raise InputError(f"`D` must be (p, m) = {(C.shape[0], B.shape[1])}, got {D.shape}")


def _difference(one: Subject, two: Any, names: Any) -> str | None:
    if type(one) is not type(two):
        return f"one is a {type(one).__name__}, the other a {type(two).__name__}"
    if (one.dt is True) != (two.dt is True) or one.dt != two.dt:
        return f"dt differs: {one.dt} and {two.dt}"
    if getattr(one, "output", None) != getattr(two, "output", None):
        return "one reads the state before the update, the other after it"
    for name in names:
        X, Y = getattr(one, name), getattr(two, name)
        if X.shape != Y.shape:
            return f"{name} differs in shape: {X.shape} and {Y.shape}"
        if X.dtype != Y.dtype:
            return f"{name} differs in type: {X.dtype} and {Y.dtype}"
        if not np.array_equal(X, Y):
            where = tuple(int(i) for i in np.argwhere(X != Y)[0])
            return f"{name}{list(where)} differs: {X[where]} and {Y[where]}"
    return None


def _dt_to_json(dt: float | Literal[True]) -> Any:
    return True if dt is True else float(dt).hex()


def _dt_from_json(value: Any) -> float | Literal[True]:
    if value is True:
        return True
    dt = _number("dt", value)
    if dt < 0:
        raise CertificateError(f"dt must not be negative, got {value!r}")
    return dt


def _array_to_json(array: np.ndarray) -> Any:
    if array.dtype == np.complex128:
        return {"re": _array_to_json(np.real(array)), "im": _array_to_json(np.imag(array))}
    if array.ndim == 1:
        return [x.hex() for x in array.tolist()]
    return [[x.hex() for x in row] for row in array.tolist()]


def _array_from_json(name: str, data: Any, shape: tuple[int, ...], split: bool) -> np.ndarray:
    if split:
        if not isinstance(data, dict) or set(data) != {"re", "im"}:
            raise CertificateError(f'{name} must be complex, written {{"re": …, "im": …}}')
        real, imag = (_array_from_json(name, data[part], shape, False) for part in ("re", "im"))
        return np.stack([real, imag], axis=-1).view(np.complex128)[..., 0]
    rows = data if len(shape) == 2 else [data]
    height, width = (1, *shape)[-2:]
    if not isinstance(rows, list) or len(rows) != height:
        raise CertificateError(f"{name} must have {height} rows, as n, m, p say")
    if any(not isinstance(row, list) or len(row) != width for row in rows):
        raise CertificateError(f"{name} must have {width} numbers in each row, as n, m, p say")
    return np.array([_number(name, x) for row in rows for x in row], np.float64).reshape(shape)


def _number(name: str, text: Any) -> float:
    try:
        value = float.fromhex(text)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value) or (value + 0.0).hex() != text:
        raise CertificateError(f"{name} must hold finite numbers as float.hex writes them, got {text!r}")
    return value


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
