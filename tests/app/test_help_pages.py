"""What pages of help name is there: commands, keys, menus, views, settings, containers, files and other pages."""

from __future__ import annotations

import argparse
import inspect
import re
import shlex
import typing

import msgspec
import pytest

from inspector.app.commands import COMMANDS, SLOT_KEYS, TAG_KEYS
from inspector.app.help_pages import LISTED, findings_page, standing_page
from inspector.app.tabs import TABBED
from inspector.artifacts.container_table import BY_NAME
from inspector.artifacts.unread_stores import UNREAD_STORES
from inspector.command_line import script_resume
from inspector.command_line.catalogue import FAMILIES, PROGRAM, command_of
from inspector.core.resources import resource
from inspector.display.help.finding_pages import finding_pages
from inspector.display.help.pages import CONTENTS
from inspector.formats import run_folder, triage
from inspector.formats.recipes.catalogue import RECIPES, settings_of
from inspector.formats.settings import values_of
from inspector.session.preferences import Preferences
from inspector.training import __main__ as training_main

FILES = sorted(path.stem for path in resource("help").glob("*.md"))
STANDING = [one.name for one in LISTED if one.name != "findings"]
EVERY = {CONTENTS, *(one.name for one in LISTED), *(page.name for page in finding_pages().pages)}
KEYS = {key for one in COMMANDS for key in one.shortcuts} | {*SLOT_KEYS, *TAG_KEYS}
NAMED_BY_OTHERS = {"Ctrl+F"}
"""Keys that a page says are those of another program."""


def spans(name: str) -> list[str]:
    """What stands as code in the lines of a page."""
    text = re.sub(r"```.*?```", "", standing_page(name).text, flags=re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


def command_lines(name: str) -> list[str]:
    """Lines of a page that are to be typed."""
    text = standing_page(name).text
    blocks = [line.strip() for line in text.splitlines() if line.strip().startswith(f"{PROGRAM} ")]
    return [*blocks, *(span for span in spans(name) if span.startswith(f"{PROGRAM} "))]


def test_every_written_page_is_listed_and_every_listed_one_is_there() -> None:
    assert set(FILES) <= {one.name for one in LISTED}
    for name in STANDING:
        page = standing_page(name)
        assert page.title
        assert page.text


@pytest.mark.parametrize("name", [CONTENTS, *STANDING])
def test_links_lead_to_pages(name: str) -> None:
    links = re.findall(r"\]\(([^)]*)\)", re.sub(r"```.*?```", "", standing_page(name).text, flags=re.DOTALL))
    links = [link for link in links if "`" not in link]
    assert set(links) <= EVERY
    assert name != CONTENTS or len(links) == len(LISTED)


def test_the_index_of_findings_lists_each_once() -> None:
    pages = finding_pages().pages
    links = re.findall(r"\]\(([^)]*)\)", findings_page(pages).text)
    assert sorted(links) == sorted(page.name for page in pages)


@pytest.mark.parametrize("name", FILES)
def test_keys_and_menus_that_a_page_names_are_commands(name: str) -> None:
    for span in spans(name):
        if re.fullmatch(r"(?:(?:Ctrl|Alt|Shift)\+.+|F\d+|End|[A-Z0?/\[\]])", span):
            assert span in KEYS | NAMED_BY_OTHERS, span
        menu, separator, title = span.partition(" > ")
        if separator:
            assert any(one.menu == menu and one.title == title for one in COMMANDS), span


@pytest.mark.parametrize("name", FILES)
def test_command_lines_that_a_page_names_can_be_typed(name: str) -> None:
    of_others = inspect.getsource(script_resume) + inspect.getsource(training_main)
    for line in command_lines(name):
        _program, command, *rest = shlex.split(line.replace("...", "").replace("…", ""))
        if command not in FAMILIES:
            assert command == "PATH", line
            continue
        parser = argparse.ArgumentParser()
        command_of(command).add_arguments(parser)
        for word in rest:
            if word.startswith("-"):
                option = word.partition("=")[0]
                assert option in parser._option_string_actions or f'"{option}"' in of_others, line


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("coming_from_")])
def test_views_that_a_page_names_are_offered(name: str) -> None:
    views = re.findall(r"\*\*([A-Z][a-z]+)\*\*", standing_page(name).text)
    assert views
    assert set(views) <= {offer.title for offer in TABBED}


def test_the_page_of_formats_names_every_container_and_no_other() -> None:
    text, _heading, written = standing_page("formats").text.partition("## What the trainer writes")
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)} == set(BY_NAME)
    (unread,) = [line for line in text.splitlines() if line.startswith("Not read:")]
    assert set(re.findall(r"`([a-z]+)`", unread)) == set(UNREAD_STORES)
    files = {word.rstrip("/") for line in written.splitlines() if line.startswith("| `")
             for word in re.findall(r"`([^`]+)`", line.split("|")[1])}  # fmt: skip
    known = {value for module in (run_folder, triage) for value in vars(module).values() if isinstance(value, str)}
    assert len(files) > 8
    assert files <= known


def test_the_page_of_recipes_names_their_presets_and_settings() -> None:
    named = set(spans("recipes"))
    for name, recipe in RECIPES.items():
        assert {name, *recipe.presets, *recipe.sizes} <= named
        paths = re.findall(r"--set ([a-z_.]+)=", standing_page("recipes").text)
        assert paths
        assert set(paths) <= set(values_of(settings_of(name)))


def test_the_page_of_shortcuts_has_every_key() -> None:
    assert {key for one in COMMANDS for key in one.shortcuts} <= set(spans("shortcuts"))


def test_the_page_of_preferences_tells_of_each_by_the_name_and_choices_that_its_file_takes() -> None:
    rows = {
        cells[2]: cells
        for line in standing_page("preferences").text.splitlines()
        if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 5
    }
    for name, usual in msgspec.to_builtins(Preferences()).items():
        title, description, _name, choices, told = rows[f"`{name}`"]
        assert title
        assert description
        kind = typing.get_type_hints(Preferences)[name]
        assert re.findall(r"`([^`]+)`", choices) == [str(choice) for choice in typing.get_args(kind)]
        assert told.strip("`") == str(usual) or (name.endswith("_key") and told.strip("`") in KEYS) or not usual
    assert "`tags`, `sample_lists.json`" in rows
