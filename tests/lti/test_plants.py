"""The classics are what their sources print: poles, a gain in closed form, an energy."""

import numpy as np
import pytest

from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.claim import Passive
from ssmctl.certificates.verify import verify
from ssmctl.certificates.witness import Witness
from ssmctl.errors import InputError
from ssmctl.lti.plants import plant, plant_names, plant_subject


@pytest.mark.parametrize("name", plant_names())
def test_ready_to_certify(name):
    G = plant(name)
    assert G.name == name
    assert G.dt == 0
    assert G.poles().real.max() < 0
    assert G.subject() == plant_subject(name)
    assert None not in (G.input_names, G.output_names, G.state_names)


def test_aircraft():
    poles = sorted(plant("aircraft").poles(), key=lambda z: (z.real, z.imag))
    np.testing.assert_allclose(poles, [-0.5627, -0.0329 - 0.9467j, -0.0329 + 0.9467j, -0.0073], atol=1e-4)


def test_dc_motor():
    G = plant("dc-motor")
    np.testing.assert_allclose(sorted(G.poles().real), [-9.9975, -2.0025], atol=5e-5)
    at_rest = G.D - G.C @ np.linalg.solve(G.A, G.B)
    np.testing.assert_allclose(at_rest, 10 / 100.1, rtol=1e-14)


def test_flexible_structure():
    G = plant("flexible-structure")
    omega = 2 * np.sqrt(3) * np.sin((2 * np.arange(1, 4) - 1) * np.pi / 14)
    np.testing.assert_allclose(omega, [0.7708, 2.1598, 3.1210], atol=5e-5)
    poles = sorted(G.poles()[G.poles().imag > 0], key=lambda z: z.imag)
    np.testing.assert_allclose(np.abs(poles), omega, rtol=1e-12)
    np.testing.assert_allclose(-np.real(poles), omega**2 / 200, rtol=1e-10)
    P = np.eye(6)
    P[:3, :3] = -G.A[3:, :3]  # stored energy: passive without any loss through the ports
    np.testing.assert_array_equal(P @ G.B, G.C.T)
    passive = Certificate(Passive(), G.subject(), Witness(P=P))  # 2 y'u is the rate of x'Px, less the losses
    assert verify(passive, subject=G, level="exact").holds


def test_another_name():
    with pytest.raises(InputError, match="no plant is called 'pendulum'; choose one of: aircraft"):
        plant("pendulum")
