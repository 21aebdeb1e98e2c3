"""Every icon that code names is shipped, and every shipped icon is named."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_icons_named_and_shipped_are_the_same() -> None:
    shipped = {path.stem for path in (ROOT / "resources" / "icons").glob("*.svg")}
    code = "".join(
        path.read_text() for room in ("views", "app") for path in sorted((ROOT / "inspector" / room).rglob("*.py"))
    )
    words = set(re.findall(r'"([a-z][a-z0-9-]*)"', code))
    named = set(re.findall(r'(?:icon|icon_name=|paint_icon)\(?[^\n"]*"([a-z][a-z0-9-]*)"', code))
    assert shipped <= words, "an icon is shipped that no code names"
    assert named & {"play", "x", "chevron-down"}
    assert {name for name in named if "-" in name or name in ("x", "play", "pause")} <= shipped
