r"""Systems in files that MATLAB, SciPy and people can read: `.json`, `.npz`, `.mat`.

| file | content |
|---|---|
| `.json` | `{"format": "ssmctl-system/1", "system": {…}}`, the system as certificates store it (`float.hex`); read too: `{"A": [[…]], "B": …, "C": …, "D": …, "dt": 0.1}` typed by hand, and a certificate file |
| `.npz` | arrays `A B C D dt`, or `poles B C D dt output`, or those of an oscillator; never pickled |
| `.mat` | the same with `Ts` for `dt`, where -1 means discrete without a period, as in MATLAB; `steps` if each oscillator has its own |

An oscillator is `stiffness damping B velocity position D bias dt scheme output`, where `dt` is one step or one
for each oscillator; the readout that is not used, `D` and `bias` may be left out.

Reading is trusted as far as it decides which numbers a claim is about: doubles are taken bit by bit, and
decimal numbers in JSON are the doubles nearest to them. JAX is loaded by `load_system` only, SciPy by `.mat`.
"""  # noqa: E501

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.coerce import matrices, subject_of
from ssmctl.certificates.subject import (
    ModalSubject,
    OscillatorSubject,
    StateSpaceSubject,
    Subject,
    exact_array,
    subject_from_json,
)
from ssmctl.certificates.writing import write_file
from ssmctl.errors import CertificateError, InputError

__all__ = ["load_system", "read_subject", "save_system"]

_FORMAT = "ssmctl-system/1"
_MODAL, _DENSE = ("poles", "B", "C", "D"), ("A", "B", "C", "D")
_BANK = ("stiffness", "damping", "B", "velocity", "position", "D", "bias")
_WORDS = ("output", "scheme")
_NAMES = ("name", "input_names", "output_names", "state_names")


def read_subject(source: Any) -> Subject:
    """Read the system in a file, without loading JAX.

    **Arguments:** `source`: a path ending in `.json`, `.npz` or `.mat`, or an open file (text or binary).
    **Returns:** a subject of claims.
    **Raises:** `InputError` for content that is no system, `FileNotFoundError` for a missing file.

    **Guarantee:** exactly the numbers stored. **Cost:** one pass.
    """
    return _read(source)[0]


def load_system(source: Any) -> Any:
    """Read the system in a file, with its names, as a `StateSpace`, a `Modal` or an `Oscillator`.

    **Arguments:** `source`: as in `read_subject`.
    **Returns:** a system that holds NumPy float64 or complex128 arrays.
    **Raises:** as `read_subject`.

    **Guarantee:** `load_system(path).subject()` equals what `save_system` was given, bit by bit.
    **Cost:** one pass.
    """
    from ssmctl.lti.oscillator import Oscillator
    from ssmctl.lti.system import Modal, StateSpace

    subject, names = _read(source)
    if isinstance(subject, OscillatorSubject):
        names.pop("state_names", None)
        return Oscillator(
            *(subject.stiffness, subject.damping, _step(subject), subject.scheme),
            B=subject.B,
            C=_readouts(subject),
            D=subject.D,
            bias=subject.bias if subject.biased else None,
            output=subject.output,
            **names,
        )
    if isinstance(subject, ModalSubject):
        names.pop("state_names", None)
        arrays = (subject.poles, subject.B, subject.C, subject.D)
        return Modal(*arrays, dt=subject.dt, output=subject.output, **names)
    return StateSpace(subject.A, subject.B, subject.C, subject.D, dt=subject.dt, **names)


def save_system(system: Any, path: str | os.PathLike[str]) -> None:
    """Write a system to a `.json`, `.npz` or `.mat` file, replacing it in one step.

    **Arguments:** `system`: anything `subject_of` reads; `path`: its ending chooses the format. Names
    are kept in `.json` and `.npz`, which hold float64 or complex128 whatever the precision was.

    **Raises:** `InputError` for another ending; `OSError` if the file cannot be written.
    **Guarantee:** exact; the old file stays whole until the new one is. **Cost:** one pass.
    """
    path = Path(path)
    subject = subject_of(system)
    names = {key: value for key in _NAMES if (value := getattr(system, key, None)) is not None}
    buffer = io.BytesIO()
    match _ending(path):
        case ".json":
            data = {"format": _FORMAT, "system": subject.to_json(), **({"names": names} if names else {})}
            buffer.write((json.dumps(data, indent=1) + "\n").encode())
        case ".npz":
            meta = np.array(json.dumps({"format": _FORMAT, "names": names}))
            everything: dict[str, Any] = {
                **_arrays(subject),
                "dt": np.array(_step(subject)),
                "__meta__": meta,
            }
            np.savez(buffer, **everything)
        case _:
            import scipy.io

            step = _step(subject)
            period = -1.0 if step is True else step
            several = {} if np.ndim(step) == 0 else {"steps": step}
            everything = {**_arrays(subject), **several, "Ts": -1.0 if several else period}
            scipy.io.savemat(buffer, everything, oned_as="column")
    write_file(path, buffer.getvalue())


def _read(source: Any) -> tuple[Subject, dict[str, Any]]:
    if hasattr(source, "read"):
        content = source.read()
        content = content.encode() if isinstance(content, str) else content
        ending = ".npz" if content[:2] == b"PK" else ".mat" if content[:6] == b"MATLAB" else ".json"
        where = str(getattr(source, "name", "the input"))
    else:
        path = Path(source)
        ending, where, content = _ending(path), str(path), path.read_bytes()
    try:
        data = {".json": _json, ".npz": _npz, ".mat": _mat}[ending](content)
        return _subject(data) if ending == ".json" else (_from_arrays(data), _names(data.get("names")))
    except (InputError, CertificateError) as error:
        raise InputError(f"{where}: {error}") from error


def _subject(data: Any) -> tuple[Subject, dict[str, Any]]:
    if not isinstance(data, dict):
        raise InputError(f"a system is a JSON object, got {type(data).__name__}")
    if "claim" in data and "subject" in data:
        return Certificate.from_text(json.dumps(data)).subject, {}
    if data.get("format") == _FORMAT or isinstance(data.get("system"), dict):
        if data.get("format") != _FORMAT:
            raise InputError(f'the format must be "{_FORMAT}", got {data.get("format")!r}')
        if extra := set(data) - {"format", "system", "names"}:
            raise InputError(f"unknown keys: {', '.join(sorted(extra))}")
        return subject_from_json(data.get("system")), _names(data.get("names"))
    if "type" in data:
        return subject_from_json(data), {}
    allowed = {*_DENSE, *_MODAL, *_BANK, *_WORDS, "dt", "names", "format"}
    if extra := set(data) - allowed:
        raise InputError(f"unknown keys: {', '.join(sorted(extra))}; a system has A, B, C, D and dt")
    numbers = {key: _complex(value) for key, value in data.items() if key not in ("names", "format", *_WORDS)}
    numbers |= {key: data[key] for key in _WORDS if key in data}
    return _from_arrays(numbers), _names(data.get("names"))


def _from_arrays(data: dict[str, Any]) -> Subject:
    if "stiffness" in data:
        return _oscillator(data)
    modal = "poles" in data
    if modal and "A" in data:
        raise InputError("both A and poles are given; a system is either dense or modal")
    missing = [key for key in ("poles" if modal else "A", "B", "C", "dt") if key not in data]
    if missing:
        found = _few(data)
        raise InputError(
            f"{', '.join(missing)} missing (found {found}); a system has A, B, C, D and dt: 0 (continuous), "
            "true (discrete) or the period in seconds"
        )
    D = data.get("D")
    if not modal:
        if "output" in data:
            raise InputError("`output` belongs to modal systems; state space reads the old state")
        return StateSpaceSubject(*matrices(data["A"], data["B"], data["C"], D), dt=data["dt"])
    poles = np.atleast_1d(exact_array("poles", data["poles"]))
    square = np.broadcast_to(np.float64(0), (poles.shape[0], poles.shape[0]))
    _, B, C, full = matrices(square, data["B"], data["C"], D)
    full = np.zeros(full.shape) if D is None else full
    return ModalSubject(poles, B, C, full, dt=data["dt"], output=data.get("output", "pre"))


def _oscillator(data: dict[str, Any]) -> OscillatorSubject:
    if other := sorted({"A", "C", "poles"} & set(data)):
        raise InputError(
            f"{', '.join(other)} and stiffness are given; an oscillator has stiffness, damping, B, velocity, "
            "position, D, bias, dt and scheme"
        )
    if missing := [key for key in ("stiffness", "damping", "B", "dt", "scheme") if key not in data]:
        raise InputError(f"{', '.join(missing)} missing (found {_few(data)}) for an oscillator")
    read = {key: np.atleast_2d(data[key]) for key in ("velocity", "position") if key in data}
    if not read:
        raise InputError("an oscillator is read at its velocity or its position; neither is given")
    B, p = np.atleast_2d(data["B"]), len(next(iter(read.values())))
    stiffness, damping = (np.atleast_1d(exact_array(key, data[key])) for key in ("stiffness", "damping"))
    nothing = np.zeros((p, len(stiffness)))
    dt = np.asarray(data["dt"])
    return OscillatorSubject(
        *(stiffness, damping, dt if dt.ndim == 1 else data["dt"], data["scheme"], B),
        velocity=read.get("velocity", nothing),
        position=read.get("position", nothing),
        D=np.atleast_2d(data["D"]) if "D" in data else np.zeros((p, B.shape[1])),
        bias=np.atleast_1d(data["bias"]) if "bias" in data else np.zeros(stiffness.shape),
        output=data.get("output", "pre"),
    )


def _readouts(subject: OscillatorSubject) -> dict[str, np.ndarray]:
    both = {"velocity": subject.velocity, "position": subject.position}
    return {key: M for key, M in both.items() if M.any()} or {"position": subject.position}


def _step(subject: Subject) -> Any:
    """The time base as files hold it: one step for each oscillator where they differ."""
    if isinstance(subject, OscillatorSubject) and subject.dt is True:
        return subject.steps
    return subject.dt


def _arrays(subject: Subject) -> dict[str, Any]:
    if isinstance(subject, OscillatorSubject):
        words = {"scheme": subject.scheme, "output": subject.output}
        return {key: getattr(subject, key) for key in _BANK} | words
    keys = _MODAL if isinstance(subject, ModalSubject) else _DENSE
    arrays = {key: getattr(subject, key) for key in keys}
    return {**arrays, "output": subject.output} if isinstance(subject, ModalSubject) else arrays


def _json(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise InputError("this is no JSON text; `.npz` and `.mat` files need their ending") from error
    except json.JSONDecodeError as error:
        raise InputError(f"bad JSON in line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise InputError("bad JSON: nested too deeply") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"bad JSON: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise InputError("bad JSON: a key is given twice")
    return data


def _refuse(constant: str) -> Any:
    raise InputError(f"bad JSON: {constant} is no finite number")


def _complex(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if set(value) != {"re", "im"}:
        raise InputError('a complex matrix is {"re": [[…]], "im": [[…]]}')
    try:
        parts = [np.asarray(value[part], np.float64) for part in ("re", "im")]
    except (TypeError, ValueError) as error:
        raise InputError('"re" and "im" must be lists of numbers') from error
    if parts[0].shape != parts[1].shape:
        raise InputError(f'"re" and "im" differ in shape: {parts[0].shape} and {parts[1].shape}')
    return np.stack(parts, axis=-1).view(np.complex128)[..., 0]


def _npz(content: bytes) -> dict[str, Any]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            data = {key: archive[key] for key in archive.files}
    except Exception as error:  # zipfile and NumPy raise many kinds
        raise InputError(f"no readable .npz archive of plain arrays: {str(error).splitlines()[0]}") from error
    meta = data.pop("__meta__", None)
    if "dt" in data and data["dt"].size == 1 and "stiffness" not in data:
        data["dt"] = data["dt"].reshape(())
    data |= {key: str(data[key]) for key in _WORDS if key in data}
    if meta is not None:
        described = _json(str(meta).encode())
        if not isinstance(described, dict) or described.get("format") != _FORMAT:
            raise InputError(f'`__meta__` must be JSON with the format "{_FORMAT}"')
        data["names"] = described.get("names")
    return data


def _mat(content: bytes) -> dict[str, Any]:
    import scipy.io

    try:
        found = scipy.io.loadmat(io.BytesIO(content))  # mat_dtype=True would drop imaginary parts
    except NotImplementedError as error:
        raise InputError("a MATLAB 7.3 file; save it again with `save(…, '-v7')`") from error
    except Exception as error:  # damaged files fail in many ways
        raise InputError(f"no readable .mat file: {error}") from error
    data = {key: value for key, value in found.items() if not key.startswith("__")}
    data = {key: value.toarray() if hasattr(value, "toarray") else value for key, value in data.items()}
    if "Ts" not in data and "dt" not in data:
        raise InputError(
            f"no variable Ts (found {_few(data)}); in MATLAB: `[A,B,C,D,Ts] = ssdata(sys); "
            "save('sys.mat','A','B','C','D','Ts','-v7')`"
        )
    period = np.asarray(data.pop("Ts") if "Ts" in data else data["dt"])
    if period.size != 1:
        raise InputError(f"Ts must be one number, got shape {period.shape}")
    data["dt"] = True if period.item() == -1 else period.item()
    data |= {key: "".join(np.asarray(data[key]).astype(str).ravel()) for key in _WORDS if key in data}
    if "stiffness" in data:
        return _mat_oscillator(data)
    if "poles" in data:
        data["poles"] = np.asarray(data["poles"]).reshape(-1)
    n = len(data["poles"]) if "poles" in data else len(data.get("A", ()))
    B, C = data.get("B"), data.get("C")  # a vector comes back as a row or a column: n says which it was
    if n > 1 and B is not None and B.shape == (1, n):
        data["B"] = B.reshape(n, 1)
    if n > 1 and C is not None and C.shape == (n, 1):
        data["C"] = C.reshape(1, n)
    return data


def _mat_oscillator(data: dict[str, Any]) -> dict[str, Any]:
    data |= {key: data[key].reshape(-1) for key in ("stiffness", "damping", "bias", "steps") if key in data}
    steps, r = data.pop("steps", None), len(data["stiffness"])
    data["dt"] = data["dt"] if steps is None else steps
    if r > 1 and data.get("B", np.zeros(0)).shape == (1, r):
        data["B"] = data["B"].reshape(r, 1)
    rows = {
        key: data[key].reshape(1, r)
        for key in ("velocity", "position")
        if key in data and np.shape(data[key]) == (r, 1)
    }
    return data | rows


def _names(data: Any) -> dict[str, Any]:
    if data is None:
        return {}
    if not isinstance(data, dict) or not set(data) <= set(_NAMES):
        raise InputError(f"names must be an object with some of: {', '.join(_NAMES)}")
    if not isinstance(data.get("name", ""), str):
        raise InputError(f"a system's name is a string, got {data['name']!r}")
    return dict(data)


def _few(data: Any) -> str:
    names = sorted(map(str, data))
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "") or "nothing"


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    if ending not in (".json", ".npz", ".mat"):
        raise InputError(f"{path}: a system file ends in .json, .npz or .mat")
    return ending
