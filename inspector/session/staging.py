"""Edits that wait for a resume: those of several findings join, and what they disagree on is left to the user."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from inspector.core.language import tr
from inspector.session.values import RunState, StagedEdit

_replace = msgspec.structs.replace


def with_edits(run: RunState, edits: Iterable[StagedEdit]) -> RunState:
    """A run with edits staged beside those that wait already.

    A path that findings, or a finding and the user's hand, want different values for has none staged until one is
    chosen. What is typed later settles it, and another cure of the same finding takes that one's place.
    """
    wanted = {edit.path: [edit] for edit in run.staged}
    for edit in run.contested:
        wanted.setdefault(edit.path, []).append(edit)
    for edit in edits:
        wanted[edit.path] = _joined(wanted.get(edit.path, []), edit)
    staged = [one for one, *others in wanted.values() if not others and one.new != one.old]
    contested = [edit for edits in wanted.values() if len(edits) > 1 for edit in edits]
    return _replace(run, staged=tuple(staged), contested=tuple(contested))


def with_choice(run: RunState, path: str, finding: str) -> RunState:
    """A run where, of the values wanted for a path, that of this finding is staged; empty for that of the hand."""
    chosen = next((edit for edit in run.contested if edit.path == path and edit.finding == finding), None)
    if chosen is None:
        return run
    open_still = tuple(edit for edit in run.contested if edit.path != path)
    staged = (*run.staged, chosen) if chosen.new != chosen.old else run.staged
    return _replace(run, staged=staged, contested=open_still)


def unsettled(run: RunState) -> str:
    """What is to be chosen before a resume, one sentence; empty where all that is wanted agrees."""
    paths = tuple(dict.fromkeys(edit.path for edit in run.contested))
    if not paths:
        return ""
    sentence = tr("Several values are wanted for {paths}: choose one under Staged edits, or type it")
    return sentence.format(paths=", ".join(paths))


def without_edit(run: RunState, path: str | None) -> RunState:
    """A run with nothing staged for a path, or for none at all."""
    staged, contested = (
        tuple(edit for edit in edits if path is not None and edit.path != path) for edits in (run.staged, run.contested)
    )
    return _replace(run, staged=staged, contested=contested)


def _joined(known: Sequence[StagedEdit], edit: StagedEdit) -> list[StagedEdit]:
    """The values that are wanted for a path, with one more."""
    if known:
        edit = _replace(edit, old=known[0].old)
    if not edit.finding:
        return [edit]
    others = [one for one in known if one.finding != edit.finding]
    for place, one in enumerate(others):
        if one.new == edit.new:
            reasons = dict.fromkeys(reason for reason in (*one.reason.split("; "), edit.reason) if reason)
            others[place] = _replace(one, reason="; ".join(reasons))
            return others
    return [*others, edit]
