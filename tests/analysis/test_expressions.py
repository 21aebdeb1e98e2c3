"""Expressions of curves are read as they are meant, and what is none is refused with a sentence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.analysis.expressions import MAX_CHARACTERS, ExpressionError, names_in, parse, worked_out

VALUES = {
    "val/loss": np.array([3.0, 5.0]),
    "train/loss": np.array([2.0, 1.0]),
    "loss": np.array([7.0, 7.0]),
    "top-1": np.array([0.5, 0.25]),
    "x y": np.array([10.0, 20.0]),
    "a": np.array([4.0, 9.0]),
    "b": np.array([-1.0, 0.0]),
    "log": np.array([100.0, 1000.0]),
}


def value(text: str) -> list[float]:
    return worked_out(parse(text, VALUES), VALUES).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("val/loss - train/loss", [1, 4]),
        ("val/loss-train/loss", [1, 4]),
        ("a/loss", [4 / 7, 9 / 7]),
        ("top-1 * 100", [50, 25]),
        ("a-1", [3, 8]),
        ("`x y` / 10 - -1", [2, 3]),
        ("2 + 3 * a", [14, 29]),
        ("(2 + 3) * a", [20, 45]),
        ("a - 1 - 1", [2, 7]),
        ("8 / 2 / a", [1, 4 / 9]),
        ("-a * -1", [4, 9]),
        ("sqrt(a) + abs(b)", [3, 3]),
        ("log10(log)", [2, 3]),
        ("log(exp(a))", [4, 9]),
        ("log + 1", [101, 1001]),
        ("min(a, loss, 5)", [4, 5]),
        ("max(a, loss)", [7, 9]),
        ("1.5e1 + .5 + a", [19.5, 24.5]),
    ],
)
def test_an_expression_is_worth_what_is_worked_out_by_hand(text: str, expected: list[float]) -> None:
    assert value(text) == pytest.approx(expected)


def test_arithmetic_without_a_result_is_not_a_number_and_no_error() -> None:
    assert value("1 / b")[0] == -1
    assert math.isinf(value("1 / b")[1])
    assert math.isnan(value("log(b)")[0])


def test_an_expression_names_each_of_its_curves_once() -> None:
    assert names_in(parse("max(a, `x y`) / a", VALUES)) == ("a", "x y")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "missing at the end"),
        ("a -", "missing at the end"),
        ("(a", "closing parenthesis"),
        ("a b", "operator"),
        ("nowhere/loss", "no curve is called “nowhere/loss”"),
        ("`x z`", "no curve is called “x z”"),
        ("`x y", "not closed"),
        ("min(a)", "2 or more"),
        ("sqrt(a, b)", "1 values"),
        ("sqrt a", "parentheses"),
        ("(" * 60 + "a", "deep"),
        ("abs(" * 60 + "a", "deep"),
        ("a+" * MAX_CHARACTERS, "characters"),
        ("__import__('os')", "no curve"),
        ("a.b", "operator"),
    ],
)
def test_a_text_that_is_no_expression_says_why(text: str, sentence: str) -> None:
    with pytest.raises(ExpressionError, match=sentence):
        parse(text, VALUES)


def test_the_longest_expression_is_worked_out() -> None:
    text = "a+" * (MAX_CHARACTERS // 2 - 1) + "a"
    assert value(text) == [4 * (MAX_CHARACTERS // 2), 9 * (MAX_CHARACTERS // 2)]


@given(
    st.recursive(
        st.integers(1, 9).map(str),
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map("({0[0]}{0[1]}{0[2]})".format),
        max_leaves=12,
    )
)
def test_arithmetic_of_numbers_is_pythons(text: str) -> None:
    names: dict[str, np.ndarray] = {}
    assert float(worked_out(parse(text, names), names)) == eval(text)


@given(st.text(alphabet="ab+-*/()`., 1e\u00b2\u0660", max_size=20))
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    try:
        parsed = parse(text, VALUES)
    except ExpressionError:
        return
    worked_out(parsed, VALUES)
