"""Oscillators: what they keep, refuse and show; steps against dense systems; frequency and damping."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from jax.test_util import check_grads

import ssmctl
from ssmctl.certificates.schemes import NAMES
from ssmctl.errors import InputError
from ssmctl.lti.conversions import frequency_and_damping, harmonic_stack, rotation_block
from ssmctl.lti.discretize import oscillator_matrices
from ssmctl.lti.oscillator import Oscillator

RNG = np.random.default_rng(0)
A, G = np.array([0.5, 4.0, 9.0]), np.array([0.1, 5.0, 0.3])
B, CV, CP, D, BIAS = (RNG.normal(size=shape) for shape in ((3, 2), (2, 3), (2, 3), (2, 2), (3,)))
STEPS = np.array([0.1, 0.2, 0.05])
BOTH = {"velocity": CV, "position": CP}
SYSTEMS = {
    "im": Oscillator(A, G, 0.1, B=B, C=CP, D=D),
    "velocity": Oscillator(A, G, 0.1, "imex", B=B, C=CV, readout="velocity"),
    "zoh": Oscillator(A, G, 0.1, "zoh", B=B, C=BOTH, D=D, output="post"),
    "steps": Oscillator(A, G, STEPS, "tustin", B=B, C=BOTH),
    "complex": Oscillator(
        A, G, 0.1, "imex3", B=B + 1j * np.roll(B, 1, 0), C=CP - 1j * CV, D=D, output="post"
    ),
    "biased": Oscillator(A, G, 0.1, "imex2", B=B, C=CP, bias=BIAS),
    "verlet": Oscillator(A, 0 * G, 0.1, "verlet", B=B, C=BOTH, bias=0 * BIAS),
    "jax": Oscillator(jnp.asarray(A), jnp.asarray(G), 0.1, B=jnp.asarray(B), C=jnp.asarray(CP)),
    "jax steps": Oscillator(
        jnp.asarray(A), jnp.asarray(G), jnp.asarray(STEPS), "zoh", B=jnp.asarray(B), C=jnp.asarray(CP * 1j)
    ),
}
systems = pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
schemes = pytest.mark.parametrize("scheme", NAMES)
linear = pytest.mark.parametrize(
    "system", [s for k, s in SYSTEMS.items() if k != "biased"], ids=lambda s: s.scheme
)


def draw_state(system):
    x = RNG.normal(size=system.nstates)
    return x + 1j * RNG.normal(size=system.nstates) if np.iscomplexobj(system.B) else x


@systems
def test_vocabulary(system):
    assert (system.noscillators, system.nstates, system.ninputs, system.noutputs) == (3, 6, 2, 2)
    assert system.dt is True if system.steps is not None else system.dt == 0.1
    assert system.C.shape == (2, 6)
    assert system.poles().shape == (6,)
    assert system.poles().dtype == np.complex128
    np.testing.assert_allclose(system.natural_frequency**2, A, rtol=1e-15)
    np.testing.assert_allclose(
        2 * system.damping_ratio * system.natural_frequency, system.damping, rtol=1e-15
    )
    M, F = system.matrices()
    assert (M.shape, F.shape) == ((2, 2, 3), (2, 3))
    assert isinstance(M, type(system.stiffness))


@systems
def test_a_step_is_the_matrices_and_the_readout(system):
    """Written out one oscillator at a time."""
    x, u = draw_state(system), RNG.normal(size=2)
    x_next, y = system.step(x, u)
    z, q = x.reshape(2, 3)
    new = np.zeros((2, 3), x.dtype)
    for i in range(3):
        dt = system.dt if system.steps is None else float(system.steps[i])
        M, F = oscillator_matrices(float(system.stiffness[i]), float(system.damping[i]), dt, system.scheme)
        force = np.asarray(system.B)[i] @ u + (0 if system.bias is None else system.bias[i])
        new[:, i] = M @ [z[i], q[i]] + F * force
    np.testing.assert_allclose(x_next, new.ravel(), rtol=1e-14, atol=1e-15)
    read = new if system.output == "post" else np.stack([z, q])
    want = np.asarray(system.D) @ u
    for k, name in enumerate(("velocity", "position")):
        if getattr(system, name) is not None:
            want = want + (np.asarray(getattr(system, name)) @ read[k]).real
    np.testing.assert_allclose(y, want, rtol=1e-13, atol=1e-14)
    assert not np.iscomplexobj(y)


@linear
def test_the_dense_system_steps_alike(system):
    dense, x, u = system.to_statespace(), draw_state(system), RNG.normal(size=2)
    split = lambda v: (
        np.concatenate([v[:3].real, v[:3].imag, v[3:].real, v[3:].imag]) if np.iscomplexobj(v) else v
    )
    mine, theirs = system.step(x, u), dense.step(split(x), u)
    np.testing.assert_allclose(split(np.asarray(mine[0])), theirs[0], rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(mine[1], theirs[1], rtol=1e-13, atol=1e-14)
    assert dense.dt is True if system.dt is True else dense.dt == system.dt
    assert isinstance(dense.A, type(system.stiffness))
    copies = np.tile(system.poles(), 1 + np.iscomplexobj(system.B))
    mine, theirs = [
        np.sort_complex(np.round(v + 0j, 9)) for v in (np.linalg.eigvals(np.asarray(dense.A)), copies)
    ]
    np.testing.assert_allclose(mine, theirs, atol=1e-8)


def test_complex_forces_need_four_real_states():
    """m oscillators with complex B and C are 2m real ones, 4m states, not 2m."""
    system = SYSTEMS["complex"]
    real = system.to_real()
    assert (real.noscillators, real.nstates) == (6, 12)
    assert not np.iscomplexobj(real.B)
    assert system.to_statespace().nstates == 12
    x, w = np.zeros(6, complex), np.zeros(12)
    columns = []
    for u in RNG.normal(size=(30, 2)):
        x, y = system.step(x, u)
        w, v = real.step(w, u)
        np.testing.assert_allclose(v, y, rtol=1e-12, atol=1e-14)
        columns.append(w)
    assert np.linalg.matrix_rank(np.array(columns)) == 12  # all of them move
    assert SYSTEMS["im"].to_real() is SYSTEMS["im"]


@linear
def test_the_finders_see_the_same_system(system):
    """The real form of the subject is built by the trusted base, from the same stored numbers."""
    dense = system.to_statespace()
    for mine, theirs in zip((dense.A, dense.B, dense.C, dense.D), system.subject().real_form(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-14)
    assert system.subject() == system.replace(name="other").subject()
    with pytest.raises(InputError, match="is not exact in floats"):
        ssmctl.to_control(system)
    assert ssmctl.to_control(system.to_continuous()).nstates == dense.nstates


@linear
def test_the_equation(system):
    continuous = system.to_continuous()
    real = system.to_real()
    r = real.noscillators
    np.testing.assert_array_equal(continuous.A[:r, :r], -np.diag(np.asarray(real.damping)))
    np.testing.assert_array_equal(continuous.A[:r, r:], -np.diag(np.asarray(real.stiffness)))
    np.testing.assert_array_equal(continuous.A[r:], np.eye(r, 2 * r))
    np.testing.assert_array_equal(continuous.B, np.vstack([real.B, 0 * real.B]))
    np.testing.assert_array_equal(continuous.C, real.C)
    assert continuous.dt == 0


@schemes
def test_poles_are_eigenvalues(scheme):
    """Critical, over- and underdamped, unstable; the defective ones to the root of the precision."""
    damping = np.zeros(6) if scheme == "verlet" else np.array([0.0, 0.1, 4.0, 9.0, -0.3, 1.0])
    stiffness = np.array([4.0, 4.0, 4.0, 4.0, 4.0, -2.0])
    system = Oscillator(stiffness, damping, 0.25, scheme, B=np.ones((6, 1)), C=np.ones((1, 6)))
    M, _ = oscillator_matrices(stiffness, damping, 0.25, scheme)
    for i, pair in enumerate(system.poles().reshape(2, 6).T):
        want = np.linalg.eigvals(M[i])
        np.testing.assert_allclose(
            np.sort_complex(pair), np.sort_complex(want), atol=1e-14 if i != 2 else 1e-7
        )
        np.testing.assert_allclose(pair.sum(), np.trace(M[i]), rtol=1e-14)
        np.testing.assert_allclose(pair.prod(), np.linalg.det(M[i]), rtol=1e-12)


def test_steps_of_other_lengths():
    system, x, u = SYSTEMS["zoh"], draw_state(SYSTEMS["zoh"]), RNG.normal(size=2)
    twice = Oscillator(A, G, 0.2, "zoh", B=B, C=BOTH, D=D, output="post")
    for dt in (0.2, np.full(3, 0.2)):
        for got, want in zip(system.step(x, u, dt=dt), twice.step(x, u), strict=True):
            np.testing.assert_array_equal(got, want)
    many, F = system.matrices(np.array([[0.1], [0.2]]))
    assert (many.shape, F.shape) == ((2, 2, 2, 3), (2, 2, 3))
    np.testing.assert_array_equal(many[1], twice.matrices()[0])
    half = system.matrices(np.full(3, 0.05))[0]
    squared = np.einsum("ijr,jkr->ikr", half, half)
    np.testing.assert_allclose(squared, system.matrices()[0], rtol=1e-13, atol=1e-15)  # zoh: a flow
    with pytest.raises(InputError, match="in one step"):
        system.step(x, u, dt=np.full((4, 3), 0.1))


def test_from_frequency():
    omega, zeta = np.array([2.0, 5.0]), np.array([0.25, 1.0])
    system = Oscillator.from_frequency(omega, zeta, 0.1, "zoh", B=np.ones((2, 1)), C=np.ones((1, 2)))
    np.testing.assert_allclose(system.natural_frequency, omega, rtol=1e-15)
    np.testing.assert_allclose(system.damping_ratio, zeta, rtol=1e-15)
    modes = frequency_and_damping(system.poles(), 0.1)
    np.testing.assert_allclose(modes.natural_frequency[:2], omega, rtol=1e-12)
    np.testing.assert_allclose(modes.damping_ratio[:2], zeta, rtol=1e-12)


def test_energy():
    system = Oscillator(A, 0 * G, 0.1, "tustin", B=B, C=CP)
    x = draw_state(SYSTEMS["complex"])
    assert system.energy(x) == pytest.approx(
        sum(abs(x[i]) ** 2 + A[i] * abs(x[3 + i]) ** 2 for i in range(3))
    )
    batch = RNG.normal(size=(4, 5, 6))
    np.testing.assert_allclose(system.energy(batch)[2, 3], system.energy(batch[2, 3]), rtol=1e-15)
    x = RNG.normal(size=6)
    assert system.energy(system.step(x, np.zeros(2))[0]) == pytest.approx(
        system.energy(x), rel=1e-14
    )  # conserved
    with pytest.raises(InputError, match=r"must be \(..., 6\)"):
        system.energy(np.zeros(5))


@systems
def test_step_under_transformations(system):
    xs, us = np.stack([draw_state(system) for _ in range(3)]), RNG.normal(size=(3, 2))
    run = eqx.filter_jit(lambda s, x, u: jax.vmap(s.step)(x, u))
    got = run(system, jnp.asarray(xs), jnp.asarray(us))
    for k in range(2):
        want = [system.step(x, u)[k] for x, u in zip(xs, us, strict=True)]
        np.testing.assert_allclose(got[k], want, rtol=1e-13, atol=1e-14)


def test_everything_trains():
    """Gradients with respect to all leaves, the step among them, through construction."""
    shapes = (A, G, STEPS, B, CV, CP, D, BIAS)

    def loss(stiffness, damping, steps, B, velocity, position, D, bias):
        C = {"velocity": velocity, "position": position}
        system = Oscillator(stiffness, damping, steps, "zoh", B=B, C=C, D=D, bias=bias)
        x, y = system.step(jnp.ones(6), jnp.ones(2))
        return jnp.sum(x**2) + jnp.sum(y**2)

    check_grads(jax.jit(loss), tuple(map(jnp.asarray, shapes)), order=1, modes=["rev"], rtol=1e-6)
    shared = jax.grad(
        lambda dt: Oscillator(jnp.asarray(A), jnp.asarray(G), dt, B=B, C=CP).matrices()[0].sum()
    )(0.1)
    apart = jax.grad(
        lambda dt: Oscillator(jnp.asarray(A), jnp.asarray(G), dt, B=B, C=CP).matrices()[0].sum()
    )(jnp.full(3, 0.1))
    np.testing.assert_allclose(shared, apart.sum(), rtol=1e-13)


def test_one_compilation_and_surgery():
    count = 0

    @jax.jit
    def run(system, x):
        nonlocal count
        count += 1
        return system.step(x, jnp.zeros(2))[0]

    for scale in (1.0, 2.0):
        system = Oscillator(jnp.asarray(A * scale), jnp.asarray(G), 0.1, B=jnp.asarray(B), C=jnp.asarray(CP))
        run(system, jnp.zeros(6))
    assert count == 1
    stiffer = eqx.tree_at(lambda s: s.stiffness, system, jnp.asarray(A) * 3)
    np.testing.assert_allclose(stiffer.natural_frequency, np.sqrt(3 * A), rtol=1e-15)
    assert system.replace(scheme="zoh", dt=0.2).scheme == "zoh"
    stack = jax.vmap(lambda a: Oscillator(a, jnp.asarray(G), 0.1, B=jnp.asarray(B), C=jnp.asarray(CP)))(
        jnp.ones((5, 3))
    )
    assert stack.stiffness.shape == (5, 3)
    assert (stack.nstates, stack.ninputs, stack.noutputs) == (6, 2, 2)


def test_precision_and_library_are_kept():
    single = [np.asarray(M, np.float32) for M in (A, G, B, CP)]
    for library in (np, jnp):
        a, g, b, c = map(library.asarray, single)
        for scheme in ("im", "zoh"):
            system = Oscillator(a, g, 0.1, scheme, B=b, C=c)
            x, y = system.step(library.zeros(6, np.float32), library.ones(2, np.float32))
            assert {system.D.dtype, x.dtype, y.dtype} == {np.dtype(np.float32)}
            assert type(x) is type(a)
        turned = Oscillator(a, g, 0.1, B=library.asarray(1j * single[2]), C=c)
        x, y = turned.step(library.zeros(6, np.complex64), library.ones(2, np.float32))
        assert (x.dtype, y.dtype) == (np.complex64, np.float32)
    assert Oscillator([4], [0], 1, B=[[1]], C=[[1]]).stiffness.dtype == np.float64


def test_shows_itself():
    assert repr(SYSTEMS["im"]) == (
        "Oscillator(stiffness=f64[3], damping=f64[3], B=f64[3,2], position=f64[2,3], D=f64[2,2], "
        "dt=0.1, scheme='im')"
    )
    assert "dt=f64[3]" in repr(SYSTEMS["steps"])
    assert "output='post'" in repr(SYSTEMS["zoh"])
    small = Oscillator(
        [4.0], [1.0], 0.5, B=[[1]], C={"velocity": [[2]], "position": [[3]]}, name="a<b", bias=[7.0]
    )
    page = small._repr_html_()
    for text in (
        r"\ddot y + G \dot y + A y = B u + b",
        "a&lt;b",
        "dt = 0.5 s",
        "2 states, 1 input",
        r"C_{\dot y}",
    ):
        assert text in page
    assert "a step of its own for each oscillator" in SYSTEMS["steps"]._repr_html_()
    assert (
        "$$"
        not in SYSTEMS["im"]
        .replace(stiffness=np.ones(9), damping=np.ones(9), B=np.ones((9, 1)), C=np.ones((1, 9)), D=None)
        ._repr_html_()
    )
    jax.jit(lambda s: s._repr_html_() and s)(SYSTEMS["jax"])


ONE: dict[str, Any] = {"B": [[1.0]], "C": [[1.0]]}
BAD = {
    "dt zero": (lambda: Oscillator(1.0, 0.0, 0.0, **ONE), "period > 0"),
    "dt negative": (lambda: Oscillator(1.0, 0.0, -0.1, **ONE), "not negative"),
    "dt nan": (lambda: Oscillator(1.0, 0.0, np.nan, **ONE), "`dt` must be finite"),
    "dt true": (lambda: Oscillator(1.0, 0.0, True, **ONE), "period > 0"),
    "dt none": (lambda: Oscillator(1.0, 0.0, None, **ONE), "left open"),
    "steps": (lambda: Oscillator(A, G, [0.1, 0.2], B=B, C=CP), r"`dt` must be \(r,\) = \(3,\)"),
    "steps zero": (lambda: Oscillator(A, G, [0.1, 0.2, 0.0], B=B, C=CP), "`dt` must be positive"),
    "scheme": (lambda: Oscillator(1.0, 0.0, 0.1, "leapfrog", **ONE), "one of im, imex, imex2"),
    "stiffness": (lambda: Oscillator([[1.0]], [0.0], 0.1, **ONE), r"`stiffness` must be \(r,\)"),
    "complex stiffness": (lambda: Oscillator([1j], [0.0], 0.1, **ONE), "`stiffness` must be real"),
    "damping": (lambda: Oscillator([1.0], [0.0, 1.0], 0.1, **ONE), r"`damping` must be \(r,\) = \(1,\)"),
    "nan": (lambda: Oscillator([np.nan], [0.0], 0.1, **ONE), "`stiffness` must be finite"),
    "B": (lambda: Oscillator(A, G, 0.1, B=B.T, C=CP), r"`B` must be \(3, \?\), got \(2, 3\); one input is"),
    "flat B": (lambda: Oscillator(A, G, 0.1, B=[1, 2, 3], C=CP), "B.reshape"),
    "C": (lambda: Oscillator(A, G, 0.1, B=B, C=CP.T), r"`C of the position` must be \(\?, 3\)"),
    "two C": (lambda: Oscillator(A, G, 0.1, B=B, C={"velocity": CV, "position": CP[:1]}), "the same outputs"),
    "readout": (lambda: Oscillator(A, G, 0.1, B=B, C=CP, readout="speed"), "`readout` must be"),  # pyright: ignore
    "no readout": (lambda: Oscillator(A, G, 0.1, B=B, C={}), "`readout` must be .* nothing"),
    "D": (lambda: Oscillator(A, G, 0.1, B=B, C=CP, D=np.ones((1, 2))), r"`D` must be \(2, 2\)"),
    "complex D": (lambda: Oscillator(1.0, 0.0, 0.1, **ONE, D=[[1j]]), "`D` must be real"),
    "bias": (lambda: Oscillator(A, G, 0.1, B=B, C=CP, bias=[1.0]), r"`bias` must be \(r,\) = \(3,\)"),
    "output": (lambda: Oscillator(1.0, 0.0, 0.1, **ONE, output="new"), "`output` must be"),  # pyright: ignore
    "divisor": (lambda: Oscillator(-5.0, 4.0, 1.0, **ONE), "divisor of `im` is 0"),
    "verlet": (lambda: Oscillator(1.0, 0.1, 0.1, "verlet", **ONE), "`verlet` has no damping"),
    "names": (
        lambda: Oscillator(1.0, 0.0, 0.1, **ONE, input_names=["a", "b"]),
        "`input_names` must be 1 strings",
    ),
    "x": (lambda: SYSTEMS["im"].step(np.zeros(3), np.zeros(2)), r"`x` must be \(6,\)"),
    "u": (lambda: SYSTEMS["im"].step(np.zeros(6), np.zeros(3)), r"`u` must be \(2,\)"),
    "affine": (lambda: SYSTEMS["biased"].to_statespace(), "feed the bias as an input"),
    "affine equation": (lambda: SYSTEMS["biased"].to_continuous(), "feed the bias as an input"),
}


@pytest.mark.parametrize(("make", "words"), BAD.values(), ids=BAD)
def test_what_is_refused(plain, make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_static_numbers():
    """One number stands for one oscillator, one input, one output; D=0 for zeros."""
    system = Oscillator(4, 1, 0.5, B=1, C=2, D=3)
    assert (system.B.shape, system.D.tolist()) == ((1, 1), [[3.0]])
    assert Oscillator(A, G, 0.1, B=B, C=CP, D=0).D.shape == (2, 2)
    assert Oscillator([], [], 0.1, B=np.zeros((0, 1)), C=np.zeros((1, 0))).nstates == 0


# ------------------------------------------------------------------------------------------- conversions


def test_frequency_is_the_modulus():
    """The natural frequency is |s|, not Im s; the damping of the equation is -2 Re s, not Re s."""
    s = np.array([-1.5 + np.sqrt(4 - 2.25) * 1j])
    modes = frequency_and_damping(np.exp(s * 0.1), 0.1)
    np.testing.assert_allclose(modes.natural_frequency, 2.0, rtol=1e-13)
    np.testing.assert_allclose(modes.damped_frequency, np.imag(s), rtol=1e-13)
    np.testing.assert_allclose(modes.decay_rate, 1.5, rtol=1e-13)
    np.testing.assert_allclose(modes.damping_ratio, 0.75, rtol=1e-13)
    np.testing.assert_allclose(np.polynomial.polynomial.polyfromroots([*s, *s.conj()]), [4, 3, 1], rtol=1e-13)
    for got, want in zip(frequency_and_damping(s, 0), modes, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12)


def test_frequencies_fold():
    dt, fast = 0.1, 50.0  # above pi/dt = 31.4
    modes = frequency_and_damping(np.exp(1j * fast * dt), dt)
    assert float(modes.damped_frequency) == pytest.approx(2 * np.pi / dt - fast)
    im = Oscillator.from_frequency([5.0], [0.0], dt, B=[[1]], C=[[1]])  # a scheme shifts what is seen
    seen = frequency_and_damping(im.poles(), dt)
    assert seen.damped_frequency[0] < 5.0
    assert seen.decay_rate[0] > 0.5


def test_frequency_and_damping_at_the_edges():
    modes = frequency_and_damping([0, 1, -1, 2], 1.0)
    np.testing.assert_array_equal(modes.decay_rate, [np.inf, 0, 0, -np.log(2)])
    np.testing.assert_array_equal(modes.damped_frequency, [0, 0, np.pi, 0])
    np.testing.assert_array_equal(modes.damping_ratio, [1, np.nan, 0, -1])
    for poles, dt, words in [
        ([1], True, "give 1.0"),
        ([np.nan], 1.0, "must be finite"),
        ([1], -1, "not negative"),
    ]:
        with pytest.raises(InputError, match=words):
            frequency_and_damping(poles, dt)


def test_harmonic_stack():
    stack = harmonic_stack(2.0, 4, 0.1, 0.1, D=[[0.5]])
    np.testing.assert_allclose(stack.natural_frequency, [2, 4, 6, 8], rtol=1e-15)  # none of them is 0
    np.testing.assert_allclose(stack.damping_ratio, 0.1, rtol=1e-15)
    assert (stack.ninputs, stack.noutputs, stack.scheme) == (1, 1, "zoh")
    traced = jax.jit(lambda w: harmonic_stack(w, 3, 0.1, 0.1))(jnp.asarray(2.0))
    np.testing.assert_allclose(traced.stiffness, [4, 16, 36], rtol=1e-15)
    for arguments, words in [
        ((2.0, 16, 0.1, 0.1), "seen folded"),
        ((0.0, 1, 0.1, 0.1), "between 0 and"),
        ((2.0, 0, 0.1, 0.1), "positive integer"),
        (([2.0, 3.0], 2, 0.1, 0.1), "one number"),
    ]:
        with pytest.raises(InputError, match=words):
            harmonic_stack(*arguments)


def test_rotation_block():
    w, s, dt = 2.0, 1.5, 0.3
    M = rotation_block(w, s, dt)
    np.testing.assert_allclose(M, scipy.linalg.expm(dt * np.array([[-s, -w], [w, -s]])), rtol=1e-14)
    system = Oscillator(w * w + s * s, 2 * s, dt, "zoh", B=[[1]], C=[[1]])
    np.testing.assert_allclose(
        np.sort_complex(system.poles()), np.sort_complex(np.linalg.eigvals(M)), rtol=1e-13
    )
    assert np.linalg.norm(M, 2) < 1 < np.linalg.norm(system.matrices()[0][..., 0], 2)
    many = jax.jit(rotation_block)(jnp.ones((3, 1)), jnp.zeros(2), 0.1)
    assert many.shape == (3, 2, 2, 2)
    with pytest.raises(InputError, match="`dt` must be positive"):
        rotation_block(w, s, -1.0)


def test_exponential_of_an_exponential_is_one():
    """exp(-exp(mu)) < 1 holds for real numbers; in float32 it is 1 at mu = -20, on the circle."""
    assert np.exp(-np.exp(np.float32(-20))) == np.float32(1)
    assert jnp.exp(-jnp.exp(jnp.float32(-20))) == jnp.float32(1)
    assert -np.expm1(-np.exp(np.float32(-20))) > 0  # 1 - r itself is fine
