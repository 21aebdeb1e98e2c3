"""Which fields of the views are settings, whose change is undone; all others say what is looked at."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from inspector.session.gallery import GalleryState, gallery_of, with_gallery
from inspector.session.values import ViewState

SETTINGS: dict[str, str] = {
    "x_axis": "the x axis",
    "x_metric": "the x axis",
    "x_scale": "the scale of x",
    "y_scale": "the scale of y",
    "shared_y": "the scale of y",
    "from_zero": "the range of y",
    "ignore_outliers": "the range of y",
    "smoothing": "smoothing",
    "smoothing_kind": "smoothing",
    "series_filter": "the filter of curves",
    "expressions": "formulas",
    "group_seeds": "the grouping of seeds",
    "seed_spread": "the band of seeds",
    "expected_bands": "expected bands",
    "pinned_panels": "pinned cards",
    "collapsed_panels": "folded cards",
    "panel_size": "the size of cards",
    "hidden_series": "hidden curves",
    "hidden_runs": "hidden runs",
    "mask_style": "how masks are drawn",
    "mask_scale": "the scale of masks",
    "mask_upsampling": "how masks are enlarged",
    "mask_threshold": "the threshold of masks",
    "masks_over": "what masks lie over",
    "slot_tiles": "what slots show",
    "opacity": "the opacity of masks",
    "hidden_slots": "hidden slots",
    "active_area": "the area of an active slot",
    "slot_reference": "the colours of slots",
    "channel_order": "the order of channels",
    "colour_map": "the colour map",
    "zero_means": "what counts as zero",
    "unit_limits": "the limits of channels",
    "hide_dead": "hidden channels",
    "show_gt": "what of points is drawn",
    "show_prediction": "what of points is drawn",
    "show_error_line": "what of points is drawn",
    "show_threshold": "what of points is drawn",
    "show_marked": "what of points is drawn",
    "show_labels": "what of points is drawn",
    "point_size": "how points are drawn",
    "point_styles": "how points are drawn",
    "match_radius_px": "the radius of matches",
    "point_threshold": "the threshold of points",
    "undo_point_pattern": "the correction of points",
    "compared_dump": "the compared dump",
    "change_limit_px": "the limit of a change",
    "tensor_filter": "the filter of tensors",
    "compared_checkpoint": "the compared checkpoint",
    "log_filter": "the filter of lines",
    "settings_filter": "the filter of settings",
    "auto_advance": "advancing after marking",
}
"""The words for each, by which a user is told what was undone."""

GALLERY_SETTINGS: dict[str, str] = {"ranges": "the range of samples", "filter": "the filter of samples"}
"""The same of a gallery; sorted otherwise, it shows the same samples."""


class Change(NamedTuple):
    """A setting that is not the same: its words, and its values."""

    words: str
    was: Any
    now: Any


def changed_settings(was: ViewState, now: ViewState) -> tuple[Change, ...]:
    """The settings that are not the same in two views."""
    pairs: list[tuple[dict[str, str], Any, Any]] = [(SETTINGS, was, now)]
    pairs += [
        (GALLERY_SETTINGS, gallery_of(was.galleries, viewer), gallery_of(now.galleries, viewer))
        for viewer in _viewers(was, now)
    ]
    return tuple(
        Change(words, getattr(before, name), getattr(after, name))
        for table, before, after in pairs
        for name, words in table.items()
        if getattr(before, name) != getattr(after, name)
    )


def slides(was: Any, now: Any) -> bool:
    """Whether a value went on to another as a slider that is drawn or a text that is typed does."""
    if was == now:
        return True
    if isinstance(was, float) and isinstance(now, float):
        return True
    if isinstance(was, str) and isinstance(now, str):
        return was.startswith(now) or now.startswith(was)
    if isinstance(was, msgspec.Struct) and type(was) is type(now):
        return slides(msgspec.structs.astuple(was), msgspec.structs.astuple(now))
    if isinstance(was, tuple) and isinstance(now, tuple) and len(was) == len(now):
        return all(map(slides, was, now))
    return False


def with_difference(view: ViewState, here: ViewState, there: ViewState) -> ViewState:
    """A view with what `there` has otherwise than `here`, and all else as it is."""
    if here is there:
        return view
    changes = {
        name: getattr(there, name)
        for name in ViewState.__struct_fields__
        if name != "galleries" and getattr(there, name) != getattr(here, name)
    }
    galleries = view.galleries
    for viewer in _viewers(here, there):
        one, other = gallery_of(here.galleries, viewer), gallery_of(there.galleries, viewer)
        differing = {
            name: getattr(other, name)
            for name in GalleryState.__struct_fields__
            if getattr(other, name) != getattr(one, name)
        }
        galleries = with_gallery(galleries, viewer, differing)
    return msgspec.structs.replace(view, galleries=galleries, **changes)


def _viewers(*views: ViewState) -> set[str]:
    return {gallery.viewer for view in views for gallery in view.galleries}
