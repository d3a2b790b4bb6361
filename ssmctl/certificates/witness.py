"""What proves a claim: a storage matrix, a vector, an input; found by anyone, not believed before a check."""

from typing import Any

import numpy as np

from ssmctl.certificates.exact import PARTS
from ssmctl.errors import InputError


class Witness:
    r"""Named parts of a proof; which names a claim wants is said on its theorem page and in the format page.

    **Arguments:** `**parts`: float64 arrays; a tuple of arrays means their exact sum (a matrix with more
    digits than a double has); floats; integers; None for a part that is left out. A nearly symmetric `P`
    or `S` is replaced by the mirror image of its lower triangle: a witness may be changed freely, for it
    is checked afterwards.
    **Raises:** `InputError` for anything not real, NaN or infinite.

    **Guarantee:** none, by design. **Cost:** a copy.

    >>> Witness(P=[[2.0]]).to_json()
    {'P': [['0x1.0000000000000p+1']]}
    """

    def __init__(self, **parts: Any):
        self.parts = {key: _part(key, value) for key, value in parts.items() if value is not None}

    def __getitem__(self, key: str) -> Any:
        return self.parts[key]

    def __contains__(self, key: str) -> bool:
        return key in self.parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Witness) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        one = lambda x: repr(x) if np.isscalar(x) else f"f64{list(x.shape)}"
        show = lambda value: " + ".join(map(one, _parts_of(value)))
        return f"Witness({', '.join(f'{key}={show(value)}' for key, value in self.parts.items())})"

    def to_json(self) -> dict[str, Any]:
        """Return the `witness` object of a certificate file."""
        return {key: _to_json(value) for key, value in self.parts.items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Witness":
        """Read what `to_json` wrote; meant for a file whose numbers have been validated by `exact.check`."""
        return cls(**{key: _from_json(value) for key, value in data.items()})


def _parts_of(value: Any) -> tuple:
    return value if isinstance(value, tuple) else (value,)


def _part(key: str, value: Any) -> Any:
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value)
    arrays = []
    if len({np.shape(x) for x in _parts_of(value)}) != 1 or len(_parts_of(value)) > PARTS:
        raise InputError(f"witness `{key}` must be the sum of 1 to {PARTS} arrays of one shape")
    for x in _parts_of(value):
        x = np.asarray(x)
        if x.dtype.kind not in "fiu" or not np.can_cast(x.dtype, np.float64) or not np.isfinite(x).all():
            raise InputError(
                f"witness `{key}` must be finite and real, exact in float64; got {x.dtype} of shape {x.shape}"
            )
        x = x.astype(np.float64) + 0.0
        if key in ("P", "S") and x.ndim == 2 and x.shape[0] == x.shape[1]:
            x = np.tril(x) + np.tril(x, -1).T
        arrays.append(x)
    if arrays[0].ndim == 0:
        arrays = [float(x) for x in arrays]
    return tuple(arrays) if isinstance(value, tuple) else arrays[0]


def _to_json(value: Any) -> Any:
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, tuple):
        return {"sum": [_to_json(x) for x in value]}
    return _hex(value.tolist())


def _hex(x: Any) -> Any:
    return [_hex(y) for y in x] if isinstance(x, list) else x.hex()


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(_from_json(x) for x in value["sum"])
    if isinstance(value, list):
        return np.array([_from_json(x) for x in value], dtype=float)
    return float.fromhex(value) if isinstance(value, str) else value
