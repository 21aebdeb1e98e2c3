"""Puts Run Inspector into a desktop's menu and makes its files open by double click.

python packaging/linux/install.py ~/.local --program "$PWD/.venv/bin/run-inspector"
update-mime-database ~/.local/share/mime && update-desktop-database ~/.local/share/applications
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

_HERE = Path(__file__).resolve().parent
_ICON = _HERE.parents[1] / "resources" / "icons" / "run-inspector.svg"
PROGRAM = "run-inspector"
ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256, 512)

_PLACES = {"*.desktop": "applications", "run-inspector.xml": "mime/packages", "*.metainfo.xml": "metainfo"}
"""Where the desktop looks for each file, below `share`."""


def install(prefix: Path, program: str = PROGRAM) -> None:
    """Write the desktop entry, the MIME types, the metadata and the icons below `prefix/share`.

    Args:
        prefix: `/usr`, `~/.local`, or the root of a package.
        program: what the menu starts, a path where it is not on everybody's PATH.
    """
    share = prefix / "share"
    for pattern, place in _PLACES.items():
        (source,) = _HERE.glob(pattern)
        (share / place).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, share / place / source.name)
    entry = next((share / "applications").glob("*.desktop"))
    entry.write_text(_started_by(program, entry.read_text()))
    for size_px in ICON_SIZES_PX:
        icon = share / "icons" / "hicolor" / f"{size_px}x{size_px}" / "apps" / "run-inspector.png"
        icon.parent.mkdir(parents=True, exist_ok=True)
        _drawn(size_px).save(str(icon))
    scalable = share / "icons" / "hicolor" / "scalable" / "apps" / "run-inspector.svg"
    scalable.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_ICON, scalable)


def _started_by(program: str, entry: str) -> str:
    """A desktop entry that starts another program.

    Source: the Desktop Entry Specification, of the key Exec.
    """
    if program == PROGRAM:
        return entry
    quoted = program
    for reserved in ("\\", '"', "`", "$"):
        quoted = quoted.replace(reserved, f"\\{reserved}")
    quoted = '"' + quoted.replace("%", "%%").replace("\\", "\\\\") + '"'  # once more, as every value is escaped
    tried = program.replace("\\", "\\\\")
    return entry.replace(f"TryExec={PROGRAM}", f"TryExec={tried}").replace(f"\nExec={PROGRAM}", f"\nExec={quoted}")


def _drawn(size_px: int) -> QImage:
    """The icon as a picture."""
    image = QImage(size_px, size_px, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(_ICON)).render(painter)
    painter.end()
    return image


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Put Run Inspector into the desktop's menu")
    parser.add_argument("prefix", type=Path, help="where its files go: ~/.local, or /usr")
    parser.add_argument("--program", default=PROGRAM, help="path of run-inspector, where it is not on the PATH")
    options = parser.parse_args()
    install(options.prefix, options.program)
