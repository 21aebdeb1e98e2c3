"""Every threshold of the findings: its unit, why it stands where it does, and where it comes from.

The ids are those of the rules that the findings name.
"""

from __future__ import annotations

LARGEST_CHECKED_BYTES = 256_000_000
"""Bytes of weights that are searched for NaN in the newest checkpoint: about a tenth of a second.

Source: the measured speed of `artifacts.tensors.elements.statistics`, over 2 GB/s.
"""

RATE_CUT = 10.0
"""What the rate is divided by after a loss that is not finite. Source: X.G1."""

CLIP_NORM = 1.0
"""Longest gradient, L2, that is proposed. Source: X.G1, S1.12."""

VALIDATION_DECAY = 0.6
"""Weight of the past in the moving average of evaluations; a single one is too noisy to judge by.

Source: X.L6 asks for an average and says that single evaluations are very noisy; S0.17 gives 0.6.
"""

RISING_EVALUATIONS = 3
"""Evaluations in a row whose average lies clear of the best average while training falls. Source: X.L6."""

RISE_OVER_BEST = 0.02
"""Share of its least value by which the averaged validation loss must lie above it: less is noise.

Source: the generalisation break, 3 to 5 evaluations and 2 %.
"""

RISE_OVER_SPREAD = 2.0
"""The same in standard deviations of a single evaluation: about four of its average, 2.5 of which a least value of
many lies below the rest by chance.

Source: tried on drawn curves; of flat noisy ones 1 to 8 in 100 are accused, of falling ones none, and of those that
rise by 7 % under noise of 1.8 % 97 are found.
"""

SURE_SPREADS = 3.0
"""Standard deviations of a single evaluation above which such a rise is more than possible."""

OVERFIT_RATIO = 1.5
"""Last validation loss over the least one. Source: S2.02."""

EVALUATIONS_SINCE_BEST = 5
"""Evaluations after the best one before it counts as lost. Source: S2.02."""

GAP_RATIO = 10.0
"""Validation loss over training loss. Source: S2.03."""

GAP_GROWTH = 2.0
"""How much that ratio must have grown since the first evaluation: one that was always there is another definition.

Source: S2.03 names different reductions and dropout as false alarms.
"""

TRAINING_ROSE = 1.1
"""Training loss now over that at the best validation; above it the run diverges, which is not overfitting.

Source: smaller than the 15 % over the best that counts as divergence.
"""

DECAY_PROPOSED = 0.01
"""Weight decay where there was none. Source: S0.01."""

PATIENCE_PROPOSED = 5
"""Evaluations without a better one before a run stops. Source: S2.02, S2.05."""

MASK_ENTROPY = 0.98
"""Mask entropy over that of a uniform mask, 0..1, above which every slot explains every pixel alike.

Source: X.A2, measured on four small runs: 0.995 to 1.0 where slots stayed alike, 0.54 to 0.82 in the others.
"""

STEPS_AFTER_WARMUP = 1000
"""Optimizer steps after the warm-up in which a uniform mask is normal. Source: X.A2."""

STEPS_OF_COSINE = 2000
"""Optimizer steps after the warm-up before slot cosines count. Source: S0.11b."""

SLOT_COSINE = 0.7
"""Mean cosine between the slots of an image above which they have collapsed.

Source: S0.11c; runs that end well pass through 0.70 to 0.81 and begin at 0.99, so it only counts late and beside
uniform masks.
"""

DIVERSITY_WEIGHT = 0.01
"""Weight of the diversity loss that is proposed. Source: S0.11c."""

COLLAPSE_RATE_CUT = 4.0
"""What the rate is divided by when slots collapse. Source: S0.11c."""

LEAST_SLOT_NOISE = 0.1
"""Spread of new slots below which they hardly differ; slots are normalised, so 1 is their usual spread."""

SLOT_NOISE_PROPOSED = 1.0
"""The usual spread of new slots. Source: Locatello et al. 2020, a learned Gaussian that begins near 1."""

DUMP_SAMPLES = 64
"""Samples of a dump that masks and slots are judged on; more change a mean little and take long to decode."""

DEAD_WARNING = 0.10
DEAD_ERROR = 0.50
"""Share of a layer's channels that never fire. Source: X.D2."""

DEAD_EPSILON = 1e-6
"""|a| that counts as silence where an activation has no exact zero; a ReLU is silent at 0. Source: X.D2."""

SURE_SAMPLES = 60
"""Samples of silence after which a dead channel is certain: it fires on fewer than 5 % at 95 %.

Source: the rule of three, 3/n.
"""

LARGEST_STREAMED_BYTES = 2_000_000_000
"""Decoded bytes of activations that are looked through; more would take longer than anyone waits for findings.

Source: the measured speed of streaming a layer, about 0.3 GB/s from gzip on one core.
"""

DEAD_RATE_CUT = 2.0
"""What the rate is divided by when channels die. Source: X.D1, S4.02."""

RATE_DEVIATION = 1e-3
"""Relative distance from the planned rate that counts. Source: X.LR3."""

TRACE_TOLERANCE = 1e-6
"""Distance from one step of the recursion, in base rates, that still is that step. Source: X.LR3."""

WRITTEN_TOLERANCE = 1e-9
"""Relative distance between a group's rate and the scheduler's last one. Source: X.LR6."""

FLAT_RANGE = 1e-6
"""Relative range within which a rate is constant. Source: X.LR1."""

FLAT_EPOCHS = 3.0
FLAT_SHARE = 0.05
"""A rate is flat for at least so many epochs, and so large a share of the schedule. Source: X.LR1."""

FLAT_POINTS = 10
"""Least points in such a stretch, so that two or three sparse ones do not make it."""

PLANNED_CHANGE = 0.01
"""Relative change that the plan must make in the same span. Source: X.LR1."""

SAWTEETH = 3
"""Epochs that begin with a dip of one value. Source: X.LR2."""

COMPOUND_RATIO = 0.9
COMPOUND_SPREAD = 1e-3
"""A rate that keeps one ratio below 0.9 to its plan, give or take a thousandth, has lost the rest in its warm-up.

Source: X.LR4.
"""

COMPOUND_MATCH = 0.01
"""Relative distance of that ratio from W!/W^W for a whole number W of warm-up steps. Source: X.LR4."""

LONGEST_COMPOUND = 60
"""Warm-up steps tried; beyond it the ratio is 1e-25."""

LONGEST_REPLAY = 5_000
"""Scheduler steps that a fault is played through, which takes about a tenth of a second."""

REPLAY_TOLERANCE = 1e-9
"""Relative distance from a replayed fault that still is that fault. Source: torch's own rounding stays below 1e-12."""

UNIT_SLACK = 0.01
UNIT_LENGTHS = 2.0
"""A scheduler's count meets the run's within 1 %; its length is one of epochs up to twice as many as the run has.

Source: X.LR8.
"""

LEAST_STEPS_PER_EPOCH = 3.0
"""Steps in an epoch below which steps and epochs cannot be told apart."""

LONGEST_FIT = 5000
"""Epochs of the longest cosine that is tried where the scheduler was not saved."""

CONSTANT_VARIANCE = 1e-8
"""Running variance over the median of its layer below which a channel is one value, whatever comes in.

Source: four orders in standard deviation; of 3,640 trained channels of public checkpoints one lies below it, at 4e-16
of its median, and the least of the others at 5e-3.
"""

LARGEST_SUMMED_BYTES = 1_000_000_000
"""Bytes of the newest checkpoint that are looked through for its health: one to two seconds, once.

Source: the measured speed of `artifacts.checkpoints.checkpoint_summary`; a larger one is looked through in the
Weights view.
"""

LEAST_MATRIX_ELEMENTS = 16
"""Elements of a matrix or kernel below which all equal values say nothing."""

DUPLICATE_DISTANCE = 1e-5
"""Distance of two filters over their length below which they are one: 100 times the rounding of float32.

Source: training moves filters that begin alike only by rounding; of 6,073 filters of public checkpoints the nearest two
lie 0.13 apart.
"""

LEAST_FILTER_ELEMENTS = 8
"""Weights of a filter below which two may be equal by chance or on purpose."""

UNDERFLOW_SHARE = 0.01
"""Share of second moments that are lost to rounding above which it is told, even where no step suffers."""

VANISHING_RATIO = 1e-3
VANISHING_NORM = 1e-4
EXPLODING_RATIO = 70.0
"""Gradient norm of the first kernel over that of the last, and the former alone. Source: X.G2, X.G3."""

LEAST_KERNELS = 4
"""Kernels between which a gradient can be said to vanish or to explode across depth."""

LENIENT_GOALS = 2.0
"""Goals that a loss may reach before it forgives errors that are to be mended. Source: S2.04."""

FORGIVEN_SHARE = 0.5
"""Share of all errors that lie between the goal and the threshold before the threshold is to blame."""

STUCK_EPOCHS = 10.0
STUCK_SLOPE_PX = 0.1
"""A pixel error is stuck that changes by less than a pixel in ten epochs, over at least as many. Source: S2.01."""

STUCK_ERROR_PX = 10.0
"""Pixel errors below are the goal, and may stay. Source: S2.01, 3 to 10 px of 384."""

STUCK_POINTS = 5
"""Least evaluations in such a stretch."""

SATURATED_SHARE = 0.5
"""Share of coordinates at the border above which a head is saturated. Source: S1.05."""

CONSTANT_SHARE = 0.01
"""Spread of predictions over that of objects below which they are one constant. Source: S1.11."""

SURELY_EXPLAINED = 0.25
"""Share of the median error that undoing a mistake leaves where the mistake is certain."""

COLLAPSED_RATE = 5e-5
"""Rate that is proposed where predictions are stuck. Source: S1.01."""

FEW_POSITIVES = 5
"""Done samples of which nothing certain can be said."""

INFORMED_RATIO = 3.0
"""Average precision over the base rate above which a done signal tells something, though it stays low; half of the
way from the base rate to 1 where that is less.

Source: S2.06 asks for the two side by side, since a calibrated model of a rare class seldom exceeds one half.
"""

DONE_SHARE_PROPOSED = 0.5
DONE_WEIGHT_PROPOSED = 3.0
DONE_WEIGHT_AFTER = 5.0
"""Share of done samples, and weights of the done loss, that are proposed. Source: S1.13, S2.07, S2.08."""
