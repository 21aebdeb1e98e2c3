"""What any file is and holds: the right reader for its container, loaded when it is first needed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from inspector.artifacts.annotations.forms import PICTURE_WORDS
from inspector.artifacts.checkpoints.containers import container_at
from inspector.artifacts.dumps.known_corrections import with_known_corrections
from inspector.artifacts.picture_folders import pictures_in
from inspector.artifacts.unread_stores import UNREAD_STORES
from inspector.core.errors import FileError, MissingError, UnknownKindError, UnsupportedError
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.facts import DumpFacts, Facts, OtherFacts

_CHECKPOINT = "inspector.artifacts.checkpoints.checkpoint:facts"

READERS: dict[str, str] = {
    "torch-zip": _CHECKPOINT,
    "torchscript": _CHECKPOINT,
    "torchscript-old": _CHECKPOINT,
    "torch-legacy": _CHECKPOINT,
    "torch-mobile": _CHECKPOINT,
    "torch-tar": _CHECKPOINT,
    "tar": _CHECKPOINT,
    "tar-gz": _CHECKPOINT,
    "zip-of-checkpoints": _CHECKPOINT,
    "npz": _CHECKPOINT,
    "npy": _CHECKPOINT,
    "keras-h5": _CHECKPOINT,
    "pickle": _CHECKPOINT,
    "safetensors": _CHECKPOINT,
    "safetensors-sharded": _CHECKPOINT,
    "torch-sharded": _CHECKPOINT,
    "dcp": _CHECKPOINT,
    "deepspeed": _CHECKPOINT,
    "peft": _CHECKPOINT,
    "hf-trainer": _CHECKPOINT,
    "accelerate": _CHECKPOINT,
    "hdf5": "inspector.artifacts.dumps.hdf5:facts",
    "npz-dump": "inspector.artifacts.dumps.numpy_content:facts",
    "npy-dump": "inspector.artifacts.dumps.numpy_content:facts",
    "png-folder": "inspector.artifacts.dumps.picture_folder:facts",
    **dict.fromkeys(
        ("coco", "coco-results", "fsc147", "point-records", "point-lines", "point-table"),
        "inspector.artifacts.annotations.annotation_content:facts",
    ),
    "tfevents": "inspector.artifacts.logs.tensorboard:facts",
    "wandb": "inspector.artifacts.logs.wandb:facts",
    "jsonl": "inspector.artifacts.logs.metrics_jsonl:facts",
    "json-history": "inspector.artifacts.logs.json_history:facts",
    "mlflow-metric": "inspector.artifacts.logs.mlflow:facts",
    "mlflow-value": "inspector.artifacts.settings.mlflow_value:facts",
    "evaluations": "inspector.artifacts.logs.evaluations:facts",
    "csv": "inspector.artifacts.logs.table_csv:facts",
    "text": "inspector.artifacts.logs.console:facts",
    "json": "inspector.artifacts.settings.settings_file:facts",
    "yaml": "inspector.artifacts.settings.settings_file:facts",
    "run.json": "inspector.artifacts.settings.run_record:facts",
}
"""Each container's reader: a function of (path, pulse)."""

_UNREAD: dict[str, tuple[str, str]] = {
    **UNREAD_STORES,
    "zip": ("a zip archive without a checkpoint in it", "unpack it and open what is inside"),
    "other tar": ("a tar archive without a checkpoint in it", "unpack it and open what is inside"),
    "gzip": ("a file packed with gzip", "unpack it and open what is inside"),
    "git-lfs pointer": ("a git-lfs pointer instead of the file itself", "fetch the file with git lfs pull"),
    "binary": ("bytes of no known kind", ""),
    "other text": ("text that is neither a log nor settings", ""),
}
"""What is said of a file that no reader takes, and what helps."""

_EXPECTED = "a checkpoint, a dump, a log or settings"


def facts_of(path: Path, pulse: Pulse = QUIET) -> Facts:
    """What a file holds, or a folder that is one checkpoint; damage that leaves something to show is in the notes.

    Raises:
        FileError: it is a folder that is no checkpoint.
        MissingError: it is not there, or may not be read.
        UnknownKindError: no reader claims it.
        UnsupportedError: it is of a sort that is not read.
        DamagedError: nothing of it can be read.
        LimitError: reading it would take more than the limits allow.
    """
    container = container_at(path, pulse)
    if not container and (pictures := pictures_in(path)):
        because = f"{path.name}: a folder of {pictures:,} pictures, which annotations and predictions draw on"
        return OtherFacts(bytes=0, because=because, pictures=pictures)
    if not container:
        raise FileError(
            path, "a file, or a folder that is one checkpoint or one dump", "another folder", "open it as a run"
        )
    if container == PICTURE_WORDS:
        because = f"{path.name}: a word for each picture, which annotations are read with"
        return OtherFacts(bytes=path.stat().st_size, because=because)
    reader = READERS.get(container)
    if reader is None:
        found, advice = _UNREAD.get(container, (f"a file of kind {container}", ""))
        error = UnsupportedError if container in ("gzip", "other tar", *UNREAD_STORES) else UnknownKindError
        raise error(path, _EXPECTED, found, advice)
    module, function = reader.split(":")
    try:
        facts = cast("Facts", getattr(import_module(module), function)(path, pulse))
    except OSError as error:
        raise MissingError(path, "a readable file", error.strerror or "an error of the disk") from error
    return with_known_corrections(path, facts) if isinstance(facts, DumpFacts) else facts
