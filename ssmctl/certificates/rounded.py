r"""Matrices in float64 with rigorous error bounds: the arithmetic of trust level `"float64"`.

A `Ball` is a matrix `mid` of floats and a matrix `rad` of bounds, $|M - \mathrm{mid}| \le \mathrm{rad}$ entry
by entry. It offers the operations of `exact.Matrix`, so the rules of `exact` run on it unchanged: every
product carries its rounding error along, also the one made in forming the matrix whose definiteness is the
claim.

**Trusted:** IEEE 754 binary64 in round-to-nearest (gradual or flushed underflow) and a conventional matrix
product: any order of summation, with or without FMA, but no Strassen-like scheme and no reduced precision.
Mode `"chol"` trusts the Cholesky factorisation of LAPACK as well. The theorem page is
`docs/theorems/rounded.md` [rump2006; rumpjeannerod2014].
"""

import numpy as np

from ssmctl.certificates.exact import Matrix, Reader, need, read_number

U = 2.0**-53
FLUSHED = 2.0**-960  # above all that underflow, gradual or flushed, can lose in one operation, by far
DROPPED = 2.0**-900
SMALL, LARGE = 2.0**-200, 2.0**200


class Ball:
    """A float64 matrix and an entrywise bound on its error; `rad` is None where `mid` is exact.

    **Arguments:** `mid`, `rad`: float64 arrays of one shape (r, c).
    **Guarantee:** the exact result of an operation on members of the operands is a member of the result.
    **Cost:** two floating-point products for each product of matrices, three when both factors are inexact.
    """

    __slots__ = ("mid", "rad")

    def __init__(self, mid, rad=None):
        self.mid, self.rad = mid, rad

    @property
    def shape(self):
        """Rows and columns."""
        return self.mid.shape

    @classmethod
    def eye(cls, n):
        """The identity of order n."""
        return cls(np.eye(n))

    @classmethod
    def zeros(cls, r, c):
        """The zero matrix of shape (r, c)."""
        return cls(np.zeros((r, c)))

    @classmethod
    def number(cls, x):
        """A float, or an integer that is one, as a 1 x 1 ball."""
        return cls(np.array([[float(x)]]))

    @classmethod
    def diagonal(cls, v):
        """The diagonal matrix of a column."""
        return cls(np.diag(v.mid[:, 0]), None if v.rad is None else np.diag(v.rad[:, 0]))

    @classmethod
    def block(cls, blocks):
        """Join a list of rows of balls; heights and widths have to agree."""
        widths = [b.shape[1] for b in blocks[0]]
        for line in blocks:
            need([b.shape[1] for b in line] == widths, "blocks differ in width")
            need(len({b.shape[0] for b in line}) == 1, "blocks differ in height")
        mid = np.block([[b.mid for b in line] for line in blocks])
        if all(b.rad is None for line in blocks for b in line):
            return cls(mid)
        return cls(mid, np.block([[b.radius() for b in line] for line in blocks]))

    @staticmethod
    def exactly(formula, *operands):
        """formula(*operands) in integers, rounded at the end, where the operands are exact; else in balls."""
        if any(x.rad is not None for x in operands):
            return formula(*operands)
        return tuple(Ball.nearest(x) for x in formula(*(x.integers() for x in operands)))

    def integers(self):
        """The exact matrix whose entries are the floats of `mid`."""
        fraction, exponent = np.frexp(self.mid)
        low = int(exponent[self.mid != 0].min(initial=1074)) - 53
        whole, shift = np.ldexp(fraction, 53).astype(np.int64).tolist(), (exponent - 53 - low).tolist()
        rows = [
            [x << k if x else 0 for x, k in zip(*row, strict=True)] for row in zip(whole, shift, strict=True)
        ]
        return Matrix(rows, self.shape, low)

    @classmethod
    def nearest(cls, exact):
        """A ball around an exact matrix: its entries to 60 bits, then to floats."""
        mid = np.zeros(exact.shape)
        for i, row in enumerate(exact.rows):
            for j, x in enumerate(row):
                cut = max(0, x.bit_length() - 60)
                mid[i, j] = np.ldexp(float(x >> cut), max(cut + exact.exponent, -5000))
        return cls(mid, np.abs(mid) * (8 * U) + FLUSHED)

    def radius(self):
        """The bound on the error as an array, zeros where there is none."""
        return np.zeros(self.shape) if self.rad is None else self.rad

    def __add__(self, other):
        need(self.shape == other.shape, "shapes differ in a sum")
        mid = self.mid + other.mid
        rad = U * np.abs(mid)
        if self.rad is not None or other.rad is not None:
            rad = rad + (self.radius() + other.radius())  # the two first: X + X' stays symmetric to a bit
        return Ball(mid, rad * (1 + 8 * U) + FLUSHED)

    def __neg__(self):
        return Ball(-self.mid, self.rad)

    def __sub__(self, other):
        return self + -other

    def __matmul__(self, other):
        need(self.shape[1] == other.shape[0], "shapes differ in a product")
        k = self.shape[1]
        need(k < 2**20, "the matrix is too large for level float64")
        size = np.abs(other.mid)
        spread = (k * U / (1 - k * U) * (1 + 4 * U)) * size + FLUSHED
        if other.rad is not None:
            spread += other.rad
        rad = np.abs(self.mid) @ spread
        if self.rad is not None:
            rad += self.rad @ (size if other.rad is None else size + other.rad)
        return Ball(self.mid @ other.mid, rad * (1 + 4 * (k + 8) * U) + (k + 1) * FLUSHED)

    @property
    def T(self):
        """The transpose."""
        return Ball(self.mid.T, None if self.rad is None else self.rad.T)

    def times(self, scalar):
        """Product with a 1 x 1 ball."""
        need(scalar.shape == (1, 1), "a scalar was expected")
        s, r = scalar.mid[0, 0], scalar.radius()[0, 0]
        mid = s * self.mid
        rad = U * np.abs(mid) + r * np.abs(self.mid)
        if self.rad is not None:
            rad = rad + (np.abs(s) + r) * self.rad
        return Ball(mid, rad * (1 + 8 * U) + FLUSHED)

    def congruence(self, X):
        """X' S X for this symmetric S; the exact result is symmetric: one triangle of the ball is enough."""
        need(
            self.shape == (X.shape[0],) * 2 and self.symmetric(),
            "a symmetric matrix of that height was expected",
        )
        full = X.T @ (self @ X)
        return Ball(mirrored(full.mid), mirrored(full.rad))

    def abs(self):
        """The absolute values of the entries."""
        return Ball(np.abs(self.mid), self.rad)

    def rounded(self, bits, divisor=1):
        """The centre/divisor as an exact matrix, without entries that a product could flush.

        The caller has to bound the difference.
        """
        return Ball(np.where(np.abs(self.mid) < divisor * SMALL, 0.0, self.mid / divisor))

    def entry(self, i, j):
        """Entry (i, j) as a 1 x 1 ball."""
        return Ball(
            self.mid[i : i + 1, j : j + 1], None if self.rad is None else self.rad[i : i + 1, j : j + 1]
        )

    def column(self, j):
        """Column j as a ball of one column."""
        return Ball(self.mid[:, j : j + 1], None if self.rad is None else self.rad[:, j : j + 1])

    def symmetric(self):
        """Whether centre and bound are square and symmetric."""
        same = lambda X: X.shape[0] == X.shape[1] and np.array_equal(X, X.T)
        return same(self.mid) and (self.rad is None or same(self.rad))

    def zero(self):
        """Whether every entry is exactly zero."""
        return self.rad is None and not self.mid.any()

    def least(self):
        """Sign of the smallest number in a 1 x 1 ball; -1 for one that overflowed.

        A difference of two floats has an exact sign.
        """
        mid, rad = float(self.mid[0, 0]), float(self.radius()[0, 0])
        return (mid > rad) - (mid < rad) if np.isfinite(mid) and np.isfinite(rad) and rad >= 0 else -1

    def positive(self, mode="resid"):
        """Whether every symmetric matrix in the ball is proved positive definite; see `positive_definite`."""
        need(self.symmetric(), "a symmetric matrix was expected")
        if self.shape == (1, 1):
            return self.least() > 0
        return positive_definite(self.mid, self.rad, mode)

    def nonnegative(self):
        """Whether every matrix in the ball is semidefinite, as far as floats can tell."""
        if self.shape == (1, 1):
            return self.least() >= 0
        return self.zero() or self.positive()


def mirrored(X):
    """X with its upper triangle replaced by the lower one."""
    return np.tril(X) + np.tril(X, -1).T


def positive_definite(M, rad=None, mode="resid"):
    r"""Decide whether every symmetric matrix within `rad` of `M` is *proved* positive definite.

    Scale by powers of two to a diagonal in $[1/4, 1)$ (exact), subtract what rounding and `rad` may take
    away, factorise.

    - `"resid"`: any factor $R$; $A - R^\top R$ with all its rounding errors has to be strictly diagonally
      dominant.
    - `"chol"`: the factorisation completes on $A$ with its diagonal lowered by the backward error of
      Cholesky, $|R^\top R - A| \le (N+2)u\,|R^\top||R|$.

    **Arguments:** `M` (N, N) symmetric float64; `rad` (N, N) symmetric, nonnegative, or None.
    **Returns:** True (proved) or False (not proved). NaN and infinity are never proved.
    **Guarantee:** theorem `rounded`; relative to each diagonal entry, so diagonal scaling of `M` changes
    nothing.
    **Cost:** a Cholesky factorisation, and for `"resid"` two symmetric products more.
    """
    N = M.shape[0]
    d = np.diag(M)
    if not (np.isfinite(M).all() and (d > 0).all()):
        return False
    e = -((np.frexp(d)[1] + 1) // 2)
    e = e[:, None] + e[None, :]
    A = np.ldexp(M, e)
    if not (np.abs(A) <= 4.0).all():
        return False
    A = np.where(np.abs(A) < DROPPED, 0.0, A)
    r = np.full(N, 2.0 * N * DROPPED)
    if rad is not None:
        if not (np.isfinite(rad).all() and (rad >= 0).all()):
            return False
        r = r + (np.ldexp(rad, e).sum(1) * (1 + 2 * (N + 4) * U) + N * FLUSHED)
    d = np.diag(A).copy()
    tau = N * (N + 2) * U / (1 - (N + 2) * U) * (1 + 8 * U)
    if mode == "chol":
        low = d * (1 - tau) - r
        low -= 8 * U * (np.abs(low) + d + r) + N * (N + 1) * FLUSHED
        R = factor(A, low)
        return R is not None
    need(mode == "resid", f"unknown mode {mode!r}")
    R = factor(A, d - (4 * tau * d.max(initial=0) + 1.25 * r))  # the factor is not trusted
    if R is None or not (np.abs(R) < 2.0**100).all():
        return False
    R = np.where(np.abs(R) < SMALL, 0.0, R)
    size = np.abs(R)
    F = A - R.T @ R
    S = size.T @ size
    F = np.where(np.abs(F) >= np.abs(F.T), F, F.T)
    S = np.maximum(S, S.T)
    err = ((N + 2) * U * S + U * np.abs(F)) * (1 + 4 * (N + 4) * U)
    off = np.abs(F) + err
    np.fill_diagonal(off, 0.0)  # before summing: a sum less its diagonal would cancel
    row = off.sum(1) * (1 + 2 * (N + 4) * U)
    dia = np.diag(F) - np.diag(err)
    return bool((dia - r - row > 8 * U * (np.abs(dia) + r + row)).all())


def factor(A, diagonal):
    """Upper Cholesky factor of A with another diagonal, or None."""
    A = A.copy()
    np.fill_diagonal(A, diagonal)
    if not (np.isfinite(A).all() and (diagonal > 0).all()):
        return None
    try:
        R = np.linalg.cholesky(A).T
    except np.linalg.LinAlgError:
        return None
    return R if np.isfinite(R).all() and (np.diag(R) > 0).all() else None


class ArrayReader(Reader):
    """The same fields as in the file, with float64 or complex128 arrays, or tuples of them (their exact sum).

    Magnitudes above 2^200 are refused, level exact takes over; those below 2^-200 become balls around zero.
    """

    arithmetic = Ball

    def length(self, key):
        """The length of a field that has to be an array, or a tuple of arrays."""
        value = self.get(key)
        value = value[0] if isinstance(value, tuple) else value
        need(np.ndim(value) > 0, f"`{key}` must be a list")
        return len(value)

    def complex(self, key):
        """Whether the array is complex."""
        return np.iscomplexobj(self.get(key))

    def parts(self, key, r, c, part=None):
        """The balls whose sum is meant; `part`: "re" or "im" if complex."""
        return self.terms(key, (r, c), part)

    def vector(self, key, n, part=None):
        """A column; its array has one dimension."""
        first, *rest = self.terms(key, (n,), part)
        return sum(rest, first)

    def scalar(self, key, low=None):
        """A number, at least `low` if that is given, as a 1 x 1 ball."""
        first, *rest = self.terms(key, ())
        x = sum(rest, first)
        good = low is None or (x if low == 0 else x - Ball.number(low)).nonnegative()
        need(good, f"`{key}` must be at least {low}")
        return x

    def terms(self, key, shape, part=None):
        """The balls of a field whose arrays have this shape."""
        value = self.get(key)
        return [as_ball(x, shape, key, part) for x in (value if isinstance(value, tuple) else (value,))]


def as_ball(x, shape, key, part):
    """An array of this shape, or numbers as a claim writes them, as a ball of two dimensions."""
    if isinstance(x, str | list):  # as a claim writes its numbers
        x = np.array(read_floats(x, key))
    x = np.asarray(x)
    if part:
        x = np.real(x) if part == "re" else np.imag(x)
    if x.size == 0 and 0 in shape:  # JSON forgets the other side of an empty matrix
        x = x.reshape(shape)
    need(x.shape == shape and x.dtype == np.float64, f"`{key}` must be float64 of shape {shape}")
    x = np.ascontiguousarray(x.reshape(shape if len(shape) == 2 else (-1, 1)))
    size = np.abs(x)
    need(
        (size <= LARGE).all(), f"`{key}` has entries beyond 2^200: too far for level float64, use level exact"
    )
    tiny = (size > 0) & (size < SMALL)
    return Ball(np.where(tiny, 0.0, x), np.where(tiny, SMALL, 0.0)) if tiny.any() else Ball(x)


def read_floats(x, key):
    """Nested lists of numbers in float.hex form as floats."""
    if isinstance(x, list):
        return [read_floats(y, key) for y in x]
    read_number(x, key)
    return float.fromhex(x)
