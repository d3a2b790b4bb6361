"""Round trips to python-control and SciPy: the same numbers, names and time base, or a refusal."""

import control as ct
import numpy as np
import pytest
from scipy import signal

from ssmctl.errors import InputError
from ssmctl.interop import from_control, from_scipy, to_control, to_scipy
from ssmctl.lti.plants import plant, plant_names
from ssmctl.lti.system import Modal, StateSpace

RNG = np.random.default_rng(0)
A, B, C, D = (RNG.normal(size=s) for s in ((3, 3), (3, 2), (1, 3), (1, 2)))
TIMES = [0, True, 0.1, 1.0]
NAMES = ("name", "input_names", "output_names", "state_names")


@pytest.mark.parametrize("name", plant_names())
def test_plants_through_control(name):
    G = plant(name)
    there = to_control(G)
    assert there.input_labels == list(G.input_names or ())
    back = from_control(there)
    assert back.subject() == G.subject()
    assert [getattr(back, field) for field in NAMES] == [getattr(G, field) for field in NAMES]


@pytest.mark.parametrize("dt", TIMES)
def test_control_there_and_back(dt):
    there = ct.ss(A, B, C, D, dt, name="G", inputs=["a", "b"], outputs=["y"], states=["p", "q", "r"])
    back = to_control(from_control(there))
    for key in "ABCD":
        np.testing.assert_array_equal(getattr(back, key), getattr(there, key))
    assert back.dt == there.dt
    assert (back.dt is True) == (dt is True)
    for field in ("name", "input_labels", "output_labels", "state_labels"):
        assert getattr(back, field) == getattr(there, field)


@pytest.mark.parametrize("dt", TIMES)
def test_scipy_there_and_back(dt):
    for G in (StateSpace(A, B, C, D, dt=dt), StateSpace(1j * A, B, C, D, dt=dt)):
        there = to_scipy(G)
        assert there.dt == (dt or None)
        assert from_scipy(there).subject() == G.subject()


def test_sizes_at_the_edge():
    for G in (
        StateSpace([], [], [], [[1, 2]], dt=True),
        StateSpace(A, np.zeros((3, 0)), np.zeros((0, 3)), dt=0.1),
        StateSpace(np.zeros((3, 3)), B, C, dt=0),  # states that python-control might find useless
    ):
        assert from_control(to_control(G)).subject() == G.subject()
        assert from_scipy(to_scipy(G)).subject() == G.subject()


def test_control_may_change_its_copy():
    G = StateSpace(A, B, C, D, dt=0)
    to_control(G).A[0, 0] = 9
    np.testing.assert_array_equal(G.A, A)


def test_transfer_functions_keep_their_names():
    H = ct.tf([1, 2], [1, 0.5, 0.25], 0.1, name="H", inputs="u", outputs="y")
    G = from_control(H)
    assert (G.name, G.input_names, G.output_names, G.state_names, G.dt) == ("H", ("u",), ("y",), None, 0.1)
    assert to_control(H).input_labels == ["u"]
    assert from_scipy(signal.lti([1], [1, 2])).subject() == StateSpace(-2, 1, 1, dt=0).subject()
    assert from_scipy(signal.dlti([], [0.5], 2.0, dt=0.5)).dt == 0.5


def test_modal_goes_through_its_exact_real_form():
    modal = Modal([0.5 + 0.5j], [[1]], [[2j]], [[3]], dt=0.1, name="m", input_names=["u"], output_names=["y"])
    there = to_control(modal)
    assert there.A.tolist() == [[0.5, -0.5], [0.5, 0.5]]
    assert (there.name, there.input_labels, there.nstates) == ("m", ["u"], 2)
    assert from_scipy(to_scipy(modal)).subject() == modal.to_statespace().subject()
    post = Modal([0.5 + 0.5j], [[1]], [[2j]], dt=0.1, output="post")
    for convert in (to_control, to_scipy):
        with pytest.raises(InputError, match="rounded=True"):
            convert(post)
    assert to_control(post.to_statespace(rounded=True)).nstates == 2


def test_complex_is_never_truncated():
    G = StateSpace([[0.5 + 0.5j]], [[1]], [[1]], dt=True)
    with pytest.raises(InputError, match=r"imaginary part.*real_embedding"):
        to_control(G)
    there = to_control(G.real_embedding())
    assert there.A.tolist() == [[0.5, -0.5], [0.5, 0.5]]
    assert to_scipy(G).A.tolist() == [[0.5 + 0.5j]]


def test_refused():
    with pytest.raises(InputError, match="unspecified time base"):
        from_control(ct.ss(A, B, C, D, None))
    with pytest.raises(InputError, match="expected a python-control system, got a StateSpace"):
        from_control(signal.StateSpace(A, B, C, D))
    with pytest.raises(InputError, match=r"expected a scipy\.signal system"):
        from_scipy(ct.ss(A, B, C, D))
    with pytest.raises(InputError, match="time base open"):
        to_control((A, B, C, D))
    assert to_control((A, B, C, D, 0.1)).dt == 0.1
