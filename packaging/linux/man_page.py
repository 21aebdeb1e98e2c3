"""The manual page, off the help of every command.

python packaging/linux/man_page.py > run-inspector.1
"""

from __future__ import annotations

import io
import os
import re
from contextlib import redirect_stdout, suppress

from inspector import __version__
from inspector.__main__ import main
from inspector.command_line.catalogue import FAMILIES, PROGRAM, command_of
from inspector.training.__main__ import parser as trainers_parser

_WIDE = 1000
"""Columns in which no line of a help is broken."""

_ENTRY = re.compile(r" {2,4}(?P<what>\S(?:.*?\S)?)(?: {2,}(?P<text>.*))?$")
_ITS_TEXT = re.compile(r" {10,}(?P<text>\S.*)$")


def man_page() -> str:
    """The page of section 1, in the language of `man`."""
    usage, about, *_lists, epilog = _helped().strip().split("\n\n")
    lines = [
        f'.TH RUN\\-INSPECTOR 1 "" "Run Inspector {__version__}" "User Commands"',
        ".ad l",
        ".nh",
        ".SH NAME",
        f"{_plain(PROGRAM)} \\- {_plain(about[0].lower() + about[1:])}",
        ".SH SYNOPSIS",
        f".B {_plain(PROGRAM)} [PATH...]",
        ".br",
        f".B {_plain(usage.removeprefix('usage: '))}",
        ".SH DESCRIPTION",
        *_paragraph(epilog),
        ".SH COMMANDS",
    ]
    for name in FAMILIES:
        lines += [f".SS {name}", _plain(command_of(name).text), *_command(name)]
    return "\n".join(lines) + "\n"


def _helped(*command: str) -> str:
    """What `--help` of a command prints, no line of it broken; the trainer's are asked of the trainer's parser."""
    told = io.StringIO()
    width = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(_WIDE)
    try:
        with redirect_stdout(told), suppress(SystemExit):
            if command and FAMILIES[command[0]] is FAMILIES["train"]:
                trainers_parser().parse_args([*command, "--help"])
            main([*command, "--help"])
    finally:
        if width is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = width
    return told.getvalue()


def _command(name: str) -> list[str]:
    """Usage, each of the arguments, and what else its help says."""
    usage, *parts = _helped(name).strip().split("\n\n")
    lines = [".PP", f".B {_plain(usage.removeprefix('usage: '))}"]
    for part in parts:
        head, *entries = part.splitlines()
        if entries and head.endswith(":"):
            lines += _entries(entries)
        elif part != command_of(name).text:
            lines += _paragraph(part)
    return lines


def _entries(listed: list[str]) -> list[str]:
    lines: list[str] = []
    for line in listed:
        if found := _ITS_TEXT.match(line):
            lines.append(_plain(found["text"]))
        elif found := _ENTRY.match(line):
            lines += [".TP", f".B {_plain(found['what'])}", *([_plain(found["text"])] if found["text"] else [])]
    return lines


def _paragraph(text: str) -> list[str]:
    return [".PP", _plain(" ".join(text.split()))]


def _plain(text: str) -> str:
    """Text that `man` shows as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    print(man_page(), end="")
