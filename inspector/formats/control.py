"""control.jsonl: what a live trainer is asked for, one JSON object a line; each is answered by an event in the metrics.

The trainer answers `paused`, `continued`, `checkpoint`, `edited` or `refused`; after `stop` it ends.
"""

from __future__ import annotations

from typing import Any, Literal

from inspector.formats.nonfinite import to_json

Command = Literal["pause", "continue", "checkpoint", "stop", "edit"]


def control_line(command: Command, **values: Any) -> bytes:
    """One line without its newline; an edit takes `path` and `value`."""
    return to_json({"command": command, **values})
