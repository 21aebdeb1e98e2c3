"""Pictures of widgets compared with stored ones: equal first, then within a small tolerance.

`pytest --update-pictures` stores anew what differs. On failure the picture and its difference are written to
tests/pictures/failed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from inspector.core.arrays import Rgba
from inspector.views.pictures import qimage, rgba_of

FOLDER = Path(__file__).parent / "pictures"
FAILED = FOLDER / "failed"

# Another build of Qt may round the edge of a letter differently; a wrong picture differs by far more.
LEVELS = 2
SHARE = 0.995
MAX_LEVELS = 48


def picture_of(widget: QWidget) -> QImage:
    """The widget as it paints itself, in the pixels of its screen."""
    QApplication.setCursorFlashTime(0)
    focused = QApplication.focusWidget()
    if focused is not None:
        focused.clearFocus()
    QApplication.processEvents()
    # Wherever an earlier test left the pointer, nothing is painted as pointed at.
    for one in (widget, *widget.findChildren(QWidget)):
        one.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    ratio = widget.devicePixelRatioF()
    image = QImage(widget.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.black)
    widget.render(image)
    return image


def differs(actual: Rgba, stored: Rgba) -> str:
    """Why two pictures are not the same, empty where they are."""
    if actual.shape != stored.shape:
        return f"{actual.shape[1]}x{actual.shape[0]} pixels, stored are {stored.shape[1]}x{stored.shape[0]}"
    levels = np.abs(actual.astype(np.int16) - stored).max(axis=2)
    close = float((levels <= LEVELS).mean())
    if close < SHARE or int(levels.max(initial=0)) > MAX_LEVELS:
        return f"{(1 - close) * 100:.2f}% of the pixels differ, by up to {int(levels.max())} levels"
    return ""


def difference(actual: Rgba, stored: Rgba) -> Rgba:
    """Where two pictures differ, the more the brighter; black where they do not or one has no pixel."""
    height, width = min(actual.shape[0], stored.shape[0]), min(actual.shape[1], stored.shape[1])
    picture = np.zeros((max(height, 1), max(width, 1), 4), np.uint8)
    picture[..., 3] = 255
    gap = np.abs(actual[:height, :width, :3].astype(np.int16) - stored[:height, :width, :3])
    picture[:height, :width, :3] = np.clip(gap * 8, 0, 255)
    return picture


def check_picture(widget: QWidget, name: str, *, update: bool) -> None:
    """Fail unless the widget looks as tests/pictures/NAME.png does."""
    path = FOLDER / f"{name}.png"
    image = picture_of(widget)
    if update:
        FOLDER.mkdir(exist_ok=True)
        if not path.exists() or rgba_of(QImage(str(path))).tobytes() != rgba_of(image).tobytes():
            assert image.save(str(path))
        return
    if not path.exists():
        _keep(name, image, None)
        pytest.fail(f"{path.name} is not stored; look at pictures/failed/{name}.actual.png, then --update-pictures")
    actual, stored = rgba_of(image), rgba_of(QImage(str(path)))
    why = differs(actual, stored)
    if why:
        _keep(name, image, qimage(difference(actual, stored)))
        pytest.fail(f"{path.name}: {why}; look at pictures/failed/{name}.actual.png and {name}.diff.png")


def _keep(name: str, image: QImage, gap: QImage | None) -> None:
    FAILED.mkdir(parents=True, exist_ok=True)
    image.save(str(FAILED / f"{name}.actual.png"))
    if gap is not None:
        gap.save(str(FAILED / f"{name}.diff.png"))
