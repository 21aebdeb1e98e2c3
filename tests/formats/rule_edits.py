"""The suggested edits of rules.json as edits of settings, by the tables that translate their names."""

from __future__ import annotations

from typing import Any

from inspector.formats.rule_names import INSTEAD, PATHS, WORDED


def edits_of_rule(setting: str, op: str, value: Any, old: Any = None) -> dict[str, Any]:
    """The settings edits that one suggested edit of a rule stands for, empty where the recipe has no such setting.

    Args:
        setting: the rule's name for it.
        op: `set`, `mul` or `div`; other operations need a person.
        value: what to set, or the factor.
        old: the value in force, which `mul` and `div` start from.
    """
    if setting in INSTEAD:
        return dict(INSTEAD[setting])
    if op == "set" and isinstance(value, str):
        return dict(WORDED.get((setting, value), {}))
    if setting not in PATHS:
        return {}
    path = PATHS[setting]
    if op == "set":
        return {path: value}
    if op in ("mul", "div") and isinstance(old, int | float):
        new = old * value if op == "mul" else old / value
        return {path: round(new) if isinstance(old, int) else new}
    return {}
