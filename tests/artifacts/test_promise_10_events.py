"""Promise 10 for event files, bytes that are missing or added too; more places stand in `tests/long`."""

from __future__ import annotations

from tests.artifacts.event_damage import damaged_once


def test_a_byte_changed_missing_or_added_costs_one_record_at_most() -> None:
    assert damaged_once(seed=10, places=300, count=25) == 1
