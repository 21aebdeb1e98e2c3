"""What the name of a metric says of it: its words, and which end is better."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Better = Literal["low", "high", ""]
"""Which direction is better; empty where the name does not tell."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_LOW = frozenset(
    ("loss", "losses", "nll", "mse", "mae", "rmse", "bce", "crossentropy", "error", "err", "perplexity", "ppl", "fid",
     "wer")
)  # fmt: skip
_HIGH = frozenset(
    ("acc", "accuracy", "ari", "iou", "miou", "mbo", "map", "f1", "auc", "auroc", "recall", "precision", "psnr", "ssim",
     "dice", "reward", "return", "corloc", "pck")
)  # fmt: skip
_NEITHER = frozenset(("lr", "weight", "scale", "std", "var", "count"))
"""A name with one of these is no measure of quality, whatever else it says (`loss_weight`)."""


@lru_cache(4096)
def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: `val/fg_ari` and `ValFgAri` give the same."""
    return tuple(word.lower() for word in _WORD.findall(name))


def better_of(name: str) -> Better:
    """Whether a metric is better low or high."""
    found = frozenset(words(name))
    low, high = found & _LOW, found & _HIGH
    if found & _NEITHER or bool(low) == bool(high):
        return ""
    return "low" if low else "high"
