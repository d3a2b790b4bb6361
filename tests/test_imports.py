"""What a fresh process loads, and that the three lists of public names in `ssmctl/__init__.py` agree."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ssmctl

STATEMENT = "import sys; {}; print(*sys.modules)"


def loaded(statement, *args):
    """Give the top-level packages that a fresh interpreter holds after a statement."""
    command = [sys.executable, "-c", STATEMENT.format(statement), *map(str, args)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return {name.split(".")[0] for name in run.stdout.splitlines()[-1].split()}


def test_import_is_light():
    found = loaded("import ssmctl; dir(ssmctl); ssmctl.Schur, ssmctl.verify, ssmctl.plot")
    assert "ssmctl" in found
    assert not found & {"cvxpy", "control", "matplotlib", "jax", "scipy", "equinox"}


@pytest.mark.parametrize("subject", [False, True])
def test_verify_is_light(tmp_path, subject):
    system, path = tmp_path / "system.json", tmp_path / "certificate.json"
    G = ssmctl.StateSpace([[0.5]], [[1.0]], [[1.0]], dt=True)
    ssmctl.save_system(G, system)
    ssmctl.certify(G, ssmctl.L2Gain(2.5)).save(path)
    args = ["verify", path, *(["--subject", system] if subject else [])]
    found = loaded("from ssmctl.cli import main; assert main(sys.argv[1:]) == 0", *args)
    assert not found & {"jax", "scipy", "cvxpy", "equinox", "control", "matplotlib", "flint"}


def test_public_names():
    tree = ast.parse(Path(ssmctl.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.name: node.module or alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    public = [name for name in vars(ssmctl)["__all__"] if name != "__version__"]
    assert len(public) == len(set(public))
    assert set(typed) == set(public)
    for name, room in typed.items():
        value = getattr(ssmctl, name)
        module = sys.modules[f"ssmctl.{room}"]
        assert value is (module if name == room else getattr(module, name)), name
    assert set(public) <= set(dir(ssmctl))
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        ssmctl.nosuch  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
