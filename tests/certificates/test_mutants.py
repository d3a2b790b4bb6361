"""Whoever breaks the checker is noticed: at least 95 % of its mutants are killed."""

import itertools

import pytest

from ssmctl.certificates import exact, rounded
from tests.certificates.cases import Cases
from tests.certificates.mutants import FILES, fate, mutants, run, table


def test_cases_and_a_sample():
    """The checker passes all cases, and every 150th mutant dies or is known to be equivalent."""
    cases, killed = Cases(), []
    assert cases.killer("exact", exact) is None
    assert cases.killer("rounded", rounded) is None
    for which in FILES:
        for _, _, _, code in itertools.islice(mutants(which, 3, 150), 8):
            killed.append(fate(which, code, cases) is not None)
    assert sum(killed) >= 0.8 * len(killed) > 8


@pytest.mark.slow
def test_mutants_die(capsys):
    text, share = table(run())
    with capsys.disabled():
        print("\n" + text)
    assert share >= 0.95
