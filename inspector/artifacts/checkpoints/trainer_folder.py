"""Folders in which the Hugging Face Trainer and Accelerate save weights, optimizer, schedule and random states."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.checkpoints import adapter, deepspeed
from inspector.artifacts.checkpoints.folders import ADAPTER_CONFIG, DEEPSPEED_LATEST, TRAINER_STATE, trainer_members
from inspector.artifacts.checkpoints.gathering import Gathering
from inspector.artifacts.sniff_json import LOG_HISTORY
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse


def read(path: Path, gathering: Gathering, pulse: Pulse) -> None:
    """List every part of a trainer's checkpoint below its own prefix: `model`, `optimizer`, `scheduler`, `rng`, ...

    Args:
        path: of the folder.
        gathering: takes what is found.
        pulse: of this work.
    """
    if gathering.looked_at(path / TRAINER_STATE):
        # The curves in it are a log, and no value of the checkpoint.
        gathering.add_settings(path / TRAINER_STATE, "trainer_state", left_out=LOG_HISTORY)
    members = trainer_members(path)
    for number, member in enumerate(members):
        pulse.beat(number, len(members), f"reading {member.path.name}")
        if member.path.name == ADAPTER_CONFIG:
            adapter.read(path, gathering, pulse, "model")
        elif member.path.name == DEEPSPEED_LATEST:
            _add_deepspeed(path, gathering, pulse)
        else:
            gathering.add(member.path, member.prefix, member.role)


def _add_deepspeed(path: Path, gathering: Gathering, pulse: Pulse) -> None:
    try:
        deepspeed.read(path, gathering, pulse)
    except FileError as error:
        gathering.notes.add(f"{DEEPSPEED_LATEST}: {error.mismatch}")
