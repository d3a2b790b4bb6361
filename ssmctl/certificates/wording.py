r"""The text form of claims, `"l2gain <= 1.5"`, as the command line writes and reads them.

A decimal that no double equals is rounded so that the claim gets stronger, and a claim is written with the
shortest decimal that is read back as the same double. Trusted, where a claim is given as text.
"""

import math
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any

from ssmctl.errors import InputError

_WORDS = {  # a claim, all of whose parameters are the usual ones, in one word
    **{name.lower(): name for name in ("Schur", "Hurwitz", "Unstable", "Bounded", "Unbounded", "Passive")},
    "not passive": "NotPassive",
}
_RELATIONS = {  # (quantity, relation): (claim, sign of the stored number, whether a larger one is stronger)
    ("spectral_radius", "<"): ("Schur", 1, False),
    ("spectral_radius", ">="): ("NotSchur", 1, True),
    ("spectral_abscissa", "<"): ("Hurwitz", -1, False),
    ("spectral_abscissa", ">="): ("NotHurwitz", -1, True),
    ("l2gain", "<="): ("L2Gain", 1, False),
    ("l2gain", ">="): ("L2GainAtLeast", 1, True),
    ("h2norm", "<="): ("H2Norm", 1, False),
    ("h2norm", ">="): ("H2NormAtLeast", 1, True),
    ("peakgain", "<="): ("PeakGain", 1, False),
    ("peakgain", ">="): ("PeakGainAtLeast", 1, True),
    ("lipschitz", "<="): ("Lipschitz", 1, False),
    ("energy_ratio", "<="): ("EnergyRatio", 1, False),
    ("energy_ratio", ">"): ("EnergyRatioAbove", 1, True),
}
_USUAL = {"Schur": 1.0, "Hurwitz": 0.0}  # the rates that the words stand for
_STEPS = {  # word: (claim, whether a larger `shortest` is stronger)
    "stable_for_steps": ("StableForSteps", False),
    "bounded_for_steps": ("BoundedForSteps", False),
    "unstable_for_steps": ("UnstableForSteps", True),
}
_FORMS = ", ".join([*_WORDS, *(f"{name} {relation} NUMBER" for name, relation in _RELATIONS)])
_FORMS += "".join(f", {word} shortest=… longest=…" for word in _STEPS)
_FORMS += ", iss [gain=… decay=… overshoot=…], [not] dissipative Q=[[…]] S=[[…]] R=[[…]]"


def parse(text: str, continuous: bool) -> tuple[str, tuple | dict[str, Any]]:
    """Read the text form: the name of the claim, and its parameters in order or by name.

    **Raises:** `InputError` with the list of forms.

    >>> parse("l2gain <= 1.5", False), parse("schur", False)
    (('L2Gain', (1.5,)), ('Schur', ()))
    """
    line = " ".join(text.split())
    if line.lower() in _WORDS:
        return _WORDS[line.lower()], ()
    match = re.fullmatch(r"(\w+) ?(<=|>=|<|>) ?(\S+)", line)
    if match and (match[1].lower(), match[2]) in _RELATIONS:
        name, sign, up = _RELATIONS[match[1].lower(), match[2]]
        return name, (sign * _directed(match[3], up),)
    if match and match[2] == "<" and (match[1].lower(), "<=") in _RELATIONS:
        raise InputError(f"{text!r}: write `{match[1]} <= {match[3]}`; gains are claimed with <= and >=")
    match = re.fullmatch(r"iss((?: \w+=\S+)*)", line, re.I)
    if match:
        pairs = [pair.split("=", 1) for pair in match[1].split()]
        values = dict(pairs)
        if len(values) == len(pairs) and set(values) <= {"gain", "decay", "overshoot"}:
            numbers = {k: _directed(v, continuous and k == "decay") for k, v in values.items()}
            return "InputToStateStable", numbers
    match = re.fullmatch(r"(\w+_for_steps) shortest=(\S+) longest=(\S+)", line, re.I)
    if match and match[1].lower() in _STEPS:
        name, up = _STEPS[match[1].lower()]
        return name, {"shortest": _directed(match[2], up), "longest": _directed(match[3], not up)}
    match = re.fullmatch(r"(not )?dissipative Q=(\[.*\]) S=(\[.*\]) R=(\[.*\])", line, re.I)
    if match:
        matrices = tuple(_read_matrix(match[i]) for i in (2, 3, 4))
        return "NotDissipative" if match[1] else "Dissipative", matrices
    raise InputError(f"cannot read the claim {text!r}; the forms are: {_FORMS}")


def write(name: str, values: dict[str, Any]) -> str:
    """Write a claim, given by its name and parameters, so that `parse` reads the same one.

    >>> write("L2Gain", {"gamma": 1.5}), write("Schur", {"rate": 1.0})
    ('l2gain <= 1.5', 'schur')
    """
    for (quantity, relation), (kind, sign, up) in _RELATIONS.items():
        if kind == name and list(values.values()) != [_USUAL.get(name)]:
            (value,) = values.values()
            return f"{quantity} {relation} {_decimal(sign * value + 0.0, up)}"
    if name == "InputToStateStable":
        exact = lambda x: repr(x) if Fraction(repr(x)) == Fraction(x) else x.hex()
        show = lambda key, x: exact(x) if key == "decay" else _decimal(x, up=False)
        return " ".join(["iss", *(f"{k}={show(k, x)}" for k, x in values.items() if x is not None)])
    for word, (kind, up) in _STEPS.items():
        if kind == name:
            low, high = values.values()
            return f"{word} shortest={_decimal(low, up)} longest={_decimal(high, not up)}"
    if name in ("Dissipative", "NotDissipative"):
        matrices = (f"{key}={[list(row) for row in X]}" for key, X in values.items())
        return ("not " if name == "NotDissipative" else "") + "dissipative " + " ".join(matrices)
    return next(word for word, kind in _WORDS.items() if kind == name)


def _directed(text: str, up: bool) -> float:
    """The double nearest to a decimal on the side asked for; hexadecimal is exact."""
    try:
        exact = _fraction(text)
        x = float(exact)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise InputError(f"{text!r} is no finite number") from None
    if up:
        return math.nextafter(x, math.inf) if Fraction(x) < exact else x
    return math.nextafter(x, -math.inf) if Fraction(x) > exact else x


def _fraction(text: str) -> Fraction:
    """A decimal or hexadecimal number, exactly."""
    match = re.fullmatch(r"([+-]?)0[xX]([0-9a-fA-F]+)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d{1,5}))?", text)
    if not match:
        return Fraction(text)
    sign, whole, part, power = match[1], match[2], match[3] or "", int(match[4] or 0)
    return Fraction(int(sign + whole + part, 16)) * Fraction(2) ** (power - 4 * len(part))


def _decimal(x: float, up: bool) -> str:
    """The shortest decimal that `_directed` reads back as x."""
    for digits in range(1, 60):
        d = Context(prec=digits, rounding=ROUND_FLOOR if up else ROUND_CEILING).create_decimal(Decimal(x))
        if abs(float(d)) != math.inf and _directed(str(d), up) == x:
            return f"{d:f}" if -5 < d.adjusted() < 16 else str(d).lower()
    raise AssertionError("every double has a decimal expansion")


def _read_matrix(text: str) -> list:
    rows = re.findall(r"\[([^\[\]]*)\]", text)
    try:
        return [[float(x) for x in re.split(r"[ ,]+", row.strip()) if x] for row in rows]
    except ValueError:
        raise InputError(f"{text!r} is no matrix; write [[1, 2], [3, 4]]") from None
