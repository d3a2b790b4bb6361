"""Draw the figures of README and docs: `python docs/figures.py`. The same input gives the same bytes.

The band of each picture is proved when it is drawn; needs matplotlib.
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

import ssmctl

FOLDER = Path(__file__).parent / "_static"
SIZE = {"figsize": (7.0, 3.9), "layout": "constrained"}


def singular_values(name, title, ax):
    """Draw the response of a plant under its proved bound."""
    system = ssmctl.plant(name)
    ssmctl.plot.singular_values(system, gamma=ssmctl.hinfnorm(system), ax=ax)
    ax.set_title(title, fontsize="medium", loc="left")


def save(figure, name):
    """Write a figure without the date and the version of what drew it."""
    FOLDER.mkdir(exist_ok=True)
    figure.savefig(FOLDER / name, dpi=160, metadata={"Software": None})
    plt.close(figure)


def main():
    """Draw every figure."""
    figure, ax = plt.subplots(**SIZE)
    singular_values("flexible-structure", "Three masses on springs: force to velocity", ax)
    save(figure, "flexible-structure.png")

    figure, ax = plt.subplots(**SIZE)
    singular_values("aircraft", "Aircraft, lateral motion: rudder and aileron to yaw rate and bank angle", ax)
    save(figure, "aircraft.png")

    figure, axes = plt.subplots(1, 3, figsize=(9.0, 3.2), layout="constrained")
    for name, ax in zip(ssmctl.plant_names(), axes, strict=True):
        ssmctl.plot.poles(ssmctl.plant(name), ax=ax)
        ax.set_title(name, fontsize="medium", loc="left")
        if ax is not axes[0]:
            ax.get_legend().remove()
    save(figure, "poles.png")

    figure, axes = plt.subplots(1, 3, figsize=(11.0, 3.8), layout="constrained")
    for scheme, ax in zip(("im", "imex", "tustin"), axes, strict=True):
        ssmctl.plot.stability_region(scheme, ax=ax)
        ax.set_title(scheme, fontsize="medium")
        if ax is not axes[0]:
            ax.set_ylabel("")
            ax.get_legend().remove()
    save(figure, "regions.png")


if __name__ == "__main__":
    main()
