"""The command line: exit codes, errors of one line, JSON, atomic files; most witnesses are made by hand."""

import io
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import ssmctl
from ssmctl import Certificate, L2Gain, NotSchur, Schur, Witness
from ssmctl.certificates.subject import StateSpaceSubject
from ssmctl.certificates.verify import Verdict
from ssmctl.cli import main, work
from ssmctl.cli.parsers import VERBS, parser_of
from ssmctl.cli.report import decimal

HALF = StateSpaceSubject([[0.5]], [[1.0]], [[1.0]], [[0.0]], dt=True)  # its l2 gain is 2
TWICE = StateSpaceSubject([[2.0]], [[1.0]], [[1.0]], [[0.0]], dt=True)
COMMAND = [sys.executable, "-m", "ssmctl"]
ROOT = Path(ssmctl.__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Work in a folder with a system, and with certificates that end in each way."""
    monkeypatch.chdir(tmp_path)
    ssmctl.save_system(HALF, "half.json")
    ssmctl.save_system(HALF, "half.npz")
    ssmctl.save_system(HALF, "half.mat")
    ssmctl.save_system(TWICE, "twice.json")
    Certificate(L2Gain(2.25), HALF, Witness(P=[[2.0]]), {"found by": "hand"}).save("good.json")
    Certificate(L2Gain(1.5), HALF, Witness(P=[[2.0]])).save("unproved.json")
    Certificate(NotSchur(), TWICE, Witness(q=[2.0], v=[1.0])).save("unstable.json")
    (tmp_path / "bad.json").write_text('{"format": "ssmctl-cert/1"}')
    return tmp_path


@pytest.fixture
def run(capfd):
    """Run a command in this process and give (exit code, stdout, stderr)."""

    def command(*words):
        capfd.readouterr()
        code = main(words)
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return command


def process(*words, stdout: Any = subprocess.PIPE, **variables):
    """Run a command in a fresh process, wherever the package lies."""
    env = ENVIRONMENT | variables
    return subprocess.run([*COMMAND, *words], stdout=stdout, stderr=subprocess.PIPE, env=env, check=False)


def one_line(err):
    return err.count("\n") == 1 and err.endswith("\n") and err.startswith("ssmctl")


# ------------------------------------------------------------------------------------------ exit codes
VERIFY = {  # words after `verify`: exit code
    "good.json": 0,
    "good.json --subject half.json": 0,
    "good.json --subject half.npz --level float64": 0,
    "good.json --subject half.mat": 0,
    "good.json --subject good.json": 0,
    "--require schur good.json --quiet good.json": 0,
    "unstable.json --require schur": 1,
    "unstable.json --require schur --subject twice.json": 1,
    "unproved.json": 3,
    "good.json --subject twice.json": 3,
    "unstable.json --subject half.json --require schur": 3,
    "bad.json": 2,
    "half.json": 2,
    "good.json --subject bad.json": 2,
    "good.json --subject nosuch": 2,
    "good.json --require nonsense": 2,
    "good.json --subject half.json --require hurwitz": 2,
    "good.json --level coq": 2,
    "good.json --jobs -1": 2,
    "good.json --lev exact": 2,
    "- -": 2,
    "nosuch.json": 4,
    ".": 4,
    "good.json --subject nosuch.json": 4,
    "good.json --subject .": 4,
    "good.json --junit nowhere/out.xml": 4,
    "good.json unproved.json": 3,
    "good.json unproved.json unstable.json --require schur": 1,
    "unproved.json unstable.json bad.json --require schur": 2,
    "good.json unproved.json unstable.json bad.json nosuch.json --require schur": 4,
}


@pytest.mark.parametrize(("words", "code"), VERIFY.items(), ids=VERIFY)
def test_verify(files, run, words, code):
    given, out, err = run("verify", *words.split())
    assert given == code
    assert all(one_line(line + "\n") for line in err.splitlines())
    assert (code in (2, 4)) == bool(err)
    if code == 0 and "--quiet" not in words:
        assert "holds at level" in out
        assert ("self-consistent only" in out) == ("--subject" not in words)


PROCESS = {
    "good.json": 0,
    "unstable.json --require schur": 1,
    "bad.json": 2,
    "unproved.json": 3,
    "nosuch.json": 4,
}


@pytest.mark.parametrize(("words", "code"), PROCESS.items(), ids=PROCESS)
def test_process(files, words, code):
    ended = process("verify", *words.split())
    assert ended.returncode == code
    assert one_line(ended.stderr.decode()) if code in (2, 4) else ended.stderr == b""


USAGE = ["", "nosuch", "verify", "--quiet verify good.json", "-- verify", "show", "norm half.json --rtol 0"]
USAGE += ["norm half.json --rtol x", "norm half.json --kind h3", "certify", "certify half.json -o"]
USAGE += ["certify half.json schur -o - --json", "certify half.json hurwitz", "certify half.json l2gain 1"]


@pytest.mark.parametrize("words", USAGE)
def test_usage(files, run, words):
    code, out, err = run(*words.split())
    assert (code, out) == (2, "")
    assert one_line(err)


def test_empty_argument(run):
    for verb, *rest in (["verify", ""], ["show", ""], ["certify", "dc-motor", "schur", "-o", ""]):
        code, out, err = run(verb, *rest)
        assert (code, out, one_line(err)) == (2, "", True)


@pytest.mark.parametrize("words", [[], *([verb] for verb in VERBS)])
def test_help(run, words):
    code, out, err = run(*words, "--help")
    assert (code, err) == (0, "")
    examples = [example for verb, (_, example) in VERBS.items() if words in ([], [verb])]
    assert all(example in out for example in examples)
    assert run("--version")[:2] == (0, f"ssmctl {ssmctl.__version__}\n")


def test_examples_parse():
    import shlex

    for verb, (_, example) in VERBS.items():
        parser_of(verb).parse_intermixed_args(shlex.split(example)[2:])


# ------------------------------------------------------------------------------------------ bad files
def deep(path):
    path.write_text("[" * 100_000 + "]" * 100_000)


BAD = {  # name of the file: how to write it
    "deep.json": deep,
    "latin.json": lambda path: path.write_bytes(b"\xff\xfe{"),
    "empty.json": lambda path: path.write_text(""),
    "list.json": lambda path: path.write_text("[1]"),
    "nan.json": lambda path: path.write_text('{"A": [[NaN]], "B": [[1]], "C": [[1]], "dt": 1}'),
    "digits.json": lambda path: path.write_text("9" * 10_000),
    "no.npz": lambda path: path.write_bytes(b"PK\x03\x04 truncated"),
    "no.mat": lambda path: path.write_bytes(b"MATLAB 5.0 MAT-file truncated"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("words", [["show"], ["verify"], ["verify", "good.json", "--subject"]], ids=" ".join)
def test_bad_file(files, run, name, words):
    BAD[name](files / name)
    code, out, err = run(*words, name)
    assert (code, out) == (2, "")
    assert one_line(err)
    assert err.count(name) == 1


def test_unknown_system(run, files):
    for words in (["show"], ["norm"], ["certify"]):
        code, _, err = run(*words, "dc_motor")
        assert code == 2
        assert all(name in err for name in ssmctl.plant_names())
    code, _, err = run("show", "dc-motor.json")
    assert code == 4
    assert "dc-motor" in err


def test_file_wins_over_plant(run, files):
    os.rename("half.json", "aircraft")
    code, _, err = run("show", "aircraft")
    assert (code, one_line(err)) == (2, True)  # the file is read, and its name lacks an ending


def test_missing_package(run, files, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.io", None)
    code, _, err = run("show", "half.mat")
    assert (code, one_line(err)) == (4, True)
    assert "package scipy" in err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_permission(run, files):
    (files / "good.json").chmod(0)
    code, _, err = run("verify", "good.json")
    assert (code, one_line(err)) == (4, True)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (MemoryError(), 4, "out of memory"),
        (RecursionError(), 2, "nested"),
        (ValueError("a\nb"), 4, "internal error in test_cli.py"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 141, ""),
        (OSError(28, "No space left on device", "x"), 4, "x: No space left"),
    ],
)
def test_failures(run, files, monkeypatch, error, code, words):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("ssmctl.lti.files.read_subject", fail)
    given, out, err = run("show", "half.json")
    assert (given, out) == (code, "")
    assert words in err
    assert one_line(err) if words else err == ""


def test_nothing_forged(run, files):
    odd = "found by\x1b[2J\nx.json: holds at level exact"
    Certificate(L2Gain(1.5), HALF, Witness(P=[[2.0]]), {odd: odd}).save("two\nlines.json")
    _, out, _ = run("show", "two\nlines.json")
    assert "\x1b" not in out
    assert not any(line.startswith("x.json") for line in out.splitlines())
    code, out, _ = run("verify", "two\nlines.json", "good.json")
    assert (code, len(out.splitlines())) == (3, 4)


# ------------------------------------------------------------------------------------------ stdin and stdout
@pytest.fixture
def feed(monkeypatch):
    def replace(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return replace


@pytest.mark.parametrize("name", ["half.json", "half.npz", "half.mat", "good.json"])
def test_system_from_stdin(run, files, feed, name):
    feed((files / name).read_bytes())
    code, out, _ = run("verify", "good.json", "--subject", "-")
    assert (code, "about the system given" in out) == (0, True)
    feed((files / name).read_bytes())
    code, out, _ = run("show", "-")
    assert (code, "n = 1 states" in out) == (0, True)


def test_certificate_from_stdin(run, files, feed):
    feed((files / "good.json").read_bytes())
    assert run("verify", "-", "unproved.json")[0] == 3
    feed(b"\xff")
    code, _, err = run("verify", "-")
    assert (code, err) == (2, "ssmctl: -: not a text in UTF-8\n")


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_pipes(run, files):
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert run("certify", "half.json", "schur", "-o", "pipe", "--quiet")[0] == 0
    assert Certificate.from_text(os.read(reader, 10**5).decode()).claim == Schur()
    os.close(reader)
    assert (files / "pipe").is_fifo()


def test_stdout_goes_away(files):
    read, end = os.pipe()
    os.close(read)
    with os.fdopen(end, "w") as closed:
        ended = process("show", "good.json", stdout=closed)
    assert (ended.returncode, ended.stderr) == (141, b"")
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w") as full:
            ended = process("show", "good.json", stdout=full)
        assert (ended.returncode, ended.stderr.count(b"\n")) == (4, 1)


def test_narrow_encoding(files):
    os.rename("good.json", "gütig.json")
    ended = process("verify", "gütig.json", PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert rb"g\xfctig.json: holds" in ended.stdout


# ------------------------------------------------------------------------------------------ JSON and JUnit
def test_json(run, files):
    names = ["good.json", "unproved.json", "bad.json", "nosuch.json"]
    code, out, err = run("verify", "--json", *names)
    objects = [json.loads(line) for line in out.splitlines()]
    assert (code, [x["file"] for x in objects]) == (4, names)
    assert [x["status"] for x in objects] == ["holds", "unknown", "error", "error"]
    assert [x["exit"] for x in objects] == [0, 3, 2, 4]
    assert all(set(x) == set(objects[0]) for x in objects)
    good = objects[0]
    assert (good["claim"], good["proved"], good["level"]) == ("l2gain <= 2.25", "l2gain <= 2.25", "exact")
    assert good["system"] == {"type": "StateSpace", "n": 1, "m": 1, "p": 1, "dt": True}
    assert good["sha256"] == Certificate.load("good.json").sha256
    assert objects[1]["proved"] is objects[1]["statement"] is None
    assert "good.json: holds" in err
    assert run("verify", "--json", "--quiet", "good.json")[2] == ""
    again = run("verify", "--json", "--quiet", *names)[1]
    assert again == out


def test_show_proves_nothing(run, files):
    code, out, _ = run("show", "unproved.json", "--json", "--quiet")
    said = json.loads(out)
    assert (code, said["claim"], said["proved"], said["what"]) == (0, "l2gain <= 1.5", [], "certificate")
    _, out, _ = run("show", "unproved.json")
    for words in ("nothing is proved", "zero initial state", "bounded_real", "P=f64[1, 1]", said["sha256"]):
        assert words in out
    assert "file says: found by" in run("show", "good.json")[1]


def test_junit(run, files):
    names = ["good.json", "unproved.json", "bad.json", "nosuch.json"]
    assert run("verify", *names, "--junit", "out.xml")[0] == 4
    suite = ElementTree.parse("out.xml").getroot()[0]
    assert [suite.get(key) for key in ("tests", "failures", "errors")] == ["4", "1", "2"]
    assert [case.get("name") for case in suite] == names
    assert [[x.tag for x in case] for case in suite] == [[], ["failure"], ["error"], ["error"]]
    os.rename("bad.json", "odd\x01\udcff.json")
    assert run("verify", "odd\x01\udcff.json", "--junit", "out.xml")[0] == 2
    ElementTree.parse("out.xml")


# ------------------------------------------------------------------------------------------ long work
def test_jobs(files):
    names = ["good.json", "unproved.json", "nosuch.json"] * 3
    ended = process("verify", *names, "--subject", "half.json", "--json", "--jobs", "2")
    results = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == 4
    assert [result["file"] for result in results] == names
    assert [result["exit"] for result in results] == [0, 3, 4] * 3


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress(files, monkeypatch):
    for out, err, bar in ((io.StringIO(), Terminal(), True), (Terminal(), Terminal(), False)):
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        assert main(["verify", "good.json", "good.json"]) == 0
        assert ("file/s" in err.getvalue()) == bar
        err.truncate(0)
        assert main(["verify", "good.json", "good.json", "--quiet"]) == 0
        assert err.getvalue() == ""


def test_clock(monkeypatch):
    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    with work.clock("searching", delay=0.0):
        time.sleep(0.1)
    assert "searching … 00:00" in err.getvalue()


# ------------------------------------------------------------------------------------------ certify
def test_certify(run, files):
    code, out, err = run("certify", "half.json", "schur", "-o", "new.json")
    assert (code, err) == (0, "")
    assert "half.json: holds at level float64: schur" in out
    assert "wrote the certificate to new.json" in out
    assert run("verify", "new.json", "--subject", "half.json", "--require", "schur")[0] == 0


def test_certify_refuted(run, files):
    code, out, _ = run("certify", "twice.json", "schur", "-o", "new.json")
    assert code == 1
    assert "wrote the certificate of the contrary to new.json" in out
    assert run("verify", "new.json", "--subject", "twice.json", "--require", "schur")[0] == 1
    assert run("verify", "new.json", "--subject", "twice.json")[0] == 0


def test_certify_tightest(run, files):
    code, out, _ = run("certify", "half.npz", "--json", "-o", "new.json", "--quiet", "--level", "exact")
    said = json.loads(out)
    assert (code, said["written"], said["level"]) == (0, "new.json", "exact")
    assert 2 <= Certificate.load("new.json").claim.gamma <= 2 * (1 + 1e-8)


def test_certify_plant(run, files):
    assert run("certify", "dc-motor", "l2gain <= 0.1", "-o", "motor.json")[0] == 0
    assert run("verify", "motor.json", "--subject", "dc-motor", "--require", "l2gain <= 0.1")[0] == 0


def test_certify_witness(run, files):
    np.savez("witness.npz", P=[[2.0]])
    assert run("certify", "half.json", "l2gain", "<=", "2.25", "--witness", "witness.npz")[0] == 0
    assert run("certify", "half.json", "l2gain <= 2.25", "--witness", "good.json")[0] == 0
    np.savez("witness.npz", P=[[0.1]])
    assert run("certify", "half.json", "l2gain <= 2.25", "--witness", "witness.npz")[0] == 3
    np.save("witness.npy", [[2.0]])
    for name, wrong in {"half.json": 2, "witness.npy": 2, "nosuch.npz": 4}.items():
        code, _, err = run("certify", "half.json", "l2gain <= 2.25", "--witness", name)
        assert (code, one_line(err)) == (wrong, True)


def test_certify_unknown(run, files, monkeypatch):
    answer = Verdict("unknown", Schur(), reason="no luck")
    monkeypatch.setattr("ssmctl.analysis.certify.decide", lambda *_, **__: answer)
    code, out, _ = run("certify", "half.json", "schur", "-o", "good.json")
    assert (code, "no luck" in out, "nothing was written" in out) == (3, True, True)
    assert Certificate.load("good.json").claim == L2Gain(2.25)  # the old file is left alone


def test_certify_to_stdout(run, files):
    code, out, err = run("certify", "half.json", "schur", "-o", "-")
    assert (code, Certificate.from_text(out).claim) == (0, Schur())
    assert "holds at level" in err


def test_output_is_atomic(run, files, monkeypatch):
    before = (files / "good.json").read_bytes(), set(os.listdir())

    def fail(*_):
        raise OSError(28, "No space left on device", "good.json")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        code, _, err = run("certify", "half.json", "schur", "-o", "good.json")
    assert (code, one_line(err)) == (4, True)
    assert ((files / "good.json").read_bytes(), set(os.listdir())) == before
    os.symlink("good.json", "link.json")
    assert run("certify", "half.json", "schur", "-o", "link.json")[0] == 0
    assert os.path.islink("link.json")
    assert Certificate.load("good.json").claim == Schur()


@pytest.mark.parametrize("place", ["nowhere/new.json", "."])
def test_output_is_checked_first(run, files, monkeypatch, place):
    monkeypatch.setattr("ssmctl.analysis.certify.decide", lambda *_, **__: pytest.fail("searched in vain"))
    code, _, err = run("certify", "half.json", "schur", "-o", place)
    assert (code, one_line(err)) == (4, True)


# ------------------------------------------------------------------------------------------ norm
@pytest.mark.parametrize(
    ("kind", "truth"), {"hinf": 2.0, "h2": math.sqrt(4 / 3), "peak": 2.0, "radius": 0.5}.items()
)
def test_norm(run, files, kind, truth):
    code, out, _ = run("norm", "half.json", "--kind", kind, "--json", "--quiet", "--rtol", "1e-4")
    said = json.loads(out)
    assert code == 0
    assert said["lower"] <= truth * (1 + 1e-15)
    assert said["upper"] >= truth * (1 - 1e-15)
    assert said["width"] <= 1e-4
    assert len(said["proved"]) == 2


def test_norm_infinite(run, files):
    code, out, _ = run("norm", "twice.json", "--json", "--quiet")
    said = json.loads(out)
    assert (code, said["lower"], said["upper"]) == (0, "inf", "inf")
    assert "[inf, inf]" in run("norm", "twice.json")[1]


def test_norm_not_narrow(run, files, monkeypatch):
    from ssmctl.analysis.enclosure import Enclosure

    answer = Enclosure("H-infinity norm", 1.0, 2.0, note="wide")
    monkeypatch.setattr("ssmctl.analysis.norms.hinfnorm", lambda *_, **__: answer)
    assert run("norm", "half.json")[0] == 0
    code, out, _ = run("norm", "half.json", "--rtol", "1e-3")
    assert (code, "not 0.001" in out, "wide" in out) == (3, True, True)
    nothing = Enclosure("H-infinity norm", 0.0, math.inf)
    monkeypatch.setattr("ssmctl.analysis.norms.hinfnorm", lambda *_, **__: nothing)
    assert run("norm", "half.json")[0] == 3


@pytest.mark.parametrize("x", [0.1, 1 / 3, 2.0**60 + 2**10, 5e-324, 1.7976931348623157e308, -0.1, 0.0, 1e-7])
def test_printed_ends_are_bounds(x):
    from fractions import Fraction

    assert Fraction(decimal(x, "FLOOR")) <= Fraction(x) <= Fraction(decimal(x, "CEILING"))
    assert Fraction(decimal(x, "CEILING")) - Fraction(decimal(x, "FLOOR")) <= abs(Fraction(x)) / 10**16


# ------------------------------------------------------------------------------------------ cost
def test_light(files):
    heavy = {"jax", "scipy", "cvxpy", "equinox", "control", "matplotlib", "flint", "tqdm"}
    runs = "main(['show', 'good.json']), main(['show', 'half.npz']), main(['verify', 'good.json'])"
    code = f"import sys; from ssmctl.cli import main; print({runs}); print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    *_, codes, modules = ended.stdout.splitlines()
    assert codes == "0 0 0"
    assert not heavy & set(modules.split())


@pytest.mark.benchmark
def test_verify_takes_a_third_of_a_second(tmp_path):
    rng = np.random.default_rng(0)
    A, B, C = rng.normal(size=(30, 30)), rng.normal(size=(30, 2)), rng.normal(size=(2, 30))
    system = (0.9 * A / max(abs(np.linalg.eigvals(A))), B, C, np.zeros((2, 2)), True)
    certificate = ssmctl.certify(system, ssmctl.L2Gain(1.01 * ssmctl.hinfnorm(system).upper))
    certificate.save(tmp_path / "cert.json")
    times = []
    for _ in range(5):
        start = time.perf_counter()
        assert process("verify", tmp_path / "cert.json").returncode == 0
        times.append(time.perf_counter() - start)
    assert min(times) <= 0.3
