"""The Debian package around a folder that stands in for the frozen program: what lies where, and what it asks for.

`python -m tests.long debian_package` installs the real one into a minimal Debian without Python.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inspector import __version__
from inspector.app.guard import PACKAGES
from inspector.command_line.catalogue import FAMILIES

LINUX = Path(__file__).resolve().parents[2] / "packaging" / "linux"
BROUGHT = ("libxcb-cursor.so.0", "libfontconfig.so.1")

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed")


def said(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    frozen = folder / "run-inspector"
    (frozen / "_internal").mkdir(parents=True)
    program = frozen / "run-inspector"
    program.write_text('#!/bin/sh\nexec echo "$0" "$@"\n')
    program.chmod(0o755)
    for name in BROUGHT:
        (frozen / "_internal" / name).write_bytes(b"\x7fELF\0GLIBC_2.4\0GLIBC_2.17\0GLIBC_2.9\0")
        (frozen / "_internal" / name).chmod(0o755)
    return Path(said(sys.executable, LINUX / "build_deb.py", frozen, "-o", folder).splitlines()[-1])


@pytest.fixture(scope="module")
def held(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("held")
    said("dpkg-deb", "--raw-extract", package, folder)
    return folder


def test_it_asks_for_the_libraries_that_it_does_not_bring_and_the_newest_c_library_that_it_was_built_for(package):
    name, depends = said("dpkg-deb", "--show", "--showformat=${Package} ${Version}\n${Depends}", package).splitlines()
    assert name == f"run-inspector {__version__}-1"
    wanted = [package for library, package in PACKAGES.items() if library not in BROUGHT]
    assert depends.split(", ") == ["libc6 (>= 2.17)", *wanted, "fontconfig-config"]


def test_the_program_is_on_the_path_and_all_else_is_read_alone(held, package):
    program = held / "usr/lib/run-inspector/run-inspector"
    assert (held / "usr/bin/run-inspector").resolve() == program
    assert said(held / "usr/bin/run-inspector", "demo").split()[-1] == "demo"
    ours = [path for path in (held / "usr").rglob("*") if path.is_file()]
    assert {path for path in ours if path.stat().st_mode & 0o777 != 0o644} == {program, held / "usr/bin/run-inspector"}
    owners = {line.split()[1] for line in said("dpkg-deb", "--contents", package).splitlines()}
    assert owners == {"root/root"}


def test_it_holds_what_the_desktop_looks_for_and_a_sum_of_every_file(held):
    share = held / "usr/share"
    for place in ("applications", "metainfo", "mime/packages", "icons/hicolor/48x48/apps", "man/man1"):
        assert [path for path in (share / place).iterdir() if path.is_file()], place
    sums = (held / "DEBIAN/md5sums").read_text()
    files = {path for path in (held / "usr").rglob("*") if path.is_file() and not path.is_symlink()}
    assert {held / line.split("  ")[1] for line in sums.splitlines()} == files
    said("sh", "-c", 'cd "$1" && md5sum --check --quiet DEBIAN/md5sums', "sh", held)


def test_licences_and_changes_are_told(held):
    doc = held / "usr/share/doc/run-inspector"
    told = (doc / "copyright").read_text()
    assert "Permission is hereby granted" in told
    assert "PySide6_Essentials" in told
    assert gzip.decompress((doc / "changelog.Debian.gz").read_bytes()).decode().startswith("run-inspector (")
    assert b"## Unreleased" in gzip.decompress((doc / "changelog.gz").read_bytes())


def test_the_manual_page_tells_every_command_and_option_as_help_does(held, tmp_path):
    page = gzip.decompress((held / "usr/share/man/man1/run-inspector.1.gz").read_bytes()).decode()
    assert [line.split()[1] for line in page.splitlines() if line.startswith(".SS")] == list(FAMILIES)
    for told in ("needs no display", "\\-\\-fail\\-on SEVERITY", "\\-\\-model\\-size SIZE", "2 bad input or usage"):
        assert told in page, told
    if shutil.which("groff"):
        (tmp_path / "page.1").write_text(page)
        done = subprocess.run(
            ("groff", "-man", "-K", "utf8", "-Tutf8", "-wall", tmp_path / "page.1"), capture_output=True, check=True
        )
        assert done.stderr == b""


def test_a_folder_without_the_program_is_refused(tmp_path):
    done = subprocess.run((sys.executable, LINUX / "build_deb.py", tmp_path), capture_output=True, check=False)
    assert done.returncode != 0
    assert b"holds no program named run-inspector" in done.stderr
