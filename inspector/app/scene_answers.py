"""What readers have drawn, brought to the view that shows it."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.desk import Desk
from inspector.app.live_runs import VIEWER as TRAINING
from inspector.app.news import SceneReady
from inspector.app.scenes import MERGED, Scenes
from inspector.app.tabs import Tabs
from inspector.core.pulse import Progress

MERGE_EVERY_MS = 120
"""Many runs are merged and drawn in half of that; their answers come one by one."""


class SceneAnswers(QObject):
    """Hands scenes, failures and progress to the views.

    Signals:
        timeline: there is another curve for the timeline.
        preview: the scene of what a resume would do.
        again: something is to be asked again.
    """

    timeline = Signal()
    preview = Signal(object)
    again = Signal()

    def __init__(self, desk: Desk, scenes: Scenes, tabs: Tabs, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._scenes = scenes
        self._tabs = tabs
        self._merged_at_ms = 0.0
        self._merge_soon = QTimer(self, singleShot=True)
        self._merge_soon.timeout.connect(self._show_merged)
        desk.scene_requests.ready.connect(self._on_ready)
        desk.scene_requests.failed.connect(self._on_failed)
        desk.scene_requests.progressed.connect(self._on_progressed)
        desk.scene_requests.kept.connect(self._on_kept)
        desk.runs.reader_ended.connect(scenes.forget)
        desk.runs.closed.connect(self._on_closed)
        tabs.stopped.connect(self._on_part_stopped)
        tabs.again.connect(self._on_part_again)

    def _on_ready(self, answer: SceneReady) -> None:
        if self._desk.run(answer.run) is None or answer.viewer == TRAINING:  # the desk's own
            return
        if answer.viewer == MERGED and self._desk.state.compared:
            self._scenes.keep(answer)
            self._merge()
            return
        scene = self._scenes.take(answer)
        if scene is None:
            return
        if answer.viewer == "timeline":
            self.timeline.emit()
        elif answer.viewer == "preview":
            self.preview.emit(scene)
        else:
            self._tabs.show_scene(answer.viewer, scene)

    def _on_closed(self, run: str) -> None:
        """Let go of what hidden views show of a run; the one that is seen is about to show another."""
        state = self._desk.state
        for tab in self._scenes.last_of(run):
            if tab != state.tab or not state.runs:
                self._tabs.end(tab)

    def _merge(self) -> None:
        """Have compared runs shown at once, or, where they just were, in a moment with those that answer until then."""
        if not self._merge_soon.isActive():
            self._merge_soon.start(max(int(self._merged_at_ms + MERGE_EVERY_MS - time.monotonic() * 1e3), 0))
            if view := self._tabs.made(MERGED):
                view.show_pending()

    def _show_merged(self) -> None:
        """Show compared runs, those that answered together at once."""
        self._merged_at_ms = time.monotonic() * 1e3
        scene = self._scenes.shown(MERGED)
        if scene is not None:
            self._tabs.show_scene(MERGED, scene)

    def _on_failed(self, answer: SceneReady) -> None:
        tab, _, part = answer.viewer.partition(".")
        if not part:
            self._scenes.failed(answer)
        view = self._tabs.made(tab)
        if view is None or answer.run != self._desk.state.chosen:
            return
        if part:  # it may fail after long work, and is asked again by the user alone
            view.show_part_message(part, answer.scene)
        else:
            view.show_message(answer.scene, self._tabs.button(tab, "read_on") if answer.limited else None)

    def _on_kept(self, viewer: str, run: str) -> None:
        if (viewer, run) == (self._desk.state.tab, self._desk.state.chosen):
            self.again.emit()

    def _on_progressed(self, viewer: str, run: str, progress: Progress) -> None:
        tab, _, part = viewer.partition(".")
        view = self._tabs.made(tab)
        if part and view is not None and run == self._desk.state.chosen:
            view.show_part_pending(part, progress)

    def _on_part_stopped(self, viewer: str) -> None:
        if self._desk.state.chosen:
            self._desk.scene_requests.stop(viewer, self._desk.state.chosen)

    def _on_part_again(self, viewer: str) -> None:
        if self._desk.state.chosen:
            self._scenes.unask(viewer, self._desk.state.chosen)
            self.again.emit()
