"""`train`, `record` and `resume` in a Python of the user's own."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from inspector.__main__ import main
from inspector.command_line import training
from inspector.core.exit_codes import BAD_INPUT
from inspector.jobs.travelling import rooms_archive


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the process would become."""
    heard: list[list[str]] = []
    monkeypatch.setattr(training, "become", lambda command, _environment: heard.append(command) or 0)
    return heard


def test_another_python_trains_with_the_rooms_that_travel_and_one_that_lacks_packages_is_refused(
    tmp_path: Path, became: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    environment = tmp_path / "an environment"
    venv.create(environment, with_pip=False)
    python = str(environment / "bin/python")
    words = ["resume", str(tmp_path), "--python", str(environment), "--epochs", "2", "-o", str(tmp_path / "out")]
    assert main(words) == BAD_INPUT
    assert f"'{python}' -m pip install 'torch>=" in capsys.readouterr().err
    assert became == []

    site = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"))
    assert main(words) == 0
    assert main(["train", "slots", f"--python={python}", "-o", str(tmp_path / "out")]) == 0
    assert main(["train", "slots", "-o", str(tmp_path / "out")]) == 0
    resumed, trained, own = (command[command.index("--") + 1 :] for command in became)
    assert resumed[:3] == trained[:3] == [python, "-I", "-c"]
    assert str(rooms_archive()) in resumed[3]
    assert resumed[4:] == ["resume", str(tmp_path), "--epochs", "2", "-o", str(tmp_path / "out")]
    assert trained[4:] == ["train", "slots", "-o", str(tmp_path / "out")]
    assert own[:2] == [sys.executable, "-I"]


def test_a_python_that_is_not_named_is_missed(became: list[list[str]]) -> None:
    assert main(["train", "slots", "-o", "out", "--python"]) == 0
    assert became[0][-1] == "--python", "the trainer's parser says what is missing"


def test_a_process_that_becomes_another_leaves_it_no_child() -> None:
    tell = "import os; print(open(f'/proc/self/task/{os.getpid()}/children').read())"
    program = f"""
import os, sys
from inspector.command_line.becoming import become
from inspector.jobs.reach import reach
reach("/")
become([sys.executable, "-I", "-c", {tell!r}], os.environ)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
