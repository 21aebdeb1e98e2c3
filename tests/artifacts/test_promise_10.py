"""Promise 10: one damaged byte costs one record; more than 1,000 places of each format stand in `tests/long`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.artifacts.log_damage import FORMATS, Damaged, damage, lost_records


@pytest.mark.parametrize("log", FORMATS, ids=lambda log: log.name)
def test_one_damaged_byte_costs_one_record(log: Damaged, tmp_path: Path) -> None:
    assert lost_records(log, log.whole, tmp_path) == 0
    chooser = random.Random(10)
    offsets = [*range(log.header), *chooser.sample(range(log.header, len(log.whole)), 20)]
    costs = [damage(log, offset, chooser, tmp_path) for offset in offsets]
    assert sum(costs), "damage that costs nothing was none"
