"""The truth of another file for a dump of predictions that names its samples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from inspector.artifacts.annotations.annotation_arrays import NAMES, arrays_of, facts_of_array
from inspector.artifacts.annotations.joining import only_of
from inspector.artifacts.annotations.truth_files import truth_of
from inspector.artifacts.identity import Identity
from inspector.core.arrays import AnyArray
from inspector.core.pulse import Pulse
from inspector.core.units import counted
from inspector.formats import dump as names
from inspector.formats.annotated_images import AnnotatedImages
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts

SAMPLE_NAMES = (names.SAMPLE_KEY, "key", "keys", NAMES, "file_names", "filenames", "image_names", "image_paths")
"""Datasets that tell what the image of each sample is called, the most telling first."""

_TEXT = re.compile(r"text|[SU]\d+$")
"""As HDF5 and numpy say that a dataset holds texts."""


class TruthBeside(NamedTuple):
    """What another file tells of the samples of a dump.

    Attributes:
        facts: of the dump, with the datasets of the other file.
        arrays: these, by their paths, in the shape and dtype that their facts tell.
        identity: of the other file.
    """

    facts: DumpFacts
    arrays: dict[str, AnyArray]
    identity: Identity


def keys_of(facts: DumpFacts) -> DatasetFacts | None:
    """The dataset that names the samples of a dump of predictions without truth; None in every other dump."""
    roles = {dataset.role for dataset in facts.datasets}
    if Role.PRED_POINTS not in roles or Role.GT_POINTS in roles:
        return None
    texts = {one.path: one for one in facts.datasets if _TEXT.match(one.dtype) and one.shape == (facts.samples,)}
    return next((texts[path] for path in SAMPLE_NAMES if path in texts), None)


def truth_beside(facts: DumpFacts, keys: AnyArray, path: Path, pulse: Pulse) -> TruthBeside | None:
    """The truth of a dump's samples; None where no file that was opened with it has it.

    Args:
        facts: of the dump.
        keys: (samples,) what the image of each is called, texts or bytes.
        path: of the dump.
        pulse: of this work.

    Raises:
        WorkCancelled: the pulse says so.
    """
    called = tuple(key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key) for key in keys.tolist())
    found = truth_of(path, AnnotatedImages(names=called, sizes=np.full((len(called), 2), np.nan)), pulse)
    if found is None:
        return None
    told = only_of(found.images, found.match)
    known = {dataset.path for dataset in facts.datasets}
    arrays = {name: values for name, values in arrays_of(told).items() if name not in known}
    if not any(dataset.role == Role.IMAGE for dataset in facts.datasets):
        arrays[names.SIZES] = told.sizes
    read = f"which has {int((found.match >= 0).sum()):,} of {counted(len(called), 'sample')}"
    changed = msgspec.structs.replace(
        facts,
        attributes={**facts.attributes, names.TRUTH_FILE: found.path.name},
        datasets=(*facts.datasets, *(facts_of_array(name, values, told) for name, values in arrays.items())),
        notes=(*facts.notes, f"The truth is that of {found.path.name}, {read}"),
    )
    return TruthBeside(changed, arrays, found.identity)
