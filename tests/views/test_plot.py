"""How curves come to pixels: the camera, the columns, the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from inspector.analysis.pyramid import Pyramid, pyramid_of
from inspector.views.plot.camera import Area, Camera, fitted, place_at
from inspector.views.plot.columns import bars, columns, seen
from inspector.views.plot.drawing import Drawing
from inspector.views.plot.edges import arrow_at, arrow_text, arrows, lost_marks, lost_text
from inspector.views.plot.flags import shade_text, shades_at, stand_at, stand_text, stands
from inspector.views.plot.frame import Frame, Scale
from inspector.views.plot.plot import CurvePlot
from inspector.views.plot.strokes import layers_of, stroke
from inspector.views.traces import Flag, Trace, nearest, outside

AREA = Area(50, 10, 400, 200)


def frame(x=(0.0, 100.0), y=(0.0, 1.0), scale: Scale = Scale()) -> Frame:  # noqa: B008 - a frozen value
    return Frame(area=AREA, camera=Camera(x, y), y=scale)


def test_zooming_keeps_the_place_under_the_pointer_and_panning_the_width() -> None:
    camera = Camera((0.0, 100.0), (0.0, 1.0)).zoomed(0.5, 1.0, (25.0, 0.3))
    assert camera == Camera((12.5, 62.5), (0.0, 1.0))
    assert place_at(AREA, camera, AREA.left + AREA.width / 4, AREA.top) == (25.0, 1.0)
    assert camera.panned(0.1, -0.5) == Camera((17.5, 67.5), (-0.5, 0.5))


def test_a_camera_stops_where_floats_end() -> None:
    camera = Camera((1e9, 1e9 + 1), (0.0, 1.0))
    for _ in range(2000):
        camera = camera.zoomed(0.5, 2.0, (1e9, 0.5))
    assert camera.x[1] > camera.x[0]
    assert np.isfinite(camera.y).all()


def test_a_box_without_a_height_leaves_the_height() -> None:
    assert Camera((0.0, 10.0), (0.0, 1.0)).boxed((4.0, 0.5), (2.0, 0.5)) == Camera((2.0, 4.0), (0.0, 1.0))


def test_fitting_leaves_room_for_a_level_curve_and_refuses_what_is_not_finite() -> None:
    assert fitted((2.0, 2.0), 0.05, 0.2) == (1.8, 2.2)
    assert fitted((np.nan, np.nan), 0.05, 0.2) is None


def noisy(points: int, seed: int, *, even: bool) -> Pyramid:
    rng = np.random.default_rng(seed)
    x = np.arange(float(points)) if even else np.sort(rng.random(points)) ** 3 * points
    y = rng.standard_normal(points)
    y[rng.random(points) < 0.01] = np.nan
    return pyramid_of(x, y)


@settings(max_examples=60, deadline=None)
@given(
    points=st.integers(700, 60_000),
    seed=st.integers(0, 1000),
    even=st.booleans(),
    share=st.floats(0.02, 1.5),
    logarithmic=st.booleans(),
)
def test_a_spike_of_one_sample_is_in_its_column_or_the_one_beside_it(points, seed, even, share, logarithmic) -> None:
    part = noisy(points, seed, even=even)
    place = points // 3
    part.y[place] = 50.0
    part = pyramid_of(part.x, part.y)
    spike = part.x[place]
    low, high = max(spike - share * points / 2, 1e-3), spike + share * points / 2
    edges = np.geomspace(low, high, 401) if logarithmic else np.linspace(low, high, 401)
    cut = columns(part, *seen(part, low, high), edges if logarithmic else (low, high), 400)
    assert (np.diff(cut.column) > 0).all()
    assert cut.column.min() >= -1
    assert cut.column.max() <= 400
    found = cut.column[np.nanargmax(cut.high)]
    assert np.nanmax(cut.high) == 50.0
    assert abs(found - (np.searchsorted(edges, spike, "right") - 1)) <= 1


def test_columns_hold_the_extremes_that_numpy_finds() -> None:
    part = pyramid_of(np.arange(32_000.0), np.random.default_rng(3).standard_normal(32_000))
    cut = columns(part, 0, 32_000, (0.0, 32_000.0), 500)
    inside = cut.column < 500
    expected = part.y.reshape(500, 64)
    assert cut.low[inside] == pytest.approx(expected.min(axis=1))
    assert cut.high[inside] == pytest.approx(expected.max(axis=1))


def test_bars_join_to_one_unbroken_line_and_gaps_stay_gaps() -> None:
    part = noisy(30_000, 1, even=True)
    y = part.y.copy()
    y[10_000:20_000] = np.nan
    part = pyramid_of(part.x, y)
    cut = columns(part, 0, 30_000, (0.0, 30_000.0), 300)
    upright, slanted = bars(cut, 100 - cut.high * 10, 100 - cut.low * 10)
    assert not len(slanted)
    column, top, bottom = upright[:, 0], upright[:, 1], upright[:, 3]
    beside = np.diff(column) == 1
    assert (np.maximum(top[1:], top[:-1]) <= np.minimum(bottom[1:], bottom[:-1]) + 1)[beside].all()
    assert not ((column > 101) & (column < 199)).any()


def test_a_hole_in_x_is_bridged_by_a_slanted_line() -> None:
    x = np.concatenate([np.arange(5000.0), np.arange(5000.0) + 20_000])
    part = pyramid_of(x, np.sin(x / 500))
    drawn = stroke(part, frame((0.0, 25_000.0), (-1.0, 1.0)))
    assert drawn.upright is not None
    assert len(drawn.slanted) == 1
    assert drawn.slanted[0, 2] - drawn.slanted[0, 0] > 200


@pytest.mark.parametrize("zoom", [1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-5])
def test_a_spike_in_ten_million_points_is_drawn_at_every_zoom(zoom: float, ten_million: Pyramid) -> None:
    spike = 7_654_321
    width = 1e7 * zoom
    for off in (-0.4, 0.0, 0.4):
        view = frame((spike + off * width - width / 2, spike + off * width + width / 2), (0.0, 100.0))
        drawn = stroke(ten_million, view)
        x_px = view.across_px(float(spike))
        if drawn.upright is not None:
            tallest = drawn.upright[drawn.upright[:, 1].argmin()]
            assert (abs(tallest[0] - x_px) <= 1.5, tallest[1]) == (True, AREA.top)
        else:
            tallest = drawn.points[np.nanargmin(drawn.points[:, 1])]
            assert tallest == pytest.approx((x_px, AREA.top))


@pytest.fixture(scope="module")
def ten_million() -> Pyramid:
    y = np.zeros(10_000_000)
    y[7_654_321] = 100.0
    return pyramid_of(np.arange(1e7), y)


def test_on_a_log_axis_a_column_that_goes_to_zero_goes_to_the_foot() -> None:
    y = np.full(20_000, 1.0)
    y[10_000] = 0.0
    drawn = stroke(pyramid_of(np.arange(2e4), y), frame((0.0, 2e4), (-3.0, 1.0), Scale("log")))
    assert drawn.upright is not None
    assert drawn.upright[:, 3].max() > AREA.bottom


def test_points_far_outside_are_moved_along_their_line() -> None:
    part = pyramid_of(np.array([0.0, 1e12]), np.array([0.0, 1e12]))
    points = stroke(part, frame((4.0, 6.0), (4.0, 6.0))).points
    slope = (points[1, 1] - points[0, 1]) / (points[1, 0] - points[0, 0])
    assert slope == pytest.approx(-AREA.height / AREA.width)
    assert np.abs(points).max() < 1e5


def curve(y, x=None, **changes) -> Trace:
    y = np.asarray(y, np.float64)
    x = np.arange(float(len(y))) if x is None else np.asarray(x, np.float64)
    return Trace(label="loss", ink=0, parts=(pyramid_of(x, y),), **changes)


def test_points_outside_get_arrows_with_their_count() -> None:
    y = np.full(101, 0.5)
    y[50:52] = 9.0
    y[80] = -3.0
    view = frame()
    some = arrows(view, tuple(layers_of(view, [curve(y)])))
    up = [arrow for arrow in some if arrow.up]
    down = [arrow for arrow in some if not arrow.up]
    assert len(down) == 1
    assert abs(down[0].x_px - view.across_px(80.0)) <= 6
    assert "1 point below" in arrow_text(down[0], view, [curve(y)])
    assert sum(int(arrow_text(arrow, view, [curve(y)]).split()[1]) for arrow in up) == 2
    assert arrow_at(some, view, down[0].x_px, AREA.bottom - 2) == down[0]
    assert outside(curve(y).parts, (0, 100), (0, 1)) == (2, 1)


def test_what_is_not_finite_is_marked_at_the_edge_by_its_kind() -> None:
    trace = curve(np.full(101, 0.5), lost_x=np.array([10.0, 10.5, 60.0]), lost_kinds=np.array([0, 0, 1]))
    marks = lost_marks(frame(), [trace], frozenset())
    assert [(mark.kind, mark.count) for mark in marks] == [(0, 2), (1, 1)]
    assert lost_text(marks[0], [trace], "step") == "loss: NaN at 10 and 1 more near it"
    assert lost_text(marks[1], [trace], "step") == "loss: +inf at 60"
    assert lost_marks(frame(), [trace], frozenset((0,))) == ()


def test_flags_that_would_lie_on_each_other_are_one_and_say_all() -> None:
    flags = [Flag(x=x, kind="checkpoint", label=f"step_{x}.pt", opens=f"/{x}") for x in (10, 11, 60)]
    view = frame()
    found = stands(view, [*flags, Flag(x=60, kind="seam", label="attempt 2"), Flag(x=500, kind="dump", label="far")])
    assert [[flag.x for flag in stand.flags] for stand in found] == [[10, 11], [60], [60]]
    assert stand_text(found[0], "step") == "step_10.pt · 10\nstep_11.pt · 11"
    stand = stand_at(found, view, view.across_px(60.0), AREA.bottom)
    assert stand is not None
    assert stand.flags[0].opens == "/60"
    assert stand_at(found, view, view.across_px(60.0), AREA.top) is None


def test_flags_with_a_length_are_found_at_their_strip_or_foot_and_say_their_ends(qapp) -> None:
    finding = Flag(x=20, until=60, kind="finding", label="lr differs", opens="rate", severity="critical")
    warm = Flag(x=0, until=30, kind="warm-up", label="warm-up")
    view = frame()
    assert shades_at((finding, warm), view, view.across_px(40), AREA.top - 2) == (finding,)
    assert shades_at((finding, warm), view, view.across_px(70), AREA.top - 2) == ()
    assert shades_at((finding, warm), view, view.across_px(10), AREA.bottom - 12) == (warm,)
    assert shade_text((finding,), "step") == "lr differs · 20 to 60"


def test_the_sentence_of_a_finding_stands_above_the_curves_and_is_told_whole(qtbot) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(300, 200)
    label = "reset to base after every scheduler step, " * 4
    band = curve(np.tile([0.0, 1.0], 200))
    plot.show_drawing(
        Drawing(
            traces=(band,), flags=(Flag(x=0, until=400, kind="finding", label=label, opens="id", severity="critical"),)
        )
    )
    image = plot.grab().toImage()
    picture = plot.picture()
    area = picture.frame.area
    above, below = QPointF(area.left + 6, area.top - 12), QPointF(area.left + 6, area.top + 18)
    rows = [{image.pixel(x, y) for x in range(image.width())} for y in range(int(area.top) - 5)]
    assert len(rows[0]) == 1  # nothing is cut off
    assert any(len(inks) > 1 for inks in rows)
    assert plot.says_at(above).startswith(f"{label} · 0")
    assert plot.says_at(below) == ""
    assert picture.opened_at(above).opens == "id"
    plot.show_drawing(Drawing(traces=(band,)))
    plot.finish()
    assert plot.picture().frame.area.top < area.top - 10


def test_the_nearest_point_is_of_the_last_part_that_is_near() -> None:
    first, second = pyramid_of(np.arange(10.0), np.zeros(10)), pyramid_of(np.arange(4.0, 20), np.ones(16))
    trace = Trace(label="a", ink=0, parts=(first, second))
    assert nearest(trace, 0, 6.4, 1.0) == nearest(trace, 0, 6.0, 1.0)
    found = nearest(trace, 0, 6.4, 1.0)
    assert found is not None
    assert (found.x, found.shown) == (6.0, 1.0)
    assert nearest(trace, 0, 2.0, 1.0).shown == 0.0
    assert nearest(trace, 0, 25.0, 1.0) is None
