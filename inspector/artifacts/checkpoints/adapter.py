"""Adapter folders as PEFT writes them: settings, and weights that mean something only on top of a base model.

Source: peft/utils/save_and_load.py, peft/utils/constants.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspector.artifacts.checkpoints.folders import ADAPTER_CONFIG
from inspector.artifacts.checkpoints.gathering import Gathering
from inspector.artifacts.pickles.node_text import cut
from inspector.core.pulse import Pulse

WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
"""Where the weights may be; peft takes the first one that is there."""


def read(path: Path, gathering: Gathering, pulse: Pulse, prefix: str = "") -> None:
    """List an adapter; its settings stand below `adapter_config`.

    Args:
        path: of the folder.
        gathering: takes what is found.
        pulse: of this work.
        prefix: of the tensors' names, without its dot.
    """
    pulse.beat(what="reading an adapter")
    settings = gathering.add_settings(path / ADAPTER_CONFIG, "adapter_config")
    weights = next((path / name for name in WEIGHTS if gathering.looked_at(path / name)), None)
    if weights is None:
        gathering.notes.add(f"neither {WEIGHTS[0]} nor {WEIGHTS[1]} is there: only the adapter's settings are shown")
    else:
        part = gathering.add(weights, prefix)
        if part is not None and not part.facts.tensors:
            gathering.notes.add(f"{weights.name} holds no tensors: the run saved an empty adapter")
        _note_ranks(part.facts.tensors if part else (), settings, gathering)
    base = settings.get("base_model_name_or_path")
    named = f", {cut(str(base), 200)}," if base else ""
    gathering.notes.add(f"these are an adapter's weights; the base model{named} is not here")


def _note_ranks(tensors: Any, settings: dict[str, Any], gathering: Gathering) -> None:
    """Say where a LoRA matrix has another rank than the settings give; patterns of ranks are taken as meant."""
    rank = settings.get("r")
    if type(rank) is not int or any(name.startswith("rank_pattern.") for name in settings):
        return
    others = [
        tensor.name
        for tensor in tensors
        if tensor.name.endswith("lora_A.weight") and len(tensor.shape) > 1 and tensor.shape[0] != rank
    ]
    if others:
        gathering.notes.add(f"{len(others):,} matrices have another rank than the {rank} of the settings: {others[0]}")
