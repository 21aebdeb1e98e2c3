"""Every preset of the recipes that is a fault fails as it says, and each cure does not: one preset a round.

Each is trained in its small size on one thread by the trainer itself, for no longer than three minutes of one core
should take. Rounds are kept across commits, each with its own; a whole table starts over at another commit.
"""

from __future__ import annotations

import datetime as dt
import math
import shutil
import tempfile
from pathlib import Path
from typing import Any

from inspector.formats.metrics import decode_record
from inspector.formats.recipes.catalogue import RECIPES, settings_of
from inspector.formats.run_folder import METRICS_FILE
from tests.long.fault_signs import CURE, CURED_EPOCHS, FAULTS, Curves, Fault
from tests.long.harness import Check, Figures, commit
from tests.long.trained_runs import trained
from tests.training.runs import TINY_OF, call

CAP_CPU_S = 180
"""A fault shows within three minutes of one core."""

ROUNDS = [(recipe, preset) for recipe, faults in FAULTS.items() for preset in (*faults, CURE)]

_SELDOM = {"train.dump_every": 100_000, "train.checkpoint_every": 100_000}


def round_of(number: int, figures: Figures) -> None:
    """First a very small run through the whole way; then a preset a round; then that every one was as it says."""
    left = [one for one in ROUNDS if " ".join(one) not in figures]
    if number == 0:
        _very_small(figures)
    elif number <= len(ROUNDS) and left:
        recipe, preset = left[0]
        figures[f"{recipe} {preset}"] = _told(recipe, preset)
    else:
        wrong = [" ".join(one) for one in ROUNDS if one in left or not figures[" ".join(one)]["is_as_told"]]
        assert not wrong, f"not as they say, or not trained: {', '.join(wrong)}"


def shown(fault: Fault, curves: Curves) -> tuple[bool, dict[str, Any]]:
    """Whether a run shows all signs of a fault, and each figure beside its limit and the one it stands for."""
    found: dict[str, Any] = {}
    for sign in fault.signs:
        value = sign.measure(curves)
        found[sign.sentence] = {
            "value": round(value, 4),
            f"ill_{sign.worse}": sign.limit,
            **({"reported": sign.seed} if sign.seed else {}),
        }
        found[sign.sentence]["is_shown"] = sign.is_shown(value)
    return all(one["is_shown"] for one in found.values()), found


def _told(recipe: str, preset: str) -> dict[str, Any]:
    """What training one preset showed, and whether that is what is said of it."""
    faults = FAULTS[recipe]
    fault = faults.get(preset, Fault((), CURED_EPOCHS[recipe]))
    settings = settings_of(recipe, presets=[preset], edits=fault.edits)
    curves, cpu_s = _trained(recipe, preset, fault, settings)
    if preset == CURE:
        seen = {name: shown(one, curves) for name, one in faults.items()}
        signs: dict[str, Any] = {name: one for name, (_, one) in seen.items()}
        is_known = all(math.isfinite(sign["value"]) for one in signs.values() for sign in one.values())
        is_as_told = is_known and not any(is_shown for is_shown, _ in seen.values())
    else:
        is_as_told, signs = shown(fault, curves)
    return {
        "is_as_told": is_as_told,
        "says": RECIPES[recipe].presets[preset].sentence,
        "signs": signs,
        "scaled_down": {"epochs": f"{fault.epochs} of {settings.schedule.epochs}", **fault.edits},
        "steps": curves.records[-1]["step"],
        "cpu_s": cpu_s,
        "is_within_cap": cpu_s <= CAP_CPU_S,
        "commit": commit(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }


def _trained(recipe: str, preset: str, fault: Fault, settings: Any) -> tuple[Curves, float]:
    """A run of the small size by a trainer of its own, and the CPU seconds that it took."""
    run = trained(recipe, preset, settings.train.seed, fault.epochs, fault.edits)
    return _curves(run.folder, settings), run.cpu_s


def _words(run: Path, recipe: str, preset: str, fault: Fault) -> list[str]:
    edits = {**_SELDOM, **fault.edits}
    words = [word for path, value in edits.items() for word in ("--set", f"{path}={value}")]
    end = ("--epochs", str(fault.epochs), "--device", "cpu")
    return ["train", recipe, "-o", str(run), "--preset", preset, *end, *words]


def _curves(run: Path, settings: Any) -> Curves:
    return Curves([decode_record(line) for line in (run / METRICS_FILE).read_bytes().splitlines()], settings)


def _very_small(figures: Figures) -> None:
    """A fault and its cure, twenty samples each, told apart in this process."""
    name = "wrong_softmax_axis"
    fault = Fault(FAULTS["slots"][name].signs, 1, {**TINY_OF["slots"], "schedule.warmup_epochs": 0})
    seen: dict[str, bool] = {}
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        for preset in (CURE, name):
            settings = settings_of("slots", presets=[preset], edits=fault.edits)
            code, said = call(*_words(folder / preset, "slots", preset, fault))
            assert code == 0, said
            seen[preset], _ = shown(fault, _curves(folder / preset, settings))
    finally:
        shutil.rmtree(folder)
    assert seen == {CURE: False, name: True}, seen
    figures["very_small"] = {f"{preset}_shows_{name}": is_shown for preset, is_shown in seen.items()}


CHECK = Check(
    name="faults",
    title="every fault preset fails as it says, and each cure does not",
    round=round_of,
    target_rounds=2 + len(ROUNDS),
    quick_rounds=1,
    keeps_rounds=True,
)
