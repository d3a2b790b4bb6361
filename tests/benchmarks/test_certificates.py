"""The figures of docs/performance.md for certificates and norms: ratios within one run, and counts.

    pytest -m benchmark tests/benchmarks -s

Every row prints what it measured; a test fails when a figure that the project promises is missed.
"""

import statistics
import subprocess
import sys
import time

import control
import numpy as np
import pytest

import ssmctl
from ssmctl.analysis import response, storage
from ssmctl.analysis.norms import hinfnorm
from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import check
from ssmctl.certificates.claim import L2Gain
from ssmctl.certificates.witness import Witness

pytestmark = [pytest.mark.benchmark, pytest.mark.filterwarnings("default")]


def dense(n, m, rho=0.95, seed=0):
    """Gaussian A scaled to a spectral radius, B Gaussian, C Gaussian / sqrt(n), a small D."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, n))
    A *= rho / abs(np.linalg.eigvals(A)).max()
    B, C, D = (rng.standard_normal(shape) for shape in ((n, m), (m, n), (m, m)))
    return A, B, C / n**0.5, 0.1 * D


def modal(n, m, seed=0):
    """n complex poles with moduli in [0.9, 0.999]: real order 2n."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.9, 0.999, n)
    poles = size * np.exp(1j * rng.uniform(0, np.pi, n))
    c = lambda *shape: rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    B, C = c(n, m) * np.sqrt(1 - size**2)[:, None], c(m, n) / n**0.5
    return ssmctl.Modal(poles, B, C, np.zeros((m, m)), dt=True)


def seconds(call, repeat=5):
    call()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


@pytest.mark.parametrize(("n", "m", "limit"), [(20, 3, 8.0), (50, 5, 2.0), (100, 8, 2.0), (200, 8, 2.0)])
def test_dense_norm_and_proof(n, m, limit):
    """`hinfnorm`, both ends proved at float64, against `control.linfnorm`: a number without proof."""
    system = dense(n, m)
    peer = control.ss(*system, 1.0)
    rtol = 1e-8 if n <= 100 else 1e-6
    norm = hinfnorm((*system, True), rtol=rtol)
    ours = seconds(lambda: hinfnorm((*system, True), rtol=rtol), 7 if n < 100 else 3)
    theirs = seconds(lambda: control.linfnorm(peer), 7 if n < 100 else 3)
    cost, width = f"{ours / theirs:.2f} × linfnorm", f"width {norm.width:.1e}"
    row(f"dense n = {n}, m = p = {m}", cost, width, norm.level, f"≤ {limit}")
    assert norm.width <= rtol
    assert ours <= limit * theirs


@pytest.mark.parametrize(("order", "m"), [(200, 4), (350, 4), (500, 4)])
def test_modal_norm_and_proof(order, m):
    """The same for modal systems; the peer gets the real form."""
    system = modal(order // 2, m)
    peer = control.ss(*system.subject().real_form(), 1.0)
    norm = hinfnorm(system, rtol=1e-6)
    ours = seconds(lambda: hinfnorm(system, rtol=1e-6), 3)
    theirs = seconds(lambda: control.linfnorm(peer), 1)
    cost, width = f"{ours / theirs:.2f} × linfnorm", f"width {norm.width:.1e}"
    row(f"modal, real order {order}", cost, width, norm.level, "≤ 0.25")
    assert norm.width <= 1e-6
    assert ours <= 0.25 * theirs


def test_lmi():
    """The bounded real LMI through cvxpy and Clarabel: slower by far, and no tighter."""
    from ssmctl.analysis.lmi import bounded_real_lmi

    system = dense(20, 3)
    norm = hinfnorm((*system, True))
    ours = seconds(lambda: hinfnorm((*system, True)))
    start = time.perf_counter()
    found = bounded_real_lmi(ssmctl.StateSpace(*system, dt=True).subject())
    theirs = time.perf_counter() - start
    assert found is not None
    cost, above = f"{theirs / ours:.0f} × hinfnorm", f"its bound / ours − 1 = {found[0] / norm.upper - 1:.1e}"
    row("LMI, cvxpy + Clarabel, n = 20", cost, above, "", "≥ 100")
    assert theirs >= 100 * ours


def test_float64_check_is_cheap():
    """The check against finding P at n = 1000."""
    system = dense(1000, 8, 0.9)
    start = time.perf_counter()
    lower, _ = response.peak_gain_frequency(*system)
    gamma = 1.1 * lower
    P = storage.strict_storage(*system, gamma, lower)
    find = time.perf_counter() - start
    certificate = Certificate(L2Gain(gamma), ssmctl.StateSpace(*system, dt=True).subject(), Witness(P=P))
    spent = seconds(lambda: check(certificate, "float64"), 3)
    row("float64 check, n = 1000", f"{100 * spent / find:.1f} % of finding P", "", "float64", "≤ 10 %")
    assert spent <= 0.1 * find


def test_exact_check():
    """Absolute times of the exact level, as the issue of speed puts them: n = 100 in process."""
    certificate = ssmctl.certify((*dense(100, 2), True))
    spent = seconds(lambda: exact.check(certificate.to_json()), 3)
    row("exact check, n = 100", f"{spent:.2f} s", "", "exact", "≤ 0.6 s")


def test_whole_process(tmp_path):
    """`python exact.py` and `ssmctl verify` on an n = 30 certificate, interpreter start included."""
    path = tmp_path / "cert.json"
    ssmctl.certify((*dense(30, 2), True)).save(path)
    run = lambda *args: subprocess.run([sys.executable, *args, path], check=True, capture_output=True)
    alone = seconds(lambda: run("-I", "-S", exact.__file__))
    whole = seconds(lambda: run("-m", "ssmctl", "verify"))
    row("python exact.py, n = 30", f"{alone:.3f} s", "", "exact", "≤ 0.1 s")
    row("ssmctl verify, n = 30", f"{whole:.3f} s", "", "exact", "≤ 0.3 s")


def test_few_unknown():
    """How often `hinfnorm` at relative width 1e-8 leaves an end unproved, over 200 random systems."""
    wide = []
    kinds = [(dense, n, rho) for n in (2, 5, 10, 20, 30) for rho in (0.5, 0.9, 0.99, 0.9999)]
    for kind, n, rho in kinds:
        for seed in range(10):
            system = kind(n, 2, rho, seed)
            norm = hinfnorm((*system, True), level="float64")
            if not norm.width <= 1e-8:
                wide.append((n, rho, seed, norm))
    unknown = f"{len(wide) / 2:.1f} % unknown"
    row("200 random dense systems", unknown, "width 1e-8", "float64 or exact", "≤ 5 %")
    assert len(wide) <= 10
