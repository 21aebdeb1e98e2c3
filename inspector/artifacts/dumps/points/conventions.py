"""Which conventions the points of a dump are kept in: said by hand or by the file, else guessed by names and values."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec
import numpy as np

from inspector.analysis.convention_guess import Places, guessed_conventions
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.points.lists import PointRows
from inspector.artifacts.dumps.points.placement import ImageSizes
from inspector.formats.dump import FORMAT, Role
from inspector.formats.facts import DatasetFacts
from inspector.formats.point_conventions import Convention, Frame, GuessedConvention, Unit, convention_text

_ANY = tuple(Unit)
_UNIT_WORDS: tuple[tuple[re.Pattern[str], tuple[Unit, ...]], ...] = (
    (re.compile(r"(?<![a-z])(px|pix|pixels?)(?![a-z])"), (Unit.PIXELS,)),
    (re.compile(r"-1\D*(\.\.|to|,|:)\D*1|(?<![a-z])signed|tanh|ndc"), (Unit.SIGNED,)),
    (re.compile(r"(?<![-\d])0\D*(\.\.|to|,|:)\D*1(?!\d)|sigmoid|fraction|unit(?![a-z])|share"), (Unit.SHARES,)),
    (re.compile(r"norm|relative"), (Unit.SHARES, Unit.SIGNED)),
)
"""What words say of the unit, the first that match."""
_YX = re.compile(r"(?<![a-z])(yx|rc|ij|row_?col|hw)(?![a-z])")
_XY = re.compile(r"(?<![a-z])(xy|uv|col_?row|wh)(?![a-z])")
_LONGEST = 200
"""Of names and texts that are looked at, as patterns take their time on longer ones."""
_ATTRIBUTES = frozenset(("unit", "units", "convention", "coordinates", "coords", "space", "range", "format", "order"))
"""Attributes of a dataset whose texts tell how its points are kept."""


class DumpConventions(NamedTuple):
    """How the true and the predicted points of a dump are read.

    Attributes:
        truth, predicted: the convention of each.
        text: both in words, and why.
        sure: whether other ways to read them are far less likely, or it was said by hand.
    """

    truth: Convention
    predicted: Convention
    text: str
    sure: bool


class _Said(NamedTuple):
    """How one kind is read; whether a person said so."""

    guess: GuessedConvention
    by_hand: bool


def conventions_of(dump: Dump, truth: PointRows, predicted: PointRows, sizes: ImageSizes) -> DumpConventions:
    """The conventions of a dump, as it was said by hand, else as the file and its values tell."""
    datasets = (dump.one(Role.GT_POINTS), dump.one(Role.PRED_POINTS))
    places = [_places(one, points, sizes) for one, points in zip(datasets, (truth, predicted), strict=True)]
    guesses = guessed_conventions(*places)
    if dump.facts.attributes.get("format") == FORMAT:
        guesses = _as_recorded(guesses, sizes)
    if sizes.affine is not None:
        guesses = _of_network(guesses[0]), _of_network(guesses[1])
    said = [_said(dataset, guess) for dataset, guess in zip(datasets, guesses, strict=True)]
    known = [one for one, dataset in zip(said, datasets, strict=True) if dataset is not None]
    return DumpConventions(
        said[0].guess.convention,
        said[1].guess.convention,
        _text(datasets, said),
        all(one.by_hand or one.guess.sure for one in known) or not (_any(truth) or _any(predicted)),
    )


def _any(points: PointRows) -> bool:
    """Whether there is a point."""
    return bool(np.isfinite(points.values).any())


def _places(dataset: DatasetFacts | None, points: PointRows, sizes: ImageSizes) -> Places:
    words = _words(dataset)
    units = next((units for pattern, units in _UNIT_WORDS if pattern.search(words)), _ANY)
    if dataset is not None and dataset.attributes.get("normalized") is not None:
        units = (Unit.SHARES, Unit.SIGNED) if dataset.attributes["normalized"] else (Unit.PIXELS,)
    is_yx = True if _YX.search(words) else False if _XY.search(words) else None
    given = sizes.stored.take(points.of, axis=0) if sizes.resized else None
    return Places(points.values, sizes.original.take(points.of, axis=0), given, units, is_yx)


def _words(dataset: DatasetFacts | None) -> str:
    """What a dataset is called, and what its attributes say, in small letters."""
    if dataset is None:
        return ""
    stated = [value for name, value in dataset.attributes.items() if name.lower() in _ATTRIBUTES and _is_text(value)]
    return " ".join([dataset.path.rpartition("/")[2][:_LONGEST], *stated]).lower()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST


def _as_recorded(
    guesses: tuple[GuessedConvention, GuessedConvention], sizes: ImageSizes
) -> tuple[GuessedConvention, GuessedConvention]:
    """Points of a dump of this program are pixels of its stored images, unless their values say otherwise."""
    if guesses[0].convention.unit is not Unit.PIXELS:
        return guesses
    frame = Frame.RESIZED if sizes.resized else Frame.ORIGINAL
    said = GuessedConvention(
        convention=Convention(frame=frame), sure=True, sure_of_order=True, because=f"{FORMAT} keeps them so"
    )
    return said, said


def _of_network(guess: GuessedConvention) -> GuessedConvention:
    """Shares are those of the image that the network was given, where it is told how that came from the original."""
    if guess.convention.unit is Unit.PIXELS:
        return guess
    return msgspec.structs.replace(guess, convention=msgspec.structs.replace(guess.convention, frame=Frame.RESIZED))


def _said(dataset: DatasetFacts | None, guess: GuessedConvention) -> _Said:
    if dataset is None or dataset.convention is None:
        return _Said(guess, by_hand=False)
    return _Said(msgspec.structs.replace(guess, convention=dataset.convention), by_hand=True)


def _text(datasets: tuple[DatasetFacts | None, ...], said: list[_Said]) -> str:
    names = dict(zip(("Truth", "Predictions"), zip(datasets, said, strict=True), strict=True))
    shown = {name: one for name, (dataset, one) in names.items() if dataset is not None}
    if len({(convention_text(one.guess.convention), one.by_hand) for one in shown.values()}) == 1:
        return f"{' and '.join(shown).capitalize()}: {_one_text(next(iter(shown.values())))}"
    return "; ".join(f"{name}: {_one_text(one)}" for name, one in shown.items())


def _one_text(said: _Said) -> str:
    why = "chosen by hand" if said.by_hand else said.guess.because
    doubt = "" if said.by_hand or said.guess.sure else ", a guess"
    return f"{convention_text(said.guess.convention)} ({why}{doubt})"
