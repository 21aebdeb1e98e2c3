"""Thresholds that a file beside a run sets anew."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.material import material_of
from inspector.diagnosis.thresholds import DEFAULTS
from inspector.runs.scan import scan
from tests.diagnosis.folders import diagnosed, finding, write_curves

FILE = "thresholds.toml"


def rising(folder: Path) -> None:
    """Validation that ends at 1.4 times its best, training that falls."""
    values = [1.0, 0.8, 0.7, 0.6, 0.5, 0.52, 0.55, 0.58, 0.61, 0.64, 0.67, 0.7]
    write_curves(
        folder,
        range(12),
        train__loss=lambda step: math.exp(-step / 3),
        val__loss=lambda step: values[step],
    )


def test_a_threshold_that_is_set_anew_is_judged_by_and_told(tmp_path: Path) -> None:
    rising(tmp_path)
    before = finding(tmp_path, "overfitting")
    assert before is not None
    assert "S2.02" not in before.rules
    assert before.thresholds == ""
    (tmp_path / FILE).write_text("overfit_ratio = 1.3\nmask_entropy = 0.9\n")
    now = finding(tmp_path, "overfitting")
    assert now is not None
    assert "S2.02" in now.rules
    assert now.thresholds == "overfit_ratio is 1.3 by thresholds.toml, 1.5 by default"


def test_the_file_is_no_setting_of_the_run(tmp_path: Path) -> None:
    rising(tmp_path)
    (tmp_path / FILE).write_text("overfit_ratio = 1.3\n")
    assert scan((tmp_path,), QUIET).settings.values == {}


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("overfit = 2", "thresholds.toml: there is no threshold overfit"),
        ("[losses]\noverfit_ratio = 2", "thresholds.toml: there is no threshold losses.overfit_ratio"),
        (
            "mask_entropy = 1.5",
            "thresholds.toml: mask_entropy expected a number of at most 1.0, found 1.5; the default 0.98 holds",
        ),
        ("mask_entropy = '0.9'", "thresholds.toml: mask_entropy expected a number, found 0.9; the default 0.98 holds"),
        ("mask_entropy = true", "thresholds.toml: mask_entropy expected a number, found True; the default 0.98 holds"),
        ("gap_ratio = nan", "thresholds.toml: gap_ratio expected a number, found NaN; the default 10 holds"),
        ("gap_ratio = inf", "thresholds.toml: gap_ratio expected a number, found Infinity; the default 10 holds"),
        (
            "rising_evaluations = 2.5",
            "thresholds.toml: rising_evaluations expected a whole number, found 2.5; the default 3 holds",
        ),
    ],
)
def test_an_entry_that_is_wrong_is_noted_and_its_default_holds(tmp_path: Path, text: str, note: str) -> None:
    rising(tmp_path)
    (tmp_path / FILE).write_text(f"overfit_ratio = 1.3\n{text}\n")
    material = material_of(scan((tmp_path,), QUIET), QUIET)
    assert material.thresholds.overfit_ratio == 1.3
    assert material.thresholds.mask_entropy == DEFAULTS.mask_entropy
    assert diagnosed(tmp_path).notes == (note,)


def test_a_file_that_cannot_be_read_is_a_note_and_the_defaults_hold(tmp_path: Path) -> None:
    rising(tmp_path)
    (tmp_path / FILE).write_text("overfit_ratio = = 1.3\n")
    assert material_of(scan((tmp_path,), QUIET), QUIET).thresholds == DEFAULTS
    (note,) = diagnosed(tmp_path).notes
    assert note.startswith("thresholds.toml: expected TOML, found ")
    assert note.endswith("; the default thresholds hold")


def test_a_file_in_a_folder_of_the_run_is_not_its(tmp_path: Path) -> None:
    rising(tmp_path)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / FILE).write_text("overfit_ratio = 1.3\n")
    assert material_of(scan((tmp_path,), QUIET), QUIET).thresholds == DEFAULTS
