"""What is asked of one slot's history, and what is drawn of it."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import Rgba
from inspector.display.slots.scene import MaskChoice, MaskScale, TileKind, Upsampling
from inspector.session.values import SlotReference


class OtherDump(msgspec.Struct, frozen=True, kw_only=True):
    """A dump of the run; the step is None where it has no place in time."""

    path: str
    place: str
    step: float | None


class HistoryAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One slot of one dump.

    Attributes:
        generous: read on where the usual limits left something of this dump out.
        reference: the dump that slots of every dump are matched to, empty for this one.
        kept: masks of another run that they are matched to instead.
        dumps: over which it is followed, this one among them, by step.
    """

    path: str
    sample: int
    slot: int
    choice: MaskChoice = MaskChoice()
    scale: MaskScale = "auto"
    upsampling: Upsampling = "smooth"
    tiles: TileKind = "masks"
    generous: bool = False
    reference: str = ""
    kept: SlotReference | None = None
    dumps: tuple[OtherDump, ...] = ()


class HistoryTile(msgspec.Struct, frozen=True, kw_only=True):
    """The slot on one sample of one dump.

    Attributes:
        sample: its index; path, step: of its dump.
        here: whether this is what the view shows.
    """

    sample: int
    path: str
    step: float | None
    here: bool
    name: str
    value: str
    tip: str
    picture: Rgba


class HistoryScene(msgspec.Struct, frozen=True, kw_only=True):
    """A slot over the samples around the chosen one, and over dumps; both are empty where there is no such slot."""

    slot: int
    path: str
    colour: str
    samples: tuple[HistoryTile, ...] = ()
    dumps: tuple[HistoryTile, ...] = ()
    notes: tuple[str, ...] = ()
