"""safetensors: the rules of the format, each broken on purpose, and real files."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.dtypes import SAFETENSORS_DTYPES
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import Unreadable
from inspector.core.errors import DamagedError, FileError, LimitError, UnsupportedError
from tests.conftest import sample_files


def file_of(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(dtype: str, shape: list[Any], start: Any, end: Any) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def read(folder: Path, content: bytes) -> Checkpoint:
    path = folder / "model.safetensors"
    path.write_bytes(content)
    return opened(path)


def test_tensors_and_metadata_are_listed(tmp_path: Path) -> None:
    numbers = np.arange(6, dtype="<f4")
    header = {
        "__metadata__": {"format": "pt", "note": "é"},
        "b.weight": entry("F32", [2, 3], 0, 24),
        "a.bias": entry("I64", [1], 24, 32),
        "empty": entry("F16", [0, 4], 32, 32),
    }
    found = read(tmp_path, file_of(header, numbers.tobytes() + struct.pack("<q", -5)))
    assert [(t.name, t.shape, t.dtype, t.bytes) for t in found.facts.tensors] == [
        ("b.weight", (2, 3), "float32", 24), ("a.bias", (1,), "int64", 8), ("empty", (0, 4), "float16", 0),
    ]  # fmt: skip
    assert found.facts.container == "safetensors"
    assert found.objects == {"__metadata__.format": "pt", "__metadata__.note": "é"}
    assert found.facts.would_import == ()
    assert load(found.window("b.weight")).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert load(found.window("a.bias")).tolist() == [-5]
    assert load(found.window("empty")).shape == (0, 4)


@pytest.mark.parametrize(("name", "dtype"), SAFETENSORS_DTYPES.items())
def test_every_type_is_read(tmp_path: Path, name: str, dtype: str) -> None:
    size = {"bool": 1}.get(dtype) or np.dtype(dtype if not dtype.startswith(("bf", "float8")) else "V1").itemsize
    size = 2 if dtype == "bfloat16" else size
    found = read(tmp_path, file_of({"t": entry(name, [3], 0, 3 * size)}, bytes(range(3 * size))))
    assert found.facts.tensors[0].dtype == dtype
    assert load(found.window("t")).tobytes() == bytes(range(3 * size))


def test_a_type_of_later_versions_is_listed_and_not_read(tmp_path: Path) -> None:
    found = read(tmp_path, file_of({"t": entry("F4", [4], 0, 2)}, b"ab"))
    assert (found.facts.tensors[0].dtype, found.facts.tensors[0].bytes) == ("F4", 2)
    with pytest.raises(UnsupportedError, match="F4"):
        found.window("t")


GOOD = entry("F32", [2], 0, 8)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (file_of({"a": GOOD}, bytes(12)), "which no tensor covers"),
        (file_of({"a": GOOD, "b": entry("F32", [1], 12, 16)}, bytes(16)), "a hole"),
        (file_of({"a": GOOD, "b": entry("F32", [2], 4, 12)}, bytes(12)), "another tensor has too"),
        (file_of({"a": entry("F32", [3], 0, 8)}, bytes(8)), "12 bytes for a, found 8"),
        (file_of({"a": entry("F32", [2], 8, 0)}, bytes(8)), "something else"),
        (file_of({"a": entry("F32", [-2], 0, 8)}, bytes(8)), "something else"),
        (file_of({"a": entry("F32", [2.0], 0, 8)}, bytes(8)), "something else"),
        (file_of({"a": entry("F32", [True, 2], 0, 8)}, bytes(8)), "something else"),
        (file_of({"a": {"dtype": "F32", "shape": [2]}}, bytes(8)), "something else"),
        (file_of({"a": {"dtype": 3, "shape": [2], "data_offsets": [0, 8]}}, bytes(8)), "something else"),
        (file_of({"a": 3}), "something else"),
        (file_of({"__metadata__": []}), "JSON object"),
        (
            file_of(b'{"a": ' + json.dumps(GOOD).encode() + b', "a": ' + json.dumps(GOOD).encode() + b"}", bytes(8)),
            "twice",
        ),
        (file_of(b'{"a": '), "JSON"),
        (file_of(b'{"a\xff": 1}'), "JSON"),
        (file_of(b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "JSON"),
        (file_of(b'{"a": ' + b"9" * 10_000 + b"}"), "JSON"),
        (file_of({"a": GOOD}, length=1 << 40), "the file was cut off"),
        (b"\x05\x00\x00", "the file was cut off"),
    ],
    ids=range(19),
)
def test_a_broken_rule_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(DamagedError, match=told):
        read(tmp_path, content)


def test_a_type_that_is_not_known_is_not_lost_and_a_tensor_that_is_cut_off_is(tmp_path: Path) -> None:
    found = read(tmp_path, file_of({"a": entry("Z9", [2], 0, 8), "b": entry("F32", [2], 8, 16)}, bytes(12)))
    assert found.windows["a"] == Unreadable("has elements of a type that is not read, Z9", "unread")
    assert found.lost() == {"b": "is cut off: its bytes end at byte 4 of 8"}


def test_an_absurd_header_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 200_000_000) + b"{")
        file.truncate(300_000_000)
    with pytest.raises(LimitError):
        opened(path)


def test_metadata_that_is_not_text_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, file_of({"__metadata__": {"a": 1, "b": "x"}}))
    assert found.objects == {"__metadata__.b": "x"}
    assert found.facts.notes == ("__metadata__.a is not text, as the format wants it",)


WHOLE = file_of({"__metadata__": {"k": "v"}, "a": GOOD, "b": entry("U8", [3], 8, 11)}, bytes(11))


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=5), st.floats(0, 1))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_opens_or_gives_a_sentence(tmp_path: Path, edits: list[tuple[float, int]], cut: float) -> None:
    data = bytearray(WHOLE)
    for place, byte in edits:
        data[int(place * (len(data) - 1))] = byte
    try:
        found = read(tmp_path, bytes(data[: max(1, int(len(data) * cut))]))
        for tensor in found.facts.tensors:
            load(found.window(tensor.name))
    except FileError as error:
        assert str(error).startswith("model.safetensors: expected")


FILES = sample_files("checkpoints/**/*.safetensors")


@pytest.mark.samples
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_file_holds_what_its_header_says(path: Path) -> None:
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    found = opened(path)
    assert sniff(path).container == "safetensors"
    assert {t.name: list(t.shape) for t in found.facts.tensors} == {name: e["shape"] for name, e in header.items()}
    for tensor in found.facts.tensors:
        start, end = header[tensor.name]["data_offsets"]
        assert tensor.bytes == end - start
        array = load(found.window(tensor.name))
        assert array.tobytes() == data[8 + length + start : 8 + length + end]
        assert array.size == math.prod(tensor.shape)
