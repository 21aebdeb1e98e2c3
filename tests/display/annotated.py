"""Folders of annotated images as they are published, with a bright mark drawn at each point."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

Point = tuple[float, float]

FSC147 = {
    "2.jpg": ((384, 512), ((102.0, 81.0), (257.25, 190.5), (500.0, 372.0), (0.0, 200.0))),
    "3.jpg": ((384, 683), ((611.0, 40.0), (45.5, 301.0))),
    "4.jpg": ((384, 288), ((144.0, 12.0), (30.0, 370.0), (250.0, 200.0))),
}
"""Height and width of the stored image, and its dots; all three stand in the published split and class files."""

COCO = {
    "000000000139.jpg": ((426, 640), (426, 640), ((427.0, 170.0), (429.0, 369.0), (20.0, 40.0))),
    "000000000785.jpg": ((425, 640), (213, 320), ((100.0, 60.0), (367.0, 81.0), (600.0, 400.0))),
}
"""Height and width as annotated and of the file, which is half as large for the second, and the keypoints."""

NAMES = ("nose", "left_eye", "right_eye")
SPLITS = {"test": ["2.jpg"], "train": ["3.jpg", "7.jpg"], "val": ["4.jpg"]}
CLASSES = {"2.jpg": "sea shells", "3.jpg": "hot air balloons", "4.jpg": "hot air balloons"}


def write_fsc147(folder: Path) -> Path:
    """The published layout: annotations, splits, classes and images 384 pixels high; gives the annotations.

    Source: github.com/cvlab-stonybrook/LearningToCountEverything; the names of fields are those of the published file.
    """
    annotations = {}
    for name, ((height, width), points) in FSC147.items():
        stem = name.partition(".")[0]
        high, wide = round(height * 2.77), round(width * 2.77)
        annotations[name] = {
            "H": high,
            "W": wide,
            "box_examples_coordinates": [[[x, y], [x, y + 20], [x + 20, y + 20], [x + 20, y]] for x, y in points[:3]],
            "box_examples_path": [f"/data/box_examples/{stem}_{n}.jpg" for n in range(3)],
            "density_path": f"/data/gt_density_map_adaptive_384_VarV2/{stem}.npy",
            "density_path_fixed": f"/data/gt_density_map_fixed/{stem}.npy",
            "img_path": f"/data/images_384_VarV2/{name}",
            "points": [list(point) for point in points],
            "r": [30, 30],
            "ratio_h": height / high,
            "ratio_w": width / wide,
        }
        _write(folder / "images_384_VarV2" / name, marked((height, width), points))
    path = folder / "annotation_FSC147_384.json"
    path.write_text(json.dumps(annotations))
    (folder / "Train_Test_Val_FSC_147.json").write_text(json.dumps(SPLITS))
    (folder / "ImageClasses_FSC147.txt").write_text("".join(f"{name}\t{word}\n" for name, word in CLASSES.items()))
    return path


def write_coco(folder: Path) -> Path:
    """Keypoints and their images beside the folder of annotations, one image made smaller; gives the annotations."""
    images, annotations = [], []
    for number, (name, ((height, width), stored, points)) in enumerate(COCO.items()):
        identity = int(name[:12])
        images.append({"id": identity, "file_name": name, "height": height, "width": width, "license": 1})
        keypoints = [value for x, y in points for value in (x, y, 2)]
        annotations.append({"id": number, "image_id": identity, "category_id": 1, "keypoints": keypoints,
                            "num_keypoints": len(points), "iscrowd": 0, "bbox": [0, 0, 9, 9], "area": 81})  # fmt: skip
        pixels = marked((height, width), points)
        smaller = Image.fromarray(pixels).resize(stored[::-1], Image.Resampling.BOX)
        _write(folder / "val2017" / name, np.asarray(smaller))
    path = folder / "annotations/person_keypoints_val2017.json"
    path.parent.mkdir(parents=True)
    category = {"id": 1, "name": "person", "supercategory": "person", "keypoints": list(NAMES), "skeleton": [[1, 2]]}
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": [category]}))
    return path


def marked(size: tuple[int, int], points: tuple[Point, ...]) -> npt.NDArray[np.uint8]:
    """(height, width, 3) an image darker to one side, white for 2 pixels around each point and nowhere else."""
    height, width = size
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[...] = np.linspace(20, 110, width)[:, None] * np.array([1.0, 0.8, 0.6])
    rows, columns = np.mgrid[:height, :width]
    for x, y in points:
        pixels[(np.abs(columns - x) <= 2.5) & (np.abs(rows - y) <= 2.5)] = 255
    return pixels


def _write(path: Path, pixels: npt.NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=98, subsampling=0)
