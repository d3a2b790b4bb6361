"""Replays to the last bit: against plain Python floats, a golden file, chunks, and `Oscillator.step`."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ssmctl.errors import InputError
from ssmctl.lti.oscillator import Oscillator
from ssmctl.scan.replay import convergence_window, replay, replay_step

GOLDEN = Path(__file__).parents[1] / "data" / "replay.json"
RATIONAL = ("im", "imex", "imex2", "imex3", "euler", "tustin", "verlet")


def bank(r, scheme, *, m=None, bias=False, dt=0.3):
    """Give oscillators and forces made of short dyadic numbers: no random generator, no library."""
    i = np.arange(r)
    damping = np.zeros(r) if scheme == "verlet" else (1 + i % 4) / 16
    if m is None:
        B = np.diag(1 + i % 3)
    else:
        B = (np.add.outer(3 * i, 5 * np.arange(m)) % 7 - 3) / 4
    return Oscillator(
        (1 + i % 5) / 2, damping, dt, scheme, B=B, C=np.ones((1, r)), bias=(i % 2) / 8 if bias else None
    )


def forces(T, m):
    k = np.arange(T)[:, None]
    return ((k * k + 3 * np.arange(m)) % 11 - 5) / 8


def plain(oscillator, u, x0, steps=None):
    """Step in Python floats, one oscillator at a time, with the table of schemes written out."""
    A, G, B = (
        np.asarray(v, float).tolist() for v in (oscillator.stiffness, oscillator.damping, oscillator.B)
    )
    b = [0.0] * len(A) if oscillator.bias is None else oscillator.bias.tolist()
    z, y = x0[: len(A)], x0[len(A) :]
    velocities, positions = [z], [y]
    for k, row in enumerate(u.tolist()):
        dt = oscillator.dt if steps is None else steps[k]
        new_z, new_y = [], []
        for i in range(len(A)):
            (q, (m11, m12, m21, m22), (f1, f2)) = table(oscillator.scheme, A[i], G[i], dt)
            force = 0.0
            for weight, value in zip(B[i], row, strict=True):
                force = force + weight * value
            force = force + b[i]
            new_z.append((m11 / q * z[i] + m12 / q * y[i]) + f1 / q * force)
            new_y.append((m21 / q * z[i] + m22 / q * y[i]) + f2 / q * force)
        z, y = new_z, new_y
        velocities.append(z)
        positions.append(y)
    return np.array(velocities), np.array(positions)


def table(scheme, A, G, dt):
    from ssmctl.certificates.schemes import SCHEMES

    return SCHEMES[scheme](A, G, dt, 1.0)


CASES = {
    "one": lambda: (bank(1, "im"), 40),
    "few": lambda: (bank(5, "imex", m=2, bias=True), 30),
    "edge": lambda: (bank(12, "tustin", m=3), 20),
    "many": lambda: (bank(13, "im", m=3, bias=True), 150),
    "diagonal": lambda: (bank(40, "imex3"), 70),
    "one-input": lambda: (bank(20, "imex2", m=1), 65),
    "verlet": lambda: (bank(17, "verlet", m=2), 64),
    "euler": lambda: (bank(2, "euler", m=1), 25),
}
cases = pytest.mark.parametrize("name", CASES)


def start(r):
    return ((np.arange(2 * r) % 5 - 2) / 4).tolist()


@cases
def test_every_loop_is_plain_arithmetic(name):
    oscillator, T = CASES[name]()
    u, x0 = forces(T, oscillator.ninputs), start(oscillator.noscillators)
    found = replay(oscillator, u, x0)
    velocities, positions = plain(oscillator, u, x0)
    np.testing.assert_array_equal(found.velocities, velocities)
    np.testing.assert_array_equal(found.positions, positions)


@pytest.mark.parametrize("r", [2, 20])
def test_irregular_steps(r):
    oscillator = bank(r, "im", m=2)
    steps = ((1 + np.arange(90) % 6) / 8).tolist()
    u, x0 = forces(90, 2), start(r)
    found = replay(oscillator, u, x0, dt=steps)
    np.testing.assert_array_equal(found.positions, plain(oscillator, u, x0, steps)[1])
    own = Oscillator(
        oscillator.stiffness, oscillator.damping, np.full(r, 0.3), B=oscillator.B, C=oscillator.position
    )
    np.testing.assert_array_equal(replay(own, u).positions, replay(oscillator, u).positions)


@cases
def test_golden_file(name):
    """The file was written by the plain loop of this test: see its provenance."""
    golden = json.loads(GOLDEN.read_text())["cases"][name]
    oscillator, T = CASES[name]()
    found = replay(oscillator, forces(T, oscillator.ninputs), start(oscillator.noscillators))
    assert [v.hex() for v in found.final.tolist()] == golden["final"]
    assert [v.hex() for v in found.energies[[0, 1, T // 2, T]].tolist()] == golden["energies"]


@pytest.mark.parametrize("scheme", [*RATIONAL, "zoh"])
@pytest.mark.parametrize(("r", "m"), [(3, 2), (25, 2), (25, 20)])
def test_chunks_are_one_run(r, m, scheme):
    oscillator = bank(r, scheme, m=m, bias=True)
    u = forces(200, m)
    whole = replay(oscillator, u, start(r))
    for cut in (1, 64, 77, 199):
        first = replay(oscillator, u[:cut], start(r))
        second = replay(oscillator, u[cut:], first.final)
        for key in ("velocities", "positions", "energies"):
            a, b, c = (getattr(run, key) for run in (first, second, whole))
            np.testing.assert_array_equal(np.concatenate([a, b[1:]]), c)


def test_few_and_many_agree_to_the_last_bit():
    many: Any = bank(30, "im", m=2)
    few = Oscillator(many.stiffness[:5], many.damping[:5], 0.3, B=many.B[:5], C=many.position[:, :5])
    u = forces(100, 2)
    np.testing.assert_array_equal(replay(few, u).positions, replay(many, u).positions[:, :5])


def test_a_row_of_b_with_one_entry_needs_no_sum():
    """The short cut for inputs that each oscillator has to itself gives the same bits as the sum."""
    oscillator = bank(20, "im")
    wide = Oscillator(
        oscillator.stiffness,
        oscillator.damping,
        0.3,
        B=np.c_[oscillator.B, np.ones(20)],
        C=oscillator.position,
    )
    u = forces(50, 20)
    np.testing.assert_array_equal(
        replay(wide, np.c_[u, np.zeros(50)]).positions, replay(oscillator, u).positions
    )


@pytest.mark.parametrize("r", [2, 14])
def test_complex_states(r):
    real = bank(r, "im", m=2)
    u = forces(40, 2)
    turned = Oscillator(real.stiffness, real.damping, 0.3, B=real.B * (2 - 1j), C=real.position)
    found, expected = replay(turned, u), replay(real, u)
    np.testing.assert_array_equal(np.real(found.positions), 2 * expected.positions)
    np.testing.assert_array_equal(np.imag(found.positions), -expected.positions)
    np.testing.assert_allclose(found.energies, 5 * expected.energies, rtol=1e-14)


def test_it_is_what_step_does():
    oscillator = bank(4, "tustin", m=2, bias=True)
    u, x = forces(30, 2), np.array(start(4))
    found = replay(oscillator, u, x)
    for k in range(30):
        np.testing.assert_allclose(found.energies[k], oscillator.energy(x), rtol=1e-13)
        x, _ = oscillator.step(x, u[k])
        np.testing.assert_allclose(
            np.r_[found.velocities[k + 1], found.positions[k + 1]], x, rtol=1e-12, atol=1e-14
        )
    single = replay_step(oscillator, start(4), u[0])
    np.testing.assert_array_equal(single.final, np.r_[found.velocities[1], found.positions[1]])
    np.testing.assert_array_equal(single.energies, found.energies[:2])
    short = replay_step(oscillator, start(4), dt=0.1)
    np.testing.assert_allclose(
        short.final, oscillator.step(np.array(start(4)), np.zeros(2), dt=0.1)[0], rtol=1e-13
    )


def test_float32_and_jax_are_widened():
    single = Oscillator(
        jnp.float32([0.3]), jnp.float32([0.1]), 0.3, B=jnp.ones((1, 1), "f4"), C=jnp.ones((1, 1), "f4")
    )
    double = Oscillator([float(np.float32(0.3))], [float(np.float32(0.1))], 0.3, B=[[1]], C=[[1]])
    u = forces(30, 1)
    np.testing.assert_array_equal(replay(single, u).positions, replay(double, u).positions)


def test_energy_of_the_schemes():
    """im loses a fixed share of the energy when undamped, tustin none; imex swings."""
    free = lambda scheme: (
        replay(Oscillator([4.0], [0.0], 0.5, scheme, B=[[1]], C=[[1]]), 60, [0.0, 1.0]).energies
    )
    np.testing.assert_allclose(free("im"), 4 / 2.0 ** np.arange(61), rtol=1e-14)
    np.testing.assert_allclose(free("tustin"), 4, rtol=1e-13)
    assert np.ptp(free("imex")) > 1


def test_convergence_window():
    energies = replay(Oscillator([4.0], [1.0], 0.5, B=[[1]], C=[[1]]), 100, [0.0, 1.0]).energies
    assert convergence_window(energies, 1e-6, 5)
    assert not convergence_window(energies[:5], 1e-6, 3)
    assert not convergence_window(energies[-4:], 1e-6, 4)  # three changes only
    assert not convergence_window([0.0, 0.0, 1e-6, 1e-6], 1e-6, 2)  # below, not at, the threshold
    assert not convergence_window([1.0, np.nan, 1.0], 9, 2)


@pytest.mark.parametrize("m", [16, 300])
def test_many_inputs_in_any_order(m):
    """The forces of many inputs: correct to the last bits, and the same whatever order a BLAS takes."""
    rng = np.random.default_rng(m)
    B, u = rng.standard_normal((14, m)) * np.logspace(-3, 3, m), rng.standard_normal((70, m))
    B[3], u[5], u[6] = 0, 0, u[6] * 1e300
    make = lambda B: Oscillator(0.5 + np.arange(14), np.ones(14), 0.25, "euler", B=B, C=np.ones((1, 14)))
    run = replay(make(B), u)
    order = rng.permutation(m)
    np.testing.assert_array_equal(replay(make(B[:, order]), u[:, order]).velocities, run.velocities)
    pieces = [replay(make(B), u[k : k + 1]).velocities[1] for k in (0, 5, 6, 33)]  # euler: dt times the force
    for k, found in zip((0, 5, 6, 33), pieces, strict=True):
        for i in range(14):
            true = (
                sum(Fraction(b) * Fraction(v) for b, v in zip(B[i].tolist(), u[k].tolist(), strict=True)) / 4
            )
            largest = max(abs(B[i])) * max(abs(u[k])) * m
            assert abs(Fraction(found[i]) - true) <= Fraction(2.0**-52) * max(
                abs(true), Fraction(largest) / 8
            )


@pytest.mark.parametrize("r", [1, 20])
def test_no_steps(r):
    found = replay(bank(r, "im"), 0, start(r))
    np.testing.assert_array_equal(found.final, start(r))
    assert found.energies.shape == (1,)


def test_repr():
    found = replay(Oscillator([4.0], [0.0], 0.5, B=[[1]], C=[[1]]), 2, [0.0, 1.0])
    assert repr(found) == "Replay(T=2, r=1, energy=4 -> 1)"


def test_messages():
    oscillator = bank(2, "im", m=3)
    for call, words in [
        (lambda: replay(oscillator, np.ones((3, 4))), "transposed"),
        (lambda: replay(oscillator, np.ones((5, 2))), r"must be \(T, 3\), got \(5, 2\)"),
        (lambda: replay(oscillator, np.full((4, 3), np.nan)), "sample 0"),
        (lambda: replay(oscillator, 1j * np.ones((4, 3))), "`u` must be real"),
        (lambda: replay(oscillator, -1), "steps >= 0"),
        (lambda: replay(oscillator, 3, np.ones(3)), r"`x0` must be \(4,\)"),
        (lambda: replay(oscillator, 3, np.full(4, np.inf)), "`x0` must be finite"),
        (lambda: replay(oscillator, 3, dt=[0.1, 0.2]), r"`dt` must be \(3,\)"),
        (lambda: replay(oscillator, 2, dt=[0.1, -0.2]), "positive"),
        (lambda: convergence_window([[1.0]], 1, 1), r"\(T,\)"),
        (lambda: convergence_window([1.0], 1, 0), "`window`"),
        (lambda: convergence_window([1.0], 0, 1), "`threshold`"),
    ]:
        with pytest.raises(InputError, match=words):
            call()


if __name__ == "__main__":  # writes the golden file, from the plain loop
    cases_out = {}
    for key, make in CASES.items():
        oscillator_, T_ = make()
        z_, y_ = plain(oscillator_, forces(T_, oscillator_.ninputs), start(oscillator_.noscillators))
        stiffness_ = oscillator_.stiffness.tolist()

        def folded(z, y, A=stiffness_):
            terms = [a * a + s * (b * b) for a, b, s in zip(z, y, A, strict=True)]
            while len(terms) > 1:
                half = len(terms) // 2
                for i in range(half):
                    terms[i] += terms[len(terms) - half + i]
                terms = terms[: len(terms) - half]
            return terms[0]

        cases_out[key] = {
            "final": [v.hex() for v in (*z_[-1].tolist(), *y_[-1].tolist())],
            "energies": [folded(z_[k].tolist(), y_[k].tolist()).hex() for k in (0, 1, T_ // 2, T_)],
        }
    words_ = "python tests/scan/test_replay.py: its loop on Python floats, IEEE double"
    GOLDEN.write_text(json.dumps({"provenance": words_, "cases": cases_out}, indent=1) + "\n")
