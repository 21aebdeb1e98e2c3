"""What is found of a counting run is cured by settings that its recipe really has, and that change something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.diagnosis.points import done_signal, lenient_threshold, misplaced
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.recipes.counting import CountingSettings
from inspector.formats.run_folder import RUN_FILE, SETTINGS_FILE, RunRecord
from inspector.formats.settings import with_edits
from tests.diagnosis.folders import diagnosed
from tests.diagnosis.test_points import SAMPLES, answers, noise, objects, pixels, write

UNBALANCED: dict[str, Any] = {"data.done_positive_fraction": None, "loss.done_weight": 1.0, "loss.coord": "funnel"}


def write_run(folder: Path, **edits: Any) -> CountingSettings:
    settings: CountingSettings = settings_of("counting", edits={**UNBALANCED, **edits})
    record = RunRecord(id="a", name="a", recipe="counting", seed=0, host="h", started=0.0, status="finished")
    (folder / RUN_FILE).write_bytes(to_json(record))
    (folder / SETTINGS_FILE).write_bytes(to_json(settings))
    return settings


def cured(folder: Path, settings: CountingSettings, wanted: str) -> list[dict[str, Any]]:
    """The edits of each cure of a finding; each is applied, and changes something."""
    (found,) = (one for one in diagnosed(folder).findings if one.id == wanted)
    for cure in found.cures:
        edits = {edit.path: edit.new for edit in cure.edits}
        assert with_edits(settings, edits) != settings
    return [{edit.path: edit.new for edit in cure.edits} for cure in found.cures]


def test_a_done_signal_that_never_fires_is_balanced_or_weighed(tmp_path: Path) -> None:
    settings = write_run(tmp_path)
    write(tmp_path, objects() + noise(4), pred__done=np.full(SAMPLES, 0.1), gt__done=answers(4))
    assert cured(tmp_path, settings, done_signal.SILENT.id) == [
        {"data.done_positive_fraction": 0.5},
        {"loss.done_weight": 3.0},
    ]


def test_a_lenient_funnel_becomes_hubers_form(tmp_path: Path) -> None:
    settings = write_run(tmp_path)
    write(tmp_path, objects() + noise(20))
    assert cured(tmp_path, settings, lenient_threshold.ABOUT.id) == [{"loss.coord": "huber"}]


@pytest.mark.parametrize(
    ("activation", "rate", "lower"),
    [
        pytest.param("tanh", 1e-3, 5e-5, id="a write-up's own rate becomes what it advises"),
        pytest.param("none", 2e-2, 1e-3, id="a small network's higher rate becomes the same part of it"),
        pytest.param("tanh", 2e-4, 5e-5, id="and no less than what large models take"),
        pytest.param("tanh", 5e-5, None, id="a low rate is no cause"),
    ],
)
def test_predictions_in_one_corner_lead_to_the_rate_and_the_activation(
    tmp_path: Path, activation: str, rate: float, lower: float | None
) -> None:
    settings = write_run(tmp_path, **{"model.coord_activation": activation, "optim.lr": rate})
    write(tmp_path, pixels(np.full_like(objects(), -1.0)))
    (edits,) = cured(tmp_path, settings, misplaced.COLLAPSED.id)
    assert edits.get("optim.lr") == lower
    assert edits.get("model.coord_activation") == ("none" if activation == "tanh" else None)
