"""Where one token looks, as a picture beside the slots."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.dumps.dump import Dump
from inspector.artifacts.dumps.token_maps import TokenGrid, chosen_token, token_grids, token_map_of
from inspector.core.arrays import ShapeError
from inspector.core.errors import FileError
from inspector.core.language import tr, tr_counted
from inspector.core.notes import Notes
from inspector.core.texts import visible
from inspector.display.colour_maps import apply_map
from inspector.display.rasters import Planes
from inspector.display.slots import pictures
from inspector.display.slots.axis import range_text
from inspector.display.slots.mask_sets import length
from inspector.display.slots.scene import MaskChoice, SideTile, SlotsAsk
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts


def token_tile(dump: Dump, ask: SlotsAsk, size: tuple[int, int], notes: Notes) -> SideTile | None:
    """The attention of the chosen token over the picture; None where none is wanted, or it cannot be read.

    Args:
        dump: where from.
        ask: with the dataset and the place of the token; a class token looks where no place is chosen.
        size: height and width of the picture.
        notes: takes why it cannot be read.
    """
    dataset = dump.dataset(ask.token_dataset) if ask.token_dataset else None
    if dataset is None or dataset.role != Role.TOKEN_ATTENTION:
        return None
    try:
        looking, _seen = token_grids(dump, dataset)
        token = chosen_token(looking, ask.token_at)
        choice = ask.choice
        weights = token_map_of(dump, dataset, ask.sample, token, frame=choice.frame, layer=choice.layer)
    except (FileError, ShapeError) as error:
        notes.add_error(error)
        return None
    drawn = pictures.enlarged(weights[None], *size, ask.upsampling)[0]
    what = f"{visible(dataset.path)}: {_attention_of(looking, token)}"
    return SideTile(
        key="token",
        name=tr("token"),
        value=token_name(looking, token),
        tip="\n".join((what, *_of(dataset, choice, weights))),
        picture=apply_map(drawn, 0.0, _most(drawn), "viridis"),
        mark=looking.place_of(token),
    )


def token_text(dump: Dump, choice: MaskChoice) -> str:
    """`attention of the class token`, where heads are shown in place of masks."""
    dataset = dump.dataset(choice.dataset)
    if dataset is None:
        return ""
    looking, _seen = token_grids(dump, dataset)
    return _attention_of(looking, chosen_token(looking, choice.token_at))


def token_name(grid: TokenGrid, token: int) -> str:
    """`class token`, or `x 3, y 5` on the grid."""
    row, column = divmod(token - grid.leading, grid.columns)
    return tr("class token") if token < grid.leading else f"x {column}, y {row}"


def _attention_of(grid: TokenGrid, token: int) -> str:
    """`attention of the class token`, `attention of the token at x 3, y 5`."""
    if token < grid.leading:
        return tr("attention of the class token")
    return tr("attention of the token at {place}").format(place=token_name(grid, token))


def _of(dataset: DatasetFacts, choice: MaskChoice, weights: Planes) -> tuple[str, ...]:
    heads, layers = length(dataset, "A"), length(dataset, "L")
    layer = min(choice.layer, layers - 1) if choice.layer >= 0 else layers - 1
    facts = (
        tr("mean of {heads}").format(heads=tr_counted(heads, "head")) if heads > 1 else "",
        tr("layer {layer} of {layers}").format(layer=layer + 1, layers=layers) if layers > 1 else "",
        tr("recorded {span}, drawn up to the largest").format(span=range_text(weights[None])),
        tr("A click on the large picture chooses the token there, one on this the first again"),
    )
    return tuple(filter(None, facts))


def _most(weights: Planes) -> float:
    """The largest finite weight; 1 where there is none above 0."""
    finite = weights[np.isfinite(weights)]
    most = float(finite.max()) if finite.size else 0.0
    return most if most > 0 else 1.0
