"""Which module reads a checkpoint's container; it is imported when the first such file is opened."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from inspector.artifacts.byte_file import ReadableFile
from inspector.artifacts.checkpoints.listing import Listed
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse

Reader = Callable[[ReadableFile, Notes, Pulse], Listed]

READERS: dict[str, str] = {
    "torch-zip": "inspector.artifacts.checkpoints.torch_zip:read",
    "torchscript": "inspector.artifacts.checkpoints.torchscript:read",
    "torch-mobile": "inspector.artifacts.checkpoints.torchscript:read",
    "torchscript-old": "inspector.artifacts.checkpoints.torchscript_old:read",
    "torch-legacy": "inspector.artifacts.checkpoints.torch_legacy:read",
    "safetensors": "inspector.artifacts.checkpoints.safetensors:read",
    "pickle": "inspector.artifacts.checkpoints.pickle_file:read",
    "torch-tar": "inspector.artifacts.checkpoints.torch_tar:read",
    "tar": "inspector.artifacts.checkpoints.archive_files:read_tar",
    "tar-gz": "inspector.artifacts.checkpoints.archive_files:read_tar_gz",
    "zip-of-checkpoints": "inspector.artifacts.checkpoints.archive_files:read_zip",
    "npy": "inspector.artifacts.checkpoints.numpy_files:read_npy",
    "npz": "inspector.artifacts.checkpoints.numpy_files:read_npz",
    "npz-dump": "inspector.artifacts.checkpoints.numpy_files:read_npz",
    "npy-dump": "inspector.artifacts.checkpoints.numpy_files:read_npy",
    "keras-h5": "inspector.artifacts.checkpoints.keras:read",
}


def reader_of(container: str) -> Reader:
    """The function that lists what is in a file of a container in READERS."""
    module, function = READERS[container].split(":")
    read: Reader = getattr(import_module(module), function)
    return read
