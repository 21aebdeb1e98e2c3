"""The short text beside a file: the most telling of what is known of it."""

from __future__ import annotations

import msgspec
import pytest

from inspector.formats.facts import (
    CheckpointFacts,
    DatasetFacts,
    DumpFacts,
    Facts,
    OtherFacts,
    RunRecordFacts,
    TensorFacts,
)
from inspector.formats.run_folder import RunRecord
from inspector.runs.hints import hint_of

RECORD = RunRecord(
    id="1", name="run", recipe="", seed=0, host="h", started=0.0, status="stopped", best="a.pt", last="b.pt"
)
TENSORS = tuple(TensorFacts(name=name, shape=(), dtype="float32", bytes=4, role="weight") for name in "xyz")
CHECKPOINT = CheckpointFacts(container="torch-zip", bytes=1, tensors=TENSORS)
DATASETS = (DatasetFacts(path="a", shape=(2,), dtype="float32", bytes=8),)


BOTH = msgspec.structs.replace(RECORD, best="b.pt")


@pytest.mark.parametrize(
    ("name", "step", "epoch", "record", "hint"),
    [
        ("a.pt", 1_400, 3.0, RECORD, "best"),
        ("b.pt", 1_400, 3.0, RECORD, "last"),
        ("b.pt", None, None, BOTH, "best · last"),
        ("c.pt", 1_400, 3.0, RECORD, "epoch 3"),
        ("c.pt", 1_400, None, None, "step 1,400"),
        ("c.pt", None, None, RECORD, "3 tensors"),
    ],
)
def test_a_checkpoint_is_called_as_the_run_calls_it_else_by_its_place(
    name: str, step: int | None, epoch: float | None, record: RunRecord | None, hint: str
) -> None:
    assert hint_of(CHECKPOINT, name, step=step, epoch=epoch, record=record) == hint


@pytest.mark.parametrize(
    ("facts", "hint"),
    [
        (DumpFacts(bytes=1, datasets=DATASETS, samples=300), "300 samples"),
        (DumpFacts(bytes=1, datasets=DATASETS), "1 dataset"),
        (RunRecordFacts(bytes=1, record=RECORD), "stopped"),
        (OtherFacts(bytes=36_900, because="x"), "36.9 kB"),
        (OtherFacts(bytes=0, because="x"), "empty"),
        (OtherFacts(bytes=36_900, because="x", broken=True), "not readable"),
        (OtherFacts(bytes=0, because="x", pictures=20), "20 pictures"),
    ],
)
def test_other_files_tell_how_much_they_hold_or_why_they_show_nothing(facts: Facts, hint: str) -> None:
    assert hint_of(facts, "x", step=5, epoch=None, record=RECORD) == hint
