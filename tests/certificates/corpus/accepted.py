"""True claims with witnesses in closed form; each is easy to see by hand, and says how."""
# ruff: noqa: E501 (one case a line)

from math import nextafter
from typing import Any

from build import W, certificate, claim, cplx, diag, modal, real

# One system for each kind of subject: what the tables below are about, unless they say otherwise.
R = real([[0.5]], [[1]], [[1]], [[0]])  # 1/(z - 1/2): gain 2 at z = 1, impulse response 1, 1/2, 1/4, ...
X = cplx([[0.5j]], [[1]], [[1]], [[0]])  # 1/(z - i/2): gain 2 at z = i; embedded A = J/2, J = [[0, -1], [1, 0]]
M = modal([0.5j], [[1]], [[0.75]], [[0]])  # (3/4) z/(z^2 + 1/4): gain 1 at z = i; real form A = J/2
N = modal([0.5j], [[1]], [[0.75]], [[0]], output="post")  # z times that; C A = [0, -3/8], D + C B = 3/4
RC = real([[-1]], [[1]], [[1]], [[0]], dt=0)  # 1/(s + 1): gain 1 at omega = 0
XC = cplx([[-1 + 1j]], [[1]], [[1]], [[0]], dt=0)  # 1/(s + 1 - i): gain 1 at omega = 1
MC = modal([-1 + 1j], [[1]], [[1]], [[0]], dt=0)  # (s + 1)/((s + 1)^2 + 1): 1/2 at omega = 0

I2, TWO = diag(1, 1), diag(2, 2)
DELAY = real([[0]], [[1]], [[1]], [[0]])  # 1/z
ROTATION = [[0, 1], [-1, 0]]
CASES: list[tuple[str, dict[str, Any], str]] = []  # (name, certificate, why)


def add(name: str, why: str, subject: Any, claim: Any, **witness: Any) -> None:
    """Append a case."""
    CASES.append((name, certificate(claim, subject, W(**witness)), why))


def table(stem: str, claim: Any, rows: dict[str, Any]) -> None:
    """Append one case for each kind of subject: {kind: (why, subject, witness) or (…, claim)}."""
    for kind, (why, subject, witness, *other) in rows.items():
        add(f"{stem}-{kind}", why, subject, *(other or [claim]), **witness)


# ---------------------------------------------------------------------------------------- where the eigenvalues are
table(
    "schur",
    claim("Schur", rate=0.75),
    {
        "real": ("A = 1/2, P = 1: 9/16 - 1/4 > 0", R, {"P": [[1]]}),
        "complex": ("A = i/2, P = I", X, {"P": I2}),
        "modal-pre": ("|i/2| < 3/4", M, {}),
        "modal-post": ("|i/2| < 3/4", N, {}),
    },
)
table(
    "hurwitz",
    claim("Hurwitz", rate=0.5),
    {
        "real": ("A = -1, P = 1: 2 - 1 > 0", RC, {"P": [[1]]}),
        "complex": ("A = -1 + i, P = I", XC, {"P": I2}),
        "modal": ("Re(-1 + i) < -1/2", MC, {}),
    },
)
table(
    "notschur",
    claim("NotSchur", rate=0.5),
    {
        "real": ("the eigenvalue 1/2 has modulus 1/2 exactly", R, {"q": [0.5], "v": [1]}),
        "complex": ("A^2 + 1/4 = 0: eigenvalues +-i/2", X, {"q": [0, 0.25], "v": [1, 0]}),
        "modal-pre": ("|i/2| = 1/2", M, {}),
        "modal-post": ("|i/2| = 1/2", N, {}),
    },
)
table(
    "nothurwitz",
    claim("NotHurwitz", rate=1),
    {
        "real": ("the eigenvalue -1 has real part -1 exactly", RC, {"q": [-1], "v": [1]}),
        "complex": ("A^2 + 2A + 2 = 0: eigenvalues -1 +- i", XC, {"q": [-2, 2], "v": [1, 0]}),
        "modal": ("Re(-1 + i) = -1", MC, {}),
    },
)
grow: dict[str, Any] = {"B": [[1]], "C": [[1]], "D": [[0]]}
table(
    "unstable-discrete",
    claim("Unstable"),
    {
        "real": ("A = 2, P = -1: -1 + 4 > 0 and x'Px = -1 < 0", real([[2]], **grow), {"P": [[-1]], "x": [1]}),
        "real-eigenvector": ("A = 2 has the eigenvalue 2", real([[2]], **grow), {"q": [2], "v": [1]}),
        "complex": ("A = 2i, P = -I", cplx([[2j]], **grow), {"P": diag(-1, -1), "x": [1, 0]}),
        "modal-pre": ("|2i| > 1", modal([2j], **grow), {}),
        "modal-post": ("|2i| > 1", modal([2j], **grow, output="post"), {}),
    },
)
table(
    "unstable-continuous",
    claim("Unstable"),
    {
        "real": ("A = 1, P = -1: 2 > 0 and x'Px = -1 < 0", real([[1]], **grow, dt=0), {"P": [[-1]], "x": [1]}),
        "complex": ("A = 1 + i, P = -I", cplx([[1 + 1j]], **grow, dt=0), {"P": diag(-1, -1), "x": [1, 0]}),
        "modal": ("Re(1 + i) > 0", modal([1 + 1j], **grow, dt=0), {}),
    },
)
table(
    "bounded-discrete",
    claim("Bounded"),
    {
        "real": ("|1/2| < 1", R, {"P": [[1]]}),
        "complex": ("|i/2| < 1", X, {"P": I2}),
        "modal-pre": ("|i| = 1 and modal states are decoupled", modal([1j], **grow), {}),
        "modal-post": ("|i| = 1 and modal states are decoupled", modal([1j], **grow, output="post"), {}),
    },
)
table(
    "bounded-continuous",
    claim("Bounded"),
    {
        "real": ("A = -1 decays", RC, {"P": [[1]]}),
        "complex": ("A = -1 + i decays", XC, {"P": I2}),
        "modal": ("Re(2i) = 0 and modal states are decoupled", modal([2j], **grow, dt=0), {}),
    },
)
chain: dict[str, Any] = {"B": [[0], [1]], "C": [[1, 0]], "D": [[0]]}
double: dict[str, Any] = {"real": [[1, 1], [0, 1]], "complex": [[1j, 1], [0, 1j]]}
table(
    "unbounded-discrete",
    claim("Unbounded"),
    {
        "real": ("a double integrator: (A - 1)v = (1, 0), (A - 1)^2 v = 0", real(double["real"], **chain), {"q": [1], "v": [0, 1]}),
        "real-growing": ("A = 2", real([[2]], **grow), {"P": [[-1]], "x": [1]}),
        "complex": ("a Jordan block at i: (A^2 + 1)v = 2i e_1", cplx(double["complex"], **chain), {"q": [0, 1], "v": [0, 1, 0, 0]}),
        "modal-pre": ("|2| > 1", modal([2], **grow), {}),
        "modal-post": ("|2| > 1", modal([2], **grow, output="post"), {}),
    },
)
table(
    "unbounded-continuous",
    claim("Unbounded"),
    {
        "real": ("a double integrator: Av = (1, 0), A^2 v = 0", real([[0, 1], [0, 0]], **chain, dt=0), {"q": [0], "v": [0, 1]}),
        "complex": ("a Jordan block at i: (A^2 + 1)v = 2i e_1", cplx(double["complex"], **chain, dt=0), {"q": [0, 1], "v": [0, 1, 0, 0]}),
        "modal": ("Re(1) > 0", modal([1], **grow, dt=0), {}),
    },
)

# ---------------------------------------------------------------------------------------- gains and supply rates
POST = diag(0.4375, 1)  # I - C'C: reading x_{k+1} in place of x_k takes C'C off the storage
table(
    "l2gain-discrete",
    claim("L2Gain", gamma=2.5),
    {
        "real": ("the gain is 2; P = 2: [[1/2, -1], [-1, 17/4]] > 0", R, {"P": [[2]]}),
        "complex": ("the gain is 2; P = 2I", X, {"P": TWO}),
        "modal-pre": ("the gain is 1; P = I", M, {"P": I2}, claim("L2Gain", gamma=1.25)),
        "modal-post": ("the gain is 1; P = I - C'C", N, {"P": POST}, claim("L2Gain", gamma=1.25)),
    },
)
table(
    "l2gain-continuous",
    claim("L2Gain", gamma=1.25),
    {
        "real": ("the gain is 1; P = 1: [[1, -1], [-1, 25/16]] > 0", RC, {"P": [[1]]}),
        "complex": ("the gain is 1; P = I", XC, {"P": I2}),
        "modal": ("the gain is below 1; P = I", MC, {"P": I2}),
    },
)
AT_1: dict[str, Any] = {"P": [[2]], "a": 0.75, "point": 0, "xr": [2], "xi": [0], "vr": [1], "vi": [0]}  # G(1) = 2
AT_I: dict[str, Any] = {"P": TWO, "a": 0.75, "point": 1, "xr": [0, -2], "xi": [-2, 0], "vr": [1, 0], "vi": [0, -1]}  # G(i) = -2i
MODAL_I: dict[str, Any] = {"P": I2, "a": 0.75, "point": 1, "xr": [0, -2], "xi": [-4, 0], "vr": [3], "vi": [0]}  # y = -3i for u = 3
AT_0: dict[str, Any] = {"P": [[2]], "a": 0.5, "point": 0, "xr": [1], "xi": [0], "vr": [1], "vi": [0]}
AT_1J: dict[str, Any] = {"P": TWO, "a": 0.5, "point": 1, "xr": [1, 0], "xi": [0, -1], "vr": [1, 0], "vi": [0, -1]}  # G(i) = 1
MODAL_0: dict[str, Any] = {"P": TWO, "a": 0.5, "point": 0, "xr": [0.5, 0.5], "xi": [0, 0], "vr": [1], "vi": [0]}
LOWER = {"discrete": [R, X, M, N], "continuous": [RC, XC, MC]}
KINDS = {"discrete": ["real", "complex", "modal-pre", "modal-post"], "continuous": ["real", "complex", "modal"]}
AT = {"discrete": [AT_1, AT_I, MODAL_I, MODAL_I], "continuous": [AT_0, AT_1J, MODAL_0]}
NORM = {"discrete": [2, 2, 1, 1], "continuous": [1, 1, 0.5]}  # reached at those points
UPPER = {"discrete": [[[2]], TWO, I2, POST], "continuous": [[[1]], I2, I2]}
for domain in ("discrete", "continuous"):
    for kind, system, w, g, P in zip(KINDS[domain], LOWER[domain], AT[domain], NORM[domain], UPPER[domain], strict=True):
        name, low, high = f"{domain}-{kind}", 0.875 * g, 1.25 * g if domain == "discrete" else 1.25
        add(f"l2gainatleast-{name}", f"|y| = {g}|u| at the point of the witness", system, claim("L2GainAtLeast", gamma=low), **w)
        rate = claim("Dissipative", Q=[[-1]], S=[[0]], R=[[high**2]])
        add(f"dissipative-{name}", f"the gain is below {high}, the P of l2gain-{name}", system, rate, P=P)
        rate = claim("NotDissipative", Q=[[-1]], S=[[0]], R=[[low**2]])
        add(f"notdissipative-{name}", f"|y| = {g}|u| at the point of the witness", system, rate, **w)
add("l2gainatleast-discrete-sequence", "1/z answers 1, 2 by 0, 1, 2: all of the energy comes back", DELAY, claim("L2GainAtLeast", gamma=0.875), u=[[1], [2], [0]])
add("l2gainatleast-discrete-unstable", "A = 2 answers 1, 0, 0, 0 by 0, 1, 2, 4", real([[2]], **grow), claim("L2GainAtLeast", gamma=4), u=[[1], [0], [0], [0]])
add("l2gainatleast-discrete-approximate", "x = 31/16 for 2: y is off by at most sqrt(2)/8", R, claim("L2GainAtLeast", gamma=1.625), **AT_1 | {"xr": [1.9375]})
add("l2gainatleast-discrete-minus-one", "1/(z + 1/2) is -2 at z = -1, where no point is given", real([[-0.5]], [[1]], [[1]], [[0]]), claim("L2GainAtLeast", gamma=1.75), P=[[2]], a=0.75, xr=[-2], xi=[0], vr=[1], vi=[0])
add("l2gainatleast-continuous-infinity", "s/(s + 1) is 1 at infinity, where no point is given", real([[-1]], [[1]], [[-1]], [[1]], dt=0), claim("L2GainAtLeast", gamma=0.875), P=[[2]], a=0.5, xr=[0], xi=[0], vr=[1], vi=[0])
add("dissipative-discrete-scale", "twice the P of l2gain-discrete-real, scale 2", R, claim("Dissipative", Q=[[-1]], S=[[0]], R=[[6.25]]), P=[[4]], scale=2)
add("dissipative-discrete-two-outputs", "static: y1 u - y2^2 = u^2 - u^2/4", real([], [], [[], []], [[1], [0.5]]), claim("Dissipative", Q=diag(0, -1), S=[[0.5], [0]], R=[[0]]), P=[])
add("notdissipative-discrete-sequence", "1/z and u = 1, -1: y u = 0, -1", DELAY, claim("NotDissipative", Q=[[0]], S=[[0.5]], R=[[0.25]]), u=[[1], [-1]])
unit: dict[str, Any] = {"B": [[1]], "D": [[1]]}
table(
    "passive-discrete",
    claim("Passive"),
    {
        "real": ("1 + (1/2)/(z - 1/2); P = 1: diag(3/4, 1) > 0", real([[0.5]], C=[[0.5]], **unit), {"P": [[1]]}),
        "complex": ("1 + (i/2)/(z - i/2); P = I", cplx([[0.5j]], C=[[0.5j]], **unit), {"P": I2}),
        "modal-pre": ("Re(i/2 x) + u; P = I", modal([0.5j], C=[[0.5j]], **unit), {"P": I2}),
        "modal-post": ("the same system: Re(x_{k+1})", modal([0.5j], [[1]], [[1]], [[0]], output="post"), {"P": I2}),
    },
)
table(
    "passive-continuous",
    claim("Passive"),
    {
        "real": ("1 + 1/(s + 1); P = 1: diag(2, 2) > 0", real([[-1]], C=[[1]], **unit, dt=0), {"P": [[1]]}),
        "complex": ("1 + 1/(s + 1 - i); P = I", cplx([[-1 + 1j]], C=[[1]], **unit, dt=0), {"P": I2}),
        "modal": ("1 + (s + 1)/((s + 1)^2 + 1); P = I", modal([-1 + 1j], C=[[1]], **unit, dt=0), {"P": I2}),
    },
)
MINUS: dict[str, Any] = {"B": [[1]], "C": [[-0.75]], "D": [[0]]}
MODAL_1: dict[str, Any] = {"P": I2, "a": 0.75, "point": 0, "xr": [1, 0.5], "xi": [0, 0], "vr": [1.25], "vi": [0]}  # (I - J/2)x = e_1 v
AT_MINUS_1: dict[str, Any] = {"P": TWO, "a": 0.75, "xr": [-1, 0.5], "xi": [0.5, 1], "vr": [1.25, 0], "vi": [0, -1.25]}
table(
    "notpassive-discrete",
    claim("NotPassive"),
    {
        "real": ("1/(z - 1/2) is -2/3 at z = -1", R, {"P": [[2]], "a": 0.75, "xr": [-2], "xi": [0], "vr": [3], "vi": [0]}),
        "complex": ("1/(z - i/2) has real part -4/5 at z = -1", X, AT_MINUS_1),
        "modal-pre": ("-(3/4) z/(z^2 + 1/4) is -3/5 at z = 1", modal([0.5j], **MINUS), MODAL_1),
        "modal-post": ("z times that is -3/5 at z = 1 as well", modal([0.5j], **MINUS, output="post"), MODAL_1),
        "sequence": ("1/z and u = 1, -1: y u = 0, -1", DELAY, {"u": [[1], [-1]]}),
    },
)
down: dict[str, Any] = {"B": [[1]], "C": [[-1]], "D": [[0]], "dt": 0}
table(
    "notpassive-continuous",
    claim("NotPassive"),
    {
        "real": ("-1/(s + 1) is -1 at omega = 0", real([[-1]], **down), AT_0),
        "complex": ("-1/(s + 1 - i) is -1 at omega = 1", cplx([[-1 + 1j]], **down), AT_1J),
        "modal": ("-(s + 1)/((s + 1)^2 + 1) is -1/2 at omega = 0", modal([-1 + 1j], **down), MODAL_0),
        "infinity": ("1/(s + 1) - 1 is -1 at infinity", real([[-1]], [[1]], [[1]], [[-1]], dt=0), {key: AT_0[key] for key in ("P", "a", "xr", "xi", "vr", "vi")}),
    },
)

# ---------------------------------------------------------------------------------------- input to state, H2, peak
iss = claim("InputToStateStable", gain=3, decay=0.75, overshoot=2)
table(
    "iss-discrete",
    iss,
    {
        "real": ("P = 2: [[5/8, -1], [-1, 31/16]] > 0", R, {"P": [[2]]}),
        "complex": ("P = 2I", X, {"P": TWO}),
        "modal-pre": ("P = 2I", M, {"P": TWO}),
        "modal-post": ("P = 2I; the output plays no part", N, {"P": TWO}),
    },
)
table(
    "iss-continuous",
    claim("InputToStateStable", gain=2, decay=0.5, overshoot=2),
    {
        "real": ("P = 2: [[2, -2], [-2, 4]] > 0", RC, {"P": [[2]]}),
        "complex": ("P = 2I", XC, {"P": TWO}),
        "modal": ("P = 2I", MC, {"P": TWO}),
    },
)
table(
    "h2norm-discrete",
    claim("H2Norm", bound=1.25),
    {
        "real": ("H2 norm^2 = 4/3; P = 3/2", R, {"P": [[1.5]]}),
        "complex": ("H2 norm^2 = 4/3; P = (3/2) I, half the trace", X, {"P": diag(1.5, 1.5)}),
        "modal-pre": ("P = diag(1, 1/2), trace 1", M, {"P": diag(1, 0.5)}),
        "modal-post": ("P = diag(1/8, 1/4), trace 1/8 + 9/16", N, {"P": diag(0.125, 0.25)}, claim("H2Norm", bound=1)),
    },
)
table(
    "h2norm-continuous",
    claim("H2Norm", bound=1),
    {
        "real": ("H2 norm^2 = 1/2; P = 3/4", RC, {"P": [[0.75]]}),
        "complex": ("H2 norm^2 = 1/2; P = (3/4) I, half the trace", XC, {"P": diag(0.75, 0.75)}),
        "modal": ("P = (3/4) I, trace 3/4", MC, {"P": diag(0.75, 0.75)}),
    },
)
table(
    "h2normatleast-discrete",
    claim("H2NormAtLeast", bound=1),
    {
        "real": ("H2 norm^2 = 4/3; P = 5/4: 1 + 5/16 - 5/4 > 0", R, {"P": [[1.25]], "S": [[1]]}),
        "complex": ("H2 norm^2 = 4/3; P = (5/4) I", X, {"P": diag(1.25, 1.25), "S": I2}),
        "modal-pre": ("P = diag(1/2, 1/16), trace 1/2", M, {"P": diag(0.5, 0.0625), "S": I2}, claim("H2NormAtLeast", bound=0.5)),
        "modal-post": ("P = diag(1/64, 1/8), trace 1/64 + 9/16", N, {"P": diag(0.015625, 0.125), "S": I2}, claim("H2NormAtLeast", bound=0.75)),
    },
)
table(
    "h2normatleast-continuous",
    claim("H2NormAtLeast", bound=0.25),
    {
        "real": ("H2 norm^2 = 1/2; P = 1/4: 1 - 1/2 > 0", RC, {"P": [[0.25]], "S": [[1]]}),
        "complex": ("H2 norm^2 = 1/2; P = I/4", XC, {"P": diag(0.25, 0.25), "S": I2}),
        "modal": ("C'C + A'P + PA = I/4, trace 1/4", MC, {"P": [[0.25, -0.125], [-0.125, 0]], "S": I2}),
    },
)
SUMS: dict[str, Any] = {"P": [[2]], "a": 0.75, "steps": 8, "bits": 60, "weight": 2, "tail": 2**-7}
MODAL_SUMS = SUMS | {"P": I2}
table(
    "peakgain-discrete",
    claim("PeakGain", bound=1.125),
    {
        "real": ("1 + 1/2 + ... = 2; eight terms, the rest below 1/32", R, SUMS, claim("PeakGain", bound=2.125)),
        "modal-pre": ("(3/4)(1 + 1/4 + ...) = 1", M, MODAL_SUMS),
        "modal-post": ("the same response, one step earlier", N, MODAL_SUMS),
        "rounded": ("A near 1/3, states cut to 40 bits: 1/(1 - A) = 3/2", real([[1 / 3]], [[1]], [[1]], [[0]]), SUMS | {"a": 0.5, "steps": 12, "bits": 40}, claim("PeakGain", bound=1.625)),
    },
)
table(
    "peakgainatleast-discrete",
    claim("PeakGainAtLeast", bound=0.875),
    {
        "real": ("eight terms of 1 + 1/2 + ... exceed 7/4", R, SUMS, claim("PeakGainAtLeast", bound=1.75)),
        "modal-pre": ("(3/4)(1 + 1/4 + 1/16 + 1/64) > 7/8", M, MODAL_SUMS),
        "modal-post": ("the same response, one step earlier", N, MODAL_SUMS),
    },
)
SMOOTH: dict[str, Any] = {"P": [[2]], "a": 0.5, "h": 0.25, "order": 6, "steps": 32, "bits": 60, "weight": 2, "tail": 2**-10}
MODAL_SMOOTH = SMOOTH | {"P": TWO}
table(
    "peakgain-continuous",
    claim("PeakGain", bound=1.0625),
    {
        "real": ("the integral of exp(-t) is 1; 32 steps of 1/4", RC, SMOOTH),
        "modal": ("the integral of exp(-t)|cos t| is 0.7173; 32 steps of 1/4", MC, MODAL_SMOOTH, claim("PeakGain", bound=0.8125)),
    },
)
table(
    "peakgainatleast-continuous",
    claim("PeakGainAtLeast", bound=0.9375),
    {
        "real": ("the integral of exp(-t) is 1; 32 steps of 1/4", RC, SMOOTH),
        "modal": ("the integral of exp(-t)|cos t| is 0.7173; 32 steps of 1/4", MC, MODAL_SMOOTH, claim("PeakGainAtLeast", bound=0.625)),
    },
)

# ---------------------------------------------------------------------------------------- sizes, sums, spelling
add("empty-no-states", "n = 0: |D| = 3 < 4", real([], [], [[]], [[3]]), claim("L2Gain", gamma=4), P=[])
add("empty-no-states-schur", "n = 0: no eigenvalue", real([], [], [[]], [[3]]), claim("Schur", rate=1), P=[])
add("empty-no-inputs", "m = 0: no input, gain 0; P = 2: 2 - 1/2 - 1 > 0", real([[0.5]], [[]], [[1]], [[]]), claim("L2Gain", gamma=0), P=[[2]])
add("empty-no-outputs", "p = 0: no output; A = 1/2 is stable", real([[0.5]], [[1]], [], []), claim("L2Gain", gamma=1), P=[[0.5]])
add("empty-all", "n = m = p = 0", real([], [], [], []), claim("L2Gain", gamma=0), P=[])
add("empty-modal", "no poles", modal([], [], [[]], [[1]]), claim("Schur", rate=1))
add("sum-of-two", "P = 1 + 1", R, claim("L2Gain", gamma=2.5), P=([[1]], [[1]]))
add("sum-of-vectors", "v = (1, 0) - (0, 1) on A = -exchange: eigenvalue 1", real([[0, -1], [-1, 0]], **chain), claim("NotSchur", rate=1), q=[1], v=([1, 0], [0, -1]))
add("sum-of-scalars", "a = 1/2 + 1/4", R, claim("L2GainAtLeast", gamma=1.75), **AT_1 | {"a": (0.5, 0.25)})
add("period", "dt = 1/4 second changes nothing but the name of the time base", real([[0.5]], [[1]], [[1]], [[0]], dt=0.25), claim("L2Gain", gamma=2.5), P=[[2]])
add("inertia-rate", "eigenvalues 3 and 1: at the rate 2, diag(-1, 1) separates them", real(diag(3, 1), [[1], [1]], [[1, 1]], [[0]]), claim("Unstable"), P=diag(-1, 1), x=[1, 0], rate=2)
add("inertia-rate-continuous", "eigenvalues 2 and 0: at the rate -1, diag(-1, 1) separates them", real(diag(2, 0), [[1], [1]], [[1, 1]], [[0]], dt=0), claim("Unstable"), P=diag(-1, 1), x=[1, 0], rate=-1)
add("eigenvalue-integrator", "A = 1: eigenvalue 1", real([[1]], **grow), claim("NotSchur", rate=1), q=[1], v=[1])
add("eigenvalue-minus-one", "A = -1: eigenvalue -1", real([[-1]], **grow), claim("NotSchur", rate=1), q=[-1], v=[1])
add("eigenvalue-sixth-root", "A^2 - A + 1 = 0: sixth roots of 1", real([[0, 1], [-1, 1]], **chain), claim("NotSchur", rate=1), q=[1, 1], v=[1, 0])
add("eigenvalue-integrator-continuous", "A = 0: eigenvalue 0", real([[0]], **grow, dt=0), claim("NotHurwitz", rate=0), q=[0], v=[1])
add("eigenvalue-oscillator", "A^2 + 4 = 0: eigenvalues +-2i", real([[0, 1], [-4, 0]], **chain, dt=0), claim("NotHurwitz", rate=0), q=[0, 4], v=[1, 0])
add("eigenvalue-jordan-rotation", "a Jordan block at +-i: (A^2 + 1)v = 2 (0, -1, 0, 0)", real([[0, 1, 1, 0], [-1, 0, 0, 1], [0, 0, 0, 1], [0, 0, -1, 0]], [[0], [0], [0], [1]], [[1, 0, 0, 0]], [[0]]), claim("Unbounded"), q=[0, 1], v=[0, 0, 1, 0])
add("eigenvalue-negative-rate", "A = 2 >= -(-2): a negative rate asks for growth", real([[2]], **grow, dt=0), claim("NotHurwitz", rate=-2), q=[2], v=[1])
add("modal-0.6-0.8", "the doubles nearest 0.6 and 0.8 lie outside the circle by 4e-17", modal([0.6 + 0.8j], **grow), claim("Unstable"))
add("modal-readout", "(z + 3/2)/(z + 1/2): gain 5/3 at z = 1; P = diag(2, 1)", modal([-0.5], [[1]], [[1]], [[1]]), claim("L2Gain", gamma=2), P=diag(2, 1))
add("modal-cancelling", "y = Re(x_{k+1}) - u = 0", modal([0], [[1]], [[1]], [[-1]], output="post"), claim("L2Gain", gamma=0.5), P=diag(0.125, 0.125))
add("nilpotent", "A^2 = 0, P = diag(1, 8): diag(1/4, 1) > 0", real([[0, 1], [0, 0]], **chain), claim("Schur", rate=0.5), P=diag(1, 8))
add("rate-above-one", "A = 2: |2| < 4, although unstable", real([[2]], **grow), claim("Schur", rate=4), P=[[1]])
add("rate-negative", "A = 1: 1 < -(-2), although unstable", real([[1]], **grow, dt=0), claim("Hurwitz", rate=-2), P=[[1]])

# ---------------------------------------------------------------------------------------- exactly at the boundary
ALL_PASS = real([[0.5]], [[1]], [[0.75]], [[-0.5]])  # (1 - z/2)/(z - 1/2)
LOW, HIGH = 1 - 2.0**-53, 1 + 2.0**-52
c = 1 + 2.0**-30
gain = lambda g: claim("L2Gain", gamma=g)
at_least = lambda g: claim("L2GainAtLeast", gamma=g)
add("boundary-delay", "1/z has gain 1; M = 0", DELAY, gain(1), P=[[1]])
add("boundary-real", "gain 2; M = [[1/2, -1], [-1, 2]], of rank 1", R, gain(2), P=[[2]])
add("boundary-complex", "gain 2", X, gain(2), P=TWO)
add("boundary-modal-pre", "gain 1; P = (3/4) I", M, gain(1), P=diag(0.75, 0.75))
add("boundary-modal-post", "z/(z - 1/2) has gain 2; P = 2 - C'C", modal([0.5], [[1]], [[1]], [[0]], output="post"), gain(2), P=I2)
add("boundary-real-continuous", "gain 1; M = [[1, -1], [-1, 1]]", RC, gain(1), P=[[1]])
add("boundary-complex-continuous", "gain 1", XC, gain(1), P=I2)
add("boundary-static", "|(3, 4)| = 5; 25 I - D'D = [[16, -12], [-12, 9]]", real([], [], [[]], [[3, 4]]), gain(5), P=[])
add("boundary-zero", "y = 0: gain 0", real([], [], [[]], [[0]]), gain(0), P=[])
add("boundary-unreached", "B = 0: gain 0", real([[0.5]], [[0]], [[1]], [[0]]), gain(0), P=[[2]])
add("boundary-all-pass", "(1 - z/2)/(z - 1/2) is lossless: M = 0", ALL_PASS, gain(1), P=[[0.75]])
add("boundary-all-pass-continuous", "(s - 1)/(s + 1) is lossless: M = 0", real([[-1]], [[1]], [[-2]], [[1]], dt=0), gain(1), P=[[2]])
add("boundary-two-delays", "1/z^2 is lossless: only P = I, and P - A'PA = diag(1, 0); S = diag(1, 2) proves stability", real([[0, 1], [0, 0]], **chain), gain(1), P=I2, S=diag(1, 2))
add("boundary-modal-post-pair", "gain 1, only P = (3/4) I - C'C; S = I proves stability", N, gain(1), P=diag(0.1875, 0.75), S=I2)
add("boundary-semidefinite", "the second state is not seen: P = diag(2, 0) will do; S = I proves stability", real(diag(0.5, 0.5), [[1], [1]], [[1, 0]], [[0]]), gain(2), P=diag(2, 0), S=I2)
add("boundary-semidefinite-continuous", "the second state is not seen: P = diag(1, 0) will do; S = I proves stability", real(diag(-1, -1), [[1], [1]], [[1, 0]], [[0]], dt=0), gain(1), P=diag(1, 0), S=I2)
add("boundary-sum", "C = 1 + 2^-30: gain 2C, and only P = 2C^2 proves it, of 61 bits", real([[0.5]], [[1]], [[c]], [[0]]), gain(2 * c), P=([[2 * (1 + 2.0**-29)]], [[2.0**-59]]))
add("boundary-lower-sequence", "1/z answers 1, 0 by 0, 1: gain 1", DELAY, at_least(1), u=[[1], [0]])
add("boundary-lower-real", "G(1) = 2", R, at_least(2), **AT_1)
add("boundary-lower-complex", "|G(i)| = 2", X, at_least(2), **AT_I)
add("boundary-lower-modal-pre", "|G(i)| = 1", M, at_least(1), **MODAL_I)
add("boundary-lower-modal-post", "|G(i)| = 1", N, at_least(1), **MODAL_I)
add("boundary-lower-continuous", "G(0) = 1", RC, at_least(1), **AT_0)
add("boundary-lower-infinity", "s/(s + 1) tends to 1", real([[-1]], [[1]], [[-1]], [[1]], dt=0), at_least(1), P=[[2]], a=0.5, xr=[0], xi=[0], vr=[1], vi=[0])
add("boundary-lower-zero", "every gain is at least 0", real([], [], [[]], [[0]]), at_least(0), u=[[1]])
add("boundary-schur", "A = 1 - 2^-53, the last double below 1", real([[LOW]], **grow), claim("Schur", rate=1), P=[[1]])
add("boundary-unstable", "A = 1 + 2^-52, the first double above 1", real([[HIGH]], **grow), claim("Unstable"), P=[[-1]], x=[1])
add("boundary-bounded-integrator", "A = 1: constant", real([[1]], **grow), claim("Bounded"), P=[[1]])
add("boundary-bounded-rotation", "A'A = I", real(ROTATION, **chain), claim("Bounded"), P=I2)
add("boundary-bounded-sixth-root", "x^2 - xy + y^2 is kept", real([[0, 1], [-1, 1]], **chain), claim("Bounded"), P=[[2, -1], [-1, 2]])
add("boundary-bounded-complex", "|i| = 1", cplx([[1j]], **grow), claim("Bounded"), P=I2)
add("boundary-bounded-oscillator", "undamped: 4x^2 + v^2 is kept", real([[0, 1], [-4, 0]], **chain, dt=0), claim("Bounded"), P=diag(4, 1))
add("boundary-bounded-complex-continuous", "Re(2i) = 0", cplx([[2j]], **grow, dt=0), claim("Bounded"), P=I2)
add("boundary-passive-integrator", "1/s is lossless; P = 1: 0", real([[0]], **grow, dt=0), claim("Passive"), P=[[1]])
add("boundary-passive-trapezoid", "(z + 1)/(2(z - 1)) is lossless", real([[1]], [[1]], [[1]], [[0.5]]), claim("Passive"), P=[[1]])
add("boundary-passive-at-rest", "A = 2 is not reached from rest: u'u >= 0", real([[2]], [[0]], [[0]], [[1]]), claim("Passive"), P=[[0]])
add("boundary-passive-gyrator", "y'u = u2 u1 - u1 u2 = 0", real([], [], [[], []], [[0, 1], [-1, 0]]), claim("Passive"), P=[])
add("boundary-dissipative-lossless", "u^2 - y^2 is kept by an all-pass", ALL_PASS, claim("Dissipative", Q=[[-1]], S=[[0]], R=[[1]]), P=[[0.75]])
add("boundary-iss", "A = 0: x_{k+1} = u_k, so |x_k| <= 0^k |x_0| + sup|u|", DELAY, claim("InputToStateStable", gain=1, decay=0, overshoot=1), P=[[1]])
add("boundary-h2norm", "trace = 1 = bound^2", M, claim("H2Norm", bound=1), P=diag(1, 0.5))
add("boundary-h2norm-static", "n = 0: the Frobenius norm of (3, 4)", real([], [], [[]], [[3, 4]]), claim("H2Norm", bound=5), P=[])
add("boundary-h2normatleast", "1/z has H2 norm 1", DELAY, claim("H2NormAtLeast", bound=1), P=[[1]], S=[[1]])
EXACT: dict[str, Any] = {"P": [[2]], "a": 0.5, "steps": 1, "bits": 0, "weight": 2, "tail": 0}
add("boundary-peakgain", "1/z has peak gain 1, and the response ends", DELAY, claim("PeakGain", bound=1), **EXACT)
add("boundary-peakgain-static", "the largest row sum of |D| is 4", real([], [], [[], []], [[1, -2], [3, 1]]), claim("PeakGain", bound=4), P=[], a=0, steps=0, bits=0, weight=0, tail=0)
STATIC: dict[str, Any] = {"P": [], "a": 1, "h": 1, "order": 0, "steps": 0, "bits": 0, "weight": 0, "tail": 0}
add("boundary-peakgain-static-continuous", "the largest row sum of |D| is 4", real([], [], [[], []], [[1, -2], [3, 1]], dt=0), claim("PeakGain", bound=4), **STATIC)
add("boundary-peakgainatleast-static-continuous", "the largest row sum of |D| is 4", real([], [], [[], []], [[1, -2], [3, 1]], dt=0), claim("PeakGainAtLeast", bound=4), **STATIC)
add("boundary-peakgainatleast", "1/z has peak gain 1", DELAY, claim("PeakGainAtLeast", bound=1), **EXACT)

# ---------------------------------------------------------------------------------------- far from 1
huge, tiny, last = 2.0**500, 2.0**-500, 2.0**-1074
add("range-states", "B = 2^500, C = 2^-500: the gain is 2 as before", real([[0.5]], [[huge]], [[tiny]], [[0]]), gain(2.5), P=[[2.0**-999]])
add("range-tiny", "D = 2^-600: its square is no double", real([], [], [[]], [[2.0**-600]]), gain(2.0**-600), P=[])
add("range-least", "D = 2^-1074, the least double", real([], [], [[]], [[last]]), gain(last), P=[])
add("range-largest", "D is the largest double", real([], [], [[]], [[nextafter(float("inf"), 0)]]), gain(nextafter(float("inf"), 0)), P=[])
add("range-rate", "A = 0 and a rate of 2^-1074", DELAY, claim("Schur", rate=last), P=[[1]])
add("range-storage", "P = 2^-1074", real([[0.5]], **grow), claim("Schur", rate=1), P=[[last]])
