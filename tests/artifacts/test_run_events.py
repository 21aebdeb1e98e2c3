"""Events among the records of a metrics.jsonl."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from inspector.artifacts.logs.run_events import MOST_KEPT, events_of
from inspector.core.errors import MissingError, UnsupportedError
from inspector.core.pulse import QUIET


def line(step: int, **values: object) -> str:
    return json.dumps({"step": step, "epoch": step / 10, "time": 1.0, **values}) + "\n"


def test_events_are_found_once_while_the_file_grows_and_anew_where_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text(line(1, loss=0.5) + line(2, event="paused") + '{"step": 3, "event": "con')
    found = events_of(path, QUIET)
    assert (found.count, [one["event"] for one in found.events], found.last["step"]) == (1, ["paused"], 2)
    with path.open("a") as stream:
        stream.write('tinued"}\n' + "no record\n" + line(4, note='says "event"') + line(5, loss="NaN"))
    found = events_of(path, QUIET)
    assert (found.count, [one["event"] for one in found.events], found.last["step"]) == (2, ["paused", "continued"], 5)
    assert found.first["event"] == "paused"
    other = tmp_path / "other"
    other.write_text("".join(line(step, event="checkpoint", file=str(step)) for step in range(MOST_KEPT + 5)))
    other.replace(path)
    found = events_of(path, QUIET)
    assert (found.count, len(found.events), found.events[0]["file"]) == (MOST_KEPT + 5, MOST_KEPT, "5")


def test_a_record_that_is_gone_is_named_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"gone\.jsonl"):
        events_of(tmp_path / "gone.jsonl", QUIET)
    os.mkfifo(tmp_path / "metrics.jsonl")
    with pytest.raises(UnsupportedError, match=r"metrics\.jsonl: expected a regular file"):
        events_of(tmp_path / "metrics.jsonl", QUIET)
