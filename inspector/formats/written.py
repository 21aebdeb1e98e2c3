"""What was written into a new file: a clean copy of a checkpoint, one tensor, curves, samples, or a report."""

from __future__ import annotations

import msgspec

from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.units import bytes_text, count_text


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
        sentence = tr("{name}: {was} became {now}") if self.now else tr("{name}: {was} was left out")
        told = sentence.format(name=self.name or tr("the whole"), was=self.was, now=self.now)
        return f"{told} ({self.because})" if self.because else told


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
        tensors = tr_many("{count} tensor", "{count} tensors", self.tensors).format(count=count_text(self.tensors))
        values = tr_many("{count} value", "{count} values", self.values).format(count=count_text(self.values))
        held = tr("{tensors} and {values}, {bytes}")
        parts = [held.format(tensors=tensors, values=values, bytes=bytes_text(self.bytes))]
        if self.changed_count:
            became = tr_many(
                "{count} object became a plain value", "{count} objects became plain values", self.changed_count
            )
            parts.append(became.format(count=count_text(self.changed_count)))
        if self.left_out_count:
            parts.append(tr("{count} could not be kept").format(count=count_text(self.left_out_count)))
        if len(self.notes) > 1:
            more = len(self.notes) - 1
            notes = tr_many("{note}, and {count} more note", "{note}, and {count} more notes", more)
            parts.append(notes.format(note=self.notes[0], count=f"{more:,}"))
        else:
            parts += self.notes
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
        shape = "×".join(str(length) for length in self.shape) or tr("scalar")
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
        points, curves = tr_counted(self.points, "point"), tr_counted(self.curves, "curve")
        return tr("{points} of {curves}, {bytes}").format(points=points, curves=curves, bytes=bytes_text(self.bytes))


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
        samples, size = tr_counted(self.samples, "sample"), bytes_text(self.bytes)
        if not self.objects:
            return f"{samples}, {size}"
        sentence = tr("{samples} with {objects}, {bytes}")
        return sentence.format(samples=samples, objects=tr_counted(self.objects, "object"), bytes=size)


class WrittenReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was written.

    Attributes:
        findings: how many it tells, without those that were put aside.
    """

    findings: int
    bytes: int

    def sentence(self) -> str:
        """The result in one sentence, to follow the name of the new file."""
        return f"{tr_counted(self.findings, 'finding')}, {bytes_text(self.bytes)}"
