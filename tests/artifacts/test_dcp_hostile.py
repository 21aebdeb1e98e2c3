"""`.metadata` files that no torch would write: each ends in a table with notes or in one clear error."""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.artifacts.checkpoints import dcp_metadata
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.checkpoints.dcp_metadata import MAX_PIECES
from inspector.artifacts.checkpoints.verify import verify
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import Unreadable
from inspector.core.errors import DamagedError, FileError, UnsupportedError, WorkCancelled
from inspector.core.pulse import Pulse

_DCP = "torch.distributed.checkpoint"


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def integer(value: int) -> bytes:
    return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)


def mapping(**values: bytes) -> bytes:
    return b"}(" + b"".join(text(name) + value for name, value in values.items()) + b"u"


def size(*lengths: int) -> bytes:
    return b"ctorch\nSize\n(" + b"(" + b"".join(map(integer, lengths)) + b"tt" + b"R"


def made(name: str, state: bytes, module: str = "metadata") -> bytes:
    return f"c{_DCP}.{module}\n{name}\n".encode() + b")\x81" + state + b"b"


def chunk(first: tuple[int, ...], lengths: tuple[int, ...]) -> bytes:
    return made("ChunkStorageMetadata", mapping(offsets=size(*first), sizes=size(*lengths)))


def tensor(shape: tuple[int, ...], chunks: bytes, dtype: str = "float32") -> bytes:
    properties = made("TensorProperties", f"(ctorch\n{dtype}\n".encode() + b"t")
    return made("TensorStorageMetadata", mapping(properties=properties, size=size(*shape), chunks=chunks))


def chunks_of(*boxes: tuple[tuple[int, ...], tuple[int, ...]]) -> bytes:
    return b"](" + b"".join(chunk(*box) for box in boxes) + b"e"


def place(name: str, first: tuple[int, ...], file: str, start: int, length: int) -> bytes:
    index = made("MetadataIndex", mapping(fqn=text(name), offset=size(*first), index=b"N"))
    info = mapping(relative_path=text(file), offset=integer(start), length=integer(length))
    return index + made("_StorageInfo", info, "filesystem")


def metadata(entries: dict[str, bytes], *places: bytes) -> bytes:
    state = b"}(" + b"".join(text(name) + entry for name, entry in entries.items()) + b"u"
    storage = b"}(" + b"".join(places) + b"u"
    whole = mapping(state_dict_metadata=state, planner_data=b"N", storage_data=storage)
    return b"\x80\x02" + made("Metadata", whole) + b"."


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Checkpoint]:
    """Opens a folder with this `.metadata` and one file of 16 raw bytes: the numbers 0 to 3."""

    def opened_with(content: bytes, pulse: Pulse | None = None) -> Checkpoint:
        (tmp_path / ".metadata").write_bytes(content)
        (tmp_path / "__0_0.distcp").write_bytes(struct.pack("<4f", 0, 1, 2, 3))
        return opened(tmp_path, pulse) if pulse else opened(tmp_path)

    return opened_with


def one(shape: tuple[int, ...], boxes: tuple[tuple[int, ...], tuple[int, ...]], *places: bytes) -> bytes:
    return metadata({"w": tensor(shape, chunks_of(boxes))}, *places)


FILE = "__0_0.distcp"


def test_elements_that_stand_in_a_file_as_they_are_are_read(read: Callable[..., Checkpoint]) -> None:
    whole = read(one((2, 2), ((0, 0), (2, 2)), place("w", (0, 0), FILE, 0, 16)))
    assert whole.facts.notes == ()
    assert load(whole.window("w")).tolist() == [[0, 1], [2, 3]]
    halves = chunks_of(((0,), (1,)), ((1,), (3,)))
    places = place("w", (0,), FILE, 12, 4), place("w", (1,), FILE, 0, 12)
    assert load(read(metadata({"w": tensor((4,), halves)}, *places)).window("w")).tolist() == [3, 0, 1, 2]


@pytest.mark.parametrize(
    ("content", "reason", "kind"),
    [
        (one((2, 2), ((0, 0), (2, 1)), place("w", (0, 0), FILE, 0, 8)), "has 2 of 4 elements", "lost"),
        (one((4,), ((1,), (4,)), place("w", (1,), FILE, 0, 16)), "reach out", "unread"),
        (one((4,), ((0, 0), (2, 2)), place("w", (0, 0), FILE, 0, 16)), "reach out", "unread"),
        (metadata({"w": tensor((4,), chunks_of(((0,), (2,)), ((1,), (2,))))}), "overlap", "unread"),
        (metadata({"w": tensor((4,), chunks_of())}), "has 0 of 4 elements", "lost"),
        (one((4,), ((0,), (4,))), "whose place is not told", "lost"),
        (one((4,), ((0,), (4,)), place("w", (0,), FILE, 8, 16)), "beyond byte 16", "lost"),
        (one((4,), ((0,), (4,)), place("w", (0,), FILE, 2**62, 16)), "beyond byte 16", "lost"),
        (one((4,), ((0,), (4,)), place("w", (0,), FILE, 0, 2**63)), "whose place is not told", "lost"),
        (one((4,), ((0,), (4,)), place("w", (0,), FILE, -4, 16)), "whose place is not told", "lost"),
        (one((8,), ((0,), (8,)), place("w", (0,), FILE, 0, 16)), "has a piece of 32 bytes in 16", "lost"),
        (one((2**60,), ((0,), (2**60,)), place("w", (0,), FILE, 0, 16)), "bytes in 16", "lost"),
        (one((4,), ((0,), (4,)), place("w", (0,), "gone.distcp", 0, 16)), "which is missing", "lost"),
        (one((4,), ((0,), (4,)), place("w", (0,), "../x", 0, 16)), "outside the folder", "unread"),
        (one((4,), ((0,), (4,)), place("w", (0,), "/etc/hostname", 0, 16)), "outside the folder", "unread"),
        (
            one((4,), ((0,), (4,)), place("w", (0,), "other.bin", 0, 16)),
            "which was not opened; open the folder",
            "unread",
        ),
        (one((4,), ((0,), (4,)), place("w", (0,), "below/__0_0.distcp", 0, 16)), "which was not opened", "unread"),
        (one((4,), ((0,), (4,)), place("w", (0,), ".", 0, 0)), "outside the folder", "unread"),
    ],
)
def test_a_tensor_whose_pieces_do_not_fit_is_listed_without_elements(
    read: Callable[..., Checkpoint], content: bytes, reason: str, kind: str
) -> None:
    checkpoint = read(content)
    assert [found.name for found in checkpoint.facts.tensors] == ["w"]
    window = checkpoint.windows["w"]
    assert isinstance(window, Unreadable)
    assert window.kind == kind
    assert list(checkpoint.lost()) == (["w"] if kind == "lost" else [])
    with pytest.raises(UnsupportedError, match=reason):
        checkpoint.window("w")
    assert any(reason in note for note in checkpoint.facts.notes)


@pytest.mark.parametrize(("name", "damaged"), [("gone.distcp", 1), ("other.bin", 0)])
def test_elements_in_a_file_that_was_not_opened_are_not_taken_for_lost(
    read: Callable[..., Checkpoint], tmp_path: Path, name: str, damaged: int
) -> None:
    checkpoint = read(one((4,), ((0,), (4,)), place("w", (0,), name, 0, 16)))
    assert len(checkpoint.without_elements()) == damaged
    assert verify(tmp_path).damaged_count == damaged


@pytest.mark.parametrize(
    "content",
    [
        metadata({"w": tensor((2**40, 2**40), chunks_of())}),
        metadata({"w": tensor((-1,), chunks_of())}),
        metadata({"w": tensor((2**70,), chunks_of())}),
        metadata({"w": tensor((2,), chunks_of(), dtype="no_such_type")}),
        metadata({"w": tensor((2,), b"N")}),
        metadata({"w": tensor((2,), b"](K\x01K\x02e")}),
        metadata({"w": tensor((2,), b"]q\x07h\x07a")}),
        metadata({"w": b"N"}),
        metadata({"w": made("TensorStorageMetadata", b"}q\x07(X\x04\0\0\0sizeh\x07u")}),
    ],
    ids=["huge", "negative", "wide", "dtype", "no list", "numbers", "cyclic list", "nothing", "cyclic state"],
)
def test_an_entry_that_makes_no_sense_is_left_out_and_told(read: Callable[..., Checkpoint], content: bytes) -> None:
    checkpoint = read(content)
    assert checkpoint.facts.tensors == ()
    assert any("left out" in note for note in checkpoint.facts.notes)


def test_raw_bytes_of_another_length_are_refused_when_read(read: Callable[..., Checkpoint]) -> None:
    checkpoint = read(one((3,), ((0,), (3,)), place("w", (0,), FILE, 0, 16)))
    with pytest.raises(DamagedError, match="12 bytes or an archive at byte 0"):
        load(checkpoint.window("w"))


def test_pieces_that_many_tensors_share_do_not_multiply_without_end(
    read: Callable[..., Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dcp_metadata, "MAX_PIECES_IN_ALL", 3 * MAX_PIECES)
    many = b"](" + b"".join(chunk((i,), (1,)) for i in range(MAX_PIECES)) + b"e"
    shared = many + b"r" + struct.pack("<I", 999)
    entries = {"t0": tensor((MAX_PIECES,), shared)}
    entries |= {f"t{i}": tensor((MAX_PIECES,), b"j" + struct.pack("<I", 999)) for i in range(1, 400)}
    checkpoint = read(metadata(entries))
    assert len(checkpoint.facts.tensors) == 400
    assert Counter(checkpoint.windows.values()) == {
        Unreadable("has a piece whose place is not told", "lost"): 3,
        Unreadable("is cut into more pieces than are put together", "unread"): 397,
    }


def test_more_pieces_than_any_run_has_are_told(read: Callable[..., Checkpoint]) -> None:
    many = b"](" + b"".join(chunk((i,), (1,)) for i in range(MAX_PIECES + 1)) + b"e"
    checkpoint = read(metadata({"w": tensor((MAX_PIECES + 1,), many)}))
    assert checkpoint.windows["w"] == Unreadable("is cut into more pieces than are put together", "unread")


def test_work_on_pieces_can_be_cancelled(read: Callable[..., Checkpoint]) -> None:
    many = b"](" + b"".join(chunk((0, i), (1, 1)) for i in range(MAX_PIECES)) + b"e"
    content = metadata({f"t{i}": tensor((1, MAX_PIECES), many) for i in range(2)})
    beats: list[int] = []

    def counted() -> bool:
        beats.append(1)
        return False

    read(content, Pulse(cancelled=counted))
    assert len(beats) > 2 * MAX_PIECES / 512
    left = iter(beats[1:])
    with pytest.raises(WorkCancelled):
        read(content + b" ", Pulse(cancelled=lambda: next(left, None) is None))


def test_a_value_that_is_damaged_or_a_pipe_leaves_the_rest(read: Callable[..., Checkpoint], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.distcp")
    blob = made("BytesStorageMetadata", b"}")
    index = made("MetadataIndex", mapping(fqn=text("a"), offset=b"N", index=b"N"))
    info = mapping(relative_path=text(FILE), offset=integer(0), length=integer(16))
    other = made("MetadataIndex", mapping(fqn=text("b"), offset=b"N", index=b"N"))
    pipe = mapping(relative_path=text("pipe.distcp"), offset=integer(0), length=integer(0))
    places = index + made("_StorageInfo", info, "filesystem"), other + made("_StorageInfo", pipe, "filesystem")
    whole = tensor((4,), chunks_of(((0,), (4,))))
    checkpoint = read(metadata({"a": blob, "b": blob, "c": blob, "w": whole}, *places, place("w", (0,), FILE, 0, 16)))
    assert load(checkpoint.window("w")).tolist() == [0, 1, 2, 3]
    assert checkpoint.objects == {"a": "16 bytes"}
    assert any("c has a piece whose place is not told" in note for note in checkpoint.facts.notes)
    assert any("pipe.distcp" in note for note in checkpoint.facts.notes)


def test_a_hundred_thousand_levels_of_lists_are_refused(read: Callable[..., Checkpoint]) -> None:
    deep = b"]" * 100_000 + b"a" * 99_999
    with pytest.raises(FileError):
        read(b"\x80\x02" + deep + b".")
    checkpoint = read(metadata({"w": tensor((2,), deep)}))
    assert checkpoint.facts.tensors == ()
