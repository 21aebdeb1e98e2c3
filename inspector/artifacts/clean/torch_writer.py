"""Checkpoints as `torch.save` writes them, made of plain values and tensors alone.

Source: torch/serialization.py (`_save`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inspector.artifacts.archives.zip_writer import ZipWriter
from inspector.artifacts.clean.pickle_writer import Pickler
from inspector.artifacts.clean.torch_values import StorageOut
from inspector.artifacts.output import Output
from inspector.artifacts.tensors.storage_blocks import Block
from inspector.core.pulse import QUIET, Pulse

TOP = "archive"
"""The folder of the archive, as torch names it when it saves to a buffer."""

FORMAT_VERSION = b"3\n"


def write_checkpoint(output: Output, root: Any, storages: Sequence[StorageOut], pulse: Pulse = QUIET) -> None:
    """Write a checkpoint.

    Args:
        output: an empty file.
        root: made of None, bool, int, float, str, list and what `torch_values` defines.
        storages: those that tensors in it refer to.
        pulse: of this work.

    Raises:
        OSError: the disk is full, or the file may not be so large.
        DamagedError: bytes of a storage are not where they were.
        ValueError: the root holds something else.
    """
    archive = ZipWriter(output)
    pickled = Pickler(pulse).pickled(root)
    archive.add(f"{TOP}/data.pkl", len(pickled), [pickled])
    archive.add(f"{TOP}/byteorder", len(b"little"), [b"little"])
    total = sum(storage.bytes for storage in storages)
    done = 0
    for storage in storages:
        archive.add(f"{TOP}/data/{storage.key}", storage.bytes, _beating(storage, done, total, pulse))
        done += storage.bytes
    archive.add(f"{TOP}/version", len(FORMAT_VERSION), [FORMAT_VERSION])
    archive.close()
    pulse.beat(total, total, "writing to the disk")
    output.finish()


def _beating(storage: StorageOut, done: int, total: int, pulse: Pulse) -> Iterator[Block]:
    left = storage.bytes
    for block in storage.blocks():
        pulse.beat(done, total, "copying tensors")
        whole = block[:left]
        yield whole
        done += len(whole)
        left -= len(whole)
