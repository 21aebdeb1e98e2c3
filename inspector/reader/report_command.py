"""`report`: a run as one page, which a locked reader writes."""

from __future__ import annotations

import time
from pathlib import Path

from inspector.core.errors import MissingError, UsageError
from inspector.core.texts import visible
from inspector.display.report.values import ENDINGS, ReportAsk
from inspector.formats.nonfinite import builtins_of, to_json
from inspector.formats.written import WrittenReport
from inspector.jobs.requests import run_report
from inspector.reader.file_commands import written
from inspector.reader.parent_run import parent_folder
from inspector.session.triage_store import file_of_run, load_triage


def report(paths: tuple[Path, ...], out: Path, *, as_json: bool) -> int:
    """Write what there is to say of a run as one page, in a locked reader; print what became of it.

    Raises:
        MissingError: there is nothing at a path.
        UsageError: the page cannot be written there, or its ending names no form of it.
        InspectorError: the run cannot be read; the sentence says why.
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
    )
    readable = absolute if parent is None else (*absolute, parent)
    made = written(readable, out, "report", run_report(ask), WrittenReport)
    if as_json:
        print(to_json({"path": str(out), **builtins_of(made)}, indent=2).decode())
    else:
        print(f"{visible(out.name)} written: {made.sentence()}")
    return 0
