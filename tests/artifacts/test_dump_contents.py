"""Numpy's files and folders of PNG masks open as the same dumps as HDF5 files, read in bounded parts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.checkpoints import checkpoint
from inspector.artifacts.dumps import dump, numpy_kinds, strided_parts
from inspector.artifacts.facts import facts_of
from inspector.artifacts.opened_paths import lead_to
from inspector.artifacts.sniff import sniff
from inspector.core.errors import DamagedError, FileError, LimitError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET
from inspector.formats.facts import CheckpointFacts, DumpFacts
from inspector.runs.listing import grouped, list_files
from tests.artifacts.hdf5_files import GRID, SAMPLES, arrays_of_a_dump, write_dump

Image = pytest.importorskip("PIL.Image")
GENERATOR = np.random.default_rng(2)


def flat(name: str) -> str:
    return name.replace("/", "_")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_of_an_npz_are_the_dump_that_hdf5_would_be(tmp_path: Path, save: Callable[..., None]) -> None:
    arrays = {name: values for name, values in arrays_of_a_dump().items() if "offsets" not in name}
    path = tmp_path / "dump.npz"
    save(path, **arrays)
    other = dump.opened(write_dump(tmp_path / "dump.h5", arrays))
    found = dump.opened(path)
    assert isinstance(facts_of(path), DumpFacts)
    assert found.facts.samples == SAMPLES
    assert {(one.path, one.role) for one in found.facts.datasets} == {
        (one.path, one.role) for one in other.facts.datasets
    }
    for name, values in arrays.items():
        np.testing.assert_array_equal(found.read(name), values)
        np.testing.assert_array_equal(found.read(name, 3), values[3])
    np.testing.assert_array_equal(found.rows(found.dataset("samples/image"), 1, 4), arrays["samples/image"][1:4])
    for sample in range(SAMPLES):
        for source in ("attention", "decoder_masks"):
            np.testing.assert_array_equal(dump.masks_of(found, sample, source), dump.masks_of(other, sample, source))
        np.testing.assert_array_equal(dump.image_of(found, sample), dump.image_of(other, sample))
        np.testing.assert_array_equal(dump.gt_labels_of(found, sample), dump.gt_labels_of(other, sample))
    assert dump.masks_of(found, 0, "attention").shape[1:] == (GRID, GRID)


def test_one_array_is_a_dump_of_one_dataset(tmp_path: Path) -> None:
    path = tmp_path / "slot_attn_step100.npy"
    weights = GENERATOR.random((6, 4, 25)).astype(np.float32)
    weights /= weights.sum(axis=1, keepdims=True)
    np.save(path, weights)
    (dataset,) = dump.opened(path).facts.datasets
    assert (dataset.path, dataset.role, dataset.layout) == ("slot_attn_step100", "attention", "NKP")
    np.testing.assert_array_equal(dump.masks_of(dump.opened(path), 5, "attention"), weights[5].reshape(4, 5, 5))


@pytest.mark.parametrize(
    ("shapes", "is_dump"),
    [
        ({"masks": (8, 5, 16, 16)}, True),
        ({"images": (8, 16, 16, 3), "attn": (8, 5, 256)}, True),
        ({"slots": (40, 7, 64), "image": (40, 8, 8, 3)}, True),
        ({"conv1": (64, 3, 3, 3), "conv2": (64, 64, 3, 3)}, False),
        ({"attention.weight": (8, 64, 64)}, False),
        ({"images": (7, 16, 16, 3), "attn": (8, 5, 256)}, False),
        ({"a": (3, 3), "b": (8, 4)}, False),
        ({"mask": (8, 8)}, False),
        ({"timesteps": (9,), "results": (9, 5)}, False),
        ({}, False),
    ],
)
def test_names_and_shapes_tell_a_dump_from_weights(shapes: dict[str, tuple[int, ...]], is_dump: bool) -> None:
    assert numpy_kinds.holds_samples(shapes) == is_dump


def test_a_dump_in_numpys_file_still_opens_as_a_checkpoint_and_weights_stay_one(tmp_path: Path) -> None:
    path, weights = tmp_path / "dump.npz", tmp_path / "weights.npz"
    np.savez(path, masks=np.zeros((3, 2, 4, 4), np.float32))
    np.savez(weights, **{"attn.weight": np.zeros((4, 4, 4), np.float32), "masks": np.zeros((3, 2, 4, 4), np.float32)})
    assert sniff(path).kind == "dump"
    assert [tensor.name for tensor in checkpoint.opened(path).facts.tensors] == ["masks"]
    assert isinstance(facts_of(weights), CheckpointFacts)
    assert [one.path for one in dump.opened(weights).facts.datasets] == ["attn.weight", "masks"]


def test_telling_a_numpy_dump_loads_no_numpy(tmp_path: Path) -> None:
    np.savez(tmp_path / "dump.npz", masks=np.zeros((3, 2, 4, 4), np.float32))
    np.save(tmp_path / "masks.npy", np.zeros((3, 2, 4, 4), np.float32))
    program = (
        "import sys; from pathlib import Path; from inspector.artifacts.sniff import sniff\n"
        "print([sniff(Path(name)).container for name in sys.argv[1:]], 'numpy' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "dump.npz"), str(tmp_path / "masks.npy")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "['npz-dump', 'npy-dump'] False"


def test_objects_are_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "dump.npz"
    things = np.array([{"a": 1}, None, [3]], object)
    np.savez(
        path, masks=np.ones((3, 2, 4, 4), np.float32), things=things, records=np.ones(3, "i4,f8"), words=["a", "b"]
    )
    found = dump.opened(path)
    assert found.facts.notes == ("things is not read: it holds Python objects, which are never unpickled",)
    with pytest.raises(UnsupportedError, match="an array that holds Python objects"):
        found.read("things")
    assert found.read("masks").shape == (3, 2, 4, 4)
    np.testing.assert_array_equal(found.read("records"), np.ones(3, "i4,f8"))
    assert found.read("words").tolist() == ["a", "b"]


def test_a_part_too_large_is_refused_until_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector.artifacts.dumps import read_bounds

    path = tmp_path / "masks.npy"
    np.save(path, GENERATOR.random((20, 2, 50, 50)))
    monkeypatch.setattr(read_bounds, "MAX_BYTES", 100_000)
    with pytest.raises(LimitError, match="at most 100.0 kB of masks at once, found 800.0 kB; read it with generous"):
        dump.opened(path).read("masks")
    assert dump.opened(path).read("masks", 3).shape == (2, 50, 50)
    assert dump.opened(path, generous=True).read("masks").shape == (20, 2, 50, 50)


def test_an_array_that_is_cut_off_gives_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "masks.npy"
    values = GENERATOR.random((20, 2, 8, 8))
    np.save(path, values)
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size // 2)
    found = dump.opened(path)
    assert "masks is cut off" in found.facts.notes[0]
    np.testing.assert_array_equal(found.read("masks", 2), values[2])
    with pytest.raises(DamagedError):
        found.read("masks", 19)


SHAPES = [(), (5,), (4, 6), (3, 4, 5), (3, 1, 4, 2)]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("most_runs", [1, 3, 1000])
def test_a_part_is_that_part_in_either_order(
    shape: tuple[int, ...], order: str, most_runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strided_parts, "MAX_RUNS", most_runs)
    array = np.asarray(GENERATOR.random(shape), ">f4", order=order)
    source = Memory(b"before" + array.tobytes("A"))
    for _ in range(30):
        part = []
        for length in shape:
            start, stop = sorted(GENERATOR.integers(0, length + 1, 2).tolist())
            part.append(slice(start, stop) if GENERATOR.random() < 0.6 else slice(0, length))
        found = strided_parts.read_part(source, 6, shape, array.dtype, tuple(part), fortran=order == "F")
        np.testing.assert_array_equal(found, array[tuple(part)])
    whole = tuple(slice(0, length) for length in shape)
    assert strided_parts.read_part(source, 7, shape, array.dtype, whole, fortran=order == "F") is None


LABELS = GENERATOR.integers(0, 7, (4, 9, 12), np.uint8)
PHOTOS = GENERATOR.integers(0, 256, (4, 9, 12, 3), np.uint8)


def save_labels(path: Path, labels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("P", labels.shape[::-1])
    picture.putdata(labels.ravel().tolist())
    picture.putpalette([7 * value % 256 for value in range(768)])
    picture.save(path)


def save_photo(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def masks_alone(folder: Path) -> None:
    for index, labels in enumerate(LABELS):
        save_labels(folder / f"{index + 8}.png", labels)  # 8, 9, 10: in the order of numbers


def masks_beside_pictures(folder: Path) -> None:
    for index, (labels, pixels) in enumerate(zip(LABELS, PHOTOS, strict=True)):
        save_labels(folder / "masks" / f"{index}.png", labels)
        save_photo(folder / "images" / f"{index}.png", pixels)


def masks_by_ending(folder: Path) -> None:
    for index, (labels, pixels) in enumerate(zip(LABELS, PHOTOS, strict=True)):
        save_labels(folder / f"scene_{index:03}_mask.png", labels)
        save_photo(folder / f"scene_{index:03}.png", pixels)


@pytest.mark.parametrize("write", [masks_alone, masks_beside_pictures, masks_by_ending])
def test_a_folder_of_masks_is_a_dump(tmp_path: Path, write: Callable[[Path], None]) -> None:
    folder = tmp_path / "SegmentationClass"
    write(folder)
    (folder / "notes.txt").write_text("made by hand")
    found = dump.opened(folder)
    assert isinstance(facts_of(folder), DumpFacts)
    assert found.facts.samples == 4
    assert found.facts.notes == ()
    for sample in range(4):
        np.testing.assert_array_equal(dump.gt_labels_of(found, sample), LABELS[sample])
        if write is not masks_alone:
            np.testing.assert_array_equal(dump.image_of(found, sample), PHOTOS[sample])
    lead_to([tmp_path])
    listed = grouped(list_files((tmp_path,), Notes(), QUIET), (tmp_path,))
    assert {one.path for one in listed} == {folder, folder / "notes.txt"}
    names = {masks_alone: ["8", "9", "10", "11"], masks_beside_pictures: list("0123")}
    assert found.read("names").tolist() == names.get(write, [f"scene_{index:03}" for index in range(4)])


def test_a_folder_of_masks_that_was_opened_by_itself_brings_no_pictures_beside_it(tmp_path: Path) -> None:
    masks_beside_pictures(tmp_path)
    lead_to([tmp_path / "masks"])
    found = dump.opened(tmp_path / "masks")
    assert [one.path for one in found.facts.datasets] == ["masks", "names"]
    np.testing.assert_array_equal(dump.gt_labels_of(found, 1), LABELS[1])


def test_labels_in_colour_are_one_number_a_colour(tmp_path: Path) -> None:
    colours = np.array([[0, 0, 0], [255, 0, 0], [0, 0, 9]], np.uint8)
    labels = GENERATOR.integers(0, 3, (2, 5, 6))
    for index in range(2):
        save_photo(tmp_path / "masks" / f"{index}.png", colours[labels[index]])
    found = dump.gt_labels_of(dump.opened(tmp_path / "masks"), 1)
    np.testing.assert_array_equal(found, np.array([0, 255 << 16, 9])[labels[1]])


def test_pictures_that_are_no_masks_make_no_dump(tmp_path: Path) -> None:
    for index in range(3):
        save_photo(tmp_path / "plots" / f"{index}.png", PHOTOS[index])
        save_photo(tmp_path / "samples" / f"{index}.png", PHOTOS[index])
        save_labels(tmp_path / "media" / "images" / f"mask_{index}.png", LABELS[index])
    save_labels(tmp_path / "masks" / "only_one.png", LABELS[0])
    listed = grouped(list_files((tmp_path,), Notes(), QUIET), (tmp_path,))
    assert sorted(one.path.suffix for one in listed) == [".png"] * 10


def test_a_mask_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    for index in range(5):
        save_labels(tmp_path / f"{index}_mask.png", LABELS[0])
    (tmp_path / "9_mask.png").symlink_to(tmp_path / "gone.png")
    found = dump.opened(tmp_path)
    assert found.facts.notes == ("mask: 1 of 6 pictures is no PNG picture",)
    np.testing.assert_array_equal(dump.gt_labels_of(found, 4), LABELS[0])


def test_pipes_that_are_called_as_masks_are_not_waited_for(tmp_path: Path) -> None:
    for index in range(2):
        os.mkfifo(tmp_path / f"{index}_mask.png")
    with pytest.raises(FileError, match="a folder of PNG masks, found none"):
        dump.opened(tmp_path)


def test_odd_pictures_are_noted_and_told_when_they_are_asked_for(tmp_path: Path) -> None:
    masks_beside_pictures(tmp_path)
    save_labels(tmp_path / "masks" / "1.png", LABELS[1][:4])
    (tmp_path / "images" / "2.png").unlink()
    (tmp_path / "images" / "3.png").write_bytes(b"no picture")
    found = dump.opened(tmp_path)
    assert set(found.facts.notes) == {
        "masks: 1 of 4 pictures is of another size",
        "images: 1 of 4 pictures is missing",
        "images: 1 of 4 pictures is no PNG picture",
    }
    with pytest.raises(DamagedError, match="a picture of 9×12 as the others, found 4×12"):
        dump.gt_labels_of(found, 1)
    with pytest.raises(UnsupportedError, match="a picture of 2 in images, found none"):
        dump.image_of(found, 2)
    with pytest.raises(DamagedError, match=r"3.png: expected a PNG picture"):
        dump.image_of(found, 3)
    shutil.rmtree(tmp_path / "masks")
    dump.close_all()
    with pytest.raises(FileError, match="a folder of PNG masks"):
        dump.opened(tmp_path)
