"""Linear matrix inequalities: what the solver offers is repaired, and worth only what the check says."""

import numpy as np
import pytest

from ssmctl.analysis.lmi import bounded_real_lmi, kyp_lmi, qsr_lmi
from ssmctl.certificates.certificate import Certificate
from ssmctl.certificates.check import check
from ssmctl.certificates.claim import Dissipative, L2Gain, Passive
from ssmctl.certificates.exact import Refused
from ssmctl.certificates.subject import ModalSubject, StateSpaceSubject

pytestmark = pytest.mark.sdp

ONE = np.ones((1, 1))
SYSTEMS = {  # name: (subject, l2 gain)
    "discrete": (StateSpaceSubject(ONE / 2, ONE, ONE, 0 * ONE, True), 2.0),
    "continuous": (StateSpaceSubject(-ONE, ONE, ONE, 0 * ONE, 0), 1.0),
    "complex": (StateSpaceSubject(0.5j * ONE, ONE, ONE, 0 * ONE, True), 2.0),
    "modal": (ModalSubject([0.5j], ONE, ONE, 0 * ONE, True), 4 / 3),
    "badly scaled": (
        StateSpaceSubject([[0.5, 0], [0, -0.5]], [[1e6], [0]], [[1e-6, 1.0]], 0 * ONE, True),
        2.0,
    ),
    "static": (StateSpaceSubject(np.zeros((0, 0)), np.zeros((0, 1)), np.zeros((1, 0)), 3 * ONE, True), 3.0),
}
systems = pytest.mark.parametrize("name", SYSTEMS)


def accepted(subject, claim, witness):
    try:
        check(Certificate(claim, subject, witness), "exact")
    except Refused:
        return False
    return True


@systems
def test_bounded_real(name):
    subject, norm = SYSTEMS[name]
    found = bounded_real_lmi(subject)
    assert found is not None
    gamma, witness = found
    assert norm <= gamma <= norm * (1 + 1e-4)
    assert accepted(subject, L2Gain(gamma), witness)
    found = bounded_real_lmi(subject, norm * 1.01)
    assert found is not None
    assert found[0] == norm * 1.01
    assert accepted(subject, L2Gain(found[0]), found[1])
    below = bounded_real_lmi(subject, norm * (1 - 1e-6))
    assert below is None or not accepted(subject, L2Gain(below[0]), below[1])


def test_unstable_has_no_gain():
    subject = StateSpaceSubject(1.1 * ONE, ONE, ONE, 0 * ONE, True)
    for found in (bounded_real_lmi(subject), bounded_real_lmi(subject, 1e3)):
        assert found is None or not accepted(subject, L2Gain(found[0]), found[1])


@pytest.mark.parametrize(
    ("subject", "passive"),
    [
        (StateSpaceSubject(ONE / 2, ONE, ONE, 0.7 * ONE, True), True),
        (StateSpaceSubject(ONE / 2, ONE, ONE, 0.66 * ONE, True), False),
        (StateSpaceSubject(-ONE, ONE, ONE, 0.1 * ONE, 0), True),
        (StateSpaceSubject(-ONE, ONE, -ONE, 0.9 * ONE, 0), False),
    ],
)
def test_passivity(subject, passive):
    witness = kyp_lmi(subject)
    assert (witness is not None and accepted(subject, Passive(), witness)) == passive


@systems
def test_supply_rate(name):
    subject, norm = SYSTEMS[name]
    for factor in (1.001, 0.999):
        Q, S, R = -ONE, 0 * ONE, (factor * norm) ** 2 * ONE
        witness = qsr_lmi(subject, Q, S, R)
        assert (witness is not None and accepted(subject, Dissipative(Q, S, R), witness)) == (factor > 1)
