from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.artifacts.logs import console, console_columns
from inspector.artifacts.logs.console import ConsoleParser
from inspector.artifacts.logs.console_lines import HEAD_BYTES
from inspector.artifacts.logs.line_index import IndexParser, LineIndex
from inspector.core.errors import MissingError
from inspector.core.pulse import QUIET
from tests.artifacts.console_checks import curves, read
from tests.artifacts.series_checks import assert_same, by_tag, fragments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Epoch 4/100 ... Loss=0.52\n", {"loss": (None, [4], [0.52])}),
        ("Epoch 0: Loss = 0.6000\nEpoch 5: Loss = 0.7400  <- GETTING WORSE!\n", {"loss": (None, [0, 5], [0.6, 0.74])}),
        ("Epoch 1/100:\n  Val ARI: 0.4400\n", {"val_ari": (None, [1], [0.44])}),
        (
            "Epoch 1/100:\n  Val ARI: 0.44\n  Slot Similarity: 0.31 (target: 0.0-0.5)\n",
            {"val_ari": (None, [1], [0.44]), "slot_similarity": (None, [1], [0.31])},
        ),
        (
            "Step 500/2842 | Loss=1.85 | Acc=0.3 | ETA=0:00:52\n",
            {"loss": ([500], None, [1.85]), "acc": ([500], None, [0.3])},
        ),
        ("Loss: 0.11\nLoss: 0.10\n", {"loss": (None, None, [0.11, 0.10])}),
        ("{'loss': 0.5, 'learning_rate': 5e-05, 'epoch': 0.5}\n{'loss': 0.4, 'learning_rate': 4e-05, 'epoch': 1.0}\n", {
            "loss": (None, [0.5, 1], [0.5, 0.4]), "learning_rate": (None, [0.5, 1], [5e-5, 4e-5])}),
        ("{'loss': '0.5', 'epoch': '1.0'}\n", {"loss": (None, [1], [0.5])}),
        ("Epoch 3/40 | Step 120 | Loss=0.0421 | LR=4.000e-04 | 310 scenes/s\n", {
            "loss": ([120], [3], [0.0421]), "lr": ([120], [3], [4e-4])}),
        ("Epoch 3/40 | Step 120 | ValLoss=0.0400 | FG-ARI=0.7000\n", {
            "valloss": ([120], [3], [0.04]), "fg-ari": ([120], [3], [0.7])}),
        ("Train Epoch:   3 [ 1280/60000 (2%)] \t lr = 0.001 \t MSE: 0.25\n", {
            "train/lr": (None, [3], [1e-3]), "train/mse": (None, [3], [0.25])}),
        ("====> Epoch:   3 \t Loss = 0.5 \t ARI = 0.1\n", {"loss": (None, [3], [0.5]), "ari": (None, [3], [0.1])}),
        (
            "Epoch: [2][ 10/5005]\tTime  0.123 ( 0.456)\tLoss 6.93e+00 (7.02e+00)\tAcc@1   1.00 (  0.50)\n",
            {"time": ([10], [2], [0.123]), "loss": ([10], [2], [6.93]), "acc@1": ([10], [2], [1])},
        ),
        (
            "Epoch [1/5], Step [100/600], Loss: 0.5\nEpoch [1/5], Step [200/600], Loss: 0.4\n",
            {"loss": ([100, 200], [1, 1], [0.5, 0.4])},
        ),
        ("step:  1  loss: 12.44798  tps: 1,970  mfu: 38.29%\n", {
            "loss": ([1], None, [12.44798]), "tps": ([1], None, [1970]), "mfu": ([1], None, [38.29])}),
        ("Step: 7, Loss: nan, Time: 12.5\nStep: 8, Loss: -inf, Time: 13\n", {
            "loss": ([7, 8], None, [math.nan, -math.inf]), "time": ([7, 8], None, [12.5, 13])}),
        ("Epoch 2:\n Train - coord: 0.5, done: 0.1\n Val - coord: 0.7, done: 0.2\n", {
            "train/coord": (None, [2], [0.5]), "train/done": (None, [2], [0.1]),
            "val/coord": (None, [2], [0.7]), "val/done": (None, [2], [0.2])}),
    ],
)  # fmt: skip
def test_the_usual_shapes_of_lines_are_read(text, expected):
    found = curves(text)
    assert list(found) == list(expected)
    for tag, (steps, epochs, values) in expected.items():
        assert found[tag][:2] == (steps, epochs)
        np.testing.assert_array_equal(found[tag][2], values)


@pytest.mark.parametrize(
    "text",
    [
        "batch_size: 32\nlearning_rate: 0.001\n",
        "connecting to localhost:29510\nconnecting to localhost:29511\n",
        "/lib/utils/_pytree.py:630: UserWarning\n/lib/run.py:874: UserWarning\ncpp/Allocator.cpp:495] out\n",
        "memory mapping failed (free: 16318464, total: 191503138816)\nmemory mapping failed (free: 163, total: 1915)\n",
        "model.hidden_size = 100\nmodel.hidden_size = 100\n",
        "ETA: 10\nETA: 9\nETA: 8\n",
        "Pytorch version: 1.10.0\nPytorch version: 1.11.0\n",
        "12:30:45 started\n12:30:46 stopped\n",
        "Elapsed: 0:00:10\nElapsed: 0:00:20\n",
        "best epoch: 5\nnum epochs: 100\n",
    ],
)
def test_what_only_looks_like_a_metric_is_no_curve(text):
    assert read(text).series == ()


def test_steps_counted_anew_in_each_epoch_go_on():
    found = read(
        "Epoch 1/100\n  Step  500/2842 | Loss=1.9\n  Step 1000/2842 | Loss=1.8\n  ✓ Epoch 1 complete: Loss=1.5\n"
        "Epoch 2/100\n  Step  500/2842 | Loss=1.3\n  ✓ Epoch 2 complete: Loss=1.2\n"
    )
    tags = by_tag(found)
    np.testing.assert_array_equal(tags["loss"].steps, [500, 1000, 2842 + 500])
    np.testing.assert_array_equal(tags["loss"].values, [1.9, 1.8, 1.3])
    np.testing.assert_array_equal(tags["epoch/loss"].values, [1.5, 1.2])
    np.testing.assert_array_equal(tags["epoch/loss"].epochs, [1, 2])
    assert found.notes == ("steps begin anew in every epoch of 2,842 and are counted on",)


def test_steps_of_the_whole_run_stay_and_a_restart_keeps_all_points():
    text = "Epoch 1 | Step 500/9000 | Loss=2\nEpoch 2 | Step 1000/9000 | Loss=1\n"
    found = by_tag(read(text * 2))
    np.testing.assert_array_equal(found["loss"].steps, [500, 1000, 500, 1000])


def test_settings_printed_before_the_first_epoch_are_no_points():
    found = curves("lr: 0.1\nloss: 9\nEpoch 1: lr: 0.01\nEpoch 2: lr: 0.001\n")
    assert found["lr"] == (None, [1, 2], [0.01, 0.001])


def test_colours_nul_bytes_and_foreign_bytes_do_not_hide_numbers():
    text = b"\x1b[31mstep:  1  \x1b[32mloss:  8.5\x1b[39m\n\xff\0Step 2 \x1b]0;title\x07loss: 7.5 \xe9t\xe9\n"
    np.testing.assert_array_equal(by_tag(read(text))["loss"].values, [8.5, 7.5])


def test_of_a_progress_bar_the_last_state_counts():
    text = "\r".join(f"Epoch 1: {n}%| loss={1 / (n + 1)}" for n in range(100)) + "\nEpoch 2: loss=0.5\n"
    found = read(text)
    np.testing.assert_array_equal(found.series[0].values, [0.01, 0.5])
    assert found.skipped == ("99 states of progress bars that were overwritten",)


def test_a_bar_that_goes_on_to_another_epoch_is_a_new_line():
    states = [f"Epoch {epoch}: {n}%| loss={epoch + n / 10}" for epoch in range(5) for n in range(1, 10)]
    found = read("\r".join(states) + "\n")
    np.testing.assert_array_equal(found.series[0].values, [epoch + 0.9 for epoch in range(5)])
    np.testing.assert_array_equal(found.series[0].epochs, range(5))


def test_the_number_at_the_end_of_the_file_may_be_cut_and_is_not_taken():
    found = read("Epoch 1 loss=0.5 acc=0.25\nEpoch 2 loss=0.4 acc=0.3")
    np.testing.assert_array_equal(by_tag(found)["loss"].values, [0.5, 0.4])
    np.testing.assert_array_equal(by_tag(found)["acc"].values, [0.25])
    assert len(read("Epoch 1 loss=0.5\nEpoch 2").series[0].values) == 1


def test_a_long_line_is_no_metric_and_hides_none():
    found = read("x" * 100_000 + " loss: 5\nEpoch 1 loss: 4\n")
    np.testing.assert_array_equal(found.series[0].values, [4])


def test_names_without_end_are_bounded(monkeypatch):
    monkeypatch.setattr(console_columns, "MAX_NAMES", 5)
    assert len(read("".join(f"Epoch 1 name{chr(97 + n)}: {n}\n" for n in range(20))).series) == 5


pieces = st.sampled_from(
    ["Epoch 1", "Epoch 2/9", "Step 5/10", "loss", "=", ": ", "0.5", "1e-3", " ", "\n", "\r", "\r\n", "|", "nan", "é",
     "\x1b[31m", "\0", "acc", "  ", ",", "-"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(pieces, max_size=60), st.lists(st.integers(0, 2000), max_size=6))
def test_any_fragments_of_any_text_give_what_the_whole_gives(parts, cuts):
    text = "".join(parts)
    whole = read(text)
    assert_same(read(text, cuts=tuple(cuts)), whole)
    pieces_taken = ConsoleParser()
    for piece in fragments(text.encode(), cuts):
        pieces_taken.take(piece)
        pieces_taken.series(Path("log"))  # looking must not change what comes after
    assert_same(pieces_taken.series(Path("log")), whole)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=500))
def test_random_bytes_give_an_answer(data):
    for one in read(data).series:
        assert len(one.values) == len(one.steps) > 0


def index(data: bytes, folder: Path) -> LineIndex:
    path = folder / "train.log"
    path.write_bytes(data)
    return console.lines_of(path, QUIET)


def test_lines_are_counted_and_shown_by_number(tmp_path):
    found = index(b"one\ntwo\r\n\nfour", tmp_path)
    assert found.count == 4
    assert found.texts(0, 10) == ("one", "two", "", "four")
    assert found.texts(1, 2) == ("two", "")
    assert found.texts(3, 1) == ("four",)
    assert found.texts(4, 5) == ()
    assert index(b"", tmp_path).count == 0


def test_shown_lines_have_no_control_characters(tmp_path):
    found = index(
        b"\x1b[31mred\x1b[0m\ta\0b\xff\x9b\xc2\x9b1m \xe2\x80\xaeabc \x1b]8;;http://x\x07link\x1b]8;;\x07\n", tmp_path
    )
    assert found.texts(0, 1) == ("red\\x09a\\x00b\\xff\\x9b \\u202eabc link",)


def test_an_unterminated_command_swallows_no_other_line(tmp_path):
    assert index(b"\x1b]0;title\nnext\n\x1b[", tmp_path).texts(0, 3) == ("", "next", "")


def test_long_lines_are_cut_for_display(tmp_path):
    found = index(b"a" * 5000 + b"\n" + b"b" * 100_000 + b"\nend\n", tmp_path)
    short, long, end = found.texts(0, 3)
    assert short == "a" * 4096 + "… (5,000 characters)"
    assert long == "b" * 4096 + "… (100.0 kB)"
    assert end == "end"


def test_overwritten_states_are_folded(tmp_path):
    found = index(b"0%\r50%\r100%\r\n\r  \nnext\r", tmp_path)
    assert found.texts(0, 4) == ("100%", "  ", "next")
    assert found.folded == 2


def test_a_giant_line_of_states_is_held_in_bounded_memory():
    parser = IndexParser()
    chunk = b"\r".join(b"%8d/99999999 [=====>    ] loss: 0.5" % n for n in range(3000)) + b"\r"
    for _ in range(50):
        parser.take(chunk)
        assert len(parser._lines._head) <= HEAD_BYTES
    parser.take(b"last\n")
    size = 50 * len(chunk)
    assert parser.bounds().tolist() == [size, size + 4]
    assert parser.folded == 50 * 3000


def test_a_giant_line_without_states_is_held_in_bounded_memory():
    parser = ConsoleParser()
    for _ in range(50):
        parser.take(b"x" * 200_000)
        assert len(parser._splitter._head) <= HEAD_BYTES
    parser.take(b"\nEpoch 1: loss=2\n")
    np.testing.assert_array_equal(parser.series(Path("log")).series[0].values, [2])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_text_with_a_byte_order_mark_is_read(encoding, tmp_path):
    path = tmp_path / "train.log"
    path.write_bytes("Époque\nEpoch 1: loss=0.5\n".encode(encoding))
    lines = console.lines_of(path, QUIET).texts(0, 3)
    assert lines == ("Époque", "Epoch 1: loss=0.5")
    np.testing.assert_array_equal(console.series(path, QUIET).series[0].values, [0.5])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", b" ", b"Epoch 1", b"Epoch 2", b"\0"]), max_size=30),
       st.lists(st.integers(0, 500), max_size=5))  # fmt: skip
def test_any_fragments_give_the_same_lines(parts, cuts):
    data = b"".join(parts)
    whole, pieces_taken = IndexParser(), IndexParser()
    whole.take(data)
    for piece in fragments(data, cuts):
        pieces_taken.take(piece)
    assert pieces_taken.bounds() == whole.bounds()
    assert pieces_taken.folded == whole.folded
    shown = [data[start:end] for start, end in zip(*[iter(whole.bounds())] * 2, strict=True)]
    if b"\r" not in data:
        assert shown == (data.removesuffix(b"\n").split(b"\n") if data else [])


def test_facts_count_the_lines(tmp_path):
    path = tmp_path / "train.log"
    path.write_text("Epoch 1 loss=0.5\nEpoch 2 loss=0.25\ndone")
    facts = console.facts(path, QUIET)
    assert (facts.lines, facts.bytes, facts.container) == (3, path.stat().st_size, "text")
    assert [(one.tag, one.count, one.last_value) for one in facts.series] == [("loss", 2, 0.25)]
    with pytest.raises(MissingError):
        console.series(tmp_path / "absent.log", QUIET)


@pytest.mark.samples
def test_a_real_torchtitan_log_gives_its_ten_steps(samples):
    path = next((samples / "logs").rglob("*run279*/run.log"))
    tags = by_tag(console.series(path, QUIET))
    assert list(tags) == ["loss", "grad_norm", "memory", "tps", "tflops", "mfu"]
    np.testing.assert_array_equal(tags["loss"].steps, range(1, 11))
    np.testing.assert_array_equal(tags["loss"].values[5:], [9.75272, 7.31107, 6.29816, 5.27919, 6.09081])
    np.testing.assert_array_equal(tags["grad_norm"].values[-2:], [22.375, 46.0])
    np.testing.assert_array_equal(tags["tps"].values[-2:], [10_378, 10_536])
    np.testing.assert_array_equal(tags["mfu"].values[-2:], [38.86, 39.45])


@pytest.mark.samples
def test_a_real_allennlp_log_gives_the_metrics_it_ends_with(samples):
    path = samples / "logs/allenai__allennlp/test_fixtures/simple_tagger/serialization/out.log"
    tags = by_tag(console.series(path, QUIET))
    assert tags["validation_loss"].values.tolist() == [0.6266683340072632]
    assert tags["training_accuracy3"].values.tolist() == [1.0]
    assert tags["validation_loss"].epochs.tolist() == [0]


@pytest.mark.samples
@pytest.mark.parametrize("name", ["attV/stderr.log", "attV/stdout.log", "new/stderr.log", "new/stdout.log"])
def test_real_logs_of_failures_and_settings_give_no_curves(name, samples):
    assert console.series(samples / "logs/allenai__allennlp" / name, QUIET).series == ()


@pytest.mark.samples
def test_real_logs_of_the_wandb_client_give_only_what_a_script_printed(samples):
    for path in sorted((samples / "wandb").rglob("debug*.log")) + sorted((samples / "wandb").rglob("output.log")):
        found = [(one.tag, one.values.tolist()) for one in console.series(path, QUIET).series]
        printed = [("loss", [0.62317548673073, 0.5134862408186568])]
        assert found == (printed if path.name == "output.log" and "test_parallel_runs" in str(path) else []), path


@pytest.mark.samples
def test_every_line_of_real_logs_is_shown(samples):
    for path in sorted((samples / "logs").rglob("*.log")):
        text = path.read_text(encoding="utf-8")
        if "\r" in text.replace("\r\n", "\n"):
            continue
        found = console.lines_of(path, QUIET)
        expected = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
        assert found.count == len(expected)
        for line in range(0, found.count, 37):
            (shown,) = found.texts(line, 1)
            if expected[line].isprintable() and len(expected[line]) < 4096:
                assert shown == expected[line]


def test_lines_of_binary_data_are_passed_over_and_counted(tmp_path):
    path = tmp_path / "train.log"
    binary = bytes(byte for byte in range(256) if byte not in b"\r\n\x1b\b") * 20
    path.write_bytes(b"epoch 1 loss 0.5\nepoch 2 loss 0.25\n" + binary + b"\n" + binary + b"\nepoch 3 loss 0.125\n")
    facts = console.facts(path, QUIET)
    assert facts.lines == 5
    assert facts.notes == (
        f"2 lines are no text, their {2 * len(binary):,} bytes were passed over, the first is line 3",
    )
    (loss,) = console.series(path, QUIET).series
    assert (loss.tag, loss.values.tolist(), loss.epochs.tolist()) == ("loss", [0.5, 0.25, 0.125], [1, 2, 3])


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "cp1251"])
def test_text_of_another_encoding_is_no_binary_data(encoding, tmp_path):
    word = {"gbk": "损失", "latin-1": "Verlüste", "cp1251": "Потери"}[encoding]
    path = tmp_path / "train.log"
    path.write_bytes("".join(f"{word} epoch {n} loss={n / 8}\n" for n in range(1, 9)).encode(encoding))
    found = console.series(path, QUIET)
    assert [value for one in found.series for value in one.values] == [n / 8 for n in range(1, 9)]
    assert found.notes == ("8 lines are not UTF-8, their other bytes were read, the first is line 1",)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark_is_read(encoding, tmp_path):
    path = tmp_path / "train.log"
    text = "Époque\r\n" + "".join(f"Epoch {n}: loss={n / 8} ✓\r\n" for n in range(1, 40))
    path.write_bytes(text.encode(encoding))
    found = console.series(path, QUIET)
    assert (found.series[0].values.tolist(), found.notes) == ([n / 8 for n in range(1, 40)], ())
    assert console.lines_of(path, QUIET).texts(0, 2) == ("Époque", "Epoch 1: loss=0.125 ✓")
    path.write_bytes(text.encode(encoding) + "E".encode(encoding)[:1])
    cut = console.series(path, QUIET)
    assert_same(msgspec.structs.replace(cut, notes=()), found)
    assert cut.notes == ("the last byte is half a character of UTF-16 and was left out",)


def test_a_log_that_turns_out_to_be_utf_16_is_read_anew(tmp_path):
    path = tmp_path / "train.log"
    text = "Epoch 1: loss=0.5\nEpoch 2: loss=0.25\n".encode("utf-16-le")
    for end in range(1, len(text) + 1):
        path.write_bytes(text[:end])
        found = console.series(path, QUIET)
    assert found.series[0].values.tolist() == [0.5, 0.25]
