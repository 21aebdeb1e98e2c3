"""Checkpoints on disk: the only module that calls `torch.load`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, cast

import torch

from inspector.core.errors import DamagedError, MissingError, UnsupportedError
from inspector.core.files import atomic_file
from inspector.formats import checkpoint
from inspector.training.failures import FULL, NoRoomError


class _KeepsFailure:
    """A stream that remembers why writing failed; torch's zip writer tells only that positions differ.

    Attributes:
        asked_bytes: how much was to be written so far.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.asked_bytes = 0
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        """As the stream's own."""
        self.asked_bytes += len(data)
        try:
            return self._stream.write(data)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        """As the stream's own."""
        self._stream.flush()


def save(path: Path, content: dict[str, Any]) -> None:
    """Write a checkpoint that takes its place whole or not at all.

    Raises:
        NoRoomError: the disk is full.
        OSError: the folder may not be written.
    """
    asked_bytes = 0
    try:
        with atomic_file(path) as stream:
            kept = _KeepsFailure(stream)
            try:
                torch.save(content, cast("BinaryIO", kept))
            except RuntimeError as error:
                if kept.failure is not None:
                    raise kept.failure from error
                raise
            finally:
                asked_bytes = kept.asked_bytes
    except OSError as error:
        if error.errno in FULL:
            raise NoRoomError(error, path, max(asked_bytes, held_bytes(content))) from error
        raise


def held_bytes(value: Any) -> int:
    """The bytes of all tensors in a tree of dicts, lists and tuples."""
    if isinstance(value, torch.Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, dict):
        return sum(map(held_bytes, value.values()))
    return sum(map(held_bytes, value)) if isinstance(value, list | tuple) else 0


_EXPECTED = f"a checkpoint of this program ({checkpoint.SCHEMA})"
_REFUSED = "Unsupported global"
"""How torch says that a checkpoint holds more than tensors and plain values, as none of this program does."""


def load(path: Path, advice: str = "only runs that this program trained can be resumed") -> dict[str, Any]:
    """The content of a checkpoint that this trainer wrote, on the CPU.

    Args:
        path: the file.
        advice: what to do with a checkpoint of another program.

    Raises:
        MissingError: it is not there.
        DamagedError: torch cannot read it as tensors and plain values.
        UnsupportedError: another program wrote it.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)  # noqa: TID251 - the one place
    except FileNotFoundError as error:
        raise MissingError(path, "a checkpoint", "no such file") from error
    except Exception as error:
        # Whatever torch and its unpickler raise on a damaged file.
        reason = str(error).strip().partition("\n")[0][:200] or type(error).__name__
        if "weights_only" in reason:  # torch advises to run what is in the file
            reason = "none that torch can read"
        if _REFUSED in str(error):
            raise UnsupportedError(path, _EXPECTED, "another program's, with objects of its own", advice) from error
        raise DamagedError(path, "a checkpoint of tensors and plain values", reason, advice) from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != checkpoint.SCHEMA:
        raise UnsupportedError(
            path,
            _EXPECTED,
            f"schema {schema}" if schema else "another program's",
            advice,
        )
    missing = [key for key in checkpoint.KEYS if key not in content]
    if missing:
        raise DamagedError(path, "all keys of a checkpoint", f"none of {', '.join(missing)}")
    found: dict[str, Any] = content
    return found
