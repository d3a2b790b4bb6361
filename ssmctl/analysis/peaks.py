r"""Witnesses about the peak-to-peak gain: the impulse response, summed in fixed point with bounded errors.

$$\lVert G\rVert_{\mathrm{peak}} = \max_i \sum_j \Big(|D_{ij}| + \sum_k |C A^k B|_{ij}\Big), \qquad
\text{continuous:}\ \int_0^\infty |C e^{At} B|_{ij}\,dt.$$

In continuous time the integral is taken by the trapezoid rule with steps `h`, on a Taylor polynomial of
degree `order`; the width of the result falls with $h^2$. Beyond the last step a norm that contracts bounds
the tail. Searched in floats, not trusted: the checker sums again, in integers.
"""

from typing import NamedTuple

import numpy as np
import scipy.linalg as sl

from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.witness import Witness

WORK = 30_000_000  # multiplications of integers that a check may cost
LONGEST = {False: 20_000, True: 6_000}  # steps of a sum, by continuous


class Sums(NamedTuple):
    """Row sums from below and above, the states after the last step; steps, their length, sum of states."""

    low: np.ndarray
    high: np.ndarray
    last: np.ndarray
    steps: int
    h: float
    spread: float

    @property
    def top(self):
        """The largest row, from below."""
        return self.low.max(initial=0.0)

    @property
    def ended(self):
        """Whether the response is over: nothing is cut off."""
        return not self.last.any()


def _gap(form, a):
    return a if form.continuous else 1 - a


def _norm(form: RealForm):
    """The norm in which motion contracts, which a stable system has: `((P, ...), a)`."""
    if form.norm is None:
        raise ArithmeticError("no norm was found in which motion contracts")
    parts, a = form.norm
    if not form.C.any():  # P > C'C asks for nothing: what is left may count as little as we like
        parts = tuple(P * 2.0**-400 for P in parts)
    return parts, a


def _rest(form: RealForm, X):
    """A bound of what the states X still add to a row, with every input as the worst of them."""
    (P, *_), a = _norm(form)
    return _size(P, X) * form.m / _gap(form, a)


def _size(P, X):
    """The largest P-norm of the columns of X; small ones do not underflow."""
    unit = abs(X).max(initial=0.0) or 1.0
    square = ((X / unit) * (P @ (X / unit))).sum(0)
    return float(np.sqrt(np.maximum(square, 0)).max(initial=0.0) * unit)


def _discrete(form: RealForm, rtol: float, enough: float = np.inf) -> Sums:
    X, total, k = form.B, abs(form.D).sum(1), 0
    most, silence = _affordable(form), 1e-120 * np.linalg.norm(form.B) * np.linalg.norm(form.C)
    while k < most and X.any() and total.max(initial=0.0) < enough:
        if _rest(form, X) <= max(rtol * total.max(initial=0.0), silence):
            break
        total, X, k = total + abs(form.C @ X).sum(1), form.A @ X, k + 1
    return Sums(total, total, X, k, 0.0, 0.0)


def _affordable(form: RealForm) -> int:
    """How many steps the checker is asked to take at most."""
    return min(LONGEST[form.continuous], int(WORK / max(form.n**2 * form.m, 1)))


def _taylor(form: RealForm, h: float, accuracy: float):
    """Coefficients T_j = (hA)^j / j! of the polynomial, up to where its defect is below the accuracy."""
    T, hA = [np.eye(form.n)], h * form.A
    for j in range(1, 64):
        T.append(hA @ T[-1] / j)
        if np.abs(hA @ T[-1]).max(initial=0.0) <= accuracy:
            break
    return T


def _sampled(form: RealForm, h: float, length: float) -> Sums:
    """The rule of the checker in floats, over a time `length`."""
    steps = int(np.ceil(length / h))
    E, X = sl.expm(h * form.A), np.empty((steps + 1, form.n, form.m))
    X[0] = form.B
    for k in range(steps):
        X[k + 1] = E @ X[k]
    Y = form.C @ X
    T = _taylor(form, h, 1e-18)
    bends = (abs((j * j - j) * (form.C @ T[j]) @ X[:-1]) for j in range(2, len(T)))
    bend = sum(bends, np.zeros((steps, form.p, form.m)))
    start, end = Y[:-1], Y[1:]
    high = (6 * (abs(start) + abs(end)) + bend).sum((0, 2)) * h / 12
    low = (6 * abs(start + end) - bend).sum((0, 2)) * h / 12
    D = abs(form.D).sum(1)
    return Sums(D + low, D + high, X[-1], steps, h, float(abs(X).sum()))


def _continuous(form: RealForm, rtol: float) -> Sums:
    """Sums of width about `rtol`, or as narrow as the number of steps allows."""
    most, slow, fast = _affordable(form), -form.poles.real.max(), abs(form.poles).max()
    length, h = 3 / slow, min(0.5 / fast, 3 / slow / 50)
    while length <= most * h:
        found = _sampled(form, h, length)
        wide, late, size = _width(found), _rest(form, found.last), max(found.top, 0.2 * _width(found))
        if late <= rtol / 8 * size and wide <= 0.6 * rtol * size:
            return found
        if late > rtol / 8 * size:
            length = length + 2 / slow * np.log(late / (rtol / 16 * size))
        if wide > 0.6 * rtol * size:
            h = h * min(max((0.4 * rtol * size / wide) ** 0.5, 0.05), 0.8)
    steps = np.geomspace(3 / slow / most, min(40 / slow / most, 2 / fast), 16)
    tries = [_sampled(form, h, most * h) for h in steps]
    return min(tries, key=lambda x: _width(x) + _rest(form, x.last))


def _width(found: Sums) -> float:
    return float((found.high - found.low).max(initial=0.0))


def sums(form: RealForm, rtol: float) -> Sums | None:
    """Sum the impulse response to a relative accuracy, or as far as is affordable; None if not stable."""
    if not form.margin > 0:
        return None
    if not (form.B.any() and form.C.any()):
        D = abs(form.D).sum(1)
        return Sums(D, D, form.B, 0, 1.0, 0.0)
    return _continuous(form, rtol) if form.continuous else _discrete(form, rtol)


def witness(form: RealForm, found: Sums, room: float):
    """The fixed-point sum of those steps, whose rounding adds at most about an eighth of `room`."""
    P, a = _norm(form)
    weight = float(np.sqrt(P[0].diagonal().max(initial=0.0))) * (1 + 1e-9)
    price = max(weight, 1e-300) / _gap(form, a) / max(room / 16, 1e-300)
    count, extra = max(found.steps * form.n * form.m, 1), {}
    if form.continuous:
        accuracy = 1 / (max(found.spread, 1e-300) * max(form.n, 1) * price)
        order = len(_taylor(form, found.h, accuracy)) - 1 if form.n else 0
        extra = {"h": found.h, "order": order}
        count = count + form.n * (order + 1) ** 2 * found.spread
    bits = 4000 if found.ended and not form.continuous else max(int(np.ceil(np.log2(count * price))) + 1, 1)
    tail = _size(P[0], found.last) * (1 + 1e-6)
    if not found.ended:
        tail += room * _gap(form, a) / 16 / max(form.m, 1)
    return Witness(
        P=P[0] if len(P) == 1 else P,
        a=a,
        steps=found.steps,
        bits=bits,
        weight=weight,
        tail=float(tail),
        **extra,
    )


HOW = "impulse response summed in fixed point"


def upper(form: RealForm, bound: float):
    """Find a sum that stays at or below the bound."""
    rough = sums(form, 1e-3)
    if rough is None:
        return
    spare = lambda found: bound - found.high.max(initial=0.0)
    if rough.ended and spare(rough) >= -1e-12 * bound:
        yield witness(form, rough, max(spare(rough), 1e-3 * bound)), HOW
        return
    accuracy = 1e-3
    while accuracy > 1e-13:
        found = sums(form, accuracy)
        if found is None or bound < found.top:
            return
        room = spare(found) - _rest(form, found.last)
        if room > 0:
            yield witness(form, found, room), HOW
            return
        accuracy = min(accuracy / 30, max((bound - found.top) / bound / 4, 1e-14))
        if found.steps >= _affordable(form):
            return


def lower(form: RealForm, bound: float):
    """Find a sum a row of which reaches the bound."""
    accuracy = 1e-3
    while accuracy > 1e-13:
        found = sums(form, accuracy)
        if found is None:
            return
        room = found.top - bound
        if room > 0 or (found.ended and room >= -1e-12 * bound):
            if room > 0 and not form.continuous:
                found = _discrete(form, accuracy, bound + room / 2)
                room = found.top - bound
            yield witness(form, found, room if room > 0 else 1e-3 * bound), HOW
            return
        above = found.high.max(initial=0.0) + _rest(form, found.last)
        if bound > above or found.steps >= _affordable(form):
            return
        accuracy = accuracy / 30


def bounds(form: RealForm, rtol: float):
    """Two ends around the peak gain, each with its witnesses; None if not stable."""
    found = sums(form, 0.7 * rtol)
    if found is None:
        return None
    low, high = float(found.top), float(found.high.max(initial=0.0))
    if found.ended and high == low:  # nothing is rounded
        proof = witness(form, found, 1e-3 * low + 1e-300)
        return low, [(proof, HOW)], high, [(proof, HOW)]
    rest = _rest(form, found.last)
    slack = 0.05 * rtol * high + 1e-14 * high + 1e-3 * rest + 1e-300
    proof = witness(form, found, slack)
    return max(low - slack, 0.0), [(proof, HOW)], high + rest + slack, [(proof, HOW)]
