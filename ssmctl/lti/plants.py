r"""Three classic plants by name: an aircraft, a motor and a flexible structure, in continuous time.

| name | states | inputs | outputs | known facts |
|---|---|---|---|---|
| `aircraft` | sideslip [rad], yaw rate [rad/s], roll rate [rad/s], bank angle [rad] | rudder, aileron [rad] | yaw rate [rad/s], bank angle [rad] | Dutch roll $-0.0329 \pm 0.9467i$, roll $-0.5627$, spiral $-0.0073$ |
| `dc-motor` | speed [rad/s], current [A] | voltage [V] | speed [rad/s] | poles $-9.9975$, $-2.0025$; gain $K/(Rb + K^2) = 10/100.1$ at rest, which is also the largest |
| `flexible-structure` | displacements [m] and velocities [m/s] of three masses | forces on masses 1 and 3 [N] | their velocities [m/s] | $\omega_k = 2\sqrt3 \sin\frac{(2k-1)\pi}{14}$, damping ratio $\omega_k/200$; passive, stored energy $\frac12(\dot q^\top \dot q + q^\top K q)$ |

Sources.
`aircraft`: Boeing 747, lateral motion in cruise at Mach 0.8 and 40 000 ft, with both control surfaces:
G. F. Franklin, J. D. Powell and A. Emami-Naeini, *Feedback Control of Dynamic Systems*, chapter on control
design case studies (the rudder column); the yaw damper demonstration of MATLAB's Control System Toolbox
(rudder and aileron). Typed as printed.
`dc-motor`: *Control Tutorials for MATLAB and Simulink* (University of Michigan), "DC Motor Speed":
$J = 0.01$ kg m², $b = 0.1$ N m s, $K = 0.01$ V s/rad = N m/A, $R = 1$ Ω, $L = 0.5$ H; the matrices are derived
from these in floating point when they are loaded.
`flexible-structure`: the textbook chain wall, spring, mass, spring, mass, spring, mass, $\ddot q + 0.01 K \dot q + K q = f$, with unit
masses, springs of 3 N/m and light damping proportional to stiffness, as the "simple flexible system" of W. Gawronski,
*Advanced Structural Dynamics and Active Control of Structures*, Springer 2004; the choice of two
forces with collocated rate sensors is ours.

The poles are rounded facts for readers; a certificate proves its own. Nothing here is trusted.
"""  # noqa: E501

from typing import TYPE_CHECKING, Any

import numpy as np

from ssmctl.certificates.subject import StateSpaceSubject
from ssmctl.errors import InputError

if TYPE_CHECKING:
    from ssmctl.lti.system import StateSpace

__all__ = ["plant", "plant_names", "plant_subject"]


def plant(name: str) -> "StateSpace":
    """Return a classic plant, in continuous time and with named signals; all three are Hurwitz.

    **Arguments:** `name`: one of `plant_names()`; the module's docstring has units and sources.
    **Returns:** a `StateSpace` with `dt=0`. **Raises:** `InputError` for another name.

    **Guarantee:** the same bits on every machine. **Cost:** none.

    >>> plant("dc-motor")
    StateSpace(A=f64[2,2], B=f64[2,1], C=f64[1,2], D=f64[1,1], dt=0.0, name='dc-motor')
    """
    from ssmctl.lti.system import StateSpace

    (A, B, C), (states, inputs, outputs) = _find(name)
    names = {"state_names": states, "input_names": inputs, "output_names": outputs}
    return StateSpace(A, B, C, dt=0, name=name, **names)


def plant_subject(name: str) -> StateSpaceSubject:
    """Return the numbers of a classic plant as the subject of a claim, without loading JAX.

    **Arguments, Raises:** as `plant`. **Guarantee:** equal to `plant(name).subject()`. **Cost:** none.

    >>> plant_subject("dc-motor").n
    2
    """
    (A, B, C), (_, inputs, outputs) = _find(name)
    return StateSpaceSubject(A, B, C, np.zeros((len(outputs), len(inputs))), 0.0)


def plant_names() -> tuple[str, ...]:
    """Return the names that `plant` knows. **Cost:** none.

    >>> plant_names()
    ('aircraft', 'dc-motor', 'flexible-structure')
    """
    return tuple(_PLANTS)


def _find(name: str) -> tuple[Any, Any]:
    if name not in _PLANTS:
        raise InputError(f"no plant is called {name!r}; choose one of: {', '.join(plant_names())}")
    matrices, *names = _PLANTS[name]
    return matrices(), names


def _aircraft() -> tuple[Any, Any, Any]:
    A = [
        [-0.0558, -0.9968, 0.0802, 0.0415],
        [0.598, -0.115, -0.0318, 0.0],
        [-3.05, 0.388, -0.465, 0.0],
        [0.0, 0.0805, 1.0, 0.0],
    ]
    B = [[0.00729, 0.0], [-0.475, 0.00775], [0.153, 0.143], [0.0, 0.0]]
    C = [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    return A, B, C


def _dc_motor() -> tuple[Any, Any, Any]:
    J, b, K, R, L = 0.01, 0.1, 0.01, 1.0, 0.5
    return [[-b / J, K / J], [-K / L, -R / L]], [[0.0], [1.0 / L]], [[1.0, 0.0]]


def _flexible_structure() -> tuple[Any, Any, Any]:
    chain = np.array([[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 1.0]])
    zero = np.zeros(
        (3, 3)
    )  # damping 0.03 * chain keeps its entries in exact proportion, so it stays definite
    A = np.block([[zero, np.eye(3)], [-3.0 * chain, -0.03 * chain]])
    B = np.vstack([np.zeros((3, 2)), np.eye(3)[:, [0, 2]]])
    return A, B, B.T


_PLANTS: dict[str, Any] = {  # name: matrices, names of states, inputs and outputs
    "aircraft": (
        _aircraft,
        ("sideslip", "yaw rate", "roll rate", "bank angle"),
        ("rudder", "aileron"),
        ("yaw rate", "bank angle"),
    ),
    "dc-motor": (_dc_motor, ("speed", "current"), ("voltage",), ("speed",)),
    "flexible-structure": (
        _flexible_structure,
        ("q1", "q2", "q3", "v1", "v2", "v3"),
        ("force 1", "force 3"),
        ("velocity 1", "velocity 3"),
    ),
}
