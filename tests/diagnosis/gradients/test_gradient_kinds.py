"""What logged gradients say of a run: none, vanishing, exploding, all clipped, steps too long or too short."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.diagnosis.checkpoints.gradient_health import NONE
from inspector.diagnosis.gradients import (
    clip_saturation,
    exploding_gradient,
    update_ratio,
    vanishing_gradient,
)
from inspector.diagnosis.gradients.norm_curves import norm_tags, ratio_tags
from inspector.diagnosis.values import CurveEvidence, Severity
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.run_folder import RUN_FILE, SETTINGS_FILE, RunRecord
from tests.diagnosis.folders import (
    cured_paths,
    diagnosed,
    finding,
    found_by,
    open_question,
    write_curves,
    write_metrics,
    write_own,
)

RECORDS = range(10, 201, 10)
NAN = math.nan


def _write_counting(folder: Path, **edits: object) -> None:
    record = RunRecord(id="a", name="a", recipe="counting", seed=0, host="h", started=0.0, status="finished")
    (folder / RUN_FILE).write_bytes(to_json(record))
    changes = {path.replace("__", "."): value for path, value in edits.items()}
    (folder / SETTINGS_FILE).write_bytes(to_json(settings_of("counting", edits=changes)))


def _write_norms(folder: Path, steps: range = RECORDS, **norms: float | Callable[[int], float]) -> None:
    """Norms by module, `total` among them; each a number or a function of the step."""

    def value(norm: float | Callable[[int], float], step: int) -> float:
        return norm(step) if callable(norm) else norm

    write_metrics(
        folder,
        [{"step": step, **{f"grad_norm/{name}": value(norm, step) for name, norm in norms.items()}} for step in steps],
    )


@pytest.mark.parametrize(
    ("tag", "module"),
    [
        ("grad_norm/encoder", "encoder"),
        ("grad_norm/total", ""),
        ("train/grad_norm", ""),
        ("gnorm", ""),
        ("grad_2.0_norm_total", ""),
        ("grad_2.0_norm/encoder.weight", "encoder.weight"),
        ("gradient_norm/x_head", "x_head"),
    ],
)
def test_norms_are_known_by_the_names_of_several_loggers(tag: str, module: str) -> None:
    assert norm_tags([tag]) == {module: tag}


def test_other_curves_are_no_norms_of_modules() -> None:
    assert not norm_tags(["grad_norm/max", "grad_norm_clipped", "weight_norm/encoder", "norm", "train/loss"])
    assert ratio_tags(["update_ratio/encoder", "train/ratio"]) == {"encoder": "update_ratio/encoder"}


class TestNoGradient:
    def test_nan_in_every_record_is_none_and_zero_is_zero(self, tmp_path: Path) -> None:
        _write_counting(tmp_path, model__memory=True, model__foveation=True, model__detach_modules=True)
        _write_norms(tmp_path, backbone=0.5, memory=NAN, foveation=0.0, total=0.5)
        found = finding(tmp_path, NONE.id)
        assert found is not None
        assert found.severity is Severity.WARNING
        assert found.title == "2 modules get no gradient"
        assert cured_paths(found) == {"model.detach_modules"}
        assert "memory" in found.summary
        assert "foveation" in found.summary
        texts = [one.text for one in found.evidence if isinstance(one, CurveEvidence)]
        assert any("memory is NaN in every record" in text for text in texts)
        assert any("foveation is 0 in every record" in text for text in texts)
        assert found.since_step == 10

    def test_a_first_step_without_gradient_and_a_turn_are_healthy(self, tmp_path: Path) -> None:
        """LoRA's first matrix has zero once; a head whose turn it is not has NaN every second time."""
        _write_counting(tmp_path, loss__alternate_steps=10)
        _write_norms(
            tmp_path,
            backbone=lambda step: 0.0 if step == 10 else 0.4,
            done_head=lambda step: NAN if step % 20 else 0.2,
            total=0.5,
        )
        assert finding(tmp_path, NONE.id) is None

    def test_where_only_one_turn_is_logged_nothing_is_said_of_the_other(self, tmp_path: Path) -> None:
        """Turns of one step, logged every tenth: always the same turn."""
        _write_counting(tmp_path, loss__alternate_steps=1)
        _write_norms(tmp_path, backbone=0.4, done_head=NAN, total=0.5)
        assert finding(tmp_path, NONE.id) is None

    def test_nan_of_a_broken_run_or_of_another_logger_is_no_missing_gradient(self, tmp_path: Path) -> None:
        _write_norms(tmp_path, backbone=0.4, memory=NAN, total=0.5)
        assert finding(tmp_path, NONE.id) is None
        _write_counting(tmp_path)
        _write_norms(tmp_path, backbone=NAN, memory=NAN, total=NAN)
        assert finding(tmp_path, NONE.id) is None

    def test_without_norms_and_checkpoints_it_is_not_assessable(self, tmp_path: Path) -> None:
        write_curves(tmp_path, RECORDS, train__loss=lambda _step: 0.5)
        assert "no checkpoint" in open_question(tmp_path, NONE.id).because


class TestVanishing:
    def test_a_head_that_falls_by_orders_beside_the_others_is_told(self, tmp_path: Path) -> None:
        _write_counting(tmp_path, model__coord_activation="tanh")
        _write_norms(tmp_path, x_head=lambda step: 0.3 if step < 100 else 1e-9, y_head=0.07, total=0.3)
        found = finding(tmp_path, vanishing_gradient.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.WARNING
        assert found.since_step == 100
        assert "x_head" in found.title
        assert cured_paths(found) == {"model.coord_activation"}

    def test_norms_that_go_down_together_or_stay_above_a_thousandth_are_healthy(self, tmp_path: Path) -> None:
        _write_norms(tmp_path, x_head=lambda step: 10.0 ** (-step / 20), y_head=lambda step: 10.0 ** (-step / 20))
        assert finding(tmp_path, vanishing_gradient.ABOUT.id) is None
        _write_norms(tmp_path, done_head=1.4e-4, backbone=0.5)
        assert finding(tmp_path, vanishing_gradient.ABOUT.id) is None

    @pytest.mark.parametrize("left", [0.001, 0.2])
    def test_a_head_whose_own_loss_is_gone_has_nothing_left_to_learn(self, tmp_path: Path, left: float) -> None:
        write_curves(
            tmp_path,
            RECORDS,
            train__loss_done=lambda step: 0.7 if step < 100 else left,
            grad_norm__done_head=lambda step: 0.3 if step < 100 else 1e-6,
            grad_norm__x_head=lambda _step: 0.2,
        )
        assert (finding(tmp_path, vanishing_gradient.ABOUT.id) is None) == (left < 0.007)

    def test_few_records_say_so(self, tmp_path: Path) -> None:
        _write_norms(tmp_path, range(10, 31, 10), x_head=1e-9, y_head=0.5)
        assert "fewer than two modules have 5" in open_question(tmp_path, vanishing_gradient.ABOUT.id).because


class TestExploding:
    def test_a_spike_of_a_thousand_is_told_with_its_step(self, tmp_path: Path) -> None:
        write_own(tmp_path, optim__clip_norm=None)
        _write_norms(tmp_path, total=lambda step: 1100.0 if step == 120 else 0.9)
        found = finding(tmp_path, exploding_gradient.ABOUT.id)
        assert found is not None
        assert (found.severity, found.since_step) == (Severity.WARNING, 120)
        assert "0.9 as a rule and 1,100" in found.summary.replace("1100", "1,100")
        assert found.cures[0].edits[0].path == "optim.clip_norm"
        assert found.cures[0].edits[0].new == 1.0

    def test_a_clip_that_is_there_is_halved(self, tmp_path: Path) -> None:
        write_own(tmp_path, optim__clip_norm=1.0)
        _write_norms(tmp_path, total=lambda step: 0.9 if step < 120 else 500.0)
        found = finding(tmp_path, exploding_gradient.ABOUT.id)
        assert found is not None
        assert "stay long" in found.title
        assert found.cures[0].edits[0].new == 0.5

    def test_a_tenfold_rise_is_healthy_and_a_large_unit_is_information(self, tmp_path: Path) -> None:
        _write_norms(tmp_path, total=lambda step: 0.57 * 40 ** (step / 200))
        assert finding(tmp_path, exploding_gradient.ABOUT.id) is None
        _write_norms(tmp_path, total=4000.0)
        found = finding(tmp_path, exploding_gradient.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO

    def test_few_records_say_so(self, tmp_path: Path) -> None:
        _write_norms(tmp_path, range(10, 31, 10), total=5000.0)
        assert "fewer than 5" in open_question(tmp_path, exploding_gradient.ABOUT.id).because

    def test_a_loss_that_breaks_tells_of_it_in_one_finding(self, tmp_path: Path) -> None:
        write_own(tmp_path)
        write_curves(
            tmp_path,
            RECORDS,
            train__loss=lambda step: NAN if step > 150 else 0.5,
            grad_norm__total=lambda step: 1100.0 if step in (130, 140) else 0.9,
        )
        (one,) = [one for one in diagnosed(tmp_path).findings if one.severity is Severity.CRITICAL]
        assert one.id == "loss-not-finite"
        assert any("1100" in text.replace(",", "") for text in one.consequences)


class TestClipping:
    def test_a_clip_far_below_the_usual_norm_is_information(self, tmp_path: Path) -> None:
        """Nine of ten observed norms are at most 5: that is proposed."""
        write_own(tmp_path, optim__clip_norm=1.0)
        write_metrics(
            tmp_path,
            [{"step": step, "grad_norm/total": 5.0 if step < 200 else 50.0, "clip_fraction": 1.0} for step in RECORDS],
        )
        found = finding(tmp_path, clip_saturation.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO
        assert not found.cures, "nothing worse stands beside it"
        assert found_by(clip_saturation.check, tmp_path).cures[0].edits[0].new == 5.0

    def test_a_clip_near_the_usual_norm_is_healthy(self, tmp_path: Path) -> None:
        write_own(tmp_path, optim__clip_norm=1.0)
        write_metrics(tmp_path, [{"step": step, "grad_norm/total": 1.5, "clip_fraction": 0.9} for step in RECORDS])
        assert finding(tmp_path, clip_saturation.ABOUT.id) is None

    def test_without_the_share_norms_before_clipping_tell(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text('{"max_grad_norm": 0.5, "learning_rate": 0.001}')
        write_curves(tmp_path, RECORDS, train__grad_norm=lambda _step: 4.0)
        found = finding(tmp_path, clip_saturation.ABOUT.id)
        assert found is not None
        assert "100.0% of the steps" in found.summary
        assert not found.cures

    def test_a_run_that_does_not_clip_is_not_asked(self, tmp_path: Path) -> None:
        _write_norms(tmp_path, total=5.0)
        assert clip_saturation.ABOUT.id not in [one.id for one in diagnosed(tmp_path).not_assessable]


class TestUpdates:
    def test_one_module_with_long_steps_is_slowed_alone(self, tmp_path: Path) -> None:
        """0.5 is 500 times the usual thousandth: a factor of 1 becomes 0.002."""
        write_own(tmp_path)
        write_curves(
            tmp_path, RECORDS, update_ratio__encoder=lambda _step: 0.5, update_ratio__decoder=lambda _step: 0.002
        )
        found = finding(tmp_path, update_ratio.HIGH.id)
        assert found is not None
        assert found.severity is Severity.WARNING
        (edit,) = found.cures[0].edits
        assert (edit.path, edit.new) == ("optim.groups.encoder.lr_mult", 0.002)

    def test_long_steps_of_all_scale_the_rate(self, tmp_path: Path) -> None:
        write_own(tmp_path, optim__lr=0.1)
        write_curves(tmp_path, RECORDS, update_ratio__encoder=lambda _step: 0.2)
        found = finding(tmp_path, update_ratio.HIGH.id)
        assert found is not None
        assert found.cures[0].edits[0].new == 0.0005

    def test_ratios_that_fall_with_the_rate_are_healthy(self, tmp_path: Path) -> None:
        write_curves(tmp_path, RECORDS, update_ratio__encoder=lambda step: 0.02 * 0.8 ** (step / 10))
        assert finding(tmp_path, update_ratio.HIGH.id, update_ratio.LOW.id) is None

    def test_steps_that_are_short_all_along_are_information(self, tmp_path: Path) -> None:
        write_own(tmp_path, optim__lr=1e-5)
        write_curves(tmp_path, RECORDS, update_ratio__encoder=lambda _step: 2e-5)
        found = finding(tmp_path, update_ratio.LOW.id)
        assert found is not None
        assert found.severity is Severity.INFO
        assert found_by(update_ratio.check, tmp_path).cures[0].edits[0].new == 1e-4

    def test_two_ratios_are_too_few(self, tmp_path: Path) -> None:
        write_curves(tmp_path, range(100, 201, 100), update_ratio__encoder=lambda _step: 0.5)
        assert "fewer than 3" in open_question(tmp_path, update_ratio.HIGH.id).because
