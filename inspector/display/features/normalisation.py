"""The batch normalisation before the activations of a layer, from the checkpoint of the run nearest to the dump."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.tensors.elements import load
from inspector.core.arrays import FloatArray
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.display.features.tensors import tensors_of
from inspector.formats.facts import DatasetFacts


class Nearest(NamedTuple):
    """The checkpoint nearest to a dump: its path, empty where there is none, `step 290`, and when it was changed."""

    path: str
    place: str
    stamp: float


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """What follows the normalised values: `scale`, `shift`, (channels,) float64; `place` is the checkpoint's."""

    scale: FloatArray
    shift: FloatArray
    place: str


def affines_of(
    nearest: Nearest, dump: Dump, layers: Mapping[str, DatasetFacts], notes: Notes, pulse: Pulse
) -> dict[str, Affine]:
    """The normalisation of each layer that has one, by name; kept with the dump.

    Raises:
        WorkCancelled: the pulse says so.
    """
    if not nearest.path:
        return {}
    key = f"normalisation of {nearest.path} at {nearest.stamp}"
    if key not in dump.remembered:
        try:
            checkpoint = opened(Path(nearest.path), pulse)
            dump.remembered[key] = _read(checkpoint, nearest.place, layers, pulse)
        except FileError as error:
            notes.add(tr("No layer is compared with its own normalisation: {error}").format(error=error))
            return {}
    found: dict[str, Affine] = dump.remembered[key]
    return found


def _read(checkpoint: Checkpoint, place: str, layers: Mapping[str, DatasetFacts], pulse: Pulse) -> dict[str, Affine]:
    found = {}
    for name, layer in layers.items():
        pulse.beat(what=tr("normalisation"))
        channels = dict(zip(layer.layout, layer.shape, strict=False)).get("C", 0)
        names = tensors_of(name, channels, checkpoint.facts.tensors, tuple(layers))
        if names.scale and names.shift and not names.guessed:
            scale, shift = (
                np.asarray(load(checkpoint.window(one), (), pulse), np.float64) for one in (names.scale, names.shift)
            )
            found[name] = Affine(scale, shift, place)
    return found
