"""The run that this process reads, what was read of it and found in it: who draws findings looks for nothing again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inspector.core.pulse import Pulse
from inspector.diagnosis.material import Material, material_of
from inspector.diagnosis.values import Diagnosis
from inspector.runs.values import Run


@dataclass(frozen=True, slots=True)
class Kept:
    """A run as last read.

    Attributes:
        diagnosis: the last one, of the run as it was then; None until there is one.
        material: what was last read of the run as it is, None until then.
        until: what was last found at a step: the list beside the views and the triage view both ask for it.
    """

    run: Run
    diagnosis: Diagnosis | None = None
    material: Material | None = None
    until: tuple[float, Diagnosis] | None = None


_kept: dict[str, Kept] = {}


def keep_run(run: Run) -> None:
    """Keep a run as it is now; the diagnosis of what it was stays until there is another."""
    before = _kept.get(run.key)
    _keep(Kept(run, before.diagnosis if before else None))


def keep_diagnosis(run: Run, diagnosis: Diagnosis) -> None:
    """Keep a run with what was found in it."""
    _keep(replace(_of(run), diagnosis=diagnosis))


def keep_until(run: Run, step: float, diagnosis: Diagnosis) -> None:
    """Keep what had been found in a run by a step; one of them is kept."""
    _keep(replace(_of(run), until=(step, diagnosis)))


def kept_of(key: str) -> Kept | None:
    """What is kept of a run, None where nothing is."""
    return _kept.get(key)


def found_until(run: Run, step: float) -> Diagnosis | None:
    """What had been found in a run by a step, None where that is not kept."""
    until = _of(run).until
    return until[1] if until is not None and until[0] == step else None


def material_anew(run: Run, pulse: Pulse) -> Material:
    """What there is to read of a run now; it is kept.

    Raises:
        WorkCancelled: the pulse says so.
    """
    material = material_of(run, pulse)
    _keep(replace(_of(run), material=material, until=None))
    return material


def material_kept(run: Run, pulse: Pulse) -> Material:
    """What was read of a run: of one that did not change nothing is read again.

    Raises:
        WorkCancelled: the pulse says so.
    """
    return _of(run).material or material_anew(run, pulse)


def _of(run: Run) -> Kept:
    """What is kept of this very run; of the same run as it was, the diagnosis alone."""
    known = _kept.get(run.key)
    if known is None:
        return Kept(run)
    return known if known.run is run else Kept(run, known.diagnosis)


def _keep(one: Kept) -> None:
    _kept.clear()  # a process reads one run
    _kept[one.run.key] = one
