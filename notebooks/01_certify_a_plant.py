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
# # How large can the response of this aircraft get, and why should you believe it?
#
# Somebody gives you a linear model and a number: "its gain is 375". Is the true gain above or below that
# number? May you build on it? Who has to be trusted: the person, the solver, the tolerance, the rounding?
#
# In this notebook the answer is a **file**. It states a bound, it carries what proves the bound, and one
# short program that needs nothing but Python checks it. We take two plants that ship with the package: the
# lateral motion of an aircraft, and a flexible structure of three masses on springs.

# %%
import json
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import control
import matplotlib.pyplot as plt
import numpy as np

import ssmctl
from ssmctl.certificates import exact

folder = Path(tempfile.mkdtemp())
aircraft = ssmctl.plant("aircraft")
aircraft

# %% [markdown]
# States: sideslip, yaw rate, roll rate, bank angle. Inputs: rudder and aileron. Outputs: yaw rate and bank
# angle. Continuous time, `dt = 0`.
#
# ## The number you usually get
#
# The largest gain over all frequencies is the H-infinity norm. python-control has two routes to it. Here is
# the one that needs no further library, with its default tolerance of 1e-6, beside our two ends (all
# printed to 9 digits).


# %%
def usual_number(plant):
    """Give python-control's H-infinity norm."""
    with warnings.catch_warnings(action="ignore"):
        return float(control.norm(ssmctl.to_control(plant), "inf", method="scipy"))


for name in ssmctl.plant_names():
    plant = ssmctl.plant(name)
    number, norm = usual_number(plant), ssmctl.hinfnorm(plant)
    side = "ABOVE" if number > norm.upper else "BELOW" if number < norm.lower else "between"
    print(f"{name:18} {number:.9g} is {side} the ends {norm.lower:.9g}, {norm.upper:.9g}")

# %% [markdown]
# Each number is within its tolerance. But one of them is *below* the true norm, and the number itself does
# not say which. A bound that is too small by 3e-7 is no bound.
#
# ## Two ends, both proved
#
# `hinfnorm` returns an enclosure. The lower end is proved by one frequency and one direction, the upper end
# by a storage matrix $P$.

# %%
norm = ssmctl.hinfnorm(aircraft)
norm

# %%
lower, upper = norm
print(norm.lower_certificate)
print(norm.certificate)

# %% [markdown]
# The picture: singular values of the frequency response, sampled in floating point, under the proved band.
# No response enters the shaded region. The insets magnify the band, in which the peak lies.

# %%
structure = ssmctl.plant("flexible-structure")
structure_norm = ssmctl.hinfnorm(structure)

fig, axes = plt.subplots(1, 2, figsize=(13, 4.4), layout="constrained")
ssmctl.plot.singular_values(aircraft, gamma=norm, ax=axes[0])
ssmctl.plot.singular_values(structure, gamma=structure_norm, ax=axes[1])
axes[0].set_title("aircraft", loc="left")
axes[1].set_title("flexible structure", loc="left")
# %% [markdown]
# ## A claim, a certificate, a file
#
# A claim is a sentence about the stored numbers. `certify` looks for a witness, checks it, and returns a
# certificate. The search is not trusted: whatever it finds is checked.

# %%
certificate = ssmctl.certify(aircraft, "l2gain <= 376")
certificate

# %% [markdown]
# The witness is a matrix $P = P^\top \succ 0$ with
#
# $$-\begin{pmatrix} A^\top P + PA + C^\top C & PB \\ B^\top P & -\gamma^2 I\end{pmatrix} \succ 0 .$$
#
# Then $\dot V \le \gamma^2|u|^2 - |y|^2$ along every motion, with $V = x^\top P x$, and the gain follows by
# integration.

# %%
with np.printoptions(precision=4, suppress=True, linewidth=100):
    print(certificate.witness["P"])

# %%
path = folder / "aircraft.json"
certificate.save(path)
content = json.loads(path.read_text())
print(f"{path.stat().st_size} bytes: {', '.join(content)}")
content["claim"], content["subject"]["dt"], content["subject"]["C"]

# %% [markdown]
# Numbers are stored as hexadecimal floats, so that nothing is rounded on the way. There is no verdict in
# the file.
#
# ## Check it without us
#
# `exact.py` is one file of the package. It imports the standard library only. We copy it away and run it in
# an isolated interpreter that sees no installed package (`-I -S`): no NumPy, no solver, no `ssmctl`.

# %%
shutil.copy(exact.__file__, folder / "exact.py")


def standalone(file):
    """Run the checker alone on a file; print what it says and its exit code."""
    command = [sys.executable, "-I", "-S", "exact.py", file]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    print((run.stdout + run.stderr).strip(), f"exit code {run.returncode}", sep="\n")


standalone("aircraft.json")

# %% [markdown]
# It says *about the system inside the file*. Whether that is your aircraft, it cannot know.
#
# ## Bind it to your own system
#
# `verify` with a subject and a claim answers the question that you have: is *this* system proved to have
# *this* property?

# %%
ssmctl.verify(path, subject=aircraft, claim="l2gain <= 380")

# %% [markdown]
# A gain below 376 implies one below 380, so it holds. The system may come from anywhere, as long as its
# numbers agree:

# %%
from_control = control.ss(aircraft.A, aircraft.B, aircraft.C, aircraft.D)
verdict = ssmctl.verify(path, subject=from_control, claim="l2gain <= 380")
verdict.status, verdict.level

# %% [markdown]
# ## What a refusal looks like
#
# **A bound below the norm** is refuted, with a certificate of the contrary: a frequency and a direction in
# which the gain is larger. We claim the number that python-control gave for the motor.

# %%
motor = ssmctl.plant("dc-motor")
verdict = ssmctl.decide(motor, ssmctl.L2Gain(usual_number(motor)))
verdict

# %%
verdict.certificate.save(folder / "contrary.json")
standalone("contrary.json")

# %% [markdown]
# `certify` raises instead, and the exception carries the same proof.

# %%
try:
    ssmctl.certify(aircraft, "l2gain <= 375")
except ssmctl.ClaimRefuted as error:
    print(error)
    print(error.certificate)

# %% [markdown]
# **Another plant.** One entry of $A$ changed in its last bit is another system.

# %%
A = aircraft.A.copy()
A[0, 0] = np.nextafter(A[0, 0], 0)
ssmctl.verify(path, subject=(A, aircraft.B, aircraft.C, aircraft.D, 0))

# %% [markdown]
# **A claim that says less than you asked for.**

# %%
ssmctl.verify(path, subject=aircraft, claim="l2gain <= 375.2")

# %% [markdown]
# **An edited file.** We lower the bound in the file to 300. The hash no longer fits. If we compute the hash
# again, the file is well formed, and its claim is not proved, because the witness does not prove it. No
# edit makes a false claim hold.

# %%
forged = json.loads(path.read_text())
forged["claim"]["gamma"] = (300.0).hex()
(folder / "edited.json").write_text(json.dumps(forged))
standalone("edited.json")

forged["sha256"] = exact.digest(forged)
(folder / "rehashed.json").write_text(json.dumps(forged))
standalone("rehashed.json")

# %% [markdown]
# ## Other claims: energy, states, peaks
#
# Force and velocity at the same mass: the structure can only store and lose energy, so it is passive. The
# proof is exact, at the boundary, where no tolerance would decide. The aircraft is not passive, and that is
# proved as well.

# %%
ssmctl.decide(structure, "passive")

# %%
ssmctl.decide(aircraft, "passive")

# %% [markdown]
# Input-to-state stability with numbers that the finder chooses: whatever the forces do, the state stays
# below a decaying exponential plus a multiple of the largest force (here in 4 digits).

# %%
iss = ssmctl.certify(structure, "iss")
gain, decay, overshoot = iss.claim.gain, iss.claim.decay, iss.claim.overshoot
print(f"|x(t)| <= {overshoot:.4g} exp(-{decay:.4g} t) |x(0)| + {gain:.4g} sup|u|")

# %%
ssmctl.h2norm(structure)

# %%
ssmctl.peak_gain(structure)

# %%
ssmctl.spectral_radius(structure)

# %% [markdown]
# The H2 norm is the response to noise, the peak gain the largest output for inputs of size 1 at every
# moment, and the last the distance of the slowest mode from instability. Not every enclosure is tight. The
# slowest mode rings for half an hour, and the peak gain adds up all of it: its two ends are proved, and
# about a tenth apart.
#
# ## When it is not stable
#
# A yaw damper feeds the yaw rate back to the rudder. Wired with the wrong sign, it does this:

# %%
rudder, yaw_rate = aircraft.B[:, :1], aircraft.C[:1]
A, B, C = aircraft.A, aircraft.B, aircraft.C
wrong = ssmctl.StateSpace(A - rudder @ yaw_rate, B, C, dt=0, name="wrong sign")
right = ssmctl.StateSpace(A + rudder @ yaw_rate, B, C, dt=0, name="right sign")

fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
for system, ax in zip((wrong, right), axes, strict=True):
    ssmctl.plot.poles(system, ax=ax)
    ax.set_title(system.name, loc="left")

# %%
ssmctl.decide(wrong, "hurwitz")

# %%
ssmctl.hinfnorm(wrong)

# %% [markdown]
# The norm is infinite, and the certificate proves the instability. The frequency response of the unstable
# loop still has a finite peak; it is not the gain of anything. With the right sign:

# %%
ssmctl.hinfnorm(right)

# %% [markdown]
# ## Your own system
#
# Any matrices will do, discrete time too: here a sampled double resonance, as a tuple. `dt=True` is
# discrete time without a period.


# %%
def turn(size, angle):
    """Give a rotation that shrinks by `size`."""
    c, s = size * np.cos(angle), size * np.sin(angle)
    return np.array([[c, -s], [s, c]])


A = np.block([[turn(0.999, 0.4), 0.1 * np.eye(2)], [np.zeros((2, 2)), turn(0.99, 0.9)]])
B, C, D = np.eye(4)[:, 3:], np.eye(4)[:1], np.zeros((1, 1))
mine = (A, B, C, D, True)

ssmctl.plot.singular_values(mine, gamma=ssmctl.hinfnorm(mine))
ssmctl.hinfnorm(mine, level="exact")

# %% [markdown]
# ## What was proved, and what must be trusted
#
# Proved, about the numbers $A, B, C, D$ that are stored, in exact real arithmetic:
#
# - the gain of the aircraft is between `norm.lower` and `norm.upper`, from rest and for every input;
# - the structure is passive, stable with an explicit ISS bound, and has the H2 norm and the peak gain
#   within the ends shown;
# - python-control's number for the motor is not an upper bound;
# - the aircraft with the wrong feedback sign is unstable.
#
# To believe it you trust Python's integers and one file, `exact.py`, which is short enough to read, and the
# theorem behind each rule, which is proved in the documentation. At level `float64` you trust IEEE
# arithmetic and the matrix product too.
#
# You do not trust Riccati solvers, semidefinite programmes, tolerances, this notebook, or whoever sent the
# file.
#
# Not covered: rounding while the system runs, whether the model fits the aircraft, and numbers that are
# changed afterwards.

# %%
shutil.rmtree(folder)
