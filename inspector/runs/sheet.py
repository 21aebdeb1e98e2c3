"""The settings of a run: from its own files, else from what a checkpoint carries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspector.artifacts.checkpoints.folders import TRAINER_STATE
from inspector.formats.facts import CheckpointFacts, Facts, SettingsFacts
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.run_folder import EDITS_FILE, SETTINGS_FILE, RunRecord
from inspector.formats.settings import Field, fields_of
from inspector.runs.values import SettingsSheet

CHECKPOINT_BRANCHES = (
    "settings", "config", "hyper_parameters", "args", "cfg", "hparams", "opt", "training_args", "ds_config",
    "adapter_config",
)  # fmt: skip
"""Where trainers keep their settings inside a checkpoint."""

_NO_SETTINGS = frozenset((EDITS_FILE, TRAINER_STATE))
"""Files in the form of settings that say what was changed, or where a trainer stood."""


def is_setting(path: str) -> bool:
    """Whether a plain value of a checkpoint stands among its settings."""
    return path.partition(".")[0] in CHECKPOINT_BRANCHES


def sheet_of(root: Path, facts: dict[Path, Facts], record: RunRecord | None) -> SettingsSheet:
    """Values and, for a recipe of this program, the fields that make the form."""
    values, source = _values(root, facts)
    recipe = RECIPES.get(record.recipe) if record else None
    fields: tuple[Field, ...] = fields_of(recipe.settings) if recipe else ()
    return SettingsSheet(values=values, fields=fields, source=source)


def _values(root: Path, facts: dict[Path, Facts]) -> tuple[dict[str, Any], str]:
    own = facts.get(root / SETTINGS_FILE)
    if isinstance(own, SettingsFacts):
        return own.values, SETTINGS_FILE
    for path, fact in facts.items():
        if isinstance(fact, SettingsFacts) and fact.values and path.name not in _NO_SETTINGS:
            return fact.values, path.name
    for path, fact in facts.items():
        if isinstance(fact, CheckpointFacts):
            for branch in CHECKPOINT_BRANCHES:
                prefix = f"{branch}."
                found = {
                    name.removeprefix(prefix): fact.objects[name] for name in fact.objects if name.startswith(prefix)
                }
                if found:
                    return found, path.name
    return {}, ""
