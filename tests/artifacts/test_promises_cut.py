"""Files cut anywhere: what is whole is shown, what is cut says so, and nothing else ever happens."""

from __future__ import annotations

import io
import json
import pickle  # makes the files that are read
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from inspector.artifacts.archives.zip_scan import open_whole_or_cut
from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import Unreadable
from inspector.core.errors import FileError
from inspector.core.notes import Notes

torch = pytest.importorskip("torch")

STEP_BYTES = 64


class Whole(NamedTuple):
    """A file, the arrays in it by name, and from which length on its tree is whole."""

    data: bytes
    arrays: dict[str, np.ndarray[Any, Any]]
    tree_bytes: int


def arrays() -> dict[str, np.ndarray[Any, Any]]:
    """Arrays whose bytes stand nowhere else in a file."""
    chance = np.random.default_rng(0)
    return {
        "model.first": chance.normal(size=(7, 5)).astype(np.float32),
        "model.half": chance.normal(size=40).astype(np.float16),
        "model.counts": chance.integers(0, 1 << 40, 30),
        "ema.first": chance.normal(size=(3, 4, 5)),
    }


def nested(values: dict[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
    tree: dict[str, Any] = {"epoch": 3}
    for name, array in values.items():
        section, _, key = name.partition(".")
        tree.setdefault(section, {})[key] = torch.from_numpy(array.copy())
    return tree


def record_end(data: bytes, name: str) -> int:
    """Where the bytes of an entry end, as Python's own module finds it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = next(entry for entry in archive.infolist() if entry.filename.endswith(name))
    name_length, extra_length = struct.unpack_from("<HH", data, entry.header_offset + 26)
    return int(entry.header_offset + 30 + name_length + extra_length + entry.compress_size)


def saved(value: Any, *, zipped: bool) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream, _use_new_zipfile_serialization=zipped)
    return stream.getvalue()


def torch_zip() -> Whole:
    data = saved(nested(arrays()), zipped=True)
    return Whole(data, arrays(), record_end(data, "data.pkl"))


def torch_legacy() -> Whole:
    data = saved(nested(arrays()), zipped=False)
    first = min(data.index(array.tobytes()) for array in arrays().values())
    return Whole(data, arrays(), first)


def zip_in_a_zip() -> Whole:
    """A tensor whose bytes are an archive: its headers and descriptors belong to no entry of the outer one."""
    inner = np.frombuffer(saved({"w": torch.arange(20.0)}, zipped=True), np.uint8)
    values = {"model.inner": inner, **arrays()}
    data = saved(nested(values), zipped=True)
    return Whole(data, values, record_end(data, "data.pkl"))


def repacked(compression: int) -> Callable[[], Whole]:
    """An archive written anew by Python's own module: sizes stand before the bytes, the pickle may be deflated."""

    def make() -> Whole:
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(torch_zip().data)) as old, zipfile.ZipFile(stream, "w") as new:
            for name in old.namelist():
                packed = compression if name.endswith(".pkl") else zipfile.ZIP_STORED
                new.writestr(name, old.read(name), compress_type=packed)
        data = stream.getvalue()
        return Whole(data, arrays(), record_end(data, "data.pkl"))

    return make


def torchscript() -> Whole:
    values = {name.replace(".", "_"): array for name, array in arrays().items()}
    module = torch.nn.Module()
    for name, array in values.items():
        module.register_buffer(name, torch.from_numpy(array.copy()))
    stream = io.BytesIO()
    torch.jit.save(torch.jit.script(module), stream)
    return Whole(stream.getvalue(), values, record_end(stream.getvalue(), "data.pkl"))


def safetensors() -> Whole:
    header: dict[str, Any] = {"__metadata__": {"epoch": "3"}}
    payload = b""
    kinds = {"float32": "F32", "float16": "F16", "int64": "I64", "float64": "F64"}
    for name, array in arrays().items():
        ends = [len(payload), len(payload) + array.nbytes]
        header[name] = {"dtype": kinds[array.dtype.name], "shape": array.shape, "data_offsets": ends}
        payload += array.tobytes()
    text = json.dumps(header).encode()
    return Whole(len(text).to_bytes(8, "little") + text + payload, arrays(), 8 + len(text))


def bare_pickle() -> Whole:
    """Tensors pickled alone: legacy files inside strings of bytes."""
    data = pickle.dumps(nested(arrays()), 4)
    return Whole(data, arrays(), len(data))


def npz(save: Callable[..., None]) -> Callable[[], Whole]:
    """numpy's arrays in an archive: each is named by its entry, so that there is no tree before them."""

    def make() -> Whole:
        stream = io.BytesIO()
        save(stream, **arrays())
        data = stream.getvalue()
        return Whole(data, arrays(), max(data.index(array.tobytes()) for array in arrays().values()))

    return make


def tar_of_files() -> Whole:
    """A checkpoint behind other files in a tar archive."""
    stream, inner = io.BytesIO(), torch_zip()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, data in (("notes.txt", b"a run"), ("w.pt", inner.data)):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    # The zeros that fill a tar archive up can be cut off without a loss.
    data = stream.getvalue()
    data = data[: data.index(inner.data) + len(inner.data)]
    values = {f"w.pt.{name}": array for name, array in arrays().items()}
    return Whole(data, values, data.index(inner.data) + inner.tree_bytes)


MAKERS: dict[str, Callable[[], Whole]] = {
    "torch-zip": torch_zip,
    "torch-legacy": torch_legacy,
    "an archive in an archive": zip_in_a_zip,
    "stored anew": repacked(zipfile.ZIP_STORED),
    "deflated anew": repacked(zipfile.ZIP_DEFLATED),
    "torchscript": torchscript,
    "safetensors": safetensors,
    "pickle": bare_pickle,
    "npz": npz(np.savez),
    "tar": tar_of_files,
}


def check(found: Checkpoint, whole: Whole, length: int) -> int:
    """Whether what a file of so many bytes shows is right; how many of its tensors are whole."""
    shown = {tensor.name: tensor for tensor in found.facts.tensors}
    if length >= whole.tree_bytes:
        assert set(shown) == set(whole.arrays)
    good = 0
    for name, tensor in shown.items():
        array = whole.arrays[name]
        assert (tensor.shape, tensor.dtype) == (array.shape, array.dtype.name)
        window = found.windows[name]
        if whole.data.index(array.tobytes()) + array.nbytes <= length:
            assert np.array_equal(load(found.window(name)), array)
            good += 1
        else:
            assert isinstance(window, Unreadable), (name, length)
            assert re.search("cut off|needs .* bytes|reaches past|keeps its elements", window.reason), window
            assert window.kind == "lost", window
    return good


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", MAKERS)
def test_a_file_cut_anywhere_shows_what_is_whole(
    tmp_path: Path, kind: str, record_property: Callable[[str, object], None]
) -> None:
    whole = MAKERS[kind]()
    tmp_path = tmp_path / "cut"
    tmp_path.mkdir()
    path = tmp_path / ("whole.safetensors" if kind == "safetensors" else "whole.pt")
    path.write_bytes(whole.data)
    assert check(opened(path), whole, len(whole.data)) == len(whole.arrays)
    good = sentences = 0
    for length in (*range(STEP_BYTES, len(whole.data), STEP_BYTES), len(whole.data) - 1):
        path.unlink()
        path.write_bytes(whole.data[:length])
        try:
            found = opened(path)
        except FileError as error:
            assert length < whole.tree_bytes, error
            assert str(error).startswith(f"{path.name}: expected ")
            sentences += 1
            continue
        good += check(found, whole, length)
        assert any(re.search(r"byte [\d,]+", note) for note in found.facts.notes), (length, found.facts.notes)
    record_property("inputs tried", (len(whole.data) - 1) // STEP_BYTES + 1)
    record_property("tensors still shown", good)
    assert kind == "pickle" or good > len(whole.arrays)
    assert sentences < len(whole.data) // STEP_BYTES


def test_entries_found_by_their_own_headers_are_those_of_the_directory(tmp_path: Path) -> None:
    for kind in ("torch-zip", "an archive in an archive", "stored anew", "deflated anew"):
        data = MAKERS[kind]().data
        (tmp_path / "cut.pt").write_bytes(data[: data.rindex(b"PK\x05\x06")])
        with ByteFile(tmp_path / "cut.pt") as file:
            found = open_whole_or_cut(file, Notes())
        assert found.cut_off
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert [
                (member.name, member.crc, member.packed_bytes, member.header_start) for member in found.members
            ] == [(entry.filename, entry.CRC, entry.compress_size, entry.header_offset) for entry in archive.infolist()]


def test_all_that_lies_behind_a_cut_is_one_note(tmp_path: Path) -> None:
    whole = torch_zip()
    path = tmp_path / "cut.pt"
    path.write_bytes(whole.data[: whole.tree_bytes + STEP_BYTES])
    said = [note for note in opened(path).facts.notes if "before its elements" in note]
    assert len(said) == 1
    assert re.search(r"so it is with \d more$", said[0])
