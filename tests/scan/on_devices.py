"""Runs in a process of its own, with several devices: `python on_devices.py some` (or `everything`, or
`part INDEX COUNT PORT FILE`).

`some` compares sharded runs with plain ones on four host devices. `part` is one of COUNT processes that
share a run under `jax.distributed`; process 0 writes what it got to FILE.
"""

import re
import sys
from collections import Counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from ssmctl.errors import InputError
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.system import Modal, StateSpace
from ssmctl.scan import sharded
from ssmctl.scan.primitive import states
from ssmctl.scan.schedule import Sequential, Sharded
from ssmctl.scan.simulate import simulate

N, M, P = 3, 2, 2


def systems():
    """The same three systems in every process."""
    rng = np.random.default_rng(7)
    real = lambda *shape: rng.normal(size=shape)
    both = lambda *shape: real(*shape) + 1j * real(*shape)
    poles = 0.9 * np.exp(1j * real(N))
    return {
        "dense": StateSpace(0.4 * real(N, N), real(N, M), real(P, N), real(P, M), dt=0.1),
        "modal": Modal.from_post_update(poles, both(N, M), both(P, N), real(P, M), dt=1),
        "oscillator": Oscillator(real(N) ** 2, real(N) ** 2, 0.3, B=real(N, M), C=real(P, N), bias=real(N)),
    }


def start(system):
    """A first state of the right kind."""
    x = np.arange(1.0, system.nstates + 1)
    return x * (1 + 0.5j) if np.iscomplexobj(system.B) else x


def near(got, wanted):
    """Compare trees of arrays to rounding."""
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


def mesh_of(count, kind=AxisType.Auto):
    """A mesh of the first devices."""
    return jax.make_mesh((count,), ("time",), axis_types=(kind,), devices=jax.devices()[:count])


def pulled(f, a, b, x0):
    """The value of f, and its cotangents for the cotangent b."""
    value, pull = jax.vjp(f, a, b, x0)
    return value, pull(b)


def check(everything):
    """Values, gradients and communication on three and four devices."""
    assert jax.device_count() == 4
    for count, names in ((3, ["modal"]), (4, list(systems()) if everything else ["oscillator"])):
        mesh = mesh_of(count)
        u = np.random.default_rng(0).normal(size=(7 * count, M))
        for name in names:
            system = systems()[name]
            leaves, shape = jax.tree.flatten(jax.tree.map(jnp.asarray, system))

            def loss(leaves, u, x, schedule, shape=shape):
                y, x_last = simulate(jax.tree.unflatten(shape, leaves), u, x, schedule=schedule)
                return jnp.sum(y**2) + jnp.sum(jnp.abs(x_last) ** 2), (y, x_last)

            step = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2), has_aux=True), static_argnums=3)
            arguments = (leaves, jnp.asarray(u), jnp.asarray(start(system)))
            near(step(*arguments, Sharded(mesh, "time", 4)), step(*arguments, Sequential()))
    mesh = mesh_of(4)
    explicit = mesh_of(4, AxisType.Explicit)
    y = simulate(systems()["dense"], u, schedule=Sharded(explicit, "time"))[0]
    near(y, simulate(systems()["dense"], u, schedule=Sequential())[0])

    run = jax.jit(lambda u, x: simulate(systems()["modal"], u, x, schedule=Sharded(mesh, "time")))
    split = jax.device_put(u, NamedSharding(mesh, PartitionSpec("time", None)))
    program = run.lower(split, jnp.asarray(start(systems()["modal"]))).compile().as_text()
    assert program is not None
    words = r"(all-gather|all-reduce|all-to-all|reduce-scatter|collective-permute)(?:-start)?\("
    traffic = Counter(re.findall(words, program))
    assert traffic["collective-permute"] <= 3, traffic  # log2(4) + 1
    assert set(traffic) <= {"collective-permute", "all-reduce"}, traffic
    assert traffic["all-reduce"] <= 1, traffic
    y = run(split, jnp.asarray(start(systems()["modal"])))[0]
    assert y.sharding.is_equivalent_to(split.sharding, 2)

    rng = np.random.default_rng(1)
    real = lambda *dims: jnp.asarray(rng.normal(size=dims))
    rotation = jnp.asarray(0.9 * np.exp(1j * rng.normal(size=3)))
    complexes = lambda *dims: jax.lax.complex(real(*dims), real(*dims))
    cases: list[Any] = [
        ("diagonal", rotation, complexes(28, 3), complexes(3)),
        ("diagonal", real(28, 3), real(28, 3), real(3)),
        ("diagonal", 0.5 * real(3), real(28, 3), real(3)),
        ("block", 0.5 * real(2, 2, 3), real(28, 2, 3), real(2, 3)),
        ("block", 0.5 * real(28, 2, 2, 3), real(28, 2, 3), real(2, 3)),
        ("dense", 0.4 * real(28, 3, 3), real(28, 3), real(3)),
        ("dense", 0.4 * real(3, 3), real(28, 3), real(3)),
    ]
    for structure, a, b, x0 in cases if everything else cases[:2]:
        mine = lambda a, b, x0, kind=structure: sharded.recurrence(a, b, x0, kind, mesh, "time")
        plain = lambda a, b, x0, kind=structure: states(a, b, x0, kind)
        near(*(jax.jit(pulled, static_argnums=0)(f, a, b, x0) for f in (mine, plain)))

    with pytest.raises(InputError, match="give 24 or 28"):
        simulate(systems()["dense"], u[:27], schedule=Sharded(mesh, "time"))
    print("sharded runs agree")


def part(index, count, port, file):
    """One process of several: every one holds its samples only."""
    jax.distributed.initialize(f"localhost:{port}", num_processes=count, process_id=index)
    mesh = mesh_of(jax.device_count())
    u = np.random.default_rng(0).normal(size=(8 * jax.device_count(), M))
    place = NamedSharding(mesh, PartitionSpec("time", None))
    own = jax.make_array_from_callback(u.shape, place, lambda where: u[where])
    everywhere = NamedSharding(mesh, PartitionSpec())
    found = {}
    for name, system in systems().items():
        y, x_last = simulate(system, own, schedule=Sharded(mesh, "time"))
        found[f"{name}_y"] = np.asarray(jax.jit(lambda z: z, out_shardings=everywhere)(y))
        found[f"{name}_x"] = np.asarray(x_last)
    if index == 0:
        np.savez(file, u=u, **found)
    jax.distributed.shutdown()


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    if sys.argv[1] != "part":
        check(everything=sys.argv[1] == "everything")
    else:
        part(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
