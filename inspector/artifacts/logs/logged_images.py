"""Images that a run of W&B logged together, with points in their captions, read like a file of points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspector.artifacts.annotations.annotation_content import AnnotationContent, Source
from inspector.artifacts.annotations.logged_paths import LoggedImages, logged_images
from inspector.artifacts.annotations.logged_rows import records_of_images
from inspector.artifacts.annotations.records import annotated
from inspector.artifacts.logs.wandb_media import FILES, value_at
from inspector.core.errors import DamagedError, MissingError
from inspector.core.pulse import Pulse

_FORM = "wandb-images"


def open_logged(path: Path) -> AnnotationContent:
    """The dump that a path of `logged_paths` tells."""
    return AnnotationContent(path, _read)


def _read(path: Path, pulse: Pulse) -> Source:
    """What the captions of some images tell.

    Raises:
        DamagedError: the log no longer holds them, or no caption tells a point.
        MissingError: the log is not there, or may not be read.
        WorkCancelled: the pulse says so.
    """
    logged = logged_images(path)
    if logged is None:
        raise MissingError(path, "images in a log", "another path")
    images = annotated(records_of_images(_value(logged)), path, pulse)
    return Source(images, _FORM, logged.log.parent / FILES / logged.log.name, {"step": logged.step})


def _value(logged: LoggedImages) -> dict[str, Any]:
    value = value_at(logged.log, logged.place, logged.tag)
    if not isinstance(value, dict):
        raise DamagedError(logged.log, f"images of {logged.tag[:200]} at byte {logged.place:,}", "other bytes")
    return value
