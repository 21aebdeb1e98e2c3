"""What a screen reader and a keyboard find in the window: each part of the program is visited once, then judged."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QLabel,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from inspector.app.commands import BY_KEY
from inspector.app.desk import Desk
from inspector.app.tabs import TABBED
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.diagnosis.values import Severity
from inspector.display.offer import Fit
from inspector.session.intents import TabChosen, ViewChanged
from inspector.session.values import State
from inspector.views.canvas import CurveCanvas
from inspector.views.legend import Legend
from inspector.views.severity_mark import SeverityMark
from inspector.views.slots.slot_tiles import SlotTiles
from inspector.views.theme import apply_theme, tokens
from inspector.views.zoomed_picture import ZoomedPicture
from tests.app.warm_launchers import start_warm
from tests.display.test_colours import contrast

PATIENCE_MS = 60_000
MOST_LINKS = 100
LARGE_PX = 24
"""18 points, as WCAG has it."""

PRESSES = ("mousePressEvent", "mouseReleaseEvent", "mouseDoubleClickEvent")
PAGES = (
    ("points", {"point_layout": "plots"}),
    ("points", {"point_layout": "single"}),
    ("curves", {"curves_page": "table"}),
    ("features", {"features_page": "firing"}),
    ("features", {"features_page": "epochs"}),
    ("weights", {"weights_page": "compare"}),
)
SHEETS = ("preferences", "help", "dump_roles", "export_samples")

BY_COMMAND = {
    "TimelineStrip": ("next_step", "previous_step", "follow"),
    "QToolButton": ("next_step", "previous_step", "play"),
    "FindingLine": ("show_finding",),
    "FindingCard": ("show_finding",),
    "BrushedHistogram": ("filter",),
}
"""What the mouse does to a kind of widget that Tab does not stop at, by commands that have a key."""

BESIDE = {
    "PanelCard": "Show only this card",
    "ChannelGrid": "Channels of the layer",
    "ChannelHistory": "Layers",
    "FiringMap": "Layers",
    "BarRows": "filter names",
    "SlotPicture": "Slots",
}
"""The same, by the name of the stop of Tab beside it that does as much."""

LOOKED_AT = frozenset(("BarChart", "Matrix", "PictureTile", "ShareTile", "MessageLine", "CurveHover"))
"""Kinds that only tell more under the pointer, or whose press repeats what a stop beside it does."""

OWN_KEYS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (QAbstractItemView, ("Up", "Down", "Left", "Right", "End", "Return")),
    (QAbstractSlider, ("Up", "Down", "Left", "Right", "End")),
    (QAbstractButton, ("Space", "Return")),
    (CurveCanvas, ("Up", "Down", "Left", "Right")),
    (ZoomedPicture, ("Up", "Down", "Left", "Right", "Return")),
    (SlotTiles, ("Up", "Down", "Left", "Right", "End", "Space", "Return")),
    (Legend, ("Left", "Right", "End", "Space", "Return")),
)
"""Keys of commands that belong to what has the focus, by its kind."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a widget; `area` is (left, top, right, bottom) in pixels of the window."""

    key: int
    kind: str
    name: str
    description: str
    role: str
    area: tuple[int, int, int, int]
    within: tuple[int, ...]
    painted: bool
    clicked: bool
    stop: bool
    ink: str = ""
    ground: str = ""
    large: bool = False


class Place(msgspec.Struct, frozen=True):
    """A part of the program: what is seen, where Tab goes until it is back, whose focus cannot be seen, and what keys
    commands take from what has the focus.
    """

    title: str
    widgets: tuple[Told, ...]
    order: tuple[int, ...]
    unseen: tuple[str, ...]
    lost: tuple[str, ...] = ()


def ours(kind: type, *methods: str) -> bool:
    """Whether a class of the program, not of Qt, has one of these methods."""
    return any(
        method in vars(one) for one in kind.__mro__ if one.__module__.startswith("inspector") for method in methods
    )


def within(widget: QWidget) -> Iterator[QWidget]:
    while widget.parentWidget() is not None:
        widget = widget.parentWidget()
        yield widget


def most_of(picture: QImage, area: QRect) -> str:
    """The colour of most pixels along the edges of an area, where letters seldom reach; empty outside the picture."""
    area = area.adjusted(0, 0, -1, -1) & picture.rect()
    lines = (area.top(), area.bottom())
    found = Counter(picture.pixel(x, y) for y in lines for x in range(area.left(), area.right(), 3))
    return QColor(found.most_common(1)[0][0]).name() if found else ""


def told(widget: QWidget, window: Window, picture: QImage | None) -> Told:
    spoken = QAccessible.queryAccessibleInterface(widget)
    kind, corner = type(widget), widget.mapTo(window, QPoint(0, 0))
    plain = (QLabel, QAbstractButton, QLineEdit, QAbstractSlider)
    holds = any(isinstance(child, QWidget) and child.isVisible() for child in widget.children())
    ink = ground = ""
    if isinstance(widget, QLabel) and widget.text() and picture is not None and widget.isEnabled():
        ink = widget.palette().color(widget.foregroundRole()).name()
        seen = widget.visibleRegion().boundingRect()  # where it is scrolled under something, that is not its ground
        ground = most_of(picture, seen.translated(corner))
    return Told(
        key=id(widget),
        kind=kind.__name__,
        name=spoken.text(QAccessible.Text.Name),
        description=spoken.text(QAccessible.Text.Description),
        role=spoken.role().name,
        area=(corner.x(), corner.y(), corner.x() + widget.width(), corner.y() + widget.height()),
        within=tuple(map(id, within(widget))),
        painted=ours(kind, "paintEvent") and not isinstance(widget, plain) and not holds and kind.__name__ != "Rule",
        clicked=widget.isEnabled() and (isinstance(widget, QAbstractButton) or ours(kind, *PRESSES)),
        stop=bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isEnabled(),
        ink=ink,
        ground=ground,
        large=widget.fontInfo().pixelSize() >= LARGE_PX,
    )


def lost_keys(stop: QWidget) -> list[str]:
    """Keys of a widget's own that commands of the window would take from it."""
    wanted = [key for kind, keys in OWN_KEYS if isinstance(stop, kind) for key in keys]
    lost = []
    for key in wanted:
        asked = QKeyEvent(
            QEvent.Type.ShortcutOverride, getattr(Qt.Key, f"Key_{key}"), Qt.KeyboardModifier.NoModifier, ""
        )
        asked.ignore()
        QApplication.sendEvent(stop, asked)
        if not asked.isAccepted():
            lost.append(f"{type(stop).__name__} {stop.accessibleName()}: {key}")
    return lost


class Visitor:
    """Goes through a window on the bundled run, and writes down what is told at each place."""

    def __init__(self, qapp: QApplication, qtbot: QtBot, folder: Path) -> None:
        apply_theme(qapp, "dark")
        self.window = Window(Desk(State()), remember=False)
        self.places: dict[str, Place] = {}
        self._qtbot, self._looked_at = qtbot, set[str]()
        self.window.show()
        qtbot.waitExposed(self.window)
        self.visit("welcome")
        self.window.open_paths((str(folder),))
        qtbot.waitUntil(lambda: self.window.desk.chosen() is not None, timeout=PATIENCE_MS)

    def settle(self) -> None:
        desk, tabs = self.window.desk, self.window.tabs

        def settled() -> bool:
            drawn = not desk.state.runs or not tabs.view(desk.state.tab).pending()
            themed = self.window.palette().window().color().name() == tokens().background
            return not desk.opening and not desk.busy and drawn and themed

        self._qtbot.wait(10)
        self._qtbot.waitUntil(settled, timeout=PATIENCE_MS)
        self._qtbot.wait(10)

    def over(self) -> list[QWidget]:
        """Pages that lie over the window."""
        own = (self.window.menuWidget(), self.window.centralWidget())
        return [
            one for one in self.window.children() if isinstance(one, QWidget) and one.isVisible() and one not in own
        ]

    def visit(self, title: str, *, tab: bool = True, colours: bool = False) -> None:
        """Write down what is told of this place."""
        self.settle()
        QApplication.sendPostedEvents()  # rows that an answer has just made have their places
        picture = self.window.grab().toImage() if colours else None
        pages = self.over()
        if not pages:
            self.window.setFocus()
        part = pages[-1] if pages else self.window
        seen = [
            told(widget, self.window, picture)
            for widget in part.findChildren(QWidget)
            if widget.isVisible() and not widget.objectName().startswith("qt_") and not widget.visibleRegion().isEmpty()
        ]
        self._lost: list[str] = []
        order, unseen = self._tabbed() if tab else ([], [])
        self.places[title] = Place(title, tuple(seen), tuple(order), tuple(unseen), tuple(self._lost))

    def _tabbed(self) -> tuple[list[int], list[str]]:
        order: list[int] = []
        unseen: list[str] = []
        waited = 0
        while True:
            QTest.keyClick(QApplication.focusWidget() or self.window, Qt.Key.Key_Tab)
            stop = QApplication.focusWidget()
            assert stop is not None
            if id(stop) in order[:1] and len(order) > 1:
                return order, unseen
            if id(stop) in order[-1:]:  # a page of help: Tab goes along its links first
                waited += 1
                assert waited < MOST_LINKS, f"Tab never leaves {type(stop).__name__}"
                continue
            assert id(stop) not in order, "Tab comes back to the first stop, past all others"
            order.append(id(stop))
            if type(stop).__name__ not in self._looked_at:
                self._looked_at.add(type(stop).__name__)
                self._lost += lost_keys(stop)
                focused = stop.grab().toImage()
                stop.clearFocus()
                if stop.grab().toImage() == focused:
                    unseen.append(f"{type(stop).__name__} {stop.accessibleName()}")
                stop.setFocus(Qt.FocusReason.TabFocusReason)

    def run(self, command: str) -> None:
        self.window.commands.run(command)

    def choose(self, tab: str, **view: object) -> None:
        self.window.desk.dispatch(TabChosen(tab))
        if view:
            self.window.desk.dispatch(ViewChanged(view))


@pytest.fixture(scope="module")
def places(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Place]]:
    base = tmp_path_factory.mktemp("accessibility")
    folder = Path(shutil.copytree(resource("sample_run"), base / "runs" / "sample"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUN_INSPECTOR_HOME", str(base / "home"))
        patch.setattr("inspector.jobs.children.start_child", start_warm)
        visitor = Visitor(qapp, QtBot(request), folder)
        window = visitor.window
        run = window.desk.chosen()[0]
        for offer in TABBED:
            visitor.choose(offer.key)
            visitor.visit(offer.key, tab=offer.judge(run).fit is not Fit.NO and offer.key != "settings", colours=True)
        for tab, view in PAGES:
            visitor.choose(tab, **view)
            visitor.visit(f"{tab} {next(iter(view.values()))}")
        visitor.choose("triage")
        visitor.run("stage_cure")
        visitor.run("resume")
        visitor.visit("resume", colours=True)
        visitor.run("close_resume")
        visitor.choose("points", point_layout="grid")
        visitor.settle()
        for sheet in SHEETS:
            visitor.run(sheet)
            visitor.visit(sheet)
            for page in visitor.over():
                page.hide()
        visitor.run("theme")
        for tab in ("triage", "curves", "points"):
            visitor.choose(tab)
            visitor.visit(f"{tab} light", tab=False, colours=True)
        window.close()
        window.deleteLater()
        apply_theme(qapp, "dark")
        yield visitor.places


def every(places: dict[str, Place], judge: Callable[[Told, Place], bool]) -> list[tuple[str, str, str]]:
    """(place, kind, name) of the widgets that a judge picks out."""
    found = ((place, one) for place in places.values() for one in place.widgets if judge(one, place))
    return [(place.title, one.kind, one.name) for place, one in found]


def test_whatever_takes_the_focus_or_a_press_has_a_name(places: dict[str, Place]) -> None:
    def nameless(one: Told, _place: Place) -> bool:
        return (one.stop or one.clicked) and (not one.name.strip() or one.name.startswith("/") or one.name == one.kind)

    assert every(places, nameless) == []


def test_what_is_painted_tells_its_kind_and_what_it_shows(places: dict[str, Place]) -> None:
    def mute(one: Told, _place: Place) -> bool:
        return one.painted and one.role in ("Client", "Border", "NoRole")

    def vague(one: Told, _place: Place) -> bool:
        return one.role in ("Chart", "Graphic", "Table") and not (one.name.strip() and one.description.strip())

    assert every(places, mute) == []
    assert every(places, vague) == []


def test_tab_goes_through_all_that_takes_the_focus_and_comes_back(places: dict[str, Place]) -> None:
    def missed(one: Told, place: Place) -> bool:
        return bool(place.order) and one.stop and one.role != "RadioButton" and one.key not in place.order

    assert all(places[sheet].order for sheet in (*SHEETS, "resume", "welcome"))
    assert every(places, missed) == []


def test_tab_goes_as_one_reads(places: dict[str, Place]) -> None:
    """Beside one another from the left, one below another from the top; of what lies in something, that comes first."""
    wrong = []
    for place in places.values():
        at = {one.key: one for one in place.widgets}
        stops = [at[key] for key in place.order if key in at]
        for one, after in pairwise(stops):
            shared = [parent for parent in one.within if parent in after.within]
            same = one.within[:1] == after.within[:1]
            back = after.area[3] <= one.area[1] and after.area[2] <= one.area[0]
            side = same and after.area[2] <= one.area[0] and after.area[1] < one.area[3] and one.area[1] < after.area[3]
            if shared and (back or side):
                wrong.append((place.title, one.name, after.name))
    assert wrong == []


def test_nothing_is_reached_by_the_mouse_alone(places: dict[str, Place]) -> None:
    names = {one.name for place in places.values() for one in place.widgets if one.stop}
    assert all(BY_KEY[command].shortcuts for commands in BY_COMMAND.values() for command in commands)
    assert set(BESIDE.values()) <= names
    known = set(BY_COMMAND) | set(BESIDE) | LOOKED_AT

    def mouse_alone(one: Told, _place: Place) -> bool:
        # Of buttons that exclude one another Tab stops at the chosen one, and arrows go on from there.
        return one.clicked and not one.stop and one.role != "RadioButton" and one.kind not in known

    assert every(places, mouse_alone) == []


def test_what_has_the_focus_gets_the_keys_that_are_its_own(places: dict[str, Place]) -> None:
    assert [lost for place in places.values() for lost in place.lost] == []


def test_who_has_the_focus_is_seen(places: dict[str, Place]) -> None:
    assert [unseen for place in places.values() for unseen in place.unseen] == []


def test_texts_stand_out_from_the_ground_they_are_painted_on(places: dict[str, Place]) -> None:
    """Source: WCAG 2.2, success criterion 1.4.3."""

    measured = [(place.title, one) for place in places.values() for one in place.widgets if one.ink and one.ground]
    faint = [
        (title, one.kind, one.name, one.area, f"{one.ink} on {one.ground}")
        for title, one in measured
        if contrast(one.ink, one.ground) < (3.0 if one.large else 4.5)
    ]
    assert len(measured) > 200
    assert faint == []


def test_a_severity_is_told_by_word_and_by_shape(qapp: QApplication, qtbot: QtBot) -> None:
    """Without its colour each mark is another one."""
    shapes = []
    for severity in Severity:
        mark = SeverityMark(severity)
        qtbot.addWidget(mark)
        assert mark.accessibleName() == severity.word != ""
        image = mark.grab().toImage()
        ground = image.pixelColor(0, 0)
        drawn = (image.pixelColor(x, y) != ground for y in range(image.height()) for x in range(image.width()))
        shapes.append(tuple(drawn))
    assert len(set(shapes)) == len(Severity)
