"""settings.schema.json, which makes the form of a run whose recipe this program does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from inspector.artifacts.byte_file import ByteFile
from inspector.core.errors import DamagedError, LimitError, SettingsError
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.setting_fields import Field
from inspector.formats.settings_schema import fields_of_schema

MAX_SCHEMA_BYTES = 4 * 2**20


def schema_fields(path: Path, pulse: Pulse = QUIET) -> tuple[Field, ...]:
    """Every setting that a schema describes.

    Raises:
        MissingError: it is not there.
        LimitError: it is larger than any real one.
        DamagedError: it is no schema of settings.
    """
    pulse.beat(what=f"Reading {path.name}")
    with ByteFile(path) as file:
        if file.size > MAX_SCHEMA_BYTES:
            raise LimitError(path, f"a schema of settings of at most {MAX_SCHEMA_BYTES:,} bytes", f"{file.size:,}")
        data = file.read(0, file.size)
    try:
        return fields_of_schema(msgspec.json.decode(data, type=dict[str, Any]))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, SettingsError) as error:
        raise DamagedError(path, "a schema of settings", str(error)) from error
