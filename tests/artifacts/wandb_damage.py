"""A `.wandb` file with one byte damaged, and how many of its rows are read no more."""

from __future__ import annotations

import json
import random
from pathlib import Path

from inspector.artifacts.logs.wandb import WandbParser
from tests.artifacts.wandb_files import BLOCK, HEADER, framed, history

ROWS = 1_000
ROW_BYTES = 150
"""A row is at least so long."""


def _whole() -> bytes:
    return framed([history({"loss": repr(step / 3), "pad": json.dumps("x" * 100)}, step) for step in range(ROWS)])


WHOLE = _whole()


def damage(place: float, chooser: random.Random) -> int:
    """Damage the byte at a share of the file behind its header, 0 to below 1; how many rows that costs.

    Raises:
        AssertionError: more than two blocks of rows, or rows are gone without a note.
    """
    data = bytearray(WHOLE)
    offset = len(HEADER) + int(place * (len(data) - len(HEADER)))
    data[offset] ^= chooser.randrange(1, 256)
    parser = WandbParser()
    parser.take(bytes(data))
    found = parser.series(Path("run.wandb"))
    steps = {step for one in found.series if one.tag == "loss" for step in one.steps.tolist()}
    lost = len(set(range(ROWS)) - steps)
    assert lost * ROW_BYTES <= 2 * BLOCK, f"byte {offset} costs {lost} rows"
    assert found.notes or not lost, f"byte {offset} costs {lost} rows, and nothing is said"
    return lost
