"""What became of samples from one dump to another equals a loop over them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.core.errors import FileError
from inspector.core.pulse import QUIET
from inspector.display.gallery import samples
from inspector.display.gallery.filters import filtered
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.points import thumbs
from inspector.display.points.compared.judge import ask as compared_ask
from inspector.display.points.compared.prepare import prepare
from inspector.display.points.compared.scene import ComparedAsk
from inspector.display.points.gallery import OFFERS
from inspector.display.points.overlay import overlay_of
from inspector.display.points.scene import PointThumbsAsk
from inspector.formats.marks import NO_MARKS
from inspector.runs.scan import scan
from inspector.session.values import RunState, ViewState
from tests.diagnosis.folders import write_dump

SAMPLES, SIZE = 30, np.array([384.0, 384.0])


def truth() -> np.ndarray:
    return np.random.default_rng(0).uniform(40, 340, (SAMPLES, 2))


def predicted(seed: int, deviation_px: float) -> np.ndarray:
    return truth() + np.random.default_rng(seed).normal(0, deviation_px, (SAMPLES, 2))


EARLIER, LATER = predicted(1, 9), predicted(2, 7)


def write(folder: Path, step: int, points: np.ndarray, **more: Any) -> str:
    path = folder / f"step_{step:07d}.h5"
    count = len(points)
    kept = {"gt/points": truth()[:count], "pred/points": points, "samples/size": np.tile(SIZE, (count, 1))}
    write_dump(path, step, kept | {name.replace("__", "/"): values for name, values in more.items()})
    return str(path)


@pytest.fixture
def both(tmp_path: Path) -> tuple[str, str]:
    return write(tmp_path, 1000, LATER), write(tmp_path, 500, EARLIER)


def ask(path: str, other: str, **changes: Any) -> ComparedAsk:
    return ComparedAsk(**({"path": path, "sample": 0, "other": other, "place": "step 500"} | changes))


def by_loop(limit_px: float) -> list[str]:
    words = []
    for before, now, true in zip(EARLIER, LATER, truth(), strict=True):
        was, is_ = math.dist(before, true) > limit_px, math.dist(now, true) > limit_px
        words.append("fixed" if was and not is_ else "broken" if is_ and not was else "same")
    return words


@pytest.mark.parametrize("limit_px", [0.0, 5.0, 15.0])
def test_counts_equal_a_loop(both: tuple[str, str], limit_px: float) -> None:
    scene = prepare(ask(*both, limit_px=limit_px), QUIET)
    words = by_loop(limit_px or 10.0)
    assert scene.limit_px == pytest.approx(limit_px or 10.0)
    assert [scene.fixed, scene.broken, scene.same] == [words.count(one) for one in ("fixed", "broken", "same")]
    assert scene.unknown == 0
    assert len(set(words)) == 3
    there, here = (np.median(np.hypot(*(one - truth()).T)) for one in (EARLIER, LATER))
    assert scene.text == f"median {there:.1f} px there, {here:.1f} px here"
    assert scene.matched_text == "30 samples matched by order"
    assert scene.notes == ()


def test_the_chosen_sample_is_told_with_the_other_prediction(both: tuple[str, str]) -> None:
    for sample, word in enumerate(by_loop(10.0)[:8]):
        scene = prepare(ask(*both, sample=sample), QUIET)
        there, here = (math.dist(one[sample], truth()[sample]) for one in (EARLIER, LATER))
        assert scene.change_text.startswith(f"sample {sample + 1}: {there:.1f} px there, {here:.1f} px here, {word}")
        assert scene.predictions == (pytest.approx(((EARLIER[sample] + 0.5) / 384).tolist()),)


def test_columns_and_words_of_the_filter_say_the_same(both: tuple[str, str]) -> None:
    table = samples.prepare(SamplesAsk(path=both[0], compared=both[1]), QUIET).table
    change = table.column("err_change_px")
    assert change is not None
    expected = np.hypot(*(LATER - truth()).T) - np.hypot(*(EARLIER - truth()).T)
    assert change.values == pytest.approx(expected)
    words = np.array(by_loop(10.0))
    for word in ("fixed", "broken", "same"):
        kept, wrong = filtered(table, word, (), NO_MARKS)
        assert wrong == ()
        assert kept.tolist() == (words == word).tolist()
        assert filtered(table, f"-{word}", (), NO_MARKS).kept.tolist() == (words != word).tolist()


def test_without_another_dump_the_words_mean_nothing(both: tuple[str, str]) -> None:
    table = samples.prepare(SamplesAsk(path=both[0]), QUIET).table
    assert table.column("err_change_px") is None
    kept, (wrong,) = filtered(table, "fixed", (), NO_MARKS)
    assert kept.all()
    assert "No other dump is compared with" in wrong


def test_thumbnails_carry_the_other_prediction(both: tuple[str, str]) -> None:
    found = thumbs.prepare(PointThumbsAsk(path=both[0], samples=(4,), compared=both[1]), QUIET)
    overlay = overlay_of(found.points)
    assert len(overlay.pairs) == 1
    assert overlay.others == (pytest.approx(((EARLIER[4] + 0.5) / 384).tolist(), abs=1e-6),)


def test_samples_of_one_dump_alone_are_not_judged(tmp_path: Path) -> None:
    index = np.arange(SAMPLES)
    here = write(tmp_path, 1000, LATER, samples__index=index)
    there = write(tmp_path, 500, EARLIER[:20], samples__index=index[:20])
    scene = prepare(ask(here, there, sample=25), QUIET)
    assert scene.unknown == 10
    assert scene.notes == ("10 samples are in one of the dumps alone",)
    assert scene.change_text == "sample 26: not in both"
    assert scene.predictions == ()


def test_other_objects_are_noted(tmp_path: Path) -> None:
    here = write(tmp_path, 1000, LATER)
    moved = truth() + np.where(np.arange(SAMPLES) < 3, 30.0, 0.0)[:, None]
    path = tmp_path / "other.h5"
    write_dump(path, 500, {"gt/points": moved, "pred/points": EARLIER, "samples/size": np.tile(SIZE, (SAMPLES, 1))})
    (note,) = prepare(ask(here, str(path)), QUIET).notes
    assert note.startswith("The objects of 3 samples are not the same in both dumps")


def test_a_missed_object_is_above_any_limit(tmp_path: Path) -> None:
    lost = LATER.copy()
    lost[:2] = np.nan
    scene = prepare(ask(write(tmp_path, 1000, lost), write(tmp_path, 500, truth())), QUIET)
    words = ["broken" if place < 2 or math.dist(LATER[place], truth()[place]) > 10 else "same" for place in range(30)]
    assert [scene.fixed, scene.broken, scene.same] == [0, words.count("broken"), words.count("same")]


def test_another_dump_that_cannot_be_read_is_said_and_hides_nothing(both: tuple[str, str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.h5"
    broken.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    table = samples.prepare(SamplesAsk(path=both[0], compared=str(broken)), QUIET).table
    assert table.column("err_px") is not None
    assert "broken.h5" in table.notes[-1]
    assert thumbs.prepare(PointThumbsAsk(path=both[0], samples=(0,), compared=str(broken)), QUIET).problems == {}
    with pytest.raises(FileError):
        prepare(ask(both[0], str(broken)), QUIET)


def test_a_dump_of_another_run_is_let_read(both: tuple[str, str], tmp_path: Path) -> None:
    run = scan((tmp_path,), QUIET)
    state = RunState(key=run.key, paths=run.paths)
    assert compared_ask(run, state, ViewState()) is None
    inside = compared_ask(run, state, ViewState(compared_dump=both[1]))
    assert inside is not None
    assert (inside.path, inside.other, inside.outside) == (*both, ())
    assert inside.place == "step_0000500.h5 · epoch 4"
    outside = compared_ask(run, state, ViewState(compared_dump="/elsewhere/step_9.h5"))
    assert outside is not None
    assert outside.outside == ("/elsewhere/step_9.h5",)
    assert outside.place == "step_9.h5"
    asked = OFFERS[0].ask(run, state, ViewState(compared_dump="/elsewhere/step_9.h5"))
    assert isinstance(asked, SamplesAsk)
    assert asked.outside == ("/elsewhere/step_9.h5",)
