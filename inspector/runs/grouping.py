"""Which runs are to be opened of what was dropped, chosen or named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from inspector.artifacts.packed_runs import holds_run, packed_run
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.runs.groups import Group, Grouping
from inspector.runs.which_runs import run_names, runs_in, runs_within


def grouping_of(paths: Iterable[str | Path], pulse: Pulse) -> Grouping:
    """The runs among some files and folders; a packed folder is a run of its own, or several.

    Raises:
        WorkCancelled: the pulse was cancelled.
    """
    absolute = tuple(dict.fromkeys(Path(path).absolute() for path in paths))
    packed = tuple(path for path in absolute if _is_packed(path, pulse))
    others = tuple(path for path in absolute if path not in packed)
    runs = runs_in(others, pulse)
    homes = _homes(runs, [path for path in others if path.is_dir()])
    names = run_names(runs)
    return Grouping(
        (
            *(
                Group(name=name if home or len(run) > 1 else Path(run[0]).name, paths=run, folder=home)
                for name, run, home in zip(names, runs, homes, strict=True)
            ),
            *(group for path in packed for group in _packed_groups(path, pulse)),
        )
    )


def _packed_groups(archive: Path, pulse: Pulse) -> tuple[Group, ...]:
    """The runs in an archive; one where it cannot be looked into, which opening it will say more of."""
    try:
        names = [file.name for file in packed_run(archive, pulse).files]
    except (FileError, OSError):
        names = []
    runs = runs_within(archive, names, pulse)
    if len(runs) < 2:
        return (Group(name=archive.name, paths=(str(archive),), archive=True),)
    return tuple(Group(name=name, paths=paths, folder=str(archive), archive=True) for name, paths in runs.items())


def _is_packed(path: Path, pulse: Pulse) -> bool:
    try:
        return holds_run(path, pulse)
    except (FileError, OSError):  # its own reader will say what is wrong with it
        return False


def _homes(runs: Sequence[Sequence[str]], folders: Sequence[Path]) -> list[str]:
    """For each run the opened folder that it shares with others, empty where it shares none."""
    within: list[str] = [
        next((str(folder) for folder in folders if all(folder in Path(path).parents for path in run)), "")
        for run in runs
    ]
    # logs that lie in the opened folder itself, beside the runs in it, are one of them too
    return [home if within.count(home) > 1 else "" for home in within]
