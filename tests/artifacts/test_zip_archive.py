"""The strict zip reader: what zipfile writes, every contradiction told, no bomb unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.artifacts.archives import zip_archive
from inspector.artifacts.archives.zip_archive import Archive, open_archive
from inspector.artifacts.archives.zip_content import content, crc_fits
from inspector.artifacts.byte_file import ByteFile
from inspector.core.errors import DamagedError, FileError, LimitError, UnsupportedError
from inspector.core.notes import Notes


def made(
    entries: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED, comment: bytes = b"", zip64: bool = False
) -> bytes:
    """An archive as Python's own module writes it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in entries:
            with archive.open(name, "w", force_zip64=zip64) as entry:
                entry.write(data)
        archive.comment = comment
    return stream.getvalue()


Open = Callable[[bytes], tuple[Archive, tuple[str, ...]]]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Gives the archive in some bytes, and the notes about it."""
    path = tmp_path / "archive.zip"
    with ExitStack() as files:

        def open_bytes(data: bytes) -> tuple[Archive, tuple[str, ...]]:
            path.write_bytes(data)
            notes = Notes()
            return open_archive(files.enter_context(ByteFile(path)), notes), notes.texts()

        yield open_bytes


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("zip64", [False, True])
def test_entries_are_those_that_were_written(opened: Open, compression: int, zip64: bool) -> None:
    entries = [("top/data.pkl", b"abc" * 1000), ("top/é.bin", b""), ("top/data/0", bytes(range(256)))]
    archive, notes = opened(made(entries, compression, zip64=zip64))
    assert notes == ()
    assert [member.name for member in archive.members] == [name for name, _ in entries]
    for name, data in entries:
        member = archive.by_name[name]
        assert content(archive, member) == data
        assert crc_fits(member, data)


def test_payloads_are_where_the_members_say(opened: Open) -> None:
    data = made([("a", b"first"), ("b", b"second")])
    archive, _ = opened(data)
    places = {
        member.name: data[member.data_start : member.data_start + member.packed_bytes] for member in archive.members
    }
    assert places == {"a": b"first", "b": b"second"}


def test_a_64_bit_directory_is_followed(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 3)
    data = made([("a", b"first"), ("b", b"second")], zip64=True)
    assert b"PK\x06\x06" in data
    archive, notes = opened(data)
    assert notes == ()
    assert [content(archive, member) for member in archive.members] == [b"first", b"second"]


def test_a_64_bit_end_record_that_another_archive_follows_is_told(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 0)
    first, last = (made([("a", content)], zip64=True) for content in (b"first", b"other"))
    archive, notes = opened(first + last)
    # A Python of after CVE-2025-8291 refuses such a file.
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(tmp_path / "archive.zip") as other:
        assert content(archive, archive.members[0]) != other.read("a"), "readers do disagree"
    assert any("64-bit end record" in note for note in notes)


def _renamed_locally(data: bytes) -> bytes:
    return data.replace(b"top/data.pkl", b"top/datap.kl", 1)


def _sharing_bytes(data: bytes) -> bytes:
    """The second entry's header is made to point at the first entry's."""
    second = data.rindex(b"PK\x01\x02")
    return data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]


def _with_two_sizes(data: bytes) -> bytes:
    first = data.index(b"PK\x01\x02")
    return data[: first + 24] + struct.pack("<I", 2) + data[first + 28 :]


def _packed_differently(data: bytes) -> bytes:
    first = data.index(b"PK\x01\x02")
    return data[: first + 10] + struct.pack("<H", 8) + data[first + 12 :]


def _pointing_nowhere(data: bytes) -> bytes:
    first = data.index(b"PK\x01\x02")
    return data[: first + 42] + struct.pack("<I", 7) + data[first + 46 :]


def _one_entry_less(data: bytes) -> bytes:
    end = data.rindex(b"PK\x05\x06")
    return data[: end + 8] + struct.pack("<HH", 1, 1) + data[end + 12 :]


PLAIN = [("top/data.pkl", b"abcd"), ("top/data/0", b"efgh")]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_renamed_locally, "in the directory is top/datap.kl"),
        (_sharing_bytes, "share bytes"),
        (_with_two_sizes, "two sizes"),
        (_packed_differently, "packed differently"),
        (_pointing_nowhere, "where no entry is"),
        (_one_entry_less, "the archive says it has 1 entries"),
        (lambda data: data + b"more", "4 bytes follow"),
        (lambda data: b"junk!" + data, "5 bytes stand before"),
    ],
)
def test_a_contradiction_is_told(opened: Open, damage: Callable[[bytes], bytes], told: str) -> None:
    _, notes = opened(damage(made(PLAIN)))
    assert any(told in note for note in notes), notes


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("names", "told"), [(("a/data.pkl", "a/data.pkl"), "there twice"), (("a/data.pkl", "a/DATA.PKL"), "two spellings")]
)
def test_names_that_readers_take_for_one_another_are_told(opened: Open, names: tuple[str, str], told: str) -> None:
    archive, notes = opened(made([(names[0], b"first"), (names[1], b"last")]))
    assert any(told in note for note in notes)
    assert content(archive, archive.by_name[names[1]]) == b"last"


def test_entries_after_junk_are_still_found(opened: Open) -> None:
    archive, _ = opened(b"junk!" + made(PLAIN))
    assert [content(archive, member) for member in archive.members] == [b"abcd", b"efgh"]


def test_a_cut_archive_says_so(opened: Open) -> None:
    data = made(PLAIN)
    for cut in range(0, len(data) - 21, 3):
        with pytest.raises(DamagedError, match="cut off"):
            opened(data[:cut])


def test_a_long_comment_hides_nothing(opened: Open) -> None:
    archive, notes = opened(made(PLAIN, comment=b"x" * 60_000))
    assert notes == ()
    assert len(archive.members) == 2


def test_a_bomb_is_not_unpacked(opened: Open) -> None:
    archive, _ = opened(made([("a/data.pkl", bytes(20_000_000))], zipfile.ZIP_DEFLATED))
    with pytest.raises(LimitError, match="grow at most 200 times"):
        content(archive, archive.members[0])


def test_what_unpacks_to_more_than_it_says_is_cut_there(opened: Open) -> None:
    data = made([("a", b"x" * 3000)], zipfile.ZIP_DEFLATED)
    first = data.index(b"PK\x01\x02")
    archive, _ = opened(data[: first + 24] + struct.pack("<I", 1000) + data[first + 28 :])
    unpacked = content(archive, archive.members[0])
    assert unpacked == b"x" * 1000
    assert not crc_fits(archive.members[0], unpacked)


def test_what_unpacks_to_less_than_it_says_is_damaged(opened: Open) -> None:
    data = made([("a", b"x" * 3000)], zipfile.ZIP_DEFLATED)
    first = data.index(b"PK\x01\x02")
    archive, _ = opened(data[: first + 24] + struct.pack("<I", 4000) + data[first + 28 :])
    with pytest.raises(DamagedError):
        content(archive, archive.members[0])


def test_encrypted_and_rare_packing_are_refused(opened: Open) -> None:
    archive, _ = opened(made([("a", b"x" * 3000)], zipfile.ZIP_BZIP2))
    with pytest.raises(UnsupportedError, match="method 12"):
        content(archive, archive.members[0])
    data = made([("a", b"x")])
    first = data.index(b"PK\x01\x02")
    archive, _ = opened(data[: first + 8] + b"\x01" + data[first + 9 :])
    with pytest.raises(UnsupportedError, match="encrypted"):
        content(archive, archive.members[0])


def test_a_flipped_bit_is_found_by_its_checksum(opened: Open) -> None:
    data = bytearray(made([("a", b"weights")]))
    data[data.index(b"weights")] ^= 1
    archive, _ = opened(bytes(data))
    assert not crc_fits(archive.members[0], content(archive, archive.members[0]))
    assert zlib.crc32(b"weights") == archive.members[0].crc


def test_a_directory_too_large_to_be_real_is_refused(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "MAX_DIRECTORY_BYTES", 1)
    with pytest.raises(LimitError):
        opened(made(PLAIN))


WHOLE = made([("top/data.pkl", b"abc" * 40), ("top/data/0", b"efgh"), ("top/version", b"3\n")], zipfile.ZIP_DEFLATED)


@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 40)
)
@settings(max_examples=300, deadline=None)
def test_a_damaged_archive_opens_or_gives_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(WHOLE)
    for place, byte in edits:
        data[place] = byte
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(data[: len(data) - cut])
    with ByteFile(path) as file:
        try:
            archive = open_archive(file, Notes())
            for member in archive.members:
                content(archive, member)
        except FileError as error:
            assert str(error).startswith("damaged.zip: expected")
