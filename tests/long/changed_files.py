"""Files that vanish, grow, shrink, are emptied or replaced while a window has them open, at any moment.

The window says a sentence or shows what is there, never falls, and F5 shows the same as opening the path anew.
`python -m tests.long.changed_files SEED KIND CHANGES` is the window's own process; it prints what became of each.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.long.harness import Check, Figures

if TYPE_CHECKING:
    from inspector.app.window import Window

_PATIENCE_S = 120.0
_MOST_S = 1.5


def _vanish(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _grow(path: Path) -> None:
    with (path / "metrics.jsonl" if path.is_dir() else path).open("ab") as stream:
        stream.write(b'{"step": 600, "loss": 0.1}\n' * 50)


def _each(path: Path, size_of: Callable[[int], int]) -> None:
    for one in path.rglob("*") if path.is_dir() else (path,):
        if one.is_file():
            os.truncate(one, size_of(one.stat().st_size))


def _replace(path: Path, *, by_noise: bool = False) -> None:
    new = path.with_name("new")
    if by_noise:
        new.write_bytes(bytes(range(256)) * 40)
    elif path.is_dir():
        shutil.copytree(path, new)
    else:
        shutil.copy(path, new)
    if path.is_dir():
        shutil.rmtree(path)
    new.replace(path)


def _become(path: Path, make: Callable[[Path], None]) -> None:
    _vanish(path)
    make(path)


_CHANGES: dict[str, Callable[[Path], None]] = {
    "vanishes": _vanish,
    "grows": _grow,
    "is cut": lambda path: _each(path, lambda size: size // 2),
    "is emptied": lambda path: _each(path, lambda _size: 0),
    "is replaced": _replace,
    "is replaced by noise": lambda path: _replace(path, by_noise=True),
    "becomes a pipe": lambda path: _become(path, os.mkfifo),
    "becomes a folder": lambda path: _become(path, Path.mkdir),
    "becomes a link to itself": lambda path: _become(path, lambda gone: gone.symlink_to(gone.name)),
}
_KINDS = ("log", "checkpoint", "dump", "events", "folder")
_QUICK = ("vanishes", "becomes a pipe")


def _made(kind: str, place: Path) -> Path:
    from inspector.core.resources import resource

    sample = resource("sample_run")
    if kind == "folder":
        return Path(shutil.copytree(sample, place / "run"))
    if kind == "log":
        path = place / "metrics.jsonl"
        path.write_text("".join(f'{{"step": {step}, "loss": {1 / (step + 1)}}}\n' for step in range(500)))
        return path
    if kind == "events":
        from tests.benchmarks.event_files import make_event_file

        make_event_file(place / "events.out.tfevents.1700000000.host", 2000)
        return place / "events.out.tfevents.1700000000.host"
    folder, ending = ("checkpoints", ".pt") if kind == "checkpoint" else ("dumps", ".h5")
    return Path(shutil.copy(min((sample / folder).glob(f"*{ending}")), place / f"a{ending}"))


class _Hand:
    """Uses one window."""

    def __init__(self, window: Window, turn: Callable[[], None]) -> None:
        self._window, self._turn = window, turn

    def for_s(self, seconds: float) -> None:
        """Let it run."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self._turn()

    def settle(self) -> None:
        """Let it come to rest."""
        self.for_s(0.05)
        until_s = time.monotonic() + _PATIENCE_S
        desk, tabs = self._window.desk, self._window.tabs
        while desk.opening or desk.busy or (desk.state.runs and tabs.view(desk.state.tab).pending()):
            assert time.monotonic() < until_s, "it does not come to rest"
            self._turn()

    def shown(self, key: str) -> list[tuple[str, str, int]] | None:
        """What it has found in a run: name, kind and bytes of each file; None where it has no such run."""
        run = self._window.desk.run(key)
        if run is None:
            return None
        return sorted((file.name, type(file.facts).__name__, file.bytes) for file in run.files)


def _watch(seed: int, kind: str, changes: list[str]) -> list[Figures]:
    from inspector.app.launch import first_window, start_qt

    application = start_qt("offscreen")
    from inspector.session.intents import RunClosed, TabChosen
    from inspector.session.values import State

    window = first_window(application, State(), remember=False)
    window.show()
    desk, hand = window.desk, _Hand(window, application.processEvents)
    said: list[str] = []
    desk.message.connect(lambda message: said.append(message.sentence))
    chance = random.Random(seed)
    told: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="changed-files-") as place:
        for number, change in enumerate(changes):
            folder = Path(place) / str(number)
            folder.mkdir()
            path = _made(kind, folder)
            said.clear()
            window.open_paths((str(path),))
            hand.for_s(chance.uniform(0.0, _MOST_S))  # any moment is a good one
            _CHANGES[change](path)
            desk.dispatch(TabChosen("triage"))
            desk.dispatch(TabChosen(chance.choice(("curves", "slots", "weights", "log"))))
            hand.settle()
            was_open = desk.run(str(path)) is not None  # it may have changed before it could be opened at all
            window.commands.run("reload")
            hand.settle()
            after, sentences = hand.shown(str(path)), list(said)
            desk.dispatch(RunClosed(str(path)))
            window.open_paths((str(path),))
            hand.settle()
            anew = hand.shown(str(path))
            desk.dispatch(RunClosed(str(path)))
            hand.settle()
            told.append({"change": change, "open": was_open, "after": after, "anew": anew, "said": sentences})
    window.close()
    return told


def round_of(number: int, figures: Figures) -> None:
    """One kind, each change once; the first is quick."""
    kind, changes = _KINDS[number % len(_KINDS)], list(_CHANGES) if number else list(_QUICK)
    with tempfile.TemporaryDirectory(prefix="changed-files-home-") as home:
        answer = subprocess.run(
            [sys.executable, "-m", "tests.long.changed_files", str(number), kind, json.dumps(changes)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"RUN_INSPECTOR_HOME": home},
        )
    assert answer.returncode == 0, answer.stderr[-3000:]
    assert "Traceback" not in answer.stderr, answer.stderr[-3000:]
    for one in json.loads(answer.stdout.splitlines()[-1]):
        assert not one["open"] or one["after"] == one["anew"], (
            f"{kind} {one['change']}: F5 shows something else than opening it"
        )
        assert one["after"] or one["said"], f"{kind} {one['change']}: nothing is shown and nothing said"
        for name, count in (("changes", 1), ("sentences", len(one["said"])), (f"of {kind}", 1)):
            figures[name] = figures.get(name, 0) + count


CHECK = Check(
    name="changed_files",
    title="files that vanish, grow, shrink or are replaced while they are open: a sentence or what is there",
    round=round_of,
    target_rounds=25,
    quick_rounds=1,
)

if __name__ == "__main__":
    print(json.dumps(_watch(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))))
