"""Whether a run lives: by the beat of its trainer, by the end of its logs, by when they were written last."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import numpy as np

from inspector.artifacts.annotations.forms import FORMS
from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.identity import stamp_of
from inspector.artifacts.logs.console_end import LogEnd, end_of
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.formats import run_folder
from inspector.formats.facts import CheckpointFacts, ConsoleFacts, DumpFacts, Facts, MetricsFacts
from inspector.formats.run_folder import Alive, RunRecord
from inspector.formats.series import Series
from inspector.runs.values import Life, Liveness, Run

HEARTBEAT_LIMIT_S = 15.0
"""A supervisor beats every 2 s; several missed beats mean that nobody writes the run any more."""

GROWN_S = 150.0
"""Torch's SummaryWriter keeps what it is given for up to 120 s (`flush_secs`), most loggers for less."""

_USUAL_PAUSE = 5.0
"""Between two records may lie a validation or a checkpoint."""

DEAD_S = 1800.0
_DEAD_PAUSE = 30.0
"""A pause of half an hour, or of thirty records, is no pause."""

_COPIED_S = 600.0
"""A file whose last record is older than the file by more than this was copied or unpacked, not written."""

_LAST_RECORDS = 100
_MOST_ALIVE_BYTES = 64 * 1024

_LOG_SUFFIXES = frozenset((".log", ".out", ".err"))

_AHEAD_S = 150.0
"""A time that lies further ahead was set by a clock that tells nothing here."""

_heard: dict[tuple[str, str], tuple[float, float]] = {}
"""What was last read of a run, by its folder and what it is, and when on this process's own clock it became that."""

_JUST_WRITTEN = tr("its logs were written a short time ago")

_WANDB = "wandb"
"""Records figures of the machine every 15 s, and the exit code at the end: silence without it is a crash."""


class Logs(msgspec.Struct, frozen=True, kw_only=True):
    """What the logs of a run tell of its life.

    Attributes:
        paths: all of them.
        consoles: those that may say how the training ended.
        tells_end: a logger is among them that records the end of a run (W&B).
        exit_code: that it recorded.
        stopped: those that say that their writer's session is over (TensorFlow's supervisor).
        recorded_s, usual_s: as in `Liveness`.
    """

    paths: tuple[str, ...] = ()
    consoles: tuple[str, ...] = ()
    tells_end: bool = False
    exit_code: int | None = None
    stopped: tuple[str, ...] = ()
    recorded_s: float | None = None
    usual_s: float | None = None


def logs_of(facts: Mapping[str, Facts], recorded_s: float | None = None, usual_s: float | None = None) -> Logs:
    """What a run's logs tell of its life, by what is known of each of its files."""
    metrics = {path: fact for path, fact in facts.items() if isinstance(fact, MetricsFacts)}
    consoles = tuple(path for path, fact in facts.items() if isinstance(fact, ConsoleFacts))
    if _are_annotations(facts.values()):
        consoles = tuple(path for path in consoles if Path(path).suffix.lower() in _LOG_SUFFIXES)
    exits = [fact.exit_code for fact in metrics.values() if fact.exit_code is not None]
    return Logs(
        paths=(*metrics, *consoles),
        consoles=consoles,
        tells_end=any(fact.container == _WANDB for fact in metrics.values()),
        exit_code=max(exits, default=None),
        stopped=tuple(path for path, fact in metrics.items() if fact.stopped),
        recorded_s=recorded_s,
        usual_s=usual_s,
    )


def _are_annotations(facts: Iterable[Facts]) -> bool:
    """Whether files of points lie in a folder that no training has written to: a text among them describes them."""
    known = tuple(facts)
    if any(isinstance(fact, MetricsFacts | CheckpointFacts) or getattr(fact, "series", ()) for fact in known):
        return False
    return any(isinstance(fact, DumpFacts) and fact.attributes.get("format") in FORMS for fact in known)


def pace_of(curves: Iterable[Series]) -> tuple[float | None, float | None]:
    """When the last record was made, and how many seconds lie between two; None where no curve tells times."""
    recorded: list[float] = []
    gaps: list[float] = []
    clocks = (series.times[-_LAST_RECORDS:] for series in curves if series.times is not None)
    for clock in {times.tobytes(): times for times in clocks}.values():  # curves of one logger share theirs
        times = clock[np.isfinite(clock)]
        if len(times):
            recorded.append(float(times.max()))
        if len(times) > 1:
            gaps.append(float(np.median(np.abs(np.diff(times)))))
    return max(recorded, default=None), min(gaps, default=None)


def liveness_of(root: Path, record: RunRecord | None, logs: Logs, now_s: float | None = None) -> Liveness:
    """Whether a run lives now.

    A run of this program says it itself: by its status, and while that is `running` by the heartbeat of its trainer.
    Of any other, the end of the console log that was written last tells whether the training is over; else a log
    that was written a short time ago means that someone writes, and a log that was not for a while that its writer
    has stalled. After a long pause it has crashed where the console stops on its way or a logger that records the end
    of a run has not; where nothing tells how it ended nothing is presumed.

    Args:
        root: the run's folder.
        record: its run.json.
        logs: what they tell.
        now_s: seconds since 1970; where it is not given it is now, and what is seen to change is new whatever the
            clocks say: another machine's may differ, and any may be set.
    """
    written_s, is_copy = _written_s(logs)
    age_s = _age_s(root, "log", written_s, time.time() if now_s is None and is_copy else now_s)
    if record:
        life, because = _of_record(root, record, age_s, now_s)
    else:
        life, because = _of_logs(logs, age_s)
    return Liveness(life=life, because=because, written_s=written_s, recorded_s=logs.recorded_s, usual_s=logs.usual_s)


def liveness_now(run: Run) -> Liveness:
    """Whether a run lives now that none of its files has changed since it was looked at."""
    facts = {entry.path: entry.facts for entry in run.files}
    logs = logs_of(facts, run.liveness.recorded_s, run.liveness.usual_s)
    return liveness_of(Path(run.root), run.record, logs)


def _age_s(root: Path, what: str, at_s: float | None, now_s: float | None) -> float | None:
    """How long ago something of a run was written that says itself that it was at `at_s`; None where there is none."""
    if at_s is None:
        return None
    if now_s is not None:
        return now_s - at_s
    before, here_s = _heard.get((str(root), what)), time.monotonic()
    if before is not None and before[0] == at_s:
        return here_s - before[1]
    age_s = 0.0
    if before is None or at_s < before[0]:
        by_clocks_s = time.time() - at_s
        age_s = math.inf if by_clocks_s < -_AHEAD_S else max(by_clocks_s, 0.0)
    _heard[str(root), what] = (at_s, here_s - age_s)
    return age_s


def _of_record(root: Path, record: RunRecord, age_s: float | None, now_s: float | None) -> tuple[Life, str]:
    if record.status == "failed":
        return Life.FAILED, record.reason or tr("run.json says that it failed")
    if record.status != "running":
        return Life.FINISHED, record.reason or tr("run.json says that it is {status}").format(status=tr(record.status))
    silent_s = _age_s(root, "beat", _beat_s(root), now_s)
    if silent_s is None and age_s is not None and age_s < GROWN_S:  # started without a supervisor
        return Life.LIVE, _JUST_WRITTEN
    if silent_s is None:
        return Life.CRASHED, tr("run.json says that it runs, and nobody keeps it alive")
    if silent_s >= HEARTBEAT_LIMIT_S:
        return Life.CRASHED, tr("run.json says that it runs, and its trainer has not been heard of since")
    return Life.LIVE, tr("its trainer is running")


def _beat_s(root: Path) -> float | None:
    try:
        with ByteFile(root / run_folder.ALIVE_FILE) as file:
            return msgspec.json.decode(file.read(0, _MOST_ALIVE_BYTES), type=Alive).heartbeat
    except (FileError, ValueError, RecursionError):
        return None


def _of_logs(logs: Logs, age_s: float | None) -> tuple[Life, str]:
    if age_s is None:
        return Life.SILENT, tr("it has no logs")
    if logs.exit_code is not None:
        ended = tr("it ended with exit code {code}").format(code=logs.exit_code)
        return (Life.FAILED if logs.exit_code else Life.FINISHED), ended
    end = _end(logs)
    if end is not None and end.sure:
        return _ended(end)
    if end is None and _newest(logs.paths) in logs.stopped:
        return Life.FINISHED, tr("its log says that the session was stopped")
    usual_s = logs.usual_s or 0.0
    if age_s < max(GROWN_S, _USUAL_PAUSE * usual_s):
        return Life.LIVE, _JUST_WRITTEN
    if end is not None and not end.failed:
        return _ended(end)
    if age_s < max(DEAD_S, _DEAD_PAUSE * usual_s):
        return Life.STALLED, tr("its logs have not been written for longer than usual")
    if end is None and logs.tells_end:
        return Life.CRASHED, tr("W&B has recorded no end of it")
    return _ended(end) if end is not None else (Life.SILENT, tr("nothing in its logs tells how it ended"))


def _ended(end: LogEnd) -> tuple[Life, str]:
    if not end.failed:
        return Life.FINISHED, tr("its log says: {line}").format(line=end.line)
    return Life.CRASHED, tr("its log ends with: {line}").format(line=end.line)


def _end(logs: Logs) -> LogEnd | None:
    """What the console log that was written last says of the end."""
    newest = _newest(logs.consoles)
    return end_of(Path(newest)) if newest else None


def _newest(paths: Iterable[str]) -> str:
    """The file that was written last, empty where none is there."""
    return max(((stamp.modified_ns, path) for path in paths if (stamp := stamp_of(Path(path)))), default=(0, ""))[1]


def _written_s(logs: Logs) -> tuple[float | None, bool]:
    """When a log was written last, and whether its last record tells that, as the file is a copy made later."""
    stamps = [stamp.modified_ns / 1e9 for path in logs.paths if (stamp := stamp_of(Path(path)))]
    if not stamps:
        return None, False
    written_s = max(stamps)
    copied = logs.recorded_s is not None and written_s - logs.recorded_s > _COPIED_S + _USUAL_PAUSE * (
        logs.usual_s or 0
    )
    return (logs.recorded_s, True) if copied else (written_s, False)
