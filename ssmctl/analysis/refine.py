r"""Search in extended precision for what float64 cannot resolve: storage matrices.

Near the unit circle $M(P, \gamma) > 0$ holds by about $(1 - \rho(A))(\gamma/\gamma^* - 1)$, far below the
error of a float64 solver, yet within reach of a float64 *matrix* $P$, or of the exact sum of two. Here
float64 makes the corrections and python-flint the residuals,

$$P \leftarrow P + X, \qquad X - F^\top X F = \mathrm{residual}(P) \quad \text{(float64)},$$

which gains some $\log_{10}((1 - \rho(F)) / 10^{-16})$ digits a step; where that stalls, doubling runs in
`prec` bits from the start. Radii of `arb` are dropped: results are **searched, not trusted**, and their user
checks them.

Systems are finite float64 arrays. A number of more than 53 bits is a
tuple of float64 arrays, meaning their exact sum. The precision is set inside each call and restored.
"""

from collections.abc import Callable

import numpy as np
from flint import acb_mat, arb, arb_mat, ctx
from scipy import linalg as sl

from ssmctl.analysis import equations
from ssmctl.analysis.balls import (
    Parts,
    block,
    eye,
    floats,
    lift,
    mul,
    positive,
    precision,
    solve,
    split,
    symmetric,
)
from ssmctl.analysis.discs import eigenvalues

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
        increment = symmetric(mul(F.transpose(), X, F))
        X, F = (X + increment).mid(), mul(F, F)
        size = _norm(floats(increment), _scales(floats(X)))
        if not np.isfinite(size):
            return None
        if size <= 2.0 ** -(bits / 2 + 10):  # increments square from step to step
            return X
    return None


def _modal(F: arb_mat, Q: arb_mat) -> arb_mat:
    """Solve the Stein equation in eigenvector coordinates, for an unstable `F`."""
    values, V = acb_mat(F).eig(right=True, algorithm="approx")
    V, values = V.mid(), [value.mid() for value in values]
    S = mul(V.conjugate().transpose(), acb_mat(Q), V).tolist()
    S = [[s / (1 - y.conjugate() * z) for z, s in zip(values, row, strict=True)]
         for y, row in zip(values, S, strict=True)]
    W = solve(V, acb_mat(eye(F.nrows())))
    return symmetric(mul(W.conjugate().transpose(), acb_mat(S), W).real.mid())


def _correct(residual: Callable, start: np.ndarray | None, bits: int, steps: int = 24) -> arb_mat | None:
    """Repeat $P <- P + X$, $X - F'XF = R$ with `(R, F) = residual(P)` until the error is below 2^-bits."""
    if start is None or not np.isfinite(start).all():
        return None
    P, last = lift(start), 0.0
    for _ in range(steps):
        R, F = residual(P)
        d = _scales(floats(P))
        X = floats(R) / d[:, None] / d
        size = np.max(np.abs(X), initial=0.0)
        if not (np.isfinite(size) and np.isfinite(F).all()):
            return None
        if size > 0:
            X = size * equations.stein(F * d[:, None] / d, X / size)
        if not np.isfinite(X).all():
            return None
        P = (P + lift(X * d[:, None] * d)).mid()
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
    bits, F = 53 * parts + 12, floats(A)

    def residual(P):
        return symmetric(Q - P + mul(A.transpose(), P, A)), F

    newton = lambda: _correct(residual, equations.stein(F, floats(Q)), bits)
    for search in (newton, lambda: _smith(A, Q, bits), lambda: _modal(A, Q)):
        try:
            P = search()
        except ZeroDivisionError:  # eigenvectors that no precision tells apart
            continue
        if P is None:
            continue
        d = _scales(floats(P))
        size, error = _norm(floats(Q), d), _norm(floats(residual(P)[0]), d)
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
    with precision(prec):
        return _stein(lift(A), symmetric(lift(Q)), parts)


def lyapunov(A: np.ndarray | Parts, Q: np.ndarray | Parts, prec: int = 256, parts: int = 2) -> Parts | None:
    r"""Solve $A^\top P + P A + Q = 0$ in extended precision, as the Stein equation of the Tustin transform.

    $K = (I - hA/2)^{-1}$, $A_d = K(I + hA/2)$: $P - A_d^\top P A_d = h K^\top Q K$, formed in `prec` bits.

    **Returns**, **Guarantee**, **Cost:** as `stein`.

    >>> lyapunov(np.array([[-0.5]]), np.array([[1.0]]), parts=1)[0].tolist()
    [[1.0]]
    """
    with precision(prec):
        return _lyapunov(lift(A), symmetric(lift(Q)), parts)


def _lyapunov(A: arb_mat, Q: arb_mat, parts: int) -> Parts | None:
    if A.nrows() == 0:
        return _stein(A, Q, parts)
    h, K, F = _cayley(A)
    return _stein(F, symmetric(mul(K.transpose(), Q, K * arb(h))), parts)


def _cayley(A: arb_mat) -> tuple[float, arb_mat, arb_mat]:
    """Step h, a power of four, near 1/median|eig A|; K = (I - hA/2)^-1; K (I + hA/2)."""
    values = np.abs(np.linalg.eigvals(floats(A)))
    h = 4.0 ** round(-np.log2(np.median(values) or values.max() or 1.0) / 2)
    A, I = A * arb(h / 2), eye(A.nrows())
    K = solve((I - A).mid(), I)
    return h, K, mul(K, (I + A).mid())


def stability_margin(A: np.ndarray, continuous: bool) -> float:
    r"""Estimate $1 - \rho(A)$, or $-\max \mathrm{Re}\,\lambda$; from proved discs where that is small."""
    values = np.linalg.eigvals(A)
    margin = float(-values.real.max()) if continuous else float(1 - np.abs(values).max())
    if abs(margin) > 1e-6 * (np.abs(values).max() if continuous else 1.0):
        return margin
    discs = eigenvalues(A)
    return min(float((-d.centre.real if continuous else 1 - abs(d.centre)) - d.radius) for d in discs)


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
    margin = stability_margin(A, continuous)
    if not margin > 0:
        return None
    rate = margin / 2 if continuous else 1 - margin / 2
    s = 1 / equations.balance(A)
    Q = (C * s).T @ (C * s)
    Q = Q + (np.trace(Q) / n or 1.0) * np.eye(n)
    with precision(256):
        a, c, q = lift(A * s / s[:, None]), lift(C * s), lift(Q)
        for parts in (1, 2):
            if continuous:
                P = _lyapunov((a + eye(n) * arb(rate)).mid(), q, parts)
            else:
                P = _stein((a / arb(rate)).mid(), q, parts)
            if P is None:
                continue
            gain = np.linalg.norm(floats(mul(c, solve(lift(P), c.transpose())))) if C.size else 0.0
            scale = np.exp2(np.ceil(np.log2(1.01 * gain))) if gain > 0 else 1.0
            P = tuple(scale * part for part in P)
            p = lift(P)
            if continuous:
                decay = -(mul(a.transpose(), p) + mul(p, a) + p * arb(2 * rate))
            else:
                decay = p * arb(rate) ** 2 - mul(a.transpose(), p, a)
            if positive(symmetric(decay)) and positive(symmetric(p - mul(c.transpose(), c))):
                return tuple(part / s[:, None] / s for part in P), rate
    return None


# ------------------------------------------------------------------------------------ strict storage matrices


def _tustin(A: arb_mat, B: arb_mat, C: arb_mat, D: arb_mat):
    """Step h and the isometric Tustin transform: equal norm, and equal storage matrices."""
    h, K, F = _cayley(A)
    KB, root = mul(K, B), arb(h).sqrt()
    return h, (F, (KB * root).mid(), (mul(C, K) * root).mid(), (D + mul(C, KB) * arb(h / 2)).mid())


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
    R0 = (eye(m) * g2 - mul(D.transpose(), D)).mid()
    RD, RB = solve(R0, mul(D.transpose(), C)), solve(R0, B.transpose())
    F, G, H = (A + mul(B, RD)).mid(), (-mul(B, RB)).mid(), symmetric(Q + mul(C.transpose(), D, RD))
    for _ in range(steps):
        X = solve((eye(n) + mul(G, H)).mid(), block([[F, mul(G, F.transpose())]])).tolist()
        left, right = arb_mat([row[:n] for row in X]), arb_mat([row[n:] for row in X])
        increment = symmetric(mul(F.transpose(), H, left))
        G, H, F = symmetric(G + mul(F, right)), (H + increment).mid(), mul(F, left)
        change, total = floats(increment), floats(H)
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
    plain = floats(A), floats(B), floats(C), floats(D)
    g2, bits = arb(gain) ** 2, 53 * parts + 12
    R0, N0 = eye(B.ncols()) * g2 - mul(D.transpose(), D), mul(C.transpose(), D)

    def residual(P):
        PA, PB = mul(P, A), mul(P, B)
        N = (mul(A.transpose(), PB) + N0).mid()
        K = solve((R0 - mul(B.transpose(), PB)).mid(), N.transpose())
        return symmetric(Q - P + mul(A.transpose(), PA) + mul(N, K)), floats(A + mul(B, K))

    try:
        if steps:
            return _doubling(A, B, C, D, g2, Q, steps, bits)
        for wider in (1.0, 30.0, 1e3):  # the solution for a larger gain lies below: Newton climbs from there
            start = equations.riccati(*plain, lower + wider * (gain - lower), floats(Q))
            P = _correct(residual, start, bits)
            if P is not None:
                return P
    except ZeroDivisionError:  # R lost its rank: `gain` is too small
        pass
    return None


def _storage_matrix(A, B, C, D, P: arb_mat, gamma: float, continuous: bool) -> arb_mat:
    r"""$M(P, \gamma)$, or $N_c(P, \gamma)$ in continuous time, of the bounded real lemma."""
    PA, PB, R = mul(P, A), mul(P, B), eye(B.ncols()) * arb(gamma) ** 2 - mul(D.transpose(), D)
    if continuous:
        M, N = -(PA.transpose() + PA), PB
    else:
        M, N, R = P - mul(A.transpose(), PA), mul(A.transpose(), PB), R - mul(B.transpose(), PB)
    M, N = M - mul(C.transpose(), C), -(N + mul(C.transpose(), D))
    return symmetric(block([[M, N], [N.transpose(), R]]) if B.ncols() else M)


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
    s = 1 / equations.balance(A) if n else np.ones(0)
    A, B, C = A * s / s[:, None], B / s[:, None], C * s
    with precision(prec):
        system = plant = lift(A), lift(B), lift(C), lift(D)
        if not positive(symmetric(eye(m) * arb(gamma) ** 2 - mul(system[3].transpose(), system[3]))):
            return None
        if n == 0:
            return (np.zeros((0, 0)),) * parts
        h = 0.0
        if continuous:
            h, plant = _tustin(*plant)
        F, G = floats(plant[0]), floats(plant[1])
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
            Q = symmetric(mul(plant[2].transpose(), plant[2]) + lift(eps * (L.T @ L)))
            P = _riccati(plant, target, lower, Q, doublings, parts)
            if P is None:
                continue
            d = _scales(floats(P)) * 2.0 ** -(26.5 * parts + 10)  # what is smaller cannot matter
            digits = split(symmetric(P), parts)
            P = tuple(np.where(np.abs(part) < d[:, None] * d, 0.0, part) for part in digits)
            if positive(lift(P)) and positive(_storage_matrix(*system, lift(P), gamma, continuous)):
                return tuple(part / s[:, None] / s for part in P)
    return None
