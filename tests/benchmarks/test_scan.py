"""The figures of docs/performance.md for running linear systems: ratios within one process, memory, errors.

    pytest -m benchmark tests/benchmarks/test_scan.py -s
    python -m tests.benchmarks.test_scan "SISO layer, T = 1e6, N = 8"

The peers are written here as one finds them: `jax.lax.associative_scan` over multipliers that are broadcast in
time, as S5 (complex diagonal) and LinOSS (four entries of a 2×2 block) call it, and the `jax.lax.scan` that one would
write by hand. Each is differentiated by JAX. Everything is float32 or complex64; the judge of values and
gradients is the plain scan in double precision, on the same stored numbers.
"""

import json
import sys
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import ssmctl
from ssmctl.scan import Lifted, Sequential
from tests.benchmarks.timing import alone, clock, compiled, copying, fastest, pin

pytestmark = [pytest.mark.benchmark, pytest.mark.filterwarnings("default")]

NOISE = 1.1
"""What two runs of one loop can differ by: no slower than a peer means no slower than this times the peer."""


class Limits(NamedTuple):
    """The most that a row may take, relative to the associative scan."""

    forward: float
    step: float
    memory: float


# --------------------------------------------------------------------------------------- rows, and what is due

DIAGONAL, BLOCKS = Limits(0.35, 0.25, 0.25), Limits(0.25, 0.20, 1.0)
SISO = Limits(0.02, 0.02, 0.05)

ROWS = {
    "diagonal (1024, 256)": (partial(recurrence, "diagonal", (1024, 256)), DIAGONAL),
    "diagonal (16384, 64)": (partial(recurrence, "diagonal", (16384, 64)), DIAGONAL),
    "diagonal (131072, 16)": (partial(recurrence, "diagonal", (131072, 16)), None),
    "diagonal 8 × (1024, 256)": (partial(recurrence, "diagonal", (8, 1024, 256)), DIAGONAL),
    "2×2 blocks (16384, 64)": (partial(recurrence, "block", (16384, 64)), BLOCKS),
    "2×2 blocks 8 × (1024, 256)": (partial(recurrence, "block", (8, 1024, 256)), BLOCKS),
    "SISO layer, T = 1e6, N = 8": (partial(layer, 1_000_000, 1, 8), SISO),
    "SISO layer, T = 16384, N = 256": (partial(layer, 16384, 1, 256), SISO),
    "layer m = p = 8, N = 128, T = 16384": (partial(layer, 16384, 8, 128), Limits(0.05, 0.03, 1.0)),
    "layer m = p = 64, N = 256, T = 16384": (partial(layer, 16384, 64, 256), Limits(0.15, 0.12, 1.0)),
}


OTHERS = {
    "diagonal (1000000, 1)": partial(recurrence, "diagonal", (1_000_000, 1)),
    "diagonal, time-varying (16384, 64)": partial(varying_diagonal, 16384, 64),
    "diagonal, reversed (16384, 64)": partial(reversed_diagonal, 16384, 64),
    "dense (16384, 16)": partial(dense_recurrence, 16384, 16),
    "dense (4096, 64)": partial(dense_recurrence, 4096, 64),
    "state space, m = p = 4, n = 16, T = 16384": partial(state_space, 16384, 4, 16),
    "oscillators, m = p = 1, r = 64, T = 16384": partial(bank, 16384, 1, 64),
    "oscillators, irregular steps": partial(bank, 16384, 1, 64, irregular=True),
    "layer 8 × (1024), m = p = 64, N = 64": partial(batched_layer, 8, 1024, 64, 64),
    "layer, short: T = 100, m = p = 8, N = 64": partial(batched_layer, 1, 100, 8, 64),
    "layer with its states, m = p = 8, N = 64": partial(layer_states, 16384, 8, 64),
}


# ------------------------------------------------------------------------------------------------- measurement


def training(function):
    """Return the gradients of all arguments for a given cotangent of the result; the result is scratch."""
    return lambda args, g: jax.vjp(function, *args)[1](g)


def distance(found, true):
    """Largest error over the largest entry; of several arrays the worst."""
    pairs = zip(jax.tree.leaves(found), jax.tree.leaves(true), strict=True)
    return max(
        float(np.abs(np.asarray(f) - np.asarray(t)).max() / np.abs(np.asarray(t)).max()) for f, t in pairs
    )


def in_double(function, *args):
    """Run in float64 on the processor; the arguments are the stored float32 numbers."""
    wide = {"f": np.float64, "c": np.complex128}
    args = jax.tree.map(lambda x: np.asarray(x).astype(wide[x.dtype.kind]), args)
    jax.config.update("jax_enable_x64", True)
    with jax.default_device(jax.devices("cpu")[0]):
        return jax.tree.map(np.asarray, jax.jit(function)(*args))


def measure(calls, args):
    """Return seconds, scratch bytes, compile seconds and errors of every contender, and the seconds of a copy."""
    args = jax.tree.map(jnp.asarray, args)
    jax.jit(training(jnp.sin)).lower((args[-1],), args[-1]).compile()  # JAX's own start
    result, runs, steps = {"device": jax.devices()[0].device_kind, "clock": clock().__name__}, {}, {}
    shape = jax.eval_shape(calls["ours"], *args)
    g = jnp.asarray(normal(shape.shape, complex if shape.dtype.kind == "c" else float, 9))
    for name, call in calls.items():
        run, _, scratch = compiled(call, *args)
        step, spent, temp = compiled(training(call), args, g)
        runs[name], steps[name] = partial(run, *args), partial(step, args, g)
        result[name] = {"compile": spent, "scratch": temp, "forward scratch": scratch}
    ways = {f"{n} forward": c for n, c in runs.items()} | {f"{n} step": c for n, c in steps.items()}
    seconds = fastest({"copy": copying(args[-1]), **ways})
    result["copy"] = seconds["copy"]
    numbers = {name: (np.asarray(runs[name]()), jax.tree.map(np.asarray, steps[name]())) for name in calls}
    value = in_double(calls["scan"], *args)
    gradients = in_double(training(calls["scan"]), args, g)
    for name in calls:
        errors = {
            "error": distance(numbers[name][0], value),
            "gradient error": distance(numbers[name][1], gradients),
        }
        result[name] |= errors | {way: seconds[f"{name} {way}"] for way in ("forward", "step")}
    return result


HEAD = [
    "work",
    "forward",
    "step",
    "/ scan",
    "step / scan",
    "/ copy",
    "scratch",
    "compile",
    "errors: value, gradient",
]


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


@pytest.fixture(scope="module")
def head():
    row(*HEAD)
    row(*["---"] * len(HEAD))


@pytest.mark.usefixtures("head")
@pytest.mark.parametrize("name", ROWS)
def test_against_associative(name):
    """Time, memory and error beside `associative_scan`, the plain scan and a copy, with the promised limits."""
    limits = ROWS[name][1]
    found = alone(__name__, name)
    ours, theirs, scan = (found[who] for who in ("ours", "associative", "scan"))
    ratio = lambda what, peer: ours[what] / peer[what]
    due = "| ≤ {} | ≤ {} |".format(*limits[:2]) if limits else ""
    row(
        name,
        f"{ratio('forward', theirs):.3f}",
        f"{ratio('step', theirs):.3f}",
        f"{ratio('forward', scan):.2f}",
        f"{ratio('step', scan):.2f}",
        f"{ours['forward'] / found['copy']:.1f}",
        f"{ratio('scratch', theirs):.3f}",
        f"{ours['compile']:.2f} s",
        f"{ours['error']:.0e}, {ours['gradient error']:.0e} ({theirs['error']:.0e}, {theirs['gradient error']:.0e}) {due}",
    )
    assert ours["error"] <= max(1e-6, 2 * theirs["error"])
    assert ours["gradient error"] <= max(1e-5, 2 * theirs["gradient error"])
    if found["clock"] != "process_time":
        return  # the limits are those of one core
    assert ours["compile"] <= 2
    assert ratio("forward", scan) <= NOISE
    assert ratio("step", scan) <= NOISE
    if limits:
        assert ratio("forward", theirs) <= limits.forward
        assert ratio("step", theirs) <= limits.step
        assert ratio("scratch", theirs) <= limits.memory


@pytest.mark.parametrize("name", OTHERS)
def test_never_slower_than_the_plain_scan(name):
    """The default schedules of other structures and shapes."""
    found = alone(__name__, name)
    ours, scan = found["ours"], found["scan"]
    forward, step, scratch = (ours[what] / scan[what] for what in ("forward", "step", "scratch"))
    errors = f"{ours['error']:.0e}, {ours['gradient error']:.0e}"
    errors += f" ({scan['error']:.0e}, {scan['gradient error']:.0e})"
    row(name, f"{forward:.2f}", f"{step:.2f}", f"{scratch:.2f}", f"{ours['compile']:.2f} s", errors)
    assert ours["error"] <= max(1e-6, 2 * scan["error"])
    assert ours["gradient error"] <= max(1e-5, 2 * scan["gradient error"])
    if found["clock"] == "process_time":
        assert ours["compile"] <= 2
        assert forward <= NOISE
        assert step <= NOISE


def accuracy(T=1_000_000, distance_to_circle=1e-6):
    """Return the errors of float32 runs over T steps of light damping; the judge runs the stored poles in float64."""
    lam = np.complex64((1 - distance_to_circle) * np.exp(1j * np.array([1e-3, 0.1, 0.7, 1.5, 2.9])))
    b, u, C = normal((T, 5), complex), normal((T, 1), float), normal((1, 5), complex, 3)
    B, D = np.ones((5, 1), np.complex64), np.zeros((1, 1), np.float32)
    run = lambda schedule: np.asarray(jax.jit(partial(ssmctl.linear_recurrence, schedule=schedule))(lam, b))

    def output(schedule):
        system = ssmctl.Modal(lam, B, C, D, dt=True, output="post")
        return np.asarray(ssmctl.simulate(system, u, schedule=schedule)[0])

    found = {
        "states, sequential": run(Sequential()),
        "states, lifted": run(Lifted(64)),
        "states, associative": np.asarray(jax.jit(s5_scan)(jnp.asarray(lam), jnp.asarray(b))),
        "output, sequential": output(Sequential()),
        "output, lifted": output(Lifted()),
        "output, associative": np.asarray(
            jax.jit(partial(s5_layer, s5_scan))(*map(jnp.asarray, (lam, B, C, D, u)))
        ),
    }
    plain = partial(plain_scan, apply_diagonal)
    states, y = in_double(plain, lam, b), in_double(partial(s5_layer, plain), lam, B, C, D, u)
    return {name: distance(x, states if name.startswith("states") else y) for name, x in found.items()}


def test_accuracy_near_the_circle():
    """float32, a million steps, 1 - |λ| = 1e-6."""
    found = alone(__name__, "accuracy")
    for name, error in found.items():
        row(name, f"{error:.1e}")
    assert found["states, sequential"] <= 1e-4
    assert found["output, sequential"] <= 1e-4
    assert found["states, lifted"] <= 1e-3
    assert found["output, lifted"] <= 1e-3


if __name__ == "__main__":
    pin()
    work = ROWS.get(sys.argv[1], [OTHERS.get(sys.argv[1])])[0]
    print(json.dumps(accuracy() if work is None else measure(*work())))
