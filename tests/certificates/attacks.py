"""One attack on each guard of each rule of the checker, with true claims beside it that only just hold."""

import copy
import itertools
import json
import math
from fractions import Fraction as F

import numpy as np
from scipy.integrate import quad
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

from ssmctl.certificates import claim as claims
from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject
from ssmctl.certificates.witness import Witness
from tests.certificates.truth import exact_response, fractions, times


def one(a, b=1.0, c=1.0, d=0.0, dt: float = True):
    """Give a system of one state, one input, one output."""
    return StateSpaceSubject([[a]], [[b]], [[c]], [[d]], dt)


def attacks(rng):
    """Yield (certificate, whether its claim is true)."""
    for claim, s, witness, true in itertools.chain(spectral(), storages(), responses(), wide(rng), peaks()):
        yield Certificate(claim, s, Witness(**witness)), true


def spectral():
    """Where the eigenvalues are."""
    P, x = {"P": [[-1.0]]}, {"x": [1.0]}
    for a, rate, claimed in (0.75, 0.5, 1), (2, 1.5, 1), (2, 1, 1), (2, 1, 1.5):
        yield claims.NotSchur(float(claimed)), one(a), P | x | {"rate": float(rate)}, a >= claimed
    for a, rate, claimed in (-0.25, 0.5, 0), (1, -0.5, 0), (1, 0, 0), (-0.25, 0.5, 0.5), (1, -0.5, 0.25):
        s = one(a, dt=0.0)
        yield claims.NotHurwitz(float(claimed)), s, P | x | {"rate": float(rate)}, a >= -claimed
    turn = StateSpaceSubject([[0.0, -1.0], [1.0, 1.875]], [[1.0], [0.0]], [[1.0, 0.0]], [[0.0]], True)
    for v in [1.0, 0.0], [0.0, 0.0]:
        yield claims.NotSchur(), turn, {"q": [1.875, 1.0], "v": v}, True
        yield claims.Unstable(), turn, {"q": [1.875, 1.0], "v": v}, False
    yield claims.NotSchur(), one(0.875), {"q": [2.125, 1.09375], "v": [1.0]}, False  # roots 7/8 and 5/4
    spread = StateSpaceSubject(np.diag([0.5, 2.0, 0.25]), np.ones((3, 1)), np.ones((1, 3)), [[0.0]], True)
    stable = StateSpaceSubject(np.diag([0.5, 0.75, 0.25]), np.ones((3, 1)), np.ones((1, 3)), [[0.0]], True)
    for k in range(3):
        e = np.eye(3)[k]
        yield claims.NotSchur(), spread, {"q": [spread.A[k, k]], "v": e}, True
        yield claims.NotSchur(), spread, {"P": np.diag([9.0, -1.0, 9.0]), "x": e}, True
        yield claims.NotSchur(), stable, {"q": [stable.A[k, k]], "v": e}, False
        yield claims.NotSchur(), stable, {"P": -np.eye(3), "x": e}, False
    for poles in [0.5, 2.0], [2.0, 0.5], [0.5, 0.25], [0.5, 1.0]:
        s = ModalSubject(poles, np.ones((2, 1)), np.ones((1, 2)), [[0.0]], True)
        yield claims.Schur(), s, {}, max(poles) < 1
        yield claims.Bounded(), s, {}, max(poles) <= 1
        yield claims.NotSchur(), s, {}, max(poles) >= 1
        yield claims.Unstable(), s, {}, max(poles) > 1


def storages():
    """Storage matrices that are not positive, for systems that are not stable; and at the boundary."""
    for s in one(2.0), one(1.0, dt=0.0):
        stable = claims.Hurwitz() if s.continuous else claims.Schur()
        for P in -1.0, 0.0:
            for claim in stable, claims.Bounded(), claims.H2Norm(9.0), claims.L2Gain(9.0):
                yield claim, s, {"P": [[P]]}, False
        yield claims.H2NormAtLeast(0.5), s, {"P": [[-1.0]], "S": [[-1.0]]}, False
        yield claims.L2Gain(9.0), one(s.A[0, 0], c=0.0, dt=s.dt), {"P": [[0.0]], "S": [[-1.0]]}, False
    for s in one(1.0), one(0.0, dt=0.0):
        yield claims.H2NormAtLeast(0.5), s, {"P": [[9.0]], "S": [[1.0]]}, False
        yield claims.Bounded(), s, {"P": [[1.0]]}, True
    for s in one(0.5, c=0.0, d=1.0), one(-0.5, c=0.0, d=1.0, dt=0.0):
        for P, S, gamma in (0, 1, 1), (0, 0, 1), (-1, 1, 1), (0, 1, 0.5):
            yield claims.L2Gain(float(gamma)), s, {"P": [[float(P)]], "S": [[float(S)]]}, gamma >= 1
    for R, scale in itertools.product((4.0, 3.99), (1.0, 2.0)):
        supply = claims.Dissipative([[-1.0]], [[0.0]], [[R]])
        yield supply, one(0.5), {"P": [[2.0 * scale]], "scale": scale}, R == 4
    two = StateSpaceSubject([[0.5j]], [[1.0]], [[0.0], [0.0]], [[1.0], [1.0]], True)
    for S in 0.5, -0.5:
        claim = claims.Dissipative(np.zeros((2, 2)), [[S], [0.0]], [[0.0]])
        yield claim, two, {"P": np.zeros((2, 2))}, S > 0
        yield claims.NotDissipative(np.zeros((2, 2)), [[S], [0.0]], [[0.0]]), two, {"u": [[0.0, 1.0]]}, S < 0


def responses():
    """Approximate responses whose error bound is sharp: half of the claims would follow from a wrong y."""
    for dt, a, outputs in itertools.product((True, 0.0), (0.75,), (1, 2)):
        room, a = (1 - a, a) if dt else (a, -a)
        C = [[1.0]] if outputs == 1 else [[0.0], [1.0]]
        s = StateSpaceSubject([[a]], [[1.0]], C, [[0.0]] * outputs, dt)
        witness = {"P": [[1 + 1e-9]], "a": a * (1 + 1e-9) if dt else -a * (1 - 1e-9), "point": 0.0}
        phases = itertools.cycle([(1.0, 0.0), (0.0, 1.0), (0.6, 0.8)])
        for e, q, cross in itertools.product((0.2, -0.2, 0.02, -0.02), (1, 0, -1), (0.5, 0, -0.5)):
            re, im = next(phases)
            y = 1 / room
            at = witness | {"vr": [re], "vi": [im], "xr": [(y + e) * re], "xi": [(y + e) * im]}
            Q = [[float(q)]] if outputs == 1 else [[0.0, 0.0], [0.0, float(q)]]
            S = [[float(cross)]] if outputs == 1 else [[0.0], [float(cross)]]
            for side in -1e-6, 1e-6:
                R = -(q * y * y + 2 * cross * y) + side
                yield claims.NotDissipative(Q, S, [[R]]), s, at, side < 0
                yield claims.L2GainAtLeast(y * (1 + side)), s, at, side < 0
                least = (y + e - abs(e)) * (1 + 2000 * min(side, 0))  # the rule gives away 2 e^2
                yield claims.L2GainAtLeast(least), s, at, least <= y


def wide(rng):
    """Two inputs, two outputs: one frequency, infinity, z = -1, or a sequence."""
    for dt, point in (True, 0.25), (True, None), (0.0, 0.75), (0.0, None):
        A = rng.standard_normal((3, 3))
        w = np.linalg.eigvals(A)
        A = A / np.abs(w).max() * 0.8 if dt else A - (w.real.max() + 0.3) * np.eye(3)
        B, C, D = rng.standard_normal((3, 2)), rng.standard_normal((2, 3)), rng.standard_normal((2, 2))
        s, a, q = StateSpaceSubject(A, B, C, D, dt), 0.9 if dt else 0.2, C.T @ C + np.eye(3)
        if dt:
            P = solve_discrete_lyapunov(A.T / a, q)
        else:
            P = solve_continuous_lyapunov(A.T + a * np.eye(3), -q)
            P = P * 1.01 * max(np.linalg.eigvals(np.linalg.solve(P, q)).real.max(), 1)
        v = rng.standard_normal(2) + 1j * rng.standard_normal(2)
        if point is None:
            z = (F(-1), F(0)) if dt else None
        else:
            t = F(point)
            z = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)) if dt else (F(0), t)
        V = [F(float(k)) for k in (*v.real, *v.imag)]
        size = sum(k * k for k in V)
        if z is None:
            y, x = times(fractions(D), V[:2]) + times(fractions(D), V[2:]), np.zeros(3)
        else:
            y, at = exact_response(s, z, V), complex(*map(float, z))
            x = np.linalg.solve(at * np.eye(3) - A, B @ v)
        witness = {"P": P, "a": a, "xr": x.real, "xi": np.imag(x), "vr": v.real, "vi": v.imag}
        yield from both(s, rng, witness | ({} if point is None else {"point": point}), V, y, size)
    yield claims.L2GainAtLeast(1.9), one(0.0, d=2.0), {"u": [[0.25]]}, True
    for s in s_real(rng), StateSpaceSubject([[0.5j]], [[1.0]], [[1 + 1j]], [[0.5]], True):
        A, B, C, D = map(fractions, s.real_form())
        u = rng.integers(-3, 4, (3, 2)).astype(float)
        x, ys = [F(0)] * len(A), []
        for row in fractions(u):
            ys.append([p + q for p, q in zip(times(C, x), times(D, row), strict=True)])
            x = [p + q for p, q in zip(times(A, x), times(B, row), strict=True)]
        gain = math.sqrt(sum(k * k for y in ys for k in y) / F(float((u * u).sum())))
        for side in -1e-9, 1e-9:
            yield claims.L2GainAtLeast(gain * (1 + side)), s, {"u": u}, side < 0
        if not s.complex:
            Q, S, R = rng.integers(-2, 3, (2, 2)), rng.integers(-2, 3, (2, 2)), np.eye(2)
            Q = Q + Q.T
            pairs = list(zip(ys, fractions(u), strict=True))
            used = sum(bilinear(Q, y, y) + 2 * bilinear(S, y, k) for y, k in pairs)
            r = -float(used) / (u * u).sum()
            for side in -1e-9, 1e-9:
                yield claims.NotDissipative(Q, S, (r + side) * R), s, {"u": u}, side < 0


def s_real(rng):
    draw = lambda *shape: rng.integers(-2, 3, shape) / 2
    return StateSpaceSubject(draw(2, 2), draw(2, 2), draw(2, 2), draw(2, 2) + 0.25, True)


def bilinear(M, x, y):
    return sum(F(float(M[i][j])) * x[i] * y[j] for i in range(len(x)) for j in range(len(y)))


def both(s, rng, witness, v, y, size):
    """A gain and a supply rate just below and just above what one response reaches."""
    gain = math.sqrt(sum(k * k for k in y) / size)
    Q, S = rng.integers(-2, 3, (2, 2)), rng.integers(-2, 3, (2, 2))
    Q, halves = Q + Q.T, [(y[:2], v[:2]), (y[2:], v[2:])]
    r = -float(sum(bilinear(Q, a, a) + 2 * bilinear(S, a, b) for a, b in halves) / size)
    for side in -1e-9, 1e-9:
        yield claims.L2GainAtLeast(gain * (1 + side)), s, witness, side < 0
        yield claims.NotDissipative(Q, S, (r + side) * np.eye(2)), s, witness, side < 0


def peaks():
    """Impulse responses summed with few steps, few terms, few bits: what is left out has to be paid for."""
    bounds = 0.5, 0.9, 0.97, 1.03, 1.15, 2.0
    swing = StateSpaceSubject([[-0.5, 2.0], [-2.0, -0.5]], [[1.0], [0.0]], [[1.0, 0.0]], [[0.0]], 0.0)
    area = quad(lambda t: math.exp(-t / 2) * abs(math.cos(2 * t)), 0, 60, limit=500)[0]
    plants = (one(-1.0, dt=0.0), 1.0, 1.0), (one(-1.0, b=-1.0, dt=0.0), 1.0, 1.0), (swing, 0.5, area)
    for (s, decay, true), h, order, bits in itertools.product(plants, (0.25, 1.0, 2.0), (1, 3, 6), (3, 60)):
        if s is swing and (order < 6 or h == 2):
            continue
        witness = {"P": 1.0001 * np.eye(s.n), "a": 0.9999 * decay, "weight": 1.001, "h": h, "order": order}
        witness |= {"steps": math.ceil(7 / decay / h), "bits": bits, "tail": 2e-3}
        for bound in bounds:
            yield claims.PeakGain(bound * true), s, witness, bound > 1
            yield claims.PeakGainAtLeast(bound * true), s, witness, bound < 1
    hump = StateSpaceSubject(
        [[-1.0, 1.0], [0.0, -1.0]], [[0.0], [1.0]], [[1.0, 0.0]], [[0.0]], 0.0
    )  # t exp(-t)
    coarse = {
        "P": np.diag([1.01, 1.2]),
        "a": 0.5,
        "weight": 1.1,
        "h": 1.0,
        "order": 9,
        "steps": 25,
        "bits": 60,
    }
    for bound in 0.95, 0.99, 1.5:
        yield claims.PeakGain(bound), hump, coarse | {"tail": 1e-6}, bound > 1
    back = {"P": [[1.0001]], "a": 0.9999, "weight": 1.001, "h": -1.0, "order": 30, "steps": 3, "bits": 200}
    yield claims.PeakGain(0.5), one(-1.0, dt=0.0), back | {"tail": 21.0}, False
    few = {"P": [[1.001]], "a": 0.501, "weight": 1.01, "steps": 0, "bits": 40}
    for b, tail, bound in (1, 1.001, 3.9), (1, 1.001, 4.1), (0.125, 0.13, 1), (0.125, 1.001, 1):
        s = StateSpaceSubject([[0.5]], [[1.0, float(b)]], [[1.0]], [[0.0, 0.0]], True)
        yield claims.PeakGain(float(bound)), s, few | {"tail": tail}, bound >= 2 * (1 + b)
        s = StateSpaceSubject([[0.5]], [[float(b), 1.0]], [[1.0]], [[0.0, 0.0]], True)
        yield claims.PeakGain(float(bound)), s, few | {"tail": tail}, bound >= 2 * (1 + b)
    many = few | {"steps": 40, "tail": 1e-9}
    for bound in 2.5, 3.1:
        yield claims.PeakGain(bound), one(0.5, d=-1.0), many, bound > 3
        yield claims.PeakGainAtLeast(bound), one(0.5, d=-1.0), many, bound < 3
    yield claims.PeakGain(1.1), one(0.5, c=0.5), many | {"P": [[1.0]], "a": 0.75, "weight": 1.0}, True
    for bits in 0, 2, 4:  # rounding down a state of either sign
        for b, bound in itertools.product((0.9, -0.9), (0.5, 1.0, 1.5, 1.75, 1.85, 2.0, 3.0)):
            s = one(0.51, b=b)
            yield (
                claims.PeakGain(bound),
                s,
                many | {"a": 0.511, "bits": bits, "tail": 2.0**-bits},
                bound > 0.9 / 0.49,
            )
            yield claims.PeakGainAtLeast(bound), s, many | {"a": 0.511, "bits": bits}, bound < 0.9 / 0.49


# ---------------------------------------------------------------------------------------- edited files
def turned(value):
    """Give JSON with the keys of every object in the opposite order."""
    return {k: turned(value[k]) for k in reversed(value)} if isinstance(value, dict) else value


def edited(files):
    """Yield (name, text, answer) made from accepted files by one edit and a new hash."""

    def text(data, **changes):
        data = copy.deepcopy(data) | changes
        return exact.canonical(data | {"sha256": exact.digest(data)})

    minus, seen = (-1.0).hex(), set()
    for name, source in files:
        data = exact.load(source)
        claim, subject, witness = (data[key] for key in ("claim", "subject", "witness"))
        if not seen:
            for key in "claim", "subject", "witness":
                for wrong in "type", ["type"], [], 3, None:
                    yield f"{name}: {key} = {wrong}", text(data, **{key: wrong}), "malformed"
            for wrong in [], {}, 3, ["Schur"]:
                yield f"{name}: claim", text(data, claim=claim | {"type": wrong}), "malformed"
        if subject["type"] == "Modal" and not witness:
            yield f"{name}: kind", text(data, subject=subject | {"type": "System"}), "malformed"
        kind = claim["type"], *sorted(witness)
        if kind in seen and name not in (
            "empty-no-states",
            "h2norm-discrete-complex",
            "eigenvalue-oscillator",
        ):
            continue
        seen.add(kind)
        yield f"{name}: turned", json.dumps(turned(data), indent=1), "yes"
        yield f"{name}: more", text(data, witness=witness | {"more": minus}), "malformed"
        for key in claim:
            if isinstance(claim[key], str) and key != "type" and "urwitz" not in claim["type"]:
                yield f"{name}: -{key}", text(data, claim=claim | {key: minus}), "malformed"
        for key in {"weight", "tail", "a"} & set(witness):
            yield f"{name}: -{key}", text(data, witness=witness | {key: minus}), "malformed"
        for key, value in witness.items():
            if isinstance(value, list):
                same = {key: {"sum": [value]}}
                yield f"{name}: sum", text(data, witness=witness | same), "yes"
            wrongs = [
                "0x1.0000000000000p+0",
                3,
                {"sum": 3},
                {"sum": "0x1.0000000000000p+0"},
                {"sum": []},
                None,
                [3],
                [[3]],
            ]
            for wrong in wrongs if isinstance(value, list) else [[value], {"sum": 3}, None, [[[value]]]]:
                yield f"{name}: {key} = {wrong}", text(data, witness=witness | {key: wrong}), "malformed"
        if isinstance(witness.get("P"), list) and len(witness["P"]) == 1 == len(witness["P"][0]):
            yield (
                f"{name}: a set",
                text(data, witness=witness | {"P": [dict.fromkeys(witness["P"][0])]}),
                "malformed",
            )
        if isinstance(witness.get("P"), list) and len(witness["P"]) == 2:
            skew = [["0x0.0p+0", minus], ["0x0.0p+0", "0x0.0p+0"]]
            for parts in [witness["P"], skew], [skew, witness["P"]]:
                yield f"{name}: skew", text(data, witness=witness | {"P": {"sum": parts}}), "malformed"
        if subject["type"] == "StateSpace" and isinstance(subject["A"], dict) and claim["type"] == "H2Norm":
            peak = {"type": "PeakGainAtLeast", "bound": "0x0.0p+0"}
            parts = {"P": [[9.0, 0], [0, 9.0]], "a": 0.75, "weight": 3.0, "tail": 9.0}
            parts = Witness(**parts, steps=1, bits=9).to_json()
            yield f"{name}: peak", text(data, claim=peak, witness=parts), "malformed"
        if name == "empty-no-states":
            for k, (m, p) in enumerate([(5000, 0), (0, 5000)]):
                big = subject | {"m": m, "p": p, "C": [[]] * p, "D": [[]] * p}
                yield f"size {k}", text(data, subject=big), "no"
