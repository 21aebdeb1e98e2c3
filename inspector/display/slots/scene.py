"""What the Slots viewer asks for, and what it draws."""

from __future__ import annotations

from typing import Literal

import msgspec

from inspector.core.arrays import Rgba

MaskSource = Literal["encoder", "decoder"]
MaskStyle = Literal["image", "masks", "contours", "argmax"]


class SlotsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One sample of one dump.

    Attributes:
        place: the words that say which dump this is.
        iteration: of the encoder's attention, from 0; negative counts from the last.
        opacity: of the masks over the image, 0..1.
        solo: the only slot to colour, None for all.
    """

    path: str
    place: str
    sample: int
    iteration: int = -1
    source: MaskSource = "decoder"
    style: MaskStyle = "masks"
    opacity: float = 0.6
    solo: int | None = None


class SlotLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A slot's number over the pixels that it wins; x and y are 0..1 of width and height."""

    text: str
    x: float
    y: float


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number beside its name and what it must be read against."""

    name: str
    value: str
    remark: str
    ink: Literal["text", "faint", "good", "warning", "critical"] = "text"


class SlotTile(msgspec.Struct, frozen=True, kw_only=True):
    """One slot.

    Attributes:
        share: of the valid pixels that it wins, 0..1; NaN where no pixel is valid.
        active: it wins more than 1% of them.
        colour: `#rrggbb`, the same for this slot everywhere.
        picture: the image, dimmed where the mask is low.
    """

    slot: int
    name: str
    share: float
    share_text: str
    active: bool
    colour: str
    picture: Rgba


class SampleThumb(msgspec.Struct, frozen=True, kw_only=True):
    """One sample of the strip; `score` is its FG-ARI, NaN where undefined."""

    sample: int
    score: float
    score_text: str
    picture: Rgba


class SlotsScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the Slots view paints.

    Attributes:
        samples: how many the dump holds.
        iteration, iterations: which one is shown, from 0, of how many; one where the source has no iterations.
        sources: the sources that the dump holds; `source` is the one shown.
        composite: the image under the masks, at the resolution it is drawn at.
        mean_entropy: of the assignment over valid pixels, 0 hard to 1 uniform; NaN where undefined.
        cosine: one cell a pair of slots, None where the dump holds no slot vectors.
        mean_cosine: off the diagonal, NaN without slot vectors.
        fg_ari, ari: of this sample, NaN without ground truth or without objects.
        baseline: FG-ARI of a fixed 2 x 2 split of this sample, NaN where FG-ARI is.
        notes: what could not be read or computed, one sentence each.
    """

    place: str
    sample: int
    samples: int
    iteration: int
    iterations: int
    source: MaskSource
    sources: tuple[MaskSource, ...]
    style: MaskStyle
    solo: int | None
    composite: Rgba
    labels: tuple[SlotLabel, ...]
    score_text: str
    figures: tuple[Figure, ...]
    slots: tuple[SlotTile, ...]
    active: int
    entropy: Rgba
    mean_entropy: float
    entropy_text: str
    cosine: Rgba | None
    mean_cosine: float
    cosine_text: str
    cosine_values: tuple[tuple[float, ...], ...]
    fg_ari: float
    ari: float
    baseline: float
    strip: tuple[SampleThumb, ...]
    notes: tuple[str, ...] = ()
