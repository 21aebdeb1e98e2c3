"""Promise 11: following a run ends where reading it anew does; 2,000 sequences stand in `tests/long`."""

from __future__ import annotations

from hypothesis import settings

from tests.runs.log_machine import FollowedRunMachine

TestFollowing = FollowedRunMachine.TestCase
TestFollowing.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
