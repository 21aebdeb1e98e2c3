"""Damaged HDF5 files through real readers: each ends in facts or a sentence, and the next file is read as ever."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from inspector.core.outcome import Done, Failed, Outcome
from inspector.diagnosis.values import Diagnosis
from inspector.jobs.readers import Launcher, answered
from inspector.jobs.requests import Diagnose, Open
from inspector.runs.values import Run
from tests.long.harness import Check, Figures
from tests.reader.processes import alive

_MUTANTS = 100
_HANG_S = 10.0
_STRUCTURE = (6000, 3000)
"""So many bytes at the begin and the end hold what leads to the values; few of those between are changed."""


def _dump(path: Path, libver: str) -> bytes:
    """A dump whose diagnosis reads its values: masks that are all alike, pictures, and a layer with dead channels."""
    generator = np.random.default_rng(5)
    layer = generator.normal(size=(4, 16, 8, 8)).astype(np.float32)
    layer[:, ::2] = 0
    with h5py.File(path, "w", libver=libver) as file:
        file.attrs["step"] = 3
        file["image"] = generator.integers(0, 255, (4, 16, 16, 3), np.uint8)
        file.create_dataset("masks", data=np.full((4, 3, 16, 16), 1 / 3, np.float32), chunks=(1, 3, 16, 16))
        packing = {"compression": "gzip", "shuffle": True, "fletcher32": True}
        file.create_dataset("features/encoder.relu1", data=layer, chunks=(1, 16, 8, 8), **packing)
        file["note"] = "words"
    return path.read_bytes()


def mutant(raw: bytes, generator: random.Random) -> bytes:
    """A file with a few bytes changed, a stretch zeroed, doubled or taken out, or its end cut off."""
    begin, end = _STRUCTURE
    places = [*range(min(len(raw), begin)), *range(max(0, len(raw) - end), len(raw))]
    changed = bytearray(raw)
    place = generator.choice(places)
    length = generator.choice((1, 2, 4, 8, 64))
    match generator.randrange(8):
        case 0:
            changed[place : place + length] = bytes(len(changed[place : place + length]))
        case 1:
            changed[place:place] = changed[place : place + length]
        case 2:
            del changed[place : place + length]
        case 3:
            del changed[place:]
        case _:
            for _ in range(generator.choice((1, 1, 2, 8))):
                changed[generator.choice(places)] = generator.choice((0, 0xFF, generator.randrange(256)))
    return bytes(changed)


@contextmanager
def _read(launcher: Launcher, path: Path) -> Iterator[tuple[Outcome[Any], bool, float]]:
    """How opening and diagnosing ended, whether the process behind it is gone, and the seconds it took."""
    reader = launcher.reader([path])
    began_s = time.monotonic()
    outcome: Outcome[Any] = answered(reader, "open", Open(), Run)
    pid = reader.pid
    if isinstance(outcome, Done):
        outcome = answered(reader, "diagnose", Diagnose(), Diagnosis)
    took_s = time.monotonic() - began_s
    try:
        yield outcome, pid is None or not alive(pid), took_s
    finally:
        reader.close()


def round_of(number: int, figures: Figures) -> None:
    """A hundred mutants of one of two files, read by readers that one launcher forks."""
    generator = random.Random(number)
    counts = {"mutants": 0, "read": 0, "refused": 0, "readers that died": 0, "hangs": 0, "unexpected errors": 0}
    longest_s = longest_back_s = 0.0
    with tempfile.TemporaryDirectory(prefix="hdf5-mutants-") as place, Launcher() as launcher:
        sound = Path(place) / "sound.h5"
        raw = _dump(sound, ("earliest", "latest")[number % 2])
        with _read(launcher, sound) as (first, _died, _s):
            assert isinstance(first, Done), first
            assert first.value.findings, "the diagnosis of the sound file reads no values"
        for index in range(_MUTANTS if number else _MUTANTS // 10):
            path = Path(place) / f"{index}.h5"
            path.write_bytes(mutant(raw, generator))
            with _read(launcher, path) as (outcome, died, took_s):
                counts["mutants"] += 1
                counts["read"] += isinstance(outcome, Done)
                counts["refused"] += isinstance(outcome, Failed) and not died
                counts["readers that died"] += died
                counts["hangs"] += took_s > _HANG_S
                counts["unexpected errors"] += isinstance(outcome, Failed) and "Traceback" in outcome.detail
                longest_s = max(longest_s, took_s)
                assert isinstance(outcome, Done) or (isinstance(outcome, Failed) and outcome.sentence), outcome
            if died:
                with _read(launcher, sound) as (again, _died, back_s):
                    assert isinstance(again, Done), again
                    longest_back_s = max(longest_back_s, back_s)
            path.unlink()
    for name, count in counts.items():
        figures[name] = figures.get(name, 0) + count
    figures["longest_s"] = round(max(figures.get("longest_s", 0.0), longest_s), 2)
    figures["longest_until_read_again_s"] = round(
        max(figures.get("longest_until_read_again_s", 0.0), longest_back_s), 2
    )


CHECK = Check(
    name="hdf5_mutants",
    title="damaged HDF5 files through real readers: facts or a sentence, and the next file is read",
    round=round_of,
    target_rounds=101,
    quick_rounds=1,
)
