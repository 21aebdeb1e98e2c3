"""A report of a run whose files try to be markup: it says what triage says, shows their texts, and fetches nothing."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest
from PIL import Image

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.core.resources import resource
from inspector.display.report.figures import shot_svg
from inspector.display.report.html import html_of
from inspector.display.report.markdown import markdown_of, plain
from inspector.display.report.prepare import report_of, write_report
from inspector.display.report.values import Report, ReportAsk
from inspector.formats.nonfinite import to_json
from inspector.formats.run_folder import RUN_FILE, Parent, RunRecord
from tests.diagnosis.folders import write_metrics

HOSTILE = "<script>alert('x')</script>"
BREAKING = '"><img src=x onerror=alert(1)>'
VOID = {"meta", "img"}
DRAWN = {"svg", "path", "rect", "circle", "text", "image"}
WRITTEN = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "nav", "article", "div",
    "span", "p", "a", "h1", "h2", "h3", "h4", "ul", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td",
    "code", "figure", "figcaption", "details", "summary", "img",
}  # fmt: skip


class Page(HTMLParser):
    """What is in a page, and whether its elements are closed in their order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _ask(*paths: Path, **told: object) -> ReportAsk:
    return msgspec.structs.replace(ReportAsk(paths=tuple(map(str, paths)), form="html", made_s=86_400.0), **told)


SAMPLE = _ask(resource("sample_run"), dismissed=("dead-channels",), notes={"dead-channels": HOSTILE})


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("run")
    record = RunRecord(
        id="a", name=HOSTILE, recipe=BREAKING, seed=0, host=HOSTILE, started=0.0, versions={BREAKING: HOSTILE}
    )
    (folder / RUN_FILE).write_bytes(to_json(record))
    (folder / "settings.json").write_bytes(to_json({HOSTILE: {BREAKING: HOSTILE}, "url": "https://example.org/x.js"}))
    write_metrics(
        folder, [{"step": step, f"train/{HOSTILE}": 1 / (step + 1), BREAKING: step} for step in range(0, 40, 4)]
    )
    rng = np.random.default_rng(0)
    with h5py.File(folder / f"{HOSTILE.replace('/', '')}.h5", "w") as file:
        file.attrs["layout"] = "ri-dump/1"
        file["image"] = rng.integers(0, 255, (3, 20, 40, 3), np.uint8)
        gt = np.array([[[10.0, 10.0]], [[20.0, 10.0]], [[30.0, 10.0]]], np.float32)
        file["gt_points"] = gt
        file["pred_points"] = gt + np.array([[[3.0, 4.0]], [[6.0, 8.0]], [[0.0, 1.0]]], np.float32)
    return report_of(_ask(folder), QUIET)


@pytest.fixture(scope="module")
def sample() -> Report:
    return report_of(
        _ask(resource("sample_run"), dismissed=("dead-channels",), notes={"dead-channels": HOSTILE}), QUIET
    )


@pytest.mark.parametrize("name", ["hostile", "sample"])
def test_a_page_runs_nothing_and_fetches_nothing(name: str, request: pytest.FixtureRequest) -> None:
    page = html_of(request.getfixturevalue(name))
    found = Page(page)
    assert {tag for tag, _ in found.elements} <= WRITTEN | DRAWN
    for tag, attributes in found.elements:
        assert not [key for key in attributes if key.startswith("on") or key in ("style", "srcset", "action")]
        for address in (attributes.get("src", ""), attributes.get("href", "")):
            assert not address or address.startswith("data:image/png;base64,") or (tag == "a" and address[0] == "#")
    policy = next(told["content"] for _, told in found.elements if told.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(style) == 1
    assert not re.search(r"@import|url\(|http|expression|<", style[0])


def test_texts_of_files_are_shown_as_they_are(hostile: Report) -> None:
    text = Page(html_of(hostile)).text
    assert text.count(HOSTILE) >= 5  # title, heading, host, version, setting
    assert BREAKING in text
    assert "https://example.org/x.js" in text


def test_a_page_says_what_the_triage_view_says(sample: Report) -> None:
    text = Page(html_of(sample)).text
    shown = [row for row in sample.triage.findings if not row.dismissed]
    assert len(shown) >= 3
    assert sample.triage.headline in text
    for row in shown:
        assert all(said in text for said in (row.title, row.summary, row.since, row.why, row.false_alarm))
        assert all(edit.reason in text for cure in row.cures for edit in cure.edits)
    assert all(f"{one.title}{one.value}{one.qualifier}" in text for one in sample.triage.numbers)
    assert all(one.because in text for one in sample.triage.not_assessable)
    (aside,) = [row for row in sample.triage.findings if row.dismissed]
    assert text.count(aside.title) == 1
    assert f"{aside.title} — {HOSTILE}" in text
    assert aside.summary not in text


def test_what_was_looked_for_stands_by_its_subject_also_on_paper(sample: Report) -> None:
    page = html_of(sample)
    text = Page(page).text
    passed = sample.triage.passed
    rates = " · ".join(one.title for one in passed if one.subject == "Learning rate")
    assert rates
    assert f"Looked for and not found: {len(passed)} kinds" in text
    assert f"Learning rate{rates}" in text
    # Without its heading on paper it would read as what could not be assessed.
    printed = page[page.index("@media print") : page.index("</style>")]
    assert re.findall(r"([^{}]+)\{display:none\}", printed) == ["\n nav", ".set td:nth-child(3)"]


def test_the_versions_of_the_run_and_of_this_program_are_told(sample: Report) -> None:
    record = msgspec.json.decode((resource("sample_run") / "run.json").read_bytes())
    text = Page(html_of(sample)).text
    assert f"torch{record['versions']['torch']}" in text
    assert "Run Inspector 0." in text
    assert "1970-01-02 00:00 UTC" in text
    assert f"Host{record['host']}" in text


def test_settings_stand_folded_below_those_that_differ(sample: Report) -> None:
    page = html_of(sample)
    folded = page[page.index("<summary>All settings") :]
    assert sample.triage.against is not None
    assert all(row.path in page[: page.index("<summary>All settings")] for row in sample.triage.against.rows)
    paths = [row.path for group in sample.settings for row in group.rows]
    assert "optim.lr" in paths
    assert all(f">{path}</td>" in folded for path in paths)


def test_the_worst_samples_come_first_with_rings_where_the_points_are(hostile: Report) -> None:
    (samples,) = hostile.samples
    assert [one.caption for one in samples.shots] == ["sample 2 · 10.0 px", "sample 1 · 5.0 px", "sample 3 · 1.0 px"]
    first = samples.shots[0]
    assert first.pictures[0].shape == (20, 40, 4)
    # The middle of a pixel lies half a pixel behind its number: (20.5, 10.5) of 40 x 20.
    assert first.pairs[0].gt == pytest.approx((20.5 / 40, 10.5 / 20))
    rings = [told for tag, told in Page(html_of(hostile)).elements if tag == "circle" and told["class"] == "gt"]
    assert [(told["cx"], told["cy"]) for told in rings] == [("20.5", "10.5"), ("10.5", "10.5"), ("30.5", "10.5")]


def test_a_point_outside_of_its_picture_is_within_the_drawing(hostile: Report) -> None:
    shot = hostile.samples[0].shots[0]
    pair = msgspec.structs.replace(shot.pairs[0], prediction=(1.2, 0.5))
    ((_, box), *_rest) = Page(shot_svg(msgspec.structs.replace(shot, pairs=(pair,)))).elements
    left, top, width, height = map(float, box["viewbox"].split())
    assert left < 0 < 1.2 * 40 < left + width
    assert top < 0 < 20 < top + height
    ((_, whole), *_rest) = Page(shot_svg(shot)).elements
    assert whole["viewbox"] == "0 0 40 20"


def test_pictures_in_the_page_are_those_of_the_samples(hostile: Report) -> None:
    images = [told["href"] for tag, told in Page(html_of(hostile)).elements if tag == "image"]
    assert len(images) == 3
    data = base64.b64decode(images[0].partition(",")[2])
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(data))), hostile.samples[0].shots[0].pictures[0][..., :3]
    )


def test_a_curve_is_drawn_from_its_first_point_to_its_last(hostile: Report) -> None:
    chart = next(one for one in hostile.charts if any(line.label.startswith('"') for line in one.lines))
    line = next(line for line in chart.lines if line.label.startswith('"'))
    # 0, 4, ..., 36 with a twentieth of the range above and below.
    np.testing.assert_allclose(line.x, np.linspace(0, 1, 10))
    np.testing.assert_allclose(line.y, (np.linspace(0, 1, 10) + 0.05) / 1.1)
    assert line.last == "36"


def test_markdown_shows_the_same_texts(hostile: Report, sample: Report) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    reader = markdown_it.MarkdownIt("commonmark").enable("table")
    for report in (hostile, sample):
        page = reader.render(markdown_of(report))
        found = Page(page)
        assert {tag for tag, _ in found.elements} <= {
            "h1", "h2", "h3", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td",
        }  # fmt: skip
        assert all(row.title in found.text for row in report.triage.findings)
        assert page.count("</ul>\n<ul>\n<li><strong>Why it matters") >= (report is sample)  # two lists, not one
    found = Page(reader.render(markdown_of(hostile)))
    assert found.text.count(HOSTILE) >= 4
    assert BREAKING in found.text


@pytest.mark.parametrize(
    "text", ["- no list", "1. no list", "# no heading", "a | b", "*a* _b_ `c`", "0.263", "[a](b)", "---", "a & b &lt;"]
)
def test_a_text_stays_what_it_is_in_markdown(text: str) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    assert markdown_it.MarkdownIt("commonmark").render(plain(text)) == f"<p>{_escaped(text)}</p>\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_the_same_files_give_the_same_bytes_in_place_of_what_was_there(tmp_path: Path, sample: Report) -> None:
    with (tmp_path / "a").open("w+b") as file:
        file.write(b"what was there" * 100_000)
        file.flush()
        told = write_report(SAMPLE, file.fileno(), QUIET)
    written = (tmp_path / "a").read_bytes()
    assert written.decode() == html_of(sample)
    assert told.bytes == len(written)
    assert told.findings == len(sample.triage.findings) - 1


def test_a_resumed_run_is_told_against_its_parent(tmp_path: Path) -> None:
    parent, child = tmp_path / "parent", tmp_path / "child"
    for folder in (parent, child):
        folder.mkdir()
    record = RunRecord(id="p", name="parent", recipe="slots", seed=0, host="h", started=0.0, status="finished")
    (parent / RUN_FILE).write_bytes(to_json(record))
    write_metrics(
        parent, [{"step": step, "train/loss": 1.0 if step < 600 else "NaN"} for step in range(100, 1001, 100)]
    )
    resumed = Parent(id="p", path=str(parent), checkpoint="last.pt", sha256="", step=500, epoch=4.0)
    (child / RUN_FILE).write_bytes(to_json(msgspec.structs.replace(record, id="c", name="child", parent=resumed)))
    write_metrics(child, [{"step": step, "train/loss": 100 / step} for step in range(600, 2001, 100)])
    report = report_of(_ask(child, parent=str(parent)), QUIET)
    assert report.triage.parent is not None
    assert report.triage.parent.counts == "1 gone"
    text = Page(html_of(report)).text
    assert "Against the run that it resumesparent: 1 gonegoneLoss is not finite" in text
    assert "## Against the run that it resumes\n\nparent: 1 gone\n" in markdown_of(report)
    assert "Against the run" not in html_of(report_of(_ask(child), QUIET))


@pytest.mark.parametrize(
    "lines", [[], [{"step": 1, "loss": 1.0}], [{"step": 1, "loss": "NaN"}, {"step": 2, "loss": "Infinity"}]]
)
def test_a_run_of_next_to_nothing_has_a_report(lines: list[dict[str, object]], tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_bytes(b"".join(to_json(line) + b"\n" for line in lines))
    report = report_of(_ask(tmp_path, name="other"), QUIET)
    assert report.name == "other"
    assert "other" in Page(html_of(report)).text
    assert markdown_of(report).startswith("# other\n")


def test_a_report_that_is_not_wanted_any_more_ends(tmp_path: Path) -> None:
    write_metrics(tmp_path, [{"step": 1, "loss": 1.0}])
    with pytest.raises(WorkCancelled):
        report_of(_ask(tmp_path), Pulse(cancelled=lambda: True))
