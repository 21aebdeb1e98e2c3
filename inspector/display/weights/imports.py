"""What unpickling would import, grouped by module: what is unusual first, and no verdict."""

from __future__ import annotations

from collections.abc import Iterable

from inspector.core.texts import visible
from inspector.display.weights.scene import ImportGroup

USUAL_MODULES = frozenset(
    ("torch", "numpy", "collections", "_codecs", "builtins", "__builtin__", "copyreg", "copy_reg")
)
"""Top modules that a plain checkpoint names; `builtins.eval` is one of the names that are shown all the same."""


def import_groups(names: Iterable[str]) -> tuple[ImportGroup, ...]:
    """The names by module, modules outside torch, numpy and collections first, each in alphabetical order."""
    found: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        module, _, last = name.rpartition(".")
        found.setdefault(module, []).append(visible(last, 200))
    groups = [
        ImportGroup(module=visible(module, 200), names=tuple(names), usual=module.partition(".")[0] in USUAL_MODULES)
        for module, names in found.items()
    ]
    return tuple(sorted(groups, key=lambda group: (group.usual, group.module)))
