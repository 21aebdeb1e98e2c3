"""Two commands in turn, A B A B ..., each a fresh process; medians and the ratio pair by pair."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

_STARTER = """
import os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)] if sys.argv[1] == "quiet" else []
began = time.perf_counter()
process = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=quiet)
_pid, status, usage = os.wait4(process, 0)
print(f"\\n{time.perf_counter() - began} {usage.ru_maxrss / 1000} {os.waitstatus_to_exitcode(status)}")
"""
"""Starts a command and times it: Linux counts the memory of whoever starts a process to it, and this has 10 MB."""


@dataclass(frozen=True)
class Ratio:
    """What was measured side by side.

    Attributes:
        pairs: seconds of ours and of the peer, one after the other.
        peak_mb: the most memory that ours took.
        wanted, note: what the printed row says besides.
        size_bytes: of the file that both read whole, or 0.
    """

    name: str
    pairs: tuple[tuple[float, float], ...]
    peak_mb: float
    wanted: str
    note: str = ""
    size_bytes: int = 0

    @property
    def ours_s(self) -> float:
        """The median of ours."""
        return statistics.median(ours for ours, _peer in self.pairs)

    @property
    def peer_s(self) -> float:
        """The median of the peer."""
        return statistics.median(peer for _ours, peer in self.pairs)

    @property
    def ratios(self) -> list[float]:
        """Ours in parts of the peer, pair by pair."""
        return [ours / peer for ours, peer in self.pairs]

    def line(self) -> str:
        """One row of the printed table."""
        ratios = self.ratios
        return (
            f"{self.name:<28} {self.ours_s:8.3f} s {self.peer_s:8.3f} s   {statistics.median(ratios):6.3f} "
            f"[{min(ratios):.3f}-{max(ratios):.3f}]  {self.peak_mb:6.0f} MB   wanted {self.wanted}"
            f"{f'   ({self.note})' if self.note else ''}"
        )


def _timed(command: Sequence[str], environment: dict[str, str], *, told: bool = False) -> tuple[float, float]:
    """Wall seconds and peak MB of one run; with `told` the seconds that it prints itself.

    Raises:
        RuntimeError: the command failed.
    """
    starter = [sys.executable, "-I", "-S", "-c", _STARTER, "told" if told else "quiet", *command]
    answer = subprocess.run(starter, capture_output=True, text=True, env=environment, check=True)
    printed, _line, last = answer.stdout.rstrip().rpartition("\n")
    seconds, peak_mb, code = map(float, last.split())
    if code:
        raise RuntimeError(f"{command}: {answer.stderr}")
    return (float(printed) if told else seconds), peak_mb


def side_by_side(
    name: str, ours: Sequence[str], peer: Sequence[str], wanted: str, runs: int = 5, *, told: bool = False
) -> Ratio:
    """Time two commands in turn after one warm-up of each; with `told` they print their seconds themselves."""
    # One thread for linear algebra, as readers have it.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OPENBLAS_NUM_THREADS": "1"}
    _timed(ours, environment, told=told)
    _timed(peer, environment, told=told)
    pairs = [(_timed(ours, environment, told=told), _timed(peer, environment, told=told)) for _ in range(runs)]
    return Ratio(
        name=name,
        pairs=tuple((mine[0], theirs[0]) for mine, theirs in pairs),
        peak_mb=max(mine[1] for mine, _theirs in pairs),
        wanted=wanted,
    )
