"""Runs made of facts alone, for tests of judges and asks: no file is opened."""

from __future__ import annotations

from inspector.formats.dump import Role
from inspector.formats.facts import ConsoleFacts, DatasetFacts, DumpFacts
from inspector.runs.values import FileEntry, Placed, Run
from inspector.session.values import RunState

_SHAPES = {
    Role.IMAGE: ((6, 32, 32, 3), "NHWC"),
    Role.ATTENTION: ((6, 3, 5, 256), "NIKP"),
    Role.TOKEN_ATTENTION: ((6, 4, 65, 65), "NAQP"),
    Role.DECODER_MASKS: ((6, 5, 32, 32), "NKHW"),
    Role.GT_MASKS: ((6, 32, 32), "NHW"),
    Role.ACTIVATION: ((6, 8, 16, 16), "NCHW"),
    Role.GT_POINTS: ((18, 2), ""),
    Role.PRED_POINTS: ((18, 2), ""),
}


def dump_facts(*roles: Role, samples: int = 6) -> DumpFacts:
    """Facts of a dump with one dataset for each role."""
    made = tuple(
        DatasetFacts(path=f"d/{role}", shape=_SHAPES[role][0], dtype="<f4", bytes=1, role=role, layout=_SHAPES[role][1])
        for role in roles
    )
    return DumpFacts(bytes=1, datasets=made, samples=samples)


def entry(
    name: str,
    facts: DumpFacts | ConsoleFacts,
    step: int | None = None,
    epoch: float | None = None,
    modified_s: float = 0,
) -> FileEntry:
    """One file of a run in /run."""
    placed = Placed.NOWHERE if step is None else Placed.STATED
    return FileEntry(
        path=f"/run/{name}",
        name=name,
        facts=facts,
        bytes=1,
        modified_s=modified_s,
        step=step,
        epoch=epoch,
        placed=placed,
    )


def run_of(*files: FileEntry) -> Run:
    """A run of these files."""
    return Run(key="/run", name="run", root="/run", paths=("/run",), files=files)


def state(cursor_step: float | None = None, file: str | None = None) -> RunState:
    """What is chosen in it."""
    return RunState(key="/run", paths=("/run",), cursor_step=cursor_step, file=file)


LOG = entry("train.log", ConsoleFacts(bytes=1, lines=1))
