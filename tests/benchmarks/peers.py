"""Peers that stand in environments of their own, made once and kept in the user's cache folder."""

from __future__ import annotations

import re
import subprocess
import venv
from pathlib import Path

from platformdirs import user_cache_path


def python_with(requirement: str, *more: str) -> str:
    """The interpreter of an environment that has a package, such as `wandb==0.19.11`, and more with it.

    Raises:
        CalledProcessError: it could not be installed.
    """
    name = re.sub(r"\[.*\]", "", requirement).replace("==", "-")  # hdf5plugin finds nothing under brackets
    folder: Path = user_cache_path("run-inspector-benchmarks") / name
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        venv.create(folder, with_pip=False, clear=True)
        command = ["pip", "--python", str(python), "install", "--quiet", requirement, *more]
        subprocess.run(command, check=True)
        done.touch()
    return str(python)
