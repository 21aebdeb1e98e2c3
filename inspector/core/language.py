"""The language of what is said: English as it stands in the code, or as a catalogue has it.

A process speaks English, unless `begin` has it speak the user's language: a window and the readers of its views do.
Commands, trainers and supervisors do not, nor does the reader that writes a file for a window, a report or a table:
what they say is kept, compared and searched for. So one process says all in one language, with one exception: what is
said of files and what is found in them (`artifacts`, `analysis`, `diagnosis`, `display/report`, `training`) is English
everywhere. Those rooms count and list by `core/units`, and all that speak by `tr` do by `tr_counted` and `tr_listed`.

Catalogues are those of GNU gettext, `LANGUAGE/LC_MESSAGES/run-inspector.mo` in `resources/languages`, chosen by
`LANGUAGE`, `LC_ALL`, `LC_MESSAGES` or `LANG`; `RUN_INSPECTOR_LANGUAGES` names another folder, for who writes one.
`packaging/make_texts.py` lists every text for them, and checks one.
"""

from __future__ import annotations

import os
import string
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from inspector.core.resources import resource

if TYPE_CHECKING:
    from gettext import NullTranslations

CATALOGUES = "RUN_INSPECTOR_LANGUAGES"
"""What in the environment names the folder of catalogues; a process without it speaks English."""

_KEPT_TEXTS = 8192


def begin(*, translated: bool) -> None:
    """Have this process, and its readers, speak the user's language or English; before what has texts is loaded."""
    if translated:
        with suppress(FileNotFoundError):  # an incomplete installation speaks English
            os.environ.setdefault(CATALOGUES, str(resource("languages")))
    else:
        os.environ.pop(CATALOGUES, None)
    for kept in (_catalogue, tr, _fitting):
        kept.cache_clear()


@cache
def _catalogue() -> NullTranslations | None:
    folder = os.environ.get(CATALOGUES)
    if not folder:
        return None
    import gettext
    import struct

    try:
        return gettext.translation("run-inspector", folder)
    except (OSError, ValueError, struct.error):  # there is none, or it is none
        return None


def language() -> str:
    """The language of the catalogue, as it says itself; empty for English as it stands in the code."""
    catalogue = _catalogue()
    return "" if catalogue is None else catalogue.info().get("language", "")


@lru_cache(_KEPT_TEXTS)
def tr(text: str) -> str:
    """The text in the user's language: a literal, with `{names}` for `str.format` where something is put in.

    A translation that could not be filled in as the text is gives way to the text.
    """
    catalogue = _catalogue()
    if catalogue is None or not text:  # of an empty text it would give the catalogue's head
        return text
    return _fitting(catalogue.gettext(text), text, text)


def tr_many(one: str, many: str, count: int) -> str:
    """The first text or the second, in the form that the user's language has for so many."""
    english, catalogue = one if count == 1 else many, _catalogue()
    return english if catalogue is None else _fitting(catalogue.ngettext(one, many, int(count)), english, one + many)


def tr_later(text: str) -> str:
    """The literal itself, listed for translators: for a text that is also a name, given to `tr` where it is shown."""
    return text


def tr_counted(count: int, noun: str) -> str:
    """`1 tensor`, `2,500 tensors` in the user's language; for literals that take an s, which are listed with it."""
    one = f"{{count}} {noun}"
    return tr_many(one, f"{one}s", count).format(count=f"{count:,}")


def tr_listed(names: Sequence[str], most: int = 3, *, of: int = 0) -> str:
    """`a, b, c and 2 more` in the user's language; `of` is how many there are where these are but the first."""
    shown, more = ", ".join(names[:most]), max(of, len(names)) - min(len(names), most)
    return tr("{names} and {count} more").format(names=shown, count=f"{more:,}") if more else shown


def places(text: str) -> frozenset[tuple[str, str, str]]:
    """What `str.format` puts into a text: name, conversion and form of each.

    Raises:
        ValueError: it is not made for that.
    """
    parts = string.Formatter().parse(text)
    return frozenset((name, conversion or "", form or "") for _, name, form, conversion in parts if name is not None)


@lru_cache(_KEPT_TEXTS)
def _fitting(said: str, english: str, source: str) -> str:
    """A translation where nothing is put into it that is not put into its source, else the English."""
    try:
        return said if said == english or places(said) <= places(source) else english
    except ValueError:
        return english
