"""What a setting is called elsewhere, and which one was probably meant by a name that is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from inspector.formats.rule_names import INSTEAD, PATHS, WORDED

_ELSEWHERE: dict[str, tuple[str, ...]] = {
    "accumulate_grad_batches": ("optim.accumulate",),
    "betas": ("optim.beta1", "optim.beta2"),
    "clip": ("optim.clip_norm",),
    "conv_dropout": ("encoder.dropout",),
    "dropout_between_conv": ("encoder.dropout",),
    "ema": ("optim.ema_decay",),
    "eta_min": ("schedule.min_lr",),
    "grad_accum": ("optim.accumulate",),
    "grad_clip": ("optim.clip_norm",),
    "gradient_clip_val": ("optim.clip_norm",),
    "init": ("encoder.bias_init",),
    "kind": ("schedule.family",),
    "learning_rate": ("optim.lr",),
    "max_grad_norm": ("optim.clip_norm",),
    "max_steps": ("schedule.epochs",),
    "n_epochs": ("schedule.epochs",),
    "num_epochs": ("schedule.epochs",),
    "num_iterations": ("model.iterations",),
    "num_slots": ("model.slots",),
    "optimizer": ("optim.name",),
    "scheduler": ("schedule.family",),
    "slot_dim": ("model.slot_size",),
    "t_max": ("schedule.epochs",),
    "wd": ("optim.weight_decay",),
}
"""Last part of a name, as seeds, rules and other trainers have it, to what it is here."""

_SEVERAL = 3


def meant(path: str, known: Iterable[str]) -> str:
    """What was probably meant by the path of a setting that there is not, as a sentence goes on to say it.

    Args:
        path: as it was typed.
        known: the paths of the recipe.
    """
    names = list(known)
    found = next((some for some in (_of_rules(path, names), _same_leaf(path, names), _alike(path, names)) if some), [])
    return f"did you mean {' or '.join(found)}" if found else "see `run-inspector settings RECIPE`"


def _of_rules(path: str, names: list[str]) -> list[str]:
    """What the diagnostic rules or other trainers call so."""
    leaf = path.rpartition(".")[2].lower()
    worded = [name for (setting, _word), edits in WORDED.items() if setting == path for name in edits]
    called = [PATHS.get(path, ""), *worded, *INSTEAD.get(path, {}), *_ELSEWHERE.get(leaf, ())]
    return [name for name in dict.fromkeys(called) if name in names][:_SEVERAL]


def _same_leaf(path: str, names: list[str]) -> list[str]:
    """The same setting in another section."""
    leaf = path.rpartition(".")[2]
    return [name for name in names if name.rpartition(".")[2] == leaf][:_SEVERAL]


def _alike(path: str, names: list[str]) -> list[str]:
    """A slip of the fingers."""
    close = difflib.get_close_matches(path, names, n=1)
    if close:
        return close
    leaves = {name.rpartition(".")[2]: name for name in reversed(names)}
    return [leaves[leaf] for leaf in difflib.get_close_matches(path.rpartition(".")[2], leaves, n=1)]
