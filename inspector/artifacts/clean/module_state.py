"""Whole pickled modules as the state dict that they would give.

Source: torch/nn/modules/module.py (`state_dict`, `_save_to_state_dict`).
"""

from __future__ import annotations

from typing import Any

from inspector.artifacts.pickles.lens_values import Mapping, Sequence, is_module
from inspector.artifacts.pickles.lenses import seen

MAX_MODULES = 100_000
"""How many modules one tree may have; shared ones count wherever they are."""

MAX_MODULE_DEPTH = 1_000


def module_entries(node: Any) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """A whole module's parameters and buffers by dotted name, as in its state dict, and its own other attributes."""
    found: list[tuple[str, Any]] = []
    others: list[tuple[str, Any]] = []
    pending: list[tuple[str, Any, int]] = [("", node, 0)]
    modules = 0
    while pending and modules < MAX_MODULES:
        prefix, module, depth = pending.pop()
        modules += 1
        view_of = seen(module)
        if not isinstance(view_of, Mapping) or not is_module(view_of) or depth > MAX_MODULE_DEPTH:
            continue
        parts = {key: value for key, value in view_of.pairs if type(key) is str}
        passing = _names_in(parts.get("_non_persistent_buffers_set"))
        for part in ("_parameters", "_buffers"):
            found += (
                (f"{prefix}{key}", value)
                for key, value in _named(parts.get(part))
                if value is not None and (part == "_parameters" or key not in passing)
            )
        others += (
            (f"{prefix}{key}", value)
            for key, value in parts.items()
            if not key.startswith("_") and key != "training" and value is not None and value != ()
        )
        children = [(f"{prefix}{key}.", child, depth + 1) for key, child in _named(parts.get("_modules"))]
        pending += reversed(children)
    return found, others


def _named(node: Any) -> list[tuple[str, Any]]:
    view = seen(node)
    return [(key, value) for key, value in view.pairs if type(key) is str] if isinstance(view, Mapping) else []


def _names_in(node: Any) -> set[str]:
    view = seen(node)
    return {item for item in view.items if type(item) is str} if isinstance(view, Sequence) else set()
