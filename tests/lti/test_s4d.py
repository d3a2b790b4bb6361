"""S4D layers and oscillators: the same kernels, by another road; what the conversion needs and what fails."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from ssmctl.errors import InputError
from ssmctl.lti.discretize import discretize, undiscretize
from ssmctl.lti.oscillator import Oscillator
from ssmctl.lti.s4d import modal_from_oscillator, oscillator_from_modal
from ssmctl.lti.system import Modal

RNG = np.random.default_rng(0)
complexes = lambda *shape: RNG.normal(size=shape) + 1j * RNG.normal(size=shape)
LAM = -np.exp(RNG.normal(size=5)) + 1j * np.array([0.5, -2.0, 3.0, 7.0, -0.1])
DT = 0.1


def green(system, T):
    """Impulse response by the oscillator's own steps, (T, p, m)."""
    responses = []
    for impulse in np.eye(system.ninputs):
        x, column = np.zeros(system.nstates, system.B.dtype), []
        for k in range(T):
            x, y = system.step(x, impulse * (k == 0))
            column.append(y)
        responses.append(column)
    return np.moveaxis(np.array(responses), 0, -1)


def kernel(lam, B, C, dt, T):
    """What S4D computes with real parts not doubled: K_n = Re[C (e^{λ dt} - 1)/λ e^{λ dt n} B], (T, p, m)."""
    beta = (np.exp(lam * dt) - 1) / lam
    powers = np.exp(lam * dt)[None, :] ** np.arange(T)[:, None]
    return np.einsum("pi,ti,im->tpm", C, powers * beta, B).real


@pytest.mark.parametrize("m", [1, 2])
@pytest.mark.parametrize("real", [True, False])
def test_kernel_is_the_greens_function(m, real):
    B, C = complexes(5, m), complexes(2, 5)
    B = B.real if real else B
    layer = oscillator_from_modal(Modal(LAM, B, C, dt=0), DT, output="post")
    assert np.iscomplexobj(layer.B) == (m == 2 and not real)
    np.testing.assert_allclose(layer.natural_frequency, np.abs(LAM), rtol=1e-15)
    np.testing.assert_allclose(layer.damping, -2 * LAM.real, rtol=1e-15)
    np.testing.assert_allclose(green(layer, 60), kernel(LAM, B, C, DT, 60), rtol=1e-12, atol=1e-13)


def test_conjugate_pairs_are_doubled():
    B, C = np.ones((5, 1)), complexes(1, 5)
    layer = oscillator_from_modal(Modal.from_conjugate_pairs(LAM, B, C, dt=0), DT, output="post")
    np.testing.assert_allclose(green(layer, 20), 2 * kernel(LAM, B, C, DT, 20), rtol=1e-12, atol=1e-13)
    cb = C[0]
    np.testing.assert_allclose(layer.readouts["velocity"][0], 2 * cb.real, rtol=1e-15)
    np.testing.assert_allclose(layer.readouts["position"][0], -2 * (cb * LAM.conj()).real, rtol=1e-13)


def test_there_and_back():
    system = Modal(LAM, RNG.normal(size=(5, 2)), complexes(3, 5), RNG.normal(size=(3, 2)), dt=0, name="layer")
    back = modal_from_oscillator(oscillator_from_modal(system, DT))
    flip = (
        np.imag(system.lam) < 0
    )  # the pole above the real axis is returned: the other of the pair, conjugated
    np.testing.assert_allclose(back.lam, np.where(flip, LAM.conj(), LAM), rtol=1e-14)
    np.testing.assert_allclose(back.C, np.where(flip, system.C.conj(), system.C), rtol=1e-12)
    np.testing.assert_array_equal(np.imag(back.B), 0)
    np.testing.assert_array_equal(back.D, system.D)
    assert back.name == "layer"
    first = Oscillator(
        [4.0, 9.0], [0.5, -1.0], DT, "zoh", B=RNG.normal(size=(2, 2)), C=RNG.normal(size=(1, 2))
    )
    again = oscillator_from_modal(modal_from_oscillator(first), DT)
    for key in ("stiffness", "damping", "B", "position"):
        np.testing.assert_allclose(getattr(again, key), getattr(first, key), rtol=1e-13)
    np.testing.assert_allclose(again.readouts["velocity"], 0, atol=1e-15)


@pytest.mark.parametrize("forces", ["real", "complex"])
def test_back_under_zoh_has_the_same_samples(forces):
    draw = complexes if forces == "complex" else lambda *shape: RNG.normal(size=shape)
    C = {"velocity": draw(2, 3), "position": draw(2, 3)}
    system = Oscillator([1.0, 4.0, 30.0], [0.1, 3.9, 0.0], DT, "zoh", B=draw(3, 2), C=C, D=np.ones((2, 2)))
    modal = modal_from_oscillator(system)
    assert modal.nstates == (6 if forces == "complex" else 3)
    sampled = discretize(modal, DT).to_statespace()
    impulse, A = [sampled.D], sampled.B
    for _ in range(39):
        impulse.append(sampled.C @ A)
        A = sampled.A @ A
    np.testing.assert_allclose(green(system, 40), impulse, rtol=1e-11, atol=1e-13)


def test_position_alone_will_not_do():
    """One real oscillator read at its position has no velocity term: it fits only if Re(cb) = 0."""
    lam = np.array([-0.3 + 2j])
    for c, fits in ((1j, True), (1 + 1j, False)):
        K = kernel(lam, np.ones((1, 1)), np.array([[c]]), DT, 50)[:, 0, 0]
        one = Oscillator(np.abs(lam) ** 2, -2 * np.real(lam), DT, "zoh", B=[[1]], C=[[1]], output="post")
        G = green(one, 50)[:, 0, 0]
        best = G * (G @ K) / (G @ G)
        assert (np.linalg.norm(K - best) < 1e-12 * np.linalg.norm(K)) == fits


def test_the_kernel_is_no_bare_exponential():
    """exp(λ dt n) leaves out B, C, (e^{λ dt} - 1)/λ and the real part."""
    lam = LAM[:1]
    K = kernel(lam, np.ones((1, 1)), np.ones((1, 1)), DT, 30)[:, 0, 0]
    bare = np.real(np.exp(lam * DT * np.arange(30)))
    assert np.linalg.norm(K - bare) > 0.5 * np.linalg.norm(bare)
    assert np.linalg.norm(K - DT * bare) > 1e-3 * np.linalg.norm(K)


def test_exact_for_held_inputs_only():
    lam, T = np.array([-0.3 + 2j]), 40
    K = kernel(lam, np.ones((1, 1)), np.ones((1, 1)), DT, T)
    for scheme in ("im", "imex", "tustin"):
        layer = oscillator_from_modal(Modal(lam, [[1]], [[1]], dt=0), DT, scheme, output="post")
        assert np.abs(green(layer, T) - K).max() > 1e-3 * np.abs(K).max()


def test_aliases():
    alias = LAM + 2j * np.pi / DT
    np.testing.assert_allclose(np.exp(alias * DT), np.exp(LAM * DT), rtol=1e-12)
    slow, fast = (
        oscillator_from_modal(Modal(lam, np.ones((5, 1)), np.ones((1, 5)), dt=0), DT) for lam in (LAM, alias)
    )
    np.testing.assert_allclose(
        slow.poles().reshape(2, -1).sum(0), fast.poles().reshape(2, -1).sum(0), rtol=1e-12
    )
    assert (fast.natural_frequency > 3 * slow.natural_frequency).all()


def test_discrete_layers_come_back_first():
    sampled = discretize(Modal(LAM, np.ones((5, 1)), np.ones((1, 5)), dt=0), DT)
    layer = oscillator_from_modal(undiscretize(sampled), DT, output="pre")
    np.testing.assert_allclose(layer.stiffness, np.abs(LAM) ** 2, rtol=1e-12)
    with pytest.raises(InputError, match="`undiscretize"):
        oscillator_from_modal(sampled, DT)


def test_what_is_refused():
    one = np.ones((1, 1))
    with pytest.raises(InputError, match="a real pole is of first order"):
        oscillator_from_modal(Modal([-1.0], one, one, dt=0), DT)
    with pytest.raises(InputError, match="expected a Modal, got a tuple"):
        oscillator_from_modal((one, one, one, one, 0), DT)  # pyright: ignore[reportArgumentType]
    for damping in (4.0, 5.0):
        with pytest.raises(InputError, match=r"oscillators \[0\] are not underdamped"):
            modal_from_oscillator(Oscillator(4.0, damping, DT, B=one, C=one))
    with pytest.raises(InputError, match="feed the bias as an input"):
        modal_from_oscillator(Oscillator(4.0, 1.0, DT, B=one, C=one, bias=[1.0]))
    with pytest.raises(InputError, match="expected an Oscillator"):
        modal_from_oscillator(Modal([1j], one, one, dt=0))  # pyright: ignore[reportArgumentType]


def test_under_transformations():
    def loss(real, imag):
        system = Modal(jax.lax.complex(real, imag), jnp.ones((2, 1)), jnp.full((1, 2), 1j), dt=0)
        layer = oscillator_from_modal(system, DT)
        assert isinstance(layer.stiffness, jax.Array)
        back = modal_from_oscillator(layer)
        return jnp.sum(jnp.imag(back.lam)) + jnp.sum(layer.step(jnp.ones(4), jnp.ones(1))[0])

    gradients = jax.jit(jax.grad(loss, argnums=(0, 1)))(jnp.array([-0.1, -0.2]), jnp.array([1.0, 2.0]))
    assert all(np.isfinite(g).all() for g in gradients)
    single = Modal(
        jnp.array([-1 + 1j], jnp.complex64),
        jnp.ones((1, 1), jnp.complex64),
        jnp.ones((1, 1), jnp.complex64),
        dt=0,
    )
    layer = oscillator_from_modal(single, DT)
    assert layer.stiffness.dtype == jnp.float32
    assert modal_from_oscillator(layer).lam.dtype == jnp.complex64


# ------------------------------------------------------------------------------- published implementations


def convolve(K, u):
    """y_t = Σ K_j u_{t-j} for one channel."""
    return scipy.linalg.toeplitz(K, np.zeros(len(K))) @ u


def layer_kernel(lam, B, C, dt, T):
    """The kernel of one S4D channel by oscillators; a real pole, first order, keeps its own formula."""
    real = lam.imag == 0
    modal = Modal.from_conjugate_pairs(lam[~real], B[~real, None], C[None, ~real], dt=0)
    K = green(oscillator_from_modal(modal, dt, output="post"), T)
    return (K + 2 * kernel(lam[real], B[real, None], C[None, real], dt, T))[:, 0, 0]


def test_discretax_layer(shared_data):
    with np.load(shared_data / "parity" / "discretax_s4d.npz") as data:
        x, want, C = data["x"], data["y"], data["p_kernel_C"]
        lam = -np.exp(data["p_kernel_log_a_real"]) + 1j * data["p_kernel_A_imag"]
        dt = np.exp(data["p_kernel_log_dt"])
    for h in range(x.shape[1]):
        K = layer_kernel(lam[h], np.ones(8), C[h], dt[h], len(x))
        np.testing.assert_allclose(convolve(K, x[:, h]), want[:, h], rtol=0, atol=1e-13 * np.abs(want).max())


def test_minimal_s4d(shared_data):
    with np.load(shared_data / "parity" / "s4d_minimal_layer_f64.npz") as data:
        lam, dt = -np.exp(data["log_A_real"]) + 1j * data["A_imag"], np.exp(data["log_dt"])
        C, want, u, D, pre = data["C_real"] @ [1, 1j], data["K"], data["u"], data["D"], data["pre"]
    for h, reference in enumerate(want):
        K = layer_kernel(lam[h], np.ones(8), C[h], dt[h], len(reference))
        np.testing.assert_allclose(K, reference, rtol=0, atol=1e-13 * np.abs(want).max())
        y = convolve(K, u[0, h]) + D[h] * u[0, h]
        np.testing.assert_allclose(y, pre[0, h], rtol=0, atol=1e-13 * np.abs(pre).max())


def test_s4_in_single_precision(shared_data):
    with np.load(shared_data / "parity" / "s4diag_zoh_diag-lin.npz") as data:
        lam, dt, B, C, want = (data[key] for key in ("A", "dt", "B", "C", "K"))
    for h, reference in enumerate(want[0]):
        K = layer_kernel(
            lam[h].astype(complex), B[0, h].astype(complex), C[0, h].astype(complex), float(dt[h, 0]), 64
        )
        np.testing.assert_allclose(K, reference, rtol=0, atol=5e-6 * np.abs(want).max())


def test_bilinear_of_s4(shared_data):
    with np.load(shared_data / "parity" / "s4diag_bilinear_diag-inv.npz") as data:
        lam, dt, B, C = (data[key].astype(complex) for key in ("A", "dt", "B", "C"))
        dA, dB, K = data["dA"], data["dB"], data["K"]
    for h in range(3):
        modal = Modal.from_conjugate_pairs(lam[h], B[0, h][:, None], C[0, h][None], dt=0)
        sampled = discretize(modal, dt[h, 0].real, "bilinear_s4")
        np.testing.assert_allclose(sampled.lam, dA[h], rtol=2e-6)
        np.testing.assert_allclose(sampled.B[:, 0], dB[h], rtol=5e-6)
        powers = sampled.lam[None, :] ** np.arange(64)[:, None]
        mine = (powers * sampled.B[:, 0] * sampled.C[0]).sum(1).real
        np.testing.assert_allclose(mine, K[0, h], rtol=0, atol=5e-6 * np.abs(K).max())
