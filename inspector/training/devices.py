"""Which device a run uses, and how much memory it has."""

from __future__ import annotations

import os
from typing import Any

import torch

from inspector.core.errors import UsageError
from inspector.formats.recipes.training import Train


def chosen(name: str) -> torch.device:
    """The device of that name; `auto` takes CUDA, then MPS, then the CPU.

    Raises:
        UsageError: there is no such device here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda:0")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"{name} is not a device; use auto, cpu, cuda:0 or mps") from error
    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not here.get(device.type, False) or (device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count()):
        raise UsageError(f"{name} is not on this machine; use --device cpu")
    return torch.device("cuda:0") if name == "cuda" else device


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
    free_bytes, total_bytes = _host_memory()
    found.append({"device": "cpu", "name": "CPU", "free_bytes": free_bytes, "total_bytes": total_bytes})
    return found


def _host_memory() -> tuple[int | None, int | None]:
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return os.sysconf("SC_AVPHYS_PAGES") * page, os.sysconf("SC_PHYS_PAGES") * page
    except (ValueError, OSError, AttributeError):
        return None, None
