"""What every long check shares: its figures are counts that only grow, kept after every round with commit and date."""

from __future__ import annotations

import datetime as dt
import json
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")

Figures = dict[str, Any]
Round = Callable[[int, Figures], None]
"""One round: its number (a seed), and the figures to add to. It raises AssertionError where a promise is broken."""


@dataclass(frozen=True)
class Check:
    """One long check.

    Attributes:
        target_rounds: how many rounds make the whole; quick_rounds: how many CI runs; none where
            another test is its quick form, as it takes a network and minutes.
        skip: why it cannot run here, or empty.
        keeps_rounds: rounds of an earlier commit stand until the whole is done; each tells its own.
        end: puts away what its rounds left standing for one another.
    """

    name: str
    title: str
    round: Round
    target_rounds: int
    quick_rounds: int
    skip: Callable[[], str] = lambda: ""
    keeps_rounds: bool = False
    end: Callable[[], None] = lambda: None


def commit() -> str:
    """The commit that is measured, marked where the tree has changes beside what such checks write."""
    here = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", f":(exclude){RESULTS}")
    return f"{here}-dirty" if here and changed else here or "unknown"


def _git(*words: str) -> str:
    if shutil.which("git") is None:
        return ""
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()


def run(check: Check, minutes: float) -> Figures:
    """Go on with a check where it stopped, for so long; a new commit starts it over, if it does not keep rounds.

    Raises:
        AssertionError: a round broke a promise; its figures are kept, with the reason.
    """
    path = RESULTS / f"{check.name}.json"
    here = commit()
    known = json.loads(path.read_text()) if path.exists() else {}
    is_part = check.keeps_rounds and known.get("rounds", 0) < known.get("of", 0) == check.target_rounds
    kept = known if known.get("commit") == here or is_part else {}
    figures: Figures = kept.get("figures", {})
    done = int(kept.get("rounds", 0))
    until_s = time.monotonic() + minutes * 60
    while done < check.target_rounds and time.monotonic() < until_s:
        failed: dict[str, str] = {}
        try:
            check.round(done, figures)
            done += 1
        except AssertionError as error:
            failed = {"failed": str(error)}
            raise
        finally:
            RESULTS.mkdir(exist_ok=True)
            record = {
                "check": check.name,
                "title": check.title,
                "commit": here,
                "date": dt.datetime.now(dt.UTC).date().isoformat(),
                "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
                "rounds": done,
                "of": check.target_rounds,
                **failed,
                "figures": figures,
            }
            path.write_text(json.dumps(record, indent=2) + "\n")
    return figures
