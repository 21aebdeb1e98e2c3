"""`python -m tests.benchmarks.points_gallery WAY PATH`: seconds until the Points view of 50,000 large pictures stands.

`cold` and `warm` open a dump of `tests.long.points_dump` in a window that stands, off screen, of which nothing or all
is in memory, and tell when its first picture is painted; `sort` tells how long another order takes to be painted.
`h5py` reads the points, sorts the samples by their error and shrinks the pictures of the worst ones, without a window.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
from platformdirs import user_cache_path

from tests.benchmarks.dumps import forget_pages, read_pages

SAMPLES = 50_000
_PICTURES, _BLOCK = 15, 3
_ORDERS = ("dx_px", "done_error", "err_px")


def points_file() -> Path:
    """The dump, made once and kept in the user's cache folder."""
    from tests.long.points_dump import make_points_dump

    path: Path = user_cache_path("run-inspector-benchmarks") / f"points-{SAMPLES}.h5"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        make_points_dump(unfinished, SAMPLES)
        unfinished.rename(path)
    return path


def _in_window(path: Path, way: str) -> float:
    from tests.long.gallery_hand import sort
    from tests.long.gallery_scroll import Watched

    with (
        tempfile.TemporaryDirectory() as home,
        contextlib.redirect_stdout(sys.stderr),
    ):
        os.environ["RUN_INSPECTOR_HOME"] = home
        watched = Watched(path, "points")
        try:
            if way != "sort":
                return watched.first_s - watched.opened_s
            used = [watched.use(order, sort(watched.gallery, f"by {order}")) for order in _ORDERS]
            return float(np.median([one["painted_after_s"] for one in used]))
        finally:
            watched.close()


def _h5py(path: Path) -> float:
    began = time.perf_counter()
    with h5py.File(path) as file:
        errors = np.hypot(*(file["pred/points"][:] - file["gt/points"][:]).T)
        for sample in np.argsort(-errors)[:_PICTURES].tolist():
            picture = file["samples/image"][sample]
            picture.reshape(picture.shape[0] // _BLOCK, _BLOCK, picture.shape[1] // _BLOCK, _BLOCK, 3).mean(axis=(1, 3))
    return time.perf_counter() - began


def main(way: str, path: Path) -> float:
    """One way; seconds."""
    (forget_pages if way == "cold" else read_pages)(path)
    return _h5py(path) if way == "h5py" else _in_window(path, way)


if __name__ == "__main__":
    print(main(sys.argv[1], Path(sys.argv[2])))
