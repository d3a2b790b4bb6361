"""Whoever breaks the checker is noticed: at least 95 % of its mutants are killed."""

import itertools

import pytest

from ssmctl.certificates import exact, rounded
from tests.certificates.cases import Cases
from tests.certificates.equivalent import EQUIVALENT
from tests.certificates.mutants import FILES, fate, mutants, run, table


def test_cases_and_a_sample():
    """The checker passes all cases, and a few of its mutants do not."""
    cases, fates = Cases(), []
    assert cases.killer("exact", exact) is None
    assert cases.killer("rounded", rounded) is None
    for which in FILES:
        for _, where, change, code in itertools.islice(mutants(which, 3, 150), 8):
            if (which, where, change) not in EQUIVALENT:
                fates.append(fate(which, where, code, cases))
    assert len(fates) > 8
    assert sum(killer is None for killer in fates) <= 1


@pytest.mark.slow
def test_mutants_die(capsys):
    """One mutant in two, always the same ones: some four minutes; the command in `mutants` tries them all."""
    text, share = table(run(share=2))
    with capsys.disabled():
        print("\n" + text)
    assert share >= 0.95
