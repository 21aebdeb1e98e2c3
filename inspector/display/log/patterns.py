"""What a filter or a search of console lines asks for: words, or a regular expression between slashes."""

from __future__ import annotations

import re
from re import Pattern

from inspector.core.language import tr


def pattern_of(wanted: str) -> Pattern[str]:
    """The pattern of what was typed; letters match whatever their case.

    Raises:
        ValueError: a regular expression cannot be read; the message says why.
    """
    regular = len(wanted) > 2 and wanted.startswith("/") and wanted.endswith("/")
    try:
        return re.compile(wanted[1:-1] if regular else re.escape(wanted), re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        why = tr("{typed} is no regular expression: {error}").format(typed=wanted, error=error)
        raise ValueError(why) from None


def word_of(wanted: str) -> bytes:
    """The bytes that say all of a search for plain words; empty where they do not."""
    regular = len(wanted) > 2 and wanted.startswith("/") and wanted.endswith("/")
    return b"" if regular or not wanted.isascii() or not wanted.isprintable() else wanted.lower().encode()


ERROR = re.compile(
    r"^Traceback \(most recent call last\)"
    r"|^\s*(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Interrupt|OutOfMemory\w*)(?::|$)"
    r"|CUDA out of memory|CUDA error|device-side assert|NCCL .*(?:error|timeout)"
    r"|\b(?:ERROR|CRITICAL|FATAL)\b|^E\d{4} "
    r"|^(?:Killed|Terminated|Aborted|Segmentation fault|Bus error)\b|slurmstepd: error"
    r"|(?<![\w/.])(?:[Nn]a[Nn]|NAN)(?![\w/.])|[=:]\s*[-+]?inf(?:inity)?\b"
)
"""A line that tells of a failure.

Source of the wordings: CPython's tracebacks, PyTorch's CUDA and NCCL messages, the levels of logging and glog, Slurm,
the shell; and a loss that is no number.
"""
