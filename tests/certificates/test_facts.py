"""What implies or refutes what: against the truth, on systems whose every norm is known in closed form."""

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmctl.certificates import exact
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


class Diagonal:
    """Decoupled scalar systems (pole, b, c, d), or one Jordan block of order 2: every norm in closed form."""

    def __init__(self, continuous, *modes, jordan=False):
        self.continuous, self.modes, self.jordan = (
            continuous,
            [tuple(map(Fraction, mode)) for mode in modes],
            jordan,
        )
        sizes = [pole if continuous else abs(pole) for pole, *_ in self.modes]
        self.size = max(sizes, default=-math.inf)
        self.edge = 0 if continuous else 1
        self.stable = self.size < self.edge
        self.bounded = self.size < self.edge or (self.size == self.edge and not jordan)

    def each(self, norm):
        """The values of one norm of the modes; one that is driven, seen and not stable has none."""
        return [math.inf if c * b and not self.inside(a) else norm(a, b, c, d) for a, b, c, d in self.modes]

    def inside(self, a):
        return a < 0 if self.continuous else abs(a) < 1

    def response(self, a, b, c, d):
        """The extreme values of a first-order response: at frequency zero and the highest one."""
        if not c * b:
            return [d]
        return [d - c * b / a, d] if self.continuous else [d + c * b / (1 - a), d - c * b / (1 + a)]

    @property
    def gain(self):
        return max(self.each(lambda *mode: max(map(abs, self.response(*mode)))), default=0)

    @property
    def peak(self):
        total = lambda a, b, c, d: (
            abs(d) + (abs(c * b) / (-a if self.continuous else 1 - abs(a)) if c * b else 0)
        )
        return max(self.each(total), default=0)

    @property
    def squared_h2(self):
        if self.continuous and any(d for *_, d in self.modes):
            return math.inf
        energy = lambda a, b, c, d: (
            d**2 + ((c * b) ** 2 / (-2 * a if self.continuous else 1 - a**2) if c * b else 0)
        )
        return sum(self.each(energy))

    @property
    def passive(self):
        """None where the closed form does not decide: a driven mode on or outside the boundary."""
        lowest = self.each(lambda *mode: min(self.response(*mode)))
        return None if math.inf in lowest else min(lowest, default=0) >= 0

    def state(self, claim):
        """|x| <= c a^k |x_0| + g sup|u|, for one state exactly."""
        g, a, c = claim.gain, claim.decay, claim.overshoot
        if len(self.modes) != 1 or self.jordan:
            return self.stable if (g, a, c) == (None, None, None) else None
        pole, b, *_ = self.modes[0]
        reach = math.inf if b else 0
        if self.stable:
            reach = abs(b) / (-pole if self.continuous else 1 - abs(pole))
        falls = (
            self.stable
            if a is None
            else pole <= -Fraction(a)
            if self.continuous
            else abs(pole) <= Fraction(a)
        )
        return falls and (c is None or c >= 1) and (reach < math.inf if g is None else reach <= g)

    def truth(self, claim: Any):
        """Whether the claim is true of this system; None where that is not known here."""
        value = Fraction(next((x for x in vars(claim).values() if isinstance(x, float)), 0.0))
        match claim:
            case Schur():
                return self.size < value
            case NotSchur():
                return self.size >= value
            case Hurwitz():
                return self.size < -value
            case NotHurwitz():
                return self.size >= -value
            case Unstable():
                return self.size > self.edge
            case Bounded():
                return self.bounded
            case Unbounded():
                return not self.bounded
            case InputToStateStable():
                return self.state(claim)
        if self.jordan and not isinstance(claim, L2Gain | Lipschitz | H2Norm | H2NormAtLeast | PeakGain):
            return None
        if not self.stable and isinstance(claim, L2Gain | Lipschitz | H2Norm | H2NormAtLeast | PeakGain):
            return False
        if self.jordan:
            return None
        match claim:
            case L2Gain() | Lipschitz():  # without a bias they are one
                return self.gain <= value
            case L2GainAtLeast():
                return self.gain >= value
            case H2Norm():
                return self.squared_h2 <= value**2
            case H2NormAtLeast():
                return self.squared_h2 >= value**2
            case PeakGain():
                return self.peak <= value
            case PeakGainAtLeast():
                return self.peak >= value
            case Passive():
                return self.passive
            case NotPassive():
                return None if self.passive is None else not self.passive
            case Dissipative() | NotDissipative():  # with Q = -1, S = 0: the gain is at most sqrt(R)
                bound = Fraction(claim.R[0][0])
                holds = self.gain**2 <= bound if self.gain < math.inf else False
                return holds == isinstance(claim, Dissipative)
        raise AssertionError(claim)


halves = [Fraction(k, 2) for k in (-4, -2, -1, 0, 1, 2, 4)]
ONE_UP, ONE_DOWN = math.nextafter(1.0, 2), math.nextafter(1.0, 0)
SYSTEMS = {
    continuous: [
        Diagonal(continuous),
        *(Diagonal(continuous, (a, b, 1, d)) for a in halves for b in (0, 1, 2) for d in (-1, 0, 1)),
        *(Diagonal(continuous, (a, 1, 0, 0)) for a in halves),
        *(Diagonal(continuous, (a, 1, 1, 0), (b, 1, 2, 0)) for a in halves for b in halves),
        *(Diagonal(continuous, (a, 0, 1, 0), jordan=True) for a in halves),
        *(
            Diagonal(continuous, (a, 1, 1, 0))
            for a in map(Fraction, (ONE_UP, ONE_DOWN, ONE_UP - 1, ONE_DOWN - 1))
        ),
    ]
    for continuous in (False, True)
}
GRID = [0.0, 0.5, ONE_DOWN, 1.0, ONE_UP, 2.0, math.nextafter(2.0, 3), 4.0]
CLAIMS: list[Claim] = [
    *(Schur(x) for x in GRID[1:]),
    *(
        kind(x)
        for kind in (Hurwitz, NotHurwitz)
        for x in (*GRID, *(-x for x in GRID[1:]), ONE_UP - 1, ONE_DOWN - 1)
    ),
    *(
        kind(x)
        for kind in (
            L2Gain,
            Lipschitz,
            L2GainAtLeast,
            H2Norm,
            H2NormAtLeast,
            PeakGain,
            PeakGainAtLeast,
            NotSchur,
        )
        for x in GRID
    ),
    *(kind([[-1.0]], [[0.0]], [[x]]) for kind in (Dissipative, NotDissipative) for x in (0.0, 1.0, 4.0)),
    *(kind() for kind in (Unstable, Bounded, Unbounded, Passive, NotPassive)),
    *itertools.starmap(
        InputToStateStable,
        itertools.product(*[[None, 0.0, 1.0, 2.0], [None, 0.0, 0.5, 1.0, 2.0], [None, 0.5, 1.0, 2.0]]),
    ),
]


@pytest.mark.parametrize("continuous", [False, True])
def test_tables_are_true(continuous):
    """No true claim implies a false one, no two true claims refute each other."""
    speak = [c for c in CLAIMS if continuous in exact.CLAIMS[c.name][2]]
    pairs = list(itertools.product(range(len(speak)), repeat=2))
    implied = [(i, j) for i, j in pairs if speak[i].implies(speak[j], continuous=continuous)]
    refuted = [(i, j) for i, j in pairs if speak[i].refutes(speak[j], continuous=continuous)]
    assert len(implied) > 1000
    assert len(refuted) > 1000
    seen = set()
    for system in SYSTEMS[continuous]:
        truth = [system.truth(claim) for claim in speak]
        assert {True, False} <= set(truth)
        seen |= {i for i, holds in enumerate(truth) if holds}
        for i, j in implied:
            assert not (truth[i] is True and truth[j] is False), (vars(system), speak[i], speak[j])
        for i, j in refuted:
            assert not (truth[i] is True and truth[j] is True), (vars(system), speak[i], speak[j])
    assert len(seen) > 0.7 * len(speak)  # the systems put most of the claims to the test


@pytest.mark.parametrize("continuous", [False, True])
def test_tables_are_consistent(continuous):
    speak = [c for c in CLAIMS if continuous in exact.CLAIMS[c.name][2]]
    implies = {c: {d for d in speak if c.implies(d, continuous=continuous)} for c in speak}
    refutes = {c: {d for d in speak if c.refutes(d, continuous=continuous)} for c in speak}
    for c in speak:
        assert c in implies[c]
        assert all(c in refutes[d] for d in refutes[c])
        assert not implies[c] & refutes[c]
        for d in implies[c]:
            assert implies[d] <= implies[c], (c, d)
            assert refutes[d] <= refutes[c], (c, d, refutes[d] - refutes[c])


IMPLICATIONS = [
    (L2Gain(1.5), L2Gain(2.0)),
    (L2GainAtLeast(2.0), L2GainAtLeast(1.5)),
    (Lipschitz(1.5), Lipschitz(2.0)),
    (H2Norm(1.0), H2Norm(2.0)),
    (H2NormAtLeast(2.0), H2NormAtLeast(1.0)),
    (PeakGain(1.0), PeakGain(2.0)),
    (PeakGainAtLeast(2.0), PeakGainAtLeast(1.0)),
    (Unstable(), Unbounded()),
    *(
        (c, Bounded())
        for c in (L2Gain(9.0), H2Norm(9.0), H2NormAtLeast(0.0), PeakGain(9.0), InputToStateStable())
    ),
    (InputToStateStable(1.0, 0.5, 1.0), InputToStateStable(2.0, None, 1.0)),
]
TIMED = {
    False: [
        (Schur(0.5), Schur(0.9)),
        (Schur(0.9), Bounded()),
        (Schur(0.9), InputToStateStable()),
        (NotSchur(2.0), NotSchur(1.0)),
        (NotSchur(2.0), Unstable()),
        (Unstable(), NotSchur(1.0)),
        (Unbounded(), NotSchur(1.0)),
        *(
            (c, Schur(1.0))
            for c in (
                L2Gain(9.0),
                Lipschitz(9.0),
                H2Norm(9.0),
                PeakGain(9.0),
                InputToStateStable(1.0, 0.5, 1.0),
            )
        ),
        (InputToStateStable(1.0, 0.5, 1.0), InputToStateStable(1.0, 0.75, 1.0)),
    ],
    True: [
        (Hurwitz(2.0), Hurwitz(1.0)),
        (Hurwitz(0.0), Bounded()),
        (NotHurwitz(-2.0), NotHurwitz(0.0)),
        (NotHurwitz(-2.0), Unstable()),
        (Unstable(), NotHurwitz(0.0)),
        (Unbounded(), NotHurwitz(0.0)),
        *(
            (c, Hurwitz(0.0))
            for c in (
                L2Gain(9.0),
                Lipschitz(9.0),
                H2Norm(9.0),
                PeakGain(9.0),
                InputToStateStable(1.0, 0.5, 1.0),
            )
        ),
        (InputToStateStable(1.0, 0.75, 1.0), InputToStateStable(1.0, 0.5, 1.0)),
    ],
}
APART = [  # what does not follow, though it looks as if it might
    (L2Gain(1.0), Lipschitz(1.0)),
    (Lipschitz(1.0), L2Gain(1.0)),  # a bias has no gain from zero
    (L2Gain(1.0), H2Norm(1.0)),
    (L2Gain(1.0), PeakGain(1.0)),
    (PeakGain(1.0), L2Gain(1.0)),
    (Passive(), Bounded()),
    (Bounded(), Passive()),
    (L2GainAtLeast(1e300), Unstable()),
    (Unbounded(), Unstable()),
    (Dissipative([[-1.0]], [[0.0]], [[1.0]]), L2Gain(1.0)),
    (L2GainAtLeast(2.0), PeakGainAtLeast(2.0)),
]


@pytest.mark.parametrize("continuous", [False, True])
def test_expected_pairs(continuous):
    for one, two in [*IMPLICATIONS, *TIMED[continuous]]:
        assert one.implies(two, continuous=continuous), (one, two)
        assert one == two or not two.implies(one, continuous=continuous), (two, one)
    for one, two in APART:
        assert not one.implies(two, continuous=continuous), (one, two)
    stable, marginal = (Hurwitz(), NotHurwitz()) if continuous else (Schur(), NotSchur())
    including = [stable, L2Gain(1.0), H2Norm(1.0), H2NormAtLeast(1.0), PeakGain(1.0), InputToStateStable()]
    for claim in including:
        assert claim.refutes(marginal, continuous=continuous)
        assert claim.refutes(Unstable(), continuous=continuous)
        assert claim.refutes(Unbounded(), continuous=continuous)
        assert not claim.refutes(Bounded(), continuous=continuous)
    assert Bounded().refutes(Unstable(), continuous=continuous)
    assert not Bounded().refutes(marginal, continuous=continuous)
    assert not marginal.implies(Unstable(), continuous=continuous)
    assert not L2GainAtLeast(2.0).refutes(L2Gain(2.0), continuous=continuous)
    assert L2GainAtLeast(2.0).refutes(L2Gain(math.nextafter(2.0, 0)), continuous=continuous)


# ---------------------------------------------------------------------------------------- of oscillators
ENDS = [0.5, ONE_DOWN, 1.0, 2.0, 4.0]
RANGES = [(low, high) for low in ENDS for high in ENDS if low <= high]
OF_STEPS = [kind(*ends) for kind in (StableForSteps, BoundedForSteps, UnstableForSteps) for ends in RANGES]
OF_ENERGY = [kind(x) for kind in (EnergyRatio, EnergyRatioAbove) for x in GRID]


def true_of_steps(claim, lasting, growing):
    """Whether a claim holds if the sequences that do not decay (are unbounded) need just these ranges."""
    inside = lambda bad: any(claim.shortest <= low and high <= claim.longest for low, high in bad)
    if isinstance(claim, StableForSteps):
        return not inside(lasting) and not inside(growing)
    return inside(growing) == isinstance(claim, UnstableForSteps)


def test_ranges_of_steps():
    """Whatever the ranges in which a sequence lasts or grows, up to two: the tables are true and complete."""
    some = [(), *itertools.combinations(RANGES, 1)]
    worlds = list(itertools.product(some, [*some, *itertools.combinations(RANGES, 2)]))
    truth = {claim: np.array([true_of_steps(claim, *world) for world in worlds]) for claim in OF_STEPS}
    for one, two in itertools.product(OF_STEPS, repeat=2):
        assert one.implies(two) == (truth[two] | ~truth[one]).all(), (one, two)
        assert one.refutes(two) == (~truth[two] | ~truth[one]).all(), (one, two)


def test_energy():
    for one, two in itertools.product(OF_ENERGY, repeat=2):
        true = lambda claim, ratio: (ratio <= claim.bound) == isinstance(claim, EnergyRatio)
        truth = [
            (true(one, x), true(two, x))
            for g in GRID
            for x in (Fraction(g), Fraction(g) + Fraction(1, 2**60))
        ]
        assert one.implies(two) == ((True, False) not in truth), (one, two)
        assert one.refutes(two) == ((True, True) not in truth), (one, two)


def test_oscillators_apart():
    """Nothing follows between energies, ranges of steps and the stored step: A may be 0, the step another."""
    others = [Schur(), NotSchur(), Bounded(), Unstable(), Unbounded(), L2Gain(1.0), Lipschitz(1.0), Passive()]
    for one, two in itertools.product([OF_ENERGY[1], OF_ENERGY[-1], OF_STEPS[0], OF_STEPS[-1]], others):
        assert not one.implies(two)
        assert not two.implies(one)
        assert not one.refutes(two)
        assert not two.refutes(one)
    assert not EnergyRatio(1.0).implies(BoundedForSteps(1.0, 1.0))
    assert L2GainAtLeast(2.0).refutes(Lipschitz(math.nextafter(2.0, 0)))
    assert not L2GainAtLeast(2.0).refutes(Lipschitz(2.0))


@pytest.mark.parametrize("claim", [*OF_STEPS, *OF_ENERGY], ids=str)
def test_negation_of_oscillators(claim):
    assert claim.refutes(claim.negation)
    if not isinstance(claim, BoundedForSteps):
        assert claim.negation.negation == claim


def test_time_is_discrete_unless_said():
    assert Schur(0.5).implies(Schur())
    assert Schur().refutes(NotSchur())
    assert not Hurwitz(0.5).implies(Hurwitz())
    assert not Hurwitz().refutes(NotHurwitz())


@given(st.sampled_from(CLAIMS), st.sampled_from(CLAIMS))
def test_the_wrong_time_says_nothing(one, two):
    for continuous in (False, True):
        if continuous not in exact.CLAIMS[one.name][2] or continuous not in exact.CLAIMS[two.name][2]:
            assert not one.implies(two, continuous=continuous)
            assert not one.refutes(two, continuous=continuous)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_negation(claim):
    negation = claim.negation
    if negation is None:
        none = isinstance(claim, InputToStateStable | Unstable | Lipschitz) or claim in (
            *(NotSchur(0.0), L2GainAtLeast(0.0), H2NormAtLeast(0.0), PeakGainAtLeast(0.0)),
        )
        assert none
        return
    for continuous in exact.CLAIMS[claim.name][2]:
        assert claim.refutes(negation, continuous=continuous)
        assert negation.refutes(claim, continuous=continuous)
        for system in SYSTEMS[continuous]:
            truth = (system.truth(claim), system.truth(negation))
            assert truth != (True, True)
            if isinstance(claim, Schur | NotSchur | Hurwitz | NotHurwitz | Bounded | Unbounded):
                assert truth[0] != truth[1]
    assert negation.negation in (claim, None)


def test_negation_at_the_last_double():
    largest = math.nextafter(math.inf, 0)
    assert L2Gain(largest).negation is None
    assert L2GainAtLeast(5e-324).negation == L2Gain(0.0)
