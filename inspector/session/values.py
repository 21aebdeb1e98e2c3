"""The state of the window as one frozen value."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Theme = Literal["dark", "light"]
XAxis = Literal["step", "epoch", "time"]


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
        key: `runs.values.Run.key`.
        cursor_step: the chosen step, None to follow the newest.
        file: the path of the chosen file, None for the nearest at the cursor.
    """

    key: str
    paths: tuple[str, ...]
    cursor_step: float | None = None
    file: str | None = None
    staged: tuple[StagedEdit, ...] = ()
    dismissed: tuple[str, ...] = ()
    parent: str | None = None


class ViewState(msgspec.Struct, frozen=True, kw_only=True):
    """What the views show of whatever run is chosen; it stays when another run is chosen."""

    x_axis: XAxis = "step"
    log_y: bool = False
    ignore_outliers: bool = False
    smoothing: float = 0.6
    series_filter: str = ""
    sample: int = 0
    iteration: int = -1
    mask_source: Literal["encoder", "decoder"] = "decoder"
    mask_style: Literal["image", "masks", "contours", "argmax"] = "masks"
    opacity: float = 0.6
    solo_slot: int | None = None
    layer: str = ""
    channel_order: Literal["sparsity", "index", "variance"] = "sparsity"
    colour_map: Literal["viridis", "grey"] = "viridis"
    zero_means: float = 1e-6
    point_layout: Literal["grid", "single"] = "grid"
    point_order: Literal["error", "index"] = "error"
    show_gt: bool = True
    show_prediction: bool = True
    show_error_line: bool = True
    tensor: str = ""
    tensor_filter: str = ""
    weights_page: Literal["tensors", "objects", "imports", "compare"] = "tensors"
    kernel_input: int = -1
    compared_checkpoint: str = ""
    generous_file: str = ""
    log_filter: str = ""
    log_first: int = 0
    settings_filter: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that makes the window look as it does.

    Attributes:
        compared: keys of runs drawn beside the chosen one.
        tab: a viewer's key.
    """

    version: int = 1
    runs: tuple[RunState, ...] = ()
    chosen: str | None = None
    compared: tuple[str, ...] = ()
    tab: str = "curves"
    view: ViewState = ViewState()
    theme: Theme = "dark"
