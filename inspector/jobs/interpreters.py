"""Where interpreters are that may train: named by the user, or found."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from inspector.core.errors import UsageError
from inspector.core.places import data_folder
from inspector.jobs.children import is_frozen
from inspector.jobs.interpreter_probe import needed, probed

_PLACES = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
"""Where an environment's folder has its interpreter."""

NONE_ABLE = "Training needs a Python that has torch, and none was found"


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
