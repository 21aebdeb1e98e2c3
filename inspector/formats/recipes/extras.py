"""Which extras of this program a recipe's settings ask for, by the setting and its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ASKED_BY = {("model.backbone", "qwen2_vl"): "vlm"}


def extras_asked(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The extras whose packages a run with these settings needs; `train` is every run's."""
    return ("train", *(extra for (path, value), extra in ASKED_BY.items() if values.get(path) == value))
