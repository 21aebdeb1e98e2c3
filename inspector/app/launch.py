"""Starting the window."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from inspector.app.guard import check_binding, check_display, check_libraries
from inspector.core.collector import Collecting
from inspector.core.imports import as_if_missing, one_thread, without_features
from inspector.core.resources import resource
from inspector.jobs.children import Started, start_launcher
from inspector.jobs.reach import reach

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from inspector.app.window import Window
    from inspector.session.values import State

_COLLECT_EVERY_MS = 100
_SWEEP_AFTER_MS = 3_000
"""When the window has long been drawn."""

_TOUR_AFTER_MS = 600


def start_qt(platform: str | None = None, scale: float = 1.0) -> QApplication:
    """The application with its theme's base set up; `platform` overrides Qt's choice.

    From here on cycles are collected in this thread alone, while its events are waited for.

    Raises:
        CannotStartError: Qt or its binding cannot work here.
    """
    collecting = Collecting()  # before modules and widgets are made, which is hardly any garbage
    if platform:
        os.environ["QT_QPA_PLATFORM"] = platform
    told = os.environ.get
    if not told("LC_ALL") and (told("LC_CTYPE") or told("LANG") or "C") in ("C", "POSIX"):
        os.environ["LC_CTYPE"] = "C.UTF-8"  # as Python does where it is not frozen; Qt would speak of it at every start
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
    check_libraries(windowed=platform is None)
    check_binding()
    without_features()
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from inspector.views.overrides import guard_overrides
    from inspector.views.zoom import begin_with

    begin_with(scale)
    guard_overrides()
    app = QApplication.instance() or QApplication(["run-inspector"])
    assert isinstance(app, QApplication)
    app.setApplicationName("Run Inspector")
    app.setDesktopFileName("run-inspector")
    app.setWindowIcon(QIcon(str(resource("icons/run-inspector.svg"))))
    app.setCursorFlashTime(0 if platform == "offscreen" else 1060)
    collector = QTimer(app, interval=_COLLECT_EVERY_MS)
    collector.timeout.connect(partial(Collecting.look, collecting))  # a bound method would not keep it
    collector.start()
    return app


def run_demo() -> int:
    """Open the bundled sample run in a window.

    Raises:
        CannotStartError: as `run_window`.
    """
    return run_window((str(resource("sample_run")),), instead=("demo", "--shot", "demo.png"))


def run_window(paths: tuple[str, ...], instead: tuple[str, ...] = ()) -> int:
    """Open paths in the window, or what was open last; gives the exit code.

    Args:
        paths: files and folders.
        instead: the arguments that draw the same into a picture, where `shot` of the paths is not it.

    Raises:
        CannotStartError: Qt cannot work here, or there is no display; the sentence names what to do.
    """
    check_display(*(instead or ("shot", *(paths or ("PATH",)), "-o", "shot.png")))
    reading = _start_reading() if paths else None
    reach.start()
    with as_if_missing("typing_extensions"), one_thread():
        from inspector.session.preferences_store import load_preferences

        app = start_qt(scale=load_preferences()[0].text_size / 100)
        from PySide6.QtCore import QTimer

        from inspector.app.documents import Documents
        from inspector.app.faults import Faults, begin, end, listen
        from inspector.app.news import Message
        from inspector.session.own_folder import fallen_windows
        from inspector.session.store import is_saved, load_session, set_aside_damaged
        from inspector.session.tour_store import tour_is_due
        from inspector.session.values import State

        own = begin()
        damaged = set_aside_damaged()
        fallen = fallen_windows()
        last = load_session()
        kept = State(
            view=State().view if fallen else last.view,
            preferences=last.preferences,
            role_corrections=last.role_corrections,
            sample_lists=last.sample_lists,
        )
        state = kept if paths or fallen else last  # what a window fell with is not opened unasked
        if own is not None:
            with suppress(OSError):  # the window tells so at the next change
                own.keep(state, {})
        window = first_window(app, state, reading=reading)
        faults = Faults(window, own)
        faults.offer(fallen)
        for sentence in damaged:
            window.messages.add(Message(sentence))
        _preferences, problem = load_preferences()
        if problem:
            window.messages.add(Message(problem))
    gc.freeze()  # they stay till the end, and looking through them again would hold up the window's frames
    listen(faults)
    window.resize(window.size().boundedTo(app.primaryScreen().availableSize()))
    window.show()
    window.stalls.start()
    if sys.platform == "darwin":  # elsewhere each event would pass it for nothing
        Documents(app).opened.connect(window.open_paths)
    # Ctrl+C in the terminal and the end of a login close it as its button would; the desk's timer lets Python see it.
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # In a turn of the event loop: one that has not begun yet would not end with its window.
        signal.signal(stop, lambda *_: QTimer.singleShot(0, window.close))
    if paths:
        window.open_paths(paths)
    else:
        window.restore()
    if tour_is_due() and not fallen:
        QTimer.singleShot(_TOUR_AFTER_MS, window, partial(window.sheets.show_tour, unasked=True))
    QTimer.singleShot(_SWEEP_AFTER_MS, window, _sweep)
    code = app.exec()
    end(own, partial(is_saved, window.desk.state))
    return code


def _sweep() -> None:
    """Remove what earlier windows left and nobody names any more."""
    gc.freeze()  # what was loaded since stays till the end, too
    from inspector.app.pasting import sweep_pasted
    from inspector.app.unpacking import unpacked_folder
    from inspector.core.leftovers import sweep_private_folders

    with suppress(OSError):  # what cannot be removed stays
        sweep_pasted()
        sweep_private_folders(unpacked_folder())


def _start_reading() -> Started | None:
    """What readers are forked from: it takes as long to load as the window, and loads beside it.

    A window that opens nothing is drawn sooner alone.
    """
    with suppress(OSError):  # who asks for a reader is told
        return start_launcher()
    return None


def first_window(app: QApplication, state: State, *, remember: bool = True, reading: Started | None = None) -> Window:
    """The window of a state, not yet shown; it loads the rest once it is.

    Args:
        app: what `start_qt` gave.
        state: what is open and chosen.
        remember: keep the session and the recent list for the next start.
        reading: what readers are forked from, where it has been started already.
    """
    from inspector.app.desk import Desk
    from inspector.app.window import Window
    from inspector.views.theme import apply_theme

    apply_theme(app, state.theme)
    desk = Desk(state, started=reading)
    window = Window(desk, remember=remember)
    window.loading.begin(state.tab, window, before=desk.start_reading)
    return window
