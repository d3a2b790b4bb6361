r"""Matrix equations whose solutions are storage matrices: Stein, Lyapunov and the bounded real Riccati equation.

$$P - A^* P A = Q, \qquad A^* P + P A + Q = 0, \qquad
P = A^* P A + Q + N R^{-1} N^*, \quad N = A^* P B + C^* D, \quad R = \gamma^2 I - D^* D - B^* P B.$$

Everything here searches in float64 and is never trusted: a $P$ becomes a proof only when
$P > 0$ and the bounded real inequality have been checked elsewhere. In discrete and continuous time

$$M(P, \gamma) = \begin{pmatrix} P & 0 \\ 0 & \gamma^2 I \end{pmatrix} - [A\ B]^* P\, [A\ B] - [C\ D]^* [C\ D],
\qquad N_c(P, \gamma) = - \begin{pmatrix} A^* P + P A + C^* C & P B + C^* D \\ \cdot & D^* D - \gamma^2 I \end{pmatrix}.$$

The stabilising solution itself makes the inequality singular. What can be proved is the solution at
$\gamma' < \gamma$ with $Q = C^* C + \varepsilon E E^*$ (`strict_problems`): it leaves $\varepsilon E E^*$ to spare.
`*` is the conjugate transpose; arrays are NumPy float64 or complex128.
"""

import numpy as np
import scipy.linalg as sl

UNIT = 2.0**-53  # unit roundoff


def _adj(X):
    return X.conj().T


def _hermitian(X):
    return (X + _adj(X)) / 2


def _norm(X):
    """Frobenius norm, with less ado than NumPy's."""
    return float(np.vdot(X, X).real) ** 0.5


def _cholesky(X, lower=False):
    """Give a triangular factor of `X`, or None when `X` is not positive definite in floats."""
    if not len(X):
        return X
    (potrf,) = sl.get_lapack_funcs(("potrf",), (X,))
    R, info = potrf(X, lower=lower, clean=True)
    return R if info == 0 and np.isfinite(R[-1, -1] if not lower else R[0, 0]) else None


def _pow2(x):
    """Round positive numbers to powers of two: scaling by them is exact."""
    return np.ldexp(1.0, np.round(np.log2(x)).astype(int))


# ------------------------------------------------------------------------------------------ linear


def stein(A, Q):
    r"""Solve $P - A^* P A = Q$ for Hermitian `Q`.

    Squared Smith doubling $P \leftarrow P + A_k^* P A_k,\ A_k \leftarrow A_k^2$ when $A$ is Schur stable;
    otherwise, or when the doubling does not settle, column by column on the complex Schur form.

    **Arguments:** `A`, `Q`: shape (n, n), real or complex.
    **Returns:** `P`, shape (n, n), Hermitian; not finite or meaningless when $\lambda_i \bar\lambda_j = 1$ for a pair of eigenvalues.
    **Guarantee:** none (numerical).
    **Cost:** $6 n^3$ flops a step, about $\log_2(1/(1-\rho(A))) + 6$ steps; $30 n^3$ on the Schur form.
    """
    P, X = Q, A
    with np.errstate(all="ignore"):
        for _ in range(64):
            S = _adj(X) @ P @ X
            size, step = _norm(P), _norm(S)
            if not step <= 1e140 * (size + 1e-300):
                break
            P = P + S
            if step <= UNIT * size:
                return _hermitian(P)
            X = X @ X
    return _stein_schur(A, Q)


def _stein_schur(A, Q):
    n = len(A)
    T, Z = sl.schur(A.astype(complex), output="complex", check_finite=False)
    L, F, X = _adj(T), _adj(Z) @ Q @ Z, np.zeros((n, n), complex)
    with np.errstate(all="ignore"):
        for j in range(n):  # (I - t_jj T*) x_j = f_j + T* X t_j
            right = F[:, j] + L @ (X[:, :j] @ T[:j, j])
            X[:, j], _ = sl.lapack.ztrtrs(np.eye(n) - T[j, j] * L, right, lower=1)
    P = _hermitian(Z @ X @ _adj(Z))
    return P if np.iscomplexobj(A) or np.iscomplexobj(Q) else P.real


def stein_diagonal(poles, Q, right=None, continuous=False):
    r"""Solve $P - \Lambda^* P \Lambda_r = Q$, or $\Lambda^* P + P \Lambda_r + Q = 0$, for diagonal $\Lambda$, elementwise.

    $$P_{ij} = \frac{Q_{ij}}{1 - \bar\lambda_i \lambda_j}, \qquad P_{ij} = \frac{-Q_{ij}}{\bar\lambda_i + \lambda_j}.$$

    **Arguments:** `poles`: shape (n,), complex. `Q`: shape (n, n). `right`: the poles of $\Lambda_r$, `poles` if None.
    `continuous`: the second equation.
    **Returns:** `P`, shape (n, n).
    **Guarantee:** none, but every entry is accurate to the conditioning of $1 - \bar\lambda_i\lambda_j$. **Cost:** $O(n^2)$.
    """
    right = poles if right is None else right
    return -Q / (poles.conj()[:, None] + right) if continuous else Q / (1 - np.outer(poles.conj(), right))


def gramian_modal(poles, B, continuous=False):
    r"""Reachability Gramian of the real form (all real parts, then all imaginary parts) of a modal system, elementwise.

    With $\Gamma = \sum x x^*$ and $\Delta = \sum x x^\top$ over the impulse responses, $x = a + ib$:
    $\sum a a^\top = \tfrac12 \mathrm{Re}(\Gamma + \Delta)$, $\sum b b^\top = \tfrac12 \mathrm{Re}(\Gamma - \Delta)$,
    $\sum a b^\top = \tfrac12 \mathrm{Im}(\Delta - \Gamma)$.

    **Arguments:** `poles` (n,), `B` (n, m), complex. **Returns:** shape (2n, 2n).
    **Guarantee:** none (numerical). **Cost:** $O(n^2 m)$.
    """
    first = stein_diagonal(poles.conj(), B @ _adj(B), continuous=continuous)
    second = stein_diagonal(poles.conj(), B @ B.T, poles, continuous)
    cross = (second - first).imag / 2
    return np.block([[(first + second).real / 2, cross], [cross.T, (first - second).real / 2]])


def lyapunov(A, Q):
    r"""Solve $A^* P + P A + Q = 0$ for Hermitian `Q`.

    $A$ is balanced by powers of two (exact), solved on its Schur form, and the answer refined once.

    **Arguments:** `A`, `Q`: shape (n, n), real or complex.
    **Returns:** `P`, shape (n, n), Hermitian; meaningless when $\lambda_i + \bar\lambda_j = 0$ for a pair of eigenvalues.
    **Guarantee:** none (numerical). **Cost:** about $40 n^3$ flops.
    """
    if not len(A):
        return np.zeros((0, 0), np.result_type(A, Q))
    t = 1 / _balance(A)
    A, Q = A * t / t[:, None], Q * t * t[:, None]
    if np.iscomplexobj(Q):
        A = A.astype(complex)
    T, Z = sl.schur(A, check_finite=False)
    (trsyl,) = sl.get_lapack_funcs(("trsyl",), (T,))
    adjoint = "C" if np.iscomplexobj(T) else "T"

    def solve(F):
        X, scale, _ = trsyl(T, T, -_adj(Z) @ F @ Z, trana=adjoint)
        return _hermitian(Z @ (X / scale) @ _adj(Z))

    P = solve(Q)
    P = P + solve(Q + _hermitian(2 * (P @ A)))
    return P / t / t[:, None]


def _balance(A):
    r"""Powers of two $s$ for which $\mathrm{diag}(s)\,A\,\mathrm{diag}(s)^{-1}$ has rows and columns of like norm."""
    (gebal,) = sl.get_lapack_funcs(("gebal",), (A,))
    return 1 / gebal(A, scale=1, permute=0)[3].real


def tustin(A, B, C, D, h=None):
    r"""Map a continuous system to a discrete one of the same gain, storage matrices and Gramians.

    $$K = (I - \tfrac h2 A)^{-1}, \quad A_d = K(I + \tfrac h2 A), \quad B_d = \sqrt h K B, \quad
    C_d = \sqrt h\, C K, \quad D_d = D + \tfrac h2 C K B.$$

    $G_d(z) = G\big(\tfrac2h \tfrac{z-1}{z+1}\big)$, and $M(P, \gamma)$ of the image is congruent to $N_c(P, \gamma)$.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m). `h`: step [s], default $1/\mathrm{median}|\lambda(A)|$.
    **Returns:** $(A_d, B_d, C_d, D_d)$.
    **Guarantee:** exact in real arithmetic; in floats the image is off by about $u/(1-\rho(A_d))$. **Cost:** one solve.
    """
    n = len(A)
    if not n:
        return A, B, C, D
    if h is None:
        size = np.median(np.abs(sl.eigvals(A, check_finite=False)))
        h = 1 / size if size > 0 else 1.0
    X = np.linalg.solve(np.eye(n) - h / 2 * A, np.hstack([np.eye(n) + h / 2 * A, h**0.5 * B]))
    CK = np.linalg.solve((np.eye(n) - h / 2 * A).T, h**0.5 * C.T).T
    return X[:, :n], X[:, n:], CK, D + (h**0.5 / 2) * CK @ B


# ----------------------------------------------------------------------------------------- Riccati


def riccati(A, B, C, D, gamma, Q=None, steps=48):
    r"""Solve the bounded real Riccati equation by structured doubling.

    $$P = A^* P A + Q + N R^{-1} N^*, \quad N = A^* P B + C^* D, \quad R = \gamma^2 I - D^* D - B^* P B > 0.$$

    With $R_0 = \gamma^2 I - D^*D$, $F = A + B R_0^{-1} D^* C$, $G = -B R_0^{-1} B^*$, $H = Q + C^* D R_0^{-1} D^* C$ repeat

    $$H \mathrel{+}= F^* H W F, \quad G \mathrel{+}= F W G F^*, \quad F \leftarrow F W F, \qquad W = (I + G H)^{-1};$$

    $H$ increases to $P$, quadratically, exactly when $\gamma$ exceeds the norm of $A, B, Q^{1/2}$ ($D$ included).

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), real or complex. `gamma`: [output/input].
    `Q`: shape (n, n), $Q \ge C^* C$, default $C^* C$. `steps`: at most so many doublings.
    **Returns:** `P`, shape (n, n), or None when $R$, or the monotony of $H$ and $G$, is lost: `gamma` is too small.
    **Guarantee:** none (numerical). **Cost:** $17 n^3$ flops a step, $\log_2(1/(1-\rho(A+BK))) + 5$ steps.
    """
    n, m = B.shape
    Q = _adj(C) @ C if Q is None else Q
    if not n or not m:
        return stein(A, Q)
    R = gamma**2 * np.eye(m) - _adj(D) @ D
    root = _cholesky(R)
    if root is None:
        return None
    K = sl.cho_solve((root, False), np.hstack([_adj(D) @ C, _adj(B)]), check_finite=False)
    F, G, H = A + B @ K[:, :n], -B @ K[:, n:], Q + _adj(C) @ (D @ K[:, :n])
    (gesv,) = sl.get_lapack_funcs(("gesv",), (F, G, H))
    right = np.empty((n, 2 * n), F.dtype, order="F")
    for k in range(steps):
        if n >= 64 and k >= 8 and k % 2 == 0:
            thin = _thin(F, n // 4)
            if thin:
                H = _riccati_tail(G, H, *thin, steps - k)
                break
        W = G @ H
        W.flat[:: n + 1] += 1
        right[:, :n], right[:, n:] = F, G
        _, _, X, info = gesv(W, right, overwrite_a=True)
        WF = X[:, :n]
        S = _adj(F) @ (H @ WF)
        low, size = S.diagonal().real.min(), _norm(H)
        if info or not low >= -1e-6 * size:
            return None
        H = H + _hermitian(S)
        if _norm(S) <= 8 * UNIT * size:
            break
        S = F @ X[:, n:] @ _adj(F)
        if not S.diagonal().real.max() <= 1e-6 * _norm(G):
            return None
        G, F = G + _hermitian(S), F @ WF
        if _norm(F) <= 1e-13:
            break
    else:
        return None
    return H if H is not None and _cholesky(R - _adj(B) @ H @ B) is not None else None


def _thin(F, rank):
    """Factors X, Y with F = X Y* and X orthonormal, when F has that rank up to rounding; else None."""
    mix = np.random.default_rng(0).standard_normal((len(F), rank))
    X = sl.qr(F @ mix, mode="economic", check_finite=False)[0]
    Y = _adj(F) @ X
    return (X, Y) if _norm(F - X @ _adj(Y)) <= 16 * UNIT * _norm(F) else None


def _riccati_tail(G, H, X, Y, steps):
    r"""Finish the doubling of `riccati` once $F = X Y^*$ is thin: then $F = X \Phi Y^*$, $H + Y \Theta Y^*$, $G + X \Psi X^*$ for ever.

    With $N = [Y\ HX]^* (I + GH)^{-1} [GY\ X]$ the inverse of every later step is a small one (Woodbury),
    $S = N (I + T N)^{-1}$, $T = [\Theta, 0; \Psi X^* Y \Theta, \Psi]$, and only matrices of the order of the rank are left.
    """
    q, HX, GY, c = X.shape[1], H @ X, G @ Y, _adj(X) @ Y
    N = G @ H
    N.flat[:: len(N) + 1] += 1
    N = _adj(np.hstack([Y, HX])) @ np.linalg.solve(N, np.hstack([GY, X]))
    phi, theta, psi, size = np.eye(q), np.zeros((q, q)), np.zeros((q, q)), _norm(H) / _norm(Y) ** 2
    for _ in range(steps):
        T = np.block([[theta, np.zeros((q, q))], [psi @ c @ theta, psi]])
        S = np.linalg.solve((np.eye(2 * q) + T @ N).T, N.T).T
        a = S[:q, q:]
        step = _adj(phi) @ (S[q:, q:] + c @ theta @ a) @ phi
        gain = phi @ (S[:q, :q] + a @ psi @ c) @ _adj(phi)
        low, top = step.diagonal().real.min(), gain.diagonal().real.max()
        if not (low >= -1e-6 * size and top <= 1e-6 * _norm(G)):
            return None
        theta, psi, phi = theta + _hermitian(step), psi + _hermitian(gain), phi @ a @ phi
        if _norm(step) <= 8 * UNIT * size:
            return H + _hermitian(Y @ theta @ _adj(Y))
    return None


def riccati_newton(A, B, C, D, gamma, Q, P, continuous=False):
    r"""Make one Newton-Kleinman step towards the solution of the bounded real Riccati equation.

    The residual of `P` is the right side of a Stein (continuous: Lyapunov) equation in $A + B R^{-1} N^*$, where
    in continuous time $N = P B + C^* D$ and $R = \gamma^2 I - D^* D$.

    **Arguments:** as in `riccati`; `Q` includes $C^* C$; `P`: shape (n, n), near the solution.
    **Returns:** the corrected `P`, or None where $R$ is not positive definite.
    **Guarantee:** none; the residual afterwards is that of rounding. **Cost:** one `stein` or `lyapunov`.
    """
    n, m = B.shape
    PA, PB = P @ A, P @ B
    R = gamma**2 * np.eye(m) - _adj(D) @ D
    N = _adj(C) @ D + (PB if continuous else _adj(A) @ PB)
    root = _cholesky(R if continuous else R - _adj(B) @ PB)
    if root is None:
        return None
    K = sl.cho_solve((root, False), _adj(N), check_finite=False) if m else _adj(N)
    residual = Q + N @ K + (PA + _adj(PA) if continuous else _adj(A) @ PA - P)
    step = (lyapunov if continuous else stein)(A + B @ K, _hermitian(residual))
    return _hermitian(P + step) if np.isfinite(step).all() else None


# ------------------------------------------------------------------------------- strict feasibility


def margin(A, B, C, D, P, gamma, continuous=False, exact=True):
    r"""Estimate how far the bounded real inequality stands clear of what float64 balls can resolve.

    $M(P, \gamma)$, or $N_c(P, \gamma)$, is scaled to a unit diagonal; from its smallest eigenvalue the row sums of the
    rounding bound $(2n+p+8)\,u\,S$, $S$ the sum of absolute terms, and $N^{3/2} u$ are taken away.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), `P` (n, n), `gamma`. `exact`: False asks for the sign only.
    **Returns:** a number; positive: the proof in balls is expected to succeed; -inf when $P$ or a diagonal entry is not positive.
    **Guarantee:** none (an estimate). **Cost:** five products and a Cholesky factor; `exact` adds an `eigvalsh`.
    """
    n, m = B.shape
    size = n + m
    if not size:
        return 1.0
    if n and _cholesky(P) is None:
        return -np.inf
    s = 1 / np.sqrt(P.diagonal().real)
    A, B, C, P = A * s / s[:, None], B / s[:, None], C * s, P * s * s[:, None]
    W, V = np.hstack([A, B]), np.hstack([C, D])
    PW = P @ W
    M = -_adj(V) @ V
    M.flat[n * (size + 1) :: size + 1] += gamma**2
    if continuous:
        M[:n] -= PW
        M[:, :n] -= _adj(PW)
    else:
        M[:n, :n] += P
        M -= _adj(W) @ PW
    d = M.diagonal().real
    if not (d > 0).all():
        return -np.inf
    d = 1 / np.sqrt(d)
    aW, aV, aP = abs(W), abs(V), abs(P)
    noise = aV.T @ (aV @ d)
    noise[n:] += gamma**2 * d[n:]
    if continuous:
        noise[:n] += aP @ (aW @ d)
        noise += aW.T @ (aP @ d[:n])
    else:
        noise += aW.T @ (aP @ (aW @ d))
        noise[:n] += aP @ d[:n]
    M = M * d * d[:, None]
    M.flat[:: size + 1] -= (2 * n + len(C) + 8) * UNIT * noise * d + size**1.5 * UNIT
    if exact:
        return np.linalg.eigvalsh(M)[0]
    return 1.0 if _cholesky(M) is not None else -1.0


def samples(A, B, C, D, continuous=False):
    r"""Responses at the angles of the least damped poles: what `strict_problems` measures its weight against.

    **Returns:** $G(z_k)$, shape (k, p, m), and $X_k = (z_k I - A)^{-1} B$, shape (k, n, m), at up to 18 points $z_k$.
    **Guarantee:** none. **Cost:** the eigenvalues of `A` and one solve a point.
    """
    n = len(A)
    poles = sl.eigvals(A, check_finite=False) if n else np.zeros(1)
    if continuous:
        near = poles[np.argsort(-poles.real)][:16]
        z = 1j * np.concatenate([near.imag, [0.0]])
    else:
        near = poles[np.argsort(-abs(poles))][:16]
        z = np.concatenate([np.exp(1j * np.angle(near)), [1.0, -1.0]])
    if not np.iscomplexobj(A):
        z = z[z.imag >= 0]
    z = np.unique(z)
    X = np.linalg.solve(z[:, None, None] * np.eye(n) - A, np.broadcast_to(B, (len(z), *B.shape)))
    return C @ X + D, X


def _adj3(X):
    return X.conj().swapaxes(-1, -2)


def _precondition(A, B, h):
    r"""Powers of two $s$ that balance $A$ and then make every state equally reachable, and the scaled reachability Gramian."""
    if not len(A):
        return np.ones(0), A
    s = _balance(A)
    A, B = A * s[:, None] / s, B * s[:, None]
    if h:
        A, B, _, _ = tustin(A, B, _adj(B), np.zeros((B.shape[1],) * 2), h)
    return _level(s, stein(_adj(A), B @ _adj(B)))


def _level(s, gram):
    """Scale on, by powers of two, to a Gramian of about unit diagonal."""
    reach = gram.diagonal().real
    top = reach.max(initial=0.0)
    if not (np.isfinite(gram).all() and top > 0):
        return s, gram
    t = 1 / _pow2(np.sqrt(np.maximum(reach, 1e-12 * top)))
    return s * t, gram * t * t[:, None]


def _weights(A, B, C, D, gamma, lower, seen, h, gram, share=0.5):
    r"""Give the candidates $(\gamma', \sqrt\varepsilon E)$ of a preconditioned system, the best first; `h` is None in discrete time."""
    n, m = B.shape
    G, X = seen
    inner = lower + 0.5 * (gamma - lower)
    lift = (np.eye(n) - h / 2 * A) / h**0.5 if h else np.eye(n)  # continuous: the weight of the Tustin image
    gap = inner**2 * np.eye(m) - _adj3(G) @ G
    for mu in (1e-4, 1e-2, 1e-8, None):
        E = lift
        if mu is not None:
            root = _cholesky(gram + mu * np.trace(gram).real / max(n, 1) * np.eye(n), lower=True)
            if root is None:
                continue
            E = sl.solve_triangular(root, lift, lower=True, check_finite=False) if n else lift
        Y = E @ X
        try:
            most = np.linalg.eigvals(np.linalg.solve(gap, _adj3(Y) @ Y)).real.max(initial=0.0)
        except np.linalg.LinAlgError:
            continue
        free = np.linalg.norm(C) ** 2 / max(np.linalg.norm(E), 1e-300) ** 2 or 1.0
        yield inner, _adj(E) * (share / most if most > 0 else free) ** 0.5


def strict_problems(A, B, C, D, gamma, lower, seen=None, continuous=False):
    r"""Give Riccati equations whose solutions satisfy the bounded real inequality at `gamma` strictly.

    $$\gamma' = \tfrac12 (\gamma + \mathrm{lower}), \qquad Q = C^* C + \varepsilon E E^*, \qquad
    \varepsilon = \tfrac12 \min_k \lambda_{\max}\big( (\gamma'^2 I - G_k^* G_k)^{-1} X_k^* E E^* X_k \big)^{-1},$$

    at sampled frequencies; $E E^* = (W_c + \mu I)^{-1}$ with the reachability Gramian $W_c$ and several $\mu$, then $I$,
    in coordinates that `_precondition` chose. With the solution $P$ the Schur complement of $M(P, \gamma)$ is at least
    $\varepsilon E E^*$. For a refinement in higher precision: it may solve the same equation.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), stable. `lower` <= norm < `gamma`: [output/input].
    `seen`: responses $(G_k, X_k)$ as `samples` gives them; they should include the peak.
    **Returns:** an iterator of $(\gamma', Q)$; in continuous time the equation is $A^*P + PA + Q + N R^{-1} N^* = 0$.
    **Guarantee:** none (numerical). **Cost:** a Gramian; a Cholesky factor each.
    """
    G, X = samples(A, B, C, D, continuous) if seen is None else seen
    h = _step(A) if continuous else None
    s, gram = _precondition(A, B, h)
    As, Bs, Cs, Xs = A * s[:, None] / s, B * s[:, None], C / s, X * s[:, None]
    for inner, E in _weights(As, Bs, Cs, D, gamma, lower, (G, Xs), h, gram):
        E = E * s[:, None]
        yield inner, _adj(C) @ C + E @ _adj(E)


def _step(A):
    size = np.median(abs(sl.eigvals(A, check_finite=False))) if len(A) else 1.0
    return 1 / size if size > 0 else 1.0


def _strict(A, B, C, D, gamma, lower, seen, h, picks, gram=None):
    """Give the storage with the best `margin` among the weights numbered `picks`, and whether it stands clear.

    With a Gramian `gram` given the states are taken to be balanced already.
    """
    n = len(A)
    G, X = seen
    continuous = h is not None
    s, gram = _precondition(A, B, h) if gram is None else _level(np.ones(n), gram)
    A, B, C, X = A * s[:, None] / s, B * s[:, None], C / s, X * s[:, None]
    best, height = None, -np.inf
    for k, (inner, E) in enumerate(_weights(A, B, C, D, gamma, lower, (G, X), h, gram)):
        if k not in picks:
            continue
        if continuous:
            big = tustin(A, B, np.vstack([C, _adj(E)]), np.vstack([D, np.zeros((n, D.shape[1]))]), h)
            P = riccati(*big, inner)
        else:
            P = riccati(A, B, C, D, inner, _adj(C) @ C + E @ _adj(E))
        for refine in range(3):
            if refine and P is not None:
                P = riccati_newton(A, B, C, D, inner, _adj(C) @ C + E @ _adj(E), P, continuous)
            if P is None:
                break
            if margin(A, B, C, D, P, gamma, continuous, exact=False) > 0:
                return _restore(P, s), True
            level = margin(A, B, C, D, P, gamma, continuous)
            if level > height:
                best, height = P, level
    return None if best is None else _restore(best, s), False


def _restore(P, s):
    """Undo the scaling exactly; entries far too small to matter become zeros, and the symmetry exact."""
    P = _hermitian(P)
    P = P * s * s[:, None]
    return np.where(abs(P) < 2.0**-190, 0, P)


def strict_storage(A, B, C, D, gamma, lower, seen=None, continuous=False, tries=4):
    r"""Find $P > 0$ with $M(P, \gamma) > 0$ (continuous: $N_c(P, \gamma) > 0$), as clearly as float64 allows.

    The states are scaled by powers of two, the problems of `strict_problems` solved by doubling and Newton steps until one
    stands clear of the rounding of a proof in balls, and the scaling undone exactly. A continuous system is solved
    through its Tustin image; its $P$ is for the continuous matrices.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), real or complex; n, m or p may be 0.
    `lower`, `gamma`: a lower end of the norm, as sharp as can be, and the bound to prove [output/input].
    `seen`: see `strict_problems`. `tries`: at most so many weights.
    **Returns:** `P`, shape (n, n), the best of the tries; None when no equation had a solution (`gamma` below the norm).
    **Guarantee:** none: check $P$. **Cost:** about 15 doublings of $17 n^3$ flops when the first weight serves.

    >>> A, B, C, D = np.array([[0.5]]), np.array([[1.0]]), np.array([[1.0]]), np.array([[0.0]])
    >>> P = strict_storage(A, B, C, D, gamma=2.001, lower=2.0)
    >>> bool(margin(A, B, C, D, P, 2.001) > 0)
    True
    """
    seen = samples(A, B, C, D, continuous) if seen is None else seen
    return _strict(A, B, C, D, gamma, lower, seen, _step(A) if continuous else None, range(tries))[0]


def strict_storage_continuous(A, B, C, D, gamma, lower, seen=None, tries=4):
    r"""Find $P > 0$ with $N_c(P, \gamma) > 0$: `strict_storage` for a continuous system.

    **Guarantee:** none: check $P$. **Cost:** that of `strict_storage` and a Tustin map.
    """
    return strict_storage(A, B, C, D, gamma, lower, seen, True, tries)
