"""Every value that h5py can read is given as h5py reads it, whatever its type, storage and filters."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import hdf5, hdf5_objects, hdf5_open, hdf5_window
from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, UnsupportedError
from inspector.core.pulse import QUIET
from tests.artifacts.hdf5_files import declared_texts
from tests.artifacts.hdf5_oracle import ours, plain


def read(path: Path, name: str, part: tuple[slice, ...] | None = None) -> AnyArray:
    with hdf5_open.opened(path) as found:
        return hdf5_window.read(path, hdf5_window.open_dataset(path, found.file, name), part)


PERSON = np.dtype([("name", h5py.string_dtype()), ("tag", "S4"), ("age", "u1"), ("at", "<f4", (2,)),
                   ("list", h5py.vlen_dtype(np.int16)), ("words", h5py.string_dtype(), (2,)),
                   ("inner", [("text", h5py.string_dtype("ascii")), ("n", ">i4")])])  # fmt: skip


def people(count: int) -> AnyArray:
    found = np.empty(count, PERSON)
    for index in range(count):
        found[index] = (f"née {index}", b"t%d" % index, index, (index, -index), np.arange(index, dtype=np.int16),
                        ("a" * index, "ß"), (f"in {index}", 10**6 + index))  # fmt: skip
    return found


def ragged(kind: object, *lengths: int) -> AnyArray:
    found = np.empty(len(lengths), h5py.vlen_dtype(kind))
    for index, length in enumerate(lengths):
        found[index] = np.arange(length).astype(kind)
    return found


def arrays_of_three(file: h5py.File) -> None:
    file.create_dataset("x", (2, 2), np.dtype(("i4", (3,))))[...] = np.arange(12, dtype="i4").reshape(2, 2, 3)


Write = Callable[[h5py.File], object]
WAYS: dict[str, Write] = {
    "compound": lambda file: file.create_dataset("x", data=people(5)),
    "compound scalar": lambda file: file.create_dataset("x", data=people(3)[2]),
    "compound chunked": lambda file: file.create_dataset("x", data=people(7), chunks=(2,), compression="gzip"),
    "compound of numbers": lambda file: file.create_dataset("x", data=np.ones(3, "<i2, (2,)>f8, S3")),
    "text": lambda file: file.create_dataset("x", data=[["a", "üñ"], ["", "日本"]], dtype=h5py.string_dtype()),
    "text ascii": lambda file: file.create_dataset("x", data=["a", "b" * 300], dtype=h5py.string_dtype("ascii")),
    "text scalar": lambda file: file.create_dataset("x", data="one ü"),
    "text that is no text": lambda file: file.create_dataset("x", data=b"\xff\xfe", dtype=h5py.string_dtype()),
    "text never written": lambda file: file.create_dataset("x", (3,), h5py.string_dtype()),
    "text fixed ascii": lambda file: file.create_dataset("x", data=np.array([b"ab", b"c"])),
    "text fixed utf-8": lambda file: file.create_dataset("x", data=["aü".encode(), b"b"],
                                                         dtype=h5py.string_dtype("utf-8", 5)),
    "enum": lambda file: file.create_dataset("x", data=[1, 0, 7], dtype=h5py.enum_dtype({"A": 0, "B": 1}, "i2")),
    "bool": lambda file: file.create_dataset("x", data=np.array([True, False])),
    "bool scalar": lambda file: file.create_dataset("x", data=True),
    "lists": lambda file: file.create_dataset("x", data=ragged(np.int32, 3, 0, 2)),
    "lists of floats": lambda file: file.create_dataset("x", data=ragged(">f8", 1, 4), chunks=(1,)),
    "lists never written": lambda file: file.create_dataset("x", (2, 2), h5py.vlen_dtype("u1")),
    "opaque": lambda file: file.create_dataset("x", data=np.array([b"abc", b"\0\1\2"], "V3")),
    "time": lambda file: file.create_dataset("x", data=np.array([5, 9], "<M8[s]").astype(
        h5py.opaque_dtype("<M8[s]"))),
    "arrays": arrays_of_three,
    "complex": lambda file: file.create_dataset("x", data=np.array([1 + 2j, -3j], np.complex64)),
    "half": lambda file: file.create_dataset("x", data=np.array([1, -0.0, np.inf], np.float16)),
    "big-endian": lambda file: file.create_dataset("x", data=np.arange(5, dtype=">u8")),
    "extended": lambda file: file.create_dataset("x", data=np.array([1, 1e-300], np.longdouble)),
    "scalar": lambda file: file.create_dataset("x", data=2.5),
    "no rows": lambda file: file.create_dataset("x", (0, 3), "f4", maxshape=(None, 3)),
    "no texts": lambda file: file.create_dataset("x", (0,), h5py.string_dtype(), maxshape=(None,)),
    "never written": lambda file: file.create_dataset("x", (4, 4), "f4", chunks=(2, 2), fillvalue=7),
    "scale and offset": lambda file: file.create_dataset("x", data=np.arange(40), chunks=(8,), scaleoffset=0),
    "edge chunks": lambda file: file.create_dataset("x", data=np.arange(35.0).reshape(5, 7), chunks=(3, 4)),
}  # fmt: skip


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("way", WAYS)
def test_values_are_those_of_h5py(tmp_path: Path, way: str, libver: str) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", libver=libver) as file:
        WAYS[way](file)
    with h5py.File(path) as file:
        theirs = plain(file["x"][()], file["x"].dtype, file)
        shape = file["x"].shape
    found = read(path, "x")
    assert found.shape[: len(shape)] == shape
    np.testing.assert_equal(ours(found), theirs)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system bounds what is mapped for writing")
def test_a_text_that_declares_more_than_may_be_read_is_refused_room(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    path.write_bytes(declared_texts())
    with pytest.raises(DamagedError, match="memory allocation failed"):
        read(path, "names")


def test_a_part_of_objects_is_that_part(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    texts = [[f"{row}.{column}" for column in range(40)] for row in range(30)]
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=texts, dtype=h5py.string_dtype(), chunks=(7, 9))
    found = read(path, "x", (slice(4, 29), slice(3, 38)))
    assert found.tolist() == [row[3:38] for row in texts[4:29]]


@pytest.mark.parametrize("most", [1, 3, 12, 25, 10_000])
def test_blocks_cover_a_part_once_and_in_order(most: int) -> None:
    part = (slice(2, 5), slice(0, 4), slice(1, 8))
    array = np.arange(6 * 5 * 9).reshape(6, 5, 9)
    found = [array[block] for block in hdf5_objects.blocks(part, most)]
    assert max(block.size for block in found) <= most
    assert np.concatenate([block.ravel() for block in found]).tolist() == array[part].ravel().tolist()


def test_references_are_shown_as_what_they_lead_to(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        target = file.create_dataset("group/target", data=np.arange(20).reshape(4, 5))
        gone = file.create_dataset("gone", data=1)
        objects = file.create_dataset("objects", (4,), h5py.ref_dtype)
        objects[0], objects[1], objects[2] = target.ref, file["group"].ref, gone.ref
        regions = file.create_dataset("regions", (4,), h5py.regionref_dtype)
        regions[0] = target.regionref[1:3, 2:5]
        regions[1] = target.regionref[[0, 3], 1]
        regions[2] = target.regionref[...]
        file.create_dataset("both", data=np.array([(target.ref, 3)], [("to", h5py.ref_dtype), ("n", "i4")]))
        del file["gone"]
    assert read(path, "objects").tolist() == ["/group/target", "/group", "an object that is no longer there", ""]
    assert read(path, "regions").tolist() == [
        "/group/target[1:3, 2:5]", "/group/target[2 values in 0:4, 1:2]", "/group/target[0:4, 0:5]", ""
    ]  # fmt: skip
    assert read(path, "both").tolist() == [("/group/target", 3)]


def test_a_type_that_numpy_has_none_for_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        space = h5py.h5s.create_simple((2,))
        h5py.h5d.create(file.id, b"when", h5py.h5t.UNIX_D32LE, space)
    with pytest.raises(UnsupportedError, match="when to hold values that numpy has a type for, found bits32"):
        read(path, "when")


PACKINGS = {
    "Bitshuffle": {}, "Bitshuffle lz4": {"cname": "lz4"}, "Bitshuffle zstd": {"cname": "zstd"}, "Blosc": {},
    "Blosc2": {}, "BZip2": {}, "FciDecomp": {}, "LZ4": {}, "SZ": {"absolute": 0.01}, "SZ3": {"absolute": 0.01},
    "Sperr": {"rate": 8}, "Zfp": {"reversible": True}, "Zstd": {},
}  # fmt: skip


@pytest.mark.parametrize("name", PACKINGS)
def test_every_filter_of_hdf5plugin_is_undone(tmp_path: Path, name: str) -> None:
    hdf5plugin = pytest.importorskip("hdf5plugin")
    path = tmp_path / "file.h5"
    rows = np.cumsum(np.random.default_rng(0).normal(size=(4, 32, 32)), axis=2)
    values = (rows * 10).astype(np.uint8) if name == "FciDecomp" else rows.astype(np.float32)
    packing = getattr(hdf5plugin, name.split(maxsplit=1)[0])(**PACKINGS[name])
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, chunks=(1, 32, 32), compression=packing)
    with h5py.File(path) as file:
        theirs = file["x"][()]
    (dataset,) = hdf5.facts(path, QUIET).datasets
    assert "filter " not in " ".join(dataset.filters)
    np.testing.assert_array_equal(read(path, "x"), theirs)
    assert np.abs(theirs - values.astype(theirs.dtype)).max() < 0.5


def test_a_random_part_of_a_large_sparse_dataset_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    places = [random.Random(5).randrange(10**9) for _ in range(20)]
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("x", (10**9,), "i8", chunks=(1024,))
        for place in places:
            dataset[place] = place
    for place in places:
        assert read(path, "x", (slice(place, place + 1),)).tolist() == [place]
