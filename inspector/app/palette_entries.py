"""What the palette finds: commands first, then what is open, as far as it has been read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from PySide6.QtGui import QAction

from inspector.app.commands import COMMANDS, keys_of
from inspector.app.desk import Desk
from inspector.app.diagnoses import not_dismissed
from inspector.app.evidence import intents_to
from inspector.app.palette_search import Group, Numbers
from inspector.app.recordable import VIEWS
from inspector.app.tabs import TABBED, TRIAGE
from inspector.core.language import tr
from inspector.diagnosis.values import Evidence, LayerEvidence, SettingEvidence, TensorEvidence
from inspector.display.catalogue import offer_of
from inspector.display.curves.filtering import filter_for
from inspector.display.dumps import datasets
from inspector.formats.dump import Role
from inspector.formats.facts import CheckpointFacts, DumpFacts, layer_name
from inspector.runs.values import FileEntry, Run
from inspector.session.intents import GalleryChanged, Intent, RunChosen, TabChosen, ViewChanged
from inspector.session.values import RunState


def groups(desk: Desk, actions: Mapping[str, QAction]) -> list[Group]:
    """Commands, views, named filters, runs and their files, and what the views show of the chosen run."""
    return [_commands(desk, actions), _views(desk), _filters(desk), *_runs(desk), *_of_chosen(desk)]


def _commands(desk: Desk, actions: Mapping[str, QAction]) -> Group:
    found = [one for one in COMMANDS if one.key != "palette"]
    keys = tuple(next(iter(keys_of(one, desk.state.preferences)), "") for one in found)
    return Group(tr("command"), [one.title for one in found], lambda place: actions[found[place].key].trigger(), keys)


def _views(desk: Desk) -> Group:
    return _going(desk, tr("view"), [offer.title for offer in TABBED], lambda place: (TabChosen(TABBED[place].key),))


def _filters(desk: Desk) -> Group:
    saved = desk.state.sample_lists.filters

    def filtered(place: int) -> tuple[Intent, ...]:
        one = saved[place]
        shown = GalleryChanged(one.viewer, {"filter": one.filter, "ranges": one.ranges})
        return TabChosen(one.viewer), shown

    return _going(desk, tr("filter"), [one.name for one in saved], filtered)


def _runs(desk: Desk) -> Iterator[Group]:
    runs = [run for state in desk.state.runs if (run := desk.run(state.key))]
    files = [(run.key, file) for run in runs for file in run.files]
    yield _going(desk, tr("run"), [run.name for run in runs], lambda place: (RunChosen(runs[place].key),))
    yield _going(
        desk,
        tr("file"),
        [file.name for _key, file in files],
        lambda place: (RunChosen(files[place][0], files[place][1].path),),
    )


def _of_chosen(desk: Desk) -> Iterator[Group]:
    chosen = desk.chosen()
    if chosen is None:
        return
    run, state = chosen
    yield _findings(desk, state)
    yield _metrics(desk, run)
    settings = tuple(dict.fromkeys((*run.settings.values, *(field.path for field in run.settings.fields))))
    yield _evident(desk, run, tr("setting"), settings, lambda path: SettingEvidence(path=path, value=None, text=""))
    dump = _shown(desk, run, state, "features")
    if dump is not None and isinstance(dump.facts, DumpFacts):
        yield _layers(desk, run, dump.path, dump.facts)
    checkpoint = _shown(desk, run, state, "weights")
    if checkpoint is not None and isinstance(checkpoint.facts, CheckpointFacts):
        yield from _tensors(desk, run, checkpoint.path, checkpoint.facts)
    yield from _samples(desk, run, state)


def _findings(desk: Desk, state: RunState) -> Group:
    findings = not_dismissed(desk.diagnoses.at_cursor(state), state)
    return _going(
        desk,
        tr("finding"),
        [one.title for one in findings],
        lambda place: (TabChosen(TRIAGE), ViewChanged({"finding": findings[place].id})),
    )


def _metrics(desk: Desk, run: Run) -> Group:
    tags = [series.tag for series in run.series]

    def shown(place: int) -> tuple[Intent, ...]:
        return TabChosen("curves"), ViewChanged({"series_filter": filter_for(tags[place]), "curves_page": "cards"})

    return _going(desk, tr("metric"), tags, shown)


def _layers(desk: Desk, run: Run, path: str, facts: DumpFacts) -> Group:
    names = tuple(layer_name(layer) for layer in datasets(facts, Role.ACTIVATION))
    return _evident(
        desk, run, tr("layer"), names, lambda name: LayerEvidence(dump=path, layer=name, channels=(), text="")
    )


def _tensors(desk: Desk, run: Run, path: str, facts: CheckpointFacts) -> Iterator[Group]:
    for kind, names in ((tr("tensor"), tuple(one.name for one in facts.tensors)), (tr("value"), tuple(facts.objects))):
        yield _evident(desk, run, kind, names, lambda name: TensorEvidence(checkpoint=path, name=name, text=""))


def _samples(desk: Desk, run: Run, state: RunState) -> Iterator[Group]:
    """Those of the shown view, else of the first that has some."""
    viewers = [offer.key for offer in TABBED if offer.key in VIEWS]
    for viewer in sorted(viewers, key=lambda one: one != desk.state.tab):
        dump = _shown(desk, run, state, viewer)
        if dump is not None and isinstance(dump.facts, DumpFacts) and dump.facts.samples:

            def shown(place: int, viewer: str = viewer) -> tuple[Intent, ...]:
                return TabChosen(viewer), ViewChanged({"sample": place, "point_layout": "single"})

            yield _going(desk, tr("sample"), Numbers(dump.facts.samples), shown, shown_as=tr("Sample {title}"))
            return


def _shown(desk: Desk, run: Run, state: RunState, viewer: str) -> FileEntry | None:
    """The file that a view shows at the cursor."""
    path = getattr(offer_of(viewer).ask(run, state, desk.state.view), "path", None)
    return next((file for file in run.files if file.path == path), None)


def _evident(desk: Desk, run: Run, kind: str, names: tuple[str, ...], evidence: Callable[[str], Evidence]) -> Group:
    """What a view marks as it marks the evidence of a finding."""
    return _going(desk, kind, names, lambda place: intents_to(evidence(names[place]), run))


def _going(
    desk: Desk,
    kind: str,
    titles: Sequence[str],
    intents: Callable[[int], tuple[Intent, ...]],
    shown_as: str = "{title}",
) -> Group:
    """A group whose things are gone to by intents."""

    def go(place: int) -> None:
        for intent in intents(place):
            desk.dispatch(intent)

    return Group(kind, titles, go, shown_as=shown_as)
