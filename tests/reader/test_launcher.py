"""The product's own launcher: it loads every module that reads, keeps to one thread, and answers."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.core.outcome import Done, Failed
from inspector.diagnosis.values import Diagnosis
from inspector.display.points.scene import PointsAsk, PointsScene
from inspector.formats.nonfinite import to_json
from inspector.formats.role_corrections import FileCorrections, RoleCorrection
from inspector.formats.run_folder import Parent, RunRecord
from inspector.jobs.children import child_environment
from inspector.jobs.readers import Launcher, answered
from inspector.jobs.requests import Diagnose, Lock, LockAsk, Open, scene_ask
from inspector.reader import launcher
from inspector.runs.values import Run
from tests.display import annotated


def test_everything_that_reads_is_loaded_and_no_thread_has_started():
    program = (
        "import pathlib, sys\n"
        "from inspector.reader.answers import load_all\n"
        "load_all()\n"
        "print(len(list(pathlib.Path('/proc/self/task').iterdir())))\n"
        "print(*sorted(name for name in sys.modules if name.partition('.')[0] in ('torch', 'PySide6', 'pyqtgraph')))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('inspector.')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=child_environment("reader"),
    )
    threads, unwanted, loaded = done.stdout.splitlines()
    assert (threads, unwanted) == ("1", "")
    package = Path(sys.modules["inspector"].__path__[0])
    rooms = ("artifacts", "analysis", "runs", "diagnosis")
    written = {
        ".".join(("inspector", *path.relative_to(package).with_suffix("").parts))
        for room in rooms
        for path in (package / room).rglob("*.py")
        if path.name != "__init__.py"
    }
    from inspector.display.catalogue import CATALOGUE

    written |= {offer.prepare for offer in CATALOGUE}
    written |= set(re.findall(r'"(inspector\.[\w.]+)"', (package / "reader" / "answers.py").read_text()))
    assert written - set(loaded.split()) == set()


def test_a_real_reader_opens_a_real_file(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "train/loss": 0.5}\n{"step": 2, "train/loss": 0.25}\n')
    with Launcher() as launcher:
        reader = launcher.reader([tmp_path])
        assert isinstance(answered(reader, "lock", LockAsk(), Lock), Done)
        outcome = answered(reader, "open", Open(), Run)
        assert isinstance(outcome, Done), outcome
        assert [series.tag for series in outcome.value.series] == ["train/loss"]


def test_a_reader_of_a_resumed_run_may_read_the_run_that_was_resumed_and_no_other(tmp_path):
    for name, of in (("first", ""), ("second", "first"), ("third", "other")):
        folder = tmp_path / name
        folder.mkdir()
        parent = Parent(id=of, path=str(tmp_path / "first"), checkpoint="x.pt", sha256="", step=200, epoch=None)
        record = RunRecord(
            id=name, name=name, recipe="slots", seed=0, host="h", started=0.0, parent=parent if of else None
        )
        (folder / "run.json").write_bytes(to_json(record))
        steps, loss = (range(201, 301), 0.9) if of else (range(1, 301), 0.4)
        lines = (json.dumps({"step": step, "train/loss": loss + step % 7 * 1e-3}) for step in steps)
        (folder / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    with Launcher() as launcher:
        for name, found in (("second", True), ("third", False)):
            reader = launcher.reader([tmp_path / name])
            assert isinstance(answered(reader, "open", Open(), Run), Done)
            outcome = answered(reader, "diagnose", Diagnose(), Diagnosis)
            assert isinstance(outcome, Done), outcome
            assert ("resume-loss-jump" in [one.id for one in outcome.value.findings]) is found


def test_a_reader_that_cannot_be_watched_is_ended_and_buried(monkeypatch):
    def none(_pid):
        raise OSError(errno.EMFILE, "Too many open files")

    child = subprocess.Popen(["sleep", "600"])
    monkeypatch.setattr(launcher.os, "pidfd_open", none)
    with pytest.raises(OSError, match="Too many open files"):
        launcher._pidfd_of(child.pid)
    with pytest.raises(ChildProcessError):
        os.waitpid(child.pid, os.WNOHANG)
    child.returncode = -signal.SIGKILL  # which it was not told


def test_a_path_that_is_not_there_is_told(tmp_path):
    with Launcher() as launcher:
        outcome = answered(launcher.reader([tmp_path / "gone.pt"]), "open", Open(), Run)
        assert isinstance(outcome, Failed)
        assert "gone.pt" in outcome.sentence


def test_a_locked_reader_opens_dumps_of_every_kind_and_knows_what_was_corrected(tmp_path):
    np.savez(tmp_path / "dump_3.npz", masks=np.zeros((4, 3, 6, 6), np.float32), image=np.zeros((4, 6, 6, 3), np.uint8))
    layout = h5py.VirtualLayout((4, 3, 6, 6), "f4")
    layout[:] = h5py.VirtualSource("part.h5", "x", (4, 3, 6, 6))
    with h5py.File(tmp_path / "part.h5", "w", libver="latest") as file:
        file["x"] = np.full((4, 3, 6, 6), 1 / 3, np.float32)
    with h5py.File(tmp_path / "all.h5", "w", libver="latest") as file:
        file.create_virtual_dataset("masks", layout)
    correction = RoleCorrection(dataset="masks", role="activation", layout="NCHW")
    with Launcher() as launcher:
        launcher.role_corrections = (FileCorrections(pattern="dump_*.npz", corrections=(correction,)),)
        reader = launcher.reader([tmp_path])
        for _ in range(2):
            outcome = answered(reader, "open", Open(), Run)
            assert isinstance(outcome, Done), outcome
            roles = {file.name: [one.role for one in file.facts.datasets] for file in outcome.value.files}
            assert roles["dump_3.npz"] == ["activation", "image"]
            assert roles["all.h5"] == ["decoder_masks"]
            assert outcome.value.notes == ()
            reader.close()
            reader = launcher.reader([tmp_path])
        predictions = annotated.write_fsc147(tmp_path / "points").with_name("predictions.json")
        rows = [{"image": name, "pred_points": points} for name, (_size, points) in annotated.FSC147.items()]
        predictions.write_text(json.dumps(rows))
        # As one that takes a lost one's place, it was not asked to look at the folder first.
        fresh = launcher.reader([predictions.parent])
        scene = answered(
            fresh, "scene", scene_ask("points", PointsAsk(path=str(predictions), place="", sample=1)), PointsScene
        )
        assert isinstance(scene, Done), scene
        assert scene.value.tile.picture.shape[:2] == annotated.FSC147["3.jpg"][0]
        assert [pair.gt == pair.prediction is not None for pair in scene.value.tile.pairs] == [True, True]
