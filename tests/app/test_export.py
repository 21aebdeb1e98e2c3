"""Figures and points of curves as files, looked into by readers of their formats."""

from __future__ import annotations

import csv
import json
import re
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QImageReader
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from inspector.__main__ import main
from inspector.app.figures import check_pixels, figure_bytes
from inspector.core.errors import UsageError
from inspector.display.tokens import TOKENS
from inspector.views.curves.figure import Figure, part_of, usual_size
from inspector.views.theme import apply_theme, theme_name
from tests.views.curves.acting import USUAL, scene_of, series

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def figure(qapp: QApplication) -> Figure:
    apply_theme(qapp, "dark")
    scene = scene_of(*USUAL, smoothing=0.5)
    return Figure(title="run 1,400: lr/a", parts=tuple(part_of(panel, scene) for panel in scene.panels), note="a note")


def texts_of_pdf(pdf: bytes) -> list[str]:
    """Every text of the first page: its glyphs by the tables that a reader of PDF would look them up in."""
    objects = {int(m[1]): m[2] for m in re.finditer(rb"(\d+) 0 obj(.*?)endobj", pdf, re.DOTALL)}

    def stream(body: bytes) -> str:
        raw = re.search(rb"stream\r?\n(.*?)\r?\n?endstream", body, re.DOTALL)[1]
        return (zlib.decompress(raw) if b"FlateDecode" in body else raw).decode("latin1")

    fonts: dict[str, dict[int, str]] = {}
    for body in objects.values():
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body):
            font = objects[int(number)]
            described = objects[int(re.search(rb"/DescendantFonts \[(\d+)", font)[1])]
            facts = objects[int(re.search(rb"/FontDescriptor (\d+)", described)[1])]
            assert b"/FontFile2" in facts, "the font is embedded"
            table = stream(objects[int(re.search(rb"/ToUnicode (\d+)", font)[1])])
            known = fonts.setdefault(name.decode(), {})
            for low, high, to in re.findall(r"<(\w{4})> <(\w{4})> (\[[^\]]*\]|<\w+>)", table):
                characters = [int(one, 16) for one in re.findall(r"<(\w+)>", to)]
                for place, glyph in enumerate(range(int(low, 16), int(high, 16) + 1)):
                    known[glyph] = chr(characters[place] if to[0] == "[" else characters[0] + place)
    page = next(body for body in objects.values() if b"/Type /Page\n" in body)
    contents = stream(objects[int(re.search(rb"/Contents (\d+)", page)[1])])
    found = []
    for text in re.findall(r"BT(.*?)ET", contents, re.DOTALL):
        font = fonts[re.search(r"/(F\d+) ", text)[1]]
        glyphs = "".join(re.findall(r"<(\w+)> Tj", text))
        found.append("".join(font[int(glyphs[at : at + 4], 16)] for at in range(0, len(glyphs), 4)))
    return found


def texts_of_svg(svg: bytes) -> list[str]:
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{SVG}text")]


def expected_texts(figure: Figure) -> set[str]:
    entries = {entry.label for part in figure.parts for entry in part.entries}
    return {figure.title, figure.note, "step", "0", "200", *entries, *(part.title for part in figure.parts)}


def test_text_of_svg_and_pdf_is_text(figure: Figure) -> None:
    size = usual_size(len(figure.parts))
    svg, pdf = (figure_bytes(kind, figure, size) for kind in ("svg", "pdf"))
    assert set(texts_of_svg(svg)) >= expected_texts(figure)
    assert texts_of_svg(svg) == texts_of_pdf(pdf)
    root = ET.fromstring(svg)
    assert root.attrib["viewBox"] == f"0 0 {size[0]} {size[1]}"
    assert float(root.attrib["width"].removesuffix("mm")) == pytest.approx(size[0] / 96 * 25.4, abs=0.01)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert [float(one) for one in box.groups()] == pytest.approx([side * 0.75 for side in size], abs=1)
    assert QSvgRenderer(svg).isValid()


@pytest.mark.parametrize("dpi", [96, 300])
def test_a_png_is_as_large_on_paper_whatever_its_resolution(figure: Figure, dpi: int, tmp_path: Path) -> None:
    path = tmp_path / "figure.png"
    path.write_bytes(figure_bytes("png", figure, (960, 480), dpi=dpi))
    reader = QImageReader(str(path))
    assert reader.size() == QSize(10 * dpi, 5 * dpi)
    image = reader.read()
    assert image.dotsPerMeterX() == image.dotsPerMeterY() == round(dpi / 0.0254)
    assert image.text("Title") == figure.title


def test_figures_are_light_on_white_and_the_window_stays_as_it_is(figure: Figure) -> None:
    images = {
        theme: QImage.fromData(figure_bytes("png", figure, (600, 400), dpi=96, theme=theme))
        for theme in ("light", "dark")
    }
    assert images["light"].pixelColor(2, 2) == QColor("#ffffff")
    assert images["dark"].pixelColor(2, 2) == QColor(TOKENS["dark"].panel)
    assert theme_name() == "dark"


def test_a_spike_among_a_million_points_is_in_every_form(qapp: QApplication) -> None:
    apply_theme(qapp, "light")
    values = np.zeros(1_000_000)
    values[612_345] = 1.0
    scene = scene_of(series("train/loss", values))
    one = Figure(title="", parts=(part_of(scene.panels[0], scene),))
    size = (900, 560)
    svg = figure_bytes("svg", one, size)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    from PySide6.QtGui import QPainter

    painter = QPainter(image)
    QSvgRenderer(svg).render(painter)
    painter.end()
    for drawn in (image, QImage.fromData(figure_bytes("png", one, size, dpi=96))):
        blue = [
            (x, y)
            for x in range(100, 880)
            for y in range(120, 400, 40)
            if drawn.pixelColor(x, y).blue() - drawn.pixelColor(x, y).red() > 60
        ]
        assert blue, "the spike reaches through the whole height"
        assert max(x for x, _ in blue) - min(x for x, _ in blue) <= 2
    assert len(svg) < 300_000, "columns, not points, make the file"


def test_a_picture_that_cannot_be_held_is_refused() -> None:
    with pytest.raises(UsageError, match="less dpi"):
        check_pixels((8000, 8000), 600)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    rows = [{"step": step, "train/loss": 1 / (step + 1), "val/loss": 2.0} for step in range(30)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_the_command_writes_a_figure_and_every_point(run: Path, tmp_path: Path) -> None:
    svg, table = tmp_path / "loss.svg", tmp_path / "loss.csv"
    table.write_text("old")
    assert main(["export", str(run), "--panel", "loss", "--size", "700x400", "-o", str(svg)]) == 0
    assert {"run", "Loss", "train", "val", "step"} <= set(texts_of_svg(svg.read_bytes()))
    assert main(["export", str(run), "--filter", "train/*", "--range", "10:12", "-o", str(table)]) == 0
    with table.open(newline="") as file:
        assert [(row["step"], float(row["value"])) for row in csv.DictReader(file)] == [
            (str(step), 1 / (step + 1)) for step in (10, 11, 12)
        ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loss.csv", "loss.svg", "run"]


def test_what_cannot_be_written_is_said_and_leaves_what_was_there(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old.csv"
    old.write_text("old")
    for arguments, sentence in (
        (["-o", "a.txt"], "a.txt: curves are exported as PNG, SVG, PDF, CSV and npz"),
        (["--view", "slots", "-o", "a.svg"], "slots is exported as a PNG picture; SVG, PDF, CSV and npz are of curves"),
        (["--panel", "nope", "-o", str(old)], "none of the curves is asked for"),
        (["-o", str(run / "all.csv")], "it would stand in the run that it is made from"),
    ):
        assert main(["export", str(run), *arguments]) == 2
        assert sentence in capsys.readouterr().err
    assert old.read_text() == "old"
    assert [path.name for path in run.iterdir()] == ["metrics.jsonl"]
