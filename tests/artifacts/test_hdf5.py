"""What is said of an HDF5 file is what h5py put into it."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from itertools import product
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import hdf5, hdf5_open, hdf5_values, hdf5_walk, hdf5_window
from inspector.core.errors import (
    DamagedError,
    FileError,
    MissingError,
    UnknownKindError,
    UnsupportedError,
    WorkCancelled,
)
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.facts import DatasetFacts, DumpFacts

ALL = np.arange(24.0).reshape(4, 6)


def facts_of(path: Path) -> DumpFacts:
    return hdf5.facts(path, QUIET)


def only(path: Path) -> DatasetFacts:
    (dataset,) = facts_of(path).datasets
    return dataset


def whole(path: Path, name: str) -> np.ndarray:
    with hdf5_open.opened(path) as found:
        return hdf5_window.read(path, hdf5_window.open_dataset(path, found.file, name))


LAYOUTS = {
    "compact": {},
    "contiguous": {},
    "chunked": {"chunks": (2, 3)},
    "resizable": {"chunks": (2, 3), "maxshape": (None, None)},
}


@pytest.mark.parametrize(
    ("libver", "layout"), list(product(["earliest", "v108", "v110", "v112", "v114", "latest"], LAYOUTS))
)
def test_every_version_and_layout_is_read_back(tmp_path: Path, libver: str, layout: str) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", libver=libver if libver in ("earliest", "latest") else (libver, libver)) as file:
        if layout == "compact":
            creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            creation.set_layout(h5py.h5d.COMPACT)
            space = h5py.h5s.create_simple(ALL.shape)
            h5py.Dataset(h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_DOUBLE, space, creation))[...] = ALL
        else:
            file.create_dataset("x", data=ALL, **LAYOUTS[layout])
    dataset = only(path)
    assert (dataset.path, dataset.shape, dataset.dtype, dataset.bytes) == ("x", (4, 6), "float64", 192)
    assert dataset.chunks == LAYOUTS[layout].get("chunks")
    np.testing.assert_array_equal(whole(path, "x"), ALL)


BUILT_IN = [
    ({"compression": "gzip", "compression_opts": 4}, ("gzip-4",)),
    ({"compression": "gzip", "compression_opts": 9, "shuffle": True}, ("shuffle", "gzip-9")),
    ({"compression": "lzf", "shuffle": True}, ("shuffle", "lzf")),
    ({"fletcher32": True}, ("fletcher32",)),
    ({"scaleoffset": 0}, ("scaleoffset",)),
]


@pytest.mark.parametrize(("packing", "names"), BUILT_IN)
def test_filters_are_named_in_the_order_they_were_applied(
    tmp_path: Path, packing: dict[str, object], names: tuple[str, ...]
) -> None:
    path = tmp_path / "file.h5"
    values = np.arange(600).reshape(20, 30)
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, chunks=(1, 30), **packing)
    assert only(path).filters == names
    np.testing.assert_array_equal(whole(path, "x"), values)


def test_a_missing_filter_is_named_with_what_brings_it(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((4,))
        creation.set_filter(32099, h5py.h5z.FLAG_OPTIONAL)
        h5py.h5d.create(file.id, b"odd", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((8,)), creation)
    assert only(path).filters == ("filter 32099",)
    is_here = importlib.util.find_spec("hdf5plugin") is not None
    advice = "hdf5plugin, which is here, has none of that number" if is_here else "pip install hdf5plugin"
    (note,) = facts_of(path).notes
    assert note.startswith(f"odd needs filter 32099; {advice}")
    with pytest.raises(UnsupportedError, match=f"32099.*{advice}"):
        whole(path, "odd")


COMPOUND = np.dtype([("x", "<f8"), ("name", "S3"), ("inner", [("a", "<i2"), ("b", "<u1", (2,))])])

TYPES = [
    (np.float16, "float16"),
    (">f4", "float32"),
    (np.float64, "float64"),
    (np.int8, "int8"),
    (">u8", "uint64"),
    (np.bool_, "bool"),
    (np.complex64, "complex64"),
    ("S7", "text (7 bytes)"),
    (h5py.string_dtype(), "text"),
    (h5py.string_dtype("ascii", 5), "text (5 bytes)"),
    (h5py.vlen_dtype(np.int32), "lists of int32"),
    (h5py.enum_dtype({"RED": 0, "GREEN": 1}, np.uint8), "enum uint8 (GREEN, RED)"),
    (h5py.ref_dtype, "object reference"),
    (h5py.regionref_dtype, "region reference"),
    (h5py.opaque_dtype(np.dtype("<M8[s]")), "<M8[s]"),
    (np.dtype("V6"), "opaque (6 bytes)"),
    (np.dtype((np.float32, (3, 4))), "float32[3, 4]"),
    (COMPOUND, "{x: float64, name: text (3 bytes), inner: {a: int16, b: uint8[2]}}"),
]


@pytest.mark.parametrize(("dtype", "text"), TYPES)
def test_types_are_told_in_words(tmp_path: Path, dtype: object, text: str) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (2,), dtype)
    assert only(path).dtype == text


@pytest.mark.parametrize(
    ("fields", "bytes_", "bias", "text"),
    [((15, 7, 8, 0, 7), 2, 127, "bfloat16"), ((7, 3, 4, 0, 3), 1, 7, "float8_e4m3")],
)
def test_small_floats_are_named_and_bfloat16_is_read(
    tmp_path: Path, fields: tuple[int, ...], bytes_: int, bias: int, text: str
) -> None:
    path = tmp_path / "file.h5"
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_fields(*fields)
    kind.set_size(bytes_)
    kind.set_ebias(bias)
    with h5py.File(path, "w") as file:
        raw = h5py.h5d.create(file.id, b"x", kind, h5py.h5s.create_simple((3,)))
        raw.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1.0, -2.5, 0.15625], np.float32))
    assert only(path).dtype == text
    np.testing.assert_allclose(whole(path, "x"), [1.0, -2.5, 0.15625])


def test_scalars_and_empty_datasets_have_no_axes(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["nothing"] = h5py.Empty("f4")
        file["one"] = 3.5
        file["none_of_it"] = np.empty((0, 3))
    by_path = {dataset.path: dataset for dataset in facts_of(path).datasets}
    assert (by_path["nothing"].shape, by_path["nothing"].dtype) == ((), "empty float32")
    assert (by_path["one"].shape, by_path["one"].bytes) == ((), 8)
    assert by_path["none_of_it"].shape == (0, 3)
    assert whole(path, "one") == 3.5
    assert whole(path, "none_of_it").shape == (0, 3)
    with pytest.raises(UnsupportedError, match="empty dataset"):
        whole(path, "nothing")


def test_attributes_are_plain_and_bounded(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.attrs.update(
            {"epoch": 3, "rate": 1e-4, "name": "run ü", "done": True, "grid": [4, 5], "nothing": h5py.Empty("f")}
        )
        file.attrs["many"] = np.zeros(1000)
        file.attrs["long"] = "x" * 10_000
        file.attrs["names"] = np.array(["a", "b"], h5py.string_dtype())
        file.attrs["nan"] = np.nan
        file.attrs["bytes"] = np.bytes_(b"\xffa")
        file.attrs["there"] = file.ref
    found = facts_of(path).attributes
    assert math.isnan(found.pop("nan"))
    assert len(found.pop("long")) == hdf5_values.MAX_TEXT + 1
    assert found == {
        "epoch": 3,
        "rate": 1e-4,
        "name": "run ü",
        "done": True,
        "grid": [4, 5],
        "nothing": None,
        "many": "float64 (1000,)",
        "names": ["a", "b"],
        "bytes": "\\xffa",
        "there": "object reference",
    }


def test_more_attributes_than_the_limit_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", libver="latest") as file:
        dataset = file.create_dataset("x", data=1)
        for index in range(hdf5_values.MAX_ATTRIBUTES + 3):
            dataset.attrs[f"a{index}"] = index
    assert len(only(path).attributes) == hdf5_values.MAX_ATTRIBUTES
    assert facts_of(path).notes == ("x: only the first 256 attributes are shown",)


def test_links_are_listed_by_kind(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["group/x"] = ALL
        file["again"] = file["group/x"]
        file["loop"] = file["/"]
        file["soft"] = h5py.SoftLink("/group/x")
        file["group/relative"] = h5py.SoftLink("x")
        file["dangling"] = h5py.SoftLink("/nowhere")
        file["outside"] = h5py.ExternalLink("other.h5", "/secret")
        file["through"] = h5py.SoftLink("/outside/deeper")
    found = facts_of(path)
    links = {link.path: (link.kind, link.target) for link in found.links}
    assert links == {
        "group/x": ("hard", "/again"),
        "loop": ("hard", "/"),
        "soft": ("soft", "/group/x"),
        "group/relative": ("soft", "x"),
        "dangling": ("dangling", "/nowhere"),
        "outside": ("external", "other.h5:/secret"),
        "through": ("soft", "/outside/deeper"),
    }
    assert [dataset.path for dataset in found.datasets] == ["again"]


def test_groups_keep_the_order_they_were_written_in(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", track_order=True) as file:
        for name in ("zeta", "alpha", "mid"):
            file[name] = 1
    assert [dataset.path for dataset in facts_of(path).datasets] == ["zeta", "alpha", "mid"]


def test_names_that_are_no_text_are_written_out(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file[b"caf\xe9"] = 1
    assert only(path).path == "caf\\xe9"


def test_a_deep_chain_of_groups_is_walked(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", libver="latest") as file:
        group = file
        for _ in range(3000):
            group = group.create_group("g")
        group["x"] = 1
    assert only(path).path == "g/" * 3000 + "x"


def test_more_links_than_the_limit_are_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        for index in range(50):
            file[f"d{index:02}"] = index
    monkeypatch.setattr(hdf5_walk, "MAX_LINKS", 20)
    found = facts_of(path)
    assert len(found.datasets) == 20
    assert found.notes == ("only the first 20 entries are listed",)


def test_a_user_block_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", userblock_size=2048) as file:
        file["x"] = ALL
    assert only(path).path == "x"
    np.testing.assert_array_equal(whole(path, "x"), ALL)


def test_reading_takes_no_lock_from_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["x"] = ALL
    with hdf5_open.opened(path):
        # In another process: the library hands this one its own open file.
        program = f"import h5py; f = h5py.File({str(path)!r}, 'a'); f['y'] = 1; f.close()"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {dataset.path for dataset in facts_of(path).datasets} == {"x", "y"}


def test_a_walk_stops_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["a/b"] = ALL
    with pytest.raises(WorkCancelled):
        hdf5.facts(path, Pulse(cancelled=lambda: True))


def test_what_is_no_hdf5_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.h5").write_bytes(b"")
    (tmp_path / "text.h5").write_text("Epoch 1")
    (tmp_path / "crlf.h5").write_bytes(b"\x89HDF\n\x1a\n" + bytes(100))
    (tmp_path / "folder.h5").mkdir()
    for name in ("empty.h5", "text.h5"):
        with pytest.raises(UnknownKindError, match=f"{name}: expected an HDF5 file, found no HDF5 signature"):
            facts_of(tmp_path / name)
    with pytest.raises(DamagedError, match="line ends were converted"):
        facts_of(tmp_path / "crlf.h5")
    with pytest.raises(MissingError):
        facts_of(tmp_path / "nowhere.h5")
    with pytest.raises(FileError, match="found a folder"):
        facts_of(tmp_path / "folder.h5")
