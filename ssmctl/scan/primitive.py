r"""The loop of $z_k = a_k z_{k-1} + b_k$, $z_{-1} = x_0$, as JAX primitives closed under differentiation.

A rule by `custom_vjp` would forbid `jvp`; `custom_linear_solve` has every mode, but sums the gradient of $a$
over stored products: three trajectories of memory, 1.5 to 2.5 times the duration of a training step.
Differentiating the loop itself costs up to thirty times as much under `vmap`. So there are four primitives,
each other's transposes, linear in what follows the semicolon:

| primitive | computes | transpose |
|---|---|---|
| `forward` $(a; b, x_0)$ | $z$ | `backward` |
| `backward` $(a; g)$ | $s_k = g_k + a_{k+1}^\top s_{k+1}$, $q = a_0^\top s_0$ | `forward` |
| `tangent` $(a, z, x_0; a', b', x_0')$ | $z$ of $a' z_{k-1} + b'_k$, $x_0'$ | `adjoint` |
| `adjoint` $(a, z, x_0; g)$ | `backward` and $\sum_k s_k z_{k-1}^\top$ in one loop | `tangent` |

The second pair serves constant multipliers that are diagonal or of blocks: their gradient then needs no
memory beside $s$ itself. For other multipliers it is one product of the trajectories $s$ and $z$.

Every loop runs over axis 0 of one sequence; `vmap` batches its body and so never transposes a batch. It
overwrites its input, which XLA copies unless nobody else reads it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_batching import custom_vmap
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from ssmctl.scan.monoid import STRUCTURES, Structure, StructureName

__all__ = ["states"]

BLOCK = 1024
"""Steps whose products are summed before they join the gradient of `a`: bounds its rounding, at no cost."""


@dataclass(frozen=True)
class _Spec:
    """What is static: the multiplier, the direction, and the batch.

    `levels` has one tuple for each `vmap`, outermost first: which operands carry its axis, in front.
    """

    structure: StructureName
    varying: bool
    reverse: bool
    levels: tuple[tuple[bool, ...], ...] = ()

    @property
    def kind(self) -> Structure:
        return STRUCTURES[self.structure]

    @property
    def fused(self) -> bool:
        """Whether the gradient of the multiplier is summed inside the loop."""
        return not self.varying and self.structure != "dense"

    def sample(self, i: Any, T: int, *, backward: bool = False) -> Any:
        """Give the sample of step i, in the order of the recurrence or against it."""
        return T - 1 - i if self.reverse != backward else i

    def before(self, z: Any, first: Any, *, backward: bool = False) -> Any:
        """Give the trajectory one step earlier: `first`, then all but the last."""
        return jnp.concatenate([z[1:], first[None]] if self.reverse != backward else [first[None], z[:-1]])

    def along(self, a: Any, z: Any) -> Any:
        """Apply the multiplier of each step to a trajectory."""
        return jax.vmap(self.kind.apply, (0 if self.varying else None, 0))(a, z)

    def of(self, *columns: int | None) -> "_Spec":
        """Describe other operands: those in the given columns, None for what carries every level."""
        pick = lambda level: tuple(True if i is None else level[i] for i in columns)
        return replace(self, levels=tuple(map(pick, self.levels)))

    def batched(self, single: Callable[..., Any], *operands: Any) -> Any:
        """Call `single(spec, ...)`, written for one sequence, on operands with their batch axes."""
        run = partial(single, replace(self, levels=()))
        for level in reversed(self.levels):
            run = jax.vmap(run, [0 if flag else None for flag in level])
        return run(*operands)


# ---------------------------------------------------------------------------------------- loops, one sequence


@cache
def _row(axis: int) -> tuple[Any, Any]:
    """Return `at(x, k)` and `put(x, row, k)` of row k along an axis; under `vmap` along the next one.

    JAX batches these by gather and scatter, whose checks of bounds cost a fifth of the loop.
    """
    given = lambda batched, size, x: x if batched else jnp.broadcast_to(x, (size, *x.shape))

    @custom_vmap
    def at(x: Any, k: Any) -> Any:
        starts, sizes = [jnp.zeros_like(k)] * x.ndim, [*x.shape]
        starts[axis], sizes[axis] = k, 1
        return lax.squeeze(lax.dynamic_slice(x, starts, sizes, allow_negative_indices=False), [axis])

    @custom_vmap
    def put(x: Any, row: Any, k: Any) -> Any:
        starts = [jnp.zeros_like(k)] * x.ndim
        starts[axis] = k
        return lax.dynamic_update_slice(x, lax.expand_dims(row, [axis]), starts, allow_negative_indices=False)

    @at.def_vmap
    def _(size: int, batched: Any, x: Any, k: Any) -> Any:
        return _row(axis + 1)[0](given(batched[0], size, x), k), True

    @put.def_vmap
    def _(size: int, batched: Any, x: Any, row: Any, k: Any) -> Any:
        return _row(axis + 1)[1](given(batched[0], size, x), given(batched[1], size, row), k), True

    return at, put


_at, _put = _row(0)


def _forward_loop(spec: _Spec, a: Any, b: Any, x0: Any) -> tuple[Any]:
    T, apply = len(b), spec.kind.apply

    def body(i: Any, carry: Any) -> Any:
        z, out = carry
        k = spec.sample(i, T)
        z = apply(_at(a, k) if spec.varying else a, z) + _at(out, k)
        return z, _put(out, z, k)

    return (lax.fori_loop(0, T, body, (x0, b))[1],)


def _backward_loop(spec: _Spec, a: Any, g: Any) -> tuple[Any, Any]:
    T, sample, transpose = len(g), partial(spec.sample, T=len(g), backward=True), spec.kind.transpose
    once = None if spec.varying else lax.optimization_barrier(transpose(a))  # not again at every step

    def pull(i: Any, s: Any) -> Any:
        return spec.kind.apply(transpose(_at(a, sample(i))) if spec.varying else once, s)

    def body(i: Any, carry: Any) -> Any:  # carries s: with a s, XLA would copy the trajectory at every step
        s, out = carry
        s = pull(i - 1, s) + _at(out, sample(i))
        return s, _put(out, s, sample(i))

    s, out = lax.fori_loop(1, T, body, (_at(g, sample(0)), g))
    return out, pull(T - 1, s)


def _adjoint_loop(spec: _Spec, a: Any, z: Any, x0: Any, g: Any) -> tuple[Any, Any, Any]:
    T, kind, zero = len(g), spec.kind, jnp.zeros_like(a)
    a = kind.transpose(a)

    def body(i: Any, carry: Any) -> Any:
        s, da, out = carry
        k = spec.sample(i, T, backward=True)
        da = da + kind.outer(s, _at(z, k))
        s = kind.apply(a, s) + _at(out, k)
        return s, da, _put(out, s, k)

    def block(i: Any, carry: Any) -> Any:
        s, total, out = carry
        start = rest + i * BLOCK
        s, da, out = lax.fori_loop(0, BLOCK, lambda j, inner: body(start + j, inner), (s, zero, out))
        return s, total + da, out

    blocks, rest = divmod(T, BLOCK)
    s, da, out = lax.fori_loop(0, rest, body, (jnp.zeros_like(x0), zero, g))
    if blocks:
        s, da, out = lax.fori_loop(0, blocks, block, (s, da, out))
    return da + kind.outer(s, x0), out, kind.apply(a, s)


# -------------------------------------------------------------------- tangents and gradients, as compositions


def _tangent(spec: _Spec, a: Any, z: Any, x0: Any, da: Any, db: Any, dx0: Any) -> list[Any]:
    return forward.bind(a, spec.along(da, spec.before(z, x0)) + db, dx0, spec=spec)


def _adjoint(spec: _Spec, a: Any, z: Any, x0: Any, g: Any) -> tuple[Any, Any, Any]:
    s, q = backward.bind(a, g, spec=spec)
    return jax.vmap(spec.kind.outer)(s, spec.before(z, x0)).sum(0), s, q


def _backward_tangent(spec: _Spec, a: Any, s: Any, da: Any, dg: Any) -> tuple[Any, Any]:
    w = spec.along(spec.kind.transpose(da), s)  # joins the cotangent of the step before
    s, q = backward.bind(a, dg + spec.before(w, jnp.zeros_like(w[0]), backward=True), spec=spec)
    return s, q + w[spec.sample(0, len(w))]


# ------------------------------------------------------------------------------- from functions to primitives


def _primitive(name: str, single: Callable[..., Any], like: Callable[..., Any]) -> Primitive:
    """Make a primitive of a loop over one sequence; `like` makes outputs of the right shapes cheaply."""
    self = Primitive(f"recurrence_{name}")
    self.multiple_results = True

    def run(*operands: Any, spec: _Spec) -> list[Any]:
        return list(spec.batched(single, *operands))

    def abstract(*operands: Any, spec: _Spec) -> Any:
        shapes = lambda *xs: spec.batched(lambda _, *single: like(*single), *xs)
        return jax.make_jaxpr(shapes)(*operands).out_avals

    def batch(operands: Sequence[Any], dims: Sequence[int | None], *, spec: _Spec) -> tuple[Any, list[int]]:
        pairs = zip(operands, dims, strict=True)
        fronted = [x if dim is None else jnp.moveaxis(x, dim, 0) for x, dim in pairs]
        level = tuple(dim is not None for dim in dims)
        outputs = self.bind(*fronted, spec=replace(spec, levels=(level, *spec.levels)))
        return outputs, [0] * len(outputs)

    self.def_impl(jax.jit(run, static_argnames="spec"))
    self.def_abstract_eval(abstract)
    batching.primitive_batchers[self] = batch
    mlir.register_lowering(self, mlir.lower_fun(run, multiple_results=True))
    return self


forward = _primitive("forward", _forward_loop, lambda a, b, x0: (b,))
backward = _primitive("backward", _backward_loop, lambda a, g: (g, g[0]))
tangent = _primitive("tangent", _tangent, lambda a, z, x0, da, db, dx0: (db,))
adjoint = _primitive("adjoint", _adjoint_loop, lambda a, z, x0, g: (a, g, x0))


def _forward_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, spec: _Spec) -> tuple[Any, Any]:
    a, _, x0 = primals
    (z,) = forward.bind(*primals, spec=spec)
    da, db, dx0 = map(ad.instantiate_zeros, tangents)
    if type(tangents[0]) is ad.Zero:
        return [z], forward.bind(a, db, dx0, spec=spec)
    spec, operands = spec.of(0, None, 2, 0, 1, 2), (a, z, x0, da, db, dx0)
    return [z], tangent.bind(*operands, spec=spec) if spec.fused else spec.batched(_tangent, *operands)


def _backward_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, spec: _Spec) -> tuple[Any, Any]:
    s, q = backward.bind(*primals, spec=spec)
    da, dg = map(ad.instantiate_zeros, tangents)
    if type(tangents[0]) is ad.Zero:
        return [s, q], backward.bind(primals[0], dg, spec=spec)
    return [s, q], spec.of(0, None, 0, 1).batched(_backward_tangent, primals[0], s, da, dg)


def _jvp_of(
    single: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], *, spec: _Spec
) -> Any:
    """Differentiate a primitive as the composition that it computes."""
    return jax.jvp(partial(spec.batched, single), primals, tuple(map(ad.instantiate_zeros, tangents)))


def _transpose(other: Primitive, known: int, cotangents: Any, *operands: Any, spec: _Spec) -> list[Any]:
    """Transpose a primitive in all operands but the first `known`: one run of `other`."""
    given = map(ad.instantiate_zeros, cotangents)
    outputs = other.bind(*operands[:known], *given, spec=spec.of(*range(known), *[None] * len(cotangents)))
    total = lambda x, column: x.sum([i for i, level in enumerate(spec.levels) if not level[column]])
    wanted = [ad.is_undefined_primal(operand) for operand in operands[known:]]
    pairs = enumerate(zip(wanted, outputs, strict=True), known)
    return [None] * known + [total(x, column) if want else None for column, (want, x) in pairs]


ad.primitive_jvps |= {
    forward: _forward_jvp,
    backward: _backward_jvp,
    tangent: partial(_jvp_of, _tangent),
    adjoint: partial(_jvp_of, _adjoint),
}
ad.primitive_transposes |= {
    forward: partial(_transpose, backward, 1),
    backward: partial(_transpose, forward, 1),
    tangent: partial(_transpose, adjoint, 3),
    adjoint: partial(_transpose, tangent, 3),
}


def states(a: Any, b: Any, x0: Any, structure: StructureName, reverse: bool = False) -> Any:
    r"""Run $z_k = a_k z_{k-1} + b_k$ step by step; return `z`, without `x0`.

    **Arguments:** `a`, diagonal (n,), planar blocks (2, 2, n) or dense (n, n), constant or with a leading
    `T`; `b` (T, n), for blocks (T, 2, n); `x0`, as a row of `b`. One dtype for all.
    `reverse`: $z_k = a_k z_{k+1} + b_k$.

    **Guarantee:** every derivative is a recurrence again, in every mode and order; one compilation per shape.
    **Cost:** `T` steps; a gradient takes as many again and keeps `z`.
    """
    if len(b) == 0:
        return b
    if jax.sharding.get_abstract_mesh().manual_axes:  # inside shard_map: all vary, over the same axes
        among = lambda x: [lax.full_like(y, 0, shape=x.shape) for y in (a, b, x0)]
        a, b, x0 = (x + sum(among(x)) for x in (a, b, x0))
    spec = _Spec(structure, a.ndim > STRUCTURES[structure].ndim, reverse)
    return forward.bind(a, b, x0, spec=spec)[0]
