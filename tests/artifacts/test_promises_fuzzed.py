"""Every reader on its seeds, on plain mutations of them, and on all that the fuzzer ever found."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from inspector.artifacts.facts import facts_of
from inspector.formats.facts import MetricsFacts
from inspector.formats.messages import ArrayDescriptor, Envelope, decode, encode
from tests.artifacts.wandb_files import framed, history
from tests.long import fuzz_targets
from tests.long.fuzz_seeds import SEEDS
from tests.long.fuzz_targets import TARGETS, BrokenPromise, put_away, tried, warm
from tests.long.pickle_mutants import mutant_of

MUTANTS = 10
"""Of each target; `python -m tests.long fuzz` goes on for hours, by coverage."""


def _announced(dtype: str) -> bytes:
    """A message with an array of a type in other words than any that is sent."""
    data = msgspec.msgpack.encode(Envelope(1, "done", b"", (ArrayDescriptor(dtype, (1,), 0),)))
    return struct.pack("<I", len(data)) + data


FOUND: tuple[tuple[str, bytes], ...] = (
    ("csv", b"step,gr\xf6\xdfe\n1,2\n"),
    ("jsonl", b'{"gr\xf6": 1}\n{"gr\xf6": 2}\n'),
    ("json history", b'[{"step": 1, "lo\x95ss": 2}, {"step": 2}]'),
    ("table of points", b"image,x,\xb3,label\na.jpg,1,2,cat\n"),
    ("table of points", b"image,x,y,label\n/a.jpg,1,2,cat\n"),
    ("run of wandb", framed([history({"a": '{"_type": "image-file", "path": "../../a.png", "size": 1}'}, 1)])),
    ("trainer state", b'{"global_step": 3, "log_history": [{"step": 1, "\xed\xa0\x80": 2.5}]}'),
    ("alive.json", b'{"pid": 1, "started": 1.0, "heartbeat": 2.0, "a": "\xff"}'),
    ("metrics.jsonl", b'{"event": "\xe8"}\n'),
    ("control.jsonl", b'{"command": "\xe8"}\n' + b"[" * 5000 + b"\n"),
    ("triage.json", b'{"schema": "\xff"}'),
    ("caches", encode({"content": "0" * 64, "names": [], "unread": {}, "columns": {}})[0]),
    ("caches", b"\x81\xa1\xff\x01"),
    ("messages", _announced("2,=>")),
    ("answers", bytes.fromhex("9193a32c663492020200")),
    ("answers", bytes.fromhex("9193a32c326692026600")),
    ("messages", b"\0\0\0\x06\x96\x01\xa1\xff\xc4\0\x90"),
)


@pytest.fixture(autouse=True, scope="module")
def _put_away() -> Iterator[None]:
    yield
    put_away()


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_mutants_break_no_promise(name: str) -> None:
    seeds, chance = SEEDS[name](), random.Random(7)
    mutants = [mutant_of(seeds[i % len(seeds)], chance) for i in range(MUTANTS)]
    warm(name, seeds)
    for data in (*seeds, *mutants, b""):
        tried(name, data)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_breaks_none_any_more(name: str, data: bytes) -> None:
    warm(name, SEEDS[name]())
    tried(name, data)


def test_a_target_tells_what_breaks_a_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    def reaches_out(_data: bytes) -> None:
        with fuzz_targets._heard(Path("/nowhere")), Path("/dev/null").open():
            pass

    monkeypatch.setitem(TARGETS, "raises", lambda data: data.decode() and None)
    monkeypatch.setitem(TARGETS, "reaches out", reaches_out)
    monkeypatch.setattr(fuzz_targets, "MOST_CPU_S", -1.0)
    with pytest.raises(BrokenPromise, match="UnicodeDecodeError at .*invalid start byte"):
        tried("raises", b"\xff")
    with pytest.raises(BrokenPromise, match="/dev/null"):
        tried("reaches out", b"")
    with pytest.raises(BrokenPromise, match="processor time"):
        tried("csv", b"a,b\n1,2\n")


def test_names_in_other_encodings_can_be_sent(tmp_path: Path) -> None:
    path = tmp_path / "latin1.csv"
    path.write_bytes("step,größe\n1,2\n".encode("latin-1"))
    found = facts_of(path)
    assert isinstance(found, MetricsFacts)
    assert [one.tag for one in found.series] == ["gr\\xf6\\xdfe"]
    body, _ = encode({"path": b"a\xff.csv".decode("utf-8", "surrogateescape")})
    assert decode(body, dict[str, str]) == {"path": "a\\xff.csv"}
