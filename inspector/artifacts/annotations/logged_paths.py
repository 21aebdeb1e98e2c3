"""Which images a run of W&B logged together, told by a path.

Images with points in their captions are a dump for each step. Such a dump is no file of its own but a record of the
run's log, and has a path below it that tells which: `run-1a2b.wandb/val%2Fpredictions@1200+48211`, the tag, the step,
and the byte at which the record begins.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from inspector.artifacts.identity import Identity, identity_of
from inspector.formats.log_media import LogMedia

_SUFFIX = ".wandb"
_NAME = re.compile(r"(?P<tag>.+)@(?P<step>-?\d+)\+(?P<place>\d+)")


class LoggedImages(NamedTuple):
    """Where some images were logged.

    Attributes:
        place: of the record in the log, in bytes.
    """

    log: Path
    tag: str
    step: int
    place: int

    @property
    def path(self) -> Path:
        """What the dump of these images is called."""
        return self.log / f"{quote(self.tag, safe='')}@{self.step}+{self.place}"


def logged_images(path: Path) -> LoggedImages | None:
    """What a path tells that `LoggedImages.path` made; None for every other path."""
    found = _NAME.fullmatch(path.name) if path.parent.suffix == _SUFFIX else None
    return LoggedImages(path.parent, unquote(found["tag"]), int(found["step"]), int(found["place"])) if found else None


def logged_at(log: Path, media: LogMedia) -> LoggedImages | None:
    """Where a log of W&B holds what it lists; None where it is no image, or was logged at no step."""
    if media.kind != "image" or media.step is None or log.suffix != _SUFFIX:
        return None
    return LoggedImages(log, media.tag, int(media.step), media.record)


def identity_of_logged(logged: LoggedImages) -> Identity:
    """The identity of a record, which stays as it is while its log grows; raises as `identity_of`."""
    log = identity_of(logged.log)
    return Identity(log.device, log.inode, logged.place, 0)
