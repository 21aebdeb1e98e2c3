"""`python -m tests.benchmarks.gallery [SAMPLES]`: the turns of the window's thread while a gallery is used.

A table of made-up numbers, 14 layers among them, is scrolled from end to end, jumped through, sorted, filtered, brushed
and marked, off screen at 1,400 by 900 pixels; thumbnails of 160 by 120 pixels answer what is asked for. Of every
action the longest turn in CPU milliseconds is told, and how many took more than 50.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from itertools import count

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from inspector.display.gallery.scene import SamplesScene
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.formats.triage import Triage, encoded
from inspector.session.history import applied
from inspector.session.intents import GalleryChanged
from inspector.session.triage import SamplesFlagged
from inspector.views.gallery.gallery import Gallery
from inspector.views.gallery.wanting import MOST_WANTED
from inspector.views.theme import apply_theme
from tests.benchmarks.pauses import HEADING, Pauses
from tests.views.gallery.samples import PATH, Keeping, thumbs_scene

SIZE_PX = (1400, 900)
_MADE = thumbs_scene(tuple(range(MOST_WANTED)), height=120, width=160)
STEPS = 150
"""Notches of the wheel, and jumps."""


def table_of(samples: int) -> SampleTable:
    """Numbers as a scan gathers them, a tenth of them undefined."""
    rng = np.random.default_rng(0)
    names = ("fg_ari", "ari", "miou", "mbo", "slot_cosine", "mask_entropy", "active_slots", "err_px")
    columns = []
    for name in (*names, *(f"sparsity/layer.{layer}" for layer in range(14))):
        values = rng.random(samples)
        values[rng.random(samples) < 0.1] = np.nan
        columns.append(sample_column(name, np.round(values * 12) if name == "active_slots" else values))
    return SampleTable(samples=samples, scanned=samples, columns=tuple(columns))


class Answering(Keeping):
    """Answers what is wanted a turn later, as a reader would."""

    def __init__(self, gallery: Gallery) -> None:
        super().__init__(gallery, answers=False)
        self._sent: tuple[int, ...] = ()
        self.timer = QTimer(gallery, interval=30)
        self.timer.timeout.connect(self._answer)
        self.timer.start()

    @property
    def wanted(self) -> tuple[int, ...]:
        return next((one.wanted for one in self.state.view.galleries), ())

    def busy(self) -> bool:
        return self.wanted != self._sent

    def _answer(self) -> None:
        if self.busy():
            self._sent = self.wanted
            count = len(self._sent)
            nothing = np.zeros(count + 1, np.int64)
            self.gallery.show_thumbs(
                msgspec.structs.replace(_MADE, samples=self._sent, pictures=_MADE.pictures[:count], first_point=nothing)
            )


def actions(gallery: Gallery, keeping: Answering, samples: int) -> dict[str, Callable[[], object]]:
    """What is done, by its name."""
    bar, rng = gallery.grid.verticalScrollBar(), np.random.default_rng(1)
    stamps = count(1)
    scene = SamplesScene(path=PATH, table=table_of(samples), aspect=4 / 3)

    def paced(step: Callable[[int], object], times: int = STEPS) -> None:
        """Once a frame, as a hand would."""
        numbers = iter(range(times))
        timer = QTimer(gallery, interval=16)

        def turn() -> None:
            number = next(numbers, None)
            if number is None:
                timer.stop()
                keeping.pacing = False
            else:
                step(number)

        timer.timeout.connect(turn)
        keeping.pacing = True
        timer.start()

    def change(**fields: object) -> None:
        keeping.take(GalleryChanged("slots", fields))

    def brush() -> None:
        histogram = gallery.heads.head.histogram
        QTest.mousePress(histogram, Qt.MouseButton.LeftButton, pos=QPoint(2, 10))
        paced(lambda number: QTest.mouseMove(histogram, QPoint(6 + number * histogram.width() // 120, 10)), 100)

    def flag_one(number: int) -> None:
        gallery.step(1)
        keeping.take(SamplesFlagged(PATH, (int(rng.integers(samples)),), True, float(next(stamps))))

    return {
        "open": lambda: gallery.show_samples(scene),
        "scroll by the wheel": lambda: paced(lambda _n: bar.setValue(bar.value() + 3 * bar.singleStep())),
        "drag the bar from end to end": lambda: paced(lambda n: bar.setValue(bar.maximum() * n // STEPS)),
        "jump anywhere": lambda: paced(lambda _n: bar.setValue(int(rng.integers(bar.maximum()))), 120),
        "step with J": lambda: paced(lambda _n: gallery.step(1)),
        "sort by another number": lambda: change(order="sparsity/layer.3", descending=True),
        "sort back": lambda: change(order="fg_ari", descending=False),
        "filter": lambda: change(filter="ari<0.5 active_slots>=3 -flagged"),
        "filter off": lambda: change(filter=""),
        "brush": brush,
        "brush off": lambda: change(ranges=()),
        "step and flag": lambda: paced(flag_one, 100),
        "select all": gallery.grid.selectAll,
        "flag all": gallery.marking.flag,
        "undo it": keeping.undo,
    }


def main(samples: int) -> None:
    """Measure and print."""
    application = QApplication([])
    apply_theme(application, "dark")
    gallery = Gallery("slots")
    gallery.resize(*SIZE_PX)
    keeping = Answering(gallery)
    keeping.pacing = False
    gallery.show()
    pauses = Pauses()
    print(f"{samples:,} samples, load {os.getloadavg()[0]:.1f}\n{HEADING}")
    for name, act in actions(gallery, keeping, samples).items():
        pauses.watch(name, act, lambda: keeping.pacing or keeping.busy())
        print(pauses.actions[-1].line(), flush=True)
    kept = encoded(Triage(files=keeping.state.triage))
    print(f"{len(kept):,} bytes of marks; an empty turn of the session costs {_turn_ms(keeping):.2f} ms")


def _turn_ms(keeping: Keeping) -> float:
    import time

    began = time.thread_time()
    for number in range(20):
        applied(keeping.history, GalleryChanged("slots", {"wanted": (number,)}))
    return (time.thread_time() - began) * 1000 / 20


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
