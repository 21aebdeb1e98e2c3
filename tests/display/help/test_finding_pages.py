"""The page of each kind of finding."""

from __future__ import annotations

import re

import numpy as np
import pytest

from inspector.diagnosis.check import About
from inspector.diagnosis.engine import CHECKS
from inspector.diagnosis.threshold_table import NAMED, filled
from inspector.diagnosis.thresholds import DEFAULTS
from inspector.display.help.finding_pages import finding_pages
from inspector.display.help.pages import FINDING, HelpPage, escaped
from inspector.display.help.symptoms import SYMPTOMS

UNSEEN = {"settings-look"}
"""Kinds of findings that no curve or picture shows."""

ABOUTS = {about.id: about for check in CHECKS for about in check.abouts}
PAGES = {page.name.removeprefix(FINDING): page for page in finding_pages().pages}


def part(page: HelpPage, heading: str) -> str:
    """What stands under a heading, empty where it is not there."""
    found = re.search(rf"^## {re.escape(heading)}\n\n(.*?)(?=^## |\Z)", page.text, re.DOTALL | re.MULTILINE)
    return found[1].strip() if found else ""


def test_every_kind_of_finding_has_a_page_and_a_picture() -> None:
    assert set(PAGES) == set(ABOUTS)
    assert set(SYMPTOMS) | UNSEEN == set(ABOUTS)
    assert not UNSEEN & set(SYMPTOMS)


@pytest.mark.parametrize("about", ABOUTS.values(), ids=lambda about: about.id)
def test_a_page_tells_all_that_its_check_says_with_thresholds_filled(about: About) -> None:
    page = PAGES[about.id]
    assert page.title == about.title
    assert filled(about.symptom).removesuffix(".") in unmarked(part(page, "What you see"))
    pictured = f"![{escaped(about.title)}]({page.name})" in part(page, "What you see")
    assert pictured != (about.id in UNSEEN)
    for heading, text in (
        ("Why it matters", about.why), ("What would confirm it", about.confirm),
        ("A false alarm if", about.false_alarm), ("What helps", about.cure), ("Source", about.source),
    ):  # fmt: skip
        assert unmarked(part(page, heading)).removesuffix(".") == filled(text).strip().removesuffix(".")
    assert not [name for name in NAMED.findall(page.text) if hasattr(DEFAULTS, name)]
    for name in NAMED.findall(about.definition):
        assert f"`{name}`" in part(page, "Thresholds")


def unmarked(text: str) -> str:
    """Markdown as it is read: what a backslash stands before is itself."""
    return re.sub(r"\\(.)", r"\1", text)


def test_commands_are_code_and_a_sentence_by_itself_has_no_full_stop() -> None:
    assert "`run-inspector resume`" in part(PAGES["resume-rate"], "What helps")
    assert not [page.name for page in PAGES.values() if r"\`" in page.text]
    assert part(PAGES["two-trainings"], "What helps") == "Give every training a folder of its own"
    assert part(PAGES["overfitting"], "What helps").endswith("not the last.")


def test_thresholds_stand_with_value_unit_and_source() -> None:
    (row,) = [line for line in part(PAGES["overfitting"], "Thresholds").splitlines() if "`rising_evaluations`" in line]
    assert [cell.strip() for cell in row.split("|")][2:5] == ["3 evaluations", "`rising_evaluations`", "X.L6"]


def test_pages_lead_to_what_they_follow_from_and_back() -> None:
    assert f"({FINDING}accuracy-gap)" in part(PAGES["overfitting"], "It can explain")
    assert f"({FINDING}overfitting)" in part(PAGES["accuracy-gap"], "It can follow from")
    links = [name for page in PAGES.values() for name in re.findall(rf"\]\({FINDING}([^)]*)\)", page.text)]
    assert len(links) > len(PAGES)
    assert set(links) <= set(PAGES)


@pytest.mark.parametrize("name", SYMPTOMS)
def test_a_picture_can_be_drawn_in_unit_coordinates(name: str) -> None:
    picture = SYMPTOMS[name]
    assert not picture.blank
    assert picture.legend
    for stroke in picture.strokes:
        assert stroke.x.shape == stroke.y.shape
        known = stroke.y[np.isfinite(stroke.y)]
        assert known.size
        assert stroke.x.min() >= 0
        assert stroke.x.max() <= 1
        assert known.min() >= 0
        assert known.max() <= 1
    assert all(0 <= place < picture.bars.size for place in picture.marked)
    assert not picture.bars.size or (picture.bars.min() >= 0 and picture.bars.max() <= 1)


def test_plain_text_stays_as_it_is_in_markdown() -> None:
    assert escaped("a*b <c> `d` _e_ |f|") == r"a\*b \<c\> \`d\` \_e\_ \|f\|"
