"""Settings of the recipe `arc_solver`: a transformer that completes ARC grids from demonstrations."""

from __future__ import annotations

from typing import Annotated

import msgspec

from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.formats.recipes import shared
from inspector.formats.recipes.arc_solver_presets import PRESETS, SIZES
from inspector.formats.recipes.optimizer import Group, Optim
from inspector.formats.recipes.recipe import Recipe, check_schedule
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.recipes.training import Train
from inspector.formats.setting_fields import setting


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The transformer; a cell of a pair is one token."""

    width: Annotated[int, setting(title="Width", unit="features", applies="restart", ge=4, le=4096)] = 64
    layers: Annotated[int, setting(title="Layers", applies="restart", ge=1, le=64)] = 2
    heads: Annotated[
        int,
        setting(title="Attention heads", description="They share the width", changes=("function",), ge=1, le=64),
    ] = 4
    dropout: Annotated[
        float,
        setting(
            title="Dropout", description="Of attention and after each part of a layer", changes=("function",),
            ge=0.0, le=0.9,
        ),
    ] = 0.0  # fmt: skip


class Loss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is minimised: cross entropy of the colours of the answer."""

    label_smoothing: Annotated[
        float,
        setting(
            title="Label smoothing",
            description="Share of each target spread over all colours; 0.1 adds a floor of 0.50 to the loss, and is no"
            " use before most cells are right",
            applies="live",
            changes=("loss",),
            ge=0.0,
            le=0.9,
        ),
    ] = 0.0
    pad_loss: shared.PadLoss = False


class Groups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Factors by module."""

    embed: Group = Group()
    layers: Group = Group()
    head: Group = Group()


class ArcSolverOptim(Optim, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optimizer, with a factor for each module."""

    groups: Groups = Groups()


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Puzzles: generated ones, or ARC tasks at a path."""

    path: Annotated[
        str,
        shared.path_marks(
            "A folder of ARC tasks in JSON, Kaggle's files or TRM's arrays, whose test pairs validate; empty for"
            " generated puzzles"
        ),
    ] = ""
    seed: shared.DataSeed = 0
    train_puzzles: Annotated[int, shared.count_marks("puzzles", "Of generated puzzles")] = 2_000
    val_puzzles: Annotated[
        int,
        setting(
            title="Validation puzzles",
            description="Of generated puzzles, none of which is trained on",
            changes=("loss",),
            ge=1,
            le=100_000,
        ),
    ] = 210
    pairs: Annotated[
        int,
        setting(
            title="Pairs",
            description="Of a generated puzzle; an epoch asks for each of them by the others",
            changes=("order", "loss"),
            ge=2,
            le=16,
        ),
    ] = 3
    subset: shared.Subset = 1.0
    batch_size: Annotated[int, shared.batch_marks("pairs")] = 32
    demonstrations: Annotated[
        int,
        setting(
            title="Demonstrations",
            description="Other pairs of the puzzle that the model sees, at most; memory grows with their square",
            changes=("loss",),
            ge=0,
            le=16,
        ),
    ] = 3
    grid_size: Annotated[int, shared.grid_marks(changes=("loss",))] = 10
    largest: shared.LargestGrid = 5
    augment: Annotated[
        bool,
        setting(
            title="Augmentation",
            description="One of eight symmetries and an order of the colours for all grids of a puzzle; the background"
            " stays",
            changes=("loss",),
        ),
    ] = True


class ArcSolverSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of the recipe `arc_solver`; the defaults are its small size, which learns on a CPU.

    An alarm at +0.5 alone passes by a loss that rises from 0.60 to 0.74; beside it stands 15% over the best, twice.
    """

    model: Model = Model()
    loss: Loss = Loss()
    optim: ArcSolverOptim = ArcSolverOptim(weight_decay=0.01)
    schedule: Schedule = Schedule(epochs=10, warmup_epochs=1.0)
    data: Data = Data()
    train: Train = Train(divergence_rise=0.5, divergence_share=0.15)


def check(settings: ArcSolverSettings) -> None:
    """Raise unless settings that are each allowed also go together.

    Raises:
        SettingsError: two of them contradict each other; the sentence names both.
    """
    model, data = settings.model, settings.data
    if model.width % model.heads:
        sentence = tr("model.width takes a multiple of model.heads, {heads}, found {found}")
        raise SettingsError(sentence.format(heads=model.heads, found=model.width), "model.width")
    if not data.path:
        shared.check_largest(data.largest, data.grid_size)
    check_schedule(settings)


def samples(settings: ArcSolverSettings) -> int | None:
    """Pairs that an epoch asks for; None where only the data tells."""
    data = settings.data
    return None if data.path else shared.in_use(data.train_puzzles, data.subset) * data.pairs


RECIPE = Recipe("Transformer on ARC grids", ArcSolverSettings, check, samples, SIZES, PRESETS)
