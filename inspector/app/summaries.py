"""What readers have worked out of whole files goes into the cache: a locked reader reads it there, and cannot write."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from inspector.core.outcome import Done, Outcome
from inspector.formats.checkpoint_summary import CheckpointSummary
from inspector.formats.scan_cache import KeptScan, keep_scan
from inspector.formats.summary_cache import keep_summary
from inspector.jobs.readers import Reader
from inspector.jobs.requests import ScansToKeep, SummariesToKeep
from inspector.session.writing import writing


def _nothing() -> None:
    pass


def keep_summaries_of(reader: Reader) -> None:
    """Ask a reader for the summaries that it has made, and put them into the cache."""
    reader.ask("summaries", SummariesToKeep(), tuple[CheckpointSummary, ...], _keep, supersedes="summaries")


def _keep(outcome: Outcome[tuple[CheckpointSummary, ...]]) -> None:
    if isinstance(outcome, Done):
        for summary in outcome.value:
            writing(partial(keep_summary, summary))


def keep_scans_of(reader: Reader, then: Callable[[], None] = _nothing) -> None:
    """Ask a reader for what it has worked out of dumps, put it into the cache, `then` call."""
    reader.ask("scans", ScansToKeep(), tuple[KeptScan, ...], partial(_keep_scans, then), supersedes="scans")


def _keep_scans(then: Callable[[], None], outcome: Outcome[tuple[KeptScan, ...]]) -> None:
    if isinstance(outcome, Done):
        for scan in outcome.value:
            writing(partial(keep_scan, scan))
    then()
