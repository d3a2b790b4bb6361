"""A subject is what was stored, number by number; its JSON says so in one way only."""

import copy
import json
import math
import pickle
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from ssmctl.certificates.subject import (
    ModalSubject,
    OscillatorSubject,
    StateSpaceSubject,
    exact_array,
    subject_from_json,
    timebase,
)
from ssmctl.errors import CertificateError, ClaimRefuted, ClaimUndecided, InputError

SIZES = [(2, 1, 1), (3, 2, 1), (1, 1, 3), (0, 0, 0), (0, 2, 3), (2, 0, 1), (2, 1, 0)]
TIMES = [0.0, True, 1.0, 0.1]


def draw(n, m, p, kind, dt, seed=0) -> Any:
    rng = np.random.default_rng(seed)
    real = lambda *shape: rng.normal(size=shape) * 2.0 ** rng.integers(-40, 40, size=shape)
    both = lambda *shape: real(*shape) + 1j * real(*shape)
    match kind:
        case "real":
            return StateSpaceSubject(real(n, n), real(n, m), real(p, n), real(p, m), dt)
        case "complex":
            return StateSpaceSubject(both(n, n), both(n, m), both(p, n), both(p, m), dt)
        case "pre":
            return ModalSubject(both(n), both(n, m), both(p, n), real(p, m), dt)
        case _:
            return ModalSubject(both(n), both(n, m), both(p, n), real(p, m), dt, "post")


grid = [
    pytest.param(*size, kind, dt, id=f"{kind}-{size}-{dt}")
    for size in SIZES
    for kind in ("real", "complex", "pre", "post")
    for dt in TIMES
    if not (kind == "post" and dt == 0.0)
]


@pytest.mark.parametrize(("n", "m", "p", "kind", "dt"), grid)
def test_json_there_and_back(n, m, p, kind, dt):
    subject = draw(n, m, p, kind, dt)
    assert (subject.n, subject.m, subject.p) == (n, m, p)
    text = json.dumps(subject.to_json())
    back = subject_from_json(json.loads(text))
    assert subject.same_bits(back) is None
    assert back == subject
    assert hash(back) == hash(subject)
    assert json.dumps(back.to_json()) == text
    assert (back.dt is True) == (dt is True)
    assert pickle.loads(pickle.dumps(subject)) == subject


def test_json_is_the_written_format():
    subject = StateSpaceSubject([[0.5, -0.0], [1, 2]], [[1], [0]], [[0, 1]], [[0]], 0)
    one, zero = "0x1.0000000000000p+0", "0x0.0p+0"
    assert subject.to_json() == {
        **{"type": "StateSpace", "dt": zero, "n": 2, "m": 1, "p": 1},
        "A": [["0x1.0000000000000p-1", zero], [one, "0x1.0000000000000p+1"]],
        **{"B": [[one], [zero]], "C": [[zero, one]], "D": [[zero]]},
    }
    modal = ModalSubject([0.5j], [[1]], [[0]], [[1]], True, "post")
    assert modal.to_json() == {
        **{"type": "Modal", "dt": True, "n": 1, "m": 1, "p": 1, "output": "post"},
        "poles": {"re": [zero], "im": ["0x1.0000000000000p-1"]},
        **{"B": {"re": [[one]], "im": [[zero]]}, "C": {"re": [[zero]], "im": [[zero]]}, "D": [[one]]},
    }


def change(path, value):
    def changed(data):
        *most, last = path
        inner = data
        for key in most:
            inner = inner[key]
        if value is None:
            del inner[last]
        else:
            inner[last] = value

    return changed


REFUSED = {  # what is done to a good file: the words of the refusal
    "type": (change(["type"], "Network"), "StateSpace"),
    "missing": (change(["D"], None), "missing or unknown: D"),
    "unknown": (change(["E"], [[]]), "missing or unknown: E"),
    "bool n": (change(["n"], True), "n must be a whole number"),
    "float n": (change(["n"], 2.0), "n must be a whole number"),
    "negative p": (change(["p"], -1), "p must be a whole number"),
    "huge m": (change(["m"], 10**30), "m must be a whole number"),
    "n disagrees": (change(["n"], 3), "A must have 3 rows"),
    "m disagrees": (change(["m"], 2), "B must have 2 numbers"),
    "decimal": (change(["A", 0, 0], "0.5"), "float.hex"),
    "number": (change(["A", 0, 0], 0.5), "float.hex"),
    "bare hex": (change(["A", 0, 0], "10"), "float.hex"),
    "capital": (change(["A", 0, 0], "0X1.0000000000000P-1"), "float.hex"),
    "nan": (change(["A", 0, 0], "nan"), "float.hex"),
    "inf": (change(["A", 0, 0], "inf"), "float.hex"),
    "overflow": (change(["A", 0, 0], "0x1.0000000000000p+1024"), "float.hex"),
    "minus zero": (change(["A", 0, 0], "-0x0.0p+0"), "float.hex"),
    "space": (change(["A", 0, 0], "0x1.0000000000000p-1 "), "float.hex"),
    "ragged": (change(["A", 0], ["0x0.0p+0"]), "2 numbers in each row"),
    "no rows": (change(["A"], "0x0.0p+0"), "2 rows"),
    "half complex": (change(["A"], {"re": [[]], "im": [[]]}), "2 rows"),
    "dt false": (change(["dt"], False), "dt"),
    "dt number": (change(["dt"], 0.1), "dt"),
    "dt negative": (change(["dt"], "-0x1.0000000000000p+0"), "negative"),
}


@pytest.mark.parametrize(("edit", "words"), REFUSED.values(), ids=REFUSED)
def test_other_json_is_refused(edit, words):
    data = draw(2, 1, 1, "real", 0.1).to_json()
    edit(data)
    with pytest.raises(CertificateError, match=words):
        subject_from_json(data)


def test_other_json_of_modal_is_refused(plain):
    good = draw(2, 1, 1, "pre", 0.0).to_json()
    for edit, words in [
        (change(["output"], "post"), "continuous"),
        (change(["output"], "later"), "pre"),
        (change(["poles", "im"], None), "complex"),
        (change(["B"], [["0x0.0p+0"]] * 2), "complex"),
        (change(["D"], {"re": [["0x0.0p+0"]], "im": [["0x0.0p+0"]]}), "1 rows"),
    ]:
        data = copy.deepcopy(good)
        edit(data)
        with pytest.raises(CertificateError, match=words):
            subject_from_json(data)
    for data in (None, [], "x", 3):
        with pytest.raises(CertificateError, match="JSON object"):
            subject_from_json(data)


@pytest.mark.parametrize(
    "dtype",
    [
        np.float16,
        np.float32,
        np.float64,
        np.int8,
        np.uint8,
        np.int64,
        ml_dtypes.bfloat16,
        ml_dtypes.float8_e4m3fn,
    ],
)
def test_widening_is_exact(dtype):
    given = np.array([[0.1, -3], [100, 7]]).astype(dtype)
    stored = exact_array("A", given)
    assert stored.dtype == np.float64
    assert [Fraction(x) for x in stored.ravel().tolist()] == [Fraction(float(x)) for x in given.ravel()]
    assert not stored.flags.writeable


WRONG = {
    "longdouble": (np.array([[0.1]], np.longdouble), "float64 cannot hold"),
    "clongdouble": (np.array([[0.1]], np.clongdouble), "must be real"),
    "object": (np.array([[Fraction(1, 3)]]), "must hold numbers"),
    "text": ([["0.5"]], "must hold numbers"),
    "bool": ([[True]], "must hold numbers"),
    "big integer": (np.array([[2**53 + 1]]), "beyond 2\\^53"),
    "negative integer": (np.array([[-(2**63)]]), "beyond 2\\^53"),
    "unsigned": (np.array([[2**64 - 1]], np.uint64), "beyond 2\\^53"),
    "hidden integer": ([[2**53 + 1, 0.5]], "beyond 2\\^53"),
    "huge integer": ([[10**40]], "must hold numbers"),
    "ragged": ([[1, 2], [3]], "rows of equal length"),
    "masked": (np.ma.array([[1.0]], mask=[[True]]), "masked"),
    "nan": ([[0.0, math.nan]], r"finite, got nan at \[0, 1\]"),
    "inf": ([[math.inf]], "finite"),
    "complex": ([[1j]], "must be real"),
    "nothing": (None, "must hold numbers"),
}


@pytest.mark.parametrize(("value", "words"), WRONG.values(), ids=WRONG)
def test_inexact_arrays_are_refused(value, words):
    with pytest.raises(InputError, match=words):
        exact_array("A", value, dtype=np.float64)


def test_integers_up_to_the_limit():
    assert exact_array("A", [[2**53, -(2**53)], [0.5, 1]]).tolist() == [[2.0**53, -(2.0**53)], [0.5, 1.0]]


def test_minus_zero_is_zero():
    stored = exact_array("A", np.array([complex(-0.0, -0.0), -0.0]))
    assert [math.copysign(1, x) for z in stored.tolist() for x in (z.real, z.imag)] == [1] * 4
    assert math.copysign(1, timebase(-0.0)) == 1


def test_stored_numbers_do_not_follow_the_input():
    A = np.eye(2)
    subject = StateSpaceSubject(A, A, A, A, 0)
    A[0, 0] = 7
    assert subject.A[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        subject.A[0, 0] = 7


@pytest.mark.parametrize(
    "dt", [None, False, -1, -0.1, math.nan, math.inf, "0.1", [0.1], 1j, 2**60 + 1, np.longdouble(1)]
)
def test_no_time_base(dt):
    with pytest.raises(InputError, match=r"`dt`.*give 0 \(continuous\), True"):
        timebase(dt)


@pytest.mark.parametrize("dt", [1, 1.0, np.float32(1), np.int64(1), np.array(1.0)])
def test_period_of_one_second_is_not_true(dt):
    assert timebase(dt) == 1.0
    assert timebase(dt) is not True
    assert timebase(np.True_) is True


def test_shapes():
    eye, row, column, one = np.eye(2), np.ones((1, 2)), np.ones((2, 1)), np.ones((1, 1))
    cases: list[tuple[Any, str]] = [
        ((row, column, row, one), r"`A` must be \(n, n\), got \(1, 2\)"),
        ((eye, row, row, one), r"`B` must be \(n, m\) with n = 2, got \(1, 2\)"),
        ((eye, column, column, one), r"`C` must be \(p, n\) with n = 2, got \(2, 1\)"),
        ((eye, column, row, row), r"`D` must be \(p, m\) = \(1, 1\), got \(1, 2\)"),
        ((eye, np.ones(2), row, one), r"`B` must"),
    ]
    for arrays, words in cases:
        with pytest.raises(InputError, match=words):
            StateSpaceSubject(*arrays, dt=0)
    with pytest.raises(InputError, match="`poles` must be"):
        ModalSubject(eye, column, row, one, 0)
    with pytest.raises(InputError, match="continuous time does not have"):
        ModalSubject([1, 2], column, row, one, 0, "post")
    with pytest.raises(InputError, match="`D` must be real"):
        ModalSubject([1, 2], column, row, 1j * one, 0)


@pytest.mark.parametrize("kind", ["real", "complex", "pre", "post"])
def test_same_bits_sees_the_last_bit(kind):
    subject = draw(2, 1, 1, kind, 0.1)
    names = ("A", "B", "C", "D") if kind in ("real", "complex") else ("poles", "B", "C", "D")
    for name in names:
        arrays = {key: np.array(getattr(subject, key)) for key in names}
        flat = arrays[name].reshape(-1).view(np.float64)
        flat[-1] = np.nextafter(flat[-1], np.inf)
        extra: dict[str, Any] = {"output": subject.output} if isinstance(subject, ModalSubject) else {}
        other = type(subject)(**arrays, dt=subject.dt, **extra)
        assert str(subject.same_bits(other)).startswith(f"{name}[")
        assert other != subject


def test_same_bits_sees_what_a_number_means():
    real, true = draw(1, 1, 1, "real", 1.0), draw(1, 1, 1, "real", True)
    assert "dt differs" in str(real.same_bits(true))
    assert real != true
    wide = StateSpaceSubject(real.A.astype(complex), real.B, real.C, real.D, 1.0)
    assert wide.complex
    assert "type" in str(real.same_bits(wide))
    assert "after" in str(draw(1, 1, 1, "pre", 1.0).same_bits(draw(1, 1, 1, "post", 1.0)))
    assert "Modal" in str(real.same_bits(draw(1, 1, 1, "pre", 1.0)))
    assert "shape" in str(real.same_bits(draw(1, 2, 1, "real", 1.0)))
    assert real != "a plant"


@pytest.mark.parametrize("kind", ["real", "complex", "pre", "post"])
def test_real_form_has_the_same_response(kind):
    subject = draw(2, 2, 1, kind, 0.1, seed=3)
    A, B, C, D = subject.real_form()
    rng = np.random.default_rng(1)
    x, u = rng.normal(size=subject.n) + 1j * rng.normal(size=subject.n), rng.normal(size=2) + 0j
    if kind == "complex":
        u = u + 1j * rng.normal(size=2)
    if isinstance(subject, StateSpaceSubject):
        x = x.real + 0j if kind == "real" else x
        nxt, y = subject.A @ x + subject.B @ u, subject.C @ x + subject.D @ u
    else:
        nxt = subject.poles * x + subject.B @ u
        y = (subject.C @ (nxt if kind == "post" else x)).real + subject.D @ u.real
    split = lambda z: z.real if kind == "real" else np.concatenate([z.real, z.imag])
    signal = split if kind == "complex" else lambda z: np.real(z)
    np.testing.assert_allclose(A @ split(x) + B @ signal(u), split(nxt), rtol=1e-12)
    np.testing.assert_allclose(C @ split(x) + D @ signal(u), signal(y), rtol=1e-12)


# ---------------------------------------------------------------------- oscillators
FIELDS = ("stiffness", "damping", "steps", "B", "velocity", "position", "D", "bias")


def bank(r, m, p, cplx=False, each=False, scheme="imex", output: Any = "pre", seed=0):
    rng = np.random.default_rng(seed)
    real = lambda *shape: rng.normal(size=shape) * 2.0 ** rng.integers(-40, 40, size=shape)
    both = lambda *shape: real(*shape) + (1j * real(*shape) if cplx else 0)
    steps = np.abs(real(r)) if each else 0.1
    read = both(r, m), both(p, r), both(p, r), real(p, m), both(r)
    return OscillatorSubject(real(r), np.abs(real(r)), steps, scheme, *read, output)


@pytest.mark.parametrize(("r", "m", "p"), SIZES)
@pytest.mark.parametrize("cplx", [False, True])
@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize(("scheme", "output"), [("imex", "pre"), ("zoh", "post")])
def test_oscillators_there_and_back(r, m, p, cplx, each, scheme, output):
    subject = bank(r, m, p, cplx, each, scheme, output)
    assert (subject.r, subject.n, subject.m, subject.p) == (r, 2 * r, m, p)
    assert (subject.dt is True) == each
    text = json.dumps(subject.to_json())
    back = subject_from_json(json.loads(text))
    assert isinstance(back, OscillatorSubject)
    assert subject.same_bits(back) is None
    assert back == subject
    assert hash(back) == hash(subject)
    assert json.dumps(back.to_json()) == text
    assert pickle.loads(pickle.dumps(subject)) == subject
    assert not any(getattr(back, name).flags.writeable for name in FIELDS)
    assert subject.biased == (r > 0)
    assert not subject.complex
    assert not subject.continuous


def test_oscillators_as_written():
    one, half, zero = "0x1.0000000000000p+0", "0x1.0000000000000p-1", "0x0.0p+0"
    subject = OscillatorSubject([1], [-0.0], 0.5, "im", [[1]], [[0]], [[1j]], [[0.5]], [0], "post")
    split = lambda re, im: {"re": re, "im": im}
    assert subject.to_json() == {
        **{"type": "Oscillator", "scheme": "im", "output": "post", "dt": half, "n": 1, "m": 1, "p": 1},
        **{"stiffness": [one], "damping": [zero], "D": [[half]], "bias": split([zero], [zero])},
        **{"B": split([[one]], [[zero]]), "velocity": split([[zero]], [[zero]])},
        "position": split([[zero]], [[one]]),
    }
    each = OscillatorSubject([1, 1], [0, 0], [0.5, 1], "im", [[1], [1]], [[0, 0]], [[1, 1]], [[0]], [0, 0])
    assert each.to_json()["dt"] == [half, one]


@pytest.mark.parametrize("cplx", [False, True])
def test_oscillators_that_differ(cplx):
    """The last bit of every array, the scheme, the readout, and what a step means."""
    subject = bank(2, 1, 1, cplx, each=True)
    given = {name: getattr(subject, name) for name in FIELDS}

    def make(scheme="imex", output: Any = "pre", dt=None, **changes):
        new = given | changes
        dt = new.pop("steps") if dt is None else dt
        new.pop("steps", None)
        return OscillatorSubject(dt=dt, scheme=scheme, output=output, **new)

    assert make() == subject
    for name in FIELDS:
        array = np.array(given[name])
        flat = array.reshape(-1).view(np.float64)
        flat[-1] = np.nextafter(flat[-1], np.inf)
        new: dict[str, Any] = {name: array}
        other = make(**new)
        assert str(subject.same_bits(other)).startswith(f"{name}[")
        assert other != subject
    assert "imex and im" in str(subject.same_bits(make("im")))
    assert "after" in str(subject.same_bits(make(output="post")))
    equal = make(dt=[0.5, 0.5])
    assert "dt differs" in str(equal.same_bits(make(dt=0.5)))  # one period, or one for each: not one file
    assert "one is a" in str(subject.same_bits(draw(2, 1, 1, "real", 1.0)))
    wide = OscillatorSubject([1], [1], 1, "im", [[1 + 0j]], [[0]], [[1]], [[0]], [0])
    assert "type" in str(
        wide.same_bits(OscillatorSubject([1], [1], 1, "im", [[1]], [[0]], [[1]], [[0]], [0]))
    )


GOOD: dict[str, Any] = {
    **{"stiffness": [1.0, 2.0], "damping": [0.0, 0.5], "dt": 0.5, "scheme": "im", "bias": [0.0, 0.0]},
    **{"B": [[1.0], [0.0]], "velocity": [[0.0, 0.0]], "position": [[1.0, 1.0]], "D": [[0.0]]},
}
NOT_BANKS = {
    "scheme": ({"scheme": "midpoint"}, "unknown scheme 'midpoint'; the schemes are im"),
    "scheme-none": ({"scheme": None}, "unknown scheme"),
    "output": ({"output": "mid"}, '"pre" or "post"'),
    "dt": ({"dt": 0}, "must be positive"),
    "dt-negative": ({"dt": -0.5}, "not negative"),
    "dt-true": ({"dt": True}, "step in seconds"),
    "dt-none": ({"dt": None}, "left open"),
    "dt-zeros": ({"dt": [0.5, 0.0]}, "must be positive"),
    "dt-long": ({"dt": [0.5] * 3}, r"`dt` must be \(2,\)"),
    "dt-nan": ({"dt": [0.5, math.nan]}, "finite"),
    "dt-matrix": ({"dt": [[0.5, 0.5]]}, "one real number"),
    "stiffness": ({"stiffness": [[1.0, 2.0]]}, r"`stiffness` must be \(r,\)"),
    "stiffness-complex": ({"stiffness": [1j, 2.0]}, "`stiffness` must be real"),
    "damping": ({"damping": [0.0]}, r"`damping` must be \(2,\)"),
    "bias": ({"bias": [0.0]}, "`bias`"),
    "B": ({"B": [1.0, 0.0]}, "`B` must be"),
    "B-tall": ({"B": [[1.0]] * 3}, "`B` must be"),
    "velocity": ({"velocity": [[0.0]]}, "`velocity` must be"),
    "position": ({"position": [[0.0, 1.0]] * 2}, "`position` must be"),
    "D": ({"D": [[0.0, 0.0]]}, "`D` must be"),
    "D-complex": ({"D": [[1j]]}, "`D` must be real"),
    "longdouble": ({"damping": np.array([0, 1], np.longdouble)}, "`damping` has dtype"),
    "verlet": ({"scheme": "verlet"}, "without damping"),
    "divisor": ({"stiffness": [-4.0, 1.0]}, "no step for oscillator 0"),
    "divisor-tustin": (
        {"stiffness": [1.0, -16.0], "damping": [0.0, 0.0], "scheme": "tustin"},
        "oscillator 1",
    ),
}


@pytest.mark.parametrize(("changes", "words"), NOT_BANKS.values(), ids=NOT_BANKS)
def test_what_is_no_bank(changes, words):
    OscillatorSubject(**GOOD)
    with pytest.raises(InputError, match=words) as caught:
        OscillatorSubject(**(GOOD | changes))
    assert "\n" not in str(caught.value)


def test_other_json_of_oscillators_is_refused():
    data = OscillatorSubject(**GOOD).to_json()
    one = (1.0).hex()
    edits = [
        *({key: value} for key in data if key != "D" for value in (None, [], 3, "x", [one], True)),
        {"n": 3},
        {"n": True},
        {"m": -1},
        {"extra": 1},
        {"A": [[one]]},
        {"bias": {"re": [one, one], "im": [one, one]}},
        {"B": {"re": data["B"], "im": data["B"]}},
        {"dt": [one]},
        {"dt": "-" + one},
        {"scheme": ["im"]},
        {"stiffness": ["nan", one]},
        {"stiffness": [1.0, 1.0]},
        {"stiffness": [(-4.0).hex(), one]},
        *({"D": value} for value in (None, [], [[one, one]], {"re": data["D"], "im": data["D"]})),
    ]
    for edit in edits:
        if all(data.get(key) == value for key, value in edit.items()):
            continue
        with pytest.raises(CertificateError) as caught:
            subject_from_json(data | edit)
        assert "\n" not in str(caught.value)
    for key in data:
        with pytest.raises(CertificateError):
            subject_from_json({k: v for k, v in data.items() if k != key})


def test_errors_travel_between_processes():
    for error in (
        ClaimRefuted("no", certificate=1, verdict=2),
        ClaimUndecided("?", verdict=3),
        InputError("x"),
    ):
        back = pickle.loads(pickle.dumps(error))
        assert (str(back), vars(back)) == (str(error), vars(error))
    assert issubclass(InputError, ValueError)
    assert issubclass(CertificateError, ValueError)
