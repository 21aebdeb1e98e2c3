"""From a sample to what clusters of its colours score."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from inspector.analysis.baselines import COLOUR
from inspector.analysis.colour_clusters import colour_clusters
from inspector.analysis.segmentation_scores import segmentation_scores
from inspector.artifacts.dumps.dump import opened
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.display.rasters import drawn_size, nearest
from inspector.display.slots.baselines.scene import BaselinesAsk, BaselinesScene
from inspector.display.slots.judged import judged_sample
from inspector.display.slots.mask_sets import from_first
from inspector.display.slots.reading import choice_in
from inspector.display.slots.scores import score_figures

LONGEST_PX = 128
"""Longest side of the image whose colours are clustered; more would take as long as the sample itself."""


def prepare(ask: BaselinesAsk, pulse: Pulse) -> BaselinesScene:
    """The scores of a sample's masks, read also against as many clusters of its colours as there are slots.

    Raises:
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("colours"))
    try:
        dump = opened(Path(ask.path), pulse)
        choice = choice_in(dump, ask.choice)
        judged = judged_sample(dump.path, dump.stamp, ask.sample, choice)
    except FileError:  # the view of the sample says why
        return BaselinesScene(path=ask.path, sample=ask.sample, choice=ask.choice)
    dataset, sample = dump.dataset(choice.dataset), judged.sample
    shown = choice if dataset is None else from_first(choice, dataset)
    if sample.truth is None or math.isnan(judged.scores.ari):
        return BaselinesScene(path=ask.path, sample=ask.sample, choice=shown)
    height, width = sample.image.shape[:2]
    small = nearest(sample.image, *drawn_size(height, width, min(LONGEST_PX, max(height, width))))
    pulse.beat(what=tr("colours"))
    clusters = nearest(colour_clusters(np.asarray(small), len(sample.masks)), *sample.truth.shape)
    pulse.beat(what=tr("colours"))
    rivals = {**judged.blind, COLOUR: segmentation_scores(sample.truth, clusters)}
    figures = score_figures(judged.scores, rivals)
    return BaselinesScene(path=ask.path, sample=ask.sample, choice=shown, figures=figures)
