"""Evidence shows itself: the file that it is in, the view it is seen in, and the place there."""

from __future__ import annotations

import sys

from inspector.app.evidence import intents_for
from inspector.diagnosis.values import (
    CurveEvidence,
    Evidence,
    Finding,
    LayerEvidence,
    LineEvidence,
    PointEvidence,
    SettingEvidence,
    Severity,
    SlotEvidence,
    Sureness,
    TensorEvidence,
)
from inspector.formats.facts import CheckpointFacts
from inspector.runs.values import FileEntry, Run
from inspector.session.gallery import NumberRange, gallery_of
from inspector.session.intents import RunOpened
from inspector.session.reduce import reduce
from inspector.session.values import State

DUMP = "/run/step_500.h5"
SAVED = "/run/step_500.pt"
RATE = "optimizers.main.param_groups.0.lr"


def shown(*evidence: Evidence) -> State:
    facts = CheckpointFacts(container="torch-zip", bytes=1, objects={RATE: 0.1})
    saved = FileEntry(path=SAVED, name="step_500.pt", bytes=1, modified_s=0.0, facts=facts)
    run = Run(key="/run", name="run", root="/run", paths=("/run",), files=(saved,))
    finding = Finding(
        id="one", rules=(), title="", summary="", severity=Severity.ERROR, sureness=Sureness.LIKELY, evidence=evidence
    )
    state = reduce(State(), RunOpened(key="/run", paths=("/run",)))
    for intent in intents_for(finding, 0, run):
        state = reduce(state, intent)
    return state


def test_one_sample_is_shown_alone() -> None:
    state = shown(PointEvidence(dump=DUMP, sample=17, text="Sample 18"))
    assert (state.tab, state.view.sample, state.view.point_layout) == ("points", 17, "single")
    assert state.runs[0].file == DUMP
    assert gallery_of(state.view.galleries, "points").ranges == ()


def test_many_samples_are_what_the_gallery_keeps() -> None:
    evidence = PointEvidence(dump=DUMP, sample=3, column="err_px", low=10.0, text="Samples")
    state = shown(evidence)
    assert (state.view.sample, state.view.point_layout) == (3, "grid")
    assert gallery_of(state.view.galleries, "points").ranges == (NumberRange("err_px", 10.0, sys.float_info.max),)


def test_a_loss_is_shown_beside_the_loss_it_is_held_against() -> None:
    loss, held_against, rate = (
        CurveEvidence(series=tag, first_step=10.0, last_step=90.0, text="")
        for tag in ("val/loss", "train/loss", "lr/main")
    )
    state = shown(loss, held_against, rate)
    assert (state.tab, state.view.series_filter) == ("curves", '"val/loss" "train/loss"')
    assert state.runs[0].cursor_step == 90.0
    assert shown(rate, loss).view.series_filter == '"lr/main"'


def test_one_channel_is_looked_at_closely_and_several_are_not() -> None:
    one, several = (LayerEvidence(dump=DUMP, layer="conv2", channels=seen, text="") for seen in ((5,), (5, 7)))
    assert [shown(one).view.channel, shown(several).view.channel] == [5, -1]
    assert (shown(one).tab, shown(one).view.layer) == ("features", "conv2")


def test_masks_that_are_named_are_those_that_are_shown() -> None:
    attention = SlotEvidence(dump=DUMP, sample=2, slots=(0, 1), masks="slots/attn", text="")
    state = shown(attention)
    assert (state.tab, state.view.sample, state.view.solo_slot) == ("slots", 2, None)
    assert (state.view.mask_source, state.view.mask_dataset) == ("encoder", "slots/attn")
    drawn = shown(SlotEvidence(dump=DUMP, sample=2, slots=(3,), text=""))
    assert (drawn.view.mask_source, drawn.view.mask_dataset, drawn.view.solo_slot) == ("decoder", "", 3)


def test_a_plain_value_is_among_the_objects_and_a_tensor_among_the_tensors() -> None:
    value = shown(TensorEvidence(checkpoint=SAVED, name=RATE, text=""))
    assert (value.tab, value.view.weights_page, value.view.tensor_filter) == ("weights", "objects", RATE)
    tensor = shown(TensorEvidence(checkpoint=SAVED, name="model.head.weight", text=""))
    assert (tensor.view.weights_page, tensor.view.tensor) == ("tensors", "model.head.weight")
    assert tensor.runs[0].file == SAVED


def test_a_setting_and_a_line_of_a_log_are_gone_to() -> None:
    setting = shown(SettingEvidence(path="optim.lr", value=0.1, text=""))
    assert (setting.tab, setting.view.settings_filter) == ("settings", "optim.lr")
    line = shown(LineEvidence(log="/run/train.log", series="loss", step=40.0, text=""))
    assert (line.tab, line.view.log_tag, line.view.log_step) == ("log", "loss", 40.0)
    assert line.runs[0].file == "/run/train.log"
