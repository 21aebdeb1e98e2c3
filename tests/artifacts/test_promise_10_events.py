"""Logs survive damage: event files."""

from __future__ import annotations

from tests.artifacts.event_damage import damaged_once


def test_damage_at_a_thousand_places_costs_one_record_at_most() -> None:
    assert damaged_once(seed=10, places=1_000, count=25) == 1
