"""Grids of a dump that are rebuilt no better than by one colour, or by a copy of the input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.analysis.grid_scores import GridScores, grid_scores
from inspector.artifacts.dumps.dump import Dump, opened
from inspector.artifacts.dumps.sample_scan import valid_of
from inspector.core.arrays import AnyArray, FloatArray, ShapeError
from inspector.core.errors import UnsupportedError
from inspector.core.pulse import Pulse
from inspector.core.units import counted, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.gates import gate_step
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.values import Finding, NotAssessable, Severity, SlotEvidence, Sureness
from inspector.formats.dump import GT_GRIDS, ORIGINAL_HW, PRED_GRIDS
from inspector.formats.facts import DumpFacts
from inspector.runs.values import FileEntry

ABOUT = About(
    id="grid-accuracy",
    title="Grids are rebuilt no better than without a model",
    rules=("S4.06", "X.L13"),
    symptom="Rebuilt grids of one colour, or that are the input again",
    definition="Over the cells within the content, the mean share of right cells of a dump's grids is not above that"
    " of one colour everywhere, or of a copy of the input where the dump holds one, by more than **{baseline_errors}"
    " standard errors** of the difference, grid by grid, of {baseline_samples} or more; {steps_after_warmup} steps"
    " after the warm-up or later.",
    why="Most cells of a grid are of one colour, so that 79% right may be next to nothing; with the padding counted"
    " even an empty answer has 92%",
    confirm="Look at grids with several colours: what is not of the commonest is wrong there",
    false_alarm="Grids of which nearly all is one colour; few grids",
    cure="Leave padding out of the loss and of the score, and weigh rare colours more; then what keeps slots from"
    " parting. An accuracy of 85 to 90%, as is often named as a goal, means something only beside these baselines.",
    source="Rules S4.06 and X.L13",
)

_INPUT = "activations/question"
"""Where our own trainer records the grids that answers are made from."""


@dataclass(frozen=True, slots=True, eq=False)
class _Trivial:
    """A score that needs no model, grid by grid."""

    name: str
    shares: FloatArray


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The true and predicted grids of the newest dump that has both.

    Raises:
        FileError: they cannot be read.
    """
    found = [entry for entry, facts in material.dumps if _has_both(facts)]
    if not found:
        return ABOUT.not_assessable("no dump with true and predicted grids")
    entry, limits = found[-1], material.thresholds
    dump = opened(Path(entry.path), pulse)
    try:
        scores = _scores(dump, limits.dump_samples, pulse)
    except ShapeError as error:
        raise UnsupportedError(dump.path, "grids by sample", str(error)) from error
    known = int(np.isfinite(scores.accuracy).sum())
    if known < limits.baseline_samples:
        return ABOUT.not_assessable(
            f"{file_text(entry)} has {counted(known, 'grid')}; {limits.baseline_samples} are needed"
        )
    trivial = [_Trivial("one colour", scores.majority), _Trivial("a copy of the input", scores.copy)]
    best = max((one for one in trivial if np.isfinite(one.shares).any()), key=lambda one: np.nanmean(one.shares))
    over = scores.accuracy - best.shares
    over = over[np.isfinite(over)]
    if over.mean() > limits.baseline_errors * float(over.std(ddof=1)) / np.sqrt(len(over)):
        return None
    gate = gate_step(material)
    if entry.step is not None and entry.step <= gate:
        return ABOUT.not_assessable(f"it is step {entry.step:,}, and grids may be rebuilt badly until {gate:,.0f}")
    return _finding(entry, scores, best, known)


def has_grids(material: Material) -> bool:
    """Whether a dump holds true and predicted grids."""
    return any(_has_both(facts) for _entry, facts in material.dumps)


def _has_both(facts: DumpFacts) -> bool:
    return {GT_GRIDS, PRED_GRIDS} <= {one.path for one in facts.datasets if all(one.shape)}


def _scores(dump: Dump, most: int, pulse: Pulse) -> GridScores:
    paths = (GT_GRIDS, PRED_GRIDS, _INPUT)
    datasets = [one for path in paths if (one := dump.dataset(path)) is not None]
    count = min(most, *(one.shape[0] for one in datasets))
    pulse.beat(0, count, "comparing grids")
    truth, answers, *inputs = (dump.rows(one, 0, count) for one in datasets)
    if truth.ndim != 3:
        raise ShapeError(f"grids of shape {truth.shape} are not (grids, height, width)")
    content = [_content(dump, sample, truth.shape[1:]) for sample in range(count)]
    return grid_scores(truth, answers, np.array(content).reshape(truth.shape), inputs[0] if inputs else None)


def _content(dump: Dump, sample: int, grid: tuple[int, ...]) -> AnyArray:
    """Which cells of a grid are its content: by the stated size in pixels, else by that in cells."""
    valid = valid_of(dump, sample, (grid[0], grid[1]))
    if valid is not None:
        return valid
    rows, columns = grid
    if dump.dataset(ORIGINAL_HW) is not None:
        stated = np.asarray(dump.read(ORIGINAL_HW, sample)).reshape(-1)
        if len(stated) == 2 and (stated >= 1).all() and (stated <= grid).all():
            rows, columns = (int(length) for length in stated)
    inside = np.zeros(grid, bool)
    inside[:rows, :columns] = True
    return inside


def _finding(entry: FileEntry, scores: GridScores, best: _Trivial, grids: int) -> Finding:
    accuracy = float(np.nanmean(scores.accuracy))
    worst = int(np.nanargmin(scores.accuracy))
    trivial = percent_text(float(np.nanmean(best.shares)))
    return ABOUT.finding(
        summary=f"{percent_text(accuracy)} of the cells within the content are right over {counted(grids, 'grid')} of"
        f" {file_text(entry)}, where {best.name} has {trivial}",
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY if entry.step is not None else Sureness.POSSIBLE,
        since_step=step_of(entry),
        since_epoch=entry.epoch,
        evidence=(
            SlotEvidence(
                dump=entry.path,
                sample=worst,
                slots=(),
                text=f"Sample {worst + 1}, of which {percent_text(float(scores.accuracy[worst]))} is right",
            ),
        ),
        baseline=f"{best.name.capitalize()}: {trivial} of the same cells",
    )
