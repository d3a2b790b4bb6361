r"""Affine maps $x \mapsto a x + b$ under composition: the one algebra behind every schedule.

$$(a_2, b_2) \circ (a_1, b_1) = (a_2 a_1,\ a_2 b_1 + b_2)$$

is associative, has the identity $(1, 0)$, and does not commute unless the multipliers do: the *later* map
stands on the left. Three kinds of multiplier know their products: `"diagonal"` (n,), real or complex;
`"block"`, planar (2, 2, n), for `n` two-by-two blocks on states (2, n); `"dense"` (n, n). Each may have
leading axes. Products are transposed, never conjugated, as JAX's cotangents are.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax.numpy as jnp

__all__ = ["STRUCTURES", "Structure", "StructureName", "combine"]

StructureName = Literal["diagonal", "block", "dense"]


class Structure(NamedTuple):
    """What one kind of multiplier can do; every function takes leading axes.

    `ndim` and `state_ndim` count the axes of one multiplier and of one state.
    """

    ndim: int
    state_ndim: int
    apply: Callable[[Any, Any], Any]  # a, z -> a z
    product: Callable[[Any, Any], Any]  # later, earlier -> later earlier
    transpose: Callable[[Any], Any]
    outer: Callable[[Any, Any], Any]  # s, z -> the cotangent of a in s . (a z)


def _matmul(a: Any, b: Any) -> Any:
    return jnp.matmul(a, b, precision="highest")


def _dense_apply(a: Any, z: Any) -> Any:
    # the state first: a batch of states then multiplies the matrix from the left, and nothing is transposed
    return jnp.einsum("...j,...ij->...i", z, a, precision="highest")


def _planar_apply(a: Any, z: Any) -> Any:
    straight = jnp.stack([a[..., 0, 0, :], a[..., 1, 1, :]], -2)
    crossed = jnp.stack([a[..., 0, 1, :], a[..., 1, 0, :]], -2)
    return straight * z + crossed * z[..., ::-1, :]  # two full-width products: they vectorise


def _planar_product(a: Any, b: Any) -> Any:
    return a[..., :, :1, :] * b[..., :1, :, :] + a[..., :, 1:, :] * b[..., 1:, :, :]


STRUCTURES: dict[str, Structure] = {
    "diagonal": Structure(
        ndim=1,
        state_ndim=1,
        apply=lambda a, z: a * z,
        product=lambda a, b: a * b,
        transpose=lambda a: a,
        outer=lambda s, z: s * z,
    ),
    "block": Structure(
        ndim=3,
        state_ndim=2,
        apply=_planar_apply,
        product=_planar_product,
        transpose=lambda a: jnp.swapaxes(a, -3, -2),
        outer=lambda s, z: s[..., :, None, :] * z[..., None, :, :],
    ),
    "dense": Structure(
        ndim=2,
        state_ndim=1,
        apply=_dense_apply,
        product=_matmul,
        transpose=lambda a: jnp.swapaxes(a, -2, -1),
        outer=lambda s, z: s[..., :, None] * z[..., None, :],
    ),
}


def combine(structure: StructureName, later: tuple[Any, Any], earlier: tuple[Any, Any]) -> tuple[Any, Any]:
    r"""Compose two affine maps, $(a_2, b_2) \circ (a_1, b_1) = (a_2 a_1,\ a_2 b_1 + b_2)$.

    **Arguments:** `later` and `earlier`: pairs `(a, b)`; any equal leading axes.

    **Guarantee:** associative in exact arithmetic; the order of the arguments matters for `"block"` and
    `"dense"`. **Cost:** one product of multipliers (n, 8n or $n^3$ operations) and one application.

    >>> combine("diagonal", (2, 3), (5, 7))  # x -> 2 (5 x + 7) + 3
    (10, 17)
    """
    kind = STRUCTURES[structure]
    return kind.product(later[0], earlier[0]), kind.apply(later[0], earlier[1]) + later[1]
