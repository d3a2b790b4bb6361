"""Systems: what they refuse, what they keep, how they behave under JAX's transformations."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from ssmctl.errors import InputError
from ssmctl.lti.system import Modal, StateSpace

RNG = np.random.default_rng(0)
A, B, C, D = (RNG.normal(size=s) for s in ((3, 3), (3, 2), (1, 3), (1, 2)))
LAM, BC, CC = (RNG.normal(size=s) + 1j * RNG.normal(size=s) for s in (3, (3, 2), (1, 3)))
SYSTEMS = {
    "real": lambda dt=0.1: StateSpace(A, B, C, D, dt=dt),
    "complex": lambda dt=0.1: StateSpace(A * 1j, B, C, D, dt=dt),
    "jax": lambda dt=0.1: StateSpace(*map(jnp.array, (A, B, C, D)), dt=dt),
    "modal": lambda dt=0.1: Modal(LAM, BC, CC, D, dt=dt),
    "jax-modal": lambda dt=0.1: Modal(*map(jnp.array, (LAM, BC, CC, D)), dt=dt),
    "post": lambda dt=0.1: Modal.from_post_update(LAM, BC, CC, D, dt=dt),
}
systems = pytest.mark.parametrize("make", SYSTEMS.values(), ids=SYSTEMS)


@systems
def test_vocabulary(make):
    system = make()
    assert (system.nstates, system.ninputs, system.noutputs, system.dt) == (3, 2, 1, 0.1)
    assert system.poles().shape == (3,)
    assert system.poles().dtype == np.complex128
    assert system.subject() == make().subject()


@systems
def test_step_agrees_with_the_real_form(make):
    system = make()
    x, u = RNG.normal(size=3) + 1j * RNG.normal(size=3), RNG.normal(size=2)
    x = (
        x.real
        if system.subject().__class__.__name__ == "StateSpaceSubject" and not system.subject().complex
        else x
    )
    nxt, y = system.step(x, u)
    F, G, H, J = system.subject().real_form()
    stack = lambda z, size: np.concatenate([np.real(z), np.imag(z)])[:size]
    split, inputs = stack(x, len(F)), stack(u + 0j, G.shape[1])
    np.testing.assert_allclose(F @ split + G @ inputs, stack(nxt, len(F)), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(H @ split + J @ inputs, stack(y, len(H)), rtol=1e-12, atol=1e-13)


@systems
def test_step_under_transformations(make):
    system = make()
    xs, us = jnp.array(RNG.normal(size=(4, 3))), jnp.array(RNG.normal(size=(4, 2)))
    one = [system.step(np.asarray(x), np.asarray(u)) for x, u in zip(xs, us, strict=True)]
    batch = jax.jit(jax.vmap(lambda s, x, u: s.step(x, u), in_axes=(None, 0, 0)))(system, xs, us)
    for k in range(2):
        np.testing.assert_allclose(batch[k], [pair[k] for pair in one], rtol=1e-12, atol=1e-13)


def test_gradients_pass_through_construction():
    def loss(A):
        system = StateSpace(A, jnp.array(B), jnp.array(C), jnp.array(D), dt=True)
        x, y = system.step(jnp.ones(3), jnp.ones(2))
        return jnp.sum(x**2) + jnp.sum(y**2)

    check_grads(loss, (jnp.array(A),), order=2, modes=["fwd", "rev"])

    def modal_loss(real, imag):
        system = Modal(jax.lax.complex(real, imag), jnp.array(BC), jnp.array(CC), dt=True, output="post")
        return jnp.sum(system.step(jnp.ones(3), jnp.ones(2))[1] ** 2)

    check_grads(modal_loss, (jnp.array(LAM.real), jnp.array(LAM.imag)), order=2, modes=["fwd", "rev"])


def test_one_compilation_and_batches():
    count = 0

    @jax.jit
    def run(system, x):
        nonlocal count
        count += 1
        return system.step(x, jnp.zeros(2))

    for scale in (1.0, 2.0):
        run(StateSpace(jnp.array(A * scale), jnp.array(B), jnp.array(C), dt=0.1), jnp.zeros(3))
    assert count == 1
    stack = jax.vmap(lambda a: StateSpace(a, jnp.array(B), jnp.array(C), dt=0.1))(
        jnp.stack([jnp.array(A)] * 5)
    )
    assert stack.A.shape == (5, 3, 3)
    assert (stack.nstates, stack.ninputs, stack.noutputs) == (3, 2, 1)
    with pytest.raises(InputError, match="`A` must be"):
        stack.subject()


def test_time_base_survives_jit():
    for dt in (True, 1.0, 0.0):  # True == 1.0, so a cache keyed on dt itself would mix them up
        assert (
            jax.jit(lambda s: s)(StateSpace(0.5, 1, 1, dt=dt)).dt is (True if dt is True else dt)
            or dt is not True
        )
    unit, unspecified = (jax.jit(IDENTITY)(StateSpace(0.5, 1, 1, dt=dt)).dt for dt in (1.0, True))
    assert unit is not True
    assert unspecified is True


def IDENTITY(system):
    return system


def test_values_inside_jit_are_not_looked_at():
    make = lambda a: StateSpace(a, jnp.ones((1, 1)), jnp.ones((1, 1)), dt=True)
    with pytest.raises(InputError, match="finite"):
        make(jnp.array([[jnp.nan]]))
    assert jnp.isnan(jax.jit(make)(jnp.array([[jnp.nan]])).A).all()
    with pytest.raises(InputError, match="`A` must be"):
        jax.jit(make)(jnp.ones((1, 2)))
    with pytest.raises(InputError, match="floating point inside"):
        jax.jit(make)(jnp.ones((1, 1), int))
    with pytest.raises(InputError, match="outside `jit`"):
        jax.jit(lambda a: make(a).subject().A)(jnp.ones((1, 1)))
    with pytest.raises(InputError, match="`dt`"):
        jax.jit(lambda dt: StateSpace(1, 1, 1, dt=dt))(0.1)


def test_arrays_stay_what_they_are():
    single = StateSpace(np.float32(A), np.float32(B), np.float32(C), dt=0)
    assert {M.dtype for M in (single.A, single.B, single.C, single.D)} == {np.dtype(np.float32)}
    assert isinstance(single.A, np.ndarray)
    traced = StateSpace(jnp.float32(A), jnp.float32(B), jnp.float32(C), dt=0)
    assert all(isinstance(M, jax.Array) and M.dtype == jnp.float32 for M in jax.tree.leaves(traced))
    assert traced.subject() == single.subject()
    mixed = StateSpace([[1, 2], [3, 4]], [[1], [2j]], [[1, 0]], dt=0)
    assert {M.dtype for M in jax.tree.leaves(mixed)} == {np.dtype(np.complex128)}
    brain = StateSpace(*(jnp.bfloat16(M) for M in (A, B, C)), dt=0)
    assert brain.A.dtype == jnp.bfloat16
    np.testing.assert_array_equal(brain.subject().A, np.asarray(brain.A, np.float64))
    modal = Modal(jnp.float32(LAM.real), jnp.complex64(BC), jnp.float32(C), dt=0)
    assert (modal.lam.dtype, modal.D.dtype) == (jnp.complex64, jnp.float32)


def test_the_system_does_not_follow_its_input():
    a = np.array(A)
    system = StateSpace(a, B, C, dt=0)
    a[0, 0] = 99
    assert system.A[0, 0] == A[0, 0]


def test_real_form_is_exact():
    modal = Modal(LAM, BC, CC, D, dt=0.1, name="m", input_names=["a", "b"])
    real = modal.to_statespace()
    for mine, theirs in zip((real.A, real.B, real.C, real.D), modal.subject().real_form(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert (real.name, real.input_names, real.dt) == ("m", ("a", "b"), 0.1)
    assert isinstance(jax.jit(lambda s: s.to_statespace())(SYSTEMS["jax-modal"]()).A, jax.Array)
    post = Modal(jnp.array(LAM), BC, CC, D, dt=0.1, output="post")
    with pytest.raises(InputError, match="rounded=True"):
        post.to_statespace()
    for mine, theirs in zip(
        post.to_statespace(rounded=True)._arrays().values(), post.subject().real_form(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-14)


def test_conjugate_pairs():
    pairs = Modal.from_conjugate_pairs(LAM, BC, CC, D, dt=True)
    both = StateSpace(
        np.diag(np.concatenate([LAM, LAM.conj()])),
        np.vstack([BC, BC.conj()]),
        np.hstack([CC, CC.conj()]),
        D,
        dt=True,
    )
    u = np.ones(2)
    x, _ = pairs.step(np.zeros(3), u)
    z, _ = both.step(np.zeros(6), u)
    np.testing.assert_allclose(pairs.step(x, u)[1], both.step(z, u)[1], rtol=1e-13)
    assert Modal.from_conjugate_pairs(LAM, BC, CC, dt=True, output="post").output == "post"


def test_real_embedding():
    system = SYSTEMS["complex"]()
    embedded = system.real_embedding()
    assert (embedded.nstates, embedded.ninputs, embedded.noutputs) == (6, 4, 2)
    for mine, theirs in zip(embedded._arrays().values(), system.subject().real_form(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    real = SYSTEMS["real"]()
    assert real.real_embedding() is real


def test_messages(plain):
    one = np.eye(1)
    for make, words in [
        (lambda: StateSpace(A, B, C, dt=None), "time base that was left open"),
        (lambda: StateSpace(A, B[:, 0], C, dt=0), "reshape"),
        (lambda: StateSpace(np.longdouble(A), B, C, dt=0), "float64 cannot hold"),
        (lambda: StateSpace(A * np.inf, B, C, dt=0), "finite"),
        (lambda: StateSpace(A, B, C, dt=0, input_names=["a"]), "`input_names` must be 2 strings"),
        (lambda: StateSpace(A, B, C, dt=0, input_names="ab"), "`input_names` must be 2 strings"),
        (lambda: Modal(np.diag(LAM), BC, CC, dt=0), r"`poles` must be \(n,\)"),
        (lambda: Modal(LAM, BC, CC, 1j * D, dt=0), "`D` must be real"),
        (lambda: Modal(LAM, BC, CC, dt=0, output="post"), "continuous time"),
        (lambda: Modal(LAM, BC, CC, dt=1, output="new"), '"pre" or "post"'),  # type: ignore[arg-type]
        (
            lambda: StateSpace(one, one, one, dt=0).step(np.ones((5, 1)), np.ones(1)),
            r"`x` must be \(1,\), got \(5, 1\)",
        ),
        (lambda: StateSpace(one, one, one, dt=0).step(np.ones(1), np.ones(2)), r"`u` must be \(1,\)"),
    ]:
        with pytest.raises(InputError, match=words):
            make()
    with pytest.raises(TypeError, match="dt"):
        StateSpace(A, B, C)  # type: ignore[call-arg]


def test_representations():
    system = StateSpace(jnp.float32(A), jnp.float32(B), jnp.float32(C), dt=True, name="<G>")
    assert repr(system) == "StateSpace(A=f32[3,3], B=f32[3,2], C=f32[1,3], D=f32[1,2], dt=True, name='<G>')"
    assert repr(SYSTEMS["post"]()).endswith("D=f64[1,2], dt=0.1, output='post')")
    assert repr(eqx.tree_at(lambda s: s.A, system, None)).startswith("StateSpace(A=None, B=f32[3,2]")
    page = StateSpace([[0.5, 1e-7], [0, -2]], [[1], [1 + 2j]], [[1j, -1j]], dt=0.1)._repr_html_()
    assert r"\begin{array}{cc|c}" in page
    assert r"1 \cdot 10^{-7}" in page
    assert r"1+2i \\ \hline 1i &amp; -1i &amp; 0" in page
    assert "discrete time, dt = 0.1 s" in page
    assert "&lt;G&gt;" in system._repr_html_()
    assert "without a period" in system._repr_html_()
    big = StateSpace(np.eye(11), np.ones((11, 1)), np.ones((1, 11)), dt=0)._repr_html_()
    assert "continuous time" in big
    assert "$$" not in big
    assert "f64[11,11]" in big
    assert r"\mathrm{diag}\,\Lambda" in SYSTEMS["modal"]()._repr_html_()
    assert "$$" in StateSpace([], [], [], [[1, 2]], dt=0)._repr_html_()
    assert "<code>" in jax.eval_shape(lambda s: s, system)._repr_html_()
    pages = []
    jax.jit(lambda s: pages.append(s._repr_html_()))(system)
    assert "<code>" in pages[0]
