"""`python -m tests.benchmarks.samples_shown WAY ...`: CPU seconds to the next sample, and of a notch of a gallery.

`slots PATH` steps through a dump of `dumps.make_samples` in the Slots tab, 1,600 by 1,000 pixels off screen: asked for,
sent as a reader sends it, shown and painted, while the sample after it is prepared in advance, outside of what is
timed. `jumps PATH` goes to samples that were not foreseen, so that reading and preparing are timed too. `figure PATH`
steps through the same dump in a matplotlib figure of the same panels that is kept and changed; it needs numpy, h5py and
matplotlib alone. `gallery` and `list` scroll 20,000 samples whose thumbnails are there: our gallery, and a QListView of
equal sizes with a delegate that keeps its pixmaps. Medians of the processor time of all threads are printed.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np

STEPS = 30
SAMPLES = 20_000
SIZE_PX = (1200, 800)
TILE_PX, GAP_PX = 112, 8
NOTCHES = 60
NOTCH_PX = 72


def median_cpu_s(
    steps: int, step: Callable[[int], object], between: Callable[[int], object] = lambda _index: None
) -> float:
    """The processor time of a step, without the first ones and without what is done between two."""
    took = []
    for index in range(steps):
        began = time.process_time()
        step(index)
        took.append(time.process_time() - began)
        between(index)
    return statistics.median(took[3:])


def slots(path: str) -> float:
    """Our tab, one sample after the other."""
    return _slots_tab(path, foreseen=True)


def jumps(path: str) -> float:
    """Our tab, at samples that nobody foresaw."""
    return _slots_tab(path, foreseen=False)


def _slots_tab(path: str, *, foreseen: bool) -> float:
    from PySide6.QtWidgets import QApplication

    from inspector.artifacts.dumps.neighbours import read_ahead, stop_reading_ahead
    from inspector.core.pulse import QUIET
    from inspector.display.slots.judge import OFFER
    from inspector.display.slots.prepare import prepare
    from inspector.display.slots.scene import SlotsAsk, SlotsScene
    from inspector.formats.messages import decode
    from inspector.jobs.wire import Channel, arrays_of, socket_pair
    from inspector.reader.ahead import Ahead
    from inspector.reader.limits import keep_freed_memory
    from inspector.session.values import ViewState
    from inspector.views.slots.view import make
    from inspector.views.theme import apply_theme

    keep_freed_memory()
    application = QApplication([])
    apply_theme(application, "dark")
    view = make(None)
    view.resize(1600, 1000)
    view.set_state(None, ViewState())
    view.show()
    window_end, reader_end = map(Channel, socket_pair())
    ahead = Ahead()

    def scene(sample: int) -> SlotsScene:
        ask = SlotsAsk(path=path, place="dump", sample=sample)
        found = prepare(ask, QUIET)
        ahead.follow(OFFER, ask)
        return found

    def step(sample: int) -> None:
        stop_reading_ahead()
        reader_end.send(ahead.answer(sample, scene(sample if foreseen else 7 * sample % STEPS)))
        (message,) = window_end.receive()
        view.show_scene(decode(message.envelope.body, SlotsScene, arrays_of(message)))
        application.processEvents()

    def meanwhile(sample: int) -> None:
        if foreseen:
            read_ahead()
            ahead.prepare(QUIET)

    return median_cpu_s(STEPS, step, meanwhile)


def figure(path: str) -> float:
    """matplotlib's figure, kept: image, reconstruction, composite, entropy and 12 masks."""
    import h5py
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    file = h5py.File(path)
    drawn, axes = plt.subplots(4, 4, figsize=(16, 10), dpi=100)
    shown: list[object] = []

    def panels(sample: int) -> list[np.ndarray]:
        masks, image = file["slots/masks"][sample], file["samples/image"][sample]
        rebuilt = file["pred/recon"][sample].astype(np.float32)
        colours = plt.get_cmap("tab20")(masks.argmax(axis=0))[..., :3]
        entropy = -(masks * np.log(masks + 1e-12)).sum(axis=0)
        return [image, rebuilt, 0.4 * image / 255 + 0.6 * colours, entropy, *masks]

    def step(sample: int) -> None:
        contents = panels(sample)
        if not shown:
            shown.extend(ax.imshow(content) for ax, content in zip(axes.flat, contents, strict=True))
            for index, ax in enumerate(axes.flat):
                ax.set_title(f"panel {index}")
                ax.axis("off")
        for picture, content in zip(shown, contents, strict=True):
            picture.set_data(content)  # type: ignore[attr-defined]
        drawn.suptitle(f"sample {sample}")
        drawn.canvas.draw()

    return median_cpu_s(STEPS, step)


def gallery() -> float:
    """Our gallery."""
    from PySide6.QtWidgets import QApplication

    from inspector.views.gallery.gallery import Gallery
    from inspector.views.theme import apply_theme
    from tests.views.gallery.samples import Keeping, samples_scene, thumbs_scene

    application = QApplication([])
    apply_theme(application, "dark")
    made = Gallery("slots", tile_px=TILE_PX)
    made.resize(SIZE_PX[0], SIZE_PX[1] + made.heads.sizeHint().height() + 8)
    keeping = Keeping(made, answers=False)
    made.show()
    made.show_samples(samples_scene(SAMPLES))
    application.processEvents()
    columns = made.grid.columns()
    rows = (NOTCHES * NOTCH_PX + SIZE_PX[1]) // 90 + 1
    made.show_thumbs(thumbs_scene(tuple(range(columns * rows))))
    assert keeping.gallery is made
    return scrolled(application, made.grid)


def plain_list() -> float:
    """Qt's own list."""
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, QStringListModel, Qt
    from PySide6.QtGui import QImage, QPainter, QPixmap
    from PySide6.QtWidgets import QApplication, QListView, QStyledItemDelegate, QStyleOptionViewItem

    application = QApplication([])
    pixmaps: dict[int, QPixmap] = {}
    pixels = np.zeros((84, TILE_PX, 4), np.uint8)

    class Delegate(QStyledItemDelegate):
        def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
            return QSize(TILE_PX, 84)

        def paint(
            self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
        ) -> None:
            row, area = index.row(), QRect(option.rect)  # type: ignore[attr-defined]
            if row not in pixmaps:
                image = QImage(pixels.data, TILE_PX, 84, QImage.Format.Format_RGBA8888)
                pixmaps[row] = QPixmap.fromImage(image)
            painter.drawPixmap(area.topLeft(), pixmaps[row])
            painter.drawText(area.adjusted(4, 0, 0, -4), Qt.AlignmentFlag.AlignBottom, str(row))

    view = QListView()
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setUniformItemSizes(True)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setSpacing(GAP_PX // 2)
    view.setItemDelegate(Delegate(view))
    view.setModel(QStringListModel([str(row) for row in range(SAMPLES)], view))
    view.resize(*SIZE_PX)
    view.show()
    application.processEvents()
    return scrolled(application, view)


def scrolled(application: object, view: object) -> float:
    """A notch down at a time, after it was gone through once."""
    bar = view.verticalScrollBar()  # type: ignore[attr-defined]

    def step(index: int) -> None:
        bar.setValue(index * NOTCH_PX)
        view.viewport().repaint()  # type: ignore[attr-defined]

    for index in range(NOTCHES):
        step(index)
    application.processEvents()  # type: ignore[attr-defined]
    return median_cpu_s(NOTCHES, step)


WAYS: dict[str, Callable[..., float]] = {
    "slots": slots,
    "jumps": jumps,
    "figure": figure,
    "gallery": gallery,
    "list": plain_list,
}

if __name__ == "__main__":
    print(WAYS[sys.argv[1]](*sys.argv[2:]), flush=True)
    os._exit(0)  # at its end Python frees widgets and application in any order, which may crash
