"""What wrappers put before the names of a model's parameters."""

from __future__ import annotations

import re

PREFIXES = ("_orig_mod.", "module.", "model.", "network.", "ema_model.", "base_model.model.")
"""Of torch.compile, data parallel training, adapters and others, in the order in which they are left out."""

_PREFIX = re.compile(rf"(?:{'|'.join(map(re.escape, PREFIXES))})(?=.)")
_ALL = re.compile(rf"\A(?:{_PREFIX.pattern})+")


def prefix_of(name: str) -> str:
    """The one that a name begins with; empty where it begins with none, or nothing would be left."""
    found = _PREFIX.match(name)
    return found[0] if found else ""


def stripped(name: str) -> str:
    """A name without any of them before it."""
    return _ALL.sub("", name)
