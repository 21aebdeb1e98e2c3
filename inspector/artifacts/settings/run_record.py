"""run.json, the record that describes a run folder of this program."""

from __future__ import annotations

from pathlib import Path

import msgspec

from inspector.artifacts.byte_file import ByteFile
from inspector.core.errors import DamagedError, LimitError
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.facts import RunRecordFacts
from inspector.formats.run_folder import SCHEMA, RunRecord

MAX_RECORD_BYTES = 16_000_000


def facts(path: Path, pulse: Pulse = QUIET) -> RunRecordFacts:
    """The record of a run.

    Raises:
        DamagedError: it is no run record, or a broken one.
        LimitError: it is larger than any real one.
    """
    pulse.beat(0, 1, "reading the run record")
    with ByteFile(path) as file:
        if file.size > MAX_RECORD_BYTES:
            raise LimitError(path, f"a run record of at most {MAX_RECORD_BYTES:,} bytes", f"{file.size:,}")
        data = file.read(0, file.size)
    try:
        record = msgspec.json.decode(data, type=RunRecord)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DamagedError(path, "a run record", str(error)) from error
    except UnicodeDecodeError as error:
        raise DamagedError(path, "a run record in UTF-8", "other bytes") from error
    notes = (
        () if record.schema == SCHEMA else (f"the record is of version {record.schema}, this program knows {SCHEMA}",)
    )
    return RunRecordFacts(bytes=len(data), record=record, notes=notes)
