"""The lifted system: operators against their definition, edges, accuracy near the circle, memory."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.signal import lfilter

from ssmctl.lti.system import Modal, StateSpace
from ssmctl.scan.forms import real_form
from ssmctl.scan.lifted import lift, operators
from ssmctl.scan.schedule import Associative, Lifted, Sequential
from ssmctl.scan.simulate import simulate

RNG = np.random.default_rng(5)


def real(*shape):
    return RNG.normal(size=shape)


def both(*shape):
    return real(*shape) + 1j * real(*shape)


def dense(n=3, m=2, p=1):
    return StateSpace(*map(jnp.asarray, (0.4 * real(n, n), real(n, m), real(p, n), real(p, m))), dt=True)


def modal(output):
    lam = 0.9 * np.exp(1j * real(3))
    parts = map(jnp.asarray, (lam, both(3, 2), both(1, 3), real(1, 2)))
    return Modal(*parts, dt=True, output=output)


@pytest.mark.parametrize("system", [dense(), modal("pre"), modal("post")], ids=["dense", "pre", "post"])
@pytest.mark.parametrize("L", [1, 5])
def test_operators_are_their_definition(system, L):
    form = real_form(system)
    made, last = jax.jit(operators, static_argnums=(1, 2))(form, L, L - 1)
    real_system = system if isinstance(system, StateSpace) else system.to_statespace(rounded=True)
    A, B, C, D = (np.asarray(v) for v in (real_system.A, real_system.B, real_system.C, real_system.D))
    power = np.linalg.matrix_power
    R = np.concatenate([power(A, L - 1 - j) @ B for j in range(L)], 1)
    O = np.concatenate([C @ power(A, i) for i in range(L)])
    lag = lambda k: D if k == 0 else C @ power(A, k - 1) @ B if k > 0 else 0 * D
    K = np.block([[lag(i - j) for j in range(L)] for i in range(L)])
    for mine, wanted in ((made.R.T, R), (made.O.T, O), (made.K.T, K)):
        np.testing.assert_allclose(mine, wanted, rtol=1e-12, atol=1e-13)
    whole = lambda block: block if block.ndim == 2 else np.block([[np.diag(v) for v in row] for row in block])
    step = made.step if isinstance(system, StateSpace) else made.step[0] + made.step[1]
    np.testing.assert_allclose(whole(step), power(A, L), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(whole(last), power(A, L - 1), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("system", [dense(), modal("post")], ids=["dense", "post"])
def test_lengths_and_blocks(system):
    x = both(3) if isinstance(system, Modal) else real(3)
    u = real(9, 2)
    for T, block in ((9, 9), (9, 64), (8, 4), (1, 4)):
        wanted = simulate(system, u[:T], x, schedule=Sequential(), return_states=True)
        got = simulate(system, u[:T], x, schedule=Lifted(block), return_states=True)
        for mine, theirs in zip(got, wanted, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


def truth(lam, B, C, u):
    """States and outputs in float64 on the stored numbers, by another library's filter."""
    drive = u[:, 0].astype(complex)
    columns = [lfilter([0, 1], [1, -pole], b * drive) for pole, b in zip(lam, B[:, 0], strict=True)]
    x = np.stack(columns, 1)
    return x, (x @ C.T).real


def relative(got, wanted):
    return np.abs(np.asarray(got) - wanted).max() / np.abs(wanted).max()


@pytest.mark.parametrize("double", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_accuracy_near_the_circle(double):
    """Over 1e6 steps at 1 - |lambda| = 1e-6 in float32, whether or not JAX has float64."""
    lam = ((1 - 1e-6) * np.exp(1j * RNG.uniform(0.1, 3, 4))).astype(np.complex64)
    B, C = np.ones((4, 1), np.complex64), both(1, 4).astype(np.complex64)
    u = real(10**6, 1).astype(np.float32)
    x, y = truth(lam.astype(complex), B.astype(complex), C.astype(complex), u)
    system = Modal(lam, B, C, dt=True)
    with jax.enable_x64(double):
        got, last, states = simulate(system, u, schedule=Sequential(), return_states=True)
        assert relative(states, x) < 1e-4
        assert relative(got, y) < 1e-4
        for block in (None, 999):  # the second does not divide
            got, last = simulate(system, u, schedule=Lifted(block))
            assert got.dtype == np.float32
            assert relative(got, y) < 2e-5
            assert relative(last, lam * x[-1] + B[:, 0] * u[-1]) < 2e-5
        if double:  # the slow test also shows what rounded powers do
            assert relative(simulate(system, u, schedule=Associative())[0], y) > 5e-4


def test_gradient_near_the_circle():
    lam = ((1 - 1e-5) * np.exp(1j * RNG.uniform(0.1, 3, 4))).astype(np.complex64)
    u = real(2**15, 1).astype(np.float32)
    parts = (np.ones((4, 1), np.complex64), both(1, 4).astype(np.complex64))

    def loss(re, im, B, C, u, schedule):
        return jnp.sum(simulate(Modal(jax.lax.complex(re, im), B, C, dt=True), u, schedule=schedule)[0] ** 2)

    slope = jax.jit(jax.grad(loss, argnums=(0, 1)), static_argnums=5)
    got = slope(np.real(lam), np.imag(lam), *parts, u, Lifted(64))
    wide = lam.astype(complex)
    wanted = slope(
        np.real(wide), np.imag(wide), *(v.astype(complex) for v in parts), u.astype(float), Sequential()
    )
    assert relative(got, np.stack(wanted)) < 1e-4


@pytest.mark.parametrize(("T", "m", "n"), [(2**12, 1, 64), (2**12, 8, 64)])
def test_no_trajectory_is_stored(T, m, n):
    parts = [jnp.asarray(v) for v in (both(n) / 9, both(n, m), both(m, n), real(m, m))]

    def loss(lam, B, C, D, u):
        return jnp.sum(simulate(Modal(lam, B, C, D, dt=True), u)[0] ** 2)

    step = jax.jit(jax.grad(loss, argnums=(0, 1, 2, 3, 4)))
    used = step.lower(*parts, jnp.asarray(real(T, m))).compile().memory_analysis()
    assert used is not None
    assert used.temp_size_in_bytes < 0.8 * (T * n * 16)  # half a trajectory of complex states would be more


def test_dense_forms_of_one_sample():
    system = dense()
    form = real_form(system)
    y, end, starts = jax.jit(lift, static_argnums=3)(form, jnp.ones((1, 2)), jnp.zeros(3), 1)
    np.testing.assert_allclose(y[0], np.asarray(system.D) @ np.ones(2), rtol=1e-15)
    np.testing.assert_allclose(end, np.asarray(system.B) @ np.ones(2), rtol=1e-15)
    assert starts.shape == (1, 3)
