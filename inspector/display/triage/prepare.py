"""From a run and its diagnosis to the run in ten seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.diagnosis.engine import diagnose, diagnose_until
from inspector.diagnosis.kept import Kept, kept_of, material_kept
from inspector.diagnosis.material import Material, material_of
from inspector.diagnosis.values import together
from inspector.display.triage.against_parent import against_parent
from inspector.display.triage.numbers import key_numbers
from inspector.display.triage.rows import finding_rows, not_assessable_rows, passed_rows
from inspector.display.triage.scene import TriageAsk, TriageScene
from inspector.display.triage.settings_against import against_known_good
from inspector.display.triage.verdict import Told, looking, verdict
from inspector.runs.placing import moment_text
from inspector.runs.scan import scan


def prepare(ask: TriageAsk, pulse: Pulse) -> TriageScene:
    """The verdict, the numbers that matter, and every finding with its evidence, of the whole run or of a moment.

    A reader keeps its run and the last diagnosis of it; while there is none, the scene says so. Asked where nothing is
    kept, the run is read and diagnosed, and kept.

    Raises:
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("triage"))
    kept = kept_of(ask.key) or _read(ask, pulse)
    diagnosis = kept.diagnosis
    if diagnosis is None or not diagnosis.complete or kept.run.unread_bytes:
        told = looking(kept.run)
        material = material_of(kept.run, pulse.within(0.0)) if diagnosis else Material(kept.run, {})
        found = finding_rows(material, diagnosis, ask, pulse) if diagnosis else ()
        return _scene(material, told, looking=True, findings=found)
    material = material_kept(kept.run, pulse)
    step, moment = ask.until_step, ""
    if step is not None:
        material, diagnosis = material.until(step), diagnose_until(kept.run, step, pulse)
        moment = moment_text(kept.run.moments, step)
    diagnosis = together(diagnosis, ask.own)
    open_findings = [one for one in diagnosis.findings if one.id not in ask.dismissed]
    told = verdict(material, diagnosis, open_findings, moment=bool(moment))
    return _scene(
        material,
        told,
        looking=False,
        moment=moment,
        numbers=key_numbers(material, open_findings),
        findings=finding_rows(material, diagnosis, ask, pulse),
        not_assessable=not_assessable_rows(diagnosis),
        passed=passed_rows(diagnosis),
        parent=against_parent(material.run, diagnosis, ask.before),
    )


def _scene(material: Material, told: Told, **particulars: Any) -> TriageScene:
    """The scene with its verdict and settings; `particulars` are its other fields."""
    return TriageScene(
        headline=told.headline,
        sentence=told.sentence,
        tone=told.tone,
        against=against_known_good(material.run),
        sheet=material.run.settings,
        **particulars,
    )


def _read(ask: TriageAsk, pulse: Pulse) -> Kept:
    run = scan([Path(path) for path in ask.paths], pulse)
    if run.unread_bytes:
        return Kept(run)
    return Kept(run, diagnose(run, pulse))
