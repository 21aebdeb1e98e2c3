"""Attention that is normalised over positions, so that slots do not compete.

Symptom: slots never part; evidence: the axis along which recorded attention sums to 1. Weights that were normalised
over slots and then, for the weighted mean, over positions are told apart: with some factor a slot, slots sum to 1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inspector.analysis.attention_axis import AttentionAxis, attention_axis
from inspector.artifacts.dumps.dump import Dump, opened
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, edit, one_colour_a_slot
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.values import Finding, NotAssessable, Severity, SlotEvidence, Sureness
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.runs.values import FileEntry

ABOUT = About(
    id="attention-axis",
    title="Slots do not compete",
    rules=("X.A1",),
    symptom="All slots look at the same places, and no mask gives way to another",
    definition="The recorded attention of every sample looked at sums to 1 over positions and not over slots. Weights"
    " that were normalised over slots and then, for the weighted mean, over positions are told apart: with some factor"
    " for each slot they sum to 1 over slots.",
    why="The softmax runs over positions, so every slot may look everywhere and none has to give way; updates also"
    " become about a hundred times too large",
    confirm="Put softmax(dim=slots) into the model, record a dump and look at the sums again",
    false_alarm="Optimal transport and inverted attention are normalised otherwise on purpose",
    cure="Let the softmax run over slots and divide by the sum over positions after it, and let no slot be able to"
    " paint a whole picture by itself. Start anew: weights that were trained without competition seldom recover.",
    source="Rule X.A1; Locatello et al. 2020",
)

_CHECKED_SAMPLES = 4
_POSITIONS = frozenset("PHW")
_NEITHER = "the recorded attention sums to 1 neither over slots nor over positions; it may be from before the softmax"


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The attention of the newest dump that has some (rule X.A1).

    Raises:
        FileError: it cannot be read.
    """
    found = [(entry, one) for entry, facts in material.dumps if (one := _attention(facts)) is not None]
    if not found:
        return ABOUT.not_assessable("no dump with the attention of slots")
    entry, dataset = found[-1]
    dump = opened(Path(entry.path), pulse)
    samples = dataset.samples
    found_axes = []
    for sample in range(min(samples, _CHECKED_SAMPLES)):
        pulse.beat(sample, _CHECKED_SAMPLES, f"attention of {entry.name}")
        found_axes.append(_axis(dump, dataset, sample))
    if all(one.competes for one in found_axes):
        return None
    if all(one.over == "positions" for one in found_axes):
        return _finding(material, entry, dataset, max(one.slots for one in found_axes))
    return ABOUT.not_assessable(f"{file_text(entry)}: {_NEITHER}")


def _attention(facts: DumpFacts) -> DatasetFacts | None:
    """The attention between slots and positions; that of transformers has queries or layers instead."""
    for one in facts.datasets:
        letters = set(one.layout)
        if one.role == Role.ATTENTION and "K" in letters and letters & _POSITIONS and not letters & set("QLD"):
            return one if all(one.shape) else None
    return None


def _axis(dump: Dump, dataset: DatasetFacts, sample: int) -> AttentionAxis:
    letters = dataset.layout.replace("N", "")
    array = dump.read(dataset.path, sample)
    for letter, index in (("F", 0), ("I", -1), ("C", 0)):
        if letter in letters:
            array = np.take(array, index, axis=letters.index(letter))
            letters = letters.replace(letter, "")
    leading = [letters.index(letter) for letter in "AK" if letter in letters]
    along = [place for place, letter in enumerate(letters) if letter in _POSITIONS]
    slots_first = array.transpose(*leading, *along)
    return attention_axis(slots_first.reshape(*slots_first.shape[: len(leading)], -1))


def _finding(material: Material, entry: FileEntry, dataset: DatasetFacts, worst: float) -> Finding:
    slots = dataset.shape[dataset.layout.index("K")]
    stated = "layout" in dataset.attributes or "normalised_over" in dataset.attributes
    summary = (
        f"{visible(dataset.path)} of {file_text(entry)} sums to 1 over positions and not over slots: at one position"
        f" the slots miss 1 by {worst:.2g}"
    )
    return ABOUT.finding(
        summary=summary,
        severity=Severity.CRITICAL,
        sureness=Sureness.CERTAIN if stated else Sureness.LIKELY,
        since_step=step_of(entry),
        since_epoch=entry.epoch,
        evidence=(
            SlotEvidence(
                dump=entry.path,
                sample=0,
                slots=tuple(range(slots)),
                masks=dataset.path,
                text=f"Attention of sample 1 in {file_text(entry)}",
            ),
        ),
        baseline="The slots of Slot Attention sum to 1 at every position",
        cures=cure(
            "Let slots compete",
            edit(material, "model.attention_axis", "slots", "The softmax then runs over slots; a fresh run is cleaner"),
            one_colour_a_slot(material),
        ),
    )
