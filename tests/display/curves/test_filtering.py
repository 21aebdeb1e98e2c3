"""A filter is read as globs, as text, or between slashes as a regular expression."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.display.curves.filtering import filter_for, filter_of

TAGS = ("train/loss", "val/loss", "val/acc", "lr/main", "my loss", "grad_norm/a[0]", "a.b")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", TAGS),
        ("  ", TAGS),
        ("val/*", ("val/loss", "val/acc")),
        ("VAL/*", ("val/loss", "val/acc")),
        ("*/loss", ("train/loss", "val/loss")),
        ("loss", ("train/loss", "val/loss", "my loss")),
        ("val/* lr", ("val/loss", "val/acc", "lr/main")),
        ("val/*, lr/*", ("val/loss", "val/acc", "lr/main")),
        ("?r/*", ("lr/main",)),
        ("[vl]*/*", ("val/loss", "val/acc", "lr/main")),
        ('"my loss"', ("my loss",)),
        ('"val"', ()),
        ("a.b", ("a.b",)),
        ("/^val|lr/", ("val/loss", "val/acc", "lr/main")),
        ("/a.b/", ("a.b",)),
        ("/LOSS$/", ("train/loss", "val/loss", "my loss")),
        ("/", ("train/loss", "val/loss", "val/acc", "lr/main", "grad_norm/a[0]")),
        ("nothing", ()),
    ],
)
def test_a_filter_lets_through_what_it_says(text, shown):
    found = filter_of(text)
    assert tuple(tag for tag in TAGS if found.lets(tag)) == shown
    assert found.error == ""


def test_a_broken_expression_is_said_and_searched_as_text():
    found = filter_of("/a[0/")
    assert "not a regular expression" in found.error
    assert [tag for tag in TAGS if found.lets(tag)] == ["grad_norm/a[0]"]


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_filter_for_a_series_finds_it_alone(tag, other):
    lets = filter_of(filter_for(tag)).lets
    assert lets(tag) or tag == ""
    assert not lets(other) or other.casefold() == tag.casefold() or tag == ""


@given(st.text(max_size=30))
def test_no_filter_fails(text):
    filter_of(text).lets("train/loss")
