"""What the README names is there: commands, keys, menus, views, files, pictures and pages."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, QKeySequence

from inspector.app.commands import COMMANDS, SLOT_KEYS, TAG_KEYS
from inspector.app.tabs import TABBED
from inspector.command_line import script_resume
from inspector.command_line.catalogue import FAMILIES, PROGRAM, command_of
from inspector.core.resources import resource
from inspector.formats import run_folder, triage
from inspector.training import __main__ as training_main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PROSE = "\n".join(line for line in README.splitlines() if not line.startswith("    "))
SPANS = sorted(set(re.findall(r"`([^`\n]+)`", PROSE)))

OF_A_RUN = {value for module in (run_folder, triage) for value in vars(module).values() if isinstance(value, str)}
ROOMS = ROOT / "inspector"
MOST_BYTES = 200_000


def command_lines() -> list[str]:
    """What is to be typed, without what is said of it; `ssh HOST` and `.venv/bin/` left out."""
    blocks = [re.split(r" {2,}", line.strip())[0] for line in README.splitlines() if line.startswith("    ")]
    lines = [line.removeprefix(".venv/bin/") for found in (*blocks, *SPANS) for line in found.split(" && ")]
    lines = [re.sub(r"^(ssh (-X )?HOST|torchrun --nproc-per-node 4) ", "", line) for line in lines]
    lines = [line.replace("-m inspector.training", PROGRAM) for line in lines]
    return sorted({line for line in lines if line.split(" ")[0].rpartition("/")[2] == PROGRAM and " " in line})


def parsed(command: str, rest: list[str]) -> argparse.Namespace:
    """What the parser of a command makes of what follows it."""
    if "--template" in rest:
        return script_resume._parser().parse_args(rest)
    if command in ("train", "resume", "record"):
        return training_main.parser().parse_args([command, *rest])
    parser = argparse.ArgumentParser(exit_on_error=False)
    command_of(command).add_arguments(parser)
    return parser.parse_args(rest)


@pytest.mark.parametrize("line", command_lines())
def test_a_command_line_is_taken_by_its_parser(line: str) -> None:
    _program, command, *rest = shlex.split(line.replace("...", ""))
    if command in FAMILIES:
        parsed(command, rest)
    else:
        assert command in ("[PATH]", "RUN")
        assert not rest


def test_every_command_is_told() -> None:
    assert {line.split()[1] for line in command_lines()} >= set(FAMILIES)


def test_keys_and_menus_are_those_of_the_table() -> None:
    keys = {QKeySequence(key).toString() for one in COMMANDS for key in one.shortcuts} | {*SLOT_KEYS, *TAG_KEYS}
    named = [
        span for span in SPANS if re.fullmatch(r"(?:(?:Ctrl|Alt|Shift)\+.+|F\d+|End|Enter|Esc|Space|[A-Z0-9?/])", span)
    ]
    assert len(named) > 20
    assert {key for key in named if QKeySequence(key).toString() not in keys} == set()
    for menu, title in re.findall(r"`(\w+) > ([^`]+)`", PROSE):
        assert any(one.menu == menu and one.title == title for one in COMMANDS), title


def test_views_are_offered() -> None:
    views = {word for row in PROSE.splitlines() if row.startswith("|") for word in re.findall(r"\*\*([^*]+)\*\*", row)}
    assert len(views) > 4
    assert views <= {offer.title for offer in TABBED}


def test_files_that_are_named_are_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    named = [span for span in SPANS if re.fullmatch(r"[\w.*-]+(?:/[\w.*-]+)+/?|[\w-]+\.(?:md|json|toml|py)", span)]
    assert len(links) > 12
    assert len(named) > 12
    for path in (*links, *named):
        of_the_tree = (ROOT / path).exists() or (ROOMS / path).exists()
        assert of_the_tree or path in OF_A_RUN or path.startswith(".venv/"), path


def test_every_guide_and_every_example_is_led_to() -> None:
    for guide in resource("help").glob("own_*.md"):
        assert f"resources/help/{guide.name}" in README
    for example in resource("examples").iterdir():
        assert example.name.startswith("_") or f"`resources/examples/{example.name}`" in README
    for page in resource("help").glob("coming_from_*.md"):
        assert f"resources/help/{page.name}" in README


def test_the_pictures_are_small_and_can_be_read() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) == 3
    for picture in pictures:
        path = ROOT / picture
        assert path.stat().st_size < MOST_BYTES, picture
        assert QImage(str(path)).width() == 1600, picture


def test_the_rooms_are_those_of_the_tree_in_their_order() -> None:
    rooms = re.findall(r"^    ([a-z_]+) +\S", README.partition("## How it is built")[2], flags=re.MULTILINE)
    packages = {path.parent.name for path in ROOMS.glob("*/__init__.py")}
    assert [room for room in rooms if room in packages][: len(packages)] == rooms[: len(packages)]
    assert set(rooms[: len(packages)]) == packages
