"""Sphinx configuration: MyST pages, notebooks as they are stored, and docstrings in Markdown with LaTeX."""

import re
import textwrap
import typing

typing.GENERATING_DOCUMENTATION = "ssmctl"  # jaxtyping and equinox: keep axis names in signatures

import ssmctl  # noqa: E402

project = "ssmctl"
author = "The ssmctl authors"
copyright = "the ssmctl authors"
version = release = ssmctl.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "jupyter_execute", "**.ipynb_checkpoints"]
html_theme = "furo"
html_title = "ssmctl"

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks are stored executed, and executed again in .ci/run

autodoc_member_order = "bysource"
autodoc_typehints = "signature"

TOKENS = re.compile(
    r"""
      (?P<doctest> ^[ ]*>>>.*\n(?:[ ]*\S.*\n?)* )
    | (?P<display> (?P<indent>^[ ]*)?\$\$(?P<equation>.+?)\$\$[ ]* )
    | \$(?P<inline> [^$]+? )\$
    | (?P<ticks> `+ )(?P<code> [^`]+ )(?P=ticks)
    | \[(?P<text> [^\]\n]+ )\]\((?P<url> [^)\s]+ )\)
    | (?P<bar> \| )
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)


def restructured(token):
    """Write one piece of Markdown in reStructuredText."""
    part = token.groupdict()
    if part["display"]:
        indent = part["indent"] or ""
        equation = textwrap.indent(textwrap.dedent(part["equation"]).strip(), indent + "   ")
        return f"\n\n{indent}.. math::\n\n{equation}\n\n{indent}"
    if part["inline"]:
        return rf"\ :math:`{' '.join(part['inline'].split())}`\ "
    if part["code"]:
        return rf"\ ``{' '.join(part['code'].split())}``\ "
    if part["text"]:
        return f"`{part['text']} <{part['url']}>`__"
    if part["bar"]:
        return r"\|"
    return token[0]


TABLE = re.compile(r"^(?P<indent>[ ]*)\|.*\n[ ]*\|[-| :]+\|[ ]*\n(?:[ ]*\|.*\n)+", re.MULTILINE)
CELL = re.compile(r"(?:\$[^$]+\$|`[^`]+`|[^|])+")


def listed(table):
    """Write a Markdown table as a list-table; a bar inside math or code divides no cells."""
    head, _, *rows = (CELL.findall(line.strip().strip("|")) for line in table[0].splitlines())
    text = [".. list-table::", "   :header-rows: 1", ""]
    for row in (head, *rows):
        for first, cell in zip("*" + " " * len(row), row, strict=False):
            text.append(f"   {first} - {TOKENS.sub(restructured, cell.strip() + chr(10)).strip()}")
    return "\n" + textwrap.indent("\n".join(text), table["indent"]) + "\n\n"


def process_docstring(app, what, name, obj, options, lines):
    text, tables = "\n".join(lines) + "\n", []

    def set_aside(table):
        tables.append(listed(table))
        return f"\n\0{len(tables) - 1}\0\n"

    text = TOKENS.sub(restructured, TABLE.sub(set_aside, text))
    lines[:] = re.sub(r"\0(\d+)\0", lambda found: tables[int(found[1])], text).split("\n")


def setup(app):
    app.connect("autodoc-process-docstring", process_docstring)
