"""What the user did, in a few words: `staging optim.lr`, `flagging sample 8`, `changing smoothing`."""

from __future__ import annotations

from pathlib import Path

from inspector.core.language import tr
from inspector.core.units import counted, listed
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
    RunLost,
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

    What a file, another window or a trainer said is no step of the user's, and a preference is taken back where it was
    chosen, for it holds in every window.
    """
    return _staging(intent) or _marking(intent) or _runs(intent) or _lists(intent) or _views(before, after)


def lost_text(state: State) -> str:
    """That runs of the session are not to be read for now; empty where none is."""
    names = [run.name or _name(run.key) for run in state.lost]
    if not names:
        return ""
    return tr("Not there now: {names}; what is staged is kept, and the next start looks again").format(
        names=listed(names)
    )


def _staging(intent: Intent) -> str:
    match intent:
        case EditsStaged(edits):
            return f"staging {listed([edit.path for edit in edits])}"
        case EditChosen(path):
            return f"choosing a value for {path}"
        case EditUnstaged(path):
            return f"taking back the edit of {path}" if path is not None else "clearing staged edits"
        case FindingDismissed(dismissed=dismissed):
            return "dismissing a finding" if dismissed else "taking up a finding"
        case _:
            return ""


def _marking(intent: Intent) -> str:
    match intent:
        case SamplesFlagged(samples=samples, flagged=flagged):
            return f"flagging {_samples(samples)}" if flagged else f"unflagging {_samples(samples)}"
        case SamplesRejected(samples=samples, rejected=rejected):
            return f"rejecting {_samples(samples)}" if rejected else f"using {_samples(samples)} again"
        case SamplesTagged(samples=samples, tag=tag, tagged=tagged):
            return f"{'tagging' if tagged else 'untagging'} {_samples(samples)} “{tag}”"
        case SamplesNoted(samples=samples):
            return f"the note on {_samples(samples)}"
        case _:
            return ""


def _runs(intent: Intent) -> str:
    match intent:
        case RunClosed(key) | RunLost(key):
            return f"closing {_name(key)}"
        case LostForgotten():
            return "forgetting runs that were not there"
        case PathsJoined(name=name, key=key) | RunsJoined(name=name, key=key):
            return f"joining files to {name or _name(key)}"
        case SessionReopened():
            return "opening the last session"
        case RunCompared(key, shown):
            return f"comparing with {_name(key)}" if shown else f"taking {_name(key)} out of the comparison"
        case RunsCompared(keys):
            return f"comparing {counted(len(keys), 'run')}"
        case _:
            return ""


def _lists(intent: Intent) -> str:
    match intent:
        case RoleCorrected(dataset=dataset):
            return f"saying what {dataset} holds"
        case ConventionsChosen():
            return "choosing how points are read"
        case FilterSaved(name=name):
            return f"saving the filter “{name}”"
        case FilterDeleted(name=name):
            return f"deleting the filter “{name}”"
        case TagDeleted(tag):
            return f"deleting the tag “{tag}”"
        case TagsNamed():
            return "naming tags of your own"
        case _:
            return ""


def _views(before: State, after: State) -> str:
    if before.view is after.view:
        return ""
    changes = dict.fromkeys(change.words for change in changed_settings(before.view, after.view))
    return f"changing {listed(list(changes))}" if changes else ""


def _samples(samples: Numbers) -> str:
    return f"sample {int(samples[0]) + 1}" if len(samples) == 1 else f"{len(samples):,} samples"


def _name(key: str) -> str:
    return Path(key.partition("|")[0]).name or key
