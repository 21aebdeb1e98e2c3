"""The page of licences names all that the program bundles and all that it asks to be installed."""

from __future__ import annotations

import runpy
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LICENCES = runpy.run_path(str(ROOT / "packaging" / "licences.py"))
ROWS = {
    cells[1].strip().lower().replace("_", "-"): cells[2].strip()
    for cells in (line.split("|") for line in LICENCES["PAGE"].read_text().splitlines())
    if len(cells) == 5
}


@pytest.mark.parametrize("extra", ["", "filters", "train"])
def test_every_package_that_is_asked_for_is_named_with_the_licence_it_tells(extra):
    for wanted in LICENCES["requirements"](extra):
        name = Requirement(wanted).name
        told = metadata.metadata(name)
        licence = ROWS[name.lower().replace("_", "-")]
        assert licence
        assert licence == told.get("License-Expression", licence), f"run packaging/licences.py: {name}"


def test_the_page_has_no_link_that_leaves_the_program():
    told = LICENCES["PAGE"].read_text()
    assert told.count("http") == told.count("`http") > 20


def test_every_bundled_font_and_icon_has_its_licence_beside_it_and_is_named():
    fonts = {path.stem.partition("-")[0] for path in (ROOT / "resources" / "fonts").glob("*.ttf")}
    texts = {path.stem.partition("-")[0] for path in (ROOT / "resources" / "fonts").glob("*-LICENSE.txt")}
    assert fonts == texts
    assert {name.lower() for name in fonts} <= {name.replace(" ", "") for name in ROWS}
    assert "Lucide" in (ROOT / "resources" / "icons" / "LICENSE.txt").read_text()
    assert ROWS["lucide"].startswith("ISC")


def test_a_package_that_tells_no_licence_must_be_looked_at(tmp_path):
    (tmp_path / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1\n")
    with pytest.raises(ValueError, match="odd tells no licence"):
        LICENCES["licence_of"](metadata.Distribution.at(tmp_path))


def test_every_package_that_a_frozen_program_bundles_brings_its_text_or_has_gnus(tmp_path):
    for extra in ("", "filters"):
        among: dict[str, metadata.Distribution] = {}
        LICENCES["installed_for"](LICENCES["requirements"](extra), among)
        for name, package in among.items():
            LICENCES["write_texts_of"](package, tmp_path / name)
            texts = [path for path in (tmp_path / name).rglob("*") if path.is_file()]
            assert sum(path.stat().st_size for path in texts) > (30 if "LGPL" in texts[0].read_text() else 500), name


def test_a_package_without_a_text_must_be_looked_at(tmp_path):
    (tmp_path / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1\nLicense: MIT\n")
    with pytest.raises(ValueError, match="odd brings no text"):
        LICENCES["write_texts_of"](metadata.Distribution.at(tmp_path), tmp_path / "out")
