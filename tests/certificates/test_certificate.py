"""The certificate file: round trips, edits, bindings, and one clear error for each kind of bad file."""

import copy
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import LEVELS
from ssmctl.certificates.claim import (
    Hurwitz,
    L2Gain,
    Passive,
    Schur,
)
from ssmctl.certificates.schemes import NAMES
from ssmctl.certificates.subject import OscillatorSubject, StateSpaceSubject, subject_from_json
from ssmctl.certificates.verify import verify
from ssmctl.certificates.witness import Witness
from ssmctl.errors import CertificateError, InputError, SsmctlError

HALF = StateSpaceSubject([[0.5]], [[1.0]], [[1.0]], [[0.0]], True)  # gain 2, peak gain 2, eigenvalue 1/2
GAIN = Certificate(L2Gain(2.5), HALF, Witness(P=[[2.0]]), {"found by": "hand"})
CORPUS = Path(__file__).parent / "corpus" / "accept"
DOCS = Path(__file__).parents[2] / "docs" / "certificate-format.md"


def rehashed(data):
    return data | {"sha256": exact.digest(data)}


# ---------------------------------------------------------------------- writing and reading
def test_round_trip(tmp_path):
    path = tmp_path / "gain.json"
    GAIN.save(path)
    read = Certificate.load(path)
    assert read == GAIN
    assert hash(read) == hash(GAIN)
    assert (read.claim, read.subject, read.witness, read.provenance) == (
        GAIN.claim,
        HALF,
        GAIN.witness,
        {"found by": "hand"},
    )
    assert read.to_text() == path.read_text(encoding="utf-8") == GAIN.to_text()
    assert verify(path, subject=HALF, claim="l2gain <= 2.5").holds


doubles = st.floats(allow_nan=False, allow_infinity=False)


@given(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2), st.booleans(), st.data())
def test_round_trip_keeps_every_bit(n, m, p, complex_, data):
    def array(r, c):
        real, imaginary = (np.array([data.draw(doubles) for _ in range(r * c)]).reshape(r, c) for _ in "ri")
        return np.stack([real, imaginary], -1).view(complex)[..., 0] if complex_ else real

    dt = data.draw(st.sampled_from([True, 0.0, 1.0, 0.1]))
    subject = StateSpaceSubject(array(n, n), array(n, m), array(p, n), array(p, m), dt)
    P = np.array([data.draw(doubles) for _ in range(n * n)]).reshape(n, n)
    certificate = Certificate(L2Gain(1.5), subject, Witness(P=(P, P)))
    read = Certificate.from_text(certificate.to_text())
    assert read.subject.same_bits(subject) is None
    assert read.subject.dt is subject.dt or read.subject.dt == subject.dt
    assert (read.subject.dt is True) == (dt is True)
    assert all(np.array_equal(np.tril(x), np.tril(P)) for x in read.witness["P"]) or n == 0
    assert read.to_text() == certificate.to_text()


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_files_are_written_as_they_were(path):
    """The corpus is written by other code from the format page: what both write has to be the same."""
    text = path.read_text(encoding="utf-8")
    certificate = Certificate.from_text(text)
    ours, theirs = certificate.to_json(), json.loads(text)
    assert {key: ours[key] for key in theirs} == theirs
    about = {key: theirs[key] for key in ("format", "claim", "subject")}
    assert exact.canonical(about) == json.dumps(about, sort_keys=True, separators=(",", ":"))
    assert Certificate.from_text(certificate.to_text()) == certificate


def test_same_input_same_bytes(tmp_path):
    script = (
        "import sys; from ssmctl.certificates.certificate import Certificate; "
        "sys.stdout.write(Certificate.load(sys.argv[1]).to_text())"
    )
    GAIN.save(tmp_path / "gain.json")
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "gain.json")],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            check=True,
        )
        assert run.stdout == GAIN.to_text().encode()
    as_float32 = StateSpaceSubject(
        np.array([[0.5]], np.float32), np.array([[1]], np.int8), [[1]], [[-0.0]], True
    )
    assert Certificate(L2Gain(2.5), as_float32, Witness(P=[[2]])).sha256 == GAIN.sha256


def test_witness_and_words_are_not_hashed():
    other = Certificate(L2Gain(2.5), HALF, Witness(P=([[1.75]], [[0.25]])), {"found by": "an oracle"})
    assert other.sha256 == GAIN.sha256
    assert other != GAIN
    assert verify(other).holds


def test_text_is_canonical_ascii():
    text = Certificate(L2Gain(2.5), HALF, Witness(P=[[2.0]]), {"by": "Ляпунов"}).to_text()
    assert text.isascii()
    assert text.endswith("}\n")
    assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) + "\n" == text
    assert Certificate.from_text(text).provenance == {"by": "Ляпунов"}


def test_parts_cannot_be_exchanged():
    for name in ("claim", "subject", "witness", "sha256"):
        with pytest.raises(AttributeError):
            setattr(GAIN, name, None)
    GAIN.provenance["found by"] = "nobody"
    assert GAIN.provenance == {"found by": "hand"}
    with pytest.raises(ValueError, match="read-only"):
        GAIN.subject.A[0, 0] = 7.0


def test_assumptions_follow_from_the_claim():
    data = json.loads(GAIN.to_text()) | {"assumptions": ["none whatever"]}
    assert Certificate.from_text(json.dumps(data)).assumptions == GAIN.assumptions
    assert "zero initial state" in GAIN.assumptions
    schur = Certificate(Schur(), HALF, Witness(P=[[1.0]]))
    assert "zero initial state" not in schur.assumptions
    assert len(schur.assumptions) == 1


# ---------------------------------------------------------------------- saving is atomic
@pytest.mark.parametrize("name", ["os.replace", "os.fsync", "os.chmod"])
def test_failure_leaves_the_old_file(tmp_path, monkeypatch, name):
    path = tmp_path / "gain.json"
    path.write_text("old")

    def fail(*args, **kwargs):
        raise OSError(28, "the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(name, fail)
        with pytest.raises(OSError, match="the disk is full"):
            GAIN.save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_save_replaces_and_keeps_the_mode(tmp_path):
    path = tmp_path / "gain.json"
    path.write_text("old")
    path.chmod(0o640)
    GAIN.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]
    assert b"\r" not in path.read_bytes()
    with pytest.raises(OSError, match="nowhere"):
        GAIN.save(tmp_path / "nowhere" / "gain.json")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "none.json")


# ---------------------------------------------------------------------- one clear error each
GOOD = json.loads(GAIN.to_text())
BAD = {  # what is wrong: (the file, what the message has to say)
    "json": ("{", "not JSON"),
    "list": ("[]", "must be a JSON object"),
    "repeated": ('{"format":"ssmctl-cert/1","format":"ssmctl-cert/1"}', "a key is repeated"),
    "bare": ('{"format":2.5}', "bare number 2.5.*float.hex"),
    "nan": ('{"format":NaN}', "bare number NaN"),
    "version": (
        GOOD | {"format": "ssmctl-cert/9"},
        "unknown format 'ssmctl-cert/9'; this checker reads ssmctl-cert/1",
    ),
    "no version": ({}, "lacks `format`"),
    "field": (GOOD | {"verdict": "holds"}, r"unknown fields \['verdict'\]; expected some of"),
    "no witness": ({k: v for k, v in GOOD.items() if k != "witness"}, "lacks `witness`"),
    "hash": (GOOD | {"sha256": "0" * 64}, "sha256 does not match claim and subject: the file was changed"),
    "claim": (
        rehashed(GOOD | {"claim": {"type": "Stable"}}),
        "unknown claim 'Stable'; expected one of Schur, ",
    ),
    "claim field": (
        rehashed(GOOD | {"claim": GOOD["claim"] | {"rate": "0x0.0p+0"}}),
        r"claim has unknown fields \['rate'\]",
    ),
    "no gamma": (rehashed(GOOD | {"claim": {"type": "L2Gain"}}), "claim lacks `gamma`"),
    "negative": (
        rehashed(GOOD | {"claim": {"type": "L2Gain", "gamma": "-0x1.0000000000000p+0"}}),
        "`gamma` must not be negative",
    ),
    "spelling": (
        rehashed(GOOD | {"claim": {"type": "L2Gain", "gamma": "10"}}),
        "is malformed.*float.hex",
    ),
    "infinite": (
        rehashed(GOOD | {"subject": GOOD["subject"] | {"D": [["inf"]]}}),
        "D must hold finite numbers",
    ),
    "shape": (rehashed(GOOD | {"subject": GOOD["subject"] | {"B": []}}), "B must have 1 rows"),
    "subject": (
        rehashed(GOOD | {"subject": GOOD["subject"] | {"type": "ARX"}}),
        "must be StateSpace, Modal or Oscillator, got 'ARX'",
    ),
    "subject field": (
        rehashed(GOOD | {"subject": GOOD["subject"] | {"E": []}}),
        "keys missing or unknown: E",
    ),
    "dt": (
        rehashed(GOOD | {"subject": GOOD["subject"] | {"dt": "-0x1.0000000000000p+0"}}),
        "dt must not be negative",
    ),
    "domain": (
        rehashed(GOOD | {"claim": {"type": "Hurwitz", "rate": "0x0.0p+0"}}),
        "Hurwitz does not speak of discrete time",
    ),
    "witness": (GOOD | {"witness": {"P": [["0x1p1"]]}}, "witness .*P.* is malformed"),
    "ragged": (GOOD | {"witness": {"P": [["0x0.0p+0"], []]}}, "witness .*P.* is malformed"),
    "provenance": (GOOD | {"provenance": ["hand"]}, "provenance must map names to words"),
}


@pytest.mark.parametrize(("data", "message"), BAD.values(), ids=BAD)
def test_one_clear_error(tmp_path, data, message):
    path = tmp_path / "bad.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    with pytest.raises(CertificateError, match=message) as caught:
        verify(path)
    assert isinstance(caught.value, ValueError | SsmctlError)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_not_text(tmp_path):
    path = tmp_path / "bad.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CertificateError, match="UTF-8"):
        Certificate.load(path)


@pytest.mark.parametrize("depth", [100, 500, 900, 980, 985, 990, 995, 1000, 100_000])
@pytest.mark.parametrize("place", ["claim", "subject", "witness"])
def test_deep_nesting_is_an_error_too(place, depth):
    text = json.dumps(GOOD | {place: {"type": "@"}}).replace('"@"', "[" * depth + "]" * depth)
    with pytest.raises(CertificateError):
        Certificate.from_text(text)
    with pytest.raises(exact.Malformed):
        exact.check(exact.load(text))


def test_construction_refuses():
    with pytest.raises(InputError, match="use Schur"):
        Certificate(Hurwitz(), HALF, Witness(P=[[1.0]]))
    with pytest.raises(InputError, match="as many outputs as inputs"):
        Certificate(
            Passive(),
            StateSpaceSubject([[0.5]], [[1.0, 0.0]], [[1.0]], [[0.0, 0.0]], True),
            Witness(P=[[1.0]]),
        )
    for bad in (np.nan, np.inf, 1j, np.longdouble(1) / 3, True, "1", None):
        with pytest.raises(InputError, match="witness `P`"):
            Witness(P=[[bad]])


# ---------------------------------------------------------------------- a changed file
THE = {  # small certificates, whose every field is changed below; `really` decides what may come of it
    name: json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
    for name in (
        "l2gain-discrete-real",
        "boundary-real",
        "boundary-lower-real",
        "modal-readout",
        "eigenvalue-integrator",
        "boundary-l2gain-oscillator",
        "schur-oscillator",
        "lipschitz-oscillator-free",
        "energyratio-oscillator",
        "boundary-l2gain-oscillator-direct",
    )
}
VALUES = [
    *((0.0).hex(), (1.0).hex(), (-1.0).hex(), (0.5).hex(), (2.0).hex(), (2.0**40).hex(), (2.0**-40).hex()),
    *(np.nextafter(2.0, 0).hex(), np.nextafter(2.0, 3).hex(), "nan", "10", "pre", "post"),
    *(True, False, None, 0, 1, 2, [], {}, "Schur", "L2GainAtLeast", "H2Norm", "Modal"),
    *("imex", "tustin", "zoh", "euler"),
]


def places(value, path=()):
    """Give the path of everything inside a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def changed(data, path, value):
    """Give a copy with one thing replaced."""
    data = copy.deepcopy(data)
    *above, last = path
    place = data
    for key in above:
        place = place[key]
    place[last] = value
    return data


CIRCLE = np.exp(1j * np.linspace(0, 2 * np.pi, 721))


def really(data):
    """Decide a claim about a system of one state, whatever of VALUES stands where: on a frequency grid."""
    claim, subject = data["claim"], data["subject"]
    assert subject["n"] == subject["m"] == subject["p"] == 1
    if subject["type"] == "Oscillator":
        return really_of_oscillators(claim, subject_from_json(subject))
    real = lambda X: float.fromhex(np.ravel(X)[0])
    number = lambda X: real(X["re"]) + 1j * real(X["im"]) if isinstance(X, dict) else real(X)
    modal, discrete = subject["type"] == "Modal", subject["dt"] != "0x0.0p+0"
    a, b, c, d = (number(subject[key]) for key in ("poles" if modal else "A", "B", "C", "D"))
    value = float.fromhex(claim.get("gamma") or claim.get("rate") or claim.get("bound"))
    if claim["type"] in ("Schur", "NotSchur"):
        return (abs(a) < value) == (claim["type"] == "Schur")
    stable = abs(a) < 1 if discrete else np.real(a) < 0
    z = CIRCLE if discrete else 1j * np.linspace(-50, 50, 1001)
    z = z[(z != a) & (z != np.conj(a))]
    G = c * b / (z - a)
    G = (G + np.conj(c * b) / (z - np.conj(a))) / 2 if modal else G
    G = G * (z if subject.get("output") == "post" else 1) + d
    gain = abs(G).max()
    if claim["type"] == "L2Gain":
        return stable and gain <= value * (1 + 1e-9)
    if claim["type"] == "L2GainAtLeast":
        return gain >= value * (1 - 1e-9) or (not stable and b * c != 0)
    assert claim["type"] == "H2Norm"
    return stable and abs(c * b) ** 2 / (1 - abs(a) ** 2) + abs(d) ** 2 <= value**2


def really_of_oscillators(claim, s):
    """The same for one oscillator: by eigenvalues, a frequency grid, energies of many states, in floats."""
    value = float.fromhex(claim.get("gamma") or claim.get("rate") or claim.get("bound"))
    M, B, C, D = s.real_form()
    size, edge = np.abs(np.linalg.eigvals(M)).max(), 1e-7
    if claim["type"] in ("Schur", "NotSchur"):
        return size < value + edge if claim["type"] == "Schur" else size >= value - edge
    if claim["type"] == "EnergyRatio":
        E, states = np.diag([1.0, s.stiffness[0]]), np.array([np.real(CIRCLE), np.imag(CIRCLE)])
        energy = lambda x: np.sum(x * (E @ x), axis=0)
        return s.stiffness[0] >= 0 and (energy(M @ states) <= value * energy(states) + edge).all()
    assert claim["type"] == "Lipschitz" or not s.bias.any()
    z = CIRCLE[:, None, None] * (1 + 1e-9)
    gain = np.linalg.norm(C @ np.linalg.solve(z * np.eye(2) - M, B + 0j) + D, 2, axis=(1, 2)).max()
    if claim["type"] == "L2GainAtLeast":
        return gain >= value * (1 - edge)
    assert claim["type"] in ("L2Gain", "Lipschitz")
    return size < 1 and gain <= value * (1 + edge)


@pytest.mark.parametrize("name", THE)
def test_every_field_of_claim_and_subject(name):
    """Refused by its hash, or after hashing again refused or true: nothing else may happen."""
    data, proved = THE[name], 0
    for part in ("format", "claim", "subject"):
        for path in places(data[part], (part,)):
            for value in VALUES:
                bad = changed(data, path, value)
                if exact.canonical(bad) == exact.canonical(data):
                    continue
                with pytest.raises(exact.Malformed):
                    exact.check(bad)
                with pytest.raises(CertificateError):
                    Certificate.from_text(json.dumps(bad))
                bad = rehashed(bad)
                try:
                    exact.check(bad)
                except exact.Refused:
                    holds = False
                else:
                    holds = True
                    proved += 1
                    assert really(bad), bad
                try:
                    verdicts = [
                        verify(Certificate.from_text(json.dumps(bad)), level=level) for level in LEVELS
                    ]
                except CertificateError:
                    assert not holds
                else:
                    assert verdicts[1].holds == holds
                    assert not verdicts[0].holds or really(bad), bad
    assert proved > 0


@pytest.mark.parametrize("name", THE)
def test_every_field_of_the_witness(name):
    """Refused, or still the original claim."""
    data = THE[name]
    statement, still = exact.check(data), 0
    for part in ("witness", "sha256"):
        for path in places(data[part], (part,)):
            for value in VALUES:
                bad = changed(data, path, value)
                try:
                    assert exact.check(bad) == statement
                except exact.Refused:
                    continue
                still += 1
                certificate = Certificate.from_text(json.dumps(bad))
                assert certificate.sha256 == data["sha256"]
                assert verify(certificate).holds
    assert still > 0


def test_what_is_ignored_changes_nothing():
    for data in THE.values():
        for words in (
            {"assumptions": ["the moon is full"]},
            {"provenance": {"sha256": "0"}},
            {"assumptions": []},
        ):
            assert exact.check(data | words) == exact.check(data)
        pretty = json.dumps(dict(reversed(data.items())), indent=3)
        assert exact.check(exact.load(pretty)) == exact.check(data)


# ---------------------------------------------------------------------- the format page
def test_example_of_the_format_page():
    page = DOCS.read_text(encoding="utf-8")
    (text,) = re.findall(r"```json\n(.*?)```", page, re.S)
    data = exact.load(text)
    assert exact.check(data) == exact.check(GAIN.to_json())
    assert data == GAIN.to_json()
    canonical, oscillator = re.findall(r"```text\n(.*?)\n```", page, re.S)
    assert canonical == exact.canonical({key: data[key] for key in ("format", "claim", "subject")})
    subject = OscillatorSubject([1.0], [2.0], 1.0, "im", [[1.0]], [[0.0]], [[1.0]], [[0.0]], [0.0])
    assert oscillator == exact.canonical(subject.to_json())
    for scheme in NAMES:
        assert f'`"{scheme}"`' in page
    for claim, row in exact.CLAIMS.items():
        assert f"| `{claim}` |" in page
        assert f"theorems/{row[1]}.md" in page


def test_repr():
    assert repr(GAIN).startswith("Certificate(l2gain <= 2.5, n=1, m=1, p=1, dt=True, sha256=")
    assert "unproved until" in GAIN._repr_html_()
    assert repr(Witness(P=([[1.0]], [[2.0]]), a=0.5)) == "Witness(P=f64[1, 1] + f64[1, 1], a=0.5)"
