"""A child's command line and environment hold what they should and nothing of the window's."""

from __future__ import annotations

import subprocess
import sys

import pytest

from inspector.jobs.children import MODULES, child_command, child_environment, foreign_environment


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


def test_a_foreign_program_gets_nothing_of_the_windows(monkeypatch):
    monkeypatch.setenv("QT_PLUGIN_PATH", "/bundle/plugins")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/lib")
    monkeypatch.setenv("KEPT", "yes")
    assert "QT_PLUGIN_PATH" not in foreign_environment()
    assert (foreign_environment()["KEPT"], foreign_environment()["LD_LIBRARY_PATH"]) == ("yes", "/bundle/lib")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "LD_LIBRARY_PATH" not in foreign_environment()
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/home/lib")
    assert foreign_environment()["LD_LIBRARY_PATH"] == "/home/lib"
    assert "LD_LIBRARY_PATH_ORIG" not in foreign_environment()
