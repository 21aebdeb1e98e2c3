"""From a dump to the numbers of all its samples."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from inspector.analysis.slot_metrics import mask_metrics, vector_metrics
from inspector.artifacts.dumps.dump import Dump, gt_labels_of, masks_of, opened, picture_size
from inspector.core.arrays import FloatArray, ShapeError
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.display.dumps import datasets
from inspector.display.gallery.scene import SamplesAsk, SamplesScene
from inspector.formats.dump import Role
from inspector.formats.sample_table import COLUMN_NAMES, SampleTable, sample_column

FIRST_LOOK_S = 0.4
NEXT_LOOK_S = 2.5
"""A scan is shown so far at a time; then it is asked for again and reads on."""

_REMEMBERED = "numbers of samples"


def prepare(ask: SamplesAsk, pulse: Pulse) -> SamplesScene:
    """The numbers of the samples, as far as they were read within a look.

    Raises:
        FileError: the dump cannot be opened.
        WorkCancelled: the pulse says so.
    """
    dump = opened(Path(ask.path), pulse)
    scan = dump.remembered.setdefault(_REMEMBERED, _Scan(dump.facts.samples or 1))
    look_s = NEXT_LOOK_S if scan.done else FIRST_LOOK_S
    _read_on(dump, scan, pulse, time.monotonic() + look_s)
    return SamplesScene(path=ask.path, table=scan.table(), aspect=aspect_of(dump))


def aspect_of(dump: Dump) -> float:
    """Width over height of the dump's pictures; 1 where it has none."""
    size = picture_size(dump)
    return size[1] / size[0] if size is not None and min(size) > 0 else 1.0


@dataclass(slots=True)
class _Scan:
    """How far a scan has come."""

    samples: int
    done: int = 0
    columns: dict[str, FloatArray] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)

    def keep(self, sample: int, found: dict[str, float]) -> None:
        for name, value in found.items():
            if name not in self.columns:
                self.columns[name] = np.full(self.samples, np.nan)
            self.columns[name][sample] = value

    def table(self) -> SampleTable:
        return SampleTable(
            samples=self.samples,
            scanned=self.done,
            columns=tuple(sample_column(name, self.columns[name]) for name in COLUMN_NAMES if name in self.columns),
            notes=self.notes.texts(),
        )


def _read_on(dump: Dump, scan: _Scan, pulse: Pulse, until_s: float) -> None:
    source = next((role for role in (Role.DECODER_MASKS, Role.ATTENTION) if datasets(dump.facts, role)), None)
    if source is None:
        scan.done = scan.samples
        return
    while scan.done < scan.samples and time.monotonic() < until_s:
        pulse.beat(scan.done, scan.samples, "numbers of samples")
        try:
            scan.keep(scan.done, _metrics(dump, scan.done, source))
        except (FileError, ShapeError) as error:
            scan.notes.add(str(error))
        scan.done += 1


def _metrics(dump: Dump, sample: int, source: Role) -> dict[str, float]:
    """The numbers of one sample's slots."""
    found = mask_metrics(masks_of(dump, sample, source), gt_labels_of(dump, sample))
    vectors = next((dataset for dataset in datasets(dump.facts, Role.SLOTS) if dataset.layout == "NKD"), None)
    return found if vectors is None else found | vector_metrics(dump.read(vectors.path, sample))
