"""Every system under every schedule against repeated `step`; what is refused; responses; published layers."""

from functools import partial
from typing import Any

import control
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.signal

from ssmctl.errors import InputError
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import Modal, StateSpace
from ssmctl.scan.responses import forced_response, impulse_response, step_response
from ssmctl.scan.schedule import Associative, Convolution, Lifted, Sequential
from ssmctl.scan.simulate import simulate

RNG = np.random.default_rng(3)
N, M, P = 3, 2, 2


def real(*shape):
    return RNG.normal(size=shape)


def both(*shape):
    return real(*shape) + 1j * real(*shape)


STATE = 0.4 * real(N, N)
POLES = 0.9 * np.exp(1j * real(N))
PART: dict[str, Any] = {"stiffness": real(N) ** 2, "damping": real(N) ** 2}
SYSTEMS = {
    "dense": StateSpace(STATE, real(N, M), real(P, N), real(P, M), dt=0.1),
    "complex": StateSpace(1j * STATE, both(N, M), both(P, N), both(P, M), dt=0.1),
    "modal": Modal(POLES, both(N, M), both(P, N), real(P, M), dt=True),
    "post": Modal.from_post_update(POLES, both(N, M), both(P, N), real(P, M), dt=1.0),
    "oscillator": Oscillator(**PART, dt=0.3, scheme="imex", B=real(N, M), C=real(P, N), D=real(P, M)),
    "biased": Oscillator(
        **PART, dt=0.4, B=real(N, M), C={"velocity": real(P, N), "position": real(P, N)}, bias=real(N)
    ),
    "linoss": Oscillator(
        **PART, dt=real(N) ** 2, scheme="tustin", B=both(N, M), C=both(P, N), bias=both(N), output="post"
    ),
}
SCHEDULES = [Sequential(), Associative(), Lifted(4), Convolution()]
systems = pytest.mark.parametrize("kind", SYSTEMS)


def signals(system, T):
    """An input and a first state, complex where the system's are."""
    complex_input = isinstance(system, StateSpace) and np.iscomplexobj(system.A)
    u = both(T, system.ninputs) if complex_input else real(T, system.ninputs)
    return u, both(system.nstates) if np.iscomplexobj(system.B) else real(system.nstates)


def stepped(system, u, x, dt=None):
    """The oracle: one `step` after the other; outputs, last state, states."""
    ys, xs = [], []
    for k, sample in enumerate(u):
        xs.append(x)
        x, y = system.step(x, sample) if dt is None else system.step(x, sample, dt=dt[k])
        ys.append(y)
    return ys, x, xs


def agree(got, wanted, rtol=1e-12):
    """Compare results entry by entry, relative to the size of each array."""
    for a, b in zip(got, wanted, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.shape == b.shape
        assert np.abs(a - b).max(initial=0) <= rtol * max(1, np.abs(b).max(initial=0))


@systems
def test_all_schedules_are_the_step(kind):
    system = SYSTEMS[kind]
    u, x = signals(system, 11)
    wanted = stepped(system, u, x)
    for schedule in SCHEDULES:
        if isinstance(schedule, Convolution):
            agree(simulate(system, u, x, schedule=schedule), wanted[:2])
        else:
            agree(simulate(system, u, x, schedule=schedule, return_states=True), wanted)
    if kind == "modal":
        agree(simulate(system, u), stepped(system, u, 0 * x)[:2])


def _transformed(kind, schedule):
    """Value, gradient, tangent and Hessian along directions of every leaf, input and state; two at a time."""
    system = jax.tree.map(jnp.asarray, SYSTEMS[kind])
    leaves, shape = jax.tree.flatten(system)
    u, x = signals(system, 5)
    ways = [
        jnp.asarray(both(*leaf.shape) if jnp.iscomplexobj(leaf) else real(*leaf.shape)) for leaf in leaves
    ]
    du, dx = signals(system, 5)

    def loss(run, theta):
        along = lambda z, way, t: z + jnp.asarray(way) * t.astype(z.dtype)
        moved = [along(leaf, way, theta[0]) for leaf, way in zip(leaves, ways, strict=True)]
        system = jax.tree.unflatten(shape, moved)
        y, x_last = run(system, along(jnp.asarray(u), du, theta[1]), along(jnp.asarray(x), dx, theta[2]))
        return sum(jnp.sum(jnp.sin(z.real) + jnp.imag(z) ** 2) for z in (y, x_last))

    def plain(system, u, x):
        ys, x, _ = stepped(system, u, x)
        return jnp.stack(ys), x

    def everything(run, theta):
        f = partial(loss, run)
        tangent = jax.jvp(f, (theta,), (jnp.array([1.0, -2.0, 0.5]),))[1]
        return f(theta), jax.grad(f)(theta), tangent, jax.hessian(f)(theta)

    thetas = jnp.asarray(1e-2 * real(2, 3))
    mine = jax.jit(jax.vmap(partial(everything, partial(simulate, schedule=schedule))))(thetas)
    theirs = jax.jit(jax.vmap(partial(everything, plain)))(thetas)
    agree(mine, theirs, rtol=1e-9)


QUICK = [("dense", Sequential()), ("modal", Lifted(2))]
REST = [
    (kind, s)
    for kind in SYSTEMS
    for s in (*SCHEDULES[:2], Lifted(2), Convolution())
    if (kind, s) not in QUICK
]


@pytest.mark.parametrize(("kind", "schedule"), QUICK)
def test_transformations(kind, schedule):
    _transformed(kind, schedule)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "schedule"), REST)
def test_all_transformations(kind, schedule):
    _transformed(kind, schedule)


@pytest.mark.parametrize("kind", ["dense", "modal", pytest.param("biased", marks=pytest.mark.slow)])
def test_a_run_goes_on_from_its_last_state(kind):
    system = SYSTEMS[kind]
    u, x = signals(system, 32)
    run = partial(simulate, system, schedule=Sequential(), return_states=True)
    y, last, states = run(u, x)
    for cut in (1, 17):
        y0, middle, _ = run(u[:cut], x)
        y1, end, rest = run(u[cut:], middle)
        assert np.array_equal(middle, states[cut])
        assert np.array_equal(rest, states[cut:])
        assert np.array_equal(end, last)
        agree([np.concatenate([y0, y1])], [y], rtol=1e-14)
    y0, middle = simulate(system, u[:19], x, schedule=Lifted(4))
    y1, end = simulate(system, u[19:], middle, schedule=Lifted(4))
    agree((np.concatenate([y0, y1]), end), (y, last), rtol=1e-13)


@pytest.mark.parametrize("kind", ["dense", "linoss"])
def test_short_runs(kind):
    system = SYSTEMS[kind]
    u, x = signals(system, 2)
    for T in (0, 1):
        for schedule in (Sequential(), Lifted(3), Convolution()):
            y, last = simulate(system, u[:T], x, schedule=schedule)
            ys, wanted, _ = stepped(system, u[:T], x)
            agree((y, last), (np.reshape(ys, (T, P)), wanted))


def test_gains_and_systems_without_states_inputs_or_outputs():
    gain = StateSpace([], [], [], [[1.0, 2.0]], dt=True)
    y, x_last, states = simulate(gain, [[1.0, 1.0], [0.0, 1.0]], return_states=True)
    assert (y.tolist(), x_last.shape, states.shape) == ([[3.0], [2.0]], (0,), (2, 0))
    free = StateSpace(0.5, np.zeros((1, 0)), 1.0, dt=True)
    assert simulate(free, np.zeros((3, 0)), [4.0])[0][:, 0].tolist() == [4.0, 2.0, 1.0]
    blind = StateSpace(0.5, 1.0, np.zeros((0, 1)), dt=True)
    assert simulate(blind, [[1.0]])[0].shape == (1, 0)


@pytest.mark.parametrize("shape", [pytest.param((7,), marks=pytest.mark.slow), (7, N)])
def test_irregular_steps(shape):
    system = SYSTEMS["biased"]
    u, x = signals(system, 7)
    dt = 0.1 + RNG.uniform(size=shape)
    wanted = stepped(system, u, x, dt)
    for schedule in (None, Sequential(), Associative()):
        agree(simulate(system, u, x, schedule=schedule, return_states=True, dt=dt), wanted)
    agree(simulate(system, u, x, dt=0.7, schedule=Lifted(3)), stepped(system, u, x, [0.7] * 7)[:2])
    slope = jax.jit(jax.grad(lambda h: simulate(system, u, x, dt=h)[0].sum()))(dt)
    some, eps = (3,) if len(shape) == 1 else (3, 1), 1e-6
    ends = [np.sum(stepped(system, u, x, dt + s * eps * (np.arange(dt.size).reshape(shape) == np.ravel_multi_index(some, shape)))[0]) for s in (1, -1)]  # fmt: skip  # noqa: E501
    assert np.isclose(slope[some], (ends[0] - ends[1]) / (2 * eps), rtol=1e-6)
    with pytest.raises(InputError, match="constant coefficients"):
        simulate(system, u, dt=dt, schedule=Lifted())


def test_one_compilation_and_batches():
    count = 0

    @jax.jit
    def run(system, u):
        nonlocal count
        count += 1
        return simulate(system, u, schedule=Sequential())[0]

    us = jnp.asarray(real(4, 9, M))
    outs = [
        run(jax.tree.map(lambda v, k=k: jnp.asarray(v * 0.9**k), SYSTEMS["modal"]), u)
        for k, u in enumerate(us)
    ]
    assert count == 1
    stack = jax.tree.map(lambda v: jnp.stack([jnp.asarray(v * 0.9**k) for k in range(4)]), SYSTEMS["modal"])
    batch = jax.vmap(lambda s, u: simulate(s, u)[0])(stack, us)
    agree(batch, outs)


# -------------------------------------------------------------------------------------------- what is refused


def test_refusals():
    system, modal = SYSTEMS["dense"], SYSTEMS["modal"]
    single, column = StateSpace(0.5, 1.0, 1.0, dt=1), np.ones((4, 1))
    u = np.ones((5, M))
    bad = u.copy()
    bad[3, 1] = np.nan
    varied = np.ones(5)
    osc = SYSTEMS["biased"]
    for run, words in [
        (lambda: simulate(system, u.T), "transposed"),
        (lambda: simulate(single, np.ones(4)), r"u\[:, None\]"),
        (lambda: simulate(system, np.ones(4)), "time first"),
        (lambda: simulate(system, u[None]), "vmap"),
        (lambda: simulate(system, bad), r"nan at index \(3, 1\)"),
        (lambda: simulate(system, jnp.asarray(bad)), r"nan at index \(3, 1\)"),
        (lambda: simulate(system, u, np.ones(2)), r"`x0` must be \(3,\)"),
        (lambda: simulate(system, u, [np.inf, 0, 0]), "`x0` must be finite"),
        (lambda: simulate(modal, u + 1j), "`u` must be real"),
        (lambda: simulate(system, [["a", "b"]]), "must be numbers"),
        (lambda: simulate(StateSpace(-1.0, 1, 1, dt=0), column), "discretize"),
        (lambda: simulate(system, u, dt=0.1), "`Oscillator` only"),
        (lambda: simulate(osc, u, dt=np.ones(4)), r"\(T,\) = \(5,\)"),
        (lambda: simulate(osc, u, dt=-varied), "> 0"),
        (lambda: simulate(system, u, schedule="fast"), "must be Sequential"),  # type: ignore[arg-type]
        (lambda: simulate(system, u, schedule=Convolution(), return_states=True), "outputs only"),
        (lambda: impulse_response(osc, 3), "constant force"),
        (lambda: step_response(single, 3.0), "number of samples"),
        (lambda: step_response(single, [0.0, 2.0]), "number of samples"),
        (lambda: step_response(single, -1), ">= 0"),
        (lambda: simulate(np.ones(3), u), "no linear system"),
    ]:
        with pytest.raises(InputError, match=words):
            run()


def test_precision_is_never_lost_silently():
    narrow = jax.tree.map(np.float32, StateSpace(0.5, 1.0, 1.0, dt=1))
    wide, u = StateSpace(0.5, 1.0, 1.0, dt=1), np.ones((3, 1))
    assert simulate(narrow, np.float32(u))[0].dtype == np.float32
    assert simulate(narrow, u)[0].dtype == simulate(wide, np.float32(u))[0].dtype == np.float64
    assert simulate(narrow, [[1], [0.5]])[0].dtype == np.float32
    brain = jax.tree.map(jnp.bfloat16, wide)
    assert simulate(brain, np.float32(u))[0].tolist() == [[0.0], [1.0], [1.5]]
    with jax.enable_x64(False):
        assert simulate(narrow, np.float32(u), [0.0])[0].tolist() == [[0.0], [1.0], [1.5]]
        for system, signal in ((wide, np.float32(u)), (narrow, u)):
            with pytest.raises(InputError, match="enable_x64"):
                simulate(system, signal)


# ------------------------------------------------------------------------------------- other libraries' words


def test_any_system():
    u, x = signals(SYSTEMS["dense"], 6)
    arrays = [np.asarray(v) for v in (STATE, *SYSTEMS["dense"]._arrays().values())][1:]
    wanted = simulate(SYSTEMS["dense"], u, x)
    theirs = control.ss(*arrays, 0.1)
    for system in ((*arrays, 0.1), theirs, scipy.signal.dlti(*arrays, dt=0.1), SYSTEMS["dense"].subject()):
        agree(simulate(system, u, x), wanted)
    agree(simulate(SYSTEMS["post"].subject(), u, x + 0j), simulate(SYSTEMS["post"], u, x + 0j))


def test_responses_are_those_of_python_control():
    arrays = list(SYSTEMS["dense"]._arrays().values())
    theirs, times = control.ss(*arrays, 0.1), 0.1 * np.arange(8)
    for mine, other in ((impulse_response, control.impulse_response), (step_response, control.step_response)):
        wanted = other(theirs, T=times)
        for T in (8, times):
            t, y = mine(theirs, T)
            np.testing.assert_allclose(t, wanted.time, atol=1e-15)
            np.testing.assert_allclose(y, np.moveaxis(wanted.outputs, -1, 0), rtol=1e-12, atol=1e-12)
    u, x = signals(SYSTEMS["dense"], 8)
    wanted = control.forced_response(theirs, U=u.T, X0=x)
    response = forced_response(theirs, U=u, X0=x)
    np.testing.assert_allclose(response.outputs, wanted.outputs.T, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(response.time, wanted.time, atol=1e-15)
    unspecified = control.ss(0.5, 1, 1, 0, True)
    assert impulse_response(unspecified, 3).outputs[:, 0, 0].tolist() == [0.0, 1.0, 0.5]
    assert impulse_response(unspecified, 3).time.tolist() == [0.0, 1.0, 2.0]


def layer(folder, name):
    return np.load(folder / "parity" / f"{name}.npz")


def paired(array):
    return array[..., 0] + 1j * array[..., 1]


def close(y, wanted):
    assert np.abs(np.asarray(y) - wanted).max() <= 1e-12 * np.abs(wanted).max()


def test_published_linoss(shared_data):
    data = layer(shared_data, "discretax_linoss_IMEX")
    steps = 1 / (1 + np.exp(-data["p_steps"]))
    stiffness = np.maximum(data["p_A_diag"], 0)
    forces = {"B": paired(data["p_B"]), "C": paired(data["p_C"]), "D": np.diag(data["p_D"])}
    system = Oscillator(stiffness, 0 * stiffness, steps, "imex", **forces, output="post")
    for schedule in (Sequential(), Lifted(16)):
        close(simulate(system, data["x"], schedule=schedule)[0], data["y"])


def test_published_s5_and_lru(shared_data):
    data = layer(shared_data, "s5_zoh_conj_uni_f64")
    parts = (data["Lambda_bar"], data["B_bar"], data["C_tilde"], np.diag(data["p_D"]))
    close(simulate(Modal.from_conjugate_pairs(*parts, dt=True, output="post"), data["u"])[0], data["y"])
    data = layer(shared_data, "lru_rmin0.0_rmax1.0_f64")
    poles = np.exp(-np.exp(data["p_nu_log"]) + 1j * np.exp(data["p_theta_log"]))
    B = (data["p_B_re"] + 1j * data["p_B_im"]) * np.exp(data["p_gamma_log"])[:, None]
    C = data["p_C_re"] + 1j * data["p_C_im"]
    close(
        simulate(Modal.from_post_update(poles, B, C, np.diag(data["p_D"]), dt=True), data["u"])[0], data["y"]
    )
