"""What is said of files and found in them is English in every language; no sentence is half of it in another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "inspector"
ENGLISH = ("analysis", "artifacts", "command_line", "diagnosis", "display/report", "training")
"""Whose texts are kept, compared and searched for."""

SPOKEN = frozenset({"tr", "tr_counted", "tr_listed", "tr_many"})
WRITTEN = frozenset({"counted", "listed"})
"""What counts and lists in the user's language, and in English."""


def strangers(place: str, source: str) -> Iterator[str]:
    """The names of the other language that a module takes; of both, where a room may speak either."""
    imports = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.ImportFrom)]
    named = {(one.module, alias.name) for one in imports for alias in one.names}
    spoken = {name for module, name in named if module == "inspector.core.language" and name in SPOKEN}
    written = {name for module, name in named if module == "inspector.core.units" and name in WRITTEN}
    if place.startswith(ENGLISH):
        yield from spoken
    elif spoken or not place.startswith(("core", "formats", "jobs", "reader", "runs")):
        yield from written


def test_every_room_speaks_one_language() -> None:
    modules = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    assert {place: found for place, source in modules.items() if (found := [*strangers(place, source)])} == {}


@pytest.mark.parametrize(
    ("place", "source", "found"),
    [
        ("diagnosis/planted.py", "from inspector.core.language import tr_counted, tr_later", ["tr_counted"]),
        ("display/report/planted.py", "from inspector.core.language import tr", ["tr"]),
        ("views/planted.py", "from inspector.core.units import bytes_text, counted", ["counted"]),
        ("runs/planted.py", "from inspector.core.units import listed", []),
        (
            "runs/planted.py",
            "from inspector.core.language import tr\nfrom inspector.core.units import listed",
            ["listed"],
        ),
    ],
)
def test_a_room_that_speaks_another_is_found(place: str, source: str, found: list[str]) -> None:
    assert [*strangers(place, source)] == found
