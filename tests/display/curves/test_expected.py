"""Expected bands lie under the curves that they speak of, on every axis that has epochs, and say whence they come."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.curves.panels import curves_of
from inspector.display.curves.scene import CurvesAsk
from inspector.formats.series import Series


def epochs_of(tag, values):
    values = np.asarray(values, np.float64)
    epochs = np.arange(1.0, len(values) + 1)
    return Series(tag=tag, steps=epochs * 10, values=values, epochs=epochs)


def bands(*all_series, **changes):
    wish = CurvesAsk(paths=(), **{"expected_bands": True, "x_axis": "epoch", **changes})
    scene = curves_of([("m", one) for one in all_series], wish, QUIET)
    return {panel.title: panel.bands for panel in scene.panels}


def test_a_grid_solvers_loss_has_its_band_and_another_metric_none():
    found = bands(epochs_of("train/loss", [2, 1]), epochs_of("grad_norm/a", [1, 1]), recipe="arc-solver-v1")
    (band,) = found["Loss"]
    assert np.interp([5.0, 40.0], band.x, band.low) == pytest.approx([0.85 * 0.85, 0.16 * 0.85])
    assert "S3.08" in band.source
    assert band.label == "expected loss (S3.08) ± 15%"
    assert found["Gradient norm by module"] == ()


def test_the_loss_of_slots_is_scaled_to_what_the_run_had_at_its_first_epoch():
    """Worked by hand: 0.44 at epoch 1 is four times the stated 0.11, so epoch 10 is expected at 4 x 0.06."""
    (band,) = bands(epochs_of("val/loss", [9, 9]), epochs_of("train/loss", [0.44, 0.4]), recipe="slots")["Loss"]
    assert np.interp(10, band.x, band.high) == pytest.approx(0.24 * 1.15)
    late = Series(tag="train/loss", steps=np.array([500.0]), values=np.ones(1), epochs=np.array([50.0]))
    assert bands(late, recipe="slots")["Loss"] == ()


def test_a_foreign_run_with_an_ari_gets_the_bands_of_slots():
    ari, fixed = bands(epochs_of("val/ari", [0.1, 0.2]), recipe="something")["ARI"]
    assert (ari.label, fixed.label) == ("expected ari (S0.12)", "expected ari (S0.13)")


def test_bands_lie_over_steps_where_the_length_of_an_epoch_is_known_and_nowhere_on_a_clock():
    loss = epochs_of("train/loss", [2, 1])
    (band,) = bands(loss, recipe="arc", x_axis="step", steps_per_epoch=10.0)["Loss"]
    assert band.x[-1] == 400
    assert bands(loss, recipe="arc", x_axis="step")["Loss"] == ()


def test_bands_are_drawn_only_when_wanted_and_where_the_recipe_fits():
    loss = epochs_of("train/loss", [2, 1])
    assert bands(loss, recipe="arc", expected_bands=False)["Loss"] == ()
    assert bands(loss, recipe="resnet")["Loss"] == ()
