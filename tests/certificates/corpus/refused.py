"""Files that prove nothing: malformed ones, and well formed ones whose witness fails. Each says why."""
# ruff: noqa: E501 (one case a line)

import json
from math import nextafter
from typing import Any

import accepted
from build import W, certificate, claim, cplx, diag, edit, modal, numbers, real, split

GOOD = {name: data for name, data, _ in accepted.CASES}
L2, LOWER = GOOD["l2gain-discrete-real"], GOOD["boundary-lower-real"]
CASES: list[tuple[str, Any, str]] = []  # (name, certificate or bytes, why)


def malformed(name: str, why: str, data: Any) -> None:
    """Append a file that is no certificate: an object, text or bytes."""
    data = data.encode() if isinstance(data, str) else data
    CASES.append((f"malformed-{name}", data, why))


def broken(name: str, why: str, base: Any, **changes: Any) -> None:
    """Append an accepted file with fields changed (`__` for a dot), hashed again."""
    base = GOOD[base] if isinstance(base, str) else base
    malformed(name, why, edit(base, {key.replace("__", "."): value for key, value in changes.items()}))


def spoilt(name: str, why: str, base: Any, **changes: Any) -> None:
    """Append an accepted file, changed and hashed again, that is well formed but proves nothing any more."""
    base = GOOD[base] if isinstance(base, str) else base
    data = edit(base, {key.replace("__", "."): value for key, value in changes.items()})
    CASES.append((f"unproved-{name}", data, why))


def false(name: str, why: str, subject: Any, claim: Any, **witness: Any) -> None:
    """Append a well formed file from scratch."""
    CASES.append((f"unproved-{name}", certificate(claim, subject, W(**witness)), why))


# ---------------------------------------------------------------------------------------- malformed: JSON
text = json.dumps(L2)
malformed("json-empty", "no text at all", b"")
malformed("json-truncated", "the end is missing", text[:-20])
malformed("json-trailing", "something follows the object", text + "]")
malformed("json-list", "a list, not an object", f"[{text}]")
malformed("json-single-quotes", "JSON has double quotes", text.replace('"', "'"))
malformed("json-comment", "JSON has no comments", text + " // checked")
malformed("json-not-utf8", "a byte that is not UTF-8", text.encode()[:-1] + b', "provenance": {"by": "\xff"}}')
malformed("json-byte-order-mark", "a byte order mark comes first", b"\xef\xbb\xbf" + text.encode())
malformed("json-nan", "NaN is no JSON number", text.replace('"0x1.4000000000000p+1"', "NaN"))
malformed("json-infinity", "Infinity is no JSON number", text.replace('"0x1.4000000000000p+1"', "Infinity"))
malformed("json-bare-float", "gamma as 2.5, not as a string", text.replace('"0x1.4000000000000p+1"', "2.5"))
malformed("json-repeated-key", "two claims", text.replace('"claim":', '"claim": {"type": "Unstable"}, "claim":'))
malformed("json-repeated-gamma", "two values of gamma", text.replace('"gamma":', '"gamma": "0x1.0000000000000p+0", "gamma":'))
malformed("json-repeated-in-ignored", "a repeated key, even in what is ignored", text[:-1] + ', "provenance": {"by": "a", "by": "b"}}')
malformed("json-deep", "100 000 nested brackets", "[" * 100_000)

# ---------------------------------------------------------------------------------------- malformed: fields
for key in ("format", "claim", "subject", "witness", "sha256"):
    malformed(f"field-no-{key}", f"`{key}` is missing", {k: v for k, v in L2.items() if k != key})
broken("field-verdict", "a file holds no verdict", L2, verdict="holds")
broken("field-version", "a version that does not exist yet", L2, format="ssmctl-cert/2")
broken("field-version-number", "the version is no string", L2, format=1)
broken("field-claim-unknown", "no such claim", L2, claim={"type": "Stable"})
broken("field-claim-lowercase", "the name is Schur", "schur-real", claim__type="schur")
broken("field-claim-type-missing", "a claim without a type", L2, claim__type=None)
broken("field-claim-extra", "a field that this claim does not have", L2, claim__rate=numbers(1))
broken("field-claim-missing", "L2Gain without gamma", L2, claim__gamma=None)
broken("field-claim-text", "a claim in text form", L2, claim="l2gain <= 2.5")
broken("field-iss-open", "a parameter left open", "iss-discrete-real", claim__gain=None)
broken("field-subject-extra", "a field that state spaces do not have", L2, subject__E=numbers([[1]]))
broken("field-subject-missing", "no D", L2, subject__D=None)
broken("field-subject-unknown", "no such subject", L2, subject__type="TransferFunction")
broken("field-subject-output", "a state space has no output convention", L2, subject__output="pre")
broken("field-modal-A", "a modal system has poles, no A", "l2gain-discrete-modal-pre", subject__A=split([[0.5j]]))
broken("field-modal-output", "output is pre or post", "l2gain-discrete-modal-pre", subject__output="mid")
broken("field-modal-output-missing", "output must be said", "l2gain-discrete-modal-pre", subject__output=None)
broken("field-witness-hint", "a field that this witness does not have", L2, witness__L=numbers([[1]]))
broken("field-witness-missing", "no P", L2, witness={})
broken("field-witness-null", "P is null", L2, witness={"P": None})
broken("field-witness-list", "a list, not an object", L2, witness=[])
broken("field-witness-modal", "spectral claims on poles need no witness", "schur-modal-pre", witness=W(P=diag(1, 1)))
broken("field-witness-two", "an eigenvector and a storage matrix", "unstable-discrete-real", witness=W(P=[[-1]], x=[1], q=[2], v=[1]))
broken("field-point-null", "no point is said by leaving it out", "l2gainatleast-discrete-minus-one", witness=GOOD["l2gainatleast-discrete-minus-one"]["witness"] | {"point": None})
broken("field-row", "a field that this witness does not have", LOWER, witness__row=0)

# ---------------------------------------------------------------------------------------- malformed: hash
malformed("hash-wrong", "one digit differs", L2 | {"sha256": L2["sha256"][:-1] + ("0" if L2["sha256"][-1] != "0" else "1")})
malformed("hash-uppercase", "hexadecimal digits are lower case", L2 | {"sha256": L2["sha256"].upper()})
malformed("hash-null", "no hash", L2 | {"sha256": None})
stale = {
    "gamma": ("gamma lowered", {"claim.gamma": numbers(2.25)}),
    "claim": ("another claim", {"claim": claim("H2Norm", bound=2.5)}),
    "plant": ("another A", {"subject.A": numbers([[0.25]])}),
    "dt": ("another period", {"subject.dt": numbers(0.5)}),
    "output": ("pre for post", {"subject.output": "pre"}),
}
for key, (why, changes) in stale.items():
    base = GOOD["l2gain-discrete-modal-post"] if key == "output" else L2
    malformed(f"hash-stale-{key}", f"{why}, the hash left as it was", edit(base, changes, rehash=False))

# ---------------------------------------------------------------------------------------- malformed: numbers
hexes = {
    "nan": "nan",
    "infinity": "inf",
    "minus-infinity": "-inf",
    "overflow": "0x1.0000000000000p+1024",
    "decimal": "2.5",
    "integer": "10",
    "short": "0x1.4p+1",
    "long": "0x1.40000000000000p+1",
    "unnormalised": "0x2.8000000000000p+0",
    "no-sign": "0x1.4000000000000p1",
    "uppercase": "0X1.4000000000000P+1",
    "plus": "+0x1.4000000000000p+1",
    "space": " 0x1.4000000000000p+1",
    "minus-zero": "-0x0.0p+0",
    "zero": "0x0p+0",
    "empty": "",
}
for key, value in hexes.items():
    broken(f"number-{key}", f"`{value}` is not what float.hex writes of a finite number", L2, claim__gamma=value)
broken("number-subnormal", "subnormals are written 0x0.…p-1022", "range-least", claim__gamma="0x1.0000000000000p-1074")
broken("number-true", "true is no number", L2, witness__P=[[True]])
broken("number-null", "null is no number", L2, subject__B=[[None]])
broken("number-bare", "a bare 1 in a matrix", L2, subject__B=[[1]])
broken("number-sum-in-claim", "a claim has no sums", L2, claim__gamma={"sum": [numbers(1), numbers(1.5)]})
broken("number-sum-in-subject", "a subject has no sums", L2, subject__A=numbers(([[0.25]], [[0.25]])))
broken("number-sum-of-count", "a count is no sum", "peakgain-discrete-real", witness__steps={"sum": [4, 4]})
broken("number-sum-empty", "a sum of nothing", L2, witness__P={"sum": []})
broken("number-sum-nested", "a sum of sums", L2, witness__P={"sum": [numbers(([[2]],))]})
broken("number-sum-extra", "a sum and something else", L2, witness__P=numbers(([[2]],)) | {"scale": numbers(1)})
broken("number-sum-long", "more than 64 terms", L2, witness__P=numbers(([[2]], *[[[0]]] * 64)))
broken("number-bits-missing", "no bits", "peakgain-discrete-real", witness__bits=None)
broken("number-steps-true", "true is no count", "peakgain-discrete-real", witness__steps=True)
broken("number-steps-negative", "a negative count", "peakgain-discrete-real", witness__steps=-1)
broken("number-steps-hex", "counts are JSON integers", "peakgain-discrete-real", witness__steps=numbers(8))

# ---------------------------------------------------------------------------------------- malformed: shapes
broken("shape-n-true", "true is no size", L2, subject__n=True)
broken("shape-n-hex", "sizes are JSON integers", L2, subject__n=numbers(1))
broken("shape-n-negative", "a negative size", L2, subject__n=-1)
broken("shape-n-wrong", "n = 2, but A is 1 by 1", L2, subject__n=2)
broken("shape-m-zero", "m = 0, but B has a column", L2, subject__m=0)
broken("shape-p-zero", "p = 0, but C has a row", L2, subject__p=0)
broken("shape-A", "A is 1 by 2", L2, subject__A=numbers([[0.5, 0]]))
broken("shape-A-to-B", "a column moved from A to B", GOOD["nilpotent"], subject__A=numbers([[0], [0]]), subject__B=numbers([[1, 0], [0, 1]]))
broken("shape-ragged", "rows of different length", GOOD["nilpotent"], subject__A=numbers([[0, 1], [0]]))
broken("shape-B", "B has two rows", L2, subject__B=numbers([[1], [1]]))
broken("shape-C", "C has two columns", L2, subject__C=numbers([[1, 0]]))
broken("shape-D", "D is empty", L2, subject__D=[])
broken("shape-flat", "A as a flat list", L2, subject__A=numbers([0.5]))
broken("shape-scalar", "A as a number", L2, subject__A=numbers(0.5))
broken("shape-poles", "poles as a column", "schur-modal-pre", subject__poles=split([[0.5j]]))
broken("shape-poles-real", "poles without an imaginary part", "schur-modal-pre", subject__poles=numbers([0.5]))
broken("shape-poles-re", "an imaginary part missing", "schur-modal-pre", subject__poles={"re": numbers([0.5])})
broken("shape-mixed", "A is complex, B is not", "l2gain-discrete-complex", subject__B=numbers([[1]]))
broken("shape-mixed-D", "D is complex, A is not", L2, subject__D=split([[0]]))
broken("shape-modal-D", "the D of a modal system is real", "l2gain-discrete-modal-pre", subject__D=split([[0]]))
broken("shape-P", "P is 2 by 2 for one state", L2, witness__P=numbers(diag(2, 2)))
broken("shape-P-complex", "P is 1 by 1; a complex state counts twice", "l2gain-discrete-complex", witness__P=numbers([[2]]))
broken("shape-P-modal", "P is 1 by 1; a modal state counts twice", "l2gain-discrete-modal-pre", witness__P=numbers([[2]]))
broken("shape-P-asymmetric", "P is not symmetric", GOOD["nilpotent"], witness__P=numbers([[1, 2.0**-60], [0, 8]]))
broken("shape-P-sum", "a sum is symmetric, its terms are not", "nilpotent", witness__P=numbers(([[1, 1], [0, 4]], [[0, -1], [0, 4]])))
broken("shape-x-column", "vectors are flat lists", "unstable-discrete-real", witness__x=numbers([[1]]))
broken("shape-x-long", "two entries for one state", "unstable-discrete-real", witness__x=numbers([1, 0]))
broken("shape-vr", "two entries for one input", LOWER, witness__vr=numbers([1, 0]))
broken("shape-u", "two columns for one input", "boundary-lower-sequence", witness__u=numbers([[1, 0], [0, 0]]))
broken("shape-u-flat", "a sequence is a list of samples", "boundary-lower-sequence", witness__u=numbers([1, 0]))
broken("shape-q", "three coefficients", "eigenvalue-integrator", witness__q=numbers([1, 1, 1]))
broken("shape-q-empty", "no coefficients", "eigenvalue-integrator", witness__q=[])
broken("shape-Q", "Q is 2 by 2 for one output", "dissipative-discrete-real", claim__Q=numbers(diag(-1, -1)))
broken("shape-Q-asymmetric", "Q is not symmetric", "dissipative-discrete-two-outputs", claim__Q=numbers([[0, 1], [0, -1]]))
broken("shape-passive", "passivity of one input and no output", "empty-no-outputs", claim=claim("Passive"))

# ---------------------------------------------------------------------------------------- malformed: what makes no sense
broken("domain-gamma", "a gain is not negative", L2, claim__gamma=numbers(-2.5))
broken("domain-bound", "a norm is not negative", "h2norm-discrete-real", claim__bound=numbers(-2))
broken("domain-peak", "a norm is not negative", "peakgain-discrete-real", claim__bound=numbers(-2))
broken("domain-rate-zero", "no modulus is below 0", "schur-real", claim__rate=numbers(0))
broken("domain-rate-negative", "no modulus is below -3/4, though (3/4)^2 is the same", "schur-real", claim__rate=numbers(-0.75))
broken("domain-notschur-rate", "every modulus exceeds -1/2: the claim is void", "notschur-real", claim__rate=numbers(-0.5))
broken("domain-witness-rate", "a negative rate, though its square would do", "inertia-rate", witness__rate=numbers(-2))
broken("domain-decay-one", "no decay", "iss-discrete-real", claim__decay=numbers(1))
broken("domain-decay-above", "growth", "iss-discrete-real", claim__decay=numbers(1.5))
broken("domain-decay-negative", "a negative decay", "iss-discrete-real", claim__decay=numbers(-0.75))
broken("domain-decay-continuous", "no decay", "iss-continuous-real", claim__decay=numbers(0))
broken("domain-overshoot", "a negative overshoot, though its square would do", "iss-discrete-real", claim__overshoot=numbers(-2))
broken("domain-gain", "a negative gain, though its square would do", "iss-discrete-real", claim__gain=numbers(-3))
broken("domain-a", "a negative contraction", LOWER, witness__a=numbers(-0.75))
broken("domain-tail", "a negative tail", "peakgain-discrete-real", witness__tail=numbers(-(2**-7)))
broken("domain-weight", "a negative weight", "peakgain-discrete-real", witness__weight=numbers(-2))
broken("time-false", "false is no time base", L2, subject__dt=False)
broken("time-one", "a bare 1", L2, subject__dt=1)
broken("time-negative", "a negative period", L2, subject__dt=numbers(-1))
broken("time-infinite", "an infinite period", L2, subject__dt="inf")
broken("time-text", "text", L2, subject__dt="true")
broken("time-missing", "no time base", L2, subject__dt=None)
broken("time-schur", "Schur speaks of discrete time", "hurwitz-real", claim=claim("Schur", rate=1))
broken("time-hurwitz", "Hurwitz speaks of continuous time", "schur-real", claim=claim("Hurwitz", rate=0))
broken("time-step", "no step size in discrete time", "peakgain-discrete-real", witness__h=numbers(1), witness__order=1)
broken("time-step-missing", "no step size", "peakgain-continuous-real", witness__h=None)
broken("time-order-missing", "no order", "peakgain-continuous-real", witness__order=None)
broken("time-post", "no x_{k+1} in continuous time", "l2gain-continuous-modal", subject__output="post")
broken("complex-peak", "the peak gain is defined for real signals", "l2gain-discrete-complex", claim=claim("PeakGain", bound=2), witness=W(**accepted.MODAL_SUMS))
broken("complex-peak-continuous", "the peak gain is defined for real signals", "l2gain-continuous-complex", claim=claim("PeakGain", bound=2), witness=W(**accepted.MODAL_SMOOTH))

# ---------------------------------------------------------------------------------------- unproved: claims just beyond the truth
below = lambda x: numbers(nextafter(x, 0))
above = lambda x: numbers(nextafter(x, 4 * x))
for name, g in {"delay": 1, "real": 2, "complex": 2, "modal-pre": 1, "modal-post": 2, "real-continuous": 1, "complex-continuous": 1, "static": 5, "all-pass": 1, "all-pass-continuous": 1}.items():
    spoilt(f"below-{name}", f"gamma is the double below the gain {g}", f"boundary-{name}", claim__gamma=below(g))
spoilt("below-sum", "gamma is the double below the gain", "boundary-sum", claim__gamma=below(2 * accepted.c))
spoilt("below-tiny", "gamma < 2^-600, though both squares are 0 in floats", "range-tiny", claim__gamma=below(2.0**-600))
spoilt("below-least", "gamma = 0 < 2^-1074", "range-least", claim__gamma=numbers(0))
spoilt("below-largest", "gamma is the last double but one", "range-largest", claim__gamma=below(nextafter(float("inf"), 0)))
for name, g in {"sequence": 1, "real": 2, "complex": 2, "modal-pre": 1, "modal-post": 1, "continuous": 1, "infinity": 1}.items():
    spoilt(f"above-{name}", f"gamma is the double above the gain {g}", f"boundary-lower-{name}", claim__gamma=above(g))
spoilt("above-zero", "y = 0, so no positive gain", "boundary-lower-zero", claim__gamma=numbers(2.0**-1074))
spoilt("above-h2norm", "the bound is below the square root of the trace", "boundary-h2norm", claim__bound=below(1))
spoilt("above-h2norm-static", "the norm is 5", "boundary-h2norm-static", claim__bound=below(5))
spoilt("above-h2normatleast", "the H2 norm of 1/z is 1", "boundary-h2normatleast", claim__bound=above(1))
spoilt("below-peakgain", "the peak gain of 1/z is 1", "boundary-peakgain", claim__bound=below(1))
spoilt("below-peakgain-static", "the largest row sum is 4", "boundary-peakgain-static", claim__bound=below(4))
spoilt("below-peakgain-continuous", "the peak gain of 1/(s + 1) is 1", "peakgain-continuous-real", claim__bound=below(1))
spoilt("above-peakgain-continuous", "the peak gain of 1/(s + 1) is 1", "peakgainatleast-continuous-real", claim__bound=above(1))
spoilt("below-peakgain-static-continuous", "the largest row sum is 4", "boundary-peakgain-static-continuous", claim__bound=below(4))
spoilt("above-peakgain-static-continuous", "the largest row sum is 4", "boundary-peakgainatleast-static-continuous", claim__bound=above(4))
spoilt("above-peakgainatleast", "the peak gain of 1/z is 1", "boundary-peakgainatleast", claim__bound=above(1))
spoilt("below-iss-gain", "x_{k+1} = u_k", "boundary-iss", claim__gain=below(1))
spoilt("below-iss-overshoot", "an overshoot below 1 fails at k = 0", "boundary-iss", claim__overshoot=below(1))
spoilt("below-dissipative", "an all-pass gives all of u^2 back", "boundary-dissipative-lossless", claim__R=numbers([[nextafter(1, 0)]]))
spoilt("schur-one", "A = 1 is no Schur matrix: P - A'PA = 0", "boundary-schur", subject__A=numbers([[1]]))
spoilt("schur-above-one", "A = 1 + 2^-52", "boundary-schur", subject__A=numbers([[accepted.HIGH]]))
spoilt("unstable-one", "A = 1 is not unstable: P - A'PA = 0", "boundary-unstable", subject__A=numbers([[1]]))
spoilt("unstable-below-one", "A = 1 - 2^-53", "boundary-unstable", subject__A=numbers([[accepted.LOW]]))
spoilt("bounded-above-one", "A = 1 + 2^-52", "boundary-bounded-integrator", subject__A=numbers([[accepted.HIGH]]))
spoilt("hurwitz-zero", "A = 0 is marginal", "hurwitz-real", subject__A=numbers([[0]]), claim__rate=numbers(0))
spoilt("hurwitz-rate", "Re = -1 is not below -1", "hurwitz-real", claim__rate=numbers(1))
spoilt("schur-rate", "1/2 is not below 1/2", "schur-real", claim__rate=numbers(0.5))
spoilt("schur-modal-rate", "|i/2| is not below 1/2", "schur-modal-pre", claim__rate=numbers(0.5))
spoilt("notschur-modal-rate", "|i/2| is not at least the double above 1/2", "notschur-modal-pre", claim__rate=above(0.5))
spoilt("bounded-modal-0.6-0.8", "the doubles nearest 0.6 and 0.8 lie outside the circle by 4e-17", "modal-0.6-0.8", claim=claim("Bounded"))
spoilt("unstable-modal-circle", "|i| = 1 is on the circle, not outside", "bounded-discrete-modal-pre", claim=claim("Unstable"))
spoilt("unbounded-modal-circle", "decoupled states on the circle are bounded", "bounded-discrete-modal-pre", claim=claim("Unbounded"))

# ---------------------------------------------------------------------------------------- unproved: storage matrices
L2_STATIC = claim("L2Gain", gamma=1)
spoilt("storage-of-a-neighbour", "P = 3/2 belongs to another gamma; the claim is true", L2, witness__P=numbers([[1.5]]), claim__gamma=numbers(2))
spoilt("storage-zero", "P = 0", L2, witness__P=numbers([[0]]))
spoilt("storage-negative", "P = -2", L2, witness__P=numbers([[-2]]))
spoilt("storage-sum-forgotten", "the low part of P is missing; the claim is true", "boundary-sum", witness__P=numbers([[2 * (1 + 2.0**-29)]]))
false("storage-indefinite", "P = -1 makes M > 0 on the unstable A = 2", real([[2]], [[0]], [[1]], [[0]]), L2_STATIC, P=[[-1]])
false("storage-semidefinite", "P = diag(2, 0) does not see the unstable A_22 = 2", real(diag(0.5, 2), [[1], [0]], [[1, 0]], [[0]]), claim("L2Gain", gamma=2), P=diag(2, 0))
false("storage-marginal", "M = 0 for an unreached, unseen integrator: not stable", real([[1]], [[0]], [[0]], [[0]]), L2_STATIC, P=[[1]])
false("storage-pair-marginal", "S = 1 does not make an integrator stable", real([[1]], [[0]], [[0]], [[0]]), L2_STATIC, P=[[1]], S=[[1]])
unseen = real(diag(0.5, 2), [[1], [0]], [[1, 0]], [[0]])
false("storage-pair-unstable", "P sees no unstable state, and S = I does not fall", unseen, claim("L2Gain", gamma=2), P=diag(2, 0), S=diag(1, 1))
false("storage-pair-indefinite", "S = diag(1, -1) falls on the unstable A, but is not positive", unseen, claim("L2Gain", gamma=2), P=diag(2, 0), S=diag(1, -1))
spoilt("storage-pair-below", "gamma is the double below the gain 1", "boundary-two-delays", claim__gamma=numbers(nextafter(1, 0)))
spoilt("storage-pair-missing", "no S, and P - A'PA is only semidefinite; the claim is true", "boundary-two-delays", witness__S=None)
false("empty-no-outputs", "p = 0 does not make A = 5 stable", real([[5]], [[1]], [], []), L2_STATIC, P=[[1]])
false("empty-no-signals", "m = p = 0 does not make A = 5 stable", real([[5]], [[]], [], [], m=0), L2_STATIC, P=[[1]])
false("empty-no-outputs-negative", "p = 0 and P = -1: P - A'PA > 0 on A = 5", real([[5]], [[0]], [], []), L2_STATIC, P=[[-1]])
false("empty-no-states", "n = 0 does not make |D| = 7 at most 1", real([], [], [[]], [[7]]), L2_STATIC, P=[])
false("empty-unstable", "n = 0: no eigenvalue at all", real([], [], [[]], [[7]]), claim("Unstable"), q=[2], v=[])
false("empty-notschur-modal", "n = 0: no pole at all", modal([], [], [[]], [[1]]), claim("NotSchur", rate=0))
spoilt("plant-other", "the P of A = 1/2 on A = 0.9", L2, subject__A=numbers([[0.9]]))
spoilt("plant-discrete", "1/(s + 1) read in discrete time: A = -1", "l2gain-continuous-real", subject__dt=True)
spoilt("plant-continuous", "1/(z - 1/2) read in continuous time: A = 1/2 is unstable", L2, subject__dt=numbers(0))
spoilt("plant-pre-for-post", "read before the update the gain is 2, not 0", "modal-cancelling", subject__output="pre")
spoilt("plant-post-for-pre", "read after the update the gain is 3, not 5/3", "modal-readout", subject__output="post")
spoilt("plant-exchanged", "A and B exchanged: A = 1", L2, subject__A=numbers([[1]]), subject__B=numbers([[0.5]]))
spoilt("bounded-double-integrator", "x_1 grows like k", certificate(claim("Bounded"), real([[1, 1], [0, 1]], [[0], [1]], [[1, 0]], [[0]]), W(P=diag(1, 1))))
spoilt("bounded-semidefinite", "V = x_2^2 is constant, but does not see x_1 grow", certificate(claim("Bounded"), real([[1, 1], [0, 1]], [[0], [1]], [[1, 0]], [[0]]), W(P=diag(0, 1))))
spoilt("dissipative-negative", "P = -1 on A = 2: P - A'PA > 0", certificate(claim("Passive"), real([[2]], [[0]], [[0]], [[1]]), W(P=[[-1]])))
spoilt("dissipative-scale-zero", "scale = 0 leaves P - A'PA >= 0 alone; y = -u is not passive", certificate(claim("Passive"), real([[0]], [[0]], [[0]], [[-1]]), W(P=[[1]], scale=0)))
spoilt("dissipative-scale-negative", "scale = -1 turns the supply round; y = -u is not passive", certificate(claim("Passive"), real([[0]], [[0]], [[0]], [[-1]]), W(P=[[0]], scale=-1)))
spoilt("passive-delay", "1/z is not passive", certificate(claim("Passive"), accepted.DELAY, W(P=[[1]])))
spoilt("iss-storage-small", "P = 1/2 < 1", "iss-discrete-real", witness__P=numbers([[0.5]]))
spoilt("iss-storage-large", "P = 5 > overshoot^2", "iss-discrete-real", witness__P=numbers([[5]]))
spoilt("iss-decay", "1/4 is below the eigenvalue 1/2", "iss-discrete-real", claim__decay=numbers(0.25))
spoilt("iss-gain", "the gain is at least 2", "iss-discrete-real", claim__gain=numbers(1.75))
spoilt("h2norm-gramian", "P is the Gramian itself, not above it; the claim is true", certificate(claim("H2Norm", bound=1), accepted.DELAY, W(P=[[1]])))
spoilt("h2norm-below-gramian", "P = 1 < 4/3", "h2norm-discrete-real", witness__P=numbers([[1]]), claim__bound=numbers(1.125))
spoilt("h2norm-direct", "D = 1 in continuous time: the norm is infinite", "h2norm-continuous-real", subject__D=numbers([[1]]))
spoilt("h2normatleast-gramian", "P = 3/2 > 4/3", "h2normatleast-discrete-real", witness__P=numbers([[1.5]]), claim__bound=numbers(1.1875))
spoilt("h2normatleast-unstable", "A = 2 is unstable: no norm, though P passes", "h2normatleast-discrete-real", subject__A=numbers([[2]]))
spoilt("h2normatleast-S", "S = -1 makes S - A'SA > 0 on A = 2", "h2normatleast-discrete-real", subject__A=numbers([[2]]), witness__S=numbers([[-1]]))

# ---------------------------------------------------------------------------------------- unproved: eigenvalues
spoilt("eigenvalue-inside", "the eigenvalue 1/2 is inside", certificate(claim("NotSchur", rate=1), accepted.R, W(q=[0.5], v=[1])))
spoilt("eigenvalue-invented", "1 is no eigenvalue of A = 1/2", certificate(claim("NotSchur", rate=1), accepted.R, W(q=[1], v=[1])))
spoilt("eigenvalue-zero-vector", "v = 0", certificate(claim("NotSchur", rate=1), accepted.R, W(q=[1], v=[0])))
spoilt("eigenvalue-zero-sum", "v = 1 - 1 = 0", certificate(claim("NotSchur", rate=1), accepted.R, W(q=[1], v=([1], [-1]))))
spoilt("eigenvalue-real-pair", "q = (s - 2)(s - 1/2): the product of its roots is 1, but the eigenvalue is 1/2", certificate(claim("NotSchur", rate=1), accepted.R, W(q=[2.5, 1], v=[1])))
spoilt("eigenvalue-double-root", "q = (s - 1)^2 is no complex pair; the claim is true", certificate(claim("NotSchur", rate=1), real([[1]], [[1]], [[1]], [[0]]), W(q=[2, 1], v=[1])))
spoilt("eigenvalue-pair-inside", "eigenvalues +-i/2", certificate(claim("NotSchur", rate=1), cplx([[0.5j]], [[1]], [[1]], [[0]]), W(q=[0, 0.25], v=[1, 0])))
spoilt("eigenvalue-not-strict", "the eigenvalue 1 is on the circle, not outside", certificate(claim("Unstable"), real([[1]], [[1]], [[1]], [[0]]), W(q=[1], v=[1])))
spoilt("eigenvalue-left", "Re = -1 is below 0", certificate(claim("NotHurwitz", rate=0), accepted.RC, W(q=[-1], v=[1])))
spoilt("eigenvalue-left-pair", "Re = -1, |lambda| > 1", certificate(claim("NotHurwitz", rate=0), cplx([[-1 + 1j]], [[1]], [[1]], [[0]], dt=0), W(q=[-2, 2], v=[1, 0])))
spoilt("inertia-stable", "x'Px < 0 but P - A'PA < 0", certificate(claim("Unstable"), accepted.R, W(P=[[-1]], x=[1])))
spoilt("inertia-positive", "x'Px > 0", certificate(claim("Unstable"), accepted.R, W(P=[[1]], x=[1])))
spoilt("inertia-zero-vector", "x = 0", "unstable-discrete-real", witness__x=numbers([0]))
spoilt("inertia-rate-inside", "rate 1/4 separates the eigenvalue 1/2 from nothing outside", certificate(claim("Unstable"), accepted.R, W(P=[[-1]], x=[1], rate=0.25)))
spoilt("inertia-rate-inside-continuous", "rate 2 asks for Re > -2 only", certificate(claim("Unstable"), accepted.RC, W(P=[[-1]], x=[1], rate=2)))
spoilt("chain-none", "q(A)v = 0: eigenvectors, no chain", certificate(claim("Unbounded"), real(diag(1, 1), [[1], [0]], [[1, 0]], [[0]]), W(q=[1], v=[0, 1])))
spoilt("chain-short", "q(A)^2 v is not 0", certificate(claim("Unbounded"), real([[1, 1], [0, 0.5]], [[0], [1]], [[1, 0]], [[0]]), W(q=[1], v=[0, 1])))
spoilt("chain-inside", "a Jordan block at 1/2 decays", certificate(claim("Unbounded"), real([[0.5, 1], [0, 0.5]], [[0], [1]], [[1, 0]], [[0]]), W(q=[0.5], v=[0, 1])))
spoilt("chain-zero-vector", "v = 0", "unbounded-discrete-real", witness__v=numbers([0, 0]))

# ---------------------------------------------------------------------------------------- unproved: inputs and responses
spoilt("sequence-short", "the answer of 1/z comes after the end", "boundary-lower-sequence", witness__u=numbers([[1]]))
spoilt("sequence-zero", "a zero input", "boundary-lower-sequence", witness__u=numbers([[0], [0]]))
spoilt("sequence-zero-gain", "a zero input shows no gain, not even 0; the claim is true", "boundary-lower-zero", witness__u=numbers([[0]]))
spoilt("sequence-empty", "no input; the claim is true", "boundary-lower-zero", witness__u=[])
spoilt("sequence-continuous", "sequences are for discrete time", certificate(claim("L2GainAtLeast", gamma=0), accepted.RC, W(u=[[1]])))
spoilt("sequence-supplies", "1/z and u = 1, 1: y u = 0, 1", certificate(claim("NotPassive"), accepted.DELAY, W(u=[[1], [1]])))
spoilt("sequence-nothing", "u = 0 extracts nothing", certificate(claim("NotPassive"), accepted.DELAY, W(u=[[0]])))
spoilt("lossless-extracts", "a lossless system gives back, but no more", certificate(claim("NotDissipative", Q=[[-1]], S=[[0]], R=[[1]]), accepted.DELAY, W(u=[[1], [0]])))
spoilt("point-forged", "x belongs to z = 1, the point says z = i", LOWER, witness__point=numbers(1))
spoilt("point-forgotten", "x belongs to z = 1, no point says z = -1", LOWER, witness__point=None)
spoilt("point-continuous", "x belongs to omega = 0, the point says 1", "boundary-lower-continuous", witness__point=numbers(1))
spoilt("point-infinity", "1/(s + 1) is 0 at infinity", "boundary-lower-continuous", witness__point=None)
spoilt("input-zero", "v = 0 and x = 0", LOWER, witness__vr=numbers([0]), witness__xr=numbers([0]))
spoilt("input-zero-state", "v = 0, x = 2 is all residual", LOWER, witness__vr=numbers([0]))
spoilt("state-doubled", "x = 4, so y = 4, but the residual tells", LOWER, witness__xr=numbers([4]), claim__gamma=numbers(3))
spoilt("contraction-forged", "a = 1/2 is not above the eigenvalue 1/2; the claim is true", LOWER, witness__a=numbers(0.5))
spoilt("contraction-one", "a = 1 leaves no gap; the claim is true", LOWER, witness__a=numbers(1))
spoilt("contraction-zero", "a = 0 in continuous time; the claim is true", "boundary-lower-continuous", witness__a=numbers(0))
spoilt("contraction-output", "P = 1 is not above C'C = 1; the claim is true", LOWER, witness__P=numbers([[1]]))
spoilt("tail-zero", "four terms of 1 + 1/2 + ..., the tail said to be 0", "peakgain-discrete-real", claim__bound=numbers(1.875), witness__steps=4, witness__tail=numbers(0))
spoilt("tail-of-later", "four terms, the tail of eight", "peakgain-discrete-real", claim__bound=numbers(1.9375), witness__steps=4)
spoilt("steps-none", "no term, and no tail", "peakgain-discrete-real", claim__bound=numbers(0), witness__steps=0, witness__tail=numbers(0))
spoilt("steps-endless", "more steps than a checker should take", "peakgain-discrete-real", witness__steps=2**31 - 1)
false("size-endless", "a million inputs in a file of one line; the claim is true", real([], [], [], [], m=10**6), L2_STATIC, P=[])
spoilt("bits-none", "states cut to integers end at once; what was cut is counted", "peakgain-discrete-real", claim__bound=numbers(1.5), witness__bits=0, witness__tail=numbers(0))
spoilt("weight-forged", "weight^2 = 1 < 2 = P", "peakgain-discrete-real", witness__weight=numbers(1))
spoilt("peak-contraction", "a = 1/2 is not above the eigenvalue 1/2", "peakgain-discrete-real", witness__a=numbers(0.5))
spoilt("peakatleast-tail", "eight terms do not reach 2, whatever the tail", "peakgainatleast-discrete-real", claim__bound=numbers(2), witness__tail=numbers(8))
spoilt("peak-direct", "D = 1 adds 1", "peakgain-continuous-real", subject__D=numbers([[1]]))
spoilt("peak-tail-continuous", "a quarter of the steps, the tail of all", "peakgain-continuous-real", claim__bound=numbers(0.9375), witness__steps=8)
spoilt("peak-step-zero", "steps of 0", "peakgain-continuous-real", witness__h=numbers(0))
spoilt("peak-step-negative", "steps backwards", "peakgain-continuous-real", witness__h=numbers(-0.25), claim__bound=numbers(0))
spoilt("peak-step-coarse", "one step of 8: the polynomial is no exponential; the claim is true", "peakgain-continuous-real", witness__h=numbers(8), witness__steps=1)
spoilt("peak-order-none", "order 0 keeps the state for ever: the defect is counted", "peakgainatleast-continuous-real", claim__bound=numbers(2), witness__order=0, witness__tail=numbers(2))
spoilt("peak-order-large", "more than 64 terms; the claim is true", "peakgain-continuous-real", witness__order=65)
spoilt("peak-contraction-continuous", "a = 1 is not below 1, the rate of decay; the claim is true", "peakgain-continuous-real", witness__a=numbers(1))
spoilt("peak-unstable-continuous", "A = 1 and P = -1", "boundary-peakgain-static-continuous", subject=real([[1]], [[0]], [[0]], [[0]], dt=0), witness__P=numbers([[-1]]))
