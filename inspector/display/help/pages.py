"""A page of help as a value; its text is Markdown."""

from __future__ import annotations

import re

import msgspec

CONTENTS, FINDINGS = "contents", "findings"
"""Names of the pages that list the others, and of that which lists the kinds of findings."""

FINDING = "finding/"
"""Begins the names of the pages of findings; the finding's id follows."""

_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")


class HelpPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page.

    Attributes:
        name: by which links name it (`metrics`, `finding/overfitting`).
        title: its heading, which stands not in its text.
        text: Markdown; links name other pages, the picture of a page has that page's name.
        group: under which heading an index lists it.
    """

    name: str
    title: str
    text: str
    group: str = ""


class HelpPages(msgspec.Struct, frozen=True):
    """The pages of all kinds of findings, in the order in which they are looked for."""

    pages: tuple[HelpPage, ...]


def escaped(text: str) -> str:
    """A text of this program as Markdown that shows it as it is."""
    return _MARKS.sub(r"\\\1", text)


def link(title: str, name: str) -> str:
    """A link to a page."""
    return f"[{escaped(title)}]({name})"
