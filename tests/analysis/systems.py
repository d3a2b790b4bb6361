"""Random systems, and their gain on a grid that closes in on its peak: what several tests share."""

import numpy as np

adj = lambda X: X.conj().T


def random_system(n, m, p, rho, seed=0, dtype=float):
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal
    draw = lambda *shape: normal(shape) + (1j * normal(shape) if dtype is complex else 0)
    A = draw(n, n)
    return A * rho / abs(np.linalg.eigvals(A)).max(), draw(n, m), draw(p, n) / n**0.5, 0.1 * draw(p, m)


def gain_on_grid(A, B, C, D, continuous=False, points=1001):
    edge = np.pi - 1e-6 * continuous
    w, best = np.linspace(-edge, edge, points), 0.0
    for _ in range(5):
        z = 1j * np.tan(w / 2) if continuous else np.exp(1j * w)
        pencil = z[:, None, None] * np.eye(len(A)) - A
        G = C @ np.linalg.solve(pencil, np.broadcast_to(B, (len(z), *B.shape))) + D
        gain = np.linalg.norm(G, 2, axis=(1, 2))
        k, best = np.argmax(gain), max(best, gain.max())
        w = np.linspace(w[max(k - 1, 0)], w[min(k + 1, len(w) - 1)], 41)
    return best
