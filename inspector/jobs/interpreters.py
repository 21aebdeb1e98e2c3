"""Other interpreters as trainers: what one has, what it lacks, and the line that mends it."""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec

import inspector
from inspector.core.errors import UsageError
from inspector.core.places import data_folder
from inspector.jobs.children import foreign_environment, is_frozen

PROBE_S = 60.0
"""Importing torch from a cold disk takes its time."""

_PROBE = Path(inspector.__file__).parent / "training" / "probe.py"
_LEAST_PYTHON = (3, 11)
_OF_EXTRA = {
    "train": ("torch", "lightning-fabric", "numpy", "h5py", "msgspec", "platformdirs"),
    "vlm": ("transformers", "peft"),
}
"""The packages that each extra of this program needs to train."""

_PLACES = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
"""Where an environment's folder has its interpreter."""

NONE_ABLE = "Training needs a Python that has torch, and none was found"

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


def own_python() -> str:
    """The Python that runs this program, as a script is started with; a frozen program has none to start."""
    return "python3" if is_frozen() else sys.executable


def _own_place() -> Path:
    """The environment that the line of `making_line` makes."""
    return data_folder() / "trainer"


def candidates() -> tuple[str, ...]:
    """Interpreters of the user's that may train, the likeliest first; they lie where no opened file comes from."""
    named = (os.environ.get("VIRTUAL_ENV"), os.environ.get("CONDA_PREFIX"), str(_own_place()), "python3")
    found = dict.fromkeys(path for name in named if name and (path := _found_at(name)) is not None)
    return tuple(path for path in found if path != sys.executable)


def project_interpreter() -> str:
    """That of the `.venv` in the current folder, empty without one.

    It is offered, and run only where the user chooses it: the folder may be one that somebody else has packed.
    """
    return _found_at(str(Path.cwd() / ".venv")) or ""


def able_interpreter(chosen: str) -> str:
    """The path of the first interpreter that can train recipes: the one chosen last, or a candidate.

    Raises:
        UsageError: none can; it says which were asked, and how to make one.
    """
    asked = tuple(dict.fromkeys(filter(None, (chosen, *candidates()))))
    for path in asked:
        try:
            if not probed(path, devices=False).problem():
                return path
        except UsageError:  # it cannot be run, as one that was removed
            continue
    seen = f"asked: {', '.join(asked)}" if asked else "there is no python3 on the path"
    raise UsageError(f"{NONE_ABLE} ({seen}); name another with --python, or make one: {making_line()}")


def making_line() -> str:
    """The command that makes an environment which can train, where `candidates` finds it."""
    place = _own_place()
    wanted = [f"{name}{least}" for name, least in needed().items()]
    make, fill = ["python3", "-m", "venv", str(place)], [str(place / "bin" / "pip"), "install", *wanted]
    return f"{shlex.join(make)} && {shlex.join(fill)}"


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


def interpreter_at(named: str) -> str:
    """The path of the interpreter that a user names by its path, by its command's name or by its environment's folder.

    Links are not followed: that of an environment is what makes it one.

    Raises:
        UsageError: there is none.
    """
    text = named.strip().strip("\"'")
    found = _found_at(text)
    if found is None:
        raise UsageError(f"{text}: expected a Python or the folder of an environment, found none; name another")
    return found


def _found_at(name: str) -> str | None:
    try:
        path = Path(name if os.sep in name else shutil.which(name) or name).expanduser()
        if path.is_dir():
            path = next((path / inside for inside in _PLACES if (path / inside).is_file()), path)
        return str(path.absolute()) if path.is_file() and os.access(path, os.X_OK) else None
    except (OSError, ValueError, RuntimeError):  # a name too long, a NUL, an unknown user
        return None


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
