"""However a run ends, run.json says why and what to do, or nothing is begun and the terminal says it."""

from __future__ import annotations

import errno
import sys

import numpy as np
import pytest
import torch

from inspector.core.errors import DamagedError
from inspector.training import __main__ as entry
from inspector.training.task import Losses
from tests.training.faults import failing, short_run, temporaries
from tests.training.matrix import MatrixTask, matrix_recipe, words_of
from tests.training.runs import call, run_record
from tests.training.test_failures import CUDA_FULL, LAUNCH_FAILED, PEER_GONE


@pytest.fixture(autouse=True)
def _recipe():
    with matrix_recipe():
        yield


def raises(error):
    def end(_folder):
        raise error

    return end


def compiles_not(_folder):
    raise type("InductorError", (RuntimeError,), {"__module__": "torch._inductor.exc"})("no g++")


def reads_what_is_gone(folder):
    (folder / "scenes" / "a.png").open("rb")


def imports_what_is_missing(_folder):
    import no_such_package  # noqa: F401 - it is not there


ENDS = {
    "memory of a GPU": (raises(torch.OutOfMemoryError(CUDA_FULL)), "The memory of cpu ran out: 21.5 GB"),
    "memory of the machine, torch": (lambda _: torch.empty(10**15), "The machine's memory ran out: 4.0 PB"),
    "memory of the machine, numpy": (lambda _: np.empty(10**15), "The machine's memory ran out: 8.0 PB"),
    "a lost GPU": (raises(RuntimeError(LAUNCH_FAILED)), "cpu was lost (unspecified launch failure); resume on it"),
    "a wrong value on a GPU": (raises(RuntimeError("CUDA error: device-side assert triggered")), "A kernel on cpu"),
    "a lost process": (raises(RuntimeError(PEER_GONE)), "Another process of this run was lost ("),
    "no compiler": (compiles_not, "torch could not compile the model (no g++); set train.compile to false"),
    "missing data": (reads_what_is_gone, "a.png could not be read (No such file or directory); put it back"),
    "damaged data": (raises(DamagedError("a.png", "a PNG", "text", "replace it")), "replace it"),
    "a missing package": (imports_what_is_missing, "no_such_package is not installed here; install it and resume"),
    "a mistake of the recipe": (lambda _: 1 / 0, "The trainer failed (ZeroDivisionError: division by zero); train.log"),
    "wrong shapes": (lambda _: torch.ones(2, 3) @ torch.ones(4, 5), "The trainer failed (RuntimeError: mat1 and mat2"),
    "a recipe that exits": (lambda _: sys.exit(7), "The trainer failed (SystemExit: 7); train.log says where"),
}
"""What happens in the fifth step, and what is said of it."""


@pytest.mark.parametrize("kind", ENDS)
def test_what_goes_wrong_in_a_step_is_told_with_the_last_whole_checkpoint(tmp_path, monkeypatch, capsys, kind):
    happens, said = ENDS[kind]
    real = MatrixTask.losses

    def losses(self, model, batch, settings):
        if batch.step == 4:
            happens(tmp_path)
        return real(self, model, batch, settings)

    monkeypatch.setattr(MatrixTask, "losses", losses)
    run = tmp_path / "run"
    assert short_run(run, failing(-1, errno.EIO)) == 3
    record = run_record(run)
    assert record.status == "failed"
    assert said in record.reason
    assert record.last == "step_0000004.pt"
    assert "step_0000004.pt" in record.reason or "train.log says where" in record.reason
    assert record.reason in capsys.readouterr().err
    assert temporaries(run) == []


def test_a_loss_that_is_no_number_any_more_is_told(tmp_path, monkeypatch, capsys):
    def losses(_self, model, batch, _settings):
        weight = model.get_submodule("first").weight
        return Losses({"square": weight.sum() * (float("nan") if batch.step > 3 else 1.0)})

    monkeypatch.setattr(MatrixTask, "losses", losses)
    edits = words_of({"schedule.epochs": 12, "train.checkpoint_steps": 50})
    code, _ = call("train", "matrix", "-o", tmp_path / "run", "--device", "cpu", *edits)
    assert code == 3
    record = run_record(tmp_path / "run")
    assert record.status == "failed"
    assert record.reason == (
        "The loss has not been finite since step 5; resume an earlier checkpoint with a lower optim.lr"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--device", "cuda:7"], "cuda:7"),
        (["--device", "abacus"], "abacus"),
        (["--set", "optim.lr=-1"], "optim.lr"),
        (["--set", "optim.rate=1"], "optim.rate"),
        (["--set", "optim.lr=fast"], "optim.lr"),
        (["--epochs", "0"], "epochs"),
    ],
)
def test_what_cannot_begin_is_told_before_anything_is_written(tmp_path, capsys, words, said):
    code, _ = call("train", "matrix", "-o", tmp_path / "run", *words)
    assert code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_command_that_is_interrupted_ends_as_a_shell_words_it(monkeypatch, capsys):
    def interrupted(_options):
        raise KeyboardInterrupt

    monkeypatch.setitem(entry._COMMANDS, "settings", interrupted)
    assert call("settings", "matrix")[0] == 130
    assert capsys.readouterr().err == "Interrupted\n"
