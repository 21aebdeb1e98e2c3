"""Every log among the real samples opens, or says in one sentence why not; records equal what json reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.container_table import LOGS
from inspector.artifacts.facts import facts_of
from inspector.artifacts.logs.logs import series_of
from inspector.artifacts.sniff import sniff
from inspector.core.errors import FileError
from inspector.core.pulse import QUIET
from inspector.formats.facts import OtherFacts
from tests.artifacts.series_checks import by_tag
from tests.conftest import SAMPLES, sample_files

LOG_KINDS = ("log", "tfevents", "wandb")
EMPTY = {"gender_training.log"}
"""Logs of no bytes: there is nothing to open."""

PICTURES = ("png", "jpeg")
"""Media beside the run files of W&B, which the reader of `.wandb` lists."""

AXES = frozenset(("step", "epoch", "time"))


def _of_kind_log() -> list[Path]:
    manifest = SAMPLES / "MANIFEST.tsv"
    if not manifest.is_file():
        return []
    rows = [line.split("\t") for line in manifest.read_text().splitlines()[1:]]
    return [SAMPLES / row[2] for row in rows if row[1] in LOG_KINDS]


@pytest.mark.samples
def test_every_log_of_the_samples_opens_or_says_why_not(samples: Path) -> None:
    unread = {}
    for path in _of_kind_log():
        try:
            container = sniff(path).container
            if container in PICTURES:
                continue
            facts = facts_of(path)
        except FileError as error:
            unread[path.name] = str(error)
            continue
        assert not isinstance(facts, OtherFacts), path
        if container in LOGS:
            for one in series_of(path, QUIET).series:
                assert len(one.steps) == len(one.values) > 0, (path, one.tag)
    assert set(unread) == EMPTY
    assert all("expected" in sentence and "found 0 bytes" in sentence for sentence in unread.values())


@pytest.mark.samples
@pytest.mark.parametrize(
    "path", sample_files("logs/**/*.jsonl", "wandb/**/*.jsonl"), ids=lambda path: "/".join(path.parts[-3:])
)
def test_records_equal_what_json_reads(path: Path) -> None:
    wanted: dict[str, list[float]] = {}
    for line in path.read_text().splitlines():
        for key, value in json.loads(line).items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                wanted.setdefault(key, []).append(float(value))
    found = by_tag(series_of(path, QUIET))
    compared = 0
    for key, values in wanted.items():
        if key in found:
            np.testing.assert_array_equal(found[key].values, values, err_msg=key)
            compared += 1
        else:
            assert key.lower() in {*AXES, "_step", "_timestamp"}, key
    assert compared
