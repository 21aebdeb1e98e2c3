"""Small checkpoints written from their specification."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import numpy as np

from inspector.formats.facts import TensorFacts

_NAMES = {"F32": np.float32, "F64": np.float64, "F16": np.float16, "I64": np.int64, "BOOL": np.bool_}


def save(path: Path, tensors: dict[str, np.ndarray]) -> Path:
    """A safetensors file."""
    header: dict[str, object] = {}
    block = b""
    for name, array in tensors.items():
        dtype = next(key for key, kind in _NAMES.items() if array.dtype == kind)
        data = array.tobytes()
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [len(block), len(block) + len(data)]}
        block += data
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + block)
    return path


def facts(name: str, shape: tuple[int, ...], role: str = "weight", dtype: str = "float32") -> TensorFacts:
    """Facts of a tensor of four bytes an element."""
    return TensorFacts(name=name, shape=shape, dtype=dtype, bytes=4 * math.prod(shape), role=role)


USUAL = (
    facts("model.encoder.0.weight", (8, 3, 3, 3)),
    facts("model.encoder.0.bias", (8,)),
    facts("model.encoder.0.running_mean", (8,), "buffer"),
    facts("model.decoder.weight", (10, 8)),
    facts("optimizer.state.0.exp_avg", (8, 3, 3, 3), "optimizer"),
    facts("optimizer.state.0.exp_avg_sq", (8, 3, 3, 3), "optimizer"),
    facts("rng.torch", (5056,), "other", "uint8"),
)

OBJECTS = {
    "epoch": 40,
    "step": 113_680,
    "ema": None,
    "recipe": "slots",
    "optimizer.param_groups.0.lr": 1e-4,
    "optimizer.param_groups.0.weight_decay": 0.01,
    "optimizer.param_groups.0.betas": [0.9, 0.999],
    "optimizer.param_groups.0.decoupled_weight_decay": True,
    "optimizer.param_groups.0.params": [0, 1, 2],
    "scheduler.T_max": 100,
    "scheduler.base_lrs": [3e-4],
    "scheduler.last_epoch": 40,
    "scheduler._step_count": 41,
    "scaler.scale": 65536.0,
    "scaler.growth_factor": 2.0,
    "rng.numpy.position": 624,
    "rng.cuda": [],
    "args.__class__": "argparse.Namespace",
    "args.lr": 1e-4,
    "args.batch_size": 64,
}
