"""What a tensor of a checkpoint is for, told by its name and type."""

from __future__ import annotations

import re
from functools import lru_cache

from inspector.artifacts.tensors.dtypes import FLOATING

WEIGHT, BUFFER, OPTIMIZER, EMA, SETTINGS, OTHER = "weight", "buffer", "optimizer", "ema", "settings", "other"

# Compiled when a name first needs them, which few checkpoints have.
_OPTIMIZER = r"^opt_?\d*(?=\.|$)|(?:^|[._])optim(?=[._\d]|$)"
_EMA = r"(?:^|[._])ema(?=$|[._])|(?:^|\.)(?:shadow_params|averaged_model|swa_model|model_avg)(?=$|\.)"
_OTHER = r"(?:^|_)(?:rng|random_states?|schedulers?|sampler|scaler|callbacks|loops|metrics?|normali[sz]er)(?=$|[_\d])"
_SETTINGS = frozenset(("hyper_parameters", "hyperparameters", "hparams", "args", "training_args", "config", "settings"))
_EMA_WORDS = ("ema", "shadow_params", "averaged_model", "swa_model", "model_avg")
_BUFFERS = frozenset(
    ("running_mean", "running_var", "num_batches_tracked", "position_ids", "inv_freq", "relative_position_index",
     "attn_mask")
)  # fmt: skip


def role_of(name: str, dtype: str, *, parameter: bool | None, keyed: bool) -> str:
    """One of weight, buffer, optimizer, ema, settings, other.

    Args:
        name: dotted path from the root of the checkpoint.
        dtype: torch's short name.
        parameter: what the file says itself, None where it says nothing.
        keyed: whether it hangs below a dictionary or a module, as every weight does.
    """
    owner, _, last = name.rpartition(".")
    if name.partition(".")[0] in _SETTINGS:
        return SETTINGS  # also a module that was handed over as a hyper-parameter: it is no part of the model
    section = _section_role(owner.partition(".")[0]) or _section_role(owner)
    if section:
        return section
    if parameter is not None:
        return WEIGHT if parameter else BUFFER
    if not keyed or _is_other(name.partition(".")[0]):
        return OTHER
    if last in _BUFFERS:
        return BUFFER
    if dtype not in FLOATING and not dtype.startswith("q") and not name.endswith("weight"):
        return BUFFER
    return WEIGHT


@lru_cache(maxsize=1024)
def _section_role(owner: str) -> str:
    """What every tensor below a path is, empty where each must be told by itself."""
    lowered = owner.lower()
    if any(map(lowered.__contains__, _EMA_WORDS)) and re.search(_EMA, lowered):
        return EMA
    by_name = "optimizer" in lowered or ("opt" in lowered and re.search(_OPTIMIZER, lowered))
    return OPTIMIZER if by_name else ""


@lru_cache(maxsize=1024)
def _is_other(section: str) -> bool:
    return re.search(_OTHER, section.lower()) is not None
