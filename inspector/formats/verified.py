"""What checking a checkpoint's bytes found: which records do not have the checksum that was written with them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from inspector.core.language import tr, tr_later, tr_listed, tr_many
from inspector.core.units import bytes_text

CRC32 = "crc32"
"""`Verified.checked` where records have checksums."""

SHOWN_TENSORS = 3
"""How many tensors a sentence about a damaged record names."""

MAX_DAMAGED = 1_000
"""How many damaged records are listed; the others are counted."""

WRONG_CHECKSUM = tr_later("does not have the checksum that was written with it")


class DamagedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record whose bytes are not what its writer wrote.

    Attributes:
        name: as the archive names it; in a folder, the file's name and ` · ` before it.
        start: absolute place of its first byte in the file, None where its bytes are nowhere.
        bytes: how many stand there.
        expected_crc: the CRC-32 that the archive gives, None where it is not a matter of checksums.
        found_crc: the CRC-32 of the bytes that are there, None where they could not be read.
        problem: the rest of a sentence that begins with the name.
        tensors: names of those whose elements it holds, some of them if they are many.
        tensor_count: how many there are.
    """

    name: str
    start: int | None = None
    bytes: int = 0
    expected_crc: int | None = None
    found_crc: int | None = None
    problem: str = WRONG_CHECKSUM
    tensors: tuple[str, ...] = ()
    tensor_count: int = 0

    def sentence(self) -> str:
        """What is wrong with it, and what lives in it."""
        if self.start is None:
            told = tr("{record} {problem}").format(record=self.name, problem=tr(self.problem))
        else:
            told = tr("{record} ({bytes} at byte {start}) {problem}").format(
                record=self.name, bytes=bytes_text(self.bytes), start=f"{self.start:,}", problem=tr(self.problem)
            )
        if not self.tensors:
            return told
        names = tr_listed(self.tensors, SHOWN_TENSORS, of=self.tensor_count)
        return tr("{problem}; it holds {tensors}").format(problem=told, tensors=names)


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a check.

    Attributes:
        path: the file or folder.
        checked: `crc32` where records have checksums, else a sentence that says why not and what was checked.
        records: how many were checked.
        bytes: how many bytes they have.
        damaged: those that are not as they were written, the first of them.
        damaged_count: how many there are.
        notes: what contradicts itself in the structure, or could not be checked.
    """

    path: str
    checked: str
    records: int = 0
    bytes: int = 0
    damaged: tuple[DamagedRecord, ...] = ()
    damaged_count: int = 0
    notes: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing was found damaged."""
        return not self.damaged

    def sentence(self) -> str:
        """The result in one sentence fit to show."""
        name = Path(self.path).name
        if self.damaged:
            first, more = self.damaged[0].sentence(), f"{self.damaged_count - 1:,}"
            if self.damaged_count > 1:
                sentence = tr_many(
                    "{file} is damaged: {first}, and {count} more is damaged",
                    "{file} is damaged: {first}, and {count} more are damaged",
                    self.damaged_count - 1,
                )
                return sentence.format(file=name, first=first, count=more)
            return tr("{file} is damaged: {first}").format(file=name, first=first)
        if self.checked != CRC32:
            return f"{name}: {self.checked}"
        sentence = tr_many(
            "{file}: the one record ({bytes}) has its checksum",
            "{file}: all {count} records ({bytes}) have their checksum",
            self.records,
        )
        return sentence.format(file=name, count=f"{self.records:,}", bytes=bytes_text(self.bytes))
