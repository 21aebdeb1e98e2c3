"""Which channel is looked at closely, and the checkpoint that its weights are read from."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.dumps import chosen_dump
from inspector.display.features.channel.scene import ChannelAsk, ChannelScene
from inspector.display.features.judge import has_activations, judge
from inspector.display.nearest import nearest_checkpoint, place_or_name
from inspector.display.offer import Offer
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def ask(run: Run, run_state: RunState, view_state: ViewState) -> ChannelAsk | None:
    """The chosen channel in the dump at the cursor; None where none is chosen."""
    if view_state.channel < 0 or not view_state.layer:
        return None
    dump = chosen_dump(run, run_state, has_activations)
    if dump is None:
        return None
    entry = next(file for file in run.files if file.path == dump.path)
    checkpoint = nearest_checkpoint(run, entry)
    return ChannelAsk(
        path=dump.path,
        layer=view_state.layer,
        channel=view_state.channel,
        zero_means=view_state.zero_means,
        limits=view_state.unit_limits,
        colour_map=view_state.colour_map,
        generous=view_state.generous_file == dump.path,
        checkpoint=checkpoint.path if checkpoint else "",
        checkpoint_place=place_or_name(checkpoint) if checkpoint else "",
        stamp=max(entry.modified_s, checkpoint.modified_s if checkpoint else 0.0),
    )


OFFER = Offer(
    key="features.channel",
    title=tr("Channel"),
    judge=judge,
    ask=ask,
    ask_type=ChannelAsk,
    scene_type=ChannelScene,
    prepare="inspector.display.features.channel.prepare",
    tabbed=False,
    slow=True,
)
