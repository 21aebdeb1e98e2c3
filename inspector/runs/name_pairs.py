"""Which tensor of one checkpoint is which of another, also where they keep the same model differently.

Names meet as they are, else below the roots that let most of them meet (`model.` here, `state_dict.` there), else
once the prefixes that wrappers add are left out. A name that could meet several stays alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from inspector.analysis.name_prefixes import PREFIXES, prefix_of
from inspector.core.language import tr
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.facts import TensorFacts
from inspector.runs.diff_values import RootPair, StrippedPrefix

T = TypeVar("T")

_WRAPPERS = ("_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
"""What wrappers put into names where they wrap a module within a module."""

_LEFT_OUT = re.compile("|".join(map(re.escape, (*PREFIXES, *(f"{wrapper}." for wrapper in _WRAPPERS)))))

_NEVER_ROOTS = frozenset({"_orig_mod", "module", "base_model"})
_SECTION = re.compile(r"state|model|net|params|ema|optim")
_MOST_ROOT_SEGMENTS = 3
_MOST_PREFIXES = 6
_MOST_RIVALS = 4
"""A form that more names share tells nothing; without an end hostile names would meet each other endlessly."""

_LEAST_SHARE_BELOW_ROOT = 0.5
_LEAST_SHARE_ALIKE = 0.5
"""Where so many names are the same, the files are laid out alike."""

_BEAT_NAMES = 2_000

MODEL, AVERAGE, OPTIMIZER = "model", "ema", "optimizer"
_GROUPS = {"ema": AVERAGE, "optimizer": OPTIMIZER}
"""Which tensors are looked for among each other; all others belong to the model."""


class Pair(NamedTuple):
    """A tensor of one file or of both, and the name that the two share."""

    name: str
    first: TensorFacts | None
    second: TensorFacts | None


class Pairing(NamedTuple):
    """All tensors of two files; pairs in the order of the second, those of the first alone after them."""

    pairs: tuple[Pair, ...]
    roots: tuple[RootPair, ...]
    stripped: tuple[StrippedPrefix, ...]
    notes: tuple[str, ...]


class _Meeting(NamedTuple):
    """A way in which two names meet: the shared name, and the prefixes left out of each."""

    name: str
    left_out: tuple[tuple[str, ...], tuple[str, ...]]


class _Form(NamedTuple):
    """A name with some prefixes left out, and the full name."""

    left_out: tuple[str, ...]
    full: str


class _Tail(NamedTuple):
    """What follows a root in a tensor's name, and the tensor's shape."""

    tail: str
    shape: tuple[int, ...]


Aliases = Mapping[str, str]
"""By full names, others that tensors go by."""


def paired(
    first: Sequence[TensorFacts],
    second: Sequence[TensorFacts],
    aliases: tuple[Aliases, Aliases] = ({}, {}),
    pulse: Pulse = QUIET,
) -> Pairing:
    """Pair the tensors of two checkpoints by name, or by an alias where they have one."""
    notes: list[str] = []
    groups = [
        _grouped(side, other_names, notes, ordinal)
        for side, other_names, ordinal in zip((first, second), aliases, ("first", "second"), strict=True)
    ]
    roots: list[RootPair] = []
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    met: dict[str, tuple[str, TensorFacts]] = {}  # by full name in the second
    for group in (MODEL, AVERAGE, OPTIMIZER):
        sides = groups[0].get(group, {}), groups[1].get(group, {})
        root, meetings = _meetings(*sides, pulse)
        for (one, other), meeting in meetings.items():
            met[sides[1][other].name] = (meeting.name, sides[0][one])
            for count, prefixes in zip(counts, meeting.left_out, strict=True):
                count.update(set(prefixes))
        if root[0] != root[1]:
            below = sum(one.startswith(_dotted(root[0])) for one, _ in meetings)
            roots.append(RootPair(role=group, first=root[0], second=root[1], tensors=below))
    pairs = [
        Pair(met[one.name][0], met[one.name][1], one) if one.name in met else Pair(one.name, None, one)
        for one in second
    ]
    taken = {pair.first.name for pair in pairs if pair.first is not None}
    pairs += [Pair(one.name, one, None) for one in first if one.name not in taken]
    return Pairing(tuple(pairs), tuple(roots), _counted(*counts), tuple(notes))


def _counted(first: Counter[str], second: Counter[str]) -> tuple[StrippedPrefix, ...]:
    known = dict.fromkeys((*PREFIXES, *(f"{wrapper}." for wrapper in _WRAPPERS)))
    return tuple(
        StrippedPrefix(prefix=prefix, first=first[prefix], second=second[prefix])
        for prefix in known
        if first[prefix] or second[prefix]
    )


def _grouped(
    tensors: Sequence[TensorFacts], aliases: Aliases, notes: list[str], ordinal: str
) -> dict[str, dict[str, TensorFacts]]:
    """The tensors by group and name; averaged weights stand for the model where a file has no others."""
    groups: dict[str, dict[str, TensorFacts]] = defaultdict(dict)
    for tensor in tensors:
        groups[_GROUPS.get(tensor.role, MODEL)][aliases.get(tensor.name, tensor.name)] = tensor
    if groups[AVERAGE] and not any(tensor.role == "weight" for tensor in tensors):
        groups[MODEL] |= groups.pop(AVERAGE)
        notes.append(f"the {ordinal} holds averaged weights alone, which are compared as its weights")
    return groups


def _meetings(
    first: dict[str, TensorFacts], second: dict[str, TensorFacts], pulse: Pulse
) -> tuple[tuple[str, str], dict[tuple[str, str], _Meeting]]:
    """The best roots, and how names meet: by their full names, first and second."""
    common = len(first.keys() & second.keys())
    alike = common >= _LEAST_SHARE_ALIKE * min(len(first), len(second))
    root = ("", "") if alike else _best_roots(first, second, pulse)
    found: dict[tuple[str, str], _Meeting] = {}
    left: tuple[dict[str, str], dict[str, str]] = ({}, {})  # names below the roots to full names
    for side, names, below in zip(left, (first, second), root, strict=True):
        side.update((tail, name) for name in _beating(names, pulse) if (tail := _below(name, below)) is not None)
    shown = _dotted(root[0]) if root[0] == root[1] else ""
    for tail in _beating(list(left[0]), pulse):
        if tail in left[1]:
            found[left[0].pop(tail), left[1].pop(tail)] = _Meeting(f"{shown}{tail}", ((), ()))
    taken = {one for one, _ in found}, {other for _, other in found}
    for name in _beating(first, pulse):
        if name in second and name not in taken[0] and name not in taken[1]:
            found[name, name] = _Meeting(name, ((), ()))
            for side, below in zip(left, root, strict=True):
                side.pop(_below(name, below) or "", None)
    if left[0] and left[1]:
        for pair, meeting in _stripped(*left, pulse).items():
            found[pair] = meeting._replace(name=f"{shown}{meeting.name}")
    return root, found


def _stripped(first: dict[str, str], second: dict[str, str], pulse: Pulse) -> dict[tuple[str, str], _Meeting]:
    """How names meet once prefixes are left out, the fewest first; both map a name below the root to the full one."""
    forms: dict[str, list[_Form]] = defaultdict(list)
    for tail, full in _beating(second.items(), pulse):
        for form, left_out in _forms(tail):
            forms[form].append(_Form(left_out, full))
    ways = [
        (len(left_out) + len(other.left_out), order, full, other.full, _meeting(form, left_out, other.left_out))
        for order, (tail, full) in enumerate(_beating(first.items(), pulse))
        for form, left_out in _forms(tail)
        for other in forms.get(form, ())
        if len(forms[form]) <= _MOST_RIVALS
    ]
    ways.sort(key=lambda way: way[:2])
    rivals: Counter[tuple[int, str]] = Counter()
    seen: set[tuple[str, str]] = set()
    best: list[tuple[int, str, str, _Meeting]] = []
    for cost, _, one, other, meeting in _beating(ways, pulse):
        if (one, other) not in seen:  # a longer way for two names that already meet is no rival
            seen.add((one, other))
            best.append((cost, one, other, meeting))
            rivals[cost, f"1{one}"] += 1
            rivals[cost, f"2{other}"] += 1
    found: dict[tuple[str, str], _Meeting] = {}
    gone: set[str] = set()
    for cost, one, other, meeting in _beating(best, pulse):
        if f"1{one}" in gone or f"2{other}" in gone:
            continue
        if rivals[cost, f"1{one}"] == 1 and rivals[cost, f"2{other}"] == 1:
            found[one, other] = meeting
        gone |= {f"1{one}", f"2{other}"}
    return found


def _meeting(form: str, first: tuple[str, ...], second: tuple[str, ...]) -> _Meeting:
    """How two names meet in a form; prefixes that both begin with are no difference and stay."""
    same = 0
    while same < min(len(first), len(second)) and first[same] == second[same] and first[same] in PREFIXES:
        same += 1
    return _Meeting("".join((*first[:same], form)), (first[same:], second[same:]))


def _forms(name: str) -> list[tuple[str, tuple[str, ...]]]:
    """The name as it is, and with ever more prefixes left out, those within it last."""
    forms: list[tuple[str, tuple[str, ...]]] = [(name, ())]
    if not _LEFT_OUT.search(name):
        return forms
    left_out: tuple[str, ...] = ()
    while len(left_out) < _MOST_PREFIXES and (prefix := prefix_of(name)):
        name = name.removeprefix(prefix)
        left_out += (prefix,)
        forms.append((name, left_out))
    inner = [segment for segment in name.split(".") if segment not in _WRAPPERS]
    within = tuple(f"{wrapper}." for wrapper in _WRAPPERS if f".{wrapper}." in name)
    if within:
        forms.append((".".join(inner), (*left_out, *within)))
    return forms


def _best_roots(first: dict[str, TensorFacts], second: dict[str, TensorFacts], pulse: Pulse) -> tuple[str, str]:
    """The roots below which most names meet with one shape; then most names at all, most of them as they are."""
    tails = [{root: _tails_below(names, root, pulse) for root in _roots(names)} for names in (first, second)]
    best, roots = (0, 0, 0, True), ("", "")
    for one, ones in tails[0].items():
        for other, others in tails[1].items():
            common = ones.keys() & others.keys()
            fitting = sum(ones[form].shape == others[form].shape for form in common)
            plain = sum(ones[form].tail == others[form].tail for form in common)
            rank = (fitting, len(common), plain, one == other)
            if rank > best:
                best, roots = rank, (one, other)
    return roots


def _roots(names: dict[str, TensorFacts]) -> list[str]:
    """The top, and every path of few segments that at least half of the names are below."""
    counts: Counter[str] = Counter()
    for name in names:
        segments = name.split(".", _MOST_ROOT_SEGMENTS + 1)[: _MOST_ROOT_SEGMENTS + 1]
        counts.update(".".join(segments[:depth]) for depth in range(1, len(segments)))
    needed = len(names) * _LEAST_SHARE_BELOW_ROOT
    holders = {name.rpartition(".")[0] for name in names}
    return ["", *(path for path, count in counts.items() if count >= needed and _is_root(path, holders))]


def _is_root(path: str, holders: set[str]) -> bool:
    """Whether a path holds modules, or tensors under a name that says that it is no module itself."""
    segments = path.split(".")
    if not _NEVER_ROOTS.isdisjoint(segments):
        return False
    return _SECTION.search(segments[-1]) is not None or any(holder.startswith(f"{path}.") for holder in holders)


def _tails_below(names: dict[str, TensorFacts], root: str, pulse: Pulse) -> dict[str, _Tail]:
    """What follows the root, by its shortest form; a form that two names share is left out."""
    tails: dict[str, _Tail] = {}
    twice: set[str] = set()
    for name, tensor in _beating(names.items(), pulse):
        tail = _below(name, root)
        if tail is not None:
            form = _forms(tail)[-1][0]
            if form in tails:
                twice.add(form)
            tails[form] = _Tail(tail, tensor.shape)
    return {form: tail for form, tail in tails.items() if form not in twice}


def _beating(items: Iterable[T], pulse: Pulse) -> Iterator[T]:
    """The items, with a beat now and then."""
    for number, item in enumerate(items):
        if number % _BEAT_NAMES == 0:
            pulse.beat(what=tr("pairing names"))
        yield item


def _below(name: str, root: str) -> str | None:
    """What follows a root; None for a name that is not below it."""
    start = _dotted(root)
    return name[len(start) :] if name.startswith(start) and len(name) > len(start) else None


def _dotted(root: str) -> str:
    return f"{root}." if root else ""
