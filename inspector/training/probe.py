"""What an interpreter has for training, as one line of JSON; run by its path, with any Python from 3.6 on.

Standard library only, so that it answers where everything else is missing.
"""

import json
import platform
import sys

_WITHOUT_DEVICES = "--without-devices"


def versions(names: "list[str]") -> "dict[str, str | None]":
    """The installed version of each distribution, None where it is missing."""
    try:
        from importlib.metadata import PackageNotFoundError, version
    except ImportError:
        return dict.fromkeys(names)
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def devices() -> "list[dict[str, str | int | None]]":
    """The devices that its torch can use, the best first, with their memory in bytes where it is told."""
    try:
        import torch
    except Exception:  # noqa: BLE001 - a broken installation is one that has no devices
        return []
    found = [_gpu(torch, index) for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0)]
    metal = getattr(torch.backends, "mps", None)
    if metal is not None and metal.is_available():
        found.append({"device": "mps", "name": "Apple GPU"})
    return [*found, {"device": "cpu", "name": "CPU"}]


def _gpu(torch: "object", index: int) -> "dict[str, str | int | None]":
    told: dict[str, str | int | None] = {"device": f"cuda:{index}"}
    try:
        cuda = torch.cuda  # type: ignore[attr-defined]  # a module that may not be there
        told["name"] = cuda.get_device_name(index)
        told["free_bytes"], told["total_bytes"] = cuda.mem_get_info(index)
    except Exception:  # noqa: BLE001 - one that is taken by another process alone tells nothing
        told.setdefault("name", "")
    return told


if __name__ == "__main__":
    asked = sys.argv[1:]
    answer = {
        "python": platform.python_version(),
        "packages": versions([name for name in asked if name != _WITHOUT_DEVICES]),
        "devices": [] if _WITHOUT_DEVICES in asked else devices(),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
