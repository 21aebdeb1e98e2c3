"""What the user did, in a few words: `staging optim.lr`, `flagging sample 8`, `changing smoothing`."""

from __future__ import annotations

from pathlib import Path

from inspector.core.language import tr, tr_counted, tr_listed
from inspector.session.intents import (
    ConventionsChosen,
    EditChosen,
    EditsStaged,
    EditUnstaged,
    FilterDeleted,
    FilterSaved,
    FindingDismissed,
    Intent,
    LostForgotten,
    PathsJoined,
    RoleCorrected,
    RunClosed,
    RunCompared,
    RunsCompared,
    RunsJoined,
    SessionReopened,
    TagDeleted,
    TagsNamed,
)
from inspector.session.triage import Numbers, SamplesFlagged, SamplesNoted, SamplesRejected, SamplesTagged
from inspector.session.values import State
from inspector.session.view_settings import changed_settings


def told(intent: Intent, before: State, after: State) -> str:
    """What the step between two states was; empty where it is looking around, which is not undone.

    What a disk, a file, another window or a trainer said is no step of the user's, and a preference is taken back
    where it was chosen, for it holds in every window.
    """
    return _staging(intent) or _marking(intent) or _runs(intent) or _lists(intent) or _views(before, after)


def lost_text(state: State) -> str:
    """That runs of the session are not to be read for now; empty where none is."""
    names = [run.name or _name(run.key) for run in state.lost]
    if not names:
        return ""
    return tr("Cannot be read now: {names}; what is staged is kept, and the next start looks again").format(
        names=tr_listed(names)
    )


def _staging(intent: Intent) -> str:
    match intent:
        case EditsStaged(edits):
            return tr("staging {paths}").format(paths=tr_listed([edit.path for edit in edits]))
        case EditChosen(path):
            return tr("choosing a value for {path}").format(path=path)
        case EditUnstaged(path):
            if path is None:
                return tr("clearing staged edits")
            return tr("taking back the edit of {path}").format(path=path)
        case FindingDismissed(dismissed=dismissed):
            return tr("dismissing a finding") if dismissed else tr("taking up a finding")
        case _:
            return ""


def _marking(intent: Intent) -> str:
    match intent:
        case SamplesFlagged(samples=samples, flagged=flagged):
            sentence = tr("flagging {samples}") if flagged else tr("unflagging {samples}")
            return sentence.format(samples=_samples(samples))
        case SamplesRejected(samples=samples, rejected=rejected):
            sentence = tr("rejecting {samples}") if rejected else tr("using {samples} again")
            return sentence.format(samples=_samples(samples))
        case SamplesTagged(samples=samples, tag=tag, tagged=tagged):
            sentence = tr("tagging {samples} “{tag}”") if tagged else tr("untagging {samples} “{tag}”")
            return sentence.format(samples=_samples(samples), tag=tag)
        case SamplesNoted(samples=samples):
            return tr("the note on {samples}").format(samples=_samples(samples))
        case _:
            return ""


def _runs(intent: Intent) -> str:
    match intent:
        case RunClosed(key):
            return tr("closing {run}").format(run=_name(key))
        case LostForgotten():
            return tr("forgetting runs that were not there")
        case PathsJoined(name=name, key=key) | RunsJoined(name=name, key=key):
            return tr("joining files to {run}").format(run=name or _name(key))
        case SessionReopened():
            return tr("opening the last session")
        case RunCompared(key, shown):
            sentence = tr("comparing with {run}") if shown else tr("taking {run} out of the comparison")
            return sentence.format(run=_name(key))
        case RunsCompared(keys):
            return tr("comparing {runs}").format(runs=tr_counted(len(keys), "run"))
        case _:
            return ""


def _lists(intent: Intent) -> str:
    match intent:
        case RoleCorrected(dataset=dataset):
            return tr("saying what {dataset} holds").format(dataset=dataset)
        case ConventionsChosen():
            return tr("choosing how points are read")
        case FilterSaved(name=name):
            return tr("saving the filter “{name}”").format(name=name)
        case FilterDeleted(name=name):
            return tr("deleting the filter “{name}”").format(name=name)
        case TagDeleted(tag):
            return tr("deleting the tag “{tag}”").format(tag=tag)
        case TagsNamed():
            return tr("naming tags of your own")
        case _:
            return ""


def _views(before: State, after: State) -> str:
    if before.view is after.view:
        return ""
    changes = dict.fromkeys(change.words for change in changed_settings(before.view, after.view))
    return tr("changing {settings}").format(settings=tr_listed(list(changes))) if changes else ""


def _samples(samples: Numbers) -> str:
    if len(samples) == 1:
        return tr("sample {number}").format(number=int(samples[0]) + 1)
    return tr_counted(len(samples), "sample")


def _name(key: str) -> str:
    return Path(key.partition("|")[0]).name or key
