r"""Witnesses about sizes of trajectories: input-to-state bounds, the H2 norm, the peak-to-peak gain.

- H2: the observability Gramian $P - A^\top P A = C^\top C \pm \varepsilon E$, a little above it or below it.
- Peak gain, discrete: the impulse response summed in fixed point, its tail bounded in a norm that contracts.
- Peak gain, continuous: an ellipsoid that no input of size 1 leaves, over one decay rate and weights of the inputs;
  below, the largest row of $|G(i\omega)|$.

Searched, not trusted.
"""

import numpy as np
import scipy.linalg as sl
from flint import ctx
from scipy.optimize import minimize_scalar

from ssmctl.analysis import equations, refine, response
from ssmctl.analysis.frequency import contraction, frequency_witnesses
from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.witness import Witness

WORK = 30_000_000  # multiplications of integers that a check may cost


# --------------------------------------------------------------------------------------------------------- H2


def _gramian(form: RealForm, Q, precise=0):
    """Solve the Stein or Lyapunov equation; `precise`: number of doubles to an entry, found in extended precision."""
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
        B, D = refine._lift(form.B), refine._lift(form.D)
        total = sum((x[i] for i, x in enumerate(refine._mul(B.transpose(), refine._lift(P), B).tolist())), refine.arb(0))
        if feedthrough and not form.continuous:
            total += sum((x[i] for i, x in enumerate(refine._mul(D.transpose(), D).tolist())), refine.arb(0))
        return float(total) / (2 if form.complex else 1)


def _output_weight(form: RealForm):
    r"""$C^\top C$ as an exact sum of two arrays, up to $2^{-106}$."""
    with ctx.workprec(256):
        C = refine._lift(form.C)
        return refine.split(refine._mul(C.transpose(), C)) if form.p else (np.zeros((form.n, form.n)),)


def _h2_parts(form: RealForm):
    """The squared norm, the weight E, and what E adds to the squared norm."""
    if not form.margin > 0 or (form.continuous and form.D.any()):
        return None
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
    square, weight, extra = _h2_parts(form)
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
    square, weight, extra = _h2_parts(form)
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
    found = _h2_parts(form) if form.n else (_energy(form, np.zeros((0, 0))), None, 0.0)
    if found is None:
        return None
    norm = max(found[0], 0.0) ** 0.5
    tiny = 1e-12 * np.linalg.norm(form.B) * max(np.linalg.norm(form.C), 1e-6)
    low, high = norm * (1 - 0.45 * rtol), norm * (1 + 0.45 * rtol) + (tiny if norm < tiny else 0.0)
    return low, h2_at_least(form, low), high, h2(form, high)


# ------------------------------------------------------------------------------------ peak gain, discrete time


def _impulse(form: RealForm, enough: float | None = None, rtol: float = 1e-12):
    """Row sums of |D| + |CB| + |CAB| + …, and the states after each step; stops at `enough`, or when the rest is below rtol."""
    X, total, k = form.B, abs(form.D), 0
    found = contraction(form.A, form.C, False, form.poles)
    if found is None:
        return None
    (P, a), cost = found, form.n**2 * max(form.m, 1)
    while True:
        sums = total.sum(1)
        size = np.sqrt(np.maximum((X * (P @ X)).sum(0), 0)).sum() / (1 - a)
        top = sums.max(initial=0.0)
        if (enough is not None and top >= enough) or size <= rtol * top or not X.any():
            return sums, X, k
        if (k + 1) * cost > WORK:
            return None
        total, X, k = total + abs(form.C @ X), form.A @ X, k + 1


def _peak_witnesses(form: RealForm, steps: int, last, room: float):
    """Fixed-point sums over so many steps, whose errors stay below `room` together."""
    found = [contraction(form.A, form.C, False, form.poles), form.contraction]
    for P, a in (x for x in found if x is not None):
        P = P if isinstance(P, tuple) else (P,)
        weight = float(np.sqrt(P[0].diagonal().max(initial=0.0))) * (1 + 1e-9)
        count = max(steps * form.n * form.m, 1)
        if last.any():
            bits = int(np.ceil(np.log2(count * weight / (1 - a) / (room / 4)))) + 1
        else:
            bits = 4000  # the response has ended: no rounding at all
        bits = max(bits, 1)
        tail = np.sqrt(np.maximum((last * (P[0] @ last)).sum(0), 0)).max(initial=0.0)
        tail = tail * (1 + 1e-6) + (count * weight * 2.0**-bits if last.any() else 0.0)
        storage = P[0] if len(P) == 1 else P
        yield Witness(P=storage, a=a, steps=steps, bits=bits, weight=weight, tail=float(tail)), "impulse response in fixed point"


def peak(form: RealForm, bound: float):
    """Find steps, bits and a contraction that show the summed impulse response to be at most the bound."""
    if form.continuous:
        yield from _ellipsoids(form, bound)
        return
    total = _impulse(form)
    if total is None:
        return
    top = total[0].max(initial=0.0)
    sums, last, steps = _impulse(form, rtol=min(max((bound - top) / (8 * top), 1e-14), 1.0)) if top > 0 else total
    room = bound - top
    if room > 0 or (room >= -1e-12 * top and not last.any()):
        yield from _peak_witnesses(form, steps, last, room if room > 0 else 1.0)


def peak_at_least(form: RealForm, bound: float):
    """Find steps after which a row of the summed impulse response reaches the bound; continuous: a frequency."""
    if form.continuous:
        for gain, omega, row, v in _rows(form):
            if gain >= bound * (1 - 1e-12):
                for witness, _, how in frequency_witnesses(form.system, omega, True, v=v, poles=form.poles):
                    yield Witness(**witness.parts, row=row), how
        return
    total = _impulse(form, rtol=1e-14) or _impulse(form, enough=bound)
    if total is None:
        return
    room = total[0].max(initial=0.0) - bound
    sums, last, steps = _impulse(form, enough=bound + room / 2) or total
    if room > 0 or (room >= -1e-12 * bound and not total[1].any()):
        steps, last = (steps, last) if room > 0 else (total[2], total[1])
        yield from _peak_witnesses(form, steps, last, room if room > 0 else 1.0)


def peak_bounds(form: RealForm, rtol: float):
    """Two ends around the peak gain, each with its witnesses; None if not stable."""
    if not form.margin > 0:
        return None
    if form.continuous:
        found = _best_ellipsoid(form)
        top = (found[0] if found else np.inf) * (1 + 1e-6)
        low = max((gain for gain, *_ in _rows(form)), default=0.0) * (1 - 1e-9)
        if form.n == 0:
            low = top = abs(form.D).sum(1).max(initial=0.0)
        return low, peak_at_least(form, low), float(top), peak(form, top)
    total = _impulse(form, rtol=rtol / 16)
    if total is None:
        return None if form.n else (0.0, [], 0.0, [])
    top = float(total[0].max(initial=0.0))
    tiny = 1e-12 * np.linalg.norm(form.B) * max(np.linalg.norm(form.C), 1e-6) if total[1].any() else 0.0
    spread = 0.45 * rtol if total[1].any() else 0.0
    low, high = top * (1 - spread), top * (1 + spread) + (tiny if top <= tiny else 0.0)
    return low, peak_at_least(form, low), high, peak(form, high)


# ---------------------------------------------------------------------------------- peak gain, continuous time


def _reach(form: RealForm, a: float, weights, blend: float):
    r"""$Q$ with $AQ + QA^\top + 2aQ + \frac{1}{2a} B W^{-1} B^\top + \varepsilon E = 0$: the ellipsoid $x^\top Q^{-1} x \le 1$."""
    A, B = form.balanced, form.B * form.scales[:, None]
    drive = (B / weights) @ B.T / (2 * a)
    drive = drive + blend * (np.trace(drive) / form.n or 1.0) * np.eye(form.n)
    return equations.lyapunov((A + a * np.eye(form.n)).T, drive)


def _row_gains(form: RealForm, Q):
    C = form.C / form.scales
    return abs(form.D).sum(1) + np.sqrt(np.maximum((C @ Q * C).sum(1), 0))


def _weighted(form: RealForm, a: float):
    """The weights of the inputs that make the largest row smallest, by reweighting: (bound, weights)."""
    m = form.m
    one = [_reach(form, a, np.where(np.arange(m) == j, 1.0, np.inf), 0.0) for j in range(m)]
    C = form.C / form.scales
    c = np.array([(C @ Q * C).sum(1) for Q in one]).T.clip(0)  # (p, m)
    D, outer, best = abs(form.D).sum(1), np.ones(form.p) / form.p, (np.inf, np.ones(m) / m)
    for _ in range(60):
        w = np.sqrt(outer @ c) + 1e-9 * np.sqrt(c.max())
        w = w / w.sum()
        rows = D + np.sqrt((c / w).sum(1))
        if rows.max() < best[0]:
            best = rows.max(), w
        outer = outer * (rows / rows.max()) ** 2
        outer = outer / outer.sum()
    return best


def _best_ellipsoid(form: RealForm, blend: float = 1e-7):
    """The best decay rate: (bound, a, weights, Q)."""
    if not form.n or not form.m or not form.p or not form.B.any() or not form.C.any():
        a, w = (form.margin / 2 if form.n else 0.5), np.ones(form.m) / max(form.m, 1)
        Q = _reach(form, a, w, blend) if form.m else np.eye(form.n)
        return (abs(form.D).sum(1).max(initial=0.0) + 1e-9, a, w, Q)
    grid = form.margin * np.concatenate([np.geomspace(0.02, 0.5, 8), 1 - np.geomspace(0.4, 0.02, 6)])
    values = [_weighted(form, a)[0] for a in grid]
    k = int(np.argmin(values))
    low, high = grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)]
    a = minimize_scalar(lambda a: _weighted(form, a)[0], bounds=(low, high), method="bounded", options={"xatol": 1e-3 * high}).x
    w = np.floor(_weighted(form, a)[1] * 2.0**40) / 2.0**40
    w = np.maximum(w, 2.0**-40)
    w = w if w.sum() <= 1 else w / (1 + 2.0**-20)
    Q = _reach(form, a, w, blend)
    return _row_gains(form, Q).max(), float(a), w, Q


def _ellipsoids(form: RealForm, bound: float):
    if not form.margin > 0:
        return
    if form.n == 0:
        yield Witness(P=np.zeros((0, 0)), a=1.0, w=np.zeros(form.m)), "no states: only D"
        return
    for blend in (1e-3, 1e-5, 1e-7, 1e-10):
        value, a, w, Q = _best_ellipsoid(form, blend)
        if value <= bound:
            yield Witness(P=form.restore(np.linalg.inv(Q)), a=a, w=w), "ellipsoid that no input leaves"


def _rows(form: RealForm, keep: int = 2):
    r"""The largest $\sum_j |G_{ij}(i\omega)|$: (gain, omega, row, v) with $|v_j| \le 1$, at a few frequencies, best first."""
    if not form.m or not form.p or not form.margin > 0:
        return
    resolvent = response.Resolvent.of(*form.system, True)
    grid = response._grid(form.poles, True, True) if form.n else np.zeros(1)
    sums = lambda omega: abs(resolvent.moments(omega)[0]).sum(2) if form.n else np.repeat(abs(form.D).sum(1)[None], len(omega), 0)
    still = abs(form.D).sum(1)
    rough, found = sums(grid), []
    for row in np.argsort(-rough.max(0))[:keep]:
        k = int(np.argmax(rough[:, row]))
        low, high = grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)]
        omega = float(grid[k])
        for _ in range(12):
            fine = np.linspace(low, high, 17)
            values = sums(fine)[:, row]
            j = int(np.argmax(values))
            omega = float(fine[j]) if values[j] >= sums(np.array([omega]))[0, row] else omega
            low, high = fine[max(j - 1, 0)], fine[min(j + 1, 16)]
        found.append((float(sums(np.array([omega]))[0, row]), omega, int(row)))
        if still[row] >= found[-1][0]:
            found.append((float(still[row]), np.inf, int(row)))
    for gain, omega, row in sorted(found, reverse=True):
        G = form.D[row] if np.isinf(omega) or not form.n else resolvent.moments(np.array([omega]))[0][0, row]
        size = abs(G)
        v = np.where(size > 0, G.conj() / np.where(size > 0, size, 1.0), 1.0)
        yield gain, omega, row, np.where(abs(v.imag) < 1e-15, np.sign(v.real), v * (1 - 2.0**-50)).astype(complex)


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
    _, V = sl.eig(A)
    W = np.linalg.inv(V / np.linalg.norm(V, axis=0))
    yield (W.conj().T @ W).real


def _iss_numbers(form: RealForm, P, a: float):
    """P scaled to P >= I, the overshoot that it gives, and the least gain; None where it does not contract."""
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
    if equations._cholesky(loss) is None:
        return None
    square = np.linalg.eigvalsh(direct + cross.T @ np.linalg.solve(loss, cross))[-1] / room if form.m else 0.0
    return P, np.linalg.eigvalsh(P)[-1] ** 0.5, max(square, 0.0) ** 0.5


def iss(form: RealForm, gain: float, decay: float, overshoot: float):
    """Find P with I <= P <= overshoot^2 I that contracts at the decay and lets inputs add no more than the gain."""
    if not form.margin > 0:
        return
    for P in _iss_storages(form, decay):
        found = _iss_numbers(form, P, decay)
        if found and found[1] <= overshoot and found[2] <= gain:
            yield Witness(P=found[0]), "Stein equation with a decay rate"


def iss_choices(form: RealForm, gain=None, decay=None, overshoot=None):
    """Choose the numbers that are None: (Witness, gain, decay, overshoot), in order of gain times overshoot."""
    if not form.margin > 0:
        return
    if decay is None:
        share = float(f"{form.margin / 2:.3g}")
        decay = share if form.continuous else 1 - share
    found = [x for P in _iss_storages(form, decay) if (x := _iss_numbers(form, P, decay))]
    for P, c, g in sorted(found, key=lambda x: x[1] * (x[2] + 1e-300)):
        if (gain is None or g <= gain) and (overshoot is None or c <= overshoot):
            yield Witness(P=P), gain if gain is not None else _up(g), decay, overshoot if overshoot is not None else _up(c)


def _up(x: float) -> float:
    """A short decimal a little above."""
    if x == 0:
        return 0.0
    x = x * (1 + 1e-7)
    unit = 10.0 ** (np.floor(np.log10(x)) - 4)
    return float(f"{np.ceil(x / unit) * unit:.6g}")
