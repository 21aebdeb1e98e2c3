"""The real window, off screen, as a picture."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from inspector.app.launch import start_qt
from inspector.core.errors import InspectorError
from inspector.core.resources import resource
from inspector.session.preferences import Preferences, Theme

if TYPE_CHECKING:
    from inspector.app.window import Window

SHOT_SIZE_PX = (1600, 1000)
PATIENCE_S = 120.0
_MOST_RESIZES = 4
_LONG_TURN_S = 0.05
SETTLE_S = 0.25
"""How long nothing may happen before the window counts as drawn."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a picture is to show.

    Attributes:
        view: the one that fits best where it is empty.
        step: where the cursor stands; None for the newest.
        scale: the screen's pixels for one of the layout.
        view_only: the view alone, as large as the picture, without the window around it.
    """

    paths: tuple[str, ...]
    out: str
    view: str = ""
    sample: int = 0
    step: float | None = None
    theme: Theme = "dark"
    scale: float = 1.0
    width_px: int = SHOT_SIZE_PX[0]
    height_px: int = SHOT_SIZE_PX[1]
    view_only: bool = False


class ShotError(InspectorError):
    """The picture could not be taken."""


def shot_sample(out: Path) -> int:
    """A picture of the bundled sample run; gives the exit code.

    Raises:
        InspectorError: it cannot be drawn here.
    """
    return shot(Wanted(paths=(str(resource("sample_run")),), out=str(out)))


def shot(wanted: Wanted) -> int:
    """Draw the window and write it as a PNG file; gives the exit code.

    Raises:
        InspectorError: a path cannot be read, or the picture cannot be written.
    """
    app = start_qt("offscreen", wanted.scale)
    from PySide6.QtCore import QSize
    from PySide6.QtWidgets import QApplication

    from inspector.app.desk import Desk
    from inspector.app.pictures import save_bytes
    from inspector.app.window import Window
    from inspector.session.role_store import load_roles
    from inspector.session.values import State, ViewState
    from inspector.views.theme import apply_theme

    assert isinstance(app, QApplication)
    apply_theme(app, wanted.theme)
    view = ViewState(sample=wanted.sample)
    preferences, tab = Preferences(theme=wanted.theme), wanted.view or State().tab
    desk = Desk(State(tab=tab, preferences=preferences, view=view, role_corrections=load_roles()))
    window = Window(desk, remember=False, keep_tab=bool(wanted.view))
    window.resize(wanted.width_px, wanted.height_px)
    window.show()
    window.open_paths(wanted.paths)
    try:
        _wait(app, window, wanted)
        view_size = QSize(wanted.width_px, wanted.height_px)
        for _ in range(_MOST_RESIZES if wanted.view_only else 0):  # the panels beside it take a part
            if window.tabs.stack.size() == view_size:
                break
            window.resize(window.size() + view_size - window.tabs.stack.size())
            _wait(app, window, wanted)
        try:
            save_bytes(_png(window, wanted), wanted.out)
        except OSError as error:
            raise ShotError(f"{wanted.out} was not written: {error.strerror}") from error
        for sentence in window.messages.sentences():
            print(sentence, file=sys.stderr)
    finally:
        window.close()
    return 0


def _png(window: Window, wanted: Wanted) -> bytes:
    from inspector.app.figures import PX_PER_INCH, png_of_image

    shown = window.tabs.stack if wanted.view_only else window
    return png_of_image(shown.grab().toImage(), wanted.scale * PX_PER_INCH)


def _wait(app: object, window: object, wanted: Wanted) -> None:
    """Turn the event loop until the run is open, diagnosed and drawn.

    Raises:
        ShotError: it cannot be opened, or takes too long.
    """
    from PySide6.QtWidgets import QApplication

    from inspector.app.window import Window
    from inspector.session.intents import CursorMoved

    assert isinstance(app, QApplication)
    assert isinstance(window, Window)
    desk = window.desk
    give_up_s = time.monotonic() + PATIENCE_S
    moved = False
    quiet_since_s = time.monotonic()
    while time.monotonic() < give_up_s:
        turned_s = time.monotonic()
        app.processEvents()
        if time.monotonic() - turned_s > _LONG_TURN_S:
            quiet_since_s = time.monotonic()  # what was drawn in it is laid out in the next ones
        many = window.fleet.shown
        if not desk.opening and not desk.state.runs and not many:
            raise ShotError("; ".join(window.messages.sentences()) or "nothing was opened")
        ready = not desk.opening and not desk.busy
        ready = ready and not (window.fleet.busy if many else window.tabs.view(desk.state.tab).pending())
        if ready and not moved:
            moved = True
            if wanted.step is not None:
                desk.dispatch(CursorMoved(wanted.step))
                ready = False
        if not ready:
            quiet_since_s = time.monotonic()
        elif time.monotonic() - quiet_since_s > SETTLE_S:
            return
        time.sleep(0.005)
    raise ShotError(f"the view was not drawn within {PATIENCE_S:g} s")
