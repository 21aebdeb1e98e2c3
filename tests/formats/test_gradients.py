"""What the length of a gradient says, at and beside the bounds that the rules name."""

from __future__ import annotations

import math

import pytest

from inspector.formats.gradients import gradient_class


@pytest.mark.parametrize(
    ("norm", "kind"),
    [(math.nan, "none"), (0.0, "zero"), (9e-5, "vanishing"), (1e-4, "fine"), (1000.0, "fine"), (1001.0, "exploding"),
     (math.inf, "exploding")],
)  # fmt: skip
def test_a_gradient_is_classed_by_its_length(norm, kind):
    assert gradient_class(norm) == kind
