"""Two checkpoints over each other: the choice of the other dump, and what became of the samples since."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.analysis.point_changes import GOAL_SHARE
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.display.points.compared.scene import ComparedScene
from inspector.display.points.overlay import Place
from inspector.display.points.pattern.scene import DumpChoice
from inspector.session.gallery import gallery_of
from inspector.session.intents import GalleryChanged, ViewChanged
from inspector.session.values import ViewState
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.icon_button import IconButton
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.points.overlay import PREDICTION_PX
from inspector.views.points.strokes import LINE_PX, point_mark
from inspector.views.surfaces import Card, Label
from inspector.views.theme import tokens
from inspector.views.view import guarded

CHOOSE_FILE = "compare_dump"
"""The command that asks for a file."""

LIMITS_PX = (2.0, 5.0, 10.0, 20.0, 50.0)
"""By which samples can be judged, beside the usual limit."""

KEY = "points"
_COLUMNS = ("err_change_px", "err_other_px", "change")
"""The numbers of samples that a comparison adds."""

_MARK_PX = 16
_READING = tr("Reading the other dump…")
_NONE, _FILE = "", "…"
_WORDS = {
    "fixed": (tr("{count:,} fixed"), tr("Their error was above the limit and no longer is")),
    "broken": (tr("{count:,} broken"), tr("Their error was not above the limit and now is")),
    "same": (tr("{count:,} same"), tr("Their error is on the same side of the limit in both")),
}
"""Words that samples are filtered by: how their count reads, and what they mean."""


class RingMark(QWidget):
    """The ring of the other dump's predictions, as it is drawn over pictures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(_MARK_PX, _MARK_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        middle = QPointF(_MARK_PX / 2, _MARK_PX / 2)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        point_mark(painter, middle, "ring", tokens().other_prediction, PREDICTION_PX, LINE_PX)


class CompareButton(MenuButton):
    """Names the dumps that the shown one can be held against.

    Signals:
        other_chosen: path of a dump, empty for none (str).
        file_wanted: a file is to be asked for.
    """

    other_chosen = Signal(str)
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Compare"), parent, says=tr("Hold the predictions against those of another dump"))
        self.chosen.connect(self._on_chosen)

    def show_choices(self, others: Sequence[DumpChoice], beside: Sequence[DumpChoice], chosen: str) -> None:
        """Offer the other dumps of the run, those of the runs beside it, and any file."""
        none = MenuItem(key=_NONE, text=tr("No other dump"), on=not chosen, group="other")
        known = [
            MenuItem(
                key=one.path,
                text=visible(one.text),
                on=one.path == chosen,
                group="other",
                heading=tr("Compared runs") if beside and one is beside[0] else "",
            )
            for one in (*others, *beside)
        ]
        self.set_items([none, *known, MenuItem(key=_FILE, text=tr("Another file…"))])

    def _on_chosen(self, key: str) -> None:
        if key == _FILE:
            self.file_wanted.emit()
        else:
            self.other_chosen.emit(key)


class ComparisonStrip(Card):
    """Shows itself where another dump is compared with.

    Signals:
        filtered: the word of the samples that are to be kept, empty for all (str).
        limited: the limit in pixels, 0 for the usual one (float).
        closed: no other dump is to be compared with.
    """

    filtered = Signal(str)
    limited = Signal(float)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.title = ElidedLabel()
        self.said = ElidedLabel(ink="dim", size_px=SMALL_PX)
        self.noted = Label(ink="warning", size_px=SMALL_PX, wrap=True)
        self.words = {word: Button(text.format(count=0)) for word, (text, _tip) in _WORDS.items()}
        self.limit = MenuButton(says=tr("The largest error that is good enough"))
        self.close_button = IconButton("x", tr("Compare with no other dump"))
        self.mark = RingMark()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.mark)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        for label in (self.title, self.said):
            texts.addWidget(label)
        row.addLayout(texts, 1)
        for word, button in self.words.items():
            button.setCheckable(True)
            button.setToolTip(_WORDS[word][1])
            button.clicked.connect(partial(self._on_word, word))
            row.addWidget(button)
        for widget in (self.limit, self.close_button):
            row.addWidget(widget)
        self.column.addLayout(row)
        self.column.addWidget(self.noted)
        self.limit.chosen.connect(self._on_limit)
        self.close_button.clicked.connect(self.closed)
        self.hide()

    def say(self, sentence: str) -> None:
        """Say why there are no figures."""
        self.title.setText(visible(sentence))
        self.said.setText("")
        self.noted.hide()
        for widget in (*self.words.values(), self.limit, self.mark):
            widget.hide()

    def show_scene(self, scene: ComparedScene, limit_px: float) -> None:
        """Show how many samples were fixed and broken, and what became of the chosen one.

        Args:
            scene: what is known of the two dumps.
            limit_px: the limit that was chosen, 0 for the usual one.
        """
        self.title.setText(tr("Against {place} · {text}").format(place=visible(scene.place), text=scene.text))
        self.said.setText(f"{scene.change_text} · {scene.matched_text}")
        self.noted.setText("\n".join(scene.notes))
        self.noted.setVisible(bool(scene.notes))
        for word, count in (("fixed", scene.fixed), ("broken", scene.broken), ("same", scene.same)):
            button = self.words[word]
            button.setText(_WORDS[word][0].format(count=count))
            button.updateGeometry()
            button.show()
        self.limit.set_text(tr("Limit {limit} px").format(limit=number_text(round(scene.limit_px, 1))))
        texts = (
            (0.0, tr("{share:.1%} of the longer side").format(share=GOAL_SHARE)),
            *((one, f"{one:g} px") for one in LIMITS_PX),
        )
        self.limit.set_items(
            [MenuItem(key=f"{one:g}", text=text, on=one == limit_px, group="limit") for one, text in texts]
        )
        self.limit.show()
        self.mark.show()

    def show_filter(self, text: str) -> None:
        """Show which of the words the gallery is filtered by."""
        terms = text.split()
        for word, button in self.words.items():
            button.setChecked(word in terms)

    def _on_word(self, word: str) -> None:
        self.filtered.emit(word if self.words[word].isChecked() else "")

    def _on_limit(self, key: str) -> None:
        self.limited.emit(float(key))


class Comparison(QObject):
    """The button and the strip, and what they do in the session.

    Signals:
        intent: what is wished (an intent of the session).
        command: the key of a command of the window (str).
    """

    intent = Signal(object)
    command = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.button = CompareButton()
        self.strip = ComparisonStrip()
        self._scene: ComparedScene | None = None
        self._state = ViewState()
        self._others: tuple[DumpChoice, ...] = ()
        self._beside: tuple[DumpChoice, ...] = ()
        self.button.other_chosen.connect(self._on_other)
        self.button.file_wanted.connect(self._on_file)
        self.strip.filtered.connect(self._on_filtered)
        self.strip.limited.connect(self._on_limited)
        self.strip.closed.connect(self._on_closed)

    def reflect(self, state: ViewState) -> None:
        """Show what the session holds; a dump that was just chosen is waited for."""
        if state.compared_dump != self._state.compared_dump:
            self._scene = None
            self.strip.say(_READING)
        self._state = state
        self._offer()
        self.strip.setVisible(bool(state.compared_dump))
        self.strip.show_filter(gallery_of(state.galleries, KEY).filter)

    def offer(self, others: Sequence[DumpChoice]) -> None:
        """Let these dumps of the run be chosen."""
        self._others = tuple(others)
        self._offer()

    def offer_beside(self, beside: Sequence[DumpChoice]) -> None:
        """Let these dumps of compared runs be chosen."""
        self._beside = tuple(beside)
        self._offer()

    def _offer(self) -> None:
        self.button.show_choices(self._others, self._beside, self._state.compared_dump)

    def show_scene(self, scene: ComparedScene) -> None:
        """Show what became of the samples."""
        if self._state.compared_dump:
            self._scene = scene
            self.strip.show_scene(scene, self._state.change_limit_px)

    def say(self, sentence: str) -> None:
        """Say why nothing can be compared."""
        self._scene = None
        self.strip.say(sentence)

    def predictions(self, sample: int) -> tuple[Place, ...]:
        """Those of the other dump for a sample, none where they are not known yet."""
        known = self._scene is not None and self._scene.sample == sample and bool(self._state.compared_dump)
        return self._scene.predictions if self._scene is not None and known else ()

    def _on_other(self, path: str) -> None:
        if path:
            self.intent.emit(ViewChanged({"compared_dump": path}))
        else:
            self._on_closed()

    def _on_file(self) -> None:
        self.command.emit(CHOOSE_FILE)

    def _on_filtered(self, word: str) -> None:
        text = gallery_of(self._state.galleries, KEY).filter
        self.intent.emit(GalleryChanged(KEY, {"filter": filter_with(text, word)}))

    def _on_limited(self, limit_px: float) -> None:
        self.intent.emit(ViewChanged({"change_limit_px": limit_px}))

    def _on_closed(self) -> None:
        """Without another dump its words and numbers mean nothing."""
        gallery = gallery_of(self._state.galleries, KEY)
        ranges = tuple(one for one in gallery.ranges if one.column not in _COLUMNS)
        self.intent.emit(GalleryChanged(KEY, {"filter": filter_with(gallery.filter, ""), "ranges": ranges}))
        self.intent.emit(ViewChanged({"compared_dump": ""}))


def filter_with(text: str, word: str) -> str:
    """A filter's text with one word of what became of samples, in place of another one; without any where empty."""
    rest = [term for term in text.split() if term not in _WORDS]
    return " ".join([*rest, word] if word else rest)
