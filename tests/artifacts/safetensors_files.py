"""safetensors files and sharded checkpoints written by hand."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

INDEX = "model.safetensors.index.json"


def safetensors_of(arrays: Mapping[str, Any]) -> bytes:
    """A safetensors file of float32 arrays."""
    header: dict[str, Any] = {}
    data = b""
    for name, array in arrays.items():
        raw = np.asarray(array, "<f4").tobytes()
        header[name] = {
            "dtype": "F32", "shape": list(np.shape(array)), "data_offsets": [len(data), len(data) + len(raw)],
        }  # fmt: skip
        data += raw
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def write_safetensors(path: Path, arrays: Mapping[str, Any]) -> Path:
    """A file of `safetensors_of`; its path."""
    path.write_bytes(safetensors_of(arrays))
    return path


def shard_name(number: int, count: int) -> str:
    """As Hugging Face names them."""
    return f"model-{number:05}-of-{count:05}.safetensors"


def write_shards(folder: Path, shards: list[dict[str, Any]], metadata: Any = None) -> Path:
    """A folder of shards with their index; the path of the index."""
    folder.mkdir(parents=True, exist_ok=True)
    where = {}
    for number, arrays in enumerate(shards, 1):
        file = shard_name(number, len(shards))
        write_safetensors(folder / file, arrays)
        where.update(dict.fromkeys(arrays, file))
    index = folder / INDEX
    index.write_text(json.dumps({"metadata": metadata or {"total_size": 32}, "weight_map": where}))
    return index
