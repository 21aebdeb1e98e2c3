"""A newcomer's first hour on a minimal Debian with python3 and pip: the README's own lines, in its order, as they are.

The plain user types the first command, reads which libraries are missing, has root type that line, and goes on.
"""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from tests.long.bare_root import USER, BareRoot, bare_root, keep_picture, why_no_root, window_on
from tests.long.harness import Check, Figures
from tests.screen import x_server

ROOT = Path(__file__).resolve().parents[2]
_APT, _LOOK, _TEST = re.findall(r"(?m)^    ((?:apt-get install|python3 -m venv) .*)$", (ROOT / "README.md").read_text())
_PYTHON = ("python3", "python3-pip")
_CANNOT = 2
_FEWEST_TESTS = 5000


def round_of(number: int, figures: Figures) -> None:
    """One of the README's two commands, before and after its line of libraries."""
    with bare_root(*_PYTHON) as root:
        figures["log"] = [*figures.get("log", []), root.log]
        check_out(root)
        (look, test)[number](root, figures)


def check_out(root: BareRoot) -> None:
    """What a download of the last commit holds, in the plain user's home."""
    packed = subprocess.run(("git", "archive", "HEAD"), cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(root.home / "run-inspector", filter="data")
    root.does("root", f"chown -R {USER}: /home/{USER}")


def look(root: BareRoot, figures: Figures) -> None:
    """Install and open the demo: first the libraries are told, then the display, then what was told works."""
    missing = sentence(root, _LOOK)
    assert missing.endswith(f"as root: {_APT}"), missing
    with tempfile.TemporaryDirectory() as folder, x_server(Path(folder), "-ac") as (display, frame):
        assert sentence(root, ".venv/bin/run-inspector demo", DISPLAY=display) == missing
        root.does("root", _APT)
        absent = sentence(root, _LOOK)
        assert absent.startswith("there is no display here"), absent
        (instead,) = re.findall(r"try `(.*)`$", absent)
        root.does(USER, instead)
        keep_picture(root.home / "run-inspector" / "demo.png", "bare_debian_shot")
        for command in ("info", "triage", "report -o report.html"):
            root.does(USER, f".venv/bin/run-inspector {command} resources/sample_run")
        figures["colours_on_screen"] = window_on(
            root, ".venv/bin/run-inspector demo", display, frame, "bare_debian_window"
        )


def test(root: BareRoot, figures: Figures) -> None:
    """Install anew for the tests and run them all."""
    root.does("root", _APT)
    told = root.does(USER, f"{_TEST} -q")
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (passed|skipped)", told.splitlines()[-1])}
    assert counts["passed"] > _FEWEST_TESTS, told[-4000:]
    figures["tests"] = counts
    figures["skipped_because"] = sorted({line.partition(": ")[2] for line in told.splitlines() if "SKIPPED" in line})


def sentence(root: BareRoot, command: str, **environment: str) -> str:
    """The last line of a command that ends as one that cannot work here."""
    return root.does(USER, command, code=_CANNOT, **environment).splitlines()[-1]


CHECK = Check(
    name="bare_debian",
    title="a newcomer's two commands on a minimal Debian with python3 and pip",
    round=round_of,
    target_rounds=2,
    quick_rounds=0,
    skip=why_no_root,
    keeps_rounds=True,
)
