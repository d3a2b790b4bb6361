"""Write a file in one step: readers see the old content or the new one, never a part of it."""

import errno
import os
import secrets
from pathlib import Path


def write_file(path: str | os.PathLike, content: bytes) -> None:
    """Replace a file, written beside it and flushed first; links are followed, devices and pipes written to.

    **Raises:** `OSError` that names `path`; then an existing file is as it was, and nothing is left
    beside it.
    **Cost:** one copy on disk.
    """
    place = Path(path).resolve()
    if place.exists() and not place.is_file():
        place.write_bytes(content)
        return
    if not place.parent.is_dir():
        reason = f"there is no directory {place.parent} to write to"
        raise FileNotFoundError(errno.ENOENT, reason, os.fspath(path))
    beside = place.with_name(f".{place.name[:200]}.{secrets.token_hex(4)}.tmp")
    try:
        with open(beside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            os.chmod(beside, place.stat().st_mode & 0o777)
        os.replace(beside, place)
    except OSError as error:  # it names the file beside, which nobody asked for
        raise type(error)(error.errno, error.strerror or str(error), os.fspath(path)) from None
    finally:
        beside.unlink(missing_ok=True)
