"""Small files of the user's own in the settings folder: read where they are whole, written at once."""

from __future__ import annotations

import itertools
import logging
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from inspector.core.files import write_atomically
from inspector.core.language import tr
from inspector.core.places import config_folder

T = TypeVar("T")

_log = logging.getLogger(__name__)


def load_kept(name: str, kind: type[T]) -> T | None:
    """The value of a file, None where it is absent or damaged."""
    try:
        return msgspec.json.decode((config_folder() / name).read_bytes(), type=kind)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        _log.info("%s was not read, starting fresh: %s", name, error)
        return None


def set_aside(name: str, kind: Any) -> str:
    """Give a file that is damaged, or of another version, another name, and say so; empty where it is as it should be.

    What was in it is the user's: it is not written over.
    """
    try:
        path = config_folder() / name
        found = msgspec.json.decode(path.read_bytes(), type=kind)
        if not isinstance(found, msgspec.Struct) or getattr(found, "schema", "") == getattr(kind(), "schema", ""):
            return ""
        because = tr("it is of {schema}, a version that this program does not know").format(
            schema=getattr(found, "schema", "")
        )
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError, RecursionError) as error:
        because = str(error.strerror if isinstance(error, OSError) else error)
    try:
        path = config_folder() / name
        aside = next(free for number in itertools.count() if not (free := _aside(path, number)).exists())
        path.rename(aside)
    except OSError as error:
        sentence = tr("{file} could not be read, and not be set aside ({error}): {because}")
        return sentence.format(file=name, error=error.strerror, because=because)
    sentence = tr("{file} could not be read: {because}; it is now {aside}, and what it said is as at first")
    return sentence.format(file=name, because=because, aside=aside.name)


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.unread{number or ''}")


def keep(name: str, value: Any, *, durable: bool = True) -> None:
    """Write a value into a file.

    Raises:
        OSError: the settings folder cannot be written.
    """
    folder = config_folder()
    folder.mkdir(parents=True, exist_ok=True)  # where it is not there, this tells why
    write_atomically(folder / name, msgspec.json.encode(value), durable=durable)
