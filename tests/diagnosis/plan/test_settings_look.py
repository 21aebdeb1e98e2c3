"""Settings alone are remarked on in one finding, and only until curves tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.diagnosis.plan.settings_look import ABOUT
from inspector.diagnosis.values import SettingEvidence, Severity
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.catalogue import RECIPES, settings_of
from inspector.formats.run_folder import RUN_FILE, SETTINGS_FILE, RunRecord
from tests.diagnosis.folders import cured_paths, diagnosed, finding, write_curves, write_own


def _write_recipe(folder: Path, recipe: str, **edits: object) -> None:
    record = RunRecord(id="a", name="a", recipe=recipe, seed=0, host="h", started=0.0)
    (folder / RUN_FILE).write_bytes(to_json(record))
    changes = {path.replace("__", "."): value for path, value in edits.items()}
    (folder / SETTINGS_FILE).write_bytes(to_json(settings_of(recipe, edits=changes)))


def test_all_remarks_are_one_finding_with_each_setting_as_evidence(tmp_path: Path) -> None:
    """1,200 samples for 12 slots, of which 9,996 are advised; 10 of 40 epochs of warm-up are a quarter."""
    write_own(tmp_path, data__subset=0.3, model__slots=12, optim__clip_norm=None, schedule__warmup_epochs=10.0)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.severity is Severity.INFO
    assert found.rules == ("S0.05", "S0.10", "X.LR10", "S0.06")
    assert "1,200 training samples are few for 12 slots, for which 9,996 are advised" in found.summary
    assert "10 of 40 epochs, 25.0%" in found.summary
    assert "leave it so unless slots collapse" in found.summary
    assert all(isinstance(one, SettingEvidence) for one in found.evidence)
    assert cured_paths(found) == {"data.subset", "optim.clip_norm", "schedule.warmup_epochs"}


def test_grids_again_and_again_without_augmentation_are_remarked_on(tmp_path: Path) -> None:
    """7 slots want 5,831 samples; 200 are few, also for 2,688 epochs."""
    _write_recipe(tmp_path, "arc_slots", data__subset=0.2, data__augment=False, schedule__epochs=2688)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.rules == ("S0.05", "S3.10", "S4.04")
    assert cured_paths(found) == {"data.subset", "data.augment", "train.early_stop"}


@pytest.mark.parametrize("recipe", RECIPES)
def test_no_recipe_is_remarked_on_as_it_comes(tmp_path: Path, recipe: str) -> None:
    _write_recipe(tmp_path, recipe)
    assert finding(tmp_path, ABOUT.id) is None


def test_once_an_epoch_was_trained_curves_tell(tmp_path: Path) -> None:
    write_own(tmp_path, optim__clip_norm=None)
    write_curves(tmp_path, range(25, 101, 25), train__loss=lambda _step: 0.5)
    assert finding(tmp_path, ABOUT.id) is not None
    write_curves(tmp_path, range(25, 126, 25), train__loss=lambda _step: 0.5)
    assert finding(tmp_path, ABOUT.id) is None


def test_without_settings_nothing_is_said(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 11), train__loss=lambda _step: 0.5)
    found = diagnosed(tmp_path)
    assert ABOUT.id not in [one.id for one in found.findings] + [one.id for one in found.not_assessable]
