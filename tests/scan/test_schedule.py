"""Schedules: data that can be hashed, compared and passed as static; bad ones are refused."""

from typing import get_args

import jax
import numpy as np
import pytest

from ssmctl.errors import InputError
from ssmctl.scan.monoid import StructureName
from ssmctl.scan.schedule import (
    Associative,
    Convolution,
    Lifted,
    Sequential,
    Sharded,
    default_block,
    default_schedule,
)

MESH = jax.sharding.Mesh(np.array(jax.devices()[:1]), ("time",))
ALL = (Sequential(), Associative(), Lifted(), Lifted(8), Convolution(), Sharded(MESH, "time"))


def test_schedules_are_static():
    assert len(set(ALL)) == len(ALL)
    assert len({Lifted(8), Lifted(8), Sharded(MESH, "time"), Sharded(MESH, "time", None)}) == 2
    assert repr(Lifted(8)) == "Lifted(block=8)"
    f = jax.jit(lambda x, schedule: x + (schedule.block or 0), static_argnums=1)
    assert [f(1.0, Lifted(8)), f(1.0, Lifted())] == [9, 1]


@pytest.mark.parametrize("block", [0, -1, 2.0, True, "8"])
def test_bad_blocks_are_refused(block):
    for make in (Lifted, lambda block: Sharded(MESH, "time", block)):
        with pytest.raises(InputError, match="integer > 0"):
            make(block)


def test_bad_meshes_are_refused():
    with pytest.raises(InputError, match="got 'space'"):
        Sharded(MESH, "space")
    with pytest.raises(InputError, match=r"must be a jax\.sharding\.Mesh, got list"):
        Sharded(jax.devices(), "time")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("n", [0, 1, 8, 256, 10**6])
@pytest.mark.parametrize("channels", [0, 1, 8, 64])
@pytest.mark.parametrize("T", [0, 1, 3, 10**6])
def test_default_block(n, channels, T):
    block = default_block(n, channels, channels, T)
    assert 1 <= block <= 64
    assert block == max(T, 1) or (4 <= block <= T and block & (block - 1) == 0)


def test_default_block_follows_the_rule():
    blocks = [default_block(n, m, m, 10**6) for n, m in ((1, 1), (4, 1), (64, 1), (64, 8), (256, 64))]
    assert blocks == [16, 32, 64, 16, 4]


@pytest.mark.parametrize(
    ("wanted", "varying", "cpu", "gpu"),
    [
        ("output", False, Lifted(64), Lifted(64)),
        ("output", True, Sequential(), Associative()),
        ("states", False, Sequential(), Associative()),
        ("states", True, Sequential(), Associative()),
    ],
)
def test_defaults(wanted, varying, cpu, gpu):
    for structure in get_args(StructureName):
        choose = lambda backend, s=structure: default_schedule(wanted, s, varying, backend, 256, 1, 1, 4096)
        assert (choose("cpu"), choose("gpu"), choose("tpu")) == (cpu, gpu, gpu)


@pytest.mark.parametrize(
    ("n", "channels", "T", "lifted"),
    [
        (64, 8, 511, False),
        (64, 8, 512, True),
        (8, 1, 2047, False),
        (8, 1, 2048, True),
        (64, 64, 10**6, False),
    ],
)
def test_short_or_wide_runs_are_sequential_on_a_cpu(n, channels, T, lifted):
    choose = lambda backend: default_schedule("output", "block", False, backend, n, channels, channels, T)
    block = Lifted(default_block(n, channels, channels, T))
    assert choose("cpu") == (block if lifted else Sequential())
    assert choose("gpu") == block
