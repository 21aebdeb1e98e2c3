"""What is prepared while a reader waits: its answer is made once, and given away."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from inspector.core.arrays import AnyArray
from inspector.core.pulse import QUIET, Pulse
from inspector.display.offer import Fit, Offer, Verdict
from inspector.formats.messages import decode
from inspector.jobs.wire import Message, arrays_of
from inspector.reader.ahead import Ahead


class Ask(msgspec.Struct, frozen=True):
    sample: int


class Scene(msgspec.Struct, frozen=True):
    values: AnyArray


SCENES = {sample: Scene(np.full(5000, sample, np.float32)) for sample in range(4)}

OFFER = Offer(
    key="samples",
    title="",
    judge=lambda _run: Verdict(Fit.NO, ""),
    ask=lambda _run, _state, _view: None,
    ask_type=Ask,
    scene_type=Scene,
    prepare=__name__,
    next_ask=lambda ask, _before: Ask(ask.sample + 1),
)


def prepare(ask: Ask, _pulse: Pulse) -> Scene:
    """Stands for a viewer's."""
    return SCENES[ask.sample]


def shown(message: Message) -> int:
    """Which sample an answer holds."""
    (value,) = set(decode(message.envelope.body, Scene, arrays_of(message)).values.tolist())
    return int(value)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_answer_that_was_made_ahead_is_given_away_once():
    ahead = Ahead()
    ahead.follow(OFFER, Ask(0))
    ahead.prepare(QUIET)
    first, again, other = (ahead.answer(number, SCENES[sample]) for number, sample in ((7, 1), (8, 1), (9, 2)))

    assert [one.envelope.id for one in (first, again, other)] == [7, 8, 9]
    assert len({*first.descriptors, *again.descriptors, *other.descriptors}) == 3
    assert [shown(one) for one in (first, again, other)] == [1, 1, 2]


def test_one_answer_is_kept_and_what_is_not_asked_for_is_let_go_of():
    ahead = Ahead()
    held = open_descriptors()
    for sample in range(3):
        ahead.follow(OFFER, Ask(sample))
        ahead.prepare(QUIET)
        assert open_descriptors() == held + 1

    assert shown(ahead.answer(1, SCENES[3])) == 3
    assert open_descriptors() == held


@pytest.mark.parametrize("sample", [1, 3])
def test_an_answer_that_was_not_made_ahead_is_made(sample):
    ahead = Ahead()
    ahead.follow(OFFER, Ask(3))  # what comes after it cannot be prepared
    ahead.prepare(QUIET)

    assert shown(ahead.answer(1, SCENES[sample])) == sample
