"""In a language made up for it, of longer texts between marks, no text of the window's own is forgotten."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QLabel

from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.setting_fields import fields_of
from tests.app.pseudo_window import PICTURED
from tests.pictures import check_picture

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = read_po(io.BytesIO((ROOT / "resources" / "languages" / "run-inspector.pot").read_bytes()))
ACCENTED = str.maketrans("aceinouyACEINOUY", "áçéîñöúýÁÇÉÎÑÖÚÝ")
LONGER = 0.3
"""By how much a text grows in German or Finnish, about."""

IN_ENGLISH = ("diagnosis", "artifacts", "analysis", "formats", "runs", "training", "core")
"""Rooms whose sentences, of findings and of files, stay English in every language."""

PAIR = re.compile(r"(?<!\S)(?=([A-Za-z]{2,} [A-Za-z]{2,})(?![\w./]\S))")
"""What a person says; names out of files have other characters within them, most of them."""

NAMES = ("val ari", "from last", "and Python", "kB not")
"""Names and units beside a word: metrics in a legend, a command line, what a checkpoint holds."""

WORD = re.compile(r"[A-Z]?[a-z]+…?")
PIECE = re.compile(r"[|\n\t]| · |(?<=\w)[:;,] ")
"""What a single word stands between where it is said for itself, as on a button, in a list or beside another text."""

FILED = ("best", "metrics", "recipe", "rng", "sampler", "schema", "settings", "Adam", "device", "storage", "text")
TYPED = ("off", "none", "true", "false", "cpu", "viridis")
"""Names of what a checkpoint holds, and of values."""


def pseudo(text: str) -> str:
    """The text as a longer language with accents would have it; what stands in braces or is markup stays."""
    parts = re.split(r"(\{[^}]*\}|<[^>]*>|%\w)", text)
    accented = "".join(part if at % 2 else part.translate(ACCENTED) for at, part in enumerate(parts))
    return f"‹{accented}{'·' * round(len(text) * LONGER)}›"


def write_catalogue(folder: Path) -> None:
    """All texts of the program in that language, under the name of Esperanto, whose plurals are English's."""
    catalogue = Catalog(locale="eo")
    for message in TEMPLATE:
        if message.id:
            plural = not isinstance(message.id, str)
            catalogue.add(message.id, tuple(map(pseudo, message.id)) if plural else pseudo(message.id))
    (folder / "eo" / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "eo" / "LC_MESSAGES" / "run-inspector.mo").open("wb") as file:
        write_mo(file, catalogue)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a window in that language said, and pictures of it."""
    folder = tmp_path_factory.mktemp("pseudo")
    write_catalogue(folder / "languages")
    environment = {
        **os.environ,
        "RUN_INSPECTOR_LANGUAGES": str(folder / "languages"),
        "RUN_INSPECTOR_HOME": str(folder / "home"),
        "LANGUAGE": "eo",
    }
    subprocess.run(
        [sys.executable, "-m", "tests.app.pseudo_window", str(folder)],
        env=environment,
        cwd=ROOT,
        timeout=300,
        check=True,
    )
    return folder


def unmarked(text: str) -> str:
    """What of a text did not come from the catalogue."""
    while True:
        left = re.sub(r"‹[^‹›]*›", "|", text)
        if left == text:
            return left
        text = left


def names_in_the_run() -> set[str]:
    """What the bundled run calls its metrics, and settings their sections and choices."""
    metrics = (ROOT / "resources" / "sample_run" / "metrics.jsonl").read_text(encoding="utf-8")
    names = {part for name in re.findall(r'"([^"]*)": *[^"]', metrics) for part in re.findall(r"[a-z]+", name)}
    for recipe in RECIPES.values():
        for field in fields_of(recipe.settings):
            names |= {*field.choices, field.path.partition(".")[0].capitalize()}
    return names


def said_in_english() -> str:
    """Every literal of the rooms that stay English and that no catalogue lists, one after the other."""
    listed = {message.id for message in TEMPLATE}

    def literals() -> Iterator[str]:
        for room in IN_ENGLISH:
            for path in sorted((ROOT / "inspector" / room).rglob("*.py")):
                tree = ast.parse(path.read_text(encoding="utf-8"))
                values = (one.value for one in ast.walk(tree) if isinstance(one, ast.Constant))
                yield from (value for value in values if isinstance(value, str) and value not in listed)

    return "\n".join(literals()) + (ROOT / "resources" / "sample_run" / "run.json").read_text(encoding="utf-8")


def test_what_the_window_itself_says_comes_from_the_catalogue(seen: Path) -> None:
    said = json.loads((seen / "texts.json").read_text(encoding="utf-8"))
    english = said_in_english()
    names = {*FILED, *TYPED, *names_in_the_run()}

    def forgotten(text: str) -> bool:
        left = unmarked(text)
        pairs = [pair for pair in PAIR.findall(left) if pair not in NAMES]
        pieces = [piece.strip(" :,.;()“”") for piece in PIECE.split(left)]
        alone = [piece for piece in pieces if WORD.fullmatch(piece) and piece not in names]
        return bool(alone) or any(pair not in english for pair in pairs)

    assert len({text for rows in said.values() for _, text in rows if unmarked(text) != text}) > 800
    assert [(place, *row) for place, rows in said.items() for row in rows if forgotten(row[1])] == []


def test_what_a_window_writes_into_a_file_is_english(seen: Path) -> None:
    report = (seen / "report.md").read_text(encoding="utf-8")
    assert "# Findings" in report
    assert "‹" not in report


@pytest.mark.parametrize("place", PICTURED)
def test_the_window_in_longer_words_looks_as_stored(
    seen: Path, place: str, qapp: QApplication, request: pytest.FixtureRequest
) -> None:
    shown = QLabel()
    shown.setPixmap(QPixmap(str(seen / f"{place}.png")))
    shown.adjustSize()
    check_picture(shown, f"pseudo-{place}", update=request.config.getoption("--update-pictures"))
