"""The trainer in another interpreter: the rooms that train are plain Python and go as one archive on its path.

So an environment of the user's own, with CUDA and their packages, needs no installation of this program.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import inspector
from inspector.core.files import write_atomically
from inspector.core.places import cache_folder
from inspector.jobs.children import child_command

_PACKAGE = Path(inspector.__file__).parent
TRAVELLING = ("core", "formats", "analysis", "training")
"""The rooms that training imports, and no others."""

# The archive comes first on the path; nothing of the environment's own variables or folder does.
_START = "import sys; sys.path.insert(0, {archive!r}); from inspector.training.__main__ import main; sys.exit(main())"


def training_command(interpreter: str, *arguments: str) -> list[str]:
    """The argument list that starts the trainer in another interpreter, or in this program's own where none is named.

    Raises:
        OSError: the rooms could not be put into the cache folder.
    """
    if not interpreter or Path(interpreter) == Path(sys.executable):
        return child_command("training", *arguments)
    return [interpreter, "-I", "-c", _START.format(archive=str(rooms_archive())), *arguments]


def rooms_archive() -> Path:
    """The rooms that train, as an archive in the cache folder that Python imports from; made when it is not there.

    Raises:
        OSError: the cache folder cannot be written.
    """
    name, content = _archived()
    path = cache_folder() / name
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    return path


@cache
def _archived() -> tuple[str, bytes]:
    """The archive's name and content; a running program's rooms stay as they are."""
    import hashlib
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in _sources():
            # A fixed time, so that the same rooms make the same archive.
            entry = zipfile.ZipInfo(f"inspector/{source.relative_to(_PACKAGE).as_posix()}", (2020, 1, 1, 0, 0, 0))
            archive.writestr(entry, source.read_bytes(), zipfile.ZIP_DEFLATED)
    content = stream.getvalue()
    return f"rooms-{inspector.__version__}-{hashlib.sha256(content).hexdigest()[:12]}.zip", content


def _sources() -> Iterator[Path]:
    yield _PACKAGE / "__init__.py"
    for room in TRAVELLING:
        yield from sorted((_PACKAGE / room).rglob("*.py"))
