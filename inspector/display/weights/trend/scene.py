"""The ask and the scene of the weights over a run."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import FloatArray, Rgba


class TrendFile(msgspec.Struct, frozen=True, array_like=True):
    """One checkpoint of the run and its place in time."""

    path: str
    name: str
    step: int | None
    epoch: float | None
    modified_s: float


class TrendAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The checkpoints to follow the weights over, by step; `stamp` changes when one of them does."""

    files: tuple[TrendFile, ...]
    stamp: float = 0.0


class TrendScene(msgspec.Struct, frozen=True, kw_only=True):
    """A map of layers down and checkpoints across.

    Attributes:
        layers: dotted paths; said: a word for those that stand still (`unchanged`, `still since epoch 30`).
        places: `epoch 39` of each checkpoint.
        changes: (layers, checkpoints) float64 relative change from the checkpoint before, NaN where there is none.
        norms: (layers, checkpoints) float64 Euclidean norm, NaN where the layer is not in the checkpoint.
        cells: (layers, checkpoints, 4) uint8 colours of the changes.
        low, high: changes at the ends of the colours, NaN where there are none.
        says: what to keep in mind.
        problem: why there is no map, or empty.
    """

    layers: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    changes: FloatArray
    norms: FloatArray
    cells: Rgba
    low: float
    high: float
    says: tuple[str, ...] = ()
    problem: str = ""
