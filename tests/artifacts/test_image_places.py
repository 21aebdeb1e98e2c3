"""Images that annotations name are found where they lie, among what was opened and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from inspector.artifacts.annotations import image_places as module
from inspector.artifacts.annotations.image_places import image_places
from inspector.artifacts.dumps.dump import image_of, opened
from inspector.artifacts.facts import facts_of
from inspector.artifacts.opened_paths import lead_to
from inspector.core.errors import MissingError
from inspector.core.pulse import QUIET
from inspector.formats.facts import DumpFacts


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def places(names: Sequence[str], beside: Path, *opened: Path) -> dict[str, Path]:
    """Where the images of a file of annotations are, links followed."""
    lead_to(opened)
    return {name: place.resolve() for name, place in image_places(names, beside, QUIET).items()}


@pytest.fixture
def looked_into(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every folder whose names were asked for."""
    folders: list[str] = []
    scandir: Callable[[Path], os.ScandirIterator[str]] = os.scandir

    def noted(folder: Path) -> os.ScandirIterator[str]:
        folders.append(str(folder))
        return scandir(folder)

    monkeypatch.setattr(module.os, "scandir", noted)
    return folders


def test_names_lead_through_folders_out_of_them_and_from_the_root(tmp_path: Path) -> None:
    touch(tmp_path, "run/here.jpg", "run/in/there.jpg", "beside/other.png", "run/in/no_picture.txt")
    names = ("here.jpg", "in/there.jpg", "../beside/other.png", str(tmp_path / "run/here.jpg"), "/here.jpg",
             "in/no_picture.txt", "gone.jpg", "gone/away.jpg", "", "in/", "here\0.jpg", "a\0/here.gif")  # fmt: skip
    assert places(names, tmp_path / "run/points.json", tmp_path) == {
        "here.jpg": tmp_path / "run/here.jpg",
        "in/there.jpg": tmp_path / "run/in/there.jpg",
        "../beside/other.png": tmp_path / "beside/other.png",
        str(tmp_path / "run/here.jpg"): tmp_path / "run/here.jpg",
        "/here.jpg": tmp_path / "run/here.jpg",  # by its last part
    }


def test_no_name_leads_out_of_what_was_opened(tmp_path: Path, looked_into: list[str]) -> None:
    touch(tmp_path, "run/annotations/points.json", "run/images/mine.jpg", "secret/1.jpg", "secret/2.jpg", "3.jpg")
    (tmp_path / "run/link").symlink_to(tmp_path / "secret")
    (tmp_path / "run/images/2.jpg").symlink_to(tmp_path / "secret/2.jpg")
    (tmp_path / "run/images/circle.jpg").symlink_to(tmp_path / "run/images/circle.jpg")
    names = ("../../secret/1.jpg", str(tmp_path / "secret/1.jpg"), "../link/1.jpg", "../images/2.jpg", "2.jpg",
             "../../3.jpg", "../images/circle.jpg", "/a.jpg", "//a.jpg", "/", "..", "../images/mine.jpg")  # fmt: skip
    run = tmp_path / "run"
    assert places(names, run / "annotations/points.json", run) == {"../images/mine.jpg": run / "images/mine.jpg"}
    assert looked_into
    assert all(Path(folder).is_relative_to(run) for folder in looked_into)


def test_a_file_that_was_opened_by_itself_leads_nowhere(tmp_path: Path, looked_into: list[str]) -> None:
    touch(tmp_path, "points.json", "1.jpg", "in/2.jpg")
    file = tmp_path / "points.json"
    assert places(("1.jpg", "in/2.jpg", "/1.jpg"), file, file) == {}
    assert set(looked_into) <= {str(file)}


def test_images_of_a_folder_that_was_opened_together_with_the_file_are_found(tmp_path: Path) -> None:
    touch(
        tmp_path, "points/p.json", "disk/set/1.jpg", "disk/2.jpg", "other/3.jpg", "other/secret.jpg", "points/in/4.jpg"
    )
    file, disk, third, inner = (tmp_path / name for name in ("points/p.json", "disk", "other/3.jpg", "points/in"))
    names = (str(disk / "set/1.jpg"), "/gone/2.jpg", "3.jpg", "../other/secret.jpg", "in/4.jpg")
    assert places(names, file, file, disk, third, inner) == {
        names[0]: disk / "set/1.jpg",
        names[1]: disk / "2.jpg",
        names[2]: third,
        names[4]: inner / "4.jpg",
    }


def test_an_image_below_the_file_comes_before_those_of_its_name_that_were_opened_apart(tmp_path: Path) -> None:
    touch(tmp_path, "mine/points.json", "mine/images/deep/1.jpg", "disk/1.jpg", "disk/2.jpg", "1.jpg")
    mine, disk = tmp_path / "mine", tmp_path / "disk"
    assert places(("1.jpg", "2.jpg"), mine / "points.json", tmp_path / "1.jpg", disk, mine) == {
        "1.jpg": mine / "images/deep/1.jpg",
        "2.jpg": disk / "2.jpg",
    }


def test_an_image_that_was_not_opened_is_missing_and_it_is_said_what_to_do(tmp_path: Path) -> None:
    touch(tmp_path, "disk/a.jpg", "mine/b.jpg")
    image, table = tmp_path / "disk/a.jpg", tmp_path / "mine/points.csv"
    table.write_text(f"image,x,y\n{image},1,2\nb.jpg,3,4\n")

    def notes() -> tuple[str, ...]:
        facts = facts_of(table)
        assert isinstance(facts, DumpFacts)
        return facts.notes

    lead_to([table])
    assert notes() == (f"None of its images was found beside it; open the folder that holds {image} too",)
    lead_to([table.parent])
    first = f"1 of 2 images were not found beside it, the first is {image}"
    assert notes() == (f"{first}; open the folder that holds it too",)
    dump = opened(table)
    assert dump.read("names").tolist() == [str(image), "b.jpg"]
    advice = "open the folder that holds it together with points.csv"
    with pytest.raises(MissingError, match=f"a.jpg: expected an image, found none at .*; {advice}"):
        image_of(dump, 0)
    lead_to([table, table.parent, image.parent])
    assert notes() == ()


def test_images_are_found_by_path_by_name_and_by_number(tmp_path: Path) -> None:
    here = ("here.png", "images/below.png", "images/deep/deeper.png", "000000000139.jpg")
    touch(tmp_path, *(f"annotations/{name}" for name in here), "val2017/beside.png")
    wanted = ("here.png", "below.png", "gone/deeper.png", "beside.png", "139", "below", "nowhere.png", "../escape")
    found = places(wanted, tmp_path / "annotations/points.json", tmp_path)
    assert {name: path.relative_to(tmp_path).as_posix() for name, path in found.items()} == {
        "here.png": "annotations/here.png",
        "below.png": "annotations/images/below.png",
        "gone/deeper.png": "annotations/images/deep/deeper.png",
        "beside.png": "val2017/beside.png",
        "139": "annotations/000000000139.jpg",
        "below": "annotations/images/below.png",
    }


def test_images_beside_a_folder_of_anything_are_not_taken(tmp_path: Path) -> None:
    touch(tmp_path, "another_data_set/1.png")
    assert places(["1.png"], tmp_path / "mine/points.json", tmp_path) == {}
