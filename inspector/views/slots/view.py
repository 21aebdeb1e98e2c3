"""The Slots tab: toolbar, stage, and what stands below it."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.diagnosis.values import Finding, SlotEvidence
from inspector.display.gallery.offers import SAMPLES
from inspector.display.gallery.scene import SamplesScene
from inspector.display.offer import Scene
from inspector.display.slots.baselines.scene import BaselinesScene
from inspector.display.slots.history.scene import HistoryScene, HistoryTile
from inspector.display.slots.scene import SlotsScene
from inspector.session.intents import CursorMoved, RunChosen, ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.gallery.gallery import Gallery
from inspector.views.gallery.holder import SampleView
from inspector.views.notes import NotesArea
from inspector.views.slots.below import FULL_FOOT_PX, LEAST_FOOT_PX, Below
from inspector.views.slots.stage import Stage
from inspector.views.slots.toolbar import KEPT_COLOURS, SlotsToolbar

_GAP_PX = 12
_LEAST_STAGE_PX = 120
_FOOT_SHARE = 0.4
_TILE_PX = 72
HISTORY = "history"
BASELINES = "baselines"


class _Panes(QWidget):
    """The stage as high as it can make use of, and below it the rest."""

    def __init__(self, stage: Stage, below: Below) -> None:
        super().__init__()
        self.stage, self.below = stage, below
        for pane in (stage, below):
            pane.setParent(self)
        self.setMinimumHeight(_LEAST_STAGE_PX)

    def arrange(self) -> None:
        """Place both; the stage alone where there is no room below it."""
        alone = self.height() < LEAST_FOOT_PX + _LEAST_STAGE_PX
        self.below.setVisible(not alone)
        foot = min(FULL_FOOT_PX, max(LEAST_FOOT_PX, round(self.height() * _FOOT_SHARE)))
        height = self.stage.height_in(self.width(), max(self.height() - (0 if alone else foot + _GAP_PX), 1))
        self.stage.setGeometry(0, 0, self.width(), height)
        top = height + _GAP_PX
        self.below.setGeometry(0, top, self.width(), max(foot, self.height() - top))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()


class SlotsView(SampleView):
    """Which slot wins which pixel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Gallery("slots", tile_px=_TILE_PX), parent)
        self.toolbar = SlotsToolbar()
        self.stage = Stage()
        self.below = Below(self.gallery)
        self.panes = _Panes(self.stage, self.below)
        self.notes = NotesArea()
        self.about = ElidedLabel(ink="dim", size_px=SMALL_PX)
        self._run_key = ""
        self._solo: int | None = None
        self._hidden: tuple[int, ...] = ()
        self._evidence: tuple[SlotEvidence, ...] = ()
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(_GAP_PX)
        column.addWidget(self.toolbar)
        column.addWidget(self.notes)
        column.addWidget(self.about)
        column.addWidget(self.panes, 1)
        self.toolbar.changed.connect(self._on_changed)
        self.notes.read_on.clicked.connect(self.read_on)
        self.toolbar.masks_chosen.connect(self._on_masks)
        self.toolbar.tokens_chosen.connect(self._on_tokens)
        self.stage.slot_clicked.connect(self._on_slot)
        self.stage.eye_pressed.connect(self._on_eye)
        self.stage.side_clicked.connect(self._on_side)
        self.stage.token_chosen.connect(self._on_token)
        self.below.history.sample_clicked.connect(self._on_sample)
        self.below.history.dump_clicked.connect(self._on_dump)
        self.below.history.closed.connect(self._on_all_slots)

    def draw(self, scene: SlotsScene) -> None:
        self.toolbar.show_scene(scene)
        self.notes.show_notes(scene.notes, limited=scene.limited)
        self.about.setText(scene.about)
        self.about.setToolTip(scene.about)
        self.stage.show_scene(scene)
        self._mark_slots()
        self.below.show_scene(scene)
        self._show_baselines()
        self._show_means()
        self.panes.arrange()

    def _show_baselines(self) -> None:
        """Clusters of colour among what the scores are read against, once they are known of the sample shown."""
        found, scene = self.parts.get(BASELINES), self.scene
        if not isinstance(found, BaselinesScene) or scene is None:
            return
        if (found.path, found.sample, found.choice) == (scene.path, scene.sample, scene.choice):
            self.below.figures.replace(found.figures)

    def _show_means(self) -> None:
        """The numbers of all samples belong to the dump that is shown, or are left out until those of it come."""
        samples = self.parts.get(SAMPLES)
        if isinstance(samples, SamplesScene) and self.scene is not None and samples.path == self.scene.path:
            self.below.show_means(samples.table, self.scene.means_of)
        else:
            self.below.show_means(None)

    def reflect(self, run_state: RunState | None, view_state: ViewState) -> None:
        self.toolbar.reflect(view_state)
        self._run_key = run_state.key if run_state is not None else ""
        self._solo, self._hidden = view_state.solo_slot, view_state.hidden_slots
        if self._solo is None:
            self.below.show_history(shown=False)

    def mark(self, finding: Finding | None, place: int) -> None:
        pieces = finding.evidence[place:] + finding.evidence[:place] if finding is not None else ()
        self._evidence = tuple(one for one in pieces if isinstance(one, SlotEvidence))
        self._mark_slots()

    def _mark_slots(self) -> None:
        """Ring the slots that the chosen finding is seen in, of the dump and sample shown; not where it is all."""
        scene = self.scene
        seen: tuple[int, ...] = ()
        if scene is not None:
            of_this = (one.slots for one in self._evidence if (one.dump, one.sample) == (scene.path, scene.sample))
            seen = next(of_this, ())
        ringed = frozenset(seen)
        self.stage.mark(ringed if scene is not None and len(ringed) < len(scene.slots) else frozenset())

    def draw_part(self, part: str, scene: Scene) -> None:
        if part == HISTORY and isinstance(scene, HistoryScene) and scene.slot == self._solo:
            self.below.history.show_scene(scene)
            self.below.show_history(shown=True)
        elif part == BASELINES:
            self._show_baselines()
        elif part != HISTORY:
            super().draw_part(part, scene)
        if part == SAMPLES:
            self._show_means()

    def say_of_part(self, part: str, sentence: str) -> None:
        if part == HISTORY:
            self.below.history.say(sentence)
        elif part != BASELINES:
            super().say_of_part(part, sentence)

    def fit(self) -> None:
        """Show the whole pictures again."""
        self.stage.fit()

    def _on_changed(self, field: str, value: object) -> None:
        if field != KEPT_COLOURS:
            self.tell(ViewChanged({field: value}))
        elif value == "drop":
            self.tell(ViewChanged({field: None}))
        elif value == "keep" and self.scene is not None:
            self.tell(ViewChanged({field: self.scene.reference}))

    def _on_masks(self, source: str, path: str) -> None:
        part = {"mask_source": source} if source in ("encoder", "decoder") else {}
        self.tell(ViewChanged({**part, "mask_dataset": path}))

    def _on_tokens(self, path: str) -> None:
        self.tell(ViewChanged({"token_dataset": path, "token_at": None}))

    def _on_token(self, place: tuple[float, float] | None) -> None:
        self.tell(ViewChanged({"token_at": place}))

    def _on_slot(self, slot: int) -> None:
        solo = self.scene.solo if self.scene is not None else None
        self.tell(ViewChanged({"solo_slot": None if slot == solo else slot}))

    def _on_all_slots(self) -> None:
        self.tell(ViewChanged({"solo_slot": None}))

    def _on_eye(self, slot: int) -> None:
        rest = tuple(other for other in self._hidden if other != slot)
        self.tell(ViewChanged({"hidden_slots": rest if slot in self._hidden else (*rest, slot)}))

    def _on_side(self, key: str) -> None:
        self.tell(ViewChanged({"masks_over": key}))

    def _on_sample(self, sample: int) -> None:
        self.tell(ViewChanged({"sample": sample}))

    def _on_dump(self, tile: HistoryTile) -> None:
        self.tell(CursorMoved(tile.step) if tile.step is not None else RunChosen(self._run_key, tile.path))


def make(parent: QWidget | None = None) -> SlotsView:
    """The widget of the Slots tab."""
    return SlotsView(parent)
