"""The wheel and the sdist hold all of the program, and what a wheel installs works from any folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from inspector import __version__

ROOT = Path(__file__).resolve().parents[2]

LOAD_ALL = """
from pathlib import Path
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication
from inspector.app.help_pages import LISTED, standing_page
from inspector.core.resources import resource
from inspector.display.help.pages import FINDINGS
from inspector.views.fonts import load_fonts
app = QApplication([])
load_fonts()
for path in resource("icons").glob("*.svg"):
    assert QSvgRenderer(str(path)).isValid(), path
for listed in LISTED:
    assert listed.name == FINDINGS or standing_page(listed.name).text, listed
for path in resource("examples").rglob("*.py"):
    compile(path.read_bytes(), path, "exec")
print(resource("sample_run"))
"""


def files_below(folder: Path) -> set[str]:
    """Of a checkout or of an installed copy; what Python compiles there left out."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of its own, with the wheel in it as pip installs it, and this one's packages for all that it needs."""
    pytest.importorskip("hatchling", reason="the wheel is built by hatchling, which is not installed")
    pip = shutil.which("pip")
    if pip is None:
        pytest.skip("there is no pip on the path to install the wheel with")
    folder = tmp_path_factory.mktemp("installed")
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist")
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "env", symlinks=True)
    python = folder / "env" / "bin" / "python"
    offline = ("install", "-q", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check")
    subprocess.run((pip, "--python", python, *offline, wheel), check=True, capture_output=True)
    (packages(folder / "env") / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "env"


def packages(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


def output_of(environment: Path, program: str, *arguments: str | Path) -> str:
    """Of a program of the environment, run in a folder that holds nothing."""
    elsewhere = environment.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    told = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    command = (environment / "bin" / program, *arguments)
    done = subprocess.run(command, cwd=elsewhere, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_the_wheel_installs_every_file_of_the_program_as_it_is(environment):
    installed = packages(environment) / "inspector"
    pairs = {installed / name: ROOT / "inspector" / name for name in files_below(ROOT / "inspector")}
    pairs |= {installed / "resources" / name: ROOT / "resources" / name for name in files_below(ROOT / "resources")}
    assert {installed / name for name in files_below(installed)} == set(pairs)
    assert [there for there, here in pairs.items() if there.read_bytes() != here.read_bytes()] == []


def test_the_sdist_holds_all_that_makes_the_wheel_and_its_tests():
    sdist = pytest.importorskip("hatchling.builders.sdist", reason="the sdist is built by hatchling")
    # Without compressing its pictures, which takes longer than all else here.
    held = {file.distribution_path for file in sdist.SdistBuilder(str(ROOT)).recurse_included_files()}
    rooms = ("inspector", "resources", "packaging", "tests")
    wanted = {f"{room}/{name}" for room in rooms for name in files_below(ROOT / room)} | {"CHANGELOG.md"}
    assert {name for name in wanted - held if not name.startswith("tests/pictures/failed/")} == set()


def test_an_installed_copy_loads_each_of_its_resources(environment):
    sample_run = Path(output_of(environment, "python", "-c", LOAD_ALL).strip())
    assert sample_run == packages(environment) / "inspector" / "resources" / "sample_run"


def test_an_installed_copy_reads_diagnoses_and_draws(environment):
    assert output_of(environment, "run-inspector", "--version") == f"Run Inspector {__version__}\n"
    resources = packages(environment) / "inspector" / "resources"
    run, rules = resources / "sample_run", resources / "examples" / "rules.py"
    assert "metrics.jsonl" in output_of(environment, "run-inspector", "info", run)
    assert "Dead channels" in output_of(environment, "run-inspector", "triage", run, "--rules", rules)
    picture = environment.parent / "shot.png"
    output_of(environment, "run-inspector", "shot", run, "--view", "slots", "-o", picture)
    assert QImage(str(picture)).width() == 1600
