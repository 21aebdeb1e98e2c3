"""Logs that are hardly logs open with notes, from the command line and in every reader."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.facts import facts_of
from inspector.artifacts.logs.logs import series_of
from inspector.core.pulse import QUIET
from inspector.formats.facts import ConsoleFacts, MetricsFacts
from tests.artifacts.event_files import event_file
from tests.reader.command import call

BACK = "the clock goes back by 3,500 s at {} 3"
CLOCK = (1.7e9, 1.7e9 + 10, 1.7e9 + 10 - 3500, 1.7e9 + 20 - 3500, 1.7e9 + 19.5 - 3500)
"""Set back by 3,500 s at the third record; the last comes half a second early, as threads do."""


def test_a_binary_file_named_as_a_log_opens_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_bytes(random.Random(1).randbytes(20_000) + b"\nepoch 1 loss 0.5\nepoch 2 loss 0.25\n")
    info, metrics = call("info", path), call("metrics", path, "--json")
    assert (info.returncode, metrics.returncode) == (0, 0)
    assert info.stdout.startswith("console")
    assert "lines are no text, their" in info.stdout
    (loss,) = json.loads(metrics.stdout)["series"]
    assert (loss["tag"], loss["epochs"], loss["values"]) == ("loss", [1, 2], [0.5, 0.25])


def test_a_table_of_more_columns_than_a_log_has_opens_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", *(f"c{column}" for column in range(10_050))])
        writer.writerows([step, *range(step, step + 10_050)] for step in range(3))
    facts, series = facts_of(path), series_of(path, QUIET).series
    assert isinstance(facts, MetricsFacts)
    assert len(series) == 9_999  # the step is a name too
    assert [(one.tag, one.values.tolist()) for one in (series[0], series[-1])] == [
        ("c0", [0, 1, 2]),
        ("c9998", [9998, 9999, 10000]),
    ]
    assert facts.notes == ("from record 1 on there are more than 10,000 names, 153 values were left out",)


def test_records_whose_keys_change_on_every_line_open_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(json.dumps({"step": n, f"key_{n}": n / 8}) + "\n" for n in range(11_000)))
    facts, series = facts_of(path), series_of(path, QUIET).series
    assert isinstance(facts, MetricsFacts)
    assert len(series) == 9_999
    assert all((one.tag, one.steps.tolist()) == (f"key_{n}", [n]) for n, one in enumerate(series))
    assert facts.notes == ("from record 10,000 on there are more than 10,000 names, 1,001 values were left out",)


def _rows(name: str) -> bytes:
    records = [{"step": n, "time": time, "loss": n / 8} for n, time in enumerate(CLOCK)]
    if name.endswith(".jsonl"):
        return "".join(json.dumps(record) + "\n" for record in records).encode()
    return "\n".join(["step,time,loss", *(",".join(map(str, record.values())) for record in records), ""]).encode()


@pytest.mark.parametrize(
    ("name", "content", "note"),
    [
        ("metrics.jsonl", _rows("metrics.jsonl"), BACK.format("record")),
        ("metrics.csv", _rows("metrics.csv"), BACK.format("record")),
        (
            "events.out.tfevents.1.host",
            event_file((n, time, n / 8) for n, time in enumerate(CLOCK)),
            BACK.format("point") + " of loss",
        ),
    ],
    ids=["jsonl", "csv", "tfevents"],
)
def test_a_clock_that_goes_back_is_noted_and_every_point_is_kept(
    tmp_path: Path, name: str, content: bytes, note: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = series_of(path, QUIET)
    assert found.notes == (note,)
    assert found.series[0].times is not None
    np.testing.assert_array_equal(found.series[0].times, CLOCK)
    grown = tmp_path / f"grown{name}"
    for end in range(len(content) // 2, len(content) + 1):
        grown.write_bytes(content[:end])
        series_of(grown, QUIET)
    assert series_of(grown, QUIET).notes == (note,)


def test_a_console_log_whose_clock_goes_back_opens(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_text("".join(f"2026-01-{28 - n:02d} 10:00:00 step {n} loss {n / 8}\n" for n in range(9)))
    facts = facts_of(path)
    assert isinstance(facts, ConsoleFacts)
    assert [(one.tag, one.count) for one in facts.series] == [("loss", 9)]
