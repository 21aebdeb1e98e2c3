"""What five write-ups of runs that went wrong name as causes and advise, and by which run each is made again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Advice:
    """One thing that a write-up advises.

    Attributes:
        path: the setting; value: what it is to be.
        instead: settings that are staged instead, where the write-up errs or another edit does more.
        why: the reason for that.
    """

    path: str
    value: Any
    instead: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class NoCause:
    """A cause that a write-up names and that is none.

    Attributes:
        finding: what would be found if it were one, and must not be; empty where no run could show it.
        why: what speaks against it.
    """

    finding: str
    why: str


@dataclass(frozen=True)
class Document:
    """One write-up, or a part of one whose causes exclude each other.

    Attributes:
        presets: those of the recipe that make its run again.
        epochs: how long the ill run is trained; cured_epochs: how long the cured one.
        causes: what it names, each with the findings of which one at least must be found; refuted: where it errs.
        edits: how the run is scaled down further, or differs from the presets.
        cured_edits: what the cured run is told anew, as an epoch of it has more steps.
    """

    name: str
    recipe: str
    presets: tuple[str, ...]
    epochs: int
    cured_epochs: int
    causes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    advice: tuple[Advice, ...] = ()
    edits: dict[str, Any] = field(default_factory=dict)
    cured_edits: dict[str, Any] = field(default_factory=dict)
    refuted: dict[str, NoCause] = field(default_factory=dict)


_SMALL: dict[str, Any] = {"data.image_size": 16, "data.val_scenes": 128}
"""A quarter of the pixels, which slots take apart as well."""

_WHOLE_EPOCHS: dict[str, Any] = {
    "schedule.epochs": 12,
    "schedule.warmup_epochs": 1.2,
    "train.val_every": 1,
    "train.checkpoint_every": 3,
    "train.dump_every": 3,
}
"""As many steps as the 1,500 epochs of one step take."""

# What is learnt by heart is not thrown away again, and slots that a diversity loss of weight 1 pushes apart neither
# learn by heart nor fall together: the first write-up has a run for each. The third tells of two runs itself. Of the
# fifth, slots that do not compete learn nothing, and so learn nothing by heart: it has a run for either.
DOCUMENTS: tuple[Document, ...] = (
    Document(
        "001",
        "counting",
        ("faulty",),
        2,
        4,
        {
            "the rate is too high": ("rate-high", "loss-diverging"),
            "memory and foveation get no gradient": ("no-gradient",),
            "tanh saturates": ("points-at-border", "points-collapsed"),
        },
        (
            Advice(
                "optim.lr",
                5e-5,
                why="a twentieth, as 5e-5 of its 1e-3: the small network of 2e-2 learns at 1e-3, 24 px off after 4"
                " epochs, and is 88 px off at 5e-5",
            ),
            Advice("model.coord_activation", "none"),
            Advice(
                "model.memory",
                False,
                ("model.detach_modules",),
                "modules that are cut off from the loss learn as soon as they are connected; they need not go",
            ),
        ),
    ),
    Document(
        "003",
        "arc_solver",
        ("faulty",),
        6,
        6,
        {
            "the warm-up writes over the scheduler": ("overwritten-rate",),
            "the rate is too high": ("rate-high", "loss-diverging"),
            "label smoothing comes too early": ("smoothing-floor",),
        },
        (
            Advice(
                "schedule.warmup",
                "get_last_lr() times the warm-up, written back",
                ("schedule.warmup",),
                "what is written back compounds: 3! / 3^3 of the rate is left for ever; one closed form does not",
            ),
            Advice("optim.lr", "a third"),
            Advice("loss.label_smoothing", 0.0, why="it adds a floor of 0.5003, and makes no loss rise"),
            Advice("data.augment", True, why="it cures what is learnt by heart, which no finding says of this run"),
            Advice("train.divergence_rise", 0.5, ("train.divergence_share",), "0.5 passes by its own rise of 0.14"),
        ),
    ),
    Document(
        "000",
        "slots",
        ("faulty",),
        900,
        6,
        {"overfitting to a small part of the data": ("memorised", "overfitting")},
        (
            Advice("data.subset", 1.0),
            Advice(
                "optim.weight_decay",
                0.01,
                ("data.subset",),
                "two hundred times the scenes do more than a decay, the second cure of the same finding",
            ),
        ),
        {**_SMALL, "loss.diversity_weight": 0.1},
        _WHOLE_EPOCHS,
    ),
    Document(
        "000, its loss",
        "slots",
        ("faulty",),
        300,
        6,
        {"the loss falls below 0": ("negative-loss",)},
        (
            Advice(
                "loss.diversity_weight",
                0.01,
                ("loss.diversity_clamp",),
                "unclamped, its own cure takes the loss below 0 by up to w / (K - 1)",
            ),
        ),
        _SMALL,
        {**_WHOLE_EPOCHS, "data.subset": 1.0},
    ),
    Document(
        "000, its collapse",
        "slots",
        ("high_rate",),
        19,
        28,
        {
            "ARI peaks, falls and does not come back": ("score-collapsed", "score-oscillating"),
            "slots collapse": ("slot-collapse", "slots-not-separating"),
            "the rate is too high": ("rate-high", "loss-diverging"),
        },
        (
            Advice("optim.lr", "a quarter", why="a quarter would still be seven times the usual rate"),
            Advice(
                "optim.clip_norm",
                1.0,
                ("optim.lr",),
                "Adam's steps are as long as the rate whatever the gradient, so that the rate is what is cut",
            ),
            Advice("loss.diversity_weight", 0.01, why="of positive cosines alone, as its own form goes below 0"),
            Advice(
                "schedule.warmup_epochs",
                20,
                ("optim.lr",),
                "a warm-up of a third of the run only puts the collapse off: its top is what is too high",
            ),
            Advice("model.slots", 11, why="that an odd number keeps slots from pairing has no support"),
        ),
        {
            **_SMALL,
            "data.same_colour": 0.0,
            "optim.lr": 3e-2,
            "optim.clip_norm": None,
            "schedule.epochs": 30,
            "schedule.warmup_epochs": 10.0,
        },
    ),
    Document(
        "002, its first run",
        "counting",
        ("no_done_weight",),
        2,
        4,
        {
            "3 % of samples are done": ("done-rare", "done-never-fires"),
            "the model never says that it is done": ("done-never-fires",),
        },
        (
            Advice(
                "loss.done_weight",
                3.0,
                ("data.done_positive_fraction",),
                "it weighs done samples and others alike, so the imbalance stays; half of them done is none",
            ),
            Advice(
                "loss.coord",
                "funnel",
                why="a square pulls ten times as hard at 100 px as at 10; a funnel weakens that, and jumps",
            ),
        ),
        {"loss.coord": "mse", "train.dump_samples": 200},
        refuted={
            "a square treats all errors alike": NoCause(
                "", "its pull grows with the distance, that of a funnel does not"
            ),
        },
    ),
    Document(
        "002",
        "counting",
        ("tiny_subset",),
        160,
        24,
        {
            "overfitting after the best epoch": ("overfitting", "memorised"),
            "no early stopping": ("overfitting",),
            "the threshold of the loss is lenient": ("funnel-jump", "loss-threshold"),
            "pixel errors stay at 7 to 30 px": ("pixel-error-stuck", "loss-threshold"),
        },
        (
            Advice(
                "loss.funnel_threshold",
                0.1,
                ("loss.coord",),
                "a tighter funnel pulls less: 0.10 for 0.42 at 40 px; Huber's form does not jump and pulls on",
            ),
            Advice(
                "train.early_stop",
                True,
                ("data.subset",),
                "the best checkpoint is kept anyway: stopping there saves time and betters nothing, more images do",
            ),
        ),
        {
            "loss.coord": "funnel",
            "loss.done_weight": 3.0,
            "data.train_images": 600,
            "data.subset": 0.04,
            "data.batch_size": 8,
            "data.val_images": 96,
            "data.sequence_images": 8,
            "schedule.epochs": 160,
        },
        # The recipe's own batches: the statistics of eight images are so uneven that 900 steps find no place.
        cured_edits={
            "data.batch_size": 32,
            "schedule.epochs": 24,
            "train.val_every": 1,
            "train.checkpoint_every": 24,
            "train.dump_every": 24,
        },
    ),
    Document(
        "004, its few grids",
        "arc_slots",
        ("tiny_subset",),
        200,
        20,
        {"so many epochs on so few grids overfit": ("overfitting", "memorised")},
        (
            Advice(
                "schedule.epochs",
                1000,
                ("data.subset",),
                "so few grids are learnt by heart in far fewer epochs; as many as there are, are not",
            ),
        ),
        cured_edits={"schedule.epochs": 20, "train.val_every": 5},
        refuted={
            "overfitting kills neurons": NoCause(
                "dead-channels", "the grids are learnt by heart with every channel alive"
            ),
        },
    ),
    Document(
        "004",
        "arc_slots",
        ("faulty",),
        45,
        50,
        {
            "60.5 % of activations are near zero": ("sparse-features",),
            "1 to 2 slots of an image are in use": ("active-slots-low", "one-slot", "slots-not-separating"),
            "reconstruction stays at 79 %": ("below-baseline", "grid-accuracy", "padded-accuracy"),
        },
        (
            Advice(
                "encoder.activation",
                "leaky_relu",
                why="harmless, but LeakyReLU takes 60 % of near zeros to 38 % by its formula alone: no sign of a cure",
            ),
            Advice(
                "optim.lr",
                "halved",
                ("model.attention_axis",),
                "slots that do not compete part at no rate: the softmax runs over positions",
            ),
            Advice(
                "encoder.dropout",
                0.1,
                why="it raises the sparsity that it is to lower, and no finding says that few channels carry all",
            ),
        ),
        {
            "schedule.epochs": 45,
            "data.batch_size": 8,
            "encoder.bias_init": -0.4,
            "train.dump_every": 15,
            "train.checkpoint_every": 45,
        },
        # All grids, as its other run shows; without padding a canvas of 8 cells a side is that of 16, and quicker.
        cured_edits={
            "data.subset": 1.0,
            "data.grid_size": 8,
            "data.batch_size": 32,
            "schedule.epochs": 50,
            "train.dump_every": 25,
            "train.checkpoint_every": 50,
        },
        refuted={
            "neurons are dead": NoCause("dead-channels", "each fires on some grid, and ReLU alone leaves half at 0"),
            "a high rate makes gradients explode": NoCause("exploding-gradient", "no norm stands out from the others"),
        },
    ),
)
"""The quickest first."""
