r"""The command line: `ssmctl certify | verify | norm | show`, with `docs/command-line.md` as its manual.

| exit code | means |
|---|---|
| 0 | holds: proved |
| 1 | refuted: the contrary is proved |
| 2 | usage, or a file that is no system or no certificate |
| 3 | unknown: neither is proved |
| 4 | a file cannot be read or written, a solver or a worker failed |

Of many files the first of 4, 2, 1, 3, 0 that occurred. A verb imports what it needs when it runs: `verify` and
`show` stay on NumPy. Nothing here is trusted but the words in which a verdict is printed: each call of `say`
prints one line, and text from a file cannot add another one or move the cursor.
"""

import argparse
import errno
import io
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NoReturn

from ssmctl import __version__
from ssmctl.errors import InputError, SsmctlError

CODES = {"holds": 0, "refuted": 1, "unknown": 3}
USAGE, UNKNOWN, FAILED, INTERRUPTED, BROKEN_PIPE = 2, 3, 4, 130, 141
GRAVEST_FIRST = (FAILED, USAGE, CODES["refuted"], UNKNOWN, CODES["holds"])

VERBS = {  # verb: (what it does, an example)
    "certify": ("prove a claim about a system, and write the certificate", 'ssmctl certify dc-motor "l2gain <= 0.1" -o motor.json'),
    "verify": ("prove certificates again, without trusting who made them", 'ssmctl verify motor.json --subject dc-motor --require "l2gain <= 0.1"'),
    "norm": ("enclose a norm between two proved ends", "ssmctl norm aircraft --kind hinf"),
    "show": ("print what a certificate or a system file says; proves nothing", "ssmctl show motor.json"),
}
SYSTEM_HELP = "a .json, .npz or .mat file, - for stdin, or the name of a plant that ships: aircraft, dc-motor, flexible-structure"


def main(argv: Iterable[Any] | None = None) -> int:
    """Run a command and return its exit code; no exception leaves, and every error is one line on stderr.

    **Arguments:** `argv`: the words after `ssmctl`; by default those of the process.
    **Returns:** an exit code of the module's table; 130 if interrupted, 141 if whoever reads stdout went away.
    **Cost:** about 0.15 s more than the work itself for `verify` and `show`.

    >>> main(["--version"])
    ssmctl 0.1.0.dev0
    0
    """
    try:
        code = run([str(word) for word in (sys.argv[1:] if argv is None else argv)])
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit as stop:  # argparse has spoken: help, version or a usage error
        code = stop.code if isinstance(stop.code, int) else 0
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        code = BROKEN_PIPE
    except Exception as error:
        code, reason = explain(error)
        say(f"ssmctl: {reason}", sys.stderr)
    settle()
    return code


def run(argv: list[str]) -> int:
    """Choose the verb and run it."""
    if not argv or argv[0] not in VERBS:
        overview().parse_args(argv)
    verb, *words = argv
    actions: dict[str, Callable[[Any], int]] = {"certify": certify, "verify": verify, "norm": norm, "show": show}
    return actions[verb](parser_of(verb).parse_intermixed_args(words))


# ------------------------------------------------------------------------------------------------ the parsers
class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and exit with 2."""
        say(f"{self.prog}: {message} (see {self.prog} --help)", sys.stderr)
        self.exit(USAGE)


def overview() -> Parser:
    """Return the parser of a command line that starts with no verb."""
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {verb:{width}}  {what}\n  {'':{width}}    {example}" for verb, (what, example) in VERBS.items())
    codes = "exit codes: 0 holds, 1 refuted, 2 usage or bad input, 3 unknown, 4 solver or I/O"
    parser = Parser(
        "ssmctl",
        usage="ssmctl VERB …   (ssmctl VERB --help for its options)",
        description="Verified control: prove what is true of a linear system, and let anyone check it again.",
        epilog=f"verbs:\n{verbs}\n\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"ssmctl {__version__}")
    parser.add_argument("verb", metavar="VERB", choices=VERBS, help=argparse.SUPPRESS)
    return parser


def parser_of(verb: str) -> Parser:
    """Return the parser of one verb."""
    what, example = VERBS[verb]
    parser = Parser(
        f"ssmctl {verb}",
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"example: {example}",
        allow_abbrev=False,
    )
    add = parser.add_argument
    level = lambda default: add("--level", choices=("float64", "exact"), default=default, help="least trust level (default: %(default)s)")
    if verb == "certify":
        add("system", metavar="SYSTEM", help=SYSTEM_HELP)
        add("claim", metavar="CLAIM", nargs="*", help='such as "l2gain <= 1.5", schur, passive; without one, the tightest l2 gain')
        add("-o", "--output", metavar="CERT", help="write the certificate there (- for stdout); of the contrary, if that is what is proved")
        level("float64")
        add("--witness", metavar="FILE", help="check this witness and search none: arrays P, … in an .npz file, or another certificate's")
    elif verb == "verify":
        add("certificates", metavar="CERT", nargs="+", help="certificate files; - for stdin")
        add("--subject", metavar="SYSTEM", help="refuse certificates about any other system than this one")
        add("--require", metavar="CLAIM", help="refuse certificates that do not imply this claim")
        level("exact")
        add("--jobs", metavar="N", type=count, default=1, help="verify N files at a time; 0: one on each core")
        add("--junit", metavar="OUT.xml", help="write a JUnit report there, for continuous integration")
    elif verb == "norm":
        add("system", metavar="SYSTEM", help=SYSTEM_HELP)
        add("--kind", choices=("hinf", "h2", "peak", "radius"), default="hinf", help="H-infinity (default), H2, peak-to-peak, spectral radius")
        add("--rtol", metavar="R", type=tolerance, help="relative width; exit 3 if it is not reached (default: 1e-8 is tried)")
    else:
        add("file", metavar="FILE", help="a certificate or a system; - for stdin")
    add("--json", action="store_true", help="one JSON object a file on stdout, the prose on stderr")
    add("--quiet", action="store_true", help="no prose and no progress; errors are still said")
    return parser


def count(text: str) -> int:
    """Read the number of jobs."""
    if (jobs := int(text)) < 0:
        raise ValueError
    return jobs or os.cpu_count() or 1


def tolerance(text: str) -> float:
    """Read a relative width."""
    if not 0 < (rtol := float(text)) < math.inf:
        raise ValueError
    return rtol


# ------------------------------------------------------------------------------------------------ the verbs
def certify(args: Any) -> int:
    """Run `ssmctl certify`."""
    if args.output == "-" and args.json:
        raise InputError("-o - and --json both want stdout; give -o a file")
    writable(args.output)
    subject, witness = read_system(args.system), read_witness(args.witness)
    from ssmctl.analysis.certify import decide
    from ssmctl.certificates.claim import Claim

    claim = Claim.parse(" ".join(args.claim), continuous=subject.continuous) if args.claim else None
    with patience(args, f"{args.system}: searching"):
        verdict = decide(subject, claim, level=args.level, witness=witness)
    written = args.output if verdict.certificate is not None else None
    if written:
        write(written, verdict.certificate.to_text())
    result = record(args.system, verdict, subject, verdict.certificate) | {"written": written}
    prose = sys.stderr if args.output == "-" else None
    report(args, result, alone=True, prose=prose)
    if not args.quiet and args.output:
        what = {"holds": "the certificate is in", "refuted": "the certificate of the contrary is in"}.get(verdict.status, "nothing was written to")
        say(f"    {what} {args.output}", prose or prose_stream(args))
    return result["exit"]


def verify(args: Any) -> int:
    """Run `ssmctl verify`."""
    if [*args.certificates, args.subject].count("-") > 1:
        raise InputError("stdin can be read once: - is given twice")
    from ssmctl.certificates.claim import Claim

    if args.require is not None:
        Claim.parse(args.require)  # once more for each file, in its time domain
    writable(args.junit)
    subject = None if args.subject is None else read_system(args.subject)
    texts = {"-": stdin().read()} if "-" in args.certificates else {}
    tasks = [(name, texts.get(name), subject, args.require, args.level) for name in args.certificates]
    results = []
    for result in progress(args, spread(verify_one, tasks, args.jobs), len(tasks)):
        results.append(result)
        report(args, result, alone=len(tasks) == 1)
    if args.junit:
        write(args.junit, junit(results))
    if len(results) > 1 and not args.quiet:
        number = {status: sum(r["status"] == status for r in results) for status in (*CODES, "error")}
        say(f"{len(results)} files: {', '.join(f'{k} {status}' for status, k in number.items() if k)}", prose_stream(args))
        if subject is None and number["holds"]:
            say("self-consistent only: each is about the system inside its file; --subject binds it to yours", prose_stream(args))
    return min((result["exit"] for result in results), key=GRAVEST_FIRST.index)


def verify_one(task: tuple) -> dict[str, Any]:
    """Verify one file, here or in a worker; what goes wrong with it becomes part of the result."""
    name, text, subject, require, level = task
    start = time.perf_counter()
    try:
        from ssmctl.certificates.certificate import Certificate
        from ssmctl.certificates.verify import verify

        certificate = Certificate.load(name) if text is None else Certificate.from_text(text.decode("utf-8"))
        verdict = verify(certificate, subject=subject, claim=require, level=level)
        result = record(name, verdict, certificate.subject, certificate)
    except Exception as error:
        code, reason = explain(error, name)
        result = record(name) | {"status": "error", "exit": code, "reason": reason}
    return result | {"seconds": time.perf_counter() - start}


def norm(args: Any) -> int:
    """Run `ssmctl norm`."""
    subject = read_system(args.system)
    with patience(args, f"{args.system}: searching"):
        enclosure = enclose(args.kind, subject, args.rtol)
    proved = [c for c in (enclosure.lower_certificate, enclosure.certificate) if c is not None]
    known = enclosure.upper < math.inf or enclosure.lower == math.inf or enclosure.certificate is not None
    narrow = args.rtol is None or enclosure.width <= args.rtol or enclosure.lower == enclosure.upper
    code = CODES["holds"] if known and narrow else UNKNOWN
    fields = ("quantity", "lower", "upper", "width", "frequency", "unit", "level", "note")
    result = {"file": args.system, "kind": args.kind, "exit": code, "system": sizes(subject)}
    result |= {key: getattr(enclosure, key) for key in fields} | {"proved": [str(c.claim) for c in proved]}
    if args.json:
        say(json.dumps(plain(result)), sys.stdout)
    if not args.quiet:
        out = prose_stream(args)
        say(f"{args.system}: {enclosure.quantity} in [{decimal(enclosure.lower, 'FLOOR')}, {decimal(enclosure.upper, 'CEILING')}]", out)
        if enclosure.frequency is not None:
            say(f"    the lower end is reached at {enclosure.frequency:.8g} {enclosure.unit}", out)
        if 0 < enclosure.width < math.inf:
            say(f"    relative width {enclosure.width:.1e}{'' if narrow else f', not the {args.rtol:g} asked for'}", out)
        for line in (*(f"proved: {c.claim}" for c in proved), f"level {enclosure.level}" if enclosure.level else "", enclosure.note):
            if line:
                say(f"    {line}", out)
    return code


def enclose(kind: str, subject: Any, rtol: float | None) -> Any:
    """Compute the enclosure that `ssmctl norm` prints."""
    from ssmctl.analysis import norms, spectrum

    find = {"hinf": norms.hinfnorm, "h2": norms.h2norm, "peak": norms.peak_gain, "radius": spectrum.spectral_radius}[kind]
    return find(subject) if rtol is None else find(subject, rtol=rtol)


def show(args: Any) -> int:
    """Run `ssmctl show`."""
    content = stdin().read() if args.file == "-" else Path(args.file).read_bytes() if args.file.lower().endswith(".json") else b""
    if is_certificate(content):
        from ssmctl.certificates.certificate import Certificate

        try:
            certificate = Certificate.from_text(content.decode("utf-8"))
        except (SsmctlError, UnicodeError) as error:
            raise InputError(explain(error, args.file)[1]) from None
        claim, subject = certificate.claim, certificate.subject
        lines = {"certificate of": str(claim), "in words": claim.sentence(), "theorem": claim.theorem}
        lines |= {"about": words(subject), "witness": repr(certificate.witness), "assuming": "; ".join(certificate.assumptions)}
        lines |= {"sha256": certificate.sha256, **certificate.provenance}
        remark = f"nothing is proved by show; run: ssmctl verify {args.file}"
        result = {"claim": str(claim), "statement": claim.sentence(), "theorem": claim.theorem, "assumptions": certificate.assumptions}
        result |= {"sha256": certificate.sha256, "provenance": certificate.provenance, "witness": sorted(certificate.witness.parts)}
    else:
        subject = read_system(args.file, content or None)
        lines, result = {"system": words(subject)}, {}
        remark = f"nothing is claimed of it; run: ssmctl certify {args.file}"
    if args.json:
        result = {"file": args.file, "what": "certificate" if result else "system", "proved": False, "system": sizes(subject)} | result
        say(json.dumps(plain(result)), sys.stdout)
    if not args.quiet:
        width = max(map(len, lines))
        for key, value in lines.items():
            say(f"{key:{width}}  {value}", prose_stream(args))
        say(remark, prose_stream(args))
    return 0


# ------------------------------------------------------------------------------------------------ reading and writing
def stdin() -> io.BytesIO:
    """Return what stands on stdin, as a file with a name."""
    if sys.stdin is None:
        raise InputError("- is given, but there is no stdin")
    return named(sys.stdin.buffer.read(), "stdin")


def named(content: bytes, name: str) -> io.BytesIO:
    """Return a file in memory, with the name that error messages use."""
    file = type("File", (io.BytesIO,), {})(content)
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
        with path.open("rb") as pipe:
            return read_subject(pipe)
    from ssmctl.lti.plants import plant, plant_names

    if name in plant_names():
        return plant(name).subject()
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a directory, no system file", name)
    plants = f"the plants that ship are {', '.join(plant_names())}"
    if path.suffix or len(path.parts) > 1:
        raise FileNotFoundError(errno.ENOENT, f"no such file ({plants})", name)
    raise InputError(f"{name}: neither a file nor a plant; {plants}")


def read_witness(name: str | None) -> Any:
    """Return the `Witness` in an .npz file or a certificate."""
    if name is None:
        return None
    import numpy as np

    from ssmctl.certificates.certificate import Certificate
    from ssmctl.certificates.witness import Witness

    try:
        if name.endswith(".json"):
            return Certificate.load(name).witness
        with np.load(name, allow_pickle=False) as archive:
            parts = {key: archive[key] for key in archive.files}
        return Witness(**{key: value.item() if value.ndim == 0 else value for key, value in parts.items()})
    except OSError:
        raise
    except SsmctlError as error:
        raise InputError(f"{name}: {error}") from None
    except Exception:  # NumPy and zipfile raise many kinds
        raise InputError(f"{name}: no .npz archive of named arrays; write one with numpy.savez(…, P=P)") from None


def is_certificate(content: bytes) -> bool:
    """Whether a file means to be a certificate rather than a system."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and ("claim" in data or str(data.get("format")).startswith("ssmctl-cert"))


def writable(name: str | None) -> None:
    """Refuse a place that cannot be written before the work is done, not after it."""
    if name not in (None, "-") and not (parent := Path(name).resolve().parent).is_dir():
        raise FileNotFoundError(errno.ENOENT, f"no directory {parent} to write to", name)
    if name is not None and Path(name).is_dir():
        raise IsADirectoryError(errno.EISDIR, "a directory, no file to write", name)


def write(name: str, text: str) -> None:
    """Replace a file in one step; `-` is stdout, and a device or pipe is written as it is."""
    from ssmctl.certificates.certificate import write_text

    path = Path(name).resolve()  # a link stays a link
    if name == "-":
        sys.stdout.write(text)
    elif path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
    else:
        write_text(path, text)


def say(line: str, stream: Any) -> None:
    """Print one line; what is not printable is escaped, so that no file can forge a verdict."""
    if stream is not None:
        safe = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
        encoding = getattr(stream, "encoding", None) or "utf-8"
        print(safe.encode(encoding, "backslashreplace").decode(encoding), file=stream)


def settle() -> None:
    """Flush stdout; if nobody can read it any more, let the interpreter's own last flush go nowhere."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def explain(error: Exception, name: str | None = None) -> tuple[int, str]:
    """Return the exit code of an error and one line about it, with the name of the file once."""
    code = FAILED
    if isinstance(error, SsmctlError):
        code, text = USAGE, str(error)
    elif isinstance(error, UnicodeError):
        code, text = USAGE, "not a text in UTF-8"
    elif isinstance(error, RecursionError):
        code, text = USAGE, "nested too deeply"
    elif isinstance(error, OSError):
        text = error.strerror or str(error)
        name = name or (os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else None)
    elif isinstance(error, MemoryError):
        text = "out of memory"
    elif isinstance(error, ModuleNotFoundError):
        text = f"this needs the package {error.name}, which is not installed"
    elif type(error).__name__ == "BrokenProcessPool":
        text = "a worker process died, perhaps for want of memory; try fewer --jobs"
    else:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        text = f"internal error{place}: {type(error).__name__}: {error}; please report it"
    text = " ".join(text.split())[:2000]
    return code, text if name is None or text.startswith(name) else f"{name}: {text}"


# ------------------------------------------------------------------------------------------------ results
def record(name: str, verdict: Any = None, subject: Any = None, certificate: Any = None) -> dict[str, Any]:
    """Return what is said of one file, as `--json` prints it; `proved` is the certificate's own claim."""
    proof = None if verdict is None else verdict.certificate
    claim = None if verdict is None or verdict.claim is None else str(verdict.claim)
    return {
        "file": name,
        "status": None if verdict is None else verdict.status,
        "exit": None if verdict is None else CODES[verdict.status],
        "claim": claim,
        "level": None if verdict is None else verdict.level,
        "margin": None if verdict is None else verdict.margin,
        "reason": "" if verdict is None else verdict.reason,
        "proved": None if proof is None else str(proof.claim),
        "statement": None if proof is None else proof.claim.sentence(),
        "theorem": None if proof is None else proof.claim.theorem,
        "assumptions": [] if proof is None else proof.assumptions,
        "system": None if subject is None else sizes(subject),
        "sha256": None if certificate is None else certificate.sha256,
    }


def report(args: Any, result: dict[str, Any], *, alone: bool, prose: Any = None) -> None:
    """Print one result: JSON, prose, or an error."""
    if args.json:
        say(json.dumps(plain({key: value for key, value in result.items() if key != "seconds"})), sys.stdout)
    if result["status"] == "error":
        say(f"ssmctl: {result['reason']}", sys.stderr)
    elif not args.quiet:
        out, proved = prose or prose_stream(args), result["proved"] is not None
        line = f"{result['file']}: {result['status']}{f' at level {result["level"]}' if False else ''}"
        line += f" at level {result['level']}" if proved else ""
        line += f": {result['claim']}" if result["claim"] else ""
        if not alone:
            say(line if result["status"] == "holds" else f"{line}: {result['reason']}", out)
            return
        say(line, out)
        for text in (result["statement"], result["reason"], f"assuming {'; '.join(result['assumptions'])}" if proved else None):
            if text:
                say(f"    {text}", out)


def prose_stream(args: Any) -> Any:
    """Return where the prose goes."""
    return sys.stderr if args.json else sys.stdout


def sizes(subject: Any) -> dict[str, Any]:
    """Return the type, sizes and time base of a system."""
    kind = type(subject).__name__.removesuffix("Subject")
    return {"type": kind, "n": subject.n, "m": subject.m, "p": subject.p, "dt": subject.dt}


def words(subject: Any) -> str:
    """Return the same in words."""
    kind = f"{'complex ' if subject.complex else ''}{type(subject).__name__.removesuffix('Subject')}"
    time = "continuous time (dt = 0)" if subject.continuous else "discrete time, no period" if subject.dt is True else f"discrete time, period {subject.dt!r} s"
    return f"{kind}, n = {subject.n} states, m = {subject.m} inputs, p = {subject.p} outputs, {time}"


def plain(value: Any) -> Any:
    """Return what JSON can hold: "inf", "-inf" and "nan" are strings, NumPy numbers Python's."""
    if isinstance(value, dict):
        return {key: plain(x) for key, x in value.items()}
    if isinstance(value, list):
        return [plain(x) for x in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    return value


def decimal(x: float, direction: str) -> str:
    """Return 17 digits of a double, rounded down (FLOOR) or up (CEILING): an end that is printed is still a bound."""
    import decimal

    if not math.isfinite(x):
        return str(x)
    rounded = decimal.Context(prec=17, rounding=f"ROUND_{direction}").create_decimal(decimal.Decimal(x)).normalize()
    return f"{rounded:f}" if -7 < rounded.adjusted() < 17 else str(rounded).lower()


def junit(results: list[dict[str, Any]]) -> str:
    """Return a JUnit report: a test case for each file, a failure if it is not proved, an error if it could not be read."""
    from xml.etree import ElementTree as tree

    clean = lambda text: "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    errors = sum(r["status"] == "error" for r in results)
    bad = sum(r["status"] != "holds" for r in results) - errors
    total = {"tests": str(len(results)), "failures": str(bad), "errors": str(errors), "time": f"{sum(r['seconds'] for r in results):.3f}"}
    root = tree.Element("testsuites", total)
    suite = tree.SubElement(root, "testsuite", {"name": "ssmctl verify", **total})
    for r in results:
        case = tree.SubElement(suite, "testcase", {"classname": "ssmctl.verify", "name": clean(r["file"]), "time": f"{r['seconds']:.3f}"})
        if r["status"] != "holds":
            kind = "error" if r["status"] == "error" else "failure"
            tree.SubElement(case, kind, {"type": r["status"], "message": clean(r["reason"])}).text = clean(r["claim"] or "")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tree.tostring(root, encoding="unicode") + "\n"


# ------------------------------------------------------------------------------------------------ long work
def spread(function: Callable, tasks: list, jobs: int) -> Iterator:
    """Map a function over tasks in this process, or in order over fresh ones that inherit nothing."""
    if min(jobs, len(tasks)) <= 1:
        yield from map(function, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(jobs, len(tasks)), get_context("spawn"), initializer=die_quietly) as pool:
        try:
            yield from pool.map(function, tasks)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def die_quietly() -> None:
    """Let an interrupt end a worker without a traceback."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)


def progress(args: Any, results: Iterable, total: int) -> Iterable:
    """Show a bar on a terminal, unless the lines that are printed there already show how far it is."""
    tty = lambda stream: stream is not None and stream.isatty()
    if total < 2 or args.quiet or not tty(sys.stderr) or tty(prose_stream(args)):
        return results
    from tqdm import tqdm

    return tqdm(results, total=total, unit="file", leave=False)


def patience(args: Any, text: str) -> Any:
    """Show on a terminal that a long search goes on, and since when."""
    return nullcontext() if args.quiet or sys.stderr is None or not sys.stderr.isatty() else clock(text)


@contextmanager
def clock(text: str) -> Iterator[None]:
    """Show the time that has passed, from the second second on."""
    from threading import Event, Thread

    from tqdm import tqdm

    done = Event()

    def tick() -> None:
        if not done.wait(2.0):
            with tqdm(bar_format="{desc} … {elapsed}", desc=text, leave=False, delay=0) as bar:
                while not done.wait(0.5):
                    bar.refresh()

    thread = Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
