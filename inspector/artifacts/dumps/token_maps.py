"""Attention between tokens: where one token of a sample looks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.artifacts.dumps.dump_file import Dump, picture_size
from inspector.artifacts.dumps.layouts import grid_of, ordered, unit_range, without_single
from inspector.core.errors import UnsupportedError
from inspector.formats.facts import DatasetFacts

_MIDDLE = (0.5, 0.5)


class TokenGrid(NamedTuple):
    """How a row of tokens lies over a picture: so many special ones, then rows of patches."""

    leading: int
    rows: int
    columns: int

    def token_at(self, x: float, y: float) -> int:
        """The token of a place, x and y in 0..1 of width and height."""
        row, column = (min(max(int(share * n), 0), n - 1) for share, n in ((y, self.rows), (x, self.columns)))
        return self.leading + row * self.columns + column

    def place_of(self, token: int) -> tuple[float, float] | None:
        """The middle of a token's patch, x and y in 0..1; None of a special token."""
        if token < self.leading:
            return None
        row, column = divmod(token - self.leading, self.columns)
        return (column + 0.5) / self.columns, (row + 0.5) / self.rows


def token_grids(dump: Dump, dataset: DatasetFacts) -> tuple[TokenGrid, TokenGrid]:
    """The grid of the tokens that look, and that of those which are looked at.

    Raises:
        UnsupportedError: the dataset holds none.
    """
    sizes = dict(zip(dataset.layout, dataset.shape, strict=False))
    looking, seen = sizes.get("Q", 0), sizes.get("P", 0)
    if looking < 1 or seen < 1:
        raise UnsupportedError(dump.path, f"attention between tokens in {dataset.path}", f"an array of {dataset.shape}")
    picture = picture_size(dump)
    grid = TokenGrid(*grid_of(seen, dataset.attributes, picture))
    return grid if looking == seen else TokenGrid(*grid_of(looking, {}, picture)), grid


def chosen_token(grid: TokenGrid, place: tuple[float, float] | None) -> int:
    """The token of a place, x and y in 0..1; without one the class token where there is any, else the middle one."""
    return 0 if grid.leading and place is None else grid.token_at(*(place or _MIDDLE))


def head_maps_of(
    dump: Dump, dataset: DatasetFacts, sample: int, token: int, *, frame: int = 0, layer: int = -1
) -> npt.NDArray[np.float32]:
    """Where a token looks by each head, (heads, rows, columns) float32 as recorded, without the special tokens.

    Args:
        dump: where from.
        dataset: of attention between tokens.
        sample: its index.
        token: which one looks, from 0.
        frame: of a video, from 0; the last where there are fewer.
        layer: from 0; the last below 0, and where there are fewer.

    Raises:
        FileError: it cannot be read.
        ShapeError: the dataset has other axes.
    """
    _looking, seen = token_grids(dump, dataset)
    at = {"Q": token, "F": frame, "I": -1, "L": layer}
    values, letters = without_single(dump.read(dataset.path, sample, at), dataset.layout.replace("N", ""), "QFIL")
    if "A" not in letters:
        values, letters = values[None], f"A{letters}"
    heads = ordered(unit_range(values), letters, "AP")[:, seen.leading :]
    return np.ascontiguousarray(heads.reshape(len(heads), seen.rows, seen.columns), np.float32)


def token_map_of(
    dump: Dump, dataset: DatasetFacts, sample: int, token: int, *, frame: int = 0, layer: int = -1
) -> npt.NDArray[np.float32]:
    """The mean of `head_maps_of`, (rows, columns) float32; raises as that does."""
    heads = head_maps_of(dump, dataset, sample, token, frame=frame, layer=layer)
    with np.errstate(over="ignore", invalid="ignore"):
        mean: npt.NDArray[np.float32] = heads.mean(axis=0)
    return mean
