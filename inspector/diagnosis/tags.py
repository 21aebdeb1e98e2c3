"""What a curve's tag says: whether it is a loss, of which part of the data, a rate, a measure of slots or points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from inspector.core.texts import visible
from inspector.formats.metric_names import words
from inspector.formats.series import Series

SHOWN_TAG_CHARACTERS = 80

_ASKED = 128
"""Answers that are kept: checks ask the same of the same tags, those of one run and of many runs of one recipe."""

_LOSSES = frozenset({"loss", "losses", "nll", "mse", "bce", "crossentropy"})
_TRAIN = frozenset({"train", "training", "trn"})
_VALIDATION = frozenset({"val", "valid", "validation", "dev", "eval", "evaluation"})
_TEST = frozenset({"test", "testing"})
_PIXELS = frozenset({"px", "pixel", "pixels"})
_ERROR = frozenset({"err", "error", "errors", "distance", "dist", "median", "mae"})
_HOW_TAKEN = frozenset({"epoch", "step", "avg", "average", "mean", "running", "smoothed", "total", "iter"})
"""Words that say how a value was taken and not what it is."""


class Pair(NamedTuple):
    """A loss on what is learnt from, and the same loss on what is not; `train` is None where none was logged."""

    train: str | None
    validation: str


def shown(tag: str) -> str:
    """A tag as a sentence shows it."""
    return visible(tag, SHOWN_TAG_CHARACTERS)


def is_loss(tag: str) -> bool:
    """Whether a curve is a loss or a term of one."""
    return not _LOSSES.isdisjoint(words(tag))


def is_rate(tag: str) -> bool:
    """Whether a curve is a learning rate (and not a factor of one)."""
    found = words(tag)
    return not {"mult", "scale", "factor"} & set(found) and ("lr" in found or {"learning", "rate"} <= set(found))


def losses(curves: Mapping[str, Series]) -> list[str]:
    """Every loss, the plainest names first."""
    return list(filter(is_loss, by_plainness(curves)))


def rates(curves: Mapping[str, Series]) -> list[str]:
    """Every learning rate."""
    return list(filter(is_rate, by_plainness(curves)))


def loss_pair(curves: Mapping[str, Series]) -> Pair | None:
    """The validation loss with the plainest name, and the training loss of the same name; None without the former."""
    by_part: dict[str, dict[tuple[str, ...], str]] = {"": {}, "train": {}, "validation": {}, "test": {}}
    for tag in losses(curves):
        if len(curves[tag].values):
            by_part[part_of(tag)].setdefault(name_of(tag), tag)
    held_out = by_part["validation"] or by_part["test"]
    if not held_out:
        return None
    trained = {**by_part[""], **by_part["train"]}
    name = next((name for name in held_out if name in trained), next(iter(held_out)))
    return Pair(trained.get(name), held_out[name])


def with_words(curves: Iterable[str], *wanted: frozenset[str], without: frozenset[str] = frozenset()) -> str | None:
    """The plainest tag that has a word of each set and none of `without`; None where there is none."""
    return _with_words(tuple(curves), wanted, without)


@lru_cache(_ASKED)
def _with_words(tags: tuple[str, ...], wanted: tuple[frozenset[str], ...], without: frozenset[str]) -> str | None:
    def fits(tag: str) -> bool:
        found = words(tag)
        return without.isdisjoint(found) and not any(some.isdisjoint(found) for some in wanted)

    return min(filter(fits, tags), key=plainness, default=None)


def mask_entropy(curves: Iterable[str]) -> str | None:
    """The tag of the entropy of slots' masks."""
    return with_words(curves, frozenset({"mask", "masks"}), frozenset({"entropy"}))


def pixel_error(curves: Iterable[str]) -> str | None:
    """The tag of the error of points in pixels, that of held-out data first."""
    tags = tuple(curves)
    return with_words(tags, _PIXELS, _ERROR, without=_TRAIN) or with_words(tags, _PIXELS, _ERROR)


def median_pixel_error(curves: Iterable[str]) -> str | None:
    """The tag of the median error of points in pixels, which a few far ones do not move; that of held-out data."""
    return with_words(curves, _PIXELS, frozenset({"median"}), without=_TRAIN)


def by_plainness(tags: Iterable[str]) -> list[str]:
    """The plainest names first."""
    return list(_by_plainness(tuple(tags)))


@lru_cache(_ASKED)
def _by_plainness(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(tags, key=plainness))


@lru_cache(4096)
def plainness(tag: str) -> tuple[int, int, str]:
    """Least of the plainest: few words; of a loss logged each step and each epoch, the one of the epoch."""
    found = words(tag)
    return len(name_of(tag)), 0 if "epoch" in found else 1, tag


def part_of(tag: str) -> str:
    """Which part of the data a curve is of: `train`, `validation`, `test`, or empty where its name does not say."""
    found = set(words(tag))
    parts = (("validation", _VALIDATION), ("test", _TEST), ("train", _TRAIN))
    return next((part for part, names in parts if found & names), "")


@lru_cache(4096)
def name_of(tag: str) -> tuple[str, ...]:
    """What is measured, without the part of the data and how the value was taken."""
    left_out = _TRAIN | _VALIDATION | _TEST | _HOW_TAKEN
    return tuple(word for word in words(tag) if word not in left_out)
