"""Dead outputs: worked by hand from the upper quartile of the norms that are there."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector.analysis.dead_outputs import dead_outputs


@pytest.mark.parametrize(
    ("norms", "dead"),
    [
        # zeros are left out
        ([1.0, 2.0, 3.0, 0.0], (3,)),
        # 4 is the upper of three: the limit is 4e-4
        ([1e-4, 2.0, 4.0], (0,)),
        ([5e-4, 2.0, 4.0], ()),
        # a quarter of four lies above 4 and more than a quarter from 4 on: of the upper three the least is 8
        ([2.0, 4.0, 7.9e-4, 8.0, 0.0], (2, 4)),
        ([2.0, 4.0, 9e-4, 8.0, 0.0], (4,)),
        # most of a layer may be dead
        ([1e-7, 2e-7, 1e-7, 3e-7, 1e-7, 2e-7, 3.0, 2.0], (0, 1, 2, 3, 4, 5)),
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
def test_outputs_are_dead_up_to_a_share_of_the_usual_norm(norms: list[float], dead: tuple[int, ...]) -> None:
    assert dead_outputs(np.array(norms)) == dead
