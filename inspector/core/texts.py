"""Text from files, made safe to show: one line, no control characters, no hidden direction changes."""

from __future__ import annotations

import re

SHOWN_CHARACTERS = 4096
"""A longer line is cut for display; a 1 MB line froze Qt's text widget for 140 s."""

ZERO_WIDTH_SPACE = "\u200b"

# C0 and C1 controls, bidirectional overrides, zero-width characters, line separators, lone surrogates.
_SURROGATES = "[\ud800-\udfff]"
_INVISIBLE = "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8, kept by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def clean(text: str) -> str:
    """The text with lone surrogates written out, so that it can be sent and stored as UTF-8."""
    return text if text.isascii() else re.sub(_SURROGATES, _escape, text)


def integer_text(value: int) -> str:
    """The digits of a whole number; of a very long one how many bits it has."""
    return str(value) if value.bit_length() < 4096 else f"an integer of {value.bit_length():,} bits"


def visible(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """The text with control characters written out and at most `limit` characters of it."""
    cut = text[:limit]
    shown = cut if cut.isprintable() else re.sub(_INVISIBLE, _escape, cut)
    return f"{shown}… ({len(text):,} characters)" if len(text) > limit else shown


def natural_key(name: str) -> list[tuple[int, str]]:
    """A key that sorts names with the numbers in them by size: `conv.2` before `conv.10`, and digits before letters."""
    pieces = re.split(r"([0-9]+)", name)
    # Of two numbers the longer is the larger; a name may have more digits than Python makes a number of.
    return [
        (len(digits := piece.lstrip("0")), digits) if place % 2 else (-1, piece) for place, piece in enumerate(pieces)
    ]


def short(name: str, most: int) -> str:
    """A name with control characters written out, in at most so many characters."""
    shown = visible(name)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def begun(text: str) -> str:
    """The text with a capital at its beginning, and as it is behind that."""
    return f"{text[:1].upper()}{text[1:]}"


def breakable(text: str, longest: int) -> str:
    """The text with places for a line to end within long names: after a dot, slash or underscore.

    A part of a name longer than `longest` characters loses its middle, and the text then contains `…`.
    """
    return re.sub(rf"\S{{{longest + 1},}}", lambda match: _with_breaks(match.group(), longest), text)


def _with_breaks(word: str, longest: int) -> str:
    parts = re.findall(r"[^./\\_]*[./\\_]+|[^./\\_]+", word)
    half = longest // 2
    return ZERO_WIDTH_SPACE.join(
        part if len(part) <= longest else f"{part[: half - 1]}…{part[-half:]}" for part in parts
    )
