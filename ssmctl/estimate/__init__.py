"""From data to models and states: Kalman filter and smoother, noise in closed form, maximum likelihood."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .closed_form import damped_oscillator as damped_oscillator
    from .fit import fit_oscillators as fit_oscillators
    from .fitted import OscillatorFit as OscillatorFit
    from .kalman import KalmanFilter as KalmanFilter
    from .model import TimeVarying as TimeVarying
    from .noise import discretize_noise as discretize_noise
    from .noise import oscillator_noise as oscillator_noise
    from .results import Draws as Draws
    from .results import Estimate as Estimate
    from .results import Filtered as Filtered
else:
    _HOME = {
        "damped_oscillator": "closed_form",
        "fit_oscillators": "fit",
        "OscillatorFit": "fitted",
        "KalmanFilter": "kalman",
        "TimeVarying": "model",
        "discretize_noise": "noise",
        "oscillator_noise": "noise",
        "Draws": "results",
        "Estimate": "results",
        "Filtered": "results",
    }

    __all__ = [*_HOME]

    def __getattr__(name):
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f".{_HOME[name]}", __name__), name)
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
