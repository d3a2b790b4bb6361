"""Linear Gaussian models the long way: the joint distribution of all states and samples, conditioned."""

import numpy as np


def joint(A, c, Q, C, d, R, mean, covariance):
    """Give mean and covariance of all states stacked, the map to all samples, their offset and noise."""
    T, n = len(A), len(mean)
    m = [np.asarray(mean, float)]
    maps = np.zeros((T * n, T * n))  # from (x_0, w_0, ..., w_{T-2}) to the states
    maps[:n, :n] = np.eye(n)
    noise = np.zeros((T * n, T * n))
    noise[:n, :n] = covariance
    for k in range(1, T):
        rows, before = slice(k * n, (k + 1) * n), slice((k - 1) * n, k * n)
        maps[rows] = A[k - 1] @ maps[before]
        maps[rows, rows] = np.eye(n)
        noise[rows, rows] = Q[k - 1]
        m.append(A[k - 1] @ m[-1] + c[k - 1])
    H = np.zeros((T * len(d[0]), T * n))
    S = np.zeros((H.shape[0], H.shape[0]))
    p = len(d[0])
    for k in range(T):
        H[k * p : (k + 1) * p, k * n : (k + 1) * n] = C[k]
        S[k * p : (k + 1) * p, k * p : (k + 1) * p] = R[k]
    return np.concatenate(m), maps @ noise @ maps.T, H, np.concatenate(list(d)), S


def condition(parts, y):
    """Give the log density of the seen samples, and means and covariances of the states given them."""
    mean, covariance, H, offset, noise = parts
    T = len(y)
    seen = ~np.isnan(y.reshape(-1))
    H, e = H[seen], (y.reshape(-1) - offset)[seen]
    S = H @ covariance @ H.T + noise[np.ix_(seen, seen)]
    v = e - H @ mean
    log = -(np.linalg.slogdet(S)[1] + v @ np.linalg.solve(S, v) + len(v) * np.log(2 * np.pi)) / 2
    gain = np.linalg.solve(S, H @ covariance).T
    n = len(mean) // T
    means, whole = (mean + gain @ v).reshape(T, n), covariance - gain @ H @ covariance
    blocks = np.array([whole[k * n : (k + 1) * n, k * n : (k + 1) * n] for k in range(T)])
    return log, means, blocks
