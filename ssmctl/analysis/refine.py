r"""Search in extended precision for what float64 cannot resolve: storage matrices, resonances, eigenvalues.

Near the unit circle $M(P, \gamma) > 0$ holds by about $(1 - \rho(A))(\gamma/\gamma^* - 1)$, far below the
error of a float64 solver, yet within reach of a float64 *matrix* $P$, or of the exact sum of two. Here
float64 makes the corrections and python-flint the residuals,

$$P \leftarrow P + X, \qquad X - F^\top X F = \mathrm{residual}(P) \quad \text{(float64)},$$

which gains some $\log_{10}((1 - \rho(F)) / 10^{-16})$ digits a step; where that stalls, doubling runs in
`prec` bits from the start. Radii of `arb` are dropped: results are **searched, not trusted**, and their user
checks them. The exception is `eigenvalues`, whose discs are proved.

Systems are finite float64 arrays (`eigenvalues` takes complex ones too). A number of more than 53 bits is a
tuple of float64 arrays, meaning their exact sum. The precision is set inside each call and restored.
"""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from flint import acb, acb_mat, arb, arb_mat, ctx, fmpz_mat
from scipy import linalg as sl

from . import equations

Parts = tuple[np.ndarray, ...]


# ------------------------------------------------------------------------------------- arb_mat, radii dropped


@contextmanager
def _precision(prec: int):
    """Work with `prec` bits, and without float64 warnings: a search may overflow and fail freely."""
    with ctx.workprec(prec), np.errstate(all="ignore"):
        yield


def _lift(X, kind: Any = arb_mat) -> Any:
    """Lift an array, or a tuple of arrays meaning their sum, to `arb_mat` (or `acb_mat`)."""
    parts = X if isinstance(X, tuple) else (X,)
    first, *rest = (kind(*part.shape, part.ravel().tolist()) for part in parts)
    for part in rest:
        first = first + part
    return first.mid()


def _float(X: arb_mat) -> np.ndarray:
    return np.array([float(x) for x in X.entries()], float).reshape(X.nrows(), X.ncols())


def _complex(X: acb_mat) -> np.ndarray:
    return np.array([complex(x) for x in X.entries()], complex).reshape(X.nrows(), X.ncols())


def _eye(n: int) -> arb_mat:
    return _lift(np.eye(n))


def _mul(*factors):
    product = factors[0]
    for factor in factors[1:]:
        product = (product * factor).mid()
    return product


def _solve(A, B):
    return A.solve(B, algorithm="approx").mid()


def _sym(X: arb_mat) -> arb_mat:
    return ((X + X.transpose()) * arb(0.5)).mid()


def _block(rows: list[list[arb_mat]]) -> arb_mat:
    """Assemble a block matrix; every block row has at least one row."""
    lines = [line for row in rows for line in zip(*(X.tolist() for X in row), strict=True)]
    return arb_mat([[x for part in line for x in part] for line in lines])


def _positive(M: arb_mat) -> bool:
    """Whether `M` looks positive definite: block elimination at the working precision; no proof."""
    n, rows = M.nrows(), M.tolist()
    if n > 12:
        k = n // 2
        A, B, C = (arb_mat([r[j] for r in rows[i]]) for i, j in
                   ((slice(k), slice(k)), (slice(k), slice(k, n)), (slice(k, n), slice(k, n))))
        return _positive(A) and _positive(_sym(C - _mul(B.transpose(), _solve(A, B))))
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
            rounded.append(_float(X))
            X = (X - _lift(rounded[-1])).mid()
    return tuple(rounded)


# -------------------------------------------------------------------------------------------- Stein equations


def _norm(X: np.ndarray, d: np.ndarray) -> float:
    """Largest $|X_ij| / (d_i d_j)$."""
    return float(np.max(np.abs(X) / d[:, None] / d, initial=0.0))


def _scales(P: np.ndarray) -> np.ndarray:
    """Powers of two near the square roots of the diagonal; 1 where that is zero."""
    d = np.sqrt(np.abs(np.diag(P)))
    return np.exp2(np.round(np.log2(np.where(d > 0, d, 1.0))))


def _smith(F: arb_mat, Q: arb_mat, bits: int, steps: int = 64) -> arb_mat | None:
    r"""Sum $\sum_k F'^k Q F^k$ by doubling; None when it does not converge."""
    X = Q
    for _ in range(steps):
        increment = _sym(_mul(F.transpose(), X, F))
        X, F = (X + increment).mid(), _mul(F, F)
        size = _norm(_float(increment), _scales(_float(X)))
        if not np.isfinite(size):
            return None
        if size <= 2.0 ** -(bits / 2 + 10):  # increments square from step to step
            return X
    return None


def _modal(F: arb_mat, Q: arb_mat) -> arb_mat:
    """Solve the Stein equation in eigenvector coordinates, for an unstable `F`."""
    values, V = acb_mat(F).eig(right=True, algorithm="approx")
    V, values = V.mid(), [value.mid() for value in values]
    S = _mul(V.conjugate().transpose(), acb_mat(Q), V).tolist()
    S = [[s / (1 - y.conjugate() * z) for z, s in zip(values, row, strict=True)]
         for y, row in zip(values, S, strict=True)]
    W = _solve(V, acb_mat(_eye(F.nrows())))
    return _sym(_mul(W.conjugate().transpose(), acb_mat(S), W).real.mid())


def _correct(residual: Callable, start: np.ndarray | None, bits: int, steps: int = 24) -> arb_mat | None:
    """Repeat $P <- P + X$, $X - F'XF = R$ with `(R, F) = residual(P)` until the error is below 2^-bits."""
    if start is None or not np.isfinite(start).all():
        return None
    P, last = _lift(start), 0.0
    for _ in range(steps):
        R, F = residual(P)
        d = _scales(_float(P))
        X = _float(R) / d[:, None] / d
        size = np.max(np.abs(X), initial=0.0)
        if not (np.isfinite(size) and np.isfinite(F).all()):
            return None
        if size > 0:
            X = size * equations.stein(F * d[:, None] / d, X / size)
        if not np.isfinite(X).all():
            return None
        P = (P + _lift(X * d[:, None] * d)).mid()
        change = float(np.max(np.abs(X), initial=0.0))
        ratio = change / last if last else 1.0
        if min(1.0, ratio) * change <= 2.0**-bits:
            return P
        if ratio > 0.7 and last:
            return None
        last = change
    return None


def _stein(A: arb_mat, Q: arb_mat, parts: int) -> Parts | None:
    if A.nrows() == 0:
        return (np.zeros((0, 0)),) * parts
    bits, F = 53 * parts + 12, _float(A)

    def residual(P):
        return _sym(Q - P + _mul(A.transpose(), P, A)), F

    newton = lambda: _correct(residual, equations.stein(F, _float(Q)), bits)
    for solve in (newton, lambda: _smith(A, Q, bits), lambda: _modal(A, Q)):
        try:
            P = solve()
        except ZeroDivisionError:  # eigenvectors that no precision tells apart
            continue
        if P is None:
            continue
        d = _scales(_float(P))
        size, error = _norm(_float(Q), d), _norm(_float(residual(P)[0]), d)
        if error <= 2.0 ** (10 - 53 * parts) and (size > 2.0 ** (60 - ctx.prec) or error == 0):
            return split(P, parts)  # a P too large for its Q solves a singular equation
    return None


def stein(A: np.ndarray | Parts, Q: np.ndarray | Parts, prec: int = 256, parts: int = 2) -> Parts | None:
    r"""Solve $P - A^\top P A = Q$ in extended precision; `A` and symmetric `Q` (n, n), or parts of them.

    A Schur stable `A` may come as close to the circle as `prec` resolves ($1 - \rho = 10^{-13}$ and beyond).
    For witnesses of instability it may have eigenvalues on both sides, as long as no product of two is 1.

    **Returns:** `parts` arrays (n, n) summing to $P$, or None if no accurate solution was found.
    **Guarantee:** none; the residual was small in `prec` bits. **Cost:** $O(n^3)$; about 0.5 s at $n = 200$.

    >>> stein(np.array([[0.5]]), np.array([[0.75]]), parts=1)[0].tolist()
    [[1.0]]
    """
    with _precision(prec):
        return _stein(_lift(A), _sym(_lift(Q)), parts)


def lyapunov(A: np.ndarray | Parts, Q: np.ndarray | Parts, prec: int = 256, parts: int = 2) -> Parts | None:
    r"""Solve $A^\top P + P A + Q = 0$ in extended precision, as the Stein equation of the Tustin transform.

    $K = (I - hA/2)^{-1}$, $A_d = K(I + hA/2)$: $P - A_d^\top P A_d = h K^\top Q K$, formed in `prec` bits.

    **Returns**, **Guarantee**, **Cost:** as `stein`.

    >>> lyapunov(np.array([[-0.5]]), np.array([[1.0]]), parts=1)[0].tolist()
    [[1.0]]
    """
    with _precision(prec):
        return _lyapunov(_lift(A), _sym(_lift(Q)), parts)


def _lyapunov(A: arb_mat, Q: arb_mat, parts: int) -> Parts | None:
    if A.nrows() == 0:
        return _stein(A, Q, parts)
    h, K, F = _cayley(A)
    return _stein(F, _sym(_mul(K.transpose(), Q, K * arb(h))), parts)


def _cayley(A: arb_mat) -> tuple[float, arb_mat, arb_mat]:
    """Step h, a power of four, near 1/median|eig A|; K = (I - hA/2)^-1; K (I + hA/2)."""
    values = np.abs(np.linalg.eigvals(_float(A)))
    h = 4.0 ** round(-np.log2(np.median(values) or values.max() or 1.0) / 2)
    A, I = A * arb(h / 2), _eye(A.nrows())
    K = _solve((I - A).mid(), I)
    return h, K, _mul(K, (I + A).mid())


def _margin(A: np.ndarray, continuous: bool) -> float:
    r"""Estimate $1 - \rho(A)$, or $-\max \mathrm{Re}\,\lambda$; from proved discs where that is small."""
    values = np.linalg.eigvals(A)
    margin = float(-values.real.max()) if continuous else float(1 - np.abs(values).max())
    if abs(margin) > 1e-6 * (np.abs(values).max() if continuous else 1.0):
        return margin
    discs = eigenvalues(A)
    return min(float((-d.centre.real if continuous else 1 - abs(d.centre)) - d.radius) for d in discs)


def _balance(A: np.ndarray) -> np.ndarray:
    """Powers of two $s$ for which diag(s)^-1 A diag(s) has rows and columns of like size."""
    return np.exp2(np.round(np.log2(sl.matrix_balance(A, permute=False, separate=True)[1][0])))


def contraction(A: np.ndarray, C: np.ndarray, continuous: bool = False) -> tuple[Parts, float] | None:
    r"""Find a norm $|x|_P$ that bounds the output, $P > C^\top C$, and contracts at a rate `a`.

    $$a^2 P - A^\top P A > 0, \ 0 < a < 1; \qquad
    \text{continuous:} \quad -(A^\top P + P A) - 2aP > 0, \ a > 0.$$

    The rate lies halfway between $\rho(A)$ and 1 (between the abscissa and 0): half of the decay is given
    away for a $P$ that rounding does not spoil.

    **Returns:** `(P, a)`, $P$ in one part (n, n) if that suffices, else in two; None if `A` is not stable.
    **Guarantee:** none; both inequalities held in extended precision. **Cost:** $O(n^3)$, as `stein`.
    """
    n = len(A)
    if n == 0:
        return (np.zeros((0, 0)),), 0.5
    margin = _margin(A, continuous)
    if not margin > 0:
        return None
    rate = margin / 2 if continuous else 1 - margin / 2
    s = _balance(A)
    Q = (C * s).T @ (C * s)
    Q = Q + (np.trace(Q) / n or 1.0) * np.eye(n)
    with _precision(256):
        a, c, q = _lift(A * s / s[:, None]), _lift(C * s), _lift(Q)
        for parts in (1, 2):
            if continuous:
                P = _lyapunov((a + _eye(n) * arb(rate)).mid(), q, parts)
            else:
                P = _stein((a / arb(rate)).mid(), q, parts)
            if P is None:
                continue
            gain = np.linalg.norm(_float(_mul(c, _solve(_lift(P), c.transpose())))) if C.size else 0.0
            scale = np.exp2(np.ceil(np.log2(1.01 * gain))) if gain > 0 else 1.0
            P = tuple(scale * part for part in P)
            p = _lift(P)
            if continuous:
                decay = -(_mul(a.transpose(), p) + _mul(p, a) + p * arb(2 * rate))
            else:
                decay = p * arb(rate) ** 2 - _mul(a.transpose(), p, a)
            if _positive(_sym(decay)) and _positive(_sym(p - _mul(c.transpose(), c))):
                return tuple(part / s[:, None] / s for part in P), rate
    return None


# ------------------------------------------------------------------------------------ strict storage matrices


def _tustin(A: arb_mat, B: arb_mat, C: arb_mat, D: arb_mat):
    """Step h and the isometric Tustin transform: equal norm, and equal storage matrices."""
    h, K, F = _cayley(A)
    KB, root = _mul(K, B), arb(h).sqrt()
    return h, (F, (KB * root).mid(), (_mul(C, K) * root).mid(), (D + _mul(C, KB) * arb(h / 2)).mid())


def _state_gain(A: np.ndarray, B: np.ndarray, L: np.ndarray, h: float) -> float:
    r"""Sweep $\lVert L (zI - A)^{-1} B \rVert$ over the circle, densely around every pole.

    For h > 0, `A` and `B` are continuous and $z = (1 + sh/2)/(1 - sh/2)$ is the Tustin variable:
    $(zI - A_d)^{-1} B_d = (1 - sh/2) h^{-1/2} (sI - A)^{-1} B$.
    """
    T, Z, *_ = sl.schur(A.astype(complex), output="complex")
    poles, offsets = np.diag(T), np.array([-2, -1, -0.5, 0, 0.5, 1, 2])[:, None]
    if h:
        near = np.abs(np.imag(poles)) + offsets * np.abs(np.real(poles))
        size = np.abs(poles[poles != 0])
        omega = np.unique([0, *near.ravel(), *np.geomspace(size.min() / 10, size.max() * 10, 60)])
        points, factors = 1j * omega, np.abs(1 - 0.5j * omega * h) / np.sqrt(h)
    else:
        near = np.abs(np.angle(poles)) + offsets * np.abs(1 - np.abs(poles))
        omega = np.unique([*near.ravel(), *np.linspace(0, np.pi, 61)])
        points, factors = np.exp(1j * omega), np.ones(len(omega))
    LZ, ZB, I, peak = L @ Z, Z.conj().T @ B, np.eye(len(A)), 0.0
    for z, factor in zip(points, factors, strict=True):
        X = LZ @ sl.solve_triangular(z * I - T, ZB, check_finite=False)
        peak = max(peak, float(factor * np.linalg.norm(X, 2)))
    return peak


def _weights(A: np.ndarray, B: np.ndarray, mu: float = 1e-4):
    r"""Roots $L$ of weights $L^\top L$: the regularised inverse of the controllability Gramian, and $I$."""
    W = equations.stein(A.T, B @ B.T)
    if np.isfinite(W).all() and np.diag(W).max(initial=0) > 0:
        d = np.sqrt(np.maximum(np.diag(W), 1e-16 * np.diag(W).max()))
        values, V = np.linalg.eigh(W / d[:, None] / d)
        yield ((V / np.sqrt(np.maximum(values, 0) + mu * values.max())) @ V.T) / d
    yield np.eye(len(A))


def _doubling(A, B, C, D, g2: arb, Q, steps: int, bits: int) -> arb_mat | None:
    """Structured doubling in the working precision; None when it does not converge."""
    n, m = B.nrows(), B.ncols()
    R0 = (_eye(m) * g2 - _mul(D.transpose(), D)).mid()
    RD, RB = _solve(R0, _mul(D.transpose(), C)), _solve(R0, B.transpose())
    F, G, H = (A + _mul(B, RD)).mid(), (-_mul(B, RB)).mid(), _sym(Q + _mul(C.transpose(), D, RD))
    for _ in range(steps):
        X = _solve((_eye(n) + _mul(G, H)).mid(), _block([[F, _mul(G, F.transpose())]])).tolist()
        left, right = arb_mat([row[:n] for row in X]), arb_mat([row[n:] for row in X])
        increment = _sym(_mul(F.transpose(), H, left))
        G, H, F = _sym(G + _mul(F, right)), (H + increment).mid(), _mul(F, left)
        change, total = _float(increment), _float(H)
        size = _norm(change, _scales(total))
        if not np.isfinite(size) or np.diag(change).min() < -1e-9 * np.abs(np.diag(total)).max():
            return None  # increments of a feasible equation are positive semidefinite
        if size <= 2.0 ** -(bits / 2 + 10):  # and square from step to step
            return H
    return None


def _riccati(plant, gain: float, lower: float, Q: arb_mat, steps: int, parts: int) -> arb_mat | None:
    """Solve $P = A'PA + Q + N R^-1 N'$, $N = A'PB + C'D$, $R = gain^2 I - D'D - B'PB$.

    By Newton steps, or if `steps` > 0 by so many doublings.
    """
    A, B, C, D = plant
    floats = _float(A), _float(B), _float(C), _float(D)
    g2, bits = arb(gain) ** 2, 53 * parts + 12
    R0, N0 = _eye(B.ncols()) * g2 - _mul(D.transpose(), D), _mul(C.transpose(), D)

    def residual(P):
        PA, PB = _mul(P, A), _mul(P, B)
        N = (_mul(A.transpose(), PB) + N0).mid()
        K = _solve((R0 - _mul(B.transpose(), PB)).mid(), N.transpose())
        return _sym(Q - P + _mul(A.transpose(), PA) + _mul(N, K)), _float(A + _mul(B, K))

    try:
        if steps:
            return _doubling(A, B, C, D, g2, Q, steps, bits)
        for wider in (1.0, 30.0, 1e3):  # the solution for a larger gain lies below: Newton climbs from there
            start = equations.riccati(*floats, lower + wider * (gain - lower), _float(Q))
            P = _correct(residual, start, bits)
            if P is not None:
                return P
    except ZeroDivisionError:  # R lost its rank: `gain` is too small
        pass
    return None


def _storage_matrix(A, B, C, D, P: arb_mat, gamma: float, continuous: bool) -> arb_mat:
    r"""$M(P, \gamma)$, or $N_c(P, \gamma)$ in continuous time, of the bounded real lemma."""
    PA, PB, R = _mul(P, A), _mul(P, B), _eye(B.ncols()) * arb(gamma) ** 2 - _mul(D.transpose(), D)
    if continuous:
        M, N = -(PA.transpose() + PA), PB
    else:
        M, N, R = P - _mul(A.transpose(), PA), _mul(A.transpose(), PB), R - _mul(B.transpose(), PB)
    M, N = M - _mul(C.transpose(), C), -(N + _mul(C.transpose(), D))
    return _sym(_block([[M, N], [N.transpose(), R]]) if B.ncols() else M)


def strict_storage(
    A: np.ndarray, B: np.ndarray, C: np.ndarray, D: np.ndarray, gamma: float, lower: float,
    continuous: bool = False, prec: int = 256, parts: int = 1,
) -> Parts | None:
    r"""Find $P$ with $M(P, \gamma) > 0$ (continuous: $N_c(P, \gamma) > 0$) for a `gamma` just above the norm.

    With $\gamma' = (\gamma + \mathrm{lower})/2$ solve the Riccati equation of $\gamma'$ with
    $C^\top C + \varepsilon W$ for $C^\top C$; then the Schur complement of $M(P, \gamma)$ is at least
    $\varepsilon W$. The weight $W$ is the inverse of the regularised controllability Gramian, or $I$ in
    balanced states; $\varepsilon$ is half of what the gain $\lVert W^{1/2} (zI - A)^{-1} B \rVert_\infty$
    allows. Continuous time goes through the Tustin transform in `prec` bits: same storage matrices.

    **Arguments:**

    - `A, B, C, D`: the system, real float64; `gamma`: the bound to be proved.
    - `lower`: the norm, known to well below `gamma - norm` (a lower bound of it is what is at hand).
    - `parts`: 1 where $(1 - \rho)(\gamma/lower - 1)$ is above some $10^{-16}$; 2 reaches far beyond.

    **Returns:** `parts` arrays (n, n) summing to $P$; None if none was found.
    **Guarantee:** none; the inequality held in `prec` bits. **Cost:** $O(n^3)$; 0.1 s at $n = 50$, 2 s at
    $n = 200$; ten times that, up to $n = 120$, where only doubling helps or the bound is false.
    """
    n, m = B.shape
    lower = max(lower, 0.0)
    if not lower < gamma:
        return None
    s = _balance(A) if n else np.ones(0)
    A, B, C = A * s / s[:, None], B / s[:, None], C * s
    with _precision(prec):
        system = plant = _lift(A), _lift(B), _lift(C), _lift(D)
        if not _positive(_sym(_eye(m) * arb(gamma) ** 2 - _mul(system[3].transpose(), system[3]))):
            return None
        if n == 0:
            return (np.zeros((0, 0)),) * parts
        h = 0.0
        if continuous:
            h, plant = _tustin(*plant)
        F, G = _float(plant[0]), _float(plant[1])
        margin = max(1 - np.abs(np.linalg.eigvals(F)).max(), 1e-16)
        steps = int(np.log2(1 / margin) + np.log2(lower / (gamma - lower) + 1) / 2) + 14
        roots = list(_weights(F, G))
        tries = [(L, 0.5, 0) for L in roots] + [(roots[0], 0.125, 0)]
        if n <= 120:  # beyond, doubling takes half a minute, mostly for a bound that is false
            tries.append((roots[0], 0.5, steps))
        for L, slack, doublings in tries:
            target = gamma - slack * (gamma - lower)
            peak = 1.05 * _state_gain(A, B, L, h)
            eps = slack * (target - lower) * (target + lower) / peak**2 if peak > 0 else 1.0
            Q = _sym(_mul(plant[2].transpose(), plant[2]) + _lift(eps * (L.T @ L)))
            P = _riccati(plant, target, lower, Q, doublings, parts)
            if P is None:
                continue
            d = _scales(_float(P)) * 2.0 ** -(26.5 * parts + 10)  # what is smaller cannot matter
            P = tuple(np.where(np.abs(part) < d[:, None] * d, 0.0, part) for part in split(_sym(P), parts))
            if _positive(_lift(P)) and _positive(_storage_matrix(*system, _lift(P), gamma, continuous)):
                return tuple(part / s[:, None] / s for part in P)
    return None


# ---------------------------------------------------------------------------------------- frequency responses


class Peak(NamedTuple):
    """A resonance: `point` (t or omega, parts; None at z = -1), `omega`, direction `v` (m,), gain there."""

    point: tuple[float, ...] | None
    omega: float
    v: np.ndarray
    gain: float


def _circle(point, continuous: bool) -> acb:
    """The exact z of a dyadic t (None: -1), or s of a dyadic omega, up to the working precision."""
    if point is None:
        return acb(-1)
    t = sum((arb(float(part)) for part in np.atleast_1d(np.asarray(point, float))), arb(0))
    if continuous:
        return acb(0, t).mid()
    return (acb(1 - t * t, 2 * t) / (1 + t * t)).mid()


def frequency_response(
    A: np.ndarray, B: np.ndarray, C: np.ndarray, D: np.ndarray, point, v: np.ndarray,
    continuous: bool = False, prec: int = 256, parts: int = 2,
) -> tuple[Parts, float]:
    r"""Solve $(zI - A)x = Bv$ at an exact point, $z = ((1 - t^2) + 2ti)/(1 + t^2)$ or $z = i\omega$.

    **Arguments:** `point`: $t$ or $\omega$, a float or a tuple meaning an exact sum; None is $z = -1$, or
    $\omega = \infty$. `v`: (m,) complex.
    **Returns:** `(x, gain)`: `parts` complex128 arrays (n,) summing to $x$, and $|Cx + Dv|/|v|$ rounded.
    **Guarantee:** none; the relative error of $x$ is near $2^{-53 parts}$. **Cost:** one solve.

    >>> one = np.ones((1, 1))
    >>> x, gain = frequency_response(one / 2, one, one, 0 * one, 0.0, np.ones(1), parts=1)
    >>> x[0].tolist(), gain
    ([(2+0j)], 2.0)
    """
    v = np.asarray(v, complex)
    with _precision(prec):
        I, direction = acb_mat(_eye(len(A))), _lift(v[:, None], acb_mat)
        if (continuous and point is None) or len(A) == 0:
            x = (np.zeros(len(A), complex),) * parts
        else:
            matrix = (I * _circle(point, continuous) - acb_mat(_lift(A))).mid()
            X = _solve(matrix, _mul(acb_mat(_lift(B)), direction))
            halves = zip(split(X.real, parts), split(X.imag, parts), strict=True)
            x = tuple(re[:, 0] + 1j * im[:, 0] for re, im in halves)
        y = _mul(acb_mat(_lift(D)), direction)
        if len(A):
            y = y + _mul(acb_mat(_lift(C)), _lift(tuple(part[:, None] for part in x), acb_mat))
        return x, float(np.linalg.norm(_complex(y)) / np.linalg.norm(v))


def refine_peak(
    A: np.ndarray, B: np.ndarray, C: np.ndarray, D: np.ndarray, omega: float,
    continuous: bool = False, prec: int = 192,
) -> Peak:
    r"""Climb to the peak of $\sigma_{\max}(G)$ near `omega`, where float64 cannot tell its frequency apart.

    Near a lightly damped pole $1/\sigma^2$ is a parabola in the frequency: the secant method finds the zero
    of its slope $-2\sigma'/\sigma^3$, $\sigma' = \mathrm{Re}\, u^* G' v$, evaluated in `prec` bits. The
    frequency is then rounded to one float64, or to two when one loses more than $10^{-14}$ of the gain.

    **Arguments:** `omega`: start [rad/sample, or rad/s], from a float64 sweep, finite.
    **Returns:** `Peak`; `v` is the top right singular vector at the rounded point.
    **Guarantee:** none: a local maximum, and never below the start. **Cost:** some 5 solves of order $n$.
    """
    with _precision(prec):
        a, b, c, d = (acb_mat(_lift(X)) for X in (A, B, C, D))
        I = acb_mat(_eye(len(A)))

        def evaluate(z: acb) -> tuple[float, float, np.ndarray]:
            """Gain, slope of 1/gain^2 in omega, direction."""
            matrix = (I * z - a).mid()
            X = _solve(matrix, b) if len(A) else b
            U, gains, V = np.linalg.svd(_complex(_mul(c, X) + d))
            u, v, gain = U[:, 0], V[0].conj(), float(gains[0])
            v = v * np.exp(-1j * np.angle(v[np.argmax(np.abs(v))]))
            if len(A) == 0 or gain == 0:
                return gain, 0.0, v
            v_, u_ = _lift(v[:, None], acb_mat), _lift(u[None].conj(), acb_mat)
            phase = complex((u_ * (_mul(c, X) + d) * v_)[0, 0])
            turn = complex((u_ * c * _solve(matrix, X * v_))[0, 0]) * -1j * (1 if continuous else complex(z))
            return gain, float(-2 * (turn * abs(phase) / phase).real / gain**3), v

        if D.size == 0:
            return Peak((0.0,), 0.0, np.eye(D.shape[1])[0].astype(complex), 0.0)
        if not continuous and abs(omega) == np.pi:
            gain, _, v = evaluate(acb(-1))
            return Peak(None, np.pi, v, gain)
        at = (lambda w: acb(0, w)) if continuous else (lambda w: acb(0, w).exp().mid())
        best = arb(float(omega))
        gain, slope, v = evaluate(at(best))
        z = 1j * omega if continuous else np.exp(1j * omega)
        width = max(float(np.abs(np.linalg.eigvals(A) - z).min(initial=1.0)), 1e-18)
        step = -np.copysign(0.01 * width, slope)
        for _ in range(24):
            if abs(slope * step) * gain**2 < 1e-19:
                break
            new = (best + arb(step)).mid()
            new_gain, new_slope, new_v = evaluate(at(new))
            curvature = (new_slope - slope) / step
            if new_gain >= gain:
                best, gain, slope, v = new, new_gain, new_slope, new_v
                toward = -slope / curvature if curvature > 0 else -np.copysign(4 * abs(step), slope)
                step = float(np.clip(toward, -8 * width, 8 * width))
            elif curvature > 0 and abs(slope / curvature) < abs(step) / 2:
                step = -slope / curvature
            else:
                step = step / 8
        exact = best.mid() if continuous else (best / 2).tan().mid()
        point = tuple(float(part[0, 0]) for part in split(arb_mat([[exact]]), 2))
        if abs(point[0]) < 1e-9 * width:
            point = (0.0, *point)  # exactly real, if the gain allows
        for rounded in (point[:1], point):
            at_rounded, _, v = evaluate(_circle(rounded, continuous))
            if at_rounded >= gain * (1 - 1e-14):
                break
        return Peak(rounded, float(best) if any(rounded) else 0.0, v, at_rounded)


# ------------------------------------------------------------------------------------------------ eigenvalues


class Disc(NamedTuple):
    """A closed disc of the complex plane; `isolated`: no other disc of its list meets it."""

    centre: complex
    radius: float
    isolated: bool


def _above(x: arb) -> float:
    """A float that is no less than any number of the ball `x` >= 0; 0 only for an exact 0."""
    bound = x.upper()
    return 0.0 if bound == 0 else float(np.nextafter(float(bound), np.inf))


def eigenvalues(A: np.ndarray, prec: int = 128) -> list[Disc]:
    r"""Enclose the spectrum of a real or complex `A` in discs.

    Real `A`: the roots of the exact characteristic polynomial, isolated by FLINT with their multiplicities,
    so that defective matrices are no harder than others. Complex or large `A`: ball eigenvalues, singly or in
    clusters; else the roots, of a complex `A` the 2n of its real embedding (all `isolated=False`).
    Failing all: one disc of radius $\min(\lVert A \rVert_1, \lVert A \rVert_\infty)$, n times.

    **Returns:** `(centre, radius, isolated)`, n by multiplicity; an isolated disc holds one eigenvalue.
    **Raises:** `ValueError` when an entry is not finite.
    **Guarantee:** the union of the discs contains the spectrum, if FLINT's root isolation and `acb_mat_eig`
    are correct. **Cost:** $O(n^3)$ and more: 0.02 s at $n = 50$, 0.3 s at $n = 100$, 9 s at $n = 200$.

    >>> eigenvalues(np.array([[0.5, 1.0], [0.0, 0.5]]))
    [Disc(centre=(0.5+0j), radius=0.0, isolated=False), Disc(centre=(0.5+0j), radius=0.0, isolated=False)]
    """
    A = np.asarray(A)
    real, imag = np.real(A).astype(float), np.imag(A).astype(float)
    n, is_complex = len(A), bool(imag.any())
    if not np.isfinite(A).all():
        raise ValueError("`A` must be finite; remove the infinite or NaN entries")
    with _precision(prec):
        form = np.block([[real, -imag], [imag, real]]) if is_complex else real
        tries = [lambda: _roots(form), lambda: _balls(A.astype(complex), prec, False),
                 lambda: _balls(A.astype(complex), 2 * prec, True)]
        if is_complex:
            tries = tries[1:] + tries[:1]
        elif n > 120:  # a long polynomial: only where the balls cannot be separated
            tries = [tries[1], tries[0], tries[2]]
        values = next(filter(lambda v: v is not None, (search() for search in tries)), None)
        if values is None:
            bound = min(np.abs(A).sum(0).max(), np.abs(A).sum(1).max())
            return [Disc(0j, float(bound * (1 + 1e-10) + 1e-300), False)] * n
        z = [complex(value.mid()) for value in values]
        r = [_above(abs(value - acb(centre))) for value, centre in zip(values, z, strict=True)]
    centre, radius = np.array(z), np.array(r)
    with np.errstate(over="ignore"):
        gap = np.abs(centre[:, None] - centre) * (1 - 1e-14) - (radius[:, None] + radius) * (1 + 1e-14)
    np.fill_diagonal(gap, 1.0)
    return [Disc(c, x, len(z) == n and bool((row > 0).all())) for c, x, row in zip(z, r, gap, strict=True)]


def _roots(A: np.ndarray) -> list[acb] | None:
    """Roots of the characteristic polynomial in balls, by multiplicity; None when its integers are long."""
    n = len(A)
    if n == 0:
        return []
    s = _balance(A)
    balanced = A * s / s[:, None]
    if np.array_equal(balanced * s[:, None] / s, A):  # else a power of two under- or overflowed
        A = balanced
    mantissa, exponent = np.frexp(A)
    low = int(exponent[A != 0].min(initial=1024)) - 53
    if (int(exponent[A != 0].max(initial=low)) - low) * n > 60_000:
        return None
    shifts = np.where(A != 0, exponent - 53 - low, 0)
    rows = [[int(m) << k for m, k in zip(*line, strict=True)]
            for line in zip((mantissa * 2.0**53).tolist(), shifts.tolist(), strict=True)]
    roots: Any = fmpz_mat(rows).charpoly().complex_roots()
    return [root * arb(2) ** low for root, multiplicity in roots for _ in range(multiplicity)]


def _balls(A: np.ndarray, prec: int, multiple: bool) -> list[acb] | None:
    """Ball eigenvalues, equal ones as clusters if `multiple`; None when that does not separate them."""
    with ctx.workprec(prec):
        try:
            return _lift(A, acb_mat).eig(multiple=multiple)
        except ValueError:
            return None
