"""`triage` as other programs read it: JSON by its schema, SARIF by its standard, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import jsonschema
import msgspec
import pytest

from inspector.command_line.catalogue import run_command
from inspector.core.errors import UsageError
from inspector.core.pulse import QUIET
from inspector.core.resources import resource
from inspector.diagnosis.aftermath import Aftermath, Compared, Comparison
from inspector.diagnosis.check import About, Check
from inspector.diagnosis.engine import CHECKS, diagnose
from inspector.diagnosis.sarif import sarif_of
from inspector.diagnosis.triage_answer import SCHEMA, triage_answer, triage_schema
from inspector.diagnosis.values import CurveEvidence, Diagnosis, Finding, NotAssessable, Severity, Sureness
from inspector.formats.nonfinite import to_json
from inspector.reader.triage_command import exit_code
from inspector.runs.scan import scan
from inspector.runs.values import Run


@pytest.fixture(scope="module")
def sample() -> tuple[Run, Diagnosis]:
    run = scan((resource("sample_run"),), QUIET)
    return run, diagnose(run, QUIET)


def _finding(severity: Severity, **told: Any) -> Finding:
    return Finding(id="x", rules=(), title="X", summary="so it is", severity=severity, sureness=Sureness.LIKELY, **told)


def _validated(answer: Any) -> dict[str, Any]:
    printed: dict[str, Any] = json.loads(to_json(answer))
    jsonschema.Draft202012Validator(triage_schema()).validate(printed)
    return printed


def test_the_answer_on_the_sample_run_is_valid_and_names_its_schema(sample: tuple[Run, Diagnosis]) -> None:
    printed = _validated(triage_answer([sample]))
    assert printed["schema"] == SCHEMA == "run-inspector-triage/1"
    assert printed["runs"][0]["worst"] == "critical"
    assert {one["type"] for found in printed["runs"][0]["findings"] for one in found["evidence"]} >= {"curve", "layer"}


def test_numbers_that_are_not_finite_are_valid_by_the_schema(sample: tuple[Run, Diagnosis]) -> None:
    seen = CurveEvidence(series="loss", first_step=float("nan"), last_step=float("inf"), text="t")
    found = Diagnosis(findings=(_finding(Severity.INFO, evidence=(seen,), since_epoch=float("-inf")),))
    (finding,) = _validated(triage_answer([(sample[0], found)]))["runs"][0]["findings"]
    assert (finding["evidence"][0]["first_step"], finding["since_epoch"]) == ("NaN", "-Infinity")


def test_the_schema_refuses_what_the_page_does_not_describe(sample: tuple[Run, Diagnosis]) -> None:
    printed = json.loads(to_json(triage_answer([sample])))
    printed["runs"][0]["findings"][0]["severity"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(triage_schema()).validate(printed)
    del printed["runs"][0]["findings"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(triage_schema()).validate(printed)


def test_the_page_of_help_names_every_field() -> None:
    page = resource("help/triage_json.md").read_text("utf-8")
    jsonschema.Draft202012Validator.check_schema(triage_schema())
    structs = triage_schema()["$defs"]
    fields = {name for of in ("TriageAnswer", "TriagedRun", "Finding") for name in structs[of]["properties"]}
    assert not [name for name in fields if f"`{name}`" not in page]


def test_the_schema_is_printed_where_no_run_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("triage", ["--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(to_json(triage_schema()))
    with pytest.raises(UsageError):
        run_command("triage", [])


def _closed(required: str, **fields: Any) -> dict[str, Any]:
    """An object of the standard as far as it is written here: a property that is not told of is a mistake."""
    return {"type": "object", "required": required.split(), "properties": fields, "additionalProperties": False}


def _rows(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


TEXT: dict[str, Any] = {"type": "string"}
BAG: dict[str, Any] = {"type": "object"}  # 3.8
MESSAGE = _closed("text", text=TEXT)  # 3.11.8: without an id there is a text
ARTIFACT = _closed("uri", uri={"type": "string", "format": "uri-reference"}, uriBaseId=TEXT)  # 3.4
LOCATION = _closed(  # 3.28, 3.29, 3.33
    "physicalLocation",
    physicalLocation=_closed("artifactLocation", artifactLocation=ARTIFACT),
    logicalLocations=_rows(_closed("", fullyQualifiedName=TEXT, kind=TEXT)),
    message=MESSAGE,
)
RESULT = _closed(
    "message ruleId kind level",
    ruleId=TEXT,  # 3.27.5
    ruleIndex={"type": "integer", "minimum": 0},  # 3.27.6
    kind={"enum": ["fail", "open"]},  # 3.27.9
    level={"enum": ["none", "note", "warning", "error"]},  # 3.27.10
    baselineState={"enum": ["new", "unchanged", "absent"]},  # 3.27.24
    message=MESSAGE,  # 3.27.11
    locations=_rows(LOCATION),  # 3.27.12
    properties=BAG,
)
RULE = _closed("id", id=TEXT, shortDescription=MESSAGE, fullDescription=MESSAGE, help=MESSAGE, properties=BAG)  # 3.49
DRIVER = _closed("name", name=TEXT, semanticVersion=TEXT, rules=_rows(RULE))  # 3.19
RUN = _closed(  # 3.14
    "tool results",
    tool=_closed("driver", driver=DRIVER),  # 3.18
    automationDetails=_closed("id", id=TEXT),  # 3.17
    originalUriBaseIds={"type": "object", "additionalProperties": ARTIFACT},  # 3.14.14
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},  # 3.14.17
    results=_rows(RESULT),
    properties=BAG,
)
LOG = _closed("version runs", **{"$schema": TEXT}, version={"const": "2.1.0"}, runs=_rows(RUN))
"""As much of SARIF 2.1.0 as is written, by the sections of the standard."""


def _sarif(*told: Any) -> dict[str, Any]:
    """The only run of a log that the standard allows, whose results name their rules."""
    log = json.loads(to_json(sarif_of(*told)))
    jsonschema.Draft202012Validator(LOG).validate(log)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"] if "ruleIndex" in one)
    return run


def test_a_resumed_run_is_held_against_its_parent_in_sarif_and_own_rules_are_among_its_rules(
    sample: tuple[Run, Diagnosis],
) -> None:
    def was(name: str, outcome: Aftermath) -> Compared:
        return Compared(id=name, title=name, severity=Severity.CRITICAL, outcome=outcome, because="so")

    asked = NotAssessable(id="asked", title="asked", because="no log")
    own = _finding(Severity.INFO, rule_file="rules.py")
    there = msgspec.structs.replace(own, id="overfitting", rule_file="")
    found = Diagnosis(findings=(own, there), not_assessable=(asked,))
    rows = (
        was("overfitting", Aftermath.STILL_THERE),
        was("asked", Aftermath.NOT_YET),
        was("soon", Aftermath.NOT_YET),
        was("loss-not-finite", Aftermath.GONE),
    )
    run = sample[0]
    texts = dict.fromkeys(("symptom", "definition", "why", "confirm", "false_alarm", "cure", "source"), "{x}")
    check = Check(abouts=(About(id="x", title="X", rules=(), **texts),), function=lambda *_: None)
    against = {run.key: Comparison(parent="first", rows=rows, new=("x",))}
    told = _sarif([(run, found)], against, (*CHECKS, check))
    assert [(one["ruleId"], one["kind"], one.get("baselineState")) for one in told["results"]] == [
        ("x", "fail", "new"),
        ("overfitting", "fail", "unchanged"),
        ("asked", "open", None),
        ("soon", "open", None),
        ("loss-not-finite", "fail", "absent"),
    ]
    assert told["properties"]["parent"] == "first"
    assert told["tool"]["driver"]["rules"][told["results"][0]["ruleIndex"]]["shortDescription"] == {"text": "X"}
    assert [one["properties"]["rule_file"] for one in told["results"][:2]] == ["rules.py", ""]
    assert told["results"][-1]["level"] == "error"


def test_findings_are_sarif_results_of_rules_with_places_in_the_run(sample: tuple[Run, Diagnosis]) -> None:
    run, found = sample
    one = _sarif([sample])
    rules = one["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    fails = [result for result in one["results"] if result["kind"] == "fail"]
    opens = [result for result in one["results"] if result["kind"] == "open"]
    assert [result["ruleId"] for result in fails] == [finding.id for finding in found.findings]
    assert [result["ruleId"] for result in opens] == [one.id for one in found.not_assessable]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in one["results"])
    # SARIF 3.27.10: a level other than none is for kind fail alone.
    assert {result["level"] for result in fails} <= {"note", "warning", "error"}
    assert {result["level"] for result in opens} <= {"none"}
    base = one["originalUriBaseIds"]["RUN"]["uri"]
    assert base.endswith("/")
    root = Path(unquote(urlparse(base).path))
    places = [place["physicalLocation"]["artifactLocation"] for result in fails for place in result["locations"]]
    assert len(places) >= len(fails)
    assert all(place["uriBaseId"] == "RUN" and (root / unquote(place["uri"])).exists() for place in places)
    assert root.samefile(run.root)


def test_a_level_follows_each_severity_and_names_are_made_visible(sample: tuple[Run, Diagnosis]) -> None:
    found = Diagnosis(findings=tuple(_finding(one, consequences=("a\x1b[31m",)) for one in Severity))
    results = sarif_of([(sample[0], found)])["runs"][0]["results"]
    assert [result["level"] for result in results] == ["note", "warning", "error", "error"]
    assert results[0]["message"]["text"] == "X. so it is. a\\x1b[31m"
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "./", "uriBaseId": "RUN"}


@pytest.mark.parametrize(
    ("worst", "fail_on", "code"),
    [
        ("critical", None, 0),
        ("warning", "error", 0),
        ("error", "error", 1),
        ("critical", "error", 1),
        ("info", "info", 1),
        (None, "info", 0),
    ],
)
def test_the_exit_code_is_one_where_any_run_has_a_finding_as_bad(
    worst: str | None, fail_on: str | None, code: int
) -> None:
    found = Diagnosis(findings=(_finding(Severity(worst)),) if worst else ())
    assert exit_code([Diagnosis(), found], fail_on) == code
