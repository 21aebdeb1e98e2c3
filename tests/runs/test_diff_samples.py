"""Real pairs of checkpoints: which tensors are the same and which are not, as torch's own loading of them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.pulse import QUIET
from inspector.runs.checkpoint_diff import diff_of
from tests.artifacts.torch_oracle import torch_tensors

_ALLEN = "allenai__allennlp/allennlp/tests/fixtures"
_VIT = "fchollet__ARC-AGI/image_encoder/trained_models"
_BURN = "tracel-ai__burn/crates"
_BURN_FILE = "src/pytorch/tests/reader/test_data/simple_legacy.pt"

PAIRS = [
    (f"{_ALLEN}/bidaf/serialization/best.th", f"{_ALLEN}/bidaf/serialization/weights.th"),
    (
        f"{_ALLEN}/constituency_parser/serialization/best.th",
        f"{_ALLEN}/constituency_parser/serialization/weights.th",
    ),
    (f"{_VIT}/vit_20241110_184505.pth", f"{_VIT}/vit_20241110_185843.pth"),
    (f"{_BURN}/burn-store/{_BURN_FILE}", f"{_BURN}/burn-import/{_BURN_FILE}"),
    (
        "cvlab-stonybrook__LearningToCountEverything/data/pretrainedModels/FamNet_Save1.pth",
        "cvlab-stonybrook__LearningToCountEverything/logsSave/FamNet.pth",
    ),
]


def test_states_of_real_pairs_agree_with_torch(samples: Path) -> None:
    pairs = [tuple(samples / "checkpoints" / name for name in pair) for pair in PAIRS]
    if not all(path.is_file() for pair in pairs for path in pair):
        pytest.skip("the sample files are not all there")
    known = torch_tensors(path for pair in pairs for path in pair)
    seen: set[str] = set()
    for first, second in pairs:
        sides = [
            {name: (shape, dtype, digest) for name, shape, dtype, digest in known[path] or []}
            for path in (first, second)
        ]
        assert sides[0]
        for trusted in (True, False):
            diff = diff_of(opened(first), opened(second), QUIET, optimizer=True, trust_checksums=trusted)
            for row in diff.rows:
                wanted = "added" if row.first is None else "removed" if row.second is None else ""
                if row.first is not None and row.second is not None:
                    wanted = "same" if sides[0][row.first] == sides[1][row.second] else "changed"
                assert row.state == wanted, f"{first.name}: {row.name}"
                seen.add(row.state)
    assert seen == {"same", "changed"}


def test_two_trainings_are_told_from_two_moments_of_one(samples: Path) -> None:
    folder = samples / "checkpoints"
    told = "two trainings from different starts"
    for names, wanted in (
        (("txie-93__cgcnn/output/checkpoint.pth.tar", "txie-93__cgcnn/output/model_best.pth.tar"), True),
        (PAIRS[4], True),
        (PAIRS[2], False),
    ):
        diff = diff_of(*(opened(folder / name) for name in names), QUIET)
        assert any(told in note for note in diff.notes) is wanted
