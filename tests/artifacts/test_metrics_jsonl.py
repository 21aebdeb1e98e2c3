from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inspector.artifacts.logs import lines, metrics_jsonl
from inspector.artifacts.logs.metrics_jsonl import JsonlParser
from inspector.artifacts.sniff import sniff
from inspector.core.errors import DamagedError, MissingError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.metrics import encode_record
from inspector.formats.series import SeriesSet
from tests.artifacts.series_checks import assert_same, by_tag, fragments


def read(text: str | bytes, folder: Path) -> SeriesSet:
    path = folder / "metrics.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return metrics_jsonl.series(path, QUIET)


def test_our_own_records_come_back_value_for_value(tmp_path):
    records = [
        {"step": 0, "epoch": 0.0, "time": 1.7e9, "train/loss": 2.5, "lr/main": 1e-3},
        {"step": 10, "epoch": 0.5, "time": 1.7e9 + 4, "train/loss": math.nan, "lr/main": 5e-4},
        {"step": 20, "epoch": 1.0, "time": 1.7e9 + 8, "event": "edited", "old": 1.0, "new": 2.0},
        {"step": 20, "epoch": 1.0, "time": 1.7e9 + 9, "val/loss": -math.inf},
    ]
    found = read(b"".join(encode_record(record) + b"\n" for record in records), tmp_path)
    tags = by_tag(found)
    assert list(tags) == ["train/loss", "lr/main", "val/loss"]
    np.testing.assert_array_equal(tags["train/loss"].values, [2.5, math.nan])
    np.testing.assert_array_equal(tags["train/loss"].steps, [0, 10])
    np.testing.assert_array_equal(tags["train/loss"].epochs, [0, 0.5])
    np.testing.assert_array_equal(tags["train/loss"].times, [1.7e9, 1.7e9 + 4])
    np.testing.assert_array_equal(tags["val/loss"].values, [-math.inf])
    assert found.skipped == ("1 event (edited)",)
    assert found.notes == ()


def test_steps_that_repeat_or_go_back_keep_all_their_points(tmp_path):
    found = read("".join(f'{{"step": {step}, "loss": {step + 0.5}}}\n' for step in (1, 2, 3, 2, 2, 1)), tmp_path)
    np.testing.assert_array_equal(found.series[0].steps, [1, 2, 3, 2, 2, 1])
    np.testing.assert_array_equal(found.series[0].values, [1.5, 2.5, 3.5, 2.5, 2.5, 1.5])


@pytest.mark.parametrize("word", ["NaN", '"NaN"', '"nan"', "Infinity", '"-Infinity"', "-Infinity", "1e999", '"inf"'])
def test_numbers_that_json_cannot_write_are_read_as_words_and_as_texts(word, tmp_path):
    found = read(f'{{"step": 1, "loss": {word}}}\n{{"step": 2, "loss": 3}}\n', tmp_path)
    expected = float(word.strip('"'))
    np.testing.assert_array_equal(found.series[0].values, [expected, 3.0])


@pytest.mark.parametrize("key", ["step", "global_step", "_step", "iteration", "iter", "Step"])
def test_each_usual_name_of_the_step_is_known(key, tmp_path):
    found = read(f'{{"{key}": 7, "loss": 1}}\n', tmp_path)
    np.testing.assert_array_equal(by_tag(found)["loss"].steps, [7])
    assert not found.series[0].stepless


def test_of_two_step_columns_the_fuller_one_counts_and_the_other_stays_a_curve(tmp_path):
    found = read('{"_step": 0, "loss": 1}\n{"_step": 1, "global_step": 100, "loss": 2}\n', tmp_path)
    assert list(by_tag(found)) == ["loss", "global_step"]
    np.testing.assert_array_equal(by_tag(found)["loss"].steps, [0, 1])


def test_records_without_steps_are_counted_and_keep_their_epochs(tmp_path):
    found = read('{"epoch": 1, "val_ari": 0.1}\n{"epoch": 2, "val_ari": 0.3}\n', tmp_path)
    (ari,) = found.series
    assert ari.stepless
    np.testing.assert_array_equal(ari.steps, [0, 1])
    np.testing.assert_array_equal(ari.epochs, [1, 2])


def test_a_record_that_lacks_the_step_stands_at_the_one_before_it(tmp_path):
    found = read('{"a": 0}\n{"step": 5, "a": 1}\n{"val": 9}\n{"step": 6, "a": 2}\n', tmp_path)
    np.testing.assert_array_equal(by_tag(found)["val"].steps, [5])
    np.testing.assert_array_equal(by_tag(found)["a"].steps, [5, 5, 6])
    assert found.notes == ("2 records have no step and stand at the one before them, the first is record 1",)


def test_times_are_seconds_since_1970_whatever_their_unit(tmp_path):
    for text in ("1700000000.5", "1700000000500", '"2023-11-14T22:13:20.500Z"', '"2023-11-14T23:13:20.500+01:00"'):
        found = read(f'{{"step": 1, "timestamp": {text}, "loss": 2}}\n', tmp_path)
        np.testing.assert_allclose(found.series[0].times, [1700000000.5], rtol=0, atol=1e-3)


def test_elapsed_seconds_are_a_curve_and_no_clock(tmp_path):
    found = read('{"step": 1, "time": 12.5, "loss": 2}\n', tmp_path)
    assert by_tag(found)["time"].values[0] == 12.5
    assert by_tag(found)["loss"].times is None


def test_nested_objects_become_dotted_tags_and_pictures_are_named(tmp_path):
    line = {"step": 1, "val": {"ari": {"fg": 0.5}}, "image": {"_type": "images/png", "width": 3}, "words": ["a"]}
    found = read(json.dumps(line) + "\n", tmp_path)
    assert list(by_tag(found)) == ["val.ari.fg"]
    assert found.skipped == ("image (1 × images/png)", "words (1 × list)")


def test_flags_and_null_are_no_values(tmp_path):
    found = read('{"step": 1, "ok": true, "none": null, "loss": 1}\n', tmp_path)
    assert list(by_tag(found)) == ["loss"]
    assert found.skipped == ("ok (1 × flag)",)


def test_bad_lines_are_counted_with_the_first_place_and_cost_nothing_else(tmp_path):
    found = read('{"step": 1, "a": 1}\n[1]\n\n{"step": 2, "a"\nnope\n{"step": 3, "a": 3}\n', tmp_path)
    np.testing.assert_array_equal(found.series[0].steps, [1, 3])
    assert found.notes == ("3 lines are not JSON objects and were left out, the first is line 2",)


def test_values_over_two_lines_do_not_pass_for_one_record(tmp_path):
    found = read('{"step": 1, "a":\n1}\n{"step": 2, "a": 2}\n', tmp_path)
    np.testing.assert_array_equal(found.series[0].steps, [2])
    assert "2 lines" in found.notes[0]


@pytest.mark.parametrize("end", [b"", b"x", b" ", b",", b"{", b'"', b"\0", b"\xff"])
@pytest.mark.parametrize("last", [b"\n", b""])
def test_two_objects_whose_line_end_is_damaged_are_both_read(end, last, tmp_path):
    lines = b'{"step": 1, "a": 1}\n{"step": 2, "a": NaN}' + end + b'{"step": 3, "a": 3}' + last
    found = read(lines, tmp_path)
    np.testing.assert_array_equal(found.series[0].steps, [1, 2, 3])
    np.testing.assert_array_equal(found.series[0].values, [1, math.nan, 3])
    assert found.notes == ("line 2 holds two JSON objects without a line end between them, both were read",)


@pytest.mark.parametrize("between", ["xx", "[1]", '"a": 1}', '{"b": 1'])
def test_what_is_no_damaged_line_end_joins_nothing(between, tmp_path):
    found = read(f'{{"step": 1, "a": 1}}\n{{"step": 2, "a": 2}}{between}{{"step": 3, "a": 3}}\n', tmp_path)
    np.testing.assert_array_equal(found.series[0].steps, [1])
    assert found.notes == ("line 2 is not a JSON object and was left out",)


def test_a_torn_last_line_is_noted_and_a_whole_one_without_newline_is_read(tmp_path):
    torn = read('{"step": 1, "a": 1}\n{"step": 2, "a": 0.1', tmp_path)
    np.testing.assert_array_equal(torn.series[0].values, [1])
    assert torn.notes == ("line 2, the last, breaks off and was left out",)
    whole = read('{"step": 1, "a": 1}\n{"step": 2, "a": 0.1}', tmp_path)
    np.testing.assert_array_equal(whole.series[0].values, [1, 0.1])
    assert whole.notes == ()


def test_a_giant_line_is_passed_over_without_being_held(monkeypatch, tmp_path):
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 1000)
    parser = JsonlParser()
    for _ in range(100):
        parser.take(b"x" * 500)
        assert len(parser._lines.held) <= 1000
    parser.take(b'\n{"step": 1, "a": 1}\n')
    found = parser.series(tmp_path)
    np.testing.assert_array_equal(found.series[0].values, [1])
    assert found.notes[0].startswith("line 1 is longer than")


def test_hostile_values_are_numbers_or_notes(tmp_path):
    hostile = [
        '{"step": 1, "a": ' + "9" * 400 + "}",
        '{"step": 2, "a": ' + "9" * 5000 + "}",
        '{"step": 3, "a": ' + "[" * 100_000 + "}",
        '{"step": 4, "a": 1, "a": 4}',
        '{"step": 5, "a": ' + '{"b":' * 200 + "1" + "}" * 200 + "}",
        '{"step": 6, "a": 6}',
    ]
    found = read("\n".join(hostile) + "\n", tmp_path)
    np.testing.assert_array_equal(found.series[0].values, [math.inf, 4, 6])
    np.testing.assert_array_equal(found.series[0].steps, [1, 4, 6])
    assert "2 lines are not JSON objects and were left out, the first is line 2" in found.notes
    assert "line 5 nests too deep, one value was left out" in found.notes


def test_names_without_end_are_bounded(tmp_path):
    found = read("".join(f'{{"step": {n}, "k{n}": 1}}\n' for n in range(10_050)), tmp_path)
    assert len(found.series) == 9_999
    assert any("more than 10,000 names" in note for note in found.notes)


def test_an_empty_file_is_an_empty_log_and_a_file_without_objects_is_damaged(tmp_path):
    assert read("", tmp_path).notes == ("the file holds no records",)
    with pytest.raises(DamagedError, match="expected one JSON object a line"):
        read("step,loss\n1,2\n", tmp_path)
    with pytest.raises(MissingError):
        metrics_jsonl.series(tmp_path / "absent.jsonl", QUIET)


def test_a_cancelled_read_stops_and_the_next_one_is_whole(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(f'{{"step": {step}, "loss": 1}}\n' for step in range(50_000)))
    beats = []
    with pytest.raises(WorkCancelled):
        metrics_jsonl.series(path, Pulse(beats.append, lambda: len(beats) >= 2))
    assert len(beats) == 2
    assert len(metrics_jsonl.series(path, QUIET).series[0].values) == 50_000


def test_facts_name_each_curve_with_its_ends(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 3, "a": 1}\n{"step": 5, "a": 2.5}\n')
    facts = metrics_jsonl.facts(path, QUIET)
    assert facts.bytes == path.stat().st_size
    (series,) = facts.series
    assert (series.tag, series.count, series.first_step, series.last_step, series.last_value) == ("a", 2, 3, 5, 2.5)


numbers = st.floats() | st.integers(-(10**20), 10**20)
plain = st.none() | st.booleans() | numbers | st.text(max_size=5)
trees = st.recursive(plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner))
records = st.dictionaries(st.sampled_from(["step", "epoch", "time", "loss", "x", "a b", ""]), trees | numbers)


@settings(max_examples=40, deadline=None)
@given(st.lists(records, max_size=12), st.lists(st.integers(0, 10_000), max_size=6))
@example([{"loss": 0.0, "x": []}, {"loss": [], "x": 0.0}], [40])
def test_any_fragments_give_what_the_whole_gives(logged, cuts):
    data = "".join(json.dumps(record) + "\n" for record in logged).encode()
    whole, pieces = JsonlParser(), JsonlParser()
    whole.take(data)
    for piece in fragments(data, cuts):
        pieces.take(piece)
        if pieces._objects:
            pieces.series(Path("log"))  # looking must not change what comes after
    assert_same(pieces.series(Path("log")), whole.series(Path("log")))


@settings(max_examples=40, deadline=None)
@given(st.lists(records, max_size=12))
def test_every_number_of_a_record_is_a_point(logged):
    data = "".join(json.dumps(record) + "\n" for record in logged).encode()
    parser = JsonlParser()
    parser.take(data)
    found = by_tag(parser.series(Path("log")))
    for key in ("loss", "x"):
        logged_values = [record.get(key) for record in map(json.loads, data.decode().splitlines())]
        expected = [
            float(value)
            for value in logged_values
            if type(value) in (int, float) or (isinstance(value, str) and value.lower() in ("nan", "inf"))
        ]
        got = found[key].values if key in found else []
        np.testing.assert_array_equal(got, expected)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_give_a_typed_error_or_a_noted_answer(data):
    parser = JsonlParser()
    parser.take(data)
    try:
        found = parser.series(Path("log.jsonl"))
    except DamagedError:
        return
    assert found.series or found.notes or found.skipped


@pytest.mark.samples
def test_a_history_logged_by_wandb_reads_as_the_json_module_reads_it(samples):
    path = next((samples / "wandb").rglob("wandb-history.jsonl"))
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    found = metrics_jsonl.series(path, QUIET)
    assert list(by_tag(found)) == ["val_loss", "val_acc", "loss", "acc", "_runtime"]
    for series in found.series:
        np.testing.assert_array_equal(series.values, [row[series.tag] for row in rows])
        np.testing.assert_array_equal(series.steps, [row["_step"] for row in rows])
        np.testing.assert_array_equal(series.epochs, [row["epoch"] for row in rows])
    assert by_tag(found)["val_loss"].values[0] == 1.935720100402832  # read off the file by eye
    assert found.skipped == ("examples (12 × images)",)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_records_in_utf_16_are_read_and_half_a_character_at_the_end_is_noted(encoding, tmp_path):
    path = tmp_path / "metrics.jsonl"
    text = "".join(json.dumps({"step": n, "perte é": n / 8}, ensure_ascii=False) + "\n" for n in range(20))
    path.write_bytes(text.encode(encoding))
    assert sniff(path).container == "jsonl"
    found = metrics_jsonl.series(path, QUIET)
    assert (found.series[0].tag, found.series[0].values.tolist()) == ("perte é", [n / 8 for n in range(20)])
    assert found.notes == ()
    with path.open("ab") as file:
        file.write(b"{")
    cut = metrics_jsonl.series(path, QUIET)
    assert cut.notes == ("the last byte is half a character of UTF-16 and was left out",)
    assert cut.series[0].values.tolist() == found.series[0].values.tolist()
