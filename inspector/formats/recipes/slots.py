"""Settings of the recipe `slots`: slot attention on generated scenes of coloured shapes."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.formats.recipes import shared
from inspector.formats.recipes.optimizer import Kind, Optim
from inspector.formats.recipes.recipe import Recipe, check_schedule
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.recipes.slots_presets import PRESETS, SIZES
from inspector.formats.recipes.training import Train
from inspector.formats.setting_fields import setting


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The slots and how they compete."""

    slots: shared.SlotCount = 4
    iterations: shared.Iterations = 3
    attention_axis: shared.SoftmaxAxis = "slots"
    slot_size: shared.SlotSize = 32
    hidden_size: shared.HiddenSize = 64
    slot_noise: shared.SlotNoise = 1.0


class Encoder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The convolutional encoder."""

    channels: shared.EncoderChannels = 24
    layers: shared.EncoderLayers = 4
    kernel_px: Annotated[int, setting(title="Kernel", unit="px", applies="restart", ge=1, le=9)] = 5
    activation: shared.EncoderActivation = "relu"
    negative_slope: shared.NegativeSlope = 0.01
    norm: Annotated[Literal["none", "batch"], setting(title="Normalisation", applies="restart")] = "none"
    bias_init: shared.BiasInit = 0.0


class Decoder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The broadcast decoder: every slot paints the whole picture and a mask."""

    channels: shared.DecoderChannels = 64
    layers: shared.DecoderLayers = 3


def _weight(title: str, description: str) -> msgspec.Meta:
    return setting(title=title, description=description, applies="live", changes=("loss",), ge=0.0, le=10.0)


class Loss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is minimised: reconstruction, and what keeps slots apart and steady."""

    diversity_weight: Annotated[float, _weight("Diversity weight", "Of the mean cosine between slots of one image")] = (
        0.0
    )
    diversity_clamp: Annotated[
        bool,
        setting(
            title="Clamp diversity",
            description="Count positive cosines only, so that the loss stays above 0",
            applies="live",
            changes=("loss",),
        ),
    ] = True
    spectral_weight: Annotated[
        float, _weight("Spectral weight", "Of what the effective rank of the slots lacks of their number, as a share")
    ] = 0.0
    consistency_weight: Annotated[
        float, _weight("Consistency weight", "Of how far matched slots of two passes differ; a second pass takes time")
    ] = 0.0


class SlotsOptim(Optim, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optimizer, with a factor for each module."""

    name: Annotated[Kind, setting(title="Optimizer", changes=("optimizer",))] = "adam"
    groups: shared.SlotGroups = shared.SlotGroups()


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scenes: generated, or those of a file or folder."""

    path: Annotated[
        str,
        shared.path_marks(
            "An HDF5 file with image and mask, or a folder with images and masks; empty for generated scenes. CLEVR is"
            " cropped as usual, other pictures to their middle square"
        ),
    ] = ""
    seed: shared.DataSeed = 0
    train_scenes: Annotated[
        int,
        shared.count_marks("scenes", "Of generated scenes; of data.path, all but the validation scenes are used"),
    ] = 4_000
    val_scenes: Annotated[
        int,
        setting(
            title="Validation scenes",
            description="Of data.path, at most so many of its share",
            changes=("loss",),
            ge=1,
            le=100_000,
        ),
    ] = 256
    val_share: Annotated[
        float,
        setting(
            title="Validation share",
            description="Of the scenes of data.path, the last; none of them is trained on",
            changes=("order", "loss"),
            gt=0.0,
            le=0.9,
        ),
    ] = 0.1
    subset: shared.Subset = 1.0
    batch_size: Annotated[int, shared.batch_marks("scenes")] = 32
    image_size: Annotated[int, setting(title="Image size", unit="px", applies="restart", ge=8, le=256)] = 32
    min_objects: Annotated[
        int, setting(title="Fewest objects", description="Of generated scenes", changes=("order", "loss"), ge=1, le=16)
    ] = 2
    max_objects: Annotated[
        int, setting(title="Most objects", description="Of generated scenes", changes=("order", "loss"), ge=1, le=16)
    ] = 3
    object_limit: (
        Annotated[
            int,
            setting(
                title="Object limit",
                description="Scenes of data.path with more objects are left out: 6 makes CLEVR6 of CLEVR; off for all",
                changes=("order", "loss"),
                ge=1,
                le=254,
            ),
        ]
        | None
    ) = None
    same_colour: Annotated[
        float,
        setting(
            title="Same colour",
            description="Chance that a generated object takes the colour of the one before; colour alone then tells"
            " less",
            changes=("order", "loss"),
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
    shared.check_objects(data.min_objects, data.max_objects)
    if data.image_size % 4:
        sentence = tr("data.image_size takes a multiple of 4, found {found}")
        raise SettingsError(sentence.format(found=data.image_size), "data.image_size")
    shared.check_odd("encoder.kernel_px", settings.encoder.kernel_px)
    check_schedule(settings)


def samples(settings: SlotsSettings) -> int | None:
    """Training scenes that an epoch sees; None where only the data tells."""
    return None if settings.data.path else shared.in_use(settings.data.train_scenes, settings.data.subset)


RECIPE = Recipe("Slot attention on generated scenes", SlotsSettings, check, samples, SIZES, PRESETS)
