"""The tests of each promise, run and counted, so that the table of promises tells how many of them hold."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET  # of a report that pytest wrote

from tests.long.harness import Check, Figures
from tests.long.promises import PROMISES, TESTS_RUN

ROOT = Path(__file__).resolve().parents[2]
_QUICK = 11
_ORDER = sorted((one for one in PROMISES if one.tests), key=lambda one: (one.number != _QUICK, one.number))
"""The promise whose tests CI can afford twice comes first."""


def round_of(number: int, figures: Figures) -> None:
    """The tests of one promise."""
    promise = _ORDER[number]
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        to_report = ["-o", "junit_family=xunit1", "--junit-xml", str(report)]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *to_report, *promise.tests]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-4000:]
        found = counted(report)
    assert found["passed"], done.stdout[-4000:]
    figures[str(promise.number)] = found


def counted(report: Path) -> Figures:
    """The tests of a report that passed and were skipped, and the sums of what they told with `record_property`."""
    cases = list(ET.parse(report).iter("testcase"))
    skipped = sum(case.find("skipped") is not None for case in cases)
    tried: Counter[str] = Counter()
    for one in (one for case in cases for one in case.iter("property")):
        tried[str(one.get("name"))] += int(str(one.get("value")))
    return {"passed": len(cases) - skipped, "skipped": skipped, "tried": dict(tried)}


CHECK = Check(
    name=TESTS_RUN,
    title="the tests of each of the 19 promises: how many passed, none having failed",
    round=round_of,
    target_rounds=len(_ORDER),
    quick_rounds=1,
)
