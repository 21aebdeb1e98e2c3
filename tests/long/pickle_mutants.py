"""Millions of damaged pickles through the inert machine: it never raises, and nothing outside it happens."""

from __future__ import annotations

import datetime as dt
import pickle
import random
import sys
from collections import OrderedDict
from typing import Any

from inspector.artifacts import pickle_machine
from inspector.artifacts.byte_file import Memory
from tests.long.harness import Check, Figures

MUTANTS_A_ROUND = 10_000

_WATCHED = ("import", "open", "exec", "compile", "subprocess.Popen", "os.system", "socket.connect", "pickle.find_class")
_events: list[str] = []
_listening = False


def _hear(event: str, _arguments: tuple[Any, ...]) -> None:
    if _listening and event in _WATCHED:
        _events.append(event)


sys.addaudithook(_hear)


def _seeds() -> list[bytes]:
    """Benign pickles of every protocol, with classes that a reader would have to import."""
    value = {
        "model": OrderedDict((f"layer.{i}.weight", (i, 1.5, b"\x00\xff", "µ", None, True)) for i in range(5)),
        "when": dt.datetime(2025, 11, 4, tzinfo=dt.UTC),
        "set": {1, 2, 3},
        "big": 2**200,
        "nested": [[[[(1, 2)]]]],
    }
    return [pickle.dumps(value, protocol) for protocol in range(6)]


def _mutant(seed: bytes, chance: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                data[place:place] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
            case 2:
                del data[place : place + chance.randint(1, 8)]
            case _:
                data[place:] = data[place:][: chance.randint(0, len(data))]
        if not data:
            return b"."
    return bytes(data)


def round_of(number: int, figures: Figures) -> None:
    """Ten thousand mutants of benign pickles."""
    global _listening
    seeds = _seeds()
    chance = random.Random(number)
    pickle_machine.run(Memory(seeds[0]))
    whole = 0
    for index in range(MUTANTS_A_ROUND):
        mutant = _mutant(seeds[index % len(seeds)], chance)
        _listening = True
        try:
            whole += not pickle_machine.run(Memory(mutant)).problem
        finally:
            _listening = False
    assert _events == []
    figures["mutants"] = figures.get("mutants", 0) + MUTANTS_A_ROUND
    figures["read_to_the_end"] = figures.get("read_to_the_end", 0) + whole
    figures["exceptions"] = 0
    figures["audit_events"] = len(_events)


CHECK = Check(
    name="pickle_mutants",
    title="mutated pickles through the inert machine: no exception, no audit event",
    round=round_of,
    target_rounds=500,
    quick_rounds=1,
)
