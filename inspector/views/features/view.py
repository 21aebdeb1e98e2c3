"""The Features tab: toolbar, layers, and a page: channels, where and how often they fire, or the run's dumps."""

from __future__ import annotations

import math
from functools import cached_property, partial
from typing import TypeVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.pulse import Progress
from inspector.diagnosis.values import Finding, LayerEvidence
from inspector.display.features.scene import ChannelState, ChannelTile, FeaturesPage, FeaturesScene
from inspector.display.offer import Scene
from inspector.session.intents import ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.charts import BarChart
from inspector.views.controls import Card
from inspector.views.elided import ElidedLabel
from inspector.views.features.channels import ChannelScroll
from inspector.views.features.detail import HIGH_PX, ChannelCard
from inspector.views.features.firing import FiringPage
from inspector.views.features.history import HistoryPage
from inspector.views.features.layers import STATE_INKS, LayersCard
from inspector.views.features.limits import LimitsLine
from inspector.views.features.spatial import SpatialPage
from inspector.views.features.toolbar import FeaturesToolbar
from inspector.views.gallery.gallery import Gallery
from inspector.views.gallery.holder import SampleView
from inspector.views.notes import NotesArea
from inspector.views.surfaces import Ink
from inspector.views.waiting import Waiting

P = TypeVar("P", bound=QWidget)

_WIDEST_BAR_PX = 30
_NARROWEST_CHART_PX = 360
_BARS_PX, _LEAST_BARS_PX, _BARS_SHARE = 190, 108, 0.2
_LEAST_DETAIL_PX, _DETAIL_SHARE = 200, 0.42
_SPARE = 0.14
_TILE_PX = 84
_GALLERY_PX = 128
_GALLERY_FROM_PX, _BARS_FROM_PX = 484, 344
"""From which height of the view they are shown."""

_PAGES_OF_A_SAMPLE: tuple[FeaturesPage, ...] = ("channels", "spatial")
_BAR_INKS: dict[ChannelState, Ink] = {**STATE_INKS, "healthy": "accent"}


class FeaturesView(SampleView):
    """How many activations are zero, and which channels never fire."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Gallery("features", tile_px=_TILE_PX), parent)
        self.toolbar = FeaturesToolbar()
        self.layers = LayersCard()
        self.channels = ChannelScroll()
        self.bars = BarChart()
        self.bars.setAccessibleName(tr("Zeros of each channel"))
        self.card = Card(ink="dim", weight="regular")
        self.counts = ElidedLabel(ink="dim", right=True)
        self.limits = LimitsLine()
        self.notes = NotesArea()
        self.pages = QStackedWidget()
        self._made_pages: dict[FeaturesPage, QWidget] = {}
        self._channel = -1
        self._hide_dead = False
        self._with_bars = self._with_gallery = True
        self._evidence: tuple[LayerEvidence, ...] = ()
        self._ringed: tuple[int, ...] = ()
        self._tiles: tuple[ChannelTile, ...] = ()
        self._lay_out()
        self.toolbar.changed.connect(self._on_changed)
        self.limits.chosen.connect(partial(self._on_changed, "unit_limits"))
        self.layers.list.chosen.connect(self._on_layer)
        self.channels.grid.chosen.connect(self._on_place)
        self.bars.clicked.connect(self._on_place)
        self.notes.read_on.clicked.connect(self.read_on)

    def _lay_out(self) -> None:
        self.layers.setFixedWidth(236)
        self._put("channels", self.channels)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.layers)
        middle.addWidget(self.pages, 1)
        self.card.head.addWidget(self.counts, 100)  # the stretch behind the title keeps next to nothing
        self.card.column.addWidget(self.bars, 1)
        self.card.column.addWidget(self.limits)
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(14, 10, 14, 12)
        self._column.setSpacing(12)
        self._column.addWidget(self.toolbar)
        self._column.addWidget(self.notes)
        self._column.addLayout(middle, 1)
        self._column.addWidget(self.card)
        self.gallery.setFixedHeight(_GALLERY_PX)
        self._column.addWidget(self.gallery)

    # What is not seen at once is made when it is first wanted: all of it together would hold up the window's frames.

    @cached_property
    def spatial(self) -> SpatialPage:
        """Where the layer fires."""
        return self._put("spatial", SpatialPage())

    @cached_property
    def firing(self) -> FiringPage:
        """How often every channel of every layer fires."""
        page = self._put("firing", FiringPage())
        page.map.chosen.connect(self._on_cell)
        return page

    @cached_property
    def epochs(self) -> HistoryPage:
        """The layers over the dumps."""
        page = self._put("epochs", HistoryPage())
        page.chosen.connect(self._on_channel_of_layer)
        page.waiting.lead_to(self, "features.history")
        return page

    @cached_property
    def detail(self) -> ChannelCard:
        """The chosen channel."""
        card = ChannelCard()
        card.closed.connect(self._on_closed)
        card.sample_chosen.connect(self._on_sample)
        card.waiting.lead_to(self, "features.channel")
        if (history := self.parts.get("history")) is not None:
            card.show_history(history)
        self._column.insertWidget(self._column.indexOf(self.gallery), card)
        card.setFixedHeight(self._share(_DETAIL_SHARE, _LEAST_DETAIL_PX, HIGH_PX))
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room()
        self.card.setFixedHeight(self._share(_BARS_SHARE, _LEAST_BARS_PX, _BARS_PX))
        if self.made("detail"):
            self.detail.setFixedHeight(self._share(_DETAIL_SHARE, _LEAST_DETAIL_PX, HIGH_PX))

    def _share(self, share: float, least_px: int, most_px: int) -> int:
        """A share of the view's height, within limits."""
        return min(max(round(self.height() * share), least_px), most_px)

    def _put(self, key: FeaturesPage, page: P) -> P:
        self._made_pages[key] = page
        self.pages.addWidget(page)
        return page

    def draw(self, scene: FeaturesScene) -> None:
        self.toolbar.show_scene(scene)
        self.notes.show_notes(scene.notes, limited=scene.limited)
        self.layers.show_scene(scene)
        match scene.page:
            case "channels":
                self._show_channels(scene)
            case "spatial":
                self.spatial.show_scene(scene)
            case "firing":
                self.firing.show_scene(scene, self._channel)
            case "epochs":
                if (history := self.parts.get("history")) is not None:
                    self.epochs.show_history(history)
        # A page that is not made yet is made by now, but that of the dumps.
        self.pages.setCurrentWidget(self.epochs if scene.page == "epochs" else self._made_pages[scene.page])
        self._show_foot()
        if not scene.whole:
            self.again.emit("features")

    def _show_channels(self, scene: FeaturesScene) -> None:
        self._tiles = tuple(tile for tile in scene.channels if not (self._hide_dead and tile.state == "dead"))
        hidden = len(scene.channels) - len(self._tiles)
        self.channels.show_tiles(self._tiles, scene.maps)
        self.card.set_title(scene.bars_title)
        self.limits.show_scene(scene)
        self.counts.setText(
            tr("{counts} · dead ones hidden").format(counts=scene.counts_text) if hidden else scene.counts_text
        )
        # Empty places at the end, where the limit's text is readable.
        spare = math.ceil(_SPARE * len(self._tiles)) + 2
        texts = [tile.detail for tile in self._tiles] + [""] * spare
        self.bars.set_bars(
            [tile.sparsity for tile in self._tiles] + [math.nan] * spare,
            inks=[_BAR_INKS[tile.state] for tile in self._tiles],
            say=texts.__getitem__,
            top=1.0,
        )
        self.bars.set_levels([math.nan if tile.baseline is None else tile.baseline for tile in self._tiles])
        self.bars.setMaximumWidth(max(_WIDEST_BAR_PX * (len(self._tiles) + spare), _NARROWEST_CHART_PX))
        self.bars.set_limit(scene.baseline if math.isfinite(scene.baseline) else None, scene.baseline_text, "dim")
        place = self._place()
        self.channels.grid.select(place)
        self.bars.set_selected(place)
        self._ring()

    def _place(self) -> int | None:
        """Where the chosen channel stands in the grid."""
        return next((place for place, tile in enumerate(self._tiles) if tile.channel == self._channel), None)

    def _mark(self) -> None:
        """Show which channel is chosen, in the grid and among the bars."""
        place = self._place()
        self.bars.set_selected(place)
        if place is None:
            self.channels.grid.select(None)
        else:
            self.channels.select(place)

    def _show_foot(self) -> None:
        """Below the channels stand their bars, or the chosen one."""
        scene = self.scene
        on_channels = isinstance(scene, FeaturesScene) and scene.page == "channels"
        chosen = None
        if isinstance(scene, FeaturesScene) and self._channel >= 0:
            chosen = next((tile for tile in scene.channels if tile.channel == self._channel), None)
        if chosen is not None and on_channels and isinstance(scene, FeaturesScene):
            self.detail.choose(scene.layer, chosen.channel, chosen.kind_said)
            if (known := self.parts.get("channel")) is not None:
                self.detail.show_channel(known)
        closely = on_channels and chosen is not None
        if self.made("detail"):
            self.detail.setVisible(closely)
        self._with_bars = on_channels and not closely
        # The card has samples of its own, and two pages are of all samples.
        of_sample = not isinstance(scene, FeaturesScene) or scene.page in _PAGES_OF_A_SAMPLE
        self._with_gallery = of_sample and not closely
        self._give_room()

    def _give_room(self) -> None:
        """Where the view is low, the channels keep the room of what stands below them."""
        self.gallery.setVisible(self._with_gallery and self.height() >= _GALLERY_FROM_PX)
        self.card.setVisible(self._with_bars and self.height() >= _BARS_FROM_PX)

    def draw_part(self, part: str, scene: Scene) -> None:
        if part == "channel":
            self.detail.show_channel(scene)
            if not scene.whole:
                self.again.emit("features.channel")
        elif part == "history":
            if self.made("epochs"):
                self.epochs.show_history(scene)
            if self.made("detail"):
                self.detail.show_history(scene)
        else:
            super().draw_part(part, scene)

    def wait_for_part(self, part: str, progress: Progress) -> None:
        if (waiting := self._waiting(part)) is not None:
            waiting.wait(progress)

    def say_of_part(self, part: str, sentence: str) -> None:
        if (waiting := self._waiting(part)) is not None:
            waiting.say(sentence)
        elif part != "history":
            super().say_of_part(part, sentence)

    def _waiting(self, part: str) -> Waiting | None:
        if part == "history":
            return self.epochs.waiting if self.made("epochs") else None
        return self.detail.waiting if part == "channel" else None

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        self.toolbar.reflect(view_state)
        self.limits.set_limits(view_state.unit_limits)
        changed = (view_state.channel, view_state.hide_dead) != (self._channel, self._hide_dead)
        hiding = view_state.hide_dead != self._hide_dead
        self._channel, self._hide_dead = view_state.channel, view_state.hide_dead
        if changed and isinstance(self.scene, FeaturesScene):
            if hiding and self.scene.page == "channels":
                self._show_channels(self.scene)
            self._show_foot()
            self._mark()

    def mark(self, finding: Finding | None, place: int) -> None:
        pieces = finding.evidence[place:] + finding.evidence[:place] if finding is not None else ()
        self._evidence = tuple(one for one in pieces if isinstance(one, LayerEvidence))
        self._ring()

    def _ring(self) -> None:
        """Ring the channels of the layer shown that the chosen finding is seen in."""
        layer = self.scene.layer if isinstance(self.scene, FeaturesScene) else None
        seen = next((one.channels for one in self._evidence if one.layer == layer), ())
        if seen != self._ringed:
            self._ringed = seen
            self.channels.ring(frozenset(seen))

    def next_layer(self) -> None:
        """Show the layer below the one shown."""
        self._step_layer(1)

    def previous_layer(self) -> None:
        """Show the layer above the one shown."""
        self._step_layer(-1)

    def _step_layer(self, by: int) -> None:
        scene = self.scene
        names = [bar.name for bar in scene.layers] if isinstance(scene, FeaturesScene) else []
        if isinstance(scene, FeaturesScene) and scene.layer in names:
            place = names.index(scene.layer) + by
            if 0 <= place < len(names):
                self._on_layer(names[place])

    def _on_changed(self, field: str, value: object) -> None:
        self.tell(ViewChanged({field: value}))

    def _on_layer(self, layer: str) -> None:
        self.tell(ViewChanged({"layer": layer, "channel": -1}))

    def _on_place(self, place: int) -> None:
        if place < len(self._tiles):
            channel = self._tiles[place].channel
            self._choose(-1 if channel == self._channel else channel)

    def _on_channel_of_layer(self, channel: int) -> None:
        self._choose(channel, features_page="channels")

    def _on_cell(self, layer: str, channel: int) -> None:
        self._choose(channel, layer=layer, features_page="channels")

    def _on_closed(self) -> None:
        self._choose(-1)

    def _on_sample(self, sample: int) -> None:
        self.tell(ViewChanged({"sample": sample}))

    def _choose(self, channel: int, **more: str) -> None:
        if isinstance(self.scene, FeaturesScene):
            self.tell(ViewChanged({"layer": self.scene.layer, "channel": channel, **more}))


def make(parent: QWidget | None = None) -> FeaturesView:
    """The widget of the Features tab."""
    return FeaturesView(parent)
