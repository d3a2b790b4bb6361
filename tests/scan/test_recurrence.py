"""The linear recurrence: against a NumPy loop, and its derivatives against those of a plain `lax.scan`."""

import itertools
import re
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from ssmctl.errors import InputError
from ssmctl.scan import primitive
from ssmctl.scan.monoid import STRUCTURES, combine
from ssmctl.scan.recurrence import linear_recurrence
from ssmctl.scan.schedule import Associative, Convolution, Lifted, Sequential, Sharded
from tests.scan.systems import KINDS, draw, loop

MESH = jax.sharding.Mesh(np.array(jax.devices()[:1]), ("time",))
SCHEDULES = {"sequential": Sequential(), "associative": Associative(), "lifted": Lifted(3)}
kinds = pytest.mark.parametrize("kind", KINDS)
schedules = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
varying = pytest.mark.parametrize("varying", [False, True], ids=["constant", "varying"])
reverse = pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])


def plain(a, b, x0, structure: Any, reverse=False):
    """Give the recurrence as one would write it by hand, for JAX to differentiate as it likes."""
    dots = {"diagonal": "i,i->i", "block": "ijk,ki->ji", "dense": "ij,j->i"}[structure]
    moving = a.ndim > {"diagonal": 1, "block": 3, "dense": 2}[structure]
    step = lambda z, ab: (jnp.einsum(dots, ab[0] if moving else a, z) + ab[1],) * 2
    return lax.scan(step, x0, (a if moving else None, b), reverse=reverse)[1]


def close(got, want, rtol=1e-10):
    for x, y in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol * (1 + np.max(np.abs(y), initial=0)))


def loss(run, w, *args):
    """A cubic, so that every derivative up to the third depends on everything."""
    z = run(*args)
    return jnp.sum((z**3 * w).real) + jnp.sum((z * z.conj()).real)


# ----------------------------------------------------------------------------------------------------- values


@kinds
@schedules
@varying
@reverse
def test_states(kind, schedule, varying, reverse):
    if isinstance(schedule, Lifted) and varying:
        pytest.skip("refused, as test_refusals shows")
    structure, (a, b, x0) = KINDS[kind][0], draw(kind, 13, varying)
    run = partial(linear_recurrence, structure=structure, reverse=reverse, schedule=schedule)
    z = jax.jit(run)(a, b, x0)
    assert (z.shape, z.dtype) == (b.shape, b.dtype)
    close(z, loop(a, b, x0, structure, reverse), 1e-13)


@kinds
@varying
def test_structure_is_inferred(kind, varying):
    a, b, x0 = draw(kind, 4, varying)
    close(linear_recurrence(a, b, x0), loop(a, b, x0, KINDS[kind][0]), 1e-13)
    close(linear_recurrence(a, b), loop(a, b, 0 * x0, KINDS[kind][0]), 1e-13)


@pytest.mark.parametrize(
    ("kind", "varying", "reverse"), [("complex", False, False), ("block", True, True), ("dense", False, True)]
)
def test_states_over_devices(kind, varying, reverse):
    structure, (a, b, x0) = KINDS[kind][0], draw(kind, 13, varying)
    run = partial(linear_recurrence, structure=structure, reverse=reverse, schedule=Sharded(MESH, "time"))
    close(jax.jit(run)(a, b, x0), loop(a, b, x0, structure, reverse), 1e-13)


@kinds
@varying
def test_one_sample(kind, varying):
    structure, (a, b, x0) = KINDS[kind][0], draw(kind, 1, varying)
    for schedule in (Sequential(), Associative(), *([] if varying else [Lifted(4), Lifted(1)])):
        z = linear_recurrence(a, b, x0, structure=structure, schedule=schedule)
        close(z, loop(a, b, x0, structure), 1e-13)


@kinds
@schedules
def test_no_samples(kind, schedule):
    a, b, x0 = draw(kind, 0)
    run = partial(linear_recurrence, structure=KINDS[kind][0], schedule=schedule)
    assert run(a, b, x0).shape == b.shape
    for x, g in zip((a, x0), jax.grad(partial(loss, run, b), (0, 2))(a, b, x0), strict=True):
        np.testing.assert_array_equal(g, np.zeros_like(x))


@kinds
@reverse
@pytest.mark.parametrize("schedule", [Sequential(), Lifted(4)])
def test_two_halves_make_one_run(kind, schedule, reverse):
    structure, (a, b, x0) = KINDS[kind][0], draw(kind, 18)
    run = jax.jit(partial(linear_recurrence, a, structure=structure, reverse=reverse, schedule=schedule))
    first, second = (b[9:], b[:9]) if reverse else (b[:9], b[9:])
    z = run(first, x0)
    rest = run(second, z[0 if reverse else -1])
    close(jnp.concatenate([rest, z] if reverse else [z, rest]), loop(a, b, x0, structure, reverse), 1e-13)


@kinds
@pytest.mark.parametrize("schedule", [Sequential(), Associative(), Lifted(3)])
def test_float32(kind, schedule):
    structure = KINDS[kind][0]
    single = [x.astype("complex64" if np.iscomplexobj(x) else "float32") for x in draw(kind, 13)]
    z = jax.jit(partial(linear_recurrence, structure=structure, schedule=schedule))(*single)
    assert z.dtype == single[1].dtype
    a, b, x0 = (x.astype("complex128" if np.iscomplexobj(x) else "float64") for x in single)
    close(z, loop(a, b, x0, structure), 2e-6)


def test_real_multiplier_of_complex_signals():
    a, b, x0 = draw("complex", 4)
    z = linear_recurrence(a.real, b, x0.imag)
    close(z, loop(a.real + 0j, b, x0.imag + 0j, "diagonal"), 1e-13)


@kinds
def test_the_swapped_operator_is_wrong(kind):
    structure = KINDS[kind][0]
    a, b, x0 = draw(kind, 4, varying=True)
    want = loop(a, b, 0 * x0, structure)
    planar = np.moveaxis(a, -3, -1) if structure == "block" else a
    scan = lambda f: lax.associative_scan(f, (jnp.array(planar), jnp.array(b)))[1]
    close(scan(lambda earlier, later: combine(structure, later, earlier)), want, 1e-13)
    swapped = scan(partial(combine, structure))
    assert np.abs(swapped - want).max() > 1e-2


@pytest.mark.parametrize("structure", STRUCTURES)
def test_composition_is_associative_and_ordered(structure):
    kind = STRUCTURES[structure]
    rng = np.random.default_rng(1)
    f, g, h = (
        (jnp.array(rng.normal(size=(2,) * kind.ndim)), jnp.array(rng.normal(size=(2,) * kind.state_ndim)))
        for _ in range(3)
    )
    x = jnp.array(rng.normal(size=(2,) * kind.state_ndim))
    of = lambda f, x: kind.apply(f[0], x) + f[1]
    then = partial(combine, structure)
    close(of(then(f, g), x), of(f, of(g, x)), 1e-13)
    close(then(then(f, g), h), then(f, then(g, h)), 1e-13)


# ------------------------------------------------------------------------------------------------ derivatives

PICKED = {  # kind, varying, reverse: together they run every line; the others are slow
    ("real", False, False),
    ("complex", True, True),
    ("block", False, True),
    ("block", True, False),
    ("complex-dense", False, False),
    ("dense", True, True),
}


slow = partial(pytest.param, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("kind", "varying", "reverse"),
    [
        (pytest.param if (kind, varying, reverse) in PICKED else slow)(kind, varying, reverse)
        for kind, varying, reverse in itertools.product(KINDS, (False, True), (False, True))
    ],
)
def test_derivatives(kind, varying, reverse):
    structure = KINDS[kind][0]
    args = tuple(map(jnp.array, draw(kind, 4, varying)))
    dots, w = draw(kind, 4, varying, seed=1), draw(kind, 4, seed=2)[1]

    @partial(jax.jit, static_argnums=0)
    def everything(run, args, dots):
        cubic = partial(loss, partial(run, structure=structure, reverse=reverse), w)
        slope = jax.grad(cubic, (0, 1, 2))
        squares = lambda *args: sum(jnp.sum((g * g.conj()).real) for g in slope(*args))
        return (
            jax.jvp(lambda *args: run(*args, structure=structure, reverse=reverse), args, dots),
            slope(*args),
            jax.jvp(slope, args, dots),  # forward over reverse
            jax.grad(squares, (0, 1, 2))(*args),  # reverse over reverse
            jax.grad(lambda *args: jax.jvp(cubic, args, dots)[1], (0, 1, 2))(*args),  # reverse over forward
        )

    close(everything(linear_recurrence, args, dots), everything(plain, args, dots))


@pytest.mark.parametrize(
    ("kind", "schedule"),
    [
        ("real", Sequential()),
        ("block", Sequential()),
        ("dense", Sequential()),
        ("real", Associative()),
        ("dense", Lifted(2)),
    ],
)
def test_matrices_of_derivatives(kind, schedule):
    structure = KINDS[kind][0]
    T = 5 if kind == "block" else 4
    a, b, x0 = map(jnp.array, draw(kind, T))
    w = draw(kind, T, seed=2)[1]
    own = partial(linear_recurrence, structure=structure, schedule=schedule)

    @partial(jax.jit, static_argnums=0)
    def matrices(run):
        cubic = partial(loss, run, w)
        return jax.jacrev(run, (0, 2))(a, b, x0), jax.hessian(cubic, (0, 2))(a, b, x0)

    jacobian, hessian = matrices(partial(plain, structure=structure))
    got, curvature = matrices(own)
    close((got, curvature), (jacobian, hessian))
    close(jax.jit(jax.jacfwd(own, (0, 2)))(a, b, x0), jacobian)


@pytest.mark.parametrize(("kind", "varying"), [("complex", False), ("block", True), ("dense", False)])
def test_vmap(kind, varying):
    structure = KINDS[kind][0]
    pairs = [tuple(map(jnp.array, draw(kind, 4, varying, seed))) for seed in (0, 1)]
    w = draw(kind, 4, seed=2)[1]
    both = jax.tree.map(lambda *xs: jnp.stack(xs, -1), *pairs)  # the batch comes last: it must be moved

    @partial(jax.jit, static_argnums=0)
    def everything(run):
        cubic = partial(loss, partial(run, structure=structure), w)
        out = []
        for axes in itertools.product((None, -1), repeat=3):
            if axes != (None, None, None):
                args = [x if axis is None else y for axis, x, y in zip(axes, pairs[0], both, strict=True)]
                total = lambda *args, axes=axes: jax.vmap(cubic, axes)(*args).sum()
                out.append(jax.value_and_grad(total, (0, 1, 2))(*args))
        return out

    close(everything(linear_recurrence), everything(plain))


@pytest.mark.parametrize("kind", ["complex", "block"])
def test_nested_vmap(kind):
    structure = KINDS[kind][0]
    a = jnp.stack([jnp.array(draw(kind, 4, seed=seed)[0]) for seed in (0, 1)])
    b = jnp.stack([jnp.array(draw(kind, 4, seed=seed)[1]) for seed in (2, 3, 4)])
    x0 = jnp.array(draw(kind, 4)[2])

    @partial(jax.jit, static_argnums=0)
    def everything(run):
        run = partial(run, structure=structure)
        table = lambda a, b, x0: jax.vmap(jax.vmap(run, (None, 0, None)), (0, None, None))(a, b, x0)
        slope = jax.grad(partial(loss, table, 1.0), (0, 1, 2))
        return table(a, b, x0), slope(a, b, x0), jax.jvp(slope, (a, b, x0), (a, b, x0))

    got, want = everything(linear_recurrence), everything(plain)
    assert got[0].shape[:2] == (2, 3)
    close(got, want)


def test_linear_map_transposed_twice():
    a, b, x0 = map(jnp.array, draw("real", 4))
    pull = jax.vjp(lambda a, x0: linear_recurrence(a, b, x0), a, x0)[1]
    push = jax.linear_transpose(pull, b)
    _, want = jax.jvp(lambda a, x0: linear_recurrence(a, b, x0), (a, x0), (2 * a, x0))
    close(push((2 * a, x0))[0], want)


def test_checkpoint():
    a, b, x0 = map(jnp.array, draw("complex", 4))
    cubic = partial(loss, linear_recurrence, b)
    slope = jax.jit(lambda f: jax.grad(f)(a, b, x0), static_argnums=0)
    close(slope(jax.checkpoint(cubic)), slope(cubic))


def test_long_gradients_are_summed_in_blocks(monkeypatch):
    monkeypatch.setattr(primitive, "BLOCK", 4)
    for T in (8, 11):
        args = tuple(map(jnp.array, draw("block", T)))
        slope = lambda run: jax.jit(jax.grad(partial(loss, partial(run, structure="block"), 1.0), (0, 1)))
        close(slope(linear_recurrence)(*args), slope(plain)(*args))


def test_long_gradients_in_float32():
    T = 1 << 18  # one sum of so many products would lose 1e-5
    b = np.random.default_rng(0).uniform(0.5, 1.5, (T, 1)).astype(np.float32)
    slope = jax.jit(jax.grad(lambda a, b: linear_recurrence(a, b).sum()))
    got, want = slope(np.full(1, 0.5, np.float32), b), slope(np.full(1, 0.5), b.astype(float))
    close(got, want, 1e-6)


def test_gradients_keep_the_states_alone():
    b, a = jnp.ones((512, 64)), jnp.full(64, 0.5)
    slope = jax.grad(lambda a, b: (linear_recurrence(a, b) * b).sum(), (0, 1))
    memory: Any = jax.jit(slope).lower(a, b).compile().memory_analysis()
    assert memory.temp_size_in_bytes < 1.1 * b.size * 8


@pytest.mark.parametrize("structure", STRUCTURES)
@varying
def test_no_step_copies_a_trajectory(structure, varying):
    T, n = 331, 8
    multiplier = {"diagonal": (n,), "block": (n, 2, 2), "dense": (n, n)}[structure]
    a = jnp.ones((T, *multiplier) if varying else multiplier)
    b = jnp.ones((T, 2, n) if structure == "block" else (T, n))
    run = partial(linear_recurrence, structure=structure)
    for slope in (jax.grad(lambda a, b: run(a, b).sum(), (0, 1)), jax.grad(lambda a, b: run(a, b).sum(), 1)):
        computation, copies = "", []
        for line in str(jax.jit(slope).lower(a, b).compile().as_text()).splitlines():
            if line.endswith("{") and "->" in line:
                computation = line.split()[0]
            elif computation.startswith("%region"):  # the body of a loop
                copies += re.findall(rf"%\S*copy\S* = \S*\b{T}\b.*", line)
        assert computation == "ENTRY"
        assert copies == []


def test_one_compilation_per_shape():
    traces = []

    @jax.jit
    def slope(a, b, x0):
        traces.append(b.shape)
        return jax.grad(lambda a: linear_recurrence(a, b, x0).sum())(a)

    for seed in range(3):
        slope(*draw("real", 4, seed=seed))
    assert len(traces) == 1


# --------------------------------------------------------------------------------------------------- refusals

ones = np.ones
REFUSALS = {
    "ambiguous": (ones((3, 3)), ones((3, 3)), None, {}, 'structure="dense"'),
    "structure": (ones(3), ones((4, 3)), None, {"structure": "banded"}, "got 'banded'"),
    "multiplier": (ones(2), ones((4, 3)), None, {}, r"`a` must be \(3,\), or \(4, 3\) when time-varying"),
    "short": (ones((5, 3)), ones((4, 3)), None, {}, r"or \(4, 3\) when time-varying"),
    "batched": (ones(3), ones((2, 4, 3)), None, {"structure": "diagonal"}, r"batch by `jax\.vmap`"),
    "scalar": (ones(3), ones(()), None, {}, r"`b` must be \(T, n\)"),
    "planar": (ones((3, 2, 2)), ones((4, 3, 2)), None, {}, "planar"),
    "start": (ones(3), ones((4, 3)), ones(2), {}, r"`x0` must have the shape \(3,\)"),
    "mixed": (ones(3, np.float32), ones((4, 3)), None, {}, "one precision, got `a` float32, `b` float64"),
    "half": (ones(3, np.float16), ones((4, 3), np.float16), None, {}, "expected float32 or float64"),
    "words": (ones(3), np.full((4, 3), "1"), None, {}, "expected numbers"),
    "convolution": (ones(3), ones((4, 3)), None, {"schedule": Convolution()}, "outputs, not states"),
    "lifted": (ones((4, 3)), ones((4, 3)), None, {"schedule": Lifted()}, "constant `a`"),
    "schedule": (ones(3), ones((4, 3)), None, {"schedule": "fast"}, "must be a schedule"),
}


@pytest.mark.parametrize(("a", "b", "x0", "options", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(a, b, x0, options, message):
    with pytest.raises(InputError, match=message):
        linear_recurrence(a, b, x0, **options)


def test_double_precision_is_never_lost_silently():
    with jax.enable_x64(False):
        with pytest.raises(InputError, match="jax_enable_x64"):
            linear_recurrence(np.ones(3), np.ones((4, 3)))
        assert linear_recurrence([0.5], [[1.0]]).dtype == np.float32
    assert linear_recurrence([0.5], [[1]]).tolist() == [[1.0]]
    assert linear_recurrence([1], np.ones((2, 1), np.float32), [3.0]).dtype == np.float32


# ------------------------------------------------------------------------------------------------------- slow


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["complex", "block", "dense"])
@varying
@reverse
@schedules
def test_every_subset_every_schedule(kind, varying, reverse, schedule):
    """All derivatives, second ones too, of all subsets of batched arguments; of two off the primitives."""
    if isinstance(schedule, Lifted) and varying:
        pytest.skip("refused, as test_refusals shows")
    structure = KINDS[kind][0]
    pairs = [tuple(map(jnp.array, draw(kind, 7, varying, seed))) for seed in (0, 1)]
    w, both = draw(kind, 7, seed=2)[1], jax.tree.map(lambda *xs: jnp.stack(xs), *pairs)
    own = partial(linear_recurrence, structure=structure, reverse=reverse, schedule=schedule)
    hand = partial(plain, structure=structure, reverse=reverse)
    every = itertools.product((None, 0), repeat=3)
    for axes in every if isinstance(schedule, Sequential) else [(None, 0, None), (0, None, 0)]:
        args = tuple(x if axis is None else y for axis, x, y in zip(axes, pairs[0], both, strict=True))

        @partial(jax.jit, static_argnums=0)
        def everything(run, args, axes=axes):
            batch = (lambda f: jax.vmap(f, axes)) if 0 in axes else (lambda f: f)
            run, cubic = batch(run), batch(partial(loss, run, w))
            slope = jax.grad(lambda *args: cubic(*args).sum(), (0, 1, 2))
            return slope(*args), jax.jvp(slope, args, args), jax.linearize(run, *args)[1](*args)

        close(everything(own, args), everything(hand, args))
