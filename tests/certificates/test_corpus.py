"""Every file of the corpus is accepted or refused, for the expected reason, by every checker that ships."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import Claim
from ssmctl.certificates.schemes import NAMES
from ssmctl.certificates.subject import ModalSubject, OscillatorSubject
from ssmctl.certificates.verify import verify
from ssmctl.errors import CertificateError

CORPUS = Path(__file__).parent / "corpus"
ACCEPT, REFUSE = (sorted((CORPUS / folder).glob("*.json")) for folder in ("accept", "refuse"))
name = lambda path: path.stem


def alone(paths, tmp_path):
    """Run a copy of `exact.py` with the standard library alone; give its exit code and its lines."""
    script = shutil.copy(exact.__file__, tmp_path / "checker.py")
    command = [sys.executable, "-I", "-S", script, *map(str, paths)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert run.stderr == ""
    return run.returncode, [line for line in run.stdout.splitlines() if not line.startswith("    ")]


def test_every_claim_is_there():
    for path in ACCEPT:
        exact.check(exact.load(path.read_text(encoding="utf-8")))
    certificates = [Certificate.load(path) for path in ACCEPT]
    found = {
        (c.claim.name, c.subject.continuous, type(c.subject).__name__, c.subject.complex)
        for c in certificates
    }
    kinds = [("StateSpaceSubject", False), ("StateSpaceSubject", True), ("ModalSubject", False)]
    only = lambda claim: exact.CLAIMS[claim][0] is exact.prove_of_oscillators
    for claim, row in exact.CLAIMS.items():
        for continuous in row[2]:
            for kind, complex_ in [] if only(claim) else kinds:
                if not (complex_ and claim.startswith("PeakGain")):
                    assert (claim, continuous, kind, complex_) in found
    discrete = {claim for claim, row in exact.CLAIMS.items() if False in row[2]}
    for kind in ModalSubject, OscillatorSubject:
        after = [c for c in certificates if isinstance(c.subject, kind) and c.subject.output == "post"]
        assert {c.claim.name for c in after} == {claim for claim in discrete if not only(claim)}
    oscillators = [c for c in certificates if isinstance(c.subject, OscillatorSubject)]
    assert {c.subject.scheme for c in oscillators} == {*NAMES}
    assert {c.claim.name for c in oscillators if c.subject.scheme == "zoh"} == discrete
    for claim in exact.BANK:  # with a witness, and without
        bare = {not c.witness.parts for c in oscillators if c.claim.name == claim}
        assert bare == ({claim != "UnstableForSteps"} if only(claim) else {True, False})


@pytest.mark.parametrize("path", ACCEPT, ids=name)
def test_accept(path):
    data = exact.load(path.read_text(encoding="utf-8"))
    statement = exact.check(data)
    certificate = Certificate.load(path)
    assert all(certificate.to_json()[key] == data[key] for key in data)
    verdict = verify(path)
    assert verdict.holds
    assert verdict.level == "exact"
    assert verdict.claim == Claim.from_json(data["claim"])
    assert "{" not in statement
    level = verify(path, level="float64")
    if path.stem.startswith(("boundary-", "range-")):
        assert level.status in ("holds", "unknown")
    else:
        assert level.holds, level.reason


@pytest.mark.parametrize("path", REFUSE, ids=name)
def test_refuse(path):
    malformed = path.stem.startswith("malformed-")
    assert malformed or path.stem.startswith("unproved-")
    if malformed:
        with pytest.raises((exact.Malformed, UnicodeDecodeError)):
            exact.check(exact.load(path.read_text(encoding="utf-8")))
        with pytest.raises(CertificateError) as caught:
            verify(path)
        assert "\n" not in str(caught.value)
    else:
        with pytest.raises(exact.Refused) as refused:
            exact.check(exact.load(path.read_text(encoding="utf-8")))
        assert refused.type is exact.Refused
        verdict = verify(path)
        assert verdict.status == "unknown"
        assert str(refused.value) in verdict.reason
    try:
        assert verify(path, level="float64").status == "unknown"
    except CertificateError:
        assert malformed


def test_stand_alone(tmp_path):
    code, lines = alone(ACCEPT, tmp_path)
    assert code == 0
    assert all(": PROVED: " in line for line in lines)
    assert len(lines) == len(ACCEPT)
    code, lines = alone(REFUSE, tmp_path)
    assert code == 2
    assert len(lines) == len(REFUSE)
    for path, line in zip(REFUSE, lines, strict=True):
        word = "MALFORMED" if path.stem.startswith("malformed-") else "NOT PROVED"
        assert line.startswith(f"{path}: {word}: ")
    unproved = [path for path in REFUSE if path.stem.startswith("unproved-")]
    assert alone(unproved[:3], tmp_path)[0] == 3
    assert alone([*unproved[:1], *ACCEPT[:1]], tmp_path)[0] == 3


def test_reproducible(tmp_path):
    subprocess.run([sys.executable, "-S", CORPUS / "make.py", tmp_path], check=True)
    fresh = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(CORPUS): path.read_bytes() for path in [*ACCEPT, *REFUSE, CORPUS / "README.md"]}
    assert fresh == kept


def test_page_lists_every_file():
    page = (CORPUS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|(.*?)(?<!\\)\|(.*)\|$", page, re.M)
    assert sorted(row[0] for row in rows) == sorted(path.stem for path in [*ACCEPT, *REFUSE])
    assert all(why.strip() for _, _, why in rows)
