"""Pictures of samples on their way into files: a contact sheet (PNG, PDF), or a folder of pictures (PNG)."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter

from inspector.app.figures import PX_PER_INCH, with_spaces
from inspector.core.arrays import Rgba
from inspector.core.errors import UsageError
from inspector.core.files import Draft, DraftFolder, write_all
from inspector.core.language import tr, tr_counted
from inspector.core.png import Packer, packing
from inspector.core.units import bytes_text
from inspector.session.preferences import Theme
from inspector.views.fonts import plain_figures
from inspector.views.gallery.contact_sheet import (
    Cell,
    Heading,
    SheetPlan,
    paint_cell,
    paint_page,
    paint_problem,
    picture_of,
    plan_of,
    size_of,
)
from inspector.views.gallery.tiles import PaintPoints, Picture
from inspector.views.theme import painted_in

MOST_ON_PAGES = 5_000
"""Samples of a PDF; its pictures are held until it is whole."""

MOST_SIDE_PX = 32_000
"""Of a contact sheet that is one picture: higher ones are not shown by most programs."""

LEAST_PX = 256
"""Smaller pictures are enlarged by a whole number on their way into a folder, else rings and labels would hide them."""

_LAYOUT_PX = 768
"""Larger pictures get larger rings and labels, as if they were seen at this size."""

_RATIOS = (2.0, 1.5, 1.0)
_PDF_RATIO = 2.0
_PDF_DPI = 1200
_POINTS_PER_INCH = 72
_PIECE_BYTES = 1 << 20


class Look(NamedTuple):
    """The colours, and what is painted over pictures."""

    theme: Theme
    paint_points: PaintPoints | None


class PictureWriter(Protocol):
    """What becomes of the pictures, by turns.

    Attributes:
        longest_px: the longer side that it wants of each.
        at_once: how many are asked for together.
    """

    longest_px: int
    at_once: int

    def take(self, place: int, sample: int, picture: Picture) -> Generator[None, None, None]:
        """Take the picture of a sample, the `place`th of all."""

    def finish(self) -> Generator[None, None, str]:
        """Put all in place; gives what was written, in words."""

    def discard(self) -> None:
        """Leave nothing."""


class _Sheet:
    """What PNG and PDF share: where samples stand, and the file that takes its place when it is whole."""

    at_once = 24

    def __init__(self, out: Path, plan: SheetPlan, cells: Sequence[Cell], heading: Heading, look: Look) -> None:
        self._plan, self._cells, self._heading, self._look = plan, cells, heading, look
        self._draft = Draft(out)
        self._painter = QPainter()
        self._bytes = 0

    def _paint(self, place: int, picture: Picture, ratio: float) -> None:
        plan = self._plan
        image = picture_of(picture, plan.picture, ratio, self._look.paint_points)
        paint_cell(self._painter, plan.area_of(place), image, self._cells[place], picture.problem)

    def _write(self, piece: bytes) -> None:
        write_all(self._draft.descriptor, piece)
        self._bytes += len(piece)

    def _commit(self) -> str:
        self._draft.commit(durable=False)  # it can be made again, and a copy of the disk would hold the window up
        told = tr("{samples} on {pages}, {bytes}") if self._plan.pages > 1 else tr("{samples}, {bytes}")
        samples, pages = tr_counted(len(self._cells), "sample"), tr_counted(self._plan.pages, "page")
        return told.format(samples=samples, pages=pages, bytes=bytes_text(self._bytes))

    def discard(self) -> None:
        if self._painter.isActive():
            self._painter.end()
        self._draft.discard()


class PngSheet(_Sheet):
    """One picture as high as need be, of which one row of samples is held at a time.

    Raises:
        UsageError: it would be too large.
        OSError: it cannot be written there.
    """

    def __init__(self, out: Path, cells: Sequence[Cell], heading: Heading, aspect: float, look: Look) -> None:
        plan = plan_of(cells, aspect, paged=False)
        fitting = [ratio for ratio in _RATIOS if plan.size.height() * ratio <= MOST_SIDE_PX]
        if not fitting:
            sentence = tr("{samples} are too many for one picture; choose a PDF, or fewer")
            raise UsageError(sentence.format(samples=tr_counted(len(cells), "sample")))
        self._ratio = fitting[0]
        self.longest_px = math.ceil(max(plan.picture.width(), plan.picture.height()) * self._ratio)
        super().__init__(out, plan, cells, heading, look)
        self._size = (plan.size * self._ratio).toSize()
        title = f"{heading.title}, {heading.about}"
        dpi = self._ratio * PX_PER_INCH
        self._packer = Packer(self._size.width(), self._size.height(), dpi=dpi, title=title)
        self._row = -1
        self._next_row()

    def _next_row(self) -> None:
        """Begin the next row of samples, with what stands around it."""
        self._row += 1
        top, bottom = self._edge(self._row), self._edge(self._row + 1)
        self._image = QImage(self._size.width(), bottom - top, QImage.Format.Format_RGBX8888)
        self._painter.begin(self._image)
        self._painter.translate(0, -top)
        self._painter.scale(self._ratio, self._ratio)
        with painted_in(self._look.theme):
            paint_page(self._painter, self._plan, self._heading, 0)

    def _edge(self, row: int) -> int:
        """Where a row of samples begins, and the one before it ends, in pixels of the picture."""
        if row == 0:
            return 0
        if row == self._plan.rows:
            return self._size.height()
        return round((self._plan.area_of(row * self._plan.columns).top() - 1) * self._ratio)

    def _pack_row(self) -> Generator[None, None, None]:
        self._painter.end()
        if not self._bytes:
            self._write(self._packer.head())
        for piece in self._packer.rows(_rgba(self._image)):
            self._write(piece)
            yield

    def take(self, place: int, _sample: int, picture: Picture) -> Generator[None, None, None]:
        while self._row < place // self._plan.columns:
            yield from self._pack_row()
            self._next_row()
        with painted_in(self._look.theme):
            self._paint(place, picture, self._ratio)
        yield

    def finish(self) -> Generator[None, None, str]:
        yield from self._pack_row()
        while self._row + 1 < self._plan.rows:  # whose samples are gone
            self._next_row()
            yield from self._pack_row()
        self._write(self._packer.end())
        return self._commit()


class PdfSheet(_Sheet):
    """Pages whose captions are text.

    Raises:
        UsageError: there are too many samples.
        OSError: it cannot be written there.
    """

    def __init__(self, out: Path, cells: Sequence[Cell], heading: Heading, aspect: float, look: Look) -> None:
        if len(cells) > MOST_ON_PAGES:
            sentence = tr("a PDF takes {samples}; choose fewer than {chosen:,}")
            raise UsageError(sentence.format(samples=tr_counted(MOST_ON_PAGES, "sample"), chosen=len(cells)))
        plan = plan_of(cells, aspect, paged=True)
        self.longest_px = math.ceil(max(plan.picture.width(), plan.picture.height()) * _PDF_RATIO)
        super().__init__(out, plan, cells, heading, look)
        self._page = -1
        self._buffer = QBuffer()
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._writer = QPdfWriter(self._buffer)
        self._writer.setTitle(heading.title)
        self._writer.setCreator("Run Inspector")
        points = _POINTS_PER_INCH / PX_PER_INCH
        size = QSizeF(plan.size.width() * points, plan.size.height() * points)
        self._writer.setPageSize(QPageSize(size, QPageSize.Unit.Point))
        self._writer.setPageMargins(QMarginsF())
        self._writer.setResolution(_PDF_DPI)
        self._painter.begin(self._writer)
        self._painter.scale(_PDF_DPI / PX_PER_INCH, _PDF_DPI / PX_PER_INCH)
        self._turn_to(0)

    def _turn_to(self, page: int) -> None:
        while self._page < page:
            self._page += 1
            if self._page:
                self._writer.newPage()
            with painted_in(self._look.theme), plain_figures():
                paint_page(self._painter, self._plan, self._heading, self._page)

    def take(self, place: int, _sample: int, picture: Picture) -> Generator[None, None, None]:
        self._turn_to(self._plan.page_of(place))
        with painted_in(self._look.theme), plain_figures():
            self._paint(place, picture, _PDF_RATIO)
        yield

    def finish(self) -> Generator[None, None, str]:
        pages_end = self._buffer.pos()
        self._painter.end()
        yield
        for piece in self._pieces(pages_end):
            self._write(piece)
            yield
        return self._commit()

    def _pieces(self, pages_end: int) -> Iterator[bytes]:
        """The file as it is written: tables of fonts, which alone are changed, come after all pages."""
        self._buffer.close()
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        for at in range(0, pages_end, _PIECE_BYTES):
            yield bytes(self._buffer.read(min(_PIECE_BYTES, pages_end - at)).data())
        yield with_spaces(bytes(self._buffer.readAll().data()))


class PictureFolder:
    """A new folder with one picture a sample, in its own size.

    Raises:
        OSError: something stands there, or it cannot be written.
    """

    at_once = 1

    def __init__(self, out: Path, longest_px: int, look: Look) -> None:
        self.longest_px = longest_px
        self._look = look
        self._draft = DraftFolder(out)
        self._written = self._bytes = 0
        self._missing: list[str] = []

    def take(self, _place: int, sample: int, picture: Picture) -> Generator[None, None, None]:
        size = size_of(picture)
        longest = max(size.width(), size.height())
        if picture.problem:
            self._missing.append(picture.problem)
        if picture.problem and longest <= 1:  # nothing is known of it
            return
        factor = math.ceil(LEAST_PX / longest) if longest < LEAST_PX else 1
        ratio = max(1.0, longest / _LAYOUT_PX)
        with painted_in(self._look.theme):
            room = QSizeF(size) * factor / ratio
            painted = picture_of(picture, room, ratio, self._look.paint_points, smooth=factor == 1)
            if picture.problem:
                painter = QPainter(painted)
                paint_problem(painter, QRectF(QPointF(), room), picture.problem)
                painter.end()
        yield
        image = painted.convertToFormat(QImage.Format.Format_RGBX8888)
        data = yield from packing(_rgba(image), dpi=PX_PER_INCH, title=f"sample {sample + 1}")
        self._draft.write(f"sample_{sample + 1:05d}.png", data)
        self._written += 1
        self._bytes += len(data)

    def finish(self) -> Generator[None, None, str]:
        yield
        self._draft.commit()
        pictures, size = tr_counted(self._written, "picture"), bytes_text(self._bytes)
        told = tr("{pictures}, {bytes}").format(pictures=pictures, bytes=size)
        if not self._missing:
            return told
        missing = tr("{written}; {count:,} without an image: {first}")
        return missing.format(written=told, count=len(self._missing), first=self._missing[0])

    def discard(self) -> None:
        self._draft.discard()


def _rgba(image: QImage) -> Rgba:
    """An image of four bytes a pixel as an array over its memory: to be used while the image is held."""
    width, height = image.width(), image.height()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return rows[:, : 4 * width].reshape(height, width, 4)
