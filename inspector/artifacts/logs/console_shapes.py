"""What console lines say: a line's text without its numbers is its shape, and a shape is understood once."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

GAP = "\0"
"""Stands in a shape where the line has a number."""

NUMBER = re.compile(
    r"([-+.\d](?<![\w@.][-+.\d])(?<!\w-[-+.\d])"
    r"(?:(?:(?<=[1-9])|(?<=[-+])[1-9])\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\d,])"
    r"|(?<=\d)\d*\.?\d*|(?<=\.)\d+|(?<=[-+])(?:\d+\.?\d*|\.\d+))(?:[eE][-+]?\d+)?)"
)
"""A number that is no part of a name (`conv2d`, `acc@1`, `mAP50-95`), thousands marked or not.

It begins with a set of characters, which the matcher looks for faster than for anything else.
"""

_KNOWN_SHAPES = 2048

# What follows is looked for in shapes in lower case.
_NOT_COUNTED = r"(?<!best[ _])(?<!last[ _])(?<!max[ _])(?<!num[ _])(?<!per )(?<!total )"
_EPOCH = re.compile(
    rf"{_NOT_COUNTED}\bepoch\b['\"]?[\s:=#\[(]*['\"]?"
    rf"(?P<epoch>{GAP})(?:\s*/\s*{GAP})?\]?(?:\s*\[\s*(?P<step>{GAP})\s*/\s*(?P<total>{GAP})(?!\s*\())?",
)
_STEP = re.compile(
    rf"{_NOT_COUNTED}(?<!/)\b(?:global[ _-]?step|step|iteration|iter|batch(?=[\s:=#\[]*{GAP}\s*/))\b"
    rf"['\"]?[\s:=#\[(]*['\"]?(?P<step>{GAP})(?:\s*/\s*(?P<total>{GAP}))?",
)
_VALUE = re.compile(
    rf"[=:]\s*[\['\"(]?(?P<value>{GAP}|[-+]?(?:nan|inf(?:inity)?))(?=['\"]?(?:$|[\s,;|)\]}}%]|\.(?:\s|$)))"
)
_NAME = re.compile(
    r"(?:^|(?<=[\s|,;(\[{'\":>]))"
    r"(?P<name>[a-z_][\w.@/%+-]*(?: [a-z][\w.@/%+-]*){0,3}(?: ?\([\w %/.]{1,20}\))?)['\"]?\s*$"
)
_NAME_CHARACTERS = 100
_METER = re.compile(rf"(?:^|(?<=[\s|,;:>]))(?P<name>[a-z][\w@/]*)\s+(?P<value>{GAP})\s+\(\s*{GAP}\s*\)")
"""`Loss 6.93 (7.02)`: the value and its mean so far, as the ImageNet example of PyTorch prints them."""

_SCOPE = re.compile(
    r"[\s|>*#=-]*(?P<scope>train|val|valid|test|eval)(?:ing|idation|uation)?\b"
    r" *(?:set|data|results?|metrics)? *[-|:>]+\s",
)
_NUMBER_WORDS = ("nan", "inf")
_STEP_WORDS = ("step", "iter", "batch")
_BETWEEN_WORDS = re.compile(r"[_/.() -]+")
_BEFORE_LEAD = re.compile(r"[\s|>*#=•✓✔-]*")

_SOURCE_FILE = re.compile(r"\.(?:py|cpp|cc|cu|cuh|c|h|hpp|js|ts|rs|go|java|so)$")
_NOT_METRICS = frozenset((
    "eta", "elapsed", "localhost", "remaining", "time_left", "target", "port", "pid", "rank", "local_rank",
    "world_size", "v_num", "version", "seed", "value", "line", "lineno", "epoch", "epochs", "step", "steps",
))  # fmt: skip
_METRIC_WORDS = frozenset((
    "loss", "losses", "acc", "accuracy", "ari", "error", "err", "mae", "mse", "rmse", "psnr", "ssim", "iou", "miou",
    "map", "ap", "dice", "f1", "precision", "recall", "auc", "auroc", "bleu", "rouge", "ppl", "perplexity", "lr",
    "rate", "grad", "norm", "gradnorm", "reward", "return", "score", "kl", "kld", "elbo", "nll", "bce", "entropy",
    "similarity", "sim", "cosine", "sparsity", "mbo", "fid", "wer", "cer", "acc1", "acc5", "top1", "top5", "acc@1",
    "acc@5", "prec@1", "prec@5", "map50", "map50-95",
))  # fmt: skip
"""What may stand in one line without an epoch or step and still be a metric."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One named number of a shape.

    Attributes:
        tag: the name in lower case, words joined by `_`.
        place: which of the line's numbers it is, or None where it is written as a word.
        word: that word's number.
        metric: the name holds a word that metrics are named by.
        leads: the line begins with it.
    """

    tag: str
    place: int | None
    word: float
    metric: bool
    leads: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What the lines of one shape say; places count the line's numbers from 0."""

    epoch: int | None
    step: int | None
    total: int | None
    entries: tuple[Entry, ...]
    indented: bool

    @property
    def placed(self) -> bool:
        """Whether these lines tell an epoch or a step."""
        return self.epoch is not None or self.step is not None


def shapes_of(text: str) -> tuple[list[str], list[str]]:
    """The shape of every line, and all their numbers as written."""
    pieces = NUMBER.split(text)
    return GAP.join(pieces[::2]).split("\n"), pieces[1::2]


def number_of(text: str) -> float:
    """The number written, thousands marks dropped."""
    return float(text.replace(",", "") if "," in text else text)


@functools.lru_cache(_KNOWN_SHAPES)
def plan_of(shape: str) -> Plan | None:
    """What lines of this shape say, or None where they name neither epoch nor step nor number."""
    shape = shape.lower()
    if GAP not in shape and not any(word in shape for word in _NUMBER_WORDS):
        return None
    epoch = _EPOCH.search(shape) if "epoch" in shape else None
    step = None
    if any(word in shape for word in _STEP_WORDS):
        step = _STEP.search(shape, epoch.end() if epoch else 0) or _STEP.search(shape)
    masked = shape
    places: dict[str, int | None] = {"epoch": None, "step": None, "total": None}
    for match in filter(None, (epoch, step)):
        masked = masked[: match.start()] + "|" * (match.end() - match.start()) + masked[match.end() :]
        for name in match.groupdict():
            if match[name] is not None and places[name] is None:
                places[name] = shape.count(GAP, 0, match.start(name))
    placed = places["epoch"] is not None or places["step"] is not None
    entries = _entries(shape, masked, meters=placed)
    if not entries and not placed:
        return None
    return Plan(entries=entries, indented=shape[:1].isspace(), **places)


def _entries(shape: str, masked: str, *, meters: bool) -> tuple[Entry, ...]:
    """The named numbers of a shape; `masked` is the shape without its epoch and step."""
    named = [*_pairs(masked), *(_meters(masked) if meters else ())]
    if not named:
        return ()
    scope = _SCOPE.match(masked)
    prefix = scope["scope"] if scope else ""
    lead = _BEFORE_LEAD.match(masked, scope.end() if scope else 0)
    assert lead is not None
    found: dict[str, Entry] = {}
    for name, start, word, place in named:
        tag = "_".join(name.split())
        *_, last = words = _BETWEEN_WORDS.split(tag)
        metric = tag in _METRIC_WORDS or not _METRIC_WORDS.isdisjoint(words)
        if tag in _NOT_METRICS or (last in _NOT_METRICS and not metric) or _SOURCE_FILE.search(tag):
            continue
        if prefix and not tag.startswith(prefix):
            tag = f"{prefix}/{tag}"
        entry = Entry(
            tag=tag,
            place=shape.count(GAP, 0, place) if word == GAP else None,
            word=math.nan if word == GAP else float(word),
            metric=metric,
            leads=start == lead.end(),
        )
        found.setdefault(tag, entry)
    return tuple(found.values())


_Named = tuple[str, int, str, int]
"""A name, where it begins, its number as it stands in the shape, and where that begins."""


def _pairs(masked: str) -> Iterator[_Named]:
    """`name=1`, `name: 1`, `'name': 1`."""
    begin = 0
    for match in _VALUE.finditer(masked):
        begin = max(begin, match.start() - _NAME_CHARACTERS)
        name = _NAME.search(masked[begin : match.start()])
        if name is not None:
            yield name["name"], begin + name.start("name"), match["value"], match.start("value")
        begin = match.end()


def _meters(masked: str) -> Iterator[_Named]:
    for match in _METER.finditer(masked):
        yield match["name"], match.start(), match["value"], match.start("value")
