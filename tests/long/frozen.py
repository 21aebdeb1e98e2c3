"""The frozen viewer: built, measured, and run beside the program of this checkout, whose every answer it must give.

`INSPECTOR_FROZEN` names one that is built already.
"""

from __future__ import annotations

import atexit
import os
import re
import runpy
import shutil
import statistics
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from inspector.artifacts.sniff import sniff
from inspector.core.resources import resource
from inspector.display.catalogue import CATALOGUE
from tests.conftest import SAMPLES
from tests.long.harness import Check, Figures
from tests.packaging.frozen_program import (
    SOURCE,
    VARIABLE,
    both,
    cpu_s,
    files_of_every_format,
    pictures_differ,
    said,
)

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "packaging" / "frozen" / "build.py"
_PAIRS = 5
_FILE_ROUNDS = 6
_RATHER_FEW = 4


@cache
def _folder() -> Path:
    """The build's, which goes when the check ends."""
    folder = Path(tempfile.mkdtemp(prefix="frozen-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def program() -> Path:
    """The frozen program, built where none is named."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).resolve()
    build = [sys.executable, str(BUILD), "-o", str(_folder()), "--not-packed"]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return _folder() / "run-inspector" / "run-inspector"


def size_and_start(figures: Figures) -> None:
    """What it weighs, and what its start costs beside the checkout's."""
    folder = program().parent
    build = runpy.run_path(str(BUILD))
    archive = _folder() / "packed.tar.xz"
    figures["size"] = {"bytes": build["bytes_in"](folder), "packed_bytes": build["pack"](folder, archive)}
    archive.unlink()
    assert figures["size"]["bytes"] <= build["MOST_BYTES"]
    assert figures["size"]["packed_bytes"] <= build["MOST_PACKED_BYTES"]
    picture = _folder() / "start.png"
    for name, words in {"version": ("--version",), "info": ("info", resource("sample_run")),
                        "demo_shot": ("demo", "--shot", picture)}.items():  # fmt: skip
        pairs = [[cpu_s(which, *words, home=_folder() / "home") for which in ([program()], SOURCE)]
                 for _ in range(_PAIRS)]  # fmt: skip
        frozen, source = (statistics.median(column) for column in zip(*pairs, strict=True))
        figures.setdefault("cpu_s", {})[name] = {"frozen": round(frozen, 3), "checkout": round(source, 3)}


def tests(figures: Figures) -> None:
    """Its tests: exit codes, pictures, filters, the lock, the window under Xvfb, training in another Python."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/packaging/test_frozen.py"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, VARIABLE: str(program())}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
    told = {word: int(count) for count, word in re.findall(r"(\d+) (passed|skipped)", done.stdout.splitlines()[-1])}
    figures["tests"] = told
    assert told.get("passed")


def views(figures: Figures) -> None:
    """Every view of the sample run, in both themes, as a picture."""
    for offer in CATALOGUE:
        if not offer.tabbed:
            continue
        for theme in ("dark", "light"):
            pictures = [_folder() / f"{offer.key}-{theme}-{which}.png" for which in ("frozen", "checkout")]
            for which, picture in zip(([program()], SOURCE), pictures, strict=True):
                words = ("shot", resource("sample_run"), "--view", offer.key, "--theme", theme, "-o", picture)
                assert said(which, *words, home=_folder() / "home") == (0, "", "")
            differing = pictures_differ(*pictures)
            figures.setdefault("views", {})[f"{offer.key} {theme}"] = differing
            assert differing == 0, (offer.key, theme)


def files(part: int, figures: Figures) -> None:
    """Real files of every format: the answers to `info`, `metrics`, `triage` and `report`."""
    home = _folder() / "home"
    for index, path in list(enumerate(files_of_every_format()))[part::_FILE_ROUNDS]:
        kind, container = sniff(path).kind, sniff(path).container
        codes = {"info": both(program(), "info", path, "--json", home=home).code}
        if kind in ("metrics", "console"):
            codes["metrics"] = both(program(), "metrics", path, "--json", home=home).code
        if index // _FILE_ROUNDS % _RATHER_FEW == 0:
            codes["triage"] = both(program(), "triage", path, "--json", home=home).code
            reports = [_folder() / f"{which}.html" for which in ("frozen", "checkout")]
            ends = [said(which, "report", path, "-o", report, home=home).code
                    for which, report in zip(([program()], SOURCE), reports, strict=True)]  # fmt: skip
            assert ends[0] == ends[1], path
            codes["report"] = ends[0]
            if ends[0] == 0:
                texts = [report.read_text() for report in reports]
                assert _of_no_time(texts[0]) == _of_no_time(texts[1]), path
        assert set(codes.values()) <= {0, 2}, (path, codes)
        figures.setdefault("files", []).append([str(path.relative_to(SAMPLES)), kind, container, codes])
    rows = figures["files"]
    figures["formats"] = len({(kind, container) for _, kind, container, _ in rows})
    figures["answers_compared"] = sum(len(codes) for *_, codes in rows)


def _of_no_time(report: str) -> str:
    """A report without when it was made."""
    return re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", "", report)


def round_of(number: int, figures: Figures) -> None:
    """One part of the check."""
    parts = (size_and_start, tests, views)
    if number < len(parts):
        parts[number](figures)
    else:
        files(number - len(parts), figures)


def _skip() -> str:
    if not SAMPLES.is_dir():
        return "the real sample files are not beside this checkout"
    return "" if shutil.which("strip") else "strip is not installed"


CHECK = Check(
    name="frozen",
    title="the frozen viewer: its size and start, and every answer the same as the checkout's program gives",
    round=round_of,
    target_rounds=3 + _FILE_ROUNDS,
    quick_rounds=0,
    skip=_skip,
)
