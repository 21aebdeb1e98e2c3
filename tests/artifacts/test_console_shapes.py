"""The lines that training tools print, each with the curves that a reader of the text would draw."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.logs import console
from inspector.artifacts.logs.console_parser import ConsoleParser
from inspector.core.pulse import QUIET
from tests.artifacts.console_checks import Curve, curves, read
from tests.artifacts.series_checks import by_tag

KERAS = """Epoch 1/2
1875/1875 [==============================] - 3s 2ms/step - loss: 0.2912 - auc_1: 0.9152
Epoch 2/2
\x1b[1m1875/1875\x1b[0m \x1b[32m━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m3s\x1b[0m 2ms/step - loss: 0.1421 - val_loss: 0.1
"""
LIGHTNING = (
    "Epoch 0:  50%|█████     | 50/100 [00:01<00:01, 45.2it/s, loss=0.5, v_num=3]\r"
    "Epoch 0: 100%|██████████| 100/100 [00:02<00:00, 45.2it/s, loss=0.4, v_num=3, val_loss=0.45]\n"
    "Epoch 1: 100%|██████████| 100/100 [00:02<00:00, 45.2it/s, loss=0.3, v_num=3, val_loss=0.35]\n"
)
FAIRSEQ = """2021-01-01 10:00:09 | INFO | train_inner | epoch 001:    100 / 1000 loss=9.5, ppl=550.2, num_updates=100
2021-01-01 10:00:10 | INFO | train_inner | epoch 001:    200 / 1000 loss=8.5, ppl=450.2, num_updates=200
2021-01-01 10:10:00 | INFO | valid | epoch 001 | valid on 'valid' subset | loss 7.5 | ppl 111.3 | num_updates 1000
2021-01-01 10:10:01 | INFO | train | {"epoch": 1, "train_loss": "8.1", "train_num_updates": "1000"}
"""
MMCV = """2020-08-01 10:00:00,123 - mmdet - INFO - Epoch [1][50/7330]\tlr: 2e-02, eta: 23:35:04, time: 0.968, loss: 2.8
2020-08-01 10:00:50,123 - mmdet - INFO - Epoch [1][100/7330]\tlr: 3e-02, eta: 23:35:04, time: 0.9, loss: 2.5
2020-08-01 11:00:50,123 - mmdet - INFO - Epoch(val) [1][7330]\tbbox_mAP: 0.1230
2020-08-01 11:01:50,123 - mmdet - INFO - Epoch [2][50/7330]\tlr: 4e-02, eta: 23:35:04, time: 0.9, loss: 2.1
"""
DETECTRON2 = """[08/01 10:00:00 d2.utils.events]:  eta: 0:12:34  iter: 19  total_loss: 1.2  lr: 0.0002  max_mem: 2500M
[08/01 10:00:10 d2.utils.events]:  eta: 0:12:14  iter: 39  total_loss: 1.1  lr: 0.0004  max_mem: 2500M
"""
YOLO8 = """      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size
        1/3      2.61G      1.153      1.398      1.192         81        640: 100%|██████████| 8/8 [00:01<00:00]
                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|████| 2/2 [00:00]
                   all        128        929      0.671      0.519      0.602      0.442
                   dog         12         14        0.5        0.4        0.3        0.2

        2/3      2.61G      1.053      1.298      1.092         71        640: 100%|██████████| 8/8 [00:01<00:00]
                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|████| 2/2 [00:00]
                   all        128        929      0.681      0.529      0.612      0.452
"""
YOLO5 = """     Epoch   gpu_mem       box       obj       cls    labels  img_size
     0/299     3.76G   0.08442   0.05581   0.04443       173       640: 100%|██████████| 10/10 [00:05<00:00]
               Class     Images     Labels          P          R     mAP@.5 mAP@.5:.95: 100%|██████████| 4/4 [00:01]
                 all        128        929      0.643      0.555      0.614      0.391
"""
SB3 = """-----------------------------------------
| rollout/                |             |
|    ep_rew_mean          | 22.5        |
| time/                   |             |
|    total_timesteps      | 2048        |
-----------------------------------------
-----------------------------------------
| rollout/                |             |
|    ep_rew_mean          | 26.5        |
| time/                   |             |
|    total_timesteps      | 4096        |
| train/                  |             |
|    approx_kl            | 0.008595206 |
-----------------------------------------
"""
SPOT = """Train Epoch:   0 [    0/ 1849] \t lr = 0.0 \t MSE: 0.9 \t TotNorm: 0.5
Train Epoch:   0 [  100/ 1849] \t lr = 0.00004 \t MSE: 0.8 \t TotNorm: 0.4
====> Epoch:   0 \t Loss = 0.7 \t ARI = 0.1 \t mBO_c = 0.3
"""
GRADIENTS = """Epoch 1:
[Gradient Check - Classification]
  done_head: 0.5234
[Gradient Check - Regression]
  x_head: 1.2445
Epoch 2:
[Gradient Check - Regression]
  x_head: 1.5
Val: 3
"""

CASES: dict[str, tuple[str, dict[str, Curve]]] = {
    "keras": (KERAS, {
        "loss": (None, [1, 2], [0.2912, 0.1421]), "auc_1": (None, [1], [0.9152]), "val_loss": (None, [2], [0.1])}),
    "lightning": (LIGHTNING, {"loss": (None, [0, 1], [0.4, 0.3]), "val_loss": (None, [0, 1], [0.45, 0.35])}),
    "fairseq": (FAIRSEQ, {
        "loss": ([100, 200], [1, 1], [9.5, 8.5]), "ppl": ([100, 200], [1, 1], [550.2, 450.2]),
        "valid/loss": ([1000], [1], [7.5]), "valid/ppl": ([1000], [1], [111.3]),
        "train_loss": ([1000], [1], [8.1])}),
    "mmcv": (MMCV, {
        "lr": ([50, 100, 7380], [1, 1, 2], [0.02, 0.03, 0.04]),
        "time": ([50, 100, 7380], [1, 1, 2], [0.968, 0.9, 0.9]),
        "loss": ([50, 100, 7380], [1, 1, 2], [2.8, 2.5, 2.1]), "val/bbox_map": ([100], [1], [0.123])}),
    "detectron2": (DETECTRON2, {
        "total_loss": ([19, 39], None, [1.2, 1.1]), "lr": ([19, 39], None, [0.0002, 0.0004])}),
    "yolov8": (YOLO8, {
        "gpu_mem": (None, [1, 2], [2.61, 2.61]), "box_loss": (None, [1, 2], [1.153, 1.053]),
        "cls_loss": (None, [1, 2], [1.398, 1.298]), "dfl_loss": (None, [1, 2], [1.192, 1.092]),
        "box/p": (None, [1, 2], [0.671, 0.681]), "box/r": (None, [1, 2], [0.519, 0.529]),
        "box/map50": (None, [1, 2], [0.602, 0.612]), "box/map50-95": (None, [1, 2], [0.442, 0.452]),
        "dog/box/p": (None, [1], [0.5]), "dog/box/r": (None, [1], [0.4]), "dog/box/map50": (None, [1], [0.3]),
        "dog/box/map50-95": (None, [1], [0.2])}),
    "yolov5": (YOLO5, {
        "gpu_mem": (None, [0], [3.76]), "box": (None, [0], [0.08442]), "obj": (None, [0], [0.05581]),
        "cls": (None, [0], [0.04443]), "p": (None, [0], [0.643]), "r": (None, [0], [0.555]),
        "map@.5": (None, [0], [0.614]), "map@.5:.95": (None, [0], [0.391])}),
    "stable baselines": (SB3, {
        "rollout/ep_rew_mean": ([2048, 4096], None, [22.5, 26.5]), "train/approx_kl": ([4096], None, [0.008595206])}),
    "flat box": (("| rollout/ep_rew_mean | 12.5 |\n| total_timesteps | 100 |\n| rollout/ep_rew_mean | nan |\n"
                 "| total_timesteps | 200 |\n| rollout/ep_rew_mean | 14 |\n"), {
        "rollout/ep_rew_mean": ([100, 200], None, [12.5, math.nan])}),
    "spot": (SPOT, {
        "train/lr": ([0, 100], [0, 0], [0, 4e-5]), "train/mse": ([0, 100], [0, 0], [0.9, 0.8]),
        "train/totnorm": ([0, 100], [0, 0], [0.5, 0.4]), "loss": ([100], [0], [0.7]), "ari": ([100], [0], [0.1]),
        "mbo_c": ([100], [0], [0.3])}),
    "gradient blocks": (GRADIENTS, {
        "gradient_check/classification/done_head": (None, [1], [0.5234]),
        "gradient_check/regression/x_head": (None, [1, 2], [1.2445, 1.5])}),
    "fixed width": (
        "epoch  train loss  dur\n-----  ----------  ---\n    1      0.9000   12\nsaved model\n    2      0.8000   11\n",
        {"train_loss": (None, [1, 2], [0.9, 0.8]), "dur": (None, [1, 2], [12, 11])}),
    "frame": ("+----+----+\n| step | loss |\n+----+----+\n| 10 | 0.9 |\n| 20 | 0.8 |\n+----+----+\n", {
        "loss": ([10, 20], None, [0.9, 0.8])}),
    "clock column": ("epoch     train_loss  time    \n0         0.18    00:12     \n1         0.08    00:12     \n", {
        "train_loss": (None, [0, 1], [0.18, 0.08])}),
    "nanogpt": (("step 0: train loss 4.2, val loss 4.3\niter 0: loss 4.1, time 27.5ms, mfu -100.00%\n"
                "iter 10: loss 3.2, time 20ms, mfu 3%\n"), {
        "train_loss": ([0], None, [4.2]), "val_loss": ([0], None, [4.3]), "loss": ([0, 10], None, [4.1, 3.2]),
        "time": ([0, 10], None, [27.5, 20]), "mfu": ([0, 10], None, [-100, 3])}),
    "words": ("epoch 1 loss 0.5 acc 0.7\nepoch 2 loss 0.4 acc 0.75\n", {
        "loss": (None, [1, 2], [0.5, 0.4]), "acc": (None, [1, 2], [0.7, 0.75])}),
    "arrows": ("Step 1: Loss 0.6 → 0.65 (worse)\nStep 2: Loss 0.65 ‚Üí 0.70\nStep 3: LR = 1e-4 × 0.5 = 5e-5\n", {
        "loss": ([1, 2], None, [0.65, 0.7]), "lr": ([3], None, [5e-5])}),
    "timm": (("Train: 0 [   0/1251 (  0%)]  Loss: 6.95 (6.95)  Time: 1.2s\n"
             "Train: 1 [  50/1251 (  4%)]  Loss: 6.94 (6.945)  Time: 200ms\n"), {
        "train/loss": ([0, 50], [0, 1], [6.95, 6.94]), "train/time": ([0, 50], [0, 1], [1.2, 0.2])}),
    "shares": ("Epoch 1\n Test set: Average loss: 0.05, Accuracy: 9834/10000 (98%)\n", {
        "test/average_loss": (None, [1], [0.05]), "test/accuracy": (None, [1], [98])}),
    "boosting": ("[0]\ttrain-logloss:0.65\teval-logloss:0.66\n[1]\ttrain-logloss:0.60\teval-logloss:0.62\n", {
        "train-logloss": ([0, 1], None, [0.65, 0.6]), "eval-logloss": ([0, 1], None, [0.66, 0.62])}),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_what_training_tools_print_becomes_curves(kind):
    text, expected = CASES[kind]
    found = curves(text)
    assert found.keys() == expected.keys()
    for tag, (steps, epochs, values) in expected.items():
        assert found[tag][:2] == (steps, epochs), tag
        np.testing.assert_array_equal(found[tag][2], values, err_msg=tag)


@pytest.mark.parametrize(
    "text",
    [
        (
            "Collecting torch==2.1.0\n  Downloading torch-2.1.0-cp311-none.whl (670.2 MB)\n"
            "     ━━━━━━━━ 670.2/670.2 MB 4.2 MB/s eta 0:00:00\n     ━━━━━━━━ 18.2/18.2 MB 5.1 MB/s eta 0:00:01\n"
        ),
        "| 30%   45C    P2    70W / 250W |   3456MiB / 11264MiB |     45%      Default |\n" * 3,
        "1 0.5 0.7\n2 0.4 0.75\n3 0.3 0.8\n",
        "Name  Type  Params\nencoder  Conv2d  320\ndecoder  Linear  640\n",
        "| layers | 12 |\n| heads | 8 |\n",
        "Epoch 1\nsaved 3 files\n",
    ],
)
def test_numbers_that_nothing_names_are_no_curves(text):
    assert read(text).series == ()


def test_a_number_that_only_follows_a_word_must_come_again_and_change():
    def line(epoch: int, speed: int) -> str:
        return f"Epoch {epoch} speed {speed} samples each\n"

    assert curves(line(1, 10) + line(2, 12)) == {}
    assert curves(line(1, 10) + line(2, 12) + line(3, 11))["speed"] == (None, [1, 2, 3], [10, 12, 11])
    assert curves("".join(line(epoch, 10) for epoch in range(9))) == {}


def test_looking_at_a_box_that_is_being_written_changes_nothing():
    parser = ConsoleParser()
    for line in SB3.splitlines(keepends=True):
        parser.take(line[:9].encode())
        parser.series(Path("log"))
        parser.take(line[9:].encode())
        parser.series(Path("log"))
    found = by_tag(parser.series(Path("log")))
    assert found["rollout/ep_rew_mean"].steps.tolist() == [2048, 4096]


def test_each_point_knows_its_line():
    lines = SB3.splitlines()
    parser = ConsoleParser()
    parser.take(SB3.encode() + b"Step 4100: Loss 0.5")
    behind = parser.lines_behind("rollout/ep_rew_mean")
    assert [lines[line].split("|")[2].strip() for line in behind] == ["22.5", "26.5"]
    told = parser.read_lines()
    assert [lines[line].split()[1] for line in told.lines] == ["ep_rew_mean", "ep_rew_mean", "approx_kl"]
    assert told.steps.tolist() == [2048, 4096, 4096]
    assert parser.lines_behind("absent").tolist() == []


def test_lines_behind_a_curve_are_known_in_long_logs():
    parser = ConsoleParser()
    parser.take("".join(f"Epoch 1 | Step {n} | Loss=0.5\nsaved\n" * (n % 50 == 0) or
                        f"Epoch 1 | Step {n} | Loss=0.5\n" for n in range(300)).encode())  # fmt: skip
    told = parser.read_lines()
    assert parser.lines_behind("loss").tolist() == told.lines.tolist() == [n + (n + 49) // 50 for n in range(300)]
    assert told.steps.tolist() == list(range(300))


def test_damage_costs_what_it_hits_and_is_noted():
    parser = ConsoleParser()
    parser.take(b"Epoch 1 loss=1\nEp\0och 2 loss=2\n\xff\xfe Epoch 3 loss=3\nEpoch 4 loss=4 " + b"x" * 9000 + b"\n")
    found = parser.series(Path("log"))
    assert found.series[0].values.tolist() == [1, 2, 3, 4]
    assert found.notes == (
        "line 2 holds NUL bytes, which were left out",
        "line 3 is not UTF-8, its other bytes were read",
        "line 4 is longer than 8 kB, its begin was read",
    )


TITAN = {
    "run87": ([1, 10], [12.44794, 8.77524], [906, 3741]),
    "run107": ([1, 10], [12.44798, 6.12418], [970, 7506]),
    "run35": ([1], [12.39957], [970]),
    "run160": ([], [], []),
    "run398": (
        list(range(1, 11)),
        [12.49312, 10.51308, 13.03778, 11.76746, 9.97636, 9.02898, 6.89583, 5.67477, 6.46914, 6.24823],
        [467, 11235, 11417, 11681, 11767, 11959, 11918, 11892, 12040, 11943],
    ),
    "run393": (
        list(range(1, 11)),
        [12.39827, 11.06946, 13.80689, 12.08401, 11.23515, 11.18749, 8.62008, 6.37813, 5.37650, 5.71634],
        [423, 11047, 11452, 11678, 11811, 11861, 11989, 11985, 12058, 12036],
    ),
}
"""Steps, `loss` and `tps`, read off the coloured lines."""


@pytest.mark.samples
@pytest.mark.parametrize("run", TITAN)
def test_real_torchtitan_logs_give_the_values_that_their_lines_show(run, samples):
    steps, losses, speeds = TITAN[run]
    found = by_tag(console.series(next((samples / "logs").rglob(f"{run}-*/run.log")), QUIET))
    assert (found["loss"].steps.tolist() if losses else []) == steps
    assert (found["loss"].values.tolist() if losses else []) == losses
    assert (found["tps"].values.tolist() if losses else []) == speeds


@pytest.mark.samples
def test_a_real_allennlp_log_gives_its_bars_its_table_and_its_last_metrics(samples):
    path = samples / "logs/allenai__allennlp/test_fixtures/simple_tagger/serialization/out.log"
    found = by_tag(console.series(path, QUIET))
    assert found["batch_loss"].values.tolist() == [0.6267, 0.6267]
    assert found["training/accuracy"].values.tolist() == [0.75]
    assert found["validation/loss"].values.tolist() == [0.627]
    assert console.lines_behind(path, "training/loss", QUIET).tolist() == [215]  # line 216 of the file
    assert console.lines_behind(path, "batch_loss", QUIET).tolist() == [194, 211]


@pytest.mark.samples
def test_a_real_progress_log_without_metrics_gives_no_curves(samples):
    assert console.series(next((samples / "logs").rglob("evaluation_progress.log")), QUIET).series == ()


@pytest.mark.samples
def test_the_seeds_give_the_values_that_stand_in_them(samples):
    seeds = samples.parent / "seeds"
    if not seeds.is_dir():
        pytest.skip("the seed documents are not here")
    zero, one, _two, three, _four = sorted(seeds.glob("*.txt"))
    found = by_tag(console.series(zero, QUIET))
    assert found["value"].epochs.tolist() == [4, 5, 6, 7, 8, 9]
    assert found["value"].values.tolist() == [0.4039, 0.4471, 0.1784, 0.0455, 0.0148, 0.3371]
    assert found["loss"].epochs.tolist() == [1, 5, 10, 20, 50, 100]
    assert found["loss"].values.tolist() == [0.11, 0.08, 0.06, 0.04, 0.025, 0.015]
    found = by_tag(console.series(one, QUIET))
    assert found["gradient_check/regression/x_head"].values.tolist() == [1.2445]
    assert found["gradient_check/classification/done_head"].values.tolist() == [0.5234]
    found = by_tag(console.series(three, QUIET))
    assert found["epoch/loss"].values[:11].tolist() == [
        0.6, 0.74, 2.3, 1.85, 1.42, 1.15, 0.85, 0.52, 0.28, 0.19, 0.16]  # fmt: skip
    assert found["epoch/loss"].values[11:].tolist() == [1.5234, 1.1987, 0.9543, 0.1621]
    assert found["epoch/acc"].values.tolist() == [0.10, 0.42, 0.65, 0.82, 0.88, 0.445, 0.563, 0.645, 0.876]
    assert found["acc"].values.tolist() == [0.325, 0.412, 0.521]
    assert found["loss"].values.tolist() == [0.65, 0.70, 0.74, 1.8543, 1.6421, 1.2876]
    assert found["epoch/lr"].values[:3].tolist() == [3.33e-5, 6.66e-5, 9.98e-5]


@pytest.mark.parametrize("piece", [" ", "\t", "a ", "x 1 ", "| ", "epoch ", "1 → ", "(", "- ", "info 1:1:1 "])
def test_lines_made_to_try_a_pattern_s_patience_are_read(piece):
    for before in ("", "epoch 1 ", "| "):
        read(f"{before}{piece * (7000 // len(piece))} loss: 0.5\n")
    text = "".join(f"epoch {n}{' ' * 7000}loss: 0.5\n" for n in (1, 2))
    assert by_tag(read(text))["loss"].values.tolist() == [0.5, 0.5]
