"""Two ends of a number: how wide, how printed; a printed end is still an end."""

import math
from fractions import Fraction

import numpy as np
import pytest

import ssmctl
from ssmctl.analysis.enclosure import Enclosure, outward

SCALAR = ([[0.5]], [[1.0]], [[1.0]], [[0.0]], True)


def test_outward_never_moves_inward():
    """Decimals against fractions, over 200 decades, both signs, from exact to wide."""
    rng = np.random.default_rng(0)
    for _ in range(2000):
        lower = float(rng.choice([-1, 1]) * 10.0 ** rng.uniform(-100, 100))
        upper = lower + abs(lower) * float(10.0 ** rng.uniform(-17, 1))
        low, high = outward(lower, upper)
        assert Fraction(low) <= Fraction(lower) <= Fraction(upper) <= Fraction(high)
        if upper - lower > 1e-14 * abs(lower):
            assert Fraction(high) - Fraction(low) <= Fraction(13, 10) * (Fraction(upper) - Fraction(lower))


@pytest.mark.parametrize(
    ("lower", "upper"), [(2.0, 2.0), (0.0, 0.0), (0.1, 0.1), (-1.5, 0.0), (5e-324, 5e-324)]
)
def test_outward_at_the_edges(lower, upper):
    low, high = outward(lower, upper)
    assert Fraction(low) <= Fraction(lower) <= Fraction(upper) <= Fraction(high)


def test_outward_infinite():
    assert outward(1.0, math.inf) == ("1", "inf")
    assert outward(math.inf, math.inf) == ("inf", "inf")


def test_html_marks_the_digits_that_agree():
    norm = ssmctl.hinfnorm(SCALAR)
    page = norm._repr_html_()
    assert "both ends proved" in page
    assert f"relative width {norm.width:.1e}" in page
    low, high = (page.split("<b>")[i].split("</b>")[0] for i in (1, 2))
    assert repr(norm.lower).startswith(low)
    assert repr(norm.upper).startswith(high)
    assert len(low) == len(high)


def test_html_says_what_is_missing():
    assert "not proved from both sides" in Enclosure("norm", 0.0, math.inf, note="a < b")._repr_html_()
    assert "a &lt; b" in Enclosure("norm", 0.0, math.inf, note="a < b")._repr_html_()
    unstable = ssmctl.hinfnorm(([[2.0]], [[1.0]], [[1.0]], [[0.0]], True))
    assert unstable.certificate is not None
    assert "∞" in unstable._repr_html_()
    assert str(unstable.certificate.claim).replace(">", "&gt;") in unstable._repr_html_()


def test_html_of_certificates_and_verdicts():
    """What a notebook shows is escaped, and holds the claim in its text form."""
    certificate = ssmctl.certify(SCALAR, "l2gain <= 3")
    assert "<code>l2gain &lt;= 3</code>" in certificate._repr_html_()
    assert "unproved until" in certificate._repr_html_()
    page = ssmctl.verify(certificate, subject=SCALAR, claim="l2gain <= 2.5")._repr_html_()
    assert page.startswith("<b>unknown</b>")
    assert "<code>l2gain &lt;= 2.5</code>" in page
    assert "`" not in page
