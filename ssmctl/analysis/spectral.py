r"""Witnesses about eigenvalues: Schur and Hurwitz stability, instability, bounded and unbounded free motion.

| claim | witness | found by |
|---|---|---|
| $\rho(A) < r$ | $P > 0$, $r^2 P - A^\top P A > 0$ | Stein equation of $A/r$, then in extended precision |
| $\rho(A) > r$ | the same with $x^\top P x < 0$ | Stein equations inside and outside the circle |
| $\rho(A) \ge r$ | $q(A)v = 0$ | exact factors of the characteristic polynomial |
| bounded | $P > 0$, $P - A^\top P A \succeq 0$ | exact projections on the eigenspaces of the boundary |

In continuous time likewise. Searched, not trusted.
"""

import numpy as np
import scipy.linalg as sl
from flint import acb_mat, arb, arb_mat, ctx, fmpq, fmpq_mat, fmpz_mat

from ssmctl.analysis import balls, equations, rational, refine
from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.witness import Witness

HEAVY = 3_000_000  # bits of a semidefinite matrix that a checker is asked to eliminate
NEAR = 1e-6  # this close to the boundary, relatively, eigenvalues in float64 decide nothing


def _precise(form, rate, Q, parts):
    """Solve the Stein (Lyapunov) equation of the balanced states, discounted by exactly `rate`, in extended
    precision."""
    with ctx.workprec(320):
        A = arb_mat(form.n, form.n, form.balanced.ravel().tolist())
        A = (
            A + arb_mat(form.n, form.n, np.eye(form.n).ravel().tolist()) * arb(rate)
            if form.continuous
            else A / arb(rate)
        )
        discounted = balls.split(A.mid(), 4)  # its digits, as a sum of doubles
    return (refine.lyapunov if form.continuous else refine.stein)(discounted, Q, 320, parts)


def _excess(form, rate):
    """How far the outermost eigenvalue lies beyond the rate, relatively: positive is outside."""
    if not form.n:
        return -np.inf
    size = abs(form.poles).max()
    if form.continuous:
        return (form.poles.real.max() + rate) / (size or 1.0)
    return size / rate - 1 if rate > 0 else np.inf


def _sharp_excess(form, rate):
    """`_excess` from eigenvalues in 320 bits, not relative; for a system on the boundary nearly 0."""
    with ctx.workprec(320):
        values = acb_mat(form.n, form.n, form.balanced.ravel().tolist()).eig(algorithm="approx")
        return max(
            float((x.real + arb(rate) if form.continuous else abs(x) - arb(rate)).mid()) for x in values
        )


def stable(form: RealForm, rate: float):
    r"""Find $P > 0$ with $r^2 P - A^\top P A > 0$ (continuous: $-(A^\top P + P A) - 2 a P > 0$)."""
    n, A, I = form.n, form.balanced, np.eye(form.n)
    if not form.continuous and not rate > 0:
        return
    P = equations.lyapunov(A + rate * I, I) if form.continuous else equations.stein(A / rate, I)
    loss = -(A.T @ P + P @ A) - 2 * rate * P if form.continuous else rate**2 * P - A.T @ P @ A
    if np.isfinite(P).all() and all(equations.cholesky(X) is not None for X in (P, (loss + loss.T) / 2)):
        yield (
            Witness(P=form.restore(P)),
            "Lyapunov equation" if form.continuous else "Stein equation by doubling",
        )
    if n and _excess(form, rate) < 1e-2:
        loss = -(A + A.T) - 2 * rate * I if form.continuous else rate**2 * I - A.T @ A
        if np.linalg.eigvalsh(loss)[0] > -1e-14 * rate**2:
            yield Witness(P=form.restore(I)), "a norm that falls by itself"


def stable_precise(form: RealForm, rate: float):
    """`stable` in extended precision."""
    if form.n and _excess(form, rate) < 1e-3 and (form.continuous or rate > 0):
        if _excess(form, rate) > -NEAR and not _sharp_excess(form, rate) < -1e-40:
            return
        for parts in (1, 2, 3):
            P = _precise(form, rate, np.eye(form.n), parts)
            if P is not None:
                yield Witness(P=form.restore(P)), "Stein equation in extended precision"


def unstable(form: RealForm, rate: float):
    r"""Find $P$ with $r^2 P - A^\top P A > 0$ and $x$ with $x^\top P x < 0$: an eigenvalue outside the rate.

    With $A V = V\,\mathrm{diag}(A_1, A_2)$ split at the rate, $P = V^{-\top}\,\mathrm{diag}(P_1,
    -P_2)\,V^{-1}$.
    """
    if form.n == 0 or not _excess(form, rate) > -NEAR:
        return
    rates = [rate]
    sizes = np.sort(form.poles.real if form.continuous else abs(form.poles))[::-1]
    beyond = -rate if form.continuous else rate
    gap = 1e-9 * (abs(form.poles).max() or 1.0)
    touching = (abs(sizes - beyond) <= gap).any()
    if touching and sizes[0] > beyond + gap:  # eigenvalues at the rate: split above them
        level = (beyond + sizes[sizes > beyond + gap][-1]) / 2
        rates = [-level if form.continuous else level]
    for level in rates:
        found = _split(form, level)
        if found is not None:
            P, x = found
            extra = {} if level == rate else {"rate": level}
            yield (
                Witness(P=form.restore(P), x=x * (1 / form.scales), **extra),
                "inertia: Stein equations inside and outside",
            )


def unstable_precise(form: RealForm, rate: float):
    """`unstable` in extended precision, for eigenvalues outside the rate that float64 sees on it."""
    if form.n == 0 or not -1e-9 < _excess(form, rate) < 1e-3 or not _sharp_excess(form, rate) > 1e-40:
        return
    V = np.linalg.inv(np.linalg.eig(form.balanced)[1])
    Q = (V.conj().T @ V).real
    for parts in (1, 2, 3):
        P = _precise(form, rate, Q / np.linalg.norm(Q) * form.n, parts)
        if P is not None:
            x = np.linalg.eigh(P[0])[1][:, 0]
            yield (
                Witness(P=form.restore(P), x=x / form.scales),
                "inertia: Stein equation in extended precision",
            )


def _split(form, rate):
    """The indefinite P of the balanced states, and the direction in which it is most negative; None if
    nothing is outside."""
    if form.continuous:
        inside = lambda re, im: re < -rate
    else:
        inside = lambda re, im: np.hypot(re, im) < rate
    T, Z, *count = sl.schur(form.balanced, output="real", sort=inside)
    n, k = form.n, count[0]
    if k == n:
        return None
    T1, T2, X = T[:k, :k], T[k:, k:], np.zeros((k, n - k))
    if k:
        X = sl.solve_sylvester(T1, -T2, -T[:k, k:])
    if form.continuous:
        P1 = equations.lyapunov(T1 + rate * np.eye(k), np.eye(k))
        P2 = equations.lyapunov(-T2 - rate * np.eye(n - k), np.eye(n - k))
    else:
        P1, back = equations.stein(T1 / rate, np.eye(k)), np.linalg.inv(T2)
        P2 = equations.stein(rate * back, back.T @ back)
    W = np.hstack([np.eye(k), -X]) @ Z.T  # the upper and lower rows of V^-1
    outer = Z[:, k:].T
    P = W.T @ P1 @ W - outer.T @ P2 @ outer
    x = (Z @ np.vstack([X, np.eye(n - k)])) @ np.linalg.eigh(P2)[1][:, -1]
    return (P + P.T) / 2, x / np.linalg.norm(x)


def _near(form, rate):
    """Whether an eigenvalue in float64 may be on or outside the boundary, even if it is defective."""
    room = 1e-3 * abs(form.poles).max()
    return lambda pole: (pole.real + rate if form.continuous else abs(pole) - rate) >= -room


def exact_eigenvalue(form: RealForm, rate: float, strict: bool = False, chain: bool = False):
    r"""Find an exact factor $q$ of the characteristic polynomial on or outside the boundary, and $v$ with
    $q(A)v = 0$.

    `chain`: $v$ with $q(A)^2 v = 0 \ne q(A) v$ instead, a Jordan chain.
    """
    if form.n == 0 or not _excess(form, rate) > -1e-2:
        return
    for factor in rational.factors(form.A, _near(form, rate)):
        if rational.reaches(factor.roots, rate, form.continuous, strict):
            v, q = rational.eigenvector(form.A, factor, chain), factor.q()
            if v is not None and q is not None:
                yield (
                    Witness(q=rational.plain(q), v=rational.plain(v)),
                    "a Jordan chain, exactly" if chain else "an exact eigenvalue",
                )


# ------------------------------------------------------------------------------------- bounded, unbounded


def bounded(form: RealForm):
    r"""Find $P > 0$ with $P - A^\top P A \succeq 0$ (continuous: $A^\top P + P A \preceq 0$) where
    eigenvalues touch the boundary."""
    n, A, I = form.n, form.balanced, np.eye(form.n)
    loss = -(A + A.T) if form.continuous else I - A.T @ A
    if n == 0 or np.linalg.eigvalsh(loss)[0] >= -1e-12 * np.linalg.norm(A):
        yield Witness(P=form.restore(I)), "a norm that never grows"
    P = _projected(form)
    if P is not None:
        yield Witness(P=rational.plain(P)), "exact projections on the eigenspaces of the boundary"


def _on_boundary(roots, continuous):
    if continuous:
        return roots[0] == 0
    return abs(roots[-1]) == 1


def _projected(form):
    r"""$\sum_j \Pi_j^\top S_j \Pi_j + \Pi^\top X \Pi$: $\Pi_j$ onto boundary eigenspaces, $S_j$ invariant
    there, $\Pi$ onto the rest."""
    A, n = form.A, form.n
    exact, I = rational.fractions(A), fmpq_mat(fmpz_mat(n, n, np.eye(n, dtype=int).ravel().tolist()))
    rest, total = I, I * 0
    seen = []
    for factor in rational.factors(A, _near(form, 0.0 if form.continuous else 1.0)):
        roots = factor.roots
        if not _on_boundary(roots, form.continuous) or roots in seen:
            continue
        seen.append(roots)
        full = factor._replace(support=np.arange(n))
        proj = rational.projection(full.at(A))
        if proj is None:
            return None
        S = I
        if len(roots) == 2:
            t, d = (fmpq(r.numerator, r.denominator) for r in roots)
            S = exact.transpose() * exact + I * d - (exact.transpose() + exact) * (t / 2)
        total, rest = total + proj.transpose() * S * proj, rest - proj
    if not seen:
        return None
    F = rational.to_float(rest * exact)
    X = equations.stein(F, np.eye(n))
    if form.continuous:  # eigenvalues of the boundary are moved to the left, the others stay
        F = F - rational.to_float(I - rest) * (np.linalg.norm(A) or 1.0)
        X = equations.lyapunov(F, np.eye(n))
    if not np.isfinite(X).all():
        return None
    total = total + rest.transpose() * rational.fractions((X + X.T) / 2) * rest
    whole, _ = rational.whole(total)
    top = max(abs(int(x)).bit_length() for x in whole.entries())
    return rational.doubles(whole, -max(top - 900, 0)) if n**2 * top <= HEAVY else None
