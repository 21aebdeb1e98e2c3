"""The sample that comes next is decoded before it is asked for, and never instead of what is."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps.contents import Hdf5Content
from inspector.artifacts.dumps.dump import Dump, opened
from inspector.artifacts.dumps.neighbours import read_ahead, stop_reading_ahead

VALUES = np.random.default_rng(0).random((20, 4, 6, 6)).astype("<f4")


@pytest.fixture
def dump(tmp_path: Path) -> Dump:
    path = tmp_path / "dump.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("activations/conv", data=VALUES, chunks=(1, 4, 6, 6), compression="gzip", shuffle=True)
    return opened(path)


def decoded(dump: Dump) -> set[int]:
    """The samples that are decoded, once the threads have done what they were told."""
    assert isinstance(dump.content, Hdf5Content)
    chunks = dict(dump.content.direct._chunks)
    for future in chunks.values():
        future.result(timeout=60)
    return {start[0] for _name, start in chunks}


def forget(dump: Dump) -> None:
    assert isinstance(dump.content, Hdf5Content)
    direct = dump.content.direct
    for name, start in list(direct._chunks):
        direct._forget(name, [start])


def test_after_a_sample_the_one_behind_it_is_decoded(dump: Dump) -> None:
    dump.read("activations/conv", 5)
    read_ahead()

    assert {5, 6} <= decoded(dump)
    assert dump.read("activations/conv", 6).tolist() == VALUES[6].tolist()


def test_on_the_way_back_the_one_before_it_is_decoded(dump: Dump) -> None:
    for sample in (9, 8):
        forget(dump)
        dump.read("activations/conv", sample)
        read_ahead()

    assert decoded(dump) == {8, 7}


@pytest.mark.parametrize("way", [(19,), (1, 0)])
def test_there_is_nothing_beyond_the_ends(dump: Dump, way: tuple[int, ...]) -> None:
    for sample in way:
        forget(dump)
        dump.read("activations/conv", sample)
        read_ahead()

    assert decoded(dump) == {way[-1]}


def test_a_scan_over_many_samples_has_no_neighbour_and_keeps_nothing(dump: Dump) -> None:
    dataset = dump.dataset("activations/conv")
    assert dataset is not None
    read_ahead()
    forget(dump)
    dump.rows(dataset, 0, 4)
    read_ahead()

    assert decoded(dump) == set()


def test_reading_ahead_of_a_closed_dump_does_nothing(dump: Dump) -> None:
    dump.read("activations/conv", 5)
    dump.close()

    read_ahead()
    stop_reading_ahead()
    assert dump.content is None, "it is not opened again for that"
