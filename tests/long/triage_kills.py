"""A window killed at any moment of writing `triage.json` loses no mark that it had said, nor one of another window.

A round has two halves: a writer that dies before each single call to the operating system, one after the other; and two
writers of one file, killed and started again at random moments, that tell each mark once it is kept.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inspector.core import files
from inspector.core.files import TEMPORARY
from inspector.core.leftovers import sweep_temporaries
from inspector.formats.marks import FileMarks, Mark
from inspector.formats.triage import FILE_NAME, Triage
from inspector.session import triage_store
from inspector.session.triage_store import load_triage, save_triage
from tests.long.harness import Check, Figures

_DUMP = "dumps/a.h5"
_KILLS = 20
_LONGEST_S = 0.03


class _Dying:
    """The operating system for a writer that is killed before one of its calls."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(os, name)
        if callable(found):
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self._left -= 1
        return found


def _mark(sample: int) -> Mark:
    """Any kind of mark, another for the next samples."""
    at_s = float(sample + 1)
    return (
        Mark(flagged=True, flagged_s=at_s),
        Mark(rejected=True, rejected_s=at_s, seen=True),
        Mark(tags=("hard", "späť"), tags_s=at_s),
        Mark(note=f"note {sample}\n" * (sample % 40), note_s=at_s),
    )[sample % 4]


def _said(samples: range) -> FileMarks:
    return {_DUMP: {sample: _mark(sample) for sample in samples}}


def _forked(work: Callable[[], None]) -> int:
    """The process id of a child that does its work and ends."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def _die_at_every_call(file: Path, figures: Figures) -> None:
    """Whatever call a writer dies before, the file holds what it held, or what the writer said as well."""
    before, after = range(40), range(41)
    calls, deaths = 0, {"before": 0, "after": 0}
    while True:
        file.unlink(missing_ok=True)
        save_triage(file, Triage(files=_said(before)))

        def write(calls: int = calls) -> None:
            files._os = _Dying(calls)  # type: ignore[assignment]  # what it has
            save_triage(file, Triage(files=_said(after)))

        _child, status = os.waitpid(_forked(write), 0)
        held = load_triage(file).files
        if os.waitstatus_to_exitcode(status) == 0:
            assert held == _said(after)
            break
        assert held in (_said(before), _said(after)), f"killed before call {calls}, the file says something else"
        deaths["before" if held == _said(before) else "after"] += 1
        assert save_triage(file, Triage(files=_said(range(41, 42)))).files[_DUMP][41] == _mark(41), (
            "the next one writes"
        )
        calls += 1
    assert deaths["before"] > 2, "it was never killed before the file was in its place"
    figures["calls_died_before"] = figures.get("calls_died_before", 0) + calls


class _Writer:
    """A window that marks one sample after the other, and tells each once it is kept."""

    def __init__(self, file: Path, first: int) -> None:
        self.first, self.told = first, 0
        self._ear, mouth = os.pipe()
        self.process = _forked(lambda: self._write(file, mouth))
        os.close(mouth)

    def _write(self, file: Path, mouth: int) -> None:
        triage_store._OTHERS_S = 60.0  # however busy the machine is
        for sample in range(self.first, self.first + 100_000):
            save_triage(file, Triage(files=_said(range(self.first, sample + 1))))
            os.write(mouth, b".")

    def wait_for_one(self) -> None:
        """Until it has told a mark."""
        told = os.read(self._ear, 1)
        assert told, "a writer has ended"
        self.told += len(told)

    def end(self) -> None:
        """Kill it, unless it is dead."""
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self.process = 0

    def kill(self) -> range:
        """The samples whose marks were told before it died."""
        self.end()
        while more := os.read(self._ear, 4096):
            self.told += len(more)
        os.close(self._ear)
        return range(self.first, self.first + self.told)


def _kill_two_writers(file: Path, seed: int, figures: Figures) -> None:
    """Of two writers one is killed again and again; every mark that either had told is in the file, and stays there."""
    chance, told = random.Random(seed), [range(0)]
    firsts = iter(range(0, 10**9, 100_000))
    writers = [_Writer(file, next(firsts)) for _ in range(2)]
    try:
        for kill in range(_KILLS):
            writers[kill % 2].wait_for_one()
            time.sleep(chance.uniform(0.0, _LONGEST_S))  # any moment is a good one
            told.append(writers[kill % 2].kill())
            _look(file, told)
            writers[kill % 2] = _Writer(file, next(firsts))
        told += [writer.kill() for writer in writers]
    finally:
        for writer in writers:
            writer.end()
    _look(file, told)
    left = [path for path in file.parent.iterdir() if TEMPORARY in path.name]
    sweep_temporaries(file.parent, FILE_NAME)
    assert [path.name for path in file.parent.iterdir()] == [FILE_NAME]
    for name, count in (("kills", _KILLS + 2), ("marks", sum(map(len, told))), ("half_written", len(left))):
        figures[name] = figures.get(name, 0) + count


def _look(file: Path, told: list[range]) -> None:
    held = load_triage(file).files.get(_DUMP, {})
    for samples in told:
        assert all(held.get(sample) == _mark(sample) for sample in samples), "a mark that was told is gone"


def _work(number: int) -> Figures:
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="triage-kills-") as folder:
        for half, run in (
            ("one", _die_at_every_call),
            ("two", lambda file, found: _kill_two_writers(file, number, found)),
        ):
            (Path(folder) / half).mkdir()
            run(Path(folder) / half / FILE_NAME, figures)
    return figures


def round_of(number: int, figures: Figures) -> None:
    """Both halves, in a process of their own: one with a window or threads must not be forked."""
    command = [sys.executable, "-m", "tests.long.triage_kills", str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, count in json.loads(done.stdout).items():
        figures[name] = figures.get(name, 0) + count


CHECK = Check(
    name="triage_kills",
    title="kill -9 of windows that write one triage.json loses no mark that any of them had said",
    round=round_of,
    target_rounds=200,
    quick_rounds=1,
)

if __name__ == "__main__":
    print(json.dumps(_work(int(sys.argv[1]))))
