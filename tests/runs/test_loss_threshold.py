"""The threshold of a loss is found among the settings, and 0.3 is 57.6 of 384 pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inspector.runs.loss_threshold import LossThreshold, loss_threshold, threshold_px
from inspector.runs.values import Run, SettingsSheet


def run(**values: Any) -> Run:
    named = {path.replace("__", "."): value for path, value in values.items()}
    return Run(key="r", name="r", root="/r", paths=("/r",), settings=SettingsSheet(values=named))


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"loss__funnel_threshold": 0.3}, LossThreshold(value=0.3, setting="loss.funnel_threshold")),
        ({"funnel_threshold": "0.3"}, LossThreshold(value=0.3, setting="funnel_threshold")),
        ({"train__Loss__threshold": 1}, LossThreshold(value=1.0, setting="train.Loss.threshold")),
        ({"loss__huber__delta": 0.1}, LossThreshold(value=0.1, form="huber", setting="loss.huber.delta")),
        (
            {"huber_delta": 1.0, "coord-threshold": 0.2, "funnel_threshold": 0.1},
            LossThreshold(value=0.1, setting="funnel_threshold"),
        ),
        (
            {"a__funnel_threshold": 20, "b__funnel_threshold": 0.2},
            LossThreshold(value=0.2, setting="b.funnel_threshold"),
        ),
    ],
)
def test_usual_names_are_found_and_those_of_the_funnel_first(values: dict[str, Any], found: LossThreshold) -> None:
    assert loss_threshold(run(**values)) == found


@pytest.mark.parametrize(
    "value", [0, -0.3, 20, True, None, "none", float("nan"), float("inf"), [0.3], "0" * 5000, 10**400, {}]
)
def test_what_cannot_be_a_threshold_is_none(value: Any) -> None:
    assert loss_threshold(run(funnel_threshold=value)) is None


@pytest.mark.parametrize(("coord", "form"), [("funnel", "funnel"), ("huber", "huber"), ("other", "funnel")])
def test_the_form_is_that_of_the_setting_beside_it(coord: str, form: str) -> None:
    found = loss_threshold(run(loss__funnel_threshold=0.3, loss__coord=coord, data__coord="mse"))
    assert found is not None
    assert (found.value, found.form) == (0.3, form)


def test_where_the_loss_has_no_threshold_none_is_told() -> None:
    assert loss_threshold(run(loss__funnel_threshold=0.3, loss__coord="mse")) is None


def test_other_settings_are_no_thresholds() -> None:
    assert loss_threshold(run(mask_threshold=0.5, optim__betas=0.9, funnel_threshold_warmup=3)) is None


def test_a_threshold_in_pixels_is_half_of_each_side_times_its_value() -> None:
    assert threshold_px(0.3, np.array([384.0, 384.0])) == pytest.approx([57.6, 57.6])
    assert threshold_px(0.1, np.array([[384, 600], [100, 200]])).ravel() == pytest.approx([30, 19.2, 10, 5])
