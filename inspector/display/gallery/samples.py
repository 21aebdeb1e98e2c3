"""From a dump to the numbers of all its samples."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from inspector.artifacts.dumps.dump import Dump, opened, picture_size
from inspector.artifacts.dumps.points.compared import compared_points
from inspector.artifacts.dumps.points.patterns import points_without_pattern
from inspector.artifacts.dumps.points.sample_numbers import point_numbers
from inspector.artifacts.dumps.sample_scan import scan_samples
from inspector.artifacts.dumps.unit_scan import scan_units
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.display.dumps import datasets
from inspector.display.gallery.scene import SamplesAsk, SamplesScene
from inspector.formats.dump import SIZES, Role
from inspector.formats.sample_table import SampleTable, with_numbers

LOOK_S = 1.0
"""A scan is shown so far at a time; then it is asked for again and reads on."""


def prepare(ask: SamplesAsk, pulse: Pulse) -> SamplesScene:
    """The numbers of the samples, as far as they were read within a look.

    Raises:
        FileError: the dump cannot be opened.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dump"))
    dump = opened(Path(ask.path), pulse, generous=ask.generous)
    look = pulse.within(LOOK_S)
    table = scan_units(dump, look) if ask.units else numbers_of(dump, ask.masks, look, ask.radius_px)
    table = with_compared(table, dump, ask, pulse)
    return SamplesScene(path=ask.path, table=table, aspect=aspect_of(dump))


def numbers_of(dump: Dump, masks: str, pulse: Pulse, radius_px: float | None = None) -> SampleTable:
    """The numbers of a dump's slots and points.

    Args:
        dump: where from.
        masks: the path of the dataset that numbers of slots are of, or its role; else one that there is.
        pulse: beats once a sample.
        radius_px: up to which distance points are matched; None for the usual radius.
    """
    roles = (Role.DECODER_MASKS, Role.ATTENTION)
    there = masks if masks and dump.of(masks) is not None else next((r for r in roles if datasets(dump.facts, r)), "")
    return scan_samples(dump, there, pulse, radius_px)


def with_compared(table: SampleTable, dump: Dump, ask: SamplesAsk, pulse: Pulse) -> SampleTable:
    """The numbers with those of points without their mistake, and beside another dump, where that is asked for.

    A dump that cannot be read is noted.

    Raises:
        WorkCancelled: the pulse says so.
    """
    try:
        if ask.undo:
            table = with_numbers(table, point_numbers(points_without_pattern(dump, pulse, ask.radius_px)))
        if ask.compared:
            found = compared_points(
                dump,
                ask.compared,
                pulse,
                generous=ask.generous,
                radius_px=ask.radius_px,
                undo=ask.undo,
                limit_px=ask.change_limit_px,
            )
            table = with_numbers(table, found.numbers())
    except FileError as error:
        return msgspec.structs.replace(table, notes=(*table.notes, str(error)))
    return table


def aspect_of(dump: Dump) -> float:
    """Width over height of the dump's pictures, of most where each has its own size; 1 where it has none."""
    size = picture_size(dump)
    if size is not None:
        return size[1] / size[0] if min(size) > 0 else 1.0
    if dump.dataset(SIZES) is None:
        return 1.0
    sizes = dump.read(SIZES)
    known = sizes[np.isfinite(sizes).all(axis=1) & (sizes > 0).all(axis=1)]
    return float(np.median(known[:, 1] / known[:, 0])) if len(known) else 1.0
