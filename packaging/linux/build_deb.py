"""A Debian package around a frozen program.

python packaging/linux/build_deb.py dist/run-inspector -o dist
"""

from __future__ import annotations

import argparse
import datetime as dt
import email.utils
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from install import PROGRAM, install
from man_page import man_page

from inspector import __version__
from inspector.app.guard import PACKAGES

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
VERSION = f"{__version__}-1"
_MAINTAINER = "The Run Inspector authors <run-inspector@users.noreply.github.com>"

_CONTROL = """\
Package: {program}
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {installed_kib}
Depends: {depends}
Recommends: desktop-file-utils, hicolor-icon-theme, shared-mime-info
Section: science
Priority: optional
Description: see what a training run did, and what went wrong
 For people who train vision models: drop a run folder on the window, see its
 curves, samples, activations and weights, and what went wrong with the
 evidence for it. It opens checkpoints, HDF5 dumps and logs that others wrote,
 works offline, and executes nothing of what it opens.
 .
 Training and resuming use a Python with PyTorch of your own, which this
 package neither needs nor brings.
"""

_COPYRIGHT = """\
{licence}
What else is in this package
----------------------------

{others}
Texts of licences and notices of all of these, and of the system's libraries
that went along, lie in /usr/lib/{program}/licences. Those of GNU, and the
Apache licence 2.0, are also in /usr/share/common-licenses: LGPL-3, GPL-3,
LGPL-2.1, Apache-2.0.
"""

_CHANGES = """\
{program} ({version}) unstable; urgency=medium

  * Made of release {release}, whose changes are in changelog.gz.

 -- {maintainer}  {date}
"""


def build(frozen: Path, folder: Path) -> Path:
    """The package of a frozen program; `folder` is where it is written.

    Raises:
        FileNotFoundError: the folder of the frozen program holds none.
    """
    if not os.access(frozen / PROGRAM, os.X_OK):
        raise FileNotFoundError(f"{frozen} holds no program named {PROGRAM}")
    folder.mkdir(parents=True, exist_ok=True)
    architecture = subprocess.run(
        ("dpkg", "--print-architecture"), capture_output=True, text=True, check=True
    ).stdout.strip()
    package = folder / f"{PROGRAM}_{VERSION}_{architecture}.deb"
    with tempfile.TemporaryDirectory(prefix="deb-") as temporary:
        root = Path(temporary)
        _lay_out(frozen, root / "usr")
        held = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in held]  # noqa: S324 - as dpkg wants it
        control = _CONTROL.format(
            program=PROGRAM,
            version=VERSION,
            architecture=architecture,
            maintainer=_MAINTAINER,
            installed_kib=sum(path.stat().st_size for path in held) // 1024,
            depends=", ".join(_needed(frozen)),
        )
        (root / "DEBIAN").mkdir()
        (root / "DEBIAN" / "control").write_text(control)
        (root / "DEBIAN" / "md5sums").write_text("".join(sums))
        _set_modes(root)
        # -z1 takes seconds where the usual -z6 takes minutes, for some per cent
        subprocess.run(("dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", root, package), check=True)
    return package


def _lay_out(frozen: Path, usr: Path) -> None:
    """All files of the package below its `usr`; dpkg's own triggers then tell the desktop of them."""
    shutil.copytree(frozen, usr / "lib" / PROGRAM, symlinks=True)
    (usr / "bin").mkdir()
    (usr / "bin" / PROGRAM).symlink_to(f"../lib/{PROGRAM}/{PROGRAM}")
    install(usr)
    doc, man, overrides = usr / "share/doc" / PROGRAM, usr / "share/man/man1", usr / "share/lintian/overrides"
    for made in (doc, man, overrides):
        made.mkdir(parents=True)
    (man / f"{PROGRAM}.1.gz").write_bytes(_packed(man_page()))
    shutil.copyfile(_HERE / "lintian-overrides", overrides / PROGRAM)
    (doc / "copyright").write_text(
        _COPYRIGHT.format(
            program=PROGRAM,
            licence=(_ROOT / "LICENSE").read_text(),
            others=(_ROOT / "resources/help/licences.md").read_text(),
        )
    )
    built_s = int(os.environ.get("SOURCE_DATE_EPOCH", (frozen / PROGRAM).stat().st_mtime))
    changes = _CHANGES.format(
        program=PROGRAM,
        version=VERSION,
        release=__version__,
        maintainer=_MAINTAINER,
        date=email.utils.format_datetime(dt.datetime.fromtimestamp(built_s, dt.UTC)),
    )
    (doc / "changelog.Debian.gz").write_bytes(_packed(changes))
    (doc / "changelog.gz").write_bytes(_packed((_ROOT / "CHANGELOG.md").read_text()))


def _packed(text: str) -> bytes:
    return gzip.compress(text.encode(), 9, mtime=0)


def _needed(frozen: Path) -> list[str]:
    """What the package depends on: the C library that its files were built for, and what of Qt's it does not bring."""
    held = [path for path in frozen.rglob("*") if path.is_file()]
    linked = {int(minor) for path in held for minor in re.findall(rb"\bGLIBC_2\.(\d+)", path.read_bytes())}
    names = {path.name for path in held}
    of_libc = f"libc6 (>= 2.{max(linked)})" if linked else "libc6"
    absent = [package for library, package in PACKAGES.items() if library not in names]
    return [of_libc, *absent, "fontconfig-config"]  # without its settings the library of fonts complains at each start


def _set_modes(root: Path) -> None:
    """Everybody may read all, and run the program alone: a library needs no right to be run."""
    root.chmod(0o755)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path == root / "usr/lib" / PROGRAM / PROGRAM else 0o644)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make a Debian package of a frozen program")
    parser.add_argument("frozen", type=Path, help="the folder that PyInstaller made")
    parser.add_argument("-o", "--output", type=Path, default=Path("dist"), help="the folder of the package")
    options = parser.parse_args()
    print(build(options.frozen, options.output))
