"""Losses whose part of the data only their folder names are paired, and the window shows them as they were logged."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.material import material_of
from inspector.diagnosis.parts import tag_in_part
from inspector.diagnosis.tags import loss_pair
from inspector.diagnosis.values import CurveEvidence
from inspector.display.curves.filtering import filter_for
from inspector.display.curves.markers import with_evidence
from inspector.display.curves.prepare import prepare
from inspector.display.curves.scene import CurvesAsk
from inspector.runs.log_paths import log_paths_of
from inspector.runs.scan import scan
from tests.artifacts.event_files import event_file
from tests.conftest import SAMPLES
from tests.diagnosis.folders import diagnosed

_EVENTS = "events.out.tfevents.1700000000.h"


def _training(epoch: int) -> float:
    return 0.1 + 0.9 * math.exp(-epoch / 8)


def _validation(epoch: int) -> float:
    return 0.6 + 0.5 * math.exp(-epoch / 3) + (0.04 * (epoch - 10) if epoch > 10 else 0.0)


def _write(folder: Path, value: Callable[[int], float], late: float = 0.0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    points = [(epoch, 1.7e9 + epoch + late, value(epoch)) for epoch in range(1, 41)]
    (folder / _EVENTS).write_bytes(event_file(points, "epoch_loss"))


@pytest.mark.parametrize(
    ("tag", "file", "expected"),
    [
        ("loss", "log/validation", "validation/loss"),
        ("epoch_loss", "train", "train/epoch_loss"),
        ("loss", "val/metrics.csv", "val/loss"),
        ("loss", "eval_log.csv", "eval_log/loss"),
        ("train/loss", "validation", "train/loss"),
        ("loss", "events.out.tfevents.1700000000.h", "loss"),
        ("loss", "retrained/version_1", "loss"),
    ],
)
def test_a_folder_or_a_file_that_is_called_by_a_part_names_it(tag: str, file: str, expected: str) -> None:
    assert tag_in_part(tag, file) == expected


@pytest.mark.parametrize("folders", [("train", "validation"), ("logs/train", "logs/eval"), (".", "eval")])
def test_losses_of_sibling_folders_are_paired(tmp_path: Path, folders: tuple[str, str]) -> None:
    _write(tmp_path / folders[0], _training)
    _write(tmp_path / folders[1], _validation, late=0.5)
    found = next(one for one in diagnosed(tmp_path).findings if one.id == "overfitting")
    series = [one.series for one in found.evidence if isinstance(one, CurveEvidence)]
    part = folders[1].rpartition("/")[2]
    assert series == [f"{part}/epoch_loss", "epoch_loss" if folders[0] == "." else "train/epoch_loss"]


def test_a_folder_that_only_sounds_like_a_part_is_none(tmp_path: Path) -> None:
    _write(tmp_path / "prod", _training)
    _write(tmp_path / "dev", _validation, late=0.5)
    assert set(material_of(scan((tmp_path,), QUIET), QUIET).curves) == {"epoch_loss"}


def test_the_window_shows_them_as_logged_and_finds_each_by_its_part(tmp_path: Path) -> None:
    _write(tmp_path / "train", _training)
    _write(tmp_path / "validation", _validation, late=0.5)
    paths = log_paths_of(scan((tmp_path,), QUIET))
    whole = prepare(CurvesAsk(paths=paths), QUIET)
    shown = [(line.tag, line.label) for panel in whole.panels for line in panel.lines]
    assert shown == [("epoch_loss", "epoch_loss · train"), ("epoch_loss", "epoch_loss · validation")]
    one = prepare(CurvesAsk(paths=paths, filter=filter_for("validation/epoch_loss")), QUIET)
    assert [line.label for panel in one.panels for line in panel.lines] == ["epoch_loss · validation"]
    finding = next(one for one in diagnosed(tmp_path).findings if one.id == "overfitting")
    assert [mark.label for mark in with_evidence(whole, finding).markers] == [finding.evidence[0].text]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files are not here")
def test_a_real_run_with_folders_of_its_parts_has_both_losses() -> None:
    """40 epochs; training falls from 0.72 to 0.07."""
    folder = SAMPLES / "tfevents/allenai__allennlp/tmpout-den/log"
    material = material_of(scan((folder,), QUIET), QUIET)
    assert loss_pair(material.curves) == ("train/loss", "validation/loss")
    assert [len(material.curves[f"{part}/loss"].values) for part in ("train", "validation")] == [40, 40]
