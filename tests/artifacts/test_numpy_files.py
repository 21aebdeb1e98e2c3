"""Arrays that numpy saves: equal to what numpy loads, in every header version, order and type; damage."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.literals import LiteralError, literal
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.elements import load
from inspector.core.errors import DamagedError, FileError, UnsupportedError

NUMBERS = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "c8", "c16")


def raw(array: Any, version: tuple[int, int] | None = None) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version)
    return out.getvalue()


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def header(text: str, version: int = 1, data: bytes = b"") -> bytes:
    width = 2 if version == 1 else 4
    return b"\x93NUMPY" + bytes([version, 0]) + len(text).to_bytes(width, "little") + text.encode() + data


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", NUMBERS)
def test_every_type_and_byte_order_is_read(tmp_path: Path, kind: str, order: str) -> None:
    array = (np.arange(12) % 7).reshape(3, 4).astype(f"{order}{kind}")
    found = opened(written(tmp_path / "a.npy", raw(array)))
    assert [tensor.name for tensor in found.facts.tensors] == ["array"]
    assert found.facts.notes == ()
    read = load(found.window("array"))
    assert read.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(read, array)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 0, 3), (2, 3, 4)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_version_shape_and_order_is_read(
    tmp_path: Path, version: tuple[int, int], shape: tuple[int, ...], order: Any
) -> None:
    array = np.asarray(np.arange(int(np.prod(shape)), dtype="f4").reshape(shape), order=order)
    found = opened(written(tmp_path / "a.npy", raw(array, version)))
    assert found.facts.tensors[0].shape == shape
    assert np.array_equal(load(found.window("array")), array)


def test_bfloat16_is_read_as_its_library_saves_it(tmp_path: Path) -> None:
    array = np.array([1.5, -2, 3], ml_dtypes.bfloat16)
    found = opened(written(tmp_path / "a.npy", raw(array)))
    assert found.facts.tensors[0].dtype == "bfloat16"
    assert load(found.window("array")).tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("array", "dtype", "said"),
    [
        (np.zeros(2, [("x", "f4"), ("y", "i8", (3, 2))]), "{x: float32, y: int64[3, 2]}", "records"),
        (np.zeros(2, "M8[ns]"), "M8[ns]", "type M8"),
        (np.zeros(2, "V3"), "V3", "type V3"),
        (np.zeros(2, "f16"), "f16", "type f16"),
    ],
)
def test_what_is_no_number_is_said_to_be(tmp_path: Path, array: Any, dtype: str, said: str) -> None:
    found = opened(written(tmp_path / "a.npy", raw(array)))
    assert found.facts.tensors[0].dtype == dtype
    assert found.facts.tensors[0].bytes == array.nbytes
    with pytest.raises(UnsupportedError, match=said):
        found.window("array")


def test_texts_are_read(tmp_path: Path) -> None:
    array = np.array(["ab", "cde"])
    assert load(opened(written(tmp_path / "a.npy", raw(array))).window("array")).tolist() == ["ab", "cde"]


def test_objects_go_through_the_inert_machine(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os.system, ("touch ran",)

    array = np.array([1, {"a": Evil()}, None], object)
    found = opened(written(tmp_path / "a.npy", raw(array)))
    assert found.facts.tensors == ()
    assert found.objects["array.0"] == 1
    assert found.objects["array.1.a"] == "posix.system('touch ran')"
    assert "posix.system" in found.facts.would_import
    assert not Path("ran").exists()


@pytest.mark.parametrize("packed", [False, True])
def test_npz_is_read_by_its_names(tmp_path: Path, packed: bool) -> None:
    arrays = {
        "weight": np.arange(20_000, dtype=">f8").reshape(100, 200),
        "layer/bias": np.asfortranarray(np.ones((3, 2), "f4")),
        "objects": np.array([{"a": 1}], object),
    }
    path = tmp_path / "a.npz"
    (np.savez_compressed if packed else np.savez)(path, **arrays)  # type: ignore[arg-type]  # names are any text
    assert sniff(path).container == "npz"
    found = opened(path)
    assert found.facts.notes == ()
    with np.load(path, allow_pickle=True) as expected:
        for tensor in found.facts.tensors:
            assert np.array_equal(load(found.window(tensor.name)), expected[tensor.name])
            assert (found.window(tensor.name).storage.source is None) is not packed
    assert [tensor.name for tensor in found.facts.tensors] == ["weight", "layer/bias"]
    assert found.objects["objects.0.a"] == 1


def test_a_packed_array_that_is_a_bomb_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, zeros=np.zeros(10_000_000), small=np.ones(3))
    found = opened(path)
    assert any("limit reached" in note for note in found.facts.notes)
    assert load(found.window("small")).tolist() == [1, 1, 1]
    with pytest.raises(UnsupportedError, match="needs 80,000,000 bytes"):
        found.window("zeros")


@pytest.mark.parametrize(
    "content",
    [
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff{}",
        header("not a literal"),
        header("{'descr': '<f4', 'fortran_order': False}"),
        header("{'descr': '<f4', 'fortran_order': 1, 'shape': (3,)}"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (3.5,)}"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': " + "(" * 500 + ")" * 500 + "}"),
        header("__import__('os').system('touch ran')"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000, 1000)}"),
    ],
)
def test_a_header_that_is_none_is_said(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DamagedError) as caught:
        opened(written(tmp_path / "a.npy", content))
    assert str(caught.value).startswith("a.npy: expected ")
    assert not Path("ran").exists()


def test_a_later_version_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="version 4"):
        opened(written(tmp_path / "a.npy", header("{}", 4)))


def test_absurd_shapes_are_listed_and_allocate_nothing(tmp_path: Path) -> None:
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000000,), }"
    found = opened(written(tmp_path / "a.npy", header(text, data=bytes(8))))
    assert any("4,000,000,000,000,000 bytes are declared and 8 are there" in note for note in found.facts.notes)
    with pytest.raises(UnsupportedError, match="needs 4,000,000,000,000,000 bytes"):
        found.window("array")
    wide = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000000, 0), }"
    empty = opened(written(tmp_path / "b.npy", header(wide)))
    assert load(empty.window("array")).shape == (10**15, 0)


def test_headers_of_python_2_are_read(tmp_path: Path) -> None:
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }"
    found = opened(written(tmp_path / "a.npy", header(text, data=np.ones(2, "f4").tobytes())))
    assert load(found.window("array")).tolist() == [1, 1]


def test_a_file_cut_anywhere_opens_or_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, a=np.arange(30.0), b=np.ones((3, 3)))
    whole, array = path.read_bytes(), raw(np.arange(30.0))
    for name, content in (("b.npz", whole), ("b.npy", array)):
        for end in range(1, len(content), 16):
            try:
                found = opened(written(tmp_path / name, content[:end]))
            except FileError as error:
                assert str(error).startswith(f"{name}: expected ")
                continue
            assert found.facts.notes


@given(place=st.integers(0, 1 << 16), content=st.binary(min_size=1, max_size=20), zipped=st.booleans())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_end_in_a_listing_or_a_sentence(tmp_path: Path, place: int, content: bytes, zipped: bool) -> None:
    whole = bytearray(raw(np.arange(10.0)))
    if zipped:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.npy", bytes(whole))
        whole = bytearray(out.getvalue())
    at = place % (len(whole) - len(content))
    whole[at : at + len(content)] = content
    try:
        found = opened(written(tmp_path / ("a.npz" if zipped else "a.npy"), bytes(whole)))
        for tensor in found.facts.tensors:
            load(found.window(tensor.name))
    except FileError as error:
        assert "expected" in str(error)


_LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text("abc <[(:,", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(_LITERALS)
@settings(max_examples=200, deadline=None)
def test_literals_are_what_python_writes(value: Any) -> None:
    assert literal(repr(value)) == value


@given(st.text("{}[]()',:TrueNone 0123-.\\", max_size=40))
@settings(max_examples=300, deadline=None)
def test_text_that_is_no_literal_is_said(text: str) -> None:
    try:
        literal(text)
    except LiteralError as error:
        assert str(error)


def test_listing_loads_neither_numpy_nor_torch(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.ones(3))
    code = (
        "import json, sys; from pathlib import Path; from inspector.artifacts.checkpoints.checkpoint import facts;"
        "facts(Path(sys.argv[1]));"
        "print(json.dumps([name for name in ('numpy', 'h5py', 'torch') if name in sys.modules]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.npz")], capture_output=True, text=True, check=True
    )
    assert json.loads(answer.stdout) == []
