"""Claims: the text form, decimals rounded to the stronger side, words, and what is no claim."""

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import (
    Bounded,
    BoundedForSteps,
    Claim,
    Dissipative,
    EnergyRatio,
    EnergyRatioAbove,
    H2Norm,
    H2NormAtLeast,
    Hurwitz,
    InputToStateStable,
    L2Gain,
    L2GainAtLeast,
    Lipschitz,
    NotDissipative,
    NotHurwitz,
    NotPassive,
    NotSchur,
    Passive,
    PeakGain,
    PeakGainAtLeast,
    Schur,
    StableForSteps,
    Unbounded,
    Unstable,
    UnstableForSteps,
)
from ssmctl.certificates.subject import StateSpaceSubject
from ssmctl.errors import InputError
from tests.analysis.oscillating import oscillator

CORPUS = Path(__file__).parent / "corpus" / "accept"
nonnegative = st.floats(0, allow_infinity=False, allow_subnormal=True)
positive = st.floats(0, exclude_min=True, allow_infinity=False, allow_subnormal=True)
doubles = st.floats(allow_nan=False, allow_infinity=False)
open_or = lambda x: st.none() | x
supply = st.tuples(doubles, doubles, doubles).map(lambda q: ([[q[0]]], [[q[1]]], [[q[2]]]))
claims = st.one_of(
    positive.map(Schur),
    nonnegative.map(NotSchur),
    doubles.map(Hurwitz),
    doubles.map(NotHurwitz),
    st.sampled_from([Unstable(), Bounded(), Unbounded(), Passive(), NotPassive()]),
    *(
        nonnegative.map(kind)
        for kind in (L2Gain, L2GainAtLeast, H2Norm, H2NormAtLeast, PeakGain, PeakGainAtLeast)
    ),
    *(nonnegative.map(kind) for kind in (Lipschitz, EnergyRatio, EnergyRatioAbove)),
    *(
        st.lists(positive, min_size=2, max_size=2).map(lambda ends, kind=kind: kind(*sorted(ends)))
        for kind in (StableForSteps, BoundedForSteps, UnstableForSteps)
    ),
    st.builds(InputToStateStable, open_or(nonnegative), open_or(nonnegative), open_or(nonnegative)),
    supply.map(lambda q: Dissipative(*q)),
    supply.map(lambda q: NotDissipative(*q)),
)


# ---------------------------------------------------------------------- text
@given(claims, st.booleans())
@example(L2Gain(0.1), False)
@example(Hurwitz(-0.1), True)
@example(Hurwitz(0.1), True)
@example(InputToStateStable(0.1, 0.1, 0.1), False)
@example(InputToStateStable(0.1, 0.1, 0.1), True)
@example(L2Gain(5e-324), False)
@example(NotHurwitz(-1.7976931348623157e308), True)
@example(StableForSteps(0.1, 0.1), False)
@example(UnstableForSteps(0.1, 0.1), False)
@example(BoundedForSteps(5e-324, 1.7976931348623157e308), False)
@example(UnstableForSteps(5e-324, 1.7976931348623157e308), False)
@example(EnergyRatioAbove(0.1), False)
def test_text_round_trip(claim, continuous):
    assert Claim.parse(str(claim), continuous=continuous) == claim
    assert Claim.parse(f"  {str(claim).replace(' ', '  ')} ", continuous=continuous) == claim


@given(claims)
def test_json_round_trip(claim):
    if None in vars(claim).values():
        with pytest.raises(InputError, match="open"):
            claim.to_json()
    else:
        assert Claim.from_json(claim.to_json()) == claim
        assert hash(Claim.from_json(claim.to_json())) == hash(claim)


@pytest.mark.parametrize(
    ("text", "claim"),
    {
        "schur": Schur(1.0),
        "SCHUR": Schur(1.0),
        "hurwitz": Hurwitz(0.0),
        "unstable": Unstable(),
        "bounded": Bounded(),
        "unbounded": Unbounded(),
        "passive": Passive(),
        "not passive": NotPassive(),
        "spectral_radius < 0.75": Schur(0.75),
        "spectral_radius<1": Schur(1.0),
        "spectral_radius >= 1": NotSchur(1.0),
        "spectral_abscissa < -0.5": Hurwitz(0.5),
        "spectral_abscissa < 2": Hurwitz(-2.0),
        "spectral_abscissa >= -0.5": NotHurwitz(0.5),
        "l2gain <= 1.5": L2Gain(1.5),
        "l2gain <= 0x1.8p+0": L2Gain(1.5),
        "L2Gain >= 15e-1": L2GainAtLeast(1.5),
        "h2norm <= 3/2": H2Norm(1.5),
        "h2norm >= 0": H2NormAtLeast(0.0),
        "peakgain <= 1e300": PeakGain(math.nextafter(1e300, 0) if Fraction(1e300) > 10**300 else 1e300),
        "peakgain >= 2": PeakGainAtLeast(2.0),
        "lipschitz <= 1.5": Lipschitz(1.5),
        "energy_ratio <= 1": EnergyRatio(1.0),
        "energy_ratio > 0.5": EnergyRatioAbove(0.5),
        "stable_for_steps shortest=0.25 longest=2": StableForSteps(0.25, 2.0),
        "bounded_for_steps  shortest=1/4 longest=0x1p+1": BoundedForSteps(0.25, 2.0),
        "UNSTABLE_for_steps shortest=0.5 longest=0.5": UnstableForSteps(0.5, 0.5),
        "iss": InputToStateStable(),
        "iss gain=3 overshoot=2": InputToStateStable(3.0, None, 2.0),
        "dissipative Q=[[-1]] S=[[0]] R=[[4]]": Dissipative([[-1]], [[0]], [[4]]),
        "not dissipative Q=[[1 0],[0, 2]] S=[[1],[2]] R=[[0]]": NotDissipative(
            [[1, 0], [0, 2]], [[1], [2]], [[0]]
        ),
    }.items(),
)
def test_forms(text, claim):
    assert Claim.parse(text) == claim


@pytest.mark.parametrize(
    "text",
    [
        *("", "stable", "schur 0.9", "not schur", "l2gain", "l2gain <=", "l2gain < 1", "l2gain = 1"),
        *("l2gain <= x", "l2gain <= nan", "l2gain <= inf", "l2gain <= 1e999", "l2gain <= 0x1p5000"),
        *("l2gain <= -1", "l2gain <= 1/0", "l2gain <= 1 2", "spectral_radius <= 1"),
        *("spectral_radius < 0", "spectral_radius < -1"),
        *("iss gain", "iss gain=", "iss gain=1 gain=2", "iss gain=1=2", "iss speed=1", "iss gain=-1"),
        *("lipschitz >= 1", "energy_ratio >= 1", "energy_ratio < 1", "energy_ratio <= -1"),
        *("stable_for_steps", "stable_for_steps shortest=1", "stable_for_steps longest=2 shortest=1"),
        *("stable_for_steps shortest=2 longest=1", "bounded_for_steps shortest=0 longest=1"),
        *("bounded_for_steps shortest=1e-400 longest=1", "unstable_for_steps shortest=0.1 longest=0.1"),
        *("stable_for_steps shortest=1 longest=2 longest=3", "steady_for_steps shortest=1 longest=2"),
        *("dissipative", "dissipative Q=[[1]]", "dissipative Q=[[1,2]] S=[[1]] R=[[1]]"),
        *("dissipative Q=[[a]] S=[[1]] R=[[1]]", "dissipative Q=[[1,2],[3,4]] S=[[1],[1]] R=[[1]]"),
    ],
)
def test_what_is_no_claim(text):
    with pytest.raises(InputError) as caught:
        Claim.parse(text)
    assert "\n" not in str(caught.value)


decimals = st.builds(
    lambda sign, digits, power: f"{sign}{digits}e{power}",
    *(st.sampled_from(["", "-"]), st.integers(0, 10**25), st.integers(-345, 280)),
)
SIDES = {  # the form, and whether the number that is kept may not be below what is written, or not above
    "spectral_radius < ": (lambda c: c.rate, False),
    "spectral_radius >= ": (lambda c: c.rate, True),
    "spectral_abscissa < ": (lambda c: -c.rate, False),
    "spectral_abscissa >= ": (lambda c: -c.rate, True),
    "l2gain <= ": (lambda c: c.gamma, False),
    "l2gain >= ": (lambda c: c.gamma, True),
    "h2norm <= ": (lambda c: c.bound, False),
    "h2norm >= ": (lambda c: c.bound, True),
    "peakgain <= ": (lambda c: c.bound, False),
    "peakgain >= ": (lambda c: c.bound, True),
    "lipschitz <= ": (lambda c: c.gamma, False),
    "energy_ratio <= ": (lambda c: c.bound, False),
    "energy_ratio > ": (lambda c: c.bound, True),
    "iss gain=": (lambda c: c.gain, False),
    "iss decay=": (lambda c: c.decay, False),
    "iss overshoot=": (lambda c: c.overshoot, False),
}


@given(st.sampled_from(sorted(SIDES)), decimals)
@example("l2gain <= ", "1e-400")
@example("l2gain >= ", "1e-400")
@example("spectral_abscissa < ", "-1e-1")
@example("spectral_abscissa >= ", "-1e-1")
@example("l2gain >= ", "1.00000000000000011102230246251565404236316680908203125")
@example("l2gain <= ", "0x1.00000000000018p+0")
@example("l2gain >= ", "0x1.00000000000008p+0")
def test_decimals_go_to_the_stronger_side(form, text):
    """The double kept is the nearest one on the side where the claim gets stronger: nothing lies between."""
    part, up = SIDES[form]
    digits, _, power = text.partition("p")
    written = (
        Fraction(text) if not power else Fraction(int(digits[2:].replace(".", ""), 16), 16 ** len(digits[4:]))
    )
    try:
        kept = part(Claim.parse(form + text))
    except InputError:
        assert written < 0 or (form == "spectral_radius < " and written < Fraction(5e-324))
        return
    beyond = math.nextafter(kept, -math.inf if up else math.inf)
    if up:
        assert Fraction(beyond) < written <= Fraction(kept)
    else:
        assert Fraction(kept) <= written
        assert beyond == math.inf or written < Fraction(beyond)


@given(st.integers(1, 10**20), st.integers(-25, 5))
def test_a_larger_decay_is_stronger_in_continuous_time(digits, power):
    text = f"{digits}e{power}"
    kept = Claim.parse(f"iss decay={text}", continuous=True).decay  # pyright: ignore[reportAttributeAccessIssue]
    assert Fraction(math.nextafter(kept, 0)) < Fraction(text) <= Fraction(kept)


@given(st.integers(1, 10**20), st.integers(-25, 5), st.sampled_from(["stable", "bounded", "unstable"]))
def test_a_range_of_steps_is_wider_or_narrower(digits, power, word):
    """What holds of every sequence is claimed of more of them, what holds of one of fewer."""
    low, high = f"{digits}e{power}", f"{digits + 1}e{power + 1}"
    claim: Any = Claim.parse(f"{word}_for_steps shortest={low} longest={high}")
    written, kept = (Fraction(low), Fraction(high)), (Fraction(claim.shortest), Fraction(claim.longest))
    if word == "unstable":
        assert written[0] <= kept[0]
        assert kept[1] <= written[1]
    else:
        assert kept[0] <= written[0]
        assert written[1] <= kept[1]
    for x, y in zip(kept, written, strict=True):
        assert abs(x - y) <= math.ulp(float(y))


# ---------------------------------------------------------------------- words
@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_what_is_said_is_what_is_proved(path):
    data = exact.load(path.read_text(encoding="utf-8"))
    claim = Claim.from_json(data["claim"])
    assert claim.to_json() == data["claim"]
    if not isinstance(claim, Dissipative | NotDissipative):
        assert exact.check(data) == claim.sentence()
    assert claim.applies_to(Certificate.load(path).subject) is None


@given(claims)
def test_words_are_complete(claim):
    for text in (claim.sentence(), claim.latex(), str(claim), claim._repr_latex_()):
        assert text
        assert "\n" not in text
    assert "{" not in claim.sentence()
    assert "<" not in claim.latex().replace("< ", "")
    assert claim.theorem == exact.CLAIMS[claim.name][1]


def test_numbers_are_refused_that_no_double_holds():
    for value in (
        math.nan,
        math.inf,
        True,
        "1",
        1j,
        None,
        2**60 + 1,
        [1.0],
        np.longdouble(1) + np.longdouble(2) ** -60,
    ):
        with pytest.raises(InputError, match="`gamma`"):
            L2Gain(value)  # pyright: ignore[reportArgumentType]
    for value in ([[math.nan]], [[1j]], [["1"]], [[2**60 + 1]], "1", [[1.0, 2.0]], [[np.longdouble(1) / 3]]):
        with pytest.raises(InputError, match="`Q`"):
            Dissipative(value, [[0.0]], [[0.0]])
    with pytest.raises(InputError, match="symmetric"):
        Dissipative([[0.0, 1.0], [2.0, 0.0]], [[0.0], [0.0]], [[0.0]])
    for kind in (L2Gain, Lipschitz, H2Norm, H2NormAtLeast, PeakGain, EnergyRatio, EnergyRatioAbove, NotSchur):
        with pytest.raises(InputError, match="must not be negative"):
            kind(-1.0)
    assert L2Gain(-0.0).to_json() == L2Gain(0.0).to_json()
    assert L2Gain(np.float32(0.5)) == L2Gain(0.5)  # pyright: ignore[reportArgumentType]


def test_what_it_applies_to():
    arrays = ([[0.5]], [[1.0, 0.0]], [[1.0]], [[0.0, 0.0]])
    wide, flow = (StateSpaceSubject(*arrays, dt) for dt in (True, 0.0))
    complex_ = StateSpaceSubject([[0.5j]], [[1.0]], [[1.0]], [[0.0]], True)
    assert "use Schur" in str(Hurwitz().applies_to(wide))
    assert "use Hurwitz" in str(Schur().applies_to(flow))
    assert "as many outputs as inputs, got p = 1 and m = 2" in str(Passive().applies_to(wide))
    assert "real signals" in str(PeakGain(1.0).applies_to(complex_))
    assert "must be (1, 1), (1, 2), (2, 2)" in str(Dissipative([[1]], [[1]], [[1]]).applies_to(wide))
    assert "below 1" in str(InputToStateStable(1.0, 1.0, 1.0).applies_to(wide))
    assert "positive" in str(InputToStateStable(1.0, 0.0, 1.0).applies_to(flow))
    for claim in (
        EnergyRatio(),
        StableForSteps(1.0, 2.0),
        UnstableForSteps(1.0, 2.0),
        BoundedForSteps(1.0, 2.0),
    ):
        assert "about oscillators" in str(claim.applies_to(wide))
        assert "about oscillators" in str(claim.applies_to(flow))
        assert claim.applies_to(oscillator(1.0, 1.0, 1.0, "im")) is None
    for claim in (L2Gain(1.0), Bounded(), Unbounded(), Passive(), EnergyRatio(), StableForSteps(1.0, 2.0)):
        assert "bias" in str(claim.applies_to(oscillator(1.0, 1.0, 1.0, "im", bias=1.0)))
    for claim in (Schur(), NotSchur(), Unstable(), Lipschitz(1.0)):
        assert claim.applies_to(oscillator(1.0, 1.0, 1.0, "im", bias=1.0)) is None
    for claim in (
        Bounded(),
        L2Gain(1.0),
        Lipschitz(1.0),
        H2Norm(1.0),
        Dissipative([[1]], [[1, 1]], [[1, 0], [0, 1]]),
    ):
        assert claim.applies_to(wide) is None
        assert claim.applies_to(flow) is None
