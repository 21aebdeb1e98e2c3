"""A dump of many large pictures with a point and a `done` each, as a run that counts objects records them.

Each picture tells in its upper rows which sample it is of, as those of `gallery_dump` do; what lies below is one of a
few pictures, packed once. `python -m tests.long.points_dump PATH SAMPLES` makes one.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from tests.long.gallery_dump import BITS, IMAGE_SIDE, picture_of

SIDE = 384
_SCALE = SIDE // IMAGE_SIDE
_TOLD_ROWS = -(-BITS // 8) * 8
"""Rows of `picture_of` that tell the number."""

_DISTINCT = 16
_LEVEL = 4
_POSITIVES = 0.03
_FEW_SAMPLES = 200
"""Of fewer every third is done, so that both classes are there."""


def make_points_dump(path: Path, samples: int) -> None:
    """A dump of pictures of 384 by 384, gzip, chunks of one sample, with points, counts, steps and `done`.

    Fifty thousand samples take 10 GB and some four minutes.
    """
    rng = np.random.default_rng(0)
    lower = [_lower_part(rng) for _ in range(_DISTINCT)]
    packed = [_deflated(part, last=True) for part in lower]
    blank = np.full((IMAGE_SIDE, IMAGE_SIDE, 3), 32, np.uint8)
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": samples, "complete": True})
        whole = (SIDE, SIDE, 3)
        image = file.create_dataset("samples/image", (samples, *whole), "u1", chunks=(1, *whole), compression="gzip")
        image.attrs["layout"] = "NHWC"
        for sample in range(samples):
            told = picture_of(sample, blank)[:_TOLD_ROWS].repeat(_SCALE, axis=0).repeat(_SCALE, axis=1).tobytes()
            place = sample % _DISTINCT
            check = zlib.adler32(lower[place], zlib.adler32(told)).to_bytes(4, "big")
            stream = b"\x78\x5e" + _deflated(told, last=False) + packed[place] + check
            image.id.write_direct_chunk((sample, 0, 0, 0), stream)
        for name, values in numbers_of(samples, rng).items():
            file[name] = values


def numbers_of(samples: int, rng: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
    """Truth and prediction in pixels below the number in the picture, `done`, counts and steps of the sequence."""
    truth = (rng.random((samples, 2)) * [SIDE - 1, SIDE * 0.3] + [0, SIDE * 0.55]).astype("<f4")
    predicted = truth + rng.normal(0, 12, truth.shape).astype("<f4")
    predicted[:, 1] = predicted[:, 1].clip(SIDE * 0.5, SIDE - 1)
    done = rng.random(samples) < (_POSITIVES if samples > _FEW_SAMPLES else 1 / 3)
    said = rng.normal(-2, 1, samples) + 3 * done
    return {
        "gt/points": truth,
        "pred/points": predicted,
        "gt/done": done.astype("<f4")[:, None],
        "pred/done": said.astype("<f4")[:, None],
        "n_objects": rng.integers(5, 50, samples).astype("<i4"),
        "k": rng.integers(0, 20, samples).astype("<i4"),
    }


def _lower_part(rng: np.random.Generator) -> bytes:
    """What lies below the number: blobs on a slope, with the noise of a camera."""
    height = SIDE - _TOLD_ROWS * _SCALE
    rows, columns = np.mgrid[:height, :SIDE]
    light = 60 + 80 * rows / height + 30 * np.sin(columns / 40)
    for y, x in rng.random((20, 2)) * [height, SIDE]:
        light += 60 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 200)
    colours = light[..., None] * rng.uniform(0.6, 1.0, 3) + rng.normal(0, 2, (height, SIDE, 3))
    return bytes(colours.clip(0, 255).astype(np.uint8).tobytes())


def _deflated(content: bytes, *, last: bool) -> bytes:
    """A part of a deflate stream that begins and, unless it is the last, ends at a whole byte."""
    packer = zlib.compressobj(_LEVEL if last else 1, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


if __name__ == "__main__":
    make_points_dump(Path(sys.argv[1]), int(sys.argv[2]))
