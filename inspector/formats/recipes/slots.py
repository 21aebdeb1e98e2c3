"""Settings of the recipe `slots`: slot attention on generated scenes of coloured shapes."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import msgspec

from inspector.core.errors import SettingsError
from inspector.formats.recipes.choices import Activation, AttentionAxis
from inspector.formats.recipes.optimizer import Group, Optim
from inspector.formats.recipes.recipe import Preset, Recipe, check_schedule
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.recipes.training import Train
from inspector.formats.settings import setting

MODULES = ("encoder", "slots", "decoder")
"""The model's modules, each an optimizer group of its own."""


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The slots and how they compete."""

    slots: Annotated[int, setting(title="Slots", description="Objects that can be told apart", ge=2, le=32)] = 4
    iterations: Annotated[int, setting(title="Attention iterations", ge=1, le=10)] = 3
    attention_axis: Annotated[
        AttentionAxis,
        setting(
            title="Softmax over",
            description="Slots is right: they compete; over positions nothing does, and updates grow with the picture",
            changes=("function",),
        ),
    ] = "slots"
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


class Groups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Factors by module."""

    encoder: Group = Group()
    slots: Group = Group()
    decoder: Group = Group()


class SlotsOptim(Optim, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optimizer, with a factor for each module."""

    name: Annotated[Literal["adam", "adamw"], setting(title="Optimizer", changes=("optimizer",))] = "adam"
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


class SlotsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of the recipe `slots`; the defaults are its small size, which learns on a CPU."""

    model: Model = Model()
    encoder: Encoder = Encoder()
    decoder: Decoder = Decoder()
    loss: Loss = Loss()
    optim: SlotsOptim = SlotsOptim()
    schedule: Schedule = Schedule()
    data: Data = Data()
    train: Train = Train()


def check(settings: SlotsSettings) -> None:
    """Raise unless settings that are each allowed also go together.

    Raises:
        SettingsError: two of them contradict each other; the sentence names both.
    """
    data = settings.data
    if data.min_objects > data.max_objects:
        raise SettingsError(
            f"data.min_objects is {data.min_objects}, above data.max_objects, {data.max_objects}; lower it"
        )
    if data.image_size % 4:
        raise SettingsError(f"data.image_size takes a multiple of 4, found {data.image_size}")
    if settings.encoder.kernel_px % 2 == 0:
        raise SettingsError(f"encoder.kernel_px takes an odd number, found {settings.encoder.kernel_px}")
    check_schedule(settings)


def samples(settings: SlotsSettings) -> int:
    """Training scenes that an epoch sees."""
    return max(1, math.floor(settings.data.train_scenes * settings.data.subset))


_SIZES: dict[str, dict[str, Any]] = {
    "mini": {},
    "full": {
        "model.slots": 7,
        "model.slot_size": 64,
        "model.hidden_size": 128,
        "encoder.channels": 64,
        "decoder.channels": 128,
        "decoder.layers": 4,
        "data.image_size": 128,
        "data.max_objects": 6,
        "data.train_scenes": 60_000,
        "data.val_scenes": 1_000,
        "data.batch_size": 64,
        "optim.lr": 4e-4,
        "schedule.epochs": 500,
        "schedule.warmup_epochs": 10.0,
        "schedule.family": "halving",
        "schedule.half_life_epochs": 100.0,
    },
}

_PRESETS: dict[str, Preset] = {
    "overwritten_rate": Preset(
        "The warm-up writes its rate over the scheduler's every step, so the rate never falls",
        {"schedule.warmup": "overwrite"},
    ),
    "dying_relu": Preset(
        "Biases start so low that ReLU channels never fire",
        {"encoder.activation": "relu", "encoder.bias_init": -0.35},
    ),
    "same_slots": Preset(
        "Slots start almost alike and stay so",
        {"model.slot_noise": 0.01},
    ),
    "tiny_subset": Preset(
        "One scene in fifty is used, so the run learns them by heart",
        {"data.subset": 0.02},
    ),
    "high_rate": Preset("The learning rate is ten times too high", {"optim.lr": 1e-2}),
    "no_warmup": Preset("The first step takes the full rate", {"schedule.warmup_epochs": 0.0}),
    "slots_sample": Preset(
        "The bundled sample run: few scenes, slots that start almost alike, a rate that kills channels and never falls",
        {
            "model.slot_noise": 0.02,
            "optim.lr": 6e-3,
            "schedule.warmup": "overwrite",
            "schedule.warmup_epochs": 12.0,
            "schedule.epochs": 400,
            "data.train_scenes": 160,
            "data.val_scenes": 128,
            "train.val_every": 4,
            "train.checkpoint_every": 140,
            "train.dump_every": 70,
            "train.dump_samples": 12,
        },
    ),
    "unclamped_diversity": Preset(
        "The diversity loss counts negative cosines, so the loss can fall below 0",
        {"loss.diversity_weight": 0.01, "loss.diversity_clamp": False},
    ),
}

RECIPE = Recipe("Slot attention on generated scenes", SlotsSettings, check, samples, _SIZES, _PRESETS)
