"""What any file is and holds: the right reader for its container, loaded when it is first needed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from inspector.artifacts.checkpoints.containers import container_at
from inspector.artifacts.container_table import BY_NAME, PICTURE_WORDS
from inspector.artifacts.picture_folders import pictures_in
from inspector.artifacts.unread_stores import UNREAD_STORES
from inspector.core.errors import FileError, MissingError, UnknownKindError, UnsupportedError
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.facts import DumpFacts, Facts, OtherFacts

_UNREAD: dict[str, tuple[str, str]] = {
    **UNREAD_STORES,
    "zip": ("a zip archive without a checkpoint in it", "unpack it and open what is inside"),
    "other tar": ("a tar archive without a checkpoint in it", "unpack it and open what is inside"),
    "gzip": ("a file packed with gzip", "unpack it and open what is inside"),
    "git-lfs pointer": ("a git-lfs pointer instead of the file itself", "fetch the file with git lfs pull"),
    "binary": ("bytes of no known kind", ""),
    "other text": ("text that is neither a log nor settings", ""),
}
"""What is said of a file that no reader takes, and what helps."""

_EXPECTED = "a checkpoint, a dump, a log or settings"


def facts_of(path: Path, pulse: Pulse = QUIET) -> Facts:
    """What a file holds, or a folder that is one checkpoint; damage that leaves something to show is in the notes.

    Raises:
        FileError: it is a folder that is no checkpoint.
        MissingError: it is not there, or may not be read.
        UnknownKindError: no reader claims it.
        UnsupportedError: it is of a sort that is not read.
        DamagedError: nothing of it can be read.
        LimitError: reading it would take more than the limits allow.
    """
    container = container_at(path, pulse)
    if not container and (pictures := pictures_in(path)):
        because = f"{path.name}: a folder of {pictures:,} pictures, which annotations and predictions draw on"
        return OtherFacts(bytes=0, because=because, pictures=pictures)
    if not container:
        raise FileError(
            path, "a file, or a folder that is one checkpoint or one dump", "another folder", "open it as a run"
        )
    if container == PICTURE_WORDS:
        because = f"{path.name}: a word for each picture, which annotations are read with"
        return OtherFacts(bytes=path.stat().st_size, because=because)
    known = BY_NAME.get(container)
    if known is None:
        found, advice = _UNREAD.get(container, (f"a file of kind {container}", ""))
        error = UnsupportedError if container in ("gzip", "other tar", *UNREAD_STORES) else UnknownKindError
        raise error(path, _EXPECTED, found, advice)
    try:
        facts = cast("Facts", import_module(known.reader).facts(path, pulse))
    except OSError as error:
        raise MissingError(path, "a readable file", error.strerror or "an error of the disk") from error
    if not isinstance(facts, DumpFacts):
        return facts
    from inspector.artifacts.dumps.known_corrections import with_known_corrections  # for dumps alone

    return with_known_corrections(path, facts)
