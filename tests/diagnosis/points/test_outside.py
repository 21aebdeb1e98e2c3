"""Predictions beyond the edges of their images are told with how many there are, and whether a clamp holds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.diagnosis.points.outside import ABOUT
from inspector.diagnosis.values import PointEvidence, Severity
from tests.diagnosis.folders import diagnosed, finding, write_dump

SAMPLES, SIDE = 100, 200


def write(folder: Path, out: int, reach: float) -> None:
    """Objects anywhere, predictions 5 px off; the x of the first so many at a coordinate, left and right in turn."""
    draw = np.random.default_rng(0)
    truth = draw.uniform(10, SIDE - 10, (SAMPLES, 2))
    predicted = truth + draw.normal(0, 5, (SAMPLES, 2))
    predicted[:out, 0] = (np.resize([-reach, reach], out) + 1) / 2 * SIDE - 0.5
    sizes = np.full((SAMPLES, 2), float(SIDE))
    write_dump(folder / "step_0000500.h5", 500, {"gt/points": truth, "pred/points": predicted, "samples/size": sizes})


@pytest.mark.parametrize(
    ("out", "reach", "severity"),
    [(0, 1.0, None), (8, 1.4, None), (14, 1.4, Severity.INFO), (14, 2.0, Severity.WARNING), (14, 1.0, None)],
)
def test_of_the_coordinates_more_than_a_twentieth_outside_are_told(
    tmp_path: Path, out: int, reach: float, severity: Severity | None
) -> None:
    """14 of 200 coordinates are 7%; 8 are 4%, and those on the edge are not outside."""
    write(tmp_path, out, reach)
    found = next((one for one in diagnosed(tmp_path).findings if one.id == ABOUT.id), None)
    assert (None if found is None else found.severity) == severity


def test_the_share_is_given_and_the_farthest_sample(tmp_path: Path) -> None:
    write(tmp_path, 14, 2.0)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.summary.startswith("7.0% of predicted coordinates lie beyond −1..1; 7.0% reach 2 and more, over 100 ")
    (evidence,) = found.evidence
    assert isinstance(evidence, PointEvidence)
    assert evidence.sample < 14
