"""Whole dumps are scanned sample by sample, go on where they stopped, and are not scanned twice."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from inspector.analysis.layer_totals import totals_of
from inspector.artifacts.dumps import kept_scans, streaming
from inspector.artifacts.dumps.dump import Dump, close_all, opened
from inspector.artifacts.dumps.dump_layers import layer_statistics
from inspector.artifacts.dumps.kept_scans import scans_to_keep
from inspector.artifacts.dumps.layer_scan import scan_layer
from inspector.artifacts.dumps.sample_scan import scan_samples
from inspector.artifacts.dumps.unit_scan import scan_units
from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Progress, Pulse
from inspector.formats.sample_table import SampleTable
from inspector.formats.scan_cache import CACHE, keep_scan
from tests.artifacts.hdf5_files import SAMPLES, arrays_of_a_dump, write_dump

ARRAYS = arrays_of_a_dump()


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    made = write_dump(tmp_path / "dump.h5", ARRAYS)
    os.utime(made, (time.time() - 60, time.time() - 60))
    scans_to_keep()
    yield made
    scans_to_keep()


@pytest.fixture
def dump(path: Path) -> Dump:
    return opened(path)


def values(table: SampleTable, name: str) -> np.ndarray:
    column = table.column(name)
    assert column is not None, name
    return column.values


def same(first: SampleTable, second: SampleTable) -> bool:
    """Whether two tables are one."""
    return [column.name for column in first.columns] == [column.name for column in second.columns] and all(
        np.array_equal(values(first, column.name), column.values, equal_nan=True) for column in second.columns
    )


def test_scores_of_every_sample_are_those_of_scikit_learn(dump: Dump) -> None:
    table = scan_samples(dump, "decoder_masks", QUIET)

    winners = ARRAYS["slots/masks"].argmax(axis=1).reshape(SAMPLES, -1)
    truth = ARRAYS["gt/masks"].reshape(SAMPLES, -1)
    assert table.whole
    assert values(table, "ari") == pytest.approx(
        [adjusted_rand_score(truth[row], winners[row]) for row in range(SAMPLES)]
    )
    assert values(table, "fg_ari") == pytest.approx(
        [adjusted_rand_score(truth[row][truth[row] > 0], winners[row][truth[row] > 0]) for row in range(SAMPLES)]
    )


def test_slots_are_compared_less_the_mean_of_the_whole_dump(dump: Dump) -> None:
    table = scan_samples(dump, "decoder_masks", QUIET)

    slots = ARRAYS["slots/slots"].astype(np.float64)
    for name, vectors in (("slot_cosine", slots), ("slot_cosine_centred", slots - slots.mean(axis=(0, 1)))):
        unit = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
        cosines = unit @ unit.transpose(0, 2, 1)
        pairs = ~np.eye(slots.shape[1], dtype=bool)
        assert values(table, name) == pytest.approx([one[pairs].mean() for one in cosines], abs=1e-6)


def test_a_reconstruction_is_held_against_its_image(dump: Dump) -> None:
    table = scan_samples(dump, "", QUIET)

    image = ARRAYS["samples/image"] / 255
    # A picture is kept in whole steps of 1/255, the reconstruction too.
    rebuilt = np.round(ARRAYS["pred/recon"].astype(np.float64) * 255) / 255
    assert values(table, "reconstruction_mse") == pytest.approx(((image - rebuilt) ** 2).mean(axis=(1, 2, 3)), rel=1e-4)
    assert table.column("fg_ari") is None


def test_a_first_look_is_part_of_it_and_the_next_goes_on(dump: Dump) -> None:
    parts = [scan_samples(dump, "decoder_masks", QUIET.within(0)) for _ in range(SAMPLES)]

    assert [part.scanned for part in parts] == [1, 2, 3, 4, 5]
    assert np.isnan(values(parts[1], "ari")[2:]).all()
    assert np.isfinite(values(parts[1], "ari")[:2]).all()
    assert same(parts[-1], scan_samples(dump, "decoder_masks", QUIET))


def test_a_cancelled_scan_goes_on_where_it_stopped(dump: Dump) -> None:
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)

    def stop_at_the_third() -> bool:
        return bool(seen) and seen[-1].what == "numbers of samples" and seen[-1].done == 2

    with pytest.raises(WorkCancelled):
        scan_samples(dump, "decoder_masks", Pulse(report, stop_at_the_third))
    seen.clear()

    assert scan_samples(dump, "decoder_masks", Pulse(report)).whole
    assert [one.done for one in seen if one.what == "numbers of samples"] == [3, 4]


def test_a_sample_that_cannot_be_read_is_noted_and_the_others_are_told(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file["slots/masks"].id.write_direct_chunk((2, 0, 0, 0), b"damage", filter_mask=0)
    table = scan_samples(opened(path), "decoder_masks", QUIET)

    assert table.whole
    assert np.flatnonzero(np.isnan(values(table, "ari"))).tolist() == [2]
    assert np.isfinite(values(table, "slot_cosine")).all()
    assert any("slots/masks" in note for note in table.notes)


def test_a_dump_without_samples_has_an_empty_table(tmp_path: Path) -> None:
    path = tmp_path / "empty.h5"
    with h5py.File(path, "w") as file:
        file["slots/masks"] = np.zeros((0, 4, 6, 6), np.float32)
    table = scan_samples(opened(path), "decoder_masks", QUIET)
    assert (table.samples, table.scanned, table.columns) == (0, 0, ())
    assert scan_units(opened(path), QUIET).columns == ()


def test_the_sparsity_of_a_layer_on_a_sample_is_its_share_of_zeros(dump: Dump) -> None:
    table = scan_units(dump, QUIET)

    assert [column.name for column in table.columns] == ["sparsity/conv.2", "sparsity/conv.10"]
    for name in ("conv.2", "conv.10"):
        shares = (ARRAYS[f"activations/{name}"] == 0).mean(axis=(1, 2, 3))
        assert values(table, f"sparsity/{name}") == pytest.approx(shares)
    assert table.whole


def test_layers_are_read_batch_by_batch(dump: Dump, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH_BYTES", 1)
    parts = [scan_units(dump, QUIET.within(0)) for _ in range(SAMPLES)]

    assert [part.scanned for part in parts] == [1, 2, 3, 4, 5]
    assert np.isnan(values(parts[2], "sparsity/conv.2")).tolist() == [False] * 3 + [True] * 2
    layer = dump.all("activation")[0]
    array = ARRAYS[layer.path].astype(np.float64)
    assert layer_statistics(dump, layer, QUIET).mean == pytest.approx(array.mean(axis=(0, 2, 3)), rel=1e-3)


def test_batches_that_are_read_in_other_threads_are_those_of_the_file(
    dump: Dump, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, apart = dump.all("activation")[0], []
    real = dump.rows_apart
    monkeypatch.setattr(streaming, "BATCH_BYTES", 1)
    monkeypatch.setattr(dump, "rows_apart", lambda *given: apart.append(given[1:]) or real(*given))
    found = scan_layer(dump, layer, QUIET)

    array = ARRAYS[layer.path]
    assert apart[1:] == [(start, start + 1) for start in range(1, SAMPLES)]
    assert found.zero_shares == pytest.approx((array == 0).mean(axis=(1, 2, 3)))
    assert found.statistics.greatest == pytest.approx(array.max(axis=(0, 2, 3)))
    places = (array != 0).mean(axis=(0, 1)).reshape(-1)
    assert found.firing_at(0) == pytest.approx(places)


def test_a_damaged_part_of_a_layer_is_a_sentence_whatever_thread_comes_upon_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BATCH_BYTES", 1)
    with h5py.File(path, "r+") as file:
        file["activations/conv.2"].id.write_direct_chunk((3, 0, 0, 0), b"damage", filter_mask=0)
    table = scan_units(opened(path), QUIET)

    assert [note for note in table.notes if "activations/conv.2" in note]
    assert np.isnan(values(table, "sparsity/conv.2")).all()
    assert np.isfinite(values(table, "sparsity/conv.10")).all()


def test_zeros_are_counted_among_what_is_finite_and_not_padded() -> None:
    given = np.array([[[0, 0, 1, np.nan]], [[0, 0, 0, 0]], [[np.nan, np.inf, np.nan, np.nan]]], np.float32)
    padded = np.array([[True, True, True, True], [True, False, False, False], [True, True, True, True]])

    assert totals_of(given).zero_shares == pytest.approx([2 / 3, 1, np.nan], nan_ok=True)
    assert totals_of(given, padded).zero_shares == pytest.approx([2 / 3, 1, np.nan], nan_ok=True)
    assert totals_of(given[1:2] + 1).zero_shares == pytest.approx([0])


def scanned_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[SampleTable, SampleTable, bool]:
    """Both tables of a dump that is opened again, and whether anything but its points was read for them."""
    close_all()
    dump, reads = opened(path), []
    real = dump.rows
    monkeypatch.setattr(dump, "read", lambda *given: reads.append(given[0]) or Dump.read(dump, *given))
    monkeypatch.setattr(dump, "rows", lambda *given: reads.append(given[0].path) or real(*given))
    tables = scan_samples(dump, "decoder_masks", QUIET), scan_units(dump, QUIET)
    return *tables, any("points" not in read for read in reads)


def test_what_the_window_has_kept_is_known_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slots, units = scan_samples(opened(path), "decoder_masks", QUIET), scan_units(opened(path), QUIET)
    layer = opened(path).all("activation")[0]
    statistics = layer_statistics(opened(path), layer, QUIET)
    for scan in scans_to_keep():
        keep_scan(scan)
    assert scans_to_keep() == ()

    known_slots, known_units, read = scanned_anew(path, monkeypatch)
    assert same(known_slots, slots)
    assert same(known_units, units)
    assert not read
    again = layer_statistics(opened(path), layer, QUIET)
    for field in statistics.__dataclass_fields__:
        assert np.array_equal(getattr(again, field), getattr(statistics, field), equal_nan=True), field


@pytest.mark.parametrize("damage", ["cut", "turned", "absent"])
def test_what_is_kept_and_damaged_is_worked_out_anew(path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    slots = scan_samples(opened(path), "decoder_masks", QUIET)
    for scan in scans_to_keep():
        keep_scan(scan)
    for entry in CACHE.folder().iterdir():
        content = entry.read_bytes()
        entry.unlink()
        if damage != "absent":
            entry.write_bytes(content[:-7] if damage == "cut" else content[:-7] + b"\xff" * 7)

    again, _units, read = scanned_anew(path, monkeypatch)
    assert read
    assert same(again, slots)


def test_another_content_of_the_file_is_worked_out_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan_samples(opened(path), "decoder_masks", QUIET)
    for scan in scans_to_keep():
        keep_scan(scan)
    close_all()
    with h5py.File(path, "r+") as file:
        file["slots/masks"][0] = file["slots/masks"][1]
    os.utime(path, (time.time() - 30, time.time() - 30))

    _table, _units, read = scanned_anew(path, monkeypatch)
    assert read


def test_a_file_that_was_written_just_now_is_not_kept(path: Path) -> None:
    os.utime(path)
    scan_samples(opened(path), "decoder_masks", QUIET)

    assert scans_to_keep() == ()


def test_another_version_of_the_numbers_is_worked_out_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector.artifacts.dumps import layer_scan, sample_scan

    scan_samples(opened(path), "decoder_masks", QUIET)
    scan_units(opened(path), QUIET)
    for scan in scans_to_keep():
        keep_scan(scan)
    monkeypatch.setattr(sample_scan, "VERSION", 99)
    monkeypatch.setattr(layer_scan, "VERSION", 99)

    _table, _units, read = scanned_anew(path, monkeypatch)
    assert read


def test_scans_of_another_shape_are_not_taken_for_these(path: Path) -> None:
    scan_units(opened(path), QUIET)
    (first, *_) = scans_to_keep()
    name = first.key.partition(") ")[2]
    assert "conv.2" in name
    shape = SAMPLES, *ARRAYS["activations/conv.2"].reshape(SAMPLES, -1, 36).shape[1:]
    keep_scan(first)
    assert kept_scans.known_layer(opened(path), name, shape) is not None
    assert kept_scans.known_layer(opened(path), name, (SAMPLES + 1, *shape[1:])) is None
    arrays = {name: array for name, array in first.arrays.items() if name != "mean"}
    for wrong in (arrays, first.arrays | {"mean": np.zeros(99)}, first.arrays | {"more": np.zeros(1)}):
        keep_scan(type(first)(key=first.key, arrays=wrong))
        assert kept_scans.known_layer(opened(path), name, shape) is None


def test_the_cache_keeps_the_latest_within_its_size(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector.formats import scan_cache

    scan_units(opened(path), QUIET)
    first, second = scans_to_keep()
    keep_scan(first)
    (entry,) = CACHE.folder().iterdir()
    os.utime(entry, (1, 1))
    room = entry.stat().st_size + 1
    monkeypatch.setattr(scan_cache, "CACHE", scan_cache.CACHE._replace(max_bytes=room))
    keep_scan(second)

    assert scan_cache.known_scan(first.key) is None
    assert scan_cache.known_scan(second.key) is not None
