"""Settings that several recipes have, marked once; a recipe gives each its own default."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec

from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.formats.recipes.choices import Activation, AttentionAxis
from inspector.formats.recipes.optimizer import Group
from inspector.formats.setting_fields import Applies, Change, setting

LARGEST_SIDE = 30
"""Cells of the longest side that a grid of ARC may have."""


def path_marks(description: str) -> msgspec.Meta:
    """The marks of `data.path`."""
    return setting(is_path=True, title="Data", description=description, changes=("order", "loss"))


def batch_marks(unit: str) -> msgspec.Meta:
    """The marks of `data.batch_size`, by what a sample is called."""
    return setting(title="Batch size", unit=unit, changes=("order",), ge=1, le=65_536)


def count_marks(unit: str, description: str) -> msgspec.Meta:
    """The marks of how many samples there are to train on, by what they are called."""
    return setting(title=f"Training {unit}", description=description, changes=("order", "loss"), ge=1, le=10_000_000)


def grid_marks(*, applies: Applies = "resume", changes: tuple[Change, ...] = ()) -> msgspec.Meta:
    """The marks of `data.grid_size`, whose edit does what the recipe says."""
    return setting(
        title="Grid size",
        description="Cells a side that grids are padded to; at least as many as the largest grid has",
        unit="cells",
        applies=applies,
        changes=changes,
        ge=3,
        le=LARGEST_SIDE,
    )


DataSeed = Annotated[
    int,
    setting(
        title="Data seed",
        description="Of what is generated, drawn or split",
        changes=("order", "loss"),
        ge=0,
        le=2**31 - 1,
    ),
]

Subset = Annotated[
    float,
    setting(
        title="Subset",
        description="Share of the training samples in use",
        changes=("order", "loss"),
        gt=0.0,
        le=1.0,
    ),
]

LargestGrid = Annotated[
    int,
    setting(
        title="Largest grid",
        description="Cells a side of generated grids, at most",
        unit="cells",
        changes=("order", "loss"),
        ge=3,
        le=LARGEST_SIDE,
    ),
]

PadLoss = Annotated[
    bool,
    setting(
        title="Padding in the loss",
        description="Cells outside a grid count as black ones; they are most cells, so little else is learned",
        applies="live",
        changes=("loss",),
    ),
]

SlotCount = Annotated[
    int,
    setting(
        title="Slots",
        description="Objects that can be told apart, the background among them",
        changes=("function",),
        ge=2,
        le=32,
    ),
]

Iterations = Annotated[int, setting(title="Attention iterations", changes=("function",), ge=1, le=10)]

SoftmaxAxis = Annotated[
    AttentionAxis,
    setting(
        title="Softmax over",
        description="Slots is right: they compete; over positions nothing does, and updates grow with the picture",
        changes=("function",),
    ),
]

SlotSize = Annotated[int, setting(title="Slot size", unit="features", applies="restart", ge=4, le=512)]

HiddenSize = Annotated[int, setting(title="Slot MLP width", applies="restart", ge=4, le=2048)]

SlotNoise = Annotated[
    float,
    setting(
        title="Slot noise",
        description="Spread of the slots around their mean before training; near 0 they never differ",
        applies="restart",
        changes=("initial",),
        gt=0.0,
        le=10.0,
    ),
]

EncoderChannels = Annotated[int, setting(title="Channels", applies="restart", ge=2, le=512)]

EncoderLayers = Annotated[int, setting(title="Conv layers", applies="restart", ge=1, le=8)]

EncoderActivation = Annotated[
    Activation,
    setting(
        title="Activation",
        description="The weights load after a change, but the function differs; a fresh run is cleaner",
        changes=("function",),
    ),
]

NegativeSlope = Annotated[
    float, setting(title="Negative slope", description="Of leaky_relu", changes=("function",), ge=0.0, le=1.0)
]

BiasInit = Annotated[
    float,
    setting(
        title="Bias at the start",
        description="Of the last affine map before the activation; far below 0, ReLU channels never fire and get no"
        " gradient",
        applies="restart",
        changes=("initial",),
        ge=-10.0,
        le=10.0,
    ),
]

DecoderChannels = Annotated[int, setting(title="Channels", applies="restart", ge=4, le=512)]

DecoderLayers = Annotated[int, setting(title="Layers", applies="restart", ge=1, le=8)]


class SlotGroups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Factors by module of an autoencoder with slots."""

    encoder: Group = Group()
    slots: Group = Group()
    decoder: Group = Group()


def in_use(samples: int, subset: float) -> int:
    """How many of some samples a share is: the first so many of them, at least one."""
    return max(1, math.floor(samples * subset))


def check_objects(fewest: int, most: int) -> None:
    """Raise where a generated picture would hold more objects at least than at most.

    Raises:
        SettingsError: it would; the sentence names both settings.
    """
    if fewest > most:
        sentence = tr("data.min_objects is {fewest}, above data.max_objects, {most}; lower it")
        raise SettingsError(sentence.format(fewest=fewest, most=most), "data.min_objects")


def check_odd(path: str, size: int) -> None:
    """Raise where the length of a kernel has no middle.

    Raises:
        SettingsError: it has none.
    """
    if size % 2 == 0:
        raise SettingsError(tr("{path} takes an odd number, found {found}").format(path=path, found=size), path)


def check_largest(largest: int, grid_size: int) -> None:
    """Raise where a generated grid may be larger than those that are asked for.

    Raises:
        SettingsError: it may; the sentence names both settings.
    """
    if largest > grid_size:
        sentence = tr("data.largest is {largest}, above data.grid_size, {size}; lower it")
        raise SettingsError(sentence.format(largest=largest, size=grid_size), "data.largest")
