"""A picture of a file as Qt unpacks it, within bounds that were checked before."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageReader

from inspector.core.language import tr
from inspector.display.media.scene import EncodedPicture

_MOST_MB = 128
"""What one picture may take while it is unpacked; its pixels alone are at most half of it."""


def unpacked(picture: EncodedPicture) -> tuple[QImage, str]:
    """The picture, and an empty text; a null image and why, where it cannot be unpacked.

    Only the format that its first bytes tell is tried, and only where Qt sees the size that they declare.
    """
    if QImageReader.allocationLimit() != _MOST_MB:
        QImageReader.setAllocationLimit(_MOST_MB)
    buffer = QBuffer()
    buffer.setData(QByteArray(picture.data.tobytes()))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(picture.format.encode()))
    reader.setAutoDetectImageFormat(False)
    size = reader.size()
    if size.isValid() and (size.width(), size.height()) != (picture.width, picture.height):
        return QImage(), tr("the picture says two different sizes of itself")
    image = reader.read()
    if image.isNull():
        why = tr("the picture cannot be unpacked as {format}: {error}")
        return image, why.format(format=picture.format.upper(), error=reader.errorString())
    return image, ""
