"""What the command line reads and writes: systems, certificates, files, single lines, errors in words."""

import errno
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from ssmctl.errors import InputError, SsmctlError

USAGE, FAILED = 2, 4


# --------------------------------------------------------------------------------------------- reading
def stdin() -> io.BytesIO:
    """Return what stands on stdin."""
    if sys.stdin is None:
        raise InputError("- is given, but there is no stdin")
    return named(sys.stdin.buffer.read(), "stdin")


def named(content: bytes, name: str) -> io.BytesIO:
    """Return a file in memory with the name that error messages use."""
    file = type("NamedFile", (io.BytesIO,), {})(content)
    file.name = name
    return file


def read_system(name: str, content: bytes | None = None) -> Any:
    """Return the subject that SYSTEM names: a file, stdin or, where there is no such file, a plant."""
    from ssmctl.lti.files import read_subject

    path = Path(name)
    if content is not None:
        return read_subject(named(content, name))
    if name == "-":
        return read_subject(stdin())
    if path.is_file():
        return read_subject(path)
    if path.exists() and not path.is_dir():  # a pipe: <(command)
        return read_subject(named(path.read_bytes(), name))
    from ssmctl.lti.plants import plant_names, plant_subject

    if name in plant_names():
        return plant_subject(name)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a directory, not a system file", name)
    plants = f"the plants that ship are {', '.join(plant_names())}"
    if path.suffix or len(path.parts) > 1:
        raise FileNotFoundError(errno.ENOENT, f"no such file ({plants})", name)
    raise InputError(f"{name}: neither a file nor a plant; {plants}")


def read_witness(name: str | None) -> Any:
    """Return the `Witness` in an .npz file or in a certificate."""
    if name is None:
        return None
    import numpy as np

    from ssmctl.certificates.certificate import Certificate
    from ssmctl.certificates.witness import Witness

    try:
        if Path(name).suffix.lower() == ".json":
            return Certificate.load(name).witness
        with np.load(name, allow_pickle=False) as archive:
            parts = {key: archive[key] for key in archive.files}
        return Witness(**{key: value.item() if value.ndim == 0 else value for key, value in parts.items()})
    except (OSError, MemoryError):
        raise
    except SsmctlError as error:
        raise InputError(f"{name}: {error}") from None
    except Exception:  # NumPy and zipfile raise many kinds
        example = "numpy.savez('witness.npz', P=P)"
        raise InputError(f"{name}: no .npz archive of named arrays; write one with {example}") from None


def certificate_in(content: bytes, name: str) -> Any:
    """Return the certificate in a file, or None if the file does not mean to be one."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not (
        "claim" in data or str(data.get("format")).startswith("ssmctl-cert")
    ):
        return None
    from ssmctl.certificates.certificate import Certificate

    try:
        return Certificate.from_text(content.decode())
    except (SsmctlError, UnicodeError) as error:
        raise InputError(explain(error, name)[1]) from None


# --------------------------------------------------------------------------------------------- writing
def writable(name: str | None) -> None:
    """Refuse a place that cannot be written before the work is done, not after it."""
    if name is None or name == "-":
        return
    if Path(name).is_dir():
        raise IsADirectoryError(errno.EISDIR, "a directory, not a file to write", name)
    path = Path(name).resolve()  # a link stays a link
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"there is no directory {path.parent} to write to", name)
    if not os.access(path if path.exists() and not path.is_file() else path.parent, os.W_OK):
        raise PermissionError(errno.EACCES, "permission to write denied", name)


def write(name: str, text: str) -> None:
    """Replace a file in one step; `-` is stdout, and a device or a pipe is written as it is."""
    from ssmctl.certificates.writing import write_file

    if name == "-":
        sys.stdout.write(text)
    else:
        write_file(name, text.encode())


def printable(text: str) -> str:
    r"""Escape what is not printable: control characters, line ends, bytes of a file name that are no text.

    >>> printable("all is well\x1b[2J")
    'all is well\\x1b[2J'
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def say(line: str, stream: Any) -> None:
    """Print one line, and one only, so that no file can forge a verdict."""
    if stream is not None:
        encoding = getattr(stream, "encoding", None) or "utf-8"
        print(printable(line).encode(encoding, "backslashreplace").decode(encoding), file=stream)


def settle() -> None:
    """Flush stdout; if nobody can read it any more, let the interpreter's own last flush go nowhere."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def explain(error: Exception, name: str | None = None) -> tuple[int, str]:
    """Return the exit code of an error, and one line about it that starts with the name of the file."""
    code = USAGE if isinstance(error, SsmctlError | UnicodeError | RecursionError) else FAILED
    if isinstance(error, UnicodeError):
        text = "not a text in UTF-8"
    elif isinstance(error, RecursionError):
        text = "nested too deeply"
    elif isinstance(error, OSError):
        text = error.strerror or str(error)
        name = os.fsdecode(error.filename) if name is None and error.filename is not None else name
    elif isinstance(error, MemoryError):
        text = "out of memory"
    elif isinstance(error, ModuleNotFoundError):
        text = f"this needs the package {error.name}, which is not installed"
    elif type(error).__name__ == "BrokenProcessPool":
        text = "a worker process died, perhaps for want of memory; try fewer --jobs"
    elif isinstance(error, SsmctlError):
        text = str(error)
    else:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        text = f"internal error{place}: {type(error).__name__}: {error}; please report it"
    text = " ".join(text.split())
    return code, (text if name is None or text.startswith(f"{name}:") else f"{name}: {text}")[:2000]
