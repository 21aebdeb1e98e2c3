"""Millions of damaged pickles through the inert machine: it never raises, and nothing outside it happens."""

from __future__ import annotations

import datetime as dt
import pickle
import random
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.checkpoints.listing import Lister
from inspector.artifacts.identity import Identity
from inspector.artifacts.pickles import pickle_machine
from inspector.artifacts.tensors.windows import Storage
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET
from inspector.formats.nonfinite import to_json
from tests.artifacts.pickle_words import called, entries, name, number, numbers, octets, pickled, several, tensor, text
from tests.long.harness import Check, Figures

MUTANTS_A_ROUND = 10_000

LISTED_EVERY = 10

_WATCHED = frozenset((
    "import", "open", "exec", "compile", "code.__new__", "marshal.loads", "pickle.find_class", "subprocess.Popen",
    "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.remove", "os.rename", "shutil.rmtree", "ctypes.dlopen",
    "socket.__new__", "socket.connect",
))  # fmt: skip
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


def mutant_of(seed: bytes, chance: random.Random) -> bytes:
    """A stream with a few bytes changed, put in, taken out, or its end cut off."""
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


def small_seeds() -> list[bytes]:
    """Short streams of every protocol and of every shape that a lens knows: tensors, arrays, objects, calls."""
    plain = {"é": (1, 2.5, b"\xff", None), "b": [{3}]}
    array = called(name("numpy.core.multiarray", "_reconstruct"), name("numpy", "ndarray"), numbers((0,)), octets(b"b"))
    kind = called(name("numpy", "dtype"), text("f4"), b"\x89", b"\x88")
    weights = entries(("w", tensor((2, 2), (2, 1))))
    return [
        *(pickle.dumps(value, protocol) for protocol in range(6) for value in (plain, (1, "é"), [b"\xff", {2.5}])),
        pickled(weights),
        pickled(entries(("m", called(name("torch._utils", "_rebuild_parameter"), tensor((3,), (1,)), b"\x88", b"}")))),
        pickled(array + several(number(1), numbers((2,)), kind, b"\x89", octets(bytes(8))) + b"b"),
        pickled(called(name("posix", "system"), text("true")) + entries(("a", b"N")) + b"b"),
        pickled(called(name("datetime", "datetime"), octets(bytes(range(1, 11))))),
        pickled(
            called(name("functools", "partial"), name("a", "f")) + several(name("a", "f"), b")", b"}", b"N") + b"b"
        ),
    ]


def _small_mutant(seed: bytes, chance: random.Random) -> bytes:
    """One to three bytes changed, put in, taken out, or a stretch said twice."""
    for _ in range(1 + chance.getrandbits(2) // 2 * chance.getrandbits(1)):
        bits = chance.getrandbits(40)
        place = (bits >> 16) % len(seed)
        kind = bits & 7
        if kind < 4:
            seed = seed[:place] + bytes(((bits >> 8) & 0xFF,)) + seed[place + 1 :]
        elif kind == 4:
            seed = seed[:place] + bytes(((bits >> 8) & 0xFF, bits >> 32)) + seed[place:]
        elif kind == 5:
            seed = seed[:place] + seed[place + 1 + (bits >> 8) % 4 :] or b"."
        elif kind == 6:
            seed = seed[:place] + seed[place // 2 :]
        else:
            seed = seed[: place + 1]
    return seed


def _listed(pickled_: pickle_machine.Pickled) -> None:
    """What a window would be told of a stream."""
    found = Lister(
        Path("mutant.pt"), Identity(1, 1, 1, 1), lambda _node: (Storage(0, 64, 64), "float32"), Notes(), QUIET
    )
    found.walk(pickled_.root)
    to_json(found.objects)


def small_mutants(count: int, seed: int = 0) -> Figures:
    """So many mutants of short streams through the machine, one in LISTED_EVERY listed too.

    They are made before the ear is opened, so that only reading is heard.
    """
    global _listening
    seeds = small_seeds()
    chance = random.Random(seed)
    for stream in seeds:
        _listed(pickle_machine.run(Memory(stream)))
    _events.clear()
    whole = listed = 0
    for start in range(0, count, MUTANTS_A_ROUND):
        mutants = [
            _small_mutant(seeds[i % len(seeds)], chance) for i in range(start, min(count, start + MUTANTS_A_ROUND))
        ]
        _listening = True
        try:
            for i, mutant in enumerate(mutants):
                found = pickle_machine.run(Memory(mutant))
                whole += not found.problem
                if i % LISTED_EVERY == 0:
                    _listed(found)
                    listed += 1
        finally:
            _listening = False
    return {"mutants": count, "read_to_the_end": whole, "listed": listed, "audit_events": len(_events)}


def round_of(round_number: int, figures: Figures) -> None:
    """Ten thousand mutants of benign pickles."""
    global _listening
    seeds = _seeds()
    chance = random.Random(round_number)
    pickle_machine.run(Memory(seeds[0]))
    whole = 0
    for index in range(MUTANTS_A_ROUND):
        mutant = mutant_of(seeds[index % len(seeds)], chance)
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
