"""An ARI below what is written down of good training, or a grid solver's loss near guessing; not what is sound."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.diagnosis.scores.behind_course import ABOUT
from inspector.diagnosis.values import Severity
from tests.diagnosis.corpus.healthy import HEALTHY
from tests.diagnosis.corpus.scoring import planted_outcome
from tests.diagnosis.folders import diagnosed, open_question


def _write(folder: Path, tag: str, value: Callable[[int], float], epochs: int = 60) -> list[str]:
    rows = [{"step": 100 * epoch, "epoch": epoch, tag: value(epoch)} for epoch in range(1, epochs + 1)]
    (folder / "metrics.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return [one.id for one in diagnosed(folder).findings]


@pytest.mark.parametrize(("reached", "behind"), [(0.45, True), (0.61, False), (0.75, False)])
def test_an_ari_below_both_courses_is_behind(tmp_path: Path, reached: float, behind: bool) -> None:
    """At epoch 50 one asks for 0.6 and the other for 0.7; it is the lower that counts."""
    course = lambda epoch: reached * min(1.0, (epoch / 50) ** 0.5)  # noqa: E731 - as short as it is read
    told = _write(tmp_path, "val/ari", course, epochs=50)
    assert (ABOUT.id in told or "score-stagnant" in told) == behind


def test_its_figures_are_those_of_the_rule(tmp_path: Path) -> None:
    _write(tmp_path, "val/ari", lambda epoch: 0.009 * epoch, epochs=50)
    found = next(one for one in diagnosed(tmp_path).findings if one.id == ABOUT.id)
    assert (found.severity, found.rules) == (Severity.INFO, ("S0.12", "S0.13"))
    assert found.summary == "val/ari is 0.45 at epoch 50, where good training has 0.6 or more"


def test_slots_that_have_not_parted_by_epoch_19_are_not_judged(tmp_path: Path) -> None:
    assert ABOUT.id not in _write(tmp_path, "val/ari", lambda epoch: 0.02 * (epoch % 2), epochs=19)
    assert "fewer than 3 values at epochs with a course" in open_question(tmp_path, ABOUT.id).because


def test_one_value_that_falls_back_is_not_behind_and_past_its_end_a_course_keeps_its_last(tmp_path: Path) -> None:
    assert ABOUT.id not in _write(tmp_path, "val/ari", lambda epoch: 0.4 if epoch == 50 else 0.8, epochs=50)
    assert ABOUT.id not in _write(tmp_path, "val/ari", lambda epoch: min(0.93, epoch / 100), epochs=230)


@pytest.mark.parametrize(
    ("last", "epochs", "behind"),
    [(1.3, 30, True), (1.0, 30, False), (0.6, 40, False), (1.3, 19, False), (40.0, 30, False)],
)
def test_the_loss_of_a_grid_solver_is_behind_where_it_stays_near_guessing(
    tmp_path: Path, last: float, epochs: int, behind: bool
) -> None:
    """Half of 2.30, late enough; sound runs end above one document's 0.16, and a loss of 40 is on another scale."""
    (tmp_path / "config.json").write_text('{"model": "arc_solver"}')
    told = _write(tmp_path, "train/loss", lambda epoch: last + 2.0 * last * 0.5**epoch, epochs)
    assert (ABOUT.id in told) == behind


def test_no_sound_grid_solver_of_the_corpus_is_behind() -> None:
    sound = next(one for one in HEALTHY if one.name == "healthy arc_solver")
    assert not any(ABOUT.id in planted_outcome(sound, seed).found for seed in range(10))
