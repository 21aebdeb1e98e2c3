"""Other interpreters as trainers: what one has, what it lacks, and the program's own rooms that travel to it.

An environment of the user's own, with CUDA and their packages, needs no installation of this program: the rooms that
train are plain Python and go as one archive on its path.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import msgspec

import inspector
from inspector.core.errors import UsageError
from inspector.core.files import write_atomically
from inspector.core.places import cache_folder
from inspector.jobs.children import foreign_environment

_PACKAGE = Path(inspector.__file__).parent
_PROBE = _PACKAGE / "training" / "probe.py"
_TRAVELLING = ("core", "formats", "analysis", "training")
"""The rooms that training imports, and no others."""

_LEAST_PYTHON = (3, 11)
_NEEDED = ("torch", "lightning-fabric", "numpy", "h5py", "msgspec", "platformdirs")
_PROBE_S = 60.0
"""Importing torch from a cold disk takes its time."""

# The archive comes first on the path; nothing of the environment's own variables or folder does.
_START = "import sys; sys.path.insert(0, {archive!r}); from inspector.training.__main__ import main; sys.exit(main())"


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """What a Python has for training.

    Attributes:
        packages: version of each that training needs, None where it is missing.
        devices: that its torch can use, the best first; empty without torch.
    """

    path: str
    python: str
    packages: dict[str, str | None]
    devices: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """`Python 3.11 · torch 2.13 · cuda:0`."""
        torch = self.packages.get("torch")
        parts = [f"Python {_short(self.python)}", f"torch {_short(torch)}" if torch else "no torch", *self.devices[:1]]
        return " · ".join(parts)

    @property
    def problem(self) -> str:
        """Why recipes cannot be trained with it and what to do, empty where they can; a command template still can."""
        least = ".".join(map(str, _LEAST_PYTHON))
        if _numbers(self.python) < _LEAST_PYTHON:
            return f"{self.path} is Python {self.python}; recipes need {least} or newer"
        wanted = {name: limit for name, limit in needed().items() if not _fits(self.packages.get(name), limit)}
        if not wanted:
            return ""
        line = " ".join(f"'{name}{limit}'" for name, limit in wanted.items())
        return f"{self.path} lacks {', '.join(wanted)}; run {self.path} -m pip install {line}"


def needed() -> dict[str, str]:
    """Each package that training needs with its least version (`>=2.6`), as this program's own metadata says."""
    try:
        declared = metadata.requires("run-inspector") or []
    except metadata.PackageNotFoundError:
        declared = []
    found = dict.fromkeys(_NEEDED, "")
    for text in declared:
        name, limit = re.match(r"([\w.-]+)\s*(>=[\w.]+)?", text).groups()  # type: ignore[union-attr]  # a name is there
        if name.lower() in found and limit:
            found[name.lower()] = limit
    return found


def probed(path: str) -> Interpreter:
    """What the interpreter at a path has; it is run for that, with nothing of ours on its path.

    Raises:
        UsageError: it cannot be run, or does not answer as a Python does.
    """
    command = [path, "-I", str(_PROBE), *_NEEDED]
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter that the user named
            command, capture_output=True, timeout=_PROBE_S, env=foreign_environment(), stdin=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        why = f"no answer in {_PROBE_S:.0f} s" if isinstance(error, subprocess.TimeoutExpired) else error.strerror
        raise UsageError(f"{path} cannot be run as a Python ({why}); name another interpreter") from error
    try:
        answer = msgspec.json.decode(done.stdout.splitlines()[-1])
        return msgspec.convert({"path": path, **answer}, Interpreter)
    except (IndexError, TypeError, msgspec.MsgspecError) as error:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        found = said[0] if said else f"exit code {done.returncode} and no answer"
        raise UsageError(f"{path} is no Python that answers ({found}); name another interpreter") from error


def training_command(interpreter: str | None, *arguments: str) -> list[str]:
    """The argument list that starts the trainer in another interpreter, or in this one without it.

    Raises:
        OSError: the rooms could not be put into the cache folder.
    """
    if interpreter is None or Path(interpreter) == Path(sys.executable):
        from inspector.jobs.children import child_command

        return child_command("training", *arguments)
    return [interpreter, "-I", "-c", _START.format(archive=str(rooms_archive())), *arguments]


def rooms_archive() -> Path:
    """The rooms that train, as an archive in the cache folder that Python imports from; made when it is not there."""
    content = _archived()
    path = cache_folder() / f"rooms-{inspector.__version__}-{hashlib.sha256(content).hexdigest()[:12]}.zip"
    if not path.is_file():
        write_atomically(path, content)
    return path


def _archived() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in _sources():
            # A fixed time, so that the same rooms make the same archive.
            entry = zipfile.ZipInfo(f"inspector/{source.relative_to(_PACKAGE).as_posix()}", (2020, 1, 1, 0, 0, 0))
            archive.writestr(entry, source.read_bytes(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _sources() -> Iterator[Path]:
    yield _PACKAGE / "__init__.py"
    for room in _TRAVELLING:
        yield from sorted((_PACKAGE / room).rglob("*.py"))


def _short(version: str) -> str:
    return ".".join(version.split("+", maxsplit=1)[0].split(".")[:2])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:3])


def _fits(version: str | None, limit: str) -> bool:
    return version is not None and _numbers(version) >= _numbers(limit)
