"""What is said of each kind of finding: named once, whole, and true to the table of rules and of thresholds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from inspector.diagnosis.check import About
from inspector.diagnosis.engine import CHECKS
from inspector.diagnosis.threshold_table import filled, threshold_rows
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds

ABOUTS = [about for check in CHECKS for about in check.abouts]
RULES = Path(__file__).parents[2].parent / "shared/reference/rules.json"
TEXTS = ("symptom", "definition", "why", "confirm", "false_alarm", "cure", "source")


def test_every_kind_has_an_id_and_a_title_of_its_own() -> None:
    assert len({about.id for about in ABOUTS}) == len({about.title for about in ABOUTS}) == len(ABOUTS)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", about.id) for about in ABOUTS)


@pytest.mark.parametrize("about", ABOUTS, ids=lambda about: about.id)
def test_everything_is_said_of_every_kind(about: About) -> None:
    for name in ("title", *TEXTS):
        text = getattr(about, name)
        assert text.strip() == text != "", name
        assert "  " not in text, name
        assert not re.search(r"\d %", text), f"{name} writes shares otherwise than the figures of findings"
    assert not about.title.endswith(".")


@pytest.mark.parametrize("about", ABOUTS, ids=lambda about: about.id)
def test_thresholds_are_named_as_the_table_names_them(about: About) -> None:
    named = {name for text in TEXTS for name in re.findall(r"\{(.*?)\}", getattr(about, text))}
    assert named <= set(Thresholds.__struct_fields__)


def test_every_threshold_says_what_it_is_and_whence_it_comes() -> None:
    table = msgspec.json.schema(Thresholds)["$defs"]["Thresholds"]["properties"]
    assert set(table) == set(Thresholds.__struct_fields__)
    for name, row in table.items():
        assert row["title"], name
        assert row["description"], name
        assert not row["title"].endswith("."), name
    assert msgspec.convert(msgspec.to_builtins(DEFAULTS), Thresholds) == DEFAULTS


def test_the_table_gives_each_threshold_with_unit_default_and_range() -> None:
    rows = {row.name: row for row in threshold_rows()}
    assert list(rows) == list(Thresholds.__struct_fields__)
    assert (rows["stuck_error_px"].unit, rows["stuck_error_px"].default) == ("px", 10.0)
    assert rows["flat_share"].bounds == "above 0, at most 1"
    assert "S2.01" in rows["stuck_error_px"].source


def test_a_text_is_filled_with_the_values_in_force() -> None:
    text = "above **{mask_entropy}** after {steps_after_warmup} steps, {largest_checked_bytes}, {nothing}"
    assert filled(text) == "above **0.98** after 1,000 steps, 256.0 MB, {nothing}"
    assert filled(text, Thresholds(mask_entropy=0.5)).startswith("above **0.5** after")


@pytest.mark.skipif(not RULES.is_file(), reason="the table of rules is not here")
def test_every_rule_that_is_named_is_in_the_table_of_rules() -> None:
    known = {rule["id"] for rule in json.loads(RULES.read_text())["rules"]}
    assert len(known) > 100
    unknown = {rule for about in ABOUTS for rule in about.rules} - known
    assert not unknown
