"""A sample with all numbers that do not depend on how it is drawn, worked out once."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import msgspec

from inspector.analysis.segmentation_scores import SegmentationScores
from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.identity import Identity
from inspector.core.notes import Notes
from inspector.display.slots.numbers import SampleNumbers, numbers_of
from inspector.display.slots.reading import Sample, read_sample
from inspector.display.slots.scene import MaskChoice
from inspector.display.slots.scores import blind_scores, scores_of


class Judged(msgspec.Struct, frozen=True):
    """A sample with all that does not depend on how it is drawn."""

    sample: Sample
    numbers: SampleNumbers
    scores: SegmentationScores
    blind: dict[str, SegmentationScores]
    notes: Notes


@lru_cache(maxsize=6)
def judged_sample(path: Path, _stamp: tuple[Identity, bool], sample: int, choice: MaskChoice) -> Judged:
    """A sample of a dump by its chosen masks, as `choice_in` gives them; known again while the dump stays as it is.

    Raises:
        FileError: the masks cannot be read.
    """
    notes = Notes()
    dump = opened(path)
    read = read_sample(dump, sample, choice, notes)
    stored = getattr(dump.dataset(choice.dataset), "dtype", "float32")
    numbers = numbers_of(read, stored)
    scores = scores_of(read.masks, read.truth, notes, numbers.masks.winners)
    blind = blind_scores(read.truth, len(read.masks)) if not math.isnan(scores.fg_ari) else {}
    return Judged(read, numbers, scores, blind, notes)
