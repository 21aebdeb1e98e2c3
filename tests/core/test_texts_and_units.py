"""What a person reads: numbers with units, and text from files that cannot deceive."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.core.errors import DamagedError, WorkCancelled
from inspector.core.notes import MAX_NOTES, Notes
from inspector.core.pulse import Progress, Pulse
from inspector.core.texts import begun, breakable, natural_key, visible
from inspector.core.units import bytes_text, count_text, epoch_text, number_text, percent_text, pixels_text, whole_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (36_900, "36.9 kB"),
        (18_300_000, "18.3 MB"),
        (2_443_000_000, "2.4 GB"),
        (10**18, "1000.0 PB"),
    ],
)
def test_bytes(value: int, text: str) -> None:
    assert bytes_text(value) == text


@pytest.mark.parametrize(("value", "text"), [(9216, "9,216"), (113_680, "114 k"), (1_590_000, "1.59 M"), (0, "0")])
def test_counts(value: int, text: str) -> None:
    assert count_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (0.0001, "0.0001"),
        (1e-7, "1e-7"),
        (-0.5, "−0.5"),
        (123456.0, "1.235e5"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.44712, "0.447"), (1234.5, "1230"), (12_345.0, "1.23e4"), (-2.0, "−2"), (math.nan, "NaN")]
)
def test_numbers_of_fewer_digits(value: float, text: str) -> None:
    assert number_text(value, 3) == text


def test_an_epoch_has_a_hundredth_at_most_and_more_within_the_first() -> None:
    told = [epoch_text(epoch) for epoch in (0.0, 0.0081, 0.1587, 0.999, 5.397, 5.434, 9.0, 12.96, 140.0, 123_456.0)]
    assert told == ["0", "0.0081", "0.16", "1", "5.4", "5.43", "9", "12.96", "140", "123456"]


def test_percent() -> None:
    assert percent_text(0.605) == "60.5%"
    assert percent_text(math.nan) == "NaN"


def test_lengths_in_an_image_have_a_tenth_below_a_hundred() -> None:
    told = [pixels_text(value) for value in (0.0, 12.24, 99.94, 99.96, 103.7, 4e12, math.nan)]
    assert told == ["0.0 px", "12.2 px", "99.9 px", "100 px", "104 px", "4e+12 px", "NaN"]


def test_control_and_direction_characters_are_written_out() -> None:
    assert visible("a\x1b[31m\u202ebc\n") == "a\\x1b[31m\\u202ebc\\x0a"
    assert visible(b"\xff".decode("utf-8", "surrogateescape")) == "\\xff"


@given(st.text(max_size=300))
def test_shown_text_is_one_line_that_can_be_encoded(text: str) -> None:
    shown = visible(text, 100)
    shown.encode()
    assert len(shown.splitlines()) <= 1


def test_a_sentence_begins_with_a_capital_and_keeps_those_within_it() -> None:
    assert [begun(text) for text in ("", "élan of ReLU", "FG-ARI")] == ["", "Élan of ReLU", "FG-ARI"]


def test_a_long_line_is_cut_and_says_so() -> None:
    assert visible("x" * 10_000, 10) == "xxxxxxxxxx… (10,000 characters)"


def test_names_are_sorted_by_the_numbers_in_them() -> None:
    names = ["1", "1²", "2.png", "10", "1" + "0" * 5000, "conv", "conv.2.weight", "conv.10.bias", "conv.10.weight", "²"]
    given = names[5:] + names[:5]
    assert sorted(given, key=natural_key) == names
    assert natural_key("run 007") == natural_key("run 7")


def test_notes_are_bounded_and_distinct() -> None:
    notes = Notes()
    for index in range(MAX_NOTES + 50):
        notes.add(f"line {index}")
        notes.add("line 0")
    texts = notes.texts()
    assert len(texts) == MAX_NOTES + 1
    assert texts[-1] == "50 more notes"


def test_an_error_names_the_file_what_was_expected_and_found() -> None:
    error = DamagedError("/home/someone/secret/last.pt", "a checkpoint", "0 bytes", "copy it again")
    assert str(error) == "last.pt: expected a checkpoint, found 0 bytes; copy it again"


def test_a_pulse_reports_and_stops() -> None:
    seen: list[Progress] = []
    stop = False
    pulse = Pulse(seen.append, lambda: stop)
    pulse.beat(1, 2, "x")
    stop = True
    with pytest.raises(WorkCancelled):
        pulse.beat(2, 2)
    assert seen == [Progress(1, 2, "x")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short words and encoder.conv1.weight", "short words and encoder.conv1.weight"),
        ("model.encoder_block.weight: dead", "model.|encoder_|block.|weight: dead"),
        ("/data/run/checkpoints/step.pt", "/|data/|run/|checkpoints/|step.|pt"),
        ("__init__.__class__.something", "__|init__.__|class__.|something"),
        ("a" * 21, "a" * 9 + "…" + "a" * 10),
        ("x." + "b" * 30, "x.|" + "b" * 9 + "…" + "b" * 10),
        ("", ""),
    ],
)  # fmt: skip
def test_long_names_may_be_broken_into_lines(text, shown):
    assert breakable(text, 20) == shown.replace("|", "\u200b")


def test_a_whole_number_just_below_nothing_has_no_sign():
    assert [whole_text(value) for value in (-0.3, -0.0, -0.6, 2.5, float("nan"))] == ["0", "0", "-1", "2", "nan"]
