"""Statistics of every tensor of a 3 GB checkpoint: this program, numpy over whole tensors, and one plain read.

`python -m tests.benchmarks.statistics FILE WAY` does one of them and prints its seconds; `opened` is left out of all.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np

from inspector.artifacts.checkpoints.all_statistics import statistics_of_all
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.pulse import Pulse


def _uncached(checkpoint: Checkpoint, *, histograms: bool) -> None:
    statistics_of_all(checkpoint, Pulse(), histograms=histograms)


def _numpy(checkpoint: Checkpoint, *, histograms: bool) -> None:
    """As most scripts do it: each tensor whole, one pass for each number."""
    for window in checkpoint.windows.values():
        assert isinstance(window, TensorWindow)
        dtype = np.dtype(ml_dtypes.bfloat16 if window.dtype == "bfloat16" else window.dtype)
        values = np.fromfile(window.path, dtype, math.prod(window.shape), offset=window.storage.start)
        values = values.astype(np.float32) if window.dtype == "bfloat16" else values
        values.min(), values.max(), values.mean(), values.std(), (values == 0).sum()
        np.isnan(values).sum(), np.isinf(values).sum(), np.linalg.norm(values)
        if histograms:
            np.histogram(values, 64)


def _read(checkpoint: Checkpoint) -> None:
    """Every byte, once, into the same buffer."""
    buffer = memoryview(bytearray(1 << 19))
    descriptor = os.open(checkpoint.path, os.O_RDONLY)
    place = 0
    while count := os.preadv(descriptor, [buffer], place):
        place += count
    os.close(descriptor)


WAYS: dict[str, Callable[[Checkpoint], None]] = {
    "ours": lambda checkpoint: _uncached(checkpoint, histograms=False),
    "ours with histogram": lambda checkpoint: _uncached(checkpoint, histograms=True),
    "numpy": lambda checkpoint: _numpy(checkpoint, histograms=False),
    "numpy with histogram": lambda checkpoint: _numpy(checkpoint, histograms=True),
    "read": _read,
}

if __name__ == "__main__":
    found = opened(Path(sys.argv[1]))
    began = time.perf_counter()
    WAYS[sys.argv[2]](found)
    print(time.perf_counter() - began)
