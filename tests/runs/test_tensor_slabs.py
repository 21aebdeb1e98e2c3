"""Tensors read side by side in slabs: every layout, any size, nothing endless."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.identity import identity_of
from inspector.artifacts.tensors.windows import Storage, TensorWindow, contiguous_strides
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.pulse import QUIET
from inspector.runs.tensor_slabs import SLAB_BYTES, JointWalk, change_between


def stored(
    path: Path, values: np.ndarray, *, shape: tuple[int, ...] | None = None, strides: tuple[int, ...] | None = None,
    dtype: str = "float32",
) -> TensorWindow:  # fmt: skip
    """A view on an array's elements as they lie in a file."""
    path.write_bytes(values.tobytes())
    shape = values.shape if shape is None else shape
    return TensorWindow(
        path=path,
        identity=identity_of(path),
        name=path.stem,
        dtype=dtype,
        shape=shape,
        strides=contiguous_strides(shape) if strides is None else strides,
        offset=0,
        item_bytes=values.itemsize,
        storage=Storage(0, values.nbytes, values.nbytes),
    )


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    "shape", [(3_000_000,), (3, 1_100_000), (2, 3, 400_000), (1_500_000, 2), (1, 1, 2_000_000), (70_000, 1, 40)]
)
def test_slabs_cover_every_element_once_and_stay_small(tmp_path: Path, shape: tuple[int, ...]) -> None:
    values = np.zeros(shape, np.float32)
    seen = np.zeros(shape, np.int64)
    for index in JointWalk([stored(tmp_path / "a", values)]).slabs():
        assert seen[index].size * 4 <= SLAB_BYTES
        seen[index] += 1
    assert (seen == 1).all()


def test_a_change_far_into_a_large_tensor_is_found_at_its_index(tmp_path: Path) -> None:
    first = drawn(3, 7, 200_000)
    second = first.copy()
    second[2, 3, 123_456] += 50
    change = change_between(stored(tmp_path / "a", first), stored(tmp_path / "b", second), QUIET)
    assert (change.largest_at, change.equal) == ((2, 3, 123_456), first.size - 1)


def test_transposed_tensors_meet_element_by_element(tmp_path: Path) -> None:
    values = drawn(500, 300)
    turned = stored(tmp_path / "b", values.T.copy(), shape=(500, 300), strides=(1, 500))
    plain = stored(tmp_path / "a", values)
    assert change_between(plain, turned, QUIET).equal == values.size
    assert change_between(turned, turned, QUIET).equal == values.size
    other = values.copy()
    other[17, 250] += 9
    assert change_between(turned, stored(tmp_path / "c", other), QUIET).largest_at == (17, 250)


def test_what_both_repeat_counts_once_and_endless_repetition_is_refused(tmp_path: Path) -> None:
    row = drawn(5)
    endless = stored(tmp_path / "a", row, shape=(10**12, 5), strides=(0, 1))
    assert change_between(endless, endless, QUIET).count == 5
    crossed = stored(tmp_path / "b", row, shape=(10**12, 5), strides=(1, 0))
    with pytest.raises(LimitError, match="a few times"):
        change_between(endless, crossed, QUIET)


def test_a_repeated_row_is_compared_with_a_written_out_one(tmp_path: Path) -> None:
    row = drawn(5)
    written = np.tile(row, (40, 1))
    written[39, 4] += 1
    change = change_between(
        stored(tmp_path / "a", row, shape=(40, 5), strides=(0, 1)), stored(tmp_path / "b", written), QUIET
    )
    assert (change.count, change.equal, change.largest_at) == (200, 199, (39, 4))


def test_big_and_little_endian_numbers_meet(tmp_path: Path) -> None:
    values = drawn(100)
    turned = stored(tmp_path / "b", values.astype(">f4"))
    turned = TensorWindow(**{name: getattr(turned, name) for name in turned.__struct_fields__} | {"byteorder": "big"})
    assert change_between(stored(tmp_path / "a", values), turned, QUIET).equal == 100


def test_times_are_compared_as_integers_and_text_is_not(tmp_path: Path) -> None:
    days = np.arange(5).astype("M8[ns]")
    first, second = stored(tmp_path / "a", days, dtype="M8"), stored(tmp_path / "b", days + 1, dtype="M8")
    assert change_between(first, second, QUIET).largest == 1
    text = stored(tmp_path / "c", np.array(["ab"], "S2"), dtype="S2")
    with pytest.raises(UnsupportedError, match="found text"):
        change_between(text, text, QUIET)


def test_a_file_that_changed_meanwhile_is_said_to_have(tmp_path: Path) -> None:
    first, second = stored(tmp_path / "a", drawn(10)), stored(tmp_path / "b", drawn(10))
    (tmp_path / "b").write_bytes(b"other")
    with pytest.raises(DamagedError, match="a changed one"):
        change_between(first, second, QUIET)


@pytest.mark.parametrize("shape", [(), (0,), (4, 0, 3)])
def test_scalars_and_empty_tensors_have_one_element_or_none(tmp_path: Path, shape: tuple[int, ...]) -> None:
    window = stored(tmp_path / "a", np.ones(shape, np.float32))
    assert change_between(window, window, QUIET).count == int(np.prod(shape))
