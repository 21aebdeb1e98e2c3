"""Texts that no log should hold, shown by the real window: how long its thread stands still, and what it reads.

`python -m tests.long.odd_texts TABS PATH...` is the window's own process; it prints what it measured.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.long.harness import Check, Figures

_MOST_MS = 100.0
_LONG_BYTES, _QUICK_BYTES = 10_000_000, 200_000
_QUICK_TABS = ("log", "curves")
_BAIT = "bait.png"


def _texts(size: int, folder: Path) -> dict[str, bytes]:
    """Lines for a console by what is odd about them."""
    bait = (folder.parent / _BAIT).as_uri()
    return {
        "a long line": b"x" * size,
        "a long line of words": b"loss of words " * (size // 14),
        "a long line of numbers": b"loss=0.5 " * (size // 9),
        "commands to a terminal": b"\x1b[31mred\x1b[2J\x1b]0;title\x07\x1b]8;;http://a\x07link" * (size // 1000),
        "zero bytes": b"a\0b" * (size // 30),
        "directions": "\u202eloss=0.5\u2066 \u200b\u2028".encode() * (size // 300),
        "markup": f"<html><img src='{bait}'><h1>loss=1</h1><a href='{bait}'>a</a>".encode() * 40,
        "marks upon marks": ("e" + "\u0301" * 300).encode() * (size // 10_000),
        "no text": bytes(range(128, 256)) * (size // 2000),
    }


def write_run(folder: Path, size: int) -> int:
    """A run of a console log and a log of metrics with all of it, among lines that are usual; how many texts."""
    texts = _texts(size, folder)
    usual = b"".join(b"step %d loss %.4f\n" % (step, 1 / (step + 1)) for step in range(200))
    (folder / "train.log").write_bytes(usual + b"\n".join(texts.values()) + b"\n" + usual)
    names = ["k" * (size // 10), "<b>bold</b>", f"<img src='{(folder.parent / _BAIT).as_uri()}'>", "a\u202eb", "\0"]
    records: list[dict[str, object]] = [{"step": step, **dict.fromkeys(names, step / 7)} for step in range(3)]
    records += [{"step": step, "loss": 1 / (step + 1), "note": "n" * (size // 100)} for step in range(3, 9)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return len(texts) + len(names)


def _watch(keys: list[str], paths: list[str]) -> Figures:
    """The longest turn of the window's thread, as each path is opened and these tabs shown, or all if none is named."""
    from inspector.app.launch import first_window, start_qt

    application = start_qt("offscreen")
    from inspector.app.tabs import TABBED
    from inspector.session.intents import TabChosen
    from inspector.session.values import State
    from tests.benchmarks.pauses import Pauses

    pauses = Pauses()
    tabs = [offer.key for offer in TABBED if not keys or offer.key in keys]
    window = first_window(application, State(tab="log"), remember=False)
    desk = window.desk

    def is_busy() -> bool:
        view = window.tabs.made(desk.state.tab)
        return desk.opening or desk.busy or (view is not None and view.pending())

    def act(name: str, what: Callable[[], object]) -> None:
        pauses.watch(name, what, is_busy)

    act("show", window.show)
    gc.freeze()  # as the program does once it is up
    for key in tabs:
        act(f"empty {key}", partial(desk.dispatch, TabChosen(key)))
    made = len(pauses.actions)
    for path in paths:
        act(f"open {Path(path).name}", partial(window.open_paths, (path,)))
        for key in tabs:
            act(key, partial(desk.dispatch, TabChosen(key)))
    opened = len(desk.state.runs)
    window.close()
    actions = pauses.actions[made:]
    worst = max(actions, key=lambda one: one.longest_cpu_ms)
    return {
        "opened": opened,
        "turns": sum(len(one.turns) for one in actions),
        "turns over 50 CPU ms": sum(one.noticed for one in actions),
        "longest_cpu_ms": round(worst.longest_cpu_ms, 1),
        "longest_wall_ms": round(max(one.longest_wall_ms for one in actions), 1),
        "in the longest": [worst.name, *worst.where],
    }


def shown(tabs: tuple[str, ...], paths: list[str], home: Path) -> Figures:
    """What `_watch` measures in a process of its own, and how many tracebacks that wrote."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.long.odd_texts", ",".join(tabs), *paths],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"RUN_INSPECTOR_HOME": str(home)},
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    told: Figures = json.loads(answer.stdout.splitlines()[-1])
    told["tracebacks"] = answer.stderr.count("Traceback")
    assert not told["tracebacks"], answer.stderr[-3000:]
    return told


def _was_read(path: Path) -> bool:
    return path.stat().st_atime > 1


def round_of(number: int, figures: Figures) -> None:
    """The first round has short lines and two tabs."""
    with tempfile.TemporaryDirectory(prefix="odd-texts-") as place:
        folder = Path(place) / "run"
        folder.mkdir()
        texts = write_run(folder, _LONG_BYTES if number else _QUICK_BYTES)
        bait = Path(place) / _BAIT
        bait.write_bytes(b"no picture")
        os.utime(bait, (1, 2))
        told = shown(() if number else _QUICK_TABS, [str(folder)], Path(place) / "home")
        told |= {"texts": texts, "other files read": int(_was_read(bait))}
        bait.read_bytes()
        told["reading is seen"] = _was_read(bait)
    figures["whole" if number else "quick"] = told
    assert told["opened"]
    assert not told["other files read"]
    if number:
        assert told["longest_cpu_ms"] <= _MOST_MS, told


CHECK = Check(
    name="odd_texts",
    title="lines of 10 MB, names of 1 MB, commands and markup shown by a window: its longest turn, what it reads",
    round=round_of,
    target_rounds=2,
    quick_rounds=1,
)

if __name__ == "__main__":
    print(json.dumps(_watch(sys.argv[1].split(",") if sys.argv[1] else [], sys.argv[2:])))
