"""Extended-precision searches, judged by exact integers, rationals and closed forms, never by flint."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from scipy.linalg import block_diag

from ssmctl.analysis import balls
from ssmctl.analysis import refine as searches
from ssmctl.analysis import resonance as peaks
from ssmctl.analysis.discs import eigenvalues
from ssmctl.certificates.exact import Matrix

O: Any = np.zeros
resonance: Any = peaks
refine: Any = searches  # here None is a failure, which the tests would show


def exact(X) -> Any:
    """The exact sum of a tuple of arrays (columns for vectors) as a `Matrix`."""
    total: Any = None
    for part in X if isinstance(X, tuple) else (X,):
        part = np.asarray(part, float)
        part = np.atleast_2d(part) if part.ndim != 1 else part[:, None]
        mantissa, exponent = np.frexp(part)
        low = int(exponent.min(initial=0)) - 53
        rows = [
            [int(m * 2.0**53) << (k - 53 - low) for m, k in zip(*line, strict=True)]
            for line in zip(mantissa.tolist(), exponent.tolist(), strict=True)
        ]
        M = Matrix(rows, part.shape, low)
        total = M if total is None else total + M
    return total


def largest(M):
    return max((abs(x) for row in M.rows for x in row), default=0) * Fraction(2) ** M.exponent


def stein_loss(A, P, rate=1.0):
    A, P, rate = exact(A), exact(P), exact(rate)
    return P.times(rate @ rate) - P.congruence(A)


def lyapunov_loss(A, P, rate=0.0):
    PA, rate = exact(P) @ exact(A), exact(rate)
    return -(PA + PA.T) - exact(P).times(rate + rate)


def bounded_real(A, B, C, D, P, gamma, continuous):
    """Whether P > 0 and M(P, gamma) > 0 (N_c in continuous time), in integers."""
    A, B, C, D, P, g = map(exact, (A, B, C, D, P, gamma))
    n, m = B.shape
    supply = Matrix.eye(m).times(g @ g)
    if continuous:
        PA, PB = P @ A, P @ B
        M = Matrix.block([[-(PA + PA.T), -PB], [-PB.T, supply]])
    else:
        M = Matrix.block([[P, Matrix.zeros(n, m)], [Matrix.zeros(m, n), supply]])
        M = M - P.congruence(Matrix.block([[A, B]]))
    return P.positive() and (M - Matrix.eye(C.shape[0]).congruence(Matrix.block([[C, D]]))).positive()


def rotations(n, rho, seed=1) -> Any:
    """Blocks rho R(theta), balanced inputs: n/2 resonances of width 1 - rho."""
    rng = np.random.default_rng(seed)
    c, s = np.cos(theta := rng.uniform(0.05, 3.1, n // 2)), np.sin(theta)
    A = rho * block_diag(*([[a, -b], [b, a]] for a, b in zip(c, s, strict=True)))
    B, C, D = (rng.standard_normal(shape) for shape in ((n, 2), (2, n), (2, 2)))
    return A, B * (1 - rho**2) ** 0.5, C / n**0.5, D


def sweep(A, B, C, D, continuous=False):
    """The best pole angle, as a start for `refine_peak`."""
    poles = np.linalg.eigvals(A)
    omegas = [0.0, *np.abs(poles.imag if continuous else np.angle(poles))]
    z = lambda w: 1j * w if continuous else np.exp(1j * w)
    gain = lambda w: np.linalg.norm(C @ np.linalg.solve(z(w) * np.eye(len(A)) - A, B) + D, 2)
    return max(omegas, key=gain)


STABLE = {  # discrete
    "slow": np.diag([1 - 1e-12, 0.3]),
    "rotation": rotations(6, 1 - 1e-9)[0],
    "non-normal": np.array([[0.9, 1e3, 0], [0, 0.8, 1e3], [0, 0, -0.9]]),
    "defective": np.diag(np.full(5, 0.99)) + np.eye(5, k=1),
    "nilpotent": np.eye(3, k=1),
    "scaled": np.array([[0.5, 1e12], [-1e-13, 0.9]]),
    "empty": O((0, 0)),
}
stable = pytest.mark.parametrize("A", STABLE.values(), ids=STABLE)


# ------------------------------------------------------------------------------------------------ splitting


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_split(parts):
    with ctx.workprec(300):
        X = balls.split(arb_mat([[arb(1) / 3, arb(-2) / 7]]), parts)
    for j, value in enumerate([Fraction(1, 3), Fraction(-2, 7)]):
        error = abs(sum(Fraction(part[0, j]) for part in X) - value)
        assert error <= abs(value) * Fraction(2) ** (-53 * parts)
        assert X[0][0, j] == float(value)


def test_precision_is_restored():
    before = ctx.prec
    refine.stein(np.eye(2) / 2, np.eye(2))
    eigenvalues(np.eye(2))
    assert ctx.prec == before


# ----------------------------------------------------------------------------------------- linear equations


@pytest.mark.parametrize("a", [0.5, 1 - 1e-9, 1 - 1e-13, -1 + 2.0**-53, 1 + 1e-12, 3.0])
@pytest.mark.parametrize("parts", [1, 2])
def test_stein_closed_form(a, parts):
    P = refine.stein(np.array([[a]]), np.eye(1), parts=parts)
    truth = 1 / (1 - Fraction(a) ** 2)
    assert abs(sum(Fraction(p[0, 0]) for p in P) / truth - 1) <= Fraction(2) ** (2 - 53 * parts)


@pytest.mark.parametrize("a", [1e-13, 1.0, 1e13])
def test_lyapunov_closed_form(a):
    A = np.array([[0.0, 1.0], [-(a**2), -2 * a]])  # P for Q = diag(0, 4a): diag(a^2, 1)
    Q = np.diag([0, 4 * a])
    P = refine.lyapunov(A, Q, parts=2)
    np.testing.assert_allclose(P[0], np.diag([a**2, 1]), rtol=1e-14, atol=1e-14 * a)
    assert largest(lyapunov_loss(A, P) - exact(Q)) <= Fraction(2) ** -95 * max(1, Fraction(a) ** 3)


@stable
def test_stein_proves_stability(A):
    P = refine.stein(A, np.eye(len(A)))
    assert exact(P).positive()
    assert stein_loss(A, P).positive()


@pytest.mark.parametrize("k", [2, 8, 12])
def test_stein_proves_instability(k):
    A = np.random.default_rng(k).standard_normal((9, 9))
    A *= (1 + 10.0**-k) / np.abs(np.linalg.eigvals(A)).max()
    P = refine.stein(A, np.eye(9), parts=1)
    x = np.linalg.eigh(P[0])[1][:, :1]
    assert stein_loss(A, P).positive()
    assert (-exact(P).congruence(exact(x))).positive()


def test_stein_takes_parts():
    """A discounted matrix A / r has more than 53 bits."""
    A, r = rotations(4, 0.9)[0], 0.95
    with ctx.workprec(300):
        discounted = balls.split((arb_mat(A.tolist()) / arb(r)).mid(), 4)
    P = refine.stein(discounted, np.eye(4), parts=1)
    assert stein_loss(A, P, r).positive()


def test_no_solution():
    assert refine.stein(np.diag([2.0, 0.5]), np.ones((2, 2))) is None
    assert refine.lyapunov(np.array([[0.0, 1.0], [-1.0, 0.0]]), np.eye(2)) is None


# ---------------------------------------------------------------------------------------------- contraction


@stable
@pytest.mark.parametrize("continuous", [False, True])
@pytest.mark.parametrize("p", [0, 2])
def test_contraction(A, continuous, p):
    A = A - np.eye(len(A)) if continuous else A
    C = np.arange(p * len(A)).reshape(p, len(A)) + 1.0
    P, a = refine.contraction(A, C, continuous)
    assert (exact(P) - Matrix.eye(p).congruence(exact(C))).positive()
    assert (lyapunov_loss if continuous else stein_loss)(A, P, a).positive()
    assert a > 0
    if len(A):
        poles = np.linalg.eigvals(A)
        decay = -poles.real.max() if continuous else 1 - np.abs(poles).max()
        assert (a if continuous else 1 - a) > 0.4 * min(decay, 1)


def test_no_contraction():
    assert refine.contraction(np.diag([1.0, 0.5]), np.eye(2)) is None
    assert refine.contraction(np.diag([1 + 2.0**-52, 0.5]), np.eye(2)) is None
    assert refine.contraction(np.array([[0.0, 1.0], [-1.0, 0.0]]), np.eye(2), True) is None


# ----------------------------------------------------------------------------------------- storage matrices


CLOSE = [(3, 1e-10, 1), (9, 1e-6, 1), (9, 1e-10, 2), (13, 1e-8, 2)]


@pytest.mark.parametrize(("k", "width", "parts"), CLOSE)
@pytest.mark.parametrize("sign", [1, -1])
def test_storage_of_one_pole(k, width, parts, sign):
    """x_{k+1} = ax + bu, y = x has norm |b| / (1 - |a|): a bound just below it must not be found."""
    a, one = sign * (1 - 10.0**-k), np.eye(1)
    system = a * one, 0.3 * one, one, 0 * one
    norm = Fraction(0.3) / (1 - abs(Fraction(a)))
    above, below = (float(norm * Fraction(1 + side * width)) for side in (1, -1))
    P = refine.strict_storage(*system, above, float(norm), parts=parts)
    assert bounded_real(*system, P, above, False)
    assert refine.strict_storage(*system, below, below * (1 - width), parts=parts) is None


@pytest.mark.parametrize(("k", "width", "parts"), [(6, 1e-8, 1), (9, 1e-8, 2), (9, 1e-10, 2)])
@pytest.mark.parametrize("scaling", [0, 6])
def test_storage_near_the_circle(k, width, parts, scaling):
    A, B, C, D = rotations(10, 1 - 10.0**-k)
    s = np.exp2(np.round(np.linspace(-scaling, scaling, 10) * 3))
    A, B, C = A * s[:, None] / s, B * s[:, None], C / s
    lower = resonance.refine_peak(A, B, C, D, sweep(A, B, C, D)).gain
    P = refine.strict_storage(A, B, C, D, lower * (1 + width), lower, parts=parts)
    assert len(P) == parts
    assert bounded_real(A, B, C, D, P, lower * (1 + width), False)


def test_storage_by_doubling():
    """The last resort: doubling alone reaches the bound too, and is refused below the norm."""
    A, B, C, D = rotations(6, 0.99)
    gain = resonance.refine_peak(A, B, C, D, sweep(A, B, C, D)).gain
    with ctx.workprec(256):
        plant, Q = tuple(map(balls.lift, (A, B, C, D))), balls.lift(C.T @ C + 1e-6 * np.eye(6))
        P = refine._doubling(*plant, arb(1.005 * gain) ** 2, Q, 30, 65)
        assert bounded_real(A, B, C, D, balls.split(P, 1), 1.01 * gain, False)
        assert refine._doubling(*plant, arb(0.99 * gain) ** 2, Q, 30, 65) is None


SHAPES = [(0, 1, 1), (0, 0, 0), (2, 0, 1), (2, 1, 0), (2, 0, 0), (3, 2, 1)]


@pytest.mark.parametrize(("n", "m", "p"), SHAPES)
@pytest.mark.parametrize("continuous", [False, True])
def test_storage_of_any_shape(n, m, p, continuous):
    A = -0.5 * np.eye(n) if continuous else 0.5 * np.eye(n)
    system = A, np.ones((n, m)), np.ones((p, n)), O((p, m))
    norm = 2.0 * n * (m * p) ** 0.5 if n * m * p else 0.0
    P = refine.strict_storage(*system, norm + 1, norm, continuous)
    assert bounded_real(*system, P, norm + 1, continuous)
    assert refine.strict_storage(*system, norm, norm, continuous) is None
    if m * p:  # D alone exceeds the bound
        assert refine.strict_storage(*system[:3], O((p, m)) + 2, 1.0, 0.5, continuous) is None


def benchmark(folder, name):
    if name in ("building", "heat"):
        return tuple(np.load(folder / "systems" / f"{name}.npz")[key].astype(float) for key in "ABCD")
    data = np.load(folder / "systems" / "compleib_open.npz")
    return tuple(data[f"{name}/{key}"] for key in ("A", "B1", "C1", "D11"))


PROVED = {  # lower ends of the norm, proved in balls elsewhere
    "building": 0.005276333761570944,
    "AC15": 2471.3228727927803,
    "HF2D13": 325915.88968997484,
    "UWV": 6284.280861834008,
    "EB2": 39.954730732497424,
    "WEC2": 354.316150037045,
    "NN11": 0.17029469817493784,
    "EB4": 3995311.176600911,
    "DLR3": 64249.44381859759,
    "LAH": 5.372798362003208e-05,
    "CDP": 23198.209691393764,
}
SLOW = {"heat": 0.056104221842693654, "HF1": 2**0.5}
SYSTEMS = [*PROVED.items(), *(pytest.param(*item, marks=pytest.mark.slow) for item in SLOW.items())]


@pytest.mark.parametrize(("name", "lower"), SYSTEMS)
def test_storage_of_real_systems(shared_data, name, lower):
    A, B, C, D = benchmark(shared_data, name)
    peak = resonance.refine_peak(A, B, C, D, sweep(A, B, C, D, True), True)
    assert abs(peak.gain / lower - 1) < 2e-15
    gamma = peak.gain * (1 + 1e-8)
    assert bounded_real(A, B, C, D, refine.strict_storage(A, B, C, D, gamma, peak.gain, True), gamma, True)


@pytest.mark.parametrize("name", ["EB4", "building"])
def test_storage_of_rounded_tustin(shared_data, name):
    A, B, C, D = benchmark(shared_data, name)
    h, I = 1 / np.median(np.abs(np.linalg.eigvals(A))), np.eye(len(A))
    K = np.linalg.inv(I - h / 2 * A)
    system = K @ (I + h / 2 * A), h**0.5 * K @ B, h**0.5 * C @ K, D + h / 2 * C @ K @ B
    lower = resonance.refine_peak(*system, sweep(*system)).gain
    P = refine.strict_storage(*system, lower * (1 + 1e-8), lower)
    assert bounded_real(*system, P, lower * (1 + 1e-8), False)


# ------------------------------------------------------------------------------------------------ responses


def residual(A, B, x, v, point, continuous):
    """Exact (A x + B v) d - z x, as Re and Im; z has the denominator d."""
    A, B, v = exact(A), exact(B), [exact(v.real), exact(v.imag)]
    x = [exact(tuple(p.real for p in x)), exact(tuple(p.imag for p in x))]
    one = Matrix.number(1)
    if point is None:
        re, im, d = -one, Matrix.number(0), one
    else:
        t = exact(tuple(map(np.array, np.atleast_1d(point))))
        re, im, d = (Matrix.number(0), t, one) if continuous else (one - t @ t, t + t, one + t @ t)
    z = [x[0].times(re) - x[1].times(im), x[0].times(im) + x[1].times(re)]
    return [(A @ x[i] + B @ v[i]).times(d) - z[i] for i in (0, 1)]


POINTS = [(False, 0.75), (False, None), (False, (0.5, 1e-20)), (True, 3.0), (True, 0.0)]


@pytest.mark.parametrize(("continuous", "point"), POINTS)
def test_response_solves_exactly(continuous, point):
    A, B, C, D = rotations(8, 1 - 1e-9)
    A, v = (A - np.eye(8) if continuous else A), np.array([1, 1 - 2j])
    x, gain = resonance.frequency_response(A, B, C, D, point, v, continuous)
    error = max(map(largest, residual(A, B, x, v, point, continuous)))
    assert error < Fraction(2) ** -95 * int(1 + np.abs(x[0]).max())
    np.testing.assert_allclose(gain, np.linalg.norm(C @ x[0] + D @ v) / np.linalg.norm(v), rtol=1e-14)


def test_response_at_infinity_and_without_states():
    A, B, C, D = rotations(4, 0.5)
    x, gain = resonance.frequency_response(A, B, C, D, None, np.array([1.0, 0]), True)
    assert not np.any(x)
    np.testing.assert_allclose(gain, np.linalg.norm(D[:, 0]), rtol=1e-15)
    x, gain = resonance.frequency_response(O((0, 0)), O((0, 1)), O((1, 0)), 2 * np.eye(1), 0.5, np.ones(1))
    assert gain == 2
    assert x[0].shape == (0,)


@pytest.mark.parametrize("zeta", [1e-3, 1e-9, 1e-14])
@pytest.mark.parametrize("start", [0, 3])
def test_peak_of_an_oscillator(zeta, start):
    """1 / (s^2 + 2 zeta s + 1) peaks at sqrt(1 - 2 zeta^2) with gain 1 / (2 zeta sqrt(1 - zeta^2))."""
    A, B = np.array([[0, 1], [-1, -2 * zeta]]), np.array([[0.0], [1]])
    peak = resonance.refine_peak(A, B, B.T[:, ::-1], O((1, 1)), 1 + start * zeta, True)
    np.testing.assert_allclose(peak.gain, 1 / (2 * zeta * np.sqrt(1 - zeta**2)), rtol=1e-13)
    frequency = np.sqrt(1 - 2 * zeta**2)
    assert abs(sum(map(Fraction, peak.point)) - Fraction(frequency)) < 1e-6 * zeta + 1e-16
    assert peak.v.tolist() == [1]


@pytest.mark.parametrize("k", [2, 9, 13])
@pytest.mark.parametrize("theta", [0.3, 1.5, 3.0])
def test_peak_of_a_rotation(k, theta):
    """(zI - aR)^{-1} has the gain 1 / (1 - |lambda|) at the angle of lambda, exactly."""
    a, b = (1 - 10.0**-k) * np.cos(theta), (1 - 10.0**-k) * np.sin(theta)
    A, I = np.array([[a, -b], [b, a]]), np.eye(2)
    square = Fraction(a) ** 2 + Fraction(b) ** 2
    gain = float((1 + Fraction(float(square) ** 0.5)) / (1 - square))  # 1 / (1 - r), free of cancellation
    peak = resonance.refine_peak(A, I, I, 0 * I, np.arctan2(b, a) * (1 + 10.0 ** -(k + 1)))
    np.testing.assert_allclose(peak.gain, gain, rtol=1e-13)
    assert peak.gain <= gain * (1 + 1e-15)
    np.testing.assert_allclose(np.abs(peak.v), 0.5**0.5, rtol=1e-6)


def test_peak_at_the_ends():
    one = np.eye(1)
    assert resonance.refine_peak(one / 2, one, one, 0 * one, 1e-3)[:2] == ((0.0,), 0.0)
    peak = resonance.refine_peak(-one / 2, one, one, 0 * one, np.pi)
    assert peak.point is None
    assert peak.gain == 2
    assert resonance.refine_peak(O((0, 0)), O((0, 1)), O((1, 0)), 3 * one, 0.5).gain == 3
    assert resonance.refine_peak(one / 2, one, O((0, 1)), O((0, 1)), 0.5).gain == 0


# ---------------------------------------------------------------------------------------------- eigenvalues


def covered(discs, value):
    """Whether some disc contains the exact complex rational `value` = (re, im)."""
    def holds(disc):
        re, im = Fraction(disc.centre.real) - value[0], Fraction(disc.centre.imag) - value[1]
        return re**2 + im**2 <= Fraction(disc.radius) ** 2
    return any(map(holds, discs))


def test_eigenvalues_of_a_companion_matrix():
    """The roots 1..12 of Wilkinson's polynomial, far too ill-conditioned for float64."""
    A = np.eye(12, k=-1)
    A[0] = -np.poly(np.arange(1, 13))[1:]
    discs = eigenvalues(A)
    assert all(covered(discs, (Fraction(k), 0)) for k in range(1, 13))
    assert all(disc.isolated and disc.radius < 1e-13 for disc in discs)


@pytest.mark.parametrize("kind", [float, complex])
def test_eigenvalues_of_a_triangular_matrix(kind):
    rng = np.random.default_rng(4)
    A = np.triu(rng.standard_normal((15, 15)))
    A = A + 1j * np.triu(rng.standard_normal((15, 15))) if kind is complex else A
    discs = eigenvalues(A)
    diagonal = [(Fraction(float(x.real)), Fraction(float(x.imag))) for x in np.diag(A)]
    assert len(discs) == 15
    assert all(covered(discs, value) for value in diagonal)
    assert all(disc.isolated and disc.radius < 1e-14 for disc in discs)


@pytest.mark.parametrize("kind", [float, complex])
def test_eigenvalues_that_are_multiple(kind):
    A = kind(0.75 if kind is float else 0.75 + 0.5j) * np.eye(4) + np.eye(4, k=1)
    discs = eigenvalues(A)
    assert covered(discs, (Fraction(3, 4), Fraction(0 if kind is float else 0.5)))
    assert not any(disc.isolated for disc in discs)
    assert all(disc.radius < 1e-15 for disc in discs)


def test_eigenvalues_next_to_each_other():
    discs = eigenvalues(np.diag([1, 1 + 2.0**-52, 3]))
    assert all(disc.isolated and disc.radius < 1e-30 for disc in discs)
    assert all(covered(discs, (Fraction(x), 0)) for x in (1, 1 + 2.0**-52, 3))


@pytest.mark.parametrize("low", [1e-300, 1e-200, 1e-40])
def test_eigenvalues_of_long_numbers(low):
    """Whatever the range of the exponents, the trace is covered by the sum of the discs."""
    A = np.array([[low, 1 / low, 0], [0, low, 1 / low], [low**1.5, 0, 0]])
    discs = eigenvalues(A)
    error = abs(sum(Fraction(d.centre.real) for d in discs) - sum(Fraction(x) for x in np.diag(A)))
    assert error <= sum(Fraction(d.radius) for d in discs)


def test_eigenvalues_of_nothing_and_of_nonsense():
    assert eigenvalues(O((0, 0))) == []
    with pytest.raises(ValueError, match="must be finite"):
        eigenvalues(np.array([[np.nan]]))
