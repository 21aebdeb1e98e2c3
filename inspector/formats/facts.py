"""What `info` and `metrics` print of a file: the answers of the readers, without the data.

No numpy here: listing a checkpoint loads none.
"""

from __future__ import annotations

from typing import Any

import msgspec

from inspector.formats.dump import ACTIVATIONS
from inspector.formats.log_media import MediaKind
from inspector.formats.point_conventions import Convention
from inspector.formats.run_folder import RunRecord


class TensorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor of a checkpoint.

    Attributes:
        name: dotted path of keys from the root, list indices as numbers.
        dtype: torch's short name (`float32`, `bfloat16`), or the source's where there is none.
        bytes: size of its elements, not of the storage that it may share.
        role: `weight`, `buffer`, `optimizer`, `ema`, `settings` (a hyper-parameter that is a tensor) or `other`.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    role: str = "other"


class CheckpointFacts(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="checkpoint"):
    """What a checkpoint holds.

    Attributes:
        container: `torch-zip`, `torch-legacy`, `torch-tar`, `torchscript`, `safetensors`, `pickle`, ...
        objects: plain values by dotted path; a class that is not resolved is a readable string.
        would_import: every `module.Name` that unpickling would import, sorted.
        limited: whether a limit ended the reading, so that opening it generously shows more.
    """

    container: str
    bytes: int
    tensors: tuple[TensorFacts, ...] = ()
    objects: dict[str, Any] = {}
    would_import: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    limited: bool = False


class DatasetFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One dataset of a dump.

    Attributes:
        chunks: chunk shape, None when contiguous or compact.
        filters: names in the order they were applied when writing (`shuffle`, `gzip-4`).
        role: a `formats.dump.Role` value, guessed from name, attributes and shape.
        layout: one letter a dimension (`NKHW`); empty where unknown, which it is of no picture, mask, slot or layer.
        because: why the role was guessed.
        sums_over: the letters of the axes that sum to 1 in the first sample (`K`, `AK`, `P`); empty where none does.
        merged_slots: where samples and slots share the first axis of the file, how many slots a sample has, else 0;
            the shape and chunks here have two axes instead.
        y_path: of points whose x this dataset holds, the dataset of their y, else empty; the shape here is of pairs.
        convention: how the coordinates of points are to be read, as it was said by hand; None for as guessed.
        attributes: small plain attributes.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    chunks: tuple[int, ...] | None = None
    filters: tuple[str, ...] = ()
    role: str = "unknown"
    layout: str = ""
    because: str = ""
    sums_over: str = ""
    merged_slots: int = 0
    y_path: str = ""
    convention: Convention | None = None
    attributes: dict[str, Any] = {}

    @property
    def sample_axis(self) -> int:
        """Which axis is that of the samples: the one that the layout says, else the first."""
        return max(self.layout.find("N"), 0)

    @property
    def samples(self) -> int:
        """How many samples it holds; 0 of a single value."""
        return self.shape[self.sample_axis] if self.shape else 0


def layer_name(layer: DatasetFacts) -> str:
    """The module that a layer's activations come from."""
    return layer.path.removeprefix(f"{ACTIVATIONS}/")


class LinkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A link that is no plain entry, or a place outside its file in which the values of a dataset lie.

    Attributes:
        kind: `hard`, `soft`, `dangling`, `external`, `user-defined`, `virtual source` or `external storage`.
        followed: whether it leads into a folder that the user opened, so that what is there is read.
    """

    path: str
    kind: str
    target: str
    followed: bool = False


class DumpFacts(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="dump"):
    """What a dump holds.

    Attributes:
        samples: None where no dataset tells.
        limited: whether a limit keeps some values from being read, so that reading generously shows more.
    """

    bytes: int
    datasets: tuple[DatasetFacts, ...] = ()
    links: tuple[LinkFacts, ...] = ()
    attributes: dict[str, Any] = {}
    samples: int | None = None
    notes: tuple[str, ...] = ()
    limited: bool = False


class SeriesFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One curve without its points; first and last are steps, value the last one (may be NaN)."""

    tag: str
    count: int
    first_step: float
    last_step: float
    last_value: float


class MediaFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a log holds under one tag beside numbers; steps are NaN where it does not tell them."""

    kind: MediaKind
    tag: str
    count: int
    first_step: float
    last_step: float


class MetricsFacts(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="metrics"):
    """What a log of numbers holds.

    Attributes:
        settings: what the run was told, by dotted path, where the log says it.
        exit_code: how the run ended, 0 for well; None where the log does not say.
        stopped: the log says that its writer's session is over, not how it ended.
    """

    container: str
    bytes: int
    series: tuple[SeriesFacts, ...] = ()
    media: tuple[MediaFacts, ...] = ()
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    settings: dict[str, Any] = {}
    exit_code: int | None = None
    stopped: bool = False


class ConsoleFacts(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="console"):
    """What a console log holds; `series` are the curves its lines give."""

    container: str = "text"
    bytes: int
    lines: int
    series: tuple[SeriesFacts, ...] = ()
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class SettingsFacts(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="settings"):
    """What a settings file holds: values by dotted path."""

    container: str
    bytes: int
    values: dict[str, Any] = {}
    notes: tuple[str, ...] = ()


class RunRecordFacts(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="run record"):
    """run.json and what else describes a run folder of this program."""

    bytes: int
    record: RunRecord
    notes: tuple[str, ...] = ()


class OtherFacts(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="unknown"):
    """A file that no reader claims, or that its reader could not read.

    Attributes:
        because: one sentence on why.
        broken: it is not empty and of a kind that is read, and could not be: damage, a limit, or the disk.
        pictures: of a folder of pictures, how many; 0 for everything else.
    """

    bytes: int
    because: str
    broken: bool = False
    notes: tuple[str, ...] = ()
    pictures: int = 0


Facts = CheckpointFacts | DumpFacts | MetricsFacts | ConsoleFacts | SettingsFacts | RunRecordFacts | OtherFacts
