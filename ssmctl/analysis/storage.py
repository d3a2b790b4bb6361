r"""Storage matrices that prove a gain with room to spare: interior points of the bounded real inequality.

$$M(P, \gamma) = \begin{pmatrix} P & 0 \\ 0 & \gamma^2 I \end{pmatrix} - [A\ B]^* P\, [A\ B]
- [C\ D]^* [C\ D] > 0, \qquad
N_c(P, \gamma) = - \begin{pmatrix} A^* P + P A + C^* C & P B + C^* D \\
\cdot & D^* D - \gamma^2 I \end{pmatrix} > 0.$$

The stabilising solution of the Riccati equation makes $M$ singular, so no checker can accept it. What can be
proved is the solution at a $\gamma' < \gamma$ with $Q = C^* C + \varepsilon E E^*$: it leaves
$\varepsilon E E^*$ over. Large enough to be seen through rounding, small enough for a solution to exist:
$\varepsilon$ is measured on the frequency response. Searched in float64, never trusted.
"""

import numpy as np

from ssmctl.analysis.equations import (
    UNIT,
    adj,
    balance,
    cholesky,
    hermitian,
    riccati,
    riccati_newton,
    stein,
    tustin,
)


def _pow2(x):
    """Round positive numbers to powers of two: scaling by them is exact."""
    return np.ldexp(1.0, np.round(np.log2(x)).astype(int))


def margin(A, B, C, D, P, gamma, continuous=False, exact=True):
    r"""Estimate how far the bounded real inequality stands clear of what float64 balls can resolve.

    $M(P, \gamma)$, or $N_c(P, \gamma)$, is scaled to a unit diagonal; from its smallest eigenvalue the row
    sums of the rounding bound $(2n+p+8)\,u\,S$, $S$ the sum of absolute terms, and $N^{3/2} u$ are taken
    away.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), `P` (n, n), `gamma`. `exact`: False asks
    for the sign only.
    **Returns:** a number; positive: the proof in balls is expected to succeed; -inf when $P$ or a diagonal
    entry is not positive.
    **Guarantee:** none (an estimate). **Cost:** five products and a Cholesky factor; `exact` adds an
    `eigvalsh`.
    """
    n, m = B.shape
    size = n + m
    if not size:
        return 1.0
    if n and cholesky(P) is None:
        return -np.inf
    s = 1 / np.sqrt(P.diagonal().real)
    A, B, C, P = A * s / s[:, None], B / s[:, None], C * s, P * s * s[:, None]
    W, V = np.hstack([A, B]), np.hstack([C, D])
    PW = P @ W
    M = -adj(V) @ V
    M.flat[n * (size + 1) :: size + 1] += gamma**2
    if continuous:
        M[:n] -= PW
        M[:, :n] -= adj(PW)
    else:
        M[:n, :n] += P
        M -= adj(W) @ PW
    d = np.real(M.diagonal())
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
    return 1.0 if cholesky(M) is not None else -1.0


def samples(A, B, C, D, lower=0.0, continuous=False):
    r"""Responses at the angles of the least damped poles: what `strict_problems` measures its weight against.

    Where the gain exceeds half of `lower`, the response is enlarged to it, as if the peak itself had been
    met.

    **Returns:** $G(z_k)$, shape (k, p, m), and $X_k = (z_k I - A)^{-1} B$, shape (k, n, m), at up to 18
    points $z_k$.
    **Guarantee:** none. **Cost:** the eigenvalues of `A` and one solve a point.
    """
    n = len(A)
    poles = np.linalg.eigvals(A)
    if continuous:
        z = np.append(1j * np.imag(poles[np.argsort(-np.real(poles))][:16]), 0)
    else:
        z = np.append(np.exp(1j * np.angle(poles[np.argsort(-abs(poles))][:16])), [1, -1])
    if not np.iscomplexobj(A):
        z = z[np.imag(z) >= 0]
    z = np.unique(z)
    X = np.linalg.solve(z[:, None, None] * np.eye(n) - A, np.broadcast_to(B, (len(z), *B.shape)))
    G = C @ X + D
    size = np.linalg.norm(G, 2, axis=(1, 2)) if D.size else np.zeros(len(z))
    near = size > lower / 2
    G[near] *= (lower / size[near])[:, None, None]
    return G, X


def _precondition(A, B, h):
    r"""Powers of two $s$ that balance $A$, then make all states alike in reach, and the scaled Gramian."""
    if not len(A):
        return np.ones(0), A
    s = balance(A)
    A, B = A * s[:, None] / s, B * s[:, None]
    if h:
        A, B, _, _ = tustin(A, B, adj(B), np.zeros((B.shape[1],) * 2), h)
    return _level(s, stein(adj(A), B @ adj(B)))


def _level(s, gram):
    """Scale on, by powers of two, to a Gramian of about unit diagonal."""
    reach = gram.diagonal().real
    top = reach.max(initial=0.0)
    if not (np.isfinite(gram).all() and top > 0):
        return s, gram
    t = 1 / _pow2(np.sqrt(np.maximum(reach, 1e-12 * top)))
    return s * t, gram * t * t[:, None]


def _weights(A, B, C, D, gamma, lower, seen, h, gram, share=0.5):
    r"""Give $(\gamma', \sqrt\varepsilon E)$ for a preconditioned system; in discrete time `h` is None."""
    n, m = B.shape
    G, X = seen
    inner = lower + 0.5 * (gamma - lower)
    lift = (np.eye(n) - h / 2 * A) / h**0.5 if h else np.eye(n)  # continuous: the weight of the Tustin image
    gap = inner**2 * np.eye(m) - adj(G) @ G
    for mu in (1e-6, 1e-9, 1e-3, None):
        E = lift
        if mu is not None:
            root = cholesky(gram + mu * np.trace(gram).real / max(n, 1) * np.eye(n))
            if root is None:
                continue
            E = np.linalg.solve(root, lift)
        Y = E @ X
        try:
            most = np.linalg.eigvals(np.linalg.solve(gap, adj(Y) @ Y)).real.max(initial=0.0)
        except np.linalg.LinAlgError:
            continue
        free = (np.linalg.norm(C) / np.linalg.norm(E)) ** 2 if n and C.any() else 1.0
        yield inner, adj(E) * (share / most if most > 0 else free) ** 0.5  # free: no input is felt


def strict_problems(A, B, C, D, gamma, lower, seen=None, continuous=False):
    r"""Give Riccati equations whose solutions satisfy the bounded real inequality at `gamma` strictly.

    $$\gamma' = \tfrac12 (\gamma + \mathrm{lower}), \qquad Q = C^* C + \varepsilon E E^*, \qquad
    \varepsilon = \tfrac12 \min_k \lambda_{\max}\big( (\gamma'^2 I - G_k^* G_k)^{-1} X_k^* E E^* X_k
    \big)^{-1},$$

    at sampled frequencies; $E E^* = (W_c + \mu I)^{-1}$ with the reachability Gramian $W_c$ and several
    $\mu$, then $I$, in coordinates that `_precondition` chose. With the solution $P$ the Schur complement of
    $M(P, \gamma)$ is at least $\varepsilon E E^*$. For a refinement in higher precision: it may solve the
    same equation.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), stable. `lower` <= norm < `gamma`:
    [output/input]. `seen`: responses $(G_k, X_k)$ as `samples` gives them; they should include the peak.
    **Returns:** an iterator of $(\gamma', Q)$; in continuous time the equation is
    $A^*P + PA + Q + N R^{-1} N^* = 0$.
    **Guarantee:** none (numerical). **Cost:** a Gramian; a Cholesky factor each.
    """
    G, X = samples(A, B, C, D, lower, continuous) if seen is None else seen
    h = _step(A) if continuous else None
    s, gram = _precondition(A, B, h)
    As, Bs, Cs, Xs = A * s[:, None] / s, B * s[:, None], C / s, X * s[:, None]
    for inner, E in _weights(As, Bs, Cs, D, gamma, lower, (G, Xs), h, gram):
        E = E * s[:, None]
        yield inner, adj(C) @ C + E @ adj(E)


def _step(A):
    size = np.median(abs(np.linalg.eigvals(A))) if len(A) else 1.0
    return 1 / size if size > 0 else 1.0


def best_storage(A, B, C, D, gamma, lower, seen, h, picks, gram=None):
    """Give the storage of best `margin` among the weights numbered `picks`, and whether it stands clear.

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
            big = tustin(A, B, np.vstack([C, adj(E)]), np.vstack([D, np.zeros((n, D.shape[1]))]), h)
            P = riccati(*big, inner)
        else:
            P = riccati(A, B, C, D, inner, adj(C) @ C + E @ adj(E))
        for refine in range(3):
            if refine and P is not None:
                P = riccati_newton(A, B, C, D, inner, adj(C) @ C + E @ adj(E), P, continuous)
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
    P = hermitian(P)
    P = P * s * s[:, None]
    return np.where(abs(P) < 2.0**-190, 0, P)


def strict_storage(A, B, C, D, gamma, lower, seen=None, continuous=False, tries=4):
    r"""Find $P > 0$ with $M(P, \gamma) > 0$ (continuous: $N_c(P, \gamma) > 0$), as clearly as float64 allows.

    The states are scaled by powers of two, the problems of `strict_problems` solved by doubling and Newton
    steps until one stands clear of the rounding of a proof in balls, and the scaling undone exactly. A
    continuous system is solved through its Tustin image; its $P$ is for the continuous matrices.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), real or complex; n, m or p may be 0.
    `lower`, `gamma`: a lower end of the norm, as sharp as can be, and the bound to prove [output/input].
    `seen`: see `strict_problems`. `tries`: at most so many weights.
    **Returns:** `P`, shape (n, n), the best of the tries; None when no equation had a solution (`gamma` below
    the norm).
    **Guarantee:** none: check $P$. **Cost:** about 15 doublings of $17 n^3$ flops when the first weight
    serves.

    >>> A, B, C, D = np.array([[0.5]]), np.array([[1.0]]), np.array([[1.0]]), np.array([[0.0]])
    >>> P = strict_storage(A, B, C, D, gamma=2.001, lower=2.0)
    >>> bool(margin(A, B, C, D, P, 2.001) > 0)
    True
    """
    seen = samples(A, B, C, D, lower, continuous) if seen is None else seen
    return best_storage(A, B, C, D, gamma, lower, seen, _step(A) if continuous else None, range(tries))[0]


def strict_storage_continuous(A, B, C, D, gamma, lower, seen=None, tries=4):
    r"""Find $P > 0$ with $N_c(P, \gamma) > 0$: `strict_storage` for a continuous system.

    **Guarantee:** none: check $P$. **Cost:** that of `strict_storage` and a Tustin map.
    """
    return strict_storage(A, B, C, D, gamma, lower, seen, True, tries)
