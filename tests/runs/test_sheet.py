"""The settings of a run come from whatever tells them: a logger's files, its log, a checkpoint."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins.hparams import summary_v2 as hparams_summary

from inspector.core.pulse import QUIET
from inspector.formats.recipes.own import Settings
from inspector.formats.run_folder import RecipeFile, RunRecord
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings_schema import json_schema
from inspector.runs.scan import scan
from inspector.runs.values import Life
from tests.artifacts.event_files import HEADER, framed, scalar_event
from tests.artifacts.wandb_files import framed as wandb_file
from tests.artifacts.wandb_files import history, item, part

EVENTS = "events.out.tfevents.1700000000.host"
SESSION = event_pb2.Event(
    wall_time=1.7e9,
    summary=hparams_summary.hparams_pb({"lr": 1e-3, "batch": 32, "act": "relu", "aug": True}, trial_id="t"),
)


def session_log(status: int) -> event_pb2.Event:
    return event_pb2.Event(wall_time=1.7e9, session_log=event_pb2.SessionLog(status=status))


def settings_of(folder: Path) -> tuple[dict[str, object], str]:
    sheet = scan((folder,), QUIET).settings
    return sheet.values, sheet.source


def test_hyper_parameters_of_event_files_are_settings_of_the_run(tmp_path: Path) -> None:
    (tmp_path / EVENTS).write_bytes(framed(HEADER, SESSION, scalar_event(1, 1.7e9, loss=0.5)))
    assert settings_of(tmp_path) == ({"lr": 1e-3, "batch": 32, "act": "relu", "aug": True}, EVENTS)
    assert {type(value) for value in settings_of(tmp_path)[0].values()} == {float, int, str, bool}
    later = hparams_summary.hparams_pb({"lr": 5e-4}, trial_id="u")
    below = tmp_path / "1700000001.5"  # where torch's add_hparams writes
    below.mkdir()
    (below / EVENTS).write_bytes(framed(HEADER, event_pb2.Event(wall_time=1.7e9, summary=later)))
    assert settings_of(tmp_path)[0]["lr"] == 5e-4
    (tmp_path / "hparams.yaml").write_text("lr: 0.25\n")
    assert settings_of(tmp_path) == ({"lr": 0.25}, "hparams.yaml")


def test_settings_in_a_wandb_file_stand_in_for_a_missing_config(tmp_path: Path) -> None:
    config = part(5, item("optim.lr", "0.004") + item("name", '"slots"') + item("_wandb.cli_version", '"0.19"'))
    (tmp_path / "run-ab12.wandb").write_bytes(wandb_file([config, history({"loss": "0.5"}, 0)]))
    files = tmp_path / "files"
    files.mkdir()
    (files / "wandb-metadata.json").write_text('{"gpu": "A100"}')
    (files / "wandb-summary.json").write_text('{"loss": 0.5}')
    assert settings_of(tmp_path) == ({"optim.lr": 0.004, "name": "slots"}, "run-ab12.wandb")
    (files / "config.yaml").write_text("_wandb:\n  value: {}\noptim.lr:\n  value: 0.25\n")
    assert settings_of(tmp_path) == ({"optim.lr": 0.25}, "config.yaml")


def test_every_parameter_of_mlflow_is_a_setting_and_no_tag_is(tmp_path: Path) -> None:
    run = tmp_path / "mlruns/0/abc"
    values = {"params/lr": "0.1", "params/name": "slots", "tags/mlflow.user": "me", "meta.yaml": "a: 1"}
    for name, text in values.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(text)
    (run / "metrics").mkdir()
    (run / "metrics/loss").write_text("1700000000000 0.5 1\n")
    assert settings_of(run) == ({"lr": 0.1, "name": "slots"}, "params")


@pytest.mark.parametrize(
    ("statuses", "life"),
    [
        ((1, 2), Life.FINISHED),
        ((1,), Life.SILENT),
        ((1, 2, 1), Life.SILENT),
        ((1, 3, 2), Life.FINISHED),
    ],
)
def test_a_session_that_says_that_it_stopped_is_over(tmp_path: Path, statuses: tuple[int, ...], life: Life) -> None:
    path = tmp_path / EVENTS
    events = [
        event
        for step, status in enumerate(statuses)
        for event in (scalar_event(step, 1.7e9 + step, loss=0.5), session_log(status))
    ]
    path.write_bytes(framed(HEADER, *events))
    os.utime(path, (1.7e9 + 10, 1.7e9 + 10))
    assert scan((tmp_path,), QUIET).liveness.life is life


def test_a_stopped_session_with_a_later_log_beside_it_says_nothing(tmp_path: Path) -> None:
    path, later = tmp_path / EVENTS, tmp_path / EVENTS.replace("1700000000", "1700000100")
    path.write_bytes(framed(HEADER, scalar_event(1, 1.7e9, loss=0.5), session_log(2)))
    later.write_bytes(framed(HEADER, scalar_event(2, 1.7e9 + 100, loss=0.25)))
    os.utime(path, (1.7e9, 1.7e9))
    os.utime(later, (1.7e9 + 100, 1.7e9 + 100))
    assert scan((tmp_path,), QUIET).liveness.life is Life.SILENT


def test_a_run_of_a_recipe_file_has_the_form_that_its_trainer_wrote_beside_it(tmp_path: Path) -> None:
    file = RecipeFile(path="/home/me/lines.py", sha256="0" * 64)
    record = RunRecord(id="a", name="a", recipe="lines.py", seed=0, host="h", started=1.7e9, recipe_file=file)
    (tmp_path / "run.json").write_bytes(msgspec.json.encode(record))
    (tmp_path / "settings.json").write_text('{"optim": {"lr": 0.25}}')
    schema = tmp_path / "settings.schema.json"
    schema.write_bytes(msgspec.json.encode(json_schema(Settings)))
    run = scan((tmp_path,), QUIET)
    assert run.settings.fields == fields_of(Settings)
    assert run.settings.values == {"optim.lr": 0.25}
    for damaged in ("[" * 100_000, '{"$ref": 1}', ""):
        schema.write_text(damaged)
        run = scan((tmp_path,), QUIET)
        assert run.settings.fields == ()
        assert any("settings.schema.json: expected a schema of settings" in note for note in run.notes)
