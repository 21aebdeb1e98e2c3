"""A tensor that was exported is what numpy and torch read, whatever its type, order and size."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints import npy_writer
from inspector.artifacts.checkpoints.npy_writer import export_tensor
from inspector.core.errors import UnknownKindError, UnsupportedError, WorkCancelled
from inspector.core.pulse import Progress, Pulse
from inspector.formats.written import ExportedTensor

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.filterwarnings("ignore:ComplexHalf support")

SAME = [
    torch.float64, torch.float32, torch.float16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,
    torch.uint16, torch.uint32, torch.uint64, torch.bool, torch.complex64, torch.complex128,
]  # fmt: skip
NARROW = [
    torch.bfloat16, torch.float8_e4m3fn, torch.float8_e4m3fnuz, torch.float8_e5m2, torch.float8_e5m2fnuz,
    torch.float8_e8m0fnu,
]  # fmt: skip


def exported(folder: Path, tensor: Any, pulse: Pulse | None = None, **how: Any) -> tuple[Any, ExportedTensor]:
    """What numpy loads of an exported tensor, and what was told of it."""
    torch.save({"t": tensor}, folder / "a.pt")
    out = folder / "t.npy"
    descriptor = os.open(out, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        told = export_tensor(folder / "a.pt", "t", descriptor, pulse or Pulse(), **how)
    finally:
        os.close(descriptor)
    assert told.bytes == out.stat().st_size
    return np.load(out), told


@pytest.mark.parametrize("dtype", SAME, ids=str)
def test_types_that_numpy_has_stay_as_they_are(tmp_path: Path, dtype: Any) -> None:
    raw = torch.arange(96, dtype=torch.uint8)
    tensor = (raw % 2).bool() if dtype == torch.bool else raw.view(dtype)
    array, told = exported(tmp_path, tensor)
    assert array.dtype == tensor.numpy().dtype
    assert array.tobytes() == tensor.numpy().tobytes()
    assert (told.dtype, told.because) == (array.dtype.name, "")


@pytest.mark.parametrize("dtype", NARROW, ids=str)
def test_narrow_types_become_float32_or_their_bits(tmp_path: Path, dtype: Any) -> None:
    raw = torch.arange(256, dtype=torch.uint8)
    tensor = raw.view(dtype)
    array, told = exported(tmp_path, tensor)
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, tensor.float().numpy())
    assert told.because == f"numpy has no {str(dtype)[6:]}, and float32 holds each of its values"
    array, told = exported(tmp_path, tensor, raw=True)
    assert array.dtype == (np.uint16 if dtype == torch.bfloat16 else np.uint8)
    assert array.tobytes() == bytes(range(256))
    assert told.because.startswith(f"the bits of {str(dtype)[6:]}")


def test_complex_half_becomes_complex64(tmp_path: Path) -> None:
    tensor = torch.tensor([1 + 2j, -3.5 + 0.25j], dtype=torch.complex32)
    array, told = exported(tmp_path, tensor)
    assert array.dtype == np.complex64
    assert array.tolist() == [1 + 2j, -3.5 + 0.25j]
    assert told.because == "numpy has no complex32"


@pytest.mark.parametrize("piece", [8, 40, 100, 10_000])
def test_views_of_any_order_come_out_row_by_row(tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npy_writer, "PIECE_BYTES", piece)
    monkeypatch.setattr(npy_writer, "SCATTERED_PIECE_BYTES", piece)
    base = torch.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    views = [
        base, base.permute(3, 1, 0, 2), base[:, 1:, ::2], base[1, 2], base[0, 0, 0, 0], base[:, :0],
        torch.tensor([[1.0], [2.0]]).expand(2, 6), torch.zeros(0), torch.ones(1, 1, 1),
    ]  # fmt: skip
    for view in views:
        array, told = exported(tmp_path, view)
        assert array.flags.c_contiguous
        assert array.shape == told.shape == tuple(view.shape)
        np.testing.assert_array_equal(array, view.numpy())


def test_progress_and_cancel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npy_writer, "PIECE_BYTES", 4000)
    beats: list[Progress] = []
    exported(tmp_path, torch.zeros(10_000), Pulse(beats.append))
    exporting = [beat for beat in beats if beat.what == "exporting t"]
    assert [beat.done for beat in exporting] == list(range(0, 40_000, 4000))
    assert {beat.total for beat in exporting} == {40_000}
    with pytest.raises(WorkCancelled):
        exported(tmp_path, torch.zeros(10_000), Pulse(beats.append, lambda: beats[-1].what == "exporting t"))


def test_what_has_no_elements_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"a\.pt: expected elements of t, found that it has no elements"):
        exported(tmp_path, torch.empty(3, device="meta"))
    with pytest.raises(UnknownKindError, match="expected a tensor named u, found none"):
        export_tensor(tmp_path / "a.pt", "u", 0)
