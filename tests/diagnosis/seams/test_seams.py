"""Where a run was resumed: a loss that jumps, a rate whose edit was lost, and two trainings in one log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.engine import diagnose_until
from inspector.diagnosis.seams import later_training, loss_jump, resume_rate
from inspector.diagnosis.values import Severity, Sureness
from inspector.formats.nonfinite import to_json
from inspector.formats.run_folder import EDITS_FILE, RUN_FILE, Edit, Parent, RunRecord
from inspector.runs.scan import scan
from tests.diagnosis.folders import cosine, diagnosed, finding, open_question, write_curves, write_metrics, write_own


def _records(
    steps: Iterable[int], loss: Callable[[int], float], **more: Callable[[int], float]
) -> list[dict[str, Any]]:
    named = {"train/loss": loss, **{name.replace("__", "/"): value for name, value in more.items()}}
    return [{"step": step, **{tag: value(step) for tag, value in named.items()}} for step in steps]


def _falling(step: int) -> float:
    return 0.5 - step / 4000


def _child_of(folder: Path, parent: Path, step: int, *edits: Edit, **settings: Any) -> None:
    """A run resumed from another at a step."""
    write_own(folder, **settings)
    of = Parent(id="p", path=str(parent), checkpoint="x.pt", sha256="", step=step, epoch=step / 125)
    record = RunRecord(id="c", name="c", recipe="slots", seed=0, host="h", started=1.0, parent=of, status="finished")
    (folder / RUN_FILE).write_bytes(to_json(record))
    (folder / EDITS_FILE).write_bytes(msgspec.json.encode(list(edits)))


def _parent(folder: Path) -> None:
    folder.mkdir()
    record = RunRecord(id="p", name="p", recipe="slots", seed=0, host="h", started=0.0, status="stopped")
    (folder / RUN_FILE).write_bytes(to_json(record))
    write_curves(folder, range(1, 301), train__loss=_falling)


class TestLossJump:
    def test_a_loss_that_is_half_as_high_again_after_steps_go_back_is_told(self, tmp_path: Path) -> None:
        """0.4375 to 0.425 before step 301, 0.64 after: the medians of 50 are 0.4313 and 0.6409, 1.49 times."""
        again = _records(range(301, 601), lambda step: 1.5 * _falling(step) + 0.006)
        write_metrics(tmp_path, [*_records(range(1, 401), _falling), *again])
        found = finding(tmp_path, loss_jump.ABOUT.id)
        assert found is not None
        assert (found.severity, found.sureness, found.since_step) == (Severity.WARNING, Sureness.LIKELY, 301)
        assert "times as much" in found.summary

    def test_a_higher_rate_is_named_with_the_jump(self, tmp_path: Path) -> None:
        first = _records(range(1, 401), _falling, lr__main=lambda _step: 1e-4)
        again = _records(range(301, 601), lambda step: 1.5 * _falling(step), lr__main=lambda _step: 2e-4)
        write_metrics(tmp_path, [*first, *again])
        found = finding(tmp_path, loss_jump.ABOUT.id)
        assert found is not None
        assert found.sureness is Sureness.POSSIBLE
        assert "the rate rose from 0.0001 to 0.0002" in found.summary

    @pytest.mark.parametrize("seed", range(3))
    def test_a_resume_that_goes_on_is_healthy_whatever_the_noise(self, tmp_path: Path, seed: int) -> None:
        noise = np.random.default_rng(seed).normal(1, 0.2, 1000)
        loss = lambda step: float(_falling(step) * noise[step % 1000])  # noqa: E731 - as short as it is read
        write_metrics(tmp_path, [*_records(range(1, 401), loss), *_records(range(301, 601), loss)])
        assert finding(tmp_path, loss_jump.ABOUT.id) is None

    def test_a_parent_beside_the_run_is_read(self, tmp_path: Path) -> None:
        _parent(tmp_path / "parent")
        child = tmp_path / "child"
        child.mkdir()
        _child_of(child, tmp_path / "parent", 200)
        write_curves(child, range(201, 301), train__loss=lambda _step: 0.9)
        found = finding(child, loss_jump.ABOUT.id)
        assert found is not None
        assert found.since_step == 201
        write_curves(child, range(201, 301), train__loss=_falling)
        assert finding(child, loss_jump.ABOUT.id) is None

    def test_a_parent_that_is_another_run_or_gone_and_an_edited_loss_leave_it_open(self, tmp_path: Path) -> None:
        child = tmp_path / "child"
        child.mkdir()
        _child_of(child, tmp_path / "gone", 200)
        write_curves(child, range(201, 301), train__loss=lambda _step: 0.9)
        assert "not among what was opened" in open_question(child, loss_jump.ABOUT.id).because
        _parent(tmp_path / "gone")
        _child_of(child, tmp_path / "gone", 200, Edit(path="loss.diversity_weight", old=0.0, new=0.1))
        assert "loss.diversity_weight was edited" in open_question(child, loss_jump.ABOUT.id).because

    def test_at_an_earlier_step_only_what_was_logged_by_then_counts(self, tmp_path: Path) -> None:
        """Four losses after the resume are too few, whatever came later."""
        again = _records(range(301, 601), lambda step: 1.5 * _falling(step))
        write_metrics(tmp_path, [*_records(range(1, 401), _falling), *again])
        run = scan((tmp_path,), QUIET)
        assert loss_jump.ABOUT.id in [one.id for one in diagnose_until(run, 310, QUIET).findings]
        early = diagnose_until(run, 304, QUIET)
        assert "fewer than 5" in next(one.because for one in early.not_assessable if one.id == loss_jump.ABOUT.id)

    def test_a_run_that_was_never_resumed_is_not_asked(self, tmp_path: Path) -> None:
        write_curves(tmp_path, range(1, 301), train__loss=_falling)
        assert loss_jump.ABOUT.id not in [one.id for one in diagnosed(tmp_path).not_assessable]


class TestRate:
    EDIT = Edit(path="optim.lr", old=1e-3, new=1e-4)

    def _write(self, folder: Path, base: float) -> None:
        """A cosine of 40 epochs of 125 steps without warm-up; a step's rate is that of the steps before it."""
        _child_of(folder, folder / "gone", 1000, self.EDIT, optim__lr=1e-4, schedule__warmup_epochs=0.0)
        write_curves(folder, range(1001, 1101), lr__encoder=lambda step: cosine(step - 1, base=base, total=5000))

    def test_a_rate_that_goes_on_as_before_the_edit_is_critical(self, tmp_path: Path) -> None:
        self._write(tmp_path, 1e-3)
        found = finding(tmp_path, resume_rate.ABOUT.id)
        assert found is not None
        assert (found.severity, found.since_step) == (Severity.CRITICAL, 1001)
        # 1e-3 (1 + cos 0.2 pi) / 2, and a tenth of it.
        assert "is 0.0009045 at step 1,001" in found.summary
        assert "plan 9.045e-5" in found.summary

    def test_a_rate_that_follows_the_edit_is_healthy(self, tmp_path: Path) -> None:
        self._write(tmp_path, 1e-4)
        assert finding(tmp_path, resume_rate.ABOUT.id) is None

    @pytest.mark.parametrize(
        ("rate", "told"), [(5e-4, True), (5e-5, False), (1e-4, False), (2.5e-4, False)],
        ids=["as the parent's", "as often halved", "as it was asked", "neither"],
    )  # fmt: skip
    def test_a_plateau_goes_on_from_what_its_parent_had_come_to(self, tmp_path: Path, rate: float, told: bool) -> None:
        """1e-3, halved once; edited to 1e-4."""
        parent, child = tmp_path / "parent", tmp_path / "child"
        _parent(parent)
        write_curves(parent, range(1, 301), lr__encoder=lambda step: 1e-3 if step < 100 else 5e-4)
        child.mkdir()
        family = {"schedule__family": "plateau", "schedule__warmup_epochs": 0.0, "schedule__decay_factor": 0.5}
        _child_of(child, parent, 200, self.EDIT, optim__lr=1e-4, **family)
        write_curves(child, range(201, 301), lr__encoder=lambda _step: rate)
        assert (finding(child, resume_rate.ABOUT.id) is not None) == told

    def test_without_a_logged_rate_it_stays_open(self, tmp_path: Path) -> None:
        _child_of(tmp_path, tmp_path / "gone", 1000, self.EDIT, optim__lr=1e-4)
        write_curves(tmp_path, range(1001, 1101), train__loss=_falling)
        assert open_question(tmp_path, resume_rate.ABOUT.id).because == "no rate was logged"


class TestTwoTrainings:
    def test_a_log_that_begins_again_holds_two(self, tmp_path: Path) -> None:
        write_metrics(tmp_path, [*_records(range(1, 401), _falling), *_records(range(1, 301), _falling)])
        found = finding(tmp_path, later_training.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO
        assert "begins 2 times; the last has 300 records, of step 1 to 300" in found.summary
        assert loss_jump.ABOUT.id not in [one.id for one in diagnosed(tmp_path).findings]

    def test_a_log_without_steps_is_known_by_its_epochs(self, tmp_path: Path) -> None:
        losses = [f"Epoch {epoch}: Loss: {1 / epoch:.4f}" for epoch in (*range(1, 13), *range(1, 10))]
        (tmp_path / "train.log").write_text("\n".join(losses) + "\n")
        found = finding(tmp_path, later_training.ABOUT.id)
        assert found is not None
        assert "begins 2 times; the last has 9 records, of epoch 1 to 9" in found.summary

    def test_what_a_run_does_not_have_is_not_said_to_be_well(self, tmp_path: Path) -> None:
        """One loss an epoch: no optimizer, no settings and no resume were looked at."""
        (tmp_path / "train.log").write_text("Epoch 1: Loss: 0.5\nEpoch 2: Loss: 0.4\n")
        passed = set(diagnosed(tmp_path).passed)
        assert not passed & {"rate-high", "settings-look", resume_rate.ABOUT.id}
        assert later_training.ABOUT.id in passed

    def test_a_resume_is_no_second_training(self, tmp_path: Path) -> None:
        write_metrics(tmp_path, [*_records(range(1, 401), _falling), *_records(range(301, 601), _falling)])
        assert finding(tmp_path, later_training.ABOUT.id) is None
