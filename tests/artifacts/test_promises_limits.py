"""A limit that is reached costs nothing that was read, is said, and can be passed by who asks for more."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.artifacts import reading_limits
from inspector.artifacts.checkpoints.checkpoint import facts, opened
from inspector.artifacts.reading_limits import GENEROUS, USUAL, ReadingLimits
from tests.artifacts.pickle_words import archive, entries, number, pickled, tensor


def many_values(count: int) -> bytes:
    return pickled(b"}(" + b"".join(number(1000 + i) + b"](N]e" for i in range(count)) + b"u")


SMALL = ReadingLimits(opcodes=10_000, streams=3, visits=300, objects=50, members=10, unpacked_bytes=1 << 19)

FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "opcodes": ("a.pkl", lambda: pickled(b"](" + b"N" * 40_000 + b"e"), "more than 10,000 opcodes"),
    "streams": ("a.pkl", lambda: pickled(b"N") * 5, "only the first 3 pickles"),
    "visits": ("a.pkl", lambda: many_values(400), "are listed, not all"),
    "objects": ("a.pkl", lambda: many_values(60), "only the first 50 plain values"),
    "members": (
        "a.pt",
        lambda: archive(pickled(entries(("w", tensor((2,), (1,))))), {str(i): bytes(64) for i in range(20)}),
        "only the first 10 of 23 entries",
    ),
    "unpacked bytes": (
        "a.pt",
        lambda: archive(pickled(b"](" + b"N" * 600_000 + b"e"), packing=zipfile.ZIP_DEFLATED),
        "grows to more than",
    ),
}


@pytest.mark.parametrize("limit", FILES)
def test_what_was_read_is_shown_and_more_comes_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(reading_limits, "USUAL", SMALL)
    name, make, told = FILES[limit]
    path = tmp_path / name
    path.write_bytes(make())
    first = opened(path)
    assert first.facts.limited
    assert any(told in note and note.count("limit reached") for note in first.facts.notes), first.facts.notes
    assert first.facts.objects or first.facts.tensors
    more = opened(path, generous=True)
    assert not more.facts.limited
    assert len(more.facts.objects) + len(more.facts.tensors) >= len(first.facts.objects) + len(first.facts.tensors)
    assert opened(path) is more, "what was opened generously stays so for all"
    assert facts(path) is more.facts


def test_a_long_header_says_how_to_go_on(tmp_path: Path) -> None:
    entry = b'"w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}'
    header = b'{"__metadata__": {"a": "' + b"x" * USUAL.header_bytes + b'"}, ' + entry + b"}"
    (tmp_path / "a.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\x07")
    first = facts(tmp_path / "a.safetensors")
    assert first.limited
    assert first.tensors == ()
    assert any("limit reached" in note and "generous limits" in note for note in first.notes)
    assert len(header) < GENEROUS.header_bytes
    assert [tensor.name for tensor in opened(tmp_path / "a.safetensors", generous=True).facts.tensors] == ["w"]
    assert not facts(tmp_path / "a.safetensors").limited


def test_the_command_line_reads_on_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "many.pkl"
    path.write_bytes(pickled(b"N") * (USUAL.streams + 5))
    found = {}
    for option in ([], ["--generous"]):
        answer = subprocess.run(
            [sys.executable, "-m", "inspector", "info", str(path), "--json", *option],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        found[bool(option)] = json.loads(answer.stdout)
    assert found[False]["limited"]
    assert not found[True]["limited"]
    assert (len(found[False]["objects"]), len(found[True]["objects"])) == (USUAL.streams, USUAL.streams + 5)
