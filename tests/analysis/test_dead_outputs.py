"""Dead outputs: worked by hand from the median of the norms that are there."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector.analysis.dead_outputs import dead_outputs


@pytest.mark.parametrize(
    ("norms", "dead"),
    [
        # zeros are left out of the median
        ([1.0, 2.0, 3.0, 0.0], (3,)),
        # 2 is the median of both: the limit is 2e-4
        ([1e-4, 2.0, 4.0], (0,)),
        ([3e-4, 2.0, 4.0], ()),
        # the median of four is the middle of 2 and 4: the limit is 3e-4
        ([2.0, 4.0, 2.9e-4, 8.0, 0.0], (2, 4)),
        ([2.0, 4.0, 4e-4, 8.0, 0.0], (4,)),
        # the whole layer may be small
        ([1e-9, 2e-9, 1e-14], (2,)),
        # nothing is left to compare with
        ([0.0, 0.0], ()),
        ([], ()),
        # what is not finite is no measure, and not dead
        ([math.nan, 0.0, 1.0, math.inf], (1,)),
        ([math.nan, math.inf, 0.0], ()),
    ],
)
def test_outputs_are_dead_up_to_a_share_of_the_median_norm(norms: list[float], dead: tuple[int, ...]) -> None:
    assert dead_outputs(np.array(norms)) == dead
