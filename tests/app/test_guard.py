"""What must hold before Qt starts."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from contextlib import nullcontext
from pathlib import Path

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


def lacking(monkeypatch: pytest.MonkeyPatch, *absent: str) -> None:
    """Of Qt's libraries; no screen and no platform are named."""
    monkeypatch.setattr(guard, "_loads", lambda library: library not in absent)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("windowed", [True, False])
def test_whatever_is_drawn_first_one_apt_line_names_all_that_is_missing(monkeypatch, windowed) -> None:
    lacking(monkeypatch, "libGL.so.1", "libxcb-cursor.so.0", "libwayland-cursor.so.0")
    with pytest.raises(guard.CannotStartError, match="apt-get install -y libgl1 libxcb-cursor0 libwayland-cursor0$"):
        guard.check_libraries(windowed=windowed)


@pytest.mark.parametrize(
    ("named", "absent", "starts"),
    [
        ((), ("libxcb-cursor.so.0", "libwayland-cursor.so.0"), True),  # nothing is shown
        (("DISPLAY",), ("libxcb-cursor.so.0",), False),
        (("DISPLAY",), ("libwayland-cursor.so.0",), True),
        (("WAYLAND_DISPLAY",), ("libwayland-cursor.so.0",), False),
        (("WAYLAND_DISPLAY", "DISPLAY"), ("libwayland-cursor.so.0",), True),  # Qt takes the other, each way
        (("WAYLAND_DISPLAY", "DISPLAY"), ("libxkbcommon-x11.so.0",), True),
        (("WAYLAND_DISPLAY", "DISPLAY"), ("libxkbcommon-x11.so.0", "libwayland-cursor.so.0"), False),
    ],
)
def test_a_window_needs_the_libraries_of_one_screen_that_is_there(monkeypatch, named, absent, starts) -> None:
    lacking(monkeypatch, *absent)
    for name in named:
        monkeypatch.setenv(name, ":0")
    guard.check_libraries(windowed=False)
    with nullcontext() if starts else pytest.raises(guard.CannotStartError, match="apt-get install"):
        guard.check_libraries(windowed=True)


def test_the_libraries_are_those_of_the_readme() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
    line = next(line for line in readme.splitlines() if "apt-get install" in line)
    assert [*guard.PACKAGES.values()] == line.split("-y ")[1].split()


def test_libraries_are_told_before_a_display(monkeypatch) -> None:
    """Who has neither is told first what to install, and then what works."""
    lacking(monkeypatch, "libGL.so.1")
    with pytest.raises(guard.CannotStartError, match="apt-get"):
        guard.check_display("demo")
    lacking(monkeypatch)
    with pytest.raises(guard.CannotStartError, match="no display here .* try `run-inspector demo`$"):
        guard.check_display("demo")


def said_by_demo(*command: str, cwd: Path | None = None, **environment: str) -> str:
    result = subprocess.run([*command, "demo"], capture_output=True, text=True, check=False, cwd=cwd, env=environment)
    assert result.returncode == 2, result.stderr
    (sentence,) = result.stderr.splitlines()
    return sentence


def test_without_a_display_the_demo_says_what_works_there_as_it_was_called() -> None:
    called = Path(sysconfig.get_path("scripts")) / "run-inspector"
    elsewhere = os.path.relpath(called, called.parents[2])
    assert "try `run-inspector demo --shot demo.png`" in said_by_demo(sys.executable, "-I", "-m", "inspector")
    sentence = said_by_demo(f"{elsewhere}", cwd=called.parents[2])
    assert f"try `{elsewhere} demo --shot demo.png`" in sentence
    sentence = said_by_demo("run-inspector", PATH=f"{called.parent}")
    assert "try `run-inspector demo --shot demo.png`" in sentence


def test_a_display_that_nobody_serves_is_told_before_qt_aborts() -> None:
    if guard.missing_packages():
        pytest.skip("Qt's libraries are not installed, which is told first")
    sentence = said_by_demo(sys.executable, "-I", "-m", "inspector", DISPLAY=":4711", WAYLAND_DISPLAY="nobody")
    assert sentence.startswith(
        "no display answers here (WAYLAND_DISPLAY is nobody, DISPLAY is :4711); try `run-inspector"
    )
