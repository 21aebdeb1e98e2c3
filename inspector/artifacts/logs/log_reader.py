"""What every reader of a log of numbers gives: its curves, and what the file holds without their points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from inspector.artifacts.logs.following import S, SeriesFollower
from inspector.artifacts.logs.log_facts import metrics_facts
from inspector.core.pulse import Pulse
from inspector.formats.facts import MetricsFacts


class LogReader(SeriesFollower[S]):
    """Reads the logs of one container, those read lately from where the last look at them ended.

    Args:
        container: as `sniff` names it.
        begin: makes the parser of a log that is read from its first byte.
        text: the logs are text, which may be UTF-16.
    """

    def __init__(self, container: str, begin: Callable[[], S], *, text: bool = True) -> None:
        super().__init__(begin, text)
        self.container = container

    def facts(self, path: Path, pulse: Pulse) -> MetricsFacts:
        """What a log holds; raises as `series`."""
        return metrics_facts(path, self.container, self.series(path, pulse))
