"""Where the bundled files are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def resource(relative: str) -> Path:
    """The path of a bundled file or folder.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        path = root / relative
        if path.exists():
            return path
    message = f"resources/{relative} is missing; install Run Inspector again"
    raise FileNotFoundError(message)
