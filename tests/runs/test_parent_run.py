"""The parent of a resumed run is found by what both say of themselves, and `triage` holds one against the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from inspector.formats.nonfinite import to_json
from inspector.formats.run_folder import RUN_FILE, Parent, RunRecord
from inspector.runs.parent_run import parent_folder
from tests.diagnosis.folders import write_curves
from tests.reader.command import call

RECORD = RunRecord(id="p", name="first", recipe="", seed=0, host="h", started=0.0, status="finished")


def write_run(folder: Path, identity: str, parent: Path | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    of = None
    if parent is not None:
        of = Parent(id="p", path=str(parent), checkpoint="c", sha256="", step=400, epoch=None)
    record = msgspec.structs.replace(RECORD, id=identity, name=folder.name, parent=of)
    (folder / RUN_FILE).write_bytes(to_json(record))
    return folder


def test_a_parent_is_where_it_was_or_beside_its_child(tmp_path: Path) -> None:
    parent = write_run(tmp_path / "first", "p")
    assert parent_folder(write_run(tmp_path / "second", "c", parent)) == parent
    assert parent_folder(write_run(tmp_path / "third", "c", Path("/gone/elsewhere/first"))) == parent
    assert parent_folder(parent) is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"id": "q"}', b"[" * 100_000, b'{"id": "p"' + b" " * 2_000_000])
def test_a_folder_that_is_not_that_run_is_not_taken_for_it(tmp_path: Path, content: bytes) -> None:
    child = write_run(tmp_path / "second", "c", tmp_path / "first")
    assert parent_folder(child) is None
    other = tmp_path / "first"
    other.mkdir()
    assert parent_folder(child) is None
    (other / RUN_FILE).write_bytes(content)
    assert parent_folder(child) is None


@pytest.mark.parametrize("named", ["", "/", "..", "a\0b", "~"])
def test_a_name_that_is_no_folder_leads_nowhere(tmp_path: Path, named: str) -> None:
    child = write_run(tmp_path / "second", "c", tmp_path)
    record = json.loads((child / RUN_FILE).read_bytes())
    record["parent"]["path"] = named
    (child / RUN_FILE).write_text(json.dumps(record))
    assert parent_folder(child) is None


def test_triage_says_what_became_of_what_was_found_in_the_parent(tmp_path: Path) -> None:
    parent = write_run(tmp_path / "first", "p")
    write_curves(parent, range(10, 1010, 10), train__loss=lambda step: float("nan") if step > 500 else 1 / step)
    child = write_run(tmp_path / "second", "c", parent)
    write_curves(child, range(410, 1010, 10), train__loss=lambda step: 1 / step)

    told: Any = json.loads(call("triage", child, "--json").stdout)["runs"][0]["against_parent"]
    assert told["parent"] == "first"
    assert [(row["id"], row["outcome"]) for row in told["rows"]] == [("loss-not-finite", "gone")]
    lines = call("triage", child).stdout.splitlines()
    assert "  against first, which it resumes:" in lines
    assert lines[lines.index("  against first, which it resumes:") + 1].startswith("    gone: ")


def test_a_run_is_not_its_own_parent(tmp_path: Path) -> None:
    assert parent_folder(write_run(tmp_path / "first", "p", tmp_path / "first")) is None
