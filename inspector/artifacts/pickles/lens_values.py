"""Readable values from the calls that rebuild well-known classes, one small pure function each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from inspector.artifacts.pickles.lens_numpy import bytes_of
from inspector.artifacts.pickles.node_text import Scalar, cut, listed, scalar, text_of
from inspector.artifacts.pickles.nodes import MAX_ENTRIES, Call, Dict, Global, Set, attributes_of, pairs_of

LONGEST_SPAN = 10**12
"""More days, seconds or microseconds than Python's time spans have."""


class Plain(msgspec.Struct, frozen=True):
    """The node is a value: None, bool, int, float, str."""

    value: Any


class Sequence(msgspec.Struct, frozen=True):
    """The node is a list of others."""

    items: Any


class Mapping(msgspec.Struct, frozen=True):
    """The node is a dictionary, or an object seen as one; `class_name` is empty where it goes without saying."""

    pairs: list[tuple[Any, Any]]
    class_name: str = ""


Seen: TypeAlias = Plain | Sequence | Mapping


def is_module(view: Mapping) -> bool:
    """Whether an object holds what every `torch.nn.Module` holds."""
    return bool(view.class_name) and {"_parameters", "_modules"} <= {key for key, _ in view.pairs if type(key) is str}


def _mapping(node: Call) -> Seen:
    """A dict or its kin: entries given to the constructor, then those set later."""
    pairs: list[tuple[Any, Any]] = []
    for argument in node.args if type(node.args) is tuple else ():
        if type(argument) is Dict:
            pairs.extend(pairs_of(argument.flat))
        elif type(argument) is list:
            entries = (item for item in argument[:MAX_ENTRIES] if type(item) in (list, tuple) and len(item) == 2)
            pairs.extend((item[0], item[1]) for item in entries)
    pairs.extend(pairs_of(node.pairs))
    return Mapping(pairs)


def _sequence(node: Call) -> Seen | None:
    """A list, set, deque or their kin: items given to the constructor, then those appended."""
    items = node.args[0] if node.args else ()
    items = items.items if type(items) is Set else items
    if type(items) not in (list, tuple):
        return None
    return Sequence([*items, *(node.items or ())])


def _namespace(node: Call) -> Seen:
    return Mapping([*attributes_of(node.states), *pairs_of(node.kwargs.flat if type(node.kwargs) is Dict else None)])


def _fields(node: Call) -> Seen | None:
    """An object whose entries are in one attribute of its own."""
    for key, value in attributes_of(node.states):
        if type(key) is str and key == "_fields" and type(value) is Dict:
            return Mapping(list(pairs_of(value.flat)))
    return None


def _strings(node: Call) -> list[str]:
    parts = [part for part in node.args if type(part) is str]
    if len(parts) != len(node.args):
        raise TypeError
    return parts


def _posix_path(node: Call) -> Seen:
    parts = _strings(node)
    root = "/" if parts and parts[0].startswith("/") else ""
    return Plain(cut(root + "/".join(part.strip("/") for part in parts if part.strip("/")) or "."))


def _windows_path(node: Call) -> Seen:
    return Plain(cut("\\".join(part.rstrip("\\") for part in _strings(node))))


def _argument_text(node: Call) -> Seen:
    """A value whose only argument says it all."""
    (argument,) = node.args
    return Plain(scalar(argument)) if type(argument) in Scalar else Plain(text_of(argument))


def _fraction(node: Call) -> Seen:
    return Plain("/".join(part if type(part) is str else text_of(part) for part in node.args[:2]))


def _short_call(name: str) -> Callable[[Call], Seen]:
    def lens(node: Call) -> Seen:
        return Plain(f"{name}({listed(node.args)})")

    return lens


def _octets(node: Any, least: int) -> bytes:
    data = bytes_of(node)
    if type(data) is not bytes or len(data) < least:
        raise TypeError
    return data


def _clock(data: bytes) -> str:
    fraction = int.from_bytes(data[3:6], "big")
    return f"{data[0] & 0x7F:02}:{data[1]:02}:{data[2]:02}" + (f".{fraction:06}" if fraction else "")


def _calendar(data: bytes) -> str:
    return f"{int.from_bytes(data[:2], 'big'):04}-{data[2] & 0x7F:02}-{data[3]:02}"


def _datetime(node: Call) -> Seen:
    data = _octets(node.args[0], 10)
    return Plain(f"{_calendar(data)}T{_clock(data[4:])}{_zone(node.args)}")


def _zone(args: tuple[Any, ...]) -> str:
    if len(args) < 2 or type(args[1]) is not Call:
        return ""
    zone = args[1]
    if text_of(zone.func) == "datetime.timezone" and type(zone.args[0]) is Call:
        days, seconds = _whole(zone.args[0].args[:2])
        minutes = (days * 86400 + seconds) // 60
        return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return f" {text_of(zone, 1)}"


def _whole(parts: Any) -> Any:
    """The parts, all whole numbers that a span of time can have."""
    if any(type(part) is not int or abs(part) > LONGEST_SPAN for part in parts):
        raise TypeError
    return parts


def _date(node: Call) -> Seen:
    return Plain(_calendar(_octets(node.args[0], 4)))


def _time(node: Call) -> Seen:
    return Plain(_clock(_octets(node.args[0], 6)))


def _timedelta(node: Call) -> Seen:
    days, seconds, microseconds = _whole(node.args)
    return Plain(f"{days * 86400 + seconds + microseconds / 1e6:g} s")


def _attribute(node: Call) -> Seen | None:
    """How an enumeration's member is kept: getattr(Class, "MEMBER")."""
    owner, name = node.args
    if type(owner) is not Global or type(name) is not str:
        return None
    return Plain(cut(f"{owner.name.rpartition('.')[2]}.{name}"))


def _partial(node: Call) -> Seen:
    function, arguments, keywords = node.states[0][:3] if node.states else (node.args[0], (), None)
    given = [text_of(item, 2) for item in arguments]
    if type(keywords) is Dict:
        given.extend(f"{key}={text_of(value, 2)}" for key, value in pairs_of(keywords.flat) if type(key) is str)
    return Plain(cut(f"partial({', '.join([text_of(function), *given])})"))


def _pattern(node: Call) -> Seen:
    return Plain(cut(f"/{node.args[0]}/") if type(node.args[0]) is str else text_of(node))


def _device(node: Call) -> Seen:
    return Plain(cut(":".join(str(part) for part in node.args if type(part) in (str, int))))


def _octet_text(node: Call) -> Seen | None:
    data = bytes_of(node)
    return None if data is None else Plain(text_of(data))


def _identifier(node: Call) -> Seen | None:
    for key, value in attributes_of(node.states):
        if key == "int" and type(value) is int and 0 <= value < 1 << 128:
            digits = f"{value:032x}"
            return Plain("-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))
    return None


def _lenses() -> dict[str, Callable[[Call], Seen | None]]:
    table: dict[str, Callable[[Call], Seen | None]] = {
        "collections.OrderedDict": _mapping, "collections.defaultdict": _mapping, "collections.Counter": _mapping,
        "collections.deque": _sequence, "torch.Size": _sequence,
        "argparse.Namespace": _namespace, "types.SimpleNamespace": _namespace,
        "ml_collections.config_dict.ConfigDict": _fields,
        "ml_collections.config_dict.config_dict.ConfigDict": _fields,
        "datetime.datetime": _datetime, "datetime.date": _date, "datetime.time": _time,
        "datetime.timedelta": _timedelta, "decimal.Decimal": _argument_text, "fractions.Fraction": _fraction,
        "uuid.UUID": _identifier, "functools.partial": _partial, "re._compile": _pattern, "torch.device": _device,
        "torch.serialization._get_layout": _argument_text, "_codecs.encode": _octet_text,
    }  # fmt: skip
    for module in ("builtins", "__builtin__"):
        table |= {f"{module}.{name}": _sequence for name in ("list", "tuple", "set", "frozenset")}
        table |= {f"{module}.{name}": _octet_text for name in ("bytes", "bytearray")}
        table |= {f"{module}.{name}": _short_call(name) for name in ("complex", "range", "slice")}
        table[f"{module}.xrange"] = _short_call("range")
        table |= {f"{module}.dict": _mapping, f"{module}.getattr": _attribute}
    for kind in ("int", "double", "bool", "tensor"):
        table[f"torch.jit._pickle.build_{kind}list"] = _sequence
    for module in ("pathlib", "pathlib._local"):
        table |= {f"{module}.{name}": _posix_path for name in ("PosixPath", "PurePosixPath", "Path", "PurePath")}
        table |= {f"{module}.{name}": _windows_path for name in ("WindowsPath", "PureWindowsPath")}
    return table


VALUE_LENSES = _lenses()
"""By the name that the file would import; a lens may fail, and gives None where the call is not as it should be."""
