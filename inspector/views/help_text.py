"""A page of Markdown in the theme's inks; its links and pictures are the program's own, and it opens no file."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPixmap,
    QRegion,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from inspector.core.language import tr
from inspector.diagnosis.values import Severity
from inspector.display.triage.scene import Picture
from inspector.views.fonts import BASE_PX, SMALL_PX, mono_font, text_font
from inspector.views.surfaces import quiet
from inspector.views.theme import colour, tokens
from inspector.views.triage.evidence_picture import EvidencePicture

_PICTURE_PX = QSize(520, 170)
_LINE_PERCENT = 135.0
_MARGIN_PX = 4
_CELL_PX = 5.0
_HEADING_PX = {1: 17, 2: 14, 3: BASE_PX}
_HEADING_GAP_PX = 16.0
_PARAGRAPH_GAP_PX = 7.0

_MARKDOWN = QTextDocument.MarkdownFeature.MarkdownDialectGitHub
_FIXED = QTextFormat.Property.FontFixedPitch
_FENCE = QTextFormat.Property.BlockCodeFence
_PICTURE = "\ufffc"
"""Stands in the text of a block for a picture."""

_MOST_PLACES = 2000
_MOST_CHARACTERS = 36
"""A column of a table is made no wider for longer texts."""


class HelpText(QTextBrowser):
    """Shows one page.

    Signals:
        followed: what a link names.
        went_back: the page before is wanted.
        search_wanted: a text is to be looked for on the page.
    """

    followed = Signal(str)
    went_back = Signal()
    search_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._picture: Picture | None = None
        self._places: list[QTextCursor] = []
        self._place = -1
        self.setOpenLinks(False)
        self.setFont(text_font())
        self.setAccessibleName(tr("Page of help"))
        quiet(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.anchorClicked.connect(self._on_anchor)

    def show_page(self, text: str, picture: Picture | None) -> None:
        """Show a page from its beginning.

        Args:
            text: Markdown.
            picture: stands where the text has an image; None for none.
        """
        self._text, self._picture = text, picture
        self._write()
        self.verticalScrollBar().setValue(0)

    def seek(self, text: str) -> int:
        """Light up every place of the page that holds a text, and go to the first; how many there are."""
        self._places = _places(self.document(), text)
        self._place = -1
        self.go_on(1)
        return len(self._places)

    def go_on(self, by: int) -> int:
        """Go to the next place that holds the text, or the one before, around the ends; its number, from 1."""
        if self._places:
            self._place = (self._place + by) % len(self._places)
            seen = QTextCursor(self._places[self._place])
            seen.setPosition(seen.selectionStart())
            self.setTextCursor(seen)
            self.ensureCursorVisible()
        self.setExtraSelections([self._lit(place) for place in range(len(self._places))])
        return self._place + 1

    def _lit(self, place: int) -> QTextEdit.ExtraSelection:
        lit = QTextEdit.ExtraSelection()
        lit.cursor = self._places[place]
        lit.format.setBackground(colour(tokens().warning, 0.6 if place == self._place else 0.22))
        return lit

    def _write(self) -> None:
        # In a document that is not shown yet nothing is laid out until all of it is there.
        before, document = self.document(), QTextDocument(self)
        before.setParent(self)  # else it goes at once, under the hands of who has pressed a link in it
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(_MARGIN_PX)
        document.setDefaultFont(text_font())
        document.setMarkdown(self._text, _MARKDOWN)
        _dress(document)
        self._places = []
        self.setExtraSelections([])
        self.setDocument(document)
        before.deleteLater()

    def loadResource(self, kind: int, _name: QUrl | str) -> object:
        """The page's picture for whatever image is named; nothing else is ever loaded."""
        if kind != int(QTextDocument.ResourceType.ImageResource.value) or self._picture is None:
            return None
        return _painted(self._picture, self.devicePixelRatioF())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._text:
            place = self.verticalScrollBar().value()
            self._write()
            self.verticalScrollBar().setValue(place)

    def event(self, event: QEvent) -> bool:
        """Letters and digits are not the window's while a page is read."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Find):
                event.accept()
                return True
            held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier) and event.text():
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt_left = event.key() == Qt.Key.Key_Left and event.modifiers() == Qt.KeyboardModifier.AltModifier
        if alt_left or event.key() == Qt.Key.Key_Backspace:
            self.went_back.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        elif event.matches(QKeySequence.StandardKey.Find):
            self.search_wanted.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.BackButton:
            self.went_back.emit()
        else:
            super().mouseReleaseEvent(event)

    def _on_anchor(self, url: QUrl) -> None:
        self.followed.emit(url.toString())


def _places(document: QTextDocument, text: str) -> list[QTextCursor]:
    """Where a text stands, in whatever case."""
    found: list[QTextCursor] = []
    place = document.find(text) if text else QTextCursor()
    while not place.isNull() and len(found) < _MOST_PLACES:
        found.append(place)
        place = document.find(text, place)
    return found


def _painted(picture: Picture, ratio: float) -> QPixmap:
    """A picture as large as a page shows it, in the colours of the theme."""
    widget = EvidencePicture(large=True)
    widget.resize(_PICTURE_PX)
    widget.show_picture(picture, Severity.WARNING)
    made = QPixmap(_PICTURE_PX * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    widget.render(made, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    return made


def _dress(document: QTextDocument) -> None:
    """Give what Markdown made the sizes, gaps and inks of the program; all of it is laid out once, at the end."""
    whole = QTextCursor(document)
    whole.beginEditBlock()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame, document)
    block = document.begin()
    while block.isValid():
        _dress_block(block)
        block = block.next()
    whole.endEditBlock()


def _dress_block(block: QTextBlock) -> None:
    told, cursor = block.blockFormat(), QTextCursor(block)
    level = told.headingLevel()
    fenced = told.hasProperty(_FENCE)
    shape = QTextBlockFormat()
    if fenced:
        shape.setBackground(colour(tokens().background))
        shape.setNonBreakableLines(False)
    elif _PICTURE not in block.text():
        shape.setLineHeight(_LINE_PERCENT, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight.value))
    if fenced and not block.next().blockFormat().hasProperty(_FENCE):
        shape.setBottomMargin(_PARAGRAPH_GAP_PX)
    if cursor.currentTable() is None and not fenced:
        shape.setTopMargin(_HEADING_GAP_PX if level else 0.0)
        shape.setBottomMargin(2.0 if block.textList() is not None else _PARAGRAPH_GAP_PX)
    cursor.mergeBlockFormat(shape)
    if level:
        _set_font(cursor, text_font(_HEADING_PX.get(level, BASE_PX), "semibold"), block.position(), block.length() - 1)
    parts = [(block.position(), block.length() - 1)] if fenced else _fixed_parts(block)
    for start, length in parts:
        _set_font(cursor, mono_font(SMALL_PX), start, length)


def _set_font(cursor: QTextCursor, font: QFont, start: int, length: int) -> None:
    cursor.setPosition(start)
    cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
    made = QTextCharFormat()
    made.setFont(font)
    made.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
    cursor.mergeCharFormat(made)


def _fixed_parts(block: QTextBlock) -> list[tuple[int, int]]:
    """Position and length of what is written as code."""
    parts = []
    piece = block.begin()
    while not piece.atEnd():
        fragment = piece.fragment()
        if fragment.charFormat().property(_FIXED):
            parts.append((fragment.position(), fragment.length()))
        piece += 1
    return parts


def _dress_table(table: QTextTable, document: QTextDocument) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(colour(tokens().line))
    shape.setBorderCollapse(True)
    shape.setCellPadding(_CELL_PX)
    shape.setCellSpacing(0)
    shape.setTopMargin(4)
    shape.setBottomMargin(8)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    texts = _texts(table, document)
    widths = [_characters(texts[column :: table.columns()]) for column in range(table.columns())]
    percent = QTextLength.Type.PercentageLength
    shape.setColumnWidthConstraints([QTextLength(percent, 100 * width / sum(widths)) for width in widths])
    table.setFormat(shape)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        cursor = cell.firstCursorPosition()
        cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
        head = QTextCharFormat()
        head.setFontWeight(QFont.Weight.DemiBold)
        cursor.mergeCharFormat(head)


def _characters(texts: list[str]) -> float:
    """How many characters a column should have room for: its longest word, and of longer texts the mean."""
    longest = max((len(word) for text in texts for word in text.split()), default=1)
    return max(longest + 3.0, min(sum(map(len, texts)) / max(len(texts), 1), _MOST_CHARACTERS))


def _texts(table: QTextTable, document: QTextDocument) -> list[str]:
    """The texts of all cells, row by row; asking the table for each of them takes ten times as long."""
    texts, block = [], document.findBlock(table.firstPosition())
    while block.isValid() and block.position() <= table.lastPosition():
        texts.append(block.text())
        block = block.next()
    return texts
