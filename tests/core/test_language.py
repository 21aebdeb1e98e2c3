"""Texts come from a catalogue of the user's language where there is one, else as they stand in the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

import inspector


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a German catalogue of two texts."""
    folder = tmp_path_factory.mktemp("languages")
    catalogue = Catalog(locale="de")
    catalogue.add("Quit", "Beenden")
    catalogue.add("{count} runs", "{count} Läufe")
    (folder / "de" / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "de" / "LC_MESSAGES" / "run-inspector.mo").open("wb") as file:
        write_mo(file, catalogue)
    return folder


@pytest.mark.parametrize(
    ("language", "said"),
    [("de_DE.UTF-8", "Beenden 3 Läufe Open."), ("fr", "Quit 3 runs Open."), ("", "Quit 3 runs Open.")],
)
def test_texts_are_those_of_the_users_language_or_english(languages: Path, language: str, said: str) -> None:
    program = (
        "from inspector.core.language import tr, tr_later\n"
        "print(tr('Quit'), tr('{count} runs').format(count=3), tr_later('Open'), end=tr('') + '.')"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LC_")},
        "RUN_INSPECTOR_LANGUAGES": str(languages),
        "LANGUAGE": "",
        "LANG": language,
        "PYTHONIOENCODING": "utf-8",
    }
    told = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    assert told.stdout.strip() == said


def test_no_text_stands_within_an_f_string_where_what_lists_them_does_not_see_it() -> None:
    within = re.compile(r"""\bf["'].*\{[^}]*\btr(?:_later)?\(["']""")
    modules = Path(inspector.__file__).parent.rglob("*.py")
    assert [module.name for module in modules if within.search(module.read_text(encoding="utf-8"))] == []
