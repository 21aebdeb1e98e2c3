"""Settings of the recipe `counting`: an image with numbered marks on what was counted, and the next object to find."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.formats.recipes import shared
from inspector.formats.recipes.counting_presets import PRESETS, SIZES
from inspector.formats.recipes.optimizer import Group, Optim
from inspector.formats.recipes.recipe import Recipe, check_schedule
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.recipes.training import Train
from inspector.formats.setting_fields import setting


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A backbone, three heads, and modules that look at what was counted."""

    backbone: Annotated[
        Literal["cnn", "qwen2_vl"],
        setting(
            title="Backbone",
            description="A small network, or Qwen2-VL of a folder with LoRA on the attention of its language model",
            applies="restart",
        ),
    ] = "cnn"
    channels: Annotated[
        int,
        setting(title="Channels", description="Of the small network's first two layers; the third has twice as many",
                applies="restart", ge=2, le=256),
    ] = 16  # fmt: skip
    strided_layers: Annotated[
        int,
        setting(
            title="Strided layers",
            description="Of the small network's three, each halves how finely it sees; where a cell is larger than"
            " objects are apart in height, it cannot tell which comes first",
            unit="layers",
            changes=("function",),
            ge=1,
            le=3,
        ),
    ] = 1
    vlm_path: Annotated[
        str,
        setting(
            is_path=True,
            title="Qwen2-VL folder",
            description="With config, tokenizer and safetensors; checkpoints leave them out, so resuming needs it",
            changes=("function",),
        ),
    ] = ""
    lora_rank: Annotated[
        int, setting(title="LoRA rank", description="Of Qwen2-VL alone", applies="restart", ge=1, le=1024)
    ] = 16
    lora_alpha: Annotated[
        int,
        setting(title="LoRA alpha", description="What LoRA adds is times alpha over rank", changes=("function",), ge=1,
                le=4096),
    ] = 32  # fmt: skip
    lora_dropout: Annotated[
        float,
        setting(title="LoRA dropout", description="Of what LoRA is given", changes=("function",), ge=0.0, le=0.9),
    ] = 0.05
    load_in_4bit: Annotated[
        bool,
        setting(
            title="Load in 4 bits",
            description="The base of Qwen2-VL; needs a CUDA GPU and bitsandbytes",
            changes=("function",),
        ),
    ] = False
    features: Annotated[
        int, setting(title="Features", description="What a head is given", applies="restart", ge=4, le=4096)
    ] = 128
    hidden: Annotated[
        int, setting(title="Head width", description="Between its two layers", applies="restart", ge=2, le=4096)
    ] = 64
    dropout: Annotated[
        float, setting(title="Dropout", description="Of the features", changes=("function",), ge=0.0, le=0.9)
    ] = 0.0
    coord_activation: Annotated[
        Literal["none", "tanh"],
        setting(
            title="Coordinate activation",
            description="tanh saturates at the border of the image, where its gradient ends",
            changes=("function",),
        ),
    ] = "none"
    coord_clamp: (
        Annotated[
            float,
            setting(
                title="Coordinate clamp",
                description="Coordinates end here, and so does their gradient; off for none",
                changes=("function",),
                ge=1.0,
                le=100.0,
            ),
        ]
        | None
    ) = 2.0
    memory: Annotated[
        bool, setting(title="Memory", description="An LSTM over the objects counted so far", applies="restart")
    ] = False
    foveation: Annotated[
        bool,
        setting(title="Foveation", description="A closer look at a place of the model's choice", applies="restart"),
    ] = False
    cross_attention: Annotated[
        bool,
        setting(title="Cross-attention", description="From the features to the objects counted so far",
                applies="restart"),
    ] = False  # fmt: skip
    detach_modules: Annotated[
        bool,
        setting(
            title="Cut modules off",
            description="Memory, foveation and cross-attention get no gradient; a fault, kept for study",
        ),
    ] = False


class Loss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is minimised: the place of the next object, and whether one is left."""

    coord: Annotated[
        Literal["funnel", "huber", "mse"],
        setting(
            title="Coordinate loss",
            description="funnel jumps at its threshold and halves its slope there; huber does neither",
            applies="live",
            changes=("loss",),
        ),
    ] = "huber"
    funnel_threshold: Annotated[
        float,
        setting(
            title="Coordinate threshold",
            description="Where funnel and huber become straight, in |dx| + |dy| of the image from -1 to 1",
            applies="live",
            changes=("loss",),
            gt=0.0,
            le=4.0,
        ),
    ] = 0.3
    done_weight: Annotated[
        float,
        setting(title="Done weight", description="Of the cross-entropy of the done signal", applies="live",
                changes=("loss",), ge=0.0, le=1000.0),
    ] = 1.0  # fmt: skip
    alternate_steps: Annotated[
        int,
        setting(
            title="Alternate every",
            description="So many steps of classification, then as many of regression; 0 for both in every step",
            unit="steps",
            changes=("loss",),
            ge=0,
        ),
    ] = 0


class Groups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Factors by module."""

    backbone: Group = Group()
    x_head: Group = Group()
    y_head: Group = Group()
    done_head: Group = Group()
    memory: Group = Group()
    foveation: Group = Group()
    cross_attention: Group = Group()


class CountingOptim(Optim, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optimizer, with a factor for each module."""

    two_optimizers: Annotated[
        bool,
        setting(
            title="Two optimizers",
            description="One for classification and one for regression, taking turns; both step what they share",
            changes=("optimizer",),
        ),
    ] = False
    groups: Groups = Groups()


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Images of objects, and how a sample is made of one: k of its objects are marked, the next one is asked for."""

    path: Annotated[
        str,
        shared.path_marks("A folder of FSC-147, with its two JSON files and images_384_VarV2; empty for blobs"),
    ] = ""
    seed: shared.DataSeed = 0
    train_images: Annotated[int, shared.count_marks("images", "Of generated images; a folder has its own")] = 2_000
    val_images: Annotated[
        int,
        setting(
            title="Validation images",
            description="Of a folder at most so many",
            changes=("loss",),
            ge=1,
            le=100_000,
        ),
    ] = 256
    subset: shared.Subset = 1.0
    batch_size: Annotated[int, shared.batch_marks("images")] = 32
    image_size: Annotated[
        int,
        setting(title="Image size", description="Side of the square that the network sees", unit="px",
                changes=("function", "loss"), ge=16, le=2048),
    ] = 96  # fmt: skip
    fit: Annotated[
        Literal["letterbox", "stretch"],
        setting(title="Fit", description="How an image that is not square becomes one", changes=("loss",)),
    ] = "letterbox"
    mark_radius_px: Annotated[
        int, setting(title="Radius of a mark", unit="px", changes=("function", "loss"), ge=1, le=64)
    ] = 4
    min_objects: Annotated[
        int,
        setting(title="Fewest objects", description="Of generated images", changes=("order", "loss"), ge=0, le=60),
    ] = 1
    max_objects: Annotated[
        int,
        setting(title="Most objects", description="Of generated images", changes=("order", "loss"), ge=1, le=60),
    ] = 20
    done_positive_fraction: (
        Annotated[
            float,
            setting(
                title="Share of done samples",
                description="Training samples with nothing left to count; off draws how many are marked evenly from 0"
                " to all, so that one in n + 1 is done",
                changes=("loss",),
                ge=0.0,
                le=1.0,
            ),
        ]
        | None
    ) = 0.5
    sequence_images: Annotated[
        int,
        setting(title="Counted images", description="Validation images that are counted from 0 to done", ge=0,
                le=100_000),
    ] = 32  # fmt: skip
    longest_sequence: Annotated[
        int, setting(title="Longest sequence", description="Counting ends here if done never comes", ge=1, le=10_000)
    ] = 40


class CountingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of the recipe `counting`; the defaults are its small size, which learns on a CPU."""

    model: Model = Model()
    loss: Loss = Loss()
    optim: CountingOptim = CountingOptim()
    schedule: Schedule = Schedule()
    data: Data = Data()
    train: Train = Train()


def check(settings: CountingSettings) -> None:
    """Raise unless settings that are each allowed also go together.

    Raises:
        SettingsError: two of them contradict each other; the sentence names both.
    """
    data = settings.data
    shared.check_objects(data.min_objects, data.max_objects)
    if settings.optim.two_optimizers and not settings.loss.alternate_steps:
        sentence = tr(
            "optim.two_optimizers would move the backbone twice a step, as loss.alternate_steps is 0; set it to 1 or"
            " more"
        )
        raise SettingsError(sentence, "optim.two_optimizers")
    if settings.model.backbone == "qwen2_vl" and not settings.model.vlm_path:
        sentence = tr(
            "model.backbone is qwen2_vl and model.vlm_path is empty; set it to the folder of a Qwen2-VL model"
        )
        raise SettingsError(sentence, "model.backbone")
    check_schedule(settings)


def samples(settings: CountingSettings) -> int | None:
    """Training images that an epoch sees; None where they are those of a folder."""
    data = settings.data
    return None if data.path else shared.in_use(data.train_images, data.subset)


RECIPE = Recipe("Sequential counting of marked objects", CountingSettings, check, samples, SIZES, PRESETS)
