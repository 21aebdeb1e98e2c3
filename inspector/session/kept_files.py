"""Small files of the user's own in the settings folder: read where they are whole, written at once."""

from __future__ import annotations

import logging
from typing import Any, TypeVar

import msgspec

from inspector.core.files import write_atomically
from inspector.core.places import config_folder

T = TypeVar("T")

_log = logging.getLogger(__name__)


def load_kept(name: str, kind: type[T]) -> T | None:
    """The value of a file, None where it is absent or damaged."""
    try:
        return msgspec.json.decode((config_folder() / name).read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        _log.info("%s was not read, starting fresh: %s", name, error)
        return None


def keep(name: str, value: Any, *, durable: bool = True) -> None:
    """Write a value into a file.

    Raises:
        OSError: the settings folder cannot be written.
    """
    write_atomically(config_folder() / name, msgspec.json.encode(value), durable=durable)
