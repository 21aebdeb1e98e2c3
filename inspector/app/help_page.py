"""A page of `resources/help` over the window: its text, and its lines of code to copy."""

from __future__ import annotations

import re

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.app.sheets import Sheet
from inspector.core.resources import resource
from inspector.views.controls import Button
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label

_CODE = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
_WIDTH_PX = 860


def parts_of(page: str) -> tuple[str, list[str], str]:
    """The title of a page, its paragraphs up to the code, and the code.

    What follows the code is for readers of the file.
    """
    before, _fence, _rest = page.partition("```")
    title, *paragraphs = [" ".join(part.split()) for part in before.split("\n\n") if part.strip()]
    code = _CODE.search(page)
    return title.removeprefix("# "), paragraphs, code[1].rstrip() if code else ""


class HelpPage(Sheet):
    """A page with its code, which a button copies.

    Args:
        name: of the file, without its ending.
    """

    def __init__(self, name: str, parent: QWidget) -> None:
        path = resource(f"help/{name}.md")
        title, paragraphs, self.code = parts_of(path.read_text(encoding="utf-8"))
        super().__init__(title, parent)
        self.setFixedWidth(_WIDTH_PX)
        for text in paragraphs:
            self.column.addWidget(Label(text.replace("`", ""), ink="dim", wrap=True))
        self.column.addSpacing(4)
        self.column.addWidget(Label(self.code, mono=True, size_px=SMALL_PX))
        self.column.addSpacing(4)
        row = QHBoxLayout()
        self.copy = Button("Copy the lines", primary=True)
        self.copy.clicked.connect(self._copy)
        row.addWidget(self.copy)
        row.addWidget(Label(f"More in {path.parent.name}/{path.name}", ink="faint"))
        row.addStretch(1)
        self.column.addLayout(row)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code + "\n")
