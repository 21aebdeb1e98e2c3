"""Which dump of a run a viewer looks at, and what its facts tell without opening it."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.display.nearest import entry_at, where_text
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState

Suits = Callable[[DumpFacts], bool]
"""Whether a dump holds what a viewer draws."""


class ChosenDump(msgspec.Struct, frozen=True, kw_only=True):
    """The dump that is shown, and the words that say which (`step_0001500.h5 · epoch 12`)."""

    path: str
    facts: DumpFacts
    place: str


def dumps_of(run: Run) -> tuple[tuple[FileEntry, DumpFacts], ...]:
    """Every dump of a run with its facts, in the run's order."""
    return tuple((file, file.facts) for file in run.files if isinstance(file.facts, DumpFacts))


def datasets(facts: DumpFacts, *roles: Role) -> tuple[DatasetFacts, ...]:
    """The datasets of a dump that play one of the roles and hold at least one value."""
    return tuple(dataset for dataset in facts.datasets if dataset.role in roles and math.prod(dataset.shape) > 0)


def axis_length(dataset: DatasetFacts, letter: str) -> int | None:
    """The length of the axis that the layout names with `letter`, None where it names none."""
    index = dataset.layout.find(letter)
    return dataset.shape[index] if 0 <= index < len(dataset.shape) else None


def chosen_dump(run: Run, state: RunState, suits: Suits) -> ChosenDump | None:
    """The dump at the cursor among those that suit, None where none does; its words say when it is a later one."""
    fitting = tuple(file for file, facts in dumps_of(run) if suits(facts))
    entry = entry_at(msgspec.structs.replace(run, files=fitting), state, DumpFacts)
    if entry is None:
        return None
    assert isinstance(entry.facts, DumpFacts)
    place = visible(where_text(entry))
    later = entry.path != state.file and state.cursor_step is not None and (entry.step or 0) > state.cursor_step
    return ChosenDump(
        path=entry.path,
        facts=entry.facts,
        place=tr("{place} · after the cursor").format(place=place) if later else place,
    )


_DRAWN_AXES = 3
"""Datasets with fewer axes are not drawn, except as numbers of samples."""


def missing_text(run: Run, wanted: str, *roles: Role) -> str:
    """`no dump with attention or masks among 3 files`, and what can be done where a dump may have them all the same."""
    text = tr("no dump with {wanted} among {files}").format(wanted=wanted, files=tr_counted(len(run.files), "file"))
    all_datasets = [one for _file, facts in dumps_of(run) for one in facts.datasets]
    if any(one.role in roles for one in all_datasets):
        return tr("{missing}; what there is of them holds no values").format(missing=text)
    if any(one.role == Role.UNKNOWN and len(one.shape) >= _DRAWN_AXES for one in all_datasets):
        return tr("{missing}; what its datasets hold can be told under File, Datasets of the dump…").format(
            missing=text
        )
    return text


def sample_in(facts: DumpFacts, wanted: int) -> int:
    """`wanted`, held within the samples of the dump."""
    return max(0, min(wanted, (facts.samples or 1) - 1))
