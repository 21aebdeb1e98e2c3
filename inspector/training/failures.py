"""What ended a run, as one sentence: what and how much, what is left, and the next step to take."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import torch

from inspector.core.errors import InspectorError
from inspector.core.texts import visible
from inspector.core.units import bytes_text
from inspector.training import devices

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""How a system says that there is no room left."""

_SMALLER = "raise optim.accumulate, which takes a batch in smaller parts, or lower data.batch_size"
_UNITS = {"B": 1, "bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}
_AMOUNT = r"([\d.]+) (bytes|[KMGTP]iB|B)"
_ASKED = re.compile(rf"(?:Tried|tried|Unable) to allocate {_AMOUNT}")
_FREE = re.compile(rf"of which {_AMOUNT} is free")
_HOST = ("DefaultCPUAllocator", "Unable to allocate", "Cannot allocate memory")
_DEVICE_FULL = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
_CUDA = re.compile(r"(?:CUDA error|CUDA driver error|cuDNN error|MPS|HIP error): *([^\n]+)")
_NOT_REPEATABLE = re.compile(r"(\w+) does not have a deterministic implementation")
_OTHERS_LOST = ("Connection closed by peer", "Connection reset by peer", "NCCL", "ProcessGroup", "Gloo", "gloo")


class NoRoomError(OSError):
    """A file found no room.

    Attributes:
        needed_bytes: what it holds at least.
    """

    def __init__(self, cause: OSError, path: Path, needed_bytes: int) -> None:
        super().__init__(cause.errno, cause.strerror, str(path))
        self.needed_bytes = needed_bytes


def sentence_of(error: BaseException, folder: Path, last: str | None, device: str = "cpu") -> str | None:
    """Why a run cannot go on, or None for an error of the program itself.

    Args:
        error: what ended it.
        folder: the run's folder.
        last: the newest whole checkpoint.
        device: on which it ran.
    """
    what = cause_of(error, folder, device)
    if what is None:
        return None
    kept = f"the last whole checkpoint is {last}" if last else "no checkpoint was written before"
    return f"{what}; {kept}"


def cause_of(error: BaseException, folder: Path, device: str = "cpu") -> str | None:
    """What happened, or None for an error of the program itself; arguments as of `sentence_of`."""
    return next((said for said in (tell(error, folder, device) for tell in _TELLERS) if said), None)


def _disk(error: BaseException, folder: Path, _device: str) -> str:
    if not isinstance(error, OSError):
        return ""
    if error.errno not in FULL:
        path = Path(error.filename) if isinstance(error.filename, str) else folder
        reason = error.strerror or visible(str(error).strip().partition("\n")[0], 200)
        if not path.resolve().is_relative_to(folder.resolve()):  # the run's own files are not read while it trains
            return f"{visible(str(path), 300)} could not be read ({reason}); put it back or give another path"
        return f"{path.name} could not be written ({reason})"
    free = bytes_text(shutil.disk_usage(folder).free) if folder.exists() else "nothing"
    if isinstance(error, NoRoomError):
        needs = f"{Path(error.filename).name} needs {bytes_text(error.needed_bytes)}, {free} is free"
        return f"The disk is full: {needs} where {folder.name} is; make room or lower train.keep_checkpoints"
    return f"The disk is full ({free} free where {folder.name} is)"


def _device_memory(error: BaseException, _folder: Path, device: str) -> str:
    text = str(error)
    full = isinstance(error, RuntimeError) and device != "cpu" and any(words in text for words in _DEVICE_FULL)
    if not (isinstance(error, torch.OutOfMemoryError) or full):
        return ""
    amounts = _amounts(text, f"{bytes_text(_bytes(free))} is free" if (free := _FREE.search(text)) else "")
    return f"The memory of {device} ran out{amounts}; {_SMALLER}, or set train.precision to bf16-mixed"


def _host_memory(error: BaseException, _folder: Path, _device: str) -> str:
    text = str(error)
    full = isinstance(error, RuntimeError) and any(words in text for words in _HOST)
    if not (isinstance(error, MemoryError) or full):
        return ""
    free, _ = devices.host_memory()
    amounts = _amounts(text, "" if free is None else f"{bytes_text(free)} is free")
    return f"The machine's memory ran out{amounts}; {_SMALLER}"


def _amounts(text: str, free: str) -> str:
    asked = _ASKED.search(text)
    said = [f"{bytes_text(_bytes(asked))} more was asked for" if asked else "", free]
    told = ", ".join(part for part in said if part)
    return f": {told}" if told else ""


def _bytes(found: re.Match[str]) -> int:
    return int(float(found[1]) * _UNITS[found[2]])


def _lost_device(error: BaseException, _folder: Path, device: str) -> str:
    found = _CUDA.search(str(error)) if isinstance(error, RuntimeError) else None
    if found is None:
        return ""
    reason = visible(found[1].strip(), 200)
    if "assert" in reason:
        return f"A kernel on {device} found a value out of range ({reason}); run it on the CPU to see where"
    return f"{device} was lost ({reason}); resume on it once it answers again, or with another --device"


def _no_kernel(error: BaseException, _folder: Path, device: str) -> str:
    found = _NOT_REPEATABLE.search(str(error)) if isinstance(error, RuntimeError) else None
    if found is None:
        return ""
    return f"torch has no kernel on {device} that repeats bit for bit ({found[1]}); set train.deterministic to false"


def _lost_process(error: BaseException, _folder: Path, _device: str) -> str:
    # What torch raises where another process of torchrun is gone.
    if isinstance(error, RuntimeError) and any(word in str(error) for word in _OTHERS_LOST):
        reason = visible(str(error).strip().partition("\n")[0], 200)
        return f"Another process of this run was lost ({reason}); its own output says why"
    return ""


def _missing_module(error: BaseException, _folder: Path, _device: str) -> str:
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    return f"{visible(error.name, 100)} is not installed here; install it and resume"


def _refused(error: BaseException, _folder: Path, _device: str) -> str:
    # A sentence already, such as of data that cannot be read when its turn comes.
    return visible(str(error).strip().partition("\n")[0], 500) if isinstance(error, InspectorError) else ""


def _not_compiled(error: BaseException, _folder: Path, _device: str) -> str:
    if not type(error).__module__.startswith(("torch._dynamo", "torch._inductor")):
        return ""
    reason = visible(str(error).strip().partition("\n")[0], 200)
    return f"torch could not compile the model ({reason}); set train.compile to false"


_TELLERS: tuple[Callable[[BaseException, Path, str], str], ...] = (
    _disk, _device_memory, _host_memory, _lost_device, _no_kernel, _lost_process,
    _not_compiled, _missing_module, _refused,
)  # fmt: skip
