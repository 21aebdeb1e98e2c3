"""The table of promises is whole, and names only tests and checks that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.long.catalogue import CHECKS
from tests.long.promise_tests import counted
from tests.long.promises import COLUMNS, PROMISES, Measured, Promise, figure_of, markdown, row_of, state_of, stored

ROOT = Path(__file__).resolve().parents[2]


def test_all_19_are_there_once() -> None:
    assert [promise.number for promise in PROMISES] == list(range(1, 20))
    assert len({promise.says for promise in PROMISES}) == 19


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: str(promise.number))
def test_every_test_that_is_named_is_there(promise: Promise) -> None:
    for node in promise.tests:
        path, _, rest = node.partition("::")
        tree = ast.parse((ROOT / path).read_text())
        tests = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name.startswith("test")}
        name, _, parameter = rest.partition("[")
        assert name in tests if name else tests, node
        assert not parameter or parameter.removesuffix("]") in CHECKS, node


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: str(promise.number))
def test_every_check_that_is_named_is_registered_and_its_figures_are_there(promise: Promise) -> None:
    results = stored()
    assert set(promise.checks) <= set(CHECKS)
    assert {one.check for one in promise.measured} <= set(promise.checks)
    for one in promise.measured:
        found = results.get(one.check)
        if found and found["rounds"] >= found["of"]:
            assert isinstance(figure_of(one, results), int | float), one


def test_what_nothing_tries_is_missing_and_what_is_not_whole_is_not_met() -> None:
    whole = {"a": {"rounds": 2, "of": 2, "figures": {"kills": 3}}}
    counted = {"promise_tests": {"rounds": 1, "of": 19, "figures": {"1": {"passed": 4, "skipped": 0}}}}
    tried = Promise(1, "", ("t.py",), ("a",), (Measured("faults injected", "a", ("kills",)),))
    assert state_of(Promise(1, "", lacks="everything"), whole | counted) == "missing"
    assert state_of(tried, whole | counted) == "met"
    assert state_of(tried, whole) == "partly met"
    assert state_of(tried, counted) == "partly met"
    assert state_of(tried, {"a": {"rounds": 1, "of": 2, "figures": {"kills": 3}}} | counted) == "partly met"
    assert state_of(Promise(1, "", ("t.py",), ("a",), lacks="more"), whole | counted) == "partly met"


def test_the_table_has_a_row_for_each_with_its_figures() -> None:
    text = markdown(stored())
    rows = [line for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) == 19
    assert {row.count("|") for row in rows} == {len(COLUMNS) + 6}
    assert re.search(r"^\| 11 \| .* \| 62,139 \|", text, re.MULTILINE)


def test_what_tests_tell_that_they_tried_is_summed_and_added_to_that_of_the_checks(tmp_path: Path) -> None:
    told = '<properties><property name="inputs tried" value="{}"/></properties>'
    cases = (
        f"<testcase>{told.format(40)}</testcase><testcase>{told.format(2)}</testcase><testcase><skipped/></testcase>"
    )
    (tmp_path / "report.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    found = counted(tmp_path / "report.xml")
    assert found == {"passed": 2, "skipped": 1, "tried": {"inputs tried": 42}}
    results = {"promise_tests": {"figures": {"1": found}}, "a": {"figures": {"mutants": 3}}}
    tried = Promise(1, "", ("t.py",), ("a",), (Measured("inputs tried", "a", ("mutants",)),))
    assert row_of(tried, results) == {"inputs tried": 45}
