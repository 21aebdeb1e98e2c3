"""Which fields of the views are settings, whose change is undone; all others say what is looked at."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from inspector.core.language import tr
from inspector.session.gallery import GalleryState, gallery_of, with_gallery
from inspector.session.values import ViewState

SETTINGS: dict[str, str] = {
    "x_axis": tr("the x axis"),
    "x_metric": tr("the x axis"),
    "x_scale": tr("the scale of x"),
    "y_scale": tr("the scale of y"),
    "shared_y": tr("the scale of y"),
    "from_zero": tr("the range of y"),
    "ignore_outliers": tr("the range of y"),
    "smoothing": tr("smoothing"),
    "smoothing_kind": tr("smoothing"),
    "series_filter": tr("the filter of curves"),
    "expressions": tr("formulas"),
    "group_seeds": tr("the grouping of seeds"),
    "seed_spread": tr("the band of seeds"),
    "expected_bands": tr("expected bands"),
    "pinned_panels": tr("pinned cards"),
    "collapsed_panels": tr("folded cards"),
    "panel_size": tr("the size of cards"),
    "hidden_series": tr("hidden curves"),
    "hidden_runs": tr("hidden runs"),
    "mask_style": tr("how masks are drawn"),
    "mask_scale": tr("the scale of masks"),
    "mask_upsampling": tr("how masks are enlarged"),
    "mask_threshold": tr("the threshold of masks"),
    "masks_over": tr("what masks lie over"),
    "slot_tiles": tr("what slots show"),
    "opacity": tr("the opacity of masks"),
    "hidden_slots": tr("hidden slots"),
    "active_area": tr("the area of an active slot"),
    "slot_reference": tr("the colours of slots"),
    "channel_order": tr("the order of channels"),
    "colour_map": tr("the colour map"),
    "zero_means": tr("what counts as zero"),
    "unit_limits": tr("the limits of channels"),
    "hide_dead": tr("hidden channels"),
    "show_gt": tr("what of points is drawn"),
    "show_prediction": tr("what of points is drawn"),
    "show_error_line": tr("what of points is drawn"),
    "show_threshold": tr("what of points is drawn"),
    "show_marked": tr("what of points is drawn"),
    "show_labels": tr("what of points is drawn"),
    "point_size": tr("how points are drawn"),
    "point_styles": tr("how points are drawn"),
    "match_radius_px": tr("the radius of matches"),
    "point_threshold": tr("the threshold of points"),
    "undo_point_pattern": tr("the correction of points"),
    "compared_dump": tr("the compared dump"),
    "change_limit_px": tr("the limit of a change"),
    "tensor_filter": tr("the filter of tensors"),
    "compared_checkpoint": tr("the compared checkpoint"),
    "log_filter": tr("the filter of lines"),
    "settings_filter": tr("the filter of settings"),
    "auto_advance": tr("advancing after marking"),
}
"""The words for each, by which a user is told what was undone."""

GALLERY_SETTINGS: dict[str, str] = {
    "ranges": tr("the range of samples"),
    "filter": tr("the filter of samples"),
}
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
