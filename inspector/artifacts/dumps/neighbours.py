"""What is likely to be read next of a dump: the sample after the one that was read, or before it on the way back.

A reader that has answered and waits has it decoded in other threads; the next request drops what has not begun.
"""

from __future__ import annotations

from contextlib import suppress

from inspector.artifacts.dumps.direct_reads import DirectReads
from inspector.artifacts.dumps.hdf5_library import FAILURES
from inspector.artifacts.dumps.part_places import Part
from inspector.formats.facts import DatasetFacts

MAX_PARTS = 12
"""Datasets of samples that are read ahead: the image, masks, slots, truth of the chosen one, which is read first."""


class Neighbours:
    """What was read of a file sample by sample, and what comes after it.

    Args:
        direct: the file's direct reads, which decode ahead.
    """

    def __init__(self, direct: DirectReads) -> None:
        self._direct = direct
        self._now: dict[tuple[str, int], tuple[DatasetFacts, Part]] = {}
        self._before: frozenset[tuple[str, int]] = frozenset()

    def note(self, dataset: DatasetFacts, part: Part | None) -> bool:
        """Keep in mind that a part is read, if it is a single sample's; whether it is.

        Args:
            dataset: of the file.
            part: in the file's own axes.
        """
        global _last  # noqa: PLW0603 - the file that was read last, of all that are open
        axis = dataset.sample_axis
        single = bool(part and part[axis].stop - part[axis].start == max(1, dataset.merged_slots))
        if part and single:
            self._now[dataset.path, part[axis].start] = (dataset, part)
            _last = self
        return single

    def read_ahead(self) -> None:
        """Have what comes next decoded in other threads, and begin anew with what is read."""
        for dataset, part in list(self._now.values())[:MAX_PARTS]:
            axis = dataset.sample_axis
            start, stop = part[axis].start, part[axis].stop
            step = stop - start
            # Who was one further before is on the way back.
            shift = -step if (dataset.path, start + step) in self._before else step
            if start + shift >= 0 and stop + shift <= dataset.shape[axis] * step:
                self._direct.ahead(dataset.path, (*part[:axis], slice(start + shift, stop + shift), *part[axis + 1 :]))
        self._before = frozenset(self._now)
        self._now.clear()

    def stop(self) -> None:
        """Drop what was to be decoded ahead and has not begun."""
        self._direct.drop_ahead()


_last: Neighbours | None = None


def read_ahead() -> None:
    """Have what is likely to be read next decoded in other threads, of the file that was read last; at once done."""
    if _last is not None:
        # A hint may fail: no thread can be started, the file is gone.
        with suppress(*FAILURES):
            _last.read_ahead()


def stop_reading_ahead() -> None:
    """Leave the threads to what is wanted now."""
    if _last is not None:
        _last.stop()
