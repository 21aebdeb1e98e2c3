"""Statistics of every tensor: equal to numpy's, cut into parts or not; cancelled at once; views read once."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts import threads
from inspector.artifacts.checkpoints import all_statistics
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.checkpoints.checkpoint_summary import summary_of
from inspector.artifacts.tensors import blocks
from inspector.artifacts.tensors.elements import load
from inspector.core.errors import FileError, WorkCancelled
from inspector.core.pulse import Progress, Pulse
from inspector.formats.checkpoint_summary import COLUMNS
from tests.artifacts.numpy_statistics import statistics_by_numpy

torch = pytest.importorskip("torch")

DTYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2, torch.int64,
    torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
]  # fmt: skip


def saved(folder: Path, value: Any) -> Checkpoint:
    torch.save(value, folder / "saved.pt")
    return opened(folder / "saved.pt")


def every_type(count: int) -> dict[str, Any]:
    """A tensor of each type, with zeros, and what is not finite where the type has it."""
    numbers = torch.randn(count, generator=torch.Generator().manual_seed(5), dtype=torch.float64) * 20
    numbers[::7] = 0.0
    tensors = {}
    for dtype in DTYPES:
        tensor = numbers.abs().to(dtype) if dtype == torch.uint8 else numbers.to(dtype)
        if dtype.is_floating_point:
            tensor[3] = math.nan
        if dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
            tensor[5], tensor[count - 1] = math.inf, -math.inf
        tensors[str(dtype).removeprefix("torch.")] = tensor
    return tensors


def agrees(row: Any, tensor: Any) -> None:
    for column, value in statistics_by_numpy(tensor).items():
        found = getattr(row, column)
        if column in ("mean", "std", "norm"):
            assert found == pytest.approx(value, rel=2e-6, abs=1e-6 * abs(row.std), nan_ok=True), (row.name, column)
        else:
            assert found == value or (math.isnan(found) and math.isnan(value)), (row.name, column)


@pytest.mark.parametrize("histograms", [False, True], ids=["without histograms", "with histograms"])
@pytest.mark.parametrize("elements", [40, 20_000, 300_001])
def test_every_type_is_as_numpy_has_it(tmp_path: Path, elements: int, histograms: bool) -> None:
    tensors = every_type(elements)
    summary = summary_of(saved(tmp_path, tensors), histograms=histograms)
    assert summary.names == tuple(tensors)
    for name, tensor in tensors.items():
        row = summary.row(name)
        assert row is not None
        agrees(row, tensor)
    if not histograms:
        assert summary.histograms is None
        return
    assert summary.histograms is not None
    for name, counts in zip(summary.names, summary.histograms, strict=True):
        values = tensors[name].to(torch.float64).numpy()
        values = values[np.isfinite(values)]
        assert counts.sum() == values.size, name
        reference = np.histogram(values, 64)[0]
        assert np.abs(np.cumsum(counts) - np.cumsum(reference)).max() <= elements // 5_000 + 3, name


@pytest.mark.parametrize("histograms", [False, True])
def test_parts_make_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, histograms: bool) -> None:
    checkpoint = saved(tmp_path, {name: t.reshape(-1, 3) for name, t in every_type(600_000).items()})
    whole = summary_of(checkpoint, histograms=histograms)
    monkeypatch.setattr(all_statistics, "PART_ELEMENTS", 70_001)
    cut = summary_of(checkpoint, histograms=histograms)
    for column in COLUMNS:
        slack = {"mean": 1e-7 * whole.std, "std": 1e-6 * whole.std, "norm": 1e-6 * whole.norm}.get(column, 0)
        assert (np.abs(getattr(cut, column) - getattr(whole, column)) <= slack).all(), column
    if histograms:
        assert np.array_equal(cut.histograms, whole.histograms)


@pytest.mark.parametrize("part", [70_001, 1 << 22], ids=["cut", "whole"])
def test_many_reads_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    checkpoint = saved(tmp_path, every_type(90_000))
    once = summary_of(checkpoint, histograms=True)
    monkeypatch.setattr(all_statistics, "PART_ELEMENTS", part)
    for module in (blocks, all_statistics):
        monkeypatch.setattr(module, "READ_BYTES", 1 << 14)
    often = summary_of(checkpoint, histograms=True)
    for column in ("count", "zeros", "nans", "infinities", "minimum", "maximum", "histograms"):
        assert np.array_equal(getattr(often, column), getattr(once, column), equal_nan=True), column
    np.testing.assert_allclose(often.norm, once.norm, rtol=1e-6)


def test_one_thread_and_two_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = saved(tmp_path, every_type(300_000))
    monkeypatch.setattr(all_statistics, "PART_ELEMENTS", 40_000)
    found = []
    for count in (1, 2):
        monkeypatch.setattr(threads, "MAX_THREADS", count)
        found.append(summary_of(checkpoint, histograms=True))
    for column in (*COLUMNS, "histograms"):
        assert getattr(found[0], column).tobytes() == getattr(found[1], column).tobytes(), column


def test_tensors_that_show_the_same_are_read_once(tmp_path: Path) -> None:
    whole = torch.arange(200_000.0)
    checkpoint = saved(tmp_path, {"a": whole, "tied": whole, "reshaped": whole.view(20, -1), "half": whole[:100_000]})
    read = []
    summary = summary_of(checkpoint, Pulse(lambda progress: read.append(progress.total)))
    assert max(read) == 4 * (200_000 + 200_000 + 100_000)
    assert summary.count.tolist() == [200_000, 200_000, 200_000, 100_000]
    assert summary.mean.tolist() == [99_999.5, 99_999.5, 99_999.5, 49_999.5]


def test_views_that_repeat_elements_take_no_longer_than_what_is_stored(tmp_path: Path) -> None:
    row = torch.arange(10.0)
    views = {
        "square": torch.ones(1).expand(2**30, 2**20),
        "rows": row.expand(10**9, 10),
        "windows": row.unfold(0, 4, 1),
    }
    summary = summary_of(saved(tmp_path, views))
    assert summary.count.tolist() == [1, 10, 10]
    assert summary.maximum.tolist() == [1.0, 9.0, 9.0]


def test_tensors_that_overlap_without_end_make_bounded_work(tmp_path: Path) -> None:
    whole = torch.arange(10_000.0)
    read: list[Progress] = []
    tensors = {f"t{start}": whole[start:] for start in range(100)}
    summary = summary_of(saved(tmp_path, tensors), Pulse(read.append))
    assert max(progress.total for progress in read) <= all_statistics.MOST_READ * 40_000
    assert len(summary.names) == all_statistics.MOST_READ
    assert len(summary.unread) == 100 - all_statistics.MOST_READ
    assert "shares its elements" in summary.unread["t99"]


def test_what_cannot_be_read_is_told_beside_the_rest(tmp_path: Path) -> None:
    values = {"good": torch.ones(10), "meta": torch.empty(3, device="meta"), "sparse": torch.eye(3).to_sparse()}
    summary = summary_of(saved(tmp_path, values))
    assert summary.names == ("good", "sparse.indices", "sparse.values")
    assert set(summary.unread) == {"meta", "sparse"}
    assert "no elements in the file" in summary.unread["meta"]
    assert summary.row("meta") is None


def test_a_file_that_is_cut_while_it_is_open_gives_sentences(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, {"a": torch.ones(10), "b": torch.ones(50_000)})
    (tmp_path / "saved.pt").write_bytes(b"cut")
    summary = summary_of(checkpoint)
    assert summary.names == ()
    assert all("reload it" in sentence for sentence in summary.unread.values())


def test_packed_tensors_are_read_from_their_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_statistics, "PART_ELEMENTS", 10_000)
    tensors = {f"t{i}": torch.randn(60_000, generator=torch.Generator().manual_seed(i)) for i in range(4)}
    tensors["half"] = tensors["t0"][30_000:]
    torch.save(tensors, tmp_path / "plain.pt")
    with (
        zipfile.ZipFile(tmp_path / "plain.pt") as old,
        zipfile.ZipFile(tmp_path / "packed.pt", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    plain, packed = (summary_of(opened(tmp_path / name)) for name in ("plain.pt", "packed.pt"))
    assert packed.names == plain.names
    for column in ("count", "zeros", "minimum", "maximum"):
        assert np.array_equal(getattr(packed, column), getattr(plain, column)), column
    np.testing.assert_allclose(packed.std, plain.std, rtol=1e-6)


def test_a_checkpoint_without_tensors_has_an_empty_summary(tmp_path: Path) -> None:
    summary = summary_of(saved(tmp_path, {"epoch": 3}), histograms=True)
    assert summary.names == ()
    assert summary.count.shape == (0,)
    assert summary.histograms is not None
    assert summary.histograms.shape == (0, 64)


def test_progress_reaches_its_total_and_a_cancel_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_statistics, "PART_ELEMENTS", 40_000)
    checkpoint = saved(tmp_path, every_type(300_000))
    seen: list[Progress] = []
    summary_of(checkpoint, Pulse(seen.append), histograms=True)
    counted = [progress.done for progress in seen if progress.total]
    assert counted == sorted(counted)
    assert len(counted) > 10
    beats = 0

    def third() -> bool:
        nonlocal beats
        beats += 1
        return beats > 3

    with pytest.raises(WorkCancelled):
        summary_of(checkpoint, Pulse(cancelled=third), histograms=True)
    assert beats == 4


@pytest.mark.samples
def test_every_real_checkpoint_has_a_summary(samples: Path) -> None:
    files = [path for path in sorted((samples / "checkpoints").rglob("*")) if path.is_file()]
    small = [path for path in files if path.stat().st_size < 20_000_000]
    compared = 0
    for path in small:
        try:
            checkpoint = opened(path)
        except FileError:
            continue
        summary = summary_of(checkpoint)
        assert {*summary.names, *summary.unread} == set(checkpoint.windows), path
        for name in summary.names[:2]:
            values = load(checkpoint.window(name))
            if values.dtype.kind == "c" or 0 in checkpoint.window(name).strides:
                continue
            with np.errstate(invalid="ignore"):
                numbers = values.astype(np.float64)
            row = summary.row(name)
            assert row is not None
            assert (row.count, row.zeros) == (numbers.size, (numbers == 0).sum()), (path, name)
            if np.isfinite(numbers).all() and numbers.size:
                assert (row.minimum, row.maximum) == (numbers.min(), numbers.max()), (path, name)
                assert row.norm == pytest.approx(np.linalg.norm(numbers.reshape(-1)), rel=2e-6), (path, name)
                compared += 1
    assert compared > 50
