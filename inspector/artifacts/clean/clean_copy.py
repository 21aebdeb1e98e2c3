"""A checkpoint written anew as tensors and plain values, so that `torch.load(weights_only=True)` takes it.

Files whose pickle tells the structure keep it; every other container becomes a flat dictionary by dotted names.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.checkpoints.readers import reader_of
from inspector.artifacts.clean.clean_tensors import MAX_GROWTH, Storages, TensorWriter, strided
from inspector.artifacts.clean.clean_tree import CleanTree
from inspector.artifacts.clean.told import Told
from inspector.artifacts.clean.torch_values import Entries
from inspector.artifacts.clean.torch_writer import write_checkpoint
from inspector.artifacts.identity import check_same
from inspector.artifacts.output import Output
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.dtypes import ITEM_BYTES
from inspector.artifacts.tensors.storage_blocks import Block, storage_blocks
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.written import CleanCopy

_TREES = frozenset(("torch-zip", "torch-legacy", "pickle"))
"""Containers whose one pickle is the whole of what was saved."""

_WITH_VALUES = frozenset(
    ("dcp", "deepspeed", "hf-trainer", "accelerate", "zip-of-checkpoints", "tar", "tar-gz", "torch-tar")
)
"""Other containers whose plain values are part of what was saved; elsewhere they only describe the file."""


def write_clean_copy(path: Path, descriptor: int, pulse: Pulse = QUIET) -> CleanCopy:
    """Write a checkpoint's tensors and plain values as `torch.save` would; storages are streamed, each once.

    Args:
        path: a file, or a folder that is one checkpoint.
        descriptor: of the new file, open for writing; what is in it is dropped.
        pulse: of this work.

    Raises:
        UnsupportedError: the path is no checkpoint.
        DamagedError: bytes of a tensor are not where they were.
        LimitError: the copy would be larger than any real one.
        FileError: the path cannot be opened.
        OSError: the disk is full, or the new file may not be so large.
    """
    path = path.absolute()
    pulse = pulse.made_generous()
    container = "" if path.is_dir() else sniff(path).container
    output = Output(descriptor)
    if container in _TREES:
        return _of_tree(path, container, output, pulse)
    return _of_windows(path, output, pulse)


def _of_tree(path: Path, container: str, output: Output, pulse: Pulse) -> CleanCopy:
    notes = Notes()
    with ByteFile(path) as file:
        lister = reader_of(container)(file, notes, pulse).lister
        storages = Storages(MAX_GROWTH * file.size)
        tree = CleanTree(TensorWriter(file, lister.storage_of, lister.byteorder, storages), pulse)
        values = [tree.value_of(root, prefix) for prefix, root in lister.roots]
        root = values[0] if len(values) == 1 else values
        write_checkpoint(output, root, storages.all, pulse)
    return _result(output, tree.tensors, tree.values, tree.changed, tree.left_out, notes.texts())


def _of_windows(path: Path, output: Output, pulse: Pulse) -> CleanCopy:
    """A flat dictionary of what was listed."""
    checkpoint = opened(path, pulse)
    left_out = Told()
    flat: list[Any] = []
    tensors = 0
    storages = Storages(MAX_GROWTH * max(checkpoint.facts.bytes, checkpoint.identity.bytes))
    for name, window in checkpoint.windows.items():
        if isinstance(window, Unreadable):
            left_out.add(name, "tensor", because=f"it {window.reason}")
        elif window.dtype not in ITEM_BYTES:
            left_out.add(name, "tensor", because=f"it has elements of type {window.dtype}, which torch does not have")
        else:
            read = partial(_window_blocks, window)
            storage = storages.of(window.path, window.storage, window.dtype, window.byteorder, read)
            flat += (name, strided(storage, window.dtype, window.shape, window.strides, window.offset))
            tensors += 1
    values = 0
    for name, value in checkpoint.objects.items():
        if checkpoint.facts.container in _WITH_VALUES:
            flat += (name, _plain(value))
            values += 1
        else:
            left_out.add(name, "value", because="a state dict has no place for it")
    write_checkpoint(output, Entries(flat), storages.all, pulse)
    return _result(output, tensors, values, Told(), left_out, checkpoint.facts.notes)


def _window_blocks(window: TensorWindow) -> Iterator[Block]:
    """The bytes of a window's storage; its file is open only while they are read."""
    with ByteFile(window.path) as file:
        check_same(window.path, file.identity, window.identity)
        yield from storage_blocks(file, window.storage)


def _plain(value: Any) -> Any:
    """A value of the listing, whose dictionaries have texts as keys, as one of the copy; these are never deep."""
    if isinstance(value, dict):
        return Entries([part for key, item in value.items() for part in (key, _plain(item))])
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _result(
    output: Output, tensors: int, values: int, changed: Told, left_out: Told, notes: tuple[str, ...]
) -> CleanCopy:
    return CleanCopy(
        tensors=tensors,
        values=values,
        bytes=output.bytes,
        changed=tuple(changed.first),
        changed_count=changed.count,
        left_out=tuple(left_out.first),
        left_out_count=left_out.count,
        notes=tuple(cut(note) for note in notes),
    )
