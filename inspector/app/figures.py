"""A figure of curves as the bytes of a file: PNG at a chosen resolution, SVG and PDF whose text is text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from inspector.core.errors import UsageError
from inspector.session.values import Theme
from inspector.views.curves.figure import Figure, Size, paint_figure
from inspector.views.fonts import plain_figures
from inspector.views.theme import painted_in

PX_PER_INCH = 96
"""A pixel of the layout is so much of an inch on paper, as in CSS and SVG."""

USUAL_DPI = 192.0
MOST_PIXELS = 400_000_000

_INCH_M = 0.0254
_POINTS_PER_INCH = 72
_PDF_DPI = 1200
# Curves of vector files are cut to columns of so many to a pixel.
_VECTOR_RATIO = 3.0
_FALLBACKS = "Inter, 'Helvetica Neue', Arial, sans-serif"


def figure_bytes(kind: str, figure: Figure, size: Size, *, dpi: float = USUAL_DPI, theme: Theme = "light") -> bytes:
    """A figure as a file.

    Args:
        kind: `png`, `svg` or `pdf`.
        figure: what is painted.
        size: width and height in pixels of 1/96 inch; the same size on paper whatever the resolution.
        dpi: pixels an inch of a PNG.
        theme: whose colours are used; the light one is on white.

    Raises:
        UsageError: the picture would have too many pixels.
    """
    with painted_in(theme):
        return _WRITERS[kind](figure, size, dpi)


def check_pixels(size: Size, dpi: float) -> None:
    """See that a picture can be held.

    Raises:
        UsageError: it would have too many pixels.
    """
    ratio = dpi / PX_PER_INCH
    wide, high = round(size[0] * ratio), round(size[1] * ratio)
    if wide * high > MOST_PIXELS:
        raise UsageError(
            f"a picture of {wide:,} x {high:,} pixels is more than the {MOST_PIXELS:,} that are drawn;"
            " choose a smaller size, fewer panels or less dpi"
        )


def _png(figure: Figure, size: Size, dpi: float) -> bytes:
    check_pixels(size, dpi)
    ratio = dpi / PX_PER_INCH
    image = QImage(round(size[0] * ratio), round(size[1] * ratio), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    paint_figure(painter, figure, size, ratio)
    painter.end()
    image.setText("Title", figure.title)
    return png_of_image(image, dpi)


def png_of_image(image: QImage, dpi: float) -> bytes:
    """A picture as a PNG file that says how large it is on paper."""
    image.setDotsPerMeterX(round(dpi / _INCH_M))
    image.setDotsPerMeterY(round(dpi / _INCH_M))
    buffer = _buffer()
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # a device is taken, the stub knows paths alone
    return bytes(buffer.data().data())


def _svg(figure: Figure, size: Size, _dpi: float) -> bytes:
    buffer = _buffer()
    # 1.1 knows clipping; Tiny, the usual one, does not.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setResolution(PX_PER_INCH)
    generator.setSize(QSize(*size))
    generator.setViewBox(QRect(0, 0, *size))
    generator.setTitle(figure.title)
    generator.setDescription(figure.note)
    with plain_figures():
        painter = QPainter(generator)
        paint_figure(painter, figure, size, _VECTOR_RATIO)
        painter.end()
    return bytes(buffer.data().data()).replace(b'font-family="Inter"', f'font-family="{_FALLBACKS}"'.encode())


def _pdf(figure: Figure, size: Size, _dpi: float) -> bytes:
    buffer = _buffer()
    writer = QPdfWriter(buffer)
    writer.setTitle(figure.title)
    writer.setCreator("Run Inspector")
    points = _POINTS_PER_INCH / PX_PER_INCH
    writer.setPageSize(QPageSize(QSizeF(size[0] * points, size[1] * points), QPageSize.Unit.Point))
    writer.setPageMargins(QMarginsF())
    writer.setResolution(_PDF_DPI)
    with plain_figures():
        painter = QPainter(writer)
        painter.scale(_PDF_DPI / PX_PER_INCH, _PDF_DPI / PX_PER_INCH)
        paint_figure(painter, figure, size, _VECTOR_RATIO)
        painter.end()
    return _with_spaces(bytes(buffer.data().data()))


def _with_spaces(pdf: bytes) -> bytes:
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


_WRITERS: Mapping[str, Callable[[Figure, Size, float], bytes]] = {"png": _png, "svg": _svg, "pdf": _pdf}
KINDS = tuple(_WRITERS)
