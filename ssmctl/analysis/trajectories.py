r"""Witnesses about sizes of trajectories: the H2 norm, and how far a state comes under bounded inputs.

- H2: the observability Gramian $P - A^\top P A = C^\top C \pm \varepsilon E$, a little above it or below it.
- Input to state: $I \preceq P \preceq c^2 I$ that contracts at a given decay, from a Stein equation of $A/b$
with $b$ between $\rho(A)$ and that decay, or from a linear matrix inequality.

Searched, not trusted.
"""

import numpy as np
from flint import arb, ctx

from ssmctl.analysis import balls, equations, lmi, refine
from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.witness import Witness

# --------------------------------------------------------------------------------------------------------- H2


def _gramian(form: RealForm, Q, precise=0):
    """Solve the Stein or Lyapunov equation; `precise`: number of doubles to an entry, found in extended
    precision."""
    A, back = form.balanced, 1 / form.scales
    scaled = tuple(X * back * back[:, None] for X in (Q if isinstance(Q, tuple) else (Q,)))
    if precise:
        P = (refine.lyapunov if form.continuous else refine.stein)(A, scaled, parts=precise)
    else:
        P = (equations.lyapunov if form.continuous else equations.stein)(A, sum(scaled))
    return None if P is None else form.restore(P)


def _energy(form: RealForm, P, feedthrough=True) -> float:
    r"""$\mathrm{tr}(B^\top P B + D^\top D)$, halved for complex signals, in 256 bits."""
    with ctx.workprec(256):
        B, D = balls.lift(form.B), balls.lift(form.D)
        trace = lambda X: sum((row[i] for i, row in enumerate(X.tolist())), arb(0))
        total = trace(balls.mul(B.transpose(), balls.lift(P), B))
        if feedthrough and not form.continuous:
            total += trace(balls.mul(D.transpose(), D))
        return float(total) / (2 if form.complex else 1)


def _output_weight(form: RealForm):
    r"""$C^\top C$ as an exact sum of two arrays, up to $2^{-106}$."""
    with ctx.workprec(256):
        C = balls.lift(form.C)
        return balls.split(balls.mul(C.transpose(), C)) if form.p else (np.zeros((form.n, form.n)),)


def _h2_parts(form: RealForm):
    """The squared norm, the weight E, and what E adds to the squared norm."""
    if not form.margin > 0 or (form.continuous and form.D.any()):
        return None
    if form.n == 0:
        return _energy(form, np.zeros((0, 0))), np.zeros((0, 0)), 0.0
    weight = np.diag(form.scales**2)
    extra = _energy(form, _gramian(form, weight), feedthrough=False)
    P = _gramian(form, _output_weight(form), 2) if form.margin < 1e-4 else _gramian(form, form.C.T @ form.C)
    return (_energy(form, P), weight, extra) if P is not None else None


def _h2_storages(form: RealForm, weight, eps):
    """Gramians of C'C + eps E in rising precision."""
    P = _gramian(form, form.C.T @ form.C + eps * weight)
    yield P, "Gramian with a margin"
    C = _output_weight(form)
    for parts in (1, 2):
        P = _gramian(form, (*C, eps * weight), parts)
        if P is not None:
            yield P, "Gramian with a margin, in extended precision"


def h2(form: RealForm, bound: float):
    """Find P above the Gramian with trace below the squared bound."""
    if form.n == 0:
        yield Witness(P=np.zeros((0, 0))), "no states: only D"
        return
    found = _h2_parts(form)
    if found is None:
        return
    square, weight, extra = found
    room = bound**2 - square
    if room > 0 or extra == 0:
        eps = room / (2 * extra) if extra > 0 else 1.0
        for P, how in _h2_storages(form, weight, eps):
            yield Witness(P=P), how


def h2_at_least(form: RealForm, bound: float):
    """Find P below the Gramian with trace above the squared bound, and S that proves stability."""
    if form.n == 0:
        yield Witness(P=np.zeros((0, 0)), S=np.zeros((0, 0))), "no states: only D"
        return
    found = _h2_parts(form)
    if found is None:
        return
    square, weight, extra = found
    room = square - bound**2
    stable = [_gramian(form, weight)]
    if form.margin < 1e-4:
        stable += [S for parts in (1, 2) if (S := _gramian(form, weight, parts)) is not None]
    if _energy(form, np.zeros((form.n, form.n))) >= bound**2:
        for S in stable:
            yield Witness(P=np.zeros((form.n, form.n)), S=S), "D alone"
    if room > 0 and extra > 0:
        for P, how in _h2_storages(form, weight, -room / (2 * extra)):
            for S in stable:
                yield Witness(P=P, S=S), how


def h2_bounds(form: RealForm, rtol: float):
    """Two ends around the H2 norm, `rtol` apart, each with its witnesses; None if it is not finite."""
    found = _h2_parts(form)
    if found is None:
        return None
    norm = max(found[0], 0.0) ** 0.5
    tiny = 1e-12 * np.linalg.norm(form.B) * max(np.linalg.norm(form.C), 1e-6)
    low, high = norm * (1 - 0.45 * rtol), norm * (1 + 0.45 * rtol) + (tiny if norm < tiny else 0.0)
    return low, h2_at_least(form, low), high, h2(form, high)


# ------------------------------------------------------------------------------------------- input to state


def _iss_storages(form: RealForm, a: float):
    """Storages that contract a little faster than `a`, scaled so that P >= I."""
    n, A = form.n, form.A
    if n == 0:
        yield np.zeros((0, 0))
        return
    edge = -form.poles.real.max() if form.continuous else abs(form.poles).max()
    for share in (0.5, 0.2, 0.8, 0.05):
        rate = a + (edge - a) * share
        for Q in (np.eye(n), np.diag(form.scales**2)):
            if form.continuous:
                P = equations.lyapunov(A + rate * np.eye(n), Q)
            else:
                P = equations.stein(A / rate, Q)
            if np.isfinite(P).all():
                yield P
    V = np.linalg.eig(A)[1]
    if np.linalg.cond(V) < 1e7:
        W = np.linalg.inv(V / np.linalg.norm(V, axis=0))
        yield (W.conj().T @ W).real


def _iss_numbers(form: RealForm, P, a: float):
    """P scaled to P >= I, the overshoot that it gives, and the least gain; None where it does not
    contract."""
    if not form.n:
        return P, 1.0, 0.0
    low = np.linalg.eigvalsh(P)[0]
    if not low > 0:
        return None
    P = P / low * (1 + 1e-9)
    PA, PB = P @ form.A, P @ form.B
    if form.continuous:
        loss, cross, room, direct = -(PA + PA.T) - 2 * a * P, PB, 2 * a, np.zeros((form.m, form.m))
    else:
        loss, cross, room, direct = a**2 * P - form.A.T @ PA, PA.T @ form.B, 1 - a**2, form.B.T @ PB
    if equations.cholesky(loss) is None:
        return None
    square = np.linalg.eigvalsh(direct + cross.T @ np.linalg.solve(loss, cross))[-1] / room if form.m else 0.0
    return P, np.linalg.eigvalsh(P)[-1] ** 0.5, max(square, 0.0) ** 0.5


def iss(form: RealForm, gain: float, decay: float, overshoot: float):
    """Find P with I <= P <= overshoot^2 I that contracts at the decay and lets inputs add no more than the
    gain."""
    if not form.margin > 0:
        return
    for P in _iss_storages(form, decay):
        found = _iss_numbers(form, P, decay)
        if found and found[1] <= overshoot and found[2] <= gain:
            yield Witness(P=found[0]), "Stein equation with a decay rate"


def iss_lmi(form: RealForm, gain: float, decay: float, overshoot: float):
    """Find the same P by semidefinite programming."""
    if 0 < form.n <= 20 and form.margin > 0:
        P = lmi.input_to_state(form.system, gain, decay, overshoot, form.continuous)
        if P is not None:
            yield Witness(P=P), "linear matrix inequality"


def iss_choices(form: RealForm, gain=None, decay=None, overshoot=None):
    """Choose the numbers that are None: (Witness, gain, decay, overshoot), in order of gain times
    overshoot."""
    if not form.margin > 0:
        return
    if decay is None:
        share = _short(form.margin / 2, 6, np.floor)
        decay = share if form.continuous else 1 - share
    found = [x for P in _iss_storages(form, decay) if (x := _iss_numbers(form, P, decay))]
    for P, c, g in sorted(found, key=lambda x: x[1] * (x[2] + 1e-300)):
        if (gain is None or g <= gain) and (overshoot is None or c <= overshoot):
            yield (
                Witness(P=P),
                gain if gain is not None else _up(g),
                decay,
                overshoot if overshoot is not None else _up(c),
            )


def _up(x: float) -> float:
    """A number of few bits a little above, for its decimal is short and exact."""
    return _short(x * (1 + 1e-7), 12, np.ceil)


def _short(x: float, bits: int, rounding) -> float:
    mantissa, exponent = np.frexp(x)
    return float(np.ldexp(rounding(np.ldexp(mantissa, bits)), exponent - bits))
