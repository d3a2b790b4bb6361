r"""Anything with $A, B, C, D$ and a time base becomes the subject of a claim, by duck typing.

Nothing is imported here but NumPy: python-control and SciPy objects are recognised by the module that
their class comes from, and converted by their own methods. Trusted in so far as `subject_of` decides
*which* numbers a claim is about; it copies them and computes nothing, transfer functions excepted.
"""

from typing import Any

import numpy as np

from ssmctl.certificates.subject import (
    ModalSubject,
    OscillatorSubject,
    StateSpaceSubject,
    Subject,
    exact_array,
)
from ssmctl.errors import InputError

__all__ = ["matrices", "subject_of"]


def subject_of(system: Any) -> Subject:
    r"""Return the exact numbers of a system, wherever it comes from.

    **Arguments:** `system`: an ssmctl system or model (anything with `.subject()`), a subject, a
    python-control or SciPy LTI object, an object with `A B C D dt`, or a tuple `(A, B, C, D, dt)`. In a
    tuple `D` may be None or 0, and plain numbers stand for 1 by 1 matrices.

    **Returns:** a `StateSpaceSubject`, a `ModalSubject` or an `OscillatorSubject`.
    **Raises:** `InputError` if the time base is open (python-control's `dt=None`, a tuple of four), if the
    shapes disagree, or if there is no state space to be had.

    **Guarantee:** the matrices equal the given ones, number by number. A transfer function is realised by
    its own library first, in floating point: the subject is that realisation.
    **Cost:** one copy.

    >>> subject_of(([[0.5]], [[1]], [[1]], 0, True)).to_json()["A"]
    [['0x1.0000000000000p-1']]
    """
    if isinstance(system, StateSpaceSubject | ModalSubject | OscillatorSubject):
        return system
    if callable(getattr(system, "subject", None)) and not isinstance(system, type):
        return system.subject()
    if isinstance(system, tuple | list):
        return _from_tuple(system)
    library = type(system).__module__.split(".", 1)[0]
    if library in ("control", "scipy") and (hasattr(system, "num") or hasattr(system, "to_ss")):
        system = system if hasattr(system, "A") else _realised(system)
    missing = ", ".join(name for name in ("A", "B", "C", "D", "dt") if not hasattr(system, name))
    if missing:
        raise InputError(
            f"a {type(system).__name__} is no linear system, it has no {missing}; give a StateSpace, a "
            "python-control or SciPy system or a tuple (A, B, C, D, dt); read files with `load_system`"
        )
    dt = system.dt
    if dt is None and library == "scipy":
        dt = 0.0  # scipy.signal's mark of continuous time
    elif dt is None:
        raise InputError(
            "the system's `dt` is None, python-control's unspecified time base; choose one: set `.dt` to 0 "
            "(continuous), True (discrete, no period) or the period in seconds"
        )
    return StateSpaceSubject(*matrices(system.A, system.B, system.C, system.D), dt=dt)


def matrices(A: Any, B: Any, C: Any, D: Any = None) -> tuple[Any, Any, Any, Any]:
    """Bring what people write for $A, B, C, D$ to two dimensions, without touching a number.

    A plain number stands for a 1 by 1 matrix; `D=None` and `D=0` for zeros; an empty list for a matrix
    without states. A one-dimensional array is refused, as it could be a row or a column.

    **Arguments:** arrays of any library (traced ones too: only shapes are looked at), or nested lists.
    **Returns:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), each of the library it came from.
    **Raises:** `InputError` if the shapes disagree. **Cost:** none.

    >>> [M.shape for M in matrices(0.5, 1.0, 1.0)]
    [(1, 1), (1, 1), (1, 1), (1, 1)]
    """
    A, B, C = (_array(name, value) for name, value in (("A", A), ("B", B), ("C", C)))
    D = None if D is None else _array("D", D)
    if A.shape in ((0,), (1, 0)):
        A = A.reshape(0, 0)
    if A.shape == (0, 0):  # a static gain: D knows the shapes that empty lists and MATLAB's [] forget
        p, m = D.shape if D is not None and D.ndim == 2 else (1, 1) if D is not None else (0, 0)
        B = B.reshape(0, m) if B.shape in ((0,), (0, 0)) else B
        C = C.reshape(p, 0) if C.shape in ((0,), (0, 0)) else C
    A, B, C = (M.reshape(1, 1) if M.ndim == 0 else M for M in (A, B, C))
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise InputError(f"`A` must be (n, n), got {A.shape}; write `np.diag(A)` if it is the diagonal")
    n = A.shape[0]
    if B.ndim != 2 or B.shape[0] != n:
        raise InputError(
            f"`B` must be (n, m) with n = {n} rows, got {B.shape}; one input is a column: `B.reshape(n, 1)`"
        )
    if C.ndim != 2 or C.shape[1] != n:
        raise InputError(
            f"`C` must be (p, n) with n = {n} columns, got {C.shape}; one output is a row: `C.reshape(1, n)`"
        )
    shape = (C.shape[0], B.shape[1])
    if D is None or (D.ndim == 0 and shape != (1, 1) and _is_zero(D)):
        D = np.zeros(shape, np.result_type(B.dtype, C.dtype))
    elif D.ndim == 0 and shape == (1, 1):
        D = D.reshape(1, 1)
    if D.shape != shape:
        raise InputError(f"`D` must be (p, m) = {shape}, got {D.shape}; leave it out if it is zero")
    return A, B, C, D


def _from_tuple(system: Any) -> Subject:
    if len(system) == 4:
        raise InputError(
            "a tuple (A, B, C, D) leaves the time base open; write (A, B, C, D, dt), dt = 0 (continuous), "
            "True (discrete, no period) or the period in seconds"
        )
    if len(system) != 5:
        raise InputError(f"a system as a tuple is (A, B, C, D, dt), got {len(system)} entries")
    return StateSpaceSubject(*matrices(*system[:4]), dt=system[4])


def _realised(system: Any) -> Any:
    try:
        return system.to_ss()
    except AttributeError as error:
        raise InputError(
            f"a {type(system).__name__} has no `to_ss`; convert it to a state space first, `control.ss(…)`"
        ) from error
    except (ValueError, TypeError, NotImplementedError, ImportError) as error:
        text = str(error).strip().split("\n", 1)[0]
        raise InputError(f"the {type(system).__name__} has no state space: {text}") from error


def _array(name: str, value: Any) -> Any:
    if hasattr(value, "shape") and hasattr(value, "reshape") and not hasattr(value, "toarray"):
        return value
    return exact_array(name, value)


def _is_zero(scalar: Any) -> bool:
    try:
        return bool(scalar == 0)
    except Exception:  # a traced scalar has no value yet
        return False
