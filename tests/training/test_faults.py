"""Whichever call to the system fails or is the last, no checkpoint is lost and the run says why it ended."""

from __future__ import annotations

import errno
import os

import pytest

from tests.training import power
from tests.training.faults import (
    ERRORS,
    Watched,
    assert_fails_well,
    assert_kept,
    empty,
    failing,
    killed_run,
    short_run,
    swept_after_kill,
    temporaries,
)
from tests.training.matrix import matrix_recipe


@pytest.fixture(autouse=True)
def _recipe():
    with matrix_recipe():
        yield


@pytest.fixture
def run(tmp_path):
    return tmp_path / "runs" / "run"


@pytest.mark.parametrize("number", ERRORS)
def test_a_call_that_fails_ends_the_run_with_a_reason_and_what_was_whole(run, number, capsys):
    place = ERRORS.index(number)
    failed = [assert_fails_well(empty(run), failing(at, number), number) for at in range(7 + 9 * place, 240, 45)]
    assert sum(failed) >= 2


@pytest.mark.parametrize("number", [errno.EROFS, errno.EIO])
def test_a_disk_that_is_gone_for_good_leaves_what_was_whole_and_says_why_on_the_terminal(run, number, capsys):
    assert short_run(run, failing(150, number, from_then_on=True)) == 3
    record = assert_kept(run)
    assert record.status == "running"
    assert record.last is not None
    assert os.strerror(number) in capsys.readouterr().err


def test_a_run_that_could_not_be_told_that_it_had_finished_has_failed(run, capsys):
    system = Watched()
    assert short_run(run, system) == 0
    assert short_run(empty(run), failing(system.count - 5, errno.EIO)) == 3  # run.json is synced
    record = assert_kept(run)
    assert (record.status, record.last) == ("failed", "step_0000006.pt")
    assert record.reason.startswith("run.json could not be written (Input/output error)")


def test_killed_before_any_call_what_is_named_is_whole_and_the_rest_is_swept(run):
    for at in (1, 20, 60, 90, 121, 163, 222):
        assert killed_run(empty(run), at)
        assert_kept(run)
        assert swept_after_kill(run) == []


def test_a_kill_leaves_what_the_sweep_is_for(run):
    assert killed_run(run, 90)
    assert len(temporaries(run)) >= 2  # a half-written file, and the room for last words


def test_the_power_fails_between_any_two_calls_and_what_was_named_is_there(run):
    story = power.recorded(run)
    assert power.points(story) >= 150
    for at in range(1, power.points(story), 3):
        for cut in power.CUTS:
            power.assert_survives(story, at, cut)


@pytest.mark.parametrize("part", [".pt.tmp-", "/checkpoints", "metrics.jsonl"])
def test_what_is_named_before_it_was_synced_is_seen_to_be_lost(run, part):
    story = power.without_syncs(power.recorded(run), part)
    with pytest.raises((AssertionError, EOFError, KeyError)):
        for at in range(1, power.points(story)):
            for cut in power.CUTS:
                power.assert_survives(story, at, cut)
