"""Writes `resources/help/licences.md`: what the program bundles and stands on, and under which licences.

Run it in an environment that has the extras `train` and `filters`: the licences are read off what is installed.
"""

from __future__ import annotations

import re
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


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
