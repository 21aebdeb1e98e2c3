"""`report`: a run as one page, which a locked reader writes."""

from __future__ import annotations

import time
from pathlib import Path

from inspector.core.errors import InspectorError, MissingError, UsageError
from inspector.core.outcome import Done, Failed
from inspector.core.texts import visible
from inspector.diagnosis.values import UNREAD_RULES, Diagnosis
from inspector.display.report.values import ENDINGS, ReportAsk
from inspector.formats.nonfinite import builtins_of, to_json
from inspector.formats.written import WrittenReport
from inspector.jobs.readers import Launcher, answered
from inspector.jobs.requests import JudgeByOwnRules, run_report
from inspector.reader.file_commands import written
from inspector.runs.parent_run import parent_folder
from inspector.session.role_store import load_roles
from inspector.session.triage_store import file_of_run, load_triage


def report(paths: tuple[Path, ...], out: Path, *, as_json: bool, rules: Path | None = None) -> int:
    """Write what there is to say of a run as one page, in a locked reader; print what became of it.

    Args:
        paths: the run.
        out: the new file.
        as_json: print it so.
        rules: a file of the user's own checks, which a reader of its own runs.

    Raises:
        MissingError: there is nothing at a path.
        UsageError: the page cannot be written there, or its ending names no form of it.
        InspectorError: the run, or the file of rules, cannot be read; the sentence says why.
    """
    form = ENDINGS.get(out.suffix.lower())
    if form is None:
        raise UsageError(f"{visible(out.name)}: a report is {', '.join(ENDINGS)}, told by the ending of the name")
    absolute = tuple(path.absolute() for path in paths)
    for path in absolute:
        if not path.exists():
            raise MissingError(path, "a run: a folder, or files of one", "nothing there", "check the path")
    texts = tuple(map(str, absolute))
    said = load_triage(file_of_run(texts)).dismissed
    aside = {finding: one.note for finding, one in said.items() if one.dismissed}
    parent = parent_folder(absolute[0]) if len(absolute) == 1 else None
    ask = ReportAsk(
        paths=texts,
        form=form,
        made_s=time.time(),
        dismissed=tuple(aside),
        notes=aside,
        parent="" if parent is None else str(parent),
        own=None if rules is None else _by_own_rules(absolute, rules),
    )
    readable = absolute if parent is None else (*absolute, parent)
    made = written(readable, out, "report", run_report(ask), WrittenReport)
    if as_json:
        print(to_json({"path": str(out), **builtins_of(made)}, indent=2).decode())
    else:
        print(f"{visible(out.name)} written: {made.sentence()}")
    return 0


def _by_own_rules(paths: tuple[Path, ...], rules: Path) -> Diagnosis:
    """What rules of the user's own find in the run."""
    with Launcher() as launcher:
        launcher.role_corrections = load_roles()
        reader = launcher.reader(paths, rules=str(rules.absolute()))
        outcome = answered(reader, "own rules", JudgeByOwnRules(), Diagnosis)
    if isinstance(outcome, Failed):
        raise InspectorError(f"{visible(rules.name)}: its rules gave no answer: {outcome.sentence}")
    if not isinstance(outcome, Done):
        raise InspectorError(f"{visible(rules.name)}: its reader was ended")
    unread = next((one.because for one in outcome.value.not_assessable if one.id == UNREAD_RULES.id), None)
    if unread is not None:
        raise InspectorError(unread)
    return outcome.value
