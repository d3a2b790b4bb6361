"""The closed form against 400-bit arithmetic, through critical damping and down to no motion at all."""

import flint
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssmctl.errors import InputError
from ssmctl.estimate.closed_form import damped_oscillator

RATIOS = (0, 0.01, 0.9, 0.999999, 1 - 1e-10, 1.0, 1 + 1e-10, 1.0001, 1.5, 30, 400)


def exact(z, y, omega, beta, t, force):
    """Give velocity and position at time t from the textbook formula, at 400 bits."""
    old, flint.ctx.prec = flint.ctx.prec, 400
    try:
        w, b, t, z, y, f = (flint.arb(float(v)) for v in (omega, beta, t, z, y, force))
        root = flint.acb(b * b - w * w).sqrt()
        rest = f / (w * w)
        y = y - rest
        C = (root * t).cosh()
        S = flint.acb(t) if omega == beta else (root * t).sinh() / root
        decay = flint.acb(-b * t).exp()
        velocity, position = (
            decay * (C * z - S * (b * z + w * w * y)),
            decay * (C * y + S * (z + b * y)) + rest,
        )
        return float(velocity.real.mid()), float(position.real.mid())
    finally:
        flint.ctx.prec = old


@pytest.mark.parametrize("ratio", RATIOS)
def test_all_regimes(ratio):
    for omega in (1e-6, 1.0, 1000.0):
        for angle in (1e-8, 1e-3, 0.1, 1, 10):
            beta, t = omega * ratio, angle / omega
            for z, y, force in ((omega, 0, 0), (0, 1, 0), (0, 0, omega**2)):
                true = np.array(exact(z, y, omega, beta, t, force))
                found = np.array(damped_oscillator(z, y, omega, beta, t, force=force))
                scale = np.array([omega, 1.0])
                assert np.linalg.norm((found - true) / scale) <= 1e-14 * np.linalg.norm(true / scale)
                if force:
                    assert abs(found[1] / true[1] - 1) <= 1e-14


def test_slow_force_keeps_its_digits():
    """At omega t = 1e-9 to 1 the position under a constant force is a small difference of large terms."""
    for angle in np.geomspace(1e-9, 1, 60):
        for decay in (0, 0.01, 1, 30):
            true = exact(0, 0, angle, decay, 1, 1)[1]
            assert abs(damped_oscillator(0.0, 0.0, angle, decay, 1.0, force=1.0)[1] / true - 1) <= 1e-14


def test_next_to_critical_damping():
    true = exact(1.0, 0.3, 1000, 999.9999999, 0.01, 0)
    found = damped_oscillator(1.0, 0.3, 1000.0, 999.9999999, 0.01)
    np.testing.assert_allclose(found, true, rtol=1e-14)


def test_arrays_complex_and_jax():
    omega, beta = np.array([1.0, 2.0]), np.array([[0.0], [2.0]])
    z, y = damped_oscillator(1.0, 0.5, omega, beta, 0.7)
    assert z.shape == y.shape == (2, 2)
    turned = damped_oscillator(1j, 0.5j, omega, beta, 0.7)
    np.testing.assert_allclose(turned[1], 1j * y, rtol=1e-15)
    traced = jax.jit(jax.value_and_grad(lambda b: damped_oscillator(1.0, 0.5, 2.0, b, 0.7)[1]))
    value, slope = traced(jnp.asarray(2.0))  # critical damping
    np.testing.assert_allclose(value, y[1, 1], rtol=1e-14)
    step = 1e-6
    difference = exact(1, 0.5, 2, 2 + step, 0.7, 0)[1] - exact(1, 0.5, 2, 2 - step, 0.7, 0)[1]
    np.testing.assert_allclose(slope, difference / (2 * step), rtol=1e-7)


def test_messages():
    with pytest.raises(InputError, match="`dt` must be positive"):
        damped_oscillator(0.0, 1.0, 1.0, 0.0, -1.0)
    with pytest.raises(InputError, match="finite"):
        damped_oscillator(0.0, 1.0, np.nan, 0.0, 1.0)
