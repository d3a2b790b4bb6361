r"""The lifted (blocked) system: $L$ samples at once, two matrix products for each chunk, no state trajectory.

With $U_c = (u_{cL}, \dots, u_{cL+L-1})$, $Y_c$ likewise and $x_c$ the state at the start of chunk $c$,

$$x_{c+1} = A^L x_c + R\,U_c, \qquad Y_c = O\,x_c + K\,U_c,$$

$R = [A^{L-1}B, \dots, B]$, $O = [C; CA; \dots; CA^{L-1}]$ and $K$ block Toeplitz with $D$ and $CA^{j-1}B$. A
length that is no multiple of $L$ ends with the leading blocks of the same operators. The powers are formed
from the stored poles in more than the working precision (`ssmctl.scan.powers`), and what $A^L$ lost in
rounding is kept: near the unit circle a lifted run is *more* accurate than one step at a time. Stacking is
an isometry: the lifted system has the same l2 gain and storage functions. Derivatives are those of the
products; the recurrence over chunks brings its own.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from ssmctl.scan.forms import Form
from ssmctl.scan.monoid import STRUCTURES
from ssmctl.scan.powers import as_blocks, block_powers, dense_power, mode_powers
from ssmctl.scan.primitive import _Spec, states, tangent

__all__ = ["Chunks", "Operators", "advance", "chunked_states", "cut", "lift", "operators", "outputs"]


def matmul(a: Any, b: Any) -> Any:
    """Multiply without TF32 or bfloat16 passes."""
    return jnp.matmul(a, b, precision="highest")


class Operators(NamedTuple):
    """The lifted system, transposed for row vectors, and what its shorter chunks need.

    `step`: $A^L$, dense, or for blocks the pair `hi`, `lo`, each (2, 2, N). `R` (L m, S), `O` (S, L p),
    `K` (L m, L p).
    """

    step: Any
    R: Any
    O: Any
    K: Any


def operators(form: Form, block: int, rest: int = 0) -> tuple[Operators, Any]:
    """Form the operators of chunks of `block` steps, and the multiplier of `rest` of them.

    **Arguments:** `form` with constant coefficients; `block` >= 1, 0 <= `rest` < `block`, static.
    **Returns:** `Operators`, and $A^{rest}$. **Guarantee:** none, floating point.
    **Cost:** $O(L S (m + p) + L^2 m p)$ for blocks, $S^2$ in place of $S$ for a dense matrix.
    """
    L, (p, S) = block, form.C.shape
    m, shift = form.B.shape[1], int(form.post)
    if form.structure == "dense":
        reach, seen = _dense_rows(form, L)
        step, last = dense_power(form.a, L), dense_power(form.a, rest)
    else:
        if form.lam is None:
            powers, lost = block_powers(form.a, L)
        else:
            powers, lost = (as_blocks(z) for z in mode_powers(form.lam, L))
        step, last = (powers[L], lost), powers[rest]
        B, C = form.B.T.reshape(m, 2, -1), form.C.reshape(p, 2, -1)
        column = lambda i: powers[:L, None, :, i]  # (L, 1, 2, N)
        reach = column(0) * B[None, :, :1] + column(1) * B[None, :, 1:]  # A^k B, (L, m, 2, N)
        row = lambda i: powers[shift : L + shift, None, i]
        seen = row(0) * C[None, :, :1] + row(1) * C[None, :, 1:]  # C A^k, (L, p, 2, N)
    R = reach[::-1].reshape(L * m, S)
    O = seen.reshape(L * p, S)
    if form.post:
        response = matmul(form.C, reach.reshape(L * m, S).T).reshape(p, L, m).transpose(1, 0, 2)
        kernel = response.at[0].add(form.D)
    else:
        response = matmul(O, form.B).reshape(L, p, m)
        kernel = jnp.concatenate([form.D[None], response[:-1]])
    return Operators(step, R, O.T, toeplitz(kernel)), last


def toeplitz(kernel: Any) -> Any:
    """Spread an impulse response (L, p, m) into the matrix (L m, L p) that convolves rows with it."""
    L, p, m = kernel.shape
    ring = jnp.concatenate([kernel, jnp.zeros_like(kernel)]).transpose(2, 1, 0)  # (m, p, 2L)
    rows = jnp.broadcast_to(ring[:, :, None], (m, p, L, 2 * L)).reshape(m, p, 2 * L * L)
    rows = rows[..., : L * (2 * L - 1)].reshape(m, p, L, 2 * L - 1)[..., :L]  # row j is turned by j
    return rows.transpose(2, 0, 3, 1).reshape(L * m, L * p)


def _dense_rows(form: Form, L: int) -> tuple[Any, Any]:
    """Return $A^k B$ as (L, m, S) and $C A^k$ as (L, p, S) by doubling."""
    reach, seen = form.B.T[None], (matmul(form.C, form.a) if form.post else form.C)[None]
    power = form.a
    while len(reach) < L:
        more = min(len(reach), L - len(reach))
        reach = jnp.concatenate([reach, matmul(reach[:more], power.T)])
        seen = jnp.concatenate([seen, matmul(seen[:more], power)])
        power = matmul(power, power) if len(reach) < L else power
    return reach, seen


@jax.custom_jvp
def _joined(hi: Any, lo: Any, drive: Any, start: Any) -> Any:
    """Run $z_c = (hi + lo) z_{c-1} + b_c$ over planar blocks: the small products join before the large one.

    Added to the large product first, `lo z` would be rounded away. Derivatives are those of `hi` alone.
    """
    move = STRUCTURES["block"].apply

    def body(c: Any, run: Any) -> Any:
        z, out = run
        z = move(hi, z) + (move(lo, z) + lax.dynamic_index_in_dim(out, c, keepdims=False))
        return z, lax.dynamic_update_index_in_dim(out, z, c, 0)

    return lax.fori_loop(0, len(drive), body, (start, drive))[1]


@_joined.defjvp
def _(primals: Any, tangents: Any) -> Any:
    (hi, _, _, start), (dhi, _, ddrive, dstart) = primals, tangents
    z = _joined(*primals)
    return z, tangent.bind(hi, z, start, dhi, ddrive, dstart, spec=_Spec("block", False, False))[0]


def carry(form: Form, step: Any, drive: Any, start: Any) -> tuple[Any, Any]:
    """Run the chunks: states at their starts (c, S), and the state after the last, (S,).

    **Arguments:** `step`, the multiplier of `Operators`; `drive` (c, S) = $R U_c$; `start` (S,).
    **Guarantee:** none, floating point. **Cost:** a loop of as many steps as there are chunks.
    """
    drive, start = form.shaped(drive), form.shaped(start)
    after = states(step, drive, start, "dense") if form.structure == "dense" else _joined(*step, drive, start)
    whole = jnp.concatenate([start[None], after])
    return form.flat(whole[:-1]), form.flat(whole[-1])


def apply(form: Form, step: Any, s: Any) -> Any:
    """Advance one flat state by a multiplier of the form's structure."""
    if form.structure == "dense":
        return matmul(step, s)
    z = form.shaped(s)
    return form.flat(step[:, 0] * z[:1] + step[:, 1] * z[1:])


class Chunks(NamedTuple):
    """An input cut into chunks, `U` (c, L m) and `rest` (r m,), with the operators that go with it."""

    operators: Operators
    last: Any
    U: Any
    rest: Any


def cut(form: Form, v: Any, block: int) -> Chunks:
    """Cut `v` (T, m) into chunks of `block` <= T steps and form their operators."""
    (T, m), L = v.shape, block
    chunks, rest = divmod(T, L)
    made, last = operators(form, L, rest)
    return Chunks(made, last, v[: chunks * L].reshape(chunks, L * m), v[chunks * L :].reshape(rest * m))


def advance(form: Form, chunks: Chunks, start: Any) -> tuple[Any, Any, Any]:
    """Return the states at the starts of the whole chunks (c, S), after them (S,), and at the end (S,)."""
    step, R, _, _ = chunks.operators
    X, middle = carry(form, step, matmul(chunks.U, R), start)
    if not len(chunks.rest):
        return X, middle, middle
    driven = matmul(chunks.rest, R[len(R) - len(chunks.rest) :])
    return X, middle, apply(form, chunks.last, middle) + driven


def outputs(form: Form, chunks: Chunks, X: Any, middle: Any) -> Any:
    """Return the outputs (T, p) from the states at the starts of the chunks."""
    _, _, O, K = chunks.operators
    p, m = form.D.shape
    y = (matmul(chunks.U, K) + matmul(X, O)).reshape(-1, p)
    size = len(chunks.rest)
    if not size:
        return y
    width = size // m * p
    more = matmul(chunks.rest, K[:size, :width]) + matmul(middle, O[:, :width])
    return jnp.concatenate([y, more.reshape(-1, p)])


def lift(form: Form, v: Any, start: Any, block: int) -> tuple[Any, Any, Any]:
    r"""Run a system by chunks: outputs without states.

    **Arguments:** `v` (T, m) real inputs, `start` (S,), `block` steps in a chunk, at most T.
    **Returns:** outputs (T, p), the last state (S,), and the states at the starts of whole chunks, (c, S).
    **Guarantee:** none, floating point.
    **Cost:** $2 T L m p + 2 T S (m + p)$ operations in matrix products, $T S / L$ in a loop. Memory beside
    input and output: $S T / L$ and the operators. Backward about twice as much.
    """
    chunks = cut(form, v, block)
    X, middle, end = advance(form, chunks, start)
    return outputs(form, chunks, X, middle), end, X


def chunked_states(form: Form, b: Any, X: Any, block: int) -> Any:
    """Expand the states $x_0, \\dots, x_{T-1}$ from those at the starts of the chunks, side by side.

    **Arguments:** `b` (T, S) the drive of each step, `X` (c, S) the starts.
    **Returns:** (T, S). **Guarantee:** none. **Cost:** `block` steps of width c S.
    """
    chunks = len(X)

    def run(drive: Any, x: Any) -> Any:
        if not len(drive):
            return drive
        return form.flat(states(form.a, form.shaped(drive), form.shaped(x), form.structure))

    inside = jax.vmap(run)(b[: chunks * block].reshape(chunks, block, -1)[:, :-1], X)
    whole = jnp.concatenate([X[:, None], inside], 1).reshape(chunks * block, -1)
    return jnp.concatenate([whole, run(b[chunks * block - 1 : -1], whole[-1])])
