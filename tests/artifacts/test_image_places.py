"""Images that annotations name are found where they lie."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.annotations.image_places import image_places
from inspector.core.pulse import QUIET


def test_names_lead_through_folders_out_of_them_and_from_the_root(tmp_path: Path) -> None:
    for name in ("run/here.jpg", "run/in/there.jpg", "beside/other.png", "run/in/no_picture.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    names = ("here.jpg", "in/there.jpg", "../beside/other.png", str(tmp_path / "run/here.jpg"), "/here.jpg",
             "in/no_picture.txt", "gone.jpg", "gone/away.jpg", "", "in/", "here\0.jpg")  # fmt: skip
    found = image_places(names, tmp_path / "run/points.json", QUIET)
    assert {name: place.resolve() for name, place in found.items()} == {
        "here.jpg": tmp_path / "run/here.jpg",
        "in/there.jpg": tmp_path / "run/in/there.jpg",
        "../beside/other.png": tmp_path / "beside/other.png",
        str(tmp_path / "run/here.jpg"): tmp_path / "run/here.jpg",
        "/here.jpg": tmp_path / "run/here.jpg",  # by its last part
    }
