"""Roles and conventions of a dump's datasets as the user corrected them, remembered for all files of like names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

import msgspec

from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.formats.point_conventions import Convention
from inspector.formats.role_needs import POINTS, problem_of, suits, usual_layout
from inspector.formats.samples import samples_of

BY_HAND = "chosen by hand"


class RoleCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """What a dataset holds, by hand.

    Attributes:
        dataset: its path in the file.
        role: a `Role`; empty for the guessed one.
        layout: one letter a dimension; empty for the guessed one, or the role's usual one where that does not suit.
        convention: of points, how their coordinates are to be read; None for as guessed.
    """

    dataset: str
    role: str = ""
    layout: str = ""
    convention: Convention | None = None


class FileCorrections(msgspec.Struct, frozen=True, kw_only=True):
    """The corrections for files whose names match a pattern (`step_*.h5`)."""

    pattern: str
    corrections: tuple[RoleCorrection, ...]


_COUNTED = re.compile(r"(?<![a-z0-9])(?=[a-f]*\d)[0-9a-f]{8,64}(?![a-z0-9])|\d+")
"""What differs between files that are called alike: numbers, and digests of what is in them."""


def pattern_of(file_name: str) -> str:
    """The pattern of files that are called alike: `step_0001500.h5` gives `step_*.h5`.

    Such files are written by one script, so that their datasets hold the same in each.
    """
    escaped = re.sub(r"([\[*?])", r"[\1]", file_name)
    stem, dot, suffix = escaped.rpartition(".")
    return _COUNTED.sub("*", stem) + dot + suffix if dot else _COUNTED.sub("*", escaped)


def corrections_for(file_name: str, known: Iterable[FileCorrections]) -> tuple[RoleCorrection, ...]:
    """The corrections for one file; of several for one dataset the last."""
    found: dict[str, RoleCorrection] = {}
    for one in known:
        if fnmatchcase(file_name, one.pattern):
            found.update((correction.dataset, correction) for correction in one.corrections)
    return tuple(found.values())


def with_correction(
    known: tuple[FileCorrections, ...], pattern: str, correction: RoleCorrection
) -> tuple[FileCorrections, ...]:
    """All corrections with one more, in the place of an earlier one for the same dataset."""
    before = next((one.corrections for one in known if one.pattern == pattern), ())
    kept = tuple(one for one in before if one.dataset != correction.dataset)
    rest = tuple(one for one in known if one.pattern != pattern)
    return (*rest, FileCorrections(pattern=pattern, corrections=(*kept, correction)))


def known_correction(known: tuple[FileCorrections, ...], pattern: str, dataset: str) -> RoleCorrection:
    """What was said of a dataset in files of a pattern; an empty correction where nothing was."""
    said = (correction for one in known if one.pattern == pattern for correction in one.corrections)
    return next((one for one in said if one.dataset == dataset), RoleCorrection(dataset=dataset))


def without_correction(known: tuple[FileCorrections, ...], pattern: str, dataset: str) -> tuple[FileCorrections, ...]:
    """All corrections but those for one dataset in files of a pattern."""
    found = []
    for one in known:
        kept = tuple(
            correction for correction in one.corrections if one.pattern != pattern or correction.dataset != dataset
        )
        if kept:
            found.append(FileCorrections(pattern=one.pattern, corrections=kept))
    return tuple(found)


def with_changes(
    known: tuple[FileCorrections, ...], before: tuple[FileCorrections, ...], after: tuple[FileCorrections, ...]
) -> tuple[FileCorrections, ...]:
    """All corrections with what became of others: those of `after` that `before` had not, without what it had alone."""
    then, now = _by_dataset(before), _by_dataset(after)
    for pattern, dataset in then.keys() - now.keys():
        known = without_correction(known, pattern, dataset)
    for (pattern, dataset), correction in now.items():
        if then.get((pattern, dataset)) != correction:
            known = with_correction(known, pattern, correction)
    return known


def _by_dataset(known: tuple[FileCorrections, ...]) -> dict[tuple[str, str], RoleCorrection]:
    return {(one.pattern, correction.dataset): correction for one in known for correction in one.corrections}


def corrected(facts: DumpFacts, corrections: Iterable[RoleCorrection]) -> DumpFacts:
    """A dump's facts with the roles that were chosen by hand; a correction that cannot hold is noted and left out."""
    wanted = {correction.dataset: correction for correction in corrections}
    datasets = []
    notes = list(facts.notes)
    for dataset in facts.datasets:
        correction = wanted.pop(dataset.path, None)
        problem = _problem(dataset, correction) if correction is not None else ""
        if problem:
            notes.append(problem)
        datasets.append(dataset if correction is None or problem else _with(dataset, correction))
    if tuple(datasets) == facts.datasets:
        return facts if tuple(notes) == facts.notes else msgspec.structs.replace(facts, notes=tuple(notes))
    samples, doubt = samples_of(datasets, facts.attributes)
    _before, old_doubt = samples_of(facts.datasets, facts.attributes)
    notes = [note for note in notes if note != old_doubt] + ([doubt] if doubt else [])
    return msgspec.structs.replace(facts, datasets=tuple(datasets), samples=samples, notes=tuple(notes))


def _problem(dataset: DatasetFacts, correction: RoleCorrection) -> str:
    """Why a correction cannot hold, as a sentence; empty where it can."""
    role = correction.role or dataset.role
    if correction.convention is not None and role not in POINTS:
        return f"{dataset.path} holds no points, so that how their coordinates are read does not count"
    if not correction.role:
        return ""
    if correction.role not in set(Role):
        return f"{dataset.path} keeps its guessed role: there is no role {correction.role}"
    problem = problem_of(correction.role, _layout(dataset, correction), dataset.shape, dataset.dtype)
    return f"{dataset.path} keeps its guessed role: it cannot be {correction.role}, as it {problem}" if problem else ""


def _layout(dataset: DatasetFacts, correction: RoleCorrection) -> str:
    """The layout that was chosen, else the guessed one where it suits the role, else what the role usually has."""
    if correction.layout or (dataset.layout and suits(correction.role, dataset.layout)):
        return correction.layout or dataset.layout
    return usual_layout(correction.role, len(dataset.shape))


def _with(dataset: DatasetFacts, correction: RoleCorrection) -> DatasetFacts:
    dataset = msgspec.structs.replace(dataset, convention=correction.convention)
    if not correction.role:
        return dataset
    layout = _layout(dataset, correction)
    # What sums to one was looked for along the axes of the guess.
    over = dataset.sums_over if layout == dataset.layout else ""
    return msgspec.structs.replace(dataset, role=correction.role, layout=layout, because=BY_HAND, sums_over=over)
