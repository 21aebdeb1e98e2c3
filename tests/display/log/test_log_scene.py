"""What the Log view shows of a file: windows, filters, searches, and what is known of each line."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.artifacts.logs import console
from inspector.core.pulse import QUIET
from inspector.display.log.judge import changes_to_show, changes_to_show_point
from inspector.display.log.patterns import ERROR
from inspector.display.log.prepare import prepare
from inspector.display.log.scene import LogAsk, LogScene
from inspector.session.values import ViewState

LOG = (
    b"started\n"
    b"  0%|   |\r 50%|#  |\r100%|###|\n"
    b"\x1b[31mEpoch 1\x1b[0m | Step 10 | \x1b[38;5;46mLoss=0.5\x1b[0m\n"
    b"Traceback (most recent call last):\n"
    b"Epoch 1 | Step 20 | Loss=nan\n"
    b"Epoch 1 | Step 30 | Loss=0.25\n"
    b"saved the Model\n"
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "train.log"
    path.write_bytes(LOG)
    return path


def scene(path: Path, **ask: object) -> LogScene:
    usual = {"path": str(path), "name": path.name, "first": 0, "count": 100, "filter": "", "stamp": 0.0}
    return prepare(LogAsk(**{**usual, **ask}), QUIET)


def test_each_line_says_what_is_known_of_it(log):
    found = scene(log)
    assert found.texts[1:3] == ("100%|###|", "Epoch 1 | Step 10 | Loss=0.5")
    assert [note.kind for note in found.notes] == ["", "", "numbers", "error", "error", "numbers", ""]
    assert [note.step for note in found.notes] == [None, None, 10, None, 20, 30, None]
    assert [note.folded for note in found.notes] == [0, 2, 0, 0, 0, 0, 0]
    assert [tuple(piece) for piece in map(_fields, found.notes[2].pieces)] == [(0, 7, "red"), (20, 8, "green")]


def _fields(piece: object) -> tuple[object, ...]:
    return piece.start, piece.count, piece.colour


def test_a_filter_keeps_the_lines_that_match_whatever_their_case(log):
    assert scene(log, filter="MODEL").texts == ("saved the Model",)
    assert scene(log, filter="epoch 1").numbers == (3, 5, 6)
    assert scene(log, filter="/step [23]0/").numbers == (5, 6)
    assert scene(log, filter="50%").numbers == ()  # an overwritten state is no line


def test_matches_are_counted_around_the_line_gone_to(log):
    matches = scene(log, search="epoch").matches
    assert (matches.count, matches.place, matches.before, matches.after) == (3, 0, None, (2, 2))
    matches = scene(log, search="epoch", line=4).matches
    assert (matches.count, matches.place, matches.before, matches.after) == (3, 2, (2, 2), (5, 5))
    matches = scene(log, search="epoch", filter="/loss=0/", line=5).matches
    assert (matches.count, matches.place, matches.before, matches.after) == (2, 2, (0, 2), None)


@pytest.mark.parametrize("field", ["filter", "search"])
def test_what_is_no_regular_expression_is_said_and_all_lines_are_shown(log, field):
    found = scene(log, **{field: "/(/"})
    assert "/(/ is no regular expression" in found.wrong
    assert found.total == 7


def test_words_are_found_in_plain_bytes_as_in_shown_text(tmp_path):
    path = tmp_path / "train.log"
    path.write_bytes(
        b"".join(b"Step %d loss %d\n" % (n, n % 97) for n in range(9_500)) + b"loss\r7 loss 4\n\xc3\xa9 loss 4\n"
    )
    shown = console.lines_of(path, QUIET).texts(0, 10_000)
    for word in ("loss 4", "STEP 9", "s 4\n", "loss", "absent"):
        expected = [n + 1 for n, text in enumerate(shown) if word.lower() in text.lower()]
        found = scene(path, filter=word, count=20_000)
        assert list(found.numbers) == expected, word
        assert found.total == len(expected)


def test_from_a_point_of_a_curve_one_comes_to_its_line(log):
    (line,) = console.lines_behind(log, "loss", QUIET)[[2]]
    view = ViewState(**changes_to_show(int(line)))
    found = scene(log, line=view.log_line, first=view.log_first, filter=view.log_filter)
    assert found.texts[found.numbers.index(found.line + 1)] == "Epoch 1 | Step 30 | Loss=0.25"
    view = ViewState(**changes_to_show_point("loss", 22.0))
    found = scene(log, tag=view.log_tag, step=view.log_step, filter=view.log_filter)
    assert (found.line, found.tag) == (4, "loss")
    assert scene(log, tag="absent", step=22.0).line == -1


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("RuntimeError: CUDA out of memory. Tried to allocate 2 GiB", True),
        ("torch.cuda.OutOfMemoryError: CUDA out of memory.", True),
        ("KeyboardInterrupt", True),
        ("2026-05-19 18:32:47,445 - root - ERROR - cannot save", True),
        ("Step 3: loss=nan", True),
        ("Epoch 3: Loss: -inf", True),
        ("Killed", True),
        ("No errors were found", False),
        ("error_rate: 0.5", False),
        ("finance info: 3 nano banana", False),
        ("class_error: 95.00  loss: 40.1", False),
    ],
)
def test_lines_that_tell_of_a_failure_are_known(line, error):
    assert (ERROR.search(line) is not None) == error


@pytest.mark.samples
def test_a_real_coloured_log_is_shown_in_its_colours_with_its_steps(samples):
    path = next((samples / "logs").rglob("run398-*/run.log"))
    found = scene(path, first=330, count=12)
    place = found.numbers.index(334)
    assert "step:  2  loss: 10.51308" in found.texts[place]
    assert found.notes[place].step == 2
    assert [piece.colour for piece in found.notes[place].pieces][:2] == ["red", "green"]
