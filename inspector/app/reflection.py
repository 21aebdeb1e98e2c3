"""What each panel of the window shows of the state."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStackedWidget

from inspector.app.desk import Desk
from inspector.app.finding_desk import FindingDesk
from inspector.app.parents import parent_key
from inspector.app.run_rows import dot_of, life_text
from inspector.app.run_tree import RunTree, TreeRun
from inspector.app.scenes import Scenes
from inspector.app.status_bar import StatusBar
from inspector.app.tabs import TRIAGE, Tabs, parts_of
from inspector.app.timeline import Timeline
from inspector.app.timeline_strip import Flag
from inspector.app.welcome import Welcome
from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Progress
from inspector.core.units import bytes_text
from inspector.diagnosis.values import worst_of
from inspector.display.catalogue import offer_of
from inspector.display.curves.merge import distinct_names
from inspector.display.nearest import where_text
from inspector.display.points.pattern.judge import point_dumps
from inspector.display.triage.settings_against import against_run
from inspector.runs.values import Run
from inspector.session.reduce import chosen_run
from inspector.session.store import load_recent
from inspector.session.values import RunState
from inspector.session.writing import writing
from inspector.views.few_a_turn import FewATurn
from inspector.views.view import View

UNOPENED = tr("Files are read in a locked-down process: no network, no writing")


@dataclass(frozen=True, slots=True)
class Panels:
    """The parts of a window that show its state; `pages` has the welcome page first, then all others."""

    pages: QStackedWidget
    welcome: Welcome
    tree: RunTree
    tabs: Tabs
    findings: FindingDesk
    timeline: Timeline
    status: StatusBar


class Reflection(QObject):
    """Has panels show their part of the state."""

    def __init__(self, desk: Desk, scenes: Scenes, panels: Panels, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._scenes = scenes
        self._panels = panels
        self._beside_chosen = FewATurn(self)

    def stop(self) -> None:
        """Show nothing any more of what waits for its turn."""
        self._beside_chosen.stop()

    def show_all(self) -> None:
        """Show everything, of another run than before or of none."""
        runs = self._desk.state.runs
        self._panels.pages.setCurrentIndex(1 if runs else 0)
        if not runs:
            recent = writing(load_recent)
            self._panels.welcome.show_recent(recent.value if recent is not None else ())
        self.show_tree()
        self.show_findings()
        self.show_status()
        self.show_timeline()
        self.show_cursor()
        self.show_view()
        self._panels.findings.reflect()  # the shown view may tell more of them

    def show_runs(self) -> None:
        """Show which runs are open and compared, and what is chosen in the shown one."""
        self.show_tree()
        self.show_findings()
        self.show_cursor()
        self.show_status()

    def show_changed(self, key: str) -> None:
        """Show a run that has changed, as far as anything of it is on the screen; many others that did together."""
        if key == self._desk.state.chosen:
            self.show_tree()
            self.show_view()  # its scene is asked for before that of the timeline
            self.show_findings()
            self.show_status()
            self.show_timeline()
            return
        self._beside_chosen.add(self.show_tree, self.show_tree)
        if key in self._desk.state.compared or key == parent_key(self._desk, self._desk.state.chosen):
            self._beside_chosen.add(self.show_view, self.show_view)

    def show_tree(self) -> None:
        """Show the open runs with their dots."""
        state = self._desk.state
        chosen = chosen_run(state)
        rows = [_tree_run(self._desk, one, run) for one in state.runs if (run := self._desk.run(one.key)) is not None]
        self._panels.tree.show_runs(rows, state.chosen, chosen.file if chosen else None)

    def show_findings(self) -> None:
        """Show the findings, and their flags on the timeline."""
        self._panels.findings.reflect()
        state = chosen_run(self._desk.state)
        findings = self._desk.diagnoses.open_findings(state) if state else ()
        self._panels.tabs.show_badge(TRIAGE, str(len(findings)) if findings else "")
        self._panels.timeline.show_flags(
            tuple(
                Flag(finding.since_step, finding.severity, finding.title)
                for finding in findings
                if finding.since_step is not None
            )
        )

    def show_timeline(self) -> None:
        """Show the chosen run's timeline, and ask for its curve where it is missing or old."""
        chosen = self._desk.chosen()
        if chosen is None:
            self._panels.timeline.show_scene(None, ())
            return
        self._scenes.want("timeline")
        self._panels.timeline.show_scene(self._scenes.shown("timeline"), chosen[0].moments)

    def show_cursor(self) -> None:
        """Show where the cursor stands."""
        state = chosen_run(self._desk.state)
        self._panels.timeline.show_cursor(state.cursor_step if state else None)

    def show_status(self) -> None:
        """Show which run and file is looked at."""
        chosen = self._desk.chosen()
        lock = self._desk.lock.known
        if lock is not None:
            self._panels.status.show_lock(lock)
        if chosen is None:
            if lock is None or lock.full:
                self._panels.status.show_sentence(UNOPENED)
            else:
                self._panels.status.show_run("", lock.sentence)
        else:
            self._panels.status.show_run(chosen[0].name, _fact_text(*chosen))

    def show_view(self) -> None:
        """Show the chosen view, and ask for what it and its parts need."""
        state = self._desk.state
        if not state.runs:
            return
        run, run_state = self._desk.chosen() or (None, None)
        view = self._panels.tabs.show_tab(state, run, run_state)
        page = "resume" if self._panels.tabs.over is not None else state.tab
        self._panels.status.show_hint(page, state.preferences)
        self._offer_runs(view)
        self._offer_dumps(view)
        self._offer_settings(view)
        view.mark(*self._panels.findings.marked())
        if run is None:
            view.show_pending()
            return
        if self._scenes.want(state.tab):
            view.show_pending()
        elif (scene := self._scenes.shown(state.tab)) is not None and (scene is not view.scene or view.scene is None):
            view.show_scene(scene)
        for key in parts_of(state.tab):
            part = key.rpartition(".")[2]
            if offer_of(key).lane and self._desk.scene_requests.scanning(state.tab, run.key):
                continue  # it would scan the same once more
            if self._scenes.want(key):
                view.show_part_pending(part, Progress())
            elif (scene := self._scenes.shown(key)) is not None and scene is not view.parts.get(part):
                view.show_part(part, scene)

    def show_diagnosing(self, key: str, progress: Progress) -> None:
        """Show in the triage view how far the diagnosis of the chosen run is."""
        show = getattr(self._panels.tabs.made(TRIAGE), "show_progress", None)
        if key == self._desk.state.chosen and show is not None:
            show(progress)

    def _offer_runs(self, view: View) -> None:
        """Offer a view that can lay runs side by side the others that are open, named as in its legends."""
        offer = getattr(view, "set_runs", None)
        if offer is None:
            return
        from inspector.views.curves.view import RunChoice

        state = self._desk.state
        keys = dict.fromkeys((state.chosen, *state.compared, *(one.key for one in state.runs)))
        known = {key: run for key in keys if key and (run := self._desk.run(key)) is not None}
        names = dict(zip(known, distinct_names([run.name for run in known.values()]), strict=True))
        offer(
            tuple(
                RunChoice(key=one.key, name=names[one.key], shown=one.key in state.compared)
                for one in state.runs
                if one.key != state.chosen and one.key in names
            )
        )

    def _offer_settings(self, view: View) -> None:
        """Offer a view that holds settings against others those of the first compared run."""
        offer = getattr(view, "set_reference", None)
        if offer is None:
            return
        state = self._desk.state
        others = (run for key in state.compared if key != state.chosen and (run := self._desk.run(key)) is not None)
        here, there = self._desk.run(state.chosen), next(others, None)
        offer(against_run(here.settings, there.settings, there.name) if here and there else None)

    def _offer_dumps(self, view: View) -> None:
        """Offer a view that can hold dumps against each other those of the compared runs."""
        offer = getattr(view, "set_dumps", None)
        if offer is None:
            return
        state = self._desk.state
        runs = [run for key in state.compared if key != state.chosen and (run := self._desk.run(key)) is not None]
        offer(tuple(one for run in runs for one in point_dumps(run, f"{run.name} · ")))


def _tree_run(desk: Desk, state: RunState, run: Run) -> TreeRun:
    findings = desk.diagnoses.open_findings(state)
    diagnosis = desk.diagnoses.of(state.key)
    checked = diagnosis is not None and diagnosis.checked
    dot = dot_of(run, worst_of(findings), checked=checked)
    compared = run.key in desk.state.compared and run.key != desk.state.chosen
    return TreeRun(run, dot, len(findings), state.folder, compared)


def _fact_text(run: Run, state: RunState) -> str:
    """What the shown file is, or how much the run holds, whether it lives, and what is wrong with it."""
    entry = next((entry for entry in run.files if entry.path == state.file), None)
    if entry:
        return f"{where_text(entry)} · {entry.hint} · {bytes_text(entry.bytes)}"
    life = f" · {life_text(run)}: {run.liveness.because}" if life_text(run) else ""
    note = f" · {run.notes[0]}" if run.notes else ""
    return f"{tr_counted(len(run.files), 'file')} · {tr_counted(len(run.series), 'metric')}{life}{note}"
