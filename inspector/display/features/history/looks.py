"""What one dump says of its layers, kept so that a further dump of a run costs one reading."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.analysis.sparsity import dead_channels
from inspector.artifacts.dumps.dump import layer_statistics, opened
from inspector.artifacts.identity import Identity
from inspector.core.arrays import AnyArray, FloatArray, ShapeError
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.display.features.measures import layers_of

KEPT_LOOKS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One layer in one dump.

    Attributes:
        sparsity: share of zeros over all channels.
        shares: (channels,) float64 share of values that are not zero.
        dead: (channels,) bool.
    """

    sparsity: float
    shares: FloatArray
    dead: AnyArray


_kept: OrderedDict[tuple[Path, float], tuple[Identity, dict[str, Look]]] = OrderedDict()


def looks_of(path: Path, zero_means: float, notes: Notes, pulse: Pulse) -> dict[str, Look]:
    """Every layer of a dump that can be read, by name.

    Raises:
        FileError: the dump cannot be opened.
        WorkCancelled: the pulse says so.
    """
    dump = opened(path, pulse)
    known = _kept.pop((path, zero_means), None)
    if known is not None and known[0] == dump.identity:
        _kept[path, zero_means] = known
        return known[1]
    found: dict[str, Look] = {}
    unread = Notes()
    for name, layer in layers_of(dump).items():
        pulse.beat(what=f"{path.name}, {visible(name, 60)}")
        try:
            statistics = layer_statistics(dump, layer, pulse)
        except (FileError, ShapeError) as error:
            unread.add(f"{visible(name)}: {error}")
            continue
        row = statistics.nearest_row(zero_means)
        total = int(statistics.n.sum())
        found[name] = Look(
            sparsity=float(statistics.near_zero[row].sum() / total) if total else float("nan"),
            shares=1.0 - statistics.fractions[row],
            dead=np.asarray(dead_channels(statistics, float(statistics.epsilons[row]))),
        )
    while len(_kept) >= KEPT_LOOKS:
        _kept.popitem(last=False)
    notes.extend(unread)
    if not unread.texts():
        _kept[path, zero_means] = dump.identity, found
    return found
