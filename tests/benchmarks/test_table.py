"""The README's table of speeds is the one of the stored results; every row has its benchmark; a run goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.benchmarks import table
from tests.benchmarks.catalogue import BENCHMARKS
from tests.benchmarks.harness import Ratio, side_by_side
from tests.benchmarks.rows import MEMORY, MORE, ROWS, SECONDS, SPEED, TIMES, Bound, measured_names

TWICE = Ratio("", ((0.5, 1.0), (0.25, 1.0), (0.75, 1.0)), 60.0, "", size_bytes=10**9)


def test_the_table_of_the_readme_is_made_of_the_stored_results() -> None:
    readme = table.README.read_text()
    assert table.written(readme, table.kept()) == readme
    assert table.written(readme, {}) != readme or not table.kept()


def test_every_row_has_a_benchmark_or_a_test() -> None:
    assert len(ROWS) == 17
    for row in ROWS:
        assert row.bounds
        assert not row.shown_by[1] or (table.ROOT / row.shown_by[1]).exists()
    assert set(measured_names()) <= set(BENCHMARKS)
    assert set(table.kept()) <= set(measured_names())


@pytest.mark.parametrize(
    ("kind", "figure", "kept", "broken"),
    [
        (TIMES, 0.5, 0.5, 0.49),
        (SECONDS, 0.5, 0.5, 0.49),
        (MEMORY, 60.0, 60, 59),
        (SPEED, 2.0, 2, 2.01),
        (MORE, -500.0, 0, -501),
    ],
)
def test_a_figure_is_the_median_of_pairs_and_keeps_its_bound_or_not(kind, figure, kept, broken) -> None:
    assert Bound("", "", kind, kept).figure(TWICE) == pytest.approx(figure)
    assert Bound("", "", kind, kept).is_met(TWICE)
    assert not Bound("", "", kind, broken).is_met(TWICE)


def test_a_bound_is_told_as_a_part_where_it_is_one() -> None:
    wanted = [Bound("", "", TIMES, value).wanted() for value in (1 / 15, 0.35, 1.02)]
    assert wanted == [f"at most {said} its time" for said in ("1/15 of", "0.35 of", "1.02 times")]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed, which tells whether a figure stands")
def test_an_interrupted_table_goes_on_and_a_peer_that_is_missing_is_told(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "results.json"

    def missing() -> Ratio:
        raise OSError("no such | peer")

    def stopped() -> Ratio:
        raise KeyboardInterrupt

    monkeypatch.setitem(BENCHMARKS, "listing_large", lambda: TWICE)
    monkeypatch.setitem(BENCHMARKS, "csv_table", missing)
    monkeypatch.setitem(BENCHMARKS, "console_lines", stopped)
    with pytest.raises(KeyboardInterrupt):
        list(table.measure(["csv_table", "listing_large", "console_lines"], path))
    known = table.kept(path)
    assert list(known) == ["listing_large", "csv_table"], "in the order of the rows"
    assert known["listing_large"].ratio().pairs == TWICE.pairs
    told = table.text(known)
    assert "1 of 2 bounds are met" in told
    assert "| 0.500 (0.250 to 0.750): 0.5 s against 1 s" in told
    assert "| at most 80 MB | 60 MB | yes |" in told
    assert "not measured: no such / peer |  |" in told


def test_the_memory_of_a_command_is_its_own() -> None:
    held = bytearray(200 * 10**6)
    found = side_by_side("", ["/bin/true"], ["/bin/true"], "", 1)
    assert len(held) > 10**8
    assert 0 < found.peak_mb < 60
