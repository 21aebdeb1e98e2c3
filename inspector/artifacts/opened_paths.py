"""What was opened, for a file leads to that and to nothing else: to opened files, and to all in opened folders.

What was opened was named, and is the user's to see; what stands in a file is a stranger's. Links that leave what was
opened lead nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from inspector.artifacts.companions import belongs, inside, is_within

_opened: tuple[Path, ...] = ()
_real: tuple[Path, ...] = ()
_names: dict[Path | None, list[str]] = {}
"""Of what was opened, by the folder that it lies in, without links."""


def lead_to(opened: Iterable[Path]) -> None:
    """Have files lead to these from here on, and to no others.

    Args:
        opened: the files and folders that were opened together.
    """
    global _opened, _real  # noqa: PLW0603 - one table a process, as the paths that it was opened with
    _opened = tuple(opened)
    _names.clear()
    for path in _opened:
        _names.setdefault(without_links(path.parent), []).append(path.name)
    _real = tuple(found for path in _opened if (found := without_links(path)) is not None)


def lead_also_to(paths: Iterable[Path]) -> None:
    """Have files lead to these as well: those of a run that is read beside what was opened."""
    global _real  # noqa: PLW0603 - as above
    found = map(without_links, paths)
    _real = (*_real, *(path for path in found if path is not None and not is_opened(path)))


def opened_apart_from(path: Path) -> tuple[Path, ...]:
    """What was opened beside a file: all but the file itself and the folders that hold it."""
    real = without_links(path)
    return () if real is None else tuple(one for one in _opened if not real.is_relative_to(without_links(one) or one))


def opened_in(folder: Path) -> tuple[str, ...]:
    """The names of what was opened by itself in a folder, which need not have been opened.

    Args:
        folder: without links.
    """
    return tuple(_names.get(folder, ()))


def is_opened(path: Path) -> bool:
    """Whether a file or folder was opened, or lies in a folder that was.

    Args:
        path: without links.
    """
    return any(is_within(one, path) for one in _real)


def named_file(name: str, beside: Path) -> Path | None:
    """The regular file that a name in another file leads to; None where it was not opened, or is not there.

    Args:
        name: as it stands in the file, relative to its folder or absolute.
        beside: the file.
    """
    target = without_links(beside.parent / name) if _real and name else None
    if target is None or not is_opened(target):
        return None
    try:
        return target if target.is_file() else None
    except OSError:
        return None


def file_of_set(index: Path, name: str) -> Path | None:
    """The file that an index names in or below its own folder; None where it was not opened.

    Args:
        index: of several files; with it those beside it were opened that belong to it by their names alone.
        name: as it stands in the index.
    """
    path = inside(index.parent, name)
    if path is None or (path.parent == index.parent and belongs(index.name, name)):
        return path
    real = without_links(path)
    return path if real is not None and is_opened(real) else None


def without_links(path: Path) -> Path | None:
    """A path with its links followed; None where it cannot be one."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL in it, links in a circle
        return None
