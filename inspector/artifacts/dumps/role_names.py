"""What names of datasets speak of; no numpy here, as telling what a file is loads none."""

from __future__ import annotations

import re
from functools import lru_cache

from inspector.formats.dump import Role

_GT = re.compile(r"(^|[/_.])(gt|true|truth|target|label|ground_?truth)")
_PRED = re.compile(r"pred|output|estimate")

_MASK = r"masks?(\b|\d|_)|segm|alphas?\b|(\b|_)labels?\b|label(map|ids)|annotation|\b(instances?|seg|flat)\b|^gt$"

WORD_START, WORD_END = r"(?<![a-z])", r"(?![a-z])"
"""Of a word in a name, which also ends at a digit or an underscore."""

_POINTS = rf"points?{WORD_END}|keypoint|cent(er|re)s?\b|coord|{WORD_START}(xy|yx|locs?|locations?){WORD_END}"

_NAMES: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"att(n|ention)|attribution"), Role.ATTENTION),
    (re.compile(r"recon|decoded"), Role.RECONSTRUCTION),
    (re.compile(_MASK), Role.DECODER_MASKS),
    (re.compile(r"(points?|xy|yx|locs?|locations?)_(offsets|splits|indptr|starts)\b"), Role.PRED_POINTS_OFFSETS),
    (re.compile(_POINTS), Role.PRED_POINTS),
    (re.compile(rf"{WORD_START}(done|stop){WORD_END}|\beos\b"), Role.PRED_DONE),
    (re.compile(r"slots?(\b|_)"), Role.SLOTS),
    (re.compile(r"images?\b|\bimgs?\b|\bframes?\b|pictures?\b|\brgb\b|\bx\b|\bvideos?\b|\bpixel_values\b"), Role.IMAGE),
    (re.compile(r"\bact\b|activation|\bfeat|\bconv|hidden|relu|\bfmap"), Role.ACTIVATION),
)
"""Names of foreign dumps, the first that matches; masks and points are told true from predicted after that."""

WEIGHT = re.compile(
    r"(^|[./_])(weights?|bias|kernel|gamma|beta|running_(mean|var)|moving_(mean|variance)|exp_avg(_sq)?|lora_[ab]"
    r"|momentum|num_batches_tracked|embeddings?)(:\d+)?$"
)
"""Ends of the names of parameters and of an optimizer's state, in small letters."""

_LAYER = re.compile(r"(\b|_)(layer|block|stage|dense|fc|linear|mlp|backbone|bottleneck|pool)(ing|\b|_|\d)")

_TRUE_ROLES = {
    Role.DECODER_MASKS: Role.GT_MASKS,
    Role.PRED_POINTS: Role.GT_POINTS,
    Role.PRED_POINTS_OFFSETS: Role.GT_POINTS_OFFSETS,
    Role.PRED_DONE: Role.GT_DONE,
}
_MARKED_ROLES = {
    Role.PRED_POINTS: Role.MARKED_POINTS,
    Role.PRED_POINTS_OFFSETS: Role.MARKED_POINTS_OFFSETS,
}
_MARKED = re.compile(rf"{WORD_START}(marked|marks|counted|visited|previous|prev|history){WORD_END}")


@lru_cache(4096)
def named_role(path: str) -> Role | None:
    """The role that a name speaks of, before shape and values are looked at."""
    name = path.lower()
    role = next((role for pattern, role in _NAMES if pattern.search(name)), None)
    if role in _MARKED_ROLES and _MARKED.search(name):
        return _MARKED_ROLES[role]
    if role in _TRUE_ROLES and _GT.search(name) and not _PRED.search(name):
        return _TRUE_ROLES[role]
    return None if role is Role.ACTIVATION and WEIGHT.search(name) else role


def names_a_layer(path: str) -> bool:
    """Whether a name may be that of a module whose values it holds, and not of its weights."""
    name = path.lower()
    return bool(_LAYER.search(name)) and not WEIGHT.search(name)


def is_true(path: str) -> bool:
    """Whether a name says that the values are the truth."""
    return bool(_GT.search(path.lower()))


def is_predicted(path: str) -> bool:
    """Whether a name says that a model made the values."""
    return bool(_PRED.search(path.lower()))
