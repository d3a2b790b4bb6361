"""Recurrences by name, and the loop that says what they mean; for all tests of the floor."""

from typing import Any

import numpy as np

KINDS: dict[str, tuple[Any, bool]] = {  # name: (structure, complex)
    "real": ("diagonal", False),
    "complex": ("diagonal", True),
    "block": ("block", False),
    "dense": ("dense", False),
    "complex-dense": ("dense", True),
}
N = 3


def draw(kind, T, varying=False, seed=0):
    """Give `a, b, x0` in float64, as `linear_recurrence` takes them, with a contraction for `a`."""
    structure, is_complex = KINDS[kind]
    rng = np.random.default_rng(seed)
    normal = lambda *shape: rng.normal(size=shape) + (1j * rng.normal(size=shape) if is_complex else 0)
    state = (2, N) if structure == "block" else (N,)
    multiplier = {"diagonal": (N,), "block": (N, 2, 2), "dense": (N, N)}[structure]
    a = 0.4 * normal(*((T,) if varying else ()), *multiplier)
    return a, normal(T, *state), normal(*state)


def loop(a, b, x0, structure, reverse=False):
    """Oracle: one NumPy product after the other."""
    a, b, x0 = (np.asarray(x) for x in (a, b, x0))
    single = {"diagonal": 1, "block": 3, "dense": 2}[structure]
    product = {
        "diagonal": lambda a, z: a * z,
        "block": lambda a, z: np.stack([a[i] @ z[:, i] for i in range(len(a))], -1),
        "dense": lambda a, z: a @ z,
    }[structure]
    z, states = x0, np.zeros_like(b)
    for k in range(len(b))[:: -1 if reverse else 1]:
        z = product(a[k] if a.ndim > single else a, z) + b[k]
        states[k] = z
    return states
