"""Folders that are one checkpoint: told by the names in them, and which of their files make it up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.companions import DCP_METADATA, DCP_SUFFIX, Entries, belongs, entries_of, set_container
from inspector.core.errors import FileError

TRAINER_STATE = "trainer_state.json"
ADAPTER_CONFIG = "adapter_config.json"
DEEPSPEED_LATEST = "latest"
DCP_EXTRA = "meta.pt"
"""What Fabric and Lightning write beside the tensors: everything that is none."""

DEEPSPEED_MODEL = re.compile(r"(?:zero_pp_rank_(?P<rank>\d+)_)?mp_rank_(?P<mp>\d+)_model_states\.pt")
DEEPSPEED_OPTIMIZER = re.compile(r"(?:bf16_|fp16_)?zero_pp_rank_(?P<rank>\d+)_mp_rank_(?P<mp>\d+)_optim_states\.pt")
DEEPSPEED_LAYER = re.compile(r"layer_(?P<layer>\d+)-model_(?P<mp>\d+)-model_states\.pt")
_ADAPTER_WEIGHTS = re.compile(r"adapter_model\.(?:safetensors|bin)")
_RANDOM_STATES = re.compile(r"random_states_\d+\.pkl")


class MemberKind(NamedTuple):
    """What a trainer calls one part of a checkpoint, and the prefix and role its tensors get.

    Attributes:
        pattern: of a file's name, or of a folder's with a slash at its end; `n` numbers the parts of a sort.
        prefix: of the names.
        role: of the tensors; empty where each keeps its own.
        first_of: kinds with the same word hold the same thing, and only the first one that is there is read.
    """

    pattern: re.Pattern[str]
    prefix: str
    role: str = ""
    first_of: str = ""


_N = r"(?:_(?P<n>\d+))?"

TRAINER_MEMBERS: tuple[MemberKind, ...] = (
    MemberKind(re.compile(r"model\.safetensors\.index\.json"), "model", first_of="weights"),
    MemberKind(re.compile(rf"model{_N}\.safetensors"), "model", first_of="weights"),
    MemberKind(re.compile(r"pytorch_model\.bin\.index\.json"), "model", first_of="weights"),
    MemberKind(re.compile(rf"pytorch_model{_N}\.bin"), "model", first_of="weights"),
    MemberKind(re.compile(rf"pytorch_model_fsdp{_N}/"), "model", first_of="weights"),
    MemberKind(re.compile(r"adapter_config\.json"), "adapter"),
    MemberKind(re.compile(r"latest"), "deepspeed"),
    MemberKind(re.compile(rf"optimizer{_N}\.(?:pt|bin)"), "optimizer", "optimizer", first_of="optimizer"),
    MemberKind(re.compile(rf"optimizer{_N}/"), "optimizer", "optimizer", first_of="optimizer"),
    MemberKind(re.compile(rf"scheduler{_N}\.(?:pt|bin)"), "scheduler", "other"),
    MemberKind(re.compile(r"scaler\.pt"), "scaler", "other"),
    MemberKind(re.compile(rf"rng_state{_N}\.pth"), "rng", "other"),
    MemberKind(re.compile(rf"random_states{_N}\.pkl"), "rng", "other"),
    MemberKind(re.compile(rf"(?:sampler|dl_state_dict){_N}\.bin"), "sampler", "other"),
    MemberKind(re.compile(rf"custom_checkpoint{_N}\.pkl"), "custom", "other"),
    MemberKind(re.compile(r"training_args\.bin"), "training_args", "other"),
)
"""What the Hugging Face Trainer and Accelerate write into a checkpoint's folder.

Source: transformers/trainer.py (`_save_checkpoint`), accelerate/utils/constants.py.
"""


class Member(NamedTuple):
    """One part of a trainer's checkpoint: a file or folder, and the prefix and role its tensors get."""

    path: Path
    prefix: str
    role: str


def folder_container(folder: Path) -> str:
    """The container of a folder that is one checkpoint; empty for any other."""
    entries = entries_of(folder)
    return next((container for container, is_one in _KINDS if is_one(folder, entries)), "")


def index_in(entries: Entries, container: str) -> str:
    """The name of a folder's only index of that container; empty where there is none, or several."""
    found = [name for name in entries.files if set_container(name) == container]
    return found[0] if len(found) == 1 else ""


def trainer_members(folder: Path) -> list[Member]:
    """The parts of a trainer's checkpoint, in the order they are shown."""
    entries = entries_of(folder)
    names = (*entries.files, *(f"{name}/" for name in entries.folders))
    members: list[Member] = []
    taken: dict[str, MemberKind] = {}
    for kind in TRAINER_MEMBERS:
        for name in names:
            found = kind.pattern.fullmatch(name)
            if found is None or taken.get(kind.first_of, kind) is not kind:
                continue
            if name.endswith("/") and not _is_dcp(folder, entries_of(folder / name)):
                continue
            if kind.first_of:
                taken[kind.first_of] = kind
            number = found.groupdict().get("n")
            prefix = f"{kind.prefix}.{number}" if number else kind.prefix
            members.append(Member(folder / name.rstrip("/"), prefix, kind.role))
    return members


def deepspeed_folder(folder: Path) -> Path | None:
    """The folder with DeepSpeed's states: this one, or the one that its `latest` names; None where neither is."""
    if _has_states(entries_of(folder)):
        return folder
    tags = [name for name in entries_of(folder).folders if _has_states(entries_of(folder / name))]
    try:
        with ByteFile(folder / DEEPSPEED_LATEST) as file:
            tag = file.read(0, 1024).decode("utf-8", "replace").strip()
    except FileError:
        return None
    return folder / tag if tag in tags else None


def set_folder(folder: Path) -> Path | None:
    """The folder of the checkpoint that a folder is, or that it names as the latest one; None where it is none."""
    container = folder_container(folder)
    return deepspeed_folder(folder) if container == "deepspeed" else folder if container else None


def set_files(folder: Path) -> set[Path]:
    """The files that make up a folder's checkpoint; its settings and logs are not among them."""
    container = folder_container(folder)
    return _FILES[container](folder) if container in _FILES else set()


def _has_states(entries: Entries) -> bool:
    return any(DEEPSPEED_MODEL.fullmatch(name) or DEEPSPEED_OPTIMIZER.fullmatch(name) for name in entries.files)


def _is_dcp(_folder: Path, entries: Entries) -> bool:
    return DCP_METADATA in entries.files and any(name.endswith(DCP_SUFFIX) for name in entries.files)


def _is_trainer(_folder: Path, entries: Entries) -> bool:
    has_parts = _has_members(entries, ("weights", "optimizer")) or DEEPSPEED_LATEST in entries.files
    return TRAINER_STATE in entries.files and has_parts


def _is_accelerate(_folder: Path, entries: Entries) -> bool:
    return any(_RANDOM_STATES.fullmatch(name) for name in entries.files) and _has_members(
        entries, ("weights", "optimizer")
    )


def _has_members(entries: Entries, sorts: tuple[str, ...]) -> bool:
    names = (*entries.files, *(f"{name}/" for name in entries.folders))
    if any(_ADAPTER_WEIGHTS.fullmatch(name) for name in entries.files):
        return True
    return any(kind.pattern.fullmatch(name) for kind in TRAINER_MEMBERS if kind.first_of in sorts for name in names)


def _is_deepspeed(folder: Path, entries: Entries) -> bool:
    return _has_states(entries) or (DEEPSPEED_LATEST in entries.files and deepspeed_folder(folder) is not None)


_KINDS: tuple[tuple[str, Callable[[Path, Entries], bool]], ...] = (
    ("dcp", _is_dcp),
    ("hf-trainer", _is_trainer),
    ("accelerate", _is_accelerate),
    ("deepspeed", _is_deepspeed),
    ("peft", lambda _folder, entries: ADAPTER_CONFIG in entries.files),
    ("safetensors-sharded", lambda _folder, entries: bool(index_in(entries, "safetensors-sharded"))),
    ("torch-sharded", lambda _folder, entries: bool(index_in(entries, "torch-sharded"))),
)
"""Each container, and how its folder is told; the first that fits counts."""


def _named(folder: Path, *patterns: re.Pattern[str]) -> set[Path]:
    names = entries_of(folder).files
    return {folder / name for name in names if any(pattern.fullmatch(name) for pattern in patterns)}


def index_files(index: Path) -> set[Path]:
    """An index of shards, and the files beside it that are its shards by their names."""
    names = entries_of(index.parent).files
    return {index, *(index.parent / name for name in names if name != index.name and belongs(index.name, name))}


def _sharded_files(folder: Path) -> set[Path]:
    entries = entries_of(folder)
    index = index_in(entries, "safetensors-sharded") or index_in(entries, "torch-sharded")
    return index_files(folder / index)


def _dcp_files(folder: Path) -> set[Path]:
    return {folder / name for name in entries_of(folder).files if set_container(name) == "dcp" or name == DCP_EXTRA}


def _deepspeed_files(folder: Path) -> set[Path]:
    states = deepspeed_folder(folder)
    found = _named(states, DEEPSPEED_MODEL, DEEPSPEED_OPTIMIZER, DEEPSPEED_LAYER) if states else set()
    return found | ({folder / DEEPSPEED_LATEST} if states != folder else set())


def _adapter_files(folder: Path) -> set[Path]:
    return _named(folder, _ADAPTER_WEIGHTS)


def _trainer_files(folder: Path) -> set[Path]:
    found: set[Path] = set()
    for member in trainer_members(folder):
        if member.path.name == ADAPTER_CONFIG:
            found |= _adapter_files(folder)
        elif member.path.name == DEEPSPEED_LATEST:
            found |= _deepspeed_files(folder)
        elif member.path.is_dir():
            found |= _dcp_files(member.path)
        else:
            found |= index_files(member.path) if set_container(member.path.name) else {member.path}
    return found


_FILES: dict[str, Callable[[Path], set[Path]]] = {
    "dcp": _dcp_files,
    "hf-trainer": _trainer_files,
    "accelerate": _trainer_files,
    "deepspeed": _deepspeed_files,
    "peft": _adapter_files,
    "safetensors-sharded": _sharded_files,
    "torch-sharded": _sharded_files,
}
