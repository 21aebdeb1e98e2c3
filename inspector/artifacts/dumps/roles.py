"""What each dataset of a dump holds: by the names and `layout` of `ri-dump/1`, else guessed, and why.

A guess weighs the name, the shape, which axis of the first sample sums to one, and the other datasets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from inspector.artifacts.dumps.beside_points import guesses_beside_points
from inspector.artifacts.dumps.mask_layouts import MAX_SLOTS, Around, mask_layout, merged_slots, stated_sums
from inspector.artifacts.dumps.role_fits import FLOATS, SOFT_MASKS, Guess, Seen, attention_role, guess_foreign
from inspector.artifacts.dumps.role_names import named_role
from inspector.artifacts.dumps.split_points import with_split_points
from inspector.artifacts.dumps.stated_layouts import stated_layout
from inspector.core.arrays import AnyArray
from inspector.core.pulse import Pulse
from inspector.formats import dump
from inspector.formats.dump import Role, is_layout
from inspector.formats.facts import DatasetFacts
from inspector.formats.role_needs import is_whole, problem_of, suits, usual_layout
from inspector.formats.samples import samples_of

Probe = Callable[[DatasetFacts, int], AnyArray | None]
"""The first rows of a dataset, at most so many; None where reading them would take much or fails."""

UNKNOWN = Guess(Role.UNKNOWN, "", "no name or shape of a known role")

_PREFIXES = {
    dump.ACTIVATIONS: Role.ACTIVATION,
    dump.STATISTICS: Role.STATISTIC,
    "gradients": Role.STATISTIC,
    "updates": Role.STATISTIC,
    "history": Role.METADATA,
    "config": Role.METADATA,
}

_PATHS: dict[str, Role] = {
    **dump.ROLE_OF_PATH,
    "slots/slots_iter": Role.SLOTS,
    "gt/grids": Role.METADATA,
    "pred/logits_argmax": Role.METADATA,
    dump.CONFIG: Role.METADATA,
    dump.SAMPLE_INDEX: Role.METADATA,
    "samples/key": Role.METADATA,
    dump.ORIGINAL_HW: Role.METADATA,
    dump.VALID_HW: Role.METADATA,
    dump.AFFINE: Role.METADATA,
}

_NUMBERS = re.compile(r"(u?int|b?float|bool)\d*")
_ABOUT_SAMPLES = re.compile(
    r"visibil|num_|count|_id\b|\bids?\b|index|\bkeys?\b|names?\b|factor|color|shape|size|scale|pos"
)


def with_roles(
    datasets: Sequence[DatasetFacts], file_attributes: Mapping[str, Any], probe: Probe, pulse: Pulse
) -> tuple[DatasetFacts, ...]:
    """The datasets with role, layout and reason filled in."""
    if _is_weight_file(file_attributes, datasets):
        weight = Guess(Role.METADATA, "", "a weight of a Keras model")
        return tuple(_filled(dataset, weight) for dataset in datasets)
    around = _around(datasets)
    found = []
    for index, dataset in enumerate(datasets):
        pulse.beat(index, len(datasets), "roles")
        found.append(_filled(dataset, guess_of(dataset, probe, around)))
    found = [_split(dataset, probe, around) for dataset in found]
    found = _about_samples(with_split_points(_with_slots(found)))
    beside = guesses_beside_points(found)
    return tuple(_filled(one, beside[one.path]) if one.path in beside else one for one in found)


def guess_of(dataset: DatasetFacts, probe: Probe, around: Around) -> Guess:
    """The role of one dataset: by a name of this program, else by a layout that it states, else by what it is like."""
    own = _own_role(dataset.path)
    stated = stated_layout(dataset.attributes)
    if own is not None:
        because = f"{dump.FORMAT} names it so"
        layout = stated or usual_layout(own, len(dataset.shape))
        found = _checked(dataset, own, layout, because, probe)
        if layout or suits(own, "") or (guess := _guess_foreign(dataset, probe, around)) is None or guess.role != own:
            return found
        return guess._replace(because=f"{because}; {guess.because}")
    if stated:
        named = named_role(dataset.path) or Role.UNKNOWN
        role = named if named is not Role.UNKNOWN and suits(named, stated) else _role_of(stated)
        if role is Role.RECONSTRUCTION and "K" in stated:
            role = Role.SLOT_RECONSTRUCTION
        if role is Role.DECODER_MASKS and dataset.dtype not in FLOATS:
            role = Role.GT_MASKS
        because = "its name and its stated layout" if role is named else "its stated layout"
        return _checked(dataset, role, stated, because, probe)
    return _guess_foreign(dataset, probe, around) or UNKNOWN


def _guess_foreign(dataset: DatasetFacts, probe: Probe, around: Around) -> Guess | None:
    return guess_foreign(Seen(dataset, _first(dataset, probe) if _wants_values(dataset) else None, around))


def _filled(dataset: DatasetFacts, guess: Guess) -> DatasetFacts:
    problem = problem_of(guess.role, guess.layout, dataset.shape, dataset.dtype)
    if problem:
        guess = Guess(Role.UNKNOWN, "", f"{guess.because}; but it {problem}")
    changes = {"role": str(guess.role), "layout": guess.layout, "because": guess.because, "sums_over": guess.over}
    return msgspec.structs.replace(dataset, **changes)


def _own_role(path: str) -> Role | None:
    first, _slash, rest = path.partition("/")
    return _PATHS.get(path) or (_PREFIXES.get(first) if rest else None)


def _wants_values(dataset: DatasetFacts) -> bool:
    """Whether a first sample can tell: floats that may be masks, whole numbers that may be masks or frames."""
    role = named_role(dataset.path)
    if dataset.dtype in FLOATS:
        return 3 <= len(dataset.shape) <= 6 and role in (None, *SOFT_MASKS, Role.GT_MASKS)
    return is_whole(dataset.dtype) and len(dataset.shape) in (4, 5) and role in (Role.DECODER_MASKS, Role.GT_MASKS)


def _first(dataset: DatasetFacts, probe: Probe) -> AnyArray | None:
    rows = probe(dataset, 1) if dataset.shape and 0 not in dataset.shape else None
    return None if rows is None else rows[0]


_KERAS_PATH = re.compile(r"(^|/)(vars/\d+$|_layer_checkpoint|model_weights/|top_level_model_weights)|/[a-z_]+:\d+$")


def _is_weight_file(attributes: Mapping[str, Any], datasets: Iterable[DatasetFacts]) -> bool:
    """Whether a file holds a model's weights, as Keras writes them, and no dump."""
    if attributes.keys() & {"keras_version", "model_config", "layer_names"}:
        return True
    paths = [dataset.path for dataset in datasets]
    return bool(paths) and all(_KERAS_PATH.search(path) for path in paths)


_ROLE_OF_LETTERS: tuple[tuple[frozenset[str], Role], ...] = (
    (frozenset("QP"), Role.ATTENTION),
    (frozenset("KP"), Role.ATTENTION),
    (frozenset("KHWC"), Role.SLOT_RECONSTRUCTION),
    (frozenset("KHW"), Role.DECODER_MASKS),
    (frozenset("KD"), Role.SLOTS),
    (frozenset("NCHW"), Role.ACTIVATION),
    (frozenset("NPC"), Role.ACTIVATION),
)
"""What a layout alone says, the first that holds."""


def _role_of(layout: str) -> Role:
    return next((role for letters, role in _ROLE_OF_LETTERS if letters <= set(layout)), Role.UNKNOWN)


def _checked(dataset: DatasetFacts, role: Role, layout: str, because: str, probe: Probe) -> Guess:
    """A role whose layout is stated: whether it fits the shape, and what the values say of its axes."""
    if layout and not is_layout(layout, len(dataset.shape)):
        return Guess(Role.UNKNOWN, "", f"its layout {layout!r} does not fit {len(dataset.shape)} axes")
    if role is Role.ATTENTION and "Q" in layout and "K" not in layout:
        role = attention_role(layout, dataset.shape)
    numbers = dataset.dtype in FLOATS or is_whole(dataset.dtype)
    if role not in SOFT_MASKS or not numbers or not ("K" in layout or "Q" in layout):
        return Guess(role, layout, because)
    first = _first(dataset, probe)
    if first is None or not layout.startswith("N"):
        return Guess(role, layout, because)
    over, told = stated_sums(first, layout[1:], dataset.attributes.get("normalised_over"))
    return Guess(role, layout, f"{because}; {told}" if told else because, over)


def _around(datasets: Iterable[DatasetFacts]) -> Around:
    """What the images of a dump tell of its other datasets."""
    for dataset in datasets:
        if _own_role(dataset.path) is not Role.IMAGE and named_role(dataset.path) is not Role.IMAGE:
            continue
        layout = stated_layout(dataset.attributes)
        if not is_layout(layout, len(dataset.shape)):
            guess = guess_foreign(Seen(dataset)) if _own_role(dataset.path) is None else None
            layout = guess.layout if guess else {4: "NHWC", 3: "NHW"}.get(len(dataset.shape), "")
        if {"H", "W"} <= set(layout):
            sizes = dict(zip(layout, dataset.shape, strict=True))
            return Around((sizes["H"], sizes["W"]), sizes.get("F"), sizes["N"])
    return Around()


def _split(dataset: DatasetFacts, probe: Probe, around: Around) -> DatasetFacts:
    """Masks whose samples and slots share the first axis, as two axes; others as they are."""
    could_be = dataset.role == Role.UNKNOWN or (dataset.role in SOFT_MASKS and "K" not in dataset.sums_over)
    if not could_be or dataset.dtype not in FLOATS or not 3 <= len(dataset.shape) <= 5 or 0 in dataset.shape:
        return dataset
    if named_role(dataset.path) not in SOFT_MASKS or stated_layout(dataset.attributes):
        return dataset
    rows = probe(dataset, min(MAX_SLOTS, dataset.shape[0]))
    slots = 0 if rows is None else merged_slots(dataset.shape, rows)
    if not slots or rows is None:
        return dataset
    apart = _apart(dataset, slots)
    found = mask_layout(apart.shape, rows[:slots], around)
    if found is None or found.over != "K" or not found.layout.startswith("NK"):
        return dataset
    role = Role.ATTENTION if named_role(dataset.path) is Role.ATTENTION else Role.DECODER_MASKS
    because = f"its name; {slots} rows at a time sum to 1, so that samples and slots share its first axis"
    return _filled(apart, Guess(role, found.layout, because, found.over))


def _apart(dataset: DatasetFacts, slots: int) -> DatasetFacts:
    """A dataset with its first axis as samples and slots."""
    shape = (dataset.shape[0] // slots, slots, *dataset.shape[1:])
    chunks = None
    if dataset.chunks:
        rows = dataset.chunks[0]
        whole = (rows // slots, slots) if rows % slots == 0 else (1, rows) if slots % rows == 0 else (1, slots)
        chunks = (*whole, *dataset.chunks[1:])
    return msgspec.structs.replace(dataset, shape=shape, chunks=chunks, merged_slots=slots)


_OBJECTS = re.compile(r"(^|/)objects$")
"""What slot vectors are called too. Source: `perceptual_grouping/objects` of the object-centric learning framework."""


def _with_slots(datasets: list[DatasetFacts]) -> list[DatasetFacts]:
    """Slot vectors that masks tell: as many as they have slots, though samples and slots share an axis."""
    counts = {
        (one.shape[one.layout.index("N")], one.shape[one.layout.index("K")])
        for one in datasets
        if one.role in SOFT_MASKS and {"N", "K"} <= set(one.layout)
    }
    return [_as_slots(dataset, counts) for dataset in datasets]


def _as_slots(dataset: DatasetFacts, counts: Collection[tuple[int, int]]) -> DatasetFacts:
    """A dataset of slot vectors told so, others as they are; `counts` are samples and slots of the masks."""
    if _OBJECTS.search(dataset.path) and len(dataset.shape) == 3 and dataset.shape[:2] in counts:
        because = "its name; as many vectors a sample as the masks have slots"
        return _filled(dataset, Guess(Role.SLOTS, "NKD", because))
    named = named_role(dataset.path) is Role.SLOTS and dataset.role == Role.UNKNOWN and len(dataset.shape) == 2
    fits = [slots for samples, slots in counts if dataset.shape[:1] == (samples * slots,)]
    if named and fits:
        because = "its name; it has as many rows as the masks have samples and slots"
        return _filled(_apart(dataset, fits[0]), Guess(Role.SLOTS, "NKD", because))
    return dataset


def _about_samples(datasets: list[DatasetFacts]) -> list[DatasetFacts]:
    """What is left over beside known datasets: a number a sample, or something told about samples or the whole."""
    samples, _doubt = samples_of(datasets, {})
    if samples is None:
        return datasets
    return [_filled(one, _about(one, samples) or UNKNOWN) if _is_open(one) else one for one in datasets]


def _is_open(dataset: DatasetFacts) -> bool:
    return dataset.role == Role.UNKNOWN and dataset.because == UNKNOWN.because


def _about(dataset: DatasetFacts, samples: int) -> Guess | None:
    shape = dataset.shape
    if not shape:
        return Guess(Role.METADATA, "", "one value for the whole dump")
    if shape[0] != samples:
        return None
    if len(shape) == 1 or shape[1:] == (1,):
        layout = "NC"[: len(shape)]
        if _NUMBERS.fullmatch(dataset.dtype):
            return Guess(Role.SAMPLE_SCALAR, layout, "one number a sample")
        return Guess(Role.METADATA, layout, "one entry a sample")
    if len(shape) <= 3 and _ABOUT_SAMPLES.search(dataset.path.lower()):
        return Guess(Role.METADATA, "", "its name; some values a sample")
    return Guess(Role.METADATA, "", "its place; some values a sample") if dataset.path.startswith("samples/") else None


def format_notes(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """What the attributes of a dump of this program warn of."""
    if attributes.get("format") != dump.FORMAT:
        return ()
    version = attributes.get("version")
    notes = [] if version == dump.VERSION else [f"{dump.FORMAT} version {version}, this program knows {dump.VERSION}"]
    if attributes.get("complete") is not True:
        notes.append("its writer did not finish it; what is there is shown")
    return tuple(notes)
