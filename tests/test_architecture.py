"""The tower: a room imports only from floors below, or one way on its own; imports in functions count."""

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ssmctl"
FLOORS = {
    "errors": 0,
    "typing": 0,
    "certificates": 1,
    "lti": 2,
    "scan": 3,
    "analysis": 4,
    "param": 5,
    "estimate": 5,
    "nn": 6,
    "loop": 7,
    "cli": 8,
    "plot": 8,
    "interop": 8,
    "testing": 8,
    "__init__": 9,
    "__main__": 9,
}


def read(package=PACKAGE):
    """Give `{module name: (source, its package)}` for every room of the house."""
    rooms = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        rooms[name] = path.read_text(encoding="utf-8"), ".".join(parts[:-1])
    return rooms


def imports(source, package, rooms):
    """Give the modules that a source imports anywhere, `from package import module` read as that module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                if (base, alias.name) != ("ssmctl", "__version__"):  # a constant, there before any room is
                    yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in rooms else base


def graph(rooms):
    """Give `{room: what it imports}`."""
    return {name: set(imports(source, package, rooms)) for name, (source, package) in rooms.items()}


def floor(module):
    """Give the floor of a module of the package; a room without one is a `KeyError`."""
    return FLOORS[[*module.split("."), "__init__"][1]]


def climbs(edges):
    """Give every import that goes up, and the first cycle."""
    own = {room: {m for m in found if m.split(".")[0] == "ssmctl"} for room, found in edges.items()}
    up = [f"{room} imports {m}" for room in own for m in own[room] if floor(m) > floor(room)]
    try:
        TopologicalSorter(own).prepare()
    except CycleError as error:
        up.append(" -> ".join(error.args[1]))
    return up


def test_imports_go_down():
    assert climbs(graph(read())) == []


def test_trusted_base_needs_numpy_only():
    for room, found in graph(read()).items():
        top = {module.split(".")[0] for module in found}
        if floor(room) <= 1:
            assert top <= sys.stdlib_module_names | {"numpy", "ssmctl"}, room
        if room == "ssmctl.certificates.exact":
            assert top <= sys.stdlib_module_names, "a sceptic runs this file alone"


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("ssmctl.certificates.claim", "from ssmctl.lti.system import StateSpace"),
        ("ssmctl.certificates.claim", "def f():\n    from ..lti import system"),
        ("ssmctl.lti.system", "from .. import cli"),
        ("ssmctl.lti.system", "import ssmctl"),
        ("ssmctl.lti.system", "from ssmctl import Certificate"),
        ("ssmctl.lti.system", "from . import files"),  # files imports system: a cycle on one floor
    ],
)
def test_adversary(room, source):
    package = room.rpartition(".")[0]
    rooms = {
        "ssmctl": ("", "ssmctl"),
        "ssmctl.errors": ("", "ssmctl"),
        "ssmctl.cli": ("", "ssmctl"),
        "ssmctl.certificates": ("", "ssmctl.certificates"),
        "ssmctl.lti": ("", "ssmctl.lti"),
        "ssmctl.lti.system": ("from .. import __version__\nfrom ..errors import InputError", "ssmctl.lti"),
        "ssmctl.lti.files": ("import numpy\nfrom .system import StateSpace", "ssmctl.lti"),
        "ssmctl.certificates.claim": ("", "ssmctl.certificates"),
    }
    assert climbs(graph(rooms)) == []
    assert climbs(graph(rooms | {room: (source, package)}))
