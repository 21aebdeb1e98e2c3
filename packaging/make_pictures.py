"""Make the README's pictures again: the window on the bundled sample run, off screen.

Run it in an environment with the program:  .venv/bin/python packaging/make_pictures.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from inspector.core.resources import resource

FOLDER = Path(__file__).parent / "pictures"

PICTURES = {
    "triage": ("--view", "triage"),
    "features": ("--view", "features", "--sample", "3"),
    "points": ("--view", "points", "--theme", "light"),
}
"""By their names: how `run-inspector shot` takes each."""

COLOURS = 256
"""A palette takes a quarter of the bytes; chosen for the rare colours, too, it cannot be told from the whole."""


def main() -> None:
    """Take every picture, and say how many bytes it has."""
    FOLDER.mkdir(exist_ok=True)
    for name, how in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            taken = Path(folder) / "taken.png"
            command = (sys.executable, "-m", "inspector", "shot", resource("sample_run"), "-o", taken)
            subprocess.run([*command, *how], check=True)
            with Image.open(taken) as picture:
                small = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, 2, None, Image.Dither.NONE)
        out = FOLDER / f"{name}.png"
        small.save(out, optimize=True)
        print(f"{out}: {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
