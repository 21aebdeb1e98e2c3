"""When a log and checkpoints that were opened apart are taken for parts of one run."""

from __future__ import annotations

import pytest

from inspector.formats.facts import CheckpointFacts, MetricsFacts, SeriesFacts
from inspector.runs.fitting import fit_of
from inspector.runs.values import FileEntry, Placed, Run


def _log(path: str = "/data/slots/train.csv", first: float = 0, last: float = 2_000, count: int = 201) -> Run:
    series = SeriesFacts(tag="loss", count=count, first_step=first, last_step=last, last_value=0.1)
    facts = MetricsFacts(container="csv", bytes=1, series=(series,))
    file = FileEntry(path=path, name="train.csv", facts=facts, bytes=1, modified_s=0)
    return Run(key=path, name="train.csv", root="/", paths=(path,), files=(file,), series=(series,))


def _checkpoint(path: str = "/data/slots/last.pt", step: int | None = 1_400, placed: Placed = Placed.STATED) -> Run:
    facts = CheckpointFacts(container="torch-zip", bytes=1)
    file = FileEntry(path=path, name="last.pt", facts=facts, bytes=1, modified_s=0, step=step, placed=placed)
    return Run(key=path, name="last.pt", root="/", paths=(path,), files=(file,))


def test_steps_and_a_common_folder_fit_whichever_was_opened_first() -> None:
    text = "step 1,400 is within the log's 0 to 2,000, and both are in slots"
    assert fit_of(_log(), _checkpoint()) == text
    assert fit_of(_checkpoint(), _log()) == text


def test_a_word_in_both_names_fits_where_folders_differ() -> None:
    assert fit_of(_log("/a/clevr6_logs/train.csv"), _checkpoint("/b/clevr6_step1400.pt")).endswith("named clevr6")


@pytest.mark.parametrize(
    ("log", "checkpoint"),
    [
        (_log(), _checkpoint(step=2_500)),  # beyond the log
        (_log(), _checkpoint(step=None, placed=Placed.NOWHERE)),  # nowhere
        (_log(), _checkpoint(placed=Placed.GUESSED)),  # placed by the log itself, which proves nothing
        (_log("/a/train.csv"), _checkpoint("/b/last.pt")),  # only words that are in every run's names
        (_log(), _log("/data/slots/val.csv")),  # two logs
        (_checkpoint(), _checkpoint("/data/slots/best.pt")),  # two checkpoints
    ],
)
def test_what_does_not_fit_is_not_offered(log: Run, checkpoint: Run) -> None:
    assert fit_of(log, checkpoint) == ""


@pytest.mark.parametrize(("step", "fits"), [(980, False), (990, True), (2_010, True), (2_020, False)])
def test_a_checkpoint_one_record_before_the_first_or_behind_the_last_fits(step: int, fits: bool) -> None:
    assert bool(fit_of(_log(first=1_000, last=2_000, count=101), _checkpoint(step=step))) is fits
