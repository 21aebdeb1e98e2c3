"""Every view of the sample run, in both themes, looks as it was looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from inspector.app.tabs import TABBED
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.intents import TabChosen
from inspector.session.preferences import Preferences
from inspector.session.values import State, ViewState

STORED_ELSEWHERE = ("curves", "weights", "media")
"""Their own tests store pictures of made-up scenes."""


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_view_looks_as_stored(
    make_window: Callable[..., Window],
    settle: Callable[[Window], None],
    qtbot: QtBot,
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
