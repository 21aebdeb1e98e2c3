"""Whether a run has activations to look at, and which of them are asked for."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.dumps import axis_length, chosen_dump, datasets, dumps_of, missing_text, sample_in
from inspector.display.features.scene import FeaturesAsk, FeaturesScene
from inspector.display.nearest import nearest_checkpoint, place_or_name
from inspector.display.offer import Fit, Offer, Verdict
from inspector.formats.dump import Role
from inspector.formats.facts import DumpFacts
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def has_activations(facts: DumpFacts) -> bool:
    """Whether a dump holds a layer."""
    return bool(datasets(facts, Role.ACTIVATION))


def judge(run: Run) -> Verdict:
    """Made for dumps with feature maps; possible with vectors, whose tiles are single pixels."""
    layers = [layer for _file, facts in dumps_of(run) for layer in datasets(facts, Role.ACTIVATION)]
    if not layers:
        return Verdict(Fit.NO, missing_text(run, tr("activations"), Role.ACTIVATION))
    if not any(len(layer.shape) == 4 for layer in layers):
        return Verdict(Fit.POSSIBLE, tr("the activations have no height and width"))
    return Verdict(Fit.MADE_FOR, tr("activations with height and width"))


def ask(run: Run, run_state: RunState, view_state: ViewState) -> FeaturesAsk | None:
    """The chosen layer of the dump at the cursor, None where no dump holds activations."""
    dump = chosen_dump(run, run_state, has_activations)
    if dump is None:
        return None
    checkpoint = nearest_checkpoint(run, next(file for file in run.files if file.path == dump.path))
    return FeaturesAsk(
        path=dump.path,
        place=dump.place,
        sample=sample_in(dump.facts, view_state.sample),
        layer=view_state.layer,
        order=view_state.channel_order,
        colour_map=view_state.colour_map,
        zero_means=view_state.zero_means,
        limits=view_state.unit_limits,
        page=view_state.features_page,
        generous=view_state.generous_file == dump.path,
        checkpoint=checkpoint.path if checkpoint else "",
        checkpoint_place=place_or_name(checkpoint) if checkpoint else "",
        stamp=checkpoint.modified_s if checkpoint else 0.0,
    )


def badge(run: Run, run_state: RunState) -> str:
    """The number of channels over all layers."""
    dump = chosen_dump(run, run_state, has_activations)
    layers = datasets(dump.facts, Role.ACTIVATION) if dump else ()
    count = sum(axis_length(layer, "C") or 0 for layer in layers)
    return f"{count}" if count else ""


OFFER = Offer(
    key="features",
    title=tr("Features"),
    judge=judge,
    ask=ask,
    ask_type=FeaturesAsk,
    scene_type=FeaturesScene,
    prepare="inspector.display.features.prepare",
    badge=badge,
    scans=True,
)
