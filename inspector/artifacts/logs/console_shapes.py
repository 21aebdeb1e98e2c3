"""What console lines say: a line's text without its numbers is its shape, and a shape is understood once."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from inspector.artifacts.logs.console_names import SCOPES, is_metric, is_noise, tag_of

GAP = "\0"
"""Stands in a shape where the line has a number."""

CLOCK = "\1"
"""Stands in a shape where the line has a date with its time of day."""

NUMBER = re.compile(
    r"([-+.\d](?<![\w@.][-+.\d])(?<!\w-[-+.\d])"
    r"(?:(?:(?<=[1-9])|(?<=[-+])[1-9])\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\d,])"
    r"|(?<=\d)\d*\.?\d*|(?<=\.)\d+|(?<=[-+])(?:\d+\.?\d*|\.\d+))(?:[eE][-+]?\d+)?)"
)
"""A number that is no part of a name (`conv2d`, `acc@1`, `mAP50-95`), thousands marked or not.

It begins with a set of characters, which the matcher looks for faster than for anything else.
"""

MOMENT = re.compile(
    r"(?<![0-9])[0-9]{4}([-/])[0-9]{2}\1[0-9]{2}[ T_][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?![0-9])"
)

_KNOWN_SHAPES = 2048
_WIDEST = 8
_WIDE = re.compile(rf"\s{{{_WIDEST + 1},}}")

# What follows is looked for in shapes in lower case.
_PREFIX = re.compile(
    rf"(?:(?=.{{0,60}}?(?:{CLOCK}|{GAP}:{GAP}:{GAP}))|(?=info|debug|warning))"
    r".{0,80}?\b(?:info|debug|warning)\b(?::[a-z_][\w.]*:|\s*[-|:\]]+)?\s*"
    rf"(?:(?!(?:{SCOPES})\b)[a-z_][\w.]*\s+[-|]\s+)?"
    rf"|\[[^\[\]]{{0,60}}(?:{CLOCK}|{GAP}:{GAP}:{GAP})[^\[\]]{{0,60}}\]:?\s+"
    rf"|[iwef]\d{{4}} {GAP}:{GAP}:{GAP}\s+{GAP}\s+[^\]]{{1,60}}\]\s+"
    rf"|[\s\[(]*{CLOCK}[\])]?[\s:|-]*"
)
"""What logging libraries write before a message: time, level, module."""

_NOT_COUNTED = r"(?<!best[ _])(?<!last[ _])(?<!max[ _])(?<!num[ _])(?<!per )(?<!total )"
_OF_TOTAL = rf"(?P<step>{GAP})\s*/\s*(?P<total>{GAP})(?!\s*\()"
_EPOCHS = (
    re.compile(
        rf"{_NOT_COUNTED}\bepoch\b(?:\((?P<scope>{SCOPES})\))?['\"]?[\s:=#\[(]*['\"]?"
        rf"(?P<epoch>{GAP})(?:\s*/\s*{GAP})?\]?(?:\s*(?:[:,]\s*)?(?:\[\s*)?{_OF_TOTAL}\s*\]?)?",
    ),
    re.compile(
        rf"\btrain(?:ing)?:\s*\[?\s*(?P<epoch>{GAP})(?:\s*/\s*{GAP}\s*\])?\s*"
        rf"\[\s*(?P<step>{GAP})\s*/\s*(?P<total>{GAP})(?P<scope>)"
    ),
)
_STEPS = (
    re.compile(
        rf"(?<![/\w])(?:(?:{SCOPES})_)?(?:num_updates|global[ _-]?step|total_timesteps)"
        rf"['\"]?[\s:=]*['\"]?(?P<step>{GAP})"
    ),
    re.compile(
        rf"{_NOT_COUNTED}(?<!/)\b(?:step|iteration|iter|batch(?=[\s:=#\[]*{GAP}\s*/))\b(?:\((?P<scope>{SCOPES})\))?"
        rf"['\"]?[\s:=#\[(]*['\"]?(?P<step>{GAP})(?:\s*/\s*(?P<total>{GAP}))?",
    ),
    re.compile(rf"\s*\[(?P<step>{GAP})\]\s+(?=[a-z_][\w@.'-]*(?: [\w@.-]+)?:)"),
    re.compile(rf"(?P<step>{GAP}):\s+(?=[a-z]\w*:\s*{GAP})"),
)
"""Steps of the whole run first; the last two are how gradient boosting libraries count, at the begin of a line."""

_FROM_BEGIN = _STEPS[2:]

_ARROW = r"(?:-+>|=>|→|⟶|➜|➔|➡|‚üí|â†’)"
_TIMES = r"(?:×|\*|x|√ó|ã—)"
_CHAINED = rf"(?:\s*(?:{_ARROW}|{_TIMES}\s*{GAP}\s*=)\s*(?P<last>{GAP}))*"
"""`0.6 → 0.65` came to the last number, and `1e-4 × 0.5 = 5e-5` says the last; also where the text was misread."""

_UNIT = rf"(?:\s?(?P<unit>[µu]s|ms|s|secs?|seconds|[kmgt]i?b|it/s)\b|{_TIMES})?"
_ENDS = r"(?=['\"]?(?:$|[\s,;|)\]}%]|\.(?:\s|$)|\())"
_VALUE = re.compile(
    rf"[=:]\s*[\['\"(]?(?:{GAP}\s*/\s*{GAP}\s*\(\s*(?P<share>{GAP})\s*%\s*\)"
    rf"|(?P<value>{GAP}|[-+]?(?:nan|inf(?:inity)?)){_CHAINED}{_UNIT}{_ENDS})"
)
_NAME = re.compile(
    r"(?:^|(?<=[\s|,;(\[{'\":>]))"
    r"(?P<name>[a-z_][\w.@/%+-]*(?:'s)?(?: [a-z][\w.@/%+-]*){0,3}(?: ?\([\w %/.]{1,20}\))?)['\"]?\s*$"
)
_NAME_CHARACTERS = 100
_METER = re.compile(rf"(?:^|(?<=[\s|,;:>]))(?P<name>[a-z][\w@/]*)\s+(?P<value>{GAP})\s+\(\s*{GAP}\s*\)")
"""`Loss 6.93 (7.02)`: the value and its mean so far, as the ImageNet example of PyTorch prints them."""

_WORDS = re.compile(
    rf"(?:^|(?<=[\s|,;:>(*]))(?P<name>[a-z][\w@/+-]*(?: [a-z][\w@/+-]*)?)[ \t]+(?P<value>{GAP}|nan|inf)"
    rf"{_CHAINED}(?:{_UNIT}|%)(?:(?P<end>\s*$|\s*[|,;(\t]|\s\s)|(?=\s))"
)
_FILLERS = frozenset((
    "a", "an", "and", "at", "by", "for", "from", "has", "in", "is", "of", "on", "or", "over", "than", "that", "the",
    "to", "was", "with", "after", "before",
))  # fmt: skip
_BARE = re.compile(rf"\s*[:=]\s*(?P<value>{GAP})(?=\s*(?:$|\(|[^\w\s/:.%,{GAP}-]))")
"""`Epoch 4: 0.4039 ✓`: nothing names the number but its place."""

_SCOPE = re.compile(
    rf"[\s|>*#=-]*(?:on )?(?P<scope>{SCOPES})(?:ing|idation|uation)?\b"
    r" *(?:set|data|results?|metrics|on '\w+' subset)? *[-|:>,]+\s",
)
_INNER_SCOPE = re.compile(rf"(?:^|[\s|,;(])(?P<scope>{SCOPES})(?:ing|idation|uation)?\s*:\s+(?=[a-z])")
_NUMBER_WORDS = ("nan", "inf")
_STEP_WORDS = ("step", "iter", "batch", "num_updates")
_BEFORE_LEAD = re.compile(r"[\s|>*#=•✓✔-]*")
_BAR = re.compile(rf"{GAP}\s*/\s*{GAP}\s*\[|{GAP}%\s?\||{GAP}/{GAP}\s+[━─]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One named number of a shape.

    Attributes:
        tag: the name in lower case, words joined by `_`.
        place: which of the line's numbers it is, or None where it is written as a word.
        word: that word's number.
        metric: the name holds a word that metrics are named by.
        leads: the line begins with it.
        weak: no sign tells that the word before the number is its name; it must come again and change.
        unit: as written behind the number, `` where there is none.
    """

    tag: str
    place: int | None
    word: float = math.nan
    metric: bool = False
    leads: bool = False
    weak: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the lines of one shape say; places count the line's numbers from 0.

    Attributes:
        inner: the line belongs to the epoch or step told above it: it is indented, a row of a table, or a bar.
    """

    epoch: int | None
    step: int | None
    total: int | None
    entries: tuple[Entry, ...]
    inner: bool

    @property
    def placed(self) -> bool:
        """Whether these lines tell an epoch or a step."""
        return self.epoch is not None or self.step is not None


def shapes_of(text: str) -> tuple[list[str], list[str]]:
    """The shape of every line, and all their numbers as written."""
    pieces = NUMBER.split(without_clocks(text))
    return GAP.join(pieces[::2]).split("\n"), pieces[1::2]


def without_clocks(text: str) -> str:
    """The text with CLOCK for each date and time, whose parts are no numbers."""
    return MOMENT.sub(CLOCK, text) if ":" in text else text


def number_of(text: str) -> float:
    """The number written, thousands marks dropped."""
    return float(text.replace(",", "") if "," in text else text)


def narrowed(text: str) -> str:
    """The text with very wide gaps made narrower: patterns with several of them in a row try every way to share one."""
    return _WIDE.sub(" " * _WIDEST, text)


def message_of(shape: str) -> int:
    """Where a shape in lower case begins to be a message: behind time, level and module."""
    prefix = _PREFIX.match(shape)
    return prefix.end() if prefix else 0


@functools.lru_cache(_KNOWN_SHAPES)
def plan_of(shape: str) -> Plan | None:
    """What lines of this shape say, or None where they name neither epoch nor step nor number."""
    shape = narrowed(shape.lower())
    if GAP not in shape and not any(word in shape for word in _NUMBER_WORDS):
        return None
    begin = message_of(shape)
    masked = _without(shape, 0, begin)
    epoch = _first(_EPOCHS, masked, begin) if "epoch" in shape or "train" in shape else None
    step = None
    if any(word in shape for word in _STEP_WORDS):
        step = _first(_STEPS[:2], masked, begin)
    if epoch is None and step is None:
        step = next((found for pattern in _FROM_BEGIN if (found := pattern.match(masked, begin))), None)
    scopes = [match["scope"] for match in (epoch, step) if match is not None and "scope" in match.re.groupindex]
    scope = next((scope for scope in scopes if scope), "")
    places: dict[str, int | None] = {"epoch": None, "step": None, "total": None}
    for match in filter(None, (step, epoch)):
        masked = _without(masked, match.start("epoch") if match.re is _EPOCHS[1] else match.start(), match.end())
        if match is epoch and places["step"] is not None:
            places["epoch"] = _place(shape, match.start("epoch"))
            continue
        for name in match.groupdict():
            counts = name == "epoch" or scope in ("", "train")  # a pass over other data counts its own batches
            if name in places and match[name] is not None and counts:
                places[name] = _place(shape, match.start(name))
    placed = places["epoch"] is not None or places["step"] is not None
    entries = _entries(shape, masked, begin, scope, placed=placed)
    last = max((match.end() for match in (epoch, step) if match), default=0)
    if placed and not entries and (bare := _BARE.match(shape, last)):
        entries = (Entry("value", _place(shape, bare.start("value"))),)
    if not entries and not placed:
        return None
    inner = shape[begin : begin + 1].isspace() or bool(_BAR.search(shape))
    return Plan(entries=entries, inner=inner, **places)


def _place(shape: str, at: int) -> int:
    return shape.count(GAP, 0, at)


def _without(shape: str, start: int, end: int) -> str:
    return shape[:start] + "|" * (end - start) + shape[end:]


def _first(patterns: tuple[re.Pattern[str], ...], text: str, begin: int) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.search(text, begin))), None)


def _entries(shape: str, masked: str, begin: int, scope: str, *, placed: bool) -> tuple[Entry, ...]:
    """The named numbers of a shape; `masked` is the shape without its epoch, its step and what precedes `begin`."""
    found_scope = _SCOPE.match(masked, begin)
    prefixes = [(begin, scope or (found_scope["scope"] if found_scope else ""))]
    prefixes.extend((match.start(), match["scope"]) for match in _INNER_SCOPE.finditer(masked, begin))
    lead = _BEFORE_LEAD.match(masked, found_scope.end() if found_scope else begin)
    assert lead is not None
    named = [*_pairs(masked), *(_meters(masked) if placed else ())]
    named.extend(_words(masked, lead.end(), {one.at for one in named}, placed=placed))
    found: dict[str, Entry] = {}
    for one in named:
        tag = tag_of(one.name)
        if is_noise(tag):
            continue
        metric = is_metric(tag)
        prefix = [word for start, word in prefixes if start <= max(one.start, begin)][-1]
        if prefix and not tag.startswith(prefix):
            tag = f"{prefix}/{tag}"
        entry = Entry(
            tag=tag,
            place=_place(shape, one.at) if one.text == GAP else None,
            word=math.nan if one.text == GAP else float(one.text),
            metric=metric,
            leads=one.start == lead.end(),
            weak=one.weak,
            unit=one.unit,
        )
        found.setdefault(tag, entry)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Named:
    """A name, where it begins, its number as it stands in the shape, and where that begins."""

    name: str
    start: int
    text: str
    at: int
    unit: str = ""
    weak: bool = False


def _number(match: re.Match[str]) -> tuple[str, int, str]:
    """The number that a match comes to, where it stands, and its unit."""
    group = "last" if match["last"] is not None else "value"
    return match[group], match.start(group), match["unit"] or ""


def _pairs(masked: str) -> Iterator[_Named]:
    """`name=1`, `name: 1`, `'name': 1`, `name: 98/100 (98%)`."""
    begin = 0
    for match in _VALUE.finditer(masked):
        begin = max(begin, match.start() - _NAME_CHARACTERS)
        name = _NAME.search(masked[begin : match.start()])
        if name is not None:
            start = begin + name.start("name")
            if match["share"] is not None:
                yield _Named(name["name"], start, match["share"], match.start("share"))
            else:
                yield _Named(name["name"], start, *_number(match))
        begin = match.end()


def _meters(masked: str) -> Iterator[_Named]:
    for match in _METER.finditer(masked):
        yield _Named(match["name"], match.start(), match["value"], match.start("value"))


def _words(masked: str, lead: int, taken: set[int], *, placed: bool) -> list[_Named]:
    """`loss 0.5`: in a line that tells its place, or where a line begins with metrics and names several."""
    found = []
    for match in _WORDS.finditer(masked):
        text, at, unit = _number(match)
        words = match["name"].split()
        start = match.start()
        if words[0] in _FILLERS:
            start += len(words.pop(0)) + 1
        if not words or words[-1] in _FILLERS or at in taken or match.start("value") in taken:
            continue
        weak = not (is_metric(words[-1]) or (match["end"] is not None and placed))
        found.append(_Named(" ".join(words), start, text, at, unit, weak))
    if placed:
        return found
    metrics = [one for one in found if is_metric(tag_of(one.name)) and not one.weak]
    return metrics if len(metrics) > 1 and metrics[0].start == lead else []
