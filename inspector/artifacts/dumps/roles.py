"""What each dataset of a dump holds: by the names and `layout` of `ri-dump/1`, else guessed, and why.

A guess weighs the name, the shape, and which axis of the first sample sums to one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from inspector.artifacts.dumps.layouts import is_layout, mask_layout
from inspector.core.arrays import AnyArray
from inspector.core.pulse import Pulse
from inspector.formats import dump
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts

Probe = Callable[[DatasetFacts], AnyArray | None]
"""The first sample of a dataset, None where reading it would take much or fails."""


class Guess(NamedTuple):
    """A role, one letter a dimension (empty where unknown), and why."""

    role: Role
    layout: str
    because: str


_UNKNOWN = Guess(Role.UNKNOWN, "", "no name or shape of a known role")

_FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})

_USUAL_LAYOUTS: dict[Role, tuple[str, ...]] = {
    Role.IMAGE: ("NHWC", "NHW"),
    Role.GT_MASKS: ("NHW", "NKHW"),
    Role.RECONSTRUCTION: ("NHWC", "NHW"),
    Role.SLOTS: ("NKD", "NIKD"),
    Role.DECODER_MASKS: ("NKHW",),
    Role.ATTENTION: ("NKP", "NIKP"),
    Role.ACTIVATION: ("NC", "NPC", "NCHW"),
}
"""What `ri-dump/1` means where a dataset states no layout; one for each number of dimensions."""

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
    "gt/done": Role.GT_DONE,
    "pred/done": Role.PRED_DONE,
    dump.CONFIG: Role.METADATA,
    dump.SAMPLE_INDEX: Role.METADATA,
    "samples/key": Role.METADATA,
    dump.ORIGINAL_HW: Role.METADATA,
    dump.VALID_HW: Role.METADATA,
    dump.AFFINE: Role.METADATA,
}


def with_roles(
    datasets: Sequence[DatasetFacts], file_attributes: Mapping[str, Any], probe: Probe, pulse: Pulse
) -> tuple[DatasetFacts, ...]:
    """The datasets with role, layout and reason filled in."""
    weights = _is_weight_file(file_attributes, datasets)
    found: list[DatasetFacts] = []
    for index, dataset in enumerate(datasets):
        pulse.beat(index, len(datasets), "roles")
        guess = Guess(Role.METADATA, "", "a weight of a Keras model") if weights else guess_of(dataset, probe)
        changes = {"role": str(guess.role), "layout": guess.layout, "because": guess.because}
        found.append(msgspec.structs.replace(dataset, **changes))
    return tuple(found)


def guess_of(dataset: DatasetFacts, probe: Probe) -> Guess:
    """The role of one dataset."""
    return _own(dataset) or _foreign(dataset, probe) or _UNKNOWN


def _is_weight_file(attributes: Mapping[str, Any], datasets: Iterable[DatasetFacts]) -> bool:
    """Whether a file holds a model's weights, as Keras writes them, and no dump."""
    if attributes.keys() & {"keras_version", "model_config", "layer_names"}:
        return True
    paths = [dataset.path for dataset in datasets]
    return bool(paths) and all(_KERAS_PATH.search(path) for path in paths)


_KERAS_PATH = re.compile(r"(^|/)(vars/\d+$|_layer_checkpoint|model_weights/|top_level_model_weights)|/[a-z_]+:\d+$")


def _own(dataset: DatasetFacts) -> Guess | None:
    """By a name of `ri-dump/1`."""
    first, _slash, rest = dataset.path.partition("/")
    role = _PATHS.get(dataset.path) or (_PREFIXES.get(first) if rest else None)
    if role is None:
        return None
    because = f"{dump.FORMAT} names it so"
    stated = _stated_layout(dataset)
    if stated is not None:
        return _checked(dataset, role, stated, because)
    usual = (layout for layout in _USUAL_LAYOUTS.get(role, ()) if len(layout) == len(dataset.shape))
    return Guess(role, next(usual, ""), because)


def _stated_layout(dataset: DatasetFacts) -> str | None:
    stated = dataset.attributes.get("layout")
    # A dimension of one is written 1 by some; it is a channel.
    return stated.upper().replace("1", "C") if isinstance(stated, str) else None


def _checked(dataset: DatasetFacts, role: Role, layout: str, because: str) -> Guess:
    if is_layout(layout, len(dataset.shape)):
        return Guess(role, layout, because)
    return Guess(Role.UNKNOWN, "", f"its layout {layout!r} does not fit {len(dataset.shape)} axes")


_GT = re.compile(r"(^|[/_.])(gt|true|truth|target|label|ground_?truth)")
_PRED = re.compile(r"pred|output|estimate")

_NAMES: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"att(n|ention)"), Role.ATTENTION),
    (re.compile(r"masks?\b|mask_|segm|alphas?\b"), Role.DECODER_MASKS),
    (re.compile(r"recon|decoded"), Role.RECONSTRUCTION),
    (re.compile(r"points?\b|keypoint|cent(er|re)s?\b|coord"), Role.PRED_POINTS),
    (re.compile(r"\bdone\b|_done\b|\bstop\b"), Role.PRED_DONE),
    (re.compile(r"slots?\b"), Role.SLOTS),
    (re.compile(r"images?\b|\bimgs?\b|\bframes?\b|pictures?\b|\brgb\b|\bx\b"), Role.IMAGE),
    (re.compile(r"\bact\b|activation|\bfeat|\bconv|hidden|relu|\bfmap"), Role.ACTIVATION),
)
"""Names of foreign dumps, the first that matches; masks and points are told true from predicted after that."""

_TRUE_ROLES = {Role.DECODER_MASKS: Role.GT_MASKS, Role.PRED_POINTS: Role.GT_POINTS, Role.PRED_DONE: Role.GT_DONE}


def _foreign(dataset: DatasetFacts, probe: Probe) -> Guess | None:
    """By name, else by shape alone; a stated layout counts before a guessed one."""
    name = dataset.path.lower()
    role = next((role for pattern, role in _NAMES if pattern.search(name)), None)
    if role is None:
        return _by_shape(dataset, probe)
    if role in _TRUE_ROLES and _GT.search(name) and not _PRED.search(name):
        role = _TRUE_ROLES[role]
    if role is Role.DECODER_MASKS and dataset.dtype not in _FLOATS:
        role = Role.GT_MASKS
    guess = _FITS[role](dataset, probe) if role in _FITS else None
    if guess is None:
        return None
    layout, because = guess
    because = f"its name; {because}"
    stated = _stated_layout(dataset)
    return Guess(role, layout, because) if stated is None else _checked(dataset, role, stated, because)


def _by_shape(dataset: DatasetFacts, probe: Probe) -> Guess | None:
    """What gives itself away: a stated layout, 8-bit pictures, masks that sum to one over few slots."""
    stated = _stated_layout(dataset)
    if stated is not None:
        role = next((role for letters, role in _ROLE_OF_LETTERS if letters <= set(stated)), Role.UNKNOWN)
        return _checked(dataset, role, stated, "its stated layout")
    if dataset.dtype == "uint8" and len(dataset.shape) == 4:
        picture = _picture(dataset, probe)
        if picture and dataset.shape[picture[0].index("C")] == 3:
            return Guess(Role.IMAGE, *picture)
    if dataset.dtype in _FLOATS and 3 <= len(dataset.shape) <= 5:
        found = mask_layout(dataset.shape, probe(dataset))
        if found and found.sums_to_one:
            role = Role.ATTENTION if "P" in found.layout else Role.DECODER_MASKS
            return Guess(role, found.layout, found.because)
    return None


_ROLE_OF_LETTERS: tuple[tuple[frozenset[str], Role], ...] = (
    (frozenset("KP"), Role.ATTENTION),
    (frozenset("KHW"), Role.DECODER_MASKS),
    (frozenset("KD"), Role.SLOTS),
    (frozenset("NCHW"), Role.ACTIVATION),
)
"""What a layout alone says, the first that holds."""


_Fit = tuple[str, str] | None


def _picture(dataset: DatasetFacts, _probe: Probe) -> _Fit:
    shape = dataset.shape
    if len(shape) == 4 and shape[3] in (1, 3, 4):
        return "NHWC", f"{shape[3]} channels last"
    if len(shape) == 4 and shape[1] in (1, 3, 4):
        return "NCHW", f"{shape[1]} channels first"
    return ("NHW", "three axes without channels") if len(shape) == 3 and min(shape[1:]) > 4 else None


def _true_masks(dataset: DatasetFacts, probe: Probe) -> _Fit:
    shape = dataset.shape
    whole = dataset.dtype not in _FLOATS
    if len(shape) == 3 and whole:
        return "NHW", "whole numbers on three axes are a label map"
    if len(shape) == 4 and whole and 1 in (shape[1], shape[3]):
        return ("NHWC" if shape[3] == 1 else "NCHW"), "whole numbers and one channel are a label map"
    if len(shape) == 4 and whole and shape[3] < min(shape[1:3]):
        return "NHWK", "few entries on its last axis"
    return _masks(dataset, probe)


def _masks(dataset: DatasetFacts, probe: Probe) -> _Fit:
    found = mask_layout(dataset.shape, probe(dataset))
    return (found.layout, found.because) if found else None


def _attention(dataset: DatasetFacts, probe: Probe) -> _Fit:
    return _masks(dataset, probe) if dataset.dtype in _FLOATS else None


def _points(dataset: DatasetFacts, _probe: Probe) -> _Fit:
    return ("", "pairs on its last axis") if len(dataset.shape) in (2, 3) and dataset.shape[-1] == 2 else None


def _slots(dataset: DatasetFacts, _probe: Probe) -> _Fit:
    layouts = {3: "NKD", 4: "NIKD"}
    axes = len(dataset.shape)
    return (layouts[axes], f"{axes} axes") if axes in layouts and dataset.dtype in _FLOATS else None


def _activation(dataset: DatasetFacts, _probe: Probe) -> _Fit:
    layouts = {2: "NC", 3: "NPC", 4: "NCHW"}
    axes = len(dataset.shape)
    if axes not in layouts or dataset.dtype not in _FLOATS:
        return None
    channels_last = axes == 4 and dataset.shape[1] == dataset.shape[2] != dataset.shape[3]
    return ("NHWC", "equal axes before its last") if channels_last else (layouts[axes], f"{axes} axes")


def _done(dataset: DatasetFacts, _probe: Probe) -> _Fit:
    return ("", "one or two axes") if 1 <= len(dataset.shape) <= 2 else None


_FITS: dict[Role, Callable[[DatasetFacts, Probe], _Fit]] = {
    Role.IMAGE: _picture,
    Role.RECONSTRUCTION: _picture,
    Role.GT_MASKS: _true_masks,
    Role.DECODER_MASKS: _masks,
    Role.ATTENTION: _attention,
    Role.SLOTS: _slots,
    Role.ACTIVATION: _activation,
    Role.GT_POINTS: _points,
    Role.PRED_POINTS: _points,
    Role.GT_DONE: _done,
    Role.PRED_DONE: _done,
}


def samples_of(datasets: Iterable[DatasetFacts], attributes: Mapping[str, Any]) -> tuple[int | None, str]:
    """How many samples a dump holds, and a note where its datasets disagree; None where none tells."""
    lengths = Counter(
        dataset.shape[dataset.layout.index("N")] for dataset in datasets if "N" in dataset.layout and dataset.shape
    )
    stated = attributes.get("n_samples")
    most = lengths.most_common(1)[0][0] if lengths else None
    if isinstance(stated, int) and not isinstance(stated, bool) and stated >= 0:
        doubt = f"it states {stated} samples, its datasets hold {most}" if most not in (None, stated) else ""
        return (stated if not doubt else min(stated, most or 0)), doubt
    spread = ", ".join(str(length) for length in sorted(lengths))
    return most, f"its datasets hold {spread} samples" if len(lengths) > 1 else ""


def format_notes(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """What the attributes of a dump of this program warn of."""
    if attributes.get("format") != dump.FORMAT:
        return ()
    version = attributes.get("version")
    notes = [] if version == dump.VERSION else [f"{dump.FORMAT} version {version}, this program knows {dump.VERSION}"]
    if attributes.get("complete") is not True:
        notes.append("its writer did not finish it; what is there is shown")
    return tuple(notes)
