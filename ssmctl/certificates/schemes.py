r"""The oscillator schemes: a step of $\ddot y + G \dot y + A y = f$ as $x_{k+1} = (m x_k + \varphi f_k)/q$.

The state is $x = (\dot y, y)$. Each scheme is a function `(A, G, h, one) -> (q, m, f)` of stiffness, damping
and step in plain `+ - *`, so that fractions, NumPy and JAX all run the same lines: `q` the common divisor,
`m` the four entries of the step matrix by rows, `f` the two of the forcing vector. They live in `exact`, the
file that is checked alone. `"zoh"`, a matrix exponential, is not among `SCHEMES`.
"""

from ssmctl.certificates.exact import SCHEMES

__all__ = ["FORCING", "NAMES", "SCHEMES"]

NAMES = ("im", "imex", "imex2", "imex3", "euler", "tustin", "zoh", "verlet")
FORCING = {  # which value of the force f a step takes
    "im": "the force of the new sample",
    "imex": "the force of the new sample",
    "imex2": "the force of the new sample",
    "imex3": "the force of the new sample",
    "euler": "the force of the new sample",
    "tustin": "the mean of the force over the step",
    "zoh": "the force held over the step",
    "verlet": "the force held over the step",
}
