"""Which scenes the window has asked for, so that only what changed is asked again."""

from __future__ import annotations

from functools import partial

import msgspec

from inspector.analysis.seed_bands import Spread
from inspector.app.beside_work import BesideWork
from inspector.app.desk import Desk
from inspector.app.news import SceneReady
from inspector.app.parents import found_in_parent
from inspector.diagnosis.values import Finding
from inspector.display.catalogue import offer_of
from inspector.display.curves.links import links_of
from inspector.display.curves.markers import with_findings
from inspector.display.curves.merge import RunLink, merge, points_in
from inspector.display.offer import Fit, Scene
from inspector.display.triage.scene import TriageAsk
from inspector.runs.values import Run
from inspector.session.reduce import chosen_run
from inspector.session.values import RunState, ViewState

MERGED = "curves"
"""The viewer that draws several runs into one scene."""

MOST_POINTS_AT_ONCE = 2_000_000
"""Of so many points a mean is worked out in a few milliseconds; of more, in a thread beside the window's."""


class Scenes:
    """The last ask of every viewer and run, and the scenes that answer them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asks: dict[tuple[str, str], msgspec.Struct] = {}
        self._asked_of: dict[tuple[str, str], tuple[object, ...]] = {}
        self._ready: dict[tuple[str, str], Scene] = {}
        self._shown_of: dict[str, tuple[str, ...]] = {}
        self._merged: tuple[tuple[Scene, ...], tuple[object, ...], Scene] | None = None
        self._beside = BesideWork(desk.run_changed.emit)

    def want(self, viewer: str) -> bool:
        """Ask for what a viewer needs now, of compared runs a few in each turn; whether anything new is known to be."""
        first, *others = self._runs(viewer) or [""]
        asked = self._want(viewer, first)
        for key in others:
            if not self._looked_at(viewer, key):
                asked = asked or (viewer, key) not in self._asks
                self._desk.scene_requests.in_turn(viewer, key, partial(self._want, viewer, key))
        return asked

    def forget(self, run: str) -> None:
        """Drop what belongs to a run that was closed or read again."""
        for known in (self._asks, self._asked_of, self._ready):
            for pair in [pair for pair in known if pair[1] == run]:
                del known[pair]
        self._merged = None

    def take(self, answer: SceneReady) -> Scene | None:
        """Keep an answer; the scene to show, None while others are missing or it is of another run."""
        self.keep(answer)
        return self.shown(answer.viewer)

    def keep(self, answer: SceneReady) -> None:
        """Keep an answer that is shown later."""
        self._ready[answer.viewer, answer.run] = answer.scene

    def failed(self, answer: SceneReady) -> None:
        """Let a failed ask be asked again."""
        self.unask(answer.viewer, answer.run)

    def unask(self, viewer: str, run: str) -> None:
        """Let a viewer's ask be asked again."""
        self._asks.pop((viewer, run), None)
        self._asked_of.pop((viewer, run), None)

    def shown(self, viewer: str) -> Scene | None:
        """The scene of the chosen run, with those of compared runs laid beside it where the viewer can."""
        runs = self._runs(viewer)
        if not runs or (viewer, runs[0]) not in self._ready:
            return None
        if viewer != MERGED:
            self._shown_of[viewer] = (runs[0],)
            return self._ready[viewer, runs[0]]
        ready = [key for key in runs if (viewer, key) in self._ready]
        self._shown_of[viewer] = tuple(ready)
        return self._laid_together(ready)

    def last_of(self, run: str) -> set[str]:
        """The tabs that showed a run last, or a part of it; it is not known of them any more."""
        viewers = [viewer for viewer, keys in self._shown_of.items() if run in keys]
        for viewer in viewers:
            del self._shown_of[viewer]
        return {viewer.partition(".")[0] for viewer in viewers}

    def _laid_together(self, keys: list[str]) -> Scene | None:
        """The curves of runs in one scene, made anew only where something of it has changed; None while it is made."""
        state = self._desk.state
        chosen = chosen_run(state)
        parts = tuple(self._ready[MERGED, key] for key in keys)
        names = tuple(run.name if (run := self._desk.run(key)) else key for key in keys)
        links = links_of([(key, self._desk.run(key)) for key in keys], chosen.parent if chosen else None)
        findings = self._desk.diagnoses.open_findings(chosen) if chosen else ()
        seeds, spread = state.view.group_seeds, state.view.seed_spread
        made_of = (names, links, findings, seeds, spread)
        if self._merged is None or self._merged[1] != made_of or not _same(self._merged[0], parts):
            make = partial(_merged, parts, names, links, findings, group_seeds=seeds, spread=spread)
            slow = seeds and sum(map(points_in, parts)) > MOST_POINTS_AT_ONCE
            scene = self._beside.result((tuple(map(id, parts)), made_of), make, keys[0]) if slow else make()
            if scene is None:
                return None
            self._merged = (parts, made_of, scene)
        return self._merged[2]

    def _runs(self, viewer: str) -> list[str]:
        """The chosen run first, then, for curves, the compared ones that are open."""
        state = self._desk.state
        chosen = chosen_run(state)
        if chosen is None or self._desk.run(chosen.key) is None:
            return []
        others = state.compared if viewer == MERGED else ()
        return [chosen.key, *(key for key in others if key != chosen.key and self._desk.run(key))]

    def _made_of(self, key: str) -> tuple[Run | None, RunState | None, ViewState]:
        """What an ask is made of; each is another object where anything of it is another."""
        state = self._desk.state
        return self._desk.run(key), next((one for one in state.runs if one.key == key), None), state.view

    def _looked_at(self, viewer: str, key: str) -> bool:
        """Whether an ask would be made of the same as the last one."""
        known = self._asked_of.get((viewer, key), ())
        made_of = self._made_of(key)
        return bool(known) and all(one is other for one, other in zip(known, made_of, strict=True))

    def _want(self, viewer: str, key: str) -> bool:
        made_of = run, run_state, view = self._made_of(key)
        if run is None:
            return False
        self._asked_of[viewer, key] = made_of
        offer = offer_of(viewer)
        if offer.judge(run).fit is Fit.NO:
            self._ready.pop((viewer, key), None)  # of what the files held before
            return False
        ask = offer.ask(run, run_state or RunState(key=key, paths=()), view)
        if isinstance(ask, TriageAsk):
            ask = msgspec.structs.replace(
                ask,
                before=found_in_parent(self._desk, key),
                own=self._desk.diagnoses.own_at_cursor(run_state) if run_state is not None else None,
            )
        if ask is None or self._asks.get((viewer, key)) == ask:
            return False
        self._asks[viewer, key] = ask
        self._desk.scene_requests.ask(viewer, key, ask)
        return True


def _merged(
    parts: tuple[Scene, ...],
    names: tuple[str, ...],
    links: tuple[RunLink, ...],
    findings: tuple[Finding, ...],
    *,
    group_seeds: bool,
    spread: Spread,
) -> Scene:
    return with_findings(merge(parts, names, links, group_seeds=group_seeds, spread=spread), findings)


def _same(some: tuple[Scene, ...], others: tuple[Scene, ...]) -> bool:
    """Whether two rows of scenes are the same objects."""
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))
