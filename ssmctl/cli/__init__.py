r"""The command line: `ssmctl certify | verify | norm | show`, with `docs/command-line.md` as its manual.

| exit code | means |
|---|---|
| 0 | holds: proved |
| 1 | refuted: the contrary is proved |
| 2 | usage, or a file that is no system or no certificate |
| 3 | unknown: neither is proved |
| 4 | a file cannot be read or written, a solver or a worker failed |

Of many files the first of 4, 2, 1, 3, 0 that occurred. A verb imports what it needs when it runs: `verify`
and `show` stay on NumPy. This folder is a door and proves nothing, but it prints verdicts: every call of
`streams.say` is one line, and no text out of a file can add a second one or move the cursor.
"""

import json
import math
import sys
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ssmctl.cli.parsers import VERBS, overview, parser_of
from ssmctl.cli.report import (
    CODES,
    enclosed,
    junit,
    plain,
    prose_stream,
    record,
    relative_width,
    report,
    sizes,
    words,
)
from ssmctl.cli.streams import (
    FAILED,
    USAGE,
    certificate_in,
    explain,
    read_system,
    read_witness,
    say,
    settle,
    stdin,
    writable,
    write,
)
from ssmctl.cli.work import patience, progress, spread
from ssmctl.errors import InputError

__all__ = ["main"]

GRAVEST_FIRST = (FAILED, USAGE, CODES["refuted"], CODES["unknown"], CODES["holds"])
INTERRUPTED, BROKEN_PIPE = 130, 141


def main(argv: Iterable[Any] | None = None) -> int:
    """Run a command and return its exit code; no exception leaves, and an error is one line on stderr.

    **Arguments:** `argv`: the words after `ssmctl`; by default those of the process.
    **Returns:** a code of the module's table; 130 if interrupted, 141 if whoever read stdout went away.
    **Cost:** that of the verb; starting `verify` or `show` takes some 0.1 s more than Python itself.

    >>> main(["show", "dc-motor"])
    system  StateSpace, n = 2 states, m = 1 inputs, p = 1 outputs, continuous time (dt = 0)
    nothing is claimed of it; run: ssmctl certify dc-motor
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
    if "" in argv:
        raise InputError("an argument is empty: an unset variable of the shell?")
    if not argv or argv[0] not in VERBS:
        overview().parse_args(argv)
        raise InputError("the verb comes first: ssmctl VERB …")
    args = parser_of(argv[0]).parse_intermixed_args(argv[1:])
    return {"certify": certify, "verify": verify, "norm": norm, "show": show}[argv[0]](args)


def certify(args: Any) -> int:
    """Find a proof or a refutation of a claim, print the verdict and write the certificate."""
    if args.output == "-" and args.json:
        raise InputError("-o - and --json both want stdout; give -o a file")
    writable(args.output)
    subject, witness = read_system(args.system), read_witness(args.witness)
    from ssmctl.analysis.certify import decide
    from ssmctl.certificates.claim import Claim

    claim = Claim.parse(" ".join(args.claim), continuous=subject.continuous) if args.claim else None
    with patience(args, f"{args.system}: searching"), warnings.catch_warnings(action="ignore"):
        verdict = decide(subject, claim, level=args.level, witness=witness)
    out = sys.stderr if args.output == "-" else prose_stream(args)
    written = None
    if args.output is not None and verdict.certificate is not None:
        write(args.output, verdict.certificate.to_text())
        written = args.output
    result: dict[str, Any] = record(args.system, verdict, subject, verdict.certificate) | {"written": written}
    report(args, result, out, alone=True)
    if args.output is not None and not args.quiet:
        contrary = " of the contrary" if verdict.status == "refuted" else ""
        text = (
            f"wrote the certificate{contrary} to" if written else "nothing is proved, nothing was written to"
        )
        say(f"    {text} {args.output}", out)
    return result["exit"]


def verify(args: Any) -> int:
    """Prove certificates again, bound to a system and a claim where these are given."""
    if [*args.certificates, args.subject].count("-") > 1:
        raise InputError("stdin can be read once, but - is given twice")
    from ssmctl.certificates.claim import Claim

    if args.require is not None:
        Claim.parse(args.require)  # a typing error is said once; each file reads it in its own time domain
    writable(args.junit)
    subject = None if args.subject is None else read_system(args.subject)
    contents = {"-": stdin().read()} if "-" in args.certificates else {}
    tasks = [(name, contents.get(name), subject, args.require, args.level) for name in args.certificates]
    out, results = prose_stream(args), []
    for result in progress(args, spread(verify_one, tasks, args.jobs), len(tasks)):
        results.append(result)
        report(args, result, out, alone=len(tasks) == 1)
    if args.junit:
        write(args.junit, junit(results))
    if len(results) > 1 and not args.quiet:
        number = {status: sum(r["status"] == status for r in results) for status in (*CODES, "error")}
        counted = ", ".join(f"{status} {k}" for status, k in number.items() if k)
        say(f"{len(results)} files: {counted}", out)
        if subject is None and number["holds"]:
            say(
                "self-consistent only: each is about the system inside its file, unless --subject is given",
                out,
            )
    return min((result["exit"] for result in results), key=GRAVEST_FIRST.index)


def verify_one(task: tuple) -> dict[str, Any]:
    """Verify one file, here or in a worker; what goes wrong with it becomes part of the result."""
    name, content, subject, require, level = task
    start = time.perf_counter()
    try:
        from ssmctl.certificates.certificate import Certificate
        from ssmctl.certificates.verify import verify

        certificate = Certificate.load(name) if content is None else Certificate.from_text(content.decode())
        verdict = verify(certificate, subject=subject, claim=require, level=level)
        result = record(name, verdict, certificate.subject, certificate)
    except Exception as error:
        code, reason = explain(error, name)
        result = record(name) | {"status": "error", "exit": code, "reason": reason}
    return result | {"seconds": time.perf_counter() - start}


def norm(args: Any) -> int:
    """Enclose a norm, and print both ends."""
    subject = read_system(args.system)
    from ssmctl.analysis import norms, spectrum

    find: Any = {"hinf": norms.hinfnorm, "h2": norms.h2norm, "peak": norms.peak_gain}.get(args.kind)
    options = {"level": args.level} | ({} if args.rtol is None else {"rtol": args.rtol})
    with patience(args, f"{args.system}: searching"), warnings.catch_warnings(action="ignore"):
        found = (find or spectrum.spectral_radius)(subject, **options)
    known = found.upper < math.inf or found.lower == math.inf or found.certificate is not None
    fields = ("quantity", "lower", "upper", "frequency", "unit", "level", "note")
    result: dict[str, Any] = {"file": args.system, "kind": args.kind} | {
        key: getattr(found, key) for key in fields
    }
    result["width"] = relative_width(found.lower, found.upper)
    wide = args.rtol is not None and not result["width"] <= args.rtol
    proofs = [c for c in (found.lower_certificate, found.certificate) if c is not None]
    result["proved"] = [str(c.claim) for c in proofs]
    result |= {"exit": CODES["holds"] if known and not wide else CODES["unknown"], "system": sizes(subject)}
    if args.json:
        say(json.dumps(plain(result)), sys.stdout)
    if not args.quiet:
        for line in enclosed(result, args.rtol if wide else None):
            say(line, prose_stream(args))
    return result["exit"]


def show(args: Any) -> int:
    """Print what a file says; nothing of it is proved."""
    content = None
    if args.file == "-":
        content = stdin().read()
    elif Path(args.file).suffix.lower() == ".json" and Path(args.file).is_file():
        content = Path(args.file).read_bytes()
    certificate = None if content is None else certificate_in(content, args.file)
    subject = read_system(args.file, content) if certificate is None else certificate.subject
    result = {"file": args.file, "what": "system", "proved": [], "system": sizes(subject)}
    if certificate is None:
        lines = {"system": words(subject)}
        remark = f"nothing is claimed of it; run: ssmctl certify {args.file}"
    else:
        claim, provenance = certificate.claim, certificate.provenance
        said = {"claim": str(claim), "in words": claim.sentence(), "theorem": claim.theorem}
        lines = said | {"about": words(subject), "witness": repr(certificate.witness)}
        lines |= {"assuming": "; ".join(certificate.assumptions), "sha256": certificate.sha256}
        lines |= {f"file says: {key}": value for key, value in provenance.items()}
        remark = f"nothing is proved by `show`; run: ssmctl verify {args.file}"
        result |= {"what": "certificate", "claim": str(claim), "statement": claim.sentence()}
        result |= {"theorem": claim.theorem, "assumptions": certificate.assumptions}
        result |= {"sha256": certificate.sha256, "provenance": provenance}
    if args.json:
        say(json.dumps(plain(result)), sys.stdout)
    if not args.quiet:
        width = max(map(len, lines))
        for key, value in lines.items():
            say(f"{key:{width}}  {value}", prose_stream(args))
        say(remark, prose_stream(args))
    return CODES["holds"]
