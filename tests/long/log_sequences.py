"""Promise 11: 2,000 sequences of what writers do to logs, each followed view compared with a fresh one."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.long.harness import Check, Figures
from tests.runs.log_machine import FollowedRun, FollowedRunMachine

_SEQUENCES_A_ROUND = 20


def _round(number: int, figures: Figures) -> None:
    before = FollowedRun.made, FollowedRun.looks
    run_state_machine_as_test(
        seed(number)(FollowedRunMachine),
        settings=settings(
            max_examples=_SEQUENCES_A_ROUND,
            stateful_step_count=14,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    figures["sequences"] = figures.get("sequences", 0) + FollowedRun.made - before[0]
    figures["comparisons"] = figures.get("comparisons", 0) + FollowedRun.looks - before[1]
    figures["differences"] = 0


CHECK = Check(
    name="log_sequences",
    title="Logs appended to, cut, rotated, rewritten, replaced and resumed: followed views that differ from fresh ones",
    round=_round,
    target_rounds=100,
    quick_rounds=1,
)
