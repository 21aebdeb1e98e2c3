"""Small run folders for the checks: a metric record, settings, checkpoints that torch writes, dumps by h5py."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from inspector.core.pulse import QUIET, Pulse
from inspector.diagnosis.check import About, Answer
from inspector.diagnosis.engine import CHECKS, diagnose
from inspector.diagnosis.material import Material, material_of
from inspector.diagnosis.values import Diagnosis, Finding, NotAssessable
from inspector.formats.metrics import encode_record
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.run_folder import METRICS_FILE, RUN_FILE, SETTINGS_FILE, RunRecord
from inspector.runs.scan import scan

STEPS_PER_EPOCH = 125
"""Of the recipe's small size: 4,000 scenes in batches of 32."""


def write_metrics(folder: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """metrics.jsonl, with `epoch` by the recipe's steps where a record names none."""
    lines = [
        encode_record({"step": record["step"], "epoch": record["step"] / STEPS_PER_EPOCH, **record})
        for record in records
    ]
    (folder / METRICS_FILE).write_bytes(b"\n".join(lines) + b"\n")


def write_own(folder: Path, *presets: str, best: str | None = None, recipe: str = "slots", **edits: Any) -> None:
    """run.json and settings.json as the trainer writes them; edits with `__` for the dot."""
    record = RunRecord(id="a", name="a", recipe=recipe, seed=0, host="h", started=0.0, status="finished", best=best)
    (folder / RUN_FILE).write_bytes(to_json(record))
    changes = {path.replace("__", "."): value for path, value in edits.items()}
    (folder / SETTINGS_FILE).write_bytes(to_json(settings_of(recipe, presets=presets, edits=changes)))


def write_curves(folder: Path, steps: Iterable[int], **curves: Callable[[int], float]) -> None:
    """A metric record whose tags are `train__loss` for `train/loss`; each value is a function of the step."""
    named = {name.replace("__", "/"): value for name, value in curves.items()}
    write_metrics(folder, [{"step": step, **{tag: value(step) for tag, value in named.items()}} for step in steps])


def kind(id_: str, title: str) -> About:
    """A kind of finding of which only the name matters."""
    texts = dict.fromkeys(("symptom", "definition", "why", "confirm", "false_alarm", "cure", "source"), "x")
    return About(id=id_, title=title, rules=(), **texts)


def diagnosed(folder: Path) -> Diagnosis:
    """Everything that was found in a folder; each by a kind that is written down."""
    found = diagnose(scan((folder,), QUIET), QUIET)
    known = {about.id for check in CHECKS for about in check.abouts}
    assert {one.id for one in (*found.findings, *found.not_assessable)} <= known
    return found


def finding(folder: Path, *wanted: str) -> Finding | None:
    """The worst finding of these kinds, None where the check looked and found nothing.

    Fails where it could not be assessed.
    """
    found = diagnosed(folder)
    open_questions = [one.because for one in found.not_assessable if one.id in wanted]
    assert not open_questions, open_questions
    return next((one for one in found.findings if one.id in wanted), None)


def found_by(check: Callable[[Material, Pulse], Answer], folder: Path) -> Finding:
    """What one check finds in a folder, with its edits also where they are not offered for want of anything worse."""
    found = check(material_of(scan((folder,), QUIET), QUIET), QUIET)
    assert isinstance(found, Finding)
    return found


def open_question(folder: Path, wanted: str) -> NotAssessable:
    """Why a check could not be made."""
    found = diagnosed(folder)
    assert wanted not in [one.id for one in found.findings]
    return next(one for one in found.not_assessable if one.id == wanted)


def texts_of(found: Diagnosis) -> list[str]:
    """Every sentence of a diagnosis."""
    texts = [one.because for one in found.not_assessable]
    for one in found.findings:
        texts += [one.title, one.summary, one.why, one.confirm, one.false_alarm, one.baseline, one.source]
        texts += [evidence.text for evidence in one.evidence]
        texts += [edit.reason for cure in one.cures for edit in cure.edits]
    return texts


def cured_paths(found: Diagnosis | Finding) -> set[str]:
    """Every setting that a cure would change."""
    findings = found.findings if isinstance(found, Diagnosis) else (found,)
    return {edit.path for one in findings for cure in one.cures for edit in cure.edits}


def cosine(step: int, *, base: float, total: int) -> float:
    """A cosine from base to 0 over so many steps, by its definition."""
    return base * (1 + math.cos(math.pi * min(step, total) / total)) / 2


def write_dump(path: Path, step: int, datasets: Mapping[str, Any], **attributes: Mapping[str, Any]) -> None:
    """An HDF5 dump of `ri-dump/1`; attributes by path with `__` for the slash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        samples = len(next(iter(datasets.values())))
        file.attrs.update(format="ri-dump", version=1, step=step, epoch=step / STEPS_PER_EPOCH, complete=True)
        file.attrs["n_samples"] = samples
        for name, values in datasets.items():
            array = np.asarray(values)
            made = file.create_dataset(name, data=array)
            made.attrs.update(attributes.get(name.replace("/", "__"), {}))
