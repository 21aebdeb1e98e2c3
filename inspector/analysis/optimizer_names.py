"""Which parameter each entry of an optimizer's state belongs to: by stored names, else by order and shape.

Source: torch numbers the parameters of all groups one after the other, in the order in which they were handed over;
`Module.parameters()` gives them in the order of the state dict, without buffers, a tied one once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from inspector.analysis.name_prefixes import stripped
from inspector.analysis.optimizer_state import SavedOptimizer
from inspector.analysis.order_fits import Slot, fits_in_order
from inspector.formats.facts import TensorFacts

STORED_NAMES = "stored names"
ORDER_AND_SHAPE = "order and shape"

_COMMON_WORDS = re.compile(r"optimi[sz]ers?|optim|opt|state_?dict|state|net(work)?|model|module")
_WRAPPERS = frozenset(("_orig_mod", "module", "model", "network", "net", "state_dict", "model_state_dict"))
_NO_WORDS = frozenset(("", "pth", "pt", "states", "main"))
_USUAL_SECTIONS = ("model", "state_dict", "model_state_dict", "model_state", "module", "net", "network", "")


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter and its place in an optimizer.

    Attributes:
        name: of the weight in the checkpoint.
        short: the same without the section that all weights are in (`encoder.conv1.weight`).
        id: its id in the optimizer, None where it is in no group.
        group: number of its group, None where it is in none.
    """

    name: str
    short: str
    shape: tuple[int, ...]
    id: str | None
    group: int | None


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of the model that an optimizer trains, in the model's order; empty where `because` says why.

    Attributes:
        how: `stored names` or `order and shape`.
        nameless: ids in the optimizer that no weight of the checkpoint belongs to.
    """

    parameters: tuple[Joined, ...] = ()
    how: str = ""
    because: str = ""
    nameless: tuple[str, ...] = ()


def joined(
    optimizer: SavedOptimizer, tensors: Sequence[TensorFacts], places: Mapping[str, Hashable] | None = None
) -> Join:
    """The join of one optimizer.

    Args:
        optimizer: as saved.
        tensors: all of the checkpoint.
        places: where each tensor's elements are; equal places are one tied parameter.
    """
    sections = _sections(tensors)
    if not sections:
        return Join(because="the file holds no weights that the optimizer's state could be joined to")
    if not any(group.ids for group in optimizer.groups) and not optimizer.state:
        return Join(because="the optimizer lists no parameters")
    by_name = _by_names(optimizer, sections)
    if by_name is not None:
        return by_name
    if not any(group.ids for group in optimizer.groups):
        return Join(because="the optimizer's groups do not list their parameters")
    return _by_order(optimizer, sections, places or {})


def section_and_short(name: str, tensors: Sequence[TensorFacts]) -> tuple[str, str]:
    """The section that a weight's or module's path is in, and its name below it."""
    section = max((one for one in _sections(tensors) if not one or name.startswith(f"{one}.")), key=len, default="")
    return section, short_name(name, section)


def short_name(name: str, section: str) -> str:
    """A weight's name below its section."""
    return name[len(section) + 1 :] if section else name


def _sections(tensors: Sequence[TensorFacts]) -> dict[str, list[TensorFacts]]:
    """The weights by the path that all of a model hang below, the most usual first; empty for a bare state dict."""
    weights = [tensor for tensor in tensors if tensor.role == "weight"]
    tops: dict[str, list[TensorFacts]] = {}
    for tensor in weights:
        top, _, rest = tensor.name.partition(".")
        tops.setdefault(top if rest else "", []).append(tensor)
    # A bare state dict has the model's own modules at its top; a checkpoint has optimizer, epoch and others beside.
    usual = [name for name in _USUAL_SECTIONS if name in tops]
    others = any(tensor.role not in {"weight", "buffer"} for tensor in tensors)
    if not usual and not others:
        return {_deepest("", weights): weights} if weights else {}
    ordered = sorted(tops, key=lambda name: _USUAL_SECTIONS.index(name) if name in usual else len(_USUAL_SECTIONS))
    return {_deepest(name, tops[name]): tops[name] for name in ordered}


def _deepest(section: str, weights: Sequence[TensorFacts]) -> str:
    """The section with the wrappers below it that all of its weights are in."""
    while True:
        start = len(section) + 1 if section else 0
        inner = {one.name[start:].partition(".")[0] for one in weights}
        wrapper = next(iter(inner))
        if len(inner) > 1 or wrapper not in _WRAPPERS:
            return section
        section = f"{section}.{wrapper}" if section else wrapper


def _by_names(optimizer: SavedOptimizer, sections: Mapping[str, list[TensorFacts]]) -> Join | None:
    """By names that the groups store, or by which the state itself is keyed."""
    named: dict[str, tuple[str, int | None]] = {}
    for index, group in enumerate(optimizer.groups):
        names = group.names if len(group.names) == len(group.ids) else group.ids
        if not all(name.isdecimal() for name in names):
            named.update({stripped(name): (owner, index) for owner, name in zip(group.ids, names, strict=True)})
    if not named and optimizer.state and not any(owner.isdecimal() for owner in optimizer.state):
        only = 0 if len(optimizer.groups) == 1 else None
        named = {stripped(owner): (owner, only) for owner in optimizer.state}
    if not named:
        return None
    best: tuple[int, str] = (0, "")
    for section, weights in sections.items():
        hits = sum(stripped(short_name(one.name, section)) in named for one in weights)
        best = max(best, (hits, section), key=lambda pair: pair[0])
    if not best[0]:
        return None
    section = best[1]
    parameters = []
    for tensor in sections[section]:
        short = short_name(tensor.name, section)
        entry = named.pop(stripped(short), None)
        own_id, own_group = entry if entry is not None else (None, None)
        parameters.append(Joined(name=tensor.name, short=short, shape=tensor.shape, id=own_id, group=own_group))
    nameless = tuple(owner for owner, _ in named.values())
    return Join(parameters=tuple(parameters), how=STORED_NAMES, nameless=nameless)


class _Fit(NamedTuple):
    """A section whose weights fit the groups in one way; `exact` where none of them is left out."""

    section: str
    join: Join
    exact: bool


def _by_order(
    optimizer: SavedOptimizer, sections: Mapping[str, list[TensorFacts]], places: Mapping[str, Hashable]
) -> Join:
    answers = [_fit(optimizer, name, weights, places) for name, weights in sections.items()]
    fits = [one for one in answers if isinstance(one, _Fit)]
    if not fits and len(sections) > 1:
        # Parts of a model may be saved as state dicts of their own, with one optimizer over all.
        answers.insert(0, _fit(optimizer, "", [one for weights in sections.values() for one in weights], places))
        fits = [one for one in answers[:1] if isinstance(one, _Fit)]
    if not fits:
        named = _by_module(optimizer, sections, places)
        return named or Join(because=next(one for one in answers if isinstance(one, str)))
    fits = [one for one in fits if one.exact] or fits
    if len({tuple(parameter.short for parameter in one.join.parameters) for one in fits}) > 1:
        fits = [one for one in fits if _own_word(one.section) == _own_word(optimizer.root)]
        if len(fits) != 1:
            return Join(because="the weights of more than one model in the file fit the optimizer's state")
    return fits[0].join


def _by_module(
    optimizer: SavedOptimizer, sections: Mapping[str, list[TensorFacts]], places: Mapping[str, Hashable]
) -> Join | None:
    """By the one module that the optimizer is named after, where all of its parameters, and no others, are the groups'.

    `critic.optimizer` trains `policy.critic`, and neither `policy.critic_target` nor a part of both.
    """
    words = {_own_word(part) for part in optimizer.root.split(".")} - _NO_WORDS
    groups = [[_slot(optimizer, owner) for owner in group.ids] for group in optimizer.groups]
    if not words or not any(slot for group in groups for slot in group):
        return None
    found: dict[str, Join] = {}
    for section, weights in sections.items():
        for module in _modules_named(words, section, weights):
            inside = [one for one in weights if one.name.startswith(f"{module}.")]
            fit = _fit(optimizer, section, inside, places)
            if isinstance(fit, _Fit) and fit.exact:
                others = [one for one in weights if not one.name.startswith(f"{module}.")]
                beside = [_untrained(one, section) for one in _untied(others, places)]
                place = {one.name: number for number, one in enumerate(weights)}
                both = sorted((*fit.join.parameters, *beside), key=lambda one: place[one.name])
                found[module] = msgspec.structs.replace(fit.join, parameters=tuple(both))
    return next(iter(found.values())) if len(found) == 1 else None


def _modules_named(words: Collection[str], section: str, weights: Sequence[TensorFacts]) -> list[str]:
    """The paths of modules whose own name is one of these words."""
    found: dict[str, None] = {}
    for one in weights:
        parts = one.name.split(".")
        for end in range(section.count(".") + 1 if section else 0, len(parts) - 1):
            if parts[end].lower() in words:
                found.setdefault(".".join(parts[: end + 1]))
    return list(found)


def _untrained(tensor: TensorFacts, section: str) -> Joined:
    short = short_name(tensor.name, section)
    return Joined(name=tensor.name, short=short, shape=tensor.shape, id=None, group=None)


def _own_word(path: str) -> str:
    """What tells a section or an optimizer from its like: `netG` and `optimizer_G` give `g`."""
    return _COMMON_WORDS.sub("", path.rpartition(".")[2].lower()).strip("_0")


def _fit(
    optimizer: SavedOptimizer, section: str, weights: Sequence[TensorFacts], places: Mapping[str, Hashable]
) -> _Fit | str:
    own = _untied(weights, places)
    groups = [[_slot(optimizer, owner) for owner in group.ids] for group in optimizer.groups]
    fits = fits_in_order([one.shape for one in own], groups)
    if isinstance(fits, str):
        return fits
    parameters = tuple(
        Joined(
            name=tensor.name,
            short=short_name(tensor.name, section),
            shape=tensor.shape,
            id=None if place is None else optimizer.groups[place[0]].ids[place[1]],
            group=None if place is None else place[0],
        )
        for tensor, place in zip(own, fits, strict=True)
    )
    return _Fit(section, Join(parameters=parameters, how=ORDER_AND_SHAPE), None not in fits)


def _slot(optimizer: SavedOptimizer, owner: str) -> Slot:
    entry = optimizer.state.get(owner)
    return None if entry is None else entry.shape


def _untied(weights: Sequence[TensorFacts], places: Mapping[str, Hashable]) -> list[TensorFacts]:
    """The weights, each elements' place once, as `parameters()` gives them."""
    seen: set[Hashable] = set()
    own = []
    for tensor in weights:
        place = places.get(tensor.name)
        if place is None or place not in seen:
            own.append(tensor)
        seen.add(place)
    return own
