"""A picture of the window shows what the window itself would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from inspector.__main__ import main
from inspector.app import shot
from inspector.app.tabs import fitting_tab
from inspector.app.window import Window
from inspector.formats.facts import DatasetFacts, DumpFacts
from tests.display import runs


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(("options", "tab"), [((), "slots"), (("--view", "curves"), "curves")])
def test_the_view_that_fits_is_shown_unless_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], tab: str
) -> None:
    shown = []

    def png(window: Window, _wanted: shot.Wanted) -> bytes:
        shown.append(window.desk.state.tab)
        return b""

    monkeypatch.setattr(shot, "_png", png)
    np.save(tmp_path / "masks.npy", np.full((2, 4, 8, 8), 0.25, np.float32))
    assert main(["shot", str(tmp_path / "masks.npy"), *options, "-o", str(tmp_path / "a.png")]) == 0
    assert shown == [tab]
    QApplication.processEvents()


def test_a_dump_that_no_view_shows_opens_where_that_is_said() -> None:
    one = DatasetFacts(path="a", shape=(6, 5, 8, 8), dtype="float32", bytes=1)
    dump = runs.run_of(runs.entry("a.h5", DumpFacts(bytes=1, datasets=(one,))))
    assert fitting_tab(dump, "curves") == "slots"
    assert fitting_tab(dump, "features") == "features"
    assert fitting_tab(runs.run_of(), "curves") == "curves"
