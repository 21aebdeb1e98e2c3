"""`python -m tests.benchmarks table [--row NAME ...] [--write]`: every row measured, and the table in the README.

What a benchmark found is kept in `results.json` as soon as it is there, so that a table that was interrupted goes on
where it stopped; a row is measured again once `inspector/` is not what it was. `--row` measures these alone, in any
case, and `--write` measures none.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import re
import resource
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from inspector.display.markdown_table import table
from tests.benchmarks.catalogue import BENCHMARKS
from tests.benchmarks.harness import Ratio
from tests.benchmarks.rows import ROWS, Bound, Row, measured_names

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results.json")
README = ROOT / "README.md"
_PLACE = re.compile(r"(<!-- benchmarks -->\n).*?(?=<!-- /benchmarks -->)", re.DOTALL)

QUIET_CORES = 0.25
"""What others may take of the machine while the wall clock is read."""


@dataclass(frozen=True)
class Result:
    """What a benchmark found, and where and when.

    Attributes:
        commit: of the program, with `changed` where it has changes that are not committed.
        machine: its processor and system.
        load: of the machine, before.
        others_cores: how many cores were taken by other programs meanwhile.
        took_s: it all, the making of its files too.
        pairs, peak_mb, size_bytes: of Ratio.
        failed: why there is no figure, or empty.
    """

    commit: str
    date: str
    machine: str
    load: float
    others_cores: float
    took_s: float
    pairs: tuple[tuple[float, float], ...] = ()
    peak_mb: float = 0.0
    size_bytes: int = 0
    failed: str = ""

    def ratio(self) -> Ratio:
        """As it was measured."""
        return Ratio("", self.pairs, self.peak_mb, "", size_bytes=self.size_bytes)


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)


def _commit() -> str:
    changed = _git("diff", "--quiet", "HEAD", "--", "inspector").returncode
    return _git("rev-parse", "--short=10", "HEAD").stdout.strip() + (" changed" if changed else "")


def _stands(result: Result) -> bool:
    """Whether there is a figure, and the program is what it was measured of."""
    return not result.failed and not _git("diff", "--quiet", result.commit, "--", "inspector").returncode


def _machine() -> str:
    names = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else platform.machine()}"
    return f"{processor}, {memory_gb:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _busy_s() -> tuple[float, float]:
    """Core seconds that the machine has worked, and those of what this process started and itself."""
    ticks = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    all_s = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    return all_s, sum(one.ru_utime + one.ru_stime for one in own)


def measured(name: str) -> Result:
    """Run one benchmark; where it fails, as a peer is not to be had, the reason is the result."""
    load, began_s, (busy_s, own_s) = os.getloadavg()[0], time.monotonic(), _busy_s()
    found, failed = None, ""
    try:
        found = BENCHMARKS[name]()
    except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as error:
        failed = (str(error).strip() or type(error).__name__).splitlines()[-1]
    took_s = time.monotonic() - began_s
    busy_now_s, own_now_s = _busy_s()
    others = max(0.0, (busy_now_s - busy_s) - (own_now_s - own_s)) / took_s
    return Result(
        commit=_commit(),
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        machine=_machine(),
        load=round(load, 1),
        others_cores=round(others, 2),
        took_s=round(took_s, 1),
        pairs=found.pairs if found else (),
        peak_mb=found.peak_mb if found else 0.0,
        size_bytes=found.size_bytes if found else 0,
        failed=failed,
    )


def kept(path: Path = RESULTS) -> dict[str, Result]:
    """What was measured so far, by the benchmark's name."""
    known = json.loads(path.read_text()) if path.exists() else {}
    return {name: Result(**{**one, "pairs": tuple(map(tuple, one["pairs"]))}) for name, one in known.items()}


def measure(names: Sequence[str], path: Path = RESULTS) -> Iterator[tuple[str, Result]]:
    """Run benchmarks, and keep what each found before the next begins."""
    for name in names:
        result = measured(name)
        results = {**kept(path), name: result}
        ordered = {name: asdict(results[name]) for name in measured_names() if name in results}
        path.write_text(json.dumps(ordered, indent=1) + "\n")
        yield name, result


def text(results: Mapping[str, Result]) -> str:
    """The table as Markdown, and where and when it was measured."""
    lines = [line for row in ROWS for line in _lines(row, results)]
    heading = ("Work", "Measured against", "Wanted", "Measured", "Met")
    return f"{_caption(results)}\n\n{table(heading, lines)}\n"


def _lines(row: Row, results: Mapping[str, Result]) -> Iterator[tuple[str, ...]]:
    work = row.work
    for bound in row.bounds:
        yield work, bound.peer, bound.wanted(), *_said(row, bound, results.get(bound.benchmark))
        work = ""
    wanted, test = row.shown_by
    if wanted:
        yield "", "", wanted, f"by `{test}`", "yes"


def _said(row: Row, bound: Bound, result: Result | None) -> tuple[str, str]:
    """What was measured, and whether that is what is wanted."""
    if result is None or result.failed:
        return f"not measured{f': {result.failed}' if result else ' yet'}".replace("|", "/"), ""
    found, told = result.ratio(), bound.kind.told.format
    figures = bound.kind.of(found)
    said = told(bound.figure(found))
    if len(figures) > 1:
        said += f" ({told(min(figures))} to {told(max(figures))})"
    if bound.kind.against:
        clock = "" if row.is_wall else " of CPU"
        said += f": {_seconds(found.ours_s)} against {_seconds(found.peer_s)}{clock}"
    elif bound.peer:
        said += f", that one {_seconds(found.peer_s)}"
    if row.is_wall and result.others_cores > QUIET_CORES:
        said += f", beside other work on {result.others_cores:.1f} cores"
    return said, "yes" if bound.is_met(found) else "no"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 0.1 else f"{1000 * seconds:.3g} ms"


def _caption(results: Mapping[str, Result]) -> str:
    """Where and when, and how many bounds are met."""
    if not results:
        return "Nothing of it is measured yet."

    def all_of(values: Iterator[str]) -> str:
        return " and ".join(sorted(set(values)))

    met = [
        bound.is_met(results[bound.benchmark].ratio())
        for row in ROWS
        for bound in row.bounds
        if bound.benchmark in results and not results[bound.benchmark].failed
    ]
    dates, commits = (all_of(getattr(one, name) for one in results.values()) for name in ("date", "commit"))
    machines = all_of(one.machine for one in results.values())
    most = max(one.others_cores for one in results.values())
    return (
        f"{sum(met)} of {len(met)} bounds are met. Measured on {dates} at {commits}: {machines}; other programs took at"
        f" most {most:.1f} cores meanwhile. Figures are medians of pairs, with the lowest and the highest."
    )


def written(readme: str, results: Mapping[str, Result]) -> str:
    """The README with the table of these results."""
    return _PLACE.sub(lambda found: found[1] + text(results), readme)


def main(arguments: Sequence[str]) -> None:
    """Measure what is asked for or missing, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks table")
    parser.add_argument("--row", action="append", choices=measured_names(), default=[], metavar="NAME")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    known = kept()
    missing = [name for name in measured_names() if name not in known or not _stands(known[name])]
    for name, result in measure([] if options.write else options.row or missing):
        said = result.failed or f"{min(result.ratio().ratios):.3f} to {max(result.ratio().ratios):.3f} of the peer's"
        print(f"{name:<28} {result.took_s:6.0f} s   others {result.others_cores:.1f} cores   {said}", flush=True)
    README.write_text(written(README.read_text(), kept()))
