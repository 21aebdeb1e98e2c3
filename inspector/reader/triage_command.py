"""`triage`: what went wrong in runs, found in the command line's own process, as text, JSON or SARIF."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from inspector.core.errors import FileError, UsageError
from inspector.core.exit_codes import DONE, FOUND
from inspector.core.pulse import QUIET
from inspector.core.texts import visible
from inspector.core.units import counted
from inspector.diagnosis.aftermath import Comparison, before_of, compared
from inspector.diagnosis.check import Check, kinds_of
from inspector.diagnosis.engine import CHECKS, judged
from inspector.diagnosis.material import material_of
from inspector.diagnosis.sarif import sarif_of
from inspector.diagnosis.triage_answer import triage_answer, triage_schema
from inspector.diagnosis.values import Diagnosis, Severity
from inspector.formats.fleet import FleetRun
from inspector.formats.nonfinite import to_json
from inspector.reader.commands import shut_in
from inspector.reader.fleet_command import many_runs, survey_all, table_lines
from inspector.reader.own_rules import load_rules
from inspector.runs.parent_run import parent_folder
from inspector.runs.scan import scan
from inspector.runs.values import Run

Form = Literal["text", "json", "sarif"]
Diagnosed = Sequence[tuple[Run, Diagnosis]]
Against = Mapping[str, Comparison]
"""A resumed run held against its parent, by the key of the run."""


def triage(paths: tuple[Path, ...], *, form: Form, fail_on: str | None, rules: Path | None = None) -> int:
    """Print what went wrong in each run; 1 where a finding is as bad as `fail_on`.

    Args:
        paths: runs, or a folder of many.
        form: what is printed.
        fail_on: a severity.
        rules: a file of the user's own checks, which is run.

    Raises:
        FileError: a path, or the file of rules, cannot be read.
        UsageError: rules are named for many runs.
    """
    checks = (*CHECKS, *load_rules(rules)) if rules is not None else CHECKS
    parents = {path: parent for path in paths if (parent := parent_folder(path)) is not None}
    shut_in((*paths, *parents.values()))
    if many := many_runs(paths):
        if rules is not None:
            raise UsageError("--rules looks at runs that are named one by one, not at a folder of many")
        return _triage_many(many, form=form, fail_on=fail_on)
    diagnosed = []
    against: dict[str, Comparison] = {}
    for path in paths:
        run = scan((path,), QUIET)
        found = judged(material_of(run, QUIET), QUIET, checks)
        diagnosed.append((run, found))
        if path in parents:
            against |= _against(parents[path], run, found, checks)
    print(_FORMS[form](diagnosed, against, checks))
    return exit_code((found for _run, found in diagnosed), fail_on)


def _triage_many(runs: Sequence[FleetRun], *, form: Form, fail_on: str | None) -> int:
    """As `triage`, of runs that are looked at in short."""
    told = survey_all(runs)
    if form == "text":
        print("\n".join(table_lines([one.row for one in told], time.time())))
    else:
        print(_FORMS[form]([(one.run, one.diagnosis) for one in told], {}, CHECKS))
    return exit_code((one.diagnosis for one in told), fail_on)


def print_schema() -> int:
    """Print the JSON Schema of what `--json` prints."""
    print(to_json(triage_schema(), indent=2).decode())
    return 0


def exit_code(diagnoses: Iterable[Diagnosis], fail_on: str | None) -> int:
    """`FOUND` where a finding is at least as severe as `fail_on` names, else `DONE`."""
    if fail_on is None:
        return DONE
    least = Severity(fail_on).rank
    return FOUND if any(found.worst is not None and found.worst.rank >= least for found in diagnoses) else DONE


def _against(parent: Path, run: Run, found: Diagnosis, checks: Sequence[Check]) -> Against:
    try:
        before = scan((parent,), QUIET)
        was = judged(material_of(before, QUIET), QUIET, checks)
        return {run.key: compared(before_of(before, was), run, found, kinds_of(checks))}
    except FileError as error:
        print(f"The run that {visible(run.name)} resumes is left out: {error}", file=sys.stderr)
        return {}


def _text(diagnosed: Diagnosed, against: Against, _checks: Sequence[Check]) -> str:
    return "\n".join(line for run, found in diagnosed for line in _all_lines(run, found, against.get(run.key)))


def _all_lines(run: Run, found: Diagnosis, against: Comparison | None) -> Iterator[str]:
    yield from _lines(run, found)
    if against is not None:
        yield f"  against {visible(against.parent)}, which it resumes:"
        yield from (f"    {row.outcome.value}: {visible(row.title)} — {visible(row.because)}" for row in against.rows)
        yield from (f"    new: {visible(one.title)}" for one in found.findings if one.id in against.new)


def _lines(run: Run, found: Diagnosis) -> Iterator[str]:
    yield f"{visible(run.name)}: {counted(len(found.findings), 'finding')}"
    for finding in found.findings:
        yield f"  {finding.severity.value:<8} {visible(finding.title)} — {visible(finding.summary)}"
        told = (*finding.consequences, finding.thresholds, finding.own_text)
        yield from (f"           {visible(text)}" for text in told if text)
        yield from (f"           cure: {visible(cure.title)}" for cure in finding.cures[:1])
    yield from (f"  not assessable: {visible(one.title)} — {visible(one.because)}" for one in found.not_assessable)
    yield from (f"  {visible(note)}" for note in found.notes)


def _json(diagnosed: Diagnosed, against: Against, _checks: Sequence[Check]) -> str:
    return to_json(triage_answer(diagnosed, against), indent=2).decode()


def _sarif(diagnosed: Diagnosed, against: Against, checks: Sequence[Check]) -> str:
    return to_json(sarif_of(diagnosed, against, checks), indent=2).decode()


_Printer = Callable[[Diagnosed, Against, Sequence[Check]], str]

_FORMS: Mapping[Form, _Printer] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
}
