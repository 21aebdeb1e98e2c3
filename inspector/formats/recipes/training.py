"""The training loop that every recipe shares, as settings."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from inspector.formats.setting_fields import setting


class Train(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The loop: seed, what is recorded how often, when to stop."""

    seed: Annotated[
        int, setting(title="Seed", description="Of weights, order and noise", changes=("order",), ge=0, le=2**31 - 1)
    ] = 0
    threads: Annotated[
        int, setting(title="CPU threads", description="1 repeats bit for bit", unit="threads", ge=1, le=256)
    ] = 1
    precision: Annotated[
        Literal["32", "bf16-mixed", "16-mixed"],
        setting(title="Precision", description="Mixed precisions keep the weights in 32 bits"),
    ] = "32"
    deterministic: Annotated[
        bool, setting(title="Deterministic", description="Only kernels that repeat bit for bit; slower on a GPU")
    ] = False
    compile: Annotated[bool, setting(title="Compile", description="The model by torch.compile; slow at the start")] = (
        False
    )
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
    divergence_rise: (
        Annotated[
            float,
            setting(
                title="Divergence, absolute",
                description="A validation loss so far above its best ends the run; off for never",
                applies="live",
                gt=0.0,
            ),
        ]
        | None
    ) = None
    divergence_share: (
        Annotated[
            float,
            setting(
                title="Divergence, relative",
                description="Two validations in a row above the best by this share of it end the run; off for never",
                applies="live",
                gt=0.0,
            ),
        ]
        | None
    ) = None
    watch_drop: (
        Annotated[
            float,
            setting(
                title="Warn of a drop",
                description="Share of its best that the recipe's score may lose before the log warns; off for never",
                applies="live",
                gt=0.0,
                le=1.0,
            ),
        ]
        | None
    ) = 0.2
    watch_from_epoch: Annotated[int, setting(title="Warn from", unit="epochs", applies="live", ge=0)] = 10
