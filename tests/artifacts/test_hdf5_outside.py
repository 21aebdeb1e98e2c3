"""A file reads only itself, and never more of itself than was asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import dump, hdf5, hdf5_open, hdf5_walk, hdf5_window, read_bounds
from inspector.artifacts.dumps.hdf5_window import OPEN_FOLDER
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.pulse import QUIET

Recorded = Callable[[str, object], None]
SECRET = np.arange(1000.0, 1064.0)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Another file, and beside it raw bytes, that no dump may show."""
    path = tmp_path / "secret.h5"
    with h5py.File(path, "w") as file:
        file["secret"] = SECRET
        file["group/secret"] = SECRET
    SECRET.tofile(tmp_path / "secret.bin")
    return path


def refused(path: Path, name: str) -> str:
    with pytest.raises((UnsupportedError, DamagedError)) as caught, hdf5_open.opened(path) as found:
        hdf5_window.read(path, hdf5_window.open_dataset(path, found.file, name))
    return str(caught.value)


def links_of(path: Path) -> list[tuple[str, str, str]]:
    return [(link.path, link.kind, link.target) for link in hdf5.facts(path, QUIET).links]


def listed(path: Path) -> set[str]:
    return {dataset.path for dataset in hdf5.facts(path, QUIET).datasets}


def test_external_links_are_never_followed(tmp_path: Path, secret: Path, record_property: Recorded) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["direct"] = h5py.ExternalLink(secret.name, "/secret")
        file["group"] = h5py.ExternalLink(secret.name, "/group")
        file["soft"] = h5py.SoftLink("/direct")
        file["deep"] = h5py.SoftLink("/group/secret")
    with h5py.File(path) as file:  # the library itself would follow them
        np.testing.assert_array_equal(file["soft"][:], SECRET)
        np.testing.assert_array_equal(file["group/secret"][:], SECRET)
    assert listed(path) == set()
    names = ("direct", "soft", "deep", "group/secret")
    for name in names:
        assert "a link that is not followed" in refused(path, name)
    record_property("inputs tried", len(names))


def test_external_storage_is_never_read(tmp_path: Path, secret: Path, record_property: Recorded) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("raw", (64,), "f8", external=[(str(tmp_path / "secret.bin"), 0, h5py.h5f.UNLIMITED)])
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["raw"][:], SECRET)
    assert hdf5.facts(path, QUIET).notes == (f"raw is not read: its values lie in another file; {OPEN_FOLDER}",)
    assert links_of(path) == [("raw", "external storage", f"{tmp_path}/secret.bin from byte 0, to its end")]
    assert OPEN_FOLDER in refused(path, "raw")
    record_property("inputs tried", 1)


def test_virtual_datasets_of_other_files_are_never_read(
    tmp_path: Path, secret: Path, record_property: Recorded
) -> None:
    path = tmp_path / "file.h5"
    layout = h5py.VirtualLayout((64,), "f8")
    layout[:] = h5py.VirtualSource("secret.h5", "secret", (64,))
    with h5py.File(path, "w", libver="latest") as file:
        file["secret"] = SECRET
        file.create_virtual_dataset("view", layout)
    assert hdf5.facts(path, QUIET).notes == (
        f"view is not read: it is virtual: its values lie in other datasets or files; {OPEN_FOLDER}",
    )
    assert links_of(path) == [("view", "virtual source", "secret.h5:secret")]
    assert "virtual" in refused(path, "view")
    record_property("inputs tried", 1)


def test_a_virtual_dataset_of_its_own_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    layout = h5py.VirtualLayout((2, 32), "f8")
    for half in range(2):
        layout[half] = h5py.VirtualSource(".", "values", (64,))[32 * half : 32 * half + 32]
    with h5py.File(path, "w", libver="latest") as file:
        file["values"] = SECRET
        file.create_virtual_dataset("view", layout)
    assert hdf5.facts(path, QUIET).notes == ()
    np.testing.assert_array_equal(dump.opened(path).read("view", 1), SECRET[32:])


def test_a_pipe_in_the_place_of_another_file_hangs_nothing(tmp_path: Path, record_property: Recorded) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["link"] = h5py.ExternalLink(str(pipe), "/x")
        file["soft"] = h5py.SoftLink("/link")
        file.create_dataset("raw", (4,), "f8", external=[(str(pipe), 0, 32)])
    assert listed(path) == {"raw"}
    names = ("link", "soft", "raw")
    for name in names:
        refused(path, name)
    record_property("inputs tried", len(names))
    with pytest.raises(UnsupportedError, match="a pipe"):
        hdf5.facts(pipe, QUIET)


def test_an_unknown_filter_makes_nothing_search_for_plugins(tmp_path: Path) -> None:
    """In a fresh process, where a plugin folder holds a shared object that leaves a mark when it is loaded."""
    source, plugin, mark = tmp_path / "evil.c", tmp_path / "plugins" / "libevil.so", tmp_path / "mark"
    plugin.parent.mkdir()
    source.write_text(
        f'#include <stdio.h>\n__attribute__((constructor)) void run(void) {{ fclose(fopen("{mark}", "w")); }}\n'
        "int H5PLget_plugin_type(void) { return 0; }\nconst void *H5PLget_plugin_info(void) { return 0; }\n"
    )
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-o", str(plugin), str(source)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no C compiler here")
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((4,))
        creation.set_filter(32099, h5py.h5z.FLAG_OPTIONAL)
        h5py.h5d.create(file.id, b"odd", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((8,)), creation)
    environment = {**os.environ, "HDF5_PLUGIN_PATH": str(plugin.parent)}
    environment.pop("HDF5_PLUGIN_PRELOAD", None)
    bare = "import h5py; print(h5py.h5z.filter_avail(32099))"
    subprocess.run([sys.executable, "-c", bare], env=environment, check=True, capture_output=True)
    assert mark.exists(), "the canary does not sing"
    mark.unlink()
    ours = (
        "import sys; from pathlib import Path; sys.modules['hdf5plugin'] = None;"
        "from inspector.artifacts.dumps import hdf5; from inspector.core.pulse import QUIET;"
        f"print(hdf5.facts(Path({str(path)!r}), QUIET).notes)"
    )
    done = subprocess.run([sys.executable, "-c", ours], env=environment, check=True, capture_output=True, text=True)
    assert "pip install hdf5plugin" in done.stdout
    assert not mark.exists()


def test_a_huge_declared_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("bomb", (10**15,), "f8", chunks=(1024,))
        file.create_dataset("images", (10**9, 64, 64, 3), "u1", chunks=(1, 64, 64, 3))
        file.create_dataset("hollow", (15_000_000,), "f8", chunks=(1024,))
    found = {dataset.path: dataset for dataset in hdf5.facts(path, QUIET).datasets}
    assert found["bomb"].bytes == 8 * 10**15
    opened = dump.opened(path)
    with pytest.raises(LimitError, match="expected at most 800.0 MB of bomb at once, found 8.0 PB"):
        opened.read("bomb")
    with pytest.raises(LimitError, match="declared and 0 B stored"):
        opened.read("hollow")
    # One sample of the same file is small, whatever the whole declares.
    assert opened.read("images", 5).shape == (64, 64, 3)
    opened.close()


def test_a_chunk_that_decodes_to_more_than_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("act", (1, 300_000_000), "u1", chunks=(1, 300_000_000), compression="gzip")
        dataset.id.write_direct_chunk((0, 0), zlib.compress(bytes(1000)))
    facts = hdf5.facts(path, QUIET)
    assert facts.limited
    assert facts.notes == ("limit reached: a chunk of act decodes to 300.0 MB; read it with generous limits",)
    with hdf5_open.opened(path) as found, pytest.raises(LimitError, match="chunks of act"):
        part = (slice(0, 1), slice(0, 4))
        hdf5_window.read(path, hdf5_window.open_dataset(path, found.file, "act"), part)


def test_a_large_chunk_is_read_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.h5"
    values = np.arange(60_000, dtype=np.int32).reshape(3, -1)
    with h5py.File(path, "w") as file:
        file.create_dataset("act", data=values, chunks=values.shape, compression="gzip")
    monkeypatch.setattr(read_bounds, "MAX_BYTES", 200_000)
    with pytest.raises(LimitError, match="chunks of act of at most 200.0 kB, found 240.0 kB.*generous"):
        dump.opened(path).read("act", 1)
    assert dump.opened(path).facts.limited
    np.testing.assert_array_equal(dump.opened(path, generous=True).read("act", 1), values[1])
    assert (dump.opened(path).facts.limited, dump.opened(path).facts.notes) == (False, ())
    np.testing.assert_array_equal(dump.opened(path).read("act", 1), values[1])


def test_a_bomb_is_not_read_for_the_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("act", data=np.zeros((3, 20_000), np.int32), chunks=(3, 20_000), compression="gzip")
    monkeypatch.setattr(read_bounds, "MAX_BYTES", 100_000)
    monkeypatch.setattr(read_bounds, "GENEROUS_BYTES", 200_000)
    for generous in (False, True):
        found = dump.opened(path, generous=generous)
        (note,) = found.facts.notes
        assert note.startswith("a chunk of act decodes to 240.0 kB, and at most 200.0 kB are read; store it")
        with pytest.raises(
            LimitError, match="at most 200.0 kB, found 240.0 kB; store it with one sample a chunk$"
        ) as refused:
            found.read("act", 1)
        assert not refused.value.more
        assert not found.facts.limited


def test_a_dataset_of_a_hundred_sources_lists_the_first(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    layout = h5py.VirtualLayout((100,), "f8")
    for index in range(100):
        layout[index] = h5py.VirtualSource(f"part_{index}.h5", "x", (1,))[0]
    with h5py.File(path, "w", libver="latest") as file:
        file.create_virtual_dataset("all", layout)
    links = links_of(path)
    assert links[0] == ("all", "virtual source", "part_0.h5:x")
    assert (len(links), links[-1][2]) == (hdf5_walk.MAX_LISTED_SOURCES + 1, "…")


def test_chunks_across_all_samples_do_not_make_one_sample_cost_them_all(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("act", (30_000, 60_000), "u1", chunks=(30_000, 1000))
    with hdf5_open.opened(path) as found, pytest.raises(LimitError, match="decode to 1.8 GB"):
        part = (slice(0, 1), slice(0, 60_000))
        hdf5_window.read(path, hdf5_window.open_dataset(path, found.file, "act"), part)


def test_touched_bytes_counts_whole_chunks() -> None:
    part = (slice(3, 4), slice(0, 10))
    assert hdf5_window.touched_bytes((100, 10), None, part, 2) == 20
    assert hdf5_window.touched_bytes((100, 10), (1, 10), part, 2) == 20
    assert hdf5_window.touched_bytes((100, 10), (8, 10), part, 2) == 160
    assert hdf5_window.touched_bytes((100, 10), (8, 4), part, 2) == 8 * 12 * 2
    assert hdf5_window.touched_bytes((100, 10), (8, 4), (slice(0, 0), slice(0, 10)), 2) == 0


def test_many_references_to_one_long_text_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("keys", data=["x" * 1000] * 50, dtype=h5py.string_dtype())
    monkeypatch.setattr(read_bounds, "MAX_BYTES", 20_000)
    with hdf5_open.opened(path) as found, pytest.raises(LimitError, match="more text"):
        hdf5_window.read(path, hdf5_window.open_dataset(path, found.file, "keys"))
