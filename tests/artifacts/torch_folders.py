"""Folders of checkpoints as torch and the trainers around it write them, made once in a child, with the right bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.with_torch import run_with_torch

_CHILD = r"""
import collections, io, json, os, pickle, random, sys, warnings
import numpy as np
import torch
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint import metadata as md
from torch.distributed.checkpoint.filesystem import _StorageInfo
from torch.distributed.checkpoint.state_dict import get_state_dict

warnings.filterwarnings("ignore")
torch.manual_seed(5)
root = sys.argv[1]
expected = {}

def expect(folder, name, tensor):
    raw = tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy()
    expected[f"{folder}|{name}"] = raw

def flat(value, name=""):
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from flat(item, f"{name}.{i}" if name else str(i))

def folder(name):
    os.makedirs(f"{root}/{name}", exist_ok=True)
    return f"{root}/{name}"

model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 2))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
for _ in range(3):
    optimizer.zero_grad()
    model(torch.randn(5, 4)).square().mean().backward()
    optimizer.step()
    schedule.step()

# one rank, written by torch itself
weights, moments = get_state_dict(model, optimizer)
state = {"model": weights, "optimizer": moments, "step": 3, "note": "hello", "bf": torch.randn(3, 3).bfloat16(),
         "turned": torch.randn(4, 6).t(), "rates": [0.1, 0.2], "empty": torch.empty(0, 3), "scalar": torch.tensor(2.5)}
dcp.save(state, checkpoint_id=folder("dcp-one"), no_dist=True)
for name, tensor in flat(state):
    expect("dcp-one", name, tensor)

# several ranks: torch's own metadata classes around pieces that torch saved, and torch reads the whole back
def cut(name, tensor, boxes):
    chunks = []
    for number, (first, last) in enumerate(boxes):
        rank = number % 2
        part = tensor[tuple(slice(a, b) for a, b in zip(first, last))]
        part = part.t().clone().t() if part.ndim == 2 and number == 1 else part.clone()
        stream, buffer = streams[rank], io.BytesIO()
        start = stream.tell()
        torch.save(part, buffer)
        stream.write(buffer.getvalue())
        place = torch.Size(first)
        chunks.append(md.ChunkStorageMetadata(place, torch.Size(b - a for a, b in zip(first, last))))
        places[md.MetadataIndex(name, place, number)] = _StorageInfo(f"__{rank}_0.distcp", start, stream.tell() - start)
    entries[name] = md.TensorStorageMetadata(md.TensorProperties(dtype=tensor.dtype), tensor.size(), chunks)
    expect("dcp-two", name, tensor)
    whole[name] = tensor

streams, places, entries, whole = [io.BytesIO(), io.BytesIO()], {}, {}, {}
cut("rows", torch.randn(7, 5), [((0, 0), (4, 5)), ((4, 0), (7, 5))])
cut("columns", torch.randn(6, 10), [((0, 0), (6, 4)), ((0, 4), (6, 10))])
cut("grid", torch.randn(6, 5, 3).bfloat16(),
    [((0, 0, 0), (3, 2, 3)), ((0, 2, 0), (3, 5, 3)), ((3, 0, 0), (6, 2, 3)), ((3, 2, 0), (6, 5, 3))])
cut("whole", torch.arange(9), [((0,), (9,))])
cut("large", torch.randn(3000, 1100), [((0, 0), (1500, 1100)), ((1500, 0), (3000, 1100))])
buffer = io.BytesIO()
torch.save({"lr": 0.5, "betas": (0.9, 0.99)}, buffer)
places[md.MetadataIndex("group")] = _StorageInfo("__0_0.distcp", streams[0].tell(), len(buffer.getvalue()))
streams[0].write(buffer.getvalue())
entries["group"] = md.BytesStorageMetadata()
here = folder("dcp-two")
for rank, stream in enumerate(streams):
    open(f"{here}/__{rank}_0.distcp", "wb").write(stream.getvalue())
pickle.dump(md.Metadata(entries, None, places), open(f"{here}/.metadata", "wb"))
found = {name: torch.zeros_like(tensor) for name, tensor in whole.items()}
dcp.load(found, checkpoint_id=here, no_dist=True)
assert all(torch.equal(found[name], whole[name]) for name in whole)

# Hugging Face shards
names = list(model.state_dict())
here = folder("bin-shards")
for number, part in enumerate((names[:3], names[3:]), 1):
    torch.save({name: model.state_dict()[name] for name in part}, f"{here}/pytorch_model-{number:05}-of-00002.bin")
where = {name: f"pytorch_model-0000{1 if name in names[:3] else 2}-of-00002.bin" for name in names}
json.dump({"metadata": {"total_size": 300}, "weight_map": where}, open(f"{here}/pytorch_model.bin.index.json", "w"))
for name, tensor in model.state_dict().items():
    expect("bin-shards", name, tensor)

# the Hugging Face Trainer's folder, and Accelerate's
class Arguments:
    def __init__(self):
        self.learning_rate = 1e-3
        self.output_dir = "out"

states = {"python": random.getstate(), "numpy": np.random.get_state(), "cpu": torch.get_rng_state()}
for name, of in (("run/checkpoint-3", ("optimizer.pt", "scheduler.pt", "rng_state.pth")),
                 ("accelerate", ("optimizer.bin", "scheduler.bin", "random_states_0.pkl"))):
    here = folder(name)
    torch.save(model.state_dict(), f"{here}/pytorch_model.bin")
    for file, value in zip(of, (optimizer.state_dict(), schedule.state_dict(), states)):
        torch.save(value, f"{here}/{file}")
    for prefix, value in (("model", model.state_dict()), ("optimizer", optimizer.state_dict())):
        for key, tensor in flat(value, prefix):
            expect(name, key, tensor)
torch.save(Arguments(), f"{root}/run/checkpoint-3/training_args.bin")
json.dump({"global_step": 3, "epoch": 0.5, "log_history": [{"step": 1, "loss": 2.5}], "max_steps": 10},
          open(f"{root}/run/checkpoint-3/trainer_state.json", "w"))

# a LoRA adapter
here = folder("adapter")
lora = {f"base_model.model.q.lora_{side}.weight": torch.randn(shape) for side, shape in (("A", (4, 8)), ("B", (8, 4)))}
torch.save(lora, f"{here}/adapter_model.bin")
json.dump({"peft_type": "LORA", "r": 4, "lora_alpha": 16, "target_modules": ["q", "v"],
           "base_model_name_or_path": "base/model-7b"}, open(f"{here}/adapter_config.json", "w"))
for name, tensor in lora.items():
    expect("adapter", name, tensor)

# DeepSpeed: a flat vector of each group cut among ranks (stages 1, 2), or each parameter cut among them (stage 3)
def deepspeed(name, world, stage, start):
    groups = [collections.OrderedDict(), collections.OrderedDict()]
    for group, key, shape in ((0, "enc.weight", (5, 7)), (0, "enc.conv", (3, 2, 3, 3)), (0, "scale", ()),
                              (1, "enc.bias", (5,)), (1, "head.bias", (3,))):
        groups[group][key] = torch.Size(shape)
    sorts = {sort: {key: torch.rand(shape) for group in groups for key, shape in group.items()}
             for sort in ("fp32", "exp_avg", "exp_avg_sq")}
    here = folder(f"{name}/global_step10")
    open(f"{root}/{name}/latest", "w").write("global_step10")
    module = collections.OrderedDict((key, torch.empty(0) if stage == 3 else value.bfloat16())
                                     for key, value in sorts["fp32"].items())
    model_states = {"module": module, "buffer_names": [], "param_shapes": groups, "ds_version": "0.14.0",
                    "global_steps": 10, "lr_scheduler": {"last_batch_iteration": 9}, "dp_world_size": world}
    for rank in range(world if stage == 3 else 1):
        middle = f"zero_pp_rank_{rank}_" if stage == 3 else ""
        torch.save(model_states, f"{here}/{middle}mp_rank_00_model_states.pt")
    parts = {}
    for sort, values in sorts.items():
        for group, shapes in enumerate(groups):
            vectors = [values[key].reshape(-1) for key in shapes]
            if stage == 3:
                vectors = [torch.nn.functional.pad(vector, (0, -len(vector) % world)).reshape(world, -1)
                           for vector in vectors]
                shares = [torch.cat([vector[rank] for vector in vectors]) for rank in range(world)]
            else:
                vector = torch.cat(vectors)
                shares = list(torch.nn.functional.pad(vector, (0, -len(vector) % (2 * world))).chunk(world))
            for rank, share in enumerate(shares):
                parts[sort, rank, group] = share.clone()
    for rank in range(world):
        base = {"state": {group: {"step": torch.tensor(10.0), "exp_avg": parts["exp_avg", rank, group],
                                  "exp_avg_sq": parts["exp_avg_sq", rank, group]} for group in range(2)},
                "param_groups": [{"lr": 1e-3 * (group + 1), "betas": (0.9, 0.999), "params": [group]}
                                 for group in range(2)]}
        flats = [parts["fp32", rank, group] for group in range(2)]
        inner = {"zero_stage": stage, "partition_count": world}
        if stage == 3:
            inner.update(optimizer_state_dict=base, fp32_flat_groups=flats)
        else:
            inner.update(base_optimizer_state=base, single_partition_of_fp32_groups=flats)
        torch.save({"optimizer_state_dict": inner}, f"{here}/{start}zero_pp_rank_{rank}_mp_rank_00_optim_states.pt")
    for sort, values in sorts.items():
        for key, tensor in values.items():
            master = f"module.{key}" if stage == 3 else f"fp32.{key}"
            expect(name, master if sort == "fp32" else f"optimizer.state.{key}.{sort}", tensor)

deepspeed("zero-1", 1, 1, "")
deepspeed("zero-2", 3, 2, "bf16_")
deepspeed("zero-3", 2, 3, "")
np.savez(f"{root}/expected.npz", **expected)
"""

_MANY_RANKS = r"""
import os, sys, warnings
import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
import torch.multiprocessing as mp
import numpy as np
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Replicate, Shard, distribute_tensor

warnings.filterwarnings("ignore")

def rank_work(rank, root):
    dist.init_process_group("gloo", init_method=f"file://{root}/meeting", rank=rank, world_size=2)
    mesh = init_device_mesh("cpu", (2,))
    torch.manual_seed(1)
    whole = {"rows": torch.randn(7, 5), "columns": torch.randn(6, 10), "replicated": torch.randn(4)}
    ways = {"rows": Shard(0), "columns": Shard(1), "replicated": Replicate()}
    state = {name: distribute_tensor(tensor, mesh, [ways[name]]) for name, tensor in whole.items()}
    dcp.save({**state, "step": 7}, checkpoint_id=f"{root}/dcp")
    if rank == 0:
        raw = {f"dcp|{name}": tensor.reshape(-1).view(torch.uint8).numpy() for name, tensor in whole.items()}
        np.savez(f"{root}/expected.npz", **raw)
    dist.destroy_process_group()

if __name__ == "__main__":
    os.environ["MASTER_ADDR"] = "127.0.0.1"
    mp.start_processes(rank_work, args=(sys.argv[1],), nprocs=2, start_method="fork")
"""


def make(root: Path) -> dict[str, bytes]:
    """Write all folders; the right bytes of every tensor, in native order row by row, by `folder|name`."""
    return _made(root, _CHILD)


def make_with_two_ranks(root: Path) -> dict[str, bytes]:
    """One distributed checkpoint below `root`, written by two processes; as `make`."""
    return _made(root, _MANY_RANKS)


def _made(root: Path, program: str) -> dict[str, bytes]:
    script = root / "make.py"
    script.write_text(program)
    run_with_torch(script, root)
    script.unlink()
    with np.load(root / "expected.npz") as arrays:
        return {name: arrays[name].tobytes() for name in arrays.files}
