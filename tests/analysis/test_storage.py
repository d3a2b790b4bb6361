"""Strict storages against an eigenvalue test of the bounded real inequality."""

import numpy as np
import pytest
import scipy.linalg as sl

from ssmctl.analysis.equations import riccati_newton
from ssmctl.analysis.storage import (
    margin,
    samples,
    strict_problems,
    strict_storage,
    strict_storage_continuous,
)
from tests.analysis.systems import adj, gain_on_grid, random_system


def bounded_real(A, B, C, D, P, gamma):
    W, V = np.hstack([A, B]), np.hstack([C, D])
    return sl.block_diag(P, gamma**2 * np.eye(B.shape[1])) - adj(W) @ P @ W - adj(V) @ V


def bounded_real_continuous(A, B, C, D, P, gamma):
    top = adj(A) @ P + P @ A + adj(C) @ C, P @ B + adj(C) @ D
    return -np.block([[*top], [adj(top[1]), adj(D) @ D - gamma**2 * np.eye(B.shape[1])]])


def lowest(M):
    d = np.sqrt(np.real(np.diag(M)))
    return np.linalg.eigvalsh(M / d / d[:, None])[0]


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("rtol", [1e-2, 1e-6])
@pytest.mark.parametrize(("n", "m", "p"), [(1, 1, 1), (6, 2, 3), (25, 3, 1)])
def test_strict_storage(n, m, p, rtol, dtype):
    A, B, C, D = random_system(n, m, p, 0.95, dtype=dtype)
    lower = gain_on_grid(A, B, C, D)
    gamma = lower * (1 + rtol)
    P = strict_storage(A, B, C, D, gamma, lower)
    assert lowest(P) > 0
    assert lowest(bounded_real(A, B, C, D, P, gamma)) > 1e-3 * rtol
    assert 0 < margin(A, B, C, D, P, gamma) <= lowest(bounded_real(A, B, C, D, P, gamma)) * (1 + 1e-6)
    assert margin(A, B, C, D, P, gamma, exact=False) > 0
    assert not margin(A, B, C, D, P, lower * (1 - rtol)) > 0
    assert strict_storage(A, B, C, D, lower * (1 - rtol), lower * (1 - 2 * rtol)) is None


@pytest.mark.parametrize("scale", [1.0, 1e5])
def test_strict_storage_continuous(scale):
    A, B, C, D = random_system(10, 2, 2, 0.9)
    s = np.geomspace(1, scale, 10)
    A, B, C = (A - np.eye(10)) * s[:, None] / s, B * s[:, None], C / s
    lower = gain_on_grid(A, B, C, D, continuous=True)
    P = strict_storage_continuous(A, B, C, D, 1.001 * lower, lower)
    assert lowest(bounded_real_continuous(A, B, C, D, P, 1.001 * lower)) > 1e-5
    assert margin(A, B, C, D, P, 1.001 * lower, continuous=True) > 0


@pytest.mark.parametrize("shape", [(0, 2, 3), (3, 0, 2), (3, 2, 0), (0, 0, 0)])
@pytest.mark.parametrize("continuous", [False, True])
def test_empty(shape, continuous):
    n, m, p = shape
    system = -0.5 * np.eye(n), np.ones((n, m)), np.ones((p, n)), np.ones((p, m))
    P = strict_storage(*system, 10.0, 3.0, continuous=continuous)
    assert P is not None
    assert P.shape == (n, n)
    assert margin(*system, P, 10.0, continuous) > 0


def test_unreachable_and_unobservable_states():
    A = np.diag([0.5, 0.9, 0.99, 0.3])
    B, C = np.array([[1.0], [0], [1e-9], [1]]), np.array([[1.0, 1, 0, 1e-9]])
    P = strict_storage(A, B, C, np.zeros((1, 1)), 2.0 + 1e-6, 2.0 + 1e-8)
    assert margin(A, B, C, np.zeros((1, 1)), P, 2.0 + 1e-6) > 0


@pytest.mark.parametrize("continuous", [False, True])
def test_strict_problems_state_their_equation(continuous):
    A, B, C, D = random_system(8, 2, 2, 0.9)
    A = A - np.eye(8) if continuous else A
    lower = gain_on_grid(A, B, C, D, continuous)
    gamma, count = 1.001 * lower, 0
    seen = samples(A, B, C, D, lower, continuous)
    for inner, Q in strict_problems(A, B, C, D, gamma, lower, seen, continuous):
        count += 1
        assert lower < inner < gamma
        assert np.linalg.eigvalsh(Q - C.T @ C)[0] > 0
        P = strict_storage(A, B, C, D, gamma, lower, continuous=continuous)
        for _ in range(8):
            P = riccati_newton(A, B, C, D, inner, Q, P, continuous)
        M = bounded_real_continuous if continuous else bounded_real
        assert lowest(M(A, B, C, D, P, gamma)) > 0
    assert count == 4
