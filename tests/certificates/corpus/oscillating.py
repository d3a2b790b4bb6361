"""Certificates about oscillators, to accept and to refuse; importing this module adds them to both lists."""
# ruff: noqa: E501 (one case a line)

from math import nextafter
from typing import Any

from accepted import CASES, R, X, add, table
from build import claim, diag, numbers, oscillators, split
from refused import broken, malformed, spoilt

# imex2 with A = G = h = 1: M = [[0, -1], [0, 0]], F = (1, 1), so y_{k+1} = u_k and z_{k+1} = u_k - y_k
DEAD = oscillators([1], [1], 1, "imex2", [[1]], [[1]])  # the position: a delay, gain 1
TWICE = oscillators([1], [1], 1, "imex2", [[1]], [[0]], velocity=[[1]])  # the velocity: u_k - u_{k-1}, gain 2
POST = oscillators([1], [1], 1, "imex2", [[1]], [[1]], output="post")  # y_k = u_k
TURNED = oscillators([1], [1], [1], "imex2", [[1j]], [[-1j]])  # Re(-i y), y_{k+1} = i u_k: a delay
# im with A = 1, G = 2, h = 1: M = [[1, -1], [1, 3]]/4, both eigenvalues 1/2; (w/4)/(w - 1/2)^2, gain 1
IM = oscillators([1], [2], 1, "im", [[1]], [[1]])
HELD = oscillators([1], [2], 1, "zoh", [[1]], [[1]])  # exp: [[0, -1], [1, 2]]/e, a double eigenvalue 1/e
FREE = oscillators([3], [0], 1, "im", [[1]], [[1]])  # E shrinks to 1/4
V = [[1, 1], [1, 3]]  # [[1, G/2], [G/2, A + G^2/2]]: falls along every motion of A = 1, G = 2
D2, D4 = diag(0.25, 2), diag(0.25, 0.25, 2, 2)  # P - A'PA = diag(1/4, 7/4); complex: real parts first
LAST = nextafter(1, 0)


def kinds(stem: str, claim: Any, why: str, small: dict[str, Any], *, post: Any = None, turned: Any = None, held: Any = None) -> None:
    """Append a claim with a witness about DEAD, TURNED, POST and HELD; order 4 from order 2 by doubling."""
    double = {k: wide(v) if k in ("P", "S") else lifted(v) if k in ("x", "xr", "xi") else v for k, v in small.items()}
    rows = {"oscillator-stored": (why, DEAD, small), "oscillator-complex": (why, TURNED, turned or double)}
    rows["oscillator-post"] = (f"as a delay, without the delay; {why}", POST, post or small)
    if held:
        rows["oscillator-enclosed"] = ("enclosed, with room", HELD, held[0], *held[1:])
    table(stem, claim, rows)


def wide(P: list) -> list:
    return diag(P[0][0], P[0][0], P[1][1], P[1][1])


def lifted(x: list) -> list:
    """The state of TURNED: all of it in the imaginary parts."""
    return [0, x[0], 0, x[1]]


# ---------------------------------------------------------------------------------------- without a witness
two = [0.5, 0.5]
SIGNS = oscillators([2, 1], [1, 0.5], two, "zoh", [[1], [1]], [[1, 1]])
add("schur-oscillator", "both eigenvalues are 1/2", IM, claim("Schur", rate=0.75))
add("schur-oscillator-held", "zoh: A > 0 and G > 0", SIGNS, claim("Schur", rate=1))
add("boundary-schur-oscillator", "both eigenvalues are 1/2", IM, claim("Schur", rate=nextafter(0.5, 1)))
add("boundary-schur-oscillator-imex", "a just below 4 + 2 g", oscillators([nextafter(5, 0)], [0.5], 1, "imex", [[1]], [[1]]), claim("Schur", rate=1))
add("notschur-oscillator", "both eigenvalues are 1/2", IM, claim("NotSchur", rate=0.5))
add("notschur-oscillator-held", "zoh: without damping nothing decays", oscillators([2, 1], [1, 0], 0.5, "zoh", [[1], [1]], [[1, 1]]), claim("NotSchur", rate=1))
add("notschur-oscillator-imex", "a = 4 + 2 g: the eigenvalue -1", oscillators([5], [0.5], 1, "imex", [[1]], [[1]]), claim("NotSchur", rate=1))
add("unstable-oscillator", "imex: a just above 4 + 2 g", oscillators([nextafter(5, 9)], [0.5], 1, "imex", [[1]], [[1]]), claim("Unstable"))
add("unstable-oscillator-held", "zoh: G < 0 by 2^-1074", oscillators([1], [-(2.0**-1074)], 1, "zoh", [[1]], [[1]]), claim("Unstable"))
add("bounded-oscillator", "verlet, a = 1: on the circle, no Jordan block", oscillators([1], [0], 1, "verlet", [[1]], [[1]]), claim("Bounded"))
add("schur-oscillator-euler", "0 < a < g", oscillators([0.5], [1], 1, "euler", [[1]], [[1]]), claim("Schur", rate=1))
add("bounded-oscillator-zero", "imex, A = 0 and G > 0: eigenvalues 1 and 1/2", oscillators([0], [1], 1, "imex", [[1]], [[1]]), claim("Bounded"))
add("bounded-oscillator-held", "zoh at any phase, M = -I included", oscillators([1, 9.869604401089358], [0, 0], 1, "zoh", [[1], [1]], [[1, 1]]), claim("Bounded"))
add("unbounded-oscillator", "A = G = 0: y grows like k h", oscillators([1, 0], [1, 0], 1, "im", [[1], [1]], [[1, 1]]), claim("Unbounded"))
add("unbounded-oscillator-imex", "a = 4: a Jordan block at -1", oscillators([4], [0], 1, "imex", [[1]], [[1]]), claim("Unbounded"))
add("l2gain-oscillator", "the gain is 1", IM, claim("L2Gain", gamma=1.25))
add("boundary-l2gain-oscillator", "the gain is 1, at z = 1", IM, claim("L2Gain", gamma=1))
add("boundary-l2gain-oscillator-velocity", "u_k - u_{k-1}: gain 2, at z = -1", TWICE, claim("L2Gain", gamma=2))
add("boundary-l2gain-oscillator-direct", "1/z + 3: gain 4", oscillators([1], [1], 1, "imex2", [[1]], [[1]], [[3]]), claim("L2Gain", gamma=4))
add("boundary-l2gain-oscillator-wide", "three inputs, two outputs: 3 times 5", oscillators([1], [1], 1, "imex2", [[1, 2, 2]], [[3], [4]]), claim("L2Gain", gamma=15))
add("l2gainatleast-oscillator-free", "the gain is 1", IM, claim("L2GainAtLeast", gamma=1))
add("lipschitz-oscillator-free", "a bias moves both motions alike", oscillators([1], [2], 1, "im", [[1]], [[1]], bias=[5]), claim("Lipschitz", gamma=1))
add("passive-oscillator-free", "im from force to velocity, two steps", oscillators([1, 0], [0.5, 0], [0.5, 2], "im", [[1, 2], [0, -1]], diag(0, 0), velocity=[[1, 0], [2, -1]], output="post"), claim("Passive"))
add("energyratio-oscillator", "1/(1 + a) = 1/4", FREE, claim("EnergyRatio", bound=0.25))
add("energyratio-oscillator-held", "zoh: A and G are not negative", oscillators([1, 0], [0, 1], 0.5, "zoh", [[1], [1]], [[1, 1]]), claim("EnergyRatio", bound=1))
add("energyratio-oscillator-tustin", "the energy is kept", oscillators([3], [0], 0.75, "tustin", [[1]], [[1]]), claim("EnergyRatio", bound=1))
add("energyratioabove-oscillator", "1/(1 + a) = 1/4", FREE, claim("EnergyRatioAbove", bound=nextafter(0.25, 0)))
add("energyratioabove-oscillator-imex", "imex swings", oscillators([1], [0], 1, "imex", [[1]], [[1]]), claim("EnergyRatioAbove", bound=2))
add("energyratioabove-oscillator-held", "zoh with negative damping", oscillators([1], [-0.5], 1, "zoh", [[1]], [[1]]), claim("EnergyRatioAbove", bound=1))
FROM: dict[str, Any] = {"shortest": 0.25, "longest": 8}
add("stableforsteps-oscillator", "im: E falls in every step", oscillators([3, 2.0**-1074], [0, 1], 1, "im", [[1], [1]], [[1, 1]]), claim("StableForSteps", **FROM))
add("stableforsteps-oscillator-held", "zoh with damping", HELD, claim("StableForSteps", **FROM))
add("stableforsteps-oscillator-imex3", "g = 2 at the longest step", oscillators([1], [0.25], 1, "imex3", [[1]], [[1]]), claim("StableForSteps", **FROM))
add("boundedforsteps-oscillator", "tustin keeps E", oscillators([3], [0], 1, "tustin", [[1]], [[1]]), claim("BoundedForSteps", **FROM))
add("boundedforsteps-oscillator-held", "zoh keeps E", oscillators([3], [0], 1, "zoh", [[1]], [[1]]), claim("BoundedForSteps", **FROM))
SWING = oscillators([0, 1], [1, 0], 1, "imex", [[1], [1]], [[1, 1]])
UNSTABLE: dict[str, Any] = {"oscillator": 1, "steps": [1.875, 0.5]}
add("unstableforsteps-oscillator", "imex, undamped: steps of 1.875 and 0.5 in turn", SWING, claim("UnstableForSteps", shortest=0.5, longest=1.875), **UNSTABLE)
add("unstableforsteps-oscillator-held", "zoh with negative damping grows by any step", oscillators([1], [-1], 1, "zoh", [[1]], [[1]]), claim("UnstableForSteps", **FROM), oscillator=0, steps=[1])
add("empty-oscillators", "no oscillators at all", oscillators([], [], [], "imex", [], [[]], [[]]) | {"p": 1}, claim("Schur", rate=1))

# ---------------------------------------------------------------------------------------- with a witness
gain, atleast = claim("L2Gain", gamma=2), claim("L2GainAtLeast", gamma=0.875)
STATIC = diag(0.25, 0.5)  # without the delay: no C'C to cover
AT: dict[str, Any] = {"P": D2, "a": 0.5, "point": 0, "xr": [0, 1], "xi": [0, 0], "vr": [1], "vi": [0]}
SUM: dict[str, Any] = {"P": D2, "a": 0.5, "steps": 2, "bits": 0, "weight": 1.5, "tail": 0}
kinds("schur", claim("Schur", rate=0.75), "P = diag(1/4, 2): 9/16 P - A'PA > 0", {"P": D2}, held=({"P": V}, claim("Schur", rate=1)))
kinds("bounded", claim("Bounded"), "P = diag(1/4, 2)", {"P": D2}, held=({"P": V},))
for stem, g in ("l2gain", gain), ("lipschitz", claim("Lipschitz", gamma=2)):
    kinds(stem, g, "the gain is 1", {"P": D2}, post={"P": STATIC}, held=({"P": [[2, 2], [2, 6]]},))
kinds("l2gainatleast", atleast, "G(1) = 1", AT, held=({"P": [[3, 3], [3, 9]], "a": 0.96875, "point": 0, "xr": [0, 0], "xi": [0, 1], "vr": [0], "vi": [1]},))
kinds("l2gainatleast-sequence", atleast, "1, 0 is answered by 0, 1", {"u": [[1], [0]]})
kinds("dissipative", claim("Dissipative", Q=[[-1]], S=[[0]], R=[[4]]), "the gain is 1", {"P": D2}, post={"P": STATIC}, held=({"P": [[4, 4], [4, 12]], "scale": 2},))
kinds("notdissipative", claim("NotDissipative", Q=[[-1]], S=[[0]], R=[[0.75]]), "the gain is 1", {"u": [[1], [0]]}, held=({"u": [[1], [0]]}, claim("NotDissipative", Q=[[-1]], S=[[0]], R=[[0.0625]])))
kinds("iss", claim("InputToStateStable", gain=5, decay=0.875, overshoot=1.5), "P = diag(1, 2)", {"P": diag(1, 2)}, held=({"P": [[2, 2], [2, 6]]}, claim("InputToStateStable", gain=99, decay=0.96875, overshoot=3)))
kinds("h2norm", claim("H2Norm", bound=1.25), "the norm is 1", {"P": diag(0.125, 1.25)}, post={"P": diag(0.0625, 0.125)}, held=({"P": [[1, 1], [1, 3]]}, claim("H2Norm", bound=2)))
kinds("h2normatleast", claim("H2NormAtLeast", bound=1), "the norm is 1", {"P": diag(0, 1), "S": D2}, post={"P": diag(0, 0), "S": D2}, turned={"P": diag(0, 0, 0, 1), "S": D4}, held=({"P": diag(0, 0.5), "S": V}, claim("H2NormAtLeast", bound=0.125)))
kinds("peakgain", claim("PeakGain", bound=1.25), "the response is 0, 1, 0", SUM, held=({"P": [[3, 3], [3, 9]], "a": 0.96875, "steps": 40, "bits": 30, "weight": 3, "tail": 2.0**-16}, claim("PeakGain", bound=1.125)))
kinds("peakgainatleast", claim("PeakGainAtLeast", bound=1), "the response is 0, 1, 0", SUM, held=({"P": [[3, 3], [3, 9]], "a": 0.96875, "steps": 40, "bits": 30, "weight": 3, "tail": 2.0**-16}, claim("PeakGainAtLeast", bound=0.875)))
for kind, data, P in ("", {**DEAD}, diag(0.25, 1.5)), ("-complex", {**TURNED}, diag(0.25, 0.25, 1.5, 1.5)), ("-post", {**POST}, STATIC), ("-held", {**HELD}, [[0.5, 0.5], [0.5, 1.5]]):
    add(f"passive-oscillator{kind}", "2 u is added to the output", data | {"D": numbers([[2]])}, claim("Passive"), P=P)
for kind, data in ("", DEAD), ("-complex", TURNED), ("-held", HELD):
    add(f"notpassive-oscillator{kind}", "1, -1 is answered by a delay", data, claim("NotPassive"), u=[[1], [-1]])
add("notpassive-oscillator-post", "y = -u", POST | {"position": numbers([[-1]])}, claim("NotPassive"), u=[[1]])
GROW = oscillators([-1], [1], 1, "imex2", [[1]], [[1]])  # M = [[0, 1], [0, 2]]
AWAY = oscillators([-1], [1], 1, "imex2", [[1j]], [[1j]], output="post")
RISE = oscillators([-1], [0], 1, "zoh", [[1]], [[1]])  # [[cosh 1, sinh 1], [sinh 1, cosh 1]]
for stem, c in ("unstable", claim("Unstable")), ("notschur", claim("NotSchur", rate=1)), ("unbounded", claim("Unbounded")):
    add(f"{stem}-oscillator-stored", "P = diag(1, -1): diag(1, 2) > 0", GROW, c, P=diag(1, -1), x=[0, 1])
    add(f"{stem}-oscillator-complex", "the same twice", AWAY, c, P=diag(1, 1, -1, -1), x=[0, 0, 0, 1])
    add(f"{stem}-oscillator-stored-held", "z y grows: P - A'PA = sinh(2)/2 I", RISE, c, P=[[0, -0.5], [-0.5, 0]], x=[1, 1])
    if stem != "unbounded":
        add(f"{stem}-oscillator-eigenvector", "M (1, 2) = 2 (1, 2)", GROW, c, q=[2], v=[1, 2])
add("unbounded-oscillator-chain", "A = G = 0: (M - 1)(1, 0) = (0, 1)", oscillators([0], [0], 1, "im", [[1]], [[1]]), claim("Unbounded"), q=[1], v=[1, 0])
for kind, data, parts in ("real", R, {"P": [[2]]}), ("complex", X, {"P": diag(2, 2)}):
    add(f"lipschitz-discrete-{kind}", "linear: the gain of differences is the gain", data, claim("Lipschitz", gamma=2.5), **parts)
GOOD = {name: data for name, data, _ in CASES}
for stem, data in [(name, GOOD[name]) for name in ("l2gain-discrete-modal-pre", "l2gain-discrete-modal-post", "l2gain-continuous-real", "l2gain-continuous-complex", "l2gain-continuous-modal")]:
    parts = {key: [[float.fromhex(x) for x in row] for row in value] for key, value in data["witness"].items()}
    add(stem.replace("l2gain", "lipschitz"), "linear: the gain of differences is the gain", data["subject"], claim("Lipschitz", gamma=1.25), **parts)
GOOD = {name: data for name, data, _ in CASES}

# ---------------------------------------------------------------------------------------- malformed
A = "schur-oscillator"


def wrong(name: str, why: str, base: str = A, **changes: Any) -> None:
    broken(f"oscillator-{name}", why, GOOD[base], **changes)


def unproved(name: str, why: str, base: str = A, **changes: Any) -> None:
    spoilt(f"oscillator-{name}", why, GOOD[base], **changes)


wrong("dt-true", "an oscillator has a step in seconds", subject__dt=True)
wrong("dt-zero", "a step of 0", subject__dt=numbers(0))
wrong("dt-negative", "a step backwards", subject__dt=numbers(-1))
wrong("dt-one-zero", "one of two steps is 0", "schur-oscillator-held", subject__dt=numbers([0.5, 0]))
wrong("dt-nested", "a matrix of steps", subject__dt=numbers([[1]]))
wrong("dt-bare", "a bare number", subject__dt=1)
wrong("dt-none", "no step", subject__dt=None)
wrong("scheme-unknown", "no such scheme", subject__scheme="midpoint")
wrong("scheme-case", "names are lower case", subject__scheme="IM")
wrong("scheme-list", "the scheme is no word", subject__scheme=["im"])
wrong("scheme-none", "no scheme", subject__scheme=None)
wrong("output", "output is pre or post", subject__output="mid")
for key in ("stiffness", "damping", "bias", "velocity", "position", "B", "D"):
    broken(f"oscillator-no-{key}", f"`{key}` is missing", GOOD[A], **{f"subject__{key}": None})
wrong("extra-A", "an oscillator has no A", subject__A=numbers([[0.5]]))
wrong("extra-steps", "the steps are called dt", subject__steps=numbers([1]))
wrong("nan", "NaN", subject__stiffness=["nan"])
wrong("infinite", "infinity", subject__damping=["inf"])
wrong("minus-zero", "-0 is written 0", subject__bias=["-0x0.0p+0"])
wrong("sum", "claim and subject have one spelling", subject__stiffness={"sum": [numbers([1])]})
wrong("complex-stiffness", "stiffness is real", subject__stiffness=split([1]))
wrong("complex-D", "D is real", "schur-oscillator-complex", subject__D=split([[1]]))
wrong("bias-real", "B is complex, the bias is not", "schur-oscillator-complex", subject__bias=numbers([0]))
wrong("velocity-complex", "the velocity is complex, B is not", subject__velocity=split([[1j]]))
wrong("position-real", "B is complex, the position is not", "schur-oscillator-complex", subject__position=numbers([[1]]))
wrong("verlet-damped", "verlet is without damping", subject__scheme="verlet")
wrong("divisor", "1 + g + a = 0: the step has no solution", subject__stiffness=numbers([-3]))
wrong("n", "two oscillators, one stiffness", subject__n=2)
wrong("n-states", "n counts oscillators, not states", "bounded-oscillator-held", subject__n=4)
wrong("dt-short", "two oscillators, one step in the list", "bounded-oscillator-held", subject__dt=numbers([1]))
wrong("hurwitz", "a discrete system", claim={"type": "Hurwitz", "rate": numbers(0)})
wrong("complex-bias-real", "a bias in the real parts", "l2gain-oscillator-complex", subject__bias=split([1]))
wrong("complex-bias-imaginary", "a bias in the imaginary parts", "l2gain-oscillator-complex", subject__bias=split([1j]))
wrong("witness-none", "a norm needs a witness", "h2norm-oscillator-stored", witness={})
wrong("rate-zero", "no eigenvalue has a modulus below 0", claim__rate=numbers(0))
wrong("energy-negative", "the bound is negative", "energyratio-oscillator", claim__bound=numbers(-1))
wrong("energy-open", "no bound", "energyratio-oscillator", claim__bound=None)
wrong("energy-witness", "no witness is known", "energyratio-oscillator", witness__P=numbers(diag(1, 1)))
wrong("steps-zero", "a step of 0", "stableforsteps-oscillator", claim__shortest=numbers(0))
wrong("steps-turned", "shortest and longest exchanged", "stableforsteps-oscillator", claim__shortest=numbers(9))
wrong("steps-open", "no longest step", "boundedforsteps-oscillator", claim__longest=None)
wrong("steps-witness", "no witness is known", "boundedforsteps-oscillator", witness__steps=numbers([1]))
wrong("index-text", "the index is an integer", "unstableforsteps-oscillator", witness__oscillator=numbers(1))
wrong("index-negative", "the index is negative", "unstableforsteps-oscillator", witness__oscillator=-1)
wrong("index-none", "no index", "unstableforsteps-oscillator", witness__oscillator=None)
wrong("steps-count", "the steps are counted, not listed", "unstableforsteps-oscillator", witness__steps=2)
wrong("order", "P of order 2, the real form has order 4", "schur-oscillator-complex", witness__P=numbers(D2))
wrong("witness", "no such field", witness__hint=numbers(1))
wrong("passive", "one output, two inputs", "passive-oscillator-free", subject__p=1, subject__velocity=numbers([[1, 0]]), subject__position=numbers([[0, 0]]), subject__D=numbers([[0, 0]]))
for key, value in {"scheme": "imex2", "output": "post", "stiffness": numbers([2]), "dt": numbers(2), "bias": numbers([1])}.items():
    data = GOOD[A]
    stale = data | {"subject": data["subject"] | {key: value}}
    malformed(f"hash-stale-oscillator-{key}", f"`{key}` was changed, the hash was not", stale)

# ---------------------------------------------------------------------------------------- unproved
unproved("rate", "an eigenvalue is 1/2", claim__rate=numbers(0.5))
unproved("scheme", "euler: the eigenvalues of [[-1, -1], [1, 1]] are 0; imex: -1/3 and 1; A = 5 leaves im alone stable", subject__scheme="imex", subject__stiffness=numbers([9]))
unproved("one-of-two", "the second one grows", "schur-oscillator-held", subject__damping=numbers([1, -0.5]))
unproved("one-of-two-first", "the first one grows", "schur-oscillator-held", subject__damping=numbers([-0.5, 1]))
unproved("held-undamped", "zoh: without damping nothing decays", "schur-oscillator-held", subject__damping=numbers([1, 0]))
unproved("held-rate", "zoh: other rates need a storage matrix; the claim is true", "schur-oscillator-held", claim__rate=numbers(0.9921875))
unproved("edge", "imex: a = 4 + 2 g, the eigenvalue -1", "boundary-schur-oscillator-imex", subject__stiffness=numbers([5]))
unproved("notschur", "both eigenvalues are 1/2", "notschur-oscillator", claim__rate=numbers(nextafter(0.5, 1)))
unproved("unstable-edge", "imex: a = 4 + 2 g is on the circle", "unstable-oscillator", subject__stiffness=numbers([5]))
unproved("unstable-held", "zoh: G = 0 is on the circle", "unstable-oscillator-held", subject__damping=numbers([0]))
unproved("jordan", "A = G = 0: a Jordan block at 1", "bounded-oscillator-zero", subject__damping=numbers([0]))
unproved("jordan-verlet", "a = 4: a Jordan block at -1", "bounded-oscillator", subject__stiffness=numbers([4]))
unproved("jordan-held", "zoh: A = G = 0", "bounded-oscillator-held", subject__stiffness=numbers([1, 0]))
unproved("unbounded", "imex: a below 4", "unbounded-oscillator-imex", subject__stiffness=numbers([nextafter(4, 0)]))
unproved("gain", "the gain is 1", "boundary-l2gain-oscillator", claim__gamma=numbers(LAST))
unproved("gain-velocity", "the gain is 2", "boundary-l2gain-oscillator-velocity", claim__gamma=numbers(nextafter(2, 0)))
unproved("gain-direct", "the gain is 4", "boundary-l2gain-oscillator-direct", claim__gamma=numbers(nextafter(4, 0)))
unproved("gain-wide", "the gain is 15", "boundary-l2gain-oscillator-wide", claim__gamma=numbers(nextafter(15, 0)))
unproved("gain-lower", "the gain is 1", "l2gainatleast-oscillator-free", claim__gamma=numbers(nextafter(1, 2)))
unproved("gain-unstable", "im: A = -1/2 with g = 1/4 is not stable", "boundary-l2gain-oscillator", subject__stiffness=numbers([-0.5]), subject__damping=numbers([0.25]))
unproved("gain-bank", "two oscillators need a witness; the claim is true", "schur-oscillator-held", claim={"type": "L2Gain", "gamma": numbers(99)})
wrong("gain-bias", "a bias moves the output without any input", "lipschitz-oscillator-free", claim={"type": "L2Gain", "gamma": numbers(1)})
wrong("bounded-bias", "a bias may move anything; only eigenvalues are claimed with it", "lipschitz-oscillator-free", claim={"type": "Bounded"})
unproved("lipschitz", "the gain is 1", "lipschitz-oscillator-free", claim__gamma=numbers(LAST))
for key, value in {"scheme": "imex3", "output": "pre", "damping": numbers([-0.5, 0]), "stiffness": numbers([1, -0.0625]), "position": numbers([[0, 0], [2.0**-1074, 0]]), "velocity": numbers([[1, 0], [2, 1]]), "D": numbers([[0, 0], [0, 1]])}.items():
    unproved(f"passive-{key}", f"`{key}` is not what the theorem asks for", "passive-oscillator-free", **{f"subject__{key}": value})
unproved("energy", "the ratio is 1/4", "energyratio-oscillator", claim__bound=numbers(nextafter(0.25, 0)))
unproved("energy-above", "the ratio is 1/4", "energyratioabove-oscillator", claim__bound=numbers(0.25))
unproved("energy-negative-stiffness", "z^2 + A y^2 bounds nothing", "energyratio-oscillator", subject__stiffness=numbers([-9]))
unproved("energy-held", "zoh with negative damping", "energyratio-oscillator-held", subject__damping=numbers([0, -1]))
unproved("energy-held-below", "zoh, undamped: 1", "energyratio-oscillator-held", claim__bound=numbers(LAST))
wrong("energy-state-space", "a claim about oscillators", "schur-real", claim={"type": "EnergyRatio", "bound": numbers(9)}, witness={})
wrong("steps-state-space", "a claim about oscillators", "schur-modal-pre", claim={"type": "StableForSteps", "shortest": numbers(1), "longest": numbers(1)})
unproved("steps-imex", "imex diverges under irregular steps", "stableforsteps-oscillator", subject__scheme="imex")
unproved("steps-euler", "euler is not known", "stableforsteps-oscillator", subject__scheme="euler")
unproved("steps-zero-stiffness", "A = 0: y stays", "stableforsteps-oscillator", subject__stiffness=numbers([3, 0]))
unproved("steps-undamped", "tustin without damping is bounded only", "boundedforsteps-oscillator", claim={"type": "StableForSteps", "shortest": numbers(0.25), "longest": numbers(8)})
unproved("steps-imex3", "g is above 2 at the longest step", "stableforsteps-oscillator-imex3", claim__longest=numbers(nextafter(8, 9)))
unproved("steps-out-of-range", "1.875 is longer than the longest", "unstableforsteps-oscillator", claim__longest=numbers(nextafter(1.875, 0)))
unproved("steps-below-range", "0.5 is shorter than the shortest", "unstableforsteps-oscillator", claim__shortest=numbers(nextafter(0.5, 1)))
unproved("steps-other", "the first oscillator does not grow", "unstableforsteps-oscillator", witness__oscillator=0)
unproved("steps-nobody", "there is no third oscillator", "unstableforsteps-oscillator", witness__oscillator=2)
unproved("steps-none", "no step at all", "unstableforsteps-oscillator", witness__steps=[])
unproved("steps-calm", "steps of 1 do not grow", "unstableforsteps-oscillator", witness__steps=numbers([1, 1]))
unproved("steps-many", "more steps than a checker should take", "unstableforsteps-oscillator", witness__steps=numbers([1.875, 0.5] * 513))
unproved("steps-held", "zoh with damping decays", "unstableforsteps-oscillator-held", subject__damping=numbers([1]))
unproved("storage-negative", "P is negative", "schur-oscillator-held", witness__P=numbers([[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, 0], [0, 0, 0, -1]]))
unproved("storage-held", "E = z^2 + y^2 falls by nothing at z = 0; the claim is true", "bounded-oscillator-held", witness__P=numbers(diag(1, 1, 1, 1)))
unproved("storage-rate", "an eigenvalue of 1/e, P = V falls by less", "schur-oscillator-held", subject=HELD, claim__rate=numbers(0.36), witness__P=numbers(V))
unproved("storage-gain", "the gain is 1", "l2gain-oscillator-enclosed", claim__gamma=numbers(0.96875))
unproved("storage-output", "read after the update", "h2normatleast-oscillator-stored", subject__position=numbers([[0.5]]))
unproved("storage-complex", "Re(i y): the delay turns round, passivity goes", "passive-oscillator-complex", subject__D=numbers([[0]]))
unproved("eigenvector-held", "exp is never exact; the claim is true", "unstable-oscillator-eigenvector", subject__scheme="zoh")
unproved("explodes", "a growth of exp(10^9) in one step is not computed; the claim is true", "notschur-oscillator-stored-held", subject__damping=numbers([-1e9]))
unproved("too-many", "more oscillators than a checker should take; the claim is true", "schur-oscillator", subject=oscillators([1] * 1025, [1] * 1025, 1, "im", [[]] * 1025, []) | {"m": 0})
