"""Process noise against ball arithmetic at thousands of bits, where the usual formula holds no digit."""

import flint
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from ssmctl.errors import InputError
from ssmctl.estimate.noise import discretize_noise, oscillator_noise

DAMPINGS = (0, 0.01, 1, 10, 15, 18, 20, 30, 50, 400)
FREQUENCIES = (1e-3, 1, 30)


def exact(A, W, dt):
    """Give exp(A dt) and the noise by Van Loan's formula, at enough bits to survive it."""
    n = len(A)
    old, flint.ctx.prec = flint.ctx.prec, 6000
    try:
        M = flint.arb_mat(2 * n, 2 * n)
        for i in range(n):
            for j in range(n):
                M[i, j] = -flint.arb(float(A[i][j]))
                M[i, n + j] = flint.arb(float(W[i][j]))
                M[n + i, n + j] = flint.arb(float(A[j][i]))
        E = (M * flint.arb(dt)).exp()
        F = flint.arb_mat(n, n, [E[n + j, n + i] for i in range(n) for j in range(n)])
        Q = F * flint.arb_mat(n, n, [E[i, n + j] for i in range(n) for j in range(n)])
        read = lambda X: np.array([[float(X[i, j].mid()) for j in range(n)] for i in range(n)])
        return read(F), read(Q)
    finally:
        flint.ctx.prec = old


def error(Q, true):
    size = np.sqrt(np.diag(true))
    return (np.abs(Q - true) / np.outer(size, size)).max()


@pytest.mark.parametrize("damping", DAMPINGS)
def test_oscillators(damping):
    for omega in FREQUENCIES:
        for dt in (1e-3, 1.0):
            A, W = [[-2.0 * damping, -(omega**2)], [1.0, 0.0]], np.diag([2.0, 0.0])
            Ad, true = exact(A, W, dt)
            found, Q = oscillator_noise(omega**2, 2 * damping, 2.0, dt)
            assert error(Q, true) <= 1e-13
            np.linalg.cholesky(Q)
            np.testing.assert_array_equal(Q, Q.T)
            general, Q = discretize_noise(A, [[1.0], [0.0]], 2.0, dt)
            assert error(Q, true) <= 1e-13
            for M, rtol in ((found, 1e-13), (general, 1e-10)):  # the second is SciPy's exponential
                np.testing.assert_allclose(M, Ad, rtol=0, atol=rtol * np.abs(Ad).max())


def test_one_shot_van_loan_fails_where_ours_does_not():
    """The defect that this room exists for: no digits, an asymmetric "covariance", a negative variance."""
    A, W = np.array([[-40.0, -1.0], [1.0, 0.0]]), np.diag([1.0, 0.0])
    block = scipy.linalg.expm(np.block([[-A, W], [np.zeros((2, 2)), A.T]]))
    usual = block[2:, 2:].T @ block[:2, 2:]
    true = exact(A, W, 1.0)[1]
    assert np.abs(usual - true).max() > 0.1 * np.abs(true).max()
    assert np.linalg.eigvalsh((usual + usual.T) / 2)[0] < 0
    assert np.abs(oscillator_noise(1.0, 40.0, 1.0, 1.0)[1] - true).max() <= 1e-14 * np.abs(true).max()


def test_other_systems():
    rng = np.random.default_rng(0)
    A = rng.standard_normal((4, 4)) - 2 * np.eye(4)
    A[3] = 0  # an integrator
    L, Qc = rng.standard_normal((4, 2)), np.array([[2.0, 0.5], [0.5, 1.0]])
    for dt in (1e-6, 0.3, 20.0):
        Ad, true = exact(A, L @ Qc @ L.T, dt)
        found, Q = discretize_noise(A, L, Qc, dt)
        assert error(Q, true) <= 1e-13
        np.testing.assert_allclose(found, Ad, rtol=0, atol=1e-14 * max(1, np.abs(Ad).max()))
    assert discretize_noise(-1.0 * np.eye(2), 1.0, 2.0, 0.5)[1][0, 1] == 0


def test_steps_are_an_array():
    steps = np.array([0.1, 2.0, 0.5])
    A, L = np.array([[-1.0, -3.0], [1.0, 0.0]]), np.array([[1.0], [0.0]])
    for many, one in (
        (discretize_noise(A, L, 2.0, steps), [discretize_noise(A, L, 2.0, h) for h in steps]),
        (oscillator_noise(3.0, 1.0, 2.0, steps), [oscillator_noise(3.0, 1.0, 2.0, h) for h in steps]),
    ):
        for i in range(2):
            np.testing.assert_allclose(many[i], np.array([pair[i] for pair in one]), rtol=1e-14, atol=1e-16)
    assert oscillator_noise(np.ones(3), 1.0, np.ones((4, 1)), 1.0)[1].shape == (4, 3, 2, 2)


def test_derivatives_and_jit():
    """Also at critical damping, where square roots of the discriminant have none."""
    total = lambda *v: sum((np.arange(1.0, 5.0).reshape(2, 2) * M).sum() for M in oscillator_noise(*v))
    both = jax.jit(jax.value_and_grad(total, (0, 1, 2, 3)))
    for given in ((4.0, 4.0, 1.0, 0.7), (2.0, 0.1, 3.0, 5.0), (1.0, 60.0, 1.0, 1.0)):
        value, slopes = both(*map(jnp.asarray, given))
        np.testing.assert_allclose(value, total(*given), rtol=1e-13)
        for i, slope in enumerate(slopes):
            ends = [total(*(v * (1 + s * 1e-6 * (i == j)) for j, v in enumerate(given))) for s in (1, -1)]
            np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2e-6 * given[i]), rtol=1e-6)
    A, L = jnp.array([[-1.0, -3.0], [1.0, 0.0]]), jnp.array([[1.0], [0.0]])
    general = lambda A, h: discretize_noise(A, L, jnp.asarray(2.0), h, doublings=6)
    fixed = jax.jit(general)(A, jnp.asarray(0.9))[1]
    np.testing.assert_allclose(fixed, oscillator_noise(3.0, 1.0, 2.0, 0.9)[1], rtol=1e-13)


def test_messages():
    A, L = np.eye(2), np.ones((2, 1))
    for call, words in [
        (lambda: discretize_noise(np.ones((2, 3)), L, 1, 1), r"`A` must be \(n, n\)"),
        (lambda: discretize_noise(A, np.ones(2), 1, 1), r"`L` must be \(2, q\)"),
        (lambda: discretize_noise(A, L, np.eye(2), 1), r"`Qc` must be \(1, 1\)"),
        (lambda: discretize_noise(A, L, -1.0, 1), "negative"),
        (lambda: discretize_noise(A, np.eye(2), 1e-20 * np.array([[1, 2], [2, 1]]), 1), "semidefinite"),
        (lambda: discretize_noise(A, np.eye(2), [[1, 0.5], [0.4, 1]], 1), "symmetric"),
        (lambda: discretize_noise(A, L, 1, 0.0), "`dt` must be positive"),
        (lambda: discretize_noise(A, L, 1, np.ones((2, 2))), r"a number or \(T,\)"),
        (lambda: discretize_noise(1j * A, L, 1, 1), "real systems"),
        (lambda: oscillator_noise(1, 1, -1, 1), "`density`"),
        (lambda: jax.jit(lambda A: discretize_noise(A, L, 1, 1))(A), "doublings=12"),
    ]:
        with pytest.raises(InputError, match=words):
            call()
