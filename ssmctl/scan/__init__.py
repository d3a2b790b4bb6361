"""How a linear system runs: the recurrence and its derivatives, the schedules, simulation, replay."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .schedule import Associative as Associative
    from .schedule import Convolution as Convolution
    from .schedule import Lifted as Lifted
    from .schedule import Sequential as Sequential
    from .schedule import Sharded as Sharded
    from .schedule import default_block as default_block
    from .schedule import default_schedule as default_schedule
else:
    __all__ = [
        "Associative",
        "Convolution",
        "Lifted",
        "Sequential",
        "Sharded",
        "default_block",
        "default_schedule",
    ]

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(".schedule", __name__), name)
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
