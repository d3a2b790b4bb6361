"""The figures of docs/performance.md for running linear systems: ratios within one process, memory, errors.

    pytest -m benchmark tests/benchmarks/test_scan.py -s
    python -m tests.benchmarks.test_scan "layer m = p = 1, N = 8, T = 1e6"

Each row is a process of its own, which prints its figures as JSON. The judge of values and gradients is the
plain scan in double precision, on the same stored numbers. On an accelerator the same rows are measured,
without the limits, which are those of one processor core.
"""

import functools
import json
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import ssmctl
from ssmctl.scan import Lifted, Sequential
from tests.benchmarks import contenders
from tests.benchmarks.contenders import layer, normal, plain_scan, recurrence, s5_layer, s5_scan
from tests.benchmarks.timing import alone, clock, compiled, copying, fastest, keep_memory, pin

pytestmark = [pytest.mark.benchmark, pytest.mark.filterwarnings("default")]

NOISE = 1.2
"""What two runs of one loop can differ by: no slower than a peer means no slower than this times the peer."""


class Limits(NamedTuple):
    """The most that a row may take, relative to the associative scan; scratch is that of a training step."""

    forward: float
    step: float
    scratch: float = 1.0


DIAGONAL, BLOCKS, SISO = Limits(0.35, 0.25, 0.25), Limits(0.25, 0.10), Limits(0.02, 0.02, 0.05)

ROWS = {
    "diagonal (1024, 256)": (partial(recurrence, "diagonal", (1024, 256)), DIAGONAL),
    "diagonal (16384, 64)": (partial(recurrence, "diagonal", (16384, 64)), DIAGONAL),
    "diagonal (131072, 16)": (partial(recurrence, "diagonal", (131072, 16)), None),
    "diagonal 8 × (1024, 256)": (partial(recurrence, "diagonal", (8, 1024, 256)), DIAGONAL),
    "2×2 blocks (16384, 64)": (partial(recurrence, "block", (16384, 64)), BLOCKS),
    "2×2 blocks 8 × (1024, 256)": (partial(recurrence, "block", (8, 1024, 256)), BLOCKS),
    "layer m = p = 1, N = 8, T = 1e6": (partial(layer, 1_000_000, 1, 8), SISO),
    "layer m = p = 1, N = 256, T = 16384": (partial(layer, 16384, 1, 256), SISO),
    "layer m = p = 8, N = 128, T = 16384": (partial(layer, 16384, 8, 128), Limits(0.05, 0.03)),
    "layer m = p = 64, N = 256, T = 16384": (partial(layer, 16384, 64, 256), Limits(0.15, 0.12)),
}

OTHERS = {
    "diagonal (1000000, 1)": partial(recurrence, "diagonal", (1_000_000, 1)),
    "diagonal, computed input (1024, 256)": partial(contenders.computed_diagonal, 1024, 256),
    "diagonal, computed input (16384, 64)": partial(contenders.computed_diagonal, 16384, 64),
    "diagonal, time-varying (16384, 64)": partial(contenders.varying_diagonal, 16384, 64),
    "diagonal, reversed (16384, 64)": partial(contenders.reversed_diagonal, 16384, 64),
    "dense (16384, 16)": partial(contenders.dense_recurrence, 16384, 16),
    "dense (4096, 64)": partial(contenders.dense_recurrence, 4096, 64),
    "state space, m = p = 4, n = 16, T = 16384": partial(contenders.state_space, 16384, 4, 16),
    "oscillators, m = p = 1, r = 64, T = 16384": partial(contenders.bank, 16384, 1, 64),
    "oscillators, irregular steps": partial(contenders.bank, 16384, 1, 64, irregular=True),
    "layers 8 × m = p = 64, N = 64, T = 1024": partial(contenders.batched_layer, 8, 1024, 64, 64),
    "layer m = p = 8, N = 64, T = 100": partial(contenders.batched_layer, 1, 100, 8, 64),
    "layer m = p = 64, N = 64, T = 16384": partial(contenders.batched_layer, 1, 16384, 64, 64),
    "layer with states, m = p = 8, N = 64": partial(contenders.layer_states, 16384, 8, 64),
}


# -------------------------------------------------------------------------------- measured in a process alone


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
    """Return seconds, scratch bytes, compile seconds and errors of every contender, and what a copy takes."""
    args = jax.tree.map(jnp.asarray, args)
    compiled(training(jnp.sin), args[-1:], args[-1])  # JAX's own start belongs to nobody
    shape = jax.eval_shape(calls["ours"], *args)
    g = jnp.asarray(normal(shape.shape, complex if shape.dtype.kind == "c" else float, 9))
    runs: dict[object, Callable[[], object]] = {"copy": copying(args[-1])}
    found = {}
    for name, call in calls.items():
        forward, *_ = compiled(call, *args)
        step, spent, scratch = compiled(training(call), args, g)
        runs[name, "forward"], runs[name, "step"] = partial(forward, *args), partial(step, args, g)
        found[name] = {"compile": spent, "scratch": scratch}
    seconds = fastest(runs)
    kept = fastest(runs) if keep_memory() else seconds
    numbers = {key: jax.tree.map(np.asarray, run()) for key, run in runs.items()}
    plain = calls["scan"]
    truth = {"forward": in_double(plain, *args), "step": in_double(training(plain), args, g)}
    for name in calls:
        for what, true in truth.items():
            found[name] |= {
                what: seconds[name, what],
                f"{what}, kept": kept[name, what],
                f"{what} error": distance(numbers[name, what], true),
            }
    device = f"{jax.devices()[0].device_kind}, jax {jax.__version__}"
    return {"device": device, "clock": clock().__name__, "copy": kept["copy"], **found}


def accuracy(T=1_000_000, damping=1e-6):
    """Return the errors of float32 runs of light damping; the judge runs the stored poles in float64."""
    lam = np.complex64((1 - damping) * np.exp(1j * np.array([0.01, 0.1, 0.7, 1.5, 2.9, 0.0, np.pi])))
    turning = np.abs(lam.imag) > 1e-3
    b, u, C = normal((T, 7), complex), normal((T, 1), float), normal((1, 7), complex, 3) * turning
    B, D = np.ones((7, 1), np.complex64), np.zeros((1, 1), np.float32)
    plain, layer = partial(plain_scan, contenders.apply_diagonal), partial(s5_layer, s5_scan)

    def states(schedule):
        run = partial(ssmctl.linear_recurrence, schedule=schedule)
        return np.asarray((jax.jit(run) if schedule else jax.jit(s5_scan))(lam, b))

    def output(schedule):
        system = ssmctl.Modal(lam, B, C, D, dt=True, output="post")
        y = ssmctl.simulate(system, u, schedule=schedule)[0] if schedule else jax.jit(layer)(lam, B, C, D, u)
        return np.asarray(y)

    schedules = {"sequential": Sequential(), "lifted": Lifted(64), "associative": None}
    runs = {name: (states(schedule), output(schedule)) for name, schedule in schedules.items()}
    x, y = in_double(plain, lam, b), in_double(partial(s5_layer, plain), lam, B, C, D, u)
    worst = lambda z, of: max(distance(z[:, k], x[:, k]) for k in np.flatnonzero(of))
    found = {f"states, {name}": worst(run[0], turning) for name, run in runs.items()}
    found |= {f"states of real poles, {name}": worst(run[0], ~turning) for name, run in runs.items()}
    return found | {f"output, {name}": distance(run[1], y) for name, run in runs.items()}


# ------------------------------------------------------------------------------------------- what is promised


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


@functools.cache
def head(device, *cells):
    print(f"\n{device}\n")
    row(*cells)
    row(*["---"] * len(cells))


def errors(of):
    return "{forward error:.0e}, {step error:.0e}".format(**of)


def check_errors(ours, peer):
    assert ours["forward error"] <= max(1e-6, 8 * peer["forward error"])
    assert ours["step error"] <= max(1e-5, 8 * peer["step error"])


@pytest.mark.parametrize("name", ROWS)
def test_against_associative_scan(name):
    """Time, memory and error beside `associative_scan`, the plain scan and a copy of the input."""
    found, limits = alone(__name__, name), ROWS[name][1]
    ours, theirs, scan = (found[who] for who in ("ours", "associative", "scan"))
    on_core = found["clock"] == "process_time"
    copy = found["copy"] / ours["forward, kept"]
    forward, step, scratch = (ours[what] / theirs[what] for what in ("forward", "step", "scratch"))
    kept = [ours[what] / theirs[what] for what in ("forward, kept", "step, kept")]
    slower = [ours[what] / scan[what] for what in ("forward, kept", "step, kept")]
    head(
        found["device"],
        "work",
        "forward / associative",
        "forward + backward / associative",
        "both, memory kept",
        "both / scan",
        "forward / copy" if on_core else "bandwidth, of a copy's",
        "scratch / associative",
        "compile",
        "errors: value, gradient",
        "associative's",
    )
    row(
        name,
        f"{forward:.3f}" + (f" (≤ {limits.forward})" if limits else ""),
        f"{step:.3f}" + (f" (≤ {limits.step})" if limits else ""),
        "{:.3f}, {:.3f}".format(*kept),
        "{:.2f}, {:.2f}".format(*slower),
        f"{1 / copy:.1f}" if on_core else f"{copy:.0%}",
        f"{scratch:.3f}" + (f" (≤ {limits.scratch})" if limits else ""),
        f"{ours['compile']:.2f} s",
        errors(ours),
        errors(theirs),
    )
    check_errors(ours, theirs)
    if on_core:
        assert ours["compile"] <= 2
        assert max(slower) <= NOISE
        assert not limits or np.all(np.array([forward, step, scratch]) <= limits)


@pytest.mark.parametrize("name", OTHERS)
def test_never_slower_than_the_plain_scan(name):
    """The default schedules of other structures and shapes."""
    found = alone(__name__, name)
    ours, scan = found["ours"], found["scan"]
    forward, step, scratch = (ours[what] / scan[what] for what in ("forward, kept", "step, kept", "scratch"))
    head(
        found["device"],
        "work",
        "forward / scan",
        "forward + backward / scan",
        "scratch / scan",
        "compile",
        "errors: value, gradient",
        "the scan's",
    )
    ratios = [f"{ratio:.2f}" for ratio in (forward, step, scratch)]
    row(name, *ratios, f"{ours['compile']:.2f} s", errors(ours), errors(scan))
    check_errors(ours, scan)
    if found["clock"] == "process_time":
        assert max(forward, step) <= NOISE


def test_accuracy_near_the_circle():
    """float32, a million steps, 1 - |λ| = 1e-6; against float64 on the stored poles.

    The limit of sequential runs is for poles that turn: beside 1 and -1 the roundings of one step resemble
    those of the last, and add up.
    """
    found = alone(__name__, "accuracy")
    head(f"a million steps in float32, jax {jax.__version__}", *found)
    row(*(f"{error:.1e}" for error in found.values()))
    for wanted in ("states", "output"):
        assert found[f"{wanted}, sequential"] <= 1e-4
        assert found[f"{wanted}, lifted"] <= 1e-3


if __name__ == "__main__":
    pin()
    words = sys.argv[1]
    work = ROWS[words][0] if words in ROWS else OTHERS.get(words)
    print(json.dumps(measure(*work()) if work else accuracy()))
