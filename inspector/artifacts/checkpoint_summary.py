"""The statistics of every tensor of a checkpoint."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.checkpoint import Checkpoint
from inspector.artifacts.tensors import statistics
from inspector.artifacts.windows import TensorWindow
from inspector.core.errors import FileError
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.checkpoint_summary import COLUMNS, INTEGER_COLUMNS, CheckpointSummary


def summary_of(checkpoint: Checkpoint, pulse: Pulse = QUIET) -> CheckpointSummary:
    """Statistics of every tensor that has elements in the file; a tensor that cannot be read is told in `unread`."""
    rows, unread = [], {}
    names = []
    for name, window in checkpoint.windows.items():
        if not isinstance(window, TensorWindow):
            unread[name] = window
            continue
        try:
            rows.append(statistics(window, pulse, histogram=False))
        except FileError as error:
            unread[name] = str(error)
            continue
        names.append(name)
    columns = {
        column: np.array([getattr(row, column) for row in rows], np.int64 if column in INTEGER_COLUMNS else np.float64)
        for column in COLUMNS
    }
    return CheckpointSummary(names=tuple(names), unread=unread, **columns)
