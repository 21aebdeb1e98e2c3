"""Precision and recall of every finding over planted runs, real logs, and runs trained from every preset.

The seeds that thresholds may be tuned on and those kept apart are told on their own. Then one trained run a round: each
recipe's cure with three seeds, on which no error may be told, and each fault, of which its finding must come.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.conftest import SAMPLES
from tests.diagnosis.corpus import samples
from tests.diagnosis.corpus.catalogue import KEPT_APART, PLANTED, TUNED, not_planted
from tests.diagnosis.corpus.scoring import Outcome, figures_of, outcome, planted_outcome, share
from tests.diagnosis.corpus.trained import HEALTHY_SEEDS, LABELS, rightly
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
        figures["trained_findings"] = _by_finding(figures["trained"])
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
    wanted = LABELS.get((recipe, preset), ())
    found = outcome(f"{recipe} {preset} {seed}", run.folder, frozenset(), rightly(recipe, preset))
    return {
        "is_as_told": (not wanted or bool(found.found & set(wanted))) and not found.false_alarms,
        "one_of": list(wanted),
        "found": sorted(found.found),
        "told": {id_: severity.value for id_, severity in found.told.items()},
        "falsely": sorted(found.false_alarms),
        "epochs": epochs,
        "cpu_s": run.cpu_s,
        "commit": commit(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }


def _by_finding(rows: dict[str, Any]) -> dict[str, Any]:
    """Of each kind, over trained runs: where it is a preset's only label, where it is found; errors, and right ones."""
    ids = sorted({id_ for row in rows.values() for id_ in (*row["one_of"], *row["told"])})
    table: dict[str, Any] = {}
    for id_ in ids:
        alone = [row for row in rows.values() if row["one_of"] == [id_]]
        alarmed = [row for row in rows.values() if row["told"].get(id_) in ("error", "critical")]
        table[id_] = {
            "only_label_of": len(alone),
            "recall": share(sum(id_ in row["found"] for row in alone), len(alone)),
            "errors": len(alarmed),
            "precision": share(sum(id_ not in row["falsely"] for row in alarmed), len(alarmed)),
            "milder": sum(row["told"].get(id_) in ("info", "warning") for row in rows.values()),
        }
    return table


CHECK = Check(
    name="diagnosis_corpus",
    title="precision and recall of every finding over planted, real and trained runs",
    round=round_of,
    target_rounds=5 + len(_TRAINED),
    quick_rounds=1,
    keeps_rounds=True,
)
