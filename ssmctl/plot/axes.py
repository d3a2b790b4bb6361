"""The axes that a picture is drawn on, and the colours that mean something."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PROVED, GIVEN, CURVE, STABLE = "C3", "0.3", "C0", "C2"


def axes(ax: "Axes | None") -> "Axes":
    """Give the axes back, or new ones. **Raises:** `ImportError` that says what to install."""
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError("plots need matplotlib: pip install 'ssmctl[plot]'") from None
    return plt.subplots(layout="constrained")[1]
