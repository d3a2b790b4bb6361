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

from collections.abc import Callable

import numpy as np

from ssmctl.errors import InputError
from ssmctl.lti.system import StateSpace

__all__ = ["plant", "plant_names"]


def plant(name: str) -> StateSpace:
    """Return a classic plant, in continuous time and with named signals; all three are Hurwitz.

    **Arguments:** `name`: one of `plant_names()`; the module's docstring has units and sources.
    **Returns:** a `StateSpace` with `dt=0`. **Raises:** `InputError` for another name.

    **Guarantee:** the same bits on every machine. **Cost:** none.

    >>> plant("dc-motor")
    StateSpace(A=f64[2,2], B=f64[2,1], C=f64[1,2], D=f64[1,1], dt=0.0, name='dc-motor')
    """
    if name not in _PLANTS:
        raise InputError(f"no plant is called {name!r}; choose one of: {', '.join(plant_names())}")
    return _PLANTS[name]()


def plant_names() -> tuple[str, ...]:
    """Return the names that `plant` knows. **Cost:** none.

    >>> plant_names()
    ('aircraft', 'dc-motor', 'flexible-structure')
    """
    return tuple(_PLANTS)


def _aircraft() -> StateSpace:
    A = [
        [-0.0558, -0.9968, 0.0802, 0.0415],
        [0.598, -0.115, -0.0318, 0.0],
        [-3.05, 0.388, -0.465, 0.0],
        [0.0, 0.0805, 1.0, 0.0],
    ]
    B = [[0.00729, 0.0], [-0.475, 0.00775], [0.153, 0.143], [0.0, 0.0]]
    C = [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    return StateSpace(
        *(A, B, C),
        dt=0,
        name="aircraft",
        state_names=("sideslip", "yaw rate", "roll rate", "bank angle"),
        input_names=("rudder", "aileron"),
        output_names=("yaw rate", "bank angle"),
    )


def _dc_motor() -> StateSpace:
    J, b, K, R, L = 0.01, 0.1, 0.01, 1.0, 0.5
    return StateSpace(
        *([[-b / J, K / J], [-K / L, -R / L]], [[0.0], [1.0 / L]], [[1.0, 0.0]]),
        dt=0,
        name="dc-motor",
        state_names=("speed", "current"),
        input_names=("voltage",),
        output_names=("speed",),
    )


def _flexible_structure() -> StateSpace:
    chain = np.array([[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 1.0]])
    forces = np.eye(3)[:, [0, 2]]
    zero = np.zeros(
        (3, 3)
    )  # damping 0.03 * chain keeps its entries in exact proportion, so it stays definite
    A = np.block([[zero, np.eye(3)], [-3.0 * chain, -0.03 * chain]])
    B = np.vstack([np.zeros((3, 2)), forces])
    return StateSpace(
        *(A, B, B.T),
        dt=0,
        name="flexible-structure",
        state_names=("q1", "q2", "q3", "v1", "v2", "v3"),
        input_names=("force 1", "force 3"),
        output_names=("velocity 1", "velocity 3"),
    )


_PLANTS: dict[str, Callable[[], StateSpace]] = {
    "aircraft": _aircraft,
    "dc-motor": _dc_motor,
    "flexible-structure": _flexible_structure,
}
