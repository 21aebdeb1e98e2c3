"""Modules that get no gradient, by two witnesses: the newest checkpoint's optimizer, and the logged norms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import listed
from inspector.diagnosis.checkpoint_values import Flow
from inspector.diagnosis.checkpoints.gradient_health import NONE, check_none
from inspector.diagnosis.checkpoints.newest_checkpoint import flow_of, newest
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.gradients.norm_curves import is_ours, norm_tags, of_modules
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import CurveEvidence, Finding, NotAssessable, Severity, Sureness
from inspector.formats.series import Series
from inspector.runs.rising import finite

ZERO = "is 0 in every record"
"""How the evidence of a gradient of zero ends; one that is lacking ends otherwise."""
LACKING = "is NaN in every record: no weight had a gradient"

_LISTED = 4
_WORDS = {"lacking": LACKING, "zero": ZERO}
_REACHED: frozenset[Flow] = frozenset({"flowing", "partly"})
_LOST: frozenset[Flow] = frozenset({"disconnected", "never"})


class Silent(NamedTuple):
    """A module without a gradient by the log; `lacking` where no weight had one, `zero` where all were zero."""

    module: str
    tag: str
    kind: Literal["lacking", "zero"]
    records: int
    steps: tuple[float, float]

    @property
    def evidence(self) -> CurveEvidence:
        """All of its curve."""
        first, last = self.steps
        text = f"{shown(self.tag)} {_WORDS[self.kind]}"
        return CurveEvidence(series=self.tag, first_step=first, last_step=last, text=text)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """What the optimizer keeps of each module, and what was logged of it (rules S1.04, S1.10, S1.15)."""
    found = _by_both(material, pulse)
    if not isinstance(found, Finding) or found.id != NONE.id:
        return found
    reason = "What is cut off from the loss learns as soon as it is connected; it need not go (S1.04, S1.15)"
    joined = edit(material, "model.detach_modules", new=False, reason=reason)
    return msgspec.structs.replace(found, cures=(*found.cures, *cure("Connect the modules to the loss", joined)))


def _by_both(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    told = check_none(material, pulse)
    silent = silent_modules(material)
    if not silent:
        return None if isinstance(told, NotAssessable) and of_modules(material) else told
    flows = _flows(material, pulse)
    kept = {one: _of(flows, one.module) for one in silent}
    # A module that the optimizer keeps gradients of was off in the logged steps only.
    alone = [one for one, flow in kept.items() if not flow & (_REACHED | _LOST)]
    agreed = [one for one, flow in kept.items() if flow and flow <= _LOST]
    if isinstance(told, Finding) and told.id == NONE.id and (agreed or alone):
        return _joined(told, agreed, alone)
    return _logged(material, [*agreed, *alone]) if agreed or alone else told


def silent_modules(material: Material) -> list[Silent]:
    """Modules whose logged gradient was zero, or not there, in every record; frozen ones are not logged."""
    least = material.thresholds.silent_records
    whole = material.curves.get(norm_tags(material.curves).get("", ""))
    found = []
    for module, tag in of_modules(material).items():
        one = material.curves[tag]
        values = finite(one).values
        if len(values) >= least and not values.any():
            found.append(_silent(module, one, "zero"))
        elif not len(values) and whole is not None and _is_lacking(material, one, whole, least):
            found.append(_silent(module, one, "lacking"))
    return found


def _silent(module: str, one: Series, kind: Literal["lacking", "zero"]) -> Silent:
    return Silent(module, one.tag, kind, len(one.values), (float(one.steps[0]), float(one.steps[-1])))


def _is_lacking(material: Material, one: Series, whole: Series, least: int) -> bool:
    """Whether NaN means that there was no gradient: the whole gradient was a number in the same records.

    Where parts of the model take turns, both turns must have been logged.
    """
    if not is_ours(material):
        return False
    steps = finite(whole).steps
    steps = steps[np.isin(steps, one.steps)]
    length = material.number("loss.alternate_steps") or 0.0
    turns = set((steps - 1) // length % 2) if length >= 1 else {0.0, 1.0}
    return len(steps) >= least and len(turns) == 2


def _flows(material: Material, pulse: Pulse) -> Mapping[str, Flow]:
    """What the newest checkpoint tells of each module; empty where it tells nothing."""
    one = newest(material, pulse)
    return {} if isinstance(one, str) else {each.module: each.flow for each in flow_of(one, pulse).modules}


def _of(flows: Mapping[str, Flow], module: str) -> set[Flow]:
    return {flow for path, flow in flows.items() if path == module or path.startswith(f"{module}.")}


def _joined(told: Finding, agreed: list[Silent], alone: list[Silent]) -> Finding:
    """The checkpoint's finding with the log as a second witness."""
    texts = [f"the log says the same of {_names(agreed)}, {_records(agreed)}"] if agreed else []
    texts += [f"by the log {_names(alone)} got none either, {_records(alone)}"] if alone else []
    firsts = [one.steps[0] for one in (*agreed, *alone)]
    since = min(firsts) if told.since_step is None else min(*firsts, told.since_step)
    return msgspec.structs.replace(
        told,
        summary="; ".join((told.summary, *texts)),
        severity=Severity.ERROR if agreed else told.severity,
        sureness=Sureness.CERTAIN if agreed else told.sureness,
        since_step=since,
        since_epoch=None,
        evidence=(*told.evidence, *(one.evidence for one in (*agreed, *alone))),
    )


def _logged(material: Material, silent: list[Silent]) -> Finding:
    """What the log tells alone."""
    since = min(one.steps[0] for one in silent)
    count = len(silent)
    return NONE.finding(
        title=f"{count} module{'s get' if count > 1 else ' gets'} no gradient",
        summary=f"By the log {_names(silent)} got none, {_records(silent)}",
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=since,
        since_epoch=material.epoch_at(since),
        evidence=tuple(one.evidence for one in silent),
        source=f"{NONE.source}; logged L2 norms",
    )


def _names(silent: list[Silent]) -> str:
    return listed([shown(one.module) for one in silent], _LISTED)


def _records(silent: list[Silent]) -> str:
    kinds = {one.kind for one in silent}
    what = "NaN or 0" if len(kinds) > 1 else "NaN" if "lacking" in kinds else "0"
    return f"{what} in all of {max(one.records for one in silent):,} records"
