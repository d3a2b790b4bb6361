r"""Witnesses about the l2 gain: storage matrices above it, sinusoids and input sequences below it.

Above: the strict Riccati solution of `equations`, in extended precision that of `refine`; where gamma *is*
the norm, a solution rounded to few bits, which is exact for delays, first-order lags and other systems with
short numbers. Below: the response at a peak (`frequency`), or a finite input sequence, which serves
unstable systems as well.
"""

from collections.abc import Iterator

import numpy as np

from ssmctl.analysis import equations, refine, response, storage
from ssmctl.analysis.frequency import frequency_witnesses
from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.witness import Witness

LONGEST = 512  # samples of an input sequence


def upper(form: RealForm, gamma: float):
    r"""Find $P > 0$ with $M(P, \gamma) > 0$ (continuous: $N_c(P, \gamma) > 0$), for gamma above the norm."""
    if not form.margin > 0:
        return
    if form.n == 0:
        yield Witness(P=np.zeros((0, 0))), "no states: only D"
        return
    lower = form.peak[0]
    if lower < gamma:
        P = storage.strict_storage(*form.system, gamma, lower, continuous=form.continuous)
        if P is not None:
            yield Witness(P=P), "eps-Riccati equation by structured doubling"
        else:  # a peak may have been missed
            lower = max(lower, response.hinf_search(*form.system, form.continuous, 1e-6).lower)
    if form.sharp_peak is not None:
        lower = max(form.sharp_peak.gain, lower if lower < gamma else 0.0)
    if lower >= gamma:
        return
    for parts in (1, 2):
        P = refine.strict_storage(*form.system, gamma, lower, form.continuous, parts=parts)
        if P is not None:
            yield Witness(P=P), "eps-Riccati equation in extended precision"


def upper_exact(form: RealForm, gamma: float):
    r"""Guess $P$ with $M(P, \gamma) \succeq 0$ at the norm itself: a Riccati solution of few bits."""
    A, B, C, D = form.system
    if not form.margin > 0 or form.n > 12 or abs(form.peak[0] - gamma) > 1e-9 * max(gamma, 1e-300):
        return
    above = gamma * (1 + 1e-12) + 1e-300
    low = _at_the_norm((A, B, C, D), above, form.continuous)
    high = _at_the_norm((A.T, C.T, B.T, D.T), above, form.continuous)
    guesses = [] if low is None else [low]
    if high is not None:
        top = gamma**2 * np.linalg.pinv(high)
        guesses += [top] if low is None else [(low + top) / 2, top]
    if gamma == 0 and not D.any():  # nothing goes in: any Gramian will do; nothing comes out: none is needed
        weight = np.eye(form.n) + C.T @ C
        gramian = equations.lyapunov(A, weight) if form.continuous else equations.stein(A, weight)
        guesses = [gramian if C.any() else 0 * gramian, *guesses]
    S = equations.lyapunov(A, np.eye(form.n)) if form.continuous else equations.stein(A, np.eye(form.n))
    for P in guesses:
        for bits in (0, 3, 8, 16, 30):
            scale = 2.0 ** (bits - np.floor(np.log2(abs(P).max() or 1.0)))
            short = np.round(P * scale) / scale
            loss = -(A.T @ short + short @ A) if form.continuous else short - A.T @ short @ A
            by_itself = np.linalg.eigvalsh(loss)[0] > 0
            yield (
                Witness(P=short, S=None if by_itself else S),
                "Riccati solution at the norm, rounded to few bits",
            )


def _at_the_norm(system, gamma, continuous):
    A, B, C, D = equations.tustin(*system) if continuous else system
    return equations.riccati(A, B, C, D, gamma, steps=60)


def lower(form: RealForm, gamma: float):
    r"""Find a frequency and a direction $v$ with $|G v| \ge \gamma |v|$."""
    if not form.margin > 0:
        return
    points, top = [form.peak[1]], form.peak[0]
    if form.margin < 1e-6 and form.sharp_peak is not None:
        top = max(top, form.sharp_peak.gain)
    if top < gamma * (1 - 1e-9):  # a peak may have been missed
        search = response.hinf_search(*form.system, form.continuous, 1e-6)
        if search.lower < gamma * (1 - 1e-9):
            return
        points = [search.omega]
    elif abs(points[0]) < 1e-3:
        points.append(0.0)
    for omega in points:
        for witness, gain, how in frequency_witnesses(form.system, omega, form.continuous, poles=form.poles):
            if gain >= gamma * (1 - 1e-12):
                yield witness, how
    if form.m > 1 and top <= gamma * (1 + 1e-12):
        for omega in points:
            yield from _cleaned(form, omega)


def _cleaned(form, omega):
    """The same point with a direction of few bits, for systems whose gain is reached exactly."""
    for witness, _, _ in frequency_witnesses(form.system, omega, form.continuous, poles=form.poles):
        v = np.asarray(witness["vr"]) + 1j * np.asarray(witness["vi"])
        v = np.round(v / np.max(abs(v)) * 64) / 64
        for found, _, _ in frequency_witnesses(form.system, omega, form.continuous, v=v, poles=form.poles):
            yield found, "frequency response in a direction of few bits"


# --------------------------------------------------------------------------------------- input sequences


def impulse_response(form: RealForm, T: int) -> np.ndarray:
    """Markov parameters D, CB, CAB, ...: shape (T, p, m)."""
    out, X = [form.D], form.B
    for _ in range(T - 1):
        out.append(form.C @ X)
        X = form.A @ X
    return np.array(out[:T])


def toeplitz(h: np.ndarray) -> np.ndarray:
    """The map from T inputs to T outputs, shape (T p, T m)."""
    T, p, m = h.shape
    big = np.zeros((T, p, T, m))
    for k in range(T):
        for j in range(T - k):
            big[j + k, :, j, :] = h[k]
    return big.reshape(T * p, T * m)


def lengths(form: RealForm) -> Iterator[int]:
    """Lengths of input sequences: the dense map stays small; few where a stable system has sinusoids."""
    T, longest = 1, 8 if form.margin > 0 else LONGEST
    while T <= longest and T * max(form.m, form.p) <= 800 and T * form.n**2 <= 200_000:
        yield T
        T = T * 2 if T > 2 else T + 1


def lower_sequence(form: RealForm, gamma: float):
    r"""Find inputs $u_0 \dots u_{T-1}$, from rest, whose outputs have at least gamma times their energy."""
    if form.continuous or not form.m or not form.p:
        return
    for T in lengths(form):
        h = impulse_response(form, T)
        if not np.isfinite(h).all() or abs(h).max() > 1e100:
            return
        _, sigma, V = np.linalg.svd(toeplitz(h))
        if sigma[0] < gamma * (1 - 1e-12):
            continue
        u = V[0].reshape(T, form.m)
        u = u / u.flat[np.argmax(abs(u))]
        for bits in (6, 20, 52):
            yield Witness(u=np.round(u * 2.0**bits) / 2.0**bits), f"an input of {T} samples"
        if sigma[0] > gamma * (1 + 1e-9):
            return
