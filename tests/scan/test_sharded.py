"""Time over devices: four host devices in one other process, and two processes under `jax.distributed`."""

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

from ssmctl.errors import InputError
from ssmctl.scan.schedule import Sequential, Sharded
from ssmctl.scan.simulate import simulate

SCRIPT = Path(__file__).with_name("on_devices.py")
ROOT = Path(__file__).parents[2]


def start(arguments, devices):
    """Start the script with so many host devices."""
    flags = f"--xla_force_host_platform_device_count={devices}"
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags, "PYTHONPATH": path}
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process):
    """Wait for a process, and show what it said if it failed."""
    try:
        out, err = process.communicate(timeout=500)
    finally:
        process.kill()
    assert process.returncode == 0, err
    return out


def script():
    """The script as a module, for the systems in it."""
    spec = importlib.util.spec_from_file_location("on_devices", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("how", ["some", pytest.param("everything", marks=pytest.mark.slow)])
def test_four_host_devices(how):
    assert "sharded runs agree" in finish(start([how], 4))


def test_one_device_and_bad_meshes():
    mesh = jax.make_mesh((1,), ("time",), axis_types=(jax.sharding.AxisType.Auto,), devices=jax.devices()[:1])
    system = script().systems()["modal"]
    u = np.random.default_rng(2).normal(size=(6, 2))
    got, wanted = (simulate(system, u, schedule=s) for s in (Sharded(mesh, "time"), Sequential()))
    np.testing.assert_allclose(got[0], wanted[0], rtol=1e-12, atol=1e-12)
    with pytest.raises(InputError, match="axis"):
        Sharded(mesh, "space")
    with pytest.raises(InputError, match="outputs only"):
        simulate(system, u, schedule=Sharded(mesh, "time"), return_states=True)


@pytest.mark.slow
def test_two_processes(tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    file = tmp_path / "out.npz"
    parts = [start(["part", index, 2, port, file], 2) for index in range(2)]
    for process in parts:
        finish(process)
    found = np.load(file)
    assert found["u"].shape == (32, 2)
    for name, system in script().systems().items():
        y, x_last = simulate(system, found["u"], schedule=Sequential())
        np.testing.assert_allclose(found[f"{name}_y"], y, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(found[f"{name}_x"], x_last, rtol=1e-11, atol=1e-11)
