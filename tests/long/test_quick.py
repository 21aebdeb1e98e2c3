"""A quick form of every long check, so that none rots."""

from __future__ import annotations

import pytest

from tests.long.catalogue import CHECKS
from tests.long.harness import Figures


@pytest.mark.parametrize("name", [name for name, check in CHECKS.items() if check.quick_rounds])
def test_the_first_rounds_hold(name: str) -> None:
    check = CHECKS[name]
    if check.skip():
        pytest.skip(check.skip())
    figures: Figures = {}
    for number in range(check.quick_rounds):
        check.round(number, figures)
    assert figures
