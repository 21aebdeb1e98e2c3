"""The report of the sample run in a real browser, where one is installed: drawn, silent, and asking for nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from inspector.core.pulse import QUIET
from inspector.core.resources import resource
from inspector.display.report.html import html_of
from inspector.display.report.prepare import report_of
from inspector.display.report.values import ReportAsk
from inspector.display.tokens import TOKENS, ThemeName, rgb

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")

pytestmark = pytest.mark.skipif(not BROWSER, reason="no browser here: Chromium draws the page where it is installed")


class Seen(NamedTuple):
    """What a browser made of a page: its pixels, what it asked for, and what it said on its console."""

    pixels: np.ndarray
    asked: list[str]
    said: list[str]


def seen(page: str, folder: Path, *, dark: bool = False) -> Seen:
    """A page as it looks when it is opened; the browser reaches no network."""
    path, picture, log = folder / "page.html", folder / "page.png", folder / "net.json"
    path.write_text(page, "utf-8")
    command = [
        BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--v=0", f"--log-net-log={log}",
        f"--user-data-dir={folder / 'profile'}", f"--screenshot={picture}", "--window-size=900,2400",
        *(["--force-dark-mode"] if dark else []), path.as_uri(),
    ]  # fmt: skip
    home = {**os.environ, "HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=home)
    assert picture.exists(), done.stderr
    told = [event.get("params", {}) for event in json.loads(log.read_text("utf-8"))["events"]]
    # What the browser asks for by itself has no page as its origin.
    asked = [one["url"] for one in told if one.get("initiator", "not an origin") != "not an origin" and "url" in one]
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Seen(np.asarray(Image.open(picture).convert("RGB")).astype(int), asked, said)


def test_what_a_page_asks_for_and_says_would_be_seen(tmp_path: Path) -> None:
    told = seen('<img src="http://a.invalid/x.png"><script>console.error("said")</script>', tmp_path)
    assert told.asked == ["http://a.invalid/x.png"]
    assert any("said" in line for line in told.said)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_report_of_the_sample_run_is_drawn_in_both_themes(theme: ThemeName, tmp_path: Path) -> None:
    report = report_of(ReportAsk(paths=(str(resource("sample_run")),), form="html", made_s=0.0), QUIET)
    told = seen(html_of(report), tmp_path, dark=theme == "dark")
    assert (told.asked, told.said) == ([], [])
    background = rgb(TOKENS[theme].background)
    assert tuple(told.pixels[2, 2]) == background
    assert (np.abs(told.pixels - background).sum(axis=2) > 100).mean() > 0.01
    assert (told.pixels == rgb(TOKENS[theme].accent)).all(axis=2).sum() > 100  # the curve of the first finding
