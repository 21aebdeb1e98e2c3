"""What the tests of console logs share: a text read as a log, and its curves as plain lists."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.logs.console_parser import ConsoleParser
from inspector.formats.series import SeriesSet
from tests.artifacts.series_checks import fragments

Curve = tuple[list[float] | None, list[float] | None, list[float]]
"""Steps and epochs, None where the text tells none, and values."""


def read(text: str | bytes, *, cuts: tuple[int, ...] = ()) -> SeriesSet:
    """The curves of a log that came in pieces."""
    parser = ConsoleParser()
    for piece in fragments(text if isinstance(text, bytes) else text.encode(), cuts):
        parser.take(piece)
    return parser.series(Path("train.log"))


def curves(text: str) -> dict[str, Curve]:
    """The curves of a log by their tags."""
    return {
        one.tag: (
            None if one.stepless else one.steps.tolist(),
            None if one.epochs is None else one.epochs.tolist(),
            one.values.tolist(),
        )
        for one in read(text).series
    }
