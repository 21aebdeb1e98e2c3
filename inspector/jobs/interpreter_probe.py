"""What a Python has for training, what it lacks, and the line that mends it; another one is run to ask it."""

from __future__ import annotations

import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec

import inspector
from inspector.core.errors import UsageError
from inspector.jobs.children import foreign_environment

PROBE_S = 60.0
"""Importing torch from a cold disk takes its time."""

_PROBE = Path(inspector.__file__).parent / "training" / "probe.py"
_LEAST_PYTHON = (3, 11)
_OF_EXTRA = {
    "train": ("torch", "lightning-fabric", "numpy", "h5py", "msgspec", "platformdirs"),
    "vlm": ("transformers", "peft"),
}
"""The packages that each extra of this program needs to train."""

_LEAST = re.compile(r"^Requires-Dist:\s*([\w.-]+)\s*(>=[\w.]+)", re.MULTILINE)
_METADATA_FOLDER = re.compile(r"([\w.]+)-([^-]+)\.dist-info")
_WITHOUT_DEVICES = "--without-devices"


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """What a run can be trained on; memory is None where nothing tells it."""

    device: str
    name: str = ""
    free_bytes: int | None = None
    total_bytes: int | None = None


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """What a Python has for training.

    Attributes:
        packages: version of each that training may need, None where it is missing.
        devices: that its torch can use, the best first; empty without torch, or where they were not asked for.
    """

    path: str
    python: str
    packages: dict[str, str | None]
    devices: tuple[Device, ...] = ()

    @property
    def told(self) -> str:
        """`Python 3.11 · torch 2.13 · cuda:0`."""
        torch = self.packages.get("torch")
        best = [one.device for one in self.devices[:1]]
        return " · ".join((f"Python {_short(self.python)}", f"torch {_short(torch)}" if torch else "no torch", *best))

    @property
    def too_old(self) -> str:
        """That recipes need a newer Python, empty where they do not."""
        if _numbers(self.python) >= _LEAST_PYTHON:
            return ""
        return f"{self.path} is Python {self.python}; recipes need {'.'.join(map(str, _LEAST_PYTHON))} or newer"

    def lacks(self, extras: Sequence[str] = ("train",)) -> tuple[str, ...]:
        """The packages of these extras that are missing or too old, as pip takes them (`torch>=2.6`)."""
        wanted = needed(extras)
        return tuple(f"{name}{wanted[name]}" for name in wanted if not _fits(self.packages.get(name), wanted[name]))

    def install_line(self, extras: Sequence[str] = ("train",)) -> str:
        """The command that installs what is missing, empty where nothing is."""
        lacks = self.lacks(extras)
        return shlex.join((self.path, "-m", "pip", "install", *lacks)) if lacks else ""

    def problem(self, extras: Sequence[str] = ("train",)) -> str:
        """Why recipes cannot be trained with it and what to do, empty where they can; a command template still can."""
        lacks = self.lacks(extras)
        if self.too_old or not lacks:
            return self.too_old
        return f"{self.path} lacks {', '.join(map(_name, lacks))}; run {self.install_line(extras)}"


@cache
def _limits() -> dict[str, str]:
    """The least version of each package (`>=2.6`), as this program's own metadata says."""
    from importlib import metadata  # which a window need not wait for before it is shown

    try:
        told = metadata.distribution("run-inspector").read_text("METADATA") or ""
    except metadata.PackageNotFoundError:
        return {}
    # The whole of it, with the README, takes 9 ms to parse.
    return {name.lower(): least for name, least in _LEAST.findall(told)}


def needed(extras: Sequence[str] = ("train",)) -> dict[str, str]:
    """Each package that these extras need to train with its least version (`>=2.6`), empty where none is told."""
    return {name: _limits().get(name, "") for extra in extras for name in _OF_EXTRA[extra]}


def own_interpreter() -> Interpreter:
    """What the Python that runs this program has; its devices are the trainer's to tell."""
    return Interpreter(path=sys.executable, python=platform.python_version(), packages=_installed())


def _installed() -> dict[str, str | None]:
    """By the names of their folders: to read their metadata takes 15 ms."""
    found: dict[str, str] = {}
    for folder in reversed(sys.path):  # the first of the path counts
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - names alone, a tenth of the time of paths
        except OSError:
            continue
        matches = filter(None, map(_METADATA_FOLDER.fullmatch, names))
        found |= {_normal(match[1]): match[2] for match in matches}
    return {name: found.get(_normal(name)) for names in _OF_EXTRA.values() for name in names}


def _normal(name: str) -> str:
    """The one spelling of a package's name.

    Source: PEP 503.
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def probe_command(path: str, *, devices: bool = True) -> list[str]:
    """The argument list by which an interpreter is asked what it has; without `devices` it loads no torch."""
    return [path, "-I", str(_PROBE), *([] if devices else [_WITHOUT_DEVICES]), *needed(tuple(_OF_EXTRA))]


def probed(path: str, *, devices: bool = True) -> Interpreter:
    """What the interpreter at a path has; it is run for that, with nothing of ours on its path.

    Raises:
        UsageError: it cannot be run, or does not answer as a Python does.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter that the user named
            probe_command(path, devices=devices), capture_output=True, timeout=PROBE_S, env=foreign_environment(),
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise UsageError(no_answer(path)) from error
    except OSError as error:
        raise UsageError(not_run(path, error.strerror or str(error))) from error
    return answer_of(path, done.stdout, done.stderr, done.returncode)


def no_answer(path: str) -> str:
    """What is said of an interpreter that takes too long."""
    return not_run(path, f"no answer in {PROBE_S:.0f} s")


def not_run(path: str, why: str) -> str:
    """What is said of an interpreter that cannot be run."""
    return f"{path} cannot be run as a Python ({why}); name another interpreter"


def answer_of(path: str, said: bytes, errors: bytes, code: int) -> Interpreter:
    """What an interpreter that was asked by `probe_command` has answered.

    Raises:
        UsageError: that is no answer of a Python.
    """
    try:
        return msgspec.convert({"path": path, **msgspec.json.decode(said.splitlines()[-1])}, Interpreter)
    except (IndexError, TypeError, ValueError, RecursionError) as error:
        lines = errors.decode("utf-8", "replace").strip().splitlines()[-1:]
        found = lines[0] if lines else f"exit code {code} and no answer"
        raise UsageError(f"{path} is no Python that answers ({found}); name another interpreter") from error


def _short(version: str) -> str:
    return ".".join(version.split("+", maxsplit=1)[0].split(".")[:2])


def _name(requirement: str) -> str:
    return requirement.partition(">")[0]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:3])


def _fits(version: str | None, limit: str) -> bool:
    return version is not None and _numbers(version) >= _numbers(limit)
