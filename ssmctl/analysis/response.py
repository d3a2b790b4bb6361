r"""Where a frequency response is largest, and the search for a gain together with its storage matrix.

$$G(z) = C (z I - A)^{-1} B + D, \qquad z = e^{i\omega} \ \text{or}\ z = i\omega, \qquad
\lVert G \rVert_\infty = \max_\omega \sigma_{\max}(G(z)).$$

The resolvent is diagonalised once, so that a frequency costs $O(nmp)$; where eigenvectors are ill conditioned
a complex Schur form takes over. Peaks are found by Newton's method on $\lambda_{\max}(G^* G)$ from the pole
angles. No eigenvalue test decides that the peak is global: the Riccati equation at a slightly larger $\gamma$
does, and the level set (Hamiltonian eigenvalues) is computed only when it has no solution. Searched in
float64, never trusted.
"""

from typing import NamedTuple

import numpy as np
import scipy.linalg as sl

from ssmctl.analysis.equations import balance, gramian_modal
from ssmctl.analysis.storage import best_storage

Matrices = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class Search(NamedTuple):
    """`lower` is attained at `omega`, up to rounding; `P`, if not None, aims to prove `gamma`."""

    lower: float
    omega: float
    gamma: float
    P: np.ndarray | None
    poles: np.ndarray | None = None


class Resolvent:
    r"""$(zI - A)^{-1} B$ and the response with derivatives, at many points at once.

    `poles`, `V`, `L`, `R`: $X(z) = V\,\mathrm{diag}(1/(z - \lambda))\,R$ and
    $G = D + L\,\mathrm{diag}(1/(z-\lambda))\,R$; or, when `T` is given, $X = V (zI - T)^{-1} R$ with $T$
    upper triangular.
    """

    def __init__(self, poles, V, L, R, D, continuous, T=None):
        self.poles, self.V, self.L, self.R, self.D, self.T = poles, V, L, R, D, T
        self.continuous, self.shape = continuous, D.shape
        self.phase, self.damping = np.exp(-1j * np.angle(poles)), 1 - abs(poles)
        n, size = len(poles), D.size
        small = T is None and n * size <= 4_000_000
        self.residues = (L.T[:, :, None] * R[:, None, :]).reshape(n, size) if small else None

    @classmethod
    def of(cls, A, B, C, D, continuous):
        """Diagonalise `A`, or reduce it to Schur form where that loses digits."""
        n = len(A)
        s = balance(A) if n else np.ones(0)
        A, B, C = A * s[:, None] / s, B * s[:, None], C / s
        poles, V = np.linalg.eig(A) if n else (np.zeros(0, complex), np.zeros((0, 0), complex))
        try:
            inverse = np.linalg.inv(V)
            if n and not np.linalg.norm(V, 1) * np.linalg.norm(inverse, 1) <= 1e7:
                raise np.linalg.LinAlgError
            return cls(poles, V / s[:, None], C @ V, inverse @ B, D, continuous)
        except np.linalg.LinAlgError:
            T, Z = sl.schur(A.astype(complex), output="complex", check_finite=False)[:2]
            return cls(T.diagonal(), Z / s[:, None], C @ Z, Z.conj().T @ B, D, continuous, T)

    def _inverses(self, omega):
        r"""$1/(z - \lambda)$; on the circle by $e^{i(\omega - \varphi)} - 1 + (1 - r)$: no cancellation."""
        if self.continuous:
            return 1 / (1j * omega[:, None] - self.poles)
        turn = omega[:, None] - np.angle(self.poles)
        return self.phase / (self.damping - 2 * np.sin(turn / 2) ** 2 + 1j * np.sin(turn))

    def _powers(self, omega, order):
        """$(zI - T)^{-k} R$, k = 1 .. order, each (len(omega), n, m)."""
        if self.T is None:
            g = self._inverses(omega)
            return [(g**k)[:, :, None] * self.R for k in range(1, order + 1)]
        (trtrs,) = sl.get_lapack_funcs(("trtrs",), (self.T,))
        out = np.empty((order, len(omega), *self.R.shape), complex)
        for i, point in enumerate(_point(omega, self.continuous)):
            M, X = point * np.eye(len(self.T)) - self.T, self.R
            for k in range(order):
                X, _ = trtrs(M, X)
                out[k, i] = X
        return list(out)

    def states(self, omega):
        """$X(z) = (zI - A)^{-1} B$, shape (len(omega), n, m)."""
        return self.V @ self._powers(omega, 1)[0]

    def moments(self, omega, order=1):
        """$C (zI - A)^{-k} B$ for k = 1 .. order, `D` added to the first: each (len(omega), p, m)."""
        if self.residues is None:
            out = [self.L @ X for X in self._powers(omega, order)]
        else:
            g = self._inverses(omega)
            out = [((g**k) @ self.residues).reshape(len(omega), *self.shape) for k in range(1, order + 1)]
        out[0] = out[0] + self.D
        return out


def _point(omega, continuous):
    return 1j * omega if continuous else np.exp(1j * omega)


def _slopes(resolvent, omega):
    r"""$f = \lambda_{\max}(G^* G)$ with two derivatives in $\omega$, at several frequencies."""
    G, first, second = resolvent.moments(omega, 3)
    z = np.exp(1j * omega)[:, None, None]
    if resolvent.continuous:
        dG, ddG = -1j * first, -2 * second
    else:
        dG, ddG = -1j * z * first, z * first - 2 * z**2 * second
    if G.shape[1] < G.shape[2]:
        G, dG, ddG = (X.conj().swapaxes(1, 2) for X in (G, dG, ddG))
    adj = lambda X: X.conj().swapaxes(1, 2)
    lam, V = np.linalg.eigh(adj(G) @ G)
    v = V[:, :, -1:]
    cross = adj(dG) @ G
    dH = adj(V) @ ((cross + adj(cross)) @ v)
    ddH = 2 * (adj(ddG @ v) @ (G @ v)).real + 2 * (adj(dG @ v) @ (dG @ v)).real
    f, slope = lam[:, -1], dH[:, -1, 0].real
    with np.errstate(all="ignore"):
        bend = 2 * np.nan_to_num(abs(dH[:, :-1, 0]) ** 2 / (f[:, None] - lam[:, :-1]), posinf=0.0).sum(1)
    return f, slope, ddH[:, 0, 0] + bend


def _size(G):
    r"""$\sigma_{\max}$ within a factor $r^{1/8}$ for a stack of matrices: $(\mathrm{tr}\,(G^*G)^4)^{1/8}$."""
    if min(G.shape[1:]) == 0:
        return np.zeros(len(G))
    top = abs(G).max(initial=1e-300)
    G = G / top
    if G.shape[1] < G.shape[2]:
        G = G.swapaxes(1, 2)
    if G.shape[2] > 1:
        G = G.conj().swapaxes(1, 2) @ G
        G = G @ G
        return top * np.sqrt(np.sqrt(np.sqrt((abs(G) ** 2).sum((1, 2)))))
    return top * np.sqrt((abs(G) ** 2).sum((1, 2)))


def _grid(poles, real, continuous):
    """Frequencies between which no resonance hides: pole angles, half widths beside them, a coarse grid."""
    if continuous:
        middle, width = poles.imag, abs(poles.real)
        size = abs(poles)[abs(poles) > 0]
        ends = (size.min() / 10, size.max() * 10) if len(size) else (0.1, 10.0)
        base = np.concatenate([[0.0], np.geomspace(*ends, 40), size])
        base = base if real else np.concatenate([-base, base])
    else:
        middle, width = np.angle(poles), abs(1 - abs(poles))
        width = np.minimum(width, 0.3)
        base = np.linspace(0, np.pi, 49) if real else np.linspace(-np.pi, np.pi, 97)
    if real:
        middle, width = middle[poles.imag >= 0], width[poles.imag >= 0]
    grid = np.concatenate([base, middle, middle - width, middle + width])
    if real:
        grid = abs(grid)
    if not continuous:
        grid = np.where(grid > np.pi, 2 * np.pi - grid, grid) if real else np.angle(np.exp(1j * grid))
    return np.unique(grid)


def _climb(resolvent, omega, low, high, rounds=40):
    """Newton's method, kept in brackets by bisection, from several starts at once: values and where."""
    best, where = np.full(len(omega), -1.0), omega.copy()
    live = np.arange(len(omega))
    omega, low, high = omega.copy(), low.copy(), high.copy()
    for k in range(rounds):
        w = omega[live]
        f, slope, bend = _slopes(resolvent, w)
        better = f > best[live]
        best[live[better]], where[live[better]] = f[better], w[better]
        low[live], high[live] = np.where(slope > 0, w, low[live]), np.where(slope > 0, high[live], w)
        with np.errstate(all="ignore"):
            step, gain = -slope / bend, slope**2 / abs(bend)
        inside = (bend < 0) & (w + step > low[live]) & (w + step < high[live])
        omega[live] = np.where(inside, w + step, (low[live] + high[live]) / 2)
        width = high[live] - low[live]
        done = ((bend < 0) & (gain <= 1e-14 * f)) | (width <= 1e-15 * abs(w)) | ~np.isfinite(f) | (slope == 0)
        live = live[~done & (best[live] >= (0.25 if k < 3 else 0.7) * best.max())]
        if not len(live):
            break
    return np.sqrt(np.maximum(best, 0)), where


def _sweep(resolvent, real, starts=8):
    """The best peak (value, omega) found from the grid, and the frequencies of all peaks climbed."""
    continuous = resolvent.continuous
    still = np.linalg.norm(resolvent.D, 2) if resolvent.D.size else 0.0
    if not len(resolvent.poles) or not resolvent.D.size:
        return (float(still), np.inf if continuous else 0.0), np.zeros(0)
    grid = _grid(resolvent.poles, real, continuous)
    with np.errstate(all="ignore"):
        rough = np.nan_to_num(_size(resolvent.moments(grid)[0]), nan=-1.0)
    if not (rough > 0).any():
        return (float(still), np.inf if continuous else 0.0), np.zeros(0)
    padded = np.concatenate([[-1.0], rough, [-1.0]])
    peaks = np.flatnonzero((rough >= padded[:-2]) & (rough >= padded[2:]))
    peaks = peaks[np.argsort(-rough[peaks])][:starts]
    peaks = peaks[rough[peaks] >= 0.5 * rough[peaks[0]]]
    first = grid[0] if real else 2 * grid[0] - grid[1]
    last = grid[-1] if real and not continuous else 2 * grid[-1] - grid[-2]
    padded = np.concatenate([[first], grid, [last]])
    values, where = _climb(resolvent, grid[peaks], padded[peaks], padded[peaks + 2])
    k = int(np.argmax(values))
    best = (float(values[k]), float(where[k]))
    if continuous and still > best[0]:
        best = (float(still), np.inf)
    return best, where


def peak_gain_frequency(A, B, C, D, continuous=False):
    r"""Search the largest $\sigma_{\max}(G)$ on the unit circle, or on the imaginary axis.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), real or complex; any of n, m, p may be 0.
    **Returns:** (value, omega): omega in [rad/sample], or [rad/s], where `inf` stands for the feedthrough;
    real systems answer omega >= 0.
    **Guarantee:** none; a value of $\sigma_{\max}$ up to rounding, hence a lower end. **Cost:**
    $O(n^3) + O(n^2 mp)$.

    >>> one = np.ones((1, 1))
    >>> peak_gain_frequency(0.5 * one, one, one, 0 * one)
    (2.0, 0.0)
    """
    real = not any(map(np.iscomplexobj, (A, B, C, D)))
    (value, omega), _ = _sweep(Resolvent.of(A, B, C, D, continuous), real)
    return _direct(A, B, C, D, omega, continuous) if len(A) and np.isfinite(omega) else value, omega


def _direct(A, B, C, D, omega, continuous):
    """The gain at one frequency from the matrices, refined in extended precision where there is any."""
    n, w = len(A), np.longdouble(omega)
    z = 1j * w if continuous else np.cos(w) + 1j * np.sin(w)
    try:
        inverse = np.linalg.inv(complex(z) * np.eye(n) - A)
    except np.linalg.LinAlgError:  # a pole, as far as floats can tell
        return np.inf
    wide = A.astype(np.clongdouble if np.iscomplexobj(A) else np.longdouble)
    X = np.zeros(B.shape, np.clongdouble)
    for _ in range(3):
        X = X + inverse @ (B - z * X + wide @ X).astype(complex)
    G = (D + C @ X).astype(complex)
    return float(np.linalg.norm(G, 2)) if G.size else 0.0


def level_set(A, B, C, D, gamma, continuous=False):
    r"""Find the frequencies at which a singular value of $G$ equals `gamma`.

    They are the imaginary eigenvalues of the Hamiltonian matrix, with $R = \gamma^2 I - D^* D$,

    $$\begin{pmatrix} A + B R^{-1} D^* C & B R^{-1} B^* \\
    -C^* (I + D R^{-1} D^*) C & -(A + B R^{-1} D^* C)^* \end{pmatrix},$$

    of the system itself, or of the inverse Tustin image of a discrete one; each is kept only if a singular
    value agrees to 1e-4.

    **Arguments:** as `peak_gain_frequency`; `gamma` above the gain at infinity (discrete: at $z = -1$).
    **Returns:** frequencies, increasing; for real systems those in $[0, \pi]$, or $[0, \infty)$.
    **Guarantee:** none; crossings closer than $\sqrt u$ may be missed or kept doubtfully. **Cost:**
    eigenvalues of order 2n.
    """
    n, m = B.shape
    real = not any(map(np.iscomplexobj, (A, B, C, D)))
    if not (n and D.size):
        return np.zeros(0)
    if continuous:
        F, Bc, Cc, Dc = A, B, C, D
    else:  # z = (1 + s) / (1 - s)
        K = np.linalg.inv(np.eye(n) + A)
        F, Bc, Cc, Dc = K @ (A - np.eye(n)), 2**0.5 * K @ B, 2**0.5 * C @ K, D - C @ K @ B
    adj = lambda X: X.conj().T
    R = gamma**2 * np.eye(m) - adj(Dc) @ Dc
    K = np.linalg.solve(R, np.hstack([adj(Dc) @ Cc, adj(Bc)]))
    F, W = F + Bc @ K[:, :n], Bc @ K[:, n:]
    H = np.block([[F, W], [-adj(Cc) @ (Cc + Dc @ K[:, :n]), -adj(F)]])
    roots = np.linalg.eigvals(H)
    omega = roots.imag[abs(roots.real) <= 1e-5 * abs(roots) + 1e-10 * np.linalg.norm(F)]
    omega = omega if continuous else 2 * np.arctan(omega)
    omega = np.unique(abs(omega) if real else omega)
    if not len(omega):
        return omega
    z = _point(omega, continuous)
    G = C @ np.linalg.solve(z[:, None, None] * np.eye(n) - A, np.broadcast_to(B, (len(z), *B.shape))) + D
    sigma = np.linalg.svd(G, compute_uv=False)
    return omega[abs(sigma - gamma).min(1) <= 1e-4 * gamma]


def _missed(resolvent, system: Matrices, gamma, real):
    """A peak above `gamma` between the crossings of that level, or None."""
    continuous = resolvent.continuous
    try:
        cross = level_set(*system, gamma, continuous)
    except np.linalg.LinAlgError:
        return None
    if not len(cross):
        return None
    if real:
        cross = np.concatenate([[0.0], cross, [2 * cross[-1] + 1.0 if continuous else np.pi]])
    elif not continuous:
        cross = np.concatenate([[cross[-1] - 2 * np.pi], cross, [cross[0] + 2 * np.pi]])
    else:
        cross = np.concatenate([[2 * cross[0] - 1.0], cross, [2 * cross[-1] + 1.0]])
    start = (cross[1:] + cross[:-1]) / 2
    values, where = _climb(resolvent, start, cross[:-1], cross[1:])
    k = int(np.argmax(values))
    return (float(values[k]), float(where[k])) if values[k] > gamma else None


def hinf_search(A, B, C, D, continuous=False, rtol=1e-8):
    r"""Search the H-infinity norm and a storage matrix that proves it to `rtol`.

    $\gamma = \mathrm{lower}\,(1 + 0.9\,\mathrm{rtol})$; a storage at that level says that no higher peak
    exists.

    **Arguments:** `A` (n, n), `B` (n, m), `C` (p, n), `D` (p, m), real or complex; any of n, m, p may be 0.
    **Returns:** `Search(lower, omega, gamma, P)`, `omega` as in `peak_gain_frequency`; `P`, shape (n, n), is
    for the system as given, real or Hermitian. Not stable: gamma is inf and `P` None.
    **Guarantee:** none; check $P$. **Cost:** one eigendecomposition and one `strict_storage`.
    """
    real = not any(map(np.iscomplexobj, (A, B, C, D)))
    return _search((A, B, C, D), Resolvent.of(A, B, C, D, continuous), real, rtol)


def hinf_search_modal(poles, B, C, D, continuous=False, rtol=1e-8):
    r"""Search the H-infinity norm of a modal system, with its storage matrix, as `hinf_search` does.

    $$x_{k+1} = \Lambda x_k + B u_k, \qquad y_k = \mathrm{Re}(C x_k) + D u_k, \qquad
    \Lambda = \mathrm{diag}(\lambda).$$

    **Arguments:** `poles` (n,), `B` (n, m), `C` (p, n) complex, `D` (p, m) real.
    **Returns:** `Search`; `P`, shape (2n, 2n), is for the real form, all real parts before all imaginary
    parts.
    **Guarantee:** none; check $P$. **Cost:** $O(n^2 mp)$ for the peak, doubling of order 2n for `P`.
    """
    n = len(poles)
    L, B, C = np.diag(poles), np.asarray(B, complex), np.asarray(C, complex)
    A = np.block([[np.real(L), -np.imag(L)], [np.imag(L), np.real(L)]])
    system = A, np.vstack([np.real(B), np.imag(B)]), np.hstack([np.real(C), -np.imag(C)]), D
    V = np.block([[np.eye(n), np.eye(n)], [-1j * np.eye(n), 1j * np.eye(n)]]) / 2
    both = np.concatenate([poles, poles.conj()])
    resolvent = Resolvent(both, V, np.hstack([C, C.conj()]) / 2, np.vstack([B, B.conj()]), D, continuous)
    return _search(system, resolvent, True, rtol, gramian_modal(poles, B, continuous))


def _search(system: Matrices, resolvent, real, rtol, gram=None):
    A, B, C, _ = system
    poles, continuous = resolvent.poles, resolvent.continuous
    (lower, omega), where = _sweep(resolvent, real)
    if len(poles) and (poles.real.max() >= 0 if continuous else abs(poles).max() >= 1):
        return Search(lower, omega, np.inf, None, poles)
    size = np.median(abs(poles)) if len(poles) else 1.0
    h = (1 / size if size > 0 else 1.0) if continuous else None
    sharp = lambda v, w: _direct(*system, w, continuous) if len(A) and np.isfinite(w) else v
    lower, P = sharp(lower, omega), None
    silent = 1e-12 * float(np.linalg.norm(B) * np.linalg.norm(C) or 1.0)  # to prove where the norm is 0
    gamma = silent
    for _ in range(10):
        gamma = lower * (1 + 0.9 * rtol) if lower > 0 else silent
        seen = _seen(resolvent, np.append(where, omega), real)
        problem = (*system, gamma, lower, seen, h)
        P, clear = best_storage(*problem, (0,), gram)
        if clear:
            break
        found = None if P is not None else _missed(resolvent, system, (lower + gamma) / 2, real)
        higher = sharp(*found) if found else 0.0
        if found is None or higher <= (lower + gamma) / 2:  # no peak: floats are too coarse for this weight
            other, clear = best_storage(*problem, (1,) if P is not None else (1, 2, 3), gram)
            P = other if clear or P is None else P
            break
        lower, omega, where = higher, found[1], np.append(where, found[1])
    return Search(lower, omega, gamma, P, poles)


def _seen(resolvent, where, real):
    """Responses at the peaks and the least damped poles: where the weight of a strict problem is measured."""
    poles, continuous = resolvent.poles, resolvent.continuous
    damping = -poles.real if continuous else 1 - abs(poles)
    near = poles[np.argsort(damping)][:16]
    omega = np.concatenate([where, near.imag if continuous else np.angle(near), [0.0]])
    omega = np.unique(abs(omega) if real else omega)
    omega = omega[np.isfinite(omega)]
    return resolvent.moments(omega)[0], resolvent.states(omega)
