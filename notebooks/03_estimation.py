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
# # How long is a sunspot cycle, when is the next maximum, and how sure can one be?
#
# Astronomers have counted sunspots since 1700. The counts swing up and down about every 11 years, never
# twice in the same way. We fit an oscillator that noise keeps in motion, look at what it says about the
# years that we have and about those that we hide from it, and prove the one thing about it that can be
# proved.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import statsmodels.api as sm

import ssmctl
from ssmctl import estimate

record = sm.datasets.sunspots.load_pandas().data
year, spots = record["YEAR"].to_numpy(), record["SUNACTIVITY"].to_numpy()

fig, ax = plt.subplots(figsize=(13, 3), layout="constrained")
ax.plot(year, spots, lw=1)
ax.set_xlabel("year")
ax.set_ylabel("sunspot number")
ax.set_xlim(1700, 2009)
ax.grid(True, alpha=0.3)
print(f"{len(spots)} years, mean {spots.mean():.1f}, deviation {spots.std():.1f}")

# %% [markdown]
# ## The model
#
# $$y_k = \mu + q(t_k) + v_k, \qquad \ddot q + 2\beta\dot q + \omega^2 q = \sigma\,\xi(t), \qquad v_k \sim
# N(0, \rho^2) .$$
#
# White noise $\xi$ pushes an oscillator of natural frequency $\omega$ and damping $\beta$; what we see has a
# mean and a measurement noise besides. A sine wave would keep its phase for ever. This one forgets it, at the
# rate $\beta$, which is what the record seems to do.
#
# Five numbers, found by maximum likelihood. The likelihood is a Kalman filter's, its gradient is exact.

# %%
fit = estimate.fit_oscillators(spots, year)
fit

# %% [markdown]
# A natural period of 10.4 years, give or take 0.4. Standard errors come from the curvature of the likelihood
# at its top. Whether it is *the* top is another question: searches end in local ones. `fit_oscillators` runs
# several, from peaks of the periodogram, and keeps them all:

# %%
for search in fit.searches:
    period = 2 * np.pi / search.end["frequency"][0]
    print(
        f"period {period:.3f}, log-likelihood {search.log_likelihood:.6f}, {search.evaluations} evaluations"
    )

# %% [markdown]
# They agree. A second opinion on the error of the period, which does not pretend that the likelihood is a
# parabola: freeze the period at one value after the other and fit the rest. Values whose likelihood is less
# than 1.92 below the best are those that a test at 95% does not reject.

# %%
periods = np.linspace(8.5, 14, 16)
profile = [
    estimate.fit_oscillators(spots, year, frozen={"frequency": 2 * np.pi / p}, starts=1).log_likelihood
    for p in periods
]
(period,), (error,) = fit.period, fit.standard_errors["period"]
fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
ax.plot(periods, profile, "o-", ms=3, lw=1)
ax.axvline(period, color="C1", lw=1, label=f"fitted: {period:.2f} years")
ax.axvspan(period - 2 * error, period + 2 * error, color="C1", alpha=0.15, lw=0, label="2 standard errors")
ax.axhline(fit.log_likelihood - 1.92, color="0.4", ls=":", lw=1, label="not rejected above")
ax.set_xlabel("natural period, frozen [years]")
ax.set_ylabel("best log-likelihood")
ax.legend(loc="upper right")
ax.grid(True, alpha=0.3)

# %% [markdown]
# ## One oscillator, or two?
#
# More parameters always fit better. Akaike's criterion charges 2 for each, and the lower value wins.

# %%
two = estimate.fit_oscillators(spots, year, n=2)
for candidate in (fit, two):
    print(f"{candidate.n} oscillator(s), {candidate.nparameters} parameters: AIC {candidate.aic:.1f}")
two

# %% [markdown]
# Two win by a dozen points. The second is slow and vague, some 76 years with a standard error of 23: three
# hundred years hold only four of its turns. It is the slow rise and fall of the maxima. `components` are the
# smoothed parts of which the record is the sum:

# %%
slow, cycle = two.components().T
fig, ax = plt.subplots(figsize=(13, 3.2), layout="constrained")
ax.plot(year, spots, color="0.75", lw=1, label="record")
ax.plot(year, two.mean + slow, color="C1", lw=2, label="mean + slow oscillator")
ax.plot(year, cycle - 60, color="C0", lw=1, label="cycle (shifted by -60)")
ax.set_xlim(1700, 2009)
ax.set_xlabel("year")
ax.legend(loc="upper left", ncols=3)
ax.grid(True, alpha=0.3)

# %% [markdown]
# ## Is the model any good?
#
# If it is, the one-step prediction errors, divided by their predicted deviations, are independent and
# standard normal.

# %%
errors = two.filter().standardized_innovations()[:, 0]
lags = np.arange(1, 25)
correlation = [np.corrcoef(errors[lag:], errors[:-lag])[0, 1] for lag in lags]

fig, axes = plt.subplots(1, 3, figsize=(13, 3), layout="constrained")
axes[0].plot(year, errors, ".", ms=4)
axes[0].axhspan(-2, 2, color="C0", alpha=0.1, lw=0)
axes[0].set_ylabel("error / deviation")
axes[0].set_xlabel("year")
axes[1].hist(errors, 30, density=True, color="C0", alpha=0.4)
grid = np.linspace(-4, 4, 200)
axes[1].plot(grid, np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi), color="C1")
axes[1].set_xlabel("error / deviation")
axes[2].bar(lags, correlation, width=0.5)
axes[2].axhspan(-2 / np.sqrt(len(errors)), 2 / np.sqrt(len(errors)), color="C0", alpha=0.1, lw=0)
axes[2].set_xlabel("lag [years]")
axes[2].set_ylabel("autocorrelation")
print(f"deviation {errors.std():.3f}; {np.mean(abs(errors) < 2):.1%} within 2 (normal: 95.4%)")
print(f"skewness {np.mean(errors**3) / errors.std() ** 3:.2f} (normal: 0)")

# %% [markdown]
# Not quite. The size is right. But large errors are upwards, and some correlation is left at about ten
# years: real cycles rise faster than they fall, and big ones are noisier. A linear oscillator swings evenly.
# Nothing below repairs that, and the bands that follow are those of the linear model. (The square roots of
# the counts have half that skewness; try them.)
#
# ## Filter and smoother
#
# The filter knows the past of each year, the smoother also its future, so its band is narrower. The
# difference is largest for what is never measured, such as the rate of change. The bands are two deviations.

# %%
filtered, smoothed = fit.filter(), fit.smooth()
some = slice(60, 112)

fig, axes = plt.subplots(2, 1, figsize=(13, 6), sharex=True, layout="constrained")
for found, color in ((filtered, "C0"), (smoothed, "C1")):
    low, high = found.interval()
    axes[0].fill_between(year[some], low[some, 0], high[some, 0], color=color, alpha=0.25, lw=0)
    axes[0].plot(year[some], found.outputs[some, 0], color=color, lw=1.2, label=found.kind)
    rate, width = found.means[some, 0], 2 * found.deviations[some, 0]
    axes[1].fill_between(year[some], rate - width, rate + width, color=color, alpha=0.25, lw=0)
    axes[1].plot(year[some], rate, color=color, lw=1.2, label=found.kind)
axes[0].plot(year[some], spots[some], "k.", ms=5, label="record")
axes[0].set_ylabel("sunspot number, without noise")
axes[1].set_ylabel("its rate [1/year]")
axes[1].set_xlabel("year")
axes[0].legend(ncols=3)
for ax in axes:
    ax.grid(True, alpha=0.3)

# %% [markdown]
# ## Years that nobody saw
#
# A missing value is `NaN`. We hide 14 years, 1830 to 1843, with the same five parameters. The smoother
# bridges the gap, and says how little it knows in the middle of it. The green lines are five motions that
# agree with everything that was seen. Each is a possible past; the smoothed curve is the mean of all such.

# %%
gap = (year >= 1830) & (year < 1844)
kalman, hidden = fit.kalman, np.where(gap, np.nan, spots)
bridge = kalman.smooth(hidden - fit.mean)
draws = kalman.sample(hidden - fit.mean, rng=1, size=5)

window = (year >= 1815) & (year < 1860)
low, high = (bound[window, 0] + fit.mean for bound in bridge.interval())
fig, ax = plt.subplots(figsize=(13, 3.6), layout="constrained")
ax.axvspan(1829.5, 1843.5, color="0.93", lw=0)
ax.plot(year[window], (draws.states[:, window, 1] + fit.mean).T, color="C2", lw=0.7, alpha=0.8)
ax.fill_between(year[window], low, high, color="C1", alpha=0.25, lw=0)
ax.plot(year[window], bridge.outputs[window, 0] + fit.mean, color="C1", lw=1.5, label="smoothed")
ax.plot(year[window & ~gap], spots[window & ~gap], "k.", label="seen")
ax.plot(year[gap], spots[gap], "kx", label="hidden")
ax.set_xlabel("year")
ax.set_ylabel("sunspot number")
ax.legend(ncols=3, loc="upper left")

spread = np.sqrt(bridge.output_deviations[gap, 0] ** 2 + fit.observation_noise**2)
miss = abs(spots[gap] - bridge.outputs[gap, 0] - fit.mean) / spread
print(f"hidden years within 2 deviations: {np.sum(miss < 2)} of {gap.sum()}")

# %% [markdown]
# ## Forecast
#
# Fit what was known at the end of 1975, and predict the 33 years that came. A forecast includes the noise of
# the measurement to come. Its band grows until, after a few cycles, it is the mean plus or minus two
# stationary deviations. It allows negative counts, as a linear model does.

# %%
past = year < 1976
early = estimate.fit_oscillators(spots[past], year[past], n=2)
ahead = early.forecast(33)

fig, ax = plt.subplots(figsize=(13, 3.8), layout="constrained")
recent = year >= 1930
ax.plot(year[recent & past], spots[recent & past], "k.-", lw=0.8, ms=4, label="known")
ax.plot(year[~past], spots[~past], "kx", ms=5, label="what came")
for sigmas, alpha in ((2, 0.15), (1, 0.3)):
    low, high = ahead.interval(sigmas)
    ax.fill_between(ahead.times, low[:, 0], high[:, 0], color="C1", alpha=alpha, lw=0)
ax.plot(ahead.times, ahead.outputs[:, 0], color="C1", lw=1.5, label="forecast, 1 and 2 deviations")
ax.axhline(0, color="0.6", lw=0.6)
ax.set_xlabel("year")
ax.set_ylabel("sunspot number")
ax.legend(loc="lower left", ncols=3)

came = abs(spots[~past] - ahead.outputs[:, 0]) / ahead.output_deviations[:, 0]
for count in (5, 33):
    print(f"first {count} years: {np.mean(came[:count] < 2):.0%} within 2 deviations")
deviations = ahead.output_deviations[:, 0].round(1)
print(f"deviation after 1, 5, 33 years: {deviations[0]}, {deviations[4]}, {deviations[-1]}")

# %% [markdown]
# The next maximum was right to a year in time and not in height: two of the largest cycles of the record were
# to come, far above the band. A model that is right has 95% of the years inside, and this one has fewer. That
# is the skewness found above, and the price of not repairing it. Further out the phase is forgotten and only
# the mean is left.
#
# And from the end of the record? (The Sun had its maximum in 2014.)

# %%
future = fit.forecast(14)
print(f"next maximum around {future.times[np.argmax(future.outputs)]:.0f}")
future

# %% [markdown]
# ## What can be proved
#
# Estimates are no theorems. That the *fitted model* is stable, so that forecasts settle instead of running
# away, is one, about the numbers that were stored. The fitted system is an `Oscillator` with the exact scheme
# zoh.

# %%
system = two.system
ssmctl.decide(system, "schur")

# %%
rho = ssmctl.spectral_radius(system)
print(f"a forecast forgets at least {1 - rho.upper:.2%} of the deviation a year, in the long run")
rho

# %% [markdown]
# Samples need not come yearly. Whatever the gaps between 1 day and 100 years, in whatever order, free motion
# of this model dies out. A single certificate for all these sequences, in the unit of time of the record:

# %%
path = Path(tempfile.mkdtemp()) / "sunspots.json"
ssmctl.certify(system, ssmctl.StableForSteps(1 / 365, 100.0)).save(path)
print(ssmctl.verify(path, subject=system).claim.sentence())
ssmctl.verify(path, subject=system)

# %%
path.unlink()
path.parent.rmdir()

# %% [markdown]
# ## Irregular times
#
# The oscillator lives in continuous time, so gaps of any length are stepped exactly. Keep 120 of the 309
# years at random:

# %%
kept = np.sort(np.random.default_rng(3).choice(len(year), 120, replace=False))
sparse = estimate.fit_oscillators(spots[kept], year[kept])
for name in ("period", "damping", "amplitude"):
    (a,), (b,) = getattr(fit, name), getattr(sparse, name)
    (da,), (db,) = fit.standard_errors[name], sparse.standard_errors[name]
    print(f"{name:10} all years {a:7.3f} ± {da:.3f}    120 of them {b:7.3f} ± {db:.3f}")

# %% [markdown]
# They differ by less than two standard errors. Between the samples the motion is known as well as it can be:
# ask for any time by a `NaN` there. The band breathes.

# %%
fine = np.union1d(year[kept], np.arange(1700, 1800, 0.1))
values = np.full(len(fine), np.nan)
values[np.isin(fine, year[kept])] = spots[kept]
between = sparse.kalman.smooth(values - sparse.mean, times=fine)

shown = fine < 1800
low, high = (bound[shown, 0] + sparse.mean for bound in between.interval())
fig, ax = plt.subplots(figsize=(13, 3.4), layout="constrained")
ax.fill_between(fine[shown], low, high, color="C1", alpha=0.25, lw=0)
ax.plot(fine[shown], between.outputs[shown, 0] + sparse.mean, color="C1", lw=1.2, label="smoothed")
gone = np.setdiff1d(np.arange(100), kept)
ax.plot(year[gone], spots[gone], "kx", ms=4, label="left out")
ax.plot(year[kept], spots[kept], "k.", ms=6, label="kept")
ax.set_xlim(1700, 1800)
ax.set_xlabel("year")
ax.set_ylabel("sunspot number")
ax.legend(ncols=3, loc="upper left")
ax.grid(True, alpha=0.3)

# %% [markdown]
# ## What was proved, and what was estimated
#
# Proved, in exact real arithmetic, about the stored stiffness, damping and step of the fitted system: it is
# stable, its spectral radius lies between the two ends shown, and its free motion decays under every sequence
# of gaps from one day to a hundred years.
#
# Estimated, in floating point: everything else. Periods and their standard errors hold *if* the record came
# from such a model, and the prediction errors say that it did so only roughly. Likelihoods have local maxima;
# several searches agreeing is a good sign and no proof. The Sun has signed nothing.
