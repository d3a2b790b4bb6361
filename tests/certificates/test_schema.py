"""The JSON Schema of the file admits what the checker admits, and catches what a schema can catch."""

import json
import math
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import L2Gain
from ssmctl.certificates.subject import StateSpaceSubject
from ssmctl.certificates.witness import Witness

SCHEMA = json.loads(files("ssmctl.certificates").joinpath("schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
NUMBER = Draft202012Validator({"$ref": "#/$defs/number", "$defs": SCHEMA["$defs"]})
CORPUS = Path(__file__).parent / "corpus"
UNSEEN = {  # malformed files that a schema cannot see through: it knows no sizes, no sums, no bytes
    *(
        f"hash-{key}"
        for key in ["wrong", *(f"stale-{field}" for field in ("gamma", "claim", "plant", "dt", "output"))]
    ),
    *(
        f"shape-{key}"
        for key in (
            "n-wrong",
            "m-zero",
            "p-zero",
            "A",
            "A-to-B",
            "ragged",
            "B",
            "C",
            "D",
            "u",
            "vr",
            "x-long",
        )
    ),
    *(
        f"shape-{key}"
        for key in ("P", "P-complex", "P-modal", "P-asymmetric", "P-sum", "Q", "Q-asymmetric", "passive")
    ),
    *(f"hash-stale-oscillator-{key}" for key in ("bias", "dt", "output", "scheme", "stiffness")),
    *(f"oscillator-{key}" for key in ("bounded-bias", "gain-bias", "divisor", "dt-short", "n", "n-states")),
    *(f"oscillator-{key}" for key in ("order", "passive", "steps-turned")),
    *(f"oscillator-complex-bias-{key}" for key in ("real", "imaginary")),
    *(f"domain-{key}" for key in ("decay-one", "decay-above", "decay-continuous", "witness-rate")),
}
PARSED = {}  # what is JSON at all, as `exact.load` reads it
for path in sorted(CORPUS.glob("*/*.json")):
    try:
        PARSED[path.stem] = exact.load(path.read_text(encoding="utf-8"))
    except (exact.Malformed, UnicodeDecodeError):
        assert path.stem.startswith("malformed-json-")


def test_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format"]["const"] == exact.FORMAT
    assert set(SCHEMA["$defs"]["claim"]["properties"]["type"]["enum"]) == set(exact.CLAIMS)


@pytest.mark.parametrize("name", PARSED)
def test_corpus(name):
    valid = VALIDATOR.is_valid(PARSED[name])
    if name.startswith("malformed-"):
        assert valid == (name.removeprefix("malformed-") in UNSEEN)
    else:
        assert valid, next(VALIDATOR.iter_errors(PARSED[name])).message


def test_library_files_are_valid():
    subject = StateSpaceSubject([[0.5]], [[1.0]], [[1.0]], [[0.0]], True)
    certificate = Certificate(L2Gain(2.5), subject, Witness(P=[[2.0]]), {"found by": "hand"})
    VALIDATOR.validate(json.loads(certificate.to_text()))


def test_claims_match_the_checker():
    accepted = [data for name, data in PARSED.items() if not name.startswith(("malformed-", "unproved-"))]
    for data in accepted:
        for key in exact.CLAIMS[data["claim"]["type"]][3]:
            claim = {k: v for k, v in data["claim"].items() if k != key}
            assert not VALIDATOR.is_valid(data | {"claim": claim})
        assert not VALIDATOR.is_valid(data | {"claim": data["claim"] | {"level": "exact"}})
        assert not VALIDATOR.is_valid(data | {"witness": data["witness"] | {"hint": []}})
        for key in data["subject"]:
            subject = {k: v for k, v in data["subject"].items() if k != key}
            assert not VALIDATOR.is_valid(data | {"subject": subject})


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(-(2.0**-1074))
@example(math.nextafter(2.0**-1022, 0))
@example(1.7976931348623157e308)
@example(0.0)
def test_numbers_are_valid(x):
    assert NUMBER.is_valid((x + 0.0).hex())


@given(st.from_regex(SCHEMA["$defs"]["number"]["pattern"].replace("$(?!\\n)", r"\Z"), fullmatch=True))
def test_valid_numbers_are_numbers(text):
    assert (float.fromhex(text) + 0.0).hex() == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "1.0", "nan", "inf", "-0x0.0p+0", "0x1p0", "0x1.0p+0", "0x1.0000000000000p0"),
        *(
            "0x1.0000000000000p+00",
            "0x0.0000000000000p-1022",
            "0x1.0000000000000p+1024",
            "0x1.0000000000000p-1023",
        ),
        *("0x1.0000000000000p-0", "0X1.0000000000000p+0", "0x1.A000000000000p+0", "0x1.0000000000000p+0\n"),
        " 0x1.0000000000000p+0",
    ],
)
def test_other_spellings_are_not(text):
    assert not NUMBER.is_valid(text)
    with pytest.raises(exact.Malformed):
        exact.read_number(text, "x")
