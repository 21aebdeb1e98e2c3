"""`run-inspector export --samples`: samples of a view as a table, a contact sheet, or a folder of pictures."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from inspector.app.export import ExportError, Heard, turn_until, with_desk
from inspector.app.export import Wanted as WantedFile
from inspector.app.recordable import VIEWS
from inspector.core.errors import UsageError
from inspector.core.texts import visible
from inspector.session.preferences import Preferences
from inspector.session.values import State

if TYPE_CHECKING:
    from inspector.app.desk import Desk
    from inspector.app.sample_export import Form, Source
    from inspector.display.gallery.scene import SamplesScene
    from inspector.views.gallery.texts import CaptionOf
    from inspector.views.gallery.tiles import PaintPoints

_KINDS = "CSV, JSON, PNG and PDF, told by the ending of the name, and into a new folder, told by a slash at its end"


def export_samples(wanted: WantedFile) -> int:
    """Write samples; gives the exit code.

    Raises:
        InspectorError: a path cannot be read, there are no such samples, or they cannot be written.
    """
    from inspector.session.role_store import load_roles

    if wanted.view not in VIEWS:
        raise UsageError(f"{wanted.view} has no samples; --samples takes --view points, slots or features")
    _form(wanted)
    state = State(tab=wanted.view, preferences=Preferences(theme=wanted.theme), role_corrections=load_roles())
    return with_desk(wanted, state, _write)


def _form(wanted: WantedFile) -> Form:
    """As what they are written.

    Raises:
        UsageError: there is no such form, or something stands there already.
    """
    out = Path(wanted.out)
    suffix = out.suffix.lower().removeprefix(".")
    if wanted.out.endswith("/") or out.is_dir() or not suffix:
        if out.exists() and (not out.is_dir() or next(out.iterdir(), None) is not None):
            raise UsageError(f"{wanted.out} is there already and not empty; choose another folder")
        return "folder"
    if suffix not in ("csv", "json", "png", "pdf"):
        raise UsageError(f"{wanted.out}: samples are exported as {_KINDS}")
    if out.exists() and not wanted.overwrite:
        raise UsageError(f"{wanted.out} is there already; --overwrite replaces it, or choose another name")
    return cast("Form", suffix)


def _write(wanted: WantedFile, desk: Desk, heard: Heard) -> None:
    from inspector.app.sample_export import SampleExports, Wanted
    from inspector.app.sample_export_texts import about_text
    from inspector.app.triage_keeper import TriageKeeper
    from inspector.display.gallery.export import chosen_samples
    from inspector.session.gallery import gallery_of

    keeper = TriageKeeper(desk, desk)
    keeper.message.connect(heard.tell)
    desk.run_changed.emit(desk.state.chosen)  # it was opened before, and what is said of its samples is read now
    source = _source(wanted, desk, heard)
    gallery = gallery_of(source.view_state.galleries, source.view)
    found = chosen_samples(wanted.samples, source.scene.table, gallery, source.marks)
    if found.wrong:
        raise UsageError("; ".join(found.wrong))
    if not len(found.samples):
        raise UsageError(f"{source.run.name}: no samples are {about_text(wanted.samples, '')}")
    paint_points, caption_of = _drawing(source)
    exports = SampleExports(desk, desk)
    heard.good.clear()
    heard.bad.clear()
    heard.details.clear()
    try:
        exports.begin(
            source,
            Wanted(
                samples=found.samples,
                about=about_text(wanted.samples, gallery.filter),
                form=_form(wanted),
                out=wanted.out,
                theme=wanted.theme,
                paint_points=paint_points,
                caption_of=caption_of,
            ),
        )
        turn_until(lambda: bool(heard.good or heard.bad), None)
    finally:
        exports.close()
    if not heard.good:
        raise ExportError("; ".join(heard.bad))
    heard.work(None)
    sys.stdout.write(f"{visible(heard.good[-1])}\n")
    heard.bad += heard.details


def _source(wanted: WantedFile, desk: Desk, heard: Heard) -> Source:
    """The samples of the run that is open, with what is said of them, all of their numbers read."""
    from inspector.app.sample_export import source_of
    from inspector.display.catalogue import offer_of
    from inspector.display.offer import Fit
    from inspector.session.intents import CursorMoved

    if len(desk.state.runs) > 1:
        raise UsageError("samples are exported of one run at a time; give one folder, or files of one run")
    chosen = desk.chosen()
    if chosen is None:
        raise ExportError("; ".join(heard.bad) or "nothing was opened")
    if wanted.step is not None:
        desk.dispatch(CursorMoved(wanted.step))
    verdict = offer_of(wanted.view).judge(chosen[0])
    if verdict.fit is Fit.NO:
        raise UsageError(f"{visible(chosen[0].name)}: {verdict.because}")
    source = source_of(desk, wanted.view, _numbers(wanted.view, desk, heard))
    if source is None:
        raise ExportError("; ".join(heard.bad) or f"{visible(chosen[0].name)}: it holds no samples")
    return source


def _numbers(view: str, desk: Desk, heard: Heard) -> SamplesScene:
    """The numbers of all samples, asked for until every one is read."""
    from inspector.app.news import SceneReady
    from inspector.app.scenes import Scenes
    from inspector.display.gallery.offers import SAMPLES

    scenes = Scenes(desk)
    failed: list[str] = []

    def on_failed(answer: SceneReady) -> None:
        failed.append(answer.scene)

    desk.scene_requests.ready.connect(scenes.keep)
    desk.scene_requests.failed.connect(on_failed)
    key = f"{view}.{SAMPLES}"
    while True:
        if not scenes.want(key):
            raise ExportError("; ".join(heard.bad) or "these files hold no samples")
        turn_until(lambda: not desk.scene_requests.busy, None)
        if failed:
            raise ExportError(failed[0])
        scene: SamplesScene | None = scenes.shown(key)
        if scene is not None and scene.table.whole:
            return scene
        scenes.unask(key, desk.state.chosen or "")


def _drawing(source: Source) -> tuple[PaintPoints | None, CaptionOf]:
    """What the view paints over its pictures, and what it writes under them, as the window first shows it."""
    from inspector.views.gallery.texts import plain_caption

    if source.view != "points":
        return None, plain_caption
    from inspector.views.points.captions import points_caption
    from inspector.views.points.overlay import paint_rows
    from inspector.views.points.shown import shown_of

    return partial(paint_rows, shown_of(source.view_state)), points_caption
