"""What a checker has to accept and to refuse: the corpus, claims at the boundary, matrices, error bounds."""

import importlib
import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import L2Gain
from ssmctl.certificates.subject import OscillatorSubject
from ssmctl.certificates.witness import Witness
from ssmctl.errors import SsmctlError
from tests.certificates.arithmetic import algebra, answer, balls, bounds
from tests.certificates.attacks import attacks, edited
from tests.certificates.banks import everything
from tests.certificates.enclosures import enclosures, exponentials
from tests.certificates.rounding import criterion, definite, reading
from tests.certificates.storages import false_gains, stored
from tests.certificates.test_soundness import KINDS, near_singular, scalar_cases, system
from tests.certificates.truth import fractions, provable_gain, strict, symmetric_functions, tempting

CORPUS = Path(__file__).parent / "corpus"
OSCILLATORS = re.compile(  # the functions that only they use
    "Enclosed|upward|im$|imex|euler|tustin|verlet|held|Bank|sides|unit_sides|jordan|radius_below|fraction|oscillators_|"
    "free_motion|response_squares|on_circle|least_on|room|energy_|step_range|common|prove_by_bank|System.enclose"
)
checking: Any = importlib.import_module("ssmctl.certificates.check")  # not the function of that name


class Cases:
    """All that a mutant is tried on; made once, in a few seconds."""

    def __init__(self):
        rng = np.random.default_rng(5)
        self.files = []  # (name, text, what level exact has to answer)
        for path in sorted(CORPUS.glob("*/*.json")):
            right = {"malf": "malformed", "unpr": "no"}.get(path.name[:4], "yes")
            if b"\xff" not in path.read_bytes():
                self.files.append((path.stem, path.read_text(encoding="utf-8"), right))
        good = [(name, text) for name, text, right in self.files if right == "yes"]
        self.small = [file for file in self.files if "oscillat" in file[0] and len(file[1]) < 3000]
        self.files.sort(key=lambda file: (file[2] != "yes", len(file[1])))
        self.files += edited(good)
        self.claims = [*attacks(rng), *claims(rng)]  # (certificate, whether true)
        self.texts = [(exact.canonical(c.to_json()), true) for c, true in self.claims]
        self.proved = [answer(exact.check, exact.load(text)) for text, _ in self.texts]
        self.banks = []  # (text, answer) about oscillators
        for claim, subject, witness, right in itertools.chain(
            everything(rng, full=False), stored(rng, ("im", "zoh", "imex2", "verlet")), false_gains(rng, 3)
        ):
            data = Certificate(claim, subject, Witness(**witness)).to_json()
            self.banks.append((exact.canonical(data), right))
        rng.shuffle(self.banks)
        self.matrices = list(matrices(rng))
        self.floats = []  # (name, certificate, what float64 has to answer)
        for name, text, right in self.files:
            try:
                certificate = Certificate.from_text(text)
            except SsmctlError:
                continue
            if isinstance(certificate.subject, OscillatorSubject):
                continue  # they are settled in integers
            if (
                right != "malformed"
                and not name.startswith(("boundary", "range"))
                and checked(certificate) == right
            ):
                self.floats.append((name, certificate, right))
        for c, true in self.claims:
            if "steps" in c.witness and c.witness["steps"] > 4:
                continue
            self.floats.append((str(c.claim), c, "yes" if true and checked(c) == "yes" else "no"))
        self.floats = [x for x in self.floats if x[1].witness.parts and "q" not in x[1].witness]
        self.balls = list(balls(rng))

    def killer(self, which, module, where=""):
        """Give the name of the first case that a checker gets wrong, or None; `where` it was changed."""
        with np.errstate(all="ignore"):
            if which == "rounded":
                return next(self.rounded(module), None)
            first, second = self.exact(module), self.oscillators(module)
            if OSCILLATORS.match(where):
                first, second = second, first
            return next(itertools.chain(first, second), None)

    def oscillators(self, module):
        found = lambda text: answer(lambda: module.check(module.load(text)), of=module)
        yield from (text for text, right in self.banks[:150] if found(text) != right)
        yield from (name for name, text, right in self.small if found(text) != right)
        yield from exponentials(module)
        yield from enclosures(module)
        yield from (text for text, right in self.banks[150:] if found(text) != right)

    def exact(self, module):
        found = lambda text: answer(lambda: module.check(module.load(text)), of=module)
        yield from (name for name, text, right in self.files if found(text) != right)
        for (text, true), before in zip(self.texts, self.proved, strict=True):
            now = found(text)
            if (now == "yes" and not true) or (before == "yes" and now != "yes"):
                yield text
        for M, positive, nonnegative in self.matrices:
            E = module.read_matrix([[x.hex() for x in row] for row in (M + 0.0).tolist()], *M.shape, "M")
            if E.positive() != positive or E.nonnegative() != nonnegative:
                yield "matrix"
        yield from algebra(module)

    def rounded(self, module):
        yield from bounds(module, self.balls)
        yield from definite(module, self.matrices)
        yield from criterion(module)
        yield from reading(module)
        before, checking.ArrayReader = checking.ArrayReader, module.ArrayReader
        try:
            for name, certificate, right in self.floats:
                if checked(certificate) != right:
                    yield name
        finally:
            checking.ArrayReader = before


def checked(certificate):
    found = answer(checking.check_rounded, certificate.claim, certificate.subject, certificate.witness)
    return "no" if found == "malformed" else found


def claims(rng):
    """Yield (certificate, whether its claim is true), most of them at the boundary."""
    for continuous in (False, True, False, True):
        for name, true, claim, s, witness in scalar_cases(rng, continuous):
            if not (continuous and name.startswith("Peak")) or rng.random() < 0.3:
                yield Certificate(claim, s, Witness(**witness)), true
    for kind in KINDS:
        s = system(rng, kind)
        g = provable_gain(s)
        for P in itertools.islice(tempting(rng, s, g), 5):
            yield Certificate(L2Gain(g * (1 - rng.choice([0, 1e-15]))), s, Witness(P=P)), False
        for delta in (1e-12, 1e-3):
            gamma, P = strict(s, g, delta)
            yield Certificate(L2Gain(gamma), s, Witness(P=P)), True


def matrices(rng):
    """Yield (matrix, whether it is positive definite, whether semidefinite)."""
    for kind in ["spectrum", "singular", "integer", "nudged"] * 30:
        M = near_singular(rng, kind, int(rng.integers(1, 7)))
        e = symmetric_functions(fractions(M))
        yield M, all(x > 0 for x in e), all(x >= 0 for x in e)
    for M in (
        [[0, 1], [1, 0]],
        [[0, 0], [0, 1]],
        [[0, 1], [1, 1]],
        [[1, 0, 1], [0, 0, 0], [1, 0, 1]],
        [[0, 0], [0, -1]],
    ):
        M = np.array(M, float)
        e = symmetric_functions(fractions(M))
        yield M, all(x > 0 for x in e), all(x >= 0 for x in e)
