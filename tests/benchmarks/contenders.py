"""The contenders of the benchmarks of `ssmctl.scan`: ours, and the peers as one finds or writes them.

`jax.lax.associative_scan` runs over multipliers that are broadcast in time, as S5 (complex diagonal) and
LinOSS (four entries of a 2×2 block) call it; the `jax.lax.scan` is the one that one would write by hand. Each
is differentiated by JAX. A contest is a pair: functions by name, and their arguments, float32 or complex64.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import ssmctl

# ------------------------------------------------------------------------------------------------ recurrences


def apply_diagonal(a, z):
    return a * z


def apply_block(a, z):
    return jnp.stack([a[0, 0] * z[0] + a[0, 1] * z[1], a[1, 0] * z[0] + a[1, 1] * z[1]])


def apply_dense(a, z):
    return a @ z


APPLY = {"diagonal": apply_diagonal, "block": apply_block, "dense": apply_dense}


def plain_scan(apply, a, b):
    def step(z, b):
        z = apply(a, z) + b
        return z, z

    return lax.scan(step, jnp.zeros_like(b[0]), b)[1]


def plain_scan_varying(apply, a, b):
    def step(z, ab):
        z = apply(ab[0], z) + ab[1]
        return z, z

    return lax.scan(step, jnp.zeros_like(b[0]), (a, b))[1]


@jax.vmap
def s5_operator(earlier, later):
    A_i, b_i = earlier
    A_j, b_j = later
    return A_j * A_i, A_j * b_i + b_j


def s5_scan(a, b):
    a = a * jnp.ones((len(b), 1), a.dtype) if a.ndim == 1 else a
    return lax.associative_scan(s5_operator, (a, b))[1]


@jax.vmap
def linoss_operator(earlier, later):
    A_i, b_i = earlier
    A_j, b_j = later
    i11, i12, i21, i22 = jnp.split(A_i, 4)
    j11, j12, j21, j22 = jnp.split(A_j, 4)
    A = [j11 * i11 + j12 * i21, j11 * i12 + j12 * i22, j21 * i11 + j22 * i21, j21 * i12 + j22 * i22]
    b1, b2 = jnp.split(b_i, 2)
    return jnp.concatenate(A), jnp.concatenate([j11 * b1 + j12 * b2, j21 * b1 + j22 * b2]) + b_j


def linoss_scan(M, b):
    """`M` (2, 2, N), `b` (T, 2, N)."""
    entries = M.reshape(-1) * jnp.ones((len(b), 1), M.dtype)
    z = lax.associative_scan(linoss_operator, (entries, b.reshape(len(b), -1)))[1]
    return z.reshape(b.shape)


def poles(n, seed=0):
    """n complex64 poles whose distance to the circle is between 1e-4 and 1e-1."""
    rng = np.random.default_rng(seed)
    size = 1 - 10 ** rng.uniform(-4, -1, n)
    return np.complex64(size * np.exp(1j * rng.uniform(0, np.pi, n)))


def normal(shape, kind, seed=1):
    rng = np.random.default_rng(seed)
    draw = lambda: rng.standard_normal(shape).astype(np.float32)
    return draw() + 1j * draw() if kind is complex else draw()


def oscillators(n):
    """The step matrices (2, 2, N) of implicit oscillators, phases 0.01 to 0.5 in each step."""
    w = np.geomspace(0.01, 0.5, n)
    return np.float32(np.array([[np.ones(n), -w], [w, np.ones(n)]]) / (1 + w**2))


def recurrence(kind, shape):
    """Return contenders and arguments of a recurrence whose states are wanted; `shape` ends with (T, n)."""
    *batch, T, n = shape
    if kind == "diagonal":
        a, b = poles(n), normal(shape, complex)
        ours, associative = ssmctl.linear_recurrence, s5_scan
    else:
        a, b = oscillators(n), normal((*batch, T, 2, n), float)
        ours = lambda M, b: ssmctl.linear_recurrence(M.transpose(2, 0, 1), b, structure="block")
        associative = linoss_scan
    calls = {"ours": ours, "associative": associative, "scan": partial(plain_scan, APPLY[kind])}
    if batch:
        calls = {name: jax.vmap(call, (None, 0)) for name, call in calls.items()}
    return calls, (a, b)


# ----------------------------------------------------------------------------------------------------- layers


def our_layer(lam, B, C, D, u):
    return ssmctl.simulate(ssmctl.Modal(lam, B, C, D, dt=True, output="post"), u)[0]


def s5_layer(scan, lam, B, C, D, u):
    """Run B u, states, Re(C x) + D u in complex products, as the published layers do."""
    states = scan(lam, jax.vmap(lambda u: B @ u.astype(B.dtype))(u))
    return jax.vmap(lambda x: (C @ x).real)(states) + jax.vmap(lambda u: D @ u)(u)


def layer(T, m, n):
    """Return contenders and arguments of a full layer with m inputs, m outputs and n complex modes."""
    B, C, D = normal((n, m), complex, 2), normal((m, n), complex, 3) / n, normal((m, m), float, 4)
    scan = partial(plain_scan, apply_diagonal)
    calls = {"ours": our_layer, "associative": partial(s5_layer, s5_scan), "scan": partial(s5_layer, scan)}
    return calls, (poles(n), B, np.complex64(C), D, normal((T, m), float, 5))


# ------------------------------------------------------ other defaults, beside the plain scan one would write


def varying_diagonal(T, n):
    a = np.complex64(poles(n) * (1 - 0.01 * np.random.default_rng(6).uniform(size=(T, n))))
    calls = {"ours": ssmctl.linear_recurrence, "scan": partial(plain_scan_varying, apply_diagonal)}
    return calls, (a, normal((T, n), complex))


def computed_diagonal(T, n):
    """The input is computed in the same program, as `B u` is in a layer."""
    calls, (a, b) = recurrence("diagonal", (T, n))
    of = lambda call: lambda a, b, w: call(a, b * w)
    return {name: of(calls[name]) for name in ("ours", "scan")}, (a, b, normal((T, n), complex, 6))


def reversed_diagonal(T, n):
    plain = lambda a, b: plain_scan(apply_diagonal, a, b[::-1])[::-1]
    calls = {"ours": partial(ssmctl.linear_recurrence, reverse=True), "scan": plain}
    return calls, (poles(n), normal((T, n), complex))


def contraction(n):
    """Return a dense matrix of spectral radius 0.99."""
    A = normal((n, n), float, 7)
    return np.float32(0.99 / abs(np.linalg.eigvals(A)).max() * A)


def dense_recurrence(T, n):
    ours = partial(ssmctl.linear_recurrence, structure="dense")
    return {"ours": ours, "scan": partial(plain_scan, apply_dense)}, (contraction(n), normal((T, n), float))


def state_space(T, m, n):
    def plain(A, B, C, D, u):
        after = plain_scan(apply_dense, A, u @ B.T)
        return jnp.concatenate([jnp.zeros_like(after[:1]), after[:-1]]) @ C.T + u @ D.T

    def ours(A, B, C, D, u):
        return ssmctl.simulate(ssmctl.StateSpace(A, B, C, D, dt=True), u)[0]

    shapes = [(n, m), (m, n), (m, m), (T, m)]
    return {"ours": ours, "scan": plain}, (contraction(n), *(normal(shape, float) for shape in shapes))


def bank(T, m, r, irregular=False):
    """A bank of implicit oscillators, positions read; `irregular`: each sample has its own step."""

    def plain(stiffness, damping, B, C, dt, u):
        def step(z, uh):
            f, h = uh
            v = (z[0] + h * (f - stiffness * z[1])) / (1 + h * damping + h * h * stiffness)
            x = z[1] + h * v
            return jnp.stack([v, x]), x

        h = dt if irregular else jnp.full(len(u), 0.1, u.dtype)
        return lax.scan(step, jnp.zeros((2, r), u.dtype), (u @ B.T, h))[1] @ C.T

    def ours(stiffness, damping, B, C, dt, u):
        made = ssmctl.Oscillator(stiffness, damping, 0.1, B=B, C=C, output="post")
        return ssmctl.simulate(made, u, dt=dt if irregular else None)[0]

    stiffness, damping = np.float32(np.geomspace(0.01, 25, r)), np.float32(np.geomspace(0.01, 1, r))
    dt = np.float32(np.random.default_rng(8).uniform(0.05, 0.15, T))
    B, C, u = normal((r, m), float, 2), normal((m, r), float, 3), normal((T, m), float, 5)
    return {"ours": ours, "scan": plain}, (stiffness, damping, B, C, dt, u)


def batched_layer(batch, T, m, n):
    calls, (*weights, _) = layer(T, m, n)
    axes = (None,) * len(weights)
    calls = {name: jax.vmap(calls[name], (*axes, 0)) for name in ("ours", "scan")}
    return calls, (*weights, normal((batch, T, m), float, 5))


def layer_states(T, m, n):
    def ours(lam, B, C, D, u):
        y, _, states = ssmctl.simulate(ssmctl.Modal(lam, B, C, D, dt=True), u, return_states=True)
        return jnp.concatenate([y, states.real, states.imag], 1)

    def plain(lam, B, C, D, u):
        x = plain_scan(apply_diagonal, lam, u @ B.T)
        x = jnp.concatenate([jnp.zeros_like(x[:1]), x[:-1]])
        return jnp.concatenate([(x @ C.T).real + u @ D.T, x.real, x.imag], 1)

    return {"ours": ours, "scan": plain}, layer(T, m, n)[1]
