"""Many runs looked at in short: what is read of each, and by what it is known again."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from inspector import __version__
from inspector.artifacts.identity import is_settled, stamp_of
from inspector.artifacts.picture_folders import is_picture
from inspector.core.language import language, tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.run_folder import CONSOLE_FILE, METRICS_FILE, RUN_FILE
from inspector.runs.listing import RUN_SUFFIXES, list_files

SURVEY_VERSION = 2
"""Another one makes every kept row another."""

_LOGS = frozenset({".csv", ".jsonl", ".log", ".wandb"})
_CHECKPOINTS = frozenset({".pt", ".pth", ".ckpt", ".safetensors"})
_BULK = (RUN_SUFFIXES - _LOGS) | {
    ".npy", ".pkl", ".pickle", ".distcp", ".onnx", ".zip", ".tar", ".gz", ".tgz", ".mp4", ".gif", ".wav", ".parquet",
}  # fmt: skip
"""Of checkpoints, dumps and media, which are not opened."""


class Seen(NamedTuple):
    """The files of a run as they stand now.

    Attributes:
        stamp: another one when any of them is, or in another language; empty where one was written just now, so that
            it may change unseen.
        changed_s: when one was written last, seconds since 1970; None without files.
        left_out: how many are dumps, checkpoints or media.
    """

    stamp: str
    changed_s: float | None
    left_out: int


def seen(paths: Iterable[str], pulse: Pulse) -> Seen:
    """Look at the files of a run without opening any.

    Raises:
        WorkCancelled: the pulse says so.
    """
    files = list_files(tuple(map(Path, paths)), Notes(), pulse)
    digest = blake2b(f"{__version__} {SURVEY_VERSION} {language()}".encode(), digest_size=16)
    settled, newest_ns = True, 0
    for place, path in enumerate(sorted(files)):
        if place % 256 == 0:
            pulse.beat(place, len(files), tr("looking at {file}").format(file=path.name))
        identity = stamp_of(path)
        if identity is None:
            continue
        settled = settled and is_settled(identity)
        newest_ns = max(newest_ns, identity.modified_ns)
        digest.update(f"{path}\0{identity.bytes}\0{identity.modified_ns}\0".encode(errors="surrogateescape"))
    return Seen(
        digest.hexdigest() if settled else "", newest_ns / 1e9 if newest_ns else None, sum(map(_is_bulk, files))
    )


def read_of(files: list[Path]) -> list[Path]:
    """The files that a short look opens: logs, settings and records, and the newest checkpoint of a run without them.

    The console of a run of this program repeats its metric record, and is left out beside it.
    """
    read = [path for path in files if not _is_bulk(path)]
    names = {path.name for path in read}
    if {RUN_FILE, METRICS_FILE} <= names:
        return [path for path in read if path.name != CONSOLE_FILE]
    if read:
        return read
    checkpoints = [path for path in files if path.suffix.lower() in _CHECKPOINTS]
    return [max(checkpoints, key=_changed_ns)] if checkpoints else []


def _is_bulk(path: Path) -> bool:
    return path.suffix.lower() in _BULK or is_picture(path.name) or path.name.endswith(".index.json")


def _changed_ns(path: Path) -> int:
    identity = stamp_of(path)
    return identity.modified_ns if identity is not None else 0
