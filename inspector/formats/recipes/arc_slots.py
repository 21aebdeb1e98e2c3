"""Settings of the recipe `arc_slots`: a slot autoencoder of ARC grids."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec

from inspector.core.errors import SettingsError
from inspector.formats.recipes.arc_slots_presets import PRESETS, SIZES
from inspector.formats.recipes.choices import Activation, AttentionAxis
from inspector.formats.recipes.optimizer import Group, Kind, Optim
from inspector.formats.recipes.recipe import Recipe, check_schedule
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.recipes.training import Train
from inspector.formats.settings import setting

MODULES = ("encoder", "slots", "decoder")
"""The model's modules, each an optimizer group of its own."""

Padding = Literal["left_out", "black"]

LARGEST_SIDE = 30
"""Cells of the longest side that a grid of ARC may have."""


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The slots and how they compete."""

    slots: Annotated[
        int,
        setting(title="Slots", description="Objects that can be told apart", changes=("function",), ge=2, le=32),
    ] = 7
    iterations: Annotated[int, setting(title="Attention iterations", changes=("function",), ge=1, le=10)] = 3
    attention_axis: Annotated[
        AttentionAxis,
        setting(
            title="Softmax over",
            description="Slots is right: they compete; over positions nothing does, and updates grow with the grid",
            changes=("function",),
        ),
    ] = "slots"
    padding: Annotated[
        Padding,
        setting(
            title="Padding",
            description="Left out is right: cells outside a grid have no colour, and neither batch norms nor slots see"
            " them; black ones are seen like any others",
            changes=("function",),
        ),
    ] = "left_out"
    slot_size: Annotated[int, setting(title="Slot size", unit="features", applies="restart", ge=4, le=512)] = 32
    hidden_size: Annotated[int, setting(title="Slot MLP width", applies="restart", ge=4, le=2048)] = 64
    slot_noise: Annotated[
        float,
        setting(
            title="Slot noise",
            description="Spread of the slots around their mean before training; near 0 they never differ",
            applies="restart",
            gt=0.0,
            le=10.0,
        ),
    ] = 1.0


class Encoder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The convolutional encoder: convolution, batch norm, activation, dropout, so many times."""

    channels: Annotated[int, setting(title="Channels", applies="restart", ge=2, le=512)] = 24
    layers: Annotated[int, setting(title="Conv layers", applies="restart", ge=1, le=8)] = 3
    kernel_cells: Annotated[int, setting(title="Kernel", unit="cells", applies="restart", ge=1, le=9)] = 3
    activation: Annotated[
        Activation,
        setting(
            title="Activation",
            description="The weights load after a change, but the function differs; a fresh run is cleaner",
            changes=("function",),
        ),
    ] = "relu"
    negative_slope: Annotated[
        float,
        setting(title="Negative slope", description="Of leaky_relu", changes=("function",), ge=0.0, le=1.0),
    ] = 0.01
    dropout: Annotated[
        float,
        setting(title="Dropout", description="After every conv layer", changes=("function",), ge=0.0, le=0.9),
    ] = 0.0
    bias_init: Annotated[
        float,
        setting(
            title="Bias at the start",
            description="Of the batch norms; far below 0, ReLU channels never fire and get no gradient",
            applies="restart",
            ge=-10.0,
            le=10.0,
        ),
    ] = 0.0


class Decoder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The broadcast decoder: every slot paints the whole grid and a mask."""

    channels: Annotated[int, setting(title="Channels", applies="restart", ge=4, le=512)] = 32
    layers: Annotated[int, setting(title="Layers", applies="restart", ge=1, le=8)] = 2
    one_colour: Annotated[
        bool,
        setting(
            title="One colour a slot",
            description="A slot paints all that it takes in one colour, so that one alone cannot paint a whole grid;"
            " else it paints any colour in any cell",
            applies="restart",
        ),
    ] = True


class Loss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is minimised: cross entropy of the colours."""

    pad_loss: Annotated[
        bool,
        setting(
            title="Padding in the loss",
            description="Cells outside a grid count as black ones; they are most cells, so little else is learned",
            applies="live",
            changes=("loss",),
        ),
    ] = False
    rare_colours: Annotated[
        float,
        setting(
            title="Weight of rare colours",
            description="A colour counts 1 / its share to this power, 1 on average over cells; 0 counts all alike",
            applies="live",
            changes=("loss",),
            ge=0.0,
            le=1.0,
        ),
    ] = 0.25


class Groups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Factors by module."""

    encoder: Group = Group()
    slots: Group = Group()
    decoder: Group = Group()


class ArcSlotsOptim(Optim, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optimizer, with a factor for each module."""

    name: Annotated[Kind, setting(title="Optimizer", changes=("optimizer",))] = "adam"
    lr: Annotated[float, setting(title="Learning rate", description="Of the schedule at its top", gt=0.0, le=1.0)] = (
        4e-3
    )
    groups: Groups = Groups()


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Grids: generated, or those of ARC tasks at a path."""

    path: Annotated[
        str,
        setting(
            is_path=True,
            title="Data",
            description="A folder of ARC tasks in JSON, Kaggle's files or TRM's arrays; empty for generated grids",
            changes=("order", "loss"),
        ),
    ] = ""
    seed: Annotated[int, setting(title="Data seed", changes=("order", "loss"), ge=0, le=2**31 - 1)] = 0
    train_grids: Annotated[
        int,
        setting(title="Training grids", description="Of generated grids", changes=("order",), ge=1, le=10_000_000),
    ] = 1_000
    val_grids: Annotated[
        int,
        setting(
            title="Validation grids",
            description="About so many of the data; of a path, whole tasks and at most half of them",
            changes=("loss",),
            ge=1,
            le=100_000,
        ),
    ] = 128
    subset: Annotated[
        float,
        setting(
            title="Subset",
            description="Share of the training grids in use",
            changes=("order", "loss"),
            gt=0.0,
            le=1.0,
        ),
    ] = 1.0
    batch_size: Annotated[int, setting(title="Batch size", unit="grids", changes=("order",), ge=1, le=4096)] = 32
    grid_size: Annotated[
        int,
        setting(
            title="Grid size",
            description="Cells a side that grids are padded to; at least as many as the largest grid has",
            unit="cells",
            applies="restart",
            ge=3,
            le=LARGEST_SIDE,
        ),
    ] = 8
    largest: Annotated[
        int,
        setting(
            title="Largest grid",
            description="Cells a side of generated grids, at most",
            unit="cells",
            changes=("order", "loss"),
            ge=3,
            le=LARGEST_SIDE,
        ),
    ] = 8
    augment: Annotated[
        bool,
        setting(
            title="Augmentation",
            description="Any of eight symmetries and of the orders of the colours; the background stays",
            changes=("loss",),
        ),
    ] = True


class ArcSlotsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of the recipe `arc_slots`; the defaults are its small size, which learns on a CPU."""

    model: Model = Model()
    encoder: Encoder = Encoder()
    decoder: Decoder = Decoder()
    loss: Loss = Loss()
    optim: ArcSlotsOptim = ArcSlotsOptim()
    schedule: Schedule = Schedule(epochs=120)
    data: Data = Data()
    train: Train = Train(val_every=5, dump_every=40, checkpoint_every=20)


def check(settings: ArcSlotsSettings) -> None:
    """Raise unless settings that are each allowed also go together.

    Raises:
        SettingsError: two of them contradict each other; the sentence names both.
    """
    data = settings.data
    if data.largest > data.grid_size and not data.path:
        raise SettingsError(f"data.largest is {data.largest}, above data.grid_size, {data.grid_size}; lower it")
    if settings.encoder.kernel_cells % 2 == 0:
        raise SettingsError(f"encoder.kernel_cells takes an odd number, found {settings.encoder.kernel_cells}")
    check_schedule(settings)


def samples(settings: ArcSlotsSettings) -> int | None:
    """Training grids that an epoch sees; None where only the data tells."""
    if settings.data.path:
        return None
    return used(settings.data.train_grids, settings.data.subset)


def used(grids: int, subset: float) -> int:
    """How many of some grids a share is."""
    return max(1, math.floor(grids * subset))


RECIPE = Recipe("Slot autoencoder of ARC grids", ArcSlotsSettings, check, samples, SIZES, PRESETS)
