"""Numbers of every sample: of its points at once, of its slots as far as there is time, and on from there later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np

from inspector.analysis.resampling import resized
from inspector.analysis.slot_mean import SlotMean
from inspector.analysis.slot_metrics import mask_metrics, vector_metrics
from inspector.analysis.valid_cells import valid_cells
from inspector.artifacts.dumps.dump import gt_labels_of, image_of, masks_of, picture_of, picture_size
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.kept_scans import keep_table, known_table
from inspector.artifacts.dumps.layouts import USUAL_ENTRIES
from inspector.artifacts.dumps.points.all_points import all_points
from inspector.artifacts.dumps.points.placed import has_points
from inspector.artifacts.dumps.points.sample_numbers import point_numbers, signal_numbers
from inspector.artifacts.dumps.points.sample_signals import sample_signals
from inspector.artifacts.dumps.streaming import batches, decode_ahead
from inspector.core.arrays import AnyArray, FloatArray, ShapeError
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.dump import VALID_HW, Role
from inspector.formats.facts import DatasetFacts
from inspector.formats.sample_table import COLUMN_NAMES, SampleTable, sample_column, with_numbers

VERSION = 6
"""Of the numbers: one that is kept of another version is worked out anew."""

AHEAD = 2
"""Samples that are decoded while one is looked at."""

_ROLES = (Role.GT_MASKS, Role.SLOTS, Role.IMAGE, Role.RECONSTRUCTION)
"""What the numbers of a sample's slots are made of, beside its masks."""


class _Measure(NamedTuple):
    """What tells some numbers of a sample, and the datasets that it reads."""

    of: Callable[[int], dict[str, float]]
    reads: tuple[DatasetFacts | None, ...]


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
            columns=tuple(
                sample_column(name, self.columns[name].copy()) for name in COLUMN_NAMES if name in self.columns
            ),
            notes=self.notes.texts(),
        )


def scan_samples(dump: Dump, source: str, pulse: Pulse, radius_px: float | None = None) -> SampleTable:
    """The numbers of all samples: of their points and counts, masks, slots and reconstructions.

    Those of points and counts are there at once. Once the others were all read they are known at once, also from the
    user's cache folder. With a pulse that is due earlier the table holds those that were read by then, at least one
    more than before; the next call reads on.

    Args:
        dump: where from.
        source: the masks: the path of a dataset or a role, `attention` or `decoder_masks`; empty for none.
        pulse: beats once a sample; `Pulse.within` for a first look.
        radius_px: as of `all_points`.

    Raises:
        FileError: the points cannot be read.
        WorkCancelled: the pulse says so; what was read so far is not lost.
    """
    table, samples, notes = _scan_slots(dump, source, pulse), dump.facts.samples or 0, Notes()
    if samples and has_points(dump):
        return with_numbers(table, point_numbers(all_points(dump, pulse, radius_px)))
    found = with_numbers(table, signal_numbers(sample_signals(dump, samples, notes)))
    return msgspec.structs.replace(found, notes=(*found.notes, *notes.texts()))


def _scan_slots(dump: Dump, source: str, pulse: Pulse) -> SampleTable:
    # Whoever corrects a role has other numbers.
    used = [dataset for wanted in (source, *_ROLES) if wanted and (dataset := dump.of(wanted)) is not None]
    said = " ".join(f"{one.role} {one.path} {one.layout} {one.merged_slots}" for one in used)
    name = f"slots {VERSION} {said}"
    if name not in dump.remembered:
        dump.remembered[name] = known_table(dump, name) or _Scan(dump.facts.samples or 0)
    scan: _Scan | SampleTable = dump.remembered[name]
    if isinstance(scan, SampleTable):
        return scan
    _read_on(dump, scan, source, pulse)
    table = scan.table()
    if table.whole:
        dump.remembered[name] = table
        if table.columns:
            keep_table(dump, name, table)
    return table


def _read_on(dump: Dump, scan: _Scan, source: str, pulse: Pulse) -> None:
    measures = _measures(dump, source, _mean_slot(dump, scan.notes, pulse))
    if not measures:
        scan.done = scan.samples
    used = [dataset for measure in measures for dataset in measure.reads if dataset is not None]
    first = scan.done
    while scan.done < scan.samples and not (scan.done > first and pulse.due()):
        sample = scan.done
        pulse.beat(sample, scan.samples, "numbers of samples")
        for dataset in used:
            decode_ahead(dump, dataset, sample + 1, sample + 1 + AHEAD, USUAL_ENTRIES)
        for measure in measures:
            try:
                scan.keep(sample, measure.of(sample))
            except (FileError, ShapeError) as error:
                scan.notes.add_error(error)
        scan.done += 1


def _measures(dump: Dump, source: str, mean: FloatArray | None) -> list[_Measure]:
    """What can be told of a sample, each apart, as one may fail without the others."""
    slots, rebuilt, image = _slots(dump), dump.one(Role.RECONSTRUCTION), dump.one(Role.IMAGE)
    found: list[_Measure] = []
    if source and dump.of(source) is not None:
        found.append(_Measure(partial(_of_masks, dump, source), (dump.of(source), dump.one(Role.GT_MASKS))))
    if slots is not None:
        found.append(_Measure(partial(_of_vectors, dump, slots, mean), (slots,)))
    if rebuilt is not None and image is not None:
        found.append(_Measure(partial(_of_reconstruction, dump, rebuilt), (rebuilt, image)))
    return found


def _of_masks(dump: Dump, source: str, sample: int) -> dict[str, float]:
    masks, wanted = masks_of(dump, sample, source), dump.of(source)
    is_truth = wanted is not None and wanted.role == Role.GT_MASKS
    truth = None if is_truth else gt_labels_of(dump, sample)
    return mask_metrics(masks, truth, valid_of(dump, sample, masks.shape[1:]))


def _of_vectors(dump: Dump, slots: DatasetFacts, mean: FloatArray | None, sample: int) -> dict[str, float]:
    return vector_metrics(_vectors(dump.read(slots.path, sample, USUAL_ENTRIES), slots), mean)


def _of_reconstruction(dump: Dump, reconstruction: DatasetFacts, sample: int) -> dict[str, float]:
    image, rebuilt = (
        np.moveaxis(picture, -1, 0) / np.float32(255)
        for picture in (image_of(dump, sample), picture_of(dump, reconstruction, sample))
    )
    difference = resized(image, *rebuilt.shape[1:]) - rebuilt
    return {"reconstruction_mse": float(np.mean(difference**2, dtype=np.float64))}


def _slots(dump: Dump) -> DatasetFacts | None:
    """The slot vectors: the last ones, else those after every iteration, else those of every frame."""
    found = dump.all(Role.SLOTS)
    return next((one for layout in ("NKD", "NIKD", "NFKD") for one in found if one.layout == layout), None)


def _vectors(values: AnyArray, dataset: DatasetFacts) -> AnyArray:
    """(slots, features) after the last iteration, in the first frame, of one sample."""
    return values[USUAL_ENTRIES[dataset.layout[1]]] if dataset.layout != "NKD" else values


def _mean_slot(dump: Dump, notes: Notes, pulse: Pulse) -> FloatArray | None:
    """The vector that the slots of all samples share; None where there are none, or they cannot be read."""
    slots, key = _slots(dump), "mean slot"
    if slots is not None and key not in dump.remembered:
        mean = SlotMean()
        try:
            for batch in batches(dump, slots, pulse):
                for values in batch.values:
                    mean = mean.with_slots(_vectors(values, slots))
        except FileError as error:
            notes.add_error(error)
        dump.remembered[key] = mean.mean
    found: FloatArray | None = dump.remembered.get(key)
    return found


def valid_of(dump: Dump, sample: int, grid: tuple[int, int]) -> AnyArray | None:
    """Which cells of a sample's masks lie within its content, (rows, columns) bool of `grid`; None without padding.

    Raises:
        FileError: it cannot be read.
    """
    picture = picture_size(dump)
    if picture is None or dump.dataset(VALID_HW) is None:
        return None
    content = dump.read(VALID_HW, sample)
    cells = valid_cells(content.reshape(1, -1), picture, grid) if content.shape == (2,) else None
    return None if cells is None else cells[0]
