"""The step that takes a whole tensor: it gives what the machine's loop gives, opcode by opcode, also of damage."""

from __future__ import annotations

import io
import pickle
import random
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.pickles import pickle_machine, pickle_state
from inspector.artifacts.pickles.pickle_machine import run
from inspector.artifacts.pickles.pickle_state import Registers
from inspector.artifacts.pickles.tensor_opcodes import take_tensor
from inspector.artifacts.reading_limits import ReadingLimits
from tests.conftest import sample_files

AXES: tuple[list[int], ...] = ([], [7], [300, 7], [70_000, 300, 7], [2, 3, 4, 5], [1, 2, 3, 4, 5], [0])


class _Storage:
    pass


class _Tensor:
    """Is pickled as torch pickles a tensor, but for the name of the function."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce_ex__(self, _protocol: Any) -> Any:
        shape = tuple(AXES[self.number % len(AXES)])
        offset = (0, 5, 70_000)[self.number % 3]
        strides = tuple(length + 1 for length in shape)
        return divmod, (_Storage(), offset, shape, strides, self.number % 4 == 0, OrderedDict())


class _Pickler(pickle.Pickler):
    written = 0

    def persistent_id(self, value: Any) -> Any:
        if type(value) is not _Storage:
            return None
        self.written += 1
        return ("storage", (float, int)[self.written > 30], str(self.written), "cpu", 10**self.written % 10**9)


def _stream(tensors: int = 80) -> bytes:
    """A state dict and an optimizer's state; the memo passes 256 values on the way."""
    file = io.BytesIO()
    values = {f"layer.{i}.weight": _Tensor(i) for i in range(tensors)}
    state = {i: {"step": _Tensor(0), "exp_avg": _Tensor(i)} for i in range(tensors // 4)}
    _Pickler(file, 2).dump({"model": values, "optimizer": state, "epoch": 3})
    return file.getvalue()


def _tree(root: Any) -> list[Any]:
    """Everything below some nodes as a list: types, values and which node is the same as one before."""
    numbers: dict[int, int] = {}
    kept: list[Any] = []
    told: list[Any] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is None or type(node) in (bool, int, float, str, bytes):
            told.append((type(node).__name__, repr(node)))
            continue
        if id(node) in numbers and node != ():
            told.append(numbers[id(node)])
            continue
        kept.append(node)
        numbers[id(node)] = len(numbers)
        if isinstance(node, list | tuple):
            parts = list(node)
        elif isinstance(node, dict):
            parts = [item for pair in node.items() for item in pair]
        else:
            parts = [getattr(node, slot) for slot in type(node).__slots__ if slot != "source"]
        told.append((type(node).__name__, len(parts)))
        waiting.extend(reversed(parts))
    return told


def _told(
    stream: bytes, monkeypatch: pytest.MonkeyPatch, *, steps: bool, limits: ReadingLimits | None = None
) -> tuple[Any, int]:
    """What the machine says of a stream, and how many tensors it took in one step."""
    seen: list[Registers] = []
    taken = 0

    def registers(*arguments: Any) -> Registers:
        seen.append(Registers(*arguments))
        return seen[-1]

    def take(given: Registers, i: int, stack: list[Any], most: int) -> tuple[int, int]:
        nonlocal taken
        place, opcodes = take_tensor(given, i, stack, most) if steps else (i, 0)
        taken += opcodes > 0
        return place, opcodes

    with monkeypatch.context() as patch:
        patch.setattr(pickle_machine, "Registers", registers)
        patch.setattr(pickle_machine, "take_tensor", take)
        found = run(Memory(stream), limits=limits)
    last = seen[-1]
    ids = list(found.persistent_ids)
    tree = _tree([found.root, last.memo, last.stack, ids])
    return (tree, found.names, found.end, found.problem, found.limited, last.charge), taken


def _check_same(stream: bytes, monkeypatch: pytest.MonkeyPatch, limits: ReadingLimits | None = None) -> int:
    """How many tensors were taken in one step, once both ways are the same."""
    told, taken = _told(stream, monkeypatch, steps=True, limits=limits)
    assert told == _told(stream, monkeypatch, steps=False, limits=limits)[0]
    return taken


def test_nearly_all_tensors_are_taken_in_one_step_and_nothing_else_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _check_same(_stream(), monkeypatch) >= 80


@pytest.mark.parametrize("window", [40, 61, 200, 1000])
def test_a_tensor_that_a_window_cuts_is_read_opcode_by_opcode(monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    monkeypatch.setattr(pickle_state, "WINDOW_BYTES", window)
    _check_same(_stream(), monkeypatch)


@pytest.mark.parametrize("batch", [1, 7, 30, 31, 32, 33, 100])
def test_no_step_passes_the_end_of_a_batch(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(pickle_machine, "BATCH_OPCODES", batch)
    stream = _stream()
    _check_same(stream, monkeypatch)
    for opcodes in range(1000, 3000, 251):
        _check_same(stream, monkeypatch, ReadingLimits(opcodes=opcodes))


def test_what_a_step_stores_is_what_its_later_opcodes_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"\x80\x02cbuiltins\ndivmod\nq\x00X\x01\x00\x00\x00aq\x010"
    for kind, class_, location, hooks in (
        (1, 1, 1, 1),
        (1, 1, 2, 3),
        (1, 1, 2, 4),
        (1, 2, 1, 1),
        (9, 1, 1, 1),
        (1, 1, 9, 1),
    ):
        numbers = {"kind": kind, "class": class_, "location": location, "hooks": hooks}
        stream = (
            head + b"h\x00((h%(kind)ch%(class)cX\1\0\0\0007r\2\0\0\0h%(location)cK\1tr\3\0\0\0QK\0K\1\x85r\4\0\0\0"
            b"K\1\x85r\1\0\0\0\x89h%(hooks)c)Rr\5\0\0\0tr\6\0\0\0Rr\7\0\0\0."
            % {key.encode(): number for key, number in numbers.items()}
        )
        _check_same(stream, monkeypatch)
        _check_same(stream.replace(b"K\1\x85r\4", b"K\1\x86r\4"), monkeypatch)
        _check_same(stream.replace(head, head + b"0"), monkeypatch)


def _mutant(stream: bytes, chance: random.Random) -> bytes:
    """A stream with a few bytes changed, left out, repeated or cut off; mostly in its later half."""
    changed = bytearray(stream)
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(changed) - len(changed) // chance.choice((1, 2, 20)), len(changed))
        way = chance.randrange(5)
        if way == 0:
            changed[place] = chance.randrange(256)
        elif way == 1:
            changed[place] = chance.choice(b"()\x85\x86\x87tRQrqhjKMJX\x88\x89.0e")
        elif way == 2:
            del changed[place : place + chance.randrange(1, 8)]
        elif way == 3:
            changed[place:place] = changed[place : place + chance.randrange(1, 100)]
        elif place > len(changed) // 2:
            del changed[place:]
    return bytes(changed)


def check_mutants(stream: bytes, count: int, seed: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Compare both ways over mutants of a stream; how many tensors were taken in one step in all."""
    chance = random.Random(seed)
    return sum(_check_same(_mutant(stream, chance), monkeypatch) for _ in range(count))


def test_mutants_are_read_the_same_way_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_mutants(_stream(48), 400, 1, monkeypatch) > 400


def _pickles_of(path: Path) -> list[bytes]:
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as archive:
        return [archive.read(info) for info in archive.infolist() if info.filename.endswith("data.pkl")]


def test_pickles_of_real_checkpoints_are_read_the_same_way_by_both(
    monkeypatch: pytest.MonkeyPatch, samples: Path
) -> None:
    del samples  # skips where there are none
    taken = 0
    for path in sample_files("checkpoints/**/*.p*t*", "checkpoints/**/*.ckpt", "checkpoints/**/*.bin"):
        for stream in _pickles_of(path):
            taken += _check_same(stream, monkeypatch)
    assert taken > 1_000
