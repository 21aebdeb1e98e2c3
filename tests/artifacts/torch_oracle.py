"""What torch itself finds in checkpoints: loaded with `weights_only=True`, in a child with limits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.with_torch import run_with_torch

_CHILD = """
import hashlib, json, resource, sys, warnings
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
import torch
warnings.filterwarnings("ignore")

def digest(tensor):
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta:
        return None
    return hashlib.sha256(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest()

def flat(value, name=""):
    if isinstance(value, torch.Tensor):
        yield name, list(value.shape), str(value.dtype).removeprefix("torch."), digest(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from flat(item, f"{name}.{i}" if name else str(i))

for path in json.loads(sys.stdin.read()):
    try:
        value = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:
        print(json.dumps([path, None]))
    else:
        print(json.dumps([path, list(flat(value))]))
"""


def torch_tensors(paths: Iterable[Path]) -> dict[Path, list[Any] | None]:
    """Name, shape, dtype and SHA-256 of every tensor of each file as torch loads it; None where torch refuses."""
    answer = run_with_torch(_CHILD, given=json.dumps([str(path) for path in paths]))
    return {Path(path): tensors for path, tensors in map(json.loads, answer.splitlines())}
