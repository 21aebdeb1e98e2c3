"""The examples of a viewer and of a reader, put into a copy of the program as their guides say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sysconfig
import venv
from datetime import datetime
from pathlib import Path

import h5py
import pytest
from PySide6.QtGui import QImage

import inspector
from inspector.app.help_pages import standing_page
from inspector.core.resources import resource

GPU_LOG = """\
timestamp, index, name, utilization.gpu [%], memory.used [MiB], power.draw [W]
2026/11/21 17:28:21.104, 0, NVIDIA A100, 3 %, 412 MiB, 31.52 W
2026/11/21 17:28:21.104, 1, NVIDIA A100, 97 %, 9120 MiB, [N/A]
torn
2026/11/21 17:28:26.250, 0, NVIDIA A100, 96 %, 9121 MiB, 180.02 W
2026/11/21 17:28:2"""

SHOW = """
import sys
from inspector.app import shot
said = shot._png
def png(window, wanted):
    view = window.tabs.view(wanted.view)
    print(view.message(), [card.title.text() for card in view.cards], [chart._heights.sum() for chart in view.charts])
    return said(window, wanted)
shot._png = png
sys.exit(shot.shot(shot.Wanted(paths=(sys.argv[1],), view="inputs", step=700, out=sys.argv[2])))
"""
"""What `run-inspector shot --view inputs --step 700` does, with what the view says of it."""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an environment whose program has both examples in it."""
    folder = tmp_path_factory.mktemp("extended")
    half_compiled = shutil.ignore_patterns("*.pyc.*")  # by other tests
    package = Path(shutil.copytree(Path(inspector.__file__).parent, folder / "inspector", ignore=half_compiled))
    for example in ("viewer", "reader"):
        shutil.copytree(resource(f"examples/{example}"), package, dirs_exist_ok=True)
    (folder / "resources").symlink_to(resource("examples").resolve().parent)
    put_in(package / "display/catalogue.py", "    media.OFFER,", lines_of("own_viewer"))
    put_in(package / "artifacts/container_table.py", '    Container("csv",', lines_of("own_reader"))
    venv.create(folder / "env", symlinks=True)
    (packages,) = (folder / "env" / "lib").glob("python*/site-packages")
    (packages / "it_and_what_it_needs.pth").write_text(f"{folder}\n{sysconfig.get_paths()['purelib']}\n")
    return folder / "env" / "bin" / "python"


def lines_of(page: str) -> list[str]:
    """The lines that a guide has one add to the program."""
    (block,) = re.findall(r"```\n(.*?)```", standing_page(page).text, flags=re.DOTALL)
    return block.splitlines()


def put_in(file: Path, before: str, lines: list[str]) -> None:
    """Add imports to the imports, and all else before the line that begins so."""
    text = file.read_text()
    for line in lines:
        follows = "from inspector" if line.startswith("from ") else before
        place = re.search(f"^{re.escape(follows)}", text, flags=re.MULTILINE)
        assert place is not None
        text = f"{text[: place.start()]}{line}\n{text[place.start() :]}"
    file.write_text(text)


def run(python: Path, *arguments: object) -> str:
    """What the extended program prints."""
    command = (python, "-I", *map(str, arguments))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "TZ": "UTC"}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_reader_makes_curves_of_a_file_that_was_text_before(python: Path, tmp_path: Path) -> None:
    log = tmp_path / "gpu.csv"
    log.write_text(GPU_LOG)
    facts = json.loads(run(python, "-m", "inspector", "info", log, "--json"))
    assert (facts["kind"], facts["container"]) == ("metrics", "nvidia-smi")
    read = json.loads(run(python, "-m", "inspector", "metrics", log, "--json"))
    curves = {one["tag"]: one for one in read["series"]}
    first, last = (
        datetime.fromisoformat(f"2026-11-21T17:28:{second}+00:00").timestamp() for second in ("21.104", "26.250")
    )
    assert curves["utilization.gpu [%]/gpu0"]["values"] == [3, 96]
    assert curves["utilization.gpu [%]/gpu0"]["times"] == [first, last]
    assert curves["memory.used [MiB]/gpu1"]["values"] == [9120]
    assert set(curves) == {
        *(f"{name}/gpu{gpu}" for gpu in (0, 1) for name in ("utilization.gpu [%]", "memory.used [MiB]")),
        "power.draw [W]/gpu0",
    }
    assert any("line 4 does not fit the header" in note for note in read["notes"])


def test_the_viewer_is_a_tab_that_shows_its_scene(python: Path, tmp_path: Path) -> None:
    picture = tmp_path / "inputs.png"
    sample_run = resource("sample_run")
    said = run(python, "-c", SHOW, sample_run, picture)
    with h5py.File(sample_run / "dumps/step_0000700.h5") as dump:
        images = dump["samples/image"][:].reshape(-1, 3).astype(float)
    for name, mean, deviation in zip(("red", "green", "blue"), images.mean(0), images.std(0), strict=True):
        title = f"{name}: mean {mean:.1f}, deviation {deviation:.1f} · 12 images of step_0000700.h5 · epoch 140"
        assert title in said
    assert said.count(f"{len(images)}.0") == 3
    assert not QImage(str(picture)).isNull()
