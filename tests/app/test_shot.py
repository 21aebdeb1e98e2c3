"""A picture of the window shows what the window itself would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from inspector.__main__ import main
from inspector.app import shot
from inspector.app.tabs import fitting_tab
from inspector.app.window import Window
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.formats.role_corrections import FileCorrections, RoleCorrection
from inspector.session.role_store import keep_roles
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


@pytest.mark.usefixtures("qapp")
def test_the_roles_that_were_chosen_in_the_window_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with h5py.File(tmp_path / "step_0012.h5", "w") as file:
        file["blob"] = np.arange(8 * 3 * 4 * 4, dtype=np.float32).reshape(8, 3, 4, 4)
    blob = RoleCorrection(dataset="blob", role="activation", layout="NCHW")
    keep_roles((), (FileCorrections(pattern="step_*.h5", corrections=(blob,)),))
    shown: list[str] = []

    def png(window: Window, _wanted: shot.Wanted) -> bytes:
        scene: Any = window.tabs.view("features").scene
        shown.extend(layer.name for layer in scene.layers)
        return b""

    monkeypatch.setattr(shot, "_png", png)
    assert main(["shot", str(tmp_path / "step_0012.h5"), "-o", str(tmp_path / "a.png")]) == 0
    assert shown == ["blob"]
    QApplication.processEvents()
