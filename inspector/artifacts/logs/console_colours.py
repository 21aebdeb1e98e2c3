"""Console lines as they are shown: text without terminal commands, and the colours that it was printed in."""

from __future__ import annotations

import colorsys
import re
from typing import NamedTuple

from inspector.artifacts.logs.console_text import text_of
from inspector.core.texts import SHOWN_CHARACTERS, visible

NAMES = ("", "red", "green", "yellow", "blue", "magenta", "cyan", "")
"""By their codes 30 to 37; black and white are the text's own colour, which stands out on either background."""

_HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
_LEAST_SATURATION = 0.25
_COLOUR = re.compile(rb"\x1b\[([0-9;:]*)m")
_CUBE = (0, 95, 135, 175, 215, 255)
_MOST_SPANS = 200


class Span(NamedTuple):
    """A piece of a shown line in a colour of its own: first character, how many, and the colour's name."""

    start: int
    length: int
    colour: str
    bold: bool = False


class ShownLine(NamedTuple):
    """One line ready to show: control characters written out, a long one cut."""

    text: str
    spans: tuple[Span, ...] = ()


def shown_line(line: bytes) -> ShownLine:
    """A line's text and its coloured pieces.

    Source: ECMA-48 section 8.3.117 (SGR); 256 colours and 24 bit as xterm has them, each by the name nearest in hue.
    """
    if b"\x1b" not in line:
        return ShownLine(visible(text_of(line)))
    pieces = _COLOUR.split(line)
    text = ""
    spans: list[Span] = []
    colour, bold = "", False
    for place, piece in enumerate(pieces):
        if place % 2:
            colour, bold = _after(piece.decode("ascii"), colour, bold=bold)
            continue
        shown = visible(text_of(piece), len(piece)) if piece else ""
        if shown.strip() and (colour or bold) and len(spans) < _MOST_SPANS:
            spans.append(Span(len(text), len(shown), colour, bold))
        text += shown
        if len(text) > SHOWN_CHARACTERS:
            break
    return ShownLine(visible(text), tuple(span for span in spans if span.start < SHOWN_CHARACTERS))


def _after(codes: str, colour: str, *, bold: bool) -> tuple[str, bool]:
    """Colour and weight behind a command."""
    numbers = [int(code[:4]) if code else 0 for code in codes.replace(":", ";").split(";")]
    place = 0
    while place < len(numbers):
        code = numbers[place]
        if code == 0:
            colour, bold = "", False
        elif code in (1, 22):
            bold = code == 1
        elif 30 <= code <= 37 or 90 <= code <= 97:
            colour = NAMES[code % 10]
        elif code == 39:
            colour = ""
        elif code in (38, 48):
            wide = 2 if numbers[place + 1 : place + 2] == [5] else 4
            if code == 38:
                colour = _name_of(numbers[place + 2 : place + 1 + wide])
            place += wide
        place += 1
    return colour, bold


def _name_of(numbers: list[int]) -> str:
    """The nearest name of one of 256 colours, or of red, green and blue."""
    if len(numbers) == 1:
        (index,) = numbers
        if index < 16:
            return NAMES[index % 8]
        if not 16 <= index < 232:
            return ""
        index -= 16
        numbers = [_CUBE[index // 36], _CUBE[index // 6 % 6], _CUBE[index % 6]]
    if len(numbers) != 3:
        return ""
    hue, _light, saturation = colorsys.rgb_to_hls(*(min(number, 255) / 255 for number in numbers))
    return _HUES[round(hue * 6) % 6] if saturation >= _LEAST_SATURATION else ""
