"""Every threshold of the findings as one table: what it is, its unit, its range, and where its value comes from.

A file `thresholds.toml` beside a run sets any of them anew for that run. Sources are ids of the rules that the
findings name, or say what was measured. What a user may reasonably set otherwise is here; figures that keep noise, time
and geometry in bounds stand in the check that needs them, those of a measure (dead rows, patterns of points) with it in
`analysis`, and what is written down of good training in `trajectories`.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from inspector.diagnosis.blocks import FG_ARI_TEXT


def threshold(title: str, *, source: str, unit: str = "", **bounds: float) -> Any:
    """What is known of a field of `Thresholds`: a sentence, a unit, where its value comes from, `ge`, `gt` and `le`."""
    known: dict[str, Any] = {"title": title, "description": source, "extra": {"unit": unit}, **bounds}
    return msgspec.Meta(**known)


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The thresholds in force for one run, flat, in sections by package; a share is 0..1.

    Each field says itself what it is.
    """

    # losses: a loss and its terms
    largest_checked_bytes: Annotated[
        int,
        threshold(
            "Weights that are searched for NaN in the newest checkpoint, about a tenth of a second",
            unit="bytes",
            source="the measured speed of the statistics of elements, over 2 GB/s",
            ge=0,
        ),
    ] = 256_000_000
    rate_cut: Annotated[
        float, threshold("What the rate is divided by after a loss that is not finite", source="X.G1", gt=1)
    ] = 10.0
    clip_norm: Annotated[
        float, threshold("Longest gradient that is proposed", unit="L2 norm", source="X.G1, S1.12", gt=0)
    ] = 1.0
    validation_decay: Annotated[
        float,
        threshold(
            "Weight of the past in the moving average of evaluations; a single one is too noisy to judge by",
            source="X.L6 asks for an average, S0.17 gives 0.6",
            ge=0,
            le=0.999,
        ),
    ] = 0.6
    rising_evaluations: Annotated[
        int,
        threshold(
            "Evaluations in a row whose average lies clear of the best average while training falls",
            unit="evaluations",
            source="X.L6",
            ge=1,
        ),
    ] = 3
    rise_over_best: Annotated[
        float,
        threshold(
            "Share of its least value by which the averaged validation loss must lie above it: less is noise",
            source="the generalisation break, 3 to 5 evaluations and 2%",
            ge=0,
        ),
    ] = 0.02
    rise_over_spread: Annotated[
        float,
        threshold(
            "The same in standard deviations of a single evaluation: about four of its average, 2.5 of which a least"
            " value of many lies below the rest by chance",
            unit="standard deviations",
            source="tried on drawn curves: of flat noisy ones 1 to 8 in 100 are accused, of falling ones none, and of"
            " those that rise by 7% under noise of 1.8% 97 are found",
            ge=0,
        ),
    ] = 2.0
    sure_spreads: Annotated[
        float,
        threshold(
            "Standard deviations of a single evaluation above which such a rise is more than possible",
            unit="standard deviations",
            source="as the one above",
            ge=0,
        ),
    ] = 3.0
    overfit_ratio: Annotated[float, threshold("Last validation loss over the least one", source="S2.02", gt=1)] = 1.5
    evaluations_since_best: Annotated[
        int,
        threshold("Evaluations after the best one before it counts as lost", unit="evaluations", source="S2.02", ge=1),
    ] = 5
    gap_ratio: Annotated[float, threshold("Validation loss over training loss", source="S2.03", gt=1)] = 10.0
    gap_of_part: Annotated[
        float,
        threshold(
            "The same in the last two evaluations of a run that leaves out a part of its data, for a warning",
            source="trained runs: 0.9 to 1.2 on all data, 2.5 on a tenth of it",
            gt=1,
        ),
    ] = 2.0
    gap_growth: Annotated[
        float,
        threshold(
            "How much that ratio must have grown since the first evaluation: one that was always there is another"
            " definition",
            source="S2.03 names different reductions and dropout as false alarms",
            ge=1,
        ),
    ] = 2.0
    training_rose: Annotated[
        float,
        threshold(
            "Training loss now over that at the best validation; above it the run diverges, which is not overfitting",
            source="smaller than the 15% over the best that counts as divergence",
            ge=1,
        ),
    ] = 1.1
    decay_proposed: Annotated[
        float, threshold("Weight decay that is proposed where there was none", source="S0.01", gt=0, le=1)
    ] = 0.01
    patience_proposed: Annotated[
        int,
        threshold(
            "Evaluations without a better one before a run is to stop",
            unit="evaluations",
            source="S2.02, S2.05",
            ge=1,
        ),
    ] = 5
    memorised_share: Annotated[
        float,
        threshold(
            "Training loss over its first value below which samples are learnt by heart", source="S0.01", gt=0, lt=1
        ),
    ] = 0.01
    memorised_epochs: Annotated[
        float, threshold("Within so long of the first value", unit="epochs", source="S0.01", gt=0)
    ] = 5.0
    few_samples: Annotated[
        int, threshold("Training samples below which slots are learnt by heart", unit="samples", source="S0.05", ge=1)
    ] = 10_000
    blind_ari: Annotated[
        float,
        threshold(
            f"ARI below which slots found nothing: 2x2 blocks, which look at nothing, score {FG_ARI_TEXT}",
            source="measured on three kinds of generated scenes",
            ge=0,
            le=1,
        ),
    ] = 0.5
    diverged_ratio: Annotated[
        float,
        threshold(
            "Training loss over its least value in two values of the last",
            source="S3.06 as it should be: its own case rose by 23% and by 0.14, which its 0.5 misses",
            gt=1,
        ),
    ] = 1.15
    diverged_rise: Annotated[
        float, threshold("Training loss above its least value, whatever that is", source="S3.06", gt=0)
    ] = 0.5
    diverged_rise_share: Annotated[
        float,
        threshold(
            "The same as a share of the least value: of large losses 0.5 is nothing", source="S3.06 made relative", ge=0
        ),
    ] = 0.05
    diverged_times: Annotated[
        float, threshold("Training loss over its least value that counts at once", source="X.L4", gt=1)
    ] = 2.0
    diverged_floor: Annotated[
        float,
        threshold(
            "Share of all that the loss had fallen by which it must have risen: near 0 a ratio says little",
            source="X.L4 asks for a floor",
            ge=0,
        ),
    ] = 0.05
    diverged_spreads: Annotated[
        float,
        threshold(
            "Standard deviations of single values by which it must have risen",
            unit="standard deviations",
            source="between the 2 and the 6 of a rise and of a spike",
            ge=0,
        ),
    ] = 4.0
    diverged_span: Annotated[
        float,
        threshold(
            "Epochs from the best to the last of a curve of two or three values", unit="epochs", source="S3.06", gt=0
        ),
    ] = 2.0
    diverged_rate: Annotated[
        float,
        threshold("Rate above which the first of two cuts is proposed, else the second", source="S3.03, S3.12", gt=0),
    ] = 1e-4
    diverged_cut: Annotated[
        float, threshold("What a larger rate is divided by after a loss that rose", source="S3.03", gt=1)
    ] = 3.0
    diverged_small_cut: Annotated[
        float, threshold("What a smaller rate is divided by after a loss that rose", source="S3.12", gt=1)
    ] = 2.0
    diverged_lost: Annotated[
        float,
        threshold(
            "Share of all that the loss had fallen by which it must have risen for an error",
            source="chosen: half of what was learnt is lost again",
            ge=0,
        ),
    ] = 0.5
    stalled_fall: Annotated[
        float, threshold("Share of its first value that a loss must have fallen by", source="X.L3, S2.14", gt=0, lt=1)
    ] = 0.05
    stalled_epochs: Annotated[float, threshold("In so long", unit="epochs", source="X.L3, S2.14", gt=0)] = 5.0
    stalled_steps: Annotated[
        int,
        threshold(
            "And in so many optimizer steps after the warm-up: a handful of them moves nothing",
            unit="steps",
            source="no rule; sound runs of 48 steps fell by 2%",
            ge=0,
        ),
    ] = 200
    stalled_averaged: Annotated[
        int,
        threshold(
            "Epochs that are averaged, of a longer curve: the least of many single ones is low by chance",
            unit="epochs",
            source="no rule; a mean of five scatters less than half as much as one",
            ge=1,
        ),
    ] = 5
    stalled_gain: Annotated[
        float, threshold("Rise of an accuracy that says that something was learnt", source="X.L2", gt=0)
    ] = 0.01
    noisy_spread: Annotated[
        float,
        threshold(
            "Standard deviation of a loss around its course, over its median",
            source="no rule; X.L5 counts turns alone",
            gt=0,
        ),
    ] = 0.2
    noisy_turns: Annotated[
        float,
        threshold(
            "Share of neighbours between which a curve turns, of the most that it can", source="X.L5", gt=0, le=1
        ),
    ] = 0.5
    noisy_values: Annotated[int, threshold("Last values that are looked at", unit="values", source="X.L5", ge=5)] = 50
    noisy_fewest: Annotated[
        int,
        threshold("Fewest values of which it is said", unit="values", source="few turn often by chance", ge=4),
    ] = 8
    noisy_cut: Annotated[
        float,
        threshold(
            "What the rate is divided by where a loss goes up and down", source="as for a loss that rises, S3.03", gt=1
        ),
    ] = 3.0
    noisy_swing: Annotated[
        float, threshold("Change of an accuracy from one value to the next", source="X.L1", gt=0, le=1)
    ] = 0.03
    noisy_swings: Annotated[
        float, threshold("Share of such changes that are back and forth", source="X.L1", gt=0, le=1)
    ] = 0.2
    initial_distance: Annotated[
        float,
        threshold(
            "Distance of the first loss from that of a guess, as a share of the latter", source="S3.04, X.L9", gt=0
        ),
    ] = 0.25
    improving_share: Annotated[
        float, threshold("Last share of a run over which its metric still gets better", source="X.L12", gt=0, lt=1)
    ] = 0.1
    improving_evaluations: Annotated[
        int,
        threshold(
            "Evaluations whose last quarter is compared with the one before",
            unit="evaluations",
            source="a quarter of eight is two; a single one is chance",
            ge=4,
        ),
    ] = 8
    slot_epochs: Annotated[
        float, threshold("Epochs that slots are usually trained for", unit="epochs", source="S0.09", gt=0)
    ] = 200.0
    improving_spreads: Annotated[
        float,
        threshold(
            "Standard errors by which it must have got better",
            unit="standard errors",
            source="X.L12 asks for significance",
            gt=0,
        ),
    ] = 3.0
    improving_gain: Annotated[
        float,
        threshold(
            "What its last quarter gained on the one before, as a share of all that a run gained",
            source="an exponential approach has 0.25 where it has hardly begun, 0.1 where a twelfth of the way is left",
            gt=0,
            lt=1,
        ),
    ] = 0.1
    smoothing_accuracy: Annotated[
        float, threshold("Accuracy from which smoothed labels are of use", source="S3.05", gt=0, le=1)
    ] = 0.8
    done_loss_low: Annotated[
        float, threshold("A done loss that stays between this and the next is stuck", source="S2.10", ge=0)
    ] = 0.3
    done_loss_high: Annotated[
        float, threshold("A done loss that stays between the one before and this is stuck", source="S2.10", ge=0)
    ] = 0.7
    done_loss_share: Annotated[
        float,
        threshold("Share of its values that lie between the two", source="no rule; single ones are noise", gt=0, lt=1),
    ] = 0.8
    done_loss_change: Annotated[
        float, threshold("Share of itself by which it changes meanwhile", source="S2.10 says about 0", gt=0)
    ] = 0.1
    done_loss_epochs: Annotated[
        float, threshold("For at least so long", unit="epochs", source="S2.01 says so of the pixel error", gt=0)
    ] = 10.0
    done_loss_values: Annotated[
        int,
        threshold(
            "Least values of a done loss in that time", unit="values", source="of fewer a share says little", ge=2
        ),
    ] = 5

    # scores: validation scores against their best and their baselines
    collapse_error: Annotated[
        float, threshold("Share of its best that a score falls to in two evaluations", source="S0.03", gt=0, lt=1)
    ] = 0.4
    collapse_critical: Annotated[
        float, threshold("Share of its best at which a score has nothing left", source="S0.03", gt=0, lt=1)
    ] = 0.1
    drop_share: Annotated[
        float, threshold("Share of its best that a score lies below at the end", source="S0.16", gt=0, lt=1)
    ] = 0.8
    drop_epochs: Annotated[
        float, threshold("From so long after the first evaluation", unit="epochs", source="S0.16", ge=0)
    ] = 10.0
    least_best: Annotated[
        float,
        threshold("Best score below which no fall is told, as a share of the whole scale", source="S0.16", ge=0, le=1),
    ] = 0.2
    loss_given_back: Annotated[
        float,
        threshold(
            "Share of what a validation loss had gained, which it loses with a score that never beat its baseline",
            source="measured: 0.78 where slots fell together at too high a rate",
            gt=0,
            le=1,
        ),
    ] = 0.5
    recovered_share: Annotated[
        float,
        threshold(
            "Share of its best at which a score has recovered",
            source="twice the distance of S0.16 is lost below it",
            gt=0,
            le=1,
        ),
    ] = 0.9
    unnamed_rise: Annotated[
        float,
        threshold(
            "Last value over the least from which on a number that a log prints without a name is a score and no loss",
            source="no rule; a loss that falls ends near its least",
            gt=1,
        ),
    ] = 2.0
    collapse_rate: Annotated[
        float,
        threshold("Rate that is named beside a collapse of slots, as it is also a published one", source="S0.07", gt=0),
    ] = 4e-4
    collapse_warmup: Annotated[
        float, threshold("Warm-up that is named beside a collapse of slots", unit="epochs", source="S0.08", ge=0)
    ] = 5.0
    swing: Annotated[
        float, threshold("Fall of a score within the last evaluations, of the whole scale", source="S0.04", gt=0, le=1)
    ] = 0.3
    swing_evaluations: Annotated[
        int, threshold("Evaluations in which it swings", unit="evaluations", source="S0.04", ge=4)
    ] = 6
    swing_turns: Annotated[int, threshold("Turns among them", source="S0.04", ge=1)] = 2
    swing_left: Annotated[
        float,
        threshold(
            "Share of its deepest fall by which it ends below its peak: a rising score that dips does not",
            source="the last two of values that go up and down lie halfway below the peak, give or take their noise",
            ge=0,
            le=1,
        ),
    ] = 0.4
    adrift_evaluations: Annotated[
        int, threshold("Last evaluations of an ARI that drifts about", unit="evaluations", source="S0.18", ge=4)
    ] = 10
    adrift_spread: Annotated[
        float, threshold("Standard deviation of an ARI that drifts about", source="S0.18", gt=0, le=1)
    ] = 0.05
    adrift_low: Annotated[float, threshold("An ARI that drifts about lies above", source="S0.18", ge=0, le=1)] = 0.25
    adrift_high: Annotated[float, threshold("An ARI that drifts about lies below", source="S0.18", ge=0, le=1)] = 0.45
    adrift_epochs: Annotated[
        float, threshold("From so long after the first evaluation", unit="epochs", source="S0.18", ge=0)
    ] = 20.0
    fall_share: Annotated[
        float, threshold("Share of evaluations that are worse than the one before", source="S0.17", gt=0, le=1)
    ] = 0.3
    fall_least: Annotated[float, threshold("Fall of an averaged score that counts", source="S0.17", gt=0, le=1)] = 0.02
    stagnant_epochs: Annotated[
        float,
        threshold("Epochs in whose second half the best ARI must get better", unit="epochs", source="S0.15", gt=0),
    ] = 50.0
    stagnant_gain: Annotated[float, threshold("By so much", source="S0.15", gt=0, le=1)] = 0.02
    ari_goal: Annotated[float, threshold("ARI that good training reaches", source="S0.14", gt=0, le=1)] = 0.85
    ari_goal_epochs: Annotated[float, threshold("In so long", unit="epochs", source="S0.14", gt=0)] = 100.0
    baseline_evaluations: Annotated[
        int,
        threshold(
            "Evaluations before a score is held against its baseline: every one begins below it",
            unit="evaluations",
            source="no rule; X.L13 gives no time",
            ge=1,
        ),
    ] = 3
    baseline_errors: Annotated[
        float,
        threshold(
            "Standard errors above the baseline that count as no better", unit="standard errors", source="X.L13", ge=0
        ),
    ] = 2.0
    baseline_samples: Annotated[
        int,
        threshold(
            "Scenes or grids of a dump before their mean is held against a baseline",
            unit="samples",
            source="no rule; of fewer a mean and its error tell little",
            ge=2,
        ),
    ] = 8
    found_fg_ari: Annotated[
        float,
        threshold(
            "FG-ARI of masks above which all objects are found, whatever blocks score",
            source="no rule; 1 is every pixel of every object right",
            gt=0,
            le=1,
        ),
    ] = 0.95
    padded_excess: Annotated[
        float,
        threshold(
            "Padded accuracy above that of the cells that count",
            source="S3.09: 0.92 beside 0.48 for empty answers",
            gt=0,
            le=1,
        ),
    ] = 0.1
    padded_copy: Annotated[
        float, threshold("Padded accuracy of copies of the input on ARC's pairs", source="S3.09, measured", gt=0, le=1)
    ] = 0.941
    padded_least: Annotated[
        float,
        threshold("Accuracy that looks bad as it is, whatever it counts", source="no rule", ge=0, le=1),
    ] = 0.5
    gap_accuracy: Annotated[
        float,
        threshold(
            "Training accuracy above that of validation, up to the accuracy of the next", source="X.L8", gt=0, le=1
        ),
    ] = 0.1
    high_accuracy: Annotated[
        float, threshold("Training accuracy above which a smaller gap counts", source="X.L8", gt=0, le=1)
    ] = 0.9
    gap_high_accuracy: Annotated[
        float,
        threshold("Training accuracy above that of validation where the former is high", source="X.L8", gt=0, le=1),
    ] = 0.07
    early_accuracy: Annotated[
        float, threshold("Validation accuracy that is early to be reached", source="X.L7", gt=0, le=1)
    ] = 0.95
    early_epochs: Annotated[
        float, threshold("Epochs in which it is early", unit="epochs", source="X.L7 says after 3", gt=0)
    ] = 3.0
    accuracy_ahead: Annotated[
        float, threshold("Validation accuracy above that of training", source="X.L7", gt=0, le=1)
    ] = 0.05
    scattered_fg_ari: Annotated[float, threshold("FG-ARI of which objects are found", source="X.A5", gt=0, le=1)] = 0.8
    scattered_ari: Annotated[
        float, threshold("ARI, background included, that is low beside it", source="X.A5", gt=0, le=1)
    ] = 0.3
    behind_values: Annotated[
        int,
        threshold(
            "Last values of a curve that all lie behind the course of good training",
            unit="values",
            source="S0.12; one alone may be noise",
            ge=1,
        ),
    ] = 3
    behind_guess: Annotated[
        float,
        threshold(
            "Share of the loss of guessing that a grid solver's loss is still above",
            source="chosen; S3.08 is one run's course, and sound runs end at a quarter and less",
            gt=0,
            le=1,
        ),
    ] = 0.5
    behind_epoch: Annotated[
        float,
        threshold(
            "Epoch from which the loss of a grid solver is held against its course",
            unit="epochs",
            source="the courses of the ARI begin there; earlier many fall slowly that come as far",
            ge=0,
        ),
    ] = 20.0

    # rates: the learning rate
    rate_deviation: Annotated[
        float, threshold("Relative distance from the planned rate that counts", source="X.LR3", gt=0)
    ] = 1e-3
    trace_tolerance: Annotated[
        float,
        threshold(
            "Distance from one step of the recursion that still is that step",
            unit="base rates",
            source="X.LR3",
            gt=0,
        ),
    ] = 1e-6
    written_tolerance: Annotated[
        float,
        threshold("Relative distance between a group's rate and the scheduler's last one", source="X.LR6", gt=0),
    ] = 1e-9
    flat_range: Annotated[float, threshold("Relative range within which a rate is constant", source="X.LR1", gt=0)] = (
        1e-6
    )
    flat_epochs: Annotated[
        float, threshold("A rate is flat for at least so long", unit="epochs", source="X.LR1", gt=0)
    ] = 3.0
    flat_share: Annotated[
        float,
        threshold("A rate is flat for at least so large a share of the schedule", source="X.LR1", gt=0, le=1),
    ] = 0.05
    flat_most: Annotated[
        float,
        threshold(
            "Share of the schedule for which a rate that is flat counts although the schedule is short",
            source="a plan that is stepped each epoch stands still for a third of three epochs",
            gt=0,
            le=1,
        ),
    ] = 0.4
    flat_points: Annotated[
        int,
        threshold(
            "Least points in such a stretch, so that two or three sparse ones do not make it",
            unit="points",
            source="X.LR1",
            ge=2,
        ),
    ] = 10
    planned_change: Annotated[
        float,
        threshold("Relative change that the plan must make in the same span", source="X.LR1", gt=0),
    ] = 0.01
    sawteeth: Annotated[
        int, threshold("Epochs that begin with a dip of one value", unit="epochs", source="X.LR2", ge=2)
    ] = 3
    compound_ratio: Annotated[
        float,
        threshold(
            "A rate that keeps one ratio below this to its plan has lost the rest in its warm-up",
            source="X.LR4",
            gt=0,
            le=1,
        ),
    ] = 0.9
    compound_spread: Annotated[
        float, threshold("Relative spread of a ratio that still is one ratio", source="X.LR4", gt=0)
    ] = 1e-3
    compound_match: Annotated[
        float,
        threshold(
            "Relative distance of that ratio from W!/W^W for a whole number W of warm-up steps",
            source="X.LR4",
            gt=0,
        ),
    ] = 0.01
    longest_compound: Annotated[
        int,
        threshold("Warm-up steps tried; beyond it the ratio is 1e-25", unit="steps", source="W!/W^W", ge=2, le=10_000),
    ] = 60
    longest_replay: Annotated[
        int,
        threshold(
            "Scheduler steps that a fault is played through, which takes about a tenth of a second",
            unit="steps",
            source="measured",
            ge=0,
            le=1_000_000,
        ),
    ] = 5_000
    replay_tolerance: Annotated[
        float,
        threshold(
            "Relative distance from a replayed fault that still is that fault",
            source="torch's own rounding stays below 1e-12",
            gt=0,
        ),
    ] = 1e-9
    unit_slack: Annotated[
        float, threshold("Relative distance at which a scheduler's count meets the run's", source="X.LR8", gt=0)
    ] = 0.01
    unit_lengths: Annotated[
        float,
        threshold(
            "A scheduler's length is one of epochs up to so many times those that the run has", source="X.LR8", gt=0
        ),
    ] = 2.0
    least_steps_per_epoch: Annotated[
        float,
        threshold(
            "Steps in an epoch below which steps and epochs cannot be told apart",
            unit="steps",
            source="X.LR8",
            ge=1,
        ),
    ] = 3.0
    longest_fit: Annotated[
        int,
        threshold(
            "Epochs of the longest cosine that is tried where the scheduler was not saved",
            unit="epochs",
            source="no run of the field is longer",
            ge=2,
            le=1_000_000,
        ),
    ] = 5000
    highest_rate: Annotated[
        float, threshold("Rate of Adam and its like above which it is out of the usual range", source="X.LR11", gt=0)
    ] = 0.01
    lowest_rate: Annotated[
        float, threshold("Rate of Adam and its like below which it is out of the usual range", source="X.LR11", gt=0)
    ] = 1e-7
    usual_rate: Annotated[
        float, threshold("Rate that is proposed where one is out of it", source="Adam's default, torch and Keras", gt=0)
    ] = 1e-3
    spike_factor: Annotated[
        float,
        threshold(
            "Rate over the highest of its last three points, and over all before, that no schedule's form gives",
            source="a warm-up rises point by point; cosines with restarts, cycles and one_cycle return to their top",
            gt=1,
        ),
    ] = 3.0
    spike_still: Annotated[
        float,
        threshold(
            "Rate just before a jump over that two points earlier, up to which it was not rising",
            source="no rule; what rises faster is a warm-up",
            ge=1,
        ),
    ] = 1.2
    spike_near: Annotated[
        float,
        threshold(
            "Rate over that before a jump up to which it is as it was",
            source="no rule; a rate that was put right has gone on with its schedule meanwhile",
            ge=1,
        ),
    ] = 1.5
    spike_losses: Annotated[
        int,
        threshold(
            "Values of a loss after a jump of the rate that may be put down to it",
            unit="values",
            source="the next loss shows a step that was too long; some more, as rates and losses may be logged apart",
            ge=1,
        ),
    ] = 5
    spike_rise: Annotated[
        float,
        threshold(
            "Highest loss after a jump of the rate over the median before it",
            source="losses rise by a tenth after a restart of a cosine",
            gt=1,
        ),
    ] = 1.3
    spike_spreads: Annotated[
        float,
        threshold(
            "The same in standard deviations of a single loss",
            unit="standard deviations",
            source="of five values of noise the highest lies within four",
            ge=0,
        ),
    ] = 6.0
    spike_over: Annotated[
        float,
        threshold(
            "Median of the last three losses over that before the jump up to which the loss has come back",
            source="losses rise by a tenth after a restart of a cosine",
            ge=1,
        ),
    ] = 1.1

    # gradients: norms, update ratios and clipping, from the log
    silent_records: Annotated[
        int,
        threshold(
            "Logged norms that must all be zero, or lacking: LoRA's first matrix has none in its first step",
            unit="records",
            source="S1.04",
            ge=2,
        ),
    ] = 3
    norm_records: Annotated[
        int,
        threshold("Logged norms before their course is judged", unit="records", source="X.G6, a window of 5", ge=4),
    ] = 5
    gradient_rise: Annotated[
        float,
        threshold(
            "Gradient norm over its usual one above which it explodes; sound runs reach 20",
            source="measured on 20 sound runs of the recipes; X.G6's doubling is reached by most",
            gt=1,
        ),
    ] = 100.0
    large_gradient: Annotated[float, threshold("And above this", unit="L2 norm", source="S3.11", gt=0)] = 100.0
    exploded_norm: Annotated[
        float,
        threshold(
            "Gradient norm that is large whatever it was before; a sum over samples in place of a mean is one too",
            unit="L2 norm",
            source="S2.13, S2.15",
            gt=0,
        ),
    ] = 1000.0
    exploded_cut: Annotated[
        float, threshold("What the rate is divided by where gradients explode", source="S2.15", gt=1)
    ] = 2.0
    clipped_share: Annotated[
        float, threshold("Share of steps whose gradient is clipped", source="X.G5", gt=0, lt=1)
    ] = 0.5
    clip_distance: Annotated[
        float,
        threshold(
            "Usual gradient norm over the clipping norm above which the latter is far too low",
            source="X.G5 says far; sound runs of the recipes stay below 2.5",
            gt=1,
        ),
    ] = 3.0
    clip_quantile: Annotated[
        float,
        threshold("Quantile of observed norms that is proposed as the clipping norm", source="X.G5, S0.10", gt=0, lt=1),
    ] = 0.9
    update_high: Annotated[
        float,
        threshold("Spread of a module's update over that of its weights, for long steps", source="X.G4", gt=0),
    ] = 0.1
    update_low: Annotated[
        float, threshold("The same, below which a module hardly moves at its fastest", source="X.G4", gt=0)
    ] = 1e-4
    update_usual: Annotated[float, threshold("The same of a sound run, about", source="X.G4", gt=0)] = 1e-3
    zero_moments: Annotated[
        float,
        threshold(
            "Share of a kernel's elements that never had a gradient: their second moments are exactly zero",
            source="X.D1",
            gt=0,
            lt=1,
        ),
    ] = 0.7

    # checkpoints: what one or two of them tell
    constant_variance: Annotated[
        float,
        threshold(
            "Running variance over the upper quartile of its layer below which a channel is one value, whatever is"
            " put in",
            source="four orders in standard deviation; of 3,640 trained channels of public checkpoints one lies below"
            " it, at 4e-16 of its median, and the least of the others at 5e-3",
            ge=0,
            le=1,
        ),
    ] = 1e-8
    largest_summed_bytes: Annotated[
        int,
        threshold(
            "Size of the newest checkpoint that is looked through for its health, one to two seconds, once; a larger"
            " one is looked through in the Weights view",
            unit="bytes",
            source="the measured speed of the summary of a checkpoint",
            ge=0,
        ),
    ] = 1_000_000_000
    least_matrix_elements: Annotated[
        int,
        threshold(
            "Elements of a matrix or kernel below which all equal values say nothing",
            unit="elements",
            source="counted: small ones may be equal on purpose",
            ge=1,
        ),
    ] = 16
    duplicate_distance: Annotated[
        float,
        threshold(
            "Distance of two filters over their length below which they are one: 100 times the rounding of float32",
            source="training moves filters that begin alike only by rounding; of 6,073 filters of public checkpoints"
            " the nearest two lie 0.13 apart",
            ge=0,
            le=1,
        ),
    ] = 1e-5
    least_filter_elements: Annotated[
        int,
        threshold(
            "Weights of a filter below which two may be equal by chance or on purpose",
            unit="elements",
            source="counted: small ones may be equal on purpose",
            ge=1,
        ),
    ] = 8
    underflow_share: Annotated[
        float,
        threshold(
            "Share of second moments that are lost to rounding above which it is told, even where no step suffers",
            source="a share that is no accident",
            ge=0,
            le=1,
        ),
    ] = 0.01
    vanishing_ratio: Annotated[
        float,
        threshold(
            "Gradient of the first kernel over that of the last, below which it vanishes", source="X.G2", ge=0, le=1
        ),
    ] = 1e-3
    vanishing_norm: Annotated[
        float,
        threshold("Gradient of the first kernel below which it vanishes", unit="L2 norm", source="X.G2", ge=0),
    ] = 1e-4
    exploding_ratio: Annotated[
        float,
        threshold("Gradient of the first kernel over that of the last, above which it explodes", source="X.G3", ge=1),
    ] = 70.0
    least_kernels: Annotated[
        int,
        threshold(
            "Kernels between which a gradient can be said to vanish or to explode across depth",
            unit="kernels",
            source="X.G2, X.G3",
            ge=2,
        ),
    ] = 4

    # slots: masks and slots of an image
    mask_entropy: Annotated[
        float,
        threshold(
            "Mask entropy over that of a uniform mask above which every slot explains every pixel alike",
            source="X.A2, measured on four small runs: 0.995 to 1.0 where slots stayed alike, 0.54 to 0.82 in the"
            " others",
            ge=0,
            le=1,
        ),
    ] = 0.98
    steps_after_warmup: Annotated[
        int,
        threshold(
            "Optimizer steps after the warm-up in which a uniform mask is normal", unit="steps", source="X.A2", ge=0
        ),
    ] = 1000
    steps_of_cosine: Annotated[
        int,
        threshold("Optimizer steps after the warm-up before slot cosines count", unit="steps", source="S0.11b", ge=0),
    ] = 2000
    slot_cosine: Annotated[
        float,
        threshold(
            "Mean cosine between the slots of an image above which they have collapsed",
            source="S0.11c; runs that end well pass through 0.70 to 0.81 and begin at 0.99, so it only counts late and"
            " beside uniform masks",
            ge=-1,
            le=1,
        ),
    ] = 0.7
    diversity_weight: Annotated[
        float, threshold("Weight of the diversity loss that is proposed", source="S0.11c", gt=0)
    ] = 0.01
    collapse_rate_cut: Annotated[
        float, threshold("What the rate is divided by when slots collapse", source="S0.11c", gt=1)
    ] = 4.0
    like_slots: Annotated[
        float,
        threshold(
            "Mean cosine between slots that began alike above which they still are",
            source="a trained run whose slots began with a spread of 1e-4 has 1 for all of its 750 steps, one with a"
            " spread of 1 has 0.14 after the first 125",
            ge=-1,
            le=1,
        ),
    ] = 0.999
    least_slot_noise: Annotated[
        float,
        threshold(
            "Spread of new slots below which they hardly differ",
            source="slots are normalised, so 1 is their usual spread",
            ge=0,
        ),
    ] = 0.1
    slot_noise_proposed: Annotated[
        float,
        threshold(
            "Spread of new slots that is proposed",
            source="Locatello et al. 2020, a learned Gaussian that begins near 1",
            gt=0,
        ),
    ] = 1.0
    dump_samples: Annotated[
        int,
        threshold(
            "Samples of a dump that masks and slots are judged on; more change a mean little and take long to decode",
            unit="samples",
            source="measured",
            ge=1,
        ),
    ] = 64
    least_active: Annotated[
        float, threshold("Slots in use on an image up to which they are too few", unit="slots", source="S4.05", gt=0)
    ] = 2.0
    active_slack: Annotated[
        float,
        threshold(
            "Share of the objects and the ground that as many slots must cover",
            source="S4.05 asks to compare them",
            gt=0,
            le=1,
        ),
    ] = 0.75
    slots_apart: Annotated[float, threshold("Slot cosine at which slots have parted", source="S0.11b", gt=0, lt=1)] = (
        0.5
    )
    entropy_apart: Annotated[
        float,
        threshold(
            "Mask entropy, over that of a uniform mask, at which slots have parted",
            source="measured: 0.54 to 0.82 in runs whose slots parted",
            gt=0,
            lt=1,
        ),
    ] = 0.85
    collapsed_evaluations: Annotated[
        int,
        threshold(
            "Last evaluations in which slots that had parted are alike",
            unit="evaluations",
            source="S0.03 asks for two in a row",
            ge=1,
        ),
    ] = 2

    takes_all: Annotated[
        float,
        threshold("Share of the content above which a slot takes all of an image", source="X.A3", gt=0, lt=1),
    ] = 0.95
    one_slot_share: Annotated[
        float, threshold("Share of images of which one slot takes nearly all", source="X.A3", ge=0, le=1)
    ] = 0.9
    empty_ground: Annotated[
        float,
        threshold(
            "Share of the pixels that belong to the ground above which one slot may well take all",
            source="X.A3",
            ge=0,
            le=1,
        ),
    ] = 0.9
    position_share: Annotated[
        float,
        threshold("How much of the choice of a slot its place alone tells, over images", source="X.A4", ge=0, le=1),
    ] = 0.8
    place_agreement: Annotated[
        float,
        threshold(
            "How far two of a few images agree, place by place, on the slot that wins, beyond chance",
            source="tried on drawn masks of four images: 1 for fixed pieces, 0.71 to 0.82 where two objects lie over"
            " four such pieces, -0.07 to 0.24 for objects on one ground",
            ge=0,
            le=1,
        ),
    ] = 0.9

    # channels: sparsity, dead, dormant
    dead_warning: Annotated[
        float,
        threshold("Share of a layer's channels that never fire, for a warning", source="X.D2", ge=0, le=1),
    ] = 0.10
    dead_error: Annotated[
        float, threshold("Share of a layer's channels that never fire, for an error", source="X.D2", ge=0, le=1)
    ] = 0.50
    dead_epsilon: Annotated[
        float,
        threshold(
            "|a| that counts as silence where an activation has no exact zero; a ReLU is silent at 0",
            source="X.D2",
            ge=0,
        ),
    ] = 1e-6
    sure_samples: Annotated[
        int,
        threshold(
            "Samples of silence after which a dead channel is certain: it fires on fewer than 5% at 95%",
            unit="samples",
            source="the rule of three, 3/n",
            ge=1,
        ),
    ] = 60
    largest_streamed_bytes: Annotated[
        int,
        threshold(
            "Decoded activations that are looked through; of more, as many samples of each layer as come to that",
            unit="bytes",
            source="the measured speed of streaming a layer, about 0.3 GB/s from gzip on one core",
            ge=0,
        ),
    ] = 4_000_000_000
    dead_rate_cut: Annotated[
        float, threshold("What the rate is divided by when channels die", source="X.D1, S4.02", gt=1)
    ] = 2.0
    sparse_share: Annotated[
        float,
        threshold("Share of silence of a layer's living channels below which it is usual", source="S4.01", ge=0, le=1),
    ] = 0.5
    sparse_excess: Annotated[
        float,
        threshold(
            "By how much that share must exceed what the activation leaves of normal inputs by itself",
            source="S4.01 names 0.605 where a ReLU alone leaves 0.505; half of all healthy layers lie a little above",
            ge=0,
            le=1,
        ),
    ] = 0.08
    silent_values: Annotated[
        float,
        threshold("Share of a channel's values that are silent where hardly any fires", source="X.D4", ge=0, le=1),
    ] = 0.95
    silent_channels: Annotated[
        float, threshold("Share of a layer's living channels that hardly fire", source="X.D4", ge=0, le=1)
    ] = 0.5
    dormant_score: Annotated[
        float,
        threshold(
            "Mean |a| of a channel over that of its layer, up to which it is dormant",
            source="X.D3; Sokar et al. 2023, as set in DrM",
            ge=0,
        ),
    ] = 0.025
    dormant_share: Annotated[
        float, threshold("Share of a layer's channels that are dormant and not dead", source="X.D3", ge=0, le=1)
    ] = 0.2
    dormant_warning: Annotated[
        float,
        threshold("The same share for a warning", source="measured: healthy counting runs have up to 0.22", ge=0, le=1),
    ] = 0.5
    saturated_values: Annotated[
        float,
        threshold(
            "Share of a channel's values beyond 0.95 of a tanh, or as near to the ends of a sigmoid",
            source="X.D5: with the others spread evenly its measure is then 0.85",
            ge=0,
            le=1,
        ),
    ] = 0.7
    saturated_channels: Annotated[
        float, threshold("Share of a layer's channels that are saturated", source="X.D5", ge=0, le=1)
    ] = 0.5
    flat_diversity: Annotated[
        float,
        threshold(
            "Spatial diversity, 1 less the mean cosine between the features of two places, below which maps are flat",
            source="S4.09",
            ge=0,
            le=1,
        ),
    ] = 0.1
    spatial_samples: Annotated[
        int,
        threshold("Samples of each layer whose maps are compared place by place", unit="samples", source="S4.09", ge=1),
    ] = 8
    small_activation: Annotated[
        float, threshold("Mean |a| of a layer below which its numbers are very small", source="S4.11", ge=0)
    ] = 0.01
    least_spread: Annotated[
        float,
        threshold(
            "Standard deviation of a layer's values below which they are very small",
            source="X.D6 gives 0.5, ten times as much: healthy layers without a normalisation lie below it",
            ge=0,
        ),
    ] = 0.05
    most_spread: Annotated[
        float,
        threshold(
            "Standard deviation of a layer's values above which they are very large",
            source="X.D6 gives 2.0, a tenth: healthy layers without a normalisation lie above it",
            gt=0,
        ),
    ] = 20.0

    # points: pixel errors, predictions and done
    lenient_goals: Annotated[
        float,
        threshold("Goals that a loss may reach before it forgives errors that are to be mended", source="S2.04", gt=0),
    ] = 2.0
    forgiven_share: Annotated[
        float,
        threshold(
            "Share of all errors that lie between the goal and the threshold before the threshold is to blame",
            source="S2.04",
            ge=0,
            le=1,
        ),
    ] = 0.5
    stuck_epochs: Annotated[
        float, threshold("A pixel error is stuck that changes little for so long", unit="epochs", source="S2.01", gt=0)
    ] = 10.0
    stuck_slope_px: Annotated[
        float,
        threshold(
            "Change of a stuck pixel error: less than a pixel in ten epochs", unit="px/epoch", source="S2.01", gt=0
        ),
    ] = 0.1
    stuck_error_px: Annotated[
        float,
        threshold(
            "Pixel error below which lies the goal, and which may stay",
            unit="px",
            source="S2.01, 3 to 10 px of 384",
            ge=0,
        ),
    ] = 10.0
    stuck_points: Annotated[
        int, threshold("Least evaluations in such a stretch", unit="evaluations", source="S2.01", ge=2)
    ] = 5
    saturated_share: Annotated[
        float,
        threshold("Share of coordinates at the border above which a head is saturated", source="S1.05", ge=0, le=1),
    ] = 0.5
    constant_share: Annotated[
        float,
        threshold("Spread of predictions over that of objects below which they are one constant", source="S1.11", ge=0),
    ] = 0.01
    surely_explained: Annotated[
        float,
        threshold(
            "Share of the median error that undoing a mistake leaves where the mistake is certain",
            source="a quarter is far from chance",
            ge=0,
            le=1,
        ),
    ] = 0.25
    collapsed_cut: Annotated[
        float,
        threshold("What the rate is divided by where predictions are stuck", source="S1.01, 5e-5 for 1e-3", gt=1),
    ] = 20.0
    collapsed_rate: Annotated[
        float, threshold("Rate below which none is proposed where predictions are stuck", source="S1.01", gt=0)
    ] = 5e-5
    outside_share: Annotated[
        float, threshold("Share of predicted coordinates outside of their image", source="S1.06", ge=0, le=1)
    ] = 0.05
    far_outside: Annotated[
        float,
        threshold(
            "Coordinate, where an image reaches from -1 to 1, at which a clamp may hold a prediction",
            source="S1.06",
            gt=1,
        ),
    ] = 2.0
    done_all_low: Annotated[
        float,
        threshold("Done probability below which a signal that never exceeds it is flat", source="S2.12", ge=0, le=1),
    ] = 0.2
    done_found: Annotated[
        float,
        threshold(
            "Share of the done samples that are found, from which on it does no harm that they are few",
            source="S2.07 tells of a signal that learns to say no always",
            gt=0,
            le=1,
        ),
    ] = 0.5
    few_positives: Annotated[
        int,
        threshold(
            "Done samples of which nothing certain can be said", unit="samples", source="too few for a share", ge=0
        ),
    ] = 5
    informed_ratio: Annotated[
        float,
        threshold(
            "Average precision over the base rate above which a done signal tells something, though it stays low; half"
            " of the way from the base rate to 1 where that is less",
            source="S2.06 asks for the two side by side, since a calibrated model of a rare class seldom exceeds one"
            " half",
            ge=1,
        ),
    ] = 3.0
    done_share_proposed: Annotated[
        float, threshold("Share of done samples that is proposed", source="S1.13, S2.07", gt=0, le=1)
    ] = 0.5
    done_weight_proposed: Annotated[
        float, threshold("Weight of the done loss that is proposed", source="S1.13, S2.07", gt=0)
    ] = 3.0
    done_weight_after: Annotated[
        float, threshold("Weight of the done loss that is proposed next", source="S2.08", gt=0)
    ] = 5.0

    # plan: advice from settings alone
    plan_epochs: Annotated[
        float,
        threshold(
            "Epochs after which curves tell more than settings do, so that these are no longer remarked on",
            unit="epochs",
            source="no rule; losses and scores are judged from then on",
            gt=0,
        ),
    ] = 1.0
    plan_losses: Annotated[
        int,
        threshold(
            "Logged losses that stand for as much where epochs are not known",
            unit="values",
            source="no rule; chosen",
            ge=1,
        ),
    ] = 100
    samples_per_slot: Annotated[
        float,
        threshold(
            "Training samples for each slot below which a data set is small for slots",
            unit="samples",
            source="S0.05: 10,000 for 12 slots; four slots part on 4,000",
            gt=0,
        ),
    ] = 833.0
    augmented_samples: Annotated[
        float,
        threshold("Samples that augmentation makes of one: turned and mirrored", unit="samples", source="S3.10", ge=1),
    ] = 8.0
    warmup_share: Annotated[
        float, threshold("Share of the schedule that a warm-up takes", source="X.LR10", gt=0, lt=1)
    ] = 0.1
    many_epochs: Annotated[
        float, threshold("Epochs that are many for few samples", unit="epochs", source="S4.04", gt=0)
    ] = 1000.0
    few_for_many: Annotated[
        int, threshold("Samples that are few for many epochs", unit="samples", source="S4.04: 200 grids", ge=1)
    ] = 1000

    # seams: where a run was resumed
    seam_records: Annotated[
        int,
        threshold(
            "Logged losses before a resume, and after it, whose medians are compared",
            unit="records",
            source="X.R2, 50 steps",
            ge=5,
        ),
    ] = 50
    seam_least: Annotated[
        int, threshold("Fewest on either side", unit="records", source="a median of fewer is chance", ge=3)
    ] = 5
    seam_jump: Annotated[float, threshold("Loss after a resume over that before it", source="X.R2", gt=1)] = 1.2
    seam_spreads: Annotated[
        float,
        threshold(
            "Standard deviations of single losses by which it must have risen besides",
            unit="standard deviations",
            source="the medians of five differ by less than two by chance alone",
            ge=0,
        ),
    ] = 2.0
    seam_rate_rise: Annotated[
        float,
        threshold(
            "Rate after a resume over that before it above which it may be what raised the loss",
            source="no rule; rounding and a slow warm-up stay below it",
            ge=1,
        ),
    ] = 1.05
    resumed_rate: Annotated[
        float, threshold("Relative distance of a resumed run's first rate from what its edits ask", source="X.R1", gt=0)
    ] = 1e-3
    restart_jump: Annotated[
        float,
        threshold(
            "Jump of a rate from one point to the next, of its top", source="what an eye takes for one", gt=0, le=1
        ),
    ] = 0.05
    restart_points: Annotated[
        int,
        threshold(
            "Points of a rate that must repeat its beginning",
            unit="points",
            source="fewer meet by chance, and cycles that short are logged too seldom to tell",
            ge=3,
        ),
    ] = 5
    restart_distance: Annotated[
        float,
        threshold(
            "Greatest distance of a repeated course, of the top", source="points between logged ones", gt=0, le=1
        ),
    ] = 0.02
    restart_floor: Annotated[
        float,
        threshold(
            "A schedule that ended stands below this share of its top", source="cosines over 8 points", ge=0, le=1
        ),
    ] = 0.05
    restart_cut: Annotated[
        float,
        threshold(
            "The same where it cannot be seen whether the repeated course goes on",
            source="a line of five points to 0 has a fifth left at its last; cycles seldom end higher",
            ge=0,
            le=1,
        ),
    ] = 0.25


DEFAULTS = Thresholds()
"""Those of a run that sets none of its own."""
