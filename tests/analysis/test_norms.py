"""Norms with two proved ends: closed forms, failures of other tools as regressions, benchmark systems."""

import itertools
import math

import control
import numpy as np
import pytest

import ssmctl
from ssmctl import H2Norm, L2Gain, L2GainAtLeast, NotHurwitz, NotSchur, PeakGain, hinfnorm, verify
from ssmctl.analysis.equations import tustin

STABLE = "AC15 AC17 BDT1 CDP DLR1 DLR3 EB2 EB4 HE2 HF1 HF2D13 LAH NN11 PSM TG1 UWV WEC2 building heat".split()
LARGE = {"CDP", "HF1", "heat", "building", "LAH", "DLR3", "EB4"}
UNSTABLE = (
    "AC11 AC13 AC5 AC7 AC9 CM1_IS CM2_IS DIS2 DIS4 HE4 HE6 HF2D11 HF2D15 HF2D17 NN1 NN13 NN17 NN3 NN5 NN7"
    " NN9 REA2 REA4 ROC10 ROC3"
).split()
MARGINAL = "AC1 AC2 CSE2 FS IH JE2 NN15 ROC5 ROC7 TF2 ROC9".split()
PROVED = {  # H-infinity norms proved elsewhere, in ball arithmetic at 288 bits: (lower, upper)
    "building": (0.005276333761570944, 0.005276333762098578),
    "heat": (0.056104221842693654, 0.05610422184269367),
    "AC15": (2471.3228727927803, 2471.3228730399132),
    "AC17": (30.832761291707367, 30.832761294790647),
    "HE2": (81.8321658078159, 81.83216581599913),
    "HF2D13": (325915.88968997484, 325915.88972256647),
    "PSM": (4.232775132681259, 4.232775133104537),
    "UWV": (6284.280861834008, 6284.280862462437),
    "DLR1": (7.839503253591732, 7.839503254375684),
    "EB2": (39.954730732497424, 39.954730736492905),
    "TG1": (130.34179305633236, 130.34179306936656),
    "WEC2": (354.316150037045, 354.3161500724767),
    "BDT1": (5.142597865884168, 5.142597866398429),
    "NN11": (0.17029469817493784, 0.17029469819196733),
    "EB4": (3995311.176600911, 3995311.177000443),
    "DLR3": (64249.44381859759, 64249.44382502254),
    "LAH": (5.372798362003208e-05, 5.3727983625404884e-05),
    "CDP": (23198.209691393764, 23198.20969371359),
}


def scalar(a, b=1.0, c=1.0, d=0.0, dt: float = True):
    return np.array([[a]]), np.array([[b]]), np.array([[c]]), np.array([[d]]), dt


def holds(certificate, **asked):
    assert certificate is not None
    return verify(certificate, **asked).holds


def proved(norm, rtol=1e-8, level="exact"):
    """Both ends are proved again at a level, the width is as asked."""
    assert norm.lower <= norm.upper
    assert norm.width <= rtol
    assert holds(norm.certificate, claim=L2Gain(norm.upper), level=level)
    assert holds(norm.lower_certificate, claim=L2GainAtLeast(norm.lower), level=level)
    return norm


def open_system(shared_data, name):
    if name in ("building", "heat"):
        data = np.load(shared_data / "systems" / f"{name}.npz")
        return tuple(data[key] for key in "ABCD")
    data = np.load(shared_data / "systems" / "compleib_open.npz")
    return tuple(data[f"{name}/{key}"] for key in ("A", "B1", "C1", "D11"))


# ---------------------------------------------------------------------------------------------- closed forms
@pytest.mark.parametrize("r", [1e-1, 1e-5, 5e-6, 1e-6, 1e-9])
def test_poles_next_to_the_circle(r):
    """r/(z - (1 - r)) has norm 1; a common tool calls it unstable from r = 1e-5 on."""
    norm = proved(hinfnorm(scalar(1 - r, b=1.0 - (1 - r))))
    assert 1.0 in norm


def test_delay_and_fir():
    """A pole at z = 0 is a pole like any other: z^-3 has norm 1, 1 + z^-1 has norm 2."""
    shift = np.eye(3, k=1)
    delay = shift, np.array([[0.0], [0.0], [1.0]]), np.array([[1.0, 0.0, 0.0]]), np.zeros((1, 1)), True
    assert 1.0 in proved(hinfnorm(delay))
    assert 2.0 in proved(hinfnorm(scalar(0.0, d=1.0)))


@pytest.mark.parametrize("dt", [0, True, 0.5])
def test_static_gain(dt):
    D = np.array([[3.0, 0.0, 0.0], [0.0, -7.0, 0.0]])
    norm = proved(hinfnorm((np.zeros((0, 0)), np.zeros((0, 3)), np.zeros((2, 0)), D, dt)))
    assert 7.0 in norm


def test_no_signals():
    for m, p in itertools.product((0, 1), repeat=2):
        system = np.eye(2) * 0.5, np.ones((2, m)), np.ones((p, 2)), np.zeros((p, m)), True
        norm = hinfnorm(system)
        assert norm.lower <= (4.0 if m and p else 0.0) <= norm.upper


def test_not_square_feedthrough():
    rng = np.random.default_rng(3)
    A = np.diag([0.5, -0.25, 0.9])
    B, C, D = rng.standard_normal((3, 2)), rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    norm = proved(hinfnorm((A, B, C, D, 1.0)))
    grid = np.exp(1j * np.linspace(0, np.pi, 20001))
    peak = max(np.linalg.norm(D + C @ np.diag(1 / (z - np.diag(A))) @ B, 2) for z in grid)
    assert norm.upper >= peak >= norm.upper * (1 - 1e-5)


@pytest.mark.parametrize("dt", [True, 0.0])
def test_complex_matrices(dt):
    """1/(z - a) has norm 1/(1 - |a|), 1/(s - a) has norm 1/|Re a|: the imaginary part is not dropped."""
    a = 0.5j if dt else -0.5 + 3j
    one = np.ones((1, 1), complex)
    norm = proved(hinfnorm((a * one, one, one, 0 * one, dt)))
    assert 2.0 in norm
    assert norm.frequency == pytest.approx(math.pi / 2 if dt else 3.0, rel=1e-6)


def test_badly_scaled_states():
    rng = np.random.default_rng(0)
    A = rng.standard_normal((6, 6))
    A *= 0.9 / abs(np.linalg.eigvals(A)).max()
    B, C, D = rng.standard_normal((6, 2)), rng.standard_normal((2, 6)), np.zeros((2, 2))
    s = np.exp2(np.array([-13.0, 13.0, 0.0, 7.0, -20.0, 20.0]))
    plain = proved(hinfnorm((A, B, C, D, True)))
    scaled = proved(hinfnorm((A * s[:, None] / s, B * s[:, None], C / s, D, True)))
    assert max(plain.lower, scaled.lower) <= min(plain.upper, scaled.upper)  # powers of two: the same norm


def test_not_minimal():
    """Hidden modes change nothing, as long as they are stable; an unstable one makes the norm infinite."""
    A = np.diag([0.5, 0.99, -0.9])
    B, C, D = np.array([[1.0], [0.0], [1.0]]), np.array([[1.0, 1.0, 0.0]]), np.zeros((1, 1))
    assert 2.0 in proved(hinfnorm((A, B, C, D, True)))
    A[1, 1] = 1.5
    norm = hinfnorm((A, B, C, D, True))
    assert norm.upper == math.inf
    assert holds(norm.certificate, claim=NotSchur())


@pytest.mark.parametrize("a", [1.1, 1.0000001, 1.0, -1.0])
def test_unstable_is_infinite(a):
    norm = hinfnorm(scalar(a))
    assert (norm.lower, norm.upper) == (math.inf, math.inf)
    assert holds(norm.certificate, claim=NotSchur())
    assert ssmctl.h2norm(scalar(a)).upper == math.inf


def test_integrator_is_infinite():
    norm = hinfnorm(scalar(0.0, dt=0))
    assert norm.upper == math.inf
    assert holds(norm.certificate, claim=NotHurwitz())


def test_lightly_damped_cluster():
    """Ten poles at radius 1 - 1e-10: a number that a common tool gets wrong in the seventh digit."""
    radius = 1 - 1e-10
    angle = np.linspace(0.3, 2.7, 5)
    blocks = [radius * np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]]) for t in angle]
    A = np.zeros((10, 10))
    for k, block in enumerate(blocks):
        A[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = block
    norm = proved(hinfnorm((A, np.full((10, 1), 1e-10), np.ones((1, 10)), np.zeros((1, 1)), True)))
    grid = max(
        abs(np.sum(np.linalg.solve(np.exp(1j * w) * np.eye(10) - A, np.full(10, 1e-10))))
        for t in angle
        for w in t + 1e-10 * np.linspace(-3, 3, 61)
    )
    assert grid <= norm.upper * (1 + 1e-5)
    assert norm.lower >= grid * (1 - 1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_on_the_right_side(seed):
    """The default of a common tool lies below the truth; ours has the truth between its ends."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((5, 5))
    A *= 0.95 / abs(np.linalg.eigvals(A)).max()
    B, C, D = rng.standard_normal((5, 2)), rng.standard_normal((2, 5)), rng.standard_normal((2, 2))
    norm = proved(hinfnorm((A, B, C, D, 1.0), rtol=1e-10), 1e-10)
    sharp, _ = control.linfnorm(control.ss(A, B, C, D, 1.0), tol=1e-13)
    assert norm.lower * (1 - 1e-9) <= sharp <= norm.upper * (1 + 1e-9)


def test_modal_and_post_update():
    poles, B, C, D = [0.5 + 0.5j, -0.25], [[1.0], [2.0 + 1j]], [[1.0, 0.5j]], [[0.25]]
    for output in ("pre", "post"):
        system = ssmctl.Modal(poles, B, C, D, dt=True, output=output)
        norm = proved(hinfnorm(system))
        a, b, c, d = system.subject().real_form()
        w = np.exp(1j * np.linspace(0, np.pi, 4001))
        peak = max(abs(d + c @ np.linalg.solve(z * np.eye(4) - a, b)).item() for z in w)
        assert norm.lower * (1 + 1e-8) >= peak >= norm.upper * (1 - 1e-5)


def test_frequency_has_a_unit():
    a = np.array([[0.0, 1.0], [-4.0, -0.01]])
    norm = hinfnorm((a, [[0.0], [1.0]], [[1.0, 0.0]], 0, 0))
    assert norm.unit == "rad/s"
    assert norm.frequency == pytest.approx(2.0, rel=1e-4)
    slow = hinfnorm(scalar(-0.9, dt=0.5))
    assert slow.unit == "rad/s"
    assert slow.frequency == pytest.approx(math.pi / 0.5)
    assert hinfnorm(scalar(-0.9)).unit == "rad/sample"


@pytest.mark.parametrize("rtol", [0, 1.0, -1, math.nan, 1e-13])
def test_rtol_is_checked(rtol):
    with pytest.raises(ssmctl.InputError, match="`rtol`"):
        hinfnorm(scalar(0.5), rtol=rtol)


# ---------------------------------------------------------------------------------------------- other norms
@pytest.mark.parametrize("dt", [True, 0.0])
def test_h2_closed_form(dt):
    """Discrete 1/(z - a): 1/sqrt(1 - a^2); continuous 1/(s + a): 1/sqrt(2a)."""
    a, value = (0.6, 1.25) if dt else (-2.0, 0.5)
    norm = ssmctl.h2norm(scalar(a, dt=dt))
    assert norm.width <= 1e-8
    assert norm.lower <= value * (1 + 1e-15)
    assert norm.upper >= value * (1 - 1e-15)
    assert holds(norm.certificate, claim=H2Norm(norm.upper))
    assert holds(norm.lower_certificate)


def test_h2_with_feedthrough_in_continuous_time():
    norm = ssmctl.h2norm(scalar(-1.0, d=1.0, dt=0))
    assert norm.lower == norm.upper == math.inf
    assert "D is not zero" in norm.note


@pytest.mark.parametrize("dt", [True, 0.0])
def test_peak_closed_form(dt):
    """A first-order lag: the sum, or the integral, of its impulse response in absolute value."""
    for a, value in ((0.5, 2.0), (-0.75, 4.0)) if dt else ((-0.5, 2.0), (-4.0, 0.25)):
        gain = ssmctl.peak_gain(scalar(a, dt=dt))
        assert gain.lower <= value <= gain.upper
        assert gain.width <= (1e-6 if dt else 0.05)
        assert holds(gain.certificate, claim=PeakGain(gain.upper))
        assert holds(gain.lower_certificate)


@pytest.mark.parametrize("dt", [True, 0.0])
def test_peak_of_a_silent_system(dt):
    """Nothing goes in, nothing comes out, or nothing that goes in comes out; D alone counts."""
    A = np.diag([0.5, 0.25] if dt else [-0.5, -0.25])
    on, off, half = [[1.0, 1.0]], [[0.0, 0.0]], [[0.0, 1.0]]
    for B, C in ((on, off), (off, on), ([[1.0, 0.0]], half)):
        for D in (3.0, 0.0):
            gain = ssmctl.peak_gain((A, np.transpose(B), C, [[D]], dt))
            assert gain.lower <= D <= gain.upper <= D * (1 + 1e-5) + 1e-30
            assert holds(gain.certificate)


def test_peak_of_complex_signals_is_refused():
    with pytest.raises(ssmctl.InputError, match="real signals"):
        ssmctl.peak_gain(([[0.5j]], [[1.0]], [[1.0]], 0, True))


# ----------------------------------------------------------------------------------- benchmark systems
def cases(names):
    for name, continuous in itertools.product(names, (True, False)):
        marks = [pytest.mark.slow] if name in LARGE else []
        case = f"{name}-{'continuous' if continuous else 'tustin'}"
        yield pytest.param(name, continuous, id=case, marks=marks)


@pytest.mark.parametrize(("name", "continuous"), list(cases(STABLE)))
def test_stable_systems(shared_data, name, continuous):
    """All 19 at relative width 1e-8, both ends proved in exact integers, around what was proved elsewhere."""
    system = open_system(shared_data, name)
    if continuous:
        norm = proved(hinfnorm((*system, 0), level="exact"))
        low, high = PROVED.get(name, (0.0, math.inf))
        assert norm.lower <= high
        assert norm.upper >= low
    else:  # rounded matrices: another system, whose norm is the same but for eps/(1 - rho)
        proved(hinfnorm((*tustin(*system)[:4], True), level="exact"))


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] if n == "CSE2" else []) for n in MARGINAL]
)
def test_marginal_systems_are_never_called_stable(shared_data, name):
    A, B, C, D = open_system(shared_data, name)
    verdict = ssmctl.decide((A, B, C, D, 0), "hurwitz")
    assert verdict.status in ("refuted", "unknown")
    if verdict.status == "refuted":
        assert holds(verdict.certificate, claim="spectral_abscissa >= 0")
    assert hinfnorm((A, B, C, D, 0)).upper == math.inf


@pytest.mark.parametrize("name", UNSTABLE)
def test_unstable_systems_are_refuted(shared_data, name):
    A, B, C, D = open_system(shared_data, name)
    verdict = ssmctl.decide((A, B, C, D, 0), "hurwitz")
    assert verdict.status == "refuted"
    assert holds(verdict.certificate, claim="unstable")
    norm = hinfnorm((A, B, C, D, 0))
    assert norm.lower == math.inf


@pytest.mark.parametrize(("b", "c"), [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)])
def test_nothing_comes_out(b, c):
    """The norm of a zero system is zero, exactly."""
    for dt, a in ((True, 0.5), (0.0, -1.0)):
        norm = hinfnorm(scalar(a, b=b, c=c, dt=dt))
        assert (norm.lower, norm.upper) == (0.0, 0.0)
        assert holds(norm.certificate, claim=L2Gain(0.0))


@pytest.mark.parametrize("scale", [1e-170, 1e100])
def test_numbers_out_of_range_prove_nothing(scale):
    """Where the search overflows the answer is [0, inf] with a note, not an exception and not a number."""
    norm = hinfnorm(scalar(0.5, b=scale, c=scale))
    assert norm.upper == math.inf
    assert norm.note
    assert ssmctl.decide(scalar(0.5, b=scale, c=scale), "schur").holds
