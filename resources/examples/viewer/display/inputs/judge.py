"""Whether a run has images to look at, and those of which dump are asked for. Runs in the window: no file is opened."""

from inspector.display.dumps import chosen_dump, datasets, dumps_of, missing_text
from inspector.display.inputs.scene import InputsAsk, InputsScene
from inspector.display.offer import Fit, Offer, Verdict
from inspector.formats.dump import Role
from inspector.formats.facts import DumpFacts
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def has_images(facts: DumpFacts) -> bool:
    return bool(datasets(facts, Role.IMAGE))


def judge(run: Run) -> Verdict:
    """The reason is shown also where the answer is no."""
    count = sum(has_images(facts) for _file, facts in dumps_of(run))
    if not count:
        return Verdict(Fit.NO, missing_text(run, "images", Role.IMAGE))
    return Verdict(Fit.POSSIBLE, f"images in {count} dumps")


def ask(run: Run, run_state: RunState, view_state: ViewState) -> InputsAsk | None:
    """The dump at the cursor; the same ask again costs nothing, another one is prepared."""
    dump = chosen_dump(run, run_state, has_images)
    return None if dump is None else InputsAsk(path=dump.path, place=dump.place, samples=dump.facts.samples or 0)


OFFER = Offer(
    key="inputs",
    title="Inputs",
    judge=judge,
    ask=ask,
    ask_type=InputsAsk,
    scene_type=InputsScene,
    prepare="inspector.display.inputs.prepare",
)
