"""What a table of many runs shows of each: a row, as readers make it and the cache keeps it."""

from __future__ import annotations

import msgspec

FOUND_MOST = 40
"""Findings of a run that are told one by one."""


class FleetRun(msgspec.Struct, frozen=True):
    """One of many runs: what it is called among them, and the files and folders that it is."""

    name: str
    paths: tuple[str, ...]

    @property
    def key(self) -> str:
        """The stable name of what is opened together."""
        return "|".join(self.paths)


class FleetFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a run, in short.

    Attributes:
        severity: `info`, `warning`, `error` or `critical`.
        consequences: other findings that it explains, a sentence each.
    """

    id: str
    title: str
    severity: str
    since_step: float | None = None
    since_epoch: float | None = None
    consequences: tuple[str, ...] = ()


class FleetScore(msgspec.Struct, frozen=True, kw_only=True):
    """The curve that a run is judged by.

    Attributes:
        tag: its name.
        best: None where its name tells no direction; best_step, best_epoch: where that was.
        last: its last finite value.
    """

    tag: str
    last: float
    best: float | None = None
    best_step: float | None = None
    best_epoch: float | None = None


class FleetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One run of many.

    Attributes:
        run: which.
        unread: why nothing could be read of it; all else is empty then.
        status: `finished`, `live`, ... as in `runs.values.Life`; because: what tells so.
        recipe: empty where the run is of no recipe.
        score: None where no curve is left to judge by.
        epochs: how far it went; None where nothing tells.
        changed_s: when its files were written last, seconds since 1970; None where there are none.
        findings: worst first, `FOUND_MOST` at most; not_assessable: how many checks lacked their inputs.
        settings: texts of values by dotted path.
        notes: what is damaged.
        left_out: how many dumps, checkpoints and media were not opened; cut: its logs were read in part.
        stamp: of the files and of the version and language of this program that it was made in; empty where it may not
            be kept.
    """

    run: FleetRun
    unread: str = ""
    status: str = ""
    because: str = ""
    recipe: str = ""
    score: FleetScore | None = None
    epochs: float | None = None
    changed_s: float | None = None
    findings: tuple[FleetFinding, ...] = ()
    not_assessable: int = 0
    settings: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    left_out: int = 0
    cut: bool = False
    stamp: str = ""
