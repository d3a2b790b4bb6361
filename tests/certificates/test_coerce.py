"""Whatever describes a linear system becomes its subject, without a number changed, or is refused."""

import subprocess
import sys
from types import SimpleNamespace

import control as ct
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal

from ssmctl.certificates.coerce import matrices, subject_of
from ssmctl.certificates.subject import StateSpaceSubject
from ssmctl.errors import InputError
from ssmctl.lti.system import Modal, StateSpace

A, B, C, D = (
    np.array([[0.5, 0.1], [0, 0.2]]),
    np.array([[1.0], [2]]),
    np.array([[1.0, 3]]),
    np.array([[0.25]]),
)
SOURCES = {
    "ours": lambda dt: StateSpace(A, B, C, D, dt=dt),
    "jax": lambda dt: StateSpace(jnp.array(A), jnp.array(B), jnp.array(C), jnp.array(D), dt=dt),
    "subject": lambda dt: StateSpaceSubject(A, B, C, D, dt),
    "model": lambda dt: SimpleNamespace(subject=lambda: StateSpaceSubject(A, B, C, D, dt)),
    "tuple": lambda dt: (A, B, C, D, dt),
    "list": lambda dt: [A.tolist(), B.tolist(), C.tolist(), D.tolist(), dt],
    "duck": lambda dt: SimpleNamespace(A=A, B=B, C=C, D=D, dt=dt),
    "control": lambda dt: ct.ss(A, B, C, D, dt),
    "scipy": lambda dt: signal.StateSpace(A, B, C, D, **({"dt": dt} if dt else {})),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("dt", [0, True, 0.1, 1.0])
def test_sources(source, dt):
    assert subject_of(SOURCES[source](dt)) == StateSpaceSubject(A, B, C, D, dt)


def test_transfer_functions():
    for given, dt in [
        (ct.tf([1, 2], [1, 0.5, 0.25], 0.1), 0.1),
        (signal.dlti([1, 2], [1, 0.5, 0.25], dt=0.1), 0.1),
        (signal.lti([-2], [-0.5, -0.25], 1.0), 0.0),
    ]:
        subject = subject_of(given)
        assert isinstance(subject, StateSpaceSubject)
        assert subject.dt == dt
        z = 0.3 + 0.7j
        value = subject.C @ np.linalg.solve(z * np.eye(2) - subject.A, subject.B) + subject.D
        np.testing.assert_allclose(value[0, 0], value_of(given, z), rtol=1e-12)


def value_of(given, z):
    if hasattr(given, "num"):
        num, den = (
            np.ravel(x[0][0] if isinstance(x, list) else np.array(x).squeeze())
            for x in (given.num, given.den)
        )
        return np.polyval(num, z) / np.polyval(den, z)
    return given.gain * np.prod(z - given.zeros) / np.prod(z - given.poles)


REFUSED = {
    "open time base": (lambda: ct.ss(A, B, C, D, None), "unspecified time base; choose one"),
    "duck": (lambda: SimpleNamespace(A=A, B=B, C=C, D=D, dt=None), "choose one"),
    "four": (lambda: (A, B, C, D), "leaves the time base open"),
    "three": (lambda: (A, B, C), "got 3 entries"),
    "matrix": (lambda: A, "a ndarray is no linear system"),
    "path": (lambda: "plant.json", "load_system"),
    "class": (lambda: StateSpace, "no linear system"),
    "improper": (lambda: ct.tf([1, 2, 1], [1, 2]), "no state space"),
    "data": (lambda: ct.frd([1.0], [1.0]), "no state space"),
    "nonlinear": (lambda: ct.nlsys(None, lambda t, x, u, p: x, inputs=1, outputs=1), "no linear system"),
    "nan": (lambda: (A * np.nan, B, C, D, 0), "must be finite"),
}


@pytest.mark.parametrize(("given", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(given, words):
    with pytest.raises(InputError, match=words):
        subject_of(given())


def test_written_by_hand():
    assert [np.shape(M) for M in matrices(2, 3, 4, 5)] == [(1, 1)] * 4
    assert matrices(A, B, C)[3].tolist() == [[0.0]]
    assert matrices(A, np.eye(2), np.eye(2), 0)[3].tolist() == [[0, 0], [0, 0]]
    assert [np.shape(M) for M in matrices([], [], [], [[1, 2]])] == [(0, 0), (0, 2), (1, 0), (1, 2)]
    assert [np.shape(M) for M in matrices([], [], [], 3)] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert matrices(np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((1, 0)))[3].shape == (1, 2)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (([1, 2], B, C), "`A` must be .* `np.diag"),
        ((A, [1, 2], C), r"`B` must be .*`B.reshape\(n, 1\)`"),
        ((A, B, [1, 2]), r"`C` must be .*`C.reshape\(1, n\)`"),
        ((A, np.eye(2), np.eye(2), 3), r"`D` must be \(p, m\) = \(2, 2\), got \(\)"),
        ((A, B, C, [[1, 2]]), r"`D` must be \(p, m\) = \(1, 1\), got \(1, 2\)"),
        (
            (np.zeros((0, 0)), np.zeros((0, 3)), np.zeros((1, 0)), [[1, 2]]),
            r"`D` must be \(p, m\) = \(1, 3\)",
        ),
        (([[1, 2], [3]], B, C), "rows of equal length"),
        ((SimpleNamespace(shape=(2, 2), reshape=None, toarray=None), B, C), "sparse"),
    ],
)
def test_misshapen(arrays, words):
    with pytest.raises(InputError, match=words):
        matrices(*arrays)


def test_traced_arrays_pass():
    shapes = []
    jax.jit(lambda A, d: shapes.extend(M.shape for M in matrices(A, 1.0, 1.0, d)))(
        jnp.array(0.5), jnp.array(2.0)
    )
    assert shapes == [(1, 1)] * 4
    with pytest.raises(InputError, match="`D` must"):
        jax.jit(lambda d: matrices(A, np.eye(2), np.eye(2), d)[3])(jnp.array(0.0))


def test_modal_is_kept_modal():
    modal = Modal([0.5j], [[1]], [[1]], dt=True, output="post")
    assert subject_of(modal).to_json()["output"] == "post"


def test_light(tmp_path):
    path = tmp_path / "G.json"
    path.write_text('{"A": [[0.5]], "B": [[1]], "C": [[1]], "dt": true}')
    code = (
        "import sys; from ssmctl.lti.files import read_subject; "
        "from ssmctl.certificates.coerce import subject_of; "
        "from ssmctl.lti.plants import plant_subject; plant_subject('aircraft'); "
        f"subject_of(read_subject({str(path)!r})); print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in run.stdout.split()} & {"jax", "scipy", "control", "equinox"}
