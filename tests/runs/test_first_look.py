"""A long log is shown before all of it is read: look by look, until the run is what one whole read gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.logs.following import CHUNK_BYTES, SeriesFollower
from inspector.artifacts.logs.logs import series_of
from inspector.core.errors import DamagedError
from inspector.core.pulse import QUIET
from inspector.display.curves.prepare import prepare
from inspector.display.curves.scene import CurvesAsk
from inspector.formats.series import SeriesSet
from inspector.runs.curves import run_series
from inspector.runs.follow import refresh
from inspector.runs.scan import scan

ROWS = 80_000
AT_ONCE = QUIET.within(0.0)


@pytest.fixture
def long_log(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(json.dumps({"step": i, "train/loss": 1 / (i + 1)}) + "\n" for i in range(ROWS)))
    assert path.stat().st_size > 2 * CHUNK_BYTES + 2 * 2**20  # a parser may take more at a time from the second look on
    return path


def test_a_first_look_gives_what_was_read_and_says_how_much_is_left(long_log):
    first = series_of(long_log, AT_ONCE)
    assert first.unread_bytes == long_log.stat().st_size - CHUNK_BYTES
    assert first.notes == ()  # the end of what was read is not the end of the log
    count = first.series[0].values.size
    assert 0 < count < ROWS
    assert first.series[0].values.tolist() == [1 / (i + 1) for i in range(count)]


def test_look_by_look_the_log_becomes_what_one_whole_read_gives(long_log):
    counts = []
    while True:
        found = series_of(long_log, AT_ONCE)
        counts.append(found.series[0].values.size)
        if not found.unread_bytes:
            break
    assert counts == sorted(set(counts))
    assert counts[-1] == ROWS
    whole = np.array([1 / (i + 1) for i in range(ROWS)])
    np.testing.assert_array_equal(found.series[0].values, whole)


def test_a_run_is_looked_at_again_until_all_is_read(long_log):
    run = scan([long_log], AT_ONCE)
    assert run.unread_bytes
    looks = 0
    while run.unread_bytes:
        run = refresh(run, AT_ONCE)
        looks += 1
    assert looks > 1
    assert run.series[0].count == ROWS
    assert run == scan([long_log], QUIET)
    assert refresh(run, AT_ONCE) is None


def test_a_scene_of_a_first_look_reads_no_further_and_says_so(long_log):
    run = scan([long_log], AT_ONCE)
    scene = prepare(CurvesAsk(paths=(str(long_log),), unread_bytes=run.unread_bytes), QUIET)
    assert scene.reading.endswith("of the logs are still to be read")
    assert scene.panels[0].rows[0].count < ROWS
    whole = prepare(CurvesAsk(paths=(str(long_log),)), QUIET)
    assert whole.reading == ""
    assert whole.panels[0].rows[0].count == ROWS


def test_small_logs_are_read_whole_at_once(tmp_path):
    paths = []
    for name in "abc":
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text(json.dumps({"step": 1, name: 1.0}) + "\n")
    found = run_series(paths, AT_ONCE)
    assert (len(found.curves), found.unread_bytes) == (3, 0)


class Late:
    """Knows its log by the third part alone."""

    def __init__(self) -> None:
        self.parts = 0

    def take(self, data: bytes) -> None:
        self.parts += 1

    def series(self, path: Path) -> SeriesSet:
        if self.parts < 3:
            raise DamagedError(path, "a log", "too little")
        return SeriesSet()


@pytest.mark.parametrize(("parts", "known"), [(2, False), (5, True)])
def test_a_log_that_is_known_only_later_is_read_on(tmp_path, parts, known):
    path = tmp_path / "odd.log"
    path.write_bytes(b"x" * CHUNK_BYTES * parts)
    follower = SeriesFollower(Late)
    if known:
        assert follower.series(path, AT_ONCE).unread_bytes == (parts - 3) * CHUNK_BYTES
    else:
        with pytest.raises(DamagedError):
            follower.series(path, AT_ONCE)
