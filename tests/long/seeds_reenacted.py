"""Five write-ups of runs that went wrong, made again: what they name is found, what they advise is staged or bettered.

A round is one write-up: its faulty run is trained in the small size and diagnosed, the first cure of each finding is
staged, worst finding first, the run is started anew with these edits, and diagnosed again. Both are of the store.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import Any

from inspector.core.pulse import QUIET
from inspector.diagnosis.check import kinds_of
from inspector.diagnosis.engine import CHECKS, diagnose, judged
from inspector.diagnosis.material import material_of
from inspector.diagnosis.values import Diagnosis, Severity
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.setting_values import value_text
from inspector.runs.scan import scan
from tests.long.harness import Check, Figures, commit
from tests.long.seed_documents import DOCUMENTS, Document
from tests.long.trained_runs import Trained, trained
from tests.training.runs import TINY_OF, call

_BAD = Severity.WARNING.rank

Each = dict[str, Severity]
"""Severities by the ids of findings."""


def round_of(number: int, figures: Figures) -> None:
    """First a very small run through the whole way, then a write-up a round; then that each was as it says."""
    if number == 0:
        _very_small(figures)
        return
    if number <= len(DOCUMENTS):
        document = DOCUMENTS[number - 1]
        figures[document.name] = _told(document)
        return
    wrong = [one.name for one in DOCUMENTS if not figures[one.name]["is_as_told"]]
    assert not wrong, f"not found, not staged, or not gone: {', '.join(wrong)}"


def staged(found: Diagnosis, named: frozenset[str] = frozenset()) -> dict[str, tuple[Any, str, str]]:
    """New value, finding and reason by path: the first cure of each finding, worst first; the worse one's value holds.

    What is only information stages nothing, unless the write-up names it as a cause.
    """
    edits: dict[str, tuple[Any, str, str]] = {}
    for one in found.findings:
        if (one.severity.rank >= _BAD or one.id in named) and one.cures:
            for edit in one.cures[0].edits:
                edits.setdefault(edit.path, (edit.new, one.id, edit.reason))
    return edits


def _told(document: Document) -> dict[str, Any]:
    ill = _trained(document, document.epochs, {})
    found = _diagnosed(ill.folder)
    edits = staged(found[0], frozenset(id_ for ids in document.causes.values() for id_ in ids))
    anew = {**document.cured_edits, **{path: new for path, (new, _, _) in edits.items()}}
    cured = _trained(document, document.cured_epochs, anew)
    settings = settings_of(document.recipe, presets=document.presets, edits=document.edits)
    return {
        **table(document, settings, found, edits, _diagnosed(cured.folder)),
        "epochs": f"{document.epochs}, cured {document.cured_epochs}",
        "cpu_s": round(ill.cpu_s + cured.cpu_s),
        "commit": commit(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }


def _trained(document: Document, epochs: int, edits: dict[str, Any]) -> Trained:
    both = {**document.edits, **edits}
    seed = both.pop("train.seed", 0)
    return trained(document.recipe, ",".join(document.presets), seed, epochs, both)


def table(
    document: Document,
    settings: Any,
    ill: tuple[Diagnosis, Each],
    edits: dict[str, tuple[Any, str, str]],
    well: tuple[Diagnosis, Each],
) -> dict[str, Any]:
    """One write-up's row: causes beside findings, advice beside edits, and what is left after them."""
    told, each = ill
    causes = {cause: sorted(each.keys() & set(ids)) for cause, ids in document.causes.items()}
    advice = {}
    for one in document.advice:
        new, finding, reason = edits.get(one.path, (None, "", ""))
        advice[f"{one.path} = {one.value}"] = {
            "staged": f"{one.path} = {new}" if finding else _instead(one.instead, edits),
            "by": finding,
            "because": one.why or reason,
        }
    bad = {id_ for id_, severity in each.items() if severity.rank >= _BAD}
    left = {id_: severity.value for id_, severity in well[1].items() if severity.rank >= _BAD}
    errs = {one.finding for one in document.refuted.values()} & each.keys()
    is_found, is_staged = all(causes.values()) and not errs, all(row["because"] for row in advice.values())
    is_gone = not bad & set(left) and Severity.CRITICAL not in left.values() and Severity.ERROR not in left.values()
    return {
        "is_as_told": is_found and is_staged and is_gone,
        "run": f"{document.recipe} {','.join(document.presets)}",
        "with": document.edits,
        "cured_with": document.cured_edits,
        "causes": {cause: found or ["not found"] for cause, found in causes.items()},
        "refuted": {cause: one.why for cause, one in document.refuted.items()},
        "found": {one.id: one.severity.value for one in told.findings},
        "advice": advice,
        "staged": {path: {"new": new, "by": by, "because": why} for path, (new, by, why) in edits.items()},
        "was": {path: _value(settings, path) for path in edits},
        "gone": sorted(bad - set(left)),
        "not_assessable_after": sorted(bad & _open(well[0])),
        "left": left,
    }


def _open(found: Diagnosis) -> set[str]:
    """The kinds of finding that could not be looked for."""
    unseen = {one.id for one in found.not_assessable}
    return {kind for kind, looked_for_as in kinds_of(CHECKS).items() if looked_for_as in unseen}


def _instead(paths: tuple[str, ...], edits: dict[str, tuple[Any, str, str]]) -> str:
    made = [f"{path} = {edits[path][0]}" for path in paths if path in edits]
    return ", ".join(made) or "nothing"


def _value(settings: Any, path: str) -> Any:
    for part in path.split("."):
        settings = settings[part] if isinstance(settings, dict) else getattr(settings, part)
    return settings


def _diagnosed(run: Path) -> tuple[Diagnosis, Each]:
    """What is told, and all that was found, also what is told as another one's consequence."""
    material = material_of(scan((run,), QUIET), QUIET)
    each = [judged(material, QUIET, [check]) for check in CHECKS]
    return diagnose(scan((run,), QUIET), QUIET), {one.id: one.severity for found in each for one in found.findings}


def _words(run: Path, document: Document, epochs: int, edits: dict[str, Any]) -> list[str]:
    both = {**document.edits, **edits}
    words = [word for path, value in both.items() for word in ("--set", f"{path}={value_text(value)}")]
    end = ("--epochs", str(epochs), "--device", "cpu")
    return ["train", document.recipe, "-o", str(run), "--preset", ",".join(document.presets), *end, *words]


def _very_small(figures: Figures) -> None:
    """A run of twenty samples in this process: diagnosed, staged, and started with what was staged."""
    document = Document(
        "very_small", "slots", ("unclamped_diversity",), 2, 2, edits={**TINY_OF["slots"], "train.dump_every": 2}
    )
    folder = Path(tempfile.mkdtemp(prefix="seeds-"))
    try:
        for name, edits in (("ill", {}), ("cured", {"loss.diversity_clamp": True})):
            code, said = call(*_words(folder / name, document, 2, edits))
            assert code == 0, said
        ill = _diagnosed(folder / "ill")
        settings = settings_of("slots", presets=document.presets, edits=document.edits)
        row = table(document, settings, ill, staged(ill[0]), _diagnosed(folder / "cured"))
    finally:
        shutil.rmtree(folder)
    assert set(row["staged"]) == set(row["was"])
    figures["very_small"] = {"told": len(row["found"])}


CHECK = Check(
    name="seeds_reenacted",
    title="five write-ups of runs that went wrong: cause, finding, edit, and after",
    round=round_of,
    target_rounds=2 + len(DOCUMENTS),
    quick_rounds=1,
    keeps_rounds=True,
)
