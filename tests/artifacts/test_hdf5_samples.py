"""Real HDF5 files of public projects are listed as h5py lists them, or refused in a sentence."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import hdf5, hdf5_open, hdf5_window
from inspector.core.errors import DamagedError, FileError, UnknownKindError
from inspector.core.pulse import QUIET
from inspector.formats.facts import DumpFacts
from tests.artifacts.hdf5_oracle import ours, plain
from tests.conftest import SAMPLES, sample_files

pytestmark = pytest.mark.samples

FILES = sample_files("hdf5/**/*.h5", "hdf5/**/*.hdf5", "hdf5/**/*.hdf")

NO_HDF5 = {
    # Line ends converted when they were committed as text.
    "100B_max_dimension_size.h5": DamagedError,
    "new2.h5": DamagedError,
    "example.h5": DamagedError,
    "test.hdf": DamagedError,
}


@cache
def facts(path: Path) -> DumpFacts:
    """What is listed of a file; three tests look at it."""
    return hdf5.facts(path, QUIET)


def name_of(path: Path) -> str:
    return str(path.relative_to(SAMPLES))


MOST_BYTES = 2 * 10**5
"""What is read of one dataset, for the few that are larger."""

UNREADABLE = {"var-length-strings-reused.hdf5": "global heap size is too small"}
"""Files whose only dataset the library itself cannot read."""


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_is_listed_with_the_values_of_h5py_or_refused(path: Path) -> None:
    expected = NO_HDF5.get(path.name)
    if "wandb" in path.parts[-4:] or path.parent.name == "fixtures":
        expected = UnknownKindError if not h5py.is_hdf5(path) else None
    if expected:
        with pytest.raises(expected):
            facts(path)
        return
    found = facts(path)
    try:
        file = h5py.File(path, locking=False)
    except OSError:
        assert found.notes  # opened all the same, with a reason why others do not
        return
    with file:
        theirs: dict[str, tuple[int, ...]] = {}

        def take(name: str, item: object) -> None:
            if isinstance(item, h5py.Dataset):
                theirs[name] = item.shape or ()

        file.visititems(take)
        assert {dataset.path: dataset.shape for dataset in found.datasets} == theirs
        with hdf5_open.opened(path) as opened:
            for dataset in found.datasets:
                size = file[dataset.path].id.get_type().get_size()
                empty = dataset.dtype.startswith("empty ")
                assert dataset.bytes == (0 if empty else math.prod(dataset.shape) * size)
                check_values(path, file[dataset.path], hdf5_window.open_dataset(path, opened.file, dataset.path))


def check_values(path: Path, theirs: h5py.Dataset, item: h5py.Dataset) -> None:
    """The values of a dataset as we read them are those of h5py; of a large one, those of its first rows."""
    if theirs.shape is None:
        with pytest.raises(FileError, match="an empty dataset"):
            hdf5_window.read(path, item)
        return
    rows = max(1, MOST_BYTES * theirs.shape[0] // max(1, theirs.nbytes)) if theirs.shape else 1
    part = tuple(slice(0, min(rows, length) if axis == 0 else length) for axis, length in enumerate(theirs.shape))
    if path.name in UNREADABLE:
        with pytest.raises(FileError, match=UNREADABLE[path.name]):
            hdf5_window.read(path, item, part)
        return
    values = hdf5_window.read(path, item, part)
    if values.dtype.hasobject:
        np.testing.assert_equal(ours(values), plain(theirs[part], theirs.dtype, theirs.file), item.name)
    else:
        assert values.dtype == theirs.dtype.base
        np.testing.assert_array_equal(values, theirs[part], item.name)


def test_the_manifest_agrees_on_filters_and_links(samples: Path) -> None:
    """The folder's own list tells filters and links of each file, taken with other code."""
    checked = 0
    with (samples / "MANIFEST.tsv").open(newline="") as stream:
        for row in csv.reader(stream, delimiter="\t"):
            if row[0] != "hdf5" or "datasets" not in row[-1] or "; filters " not in row[-1]:
                continue
            told = row[-1].split("; filters ")[1].split(";")[0].split()[0]
            expected = set() if told == "none" else set(told.split(","))
            found = facts(samples / row[2])
            ours = {name.partition("-")[0] for dataset in found.datasets for name in dataset.filters}
            assert ours == expected, row[2]
            if "links" in row[-1]:
                kinds = set(row[-1].split("; links ")[1].split(";")[0].split()[0].split(","))
                assert kinds <= {"soft" if link.kind == "dangling" else link.kind for link in found.links}, row[2]
            checked += 1
    assert checked > 50


def test_keras_weights_are_no_dump(samples: Path) -> None:
    files = sample_files("hdf5/oarriaga__face_classification/**/*.hdf5")
    assert files
    for path in files:
        assert {dataset.role for dataset in facts(path).datasets} == {"metadata"}
