"""The Debian package of a frozen program: built, looked at by Debian's own validators, installed where no Python is.

`INSPECTOR_FROZEN` names a frozen program that is built already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.long.bare_root import USER, BareRoot, bare_root, keep_picture, why_no_root, window_on
from tests.long.frozen import program
from tests.long.harness import Check, Figures
from tests.screen import x_server

BUILD = Path(__file__).resolve().parents[2] / "packaging" / "linux" / "build_deb.py"
HELD = "/usr/lib/run-inspector/_internal"
SAMPLE_RUN = f"{HELD}/inspector/resources/sample_run"
_TOOLS = ("lintian", "desktop-file-validate", "appstreamcli", "update-mime-database", "Xvfb")
_LARGEST_PACKAGE_MB, _LARGEST_INSTALLED_MB = 80, 250
_NOT_USED = {"libwayland-egl.so.1"}
"""What a plugin wants that no window of this program needs: it paints without OpenGL."""
_OWN_FOLDERS = "-path /proc -prune -o -path /home -prune -o -path /tmp -prune -o -path /var/log -prune"


def _skip() -> str:
    if why_no_root():
        return why_no_root()
    absent = [tool for tool in _TOOLS if shutil.which(tool) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def round_of(_number: int, figures: Figures) -> None:
    """From the frozen folder to a root from which the package has been removed again."""
    with tempfile.TemporaryDirectory(prefix="debian-package-") as temporary:
        folder = Path(temporary)
        frozen = program().parent
        begun_s = time.monotonic()
        command = (sys.executable, BUILD, frozen, "-o", folder)
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        package = Path(told.splitlines()[-1])
        figures["build_s"] = round(time.monotonic() - begun_s, 1)
        figures["package_mb"] = round(package.stat().st_size / 1e6, 1)
        subprocess.run(("dpkg-deb", "--extract", package, folder / "held"), check=True)
        figures["installed_mb"] = round(sum(p.lstat().st_size for p in (folder / "held").rglob("*")) / 1e6, 1)
        assert figures["package_mb"] < _LARGEST_PACKAGE_MB, figures
        assert figures["installed_mb"] < _LARGEST_INSTALLED_MB, figures
        figures["validators"] = validated(package, folder / "held" / "usr" / "share")
        figures["depends"] = subprocess.run(
            ("dpkg-deb", "--field", package, "Depends"), capture_output=True, text=True, check=True
        ).stdout.strip()
        shutil.rmtree(folder / "held")
        with bare_root() as root:
            figures["log"] = root.log
            install_and_remove(root, package, folder, figures)


def validated(package: Path, share: Path) -> dict[str, str]:
    """What each validator prints, none of it an objection."""
    (entry,) = (share / "applications").iterdir()
    (metadata,) = (share / "metainfo").iterdir()
    commands = {
        "desktop-file-validate": (entry,),
        "appstreamcli": ("validate", "--no-net", "--no-color", metadata),
        "update-mime-database": (share / "mime",),
        "lintian": ("--fail-on", "error,warning", "--allow-root", package),
    }
    told = {}
    for tool, arguments in commands.items():
        environment = os.environ | {"XDG_DATA_HOME": str(share)}  # else the database notes that nobody looks there
        done = subprocess.run((tool, *arguments), capture_output=True, text=True, env=environment, check=False)
        told[tool] = (done.stdout + done.stderr).strip()
        assert done.returncode == 0, told[tool]
    return told


def install_and_remove(root: BareRoot, package: Path, folder: Path, figures: Figures) -> None:
    """Install, use as a plain user with and without a screen, remove."""
    before = files_of(root)
    shutil.copyfile(package, root.folder / "var" / "tmp" / package.name)
    root.does("root", f"apt-get install -y /var/tmp/{package.name}")
    root.does("root", "! command -v python3")
    linked = root.does(USER, "find /usr/lib/run-inspector -name '*.so*' -type f | xargs ldd 2>&1", LD_LIBRARY_PATH=HELD)
    figures["not_found"] = sorted({line.split()[0] for line in linked.splitlines() if "not found" in line})
    assert set(figures["not_found"]) <= _NOT_USED, figures
    figures["types_known"] = root.does("root", "grep -c run-inspector /usr/share/mime/globs2").strip()
    root.does(USER, "run-inspector demo", code=2)
    told = {
        "shot": root.does(USER, "run-inspector demo --shot ~/demo.png"),
        "info": root.does(USER, f"run-inspector info {SAMPLE_RUN}"),
        "triage": root.does(USER, f"run-inspector triage {SAMPLE_RUN}"),
        "report": root.does(USER, f"run-inspector report {SAMPLE_RUN} -o ~/report.html"),
    }
    assert told["shot"] == ""
    assert "metrics.jsonl" in told["info"]
    assert "Dead channels" in told["triage"]
    assert (root.home / "report.html").stat().st_size > 100_000
    keep_picture(root.home / "demo.png", "debian_package_shot")
    with x_server(folder, "-ac") as (display, frame):
        window = window_on(root, "run-inspector demo", display, frame, "debian_package_window")
        figures["colours_on_screen"] = window
    root.does("root", "apt-get purge -y run-inspector && apt-get autoremove --purge -y && apt-get clean")
    (root.folder / "var" / "tmp" / package.name).unlink()
    assert [path for path in files_of(root) - before if "inspector" in path.lower()] == []
    figures["left_behind"] = root.does("root", "dpkg -l | grep -c run-inspector || true").strip()


def files_of(root: BareRoot) -> set[str]:
    """All paths outside the homes and what lies there for a while."""
    return set(root.does("root", f"find / {_OWN_FOLDERS} -o -print").splitlines())


CHECK = Check(
    name="debian_package",
    title="the Debian package: validators, and a minimal Debian without Python that installs, runs and removes it",
    round=round_of,
    target_rounds=1,
    quick_rounds=0,
    skip=_skip,
)
