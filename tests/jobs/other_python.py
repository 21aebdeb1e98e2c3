"""An interpreter that is none, for what asks interpreters."""

from __future__ import annotations

import json
from pathlib import Path

from inspector.jobs.interpreter_probe import needed


def python_that_has(path: Path, version: str | None) -> str:
    """A program that answers as a Python does whose packages all have that version."""
    answer = {"python": "3.12.4", "packages": dict.fromkeys(needed(("train", "vlm")), version)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    path.chmod(0o755)
    return str(path)
