"""Which positions of a layer lie in the padding of its samples."""

from __future__ import annotations

import numpy as np

from inspector.analysis.valid_cells import valid_cells
from inspector.artifacts.dumps.dump_file import Dump, picture_size
from inspector.artifacts.dumps.layouts import grid_of
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError
from inspector.formats.dump import SAMPLE_SUBSET, VALID_HW
from inspector.formats.facts import DatasetFacts


def content_of(dump: Dump, layer: DatasetFacts) -> AnyArray | None:
    """Height and width of the content of each sample that a layer holds, (samples, 2) in pixels of the image.

    None where the dump does not say, where nothing is padded, or where a layer has no positions.
    """
    recorded, picture = dump.dataset(VALID_HW), picture_size(dump)
    positions = set(layer.layout) - set("NC")
    if recorded is None or picture is None or recorded.shape[1:] != (2,) or positions not in ({"H", "W"}, {"P"}):
        return None
    try:
        content = dump.read(VALID_HW)
    except FileError:
        return None
    subset = layer.attributes.get(SAMPLE_SUBSET)
    if isinstance(subset, list):
        rows = [row for row in subset if isinstance(row, int) and 0 <= row < len(content)]
        content = content[rows] if len(rows) == len(subset) else content[:0]
    samples = layer.samples
    if len(content) < samples or content.dtype.kind not in "iuf" or (content == picture).all():
        return None
    return content[:samples]


def valid_positions(dump: Dump, layer: DatasetFacts, content: AnyArray) -> AnyArray | None:
    """Positions within the content, (samples, rows, columns) or (samples, positions) bool; None where all are.

    Args:
        dump: the layer's.
        layer: with content.
        content: some rows of `content_of`.
    """
    picture = picture_size(dump)
    if picture is None:
        return None
    sizes = dict(zip(layer.layout, layer.shape, strict=True))
    if "P" not in sizes:
        return valid_cells(content, picture, (sizes["H"], sizes["W"]))
    leading, rows, columns = grid_of(sizes["P"], layer.attributes, picture)
    valid = valid_cells(content, picture, (rows, columns))
    if valid is None:
        return None
    # Class tokens and registers belong to no place, so to no padding.
    tokens = np.ones((len(content), leading), bool)
    return np.concatenate([tokens, valid.reshape(len(content), -1)], axis=1)
