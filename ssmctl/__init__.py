r"""Verified control theory for linear and structured state-space models.

A *subject* (a system as it is stored) and a *claim* ("l2gain <= 1.5") need a *witness* (a storage
matrix $P$, say). Finding one is untrusted; checking one is a small trusted base, `ssmctl.certificates`,
that proves matrix inequalities such as $P - A^\top P A > 0$ about the stored floats.

    certify -> Certificate -> save        verify -> Verdict: holds, refuted or unknown

This file is the flat public namespace and nothing else. A name is imported on its first use, so
`import ssmctl` loads no JAX, SciPy, cvxpy, python-control or matplotlib.

>>> import ssmctl
>>> str(ssmctl.Schur())
'schur'
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0.dev0"

if TYPE_CHECKING:  # for type checkers and editors; tests/test_imports.py keeps it equal to the table below
    from . import analysis as analysis
    from . import certificates as certificates
    from . import estimate as estimate
    from . import interop as interop
    from . import lti as lti
    from . import plot as plot
    from . import scan as scan
    from . import testing as testing
    from .analysis.certify import certify as certify
    from .analysis.certify import decide as decide
    from .analysis.enclosure import Enclosure as Enclosure
    from .analysis.norms import h2norm as h2norm
    from .analysis.norms import hinfnorm as hinfnorm
    from .analysis.norms import peak_gain as peak_gain
    from .analysis.oscillators import gain_bound as gain_bound
    from .analysis.oscillators import oscillator_gains as oscillator_gains
    from .analysis.regions import stability_region as stability_region
    from .analysis.spectrum import eigenvalues as eigenvalues
    from .analysis.spectrum import spectral_radius as spectral_radius
    from .certificates.certificate import Certificate as Certificate
    from .certificates.claim import Bounded as Bounded
    from .certificates.claim import BoundedForSteps as BoundedForSteps
    from .certificates.claim import Claim as Claim
    from .certificates.claim import Dissipative as Dissipative
    from .certificates.claim import EnergyRatio as EnergyRatio
    from .certificates.claim import EnergyRatioAbove as EnergyRatioAbove
    from .certificates.claim import H2Norm as H2Norm
    from .certificates.claim import H2NormAtLeast as H2NormAtLeast
    from .certificates.claim import Hurwitz as Hurwitz
    from .certificates.claim import InputToStateStable as InputToStateStable
    from .certificates.claim import L2Gain as L2Gain
    from .certificates.claim import L2GainAtLeast as L2GainAtLeast
    from .certificates.claim import Lipschitz as Lipschitz
    from .certificates.claim import NotDissipative as NotDissipative
    from .certificates.claim import NotHurwitz as NotHurwitz
    from .certificates.claim import NotPassive as NotPassive
    from .certificates.claim import NotSchur as NotSchur
    from .certificates.claim import Passive as Passive
    from .certificates.claim import PeakGain as PeakGain
    from .certificates.claim import PeakGainAtLeast as PeakGainAtLeast
    from .certificates.claim import Schur as Schur
    from .certificates.claim import StableForSteps as StableForSteps
    from .certificates.claim import Unbounded as Unbounded
    from .certificates.claim import Unstable as Unstable
    from .certificates.claim import UnstableForSteps as UnstableForSteps
    from .certificates.verify import Verdict as Verdict
    from .certificates.verify import verify as verify
    from .certificates.witness import Witness as Witness
    from .errors import CertificateError as CertificateError
    from .errors import ClaimRefuted as ClaimRefuted
    from .errors import ClaimUndecided as ClaimUndecided
    from .errors import InputError as InputError
    from .errors import SsmctlError as SsmctlError
    from .interop import from_control as from_control
    from .interop import from_scipy as from_scipy
    from .interop import to_control as to_control
    from .interop import to_scipy as to_scipy
    from .lti.conversions import frequency_and_damping as frequency_and_damping
    from .lti.conversions import harmonic_stack as harmonic_stack
    from .lti.conversions import rotation_block as rotation_block
    from .lti.discretize import discretize as discretize
    from .lti.discretize import undiscretize as undiscretize
    from .lti.files import load_system as load_system
    from .lti.files import save_system as save_system
    from .lti.kernel import oscillator_matrices as oscillator_matrices
    from .lti.oscillator import Oscillator as Oscillator
    from .lti.plants import plant as plant
    from .lti.plants import plant_names as plant_names
    from .lti.s4d import modal_from_oscillator as modal_from_oscillator
    from .lti.s4d import oscillator_from_modal as oscillator_from_modal
    from .lti.system import Modal as Modal
    from .lti.system import StateSpace as StateSpace
    from .scan.recurrence import linear_recurrence as linear_recurrence
    from .scan.replay import convergence_window as convergence_window
    from .scan.replay import replay as replay
    from .scan.replay import replay_step as replay_step
    from .scan.responses import forced_response as forced_response
    from .scan.responses import impulse_response as impulse_response
    from .scan.responses import step_response as step_response
    from .scan.simulate import simulate as simulate
else:
    _ROOMS = {  # room: the public names that live in it
        "lti.system": "StateSpace Modal",
        "analysis.oscillators": "gain_bound oscillator_gains",
        "analysis.regions": "stability_region",
        "lti.conversions": "frequency_and_damping harmonic_stack rotation_block",
        "lti.discretize": "discretize undiscretize",
        "lti.kernel": "oscillator_matrices",
        "lti.oscillator": "Oscillator",
        "lti.s4d": "modal_from_oscillator oscillator_from_modal",
        "scan.recurrence": "linear_recurrence",
        "scan.replay": "convergence_window replay replay_step",
        "scan.simulate": "simulate",
        "scan.responses": "forced_response impulse_response step_response",
        "lti.plants": "plant plant_names",
        "lti.files": "load_system save_system",
        "interop": "from_control to_control from_scipy to_scipy",
        "certificates.claim": "Claim Schur NotSchur Hurwitz NotHurwitz Unstable Bounded Unbounded"
        " L2Gain L2GainAtLeast Dissipative NotDissipative Passive NotPassive InputToStateStable"
        " H2Norm H2NormAtLeast PeakGain PeakGainAtLeast Lipschitz"
        " EnergyRatio EnergyRatioAbove StableForSteps BoundedForSteps UnstableForSteps",
        "certificates.witness": "Witness",
        "certificates.certificate": "Certificate",
        "certificates.verify": "Verdict verify",
        "analysis.certify": "certify decide",
        "analysis.enclosure": "Enclosure",
        "analysis.norms": "hinfnorm h2norm peak_gain",
        "analysis.spectrum": "spectral_radius eigenvalues",
        "errors": "SsmctlError InputError CertificateError ClaimRefuted ClaimUndecided",
    }
    _HOME = {name: room for room, names in _ROOMS.items() for name in names.split()}
    _MODULES = ("analysis", "certificates", "estimate", "interop", "lti", "plot", "scan", "testing")

    __all__ = ["__version__", *_HOME, *_MODULES]

    def __getattr__(name):
        if name in _MODULES:
            return import_module(f".{name}", __name__)
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f".{_HOME[name]}", __name__), name)
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
