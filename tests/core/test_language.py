"""Texts come from a catalogue of the user's language where there is one, else as they stand in the code."""

from __future__ import annotations

import ast
import io
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import inspector
from inspector.core.language import places
from inspector.core.resources import resource

TEXTS = runpy.run_path(str(Path(__file__).resolve().parents[2] / "packaging" / "make_texts.py"))


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a German catalogue, a Polish one, whose nouns have three forms, and a French file that is none."""
    folder = tmp_path_factory.mktemp("languages")
    german, polish = Catalog(locale="de"), Catalog(locale="pl")
    german.add("Quit", "Beenden")
    german.add("{count} runs", "{count} Läufe")
    polish.add(("{count} run", "{count} runs"), ("{count} przebieg", "{count} przebiegi", "{count} przebiegów"))
    polish.add("{names} and {count} more", "{names} i {count} więcej")
    polish.add("Samples a second", "Próbki na sekundę")
    polish.add("{low} to {high}", "{high} od {low}")
    for broken in ("{lwo}", "{low", "{low:q}", "{}"):
        polish.add(f"{{low}} in {broken[1:]}", broken)
    polish.add(("{count} axis", "{count} axes"), ("{cuont} oś", "osie", "{count} osi"))
    polish.add("Mar", "marca")
    polish.add("{day} {month}", "{day}. {month}")
    polish.add("Range: {range}", "Zakres: {range}")
    for name, catalogue in (("de", german), ("pl", polish), ("fr", None)):
        (folder / name / "LC_MESSAGES").mkdir(parents=True)
        with (folder / name / "LC_MESSAGES" / "run-inspector.mo").open("wb") as file:
            if catalogue is not None:
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
    assert printed(program, languages, language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pl", "1 przebieg, 3 przebiegi, 5 przebiegów, 1,022 przebiegi; a i 2 więcej"),
        ("de", "1 run, 3 runs, 5 runs, 1,022 runs; a and 2 more"),
    ],
)
def test_what_is_counted_has_the_form_that_the_language_has_for_so_many(
    languages: Path, language: str, said: str
) -> None:
    program = (
        "import numpy as np\n"
        "from inspector.core.language import tr_counted, tr_listed\n"
        "counts = 1, 3, np.int64(5), 1022\n"
        "print(', '.join(tr_counted(count, 'run') for count in counts), tr_listed('abc', 1), sep='; ')"
    )
    assert printed(program, languages, language) == said


def test_a_translation_that_could_not_be_filled_in_gives_way_to_english(languages: Path) -> None:
    program = (
        "from inspector.core.language import tr, tr_many\n"
        "broken = [f'{{low}} in {one}' for one in ('lwo}', 'low', 'low:q}', '}')]\n"
        "print([tr(one) == one for one in broken], tr('{low} to {high}').format(low=1, high=2))\n"
        "print([tr_many('{count} axis', '{count} axes', count).format(count=count) for count in (1, 3, 5)])"
    )
    assert printed(program, languages, "pl").splitlines() == [
        "[True, True, True, True] 2 od 1",
        "['1 axis', 'osie', '5 osi']",
    ]


def test_a_day_has_the_name_of_its_month_in_the_users_language(languages: Path) -> None:
    program = "from datetime import date; from inspector.core.dates import day_text; day = date(2026, 3, 7); "
    program += "print(day_text(day), day_text(day, year=True, digits=2), sep='; ')"
    assert printed(program, languages, "pl") == "7. marca; 07 marca 2026"
    assert printed(program, languages, "de") == "7 Mar; 07 Mar 2026"


def test_what_of_a_translation_cannot_be_filled_in_is_told_to_who_writes_it() -> None:
    sound, broken = Catalog(locale="pl"), Catalog(locale="pl")
    sound.add("{low:g} to {high:g}", "{high:g} od {low:g}")
    sound.add(("one axis", "{count} axes"), ("oś", "{count} osie", "{count} osi"))
    sound.add("Quit")
    broken.add("{low:g} to {high:g}", "{low} i")
    broken.add("{count} left", "{count")
    broken.add(("{count} axis", "{count} axes"), ("{count} oś", "osie", ""))
    broken.add("{name} is open", "{nmae}", flags=["fuzzy"])  # is not compiled
    assert list(TEXTS["faults"](sound)) == []
    assert list(TEXTS["faults"](broken)) == [
        "'{low} i' has {low}, which '{low:g} to {high:g}' has not",
        "'{low} i' lacks {high:g} of '{low:g} to {high:g}'",
        "'{low} i' lacks {low:g} of '{low:g} to {high:g}'",
        "'{count' cannot be filled in: expected '}' before end of string",
        "'{count} axis' has 2 forms, and the language 3",
        "'osie' lacks {count} of '{count} axes'",
    ]


def po_of(path: Path) -> Catalog:
    return read_po(io.BytesIO(path.read_bytes()))


def test_every_translation_that_is_shipped_can_be_filled_in() -> None:
    shipped = [*resource("languages").rglob("*.po")]
    assert [fault for path in shipped for fault in TEXTS["faults"](po_of(path))] == []


def test_every_text_that_is_listed_can_be_filled_in_or_has_no_places() -> None:
    for message in po_of(resource("languages") / "run-inspector.pot"):
        for text in (message.id,) if isinstance(message.id, str) else message.id:
            places(text)


def test_a_process_that_is_told_of_no_catalogues_speaks_english(languages: Path) -> None:
    program = "import os; del os.environ['RUN_INSPECTOR_LANGUAGES']\n"
    program += "from inspector.core.language import begin, language, tr_counted\n"
    program += (
        "print(tr_counted(3, 'run'), language()); begin(translated=True); print(os.environ['RUN_INSPECTOR_LANGUAGES'])"
    )
    english, bundled = printed(program, languages, "pl").splitlines()
    assert english.strip() == "3 runs"
    assert bundled == str(resource("languages"))


def test_what_a_command_prints_is_english(languages: Path) -> None:
    told = printed("from inspector.__main__ import main; main(['shortcuts'])", languages, "de")
    assert "Quit" in told
    assert "Beenden" not in told
    assert "Beenden" in printed("from inspector.app.commands import COMMANDS; print(COMMANDS)", languages, "de")


def test_what_a_metric_says_of_itself_is_shown_in_the_users_language(languages: Path) -> None:
    program = "from inspector.formats.metric_meanings import tip_of; from inspector.core.language import language; "
    program += "print(language(), tip_of('time/samples_per_s'))"
    assert printed(program, languages, "pl") == "pl Próbki na sekundę\nZakres: above 0; higher is better"
    assert "Samples a second" in dict(map(reversed, TEXTS["declared_texts"]()))


def printed(program: str, languages: Path, language: str) -> str:
    """What a program prints that is started in a language."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LC_")},
        "RUN_INSPECTOR_LANGUAGES": str(languages),
        "LANGUAGE": "",
        "LANG": language,
        "PYTHONIOENCODING": "utf-8",
    }
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=environment, capture_output=True, encoding="utf-8", timeout=60, check=True,
    )  # fmt: skip
    return told.stdout.strip()


def test_every_noun_that_is_counted_is_a_literal_that_the_template_lists() -> None:
    nouns: list[str] = []
    for module in Path(inspector.__file__).parent.rglob("*.py"):
        source = module.read_text(encoding="utf-8")
        if "tr_counted(" in source:
            tree = ast.parse(source)
            listed = set(TEXTS["marked_texts"](tree))
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "tr_counted":
                    nouns.append(ast.literal_eval(call.args[1]))
                    assert (f"{{count}} {nouns[-1]}", f"{{count}} {nouns[-1]}s") in listed, module
    assert len(nouns) > 100
