"""Works out what a checkpoint alone tells of its run."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.diagnosis.checkpoints.gradient_flow import gradient_flow
from inspector.diagnosis.checkpoints.predicted_sparsity import predicted_sparsity
from inspector.diagnosis.checkpoints.readiness import readiness
from inspector.diagnosis.rates.planned_curve import planned_curves
from inspector.diagnosis.rates.recorded_rate import recorded_beside, recorded_rates
from inspector.display.weights.state.cards import flow_card, rate_cards, ready_card, sparsity_bars
from inspector.display.weights.state.scene import StateAsk, StateScene


def prepare(ask: StateAsk, pulse: Pulse) -> StateScene:
    """The cards; reading the moments of a large checkpoint takes a while, and can be cancelled."""
    pulse.beat(what=tr("reading {file}").format(file=Path(ask.path).name))
    checkpoint = opened(Path(ask.path), pulse, generous=ask.generous)
    facts = checkpoint.facts
    recorded = recorded_rates(ask.logs, pulse)
    per_epoch = ask.step / ask.epoch if ask.step and ask.epoch else None
    curves = planned_curves(facts, ask.settings, ask.thresholds)
    beside = [recorded_beside(one, len(curves), recorded, per_epoch) for one in curves]
    rates = rate_cards(curves, beside, ask.step)
    ready = ready_card(readiness(facts, checkpoint.without_elements(), ask.thresholds))
    problem = ""
    try:
        flow = flow_card(gradient_flow(checkpoint, pulse))
        sparsity, condition = sparsity_bars(predicted_sparsity(checkpoint, pulse, ask.thresholds))
    except FileError as error:
        flow, sparsity, condition, problem = None, (), "", str(error)
    return StateScene(
        path=ask.path, flow=flow, rates=rates, ready=ready, sparsity=sparsity, condition=condition, problem=problem
    )
