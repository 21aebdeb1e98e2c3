"""Activations of validation scenes as an HDF5 file in the layout `ri-dump/1`."""

from __future__ import annotations

import hashlib
import io
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from torch import Tensor, nn

from inspector.analysis.matching import assign
from inspector.analysis.points import centroid
from inspector.analysis.segmentation import intersection_over_union
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.files import write_atomically
from inspector.formats import dump
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.slots import SlotsSettings
from inspector.training.slots.model import SlotModel, looked_at, pictures_of
from inspector.training.slots.scenes import BACKGROUND, Scene

_BATCH = 64
_EPSILONS = (0.0, 1e-6, 1e-3, 1e-2, 5e-2)
_AXES = {"N": "sample", "I": "iteration", "K": "slot", "P": "position", "H": "row", "W": "column", "C": "channel",
         "D": "feature"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Probe:
    """The scenes that every dump of a run looks at.

    Attributes:
        scenes: as many as the statistics need.
        noise: (scenes, slots, features).
        dumped: how many of the first are written whole.
    """

    scenes: list[Scene]
    noise: Tensor
    dumped: int
    device: torch.device


@dataclass(slots=True)
class _LayerSums:
    """Streaming sums of one layer, each (channels,) float64 but for `near_zero`, (epsilons, channels)."""

    kept: list[AnyArray] = field(default_factory=list)
    count: FloatArray | float = 0.0
    total: FloatArray | float = 0.0
    squares: FloatArray | float = 0.0
    low: FloatArray | float = np.inf
    high: FloatArray | float = -np.inf
    near_zero: AnyArray | int = 0

    def add(self, fired: AnyArray, keep: int) -> None:
        """Values of one batch, (n, channels, height, width) float32; the first `keep` samples are kept whole."""
        if keep > 0:
            self.kept.append(fired[:keep].astype(np.float16))
        rows = np.moveaxis(fired, 1, 0).reshape(fired.shape[1], -1).astype(np.float64)
        self.count = self.count + np.full(len(rows), float(rows.shape[1]))
        self.total = self.total + rows.sum(1)
        self.squares = self.squares + np.einsum("cp,cp->c", rows, rows)
        self.low = np.minimum(self.low, rows.min(1))
        self.high = np.maximum(self.high, rows.max(1))
        size = np.abs(rows)
        self.near_zero = self.near_zero + np.stack(
            [(size < epsilon if epsilon else size == 0).sum(1) for epsilon in _EPSILONS]
        )


def write_dump(path: Path, settings: SlotsSettings, model: SlotModel, probe: Probe, about: dict[str, Any]) -> None:
    """Look at the probe with the model and write what it shows.

    `about` are attributes of the file: `run_id, step, epoch, checkpoint_path, checkpoint_sha256`.

    Raises:
        OSError: the disk is full.
    """
    layers = [_LayerSums() for _ in model.encoder.convs]
    seen = _Seen()
    done = 0

    def hook(sums: _LayerSums) -> Callable[[nn.Module, Any, Tensor], None]:
        def look(_module: nn.Module, _inputs: Any, fired: Tensor) -> None:
            sums.add(fired.detach().float().cpu().numpy(), probe.dumped - done)

        return look

    hooks = [layer.register_forward_hook(hook(sums)) for layer, sums in zip(model.encoder.convs, layers, strict=True)]
    try:
        for first in range(0, len(probe.scenes), _BATCH):
            done = first
            batch = probe.scenes[first : first + _BATCH]
            pictures = pictures_of(np.stack([scene.image for scene in batch]), probe.device)
            painted = looked_at(model, pictures, probe.noise[first : first + len(batch)])
            keep = max(0, min(len(batch), probe.dumped - first))
            seen.image.append(painted.image[:keep].float().cpu().numpy())
            seen.masks.append(painted.masks[:keep].float().cpu().numpy())
            seen.slots.append(painted.slots[:keep].float().cpu().numpy())
            seen.attention.append(painted.attention[:keep].float().cpu().numpy())
    finally:
        for handle in hooks:
            handle.remove()
    # In memory first: HDF5 answers a full disk in the middle of a file with errors of its own.
    whole = io.BytesIO()
    with h5py.File(whole, "w") as file:
        _write_about(file, settings, probe, about)
        _write_samples(file, probe.scenes[: probe.dumped])
        _write_slots(file, seen, settings.data.image_size // 2)
        _write_predictions(file, seen, probe.scenes[: probe.dumped])
        for name, sums in zip(model.encoder.layer_names, layers, strict=True):
            _write_layer(file, name, sums, settings, len(probe.scenes))
        file.attrs["complete"] = True
    write_atomically(path, whole.getvalue())


@dataclass(slots=True)
class _Seen:
    """What the model made of the dumped scenes, batch by batch."""

    image: list[AnyArray] = field(default_factory=list)
    masks: list[AnyArray] = field(default_factory=list)
    slots: list[AnyArray] = field(default_factory=list)
    attention: list[AnyArray] = field(default_factory=list)


def _put(file: h5py.File, path: str, array: AnyArray, layout: str = "", **attributes: Any) -> None:
    """One dataset: a chunk a sample, gzip and shuffle where that pays, axes named."""
    by_sample = layout.startswith("N") and array.ndim > 1
    packing = (
        {"chunks": (1, *array.shape[1:]), "compression": "gzip", "compression_opts": 4, "shuffle": True}
        if by_sample and array.size and array[0].nbytes > 256
        else {}
    )
    dataset = file.create_dataset(path, data=array, **packing)
    if layout:
        names = [_AXES[letter] for letter in layout]
        dataset.attrs["layout"] = layout
        dataset.attrs["_ARRAY_DIMENSIONS"] = names
        for axis, name in enumerate(names):
            dataset.dims[axis].label = name
    for name, value in attributes.items():
        dataset.attrs[name] = value


def _write_about(file: h5py.File, settings: SlotsSettings, probe: Probe, about: dict[str, Any]) -> None:
    images = np.stack([scene.image for scene in probe.scenes[: probe.dumped]])
    file.attrs.update(
        {
            "format": dump.FORMAT,
            "version": dump.VERSION,
            "family": "slots",
            "created_utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "torch": str(torch.__version__),
            "python": platform.python_version(),
            "device": str(probe.device),
            "dtype_compute": "float32",
            "split": "val",
            "seed": settings.data.seed,
            "n_samples": probe.dumped,
            "probe_sha256": hashlib.sha256(images.tobytes()).hexdigest(),
            "complete": False,
            **about,
        }
    )
    file.create_dataset(dump.CONFIG, data=to_json(settings).decode(), dtype=h5py.string_dtype())


def _write_samples(file: h5py.File, scenes: list[Scene]) -> None:
    size = scenes[0].image.shape[0]
    _put(file, dump.SAMPLE_INDEX, np.arange(len(scenes), dtype=np.int64), "N")
    _put(file, dump.IMAGE, np.stack([scene.image for scene in scenes]), "NHWC")
    whole = np.full((len(scenes), 2), size, np.int32)
    _put(file, dump.ORIGINAL_HW, whole)
    _put(file, dump.VALID_HW, whole)
    _put(file, dump.AFFINE, np.tile(np.eye(2, 3), (len(scenes), 1, 1)))
    labels = np.stack([scene.labels for scene in scenes])
    _put(file, dump.GT_MASKS, labels, "NHW", background_index=BACKGROUND, ignore_value=255)


def _write_slots(file: h5py.File, seen: _Seen, grid: int) -> None:
    slots = np.concatenate(seen.slots)
    _put(file, dump.SLOTS, slots[:, -1], "NKD")
    _put(file, "slots/slots_iter", slots.astype(np.float16), "NIKD")
    _put(
        file,
        dump.DECODER_MASKS,
        np.concatenate(seen.masks).astype(np.float16),
        "NKHW",
        kind="decoder_mask",
        normalised_over="K",
    )
    _put(
        file,
        dump.ATTENTION,
        np.concatenate(seen.attention).astype(np.float16),
        "NIKP",
        kind="encoder_attention",
        normalised_over="K",
        grid_hw=np.array([grid, grid], np.int64),
        heads=1,
        special_tokens=0,
    )
    image = (np.concatenate(seen.image).transpose(0, 2, 3, 1) + 1.0) / 2.0
    _put(file, dump.RECON, image.astype(np.float16), "NHWC", value_range=np.array([0.0, 1.0]))


def _write_predictions(file: h5py.File, seen: _Seen, scenes: list[Scene]) -> None:
    masks = np.concatenate(seen.masks)
    predicted = [matched_points(scene, mask) for scene, mask in zip(scenes, masks, strict=True)]
    offsets = np.concatenate([[0], np.cumsum([len(scene.centres) for scene in scenes])]).astype(np.int64)
    space = {"columns": "x,y", "space": "image px"}
    _put(file, dump.GT_POINTS, np.concatenate([scene.centres for scene in scenes]), **space)
    _put(file, dump.GT_POINTS_OFFSETS, offsets)
    _put(file, dump.PRED_POINTS, np.concatenate(predicted).astype(np.float32), **space)
    _put(file, dump.PRED_POINTS_OFFSETS, offsets)


def matched_points(scene: Scene, masks: AnyArray) -> FloatArray:
    """Where the model sees each object, (objects, 2) float64, x and y in pixels; NaN for an object without a slot.

    Objects and slots are matched one to one by overlap; the point is the centroid of what the matched slot wins,
    weighted by its mask, or of its whole mask where it wins nothing.

    Args:
        scene: with its objects.
        masks: (slots, height, width), summing to 1 over slots.
    """
    objects, slots = len(scene.centres), len(masks)
    winners = masks.argmax(0)
    points = np.full((objects, 2), np.nan)
    if not objects or not np.isfinite(masks).all():
        return points
    overlap = np.nan_to_num(intersection_over_union(scene.labels.astype(np.int64), winners, objects + 1, slots))[1:]
    # Where slots win nothing, the soft masks still tell them apart.
    soft = np.stack([masks[:, scene.labels == place + 1].sum(1) for place in range(objects)])
    cost = -(overlap + 1e-3 * soft / max(float(soft.max()), 1e-12))
    for place, slot in zip(*assign(cost), strict=True):
        won = winners == slot
        points[place] = centroid(masks[slot] * won if won.any() else masks[slot])
    return points


def _write_layer(file: h5py.File, name: str, sums: _LayerSums, settings: SlotsSettings, samples: int) -> None:
    encoder = settings.encoder
    _put(
        file,
        f"{dump.ACTIVATIONS}/{name}",
        np.concatenate(sums.kept),
        "NCHW",
        tap="post",
        module_type="Conv2d",
        activation=encoder.activation,
        negative_slope=encoder.negative_slope if encoder.activation == "leaky_relu" else 0.0,
    )
    count, low, high = np.asarray(sums.count), np.asarray(sums.low), np.asarray(sums.high)
    mean = np.asarray(sums.total) / count
    group = f"{dump.STATISTICS}/{name}"
    columns: dict[str, AnyArray] = {
        "count": count,
        "mean": mean,
        "m2": np.maximum(np.asarray(sums.squares) - count * mean**2, 0.0),
        "min": low,
        "max": high,
        "absmax": np.maximum(np.abs(low), np.abs(high)),
        "active_any": (np.maximum(np.abs(low), np.abs(high)) > 0).astype(np.uint8),
    }
    for column, values in columns.items():
        _put(file, f"{group}/{column}", values, "C")
    _put(file, f"{group}/n_lt_eps", np.asarray(sums.near_zero, np.int64), eps=np.array(_EPSILONS))
    file[group].attrs["samples"] = samples
