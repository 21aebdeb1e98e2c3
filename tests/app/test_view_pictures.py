"""Every view of the sample run, in both themes, looks as it was looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.tabs import TABBED
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.intents import TabChosen
from inspector.session.preferences import Preferences
from inspector.session.values import State, ViewState
from inspector.views.zoom import zoom

STORED_ELSEWHERE = ("curves", "weights", "media")
"""Their own tests store pictures of made-up scenes."""

LARGE = {"dark": (("slots", 1.5),), "light": (("points", 2.0), ("features", 1.5))}
"""Views that are stored as they become when the window's text is so many times as large."""


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_view_looks_as_stored(
    make_window: Callable[..., Window],
    settle: Callable[[Window], None],
    qtbot: QtBot,
    qapp: QApplication,
    check_picture: Callable[[Any, str], None],
    theme: Any,
) -> None:
    window = make_window(State(preferences=Preferences(theme=theme), view=ViewState(sample=3)))
    window.resize(1400, 860)
    window.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    for offer in TABBED:
        if offer.key in STORED_ELSEWHERE:
            continue
        window.desk.dispatch(TabChosen(offer.key))
        settle(window)
        check_picture(window.tabs.view(offer.key), f"sample-{offer.key}-{theme}")
    check_picture(window.findings, f"sample-findings-{theme}")
    check_picture(window.timeline, f"sample-timeline-{theme}")
    check_picture(window.tree, f"sample-runs-{theme}")
    for viewer, times in LARGE[theme]:
        window.desk.dispatch(TabChosen(viewer))
        window.resize(1600, 1000)
        zoom(qapp, times)
        try:
            settle(window)
            assert window.devicePixelRatioF() == times
            check_picture(window.tabs.view(viewer), f"sample-{viewer}-{theme}-{times:g}x")
        finally:
            zoom(qapp, 1 / times)
