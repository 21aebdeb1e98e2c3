"""Event files with a known content, damaged in one place, and what is lost by it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tensorboard.compat.proto import event_pb2, types_pb2

from inspector.artifacts.logs.tensorboard import EventsParser
from tests.artifacts.event_files import HEADER, framed

PATH = Path("events.out.tfevents.1")


def _flip(data: bytearray, place: int, chance: random.Random) -> None:
    data[place] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, place: int, chance: random.Random) -> None:
    data[place] = chance.choice([b for b in (0, 9, 255, chance.randrange(256)) if b != data[place]])


def _remove(data: bytearray, place: int, _chance: random.Random) -> None:
    del data[place]


def _insert(data: bytearray, place: int, chance: random.Random) -> None:
    data.insert(place, chance.randrange(256))


WAYS: tuple[Callable[[bytearray, int, random.Random], None], ...] = (_flip, _overwrite, _remove, _insert)


def event_file(chance: random.Random, count: int = 150) -> bytes:
    """A file whose scalar number n has the value n and the step n, under several tags, with other things between."""
    parts = [framed(HEADER)]
    for number in range(count):
        event = event_pb2.Event(wall_time=1.7e9 + number, step=number)
        tag = chance.choice(["loss", "val/loss", "lr", "a/long/name/of/a/metric"])
        if chance.random() < 0.2:
            value = event.summary.value.add(tag=f"tensor/{tag}")
            value.tensor.dtype = types_pb2.DT_FLOAT
            value.tensor.float_val.append(number)
        else:
            event.summary.value.add(tag=tag, simple_value=number)
        parts.append(framed(event))
        if chance.random() < 0.1:
            picture = event_pb2.Event(wall_time=1.7e9, step=number)
            picture.summary.value.add(tag="picture").image.encoded_image_string = bytes(chance.choices([0, 9], k=300))
            parts.append(framed(picture))
    return b"".join(parts)


def lost(data: bytes, count: int) -> int:
    """How many of the numbers are not read; each that is read is right.

    Raises:
        AssertionError: a number is wrong, stands twice, or damage is not told.
    """
    parser = EventsParser()
    parser.take(data)
    found = parser.series(PATH)
    values = np.concatenate([np.empty(0), *(one.values for one in found.series)])
    steps = np.concatenate([np.empty(0), *(one.steps for one in found.series)])
    np.testing.assert_array_equal(values, steps)
    assert len(np.unique(values)) == len(values)
    assert set(values.tolist()) <= set(map(float, range(count)))
    assert found.notes, "the damage is not told"
    return count - len(values)


def damaged_once(seed: int, places: int, count: int = 150) -> int:
    """Damage a file at many places, one at a time, in every way in turn; how many numbers any of it cost at most."""
    chance = random.Random(seed)
    whole = event_file(chance, count)
    worst = 0
    for trial in range(places):
        data = bytearray(whole)
        WAYS[trial % len(WAYS)](data, chance.randrange(len(data)), chance)
        if data != whole:
            worst = max(worst, lost(bytes(data), count))
    return worst
