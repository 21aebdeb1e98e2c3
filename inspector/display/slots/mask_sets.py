"""The masks that a dump holds: of which part of the model each dataset is, and which of them is shown."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.dumps import axis_length, datasets
from inspector.display.slots.scene import MaskChoice, MaskOption, MaskSource
from inspector.formats.dump import ROLE_OF_PATH, Role
from inspector.formats.facts import DatasetFacts, DumpFacts

_PARTS: tuple[tuple[MaskSource, re.Pattern[str]], ...] = (
    ("decoder", re.compile(r"(?<![a-z])(enc)?dec(oders?)?(?![a-z])")),
    ("encoder", re.compile(r"(?<![a-z])enc(oders?)?(?![a-z])")),
)
"""How names speak of a part of the model; attention of a decoder to its encoder is the decoder's."""

_SAYING = ("kind", "source", "module")
"""Attributes that may say of which part of the model a dataset is."""


_KINDS: dict[tuple[MaskSource, bool], str] = {
    ("encoder", False): tr("encoder attention"),
    ("encoder", True): tr("encoder masks"),
    ("decoder", False): tr("decoder attention"),
    ("decoder", True): tr("decoder masks"),
}
"""What a part of the model made, and whether that is masks."""

MADE_BY_A_MODEL = (Role.ATTENTION, Role.DECODER_MASKS)
"""Roles of masks; true ones are shown where a dump has none of these."""


class MaskSet(NamedTuple):
    """One dataset of masks or attention, and the part of the model that made it."""

    dataset: DatasetFacts
    source: MaskSource

    @property
    def kind(self) -> str:
        """`encoder attention`, `decoder masks`, `true masks`."""
        if self.source == "truth":
            return tr("true masks")
        if self.source == "tokens":
            return tr("heads of a token")
        return _KINDS[self.source, self.dataset.role == Role.DECODER_MASKS]


def mask_sets(facts: DumpFacts) -> tuple[MaskSet, ...]:
    """The masks of a dump, the encoder's first; the first of each part is the one shown without a choice.

    True masks are among them only where there are no others, and attention between tokens where there are none at all.
    """
    found = [MaskSet(one, _source(one)) for one in datasets(facts, *MADE_BY_A_MODEL)]
    if not found:
        true = tuple(MaskSet(one, "truth") for one in datasets(facts, Role.GT_MASKS))
        return true or tuple(MaskSet(one, "tokens") for one in datasets(facts, Role.TOKEN_ATTENTION))

    def place(one: MaskSet) -> tuple[bool, bool, bool]:
        usual = one.source == "encoder" or one.dataset.role == Role.DECODER_MASKS
        return one.source == "decoder", not usual, one.dataset.path not in ROLE_OF_PATH

    return tuple(sorted(found, key=place))


def chosen_set(sets: tuple[MaskSet, ...], choice: MaskChoice) -> MaskSet | None:
    """The dataset of a choice, else the first of its source, else the first; None where there are no masks."""
    named = (one for one in sets if one.dataset.path == choice.dataset)
    of_source = (one for one in sets if one.source == choice.source)
    return next(named, None) or next(of_source, None) or next(iter(sets), None)


def held(facts: DumpFacts, choice: MaskChoice) -> MaskChoice | None:
    """A choice as a dump can meet it: one of its datasets, and entries that its axes have; None without masks."""
    one = chosen_set(mask_sets(facts), choice)
    if one is None:
        return None
    heads = length(one.dataset, "A")
    if one.source == "tokens":
        layer = _before_last(choice.layer, length(one.dataset, "L"))
        return MaskChoice(source=one.source, dataset=one.dataset.path, layer=layer, token_at=choice.token_at)
    return MaskChoice(
        dataset=one.dataset.path,
        source=one.source,
        frame=max(0, min(choice.frame, frames(facts, one.dataset) - 1)),
        layer=_before_last(choice.layer, length(one.dataset, "L")),
        iteration=_before_last(choice.iteration, length(one.dataset, "I")),
        head=choice.head if heads > 1 and 0 <= choice.head < heads else -1,
    )


def from_first(choice: MaskChoice, dataset: DatasetFacts) -> MaskChoice:
    """A choice of a dataset, as `held` gives it, with layer and iteration counted from 0."""
    layers, iterations = length(dataset, "L"), length(dataset, "I")
    return msgspec.structs.replace(choice, layer=choice.layer % layers, iteration=choice.iteration % iterations)


def unlike_means(choice: MaskChoice) -> str:
    """What numbers of all samples are of where a choice, as `held` gives it, is of something else: `last iteration`."""
    others = (
        (tr("first frame"), choice.frame > 0),
        (tr("last layer"), choice.layer >= 0),
        (tr("last iteration"), choice.iteration >= 0),
        (tr("all heads"), choice.head >= 0),
    )
    return ", ".join(name for name, differs in others if differs)


def length(dataset: DatasetFacts, letter: str) -> int:
    """How many entries an axis has; 1 where the dataset has no such axis."""
    return axis_length(dataset, letter) or 1


def frames(facts: DumpFacts, dataset: DatasetFacts) -> int:
    """How many frames there are to choose from, of the masks or else of the images."""
    images = datasets(facts, Role.IMAGE)
    return max(length(dataset, "F"), length(images[0], "F") if images else 1)


def options(sets: tuple[MaskSet, ...]) -> tuple[MaskOption, ...]:
    """What a user chooses from, by name."""
    return tuple(
        MaskOption(path=one.dataset.path, name=visible(one.dataset.path), kind=one.kind, source=one.source)
        for one in sets
    )


def token_options(facts: DumpFacts) -> tuple[MaskOption, ...]:
    """The attention between tokens that can be shown beside the masks."""
    if not datasets(facts, *MADE_BY_A_MODEL, Role.GT_MASKS):
        return ()
    return tuple(
        MaskOption(path=one.path, name=visible(one.path), kind=tr("attention between tokens"), source=None)
        for one in datasets(facts, Role.TOKEN_ATTENTION)
    )


def _source(dataset: DatasetFacts) -> MaskSource:
    said = (dataset.path, *(dataset.attributes.get(name) for name in _SAYING))
    words = " ".join(text.lower() for text in said if isinstance(text, str))
    named = next((source for source, pattern in _PARTS if pattern.search(words)), None)
    return named or ("decoder" if dataset.role == Role.DECODER_MASKS else "encoder")


def _before_last(index: int, count: int) -> int:
    """An index, -1 for the last however it is asked for."""
    return index if 0 <= index < count - 1 else -1
