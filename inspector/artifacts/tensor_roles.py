"""What a tensor of a checkpoint is for, told by its name and type."""

from __future__ import annotations

import re

from inspector.artifacts.dtypes import FLOATING

WEIGHT, BUFFER, OPTIMIZER, EMA, OTHER = "weight", "buffer", "optimizer", "ema", "other"

_OPTIMIZER = re.compile(r"^opt_?\d*(?=\.|$)|(?:^|[._])optim(?=[._\d]|$)|optimizer")
_EMA = re.compile(r"(?:^|[._])ema(?=$|[._])|(?:^|\.)(?:shadow_params|averaged_model|swa_model|model_avg)(?=$|\.)")
_EMA_HINTS = ("ema", "shadow", "av", "swa")
_OTHER = re.compile(r"(?:^|_)(?:rng|random_states?|schedulers?|sampler|scaler|callbacks|loops|metrics?)(?=$|[_\d])")
_BUFFER = re.compile(
    r"(?:^|\.)(?:running_mean|running_var|num_batches_tracked|position_ids|inv_freq|relative_position_index|attn_mask)$"
)


def role_of(name: str, dtype: str, *, parameter: bool | None, keyed: bool) -> str:
    """One of weight, buffer, optimizer, ema, other.

    Args:
        name: dotted path from the root of the checkpoint.
        dtype: torch's short name.
        parameter: what the file says itself, None where it says nothing.
        keyed: whether it hangs below a dictionary or a module, as every weight does.
    """
    lowered = name.lower()
    owner = lowered.rpartition(".")[0]
    if any(hint in owner for hint in _EMA_HINTS) and _EMA.search(owner):
        return EMA
    if "opt" in owner and _OPTIMIZER.search(owner):
        return OPTIMIZER
    if parameter is not None:
        return WEIGHT if parameter else BUFFER
    if not keyed or _OTHER.search(lowered.partition(".")[0]):
        return OTHER
    if _BUFFER.search(name):
        return BUFFER
    if dtype not in FLOATING and not dtype.startswith("q") and not name.endswith("weight"):
        return BUFFER
    return WEIGHT
