"""What the parts behind a window tell it."""

from __future__ import annotations

from typing import Any

import msgspec

from inspector.core.pulse import Progress
from inspector.session.intents import Intent

OPENING_JOB = 0
"""What `Working.job` calls the opening of runs."""


class Message(msgspec.Struct, frozen=True):
    """One sentence for the message area.

    Attributes:
        good: false for what went wrong.
        action: what a button under it says, empty for no button.
        intent: what the button does.
        report: what another button shows: more on a fault of the program, without the user's data; empty for no button.
        quiet: nothing is wrong now, so that it is told without a colour.
    """

    sentence: str
    detail: str = ""
    good: bool = False
    action: str = ""
    intent: Intent | None = None
    report: str = ""
    quiet: bool = False


class SceneReady(msgspec.Struct, frozen=True):
    """A viewer's scene for a run, or the sentence that stands for it where there is none.

    Attributes:
        limited: of a sentence, whether generous limits lift what it tells of.
    """

    viewer: str
    run: str
    scene: Any
    limited: bool = False


class Working(msgspec.Struct, frozen=True):
    """What a reader is busy with, empty when it is done; `job` is what `Desk.cancel_job` takes, where it can be."""

    what: str
    done: int = 0
    total: int = 0
    job: int | None = None


def working_on(progress: Progress | None, job: int | None = None) -> Working:
    """How far some work is; None for work that has ended."""
    return Working(progress.what, progress.done, progress.total, job) if progress else Working("", job=job)
