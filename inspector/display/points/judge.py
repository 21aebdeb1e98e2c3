"""Whether a run has points to look at, and which of them are asked for."""

from __future__ import annotations

import msgspec

from inspector.core.language import tr
from inspector.display.dumps import Suits, chosen_dump, datasets, dumps_of, missing_text, sample_in
from inspector.display.offer import Fit, Offer, Verdict
from inspector.display.points.scene import PointsAsk, PointsScene
from inspector.display.points.threshold import chosen_threshold
from inspector.formats.dump import Role
from inspector.formats.facts import DumpFacts
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState

POINT_ROLES = (Role.GT_POINTS, Role.PRED_POINTS)


def _has_points(facts: DumpFacts) -> bool:
    return bool(datasets(facts, *POINT_ROLES))


def _complete(facts: DumpFacts) -> bool:
    return all(datasets(facts, role) for role in (*POINT_ROLES, Role.IMAGE))


def _is_paired(facts: DumpFacts) -> bool:
    return all(datasets(facts, role) for role in POINT_ROLES)


def _suiting(run: Run, run_state: RunState) -> Suits:
    """Dumps with points: those that have the most beside them, unless another one was chosen by hand."""
    with_points = [(file.path, facts) for file, facts in dumps_of(run) if _has_points(facts)]
    if any(path == run_state.file for path, _facts in with_points):
        return _has_points
    kinds = (_complete, _is_paired, _has_points)
    return next((suits for suits in kinds if any(suits(facts) for _path, facts in with_points)), _has_points)


def judge(run: Run) -> Verdict:
    """Made for dumps with both kinds of points and images; possible with some of the three."""
    with_points = [facts for _file, facts in dumps_of(run) if _has_points(facts)]
    if not with_points:
        return Verdict(Fit.NO, missing_text(run, tr("points"), *POINT_ROLES))
    if any(_complete(facts) for facts in with_points):
        return Verdict(Fit.MADE_FOR, tr("points of ground truth and prediction with their images"))
    present = {role for facts in with_points for role in (*POINT_ROLES, Role.IMAGE) if datasets(facts, role)}
    names = {Role.GT_POINTS: tr("ground truth"), Role.PRED_POINTS: tr("predictions"), Role.IMAGE: tr("images")}
    missing = tr(" and ").join(name for role, name in names.items() if role not in present)
    if not missing:
        return Verdict(Fit.POSSIBLE, tr("the points come without one of the three: truth, prediction, image"))
    return Verdict(Fit.POSSIBLE, tr("the points come without {missing}").format(missing=missing))


def ask(run: Run, run_state: RunState, view_state: ViewState) -> PointsAsk | None:
    """The chosen sample of the dump at the cursor, None where no dump holds points."""
    dump = chosen_dump(run, run_state, _suiting(run, run_state))
    if dump is None:
        return None
    compared, sample = view_state.compared_dump, sample_in(dump.facts, view_state.sample)
    after = view_state.after_sample or (sample, sample + 1)
    return PointsAsk(
        path=dump.path,
        place=dump.place,
        sample=sample,
        following=sample_in(dump.facts, after[1]) if after[0] == sample else -1,
        generous=view_state.generous_file == dump.path,
        radius_px=view_state.match_radius_px,
        threshold=threshold.value if (threshold := chosen_threshold(run, view_state)) is not None else 0.0,
        undo=view_state.undo_point_pattern,
        compared=compared,
        outside=() if not compared or any(file.path == compared for file in run.files) else (compared,),
        change_limit_px=view_state.change_limit_px,
    )


def next_ask(ask: PointsAsk, _before: PointsAsk | None) -> PointsAsk | None:
    """The same of the sample that follows in the order shown; its picture is kept."""
    there = ask.following >= 0 and ask.following != ask.sample
    return msgspec.structs.replace(ask, sample=ask.following, following=-1) if there else None


OFFER = Offer(
    key="points",
    title=tr("Points"),
    judge=judge,
    ask=ask,
    ask_type=PointsAsk,
    scene_type=PointsScene,
    prepare="inspector.display.points.prepare",
    next_ask=next_ask,
)
