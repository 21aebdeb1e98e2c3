"""Builds the frozen viewer: a folder that runs without Python, and the same folder packed.

python packaging/frozen/build.py -o DIR

An environment of its own is made below DIR from what PyPI has now, as the README's first command would install it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
NAME = "run-inspector"
BUILDER = "pyinstaller==6.22.*"
MOST_BYTES, MOST_PACKED_BYTES = 250_000_000, 80_000_000

_DEBUGGED = ("hdf5plugin/plugins/*.so", "libpython3*.so*", "python3*/lib-dynload/*.so")
"""What comes with its symbols for a debugger, nine tenths of it."""


def environment(folder: Path) -> Path:
    """A Python that has this program, as a wheel of it installs, and what freezes it."""
    if not folder.exists():
        venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    install = (str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check")
    subprocess.run((*install, f"{_ROOT}[filters]", BUILDER), check=True)
    # The version stays while the program changes.
    subprocess.run((*install, "--no-deps", "--force-reinstall", str(_ROOT)), check=True)
    return python


def frozen(python: Path, output: Path) -> Path:
    """The folder of the frozen program, made anew below `output`."""
    command = (python, "-I", "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--distpath", output,
               "--workpath", output / "build" / "work", _HERE / "run-inspector.spec")  # fmt: skip
    subprocess.run(command, cwd=output, check=True)
    made = output / NAME
    # With all of its filters hdf5plugin would be as large as everything else; without their symbols they take 22 MB.
    symbols = [path for pattern in _DEBUGGED for path in sorted((made / "_internal").glob(pattern))]
    subprocess.run(("strip", "--strip-unneeded", *symbols), check=True)
    return made


def pack(folder: Path, archive: Path) -> int:
    """Write the folder as one compressed file, the same for the same folder; gives its bytes."""
    with tarfile.open(archive, "w:xz", preset=6) as tar:
        tar.add(folder, folder.name, filter=_of_nobody)
    return archive.stat().st_size


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def bytes_in(folder: Path) -> int:
    """What the files of a folder take; a link takes nothing."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def main() -> int:
    """Build, tell both sizes, and fail where one is too large."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--not-packed", action="store_true", help="the folder alone")
    options = parser.parse_args()
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    if shutil.which("strip") is None:
        print("strip is not installed; as root: apt-get install -y binutils", file=sys.stderr)
        return 2
    python = environment(output / "build" / "environment")
    folder = frozen(python, output)
    subprocess.run((python, _ROOT / "packaging" / "licences.py", "--texts", folder), check=True)
    size = bytes_in(folder)
    print(f"{folder}: {size:,} bytes")
    small = size <= MOST_BYTES
    if not options.not_packed:
        archive = output / f"{NAME}.tar.xz"
        packed_size = pack(folder, archive)
        print(f"{archive}: {packed_size:,} bytes")
        small = small and packed_size <= MOST_PACKED_BYTES
    return 0 if small else 1


if __name__ == "__main__":
    sys.exit(main())
