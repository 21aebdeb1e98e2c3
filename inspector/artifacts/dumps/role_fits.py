"""Roles of datasets that other programs wrote: by name, and by whether shape and values fit the name; else by shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from inspector.artifacts.dumps.mask_layouts import ALONE, MAX_SLOTS, Around, mask_layout
from inspector.artifacts.dumps.role_names import is_predicted, named_role, names_a_layer
from inspector.core.arrays import AnyArray
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts
from inspector.formats.role_needs import is_whole

FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})


class Guess(NamedTuple):
    """A role, one letter a dimension (empty where unknown), why, and the letters of the axes that sum to one."""

    role: Role
    layout: str
    because: str
    over: str = ""


class Fit(NamedTuple):
    """A layout that suits a name; `role` where that says more than the name."""

    layout: str
    because: str
    over: str = ""
    role: Role | None = None


class Seen(NamedTuple):
    """A dataset as it is guessed: its facts, its first sample (None where it is not read), what is around it."""

    facts: DatasetFacts
    first: AnyArray | None = None
    around: Around = ALONE

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the whole."""
        return self.facts.shape

    @property
    def is_float(self) -> bool:
        """Whether its values are floats."""
        return self.facts.dtype in FLOATS


SOFT_MASKS = (Role.ATTENTION, Role.DECODER_MASKS)
"""What a model gives for its slots, a share a pixel or token."""


def guess_foreign(seen: Seen) -> Guess | None:
    """By name where shape and values fit it, else by what gives itself away; None where nothing does."""
    role = named_role(seen.facts.path)
    if role is None:
        return _by_shape(seen)
    if role in (Role.DECODER_MASKS, Role.GT_MASKS) and not seen.is_float and not is_whole(seen.facts.dtype):
        return None
    if role is Role.DECODER_MASKS and not seen.is_float:
        if is_predicted(seen.facts.path):
            return Guess(Role.UNKNOWN, "", "its name; predicted labels, a whole number a pixel, are no soft masks")
        role = Role.GT_MASKS
    fit = _FITS[role](seen)
    if fit is None and role in SOFT_MASKS and seen.is_float and len(seen.shape) >= 5 and 3 in seen.shape[2:]:
        because = "three channels a slot are pictures blended with their masks, and no masks"
        return Guess(Role.UNKNOWN, "", f"its name; {because}")
    return Guess(fit.role or role, fit.layout, f"its name; {fit.because}", fit.over) if fit else None


def _by_shape(seen: Seen) -> Guess | None:
    """8-bit pictures, masks that sum to one over few slots, and layers that lie over the images."""
    if seen.facts.dtype == "uint8" and len(seen.shape) == 4:
        picture = _picture(seen)
        if picture and seen.shape[picture.layout.index("C")] == 3:
            return Guess(Role.IMAGE, picture.layout, picture.because)
    if seen.is_float and 3 <= len(seen.shape) <= 6 and seen.first is not None:
        found = mask_layout(seen.shape, seen.first, seen.around, tokens=False)
        if found and found.sums_over_slots:
            role = Role.ATTENTION if "P" in found.layout else Role.DECODER_MASKS
            return Guess(role, found.layout, found.because, found.over)
    return _layer(seen)


def _picture(seen: Seen) -> Fit | None:
    shape = seen.shape
    if len(shape) == 5 and shape[4] in (1, 3, 4):
        return Fit("NFHWC", f"frames of {shape[4]} channels last")
    if len(shape) == 5 and shape[2] in (1, 3, 4):
        return Fit("NFCHW", f"frames of {shape[2]} channels first")
    if len(shape) == 4 and shape[3] in (1, 3, 4):
        return Fit("NHWC", f"{shape[3]} channels last")
    if len(shape) == 4 and shape[1] in (1, 3, 4):
        return Fit("NCHW", f"{shape[1]} channels first")
    if len(shape) == 3 and (min(shape[1:]) > 4 or shape[1:] == (1, 1)):
        return Fit("NHW", "three axes without channels")
    return None


def _reconstruction(seen: Seen) -> Fit | None:
    """Of a whole picture, or of what each slot draws."""
    fit = _picture(seen)
    if fit is None or "F" not in fit.layout or seen.shape[1] == seen.around.frames:
        return fit
    if not 2 <= seen.shape[1] <= MAX_SLOTS:
        return fit
    return Fit(fit.layout.replace("F", "K"), "a picture a slot", role=Role.SLOT_RECONSTRUCTION)


def _true_masks(seen: Seen) -> Fit | None:
    shape = seen.shape
    if seen.is_float:
        return _masks(seen)
    if len(shape) == 3:
        return Fit("NHW", "whole numbers on three axes are a label map")
    if len(shape) == 4 and 1 in (shape[1], shape[3]):
        return Fit("NHWC" if shape[3] == 1 else "NCHW", "whole numbers and one channel are a label map")
    if len(shape) in (4, 5) and not _is_one_hot(seen):
        frames = {4: "NFHW", 5: "NFHWC" if shape[-1] == 1 else "NFCHW"}[len(shape)]
        is_video = len(shape) == 4 or 1 in (shape[2], shape[4])
        return (
            Fit(frames, "whole numbers that are no masks of one object each: a label map a frame") if is_video else None
        )
    if len(shape) == 4 and shape[3] < min(shape[1:3]):
        return Fit("NHWK", "few entries on its last axis")
    return _masks(seen)


def _is_one_hot(seen: Seen) -> bool:
    """Whether whole numbers are a mask of zeros and ones, or 255, for each object; so taken where none can be read."""
    if seen.first is None or not seen.first.size:
        return True
    values = np.unique(seen.first)
    return len(values) <= 2 and int(values.max()) in (0, 1, 255) and (len(values) < 2 or not values[0])


def _masks(seen: Seen) -> Fit | None:
    found = mask_layout(seen.shape, seen.first, seen.around, tokens=False)
    return Fit(found.layout, found.because, found.over) if found else None


def _attention(seen: Seen) -> Fit | None:
    found = mask_layout(seen.shape, seen.first, seen.around) if seen.is_float else None
    if found is None:
        return None
    role = None
    if "Q" in found.layout and not found.sums_over_slots:
        role = attention_role(found.layout, seen.shape)
    return Fit(found.layout, found.because, found.over, role)


def attention_role(layout: str, shape: tuple[int, ...]) -> Role:
    """Whose attention it is that a layout calls that of queries: of slots where they are few, and fewer than all."""
    sizes = dict(zip(layout, shape, strict=True))
    of_slots = sizes["Q"] <= MAX_SLOTS and sizes["Q"] != sizes.get("P")
    return Role.ATTENTION if of_slots else Role.TOKEN_ATTENTION


def _points(seen: Seen) -> Fit | None:
    return Fit("", "pairs on its last axis") if len(seen.shape) in (2, 3) and seen.shape[-1] == 2 else None


def _offsets(seen: Seen) -> Fit | None:
    return Fit("", "a list of whole numbers") if len(seen.shape) == 1 and is_whole(seen.facts.dtype) else None


def _slots(seen: Seen) -> Fit | None:
    layouts = {3: "NKD", 4: "NIKD"}
    axes = len(seen.shape)
    if axes not in layouts or not seen.is_float:
        return None
    layout = "NFKD" if axes == 4 and seen.shape[1] == seen.around.frames else layouts[axes]
    return Fit(layout, f"{axes} axes")


def _activation(seen: Seen) -> Fit | None:
    if not seen.is_float:
        return None
    if len(seen.shape) == 4:
        return _maps(seen)
    layout = {2: "NC", 3: "NPC"}.get(len(seen.shape))
    return Fit(layout, f"{len(seen.shape)} axes") if layout else None


def _maps(seen: Seen) -> Fit:
    """Which of four axes are the channels: those beside two in the proportion of the images, or two equal ones."""
    _samples, second, third, fourth = seen.shape
    first, last = _as_pictures(third, fourth, seen.around), _as_pictures(second, third, seen.around)
    if first != last:
        return Fit("NCHW" if first else "NHWC", "maps in the proportion of its images")
    return Fit("NHWC", "equal axes before its last") if second == third != fourth else Fit("NCHW", "4 axes")


def _as_pictures(height: int, width: int, around: Around) -> bool:
    """Whether maps are as high to their width as the images, to the nearest cell, and not larger."""
    if around.picture is None or not (1 <= height <= around.picture[0] and 1 <= width <= around.picture[1]):
        return False
    rows, columns = around.picture
    return abs(height - width * rows / columns) <= 1 and abs(width - height * columns / rows) <= 1


_LEAST_CHANNELS = 5
"""Fewer maps a sample are rather pictures, depths or flows than a layer."""


def _layer(seen: Seen) -> Guess | None:
    """Values of a layer without a name that says so: as many samples as images, and maps that lie over them."""
    if not seen.is_float or seen.around.samples is None or seen.shape[:1] != (seen.around.samples,):
        return None
    named = names_a_layer(seen.facts.path)
    fit = _activation(seen) if named or len(seen.shape) == 4 else None
    if fit is None:
        return None
    height, width, channels = (seen.shape[fit.layout.index(letter)] if letter in fit.layout else 0 for letter in "HWC")
    lies_over = bool(height) and _as_pictures(height, width, seen.around) and channels >= _LEAST_CHANNELS
    if named:
        return Guess(Role.ACTIVATION, fit.layout, f"its name, and as many samples as images; {fit.because}")
    return Guess(Role.ACTIVATION, fit.layout, f"as many samples as images; {fit.because}") if lies_over else None


def _done(seen: Seen) -> Fit | None:
    return Fit("", "one or two axes") if 1 <= len(seen.shape) <= 2 else None


_FITS: dict[Role, Callable[[Seen], Fit | None]] = {
    Role.IMAGE: _picture,
    Role.RECONSTRUCTION: _reconstruction,
    Role.GT_MASKS: _true_masks,
    Role.DECODER_MASKS: _masks,
    Role.ATTENTION: _attention,
    Role.SLOTS: _slots,
    Role.ACTIVATION: _activation,
    Role.GT_POINTS: _points,
    Role.PRED_POINTS: _points,
    Role.MARKED_POINTS: _points,
    Role.GT_POINTS_OFFSETS: _offsets,
    Role.PRED_POINTS_OFFSETS: _offsets,
    Role.MARKED_POINTS_OFFSETS: _offsets,
    Role.GT_DONE: _done,
    Role.PRED_DONE: _done,
}
