"""The words of the command line: one parser for each verb, with an example in its help."""

import argparse
import math
import os
import sys
from typing import NoReturn

from ssmctl import __version__
from ssmctl.cli.streams import USAGE, say

VERBS = {  # verb: (what it does, an example)
    "certify": (
        "prove a claim about a system, or the contrary, and write the certificate",
        'ssmctl certify dc-motor "l2gain <= 0.1" -o motor.json',
    ),
    "verify": (
        "prove certificates again, without trusting who made them",
        'ssmctl verify motor.json --subject dc-motor --require "l2gain <= 0.1"',
    ),
    "norm": ("enclose a norm between two proved ends", "ssmctl norm aircraft --kind hinf"),
    "show": ("print what a certificate or a system file says; it proves nothing", "ssmctl show motor.json"),
}
SYSTEM_HELP = (
    "a .json, .npz or .mat file, - for stdin, or the name of a plant that ships: "
    "aircraft, dc-motor, flexible-structure"
)
CLAIM_HELP = (
    'such as "l2gain <= 1.5" (in quotes), schur, hurwitz, passive, "h2norm <= 1"; '
    "without one, the tightest l2 gain that can be proved"
)


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and exit with 2."""
        say(f"{self.prog}: {message} (see {self.prog} --help)", sys.stderr)
        self.exit(USAGE)


def overview() -> Parser:
    """Return the parser of a command line that does not start with a verb."""
    width = max(map(len, VERBS))
    verbs = [
        f"  {verb:{width}}  {what}\n  {'':{width}}    {example}" for verb, (what, example) in VERBS.items()
    ]
    codes = "exit codes: 0 holds, 1 refuted, 2 usage or bad input, 3 unknown, 4 solver or I/O"
    parser = Parser(
        "ssmctl",
        usage="ssmctl VERB …   (ssmctl VERB --help for its options)",
        description="Prove what is true of a linear system, and let anyone check it again.",
        epilog="\n".join(["verbs:", *verbs, "", codes]),
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
    if verb == "certify":
        add("system", metavar="SYSTEM", help=SYSTEM_HELP)
        add("claim", metavar="CLAIM", nargs="*", help=CLAIM_HELP)
        add("-o", "--output", metavar="CERT", help="write the certificate there (- for stdout)")
        add("--witness", metavar="FILE", help="check this .npz (P, …) or certificate's witness, search none")
    elif verb == "verify":
        add("certificates", metavar="CERT", nargs="+", help="certificate files; - for stdin")
        add("--subject", metavar="SYSTEM", help="refuse certificates about any other system than this one")
        add("--require", metavar="CLAIM", help="refuse certificates that do not imply this claim")
        add("--jobs", metavar="N", type=jobs, default=1, help="files verified at a time; 0: one on each core")
        add("--junit", metavar="OUT.xml", help="write a JUnit report there")
    elif verb == "norm":
        kinds = "H-infinity (default), H2, peak-to-peak, spectral radius (continuous time: abscissa)"
        add("system", metavar="SYSTEM", help=SYSTEM_HELP)
        add("--kind", choices=("hinf", "h2", "peak", "radius"), default="hinf", help=kinds)
        add("--rtol", metavar="R", type=width, help="relative width; exit 3 if it is not reached")
    else:
        add("file", metavar="FILE", help="a certificate or a system; - for stdin")
    if verb != "show":
        default = "exact" if verb == "verify" else "float64"
        help = "least trust level that will do (default: %(default)s)"
        add("--level", choices=("float64", "exact"), default=default, help=help)
    add("--json", action="store_true", help="one JSON object a file on stdout, the prose on stderr")
    add("--quiet", action="store_true", help="no prose and no progress; errors are still said")
    return parser


def jobs(text: str) -> int:
    """Read a number of jobs."""
    if (number := int(text)) < 0:
        raise ValueError
    return number or os.cpu_count() or 1


def width(text: str) -> float:
    """Read a relative width."""
    if not 0 < (rtol := float(text)) < math.inf:
        raise ValueError
    return rtol
