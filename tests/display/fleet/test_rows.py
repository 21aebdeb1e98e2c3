"""What the row of a run tells, how it is known again, and how rows are filtered and sorted."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from inspector.core.pulse import QUIET
from inspector.display.fleet import columns
from inspector.display.fleet.columns import (
    FIXED,
    Column,
    SettingColumns,
    age_text,
    heading_tip,
    notes_of,
    setting_columns,
    severity_counts,
    text_of,
)
from inspector.display.fleet.order import kept, ordered
from inspector.display.fleet.survey import known_rows, surveyed
from inspector.formats.fleet import FleetFinding, FleetRow, FleetRun, FleetScore
from inspector.formats.fleet_cache import keep_fleet
from inspector.formats.metric_meanings import tip_of
from inspector.runs import fleet

LONG_AGO_S = 1_600_000_000
BY_KEY = {column.key: column for column in FIXED}


def write_run(folder: Path, losses: Sequence[object], **settings: object) -> FleetRun:
    """A metric record of one validation loss every ten steps, settings, and a dump that is not to be opened."""
    folder.mkdir(parents=True)
    rows = [{"step": 10 * place, "val/loss": loss} for place, loss in enumerate(losses)]
    (folder / "metrics.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (folder / "config.json").write_text(json.dumps(settings))
    (folder / "dump.h5").write_bytes(b"no dump at all")
    for path in folder.iterdir():
        os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    return FleetRun(folder.name, (str(folder),))


def row(name: str, best: float | None = None, status: str = "finished", **settings: str) -> FleetRow:
    score = None if best is None else FleetScore(tag="val/loss", last=best, best=best, best_step=1.0)
    return FleetRow(run=FleetRun(name, (f"/{name}",)), status=status, score=score, settings=settings)


def names(rows: Sequence[FleetRow]) -> str:
    return " ".join(one.run.name for one in rows)


def test_a_row_tells_best_and_last_and_settings_and_opens_no_dump(tmp_path: Path) -> None:
    found = surveyed(write_run(tmp_path / "a", [3.0, 1.5, 2.0], lr=0.001, name="x"), QUIET)
    assert found.row.score is not None
    assert (found.row.score.tag, found.row.score.best, found.row.score.best_step) == ("val/loss", 1.5, 10.0)
    assert found.row.score.last == 2.0
    assert found.row.settings == {"lr": "0.001", "name": "x"}
    assert found.row.changed_s == LONG_AGO_S
    assert not found.row.unread
    assert notes_of(found.row) == ("1 dump, checkpoint or media file was not opened",)
    several = msgspec.structs.replace(found.row, notes=("damaged",), cut=True, left_out=2000)
    assert notes_of(several) == (
        "damaged",
        "its logs are long and were read in part",
        "2,000 dumps, checkpoints and media were not opened",
    )
    assert not found.diagnosis.complete


def test_a_loss_that_is_no_number_is_among_the_findings_of_a_row(tmp_path: Path) -> None:
    healthy = surveyed(write_run(tmp_path / "a", [3.0, 2.0, 1.5, 1.2]), QUIET).row
    broken = surveyed(write_run(tmp_path / "b", [3.0, 2.0, "NaN", "NaN"]), QUIET).row
    assert not [one for one in healthy.findings if one.severity in ("error", "critical")]
    assert broken.findings[0].severity == "critical"
    assert broken.findings[0].since_step == 20.0


def test_a_run_that_cannot_be_read_is_a_row_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    empty = surveyed(FleetRun("empty", (str(tmp_path / "empty"),)), QUIET)
    assert "an empty folder" in empty.row.unread
    assert not empty.row.stamp
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "metrics.jsonl").write_text("garbage\n")
    assert "metrics.jsonl" in surveyed(FleetRun("broken", (str(broken),)), QUIET).row.unread


def test_a_kept_row_is_known_until_a_file_of_its_run_or_the_language_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = (write_run(tmp_path / "a", [3.0, 1.5]), write_run(tmp_path / "b", [2.0, 1.0]))
    rows = [surveyed(run, QUIET).row for run in runs]
    keep_fleet(str(tmp_path), rows)
    assert known_rows(str(tmp_path), runs, QUIET) == tuple(rows)
    (tmp_path / "a" / "dump.h5").write_bytes(b"another one")
    os.utime(tmp_path / "a" / "dump.h5", (LONG_AGO_S, LONG_AGO_S))
    assert names(known_rows(str(tmp_path), runs, QUIET)) == "b"
    assert known_rows(str(tmp_path / "elsewhere"), runs, QUIET) == ()
    monkeypatch.setattr(fleet, "language", lambda: "de")  # its notes are in the language that it was looked at in
    assert known_rows(str(tmp_path), runs, QUIET) == ()


def test_a_row_of_files_that_were_written_just_now_is_not_kept(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", [3.0, 1.5])
    os.utime(tmp_path / "a" / "metrics.jsonl")
    assert not surveyed(run, QUIET).row.stamp


def test_a_filter_holds_terms_of_numbers_settings_and_words_together() -> None:
    rows = [
        row("run_1", 0.5, **{"optim.lr": "0.001", "model": "tiny"}),
        row("run_2", 0.25, "failed", **{"optim.lr": "1e-3", "model": "large"}),
        row("run_3", None, **{"optim.lr": "0.1"}),
    ]
    assert names(kept(rows, "")) == "run_1 run_2 run_3"
    assert names(kept(rows, "best<0.3")) == "run_2"
    assert names(kept(rows, "lr=0.001")) == "run_1 run_2"
    assert names(kept(rows, "optim.lr>0.001")) == "run_3"
    assert names(kept(rows, "-failed best<1")) == "run_1"
    assert names(kept(rows, "model=LARGE")) == "run_2"
    assert names(kept(rows, "status!=failed")) == "run_1 run_3"
    assert names(kept(rows, "nothing")) == ""


def test_a_state_is_filtered_by_the_word_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "LIFE_WORDS", {"finished": "fertig", "failed": "gescheitert"})
    rows = [row("run_1"), row("run_2", None, "failed")]
    assert [text_of(one, BY_KEY["status"], 0.0) for one in rows] == ["fertig", "gescheitert"]
    assert names(kept(rows, "status=fertig")) == names(kept(rows, "fertig")) == "run_1"
    assert names(ordered(rows, BY_KEY["status"], falling=True)) == "run_2 run_1"


@pytest.mark.parametrize(
    ("key", "falling", "wanted"),
    [
        ("best", False, "c a b d"),
        ("best", True, "b a c d"),
        ("run", True, "d c b a"),
        ("findings", True, "b a c d"),
    ],
)
def test_rows_without_a_value_stand_last_either_way(key: str, falling: bool, wanted: str) -> None:
    warning = FleetFinding(id="x", title="x", severity="warning")
    critical = FleetFinding(id="y", title="y", severity="critical")
    rows = [row("a", 0.5), row("b", 0.75), row("c", 0.25), row("d", None, "")]
    rows[0] = _with(rows[0], (warning, warning))
    rows[1] = _with(rows[1], (critical,))
    assert names(ordered(rows, BY_KEY[key], falling=falling)) == wanted


def _with(one: FleetRow, findings: tuple[FleetFinding, ...]) -> FleetRow:
    return FleetRow(run=one.run, status=one.status, score=one.score, findings=findings)


def test_settings_are_sorted_as_numbers_and_names_by_their_numbers() -> None:
    rows = [row(f"run_{value}", None, lr=text) for value, text in ((10, "1e-3"), (9, "0.01"), (2, "2"))]
    assert names(ordered(rows, Column("lr", "lr", "", "setting"), falling=False)) == "run_10 run_9 run_2"
    assert names(ordered(rows, BY_KEY["run"], falling=False)) == "run_2 run_9 run_10"


def test_only_settings_that_differ_have_columns() -> None:
    differing = SettingColumns()
    for one in (
        row("a", **{"optim.lr": "1", "seed": "0", "data.seed": "3", "same": "x"}),
        row("b", **{"optim.lr": "1", "seed": "1", "data.seed": "4", "same": "x", "only.here": "y"}),
        row("c"),
    ):
        differing.add(one)
    assert differing.differing() == ("seed", "data.seed", "only.here")
    assert [column.title for column in setting_columns(differing.differing())] == ["seed", "data.seed", "here"]


def test_headings_say_what_the_metric_measures_where_all_runs_have_one() -> None:
    best, one = BY_KEY["best"], row("a", 0.5)
    assert one.score is not None
    assert heading_tip(best, (one, row("b"))) == "\n".join((best.tip, one.score.tag, tip_of(one.score.tag)))
    other = msgspec.structs.replace(one, score=msgspec.structs.replace(one.score, tag="val/fg_ari"))
    assert heading_tip(best, (one, other)) == best.tip
    assert heading_tip(BY_KEY["run"], (one,)) == BY_KEY["run"].tip


def test_cells_say_counts_ages_and_what_is_lacking() -> None:
    told = row("a", 0.123456, lr="1")
    assert text_of(told, BY_KEY["best"], 0.0) == "0.123"
    assert text_of(told, Column("model", "model", "", "setting"), 0.0) == "—"
    findings = tuple(FleetFinding(id="x", title="x", severity=word) for word in ("error", "warning", "warning"))
    assert [(severity.value, count) for severity, count in severity_counts(_with(told, findings))] == [
        ("error", 1),
        ("warning", 2),
    ]
    assert [age_text(seconds) for seconds in (30, 600, 7200, 3 * 86400, -5)] == ["30 s", "10 min", "2 h", "3 d", ""]
