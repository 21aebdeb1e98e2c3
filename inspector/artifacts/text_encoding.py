"""The encoding of a text file, by its byte order mark, or by the zero bytes of UTF-16 that has none."""

from __future__ import annotations

import codecs

ENCODING_BYTES = 256
"""The first bytes of a file, which tell its encoding."""

UTF8 = "utf-8"

_MARKS = ((codecs.BOM_UTF8, UTF8), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LEAST_UNITS = 4
_LATIN_SHARE = 0.75
"""Of the units of UTF-16 have a high byte of zero where the text is of a European language."""

_CONTROLS = frozenset((*range(9), *range(14, 27), *range(28, 32)))
"""Characters that text has not; small numbers of two bytes look like text but for these."""


def encoding_of(head: bytes) -> str:
    """`utf-8`, `utf-16-le` or `utf-16-be`: what the first bytes tell, UTF-8 where they tell nothing.

    Args:
        head: the beginning of a file; more than ENCODING_BYTES change nothing.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    whole = len(head[:ENCODING_BYTES]) // 2 * 2
    units = whole // 2
    if units < _LEAST_UNITS or b"\0" not in head[:whole]:
        return UTF8
    for high, low, encoding in ((1, 0, "utf-16-le"), (0, 1, "utf-16-be")):
        latin = bytes(one for one, above in zip(head[low:whole:2], head[high:whole:2], strict=True) if not above)
        if len(latin) >= _LATIN_SHARE * units and _CONTROLS.isdisjoint(latin):
            return encoding
    return UTF8


def without_mark(text: str) -> str:
    """Decoded text, the byte order mark at its beginning left out."""
    return text.removeprefix("\ufeff")
