"""What a viewer's gallery offers: its samples' numbers and their thumbnails, parts of the viewer's tab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from inspector.core.language import tr
from inspector.display.gallery.scene import SamplesAsk, SamplesScene, ThumbsAsk, ThumbsScene
from inspector.display.offer import Offer
from inspector.runs.values import Run
from inspector.session.gallery import gallery_of
from inspector.session.values import RunState, ViewState

SAMPLES = "samples"
THUMBS = "thumbs"
"""The two parts of a tab that make its gallery."""

_replace = msgspec.structs.replace

SamplesOf = Callable[[Any], SamplesAsk]
"""A viewer's ask for numbers, from its own ask."""

ThumbsOf = Callable[[Any, tuple[int, ...]], ThumbsAsk]
"""A viewer's ask for thumbnails, from its own ask and the samples that are wanted."""


def gallery_offers(
    tab: Offer,
    samples_of: SamplesOf,
    thumbs_type: type[ThumbsAsk],
    thumbs_of: ThumbsOf,
    prepare: str,
    *,
    early: bool = False,
) -> tuple[Offer, Offer]:
    """The two offers of a viewer's gallery.

    Args:
        tab: the viewer's own offer; both parts are of the dump that it asks for.
        samples_of: the viewer's ask for numbers.
        thumbs_type: what `thumbs_of` makes.
        thumbs_of: the viewer's ask for thumbnails.
        prepare: the module that draws them.
        early: ask for no thumbnail as soon as the tab is shown, so that whoever draws them has read what they all need
            by the time that the first ones are wanted.
    """

    def ask_samples(run: Run, run_state: RunState, view_state: ViewState) -> SamplesAsk | None:
        ask: Any = tab.ask(run, run_state, view_state)
        return None if ask is None else _replace(samples_of(ask), generous=ask.generous)

    def ask_thumbs(run: Run, run_state: RunState, view_state: ViewState) -> ThumbsAsk | None:
        ask: Any = tab.ask(run, run_state, view_state)
        wanted = gallery_of(view_state.galleries, tab.key).wanted
        if ask is None or not (wanted or early):
            return None
        return _replace(thumbs_of(ask, wanted), generous=ask.generous)

    return (
        Offer(
            key=f"{tab.key}.{SAMPLES}",
            title=tr("Numbers of samples"),
            judge=tab.judge,
            ask=ask_samples,
            ask_type=SamplesAsk,
            scene_type=SamplesScene,
            prepare="inspector.display.gallery.samples",
            tabbed=False,
            slow=True,
            lane=SAMPLES,
        ),
        Offer(
            key=f"{tab.key}.{THUMBS}",
            title=tr("Thumbnails"),
            judge=tab.judge,
            ask=ask_thumbs,
            ask_type=thumbs_type,
            scene_type=ThumbsScene,
            prepare=prepare,
            tabbed=False,
            slow=True,
        ),
    )
