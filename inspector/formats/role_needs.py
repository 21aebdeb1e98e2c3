"""What a dataset must be to play a role: of numbers, with the axes that the role is drawn from."""

from __future__ import annotations

import re

from inspector.formats.dump import Role, is_layout

USUAL_LAYOUTS: dict[Role, tuple[str, ...]] = {
    Role.IMAGE: ("NHWC", "NHW"),
    Role.GT_MASKS: ("NHW", "NKHW"),
    Role.RECONSTRUCTION: ("NHWC", "NHW"),
    Role.SLOTS: ("NKD", "NIKD"),
    Role.DECODER_MASKS: ("NKHW",),
    Role.ATTENTION: ("NKP", "NIKP"),
    Role.ACTIVATION: ("NC", "NPC", "NCHW"),
    Role.SLOT_RECONSTRUCTION: ("NKHWC",),
    Role.TOKEN_ATTENTION: ("NQP", "NAQP", "NLAQP"),
}
"""What a role means where no layout is stated; one for each number of dimensions. Source: `ri-dump/1`."""

_AXES: dict[Role, tuple[str, ...]] = {
    Role.IMAGE: ("HW",),
    Role.GT_MASKS: ("HW",),
    Role.RECONSTRUCTION: ("HW",),
    Role.SLOT_RECONSTRUCTION: ("KHW",),
    Role.SLOTS: ("KD",),
    Role.DECODER_MASKS: ("KHW", "KP"),
    Role.ATTENTION: ("KP", "KHW", "QP"),
    Role.TOKEN_ATTENTION: ("QP",),
    Role.ACTIVATION: ("C",),
}
"""The letters that a role needs, beside that of the samples; one of several sets."""

POINTS = (Role.GT_POINTS, Role.PRED_POINTS, Role.MARKED_POINTS)
_OFFSETS = (Role.GT_POINTS_OFFSETS, Role.PRED_POINTS_OFFSETS, Role.MARKED_POINTS_OFFSETS)
_A_SAMPLE = (Role.GT_DONE, Role.PRED_DONE, Role.COUNT, Role.PRED_COUNT, Role.SEQUENCE_STEP)
_OF_NUMBERS = frozenset((*_AXES, *POINTS, *_OFFSETS, *_A_SAMPLE, Role.CONFIDENCE, Role.SAMPLE_SCALAR))

_WHOLE = re.compile(r"u?int\d+|bool|bits\d+|enum u?int\d+ .*")
_NUMBER = re.compile(rf"{_WHOLE.pattern}|b?float\d+|float8_\w+")


def is_whole(dtype: str) -> bool:
    """Whether a type, as it is told in words, is of whole numbers."""
    return bool(_WHOLE.fullmatch(dtype))


def is_number(dtype: str) -> bool:
    """Whether a type, as it is told in words, is of numbers."""
    return bool(_NUMBER.fullmatch(dtype))


def usual_layout(role: str, axes: int) -> str:
    """What a role's dataset with so many axes usually is; empty where there is none."""
    known = USUAL_LAYOUTS[Role(role)] if role in set(USUAL_LAYOUTS) else ()
    return next((layout for layout in known if len(layout) == axes), "")


def suits(role: str, layout: str) -> bool:
    """Whether a layout has the axes that a role needs, and samples."""
    needed = _AXES[Role(role)] if role in set(_AXES) else None
    return needed is None or ("N" in layout and any(set(letters) <= set(layout) for letters in needed))


def problem_of(role: str, layout: str, shape: tuple[int, ...], dtype: str) -> str:
    """Why a dataset cannot play a role, without its subject; empty where it can."""
    if role not in _OF_NUMBERS:
        return ""
    if not is_number(dtype):
        return f"holds {dtype}, not numbers"
    if layout and not is_layout(layout, len(shape)):
        return f"has {len(shape)} axes, and its layout is {layout!r}"
    if role in POINTS and not (len(shape) in (2, 3) and shape[-1] == 2):
        return "holds no pairs of numbers on its last axis"
    if role in _OFFSETS and not (len(shape) == 1 and is_whole(dtype)):
        return "is no list of whole numbers"
    if role in _A_SAMPLE and not 1 <= len(shape) <= 2:
        return f"has {len(shape)} axes"
    if role == Role.CONFIDENCE and not 1 <= len(shape) <= 3:
        return f"has {len(shape)} axes"
    if suits(role, layout):
        return ""
    return f"has a layout without the axes of it, {layout!r}" if layout else f"has {len(shape)} axes of unknown layout"
