"""The settings of a run: from its own files, else from what a log tells or a checkpoint carries."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from inspector.artifacts.checkpoints.folders import TRAINER_STATE
from inspector.artifacts.settings.schema_file import schema_fields
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.formats.facts import CheckpointFacts, Facts, MetricsFacts, SettingsFacts
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.run_folder import (
    EDITS_FILE,
    SETTINGS_FILE,
    SETTINGS_SCHEMA_FILE,
    THRESHOLDS_FILE,
    RunRecord,
)
from inspector.formats.setting_fields import Field, fields_of
from inspector.runs.values import SettingsSheet

CHECKPOINT_BRANCHES = (
    "settings", "config", "hyper_parameters", "args", "cfg", "hparams", "opt", "training_args", "ds_config",
    "adapter_config",
)  # fmt: skip
"""Where trainers keep their settings inside a checkpoint."""

_NO_SETTINGS = frozenset((EDITS_FILE, THRESHOLDS_FILE, TRAINER_STATE, "wandb-metadata.json", "wandb-summary.json"))
"""Files in the form of settings that say what was changed, where a trainer stood, what it ran on or came to, and by
what it is judged."""

_OF_WANDB = "_wandb"
"""Under this name W&B's config.yaml says what ran it."""

_MLFLOW, _MLFLOW_TAGS = "mlflow-value", "tags."
"""One parameter or tag a file, as MLflow's file store keeps them."""


def is_setting(path: str) -> bool:
    """Whether a plain value of a checkpoint stands among its settings."""
    return path.partition(".")[0] in CHECKPOINT_BRANCHES


def sheet_of(root: Path, facts: dict[Path, Facts], record: RunRecord | None, notes: Notes) -> SettingsSheet:
    """Values and, for a run that this program trained, the fields that make the form; what is wrong is noted."""
    values, source = _values(root, facts)
    return SettingsSheet(values=values, fields=_form(root, record, notes) if record else (), source=source)


def _form(root: Path, record: RunRecord, notes: Notes) -> tuple[Field, ...]:
    recipe = RECIPES.get(record.recipe)
    if recipe is not None:
        return fields_of(recipe.settings)
    if record.recipe_file is None:
        return ()
    try:
        return schema_fields(root / SETTINGS_SCHEMA_FILE)
    except FileError as error:
        notes.add(str(error))
        return ()


def _values(root: Path, facts: dict[Path, Facts]) -> tuple[dict[str, Any], str]:
    own = facts.get(root / SETTINGS_FILE)
    if isinstance(own, SettingsFacts):
        return own.values, SETTINGS_FILE
    params = {path: fact.values for path, fact in facts.items() if isinstance(fact, SettingsFacts) and _is_param(fact)}
    if params:
        return _together(params.values()), next(iter(params)).parent.name
    for path, fact in facts.items():
        if isinstance(fact, SettingsFacts) and path.name not in _NO_SETTINGS:
            values = {name: fact.values[name] for name in fact.values if name.partition(".")[0] != _OF_WANDB}
            if values:
                return values, path.name
    told = {path: fact.settings for path, fact in facts.items() if isinstance(fact, MetricsFacts) and fact.settings}
    if told:
        return _together(told.values()), next(iter(told)).name
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


def _is_param(fact: SettingsFacts) -> bool:
    return fact.container == _MLFLOW and not any(name.startswith(_MLFLOW_TAGS) for name in fact.values)


def _together(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """All values; of one that is told twice the later counts."""
    return {name: value for values in parts for name, value in values.items()}
