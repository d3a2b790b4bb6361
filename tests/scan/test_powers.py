"""Powers against ball arithmetic at 200 bits on the stored numbers, under `jit`, in both precisions."""

import functools
from functools import partial

import flint
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssmctl.scan import powers

RNG = np.random.default_rng(0)
ANGLES = RNG.uniform(0, np.pi, 24)
DISTANCE = 10 ** np.linspace(-7.5, -2, 24)
POLES = (1 - DISTANCE) * np.exp(1j * ANGLES)
compiled = partial(jax.jit, static_argnums=(1, 2))


def ball(z):
    """A stored complex number, exactly."""
    return flint.acb(float(z.real), float(z.imag))


def exact(lam, exponents):
    """Powers of stored poles, as balls: one row for each exponent."""
    return [[ball(z) ** int(k) for z in lam] for k in exponents]


def error(rows, truth, lost=None):
    """The largest relative error of float rows, plus what they lost, against balls."""
    worst = 0.0
    for i, row in enumerate(truth):
        for j, z in enumerate(row):
            got = ball(rows[i, j]) + (0 if lost is None else ball(lost[i, j]))
            worst = max(worst, float((abs(got - z) / abs(z)).mid()))
    return worst


@pytest.fixture(autouse=True)
def digits():
    """Work with 200 bits, and restore what was there."""
    before, flint.ctx.prec = flint.ctx.prec, 200
    yield
    flint.ctx.prec = before


@pytest.mark.parametrize(
    ("dtype", "rows", "last"), [("complex64", 2e-7, 1e-11), ("complex128", 4e-16, 1e-27)]
)
def test_mode_powers(dtype, rows, last):
    lam = POLES.astype(dtype)
    got, lost = jax.jit(powers.mode_powers, static_argnums=1)(lam, 1024)
    assert got.dtype == lost.dtype == dtype
    some = [0, 1, 2, 3, 31, 32, 33, 500, 1023, 1024]
    truth = exact(lam, some)
    assert error(np.asarray(got)[some], truth) < rows
    assert error(np.asarray(got)[-1:], truth[-1:], np.asarray(lost)[None]) < last
    squared = lam
    for _ in range(10):
        squared = squared * squared
    assert error(squared[None], truth[-1:]) > 20 * rows  # what one gets without extra digits


def test_without_double_precision():
    with jax.enable_x64(False):
        lam = POLES.astype(np.complex64)
        got, lost = jax.jit(powers.mode_powers, static_argnums=1)(lam, 1000)
        far, rest = compiled(powers.mode_power)(lam, 10**6, 0)
    assert error(np.asarray(got)[-1:], exact(lam, [1000]), np.asarray(lost)[None]) < 1e-11
    slow = DISTANCE < 1e-5  # the others underflow
    truth = exact(lam[slow], [10**6])
    assert error(np.asarray(far)[:, slow], truth, np.asarray(rest)[:, slow]) < 1e-8
    assert error(np.asarray(far)[:, slow], truth) < 1e-7


def test_exponents():
    lam = np.array([0.5 + 0.5j, 0, -1, 1j, 3])
    for last in (0, 1, 7, 8):
        rows = jax.jit(powers.mode_powers, static_argnums=1)(lam, last)[0]
        np.testing.assert_allclose(rows, lam ** np.arange(last + 1)[:, None], rtol=1e-15)
    for e in (0, 7):
        hi, lo = compiled(powers.mode_power)(lam, e, 2)
        np.testing.assert_allclose(hi, lam ** (e * np.array([1, 2, 4])[:, None]), rtol=1e-15)
        assert lo.shape == (3, 5)
    empty = powers.mode_powers(jnp.zeros(0, complex), 4)[0]
    assert empty.shape == (5, 0)


def test_blocks():
    M = RNG.normal(size=(2, 2, 5)) * 0.7
    rows, lost = jax.jit(powers.block_powers, static_argnums=1)(M.astype(np.float32), 21)
    hi, lo = compiled(powers.block_power)(M.astype(np.float32), 21, 1)
    rows, lost, hi, lo = (np.asarray(v, float) for v in (rows, lost, hi, lo))
    for j in range(5):
        exact_power = flint.arb_mat(2, 2, [float(v) for v in M[:, :, j].astype(np.float32).ravel()]) ** 21
        truth = np.array([float(v.mid()) for v in exact_power.entries()]).reshape(2, 2)
        size = np.abs(truth).max()
        for value in (rows[-1] + lost, hi[0] + lo[0]):
            assert np.abs(value[:, :, j] - truth).max() < 1e-11 * size
        np.testing.assert_allclose(hi[1][:, :, j], truth @ truth, rtol=1e-5)
        middle = np.linalg.matrix_power(M[:, :, j].astype(np.float32).astype(float), 10)
        assert np.abs(rows[10, :, :, j] - middle).max() < 3e-7 * np.abs(middle).max()


def test_dense():
    A = RNG.normal(size=(4, 4)) / 2
    for e in (0, 1, 2, 5, 12):
        np.testing.assert_allclose(
            powers.dense_power(jnp.asarray(A), e), np.linalg.matrix_power(A, e), rtol=1e-12
        )


def test_derivatives():
    """Second derivatives, forward over reverse, against those of products as they stand."""
    M = jnp.asarray(RNG.normal(size=(2, 2, 1)))
    modes = lambda M: jax.lax.complex(M[0, 0], M[1, 0])
    parts = lambda z: jnp.stack([z.real, z.imag])
    product = lambda *factors: functools.reduce(lambda a, b: jnp.einsum("ijn,jkn->ikn", a, b), factors)
    modulus = lambda M: 1 - jnp.sqrt(M[0, 0] ** 2 + M[1, 0] ** 2)
    pairs = [
        (lambda M: powers.block_powers(M, 3)[0][3], lambda M: product(M, M, M)),
        (
            lambda M: powers.block_power(M, 3, 1)[0],
            lambda M: jnp.stack([product(*[M] * 3), product(*[M] * 6)]),
        ),
        (lambda M: parts(powers.mode_powers(modes(M), 3)[0][3]), lambda M: parts(modes(M) ** 3)),
        (lambda M: powers.one_minus_modulus(modes(M)), modulus),
    ]
    found = jax.jit(lambda M: [(jax.hessian(f)(M), jax.hessian(g)(M)) for f, g in pairs])(M)
    for mine, plain in found:
        np.testing.assert_allclose(mine, plain, rtol=1e-12, atol=1e-12)
    zero = jax.jit(jax.grad(lambda x: powers.one_minus_modulus(jax.lax.complex(x, x)).sum()))(jnp.zeros(2))
    assert np.array_equal(zero, [0, 0])


def test_derivative_of_a_large_power_is_accurate():
    lam = np.complex64((1 - 1e-5) * np.exp(0.7j))
    e = 3 * 2**14
    f = lambda x: powers.mode_power(jax.lax.complex(x, jnp.full_like(x, lam.imag)), e)[0].real[0, 0]
    with jax.enable_x64(False):
        got = jax.jit(jax.grad(f))(jnp.asarray([lam.real]))[0]
    truth = float((e * ball(lam) ** (e - 1)).real.mid())
    assert abs(got - truth) < 2e-5 * float(abs(e * ball(lam) ** (e - 1)).mid())


@pytest.mark.parametrize(("dtype", "closest"), [("complex64", 1e-7), ("complex128", 2e-16)])
def test_distance_to_the_circle(dtype, closest):
    distance = np.concatenate([[closest, -closest], 10 ** np.linspace(-6, -0.1, 30)])
    lam = ((1 - distance) * np.exp(1j * np.linspace(0, 3, 32))).astype(dtype)
    got = jax.jit(powers.one_minus_modulus)(lam)
    for z, value in zip(lam, np.asarray(got, float), strict=True):
        truth = 1 - (flint.arb(float(z.real)) ** 2 + flint.arb(float(z.imag)) ** 2).sqrt()
        assert abs(value - float(truth.mid())) <= 4 * np.finfo(dtype).eps * abs(float(truth.mid()))
