r"""To and from python-control and SciPy, each way one function; each library is loaded when it is called.

Nothing is computed on the way: $A, B, C, D$, the time base and the names arrive as they left, or the call
is refused. Not trusted by any check, which reads the arrays that arrive.
"""

from typing import Any

from ssmctl.certificates.coerce import subject_of
from ssmctl.certificates.subject import ModalSubject, OscillatorSubject, StateSpaceSubject
from ssmctl.errors import InputError
from ssmctl.lti.system import StateSpace

__all__ = ["from_control", "from_scipy", "to_control", "to_scipy"]


def from_control(system: Any) -> StateSpace:
    """Turn a python-control system into a `StateSpace`, with its names.

    **Arguments:** `system`: a `control.StateSpace`; a `control.TransferFunction` is realised by
    python-control first, in floating point.

    **Raises:** `InputError` for `dt=None`, which leaves the time base open, and for nonlinear systems.
    **Guarantee:** exact for state space. **Cost:** one copy.
    """
    if type(system).__module__.split(".", 1)[0] != "control":
        raise InputError(f"expected a python-control system, got a {type(system).__name__}")
    subject = _dense(subject_of(system))
    states = list(getattr(system, "state_labels", []))
    return StateSpace(
        *(subject.A, subject.B, subject.C, subject.D),
        dt=subject.dt,
        name=system.name,
        input_names=system.input_labels,
        output_names=system.output_labels,
        state_names=states if len(states) == subject.n else None,
    )


def to_control(system: Any) -> Any:
    """Turn a system into a `control.StateSpace`, with its names.

    **Arguments:** `system`: anything `subject_of` reads; a `Modal` goes through its exact real form.
    **Raises:** `InputError` for complex matrices, of which python-control would keep the real part only,
    and for a post-update `Modal` and an `Oscillator`, whose dense forms round.

    **Guarantee:** exact. **Cost:** one copy.
    """
    subject = _dense(_exact(subject_of(system)))
    if subject.complex:
        raise InputError(
            "python-control drops the imaginary part of complex matrices; convert first: "
            "`system.real_embedding()` has the real signals (Re, Im), twice as many"
        )
    import control

    names = {
        "name": getattr(system, "name", None),
        "inputs": _listed(system, "input_names", "input_labels"),
        "outputs": _listed(system, "output_names", "output_labels"),
        "states": _listed(system, "state_names", "state_labels"),
    }
    if names["states"] is not None and len(names["states"]) != subject.n:
        names["states"] = None  # those of a transfer function or a Modal, before it was realised
    known = {key: value for key, value in names.items() if value is not None}
    arrays = (M.copy() for M in (subject.A, subject.B, subject.C, subject.D))
    return control.StateSpace(*arrays, subject.dt, remove_useless_states=False, **known)


def from_scipy(system: Any) -> StateSpace:
    """Turn a `scipy.signal` system into a `StateSpace`.

    **Arguments:** `system`: an `lti` or `dlti` in any form; SciPy realises transfer functions and
    zeros-poles-gain in floating point. Its `dt=None` means continuous time, `dt=True` discrete.

    **Raises:** `InputError` for anything else. **Guarantee:** exact for state space. **Cost:** one copy.
    """
    if type(system).__module__.split(".", 1)[0] != "scipy":
        raise InputError(f"expected a scipy.signal system, got a {type(system).__name__}")
    subject = _dense(subject_of(system))
    return StateSpace(subject.A, subject.B, subject.C, subject.D, dt=subject.dt)


def to_scipy(system: Any) -> Any:
    """Turn a system into a `scipy.signal.StateSpace`; SciPy has no names to keep.

    **Arguments:** `system`: anything `subject_of` reads; complex state space is kept complex, and a
    `Modal` goes through its exact real form.

    **Raises:** `InputError` for a post-update `Modal` and an `Oscillator`.
    **Guarantee:** exact. **Cost:** one copy.
    """
    from scipy import signal

    subject = _dense(_exact(subject_of(system)))
    arrays = [M.copy() for M in (subject.A, subject.B, subject.C, subject.D)]
    return signal.StateSpace(*arrays) if subject.continuous else signal.StateSpace(*arrays, dt=subject.dt)


def _exact(subject: Any) -> Any:
    if isinstance(subject, OscillatorSubject):
        raise InputError(
            "the step of an oscillator is not exact in floats; convert first: `system.to_statespace()`, or "
            "`system.to_continuous()` for the equation itself"
        )
    if isinstance(subject, ModalSubject) and subject.output == "post":
        raise InputError(
            "the real form of a post-update system is not exact in floats; "
            "convert first: `system.to_statespace(rounded=True)`"
        )
    return subject


def _dense(subject: Any) -> StateSpaceSubject:
    if isinstance(subject, ModalSubject):
        return StateSpaceSubject(*subject.real_form(), dt=subject.dt)
    return subject


def _listed(system: Any, *fields: str) -> list[str] | None:
    values = [getattr(system, field, None) for field in fields]
    return next((list(value) for value in values if value is not None), None)
