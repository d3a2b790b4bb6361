r"""What may be claimed of $x_{k+1} = Ax_k + Bu_k$ or $\dot x = Ax + Bu$, $y = Cx + Du$.

Each claim has a sentence, a text form, a formula in LaTeX, and knows what it implies and refutes.

A claim is a statement in exact real arithmetic, with every number in it a float64. Here it is only
worded; the rule that proves it is in `exact`, and its derivation in `docs/theorems/`. Trusted: `facts`,
on which `implies` and `refutes` rest, and `wording`, the text form.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from ssmctl.certificates import facts, wording
from ssmctl.certificates.exact import BIASED, CLAIMS, worded
from ssmctl.errors import InputError


@dataclass(frozen=True)
class Claim:
    """Base of all claims: immutable, hashable, comparable; `str` writes one as text, `Claim.parse` reads it.

    >>> Claim.parse("l2gain <= 1.5")
    L2Gain(gamma=1.5)
    >>> L2Gain(1.5).implies(L2Gain(2.0)), L2Gain(1.5).implies(Schur())
    (True, True)
    >>> L2GainAtLeast(2.0).refutes(L2Gain(1.5))
    True
    """

    math: ClassVar[str] = ""

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in "QSR":
                object.__setattr__(self, field.name, _matrix(field.name, value))
            elif value is not None or not isinstance(self, InputToStateStable):
                object.__setattr__(self, field.name, _number(self, field.name, value))

    @property
    def name(self) -> str:
        """Class name; the `type` of the claim in a file."""
        return type(self).__name__

    @property
    def theorem(self) -> str:
        """Stem of the theorem page, `docs/theorems/<stem>.md`, and of the test file."""
        return CLAIMS[self.name][1]

    def to_json(self) -> dict[str, Any]:
        """Return the hashed part of a certificate file that states the claim."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        missing = [key for key, value in values.items() if value is None]
        if missing:
            raise InputError(
                f"{self!r} leaves {', '.join(missing)} open; give numbers, or let `certify` find them"
            )
        return {"type": self.name, **{key: _hex(value) for key, value in values.items()}}

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Claim":
        """Read what `to_json` wrote; meant for data that `exact.check` accepts."""
        kind = _CLASSES[data["type"]]
        return kind(**{key: _floats(value) for key, value in data.items() if key != "type"})

    @staticmethod
    def parse(text: str, *, continuous: bool = False) -> "Claim":
        """Read the text form; a decimal that no double equals is rounded so that the claim gets stronger.

        **Arguments:** `text`, such as `"schur"`, `"spectral_radius < 0.99"`, `"l2gain <= 1.5"`,
        `"not passive"`, `"iss gain=3 decay=0.9 overshoot=2"`, `"dissipative Q=[[-1]] S=[[0]] R=[[4]]"`
        (whose entries are read as the nearest doubles); numbers may be hexadecimal (`0x1.8p+0`).
        `continuous`: which way a larger `decay` is stronger.
        **Raises:** `InputError` with the list of forms.

        >>> Claim.parse("l2gain <= 0.1").gamma, Claim.parse("l2gain >= 0.1").gamma
        (0.09999999999999999, 0.1)
        """
        name, values = wording.parse(text, continuous)
        return _CLASSES[name](**values) if isinstance(values, dict) else _CLASSES[name](*values)

    def sentence(self) -> str:
        """Return the statement in words."""
        return worded(self.name, {field.name: getattr(self, field.name) for field in fields(self)})

    def latex(self) -> str:
        """Return the statement as a formula, without the dollar signs."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        text = self.math
        for key, value in values.items():
            text = text.replace(f"<{key}>", r"\cdot" if value is None else _latex(value))
            if isinstance(value, float):
                text = text.replace(f"<minus_{key}>", _latex(-value + 0.0))
        return text

    @property
    def negation(self) -> "Claim | None":
        """A claim whose certificate refutes this one, or None where none exists.

        For a gain, the next double above it: a gain at least that large. (An unstable system refutes a
        gain as well.)
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(self, NotSchur) and self.rate == 0:
            return None
        if self.name in _NEGATIONS:
            return _CLASSES[_NEGATIONS[self.name]](**values)
        if self.name in _AT_LEAST:
            (value,) = values.values()
            above = math.nextafter(value, math.inf)
            return _CLASSES[_AT_LEAST[self.name]](above) if above < math.inf else None
        for low, high in _AT_LEAST.items():
            if self.name == high:
                (value,) = values.values()
                below = math.nextafter(value, 0.0)
                return _CLASSES[low](below) if below < value else None
        return None

    def implies(self, other: "Claim", *, continuous: bool = False) -> bool:
        """Whether this claim makes `other` true of the same system, where `other` applies to it: see `facts`.

        **Arguments:** `other`; `continuous`: the time domain of the system.
        **Guarantee:** True only if it follows; False may also mean that the table does not know.
        """
        if not (_speaks(self, continuous) and _speaks(other, continuous)):
            return False
        return self == other or facts.implies(self._facts(continuous), other._facts(continuous))

    def refutes(self, other: "Claim", *, continuous: bool = False) -> bool:
        """Whether this claim makes `other` false of the same system: a finite table, as `implies`."""
        if not (_speaks(self, continuous) and _speaks(other, continuous)):
            return False
        return facts.refutes(self._facts(continuous), other._facts(continuous))

    def _facts(self, continuous: bool) -> dict[Any, Any]:
        return facts.facts(self.name, _values(self), continuous)

    def applies_to(self, subject: Any) -> str | None:
        """Return None if the claim makes sense for this subject, else why it does not."""
        oscillator = hasattr(subject, "scheme")
        if CLAIMS[self.name][1] in _OF_OSCILLATORS and not oscillator:
            return f"{self.name} is a claim about oscillators; this is a {type(subject).__name__}"
        if not _speaks(self, subject.continuous):
            domain, instead = ("continuous", "Hurwitz") if subject.continuous else ("discrete", "Schur")
            return f"{self.name} does not speak of {domain} time; use {instead} or another claim"
        if oscillator and subject.biased and self.name not in BIASED:
            return (
                "a constant bias moves the output without any input, so nothing holds from zero; claim "
                "`lipschitz <= …`, the gain of differences, or take the bias out"
            )
        if isinstance(self, PeakGain | PeakGainAtLeast) and subject.complex:
            return "the peak gain is defined for real signals; split real and imaginary parts first"
        if isinstance(self, InputToStateStable) and "size" not in self._facts(subject.continuous):
            return f"`decay` must be {'positive' if subject.continuous else 'below 1'}, got {self.decay}"
        if isinstance(self, Passive | NotPassive) and subject.m != subject.p:
            return f"passivity needs as many outputs as inputs, got p = {subject.p} and m = {subject.m}"
        if isinstance(self, Dissipative | NotDissipative):
            shapes = tuple(_shape(X) for X in (self.Q, self.S, self.R))
            p, m = subject.p, subject.m
            if 0 not in (p, m) and shapes != ((p, p), (p, m), (m, m)):
                given = ", ".join(map(str, shapes))
                return f"Q, S, R must be {(p, p)}, {(p, m)}, {(m, m)} for this system, got {given}"
        return None

    def __str__(self) -> str:
        return wording.write(self.name, {field.name: getattr(self, field.name) for field in fields(self)})

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


@dataclass(frozen=True)
class Schur(Claim):
    r"""Discrete time: every eigenvalue has modulus below `rate`, $\rho(A) < r$. Theorem `schur`."""

    rate: float = 1.0
    math: ClassVar[str] = r"\rho(A) < <rate>"


@dataclass(frozen=True)
class NotSchur(Claim):
    r"""Discrete time: $\rho(A) \ge r$, the negation of `Schur`. Theorem `unstable`."""

    rate: float = 1.0
    math: ClassVar[str] = r"\rho(A) \ge <rate>"


@dataclass(frozen=True)
class Hurwitz(Claim):
    r"""Continuous time: every eigenvalue has real part below `-rate` [1/s]. Theorem `schur`."""

    rate: float = 0.0
    math: ClassVar[str] = r"\max \mathrm{Re}\,\lambda(A) < <minus_rate>"


@dataclass(frozen=True)
class NotHurwitz(Claim):
    r"""Continuous time: some eigenvalue has real part at least `-rate` [1/s]. Theorem `unstable`."""

    rate: float = 0.0
    math: ClassVar[str] = r"\max \mathrm{Re}\,\lambda(A) \ge <minus_rate>"


@dataclass(frozen=True)
class Unstable(Claim):
    r"""Some eigenvalue outside the closed disc (continuous: in the right half plane). Theorem `unstable`."""

    math: ClassVar[str] = r"\rho(A) > 1 \text{ (continuous: } \max \mathrm{Re}\,\lambda(A) > 0)"


@dataclass(frozen=True)
class Bounded(Claim):
    r"""Every free trajectory is bounded. Theorem `bounded`.

    Eigenvalues on the boundary are allowed, Jordan blocks there are not.
    """

    math: ClassVar[str] = r"\sup_k \lVert A^k \rVert < \infty"


@dataclass(frozen=True)
class Unbounded(Claim):
    r"""Some free trajectory is unbounded: growth, or a Jordan block on the boundary. Theorem `unbounded`."""

    math: ClassVar[str] = r"\sup_k \lVert A^k \rVert = \infty"


@dataclass(frozen=True)
class L2Gain(Claim):
    r"""Stable, and $\lVert y\rVert_2 \le \gamma \lVert u\rVert_2$ from $x_0 = 0$. Theorem `bounded_real`.

    The least such $\gamma$ is the H-infinity norm.
    """

    gamma: float
    math: ClassVar[str] = r"\lVert G \rVert_\infty \le <gamma>"


@dataclass(frozen=True)
class Lipschitz(Claim):
    r"""Stable, and $\lVert y - y'\rVert_2 \le \gamma \lVert u - u'\rVert_2$ from equal states.

    The incremental l2 gain. For a linear system it is the l2 gain, and a constant bias leaves it alone.
    Theorem `bounded_real`.
    """

    gamma: float
    math: ClassVar[str] = r"\lVert G \rVert_{\mathrm{Lip}} \le <gamma>"


@dataclass(frozen=True)
class L2GainAtLeast(Claim):
    r"""The l2 gain from $x_0 = 0$ is at least $\gamma$ (stable or not). Theorem `gain_lower`."""

    gamma: float
    math: ClassVar[str] = r"\lVert G \rVert_\infty \ge <gamma>"


@dataclass(frozen=True)
class Dissipative(Claim):
    r"""$\sum y^\top Q y + 2 y^\top S u + u^\top R u \ge 0$ from $x_0 = 0$. Theorem `dissipative`.

    `Q` (p, p) and `R` (m, m) symmetric, `S` (p, m).
    """

    Q: Any
    S: Any
    R: Any
    math: ClassVar[str] = r"\sum y^\top Q y + 2 y^\top S u + u^\top R u \ge 0,\ Q = <Q>,\ S = <S>,\ R = <R>"


@dataclass(frozen=True)
class NotDissipative(Claim):
    r"""Some input from $x_0 = 0$ makes the supply of `Dissipative` sum to below 0. Theorem `gain_lower`."""

    Q: Any
    S: Any
    R: Any
    math: ClassVar[str] = (
        r"\exists u: \sum y^\top Q y + 2 y^\top S u + u^\top R u < 0,\ Q = <Q>,\ S = <S>,\ R = <R>"
    )


@dataclass(frozen=True)
class Passive(Claim):
    r"""$\sum y^\top u \ge 0$ from $x_0 = 0$; $m = p$. Theorem `dissipative`."""

    math: ClassVar[str] = r"\sum y^\top u \ge 0"


@dataclass(frozen=True)
class NotPassive(Claim):
    r"""Some input from $x_0 = 0$ makes $\sum y^\top u < 0$. Theorem `gain_lower`."""

    math: ClassVar[str] = r"\exists u: \sum y^\top u < 0"


@dataclass(frozen=True)
class InputToStateStable(Claim):
    r"""$|x_k| \le c\,a^k |x_0| + g \sup|u|$ in Euclidean norms. Theorem `input_to_state`.

    `gain` g, `decay` a (continuous: $e^{-at}$, in 1/s), `overshoot` c; left out, `certify` finds some.
    """

    gain: float | None = None
    decay: float | None = None
    overshoot: float | None = None
    math: ClassVar[str] = r"|x_k| \le <overshoot> \, a^k |x_0| + <gain> \sup|u|,\ a = <decay>"


@dataclass(frozen=True)
class H2Norm(Claim):
    r"""Stable, and the H2 norm is at most `bound`. Theorem `h2`."""

    bound: float
    math: ClassVar[str] = r"\lVert G \rVert_2 \le <bound>"


@dataclass(frozen=True)
class H2NormAtLeast(Claim):
    r"""Stable, and the H2 norm is at least `bound`. Theorem `h2`."""

    bound: float
    math: ClassVar[str] = r"\lVert G \rVert_2 \ge <bound>"


@dataclass(frozen=True)
class PeakGain(Claim):
    r"""Stable, and $\sup|y_i| \le g \sup|u_j|$ from $x_0 = 0$: the peak-to-peak gain. Theorem `peak`."""

    bound: float
    math: ClassVar[str] = r"\lVert G \rVert_{\mathrm{peak}} \le <bound>"


@dataclass(frozen=True)
class PeakGainAtLeast(Claim):
    r"""The peak-to-peak gain is at least `bound`. Theorem `peak`."""

    bound: float
    math: ClassVar[str] = r"\lVert G \rVert_{\mathrm{peak}} \ge <bound>"


@dataclass(frozen=True)
class EnergyRatio(Claim):
    r"""Oscillators: a free step takes $E = \sum \dot y_i^2 + A_i y_i^2$ to at most `bound` $E$.

    Theorem `oscillator_energy`.
    """

    bound: float = 1.0
    math: ClassVar[str] = r"\sup_x E(Mx)/E(x) \le <bound>"


@dataclass(frozen=True)
class EnergyRatioAbove(Claim):
    r"""Oscillators: the negation of `EnergyRatio`, from some state. Theorem `oscillator_energy`."""

    bound: float = 1.0
    math: ClassVar[str] = r"\sup_x E(Mx)/E(x) > <bound>"


@dataclass(frozen=True)
class StableForSteps(Claim):
    r"""Oscillators: free motion decays under every sequence of steps in a range. Theorem `irregular_steps`.

    `shortest`, `longest` [s]; the stored step does not matter.
    """

    shortest: float
    longest: float
    math: ClassVar[str] = r"M(h_k) \cdots M(h_1) \to 0 \quad \forall\, h_i \in [<shortest>, <longest>]"


@dataclass(frozen=True)
class BoundedForSteps(Claim):
    r"""Oscillators: free motion is bounded under every sequence of steps in a range.

    Theorem `irregular_steps`.
    """

    shortest: float
    longest: float
    math: ClassVar[str] = (
        r"\sup_k \lVert M(h_k) \cdots M(h_1) \rVert < \infty \quad \forall\, h_i \in [<shortest>, <longest>]"
    )


@dataclass(frozen=True)
class UnstableForSteps(Claim):
    r"""Oscillators: free motion diverges under some sequence of steps in a range, each of them stable or not.

    Theorem `irregular_steps`.
    """

    shortest: float
    longest: float
    math: ClassVar[str] = r"\exists\, h_i \in [<shortest>, <longest>]: \rho(M(h_k) \cdots M(h_1)) > 1"


_OF_OSCILLATORS = ("oscillator_energy", "irregular_steps")
_CLASSES: dict[str, Callable[..., Claim]] = {cls.__name__: cls for cls in Claim.__subclasses__()}
_NEGATIONS = {
    "Schur": "NotSchur",
    "Hurwitz": "NotHurwitz",
    "Bounded": "Unbounded",
    "Dissipative": "NotDissipative",
    "Passive": "NotPassive",
    "EnergyRatio": "EnergyRatioAbove",
    "StableForSteps": "UnstableForSteps",
}
_NEGATIONS |= {value: key for key, value in _NEGATIONS.items()}
_NEGATIONS["BoundedForSteps"] = "UnstableForSteps"
_AT_LEAST = {"L2Gain": "L2GainAtLeast", "H2Norm": "H2NormAtLeast", "PeakGain": "PeakGainAtLeast"}


def _values(claim: Claim) -> tuple:
    return tuple(getattr(claim, field.name) for field in fields(claim))


def _speaks(claim: Claim, continuous: bool) -> bool:
    return continuous in CLAIMS[claim.name][2]


def _number(claim: Claim, name: str, value: Any) -> float:
    try:
        x = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{type(claim).__name__}: `{name}` must be a number, got {value!r}") from None
    if isinstance(value, bool) or not math.isfinite(x) or x != value:
        raise InputError(
            f"{type(claim).__name__}: `{name}` must be finite and exact in float64, got {value!r}"
        )
    if x < 0 and not isinstance(claim, Hurwitz | NotHurwitz):
        raise InputError(f"{type(claim).__name__}: `{name}` must not be negative, got {value!r}")
    if name == "shortest" and x == 0:
        raise InputError(
            f"{type(claim).__name__}: `shortest` must be positive: no time passes in a step of 0"
        )
    if name == "longest" and x < claim.shortest:  # type: ignore[attr-defined]
        raise InputError(f"{type(claim).__name__}: `longest` must be at least `shortest`, got {value!r}")
    if isinstance(claim, Schur) and x == 0:
        raise InputError("Schur: `rate` must be positive: no eigenvalue has a modulus below 0")
    return x + 0.0


def _matrix(name: str, value: Any) -> tuple:
    X = np.asarray(value)
    X = X.reshape(0, 0) if X.shape == (0,) else np.atleast_2d(X)
    whole = X.dtype.kind in "iu" and np.abs(X.astype(object)).max(initial=0) <= 2**53
    exact = whole or (X.dtype.kind == "f" and np.can_cast(X.dtype, float))
    if X.ndim != 2 or not exact or not np.isfinite(X).all():
        raise InputError(f"`{name}` must be a finite real matrix, exact in float64, got {value!r:.60}")
    if name in "QR" and (X.shape[0] != X.shape[1] or not np.array_equal(X, X.T)):
        raise InputError(f"`{name}` must be symmetric, got shape {X.shape}")
    return tuple(tuple(float(x) + 0.0 for x in row) for row in X)


def _shape(X: tuple) -> tuple[int, int]:
    return len(X), len(X[0]) if X else 0


def _hex(value: Any) -> Any:
    return [_hex(x) for x in value] if isinstance(value, tuple) else value.hex()


def _floats(value: Any) -> Any:
    return [_floats(x) for x in value] if isinstance(value, list) else float.fromhex(value)


def _latex(value: Any) -> str:
    if isinstance(value, tuple):
        rows = r"\\".join("&".join(_latex(x) for x in row) for row in value)
        return r"\begin{pmatrix}" + rows + r"\end{pmatrix}"
    text = repr(value).removesuffix(".0")
    return re.sub(r"e([+-]?)0*(\d+)", lambda m: rf"\cdot 10^{{{m[1].replace('+', '')}{m[2]}}}", text)
