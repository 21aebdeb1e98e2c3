"""Writes `resources/help/licences.md`: what the program bundles and stands on, and under which licences.

Run it in an environment that has the extras `train` and `filters`: the licences are read off what is installed.

`licences.py --texts FOLDER` puts the full texts of all that a frozen program bundles into its folder instead, on
Debian, whose packages tell the licences of the system's libraries that went along.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from inspector.display.markdown_table import table

_ROOT = Path(__file__).resolve().parents[1]
PAGE = _ROOT / "resources" / "help" / "licences.md"

_GROUPS = {
    "": "The window, the readers and the command line",
    "filters": "With the extra `filters`",
    "train": "With the extra `train`",
}

_SEEN_IN_ITS_TEXT = {"hdf5plugin": "MIT; its filters each under their own"}
"""Where the metadata tells no licence, what the text beside it says."""

_FILES = (
    ("Inter", "OFL-1.1", "`https://github.com/rsms/inter`"),
    ("JetBrains Mono", "OFL-1.1", "`https://github.com/JetBrains/JetBrainsMono`"),
    ("Lucide", "ISC; what comes from Feather MIT", "`https://lucide.dev`"),
)
_INTRODUCTION = """\
# Licences

Run Inspector is under the MIT licence. What it bundles and what it is installed with belong to others. The full texts
lie beside what they are for: those of fonts and icons in `resources/`, those of packages in the `dist-info` folder of
each. PySide6 and the Qt in it are used under the LGPL 3 (`https://www.gnu.org/licenses/lgpl-3.0.html`), as libraries
that can be replaced by other builds of them.
"""
_AFTER = """
Builds of torch for NVIDIA's GPUs also bring NVIDIA's libraries, under its own licence. The extra `vlm` brings
transformers and peft of Hugging Face and what they need.
"""

_GNU = Path("/usr/share/common-licenses")
_OF_QT = ("LGPL-3", "GPL-3")
"""The texts that PySide6 and Qt are under; their wheels bring none. The first refers to the second."""

_TEXT_NAMES = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)
_TEXTS_README = """\
Licences of what this folder bundles

Run Inspector itself                    LICENSE
Fonts and icons                         ../_internal/inspector/resources/fonts and icons
Python                                  python/
Packages, each with its version         packages/
Qt, PySide6 and Shiboken, {qt}       gnu/LGPL-3, which refers to gnu/GPL-3
The system's libraries                  system/, by the names of Debian's packages; their texts refer to gnu/

Qt, PySide6 and Shiboken are used under the LGPL 3, unchanged, as shared libraries below ../_internal/PySide6 and
../_internal/shiboken6: other builds of them that fit may be put in their place. Their sources are at
https://download.qt.io/official_releases/QtForPython/ and https://download.qt.io/official_releases/qt/, and what Qt
itself is made of is listed at https://doc.qt.io/qt-6/licenses-used-in-qt.html
"""


def requirements(extra: str) -> list[str]:
    """The packages that this program names itself, of an extra or, with none, of all installations."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["optional-dependencies"][extra] if extra else project["dependencies"]


def installed_for(wanted: list[str], among: dict[str, metadata.Distribution]) -> None:
    """Add to `among` what requirements name, and what that needs in turn here, by canonical names."""
    for requirement in map(Requirement, wanted):
        name = canonicalize_name(requirement.name)
        if name in among or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        among[name] = metadata.distribution(name)
        installed_for(among[name].requires or [], among)


def licence_of(package: metadata.Distribution) -> str:
    """What its metadata says; the newer, exact key first.

    Raises:
        ValueError: it says nothing, and nobody has looked.
    """
    told = package.metadata
    stated = told.get("License-Expression") or (told.get("License") or "").strip()
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier", []) if one.startswith("License ::")]
    found = stated.partition("\n")[0] or ", ".join(classified) or _SEEN_IN_ITS_TEXT.get(package.name, "")
    if not found:
        raise ValueError(f"{package.name} tells no licence; read its text, and name it here")
    return found.removesuffix(" License")


def home_of(package: metadata.Distribution) -> str:
    """Where it comes from, as what it is and no link; empty where it does not say."""
    told = package.metadata
    urls = dict(re.split(r",\s*", one, maxsplit=1) for one in told.get_all("Project-URL", []))
    named = {label.lower(): url for label, url in urls.items()}
    home = next((named[label] for label in ("homepage", "home", "source", "repository") if label in named), "")
    found = (home or told.get("Home-page") or "").rstrip("/")
    return f"`{found}`" if found else ""


def page() -> str:
    """The whole page."""
    heads = ("What", "Licence", "From")
    parts = [_INTRODUCTION, "## Fonts and icons\n", table(heads, _FILES) + "\n"]
    before: dict[str, metadata.Distribution] = {}
    for extra, title in _GROUPS.items():
        among = dict(before)
        installed_for(requirements(extra), among)
        new = sorted((name for name in among if name not in before), key=str.lower)
        rows = [(among[name].name, licence_of(among[name]), home_of(among[name])) for name in new]
        parts += [f"## {title}\n", table(heads, rows) + "\n"]
        before = among
    return "\n".join(parts) + _AFTER


def write_texts(bundle: Path) -> None:
    """Put the texts of all that a frozen program's folder bundles into its folder `licences`.

    Raises:
        ValueError: the text of something is not found.
    """
    folder = bundle / "licences"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "gnu").mkdir(parents=True)
    shutil.copy(_ROOT / "LICENSE", folder)
    (folder / "python").mkdir()
    shutil.copy(Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", folder / "python")
    among: dict[str, metadata.Distribution] = {}
    installed_for(["pyinstaller", *requirements(""), *requirements("filters")], among)
    for package in among.values():
        write_texts_of(package, folder / "packages" / f"{package.name}-{package.version}")
    referred = {*_OF_QT}
    for name, text in _system_texts(bundle / "_internal").items():
        (folder / "system").mkdir(exist_ok=True)
        (folder / "system" / name).write_text(text, encoding="utf-8")
        referred |= set(re.findall(rf"{_GNU}/([\w.-]*\w)", text))
    for name in referred & {path.name for path in _GNU.iterdir()}:
        shutil.copy(_GNU / name, folder / "gnu" / name)
    qt = metadata.version("PySide6-Essentials")
    (folder / "README.txt").write_text(_TEXTS_README.format(qt=qt), encoding="utf-8")


def write_texts_of(package: metadata.Distribution, folder: Path) -> None:
    """Put the texts that a package brings into a new folder, or for one under the LGPL where they are.

    Raises:
        ValueError: it brings none.
    """
    texts = [file for file in package.files or () if ".dist-info" in file.parts[0] and _TEXT_NAMES.search(str(file))]
    licence = licence_of(package)
    if not texts and "LGPL" not in licence:  # of those the text is with GNU's
        raise ValueError(f"{package.name} brings no text of its licence ({licence}); find it, and name it here")
    for file in texts:
        target = folder.joinpath(*(part for part in file.parts[1:] if part != "licenses"))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(str(package.locate_file(file))), target)
    if not texts:
        folder.mkdir(parents=True)
        (folder / "LICENSE").write_text(f"{licence}\n\nThe texts are in ../../gnu\n", encoding="utf-8")


def _system_texts(libraries: Path) -> dict[str, str]:
    """By Debian's package, the text that tells of a library of the system that went along."""
    asked = subprocess.run(("ldconfig", "-p"), capture_output=True, text=True, check=True).stdout
    places = dict(reversed(line.split(" => ")) for line in asked.splitlines() if " => " in line)
    known = {Path(place).name: place for place in places}
    found: dict[str, str] = {}
    for library in sorted(path.name for path in libraries.glob("lib*.so*") if not path.is_symlink()):
        if library.startswith("libpython"):
            continue
        place = Path(known.get(library, library)).resolve()
        package = next(
            filter(None, (_debian_package(one) for one in (place, Path(str(place).removeprefix("/usr"))))), ""
        )
        text = Path("/usr/share/doc") / package / "copyright"
        if not package or not text.is_file():
            raise ValueError(f"{library}: no package of Debian tells its licence")
        found[package] = text.read_text(encoding="utf-8", errors="replace")
    return found


def _debian_package(path: Path) -> str:
    done = subprocess.run(("dpkg-query", "-S", path), capture_output=True, text=True, check=False)
    return done.stdout.partition(":")[0] if done.returncode == 0 else ""


if __name__ == "__main__":
    if sys.argv[1:2] == ["--texts"]:
        write_texts(Path(sys.argv[2]))
    else:
        PAGE.write_text(page(), encoding="utf-8")
