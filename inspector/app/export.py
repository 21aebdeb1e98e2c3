"""`run-inspector export`: a figure or the points of a run's curves, or a picture of another view, as a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from inspector.app.launch import start_qt
from inspector.core.errors import InspectorError, UsageError
from inspector.core.language import tr, tr_counted
from inspector.session.preferences import Preferences, Theme
from inspector.session.values import State, ViewState, XAxis

if TYPE_CHECKING:
    from inspector.app.desk import Desk
    from inspector.app.news import Message, Working
    from inspector.display.curves.scene import CurvesScene
    from inspector.runs.values import Run

FIGURES = ("png", "svg", "pdf")
DATA = ("csv", "npz")
CURVES = "curves"

PATIENCE_S = 120.0
MOST_PANELS = 60
_TURN_S = 0.005
_AXES = ("step", "epoch", "time", "wall", "samples")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written.

    Attributes:
        panels: keys or titles of cards, globs too; empty for all.
        size: in pixels of 1/96 inch; None for the usual one.
        x_range: the stretch of x that is shown or written; None for all.
        placed_only: of data, only points that have a place on the axis.
        x: an axis, or the tag of the metric that is x.
        samples: which samples of the view are written; empty for none.
        overwrite: whether a file with samples may be replaced.
    """

    paths: tuple[str, ...]
    out: str
    view: str = CURVES
    panels: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    dpi: float = 192.0
    theme: Theme = "light"
    x_range: tuple[float, float] | None = None
    placed_only: bool = False
    x: str = "step"
    filter: str = ""
    smoothing: float = 0.0
    sample: int = 0
    step: float | None = None
    samples: str = ""
    overwrite: bool = False


class ExportError(InspectorError):
    """It could not be written."""


def export(wanted: Wanted) -> int:
    """Write the file; gives the exit code.

    Raises:
        InspectorError: a path cannot be read, there is nothing to write, or it cannot be written.
    """
    kind = Path(wanted.out).suffix.lower().removeprefix(".")
    if wanted.view != CURVES:
        if kind != "png":
            raise UsageError(
                f"{wanted.out}: {wanted.view} is exported as a PNG picture; {_kinds(FIGURES[1:], DATA)} are of curves,"
                " and tables and sheets of samples take --samples"
            )
        return _export_view(wanted)
    if kind not in (*FIGURES, *DATA):
        raise UsageError(
            f"{wanted.out}: curves are exported as {_kinds(FIGURES, DATA)}, told by the ending of the name"
        )
    axis = cast("XAxis", wanted.x if wanted.x in _AXES else "metric")
    view = ViewState(
        x_axis=axis,
        x_metric="" if wanted.x in _AXES else wanted.x,
        series_filter=wanted.filter,
        smoothing=wanted.smoothing,
    )
    state = State(tab=CURVES, preferences=Preferences(theme=wanted.theme), view=view)
    return with_desk(wanted, state, _export_data if kind in DATA else _export_figure)


def _kinds(*some: tuple[str, ...]) -> str:
    names = [name if name == "npz" else name.upper() for group in some for name in group]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _export_view(wanted: Wanted) -> int:
    from inspector.app.figures import PX_PER_INCH, check_pixels
    from inspector.app.shot import SHOT_SIZE_PX, shot
    from inspector.app.shot import Wanted as Shot

    size = wanted.size or SHOT_SIZE_PX
    check_pixels(size, wanted.dpi)
    return shot(
        Shot(
            paths=wanted.paths,
            out=wanted.out,
            view=wanted.view,
            sample=wanted.sample,
            step=wanted.step,
            theme=wanted.theme,
            scale=wanted.dpi / PX_PER_INCH,
            width_px=size[0],
            height_px=size[1],
            view_only=True,
        )
    )


def with_desk(wanted: Wanted, state: State, write: Callable[[Wanted, Desk, Heard], None]) -> int:
    """Open what is wanted on a desk without a window, and write; gives the exit code.

    Raises:
        InspectorError: as `write`, or a path cannot be read.
    """
    app = start_qt("offscreen")
    from inspector.app.desk import Desk
    from inspector.views.theme import apply_theme

    apply_theme(app, wanted.theme)

    desk = Desk(state)
    heard = Heard()
    desk.message.connect(heard.tell)
    desk.working.connect(heard.work)
    try:
        _open(desk, wanted.paths, heard)
        write(wanted, desk, heard)
    finally:
        heard.work(None)
        desk.shutdown()
    for sentence in heard.bad:
        sys.stderr.write(f"{sentence}\n")
    return 0


class Heard:
    """What the desk tells: sentences, and how far the work is, which a terminal shows on one line."""

    def __init__(self) -> None:
        self.good: list[str] = []
        self.bad: list[str] = []
        self.details: list[str] = []
        self._shown = ""

    def tell(self, message: Message) -> None:
        """Keep a sentence, and what goes with it."""
        (self.good if message.good else self.bad).append(message.sentence)
        self.details += message.detail.splitlines()

    def work(self, working: Working | None) -> None:
        """Show how far the work is, None to show nothing."""
        if not sys.stderr.isatty():
            return
        share = f" {100 * working.done // working.total}%" if working and working.total else ""
        text = f"{working.what[:60]}…{share}" if working and working.what else ""
        sys.stderr.write(f"\r{text:<{len(self._shown)}}\r{text}")
        sys.stderr.flush()
        self._shown = text


def turn_until(ready: Callable[[], bool], patience_s: float | None = PATIENCE_S) -> None:
    """Turn the event loop until something is so.

    Raises:
        ExportError: it is not within the time that one waits.
    """
    from PySide6.QtCore import QCoreApplication

    give_up_s = time.monotonic() + patience_s if patience_s is not None else float("inf")
    while not ready():
        if time.monotonic() > give_up_s:
            raise ExportError(f"the files were not read within {patience_s:g} s")
        QCoreApplication.processEvents()
        time.sleep(_TURN_S)


def _open(desk: Desk, paths: tuple[str, ...], heard: Heard) -> None:
    """Open each folder as a run, all files together as one, and lay them side by side."""
    from inspector.session.intents import RunChosen, RunCompared

    folders = [path for path in paths if Path(path).is_dir()]
    files = tuple(path for path in paths if path not in folders)
    for group in (*((folder,) for folder in folders), *((files,) if files else ())):
        desk.open(group)
        turn_until(lambda: not desk.opening)
    turn_until(lambda: not desk.busy and not any(run.unread_bytes for run in _runs(desk)))
    keys = [state.key for state in desk.state.runs]
    if not keys:
        raise ExportError("; ".join(heard.bad) or "nothing was opened")
    desk.dispatch(RunChosen(keys[0]))
    for key in keys[1:]:
        desk.dispatch(RunCompared(key, shown=True))


def _runs(desk: Desk) -> list[Run]:
    return [run for state in desk.state.runs if (run := desk.run(state.key)) is not None]


def _export_figure(wanted: Wanted, desk: Desk, heard: Heard) -> None:
    from inspector.app.figures import figure_bytes
    from inspector.app.pictures import save_bytes
    from inspector.display.curves.export import is_among
    from inspector.views.curves.figure import Figure, part_of, usual_size

    scene = _scene(desk, heard)
    found = [panel for panel in scene.panels if is_among(wanted.panels, panel.key, panel.title)]
    if not found:
        raise UsageError(_nothing(wanted, scene))
    shown = found[:MOST_PANELS]
    if len(found) > len(shown):
        heard.bad.append(
            f"the first {len(shown)} of {len(found):,} panels are drawn; --panel and --filter choose others"
        )
    parts = tuple(part_of(panel, scene, x_range=wanted.x_range) for panel in shown)
    figure = Figure(title=_title(_runs(desk)), parts=parts, note=scene.smoothing_text)
    kind = Path(wanted.out).suffix.lower().removeprefix(".")
    data = figure_bytes(kind, figure, wanted.size or usual_size(len(parts)), dpi=wanted.dpi, theme=wanted.theme)
    heard.bad += scene.notes
    try:
        save_bytes(data, wanted.out)
    except OSError as error:
        raise ExportError(f"{wanted.out} was not written: {error.strerror}; choose another folder") from error


def _title(runs: list[Run]) -> str:
    """Of the figure: the first run, and how many others."""
    name = runs[0].name
    return tr("{run} and {runs} more").format(run=name, runs=tr_counted(len(runs) - 1, "run")) if runs[1:] else name


def _nothing(wanted: Wanted, scene: CurvesScene) -> str:
    if scene.panels and wanted.panels:
        names = ", ".join(panel.title for panel in scene.panels[:12])
        return f"no panel is called {' or '.join(wanted.panels)}; there are {names}"
    return f"no curve is called {wanted.filter}" if scene.hidden else "these logs hold no numbers over time"


def _scene(desk: Desk, heard: Heard) -> CurvesScene:
    """The curves of all runs in one scene, as the window shows them."""
    from inspector.app.news import SceneReady
    from inspector.app.scenes import Scenes

    scenes = Scenes(desk)
    failed: list[str] = []

    def on_ready(answer: SceneReady) -> None:
        scenes.keep(answer)

    def on_failed(answer: SceneReady) -> None:
        failed.append(answer.scene)

    desk.scene_requests.ready.connect(on_ready)
    desk.scene_requests.failed.connect(on_failed)
    if not scenes.want(CURVES):
        raise ExportError("; ".join(heard.bad) or "these files hold no curves")
    turn_until(lambda: not desk.busy and (bool(failed) or scenes.shown(CURVES) is not None))
    if failed:
        raise ExportError(failed[0])
    return cast("CurvesScene", scenes.shown(CURVES))


def _export_data(wanted: Wanted, desk: Desk, heard: Heard) -> None:
    from inspector.app.curve_data import data_ask

    x_range = (-float("inf"), float("inf")) if wanted.placed_only else wanted.x_range
    ask = data_ask(desk, Path(wanted.out).suffix, panels=wanted.panels, x_range=x_range)
    if ask is None:
        raise ExportError("; ".join(heard.bad) or "these files hold no curves")
    heard.bad.clear()
    desk.file_work.export_curves(tuple(path for run in _runs(desk) for path in run.paths), ask, wanted.out)
    turn_until(lambda: bool(heard.good or heard.bad), None)
    if not heard.good:
        raise ExportError("; ".join(heard.bad))
