"""Files keep every bit, are replaced whole, and say in one line what is wrong with them."""

import io
import json
import os
from typing import Any

import numpy as np
import pytest
import scipy.io

from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import Schur
from ssmctl.certificates.witness import Witness
from ssmctl.errors import InputError
from ssmctl.lti.files import load_system, read_subject, save_system
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.plants import plant
from ssmctl.lti.system import Modal, StateSpace

RNG = np.random.default_rng(0)
wild = lambda *shape: RNG.normal(size=shape) * 2.0 ** RNG.integers(-300, 300, size=shape)
both = lambda *shape: wild(*shape) + 1j * wild(*shape)
SYSTEMS = {
    "real": StateSpace(wild(3, 3), wild(3, 2), wild(1, 3), wild(1, 2), dt=0.1, input_names=["a", "b"]),
    "complex": StateSpace(both(2, 2), both(2, 1), both(1, 2), both(1, 1), dt=True),
    "complex without imaginary part": StateSpace(np.eye(2) + 0j, np.eye(2), np.eye(2), dt=1.0),
    "single": StateSpace(np.float32(RNG.normal(size=(2, 2))), np.eye(2), np.eye(2), dt=0),
    "column": StateSpace(wild(3, 3), wild(3, 1), wild(1, 3), dt=0, name="column"),
    "modal": Modal(both(3), both(3, 1), both(2, 3), wild(2, 1), dt=0),
    "post": Modal(both(1), both(1, 1), both(1, 1), wild(1, 1), dt=2.0, output="post", output_names=["y"]),
    "static": StateSpace([], [], [], [[1, 2]], dt=0),
    "static modal": Modal([], [], [], [[1, 2]], dt=True),
    "autonomous": StateSpace(wild(2, 2), np.zeros((2, 0)), np.zeros((0, 2)), dt=0),
    "aircraft": plant("aircraft"),
    "oscillators": Oscillator(wild(3), wild(3), 0.1, B=wild(3, 2), C=wild(1, 3), D=wild(1, 2), name="bank"),
    "both readouts": Oscillator(
        *(wild(2), wild(2), 0.3, "zoh"),
        B=both(2, 1),
        C={"velocity": both(3, 2), "position": both(3, 2)},
        bias=both(2),
        output="post",
        output_names=["a", "b", "c"],
    ),
    "own steps": Oscillator(wild(2), wild(2), [0.1, 0.7], "imex3", B=wild(2, 1), C={"velocity": wild(1, 2)}),
    "one step": Oscillator(wild(1), [0.0], [0.1], "verlet", B=wild(1, 1), C=wild(1, 1), bias=wild(1)),
    "single oscillators": Oscillator(
        np.arange(2, dtype=np.float32), np.ones(2, np.float32), 1, B=np.eye(2), C=np.eye(2)
    ),
}
ENDINGS = [".json", ".npz", ".mat"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", SYSTEMS)
def test_there_and_back(tmp_path, name, ending):
    system, path = SYSTEMS[name], tmp_path / f"G{ending}"
    save_system(system, path)
    back = load_system(str(path))
    assert type(back) is type(system)
    assert system.subject().same_bits(back.subject()) is None
    assert read_subject(path) == system.subject()
    with open(path, "rb") as file:
        assert read_subject(file) == system.subject()
    if ending != ".mat":
        for field in ("name", "input_names", "output_names", "state_names", "scheme", "output"):
            assert getattr(back, field, None) == getattr(system, field, None)
    assert os.listdir(tmp_path) == [path.name]


def test_json_by_hand():
    text = '{"A": [[0.1, 2], [0, 1e-3]], "B": [[0], [1]], "C": [[1, 0]], "dt": 0.1}'
    subject = read_subject(io.StringIO(text))
    assert subject == StateSpace([[0.1, 2], [0, 1e-3]], [[0], [1]], [[1, 0]], dt=0.1).subject()
    assert load_system(io.BytesIO(b"\xef\xbb\xbf" + text.encode())).subject() == subject
    modal = (
        '{"poles": {"re": [0.5], "im": [0.1]}, "B": [[1]], "C": {"re": [[1]], "im": [[2]]},'
        ' "dt": true, "output": "post"}'
    )
    want = Modal([0.5 + 0.1j], [[1]], [[1 + 2j]], dt=True, output="post").subject()
    assert read_subject(io.StringIO(modal)) == want
    assert read_subject(io.StringIO('{"A": 0.5, "B": 1, "C": 1, "D": 0, "dt": 0}')).n == 1
    plain = json.dumps(subject.to_json())
    assert read_subject(io.StringIO(plain)) == subject


def test_oscillators_by_hand():
    text = (
        '{"stiffness": [4, 9], "damping": [0, 0.5], "B": [[1], [1]], "position": [[1, 2]], "dt": 0.1,'
        ' "scheme": "imex"}'
    )
    want = Oscillator([4, 9], [0, 0.5], 0.1, "imex", B=[[1], [1]], C=[[1, 2]])
    assert read_subject(io.StringIO(text)) == want.subject()
    back = load_system(io.StringIO(text))
    assert (back.velocity, back.bias, back.scheme) == (None, None, "imex")
    one = (
        '{"stiffness": 4, "damping": 0, "B": 1, "velocity": 1, "D": 2, "dt": [0.5], "scheme": "im",'
        ' "output": "post"}'
    )
    want = Oscillator(4, 0, [0.5], B=1, C=1, readout="velocity", D=2, output="post")
    assert read_subject(io.StringIO(one)) == want.subject()
    assert load_system(io.StringIO(one)).dt is True


def test_oscillators_from_matlab(tmp_path):
    path, want = (
        tmp_path / "G.mat",
        Oscillator([4, 9], [0, 0.5], 0.1, "imex", B=[[1], [1]], C=[[1, 2]]).subject(),
    )
    flat = {"stiffness": [4.0, 9], "damping": [0, 0.5], "B": [1.0, 1], "position": [1.0, 2], "Ts": 0.1}
    for oned_as in ("row", "column"):
        scipy.io.savemat(path, {**flat, "scheme": "imex"}, oned_as=oned_as)
        assert read_subject(path) == want


def test_a_certificate_names_its_system(tmp_path):
    subject = StateSpace(0.5, 1, 1, dt=True).subject()
    certificate = Certificate(Schur(), subject, Witness(P=[[1.0]]))
    certificate.save(tmp_path / "schur.json")
    assert read_subject(tmp_path / "schur.json") == subject
    edited = certificate.to_text().replace("0x1.0000000000000p-1", "0x1.8000000000000p+0")
    with pytest.raises(InputError, match="sha256"):
        read_subject(io.StringIO(edited))


GOOD = json.loads('{"A": [[0.5]], "B": [[1]], "C": [[1]], "D": [[0]], "dt": true}')
HEX = {"format": "ssmctl-system/1", "system": StateSpace(0.5, 1, 1, dt=True).subject().to_json()}
BANK = {"stiffness": [4], "damping": [0], "B": [[1]], "position": [[1]], "dt": 0.1, "scheme": "im"}
BAD_JSON = {
    "empty": ("", "line 1, column 1"),
    "cut": ('{"A": [[0.5]', "line 1, column 13"),
    "list": ("[1]", "JSON object, got list"),
    "nan": ('{"A": [[NaN]]}', "NaN is no finite number"),
    "overflow": (json.dumps({**GOOD, "A": [[0.5]]}).replace("0.5", "1e400"), "finite"),
    "twice": ('{"A": [[1]], "A": [[2]]}', "given twice"),
    "no dt": (json.dumps({k: v for k, v in GOOD.items() if k != "dt"}), "dt missing .found A, B, C, D"),
    "null dt": (json.dumps({**GOOD, "dt": None}), "left open"),
    "false dt": (json.dumps({**GOOD, "dt": False}), "no time base"),
    "text dt": (json.dumps({**GOOD, "dt": "0.1"}), "`dt` must be"),
    "unknown": (json.dumps({**GOOD, "E": 1}), "unknown keys: E"),
    "flat B": (json.dumps({**GOOD, "A": [[1, 0], [0, 1]], "B": [1, 2]}), "one input is a column"),
    "ragged": (json.dumps({**GOOD, "A": [[1, 2], [3]]}), "rows of equal length"),
    "text": (json.dumps({**GOOD, "A": [["0x1p-1"]]}), "must hold numbers"),
    "long integer": (json.dumps({**GOOD, "A": [[2**53 + 1]]}), "beyond 2"),
    "longer integer": (json.dumps({**GOOD, "A": [[10**30]]}), "must hold numbers"),
    "absurd integer": (json.dumps({**GOOD, "A": [[0.5]]}).replace("0.5", "1" * 5000), "JSON|numbers"),
    "complex": (json.dumps({**GOOD, "A": {"re": [[1]]}}), "complex matrix is"),
    "complex shapes": (json.dumps({**GOOD, "A": {"re": [[1]], "im": [[1, 2]]}}), "differ in shape"),
    "complex text": (json.dumps({**GOOD, "A": {"re": [["a"]], "im": [[1]]}}), "lists of numbers"),
    "both": (json.dumps({**GOOD, "poles": [1]}), "both A and poles"),
    "output": (json.dumps({**GOOD, "output": "post"}), "belongs to modal"),
    "names": (json.dumps({**GOOD, "names": {"inputs": ["u"]}}), "names must be an object"),
    "name": (json.dumps({**GOOD, "names": {"name": 3}}), "name is a string"),
    "format": (json.dumps({**HEX, "format": "ssmctl-system/2"}), 'format must be "ssmctl-system/1"'),
    "hex": (json.dumps(HEX).replace("0x1.0000000000000p-1", "0.5"), "float.hex"),
    "wrapped": (json.dumps({**HEX, "more": 1}), "unknown keys: more"),
    "oscillator with A": (json.dumps({**BANK, "A": [[1]]}), "A and stiffness are given"),
    "no scheme": (json.dumps({k: v for k, v in BANK.items() if k != "scheme"}), "scheme missing"),
    "no readout": (json.dumps({k: v for k, v in BANK.items() if k != "position"}), "neither is given"),
    "scheme": (json.dumps({**BANK, "scheme": "rk4"}), "unknown scheme 'rk4'; the schemes are im, imex"),
    "oscillator dt": (json.dumps({**BANK, "dt": True}), "its step in seconds, or one for each"),
    "oscillator shapes": (json.dumps({**BANK, "damping": [1, 2]}), "`damping` must be"),
    "deep": ("[" * 100_000, "nested too deeply|bad JSON"),
}


@pytest.mark.parametrize(("text", "words"), BAD_JSON.values(), ids=BAD_JSON)
def test_bad_json(tmp_path, text, words):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_subject(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_bad_files(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_subject(tmp_path / "none.json")
    with pytest.raises(InputError, match=r"ends in \.json, \.npz or \.mat"):
        read_subject(tmp_path / "none.txt")
    for ending in ENDINGS:
        path = tmp_path / f"noise{ending}"
        path.write_bytes(b"\xff\xfe\x00 not a system" * 20)
        with pytest.raises(InputError, match="noise"):
            read_subject(path)
        whole = tmp_path / f"whole{ending}"
        save_system(SYSTEMS["real"], whole)
        path.write_bytes(whole.read_bytes()[:-300])
        with pytest.raises(InputError, match="noise"):
            read_subject(path)


def test_pickles_are_not_loaded(tmp_path):
    path = tmp_path / "evil.npz"
    np.savez(path, A=np.array([[Evil()]], dtype=object), B=np.eye(1), C=np.eye(1), dt=0)
    with pytest.raises(InputError, match="plain arrays"):
        read_subject(path)


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def test_npz_of_others(tmp_path):
    path = tmp_path / "G.npz"
    np.savez(path, A=np.eye(2) / 2, B=np.ones((2, 1)), C=np.ones((1, 2)), dt=np.array([0.1]))
    assert read_subject(path) == StateSpace(np.eye(2) / 2, np.ones((2, 1)), np.ones((1, 2)), dt=0.1).subject()
    many: dict[str, Any] = {f"plant{k}/A": np.eye(2) for k in range(30)}
    np.savez(path, **many)
    with pytest.raises(InputError, match=r"A, B, C, dt missing .*, …"):
        read_subject(path)


def test_mat_of_others(tmp_path):
    path, want = tmp_path / "G.mat", StateSpace([[1, 2], [3, 4]], [[5], [6]], [[7, 8]], dt=0.5).subject()
    flat = {
        "A": np.array([[1, 2], [3, 4]], np.uint8),
        "B": np.array([5.0, 6]),
        "C": np.array([7.0, 8]),
        "Ts": 0.5,
    }
    for oned_as in ("row", "column"):  # a vector turns into a row or a column; n says which it was
        scipy.io.savemat(path, flat, oned_as=oned_as)
        assert read_subject(path) == want
    scipy.io.savemat(path, {**flat, "A": scipy.sparse.csc_array(flat["A"].astype(float))})
    assert read_subject(path) == want
    scipy.io.savemat(path, {**flat, "Ts": -1})
    assert read_subject(path).dt is True
    scipy.io.savemat(path, {"A": 0.5, "B": 1, "C": 1, "D": 0, "Ts": 0, "K": np.eye(3)})
    assert read_subject(path) == StateSpace(0.5, 1, 1, dt=0).subject()
    for data, words in [
        ({k: v for k, v in flat.items() if k != "Ts"}, "ssdata"),
        ({**flat, "Ts": [1, 2]}, "Ts must be one number"),
        ({**flat, "A": np.ones((2, 3))}, "`A` must be"),
        ({"sys": {"A": 1}}, "found sys"),
    ]:
        scipy.io.savemat(path, data)
        with pytest.raises(InputError, match=words):
            read_subject(path)


def test_matlab_73_is_named(tmp_path):
    path = tmp_path / "new.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + b"\x89HDF" * 40)
    with pytest.raises(InputError, match="'-v7'"):
        read_subject(path)


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "G.json"
    save_system(SYSTEMS["real"], path)
    before = path.read_bytes()

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        save_system(SYSTEMS["complex"], path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["G.json"]
    with pytest.raises(InputError, match="ends in"):
        save_system(SYSTEMS["real"], tmp_path / "G.pkl")


def test_real_systems(shared_data, tmp_path):
    with np.load(shared_data / "systems" / "building.npz") as data:
        arrays = {key: data[key] for key in "ABCD"}
    want = (*(arrays[key] for key in "ABCD"), 0)
    for ending in ENDINGS:
        save_system(want, tmp_path / f"building{ending}")
        subject = read_subject(tmp_path / f"building{ending}")
        assert subject.n == 48
        for key in "ABCD":
            np.testing.assert_array_equal(getattr(subject, key), arrays[key])
    with pytest.raises(InputError, match="dt missing"):
        read_subject(shared_data / "systems" / "building.npz")
