"""Training checkpoints as the benchmarks need them, made by torch in a child."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_MAKE = """
import sys, torch
path, matrix, content, layers = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
torch.manual_seed(0)
base = torch.randn(matrix) if content == "random" else torch.zeros(matrix)
names = [f"module.encoder.layers.{i}.mlp.{part}.{kind}" for i in range(layers) for part in ("fc1", "fc2")
         for kind in ("weight", "bias")]
names += [f"module.encoder.layers.{i}.attn.{part}.{kind}" for i in range(layers) for part in ("qkv", "proj")
          for kind in ("weight", "bias")]
size = {name: matrix if name.endswith("weight") else 1024 for name in names}
def numbers(name, scale, shift=0.0):
    kept = base[: size[name]].clone().mul_(scale).add_(shift)
    return kept.reshape(-1, 1024) if size[name] > 1024 else kept
master = {name: numbers(name, 0.02) for name in names}
state = {i: {"step": torch.tensor(1000.0), "exp_avg": numbers(name, 1e-4), "exp_avg_sq": numbers(name, 1e-4).square_()}
         for i, name in enumerate(names)}
group = {"lr": 1e-4, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.05, "params": list(range(len(names)))}
torch.save({
    "model": {name: value.bfloat16() for name, value in master.items()},
    "master": master,
    "optimizer": {"state": state, "param_groups": [group]},
    "scheduler": {"base_lrs": [1e-4], "last_epoch": 1000}, "epoch": 3, "step": 1000,
}, path)
"""

LAYERS = 64
TENSORS = 40 * LAYERS


def make_checkpoint(path: Path, *, matrix_elements: int, content: str = "random", layers: int = LAYERS) -> None:
    """Write a checkpoint of 40 tensors a layer: bfloat16 weights, float32 masters, AdamW's state.

    Args:
        path: where.
        matrix_elements: of each of the layer's 4 matrices, a multiple of 1024; the file has 14 bytes for each.
        content: `random` or `zeros`.
    """
    arguments = [str(path), str(matrix_elements), content, str(layers)]
    subprocess.run([sys.executable, "-c", _MAKE, *arguments], check=True)
