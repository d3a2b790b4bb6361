#!/usr/bin/env python3
r"""The trusted checker: prove the claim of a certificate file in exact integers.

    python exact.py CERT.json ...        needs this one file and the standard library, nothing else

A certificate states a claim about $x_{k+1} = Ax_k + Bu_k$ (or $\dot x = Ax + Bu$), $y = Cx + Du$, and carries
a witness. Every stored number is a float, so an exact dyadic rational; all arithmetic below is on integers
and exact. Exit 0: every file is proved. 2: a file is malformed, or its hash is wrong. 3: a file is well
formed but not proved.

**Trusted:** Python's integers, `json`, `hashlib` and this file. **Not trusted:** whoever found the witness,
by whatever means. Each rule names its theorem, `docs/theorems/<stem>.md`. The rules are written against the
few operations of `Matrix`; `rounded.Ball` offers the same ones in float64 with error bounds, so that both
levels run the same rules.
"""

# What is bound in continuous time alone is read there alone:
# pyright: reportPossiblyUnboundVariable=false

import hashlib
import json
import math
import sys
from decimal import Decimal
from fractions import Fraction
from operator import mul
from typing import Any

FORMAT = "ssmctl-cert/1"
SIZE, STEPS, PARTS = 2**12, 2**20, 64  # the most that a file may ask for: a hostile one must come to an end


class Refused(Exception):
    """The certificate does not prove its claim; the message says which condition failed."""


class Malformed(Refused):
    """The file is not a certificate at all; the message says what is wrong with it."""


def need(condition, reason, error=Refused):
    """Raise `error(reason)` unless the condition holds."""
    if not condition:
        raise error(reason)


# ------------------------------------------------------------------------------------------- exact matrices
class Matrix:
    """Exact dyadic matrix `rows * 2**exponent`; an explicit shape, so that empty ones are checked as well."""

    __slots__ = ("exponent", "rows", "shape")

    def __init__(self, rows, shape, exponent=0):
        need(len(rows) == shape[0] and all(len(row) == shape[1] for row in rows), "a matrix lost its shape")
        self.rows, self.shape, self.exponent = rows, shape, exponent

    @classmethod
    def eye(cls, n):
        """The identity of order n."""
        return cls([[int(i == j) for j in range(n)] for i in range(n)], (n, n))

    @classmethod
    def zeros(cls, r, c):
        """The zero matrix of shape (r, c)."""
        return cls([[0] * c for _ in range(r)], (r, c))

    @classmethod
    def number(cls, x):
        """An integer as a 1 x 1 matrix."""
        return cls([[x]], (1, 1))

    @classmethod
    def diagonal(cls, v):
        """The diagonal matrix of a column."""
        n = v.shape[0]
        return cls([[v.rows[i][0] if i == j else 0 for j in range(n)] for i in range(n)], (n, n), v.exponent)

    @classmethod
    def block(cls, blocks):
        """Join a list of rows of matrices; heights and widths have to agree."""
        e = min(b.exponent for line in blocks for b in line)
        widths = [b.shape[1] for b in blocks[0]]
        rows = []
        for line in blocks:
            need([b.shape[1] for b in line] == widths, "blocks differ in width")
            need(len({b.shape[0] for b in line}) == 1, "blocks differ in height")
            parts = [b.aligned(e) for b in line]
            rows += [[x for part in parts for x in part[i]] for i in range(line[0].shape[0])]
        return cls(rows, (len(rows), sum(widths)), e)

    @staticmethod
    def exactly(formula, *operands):
        """formula(*operands); `rounded` borrows these integers where nearly all of an expression cancels."""
        return formula(*operands)

    def aligned(self, exponent):
        """The rows of the same matrix written with this exponent, which must not be the larger one."""
        s = self.exponent - exponent
        return [[x << s for x in row] for row in self.rows] if s else self.rows

    def __add__(self, other):
        need(self.shape == other.shape, "shapes differ in a sum")
        e = min(self.exponent, other.exponent)
        pairs = zip(self.aligned(e), other.aligned(e), strict=True)
        return Matrix([[x + y for x, y in zip(p, q, strict=True)] for p, q in pairs], self.shape, e)

    def __neg__(self):
        return Matrix([[-x for x in row] for row in self.rows], self.shape, self.exponent)

    def __sub__(self, other):
        return self + -other

    def __matmul__(self, other):
        need(self.shape[1] == other.shape[0], "shapes differ in a product")
        columns = other.T.rows
        rows = [[sum(map(mul, row, column)) for column in columns] for row in self.rows]
        return Matrix(rows, (self.shape[0], other.shape[1]), self.exponent + other.exponent)

    @property
    def T(self):
        """The transpose."""
        r, c = self.shape
        return Matrix([[self.rows[i][j] for i in range(r)] for j in range(c)], (c, r), self.exponent)

    def times(self, scalar):
        """Product with a 1 x 1 matrix."""
        need(scalar.shape == (1, 1), "a scalar was expected")
        s = scalar.rows[0][0]
        return Matrix(
            [[s * x for x in row] for row in self.rows], self.shape, self.exponent + scalar.exponent
        )

    def congruence(self, X):
        """X' S X for this symmetric S; one triangle is computed."""
        need(
            self.shape == (X.shape[0],) * 2 and self.symmetric(),
            "a symmetric matrix of that height was expected",
        )
        N, columns, images = X.shape[1], X.T.rows, (self @ X).T.rows
        low = [[sum(map(mul, columns[i], images[j])) for j in range(i + 1)] for i in range(N)]
        rows = [[low[max(i, j)][min(i, j)] for j in range(N)] for i in range(N)]
        return Matrix(rows, (N, N), self.exponent + 2 * X.exponent)

    def abs(self):
        """The absolute values of the entries."""
        return Matrix([[abs(x) for x in row] for row in self.rows], self.shape, self.exponent)

    def rounded(self, bits, divisor=1):
        """A matrix near self/divisor in multiples of 2**-bits; the caller has to bound the difference."""
        s = self.exponent + bits
        if s >= 0 and divisor == 1:
            return self
        return Matrix(
            [[(x << s if s >= 0 else x >> -s) // divisor for x in row] for row in self.rows],
            self.shape,
            -bits,
        )

    def entry(self, i, j):
        """Entry (i, j) as a 1 x 1 matrix."""
        return Matrix([[self.rows[i][j]]], (1, 1), self.exponent)

    def column(self, j):
        """Column j as a matrix of one column."""
        return Matrix([[row[j]] for row in self.rows], (self.shape[0], 1), self.exponent)

    def symmetric(self):
        """Whether the matrix is square and equals its transpose."""
        r = self.rows
        return self.shape[0] == self.shape[1] and all(
            r[i][j] == r[j][i] for i in range(len(r)) for j in range(i)
        )

    def zero(self):
        """Whether every entry is zero."""
        return not any(x for row in self.rows for x in row)

    def positive(self, bits=220, shift=110):
        """Whether this symmetric matrix is *proved* positive definite: theorem `positive_definite`.

        With S = diag(2^k) bringing the diagonal near 1, an integer Cholesky factor L of S M S - 2^-shift I is
        computed to `bits` bits and not trusted: S M S - L L' has to be strictly diagonally dominant with a
        positive diagonal.
        """
        need(self.symmetric(), "a symmetric matrix was expected")
        M, N = self.rows, self.shape[0]
        if any(M[i][i] <= 0 for i in range(N)):
            return False
        k = [-(M[i][i].bit_length() // 2) for i in range(N)]
        L = []
        for i in range(N):
            row = []
            for j in range(i + 1):
                s = k[i] + k[j] + 2 * bits
                x = (M[i][j] << s if s >= 0 else M[i][j] >> -s) - sum(map(mul, row, L[j] if j < i else row))
                if j < i:
                    row.append(x // L[j][j])
                else:
                    x -= 1 << (2 * bits - shift)
                    if x <= 0:
                        return False
                    row.append(math.isqrt(x))
            L.append(row)
        f = max([2 * bits] + [-2 * x for x in k])
        diagonal, off = [0] * N, [0] * N
        for i in range(N):
            for j in range(i + 1):
                r = (M[i][j] << (k[i] + k[j] + f)) - (sum(map(mul, L[i], L[j])) << (f - 2 * bits))
                if i == j:
                    diagonal[i] = r
                else:
                    off[i] += abs(r)
                    off[j] += abs(r)
        return all(diagonal[i] > off[i] for i in range(N))

    def nonnegative(self):
        """Whether this symmetric matrix is positive semidefinite, decided by fraction-free elimination."""
        if self.positive():
            return True
        A, left, last = [row[:] for row in self.rows], list(range(self.shape[0])), 1
        while left:
            if any(A[i][i] < 0 for i in left):
                return False
            p = next((i for i in left if A[i][i] > 0), None)
            if p is None:  # a zero diagonal allows nothing beside it
                return not any(A[i][j] for i in left for j in left)
            left.remove(p)
            for i in left:
                for j in left:
                    if j <= i:
                        A[i][j] = A[j][i] = (A[p][p] * A[i][j] - A[i][p] * A[p][j]) // last
            last = A[p][p]
        return True


class Enclosed:
    """A real matrix within `rad` of `mid`, entry by entry, both exact; `rad` is None where it *is* `mid`.

    The same operations as `Matrix`, for entries such as 1/3 or exp(1) that no integer times 2^k equals:
    what is decided of an `Enclosed` holds of every (symmetric, where that is asked) matrix inside.
    """

    __slots__ = ("mid", "rad")

    def __init__(self, mid, rad=None):
        self.mid, self.rad = mid, rad

    @classmethod
    def between(cls, values, bits):
        """A column around pairs (value, error) of fractions, to `bits` digits of the least; dyadic: exact."""
        small = [x.denominator.bit_length() - abs(x.numerator).bit_length() for x, _ in values if x]
        bits += max([0, *small])
        if not any(e or x.denominator & (x.denominator - 1) for x, e in values):
            bits = max([x.denominator.bit_length() for x, _ in values], default=0)
        mid = [(x.numerator << bits) // x.denominator for x, _ in values]
        exact = [not e and (x.numerator << bits) % x.denominator == 0 for x, e in values]
        rad = [0 if good else math.ceil(e * 2**bits) + 1 for good, (_, e) in zip(exact, values, strict=True)]
        column = lambda v: Matrix([[x] for x in v], (len(v), 1), -bits)
        return cls(column(mid), None if all(exact) else column(rad))

    @property
    def shape(self):
        """Rows and columns."""
        return self.mid.shape

    @classmethod
    def eye(cls, n):
        """The identity of order n."""
        return cls(Matrix.eye(n))

    @classmethod
    def zeros(cls, r, c):
        """The zero matrix of shape (r, c)."""
        return cls(Matrix.zeros(r, c))

    @classmethod
    def number(cls, x):
        """An integer as a 1 x 1 matrix."""
        return cls(Matrix.number(x))

    @classmethod
    def diagonal(cls, v):
        """The diagonal matrix of a column."""
        return cls(Matrix.diagonal(v.mid), None if v.rad is None else Matrix.diagonal(v.rad))

    @classmethod
    def block(cls, blocks):
        """Join a list of rows of matrices; heights and widths have to agree."""
        mid = Matrix.block([[b.mid for b in line] for line in blocks])
        if all(b.rad is None for line in blocks for b in line):
            return cls(mid)
        return cls(mid, Matrix.block([[b.radius() for b in line] for line in blocks]))

    @staticmethod
    def exactly(formula, *operands):
        """formula(*operands)."""
        return formula(*operands)

    def radius(self):
        """The bound on the error as a matrix, zeros where there is none."""
        return Matrix.zeros(*self.shape) if self.rad is None else self.rad

    def size(self):
        """A bound on the absolute values of all matrices inside, and of `mid`, in few digits."""
        return upward(self.mid.abs()), upward(self.mid.abs() + self.radius())

    def __add__(self, other):
        exact = self.rad is None and other.rad is None
        return Enclosed(self.mid + other.mid, None if exact else self.radius() + other.radius())

    def __neg__(self):
        return Enclosed(-self.mid, self.rad)

    def __sub__(self, other):
        return self + -other

    def __matmul__(self, other):
        mid, rad = self.mid @ other.mid, None
        if other.rad is not None:
            rad = self.size()[1] @ other.rad
        if self.rad is not None:
            more = self.rad @ other.size()[0]
            rad = more if rad is None else rad + more
        return Enclosed(mid, None if rad is None else upward(rad))

    @property
    def T(self):
        """The transpose."""
        return Enclosed(self.mid.T, None if self.rad is None else self.rad.T)

    def times(self, scalar):
        """Product with a 1 x 1 matrix."""
        mid = self.mid.times(scalar.mid)
        if self.rad is None and scalar.rad is None:
            return Enclosed(mid)
        rad = self.radius().times(scalar.size()[1]) + self.size()[0].times(scalar.radius())
        return Enclosed(mid, upward(rad))

    def congruence(self, X):
        """X' S X for this symmetric S."""
        mid = self.mid.congruence(X.mid)
        if self.rad is None and X.rad is None:
            return Enclosed(mid)
        S, Y = self.size()[0], X.size()[0]
        rad = (S + self.radius()).congruence(Y + X.radius()) - S.congruence(Y)
        return Enclosed(mid, upward(rad))

    def abs(self):
        """The absolute values of the entries."""
        return Enclosed(self.mid.abs(), self.rad)

    def rounded(self, bits, divisor=1):
        """A matrix near self/divisor in multiples of 2**-bits; the caller has to bound the difference."""
        return Enclosed(self.mid.rounded(bits, divisor))

    def divided(self, bits, divisor):
        """self/divisor to `bits` binary places, enclosed; rounding down costs centre and bound 2 each."""
        mid, rad = self.mid.rounded(bits, divisor), self.radius().rounded(bits, divisor)
        four = Matrix(
            [[4] * self.shape[1] for _ in range(self.shape[0])], self.shape, -bits
        )  # floors: 2 each
        return Enclosed(mid, upward(rad + four))

    def entry(self, i, j):
        """Entry (i, j) as a 1 x 1 matrix."""
        return Enclosed(self.mid.entry(i, j), None if self.rad is None else self.rad.entry(i, j))

    def column(self, j):
        """Column j as a matrix of one column."""
        return Enclosed(self.mid.column(j), None if self.rad is None else self.rad.column(j))

    def symmetric(self):
        """Whether centre and bound are square and symmetric."""
        return self.mid.symmetric() and (self.rad is None or self.rad.symmetric())

    def zero(self):
        """Whether every entry is exactly zero."""
        return self.rad is None and self.mid.zero()

    def least(self):
        """A matrix that every symmetric one inside is at or above: |x'(M - mid)x| <= sum x_i^2 (rad 1)_i."""
        need(self.symmetric(), "a symmetric matrix was expected")
        if self.rad is None:
            return self.mid
        one = Matrix([[1]] * self.shape[0], (self.shape[0], 1))
        return self.mid - Matrix.diagonal(self.rad @ one)

    def positive(self):
        """Whether every symmetric matrix inside is *proved* positive definite."""
        return self.least().positive()

    def nonnegative(self):
        """Whether every symmetric matrix inside is positive semidefinite."""
        return self.least().nonnegative()


def upward(M):
    """A matrix at or above this nonnegative one, entry by entry, in few digits; symmetric if M is."""
    cut = max((x.bit_length() for row in M.rows for x in row), default=0) - 64
    if cut <= 0:
        return M
    rows = [[(x >> cut) + 1 if x else 0 for x in row] for row in M.rows]
    return Matrix(rows, M.shape, M.exponent + cut)


# ------------------------------------------------------------------------------------------- reading
class Reader:
    """The fields of one JSON object as exact matrices; every access states the shape that it expects."""

    arithmetic = Matrix

    def __init__(self, fields, name):
        need(isinstance(fields, dict), f"{name} must be a JSON object", Malformed)
        self.fields, self.name = fields, name

    def exact_sums(self):
        """Only a witness may write a matrix as a sum: claim and subject have one spelling each, as hashed."""
        return self.name == "witness"

    def only(self, *allowed):
        """Refuse every field but the allowed ones."""
        extra = sorted(set(self.fields) - set(allowed))
        need(
            not extra,
            f"{self.name} has unknown fields {extra}; expected some of {sorted(allowed)}",
            Malformed,
        )

    def get(self, key):
        """The value of a field, which has to be there."""
        need(key in self.fields, f"{self.name} lacks `{key}`", Malformed)
        return self.fields[key]

    def has(self, key):
        """Whether the field is there."""
        return key in self.fields

    def integer(self, key, low=0):
        """An integer from `low` to 2^31, that one excluded."""
        value = self.get(key)
        need(type(value) is int and low <= value < 2**31, f"`{key}` must be an integer >= {low}", Malformed)
        return value

    def complex(self, key):
        """Whether the field is written as real and imaginary part."""
        return isinstance(self.get(key), dict) and "re" in self.get(key)

    def length(self, key):
        """The length of a field that has to be a list, or an exact sum of lists."""
        value = self.get(key)
        if isinstance(value, dict) and isinstance(value.get("sum"), list) and value["sum"]:
            value = value["sum"][0]
        need(isinstance(value, list), f"`{key}` must be a list", Malformed)
        return len(value)

    def parts(self, key, r, c, part=None) -> Any:
        """The matrices whose exact sum is meant ({"sum": [...]} in a file); `part`: "re" or "im", or None."""
        value = self.get(key)
        if part:
            need(
                self.complex(key) and set(value) == {"re", "im"},
                f"`{key}` must be complex: {{re, im}}",
                Malformed,
            )
            value = value[part]
        if isinstance(value, dict) and self.exact_sums():
            good = (
                set(value) == {"sum"} and isinstance(value["sum"], list) and 1 <= len(value["sum"]) <= PARTS
            )
            need(good, f"`{key}` must be a matrix or {{sum: [matrix, ...]}}", Malformed)
            return [read_matrix(v, r, c, key) for v in value["sum"]]
        return [read_matrix(value, r, c, key)]

    def matrix(self, key, r, c, part=None) -> Any:
        """The exact sum of the `parts`."""
        first, *rest = self.parts(key, r, c, part)
        return sum(rest, first)

    def vector(self, key, n, part=None) -> Any:
        """A column; in the file a flat list."""
        return self.wrapped(key, lambda v: [[x] for x in v] if isinstance(v, list) else v).matrix(
            key, n, 1, part
        )

    def wrapped(self, key, wrap):
        """A reader of this one field, each of its matrices passed through `wrap`."""
        value = self.get(key)
        if not isinstance(value, dict):
            return type(self)({key: wrap(value)}, self.name)
        parts = {
            k: list(map(wrap, v)) if k == "sum" and isinstance(v, list) else wrap(v) for k, v in value.items()
        }
        return type(self)({key: parts}, self.name)

    def storage(self, key, n) -> Any:
        """A symmetric matrix, each of its `parts` symmetric."""
        parts = self.parts(key, n, n)
        need(all(part.symmetric() for part in parts), f"`{key}` must be symmetric", Malformed)
        return sum(parts[1:], parts[0])

    def scalar(self, key, low=None) -> Any:
        """A number, at least `low` if that is given, as a 1 x 1 matrix."""
        x = self.wrapped(key, lambda v: [[v]]).matrix(key, 1, 1)
        good = low is None or (x - self.arithmetic.number(low)).nonnegative()
        need(good, f"`{key}` must be at least {low}", Malformed)
        return x


class EnclosedReader(Reader):
    """The same fields, as exact `Enclosed` matrices."""

    arithmetic = Enclosed

    def parts(self, key, r, c, part=None):
        """The matrices whose exact sum is meant."""
        return [Enclosed(x) for x in super().parts(key, r, c, part)]


def read_number(text, key):
    """The integer and the exponent of two of a number in float.hex form, which has one spelling."""
    need(
        isinstance(text, str),
        f"`{key}`: numbers are written as strings in float.hex form, got {text!r:.40}",
        Malformed,
    )
    try:
        x = float.fromhex(text)
    except (ValueError, OverflowError):
        x = math.nan
    need(
        math.isfinite(x) and (x + 0.0).hex() == text,
        f"`{key}`: {text!r:.40} is no finite number in float.hex form",
        Malformed,
    )
    numerator, denominator = x.as_integer_ratio()
    return numerator, 1 - denominator.bit_length()


def read_matrix(value, r, c, key):
    """A list of r rows of c numbers each as a `Matrix`."""
    good = isinstance(value, list) and len(value) == r
    need(good, f"`{key}` must be a list of {r} rows", Malformed)
    good = all(isinstance(row, list) and len(row) == c for row in value)
    need(good, f"`{key}` must have {c} numbers in each of its {r} rows", Malformed)
    pairs = [[read_number(x, key) for x in row] for row in value]
    e = min((b for row in pairs for a, b in row if a), default=0)
    return Matrix([[a << (b - e) if a else 0 for a, b in row] for row in pairs], (r, c), e)


# ------------------------------------------------------------------------------------------- oscillators
def im(A, G, h, one):
    """Implicit in stiffness and damping (backward Euler); the force of the new sample."""
    a, g = A * h * h, G * h
    return one + g + a, (one, -(A * h), h, one + g), (h, h * h)


def imex(A, G, h, one):
    """Damping implicit, stiffness explicit, position from the new velocity; the force of the new sample."""
    a, g = A * h * h, G * h
    return one + g, (one, -(A * h), h, one + g - a), (h, h * h)


def imex2(A, G, h, one):
    """Damping and stiffness explicit, position from the new velocity; the force of the new sample."""
    a, g = A * h * h, G * h
    return one, (one - g, -(A * h), h * (one - g), one - a), (h, h * h)


def imex3(A, G, h, one):
    """Stiffness implicit, damping explicit; the force of the new sample."""
    a, g = A * h * h, G * h
    return one + a, (one - g, -(A * h), h * (one - g), one), (h, h * h)


def euler(A, G, h, one):
    """All explicit; the force of the new sample."""
    return one, (one - G * h, -(A * h), h, one), (h, one - one)


def tustin(A, G, h, one):
    """The implicit midpoint (trapezoidal, bilinear) rule; the mean force over the step."""
    a, g, four = A * h * h, G * h, one + one + one + one
    q = four + g + g + a
    return q, (four - g - g - a, -four * A * h, four * h, four + g + g - a), (four * h, (one + one) * h * h)


def verlet(A, G, h, one):
    """Velocity Verlet, without damping; a force constant over the step."""
    a, two = A * h * h, one + one
    four = two + two
    return four, (four - a - a, -(A * h * (four - a)), four * h, four - a - a), (h * (four - a), two * h * h)


SCHEMES = {  # (stiffness, damping, step, 1) -> divisor, step matrix by rows, force to state; zoh apart
    "im": im,
    "imex": imex,
    "imex2": imex2,
    "imex3": imex3,
    "euler": euler,
    "tustin": tustin,
    "verlet": verlet,
}


def held(A, G, h):
    """The six entries of `SCHEMES` (divisor 1) for a held force, as pairs (value, error) of fractions.

    exp of h [[-G, -A, 1], [1, 0, 0], [0, 0, 0]] by a Taylor series at h / 2^k, squared k times, in
    `Enclosed` integers. Theorem `oscillator`.
    """
    rows = [[-G * h, -A * h, h], [h, 0 * h, 0 * h], [0 * h, 0 * h, 0 * h]]
    norm = max(abs(G * h) + h, abs(A * h), h)  # of columns
    k = max(0, math.ceil(norm).bit_length() + 1)
    need(k <= 64, "the step is too long for the oscillator: too many squarings")
    spread = max([1, *(abs(x.numerator.bit_length() - x.denominator.bit_length()) for x in (A, G, h) if x)])
    bits = 512 + 8 * k + 4 * spread
    X = [[x / 2**k for x in row] for row in rows]
    e = max(x.denominator.bit_length() for row in X for x in row)
    X = Enclosed(Matrix([[int(x * 2**e) for x in row] for row in X], (3, 3), -e))
    total = term = Enclosed.eye(3)
    largest, j = 2, 0
    while largest > 1:  # the norms of the terms more than halve: the rest is below the norm of the last
        j += 1
        term = (term @ X).divided(bits, j)
        total = total + term
        largest = max(abs(x) for row in term.mid.rows for x in row) >> max(0, -bits - term.mid.exponent)
    ones = Matrix([[1] * 3 for _ in range(3)], (3, 3))
    rest = ones @ term.size()[1] @ ones
    total = Enclosed(total.mid, total.radius() + rest)
    for _ in range(k):
        total = (total @ total).divided(bits, 1)
        large = max(x.bit_length() for row in total.mid.rows for x in row) > bits + 2**14
        need(not large, "the oscillator grows too much in one step")
    pick = lambda M, i, j: Fraction(M.rows[i][j]) * Fraction(2) ** M.exponent
    places = (0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (1, 2)
    return [(pick(total.mid, *at), pick(total.radius(), *at)) for at in places]


class Bank:
    """Oscillators z' + G z + A y = B u + b, y' = z under a scheme: fractions A (stiffness), G (damping), h.

    One step is x+ = M x + F (B u + b) for each, x = (z, y). The rules below decide from these numbers alone;
    `matrices` encloses the real form for the other ones. Theorem `oscillator`.
    """

    def __init__(self, subject):
        subject.only(
            *("type", "dt", "scheme", "output", "n", "m", "p"),
            *("stiffness", "damping", "bias", "B", "velocity", "position", "D"),
        )
        r, m, p = self.r, self.m, self.p = [subject.integer(key) for key in "nmp"]
        limit = SIZE // 4
        need(r + m + p <= limit, f"n + m + p = {r + m + p} is too large to check, the limit is {limit}")
        self.scheme, self.output = subject.get("scheme"), subject.get("output")
        known = isinstance(self.scheme, str) and (self.scheme in SCHEMES or self.scheme == "zoh")
        need(known, f"unknown scheme {self.scheme!r:.40}", Malformed)
        need(self.output in ("pre", "post"), "`output` must be pre or post", Malformed)
        column = lambda X: [Fraction(row[0]) * Fraction(2) ** X.exponent for row in X.rows]
        self.A, self.G = (column(subject.vector(key, r)) for key in ("stiffness", "damping"))
        each = isinstance(subject.get("dt"), list)
        h = column(subject.vector("dt", r) if each else subject.scalar("dt"))
        need(all(x > 0 for x in h), "`dt` must be positive", Malformed)
        self.h = h if each else h * r
        need(self.scheme != "verlet" or not any(self.G), "verlet needs zero damping", Malformed)
        self.complex = subject.complex("B")
        parts = ("re", "im") if self.complex else (None,)
        read = lambda key, *shape: [subject.matrix(key, *shape, part) for part in parts]
        self.B, self.bias = read("B", r, m), [subject.vector("bias", r, part) for part in parts]
        self.velocity, self.position = read("velocity", p, r), read("position", p, r)
        self.D = subject.matrix("D", p, m)
        self.biased = not all(b.zero() for b in self.bias)
        self.steps = [] if self.scheme == "zoh" else [self.step(i, self.h[i]) for i in range(r)]

    def step(self, i, h):
        """The entries of M by rows, then those of F, of oscillator i with step h, as fractions."""
        q, M, F = SCHEMES[self.scheme](self.A[i], self.G[i], h, Fraction(1))
        need(q != 0, f"oscillator {i} has no step: its divisor is zero", Malformed)
        return [x / q for x in (*M, *F)]

    def entries(self, i):
        """`steps[i]` as pairs (value, error); for zoh enclosed."""
        if self.scheme == "zoh":
            return held(self.A[i], self.G[i], self.h[i])
        return [(x, Fraction(0)) for x in self.steps[i]]

    def matrices(self):
        """A, B, C, D of the real form, states (velocities, positions), real parts before imaginary ones."""
        entries = [self.entries(i) for i in range(self.r)]
        columns = [Enclosed.between([entry[j] for entry in entries], 256) for j in range(6)]
        if self.complex:
            columns = [Enclosed.block([[v], [v]]) for v in columns]
        M = [Enclosed.diagonal(v) for v in columns]
        stack = lambda parts: Enclosed.block([[Enclosed(X)] for X in parts])
        signed = lambda parts: Enclosed.block([[Enclosed(parts[0]), *(Enclosed(-X) for X in parts[1:])]])
        B, C = stack(self.B), Enclosed.block([[signed(self.velocity), signed(self.position)]])
        A, B = Enclosed.block([M[0:2], M[2:4]]), Enclosed.block([[M[4] @ B], [M[5] @ B]])
        D = Enclosed(self.D)
        return (A, B, C @ A, D + C @ B) if self.output == "post" else (A, B, C, D)


# ------------------------------------------------------------------------------------------- the subject
class System:
    """Real form of a subject in some arithmetic: `A B C D`, `n m p`, the time domain, `poles` of a modal one.

    A complex state space becomes [[Re, -Im], [Im, Re]] throughout; a modal system gets the states
    (Re x, Im x), and with output="post" (y_k = Re(C x_{k+1}) + D u_k) C A and D + C B in place of C and D
    (theorem `real_form`). Oscillators are kept as a `bank`, until `enclose` is called.
    """

    def __init__(self, subject):
        self.one = one = subject.arithmetic
        self.eye, self.zeros, self.number = one.eye, one.zeros, one.number
        kind, dt = subject.get("type"), subject.get("dt")
        self.bank: Any = None
        if kind == "Oscillator":
            self.bank, self.continuous, self.complex, self.poles = Bank(subject), False, False, None
            return
        need(kind in ("StateSpace", "Modal"), f"unknown subject type {kind!r:.40}", Malformed)
        step = 1 if dt is True else read_number(dt, "dt")[0]
        need(
            step >= 0,
            "`dt` must be true, or 0 (continuous) or a positive period in float.hex form",
            Malformed,
        )
        self.continuous, self.poles = step == 0, None
        n, m, p = (subject.integer(key) for key in "nmp")
        need(n + m + p <= SIZE, f"n + m + p = {n + m + p} is too large to check, the limit is {SIZE}")
        shapes = {"A": (n, n), "B": (n, m), "C": (p, n), "D": (p, m)}

        def embedded(key, *shape):
            re, im = (subject.matrix(key, *shape, part) for part in ("re", "im"))
            return one.block([[re, -im], [im, re]])

        if kind == "StateSpace":
            subject.only("type", "dt", "n", "m", "p", *shapes)
            self.complex = subject.complex("A")
            read = embedded if self.complex else subject.matrix
            self.A, self.B, self.C, self.D = (read(key, *shape) for key, shape in shapes.items())
            n, m, p = (2 * size if self.complex else size for size in (n, m, p))
        else:
            subject.only("type", "dt", "n", "m", "p", "poles", "B", "C", "D", "output")
            post = subject.get("output") == "post"
            need(post or subject.get("output") == "pre", "`output` must be pre or post", Malformed)
            need(not (post and self.continuous), "`output` must be pre in continuous time", Malformed)
            self.complex = False
            re, im = (subject.vector("poles", n, part) for part in ("re", "im"))
            self.poles = [(re.entry(i, 0), im.entry(i, 0)) for i in range(n)]
            re, im = one.diagonal(re), one.diagonal(im)
            self.A = one.block([[re, -im], [im, re]])
            self.B = one.block([[subject.matrix("B", n, m, part)] for part in ("re", "im")])
            self.C = one.block([[subject.matrix("C", p, n, "re"), -subject.matrix("C", p, n, "im")]])
            self.D = subject.matrix("D", p, m)
            n = 2 * n
            if post:
                self.C, self.D = self.C @ self.A, self.D + self.C @ self.B
        self.n, self.m, self.p = n, m, p

    def enclose(self):
        """Enter the enclosed real form of a bank of oscillators."""
        self.one = one = Enclosed
        self.eye, self.zeros, self.number = one.eye, one.zeros, one.number
        self.A, self.B, self.C, self.D = self.bank.matrices()
        self.n, (self.p, self.m) = self.A.shape[0], self.D.shape

    def twice(self, X):
        """The matrix of a supply rate on the embedded signals."""
        return self.join(X, X) if self.complex else X

    def join(self, X, Y):
        """Block diagonal of X and Y."""
        return self.one.block(
            [[X, self.zeros(X.shape[0], Y.shape[1])], [self.zeros(Y.shape[0], X.shape[1]), Y]]
        )


def trace(s, X):
    """The sum of the diagonal as a 1 x 1 matrix."""
    return sum((X.entry(i, i) for i in range(X.shape[0])), s.number(0))


# ------------------------------------------------------------------------------------------- the rules
def unit_rate(s):
    """The rate at which x'Px merely does not grow: factor 1 per step, or exponent 0."""
    return s.number(0 if s.continuous else 1)


def loss(s, P, rate):
    """rate^2 P - A'PA; continuous -(A'P + PA) - 2 rate P. Positive: x'Px falls faster than the rate says."""
    if s.continuous:
        PA = P @ s.A
        return -(PA + PA.T) - P.times(rate + rate)
    return P.times(rate @ rate) - P.congruence(s.A)


def dissipation(s, P, rate):
    """The form in (x, u) of rate^2 V(x) - V(Ax + Bu); continuous -dV/dt - 2 rate V; with V(x) = x'Px."""
    if s.continuous:
        PB = P @ s.B
        return s.one.block([[loss(s, P, rate), -PB], [-PB.T, s.zeros(s.m, s.m)]])
    return s.join(P.times(rate @ rate), s.zeros(s.m, s.m)) - P.congruence(s.one.block([[s.A, s.B]]))


def supply(s, Q, S, R):
    """The form in (x, u) of y'Qy + 2 y'Su + u'Ru."""
    V, U = s.one.block([[s.C, s.D]]), s.one.block([[s.zeros(s.m, s.n), s.eye(s.m)]])
    cross = V.T @ S @ U
    return Q.congruence(V) + (cross + cross.T) + R.congruence(U)


def gain_supply(s, gamma):
    """Q, S, R of the supply gamma^2 |u|^2 - |y|^2."""
    return -s.eye(s.p), s.zeros(s.p, s.m), s.eye(s.m).times(gamma @ gamma)


def prove_schur(s, claim, w):
    """`schur`: P > 0, r^2 P - A'PA > 0, so rho(A) < r; continuous -(A'P + PA) - 2 a P > 0, so max Re < -a."""
    rate = claim.scalar("rate")
    need(s.continuous or rate.positive(), "`rate` must be positive", Malformed)
    if s.poles is not None:
        w.only()
        return need(
            all(outside(s, pole, rate).positive() for pole in s.poles), "a pole is not inside the rate"
        )
    w.only("P")
    P = w.storage("P", s.n)
    need(P.positive(), "P is not proved positive definite")
    need(loss(s, P, rate).positive(), "the decrease of x'Px is not proved positive definite")


def outside(s, pole, rate):
    """r^2 - |lambda|^2; continuous -a - Re(lambda): its sign says on which side of the boundary a pole is."""
    re, im = pole
    return -(rate + re) if s.continuous else rate @ rate - re @ re - im @ im


def polynomial(s, w, rate, strict):
    """q in w: a function v -> q(A)v. `unstable`: each root of q has modulus >= rate; real part >= -rate."""
    degree = w.length("q")
    need(degree in (1, 2), "`q` must be [a] (for s - a) or [t, d] (for s^2 - t s + d)", Malformed)
    q = w.vector("q", degree)
    first, second = q.entry(0, 0), q.entry(degree - 1, 0)
    if degree == 1:
        size = first + rate if s.continuous else first @ first - rate @ rate
    else:
        complex_roots = second + second + second + second - first @ first
        need(complex_roots.positive(), "the roots of q are not a complex pair")
        size = first + rate + rate if s.continuous else second - rate @ rate
    need(size.positive() if strict else size.nonnegative(), "the roots of q are inside the boundary")

    def image(v):
        Av = s.A @ v
        return Av - v.times(first) if degree == 1 else s.A @ Av - Av.times(first) + v.times(second)

    return image


def indefinite(s, w, rate):
    """`unstable`: r^2 P - A'PA > 0 (-(A'P + PA) - 2 a P > 0) and x'Px < 0, so rho(A) > r (max Re > -a).

    The witness may choose a rate farther out, with eigenvalues on the boundary left inside.
    """
    w.only("P", "x", "rate")
    if w.has("rate"):
        farther = w.scalar("rate", low=None if s.continuous else 0)
        need(
            (rate - farther if s.continuous else farther - rate).nonnegative(),
            "`rate` lies inside the boundary",
        )
        rate = farther
    P, x = w.storage("P", s.n), w.vector("x", s.n)
    need((-P.congruence(x)).positive(), "x'Px is not negative")
    need(loss(s, P, rate).positive(), "the decrease of x'Px is not proved positive definite")


def prove_spectrum_reaches(s, rate, w, strict):
    """`unstable`: rho(A) >= rate (max Re >= -rate; strict: >), by a pole, inertia or an exact eigenvalue."""
    if s.poles is not None:
        w.only()
        sizes = [-outside(s, pole, rate) for pole in s.poles]
        return need(
            any(x.positive() if strict else x.nonnegative() for x in sizes), "no pole reaches the rate"
        )
    if w.has("P"):
        return indefinite(s, w, rate)
    w.only("q", "v")
    v = w.vector("v", s.n)
    need(not v.zero(), "v is zero")
    need(polynomial(s, w, rate, strict)(v).zero(), "q(A)v is not zero")


def prove_not_schur(s, claim, w):
    """`unstable`: rho(A) >= r (max Re >= -a), by inertia or by an exact eigenvalue."""
    rate = claim.scalar("rate", low=None if s.continuous else 0)
    prove_spectrum_reaches(s, rate, w, strict=False)


def prove_unstable(s, claim, w):
    """`unstable`: rho(A) > 1 (max Re > 0)."""
    prove_spectrum_reaches(s, unit_rate(s), w, strict=True)


def prove_bounded(s, claim, w):
    """`bounded`: P > 0 and P - A'PA >= 0 (continuous -(A'P + PA) >= 0), so x_k'P x_k never grows."""
    if s.poles is not None:
        w.only()
        sizes = [outside(s, pole, unit_rate(s)) for pole in s.poles]
        return need(all(x.nonnegative() for x in sizes), "a pole lies outside the stability boundary")
    w.only("P")
    P = w.storage("P", s.n)
    need(P.positive(), "P is not proved positive definite")
    need(loss(s, P, unit_rate(s)).nonnegative(), "x'Px may grow along a trajectory")


def prove_unbounded(s, claim, w):
    """`unbounded`: rho(A) > 1, or a Jordan chain q(A)v != 0, q(A)^2 v = 0 on or outside the boundary."""
    if s.poles is not None or w.has("P"):
        return prove_spectrum_reaches(s, unit_rate(s), w, strict=True)
    w.only("q", "v")
    image = polynomial(s, w, unit_rate(s), strict=False)
    v = image(w.vector("v", s.n))
    need(not v.zero(), "q(A)v is zero: no Jordan chain")
    need(image(v).zero(), "q(A)^2 v is not zero")


def prove_l2_gain(s, claim, w):
    """`bounded_real`: P > 0 and M(P, gamma) > 0, so rho(A) < 1 and gain <= gamma.

    At the boundary P >= 0 and M >= 0 exactly, with stability proved by S (by P where the file has no S):
    S > 0 and S - A'SA > 0.
    """
    w.only("P", "S")
    P = w.storage("P", s.n)
    M = dissipation(s, P, unit_rate(s)) + supply(s, *gain_supply(s, claim.scalar("gamma", low=0)))
    if M.positive():
        return need(P.positive(), "P is not proved positive definite")
    S = w.storage("S", s.n) if w.has("S") else P
    stable = S.positive() and loss(s, S, unit_rate(s)).positive()
    need(stable, "M(P, gamma) is not proved positive definite, nor stability for the semidefinite rule")
    need(P.nonnegative() and M.nonnegative(), "P and M(P, gamma) are not proved positive semidefinite")


def contraction(s, w):
    """P > C'C and |e^{At}x|_P falls at a rate: P, and 1 - a (continuous a), which divides a residual norm."""
    P, a = w.storage("P", s.n), w.scalar("a", low=0)
    gap = a if s.continuous else s.number(1) - a
    need(gap.positive(), "`a` must be below 1 (continuous: above 0)")
    need((P - s.eye(s.p).congruence(s.C)).positive(), "P - C'C is not proved positive definite")
    need(loss(s, P, a).positive(), "the contraction of P is not proved")
    return P, gap


def response(s, w):
    """Approximate response at one exact frequency: input v, output y (each as Re, Im), b and k.

    b/k bounds the squared error of y. z = ((1 - t^2) + 2ti)/(1 + t^2), or i omega; no point: z = -1, or
    infinity. Theorem `gain_lower`.
    """
    w.only("P", "a", "point", "xr", "xi", "vr", "vi")
    P, gap = contraction(s, w)
    v = [w.vector(key, s.m) for key in ("vr", "vi")]
    x = [w.vector(key, s.n) for key in ("xr", "xi")]
    point, one = w.has("point"), s.number(1)
    if s.continuous and not point:  # the response at infinity is D
        return v, [s.D @ v[0], s.D @ v[1]], s.number(0), one

    def residual(one, t, A, B, xr, xi, vr, vi):
        re, im, d = -one, one - one, one
        if point:
            re, im, d = (one - one, t, one) if s.continuous else (one - t @ t, t + t, one + t @ t)
        zr, zi = xr.times(re) - xi.times(im), xr.times(im) + xi.times(re)
        return (A @ xr + B @ vr).times(d) - zr, (A @ xi + B @ vi).times(d) - zi, d

    *r, d = s.one.exactly(residual, one, w.scalar("point") if point else one, s.A, s.B, *x, *v)
    k = d @ gap
    return v, [s.C @ x[i] + s.D @ v[i] for i in (0, 1)], P.congruence(r[0]) + P.congruence(r[1]), k @ k


def extraction(s, w, Q, S, R):
    """(X, Z, |u|^2): some u from x_0 = 0 extracts X - sqrt(Z) or more, times a positive number, of supply."""

    def rate(y, u):
        return Q.congruence(y) + (y.T @ S @ u).times(s.number(2)) + R.congruence(u)

    if w.has("u"):
        w.only("u")
        need(not s.continuous, "an input sequence needs discrete time")
        T = w.length("u")
        inputs = w.matrix("u", T, s.m).T
        x, total, size = s.zeros(s.n, 1), s.number(0), s.number(0)
        for k in range(T):
            u = inputs.column(k)
            total = total + rate(s.C @ x + s.D @ u, u)
            size = size + u.T @ u
            x = s.A @ x + s.B @ u
        return -total, s.number(0), size
    v, y, b, k = response(s, w)
    slope = [Q @ y[i] + S @ v[i] for i in (0, 1)]
    square = sum((g.T @ g for g in slope), s.number(0))
    absolute = Q.abs()
    q = sum((absolute.entry(i, j) for i in range(s.p) for j in range(s.p)), s.number(0))
    X = -(rate(y[0], v[0]) + rate(y[1], v[1])) @ k - q @ b
    return X, (square @ b @ k).times(s.number(4)), v[0].T @ v[0] + v[1].T @ v[1]


def prove_l2_gain_at_least(s, claim, w):
    """`gain_lower`: one input sequence, or one frequency, at which |y| >= gamma |u| > 0."""
    X, Z, size = extraction(s, w, *gain_supply(s, claim.scalar("gamma", low=0)))
    need(size.positive(), "the input of the witness is zero")
    need(X.nonnegative() and (X @ X - Z).nonnegative(), "the witness does not reach gamma")


def supply_rate(s, claim):
    """Q, S, R of the claim, on the real form's signals; without them, those of passivity."""
    p, m = (s.p // 2, s.m // 2) if s.complex else (s.p, s.m)
    if not claim.has("Q"):
        need(p == m, "passivity needs as many outputs as inputs", Malformed)
        return s.zeros(s.p, s.p), s.eye(s.m), s.zeros(s.m, s.m)
    Q, R = claim.storage("Q", p), claim.storage("R", m)
    return s.twice(Q), s.twice(claim.matrix("S", p, m)), s.twice(R)


def prove_dissipative(s, claim, w):
    """`dissipative`: P >= 0 and V(x) - V(Ax + Bu) + scale (y'Qy + 2y'Su + u'Ru) >= 0 for all x, u."""
    w.only("P", "scale")
    P, scale = w.storage("P", s.n), w.scalar("scale") if w.has("scale") else s.number(1)
    need(scale.positive(), "`scale` must be positive")
    need(P.nonnegative(), "P is not proved positive semidefinite")
    M = dissipation(s, P, unit_rate(s)) + supply(s, *supply_rate(s, claim)).times(scale)
    need(M.nonnegative(), "the dissipation inequality is not proved")


def prove_not_dissipative(s, claim, w):
    """`gain_lower`: an input that extracts more than it supplies, from x_0 = 0."""
    X, Z, _ = extraction(s, w, *supply_rate(s, claim))
    need(X.positive() and (X @ X - Z).positive(), "the witness extracts nothing")


def prove_input_to_state(s, claim, w):
    """`input_to_state`: I <= P <= c^2 I, a^2 V(x) + g^2 (1 - a^2) |u|^2 >= V(Ax + Bu); continuous with 2a."""
    w.only("P")
    g, a, c = (claim.scalar(key, low=0) for key in ("gain", "decay", "overshoot"))
    P, one = w.storage("P", s.n), s.number(1)
    room = a + a if s.continuous else one - a @ a
    need(room.positive(), "`decay` must be below 1 (continuous: above 0)", Malformed)
    need((P - s.eye(s.n)).nonnegative(), "P >= I is not proved")
    need((s.eye(s.n).times(c @ c) - P).nonnegative(), "P <= overshoot^2 I is not proved")
    M = dissipation(s, P, a) + s.join(s.zeros(s.n, s.n), s.eye(s.m).times(g @ g @ room))
    need(M.nonnegative(), "the decrease of x'Px under inputs is not proved")


def squared_h2(s, P):
    """trace(B'PB + D'D); continuous trace(B'PB), where D has to be zero."""
    need(not s.continuous or s.D.zero(), "in continuous time the H2 norm is finite only for D = 0")
    G = P.congruence(s.B)
    return trace(s, G if s.continuous else G + s.eye(s.p).congruence(s.D))


def squared_bound(s, claim):
    """bound^2, twice that for complex signals: their embedding counts everything twice."""
    bound = claim.scalar("bound", low=0)
    return bound @ bound @ s.number(2 if s.complex else 1)


def prove_h2(s, claim, w):
    """`h2`: P > 0 and P - A'PA - C'C > 0, so P is above the Gramian; trace(B'PB + D'D) <= bound^2."""
    w.only("P")
    P = w.storage("P", s.n)
    need(P.positive(), "P is not proved positive definite")
    need(
        (loss(s, P, unit_rate(s)) - s.eye(s.p).congruence(s.C)).positive(),
        "P is not proved above the Gramian",
    )
    need((squared_bound(s, claim) - squared_h2(s, P)).nonnegative(), "the trace exceeds bound^2")


def prove_h2_at_least(s, claim, w):
    """`h2`: A stable by S, C'C + A'PA - P >= 0, so P is below the Gramian; trace(B'PB + D'D) >= bound^2."""
    w.only("P", "S")
    P, S = w.storage("P", s.n), w.storage("S", s.n)
    need(S.positive() and loss(s, S, unit_rate(s)).positive(), "stability is not proved by S")
    need(
        (s.eye(s.p).congruence(s.C) - loss(s, P, unit_rate(s))).nonnegative(),
        "P is not proved below the Gramian",
    )
    need((squared_h2(s, P) - squared_bound(s, claim)).nonnegative(), "the trace is below bound^2")


def impulse_sums(s, w):
    """`peak`: lower and upper row sums of |D| and of the impulse response, an error, the tail, and gap.

    The sums are 12 times what is meant, and right but for the error; the error, and what the tail adds, are
    times 12 gap. A state of P-norm e adds at most e/gap to a row sum.

    Discrete: X_{k+1} = A X_k, rounded. Continuous: on each step x = (T_0 + T_1 r + ... + T_q r^q) X_k,
    0 <= r <= 1, with T_j near (h A)^j / j!; the defect of its equation is an error, and the trapezoid rule is
    off by |d^2/dr^2 Cx| / 12.
    """
    form = ("h", "order") if s.continuous else ()
    w.only("P", "a", "steps", "bits", "weight", "tail", *form)
    P, gap = contraction(s, w)
    weight, tail = w.scalar("weight", low=0), w.scalar("tail", low=0)
    need(
        all((weight @ weight - P.entry(i, i)).nonnegative() for i in range(s.n)),
        "`weight`^2 is below the diagonal of P",
    )
    steps, bits = w.integer("steps"), w.integer("bits")
    need(steps <= STEPS and bits <= STEPS, f"more than {STEPS} `steps` or `bits`")
    E, defect, twelve, six = s.A, s.zeros(s.n, s.n), s.number(12), s.number(6)
    if s.continuous:
        h, q = w.scalar("h"), w.integer("order")
        need(h.positive() and q <= 64, "`h` must be positive, `order` at most 64")
        T = [s.eye(s.n)]
        for j in range(q):
            image = (s.A @ T[j]).times(h)
            T.append(image.rounded(bits, j + 1))
            defect = defect + (T[j + 1].times(s.number(j + 1)) - image).abs()
        defect = defect + (s.A @ T[q]).times(h).abs()
        E, bends = sum(T[1:], T[0]), [(s.C @ T[j]).times(s.number(j * j - j)) for j in range(2, q + 1)]
        CE = s.C @ E
    low = high = s.D.abs().times(twelve)
    error, X = s.zeros(s.n, s.m), s.B
    for _ in range(steps):
        if s.continuous:
            start, end = s.C @ X, CE @ X
            bend = sum(((c @ X).abs() for c in bends), s.zeros(s.p, s.m))
            high = high + ((start.abs() + end.abs()).times(six) + bend).times(h)
            low = low + ((start + end).abs().times(six) - bend).times(h)
            error = error + defect @ X.abs()
        else:
            low = high = high + (s.C @ X).abs().times(twelve)
        image = E @ X
        X = image.rounded(bits)
        error = error + (image - X).abs()
    left = P.congruence(X)
    need(
        all((tail @ tail - left.entry(j, j)).nonnegative() for j in range(s.m)),
        "`tail` is below the last state",
    )
    total = lambda M, i: sum((M.entry(i, j) for j in range(s.m)), s.number(0))
    spent = sum((total(error, i) for i in range(s.n)), s.number(0)) @ weight
    rows = lambda M: [total(M, i) for i in range(s.p)]
    return rows(low), rows(high), spent @ twelve, tail @ s.number(12 * s.m), gap


def prove_peak(s, claim, w):
    """`peak`: the impulse response is summed, what rounding, truncation and the tail may add is bounded."""
    need(not s.complex, "the peak gain is defined for real signals", Malformed)
    bound = claim.scalar("bound", low=0) @ s.number(12)
    _, rows, spent, tail, gap = impulse_sums(s, w)
    good = all(((bound - row) @ gap - spent - tail).nonnegative() for row in rows)
    need(good, "the impulse response sums to more than the bound")


def prove_peak_at_least(s, claim, w):
    """`peak`: one row of the summed impulse response, less what rounding and truncation may have added."""
    need(not s.complex, "the peak gain is defined for real signals", Malformed)
    bound = claim.scalar("bound", low=0) @ s.number(12)
    rows, _, spent, _, gap = impulse_sums(s, w)
    need(any(((row - bound) @ gap - spent).nonnegative() for row in rows), "no row reaches the bound")


# ------------------------------------------------------------------------------------------- their rules
def sides(t, d, r):
    """All positive iff both roots of w^2 - tw + d lie inside |w| = |r| > 0: the triangle of Jury, scaled."""
    return r * r - r * t + d, r * r + r * t + d, r * r - d


def unit_sides(bank, i):
    """`sides` at radius 1 of oscillator i; for zoh three numbers of the same signs: A and G decide."""
    if bank.scheme == "zoh":
        return bank.A[i], bank.G[i], min(bank.A[i], bank.G[i])
    m11, m12, m21, m22, *_ = bank.steps[i]
    return sides(m11 + m22, m11 * m22 - m12 * m21, Fraction(1))


def jordan(bank, i):
    """Whether oscillator i, no eigenvalue being outside, has a double one at 1 or -1 with one eigenvector."""
    if bank.scheme == "zoh":
        return bank.A[i] == bank.G[i] == 0
    m11, m12, m21, m22, *_ = bank.steps[i]
    double = (m11 + m22) ** 2 == 4 and m11 * m22 - m12 * m21 == 1
    return double and (m12, m21) != (0, 0)


def radius_below(bank, claim):
    """Whether every eigenvalue of every oscillator has modulus below the claim's rate."""
    (rate,) = fraction(claim, "rate")
    if bank.scheme == "zoh":
        need(rate == 1, "for zoh, rates other than 1 need a storage matrix P")
        return all(min(unit_sides(bank, i)) > 0 for i in range(bank.r))
    trace_det = lambda m11, m12, m21, m22, *_: (m11 + m22, m11 * m22 - m12 * m21)
    return all(min(sides(*trace_det(*step), rate)) > 0 for step in bank.steps)


def fraction(claim, *keys):
    """Numbers of a claim, at least 0, as fractions."""
    values = [claim.scalar(key, low=0) for key in keys]
    return [Fraction(x.rows[0][0]) * Fraction(2) ** x.exponent for x in values]


def oscillators_schur(bank, claim, w):
    """`oscillator`: both roots inside by the triangle of Jury; for zoh A > 0 and G > 0."""
    need(fraction(claim, "rate")[0] > 0, "`rate` must be positive", Malformed)
    need(radius_below(bank, claim), "an eigenvalue is not inside the rate")


def oscillators_not_schur(bank, claim, w):
    """`oscillator`: the contrary, decided as exactly."""
    need(not radius_below(bank, claim), "no eigenvalue reaches the rate")


def oscillators_unstable(bank, claim, w):
    """`oscillator`: a root outside the closed disc."""
    need(any(min(unit_sides(bank, i)) < 0 for i in range(bank.r)), "no eigenvalue lies outside the circle")


def free_motion_bounded(bank):
    """Whether all powers of all step matrices stay bounded."""
    return all(min(unit_sides(bank, i)) >= 0 and not jordan(bank, i) for i in range(bank.r))


def oscillators_bounded(bank, claim, w):
    """`oscillator`: no root outside the closed disc, and no Jordan block on the circle."""
    need(free_motion_bounded(bank), "an oscillator diverges, or has a Jordan block on the circle")


def oscillators_unbounded(bank, claim, w):
    """`oscillator`: a root outside the closed disc, or a Jordan block on the circle."""
    need(not free_motion_bounded(bank), "every oscillator is bounded")


def response_squares(bank):
    """Numerator and denominator of |G|^2 on the circle as quadratics (c2, c1, c0) in x = cos(angle).

    One stable oscillator with real signals, D = 0 or one input and one output: then G = h(z) B is of rank 1.
    """
    single = bank.r == 1 and not bank.complex and (bank.D.zero() or (bank.m, bank.p) == (1, 1))
    need(
        single and bank.scheme != "zoh", "without a witness: one real oscillator, not zoh, D = 0 or m = p = 1"
    )
    need(min(unit_sides(bank, 0)) > 0, "the oscillator is not stable")
    m11, m12, m21, m22, f1, f2 = bank.steps[0]
    t, d = m11 + m22, m11 * m22 - m12 * m21
    value = lambda X, i, j: Fraction(X.rows[i][j]) * Fraction(2) ** X.exponent
    one = (bank.m, bank.p) == (1, 1)
    gain = value(bank.B[0], 0, 0) if one else 1
    size = 1 if one else sum(value(bank.B[0], 0, j) ** 2 for j in range(bank.m))
    top = [Fraction(0)] * 3
    for i in range(bank.p):
        c1, c2 = value(bank.velocity[0], i, 0), value(bank.position[0], i, 0)
        n1, n0 = c1 * f1 + c2 * f2, c1 * (m12 * f2 - m22 * f1) + c2 * (m21 * f1 - m11 * f2)
        num = (n1 * gain, n0 * gain, 0) if bank.output == "post" else (0, n1 * gain, n0 * gain)
        D = value(bank.D, i, 0) if one else 0
        squared = on_circle([n + D * q for n, q in zip(num, (1, -t, d), strict=True)])
        top = [x + size * y for x, y in zip(top, squared, strict=True)]
    return top, on_circle([Fraction(1), -t, d])


def on_circle(b):
    """|b0 z^2 + b1 z + b2|^2 for |z| = 1 as a quadratic (c2, c1, c0) in x = Re z."""
    return [4 * b[0] * b[2], 2 * b[1] * (b[0] + b[2]), (b[0] - b[2]) ** 2 + b[1] ** 2]


def least_on_interval(c):
    """The least value of c2 x^2 + c1 x + c0 for -1 <= x <= 1."""
    ends = c[0] - c[1] + c[2], c[0] + c[1] + c[2]
    inside = c[0] > 0 and abs(c[1]) < 2 * c[0]
    return min(*ends, c[2] - c[1] * c[1] / (4 * c[0])) if inside else min(ends)


def room(bank, claim):
    """The least of gamma^2 |den|^2 - |num|^2 on the circle."""
    (gamma,) = fraction(claim, "gamma")
    top, bottom = response_squares(bank)
    return least_on_interval([gamma * gamma * y - x for x, y in zip(top, bottom, strict=True)])


def oscillators_l2_gain(bank, claim, w):
    """`oscillator_gain`: |G|^2 <= gamma^2 all around the circle, a quadratic in the cosine; norm included."""
    need(room(bank, claim) >= 0, "the gain exceeds gamma at some frequency")


def oscillators_l2_gain_at_least(bank, claim, w):
    """`oscillator_gain`: |G|^2 >= gamma^2 somewhere on the circle."""
    need(bank.m > 0, "there is no input")
    need(room(bank, claim) <= 0, "the gain is below gamma at every frequency")


def oscillators_passive(bank, claim, w):
    """`oscillator_energy`: im moved by B u, read by B' at the new velocity, A >= 0 and G >= 0."""
    need(
        bank.scheme == "im" and bank.output == "post" and not bank.complex,
        "without a witness: im, real, post",
    )
    need(min([0, *bank.A, *bank.G]) >= 0, "stiffness or damping is negative")
    need(bank.m == bank.p, "passivity needs as many outputs as inputs", Malformed)
    collocated = (bank.velocity[0] - bank.B[0].T).zero() and bank.position[0].zero() and bank.D.zero()
    need(collocated, "the output is not the velocity where the force acts: velocity = B', position = D = 0")


def energy_room(bank, i, bound):
    """bound E(x) - E(Mx) as a matrix, E = z^2 + A y^2, for oscillator i."""
    entries = bank.entries(i)[:4]
    scale = 1 if bank.scheme == "zoh" else math.lcm(*(x.denominator for x, _ in entries))  # so M is exact
    v = Enclosed.between([(x * scale, error) for x, error in entries], 256)
    M = Enclosed.block([[v.entry(0, 0), v.entry(1, 0)], [v.entry(2, 0), v.entry(3, 0)]])
    E = Enclosed.diagonal(Enclosed.between([(Fraction(1), 0), (bank.A[i], 0)], 0))
    return E.times(Enclosed.between([(bound * scale * scale, 0)], 0)) - E.congruence(M)


def oscillators_energy_ratio(bank, claim, w):
    """`oscillator_energy`: bound E(x) - E(Mx) >= 0 for each oscillator; zoh, bound >= 1: by A, G >= 0."""
    w.only()
    (bound,) = fraction(claim, "bound")
    need(min([0, *bank.A]) >= 0, "a stiffness is negative: z^2 + A y^2 bounds nothing")
    by_signs = bank.scheme == "zoh" and bound >= 1 and min([0, *bank.G]) >= 0
    good = by_signs or all(energy_room(bank, i, bound).nonnegative() for i in range(bank.r))
    need(good, "the energy of some state may exceed the bound")


def oscillators_energy_ratio_above(bank, claim, w):
    """`oscillator_energy`: bound E(x) - E(Mx) has a negative diagonal entry or a negative determinant."""
    w.only()
    (bound,) = fraction(claim, "bound")
    need(min([0, *bank.A]) >= 0, "a stiffness is negative: z^2 + A y^2 bounds nothing")

    def negative(X):
        a, b, c = X.entry(0, 0), X.entry(0, 1), X.entry(1, 1)
        return any((-x).positive() for x in (a, c, a @ c - b @ b))

    good = any(negative(energy_room(bank, i, bound)) for i in range(bank.r))
    need(good, "no state is proved to exceed the bound")


def step_range(claim):
    """The shortest and the longest step of a claim."""
    low, high = fraction(claim, "shortest", "longest")
    need(0 < low <= high, "`shortest` must be positive and at most `longest`", Malformed)
    return low, high


def common(bank, high, strict):
    """Whether one quadratic form proves it of every step up to `high`: theorem `irregular_steps`."""
    for A, G in zip(bank.A, bank.G, strict=True):
        if bank.scheme == "im":
            good = A > 0 and G >= 0
        elif bank.scheme == "imex3":
            good = A > 0 and 0 <= G * high <= 2
        else:
            good = bank.scheme in ("tustin", "zoh") and A > 0 and (G > 0 if strict else G >= 0)
        if not good:
            return False
    return True


def oscillators_stable_for_steps(bank, claim, w):
    """`irregular_steps`: im, imex3, tustin and zoh with a quadratic form that every step in range shrinks."""
    w.only()
    need(
        common(bank, step_range(claim)[1], True),
        "no common quadratic form is known here",
    )


def oscillators_bounded_for_steps(bank, claim, w):
    """`irregular_steps`: the same with z^2 + A y^2, which no step in range enlarges."""
    w.only()
    need(
        common(bank, step_range(claim)[1], False),
        "no common quadratic form is known here",
    )


def oscillators_unstable_for_steps(bank, claim, w):
    """`irregular_steps`: a finite sequence of steps in range whose product has a root outside the disc."""
    w.only("oscillator", "steps")
    low, high = step_range(claim)
    i, T = w.integer("oscillator"), w.length("steps")
    need(i < bank.r and T <= 1024, "`oscillator` must be below n, and `steps` at most 1024 numbers")
    steps = w.vector("steps", T)
    h = [Fraction(row[0]) * Fraction(2) ** steps.exponent for row in steps.rows]
    need(T > 0 and all(low <= x <= high for x in h), "a step is out of range, or there is none")
    if bank.scheme == "zoh":  # any sequence is the flow of the equation
        return need(min(bank.A[i], bank.G[i]) < 0, "the oscillator itself does not diverge")
    M, size = (1, 0, 0, 1), 1  # the product is M / size, both integers
    for k in range(T):
        q, entries, _ = SCHEMES[bank.scheme](bank.A[i], bank.G[i], h[k], Fraction(1))
        need(q != 0, "a step has no matrix: its divisor is zero")
        scale = math.lcm(q.denominator, *(x.denominator for x in entries))
        a, b, c, d = (int(x * scale) for x in entries)
        M = (a * M[0] + b * M[2], a * M[1] + b * M[3], c * M[0] + d * M[2], c * M[1] + d * M[3])
        size *= int(q * scale)
    need(min(sides(M[0] + M[3], M[0] * M[3] - M[1] * M[2], size)) < 0, "the product is not unstable")


BANK = {  # what is decided from the stored numbers of oscillators, without a witness
    "Schur": oscillators_schur,
    "NotSchur": oscillators_not_schur,
    "Unstable": oscillators_unstable,
    "Bounded": oscillators_bounded,
    "Unbounded": oscillators_unbounded,
    "L2Gain": oscillators_l2_gain,
    "L2GainAtLeast": oscillators_l2_gain_at_least,
    "Lipschitz": oscillators_l2_gain,
    "Passive": oscillators_passive,
    "EnergyRatio": oscillators_energy_ratio,
    "EnergyRatioAbove": oscillators_energy_ratio_above,
    "StableForSteps": oscillators_stable_for_steps,
    "BoundedForSteps": oscillators_bounded_for_steps,
    "UnstableForSteps": oscillators_unstable_for_steps,
}
BIASED = ("Schur", "NotSchur", "Unstable", "Lipschitz")  # true or false whatever the constant force


def prove_of_oscillators(s, claim, w):
    """The claims that only a bank of oscillators has, all in `BANK`."""
    raise Malformed("this is a claim about oscillators, and the subject is another system")


def prove_by_bank(s, name, claim, w):
    """Prove a claim about oscillators: from their numbers, or with a witness about the enclosed real form."""
    need(
        not s.bank.biased or name in BIASED,
        "a constant bias moves the output without any input, so nothing holds from zero: claim `lipschitz`, "
        "the gain of differences",
        Malformed,
    )
    if name in BANK and (CLAIMS[name][0] is prove_of_oscillators or not w.fields):
        return BANK[name](s.bank, claim, w)
    s.enclose()
    return CLAIMS[name][0](s, *(EnclosedReader(reader.fields, reader.name) for reader in (claim, w)))


# ------------------------------------------------------------------------------------------- claims and files
BOTH, DISCRETE, CONTINUOUS = (False, True), (False,), (True,)
# fmt: off
CLAIMS = {  # name: (rule, theorem, time domains, parameters, the statement)
    "Schur": (
        prove_schur, "schur", DISCRETE, ("rate",),
        "every eigenvalue of A has modulus < {rate}",
    ),
    "NotSchur": (
        prove_not_schur, "unstable", DISCRETE, ("rate",),
        "some eigenvalue of A has modulus >= {rate}",
    ),
    "Hurwitz": (
        prove_schur, "schur", CONTINUOUS, ("rate",),
        "every eigenvalue of A has real part < {minus_rate}",
    ),
    "NotHurwitz": (
        prove_not_schur, "unstable", CONTINUOUS, ("rate",),
        "some eigenvalue of A has real part >= {minus_rate}",
    ),
    "Unstable": (
        prove_unstable, "unstable", BOTH, (),
        "some eigenvalue of A lies outside the closed stability region",
    ),
    "Bounded": (
        prove_bounded, "bounded", BOTH, (),
        "every free trajectory is bounded",
    ),
    "Unbounded": (
        prove_unbounded, "unbounded", BOTH, (),
        "some free trajectory is unbounded",
    ),
    "L2Gain": (
        prove_l2_gain, "bounded_real", BOTH, ("gamma",),
        "A is stable and, from x_0 = 0, |y|_2 <= {gamma} |u|_2 for every input u",
    ),
    "Lipschitz": (
        prove_l2_gain, "bounded_real", BOTH, ("gamma",),
        "A is stable and, from equal initial states, |y - y'|_2 <= {gamma} |u - u'|_2 for all inputs u, u'",
    ),
    "L2GainAtLeast": (
        prove_l2_gain_at_least, "gain_lower", BOTH, ("gamma",),
        "the l2 gain from x_0 = 0 is at least {gamma}",
    ),
    "Dissipative": (
        prove_dissipative, "dissipative", BOTH, ("Q", "S", "R"),
        "from x_0 = 0 the supply y'Qy + 2y'Su + u'Ru never sums to less than 0; Q, S, R = {Q}, {S}, {R}",
    ),
    "NotDissipative": (
        prove_not_dissipative, "gain_lower", BOTH, ("Q", "S", "R"),
        "from x_0 = 0 some input makes the supply y'Qy + 2y'Su + u'Ru sum to less than 0; Q, S, R "
        "= {Q}, {S}, {R}",
    ),
    "Passive": (
        prove_dissipative, "dissipative", BOTH, (),
        "from x_0 = 0 the supply y'u never sums to less than 0",
    ),
    "NotPassive": (
        prove_not_dissipative, "gain_lower", BOTH, (),
        "from x_0 = 0 some input makes the supply y'u sum to less than 0",
    ),
    "InputToStateStable": (
        prove_input_to_state, "input_to_state", BOTH, ("gain", "decay", "overshoot"),
        "|x_k| <= {overshoot} d^k |x_0| + {gain} sup|u|, d = {decay} (continuous: exp(-{decay} t) "
        "for d^k)",
    ),
    "H2Norm": (
        prove_h2, "h2", BOTH, ("bound",),
        "A is stable and the H2 norm is at most {bound}",
    ),
    "H2NormAtLeast": (
        prove_h2_at_least, "h2", BOTH, ("bound",),
        "A is stable and the H2 norm is at least {bound}",
    ),
    "PeakGain": (
        prove_peak, "peak", BOTH, ("bound",),
        "A is stable and, from x_0 = 0, sup|y_i| <= {bound} sup|u_j| for every input u",
    ),
    "PeakGainAtLeast": (
        prove_peak_at_least, "peak", BOTH, ("bound",),
        "the peak-to-peak gain is at least {bound}",
    ),
    "EnergyRatio": (
        prove_of_oscillators, "oscillator_energy", DISCRETE, ("bound",),
        "a free step takes the energy, the sum of z_i^2 + A_i y_i^2, from any state to at most {bound} "
        "times it",
    ),
    "EnergyRatioAbove": (
        prove_of_oscillators, "oscillator_energy", DISCRETE, ("bound",),
        "a free step takes the energy, the sum of z_i^2 + A_i y_i^2, from some state to more than {bound} "
        "times it",
    ),
    "StableForSteps": (
        prove_of_oscillators, "irregular_steps", DISCRETE, ("shortest", "longest"),
        "free motion decays exponentially under every sequence of steps from {shortest} to {longest}",
    ),
    "BoundedForSteps": (
        prove_of_oscillators, "irregular_steps", DISCRETE, ("shortest", "longest"),
        "free motion is bounded under every sequence of steps from {shortest} to {longest}",
    ),
    "UnstableForSteps": (
        prove_of_oscillators, "irregular_steps", DISCRETE, ("shortest", "longest"),
        "free motion grows without bound under some sequence of steps from {shortest} to {longest}",
    ),
}
# fmt: on


def entry(claim):
    """The row of `CLAIMS` for a claim, whose fields have been checked against it."""
    name = claim.get("type")
    need(
        isinstance(name, str) and name in CLAIMS,
        f"unknown claim {name!r:.40}; expected one of {', '.join(CLAIMS)}",
        Malformed,
    )
    claim.only("type", *CLAIMS[name][3])
    for key in CLAIMS[name][3]:
        claim.get(key)
    return CLAIMS[name]


def prove(subject, claim, witness):
    """Prove a claim about a subject, all read in one arithmetic; return the statement, or raise `Refused`."""
    rule, _, times, parameters, _ = entry(claim)
    system = System(subject)
    domain = "continuous" if system.continuous else "discrete"
    need(system.continuous in times, f"{claim.get('type')} does not speak of {domain} time", Malformed)
    if system.bank:
        prove_by_bank(system, claim.get("type"), claim, witness)
    else:
        rule(system, claim, witness)
    floats = lambda v: [floats(x) for x in v] if isinstance(v, list) else float.fromhex(v)
    return worded(claim.get("type"), {key: floats(claim.get(key)) for key in parameters})


def worded(name, values):
    """The statement of a claim with its numbers filled in."""
    negative = {f"minus_{key}": -x + 0.0 for key, x in values.items() if isinstance(x, float)}
    return CLAIMS[name][4].format_map({key: shown(x) for key, x in (values | negative).items()})


def shown(x):
    """A float as a decimal, with its exact hexadecimal form where the decimal is not the same number."""
    if x is None:
        return "…"
    if isinstance(x, list | tuple):
        return f"[{', '.join(map(shown, x))}]"
    return repr(x) if Decimal(repr(x)) == Decimal(x) else f"{x!r} (exactly {x.hex()})"


def canonical(value):
    """A value as JSON in its one spelling: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def digest(data):
    """sha256 of the canonical JSON of format, claim and subject: what the certificate is about."""
    return hashlib.sha256(
        canonical({key: data[key] for key in ("claim", "format", "subject")}).encode()
    ).hexdigest()


def load(text):
    """Read the JSON of a certificate; repeated keys and every number but an integer are refused."""

    def unique(pairs):
        need(len({key for key, _ in pairs}) == len(pairs), "a key is repeated", Malformed)
        return dict(pairs)

    def refuse(number):
        raise Malformed(f"bare number {number:.40}: write numbers as strings in float.hex form")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from None


def opened(data):
    """The claim, subject and witness of a certificate as readers, format and hash checked."""
    top = Reader(data, "the certificate")
    need(
        top.get("format") == FORMAT,
        f"unknown format {data['format']!r:.40}; this checker reads {FORMAT}",
        Malformed,
    )
    top.only("format", "claim", "subject", "witness", "sha256", "assumptions", "provenance")
    readers = [Reader(top.get(key), key) for key in ("claim", "subject", "witness")]
    try:
        good = top.get("sha256") == digest(data)
    except RecursionError:
        raise Malformed("claim or subject are nested too deeply") from None
    need(good, "sha256 does not match claim and subject: the file was changed", Malformed)
    return readers


def check(data):
    """Prove a certificate given as its JSON object; return the statement, or raise `Refused`."""
    claim, subject, witness = opened(data)
    return prove(subject, claim, witness)


def main(paths):
    """Check files, say of each what it proves, and return the exit code."""
    code = 0 if paths else 2
    if not paths:
        print("usage: python exact.py CERT.json ...", file=sys.stderr)
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                data = load(file.read())
            print(
                f"{path}: PROVED: {check(data)}\n"
                f"    about the system inside the file, sha256 {data['sha256']}"
            )
        except (OSError, UnicodeDecodeError, RecursionError, MemoryError, Malformed) as error:
            code = 2
            print(f"{path}: MALFORMED: {error or type(error).__name__}")
        except Refused as error:
            code = code or 3
            print(f"{path}: NOT PROVED: {error}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
