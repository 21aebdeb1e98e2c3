"""Which device a run uses, and how much memory it has."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch

from inspector.core.errors import UsageError
from inspector.formats.recipes.training import Train


@dataclass(frozen=True, slots=True)
class Launch:
    """How many processes torchrun started for this run, on all machines and on this one, and which of these we are."""

    processes: int = 1
    here: int = 1
    place: int = 0


def launch() -> Launch:
    """What torchrun says; without it, one process."""
    if not (torch.distributed.is_available() and torch.distributed.is_torchelastic_launched()):
        return Launch()
    return Launch(*(int(os.environ[name]) for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE", "LOCAL_RANK")))


def chosen(name: str) -> torch.device:
    """The device of that name; `auto` takes CUDA, then MPS, then the CPU.

    Each process of torchrun takes a GPU of its own.

    Raises:
        UsageError: there is no such device here.
    """
    launched = launch()
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if name == "cuda":
        name = f"cuda:{launched.place}"
    elif launched.processes > 1 and name != "cpu":
        raise UsageError(f"{name} is one device, for {launched.processes} processes; use --device auto or cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"{name} is not a device; use auto, cpu, cuda:0 or mps") from error
    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not here.get(device.type, False) or (device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count()):
        raise UsageError(f"{name} is not on this machine; use --device cpu")
    return device


def prepare(device: torch.device, train: Train) -> None:
    """Make results repeat: so many CPU threads, no choice of kernels by timing, and where asked for none that vary."""
    torch.set_num_threads(train.threads)
    if train.deterministic:
        # cuBLAS looks at it when it is first used.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(train.deterministic)
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True


def facts() -> list[dict[str, Any]]:
    """Every device here with its name and its free and total memory in bytes, None where that is not known."""
    found: list[dict[str, Any]] = []
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        free, total = torch.cuda.mem_get_info(index)
        name = torch.cuda.get_device_name(index)
        found.append({"device": f"cuda:{index}", "name": name, "free_bytes": free, "total_bytes": total})
    if torch.backends.mps.is_available():
        found.append({"device": "mps", "name": "Apple GPU", "free_bytes": None, "total_bytes": None})
    free_bytes, total_bytes = host_memory()
    found.append({"device": "cpu", "name": "CPU", "free_bytes": free_bytes, "total_bytes": total_bytes})
    return found


def host_memory() -> tuple[int | None, int | None]:
    """Free and total memory of the machine in bytes, None where the system does not tell."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return os.sysconf("SC_AVPHYS_PAGES") * page, os.sysconf("SC_PHYS_PAGES") * page
    except (ValueError, OSError, AttributeError):
        return None, None
