"""What ended a run, as one sentence with the next step to take."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import torch

from inspector.core.units import bytes_text

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def sentence_of(error: BaseException, folder: Path, last: str | None) -> str | None:
    """Why a run cannot go on, or None for an error of the program itself.

    Args:
        error: what ended it.
        folder: the run's folder.
        last: the newest whole checkpoint.
    """
    kept = f"the last whole checkpoint is {last}" if last else "no checkpoint was written before"
    if isinstance(error, OSError) and error.errno in _FULL:
        free = bytes_text(shutil.disk_usage(folder).free) if folder.exists() else "nothing"
        return f"The disk is full ({free} free where {folder.name} is); {kept}"
    if isinstance(error, OSError):
        name = Path(error.filename).name if isinstance(error.filename, str) else folder.name
        return f"{name} could not be written ({error.strerror or error}); {kept}"
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return f"Memory ran out; lower data.batch_size or model.slots, or take another device; {kept}"
    return None
