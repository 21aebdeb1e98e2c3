"""What is said of metrics, by names of our own trainer and of others."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from inspector.core.resources import resource
from inspector.formats.metric_meanings import MEANINGS, meaning_of, tip_of

TRAINING = Path(__file__).parents[2] / "inspector" / "training"
_LOGGED = re.compile(r'f?"((?:train|val|slots|baseline|memory|time)/[a-z_0-9]+)[\"{]|"(clip_fraction)"')
_NO_METRICS = frozenset(("slots/attn", "slots/slots", "slots/masks", "slots/slots_iter"))
"""Datasets of a dump."""


def test_every_metric_of_the_sample_run_is_explained() -> None:
    lines = (resource("sample_run") / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    names = {name for line in lines for name in json.loads(line)} - {
        "step",
        "epoch",
        "time",
        "event",
        "phase",
        "reason",
    }
    assert len(names) > 20
    assert [name for name in sorted(names) if meaning_of(name) is None] == []


def test_every_name_that_the_trainer_writes_is_explained() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TRAINING.rglob("*.py")]
    names = {one or other for text in texts for one, other in _LOGGED.findall(text)} - _NO_METRICS
    assert len(names) > 30
    assert [name for name in sorted(names) if meaning_of(name) is None and not name.endswith("_")] == []


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("val/fg_ari_attention", "val/fg_ari"),
        ("train/loss_diversity", "train/loss_"),
        ("grad_norm/encoder", "grad_norm/"),
        ("grad_norm/total", "grad_norm/total"),
        ("dead_channels/encoder.conv4", "dead_channels/"),
        ("baseline/ari_blocks", "baseline/"),
        ("val_ari", "val/ari"),
        ("FG-ARI", "val/fg_ari"),
        ("val_slot_similarity", "slots/cosine"),
        ("ValPixelError", "val/pixel_error"),
        ("trainer/grad_norm", "grad_norm/total"),
    ],
)
def test_names_of_layers_terms_and_other_programs_are_known(name: str, ours: str) -> None:
    meaning = meaning_of(name)
    assert meaning is not None
    assert meaning.name == ours


@pytest.mark.parametrize("name", ["", "loss", "ari_loss", "pixel_error_loss", "reward", "variance", "a/b/c"])
def test_of_other_names_nothing_is_said(name: str) -> None:
    assert tip_of(name) == ""


def test_each_meaning_stands_once_with_its_range() -> None:
    assert len({meaning.name for meaning in MEANINGS}) == len(MEANINGS)
    assert len({meaning.text for meaning in MEANINGS}) == len(MEANINGS)
    assert all(meaning.span for meaning in MEANINGS)
    assert [meaning.name for meaning in MEANINGS if meaning.text.endswith(".")] == []


def test_a_tip_tells_definition_range_and_baseline() -> None:
    lines = tip_of("val/done_average_precision").splitlines()
    assert lines[0].startswith("Area under precision over recall")
    assert lines[1] == "Range: 0 to 1; higher is better"
    assert lines[2].startswith("Baseline: the share of done samples, 0.045")
