"""The language of what the window says: English as it stands in the code, or as a catalogue has it.

Catalogues are those of GNU gettext, `LANGUAGE/LC_MESSAGES/run-inspector.mo` in `resources/languages`, chosen by
`LANGUAGE`, `LC_ALL`, `LC_MESSAGES` or `LANG`; `RUN_INSPECTOR_LANGUAGES` names another folder, for who writes one,
or for a command, which prints English, one without any.
`packaging/make_texts.py` lists every text for them.
"""

from __future__ import annotations

import gettext
import os
import struct

from inspector.core.resources import resource


def _catalogue() -> gettext.NullTranslations:
    try:
        folder = os.environ.get("RUN_INSPECTOR_LANGUAGES") or resource("languages")
        return gettext.translation("run-inspector", folder, fallback=True)
    except (OSError, ValueError, struct.error):  # no catalogue; the trainer has no resources in another Python
        return gettext.NullTranslations()


_CATALOGUE = _catalogue()

LANGUAGE: str = _CATALOGUE.info().get("language", "")
"""The language of the catalogue, as it says itself; empty for English as it stands in the code."""


def tr(text: str) -> str:
    """The text in the user's language: a literal, with `{names}` for `str.format` where something is put in."""
    return text and _CATALOGUE.gettext(text)  # of an empty text gettext gives the head of the catalogue


def tr_many(one: str, many: str, count: int) -> str:
    """The first text or the second, in the form that the user's language has for so many."""
    return _CATALOGUE.ngettext(one, many, int(count))


def tr_later(text: str) -> str:
    """The literal itself, listed for translators: for a text that is also a name, given to `tr` where it is shown."""
    return text
