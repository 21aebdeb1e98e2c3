"""A picture of the window, or of a part of it, as a PNG file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QPixmap

from inspector.core.files import write_atomically
from inspector.jobs.reach import reach


def png_of(pixmap: QPixmap) -> bytes:
    """A picture as the bytes of a PNG file."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pixmap.save(buffer, "PNG")
    buffer.close()
    return bytes(data.data())


def save_bytes(data: bytes, path: str | Path) -> None:
    """Write a whole file or nothing.

    Raises:
        OSError: the folder cannot be written.
    """
    reach(path)
    write_atomically(Path(path).absolute(), data)
