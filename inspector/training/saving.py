"""Checkpoints written beside the training: a snapshot at once, the file by a thread, and which ones are kept."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from inspector.training import checkpoint
from inspector.training.folder import RunFolder


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checkpoint to be written.

    Attributes:
        name: its file.
        keep: of those that are taken regularly, how many stay.
        regular: it is one of them.
        best: it becomes the best of the run.
    """

    name: str
    keep: int
    regular: bool = False
    best: bool = False


class Saver:
    """Writes one checkpoint at a time; while it does, nothing else changes run.json.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._regular: list[str] = []
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def save(self, content: dict[str, Any], wanted: Wanted) -> None:
        """Take a snapshot and return; waits for the checkpoint before, if that is not written yet.

        Raises:
            OSError: the one before could not be written.
        """
        self.wait()
        snapshot = copied(content, {})
        self._thread = threading.Thread(target=self._write, args=(snapshot, wanted), name="checkpoint", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Return when all that was asked for is whole.

        Raises:
            OSError: a checkpoint could not be written.
        """
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.check()

    def check(self) -> None:
        """Raise what kept a checkpoint from being written, once."""
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _write(self, content: dict[str, Any], wanted: Wanted) -> None:
        try:
            self._put(content, wanted)
        except BaseException as error:  # noqa: BLE001 - raised again where the run sees it
            self._failure = error

    def _put(self, content: dict[str, Any], wanted: Wanted) -> None:
        """Write it, name it in run.json, and only then remove what it replaces."""
        folder, name = self._folder, wanted.name
        checkpoint.save(folder.checkpoint(name), content)
        folder.sync()
        before = {folder.record.best, folder.record.last}
        if wanted.regular and name not in self._regular:
            self._regular.append(name)
        folder.update(last=name, **({"best": name} if wanted.best else {}))
        kept = {*(self._regular[-wanted.keep :] if wanted.keep else ()), folder.record.best, folder.record.last}
        for old in {*before, *self._regular} - kept:
            if old is not None:
                folder.remove_checkpoint(old)
        self._regular = [old for old in self._regular if old in kept]


def copied(value: Any, seen: dict[Hashable, Tensor]) -> Any:
    """A tree of tensors and plain values that no later step changes, its tensors on the CPU.

    Args:
        value: the tree; its tensors may have any shape, and keep their dtype.
        seen: copies by the place of what they copy, so that weights under two names stay one.
    """
    if isinstance(value, Tensor):
        place: Hashable = (value.device, value.data_ptr(), value.dtype, value.shape, value.stride())
        if not value.numel():
            place = id(value)  # no place of its own
        if place not in seen:
            seen[place] = value.detach().to("cpu", copy=True)
        return seen[place]
    if isinstance(value, dict):
        return {key: copied(item, seen) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item, seen) for item in value]
    if isinstance(value, tuple):
        return tuple(copied(item, seen) for item in value)
    return value
