"""The figures of docs/performance.md for replay, against linoss-dynamics' `linoss_scan`, in one run.

    pytest -m benchmark tests/benchmarks/test_replay.py -s

T = 2000, damped IM, a force on each oscillator; both keep all states and energies. The two take turns, on
processor time, and the ratio is that of the fastest of each.
"""

import time

import numpy as np
import pytest

from ssmctl.lti.oscillator import Oscillator
from ssmctl.scan.replay import replay

linoss = pytest.importorskip("linoss_dynamics")
pytestmark = [pytest.mark.benchmark, pytest.mark.filterwarnings("default")]


@pytest.mark.parametrize(("r", "limit"), [(1, 20), (16, 12), (256, 12)])
def test_replay_against_linoss_scan(r, limit):
    rng = np.random.default_rng(r)
    A, G, u = rng.uniform(0.5, 4, r), rng.uniform(0.1, 1, r), rng.standard_normal((2000, r))
    bank = Oscillator(A, G, 0.1, "im", B=np.eye(r), C=np.ones((1, r)))
    calls = (lambda: replay(bank, u), lambda: linoss.linoss_scan(u, A, 0.1, G=G))
    spent = ([], [])
    for _ in range(12):
        for call, times in zip(calls, spent, strict=True):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
    ours, theirs = (min(times) for times in spent)
    error = np.abs(replay(bank, u).positions - calls[1]()[0]).max()
    print(
        f"| replay, T = 2000, m = {r} | {theirs / ours:.0f} × linoss_scan | {1e3 * ours:.2f} ms | ≥ {limit} |"
    )
    assert error < 1e-12
    assert theirs >= limit * ours
