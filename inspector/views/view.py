"""The base of every viewer's widget: it shows a scene or a sentence, and tells what the user asked for."""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from inspector.core.pulse import Progress
from inspector.core.texts import visible
from inspector.diagnosis.values import Finding
from inspector.display.offer import Scene
from inspector.formats.marks import FileMarks
from inspector.session.intents import Intent
from inspector.session.sample_lists import SampleLists
from inspector.session.values import RunState, ViewState
from inspector.views.fonts import text_font
from inspector.views.theme import colour, tokens
from inspector.views.told import SampleTold

# Below this a wait is not noticed, and a strip that flashes is.
PENDING_AFTER_MS = 300
_STRIP_PX = 2
_LEAST_PX = (320, 200)

P = ParamSpec("P")
W = TypeVar("W", bound=QObject)


def guarded(paint: Callable[Concatenate[W, P], None]) -> Callable[Concatenate[W, P], None]:
    """A paint handler whose exception is reported and leaves the rest of the window alive.

    An exception that leaves a Python paint handler can end the process.
    """

    @functools.wraps(paint)
    def painted(widget: W, /, *arguments: P.args, **named: P.kwargs) -> None:
        try:
            paint(widget, *arguments, **named)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach Qt's event dispatch
            sys.excepthook(*sys.exc_info())
            # A hook that keeps the traceback would keep the painter, and Qt aborts on one that outlives its paint.
            traceback.clear_frames(error.__traceback__)

    return painted


class _Strip(QWidget):
    """A thin line over the top edge while a newer scene is on its way."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.fraction: float | None = None
        self.hide()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        share = 1.0 if self.fraction is None else min(max(self.fraction, 0.0), 1.0)
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(tokens().line))
        painter.fillRect(QRectF(0, 0, self.width() * share, self.height()), colour(tokens().accent))


class View(QWidget):
    """The base of every viewer's widget.

    A viewer builds its widgets into `self.body`, overrides `draw` (the scene) and `reflect` (the state of its
    controls), and calls `tell` with an intent when the user asks for something.

    A view may have parts, prepared apart from its scene (`weights.tensor`): it overrides `draw_part`, `wait_for_part`
    and `say_of_part`.

    Signals:
        intent: a value of `session.intents`.
        command: key of a command of the window (`app.commands`) that a button of the view stands for.
        finding: id of a finding that was pressed on a picture.
        stopped, again: key of a part's viewer that is no longer wanted, or wanted after all.
    """

    intent = Signal(object)
    command = Signal(str)
    finding = Signal(str)
    stopped = Signal(str)
    again = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: Scene | None = None
        self.parts: dict[str, Scene] = {}
        self.setMinimumSize(*_LEAST_PX)  # said outright, so that no content can make the window grow
        self.body = QWidget()
        self._view_message = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._view_message.setTextFormat(Qt.TextFormat.PlainText)
        self._view_message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._view_message.setFont(text_font(14))
        self._view_message.setObjectName("message")
        self._view_actions: list[QWidget] = []
        page = QWidget()
        self._view_column = QVBoxLayout(page)
        self._view_column.setContentsMargins(64, 32, 64, 64)
        self._view_column.addWidget(self._view_message)
        self._view_stack = QStackedLayout(self)
        for widget in (page, self.body):
            self._view_stack.addWidget(widget)
        self._view_strip = _Strip(self)
        self._view_soon = QTimer(self, singleShot=True, interval=PENDING_AFTER_MS)
        self._view_soon.timeout.connect(self._show_strip)

    def hasHeightForWidth(self) -> bool:
        # It takes the room that it gets. Else any change in the window has the texts of all views broken into lines.
        return False

    def make_ahead(self) -> Iterator[None]:
        """Make what a first scene will need, a little a step, while the window has nothing else to do."""
        yield from ()

    def draw(self, scene: Scene) -> None:
        """Put a scene on the body's widgets."""
        raise NotImplementedError

    def reflect(self, run_state: RunState | None, view_state: ViewState) -> None:
        """Set the controls to what the session holds, without telling it back."""

    def reflect_samples(self, view_state: ViewState, triage: FileMarks, lists: SampleLists) -> None:
        """Show how samples are sorted and filtered, what was said of them, and the user's filters and tags."""

    def mark(self, finding: Finding | None, place: int) -> None:
        """Let what the chosen finding is seen in stand out.

        Args:
            finding: None where none is chosen.
            place: of that piece of its evidence that was gone to last.
        """

    def told_sample(self) -> SampleTold | None:
        """What is told of the chosen sample; None where the view shows none."""
        return None

    def sample_picture(self) -> QImage:
        """The chosen sample as it is drawn, to be copied; null where the view has no such picture."""
        return QImage()

    def show_scene(self, scene: Scene) -> None:
        """Show what a reader prepared."""
        self._settle()
        self.scene = scene
        self.draw(scene)
        self._view_stack.setCurrentWidget(self.body)

    def show_message(self, text: str, action: QWidget | None = None) -> None:
        """Show a sentence in place of a scene: an empty state, or why there is none.

        Args:
            text: the sentence.
            action: a button under it, which stays with the view; None for none.
        """
        self._settle()
        self.scene = None
        if action is not None and not self._view_actions:
            self._view_column.insertStretch(0, 1)
            self._view_column.addSpacing(16)
            self._view_column.addStretch(1)
        if action is not None and action not in self._view_actions:
            self._view_actions.append(action)
            before_stretch = self._view_column.count() - 1
            self._view_column.insertWidget(before_stretch, action, 0, Qt.AlignmentFlag.AlignHCenter)
        for one in self._view_actions:
            one.setVisible(one is action)
        self._view_message.setText("\n".join(visible(line) for line in text.splitlines()))
        self._view_stack.setCurrentIndex(0)

    def show_pending(self, fraction: float | None = None) -> None:
        """Say, if it lasts, that a newer scene is on its way; the last one stays.

        Args:
            fraction: how much of the work is done, 0..1; None where that is not known.
        """
        self._view_strip.fraction = fraction
        self._view_strip.update()
        if self._view_strip.isHidden() and not self._view_soon.isActive():
            self._view_soon.start()

    def draw_part(self, part: str, scene: Scene) -> None:
        """Put the scene of a part on the body's widgets."""

    def wait_for_part(self, part: str, progress: Progress) -> None:
        """Say how far a part is."""

    def say_of_part(self, part: str, sentence: str) -> None:
        """Say why there is no such part."""

    def show_part(self, part: str, scene: Scene) -> None:
        """Show what a reader prepared of a part."""
        self.parts[part] = scene
        self.draw_part(part, scene)

    def show_part_pending(self, part: str, progress: Progress) -> None:
        """Say that a newer part is on its way; the last one stays."""
        self.parts.pop(part, None)
        self.wait_for_part(part, progress)

    def show_part_message(self, part: str, sentence: str) -> None:
        """Show a sentence in place of a part."""
        self.parts.pop(part, None)
        self.say_of_part(part, visible(sentence))

    def made(self, name: str) -> bool:
        """Whether a part that is made when it is first wanted (a `cached_property`) has been."""
        return name in self.__dict__

    def set_state(self, run_state: RunState | None, view_state: ViewState) -> None:
        """Let the controls show what the session holds."""
        self.reflect(run_state, view_state)

    def tell(self, intent: Intent) -> None:
        """Pass on what the user asked for."""
        self.intent.emit(intent)

    def message(self) -> str:
        """The sentence that stands in place of a scene, empty where a scene is shown."""
        return "" if self._view_stack.currentWidget() is self.body else self._view_message.text()

    def pending(self) -> bool:
        """Whether a newer scene is on its way."""
        return self._view_soon.isActive() or not self._view_strip.isHidden()

    def _show_strip(self) -> None:
        self._view_strip.setGeometry(0, 0, self.width(), _STRIP_PX)
        self._view_strip.raise_()
        self._view_strip.show()

    def _settle(self) -> None:
        self._view_soon.stop()
        self._view_strip.hide()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._view_strip.setGeometry(0, 0, self.width(), _STRIP_PX)
