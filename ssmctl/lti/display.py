"""How a system shows itself: one line for a terminal, a small LaTeX block for a notebook.

Nothing here is trusted: numbers are shown in four digits, certificates store all of them.
"""

import html
from typing import Any, Literal

import numpy as np

__all__ = ["brief", "one_line", "oscillator_latex", "page", "state_space_latex", "vectors_latex"]

_MOST_ROWS = 10  # of a matrix that a notebook shows in full


def brief(value: Any) -> str:
    """Write an array as its type and shape. **Cost:** none.

    >>> brief(np.zeros((2, 3)))
    'f64[2,3]'
    """
    if not hasattr(value, "dtype") or not hasattr(value, "shape"):
        return repr(value)
    name = str(np.dtype(value.dtype))
    for word, letter in (("bfloat", "bf"), ("float", "f"), ("complex", "c"), ("uint", "u"), ("int", "i")):
        if name.startswith(word):
            name = letter + name.removeprefix(word)
            break
    return f"{name}[{','.join(map(str, value.shape))}]"


def one_line(kind: str, arrays: dict[str, Any], **others: Any) -> str:
    """Write a system on one line, its arrays by shape; entries that are None are left out."""
    parts = [f"{key}={brief(value)}" for key, value in arrays.items()]
    return f"{kind}({', '.join(parts + [f'{k}={v!r}' for k, v in others.items() if v is not None])})"


def page(
    kind: str,
    name: str | None,
    counts: tuple[int, int, int],
    dt: float | Literal[True],
    latex: Any,
    text: str,
    time: str | None = None,
) -> str:
    """Write a system as HTML: who it is, its time base, then LaTeX if it is small, else its one line.

    **Arguments:** `counts`: states, inputs, outputs; `latex`: a function without arguments, which may
    fail when there are no numbers to show, as inside `jit`; `time`: other words about the time base.
    """
    title = kind if name is None else f"{kind} <b>{html.escape(name)}</b>"
    if time is None:
        time = "continuous time (dt = 0)" if dt == 0 else f"discrete time, dt = {dt} s"
        time = "discrete time without a period (dt = True)" if dt is True else time
    size = ", ".join(
        f"{count} {word}{'s' * (count != 1)}" for count, word in zip(counts, _SIGNALS, strict=True)
    )
    body = f"<code>{html.escape(text)}</code>"
    if counts[0] + max(counts[1:]) <= _MOST_ROWS:
        try:
            body = f"$${html.escape(latex())}$$"
        except (TypeError, ValueError, AttributeError, IndexError):
            pass
    return f"<div class='tex2jax_process'><p>{title}: {size}; {time}</p><p>{body}</p></div>"


def state_space_latex(A: Any, B: Any, C: Any, D: Any) -> str:
    r"""Write $\begin{pmatrix} A & B \\ C & D \end{pmatrix}$ as one KaTeX array, ruled into blocks."""
    n, m, p = len(A), np.shape(B)[1], len(C)
    rows = [" & ".join(map(_number, row)) for row in np.block([[A, B], [C, D]])]
    upper, lower = (r" \\ ".join(part) for part in (rows[:n], rows[n:]))
    between = r" \\ \hline " if n and p else ""
    columns = "c" * n + "|" * bool(n and m) + "c" * m
    return rf"\left[\begin{{array}}{{{columns}}} {upper}{between}{lower} \end{{array}}\right]"


def vectors_latex(arrays: dict[str, Any]) -> str:
    """Write several matrices, each after its letter."""
    tables = {key: [" & ".join(map(_number, row)) for row in np.asarray(M)] for key, M in arrays.items()}
    bodies = {key: r" \\ ".join(rows) for key, rows in tables.items()}
    matrix = r"{} = \begin{{bmatrix}} {} \end{{bmatrix}}"
    return r",\quad ".join(matrix.format(key, body) for key, body in bodies.items())


def oscillator_latex(arrays: dict[str, Any], output: str) -> str:
    r"""Write the equation of oscillators, then its matrices, each after its letter."""
    force = "B u + b" if "b" in arrays else "B u"
    read = [
        rf"{key}\,{signal}" for key, signal in ((r"C_{\dot y}", r"\dot y"), ("C_y", "y")) if key in arrays
    ]
    index = "k+1" if output == "post" else "k"
    lines = [
        rf"\ddot y + G \dot y + A y = {force}",
        rf"\mathrm{{output}}_k = \mathrm{{Re}}\,({' + '.join(read)})_{{{index}}} + D u_k",
        vectors_latex(arrays),
    ]
    rows = r" \\ ".join(lines)
    return rf"\begin{{array}}{{l}} {rows} \end{{array}}"


_SIGNALS = ("state", "input", "output")


def _number(x: Any) -> str:
    if isinstance(x, complex | np.complexfloating):
        if x.imag == 0:
            return _number(float(x.real))
        imag = _number(float(x.imag)) + "i"
        return imag if x.real == 0 else f"{_number(float(x.real))}{'' if x.imag < 0 else '+'}{imag}"
    mantissa, _, exponent = f"{float(x) + 0.0:.4g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
