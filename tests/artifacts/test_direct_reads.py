"""What is read past the HDF5 library equals what it reads itself, or is left to it."""

from __future__ import annotations

import itertools
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import read_bounds
from inspector.artifacts.dumps.direct_reads import MAX_CHUNK_BYTES, DirectReads, _pool
from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.part_places import Part
from inspector.artifacts.opened_paths import lead_to
from inspector.core.errors import LimitError
from tests.conftest import SAMPLES, sample_files

FILES = sample_files("hdf5/**/*.h5", "hdf5/**/*.hdf5", "hdf5/**/*.hdf", "hostile/**/*.h5", "hostile/**/*.hdf5")

MOST_DATASETS = 60
"""Looked at in each real file; some hold a thousand that are alike."""

SHAPE, CHUNKS = (7, 5, 6), (3, 2, 6)

FILTERS: dict[str, dict[str, object]] = {
    "none": {},
    "gzip": {"compression": "gzip"},
    "gzip-0": {"compression": "gzip", "compression_opts": 0},
    "shuffle": {"shuffle": True},
    "shuffle and gzip": {"shuffle": True, "compression": "gzip", "compression_opts": 9},
    "lzf": {"compression": "lzf", "shuffle": True},
    "checksum": {"fletcher32": True, "compression": "gzip"},
}

TYPES = ("u1", "<i2", ">i2", "<f2", ">f4", "<f4", ">f8", "<f8", "<c8", ">c16", "?", "<i8")

PARTS = (
    (slice(0, 7), slice(0, 5), slice(0, 6)),
    (slice(2, 3), slice(0, 5), slice(0, 6)),
    (slice(6, 7), slice(4, 5), slice(5, 6)),
    (slice(1, 6), slice(1, 4), slice(2, 3)),
    (slice(3, 3), slice(0, 5), slice(0, 6)),
)


def part_of(dataset: h5py.Dataset) -> Part:
    """The first rows, at most about a megabyte."""
    rows = max(1, 10**6 // max(1, dataset.dtype.itemsize * int(np.prod(dataset.shape[1:], dtype=np.int64))))
    return (slice(0, min(rows, dataset.shape[0])), *(slice(0, length) for length in dataset.shape[1:]))


def same(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Whether two arrays are one, bit by bit."""
    return ours.dtype == theirs.dtype and ours.shape == theirs.shape and ours.tobytes() == theirs.tobytes()


def numbers(kind: str) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 200, SHAPE).astype(kind)


@pytest.mark.samples
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SAMPLES)))
def test_datasets_of_real_files_are_read_as_h5py_reads_them(path: Path) -> None:
    try:
        file = h5py.File(path, locking=False)
    except OSError:
        return
    direct = DirectReads(path)
    with file:
        found: list[h5py.Dataset] = []

        def take(_name: str, item: object) -> None:
            if isinstance(item, h5py.Dataset) and item.shape and not item.is_virtual and not item.external:
                found.append(item)

        file.visititems(take)
        for item in found[:MOST_DATASETS]:
            part = part_of(item)
            ours = direct.read(item.name, item, part)
            assert ours is None or same(ours, np.asarray(item[part])), item.name
    direct.close()


@pytest.mark.parametrize("filters", FILTERS)
def test_chunks_of_every_type_come_out_as_h5py_gives_them(tmp_path: Path, filters: str) -> None:
    path = tmp_path / "dump.h5"
    with h5py.File(path, "w") as file:
        for kind in TYPES:
            file.create_dataset(f"x{kind}", data=numbers(kind), chunks=CHUNKS, **FILTERS[filters])
    direct = DirectReads(path)
    with h5py.File(path) as file:
        for kind, part in itertools.product(TYPES, PARTS):
            dataset = file[f"x{kind}"]
            ours = direct.read(kind, dataset, part)
            empty = part[0].start == part[0].stop
            assert (ours is None) == empty, kind
            assert ours is None or same(ours, dataset[part]), (kind, part)
            apart = direct.apart(kind, part)
            assert (apart is None) == empty, kind
            assert apart is None or same(apart, dataset[part]), (kind, part)
    direct.close()


@pytest.mark.parametrize("userblock", [0, 512])
def test_contiguous_numbers_are_read_at_their_place(tmp_path: Path, userblock: int) -> None:
    path = tmp_path / "dump.h5"
    with h5py.File(path, "w", userblock_size=userblock) as file:
        for kind in TYPES:
            file[f"x{kind}"] = numbers(kind)
    direct = DirectReads(path)
    with h5py.File(path) as file:
        for kind, part in itertools.product(TYPES, PARTS[:4]):
            ours = direct.read(kind, file[f"x{kind}"], part)
            assert (ours is None) == bool(userblock), kind
            assert ours is None or same(ours, file[f"x{kind}"][part]), (kind, part)
    direct.close()


def test_a_chunk_whose_filters_were_left_out_is_read_by_its_own_mask(tmp_path: Path) -> None:
    path = tmp_path / "dump.h5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("x", data=numbers("<f4"), chunks=CHUNKS, shuffle=True, compression="gzip")
        plain = np.arange(36, dtype="<f4").tobytes()
        shuffled = np.frombuffer(plain, np.uint8).reshape(-1, 4).T.tobytes()
        dataset.id.write_direct_chunk((0, 0, 0), plain, filter_mask=0b11)
        dataset.id.write_direct_chunk((3, 2, 0), shuffled, filter_mask=0b10)
    direct = DirectReads(path)
    with h5py.File(path) as file:
        ours = direct.read("x", file["x"], PARTS[0])
        assert ours is not None
        assert same(ours, file["x"][...])
        assert ours[:3, :2].reshape(-1).tolist() == list(range(36))
    direct.close()


def test_chunks_that_were_never_written_hold_the_fill_value(tmp_path: Path) -> None:
    path = tmp_path / "dump.h5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("x", SHAPE, "<f4", chunks=CHUNKS, compression="gzip", fillvalue=7)
        dataset[:3, :2] = 1
        file.create_dataset("never", SHAPE, "<f4", fillvalue=3)
    direct = DirectReads(path)
    with h5py.File(path) as file:
        there = (slice(0, 3), slice(0, 2), slice(0, 6))
        assert np.all(direct.read("x", file["x"], there) == 1)
        assert same(direct.read("x", file["x"], PARTS[0]), file["x"][...])
        assert np.count_nonzero(direct.read("x", file["x"], PARTS[0]) == 7) == 7 * 5 * 6 - 36
        assert direct.read("never", file["never"], PARTS[0]) is None
    direct.close()


@pytest.mark.parametrize("place", [0, 1])
def test_a_chunk_that_does_not_unpack_is_left_to_the_library(tmp_path: Path, place: int) -> None:
    path = tmp_path / "dump.h5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("x", data=numbers("<f4"), chunks=CHUNKS, compression="gzip")
        dataset.id.write_direct_chunk((3 * place, 0, 0), b"no zlib stream", filter_mask=0)
    direct = DirectReads(path)
    with h5py.File(path) as file:
        assert direct.read("x", file["x"], PARTS[0]) is None
        assert direct.read("x", file["x"], (slice(6, 7), slice(0, 5), slice(0, 6))) is not None
    direct.close()


def test_types_that_numpy_keeps_otherwise_are_left_to_the_library(tmp_path: Path) -> None:
    path = tmp_path / "dump.h5"
    twelve_bits = h5py.h5t.STD_I16LE.copy()
    twelve_bits.set_precision(12)
    with h5py.File(path, "w") as file:
        space = h5py.h5s.create_simple((4,))
        h5py.Dataset(h5py.h5d.create(file.id, b"twelve", twelve_bits, space))[...] = np.arange(4)
        file["record"] = np.zeros(4, [("a", "<i4"), ("b", "<f8")])
        file["text"] = np.array([b"one", b"two"])
        file["enum"] = np.zeros(4, h5py.enum_dtype({"A": 0, "B": 1}, "i1"))
    direct = DirectReads(path)
    with h5py.File(path) as file:
        for name in ("twelve", "record", "text"):
            assert direct.read(name, file[name], (slice(0, len(file[name])),)) is None, name
        enum = direct.read("enum", file["enum"], (slice(0, 4),))
        assert enum is not None
        assert same(enum, file["enum"][...])
    direct.close()


def test_numbers_beyond_the_end_of_a_cut_file_are_left_to_the_library(tmp_path: Path) -> None:
    path = tmp_path / "dump.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.ones(100_000, "<f4")
    direct = DirectReads(path)
    with h5py.File(path) as file:
        part = (slice(0, 100_000),)
        assert direct.read("x", file["x"], part) is not None
        with path.open("r+b") as raw:
            raw.truncate(200_000)
        assert direct.read("x", file["x"], part) is None
    direct.close()


def test_a_chunk_of_many_samples_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dump.h5"
    values = np.arange(64, dtype="<f4").reshape(16, 4)
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, chunks=(16, 4), compression="gzip")
    from inspector.artifacts.dumps import direct_reads

    decoded = []
    real = direct_reads.decoded
    monkeypatch.setattr(direct_reads, "decoded", lambda *given: decoded.append(1) or real(*given))
    direct = DirectReads(path)
    with h5py.File(path) as file:
        for row in range(16):
            found = direct.read("x", file["x"], (slice(row, row + 1), slice(0, 4)))
            assert found is not None
            assert found[0].tolist() == values[row].tolist()
            found[:] = -1  # what was given out is the caller's own
    assert len(decoded) == 1
    direct.close()


def test_kept_chunks_take_a_bounded_number_of_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector.artifacts.dumps import direct_reads

    monkeypatch.setattr(direct_reads, "KEPT_BYTES", 5000)
    path = tmp_path / "dump.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.zeros((20, 250), "<f4"), chunks=(1, 250), compression="gzip")
    direct = DirectReads(path)
    with h5py.File(path) as file:
        for row in range(20):
            direct.read("x", file["x"], (slice(row, row + 1), slice(0, 250)))
        assert [start for _name, start in direct._chunks] == [(row, 0) for row in range(15, 20)]
        assert direct._bytes == 5000
    direct.close()


def test_what_is_decoded_ahead_is_there_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "dump.h5"
    values = np.random.default_rng(0).random((20, 250)).astype("<f4")
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, chunks=(1, 250), compression="gzip", shuffle=True)
        file["flat"] = values
    direct = DirectReads(path)
    with h5py.File(path) as file:
        first, next_rows = (slice(0, 1), slice(0, 250)), (slice(1, 5), slice(0, 250))
        direct.ahead("x", next_rows)  # nothing is known of it yet
        assert not direct._chunks
        for name in ("x", "flat"):
            direct.read(name, file[name], first)
            direct.ahead(name, next_rows)
        waiting = [direct._chunks["x", (row, 0)] for row in range(1, 5)]
        for future in waiting:
            future.result(timeout=60)
        for name in ("x", "flat"):
            assert same(direct.read(name, file[name], next_rows), values[1:5])
    direct.close()


def test_what_is_to_be_decoded_ahead_and_has_not_begun_is_dropped(tmp_path: Path) -> None:
    from threading import Event

    path = tmp_path / "dump.h5"
    values = np.random.default_rng(0).random((20, 250)).astype("<f4")
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, chunks=(1, 250), compression="gzip")
    direct = DirectReads(path)
    go_on, busy = Event(), []
    with h5py.File(path) as file:
        direct.read("x", file["x"], (slice(0, 1), slice(0, 250)))
        try:
            busy = [_pool().submit(go_on.wait, 60) for _ in range(_pool()._max_workers)]
            direct.ahead("x", (slice(1, 9), slice(0, 250)))
            # No thread is free: a chunk that is wanted now is not waited for, but decoded here.
            assert same(direct.read("x", file["x"], (slice(3, 4), slice(0, 250))), values[3:4])
            direct.drop_ahead()
            assert [start for _name, start in direct._chunks] == [(0, 0), (3, 0)]
        finally:
            go_on.set()
        for one in busy:
            one.result(timeout=60)
    direct.close()


def test_a_chunk_too_large_to_keep_is_left_to_the_library(tmp_path: Path) -> None:
    path = tmp_path / "dump.h5"
    items = MAX_CHUNK_BYTES // 4 + 1
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (items,), "<f4", chunks=(items,), compression="gzip")
    direct = DirectReads(path)
    with h5py.File(path) as file:
        assert direct.read("x", file["x"], (slice(0, 1),)) is None
    direct.close()


@pytest.mark.parametrize("packing", [{}, {"chunks": (1, 4), "compression": "gzip"}])
def test_numbers_that_a_file_leads_to_in_another_are_not_looked_for_in_this_one(
    tmp_path: Path, packing: dict[str, object]
) -> None:
    values = {"a.h5": np.zeros((6, 4), "<f4"), "b.h5": np.ones((6, 4), "<f4")}
    for name, array in values.items():
        with h5py.File(tmp_path / name, "w") as file:
            file.create_dataset("activations/own", data=array, **packing)
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["activations/other"] = h5py.ExternalLink("b.h5", "/activations/own")
    lead_to((tmp_path,))
    dump = opened(tmp_path / "a.h5")
    for _ in range(2):
        for sample in range(6):
            assert dump.read("activations/own", sample).tolist() == [0] * 4
            assert dump.read("activations/other", sample).tolist() == [1] * 4


def test_a_part_of_another_size_is_checked_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dump.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("activations/conv", data=np.zeros((6, 4), "<f4"), chunks=(1, 4), compression="gzip")
    monkeypatch.setattr(read_bounds, "MAX_BYTES", 40)
    dump = opened(path)
    layer = dump.dataset("activations/conv")
    assert layer is not None
    assert dump.rows(layer, 0, 2).shape == (2, 4)
    assert dump.rows(layer, 3, 5).shape == (2, 4)
    with pytest.raises(LimitError):
        dump.rows(layer, 0, 3)
