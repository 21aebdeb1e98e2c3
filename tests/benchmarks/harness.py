"""Two commands in turn, A B A B ..., each a fresh process; medians and the ratio pair by pair."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """What was measured: seconds of wall clock of both, their ratio pair by pair, and ours' peak memory."""

    name: str
    ours_s: float
    peer_s: float
    ratio: float
    lowest: float
    highest: float
    peak_mb: float
    wanted: str
    note: str = ""

    def line(self) -> str:
        """One row of the printed table."""
        return (
            f"{self.name:<28} {self.ours_s:8.3f} s {self.peer_s:8.3f} s   {self.ratio:6.3f} "
            f"[{self.lowest:.3f}-{self.highest:.3f}]  {self.peak_mb:6.0f} MB   wanted {self.wanted}"
            f"{f'   ({self.note})' if self.note else ''}"
        )


def _timed(command: Sequence[str], environment: dict[str, str], *, told: bool = False) -> tuple[float, float]:
    """Wall seconds and peak MB of one run; with `told` the seconds that it prints itself.

    Raises:
        RuntimeError: the command failed.
    """
    began = time.perf_counter()
    answer = subprocess.PIPE if told else subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=answer, stderr=subprocess.PIPE, env=environment)
    printed = process.stdout.read() if process.stdout else b""
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    errors = process.stderr.read().decode() if process.stderr else ""
    if process.stderr:
        process.stderr.close()
    if process.returncode:
        raise RuntimeError(f"{command}: {errors}")
    if process.stdout:
        process.stdout.close()
        seconds = float(printed)
    return seconds, usage.ru_maxrss / 1000


def side_by_side(
    name: str, ours: Sequence[str], peer: Sequence[str], wanted: str, runs: int = 5, *, told: bool = False
) -> Ratio:
    """Time two commands in turn after one warm-up of each; with `told` they print their seconds themselves."""
    # One thread for linear algebra, as readers have it.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OPENBLAS_NUM_THREADS": "1"}
    _timed(ours, environment, told=told)
    _timed(peer, environment, told=told)
    pairs = [(_timed(ours, environment, told=told), _timed(peer, environment, told=told)) for _ in range(runs)]
    ratios = [mine[0] / theirs[0] for mine, theirs in pairs]
    return Ratio(
        name=name,
        ours_s=statistics.median(mine[0] for mine, _theirs in pairs),
        peer_s=statistics.median(theirs[0] for _mine, theirs in pairs),
        ratio=statistics.median(ratios),
        lowest=min(ratios),
        highest=max(ratios),
        peak_mb=max(mine[1] for mine, _theirs in pairs),
        wanted=wanted,
    )
