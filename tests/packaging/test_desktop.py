"""The menu entry, the MIME types and the metadata are valid, agree, and bring files to the program."""

from __future__ import annotations

import configparser
import json
import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtGui import QImage

LINUX = Path(__file__).resolve().parents[2] / "packaging" / "linux"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"

ASK_QT = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QMimeDatabase
from inspector.app.launch import start_qt
app, known = start_qt("offscreen"), QMimeDatabase()
types = {Path(path).name: known.mimeTypeForFile(path).name() for path in sys.argv[1:]}
icon = not app.windowIcon().pixmap(64, 64).isNull()
print(json.dumps({"types": types, "entry": app.desktopFileName(), "icon": icon}))
"""


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is installed for a program whose path must be quoted."""
    prefix = tmp_path_factory.mktemp("desktop")
    program = prefix / 'a "new" $HOME' / "100% `run` \\inspector"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    program.chmod(0o755)
    runpy.run_path(str(LINUX / "install.py"))["install"](prefix, str(program))
    return prefix / "share"


def entry(share: Path) -> configparser.ConfigParser:
    (path,) = (share / "applications").glob("*.desktop")
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.optionxform = str
    parsed.read(path)
    return parsed


def checked(validator: str, *arguments: str | Path) -> str:
    """What a validator prints; fails where it is not content."""
    if shutil.which(validator) is None:
        pytest.skip(f"{validator} is not installed")
    done = subprocess.run((validator, *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_entry_is_valid(share):
    for path in (*LINUX.glob("*.desktop"), *(share / "applications").glob("*.desktop")):
        assert checked("desktop-file-validate", path) == ""


def test_the_metadata_is_valid(share):
    (path,) = (share / "metainfo").glob("*.xml")
    told = checked("appstreamcli", "validate", "--no-net", "--no-color", path)
    assert not [line for line in told.splitlines() if line.startswith(("E:", "W:", "I:"))]


def test_the_mime_types_are_taken_into_the_database(share, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # else it notes that nobody looks there
    shutil.copytree(share / "mime", tmp_path / "mime")
    assert checked("update-mime-database", tmp_path / "mime") == ""
    assert "*.pth" in (tmp_path / "mime" / "globs2").read_text()


def test_entry_and_metadata_name_the_same_types_and_each_of_ours_is_declared(share):
    listed = entry(share)["Desktop Entry"]["MimeType"].strip(";").split(";")
    metadata = ET.parse(next((share / "metainfo").glob("*.xml"))).getroot()
    declared = ET.parse(next((share / "mime" / "packages").glob("*.xml"))).getroot()
    assert [one.text for one in metadata.iterfind("provides/mediatype")] == listed
    assert metadata.findtext("launchable") == next((share / "applications").glob("*.desktop")).name
    ours = [one.get("type") for one in declared.iterfind(f"{MIME}mime-type")]
    assert ours == [name for name in listed if "run-inspector" in name]


def test_files_are_of_the_types_that_the_entry_opens(share, tmp_path):
    for name in ("model.pt", "last.CKPT", "arrays.npz"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02.")
    (tmp_path / "old.pth").write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")
    (tmp_path / "events.out.tfevents.1700000000.host").write_bytes(bytes(24))
    (tmp_path / "dump.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    (tmp_path / "notes.txt").write_text("no run\n")
    done = subprocess.run(
        (sys.executable, "-c", ASK_QT, *sorted(tmp_path.iterdir())), check=True, capture_output=True, text=True,
        env={**os.environ, "XDG_DATA_HOME": str(share), "XDG_DATA_DIRS": "/usr/local/share:/usr/share"},
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["types"] == {
        "model.pt": "application/x-run-inspector-checkpoint",
        "last.CKPT": "application/x-run-inspector-checkpoint",
        "old.pth": "application/x-run-inspector-checkpoint",
        "arrays.npz": "application/x-run-inspector-arrays",
        "events.out.tfevents.1700000000.host": "application/x-run-inspector-log",
        "dump.h5": "application/x-hdf",
        "notes.txt": "text/plain",
    }
    assert {*told["types"].values()} - {"text/plain"} <= set(entry(share)["Desktop Entry"]["MimeType"].split(";"))
    assert (share / "applications" / f"{told['entry']}.desktop").exists()
    assert told["icon"]


def test_the_entry_starts_the_program_on_what_was_double_clicked(share, tmp_path):
    # Within its double quotes a command of an entry is quoted as the shell's are, once the value itself is read.
    for group, opened in (
        ("Desktop Entry", [str(tmp_path / "model.pt"), "/runs/b"]),
        ("Desktop Action open-sample", []),
    ):
        command = entry(share)[group]["Exec"].replace("\\\\", "\\").replace("%%", "%")
        line = command.replace("%F", '"$@"')
        done = subprocess.run(("sh", "-c", line, "sh", *opened), check=True, capture_output=True, text=True)
        assert json.loads(done.stdout) == (opened or ["demo"])
    tried = entry(share)["Desktop Entry"]["TryExec"].replace("\\\\", "\\")
    assert os.access(tried, os.X_OK)


def test_icons_have_their_sizes_and_are_drawn(share):
    icons = sorted((share / "icons" / "hicolor").rglob("*.png"))
    assert len(icons) == 8
    for path in icons:
        image = QImage(str(path))
        assert path.parts[-3] == f"{image.width()}x{image.height()}"
        middle = image.width() // 2
        assert len({image.pixel(x, middle) for x in range(image.width())}) > 3
