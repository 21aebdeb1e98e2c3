"""Which axis of masks or attention is which: by which axes sum to one, which sizes suit, and what is around them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from inspector.analysis.attention_axis import TOLERANCE, TOLERANCE_HALF, attention_axis
from inspector.analysis.slots import axis_sum_error
from inspector.artifacts.dumps.layouts import grid_of, unit_range
from inspector.core.arrays import AnyArray

MAX_SLOTS = 64
MAX_ITERATIONS = 10
MAX_HEADS = 16
MAX_FRAMES = 10_000
MAX_LAYERS = 128
MAX_TOKENS = 1 << 16

_LAYOUTS = {
    3: ("NKP", "NPK", "NQP"),
    4: ("NKHW", "NIKP", "NAKP", "NHWK", "NIPK", "NAPK", "NFKP", "NFPK", "NAQP"),
    5: ("NKCHW", "NKHWC", "NIKHW", "NFKHW", "NIAKP", "NFAKP", "NIAPK", "NLAQP", "NIHWK"),
    6: ("NIKCHW", "NIKHWC", "NFKHWC", "NFKCHW"),
}
"""Layouts of masks by number of axes, the commonest first. Source: what public repositories return (domain, 2.4)."""

_POSITIONS = frozenset("PHW")


class Around(NamedTuple):
    """What the images of a dump tell of it: their height and width, how many frames each has, how many there are."""

    picture: tuple[int, int] | None = None
    frames: int | None = None
    samples: int | None = None


ALONE = Around()


class MaskLayout(NamedTuple):
    """A layout that fits.

    Attributes:
        over: the letters of the axes that sum to one in the first sample (`K`, `AK`, `P`); empty where none does.
        because: why it fits.
        score: how well, to compare layouts of one dataset.
    """

    layout: str
    over: str
    because: str
    score: int

    @property
    def sums_over_slots(self) -> bool:
        """Whether the values show which axis is the slots."""
        return "K" in self.over


def mask_layouts(
    shape: tuple[int, ...], first: AnyArray | None, around: Around = ALONE, *, tokens: bool = True
) -> tuple[MaskLayout, ...]:
    """The layouts that fit a dataset of masks or attention, the likeliest first.

    Args:
        shape: of the whole dataset, samples first.
        first: its first sample; without it, the shape decides alone.
        around: what the rest of the dump tells.
        tokens: whether it may be the attention between tokens of a transformer.
    """
    found = []
    values = None if first is None or not first.size else unit_range(first)
    tolerance = TOLERANCE if first is not None and first.dtype.itemsize > 2 else TOLERANCE_HALF
    for layout in _LAYOUTS.get(len(shape), ()):
        sizes = dict(zip(layout, shape, strict=True))
        if not _possible(sizes, around) or ("Q" in sizes and not tokens):
            continue
        over = "" if values is None else _sums_over(values, layout[1:], tolerance)
        likely = _likely(sizes, around)
        # Five axes without sums are more likely pictures, three channels a slot; a row of tokens always sums to one.
        if not over and (likely <= 0 or layout in ("NIKHW", "NFKHW", "NIHWK") or "Q" in layout):
            continue
        score = likely + _weight(over, sizes)
        found.append(MaskLayout(layout, over, _because(layout, sizes, over, values, around), score))
    return tuple(sorted(found, key=lambda one: -one.score))


def mask_layout(
    shape: tuple[int, ...], first: AnyArray | None, around: Around = ALONE, *, tokens: bool = True
) -> MaskLayout | None:
    """The likeliest of `mask_layouts`, None where none fits; its reason says where another fits as well."""
    ranked = mask_layouts(shape, first, around, tokens=tokens)
    if not ranked:
        return None
    best = ranked[0]
    rivals = [one.layout for one in ranked[1:] if one.score == best.score]
    return best._replace(because=f"{best.because}; {' and '.join(rivals)} would fit as well") if rivals else best


def stated_sums(first: AnyArray, layout: str, stated: object) -> tuple[str, str]:
    """What the values of a first sample say of a stated layout: the letters that sum to one, and that in words.

    Args:
        first: one sample, one axis a letter.
        layout: without its samples.
        stated: what its writer says it is normalised over (`K`); anything but text says nothing.
    """
    if not first.size:
        return "", ""
    values = unit_range(first)
    over = _sums_over(values, layout, TOLERANCE if first.dtype.itemsize > 2 else TOLERANCE_HALF)
    told = _sum_reason(layout, over, values) if over else ""
    if isinstance(stated, str) and stated and over and set(stated.upper()) != set(over):
        told = f"it states that it sums to 1 over {stated}, but {told}"
    if isinstance(stated, str) and stated and not over:
        told = f"it states that it sums to 1 over {stated}, and does not in its first sample"
    return over, told


def merged_slots(shape: tuple[int, ...], first_rows: AnyArray) -> int:
    """How many rows make up one sample where samples and slots share the first axis; 0 where they do not.

    Args:
        shape: of the whole dataset, samples times slots first.
        first_rows: its first MAX_SLOTS rows, or all.
    """
    if len(shape) < 3 or not first_rows.size:
        return 0
    tolerance = TOLERANCE if first_rows.dtype.itemsize > 2 else TOLERANCE_HALF
    sums = np.cumsum(unit_range(first_rows), axis=0, dtype=np.float64)
    worst = np.abs(sums - 1.0).reshape(len(sums), -1).max(axis=1)
    rows = np.flatnonzero(worst <= tolerance) + 1
    counts = [int(count) for count in rows if count >= 2 and shape[0] % count == 0]
    return counts[0] if counts else 0


def _possible(sizes: Mapping[str, int], around: Around) -> bool:
    of_pictures = around.picture is not None and (sizes.get("H"), sizes.get("W")) == around.picture
    return (
        (1 if of_pictures else 2) <= sizes.get("K", 2) <= MAX_SLOTS
        and sizes.get("C", 1) == 1
        and 1 <= sizes.get("I", 1) <= MAX_ITERATIONS
        and 1 <= sizes.get("A", 1) <= MAX_HEADS
        and 1 <= sizes.get("F", 1) <= MAX_FRAMES
        and 1 <= sizes.get("L", 1) <= MAX_LAYERS
        and 2 <= sizes.get("Q", 2) <= MAX_TOKENS
        and min((sizes[letter] for letter in "PHW" if letter in sizes), default=1) >= 1
    )


def _likely(sizes: Mapping[str, int], around: Around) -> int:
    """How well the sizes suit the letters; 0 and less are unlikely."""
    frames = 0 if "F" not in sizes else 2 if sizes["F"] == around.frames else -2
    if "Q" in sizes:
        return frames + (sizes["Q"] == sizes["P"])
    if "P" in sizes:
        enough = (sizes["P"] >= 4 * sizes["K"]) + (sizes["P"] > sizes["K"])
        return frames + enough + (enough and _fits_grid(sizes["P"], around))
    long, short = max(sizes["H"], sizes["W"]), min(sizes["H"], sizes["W"])
    whole_picture = (sizes["H"], sizes["W"]) == around.picture
    if short < 2 and not whole_picture:
        return frames
    return frames + (long == short) + (long <= 4 * short) + 2 * whole_picture


def _fits_grid(positions: int, around: Around) -> bool:
    _leading, rows, columns = grid_of(positions, {}, around.picture)
    aspect = around.picture[0] / around.picture[1] if around.picture and min(around.picture) else 1.0
    return min(rows, columns) > 1 and 0.9 < rows / columns / aspect < 1.1


def _weight(over: str, sizes: Mapping[str, int]) -> int:
    """What sums tell: those over slots leave no doubt, those over positions little."""
    if "K" in over:
        return 10
    if "Q" in sizes:
        return 14 if sizes["Q"] == sizes["P"] > MAX_ITERATIONS else 4  # as many slots as positions are tokens
    return 5 if over else 0


def _sums_over(values: AnyArray, layout: str, tolerance: float) -> str:
    """The letters whose axes sum to one; those that name slots first."""
    places = "".join(letter for letter in layout if letter in _POSITIONS)
    for letters in ("K", "AK", places):
        axes = tuple(layout.index(letter) for letter in letters if letter in layout)
        if len(axes) == len(letters) and axis_sum_error(values, axes) <= tolerance:
            return letters
    return ""


def _because(layout: str, sizes: Mapping[str, int], over: str, values: AnyArray | None, around: Around) -> str:
    reason = _sum_reason(layout[1:], over, values)
    if "P" not in sizes or "Q" in sizes:
        return reason
    leading, rows, columns = grid_of(sizes["P"], {}, around.picture)
    if not _fits_grid(sizes["P"], around):
        return reason
    special = f" after {leading} special token{'s' if leading > 1 else ''}" if leading else ""
    return f"{reason}; its {sizes['P']} positions are {rows} × {columns}{special}"


def _sum_reason(layout: str, over: str, values: AnyArray | None) -> str:
    if values is None:
        return "its shape"
    if "Q" in layout and "K" not in layout:
        return "each of its tokens spreads 1 over the others"
    if over == "K":
        return "its slots sum to 1"
    if over == "AK":
        return "its heads and slots sum to 1 together"
    if not over:
        return "its shape, though neither slots nor positions sum to 1"
    if _was_renormalised(values, layout):
        return "each slot sums to 1 over the positions, as after the weighted mean of slots that compete"
    return "each slot sums to 1 over the positions, so its slots do not compete"


def _was_renormalised(values: AnyArray, layout: str) -> bool:
    """Whether the last of its maps would sum to one over the slots but for a factor a slot."""
    if not np.isfinite(values).all():
        return False
    for letter in "LFIA":
        if letter in layout:
            values = values.take(-1, axis=layout.index(letter))
            layout = layout.replace(letter, "")
    slots_first = np.moveaxis(values, layout.index("K"), 0)
    return attention_axis(slots_first.reshape(len(slots_first), -1)).competes
