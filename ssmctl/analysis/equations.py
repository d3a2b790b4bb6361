r"""Equations whose solutions are storage matrices: Stein, Lyapunov and the bounded real Riccati equation.

$$P - A^* P A = Q, \qquad A^* P + P A + Q = 0, \qquad
P = A^* P A + Q + N R^{-1} N^*, \quad N = A^* P B + C^* D, \quad R = \gamma^2 I - D^* D - B^* P B.$$

Everything here searches in float64 and is never trusted. The hot loops call NumPy alone: its BLAS and SciPy's
are two thread pools, which take the cores from each other. `*` is the conjugate transpose; arrays are NumPy
float64 or complex128. Storage matrices with a margin, which a checker can prove, are the business of
`storage`.
"""

import numpy as np
import scipy.linalg as sl

UNIT = 2.0**-53  # unit roundoff


def adj(X):
    """Conjugate transpose, of each matrix of a stack."""
    return X.conj().swapaxes(-1, -2)


def hermitian(X):
    """Hermitian part, exactly symmetric."""
    return (X + adj(X)) / 2


def _norm(X):
    """Frobenius norm, with less ado than NumPy's."""
    return float(np.vdot(X, X).real) ** 0.5


def cholesky(X):
    """Give the lower triangular factor of `X`, or None when `X` is not positive definite in floats."""
    try:
        L = np.linalg.cholesky(X)
    except np.linalg.LinAlgError:
        return None
    return L if np.isfinite(L.diagonal()).all() else None


# ------------------------------------------------------------------------------------------ linear


def stein(A, Q):
    r"""Solve $P - A^* P A = Q$ for Hermitian `Q`.

    Squared Smith doubling $P \leftarrow P + A_k^* P A_k,\ A_k \leftarrow A_k^2$ when $A$ is Schur stable;
    otherwise, or when the doubling does not settle, column by column on the complex Schur form.

    **Arguments:** `A`, `Q`: shape (n, n), real or complex.
    **Returns:** `P`, shape (n, n), Hermitian; NaN or meaningless when $\lambda_i \bar\lambda_j = 1$ for a
    pair of eigenvalues.
    **Guarantee:** none (numerical).
    **Cost:** $6 n^3$ flops a step, about $\log_2(1/(1-\rho(A))) + 6$ steps; $30 n^3$ on the Schur form.
    """
    P, X = Q, A
    with np.errstate(all="ignore"):
        for _ in range(64):
            S = adj(X) @ P @ X
            size, step = _norm(P), _norm(S)
            if not step <= 1e140 * (size + 1e-300):
                break
            P = P + S
            if step <= UNIT * size:
                return hermitian(P)
            X = X @ X
    return _stein_schur(A, Q)


def _stein_schur(A, Q):
    n = len(A)
    T, Z = sl.schur(A.astype(complex), output="complex", check_finite=False)[:2]
    (trtrs,) = sl.get_lapack_funcs(("trtrs",), (T,))
    L, F, X = adj(T), adj(Z) @ Q @ Z, np.zeros((n, n), complex)
    with np.errstate(all="ignore"):
        for j in range(n):  # (I - t_jj T*) x_j = f_j + T* X t_j
            right = F[:, j] + L @ (X[:, :j] @ T[:j, j])
            X[:, j], info = trtrs(np.eye(n) - T[j, j] * L, right, lower=1)
            if info:
                return np.full((n, n), np.nan)
    P = hermitian(Z @ X @ adj(Z))
    return P if np.iscomplexobj(A) or np.iscomplexobj(Q) else P.real


def stein_diagonal(poles, Q, right=None, continuous=False):
    r"""Solve Stein's equation, or Lyapunov's, elementwise for diagonal $\Lambda = \mathrm{diag}(\lambda)$.

    $$P - \Lambda^* P \Lambda_r = Q: \quad P_{ij} = \frac{Q_{ij}}{1 - \bar\lambda_i \lambda_j}, \qquad
    \Lambda^* P + P \Lambda_r + Q = 0: \quad P_{ij} = \frac{-Q_{ij}}{\bar\lambda_i + \lambda_j}.$$

    **Arguments:** `poles`: shape (n,), complex. `Q`: shape (n, n). `right`: the poles of $\Lambda_r$, `poles`
    if None. `continuous`: the second equation.
    **Returns:** `P`, shape (n, n).
    **Guarantee:** none, but every entry is accurate to the conditioning of $1 - \bar\lambda_i\lambda_j$.
    **Cost:** $O(n^2)$.
    """
    right = poles if right is None else right
    return -Q / (poles.conj()[:, None] + right) if continuous else Q / (1 - np.outer(poles.conj(), right))


def gramian_modal(poles, B, continuous=False):
    r"""Reachability Gramian of a modal system in real form (all real parts, then all imaginary parts).

    With $\Gamma = \sum x x^*$ and $\Delta = \sum x x^\top$ over the impulse responses, $x = a + ib$:
    $\sum a a^\top = \tfrac12 \mathrm{Re}(\Gamma + \Delta)$,
    $\sum b b^\top = \tfrac12 \mathrm{Re}(\Gamma - \Delta)$,
    $\sum a b^\top = \tfrac12 \mathrm{Im}(\Delta - \Gamma)$.

    **Arguments:** `poles` (n,), `B` (n, m), complex. **Returns:** shape (2n, 2n).
    **Guarantee:** none (numerical). **Cost:** $O(n^2 m)$.
    """
    first = stein_diagonal(poles.conj(), B @ adj(B), continuous=continuous)
    second = stein_diagonal(poles.conj(), B @ B.T, poles, continuous)
    cross = (second - first).imag / 2
    return np.block([[(first + second).real / 2, cross], [cross.T, (first - second).real / 2]])


def lyapunov(A, Q):
    r"""Solve $A^* P + P A + Q = 0$ for Hermitian `Q`.

    $A$ is balanced by powers of two (exact), solved on its Schur form, and the answer refined once.

    **Arguments:** `A`, `Q`: shape (n, n), real or complex.
    **Returns:** `P`, shape (n, n), Hermitian; meaningless when $\lambda_i + \bar\lambda_j = 0$ for a pair of
    eigenvalues.
    **Guarantee:** none (numerical). **Cost:** about $40 n^3$ flops.
    """
    if not len(A):
        return np.zeros((0, 0), np.result_type(A, Q))
    t = 1 / balance(A)
    A, Q = A * t / t[:, None], Q * t * t[:, None]
    if np.iscomplexobj(Q):
        A = A.astype(complex)
    T, Z = sl.schur(A, check_finite=False)[:2]
    (trsyl,) = sl.get_lapack_funcs(("trsyl",), (T,))
    adjoint = "C" if np.iscomplexobj(T) else "T"

    def solve(F):
        X, scale, _ = trsyl(T, T, -adj(Z) @ F @ Z, trana=adjoint)
        return hermitian(Z @ (X / scale) @ adj(Z))

    P = solve(Q)
    P = P + solve(Q + hermitian(2 * (P @ A)))
    return P / t / t[:, None]


def balance(A):
    r"""Powers of two $s$ for which $s_i a_{ij} / s_j$ has rows and columns alike in norm."""
    (gebal,) = sl.get_lapack_funcs(("gebal",), (A,))
    return 1 / gebal(A, scale=1, permute=0)[3].real


def tustin(A, B, C, D, h=None):
    r"""Map a continuous system to a discrete one of the same gain, storage matrices and Gramians.

    $$K = (I - \tfrac h2 A)^{-1}, \quad A_d = K(I + \tfrac h2 A), \quad B_d = \sqrt h K B, \quad
    C_d = \sqrt h\, C K, \quad D_d = D + \tfrac h2 C K B.$$

    $G_d(z) = G\big(\tfrac2h \tfrac{z-1}{z+1}\big)$, and $M(P, \gamma)$ of the image is congruent to
    $N_c(P, \gamma)$.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m). `h`: step [s], default
    $1/\mathrm{median}|\lambda(A)|$.
    **Returns:** $(A_d, B_d, C_d, D_d)$.
    **Guarantee:** exact in real arithmetic; in floats the image is off by about $u/(1-\rho(A_d))$. **Cost:**
    one solve.
    """
    n = len(A)
    if not n:
        return A, B, C, D
    if h is None:
        size = np.median(abs(np.linalg.eigvals(A)))
        h = 1 / size if size > 0 else 1.0
    X = np.linalg.solve(np.eye(n) - h / 2 * A, np.hstack([np.eye(n) + h / 2 * A, h**0.5 * B]))
    CK = np.linalg.solve((np.eye(n) - h / 2 * A).T, h**0.5 * C.T).T
    return X[:, :n], X[:, n:], CK, D + (h**0.5 / 2) * CK @ B


# ----------------------------------------------------------------------------------------- Riccati


def riccati(A, B, C, D, gamma, Q=None, steps=48):
    r"""Solve the bounded real Riccati equation by structured doubling.

    $$P = A^* P A + Q + N R^{-1} N^*, \quad N = A^* P B + C^* D, \quad R = \gamma^2 I - D^* D - B^* P B > 0.$$

    With $R_0 = \gamma^2 I - D^*D$, $F = A + B R_0^{-1} D^* C$, $G = -B R_0^{-1} B^*$,
    $H = Q + C^* D R_0^{-1} D^* C$ repeat

    $$H \mathrel{+}= F^* H W F, \quad G \mathrel{+}= F W G F^*, \quad F \leftarrow F W F, \quad
    W = (I + G H)^{-1};$$

    $H$ increases to $P$, quadratically, exactly when $\gamma$ exceeds the gain from $u$ to
    $(y, (Q - C^*C)^{1/2} x)$.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), real or complex. `gamma`: [output/input].
    `Q`: shape (n, n), $Q \ge C^* C$, default $C^* C$. `steps`: at most so many doublings.
    **Returns:** `P`, shape (n, n), or None when $R$, or the monotony of $H$ and $G$, is lost: `gamma` is too
    small.
    **Guarantee:** none (numerical). **Cost:** $17 n^3$ flops a step, $\log_2(1/(1-\rho(A+BK))) + 5$ steps.
    """
    n, m = B.shape
    Q = adj(C) @ C if Q is None else Q
    if not n or not m:
        return stein(A, Q)
    R = gamma**2 * np.eye(m) - adj(D) @ D
    if cholesky(R) is None:
        return None
    K = np.linalg.solve(R, np.hstack([adj(D) @ C, adj(B)]))
    F, G, H = A + B @ K[:, :n], -B @ K[:, n:], Q + adj(C) @ (D @ K[:, :n])
    for k in range(steps):
        if n >= 64 and k >= 8 and k % 2 == 0:
            thin = _thin(F, n // 4)
            if thin:
                H = _riccati_tail(G, H, *thin, steps - k)
                break
        W = G @ H
        W.flat[:: n + 1] += 1
        try:
            W = np.linalg.solve(W, np.hstack([F, G]))
        except np.linalg.LinAlgError:
            return None
        WF, WG = W[:, :n], W[:, n:]
        S = adj(F) @ (H @ WF)
        size = _norm(H)
        if not S.diagonal().real.min() >= -1e-6 * size:
            return None
        H = H + hermitian(S)
        if _norm(S) <= 8 * UNIT * size:
            break
        S = F @ WG @ adj(F)
        if not S.diagonal().real.max() <= 1e-6 * _norm(G):
            return None
        G, F = G + hermitian(S), F @ WF
        if _norm(F) <= 1e-13:
            break
    else:
        return None
    return H if H is not None and cholesky(R - adj(B) @ H @ B) is not None else None


def _thin(F, rank):
    """Factors X, Y with F = X Y* and X orthonormal, when F has that rank up to rounding; else None."""
    mix = np.random.default_rng(0).standard_normal((len(F), rank))
    X = np.linalg.qr(F @ mix)[0]
    Y = adj(F) @ X
    return (X, Y) if _norm(F - X @ adj(Y)) <= 16 * UNIT * _norm(F) else None


def _riccati_tail(G, H, X, Y, steps):
    r"""Finish the doubling of `riccati` once $F = X Y^*$ is thin.

    From then on the iterates are $F = X \Phi Y^*$, $H + Y \Theta Y^*$, $G + X \Psi X^*$. With
    $N = [Y\ HX]^* (I + GH)^{-1} [GY\ X]$ the inverse of every later step is a small one (Woodbury),
    $S = N (I + T N)^{-1}$, $T = [\Theta, 0; \Psi X^* Y \Theta, \Psi]$, and only matrices of the order of the
    rank are left.
    """
    q, HX, GY, c = X.shape[1], H @ X, G @ Y, adj(X) @ Y
    N = G @ H
    N.flat[:: len(N) + 1] += 1
    N = adj(np.hstack([Y, HX])) @ np.linalg.solve(N, np.hstack([GY, X]))
    phi, theta, psi, size = np.eye(q), np.zeros((q, q)), np.zeros((q, q)), _norm(H) / _norm(Y) ** 2
    for _ in range(steps):
        T = np.block([[theta, np.zeros((q, q))], [psi @ c @ theta, psi]])
        S = np.linalg.solve((np.eye(2 * q) + T @ N).T, N.T).T
        a = S[:q, q:]
        step = adj(phi) @ (S[q:, q:] + c @ theta @ a) @ phi
        gain = phi @ (S[:q, :q] + a @ psi @ c) @ adj(phi)
        low, top = step.diagonal().real.min(), gain.diagonal().real.max()
        if not (low >= -1e-6 * size and top <= 1e-6 * _norm(G)):
            return None
        theta, psi, phi = theta + hermitian(step), psi + hermitian(gain), phi @ a @ phi
        if _norm(step) <= 8 * UNIT * size:
            return H + hermitian(Y @ theta @ adj(Y))
    return None


def riccati_newton(A, B, C, D, gamma, Q, P, continuous=False):
    r"""Make one Newton-Kleinman step towards the solution of the bounded real Riccati equation.

    The residual of `P` is the right side of a Stein (continuous: Lyapunov) equation in $A + B R^{-1} N^*$,
    where in continuous time $N = P B + C^* D$ and $R = \gamma^2 I - D^* D$.

    **Arguments:** as in `riccati`; `Q` includes $C^* C$; `P`: shape (n, n), near the solution.
    **Returns:** the corrected `P`, or None where $R$ is not positive definite.
    **Guarantee:** none; the residual afterwards is that of rounding. **Cost:** one `stein` or `lyapunov`.
    """
    m = B.shape[1]
    PA, PB = P @ A, P @ B
    R = gamma**2 * np.eye(m) - adj(D) @ D
    N = adj(C) @ D + (PB if continuous else adj(A) @ PB)
    R = R if continuous else R - adj(B) @ PB
    if cholesky(R) is None:
        return None
    K = np.linalg.solve(R, adj(N))
    residual = Q + N @ K + (PA + adj(PA) if continuous else adj(A) @ PA - P)
    step = (lyapunov if continuous else stein)(A + B @ K, hermitian(residual))
    return hermitian(P + step) if np.isfinite(step).all() else None


