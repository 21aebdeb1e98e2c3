"""Checkpoints are written beside the training: as they were when asked for, one at a time, and kept by rule."""

from __future__ import annotations

import errno
import threading

import pytest
import torch

from inspector.formats.checkpoint import KEYS, SCHEMA
from inspector.training import checkpoint
from inspector.training.saving import Saver, Wanted, copied


class Folder:
    """A run folder that only names its checkpoints."""

    def __init__(self, path):
        self.path = path
        self.record = self
        self.best = self.last = None

    def checkpoint(self, name):
        return self.path / name

    def sync(self):
        pass

    def update(self, **changes):
        for name, value in changes.items():
            setattr(self, name, value)

    def remove_checkpoint(self, name):
        (self.path / name).unlink()


def content(weight):
    return {**dict.fromkeys(KEYS), "schema": SCHEMA, "model": {"weight": weight}}


def test_a_checkpoint_holds_what_was_when_it_was_asked_for_and_is_named_once_it_is_whole(tmp_path, monkeypatch):
    may_write, real = threading.Event(), checkpoint.save

    def late(path, values):
        may_write.wait()
        real(path, values)

    monkeypatch.setattr(checkpoint, "save", late)
    folder, weight = Folder(tmp_path), torch.ones(3)
    saver = Saver(folder)
    saver.save(content(weight), Wanted("a.pt", keep=1, regular=True))
    weight.mul_(5)
    assert folder.last is None
    may_write.set()
    saver.wait()
    assert folder.last == "a.pt"
    assert checkpoint.load(tmp_path / "a.pt")["model"]["weight"].tolist() == [1, 1, 1]


def test_best_and_last_stay_beside_the_newest_regular_ones(tmp_path):
    folder = Folder(tmp_path)
    saver = Saver(folder)
    for number in range(6):
        saver.save(content(torch.ones(1)), Wanted(f"{number}.pt", keep=2, regular=number < 5, best=number == 1))
    saver.wait()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.pt", "3.pt", "4.pt", "5.pt"]
    assert (folder.best, folder.last) == ("1.pt", "5.pt")


def test_a_failure_reaches_the_run_once_and_what_was_whole_stays(tmp_path, monkeypatch):
    folder = Folder(tmp_path)
    saver = Saver(folder)
    saver.save(content(torch.ones(1)), Wanted("a.pt", keep=0))
    saver.wait()

    def full(_path, _values):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "save", full)
    saver.save(content(torch.ones(1)), Wanted("b.pt", keep=0))
    with pytest.raises(OSError, match="No space left"):
        saver.wait()
    saver.check()
    assert folder.last == "a.pt"
    assert (tmp_path / "a.pt").exists()


def test_weights_under_two_names_stay_one_and_views_stay_apart():
    weight = torch.arange(6.0)
    empty = [torch.empty(0), torch.empty(0, 2)]
    found = copied({"a": weight, "b": weight.detach(), "part": weight[:3], "none": empty}, {})
    assert found["a"] is found["b"]
    assert found["part"].tolist() == [0, 1, 2]
    assert [tuple(one.shape) for one in found["none"]] == [(0,), (0, 2)]
