"""What was written into a new file: a clean copy of a checkpoint, one tensor, curves, samples, or a report."""

from __future__ import annotations

import msgspec

from inspector.core.units import bytes_text, count_text, counted


class Change(msgspec.Struct, frozen=True):
    """One value that is not in the copy as it was in the file.

    Attributes:
        name: dotted path from the root.
        was: what it is in the file (`argparse.Namespace`).
        now: what it is in the copy (`dict`), empty where it was left out.
        because: why, where that does not go without saying.
    """

    name: str
    was: str
    now: str
    because: str = ""

    def sentence(self) -> str:
        """`args: argparse.Namespace became dict`, or that it was left out."""
        what = f"{self.was} became {self.now}" if self.now else f"{self.was} was left out"
        return f"{self.name or 'the whole'}: {what}{f' ({self.because})' if self.because else ''}"


class CleanCopy(msgspec.Struct, frozen=True, kw_only=True):
    """What a clean copy holds, and what became of the rest.

    Attributes:
        tensors: how many it has.
        values: how many numbers, texts, truth values and None it has.
        bytes: size of the new file.
        changed: what became a plain value of another sort, the first of them.
        changed_count: how many there are.
        left_out: what is not in the copy, the first of them.
        left_out_count: how many there are.
        notes: what reading the file said.
    """

    tensors: int
    values: int
    bytes: int
    changed: tuple[Change, ...] = ()
    changed_count: int = 0
    left_out: tuple[Change, ...] = ()
    left_out_count: int = 0
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The result in one sentence, to follow the name of the new file."""
        parts = [f"{count_text(self.tensors)} tensors and {count_text(self.values)} values, {bytes_text(self.bytes)}"]
        if self.changed_count:
            parts.append(f"{count_text(self.changed_count)} objects became plain values")
        if self.left_out_count:
            parts.append(f"{count_text(self.left_out_count)} could not be kept")
        if self.notes:
            more = f", and {len(self.notes) - 1:,} more notes" if len(self.notes) > 1 else ""
            parts.append(f"{self.notes[0]}{more}")
        return "; ".join(parts)


class ExportedTensor(msgspec.Struct, frozen=True, kw_only=True):
    """A tensor that was written as `.npy`.

    Attributes:
        dtype: numpy's name of what was written.
        because: why that is another type than the tensor's, empty where it is the same.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    because: str = ""

    def sentence(self) -> str:
        """The result in one sentence, to follow the name of the new file."""
        shape = "×".join(str(length) for length in self.shape) or "scalar"
        why = f"; {self.because}" if self.because else ""
        return f"{self.name}, {shape} {self.dtype}, {bytes_text(self.bytes)}{why}"


class ExportedCurves(msgspec.Struct, frozen=True, kw_only=True):
    """Curves whose points were written.

    Attributes:
        notes: what reading the logs said.
    """

    curves: int
    points: int
    bytes: int
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The result in one sentence, to follow the name of the new file."""
        return f"{counted(self.points, 'point')} of {counted(self.curves, 'curve')}, {bytes_text(self.bytes)}"


class ExportedSamples(msgspec.Struct, frozen=True, kw_only=True):
    """Samples whose numbers were written.

    Attributes:
        objects: how many points of theirs were, pairs counted once.
        notes: what reading the dump said.
    """

    samples: int
    objects: int
    bytes: int
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The result in one sentence, to follow the name of the new file."""
        objects = f" with {counted(self.objects, 'object')}" if self.objects else ""
        return f"{counted(self.samples, 'sample')}{objects}, {bytes_text(self.bytes)}"


class WrittenReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was written.

    Attributes:
        findings: how many it tells, without those that were put aside.
    """

    findings: int
    bytes: int

    def sentence(self) -> str:
        """The result in one sentence, to follow the name of the new file."""
        return f"{counted(self.findings, 'finding')}, {bytes_text(self.bytes)}"
