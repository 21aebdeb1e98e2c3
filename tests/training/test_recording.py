"""`record`: one dump a checkpoint, wherever the checkpoints lie; and a sentence for each that cannot be recorded."""

from __future__ import annotations

import json
import os
import shutil
import signal

import h5py
import numpy as np
import pytest
import torch

from inspector.training import recording
from tests.training.runs import call, last_content, run_record


@pytest.fixture(scope="module")
def copied(whole, tmp_path_factory):
    """The run without its dumps."""
    run = tmp_path_factory.mktemp("recording") / "run"
    shutil.copytree(whole, run, ignore=shutil.ignore_patterns("dumps"))
    return run


def saved(path, **changes):
    """A checkpoint like the last one, with other values under some keys."""
    torch.save({**changes.pop("content"), **changes}, path)
    return path


def test_every_checkpoint_of_a_run_gives_a_dump_that_says_which_it_is_of(copied, whole, capsys):
    names = sorted(path.name for path in (copied / "checkpoints").iterdir())
    code, out = call("record", copied, "--all", "--json", "--progress", "--device", "cpu")
    assert code == 0
    assert [one["checkpoint"] for one in json.loads(out)["dumps"]] == names
    for one in json.loads(out)["dumps"]:
        with h5py.File(one["dump"]) as file:
            assert file.attrs["checkpoint_path"] == f"checkpoints/{one['checkpoint']}"
            assert file.attrs["run_id"] == run_record(copied).id
            assert f"step_{file.attrs['step']:07d}.pt" == one["checkpoint"]
    with h5py.File(copied / "dumps/step_0000020.h5") as again, h5py.File(whole / "dumps/step_0000020.h5") as first:
        np.testing.assert_array_equal(again["slots/attn"][()], first["slots/attn"][()])
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    shares = [one["done"] / one["total"] for one in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {one["what"] for one in told} == {f"recording {name}" for name in names}


def test_a_folder_of_checkpoints_and_a_checkpoint_alone_need_no_run(whole, tmp_path):
    folder = tmp_path / "some"
    shutil.copytree(whole / "checkpoints", folder)
    code, out = call("record", folder, "-o", tmp_path / "dumps", "--device", "cpu")
    assert code == 0
    stems = sorted(path.stem for path in folder.iterdir())
    assert sorted(path.stem for path in (tmp_path / "dumps").iterdir()) == stems
    code, out = call("record", folder / f"{stems[0]}.pt", "--json", "--device", "cpu")
    assert (code, json.loads(out)["dump"]) == (0, str(folder / f"{stems[0]}.h5"))
    with h5py.File(folder / f"{stems[0]}.h5") as file:
        assert (file.attrs["run_id"], file.attrs["checkpoint_path"]) == ("", f"{stems[0]}.pt")


def test_the_best_checkpoint_goes_to_the_file_that_is_named(copied, tmp_path):
    code, out = call("record", copied, "--checkpoint", "best", "-o", tmp_path / "best.h5", "--device", "cpu")
    assert (code, out.strip()) == (0, str(tmp_path / "best.h5"))
    with h5py.File(tmp_path / "best.h5") as file:
        assert file.attrs["checkpoint_path"] == f"checkpoints/{run_record(copied).best}"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"schema": "theirs/2"},
            "x.pt: expected a checkpoint of this program (ri-checkpoint/1), found schema theirs/2",
        ),
        ({"recipe": "cubes"}, "x.pt: expected a checkpoint of a recipe that is known here (slots, "),
        ({"model": {"a": torch.zeros(2)}}, "x.pt: expected weights that fit its settings, found Error(s) in loading"),
        ({"settings": {"optim": 3}}, "x.pt: its settings are not those of this version"),
    ],
)
def test_a_checkpoint_that_cannot_be_rebuilt_is_one_sentence(whole, tmp_path, capsys, changes, sentence):
    path = saved(tmp_path / "x.pt", content=last_content(whole), **changes)
    assert call("record", path)[0] == 2
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert said.count("\n") == 1
    assert ("ActivationRecorder" in said) == ("schema" in changes or "recipe" in changes)
    assert [one.name for one in tmp_path.iterdir()] == ["x.pt"]


def test_what_is_no_checkpoint_at_all_is_one_sentence(tmp_path, capsys):
    (tmp_path / "cut.pt").write_bytes(b"PK\x03\x04 cut off")
    assert call("record", tmp_path / "cut.pt")[0] == 2
    assert "cut.pt: expected a checkpoint of tensors and plain values" in capsys.readouterr().err
    (tmp_path / "dump.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    assert call("record", tmp_path / "dump.h5")[0] == 2
    said = capsys.readouterr().err
    assert "dump.h5: expected a checkpoint of tensors and plain values, found none that torch can read" in said
    assert "weights_only" not in said
    assert call("record", tmp_path / "none.pt")[0] == 2
    assert "none.pt: expected a run folder or a checkpoint" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert call("record", tmp_path / "empty")[0] == 2
    assert "empty: expected a run folder or checkpoints (*.pt), found neither" in capsys.readouterr().err
    assert call("record", tmp_path, "--all", "--checkpoint", "best")[0] == 2
    assert "--all records every checkpoint" in capsys.readouterr().err


def test_one_damaged_checkpoint_among_several_is_told_and_the_others_are_recorded(whole, tmp_path, capsys):
    (tmp_path / "a.pt").write_bytes(b"no checkpoint")
    shutil.copy(whole / "checkpoints/step_0000020.pt", tmp_path / "b.pt")
    code, out = call("record", tmp_path, "--device", "cpu")
    assert (code, out.strip()) == (2, str(tmp_path / "b.h5"))
    assert "a.pt" in capsys.readouterr().err


def test_what_others_wrote_is_left_out_with_the_reason(whole, tmp_path, capsys):
    torch.save({"state_dict": {"w": torch.zeros(2)}}, tmp_path / "a.pt")
    torch.save({"model": torch.nn.Linear(2, 2)}, tmp_path / "b.pt")
    code, out = call("record", tmp_path, "--json", "--device", "cpu")
    assert (code, json.loads(out)["dumps"]) == (2, []), "nothing was there to record"
    capsys.readouterr()
    shutil.copy(whole / "checkpoints/step_0000020.pt", tmp_path / "c.pt")
    code, out = call("record", tmp_path, "--all", "--json", "--device", "cpu")
    facts = json.loads(out)
    assert (code, [one["checkpoint"] for one in facts["dumps"]]) == (0, ["c.pt"])
    because = {one["checkpoint"]: one["because"] for one in facts["left_out"]}
    assert "found another program's; record a model of your own" in because["a.pt"]
    assert "found another program's, with objects of its own" in because["b.pt"]
    assert [line.partition(": ")[0] for line in capsys.readouterr().err.splitlines()] == ["left out"] * 2


def test_samples_are_numbered_by_a_dimension_scale(whole):
    with h5py.File(next((whole / "dumps").iterdir())) as file:
        index = file["samples/index"]
        assert index.is_scale
        for name in ("samples/image", "slots/masks", "slots/attn"):
            (scale,) = file[name].dims[0].values()
            assert (scale, file[name].dims[0].label) == (index, "sample")


def test_a_signal_stops_it_and_leaves_nothing(copied, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(recording._Report, "__call__", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    assert call("record", copied, "-o", tmp_path / "d.h5", "--progress", "--device", "cpu")[0] == 130
    assert capsys.readouterr().err == "Stopped; the dump was not written\n"
    assert list(tmp_path.iterdir()) == []
