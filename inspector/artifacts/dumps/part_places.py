"""Parts of a dataset, and where one lies: in which chunks, or at which offsets of contiguous numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

Part = tuple[slice, ...]
"""One slice with start and stop an axis, step 1."""


def whole_of(shape: Sequence[int]) -> Part:
    """All of a dataset."""
    return tuple(slice(0, length) for length in shape)


def first_rows(shape: Sequence[int], rows: int) -> Part:
    """The first entries along the first axis, at most so many."""
    return whole_of((min(rows, shape[0]), *shape[1:]))


def lengths_of(part: Part) -> tuple[int, ...]:
    """The shape of a part."""
    return tuple(axis.stop - axis.start for axis in part)


def chunks_of(part: Part, chunks: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The first index of each chunk that a part touches, in row-major order."""
    return itertools.product(
        *(range(axis.start // chunk * chunk, axis.stop, chunk) for axis, chunk in zip(part, chunks, strict=True))
    )


def shared_of(part: Part, start: tuple[int, ...], chunks: tuple[int, ...]) -> tuple[Part, Part]:
    """Where a chunk lies within a part, and the part within the chunk."""
    into, out_of = [], []
    for axis, first, length in zip(part, start, chunks, strict=True):
        low, high = max(axis.start, first), min(axis.stop, first + length)
        into.append(slice(low - axis.start, high - axis.start))
        out_of.append(slice(low - first, high - first))
    return tuple(into), tuple(out_of)


def runs_of(shape: tuple[int, ...], part: Part, item_bytes: int, most: int) -> list[int]:
    """Offsets of the equally long stretches that make up a part of a contiguous dataset, `most` at most."""
    depth = len(shape)
    while depth and (part[depth - 1].start, part[depth - 1].stop) == (0, shape[depth - 1]):
        depth -= 1
    outer, inner = max(0, depth - 1), math.prod(shape[depth:]) * item_bytes
    first = part[depth - 1].start * inner if depth else 0
    steps = [math.prod(shape[axis + 1 :]) * item_bytes for axis in range(outer)]
    places = itertools.product(*(range(axis.start, axis.stop) for axis in part[:outer]))
    return [
        first + sum(index * step for index, step in zip(place, steps, strict=True))
        for place in itertools.islice(places, most)
    ]
