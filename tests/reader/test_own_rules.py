"""Rules of the user's own: what they find is marked as theirs, and what is wrong with them is one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.core.errors import FileError, MissingError
from inspector.core.outcome import Done
from inspector.core.pulse import QUIET
from inspector.core.resources import resource
from inspector.diagnosis.engine import judged
from inspector.diagnosis.material import material_of
from inspector.diagnosis.values import Diagnosis
from inspector.jobs.readers import Launcher, answered
from inspector.jobs.requests import JudgeByOwnRules
from inspector.reader.own_rules import load_rules
from inspector.runs.scan import scan
from tests.diagnosis.folders import cured_paths, write_curves, write_own
from tests.reader.command import call
from tests.reader.own_rules import HEAD

EXAMPLE = resource("examples/rules.py")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    write_own(folder)
    write_curves(folder, range(125, 1250, 125), val__loss=lambda step: 2.0 - 1e-6 * step)
    return folder


def told(run: Path, file: Path) -> Diagnosis:
    return judged(material_of(scan((run,), QUIET), QUIET), QUIET, load_rules(file))


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(HEAD + text)
    return file


def test_the_example_finds_a_curve_that_is_level_and_not_one_that_falls(run: Path) -> None:
    (finding,) = told(run, EXAMPLE).findings
    assert finding.rule_file == "rules.py"
    # 2 - 0.000625 at step 625, 2 - 0.001125 at step 1,125: 0.0005 of 1.999375
    assert finding.summary == "val/loss fell by 0.0% from step 625 to step 1,125"
    assert cured_paths(finding) == {"schedule.epochs"}
    write_curves(run, range(125, 1250, 125), val__loss=lambda step: 2000.0 / step)
    assert told(run, EXAMPLE).passed == ("own-slow-validation",)
    write_curves(run, range(125, 1250, 125), train__loss=lambda step: 2000.0 / step)
    assert [one.because for one in told(run, EXAMPLE).not_assessable] == ["no val/loss was logged"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("CHECKS = (", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError: division by zero in line 8"),
        ("raise SystemExit(3)", "SystemExit: 3 in line 8"),
        ("import a_module_that_is_not_there", "ModuleNotFoundError"),
        ("", "no tuple CHECKS of Check"),
        ("CHECKS = (print,)", "no tuple CHECKS of Check"),
        ("CHECKS = (Check(abouts=(), function=print),)", "a Check without an About"),
        ("ABOUT = 1\nCHECKS = (Check(abouts=ABOUT, function=print),)", "whose abouts are one int"),
        ("CHECKS = (Check(abouts=('x',), function=print),)", "str among the abouts"),
        ("CHECKS = (Check(abouts=(ABOUT, ABOUT), function=print),)", "own-rule is taken"),
        ("CHECKS = (Check(abouts=(About(id=7, title='', rules=(), **TEXTS),), function=print),)", "Expected `str`"),
        ("CHECKS = (Check(abouts=(About(id='overfitting', title='', rules=(), **TEXTS),), function=print),)", "taken"),
    ],
    ids=lambda text: text[:24],
)
def test_a_file_that_fails_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(FileError, match="mine.py: expected a file of rules") as caught:
        load_rules(written(tmp_path, text))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        load_rules(tmp_path / "none.py")


@pytest.mark.parametrize(
    ("body", "because"),
    [
        ("return 1 / 0", "ZeroDivisionError: division by zero in line 8"),
        ("raise SystemExit", "SystemExit"),
        ("return 'wrong'", "it answered with str, not with a Finding"),
        ("return found(summary=5)", "Expected `str`"),
        ("return found(severity='awful')", "Invalid enum value"),
        ("return found(id='else')", "it answered with else"),
        ("return found(evidence=(object(),))", "fields are not as they should be"),
    ],
)
def test_a_rule_that_fails_is_not_assessable_and_hides_no_other(
    run: Path, tmp_path: Path, body: str, because: str
) -> None:
    other = "CHECKS += (Check(abouts=(About(id='other', title='', rules=(), **TEXTS),), function=lambda *_: None),)"
    file = written(
        tmp_path, f"def look(material, pulse): {body}\nCHECKS = (Check(abouts=(ABOUT,), function=look),)\n{other}"
    )
    answer = told(run, file)
    assert answer.findings == ()
    assert answer.passed == ("other",)
    (lacking,) = answer.not_assessable
    assert lacking.because.startswith("your own rule failed: ")
    assert because in lacking.because


def test_the_command_runs_the_named_file_alone_and_what_it_prints_spoils_no_json(run: Path, tmp_path: Path) -> None:
    beside = "open(__file__ + '.ran', 'w'); CHECKS = ()"
    (run / "rules.py").write_text(beside)
    look = "def look(material, pulse):\n    print('looking')\n    return found()\n"
    file = written(tmp_path, f"print('loading')\n{look}CHECKS = (Check(abouts=(ABOUT,), function=look),)")
    ended = call("triage", run, "--json", "--rules", file)
    assert ended.returncode == 0, ended.stderr
    own = [one for one in json.loads(ended.stdout)["runs"][0]["findings"] if one["rule_file"]]
    assert [(one["id"], one["rule_file"]) for one in own] == [("own-rule", "mine.py")]
    assert "loading" in ended.stderr
    assert not (run / "rules.py.ran").exists()


def test_a_reader_of_their_own_runs_the_file_before_its_lock_and_its_rules_behind_it(run: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("42")
    reading = f"open({str(secret)!r}).read()"
    file = written(
        tmp_path,
        f"""
BEFORE = {reading}
OTHER = About(id="other-rule", title="Another", rules=(), **TEXTS)
def early(material, pulse): return found(summary=BEFORE)
def late(material, pulse): return OTHER.finding(summary={reading})
SECOND = About(id="second", title="As well", rules=(), **TEXTS)
CHECKS = (Check(abouts=(ABOUT, SECOND), function=early), Check(abouts=(OTHER,), function=late))
""",
    )
    with Launcher() as launcher:
        outcome = answered(launcher.reader((run,), rules=str(file)), "own rules", JudgeByOwnRules(), Diagnosis)
        broken = written(tmp_path, "1 / 0").rename(tmp_path / "broken.py")
        failed = answered(launcher.reader((run,), rules=str(broken)), "own rules", JudgeByOwnRules(), Diagnosis)
    assert isinstance(outcome, Done)
    assert [(one.summary, one.rule_file) for one in outcome.value.findings] == [("42", "mine.py")]
    (lacking,) = outcome.value.not_assessable
    assert "your own rule failed: PermissionError" in lacking.because
    kinds = {id_: (kind.title, kind.look) for id_, kind in outcome.value.own_kinds.items()}
    assert kinds == {
        "own-rule": ("My rule", "own-rule"),
        "second": ("As well", "own-rule"),
        "other-rule": ("Another", "other-rule"),
    }
    assert isinstance(failed, Done)
    (lacking,) = failed.value.not_assessable
    assert (lacking.title, failed.value.passed) == ("Rules of your own", ())
    assert "ZeroDivisionError: division by zero in line 8; mend it, or name another" in lacking.because


def test_the_file_of_the_help_page_does_what_the_page_says(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.py"
    file.write_text(resource("help/own_rules.md").read_text().split("```")[1].removeprefix("python\n"))
    assert [one.because for one in told(run, file).not_assessable] == ["no train/loss was logged"]
    write_curves(run, range(125, 1250, 125), train__loss=lambda step: 500.0 - step)
    assert [one.summary for one in told(run, file).findings] == ["it is -625 now"]
