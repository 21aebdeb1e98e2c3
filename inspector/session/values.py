"""The state of the window as one frozen value."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from inspector.analysis.unit_limits import LIMITS, UnitLimits
from inspector.formats.marks import FileMarks
from inspector.formats.role_corrections import FileCorrections
from inspector.session.gallery import GalleryState
from inspector.session.preferences import Preferences, Theme
from inspector.session.sample_lists import SampleLists

XAxis = Literal["step", "epoch", "time", "wall", "samples", "metric"]
"""`time` counts from the run's first record, `wall` from 1970."""

AxisScale = Literal["linear", "log", "symlog"]
SmoothingKind = Literal["ema", "gaussian", "median"]


class StagedEdit(msgspec.Struct, frozen=True, kw_only=True):
    """A settings edit that waits for a resume."""

    path: str
    old: Any
    new: Any
    reason: str = ""
    finding: str = ""


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    """What is open as one run, and what is chosen in it.

    Attributes:
        key: its stable name: the path that was opened first, or those joined.
        paths: what was opened as this run, and what was joined to it since.
        name: shown instead of the name that its files give it; empty for that.
        folder: the folder of many runs that it was opened from, empty where it was opened by itself.
        place: its place among the runs of that folder.
        archives: those of its paths that are unpacked while it is open, or that some of its paths lie in.
        cursor_step: the chosen step, None to follow the newest.
        file: the path of the chosen file, None for the nearest at the cursor.
        staged: one edit of a path each; contested: the values that findings want for a path, until one is chosen.
        dismissed: ids of findings that were put aside; dismissal_notes: why, by the same ids.
    """

    key: str
    paths: tuple[str, ...]
    name: str = ""
    folder: str = ""
    place: int = 0
    archives: tuple[str, ...] = ()
    cursor_step: float | None = None
    file: str | None = None
    staged: tuple[StagedEdit, ...] = ()
    contested: tuple[StagedEdit, ...] = ()
    dismissed: tuple[str, ...] = ()
    dismissal_notes: dict[str, str] = {}
    parent: str | None = None


class SlotReference(msgspec.Struct, frozen=True, kw_only=True):
    """Masks whose slots give the colours of slots in other runs.

    Attributes:
        name: of the run and step that they come from.
        shape: samples, slots, rows, columns.
        masks: a byte a value, 255 for a weight of 1.
    """

    name: str
    shape: tuple[int, int, int, int]
    masks: bytes


class PointStyle(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of what is drawn of points looks.

    Attributes:
        kind: `gt`, `prediction`, `error_line`, `threshold`, `marked` or `labels`.
        size: against the usual one.
        opacity: 0 is clear.
    """

    kind: str
    size: float = 1.0
    opacity: float = 1.0


class ViewState(msgspec.Struct, frozen=True, kw_only=True):
    """What the views show of whatever run is chosen; it stays when another run is chosen.

    Attributes:
        x_metric: the tag that x is where `x_axis` is `metric`.
        smoothing: 0 for none, below 1; the decay of an average, or the window of as many points as such an average has.
        series_filter: globs between spaces or commas, or one regular expression between slashes.
        pinned_panels, collapsed_panels: keys of panels of curves.
        hidden_series: names of the curves that are hidden in a panel, by its key.
        hidden_runs: names of compared runs none of whose curves are drawn.
        shared_y: panels of one group have one range.
        from_zero: the linear y axis of every panel has zero on it.
        curves_page: curves as cards, or as a table of their best and last values.
        group_seeds: compared runs that differ only in their seed become a mean with a band.
        seed_spread: what that band shows: from the least to the greatest, or a standard deviation to both sides.
        log_filter, log_search: words, or one regular expression between slashes.
        log_line: the line of a log that was gone to, from 0; below 0 none.
        log_tag, log_step: the curve and step whose line is to be gone to; empty once it was.
        expected_bands: bands of what a run of its recipe usually does lie under its curves.
        mask_dataset: the path of the masks that are shown; empty for the first of `mask_source`.
        frame: of a video, from 0.
        mask_layer: of attention, from 0; the last below 0.
        mask_head: of attention, from 0; below 0 all together.
        mask_scale: what full brightness of a mask is: 1, the largest weight of its slot, or the largest of all slots;
            `auto` is that of all slots where each of them sums to 1 over the positions, else 1.
        mask_threshold: how much of full brightness a slot needs to have a pixel, where the style is `threshold`.
        token_dataset: path of the attention between tokens beside the masks; token_at: x and y of the token, 0..1.
        slot_tiles: the image where each slot looks, or what each draws by itself.
        hidden_slots: slots that are not drawn over the image.
        active_area: share of pixels above which a slot is active.
        slot_reference: slots are coloured by those of it; None for those of the run's last dump.
        unit_limits: what kinds of channels are held against beside what counts as zero.
        channel: of the layer, looked at closely; below 0 none.
        hide_dead: dead channels are left out of the grid.
        auto_advance: a sample that was flagged, rejected or tagged gives way to the next one.
        after_sample: a sample, and the one that follows it in the order shown; it is prepared ahead.
        point_size: of all that is drawn of points, against the usual one; point_styles: of some kinds beside it.
        zoom_error: a sample alone is shown as far as its largest error reaches.
        match_radius_px: up to which distance a prediction is matched to an object; None for the usual radius.
        point_threshold: of the loss of points, where coordinates run from -1 to 1; that of the settings at 0.
        undo_point_pattern: predictions are shown without the one mistake behind their errors.
        compared_dump: path of the dump whose predictions are held against those that are shown; empty for none.
        finding: id of the chosen finding, empty for none; show_dismissed: those that were put aside are listed too.
        change_limit_px: the largest error that is good enough, by which samples are fixed or broken; the usual at 0.
    """

    x_axis: XAxis = "step"
    x_metric: str = ""
    x_scale: AxisScale = "linear"
    y_scale: AxisScale = "linear"
    shared_y: bool = False
    from_zero: bool = False
    ignore_outliers: bool = False
    smoothing: float = 0.0
    smoothing_kind: SmoothingKind = "ema"
    series_filter: str = ""
    expressions: tuple[str, ...] = ()
    curves_page: Literal["cards", "table"] = "cards"
    group_seeds: bool = False
    seed_spread: Literal["range", "deviation"] = "range"
    expected_bands: bool = False
    pinned_panels: tuple[str, ...] = ()
    collapsed_panels: tuple[str, ...] = ()
    panel_size: Literal["small", "medium", "large"] = "medium"
    hidden_series: dict[str, tuple[str, ...]] = {}
    hidden_runs: tuple[str, ...] = ()
    sample: int = 0
    after_sample: tuple[int, int] | None = None
    iteration: int = -1
    frame: int = 0
    mask_source: Literal["encoder", "decoder"] = "decoder"
    mask_dataset: str = ""
    mask_layer: int = -1
    mask_style: Literal["image", "masks", "threshold", "argmax", "contours"] = "masks"
    mask_head: int = -1
    mask_scale: Literal["auto", "recorded", "slot", "shared"] = "auto"
    mask_upsampling: Literal["smooth", "nearest"] = "smooth"
    mask_threshold: float = 0.5
    masks_over: Literal["image", "reconstruction"] = "image"
    slot_tiles: Literal["masks", "reconstructions"] = "masks"
    token_dataset: str = ""
    token_at: tuple[float, float] | None = None
    opacity: float = 0.6
    solo_slot: int | None = None
    hidden_slots: tuple[int, ...] = ()
    active_area: float = 0.01
    slot_reference: SlotReference | None = None
    layer: str = ""
    channel_order: Literal["sparsity", "index", "variance"] = "sparsity"
    colour_map: Literal["viridis", "grey"] = "viridis"
    zero_means: float = 1e-6
    features_page: Literal["channels", "spatial", "firing", "epochs"] = "channels"
    unit_limits: UnitLimits = LIMITS
    channel: int = -1
    hide_dead: bool = False
    point_layout: Literal["grid", "single", "plots"] = "grid"
    show_gt: bool = True
    show_prediction: bool = True
    show_error_line: bool = True
    show_threshold: bool = False
    show_marked: bool = True
    show_labels: bool = True
    point_size: float = 1.0
    point_styles: tuple[PointStyle, ...] = ()
    zoom_error: bool = False
    match_radius_px: float | None = None
    point_threshold: float = 0.0
    undo_point_pattern: bool = False
    compared_dump: str = ""
    change_limit_px: float = 0.0
    tensor: str = ""
    tensor_filter: str = ""
    weights_page: Literal["tensors", "objects", "imports", "compare"] = "tensors"
    kernel_input: int = -1
    compared_checkpoint: str = ""
    generous_file: str = ""
    log_filter: str = ""
    log_first: int = 0
    log_search: str = ""
    log_line: int = -1
    log_tag: str = ""
    log_step: float = 0.0
    settings_filter: str = ""
    media_tag: str = ""
    finding: str = ""
    show_dismissed: bool = False
    galleries: tuple[GalleryState, ...] = ()
    auto_advance: bool = False


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that makes the window look as it does.

    Attributes:
        lost: runs that are not to be read for now, which the next start looks for again.
        compared: keys of runs drawn beside the chosen one.
        tab: a viewer's key.
        fleet: the folder whose runs are shown as a table in place of the open ones; empty where the open ones are.
        role_corrections: what datasets of dumps hold, as it was chosen by hand.
        triage: marks of samples by the path of their dump; kept beside their runs, not in the session.
        sample_lists: named filters of samples and the user's own tags.
    """

    version: int = 1
    runs: tuple[RunState, ...] = ()
    lost: tuple[RunState, ...] = ()
    chosen: str | None = None
    compared: tuple[str, ...] = ()
    tab: str = "triage"
    fleet: str = ""
    view: ViewState = ViewState()
    preferences: Preferences = Preferences()
    role_corrections: tuple[FileCorrections, ...] = ()
    triage: FileMarks = {}
    sample_lists: SampleLists = SampleLists()

    @property
    def every_run(self) -> tuple[RunState, ...]:
        """The runs, and those that are not to be read for now."""
        return (*self.runs, *self.lost)

    @property
    def theme(self) -> Theme:
        """The colours of the window."""
        return self.preferences.theme
