"""Write certificate files by the format page alone: the standard library, nothing of ssmctl."""

import copy
import hashlib
import json
from typing import Any

INTEGERS = ("steps", "bits", "order", "oscillator")


def canonical(value: Any) -> str:
    """Give the JSON text that is hashed: keys sorted, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def numbers(x: Any) -> Any:
    """Give the float.hex form of a number or of nested lists of them; a tuple is an exact sum."""
    if isinstance(x, tuple):
        return {"sum": [numbers(y) for y in x]}
    return [numbers(y) for y in x] if isinstance(x, list) else (float(x) + 0.0).hex()


def split(x: Any) -> dict[str, Any]:
    """Give the real and the imaginary part of nested lists of complex numbers."""

    def part(y, name):
        return [part(z, name) for z in y] if isinstance(y, list) else getattr(complex(y), name)

    return {"re": numbers(part(x, "real")), "im": numbers(part(x, "imag"))}


def time(dt: Any) -> Any:
    """Give the time base: True, or a number of seconds, 0 for continuous time."""
    return True if dt is True else numbers(dt)


def sizes(n: int, B: list, C: list, D: list, m: int | None, p: int | None) -> dict[str, Any]:
    """Give n, m, p; an empty matrix forgets one side, so m or p may have to be said."""
    m = (len((B or D)[0]) if B or D else 0) if m is None else m
    return {"n": n, "m": m, "p": len(C or D) if p is None else p}


def real(A, B, C, D, dt: Any = True, m: int | None = None, p: int | None = None) -> dict[str, Any]:
    """Give a real state space."""
    arrays = {"A": A, "B": B, "C": C, "D": D}
    fields = {key: numbers(value) for key, value in arrays.items()}
    return {"type": "StateSpace", "dt": time(dt), **sizes(len(A), B, C, D, m, p), **fields}


def cplx(A, B, C, D, dt: Any = True) -> dict[str, Any]:
    """Give a complex state space."""
    arrays = {"A": A, "B": B, "C": C, "D": D}
    fields = {key: split(value) for key, value in arrays.items()}
    return {"type": "StateSpace", "dt": time(dt), **sizes(len(A), B, C, D, None, None), **fields}


def modal(poles, B, C, D, dt: Any = True, output: str = "pre") -> dict[str, Any]:
    """Give a modal system."""
    fields = {"poles": split(poles), "B": split(B), "C": split(C), "D": numbers(D), "output": output}
    return {"type": "Modal", "dt": time(dt), **sizes(len(poles), B, C, D, None, None), **fields}


def oscillators(stiffness, damping, dt, scheme, B, position, D=None, **other: Any) -> dict[str, Any]:
    """Give a bank of oscillators, one step or a list of them; no `velocity`, no `bias`, pre unless said."""
    r, p, m = len(stiffness), len(position), len(B[0]) if B else 0
    cplx = any(isinstance(x, complex) for row in [*B, *position] for x in row)
    write = split if cplx else numbers
    signals = {
        "B": B,
        "position": position,
        "velocity": other.get("velocity", [[0] * r for _ in range(p)]),
        "bias": other.get("bias", [0] * r),
    }
    fields = {"stiffness": stiffness, "damping": damping, "dt": dt, "D": D or [[0] * m for _ in range(p)]}
    return {
        **{"type": "Oscillator", "scheme": scheme, "output": other.get("output", "pre")},
        **{"n": r, "m": m, "p": p},
        **{key: write(value) for key, value in signals.items()},
        **{key: numbers(value) for key, value in fields.items()},
    }


def claim(name: str, **parameters: Any) -> dict[str, Any]:
    """Give a claim."""
    return {"type": name, **{key: numbers(value) for key, value in parameters.items()}}


def W(**parts: Any) -> dict[str, Any]:
    """Give a witness; `steps` counts, or is a list of steps."""
    count = lambda key, value: key in INTEGERS and isinstance(value, int)
    return {key: value if count(key, value) else numbers(value) for key, value in parts.items()}


def diag(*entries: float) -> list[list[float]]:
    """Give a diagonal matrix."""
    return [[x if i == j else 0 for j in range(len(entries))] for i, x in enumerate(entries)]


def hashed(data: dict[str, Any]) -> dict[str, Any]:
    """Set the sha256 of a certificate to what it should be."""
    about = {key: data[key] for key in ("format", "claim", "subject")}
    return data | {"sha256": hashlib.sha256(canonical(about).encode()).hexdigest()}


def certificate(claim: Any, subject: Any, witness: Any) -> dict[str, Any]:
    """Give a certificate."""
    return hashed({"format": "ssmctl-cert/1", "claim": claim, "subject": subject, "witness": witness})


def edit(data: dict[str, Any], changes: dict[str, Any], rehash: bool = True) -> dict[str, Any]:
    """Give a copy with values changed by dotted path (None removes one), and the hash made to fit again."""
    data = copy.deepcopy(data)
    for path, value in changes.items():
        *above, last = path.split(".")
        place: Any = data
        for key in above:
            place = place[int(key) if isinstance(place, list) else key]
        if value is None:
            del place[last]
        else:
            place[int(last) if isinstance(place, list) else last] = value
    return hashed(data) if rehash else data


def words(claim: dict[str, Any]) -> str:
    """Give the claim for a reader: its name and its numbers in decimal."""

    def show(x):
        if isinstance(x, list):
            return "[" + ", ".join(map(show, x)) + "]"
        return repr(float.fromhex(x)).removesuffix(".0")

    return " ".join([claim["type"], *(f"{key}={show(x)}" for key, x in claim.items() if key != "type")])
