"""Five write-ups of runs that went wrong, made again: what they name is found, what they advise is staged or bettered.

A round is one write-up: its faulty run is trained in the small size and diagnosed, the first cure of each finding is
staged, worst finding first, the run is started anew with these edits, and diagnosed again.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from inspector.core.pulse import QUIET
from inspector.diagnosis.engine import CHECKS, diagnose, judged
from inspector.diagnosis.material import material_of
from inspector.diagnosis.values import Diagnosis, Severity
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.setting_values import value_text
from inspector.runs.scan import scan
from tests.long.harness import Check, Figures, commit
from tests.long.seed_documents import DOCUMENTS, Document
from tests.training.runs import TINY_OF, call

_BAD = Severity.WARNING.rank


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
    folder, before = Path(tempfile.mkdtemp(prefix="seeds-")), os.times()
    try:
        _train(folder / "ill", document, document.epochs, {})
        ill, named = _diagnosed(folder / "ill")
        edits = staged(ill, frozenset(id_ for ids in document.causes.values() for id_ in ids))
        anew = {**document.cured_edits, **{path: new for path, (new, _, _) in edits.items()}}
        _train(folder / "cured", document, document.cured_epochs, anew)
        well, _ = _diagnosed(folder / "cured")
    finally:
        shutil.rmtree(folder)
    after = os.times()
    settings = settings_of(document.recipe, presets=document.presets, edits=document.edits)
    return {**table(document, settings, (ill, named), edits, well), **_made(before, after, document)}


def table(
    document: Document,
    settings: Any,
    ill: tuple[Diagnosis, set[str]],
    edits: dict[str, tuple[Any, str, str]],
    well: Diagnosis,
) -> dict[str, Any]:
    """One write-up's row: causes beside findings, advice beside edits, and what is left after them."""
    told, named = ill
    causes = {cause: sorted(named & set(ids)) for cause, ids in document.causes.items()}
    advice = {}
    for one in document.advice:
        new, finding, reason = edits.get(one.path, (None, "", ""))
        advice[f"{one.path} = {one.value}"] = {
            "staged": f"{one.path} = {new}" if finding else _instead(one.instead, edits),
            "by": finding,
            "because": one.why or reason,
        }
    bad = {one.id for one in told.findings if one.severity.rank >= _BAD}
    left = {one.id: one.severity.value for one in well.findings if one.severity.rank >= _BAD}
    is_found = all(causes.values())
    is_gone = not bad & set(left) and Severity.CRITICAL not in left.values() and Severity.ERROR not in left.values()
    return {
        "is_as_told": is_found and is_gone,
        "run": f"{document.recipe} {','.join(document.presets)}",
        "causes": {cause: found or ["not found"] for cause, found in causes.items()},
        "found": {one.id: one.severity.value for one in told.findings},
        "advice": advice,
        "staged": {path: {"new": new, "by": by, "because": why} for path, (new, by, why) in edits.items()},
        "was": {path: _value(settings, path) for path in edits},
        "gone": sorted(bad - set(left)),
        "left": left,
    }


def _instead(paths: tuple[str, ...], edits: dict[str, tuple[Any, str, str]]) -> str:
    made = [f"{path} = {edits[path][0]}" for path in paths if path in edits]
    return ", ".join(made) or "nothing"


def _value(settings: Any, path: str) -> Any:
    for part in path.split("."):
        settings = settings[part] if isinstance(settings, dict) else getattr(settings, part)
    return settings


def _diagnosed(run: Path) -> tuple[Diagnosis, set[str]]:
    """What is told, and the ids of all that was found, also of what is told as another one's consequence."""
    material = material_of(scan((run,), QUIET), QUIET)
    each = [judged(material, QUIET, [check]) for check in CHECKS]
    return diagnose(scan((run,), QUIET), QUIET), {one.id for found in each for one in found.findings}


def _words(run: Path, document: Document, epochs: int, edits: dict[str, Any]) -> list[str]:
    both = {**document.edits, **edits}
    words = [word for path, value in both.items() for word in ("--set", f"{path}={value_text(value)}")]
    end = ("--epochs", str(epochs), "--device", "cpu")
    return ["train", document.recipe, "-o", str(run), "--preset", ",".join(document.presets), *end, *words]


def _train(run: Path, document: Document, epochs: int, edits: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "inspector.training", *_words(run, document, epochs, edits)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "Diverged" in done.stdout + done.stderr, done.stderr


def _made(before: os.times_result, after: os.times_result, document: Document) -> dict[str, Any]:
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return {
        "epochs": f"{document.epochs}, cured {document.cured_epochs}",
        "cpu_s": round(cpu_s),
        "commit": commit(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }


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
        ill, named = _diagnosed(folder / "ill")
        settings = settings_of("slots", presets=document.presets, edits=document.edits)
        row = table(document, settings, (ill, named), staged(ill), _diagnosed(folder / "cured")[0])
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
