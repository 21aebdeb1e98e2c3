"""Settings of the recipe `arc_slots`: a slot autoencoder of ARC grids."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from inspector.formats.recipes import shared
from inspector.formats.recipes.arc_slots_presets import PRESETS, SIZES
from inspector.formats.recipes.optimizer import Kind, Optim
from inspector.formats.recipes.recipe import Recipe, check_schedule
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.recipes.training import Train
from inspector.formats.setting_fields import setting

Padding = Literal["left_out", "black"]


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The slots and how they compete."""

    slots: shared.SlotCount = 7
    iterations: shared.Iterations = 3
    attention_axis: shared.SoftmaxAxis = "slots"
    padding: Annotated[
        Padding,
        setting(
            title="Padding",
            description="Left out is right: cells outside a grid have no colour, and neither batch norms nor slots see"
            " them; black ones are seen like any others",
            changes=("function",),
        ),
    ] = "left_out"
    slot_size: shared.SlotSize = 32
    hidden_size: shared.HiddenSize = 64
    slot_noise: shared.SlotNoise = 1.0


class Encoder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The convolutional encoder: convolution, batch norm, activation, dropout, so many times."""

    channels: shared.EncoderChannels = 24
    layers: shared.EncoderLayers = 3
    kernel_cells: Annotated[int, setting(title="Kernel", unit="cells", applies="restart", ge=1, le=9)] = 3
    activation: shared.EncoderActivation = "relu"
    negative_slope: shared.NegativeSlope = 0.01
    dropout: Annotated[
        float,
        setting(title="Dropout", description="After every conv layer", changes=("function",), ge=0.0, le=0.9),
    ] = 0.0
    bias_init: shared.BiasInit = 0.0


class Decoder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The broadcast decoder: every slot paints the whole grid and a mask."""

    channels: shared.DecoderChannels = 32
    layers: shared.DecoderLayers = 2
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

    pad_loss: shared.PadLoss = False
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


class ArcSlotsOptim(Optim, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optimizer, with a factor for each module."""

    name: Annotated[Kind, setting(title="Optimizer", changes=("optimizer",))] = "adam"
    lr: Annotated[float, setting(title="Learning rate", description="Of the schedule at its top", gt=0.0, le=1.0)] = (
        4e-3
    )
    groups: shared.SlotGroups = shared.SlotGroups()


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Grids: generated, or those of ARC tasks at a path."""

    path: Annotated[
        str,
        shared.path_marks("A folder of ARC tasks in JSON, Kaggle's files or TRM's arrays; empty for generated grids"),
    ] = ""
    seed: shared.DataSeed = 0
    train_grids: Annotated[int, shared.count_marks("grids", "Of generated grids")] = 1_000
    val_grids: Annotated[
        int,
        setting(
            title="Validation grids",
            description="About so many of the data; of a path, whole tasks and at most half of them",
            changes=("order", "loss"),
            ge=1,
            le=100_000,
        ),
    ] = 128
    subset: shared.Subset = 1.0
    batch_size: Annotated[int, shared.batch_marks("grids")] = 32
    grid_size: Annotated[int, shared.grid_marks(applies="restart")] = 8
    largest: shared.LargestGrid = 8
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
    if not data.path:
        shared.check_largest(data.largest, data.grid_size)
    shared.check_odd("encoder.kernel_cells", settings.encoder.kernel_cells)
    check_schedule(settings)


def samples(settings: ArcSlotsSettings) -> int | None:
    """Training grids that an epoch sees; None where only the data tells."""
    return None if settings.data.path else shared.in_use(settings.data.train_grids, settings.data.subset)


RECIPE = Recipe("Slot autoencoder of ARC grids", ArcSlotsSettings, check, samples, SIZES, PRESETS)
