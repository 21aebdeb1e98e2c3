"""Console logs: the curves that their lines print, and the lines themselves."""

from __future__ import annotations

import codecs
from pathlib import Path

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.identity import identity_of
from inspector.artifacts.logs.console_parser import ConsoleParser, ReadLines
from inspector.artifacts.logs.following import Follower, SeriesFollower
from inspector.artifacts.logs.line_index import IndexParser, LineIndex, index_of_text
from inspector.artifacts.logs.log_facts import series_facts
from inspector.artifacts.text_encoding import ENCODING_BYTES, UTF8, encoding_of, without_mark
from inspector.core.arrays import IntArray
from inspector.core.errors import LimitError
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text
from inspector.formats.facts import ConsoleFacts
from inspector.formats.series import SeriesSet

__all__ = ["ConsoleParser", "LineIndex", "ReadLines", "facts", "lines_behind", "lines_of", "read_lines", "series"]

_MAX_UTF16_BYTES = 64 * 2**20

_follower = SeriesFollower(ConsoleParser)
_indexes = Follower(IndexParser, text=False)


def series(path: Path, pulse: Pulse) -> SeriesSet:
    """Every curve that a console log prints.

    Raises:
        FileError: the file cannot be read.
        WorkCancelled: the pulse was cancelled.
    """
    return _follower.series(path, pulse)


def lines_behind(path: Path, tag: str, pulse: Pulse) -> IntArray:
    """The number of the line, from 0, behind each point of a curve of `series`: (points,) int64; raises as `series`."""
    return _follower.parser(path, pulse).lines_behind(tag)


def read_lines(path: Path, pulse: Pulse) -> ReadLines:
    """The lines of a console log that gave numbers to its curves, with their steps; raises as `series`."""
    return _follower.parser(path, pulse).read_lines()


def facts(path: Path, pulse: Pulse) -> ConsoleFacts:
    """What a console log holds; raises as `series`."""
    found = series(path, pulse)
    return ConsoleFacts(
        bytes=identity_of(path).bytes,
        lines=_follower.parser(path, pulse).lines,
        series=series_facts(found.series),
        skipped=found.skipped,
        notes=found.notes,
    )


def lines_of(path: Path, pulse: Pulse) -> LineIndex:
    """The lines of a console log, to be read by number.

    Raises:
        FileError: the file cannot be read.
        LimitError: it is UTF-16 and too large to be held in memory.
        WorkCancelled: the pulse was cancelled.
    """
    with ByteFile(path) as file:
        encoding = encoding_of(file.read(0, ENCODING_BYTES))
        if encoding != UTF8:
            if file.size > _MAX_UTF16_BYTES:
                limit = bytes_text(_MAX_UTF16_BYTES)
                raise LimitError(path, f"at most {limit} of {encoding.upper()} text", bytes_text(file.size))
            decoder = codecs.getincrementaldecoder(encoding)("replace")  # which passes over half a character at the end
            text = without_mark(decoder.decode(file.read(0, file.size)))
            return index_of_text(path, text.encode("utf-8", "surrogatepass"))
    parser = _indexes.parser(path, pulse)
    return LineIndex(path, parser.bounds(), parser.folded)
