"""What the Slots viewer asks for, and what it draws."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from inspector.core.arrays import Rgba
from inspector.session.values import SlotReference

MaskSource = Literal["encoder", "decoder", "truth", "tokens"]
"""What made masks; the heads of a token that looks at others stand in their place where a dump has nothing else."""

MaskStyle = Literal["image", "masks", "threshold", "argmax", "contours"]
MaskScale = Literal["auto", "recorded", "slot", "shared"]
"""What full brightness is: a weight of 1, the largest weight of the slot, or the largest of all slots."""

Upsampling = Literal["smooth", "nearest"]
TileKind = Literal["masks", "reconstructions"]
"""What the tile of a slot shows: the image where it looks, or what it draws by itself."""

Ink = Literal["text", "faint", "good", "warning", "critical"]


class MaskChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which masks of a dump: of which dataset, and which of them along its axes beside slots and positions.

    Attributes:
        source: the part of the model that made them, of whose datasets the first is meant.
        dataset: the path of the one that is meant; empty, or of another dump, for that of the source.
        frame: of a video, from 0.
        layer, iteration: from 0; the last below 0.
        head: from 0; all together below 0.
        token_at: of attention between tokens, as in `SlotsAsk`.
    """

    source: MaskSource = "decoder"
    dataset: str = ""
    frame: int = 0
    layer: int = -1
    iteration: int = -1
    head: int = -1
    token_at: tuple[float, float] | None = None


class MaskOption(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset to choose: its path, the path as it is shown, what it is (`decoder attention`), and of which part.

    Attributes:
        source: of masks, None of attention between tokens.
    """

    path: str
    name: str
    kind: str
    source: MaskSource | None


class SlotsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One sample of one dump.

    Attributes:
        place: the words that say which dump this is.
        generous: read on where the usual limits left something out.
        opacity: of the masks over the image, 0..1.
        threshold: share of full brightness from which a slot has a pixel, for that style.
        over: what lies under the masks; tiles: what the tiles of slots show.
        token_dataset: the path of the attention between tokens that is shown beside them, empty for none.
        token_at: place of the token that looks, x and y in 0..1; None for a class token, or else the middle.
        solo: the only slot to colour, None for all; hidden: slots not to colour.
        active_area: share of pixels above which a slot is active.
        reference: the dump whose slots give the colours, empty for this one; reference_place: its words.
        kept: masks of another run that give them instead.
    """

    path: str
    place: str
    sample: int
    choice: MaskChoice = MaskChoice()
    generous: bool = False
    style: MaskStyle = "masks"
    scale: MaskScale = "auto"
    upsampling: Upsampling = "smooth"
    opacity: float = 0.6
    threshold: float = 0.5
    over: Literal["image", "reconstruction"] = "image"
    tiles: TileKind = "masks"
    token_dataset: str = ""
    token_at: tuple[float, float] | None = None
    solo: int | None = None
    hidden: tuple[int, ...] = ()
    active_area: float = 0.01
    reference: str = ""
    reference_place: str = ""
    kept: SlotReference | None = None


class SlotLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A slot's number over the pixels that it wins; x and y are 0..1 of width and height."""

    text: str
    x: float
    y: float


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number beside its name and what it must be read against.

    Attributes:
        column: the name of the same number in a `SampleTable`, empty where it has none.
        details: further lines of its tool tip.
    """

    name: str
    value: str
    remark: str
    ink: Ink = "text"
    column: str = ""
    details: tuple[str, ...] = ()


class SlotTile(msgspec.Struct, frozen=True, kw_only=True):
    """One slot.

    Attributes:
        share: of the valid pixels that it wins, 0..1; NaN where no pixel is valid.
        active: it wins more of them than the ask's `active_area`.
        colour: `#rrggbb`, the same for this slot everywhere.
        kind: its label (`dead`, `duplicate`, ..., `healthy`); word: that as it is read; ink: how grave that is.
        centroid: centre of its mask as shares (x, y) of width and height, None without weight.
        numbers: entropy and overlap in short.
        details: every number in words, one a line.
        picture: the image, dimmed where the mask is low.
    """

    slot: int
    name: str
    share: float
    share_text: str
    active: bool
    colour: str
    kind: str
    word: str
    ink: Ink
    centroid: tuple[float, float] | None
    numbers: str
    details: tuple[str, ...]
    picture: Rgba


class SideTile(msgspec.Struct, frozen=True, kw_only=True):
    """A picture beside the slots: the image, its reconstruction, the true objects, where a token looks, the entropy.

    Attributes:
        mark: a place on it, x and y in 0..1, None for none.
    """

    key: Literal["image", "reconstruction", "truth", "token", "entropy"]
    name: str
    value: str
    tip: str
    picture: Rgba
    mark: tuple[float, float] | None = None


class SlotsScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the Slots view paints.

    Attributes:
        path: of the dump.
        samples: how many it holds.
        choice: the masks that are shown; layer and iteration are counted from 0 here.
        frames, layers, iterations, heads: how many there are to choose from; one where the masks have no such axis.
        options: the datasets of masks to choose from.
        token_options: the datasets of attention between tokens; token_dataset: the one that is shown, empty for none.
        sources: the sources that the dump holds.
        means_of: what the numbers of all samples are of where that is not what is shown (`last iteration`).
        tile_kinds: what tiles can show; tiles: what they do.
        composite: the image under the masks, at the resolution it is drawn at.
        about: what the masks are: source, size, recorded range, scale, and over which axis they sum to 1.
        sides: pictures beside the slots, the entropy last.
        masks: (slots, rows, columns) float32 as recorded, to be told pixel by pixel.
        reference: what colours the slots of other runs by these.
        mean_entropy: of the assignment over valid pixels, 0 hard to 1 uniform; NaN where undefined.
        cosine: one cell a pair of slots, None where the dump holds no slot vectors.
        fg_ari, ari: of this sample, NaN without ground truth or without objects.
        notes: what could not be read or computed, or is not as it should be, one sentence each.
        limited: whether reading on generously shows more.
    """

    path: str
    place: str
    sample: int
    samples: int
    choice: MaskChoice
    frames: int
    layers: int
    iterations: int
    heads: int
    options: tuple[MaskOption, ...]
    token_options: tuple[MaskOption, ...]
    token_dataset: str
    sources: tuple[MaskSource, ...]
    means_of: str
    tile_kinds: tuple[TileKind, ...]
    tiles: TileKind
    style: MaskStyle
    upsampling: Upsampling
    solo: int | None
    hidden: tuple[int, ...]
    composite: Rgba
    labels: tuple[SlotLabel, ...]
    score_text: str
    about: str
    figures: tuple[Figure, ...]
    slots: tuple[SlotTile, ...]
    sides: tuple[SideTile, ...]
    masks: npt.NDArray[np.float32]
    reference: SlotReference
    active: int
    mean_entropy: float
    cosine: Rgba | None
    cosine_text: str
    cosine_values: tuple[tuple[float, ...], ...]
    fg_ari: float
    ari: float
    notes: tuple[str, ...] = ()
    limited: bool = False
