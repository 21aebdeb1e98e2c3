"""A child's command line and environment hold what they should and nothing of the window's."""

from __future__ import annotations

import select
import subprocess
import sys

import pytest

from inspector.core.language import CATALOGUES
from inspector.jobs.children import (
    MODULES,
    child_command,
    child_environment,
    foreign_environment,
    start_child,
)
from inspector.jobs.requests import READY
from inspector.jobs.wire import Channel


def test_a_child_is_this_interpreter_isolated_running_a_module():
    assert child_command("reader", "7") == [sys.executable, "-I", "-m", "inspector.reader", "7"]
    assert child_command("supervisor") == [sys.executable, "-I", "-m", "inspector.jobs.supervisor"]
    assert child_command("training", "resume", "a b; c") == [
        *(sys.executable, "-I", "-m", "inspector.training"),
        *("resume", "a b; c"),
    ]
    assert child_command("window")[1:] == ["-I", "-m", "inspector"]
    with pytest.raises(KeyError):
        child_command("anything")


def test_a_frozen_program_is_told_its_role(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    for role in MODULES:
        assert child_command(role, "x") == [sys.executable, "--role", role, "x"]


PLAYS = [sys.executable, "-I", "-m", "inspector", "--role"]
"""What a frozen program does with a role, here without being frozen."""


@pytest.mark.parametrize("role", ["supervisor", "training", "window"])
def test_a_role_is_what_its_module_is(role):
    there, here = (
        subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
        for command in (child_command(role), [*PLAYS, role])
    )
    assert here.stdout == there.stdout != ""


def test_the_role_of_the_reader_starts_readers():
    process, ours = start_child("reader", lambda descriptor: [*PLAYS, "reader", descriptor])
    with process:
        select.select([ours], [], [])
        assert [message.envelope.kind for message in Channel(ours).receive()] == [READY]
        ours.close()
    assert process.returncode == 0


def test_the_role_of_reach_answers_for_a_path():
    process, ours = start_child("reach", lambda descriptor: [*PLAYS, "reach", descriptor])
    with process:
        ours.setblocking(True)
        assert ours.recv(64)
        ours.sendall(b"/\0")
        assert ours.recv(64)
        ours.close()
    assert process.returncode == 0


@pytest.mark.parametrize("words", [["anything"], []])
def test_what_is_no_role_is_told(words):
    done = subprocess.run([*PLAYS, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, "--role takes one of" in done.stderr) == (2, True)


def test_the_current_folder_and_pythonpath_cannot_slip_a_module_in(tmp_path, monkeypatch):
    (tmp_path / "msgspec.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = subprocess.run([*child_command("supervisor"), "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, "taken over" in done.stderr) == (0, False)


def test_readers_keep_to_one_thread_and_search_no_plugins():
    environment = child_environment("reader")
    assert environment["OPENBLAS_NUM_THREADS"] == environment["OMP_NUM_THREADS"] == "1"
    assert environment["HDF5_PLUGIN_PRELOAD"] == "::"


def test_a_trainer_keeps_the_threads_it_was_given(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    assert child_environment("training")["OMP_NUM_THREADS"] == "4"
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert "OMP_NUM_THREADS" not in child_environment("training")


def test_the_readers_of_a_window_speak_its_language_and_nobody_else_does(monkeypatch):
    monkeypatch.setenv(CATALOGUES, "/languages")
    assert child_environment("reader")[CATALOGUES] == "/languages"
    assert CATALOGUES not in child_environment("reader", english=True)
    assert CATALOGUES not in child_environment("supervisor")


def test_a_foreign_program_gets_nothing_of_the_windows(monkeypatch):
    monkeypatch.setenv("QT_PLUGIN_PATH", "/bundle/plugins")
    monkeypatch.setenv("PYTHONHOME", "/bundle")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/lib")
    monkeypatch.setenv("KEPT", "yes")
    monkeypatch.setenv(CATALOGUES, "/bundle/languages")
    assert {"QT_PLUGIN_PATH", "PYTHONHOME", CATALOGUES}.isdisjoint(foreign_environment())
    assert (foreign_environment()["KEPT"], foreign_environment()["LD_LIBRARY_PATH"]) == ("yes", "/bundle/lib")


def test_a_foreign_program_gets_nothing_of_a_bundle_and_the_bundles_own_children_all_of_it(monkeypatch):
    bundle = {"_PYI_APPLICATION_HOME_DIR": "/bundle", "_MEIPASS2": "/bundle", "LD_LIBRARY_PATH": "/bundle/lib"}
    for name, value in bundle.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    assert bundle.keys().isdisjoint(foreign_environment())
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/home/lib")
    assert foreign_environment()["LD_LIBRARY_PATH"] == "/home/lib"
    assert bundle.keys().isdisjoint(foreign_environment().keys() - {"LD_LIBRARY_PATH"})
    assert "LD_LIBRARY_PATH_ORIG" not in foreign_environment()
    assert bundle.items() <= child_environment("reader").items()
