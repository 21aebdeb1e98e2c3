"""Every reader by a fuzzer that follows coverage: no input makes one raise, reach out, or take more than it may.

The fuzzer stands in an environment of its own; what it kept of a target is in the user's cache folder, so that a later
search goes on where an earlier one stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_cache_path

from tests.benchmarks.peers import python_with
from tests.long.fuzz_seeds import SEEDS, folder_name, samples_of
from tests.long.harness import Check, Figures, commit
from tests.long.properties import ROOT

ATHERIS = "atheris==3.0.0"
SECONDS = 20
"""How long one target is searched in a round, once its seeds are read."""

MOST_MEMORY_MB = 512
"""Beyond what the process had when the search began."""

_AT_ONCE = 2
_IN_A_ROW = 13
"""Loading all modules with their coverage counted takes as long as a few targets."""

_ROUNDS = 60
_NAMES = tuple(SEEDS)
_DIE = frozenset(("hdf5",))
"""Targets that a library in C reads, which may end the process; in the program a reader process is lost then."""


def _fill(corpus: Path, target: str) -> None:
    """What is kept of a target, with its seeds among it."""
    corpus.mkdir(parents=True, exist_ok=True)
    for data in (*SEEDS[target](), *samples_of(target)):
        (corpus / hashlib.sha256(data).hexdigest()).write_bytes(data)


def _search(targets: Sequence[str], found: Path) -> subprocess.Popen[bytes]:
    """A search that has begun."""
    corpora = user_cache_path("run-inspector-fuzz")
    for target in targets:
        _fill(corpora / folder_name(target), target)
        (found / folder_name(target)).mkdir()
    paths = os.pathsep.join((str(ROOT), sysconfig.get_path("purelib")))
    command = [python_with(ATHERIS), "-m", "tests.long.fuzz_child", str(SECONDS), str(corpora), str(found), *targets]
    with (found / "said").open("wb") as said:
        return subprocess.Popen(
            ["nice", "-n", "15", *command],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": paths},
            stdout=said,
            stderr=said,
        )


def _add(target: str, found: Path, figures: Figures) -> list[str]:
    """Count what one search tried; what broke a promise, with the input."""
    told = json.loads((found / "told.json").read_text())
    status = int((found / "status").read_text())
    said = (found / "said").read_text(errors="replace")
    broken = [
        f"{path.with_suffix('.txt').read_text()}: {path.read_bytes().hex()}" for path in sorted(found.glob("*.bin"))
    ]
    ended = [path for kind in ("crash", "timeout", "oom") for path in found.glob(f"{kind}-*")]
    if status and target not in _DIE:
        broken += [f"{path.name.partition('-')[0]}: {path.read_bytes().hex()}" for path in ended] or [said[-2000:]]
    reached = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", said)
    edges, features, kept = map(int, reached[-1]) if reached else (0, 0, 0)
    tried = re.search(r"stat::number_of_executed_units: (\d+)", said)
    one = figures.setdefault("targets", {}).setdefault(
        target, {"inputs": 0, "searches": 0, "cpu_s": 0, "crashes": 0, "deaths": 0}
    )
    one["inputs"] += int(tried[1]) if tried else told.get("inputs", 0)
    one["searches"] += 1
    one["cpu_s"] = round(one["cpu_s"] + told.get("cpu_s", 0))
    one["crashes"] += len(broken)
    one["deaths"] += bool(status)
    one["most_memory_mb"] = max(one.get("most_memory_mb", 0), told["most_mb"])
    one.update(edges=edges, features=features, corpus=kept, commit=commit())
    if told["most_mb"] > MOST_MEMORY_MB and target not in _DIE:
        broken.append(f"{told['most_mb']} MB of memory")
    return [f"{target}: {text}" for text in broken]


def _totals(figures: Figures) -> None:
    every = figures["targets"].values()
    figures["inputs"] = sum(one["inputs"] for one in every)
    figures["crashes"] = sum(one["crashes"] for one in every)
    figures["cpu_minutes"] = round(sum(one["cpu_s"] for one in every) / 60, 1)
    figures["most_memory_mb"] = max(one["most_memory_mb"] for one in every)


def round_of(_number: int, figures: Figures) -> None:
    """The targets that were searched least so far, some in a row in each of a few processes at once."""
    known = figures.get("targets", {})
    targets = sorted(_NAMES, key=lambda name: known.get(name, {}).get("searches", 0))[: _AT_ONCE * _IN_A_ROW]
    with tempfile.TemporaryDirectory(prefix="run-inspector-found-") as place:
        found = Path(place)
        searches = [_search(targets[first::_AT_ONCE], _made(found / str(first))) for first in range(_AT_ONCE)]
        try:
            for first, search in enumerate(searches):
                status = search.wait(timeout=20 * SECONDS * _IN_A_ROW)
                assert status == 0, (found / str(first) / "said").read_text()[-2000:]
        finally:
            for search in searches:
                search.terminate()
        broken = [
            text
            for index, target in enumerate(targets)
            for text in _add(target, found / str(index % _AT_ONCE) / folder_name(target), figures)
        ]
    _totals(figures)
    assert not broken, "\n".join(broken)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _unfit() -> str:
    return "" if sys.platform == "linux" and sys.version_info[:2] in ((3, 11), (3, 12), (3, 13)) else "no such atheris"


CHECK = Check(
    name="fuzz",
    title="every reader by a fuzzer that follows coverage: only refusals, nothing outside, no more than it may take",
    round=round_of,
    target_rounds=_ROUNDS,
    quick_rounds=0,
    skip=_unfit,
    keeps_rounds=True,
)
