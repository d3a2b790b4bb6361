r"""Linear matrix inequalities by cvxpy and Clarabel: bounded real, passivity, (Q, S, R) dissipativity.

$$\begin{pmatrix} P - A^\top P A & -A^\top P B \\ \cdot & -B^\top P B \end{pmatrix} + \text{supply}
\succeq t\,I, \qquad P \succeq t\,I$$

(continuous time: $-(A^\top P + P A)$, $-P B$, 0). The solver's status is never believed: the
largest $t$ is asked for, so that the solution is strictly feasible, and it is worth what a
check of it says. cvxpy is imported when a solver is called.
"""

import warnings

import numpy as np

from ssmctl.analysis import equations, response
from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.claim import Dissipative
from ssmctl.certificates.subject import Subject
from ssmctl.certificates.witness import Witness


def bounded_real_lmi(subject: Subject, gamma: float | None = None) -> tuple[float, Witness] | None:
    r"""Search $P$ with $M(P, \gamma) \succ 0$, for the least $\gamma$ when none is given.

    The least one of the solver lies on the boundary, often below the truth; it is inflated until the repaired
    $P$ passes a test in floats. For comparison: the Riccati equation of `norms.hinfnorm` is faster and
    tighter.

    **Arguments:** `subject`; `gamma` [output/input].
    **Returns:** `(gamma, Witness)` for `L2Gain(gamma)`, or None.
    **Guarantee:** none: check it. **Cost:** a semidefinite programme, $O(n^6)$; for n up to about 30.
    """
    form = RealForm(subject)
    gain = lambda g: (-np.eye(form.p), np.zeros((form.p, form.m)), g**2 * np.eye(form.m))
    if gamma is not None:
        P = storage(form.system, gain(gamma), form.continuous)
        return None if P is None else (float(gamma), Witness(P=P))
    least = _least_gain(form)
    if least is None:
        return None
    for loose in 10.0 ** np.arange(-8, 0):
        level = least * (1 + loose)
        P = storage(form.system, gain(level), form.continuous)
        if P is not None and _clear(form, P, gain(level)):
            return float(level), Witness(P=P)
    return None


def kyp_lmi(subject: Subject) -> Witness | None:
    r"""Search $P$ for passivity (the positive real lemma); None if the solver finds none.

    **Guarantee:** none: check it. **Cost:** as `bounded_real_lmi`.
    """
    form = RealForm(subject)
    P = storage(
        form.system, (np.zeros((form.p, form.p)), np.eye(form.m), np.zeros((form.m, form.m))), form.continuous
    )
    return None if P is None else Witness(P=P)


def qsr_lmi(subject: Subject, Q, S, R) -> Witness | None:
    r"""Search $P$ for the supply $y^\top Q y + 2 y^\top S u + u^\top R u$; None if the solver finds none.

    **Arguments:** `Q` (p, p), `S` (p, m), `R` (m, m), of the subject's own signals.
    **Guarantee:** none: check it. **Cost:** as `bounded_real_lmi`.
    """
    form = RealForm(subject)
    claim = Dissipative(Q, S, R)
    supply = [np.array(X, float) for X in (claim.Q, claim.S, claim.R)]
    if form.complex:
        supply = [np.kron(np.eye(2), X) for X in supply]
    P = storage(form.system, supply, form.continuous)
    return None if P is None else Witness(P=P)


# ------------------------------------------------------------------------------------------- the core


def storage(system, supply, continuous):
    """The most strictly feasible P in scaled states, repaired; None if the solver has nothing to offer."""
    A, B, C, D = system
    n, m = B.shape
    if n == 0:
        return np.zeros((0, 0))
    s, _ = _scaling(A, B, continuous)
    scaled = A * s[:, None] / s, B * s[:, None], C / s, D
    Q, S, R = supply
    V, U = np.hstack([scaled[2], D]), np.hstack([np.zeros((m, n)), np.eye(m)])
    fixed = V.T @ Q @ V + V.T @ S @ U + U.T @ S.T @ V + U.T @ R @ U
    P = _most_interior(scaled, fixed, continuous)
    return None if P is None else P * s * s[:, None]


def member(system, supply_blocks, particular, basis, continuous):
    """Coefficients z of the member P0 + sum z_k N_k that is most strictly feasible off the kernel that it
    cannot avoid."""
    import cvxpy as cp

    A, B, _, _ = system
    xx, xu, uu = supply_blocks
    n, m = B.shape
    fixed = np.block([[xx, xu], [xu.T, uu]])
    maps = [_change(A, B, X, continuous) for X in (particular, *basis)]
    start = fixed + maps[0]
    rng = np.random.default_rng(0)
    image = np.hstack([start, *maps[1:]])  # directions that no member uses span the common kernel
    left, sigma, _ = np.linalg.svd(image @ rng.normal(size=(image.shape[1], 2 * (n + m))))
    keep = left[:, : int((sigma > 1e-9 * max(sigma.max(initial=0.0), 1e-300)).sum())]
    z, t = cp.Variable(len(basis)), cp.Variable()
    P = particular + sum(z[k] * X for k, X in enumerate(basis))
    M = keep.T @ start @ keep + sum(z[k] * (keep.T @ X @ keep) for k, X in enumerate(maps[1:]))
    size = abs(start).max() or 1.0
    constraints = [P >> t * np.eye(n), t <= size]
    if keep.shape[1]:
        constraints.append(M >> t * np.eye(keep.shape[1]))
    return _solve(cp.Problem(cp.Maximize(t - 1e-6 * cp.norm(z)), constraints), z)


def input_to_state(system, gain, decay, overshoot, continuous):
    r"""$P$ with $I \preceq P \preceq c^2 I$ that contracts at the decay under inputs, as clearly as can be;
    or None."""
    import cvxpy as cp

    A, B, _, _ = system
    n, m = B.shape
    P, t = cp.Variable((n, n), symmetric=True), cp.Variable()
    E, W = np.vstack([np.eye(n), np.zeros((m, n))]), np.hstack([A, B])
    room = 2 * decay if continuous else 1 - decay**2
    X = E @ P @ W
    M = -(X + X.T) - 2 * decay * E @ P @ E.T if continuous else decay**2 * E @ P @ E.T - W.T @ P @ W
    corner = np.diag(np.concatenate([np.zeros(n), np.full(m, gain**2 * room)]))
    sure = [
        P >> (1 + t) * np.eye(n),
        P << (overshoot**2 - t) * np.eye(n),
        (M + M.T) / 2 + corner >> t * np.eye(n + m),
        t <= 1,
    ]
    return _solve(cp.Problem(cp.Maximize(t), sure), P)


def _change(A, B, P, continuous):
    W = np.hstack([A, B])
    n, m = B.shape
    if continuous:
        PW = np.vstack([P @ W, np.zeros((m, n + m))])
        return -(PW + PW.T)
    M = -W.T @ P @ W
    M[:n, :n] += P
    return M


def _most_interior(system, fixed, continuous):
    import cvxpy as cp

    A, B, _, _ = system
    n, m = B.shape
    P, t = cp.Variable((n, n), symmetric=True), cp.Variable()
    E = np.vstack([np.eye(n), np.zeros((m, n))])
    W = np.hstack([A, B])
    if continuous:
        M = -(E @ P @ W) - (E @ P @ W).T
    else:
        M = E @ P @ E.T - W.T @ P @ W
    M = (M + M.T) / 2 + fixed
    size = max(abs(fixed).max(initial=0.0), 1e-12)
    weight = np.diag(np.concatenate([np.ones(n), np.ones(m)]))
    problem = cp.Problem(
        cp.Maximize(t - 1e-9 * cp.trace(P)), [M >> t * weight, P >> t * np.eye(n), t <= size]
    )
    found = _solve(problem, P)
    return None if found is None else (found + found.T) / 2


def _least_gain(form: RealForm) -> float | None:
    import cvxpy as cp

    A, B, C, D = form.system
    n, m = B.shape
    if n == 0:
        return float(np.linalg.norm(D, 2)) if D.size else 0.0
    s, _ = _scaling(A, B, form.continuous)
    A, B, C = A * s[:, None] / s, B * s[:, None], C / s
    P, g = cp.Variable((n, n), symmetric=True), cp.Variable()
    E, W, V = np.vstack([np.eye(n), np.zeros((m, n))]), np.hstack([A, B]), np.hstack([C, D])
    U = np.hstack([np.zeros((m, n)), np.eye(m)])
    X = E @ P @ W
    M = -(X + X.T) if form.continuous else E @ P @ E.T - W.T @ P @ W
    scale = response.peak_gain_frequency(*form.system, form.continuous)[0] or 1.0
    M = (M + M.T) / 2 - V.T @ V / scale**2 + g * (U.T @ U)
    value = _solve(cp.Problem(cp.Minimize(g), [M >> 0, P >> 0]), g)
    return None if value is None or not value > 0 else float(scale * value**0.5)


def _solve(problem, variable):
    """Run Clarabel; whatever it says of itself, finite numbers are an answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            problem.solve(solver="CLARABEL")
        except Exception:  # cvxpy raises its own errors, and the solver's
            return None
    value = variable.value
    return value if value is not None and np.isfinite(value).all() else None


def _scaling(A, B, continuous):
    """Powers of two that balance A and make the states equally reachable, where there is a Gramian."""
    s = equations.balance(A)
    A, B = A * s[:, None] / s, B * s[:, None]
    with np.errstate(all="ignore"):
        W = equations.lyapunov(A.T, B @ B.T) if continuous else equations.stein(A.T, B @ B.T)
    reach = W.diagonal()
    if not np.isfinite(reach).all() or not (reach > 0).any() or (reach < 0).any():
        return s, A
    t = np.exp2(-np.round(np.log2(np.sqrt(np.maximum(reach, 1e-12 * reach.max())))))
    return s * t, A


def _clear(form, P, supply):
    """Whether the inequality holds in floats, with a little to spare."""
    Q, S, R = supply
    V, U = np.hstack([form.C, form.D]), np.hstack([np.zeros((form.m, form.n)), np.eye(form.m)])
    M = _change(form.A, form.B, P, form.continuous) + V.T @ Q @ V + V.T @ S @ U + U.T @ S.T @ V + U.T @ R @ U
    d = M.diagonal()
    if not (d > 0).all() or equations.cholesky(P) is None:
        return False
    return np.linalg.eigvalsh(M / np.sqrt(d) / np.sqrt(d)[:, None])[0] > 1e-13
