"""What a log holds beside numbers."""

from __future__ import annotations

from typing import Literal

import msgspec

MediaKind = Literal[
    "image", "histogram", "text", "hparams", "table", "audio", "video", "mesh", "pr_curve", "layout", "graph", "html"
]
"""`hparams` are settings by name, `pr_curve` precision and recall by threshold, `layout` how curves are arranged."""


class LogMedia(msgspec.Struct, frozen=True, kw_only=True):
    """One logged thing that is no number, listed without its bytes.

    Attributes:
        kind: what it is.
        tag: its name.
        step: where it was logged; None where the log does not say.
        time: seconds since 1970; None where the log does not say.
        count: how many things it holds, such as the bins of a histogram.
        bytes: how large it is.
        start: where its bytes begin in the file `path`.
        path: the file that holds it, relative to the log's folder; empty where it is the log itself.
        record: where in the log the record begins that lists it, where it is asked for what else is known of it.
        text: it as text, cut short, where it is text.
    """

    kind: MediaKind
    tag: str
    step: float | None = None
    time: float | None = None
    count: int = 1
    bytes: int = 0
    start: int = 0
    path: str = ""
    record: int = 0
    text: str = ""
