"""Write certificate files by the format page alone: the standard library, nothing of ssmctl."""

import copy
import hashlib
import json

INTEGERS = ("steps", "bits", "row")


def canonical(value):
    """Give the JSON text that is hashed: keys sorted, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def numbers(x):
    """Give the float.hex form of a number or of nested lists of them; a tuple is an exact sum."""
    if isinstance(x, tuple):
        return {"sum": [numbers(y) for y in x]}
    return [numbers(y) for y in x] if isinstance(x, list) else (float(x) + 0.0).hex()


def split(x):
    """Give the real and the imaginary part of nested lists of complex numbers."""

    def part(y, name):
        return [part(z, name) for z in y] if isinstance(y, list) else getattr(complex(y), name)

    return {"re": numbers(part(x, "real")), "im": numbers(part(x, "imag"))}


def time(dt):
    """Give the time base: True, or a number of seconds, 0 for continuous time."""
    return True if dt is True else numbers(dt)


def sizes(n, B, C, D, m, p):
    """Give n, m, p; an empty matrix forgets one side, so m or p may have to be said."""
    m = (len((B or D)[0]) if B or D else 0) if m is None else m
    return {"n": n, "m": m, "p": len(C or D) if p is None else p}


def real(A, B, C, D, dt=True, m=None, p=None):
    """Give a real state space."""
    arrays = {"A": A, "B": B, "C": C, "D": D}
    fields = {key: numbers(value) for key, value in arrays.items()}
    return {"type": "StateSpace", "dt": time(dt), **sizes(len(A), B, C, D, m, p), **fields}


def cplx(A, B, C, D, dt=True):
    """Give a complex state space."""
    arrays = {"A": A, "B": B, "C": C, "D": D}
    fields = {key: split(value) for key, value in arrays.items()}
    return {"type": "StateSpace", "dt": time(dt), **sizes(len(A), B, C, D, None, None), **fields}


def modal(poles, B, C, D, dt=True, output="pre"):
    """Give a modal system."""
    fields = {"poles": split(poles), "B": split(B), "C": split(C), "D": numbers(D), "output": output}
    return {"type": "Modal", "dt": time(dt), **sizes(len(poles), B, C, D, None, None), **fields}


def claim(name, **parameters):
    """Give a claim."""
    return {"type": name, **{key: numbers(value) for key, value in parameters.items()}}


def W(**parts):
    """Give a witness."""
    return {key: value if key in INTEGERS else numbers(value) for key, value in parts.items()}


def diag(*entries):
    """Give a diagonal matrix."""
    return [[x if i == j else 0 for j in range(len(entries))] for i, x in enumerate(entries)]


def hashed(data):
    """Set the sha256 of a certificate to what it should be."""
    about = {key: data[key] for key in ("format", "claim", "subject")}
    return data | {"sha256": hashlib.sha256(canonical(about).encode()).hexdigest()}


def certificate(claim, subject, witness):
    """Give a certificate."""
    return hashed({"format": "ssmctl-cert/1", "claim": claim, "subject": subject, "witness": witness})


def edit(data, changes, rehash=True):
    """Give a copy with values changed by dotted path (None removes one), and the hash made to fit again."""
    data = copy.deepcopy(data)
    for path, value in changes.items():
        *above, last = path.split(".")
        place = data
        for key in above:
            place = place[int(key) if isinstance(place, list) else key]
        if value is None:
            del place[last]
        else:
            place[int(last) if isinstance(place, list) else last] = value
    return hashed(data) if rehash else data


def words(claim):
    """Give the claim for a reader: its name and its numbers in decimal."""

    def show(x):
        if isinstance(x, list):
            return "[" + ", ".join(map(show, x)) + "]"
        return repr(float.fromhex(x)).removesuffix(".0")

    return " ".join([claim["type"], *(f"{key}={show(x)}" for key, x in claim.items() if key != "type")])
