# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The oscillator runs and stays small. Is it stable, and is that the oscillator or the scheme?
#
# A pendulum, a mode of a bridge, a unit of a LinOSS layer: all of them are
#
# $$\ddot y + G\,\dot y + A\,y = u ,$$
#
# and a computer runs none of them. It runs a *scheme*, $x_{k+1} = M x_k + F u_k$ with $x = (\dot y, y)$, and
# the scheme has a stability of its own: it may lose energy that the oscillator keeps, gain energy, or look
# calm while the oscillator explodes.
#
# Here every statement about that is decided **exactly** from the three numbers that are stored, $A$, $G$
# and the step $dt$: on the boundary too, where eigenvalues in floating point say one thing or the other by
# chance.

# %%
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jax
import matplotlib.pyplot as plt
import numpy as np

import ssmctl
from ssmctl.certificates import exact

jax.config.update("jax_enable_x64", True)  # float64 runs as float64; ssmctl never switches it for you
folder = Path(tempfile.mkdtemp())

swing = ssmctl.Oscillator(stiffness=4.0, damping=0.0, dt=0.5, scheme="im", B=[[1.0]], C=[[1.0]])
swing

# %% [markdown]
# ## One oscillator, many discrete systems
#
# An undamped swing at 2 rad/s, let go at position 1. The grey curve is the motion itself, for ever between
# $-1$ and $1$. The points are what four schemes make of it with six samples to a turn.

# %%
T = 33
time = swing.dt * np.arange(T)
fine = np.linspace(0, time[-1], 600)

fig, axes = plt.subplots(1, 4, figsize=(14, 3), sharex=True, layout="constrained")
for scheme, ax in zip(("im", "imex", "tustin", "euler"), axes, strict=True):
    free = swing.replace(scheme=scheme)
    y, _ = ssmctl.simulate(free, np.zeros((T, 1)), [0.0, 1.0])
    ax.plot(fine, np.cos(2 * fine), color="0.75", lw=1)
    ax.plot(time, y[:, 0], "o-", ms=3, lw=0.8)
    ax.set_ylim(-2, 2)
    ax.set_title(scheme, loc="left")
    ax.set_xlabel("time [s]")
axes[3].text(0.95, 0.05, "leaves the picture", transform=axes[3].transAxes, ha="right", backgroundcolor="w")
for ax in axes[1:]:
    ax.tick_params(labelleft=False)
axes[0].set_ylabel("position")

# %% [markdown]
# `im` loses the motion, `euler` inflates it, `imex` and `tustin` keep it and are a little late or early. So
# much for the eye. Now the same four as questions with a proof. The verdict comes with a certificate of the
# claim, or of its contrary.

# %%
for scheme in ("im", "imex", "tustin", "euler", "zoh"):
    free = swing.replace(scheme=scheme)
    schur, bounded = ssmctl.decide(free, "schur"), ssmctl.decide(free, "bounded")
    print(f"{scheme:7} every motion decays: {schur.status:8}  every motion stays bounded: {bounded.status}")

# %% [markdown]
# ## Where each scheme is stable
#
# Only $A\,dt^2$ and $G\,dt$ matter. Green: every motion decays (Schur). Orange: it decays *although the
# oscillator itself diverges*, because the scheme damps more than the oscillator grows. On the green lines
# motion is bounded and does not decay; at the red crosses there is a Jordan block and it grows.

# %%
schemes = "im imex imex2 imex3 euler tustin zoh verlet".split()
fig, axes = plt.subplots(2, 4, figsize=(14, 7), layout="constrained")
for scheme, ax in zip(schemes, axes.flat, strict=True):
    ssmctl.plot.stability_region(scheme, ax=ax)
    ax.set_title(scheme)
    if ax is not axes[0, 1]:
        ax.get_legend().remove()
for ax in axes[0]:
    ax.set_xlabel("")
for ax in axes[:, 1:].flat:
    ax.set_ylabel("")

# %%
for scheme in schemes:
    print(ssmctl.stability_region(scheme))

# %% [markdown]
# `tustin` and `zoh` are stable exactly where the oscillator is. For `imex` the dashed window is the one that
# D-LinOSS clamps to; it is sufficient, and not necessary.
#
# ## On the boundary: bounded is not stable
#
# Undamped `imex` (the LinOSS layer of that name) lies on a line of its picture: for $0 < A\,dt^2 < 4$ all
# motions are bounded and none decays. At $A\,dt^2 = 4$ there is a Jordan block, and beyond it motion grows.
# What floating point says about that, beside the decision from the stored numbers:

# %%
print("A dt^2    max |eigenvalue| in floats    decays     bounded")
for stiffness in (1.0, 3.96, 4.0, 4.01):
    line = ssmctl.Oscillator(stiffness, 0.0, 1.0, "imex", B=[[1.0]], C=[[1.0]])
    floats = np.abs(np.linalg.eigvals(line.to_statespace().A)).max()
    schur, bounded = ssmctl.decide(line, "schur"), ssmctl.decide(line, "bounded")
    print(f"{stiffness:<9} {floats:<29.17g} {schur.status:10} {bounded.status}")

# %% [markdown]
# In floats 3.96 seems to decay, which it does not, and 4 might be a rounded 1, which would be harmless; it
# is not. At the edge the certificate is of the contrary, *unbounded*: a theorem about $A = 4$, $G = 0$,
# $dt = 1$, decided in integers.

# %%
edge = ssmctl.Oscillator(4.0, 0.0, 1.0, "imex", B=[[1.0]], C=[[1.0]])
ssmctl.decide(edge, "bounded")

# %%
y, _ = ssmctl.simulate(edge, np.zeros((1000, 1)), [1.0, 0.0])
print("largest position in 1000 steps:", float(abs(y).max()))

# %% [markdown]
# ## Energy along a motion
#
# $E = \sum_i \dot y_i^2 + A_i y_i^2$ is conserved by the undamped oscillator and lost by the damped one.
# Schemes differ. Below, $A = 3$, $G = 0.1$, $dt = 0.9$ under `im`, `tustin` and `imex`; each is Schur. For
# the first two "a step never adds energy" is proved, and drawn: nothing enters the shaded region. For `imex`
# the same claim is refuted, so no certificate is there to be drawn.

# %%
damped = ssmctl.Oscillator(3.0, 0.1, 0.9, "im", B=[[1.0]], C=[[1.0]])
fig, axes = plt.subplots(1, 3, figsize=(14, 3.4), layout="constrained")
for scheme, ax in zip(("im", "tustin", "imex"), axes, strict=True):
    system = damped.replace(scheme=scheme)
    _, _, states = ssmctl.simulate(system, np.zeros((24, 1)), [1.0, 0.0], return_states=True)
    verdict = ssmctl.decide(system, "energy_ratio <= 1")
    ssmctl.plot.energy(states, system=system, bound=verdict.certificate if verdict.holds else None, ax=ax)
    ax.set_yscale("linear")
    ax.set_ylim(0, 1.15 if verdict.holds else 3.0)
    ax.set_title(f"{scheme}: a step never adds energy: {verdict.status}", loc="left", fontsize="medium")

# %% [markdown]
# `imex` does not conserve energy even without damping, though its determinant is 1: it conserves another
# quadratic form, which depends on $dt$, and $E$ swings around it.
#
# ## An instability that `im` hides
#
# Give the swing a *negative* stiffness, a pendulum balanced upright. The true motion grows like $e^{2.24 t}$.
# Run it with `im` and a step of 1 s:

# %%
upright = ssmctl.Oscillator(-5.0, 0.0, 1.0, "im", B=[[1.0]], C=[[1.0]])
y, _ = ssmctl.simulate(upright, np.zeros((25, 1)), [0.0, 1.0])
truth, _ = ssmctl.simulate(upright.replace(scheme="zoh", dt=0.05), np.zeros((480, 1)), [0.0, 1.0])

fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.semilogy(np.arange(25), abs(y[:, 0]), "o-", ms=4, lw=0.8, label="im, dt = 1 s")
ax.semilogy(0.05 * np.arange(480), abs(truth[:, 0]), color="C1", label="the oscillator")
ax.set_xlabel("time [s]")
ax.set_ylabel("|position|")
ax.legend()
ax.grid(True, alpha=0.3)

# %% [markdown]
# Both are facts, and both can be certified. The certificate says which system it speaks of, so neither can
# be taken for the other:

# %%
ssmctl.decide(upright, "schur")

# %%
ssmctl.decide(upright.to_continuous(), "hurwitz")

# %% [markdown]
# So "the step is stable" says nothing about $A > 0$. If you care about the equation, and not only about the
# program, certify `oscillator.to_continuous()` too.
#
# ## Irregular sampling: every step stable, the motion not
#
# When samples come at irregular times, the step $dt_k$ changes each time and the motion is a product
# $M(dt_T) \cdots M(dt_1)$. Eigenvalues of the factors say nothing about such products. A claim for it is
# `StableForSteps(shortest, longest)`: free motion decays under **every** sequence of steps in that range.

# %%
bell = ssmctl.Oscillator(1.0, 0.02, 1.0, "imex", B=[[1.0]], C=[[1.0]])
claim = ssmctl.StableForSteps(0.5, 1.9)
for scheme in ("im", "imex", "imex2", "imex3", "tustin", "zoh"):
    system = bell.replace(scheme=scheme)
    steps = [ssmctl.decide(system.replace(dt=dt), "schur").holds for dt in np.linspace(0.5, 1.9, 15)]
    verdict = ssmctl.decide(system, claim)
    print(f"{scheme:7} {sum(steps):2} of 15 constant steps Schur; under every sequence: {verdict.status}")

# %% [markdown]
# `imex` is Schur for each of these steps, and not for their products. The certificate of the contrary
# carries the steps that do it, one period of them:

# %%
verdict = ssmctl.decide(bell, claim)
steps = verdict.certificate.witness["steps"]
print(steps)
verdict

# %% [markdown]
# Run these steps, over and over. For `im`, `tustin` and `zoh` one energy-like function decreases at every
# step of any length, and that is the proof; for `imex` there is none.

# %%
lengths = np.tile(steps, 40)[:80]
when = np.concatenate([[0], np.cumsum(lengths)[:-1]])
fig, ax = plt.subplots(figsize=(8, 3.4), layout="constrained")
for scheme, dash in (("imex", "-"), ("zoh", "-"), ("tustin", "--"), ("im", "-")):
    system = bell.replace(scheme=scheme)
    still = np.zeros((len(lengths), 1))
    _, _, states = ssmctl.simulate(system, still, [0.0, 1.0], dt=lengths, return_states=True)
    ax.semilogy(when, system.energy(states), dash, label=scheme)
ax.set_xlabel("time [s]")
ax.set_ylabel("energy")
ax.set_ylim(1e-10, 1e20)
ax.set_title("the same steps, between 0.5 and 1.9 s", loc="left", fontsize="medium")
ax.legend()
ax.grid(True, alpha=0.3)

# %% [markdown]
# `zoh` is the exact motion at whatever times the samples have, so it is the scheme for irregular data. Random
# gaps of 0.1 to 3 s, and the closed form between them:

# %%
rng = np.random.default_rng(0)
gaps = rng.uniform(0.1, 3.0, 30)
seen = np.concatenate([[0], np.cumsum(gaps)[:-1]])
clock = ssmctl.Oscillator(4.0, 0.1, 1.0, "zoh", B=[[1.0]], C=[[1.0]])
y, _ = ssmctl.simulate(clock, np.zeros((30, 1)), [0.0, 1.0], dt=gaps)

fine = np.linspace(1e-9, seen[-1], 1500)
_, curve = ssmctl.estimate.damped_oscillator(0.0, 1.0, 2.0, 0.05, fine)
fig, ax = plt.subplots(figsize=(10, 2.6), layout="constrained")
ax.plot(fine, curve, color="0.75", lw=1)
ax.plot(seen, y[:, 0], "o", ms=4)
ax.set_xlabel("time [s]")
ax.set_ylabel("position")
_, exactly = ssmctl.estimate.damped_oscillator(0.0, 1.0, 2.0, 0.05, seen[1:])
print(f"largest difference: {abs(y[1:, 0] - exactly).max():.1e}")

# %% [markdown]
# ## How much can it amplify?
#
# The l2 gain of one oscillator has a closed form for every scheme. One bank, in which each oscillator has a
# step of its own, shows how it depends on the step ($A = 1$, $G = 0.1$). The dotted line is the gain of the
# oscillator itself, $1/(G\sqrt{A - G^2/4})$.

# %%
dts = np.geomspace(0.01, 2.2, 200)
many = ssmctl.Oscillator(np.ones(200), np.full(200, 0.1), dts, B=np.ones((200, 1)), C=np.ones((1, 200)))
fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
for scheme in ("im", "imex", "zoh"):
    ax.loglog(dts, ssmctl.oscillator_gains(many.replace(scheme=scheme)), label=scheme)
ax.axhline(1 / (0.1 * np.sqrt(1 - 0.1**2 / 4)), color="0.4", ls=":", lw=1)
ax.set_xlabel("dt [s]")
ax.set_ylabel("l2 gain, force to position")
ax.set_ylim(0.7, 40)
ax.legend()
ax.grid(True, which="both", alpha=0.2)

# %% [markdown]
# `im` gives away most of the resonance. `imex` keeps it, until the edge of its region is near and its gain
# explodes. `zoh` holds the input, and loses little. (`tustin`, driven by the means of two samples, lies on
# the dotted line.) These are floats. The proved number for one oscillator is decided to the last bit: its two
# ends are neighbouring doubles.

# %%
one = ssmctl.Oscillator(1.0, 0.1, 0.5, "im", B=[[1.0]], C=[[1.0]])
ssmctl.hinfnorm(one)

# %% [markdown]
# A bank mixes its oscillators: four of them, two inputs, three outputs. `gain_bound` is the quick bound that
# a layer is scaled by in training: the norms of $B$ and $C$ times the largest gain. `hinfnorm` is the truth.

# %%
bank = ssmctl.Oscillator.from_frequency(
    [0.5, 1.0, 2.0, 4.0],
    0.05,
    0.1,
    "im",
    B=rng.standard_normal((4, 2)) / 2,
    C=rng.standard_normal((3, 4)) / 2,
    name="a bank of four",
)
norm = ssmctl.hinfnorm(bank)
print("each oscillator alone:", ssmctl.oscillator_gains(bank).round(3))
print(f"quick bound: {ssmctl.gain_bound(bank):.4f}")
norm

# %%
ax = ssmctl.plot.singular_values(bank, gamma=norm)

# %% [markdown]
# ## A constant force, and why it only gets a Lipschitz bound
#
# Learned layers often have a bias: $\ddot y + G\dot y + Ay = u + b$. Then the output moves without any input,
# and no inequality $\lVert y\rVert \le \gamma\lVert u\rVert$ can hold. The claim is not decided, and the
# verdict says why:

# %%
biased = one.replace(bias=[1.0])
ssmctl.decide(biased, "l2gain <= 2")

# %% [markdown]
# What does hold is about *differences*: two runs from the same state, with inputs $u$ and $u'$, satisfy
# $\lVert y - y'\rVert \le \gamma\,\lVert u - u'\rVert$. Without a claim, `certify` takes the kind that is
# possible:

# %%
lipschitz = ssmctl.certify(biased)
lipschitz

# %%
u = 0.1 * rng.standard_normal((400, 1))
other = u + 0.3 * np.cos(one.dt * 0.87 * np.arange(400))[:, None]
y, yy = (ssmctl.simulate(biased, signal)[0] for signal in (u, other))
ratio = np.linalg.norm(y - yy) / np.linalg.norm(u - other)
print(f"|y| / |u|           = {np.linalg.norm(y) / np.linalg.norm(u):.3f}, for a small input")
print(f"|y - y'| / |u - u'| = {ratio:.3f}, never above {lipschitz.claim.gamma:.3f}")

# %% [markdown]
# ## Saved, and checked without us
#
# The file of an oscillator holds $A$, $G$, $dt$, the scheme, $B$, the readouts, and the claim. For most
# claims about it there is nothing else: the witness is empty, because the stored numbers decide. One program
# of the standard library reads it, in an interpreter that sees no installed package.

# %%
shutil.copy(exact.__file__, folder / "exact.py")
for name, system, text in (
    ("irregular", bell.replace(scheme="zoh"), claim),
    ("energy", damped.replace(scheme="tustin"), "energy_ratio <= 1"),
    ("edge", edge, "unbounded"),
    ("bank", bank, ssmctl.L2Gain(norm.upper)),
    ("biased", biased, lipschitz.claim),
):
    ssmctl.certify(system, text).save(folder / f"{name}.json")
    command = [sys.executable, "-I", "-S", "exact.py", f"{name}.json"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    print((run.stdout + run.stderr).strip(), f"exit code {run.returncode}", sep="\n", end="\n\n")

# %% [markdown]
# Bound to a system of your own, the scheme and the step are part of what is compared: the certificate of the
# bank under `im` says nothing of the same bank under `imex`.

# %%
ssmctl.verify(folder / "bank.json", subject=bank, claim="schur")

# %%
ssmctl.verify(folder / "bank.json", subject=bank.replace(scheme="imex"), claim="schur")

# %%
shutil.rmtree(folder)

# %% [markdown]
# ## What was proved
#
# In exact real arithmetic, about the stored stiffness, damping and step:
#
# - undamped `imex` with $0 < A\,dt^2 < 4$ is bounded and does not decay; at $A\,dt^2 = 4$ it is unbounded;
# - `im` is Schur for $A = -5$, $dt = 1$, and the oscillator that it stands for is unstable;
# - a step of `im` or `tustin` never adds energy to the damped oscillator; one of `imex` can;
# - under every sequence of steps from 0.5 to 1.9 s, `im`, `imex3`, `tustin` and `zoh` decay; under one that
#   is named, `imex` diverges although each of its steps is stable;
# - the gain of one oscillator between two neighbouring doubles, that of a bank between two near ends;
# - a Lipschitz bound for the oscillator with a constant force.
#
# Drawn and not proved: the curves, in floating point. Not covered: the rounding of the step matrix and of the
# run, which on the very boundary decides what a program does. Keep a margin there: a little damping makes the
# difference between *bounded on paper* and *decays in practice*.
