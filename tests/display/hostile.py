"""Folders that hold one of everything a run can, each with the same flaw, for the tests of all viewers."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.util import tensor_util

from tests.display.dumps import dataset

Fill = Callable[[tuple[int, ...]], np.ndarray]

SAMPLES = 3


def _ramp(shape: tuple[int, ...]) -> np.ndarray:
    return np.linspace(-1, 1, int(np.prod(shape))).reshape(shape) if np.prod(shape) else np.zeros(shape)


def _constant(value: float) -> Fill:
    return lambda shape: np.full(shape, value)


def _speckled(value: float) -> Fill:
    def fill(shape: tuple[int, ...]) -> np.ndarray:
        values = _ramp(shape)
        values.flat[::3] = value
        return values

    return fill


FLAWS: dict[str, tuple[int, int, Fill]] = {
    "empty": (0, 8, _ramp),
    "one-pixel": (1, 1, _ramp),
    "one sample": (1, 8, _ramp),
    "NaN": (SAMPLES, 8, _constant(np.nan)),
    "some NaN": (SAMPLES, 8, _speckled(np.nan)),
    "Inf": (SAMPLES, 8, _speckled(np.inf)),
    "-Inf": (SAMPLES, 8, _constant(-np.inf)),
    "constant": (SAMPLES, 8, _constant(0.5)),
    "zero": (SAMPLES, 8, _constant(0.0)),
    "huge": (SAMPLES, 8, _constant(3e38)),
}
"""Samples, side of a picture in pixels, and what every array holds."""


def write_run(folder: Path, flaw: str) -> Path:
    """A folder with a dump, curves, histograms, a console log, settings and a checkpoint, all flawed alike."""
    samples, side, fill = FLAWS[flaw]
    folder.mkdir(parents=True, exist_ok=True)
    write_dump(folder / "step_0000100.h5", samples, side, fill)
    write_dump(folder / "step_0000200.h5", samples, side, fill, transposed=True)
    _write_media(folder / "events.out.tfevents.1", samples, fill((6, 3)))
    _write_curves(folder / "metrics.jsonl", fill((max(samples, 1) * 4,)) if samples else np.zeros(0))
    (folder / "train.log").write_text("".join(f"Epoch {n}/4 Loss={n / 7:.4f}\n" for n in range(samples)))
    (folder / "settings.json").write_text(json.dumps({"optim": {"lr": 1e-3}, "data": {}} if samples else {}))
    _write_checkpoint(folder / "step_0000100.pt", fill((side, side)))
    return folder


def _write_media(path: Path, samples: int, rows: np.ndarray) -> None:
    """Histograms of flawed rows, and pictures that are none."""
    with path.open("wb") as file:
        for step in range(samples):
            event = event_pb2.Event(wall_time=1.7e9, step=step)
            value = event.summary.value.add(
                tag="weights", tensor=tensor_util.make_tensor_proto(rows.astype(np.float64))
            )
            value.metadata.plugin_data.plugin_name = "histograms"
            event.summary.value.add(tag="picture").image.encoded_image_string = rows.tobytes()
            data = event.SerializeToString()
            length = struct.pack("<Q", len(data))
            for part in (length, data):
                file.write(part + struct.pack("<I", masked_crc32c(part)))


def write_dump(path: Path, samples: int, side: int, fill: Fill, *, transposed: bool = False) -> Path:
    """A dump; transposed, its axes stand in another order, so that what is read of it is not contiguous."""
    shapes = {
        "samples/image": (samples, side, side, 3),
        "slots/masks": (samples, 2, side, side),
        "activations/conv": (samples, 4, side, side),
    }
    layouts = {"samples/image": "NHWC", "slots/masks": "NKHW", "activations/conv": "NCHW"}
    orders = {"samples/image": (0, 3, 1, 2), "slots/masks": (0, 2, 3, 1), "activations/conv": (0, 2, 3, 1)}
    with h5py.File(path, "w") as file, np.errstate(over="ignore"):
        file.attrs.update(format="ri-dump", version=1, n_samples=samples, complete=True)
        for name, shape in shapes.items():
            values, layout = fill(shape).astype(np.float32), layouts[name]
            if transposed:
                values = values.transpose(orders[name])
                layout = "".join(layout[axis] for axis in orders[name])
            dataset(file, name, values, layout=layout, activation="relu")
        dataset(file, "slots/attn", fill((samples, 2, 2, side * side)).astype(np.float16), layout="NIKP")
        dataset(file, "slots/slots", fill((samples, 2, 4)).astype(np.float32), layout="NKD")
        dataset(file, "gt/masks", np.zeros((samples, side, side), np.uint8), layout="NHW")
        for name in ("gt", "pred"):
            dataset(file, f"{name}/points", fill((samples, 2)).astype(np.float32))
            dataset(file, f"{name}/points_offsets", np.arange(samples + 1))
    return path


def _write_curves(path: Path, values: np.ndarray) -> None:
    def text(value: float) -> float | str:
        return (
            value if np.isfinite(value) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(float(value))]
        )

    lines = [
        json.dumps({"step": step, "epoch": step / 4, "train/loss": text(value), "lr/main": text(value)})
        for step, value in enumerate(values.tolist())
    ]
    path.write_text("".join(f"{line}\n" for line in lines))


def _write_checkpoint(path: Path, values: np.ndarray) -> None:
    torch = pytest.importorskip("torch")
    with np.errstate(over="ignore"):
        weight = torch.from_numpy(np.ascontiguousarray(values.astype(np.float32)))
    torch.save({"model": {"weight": weight.T, "empty": torch.zeros(0, 3)}, "step": 100, "epoch": 1.0}, path)
