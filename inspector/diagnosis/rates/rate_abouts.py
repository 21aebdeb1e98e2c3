"""What is said of each thing that can happen to a learning rate."""

from __future__ import annotations

from inspector.diagnosis.check import About
from inspector.diagnosis.rates.rate_marks import Kind

_CONFIRM = "Log the rate of every group in the step that uses it; with one closed form it equals the plan"
_SOURCE = "measured on torch 2.13's schedulers"

ABOUTS: dict[Kind, About] = {
    Kind.DIFFERENT: About(
        id="rate-not-planned",
        title="Learning rate is not the planned one",
        rules=("S3.02",),
        symptom="A checkpoint's rate beside the curve of its scheduler",
        definition="The rate of a group in a checkpoint lies further than {rate_deviation} from its scheduler's closed"
        " form (and {trace_tolerance} of the base rate), and nothing tells why.",
        why="Training does not follow the schedule that it was given",
        confirm=_CONFIRM,
        false_alarm="A rate that was changed by hand, or a scheduler that was given another start, differs too",
        cure="Let one closed form give the rate, warm-up times decay, and let nothing else write it.",
        source=_SOURCE,
    ),
    Kind.OVERWRITTEN: About(
        id="overwritten-rate",
        title="Something writes over the scheduled learning rate",
        rules=("X.LR1", "X.LR2", "X.LR3", "S3.02"),
        symptom="The rate stays at its top where the plan falls, or dips for one value at each start of an epoch",
        definition="One of three traces. The logged rate stays within {flat_range} for {flat_epochs} epochs and"
        " {flat_share} of the schedule, or for {flat_most} of a short one, over {flat_points} points or more, where"
        " the plan moves by more than {planned_change}. It dips for one value at {sawteeth} or more starts of an epoch."
        " Or the rate in a checkpoint is, within {trace_tolerance} of the base rate, one step of the scheduler's"
        " recursion from the base rate: for"
        " a cosine η + (base − η) · (1 + cos πt/T) / (1 + cos π(t−1)/T).",
        why="The warm-up writes its rate into the optimizer after the scheduler has stepped, so the decay"
        " never reaches a step of training",
        confirm=_CONFIRM,
        false_alarm="A loop may own the rate on purpose and keep a scheduler it does not use",
        cure="Multiply the warm-up with the decay in one closed form (LambdaLR or equal), so that no second writer is"
        " left. Writing get_last_lr() · warm-up back, as is often advised, compounds with every recursive scheduler.",
        source=_SOURCE,
    ),
    Kind.COMPOUNDED: About(
        id="compounded-rate",
        title="The warm-up compounds into the learning rate",
        rules=("X.LR4", "X.LR5"),
        symptom="The rate has the shape of its plan and lies far below it for good",
        definition="The rate over its plan keeps one ratio c below {compound_ratio} (give or take {compound_spread})"
        " over two or more checkpoints or {flat_points} points or more of a curve, half as many where c is that of a"
        " warm-up: one of W steps that is handed back each time leaves c = W! / W^W, 0.222 for 3, 0.0384 for 5, 3.6e-4"
        " for 10. Or a cosine climbs from below"
        " its floor.",
        why="The warm-up scales the scheduler's last rate and hands it back; a recursive scheduler goes on"
        " from there, so each factor counts again and the rate stays too low for good",
        confirm=_CONFIRM,
        false_alarm="A rate that was lowered once by hand also keeps one share of its plan",
        cure="Multiply the warm-up with the decay in one closed form. Raising the base rate instead leaves the fault in"
        " place for the next warm-up.",
        source=_SOURCE,
    ),
    Kind.WRITTEN: About(
        id="rate-written-after",
        title="The learning rate was set after its scheduler",
        rules=("X.LR6",),
        symptom="A group's rate differs from the last one that its scheduler set",
        definition="The rate of a group and its scheduler's last rate lie further apart than {written_tolerance}.",
        why="A second writer sets the rate; whichever comes last before a step counts",
        confirm=_CONFIRM,
        false_alarm="A checkpoint saved between writing the rate and stepping the scheduler shows the same",
        cure="Let one closed form give the rate and let nothing else write it.",
        source=_SOURCE,
    ),
    Kind.FLATTENED: About(
        id="groups-one-rate",
        title="All groups were given one learning rate",
        rules=("X.LR7",),
        symptom="Curves of several groups that lie on each other though they were set apart",
        definition="All groups of an optimizer hold one rate although their base rates differ, at a place where their"
        " plans do too.",
        why="A loop that gives every group one rate loses the groups' own factors",
        confirm=_CONFIRM,
        false_alarm="Groups may be meant to end at one rate",
        cure="Write base rate times factor for each group, or let a scheduler with one function a group do it.",
        source=_SOURCE,
    ),
    Kind.UNIT: About(
        id="schedule-unit",
        title="The scheduler counts in another unit than it is set in",
        rules=("X.LR8",),
        symptom="A rate that swings up and down within epochs, or one that hardly falls",
        definition="The scheduler's count meets the run's steps (within {unit_slack}) while its length is at most"
        " {unit_lengths} times the run's epochs; or it meets the epochs while its length is that of all steps. Nothing"
        " is said below {least_steps_per_epoch} steps an epoch.",
        why="Stepped each batch and set in epochs, the rate swings up and down; stepped each epoch and set in steps,"
        " it never falls",
        confirm=_CONFIRM,
        false_alarm="A short cosine may be meant to swing, and a run may be stopped long before its schedule ends",
        cure="Set the length in the unit in which the scheduler is stepped.",
        source=_SOURCE,
    ),
    Kind.PAST_END: About(
        id="schedule-past-end",
        title="The cosine went on beyond its length",
        rules=("X.LR9",),
        symptom="The rate falls to its floor and rises again",
        definition="A CosineAnnealingLR has taken more steps than its T_max.",
        why="A cosine has a period of twice its length: past it the rate rises again, up to its top",
        confirm=_CONFIRM,
        false_alarm="A rate that rises again may be meant; CosineAnnealingWarmRestarts says so plainly",
        cure="Make the schedule as long as the run, or hold the floor after its end.",
        source=_SOURCE,
    ),
}
"""By what happened; the plainest, of which nothing tells why, first."""

ABOUT = ABOUTS[Kind.DIFFERENT]
