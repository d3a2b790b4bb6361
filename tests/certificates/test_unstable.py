"""NotSchur, NotHurwitz, Unstable: inertia proves the open side, an exact eigenvalue the boundary too."""

import math

import numpy as np

from ssmctl.certificates.claim import NotHurwitz, NotSchur, Unstable
from tests.certificates.systems import free, modal

up, down = (lambda x: math.nextafter(x, math.inf)), (lambda x: math.nextafter(x, -math.inf))
TURN = np.array([[0.0, -1.0], [1.0, 0.0]])  # eigenvalues i and -i
GROW = np.array([[1.0, -1.0], [1.0, 1.0]])  # eigenvalues 1 + i and 1 - i


def test_inertia(checker):
    saddle, P = free(np.diag([2.0, 0.5]), True), np.diag([-1.0, 1.0])
    assert checker.proves(Unstable(), saddle, P=P, x=[1.0, 0.5])
    assert "x'Px" in checker.outcome(Unstable(), saddle, P=P, x=[1.0, 1.0])  # zero is not negative
    assert "x'Px" in checker.outcome(Unstable(), saddle, P=P, x=[0.0, 1.0])
    assert "decrease" in checker.outcome(Unstable(), saddle, P=-P, x=[0.0, 1.0])
    assert checker.proves(NotSchur(1.99), free(2.0, True), P=[[-1.0]], x=[1.0])
    for rate in (2.0, 2.01):
        assert "decrease" in checker.outcome(NotSchur(rate), free(2.0, True), P=[[-1.0]], x=[1.0])


def test_inertia_continuous(checker):
    saddle, P = free(np.diag([1.0, -1.0]), 0.0), np.diag([-1.0, 1.0])
    assert checker.proves(Unstable(), saddle, P=P, x=[1.0, 0.5])
    assert "x'Px" in checker.outcome(Unstable(), saddle, P=P, x=[1.0, 1.0])
    assert checker.proves(NotHurwitz(-0.99), free(1.0, 0.0), P=[[-1.0]], x=[1.0])
    assert checker.proves(
        NotHurwitz(1.01), free(-1.0, 0.0), P=[[-1.0]], x=[1.0]
    )  # the abscissa is -1 >= -1.01
    for rate, a in ((-1.0, 1.0), (1.0, -1.0), (0.99, -1.0)):
        assert "decrease" in checker.outcome(NotHurwitz(rate), free(a, 0.0), P=[[-1.0]], x=[1.0])


def test_farther_rate(checker):
    """One eigenvalue outside, one on the boundary: at a rate between them the boundary counts as inside."""
    P, x = np.diag([-1.0, 1.0]), [1.0, 0.0]
    s, t = free(np.diag([2.0, 1.0]), True), free(np.diag([1.0, 0.0]), 0.0)
    for subject, rate in ((s, 1.5), (t, -0.5)):
        assert checker.proves(Unstable(), subject, P=P, x=x, rate=rate)
        assert "decrease" in checker.outcome(Unstable(), subject, P=P, x=x)
    assert "decrease" in checker.outcome(Unstable(), s, P=P, x=x, rate=2.0)
    assert "decrease" in checker.outcome(Unstable(), t, P=P, x=x, rate=-1.0)
    # a rate on the near side proves less than the claim: 0.9 and -0.5 are not unstable
    assert "inside" in checker.outcome(Unstable(), free(0.9, True), P=[[-1.0]], x=[1.0], rate=0.5)
    assert "inside" in checker.outcome(Unstable(), free(-0.5, 0.0), P=[[-1.0]], x=[1.0], rate=1.0)
    assert "inside" in checker.outcome(NotSchur(1.0), free(0.9, True), P=[[-1.0]], x=[1.0], rate=0.5)
    assert "inside" in checker.outcome(NotHurwitz(0.0), free(-0.5, 0.0), P=[[-1.0]], x=[1.0], rate=1.0)


def test_stable_systems_have_no_witness(checker):
    rng = np.random.default_rng(0)
    for _ in range(100):
        P, x = rng.standard_normal((2, 2)), rng.standard_normal(2)
        A = rng.uniform(-0.45, 0.45, (2, 2))  # the norm is below 1
        assert not checker.proves(Unstable(), free(A, True), P=P + P.T, x=x)
        assert not checker.proves(Unstable(), free(A - np.eye(2), 0.0), P=P + P.T, x=x)


def test_exact_eigenvalue(checker):
    assert checker.proves(NotSchur(), free(1.0, True), q=[1.0], v=[1.0])
    assert checker.proves(NotSchur(), free(-1.0, True), q=[-1.0], v=[1.0])
    assert "inside" in checker.outcome(Unstable(), free(1.0, True), q=[1.0], v=[1.0])
    assert "inside" in checker.outcome(NotSchur(up(1.0)), free(1.0, True), q=[1.0], v=[1.0])
    assert checker.proves(Unstable(), free(up(1.0), True), q=[up(1.0)], v=[1.0])
    assert checker.proves(NotHurwitz(), free(0.0, 0.0), q=[0.0], v=[1.0])
    assert "inside" in checker.outcome(Unstable(), free(0.0, 0.0), q=[0.0], v=[1.0])
    assert "inside" in checker.outcome(NotHurwitz(down(0.0)), free(0.0, 0.0), q=[0.0], v=[1.0])
    assert "inside" in checker.outcome(
        NotHurwitz(), free(-2.0, 0.0), q=[-2.0], v=[1.0]
    )  # modulus is not what counts
    assert checker.proves(NotSchur(0.0), free([[0, 1], [0, 0]], True), q=[0.0], v=[1.0, 0.0])


def test_exact_pair(checker):
    v = [1.0, 0.0]
    assert checker.proves(NotSchur(), free(TURN, True), q=[0.0, 1.0], v=v)
    assert checker.proves(NotHurwitz(), free(TURN, 0.0), q=[0.0, 1.0], v=v)
    for dt in (True, 0.0):
        assert "inside" in checker.outcome(Unstable(), free(TURN, dt), q=[0.0, 1.0], v=v)
        assert checker.proves(Unstable(), free(GROW, dt), q=[2.0, 2.0], v=v)
    assert checker.proves(NotSchur(1.4142135), free(GROW, True), q=[2.0, 2.0], v=v)
    assert not checker.proves(NotSchur(1.4142136), free(GROW, True), q=[2.0, 2.0], v=v)
    assert checker.proves(NotHurwitz(-1.0), free(GROW, 0.0), q=[2.0, 2.0], v=v)
    assert not checker.proves(NotHurwitz(down(-1.0)), free(GROW, 0.0), q=[2.0, 2.0], v=v)


def test_hypotheses_of_the_eigenvalue(checker):
    assert "v is zero" in checker.outcome(NotSchur(), free(0.5, True), q=[1.0], v=[0.0])
    assert "not zero" in checker.outcome(NotSchur(), free(0.5, True), q=[1.0], v=[1.0])
    assert "not zero" in checker.outcome(NotSchur(), free(down(1.0), True), q=[1.0], v=[1.0])
    # 1/2 and 4 multiply to 2 >= 1, but they are no complex pair, and v belongs to 1/2; or a double root
    both = free(np.diag([0.5, 4.0]), True)
    assert "complex pair" in checker.outcome(NotSchur(), both, q=[4.5, 2.0], v=[1.0, 0.0])
    assert "complex pair" in checker.outcome(NotSchur(), free(1.0, True), q=[2.0, 1.0], v=[1.0])
    assert "q" in checker.outcome(NotSchur(), both, q=[1.0, 1.0, 1.0], v=[1.0, 0.0])


def test_modal_and_complex(checker):
    poles = [0.375 + 0.5j, 0.1]  # moduli 5/8 and 1/10
    assert checker.proves(NotSchur(0.625), modal(poles, True))
    assert "no pole" in checker.outcome(NotSchur(up(0.625)), modal(poles, True))
    assert checker.proves(NotHurwitz(-0.375), modal(poles, 0.0))
    assert "no pole" in checker.outcome(NotHurwitz(down(-0.375)), modal(poles, 0.0))
    assert checker.proves(NotSchur(), modal([1j], True))
    assert "no pole" in checker.outcome(Unstable(), modal([1j], True))
    assert "no pole" in checker.outcome(Unstable(), modal([1j], 0.0))
    assert "no pole" in checker.outcome(NotSchur(0.0), modal([], True))
    assert checker.proves(NotSchur(), free([[1j]], True), q=[0.0, 1.0], v=[1.0, 0.0])
    assert checker.proves(Unstable(), free([[2j]], True), P=-np.eye(2), x=[0.0, 1.0])
