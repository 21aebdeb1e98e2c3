"""What should be known before the numbers of a comparison are trusted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from inspector.artifacts.tensors.dtypes import FLOATING
from inspector.core.language import tr, tr_counted
from inspector.core.units import bytes_text
from inspector.runs.diff_values import TensorRow
from inspector.runs.module_changes import modules_above

_UNRELATED_COSINE = 0.05
_LEAST_ELEMENTS_OF_A_JUDGEMENT = 2_000
_NAMED = 3


def notes_on_rows(
    rows: Sequence[TensorRow], still: Sequence[str], names: tuple[str, str], skipped_bytes: int
) -> Iterator[str]:
    """One sentence for each thing that a table of changes does not say by itself.

    Args:
        rows: every tensor of the two checkpoints.
        still: the modules whose weights did not change.
        names: of the two checkpoints.
        skipped_bytes: of tensors that were not read because of their checksums.
    """
    if not any(row.first and row.second for row in rows):
        share_none = tr("{first} and {second} share no tensor name, also with known prefixes left out")
        yield share_none.format(first=names[0], second=names[1])
    skipped = sum(row.by_checksum and row.state == "same" for row in rows)
    if skipped:
        yield tr(
            "{tensors} of {bytes} not read: the same by the CRC-32 and size that the archives give;"
            " what was damaged since would not show here"
        ).format(tensors=tr_counted(skipped, "tensor"), bytes=bytes_text(skipped_bytes))
    converted = sum(row.change is not None and row.change.converted for row in rows)
    if converted:
        only_converted = tr("{tensors} with the same numbers, only converted to another type")
        yield only_converted.format(tensors=tr_counted(converted, "tensor"))
    if any(row.change is not None and (row.dtypes[1] or "").startswith("q") for row in rows):
        yield tr("quantized tensors are compared by their stored integers; another scale or zero point is a change too")
    holders = _modules_with_moving_statistics(rows)
    moving = [module for module in still if module in holders]
    if moving:
        named = ", ".join(moving[:_NAMED]) + (", …" if len(moving) > _NAMED else "")
        frozen = tr(
            "{modules} with the same weights and other running statistics ({names}): frozen, yet not in evaluation mode"
        )
        yield frozen.format(modules=tr_counted(len(moving), "module"), names=named)
    if _are_unrelated(rows):
        yield tr(
            "the weights have nothing in common (cosine near 0): two trainings from different starts,"
            " not two moments of one"
        )


def _modules_with_moving_statistics(rows: Sequence[TensorRow]) -> set[str]:
    return {
        module
        for row in rows
        if row.role == "buffer" and row.state == "changed" and row.dtypes[1] in FLOATING
        for module in modules_above(row.name)
    }


def _are_unrelated(rows: Sequence[TensorRow]) -> bool:
    """Whether the weight matrices, taken together, stand at a right angle, as independent random ones nearly do."""
    matrices = [
        row
        for row in rows
        if row.role == "weight" and len(row.shapes[1] or ()) > 1 and row.state in ("same", "changed")
    ]
    changes = [row.change for row in matrices if row.change is not None and math.isfinite(row.change.cosine)]
    elements = sum(change.finite for change in changes)
    if len(changes) < len(matrices) or elements < _LEAST_ELEMENTS_OF_A_JUDGEMENT:
        return False
    product = sum(change.cosine * change.norms[0] * change.norms[1] for change in changes)
    norms = [math.hypot(*(change.norms[side] for change in changes)) for side in range(2)]
    return abs(product) < _UNRELATED_COSINE * norms[0] * norms[1]
