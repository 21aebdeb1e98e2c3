"""The media viewer's ask and scene."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import AnyArray, FloatArray, Rgba
from inspector.display.ticks import Tick


class MediaAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What the logs of a run hold beside numbers.

    Attributes:
        logs: the logs that hold any.
        chosen: key of a row; empty or unknown for the first.
        step: of the cursor, None for the newest.
    """

    logs: tuple[str, ...]
    chosen: str
    step: float | None


class MediaRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list: everything of one kind under one tag.

    Attributes:
        detail: `12 images · step 0 to 900`.
    """

    key: str
    tag: str
    detail: str


class EncodedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as it is in the file.

    Attributes:
        data: (bytes,) uint8.
        format: `png`, `jpeg`, `gif` or `webp`, as its first bytes tell.
        width, height: as it declares, in pixels.
    """

    data: AnyArray
    format: str
    width: int
    height: int


class HistogramBars(msgspec.Struct, frozen=True, kw_only=True):
    """A histogram at one step, and the same tag's over all steps.

    Attributes:
        edges: (bins + 1,) float64.
        counts: (bins,) float64, values in each bin.
        heights: (bins,) float64, values per unit of the axis, so that bins of unequal width can be compared.
        ticks: of the values' axis.
        over_steps: (96, 480, 4) uint8, steps to the right, the greatest values on top, brighter where more values lie.
        legend: what the map spans.
    """

    edges: FloatArray
    counts: FloatArray
    heights: FloatArray
    ticks: tuple[Tick, ...] = ()
    over_steps: Rgba | None = None
    legend: str = ""


class MediaScene(msgspec.Struct, frozen=True, kw_only=True):
    """The list, and what is chosen of it at the cursor; of the last five one is there, or `note` says why none is.

    Attributes:
        where: `step 400 · 3 of 12`.
        before, after: steps of the entries beside the one shown.
    """

    rows: tuple[MediaRow, ...]
    chosen: str
    title: str
    where: str
    before: float | None = None
    after: float | None = None
    note: str = ""
    picture: EncodedPicture | None = None
    histogram: HistogramBars | None = None
    curve: FloatArray | None = None
    text: str = ""
    table: tuple[tuple[str, str], ...] = ()
