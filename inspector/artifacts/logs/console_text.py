"""Console bytes as text: terminal commands dropped, bytes that are not UTF-8 kept as escapes."""

from __future__ import annotations

import re

# CSI, OSC, DCS/SOS/PM/APC and two-character escapes; an unterminated one ends after 4 kB or with its line.
_ESCAPED = (
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]"
    rb"|\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)?"
    rb"|[PX^_][^\x1b\n]{0,4096}(?:\x1b\\)?"
    rb"|[ -/]*[0-~]?)"
)
_TERMINAL = re.compile(_ESCAPED)  # what begins with one byte only is looked for many times faster
_TERMINAL_OF_8_BITS = re.compile(_ESCAPED + rb"|\xc2\x9b[0-?]*[ -/]*[@-~]")


def plain(lines: bytes) -> bytes:
    """Console lines without colours, cursor commands and backspaces; there are as many after as before.

    Source: ECMA-48 sections 5.4 and 8.3; the terminal's title and links are commands too.
    """
    if b"\xc2\x9b" in lines:
        lines = _TERMINAL_OF_8_BITS.sub(b"", lines)
    elif b"\x1b" in lines:
        lines = _TERMINAL.sub(b"", lines)
    if b"\b" in lines:
        lines = lines.replace(b"\b", b"")
    return lines


def text_of(lines: bytes) -> str:
    """Console lines as text, as `plain` leaves them."""
    return plain(lines).decode("utf-8", "surrogateescape")
