"""What a reader can be asked: one table from a request's kind to the function that answers it.

The functions' own modules are named here and loaded by the launcher, so that a request never waits for an import.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from inspector.core.errors import UsageError
from inspector.core.language import tr, tr_later
from inspector.core.pulse import Pulse
from inspector.diagnosis.values import OwnKind
from inspector.formats.messages import decode
from inspector.jobs.requests import (
    Clean,
    Diagnose,
    Export,
    ExportCurves,
    ExportSamples,
    HelpAsk,
    JudgeByOwnRules,
    ListPacked,
    Lock,
    LockAsk,
    Open,
    Refresh,
    ReportRun,
    ScansToKeep,
    SceneAsk,
    SummariesToKeep,
    Survey,
    Unpack,
    Verify,
    WhichRuns,
)
from inspector.reader.ahead import Ahead

if TYPE_CHECKING:
    from inspector.diagnosis.check import Check

FIRST_LOOK_S = 0.3
NEXT_LOOK_S = 2.0
"""Long logs are read so long at a time: what there is is shown, then the next look reads on."""

_LOADED_ROOMS = ("inspector.artifacts", "inspector.analysis", "inspector.runs", "inspector.diagnosis")
_CURVES_WRITER = "inspector.display.curves.export_data"
_SAMPLES_WRITER = "inspector.display.gallery.export_rows"
_REPORT_WRITER = "inspector.display.report.prepare"
_HELP = "inspector.display.help.finding_pages"
_SURVEY = "inspector.display.fleet.survey"
_LOADED_LATE = ("encodings.ascii", "numpy.ma", "numpy.random")
"""What libraries load when it is first needed, as `numpy.unique` does."""

_NEIGHBOURS = "inspector.artifacts.dumps.neighbours"
_KEPT = "inspector.diagnosis.kept"


NO_LOCK = Lock(full=False, sentence=tr("Files are read in a process that nothing keeps in"))


@dataclass(slots=True)
class Desk:
    """What one reader process keeps between requests.

    Attributes:
        paths: what it may read.
        lock: what keeps it in.
        own_checks: those of the user's own rules, which were run before the lock.
        run: the Run as last answered, None before the first time.
        output: descriptor of the file that the request at hand writes, None where it writes none.
        ahead: what is prepared while it waits.
    """

    paths: tuple[Path, ...]
    lock: Lock = NO_LOCK
    own_checks: tuple[Check, ...] = ()
    run: Any = None
    output: int | None = None
    ahead: Ahead = field(default_factory=Ahead)


class SpareWork(NamedTuple):
    """What threads may do while a reader waits for its next request, which stops what has not begun.

    Attributes:
        begin: only tells them; it is done at once.
    """

    begin: Callable[[], None]
    stop: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of the table.

    Attributes:
        body: the struct that the request's body is decoded to.
        function: takes desk, body and pulse, gives the value to send back.
        asked: what is being done, for a sentence about a failure ("reading").
        cpu_s: processor time allowed, None for the reader's usual.
        spare: what is done after the answer was sent.
    """

    body: type
    function: Callable[[Desk, Any, Pulse], Any]
    asked: str
    cpu_s: float | None = field(default=None, kw_only=True)
    spare: SpareWork | None = field(default=None, kw_only=True)


def _function(module: str, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def _run(desk: Desk, pulse: Pulse) -> Any:
    """The Run; a reader that took another's place scans again."""
    if desk.run is None:
        desk.run = _function("inspector.runs.scan", "scan")(desk.paths, pulse.within(FIRST_LOOK_S))
        _function(_KEPT, "keep_run")(desk.run)
    return desk.run


def _open(desk: Desk, _body: Open, pulse: Pulse) -> Any:
    desk.run = None
    return _run(desk, pulse)


def _refresh(desk: Desk, _body: Refresh, pulse: Pulse) -> Any:
    if desk.run is None:
        return _run(desk, pulse)
    newer = _function("inspector.runs.follow", "refresh")(desk.run, pulse.within(NEXT_LOOK_S))
    if newer is not None:
        desk.run = newer
        _function(_KEPT, "keep_run")(newer)
    return newer


def _diagnose(desk: Desk, body: Diagnose, pulse: Pulse) -> Any:
    run = _run(desk, pulse)
    if body.first:
        return _function("inspector.diagnosis.engine", "first_look")(run, pulse)
    if body.until_step is not None:
        return _function("inspector.diagnosis.engine", "diagnose_until")(run, body.until_step, pulse)
    return _function("inspector.diagnosis.engine", "diagnose")(run, pulse)


def _judge_by_own_rules(desk: Desk, body: JudgeByOwnRules, pulse: Pulse) -> Any:
    """By a reader that does nothing else, so that it reads on to the end and looks at what is new itself."""
    if desk.run is None:
        desk.run = _function("inspector.runs.scan", "scan")(desk.paths, pulse)
    else:
        desk.run = _function("inspector.runs.follow", "refresh")(desk.run, pulse) or desk.run
    material = _function("inspector.diagnosis.material", "material_of")(desk.run, pulse)
    seen = material if body.until_step is None else material.until(body.until_step)
    found = _function("inspector.diagnosis.engine", "judged")(seen, pulse, desk.own_checks)
    kinds = {
        about.id: OwnKind(title=about.title, look=check.abouts[0].id)
        for check in desk.own_checks
        for about in check.abouts
    }
    return msgspec.structs.replace(found, own_kinds=kinds)


def _scene(desk: Desk, body: SceneAsk, pulse: Pulse) -> Any:
    catalogue = importlib.import_module("inspector.display.catalogue").CATALOGUE
    offer = next((offer for offer in catalogue if offer.key == body.viewer), None)
    if offer is None:
        raise UsageError(f"there is no view '{body.viewer}'")
    ask = decode(bytes(body.ask), offer.ask_type)
    scene = _function(offer.prepare, "prepare")(ask, pulse)
    desk.ahead.follow(offer, ask)
    return scene


def _verify(desk: Desk, _body: Verify, pulse: Pulse) -> Any:
    return _function("inspector.artifacts.checkpoints.verify", "verify")(desk.paths[0], pulse)


def _summaries(_desk: Desk, _body: SummariesToKeep, _pulse: Pulse) -> Any:
    return _function("inspector.artifacts.checkpoints.checkpoint_summary", "summaries_to_keep")()


def _scans(_desk: Desk, _body: ScansToKeep, _pulse: Pulse) -> Any:
    return _function("inspector.artifacts.dumps.kept_scans", "scans_to_keep")()


def _clean(desk: Desk, _body: Clean, pulse: Pulse) -> Any:
    return _function("inspector.artifacts.clean.clean_copy", "write_clean_copy")(desk.paths[0], _output(desk), pulse)


def _export(desk: Desk, body: Export, pulse: Pulse) -> Any:
    write = _function("inspector.artifacts.checkpoints.npy_writer", "export_tensor")
    return write(desk.paths[0], body.name, _output(desk), pulse, raw=body.raw)


def _which_runs(desk: Desk, _body: WhichRuns, pulse: Pulse) -> Any:
    return _function("inspector.runs.grouping", "grouping_of")(desk.paths, pulse)


def _survey(_desk: Desk, body: Survey, pulse: Pulse) -> Any:
    if body.known:
        return _function(_SURVEY, "known_rows")(body.folder, body.runs, pulse)
    return _function(_SURVEY, "survey")(body.runs, pulse)


def _list_packed(desk: Desk, _body: ListPacked, pulse: Pulse) -> Any:
    return _function("inspector.artifacts.packed_runs", "packed_run")(desk.paths[0], pulse)


def _unpack(desk: Desk, body: Unpack, pulse: Pulse) -> Any:
    write = _function("inspector.artifacts.packed_runs", "unpack_file")
    return write(desk.paths[0], body.name, _output(desk), pulse)


def _export_curves(desk: Desk, body: ExportCurves, pulse: Pulse) -> Any:
    ask = decode(bytes(body.ask), importlib.import_module("inspector.display.curves.export").DataAsk)
    return _function(_CURVES_WRITER, "export_curves")(ask, _output(desk), pulse)


def _export_samples(desk: Desk, body: ExportSamples, pulse: Pulse) -> Any:
    ask = decode(bytes(body.ask), importlib.import_module("inspector.display.gallery.export").SampleRowsAsk)
    return _function(_SAMPLES_WRITER, "export_rows")(ask, _output(desk), pulse)


def _help(_desk: Desk, _body: HelpAsk, _pulse: Pulse) -> Any:
    return _function(_HELP, "finding_pages")()


def _report(desk: Desk, body: ReportRun, pulse: Pulse) -> Any:
    ask = decode(bytes(body.ask), importlib.import_module("inspector.display.report.values").ReportAsk)
    return _function(_REPORT_WRITER, "write_report")(ask, _output(desk), pulse)


def _read_ahead() -> None:
    _function(_NEIGHBOURS, "read_ahead")()


def _stop_reading_ahead() -> None:
    _function(_NEIGHBOURS, "stop_reading_ahead")()


def _output(desk: Desk) -> int:
    if desk.output is None:
        raise UsageError("the request brought no file to write")
    return desk.output


def _lock(desk: Desk, _body: LockAsk, _pulse: Pulse) -> Lock:
    return desk.lock


ANSWERS: Mapping[str, Answer] = {
    "open": Answer(Open, _open, tr_later("reading"), cpu_s=120),
    "refresh": Answer(Refresh, _refresh, tr_later("reading what is new"), cpu_s=120),
    "diagnose": Answer(Diagnose, _diagnose, tr_later("diagnosing"), cpu_s=1800),
    "own rules": Answer(JudgeByOwnRules, _judge_by_own_rules, tr_later("looking by your own rules"), cpu_s=1800),
    # reading a checkpoint on with generous limits takes up to a minute
    "scene": Answer(
        SceneAsk, _scene, tr_later("preparing a view"), cpu_s=120, spare=SpareWork(_read_ahead, _stop_reading_ahead)
    ),
    "summaries": Answer(SummariesToKeep, _summaries, tr_later("handing over what it has made")),
    "scans": Answer(ScansToKeep, _scans, tr_later("handing over what it has made")),
    "verify": Answer(Verify, _verify, tr_later("checking its bytes"), cpu_s=1800),
    "clean": Answer(Clean, _clean, tr_later("writing its clean copy"), cpu_s=3600),
    "export": Answer(Export, _export, tr_later("exporting a tensor"), cpu_s=3600),
    "export curves": Answer(ExportCurves, _export_curves, tr_later("writing the curves"), cpu_s=3600),
    "export samples": Answer(ExportSamples, _export_samples, tr_later("writing the samples"), cpu_s=3600),
    "report": Answer(ReportRun, _report, tr_later("writing the report"), cpu_s=3600),
    "which runs": Answer(WhichRuns, _which_runs, tr_later("looking for runs"), cpu_s=120),
    "survey": Answer(Survey, _survey, tr_later("looking at many runs"), cpu_s=1800),
    "list packed": Answer(ListPacked, _list_packed, tr_later("looking into the archive"), cpu_s=600),
    "unpack": Answer(Unpack, _unpack, tr_later("unpacking"), cpu_s=600),
    "help": Answer(HelpAsk, _help, tr_later("gathering help")),
    "lock": Answer(LockAsk, _lock, tr_later("looking at its lock")),
}


def load_all() -> None:
    """Import everything that an answer needs: every module of the reading rooms, and every viewer's prepare."""
    for room in _LOADED_ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            importlib.import_module(module.name)
    for offer in importlib.import_module("inspector.display.catalogue").CATALOGUE:
        importlib.import_module(offer.prepare)
    for name in (_CURVES_WRITER, _SAMPLES_WRITER, _REPORT_WRITER, _HELP, _SURVEY, *_LOADED_LATE):
        importlib.import_module(name)
