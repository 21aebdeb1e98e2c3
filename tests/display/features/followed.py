"""A run whose layer dies in steps, with its rate and loss, and checkpoints in a container that numpy writes."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from tests.display.dumps import dataset

STEPS = (100, 200, 300)
CHANNELS = 6
DIES_AT = {1: 100, 2: 200, 3: 300, 4: 300}
"""The first dump in which a channel is dead, by channel; the others live."""

REVIVED = 5
"""Silent in the first dump alone."""


def write_run(folder: Path) -> Path:
    """Three dumps of two layers, a rate that warms up and falls, a loss with one spike at step 150."""
    folder.mkdir(parents=True, exist_ok=True)
    for step in STEPS:
        with h5py.File(folder / f"step_{step:07d}.h5", "w") as file:
            file.attrs.update(format="ri-dump", version=1, n_samples=4, complete=True, step=step)
            dataset(file, "samples/image", np.full((4, 8, 8, 3), 200, np.uint8), layout="NHWC")
            values = np.zeros((4, CHANNELS, 4, 4), np.float32)
            for channel in range(CHANNELS):
                dead = step >= DIES_AT.get(channel, 10**9) or (channel == REVIVED and step == STEPS[0])
                # Half of the places fire, more strongly in later samples.
                values[:, channel, :2] = 0 if dead else np.arange(1, 5)[:, None, None] + channel
            for name in ("encoder.0", "encoder.2"):
                shown = values if name == "encoder.2" else values + 1
                dataset(file, f"activations/{name}", shown, layout="NCHW", tap="post", activation="relu")
    (folder / "metrics.jsonl").write_text("".join(_record(step) for step in range(1, 301)))
    return folder


def rate_at(step: int) -> float:
    """It rises to 1 in 100 steps, and stands at 0.1 from step 201 on."""
    return step / 100 if step <= 100 else 1.0 if step <= 200 else 0.1


def _record(step: int) -> str:
    loss = 50.0 if step == 150 else 2.0 + 0.1 * np.sin(step)
    return json.dumps({"step": step, "train/loss": loss, "lr/encoder": rate_at(step), "lr/other": 3.0}) + "\n"


def write_checkpoint(path: Path, tensors: Mapping[str, np.ndarray]) -> Path:
    """A checkpoint as safetensors: the length of a header, the header, the elements."""
    header, parts, at = {}, [], 0
    for name, values in tensors.items():
        data = np.ascontiguousarray(values, np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + len(data)]}
        parts.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
    return path
