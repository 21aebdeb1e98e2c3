"""Other interpreters: what they lack is told with the line that mends it, and the program's rooms travel to them."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

import pytest

from inspector.core.errors import UsageError
from inspector.core.places import data_folder
from inspector.jobs.interpreter_probe import Interpreter, needed, own_interpreter, probed
from inspector.jobs.interpreters import able_interpreter, candidates, interpreter_at, making_line, project_interpreter
from inspector.jobs.travelling import rooms_archive, training_command
from tests.jobs.other_python import python_that_has


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with nothing installed."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return folder / "bin" / "python"


def test_a_bare_python_lacks_everything_and_the_line_to_mend_it_is_told(bare):
    found = probed(str(bare))
    assert found.python == ".".join(map(str, sys.version_info[:3]))
    assert set(found.packages.values()) == {None}
    assert found.told == f"Python {sys.version_info.major}.{sys.version_info.minor} · no torch"
    assert found.devices == ()
    assert f"run {bare} -m pip install 'torch>=" in found.problem()
    assert "transformers" not in found.problem()
    assert "peft" in found.problem(("train", "vlm")), "asked for only where a recipe's settings need it"


def test_this_programs_own_python_is_told_as_another_is(bare):
    own, asked = own_interpreter(), probed(sys.executable, devices=False)
    assert own == asked
    assert own.packages["numpy"] == metadata.version("numpy")


def test_an_interpreter_is_named_by_its_path_its_environment_or_as_a_command(bare, tmp_path, monkeypatch):
    environment = bare.parent.parent
    monkeypatch.setenv("PATH", str(bare.parent))
    for named in (str(bare), f'"{bare}" ', str(environment), "python"):
        assert interpreter_at(named) == str(bare), "a link is not followed"
    monkeypatch.setenv("HOME", str(environment.parent))
    assert interpreter_at(f"~/{environment.name}") == str(bare)
    (tmp_path / "plain").write_text("")
    for named in ("", str(tmp_path), str(tmp_path / "plain"), "a\0b", "~nobody-of-that-name/x", "x" * 5000 + "/y"):
        with pytest.raises(UsageError, match="name another"):
            interpreter_at(named)


def test_versions_are_compared_by_number_and_not_by_letter():
    enough = dict.fromkeys(needed(), "99.0")
    assert Interpreter(path="p", python="3.12.1", packages=enough).problem() == ""
    old = Interpreter(path="p", python="3.12.1", packages={**enough, "torch": "2.10.0+cu130"})
    assert needed()["torch"] == ">=2.6"
    assert old.problem() == ""
    older = Interpreter(path="p", python="3.12.1", packages={**enough, "torch": "2.5.1"})
    assert older.problem() == "p lacks torch; run p -m pip install 'torch>=2.6'"
    assert "recipes need 3.11" in Interpreter(path="p", python="3.9.2", packages=enough).problem()


def test_an_interpreter_of_the_users_trains_with_the_rooms_that_travelled(bare, tmp_path):
    # Its packages are those of this environment, of which the installed program is no part.
    site = Path(sysconfig.get_path("purelib", vars={"base": str(bare.parent.parent)}))
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"))
    command = training_command(str(bare), "train", "slots")
    python, isolated, _, start, *_ = command
    where = start.replace("sys.exit(main())", "import inspector; print(inspector.__file__)")
    done = subprocess.run([python, isolated, "-c", where], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout.strip() == f"{rooms_archive()}/inspector/__init__.py", done.stderr
    refused = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert refused.returncode == 2
    assert "--output" in refused.stderr


def test_the_first_python_that_can_train_is_found_where_no_opened_file_comes_from(tmp_path, monkeypatch):
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.setenv(name, str(tmp_path / "gone"))
    poor = python_that_has(tmp_path / "bin" / "python3", None)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    packed = python_that_has(tmp_path / "download" / ".venv" / "bin" / "python", "99.0")
    monkeypatch.chdir(tmp_path / "download")
    assert candidates() == (poor,)
    assert project_interpreter() == packed, "it is offered, and nobody but the user has it run"
    with pytest.raises(UsageError, match=f"none was found \\(asked: {poor}\\); name another") as told:
        able_interpreter("")
    assert making_line() in str(told.value)
    made = python_that_has(data_folder() / "trainer" / "bin" / "python", "99.0")
    assert making_line().startswith(f"python3 -m venv {data_folder() / 'trainer'} && ")
    assert candidates() == (made, poor)
    assert able_interpreter(poor) == able_interpreter(str(tmp_path / "gone")) == made
    conda = python_that_has(tmp_path / "conda" / "bin" / "python", "99.0")
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / "conda"))
    assert able_interpreter("") == conda


@pytest.mark.parametrize("said", ["", "not json", json.dumps([1])])
def test_a_program_that_is_no_python_is_refused(tmp_path, said):
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\necho '{said}'\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(UsageError, match="name another interpreter"):
        probed(str(fake))


def test_an_interpreter_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        probed(str(tmp_path / "python"))
