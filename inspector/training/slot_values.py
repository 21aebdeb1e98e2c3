"""What recipes with slots share beside the model: the noise of validations, and how a dump tells of slots."""

from __future__ import annotations

import torch
from torch import Tensor

from inspector.formats.recipes.choices import AttentionAxis
from inspector.training.taps import Tap

_NOISE_SEED = 20_200_626


def validation_noise(samples: int, slots: int, features: int) -> Tensor:
    """What slots start from, (samples, slots, features) float32, standard normal.

    The same in every validation and every dump, so that two of them differ only by the weights.
    """
    return torch.randn((samples, slots, features), generator=torch.Generator().manual_seed(_NOISE_SEED))


def slot_taps(side: int, attention_axis: AttentionAxis, ignored: int) -> dict[str, Tap]:
    """How a dump tells of true masks, reconstruction, masks and attention.

    Args:
        side: positions of a side that slots attend to.
        attention_axis: what their softmax runs over.
        ignored: the label of pixels that count nowhere.
    """
    axis = "K" if attention_axis == "slots" else "P"
    grid = {"grid_hw": [side, side], "heads": 1, "special_tokens": 0}
    return {
        "gt_masks": Tap(attributes={"background_index": 0, "ignore_value": ignored}),
        "recon": Tap(attributes={"value_range": [0.0, 1.0]}),
        "masks": Tap(attributes={"kind": "decoder_mask", "normalised_over": "K"}),
        "attention": Tap(layout="NIKP", attributes={"kind": "encoder_attention", "normalised_over": axis, **grid}),
    }
