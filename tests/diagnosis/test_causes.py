"""One cause, one finding: what explains what, and what is left to tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspector.diagnosis.causes import CAUSES, folded
from inspector.diagnosis.engine import CHECKS
from inspector.diagnosis.values import (
    Cure,
    CurveEvidence,
    Evidence,
    Finding,
    LayerEvidence,
    ProposedEdit,
    Severity,
    Sureness,
    TensorEvidence,
)
from tests.diagnosis.folders import diagnosed, write_curves, write_own


def found(name: str, since: float | None = None, *evidence: Evidence, **more: Any) -> Finding:
    given = {"severity": Severity.WARNING, "summary": f"{name} in figures", "rules": (), **more}
    return Finding(id=name, title=name.title(), sureness=Sureness.LIKELY, since_step=since, evidence=evidence, **given)


def tensors(*names: str) -> tuple[TensorEvidence, ...]:
    return tuple(TensorEvidence(checkpoint="a.pt", name=name, text=name) for name in names)


def ids(findings: tuple[Finding, ...]) -> list[str]:
    return [one.id for one in findings]


def test_every_kind_that_is_named_exists() -> None:
    known = {about.id for check in CHECKS for about in check.abouts}
    assert {name for cause in CAUSES for name in (cause.of, *cause.explains)} <= known


def test_nothing_explains_itself_by_whatever_way() -> None:
    after = {cause.of: set[str]() for cause in CAUSES}
    for cause in CAUSES:
        after[cause.of] |= set(cause.explains)
    for start in after:
        reached, rest = set[str](), [start]
        while rest:
            for effect in after.get(rest.pop(), set()) - reached:
                reached.add(effect)
                rest.append(effect)
        assert start not in reached


def test_what_is_explained_is_told_with_its_cause_title_and_figures() -> None:
    curve = CurveEvidence(series="loss", first_step=500, last_step=900, text="NaN from here")
    (one,) = folded([found("loss-not-finite", 500, curve, severity=Severity.CRITICAL), found("overwritten-rate", 100)])
    assert one.id == "overwritten-rate"
    assert one.consequences == ("Loss-Not-Finite: loss-not-finite in figures",)
    assert one.severity is Severity.CRITICAL
    assert one.evidence == (curve,)


def test_what_the_cures_of_effects_edit_beside_those_of_their_cause_comes_after_them() -> None:
    def cure(title: str, **edits: object) -> Cure:
        paths = {name.replace("__", "."): new for name, new in edits.items()}
        made = (ProposedEdit(path=path, new=new, reason=f"why {path}") for path, new in paths.items())
        return Cure(title=title, edits=tuple(made))

    own = cure("Lower the rate", optim__lr=1e-4)
    rises = cure("Lower the rate and clip gradients", optim__lr=3e-4, optim__clip_norm=1.0)
    falls = cure("Warm up and clip", schedule__warmup_epochs=5, optim__clip_norm=0.5, train__seed=1)
    effects = [found("loss-diverging", 500, cures=(rises,)), found("score-collapsed", 500, cures=(falls, own))]
    (one,) = folded([found("rate-high", 100, cures=(own,)), *effects])
    first, *further = one.cures
    assert first == own
    assert [[(edit.path, edit.new) for edit in each.edits] for each in further] == [
        [("optim.clip_norm", 1.0)],
        [("train.seed", 1)],
    ]
    assert [each.title for each in further] == [f"For what follows: {each.title}" for each in effects]
    assert further[0].edits[0].reason == "for what follows: why optim.clip_norm"
    (bare,) = folded([found("rate-high", 100), *effects])
    assert bare.cures == ()


def test_what_began_before_its_cause_is_not_explained_by_it() -> None:
    both = folded([found("loss-not-finite", 50), found("overwritten-rate", 100)])
    assert ids(both) == ["loss-not-finite", "overwritten-rate"]
    assert not any(one.consequences for one in both)


def test_a_chain_is_folded_into_its_first_cause() -> None:
    (one,) = folded([found("score-stagnant"), found("slots-not-separating", 900), found("attention-axis", 500)])
    assert one.id == "attention-axis"
    assert len(one.consequences) == 2


def test_without_its_cause_a_finding_stands_alone() -> None:
    alone = found("slots-not-separating", 900)
    assert folded([alone, found("negative-loss")]) == (alone, found("negative-loss"))


def test_dead_outputs_are_explained_by_modules_without_gradient_only_where_they_are_theirs() -> None:
    dead = found("dead-outputs", None, *tensors("model.encoder.conv1.weight", "model.encoder.bn1.weight"))
    whole = found("no-gradient", None, *tensors("model.encoder.conv1.weight", "model.encoder.bn1.bias"))
    part = found("no-gradient", None, *tensors("model.encoder.conv1.weight"))
    assert ids(folded([dead, whole])) == ["no-gradient"]
    assert ids(folded([dead, part])) == ["dead-outputs", "no-gradient"]
    layer = LayerEvidence(dump="a.h5", layer="encoder.conv1", channels=(1,), text="")
    seen = found("dead-outputs", None, *tensors("model.encoder.conv1.weight"))
    assert ids(folded([seen, found("dead-channels", None, layer)])) == ["dead-channels"]
    other = found("dead-outputs", None, *tensors("model.encoder.conv11.weight"))
    assert ids(folded([other, found("dead-channels", None, layer)])) == ["dead-outputs", "dead-channels"]


def test_logged_gradients_of_zero_behind_dead_layers_are_theirs_and_lacking_ones_are_not() -> None:
    dead = found(
        "dead-channels", None, LayerEvidence(dump="a.h5", layer="encoder", channels=(0,), text=""),
        severity=Severity.ERROR,
    )  # fmt: skip

    def logged(text: str) -> Finding:
        return found(
            "no-gradient", 10, CurveEvidence(series="grad_norm/encoder", first_step=10, last_step=90, text=text)
        )

    assert ids(folded([dead, logged("grad_norm/encoder is 0 in every record")])) == ["dead-channels"]
    assert len(folded([dead, logged("grad_norm/encoder is NaN in every record: no weight had a gradient")])) == 2


def test_a_vanishing_gradient_is_told_once_of_one_module() -> None:
    curve = CurveEvidence(series="grad_norm/encoder", first_step=10, last_step=90, text="vanishes")
    there = found("gradient-depth", 90, *tensors("model.encoder.conv1.weight", "model.head.weight"), rules=("X.G2",))
    elsewhere = found("gradient-depth", 90, *tensors("model.stem.weight", "model.head.weight"), rules=("X.G2",))
    assert ids(folded([there, found("vanishing-gradient", 10, curve)])) == ["vanishing-gradient"]
    assert len(folded([elsewhere, found("vanishing-gradient", 10, curve)])) == 2


def test_gradients_of_zero_behind_dead_layers_are_theirs() -> None:
    layer = LayerEvidence(dump="a.h5", layer="encoder.conv1", channels=(0, 1), text="")
    zero = "the optimizer made steps with it and every gradient was zero"
    name = "model.encoder.convs.0.conv.weight"
    still = found("no-gradient", None, TensorEvidence(checkpoint="a.pt", name=name, text=zero))
    unknown = found("no-gradient", None, TensorEvidence(checkpoint="a.pt", name=name, text="it is in no group"))
    dead = found("dead-channels", None, layer, severity=Severity.ERROR)
    assert ids(folded([dead, still])) == ["dead-channels"]
    assert ids(folded([dead, unknown])) == ["dead-channels", "no-gradient"]
    assert ids(folded([found("dead-channels", None, layer), still])) == ["dead-channels", "no-gradient"]


def test_a_rate_that_stays_at_its_top_explains_the_loss_that_breaks(tmp_path: Path) -> None:
    write_own(tmp_path, "overwriting_warmup")
    write_curves(
        tmp_path,
        range(25, 4001, 25),
        lr__encoder=lambda step: 1e-3 * min(step / 250, 1.0),
        train__loss=lambda step: float("nan") if step > 3000 else 1.0,
    )
    (one,) = [one for one in diagnosed(tmp_path).findings if one.severity is Severity.CRITICAL]
    assert one.id == "overwritten-rate"
    assert any("Loss is not finite" in text and "3,025" in text for text in one.consequences)
