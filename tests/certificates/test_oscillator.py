"""Oscillators: free motion is decided exactly, whatever the scheme; other claims on an enclosed real form."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest

from ssmctl.certificates import exact
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import LEVELS, check
from ssmctl.certificates.claim import (
    Bounded,
    Claim,
    EnergyRatio,
    H2Norm,
    L2Gain,
    L2GainAtLeast,
    Lipschitz,
    NotSchur,
    Passive,
    Schur,
    StableForSteps,
    Unbounded,
    Unstable,
)
from ssmctl.certificates.schemes import FORCING, NAMES, SCHEMES
from ssmctl.certificates.subject import OscillatorSubject, StateSpaceSubject
from ssmctl.certificates.verify import verify
from ssmctl.certificates.witness import Witness
from ssmctl.errors import InputError
from tests.analysis.oscillating import ALL, RATIONAL, advance, matrix, oscillator, truth
from tests.certificates import banks, storages
from tests.certificates.deciding import decided, reason, seeds


@seeds
def test_regions(seed):
    """Every boundary of every scheme, on it and beside it: all five claims are decided."""
    count = decided(banks.regions(np.random.default_rng(seed)))
    assert sum(count.values()) > 4000
    assert all(
        count[name, word] > 300 for name in ("Schur", "NotSchur", "Unstable") for word in ("yes", "no")
    )


def test_one_oscillator_decides():
    decided(banks.families(np.random.default_rng(0)))


@seeds
def test_rates(seed):
    count = decided(banks.rates(np.random.default_rng(seed), 40))
    assert min(count.values()) > 80


@pytest.mark.parametrize("scheme", RATIONAL)
def test_scheme_solves_its_equations(scheme):
    """The table of numerators against one step of the equations, in fractions."""
    rng = np.random.default_rng(1)
    for _ in range(40):
        A, G, h = (F(int(x), 8) for x in rng.integers(-20, 21, 3))
        G = F(0) if scheme == "verlet" else G
        q, M, f = SCHEMES[scheme](A, G, h, F(1))
        if matrix(scheme, A, G, h) is None:
            assert q == 0
            continue
        for z, y, force in (1, 0, 0), (0, 1, 0), (0, 0, 1), (3, -2, 5):
            found = [(M[2 * i] * z + M[2 * i + 1] * y + f[i] * force) / q for i in (0, 1)]
            assert found == list(advance(scheme, A, G, h, z, y, force))
        numbers = [np.array([float(x)]) for x in (A, G, h, 1)]  # the same lines run on arrays
        assert np.allclose(SCHEMES[scheme](*numbers)[1], np.array(M, float)[:, None], rtol=1e-12)


def test_names():
    assert set(NAMES) == set(SCHEMES) | {"zoh"} == set(FORCING) == set(ALL)


@pytest.mark.parametrize("scheme", [s for s in ALL if s not in ("verlet",)])
@pytest.mark.parametrize(
    ("r", "m", "p", "cplx", "output"),
    [(2, 1, 2, True, "post"), (1, 2, 1, False, "pre"), (0, 1, 1, False, "post"), (3, 0, 0, True, "pre")],
)
def test_real_form(scheme, r, m, p, cplx, output):
    """The enclosed matrices hold the exact ones, in few digits; those in floats are near."""
    s = storages.bank(np.random.default_rng(2), scheme, r, m, p, cplx, output)
    found = exact.Bank(exact.Reader(s.to_json(), "subject")).matrices()
    for E, X, near in zip(found, storages.exact_form(s), s.real_form(), strict=True):
        mid, rad = E.mid, E.radius()
        assert E.shape == near.shape
        assert len(X) == E.shape[0]
        for i, j in itertools.product(*map(range, E.shape)):
            unit, r0 = F(2) ** mid.exponent, F(2) ** rad.exponent
            assert abs(mid.rows[i][j] * unit - X[i][j]) <= rad.rows[i][j] * r0
            assert rad.rows[i][j] * r0 < F(2) ** -230
            assert abs(float(X[i][j]) - near[i, j]) < 1e-13
    if scheme in ("imex2", "euler"):
        assert all(E.rad is None for E in found)


@seeds
def test_claims_with_a_witness(seed):
    count = decided(storages.stored(np.random.default_rng(seed)))
    assert len(count) > 25


@seeds
def test_false_gains(seed):
    """Below the gain by less than rounding, with storage matrices that nearly prove it: all refused."""
    count = decided(storages.false_gains(np.random.default_rng(seed), 14))
    assert count["L2Gain", "no"] > 250


def test_a_witness_is_no_empty_witness():
    """With fields, the rules of a state space; they may not be mixed with those without."""
    s = oscillator(1.0, 1.0, 1.0, "im")
    for claim in Schur(), Bounded(), L2Gain(9.0), Passive():
        assert "unknown fields" in reason(claim, s, hint=1)
        assert reason(claim, s, P=-np.eye(2)) != "proved"
    for claim in EnergyRatio(9.0), StableForSteps(0.5, 1.0):
        assert reason(claim, s) == "proved"
        assert "unknown fields" in reason(claim, s, P=np.eye(2))
    assert "lacks `P`" in reason(H2Norm(9.0), s)
    for claim in NotSchur(), Unstable(), Unbounded():
        assert "lacks" in reason(claim, oscillator(-9.0, 1.0, 1.0, "zoh"), P=np.eye(2))
    P = storages.lyapunov(s.real_form()[0])
    assert reason(Schur(), s, P=P) == reason(Bounded(), s, P=P) == "proved"


def test_held_force_with_another_rate():
    s = oscillator(1.0, 1.0, 1.0, "zoh")  # |eigenvalue| = exp(-1/2)
    P = storages.lyapunov(s.real_form()[0] / 0.61)
    assert "storage matrix" in reason(Schur(0.61), s)
    assert reason(Schur(0.61), s, P=P) == "proved"
    assert reason(Schur(0.6), s, P=P) != "proved"
    assert "storage matrix" in reason(NotSchur(0.5), s)


def test_bias():
    """With a constant force nothing holds from zero; what is left are eigenvalues and differences."""
    for bias, B in (1.0, 1.0), (5e-324, 1.0), (1j, 1j), (1e-300, 1j):
        s = OscillatorSubject([4.0], [8.0], 1.0, "im", [[B]], [[0]], [[1]], [[0.0]], [bias])
        for claim in exact.CLAIMS:
            data = {"type": claim, **{key: "0x1.0000000000000p+0" for key in exact.CLAIMS[claim][3]}}
            if claim in exact.BIASED or "urwitz" in claim:
                continue
            file = {"format": exact.FORMAT, "claim": data, "subject": s.to_json(), "witness": {}}
            with pytest.raises(exact.Refused, match="bias"):
                exact.check(file | {"sha256": exact.digest(file)})
            if claim not in ("Dissipative", "NotDissipative"):
                read = Claim.from_json(data)
                assert "bias" in str(read.applies_to(s))
                with pytest.raises(InputError, match="bias"):
                    Certificate(read, s, Witness())
        assert reason(Schur(), s) == "proved"
        assert reason(NotSchur(), s) != "proved"
        assert reason(Lipschitz(0.25), s) == (
            "proved" if B == 1 else "without a witness: one real oscillator, not zoh, D = 0 or m = p = 1"
        )


def test_nothing_is_implied_with_a_bias():
    """Schur means some input-to-state bound, but not with a constant force; subject given or not."""
    s = oscillator(1.0, 2.0, 1.0, "im", bias=5.0)
    for claim in Schur(), Lipschitz(1.0):
        certificate = Certificate(claim, s, Witness())
        assert verify(certificate, claim="schur").holds
        for asked in "iss", "bounded", "unbounded", "l2gain <= 2", "not passive":
            assert verify(certificate, claim=asked).status == "unknown"
            with pytest.raises(InputError, match="bias"):
                verify(certificate, subject=s, claim=asked)
        free = Certificate(claim, oscillator(1.0, 2.0, 1.0, "im"), Witness())
        assert verify(free, claim="iss").holds


def test_levels_agree():
    """Oscillators are decided in integers at either level."""
    for scheme, A, G in itertools.product(ALL, (-1.0, 0.0, 4.0), (0.0, 1.0)):
        if not banks.exists(scheme, A, G, 1.0):
            continue
        s = oscillator(A, G, 1.0, scheme)
        for claim in Schur(), Bounded(), Unstable():
            found = set()
            for level in LEVELS:
                try:
                    found.add(check(Certificate(claim, s, Witness()), level))
                except exact.Refused as error:
                    found.add(str(error))
            assert len(found) == 1
        assert (reason(Schur(), s) == "proved") == (truth(scheme, A, G, 1.0) == "Schur")


def test_another_system_has_no_energy():
    s = StateSpaceSubject([[0.5]], [[1.0]], [[1.0]], [[0.0]], True)
    for claim in EnergyRatio(9.0), StableForSteps(0.5, 1.0):
        with pytest.raises(InputError, match="about oscillators"):
            Certificate(claim, s, Witness())
        file = {"format": exact.FORMAT, "claim": claim.to_json(), "subject": s.to_json(), "witness": {}}
        with pytest.raises(exact.Refused, match="about oscillators"):
            exact.check(file | {"sha256": exact.digest(file)})


def test_a_step_that_does_not_exist():
    for scheme, A, G in ("im", -1.0, 0.0), ("imex", 1.0, -1.0), ("imex3", -1.0, 0.0), ("tustin", -4.0, 0.0):
        file = {"format": exact.FORMAT, "claim": Schur().to_json(), "witness": {}}
        file["subject"] = banks.several([1.0], [1.0], 1.0, scheme).to_json()
        file["subject"] |= {"stiffness": [A.hex()], "damping": [G.hex()]}
        with pytest.raises(exact.Malformed, match="divisor"):
            exact.check(file | {"sha256": exact.digest(file)})


def test_a_hostile_step_comes_to_an_end():
    """Growth by exp(10^9) would fill the memory with digits, and a step of 2^70 takes too many squarings."""
    for A, G, h, words in (1.0, -1e9, 1.0, "grows"), (-1e18, 0.0, 1.0, "grows"), (1.0, 1.0, 2.0**70, "long"):
        assert words in reason(Schur(0.5), oscillator(A, G, h, "zoh"), P=np.eye(2))
    assert "grows" in reason(EnergyRatio(0.5), oscillator(1.0, -1e9, 1.0, "zoh"))
    assert reason(Unstable(), oscillator(1.0, -1e9, 1.0, "zoh")) == "proved"
    assert "too large" in reason(Schur(), banks.several([1.0] * 1025, [1.0] * 1025, 1.0, "im"))
    assert reason(Schur(), banks.several([1.0] * 1024, [1.0] * 1024, 1.0, "im")) == "proved"


def test_real_and_complex_parts():
    """Complex signals into one oscillator are two real oscillators: y = Re(1j x) for u -> 1j u is -x."""
    real = oscillator(4.0, 8.0, 1.0, "im")
    turned = OscillatorSubject([4.0], [8.0], 1.0, "im", [[1j]], [[0]], [[1j]], [[0.0]], [0])
    u = np.array([[1.0], [1.0], [1.0], [1.0]])
    for gamma in 0.125, 0.25:
        assert reason(L2GainAtLeast(gamma), real, u=u) == reason(L2GainAtLeast(gamma), turned, u=u)
    back = OscillatorSubject([4.0], [8.0], 1.0, "im", [[1.0]], [[0]], [[1j]], [[0.0]], [0])
    assert reason(L2GainAtLeast(0.0), back, u=u) == "proved"
    assert reason(L2GainAtLeast(5e-324), back, u=u) != "proved"
