"""A figure of curves as the bytes of a file: PNG at a chosen resolution, SVG and PDF whose text is text."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from inspector.core.errors import UsageError
from inspector.core.language import tr
from inspector.core.png import packing
from inspector.session.preferences import Theme
from inspector.views.curves.figure import Figure, Size, painting_of
from inspector.views.fonts import plain_figures
from inspector.views.theme import painted_in

PX_PER_INCH = 96
"""A pixel of the layout is so much of an inch on paper, as in CSS and SVG."""

USUAL_DPI = 192.0
MOST_PIXELS = 400_000_000

_INCH_M = 0.0254
_END = object()
_POINTS_PER_INCH = 72
_PDF_DPI = 1200
# Curves of vector files are cut to columns of so many to a pixel.
_VECTOR_RATIO = 3.0
_FALLBACKS = "Inter, 'Helvetica Neue', Arial, sans-serif"


Drawing = Generator[None, None, bytes]
"""Draws a little each turn; its value is the file."""


def figure_bytes(kind: str, figure: Figure, size: Size, *, dpi: float = USUAL_DPI, theme: Theme = "light") -> bytes:
    """A figure as a file, drawn at once; as `drawing`."""
    turns = drawing(kind, figure, size, dpi=dpi, theme=theme)
    while True:
        try:
            next(turns)
        except StopIteration as done:
            return bytes(done.value)


def drawing(kind: str, figure: Figure, size: Size, *, dpi: float = USUAL_DPI, theme: Theme = "light") -> Drawing:
    """A figure as a file, drawn a little each turn.

    Args:
        kind: `png`, `svg` or `pdf`.
        figure: what is painted.
        size: width and height in pixels of 1/96 inch; the same size on paper whatever the resolution.
        dpi: pixels an inch of a PNG.
        theme: whose colours are used; the light one is on white.

    Returns:
        What draws it, and gives its bytes in the end.

    Raises:
        UsageError: the picture would have too many pixels.
    """
    return _WRITERS[kind](figure, size, dpi, theme)


def check_pixels(size: Size, dpi: float) -> None:
    """See that a picture can be held.

    Raises:
        UsageError: it would have too many pixels.
    """
    ratio = dpi / PX_PER_INCH
    wide, high = round(size[0] * ratio), round(size[1] * ratio)
    if wide * high > MOST_PIXELS:
        raise UsageError(
            tr(
                "a picture of {wide:,} x {high:,} pixels is more than the {most:,} that are drawn;"
                " choose a smaller size, fewer panels or less dpi"
            ).format(wide=wide, high=high, most=MOST_PIXELS)
        )


def _png(figure: Figure, size: Size, dpi: float, theme: Theme) -> Drawing:
    check_pixels(size, dpi)
    ratio = dpi / PX_PER_INCH
    image = QImage(round(size[0] * ratio), round(size[1] * ratio), QImage.Format.Format_RGBX8888)
    yield from _painted(image, figure, size, (ratio, ratio), theme, nullcontext)
    width, height = image.width(), image.height()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return (yield from packing(rows[:, : 4 * width].reshape(height, width, 4), dpi=dpi, title=figure.title))


def _painted(
    device: QPaintDevice,
    figure: Figure,
    size: Size,
    ratios: tuple[float, float],
    theme: Theme,
    fonts: Callable[[], AbstractContextManager[None]],
) -> Iterator[None]:
    """Paint on a device; the first ratio is of its own pixels, the second of the columns that curves are cut to."""
    painter = QPainter(device)
    try:
        painter.scale(ratios[0], ratios[0])
        turns = painting_of(painter, figure, size, ratios[1])
        while True:
            # Between the turns the window is painted as it is.
            with painted_in(theme), fonts():
                if next(turns, _END) is _END:
                    return
            yield
    finally:
        painter.end()


def png_of_image(image: QImage, dpi: float) -> bytes:
    """A picture as a PNG file that says how large it is on paper."""
    image.setDotsPerMeterX(round(dpi / _INCH_M))
    image.setDotsPerMeterY(round(dpi / _INCH_M))
    buffer = _buffer()
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # a device is taken, the stub knows paths alone
    return bytes(buffer.data().data())


def _svg(figure: Figure, size: Size, _dpi: float, theme: Theme) -> Drawing:
    buffer = _buffer()
    # 1.1 knows clipping; Tiny, the usual one, does not.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setResolution(PX_PER_INCH)
    generator.setSize(QSize(*size))
    generator.setViewBox(QRect(0, 0, *size))
    generator.setTitle(figure.title)
    generator.setDescription(figure.note)
    yield from _painted(generator, figure, size, (1.0, _VECTOR_RATIO), theme, plain_figures)
    return bytes(buffer.data().data()).replace(b'font-family="Inter"', f'font-family="{_FALLBACKS}"'.encode())


def _pdf(figure: Figure, size: Size, _dpi: float, theme: Theme) -> Drawing:
    buffer = _buffer()
    writer = QPdfWriter(buffer)
    writer.setTitle(figure.title)
    writer.setCreator("Run Inspector")
    points = _POINTS_PER_INCH / PX_PER_INCH
    writer.setPageSize(QPageSize(QSizeF(size[0] * points, size[1] * points), QPageSize.Unit.Point))
    writer.setPageMargins(QMarginsF())
    writer.setResolution(_PDF_DPI)
    yield from _painted(writer, figure, size, (_PDF_DPI / PX_PER_INCH, _VECTOR_RATIO), theme, plain_figures)
    return with_spaces(bytes(buffer.data().data()))


def with_spaces(pdf: bytes) -> bytes:
    """Qt names the first character that has a glyph: for the space that is the tab, and text would fall apart."""
    return re.sub(
        rb"beginbfrange.*?endbfrange",
        lambda table: re.sub(rb"(\[[^\]]*\]|<[0-9A-F]{4}>$)", _spaces, table[0], flags=re.MULTILINE),
        pdf,
        flags=re.DOTALL,
    )


def _spaces(found: re.Match[bytes]) -> bytes:
    return found[0].replace(b"<0009>", b"<0020>")


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


_WRITERS: Mapping[str, Callable[[Figure, Size, float, Theme], Drawing]] = {"png": _png, "svg": _svg, "pdf": _pdf}
KINDS = tuple(_WRITERS)
