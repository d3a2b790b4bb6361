"""The words: every public name is documented, commands and links are sound, examples do what they say."""

import ast
import contextlib
import doctest
import inspect
import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import ssmctl
from ssmctl.certificates import exact

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(
    path for path in DOCS.rglob("*.md") if "_build" not in path.parts and "jupyter_execute" not in path.parts
)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

PUBLIC = [name for name in vars(ssmctl)["__all__"] if name != "__version__"]
MODULES = [name for name in PUBLIC if inspect.ismodule(getattr(ssmctl, name))]
DOTTED = ["testing.assert_certified"]  # public by their dotted names
DOTTED += [
    f"{room}.{name}" for room in ("estimate", "plot", "scan") for name in getattr(ssmctl, room).__all__
]


def get(dotted: str) -> Any:
    """The object of a dotted name."""
    value: Any = ssmctl
    for name in dotted.split("."):
        value = getattr(value, name)
    return value


FUNCTIONS = [name for name in PUBLIC + DOTTED if inspect.isfunction(get(name))]
CLASSES = [name for name in PUBLIC + DOTTED if inspect.isclass(get(name))]
CLAIMS = [name for name in CLASSES if name in exact.CLAIMS]
ERRORS = [name for name in CLASSES if issubclass(get(name), Exception)]
RECORDS = [f"estimate.{name}" for name in ("Draws", "Estimate", "Filtered", "OscillatorFit")]  # are only read
RESULT = re.compile(r"(?i)\*\*returns:\*\*|^(return|give|turn|read|enclose|decide)\b")  # or the verb says it


def blocks(text, language):
    """The fenced blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def command(name):
    """The block after a marker of the README, found as `.ci/run` finds it."""
    lines = README.splitlines()
    start = lines.index(f"<!-- command: {name} -->")
    end = lines.index("```", start)
    return lines[start + 1], lines[start + 2 : end]


# --------------------------------------------------------------------------------------------- public names


@pytest.mark.parametrize("name", PUBLIC + DOTTED)
def test_every_public_name_is_on_the_page(name):
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    written = f"`ssmctl.{name}`" if name in MODULES else rf":: ssmctl.{name}(?!\w)"
    assert re.search(written, page), f"docs/api.md lacks {name}"


def test_the_page_has_no_name_that_is_gone():
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    for name in re.findall(r"^\.\. auto\w+:: ssmctl\.([\w.]+)", page, re.MULTILINE):
        assert inspect.getdoc(get(name)), name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring_of_a_function(name):
    """Arguments (each named), what comes back, Guarantee and Cost."""
    function = get(name)
    text = inspect.getdoc(function) or ""
    parameters = list(inspect.signature(function).parameters.values())
    assert re.match(r"[A-Z].*[.:;]", text.split("\n\n")[0].replace("\n", " ")), "begins with a sentence"
    if parameters:
        assert re.search(r"\*\*Arguments(, \w+)*:\*\*", text)
        borrowed = re.search(r"(?i)as (in )?`(\w+)`", text)
        known = text + (
            inspect.getdoc(get(borrowed[2])) or "" if borrowed and hasattr(ssmctl, borrowed[2]) else ""
        )
        for parameter in parameters:
            stars = {"VAR_KEYWORD": r"\*\*", "VAR_POSITIONAL": r"\*"}.get(parameter.kind.name, "")
            assert re.search(rf"`{stars}{parameter.name}`", known), f"`{parameter.name}` is not explained"
    if inspect.signature(function).return_annotation is not None:
        assert RESULT.search(text), "says what comes back"
    assert "**Cost:**" in text
    assert "**Guarantee:**" in text or not parameters


@pytest.mark.parametrize("name", sorted(set(CLASSES) - set(CLAIMS) - set(ERRORS) - set(RECORDS)))
def test_docstring_of_a_class(name):
    text = inspect.getdoc(get(name)) or ""
    assert ">>>" in text or "**Guarantee:**" in text
    if inspect.signature(get(name)).parameters and name != "Claim":
        assert "**Arguments:**" in text


@pytest.mark.parametrize("name", RECORDS)
def test_docstring_of_a_record(name):
    """It names every field."""
    text = " ".join(inspect.getdoc(base) or "" for base in get(name).__mro__)
    for field in inspect.signature(get(name)).parameters:
        assert f"`{field}`" in text, f"`{field}` is not explained"


@pytest.mark.parametrize("name", CLAIMS)
def test_docstring_of_a_claim(name):
    """It names its theorem."""
    assert f"`{exact.CLAIMS[name][1]}`" in (inspect.getdoc(getattr(ssmctl, name)) or "")


@pytest.mark.parametrize("name", ERRORS)
def test_docstring_of_an_error(name):
    assert inspect.getdoc(getattr(ssmctl, name))


# ------------------------------------------------------------------------------------------------- theorems


@pytest.mark.parametrize("name", exact.CLAIMS)
def test_every_rule_has_its_theorem(name):
    """A page of the same stem that names the claim, the rule, the file and the tests."""
    rule, stem = exact.CLAIMS[name][:2]
    page = (DOCS / "theorems" / f"{stem}.md").read_text(encoding="utf-8")
    assert re.search(rf"`{name}\b", page)
    assert f"`{rule.__name__}`" in page
    assert re.search(r"(?i)theorem|statement", page)
    assert re.search(r"\bProof\b", page)
    assert r"\blacksquare" in page
    tests = re.findall(r"`(tests/[\w/]+\.py)`", page)
    assert tests
    assert all((ROOT / path).is_file() for path in tests)
    listed = (DOCS / "theorems" / "index.md").read_text(encoding="utf-8")
    assert f"[{stem}]({stem}.md)" in listed
    assert re.search(rf"^{stem}$", listed, re.MULTILINE)


def test_every_claim_is_explained():
    page = (DOCS / "what-is-proved.md").read_text(encoding="utf-8")
    for name in exact.CLAIMS:
        assert f"`{name}" in page, f"docs/what-is-proved.md lacks {name}"


# ---------------------------------------------------------------------------------------- README and links


@pytest.mark.parametrize("name", ["example", "test"])
def test_command(name):
    fence, lines = command(name)
    assert fence == "```sh"
    assert len(lines) == 1
    steps = [shlex.split(step) for step in lines[0].split("&&")]
    assert steps[0] == ["python3", "-m", "venv", ".venv"]
    assert steps[1][:2] == [".venv/bin/pip", "install"]
    assert all(step[0].startswith(".venv/bin/") for step in steps[1:])
    if name == "test":
        assert steps[2] == [".venv/bin/pytest"]
        return
    (tool, verb, plant, option, made), (checker, again, file, *_) = steps[2:]
    assert tool == checker == ".venv/bin/ssmctl"
    assert (verb, option, again, file) == ("certify", "-o", "verify", made)
    assert plant in ssmctl.plant_names()
    assert f"/{made}" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_readme_is_short():
    assert len(README.splitlines()) <= 80
    (example,) = blocks(README, "python")
    assert len([line for line in example.splitlines() if line.strip()]) <= 12


def test_readme_example(tmp_path, monkeypatch):
    """Every `print(…)  # text` prints what its comment says, `…` standing for anything."""
    monkeypatch.chdir(tmp_path)
    (example,) = blocks(README, "python")
    expected = re.findall(r"^print\(.*?\)  # (.*)$", example, re.MULTILINE)
    assert len(expected) == example.count("print(") >= 3
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(example, "README.md", "exec"), {})
    for line, text in zip(out.getvalue().splitlines(), expected, strict=True):
        assert re.fullmatch(".*".join(map(re.escape, text.split("…"))), line), line
    __import__("matplotlib.pyplot").pyplot.close("all")


@pytest.mark.parametrize(
    "page", [p for p in PAGES if ">>> " in p.read_text(encoding="utf-8")], ids=lambda p: p.stem
)
def test_examples_of_a_page(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "\n".join(b for b in blocks(page.read_text(encoding="utf-8"), "python") if b.startswith(">>> "))
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(DOCS)))
def test_python_on_a_page_compiles(page):
    for block in blocks(page.read_text(encoding="utf-8"), "python"):
        if not block.startswith(">>> "):
            ast.parse(block)


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES], ids=lambda p: str(p.relative_to(ROOT))
)
def test_links(page):
    """Relative links, pictures and toctree entries lead to files, and anchors to headings."""
    text = re.sub(
        r"^(`{3,})(?!\{toctree\}).*?^\1$",
        "",
        page.read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    links += [f"{name}.md" for name in re.findall(r"\{doc\}`(?:[^`<]*<)?([^`>]+)>?`", text)]
    for tree in blocks(text, r"\{toctree\}"):
        entries = [line for line in tree.splitlines() if line.strip() and not line.startswith(":")]
        links += [re.sub(r".*<(.*)>", r"\1", entry) + ".md" for entry in entries]
    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        path = page.parent / target if target else page
        notebook = path.with_suffix(".ipynb")
        assert path.is_file() or path.is_dir() or notebook.is_file(), f"{page.name}: {link}"
        if anchor and path.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = [
                re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
            ]
            assert anchor in slugs, f"{page.name}: {link}"


# ------------------------------------------------------------------------------------------------ notebooks


def percent(path):
    """The cells of a paired `.py` file: (kind, source)."""
    cells = []
    for line in path.read_text(encoding="utf-8").split("# ---\n", 2)[2].splitlines():
        if line.startswith("# %%"):
            cells.append(("markdown" if "[markdown]" in line else "code", []))
        elif cells:
            cells[-1][1].append(line)
    strip = lambda kind, lines: [re.sub(r"^# ?", "", line) for line in lines] if kind == "markdown" else lines
    return [(kind, "\n".join(strip(kind, lines)).strip()) for kind, lines in cells]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook(path):
    """It is executed, without an error, and says the same as its paired text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert [(cell["cell_type"], "".join(cell["source"]).strip()) for cell in cells] == percent(
        path.with_suffix(".py")
    )
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert outputs
    assert not [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"]
    assert not re.search(r"/(home|root|tmp|Users|work)/", json.dumps(cells))
    first, last = (c for c in (cells[0], [c for c in cells if c["cell_type"] == "markdown"][-1]))
    assert "?" in "".join(first["source"]).splitlines()[0], "it opens with a question"
    assert "proved" in "".join(last["source"]).splitlines()[0], "and ends with what was proved"
