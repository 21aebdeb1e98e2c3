"""Run files of W&B beside what W&B's own program reads in them."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.logs.media import histogram_of, media_bytes
from inspector.artifacts.logs.wandb import WandbParser, facts, series
from inspector.artifacts.opened_paths import lead_to
from inspector.core.errors import DamagedError, MissingError
from inspector.core.pulse import QUIET
from inspector.formats.series import SeriesSet
from tests.artifacts.wandb_damage import damage
from tests.artifacts.wandb_files import BLOCK, framed, history, part, told_by_wandb, varint

WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def _numbers(name: str, value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        if "_type" not in value:
            for key, one in value.items():
                yield from _numbers(f"{name}.{key}", one)
    elif isinstance(value, str) and value in WORDS:
        yield name, WORDS[value]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, float(value)


def _expected(records: list[dict[str, Any]]) -> dict[str, list[float]]:
    """The numbers of each curve, worked out from what W&B prints."""
    found: dict[str, list[float]] = defaultdict(list)
    for record in records:
        if record["type"] == "history":
            items = record["history"].get("item", {})
            stems = [name.removesuffix("._type") for name in items if name.endswith("._type")]
            for name, value in items.items():
                if not any(name.startswith(f"{stem}.") for stem in stems):
                    for path, number in _numbers(name, value):
                        found[path].append(number)
        elif record["type"] == "stats":
            for name, value in record["stats"].get("item", {}).items():
                for path, number in _numbers(f"system/{name}", value):
                    found[path].append(number)
    return {name: values for name, values in found.items() if name not in ("_step", "_timestamp", "_runtime")}


def test_every_sample_reads_as_w_and_b_reads_it(samples: Path, tmp_path: Path) -> None:
    paths = sorted((samples / "wandb").rglob("*.wandb"))
    assert len(paths) > 50
    with_history = read = 0
    for path in paths:
        records = told_by_wandb(path, tmp_path)
        if records is None:
            continue
        read += 1
        expected = _expected(records)
        ours = series(path, QUIET)
        found = {one.tag: one for one in ours.series}
        if any("damaged" in note for note in ours.notes):  # W&B's program ends where the damage is
            assert all(set(values) <= set(found[name].values) for name, values in expected.items())
            continue
        assert set(found) == set(expected), path
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name].values, values, err_msg=f"{path}: {name}")
        rows = [record["history"] for record in records if record["type"] == "history"]
        steps = [row.get("step", {}).get("num") for row in rows]
        if steps and None not in steps:
            with_history += 1
            for one in found.values():
                if not one.tag.startswith("system/"):
                    assert set(one.steps) <= {float(step) for step in steps}
        exits = [record["exit"].get("exit_code", 0) for record in records if record["type"] == "exit"]
        assert facts(path, QUIET).exit_code == (exits[-1] if exits else None)
    assert read > 50
    assert with_history > 5


def test_settings_and_pictures_are_told(samples: Path) -> None:
    fixtures = samples / "wandb/wandb__wandb/leet/fixtures/wandb"
    crashed = next(fixtures.glob("workspace-multi/wandb/*-wm4crash/*.wandb"))
    assert facts(crashed, QUIET).settings == {"lr": 0.004, "run_index": 4}
    assert facts(crashed, QUIET).exit_code == 1
    media = series(next(fixtures.glob("media/wandb/*/*.wandb")), QUIET).media
    pictures = [one for one in media if one.tag == "samples"]
    assert [one.step for one in pictures] == [0, 1, 2, 3, 4]
    assert pictures[0].path == "files/media/images/samples_0_65998250.png"
    assert pictures[0].kind == "image"
    assert pictures[0].bytes == 2396
    gallery = [one for one in media if one.tag == "gallery"]
    assert [one.count for one in gallery] == [2] * 5


def test_a_histogram_is_fetched_from_its_record(samples: Path, tmp_path: Path) -> None:
    path = next((samples / "wandb").rglob("run-pmdnt7a3.wandb"))
    records = told_by_wandb(path, tmp_path)
    assert records is not None
    rows = [record["history"]["item"] for record in records if record["type"] == "history"]
    listed = [one for one in series(path, QUIET).media if one.tag == "hist_7"]
    assert len(listed) == len(rows)
    for media, row in zip(listed, rows, strict=True):
        found = histogram_of(path, media, QUIET)
        np.testing.assert_array_equal(found.edges, row["hist_7"]["bins"])
        np.testing.assert_array_equal(found.counts, row["hist_7"]["values"])
        assert media.step == row["_step"]


@pytest.mark.parametrize(
    ("told", "edges"),
    [
        ('"bins": [0, 1, 4]', [0, 1, 4]),
        ('"packedBins": {"min": -1, "size": 0.5, "count": 2}', [-1, -0.5, 0]),
        ('"packedBins": {"min": -1}', None),
        ('"bins": [0, 1]', None),
        ('"bins": [0, 1, "many"]', None),
        (f'"bins": [0, 1, {10**400}]', None),
        (f'"bins": {"[" * 900 + "]" * 900}', None),
    ],
)
def test_bins_are_listed_or_of_one_width_and_others_are_told(
    tmp_path: Path, told: str, edges: list[float] | None
) -> None:
    path = tmp_path / "run.wandb"
    path.write_bytes(framed([history({"h": f'{{"_type": "histogram", "values": [3, 5], {told}}}'}, 1)]))
    (media,) = series(path, QUIET).media
    if edges is None:
        with pytest.raises(DamagedError, match="a histogram at byte 7"):
            histogram_of(path, media, QUIET)
    else:
        found = histogram_of(path, media, QUIET)
        assert (found.edges.tolist(), found.counts.tolist()) == (edges, [3, 5])


def _read(data: bytes, *, quick: bool = True, fragments: int = 1) -> SeriesSet:
    parser = WandbParser(quick=quick)
    size = max(1, -(-len(data) // fragments))
    for begin in range(0, len(data), size):
        parser.take(data[begin : begin + size])
    return parser.series(Path("run.wandb"))


def _same(one: SeriesSet, other: SeriesSet) -> None:
    assert {series.tag for series in one.series} == {series.tag for series in other.series}
    others = {series.tag: series for series in other.series}
    for mine in one.series:
        theirs = others[mine.tag]
        np.testing.assert_array_equal(mine.values, theirs.values)
        np.testing.assert_array_equal(mine.steps, theirs.steps)
        assert (mine.times is None) == (theirs.times is None)
        if mine.times is not None:
            np.testing.assert_array_equal(mine.times, theirs.times)
    assert one.media == other.media
    assert set(one.skipped) == set(other.skipped)
    assert one.notes == other.notes


KEYS = ("loss", "val/loss", "a.b.c", "δ", "x" * 40, "key with spaces", "_timestamp", "_step", "p._type")
VALUES = (
    "0", "-0.0", "1.5", "1e5", "2E-3", str(2**70), "null", "true", '"NaN"', '"text"', "NaN", "-Infinity", "[1, 2]",
    '{"a": 1, "b": {"c": 2}}', '{"_type": "histogram", "values": [1, 2], "bins": [0, 1, 2]}', '"image-file"',
)  # fmt: skip
NO_JSON = ("-", "1.", "{", "", "inf")


@pytest.mark.parametrize("values", [VALUES, (*VALUES, *NO_JSON)], ids=["sound", "with values that are no JSON"])
def test_rows_read_at_once_are_rows_read_one_by_one(values: tuple[str, ...]) -> None:
    chooser = random.Random(7)
    for _ in range(25):
        rows = []
        for row in range(40):
            keys = chooser.sample(KEYS, chooser.randrange(6))
            step = chooser.choice((None, 0, 1, 2**40, row))
            rows.append(history({key: chooser.choice(values) for key in keys}, step, nested=chooser.random() < 0.7))
        data = framed(rows)
        _same(_read(data), _read(data, quick=False))
        _same(_read(data), _read(data, fragments=chooser.randrange(1, 40)))


def test_curves_come_in_the_order_in_which_their_names_were_met() -> None:
    names = [f"{letter}{number}" for number in range(4) for letter in "zax"]
    rows = [dict.fromkeys(names[step % 12 :] + names[: step % 12], repr(step / 3)) for step in range(60)]
    found = _read(framed([history(row, step) for step, row in enumerate(rows)]))
    assert [one.tag for one in found.series] == names


def test_records_longer_than_a_block_are_whole() -> None:
    rows = [history({"note": json.dumps("x" * (BLOCK * 2)), "loss": repr(step / 7)}, step) for step in range(40)]
    found = _read(framed(rows))
    assert [one.tag for one in found.series] == ["loss"]
    assert found.series[0].values.tolist() == [step / 7 for step in range(40)]
    assert found.skipped == ("note (40 × text)",)


def test_times_come_from_the_start_of_the_run_where_rows_tell_only_how_long_it_ran() -> None:
    run = part(17, part(17, b"\x08" + varint(1_700_000_000)))
    rows = [history({"_runtime": repr(step / 2), "loss": "1"}, step) for step in range(3)]
    (loss,) = _read(framed([run, *rows])).series
    assert loss.times is not None
    assert loss.times.tolist() == [1_700_000_000.0, 1_700_000_000.5, 1_700_000_001.0]


def _rows(count: int) -> list[bytes]:
    return [history({"loss": repr(step / 3), "pad": json.dumps("x" * 100)}, step) for step in range(count)]


def _steps(found: SeriesSet) -> set[float]:
    return {step for one in found.series if one.tag == "loss" for step in one.steps.tolist()}


def test_a_damaged_byte_costs_no_more_than_two_blocks() -> None:
    chooser = random.Random(4)
    lost = sorted(damage(chooser.random(), chooser) for _ in range(60))
    assert lost[-1] > 0
    assert lost[len(lost) // 2] == 1, "a damaged value costs its record alone"


@pytest.mark.parametrize("cut", [8, 20, 4_000, BLOCK - 3, BLOCK + 1, 60_000])
def test_a_file_that_breaks_off_is_read_as_far_as_it_goes_and_goes_on_when_it_grows(cut: int) -> None:
    data = framed(_rows(600))
    parser = WandbParser()
    parser.take(data[:cut])
    early = parser.series(Path("run.wandb"))
    assert _steps(early) == set(range(len(_steps(early))))
    parser.take(data[cut:])
    _same(parser.series(Path("run.wandb")), _read(data))


def test_zeros_at_the_end_are_told() -> None:
    found = _read(framed(_rows(10)) + bytes(5_000))
    assert _steps(found) == set(range(10))
    assert found.notes == ("the file ends in 5,000 zeros",)


def test_numbers_beyond_64_bits_cost_nothing_else() -> None:
    seed = part(5, part(1, part(1, b"seed") + part(16, str(10**30).encode())))
    picture = json.dumps({"_type": "image-file", "path": "media/a.png", "size": 10**30})
    parser = WandbParser()
    parser.take(framed([seed, history({"picture": picture, "loss": str(10**400)}, 1)]))
    found = parser.series(Path("run.wandb"))
    (medium,), (loss,) = found.media, found.series
    assert parser.settings == {"seed": 10**30}
    assert (medium.bytes, loss.values.tolist()) == (len(picture), [math.inf])


def test_other_bytes_behind_the_header_are_no_run(tmp_path: Path) -> None:
    path = tmp_path / "run.wandb"
    path.write_bytes(framed([b"\xff\xff\xff"] * 3))
    with pytest.raises(DamagedError, match="run file of W&B"):
        series(path, QUIET)


def test_a_picture_is_fetched_where_it_was_opened_with_its_run_and_nowhere_else(tmp_path: Path) -> None:
    run, secret = tmp_path / "run", tmp_path / "secret.png"
    (run / "files/media").mkdir(parents=True)
    for place in (secret, run / "files/media/a.png"):
        place.write_bytes(b"pixels")
    (run / "files/link.png").symlink_to(secret)
    paths = ("media/a.png", "../../secret.png", "../../run/files/media/a.png", "link.png", "media/gone.png", "media")
    values = [{"_type": "image-file", "path": path, "size": 6} for path in paths]
    log = run / "run-x.wandb"
    log.write_bytes(framed([history({f"v{at}": json.dumps(value) for at, value in enumerate(values)}, 1)]))
    listed = series(log, QUIET).media
    assert len(listed) == len(paths)

    def fetched() -> list[bytes | str]:
        found: list[bytes | str] = []
        for medium in listed:
            try:
                found.append(media_bytes(log, medium, QUIET))
            except MissingError as error:
                found.append(str(error))
        return found

    lead_to([run])
    out = "secret.png: expected a file among what was opened, found none; open the folder of the run"
    nothing = [out.replace("secret.png", name) for name in ("secret.png", "link.png", "gone.png", "media")]
    assert fetched() == [b"pixels", nothing[0], b"pixels", *nothing[1:]]
    lead_to([log])
    assert b"pixels" not in fetched()
