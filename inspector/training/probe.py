"""What an interpreter has for training, as one line of JSON; run by its path, with any Python from 3.6 on.

Standard library only, so that it answers where everything else is missing.
"""

import json
import platform
import sys


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


def devices() -> "list[str]":
    """Names of the devices that its torch can use, the best first."""
    try:
        import torch
    except Exception:  # noqa: BLE001 - a broken installation is one that has no devices
        return []
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    metal = getattr(torch.backends, "mps", None)
    return names + (["mps"] if metal is not None and metal.is_available() else []) + ["cpu"]


if __name__ == "__main__":
    answer = {
        "python": platform.python_version(),
        "packages": versions(sys.argv[1:]),
        "devices": devices(),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
