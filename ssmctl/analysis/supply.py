r"""Witnesses about supply rates $y^\top Q y + 2 y^\top S u + u^\top R u$: storages, inputs that extract.

A supply whose matrix has m positive eigenvalues is $|a|^2 - |b|^2$ in new signals $(b, a) = T (y, u)$ (for
passivity: the scattering variables), so that a strict storage is a strict bounded real storage of the map
from a to b at gain 1. Where the inequality forces equalities, as in $P B = C^\top$ for passive systems
without feedthrough, they are found and solved in rational numbers, and only what they leave free is searched
in floats. Searched, not trusted.
"""

import numpy as np
from flint import fmpq, fmpq_mat, fmpz_mat

from ssmctl.analysis import gains, lmi, rational, refine, response, storage
from ssmctl.analysis.frequency import frequency_witnesses
from ssmctl.analysis.realform import RealForm
from ssmctl.certificates.witness import Witness

LARGEST = 20  # states, where equalities are solved exactly: the unknowns are the entries of P


def rates(form: RealForm, claim):
    """Q, S, R on the signals of the real form, as the checker forms them."""
    p, m = (form.p // 2, form.m // 2) if form.complex else (form.p, form.m)
    if claim.name in ("Passive", "NotPassive"):
        return np.zeros((form.p, form.p)), np.eye(form.m), np.zeros((form.m, form.m))
    shape = lambda X, r, c: np.array(X, float).reshape(r, c)
    Q, S, R = shape(claim.Q, p, p), shape(claim.S, p, m), shape(claim.R, m, m)
    return tuple(np.kron(np.eye(2), X) for X in (Q, S, R)) if form.complex else (Q, S, R)


def dissipative(form: RealForm, supply):
    """Find P >= 0 for which the dissipation inequality holds strictly, or whose supply is never negative."""
    yield Witness(P=np.zeros((form.n, form.n))), "no storage needed"
    if form.n == 0:
        return
    for Q in _negative_parts(supply[0]):
        wave = _scattering(form, Q, *supply[1:])
        if wave is None or not refine.stability_margin(wave[0], form.continuous) > 0:
            continue
        lower = response.peak_gain_frequency(*wave, form.continuous)[0]
        if lower < 1:
            P = storage.strict_storage(*wave, 1.0, lower, continuous=form.continuous)
            if P is not None:
                yield Witness(P=P), "eps-Riccati equation in scattering variables"
            for parts in (1, 2):
                P = refine.strict_storage(*wave, 1.0, lower, form.continuous, parts=parts)
                if P is not None:
                    yield Witness(P=P), "eps-Riccati equation in scattering variables, in extended precision"


def _negative_parts(Q):
    """Q itself, and what is left of it without its positive eigenvalues: a smaller supply."""
    yield Q
    values, V = np.linalg.eigh(Q)
    if (values > 0).any():
        yield (V * np.minimum(values, 0)) @ V.T


def _scattering(form: RealForm, Q, S, R):
    """The system from a to b, where the supply is |a|^2 - |b|^2; None if the supply has not m positive
    eigenvalues."""
    A, B, C, D = form.system
    m, p = form.m, form.p
    values, U = np.linalg.eigh(np.block([[Q, S], [S.T, R]]))
    small = 1e-13 * abs(values).max(initial=0.0)
    plus, minus = values > small, values < -small
    if plus.sum() != m:
        return None
    Ta, Tb = (np.sqrt(abs(values[k]))[:, None] * U[:, k].T for k in (plus, minus))
    F = Ta[:, :p] @ D + Ta[:, p:]
    if m and not np.linalg.cond(F) < 1e10:
        return None
    K = np.linalg.solve(F, np.hstack([Ta[:, :p] @ C, np.eye(m)]))
    K, G = K[:, : form.n], K[:, form.n :]
    H = Tb[:, :p] @ D + Tb[:, p:]
    return A - B @ K, B @ G, Tb[:, :p] @ C - H @ K, H @ G


def dissipative_lmi(form: RealForm, supply):
    """Find P by semidefinite programming: as it is, and rounded to few bits."""
    if form.n == 0 or form.n > LARGEST:
        return
    P = lmi.storage(form.system, supply, form.continuous)
    if P is None:
        return
    yield Witness(P=P), "linear matrix inequality"
    for bits in (0, 3, 8, 20):
        scale = 2.0 ** (bits - np.floor(np.log2(abs(P).max() or 1.0)))
        yield Witness(P=np.round(P * scale) / scale), "linear matrix inequality, rounded to few bits"


# --------------------------------------------------------------------------- equalities, in rational numbers


def dissipative_exact(form: RealForm, supply):
    """Find P where the inequality forces equalities: these in rational numbers, the rest in floats."""
    if not 0 < form.n <= LARGEST:
        return
    problem = _Exact(form, supply)
    for equalities in ([problem.forced()] if form.continuous else []) + [problem.lossless()]:
        family = problem.solve(equalities)
        if family is None:
            continue
        for P, scale in problem.members(*family):
            yield (
                Witness(P=rational.plain(P), scale=scale),
                "exact equalities, the rest by a linear matrix inequality",
            )


def _kernel(X: fmpq_mat):
    """Columns that span the null space."""
    vectors = (
        rational.nullspace(rational.whole(X)[0])
        if X.nrows() and X.ncols()
        else np.eye(X.ncols(), dtype=int).tolist()
    )
    return fmpq_mat(fmpz_mat(vectors)).transpose() if vectors else fmpq_mat(X.ncols(), 0)


def _eye(n):
    return fmpq_mat(fmpz_mat(n, n, np.eye(n, dtype=int).ravel().tolist()))


def _zeros(r, c):
    return fmpq_mat(r, c)


class _Exact:
    """The dissipation inequality M(P) >= 0 in rational arithmetic, affine in the entries of a symmetric P."""

    def __init__(self, form, supply):
        self.form, self.n, self.m = form, form.n, form.m
        self.A, self.B, self.C, self.D = (rational.fractions(X) for X in form.system)
        Q, S, R = (rational.fractions(X) for X in supply)
        V = self.C, self.D
        self.xx = V[0].transpose() * Q * V[0]
        self.xu = V[0].transpose() * (Q * V[1] + S)
        self.uu = V[1].transpose() * Q * V[1] + V[1].transpose() * S + S.transpose() * V[1] + R
        self.pairs = [(i, j) for i in range(self.n) for j in range(i + 1)]
        self.floats = (
            form.system,
            (rational.to_float(self.xx), rational.to_float(self.xu), rational.to_float(self.uu)),
        )

    def unit(self, i, j):
        X = fmpq_mat(self.n, self.n)
        X[i, j] = X[j, i] = fmpq(1)
        return X

    def change(self, P):
        """The part of M that is linear in P: blocks xx, xu, uu."""
        if self.form.continuous:
            PA = P * self.A
            return -(PA + PA.transpose()), -(P * self.B), None
        PA, PB = P * self.A, P * self.B
        return P - self.A.transpose() * PA, -(self.A.transpose() * PB), -(self.B.transpose() * PB)

    def lossless(self):
        """Equations of M(P) = 0."""
        parts = [self.change(self.unit(i, j)) for i, j in self.pairs]
        blocks = [(self.xx, 0), (self.xu, 1)] + ([] if self.form.continuous else [(self.uu, 2)])
        return [([part[k] for part in parts], -constant) for constant, k in blocks]

    def forced(self):
        r"""Equations $M(P) w = 0$ for every $w$ on which the form cannot but vanish (continuous time).

        Where $P k = l$ is known for $k$ in a space K, $w^\top M(P) w$ is known for $w = (x, u)$ with $Ax + Bu
        \in K$.
        """
        units = [self.unit(i, j) for i, j in self.pairs]
        Z = _kernel(self.uu)
        K, L = self.B * Z, self.xu * Z
        equations_ = [([X * K for X in units], L)] if Z.ncols() else []
        stacked = _over([self.A.transpose(), self.B.transpose()])
        for _ in range(2 * self.n):
            if not K.ncols():
                break
            found = []
            W = _kernel(_side([self.A, self.B, -K]))  # (x, u, c): Ax + Bu = Kc
            x, u, c = self.cut(W)
            known = self.isotropic(x, u, x.transpose() * (L * c))
            x, u, c = x * known, u * known, c * known
            top = self.xx * x + self.xu * u - L * c  # what A'Px has to be
            low = self.xu.transpose() * x + self.uu * u  # and B'Px
            equations_.append(([self.A.transpose() * X * x for X in units], top))
            equations_.append(([self.B.transpose() * X * x for X in units], low))
            if x.ncols() and stacked.rank() == self.n:
                found.append(
                    (x, (stacked.transpose() * stacked).solve(stacked.transpose() * _over([top, low])))
                )
            W = _kernel(_side([_eye(self.n), _zeros(self.n, self.m), -K]))  # (x, u, c): x = Kc
            x, u, c = self.cut(W)
            known = self.isotropic(x, u, (L * c).transpose() * (self.A * x + self.B * u))
            x, u, c = x * known, u * known, c * known
            onward, image = self.A * x + self.B * u, self.xx * x + self.xu * u - self.A.transpose() * (L * c)
            equations_.append(([X * onward for X in units], image))
            found.append((onward, image))
            grown, images = _side([K, *(k for k, _ in found)]), _side([L, *(i for _, i in found)])
            keep = _independent(grown)
            if len(keep) == K.ncols():
                break
            K, L = _columns(grown, keep), _columns(images, keep)
        return equations_

    def cut(self, W):
        """The parts x, u, c of the columns of W."""
        n, m = self.n, self.m
        return _rows(W, 0, n), _rows(W, n, n + m), _rows(W, n + m, W.nrows())

    def isotropic(self, x, u, storage):
        """Combinations of columns (x, u) on which the form vanishes with everything beside it; x'P(Ax + Bu)
        is `storage`."""
        cross = x.transpose() * self.xu * u - storage
        return _kernel(x.transpose() * self.xx * x + u.transpose() * self.uu * u + cross + cross.transpose())

    def solve(self, equations_):
        """The symmetric P that satisfy linear equations: (one of them, a basis of the homogeneous ones), or
        None."""
        rows = []
        for images, right in equations_:
            columns = [X.entries() for X in images]
            rows += [
                [*values, r]
                for *values, r in zip(*columns, right.entries(), strict=True)
                if any(v != 0 for v in values) or r != 0
            ]
        k = len(self.pairs)
        if not rows:
            return None
        R, rank = fmpq_mat(rows).rref()
        R = R.tolist()
        pivots = [next(j for j, x in enumerate(R[i]) if x != 0) for i in range(rank)]
        if k in pivots:
            return None
        free = [j for j in range(k) if j not in pivots]
        particular = [fmpq(0)] * k
        for i, j in enumerate(pivots):
            particular[j] = R[i][k]
        basis = []
        for f in free:
            v = [fmpq(0)] * k
            v[f] = fmpq(1)
            for i, j in enumerate(pivots):
                v[j] = -R[i][f]
            basis.append(v)
        return self.matrix(particular), [self.matrix(v) for v in basis]

    def matrix(self, values):
        X = fmpq_mat(self.n, self.n)
        for (i, j), v in zip(self.pairs, values, strict=True):
            X[i, j] = X[j, i] = v
        return X

    def members(self, particular, basis):
        """Members of the family P0 + sum z_k N_k, z from an LMI, as (sum of doubles, scale)."""
        choices = [[]]
        if basis:
            N = [rational.to_float(X) for X in basis]
            z = lmi.member(*self.floats, rational.to_float(particular), N, self.form.continuous)
            if z is None:
                return
            choices = [np.ldexp(np.round(np.ldexp(z, bits)), -bits) for bits in (3, 12, 30, 52)]
        for z in choices:
            P = particular
            for value, X in zip(z, basis, strict=True):
                a, b = float(value).as_integer_ratio()
                P = P + X * fmpq(a, b)
            whole, denominator = rational.whole(P)
            shift = int(denominator).bit_length() - 1
            parts, scale = rational.doubles(whole, -shift), rational.doubles([denominator], -shift)
            if parts is not None and scale is not None:
                numbers = tuple(float(x[0]) for x in scale)
                yield parts, numbers[0] if len(numbers) == 1 else numbers


def _side(blocks):
    rows = [[x for X in blocks if X.ncols() for x in X.tolist()[i]] for i in range(blocks[0].nrows())]
    return fmpq_mat(len(rows), sum(X.ncols() for X in blocks), [x for row in rows for x in row])


def _over(blocks):
    entries = [x for X in blocks for x in X.entries()]
    return fmpq_mat(sum(X.nrows() for X in blocks), blocks[0].ncols(), entries)


def _rows(X, a, b):
    return fmpq_mat(b - a, X.ncols(), X.entries()[a * X.ncols() : b * X.ncols()])


def _columns(X, keep):
    return fmpq_mat(X.nrows(), len(keep), [row[j] for row in X.tolist() for j in keep])


def _independent(X):
    """Indices of columns that span the column space."""
    R, rank = X.rref()
    R = R.tolist()
    return [next(j for j, x in enumerate(R[i]) if x != 0) for i in range(rank)]


# ----------------------------------------------------------------------------------------------- against


def extracts(form: RealForm, supply):
    r"""Find a frequency and a direction with $v^*(G^* Q G + G^* S + S^\top G + R)v < 0$; stable systems
    only."""
    Q, S, R = supply
    if not form.m or not form.margin > 0:
        return
    resolvent = response.Resolvent.of(*form.system, form.continuous)

    def lowest(omega):
        """Least eigenvalues and their vectors at several frequencies."""
        G = np.repeat(form.D[None].astype(complex), len(omega), 0)
        if form.n and np.isfinite(omega).all():
            G = resolvent.moments(omega)[0]
        adj = G.conj().swapaxes(1, 2)
        H = adj @ Q @ G + adj @ S + S.T @ G + R
        values, V = np.linalg.eigh((H + H.conj().swapaxes(1, 2)) / 2)
        return values[:, 0], V[:, :, 0]

    grid = response._grid(form.poles, True, form.continuous) if form.n else np.zeros(1)
    rough = lowest(grid)[0]
    found = []
    for k in np.argsort(rough)[:3]:
        low, high, omega = grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)], grid[k]
        for _ in range(8):
            fine = np.append(np.linspace(low, high, 17), omega)
            values = lowest(fine)[0]
            j = int(np.argmin(values))
            width, omega = (high - low) / 16, fine[j]
            low, high = max(omega - width, grid[0]), min(omega + width, grid[-1])
        found.append((lowest(np.array([omega]))[0][0], float(omega)))
    if form.continuous:
        found.append((lowest(np.array([np.inf]))[0][0], np.inf))
    for value, omega in sorted(found):
        if value < 0:
            v = lowest(np.array([omega]))[1][0]
            for witness, _, how in frequency_witnesses(
                form.system, omega, form.continuous, v=v, poles=form.poles
            ):
                yield witness, how


def extracting_sequence(form: RealForm, supply):
    """Find inputs from rest over which the supply sums to less than 0 (discrete time, stable or not)."""
    Q, S, R = supply
    if form.continuous or not form.m:
        return
    for T in gains.lengths(form):
        h = gains.impulse_response(form, T)
        if not np.isfinite(h).all() or abs(h).max(initial=0.0) > 1e100:
            return
        G, each = gains.toeplitz(h), np.eye(T)
        cross = G.T @ np.kron(each, S)
        H = G.T @ np.kron(each, Q) @ G + cross + cross.T + np.kron(each, R)
        values, V = np.linalg.eigh(H)
        if values[0] < 0:
            u = V[:, 0].reshape(T, form.m)
            u = u / u.flat[np.argmax(abs(u))]
            for bits in (6, 20, 52):
                yield Witness(u=np.round(u * 2.0**bits) / 2.0**bits), f"an input of {T} samples"
            if values[0] < -1e-9 * abs(H).max():
                return
