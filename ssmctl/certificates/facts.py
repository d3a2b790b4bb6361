r"""What a claim says of a few numbers: implication is inclusion of intervals, contradiction is disjointness.

The numbers: `size`, $\rho(A)$ or $\max \mathrm{Re}\,\lambda(A)$; the l2 gain, the H2 norm, the peak gain;
`bounded`, 1 if every free trajectory is bounded and 0 if not; the sign of a supply, 1 or 0; of oscillators
the largest energy ratio of a step, and the ranges of steps whose sequences decay, or are bounded.
**Trusted**, and finite: every claim is one line.
"""

import math
from typing import Any, NamedTuple


class Interval(NamedTuple):
    """From `low` to `high`, ends included unless open."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def within(self, other: "Interval") -> bool:
        """Whether every number of this interval is in the other."""
        above = self.low > other.low or (self.low == other.low and self.low_open >= other.low_open)
        below = self.high < other.high or (self.high == other.high and self.high_open >= other.high_open)
        return above and below

    def apart(self, other: "Interval") -> bool:
        """Whether no number is in both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        open_low = any(x.low_open for x in (self, other) if x.low == low)
        open_high = any(x.high_open for x in (self, other) if x.high == high)
        return low > high or (low == high and (open_low or open_high))


class Steps(NamedTuple):
    """That all sequences of steps from `low` to `high` are well behaved (`every`), or that one is not."""

    low: float
    high: float
    every: bool

    def within(self, other: Any) -> bool:
        """Whether it follows: for fewer steps if it speaks of every sequence, for more if of some one."""
        if not isinstance(other, Steps) or self.every != other.every:
            return False
        outer, inner = (self, other) if self.every else (other, self)
        return outer.low <= inner.low and inner.high <= outer.high

    def apart(self, other: Any) -> bool:
        """Whether both cannot be: some sequence among those of which every one is well behaved."""
        if not isinstance(other, Steps) or self.every == other.every:
            return False
        every, some = (self, other) if self.every else (other, self)
        return every.low <= some.low and some.high <= every.high


YES, NO, ANY = Interval(low=1.0), Interval(high=0.0), Interval()


def facts(name: str, values: tuple[Any, ...], continuous: bool) -> dict[Any, Any]:
    """Return what a claim, a class name and parameters, says of each number; closed under what follows.

    **Guarantee:** implications between size and boundedness: below the boundary all is bounded, strictly
    outside it not, and bounded (unbounded) trajectories mean a size of at most (at least) the boundary.
    """
    unit = 0.0 if continuous else 1.0
    stable: dict[Any, Interval] = {"size": Interval(high=unit, high_open=True)}
    value = values[0] if values else math.nan  # then it is not read
    found: dict[Any, Any]
    match name:
        case "Schur":
            found = {"size": Interval(high=value, high_open=True)}
        case "NotSchur":
            found = {"size": Interval(low=value)}
        case "Hurwitz":
            found = {"size": Interval(high=-value, high_open=True)}
        case "NotHurwitz":
            found = {"size": Interval(low=-value)}
        case "Unstable":
            found = {"size": Interval(low=unit, low_open=True)}
        case "Bounded":
            found = {"bounded": YES, "size": Interval(high=unit)}
        case "Unbounded":
            found = {"bounded": NO, "size": Interval(low=unit)}
        case "L2Gain" | "H2Norm" | "PeakGain":
            found = stable | {name: Interval(high=value)}
        case "L2GainAtLeast" | "PeakGainAtLeast":
            found = {name.removesuffix("AtLeast"): Interval(low=value)}
            if name == "L2GainAtLeast":  # the difference from no input at all
                found["Lipschitz"] = Interval(low=value)
        case "H2NormAtLeast":
            found = stable | {"H2Norm": Interval(low=value)}
        case "InputToStateStable":
            gain, decay, overshoot = values
            contracts = decay is None or (decay > 0 if continuous else decay < 1)
            found = dict(stable) if contracts else {}
            slower = None if decay is None else -decay if continuous else decay
            numbers = {"gain": gain, "decay": slower, "overshoot": overshoot}
            found |= {f"iss {key}": Interval(high=x) for key, x in numbers.items() if x is not None}
        case "Dissipative" | "Passive":
            found = {("supply", values): YES}
        case "NotDissipative" | "NotPassive":
            found = {("supply", values): NO}
        case "Lipschitz":
            found = stable | {"Lipschitz": Interval(high=value)}
        case "EnergyRatio":
            found = {"energy ratio": Interval(high=value)}
        case "EnergyRatioAbove":
            found = {"energy ratio": Interval(low=value, low_open=True)}
        case "StableForSteps":
            low, high = values
            found = {"steps decay": Steps(low, high, True), "steps bounded": Steps(low, high, True)}
        case "BoundedForSteps":
            low, high = values
            found = {"steps bounded": Steps(low, high, True)}
        case "UnstableForSteps":
            low, high = values
            found = {"steps decay": Steps(low, high, False), "steps bounded": Steps(low, high, False)}
        case _:
            found = {}
    size = found.get("size", ANY)
    if size.apart(Interval(low=unit)):
        found["bounded"] = YES
    elif size.apart(Interval(high=unit)):
        found["bounded"] = NO
    return found


def implies(one: dict[Any, Any], two: dict[Any, Any]) -> bool:
    """Whether the second facts follow from the first."""
    return bool(two) and all(one.get(key, ANY).within(interval) for key, interval in two.items())


def refutes(one: dict[Any, Any], two: dict[Any, Any]) -> bool:
    """Whether both cannot be true of one system."""
    return any(interval.apart(two.get(key, ANY)) for key, interval in one.items())
