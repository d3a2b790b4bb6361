r"""Matrices in extended precision for searches: python-flint's `arb_mat` with the radii dropped.

A number of more than 53 bits is a tuple of float64 arrays, meaning their exact sum. Searched with, not
trusted.
"""

from contextlib import contextmanager
from typing import Any

import numpy as np
from flint import acb_mat, arb, arb_mat, ctx

Parts = tuple[np.ndarray, ...]


# ------------------------------------------------------------------------------------- arb_mat, radii dropped


@contextmanager
def precision(prec: int):
    """Work with `prec` bits, and without float64 warnings: a search may overflow and fail freely."""
    with ctx.workprec(prec), np.errstate(all="ignore"):
        yield


def lift(X, kind: Any = arb_mat) -> Any:
    """Lift an array, or a tuple of arrays meaning their sum, to `arb_mat` (or `acb_mat`)."""
    parts = X if isinstance(X, tuple) else (X,)
    first, *rest = (kind(*part.shape, part.ravel().tolist()) for part in parts)
    for part in rest:
        first = first + part
    return first.mid()


def floats(X: arb_mat) -> np.ndarray:
    """Round to float64."""
    return np.array([float(x) for x in X.entries()], float).reshape(X.nrows(), X.ncols())


def complexes(X: acb_mat) -> np.ndarray:
    """Round to complex128."""
    return np.array([complex(x) for x in X.entries()], complex).reshape(X.nrows(), X.ncols())


def eye(n: int) -> arb_mat:
    """The identity of order n."""
    return lift(np.eye(n))


def mul(*factors):
    """Multiply from left to right, at the working precision."""
    product = factors[0]
    for factor in factors[1:]:
        product = (product * factor).mid()
    return product


def solve(A, B):
    """Solve $A X = B$ by floating-point elimination, at the working precision."""
    return A.solve(B, algorithm="approx").mid()


def symmetric(X: arb_mat) -> arb_mat:
    r"""The symmetric part $(X + X^\top)/2$."""
    return ((X + X.transpose()) * arb(0.5)).mid()


def block(rows: list[list[arb_mat]]) -> arb_mat:
    """Assemble a block matrix; every block row has at least one row."""
    lines = [line for row in rows for line in zip(*(X.tolist() for X in row), strict=True)]
    return arb_mat([[x for part in line for x in part] for line in lines])


def positive(M: arb_mat) -> bool:
    """Whether `M` looks positive definite: block elimination at the working precision; no proof."""
    n, rows = M.nrows(), M.tolist()
    if n > 12:
        k = n // 2
        first, rest = slice(k), slice(k, n)
        corner = lambda i, j: arb_mat([row[j] for row in rows[i]])
        A, B, C = corner(first, first), corner(first, rest), corner(rest, rest)
        return positive(A) and positive(symmetric(C - mul(B.transpose(), solve(A, B))))
    for k, pivot in enumerate(rows):
        if not pivot[k] > 0:
            return False
        for row in rows[k + 1 :]:
            ratio = (row[k] / pivot[k]).mid()
            row[k:] = [(x - ratio * y).mid() for x, y in zip(row[k:], pivot[k:], strict=True)]
    return True


def split(X: arb_mat, parts: int = 2) -> Parts:
    r"""Round `X` to `parts` float64 arrays, largest first, whose exact sum has about $53 \cdot$ `parts` bits.

    **Guarantee:** numerical; entrywise, rounded to nearest, short of underflow. **Cost:** $O(n^2)$.

    >>> [part.tolist() for part in split(arb_mat([[0.5]]))]
    [[[0.5]], [[0.0]]]
    """
    rounded = []
    with ctx.workprec(max(ctx.prec, 53 * (parts + 1))):
        for _ in range(parts):
            rounded.append(floats(X))
            X = (X - lift(rounded[-1])).mid()
    return tuple(rounded)
