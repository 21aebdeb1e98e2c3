"""Whether numpy's file is a dump of samples or a checkpoint, by the names and shapes of its arrays alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from inspector.artifacts.archives.zip_content import source_of
from inspector.artifacts.archives.zip_scan import open_whole_or_cut
from inspector.artifacts.byte_file import InnerFile, ReadableFile
from inspector.artifacts.dumps.role_names import WEIGHT, named_role
from inspector.artifacts.numpy_headers import npy_header
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.dump import Role

MAX_LOOKED_AT = 32
"""Arrays whose headers are read to decide."""

_AXES: dict[Role, tuple[int, ...]] = {
    Role.IMAGE: (4, 5), Role.GT_MASKS: (3, 4, 5), Role.DECODER_MASKS: (3, 4, 5, 6), Role.ATTENTION: (3, 4, 5),
    Role.RECONSTRUCTION: (4, 5), Role.SLOTS: (3, 4), Role.GT_POINTS: (3,), Role.PRED_POINTS: (3,),
}  # fmt: skip
"""Roles that make a dump, and how many axes their arrays have; layers alone could be weights."""


def holds_samples(shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether arrays are recorded samples: named as pictures, masks, attention, slots or points, as many of each.

    Of slots that share an axis with the samples there are as many times more.
    """
    counts = [
        shape[0]
        for name, shape in shapes.items()
        if len(shape) in _AXES.get(named_role(name) or Role.UNKNOWN, ()) and not WEIGHT.search(name.lower())
    ]
    return bool(counts) and all(count % max(1, min(counts)) == 0 for count in counts)


def npy_holds_samples(file: ReadableFile, name: Path) -> bool:
    """Whether a `.npy` file is a dump of one dataset, named by the file."""
    try:
        return named_role(name.stem) is not None and holds_samples({name.stem: npy_header(file).shape})
    except FileError:
        return False


def npz_holds_samples(file: ReadableFile, names: Collection[str], pulse: Pulse = QUIET) -> bool:
    """Whether a `.npz` file is a dump; `names` are those of its entries."""
    arrays = [name.removesuffix(".npy") for name in names]
    wanted = {name for name in arrays if named_role(name) in _AXES}
    if not wanted or any(WEIGHT.search(name.lower()) for name in arrays):
        return False
    shapes: dict[str, tuple[int, ...]] = {}
    try:
        archive = open_whole_or_cut(file, Notes(), pulse)
        for name in sorted(wanted)[:MAX_LOOKED_AT]:
            member = archive.by_name[f"{name}.npy"]
            shapes[name] = npy_header(InnerFile(file, source_of(archive, member, Notes(), pulse))).shape
    except (FileError, KeyError):
        return False
    return holds_samples(shapes)
