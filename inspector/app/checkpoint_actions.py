"""What is done with the checkpoint that the weights view shows: check, copy, export, compare, read on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.tabs import Tabs
from inspector.core.language import tr, tr_counted
from inspector.display.catalogue import offer_of
from inspector.display.nearest import entry_at
from inspector.formats.facts import CheckpointFacts
from inspector.formats.verified import Verified
from inspector.session.intents import TabChosen, ViewChanged

VIEW = "weights"


class CheckpointActions(QObject):
    """Acts on the checkpoint at the cursor; says so where there is none."""

    def __init__(self, window: QWidget, desk: Desk, tabs: Tabs) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._tabs = tabs
        desk.file_work.verified.connect(self._on_verified)

    def verify(self) -> None:
        """Compare its bytes with its checksums."""
        path = self._path()
        if path:
            self._desk.file_work.verify(self._key(), path)

    def save_clean_copy(self) -> None:
        """Ask where, and write its tensors and plain values there."""
        path = self._path()
        if not path:
            return
        out, _kind = QFileDialog.getSaveFileName(
            self._window, tr("Save clean copy"), str(beside(path, "-clean.pt")), tr("PyTorch checkpoint (*.pt)")
        )
        if out:
            self._desk.file_work.save_clean_copy(path, out)

    def export_tensor(self) -> None:
        """Ask where, and write the shown tensor there."""
        path, name = self._path(), self._tensor()
        if not path:
            return
        if name is None:
            self._desk.message.emit(Message(tr("No tensor is shown; choose one on the page Tensors of Weights")))
            return
        ending = f"-{name.replace('/', '_')[-80:]}" if name else ""
        suggested = str(beside(path, f"{ending}.npy"))
        out, _kind = QFileDialog.getSaveFileName(
            self._window, tr("Export tensor"), suggested, tr("NumPy array (*.npy)")
        )
        if out:
            self._desk.file_work.export_tensor(path, name, out)

    def copy_path(self) -> None:
        """Copy the path of the shown tensor."""
        name = self._tensor()
        if name:
            QGuiApplication.clipboard().setText(name)

    def compare_file(self) -> None:
        """Ask for another checkpoint, and show what differs."""
        if not self._path():
            return
        other, _kind = QFileDialog.getOpenFileName(self._window, tr("Compare with"))
        if other:
            self._desk.dispatch(TabChosen(VIEW))
            self._desk.dispatch(ViewChanged({"weights_page": "compare", "compared_checkpoint": other}))

    def read_on(self) -> None:
        """Read past the limit that left something out of what the shown view reads, else of the checkpoint."""
        chosen = self._desk.chosen()
        ask = offer_of(self._desk.state.tab).ask(*chosen, self._desk.state.view) if chosen else None
        path = getattr(ask, "path", "") if hasattr(ask, "generous") else self._path()
        if path:
            self._desk.dispatch(ViewChanged({"generous_file": path}))

    def _key(self) -> str:
        return self._desk.state.chosen or ""

    def _path(self) -> str:
        """The checkpoint at the cursor; empty, and said so, where there is none."""
        chosen = self._desk.chosen()
        entry = entry_at(*chosen, CheckpointFacts) if chosen else None
        if entry is None:
            self._desk.message.emit(Message(tr("No checkpoint is open; open a run or a file that has one")))
            return ""
        return entry.path

    def _tensor(self) -> str | None:
        view = self._tabs.made(VIEW)
        name: str | None = view.tensor_name() if view is not None and hasattr(view, "tensor_name") else None
        return name

    def _on_verified(self, _key: str, path: str, found: Verified) -> None:
        view = self._tabs.made(VIEW)
        if view is not None and hasattr(view, "show_check"):
            detail = "\n".join([found.sentence(), *(record.sentence() for record in found.damaged), *found.notes])
            view.show_check(path, check_text(found), sound=found.sound, detail=detail)


def check_text(found: Verified) -> str:
    """`CRC verified`, `2 records damaged`, or that there was nothing to compare with."""
    if not found.sound:
        count = max(found.damaged_count, len(found.damaged))
        return tr("{records} damaged").format(records=tr_counted(count, "record"))
    return tr("CRC verified") if found.checked == "crc32" else tr("no checksums, structure sound")


def beside(path: str, ending: str) -> Path:
    """A name beside a file for what is made of it."""
    place = Path(path)
    name = place.name.removesuffix(".tar").removesuffix(place.suffix) or place.name
    return place.with_name(f"{name}{ending}")
