"""Contact sheets and folders of pictures, looked into by readers of their formats."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from inspector.app import sample_export_writers
from inspector.app.sample_export_texts import cells_of
from inspector.app.sample_export_writers import LEAST_PX, Look, PdfSheet, PictureFolder, PictureWriter, PngSheet
from inspector.core.errors import UsageError
from inspector.display.tokens import TOKENS
from inspector.formats.marks import Mark, marks_from
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.views.gallery.contact_sheet import PAGE_PX, Cell, Heading, LegendItem, plan_of
from inspector.views.gallery.texts import plain_caption
from inspector.views.gallery.tiles import Picture
from inspector.views.theme import apply_theme
from tests.app.test_export import texts_of_pdf

HEADING = Heading("a run · Points", "step_10.h5 · flagged", (LegendItem("ring", ("#3ddc84",), "truth"),))
NO_POINTS = np.zeros((0, 10), np.float32)


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


def ink_of(sample: int) -> QColor:
    return QColor(40 + sample * 37 % 200, 90, 250 - sample * 53 % 200)


def picture(sample: int, height: int = 30, width: int = 40, *, problem: str = "", points: int = 0) -> Picture:
    """A flat colour a sample, as it comes from a reader: blue, green, red, alpha."""
    ink = ink_of(sample)
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., :3] = (ink.blue(), ink.green(), ink.red())
    return Picture(pixels, (0.0, 0.0, 1.0, 1.0), np.zeros((points, 10), np.float32), problem)


def cells(count: int) -> tuple[Cell, ...]:
    return tuple(Cell(f"{sample + 1}", f"{sample}.5 px", "", "") for sample in range(count))


def written(writer: PictureWriter, pictures: list[Picture]) -> str:
    """What a writer says in the end."""
    for sample, one in enumerate(pictures):
        for _ in writer.take(sample, sample, one):
            pass
    finishing = writer.finish()
    while True:
        try:
            next(finishing)
        except StopIteration as end:
            return str(end.value)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_row_of_a_sheet_has_its_pictures_and_nothing_parts_the_rows(tmp_path: Path, theme: str) -> None:
    out = tmp_path / "sheet.png"
    assert "20 samples" in written(
        PngSheet(out, cells(20), HEADING, 4 / 3, Look(theme, None)),  # type: ignore[arg-type]  # one of the two
        [picture(sample) for sample in range(20)],
    )
    image = QImage(str(out))
    plan = plan_of(cells(20), 4 / 3, paged=False)
    ratio = image.width() / plan.size.width()
    assert image.height() == round(plan.size.height() * ratio)
    for sample in range(20):
        middle = plan.area_of(sample).center() * ratio
        assert image.pixelColor(round(middle.x()), round(middle.y())) == ink_of(sample)
    panel = QColor(TOKENS[theme].panel)  # type: ignore[index]  # one of the two
    assert {image.pixelColor(3, row).name() for row in range(image.height())} == {panel.name()}
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_contact_sheet_looks_as_it_is_stored(
    tmp_path: Path, qtbot: QtBot, check_picture: Callable[[QLabel, str], None], theme: str
) -> None:
    told = (
        Cell("18", "104.2 px", "done 0.15 · gt 0 · 21 objects", "#hard #far  two objects touch", Mark(flagged=True)),
        Cell("1,204", "57.0 px", "done 0.90 · gt 1 · 3 objects", "", Mark(flagged=True, rejected=True)),
        Cell("7", "–", "2 objects", "", Mark(rejected=True)),
        Cell("300", "3.1 px", "done 0.02 · gt 0 · 118 objects"),
    )
    legend = (
        LegendItem("ring", ("#3ddc84",), "truth"),
        LegendItem("line", ("#ffd84d",), "error"),
        LegendItem("square", ("#0072b2", "#e69f00", "#009e73"), "slots"),
        LegendItem("bar", ("#440154", "#21918c", "#fde725"), "channels that fire"),
    )
    pictures = [
        picture(0, 120, 160),
        picture(1, 160, 80),
        picture(2, 1, 1, problem="no picture at a/b.png"),
        picture(3),
    ]
    heading = Heading("fsc-pointing-b · Points", "points_e055.h5 · flagged · 4 of 500 samples", legend)
    out = tmp_path / "sheet.png"
    written(PngSheet(out, told, heading, 4 / 3, Look(theme, None)), pictures)  # type: ignore[arg-type]  # one of the two
    label = QLabel()
    qtbot.addWidget(label)
    label.setPixmap(QPixmap(str(out)))
    label.resize(label.pixmap().size())
    check_picture(label, f"contact-sheet-{theme}")


def test_pages_of_a_pdf_hold_every_caption_as_text(tmp_path: Path) -> None:
    out = tmp_path / "pages.pdf"
    said = written(PdfSheet(out, cells(40), HEADING, 1.0, Look("light", None)), [picture(one) for one in range(40)])
    plan = plan_of(cells(40), 1.0, paged=True)
    pdf = out.read_bytes()
    assert plan.pages == len(re.findall(rb"/Type /Page\n", pdf)) == 3
    assert said.startswith("40 samples on 3 pages")
    first_page = texts_of_pdf(pdf)
    assert first_page[:2] == [HEADING.title, HEADING.about]
    assert {"page 1 of 3", "truth", "1", "0.5 px", f"{plan.columns * plan.rows}"} <= set(first_page)
    box = [float(one) for one in re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups()]
    assert box == pytest.approx([PAGE_PX.width() * 0.75, PAGE_PX.height() * 0.75], abs=1)


def test_samples_of_a_page_do_not_lie_over_each_other_or_beyond_it() -> None:
    for aspect in (0.1, 0.7, 1.0, 9.0):
        for paged in (False, True):
            plan = plan_of(cells(100), aspect, paged=paged)
            page = QRectF(QPointF(), plan.size)
            areas: dict[int, list[QRectF]] = {}
            for sample in range(100):
                area = plan.area_of(sample).adjusted(0, 0, 0, plan.caption_px)
                assert page.contains(area)
                assert not any(area.intersects(other) for other in areas.setdefault(plan.page_of(sample), []))
                areas[plan.page_of(sample)].append(area)
            assert max(areas) == plan.pages - 1


def test_pictures_of_a_folder_have_their_own_size_small_ones_a_multiple_and_what_is_painted_over_them(
    tmp_path: Path,
) -> None:
    inks = []

    def paint(painter: QPainter, area: QRectF, points: np.ndarray) -> None:
        inks.append(len(points))
        painter.fillRect(QRectF(area.topLeft(), area.center()), QColor("#ffffff"))

    sizes = [(30, 40), (300, 500), (1000, 2000), (1, 1)]
    pictures = [picture(place, *size, points=place) for place, size in enumerate(sizes)]
    pictures[1] = pictures[1]._replace(problem="b.png: expected an image, found nothing at images/b.png")
    pictures[3] = pictures[3]._replace(problem="c.png is damaged")
    said = written(PictureFolder(tmp_path / "out", 4096, Look("dark", paint)), pictures)
    assert re.match(r"3 pictures, [\d.]+ kB; 2 without an image: b\.png", said)
    factor = -(-LEAST_PX // 40)
    images = [QImage(str(tmp_path / "out" / f"sample_{number:05d}.png")) for number in (1, 2, 3)]
    assert [(one.height(), one.width()) for one in images] == [(30 * factor, 40 * factor), (300, 500), (1000, 2000)]
    assert inks == [1, 2]  # only where there are points
    assert images[2].pixelColor(10, 10) == QColor("#ffffff")
    assert images[2].pixelColor(1990, 990) == ink_of(2)
    told = images[1]
    assert told.pixelColor(490, 10) == ink_of(1)
    assert told.pixelColor(6, 294) == QColor(TOKENS["dark"].panel)  # under the words at the foot
    assert any(told.pixelColor(x, y).lightness() > 120 for x in range(8, 200) for y in range(280, 292))


def test_too_many_samples_are_refused_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_export_writers, "MOST_ON_PAGES", 3)
    monkeypatch.setattr(sample_export_writers, "MOST_SIDE_PX", 500)
    with pytest.raises(UsageError, match="a PDF takes 3 samples; choose fewer than 4"):
        PdfSheet(tmp_path / "a.pdf", cells(4), HEADING, 1.0, Look("light", None))
    with pytest.raises(UsageError, match="20 samples are too many for one picture"):
        PngSheet(tmp_path / "a.png", cells(20), HEADING, 1.0, Look("light", None))
    assert list(tmp_path.iterdir()) == []


def test_what_is_let_go_of_leaves_nothing(tmp_path: Path) -> None:
    for writer in (
        PdfSheet(tmp_path / "a.pdf", cells(4), HEADING, 1.0, Look("light", None)),
        PngSheet(tmp_path / "a.png", cells(4), HEADING, 1.0, Look("light", None)),
        PictureFolder(tmp_path / "a", 4096, Look("light", None)),
    ):
        for _ in writer.take(0, 0, picture(0)):
            pass
        writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_captions_tell_the_number_that_samples_are_sorted_by_and_what_was_said() -> None:
    errors = np.array([12.25, np.nan, 3.0])
    table = SampleTable(samples=3, scanned=3, columns=(sample_column("err_px", errors),))
    marks = marks_from({2: Mark(flagged=True, tags=("far",), note="two\nlines")})
    first, lost, said = cells_of(table, "err_px", marks, np.array([0, 1, 2]), plain_caption)
    assert (first.name, first.value, first.facts, first.said) == ("1", "12.2 px", "", "")
    assert lost.value == "–"
    assert (said.mark.flagged, said.said) == (True, "#far  two\\x0alines")
