r"""Stored numbers: a float is a dyadic rational, so an array *is* the mathematical matrix, with no tolerance.

Narrower types are widened exactly, and whatever float64 cannot hold exactly is refused. Here too: how arrays
and time bases are written in a file, and how two subjects are compared. Trusted.
"""

import math
from typing import Any, Literal

import numpy as np

from ssmctl.errors import CertificateError, InputError

_LARGEST_INTEGER = 2**53


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


class Signals:
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


def is_complex(value: Any) -> bool:
    """Whether an array, or something that NumPy reads as one, is of a complex type."""
    dtype = getattr(value, "dtype", None)
    try:
        return np.iscomplexobj(value) if dtype is None else np.dtype(dtype).kind == "c"
    except (TypeError, ValueError):
        return False  # `exact_array` words the refusal


def require_shapes(n: int, B: np.ndarray, C: np.ndarray, D: np.ndarray) -> None:
    """Raise `InputError` unless B is (n, m), C (p, n) and D (p, m)."""
    if B.ndim != 2 or B.shape[0] != n:
        raise InputError(f"`B` must be (n, m) with n = {n}, got {B.shape}; one input is a column")
    if C.ndim != 2 or C.shape[1] != n:
        raise InputError(f"`C` must be (p, n) with n = {n}, got {C.shape}; one output is a row")
    if D.shape != (C.shape[0], B.shape[1]):
        raise InputError(f"`D` must be (p, m) = {(C.shape[0], B.shape[1])}, got {D.shape}")


def difference(one: Any, two: Any, names: Any) -> str | None:
    """Return what differs between two subjects, the named arrays last, or None."""
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


def dt_to_json(dt: float | Literal[True]) -> Any:
    """Return a time base as a file writes it."""
    return True if dt is True else float(dt).hex()


def dt_from_json(value: Any) -> float | Literal[True]:
    """Read what `dt_to_json` wrote; raises `CertificateError`."""
    if value is True:
        return True
    dt = _number("dt", value)
    if dt < 0:
        raise CertificateError(f"dt must not be negative, got {value!r}")
    return dt


def array_to_json(array: np.ndarray) -> Any:
    """Return an array as lists of numbers in hexadecimal, a complex one as `{re, im}`."""
    if array.dtype == np.complex128:
        return {"re": array_to_json(np.real(array)), "im": array_to_json(np.imag(array))}
    if array.ndim == 1:
        return [x.hex() for x in array.tolist()]
    return [[x.hex() for x in row] for row in array.tolist()]


def array_from_json(name: str, data: Any, shape: tuple[int, ...], split: bool) -> np.ndarray:
    """Read what `array_to_json` wrote, `split` if complex; raises `CertificateError`."""
    if split:
        if not isinstance(data, dict) or set(data) != {"re", "im"}:
            raise CertificateError(f'{name} must be complex, written {{"re": …, "im": …}}')
        real, imag = (array_from_json(name, data[part], shape, False) for part in ("re", "im"))
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
