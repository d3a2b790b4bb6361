"""Matrix equations against SciPy, closed forms and their own residuals."""

import numpy as np
import pytest
import scipy.linalg as sl

from ssmctl.analysis.equations import (
    gramian_modal,
    lyapunov,
    riccati,
    riccati_newton,
    stein,
    stein_diagonal,
    tustin,
)
from tests.analysis.systems import adj, gain_on_grid, random_system


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(("n", "rho"), [(1, 0.5), (12, 0.9), (30, 0.999), (12, 1.3)])
def test_stein(n, rho, dtype):
    A, _, C, _ = random_system(n, 1, n, rho, dtype=dtype)
    Q = adj(C) @ C
    P = stein(A, Q)
    np.testing.assert_allclose(P, adj(P), rtol=0, atol=0)
    size = np.linalg.norm(adj(A)) * np.linalg.norm(P) * np.linalg.norm(A)
    assert np.linalg.norm(P - adj(A) @ P @ A - Q) <= 1e-13 * size
    expected = sl.solve_discrete_lyapunov(adj(A), Q, method="bilinear")
    np.testing.assert_allclose(P, expected, rtol=0, atol=1e-9 * abs(expected).max())


def test_stein_closed_forms():
    N = np.eye(4, k=1)
    np.testing.assert_array_equal(stein(N, np.eye(4)), np.diag([1.0, 2, 3, 4]))
    P = stein(np.diag([2.0, 0.25]), np.eye(2))  # one eigenvalue outside: indefinite
    np.testing.assert_allclose(P, np.diag([-1 / 3, 16 / 15]), rtol=1e-14)
    assert np.isnan(stein(np.diag([2.0, 0.5]), np.eye(2))).all()  # no unique solution
    P = stein(np.array([[-1.5, 1.0], [0, 1.0 - 1e-9]]), np.eye(2))  # -1 is no obstacle
    assert P[0, 0] == pytest.approx(-0.8)
    assert stein(np.zeros((0, 0)), np.zeros((0, 0))).shape == (0, 0)


def test_stein_diagonal():
    rng = np.random.default_rng(1)
    poles = rng.uniform(0.5, 0.999, 9) * np.exp(1j * rng.uniform(0, 6, 9))
    X = rng.standard_normal((9, 9)) + 1j * rng.standard_normal((9, 9))
    P = stein_diagonal(poles, X @ adj(X))
    np.testing.assert_allclose(P, stein(np.diag(poles), X @ adj(X)), rtol=1e-11)
    logs = np.log(poles)
    P = stein_diagonal(logs, X @ adj(X), continuous=True)
    np.testing.assert_allclose(logs.conj()[:, None] * P + P * logs, -X @ adj(X), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("continuous", [False, True])
def test_gramian_modal(continuous):
    rng = np.random.default_rng(2)
    poles = rng.uniform(0.5, 0.999, 6) * np.exp(1j * rng.uniform(0, 6, 6))
    poles = np.log(poles) if continuous else poles
    B = rng.standard_normal((6, 2)) + 1j * rng.standard_normal((6, 2))
    L, b = np.diag(poles), np.vstack([B.real, B.imag])
    A = np.block([[L.real, -L.imag], [L.imag, L.real]])
    expected = lyapunov(A.T, b @ b.T) if continuous else stein(A.T, b @ b.T)
    np.testing.assert_allclose(gramian_modal(poles, B, continuous), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_lyapunov(dtype, scale):
    A, _, C, _ = random_system(15, 1, 15, 0.9, dtype=dtype)
    s = np.geomspace(1, scale, 15)
    A, Q = (A - np.eye(15)) * s[:, None] / s, adj(C / s) @ (C / s)
    P = lyapunov(A, Q)
    residual = adj(A) @ P + P @ A + Q
    assert (abs(residual) <= 1e-12 * (abs(adj(A)) @ abs(P) + abs(P) @ abs(A) + abs(Q))).all()
    assert lyapunov(np.zeros((0, 0)), np.zeros((0, 0))).shape == (0, 0)


def test_tustin_keeps_gain_storage_and_gramian():
    A, B, C, D = random_system(8, 2, 3, 0.9)
    A = A - np.eye(8)
    for h in (None, 0.1, 7.0):
        Ad, Bd, Cd, Dd = tustin(A, B, C, D, h)
        z = np.exp(0.7j)
        if h:
            s = 2 / h * (z - 1) / (z + 1)
            G = C @ np.linalg.solve(s * np.eye(8) - A, B) + D
            np.testing.assert_allclose(Cd @ np.linalg.solve(z * np.eye(8) - Ad, Bd) + Dd, G, rtol=1e-12)
        np.testing.assert_allclose(lyapunov(A.T, B @ B.T), stein(Ad.T, Bd @ Bd.T), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(("n", "m", "p", "rho"), [(1, 1, 1, 0.5), (10, 2, 3, 0.95), (70, 4, 2, 0.99)])
def test_riccati(n, m, p, rho, dtype):
    A, B, C, D = random_system(n, m, p, rho, dtype=dtype)
    gamma = 1.001 * gain_on_grid(A, B, C, D)
    P = riccati(A, B, C, D, gamma)
    assert P is not None
    N = adj(A) @ P @ B + adj(C) @ D
    R = gamma**2 * np.eye(m) - adj(D) @ D - adj(B) @ P @ B
    assert np.linalg.eigvalsh(R)[0] > 0
    residual = adj(A) @ P @ A + adj(C) @ C + N @ np.linalg.solve(R, adj(N)) - P
    assert np.linalg.norm(residual) <= 1e-11 * np.linalg.norm(P)
    assert abs(np.linalg.eigvals(A + B @ np.linalg.solve(R, adj(N)))).max() < 1  # the stabilising one
    assert riccati(A, B, C, D, 0.999 * gain_on_grid(A, B, C, D)) is None


def test_riccati_closed_form_and_refusals():
    one = np.ones((1, 1))
    P = riccati(0.5 * one, one, one, 0 * one, 2.5)  # P = P/4 + 1 + (P/2)^2 / (6.25 - P)
    assert P is not None
    assert P[0, 0] == pytest.approx((5.6875 - np.sqrt(5.6875**2 - 25)) / 2, rel=1e-14)
    assert riccati(0.5 * one, one, one, 3 * one, 2.5) is None
    P = riccati(0.5 * one, one[:, :0], one, one[:, :0], 1.0)
    assert P is not None
    assert P[0, 0] == pytest.approx(4 / 3)
    P = riccati(one[:0, :0], one[:0], one[:, :0], one, 2.0)
    assert P is not None
    assert P.shape == (0, 0)


@pytest.mark.parametrize("continuous", [False, True])
def test_riccati_newton_repairs(continuous):
    A, B, C, D = random_system(12, 2, 2, 0.9)
    A = A - np.eye(12) if continuous else A
    gamma, Q = 1.01 * gain_on_grid(A, B, C, D, continuous), C.T @ C
    exact = riccati(*(tustin(A, B, C, D) if continuous else (A, B, C, D)), gamma)
    assert exact is not None
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(exact.shape)
    P = exact + 1e-6 * np.linalg.norm(exact) * (noise + noise.T) / 24
    for _ in range(3):
        P = riccati_newton(A, B, C, D, gamma, Q, P, continuous)
        assert P is not None
    np.testing.assert_allclose(P, exact, rtol=0, atol=1e-9 * abs(exact).max())
