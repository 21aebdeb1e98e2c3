"""What must hold before Qt starts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from inspector.app import guard


def test_emitting_keeps_every_reference_to_true() -> None:
    """PySide6 6.12.0 below Python 3.12 loses one an emit and aborts after some 570."""
    assert guard.lost_references(2000) <= 5


def test_a_binding_that_loses_references_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "lost_references", lambda: guard.EMITS)
    monkeypatch.setattr(sys, "version_info", (3, 11, 7))
    with pytest.raises(guard.CannotStartError, match="PySide6-Essentials<6.12"):
        guard.check_binding()


def test_missing_libraries_are_named_in_one_apt_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_loads", lambda library: library not in ("libGL.so.1", "libxcb-cursor.so.0"))
    monkeypatch.setenv("DISPLAY", ":0")
    with pytest.raises(guard.CannotStartError, match="apt-get install -y libgl1 libxcb-cursor0$"):
        guard.check_libraries(windowed=True)
    with pytest.raises(guard.CannotStartError, match="apt-get install -y libgl1$"):
        guard.check_libraries(windowed=False)


def test_the_libraries_are_those_of_the_readme() -> None:
    from pathlib import Path

    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
    line = next(line for line in readme.splitlines() if "apt-get install" in line)
    packages = {*guard._OFFSCREEN_LIBRARIES.values(), *guard._XCB_LIBRARIES.values()}
    assert packages == set(line.split("-y ")[1].split())


def test_without_a_display_the_demo_says_what_works_there() -> None:
    result = subprocess.run(
        [sys.executable, "-I", "-m", "inspector", "demo"],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": "/tmp"},
    )
    assert result.returncode == 2
    assert "run-inspector demo --shot demo.png" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
