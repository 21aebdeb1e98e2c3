"""Real logs of public projects, below the folder of sample files, each labelled by hand from its curves.

A part of a name may end in `*` where it is long.
"""

from __future__ import annotations

_FACES = "logs/oarriaga__face_classification"
_GENRISK = "rundirs/AIRI-Institute__genrisk/lightning_logs"
_ALPACA = "tfevents/tloen__alpaca-lora"
_TITAN = "logs/pytorch__torchtitan/outputs/autoresearch/may19-qwen3-14b"

HEALTHY: tuple[str, ...] = (
    # losses fall, and validation falls or stays beside training
    "logs/gradio-app__trackio/examples/logs.csv",
    f"{_FACES}/@0b7aa11c/trained_models/emotion_models/emotion_training.log",
    f"{_FACES}/@d28c167f/src/log_files/emotion_training.log",
    f"{_FACES}/gender/training.log",
    f"{_FACES}/old_code/training.log",
    f"{_FACES}/src/log_files/gender_training.log",
    f"{_FACES}/trained_models/emotion_models/fer2013_emotion_training.log",
    f"{_ALPACA}/zander-alpaca/runs/May16_18-24-16_featurize/events.out.tfevents.*.0",
    f"{_ALPACA}/zander-alpaca-batch256-epoch2/runs/May17_09-35-50_featurize/events.out.tfevents.*.0",
    "tfevents/pytorch__torchtitan/test_out/my_example/tb/*/events.out.tfevents.*",
    "tfevents/allenai__allennlp/tmpout-den/log/train/events.out.tfevents.*",
    f"{_TITAN}/run275-*/run.log",
    f"{_TITAN}/run279-*/run.log",
    f"{_TITAN}/run367-*/run.log",
    "wandb/wandb__wandb/wandb/board/tests/fixtures/basic/wandb/*/wandb-history.jsonl",
    # a generator against a critic, whose losses need not fall
    *(f"{_GENRISK}/version_{number}/metrics.csv" for number in (2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)),
)
"""No finding of severity error or above."""

ILL: dict[str, str] = {
    f"{_FACES}/old_code/attention_training.log": "overfitting",  # 1.13 to 1.72 while training falls from 0.94 to 0.31
    f"{_FACES}/src/training.log": "overfitting",  # 1.005 to 1.05 while training falls from 0.74 to 0.46
    "tfevents/allenai__allennlp/tmpout-den/log": "overfitting",  # 0.69 to 0.90 while training falls from 0.72 to 0.07
    f"{_GENRISK}/version_0/metrics.csv": "loss-not-finite",
    f"{_GENRISK}/version_1/metrics.csv": "loss-not-finite",
    f"{_GENRISK}/version_5/metrics.csv": "loss-not-finite",
}
"""The finding that must come."""
