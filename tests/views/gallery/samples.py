"""A gallery over made-up samples, whose state is kept as the window would."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector.display.gallery.scene import SamplesScene, ThumbsScene
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.session.history import History, applied, undone
from inspector.session.intents import Intent
from inspector.session.values import State
from inspector.views.gallery.gallery import Gallery

PATH = "/runs/a/dumps/step_10.h5"


def samples_scene(samples: int, *, scanned: int | None = None) -> SamplesScene:
    """Numbers whose order is known: FG-ARI rises with the number of the sample, slots go 0, 1, 2, 3, 0, ..."""
    numbers = np.arange(samples, dtype=np.float64)
    return SamplesScene(
        path=PATH,
        table=SampleTable(
            samples=samples,
            scanned=samples if scanned is None else scanned,
            columns=(
                sample_column("fg_ari", numbers / max(samples - 1, 1)),
                sample_column("active_slots", numbers % 4),
            ),
        ),
        aspect=4 / 3,
    )


def thumbs_scene(samples: tuple[int, ...], *, look: str = "masks", height: int = 48, width: int = 64) -> ThumbsScene:
    """A flat colour a sample; in the order in which it is painted: blue, green, red."""
    pictures = np.full((len(samples), height, width, 4), 255, np.uint8)
    for picture, sample in zip(pictures, samples, strict=True):
        picture[..., :3] = (250 - sample * 53 % 200, 90, 40 + sample * 37 % 200)
    return ThumbsScene(
        look=look,
        samples=samples,
        pictures=pictures,
        inside=np.tile(np.array([0, 0, 1, 1], np.float32), (len(samples), 1)),
        points=np.zeros((0, 0), np.float32),
        first_point=np.zeros(len(samples) + 1, np.int64),
    )


class Keeping:
    """Holds the session of a gallery, and answers what it wants at once."""

    def __init__(self, gallery: Gallery, *, answers: bool = True) -> None:
        self.gallery = gallery
        self.history = History(State())
        self.intents: list[Intent] = []
        self.answers = answers
        self._answered: tuple[int, ...] = ()
        self.pacing = False
        gallery.intent.connect(self.take)
        self.reflect()

    @property
    def state(self) -> State:
        return self.history.present

    def reflect(self) -> None:
        self.gallery.reflect(self.state.view, self.state.triage, self.state.sample_lists)

    def take(self, intent: Intent) -> None:
        self.intents.append(intent)
        self.history = applied(self.history, intent)
        self.reflect()
        wanted = next((one.wanted for one in self.state.view.galleries), ())
        if self.answers and wanted != self._answered:
            self._answered = wanted
            self.gallery.show_thumbs(thumbs_scene(wanted))

    def undo(self) -> None:
        self.history = undone(self.history)
        self.reflect()


def shown_gallery(qtbot: QtBot, samples: int = 100, *, answers: bool = True) -> tuple[Gallery, Keeping]:
    """A gallery on the screen and its session; its thumbnails are there where what it wants is answered."""
    gallery = Gallery("slots")
    qtbot.addWidget(gallery)
    gallery.resize(800, 260)
    keeping = Keeping(gallery, answers=answers)
    gallery.show()
    qtbot.waitExposed(gallery)
    gallery.show_samples(samples_scene(samples))
    if answers:
        qtbot.waitUntil(lambda: not missing(gallery))
    return gallery, keeping


def missing(gallery: Gallery) -> list[int]:
    """The samples on the screen whose thumbnails are not there yet."""
    rows = gallery.grid.shown_rows()
    shown = gallery.model.samples[rows.start : rows.stop].tolist()
    return [sample for sample in shown if sample not in gallery.tiles]


def press(qtbot: QtBot, gallery: Gallery, row: int, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    """Press the tile that stands in a row of the model."""
    qtbot.mouseClick(gallery.grid.viewport(), Qt.MouseButton.LeftButton, modifier, gallery.grid.area_of(row).center())
