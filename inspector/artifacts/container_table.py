"""Every container that is read, one line each: adding one is a module and a line here."""

from __future__ import annotations

import re

import msgspec


class Container(msgspec.Struct, frozen=True):
    """A way in which files are written.

    Attributes:
        name: as `info` tells it.
        kind: what it usually holds: checkpoint, dump, metrics, console, settings or run record.
        reader: the module that reads it. Its `facts(path, pulse)` tells what a file holds; that of a log has
            `series(path, pulse)` as well, its curves.
        begins: regular expression of its first bytes; empty where these alone do not tell, and `sniff` looks further.
    """

    name: str
    kind: str
    reader: str
    begins: bytes = b""


_CHECKPOINT = "inspector.artifacts.checkpoints.checkpoint"
_ANNOTATIONS = "inspector.artifacts.annotations.annotation_content"
_NUMPY = "inspector.artifacts.dumps.numpy_content"
_LOGS = "inspector.artifacts.logs"
_SETTINGS = "inspector.artifacts.settings"

CONTAINERS: tuple[Container, ...] = (
    Container("torch-zip", "checkpoint", _CHECKPOINT),
    Container("torchscript", "checkpoint", _CHECKPOINT),
    Container("torchscript-old", "checkpoint", _CHECKPOINT),
    Container("torch-legacy", "checkpoint", _CHECKPOINT),
    Container("torch-mobile", "checkpoint", _CHECKPOINT),
    Container("torch-tar", "checkpoint", _CHECKPOINT),
    Container("tar", "checkpoint", _CHECKPOINT),
    Container("tar-gz", "checkpoint", _CHECKPOINT),
    Container("zip-of-checkpoints", "checkpoint", _CHECKPOINT),
    Container("npz", "checkpoint", _CHECKPOINT),
    Container("npy", "checkpoint", _CHECKPOINT),
    Container("keras-h5", "checkpoint", _CHECKPOINT),
    Container("pickle", "checkpoint", _CHECKPOINT),
    Container("safetensors", "checkpoint", _CHECKPOINT),
    Container("safetensors-sharded", "checkpoint", _CHECKPOINT),
    Container("torch-sharded", "checkpoint", _CHECKPOINT),
    Container("dcp", "checkpoint", _CHECKPOINT),
    Container("deepspeed", "checkpoint", _CHECKPOINT),
    Container("peft", "checkpoint", _CHECKPOINT),
    Container("hf-trainer", "checkpoint", _CHECKPOINT),
    Container("accelerate", "checkpoint", _CHECKPOINT),
    Container("hdf5", "dump", "inspector.artifacts.dumps.hdf5"),
    Container("npz-dump", "dump", _NUMPY),
    Container("npy-dump", "dump", _NUMPY),
    Container("png-folder", "dump", "inspector.artifacts.dumps.picture_folder"),
    Container("coco", "dump", _ANNOTATIONS),
    Container("coco-results", "dump", _ANNOTATIONS),
    Container("fsc147", "dump", _ANNOTATIONS),
    Container("point-records", "dump", _ANNOTATIONS),
    Container("point-lines", "dump", _ANNOTATIONS),
    Container("point-table", "dump", _ANNOTATIONS),
    Container("tfevents", "metrics", f"{_LOGS}.tensorboard"),
    Container("wandb", "metrics", f"{_LOGS}.wandb", rb":W&B\xe1\xbe"),
    Container("jsonl", "metrics", f"{_LOGS}.metrics_jsonl"),
    Container("json-history", "metrics", f"{_LOGS}.json_history"),
    Container("mlflow-metric", "metrics", f"{_LOGS}.mlflow"),
    Container("evaluations", "metrics", f"{_LOGS}.evaluations"),
    Container("csv", "metrics", f"{_LOGS}.table_csv"),
    Container("text", "console", f"{_LOGS}.console"),
    Container("mlflow-value", "settings", f"{_SETTINGS}.mlflow_value"),
    Container("json", "settings", f"{_SETTINGS}.settings_file"),
    Container("yaml", "settings", f"{_SETTINGS}.settings_file"),
    Container("toml", "settings", f"{_SETTINGS}.settings_file"),
    Container("run.json", "run record", f"{_SETTINGS}.run_record"),
)

PICTURE_WORDS = "picture-words"
"""A word for each picture, its split or its class: no reader's, but annotations beside it are read with it."""

BY_NAME: dict[str, Container] = {one.name: one for one in CONTAINERS}

LOGS = frozenset(one.name for one in CONTAINERS if one.kind in ("metrics", "console"))
"""The containers that have curves."""

_BEGINNINGS = tuple((re.compile(one.begins, re.DOTALL), one.name) for one in CONTAINERS if one.begins)


def begun_as(head: bytes) -> str:
    """The container that a file's first bytes alone tell; empty where none of the table does."""
    return next((name for beginning, name in _BEGINNINGS if beginning.match(head)), "")
