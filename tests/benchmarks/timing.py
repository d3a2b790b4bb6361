"""How durations are measured: one row in one fresh process, on one core, everything beside everything else.

Other programs on the machine delay a process but do not spend its CPU time, so the figure is the minimum over
repeats of that; on an accelerator it is elapsed time. The contenders take turns, so that they meet the same
weather.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def alone(module: str, *words: str) -> Any:
    """Run `python -m module words` in a process of its own; it prints its result as JSON in the last line."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def pin() -> None:
    """Keep this process on one core; to be called before JAX makes its threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def keep_memory() -> bool:
    """Make glibc keep what it has mapped, for the rest of the process; return whether it is glibc.

    Otherwise it returns arrays of 32 MB and more to the system, and every run pages them in again.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    trim_threshold, mmap_max = -1, -4
    return bool(mallopt(mmap_max, 0) and mallopt(trim_threshold, 2**31 - 1))


def clock() -> Callable[[], float]:
    """Return process CPU time, or elapsed time where an accelerator does the work."""
    return time.process_time if jax.default_backend() == "cpu" else time.perf_counter


def compiled(function: Callable[..., Any], *args: Any) -> tuple[Callable[..., Any], float, int]:
    """Compile for the shapes of `args`; also return the seconds, tracing included, and the scratch bytes."""
    now = clock()
    start = now()
    made = jax.jit(function).lower(*args).compile()
    spent = now() - start
    memory = made.memory_analysis()
    return made, spent, 0 if memory is None else memory.temp_size_in_bytes


def fastest(calls: dict[Any, Callable[[], Any]], budget: float = 8.0, rounds: int = 40) -> dict[Any, float]:
    """Return the least seconds of each call, by turns, for `budget` seconds but at least four rounds."""
    now, best = clock(), dict.fromkeys(calls, np.inf)
    for call in calls.values():
        jax.block_until_ready(call())
    begin = time.perf_counter()
    for i in range(rounds):
        for name, call in calls.items():
            turn = time.perf_counter()
            while True:
                start = now()
                jax.block_until_ready(call())
                best[name] = min(best[name], now() - start)
                if time.perf_counter() - turn > 0.03:
                    break
        if i >= 3 and time.perf_counter() - begin > budget:
            break
    return {name: float(seconds) for name, seconds in best.items()}


def copying(array: Any) -> Callable[[], Any]:
    """Copy an array into another one that is warm: what moving these bytes costs on this machine."""
    if jax.default_backend() != "cpu":
        made = jax.jit(jax.numpy.copy)
        return lambda: made(array)
    source = np.array(array)
    target = source.copy()
    return lambda: np.copyto(target, source)
