"""A folder of many runs is looked at by the program's readers: what it costs the first time, and again.

`cpu_s` counts the window's and all readers' processor seconds: half of them is what two cores need that do nothing
else, and what to go by where `load` says that others used them too.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from inspector.app.fleet_survey import FleetSurvey
from inspector.core.pulse import QUIET
from inspector.formats.fleet import FleetRow, FleetRun
from inspector.jobs.readers import Launcher
from inspector.runs.grouping import grouping_of
from tests.long.harness import Check, Figures
from tests.long.many_runs import make_runs

_ROUNDS = (("quick", 6), ("whole", 1000))


def survey_all(folder: Path, runs: list[FleetRun], launcher: Launcher) -> tuple[dict[str, FleetRow], Figures]:
    """Every row of a folder's runs, read in processes of their own, and what that took."""
    rows: dict[str, FleetRow] = {}
    ended: list[bool] = []
    load, used_s, before_s, began_s = os.getloadavg()[0], _used_s(launcher), time.process_time(), time.monotonic()
    survey = FleetSurvey(launcher)
    survey.read.connect(lambda read: rows.update((row.run.key, row) for row in read))
    survey.ended.connect(lambda: ended.append(True))
    survey.begin(str(folder), runs)
    while not ended:
        launcher.wait()
    wall_s, window_s = time.monotonic() - began_s, time.process_time() - before_s
    while _readers(launcher):
        launcher.wait(0.05)
    return rows, {
        "wall_s": round(wall_s, 2),
        "cpu_s": round(window_s + _used_s(launcher) - used_s, 2),
        "window_cpu_s": round(window_s, 2),
        "load": round(max(load, os.getloadavg()[0]), 1),
    }


def _used_s(launcher: Launcher) -> float:
    """Processor seconds of the launcher and of its readers that have ended."""
    words = Path(f"/proc/{launcher.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def _readers(launcher: Launcher) -> list[str]:
    """The readers that have not ended."""
    return Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()


def _round(number: int, figures: Figures) -> None:
    name, count = _ROUNDS[number]
    with (
        tempfile.TemporaryDirectory(prefix="fleet-") as place,
        patch.dict(os.environ, RUN_INSPECTOR_HOME=str(Path(place) / "home")),
    ):
        folder = Path(place) / "runs"
        make_runs(folder, count, bulk=count > 100)
        figures[name] = survey_twice(folder, count)


def survey_twice(folder: Path, count: int) -> Figures:
    """What a folder of so many runs costs the first time and again; both tell the same."""
    began_s = time.process_time()
    runs = [FleetRun(group.name, group.paths) for group in grouping_of((folder,), QUIET).groups]
    told: Figures = {
        "runs": len(runs),
        "cores": len(os.sched_getaffinity(0)),
        "find_cpu_s": round(time.process_time() - began_s, 2),
    }
    assert len(runs) == count
    with Launcher() as launcher:  # as in the window, it serves both
        launcher.start()
        cold, told["cold"] = survey_all(folder, runs, launcher)
        warm, told["warm"] = survey_all(folder, runs, launcher)
    assert len(cold) == count, told
    assert warm == cold, "what is kept tells otherwise"
    assert not [row.unread for row in cold.values() if row.unread]
    assert all(row.stamp and row.settings for row in cold.values())
    return told


CHECK = Check(
    name="fleet",
    title="a thousand runs in one folder as a table: read by the program's readers, and known again",
    round=_round,
    target_rounds=len(_ROUNDS),
    quick_rounds=1,
    skip=lambda: "" if Path("/proc/self/stat").exists() else "what readers use is read in /proc",
)
