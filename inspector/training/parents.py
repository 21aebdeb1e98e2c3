"""What a resume starts from: the run folder, its record, the checkpoint in it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from inspector.core.errors import MissingError, RunFolderError
from inspector.formats.checkpoint import SUFFIX, newest_checkpoint
from inspector.formats.run_folder import CHECKPOINT_FOLDER, RUN_FILE, RunRecord


def parent_of(named: str, checkpoint: str) -> tuple[Path, Path]:
    """The run folder and the checkpoint that a request names, by the folder or by the checkpoint itself.

    Raises:
        MissingError: there is nothing of that name.
        RunFolderError: the run has no such checkpoint.
    """
    run = Path(named).expanduser().resolve()
    if run.is_file():
        folder = run.parent.parent if run.parent.name == CHECKPOINT_FOLDER else run.parent
        return folder, run
    if not run.is_dir():
        raise MissingError(run, "a run folder", "no such folder")
    return run, checkpoint_path(run, checkpoint)


def checkpoint_path(run: Path, name: str, option: str = "--from") -> Path:
    """The checkpoint of a run by `best`, `last`, its name, or a path.

    Args:
        run: its folder.
        name: as it was asked for.
        option: what chooses another one.

    Raises:
        RunFolderError: the run has no such checkpoint.
    """
    if name in ("best", "last"):
        record = read_record(run)
        named = record.best if name == "best" else newest_checkpoint(run / CHECKPOINT_FOLDER) or record.last
        if named is None:
            raise RunFolderError(f"{run.name}: it has no {name} checkpoint yet; choose another with {option}")
        return run / CHECKPOINT_FOLDER / named
    for path in (run / CHECKPOINT_FOLDER / name, run / CHECKPOINT_FOLDER / f"{name}{SUFFIX}", Path(name).expanduser()):
        if path.is_file():
            return path.resolve()
    have = sorted(path.name for path in (run / CHECKPOINT_FOLDER).glob(f"*{SUFFIX}"))
    raise RunFolderError(f"{run.name}: there is no checkpoint {name}; it has {', '.join(have) or 'none'}")


def read_record(folder: Path) -> RunRecord:
    """run.json of a folder.

    Raises:
        RunFolderError: there is none, or it cannot be read.
    """
    try:
        return msgspec.json.decode((folder / RUN_FILE).read_bytes(), type=RunRecord)
    except OSError as error:
        raise RunFolderError(
            f"{folder.name or folder}: expected a run folder with {RUN_FILE}, found none; only runs that this program"
            " trained can be resumed"
        ) from error
    except (ValueError, RecursionError) as error:
        raise RunFolderError(f"{folder.name}: {RUN_FILE} cannot be read ({error})") from error
