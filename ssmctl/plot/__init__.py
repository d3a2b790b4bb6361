"""Pictures: singular values with the proved band, poles, regions of stability, energy along a motion.

Each takes `ax=` and returns it. Matplotlib is imported when a plot is drawn; no global setting is touched and
nothing is shown.
"""

from ssmctl.plot.linear import poles as poles
from ssmctl.plot.linear import singular_values as singular_values
from ssmctl.plot.motion import energy as energy
from ssmctl.plot.motion import stability_region as stability_region

__all__ = ["energy", "poles", "singular_values", "stability_region"]
