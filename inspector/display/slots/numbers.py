"""All numbers of one sample's masks, worked out once for every way to draw them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.analysis.attention_axis import AttentionAxis
from inspector.analysis.slot_labels import SlotLabel, slot_labels, slot_overlaps
from inspector.analysis.slot_masks import MaskNumbers, mask_numbers
from inspector.core.arrays import FloatArray, LabelMap
from inspector.display.rasters import Planes, nearest
from inspector.display.slots.axis import axis_of
from inspector.display.slots.reading import Sample


@dataclass(frozen=True, slots=True, eq=False)
class SampleNumbers:
    """What is told of one sample's masks.

    Attributes:
        masks: coverage, entropy, centroids.
        overlaps: (slots, slots) of soft masks, NaN on the diagonal.
        labels: what each slot does, in a word.
        axis: over which axis the masks sum to 1.
    """

    masks: MaskNumbers
    overlaps: FloatArray
    labels: tuple[SlotLabel, ...]
    axis: AttentionAxis


def numbers_of(sample: Sample, stored: str) -> SampleNumbers:
    """The numbers of a sample, whose masks were recorded as numpy's type `stored`."""
    numbers = mask_numbers(sample.masks, sample.valid)
    overlaps = slot_overlaps(sample.masks, sample.valid)
    return SampleNumbers(
        masks=numbers,
        overlaps=overlaps,
        labels=slot_labels(
            sample.masks, sample.valid, _background(sample.truth, sample.masks), numbers=numbers, overlaps=overlaps
        ),
        axis=axis_of(sample.masks, stored),
    )


def _background(truth: LabelMap | None, masks: Planes) -> float:
    """Share of the defined truth that is background, NaN where it is not known."""
    if truth is None:
        return math.nan
    labels = nearest(truth, *masks.shape[1:])
    defined = labels >= 0
    return float(np.mean(labels[defined] == 0)) if defined.any() else math.nan
