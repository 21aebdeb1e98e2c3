"""`report` as a user runs it: a whole page in place, or what stood there and one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.command_line.catalogue import run_command
from inspector.core.errors import InspectorError, MissingError, UsageError
from inspector.formats.triage import Dismissal, Triage
from inspector.session.triage_store import file_of_run, save_triage
from tests.diagnosis.folders import write_curves, write_own
from tests.reader.own_rules import HEAD


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    write_curves(folder, range(125, 2501, 125), train__loss=lambda step: 1.0 if step < 1500 else float("nan"))
    write_own(folder)
    return folder


def _page_is_whole(page: str) -> bool:
    return page.startswith("<!doctype html>") and page.endswith("</html>\n")


def test_a_page_is_written_with_what_was_put_aside_and_why(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.html"
    out.write_text("what stood there")
    assert run_command("report", [str(run), "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    page = out.read_text("utf-8")
    assert _page_is_whole(page)
    assert told == {"path": str(out), "findings": page.count("<article"), "bytes": out.stat().st_size}
    assert "Loss is not finite" in page
    save_triage(
        file_of_run((str(run),)), Triage(dismissed={"loss-not-finite": Dismissal(dismissed=True, note="as planned")})
    )
    assert run_command("report", [str(run), "-o", str(out.with_suffix(".md"))]) == 0
    assert "as planned" in out.with_suffix(".md").read_text("utf-8")
    assert {path.name for path in tmp_path.iterdir()} == {"run", "a.html", "a.md"}


def test_rules_of_the_users_own_stand_in_the_page_and_a_file_that_fails_is_one_sentence(
    run: Path, tmp_path: Path
) -> None:
    out, file = tmp_path / "a.md", tmp_path / "mine.py"
    file.write_text(f"{HEAD}CHECKS = (Check(abouts=(ABOUT,), function=lambda *_: found()),)")
    assert run_command("report", [str(run), "-o", str(out), "--rules", str(file)]) == 0
    page = out.read_text("utf-8")
    assert "### My rule" in page
    assert "* **Found by**: your own rule, by mine.py" in page
    assert "### Loss is not finite" in page
    file.write_text("1 / 0")
    with pytest.raises(InspectorError, match=r"mine.py: expected a file of rules.*division by zero in line 1"):
        run_command("report", [str(run), "-o", str(out), "--rules", str(file)])
    assert out.read_text("utf-8") == page


@pytest.mark.parametrize(
    ("out", "said"), [("a.pdf", "told by the ending"), ("a", "told by the ending"), ("run/a.html", "another folder")]
)
def test_a_place_or_form_that_cannot_be_is_one_sentence(run: Path, tmp_path: Path, out: str, said: str) -> None:
    before = sorted(run.iterdir())
    with pytest.raises(UsageError, match=said):
        run_command("report", [str(run), "-o", str(tmp_path / out)])
    assert sorted(run.iterdir()) == before


def test_a_run_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        run_command("report", [str(tmp_path / "none"), "-o", str(tmp_path / "a.html")])


def test_what_is_no_run_leaves_what_stood_there(tmp_path: Path) -> None:
    (tmp_path / "x.pt").write_bytes(b"PK\x03\x04 torn")
    out = tmp_path / "a.html"
    out.write_text("what stood there")
    with pytest.raises(InspectorError):
        run_command("report", [str(tmp_path / "x.pt"), "-o", str(out)])
    assert out.read_text() == "what stood there"
    assert {path.name for path in tmp_path.iterdir()} == {"x.pt", "a.html"}
