"""Statements about oscillator layers that circulate, wrong or conditional: each with its counterexample.

Where a claim can say it, the counterexample is a certificate, proved in integers.
"""

import math
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssmctl import InputError, Modal, Oscillator, decide, harmonic_stack, modal_from_oscillator, verify
from ssmctl.analysis.oscillators import gains, spectral_radii
from ssmctl.analysis.regions import oscillatory_window, stability_region
from ssmctl.certificates.claim import (
    Bounded,
    EnergyRatio,
    EnergyRatioAbove,
    L2Gain,
    NotSchur,
    Schur,
    StableForSteps,
    Unbounded,
    Unstable,
)
from ssmctl.certificates.subject import ModalSubject, OscillatorSubject, StateSpaceSubject
from tests.analysis.oscillating import advance, bank, matrix, oscillator, product, radius_compared


def proved(subject, claim):
    """Whether a claim is certified of a subject, at level exact."""
    verdict = decide(subject, claim, level="exact")
    if not verdict.holds:
        return False
    assert verdict.certificate is not None
    return verify(verdict.certificate, subject=subject, claim=claim, level="exact").holds


def floats(M):
    return np.array([[float(x) for x in row] for row in M])


def powers(M, n):
    """The n-th power of a matrix of fractions."""
    out = ((Q(1), Q(0)), (Q(0), Q(1)))
    for _ in range(n):
        out = product(out, M)
    return out


# ------------------------------------------------------------------------------------- "any A >= 0 is stable"
@pytest.mark.parametrize("scheme", ["im", "imex", "imex2", "imex3", "tustin", "zoh", "verlet"])
def test_zero_stiffness_is_not_stable(scheme):
    """Without damping a Jordan block: from z = 1, y = n dt. A tool that is widely used calls it stable."""
    subject = oscillator(0.0, 0.0, 0.5, scheme)
    assert proved(subject, Unbounded())
    assert proved(subject, NotSchur())
    assert decide(subject, Schur()).status == decide(subject, Bounded()).status == "refuted"
    if scheme != "zoh":
        assert powers(matrix(scheme, 0, 0, Q(1, 2)), 1000) == ((1, 0), (500, 1))


@pytest.mark.parametrize("scheme", ["im", "imex", "zoh"])
def test_zero_stiffness_with_damping_integrates(scheme):
    """rho = 1: bounded without input, but a constant force is integrated: no gain."""
    subject = oscillator(0.0, 1.0, 0.5, scheme)
    assert proved(subject, Bounded())
    assert proved(subject, NotSchur())
    assert decide(subject, L2Gain(1e9), level="exact").status == "refuted"


def test_stable_although_called_unstable():
    """A step limit that ignores damping, and one that ignores the scheme, refuse what decays."""
    damped = oscillator(5.0, 2.0, 1.0, "imex")
    assert proved(damped, Schur())
    assert spectral_radii(5.0, 2.0, 1.0, "imex") == pytest.approx(1 / math.sqrt(3))  # 0.577
    assert proved(oscillator(0.25, -0.1, 1.0, "im"), Schur())


def test_im_contracts_in_energy_only():
    """Not in the Euclidean norm: A = 100, dt = 0.1 has norm 5.05, although E falls at every step."""
    subject = oscillator(100.0, 0.0, 0.1, "im")
    assert proved(subject, EnergyRatio(1.0))
    assert np.linalg.norm(floats(matrix("im", 100.0, 0.0, 0.1)), 2) == pytest.approx(5.05, abs=0.01)


def test_im_hides_an_instability():
    """'Implicit integration adds damping': so much that a diverging equation (A = -5) has a decaying step."""
    assert max(np.roots([1.0, 0.0, -5.0]).real) == pytest.approx(2.236, abs=1e-3)
    assert proved(oscillator(-5.0, 0.0, 1.0, "im"), Schur())
    assert spectral_radii(-5.0, 0.0, 1.0, "im") == pytest.approx(0.809, abs=1e-3)
    for faithful in ("tustin", "zoh"):
        assert proved(oscillator(-5.0, 0.0, 1.0, faithful), Unstable())
    refusal = decide(oscillator(-5.0, 0.0, 1.0, "im"), EnergyRatio(1.0))
    assert refusal.status == "unknown"
    assert "stiffness is negative" in refusal.reason


# ------------------------------------------------------------------------------------ "imex has |lambda| = 1"
def test_imex_on_the_circle_only_up_to_four():
    for A, claim in [(3.99, Bounded()), (4.0, Unbounded()), (4.41, Unstable())]:
        assert proved(oscillator(A, 0.0, 1.0, "imex"), claim)
        assert proved(oscillator(A, 0.0, 1.0, "imex"), NotSchur())
    assert spectral_radii(4.41, 0.0, 1.0, "imex") == pytest.approx(1.877, abs=1e-3)
    assert abs(np.linalg.norm(floats(powers(matrix("imex", 4, 0, 1), 1000)), 2) - 5000) < 10


def test_reachable_by_a_cap_of_one_second():
    """A = 6 and dt = 0.99 are allowed by relu and sigmoid: rho = 3.60."""
    assert proved(oscillator(6.0, 0.0, 0.99, "imex"), Unstable())
    assert spectral_radii(6.0, 0.0, 0.99, "imex") == pytest.approx(3.60, abs=0.01)


def test_rounded_matrices_leave_the_circle():
    """The rounded matrix of a bounded oscillator is another system: often unstable, exactly."""
    rng = np.random.default_rng(0)
    outside = []
    for _ in range(40):
        A, dt = rng.uniform(0.1, 3), rng.uniform(0.1, 1)
        subject = oscillator(A, 0.0, dt, "imex")
        assert proved(subject, Bounded())
        (a, b), (c, d) = subject.real_form()[0].tolist()
        if Q(a) * Q(d) - Q(b) * Q(c) > 1:
            outside.append(StateSpaceSubject([[a, b], [c, d]], [[0.0], [0.0]], [[0.0, 0.0]], [[0.0]], True))
    assert 5 < len(outside) < 35
    assert proved(outside[0], NotSchur())


def test_exp_exp_reaches_one():
    """exp(-exp(mu)) < 1 for real mu; in float32 it is 1 from mu = -17 on, and then nothing decays."""
    pole = np.exp(-np.exp(np.float32(-20.0)))
    assert pole == np.float32(1.0)
    subject = ModalSubject([complex(pole)], [[1.0]], [[1.0]], [[0.0]], True)
    assert proved(subject, NotSchur())


# -------------------------------------------------------------------------------- "imex conserves the energy"
def test_imex_does_not_conserve_energy():
    """It conserves z^2 - dt A z y + A y^2; the energy itself rises in some step, and is claimed to."""
    A, dt = Q(3), Q(1, 2)
    M = matrix("imex", A, 0, dt)
    (a, b), (c, d) = M
    form = lambda z, y: z * z - dt * A * z * y + A * y * y
    for z, y in [(Q(1), Q(0)), (Q(0), Q(1)), (Q(2), Q(-3))]:
        assert form(a * z + b * y, c * z + d * y) == form(z, y)
    assert a * d - b * c == 1
    subject = oscillator(3.0, 0.0, 0.5, "imex")
    assert proved(subject, EnergyRatioAbove(1.0))
    assert decide(subject, EnergyRatio(1.0)).status == "refuted"


@pytest.mark.parametrize(("A", "dt"), [(3.0, 0.4), (1.0, 0.9), (5.0, 0.8)])
def test_imex_energy_swings(A, dt):
    """Along one motion, max E / min E comes to (1 + s)/(1 - s), s = sqrt(A) dt / 2, and never above."""
    s = math.sqrt(A) * dt / 2
    M, x, energies = floats(matrix("imex", A, 0.0, dt)), np.array([0.0, 1.0]), []
    for _ in range(6000):
        energies.append(x[0] ** 2 + A * x[1] ** 2)
        x = M @ x
    assert max(energies) / min(energies) == pytest.approx((1 + s) / (1 - s), rel=1e-3)
    assert max(energies) / min(energies) <= (1 + s) / (1 - s) * (1 + 1e-9)


def test_energy_rises_although_imex_decays():
    subject = oscillator(3.0, 0.1, 0.9, "imex")
    assert proved(subject, Schur())
    assert proved(subject, EnergyRatioAbove(1.1))


# -------------------------------------------------------------------- "|lambda| < 1, so products are bounded"
def test_eigenvalues_bound_no_norm():
    """rho = 0.99975, and the powers reach a norm of 736 first: the lower edge of the D-LinOSS window."""
    G, dt = 1e-3, 0.5
    A = ((math.sqrt(1 + dt * G) - 1) / dt) ** 2
    subject = oscillator(A, G, dt, "imex")
    assert proved(subject, Schur(0.99976))
    M = floats(matrix("imex", A, G, dt))
    assert max(np.linalg.norm(np.linalg.matrix_power(M, k), 2) for k in range(0, 20000, 250)) > 700


def test_stable_steps_with_an_unstable_product():
    """Both steps lie inside the window of D-LinOSS; alternating, they diverge, by certificate."""
    steps = (1.9, 0.5)
    for dt in steps:
        assert oscillatory_window(dt * dt, 0.02 * dt)
        assert proved(oscillator(1.0, 0.02, dt, "imex"), Schur())
    verdict = decide(oscillator(1.0, 0.02, 0.5, "imex"), StableForSteps(0.5, 1.9), level="exact")
    assert verdict.status == "refuted"
    assert verdict.certificate is not None
    assert verify(verdict.certificate, level="exact").holds


def test_switched_stiffness_diverges():
    """im, dt = 0.1, A = 0.05 eight times, then 100 twice: 1.146 a step, although each of them contracts."""
    M = product(powers(matrix("im", Q(1, 20), 0, Q(1, 10)), 8), powers(matrix("im", 100, 0, Q(1, 10)), 2))
    assert radius_compared(M, 1.14**10) > 0
    for A in (0.05, 100.0):
        assert proved(oscillator(A, 0.0, 0.1, "im"), Schur())
    E = lambda A: np.diag([1.0, A])
    for A in (0.05, 100.0):  # what falls is a different energy in each
        step = floats(matrix("im", A, 0.0, 0.1))
        assert (np.linalg.eigvalsh(E(A) - step.T @ E(A) @ step) > 0).all()
    step = floats(matrix("im", 0.05, 0.0, 0.1))
    assert np.linalg.eigvalsh(E(100.0) - step.T @ E(100.0) @ step).min() < 0


# ----------------------------------------------------------------------------- "stable iff inside the window"
@pytest.mark.parametrize("A", [0.2, 7.8])
def test_the_window_is_not_necessary(A):
    """Overdamped modes are outside the window of D-LinOSS, and decay."""
    assert not oscillatory_window(A, 2.0)
    assert proved(oscillator(A, 2.0, 1.0, "imex"), Schur())


def test_the_window_is_not_strict():
    """Its points with G = 0 do not decay, and its corners are Jordan blocks; clamping goes exactly there."""
    for A, claim in [(0.0, Unbounded()), (1.0, Bounded()), (4.0, Unbounded())]:
        assert oscillatory_window(A, 0.0)
        assert proved(oscillator(A, 0.0, 1.0, "imex"), claim)
        assert proved(oscillator(A, 0.0, 1.0, "imex"), NotSchur())
    rng = np.random.default_rng(0)
    dt = 1 / (1 + np.exp(-rng.normal(size=4000)))
    A, G = math.sqrt(10) * rng.normal(size=4000), np.maximum(math.sqrt(3) * rng.normal(size=4000), 0)
    root = np.sqrt(1 + G * dt)
    A = np.clip(A, ((root - 1) / dt) ** 2, ((root + 1) / dt) ** 2)
    undamped = G == 0
    assert 0.45 < undamped.mean() < 0.55  # no decay in half of the draws
    region = stability_region("imex")
    words = region((A * dt * dt)[undamped & (A == 0)], 0.0)
    assert len(words) > 500
    assert set(words) == {"unbounded"}


# ----------------------------------------------------------------------------------- training, and dimensions
def test_training_imex_to_nan():
    """Gradient descent with clipping walks over A dt^2 = 4, then to NaN; the certificate refuses before."""
    T, rate = 400, 0.03

    def run(A, force):
        def step(state, f):
            z, y = state
            z = z + (f - A * y)
            y = y + z
            return (z, y), y

        zero = jnp.zeros((), A.dtype)
        return jax.lax.scan(step, (zero, zero), force)[1]

    force = jnp.asarray((-1.0) ** np.arange(T), jnp.float32)
    slope = jax.jit(jax.grad(lambda A: -jnp.mean(run(A, force) ** 2)))  # respond to the fastest input: A to 4
    A, refused = jnp.float32(3.7), []
    for _ in range(20):
        refused.append(
            decide(oscillator(np.float32(A), 0.0, 1.0, "imex"), Bounded(), level="exact").status == "refuted"
        )
        A = A - jnp.float32(rate) * jnp.clip(slope(A), -1.0, 1.0)
        if not jnp.isfinite(A):
            break
    assert jnp.isnan(A)
    assert not refused[0]
    assert refused[-1]  # the last finite model is refused: its next gradient is NaN


def test_complex_layers_have_four_real_states():
    """r oscillators with complex B and C are 2r real ones: 4r states, not 2r."""
    B, C = np.array([[1 + 1j], [2 - 1j]]), np.array([[1j, 1.0]])
    layer = OscillatorSubject([1.0, 2.0], [0.5, 0.5], 0.5, "imex", B, 0 * C, C, [[0.0]], [0j, 0j], "post")
    M, F, H, _ = layer.real_form()
    assert M.shape == (8, 8)
    markov = [(H @ np.linalg.matrix_power(M, k) @ F).item() for k in range(16)]
    hankel = np.array([[markov[i + j] for j in range(8)] for i in range(8)])
    assert np.linalg.matrix_rank(hankel) == 4  # minimal: 2 poles of each, with any residues
    states = np.hstack([np.linalg.matrix_power(M, k) @ F for k in range(8)])
    assert np.linalg.matrix_rank(states) == 4


# -------------------------------------------------------------------------------------- forcing and constants
def test_forcing_of_im():
    """[dt f; 0] is not the forcing of im: from rest y comes one sample late, and z* is dt f instead of 0."""
    A, G, h = Q(2), Q(1, 2), Q(1, 4)
    M = matrix("im", A, G, h)
    right, wrong = [(Q(0), Q(0))], [(Q(0), Q(0))]
    for _ in range(30):
        right.append(advance("im", A, G, h, *right[-1], 1))
        z, y = wrong[-1]
        wrong.append((M[0][0] * z + M[0][1] * y + h, M[1][0] * z + M[1][1] * y))
    assert [y for _, y in wrong[1:]] == [y for _, y in right[:-1]]
    q = 1 + G * h + A * h * h
    assert right[1] == (h / q, h * h / q)
    for _ in range(3000):
        z, y = (float(x) for x in wrong[-1])
        wrong.append((floats(M)[0] @ [z, y] + float(h), floats(M)[1] @ [z, y]))
    assert wrong[-1][0] == pytest.approx(float(h))  # a constant velocity, and yet a constant position
    assert wrong[-1][1] == pytest.approx(0.5)


def test_numerical_damping_is_in_the_gain():
    """Undamped im has the gain sqrt(1 + a)/(A^(3/2) dt): neither 1/A nor infinite, as the equation's is."""
    A, dt = 4.0, 0.5
    expected = math.sqrt(1 + A * dt * dt) / (A**1.5 * dt)
    assert gains(A, 0.0, dt, "im") == pytest.approx(expected)
    assert proved(oscillator(A, 0.0, dt, "im"), L2Gain(expected * (1 + 1e-9)))
    assert decide(oscillator(A, 0.0, dt, "im"), L2Gain(1 / A), level="exact").status == "refuted"
    for scheme in ("imex", "tustin", "zoh", "verlet"):
        assert decide(oscillator(A, 0.0, dt, scheme), L2Gain(1e9), level="exact").status == "refuted"


def test_two_meanings_of_frequency():
    """Natural omega = 2 with beta = 1.5 turns at 1.323; a block that is given 2 as its angle turns at 2."""
    natural = oscillator(4.0, 3.0, 0.25, "zoh")
    angles = abs(np.angle(np.linalg.eigvals(natural.real_form()[0]))) / 0.25
    assert angles == pytest.approx([math.sqrt(4 - 1.5**2)] * 2)
    damped = oscillator(2.0**2 + 1.5**2, 3.0, 0.25, "zoh")
    assert abs(np.angle(np.linalg.eigvals(damped.real_form()[0]))) / 0.25 == pytest.approx([2.0, 2.0])


def test_negative_stiffness_is_not_silent():
    """It is a system like any other, and no claim of stability passes for a faithful scheme."""
    for scheme in ("imex", "imex2", "verlet", "tustin", "zoh", "euler"):
        assert decide(oscillator(-1.0, 0.0, 0.25, scheme), Bounded(), level="exact").status == "refuted"
    assert decide(bank([1.0, -1.0], [0.5, 0.5], 0.25, "imex"), Schur(), level="exact").status == "refuted"


def test_work_of_a_scan_is_linear_in_time():
    """Said: "a scan costs m log T": that is its depth. Its work is in proportion to m T."""
    T, m, rows = 1024, 3, []

    def combine(earlier, later):
        rows.append(len(earlier[0]))
        return later[0] * earlier[0], later[0] * earlier[1] + later[1]

    jax.lax.associative_scan(combine, (jnp.ones((T, m)), jnp.ones((T, m))))
    assert len(rows) <= 2 * math.log2(T)
    assert T / 2 < sum(rows) < 2 * T


def test_no_harmonic_has_index_zero():
    """Said: "mode j has the index j mod m": that is 0 for j = m, a mode that does not turn."""
    count = 5
    stack = harmonic_stack(0.3, count, 0.1, 0.1, B=np.ones((count, 1)), C=np.ones((1, count)))
    indices = np.rint(np.asarray(stack.natural_frequency) / 0.3).astype(int)
    assert indices.tolist() == [1, 2, 3, 4, 5]
    assert 0 in [j % count for j in indices]
    assert decide(stack, "schur").holds


def test_conjugate_pairs_lose_real_poles():
    """Said: "conjugate pairs lose nothing": an odd number of real poles takes one that no input moves."""
    lag = Modal([0.5], [[1.0]], [[1.0]], dt=True)
    A = lag.to_statespace().A
    assert A.shape == (2, 2)
    assert np.linalg.eigvals(A).tolist() == [0.5, 0.5]
    assert np.linalg.matrix_rank(np.column_stack([lag.to_statespace().B, A @ lag.to_statespace().B])) == 1
    with pytest.raises(InputError, match="real"):
        modal_from_oscillator(Oscillator(1.0, 5.0, 0.1, "zoh", B=[[1.0]], C=[[1.0]]))
