"""The theme on the screen: Fusion with a palette of our own, and the tokens that painting code reads.

A widget that paints reads `tokens()` each time; Qt sends every widget `QEvent.PaletteChange` when the theme changes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from inspector.display.tokens import TOKENS, ThemeName, Tokens, mixed
from inspector.views.fonts import load_fonts, text_font

_shown: ThemeName = "dark"

_Role = QPalette.ColorRole

INK_ROLES = {
    "text": _Role.ToolTipText,
    "dim": _Role.LinkVisited,
    "faint": _Role.PlaceholderText,
    "accent": _Role.Link,
    "critical": _Role.BrightText,
    "warning": _Role.Midlight,
    "good": _Role.Shadow,
}
"""Where the application's palette holds the inks of texts: in roles that Fusion paints nothing else with.

A label that names a role follows the theme by itself; a palette of its own costs twice as much as the label. None of
these roles is another where a label is not enabled.
"""

WARNED_ROLE = _Role.AlternateBase
"""Where it holds what a warning on the background stands on: in the light theme its ink needs a lighter one."""


def theme_name() -> ThemeName:
    """The theme that is shown."""
    return _shown


def tokens() -> Tokens:
    """The colours of the theme that is shown."""
    return TOKENS[_shown]


@contextmanager
def painted_in(theme: ThemeName) -> Iterator[None]:
    """For a picture in a theme of its own: `tokens` gives its colours, and no widget hears of it."""
    before = theme_name()
    _show(theme)
    try:
        yield
    finally:
        _show(before)


def _show(theme: ThemeName) -> None:
    global _shown  # noqa: PLW0603 - painting code asks for it thousands of times a frame, on one thread
    _shown = theme


@cache
def colour(value: str, alpha: float = 1.0) -> QColor:
    """`#rrggbb` as Qt's colour, `alpha` from 0 (clear) to 1; it is shared, and not to be changed."""
    made = QColor(value)
    made.setAlphaF(alpha)
    return made


def apply_theme(app: QApplication, theme: ThemeName) -> None:
    """Show a theme everywhere; widgets hear of it in the next turn of the event loop."""
    # Qt would divide the pixels of a picture among threads: waking them takes longer than what they do.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    load_fonts()
    _show(theme)
    if app.style().objectName() != "fusion":
        app.setStyle("fusion")
    app.setFont(text_font())
    for window in app.topLevelWidgets():
        if window.isVisible():
            _paint_once(window)
    app.setPalette(palette(TOKENS[theme]))


def _paint_once(window: QWidget) -> None:
    """Have all of a window painted as one.

    Where every widget says for itself that it changed, Qt paints each that is opaque with all that stands on it, and
    then all of it once more. A window that something just lay over is to be painted as a whole already.
    """
    curtain = QWidget(window)
    curtain.setGeometry(window.rect())
    curtain.show()
    curtain.hide()
    curtain.deleteLater()


def palette(theme: Tokens) -> QPalette:
    """Qt's roles in our colours."""
    made = QPalette()
    for role, value in _roles(theme).items():
        made.setColor(role, QColor(value))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return made


def _roles(theme: Tokens) -> dict[QPalette.ColorRole, str]:
    return {
        _Role.Window: theme.background,
        _Role.WindowText: theme.text,
        _Role.Base: theme.panel,
        WARNED_ROLE: theme.panel if theme is TOKENS["light"] else theme.background,
        _Role.Text: theme.text,
        _Role.Button: theme.panel,
        _Role.ButtonText: theme.text,
        _Role.ToolTipBase: theme.raised,
        _Role.Highlight: theme.selection,
        _Role.HighlightedText: theme.text,
        _Role.Accent: theme.accent,
        _Role.Light: theme.raised,
        _Role.Mid: theme.line,
        _Role.Dark: mixed(theme.line, theme.background, 0.5),
        **{role: getattr(theme, ink) for ink, role in INK_ROLES.items()},
    }
