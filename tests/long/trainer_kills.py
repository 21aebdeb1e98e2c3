"""A trainer killed at any moment leaves only whole files and no process, and what is left can be resumed untouched.

Every second round waits until a checkpoint is being written, and kills the trainer then. One trainer in ten is the
command; the others are forks of this process, which has loaded torch, so that a thousand take minutes and not hours.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import msgspec

from inspector.artifacts.checkpoints.checkpoint import facts as checkpoint_facts
from inspector.artifacts.dumps.hdf5 import facts as dump_facts
from inspector.core.files import TEMPORARY
from inspector.core.pulse import QUIET
from inspector.formats.metrics import decode_record
from inspector.formats.run_folder import RUN_FILE, RunRecord
from inspector.jobs.endings import ProcessEnd, ended_how
from inspector.jobs.supervisor import write_down
from inspector.training.__main__ import main
from tests.long.harness import Check, Figures
from tests.training.runs import forked

_TINY = (
    "data.train_scenes=32", "data.val_scenes=8", "data.image_size=16", "data.batch_size=8", "encoder.channels=4",
    "encoder.layers=2", "decoder.channels=8", "model.slot_size=8", "model.hidden_size=8", "train.dump_samples=4",
    "train.stats_samples=8", "train.checkpoint_every=1", "train.dump_every=1", "schedule.epochs=1000",
)  # fmt: skip
_SETTINGS = [word for setting in _TINY for word in ("--set", setting)]
_MOST_S = 6.0
_FORKED_MOST_S = 1.5
_COMMANDS = 10
"""Of so many trainers one is the command."""

_LIMIT_S = 120
_MOST_TOLD = 2_000
"""Characters of what a resume wrote that failed."""


def _trainer(number: int, run: Path) -> int:
    """A trainer in a session of its own; its process id."""
    arguments = ["train", "slots", "-o", str(run), *_SETTINGS]

    def work() -> int:
        os.setsid()
        if number % _COMMANDS == 0:
            os.execv(sys.executable, [sys.executable, "-I", "-m", "inspector.training", *arguments])
        return main(arguments)

    for loaded in ("runs", "resume"):  # with torch, once, and not in each fork
        import_module(f"inspector.training.{loaded}")
    return forked(work, limit_s=_LIMIT_S)


def round_of(number: int, figures: Figures) -> None:
    """Kill one trainer, read everything that it left, resume it for one epoch."""
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    try:
        run = folder / "run"
        trainer = _trainer(number, run)
        give_up_s = time.monotonic() + 60
        while not (run / RUN_FILE).exists() and time.monotonic() < give_up_s:
            time.sleep(0.01)
        most_s = _FORKED_MOST_S if number % _COMMANDS else _MOST_S
        time.sleep(random.Random(number + 3).uniform(0.0, most_s))  # of the first round, which CI runs too, 1.4 s
        give_up_s = time.monotonic() + 60
        while number % 2 and not _being_written(run) and time.monotonic() < give_up_s:
            pass
        os.kill(trainer, signal.SIGKILL)
        assert os.waitpid(trainer, 0)[1] == signal.SIGKILL, "the trainer ended before it was killed"
        _count(figures, "killed_while_a_checkpoint_was_written", bool(_being_written(run)))
        assert not (left := _processes_of_session(trainer)), f"processes are left: {left}"
        _look(run, figures)
        write_down(run, ProcessEnd(returncode=-signal.SIGKILL), [])
        assert not list(run.rglob(".*")), "a temporary file is left"
        _resume(run, folder / "again", figures)
        figures["kills"] = figures.get("kills", 0) + 1
    finally:
        shutil.rmtree(folder)


def _being_written(run: Path) -> list[Path]:
    return list((run / "checkpoints").glob(f".*{TEMPORARY}*"))


def _processes_of_session(leader: int) -> list[str]:
    """The numbers of all processes that were started below the leader of a session, itself among them."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            after_name = (process / "stat").read_text().rpartition(")")[2].split()
            if int(after_name[3]) == leader:
                found.append(process.name)
    return found


def _bytes_of(run: Path) -> dict[str, tuple[str, int]]:
    """SHA-256 and time of change of each file."""
    return {
        str(path): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


def _count(figures: Figures, name: str, more: int = 1) -> None:
    figures[name] = figures.get(name, 0) + more


def _look(run: Path, figures: Figures) -> None:
    record = msgspec.json.decode((run / RUN_FILE).read_bytes(), type=RunRecord)
    for path in sorted((run / "checkpoints").glob("*.pt")):
        found = checkpoint_facts(path, QUIET)
        assert found.tensors, path
        assert not found.notes, (path, found.notes)
        figures["whole_checkpoints"] = figures.get("whole_checkpoints", 0) + 1
    for path in sorted((run / "dumps").glob("*.h5")):
        assert dump_facts(path, QUIET).attributes.get("complete"), path
        figures["whole_dumps"] = figures.get("whole_dumps", 0) + 1
    lines = (run / "metrics.jsonl").read_bytes().split(b"\n")
    for line in lines[:-1]:
        decode_record(line)
    figures["torn_last_lines"] = figures.get("torn_last_lines", 0) + bool(lines[-1])
    for name in (record.best, record.last):
        assert name is None or (run / "checkpoints" / name).is_file(), f"run.json names {name}, which is not there"


def _resume(run: Path, again: Path, figures: Figures) -> None:
    if not list((run / "checkpoints").glob("*.pt")):
        return
    before = _bytes_of(run)
    told = again.with_name("told.txt")
    child = forked(lambda: main(["resume", str(run), "--epochs", "1", "-o", str(again)]), told, limit_s=_LIMIT_S)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended == 0, f"what is left could not be resumed ({ended_how(ended)}): {told.read_text()[-_MOST_TOLD:]}"
    assert _bytes_of(run) == before, "the resume changed the run that it goes on from"
    _count(figures, "files_of_parents_unchanged", len(before))
    assert not list((again / "checkpoints").glob(".*")), "a temporary file is left"
    figures["resumed"] = figures.get("resumed", 0) + 1


CHECK = Check(
    name="trainer_kills",
    title="kill -9 of a trainer at random moments leaves whole files that resume",
    round=round_of,
    target_rounds=1000,
    quick_rounds=1,
)
