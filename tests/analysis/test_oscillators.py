"""Oscillators: exact decisions, gains against grids, energies, irregular steps; each with its certificate."""

import itertools
import math
from fractions import Fraction as Q

import control
import numpy as np
import pytest

from ssmctl import certify, decide, eigenvalues, h2norm, hinfnorm, peak_gain, spectral_radius, verify
from ssmctl.analysis import oscillators as closed
from ssmctl.analysis.regions import stable
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import (
    Bounded,
    BoundedForSteps,
    EnergyRatio,
    EnergyRatioAbove,
    L2Gain,
    L2GainAtLeast,
    Lipschitz,
    NotSchur,
    Passive,
    Schur,
    StableForSteps,
    Unbounded,
    Unstable,
    UnstableForSteps,
)
from ssmctl.certificates.subject import OscillatorSubject
from ssmctl.certificates.witness import Witness
from ssmctl.errors import ClaimUndecided, InputError
from tests.analysis.oscillating import (
    ALL,
    RATIONAL,
    bank,
    matrix,
    oscillator,
    product,
    radius_compared,
    truth,
)
from tests.analysis.systems import gain_on_grid

schemes = pytest.mark.parametrize("scheme", ALL)
rational = pytest.mark.parametrize("scheme", RATIONAL)
damped = pytest.mark.parametrize("scheme", [s for s in ALL if s != "verlet"])


def next_to(x):
    """The number and its two neighbours in float64."""
    return math.nextafter(x, -math.inf), x, math.nextafter(x, math.inf)


def there(certificate):
    """A certificate, which is not None."""
    assert certificate is not None
    return certificate


def proved(verdict):
    """The verdict's certificate holds again, in integers."""
    assert verify(there(verdict.certificate), level="exact").holds
    return verdict


def stated(subject, claim, level="exact"):
    """Whether a claim is true, by a certificate of it or of the contrary."""
    verdict = decide(subject, claim, level=level)
    assert verdict.status != "unknown", (str(claim), verdict.reason)
    return proved(verdict).holds


# ----------------------------------------------------------------------------------------- certificates of it
@schemes
def test_decided_exactly(scheme):
    """Schur, Bounded and their contraries, at level exact, where A dt^2 is exact: dt = 1/2."""
    for a, g in itertools.product(
        [-5.0, -1.0, 0.0, 0.5, 3.0, 4.0, 6.0], [-3.0, -1.0, 0.0, 0.5, 1.0, 2.0, 5.0]
    ):
        expected = truth(scheme, Q(a), Q(g), 1)
        if expected == "undefined":
            continue
        subject = oscillator(4 * a, 2 * g, 0.5, scheme)
        assert stated(subject, Schur()) == (expected == "Schur")
        assert stated(subject, Bounded()) == (expected != "unbounded")
        assert stated(subject, Unbounded()) == (expected == "unbounded")
        grows = decide(subject, Unstable(), level="exact").holds
        beyond = min(a, g) < 0 if scheme == "zoh" else radius_compared(matrix(scheme, a, g, 1)) > 0
        assert grows == beyond


@rational
def test_neighbouring_steps(scheme):
    """A dt^2 = 4 (or the like) is met by no float: the stored numbers decide, not their rounded products."""
    for A, G, dt in [(4.0, 0.0, 1.0), (1.0, 0.0, 2.0), (3.7, 0.1, 1.0397504898200727), (11.3, 0.0, 0.6)]:
        if scheme == "verlet" and G:
            continue
        for step in next_to(dt):
            expected = truth(scheme, Q(A), Q(G), Q(step))
            assert stated(oscillator(A, G, step, scheme), Bounded()) == (expected != "unbounded")
            assert stated(oscillator(A, G, step, scheme), Schur()) == (expected == "Schur")


def test_one_bad_oscillator_decides():
    good, bad = bank([1.0, 3.0], [0.5, 0.5], 1.0, "imex"), bank([1.0, 5.5], [0.5, 0.5], 1.0, "imex")
    assert stated(good, Schur())
    assert not stated(bad, Schur())
    assert not stated(bad, Bounded())
    each = OscillatorSubject(
        [5.5, 5.5],
        [0.5, 0.5],
        [0.5, 0.25],
        "imex",
        np.eye(2),
        0 * np.eye(2),
        np.eye(2),
        0 * np.eye(2),
        [0.0, 0.0],
        "pre",
    )
    assert stated(each, Schur())  # a step of its own for each


@rational
def test_rates(scheme):
    A, G, dt = 2.0, 0.0 if scheme == "verlet" else 0.75, 0.5
    M = matrix(scheme, Q(A), Q(G), Q(dt))
    subject = oscillator(A, G, dt, scheme)
    for rate in (0.5, 0.8, 0.85, 0.9, 0.99, 1.0, 1.01):
        assert stated(subject, Schur(rate)) == (radius_compared(M, rate) < 0)


# ----------------------------------------------------------------------------------------------------- radius
@schemes
def test_spectral_radius(scheme):
    for A, G, dt in [(2.0, 0.0, 0.5), (2.0, 0.5, 0.25), (0.1, 2.0, 0.5)]:
        if scheme == "verlet" and G:
            continue
        subject = oscillator(A, G, dt, scheme)
        radius = spectral_radius(subject, level="exact")
        expected = abs(np.linalg.eigvals(subject.real_form()[0])).max()
        assert radius.lower * (1 - 1e-8) <= expected <= radius.upper * (1 + 1e-8)
        assert verify(there(radius.certificate), claim=Schur(radius.upper)).holds
        if scheme != "zoh":
            assert radius.upper <= math.nextafter(radius.lower, math.inf)
            M = matrix(scheme, Q(A), Q(G), Q(dt))
            assert radius_compared(M, radius.lower) >= 0 > radius_compared(M, radius.upper)
        assert closed.spectral_radii(A, G, dt, scheme) == pytest.approx(expected, rel=1e-12)


@schemes
def test_eigenvalues_in_discs(scheme):
    subject = bank([2.0, 0.25, 0.0], [0.0, 0.0, 0.0] if scheme == "verlet" else [0.5, 1.0, 0.5], 0.5, scheme)
    discs = eigenvalues(subject)
    values = np.linalg.eigvals(subject.real_form()[0])
    assert len(discs) == 6
    for disc in discs:
        assert disc.radius < 1e-15
        tolerance = 1e-14 if disc.isolated else 1e-7
        assert min(abs(values - disc.centre)) < tolerance
    if scheme != "verlet":  # A = 0: the eigenvalue 1, exactly
        assert any(abs(disc.centre - 1) <= disc.radius for disc in discs)


# ------------------------------------------------------------------------------------------------------ gains
def drawn(rng, scheme):
    while True:
        A, G, dt = 10 ** rng.uniform(-2, 1.5), 10 ** rng.uniform(-1.5, 1), 10 ** rng.uniform(-1, 0.5)
        if stable(scheme, A * dt * dt, G * dt, 0.999):
            return A, G, dt


@damped
def test_gains_on_a_grid(scheme):
    """Every readout, before and after the update, with and without feedthrough."""
    rng = np.random.default_rng(5)
    for case in range(24):
        A, G, dt = drawn(rng, scheme)
        M, F = (x.reshape(2, -1) for x in closed.step_matrices(A, G, dt, scheme))
        c = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], rng.normal(size=2)][case % 4])
        d, post = (0.0 if case % 3 else rng.normal()), bool(case % 2)
        system = (M, F, (c @ M if post else c)[None], np.array([[d + (c @ F).item() * post]]))
        found = closed.gains(
            A, G, dt, scheme, velocity=c[0], position=c[1], feedthrough=d, output="post" if post else "pre"
        )
        assert found == pytest.approx(gain_on_grid(*system, points=4001), rel=1e-7)


def test_gains_of_published_forms():
    """Resonance, static gain and Nyquist written out by hand; the equation's own gain for small steps."""
    A, G, dt = 4.0, 0.25, 0.5
    r2 = 1 / (1 + G * dt)  # imex: |lambda|^2
    cos = (2 + G * dt - A * dt * dt) / (1 + G * dt) / (2 * math.sqrt(r2))
    expected = dt * dt * r2 / ((1 - r2) * math.sqrt(1 - cos * cos))
    assert closed.gains(A, G, dt, "imex") == pytest.approx(expected, rel=1e-13)
    assert closed.gains(4.0, 0.0, 0.5, "im") == pytest.approx(math.sqrt(2.0) / (8.0 * 0.5), rel=1e-13)
    for scheme in ("im", "imex", "imex2", "imex3", "euler", "tustin", "zoh"):
        assert closed.gains(1.0, 3.0, 0.1, scheme) == pytest.approx(1.0, rel=1e-13)  # overdamped: static
        assert closed.gains(1.0, 0.25, 1e-5, scheme) == pytest.approx(
            closed.continuous_gain(1.0, 0.25), rel=1e-4
        )
        assert closed.gains(1.0, 0.25, 1e-5, scheme, velocity=1.0, position=0.0) == pytest.approx(
            4.0, rel=1e-4
        )
    assert closed.continuous_gain(1.0, 0.25) == pytest.approx(4 / math.sqrt(1 - 1 / 64))
    assert closed.continuous_gain([1.0, 1.0], [0.0, -1.0]).tolist() == [math.inf, math.inf]


def test_gain_of_tustin_is_the_equations():
    """Means of neighbouring samples: exactly the gain of 1/(s^2 + Gs + A), whatever the step."""
    for A, G, dt in [(4.0, 0.5, 0.1), (4.0, 0.5, 3.0), (1.0, 5.0, 1.0)]:
        M, F = (x.reshape(2, -1) for x in closed.step_matrices(A, G, dt, "tustin"))
        c = np.array([[0.0, 1.0]])
        mean = (
            np.block([[M, F / 2], [np.zeros((1, 3))]]),
            np.vstack([F / 2, [[1.0]]]),
            np.hstack([c, [[0.0]]]),
        )
        found = gain_on_grid(*mean, np.zeros((1, 1)), points=8001)
        assert found == pytest.approx(closed.continuous_gain(A, G).item(), rel=1e-6)


def test_damped_im_is_below_the_equation():
    rng = np.random.default_rng(7)
    A, G, dt = 10 ** rng.uniform(-2, 2, 500), 10 ** rng.uniform(-2, 1, 500), 10 ** rng.uniform(-2, 1, 500)
    assert (closed.gains(A, G, dt, "im") <= closed.continuous_gain(A, G) * (1 + 1e-12)).all()


@damped
def test_norm_of_one_oscillator(scheme):
    """Both ends at level exact, on one double or two neighbours; python-control agrees to its tolerance."""
    A, G, dt = 4.0, 1.5 if scheme == "euler" else 0.375, 0.25
    for readout, output in [("position", "pre"), ("velocity", "post")]:
        subject = oscillator(A, G, dt, scheme, C=readout, output=output)
        norm = hinfnorm(subject, level="exact")
        expected = closed.oscillator_gains(subject).item()
        assert norm.lower * (1 - 1e-9) <= expected <= norm.upper * (1 + 1e-9)
        assert verify(there(norm.certificate), claim=L2Gain(norm.upper)).holds
        assert verify(there(norm.lower_certificate), claim=L2GainAtLeast(norm.lower)).holds
        if scheme == "zoh":
            assert norm.width < 1e-8
        else:
            assert norm.upper <= math.nextafter(norm.lower, math.inf)
            assert there(norm.certificate).witness == Witness()
        other = control.norm(control.ss(*subject.real_form(), dt), "inf")  # pyright: ignore[reportArgumentType]
        assert other == pytest.approx(expected, rel=1e-4)


def test_norm_is_met_exactly():
    """The static gain 1/A = 1/4 of an overdamped im is a double, and is proved from both sides."""
    norm = hinfnorm(oscillator(4.0, 8.0, 0.5, "im"), level="exact")
    assert tuple(norm) == (0.25, 0.25)
    assert decide(oscillator(4.0, 8.0, 0.5, "im"), L2Gain(math.nextafter(0.25, 0))).status == "refuted"


@damped
def test_gain_next_to_the_boundary(scheme):
    """1 - rho = 1e-9: a search in floats sees nothing there; one oscillator is decided."""
    subject = oscillator(1.0, 1e-7 if scheme != "euler" else 0.01 + 1e-7, 0.01, scheme)
    norm = hinfnorm(subject)
    expected = closed.oscillator_gains(subject).item()
    if scheme == "zoh":
        assert expected in norm
    else:
        assert norm.width < 1e-15
        assert norm.upper == pytest.approx(expected, rel=1e-5)


@schemes
def test_no_gain_without_decay(scheme):
    subject = oscillator(0.0 if scheme in ("im", "imex3") else 1.0, 0.0, 0.5, scheme)
    norm = hinfnorm(subject, level="exact")
    assert tuple(norm) == (math.inf, math.inf)
    assert isinstance(there(norm.certificate).claim, NotSchur | Unstable)
    assert decide(subject, L2Gain(1e6), level="exact").status == "refuted"
    assert closed.oscillator_gains(subject).item() == math.inf


def test_unstable_gain_from_below():
    """An input sequence shows a gain of at least 100 where nothing is stable."""
    assert stated(oscillator(5.0, 0.0, 1.0, "imex"), L2GainAtLeast(100.0))


def test_bank_bound():
    rng = np.random.default_rng(8)
    for scheme in ("im", "imex", "zoh"):
        r, m, p = 5, 2, 3
        A, G = rng.uniform(0.5, 4, r), rng.uniform(0.1, 1, r)
        B, Cz, Cy, D = (rng.normal(size=s) for s in ((r, m), (p, r), (p, r), (p, m)))
        subject = OscillatorSubject(A, G, 0.25, scheme, B, Cz, Cy, D, np.zeros(r), "pre")
        norm = hinfnorm(subject, level="exact")
        assert norm.width < 1e-8
        assert norm.upper <= closed.gain_bound(subject)
        assert verify(there(norm.certificate), level="exact").holds
    decoupled = bank([1.0, 2.0], [0.25, 0.5], 0.5, "imex")
    norm = hinfnorm(decoupled)
    assert norm.upper == pytest.approx(closed.gain_bound(decoupled), rel=1e-7)  # tight where nothing is mixed
    assert closed.gain_bound(decoupled) == pytest.approx(closed.oscillator_gains(decoupled).max())


def test_complex_bank():
    rng = np.random.default_rng(9)
    draw = lambda *shape: rng.normal(size=shape) + 1j * rng.normal(size=shape)
    A, G, B, C = [1.0, 2.0], [0.5, 0.25], draw(2, 1), draw(1, 2)
    subject = OscillatorSubject(
        A, G, 0.5, "imex", B, 0 * C, C, np.zeros((1, 1)), np.zeros(2, complex), "post"
    )
    twice = OscillatorSubject(
        [*A, *A], [*G, *G], 0.5, "imex", np.vstack([B.real, B.imag]), np.zeros((1, 4)),
        np.hstack([C.real, -C.imag]), np.zeros((1, 1)), np.zeros(4), "post",
    )  # fmt: skip
    one, two = hinfnorm(subject, level="exact"), hinfnorm(twice, level="exact")
    assert max(one.lower, two.lower) <= min(one.upper, two.upper)
    assert len(eigenvalues(subject)) == len(eigenvalues(twice)) == 8
    assert stated(subject, Schur())


def test_h2_of_a_bank():
    subject = bank([1.0, 2.0], [0.25, 0.5], 0.5, "im")
    norm = h2norm(subject, level="exact")
    A, B, C, D = subject.real_form()
    h, x = [D], B
    for _ in range(2000):
        h.append(C @ x)
        x = A @ x
    assert norm.lower * (1 - 1e-9) <= math.sqrt(sum((k**2).sum() for k in h)) <= norm.upper * (1 + 1e-9)
    assert norm.width < 1e-7


def test_other_claims_with_a_storage_matrix():
    """What has no rule of its own is proved on the enclosed real form: im has no dyadic step matrix here."""
    subject = bank([1.0, 2.0], [0.25, 0.5], 0.375, "im")
    assert certify(subject, "iss", level="exact").claim.decay < 1
    gain = peak_gain(subject, level="exact")
    A, B, C, D = subject.real_form()
    x, total = B, abs(D)
    for _ in range(3000):
        total, x = total + abs(C @ x), A @ x
    assert gain.lower * (1 - 1e-6) <= total.sum(1).max() <= gain.upper * (1 + 1e-6)
    assert gain.width < 1e-5
    held = oscillator(1.0, 0.5, 0.25, "zoh")
    for claim in (Schur(0.95), L2Gain(3.0), NotSchur(0.5)):
        assert stated(held, claim) == (claim != L2Gain(0.0))


def test_certify_without_a_claim():
    subject = oscillator(4.0, 0.375, 0.25, "imex")
    certificate = certify(subject, level="exact")
    assert isinstance(certificate.claim, L2Gain)
    assert verify(certificate, subject=subject).holds


# ------------------------------------------------------------------------------------------------------- bias
@schemes
def test_a_bias_has_no_gain_from_zero(scheme):
    G = {"verlet": 0.0, "euler": 1.5}.get(scheme, 0.375)
    subject = oscillator(4.0, G, 0.25, scheme, bias=0.5)
    with pytest.raises((ClaimUndecided, InputError), match=r"bias.*(lipschitz|Lipschitz)"):
        certify(subject, "l2gain <= 1e6")
    if scheme == "verlet":
        return
    certificate = certify(subject, level="exact")
    assert isinstance(certificate.claim, Lipschitz)
    assert "no gain from zero" in hinfnorm(subject).note
    plain = hinfnorm(oscillator(4.0, G, 0.25, scheme))
    assert certificate.claim.gamma == pytest.approx(plain.upper, rel=1e-7)
    A, B, C, _ = subject.real_form()  # its output from rest, without any input, has infinite energy
    F = B[:, 0]  # B = 1
    x = np.linalg.solve(np.eye(2) - A, 0.5 * F)
    assert (C @ x).item() == pytest.approx(0.5 / 4.0)


# ----------------------------------------------------------------------------------------------------- energy
def ratio(scheme, A, G, h):
    """The largest E(Mx)/E(x), by an SVD of the step in (z, sqrt(A) y)."""
    M = np.array([[float(x) for x in row] for row in matrix(scheme, A, G, h)])
    S = np.diag([1.0, math.sqrt(A)])
    return float(np.linalg.norm(S @ M @ np.linalg.inv(S), 2) ** 2)


@rational
def test_energy_ratio(scheme):
    for A, G, dt in [(3.0, 0.0, 0.5), (3.0, 0.5, 0.25), (0.5, 2.0, 0.75)]:
        if scheme == "verlet" and G:
            continue
        subject = oscillator(A, G, dt, scheme)
        expected = ratio(scheme, Q(A), Q(G), Q(dt))
        assert closed.energy_ratios(A, G, dt, scheme) == pytest.approx(expected, rel=1e-12)
        assert stated(subject, EnergyRatio(expected * (1 + 1e-12)))
        assert not stated(subject, EnergyRatio(expected * (1 - 1e-12)))
        assert stated(subject, EnergyRatioAbove(expected * (1 - 1e-12)))
        assert stated(subject, EnergyRatio(1.0)) == (expected <= 1 + 1e-13)


def test_im_is_passive_from_force_to_velocity():
    """Where the force acts, after the update; of the velocity before the update it is not true."""
    zero, one = [[0.0]], [[2.0]]
    for A, G in [(3.0, 0.0), (3.0, 0.5), (0.0, 0.0)]:
        after = OscillatorSubject([A], [G], 0.5, "im", one, one, zero, zero, [0.0], "post")
        assert stated(after, Passive())
        before = OscillatorSubject([A], [G], 0.5, "im", one, one, zero, zero, [0.0], "pre")
        assert not stated(before, Passive())
    r, rng = 6, np.random.default_rng(4)
    B = rng.normal(size=(r, 3))
    bank = OscillatorSubject(
        rng.uniform(0, 3, r),
        rng.uniform(0, 1, r),
        rng.uniform(0.1, 2, r),
        "im",
        B,
        B.T,
        0 * B.T,
        np.zeros((3, 3)),
        np.zeros(r),
        "post",
    )
    assert stated(bank, Passive())  # a step of its own for each


def test_energy_in_closed_form():
    a, g = 0.75, 0.25
    im = (math.sqrt((1 + g / 2) ** 2 + a) - g / 2) ** -2
    assert closed.energy_ratios(3.0, 0.5, 0.5, "im") == pytest.approx(im, rel=1e-14)
    assert stated(oscillator(3.0, 0.0, 1.0, "im"), EnergyRatio(0.25))  # 1/(1 + a), exactly
    assert not stated(oscillator(3.0, 0.0, 1.0, "im"), EnergyRatio(math.nextafter(0.25, 0)))
    for G in (0.0, 1.0):
        assert stated(oscillator(3.0, G, 5.0, "tustin"), EnergyRatio(1.0))
        assert stated(oscillator(3.0, G, 5.0, "zoh"), EnergyRatio(1.0))
    assert not stated(oscillator(3.0, 1.0, 0.5, "tustin"), EnergyRatio(math.nextafter(1.0, 0)))  # not strict
    assert stated(oscillator(1.0, 1.0, 1.0, "zoh"), EnergyRatio(0.99))
    assert not stated(oscillator(1.0, 1.0, 1.0, "zoh"), EnergyRatio(0.5))


# -------------------------------------------------------------------------------------------- irregular steps
DIVERGING = [  # scheme, damping, steps of one period; A = 1
    ("imex", 0.0, [1.9, 0.5], 2.449),
    ("imex", 0.02, [1.9, 0.5], 2.310),
    ("imex2", 0.1, [1.9] * 4 + [0.3] * 4, 2.0),
    ("verlet", 0.0, [1.99] * 6 + [0.43] * 3, 2.0),
]


@pytest.mark.parametrize(("scheme", "G", "steps", "growth"), DIVERGING)
def test_products_of_stable_steps_diverge(scheme, G, steps, growth):
    """Each step alone is bounded (damped: decays), the period grows; the certificate says so exactly."""
    M = ((Q(1), Q(0)), (Q(0), Q(1)))
    for step in steps:
        alone = truth(scheme, Q(1), Q(G), Q(step))
        assert alone == ("Schur" if G else "bounded")
        assert stated(oscillator(1.0, G, step, scheme), Schur() if G else Bounded())
        M = product(M, matrix(scheme, Q(1), Q(G), Q(step)))
    assert radius_compared(M, growth) > 0
    subject = oscillator(1.0, G, steps[0], scheme)
    claim = UnstableForSteps(min(steps), max(steps))
    certificate = Certificate(claim, subject, Witness(oscillator=0, steps=np.array(steps)))
    assert verify(certificate, subject=subject, level="exact").holds
    assert verify(certificate, claim=StableForSteps(min(steps), max(steps))).status == "refuted"
    tame = Certificate(claim, subject, Witness(oscillator=0, steps=np.array([steps[0]])))
    assert verify(tame).status == "unknown"
    outside = Certificate(UnstableForSteps(min(steps), 1.0), subject, certificate.witness)
    assert verify(outside).status == "unknown"


@pytest.mark.parametrize(("scheme", "G", "steps", "growth"), DIVERGING)
def test_diverging_steps_are_found(scheme, G, steps, growth):
    subject = oscillator(1.0, G, steps[0], scheme)
    claim = StableForSteps(min(steps), max(steps))
    verdict = proved(decide(subject, claim, level="exact"))
    assert verdict.status == "refuted"
    found = there(verdict.certificate).witness["steps"]
    assert claim.shortest <= found.min() <= found.max() <= claim.longest
    M = ((Q(1), Q(0)), (Q(0), Q(1)))
    for step in found:
        M = product(M, matrix(scheme, Q(1), Q(G), Q(step)))
    assert radius_compared(M) > 0


@schemes
def test_common_quadratic_forms(scheme):
    """im, tustin, zoh, and imex3 while G dt <= 2, decay under any steps; of others nothing is said."""
    G = 0.0 if scheme == "verlet" else 0.5
    subject = oscillator(2.0, G, 0.1, scheme)
    verdict = decide(subject, StableForSteps(0.1, 2.0), level="exact")
    if scheme in ("im", "tustin", "zoh", "imex3"):
        assert proved(verdict).holds
        assert stated(subject, BoundedForSteps(0.1, 2.0))
    else:
        assert not verdict.holds
        assert not decide(subject, BoundedForSteps(0.1, 2.0)).holds
    if scheme == "imex3":
        assert not decide(subject, StableForSteps(0.1, 5.0)).holds


@pytest.mark.parametrize("scheme", ["im", "imex3", "tustin", "zoh"])
def test_common_forms_shrink(scheme):
    """What the theorem says, tried: the form falls at every one of many random steps."""
    rng = np.random.default_rng(11)
    for _ in range(100):
        A, G = 10 ** rng.uniform(-1, 1.5), 10 ** rng.uniform(-1, 1)
        h = 10 ** rng.uniform(-2, 1) if scheme != "imex3" else rng.uniform(0, 2 / G)
        M = closed.step_matrices(A, G, h, scheme)[0]
        E = np.diag([1.0, A])
        P = E if scheme in ("im", "imex3") else np.array([[1.0, G / 2], [G / 2, A + G * G / 2]])
        assert np.linalg.eigvals(np.linalg.solve(P, M.T @ P @ M)).real.max() < 1
        assert np.linalg.eigvals(np.linalg.solve(E, M.T @ E @ M)).real.max() <= 1 + 1e-9


@pytest.mark.parametrize("scheme", ["im", "tustin"])
def test_gain_under_irregular_steps(scheme):
    """sum dt y^2 <= gamma^2 sum dt f^2 with the gain of the equation itself; f near resonance comes close."""
    rng, most = np.random.default_rng(13), 0.0
    for case in range(40):
        A, G = 10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-1.5, 0.5)
        h = 10 ** rng.uniform(-2, 0.5, 400) if case % 2 else rng.uniform(0.01, 0.05, 4000)
        time = np.cumsum(h)
        f = np.cos(math.sqrt(max(A - G * G / 2, 0.0)) * time) if case % 4 < 2 else rng.normal(size=len(h))
        M, F = closed.step_matrices(A, G, h, scheme)
        x, y = np.zeros(2), []
        for k in range(len(h)):
            new = M[:, :, k] @ x + F[:, k] * f[k]
            y.append(new[1] if scheme == "im" else (x[1] + new[1]) / 2)
            x = new
        ratio = (h @ np.square(y)) / (h @ np.square(f)) / closed.continuous_gain(A, G).item() ** 2
        assert ratio <= 1 + 1e-12
        most = max(most, ratio)
    assert most > 0.8


def test_undamped_under_irregular_steps():
    assert stated(oscillator(2.0, 0.0, 0.1, "im"), StableForSteps(0.1, 2.0))  # numerical damping
    for scheme in ("tustin", "zoh"):
        subject = oscillator(2.0, 0.0, 0.1, scheme)
        assert stated(subject, BoundedForSteps(0.1, 2.0))
        assert not decide(subject, StableForSteps(0.1, 2.0)).holds


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: closed.continuous_gain(1.0, 1.0, readout="force"), "`readout` must be"),
        (lambda: closed.oscillator_gains(oscillator(1.0, 1.0, 0.5, "im"), "force"), "`readout` must be"),
        (lambda: closed.oscillator_gains(([[0.5]], [[1]], [[1]], 0, True)), "an `Oscillator` was expected"),
        (lambda: closed.gains(1.0, 1.0, 1.0, "leapfrog"), "unknown scheme"),
        (lambda: closed.spectral_radii(1.0, 1.0, 1.0, "leapfrog"), "unknown scheme"),
        (lambda: closed.energy_ratios(1.0, 1.0, 1.0, "leapfrog"), "unknown scheme"),
        (lambda: closed.gain_bound(([[0.5]], [[1]], [[1]], 0, True)), "an `Oscillator` was expected"),
    ],
)
def test_refused(call, match):
    with pytest.raises(InputError, match=match):
        call()
