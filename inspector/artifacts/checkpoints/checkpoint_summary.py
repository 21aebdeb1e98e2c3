"""What is known of every tensor of a checkpoint: worked out once of a content, then from memory or the user's cache."""

from __future__ import annotations

import msgspec

from inspector.artifacts.checkpoints.all_statistics import statistics_of_all
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.artifacts.checkpoints.content import content_of, unchanged
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.checkpoint_summary import CheckpointSummary
from inspector.formats.summary_cache import known_summary

KEPT_SUMMARIES = 16
"""How many stay in memory."""

_made: dict[str, CheckpointSummary] = {}
"""By content."""
_not_kept: dict[str, CheckpointSummary] = {}
"""Those that the cache has not been given yet."""


def summary_of(checkpoint: Checkpoint, pulse: Pulse = QUIET, *, histograms: bool = False) -> CheckpointSummary:
    """Statistics of every tensor that has elements in the file; why another has none is told in `unread`.

    What was worked out before of the same content is taken from memory or from the user's cache folder.

    Args:
        checkpoint: an opened one.
        pulse: of this work.
        histograms: whether histograms are wanted too, which takes about twice as long and is not kept.

    Raises:
        WorkCancelled: it was asked to stop.
    """
    if histograms:
        return statistics_of_all(checkpoint, pulse, histograms=True)
    content = content_of(checkpoint, pulse)
    known = _made.get(content) or known_summary(content)
    if known is not None and _fits(known, checkpoint):
        return known
    summary = msgspec.structs.replace(statistics_of_all(checkpoint, pulse), content=content)
    if content and unchanged(checkpoint):
        _made[content] = summary
        _not_kept[content] = summary
    for kept in (_made, _not_kept):
        while len(kept) > KEPT_SUMMARIES:
            del kept[next(iter(kept))]
    return summary


def summaries_to_keep() -> tuple[CheckpointSummary, ...]:
    """What was worked out in this process since the last time that this was asked, for the cache."""
    waiting = tuple(_not_kept.values())
    _not_kept.clear()
    return waiting


def _fits(summary: CheckpointSummary, checkpoint: Checkpoint) -> bool:
    """Whether it tells of the tensors of this checkpoint; a file in the cache may be anyone's."""
    return summary.unread.keys() | set(summary.names) == checkpoint.windows.keys()
