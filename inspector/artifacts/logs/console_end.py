"""How a console log ends: whether its last lines say that the training is over, and how.

Source of the wordings: the messages that Lightning (`Trainer.fit` stopped: ...), transformers (`train_runtime`),
Ultralytics (`N epochs completed in`), detectron2 (`Total training time`), fairseq (`done training in`), tqdm,
CPython's tracebacks, the shell and Slurm print.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.logs.console_text import text_of
from inspector.core.errors import FileError
from inspector.core.texts import visible

TAIL_BYTES = 16 * 1024
_LAST_LINES = 30
_SHOWN = 160


class LogEnd(NamedTuple):
    """What the end of a log says.

    Attributes:
        failed: the training ended with an error, or before it had come to the end that it names.
        line: that says so.
        sure: no epoch ends in this way; else only a log that does not grow any more has come to its end.
    """

    failed: bool
    line: str
    sure: bool = True


_FINISHED = re.compile(
    r"`Trainer\.fit` stopped: `max_\w+=[^`]*` reached"
    r"|'train_runtime': "
    r"|\d+ epochs completed in \d"
    r"|Total training time: "
    r"|done training in \d"
)
_PERHAPS_FINISHED = re.compile(
    r"\b[Tt]raining\b[^.!:]{0,40}\b(?:completed?|finished|done|over)\b"
    r"|\b(?:[Cc]ompleted|[Ff]inished|[Dd]one) training\b"
)
_PROGRESS = re.compile(r"(?<![\w./])(\d{1,9})\s?/\s?(\d{1,9})(?![\w./])")
_FAILED = re.compile(
    r"^\s*(?:[\w.]+\.)?(?:[A-Z]\w*(?:Error|Exception|Interrupt|Exit|OutOfMemory)\w*)(?::|$)"
    r"|^(?:Killed|Terminated|Aborted|Segmentation fault|Bus error)\b"
    r"|CUDA out of memory"
    r"|slurmstepd: error: .*(?:CANCELLED|oom)"
)
_TRACEBACK = "Traceback (most recent call last)"
_STATE = re.compile(r"[^\r]*\r(?!$)")


def end_of(path: Path) -> LogEnd | None:
    """What the end of a console log says of the training's; None where it says nothing, or cannot be read."""
    try:
        with ByteFile(path) as file:
            tail = file.read(max(0, file.size - TAIL_BYTES), TAIL_BYTES)
    except FileError:
        return None
    return end_in(text_of(tail.replace(b"\0", b"")))


def end_in(text: str) -> LogEnd | None:
    """What the last lines of a text say; of an end and an error the later one counts.

    An error counts where a traceback stands above it or it is the last line: many logs tell of errors that were
    caught. How far it had come (`Epoch 3/10`, a progress bar) counts where nothing else is said.
    """
    lines = [shown for line in text.split("\n") if (shown := _STATE.sub("", line).rstrip("\r ")).strip()]
    traced = False
    found: LogEnd | None = None
    last = len(lines) - 1
    for place, line in enumerate(lines):
        if _TRACEBACK in line:
            traced, found = True, LogEnd(failed=True, line=_shown(line))
        elif (traced or place == last) and _FAILED.search(line):
            found = LogEnd(failed=True, line=_shown(line))
        elif place > last - _LAST_LINES and (_FINISHED.search(line) or _PERHAPS_FINISHED.search(line)):
            traced, found = False, LogEnd(failed=False, line=_shown(line), sure=bool(_FINISHED.search(line)))
        elif found and (now := _progress_in([line])) and now.failed:  # it goes on, as a resumed run does
            traced, found = False, None
    return found or _progress_in(lines)


def _progress_in(lines: list[str]) -> LogEnd | None:
    """How far the last line that tells had come; counting from 0, the last of 10 epochs is `9/10`."""
    for line in reversed(lines[-_LAST_LINES:]):
        counts = [(int(done), int(total)) for done, total in _PROGRESS.findall(line) if 0 < int(total) >= int(done)]
        if counts:
            (done, total), *inner = counts
            ended = done == total or (done == total - 1 and bool(inner) and all(one == of for one, of in inner))
            return LogEnd(failed=not ended, line=_shown(line), sure=False)
    return None


def _shown(line: str) -> str:
    return visible(line.strip(), _SHOWN)
