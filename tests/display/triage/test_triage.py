"""What the triage view says of a run, held against values worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.engine import CHECKS
from inspector.diagnosis.kept import keep_diagnosis, keep_run
from inspector.diagnosis.material import Material, material_of
from inspector.diagnosis.scores.main_score import main_score
from inspector.diagnosis.values import (
    Cure,
    CurveEvidence,
    Diagnosis,
    Finding,
    NotAssessable,
    OwnKind,
    ProposedEdit,
    SettingEvidence,
    Severity,
    Sureness,
    TensorEvidence,
)
from inspector.display.triage.evidence_text import evidence_texts, evidence_words
from inspector.display.triage.judge import ask, judge
from inspector.display.triage.numbers import key_numbers
from inspector.display.triage.prepare import prepare
from inspector.display.triage.rows import brief
from inspector.display.triage.scene import TriageScene
from inspector.display.triage.settings_against import against, against_known_good
from inspector.display.triage.since import since_text
from inspector.display.triage.subjects import OWN, subject_of
from inspector.display.triage.verdict import verdict
from inspector.formats.facts import ConsoleFacts, OtherFacts
from inspector.runs.scan import scan
from inspector.runs.values import FileEntry, Life, Liveness, Run
from inspector.session.values import RunState, ViewState
from tests.diagnosis.folders import write_curves, write_metrics, write_own

ARI = (0.1, 0.2, 0.35, 0.447, 0.18, 0.015, 0.337)
"""One value an epoch of 125 steps: best at epoch 4, last at epoch 7."""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    steps = [125 * (place + 1) for place in range(len(ARI))]
    curves = {
        "val__ari": lambda step: ARI[step // 125 - 1],
        "train__loss": lambda step: 1.0 / step,
        "val__loss": lambda step: 4.0 / step,
        "slots__active": lambda _step: 2.0,
    }
    write_curves(tmp_path, steps, **curves)
    write_own(tmp_path, optim__lr=4e-3)
    return scan((tmp_path,), QUIET)


def finding(name: str = "fell", severity: Severity = Severity.ERROR, **particulars: Any) -> Finding:
    cure = Cure(title="Lower it", edits=(ProposedEdit(path="optim.lr", new=1e-3, reason="because"),))
    usual: dict[str, Any] = {
        "evidence": (CurveEvidence(series="val/ari", first_step=625, last_step=875, text="fell here"),),
        "cures": (cure,),
        "since_step": 625.0,
        "since_epoch": 5.0,
    }
    return Finding(
        id=name,
        rules=(),
        title="It fell",
        summary="0.015 at epoch 6. It was 0.447",
        severity=severity,
        sureness=Sureness.CERTAIN,
        **{**usual, **particulars},
    )


def scene_of(run: Run, *findings: Finding, dismissed: tuple[str, ...] = (), **rest: Any) -> TriageScene:
    keep_diagnosis(run, Diagnosis(findings=findings, **rest))
    state = RunState(key=run.key, paths=run.paths, dismissed=dismissed, dismissal_notes=dict.fromkeys(dismissed, "ok"))
    wanted = ask(run, state, ViewState())
    assert wanted is not None
    return prepare(wanted, QUIET)


def test_the_verdict_says_since_when_with_how_many_cures_and_what_was_best(run: Run) -> None:
    scene = scene_of(run, finding(), finding("other", Severity.WARNING))
    assert scene.headline == "Going wrong since epoch 5"
    assert scene.sentence == "one cause, with a cure; one warning; best state is epoch 4"


def test_what_was_put_aside_is_not_in_the_verdict_and_stays_in_the_list_with_its_note(run: Run) -> None:
    scene = scene_of(run, finding(), dismissed=("fell",), passed=("dead-channels",))
    assert scene.headline == "Nothing found"
    assert "1 finding dismissed" in scene.sentence
    assert [(row.dismissed, row.note) for row in scene.findings] == [(True, "ok")]
    assert [one.title for one in scene.passed] != ["dead-channels"], "told by its title"


def test_of_a_moment_the_verdict_the_numbers_and_the_findings_are_those_of_the_run_up_to_there(run: Run) -> None:
    keep_diagnosis(run, Diagnosis(findings=(finding(),)))

    def at(cursor: float | None) -> TriageScene:
        wanted = ask(run, RunState(key=run.key, paths=run.paths, cursor_step=cursor), ViewState())
        assert wanted is not None
        return prepare(wanted, QUIET)

    then = at(510)
    assert then.moment == "epoch 4"
    assert [(one.value, one.qualifier) for one in then.numbers if one.title == "val/ari"] == [
        ("0.447", "best and last, epoch 4")
    ]
    assert "fell" not in {row.id for row in then.findings}
    assert not then.headline.startswith("Going wrong")
    for whole in (at(None), at(875), at(2000)):
        assert (whole.moment, whole.headline) == ("", "Going wrong since epoch 5")


def test_what_the_users_own_rules_find_stands_among_the_others_by_weight_and_is_theirs(run: Run) -> None:
    keep_diagnosis(run, Diagnosis(findings=(finding(severity=Severity.WARNING),)))
    own = Diagnosis(
        findings=(finding("own-worse", rule_file="mine.py"), finding("own-mild", Severity.INFO, rule_file="mine.py")),
        not_assessable=(NotAssessable(id="own-open", title="Open", because="no log"),),
        passed=("own-fine",),
        own_kinds={"own-fine": OwnKind(title="It is fine", look="own-fine")},
    )
    then = Diagnosis(findings=(finding("own-then", rule_file="mine.py"),))
    wanted = ask(run, RunState(key=run.key, paths=run.paths), ViewState())
    assert wanted is not None
    scene = prepare(msgspec.structs.replace(wanted, own=own), QUIET)
    mark = "your own rule, by mine.py"
    assert [(row.id, row.own) for row in scene.findings] == [("own-worse", mark), ("fell", ""), ("own-mild", mark)]
    assert [one.title for one in scene.not_assessable] == ["Open"]
    assert [(one.title, one.subject) for one in scene.passed] == [("It is fine", OWN)]
    of_moment = prepare(msgspec.structs.replace(wanted, own=then, until_step=510.0), QUIET)
    assert [row.id for row in of_moment.findings if row.own] == ["own-then"]


def test_every_kind_of_finding_has_a_subject_and_only_those_of_the_user_are_own_rules() -> None:
    subjects = {about.id: subject_of(about.id) for check in CHECKS for about in check.abouts}
    assert subject_of("own-slow-validation") == OWN
    assert OWN not in subjects.values()
    known = {"loss-not-finite": "Loss", "dead-channels": "Activations", "pixel-error-stuck": "Points"}
    assert {kind: subjects[kind] for kind in known} == known


def test_a_run_of_which_nothing_can_be_assessed_is_not_called_good(run: Run) -> None:
    lacking = NotAssessable(id="x", title="Gradient flow", because="no gradient norms were logged")
    scene = scene_of(run, not_assessable=(lacking,))
    assert (scene.headline, scene.tone) == ("Nothing could be assessed", "text")
    assert [(one.title, one.because) for one in scene.not_assessable] == [(lacking.title, lacking.because)]


def test_before_there_is_a_diagnosis_the_scene_says_that_it_is_looked_for(run: Run) -> None:
    keep_run(run)
    wanted = ask(run, RunState(key=run.key, paths=run.paths), ViewState())
    assert wanted is not None
    scene = prepare(wanted, QUIET)
    assert scene.looking
    assert scene.headline == "Looking for what went wrong…"
    assert scene.findings == ()


def test_the_key_numbers_are_best_and_last_gap_and_active_slots(run: Run) -> None:
    numbers = {(one.title, one.qualifier): one for one in key_numbers(material_of(run, QUIET), [finding()])}
    best, last = numbers["val/ari", "best, epoch 4"], numbers["val/ari", "last, epoch 7"]
    assert (best.value, best.tone) == ("0.447", "text")
    assert (last.value, last.tone) == ("0.337", "critical")
    # The median of the last five training losses is 1 / 625; the last validation loss is 4 / 875.
    gap = next(one for one in numbers.values() if one.title == "val / train loss")
    assert gap.value == "×2.9"
    assert gap.tip == "The last value of val/loss over the median of the last 5 of train/loss"
    slots = next(one for one in numbers.values() if one.title == "active slots")
    count = material_of(run, QUIET).number("model.slots")
    assert slots.value == f"2 of {count:.0f}"


def test_the_picture_of_a_curve_marks_its_best_and_shades_the_stretch(run: Run) -> None:
    picture = scene_of(run, finding()).findings[0].picture
    assert picture.shade == pytest.approx(((625 - 125) / 750, 1.0))
    (dot,) = picture.dots
    assert dot[0] == pytest.approx((500 - 125) / 750)
    (stroke,) = picture.strokes
    assert int(np.argmax(stroke.y)) == ARI.index(max(ARI))
    assert 0 <= stroke.y.min() <= stroke.y.max() <= 1
    assert (picture.top, picture.left, picture.right) == ("0.015 to 0.447", "epoch 1", "epoch 7")


def test_a_loss_that_fell_far_is_pictured_where_it_rises(tmp_path: Path) -> None:
    """From 10 to 0.1 and up to 0.2: the rise fills at least a third of the height, the fall is cut off."""
    falls = {step: 10.0 if step <= 50 else 0.1 + (step - 60) / 400 for step in range(10, 101, 10)}
    write_curves(tmp_path, tuple(falls), val__loss=falls.__getitem__)
    seen = CurveEvidence(series="val/loss", first_step=60, last_step=100, text="rises")
    (stroke,) = scene_of(scan((tmp_path,), QUIET), finding(evidence=(seen,))).findings[0].picture.strokes
    assert np.isnan(stroke.y[:5]).all()
    assert stroke.y[-1] - stroke.y[5] >= 0.3
    assert np.nanmin(stroke.y) >= 0
    assert np.nanmax(stroke.y) <= 1


def test_the_picture_reaches_as_far_as_the_log_where_values_are_no_numbers(tmp_path: Path) -> None:
    write_curves(tmp_path, range(10, 101, 10), train__loss=lambda step: 1.0 if step <= 50 else float("nan"))
    seen = CurveEvidence(series="train/loss", first_step=60, last_step=100, text="NaN")
    picture = scene_of(scan((tmp_path,), QUIET), finding(evidence=(seen,))).findings[0].picture
    assert picture.shade == pytest.approx(((60 - 10) / 90, 1.0))
    assert picture.strokes[0].x.max() == pytest.approx((50 - 10) / 90)


@pytest.mark.parametrize(
    ("step", "epoch", "text"),
    [(625.0, 5.0, "epoch 5"), (10.0, 0.16, "step 10"), (250.0, None, "epoch 2"), (None, 5.397, "epoch 5.4")],
)
def test_since_is_an_epoch_once_the_first_is_over(run: Run, step: float | None, epoch: float | None, text: str) -> None:
    assert since_text(finding(since_step=step, since_epoch=epoch), run.moments) == f"since {text}"


def test_where_no_setting_can_be_edited_it_is_said_what_helps(run: Run) -> None:
    own, cured = finding("dead-channels", cures=()), finding("loss-noisy")
    rows = {row.id: row for row in scene_of(run, own, cured).findings}
    about = next(about for check in CHECKS for about in check.abouts if about.id == "dead-channels")
    assert rows["dead-channels"].remedy[:20] == about.cure[:20]
    assert rows["loss-noisy"].remedy == ""


def test_of_a_run_without_editable_settings_no_cure_is_counted(tmp_path: Path) -> None:
    write_curves(tmp_path, range(10, 101, 10), train__loss=lambda step: 1.0 / step)
    bare = scan((tmp_path,), QUIET)
    told = verdict(Material(bare, {}), Diagnosis(findings=(finding(cures=()),)), [finding(cures=())])
    assert told.sentence.split("; ")[0] == "one cause"


def test_evidence_says_of_what_it_is_where_its_words_do_not() -> None:
    told = [
        evidence_words(one).text
        for one in (
            TensorEvidence(checkpoint="/run/a.pt", name="head.weight", text="no step had a gradient for it"),
            TensorEvidence(checkpoint="/run/a.pt", name="head.weight", text="head.weight is not finite"),
            SettingEvidence(path="optim.lr", value=0.02, text="It is high"),
            SettingEvidence(path="optim.lr", value=0.02, text="optim.lr is 0.02"),
            CurveEvidence(series="val/loss", first_step=1, last_step=2, text="val/loss rises"),
        )
    ]
    assert told == [
        "a.pt · head.weight: no step had a gradient for it",
        "a.pt: head.weight is not finite",
        "optim.lr 0.02: It is high",
        "optim.lr is 0.02",
        "val/loss rises",
    ]


def test_a_score_of_any_name_tells_more_than_a_loss(tmp_path: Path) -> None:
    (tmp_path / "train.log").write_text("".join(f"Epoch {n}: Val Loss: {1 / n:.3f}, ARI: 0.{n}\n" for n in (1, 2, 3)))
    assert main_score(material_of(scan((tmp_path,), QUIET), QUIET)) == "ari"


def test_of_losses_that_of_held_out_data_tells_most(tmp_path: Path) -> None:
    write_curves(tmp_path, range(10, 101, 10), train__loss=lambda step: 1.0 / step, eval__loss=lambda step: 2.0 / step)
    assert main_score(material_of(scan((tmp_path,), QUIET), QUIET)) == "eval/loss"


def test_the_best_checkpoint_of_a_recipe_is_by_the_score_that_it_is_judged_by(tmp_path: Path) -> None:
    """Content accuracy is best at the end, where the recipe's trainer calls the checkpoint best; FG-ARI was before."""
    scores = {"val__accuracy_content": lambda step: step / 1000, "val__fg_ari": lambda step: 1 - step / 1000}
    write_curves(tmp_path, range(100, 600, 100), **scores)
    assert main_score(material_of(scan((tmp_path,), QUIET), QUIET)) == "val/fg_ari"
    write_own(tmp_path, recipe="arc_slots")
    judged = material_of(scan((tmp_path,), QUIET), QUIET)
    assert main_score(judged) == "val/accuracy_content"
    assert "best state" not in verdict(judged, Diagnosis(), []).sentence
    first, second = key_numbers(judged, [])[:2]
    assert (first.title, first.value) == ("val/accuracy_content", "0.5")
    assert (second.title, second.value) == ("val/fg_ari", "0.5")


def test_a_baseline_is_no_score_and_stands_beside_its_own(tmp_path: Path) -> None:
    curves = {"baseline__pixel_error_mean_position": 60.0, "baseline__accuracy": 0.9, "val__loss": 0.5}
    write_curves(tmp_path, (1, 2), **{tag: lambda _step, value=value: value for tag, value in curves.items()})
    assert main_score(material_of(scan((tmp_path,), QUIET), QUIET)) == "val/loss"
    curves["val__pixel_error"] = 12.0
    write_curves(tmp_path, (1, 2), **{tag: lambda _step, value=value: value for tag, value in curves.items()})
    (first, *_others) = key_numbers(material_of(scan((tmp_path,), QUIET), QUIET), [])
    assert (first.title, first.tip.splitlines()[0]) == ("val/pixel_error", "mean position 60.0 px")


@pytest.mark.parametrize(
    ("title", "told", "others"),
    [
        ("active slots", ("used_slots", 2.0, "2"), {"baseline/slots_active": 5.0, "slots_active_loss": 4.0}),
        ("slot cosine", ("slots/sim_of_pairs", 0.25, "0.25"), {"slots/cosine_loss": 0.9, "slots/cos_centred": 0.1}),
        ("point error", ("val/px_distance", 12.0, "12.0 px"), {"train/px_distance": 1.0, "val/point_error": 0.5}),
        ("train/learning_rate", ("train/learning_rate", 0.1, "0.1"), {"lr/scale": 1.0}),
    ],
)
def test_a_number_is_of_the_curve_that_findings_speak_of(
    tmp_path: Path, title: str, told: tuple[str, float, str], others: dict[str, float]
) -> None:
    tag, value, text = told
    values = {"val/acc": 0.5, **others, tag: value}
    write_metrics(tmp_path, [{"step": step, **values} for step in (1, 2, 3)])
    speaks = finding(evidence=(CurveEvidence(series=tag, first_step=1, last_step=3, text="so"),))
    numbers = key_numbers(material_of(scan((tmp_path,), QUIET), QUIET), [speaks])
    (found,) = [one for one in numbers if one.title == title]
    assert (found.value, found.tone) == (text, "critical")


def test_beside_a_mean_pixel_error_that_is_the_main_score_stands_the_median(tmp_path: Path) -> None:
    write_metrics(tmp_path, [{"step": 1, "val/pixel_error": 14.0, "val/pixel_error_median": 9.0}])
    found = {
        (one.title, one.qualifier): one.value for one in key_numbers(material_of(scan((tmp_path,), QUIET), QUIET), [])
    }
    assert found["point error", "median"] == "9.0 px"
    assert [title for title, _how in found].count("point error") == 1


def test_a_cure_says_old_and_new(run: Run) -> None:
    (edit,) = scene_of(run, finding()).findings[0].cures[0].edits
    assert (edit.path, edit.old, edit.new) == ("optim.lr", "0.004", "0.001")


def test_settings_are_held_against_those_that_are_known_to_be_good(run: Run) -> None:
    found = against_known_good(run)
    assert found is not None
    assert found.name == "slots fixed"
    rows = {row.path: (row.there, row.here) for row in found.rows}
    assert rows["optim.lr"][1] == "0.004"
    assert "train.seed" not in rows
    assert all(there != here for there, here in rows.values())


def test_settings_that_only_one_has_are_told_and_equal_ones_are_not() -> None:
    found = against({"a": 1, "b": 2, "n": float("nan")}, {"b": 2, "c": 3, "n": float("nan")}, "x")
    assert [(row.path, row.there, row.here) for row in found.rows] == [("c", "3", "—"), ("a", "—", "1")]
    lost = against({"a": float("nan"), "b": 2.0}, {"a": 1.0, "b": float("nan")}, "x")
    assert [row.path for row in lost.rows] == ["a", "b"]


def test_a_run_of_no_recipe_has_nothing_to_be_held_against(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("step,loss\n1,0.5\n2,0.4\n")
    assert against_known_good(scan((tmp_path,), QUIET)) is None


def test_a_brief_ends_with_a_whole_sentence() -> None:
    assert brief("0.5 of it") == "0.5 of it"
    assert brief(f"One. Two. {'x' * 200}") == "One. Two"


def test_it_is_made_for_runs_with_curves_and_possible_for_a_checkpoint_alone(run: Run) -> None:
    assert judge(run).fit.name == "MADE_FOR"
    assert judge(Run(key="k", name="k", root="/k", paths=("/k",))).fit.name == "NO"
    empty = FileEntry(path="/k/a.log", name="a.log", bytes=0, modified_s=0.0, facts=OtherFacts(bytes=0, because=""))
    assert judge(Run(key="k", name="k", root="/k", paths=("/k",), files=(empty,))).because == "a.log is empty"
    silent = msgspec.structs.replace(empty, bytes=9, facts=ConsoleFacts(bytes=9, lines=1))
    assert "no numbers" in judge(Run(key="k", name="k", root="/k", paths=("/k",), files=(silent,))).because
    broken = msgspec.structs.replace(empty, bytes=9, facts=OtherFacts(bytes=9, because="a.h5: cut", broken=True))
    said = judge(Run(key="k", name="k", root="/k", paths=("/k",), files=(empty, broken))).because
    assert said == "no log, checkpoint or known dump among 2 files; a.h5: cut"


def test_a_run_that_crashed_is_not_called_good_whatever_was_found(run: Run) -> None:
    ended = Liveness(life=Life.CRASHED, because="its log ends with: OutOfMemoryError")
    crashed = msgspec.structs.replace(run, liveness=ended)
    mild = [finding(severity=Severity.WARNING)]
    for found, told_of in (([], ""), (mild, "; one warning, with a cure")):
        told = verdict(Material(crashed, {}), Diagnosis(findings=tuple(found), passed=("a",)), found)
        assert (told.headline, told.tone) == ("The run has presumably crashed", "critical")
        assert told.sentence == f"its log ends with: OutOfMemoryError{told_of}"
    grave = [finding()]
    assert verdict(Material(crashed, {}), Diagnosis(), grave).headline.startswith("Going wrong")
    assert verdict(Material(crashed, {}), Diagnosis(passed=("a",)), [], moment=True).tone == "good"


def test_where_more_could_not_be_looked_at_than_could_nothing_was_found_so_far(run: Run) -> None:
    lacking = tuple(NotAssessable(id=name, title=name, because="no values") for name in "bc")
    told = verdict(Material(run, {}), Diagnosis(passed=("a",), not_assessable=lacking), [])
    assert (told.headline, told.tone) == ("Nothing found so far", "text")


def test_notes_alone_are_nothing_wrong(run: Run) -> None:
    noted = [finding(severity=Severity.INFO)]
    told = verdict(Material(run, {}), Diagnosis(findings=tuple(noted), passed=("a",)), noted)
    assert (told.headline, told.tone) == ("Nothing wrong found", "good")


def test_what_is_said_of_several_things_is_said_once_with_their_names() -> None:
    silent = [TensorEvidence(checkpoint="/run/a.pt", name=f"head.{i}", text="no gradient") for i in range(8)]
    other = TensorEvidence(checkpoint="/run/b.pt", name="head.0", text="no gradient")
    told = evidence_texts(map(evidence_words, [*silent, other, silent[0]]))
    assert told == [
        "a.pt · head.0, head.1, head.2, head.3, head.4, head.5 and 2 more: no gradient",
        "b.pt · head.0: no gradient",
    ]
