"""Balls contain what rational arithmetic says, at every scale; what overflows proves nothing."""

from fractions import Fraction

import numpy as np
import pytest

from ssmctl.certificates.exact import Refused
from ssmctl.certificates.rounded import SMALL, ArrayReader, Ball, positive_definite

exactly = np.vectorize(Fraction, otypes=[object])


def member(rng, ball):
    """Give a matrix of the ball, in fractions: a corner, most of the time."""
    sign = rng.choice([-1, 1, 1, 0], ball.shape)
    return exactly(ball.mid) + exactly(ball.radius()) * np.vectorize(Fraction, otypes=[object])(sign)


def contains(ball, exact):
    return (np.abs(exact - exactly(ball.mid)) <= exactly(ball.radius())).all()


def draw(rng, shape, scale):
    mid = rng.standard_normal(shape) * np.exp2(rng.integers(-scale, scale + 1, shape))
    rad = None if rng.integers(2) else np.abs(mid) * rng.choice([0.0, 2.0**-52, 2.0**-20], shape) + 2.0**-950
    return Ball(mid, rad)


@pytest.mark.parametrize("scale", [0, 3, 60, 180])
def test_operations(scale):
    rng = np.random.default_rng(scale)
    for _ in range(60):
        k = int(rng.integers(0, 6))
        X, Y, Z = draw(rng, (3, k), scale), draw(rng, (3, k), scale), draw(rng, (k, 2), scale)
        s = draw(rng, (1, 1), scale)
        x, y, z, t = (member(rng, ball) for ball in (X, Y, Z, s))
        assert contains(X + Y, x + y)
        assert contains(X - Y, x - y)
        assert contains(X @ Z, x @ z)
        assert contains(X.times(s), x * t[0, 0])
        assert contains(X.abs(), np.abs(x))
        assert contains(Ball.block([[X, Y], [Y, -X]]).T, np.block([[x, y], [y, -x]]).T)
        S = Ball.block([[Ball(np.eye(3) * 2.0)]])
        assert contains(S.congruence(X), 2 * x.T @ x)


def test_sums_stay_symmetric():
    rng = np.random.default_rng(0)
    for _ in range(50):
        X = draw(rng, (6, 6), 3)
        assert (X + X.T).symmetric()
        assert ((X @ X) + (X @ X).T).symmetric()


def test_exact_where_all_cancels():
    """3 x^2 - 1 at a double next to 1/sqrt 3: sixteen digits cancel, and the ball is relatively small."""
    x = Ball(np.array([[3.0**-0.5]]))
    (result,) = Ball.exactly(lambda x, one: ((x @ x) + (x @ x) + (x @ x) - one,), x, Ball.number(1))
    exact = 3 * Fraction(3.0**-0.5) ** 2 - 1
    assert contains(result, np.array([[exact]], dtype=object))
    assert result.rad is not None
    assert result.rad[0, 0] < 1e-14 * abs(result.mid[0, 0])


@pytest.mark.parametrize("mode", ["resid", "chol"])
def test_definite(mode):
    """[[1, x], [x, 1]] with radius r is definite exactly when |x| + 2r < 1: never proved wrongly."""
    for x in (0.0, 0.5, -0.999, 1 - 1e-12):
        M = np.array([[1.0, x], [x, 1.0]])
        room = (1 - abs(x)) / 2
        for scale in (np.eye(2), np.diag([1.0, 2.0**300]), np.diag([2.0**-200, 1.0])):
            N = scale @ M @ scale
            assert positive_definite(N, mode=mode)
            near = 0.9 if mode == "chol" else 0.45  # the search for R gives half of the room away
            assert positive_definite(N, scale @ np.full((2, 2), near * room) @ scale, mode)
            assert not positive_definite(N, scale @ np.full((2, 2), room) @ scale, mode)
    for bad in (
        np.ones((2, 2)),
        np.array([[1.0, 2.0], [2.0, 1.0]]),
        -np.eye(2),
        np.zeros((2, 2)),
        np.diag([1.0, np.nan]),
        np.diag([1.0, np.inf]),
    ):
        assert not positive_definite(bad, mode=mode)
    for bad in (np.nan, np.inf, -1.0):
        assert not positive_definite(np.eye(2), np.full((2, 2), bad), mode)
    assert positive_definite(np.zeros((0, 0)), mode=mode)


def test_numbers():
    number = lambda mid, rad: Ball(np.array([[mid]]), np.array([[rad]]))
    assert number(2.0, 1.0).positive()
    assert number(1.0, 1.0).nonnegative()
    assert not number(1.0, 1.0).positive()
    for mid, rad in ((1.0, 2.0), (np.inf, 1.0), (np.inf, np.inf), (1.0, np.inf), (1.0, -1.0), (-1.0, 0.0)):
        assert not number(mid, rad).positive()
        assert not number(mid, rad).nonnegative()
    for mid, rad in ((np.nan, 0.0), (1.0, np.nan)):
        with pytest.raises(Refused):
            number(mid, rad).positive()
        assert not number(mid, rad).nonnegative()


def test_range_guard():
    """What is so small that products might underflow becomes a ball around zero; the too large is refused."""
    read = lambda x: ArrayReader({"P": np.array([[x]])}, "witness").matrix("P", 1, 1)
    assert read(SMALL).rad is None
    for x in (SMALL / 2, -(2.0**-1074)):
        assert contains(read(x), np.array([[Fraction(x)]], dtype=object))
        assert not read(x).nonnegative()
    with pytest.raises(Exception, match="level exact"):
        read(2.0**201)
