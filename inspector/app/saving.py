"""Asking where a file is to be saved: begun where the last one was, and never on a disk that does not answer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtWidgets import QFileDialog, QWidget

from inspector.jobs.reach import folder_there
from inspector.session.store import load_folder, save_folder

_LONGEST_NAME = 120


class Kind(NamedTuple):
    """What a file may be saved as.

    Attributes:
        words: as the dialog offers it.
        ending: of its name.
    """

    words: str
    ending: str


def ask_where(parent: QWidget, title: str, name: str, kinds: Sequence[Kind]) -> tuple[str, Kind] | None:
    """Where to save a file, with the ending of its kind where none was typed, and that kind; None for nowhere.

    Args:
        parent: what the dialog stands over.
        title: of the dialog.
        name: what is suggested, without an ending.
        kinds: what it may be saved as, the suggested one first.
    """
    suggested = str(Path(start_folder()) / f"{name}{kinds[0].ending}")
    out, words = QFileDialog.getSaveFileName(parent, title, suggested, ";;".join(kind.words for kind in kinds))
    if not out:
        return None
    kind = next((one for one in kinds if one.words == words), kinds[0])
    if not Path(out).suffix:
        out += kind.ending
    save_folder(str(Path(out).parent))
    return out, kind


def start_folder() -> str:
    """Where a dialog begins: the folder that was saved into last, else the user's; one whose disk answers."""
    places = (load_folder(), str(Path.home()))
    return next((place for place in places if place and folder_there(place)), tempfile.gettempdir())


def file_name(title: str, otherwise: str) -> str:
    """A title as the name of a file, without an ending."""
    kept = "".join(letter if letter.isalnum() or letter in "-_ ." else "_" for letter in title)
    return kept[:_LONGEST_NAME].strip(" .") or otherwise
