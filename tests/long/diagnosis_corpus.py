"""Precision and recall of every finding over planted runs, real logs, and runs trained from every preset.

The seeds that thresholds may be tuned on and those kept apart are told on their own. Then one trained run a round: each
recipe's cure with three seeds, on which no error may be told, and each fault, whose findings must all come.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from inspector.diagnosis.values import Severity
from tests.conftest import SAMPLES
from tests.diagnosis.corpus import samples
from tests.diagnosis.corpus.catalogue import KEPT_APART, PLANTED, TUNED, not_planted
from tests.diagnosis.corpus.scoring import Outcome, figures_of, outcome, planted_outcome
from tests.diagnosis.corpus.trained import ALSO, HEALTHY_SEEDS, LABELS
from tests.long.fault_signs import CURE, CURED_EPOCHS, FAULTS
from tests.long.harness import Check, Figures, commit
from tests.long.trained_runs import trained

_CURES = [(recipe, CURE, seed) for seed in HEALTHY_SEEDS for recipe in CURED_EPOCHS]
_TRAINED = [*_CURES[:4], *((recipe, preset, 0) for recipe, preset in LABELS), *_CURES[4:]]


def round_of(number: int, figures: Figures) -> None:
    """Two planted runs; seeds that may be tuned on; those kept apart; real logs; a trained run a round; a verdict."""
    if number == 0:
        few = figures_of(planted_outcome(planted, TUNED[0]) for planted in (PLANTED[0], PLANTED[-1]))
        assert not few["misses"]
        assert not few["false_alarms"]
        figures["very_small"] = few["runs"]
    elif number == 1:
        figures["tuned"] = _planted(TUNED)
        figures["not_planted"] = not_planted()
    elif number == 2:
        figures["kept_apart"] = _planted(KEPT_APART)
    elif number == 3:
        figures["real_logs"] = _real_logs()
    elif number < 4 + len(_TRAINED):
        recipe, preset, seed = _TRAINED[number - 4]
        figures.setdefault("trained", {})[f"{recipe} {preset} {seed}"] = _trained(recipe, preset, seed)
    else:
        figures["of_trained"] = figures_of(_outcome(name, row) for name, row in figures["trained"].items())
        wrong = [name for name, row in figures["trained"].items() if not row["is_as_told"]]
        wrong += [*figures["tuned"]["false_alarms"], *figures["kept_apart"]["false_alarms"]]
        wrong += [*figures["real_logs"].get("false_alarms", ()), *figures["not_planted"]]
        assert not wrong, f"missed, falsely accused or not planted: {', '.join(wrong)}"


def _planted(seeds: tuple[int, ...]) -> dict[str, Any]:
    return figures_of(planted_outcome(planted, seed) for seed in seeds for planted in PLANTED)


def _real_logs() -> dict[str, Any]:
    """Nothing where the samples are not there."""
    found: list[Outcome] = []
    labels = {**dict.fromkeys(samples.HEALTHY, ""), **samples.ILL}
    for pattern, label in labels.items():
        for path in sorted(SAMPLES.glob(pattern)) if SAMPLES.is_dir() else ():
            name = str(path.relative_to(SAMPLES))
            found.append(outcome(name, path, frozenset([label] if label else [])))
    return figures_of(found)


def _trained(recipe: str, preset: str, seed: int) -> dict[str, Any]:
    """What is found in one trained run of the small size, and whether that is what must be."""
    fault = FAULTS[recipe].get(preset)
    epochs = fault.epochs if fault else CURED_EPOCHS[recipe]
    run = trained(recipe, preset, seed, epochs, fault.edits if fault else {})
    labels, also = LABELS.get((recipe, preset), ()), ALSO.get((recipe, preset), ())
    found = outcome(f"{recipe} {preset} {seed}", run.folder, frozenset(labels), frozenset(also))
    return {
        "is_as_told": not found.missed and not found.false_alarms,
        "labels": list(labels),
        "found": sorted(found.found),
        "told": {id_: severity.value for id_, severity in found.told.items()},
        "may": list(also),
        "epochs": epochs,
        "cpu_s": run.cpu_s,
        "commit": commit(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }


def _outcome(run: str, row: dict[str, Any]) -> Outcome:
    """A trained run's outcome from what its round kept."""
    told = {id_: Severity(severity) for id_, severity in row["told"].items()}
    return Outcome(run, frozenset(row["labels"]), frozenset(row["may"]), frozenset(row["found"]), told)


CHECK = Check(
    name="diagnosis_corpus",
    title="precision and recall of every finding over planted, real and trained runs",
    round=round_of,
    target_rounds=5 + len(_TRAINED),
    quick_rounds=1,
    keeps_rounds=True,
)
