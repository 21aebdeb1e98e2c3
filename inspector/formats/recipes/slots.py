"""Settings of the recipe `slots`: slot attention on generated scenes of coloured shapes."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec

from inspector.core.errors import SettingsError
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.settings import setting

Activation = Literal["relu", "leaky_relu", "gelu"]

MODULES = ("encoder", "slots", "decoder")
"""The model's modules, each an optimizer group of its own."""


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The slots and how they compete."""

    slots: Annotated[int, setting(title="Slots", description="Objects that can be told apart", ge=2, le=32)] = 4
    iterations: Annotated[int, setting(title="Attention iterations", ge=1, le=10)] = 3
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
    """The convolutional encoder."""

    channels: Annotated[int, setting(title="Channels", applies="restart", ge=2, le=512)] = 24
    layers: Annotated[int, setting(title="Conv layers", applies="restart", ge=1, le=8)] = 4
    kernel_px: Annotated[int, setting(title="Kernel", unit="px", applies="restart", ge=1, le=9)] = 5
    activation: Annotated[
        Activation,
        setting(
            title="Activation",
            description="The weights load after a change, but the function differs; a fresh run is cleaner",
        ),
    ] = "relu"
    negative_slope: Annotated[float, setting(title="Negative slope", description="Of leaky_relu", ge=0.0, le=1.0)] = (
        0.01
    )
    norm: Annotated[Literal["none", "batch"], setting(title="Normalisation", applies="restart")] = "none"
    bias_init: Annotated[
        float,
        setting(
            title="Bias at the start",
            description="Far below 0, ReLU channels never fire and get no gradient",
            applies="restart",
            ge=-10.0,
            le=10.0,
        ),
    ] = 0.0


class Decoder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The broadcast decoder: every slot paints the whole picture and a mask."""

    channels: Annotated[int, setting(title="Channels", applies="restart", ge=4, le=512)] = 64
    layers: Annotated[int, setting(title="Layers", applies="restart", ge=1, le=8)] = 3


class Loss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is minimised: reconstruction, and what keeps slots apart."""

    diversity_weight: Annotated[
        float,
        setting(
            title="Diversity weight",
            description="Of the mean cosine between slots of one image",
            applies="live",
            ge=0.0,
            le=10.0,
        ),
    ] = 0.0
    diversity_clamp: Annotated[
        bool,
        setting(title="Clamp diversity", description="Count positive cosines only, so that the loss stays above 0",
                applies="live"),
    ] = True  # fmt: skip


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One module's own factor."""

    lr_mult: Annotated[float, setting(title="Rate factor", description="Times the learning rate", ge=0.0, le=100.0)] = (
        1.0
    )


class Groups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Factors by module."""

    encoder: Group = Group()
    slots: Group = Group()
    decoder: Group = Group()


class Optim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optimizer."""

    name: Annotated[Literal["adam", "adamw"], setting(title="Optimizer")] = "adam"
    lr: Annotated[float, setting(title="Learning rate", description="Of the schedule at its top", gt=0.0, le=1.0)] = (
        1e-3
    )
    weight_decay: Annotated[float, setting(title="Weight decay", ge=0.0, le=1.0)] = 0.0
    beta1: Annotated[float, setting(title="Beta 1", description="Memory of the gradient", ge=0.0, le=0.9999)] = 0.9
    beta2: Annotated[float, setting(title="Beta 2", description="Memory of its square", ge=0.0, le=0.999999)] = 0.999
    eps: Annotated[float, setting(title="Epsilon", gt=0.0, le=1.0)] = 1e-8
    clip_norm: (
        Annotated[
            float,
            setting(title="Clip norm", description="Longest gradient, L2 over all weights", applies="live", gt=0.0),
        ]
        | None
    ) = 1.0
    groups: Groups = Groups()


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The generated scenes."""

    seed: Annotated[int, setting(title="Data seed", ge=0, le=2**31 - 1)] = 0
    train_scenes: Annotated[int, setting(title="Training scenes", ge=1, le=10_000_000)] = 4_000
    val_scenes: Annotated[int, setting(title="Validation scenes", ge=1, le=100_000)] = 256
    subset: Annotated[
        float, setting(title="Subset", description="Share of the training scenes in use", gt=0.0, le=1.0)
    ] = 1.0
    batch_size: Annotated[int, setting(title="Batch size", unit="scenes", ge=1, le=4096)] = 32
    image_size: Annotated[int, setting(title="Image size", unit="px", applies="restart", ge=8, le=256)] = 32
    min_objects: Annotated[int, setting(title="Fewest objects", ge=1, le=16)] = 2
    max_objects: Annotated[int, setting(title="Most objects", ge=1, le=16)] = 3
    same_colour: Annotated[
        float,
        setting(
            title="Same colour",
            description="Chance that an object takes the colour of the one before; colour alone then tells less",
            ge=0.0,
            le=1.0,
        ),
    ] = 0.5


class Train(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The loop: seed, what is recorded how often, when to stop."""

    seed: Annotated[int, setting(title="Seed", description="Of weights, slot noise and order", ge=0, le=2**31 - 1)] = 0
    threads: Annotated[
        int, setting(title="CPU threads", description="1 repeats bit for bit", unit="threads", ge=1, le=256)
    ] = 1
    log_every: Annotated[int, setting(title="Log losses every", unit="steps", applies="live", ge=1)] = 1
    console_every: Annotated[int, setting(title="Print every", unit="steps", applies="live", ge=1)] = 20
    norm_every: Annotated[int, setting(title="Gradient norms every", unit="steps", applies="live", ge=1)] = 10
    ratio_every: Annotated[int, setting(title="Update ratios every", unit="steps", applies="live", ge=1)] = 100
    val_every: Annotated[int, setting(title="Validate every", unit="epochs", applies="live", ge=1)] = 1
    dump_every: Annotated[int, setting(title="Dump every", unit="epochs", applies="live", ge=1)] = 5
    checkpoint_every: Annotated[int, setting(title="Checkpoint every", unit="epochs", applies="live", ge=1)] = 5
    checkpoint_steps: (
        Annotated[
            int,
            setting(title="Checkpoint also every", description="Within epochs too", unit="steps", applies="live", ge=1),
        ]
        | None
    ) = None
    keep_checkpoints: Annotated[
        int, setting(title="Checkpoints kept", description="Besides best and last", applies="live", ge=0)
    ] = 20
    dump_samples: Annotated[
        int, setting(title="Dumped samples", description="The same validation scenes each time", ge=1, le=1024)
    ] = 24
    stats_samples: Annotated[
        int, setting(title="Samples of statistics", description="For dead channels and sparsity", ge=1, le=100_000)
    ] = 256
    early_stop: Annotated[bool, setting(title="Stop early", applies="live")] = False
    patience: Annotated[
        int,
        setting(title="Patience", description="Validations without a better loss", applies="live", ge=1),
    ] = 5


class SlotsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of the recipe `slots`; the defaults are its small size, which learns on a CPU."""

    model: Model = Model()
    encoder: Encoder = Encoder()
    decoder: Decoder = Decoder()
    loss: Loss = Loss()
    optim: Optim = Optim()
    schedule: Schedule = Schedule()
    data: Data = Data()
    train: Train = Train()


def check(settings: SlotsSettings) -> None:
    """Raise unless settings that are each allowed also go together.

    Raises:
        SettingsError: two of them contradict each other; the sentence names both.
    """
    data, schedule = settings.data, settings.schedule
    if data.min_objects > data.max_objects:
        raise SettingsError(
            f"data.min_objects is {data.min_objects}, above data.max_objects, {data.max_objects}; lower it"
        )
    if data.image_size % 4:
        raise SettingsError(f"data.image_size takes a multiple of 4, found {data.image_size}")
    if settings.encoder.kernel_px % 2 == 0:
        raise SettingsError(f"encoder.kernel_px takes an odd number, found {settings.encoder.kernel_px}")
    if schedule.min_lr > settings.optim.lr:
        raise SettingsError(f"schedule.min_lr is {schedule.min_lr:g}, above optim.lr, {settings.optim.lr:g}; lower it")
    if schedule.origin_epoch >= schedule.epochs:
        raise SettingsError(
            f"schedule.origin_epoch is {schedule.origin_epoch:g}, not below schedule.epochs, {schedule.epochs}; raise"
            " schedule.epochs"
        )


def samples_in_use(data: Data) -> int:
    """Training scenes that an epoch sees."""
    return max(1, math.floor(data.train_scenes * data.subset))


def steps_per_epoch(settings: SlotsSettings) -> int:
    """Optimizer steps in one epoch; the last batch may be smaller."""
    return math.ceil(samples_in_use(settings.data) / settings.data.batch_size)
