"""What the command line says of a file: one record, printed as JSON, as prose or as a JUnit test case."""

import json
import math
import sys
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Any

from ssmctl.cli.streams import printable, say

CODES = {"holds": 0, "refuted": 1, "unknown": 3}


def record(name: str, verdict: Any = None, subject: Any = None, certificate: Any = None) -> dict[str, Any]:
    """Return what is said of one file, as `--json` prints it; `proved` is the certificate's own claim."""
    proof = None if verdict is None else verdict.certificate
    return {
        "file": name,
        "status": None if verdict is None else verdict.status,
        "exit": None if verdict is None else CODES[verdict.status],
        "claim": None if verdict is None or verdict.claim is None else str(verdict.claim),
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


def report(args: Any, result: dict[str, Any], out: Any, *, alone: bool) -> None:
    """Print one result: as JSON and as prose, or as an error; in full if it is the only one."""
    if args.json:
        say(json.dumps(plain({key: value for key, value in result.items() if key != "seconds"})), sys.stdout)
    if result["status"] == "error":
        say(f"ssmctl: {result['reason']}", sys.stderr)
    elif not args.quiet:
        proved = result["proved"] is not None
        line = f"{result['file']}: {result['status']}{' at level ' if proved else ''}"
        line += (result["level"] if proved else "") + (f": {result['claim']}" if result["claim"] else "")
        details = [result["statement"], result["reason"] if result["reason"] != "proved" else ""]
        if result["status"] == "holds" and result["margin"] is not None:
            details += [
                f"margin {result['margin']:.2g}: about how far the claim could be tightened, relative"
            ]
        details += [f"assuming {'; '.join(result['assumptions'])}"] if proved else []
        if not alone:
            line, details = line if result["status"] == "holds" else f"{line}: {result['reason']}", []
        for text in (line, *(f"    {detail}" for detail in details if detail)):
            say(text, out)


def enclosed(result: dict[str, Any], missed: float | None) -> Iterator[str]:
    """Give the lines that `norm` prints; `missed`: the width asked for, if it was not reached."""
    ends = f"[{decimal(result['lower'], 'FLOOR')}, {decimal(result['upper'], 'CEILING')}]"
    level = f", level {result['level']}" if result["level"] else ""
    yield f"{result['file']}: {result['quantity']} in {ends}{level}"
    if result["frequency"] is not None:
        yield f"    largest near {result['frequency']:.8g} {result['unit']}"
    if 0 < result["width"] < math.inf or missed is not None:
        yield f"    relative width {result['width']:.1e}" + (
            f", not {missed:g}" if missed is not None else ""
        )
    for claim in result["proved"]:
        yield f"    proved: {claim}"
    if result["note"]:
        yield f"    {result['note']}"


def prose_stream(args: Any) -> Any:
    """Return where the prose goes."""
    return sys.stderr if args.json else sys.stdout


def sizes(subject: Any) -> dict[str, Any]:
    """Return the type, sizes and time base of a system."""
    kind = type(subject).__name__.removesuffix("Subject")
    return {"type": kind, "n": subject.n, "m": subject.m, "p": subject.p, "dt": subject.dt}


def words(subject: Any) -> str:
    """Return the same in words."""
    kind = f"{'complex ' if subject.complex else ''}{sizes(subject)['type']}"
    time = f"discrete time, period {subject.dt!r} s"
    if subject.dt is True:
        time = "discrete time, no period"
    elif subject.continuous:
        time = "continuous time (dt = 0)"
    return f"{kind}, n = {subject.n} states, m = {subject.m} inputs, p = {subject.p} outputs, {time}"


def plain(value: Any) -> Any:
    """Return what JSON can hold: infinite numbers become "inf" and "-inf", NumPy's numbers Python's."""
    if isinstance(value, dict):
        return {key: plain(x) for key, x in value.items()}
    if isinstance(value, list):
        return [plain(x) for x in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    return value


def decimal(x: float, direction: str) -> str:
    """Return 17 digits of a double, rounded down (FLOOR) or up (CEILING), so that a printed end still bounds.

    >>> decimal(0.1, "FLOOR"), decimal(0.1, "CEILING"), decimal(2.0, "CEILING")
    ('0.1', '0.10000000000000001', '2')
    """
    if not math.isfinite(x):
        return str(x)
    rounded = Context(prec=17, rounding=f"ROUND_{direction}").create_decimal(Decimal(x)).normalize()
    return f"{rounded:f}" if -7 < rounded.adjusted() < 17 else str(rounded).lower()


def relative_width(lower: float, upper: float) -> float:
    """Return (upper - lower) over the larger modulus, which an abscissa below 0 has as well."""
    if lower == upper:
        return 0.0
    return (upper - lower) / max(abs(lower), abs(upper)) if math.isfinite(upper - lower) else math.inf


def junit(results: list[dict[str, Any]]) -> str:
    """Return a JUnit report: a test case a file, a failure if not proved, an error if it cannot be read."""
    from xml.etree import ElementTree as tree

    errors = sum(r["status"] == "error" for r in results)
    failures = sum(r["status"] != "holds" for r in results) - errors
    total = {"tests": str(len(results)), "failures": str(failures), "errors": str(errors)}
    total["time"] = f"{sum(r['seconds'] for r in results):.3f}"
    root = tree.Element("testsuites", total)
    suite = tree.SubElement(root, "testsuite", {"name": "ssmctl verify"} | total)
    for r in results:
        named = {"classname": "ssmctl.verify", "name": printable(r["file"]), "time": f"{r['seconds']:.3f}"}
        case = tree.SubElement(suite, "testcase", named)
        if r["status"] != "holds":
            why = {"type": r["status"], "message": printable(r["reason"])}
            tree.SubElement(case, "error" if r["status"] == "error" else "failure", why)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tree.tostring(root, encoding="unicode") + "\n"
