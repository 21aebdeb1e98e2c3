"""Elements and statistics: equal to torch's, whatever the type, layout and container; bounded."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.tensors import blocks
from inspector.artifacts.tensors import elements as tensors
from inspector.artifacts.tensors.elements import load, statistics
from inspector.core.errors import DamagedError, LimitError, UnsupportedError, WorkCancelled
from inspector.core.pulse import Pulse
from tests.artifacts.numpy_statistics import statistics_by_numpy

torch = pytest.importorskip("torch")

FLOATING = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2,
    torch.float8_e4m3fnuz, torch.float8_e5m2fnuz,
]  # fmt: skip
WHOLE = [
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64,
    torch.bool,
]  # fmt: skip
COMPLEX = [torch.complex64, torch.complex128]
SAVED = [{}, {"_use_new_zipfile_serialization": False}, {"pickle_protocol": 4}, {"pickle_protocol": 5}]


def saved(folder: Path, value: Any, **how: Any) -> Checkpoint:
    path = folder / "saved.pt"
    torch.save(value, path, **how)
    return opened(path)


def sample(dtype: Any, *shape: int) -> Any:
    generator = torch.Generator().manual_seed(3)
    numbers = torch.randn(*shape, generator=generator) * 20
    return numbers > 0 if dtype == torch.bool else numbers.to(dtype)


def same_bits(array: np.ndarray[Any, Any], tensor: Any) -> bool:
    """Whether an array holds exactly the bytes that torch holds."""
    return array.tobytes() == tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


@pytest.mark.parametrize("how", SAVED, ids=str)
@pytest.mark.parametrize("dtype", FLOATING + WHOLE + COMPLEX, ids=str)
def test_elements_are_those_that_torch_saved(tmp_path: Path, dtype: Any, how: dict[str, Any]) -> None:
    tensor = sample(dtype, 3, 4, 5)
    checkpoint = saved(tmp_path, {"t": tensor}, **how)
    (facts,) = checkpoint.facts.tensors
    array = load(checkpoint.window("t"))
    assert (facts.name, facts.shape, facts.dtype, facts.bytes) == ("t", (3, 4, 5), str(dtype)[6:], tensor.nbytes)
    assert array.shape == (3, 4, 5)
    assert array.dtype.name == str(dtype)[6:]
    assert same_bits(array, tensor)
    assert not array.flags.writeable


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "transposed": lambda t: t.t(),
    "permuted": lambda t: t.view(4, 3, 4).permute(2, 0, 1),
    "every second column": lambda t: t[:, ::2],
    "a row in the middle": lambda t: t[5],
    "expanded": lambda t: t[:1].expand(7, 12),
    "expanded from one number": lambda t: t[0, 0].expand(5, 6),
    "overlapping": lambda t: t.view(-1).unfold(0, 5, 1),
    "empty": lambda t: t[:0],
    "empty in the middle": lambda t: t.view(4, 3, 4)[:, :0],
    "without axes": lambda t: t[2, 3],
}


@pytest.mark.parametrize("how", SAVED[:2], ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_followed(tmp_path: Path, layout: str, how: dict[str, Any]) -> None:
    whole = sample(torch.float32, 4, 12)
    view = LAYOUTS[layout](torch.cat([whole, whole * 2]) if layout == "a row in the middle" else whole)
    checkpoint = saved(tmp_path, {"view": view, "whole": whole}, **how)
    array = load(checkpoint.window("view"))
    assert array.shape == tuple(view.shape)
    assert np.array_equal(array, view.numpy())
    assert checkpoint.window("view").strides == view.stride()
    assert checkpoint.facts.notes == ()


def test_tensors_that_share_a_storage_share_it_here(tmp_path: Path) -> None:
    whole = torch.arange(24.0)
    checkpoint = saved(tmp_path, {"a": whole[:12], "b": whole[6:], "tied": whole})
    assert checkpoint.window("a").storage == checkpoint.window("tied").storage
    assert load(checkpoint.window("b")).tolist() == list(range(6, 24))


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_quantized_tensors_give_their_stored_numbers(tmp_path: Path) -> None:
    tensor = torch.quantize_per_tensor(torch.randn(3, 4), 0.1, 10, torch.quint8)
    checkpoint = saved(tmp_path, {"q": tensor})
    assert checkpoint.facts.tensors[0].dtype == "quint8"
    assert np.array_equal(load(checkpoint.window("q")), tensor.int_repr().numpy())


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_sparse_tensors_give_their_parts(tmp_path: Path) -> None:
    dense = torch.zeros(4, 5)
    dense[1, 2], dense[3, 0] = 3.0, 4.0
    checkpoint = saved(tmp_path, {"coo": dense.to_sparse(), "csr": dense.to_sparse_csr()})
    assert [(t.name, t.shape, t.dtype) for t in checkpoint.facts.tensors] == [
        ("coo", (4, 5), "float32"), ("csr", (4, 5), "float32"),
    ]  # fmt: skip
    assert load(checkpoint.window("coo.values")).tolist() == [3.0, 4.0]
    assert load(checkpoint.window("coo.indices")).tolist() == [[1, 3], [2, 0]]
    assert load(checkpoint.window("csr.plain_indices")).tolist() == [2, 0]
    with pytest.raises(UnsupportedError, match="open its parts indices, values"):
        checkpoint.window("coo")


@pytest.mark.filterwarnings("ignore:ComplexHalf")
def test_half_precision_complex_numbers_become_complex64(tmp_path: Path) -> None:
    tensor = torch.randn(5, dtype=torch.complex32)
    checkpoint = saved(tmp_path, {"c": tensor})
    found = load(checkpoint.window("c"))
    assert found.dtype == np.complex64
    assert np.array_equal(found, tensor.to(torch.complex64).numpy())


def test_big_endian_files_read_as_torch_reads_them(tmp_path: Path) -> None:
    values = {"f": torch.randn(4), "h": torch.randn(3).half(), "c": torch.randn(2, dtype=torch.complex64)}
    torch.save(values, tmp_path / "little.pt")
    with zipfile.ZipFile(tmp_path / "little.pt") as old, zipfile.ZipFile(tmp_path / "big.pt", "w") as new:
        for name in old.namelist():
            new.writestr(name, b"big" if name.endswith("byteorder") else old.read(name))
    expected = torch.load(tmp_path / "big.pt", weights_only=True)
    assert not torch.equal(expected["f"], values["f"])
    checkpoint = opened(tmp_path / "big.pt")
    for name, tensor in expected.items():
        assert same_bits(load(checkpoint.window(name)), tensor), name


def test_a_repacked_archive_is_still_read_and_told(tmp_path: Path) -> None:
    values = {"f": torch.randn(400)}
    torch.save(values, tmp_path / "plain.pt")
    with (
        zipfile.ZipFile(tmp_path / "plain.pt") as old,
        zipfile.ZipFile(tmp_path / "packed.pt", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    checkpoint = opened(tmp_path / "packed.pt")
    assert same_bits(load(checkpoint.window("f")), values["f"])
    assert any("compressed" in note for note in checkpoint.facts.notes)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numpy_arrays_inside_a_checkpoint_are_tensors(tmp_path: Path, protocol: int, order: Any) -> None:
    small = np.asfortranarray(np.arange(12, dtype="<f4").reshape(3, 4)) if order == "F" else np.eye(3, dtype=">i4")
    large = np.random.default_rng(0).normal(size=(120, 90)).astype("f4", order=order)
    checkpoint = saved(tmp_path, {"small": small, "large": large}, pickle_protocol=protocol)
    assert np.array_equal(load(checkpoint.window("small")), small)
    assert np.array_equal(load(checkpoint.window("large")), large)
    assert [t.dtype for t in checkpoint.facts.tensors] == [small.dtype.newbyteorder("=").name, "float32"]


def test_a_slice_reads_only_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tensor = sample(torch.float32, 40, 30, 20)
    checkpoint = saved(tmp_path, {"t": tensor, "p": tensor.permute(2, 0, 1)})
    expected = tensor.numpy()
    for index in [
        (3,),
        (slice(5, 30, 7),),
        (slice(None), 4, slice(2, 19, 5)),
        (-1, slice(None, None, 3)),
        (slice(9, 9),),
    ]:
        assert np.array_equal(load(checkpoint.window("t"), index), expected[index]), index
        assert np.array_equal(load(checkpoint.window("p"), index[:1]), expected.transpose(2, 0, 1)[index[:1]])
    monkeypatch.setattr(blocks, "PIECE_BYTES", 4000)
    for index in [(), (slice(None), 4, slice(2, 19, 5)), (slice(None), slice(None), 3), (slice(None, None, 13),)]:
        assert np.array_equal(load(checkpoint.window("t"), index), expected[index]), index
        assert np.array_equal(load(checkpoint.window("p"), index[:1]), expected.transpose(2, 0, 1)[index[:1]])
    with pytest.raises(ValueError, match="forwards"):
        load(checkpoint.window("t"), (slice(None, None, -1),))
    with pytest.raises(IndexError):
        load(checkpoint.window("t"), (40,))


def test_a_large_array_must_be_asked_for_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensors, "MAX_LOADED_BYTES", 1000)
    checkpoint = saved(tmp_path, {"t": torch.arange(1000.0), "expanded": torch.ones(1).expand(10_000, 10_000)})
    with pytest.raises(LimitError, match="take a slice"):
        load(checkpoint.window("t"))
    with pytest.raises(LimitError):
        load(checkpoint.window("expanded"))
    assert load(checkpoint.window("t"), (slice(0, 1000, 10),)).tolist() == list(range(0, 1000, 10))


def test_a_file_that_changed_is_not_read(tmp_path: Path) -> None:
    window = saved(tmp_path, {"t": torch.ones(4)}).window("t")
    torch.save({"t": torch.zeros(400)}, tmp_path / "saved.pt")
    with pytest.raises(DamagedError, match="reload"):
        load(window)


def agrees(found: Any, tensor: Any, tolerance: float) -> None:
    for name, expected in statistics_by_numpy(tensor).items():
        value = getattr(found, name)
        if name in ("mean", "std", "norm"):
            assert value == pytest.approx(expected, rel=tolerance, abs=tolerance, nan_ok=True), name
        else:
            assert value == expected or (math.isnan(value) and math.isnan(expected)), name


@pytest.mark.parametrize("dtype", FLOATING + WHOLE, ids=str)
def test_statistics_are_those_of_numpy(tmp_path: Path, dtype: Any) -> None:
    tensor = sample(dtype, 300, 700)
    found = statistics(saved(tmp_path, {"t": tensor}).window("t"))
    agrees(found, tensor, 1e-6)
    values = tensor.to(torch.float64).numpy().reshape(-1)
    values = values[np.isfinite(values)]
    expected = np.histogram(values, 64, (found.low, found.high))[0]
    assert (found.low, found.high) == (values.min(), values.max())
    assert found.histogram is not None
    assert found.histogram.sum() == values.size
    # Numbers that lie on an edge within rounding may be counted on either side.
    assert np.abs(np.cumsum(found.histogram) - np.cumsum(expected)).max() <= (0 if dtype.itemsize <= 2 else 20)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize(
    "numbers",
    [
        [math.nan] * 3,
        [math.inf, -math.inf, 1.0, math.nan, 2.0, 0.0, -0.0],
        [5.0] * 100,
        [],
        [-0.0],
        [1e4 + i for i in range(100)],
    ],
    ids=["only NaN", "some not finite", "constant", "empty", "minus zero", "far from zero"],
)
def test_statistics_of_odd_numbers(tmp_path: Path, dtype: Any, numbers: list[float]) -> None:
    tensor = torch.tensor(numbers, dtype=dtype)
    found = statistics(saved(tmp_path, {"t": tensor}).window("t"))
    agrees(found, tensor, 1e-6)
    assert found.histogram is not None
    assert found.histogram.sum() == found.count - found.not_finite


def test_statistics_keep_their_digits_far_from_zero_and_near_overflow(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    far = torch.tensor(1e6 + generator.normal(size=300_000), dtype=torch.float32)
    huge = torch.tensor(generator.normal(size=1000) * 1e37, dtype=torch.float32)
    tiny = torch.tensor(generator.normal(size=1000) * 1e-40, dtype=torch.float32)
    wide = torch.tensor([-1.7e308, 1.7e308, 0.0, 1.0], dtype=torch.float64)
    checkpoint = saved(tmp_path, {"far": far, "huge": huge, "tiny": tiny, "wide": wide})
    for name, tensor in {"far": far, "huge": huge, "tiny": tiny}.items():
        expected = statistics_by_numpy(tensor)
        found = statistics(checkpoint.window(name))
        assert found.std == pytest.approx(expected["std"], rel=1e-4), name
        assert found.mean == pytest.approx(expected["mean"], rel=1e-4, abs=1e-3 * expected["std"]), name
        assert found.histogram is not None
        assert found.histogram.sum() == tensor.numel()
    assert statistics(checkpoint.window("wide")).maximum == 1.7e308


def test_statistics_of_views_count_each_stored_element_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "PIECE_BYTES", 40_000)
    whole = sample(torch.float32, 300, 200)
    row = torch.arange(10.0)
    views = {
        "transposed": whole.t(),
        "columns": whole[:, ::3],
        "corner": whole[10:200, 5:77],
        "expanded": row.expand(1_000_000, 10),
        "square": torch.ones(1).expand(1_000_000, 1_000_000),
        "windows": row.unfold(0, 4, 1),
    }
    checkpoint = saved(tmp_path, views)
    for name in ("transposed", "columns", "corner"):
        agrees(statistics(checkpoint.window(name)), views[name].contiguous(), 1e-5)
    for name, stored in {"expanded": row, "square": torch.ones(1), "windows": row}.items():
        agrees(statistics(checkpoint.window(name)), stored, 1e-6)


def test_statistics_of_complex_numbers_are_of_their_magnitude(tmp_path: Path) -> None:
    tensor = sample(torch.complex64, 50)
    found = statistics(saved(tmp_path, {"c": tensor}).window("c"))
    agrees(found, tensor.abs(), 1e-6)


def test_statistics_can_be_cancelled(tmp_path: Path) -> None:
    window = saved(tmp_path, {"t": torch.ones(100)}).window("t")
    with pytest.raises(WorkCancelled):
        statistics(window, Pulse(cancelled=lambda: True))


def test_a_meta_tensor_has_no_elements(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, {"m": torch.empty(3, 4, device="meta")})
    assert (checkpoint.facts.tensors[0].shape, checkpoint.facts.tensors[0].dtype) == ((3, 4), "float32")
    with pytest.raises(UnsupportedError, match="no elements in the file"):
        checkpoint.window("m")
